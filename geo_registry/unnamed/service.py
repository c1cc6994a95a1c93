"""What can be asked of roads without a name, and what can be done with them: one function a verb."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any
from uuid import UUID

import numpy as np
import shapely
from geoalchemy2.shape import from_shape
from shapely.geometry import mapping

from geo_registry.accounts import policy
from geo_registry.accounts.actors import Actor
from geo_registry.accounts.policy import Verb
from geo_registry.cases import service as cases
from geo_registry.cases.inputs import NewCase
from geo_registry.cases.service import CaseTold
from geo_registry.db.paging import Listing, Page, listing
from geo_registry.db.revisions import Seen, require_seen
from geo_registry.db.session import Database, ReadSession, WriteSession, say_why
from geo_registry.divisions import service as divisions
from geo_registry.divisions.queries import DivisionRow
from geo_registry.divisions.rules import CODE_DIGITS, prefix_of
from geo_registry.errors import DivisionUnknown, DomainError, Forbidden, LaneSettled, LaneUnsound, Unauthenticated
from geo_registry.jobs.progress import Progress, unheard
from geo_registry.jobs.queue import defer, note_order
from geo_registry.model import NameWish, UnnamedLane
from geo_registry.model.geometry import STORAGE_SRID
from geo_registry.network import queries as network
from geo_registry.places.queries import division_at
from geo_registry.unnamed import queries
from geo_registry.unnamed.course import backwards
from geo_registry.unnamed.ends import NOT_KNOWN, ends_of
from geo_registry.unnamed.inputs import (
    MOST_LANES,
    Batch,
    Decision,
    LaneDecision,
    LaneFeature,
    NewLanes,
    NewSearch,
    NewWish,
    length_m,
    line_of,
)
from geo_registry.unnamed.keeping import Kept, keep
from geo_registry.unnamed.looking import look
from geo_registry.unnamed.offering import Offer, offers, taken_beside
from geo_registry.unnamed.queries import Backdrop, LaneQuery, LaneRow, Progressed, WishRow, as_kept
from geo_registry.validation import typed
from geo_registry.vocabulary import Approver, CaseKind, LaneStatus, NamedAfter, PlaceClass, PositionQuality

FIND_TASK = "unnamed.find"
"""The job that looks for lanes; `unnamed/jobs.py` registers it."""
MOST_OFFERED = 300
"""Lanes that names are looked for at once, while somebody waits: a town has fewer."""
SETTLED = frozenset({LaneStatus.FILED, LaneStatus.NAMED})
"""What is decided elsewhere: in a case, or by a name."""


@dataclass(frozen=True, slots=True)
class LaneTold:
    """A lane with the names that are offered for it, the best first; none where it is settled."""

    lane: LaneRow
    offers: Sequence[Offer]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A decision that wasn't taken over, and why."""

    lane: UUID
    error: DomainError


@dataclass(frozen=True, slots=True)
class CaseLine:
    """What a case needs of one road that is to be named; geometry in degrees of EPSG:4490."""

    name: str
    place_class: PlaceClass
    geometry: shapely.LineString | shapely.MultiLineString
    division: str | None
    """Its code; of a road through several divisions, that of its longest part."""
    other_names: Sequence[str]
    detail: dict[str, str | float]
    """direction, begins_at, ends_at, length_m, and width_m and surface where they were seen, as `places/details.py` has them."""
    meaning: str
    lanes: Sequence[UUID]
    synthetic: bool


def order_finding(session: WriteSession, search: NewSearch, *, actor: Actor) -> int:
    """Have lanes looked for by a job; the job's id.

    Raises
    ------
    Forbidden
        The actor may not, in that division.
    DivisionUnknown, DivisionCodeInvalid, DatasetUnknown
        There is no such division, or no such roads.
    """
    division = _division(session, search.division)
    policy.require(actor, Verb.FIND_LANES, division=division.code if division else None)
    network.roads(session, search.roads)
    within = prefix_of(division.code) if division else None
    job = defer(session, FIND_TASK, division=within, roads=search.roads, ordered_by=actor.name)
    note_order(session, job)
    return job


def find_now(
    database: Database, search: NewSearch, *, data_path: Path, actor: Actor, progress: Progress = unheard
) -> Kept:
    """Look for lanes in this process, and keep what is found.

    Raises
    ------
    Forbidden, DivisionUnknown, DivisionCodeInvalid, DatasetUnknown
        As `order_finding`.
    LanesWithoutBorders, NoRoads, NetworkNotKept, RoadUnusable
        As `looking.look`.
    """
    with database.read() as session:
        division = _division(session, search.division)
        policy.require(actor, Verb.FIND_LANES, division=division.code if division else None)
    return perform(database, search, data_path=data_path, ordered_by=actor.name, progress=progress)


