"""Registers the feature."""

from django.apps import AppConfig


class TransferConfig(AppConfig):
    """Records in from files and out to files."""

    name = "rapport.features.transfer"
    label = "transfer"
