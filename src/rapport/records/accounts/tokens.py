"""Random tokens for links: shown once, kept as a hash."""

from __future__ import annotations

import hashlib
import secrets


def new() -> tuple[str, str]:
    """A token of 256 random bits, and the hash to keep."""
    token = secrets.token_urlsafe(32)
    return token, hashed(token)


def hashed(token: str) -> str:
    """SHA-256, hexadecimal: enough for a token that can't be guessed."""
    return hashlib.sha256(token.encode()).hexdigest()
