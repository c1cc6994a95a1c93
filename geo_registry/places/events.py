"""What happens to names and extents, for who stands above: signs and tiles listen (`db/events.py`)."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID


@dataclass(frozen=True, slots=True)
class NameTookEffect:
    """A place has a standard name by a decision from a day on; `before` is the one until then, None of a new place."""

    place: UUID
    name: str
    before: str | None
    on: date


@dataclass(frozen=True, slots=True)
class NameAbolished:
    """A place and its name ended by a decision."""

    place: UUID
    name: str
    on: date


@dataclass(frozen=True, slots=True)
class ExtentChanged:
    """A place reaches otherwise since a day, which may not be known."""

    place: UUID
    since: date | None
