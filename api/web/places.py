"""`/places/{id}`: a place with its names through time, how far it reached, what it is to others; and an extract to print."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

import segno
from fastapi import APIRouter, Query
from markupsafe import Markup
from shapely import GeometryCollection, Point
from shapely.geometry import shape
from starlette.requests import Request
from starlette.responses import HTMLResponse

from api.deps import Asker, ReadDb, base_url, settings_of
from api.languages import ZH
from api.web.maps import chart
from api.web.preferences import preferences_of
from api.web.rendering import page
from api.web.translation import catalogue
from geo_registry import clock
from geo_registry.accounts import policy
from geo_registry.accounts.actors import Actor
from geo_registry.accounts.policy import Verb
from geo_registry.db.paging import Page
from geo_registry.db.revisions import Revision
from geo_registry.db.session import ReadSession
from geo_registry.divisions import service as divisions
from geo_registry.errors import MomentInvalid, PlaceIdInvalid
from geo_registry.geo.bbox import BBox
from geo_registry.places import clearing, details, service
from geo_registry.places.clearing import FindingQuery, FindingRow
from geo_registry.places.periods import Dated
from geo_registry.places.queries import ExtentRow, NameRow, PlaceRow, RelationRow
from geo_registry.places.service import PlaceTold
from geo_registry.vocabulary import (
    Certainty,
    NameKind,
    NamingState,
    PlaceClass,
    PlaceRelationKind,
    PlaceState,
    PositionQuality,
    RomanizedBy,
    SpellingStatus,
    Word,
)

AROUND_DEG = 0.004
"""How much more than its extent a place's map shows at first, to each side."""
REVISIONS = 20
FINDINGS = 50
TONES: Mapping[str, str] = {
    PlaceState.PLANNED.value: "plain",
    PlaceState.IN_USE.value: "good",
    PlaceState.ABOLISHED.value: "bad",
}
WORDS: Mapping[str, type[Word]] = {
    "place_class": PlaceClass,
    "state": PlaceState,
    "position_quality": PositionQuality,
}

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Line:
    """A name as a line through time: where it begins and how long it is, in hundredths of what the drawing spans."""

    name: NameRow
    kind: str
    status: str
    naming: str
    period: str
    x: float
    width: float
    open_begin: bool
    dated: bool
    former: bool
    romanized_by: str


@dataclass(frozen=True, slots=True)
class Relation:
    """What a place is to another, in the reader's language."""

    row: RelationRow
    said: str
    other_class: str
    certainty: str
    since: str


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that a revision changed, in the reader's language."""

    label: str
    before: str
    after: str


@router.get("/places/{place}")
def place_record(
    request: Request,
    db: ReadDb,
    place: str,
    actor: Asker,
    on: Annotated[str, Query(max_length=20)] = "",
) -> HTMLResponse:
    """A place's record; with `on`, what it was called and how far it reached on that day too."""
    told = service.tell_place(db, _id(place))
    revisions = service.revisions_for(actor, db, told.place.id, Page(limit=REVISIONS))
    locale = preferences_of(request).locale
    today = clock.today(settings_of(request).zone)
    day = _day(on) if on else None
    box = _box(told)
    return page(
        request,
        "place.html",
        place=told.place,
        standard=told.standard_name(),
        kind=PlaceClass.of(told.place.place_class).label(locale),
        state=PlaceState.of(told.place.state).label(locale),
        tone=TONES[told.place.state],
        quality=PositionQuality.of(told.place.position_quality).label(locale),
        is_synthetic=told.place.position_quality == PositionQuality.SYNTHETIC.value,
        path=divisions.path_to(db, told.place.division_code, told.place.division_name),
        lines=_lines(told, today, locale),
        span=_span(told, today) if _is_dated(told) else None,
        there=_there(told.place, locale),
        facts=list(_facts(told.place, locale)),
        relations=[_relation(each, locale) for each in told.relations],
        extents=[(each, period_said(each.valid_from, each.valid_to, locale)) for each in told.extents],
        solid=_solid(told, day),
        drawn=_drawn(told, day),
        others=_others(told, day),
        said=list(_said(told, locale)),
        on=day,
        then=told.standard_name(day) if day else None,
        findings=_findings(db, told.place.id, actor),
        revisions=[(each, _differences(each, locale)) for each in revisions.rows],
        chart=chart(db, settings_of(request), around=box) if box is not None else None,
        address=f"{base_url(request)}/places/{told.place.id}",
        data=f"/api/v1/places/{told.place.id}",
        today=today,
    )


