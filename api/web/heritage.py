"""`/heritage`: names on protection lists, on a map and in a list; one with its stories, pictures, evidence, measures, criteria."""

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Annotated, TypeVar
from uuid import UUID

from fastapi import APIRouter, File, Form, Query, UploadFile
from starlette.requests import Request
from starlette.responses import Response

from api.deps import base_url, does, reading, settings_of, writing
from api.visitors import refuse_foreign_form, visitor_of
from api.web.admin.frame import (
    EMPTY,
    Filled,
    Ticked,
    Typed,
    admin_page,
    as_id,
    asked_page,
    following,
    go_and_say,
    seen_typed,
)
from api.web.maps import chart
from api.web.plan import zone_choices
from api.web.preferences import preferences_of
from api.web.translation import catalogue
from geo_registry.accounts import policy
from geo_registry.accounts.actors import Actor
from geo_registry.accounts.policy import Verb
from geo_registry.coverage.exports import defused
from geo_registry.db.paging import Page
from geo_registry.db.revisions import Revision
from geo_registry.db.session import WriteSession
from geo_registry.divisions import service as divisions
from geo_registry.divisions.rules import prefix_of
from geo_registry.errors import (
    DomainError,
    Forbidden,
    HeritagePartUnknown,
    HeritageUnknown,
    HeritageUnsound,
    Unauthenticated,
)
from geo_registry.facilities.inputs import Restoration
from geo_registry.geo.bbox import BBox
from geo_registry.heritage import service
from geo_registry.heritage.criteria import claimed, criteria_of
from geo_registry.heritage.inputs import (
    Delisting,
    Enlistment,
    HeritageChange,
    NewEvidence,
    NewHeritage,
    NewMeasure,
    NewPicture,
    NewStory,
)
from geo_registry.heritage.pictures import MOST_BYTES
from geo_registry.heritage.queries import HeritageQuery, HeritageRow
from geo_registry.heritage.service import HeritageTold
from geo_registry.validation import typed
from geo_registry.vocabulary import (
    CriterionState,
    HeritageKind,
    HeritageLevel,
    HeritagePart,
    HeritageStatus,
    MeasurePurpose,
    Word,
)

HERITAGE = "/heritage"
AROUND_DEG = 0.01
"""How much more than its names a map shows at first, to each side."""
REVISIONS = 50
ALL = 10_000
"""As many as a map or a file shows: a city has hundreds of them."""
LONGEST_STORY = 4_000
KEPT_S = 86_400
"""How long browsers keep a picture's file, which never changes: a day, so that what was withdrawn goes from them."""

TONES: Mapping[str, str] = {
    HeritageStatus.PROPOSED.value: "warn",
    HeritageStatus.LISTED.value: "good",
    HeritageStatus.DELISTED.value: "bad",
}
OUTCOMES: Mapping[CriterionState, str] = {
    CriterionState.MET: "good",
    CriterionState.NOT_MET: "bad",
    CriterionState.UNTOLD: "warn",
}
CLAIM: Mapping[str, bool | None] = {"yes": True, "no": False, "": None}

router = APIRouter(include_in_schema=False)

OfWord = TypeVar("OfWord", bound=Word)

Story = Annotated[str, Form(max_length=2 * LONGEST_STORY)]
Chosen = Annotated[str, Query(max_length=40)]
Sent = Annotated[UploadFile | None, File()]


@dataclass(frozen=True, slots=True)
class Shown:
    """A name as the list has it, in the reader's language."""

    row: HeritageRow
    kind: str
    level: str
    status: str
    tone: str


@router.get("/heritage")
def heritage_page(
    *,
    request: Request,
    level: Chosen = "",
    kind: Chosen = "",
    division: Annotated[str, Query(max_length=12)] = "",
    status: Chosen = "",
    after: Annotated[str, Query(max_length=64)] = "",
) -> Response:
    """The names on protection lists, all of them on the map, a page at a time in the list."""
    return _list(request, level=level, kind=kind, division=division, status=status, after=after)