def perform(
    database: Database, search: NewSearch, *, data_path: Path, ordered_by: str, progress: Progress = unheard
) -> Kept:
    """Look for lanes and keep what is found; who may was asked when it was ordered. Done again, it finds the same."""
    began = monotonic()
    with database.read() as session:
        division = _division(session, search.division)
        within = prefix_of(division.code) if division else ""
        roads = network.roads(session, search.roads)
        looked = look(session, data_path, roads, within=within, progress=progress)
        synthetic = queries.is_synthetic(session, roads)
    with database.write(actor=ordered_by, verb=Verb.FIND_LANES) as session:
        return keep(
            session,
            looked,
            roads,
            division=division.id if division else None,
            within=within,
            synthetic=synthetic,
            began=began,
            progress=progress,
        )


def list_lanes(session: ReadSession, query: LaneQuery, page: Page, *, actor: Actor) -> Listing[LaneRow]:
    """One page of the lanes that are asked for.

    Raises
    ------
    Forbidden
        The actor may not.
    DivisionCodeInvalid
        `division` isn't a code.
    """
    policy.require(actor, Verb.LIST_LANES)
    rows = queries.rows_matching(session, query, after=page.after, limit=page.limit + 1)
    return listing(rows, page, lambda row: row.fid)


def all_lanes(session: ReadSession, query: LaneQuery, *, actor: Actor) -> Sequence[LaneRow]:
    """All the lanes that are asked for, by division, then from west to east: what a file holds.

    Raises
    ------
    Forbidden, DivisionCodeInvalid
        As `list_lanes`.
    """
    policy.require(actor, Verb.LIST_LANES)
    rows = queries.rows_matching(session, query, after=0, limit=None)
    return sorted(rows, key=lambda row: (row.division_code or "~", *row.line.bounds[:2], row.fid))


def tell_lane(session: ReadSession, lane: UUID, *, actor: Actor) -> LaneTold:
    """One lane, and names for it.

    Raises
    ------
    LaneUnknown
        There is none of that id.
    Forbidden
        The actor may not.
    """
    policy.require(actor, Verb.LIST_LANES)
    row = queries.row_with_id(session, lane)
    if row.status in SETTLED or row.status is LaneStatus.GONE:
        return LaneTold(row, ())
    return LaneTold(row, offers(session, [row], taken=taken_beside(session, [row]))[row.id])


@dataclass(frozen=True, slots=True)
class Carried:
    """What a field team carries of a division: its lanes in order, names for those without one, and what lies around."""

    lanes: Sequence[LaneRow]
    offers: Mapping[UUID, Sequence[Offer]]
    backdrop: Backdrop


def carry(
    session: ReadSession,
    query: LaneQuery,
    *,
    actor: Actor,
    approval: str = "",
    most_offered: int | None = MOST_OFFERED,
    progress: Progress = unheard,
) -> Carried:
    """The lanes that are still open, or decided but not settled, with all that a table or a map of them shows.

    Parameters
    ----------
    most_offered
        For how many lanes names are looked for, each a question to the rules of names; None for all.

    Raises
    ------
    Forbidden, DivisionCodeInvalid
        As `list_lanes`.
    """
    policy.require(actor, Verb.LIST_LANES)
    rows = [row for row in all_lanes(session, query, actor=actor) if row.status not in SETTLED | {LaneStatus.GONE}]
    nameless = [row for row in rows if row.status is LaneStatus.FOUND][:most_offered]
    made = offers(session, nameless, taken=taken_beside(session, rows), progress=progress)
    if not rows:
        return Carried(rows, made, Backdrop())
    box = queries.box_around(np.array([row.line for row in rows], dtype=object))
    features = queries.features_near(session, box)
    names = list(zip(features.names, shapely.centroid(features.geometries), strict=True))
    return Carried(rows, made, Backdrop(queries.roads_near(session, box), names, approval))


