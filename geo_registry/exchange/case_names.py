"""The names of a case out of one table or layer: fifteen roads of a notice, or fifteen hundred of a county.

What a row says becomes a line of the case (`cases.inputs.NewLine`); what is wrong with one is told row by row, as imports tell
it. A file with a row that can't be taken makes no case, unless whoever brings it says that such rows are left out.
"""

import json
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import shapely
from pydantic import ValidationError

from geo_registry.accounts.actors import Actor
from geo_registry.accounts.policy import Verb
from geo_registry.cases import queries as case_queries
from geo_registry.cases import service as cases
from geo_registry.cases.announced import ACTION_OF
from geo_registry.cases.inputs import MOST_NAMES, NewCase, NewLine
from geo_registry.cases.queries import CaseRow
from geo_registry.cases.service import CaseTold
from geo_registry.cases.writing import KEEPS_ITS_NAME, refuse_elsewhere, spelt
from geo_registry.db.failures import failures_said
from geo_registry.db.revisions import Seen
from geo_registry.db.session import Database, ReadSession, WriteSession
from geo_registry.divisions import queries as division_queries
from geo_registry.divisions import service as divisions
from geo_registry.divisions.queries import DivisionRow
from geo_registry.divisions.rules import contains
from geo_registry.errors import (
    CaseElsewhere,
    CasePlacePending,
    CaseRowsRefused,
    CaseTableEmpty,
    CaseTooLarge,
    DivisionUnknown,
    FileBroken,
    FilterProperty,
    SentFileUnsupported,
    SpellingInvalid,
)
from geo_registry.exchange import mapping
from geo_registry.exchange.batch import Batch
from geo_registry.exchange.case_places import PlacesMeant, names_in_cells
from geo_registry.exchange.conditions import RowCondition
from geo_registry.exchange.converters import RawValue, text, texts, word_of
from geo_registry.exchange.fit import PositionCheck
from geo_registry.exchange.importing import ASSUMED_EPSG, public, ragged, refuse_classified
from geo_registry.exchange.inputs import ImportCommand
from geo_registry.exchange.mapping import ColumnMapping
from geo_registry.exchange.opening import WORKBOOK, open_source
from geo_registry.exchange.place_words import NOTHING, prose
from geo_registry.exchange.plan import CASE_NAMES, Plan, make_plan, place_detail
from geo_registry.exchange.problems import Problem, ProblemCode, Refused, Severity
from geo_registry.exchange.source import Chunk, Source
from geo_registry.exchange.subjects.place_rows import BUILT, in_words, name_in_cell
from geo_registry.exchange.subjects.place_shapes import place_shapes
from geo_registry.exchange.subjects.points import divisions_of, source_id
from geo_registry.exchange.subjects.subject import needs
from geo_registry.filters import expression
from geo_registry.geo import crs as systems
from geo_registry.geo.crs import Crs
from geo_registry.jobs.progress import Progress, unheard
from geo_registry.places.details import BY_KEY, breaches
from geo_registry.places.queries import PlaceRow
from geo_registry.settings import get_settings
from geo_registry.validation import finding
from geo_registry.vocabulary import DatasetKind, NameAction, PlaceClass

FITTING = ("Point", "LineString", "Polygon")
SENT = {".csv": b"", ".xlsx": b"PK\x03\x04", ".geojson": b"{", ".json": b"{"}
"""What may be sent in, by its ending, and how it begins; other formats may point to other files."""
MOST_UNPACKED = 200 << 20
"""Bytes that a workbook may be when it is unpacked."""
FIELD_OF: Mapping[str, str] = {"place_class": "class"}
PARTS = ("absorbs", "splits")
OTHER_NAME: Mapping[str, str] = {
    "zh": "调整、销名和列入不改名称：改名请写“更名”，并在现名一栏写现在的名称",
    "en": "it keeps its name: for another one write rename, with what it is called now in a column of its own",
}


