"""Each own rule accepts its good examples and refuses its bad ones; the repository keeps all of them."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest
from tools.lint import vocabulary
from tools.lint.__main__ import RULES, run
from tools.lint.rule import Example, Rule

GOOD = [pytest.param(rule, e, id=f"{rule.name}-{n}") for rule in RULES for n, e in enumerate(rule.good)]
BAD = [pytest.param(rule, e, id=f"{rule.name}-{n}") for rule in RULES for n, e in enumerate(rule.bad)]


@pytest.mark.parametrize(("rule", "example"), GOOD)
def test_good_lines_pass(rule: Rule, example: Example) -> None:
    if rule.applies(PurePosixPath(example.path)):
        assert list(rule.check(example.path, example.text)) == []


@pytest.mark.parametrize(("rule", "example"), BAD)
def test_bad_lines_are_found(rule: Rule, example: Example) -> None:
    assert rule.applies(PurePosixPath(example.path))
    findings = list(rule.check(example.path, example.text))
    assert findings
    assert all(finding.path == example.path and finding.line >= 1 for finding in findings)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_every_exception_gives_a_reason(rule: Rule) -> None:
    assert all(len(reason) > 10 for reason in rule.exceptions.values())


def test_an_exception_that_nothing_needs_is_reported() -> None:
    rule = Rule(
        name="x",
        why="",
        applies=lambda path: False,
        check=lambda path, text: (),
        good=(),
        bad=(),
        exceptions={"a.py: b": "once"},
    )
    refused, _ = run((rule,))
    assert [finding.path for _, finding in refused] == ["a.py"]


def test_words_come_from_the_models_of_apps() -> None:
    source = "class Deal(Record): ...\nclass StageChange(Record): ...\nclass Kind(models.TextChoices): ..."
    assert list(vocabulary.model_names([source])) == ["Deal", "StageChange"]
    assert [vocabulary.plural(w) for w in ("person", "company", "deal", "box", "day")] == [
        "people",
        "companies",
        "deals",
        "boxes",
        "days",
    ]
