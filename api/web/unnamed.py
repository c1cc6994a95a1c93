"""`/names/unnamed`: roads that have no name (乡村著名行动), on a map and in a list, to be named or dropped."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

import shapely
from fastapi import APIRouter, File, Form, Query, UploadFile
from shapely.geometry import mapping
from starlette.requests import Request
from starlette.responses import Response

from api.deps import does, reading, settings_of, writing
from api.visitors import refuse_foreign_form, visitor_of
from api.web.admin.frame import (
    EMPTY,
    Filled,
    Typed,
    admin_page,
    as_id,
    asked_page,
    following,
    go_and_say,
    seen_typed,
    sign_in_first,
)
from api.web.maps import chart
from api.web.names import UNCHOSEN, UNPLACED, digits_said
from api.web.preferences import preferences_of
from geo_registry.accounts import policy
from geo_registry.accounts.actors import Actor
from geo_registry.accounts.policy import Verb
from geo_registry.db.paging import Page
from geo_registry.db.session import ReadSession
from geo_registry.errors import (
    DatasetUnknown,
    DomainError,
    Forbidden,
    JobUnknown,
    LaneUnknown,
    LaneUnsound,
    Unauthenticated,
)
from geo_registry.exchange.lane_files import MEDIA_TYPES, FieldFormat, content_of
from geo_registry.geo.bbox import BBox
from geo_registry.jobs.queue import JobView, get_job
from geo_registry.unnamed import queries, service, sheet, signing
from geo_registry.unnamed.ends import between
from geo_registry.unnamed.geojson import signs_collection
from geo_registry.unnamed.inputs import Decision, NewWish, search_of
from geo_registry.unnamed.offering import Offer
from geo_registry.unnamed.queries import LaneQuery, LaneRow
from geo_registry.unnamed.service import FIND_TASK
from geo_registry.validation import typed
from geo_registry.vocabulary import DivisionLevel, JobState, LaneStatus, NamedAfter, PositionQuality

LANES = "/names/unnamed"
LISTED = frozenset({"division", "status", "after"})
"""What an address of the list narrows it by, and how far on in it it is."""
AT_ONCE = 50
AROUND_DEG = 0.002
"""How much more than its lanes a map shows at first, to each side."""
TONES: Mapping[LaneStatus, str] = {
    LaneStatus.FOUND: "warn",
    LaneStatus.PROPOSED: "good",
    LaneStatus.NAMED: "good",
    LaneStatus.FILED: "good",
}
WAITING = frozenset({JobState.QUEUED, JobState.RUNNING})

Text = Annotated[str, Query(max_length=100)]
Uploaded = Annotated[UploadFile | None, File()]
Long = Annotated[str, Form(max_length=4_000)]

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Card:
    """A lane as the list shows it."""

    lane: LaneRow
    course: str
    between: str
    tone: str
    may_decide: bool
    offers: Sequence[Offer] | None = None
    """Names for the lane that is open; None for the others."""

    @property
    def synthetic(self) -> bool:
        """Whether it is made up."""
        return self.lane.position_quality == PositionQuality.SYNTHETIC.value


@router.get("/names/unnamed")
def unnamed_page(
    *,
    request: Request,
    division: Text = "",
    status: Annotated[LaneStatus | None, UNCHOSEN] = None,
    after: Annotated[str, Query(max_length=64)] = "",
    lane: Annotated[str, Query(max_length=40)] = "",
    job: Annotated[int | None, UNCHOSEN, Query(ge=1, lt=2**31)] = None,
) -> Response:
    """The lanes, a page at a time; the one that is open with names for it."""
    if (sign_in := sign_in_first(request)) is not None:
        return sign_in
    return _list(
        request, {"division": division, "status": status.value if status else "", "after": after}, lane=lane, job=job
    )


@router.get("/names/unnamed/table")
def unnamed_table(
    *, request: Request, division: Text = "", file: Annotated[FieldFormat, Query(alias="format")] = FieldFormat.XLSX
) -> Response:
    """What a field team carries: a workbook, a map with a list, or GeoJSON."""
    if (sign_in := sign_in_first(request)) is not None:
        return sign_in
    with reading(request) as db:
        query = LaneQuery(division=digits_said(db, division.strip()))
        approval = settings_of(request).map_approval_number
        carried = service.carry(db, query, actor=visitor_of(request).actor, approval=approval)
    headers = {
        "Content-Disposition": f'attachment; filename="unnamed-{query.division or "all"}.{file.value}"',
        "Cache-Control": "no-store",
    }
    content = content_of(carried, file, preferences_of(request).locale)
    return Response(content, media_type=MEDIA_TYPES[file], headers=headers)


@router.post("/names/unnamed")
@does(Verb.FIND_LANES)
def find_lanes_form(*, request: Request, csrf: Typed = "", division: Typed = "", listed: Typed = "") -> Response:
    """Have lanes looked for; the page then shows how far that is."""
    visitor = visitor_of(request)
    refuse_foreign_form(request, visitor, csrf)
    try:
        with writing(request) as db:
            search = search_of(division=digits_said(db, division.strip()), roads=None)
            job = service.order_finding(db, search, actor=visitor.actor)
    except (*UNPLACED, DatasetUnknown, LaneUnsound) as refused:
        return _list(request, _listed(listed), filled=Filled("find", {"division": division}, refused))
    return go_and_say(request, f"{LANES}?{urlencode({'division': division, 'job': job})}", "ordered")


@router.post("/names/unnamed/decide")
@does(Verb.DECIDE_LANES)
def decide_lane_form(
    *,
    request: Request,
    csrf: Typed = "",
    lane: Typed = "",
    seen: Typed = "",
    decision: Typed = "",
    name: Typed = "",
    other_names: Typed = "",
    meaning: Long = "",
    width_m: Typed = "",
    surface: Typed = "",
    reason: Typed = "",
    listed: Typed = "",
) -> Response:
    """Propose a name, drop the lane, or look at it anew; back to the list as it was."""
    visitor = visitor_of(request)
    refuse_foreign_form(request, visitor, csrf)
    known = _id(lane)
    values = {
        "name": name,
        "other_names": other_names,
        "meaning": meaning,
        "width_m": width_m,
        "surface": surface,
        "reason": reason,
    }
    try:
        with writing(request) as db:
            service.require_deciding(db, known, actor=visitor.actor)
            decided = typed(
                Decision,
                LaneUnsound,
                decision=decision,
                name=name.strip() or None,
                other_names=sheet.names_in(other_names),
                meaning=meaning,
                named_after=_after(db, known, name.strip(), visitor.actor),
                width_m=width_m.strip() or None,
                surface=surface,
                reason=reason if decision == "drop" else "",
            )
            service.decide_lane(db, known, decided, seen=seen_typed(seen), actor=visitor.actor)
    except (Forbidden, Unauthenticated, LaneUnknown):
        raise
    except DomainError as refused:
        return _list(request, _listed(listed), lane=lane, filled=Filled("decide", values, refused))
    return go_and_say(request, f"{LANES}?{urlencode(_listed(listed))}#lane-{known}", decided.decision)


@router.post("/names/unnamed/add")
@does(Verb.ADD_LANES)
def add_lanes_form(
    *, request: Request, csrf: Typed = "", division: Typed = "", listed: Typed = "", file: Uploaded = None
) -> Response:
    """Add the lanes of a GeoJSON file, in the division that is said, else each where it lies."""
    visitor = visitor_of(request)
    refuse_foreign_form(request, visitor, csrf)
    try:
        with writing(request) as db:
            within = _may(db, visitor.actor, Verb.ADD_LANES, division)
            new = service.lanes_in(file.file.read() if file is not None else b"", division=within)
            service.add_lanes(db, new, actor=visitor.actor)
    except (*UNPLACED, LaneUnsound) as refused:
        return _list(request, _listed(listed), filled=Filled("add", {"division": division}, refused))
    return go_and_say(request, f"{LANES}?{urlencode(_listed(listed))}", "added")


@router.post("/names/unnamed/table")
@does(Verb.DECIDE_LANES)
def take_back_form(
    *, request: Request, csrf: Typed = "", division: Typed = "", listed: Typed = "", file: Uploaded = None
) -> Response:
    """Take over what a filled-in workbook decides; what can't be taken is listed with the reason."""
    visitor = visitor_of(request)
    refuse_foreign_form(request, visitor, csrf)
    try:
        with writing(request) as db:
            _may(db, visitor.actor, Verb.DECIDE_LANES, division)
            decisions, problems = sheet.read(file.file.read() if file is not None else b"")
            decided, refused_rows = service.decide_lanes(db, decisions, actor=visitor.actor)
    except (*UNPLACED, LaneUnsound) as refused:
        return _list(request, _listed(listed), filled=Filled("table", {}, refused))
    locale = preferences_of(request).locale
    english = locale.startswith("en")
    told = [f"{each.sheet} {each.row}: {each.en if english else each.zh}" for each in problems]
    told += [f"{each.lane}: {each.error.message(locale)}" for each in refused_rows]
    return _list(request, _listed(listed), taken=(len(decided), told))


