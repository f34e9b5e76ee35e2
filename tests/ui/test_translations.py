"""Every text of the sources stands in every catalogue, translated and compiled."""

from __future__ import annotations

import re
from io import BytesIO

import allauth
import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.conf import settings
from tools import translations
from tools.translations import catalogues, problems

from rapport.ui import borrowed


@pytest.fixture(scope="module")
def template() -> Catalog:
    return translations.extracted()


@pytest.mark.parametrize("language", catalogues())
def test_nothing_is_left_untranslated(language: str, template: Catalog) -> None:
    missing = list(problems(template, translations.read(catalogues()[language], language)))
    assert not missing, "`make translations`, then translate:\n" + "\n".join(missing)


@pytest.mark.parametrize("language", catalogues())
def test_what_django_reads_is_what_people_wrote(language: str) -> None:
    path = catalogues()[language]
    compiled = BytesIO()
    write_mo(compiled, translations.read(path, language))
    assert path.with_suffix(".mo").read_bytes() == compiled.getvalue(), "make translations"


def test_every_language_that_can_be_chosen_has_a_catalogue() -> None:
    assert {code for code, _name in settings.LANGUAGES} == {"en", *catalogues()}


def test_german_says_sie() -> None:
    familiar = re.compile(r"\b(?:du|dich|dir|dein\w*|euch|euer|eure\w*)\b", re.IGNORECASE)
    german = translations.read(catalogues()["de"], "de")
    assert [m.string for m in german if m.id and familiar.search(str(m.string))] == []


def test_borrowed_texts_are_those_of_the_package() -> None:
    with open(f"{allauth.__path__[0]}/locale/de/LC_MESSAGES/django.po", "rb") as file:
        known = {message.id for message in read_po(file)}
    assert [text for text in borrowed.TEXTS if text not in known] == []


@pytest.mark.parametrize(
    ("source", "said", "wrong"),
    [
        ("Save", "Speichern", False),
        ("Save", "", True),
        ("%(n)d of %(all)d", "%(all)d, davon %(n)d", False),
        ("%(n)d of %(all)d", "%(n)d", True),
        ("%(n)d", "%(m)d", True),
        ("{who} called", "{wer} rief an", True),
        ("100 %%", "100", True),
        ("{who} added this {object}", "{who} hat dies angelegt", False),
        (("One page", "%(n)d pages"), ("Eine Seite", "%(n)d Seiten"), False),
        (("One page", "%(n)d pages"), ("Eine Seite", ""), True),
        (("One page", "%(n)d pages"), ("Eine Seite", "%(m)d Seiten"), True),
    ],
)
def test_the_check_itself(source: str | tuple[str, str], said: str | tuple[str, str], wrong: bool) -> None:
    template, catalog = Catalog(), Catalog(locale="de")
    template.add(source)
    catalog.add(source, said)
    assert bool(list(problems(template, catalog))) is wrong


def test_a_text_that_is_missing_or_only_guessed_is_found() -> None:
    template, catalog = Catalog(), Catalog(locale="de")
    template.add("Save")
    assert list(problems(template, catalog)) == ["not translated: 'Save'"]
    catalog.add("Save", "Speichern", flags=["fuzzy"])
    assert list(problems(template, catalog)) == ["not translated: 'Save'"]
