"""Files, declared."""

from __future__ import annotations

from rapport.features.files import models, scoping, storing
from rapport.registry.objects import ALL, TEAM, Access, ObjectSpec

file = ObjectSpec(
    model=models.File, icon="paperclip", columns=("name", "content_type", "size", "revision", "owner", "created_at"),
    form=("name", "owner", "team"), search=("name",), sort="-created_at", readonly=("content_type", "size", "revision"),
    hidden=("sha256", "path", "object_key", "record_id"),
    access=Access(create=ALL, read=ALL, edit=ALL, delete=ALL, export=TEAM),
    scope=scoping.scope, prepare=storing.prepare, effects=(storing.effects,), merges=False,
)  # fmt: skip
