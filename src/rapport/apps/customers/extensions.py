"""What the domain adds to the engine."""

from __future__ import annotations

from rapport.apps.customers import (
    agents,
    calendar,
    composing,
    demo,
    files,
    identities,
    interactions,
    kind_pages,
    kinds,
    organisation,
    relations,
    tiles,
    timeline,
    touring,
)
from rapport.records import links
from rapport.registry import extensions
from rapport.registry.types import register_type


def register() -> None:
    """Register the type of participants, the follower of last contacts, what pages show and offer, the demo data."""
    register_type(interactions.PARTICIPANTS)
    links.register_store(interactions.PARTICIPANTS.key, interactions.STORE)
    extensions.register(
        extensions.On(
            name="last-contact",
            events=interactions.TELLING,
            run=interactions.follow_contact,
        ),
        extensions.On(
            name="last-contact-of-merged",
            events=interactions.MERGING,
            run=interactions.follow_merges,
        ),
        extensions.MergeRule(name="customers", stays=("customers_lifecyclechange",)),
        agents.TOOL,
        calendar.LAYER,
        *touring.STOPS,
        *timeline.SOURCES,
        files.SOURCE,
        *composing.COMPOSERS,
        kinds.CHOICES,
        kind_pages.SETTING,
        *kind_pages.PAGES,
        relations.PANEL,
        organisation.PANEL,
        tiles.TILE,
        *tiles.STEPS,
        *demo.DEMOS,
        *identities.IDENTITIES,
    )
