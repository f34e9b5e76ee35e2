"""Plain data for the gallery's record page, form, filter and history."""

from __future__ import annotations

from datetime import timedelta

from markupsafe import Markup
from tests.ui.gallery.data import NOW, TODAY


def timeline() -> list[dict]:
    def at(**back: int):
        return NOW - timedelta(**back)

    def entry(n: int, icon: str, tone: str, title: str, back: dict, body: str | None = None, **more):
        return {
            "id": f"e{n}",
            "icon": icon,
            "tone": tone,
            "title": Markup(title),
            "time": at(**back),
            "body": body,
            **more,
        }

    reply = "Thanks, the pilot works for us. Could you split the invoice between Rotterdam and Gdynia?"
    return [
        {
            "date": TODAY,
            "entries": [
                entry(
                    1,
                    "mail-opened",
                    "blue",
                    "<strong>Noor</strong> replied to <a href='/record/'>Revised quote</a>",
                    {"minutes": 0},
                    reply,
                    attachments=[{"name": "purchase-order.pdf", "url": "/record/", "size": 184320}],
                ),
                entry(
                    2,
                    "eye",
                    "purple",
                    "<strong>Noor</strong> viewed Pricing twice, from the November newsletter",
                    {"minutes": 27},
                ),
                entry(
                    3,
                    "arrow-right",
                    "orange",
                    "<strong>Mia</strong> moved <a href='/record/'>Fleet tracking rollout</a> to Proposal",
                    {"minutes": 99},
                ),
            ],
        },
        {
            "date": TODAY - timedelta(days=1),
            "entries": [
                entry(
                    4,
                    "phone",
                    "green",
                    "<strong>Mia</strong> called Noor · 14 min",
                    {"hours": 18},
                    "Budget approved until June. Needs SSO and a DPA before signature; legal contact is Pia Stone.",
                ),
                entry(
                    5,
                    "calendar-event",
                    "teal",
                    "<strong>Meeting</strong> Demo with operations team, 4 attendees",
                    {"hours": 23},
                ),
            ],
        },
        {
            "date": TODAY - timedelta(days=9),
            "entries": [
                entry(
                    6,
                    "note",
                    "yellow",
                    "<strong>Jo</strong> added a note",
                    {"days": 9},
                    "Met at the Hamburg fair. Runs 180 trucks; current vendor contract ends in March.",
                ),
                entry(
                    7,
                    "user-plus",
                    "neutral",
                    "<strong>Web form</strong> created this person from Contact sales",
                    {"days": 9, "hours": 2},
                ),
            ],
        },
    ]


def details() -> list[dict]:
    rows = [
        ("E-mail", {"kind": "email", "text": "noor.okafor@meridian.example"}),
        ("Phone", {"kind": "phone", "text": "+31 10 555 0142"}),
        ("Company", {"kind": "link", "text": "Meridian Freight", "url": "/record/"}),
        ("Stage", {"kind": "badge", "text": "Qualified", "tone": "green"}),
        ("Owner", {"kind": "person", "text": "Mia Lund"}),
        ("Birthday", None),
        ("Time zone", "Europe/Amsterdam"),
        ("Source", "Contact form"),
    ]
    return [
        {"id": f"d-{i}", "label": label, "value": value, "edit_url": f"/edit/{i}/"}
        for i, (label, value) in enumerate(rows)
    ]


CHOICES = [
    {"value": v, "label": v.title(), "tone": t}
    for v, t in (("logistics", "blue"), ("newsletter", "purple"), ("partner", "green"), ("press", "orange"))
]
CURRENCIES = ["EUR", "USD", "GBP", "PLN"]


