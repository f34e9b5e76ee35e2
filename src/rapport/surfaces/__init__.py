"""How people and programs get in: generic, derived from what is registered."""
