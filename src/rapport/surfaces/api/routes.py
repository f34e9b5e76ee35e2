"""All routes of `/api/v1/`, as data: the router, the checks of input and the OpenAPI document are made of it."""

from __future__ import annotations

from rapport.surfaces.api.router import Router
from rapport.surfaces.api.tables import objects, system, webhooks

ROUTER = Router((*system.ROUTES, *webhooks.ROUTES, *objects.ROUTES))
