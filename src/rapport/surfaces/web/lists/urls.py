"""Addresses of lists."""

from __future__ import annotations

from django.urls import path

from rapport.surfaces.web.lists import bulk, exporting, filtering, moving, savedviews, views

urlpatterns = [
    path("<slug:plural>/", views.listing, name="list"),
    path("<slug:plural>/total/", views.total, name="total"),
    path("<slug:plural>/filter/", filtering.editor, name="filter"),
    path("<slug:plural>/bulk/", bulk.bulk, name="bulk"),
    path("<slug:plural>/bulk/field/", bulk.field, name="bulk_field"),
    path("<slug:plural>/bulk/<int:job_id>/", bulk.job, name="bulk_job"),
    path("<slug:plural>/undo/", bulk.undo, name="undo"),
    path("<slug:plural>/export/", exporting.export, name="export"),
    path("<slug:plural>/move/", moving.move, name="move"),
    path("<slug:plural>/views/", savedviews.create, name="view_create"),
    path("<slug:plural>/views/<int:view_id>/", savedviews.update, name="view_update"),
    path("<slug:plural>/views/<int:view_id>/save/", savedviews.save, name="view_save"),
    path("<slug:plural>/views/<int:view_id>/delete/", savedviews.delete, name="view_delete"),
    path("<slug:plural>/views/default/", savedviews.default, name="view_default"),
]
