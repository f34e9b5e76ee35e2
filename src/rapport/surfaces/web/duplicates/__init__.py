"""Pages of the review queue of duplicates."""
