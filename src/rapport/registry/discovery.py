"""Domains need no wiring: `specs.SPECS` and `extensions.register` of each app without an `apps.py` are found."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig, apps
from django.utils.module_loading import module_has_submodule

from rapport.registry import catalog


def discover() -> None:
    """Register what every plain app declares. Call once, when all models are loaded."""
    for config in apps.get_app_configs():
        if type(config) is not AppConfig or config.module is None:
            continue
        if module_has_submodule(config.module, "extensions"):
            import_module(f"{config.name}.extensions").register()
        if module_has_submodule(config.module, "specs"):
            catalog.register(*import_module(f"{config.name}.specs").SPECS)
