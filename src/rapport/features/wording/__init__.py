"""Wording that users keep to write with: texts with placeholders."""
