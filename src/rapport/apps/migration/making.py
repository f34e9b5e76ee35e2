"""What is made before the records: custom fields, pipelines with their stages, users for owners that nobody is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from rapport.apps.migration.readers import Reading, share
from rapport.apps.migration.shapes import Vendor, plain
from rapport.features.transfer.lookups import fold
from rapport.records import write
from rapport.records.accounts import directory
from rapport.records.accounts.caller import Caller
from rapport.records.accounts.models import User
from rapport.records.customising import actions, sync
from rapport.records.customising.definitions import FieldDefinition
from rapport.records.errors import Invalid
from rapport.records.read import visible
from rapport.records.write.creating import registered

ME, EMPTY, CREATE = "me", "empty", "create"
UNKNOWN_OWNERS = (ME, EMPTY, CREATE)
OUTCOMES = ("open", "won", "lost")


def make(caller: Caller, vendor: Vendor, plan: Mapping[str, Any], options: Mapping[str, Any]) -> dict[str, Any]:
    """Everything that the plan asks for; what is there already is used. Safe to run twice. Raises Forbidden, Invalid.

    Gives `users` (owner, in lower case, to user), `invited` (users who were made), `stages` (see `rows.stage_key`),
    `outcomes` (stage to open, won or lost), `lists` (see `rows.list_key`), `counts` of what was made, `problems` that
    kept something from being made.
    """
    counts = dict.fromkeys(("fields", "pipelines", "stages", "lists", "users"), 0)
    made: dict[str, Any] = {"counts": counts, "problems": []}
    _fields(caller, vendor, plan, options, made)
    with transaction.atomic():
        made["users"], made["invited"] = _users(caller, plan, options, made["counts"])
    with transaction.atomic():
        _Pipelines(caller, vendor, plan.get("stages", {}), made).make()
    with transaction.atomic():
        made["lists"] = _lists(caller, vendor, plan.get("lists", {}), made["counts"])
    return made


def _lists(caller: Caller, vendor: Vendor, plan: Mapping[str, Any], counts: dict[str, int]) -> dict[str, int]:
    """Price lists by what prices call them; the first of a currency that has no usual one is the usual one."""
    met, names = plan.get("met", {}), plan.get("names", {})
    if not met:
        return {}
    seen = visible(caller, "pricelist").page(columns=("name", "currency", "is_default"), size=500).rows
    known = {(fold(row.title or ""), row.values["currency"]): row.id for row in seen}
    usual = {row.values["currency"] for row in seen if row.values["is_default"]}
    made: dict[str, int] = {}
    for key, told in met.items():
        currency = told["currency"] or caller.env().currency
        name = list_name(caller, vendor, names, told)
        if (fold(name), currency) not in known:
            values = {"name": name, "currency": currency, "is_default": currency not in usual}
            known[fold(name), currency] = write.create(caller, "pricelist", values)
            usual.add(currency)
            counts["lists"] += 1
        made[key] = known[fold(name), currency]
    return made


def list_name(caller: Caller, vendor: Vendor, names: Mapping[str, str], told: Mapping[str, Any]) -> str:
    """What a price list is called, with its currency; one that has no name of its own, as its vendor."""
    name = names.get(told["list"].casefold()) or told["list"] or vendor.label
    return f"{name[:90]} {told['currency'] or caller.env().currency}"


def _fields(
    caller: Caller, vendor: Vendor, plan: Mapping[str, Any], options: Mapping[str, Any], made: dict[str, Any]
) -> None:
    left = set(options.get("left", ()))
    for entry in plan["files"]:
        key = vendor.by_kind[entry["kind"]].object
        for name, wanted in entry["fields"].items():
            if wanted["there"] or f"{entry['name']}:{name}" in left or wanted["key"] in registered(key).fields:
                continue
            definition = FieldDefinition(
                label=wanted["label"], choices=[{"label": text} for text in wanted.get("choices", ())]
            )
            try:
                actions.add_field(caller, key, wanted["type"], definition, key=wanted["key"])
            except Invalid as error:
                text = " ".join(str(m) for messages in error.errors.values() for m in messages)
                made["problems"].append(f"{wanted['label']}: {text}")
            else:
                made["counts"]["fields"] += 1
    sync.refresh()


def _users(
    caller: Caller, plan: Mapping[str, Any], options: Mapping[str, Any], counts: dict[str, int]
) -> tuple[dict[str, int | None], list[int]]:
    """Owner to user; and users made for owners whom nobody is, closed when the migration ends."""
    chosen: Mapping[str, Any] = options.get("owners", {})
    rest = options.get("unknown", ME)
    found: dict[str, int | None] = {}
    invited: list[int] = []
    for owner in plan.get("owners", ()):
        user = chosen.get(owner["text"], owner["user"] or rest)
        if user == CREATE:
            user = _closed_user(owner, invited, counts)
        found[owner["text"].casefold()] = caller.user_id if user == ME else None if user == EMPTY else user
    return found, invited


def _closed_user(owner: Mapping[str, Any], invited: list[int], counts: dict[str, int]) -> int | str:
    """A user of an owner's name and address, open while the migration writes; without an address there is none."""
    if not owner["email"]:
        return ME
    known = User.objects.filter(email__iexact=owner["email"]).first()
    if known is None:
        known = directory.create_user(owner["email"], owner["name"][:150])
        counts["users"] += 1
        invited.append(known.pk)
    elif not known.is_active:
        invited.append(known.pk)
    return int(known.pk)


