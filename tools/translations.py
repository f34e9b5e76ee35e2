"""`python -m tools.translations`: texts of the sources go into every catalogue, and catalogues into what Django reads.

English is in the sources; `src/rapport/ui/locale/xx/LC_MESSAGES/django.po` holds another language. New texts come in
untranslated, those that are gone leave. With `--check` nothing is written: exit 1 when a text can't be extracted.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ROOT / "src"
LOCALE = SOURCES / "rapport" / "ui" / "locale"
KEYWORDS = {
    **DEFAULT_KEYWORDS,
    "gettext_lazy": None,
    "gettext_noop": None,
    "FormulaError": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}|%%")
# German says “dies” where English says “this {object}”: a name without its article.
UNSAID = {"{object}"}


def extracted() -> Catalog:
    """Every text of the sources, with the files that say it."""
    catalog = Catalog(project="Rapport")
    with (ROOT / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file, "babel.cfg")  # type: ignore[no-untyped-call]
    found = extract_from_dir(SOURCES, methods, options, keywords=KEYWORDS)
    for name, line, text, comments, context in found:
        catalog.add(text, None, [(f"src/{name}", line)], auto_comments=comments, context=context)
    return catalog


def catalogues() -> dict[str, Path]:
    """The file of each language that the sources are translated to."""
    return {path.parts[-3]: path for path in sorted(LOCALE.glob("*/LC_MESSAGES/django.po"))}


def read(path: Path, language: str) -> Catalog:
    """The catalogue in a file."""
    with path.open("rb") as file:
        return read_po(file, locale=language, domain="django")


def problems(template: Catalog, catalog: Catalog) -> Iterator[str]:
    """What keeps a catalogue from being complete: one line for each text."""
    for message in template:
        if not message.id:
            continue
        said = catalog.get(_first(message.id), message.context)
        if said is None or said.fuzzy or not all(_forms(said.string or "")):
            yield f"not translated: {_first(message.id)!r}"
        elif wrong := _misplaced(message, said):
            yield f"placeholders differ: {_first(message.id)!r}: {wrong!r}"


def _first(text: str | list[str] | tuple[str, ...]) -> str:
    return text if isinstance(text, str) else text[0]


def _forms(text: str | list[str] | tuple[str, ...]) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


def _misplaced(message: Message, said: Message) -> str:
    """A form whose placeholders are not those of the source; a singular may leave the number out."""
    wanted = [set(PLACEHOLDER.findall(form)) for form in _forms(message.id)]
    every = set().union(*wanted)
    for form in _forms(said.string or ""):
        has = set(PLACEHOLDER.findall(form))
        if not has <= every or not any(want - has <= UNSAID for want in wanted):
            return form
    return ""


def refresh(path: Path, language: str, template: Catalog) -> Catalog:
    """Brings the texts of the sources into a catalogue and writes it with its compiled form."""
    catalog = read(path, language)
    catalog.update(template, no_fuzzy_matching=True, update_creation_date=False)
    with path.open("wb") as file:
        write_po(file, catalog, width=0, include_lineno=False, sort_by_file=True, ignore_obsolete=True)
    with path.with_suffix(".mo").open("wb") as file:
        write_mo(file, catalog)
    return catalog


def start(language: str) -> None:
    """An empty catalogue for a language such as `fr` or `pt_BR`, with its plural rule."""
    path = LOCALE / language / "LC_MESSAGES" / "django.po"
    if not path.exists():
        path.parent.mkdir(parents=True)
        with path.open("wb") as file:
            write_po(file, Catalog(locale=language, project="Rapport", fuzzy=False), width=0)


def main(arguments: list[str]) -> int:
    """Refreshes every catalogue, after starting those of the languages that are named."""
    template = extracted()
    if not len(template):
        print("No text was extracted: check babel.cfg.", file=sys.stderr)
        return 1
    if "--check" in arguments:
        return 0
    for language in arguments:
        start(language)
    for language, path in catalogues().items():
        missing = list(problems(template, refresh(path, language, template)))
        print(f"{language}: {len(template)} texts, {len(missing)} to be looked at in {path.relative_to(ROOT)}")
        for line in missing:
            print(f"  {line}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
