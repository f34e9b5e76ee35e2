"""One search over everything a person may see, on either database."""
