"""The one timeline of a record, gathered from registered sources."""
