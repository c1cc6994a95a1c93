"""Place names that exist, taken over: places of every class with all their names, periods, meanings, sources and extents."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from sqlalchemy import Date, SmallInteger, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from geo_registry import clock
from geo_registry.db.copying import Value
from geo_registry.db.session import WriteSession
from geo_registry.errors import PositionsUnmapped
from geo_registry.exchange import placing, staging
from geo_registry.exchange.batch import Batch
from geo_registry.exchange.converters import RawValue, text, word_of
from geo_registry.exchange.fit import PositionCheck
from geo_registry.exchange.identity import BETWEEN, digest
from geo_registry.exchange.inputs import DatasetFacts
from geo_registry.exchange.mapping import Positions
from geo_registry.exchange.place_words import NamedFor, dated, language, name_text, names_in, national_code, prose
from geo_registry.exchange.plan import OTHER_NAMES, Plan, place_detail
from geo_registry.exchange.problems import ProblemCode
from geo_registry.exchange.source import Chunk
from geo_registry.exchange.subjects import place_checks
from geo_registry.exchange.subjects.place_names import (
    ToldName,
    in_cells,
    language_of,
    spelling_of,
    spelt,
    status_of,
)
from geo_registry.exchange.subjects.place_shapes import place_shapes
from geo_registry.exchange.subjects.place_writing import Writer
from geo_registry.exchange.subjects.points import division_column, divisions_of, qualities, source_id
from geo_registry.exchange.subjects.subject import Written, needs
from geo_registry.geo.crs import Crs
from geo_registry.jobs.progress import Progress
from geo_registry.places.details import BY_KEY, breaches
from geo_registry.places.periods import Dated
from geo_registry.vocabulary import DatasetKind, NameKind, PlaceClass, PlaceState, SpellingStatus

POSITIONED = ("geometry", "from_lon", "division")
"""Fields beside a layer and two columns that tell where a place is."""
DATES = ("named_on", "name_to", "begun_on", "ended_on")
PROSE = ("meaning", "origin")
NOT_GIVEN = frozenset({SpellingStatus.PROPOSED, SpellingStatus.REJECTED})
Told = TypeVar("Told")


@dataclass(frozen=True, slots=True)
class _Row:
    """What one row says, but for where it lies."""

    name: str
    kind: NameKind | None
    place_class: PlaceClass | None
    state: PlaceState | None
    begun_on: Dated | None
    ended_on: Dated | None
    told: ToldName

    @property
    def is_place(self) -> bool:
        """Whether it is the row of a place, with its standard name; else it tells of one more name of a place."""
        return self.told.present


class Places:
    """Place names on their way in: one row a place, with other names in cells of its own, or one row a name."""

    kind = DatasetKind.PLACES
    fitting = ("Point", "LineString", "Polygon")
    keys = ("source_id", "entry")
    copied = (
        "number",
        "source_id",
        "entry",
        "class",
        "name",
        "place_state",
        "national_code",
        "begun_on",
        "begun_precision",
        "ended_on",
        "source",
        "detail",
        "names",
        "division_code",
        "division_name",
        "position_quality",
        "geom",
    )

    def __init__(self) -> None:
        self.staged = staging.staged_table(
            "import_row",
            {
                "source_id": Text(),
                # Empty for the row of a place; else what tells one of its names from another.
                "entry": Text(),
                "class": Text(),
                "name": Text(),
                "place_state": Text(),
                "national_code": Text(),
                "begun_on": Date(),
                "begun_precision": Text(),
                "ended_on": Date(),
                "source": Text(),
                "detail": JSONB(),
                "names": JSONB(),
                **placing.COLUMNS,
                "placed_id": Uuid(),
                "place_id": Uuid(),
                "fate": SmallInteger(),
            },
        )
        self._fit = PositionCheck()
        self._today = clock.now().date()
        self._columns: Mapping[str, str] = {}

    def check(self, plan: Plan, columns: Sequence[str]) -> None:
        """Rows have a name; of a file of places also a class, and they are somewhere; those of one name say whose it is."""
        needs(plan, columns, "name")
        filled = {*plan.columns, *plan.constants}
        if "name_kind" in filled:
            needs(plan, columns, "source_id")
        else:
            needs(plan, columns, "class")
            if plan.positions is Positions.NONE and filled.isdisjoint(POSITIONED):
                raise PositionsUnmapped(known=", ".join(columns))
        self._columns = plan.columns

    def rows(self, batch: Batch, plan: Plan, crs: Crs) -> Sequence[Sequence[Value]]:
        """The batch's good rows as they are staged."""
        shapes = place_shapes(batch, plan, crs, self._fit)
        told = self._told(batch)
        details = _details(batch, plan, [row.place_class if row is not None else None for row in told])
        codes, division_names = divisions_of(batch)
        national = batch.get("national_code", national_code)
        ids = _ids(batch, national, shapes.written)
        quality = qualities(batch, shapes.approximate)
        return [
            (
                batch.numbers[at],
                ids[at],
                _entry(row),
                row.place_class.value if row.place_class is not None else None,
                row.name,
                row.state.value if row.state is not None else None,
                national[at],
                _iso(row.begun_on),
                row.begun_on.precision.value if row.begun_on is not None else "day",
                _iso(row.ended_on),
                row.told.source,
                json.dumps(details[at], ensure_ascii=False),
                json.dumps([each.as_json() for each in self._names(batch, at, row)], ensure_ascii=False),
                codes[at],
                division_names[at],
                quality[at],
                shapes.written[at] if row.is_place else None,
            )
            for at, row in enumerate(told)
            if row is not None and at not in batch.refused
        ]

    def _told(self, batch: Batch) -> Sequence[_Row | None]:
        """What the rows say; None for those that are refused."""
        names = batch.required("name", _name)
        kinds = batch.get("name_kind", word_of(NameKind))
        classes = batch.get("class", word_of(PlaceClass))
        statuses = batch.get("name_status", word_of(SpellingStatus))
        states = batch.get("state", word_of(PlaceState))
        days = {field: batch.get(field, dated) for field in DATES}
        texts = {field: batch.get(field, prose) for field in PROSE}
        spellings, sources = batch.get("romanized", text), batch.get("source", _line)
        languages = batch.get("language", language)
        self._cells = {kind: batch.get(field, names_in) for field, kind in OTHER_NAMES.items() if batch.has(field)}
        found: list[_Row | None] = []
        for at, name in enumerate(names):
            kind, place_class = kinds[at], classes[at]
            begun, ended, since = days["begun_on"][at], days["ended_on"][at], days["named_on"][at]
            until = days["name_to"][at]
            state = states[at]
            if state is None and ended is not None and ended.day <= self._today:
                state = PlaceState.ABOLISHED
            present = kind is None or (kind is NameKind.STANDARD and (until is None or state is PlaceState.ABOLISHED))
            if present and until is None:
                until = ended
            if present and place_class is None and at not in batch.refused:
                batch.tell(at, "class", None, ProblemCode.REQUIRED)
            _refuse_backwards(batch, at, "ended_on", begun, ended)
            _refuse_backwards(batch, at, "name_to", since, until)
            status = statuses[at]
            if status in NOT_GIVEN:
                batch.tell(at, "name_status", batch.raw("name_status")[at], ProblemCode.UNDECIDED)
            if name is None or at in batch.refused:
                found.append(None)
                continue
            own = kind or NameKind.STANDARD
            given = spellings[at]
            spelling = (
                spelt(name, place_class, given)
                if present and place_class
                else spelling_of(name, own, place_class, given)
            )
            if spelling.code is not None and present:
                batch.tell(at, "romanized" if given else "name", given or name, spelling.code, spelling.details)
            found.append(
                _Row(
                    name,
                    kind,
                    place_class,
                    state,
                    begun,
                    ended,
                    ToldName(
                        name,
                        own,
                        status_of(own, status, present=present),
                        language_of(own, languages[at]),
                        spelling,
                        texts["meaning"][at] or "",
                        texts["origin"][at] or "",
                        sources[at] or "",
                        since,
                        until,
                        present=present,
                    ),
                )
            )
        return found

    def _names(self, batch: Batch, at: int, row: _Row) -> Iterator[ToldName]:
        """The names that a row tells."""
        del batch
        yield row.told
        if row.is_place and row.place_class is not None:
            cells: dict[NameKind, Sequence[NamedFor]] = {kind: names[at] or () for kind, names in self._cells.items()}
            yield from in_cells(cells, row.name, row.place_class, row.told.source)

    def facts(self, told: DatasetFacts) -> DatasetFacts:
        """Nothing more is known of the dataset."""
        return told

    def settle(self, session: WriteSession, plan: Plan, dataset: UUID) -> Written:
        """Bring the staged rows into the registry.

        What a person corrected or decided on since stays, and an empty cell says nothing.
        """
        staged = self.staged
        content = [name for name in self.copied if name not in {"number", "position_quality"}]
        staging.collapse(session, staged, self.keys, content, warn=False)
        placing.name_divisions(session, staged, column=division_column(plan), lenient="division" in plan.proposed)
        return Writer(session, staged, plan, dataset).write()

    def afterwards(self, session: WriteSession, progress: Progress) -> None:
        """Check the names that were taken against all others and one another; nothing is refused by that."""
        place_checks.tell_findings(session, self._columns.get("name", "name"), progress)

    def beside(self, session: WriteSession, chunk: Chunk) -> None:
        """Nothing."""

    def counts(self) -> Mapping[str, int]:
        """Nothing."""
        return {}


