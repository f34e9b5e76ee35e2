"""The home page: tiles of what matters today."""