@router.get("/heritage.csv")
def heritage_table(
    *, request: Request, level: Chosen = "", kind: Chosen = "", division: Annotated[str, Query(max_length=12)] = ""
) -> Response:
    """The list as it is narrowed, as a table. Texts that a spreadsheet would run are kept texts."""
    rows = _all(request, _query(level, kind, division))
    locale = "en" if preferences_of(request).locale.startswith("en") else "zh"
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\r\n")
    table.writerow(HEADER[locale])
    table.writerows([defused(each) if isinstance(each, str) else each for each in _cells(row, locale)] for row in rows)
    headers = {"Content-Disposition": 'attachment; filename="heritage.csv"'}
    return Response(b"\xef\xbb\xbf" + text.getvalue().encode(), media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/heritage.geojson")
def heritage_points(
    *, request: Request, level: Chosen = "", kind: Chosen = "", division: Annotated[str, Query(max_length=12)] = ""
) -> Response:
    """The list as it is narrowed, as points; a name whose place isn't known has no geometry (RFC 7946)."""
    rows = _all(request, _query(level, kind, division))
    features = [
        {
            "type": "Feature",
            "id": str(row.id),
            "geometry": {"type": "Point", "coordinates": [round(row.lon, 6), round(row.lat, 6)]}
            if row.lon is not None and row.lat is not None
            else None,
            "properties": {
                "name": row.name,
                "romanized": row.romanized,
                "kind": row.kind,
                "level": row.level,
                "list_name": row.list_name,
                "listed_on": row.listed_on.isoformat() if row.listed_on is not None else None,
                "document_number": row.document_number,
                "body": row.body,
                "division_code": row.division_code,
                "place": str(row.place) if row.place is not None else None,
                "synthetic": row.synthetic,
                "page": f"{base_url(request)}{HERITAGE}/{row.id}",
            },
        }
        for row in rows
    ]
    said = json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)
    headers = {"Content-Disposition": 'attachment; filename="heritage.geojson"'}
    return Response(said, media_type="application/geo+json", headers=headers)


@router.get("/heritage/{heritage}")
def heritage_record(*, request: Request, heritage: str) -> Response:
    """One name, with all that is told of it."""
    return _show(request, _id(heritage))


@router.get("/heritage/{heritage}/pictures/{picture}")
def heritage_picture(*, request: Request, heritage: str, picture: str) -> Response:
    """A picture's file, as the type that its bytes are and nothing else."""
    try:
        item = UUID(picture)
    except ValueError:
        raise HeritagePartUnknown(part=picture) from None
    with reading(request) as db:
        actor = visitor_of(request).actor
        row = service.get_heritage(actor, db, _id(heritage))
        file = service.picture_of(actor, db, row.id, item)
    is_public = row.status != HeritageStatus.PROPOSED.value
    headers = {
        # Opened by itself it runs nothing and reaches nothing, whatever somebody hid in it.
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "X-Content-Type-Options": "nosniff",
        "Content-Disposition": f'inline; filename="{item}.{file.media_type.removeprefix("image/")}"',
        "ETag": f'"{file.checksum.hex()}"',
        "Cache-Control": f"public, max-age={KEPT_S}" if is_public else "no-store",
    }
    return Response(file.content, media_type=file.media_type, headers=headers)


@router.post("/heritage")
@does(Verb.PROPOSE_HERITAGE)
def propose_heritage_form(
    *,
    request: Request,
    csrf: Typed = "",
    name: Typed = "",
    romanized: Typed = "",
    place: Typed = "",
    division: Typed = "",
    lon: Typed = "",
    lat: Typed = "",
    kind: Typed = "",
    level: Typed = "",
    list_name: Typed = "",
    founded: Typed = "",
    named: Typed = "",
    disused: Typed = "",
    restored: Typed = "",
    why: Typed = "",
) -> Response:
    """Propose a name."""
    visitor = visitor_of(request)
    refuse_foreign_form(request, visitor, csrf)
    values = {
        "name": name,
        "romanized": romanized,
        "place": place.strip().rpartition("/places/")[2],
        "division": division,
        "lon": lon,
        "lat": lat,
        "kind": kind,
        "level": level,
        "list_name": list_name,
        "founded": founded,
        "named": named,
        "disused": disused,
        "restored": restored,
        "why": why,
    }
    try:
        new = typed(NewHeritage, HeritageUnsound, **_given(values))
        with writing(request) as db:
            told = service.propose_heritage(db, new, actor=visitor.actor)
    except (Forbidden, Unauthenticated):
        raise
    except DomainError as refused:
        return _list(request, filled=Filled("propose", values, refused))
    return go_and_say(request, f"{HERITAGE}/{told.heritage.id}", "proposed")


