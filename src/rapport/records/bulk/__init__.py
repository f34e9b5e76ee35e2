"""One act on many records: at once for few, as a job with progress for many."""
