"""The OpenAPI 3.1 document of this deployment, as far as one caller may use it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
from django.conf import settings
from django.utils.text import capfirst

from rapport import __version__
from rapport.features.programs.schemas import ID, TEXT, Schema
from rapport.records.accounts.api_tokens import Grant
from rapport.registry import catalog
from rapport.registry.catalog import RegisteredObject
from rapport.surfaces.api.bodies import JSON_TYPES
from rapport.surfaces.api.calls import Param, Route
from rapport.surfaces.api.openapi.schemas import REF, Schemas
from rapport.surfaces.api.router import ID as NUMBER
from rapport.surfaces.api.router import PLURAL

PROBLEMS: Schema = {
    "description": "What is wrong and what to do.",
    "content": {"application/problem+json": {"schema": {"$ref": f"{REF}Problem"}}},
}
IF_MATCH: Schema = {
    "name": "If-Match", "in": "header", "schema": TEXT,
    "description": "The `ETag` that was read: anything newer is not overwritten (412).",
}  # fmt: skip
IDEMPOTENCY: Schema = {
    "name": "Idempotency-Key", "in": "header", "schema": {**TEXT, "minLength": 1, "maxLength": 255},
    "description": "A key of your own: the same request with it again is not done twice, and gets the same answer.",
}  # fmt: skip
ABOUT = (
    "Every object of this organisation, its custom fields and objects included, as far as your token may use them. "
    "Send `Authorization: Bearer` with a token of yours."
)


def build(grant: Grant, routes: Iterable[Route]) -> dict[str, Any]:
    """The document for whoever holds the grant."""
    schemas = Schemas(grant.caller)
    paths: dict[str, dict[str, Any]] = {}
    tags: dict[str, str] = {}
    for route, obj in offered(grant, routes):
        tag = tag_of(route, obj)
        tags.setdefault(tag, "")
        address = "/" + (route.path.replace(PLURAL, obj.plural) if obj else route.path)
        paths.setdefault(address, {})[route.method.lower()] = _operation(schemas, route, obj, tag)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Rapport", "version": __version__, "description": ABOUT},
        "servers": [{"url": f"{settings.BASE_URL}/api/v1"}],
        "security": [{"token": []}],
        "tags": [{"name": tag} for tag in tags],
        "paths": paths,
        "components": {
            "schemas": dict(sorted(schemas.components.items())),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "parameters": {"IfMatch": IF_MATCH, "IdempotencyKey": IDEMPOTENCY},
        },
    }


def tag_of(route: Route, obj: RegisteredObject | None) -> str:
    """What a route is about."""
    return capfirst(str(obj.label_plural)) if obj else route.group


def offered(grant: Grant, routes: Iterable[Route]) -> Iterator[tuple[Route, RegisteredObject | None]]:
    """The routes that the grant gives, object after object."""
    routes = tuple(routes)
    for route in routes:
        if not route.path.startswith(PLURAL) and _gives(grant, route, None):
            yield route, None
    for obj in catalog.current().objects.values():
        for route in routes:
            if route.path.startswith(PLURAL) and route.offered(obj) and _gives(grant, route, obj):
                yield route, obj


def _gives(grant: Grant, route: Route, obj: RegisteredObject | None) -> bool:
    if obj is None:
        needs_admin = route.scope == "admin"
        return not route.scope or route.anywhere or (grant.allows(route.scope) and
                                                     (not needs_admin or grant.caller.is_admin))  # fmt: skip
    return grant.allows(route.scope, obj.key) and grant.caller.may(obj, route.needs)


def operation_id(route: Route, obj: RegisteredObject | None) -> str:
    """The name of an operation, unique in the document."""
    return f"{route.name}_{obj.key}" if obj else route.name


def _operation(schemas: Schemas, route: Route, obj: RegisteredObject | None, tag: str) -> Schema:
    found: Schema = {
        "operationId": operation_id(route, obj),
        "summary": f"{route.summary}: {tag}" if obj else route.summary,
        "tags": [tag],
        "parameters": _parameters(schemas, route, obj),
        "responses": {str(route.status): _answer(schemas, route, obj), "default": PROBLEMS},
    }
    if route.help:
        found["description"] = route.help
    if route.name == "upsert":
        found["responses"]["201"] = found["responses"]["200"]
    if route.media:
        found["requestBody"] = {"required": True, "content": {kind: {"schema": _upload(kind)} for kind in route.media}}
    elif route.body is not None:
        schema = route.sent(schemas, obj) if route.sent else schemas.of_type(route.body)
        found["requestBody"] = {"required": True, "content": {JSON_TYPES[0]: {"schema": schema}}}
    return found


def _upload(kind: str) -> Schema:
    content = {"type": "string", "contentMediaType": "application/octet-stream"}
    if kind == "multipart/form-data":
        return {"type": "object", "properties": {"file": {"type": "string", "format": "binary"}}, "required": ["file"]}
    return content


def _parameters(schemas: Schemas, route: Route, obj: RegisteredObject | None) -> list[Schema]:
    found: list[Schema] = []
    for part in route.path.split("/"):
        if part.startswith("{") and part != PLURAL:
            schema = ID if part == NUMBER else {**TEXT, "minLength": 1}
            found.append({"name": part[1:-1], "in": "path", "required": True, "schema": schema})
    found += [_parameter(schemas, param, obj) for param in route.query]
    if route.method in {"PATCH", "DELETE"} and route.path == f"{PLURAL}/{NUMBER}":
        found.append({"$ref": "#/components/parameters/IfMatch"})
    if route.writes:
        found.append({"$ref": "#/components/parameters/IdempotencyKey"})
    return found


def _parameter(schemas: Schemas, param: Param, obj: RegisteredObject | None) -> Schema:
    found: Schema = {"name": param.name, "in": "query", "description": param.help}
    if param.required:
        found["required"] = True
    match param.kind:
        case "integer":
            found["schema"] = {"type": "integer", "minimum": param.least, "maximum": param.most}
        case "boolean":
            found["schema"] = {"type": "boolean"}
        case "list":
            known = _names(schemas, param.name, obj)
            items: Schema = {"type": "string", **({"enum": known} if known else {})}
            found |= {"schema": {"type": "array", "items": items}, "style": "form", "explode": False}
        case "json":
            found["content"] = {"application/json": {"schema": {"type": "object"}}}
        case _:
            known = list(param.options) or _names(schemas, param.name, obj)
            found["schema"] = {"type": "string", **({"enum": known} if known else {})}
    if param.default not in (None, "") and "schema" in found:
        found["schema"]["default"] = param.default
    return found


def _names(schemas: Schemas, param: str, obj: RegisteredObject | None) -> list[str]:
    """What can be named in a parameter, of this object."""
    if obj is None:
        return []
    seen = schemas.caller.visible_fields(obj)
    match param:
        case "fields":
            return [*seen, "all"]
        case "sort":
            return [sign + n for n, f in seen.items() if f.type.sortable for sign in ("", "-")]
        case "include":
            current = catalog.current()
            references = [n for n, f in seen.items() if f.target in current.objects and f.type.storage != "computed"]
            return [*references, *current.relations[obj.key]]
    return []


def _answer(schemas: Schemas, route: Route, obj: RegisteredObject | None) -> Schema:
    found: Schema = {"description": route.summary}
    if route.binary:
        found["content"] = {"*/*": {"schema": {}}}
    elif route.answer is not None:
        declared = isinstance(route.answer, type) and issubclass(route.answer, msgspec.Struct)
        schema = schemas.of_type(route.answer) if declared else route.answer(schemas, obj)  # type: ignore[arg-type]
        found["content"] = {JSON_TYPES[0]: {"schema": schema}}
    if route.etag:
        found["headers"] = {"ETag": {"schema": TEXT, "description": "The version of the record."}}
    if links := _links(route, obj):
        found["links"] = links
    return found


def _links(route: Route, obj: RegisteredObject | None) -> Schema:
    """What can be done with what was made."""
    if obj is None or route.name != "create":
        return {}
    number = {"id": "$response.body#/id"}
    names = ("get", "update", "delete", "restore", "history")
    return {name: {"operationId": f"{name}_{obj.key}", "parameters": number} for name in names}