@router.post("/names/unnamed/wish")
@does(Verb.ADD_WISH)
def add_wish_form(
    *,
    request: Request,
    csrf: Typed = "",
    division: Typed = "",
    name: Typed = "",
    meaning: Long = "",
    by_whom: Typed = "",
    listed: Typed = "",
) -> Response:
    """Enter what people of a village wish."""
    visitor = visitor_of(request)
    refuse_foreign_form(request, visitor, csrf)
    values = {"division": division, "name": name, "meaning": meaning, "by_whom": by_whom}
    try:
        with writing(request) as db:
            of = digits_said(db, division.strip()) or ""
            new = typed(NewWish, LaneUnsound, division=of, name=name, meaning=meaning, by_whom=by_whom)
            service.add_wish(db, new, actor=visitor.actor)
    except (*UNPLACED, LaneUnsound) as refused:
        return _list(request, _listed(listed), filled=Filled("wish", values, refused))
    return go_and_say(request, f"{LANES}?{urlencode(_listed(listed))}", "wished")


def _may(db: ReadSession, actor: Actor, verb: Verb, said: str) -> str | None:
    """The division that a form is about, where the actor may do it there; of one that says none, where they may anywhere."""
    within = digits_said(db, said.strip())
    policy.require(actor, verb, division=within if within is not None else policy.somewhere(actor, verb))
    return within


