"""Secrets at rest: sealed with a key made of the deployment's secret key, one for each purpose (AES-256-GCM)."""

from __future__ import annotations

import base64
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE = 12
PREFIX = "v1."


def _cipher(secret_key: str, purpose: str) -> AESGCM:
    info = f"rapport sealed {purpose}".encode()
    return AESGCM(HKDF(hashes.SHA256(), 32, None, info).derive(secret_key.encode()))


def seal(secret_key: str, purpose: str, text: str) -> str:
    """A text that only `unseal` with the same key and purpose reads; another one each time."""
    nonce = os.urandom(NONCE)
    sealed = _cipher(secret_key, purpose).encrypt(nonce, text.encode(), purpose.encode())
    return PREFIX + base64.b64encode(nonce + sealed).decode("ascii")


def unseal(secret_key: str, purpose: str, sealed: str) -> str:
    """The text. Raises ValueError for what another key has sealed, or for another purpose, or what was changed."""
    if not sealed.startswith(PREFIX):
        raise ValueError("not sealed")
    raw = base64.b64decode(sealed.removeprefix(PREFIX), validate=True)
    try:
        return _cipher(secret_key, purpose).decrypt(raw[:NONCE], raw[NONCE:], purpose.encode()).decode()
    except InvalidTag as error:
        raise ValueError("sealed with another key") from error
