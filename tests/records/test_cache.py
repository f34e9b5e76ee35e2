"""The shared cache: what is over is forgotten daily."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import pytest
import time_machine
from django.core.cache import caches
from django.utils import timezone

from rapport.records.cache import CacheEntry
from rapport.records.jobs.housekeeping import keep_house

pytestmark = pytest.mark.django_db


def test_instances_share_what_is_kept_until_it_is_over() -> None:
    one, other = caches.create_connection("default"), caches.create_connection("default")
    one.set("short", 3, 60)
    one.set("long", 4, 24 * 3600)
    assert (other.get("short"), other.add("long", 5)) == (3, False)
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=2), tick=False):
        keep_house(SimpleNamespace(progress=lambda done: None))
    assert [e.cache_key for e in CacheEntry.objects.all()] == [":1:long"]
