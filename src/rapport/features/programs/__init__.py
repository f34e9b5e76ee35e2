"""What the doors for programs share: tokens, limits, refusals, records as JSON and their schemas, pieces of work."""
