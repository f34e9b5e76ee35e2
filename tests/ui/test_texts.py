"""Every text of a page goes through gettext, in templates of all rooms; the catalogue extracts without a complaint."""

from __future__ import annotations

import ast
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg

ROOT = Path(__file__).resolve().parents[2]
SRC = ROOT / "src"
TEMPLATES = sorted(p for p in SRC.rglob("*.html") if "static" not in p.parts)
SPOKEN = {"title", "alt", "placeholder", "aria-label"}
SILENT = {"script", "style", "code", "kbd"}
ALLOWED = re.compile(r"\b(?:Rapport|Ctrl|Esc|Alt|Shift|nbsp|amp|px|on|URL|ID)\b|is-[\w-]+|&\w+;")
BLOCKS = re.compile(r"\{%-?\s*(trans|blocktranslate|blocktrans|raw)\b.*?\{%-?\s*end\1\s*-?%\}", re.S)
TAGS = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.S)


class Bare(HTMLParser):
    """Collects words that are shown or spoken and stand outside of template expressions."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in SILENT:
            self.open.append(tag)
        for name, value in attrs:
            if name in SPOKEN:
                self.note(value or "")

    def handle_endtag(self, tag: str) -> None:
        if tag in self.open:
            self.open.remove(tag)

    def handle_data(self, data: str) -> None:
        if not self.open:
            self.note(data)

    def note(self, text: str) -> None:
        if re.search(r"[A-Za-z]{2,}", ALLOWED.sub("", text)):
            self.found.append(" ".join(text.split()))


def bare_texts(source: str) -> list[str]:
    parser = Bare()
    whole = re.sub(r"(?<=<)\{\{.*?\}\}|(?<=</)\{\{.*?\}\}", "b", BLOCKS.sub("", source), flags=re.S)
    parser.feed(TAGS.sub("", whole))
    parser.close()
    return parser.found


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: str(p.relative_to(SRC)))
def test_no_text_stands_outside_of_gettext(path: Path) -> None:
    assert bare_texts(path.read_text()) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("<p>{{ _('Hello') }}</p>", []),
        ("<p>Hello</p>", ["Hello"]),
        ("<p>{% trans %}Hello{% endtrans %} – 3</p>", []),
        ('<a title="Open it">{{ icon("x") }}</a>', ["Open it"]),
        ('<a aria-label="{{ _("Open") }}" data-word="open">×</a>', []),
        ('<script type="application/json">{"a": "word"}</script>', []),
        ("{# A remark #}<b class='word'></b>", []),
    ],
)
def test_the_check_itself(source: str, found: list[str]) -> None:
    assert bare_texts(source) == found


def test_the_catalogue_extracts_from_python_jinja_and_django_templates() -> None:
    method_map, options = parse_mapping_cfg((ROOT / "babel.cfg").open(), "babel.cfg")
    messages = list(extract_from_dir(SRC, method_map, options))
    files = {name for name, *_rest in messages}
    texts = {text for _name, _line, text, *_rest in messages}
    assert "Load more" in texts
    assert "Welcome back" in texts
    assert {Path(name).suffix for name in files} == {".html", ".py"}
    assert any("templates" in name for name in files)


def test_placeholders_of_a_message_are_named() -> None:
    """Translators reorder; `%s` can't be."""
    method_map, options = parse_mapping_cfg((ROOT / "babel.cfg").open(), "babel.cfg")
    wrong = [
        (name, line, text)
        for name, line, text, *_rest in extract_from_dir(SRC, method_map, options)
        for part in (text if isinstance(text, tuple) else (text,))
        if part and len(re.findall(r"(?<!%)%[sd]", part)) > 1
    ]
    assert wrong == []


def test_no_message_hides_in_an_f_string() -> None:
    """Babel does not look into them."""
    hidden = [
        (str(path.relative_to(SRC)), call.lineno)
        for path in SRC.rglob("*.py")
        for text in ast.walk(ast.parse(path.read_text()))
        if isinstance(text, ast.JoinedStr)
        for call in ast.walk(text)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id in {"_", "gettext", "ngettext"}
    ]
    assert hidden == []
