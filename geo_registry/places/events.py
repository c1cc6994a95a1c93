"""What happens to names and extents, for who stands above: signs and tiles listen (`db/events.py`)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from geo_registry.places.standing import Standing


@dataclass(frozen=True, slots=True)
class NameTookEffect:
    """A place has a standard name by a decision from a day on; `before` is the one until then, None of a new place."""

    place: UUID
    name: str
    before: str | None
    on: date


@dataclass(frozen=True, slots=True)
class NameCorrected:
    """What is told of a name of a place was mended (更正): its spelling, meaning or period, or that it was told by mistake.

    `fields` are those of the record that are others now; its characters never are. Signs show the spelling.
    """

    place: UUID
    name: str
    fields: Sequence[str]


@dataclass(frozen=True, slots=True)
class NameAbolished:
    """A place and its name ended by a decision; what still stood there is to be withdrawn by whoever set it up."""

    place: UUID
    name: str
    on: date
    standing: Sequence[Standing] = ()


@dataclass(frozen=True, slots=True)
class ExtentChanged:
    """A place reaches otherwise since a day, which may not be known."""

    place: UUID
    since: date | None


@dataclass(frozen=True, slots=True)
class PlaceRegistered:
    """A place that exists was taken over into the registry, with its names; nothing was decided by that."""

    place: UUID
    name: str


@dataclass(frozen=True, slots=True)
class DetailsChanged:
    """Some details of a place (`details.py`) are others since a day: by a decision, or, without one, by a correction."""

    place: UUID
    fields: Sequence[str]
    since: date | None


@dataclass(frozen=True, slots=True)
class PlacesImported:
    """Places of a dataset came in, or others of their names and extents: one for the whole set, however many they are."""

    dataset: UUID
    created: int
    updated: int