@router.post("/heritage/{heritage}/change")
@does(Verb.CHANGE_HERITAGE)
def change_heritage_form(
    *,
    request: Request,
    heritage: str,
    csrf: Typed = "",
    seen: Typed = "",
    romanized: Typed = "",
    kind: Typed = "",
    level: Typed = "",
    list_name: Typed = "",
    founded: Typed = "",
    named: Typed = "",
    disused: Typed = "",
    restored: Typed = "",
    claims: Ticked = [],  # noqa: B006 - FastAPI copies it
    why: Typed = "",
) -> Response:
    """Correct what is told of a name; of each criterion that isn't a matter of years, whether it is met (``fabric:yes``)."""
    refuse_foreign_form(request, visitor_of(request), csrf)
    values = {
        "romanized": romanized,
        "kind": kind,
        "level": level,
        "list_name": list_name,
        "founded": founded,
        "named": named,
        "disused": disused,
        "restored": restored,
    }

    def act(db: WriteSession, known: UUID, actor: Actor) -> HeritageTold:
        present = service.get_heritage(actor, db, known)
        told: dict[str, object] = {
            name: text.strip() for name, text in values.items() if text.strip() != getattr(present, name)
        }
        for name in ("kind", "level"):
            if told.get(name) == "":
                told.pop(name)
        said = {key: CLAIM.get(verdict) for key, _, verdict in (each.partition(":") for each in claims)}
        different = {key: claim for key, claim in said.items() if claim != present.claims.get(key)}
        if different:
            told["claims"] = different
        change = typed(HeritageChange, HeritageUnsound, why=why, **told)
        return service.change_heritage(db, known, change, seen=seen_typed(seen), actor=actor)

    return _act(
        request,
        heritage,
        filled=Filled("change", {**values, "claims": claims, "why": why}),
        act=act,
        done="changed",
    )


@router.post("/heritage/{heritage}/list")
@does(Verb.ENLIST_HERITAGE)
def enlist_heritage_form(
    *,
    request: Request,
    heritage: str,
    csrf: Typed = "",
    seen: Typed = "",
    listed_on: Typed = "",
    document_number: Typed = "",
    body: Typed = "",
    case: Typed = "",
    taken_over: Typed = "",
    why: Typed = "",
) -> Response:
    """Put a name on its list."""
    refuse_foreign_form(request, visitor_of(request), csrf)
    values = {"listed_on": listed_on, "document_number": document_number, "body": body, "case": case, "why": why}

    def act(db: WriteSession, known: UUID, actor: Actor) -> HeritageTold:
        enlistment = typed(Enlistment, HeritageUnsound, **values, taken_over=bool(taken_over))
        return service.enlist_heritage(db, known, enlistment, seen=seen_typed(seen), actor=actor)

    return _act(request, heritage, filled=Filled("list", values | {"taken_over": taken_over}), act=act, done="listed")


@router.post("/heritage/{heritage}/delist")
@does(Verb.DELIST_HERITAGE)
def delist_heritage_form(
    *,
    request: Request,
    heritage: str,
    csrf: Typed = "",
    seen: Typed = "",
    delisted_on: Typed = "",
    document_number: Typed = "",
    why: Typed = "",
) -> Response:
    """Take a name off its list."""
    refuse_foreign_form(request, visitor_of(request), csrf)
    values = {"delisted_on": delisted_on, "document_number": document_number, "why": why}

    def act(db: WriteSession, known: UUID, actor: Actor) -> HeritageTold:
        delisting = typed(Delisting, HeritageUnsound, **values)
        return service.delist_heritage(db, known, delisting, seen=seen_typed(seen), actor=actor)

    return _act(request, heritage, filled=Filled("delist", values), act=act, done="delisted")


@router.post("/heritage/{heritage}/evidence")
@does(Verb.ADD_HERITAGE_EVIDENCE)
def add_heritage_evidence_form(
    *,
    request: Request,
    heritage: str,
    csrf: Typed = "",
    what: Typed = "",
    says: Story = "",
    dated: Typed = "",
    source: Typed = "",
    supports: Ticked = [],  # noqa: B006 - FastAPI copies it
) -> Response:
    """Add evidence of a name."""
    refuse_foreign_form(request, visitor_of(request), csrf)
    values = {"what": what, "says": says, "dated": dated, "source": source}

    def act(db: WriteSession, known: UUID, actor: Actor) -> HeritageTold:
        new = typed(NewEvidence, HeritageUnsound, supports=tuple(supports), **values)
        return service.add_evidence(db, known, new, actor=actor)

    return _act(request, heritage, filled=Filled("evidence", {**values, "supports": supports}), act=act, done="added")


