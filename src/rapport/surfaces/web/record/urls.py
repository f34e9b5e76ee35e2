"""Addresses of records: the same for every object."""

from __future__ import annotations

from django.urls import path

from rapport.surfaces.web.record import (
    acting,
    alike,
    composing,
    files,
    inline,
    merging,
    pages,
    past,
    sharing,
    stream,
    writing,
)

urlpatterns = [
    path("files/<int:record_id>/download/", files.download, name="download"),
    path("<slug:plural>/new/", writing.create, name="create"),
    path("<slug:plural>/merge/", merging.merge, name="merge"),
    path("<slug:plural>/alike/", alike.typed, name="alike"),
    path("<slug:plural>/quick/", writing.quick, name="quick"),
    path("<slug:plural>/<int:record_id>/", pages.record, name="record"),
    path("<slug:plural>/<int:record_id>/edit/", writing.edit, name="edit"),
    path("<slug:plural>/<int:record_id>/field/<slug:name>/", inline.inline, name="inline"),
    path("<slug:plural>/<int:record_id>/step/", acting.step, name="step"),
    path("<slug:plural>/<int:record_id>/act/<slug:action>/", acting.act, name="act"),
    path("<slug:plural>/<int:record_id>/delete/", acting.delete, name="delete"),
    path("<slug:plural>/<int:record_id>/restore/", acting.restore, name="restore"),
    path("<slug:plural>/<int:record_id>/history/", past.history, name="history"),
    path("<slug:plural>/<int:record_id>/history/<int:change_id>/revert/", past.revert, name="revert"),
    path("<slug:plural>/<int:record_id>/unmerge/<int:merge_id>/", merging.unmerge, name="unmerge"),
    path("<slug:plural>/<int:record_id>/files/", files.upload, name="upload"),
    path("<slug:plural>/<int:record_id>/alike/", alike.hint, name="alike-hint"),
    path("<slug:plural>/<int:record_id>/merge-with/", alike.merge_with, name="merge-with"),
    path("<slug:plural>/<int:record_id>/share/", sharing.share, name="share"),
    path("<slug:plural>/<int:record_id>/timeline/", stream.timeline, name="timeline"),
    path("<slug:plural>/<int:record_id>/compose/<slug:name>/", composing.compose, name="compose"),
]
