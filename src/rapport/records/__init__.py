"""Storage and the two doors: every business object is read through `read` and written through `write`."""