@router.get("/places/{place}/extract")
def place_extract(
    request: Request,
    db: ReadDb,
    place: str,
    issued: Annotated[str, Query(max_length=40)] = "",
    content: Annotated[str, Query(max_length=64)] = "",
) -> HTMLResponse:
    """What the registry says of a place, former names and the present one, to be printed and handed over (查询结果).

    The printed code leads back here with when it was issued and what the content was, in short: whoever checks a sheet
    sees whether the registry still says the same.
    """
    told = service.tell_place(db, _id(place))
    locale, zone = preferences_of(request).locale, settings_of(request).zone
    now, said = clock.now(), _content(told)
    query = urlencode({"issued": now.isoformat(timespec="seconds").replace("+00:00", "Z"), "content": said})
    address = f"{base_url(request)}/places/{told.place.id}/extract?{query}"
    return page(
        request,
        "place_extract.html",
        place=told.place,
        standard=told.standard_name(),
        kind=PlaceClass.of(told.place.place_class).label(locale),
        state=PlaceState.of(told.place.state).label(locale),
        is_synthetic=told.place.position_quality == PositionQuality.SYNTHETIC.value,
        path=divisions.path_to(db, told.place.division_code, told.place.division_name),
        lines=_lines(told, clock.today(zone), locale),
        relations=[_relation(each, locale) for each in told.relations],
        address=address,
        code=Markup(segno.make(address, error="m").svg_inline(scale=4, border=2, omitsize=False)),  # noqa: S704 - squares, drawn by the library
        now=now,
        issued=clock.moment(issued, zone) if issued else None,
        is_same=content == said,
    )


def _content(told: PlaceTold) -> str:
    """What an extract says, in twelve digits that are others as soon as it says something else; in every language the same."""
    place = told.place
    facts = (
        (place.name, place.place_class, place.state, place.division_code, place.division_name, place.national_code),
        [
            (each.name, each.kind, each.status, each.romanized, str(each.valid_from), str(each.valid_to), each.source)
            for each in told.names
        ],
        [
            (each.kind, each.inverse, each.other_name, str(each.since), each.evidence, each.certainty)
            for each in told.relations
        ],
    )
    return sha256(json.dumps(facts, ensure_ascii=False).encode()).hexdigest()[:12]


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise PlaceIdInvalid(text=text) from None


def _day(text: str) -> date:
    found = clock.day_of(text)
    if found is None:
        raise MomentInvalid(text=text)
    return found


def _box(told: PlaceTold) -> BBox | None:
    """A box around all that it ever reached, and a little more."""
    reached = [shape(each.geometry) for each in told.extents]
    if not reached and told.place.lon is not None and told.place.lat is not None:
        reached = [Point(told.place.lon, told.place.lat)]
    if not reached:
        return None
    west, south, east, north = GeometryCollection(reached).bounds
    return BBox(west - AROUND_DEG, south - AROUND_DEG, east + AROUND_DEG, north + AROUND_DEG)


def _solid(told: PlaceTold, day: date | None) -> ExtentRow | None:
    """The extent that the map draws whole: of the day that is asked for, or the newest."""
    return told.extent(day) if day is not None else next(iter(told.extents), None)


def _drawn(told: PlaceTold, day: date | None) -> Mapping[str, object] | None:
    """That extent for the map, with the name of then."""
    extent = _solid(told, day)
    if extent is None:
        return None
    then = told.standard_name(day) if day is not None else None
    return _feature(extent, then.name if then is not None else told.place.name)


def _others(told: PlaceTold, day: date | None) -> Sequence[Mapping[str, object]]:
    """The extents of other periods, which the map draws with broken lines."""
    solid = _solid(told, day)
    since = solid.period[0] if solid is not None else None
    earlier = [each.period[1] is not None and since is not None and each.period[1] <= since for each in told.extents]
    return [
        _feature(each, "", earlier=before)
        for each, before in zip(told.extents, earlier, strict=True)
        if each is not solid
    ]


def _feature(extent: ExtentRow, name: str, *, earlier: bool = False) -> Mapping[str, object]:
    return {"type": "Feature", "geometry": extent.geometry, "properties": {"name": name, "earlier": earlier}}


def _said(told: PlaceTold, locale: str) -> Iterator[tuple[str, str, str]]:
    """What is told of the names: of which, what it is, and the text; one source of all of them is told once."""
    _ = catalogue(locale).gettext
    between = "、" if locale == ZH else ", "
    for label, field in ((_("含义"), "meaning"), (_("来历"), "origin"), (_("依据"), "source")):
        of_text: dict[str, list[str]] = {}
        for name in told.names:
            text = getattr(name, field)
            if text:
                of_text.setdefault(text, []).append(name.name)
        for text, names in of_text.items():
            yield "" if len(names) == len(told.names) else between.join(dict.fromkeys(names)), label, text


def _is_dated(told: PlaceTold) -> bool:
    """Whether any end of a name's period is known: only then is there something to draw."""
    return any(name.valid_from is not None or name.valid_to is not None for name in told.names)


def _span(told: PlaceTold, today: date) -> tuple[int, int]:
    """The years that the drawing of the names begins and ends with."""
    known = [end.day.year for name in told.names for end in (name.valid_from, name.valid_to) if end is not None]
    begun = min(known, default=today.year - 1)
    return begun, max(today.year + 1, *known, begun + 1)


