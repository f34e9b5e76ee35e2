"""Addresses of imports."""

from __future__ import annotations

from django.urls import path

from rapport.surfaces.web.importing import preparing, results, running, uploading

urlpatterns = [
    path("imports/", running.past, name="imports"),
    path("imports/<int:run_id>/", running.show, name="import-run"),
    path("imports/<int:run_id>/rows/<slug:which>/", running.rows, name="import-rows"),
    path("imports/<int:run_id>/waiting/", results.waiting, name="import-waiting"),
    path("imports/<int:run_id>/records/<slug:which>/", results.records, name="import-records"),
    path("imports/new/<int:draft_id>/", preparing.draft, name="import-draft"),
    path("<slug:plural>/import/", uploading.upload, name="import"),
]
