"""The engine (every room below `apps`) names no business object: what it knows comes from specs."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path, PurePosixPath

from tools.lint.rule import Example, Finding, Rule, is_own_python, room

ENGINE = {"surfaces", "features", "records", "registry", "ui", "lib"}
# Held even where no app declares them.
ALWAYS = {"person", "company", "deal", "ticket"}
# Names of models that are also words of the engine itself, with what they mean there.
GENERIC = {
    "address": "a web, mail or memory address; the address field type",
    "comment": "what a file says beside the matter",
    "event": "what happened to a record, as its subscribers are told",
    "file": "a file of the file store",
    "identity": "who signs in",
    "lead": "to guide, or be the first of several",
    "mailbox": "what stands before the @ of a mail address",
    "migration": "a step of the schema of the database",
    "order": "how rows stand one after another",
    "participant": "somebody who takes part; a field type",
    "quote": "a mark around a text",
    "sequence": "what can be walked in its order; where keys come from",
    "stage": "a step of a state that a board shows",
    "tag": "an element of HTML; a label",
    "task": "a unit of background work",
}
IRREGULAR = {"person": "people"}
# Those who work in Rapport are people too: only the bare key counts, not every mention.
AS_KEY_ONLY = {"people"}
WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
COMMENTS = {
    ".html": re.compile(r"\{#.*?#\}|<!--.*?-->|\{% comment %\}.*?\{% endcomment %\}", re.DOTALL),
    ".js": re.compile(r"/\*.*?\*/|(?<![:'\"`])//[^\n]*", re.DOTALL),
    ".css": re.compile(r"/\*.*?\*/", re.DOTALL),
}


def plural(word: str) -> str:
    """The English plural of a model's name."""
    if word in IRREGULAR:
        return IRREGULAR[word]
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return word[:-1] + "ies"
    return word + ("es" if word.endswith(("s", "x", "ch", "sh")) else "s")


def model_names(sources: Iterable[str]) -> Iterator[str]:
    """Class names in the text of models modules, choices and other helpers left out."""
    for source in sources:
        for node in ast.parse(source).body:
            if isinstance(node, ast.ClassDef) and not any(
                "Choices" in ast.unparse(b) or "Enum" in ast.unparse(b) for b in node.bases
            ):
                yield node.name


@lru_cache(maxsize=1)
def words() -> frozenset[str]:
    """Every word that the engine must not say, in singular and plural; several words are joined by `_`."""
    apps = Path(__file__).resolve().parents[2] / "src" / "rapport" / "apps"
    files = [*apps.glob("*/models.py"), *apps.glob("*/models/*.py")]
    names = {"_".join(WORD.findall(name)).lower() for name in model_names(f.read_text(encoding="utf-8") for f in files)}
    names = (names | ALWAYS) - GENERIC.keys()
    return frozenset((names | {plural(name) for name in names}) - AS_KEY_ONLY)


def _named(text: str) -> set[str]:
    """Business words in an identifier or a text."""
    if text in AS_KEY_ONLY:
        return {text}
    parts = [part.lower() for part in WORD.findall(text)]
    joined = f"_{'_'.join(parts)}_"
    return {word for word in words() if f"_{word}_" in joined}


def _python(path: str, text: str) -> Iterator[Finding]:
    tree = ast.parse(text, path)
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if id(node) in docstrings:
            continue
        for word in sorted(_words_of(node)):
            yield _finding(path, getattr(node, "lineno", 1), word)


def _words_of(node: ast.AST) -> set[str]:
    """Business words in the names of a node, or in its text."""
    if isinstance(node, ast.Constant):
        return _named(node.value) if isinstance(node.value, str) else set()
    names = (getattr(node, attribute, None) for attribute in ("id", "attr", "arg", "name", "module", "asname"))
    return {word for name in names if isinstance(name, str) for word in _named(name) - AS_KEY_ONLY}


def _finding(path: str, line: int, word: str) -> Finding:
    return Finding(path, line, f"the engine says “{word}”: read it from the spec, or register it from apps", word)


def check(path: str, text: str) -> Iterable[Finding]:
    """Business words in identifiers and strings; comments and docstrings may give examples."""
    suffix = PurePosixPath(path).suffix
    if suffix == ".py":
        yield from _python(path, text)
        return
    text = COMMENTS[suffix].sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)
    for number, line in enumerate(text.splitlines(), 1):
        for word in sorted(_named(line)):
            yield _finding(path, number, word)


def _applies(path: PurePosixPath) -> bool:
    if room(path) not in ENGINE or "vendor" in path.parts:
        return False
    return is_own_python(path) or path.suffix in COMMENTS


HERE = "src/rapport/records/read.py"
RULE = Rule(
    name="vocabulary",
    why="An organisation's own objects are worth as much as built-in ones; the engine may not favour any.",
    applies=_applies,
    check=check,
    exceptions={
        "src/rapport/ui/cells.py: person": "the look of a cell: a name with its picture, of users too",
        "src/rapport/ui/static/rapport/css/table.css: person": "the look of a cell: a name with its picture",
        "src/rapport/surfaces/web/cells.py: person": "the look of a cell: a name with its picture, of users too",
        "src/rapport/surfaces/web/settings/choices.py: invoice": "the name of an icon",
        "src/rapport/surfaces/web/settings/acts.py: letterhead": "an act as the audit log keeps it, put into words",
        "src/rapport/surfaces/web/settings/choices.py: ticket": "the name of an icon",
    },
    good=(
        Example(HERE, '"""Deals of a company, for example."""\nspec = registry.get(key)  # a person'),
        Example(HERE, "people = _('Invite people')  # who work in Rapport"),
        Example(HERE, "ideal = accompany = dealer = personal = 'impersonal'"),
        Example("src/rapport/apps/sales/specs.py", "deal = ObjectSpec(model=Deal)"),
        Example("src/rapport/ui/static/rapport/js/board.js", "// the deal card\nlet card = 'https://x';"),
        Example("src/rapport/ui/jinja2/ui/page.html", "{# deals #}<p>{{ spec.label }}</p>"),
    ),
    bad=(
        Example(HERE, "def deal_total(): ..."),
        Example(HERE, "key = 'customers.Person'"),
        Example(HERE, "url = reverse('list', args=['people'])"),
        Example(HERE, "f(company=1)"),
        Example("src/rapport/ui/static/rapport/js/board.js", "moveDeal(card)"),
        Example("src/rapport/ui/jinja2/ui/page.html", "<p>Add a company</p>"),
    ),
)
