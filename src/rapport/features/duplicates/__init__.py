"""Records that may be one: found as they are written and in a nightly pass, kept as pairs, decided by people."""