@router.post("/heritage/{heritage}/stories")
@does(Verb.ADD_HERITAGE_STORY)
def add_heritage_story_form(
    *, request: Request, heritage: str, csrf: Typed = "", title: Typed = "", story: Story = "", source: Typed = ""
) -> Response:
    """Add a story of a name."""
    refuse_foreign_form(request, visitor_of(request), csrf)
    values = {"title": title, "story": story, "source": source}

    def act(db: WriteSession, known: UUID, actor: Actor) -> HeritageTold:
        return service.add_story(db, known, typed(NewStory, HeritageUnsound, **values), actor=actor)

    return _act(request, heritage, filled=Filled("stories", values), act=act, done="added")


@router.post("/heritage/{heritage}/pictures")
@does(Verb.ADD_HERITAGE_PICTURE)
def add_heritage_picture_form(
    *,
    request: Request,
    heritage: str,
    csrf: Typed = "",
    caption: Typed = "",
    author: Typed = "",
    licence: Typed = "",
    taken: Typed = "",
    file: Sent = None,
) -> Response:
    """Add a picture of a name."""
    refuse_foreign_form(request, visitor_of(request), csrf)
    values = {"caption": caption, "author": author, "licence": licence, "taken": taken}

    def act(db: WriteSession, known: UUID, actor: Actor) -> HeritageTold:
        content = file.file.read(MOST_BYTES + 1) if file is not None else b""
        new = typed(NewPicture, HeritageUnsound, content=content, **values)
        return service.add_picture(db, known, new, actor=actor)

    return _act(request, heritage, filled=Filled("pictures", values), act=act, done="added")


@router.post("/heritage/{heritage}/measures")
@does(Verb.ADD_HERITAGE_MEASURE)
def add_heritage_measure_form(
    *,
    request: Request,
    heritage: str,
    csrf: Typed = "",
    purpose: Typed = "",
    measure: Story = "",
    decided_on: Typed = "",
    document_number: Typed = "",
    body: Typed = "",
) -> Response:
    """Record a protective measure."""
    refuse_foreign_form(request, visitor_of(request), csrf)
    values = {
        "purpose": purpose,
        "measure": measure,
        "decided_on": decided_on,
        "document_number": document_number,
        "body": body,
    }

    def act(db: WriteSession, known: UUID, actor: Actor) -> HeritageTold:
        return service.add_measure(db, known, typed(NewMeasure, HeritageUnsound, **values), actor=actor)

    return _act(request, heritage, filled=Filled("measures", values), act=act, done="added")


@router.post("/heritage/{heritage}/{part}/{item}/withdraw")
@does(Verb.WITHDRAW_HERITAGE_PART)
def withdraw_heritage_part_form(
    *, request: Request, heritage: str, part: str, item: str, csrf: Typed = "", why: Typed = ""
) -> Response:
    """Take back something that was told by mistake."""
    refuse_foreign_form(request, visitor_of(request), csrf)

    def act(db: WriteSession, known: UUID, actor: Actor) -> HeritageTold:
        try:
            of, each = HeritagePart.of(part), UUID(item)
        except ValueError:
            raise HeritagePartUnknown(part=item) from None
        given = typed(Restoration, HeritageUnsound, why=why)
        return service.withdraw_part(db, known, of, each, given.why, actor=actor)

    return _act(request, heritage, filled=Filled(f"withdraw-{item}", {"why": why}), act=act, done="withdrawn")


def _act(
    request: Request,
    heritage: str,
    *,
    filled: Filled,
    act: Callable[[WriteSession, UUID, Actor], HeritageTold],
    done: str,
) -> Response:
    """Do what a form of a name's page says, and say that it was done; the page with the form again, where it is refused."""
    known = _id(heritage)
    try:
        with writing(request) as db:
            act(db, known, visitor_of(request).actor)
    except (Forbidden, Unauthenticated, HeritageUnknown, HeritagePartUnknown):
        raise
    except DomainError as refused:
        return _show(request, known, filled=Filled(filled.name, filled.values, refused))
    return go_and_say(request, f"{HERITAGE}/{known}", done)


