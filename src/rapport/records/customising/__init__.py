"""Custom fields and custom objects: definitions in rows, read into the catalog."""