def add_lanes(session: WriteSession, new: NewLanes, *, actor: Actor) -> Sequence[LaneRow]:
    """Add lanes that somebody drew or has in a file, each in the division that it lies in.

    Raises
    ------
    Forbidden
        The actor may not, in one of the divisions.
    DivisionUnknown, DivisionCodeInvalid
        The division that is given isn't registered.
    """
    codes = _codes_of(session, new)
    for code in sorted({code or "" for code in codes}):
        policy.require(actor, Verb.ADD_LANES, division=code or None)
    lines = [line_of(each.geometry) for each in new.features]
    records = [
        _drawn(session, feature, line, code, new)
        for feature, line, code in zip(new.features, lines, codes, strict=True)
    ]
    session.add_all(records)
    session.flush()
    return queries.rows_called(session, [record.id for record in records])


def lanes_in(content: bytes, *, division: str | None = None) -> NewLanes:
    """The lanes of a GeoJSON file (UTF-8).

    Raises
    ------
    LaneUnsound
        It is none, or one of its features is no line.
    """
    try:
        found = json.loads(content.decode("utf-8-sig"))
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise LaneUnsound(
            problems_zh="文件应为 GeoJSON（UTF-8）的 FeatureCollection",
            problems_en="the file is to be a GeoJSON FeatureCollection (UTF-8)",
        )
    told = {name: found[name] for name in ("type", "features") if name in found}
    return typed(NewLanes, LaneUnsound, **told, division=division)


def require_adding(session: ReadSession, new: NewLanes, *, actor: Actor) -> None:
    """Raise as `add_lanes` does of who may not."""
    for code in _codes_of(session, new):
        policy.require(actor, Verb.ADD_LANES, division=code)


def _codes_of(session: ReadSession, new: NewLanes) -> Sequence[str | None]:
    """The division that each of new lanes lies in, by its code: as it is said, else where its middle does."""
    if new.division is not None:
        division = _division(session, new.division)
        return [division.code if division else None] * len(new.features)
    return [division_at(session, line_of(each.geometry).wkt) for each in new.features]


def decide_lane(session: WriteSession, lane: UUID, decision: Decision, *, seen: Seen | None, actor: Actor) -> LaneRow:
    """Propose a name for a lane, drop it for a reason, or have it looked at anew.

    Raises
    ------
    LaneUnknown
        There is none of that id.
    Forbidden
        The actor may not, in its division.
    VersionNeeded, RecordChanged
        Nothing says which version was seen, or it is another by now.
    LaneSettled
        It is filed, or has a name.
    """
    policy.require(actor, Verb.DECIDE_LANES, division=queries.row_with_id(session, lane).division_code)
    record = queries.lane_to_change(session, lane)
    present = queries.row_with_id(session, lane)
    require_seen(seen, present.version)
    if present.status in SETTLED:
        raise LaneSettled(status_zh=present.status.zh, status_en=present.status.en)
    say_why(session, decision.reason)
    _decide(record, decision)
    session.flush()
    return queries.row_with_id(session, lane)


def require_deciding(session: ReadSession, lane: UUID, *, actor: Actor) -> None:
    """Raise as `decide_lane` does where the actor may not, or there is no such lane."""
    policy.require(actor, Verb.DECIDE_LANES, division=queries.row_with_id(session, lane).division_code)


def decide_lanes(
    session: WriteSession, decisions: Iterable[LaneDecision], *, actor: Actor
) -> tuple[Sequence[LaneRow], Sequence[Refusal]]:
    """Decide on many lanes, as a filled-in table says: those that may be are, the others are told with the reason.

    Raises
    ------
    Forbidden, Unauthenticated
        One of them lies where the actor may not: nothing is written then.
    """
    policy.require(actor, Verb.DECIDE_LANES, division=policy.somewhere(actor, Verb.DECIDE_LANES))
    decided: list[LaneRow] = []
    refused: list[Refusal] = []
    for each in decisions:
        try:
            with session.begin_nested():
                decided.append(
                    decide_lane(session, each.lane, each.decision, seen=Seen(frozenset({each.seen})), actor=actor)
                )
        except (Forbidden, Unauthenticated):
            raise
        except DomainError as error:
            refused.append(Refusal(each.lane, error))
    return decided, refused


