"""Wiring only: settings, addresses, servers and the command line. No logic of the business lives here."""
