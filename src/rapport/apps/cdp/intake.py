"""The routes of Segment's tracking API: whose key, which events, one transaction, one answer.

Sources: Segment's HTTP Tracking API, https://segment.com/docs/connections/sources/catalog/libraries/server/http-api/;
Segment's pixel API, https://segment.com/docs/connections/sources/catalog/libraries/server/pixel-tracking-api/
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from functools import partial

from django.conf import settings
from django.db import DatabaseError

from rapport.apps.cdp import decoding, sources, storing
from rapport.apps.cdp.decoding import REASONS, Taken, Wrong
from rapport.apps.cdp.sources import Source
from rapport.features.programs import limits
from rapport.registry.extensions import PublicRoute
from rapport.surfaces.public.asking import Answer, Asked, Refused, json

MOST_BYTES, MOST_EVENTS = 4 * 1024 * 1024, 2500
MOST_STRANGERS = 600
"""Requests without a sound key from one address in a minute, after which it is told to wait."""
KINDS = {
    "identify": "identify", "i": "identify", "track": "track", "t": "track", "page": "page", "p": "page",
    "screen": "screen", "s": "screen", "group": "group", "g": "group", "alias": "alias", "a": "alias",
    "batch": "", "b": "", "import": "",
}  # fmt: skip
"""Last piece of the address to the kind of its event; empty where each event of a batch says its own."""
SUCCESS = b'{"success": true}'
GIF = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")


def take(asked: Asked) -> Answer:
    """One event, or a batch of them. Raises Refused."""
    name = asked.path.get("kind", "batch")
    if name not in KINDS:
        raise Refused(404, "not-found", "There is no such call.")
    try:
        raw, said = decoding.opened(asked.body)
    except Wrong as wrong:
        _known(asked, "")
        raise Refused(400, wrong.args[0], REASONS[wrong.args[0]]) from wrong
    source = _known(asked, said.write_key)
    batch = [bytes(one) for one in said.batch or ()] if not KINDS[name] else [raw]
    if not KINDS[name] and said.batch is None:
        raise Refused(400, decoding.MALFORMED, "A batch has a list of events.", origin=asked.origin)
    if len(batch) > MOST_EVENTS:
        raise Refused(413, "too-large", f"Send at most {MOST_EVENTS} events at once.", origin=asked.origin)
    refused = keep(asked, source, batch, KINDS[name], said.sent_at)
    if refused and KINDS[name]:
        (reason,) = refused
        status = 413 if reason == decoding.TOO_LARGE else 400
        raise Refused(status, reason, REASONS[reason], origin=asked.origin)
    return Answer(body=SUCCESS, origin=asked.origin)


def keep(asked: Asked, source: Source, batch: Sequence[bytes], kind: str, sent_at: decoding.Scalar) -> list[str]:
    """Store what is sound of a batch, all of it or nothing; why others were left out, one reason for each.

    Raises Refused where the source has sent too much in this minute.
    """
    found: list[Taken] = []
    refused: list[str] = []
    sent = decoding.moment(sent_at)
    for raw in batch:
        try:
            found.append(decoding.taken(raw, source.id, kind, sent, asked.at))
        except Wrong as wrong:
            refused.append(wrong.args[0])
    try:
        storing.store(source, decoding.once(found), refused, asked.at)
    except storing.TooMany as error:
        said = f"A source may send {settings.EVENTS_PER_MINUTE} events a minute."
        headers = {"Retry-After": str(error.seconds)}
        raise Refused(429, "too-many", said, origin=asked.origin, headers=headers) from error
    return refused


def _known(asked: Asked, said: decoding.Scalar) -> Source:
    """The source whose key came with a request, and from whose pages. Raises Refused."""
    keys = (_basic(asked.headers.get("Authorization", "")), said, asked.query.get("writeKey"))
    source = next((s for k in keys if k and isinstance(k, str) and (s := sources.by_key(k))), None)
    if source is None:
        if limits.often(f"events {asked.address}", MOST_STRANGERS):
            raise Refused(429, "too-many", "Too many keys were refused.", headers={"Retry-After": "60"})
        raise Refused(401, "key", "Send the write key of a source that takes events.")
    if asked.origin and asked.origin not in source.origins:
        raise Refused(403, "origin", "Pages of this origin may not send to this source.")
    return source


def _basic(header: str) -> str:
    kind, _gap, text = header.partition(" ")
    if kind.lower() != "basic":
        return ""
    try:
        return base64.b64decode(text.strip(), validate=True).decode().partition(":")[0]
    except (binascii.Error, ValueError):
        return ""


def pixel(asked: Asked) -> Answer:
    """One event in the query. The image comes in any case: nobody would see a refusal."""
    try:
        text = asked.query.get("data", "").strip()
        raw = text.encode() if text.startswith("{") else _unpacked(text)
        kind = KINDS.get(asked.path["kind"], "")
        if kind and len(raw) <= decoding.MOST_BYTES:
            raw, said = decoding.opened(raw)
            keep(asked, _known(asked, said.write_key), [raw], kind, said.sent_at)
    except (Refused, Wrong, ValueError, DatabaseError):
        pass
    return Answer(body=GIF, content_type="image/gif")


def _unpacked(text: str) -> bytes:
    """What base64 holds, in either alphabet, padded or not."""
    plain = text.replace(" ", "+").replace("-", "+").replace("_", "/").rstrip("=")
    return base64.b64decode(plain + "=" * (-len(plain) % 4))


def segment_settings(asked: Asked) -> Answer:
    """What Segment's browser and mobile libraries ask for at the start: where to send."""
    source = _of_page(asked, asked.path["key"])
    scheme, _gap, host = settings.BASE_URL.partition("://")
    destination = {
        "apiKey": asked.path["key"], "apiHost": f"{host}/v1", "protocol": scheme, "unbundledIntegrations": [],
        "addBundledMetadata": False, "type": "browser",
    }  # fmt: skip
    every = {"enabled": True, "integrations": {}}
    found = {
        "integrations": {"Segment.io": destination},
        "plan": {"track": {"__default": every}, "identify": {"__default": every}, "group": {"__default": every}},
        "edgeFunction": {}, "analyticsNextEnabled": True, "middlewareSettings": {}, "enabledMiddleware": {},
        "metrics": {"sampleRate": 0}, "legacyVideoPluginsEnabled": False, "remotePlugins": [],
    }  # fmt: skip
    return json(found, origin=asked.origin if source else "")