def form_fields(*, errors: bool = False) -> list[dict]:
    def f(name: str, label: str, widget: str = "text", value=None, **more):
        return {"name": name, "label": label, "widget": widget, "value": value, **more}

    wrong = {"errors": ["Enter an amount with at most two decimals."]} if errors else {}
    kinds = [{"value": v, "label": v.title()} for v in ("work", "home", "mobile")]
    return [
        {
            "label": "Who",
            "fields": [
                f("first", "First name", value="Noor", required=True, attrs={"autofocus": not errors}),
                f(
                    "last",
                    "Last name",
                    value="" if errors else "Okafor",
                    required=True,
                    **({"errors": ["This field is required."]} if errors else {}),
                ),
                f(
                    "emails",
                    "E-mail addresses",
                    "contacts",
                    [
                        {"value": "noor@meridian.example", "label": "work", "primary": True},
                        {"value": "office@meridian.example", "label": "work", "shared": True},
                    ],
                    choices=kinds,
                    attrs={"kind": "email", "shared": True, "add_label": "Add an address"},
                ),
                f(
                    "address",
                    "Address",
                    "address",
                    {"street": "Maashaven 12", "city": "Rotterdam", "postcode": "3072", "country": "NL"},
                ),
            ],
        },
        {
            "label": "Deal",
            "fields": [
                f(
                    "amount",
                    "Amount",
                    "money",
                    {"amount": "12.345" if errors else "48000", "currency": "EUR"},
                    attrs={"currencies": CURRENCIES},
                    help="Without tax.",
                    **wrong,
                ),
                f("close", "Expected close", "date", (TODAY + timedelta(days=23)).isoformat()),
                f(
                    "company",
                    "Company",
                    "reference",
                    7,
                    attrs={"label": "Meridian Freight", "search_url": "/options/", "create_url": "/dialog/"},
                ),
                f("owner", "Owner", "user", None, attrs={"search_url": "/options/"}),
                f(
                    "people",
                    "Participants",
                    "references",
                    [{"value": 1, "label": "Noor Okafor"}],
                    attrs={"search_url": "/options/"},
                ),
                f(
                    "stage",
                    "Stage",
                    "select",
                    "proposal",
                    choices=[{"value": v, "label": v.title()} for v in ("qualify", "discovery", "proposal")],
                    required=True,
                ),
                f("probability", "Probability", "number", 60, attrs={"min": 0, "max": 100}),
                f("tags", "Tags", "multiselect", ["logistics"], choices=CHOICES),
                f("site", "Web site", "url", "https://meridian.example"),
                f("meeting", "Meeting", "datetime", f"{TODAY}T10:30"),
                f("notes", "Notes", "textarea", "Runs **180 trucks**.", help="Markdown works here."),
                f("file", "Contract", "file", {"name": "contract.pdf", "url": "/record/", "size": 48213}),
                f("extra", "Extra", "json", '{"fleet": 180}'),
                f("optin", "May be called", "checkbox", True),
                f("score", "Score", "readonly", "82"),
            ],
        },
    ]


OPERATORS = {
    "text": [("contains", "contains", 1), ("is", "is", 1), ("empty", "is empty", 0)],
    "number": [("eq", "is", 1), ("gt", "is more than", 1), ("between", "is between", 2)],
    "date": [("on", "is on", 1), ("between", "is between", 2), ("within", "in the last", 1), ("empty", "is empty", 0)],
    "choice": [("in", "is any of", "many"), ("not_in", "is none of", "many")],
    "boolean": [("is", "is", 1)],
    "reference": [("is", "is", 1), ("empty", "is empty", 0)],
}


def _filter_field(name: str, label: str, kind: str, **more) -> dict:
    return {
        "name": name,
        "label": label,
        "kind": kind,
        "operators": [{"key": k, "label": lb, "arity": a} for k, lb, a in OPERATORS[kind]],
        **more,
    }


def filter_spec() -> dict:
    company = [_filter_field("name", "Name", "text"), _filter_field("city", "City", "text")]
    return {
        "fields": [
            _filter_field("name", "Name", "text"),
            _filter_field(
                "stage",
                "Stage",
                "choice",
                choices=[{"value": v, "label": v.title()} for v in ("lead", "qualified", "customer")],
            ),
            _filter_field("score", "Score", "number"),
            _filter_field("created", "Created", "date"),
            _filter_field("optin", "May be called", "boolean"),
            _filter_field("owner", "Owner", "reference", search_url="/options/"),
            {
                "name": "company",
                "label": "Company",
                "kind": "relation",
                "operators": [
                    {"key": "any", "label": "matches", "arity": "filter"},
                    {"key": "none", "label": "matches none", "arity": "filter"},
                ],
                "fields": company,
            },
        ]
    }


FILTER = {
    "all": [
        {"field": "stage", "op": "in", "value": ["lead", "qualified"]},
        {
            "any": [
                {"field": "score", "op": "gt", "value": 40},
                {"field": "company", "op": "any", "value": {"all": [{"field": "city", "op": "is", "value": "Berlin"}]}},
            ]
        },
    ]
}


def history() -> list[dict]:
    return [
        {
            "who": "Mia Lund",
            "when": NOW,
            "note": "changed 2 fields",
            "door": "page",
            "changes": [
                {"label": "Stage", "before": "Lead", "after": "Qualified", "revert_url": "/move/"},
                {"label": "Owner", "before": None, "after": "Mia Lund", "revert_url": "/move/"},
            ],
        },
        {
            "who": "Web form",
            "when": NOW - timedelta(days=9),
            "note": "created this person",
            "icon": "forms",
            "changes": [],
        },
    ]
