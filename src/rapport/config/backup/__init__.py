"""Backup and verified restore: one archive with the database, the files and a manifest of what is in it."""
