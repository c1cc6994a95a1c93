"""What rows of place names say, but for where the places lie: a place with its names, or one more name of a place."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

from geo_registry.exchange.batch import Batch
from geo_registry.exchange.converters import RawValue, text, word_of
from geo_registry.exchange.identity import BETWEEN
from geo_registry.exchange.place_words import (
    NamedFor,
    TimeSaid,
    language,
    name_text,
    names_in,
    period_said,
    prose,
    time_said,
)
from geo_registry.exchange.plan import OTHER_NAMES, Plan, place_detail
from geo_registry.exchange.problems import ProblemCode, Refused
from geo_registry.exchange.subjects.place_names import ToldName, in_cells, language_of, spelling_of, status_of
from geo_registry.places.details import BY_KEY, DetailType, breaches
from geo_registry.places.periods import Dated
from geo_registry.vocabulary import NameKind, PlaceClass, PlaceState, SpellingStatus

NOT_GIVEN = frozenset({SpellingStatus.PROPOSED, SpellingStatus.REJECTED})
"""Of a name that was never given there is nothing to take over."""
TIMES = ("named_on", "name_to", "begun_on", "ended_on")
BUILT = tuple(key for key, field in BY_KEY.items() if field.type is DetailType.DATE)
"""Dates among the details."""


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """What one row says; `names` begins with its own, the standard one where it is the row of a place."""

    names: tuple[ToldName, ...]
    place_class: PlaceClass | None
    state: PlaceState | None
    begun_on: Dated | None
    ended_on: Dated | None

    @property
    def own(self) -> ToldName:
        """The name that the row is of."""
        return self.names[0]

    @property
    def is_place(self) -> bool:
        """Whether it is the row of a place; else it tells of one more name of one."""
        return self.own.present

    @property
    def entry(self) -> str:
        """What tells a name's row from the others of its place; empty for the place's own."""
        own = self.own
        return "" if own.present else BETWEEN.join((own.kind.value, own.language, own.name, str(own.valid_from or "")))


@dataclass(frozen=True, slots=True)
class _Columns:
    """The fields of a batch, one value a row."""

    names: Sequence[str | None]
    kinds: Sequence[NameKind | None]
    classes: Sequence[PlaceClass | None]
    statuses: Sequence[SpellingStatus | None]
    states: Sequence[PlaceState | None]
    languages: Sequence[str | None]
    spellings: Sequence[str | None]
    meanings: Sequence[str | None]
    origins: Sequence[str | None]
    histories: Sequence[str | None]
    sources: Sequence[str | None]
    times: Mapping[str, Sequence[TimeSaid | None]]
    cells: Mapping[NameKind, Sequence[tuple[NamedFor, ...] | None]]
    written: Sequence[Sequence[str]]
    """Times in the source's own words, each behind what its column is called."""

    def origin(self, at: int) -> str:
        """Where a name comes from and what became of it: cards tell them apart, a name has one text."""
        return "\n".join(filter(None, (self.origins[at], self.histories[at], *self.written[at])))

    def period(self, at: int, begun: str, ended: str) -> tuple[Dated | None, Dated | None]:
        """From when to when, as two fields of a row say it."""
        return period_said(self.times[begun][at], self.times[ended][at])


def read_rows(batch: Batch, *, today: date) -> Sequence[PlaceRow | None]:
    """What the batch's rows say; None for those that are refused."""
    columns = _columns(batch)
    return [_row(batch, columns, at, today) for at in range(len(batch))]


def details_of(batch: Batch, plan: Plan, rows: Sequence[PlaceRow | None]) -> Sequence[Mapping[str, str | float | int]]:
    """Each row's details, those that are filled; a column that was only proposed counts for the classes that have it."""
    classes = [row.place_class if row is not None else None for row in rows]
    details: list[dict[str, str | float | int]] = [{} for _ in rows]
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


def _columns(batch: Batch) -> _Columns:
    times = {field: batch.get(field, time_said) for field in TIMES}
    cells = {kind: batch.get(field, names_in) for field, kind in OTHER_NAMES.items() if batch.has(field)}
    _tell_periods(batch, cells)
    return _Columns(
        names=batch.required("name", name_in_cell),
        kinds=batch.get("name_kind", word_of(NameKind)),
        classes=batch.get("class", word_of(PlaceClass)),
        statuses=batch.get("name_status", word_of(SpellingStatus)),
        states=batch.get("state", word_of(PlaceState)),
        languages=batch.get("language", language),
        spellings=batch.get("romanized", text),
        meanings=batch.get("meaning", prose),
        origins=batch.get("origin", prose),
        histories=batch.get("history", prose),
        sources=batch.get("source", _line),
        times=times,
        cells=cells,
        written=in_words(batch, times),
    )


