"""Addresses below `/settings/`: registered pages, and what belongs to the pages of this package."""

from __future__ import annotations

from django.urls import path

from rapport.registry import extensions
from rapport.registry.extensions import Setting
from rapport.surfaces.web.settings import (
    access,
    agents,
    applications,
    archive,
    deliveries,
    fields,
    index,
    objects,
    roles,
    teams,
    tokens,
    users,
    webhooks,
)
from rapport.surfaces.web.settings.guard import administrators, mounted

urlpatterns = [
    path("", index.index, name="settings"),
    *(path(s.path, mounted(s), name=f"settings-{s.name}") for s in extensions.all_of(Setting)),
    path("tokens/new/", tokens.create, name="settings-token-new"),
    path("tokens/<int:token_id>/revoke/", tokens.revoke, name="settings-token-revoke"),
    path("access/<int:access_id>/withdraw/", access.withdraw, name="settings-access-withdraw"),
    path("applications/new/", administrators(applications.create), name="settings-application-new"),
    path("applications/<str:client_id>/", administrators(applications.edit), name="settings-application"),
    path(
        "applications/<str:client_id>/secret/", administrators(applications.rotate), name="settings-application-secret"
    ),
    path(
        "applications/<str:client_id>/remove/", administrators(applications.remove), name="settings-application-remove"
    ),
    path("webhooks/new/", webhooks.create, name="settings-webhook-new"),
    path("webhooks/<int:endpoint_id>/", deliveries.endpoint, name="settings-webhook"),
    path("webhooks/<int:endpoint_id>/edit/", webhooks.edit, name="settings-webhook-edit"),
    path("webhooks/<int:endpoint_id>/filter/<slug:key>/", webhooks.narrow, name="settings-webhook-filter"),
    path("webhooks/<int:endpoint_id>/secret/", webhooks.rotate, name="settings-webhook-rotate"),
    path("webhooks/<int:endpoint_id>/pause/", webhooks.pause, name="settings-webhook-pause"),
    path("webhooks/<int:endpoint_id>/resume/", webhooks.resume, name="settings-webhook-resume"),
    path("webhooks/<int:endpoint_id>/remove/", webhooks.remove, name="settings-webhook-remove"),
    path("webhooks/<int:endpoint_id>/test/", deliveries.test, name="settings-webhook-test"),
    path("webhooks/<int:endpoint_id>/replay/", deliveries.replay_failed, name="settings-webhook-replay-failed"),
    path(
        "webhooks/<int:endpoint_id>/deliveries/<slug:message>/", deliveries.delivery, name="settings-webhook-delivery"
    ),
    path(
        "webhooks/<int:endpoint_id>/deliveries/<slug:message>/replay/", deliveries.replay,
        name="settings-webhook-replay",
    ),
    path("archive/make/", archive.make, name="settings-archive-make"),
    path("archive/stop/", archive.stop, name="settings-archive-stop"),
    path("archive/<int:job_id>/download/", archive.download, name="settings-archive-download"),
    path("archive/<int:job_id>/remove/", archive.remove, name="settings-archive-remove"),
    path("agents/<int:work_id>/", agents.piece, name="settings-agent"),
    path("agents/<int:work_id>/revert/", agents.revert, name="settings-agent-revert"),
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
]  # fmt: skip
