"""Signing in, set-up, invitations, the own profile."""
