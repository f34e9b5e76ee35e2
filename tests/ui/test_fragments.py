"""Parts of a page that are kept: made once for a key and a language, and never without a key."""

from __future__ import annotations

from django.utils import translation

from rapport.ui import fragments
from rapport.ui.environment import environment

TEMPLATE = '{% kept "part", key %}{{ _("Close") }} {{ made() }}{{ text }}{% endkept %}'


def rendered(key: object, made: list[int], text: str = "") -> str:
    def count() -> int:
        made.append(1)
        return len(made)

    return environment().from_string(TEMPLATE).render(key=key, made=count, text=text)


def test_a_part_is_made_once_for_its_key() -> None:
    made: list[int] = []
    assert rendered(("once", 1), made) == rendered(("once", 1), made) == "Close 1"
    assert rendered(("once", 2), made) == "Close 2"


def test_each_language_has_its_own() -> None:
    made: list[int] = []
    with translation.override("en"):
        rendered("language", made)
    with translation.override("de"):
        rendered("language", made)
    assert len(made) == 2


def test_without_a_key_it_is_made_each_time() -> None:
    made: list[int] = []
    assert rendered(None, made) != rendered(None, made)


def test_what_is_kept_is_escaped_once() -> None:
    made: list[int] = []
    first = rendered("escaped", made, "<b>")
    assert first == rendered("escaped", made, "<b>") == "Close 1&lt;b&gt;"


def test_a_token_is_not_kept_and_each_request_finds_its_own() -> None:
    source = '{% kept "form", key, token %}<input value="{{ token }}">{{ made() }}{% endkept %}'
    made: list[int] = []

    def page(token: str, key: object = "form") -> str:
        def count() -> int:
            made.append(1)
            return len(made)

        return environment().from_string(source).render(key=key, token=token, made=count)

    assert page("a" * 64) == f'<input value="{"a" * 64}">1'
    assert page("b" * 64) == f'<input value="{"b" * 64}">1'
    assert not any("a" * 64 in part or "b" * 64 in part for part in fragments._kept.values())
    assert page("") == '<input value="">2', "without a token nothing is taken for one"
    assert page("c" * 64, None) == f'<input value="{"c" * 64}">3'
