"""People, companies, who works where, identities, and everything that was ever said between us."""
