"""`load` and `remove`: the whole demo organisation, in one transaction each."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from rapport.features.demo import accounts, removing
from rapport.features.demo.context import DemoContext
from rapport.records.accounts import directory
from rapport.records.errors import RecordsError
from rapport.registry import extensions

FIRST_STEPS = "first_steps"
"""Entry of the organisation's settings: `{"done": [step, …]}`, for a page that shows what is still to do."""


class DemoError(RecordsError):
    """The demo organisation can't be loaded or removed as things stand."""

    status = 409


def is_loaded() -> bool:
    """Whether demo data is there."""
    return bool(accounts.noted().get("loaded"))


def load() -> dict[str, int]:
    """Load the demo organisation; how many records of each object. Raises DemoError when it is loaded already."""
    with transaction.atomic():
        if is_loaded():
            raise DemoError(_("The demo organisation is loaded already. Remove it first: rapport demo remove"))
        context = DemoContext(members=accounts.make(), zone=accounts.zone())
        for part in ordered(parts()):
            part.load(context)
        directory.keep_settings({FIRST_STEPS: {"done": ["organisation", "team", "records"]}})
    return {key: len(made) for key, made in context.made.items()}


def parts() -> list[extensions.Demo]:
    """What domains have registered."""
    return extensions.all_of(extensions.Demo)


def ordered(registered: list[extensions.Demo]) -> list[extensions.Demo]:
    """Parts after those that they name. Raises ValueError for a circle or an unknown name."""
    left, done = {part.name: part for part in registered}, {}
    while left:
        ready = [part for part in left.values() if all(name in done for name in part.after)]
        if not ready:
            raise ValueError(f"demo data that waits for what never comes: {sorted(left)}")
        for part in ready:
            done[part.name] = left.pop(part.name)
    return list(done.values())


def remove() -> removing.Removed:
    """Remove what `load` made and nothing else; see `removing.Removed`. Raises DemoError when nothing is loaded."""
    if not accounts.noted():
        raise DemoError(_("No demo organisation is loaded."))
    done = removing.remove()
    for part in parts():
        if part.remove:
            part.remove()
    return done
