"""OAuth 2.1 and OpenID Connect for applications of others: consent, tokens, metadata, registration."""
