"""REST at /api/v1: every registered object, derived from its declaration."""
