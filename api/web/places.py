"""`/places/{id}`: a place with its names through time, how far it reached, what it is to others; and an extract to print."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
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
from starlette.responses import HTMLResponse, Response

from api.deps import ReadDb, base_url, settings_of
from api.languages import ZH
from api.visitors import form_for, keep_form_cookie, visitor_of
from api.web.admin.frame import EMPTY, Filled, as_id
from api.web.maps import chart
from api.web.preferences import preferences_of
from api.web.rendering import page
from api.web.translation import catalogue
from api.web.translation import day as day_label
from geo_registry import clock
from geo_registry.accounts import policy
from geo_registry.accounts.actors import Actor
from geo_registry.accounts.policy import Verb
from geo_registry.cases import service as cases
from geo_registry.db.revisions import Change
from geo_registry.db.session import ReadSession
from geo_registry.divisions import service as divisions
from geo_registry.errors import MomentInvalid, PlaceIdInvalid
from geo_registry.geo.bbox import BBox
from geo_registry.heritage.service import listings_of
from geo_registry.places import clearing, details, service
from geo_registry.places.clearing import FindingQuery, FindingRow
from geo_registry.places.periods import Dated
from geo_registry.places.queries import ExtentRow, Heir, NameRow, PlaceRow, RelationRow, Written
from geo_registry.places.romanisation.engine import romanise
from geo_registry.places.romanisation.spelt import is_spelt
from geo_registry.places.service import PlaceTold
from geo_registry.vocabulary import (
    CaseKind,
    Certainty,
    HeritageLevel,
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
OPENED_FROM_A_PLACE = (CaseKind.RENAMING, CaseKind.ADJUSTMENT, CaseKind.STANDARDISING, CaseKind.ABOLITION)
"""The kinds of cases that a place's page begins."""
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
    "kind": NameKind,
    "status": SpellingStatus,
    "naming": NamingState,
    "romanized_by": RomanizedBy,
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
    decided: bool
    """It is the standard name that is in force, by a decision: what only was taken over has no mark for it."""
    dated: bool
    former: bool
    coming: bool
    """It begins on a day to come."""
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
class Kept:
    """A name as its form has it: what the rules propose beside the field of its spelling."""

    row: NameRow
    kind: str
    proposal: str
    may_withdraw: bool


@dataclass(frozen=True, slots=True)
class Keeping:
    """The forms of who keeps place names."""

    names: Sequence[Kept]
    withdrawn: Sequence[NameRow]
    extents: Sequence[tuple[ExtentRow, str]]
    """With their periods, as they are said."""
    withdrawn_extents: Sequence[tuple[ExtentRow, str]]
    may_add: bool
    kinds: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that a revision changed, in the reader's language."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Entry:
    """What was written of a place at one time: when, by whom and why, what was told or taken back, and what changed."""

    since: datetime
    by: str | None
    why: str | None
    said: Sequence[str]
    differences: Sequence[Difference]