def add_wish(session: WriteSession, new: NewWish, *, actor: Actor) -> WishRow:
    """Enter a name that people wish for.

    Raises
    ------
    Forbidden
        The actor may not, in that division.
    DivisionUnknown, DivisionCodeInvalid, LaneUnknown
        There is no such division, or no such lane.
    LaneUnsound
        The lane lies in another division.
    """
    division = divisions.get_division(session, new.division)
    policy.require(actor, Verb.ADD_WISH, division=division.code)
    if new.lane is not None:
        lane = queries.row_with_id(session, new.lane)
        if lane.division_code != division.code:
            raise LaneUnsound(
                problems_zh=f"lane: 该道路位于 {lane.division_code}",
                problems_en=f"lane: it lies in {lane.division_code}",
            )
    wish = NameWish(
        division_id=division.id,
        lane_id=new.lane,
        name=new.name,
        meaning=new.meaning,
        by_whom=new.by_whom,
        synthetic=new.synthetic,
    )
    session.add(wish)
    session.flush()
    return queries.wishes_matching(session, division.code, after=wish.fid - 1, limit=1)[0]


def require_wishing(session: ReadSession, new: NewWish, *, actor: Actor) -> None:
    """Raise as `add_wish` does of who may not."""
    policy.require(actor, Verb.ADD_WISH, division=divisions.get_division(session, new.division).code)


def list_wishes(session: ReadSession, division: str | None, page: Page, *, actor: Actor) -> Listing[WishRow]:
    """One page of what people wish.

    Raises
    ------
    Forbidden, DivisionCodeInvalid
        As `list_lanes`.
    """
    policy.require(actor, Verb.LIST_LANES)
    rows = queries.wishes_matching(session, division, after=page.after, limit=page.limit + 1)
    return listing(rows, page, lambda row: row.fid)


def progress_by_division(session: ReadSession, division: str | None, *, actor: Actor) -> Sequence[Progressed]:
    """How far villages and towns have come.

    Raises
    ------
    Forbidden, DivisionCodeInvalid
        As `list_lanes`.
    """
    policy.require(actor, Verb.LIST_LANES)
    return queries.progress_of(session, division)


def lines_for_case(session: ReadSession, lanes: Sequence[UUID]) -> Sequence[CaseLine]:
    """What a case needs of chosen lanes: one line for each name, whose geometry is that of all lanes which are to have it.

    Lanes of one name are one road where they lie in one township; in two townships they are two roads.

    Raises
    ------
    LaneUnknown
        There is no such lane.
    LaneUnsound
        No name is proposed for one of them.
    """
    rows = queries.rows_called(session, lanes)
    for missing in set(lanes) - {row.id for row in rows}:
        queries.row_with_id(session, missing)
    nameless = [row for row in rows if not row.proposed_name or row.status is not LaneStatus.PROPOSED]
    if nameless:
        raise LaneUnsound(
            problems_zh="；".join(f"{row.id}: {row.status.zh}，没有拟名" for row in nameless),
            problems_en="; ".join(f"{row.id}: {row.status.en}, no name is proposed for it" for row in nameless),
        )
    roads: dict[tuple[str, str], list[LaneRow]] = {}
    for row in rows:
        roads.setdefault((row.proposed_name or "", (row.division_code or "")[:9]), []).append(row)
    return [_line(name, together) for (name, _), together in roads.items()]


def file_lanes(session: WriteSession, batch: Batch, *, actor: Actor) -> CaseTold:
    """Open one case with the names that are proposed for lanes of a division; the lanes wait for its decision.

    Raises
    ------
    Forbidden
        The actor may open no case there, or decide on no lanes.
    DivisionUnknown, LaneUnknown, LaneUnsound
        There is no such division, or lane, or no name is proposed for one, or for none at all.
    CaseElsewhere, CaseTooLarge, PlaceUnsound
        As `cases.open_case`.
    """
    division = divisions.get_division(session, batch.division)
    policy.require(actor, Verb.OPEN_CASE, division=division.code)
    policy.require(actor, Verb.DECIDE_LANES, division=division.code)
    lanes = batch.lanes
    if lanes is None:
        query = LaneQuery(division=batch.division, status=LaneStatus.PROPOSED)
        lanes = tuple(row.id for row in queries.rows_matching(session, query, after=0, limit=MOST_LANES))
    lines = lines_for_case(session, lanes)
    if not lines:
        raise LaneUnsound(
            problems_zh=f"{division.name}没有已拟名的道路",
            problems_en=f"no lane of {division.name} has a name proposed",
        )
    new = NewCase.model_validate(
        {
            "kind": CaseKind.NAMING,
            "title": batch.title,
            "division": division.code,
            "applicant": batch.applicant,
            "plan": batch.plan,
            "reasons": batch.reasons,
            "approver": Approver.GOVERNMENT,
            "names": [
                {
                    "name": line.name,
                    "class": line.place_class,
                    "geometry": mapping(line.geometry),
                    "division": line.division,
                    "detail": line.detail,
                    "meaning": line.meaning,
                }
                for line in lines
            ],
        }
    )
    told = cases.open_case(session, new, actor=actor, synthetic=any(line.synthetic for line in lines))
    for lane in lanes:
        session.get_one(UnnamedLane, lane).status = LaneStatus.FILED.value
    session.flush()
    return told