def _name(value: RawValue) -> str | None:
    said = text(value)
    return None if said is None else name_text(said)


def _line(value: RawValue) -> str | None:
    """A text in one line."""
    said = prose(value)
    return None if said is None else " ".join(said.split())


def _refuse_backwards(batch: Batch, at: int, field: str, begun: Dated | None, ended: Dated | None) -> None:
    if begun is not None and ended is not None and ended.day <= begun.day:
        details = {"begun": str(begun), "ended": str(ended)}
        batch.tell(at, field, batch.raw(field)[at], ProblemCode.ENDS_BEFORE, details)


def _details(
    batch: Batch, plan: Plan, classes: Sequence[PlaceClass | None]
) -> Sequence[Mapping[str, str | float | int]]:
    """Each row's details, those that are filled; a column that was only proposed counts for the classes that have it."""
    details: list[dict[str, str | float | int]] = [{} for _ in range(len(batch))]
    for key, field in BY_KEY.items():
        if not batch.has(key):
            continue
        lenient = key in plan.proposed
        for detail, place_class, value in zip(details, classes, batch.get(key, place_detail(field)), strict=True):
            fits = not field.classes or place_class in field.classes
            if value is not None and place_class is not None and (fits or not lenient):
                detail[key] = value if isinstance(value, float) else str(value)
    for at, (detail, place_class) in enumerate(zip(details, classes, strict=True)):
        for breach in breaches(place_class, detail) if place_class is not None else ():
            batch.tell(at, breach.field, None, ProblemCode.RULE, {"zh": breach.zh, "en": breach.en})
    return details


def _ids(batch: Batch, national: Sequence[str | None], shapes: Sequence[str | None]) -> Sequence[str | None]:
    """The places' ids within the dataset: as mapped, else the national code, else a digest of what identifies a place."""
    if batch.has("source_id"):
        return batch.required("source_id", source_id)
    parts = zip(batch.raw("class"), batch.raw("name"), batch.raw("division"), shapes, strict=True)
    return [code or digest(each) for code, each in zip(national, parts, strict=True)]


def _entry(row: _Row) -> str:
    """What tells a name's row from the others of its place; empty for the place's own."""
    if row.is_place:
        return ""
    told = row.told
    return BETWEEN.join((told.kind.value, told.language, told.name, str(told.valid_from or "")))


def _iso(value: Dated | None) -> str | None:
    return None if value is None else value.day.isoformat()