def _list(
    request: Request,
    *,
    level: str = "",
    kind: str = "",
    division: str = "",
    status: str = "",
    after: str = "",
    filled: Filled = EMPTY,
) -> Response:
    actor, locale = visitor_of(request).actor, preferences_of(request).locale
    sees_proposed = policy.refusal(actor, Verb.LIST_PROPOSED) is None
    query = _query(level, kind, division, status if sees_proposed or status != HeritageStatus.PROPOSED.value else "")
    with reading(request) as db:
        found = service.list_heritage(actor, db, query, asked_page(after))
        drawn = service.list_heritage(actor, db, query, Page(limit=ALL)).rows
        zones = zone_choices(db)
        made = chart(db, settings_of(request), around=_box(drawn))
    statuses = [each for each in HeritageStatus if sees_proposed or each is not HeritageStatus.PROPOSED]
    return admin_page(
        request,
        "heritage-list.html",
        filled=filled,
        names=[_shown(row, locale) for row in found.rows],
        total=len(drawn),
        drawn=_points(drawn),
        chart=made,
        asked={"level": level, "kind": kind, "division": division, "status": query.statuses[0].value, "after": after},
        narrowed=bool(level or kind or division or status),
        zones=zones,
        levels=_choices(HeritageLevel, locale),
        kinds=_choices(HeritageKind, locale),
        statuses=[(each.value, each.label(locale)) for each in statuses],
        following=following(found.next_after),
        may_propose=policy.may_somewhere(actor, Verb.PROPOSE_HERITAGE),
    )


def _show(request: Request, heritage: UUID, *, filled: Filled = EMPTY) -> Response:
    actor, locale = visitor_of(request).actor, preferences_of(request).locale
    with reading(request) as db:
        told = service.tell_heritage(actor, db, heritage)
        row = told.heritage
        revisions = service.revisions_for(actor, db, heritage, Page(limit=REVISIONS))
        path = divisions.path_to(db, row.division_code, row.division_name)
        box = _box([row])
        made = chart(db, settings_of(request), around=box) if box is not None else None
    kind = HeritageKind.of(row.kind)
    return admin_page(
        request,
        "heritage-name.html",
        filled=filled,
        heritage=row,
        shown=_shown(row, locale),
        parts_=told.parts,
        criteria=[(each, OUTCOMES[each.state]) for each in told.criteria],
        unverified=any(not each.criterion.verified for each in told.criteria),
        years=list(_years(row, locale)),
        purposes=_choices(MeasurePurpose, locale),
        purpose_of={each.value: each.label(locale) for each in MeasurePurpose},
        claims=[(each.key, each.label(locale), row.claims.get(each.key)) for each in claimed(kind)],
        supportable=[(each.key, each.label(locale)) for each in criteria_of(kind)],
        levels=_choices(HeritageLevel, locale),
        kinds=_choices(HeritageKind, locale),
        path=path,
        chart=made,
        drawn=_points([row]),
        seen=row.version,
        may=_may(actor, row),
        revisions=[(each, _differences(each, locale)) for each in revisions.rows],
        data=f"/api/v1/heritage/{heritage}",
    )


def _may(actor: Actor, row: HeritageRow) -> Mapping[str, bool]:
    """Which forms of a name's page whoever looks at it is shown."""
    is_listed = row.status == HeritageStatus.LISTED.value
    verbs = {
        "change": Verb.CHANGE_HERITAGE,
        "evidence": Verb.ADD_HERITAGE_EVIDENCE,
        "stories": Verb.ADD_HERITAGE_STORY,
        "pictures": Verb.ADD_HERITAGE_PICTURE,
        "measures": Verb.ADD_HERITAGE_MEASURE,
        "withdraw": Verb.WITHDRAW_HERITAGE_PART,
        "delist" if is_listed else "list": Verb.DELIST_HERITAGE if is_listed else Verb.ENLIST_HERITAGE,
    }
    return {name: policy.refusal(actor, verb, division=row.division_code) is None for name, verb in verbs.items()}


def _all(request: Request, query: HeritageQuery) -> Sequence[HeritageRow]:
    with reading(request) as db:
        return service.list_heritage(visitor_of(request).actor, db, query, Page(limit=ALL)).rows


def _query(level: str, kind: str, division: str, status: str = "") -> HeritageQuery:
    """What is asked for; a word that is none narrows nothing."""
    return HeritageQuery(
        levels=_chosen(HeritageLevel, level),
        kinds=_chosen(HeritageKind, kind),
        statuses=_chosen(HeritageStatus, status) or (HeritageStatus.LISTED,),
        division=prefix_of(division.strip()) if division.strip() else None,
    )


def _chosen(words: type[OfWord], key: str) -> tuple[OfWord, ...]:
    with suppress(ValueError):
        return (words.of(key),)
    return ()


def _choices(words: type[Word], locale: str) -> Sequence[tuple[str, str]]:
    return [(each.value, each.label(locale)) for each in words]


