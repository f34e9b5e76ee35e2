"""Tasks and tags."""
