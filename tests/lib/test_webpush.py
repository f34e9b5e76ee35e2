"""Messages to browsers: the example of RFC 8291, keys that are none, and proofs that hold."""

from __future__ import annotations

import json

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from rapport.lib import webpush

# RFC 8291, appendix A.
MESSAGE = b"When I grow up, I want to be a watermelon"
OWN = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
RECEIVER = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
SALT, AUTH = "DGv6ra1nlYgDCS1FRnbzlw", "BTBZMqHH6r4Tts7J_aSIgg"
BODY = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl"
    "7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)


def test_the_example_of_the_standard() -> None:
    own = ec.derive_private_key(int.from_bytes(webpush.decode(OWN), "big"), webpush.CURVE)
    body = webpush.encrypt(MESSAGE, RECEIVER, AUTH, own=own, salt=webpush.decode(SALT))
    assert webpush.encode(body) == BODY


def test_no_two_messages_are_alike() -> None:
    assert webpush.encrypt(MESSAGE, RECEIVER, AUTH) != webpush.encrypt(MESSAGE, RECEIVER, AUTH)


@pytest.mark.parametrize("key", ["", "AAAA", "ä", RECEIVER[:-4], "B" + "A" * 86])
def test_keys_that_are_none_are_refused(key: str) -> None:
    with pytest.raises(ValueError):
        webpush.encrypt(MESSAGE, key, AUTH)


def test_a_message_fits_one_record() -> None:
    assert len(webpush.encrypt(b"x" * webpush.MOST, RECEIVER, AUTH)) == webpush.RECORD
    with pytest.raises(ValueError):
        webpush.encrypt(b"x" * (webpush.MOST + 1), RECEIVER, AUTH)


def test_a_proof_is_signed_for_the_service_alone() -> None:
    key = webpush.sender_key("some secret")
    assert webpush.sender_key("some secret").private_numbers() == key.private_numbers()
    assert webpush.sender_key("another").private_numbers() != key.private_numbers()
    header = webpush.proof(key, "https://push.example:8443/x/y?z=1", "mailto:a@example.com", 1_700_000_000)
    token, public = header.removeprefix("vapid t=").split(", k=")
    assert webpush.decode(public) == webpush.public_bytes(key.public_key())
    said, _dot, signature = token.rpartition(".")
    raw = webpush.decode(signature)
    assert len(raw) == 64
    der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    key.public_key().verify(der, said.encode(), ec.ECDSA(hashes.SHA256()))
    head, claims = (json.loads(webpush.decode(part)) for part in said.split("."))
    assert head == {"typ": "JWT", "alg": "ES256"}
    assert claims["aud"] == "https://push.example:8443"
    assert claims["sub"] == "mailto:a@example.com"
    assert 0 < claims["exp"] - 1_700_000_000 <= 24 * 3600
