"""The answers that all pages of the settings give: a form, and where to go after an act."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from rapport.records.errors import Invalid
from rapport.registry.fields import Text
from rapport.surfaces.web import toasts
from rapport.surfaces.web.settings.forms import Form
from rapport.surfaces.web.shell import page


def crumbs(*steps: tuple[Text, str]) -> list[dict[str, str]]:
    """The way from the settings to a page; each step is a label and an address."""
    return [{"label": _("Settings"), "url": reverse("settings")}, *({"label": str(t), "url": u} for t, u in steps)]


def onward(name: str, *args: Any) -> HttpResponseRedirect:
    """Show another page after a POST."""
    response = HttpResponseRedirect(reverse(name, args=args))
    response.status_code = 303
    return response


def form_page(
    request: HttpRequest, form: Form, title: Text, steps: list[dict[str, str]], *, submit: Text = "", **more: Any
) -> HttpResponse:
    """A page with one form; `more` may give template, subtitle, intro, cancel."""
    template = more.pop("template", "web/settings/form.html")
    context = {"form": form, "title": title, "crumbs": [*steps, {"label": str(title), "url": ""}], "submit": submit}
    return page(request, template, {**context, **more}, status=422 if form.is_bound else 200)


def act(request: HttpRequest, doing: Callable[[], Any], done: Text) -> bool:
    """Do something that a button asked for and tell; a refusal is told as well and answers False."""
    try:
        doing()
    except Invalid as error:
        told = error.errors.get("") or [m for messages in error.errors.values() for m in messages]
        toasts.tell(request, " ".join(str(m) for m in told), level="error")
        return False
    toasts.tell(request, done)
    return True
