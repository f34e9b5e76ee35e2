from __future__ import annotations

from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "rapport.ui"
    label = "rapport_ui"
