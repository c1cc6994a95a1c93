"""What a file is to an import: columns, rows in chunks, and what it says of itself."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from geo_registry.errors import FileUnreadable, reasons
from geo_registry.exchange.converters import RawValue
from geo_registry.filters.expression import Value, ValueType
from geo_registry.geo.crs import Crs
from geo_registry.jobs.progress import Progress

Shapes: TypeAlias = NDArray[np.object_]
"""Shapely geometries, None where a row has none."""

CHUNK_ROWS = 10_000
"""Rows that are held at once: enough to spread the cost of a batch, few enough to stay in a few megabytes."""


@dataclass(frozen=True, slots=True)
class Ragged:
    """A row whose number of fields is not the header's."""

    row: int
    fields: tuple[str, ...]


class Chunk(Protocol):
    """Some rows of a source, in its order."""

    @property
    def numbers(self) -> Sequence[int]:
        """The rows' numbers; they count from 1, ragged rows included."""

    @property
    def ragged(self) -> Sequence[Ragged]:
        """Rows that are not among the chunk's because their fields don't fit the header."""

    def column(self, name: str) -> Sequence[RawValue]:
        """A column's values, one a row."""

    def typed(self, name: str) -> Sequence[Value]:
        """A column's values in the type that `Source.scan` found; None where they are empty."""

    def shapes(self) -> Shapes | None:
        """The rows' geometries in the source's CRS; None where the source has none."""


@dataclass(frozen=True, slots=True)
class Scan:
    """What a first look at all rows told."""

    rows: int | None
    """How many there are; None where only reading tells."""
    types: Mapping[str, ValueType | None] = field(default_factory=dict)
    """The types of the columns that were asked for; None where all values are empty."""
    mixed: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    """Columns of numbers that some text spoils: its first row, and it."""


class Source(Protocol):
    """A file that rows can be imported from."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of its columns, in order."""

    @property
    def crs(self) -> Crs | None:
        """The CRS that it declares; None where it declares none."""

    @property
    def encoding(self) -> str:
        """How its texts are encoded."""

    @property
    def columns_are_fields(self) -> bool:
        """Whether its columns are the registry's own fields, in their final form."""

    @property
    def licence(self) -> str:
        """Whom its kind of file always credits; empty where that is for the person who imports to say."""

    @property
    def has_shapes(self) -> bool:
        """Whether rows come with geometries."""

    def sample(self) -> Mapping[str, Sequence[RawValue]]:
        """The first values of every column."""

    def scan(self, typed: Sequence[str], progress: Progress) -> Scan:
        """Look at all rows before any is written: is the file whole, how many are there, of what type are columns.

        Raises
        ------
        FileCutOff, FileEmpty
            The file is broken off, or has no rows.
        """

    def chunks(self) -> Iterator[Chunk]:
        """All rows, from the first; may be called again."""


def see_that_it_is_there(path: Path) -> None:
    """See that there is something at a path.

    Raises
    ------
    FileUnreadable
        There isn't, or the system doesn't let us look.
    """
    try:
        path.stat()
    except OSError as error:
        raise FileUnreadable(path=path, **reasons(error)) from error


def as_value(value: RawValue) -> Value:
    """A typed value as a condition takes it: empty texts and not-a-numbers are empty."""
    if isinstance(value, str):
        return value or None
    if isinstance(value, float) and np.isnan(value):
        return None
    if isinstance(value, datetime | date):
        return value
    return value
