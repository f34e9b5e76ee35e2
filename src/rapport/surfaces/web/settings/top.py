"""Addresses beside the settings: trash and jobs, for everyone."""

from __future__ import annotations

from django.urls import path

from rapport.surfaces.web.settings import jobs, trash

urlpatterns = [
    path("trash/", trash.trash, name="trash"),
    path("trash/restore/", trash.restore, name="trash-restore"),
    path("trash/delete/", trash.delete, name="trash-delete"),
    path("trash/empty/", trash.empty, name="trash-empty"),
    path("jobs/", jobs.jobs, name="jobs"),
    path("jobs/<int:job_id>/retry/", jobs.retry, name="job-retry"),
    path("jobs/<int:job_id>/cancel/", jobs.cancel, name="job-cancel"),
]