class _Pipelines:
    """Makes the pipelines and stages that deals are in, in their order, with their probabilities and outcomes."""

    def __init__(self, caller: Caller, vendor: Vendor, plan: Mapping[str, Any], made: dict[str, Any]) -> None:
        self.caller, self.vendor, self.plan, self.made = caller, vendor, plan, made
        self.pipelines: dict[str, int] = {}
        self.stages: dict[int, dict[str, dict[str, Any]]] = {}
        self.standard = {
            text: (name, probability, place)
            for place, (key, name, probability) in enumerate(vendor.stages)
            for text in (plain(key), plain(name))
        }

    def make(self) -> None:
        """Make what is missing and note what deals call it."""
        made: dict[str, Any] = {}
        self.made["stages"], self.made["outcomes"] = made, {}
        if not self.plan.get("met"):
            return
        self._load()
        names = self.plan.get("pipelines", {})
        for pipeline in dict.fromkeys(m["pipeline"] for m in self.plan["met"].values()):
            key = self._pipeline(names.get(pipeline.casefold()) or named(pipeline, self.vendor))
            wanted = {k: m for k, m in self.plan["met"].items() if m["pipeline"] == pipeline}
            self._stages_of(key, pipeline, wanted)
            for name, met in wanted.items():
                made[name] = {"pipeline": key, "stage": self._place(key, pipeline, met)}

    def _load(self) -> None:
        for row in visible(self.caller, "pipeline").page(columns=("name",), size=500).rows:
            self.pipelines.setdefault(fold(row.title or ""), row.id)
        columns = ("name", "pipeline", "outcome", "probability", "position")
        for row in visible(self.caller, "stage").page(columns=columns, size=500).rows:
            known = self.stages.setdefault(row.values["pipeline"], {})
            known[fold(row.title or "")] = {**row.values, "id": row.id}
            self.made["outcomes"][str(row.id)] = row.values["outcome"]

    def _pipeline(self, name: str) -> int:
        key = self.pipelines.get(fold(name))
        if key is None:
            place = 10 * (len(self.pipelines) + 1)
            key = self.pipelines[fold(name)] = write.create(
                self.caller, "pipeline", {"name": name[:100], "position": place}
            )
            self.made["counts"]["pipelines"] += 1
        return key

    def _stages_of(self, key: int, pipeline: str, met: Mapping[str, Any]) -> None:
        """The stages that a file declares for a pipeline, and those that only deals tell of, in their order."""
        wanted: dict[str, dict[str, Any]] = {}
        for name, stage in self.plan.get("declared", {}).items():
            if name.partition("|")[0] in {pipeline.casefold(), ""}:
                wanted[fold(stage["name"])] = self._described(stage["name"], stage)
        for one in met.values():
            name = self._declared_name(pipeline, one["stage"])
            if name and fold(name) not in wanted:
                wanted[fold(name)] = self._described(name, one if one["outcome"] not in {"won", "lost"} else {})
        needed = {m["outcome"] for m in met.values()} & {"won", "lost"} | {"open", "won", "lost"}
        there = {s["outcome"] for s in (*wanted.values(), *self.stages.get(key, {}).values())}
        words = {"open": _("Open"), "won": _("Won"), "lost": _("Lost")}
        for outcome in OUTCOMES:
            if outcome in needed - there:
                wanted[fold(str(words[outcome]))] = self._described(str(words[outcome]), {"outcome": outcome})
        ordered = sorted(wanted.values(), key=lambda s: (OUTCOMES.index(s["outcome"]), s["order"]))
        for place, stage in enumerate(ordered, 1):
            self._stage(key, place, stage)

    def _described(self, name: str, told: Mapping[str, Any]) -> dict[str, Any]:
        """Name, probability, outcome and order of a stage: as told, else as its vendor comes with it."""
        _name, usual, place = self.standard.get(plain(name), (name, None, 99))
        outcome = told.get("outcome") if told.get("outcome") in {"won", "lost"} else self._by_name(name)
        text = share(str(told.get("probability") or ""), Reading())
        given = int(text) if text.isdigit() and int(text) <= 100 else None
        if outcome == "open" and str(told.get("closed", "")).casefold() in {"true", "1", "yes"}:
            outcome = "won" if given == 100 else "lost"
        open_ = given if given is not None else usual if usual is not None else 50
        probability = {"won": 100, "lost": 0}.get(str(outcome), open_)
        position = str(told.get("position") or "")
        first = (int(position), 0) if position.lstrip("-").isdigit() else (place, probability)
        return {"name": name[:100], "probability": probability, "outcome": outcome, "order": first}

    def _by_name(self, name: str) -> str:
        word = plain(name)
        if any(w in word for w in self.vendor.lost):
            return "lost"
        return "won" if any(w in word for w in self.vendor.won) else "open"

    def _stage(self, key: int, place: int, stage: Mapping[str, Any]) -> None:
        known = self.stages.setdefault(key, {})
        if fold(stage["name"]) in known:
            return
        values = {n: stage[n] for n in ("name", "probability", "outcome")}
        made = write.create(self.caller, "stage", {**values, "pipeline": key, "position": place * 10})
        known[fold(stage["name"])] = {**values, "id": made}
        self.made["outcomes"][str(made)] = stage["outcome"]
        self.made["counts"]["stages"] += 1

    def _declared_name(self, pipeline: str, stage: str) -> str:
        """What a stage is called that deals name by id."""
        for at in (pipeline.casefold(), ""):
            if found := self.plan.get("declared", {}).get(f"{at}|{stage.casefold()}"):
                return str(found["name"])
        for name, found in self.plan.get("declared", {}).items():
            if name.partition("|")[2] == stage.casefold():
                return str(found["name"])
        return str(self.standard.get(plain(stage), (stage,))[0])

    def _place(self, key: int, pipeline: str, met: Mapping[str, Any]) -> int:
        """The stage of a deal: the one that it names; of a closed deal in an open stage, one that closes."""
        known = self.stages[key]
        named = known.get(fold(self._declared_name(pipeline, met["stage"]))) if met["stage"] else None
        outcome = met["outcome"] or "open"
        if named is not None and (outcome == "open" or named["outcome"] == outcome):
            return int(named["id"])
        return next(
            (int(s["id"]) for s in known.values() if s["outcome"] == outcome), int(next(iter(known.values()))["id"])
        )


def named(pipeline: str, vendor: Vendor) -> str:
    """What a pipeline is called; one that has no name of its own, as its vendor."""
    return vendor.label if pipeline.casefold() in {"", "default"} else pipeline
