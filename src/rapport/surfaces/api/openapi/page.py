"""`/api/v1/docs/`: the document as a page, for whoever is signed in; made of the same document."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from rapport.records.accounts.api_tokens import ADMIN, Grant
from rapport.registry.extensions import Page
from rapport.surfaces.api.openapi import answering
from rapport.surfaces.api.openapi.schemas import REF

METHODS = ("get", "post", "put", "patch", "delete")


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """What there is, or everything about one group of `?about=`, as far as the reader may."""
    caller = request.caller  # type: ignore[attr-defined]
    document = answering.of(Grant(0, caller, (ADMIN,), 0, 0))
    about = request.GET.get("about", "")
    tags = [tag["name"] for tag in document["tags"]]
    operations = [op for op in _operations(document) if op["tag"] == about]
    shell = {"brand": "Rapport", "lang": caller.language, "theme": caller.theme}
    context = {
        "shell": shell, "tags": tags, "about": about if operations else "", "operations": operations,
        "base": f"{settings.BASE_URL}/api/v1",
    }  # fmt: skip
    return render(request, "api/docs.html", context)


def _operations(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        _operation(document, path, method, methods[method])
        for path, methods in document["paths"].items()
        for method in METHODS
        if method in methods
    ]


def _operation(document: dict[str, Any], path: str, method: str, operation: dict[str, Any]) -> dict[str, Any]:
    parameters = [_resolved(document, p) for p in operation["parameters"]]
    content: dict[str, Any] = operation.get("requestBody", {}).get("content", {})
    schema: dict[str, Any] = next((kind["schema"] for kind in content.values()), {})
    return {
        "id": operation["operationId"], "method": method.upper(), "path": path, "tag": operation["tags"][0],
        "summary": operation["summary"].partition(":")[0], "help": operation.get("description", ""),
        "parameters": [_parameter(p) for p in parameters], "sent": _lines(document, schema), "media": list(content),
        "status": next(iter(operation["responses"])),
    }  # fmt: skip


def _parameter(parameter: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": parameter["name"], "place": parameter["in"], "required": parameter.get("required", False),
        "help": parameter.get("description", ""),
    }  # fmt: skip


def _resolved(document: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    reference = part.get("$ref")
    if reference is None:
        return part
    found: dict[str, Any] = document
    for step in reference.removeprefix("#/").split("/"):
        found = found[step]
    return found


def _lines(document: dict[str, Any], schema: dict[str, Any], before: str = "", depth: int = 0) -> list[dict[str, Any]]:
    """The members of what is sent, one a line, those within others with their path."""
    schema = _resolved(document, schema) if schema.get("$ref", "").startswith(REF) else schema
    schema = schema.get("items", schema) if schema.get("type") == "array" else schema
    schema = _resolved(document, schema)
    found: list[dict[str, Any]] = []
    for name, member in schema.get("properties", {}).items():
        inner = _lines(document, member, f"{before}{name}.", depth + 1) if depth < 3 else []
        required = name in schema.get("required", ())
        if not inner or member.get("title"):
            found.append({"name": f"{before}{name}", "kind": _kind(member), "required": required, **_said(member)})
        else:
            found += inner
    return found


def _kind(schema: dict[str, Any]) -> str:
    kind = schema.get("type", "")
    said = [k for k in (kind if isinstance(kind, list) else [kind]) if k not in ("null", "")]
    return str(schema.get("format") or ", ".join(said))


def _said(schema: dict[str, Any]) -> dict[str, Any]:
    options = [str(o) for o in schema.get("enum", ()) if o is not None]
    return {"label": schema.get("title", ""), "help": schema.get("description", ""), "options": options}


PAGE = Page(name="api-docs", path="api/v1/docs/", view=docs)