def in_words(batch: Batch, times: Mapping[str, Sequence[TimeSaid | None]]) -> Sequence[Sequence[str]]:
    """What rows say of times in words that are more than the dates which are taken; each is told."""
    said = {**times, **{field: list(map(_quietly, batch.raw(field))) for field in BUILT if batch.has(field)}}
    written: list[list[str]] = [[] for _ in range(len(batch))]
    for field, values in said.items():
        for at, value in enumerate(values):
            if value is not None and value.words:
                written[at].append(f"{batch.called(field)}：{value.words}")
                _tell_words(batch, at, field, value)
    return written


def _quietly(value: RawValue) -> TimeSaid | None:
    """As `time_said`; what is refused is told where the detail itself is read."""
    with suppress(Refused):
        return time_said(value)
    return None


def _tell_periods(batch: Batch, cells: Mapping[NameKind, Sequence[tuple[NamedFor, ...] | None]]) -> None:
    for kind, rows in cells.items():
        for at, names in enumerate(rows):
            for each in names or ():
                for end in (each.valid_from, each.valid_to) if each.words else ():
                    if end is not None:
                        _tell_words(batch, at, f"names.{kind.value}", TimeSaid(end, each.words))
                        break


def _tell_words(batch: Batch, at: int, field: str, said: TimeSaid) -> None:
    if said.dated is None:
        batch.tell(at, field, said.words, ProblemCode.DATE_IN_WORDS, {"words": said.words})
        return
    taken = {f"taken_{locale}": said.dated.label(locale) for locale in ("zh", "en")}
    batch.tell(at, field, said.words, ProblemCode.DATE_ROUNDED, {"words": said.words, **taken})


def _row(batch: Batch, columns: _Columns, at: int, today: date) -> PlaceRow | None:
    name, place_class = columns.names[at], columns.classes[at]
    begun, ended = columns.period(at, "begun_on", "ended_on")
    state = columns.states[at]
    if state is None and ended is not None and ended.day <= today:
        state = PlaceState.ABOLISHED
    kind, (since, until) = columns.kinds[at], columns.period(at, "named_on", "name_to")
    # A standard name that has ended, of a place that hasn't, is one of its past.
    present = kind is None or (kind is NameKind.STANDARD and (until is None or state is PlaceState.ABOLISHED))
    ends_by = "name_to" if until is not None else "ended_on"
    until = until or (ended if present else None)
    _refuse_backwards(batch, at, "ended_on", begun, ended)
    if ends_by == "name_to" or since != begun:
        _refuse_backwards(batch, at, ends_by, since, until)
    if present and place_class is None and at not in batch.refused:
        batch.tell(at, "class", None, ProblemCode.REQUIRED)
    status = columns.statuses[at]
    if status in NOT_GIVEN:
        batch.tell(at, "name_status", batch.raw("name_status")[at], ProblemCode.UNDECIDED)
    if name is None or at in batch.refused:
        return None
    kind, given = kind or NameKind.STANDARD, columns.spellings[at]
    in_language = language_of(kind, columns.languages[at])
    spelling = spelling_of(name, kind, in_language, place_class, given)
    if spelling.code is not None and present:
        batch.tell(at, "romanized" if given else "name", given or name, spelling.code, spelling.details)
    own = ToldName(
        name,
        kind,
        status_of(kind, status, present=present),
        in_language,
        spelling,
        columns.meanings[at] or "",
        columns.origin(at),
        columns.sources[at] or "",
        since,
        until,
        present=present,
    )
    others = _others(columns, at, own, place_class) if present and place_class is not None else ()
    return PlaceRow((own, *others), place_class, state, begun, ended)


def _others(columns: _Columns, at: int, own: ToldName, place_class: PlaceClass) -> Iterator[ToldName]:
    cells = {kind: names[at] or () for kind, names in columns.cells.items()}
    return in_cells(cells, own.name, place_class, own.source)


def name_in_cell(value: RawValue) -> str | None:
    """A name as a file has it; None where there is nothing."""
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
