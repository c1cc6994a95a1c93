"""`/built-up-areas`: within what names are told apart, on a map and in a table; one with its history, to be entered and changed."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, File, Form, Query, UploadFile
from shapely import GeometryCollection
from shapely.geometry import mapping, shape
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
)
from api.web.maps import chart
from api.web.places import day_asked, period_said
from api.web.preferences import preferences_of
from api.web.translation import catalogue
from geo_registry import clock
from geo_registry.accounts import policy
from geo_registry.accounts.policy import Verb
from geo_registry.built_up import service
from geo_registry.built_up.inputs import AreaChange, AreaEnd, NewArea, codes_in
from geo_registry.built_up.queries import AreaQuery, AreaRow, Concern, Member, Reach
from geo_registry.built_up.service import AreaTold
from geo_registry.db.paging import Page
from geo_registry.db.revisions import Revision
from geo_registry.divisions import service as divisions
from geo_registry.divisions.rules import prefix_of
from geo_registry.errors import (
    BuiltUpAreaUnknown,
    BuiltUpAreaUnsound,
    DomainError,
    Forbidden,
    Unauthenticated,
)
from geo_registry.facilities.inputs import Restoration
from geo_registry.geo.bbox import BBox
from geo_registry.geo.geojson import GeometryJson
from geo_registry.validation import typed
from geo_registry.vocabulary import PositionQuality

AREAS = "/built-up-areas"
AROUND_DEG = 0.01
"""How much more than its areas a map shows at first, to each side."""
REVISIONS = 50

router = APIRouter(include_in_schema=False)

Drawn = Annotated[UploadFile | None, File()]
Listed = Annotated[str, Form(alias="divisions", max_length=10_000)]


@dataclass(frozen=True, slots=True)
class Shown:
    """An area as a row of the table."""

    row: AreaRow
    period: str
    concerns: Sequence[Concern]


@router.get("/built-up-areas")
def areas_page(
    *,
    request: Request,
    division: Annotated[str, Query(max_length=12)] = "",
    on: Annotated[str, Query(max_length=20)] = "",
    after: Annotated[str, Query(max_length=64)] = "",
) -> Response:
    """The areas, now or on a day, a page at a time."""
    return _list(request, division=division, on=on, after=after)


@router.get("/built-up-areas/{area}")
def area_page(
    *,
    request: Request,
    area: str,
    on: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """One area, with its history."""
    return _show(request, _id(area), on=on)


@router.post("/built-up-areas")
@does(Verb.REGISTER_AREA)
def register_area_form(
    *,
    request: Request,
    csrf: Typed = "",
    name: Typed = "",
    division: Typed = "",
    divisions_: Listed = "",
    source: Typed = "",
    quality: Typed = "",
    valid_from: Typed = "",
    why: Typed = "",
    geometry: Drawn = None,
) -> Response:
    """Enter an area."""
    visitor = visitor_of(request)
    refuse_foreign_form(request, visitor, csrf)
    values = {
        "name": name,
        "division": division,
        "divisions": divisions_,
        "source": source,
        "quality": quality,
        "valid_from": valid_from,
        "why": why,
    }
    try:
        new = typed(NewArea, BuiltUpAreaUnsound, **_given(values), **_extent(divisions_, geometry))
        with writing(request) as db:
            told = service.register_area(db, new, actor=visitor.actor)
    except (Forbidden, Unauthenticated):
        raise
    except DomainError as refused:
        return _list(request, filled=Filled("register", values, refused))
    return go_and_say(request, f"{AREAS}/{told.area.id}", "registered")


@router.post("/built-up-areas/{area}/change")
@does(Verb.CHANGE_AREA)
def change_area_form(
    *,
    request: Request,
    area: str,
    csrf: Typed = "",
    seen: Typed = "",
    name: Typed = "",
    division: Typed = "",
    divisions_: Listed = "",
    source: Typed = "",
    quality: Typed = "",
    valid_from: Typed = "",
    since: Typed = "",
    why: Typed = "",
    geometry: Drawn = None,
) -> Response:
    """Correct an area, or have it reach otherwise from a day on."""
    visitor = visitor_of(request)
    refuse_foreign_form(request, visitor, csrf)
    values = {
        "name": name,
        "division": division,
        "divisions": divisions_,
        "source": source,
        "quality": quality,
        "valid_from": valid_from,
        "since": since,
        "why": why,
    }
    known = _id(area)
    try:
        with writing(request) as db:
            present = service.get_area(db, known)
            extent = _extent(divisions_, geometry, present.reach.divisions)
            told = {**_different(values, present, since=bool(since.strip())), **extent}
            change = typed(AreaChange, BuiltUpAreaUnsound, why=why, **told)
            service.change_area(db, known, change, seen=seen_typed(seen), actor=visitor.actor)
    except (Forbidden, Unauthenticated, BuiltUpAreaUnknown):
        raise
    except DomainError as refused:
        return _show(request, known, filled=Filled("change", values, refused))
    return go_and_say(request, f"{AREAS}/{known}", "changed")


@router.post("/built-up-areas/{area}/end")
@does(Verb.END_AREA)
def end_area_form(
    *, request: Request, area: str, csrf: Typed = "", seen: Typed = "", on: Typed = "", why: Typed = ""
) -> Response:
    """End an area on a day."""
    visitor = visitor_of(request)
    refuse_foreign_form(request, visitor, csrf)
    known = _id(area)
    try:
        with writing(request) as db:
            end = typed(AreaEnd, BuiltUpAreaUnsound, on=on, why=why)
            service.end_area(db, known, end, seen=seen_typed(seen), actor=visitor.actor)
    except (Forbidden, Unauthenticated, BuiltUpAreaUnknown):
        raise
    except DomainError as refused:
        return _show(request, known, filled=Filled("end", {"on": on, "why": why}, refused))
    return go_and_say(request, f"{AREAS}/{known}", "ended")


@router.post("/built-up-areas/{area}/restore")
@does(Verb.RESTORE_AREA)
def restore_area_form(
    *, request: Request, area: str, csrf: Typed = "", seen: Typed = "", number: Typed = "", why: Typed = ""
) -> Response:
    """Make an older revision the newest one."""
    visitor = visitor_of(request)
    refuse_foreign_form(request, visitor, csrf)
    known = _id(area)
    try:
        with writing(request) as db:
            given = typed(Restoration, BuiltUpAreaUnsound, why=why)
            revision = int(number) if number.isascii() and number.isdecimal() and len(number) < len(str(2**63)) else 0
            service.restore_area(db, known, revision, seen=seen_typed(seen), why=given.why, actor=visitor.actor)
    except (Forbidden, Unauthenticated, BuiltUpAreaUnknown):
        raise
    except DomainError as refused:
        return _show(request, known, filled=Filled(f"restore-{number}", {"why": why}, refused))
    return go_and_say(request, f"{AREAS}/{known}", "restored")


def _list(request: Request, *, division: str = "", on: str = "", after: str = "", filled: Filled = EMPTY) -> Response:
    actor, locale = visitor_of(request).actor, preferences_of(request).locale
    day = day_asked(on.strip()) if on.strip() else None
    within = prefix_of(division.strip()) if division.strip() else None
    with reading(request) as db:
        query = AreaQuery(division=within, on=day, in_force=True if day is None else None)
        found = service.list_areas(db, query, asked_page(after))
        concerns = service.concerns_of(db, [row.id for row in found.rows]) if day is None else {}
        gone = AreaQuery(division=within, in_force=False)
        ended = service.list_areas(db, gone, Page(limit=REVISIONS)).rows if day is None else ()
        box = _box([row.reach.geometry for row in found.rows])
        made = chart(db, settings_of(request), around=box)
    return admin_page(
        request,
        "built-up-areas.html",
        filled=filled,
        areas=[_shown(row, concerns.get(row.id, ()), locale) for row in found.rows],
        ended=[_shown(row, (), locale) for row in ended],
        drawn=_features(found.rows),
        chart=made,
        asked={"division": division, "on": on, "after": after},
        shown_on=day,
        following=following(found.next_after),
        may_check=policy.refusal(actor, Verb.CHECK_NAME) is None,
        may_register=policy.may_somewhere(actor, Verb.REGISTER_AREA),
        qualities=_qualities(locale),
    )


def _show(request: Request, area: UUID, *, on: str = "", filled: Filled = EMPTY) -> Response:
    actor, locale = visitor_of(request).actor, preferences_of(request).locale
    day = day_asked(on.strip()) if on.strip() else None
    with reading(request) as db:
        told = service.tell_area(db, area)
        then = service.get_area(db, area, on=day) if day is not None else told.area
        revisions = service.revisions_for(actor, db, area, Page(limit=REVISIONS))
        path = divisions.path_to(db, told.area.division_code, told.area.division_name)
        made = chart(db, settings_of(request), around=_box([each.geometry for each in _reaches(told)]))
    code = told.area.division_code
    return admin_page(
        request,
        "built-up-area.html",
        filled=filled,
        area=told.area,
        told=told,
        reaches=[(each, _period(each, locale), _quality(each, locale)) for each in _reaches(told)],
        then=then,
        on=on,
        shown_on=day,
        path=path,
        chart=made,
        drawn={"type": "FeatureCollection", "features": _drawn_then(told, then)},
        seen=told.area.version,
        division=prefix_of(code) if code else "",
        members="\n".join(each.code for each in told.area.reach.divisions),
        revisions=[(each, _differences(each, locale)) for each in revisions.rows],
        may_check=policy.refusal(actor, Verb.CHECK_NAME) is None,
        may_change=policy.refusal(actor, Verb.CHANGE_AREA, division=code) is None,
        may_end=policy.refusal(actor, Verb.END_AREA, division=code) is None,
        may_restore=policy.refusal(actor, Verb.RESTORE_AREA, division=code) is None,
        qualities=_qualities(locale),
        data=f"/api/v1/built-up-areas/{area}",
        today=clock.today(settings_of(request).zone),
    )


def _id(text: str) -> UUID:
    return as_id(text, BuiltUpAreaUnknown(area=text))


def _given(values: Mapping[str, str]) -> Mapping[str, str]:
    """What was typed into a form's fields; what was left empty isn't said."""
    return {name: text.strip() for name, text in values.items() if name != "divisions" and text.strip()}


def _different(values: Mapping[str, str], present: AreaRow, *, since: bool) -> Mapping[str, str | None]:
    """What a form says otherwise than it was shown; an extent that begins anew has the source and quality that it says."""
    reach = present.reach
    shown = {
        "name": present.name,
        "division": prefix_of(present.division_code) if present.division_code else "",
        "source": reach.source,
        "quality": reach.position_quality,
        "valid_from": str(reach.valid_from or ""),
        "since": "",
    }
    changed: dict[str, str | None] = {
        name: values[name].strip() or None for name in shown if values[name].strip() != shown[name]
    }
    if since:
        changed.pop("valid_from", None)
    for name in ("name", "quality"):
        if changed.get(name, "") is None:
            changed.pop(name)
    return changed


def _extent(codes: str, drawn: UploadFile | None, present: Sequence[Member] = ()) -> Mapping[str, object]:
    """How far an area reaches, as a form says it: a file with a polygon, or codes of other divisions than at present.

    Raises
    ------
    BuiltUpAreaUnsound
        The file isn't GeoJSON with one geometry.
    """
    said: dict[str, object] = {}
    listed = codes_in(codes)
    if listed and set(listed) != {each.code for each in present}:
        said["divisions"] = listed
    if drawn is not None and drawn.filename:
        said["geometry"] = _geometry(drawn.file.read())
    return said


def _geometry(content: bytes) -> object:
    """The one geometry of a GeoJSON file: bare, of a feature, or of a collection with one of them."""
    try:
        found = json.loads(content.decode("utf-8-sig"))
    except ValueError:
        found = None
    if isinstance(found, dict) and found.get("type") == "FeatureCollection":
        features = found.get("features")
        found = features[0] if isinstance(features, list) and len(features) == 1 else None
    if isinstance(found, dict) and found.get("type") == "Feature":
        found = found.get("geometry")
    if not isinstance(found, dict):
        raise BuiltUpAreaUnsound(
            problems_zh="文件应为 GeoJSON（UTF-8），其中恰有一个面（多边形）",
            problems_en="the file is to be GeoJSON (UTF-8) with exactly one polygon",
        )
    return found


def _reaches(told: AreaTold) -> Sequence[Reach]:
    return [told.area.reach, *told.earlier]


def _box(geometries: Sequence[GeometryJson]) -> BBox | None:
    if not geometries:
        return None
    return BBox(*GeometryCollection([shape(each) for each in geometries]).bounds).widened(AROUND_DEG)


def _features(rows: Sequence[AreaRow]) -> Mapping[str, object]:
    areas = [_feature(row.reach, str(row.id)) for row in rows]
    return {"type": "FeatureCollection", "features": [*areas, *(_label(row.reach, row.name) for row in rows)]}


def _drawn_then(told: AreaTold, then: AreaRow) -> Sequence[Mapping[str, object]]:
    """The extent of the day whole, those of other periods as lines."""
    others = [each for each in _reaches(told) if each.valid_from != then.reach.valid_from]
    return [
        *(_feature(each, "", other=True) for each in others),
        _feature(then.reach, ""),
        _label(then.reach, then.name),
    ]


def _label(reach: Reach, name: str) -> Mapping[str, object]:
    """Where an area's name is written: at a point inside it."""
    inside = shape(reach.geometry).representative_point()
    return {"type": "Feature", "geometry": mapping(inside), "properties": {"name": name}}


