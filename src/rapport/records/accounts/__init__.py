"""Who calls and what they may: users, teams in a tree, roles, shares, invitations, the audit log."""
