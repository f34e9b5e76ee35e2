"""What `rapport doctor` looks at, as a page."""

from __future__ import annotations

import logging
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from rapport.registry import extensions
from rapport.registry.extensions import Check
from rapport.surfaces.web.settings.answers import crumbs
from rapport.surfaces.web.shell import page

logger = logging.getLogger(__name__)


@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """Each registered check: what it saw, and what to do."""
    results = [_result(check) for check in extensions.all_of(Check)]
    return page(request, "web/settings/health.html", {"results": results, "crumbs": crumbs((_("Health"), ""))})


def _result(check: Check) -> dict[str, Any]:
    name = capfirst(_(check.name))
    try:
        found = check.run()
    except Exception:
        logger.exception("the check %s failed", check.name)
        return {"name": name, "ok": False, "saw": _("The check itself failed; see the log."), "todo": ""}
    return {"name": name, "ok": found.ok, "saw": found.saw, "todo": found.todo}