def rudder_settings(asked: Asked) -> Answer:
    """What RudderStack's libraries ask for at the start.

    Source: the checks of its JavaScript SDK, https://github.com/rudderlabs/rudder-sdk-js
    """
    key = _basic(asked.headers.get("Authorization", "")) or asked.query.get("writeKey", "")
    source = _of_page(asked, key)
    config = {"statsCollection": {"errors": {"enabled": False}, "metrics": {"enabled": False}}}
    one = {
        "id": str(source.id), "name": "Rapport", "writeKey": key, "enabled": True, "workspaceId": "rapport",
        "config": config, "connections": [], "destinations": [], "dataplanes": {},
    }  # fmt: skip
    return json({"source": one, "updatedAt": None}, origin=asked.origin)


def _of_page(asked: Asked, key: str) -> Source:
    try:
        return _known(asked, key)
    except Refused as refused:
        if refused.status == 401:
            raise Refused(404, "key", "No source that takes events has this key.") from refused
        raise


_Route = partial(PublicRoute, most_bytes=MOST_BYTES, origins=sources.is_origin)
ROUTES = (
    _Route(name="events", path="/v1/<kind>", methods=("POST",), run=take),
    _Route(name="events-beacon", path="/beacon/v1/batch", methods=("POST",), run=take),
    _Route(name="events-pixel", path="/v1/pixel/<kind>", methods=("GET",), run=pixel),
    _Route(name="segment-settings", path="/v1/projects/<key>/settings", methods=("GET",), run=segment_settings),
    _Route(name="rudder-settings", path="/sourceConfig", methods=("GET",), run=rudder_settings),
)
