"""The tools that are offered for every object."""