@dataclass(frozen=True, slots=True)
class NamesCommand:
    """A file with the names of a case."""

    path: Path
    mapping: Path | None = None
    crs: str = "auto"
    """``auto``, ``epsg:N``, ``gcj02`` or ``bd09``."""
    encoding: str = "auto"
    layer: str | None = None
    """Of a workbook the sheet."""
    skip: bool = False
    """Leave out the rows that can't be taken, instead of taking none."""


@dataclass(frozen=True, slots=True)
class NamesRead:
    """What a file says: a line for every row that can be taken, and what is wrong with the others."""

    lines: Sequence[NewLine]
    rows: Sequence[int]
    """The row of each line; rows count from 1, behind the header."""
    problems: Sequence[Problem]
    read: int
    crs: str
    encoding: str
    mapping: Mapping[str, str]
    proposed: Sequence[str]
    ignored: Sequence[str]
    skip: bool = False

    @property
    def refused(self) -> int:
        """Rows that can't be taken."""
        return len({each.row for each in self.problems if each.code.severity is Severity.REFUSED})

    @property
    def taken(self) -> bool:
        """Whether its lines may go into a case: there are some, and no row is refused that mustn't be left out."""
        return bool(self.lines) and (self.skip or self.refused == 0)

    def as_json(self, locale: str | None = None) -> dict[str, object]:
        """As it is printed; messages in `locale`, by default that of the settings."""
        said_in = locale or get_settings().locale
        return {
            "read": self.read,
            "names": len(self.lines) if self.taken else 0,
            "refused": self.refused,
            "crs": self.crs,
            "encoding": self.encoding,
            "mapping": dict(self.mapping),
            "proposed": list(self.proposed),
            "ignored": list(self.ignored),
            "problems": [
                {
                    "row": each.row,
                    "column": each.column,
                    "value": each.value,
                    "code": each.name,
                    "severity": each.code.severity.value,
                    "message": each.message(said_in),
                }
                for each in self.problems
            ],
        }


@dataclass(frozen=True, slots=True)
class NamesTaken:
    """What became of a file: the case that its names are in, or none."""

    case: CaseTold | None
    read: NamesRead

    def required(self) -> CaseTold:
        """The case.

        Raises
        ------
        CaseRowsRefused, CaseTableEmpty
            There is none, for its rows or for want of any.
        """
        if self.case is not None:
            return self.case
        if not self.read.refused:
            raise CaseTableEmpty
        raise CaseRowsRefused(read=self.read.read, refused=self.read.refused, rows=self.read.problems)


def open_case(
    database: Database, command: NamesCommand, new: NewCase, *, actor: Actor, synthetic: bool, progress: Progress
) -> NamesTaken:
    """Open a case with the names of a file; see `service.open_case_from_file`."""
    with database.read() as session:
        division = divisions.get_division(session, new.division)
        read = read_names(session, command, division, ACTION_OF[new.kind], progress=progress)
    if not read.taken:
        return NamesTaken(None, read)
    progress("write", 0, len(read.lines))
    why = f"{new.title}: {command.path.name}"
    with database.write(actor=actor, why=why, verb=Verb.OPEN_CASE.value) as session:
        told = _opened(session, new, read, actor=actor, synthetic=synthetic)
    progress("write", len(read.lines), len(read.lines))
    return NamesTaken(told, read)


def _opened(session: WriteSession, new: NewCase, read: NamesRead, *, actor: Actor, synthetic: bool = False) -> CaseTold:
    lines = [*new.names, *read.lines]
    # What one request may hold is no bound of a case.
    whole = new.model_copy(update={"names": tuple(lines)})
    return cases.open_case(session, whole, actor=actor, synthetic=synthetic)


def open_case_sent(
    session: WriteSession, new: NewCase, content: bytes, file_name: str, *, actor: Actor, crs: str, skip: bool
) -> NamesTaken:
    """Open a case with the names of a file that was sent in; see `service.open_case_from_sent`."""
    division = divisions.get_division(session, new.division)
    with tempfile.TemporaryDirectory() as folder:
        command = NamesCommand(path=_kept(content, file_name, Path(folder)), crs=crs, skip=skip)
        read = read_names(session, command, division, ACTION_OF[new.kind])
    if not read.taken:
        return NamesTaken(None, read)
    return NamesTaken(_opened(session, new, read, actor=actor), read)