@router.get("/places/{place}")
def place_record(
    request: Request,
    db: ReadDb,
    place: str,
    on: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """A place's record; with `on`, what it was called and how far it reached on that day too."""
    return place_page(request, db, place_id(place), on=on)


def place_page(request: Request, db: ReadSession, place: UUID, *, on: str = "", filled: Filled = EMPTY) -> Response:
    """A place's record, with the forms of whoever keeps place names there, one of them as it was refused."""
    visitor = visitor_of(request)
    actor = visitor.actor
    told = service.tell_place(db, place)
    history = service.history_for(actor, db, told.place.id, limit=REVISIONS)
    locale = preferences_of(request).locale
    today = clock.today(settings_of(request).zone)
    is_gone = told.place.state == PlaceState.ABOLISHED.value
    asked = day_asked(on) if on else None
    box = _box(told)
    keeping = _keeping(db, told, actor, today, locale)
    cookie, token = form_for(request, visitor) if keeping is not None else ("", "")
    own_cases = cases.cases_for(actor, db, told.place.id)
    response = page(
        request,
        "place.html",
        status=filled.status,
        keeping=keeping,
        filled=filled,
        token=token,
        place=told.place,
        standard=told.shown_name(today),
        announced=list(_announced(told, today, locale)),
        is_gone=is_gone,
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
        relations=[_relation(each, locale, is_gone=is_gone) for each in told.relations],
        extents=[(each, period_said(each.valid_from, each.valid_to, locale)) for each in told.extents],
        solid=_solid(told, asked, today),
        drawn=_drawn(told, asked, today),
        others=_others(told, asked, today),
        said=list(_said(told, locale)),
        on=asked,
        then=_then(told, asked, today, locale) if asked else "",
        findings=_findings(db, told.place.id, actor),
        decisions=cases.decisions_of(db, told.place.id),
        cases=own_cases or (),
        may_open=not is_gone and policy.refusal(actor, Verb.OPEN_CASE, division=told.place.division_code) is None,
        may_take_over=policy.refusal(actor, Verb.TAKE_OVER_CASE, division=told.place.division_code) is None,
        kinds_of_cases=[(each.value, each.label(locale)) for each in OPENED_FROM_A_PLACE],
        heritage=[(each, HeritageLevel.of(each.level).label(locale)) for each in listings_of(db, told.place.id)],
        revisions=[_entry(each, locale) for each in history],
        chart=chart(db, settings_of(request), around=box) if box is not None else None,
        address=f"{base_url(request)}/places/{told.place.id}",
        data=f"/api/v1/places/{told.place.id}",
        today=today,
    )
    if cookie:
        keep_form_cookie(request, response, cookie)
    if keeping is not None or own_cases is not None:
        response.headers["Cache-Control"] = "no-store"
    return response


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
    told = service.tell_place(db, place_id(place))
    locale, zone = preferences_of(request).locale, settings_of(request).zone
    is_gone = told.place.state == PlaceState.ABOLISHED.value
    heirs = service.present_heirs_of(db, told.place.id) if is_gone else ()
    now, said, today = clock.now(), _content(told, heirs), clock.today(zone)
    query = urlencode({"issued": now.isoformat(timespec="seconds").replace("+00:00", "Z"), "content": said})
    address = f"{base_url(request)}/places/{told.place.id}/extract?{query}"
    return page(
        request,
        "place_extract.html",
        place=told.place,
        standard=told.shown_name(today),
        announced=list(_announced(told, today, locale)),
        is_gone=is_gone,
        gone_on=told.place.ended_on.label(locale) if told.place.ended_on is not None else "",
        heirs=heirs,
        kind=PlaceClass.of(told.place.place_class).label(locale),
        state=PlaceState.of(told.place.state).label(locale),
        is_synthetic=told.place.position_quality == PositionQuality.SYNTHETIC.value,
        path=divisions.path_to(db, told.place.division_code, told.place.division_name),
        lines=_lines(told, today, locale),
        relations=[_relation(each, locale, is_gone=is_gone) for each in told.relations],
        address=address,
        code=_code(address),
        now=now,
        issued=clock.moment(issued, zone) if issued else None,
        is_same=content == said,
    )


def _code(address: str) -> Markup:
    """An address as a code to be scanned: all of it at every size, with the margin of four squares that its readers ask for."""
    drawn = segno.make(address, error="m", micro=False)
    return Markup(drawn.svg_inline(border=4, omitsize=True))  # noqa: S704 - squares, drawn by the library


def _content(told: PlaceTold, heirs: Sequence[Heir]) -> str:
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
        [each.name for each in heirs],
    )
    return sha256(json.dumps(facts, ensure_ascii=False).encode()).hexdigest()[:12]


def place_id(text: str) -> UUID:
    """The id of a place in the address of its page.

    Raises
    ------
    PlaceIdInvalid
        It is none.
    """
    return as_id(text, PlaceIdInvalid(text=text))


def day_asked(text: str) -> date:
    """The day that a page is asked about.

    Raises
    ------
    MomentInvalid
        It is none.
    """
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
    return BBox(*GeometryCollection(reached).bounds).widened(AROUND_DEG)


