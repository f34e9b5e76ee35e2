"""Saved views of lists: private, of a team, of everyone."""
