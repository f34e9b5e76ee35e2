"""Demo data: a few templates."""

from __future__ import annotations

import datetime as dt
from typing import Any

from rapport.features.demo.context import DemoContext
from rapport.registry.extensions import Demo

TEMPLATES = (
    (
        "First answer",
        "Your question to us",
        "Hello {{ person.first_name }},\n\nthank you for writing to us. When would a short call suit you this week?\n\n"
        "Kind regards\n{{ me.name }}",
    ),
    (
        "After a demo",
        "Our talk about {{ deal.name }}",
        "Hello {{ person.first_name }},\n\nthank you for your time. As agreed I send you the summary for "
        "{{ company.name }}:\n\n- \n- \n\nKind regards\n{{ me.name }}",
    ),
    (
        "A friendly reminder",
        "Did you have time to look at our offer?",
        "Hello {{ person.first_name }},\n\nlast week you received our offer. Is there anything that I can clear up?\n\n"
        "Kind regards\n{{ me.name }}",
    ),
)


def load(context: DemoContext) -> None:
    """The templates, two years old."""
    at = context.now - dt.timedelta(days=700)
    rows: list[Any] = [({"name": name, "subject": subject, "body": body}, at, {}) for name, subject, body in TEMPLATES]
    context.create("mail_template", rows)


DEMO = Demo(name="mailing", load=load)
