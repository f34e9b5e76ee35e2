"""The project's own lint rules. Each rule is one file with tested examples of good and bad lines."""
