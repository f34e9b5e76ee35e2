"""How far somebody is in the tour: kept with the user, so that it goes on in another browser too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rapport.records.accounts import preferences
from rapport.records.accounts.caller import Caller
from rapport.records.errors import RecordsError
from rapport.registry import extensions
from rapport.registry.extensions import TourStop

PREFERENCE = "tour"


@dataclass(frozen=True, slots=True)
class Station:
    """A stop of the tour with something to show to the caller, at `path`."""

    stop: TourStop
    path: str


@dataclass(frozen=True, slots=True)
class Way:
    """The stations of a caller in order, the name of the one that they are at (empty before the start), those seen."""

    stations: tuple[Station, ...]
    at: str
    seen: frozenset[str]
    ended: bool

    @property
    def position(self) -> int:
        """The index of the station at hand; 0 also where that is gone."""
        return next((n for n, station in enumerate(self.stations) if station.stop.name == self.at), 0)

    @property
    def station(self) -> Station | None:
        """The station at hand, once the tour was begun."""
        return self.stations[self.position] if self.at and self.stations else None

    def named(self, name: str) -> Station | None:
        """The station of this name."""
        return next((station for station in self.stations if station.stop.name == name), None)


def _kept(caller: Caller) -> Mapping[str, Any]:
    kept = preferences.read(caller.user_id).get(PREFERENCE)
    return kept if isinstance(kept, Mapping) else {}


def ended(caller: Caller) -> bool:
    """Whether the caller has come to the end once."""
    return bool(_kept(caller).get("ended"))


def way(caller: Caller) -> Way:
    """The caller's way: stops with nothing to show are left out."""
    stations = []
    for stop in sorted(extensions.all_of(TourStop), key=lambda stop: stop.order):
        try:
            path = stop.where(caller)
        except RecordsError:
            path = None
        if path:
            stations.append(Station(stop, path))
    kept = _kept(caller)
    return Way(tuple(stations), str(kept.get("at") or ""), frozenset(kept.get("seen") or ()), bool(kept.get("ended")))


def reach(caller: Caller, way: Way, name: str) -> None:
    """Note that the caller is at a station."""
    _keep(caller, way, at=name, seen=sorted({*way.seen, name}))


def end(caller: Caller, way: Way) -> None:
    """Note that the caller came to the end."""
    _keep(caller, way, at="", ended=True)


def start(caller: Caller, way: Way) -> str:
    """Begin anew; the name of the first station, empty where there is none."""
    first = way.stations[0].stop.name if way.stations else ""
    _keep(caller, way, at=first, seen=[first] if first else [])
    return first


def _keep(caller: Caller, way: Way, **changes: Any) -> None:
    value = {"at": way.at, "seen": sorted(way.seen), "ended": way.ended, **changes}
    preferences.put(caller.user_id, PREFERENCE, value)
