"""Standard Webhooks 1.0: secrets, and the headers that prove who sent a message and that nobody changed it.

Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from collections.abc import Iterable

PREFIX, BYTES = "whsec_", 32


def new_secret() -> str:
    """A new secret: `whsec_` and 32 random bytes in base64."""
    return PREFIX + base64.b64encode(os.urandom(BYTES)).decode("ascii")


def signature(secret: str, message: str, moment: int, body: str) -> str:
    """The signature of `message.moment.body` with one secret: `v1,` and HMAC-SHA256 in base64."""
    key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    said = f"{message}.{moment}.{body}".encode()
    return "v1," + base64.b64encode(hmac.digest(key, said, hashlib.sha256)).decode("ascii")


def headers(secrets: Iterable[str], message: str, moment: int, body: str) -> dict[str, str]:
    """The three headers of a message: `moment` in seconds since 1970, one signature for each secret."""
    return {
        "webhook-id": message,
        "webhook-timestamp": str(moment),
        "webhook-signature": " ".join(signature(secret, message, moment, body) for secret in secrets),
    }
