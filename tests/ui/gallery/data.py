"""Plain data for the gallery: what views of the product would hand to the components."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

NOW = datetime.now(UTC).replace(hour=10, minute=42, second=0, microsecond=0)
TODAY = NOW.date()
PEOPLE = [
    ("Noor Okafor", "Meridian Freight", "Qualified", "green", "noor.okafor@meridian.example", 4_800_000),
    ("Jonas Lindqvist", "Fjord Robotics", "Lead", "blue", "jonas@fjord.example", 3_075_000),
    ("Amélie Durand", "Atlas Dental", "Customer", "purple", "amelie.durand@atlas.example", 5_550_000),
    ("Tomasz Wójcik", "Parallel Press", "Lead", "blue", "t.wojcik@parallel.example", 2_550_000),
    ("Mei Tanaka", "Lumen Health", "Former", "neutral", "", None),
    ("Lucía Fernández", "Solstice Energy", "Subscriber", "teal", "lucia@solstice.example", 2_925_000),
    ("David Mbeki", "Civic Water", "Qualified", "green", "d.mbeki@civic.example", 5_250_000),
    ("Hannah Weiß", "Nimbus Foods", "Customer", "purple", "hannah.weiss@nimbus.example", 2_325_000),
    ("Oliver Grant", "Oak & Ember Hotels", "Lead", "blue", "oliver@oakember.example", 450_000),
    ("Sofia Rossi", "Quarry Labs", "Qualified", "green", "sofia.rossi@quarry.example", 1_125_000),
    ("Arjun Patel", "Kite & Co", "Visitor", "neutral", "", None),
    ("Ingrid Bakke", "Bluebird Travel", "Customer", "purple", "ingrid@bluebird.example", 1_275_000),
]
OWNERS = ["Mia Lund", "Tariq Salem", "Jo Anders", "Abel Brandt"]


def table(offset: int = 0, *, empty: bool = False, more: bool = True) -> dict:
    columns = [
        {"name": "name", "label": "Name", "sort_url": "?sort=-name", "sort": "asc", "primary": True},
        {"name": "company", "label": "Company", "sort_url": "?sort=company"},
        {"name": "stage", "label": "Stage", "sort_url": "?sort=stage"},
        {"name": "email", "label": "E-mail"},
        {"name": "value", "label": "Value", "align": "end", "sort_url": "?sort=value"},
        {"name": "owner", "label": "Owner"},
        {"name": "last", "label": "Last contact", "sort_url": "?sort=last"},
    ]
    rows = []
    for i, (name, company, stage, tone, mail, value) in enumerate(() if empty else PEOPLE * 2):
        rows.append(
            {
                "id": offset + i + 1,
                "label": name,
                "url": "/record/",
                "cells": [
                    {"kind": "person", "text": name},
                    {"kind": "link", "text": company, "url": "/record/"},
                    {"kind": "badge", "text": stage, "tone": tone},
                    {"kind": "email", "text": mail} if mail else None,
                    {"kind": "money", "amount": value, "currency": "EUR"} if value else None,
                    {"kind": "person", "text": OWNERS[i % 4]},
                    {"kind": "age", "value": NOW - timedelta(days=i * 3 + 1)},
                ],
            }
        )
    return {
        "id": "people",
        "label": "People",
        "columns": columns,
        "rows": rows,
        "select": True,
        "next_url": f"/rows/?offset={offset + len(rows)}" if more and not empty else None,
    }


STAGES = [
    ("qualify", "Qualify", "blue", "€102,750"),
    ("discovery", "Discovery", "purple", "€145,500"),
    ("proposal", "Proposal", "yellow", "€147,750"),
    ("negotiation", "Negotiation", "orange", "€108,750"),
    ("won", "Won", "green", "€96,000"),
]
CARDS = [
    "Renewal + 40 seats",
    "Support upgrade",
    "Annual licence",
    "Onboarding package",
    "Warehouse module",
    "Pilot, 3 sites",
]


def cards(column: int, count: int) -> list[dict]:
    due = [
        {"text": "Overdue 2 d", "tone": "red", "icon": "alert-triangle"},
        {"text": "Fri", "tone": "neutral", "icon": "calendar"},
        {"text": "Today", "tone": "orange", "icon": "clock"},
        None,
    ]
    out = []
    for i in range(count):
        k = column * 3 + i
        out.append(
            {
                "id": f"{column}{i}",
                "version": 3,
                "title": CARDS[k % len(CARDS)],
                "url": "/record/",
                "subtitle": PEOPLE[k % len(PEOPLE)][1],
                "value": f"€{(k % 7 + 2) * 6250:,}",
                "badges": [b] if (b := due[k % 4]) else [],
                "avatar": {"name": OWNERS[k % 4]},
                "flag": "orange" if k % 5 == 2 else None,
            }
        )
    return out


def board(csrf: str) -> dict:
    return {
        "id": "board",
        "label": "New business by stage",
        "move_url": "/move/",
        "csrf": csrf,
        "columns": [
            {
                "id": key,
                "title": title,
                "tone": tone,
                "count": (5, 4, 5, 3, 6)[i],
                "total": total,
                "create_url": "/dialog/",
                "cards": cards(i, (5, 4, 5, 3, 3)[i]),
                "next_url": "/cards/" if i == 4 else None,
            }
            for i, (key, title, tone, total) in enumerate(STAGES)
        ],
    }


def calendar() -> dict:
    first = TODAY.replace(day=1)
    start = first - timedelta(days=first.weekday())
    labels = ["Send revised quote", "Call Noor", "Demo, operations team", "Quarterly review", "Renewal closes"]
    weeks = []
    for w in range(6 if (start + timedelta(days=35)).month == first.month else 5):
        week = []
        for d in range(7):
            day: date = start + timedelta(days=w * 7 + d)
            k = day.toordinal() % 7
            things = [
                {
                    "label": labels[(k + j) % 5],
                    "url": "/record/",
                    "time": None if j else "10:30",
                    "tone": ["blue", "teal", "purple", "orange"][(k + j) % 4],
                    "done": day < TODAY,
                }
                for j in range((0, 2, 1, 0, 3, 0, 1)[k])
            ]
            week.append(
                {
                    "date": day,
                    "in_month": day.month == first.month,
                    "today": day == TODAY,
                    "items": things,
                    "create_url": "/dialog/",
                    "more_count": 2 if k == 4 else 0,
                    "more_url": "/calendar/",
                }
            )
        weeks.append(week)
    return {
        "title": f"{first:%B %Y}",
        "prev_url": "/calendar/?m=-1",
        "next_url": "/calendar/?m=1",
        "today_url": "/calendar/",
        "weekdays": ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
        "weeks": weeks,
    }
