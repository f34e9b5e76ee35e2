"""Secrets at rest."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.lib import sealing


@given(st.text(max_size=300))
def test_what_is_sealed_opens_with_the_same_key_and_purpose_only(text: str) -> None:
    sealed = sealing.seal("key", "purpose", text)
    assert sealing.unseal("key", "purpose", sealed) == text
    for key, purpose in (("other", "purpose"), ("key", "other")):
        with pytest.raises(ValueError):
            sealing.unseal(key, purpose, sealed)


def test_it_is_another_text_each_time_and_shows_nothing() -> None:
    first, second = (sealing.seal("key", "p", "whsec_abc") for _ in range(2))
    assert first != second
    assert "whsec" not in first


@pytest.mark.parametrize("text", ["", "plain", "v1.", "v1.!!", "v1.AAAA", "v1." + "A" * 64])
def test_what_is_not_sealed_does_not_open(text: str) -> None:
    with pytest.raises(ValueError):
        sealing.unseal("key", "p", text)