def _lines(told: PlaceTold, today: date, locale: str) -> Sequence[Line]:
    """The names as lines, in the order in which they are told."""
    begun, ended = _span(told, today)
    # What began at an unknown time begins at the drawing's edge.
    margin = 4.0
    scale = (100 - margin) / (ended - begun)

    def at(dated: Dated | None, otherwise: float) -> float:
        return margin + (dated.day.year + dated.day.month / 12 - begun) * scale if dated is not None else otherwise

    found = []
    for name in told.names:
        x = at(name.valid_from, 0.0)
        end = at(name.valid_to, 100.0)
        past = name.valid_to is not None and name.valid_to.day <= today
        is_former = past or name.kind in {NameKind.FORMER.value, NameKind.HISTORICAL.value}
        found.append(
            Line(
                name=name,
                kind=NameKind.of(name.kind).label(locale),
                status=SpellingStatus.of(name.status).label(locale),
                naming=NamingState.of(name.naming).label(locale),
                period=period_said(name.valid_from, name.valid_to, locale),
                x=round(x, 2),
                width=round(max(min(end, 100.0) - x, 0.6), 2),
                open_begin=name.valid_from is None,
                dated=name.valid_from is not None or name.valid_to is not None,
                former=is_former,
                romanized_by=RomanizedBy.of(name.romanized_by).label(locale) if name.romanized_by else "",
            )
        )
    return found


def period_said(begun: Dated | None, ended: Dated | None, locale: str) -> str:
    """A period, in the reader's language."""
    _ = catalogue(locale).gettext
    if begun is None and ended is None:
        return _("起止不详")
    return _("%(since)s 至 %(until)s") % {
        "since": begun.label(locale) if begun is not None else _("不详"),
        "until": ended.label(locale) if ended is not None else _("今"),
    }


def _findings(db: ReadSession, place: UUID, actor: Actor) -> Sequence[FindingRow]:
    """What the last review found of its name, for who may see that; what is cleared of it too, with the reason."""
    if policy.refusal(actor, Verb.LIST_FINDINGS) is not None:
        return ()
    query = FindingQuery(record=place, cleared=None)
    return clearing.rows_matching(db, query, after=0, limit=FINDINGS)


def _there(row: PlaceRow, locale: str) -> str:
    """When the place was there, as far as that is known; empty where neither end is."""
    if row.begun_on is None and row.ended_on is None:
        return ""
    return period_said(row.begun_on, row.ended_on, locale)


def _facts(row: PlaceRow, locale: str) -> Iterator[tuple[str, str]]:
    is_zh = locale == ZH
    for field in details.fields_of(PlaceClass.of(row.place_class)):
        value = row.detail.get(field.key)
        if value not in (None, ""):
            label = field.zh if is_zh else field.en[:1].upper() + field.en[1:]
            yield label, f"{value:,}" if isinstance(value, int | float) else str(value)


def _relation(row: RelationRow, locale: str) -> Relation:
    return Relation(
        row=row,
        said=(Inverse if row.inverse else PlaceRelationKind).of(row.kind).label(locale),
        other_class=PlaceClass.of(row.other_class).label(locale),
        certainty=Certainty.of(row.certainty).label(locale),
        since=row.since.label(locale) if row.since is not None else "",
    )


class Inverse(Word):
    """What the other place is to this one."""

    REPLACES = "replaces", "被其取代", "was replaced by"
    MERGED_FROM = "merged-from", "并入", "was merged into"
    SPLIT_FROM = "split-from", "析出", "gave rise to"
    PART_OF = "part-of", "包含", "contains"
    NAMED_AFTER = "named-after", "得名者", "gave its name to"


def _differences(revision: Revision, locale: str) -> Sequence[Difference]:
    return [
        Difference(
            label=_field(each.field, locale),
            before=_value(each.field, each.before, locale),
            after=_value(each.field, each.after, locale),
        )
        for each in revision.changes
    ]


def _field(name: str, locale: str) -> str:
    _ = catalogue(locale).gettext
    own = details.BY_KEY.get(name.removeprefix("detail."))
    if name.startswith("detail.") and own is not None:
        return own.zh if locale == ZH else own.en
    words = {
        "place_class": _("类别"),
        "name": _("标准名称"),
        "state": _("状态"),
        "national_code": _("地名代码"),
        "division_code": _("所属区划"),
        "begun_on": _("始于"),
        "ended_on": _("止于"),
        "position_quality": _("位置精度"),
        "geometry": _("空间范围"),
    }
    return words.get(name, name)


def _value(name: str, value: object, locale: str) -> str:
    _ = catalogue(locale).gettext
    if value in (None, ""):
        return ""
    if name == "geometry":
        return _("版本 %(digest)s") % {"digest": str(value)[:8]}
    if name in WORDS:
        return WORDS[name].of(str(value)).label(locale)
    return str(value)
