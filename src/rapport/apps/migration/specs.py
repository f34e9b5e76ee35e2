"""The domain declares no objects of its own: it makes those of the others, by their keys."""

from __future__ import annotations

SPECS = ()