def add_names(
    session: WriteSession,
    case: CaseRow,
    content: bytes,
    file_name: str,
    *,
    seen: Seen | None,
    actor: Actor,
    crs: str,
    skip: bool,
    why: str = "",
) -> NamesTaken:
    """Add the names of a file that was sent in to a case; see `service.add_names_from_file`."""
    division = divisions.get_division(session, case.division_code)
    with tempfile.TemporaryDirectory() as folder:
        path = _kept(content, file_name, Path(folder))
        command = NamesCommand(path=path, crs=crs, skip=skip)
        read = read_names(session, command, division, ACTION_OF[case.kind], besides=case.id)
    if not read.taken:
        return NamesTaken(None, read)
    return NamesTaken(cases.add_names(session, case.id, read.lines, seen=seen, actor=actor, why=why), read)


def read_names(
    session: ReadSession,
    command: NamesCommand,
    division: DivisionRow,
    action: NameAction = NameAction.NAME,
    *,
    besides: UUID | None = None,
    progress: Progress = unheard,
) -> NamesRead:
    """The names of a case as a file has them.

    Parameters
    ----------
    session
        Where places and divisions are looked up.
    command
        The file, and how it is read.
    division
        The case's: places are meant that lie in it.
    action
        What is done to a name where its row doesn't say.
    besides
        The case, where it is there already: places may wait for it.
    progress
        Called with the steps ``read`` and ``check``.

    Raises
    ------
    BadInput, BadQuery
        The file is refused as a whole.
    CaseTooLarge
        It holds more names than a case does.
    """
    with failures_said():
        return _Reading(session, command, division, action, besides).read(progress)


def _kept(content: bytes, file_name: str, folder: Path) -> Path:
    """A file that was sent in, under a name of ours.

    Raises
    ------
    SentFileUnsupported, FileBroken
        It is none of what may be sent in, or unpacks to too much.
    """
    ending = Path(file_name).suffix.lower()
    beginning = SENT.get(ending)
    if beginning is None or not content.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(beginning):
        raise SentFileUnsupported(name=Path(file_name).name)
    path = folder / f"names{ending}"
    path.write_bytes(content)
    if ending == WORKBOOK:
        try:
            with zipfile.ZipFile(path) as packed:
                unpacked = sum(each.file_size for each in packed.infolist())
        except zipfile.BadZipFile as error:
            raise FileBroken(path=Path(file_name).name, reason=str(error)) from error
        if unpacked > MOST_UNPACKED:
            raise FileBroken(path=Path(file_name).name, reason=f"{unpacked >> 20} MB > {MOST_UNPACKED >> 20} MB")
    return path


@dataclass(frozen=True, slots=True)
class _Columns:
    """What the rows of a batch say, one value a row."""

    names: Sequence[str | None]
    actions: Sequence[NameAction | None]
    places: Sequence[str | None]
    parts: Mapping[str, Sequence[list[str] | None]]
    classes: Sequence[PlaceClass | None]
    divisions: Sequence[str | None]
    spellings: Sequence[str | None]
    meanings: Sequence[str | None]
    origins: Sequence[str | None]
    in_words: Sequence[Sequence[str]]
    details: Mapping[str, Sequence[object | None]]
    shapes: Sequence[dict[str, Any] | None]

    def origin(self, at: int) -> str:
        """Where a name comes from, with what dates say in words."""
        return "\n".join(filter(None, (self.origins[at], *self.in_words[at])))


