"""Django's back end for SQLite, with another way to wait for a turn to write."""
