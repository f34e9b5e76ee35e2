"""The business: one Django app a domain, each named as its users name it."""
