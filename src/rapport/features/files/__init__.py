"""Files on any record: stored once, rights of the record they belong to."""
