"""Files: of a record or of none, up and down."""

from __future__ import annotations

import io
from typing import Any

from django.core.files import File
from django.utils.translation import gettext as _

from rapport.features.files import storing
from rapport.features.programs import shapes
from rapport.features.programs.problems import Problem
from rapport.records.errors import Invalid
from rapport.registry import catalog
from rapport.surfaces.api.calls import Call, Reply
from rapport.surfaces.api.handlers.records import PREFIX

FORM, BYTES = "multipart/form-data", "application/octet-stream"


def upload(call: Call) -> Reply:
    """Keep a file: the part `file` of a form, or plain bytes with a name in the query."""
    sent = _sent(call)
    key, record_id = (call.obj.key, call.id) if "id" in call.path and call.obj else ("", None)
    made = storing.store(call.caller, sent, key, record_id)
    target = catalog.current()[storing.KEY]
    headers = {"Location": f"{PREFIX}/{target.plural}/{made}"}
    return Reply(shapes.read(call.caller, target, made), 201, headers, record=(target.key, made))


def _sent(call: Call) -> File[bytes]:
    request = call.request
    if request.content_type == FORM:
        files = request.FILES.getlist("file")
        if len(files) != 1:
            raise Invalid({"file": [_("Send one file, as the part called file.")]})
        return files[0]
    name = call.query["name"]
    if not name:
        raise Problem(400, "malformed", _("The parameter %(name)s is needed.") % {"name": "name"})
    return File(io.BytesIO(request.body), name=name)


def of_record(call: Call) -> Reply:
    """The files of a record."""
    found = storing.files_of(call.caller, call.object.key, call.id)
    return Reply({"items": [_file(one) for one in found]})


def _file(found: dict[str, Any]) -> dict[str, Any]:
    plural = catalog.current()[storing.KEY].plural
    return {**found, "content": f"{PREFIX}/{plural}/{found['id']}/content"}


def content(call: Call) -> Reply:
    """The bytes of a file."""
    found = storing.open_file(call.caller, call.id, call.query["revision"])
    return Reply(stream=found.stream, headers=found.headers)
