"""The domain declares no objects of its own: meetings are interactions."""

from __future__ import annotations

SPECS = ()