def _announced(told: PlaceTold, today: date, locale: str) -> Iterator[str]:
    """What is decided and to come: another name, the first one, or the end."""
    _ = catalogue(locale).gettext
    coming, ended = told.coming_name(today), told.place.ended_on
    if coming is not None and coming.valid_from is not None:
        said = {"date": coming.valid_from.label(locale), "name": coming.name}
        is_first = coming == told.shown_name(today)
        yield (_("自%(date)s起使用“%(name)s”。") if is_first else _("自%(date)s起更名为“%(name)s”。")) % said
    if ended is not None and ended.day > today:
        yield _("自%(date)s起销名。") % {"date": ended.label(locale)}


def _solid(told: PlaceTold, day: date | None, today: date) -> ExtentRow | None:
    """The extent that the map draws whole: of the day that is asked for, or the one that is in force."""
    return told.extent(day) if day is not None else told.shown_extent(today)


def _drawn(told: PlaceTold, day: date | None, today: date) -> Mapping[str, object] | None:
    """That extent for the map, with the name of then."""
    extent = _solid(told, day, today)
    if extent is None:
        return None
    then = told.standard_name(day) if day is not None else None
    return _feature(extent, then.name if then is not None else told.place.name)


def _others(told: PlaceTold, day: date | None, today: date) -> Sequence[Mapping[str, object]]:
    """The extents of other periods, which the map draws with broken lines."""
    solid = _solid(told, day, today)
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
    is_gone = told.place.state == PlaceState.ABOLISHED.value
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
        is_coming = name.valid_from is not None and name.valid_from.day > today
        is_former = past or is_gone or name.kind in {NameKind.FORMER.value, NameKind.HISTORICAL.value}
        # “In use” isn't said of what isn't.
        status = SpellingStatus.of(name.status)
        if is_former and status is SpellingStatus.RECORDED:
            status = SpellingStatus.HISTORICAL
        found.append(
            Line(
                name=name,
                kind=NameKind.of(name.kind).label(locale),
                status=status.label(locale),
                naming=NamingState.of(name.naming).label(locale),
                period=period_said(name.valid_from, name.valid_to, locale),
                x=round(x, 2),
                width=round(max(min(end, 100.0) - x, 0.6), 2),
                open_begin=name.valid_from is None,
                decided=name.is_standard
                and not is_former
                and not is_coming
                and name.status == SpellingStatus.APPROVED.value,
                dated=name.valid_from is not None or name.valid_to is not None,
                former=is_former,
                coming=is_coming and not is_gone,
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


def _keeping(db: ReadSession, told: PlaceTold, actor: Actor, today: date, locale: str) -> Keeping | None:
    """The forms of who keeps place names there; None for everybody else."""
    code = told.place.division_code
    if policy.refusal(actor, Verb.CORRECT_PLACE, division=code) is not None:
        return None
    place_class = PlaceClass.of(told.place.place_class)
    withdrawn, withdrawn_extents = service.withdrawn_of(db, told.place.id)
    return Keeping(
        names=[
            Kept(
                row=name,
                kind=NameKind.of(name.kind).label(locale),
                proposal=_proposal(name, place_class, locale),
                may_withdraw=service.may_be_withdrawn(name, told.names, today),
            )
            for name in told.names
        ],
        withdrawn=withdrawn,
        extents=[(each, period_said(each.valid_from, each.valid_to, locale)) for each in told.extents],
        withdrawn_extents=[(each, period_said(each.valid_from, each.valid_to, locale)) for each in withdrawn_extents],
        may_add=policy.refusal(actor, Verb.ADD_PLACE_NAME, division=code) is None,
        kinds=[(each.value, each.label(locale)) for each in NameKind if each is not NameKind.STANDARD],
    )


def _then(told: PlaceTold, day: date, today: date, locale: str) -> str:
    """What is known of a day: the name that the place bore, or why none is told."""
    _ = catalogue(locale).gettext
    begun, ended, named = told.place.begun_on, told.place.ended_on, told.standard_name(day)
    said = {"date": day_label(day, locale=locale)}
    if day > today:
        return _("%(date)s尚未到来：登记内容只到今天。") % said
    if begun is not None and day < begun.day:
        return _("%(date)s：当时还没有该地名，它始于%(since)s。") % {**said, "since": begun.label(locale)}
    if ended is not None and day >= ended.day:
        return _("%(date)s：该地名当时已不存在，它止于%(until)s。") % {**said, "until": ended.label(locale)}
    if named is None:
        return _("%(date)s：没有登记当时的标准名称。") % said
    return _("%(date)s：%(name)s") % {**said, "name": named.name}


def _proposal(name: NameRow, place_class: PlaceClass, locale: str) -> str:
    """How the rules spell a name, what else they leave open, and how it is spelt where they don't."""
    _ = catalogue(locale).gettext
    if not is_spelt(NameKind.of(name.kind), name.language):
        return _("按来源所载，用拉丁字母。")
    found = romanise(name.name, place_class)
    said = [_("规则提出：%(spelling)s。") % {"spelling": found.romanized}] if found.romanized else []
    return " ".join([*said, *(each.says(locale) for each in (*found.doubts, found.refused) if each is not None)])


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
            yield label, f"{value:,}" if isinstance(value, int | float) else details.value_label(str(value), locale)


def _what(row: RelationRow, locale: str, *, is_gone: bool) -> str:
    """What the one is to the other; of what is gone by now, what it was a part of is told as past."""
    _ = catalogue(locale).gettext
    past = is_gone or row.other_state == PlaceState.ABOLISHED.value
    if past and row.kind == PlaceRelationKind.PART_OF.value:
        return _("曾包含") if row.inverse else _("曾属于")
    return (Inverse if row.inverse else PlaceRelationKind).of(row.kind).label(locale)


def _relation(row: RelationRow, locale: str, *, is_gone: bool) -> Relation:
    return Relation(
        row=row,
        said=_what(row, locale, is_gone=is_gone),
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


def _entry(written: Sequence[Written], locale: str) -> Entry:
    """What was written at once, in the reader's language; of a registration what was registered isn't told again."""
    _ = catalogue(locale).gettext
    first = written[0].revision
    parts = {each.part for each in written}
    if any(each.part == "place" and each.revision.number == 1 for each in written):
        return Entry(first.since, first.by, first.why, [_("登记")], [])
    said, differences = [], []
    for each in written:
        about = _about(each, locale)
        if each.part != "place" and each.revision.number == 1:
            said.append(_("登记%(what)s") % {"what": about})
        for change in each.revision.changes:
            if change.field == "withdrawn":
                said.append((_("撤回%(what)s") if change.after else _("恢复%(what)s")) % {"what": about})
            elif not (each.part == "place" and change.field in {"geometry", "position_quality"} and "extent" in parts):
                differences.append(_difference(change, about, locale))
    return Entry(first.since, first.by, first.why, said, differences)


def _about(written: Written, locale: str) -> str:
    """Of which name or extent it is; empty of the place itself."""
    _ = catalogue(locale).gettext
    if written.part == "name":
        return _("%(kind)s“%(name)s”") % {"kind": NameKind.of(written.kind).label(locale), "name": written.called}
    if written.part == "extent":
        return _("范围（%(period)s）") % {"period": period_said(written.since, written.until, locale)}
    return ""


def _difference(change: Change, about: str, locale: str) -> Difference:
    label = _field(change.field, locale) if about == "" else _field_of_part(change.field, locale)
    return Difference(
        label=f"{about} {label}".strip(),
        before=_value(change.field, change.before, locale),
        after=_value(change.field, change.after, locale),
    )


def _field_of_part(name: str, locale: str) -> str:
    _ = catalogue(locale).gettext
    words = {
        "kind": _("名称种类"),
        "status": _("状态"),
        "naming": _("审批"),
        "language": _("语言"),
        "romanized": _("拼写"),
        "romanized_by": _("拼写来源"),
        "meaning": _("含义"),
        "origin": _("来历"),
        "source": _("依据"),
        "valid_from": _("起始"),
        "valid_to": _("止"),
    }
    return words.get(name) or _field(name, locale)


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
    return details.value_label(str(value), locale)
