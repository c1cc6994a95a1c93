"""What still stands at a place: rooms above tell it, where a place is to end (`db/events.py` tells them that it has).

A source is told of at the wiring, once a process. Whoever ends a place asks first; what stood there goes with the event, so
that who set it up withdraws it.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from geo_registry.db.session import ReadSession


@dataclass(frozen=True, slots=True)
class Standing:
    """Things of one sort at a place: what they are in zh and en, and where each is, longitude and latitude in degrees."""

    place: UUID
    zh: str
    en: str
    positions: tuple[tuple[float, float], ...]


Source = Callable[[ReadSession, Collection[UUID]], Iterable[Standing]]

_SOURCES: list[Source] = []


def tell_of(source: Source) -> None:
    """Have a source asked; said twice, it is asked once."""
    if source not in _SOURCES:
        _SOURCES.append(source)


def standing_at(session: ReadSession, places: Collection[UUID]) -> Sequence[Standing]:
    """What still stands at some places, by all that know of something."""
    return [each for source in _SOURCES for each in source(session, places) if each.positions] if places else []
