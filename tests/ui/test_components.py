"""What the macros render, by plain data."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.template import engines
from django.utils import timezone as zones
from django.utils import translation
from markupsafe import Markup

from rapport.ui import markup


def render(source: str, **context: object) -> str:
    return str(engines["jinja2"].from_string(source).render(context))


FIELD = '{% import "ui/form/field.html" as forms %}{{ forms.field(f) }}'


def test_a_wrong_field_is_tied_to_its_help_and_error() -> None:
    html = render(
        FIELD, f={"name": "a", "label": "Name", "required": True, "help": "In full.", "errors": ["Give one."]}
    )
    assert 'for="f-a"' in html
    assert 'aria-describedby="f-a-help f-a-error"' in html
    assert 'aria-invalid="true"' in html
    assert 'id="f-a-error"' in html
    assert " required" in html


WIDGETS = {
    "text": ("x", ['name="a"', 'value="x"']),
    "email": ("x@y.example", ['type="email"']),
    "phone": ("+31", ['type="tel"']),
    "textarea": ("<b>", ["<textarea", "&lt;b&gt;"]),
    "json": ('{"a": 1}', ["is-mono"]),
    "number": (0, ['type="number"', 'value="0"']),
    "date": ("2026-11-21", ['type="date"', 'value="2026-11-21"']),
    "datetime": ("2026-11-21T10:00", ['type="datetime-local"']),
    "checkbox": (True, ['type="checkbox"', " checked"]),
    "select": (2, ['value="2" selected']),
    "multiselect": ([1, 2], ['value="1" checked', 'value="2" checked']),
    "money": ({"amount": "12.50", "currency": "EUR"}, ['name="a"', 'name="a_currency"', 'value="12.50"']),
    "reference": (7, ['type="hidden" name="a" value="7"', 'role="combobox"', 'data-url="/o/"']),
    "user": (None, ['role="combobox"']),
    "references": ([{"value": 1, "label": "One"}], ['name="a" value="1"', "One"]),
    "file": ({"name": "a.pdf", "url": "/a", "size": 5}, ['type="file"', 'name="a-clear"']),
    "address": ({"street": "S 1"}, ['name="a-street"', 'value="S 1"', 'name="a-country"']),
    "contacts": (
        [{"value": "x", "label": "1", "id": 4}],
        ['name="a-0-value"', 'name="a-0-id" value="4"', 'name="a-1-value"', 'name="a-primary"'],
    ),
    "readonly": ("x", ['class="readonly"']),
    "hidden": ("x", ['type="hidden"']),
}


@pytest.mark.parametrize("widget", WIDGETS)
def test_each_widget_sends_what_the_readme_says(widget: str) -> None:
    value, parts = WIDGETS[widget]
    choices = [{"value": 1, "label": "One"}, {"value": 2, "label": "Two"}]
    attrs = {"search_url": "/o/", "currencies": ["EUR", "USD"], "kind": "email"}
    html = render(
        FIELD, f={"name": "a", "label": "A", "widget": widget, "value": value, "choices": choices, "attrs": attrs}
    )
    for part in parts:
        assert part in html, html
    for attribute in ("autofocus", "readonly=", "required"):
        assert f" {attribute}" not in html, "what is not asked for is not rendered"


@pytest.mark.parametrize("widget", WIDGETS)
def test_an_empty_field_renders(widget: str) -> None:
    html = render(FIELD, f={"name": "a", "label": "A", "widget": widget, "value": None})
    assert "None" not in html


def test_the_error_summary_leads_to_the_fields() -> None:
    source = '{% import "ui/form/field.html" as forms %}{{ forms.summary(fields, errors) }}'
    wrong = {"name": "a", "label": "A", "errors": ["No."]}
    assert 'href="#f-a"' in render(source, fields=[wrong], errors=[])
    assert "Stale" in render(source, fields=[], errors=["Stale"])
    assert render(source, fields=[{"name": "a", "label": "A"}], errors=None).strip() == ""


def test_text_of_others_is_escaped_everywhere() -> None:
    evil = "<script>alert(1)</script>"
    html = render(
        """{% import "ui/macros/basic.html" as ui %}{% import "ui/macros/table.html" as tables %}
        {% import "ui/macros/board.html" as boards %}{% import "ui/macros/record.html" as records %}
        {{ ui.badge(e) }}{{ ui.avatar(e, labelled=True) }}{{ ui.button(e, attrs={"data-x": e}) }}
        {{ tables.cell({"kind": "person", "text": e}) }}
        {{ tables.cell(e) }}
        {{ boards.cards({"id": "b"}, {"cards": [{"id": e, "title": e, "url": "/", "subtitle": e}]}) }}
        {{ records.details_row({"id": "d", "label": e, "value": e, "edit_url": "/"}) }}""",
        e=evil,
    )
    assert "<script>" not in html


def test_a_table_says_its_order_and_where_more_is() -> None:
    t = {
        "id": "t",
        "label": "Things",
        "columns": [
            {"name": "n", "label": "Name", "sort_url": "?s=-n", "sort": "desc", "primary": True},
            {"name": "v", "label": "V", "sort_url": "?s=v"},
        ],
        "rows": [{"id": 1, "url": "/1/", "label": "One", "cells": ["One", None]}],
        "select": True,
        "next_url": "?after=1",
    }
    html = render('{% import "ui/macros/table.html" as tables %}{{ tables.table(t) }}', t=t)
    assert html.count("aria-sort=") == 1
    assert 'aria-sort="descending"' in html
    assert '<a class="row-link" href="/1/">One</a>' in html
    assert 'hx-get="?after=1"' in html
    assert 'href="?after=1"' in html
    assert 'form="t-bulk"' in html


def test_days_and_moments_in_the_readers_zone_and_language() -> None:
    late = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
    with zones.override("Europe/Berlin"), translation.override("en"):
        assert render("{{ v|date('short') }}", v=late) == "11/21/26"
        assert render("{{ v|time_of }}", v=late).replace("\u202f", " ") == "12:30 AM"
        today = zones.localdate()
        assert render("{{ v|relative_day }}", v=today) == "Today"
        assert render("{{ v|relative_day }}", v=today - timedelta(1)) == "Yesterday"
        assert render("{{ v|relative_day }}", v=date(2024, 2, 29)) == "February 29, 2024"
    assert render("{{ v|date }}{{ v|money('EUR') }}{{ v|number }}{{ v|age }}", v=None) == ""


def test_markdown_lets_nothing_through_that_runs_or_loads() -> None:
    html = markup.render_markdown(
        "**a** <script>x</script> [b](javascript:x) ![c](https://e.example/i.png) [d](https://e.example)\n\n"
        "<img src=x onerror=y>"
    )
    assert "<strong>a</strong>" in html
    assert "<script" not in html
    assert "<img" not in html
    assert 'href="javascript' not in html
    assert 'rel="noopener nofollow"' in html


@pytest.mark.parametrize("name", ["onclick", "ONload", "x y", 'a"b', "><"])
def test_no_handler_or_broken_attribute(name: str) -> None:
    with pytest.raises(ValueError, match="attribute"):
        markup.attributes({name: "1"})


def test_attributes() -> None:
    assert markup.attributes({"data-a": '"', "hidden": True, "b": None, "c": False}, aria_label="x") == Markup(
        ' data-a="&#34;" hidden aria-label="x"'
    )
