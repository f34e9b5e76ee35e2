"""Event sources, declared."""

from __future__ import annotations

from rapport.apps.cdp import models, sources
from rapport.registry.objects import NONE, Access, ObjectSpec

event_source = ObjectSpec(
    model=models.EventSource, key=sources.KEY, plural="event-sources", icon="activity", sort="name",
    columns=("name", "kind", "active", "makes_people"), form=("name", "kind", "origins", "active", "makes_people"),
    quick=("name", "kind", "origins"), search=("name",), hidden=("write_key",),
    access=Access(create=NONE, read=NONE, edit=NONE, delete=NONE, export=NONE), merges=False,
    prepare=sources.prepare, effects=(sources.effects,),
)  # fmt: skip

SPECS = (event_source,)
