"""What the domain adds to the engine."""

from __future__ import annotations

from rapport.apps.customers import composing, demo, files, interactions, organisation, relations, tiles, timeline
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
            events=("interaction.create", "interaction.update", "interaction.delete", "interaction.restore"),
            run=interactions.follow_contact,
        ),
        *timeline.SOURCES,
        files.SOURCE,
        *composing.COMPOSERS,
        relations.PANEL,
        organisation.PANEL,
        tiles.TILE,
        *tiles.STEPS,
        *demo.DEMOS,
    )
