"""Declarations: what a business object is, what a field is, and what apps and features register."""
