"""Registers the feature."""

from django.apps import AppConfig


class FilesConfig(AppConfig):
    """Files on any record: stored once, rights of the record they belong to."""

    name = "rapport.features.files"
    label = "files"
