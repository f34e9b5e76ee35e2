"""Exchange rates by day, and sums over several currencies in the organisation's own."""
