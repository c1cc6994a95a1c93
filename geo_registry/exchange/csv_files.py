"""CSV files: the encoding is found by trying, the delimiter by the header, and a broken file before anything is written."""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path

from geo_registry.errors import EncodingMismatch, FileCutOff, FileEmpty, FileUnreadable, FileUnsupported, reasons
from geo_registry.exchange import encodings
from geo_registry.exchange.converters import EMPTY_WORDS, RawValue
from geo_registry.exchange.source import CHUNK_ROWS, Ragged, Scan, Shapes
from geo_registry.filters.expression import Value, ValueType
from geo_registry.geo.crs import Crs
from geo_registry.jobs.progress import Progress, unheard

DELIMITERS = (",", ";", "\t", "|")
MAX_FIELD_CHARS = 16 << 20
"""A field may hold a geometry as text; an unclosed quote would otherwise swallow the rest of a big file."""
SAMPLE_ROWS = 200
PROGRESS_ROWS = 20_000

BINARY_BEGINNINGS = {
    b"PK\x03\x04": "xlsx / zip",
    b"\xd0\xcf\x11\xe0": "xls",
    b"SQLite format 3": "gpkg / sqlite",
    b"%PDF": "pdf",
}
"""What is often handed in under the name of a CSV."""

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_LEADING_ZERO = re.compile(r"[+-]?0\d")


@dataclass(frozen=True, slots=True)
class CsvChunk:
    """Some rows of a CSV file."""

    numbers: Sequence[int]
    rows: Sequence[Sequence[str]]
    ragged: Sequence[Ragged]
    positions: Mapping[str, int]
    types: Mapping[str, ValueType | None]

    def column(self, name: str) -> Sequence[RawValue]:
        """A column's texts."""
        at = self.positions[name]
        return [row[at] for row in self.rows]

    def typed(self, name: str) -> Sequence[Value]:
        """A column's values in the type that all of them have."""
        at, kind = self.positions[name], self.types.get(name)
        return [typed(row[at], kind) for row in self.rows]

    def shapes(self) -> Shapes | None:
        """None: positions stand in columns."""
        return None


class CsvSource:
    """A CSV file with a header row.

    Raises
    ------
    FileUnreadable, FileUnsupported, FileEmpty
        It isn't there, is another kind of file, or has no rows.
    EncodingMismatch, FileCutOff
        It is in no known encoding, or breaks off in the middle of a character.
    """

    has_shapes = False
    columns_are_fields = False
    licence = ""
    crs: Crs | None = None

    def __init__(self, path: Path, *, encoding: str = "auto") -> None:
        self._path = path
        self.encoding = self._found_encoding(encoding)
        self._types: Mapping[str, ValueType | None] = {}
        header = self._header()
        self._delimiter = _delimiter(header)
        self.columns = self._names()
        self._positions = {name: at for at, name in enumerate(self.columns)}

    def _found_encoding(self, wanted: str) -> str:
        trial: encodings.Trial | None = None
        found: str | None = None
        try:
            with self._path.open("rb") as file:
                while block := file.read(encodings.BLOCK_BYTES):
                    if trial is None:
                        self._refuse_other_kinds(block)
                        found = encodings.by_mark(block) if wanted == "auto" else encodings.known(wanted)
                        trial = encodings.Trial([found] if found else encodings.CANDIDATES)
                    trial.feed(block)
        except OSError as error:
            raise FileUnreadable(path=self._path, **reasons(error)) from error
        if trial is None:
            raise FileEmpty(path=self._path)
        name, whole = trial.verdict(self._path)
        if not whole:
            raise FileCutOff(path=self._path, where="…", reason=f"{name}: half a character")
        return name

    def _refuse_other_kinds(self, beginning: bytes) -> None:
        for mark, kind in BINARY_BEGINNINGS.items():
            if beginning.startswith(mark):
                raise FileUnsupported(path=self._path, found=kind)

    def _open(self) -> io.TextIOWrapper:
        return self._path.open(encoding=self.encoding, newline="")

    def _header(self) -> str:
        with self._open() as file:
            for line in file:
                if line.strip():
                    return line
        raise FileEmpty(path=self._path)

    def _names(self) -> tuple[str, ...]:
        with self._open() as file:
            first = next(self._records(file), None)
        if first is None:
            raise FileEmpty(path=self._path)
        if any("\x00" in name for name in first[1]):
            # UTF-16 without a mark: every byte of it is UTF-8 as well.
            raise EncodingMismatch(path=self._path, tried=f"{self.encoding} (NUL)")
        names: list[str] = []
        for at, written in enumerate(first[1], start=1):
            name = written.strip() or f"_{at}"
            names.append(name if name not in names else f"{name}_{at}")
        return tuple(names)

    def _records(self, file: io.TextIOWrapper) -> Iterator[tuple[int, list[str]]]:
        """The header as row 0 and every row that holds something, with its number.

        Raises
        ------
        FileCutOff
            A quote is never closed.
        """
        csv.field_size_limit(MAX_FIELD_CHARS)
        number = -1
        records = csv.reader(file, delimiter=self._delimiter, strict=True)
        try:
            for record in records:
                # Spreadsheets write rows of nothing but delimiters below the last one.
                if any(record):
                    number += 1
                    yield number, record
        except csv.Error as error:
            raise FileCutOff(path=self._path, where=number + 1, reason=str(error)) from error

    def _rows(self, file: io.TextIOWrapper) -> Iterator[tuple[int, list[str]]]:
        return islice(self._records(file), 1, None)

    def sample(self) -> Mapping[str, Sequence[RawValue]]:
        """The first values of every column, of rows that fit the header."""
        width = len(self.columns)
        with self._open() as file:
            rows = [row for _, row in islice(self._rows(file), SAMPLE_ROWS) if len(row) == width]
        return {name: [row[at] for row in rows] for name, at in self._positions.items()}

    def scan(self, typed: Sequence[str], progress: Progress = unheard) -> Scan:
        """Read all rows once: count them, find the types of columns, and see that the last one is whole."""
        total = self._path.stat().st_size
        width, number = len(self.columns), 0
        last: list[str] = []
        typers = {name: _Typer() for name in typed}
        looks = [(self._positions[name], typer.look) for name, typer in typers.items()]
        with self._path.open("rb") as raw, io.TextIOWrapper(raw, encoding=self.encoding, newline="") as file:
            for number, row in self._rows(file):
                last = row
                if looks and len(row) == width:
                    for at, look in looks:
                        look(number, row[at])
                if number % PROGRESS_ROWS == 0:
                    progress("read", raw.tell(), total)
        if number == 0:
            raise FileEmpty(path=self._path)
        if len(last) < width:
            raise FileCutOff(path=self._path, where=number, reason=f"{len(last)} / {width}")
        progress("read", total, total)
        self._types = {name: typer.found() for name, typer in typers.items()}
        mixed = {name: typer.spoilt for name, typer in typers.items() if typer.spoilt}
        return Scan(rows=number, types=self._types, mixed=mixed)

    def chunks(self) -> Iterator[CsvChunk]:
        """All rows in chunks; those that don't fit the header stand apart."""
        width = len(self.columns)
        with self._open() as file:
            rows = self._rows(file)
            while block := list(islice(rows, CHUNK_ROWS)):
                fitting = [(number, row) for number, row in block if len(row) == width]
                yield CsvChunk(
                    numbers=[number for number, _ in fitting],
                    rows=[row for _, row in fitting],
                    ragged=[Ragged(number, tuple(row)) for number, row in block if len(row) != width],
                    positions=self._positions,
                    types=self._types,
                )


