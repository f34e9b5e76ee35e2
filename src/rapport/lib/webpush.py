"""Web Push: a message encrypted for one browser (RFC 8291) and the proof of who sends it (RFC 8292)."""

from __future__ import annotations

import base64
import json
import os
import struct
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

CURVE = ec.SECP256R1()
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
RECORD = 4096
MOST = RECORD - 103
"""Bytes of a message that push services take at least: one record less its header, the tag and the delimiter."""
LIFE = 12 * 3600
"""Seconds for which a proof holds."""


def encode(raw: bytes) -> str:
    """Base64 for addresses, without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def decode(text: str) -> bytes:
    """The bytes of such a text. Raises ValueError."""
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def sender_key(secret: str) -> ec.EllipticCurvePrivateKey:
    """The key of a sender, always the same for a secret."""
    raw = HKDF(hashes.SHA256(), 40, None, b"rapport web push sender").derive(secret.encode("utf-8"))
    return ec.derive_private_key(int.from_bytes(raw, "big") % (ORDER - 1) + 1, CURVE)


def public_bytes(key: ec.EllipticCurvePublicKey) -> bytes:
    """A public key as an uncompressed point, 65 bytes."""
    return key.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)


def receiver_key(p256dh: str) -> ec.EllipticCurvePublicKey:
    """The public key that a browser gave. Raises ValueError for one that is none."""
    return ec.EllipticCurvePublicKey.from_encoded_point(CURVE, decode(p256dh))


def encrypt(
    message: bytes, p256dh: str, auth: str, *, own: ec.EllipticCurvePrivateKey | None = None, salt: bytes | None = None
) -> bytes:
    """The body of a push in the coding `aes128gcm`; `own` and `salt` are new each time unless a test gives them.

    Raises ValueError for keys that are none and for a message of more than `MOST` bytes.
    """
    if len(message) > MOST:
        raise ValueError(f"a push holds at most {MOST} bytes")
    own, salt = own or ec.generate_private_key(CURVE), salt or os.urandom(16)
    theirs, secret = receiver_key(p256dh), decode(auth)
    sent = public_bytes(own.public_key())
    info = b"WebPush: info\0" + public_bytes(theirs) + sent
    material = HKDF(hashes.SHA256(), 32, secret, info).derive(own.exchange(ec.ECDH(), theirs))
    key = HKDF(hashes.SHA256(), 16, salt, b"Content-Encoding: aes128gcm\0").derive(material)
    nonce = HKDF(hashes.SHA256(), 12, salt, b"Content-Encoding: nonce\0").derive(material)
    header = salt + struct.pack("!IB", RECORD, len(sent)) + sent
    return header + AESGCM(key).encrypt(nonce, message + b"\x02", None)


def proof(key: ec.EllipticCurvePrivateKey, endpoint: str, contact: str, now: float) -> str:
    """The header `Authorization` of a push to an address; `contact` is a `mailto:` or `https:` of the sender."""
    parts = urlsplit(endpoint)
    claims = {"aud": f"{parts.scheme}://{parts.netloc}", "exp": int(now) + LIFE, "sub": contact}
    said = ".".join(
        encode(json.dumps(part, separators=(",", ":")).encode("utf-8"))
        for part in ({"typ": "JWT", "alg": "ES256"}, claims)
    )
    r, s = decode_dss_signature(key.sign(said.encode("ascii"), ec.ECDSA(hashes.SHA256())))
    token = f"{said}.{encode(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"
    return f"vapid t={token}, k={encode(public_bytes(key.public_key()))}"
