"""A playbook beside the form in which a conversation is written down."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rapport.apps.customers.models import Kind
from rapport.apps.playbooks import answers, choosing
from rapport.records.accounts.caller import Caller
from rapport.records.read import RecordView, RowView, visible
from rapport.registry import catalog
from rapport.registry.extensions import Beside
from rapport.registry.extensions import Composer as ComposerSpec


def _books(caller: Caller, record: RecordView, composer: ComposerSpec) -> list[RowView]:
    if not caller.may(catalog.current()[answers.KEY], "create"):
        return []
    kind = str(composer.preset.get("kind", ""))
    return choosing.of_conversation(choosing.active(caller), kind, record.values.get("lifecycle"))


def context(
    caller: Caller, record: RecordView, composer: ComposerSpec, sent: Mapping[str, str], errors: Mapping[str, Any]
) -> Mapping[str, Any] | None:
    """Playbooks for this kind of conversation; None where there is none."""
    found = choosing.plays(caller, _books(caller, record, composer), {})
    prefix = f"{composer.name}-step-"
    items = [choosing.shown(caller, play, prefix=prefix, sent=sent, errors=errors) for play in found]
    return {"plays": items, "open": bool(sent)} if items else None


def keep(caller: Caller, record: RecordView, composer: ComposerSpec, made: int, sent: Mapping[str, str]) -> None:
    """Keep what was answered, with the interaction that was made. Raises Invalid."""
    found = choosing.plays(caller, _books(caller, record, composer), {})
    given = {k: v for play in found for k, v in choosing.typed(caller, sent, play.steps).items() if v}
    if given:
        answers.answer(caller, visible(caller, "interaction").get(made), given)


BESIDE = Beside(
    name="playbooks", composers=tuple(kind.value for kind in Kind), template="playbooks/beside.html", context=context,
    keep=keep,
)  # fmt: skip