def require_filing(session: ReadSession, batch: Batch, *, actor: Actor) -> None:
    """Raise as `file_lanes` does of who may not, or may not any more."""
    division = divisions.get_division(session, batch.division)
    policy.require(actor, Verb.OPEN_CASE, division=division.code)
    policy.require(actor, Verb.DECIDE_LANES, division=division.code)


def _line(name: str, rows: Sequence[LaneRow]) -> CaseLine:
    longest = max(rows, key=lambda row: row.length_m)
    merged = shapely.line_merge(shapely.MultiLineString([row.line for row in rows]))
    return CaseLine(
        name=name,
        place_class=PlaceClass.STREET,
        geometry=merged,
        division=longest.division_code,
        other_names=sorted({other for row in rows for other in row.other_names} - {name}),
        detail={
            "direction": longest.course.says("zh-CN"),
            "begins_at": longest.begins.says("zh-CN"),
            "ends_at": longest.ends.says("zh-CN"),
            "length_m": round(sum(row.length_m for row in rows), 1),
            **({"width_m": longest.width_m} if longest.width_m else {}),
            **({"surface": longest.surface} if longest.surface else {}),
        },
        meaning=next((row.meaning for row in sorted(rows, key=lambda row: -row.length_m) if row.meaning), ""),
        lanes=[row.id for row in rows],
        synthetic=any(row.position_quality == PositionQuality.SYNTHETIC.value for row in rows),
    )


def _division(session: ReadSession, code: str | None) -> DivisionRow | None:
    if not code:
        return None
    return divisions.get_division(session, code.ljust(CODE_DIGITS, "0") if len(code) < CODE_DIGITS else code)


def _drawn(
    session: ReadSession, feature: LaneFeature, line: shapely.LineString, code: str | None, new: NewLanes
) -> UnnamedLane:
    """A lane that somebody drew, told from its western or southern end."""
    if backwards(np.array([line], dtype=object))[0]:
        line = shapely.reverse(line)
    points = shapely.get_point(line, np.array([0, -1]))
    box = queries.box_around(shapely.buffer(points, queries.MARGIN_DEG))
    first, last = ends_of(
        points,
        met=["", ""],
        goes_on=np.array([NOT_KNOWN, NOT_KNOWN]),
        streets=queries.streets_near(session, box),
        features=queries.features_near(session, box),
    )
    told = feature.properties
    name = told.name if told is not None else None
    try:
        division = divisions.get_division(session, code) if code else None
    except DivisionUnknown:
        division = None
    return UnnamedLane(
        origin=new.origin.value,
        division_id=division.id if division else None,
        geom=from_shape(line, srid=STORAGE_SRID),
        length_m=round(length_m(line), 1),
        highway=told.highway if told is not None else "",
        begins=as_kept(first),
        ends=as_kept(last),
        status=(LaneStatus.PROPOSED if name else LaneStatus.FOUND).value,
        proposed_name=name,
        meaning=told.meaning if told is not None else "",
        named_after=NamedAfter.PERSON.value if name else None,
    )


def _decide(record: UnnamedLane, decision: Decision) -> None:
    values: dict[str, Any] = {
        "propose": {
            "status": LaneStatus.PROPOSED.value,
            "proposed_name": decision.name,
            "other_names": list(decision.other_names),
            "meaning": decision.meaning,
            "named_after": decision.named_after.value,
            "reason": "",
            **_surveyed(decision),
        },
        "drop": {"status": LaneStatus.DROPPED.value, "reason": decision.reason, **_surveyed(decision)},
        "reopen": {
            "status": LaneStatus.FOUND.value,
            "proposed_name": None,
            "other_names": [],
            "meaning": "",
            "named_after": None,
            "reason": "",
        },
    }[decision.decision]
    for field, value in values.items():
        setattr(record, field, value)


def _surveyed(decision: Decision) -> dict[str, Any]:
    """What a surveyor saw; what isn't said stays."""
    told = {"width_m": decision.width_m, "surface": decision.surface}
    return {field: value for field, value in told.items() if value}
