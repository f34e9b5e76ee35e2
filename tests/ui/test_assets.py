"""What is vendored is what the lock says; what templates name exists."""

from __future__ import annotations

import hashlib
import json
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SRC = ROOT / "src"
STATIC = SRC / "rapport/ui/static"
VENDOR = STATIC / "vendor"
LOCK = json.loads((VENDOR / "vendor.lock").read_text())
TEMPLATES = sorted(p for p in SRC.rglob("*.html") if "static" not in p.parts)


@pytest.mark.parametrize("entry", LOCK, ids=lambda e: e["file"])
def test_a_vendored_file_is_unchanged(entry: dict[str, str]) -> None:
    assert hashlib.sha256((ROOT / entry["file"]).read_bytes()).hexdigest() == entry["sha256"]
    assert entry["version"]
    assert entry["licence"] in {"MIT", "0BSD", "BSD-0-Clause", "OFL-1.1", "MPL-2.0", "Unlicense"}


def test_every_vendored_file_is_in_the_lock() -> None:
    locked = {entry["file"] for entry in LOCK}
    there = {str(p.relative_to(ROOT)) for p in VENDOR.iterdir() if p.is_file()}
    assert there - locked == {str((VENDOR / n).relative_to(ROOT)) for n in ("vendor.lock", "icons.txt")}
    assert "://" not in (VENDOR / "vendor.lock").read_text()


def test_the_sprite_holds_the_listed_icons_and_the_templates_name_no_other() -> None:
    listed = {line for line in (VENDOR / "icons.txt").read_text().split("\n") if line and line[0] != "#"}
    drawn = set(re.findall(r'<symbol id="tabler-([\w-]+)"', (VENDOR / "icons.svg").read_text()))
    assert drawn == listed
    sources = [*TEMPLATES, *(STATIC / "rapport/js").glob("*.js")]
    named = {name for p in sources for name in re.findall(r"\bicon\(\"([\w-]+)\"", p.read_text())}
    named |= {name for p in SRC.rglob("*.py") for name in re.findall(r"\bicon=\"([\w-]+)\"", p.read_text())}
    assert named - drawn == set()


# Hooks of scripts and of htmx, which no style needs.
HOOKS = {"is-asc", "htmx-indicator"}


def _classes(source: str) -> set[str]:
    static = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", " \0 ", source, flags=re.S)
    found = {word for value in re.findall(r'\bclass="([^"]*)"', static) for word in value.split()}
    joined = re.findall(r'\bclass="([^"]*)"', re.sub(r"\{[{%].*?[%}]\}", "\0", source, flags=re.S))
    partial = {word for value in joined for word in value.split() if "\0" in word}
    glued = {piece for word in partial for piece in word.split("\0")}
    return {w for w in found if "\0" not in w and w not in glued}


def test_every_class_of_a_template_has_a_style() -> None:
    styles = "".join(p.read_text() for p in SRC.rglob("*.css"))
    known = set(re.findall(r"\.((?:[A-Za-z_])[\w-]*)", styles)) | HOOKS
    missing = {
        (str(p.relative_to(SRC)), name) for p in TEMPLATES for name in _classes(p.read_text()) if name not in known
    }
    assert missing == set()


def test_no_page_needs_inline_code_or_another_host() -> None:
    for path in TEMPLATES:
        source = path.read_text()
        assert not re.search(r"<script(?![^>]*(?:\bsrc=|application/json))", source), path
        assert not re.search(r"<[^>{]*\son\w+=", source), path
        assert not re.search(r"<[^>{]*\sstyle=", source), path
        assert "hx-on" not in source, path
        assert not re.search(r'(?:src|href)="https?:', source), path


ALPHABETS = {
    "Croatian": "čćđšž", "Czech": "áčďéěíňóřšťúůýž", "Danish": "æøå", "Dutch": "éëïóöüĳ", "Esperanto": "ĉĝĥĵŝŭ",
    "Estonian": "äõöüšž", "French": "àâæçéèêëîïôœùûüÿ", "German": "äöüßẞ", "Hungarian": "áéíóöőúüű",
    "Icelandic": "áðéíóúýþæö", "Irish": "áéíóú", "Latvian": "āčēģīķļņšūž", "Lithuanian": "ąčęėįšųūž",
    "Maltese": "ċġħż", "Norwegian": "æøå", "Polish": "ąćęłńóśźż", "Portuguese": "ãáâàçéêíõóôú",
    "Romanian": "ăâîșțşţ", "Sami": "áčđŋšŧž", "Slovak": "áäčďéíĺľňóôŕšťúýž", "Spanish": "áéíñóúü¿¡",
    "Swedish": "åäö", "Turkish": "çğıİöşü", "Welsh": "âêîôûŵŷ",
}  # fmt: skip


def _faces() -> dict[str, set[int]]:
    sys.path.insert(0, str(ROOT / "tools"))
    try:
        import vendor_fonts
    finally:
        sys.path.pop(0)
    css = (STATIC / "rapport/css/tokens.css").read_text()
    return {path.name: vendor_fonts.letters(css, path.name) for path in VENDOR.glob("*.woff2")}


VIETNAMESE = "ạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹơư"


def test_letters_of_a_language_come_in_small_fonts() -> None:
    faces = _faces()
    common = faces["inter-latin.woff2"] | faces["inter-european.woff2"]
    for language, letters in ALPHABETS.items():
        missing = {letter for letter in letters + letters.upper() if ord(letter) not in common}
        assert not missing, language
    assert (VENDOR / "inter-latin.woff2").stat().st_size < 36_000
    assert (VENDOR / "inter-european.woff2").stat().st_size < 12_000
    assert {ord(letter) for letter in VIETNAMESE + VIETNAMESE.upper()} <= faces["inter-vietnamese.woff2"]


def test_no_letter_loads_two_fonts() -> None:
    faces = _faces()
    assert sum(map(len, faces.values())) == len(set.union(*faces.values()))


def test_trimming_keeps_what_is_listed_and_nothing_else() -> None:
    sys.path.insert(0, str(ROOT / "tools"))
    try:
        import vendor_css
    finally:
        sys.path.pop(0)
    css = (
        "@charset 'UTF-8';/*! Banner */:root{--a:1;--b:url('a;}b');--c:2}body{color:var(--a)}"
        ".btn,.ribbon{x:var(--b)}.ribbon .btn{x:1}.btn:not(.active){x:2}"
        "@media (min-width:768px){.btn{x:3}.ribbon{x:4}}@media print{.btn{x:5}}"
        "@keyframes spin{to{x:6}}@keyframes idle{to{x:7}}.btn.active{animation:1s spin}"
    )
    assert vendor_css.trim(css, keep="btn|active", drop="print", layer="t") == (
        "/*! Banner */\n@layer t{:root{--a:1;--b:url('a;}b');}body{color:var(--a)}.btn{x:var(--b)}"
        ".btn:not(.active){x:2}@media (min-width:768px){.btn{x:3}}@keyframes spin{to{x:6}}"
        ".btn.active{animation:1s spin}}\n"
    )