def _id(text: str) -> UUID:
    return as_id(text, HeritageUnknown(heritage=text))


def _given(values: Mapping[str, str]) -> Mapping[str, str]:
    """What was typed into a form's fields; what was left empty isn't said."""
    return {name: text.strip() for name, text in values.items() if text.strip()}


def _shown(row: HeritageRow, locale: str) -> Shown:
    return Shown(
        row,
        HeritageKind.of(row.kind).label(locale),
        HeritageLevel.of(row.level).label(locale),
        HeritageStatus.of(row.status).label(locale),
        TONES[row.status],
    )


def _box(rows: Sequence[HeritageRow]) -> BBox | None:
    at = [(row.lon, row.lat) for row in rows if row.lon is not None and row.lat is not None]
    if not at:
        return None
    lons, lats = zip(*at, strict=True)
    return BBox(min(lons), min(lats), max(lons), max(lats)).widened(AROUND_DEG)


def _points(rows: Sequence[HeritageRow]) -> Mapping[str, object]:
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "geometry": {"type": "Point", "coordinates": [row.lon, row.lat]},
                "properties": {"heritage": str(row.id), "name": row.name},
            }
            for row in rows
            if row.lon is not None
        ],
    }


def _years(row: HeritageRow, locale: str) -> Sequence[tuple[str, str]]:
    """What is told of years, those that are."""
    _ = catalogue(locale).gettext
    told = (
        (_("形成年代"), row.founded),
        (_("得名年代"), row.named),
        (_("停用年代"), row.disused),
        (_("恢复年代"), row.restored),
    )
    return [(label, text) for label, text in told if text]


HEADER = {
    "zh": (
        "名称", "罗马字母拼写", "类别", "级别", "名录", "列入日期", "文号", "发文机关", "区划代码", "所在区划", "形成年代", "得名年代",
        "停用年代", "恢复年代", "经度", "纬度", "示例", "编号", "地名编号",
    ),
    "en": (
        "name", "romanized", "kind", "level", "list", "listed_on", "document_number", "body", "division_code", "division",
        "founded", "named", "disused", "restored", "lon", "lat", "synthetic", "id", "place",
    ),
}  # fmt: skip


def _cells(row: HeritageRow, locale: str) -> Sequence[str | float | date | None]:
    said = {"zh": ("", "示例数据"), "en": ("", "example")}[locale]
    return (
        row.name,
        row.romanized,
        HeritageKind.of(row.kind).label(locale) if locale == "zh" else row.kind,
        HeritageLevel.of(row.level).label(locale) if locale == "zh" else row.level,
        row.list_name,
        row.listed_on,
        row.document_number,
        row.body,
        row.division_code,
        row.division_name,
        row.founded,
        row.named,
        row.disused,
        row.restored,
        round(row.lon, 6) if row.lon is not None else None,
        round(row.lat, 6) if row.lat is not None else None,
        said[row.synthetic],
        str(row.id),
        str(row.place) if row.place is not None else None,
    )


def _differences(revision: Revision, locale: str) -> Sequence[tuple[str, str, str]]:
    """The fields that a revision changed: how each is called, and what it said before and after."""
    _ = catalogue(locale).gettext
    words = {
        "romanized": _("罗马字母拼写"),
        "kind": _("类别"),
        "level": _("级别"),
        "list_name": _("名录"),
        "status": _("状态"),
        "listed_on": _("列入日期"),
        "document_number": _("文号"),
        "body": _("发文机关"),
        "delisted_on": _("移出日期"),
        "delisted_document": _("移出文号"),
        "delisted_why": _("移出理由"),
        "founded": _("形成年代"),
        "named": _("得名年代"),
        "disused": _("停用年代"),
        "restored": _("恢复年代"),
        "claims": _("认定条件"),
    }
    known: Mapping[str, type[Word]] = {"kind": HeritageKind, "level": HeritageLevel, "status": HeritageStatus}
    verdicts = {True: _("是"), False: _("否")}
    criteria = {each.key: each.label(locale) for kind in HeritageKind for each in claimed(kind)}

    def said(field: str, value: object) -> str:
        if value in (None, "", {}):
            return ""
        if field in known:
            return known[field].of(str(value)).label(locale)
        if isinstance(value, dict):
            return _("；").join(
                f"{criteria.get(key, key)}{_('：')}{verdicts[bool(claim)]}" for key, claim in value.items()
            )
        return str(value)

    return [
        (words.get(each.field, each.field), said(each.field, each.before), said(each.field, each.after))
        for each in revision.changes
    ]