class _Reading:
    """One file that is read."""

    def __init__(
        self,
        session: ReadSession,
        command: NamesCommand,
        division: DivisionRow,
        action: NameAction,
        besides: UUID | None,
    ) -> None:
        self._session = session
        self._command = command
        self._division = division
        self._action = action
        self._besides = besides
        self._fit = PositionCheck()
        self._lines: list[tuple[int, NewLine]] = []
        self._problems: list[Problem] = []
        self._first: dict[UUID, int] = {}
        """By place the row that decides on it."""

    def read(self, progress: Progress) -> NamesRead:
        command = self._command
        told = mapping.load(command.mapping) if command.mapping else ColumnMapping()
        given = systems.parse(command.crs)
        source = open_source(
            ImportCommand(
                kind=DatasetKind.PLACES,
                path=command.path,
                crs=command.crs,
                encoding=command.encoding,
                layer=command.layer,
            ),
            FITTING,
            workbooks=True,
        )
        plan = make_plan(CASE_NAMES, told, source, {})
        _says_enough(plan, source)
        crs = given or source.crs or systems.epsg(ASSUMED_EPSG)
        condition = _condition(told, source, progress)
        rows = 0
        for chunk in source.chunks():
            rows += self._take(chunk, plan, crs, condition)
            self._problems += ragged(chunk, len(source.columns))
            if len(self._lines) > MOST_NAMES:
                raise CaseTooLarge(most=MOST_NAMES)
            progress("check", rows)
        return NamesRead(
            lines=[line for _, line in self._lines],
            rows=[number for number, _ in self._lines],
            problems=sorted(self._problems, key=lambda each: each.row),
            read=rows,
            crs=crs.name,
            encoding=source.encoding,
            mapping=plan.columns,
            proposed=sorted(plan.proposed),
            ignored=plan.ignored(source.columns, condition.columns if condition is not None else ()),
            skip=command.skip,
        )

    def _take(self, chunk: Chunk, plan: Plan, crs: Crs, condition: RowCondition | None) -> int:
        kept = condition.keep(chunk) if condition is not None else [True] * len(chunk.numbers)
        # A sheet's rows go on below its last name.
        filled = _filled(chunk, plan)
        batch = Batch(chunk, plan, [one and two for one, two in zip(kept, filled, strict=True)])
        refuse_classified(batch)
        said = self._columns(batch, plan, crs)
        meant = PlacesMeant(
            self._session,
            self._division,
            names_in_cells([*said.places, *said.names, *(cell for cells in said.parts.values() for cell in cells)]),
        )
        drafts = [self._draft(batch, plan, said, meant, at) for at in range(len(batch))]
        self._refuse_pending(batch, drafts)
        for at, line in enumerate(drafts):
            if line is not None and at not in batch.refused:
                self._lines.append((batch.numbers[at], line))
        self._problems += public(batch)
        return len(batch) + len(chunk.ragged)

    def _columns(self, batch: Batch, plan: Plan, crs: Crs) -> _Columns:
        shapes = place_shapes(batch, plan, crs, self._fit).written
        return _Columns(
            names=batch.get("name", name_in_cell),
            actions=batch.get("action", word_of(NameAction)),
            places=batch.get("place", _reference),
            parts={field: batch.get(field, _references) for field in PARTS},
            classes=batch.get("class", word_of(PlaceClass)),
            divisions=self._divisions(batch),
            spellings=batch.get("romanized", text),
            meanings=batch.get("meaning", prose),
            origins=batch.get("origin", prose),
            in_words=in_words(batch, {}) if any(map(batch.has, BUILT)) else [()] * len(batch),
            details={key: batch.get(key, place_detail(field)) for key, field in BY_KEY.items() if batch.has(key)},
            shapes=[_geojson(written) for written in shapes],
        )

    def _divisions(self, batch: Batch) -> Sequence[str | None]:
        """The codes of the divisions that rows name, by code or by name; what isn't registered here refuses its row."""
        codes, names = divisions_of(batch)
        known = division_queries.names_of(self._session, {code for code in codes if code is not None})
        called: dict[str, list[DivisionRow]] = {}
        for each_name in {name for name in names if name is not None}:
            found = division_queries.rows_called(self._session, each_name)
            called[each_name] = [each for each in found if contains(self._division.code, each.code)] or list(found)
        settled: list[str | None] = []
        for at, (code, name) in enumerate(zip(codes, names, strict=True)):
            rows = called.get(name or "", [])
            if code is not None and code not in known:
                batch.tell(at, "division", code, ProblemCode.DIVISION_UNKNOWN)
            if name is not None and not rows:
                batch.tell(at, "division", name, ProblemCode.DIVISION_UNKNOWN)
            if len(rows) > 1:
                candidates = ", ".join(each.code for each in rows)
                batch.tell(at, "division", name, ProblemCode.DIVISION_AMBIGUOUS, {"candidates": candidates})
            settled.append(code or (rows[0].code if len(rows) == 1 else None))
        return settled

    def _draft(self, batch: Batch, plan: Plan, said: _Columns, meant: PlacesMeant, at: int) -> NewLine | None:
        """The line that a row is; None where it can't be one."""
        name = said.names[at]
        action = said.actions[at] or self._otherwise(name, said.places[at])
        place = self._place(batch, said, meant, action, at)
        if place is None and (action is not NameAction.NAME or said.places[at] is not None):
            return None
        place_class = PlaceClass.of(place.place_class) if place is not None else said.classes[at]
        if place is None:
            for field, value in (("name", name), ("class", place_class)):
                if value is None and at not in batch.refused:
                    batch.tell(at, field, None, ProblemCode.REQUIRED)
        values = {
            "action": action,
            "place": place.id if place is not None else None,
            "name": name if action not in KEEPS_ITS_NAME else None,
            "class": place_class if place is None else None,
            "romanized": said.spellings[at],
            "meaning": said.meanings[at] or "",
            "origin": said.origin(at),
            "division": said.divisions[at],
            "geometry": said.shapes[at] if action is not NameAction.ABOLISH else None,
            "detail": _detail(batch, plan, said, place_class, at),
            **{field: _parts(batch, said, meant, field, at, place_class=place_class) for field in PARTS},
        }
        if at in batch.refused:
            return None
        return self._sound(batch, at, values, called=name or (place.name if place else ""), place_class=place_class)

    def _place(self, batch: Batch, said: _Columns, meant: PlacesMeant, action: NameAction, at: int) -> PlaceRow | None:
        """The place that a row is about; None where it is about a new one, or, told, where it can't be known."""
        name, column = said.names[at], "place"
        reference: str | None = said.places[at]
        if reference is None and action in KEEPS_ITS_NAME:
            # What is abolished or adjusted is what is called so now: nothing else can be meant.
            reference, column = name, "name"
        if reference is None:
            if action is not NameAction.NAME:
                batch.tell(at, "place", None, ProblemCode.REQUIRED)
            return None
        try:
            place = meant.one(reference, said.classes[at])
        except Refused as refusal:
            batch.tell(at, column, reference, refusal.code, refusal.details)
            return None
        first = self._first.setdefault(place.id, batch.numbers[at])
        if first != batch.numbers[at]:
            batch.tell(at, column, reference, ProblemCode.PLACE_TWICE, {"first": str(first)})
        if action in KEEPS_ITS_NAME and name not in {None, place.name, reference}:
            batch.tell(at, "name", name, ProblemCode.RULE, OTHER_NAME)
        return place

    def _otherwise(self, name: str | None, reference: str | None) -> NameAction:
        """What is done to a name where its row doesn't say: what the case does; what is there already isn't named anew."""
        if self._action is not NameAction.NAME or reference is None:
            return self._action
        return NameAction.RENAME if name is not None and name != reference else NameAction.ADJUST

    def _sound(
        self, batch: Batch, at: int, values: Mapping[str, Any], *, called: str, place_class: PlaceClass | None
    ) -> NewLine | None:
        """The line, if it holds together and its name is spelt as it can be; else None, told."""
        try:
            line = NewLine.model_validate(values)
            if place_class is not None:
                spelt(called, place_class, line.romanized)
            if line.division is not None:
                refuse_elsewhere(called, line.division, self._division)
        except ValidationError as error:
            for one in map(finding, error.errors()):
                field = FIELD_OF.get(one.field, one.field.partition(".")[0])
                batch.tell(at, field, None, ProblemCode.RULE, {"zh": one.zh, "en": one.en})
        except SpellingInvalid as error:
            batch.tell(at, "romanized", values["romanized"], ProblemCode.RULE, _said(error))
        except (CaseElsewhere, DivisionUnknown) as error:
            batch.tell(at, "division", values["division"], ProblemCode.RULE, _said(error))
        else:
            return line
        return None

    def _refuse_pending(self, batch: Batch, drafts: Sequence[NewLine | None]) -> None:
        """Refuse rows about places that wait for another case."""
        touched = {
            at: [*([line.place] if line.place is not None else []), *line.absorbs, *line.splits]
            for at, line in enumerate(drafts)
            if line is not None
        }
        pending = case_queries.pending_of(
            self._session, {each for those in touched.values() for each in those}, self._besides
        )
        if not pending:
            return
        names = case_queries.names_of_places(self._session, pending)
        for at, those in touched.items():
            for each in those:
                if each in pending:
                    error = CasePlacePending(name=names[each], number=pending[each])
                    batch.tell(at, "place", names[each], ProblemCode.RULE, _said(error))