def _feature(reach: Reach, area: str, *, other: bool = False) -> Mapping[str, object]:
    return {
        "type": "Feature",
        "geometry": reach.geometry,
        "properties": {"area": area, "other": other},
    }


def _shown(row: AreaRow, concerns: Sequence[Concern], locale: str) -> Shown:
    return Shown(row, _period(row.reach, locale), concerns)


def _period(reach: Reach, locale: str) -> str:
    return period_said(reach.valid_from, reach.valid_to, locale)


def _quality(reach: Reach, locale: str) -> str:
    return PositionQuality.of(reach.position_quality).label(locale)


def _qualities(locale: str) -> Sequence[tuple[str, str]]:
    """Those that somebody can give: what is made up is the demonstration's."""
    return [(each.value, each.label(locale)) for each in PositionQuality if each is not PositionQuality.SYNTHETIC]


def _differences(revision: Revision, locale: str) -> Sequence[tuple[str, str, str]]:
    """The fields that a revision changed: how each is called, and what it said before and after."""
    _ = catalogue(locale).gettext
    words = {
        "name": _("名称"),
        "division_code": _("所属区划"),
        "divisions": _("组成区划"),
        "source": _("依据"),
        "position_quality": _("位置精度"),
        "valid_from": _("起"),
        "valid_to": _("止"),
        "geometry": _("范围"),
    }

    def said(field: str, value: object) -> str:
        if value in (None, ""):
            return ""
        if field == "geometry":
            return _("版本 %(digest)s") % {"digest": str(value)[:8]}
        if field == "position_quality":
            return PositionQuality.of(str(value)).label(locale)
        return ", ".join(map(str, value)) if isinstance(value, list) else str(value)

    return [
        (words.get(each.field, each.field), said(each.field, each.before), said(each.field, each.after))
        for each in revision.changes
    ]
