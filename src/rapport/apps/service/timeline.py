"""Tickets on timelines: what was said on one, and on those of a person and of a company with its people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from rapport.apps.customers.concerning import concerning
from rapport.apps.service.models import SCALES, Said, Survey
from rapport.features.timeline.entries import Before, Entry, Phrase, Ref, Strong
from rapport.features.timeline.sql import older
from rapport.lib.sql import Sql, all_of
from rapport.records import db
from rapport.records.accounts.caller import Caller
from rapport.records.read import visible
from rapport.registry import catalog
from rapport.registry.catalog import RegisteredObject
from rapport.registry.extensions import TimelineSource
from rapport.registry.types.dates import DateTimeType

_DATETIME = DateTimeType()
_LOOKS = {Said.ANSWER: ("arrow-back-up", "blue"), Said.CUSTOMER: ("message", "green"), Said.NOTE: ("note", "yellow")}
_ON_TICKET = {
    Said.ANSWER: gettext_lazy("{who} answered the customer"), Said.CUSTOMER: gettext_lazy("{who} wrote"),
    Said.NOTE: gettext_lazy("{who} noted"),
}  # fmt: skip
_ELSEWHERE = {
    Said.ANSWER: gettext_lazy("{who} answered on {ticket}"), Said.CUSTOMER: gettext_lazy("{who} wrote on {ticket}"),
    Said.NOTE: gettext_lazy("{who} noted on {ticket}"),
}  # fmt: skip


def _concerning(alias: str, key: str, record_id: int) -> Sql:
    """The condition that a ticket is the record, or concerns it."""
    if key == "ticket":
        return Sql(f"{alias}.id = %s", (record_id,))
    return concerning(alias, "service_ticket", key, record_id)


def said(caller: Caller, obj: RegisteredObject, record_id: int, before: Before, limit: int) -> Sequence[Entry]:
    """The newest entries of the ticket, or of the tickets that concern a person or a company."""
    ticket, entry = catalog.current()["ticket"], catalog.current()["ticketentry"]
    if not caller.may(ticket, "read") or not caller.sees(entry, entry.fields["body"]):
        return []
    where = all_of(
        [
            _concerning("x", obj.key, record_id),
            Sql("x.deleted_at IS NULL"),
            visible(caller, entry).where(),
            older("t.created_at", "t.id", before),
        ]
    )
    rows = db.rows(
        Sql(
            "SELECT t.id, t.created_at, t.kind, t.body, t.minutes, t.by_mail, x.id, x.subject, u.name, x.person_id "
            "FROM service_ticketentry t JOIN service_ticket x ON x.id = t.ticket_id "
            f"LEFT JOIN records_user u ON u.id = t.created_by_id WHERE {where.text} "
            f"ORDER BY t.created_at DESC, t.id DESC LIMIT {int(limit)}",
            where.params,
        )
    )
    keys = [row[0] for row in rows]
    may = {act: visible(caller, entry).allowed(keys, act) for act in ("edit", "delete")} if rows else {}
    people = visible(caller, "person").labels(row[-1] for row in rows if row[-1])
    return [_said(obj, row, people, frozenset(a for a, ids in may.items() if row[0] in ids)) for row in rows]


def _said(obj: RegisteredObject, row: tuple[Any, ...], people: dict[int, str], may: frozenset[str]) -> Entry:
    key, at, kind, body, minutes, mailed, ticket, subject, user, person = row
    kind = Said(kind)
    icon, tone = _LOOKS[kind]
    who = user or "Rapport"
    if kind == Said.CUSTOMER:
        who = people.get(person) or _("The customer")
    text = _ON_TICKET[kind] if obj.key == "ticket" else _ELSEWHERE[kind]
    spent = ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes} if minutes else ""
    facts = [fact for fact in (_("by mail") if mailed else "", spent) if fact]
    return Entry(
        at=_moment(at), tie=key, icon=icon, tone=tone, body=body, meta=" · ".join(facts),
        object_key="ticketentry", record_id=key,
        title=Phrase(str(text), {"who": Strong(who), "ticket": Ref("ticket", ticket, subject)}), may=may,
    )  # fmt: skip


def _moment(raw: Any) -> Any:
    found = _DATETIME.from_json(raw)
    assert found is not None
    return found


def tickets(caller: Caller, obj: RegisteredObject, record_id: int, before: Before, limit: int) -> Sequence[Entry]:
    """When tickets about the record were opened and solved: ties 2n and 2n + 1. Its own page tells that it was made."""
    concerned = all_of([_concerning("t", obj.key, record_id), visible(caller, "ticket").where()])
    parts = []
    opened = ("t.opened_at", "t.id * 2", "t.created_by_id")
    solved = ("t.solved_at", "t.id * 2 + 1", "t.updated_by_id")
    for moment, tie, who in (solved,) if obj.key == "ticket" else (opened, solved):
        where = all_of([concerned, Sql(f"{moment} IS NOT NULL"), older(moment, tie, before)])
        text = (
            f"SELECT {moment} AS at, {tie} AS tie, t.id AS key, t.subject, t.kind, t.solution, u.name "
            f"FROM service_ticket t LEFT JOIN records_user u ON u.id = {who} WHERE {where.text} "
            f"ORDER BY 1 DESC, 2 DESC LIMIT {int(limit)}"
        )
        parts.append(Sql(f"SELECT * FROM ({text}) s", where.params))
    joined = " UNION ALL ".join(p.text for p in parts)
    text = f"{joined} ORDER BY 1 DESC, 2 DESC LIMIT {int(limit)}"
    ticket = catalog.current()["ticket"]
    solution = caller.sees(ticket, ticket.fields["solution"])
    return [_turn(caller, obj, row, solution) for row in db.rows(Sql(text, tuple(v for p in parts for v in p.params)))]


def _turn(caller: Caller, obj: RegisteredObject, row: tuple[Any, ...], solution: bool) -> Entry:
    at, tie, key, subject, kind, done, user = row
    ticket = catalog.current()["ticket"]
    solved, complaint = tie % 2, kind == "complaint" and caller.sees(ticket, ticket.fields["kind"])
    text = _("{who} opened the ticket {ticket}")
    if complaint:
        text = _("{who} took up the complaint {ticket}")
    if solved:
        text = _("{who} solved {ticket}")
    icon, tone = ("circle-check", "green") if solved else ("lifebuoy", "red" if complaint else "purple")
    name: Any = subject if obj.key == "ticket" else Ref("ticket", key, subject)
    return Entry(
        at=_moment(at), tie=tie, icon=icon, tone=tone, body=done if solved and solution else "",
        title=Phrase(text, {"who": Strong(user or "Rapport"), "ticket": name}),
    )  # fmt: skip


def answers(caller: Caller, obj: RegisteredObject, record_id: int, before: Before, limit: int) -> Sequence[Entry]:
    """The newest answers to surveys that concern the record."""
    survey = catalog.current()["surveyanswer"]
    if not caller.may(survey, "read") or not caller.sees(survey, survey.fields["score"]):
        return []
    about = concerning("t", "service_surveyanswer", obj.key, record_id)
    where = all_of([about, visible(caller, survey).where(), older("t.answered_at", "t.id", before)])
    rows = db.rows(
        Sql(
            "SELECT t.id, t.answered_at, t.kind, t.score, t.comment FROM service_surveyanswer t "
            f"WHERE {where.text} ORDER BY t.answered_at DESC, t.id DESC LIMIT {int(limit)}",
            where.params,
        )
    )
    comments = caller.sees(survey, survey.fields["comment"])
    return [_rated(row, comments) for row in rows]


def _rated(row: tuple[Any, ...], comments: bool) -> Entry:
    key, at, kind, score, comment = row
    kind = Survey(kind)
    lowest, highest = SCALES[kind]
    share = (score - lowest) / (highest - lowest)
    tone = "green" if share > 0.7 else "orange" if share > 0.4 else "red"
    parts = {"survey": str(kind.label), "score": Strong(f"{score} / {highest}")}
    return Entry(
        at=_moment(at), tie=key, icon="star", tone=tone, title=Phrase(_("{survey}: {score}"), parts),
        body=comment if comments else "", object_key="surveyanswer", record_id=key,
    )  # fmt: skip


SOURCES = (
    TimelineSource(
        name="ticket-entries", label=gettext_lazy("Said on tickets"), objects=("ticket", "person", "company"),
        entries=said, covers=("ticketentry",),
    ),
    TimelineSource(
        name="tickets", label=gettext_lazy("Tickets"), objects=("ticket", "person", "company"), entries=tickets,
        tells=("ticket.solved_at", "ticket.solution"),
    ),
    TimelineSource(
        name="survey-answers", label=gettext_lazy("Survey answers"), objects=("ticket", "person", "company"),
        entries=answers, covers=("surveyanswer",),
    ),
)  # fmt: skip
