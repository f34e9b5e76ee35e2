"""When somebody is erased, so is their mail: what they wrote and what was written to them, with files and history."""

from __future__ import annotations

from django.db.models import Q

from rapport.apps.mailing.models import IncomingMail, OutgoingMail
from rapport.lib.sql import Sql
from rapport.records import db, write
from rapport.records.accounts import caller as callers
from rapport.registry.catalog import RegisteredObject
from rapport.registry.extensions import PersonalData


def erase(obj: RegisteredObject, ids: list[int]) -> None:
    """Erase mail from and to people, live or in the trash, and the interactions that it became."""
    system = callers.system("erase")
    for part in db.chunks(ids):
        text = f"SELECT value FROM customers_identity WHERE kind = 'email' AND person_id IN ({db.marks(part)})"
        addresses = [value for (value,) in db.rows(Sql(text, tuple(part)))]
        theirs = Q(person_id__in=part) | Q(person=None, sender__in=addresses)
        came = list(IncomingMail.objects.filter(theirs).values_list("pk", "interaction_id"))
        for key, found in (
            ("interaction", [interaction for _mail, interaction in came if interaction]),
            ("incoming_mail", [mail for mail, _interaction in came]),
            ("outgoing_mail", list(OutgoingMail.objects.filter(person_id__in=part).values_list("pk", flat=True))),
        ):
            if found:
                write.erase(system, key, found)


PERSONAL = PersonalData(name="mailing", objects=("person",), erase=erase)