def _says_enough(plan: Plan, source: Source) -> None:
    """See that there is a column of names, or of places; and that new ones have a class."""
    filled = {*plan.columns, *plan.constants}
    if "place" not in filled:
        needs(plan, source.columns, "name")


def _condition(told: ColumnMapping, source: Source, progress: Progress) -> RowCondition | None:
    syntax = expression.parse(told.where) if told.where else None
    for name in syntax.properties if syntax is not None else ():
        if name not in source.columns:
            raise FilterProperty(name=name, known=", ".join(source.columns))
    scan = source.scan(syntax.properties if syntax is not None else (), progress)
    return RowCondition(syntax, scan) if syntax is not None else None


def _filled(chunk: Chunk, plan: Plan) -> list[bool]:
    """Which rows say anything in a column that fills a field."""
    columns = [chunk.column(column) for column in dict.fromkeys(plan.columns.values())]
    return [any(value is not None and str(value).strip() for value in row) for row in zip(*columns, strict=True)]


def _detail(
    batch: Batch, plan: Plan, said: _Columns, place_class: PlaceClass | None, at: int
) -> dict[str, str | float | int]:
    """What a row says of its size and dates; a column that was only proposed counts for the classes that have it."""
    detail: dict[str, str | float | int] = {}
    for key, values in said.details.items():
        field, value = BY_KEY[key], values[at]
        fits = not field.classes or place_class in field.classes
        if value is not None and (fits or key not in plan.proposed):
            detail[key] = value if isinstance(value, float) else str(value)
    for breach in breaches(place_class, detail) if place_class is not None else ():
        batch.tell(at, breach.field, None, ProblemCode.RULE, {"zh": breach.zh, "en": breach.en})
    return detail


def _parts(
    batch: Batch, said: _Columns, meant: PlacesMeant, field: str, at: int, *, place_class: PlaceClass | None
) -> tuple[UUID, ...]:
    """The places that a row's name takes in."""
    found: dict[UUID, None] = {}
    for each in said.parts[field][at] or ():
        try:
            found[meant.one(each, place_class).id] = None
        except Refused as refusal:
            batch.tell(at, field, each, refusal.code, refusal.details)
    return tuple(found)


def _said(error: SpellingInvalid | CaseElsewhere | CasePlacePending | DivisionUnknown) -> Mapping[str, str]:
    return {"zh": error.message("zh"), "en": error.message("en")}


def _reference(value: RawValue) -> str | None:
    """What says which place is meant; None where offices write that there is none."""
    said = source_id(value)
    return None if said is None or said.casefold() in NOTHING else said


def _references(value: RawValue) -> list[str] | None:
    said = _reference(value)
    return None if said is None else texts(said)


def _geojson(written: str | None) -> dict[str, Any] | None:
    if written is None:
        return None
    shape: dict[str, Any] = json.loads(shapely.to_geojson(shapely.from_wkb(bytes.fromhex(written))))
    return shape
