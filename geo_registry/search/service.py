"""What can be asked: names by how they are written or read, or by a part of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from sqlalchemy import Select

from geo_registry.db.session import ReadSession
from geo_registry.divisions.lineage import Lead, Member
from geo_registry.divisions.queries import DivisionName, names_of
from geo_registry.divisions.rules import codes_above, contains
from geo_registry.divisions.successions import presents_of
from geo_registry.places.queries import Heir, heirs_of
from geo_registry.search import queries
from geo_registry.search.inputs import Question
from geo_registry.search.marking import marked
from geo_registry.search.queries import KeyRow
from geo_registry.search.ranking import score
from geo_registry.vocabulary import DivisionLevel, Match, Named, PlaceState

ORDER = (Match.CODE, Match.EXACT, Match.PREFIX, Match.PINYIN, Match.INITIALS, Match.CONTAINED)
"""From the best way to fit down; the next is asked for only where the ones before don't fill the list."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A record whose name fits a question; its position in degrees (EPSG:4490)."""

    id: UUID
    type: Named
    kind: str
    """A division's level, a facility's kind, a place's class: the key of the word."""
    name: str
    """What it is called: of a place its standard name, whichever of its names was found."""
    label: str
    """The divisions that it lies in, below those that everything found lies in; of a facility its own too."""
    path: Sequence[DivisionName]
    """All of them, from the province down."""
    matched: str
    """The name that was found."""
    name_kind: str | None
    """What that name is to its place; None for what has one name alone."""
    former: bool
    """Whether nobody is to call it so any more."""
    begins_on: date | None
    """The day from which it is to be called so, where that is to come."""
    marked: tuple[int, int] | None
    """The part of `matched` that the question met: its first character, and the one after its last."""
    match: Match
    score: float
    """From 1 down to 0; it doesn't rise from a hit to the next."""
    status: str | None
    quality: str
    lon: float | None
    lat: float | None
    code: str | None
    """A division's own; of anything else that of the division that it stands in."""
    vintage: int | None
    """A division's."""
    became: Sequence[Lead]
    """Of a former division: where it leads to; nothing where that isn't recorded."""
    heirs: Sequence[Heir] = ()
    """Of a place that is abolished: what replaced it, took it in, or came of it, as far as that is recorded."""


def search(session: ReadSession, question: Question, *, home: str = "") -> Sequence[Hit]:
    """The records whose names fit, the best first: the same name, one that begins so, one that is read so, its initials, one that holds it.

    Among those that fit alike the weightier come first (`ranking.py`), then the nearer where the question says to what,
    then the shorter. Divisions are found in the newest vintage of their level, and former ones whose name went out with
    them, behind all that is in use, with what they became; a record is found once.

    Parameters
    ----------
    session
        Each way to fit is a question of its own.
    question
        Validated: `inputs.Question.parse`.
    home
        The registry's own division, by its twelve-digit code; labels leave out what it lies in, and itself.
    """
    newest = queries.newest(session)
    found: dict[UUID, tuple[KeyRow, Match]] = {}
    for match in ORDER:
        if len(found) >= question.limit:
            break
        # As many as were found already may come again, since whatever begins with a text also holds it.
        rows = queries.fitting(session, question, match, newest, most=question.limit + len(found))
        for row in rows:
            found.setdefault(row.record_id, (row, match))
        if match is Match.CODE and found:
            break
    best = list(found.values())[: question.limit]
    rows = [row for row, _ in best]
    names, became = names_of(session, _codes(rows)), _became(session, rows)
    places = queries.place_names(session, {row.record_id for row in rows if row.type == Named.PLACE.value})
    heirs = heirs_of(session, [row.record_id for row in rows if row.status == PlaceState.ABOLISHED.value])
    hits = [
        _hit(row, match, question, _path(row, names), home=home, became=became.get(row.record_id, ()))
        for row, match in best
    ]
    return [replace(hit, name=places.get(hit.id, hit.name), heirs=heirs.get(hit.id, ())) for hit in hits]


def facilities_called(question: Question) -> Select[UUID]:
    """The ids of every facility that `search` might find; for `facilities.queries.FacilityQuery.among`."""
    return queries.called(question, Named.FACILITY)


def _codes(rows: Iterable[KeyRow]) -> set[str]:
    return {code for row in rows if row.code is not None for code in (*codes_above(row.code), row.code)}


def _path(row: KeyRow, names: Mapping[str, DivisionName]) -> Sequence[DivisionName]:
    if row.code is None:
        return []
    codes = codes_above(row.code) if row.type == Named.DIVISION.value else (*codes_above(row.code), row.code)
    return [names[code] for code in codes if code in names]


def _became(session: ReadSession, rows: Iterable[KeyRow]) -> Mapping[UUID, Sequence[Lead]]:
    """Where the former divisions among them lead to."""
    former = [
        Member(row.record_id, row.code, row.name, DivisionLevel.of(row.kind), row.vintage)
        for row in rows
        if row.former and row.type == Named.DIVISION.value and row.code is not None and row.vintage is not None
    ]
    return {division: present.leads for division, present in presents_of(session, former).items()}


def _hit(
    row: KeyRow, match: Match, question: Question, path: Sequence[DivisionName], *, home: str, became: Sequence[Lead]
) -> Hit:
    below = [each.name for each in path if not (home and contains(each.code, home))]
    return Hit(
        id=row.record_id,
        type=Named.of(row.type),
        kind=row.kind,
        name=row.name,
        label="".join(below or [each.name for each in path]),
        path=path,
        matched=row.name,
        name_kind=row.name_kind,
        former=row.former,
        begins_on=row.begins_on,
        marked=marked(row.name, question.plain, match),
        match=match,
        score=score(match, row.rank),
        status=row.status,
        quality=row.quality,
        lon=row.lon,
        lat=row.lat,
        code=row.code,
        vintage=row.vintage,
        became=became,
    )
