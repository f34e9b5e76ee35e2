"""The letterhead of documents: its page in the settings, and what it holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms as django_forms
from django.db import transaction
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from rapport.apps.commerce import typesetting
from rapport.features.files.names import HEAD, type_of
from rapport.lib.sql import Sql
from rapport.records import db
from rapport.records.accounts import audit, directory
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Forbidden, Invalid
from rapport.registry.extensions import Setting
from rapport.surfaces.web import toasts
from rapport.surfaces.web.requests import Request
from rapport.surfaces.web.settings import forms
from rapport.surfaces.web.settings.answers import crumbs, onward
from rapport.surfaces.web.shell import page

KEY = "own"
TEXTS = ("name", "address", "contact", "bank", "tax_id", "footer")
LOGOS = {"image/png": "png", "image/jpeg": "jpg"}
LARGEST = 500_000
"""Bytes of a logo."""


@dataclass(frozen=True, slots=True)
class Letterhead:
    """Texts of the letterhead; `logo` are the bytes of a picture and `kind` the ending of its name."""

    name: str = ""
    address: str = ""
    contact: str = ""
    bank: str = ""
    tax_id: str = ""
    footer: str = ""
    logo: bytes | None = None
    kind: str = ""


def read() -> Letterhead:
    """The letterhead; the organisation's name alone before it was filled in."""
    text = f"SELECT {', '.join(TEXTS)}, logo, logo_type FROM commerce_letterhead WHERE key = %s"
    found = db.row(Sql(text, (KEY,)))
    if found is None:
        organisation = directory.organisation()
        return Letterhead(name=organisation.name if organisation else "")
    texts = dict(zip(TEXTS, found, strict=False))
    logo, kind = found[len(TEXTS) :]
    return Letterhead(**texts, logo=None if logo is None else bytes(logo), kind=kind)


@transaction.atomic
def keep(caller: Caller, *, upload: Any = None, without_logo: bool = False, **texts: str) -> None:
    """Change the letterhead; the logo stays without an upload, and goes with `without_logo`.

    Raises Forbidden, Invalid.
    """
    if not caller.is_admin:
        raise Forbidden
    now = read()
    logo, kind = (None, "") if without_logo else (now.logo, now.kind)
    if upload is not None:
        logo, kind = _picture(upload)
    names = ("key", *TEXTS, "logo", "logo_type")
    sets = ", ".join(f"{n} = excluded.{n}" for n in names[1:])
    values = (KEY, *(texts.get(n, "") for n in TEXTS), logo, kind)
    db.execute(
        Sql(
            f"INSERT INTO commerce_letterhead ({', '.join(names)}) VALUES ({db.marks(names)}) "
            f"ON CONFLICT (key) DO UPDATE SET {sets}",
            values,
        )
    )
    audit.record("letterhead changed", caller=caller, subject=texts.get("name", ""))


def _picture(upload: Any) -> tuple[bytes, str]:
    if upload.size > LARGEST:
        raise Invalid({"logo": [_("Choose a picture of at most %(max)d kB.") % {"max": LARGEST // 1000}]})
    data = bytes(upload.read())
    kind = LOGOS.get(type_of(data[:HEAD]), "")
    try:
        if not kind:
            raise ValueError
        typesetting.pdf("picture.typ", {"picture": f"logo.{kind}"}, {f"logo.{kind}": data})
    except ValueError as error:
        raise Invalid({"logo": [_("Choose a picture in PNG or JPEG.")]}) from error
    return data, kind


class LetterheadForm(forms.Form):
    """What is printed."""

    name = forms.text(gettext_lazy("Name"), help=gettext_lazy("As it stands in the commercial register."))
    address = forms.long(gettext_lazy("Address"))
    contact = forms.long(gettext_lazy("Contact"), help=gettext_lazy("Telephone, e-mail, web."))
    bank = forms.long(gettext_lazy("Bank account"))
    tax_id = forms.text(gettext_lazy("Tax number"), required=False, most=60)
    footer = forms.long(gettext_lazy("Footer"), help=gettext_lazy("Terms, register, managing directors."))
    logo = django_forms.FileField(
        label=gettext_lazy("Logo"), required=False, help_text=gettext_lazy("PNG or JPEG, at most 500 kB.")
    )
    without_logo = forms.switch(gettext_lazy("Remove the logo"))


@require_http_methods(["GET", "POST"])
def letterhead(request: Request) -> HttpResponse:
    """The form of the letterhead."""
    now = read()
    form = LetterheadForm(request.POST or None, request.FILES or None, initial={n: getattr(now, n) for n in TEXTS})
    if form.carried_out(lambda logo, **values: keep(request.caller, upload=logo, **values)):
        toasts.tell(request, _("The letterhead is saved."))
        return onward("settings-letterhead")
    rows = [{**row, "widget": "file", "value": None} if row["name"] == "logo" else row for row in form.rows]
    title = _("Letterhead")
    context = {
        "form": form, "rows": rows, "title": title, "crumbs": [*crumbs(), {"label": title, "url": ""}],
        "has_logo": now.logo is not None,
    }  # fmt: skip
    return page(request, "commerce/letterhead.html", context, status=422 if form.is_bound else 200)


SETTING = Setting(
    name="letterhead", path="letterhead/", view=letterhead, label=gettext_lazy("Letterhead"), icon="file-text",
    group=gettext_lazy("Data"), order=26,
)  # fmt: skip