def _delimiter(header: str) -> str:
    """The delimiter that the header has most of, outside quotes; a comma where it has none."""
    bare = re.sub(r'"[^"]*"', "", header)
    return max(DELIMITERS, key=bare.count)


def typed(written: str, kind: ValueType | None) -> Value:
    """A text as a value of its column's type; None where it is empty."""
    said = written.strip()
    if kind is None or said.lower() in EMPTY_WORDS:
        return None
    if kind is ValueType.NUMBER:
        return float(said)
    if kind is ValueType.DATE:
        return date.fromisoformat(said)
    if kind is ValueType.BOOLEAN:
        return said.lower() == "true"
    return said


class _Typer:
    """Finds the type that all values of a column have; the narrower wins: number, date, boolean, text."""

    def __init__(self) -> None:
        self._number_rows = 0
        self._possible = {ValueType.NUMBER, ValueType.DATE, ValueType.BOOLEAN}
        self._seen = False
        self.spoilt: tuple[int, str] | None = None

    def look(self, row: int, written: str) -> None:
        """Take the next value into account."""
        said = written.strip()
        if said.lower() in EMPTY_WORDS:
            return
        self._seen = True
        if not self._possible:
            return
        if ValueType.NUMBER in self._possible:
            if _is_number(said):
                self._number_rows += 1
            else:
                self._possible.discard(ValueType.NUMBER)
                self.spoilt = (row, said) if self._number_rows else None
        if ValueType.DATE in self._possible and not _is_date(said):
            self._possible.discard(ValueType.DATE)
        if ValueType.BOOLEAN in self._possible and said.lower() not in {"true", "false"}:
            self._possible.discard(ValueType.BOOLEAN)

    def found(self) -> ValueType | None:
        """The type; None where no value was seen."""
        if not self._seen:
            return None
        for kind in (ValueType.NUMBER, ValueType.DATE, ValueType.BOOLEAN):
            if kind in self._possible:
                return kind
        return ValueType.TEXT


def _is_number(said: str) -> bool:
    try:
        float(said)
    except ValueError:
        return False
    return "_" not in said and not _LEADING_ZERO.match(said) and said.lower().strip("+-") not in {"inf", "infinity"}


def _is_date(said: str) -> bool:
    if _DATE.fullmatch(said) is None:
        return False
    try:
        date.fromisoformat(said)
    except ValueError:
        return False
    return True
