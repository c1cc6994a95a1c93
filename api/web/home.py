"""`/`: a box to search in, and a map with the facts of one division beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import HTMLResponse

from api.deps import ReadDb, settings_of
from api.visitors import visitor_of
from api.web.maps import chart
from api.web.preferences import ELDER, preferences_of
from api.web.rendering import page
from api.web.words import KINDS_ON_MAPS, RUN_TONES, MarkedKind, said
from geo_registry.cases import service as cases
from geo_registry.coverage.queries import list_runs
from geo_registry.db.paging import Page
from geo_registry.db.session import ReadSession
from geo_registry.db.standing import row_counts
from geo_registry.divisions import service as divisions
from geo_registry.divisions.lineage import Present
from geo_registry.divisions.queries import DivisionName, DivisionQuery, DivisionRow, box_of
from geo_registry.divisions.rules import home_code
from geo_registry.errors import DivisionUnknown, SearchEmpty, SearchTooLong
from geo_registry.facilities.queries import counts_by_kind
from geo_registry.geo.bbox import BBox
from geo_registry.search import service as searching
from geo_registry.search.inputs import Question
from geo_registry.search.service import Hit
from geo_registry.vocabulary import (
    DivisionChange,
    DivisionLevel,
    FacilityKind,
    FacilityStatus,
    Fate,
    Named,
    NameKind,
    PlaceClass,
    PlaceState,
    PositionQuality,
    RunState,
)

LATEST_RUNS = 5
LATEST_ANNOUNCED = 5
MOST_HITS = 20
MOST_BELOW = 500
"""More than any division of China has directly below it."""

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class KindFacts:
    """How many facilities of a kind a division has, and how maps mark them."""

    marked: MarkedKind
    facilities: int


@dataclass(frozen=True, slots=True)
class DivisionFacts:
    """What a page says of a division: where it lies, what lies in it, how many facilities of each kind."""

    row: DivisionRow | None
    """None for all that the registry holds, where its own division isn't registered."""
    level: DivisionLevel | None
    path: Sequence[DivisionName]
    below: Sequence[DivisionRow]
    kinds: Sequence[KindFacts]
    synthetic: int
    """How many of the facilities are made up."""
    box: BBox | None
    is_home: bool
    position_synthetic: bool
    present: Present | None
    """Where a former division leads to; None for all that the registry holds."""

    @property
    def facilities(self) -> int:
        """How many there are in all."""
        return sum(each.facilities for each in self.kinds)


@dataclass(frozen=True, slots=True)
class Found:
    """What a question found, or why it can't be asked."""

    text: str
    hits: Sequence[Hit]
    refusal: SearchEmpty | SearchTooLong | None = None


@router.get("/")
def home(
    request: Request,
    db: ReadDb,
    q: Annotated[str, Query(max_length=10_000)] = "",
    division: Annotated[str, Query(max_length=12)] = "",
) -> HTMLResponse:
    """The search, what it found, and a division: the one that is asked for, or the registry's own."""
    wanted = preferences_of(request)
    own = home_code(settings_of(request).home_division)
    counts = row_counts(db)
    empty = not any(one.rows for one in counts.values())
    facts = _facts(db, division, own)
    found = _found(db, q, own)
    return page(
        request,
        "home.html",
        status=HTTPStatus.BAD_REQUEST if found is not None and found.refusal else HTTPStatus.OK,
        empty=empty,
        counts=[(holding.label(wanted.locale), count) for holding, count in counts.items() if count.rows],
        facts=facts,
        found=found,
        query=q,
        chart=None if empty or wanted.view == ELDER else chart(db, settings_of(request), around=facts.box),
        due=cases.due_for(visitor_of(request).actor, db),
        announced=cases.list_announcements(db, Page(limit=LATEST_ANNOUNCED)).rows,
        runs=list_runs(db, Page(limit=LATEST_RUNS), to_come_back_to=True).rows,
        tones=RUN_TONES,
        kinds=KINDS_ON_MAPS,
        named=Named,
        usual=[FacilityStatus.OPEN.value, PlaceState.IN_USE.value],
        synthetic_quality=PositionQuality.SYNTHETIC.value,
        levels=DivisionLevel,
        run_states=RunState,
        levels_said=said(DivisionLevel, wanted.locale),
        kinds_said=said(FacilityKind, wanted.locale),
        statuses_said={**said(FacilityStatus, wanted.locale), **said(PlaceState, wanted.locale)},
        classes_said=said(PlaceClass, wanted.locale),
        names_said=said(NameKind, wanted.locale),
        changes_said=said(DivisionChange, wanted.locale),
        present_fate=Fate.PRESENT,
        fates_unknown=Fate.UNKNOWN.label(wanted.locale),
    )


def _facts(db: ReadSession, asked: str, own: str) -> DivisionFacts:
    row = divisions.get_division(db, asked) if asked else _own(db, own)
    counts = counts_by_kind(db, division=row.code if row is not None else None)
    below = DivisionQuery(parent=row.code, with_geometry=False) if row is not None else None
    return DivisionFacts(
        row=row,
        level=DivisionLevel.of(row.level) if row is not None else None,
        path=divisions.path_of(db, row.code) if row is not None else [],
        below=_by_code(divisions.list_divisions(db, below, Page(limit=MOST_BELOW)).rows) if below is not None else [],
        kinds=[KindFacts(KINDS_ON_MAPS[kind.value], count.facilities) for kind, count in counts.items()],
        synthetic=sum(count.synthetic for count in counts.values()),
        box=box_of(db, row.id) if row is not None else None,
        is_home=row is not None and row.code == own,
        position_synthetic=row is not None and row.position_quality == PositionQuality.SYNTHETIC.value,
        present=divisions.present_of(db, row.code, vintage=row.vintage) if row is not None else None,
    )


def _own(db: ReadSession, own: str) -> DivisionRow | None:
    try:
        return divisions.get_division(db, own) if own else None
    except DivisionUnknown:
        return None


def _by_code(rows: Sequence[DivisionRow]) -> Sequence[DivisionRow]:
    return sorted(rows, key=lambda row: row.code)


def _found(db: ReadSession, text: str, own: str) -> Found | None:
    """What the question found; None where none was asked."""
    if not text.strip():
        return None
    try:
        question = Question.parse(text, limit=MOST_HITS)
    except (SearchEmpty, SearchTooLong) as refusal:
        return Found(text=text, hits=[], refusal=refusal)
    return Found(text=question.text, hits=searching.search(db, question, home=own))
