"""The pages that the settings have of their own, registered as those of others are."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from rapport.registry.extensions import Setting
from rapport.surfaces.web.settings import (
    applications,
    audit,
    currencies,
    doors,
    health,
    objects,
    organisation,
    roles,
    teams,
    users,
)

_PEOPLE, _DATA, _SYSTEM = _("People and rights"), _("Data"), _("System")

SETTINGS = (
    Setting(
        name="users", path="users/", view=users.users, label=_("Users"), icon="users", group=_PEOPLE, order=10
    ),
    Setting(name="teams", path="teams/", view=teams.teams, label=_("Teams"), icon="sitemap", group=_PEOPLE, order=11),
    Setting(
        name="roles", path="roles/", view=roles.roles, label=_("Roles"), icon="shield-lock", group=_PEOPLE, order=12
    ),
    Setting(
        name="objects", path="objects/", view=objects.objects, label=_("Objects and fields"), icon="database",
        group=_DATA, order=20,
    ),
    Setting(
        name="currencies", path="currencies/", view=currencies.currencies, label=_("Exchange rates"),
        icon="currency-euro", group=_DATA, order=28,
    ),
    Setting(
        name="duplicate-doors", path="duplicate-doors/", view=doors.doors, label=_("Duplicates at the doors"),
        icon="copy", group=_DATA, order=27,
    ),
    Setting(
        name="organisation", path="organisation/", view=organisation.organisation, label=_("Organisation"),
        icon="building", group=_SYSTEM, order=40,
    ),
    applications.SETTING,
    Setting(
        name="audit", path="audit/", view=audit.audit, label=_("Audit log"), icon="list-details", group=_SYSTEM,
        order=41,
    ),
    Setting(
        name="health", path="health/", view=health.health, label=_("Health"), icon="activity", group=_SYSTEM, order=42
    ),
)  # fmt: skip