def _list(
    request: Request,
    asked: Mapping[str, str],
    *,
    lane: str = "",
    job: int | None = None,
    filled: Filled = EMPTY,
    taken: tuple[int, Sequence[str]] | None = None,
) -> Response:
    actor, locale = visitor_of(request).actor, preferences_of(request).locale
    policy.require(actor, Verb.LIST_LANES)
    said = asked.get("division", "")
    query = LaneQuery(status=LaneStatus.of(asked["status"]) if asked.get("status") else None)
    with reading(request) as db:
        try:
            query = replace(query, division=digits_said(db, said))
        except UNPLACED as error:
            filled = Filled("filter", {}, error)
        page = Page(after=asked_page(asked.get("after", "")).after, limit=AT_ONCE)
        found = service.list_lanes(db, query, page, actor=actor)
        opened = service.tell_lane(db, _id(lane), actor=actor) if lane else None
        rows = list(found.rows)
        if opened is not None and opened.lane.id not in {row.id for row in rows}:
            rows.insert(0, opened.lane)
        progress = service.progress_by_division(db, query.division, actor=actor)
        wishes = service.list_wishes(db, query.division, Page(limit=AT_ONCE), actor=actor).rows
        made = chart(db, settings_of(request), around=_box(rows))
        signs = signing.signs_of(db, rows)
        last = queries.last_run(db, query.division)
        running = _job(db, job)
    waiting = running is not None and running.state in WAITING
    narrowed = {name: value for name, value in asked.items() if name in LISTED}
    return admin_page(
        request,
        "names-unnamed.html",
        filled=filled,
        cards=[_card(row, opened, actor, locale) for row in rows],
        opened=opened.lane.id if opened is not None else None,
        towns=[each for each in progress if each.level is not DivisionLevel.VILLAGE],
        villages=[each for each in progress if each.level is DivisionLevel.VILLAGE],
        wishes=wishes,
        last=last,
        running=running,
        waiting=waiting,
        taken=taken,
        chart=made,
        drawn=_features(rows, opened.lane.id if opened is not None else None),
        signs=signs,
        planned=signs_collection(signs, locale),
        synthetic=any(row.position_quality == PositionQuality.SYNTHETIC.value for row in rows),
        asked={"division": said, "status": asked.get("status", ""), "after": asked.get("after", "")},
        listed=urlencode(narrowed),
        statuses=[(each.value, each.label(locale)) for each in LaneStatus],
        all_statuses=list(LaneStatus),
        following=following(found.next_after),
        may_find=policy.may_somewhere(actor, Verb.FIND_LANES),
        may_add=policy.may_somewhere(actor, Verb.ADD_LANES),
        may_decide=policy.may_somewhere(actor, Verb.DECIDE_LANES),
        may_wish=policy.may_somewhere(actor, Verb.ADD_WISH),
    )


def _card(row: LaneRow, opened: service.LaneTold | None, actor: Actor, locale: str) -> Card:
    is_open = opened is not None and opened.lane.id == row.id
    return Card(
        lane=row,
        course=row.course.says(locale),
        between=between(row.begins, row.ends, locale),
        tone=TONES.get(row.status, "plain"),
        may_decide=row.status not in service.SETTLED
        and policy.refusal(actor, Verb.DECIDE_LANES, division=row.division_code) is None,
        offers=opened.offers if is_open and opened is not None else None,
    )


def _after(db: ReadSession, lane: UUID, name: str, actor: Actor) -> NamedAfter:
    """What a name comes from: that of an offer, else the person who typed it."""
    told = service.tell_lane(db, lane, actor=actor)
    return next((each.proposal.after for each in told.offers if each.proposal.name == name), NamedAfter.PERSON)


def _job(db: ReadSession, job: int | None) -> JobView | None:
    """A search that was ordered; None where the number is that of something else."""
    if job is None:
        return None
    try:
        found = get_job(db, job)
    except JobUnknown:
        return None
    return found if found.task == FIND_TASK else None


def _id(text: str) -> UUID:
    return as_id(text, LaneUnknown(lane=text))


def _listed(query: str) -> Mapping[str, str]:
    known = {each.value for each in LaneStatus}
    asked = {name: value for name, value in parse_qsl(query) if name in LISTED}
    return {name: value for name, value in asked.items() if name != "status" or value in known}


def _box(rows: Sequence[LaneRow]) -> BBox | None:
    if not rows:
        return None
    return BBox(*shapely.total_bounds([row.line for row in rows])).widened(AROUND_DEG)


def _features(rows: Sequence[LaneRow], opened: UUID | None) -> Mapping[str, object]:
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "geometry": mapping(row.line),
                "properties": {
                    "lane": str(row.id),
                    "status": row.status.value,
                    "name": row.proposed_name or "",
                    "opened": row.id == opened,
                },
            }
            for row in rows
        ],
    }
