"""Signatures of Standard Webhooks, beside the official library."""

from __future__ import annotations

import base64
import datetime as dt

from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook

from rapport.lib import standardwebhooks


def test_the_signature_of_the_specification() -> None:
    """The vector that the official libraries test with."""
    secret, message = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek"
    expected = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert standardwebhooks.signature(secret, message, 1614265330, '{"test": 2432232314}') == expected


@given(st.text(max_size=400), st.integers(0, 2**33))
def test_it_is_that_of_the_official_library(body: str, seconds: int) -> None:
    secret = standardwebhooks.new_secret()
    moment = dt.datetime.fromtimestamp(seconds, dt.UTC)
    assert standardwebhooks.signature(secret, "msg_1", seconds, body) == Webhook(secret).sign("msg_1", moment, body)


def test_secrets_are_long_enough_and_new_each_time() -> None:
    secret = standardwebhooks.new_secret()
    assert 24 <= len(base64.b64decode(secret.removeprefix("whsec_"))) <= 64
    assert secret != standardwebhooks.new_secret()
