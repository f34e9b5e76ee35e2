"""Moving in from other CRMs: files of their exports read, related, and written through the one write path."""
