"""Addresses below `/settings/`: registered pages, and what belongs to the pages of this package."""

from __future__ import annotations

from django.urls import path

from rapport.registry import extensions
from rapport.registry.extensions import Setting
from rapport.surfaces.web.settings import fields, index, objects, roles, teams, users
from rapport.surfaces.web.settings.guard import mounted

urlpatterns = [
    path("", index.index, name="settings"),
    *(path(s.path, mounted(s), name=f"settings-{s.name}") for s in extensions.all_of(Setting)),
    path("users/invite/", users.invite, name="settings-invite"),
    path("users/invitations/<int:invitation_id>/withdraw/", users.withdraw, name="settings-invitation-withdraw"),
    path("users/<int:user_id>/", users.user, name="settings-user"),
    path("users/<int:user_id>/switch/", users.switch, name="settings-user-switch"),
    path("users/<int:user_id>/link/", users.make_link, name="settings-user-link"),
    path("teams/new/", teams.create, name="settings-team-new"),
    path("teams/<int:team_id>/", teams.team, name="settings-team"),
    path("teams/<int:team_id>/delete/", teams.delete, name="settings-team-delete"),
    path("roles/new/", roles.create, name="settings-role-new"),
    path("roles/<int:role_id>/", roles.role, name="settings-role"),
    path("roles/<int:role_id>/delete/", roles.delete, name="settings-role-delete"),
    path("roles/<int:role_id>/fields/<slug:key>/", roles.fields, name="settings-role-fields"),
    path("objects/new/", objects.create, name="settings-object-new"),
    path("objects/<slug:key>/", objects.one, name="settings-object"),
    path("objects/<slug:key>/edit/", objects.edit, name="settings-object-edit"),
    path("objects/<slug:key>/remove/", objects.remove, name="settings-object-remove"),
    path("objects/<slug:key>/restore/", objects.restore, name="settings-object-restore"),
    path("objects/<slug:key>/delete/", objects.delete, name="settings-object-delete"),
    path("objects/<slug:key>/fields/new/", fields.add, name="settings-field-new"),
    path("objects/<slug:key>/fields/order/", fields.reorder, name="settings-field-order"),
    path("objects/<slug:key>/fields/formula/", fields.try_formula, name="settings-formula"),
    path("fields/<int:field_id>/", fields.change, name="settings-field"),
    path("fields/<int:field_id>/remove/", fields.remove, name="settings-field-remove"),
    path("fields/<int:field_id>/restore/", fields.restore, name="settings-field-restore"),
    path("fields/<int:field_id>/delete/", fields.delete, name="settings-field-delete"),
]
