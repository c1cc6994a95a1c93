"""The signs that are planned for a place, as what still stands there when it is to end (`places/standing.py`)."""

from collections.abc import Collection, Iterator
from uuid import UUID

from geo_registry.db.session import ReadSession
from geo_registry.places.standing import Standing, tell_of


def install() -> None:
    """Have planned signs told of whoever ends a place in this process; at the wiring, once."""
    tell_of(planned_signs)


def planned_signs(session: ReadSession, places: Collection[UUID]) -> Iterator[Standing]:
    """The signs that are planned for each of some places."""
    from geo_registry.unnamed.signing import signs_at  # noqa: PLC0415 - commands that end no place needn't load it

    for place, signs in signs_at(session, places).items():
        yield Standing(place, "拟设地名标志", "signs planned", tuple((each.spot.lon, each.spot.lat) for each in signs))
