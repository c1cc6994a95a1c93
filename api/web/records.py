"""`/facilities/{id}`: the record of a facility, to be read, cited and handed on."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid4

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.deps import ReadDb, base_url, settings_of
from api.languages import ZH
from api.visitors import form_for, keep_form_cookie, visitor_of
from api.web.admin.frame import EMPTY, Filled, as_id
from api.web.maps import chart
from api.web.preferences import preferences_of
from api.web.rendering import page
from api.web.translation import catalogue, day
from api.web.words import KINDS_ON_MAPS, STATUS_TONES
from geo_registry import clock
from geo_registry.accounts import policy
from geo_registry.accounts.actors import Actor
from geo_registry.accounts.policy import Verb
from geo_registry.db.paging import Page
from geo_registry.db.revisions import Revision
from geo_registry.db.session import ReadSession
from geo_registry.divisions import service as divisions
from geo_registry.errors import FacilityIdInvalid
from geo_registry.facilities import service
from geo_registry.facilities.contacts import Contact
from geo_registry.facilities.kinds import KINDS, DetailField, FieldType
from geo_registry.facilities.queries import FacilityRow, source_of
from geo_registry.geo.bbox import BBox
from geo_registry.vocabulary import FacilityKind, FacilityStatus, PositionQuality, Word

AROUND_DEG = 0.008
"""How far a record's map reaches to each side at first: some ten minutes' walk."""

DETAIL = "detail."
"""What the fields of a kind are called by among the changes of a revision."""

WORDS: Mapping[str, type[Word]] = {
    "kind": FacilityKind,
    "status": FacilityStatus,
    "position_quality": PositionQuality,
}

REVISIONS = 20
"""How many of the newest revisions a record shows; the API has all."""

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of a record, in the reader's language."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that a revision changed, in the reader's language; a value that was empty is so here."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Written:
    """One time that a record was written, as it is shown."""

    number: int
    since: datetime
    by: str | None
    why: str | None
    differences: Sequence[Difference]


@dataclass(frozen=True, slots=True)
class ContactsShown:
    """Whom to call at a facility, masked but for the one whose number was asked for, and what may be done about it.

    Attributes
    ----------
    whole
        The one that is shown whole.
    kept_as
        The id that the form's contact is, or will be, kept by: sent twice, it is one contact.
    """

    listed: Sequence[Contact]
    whole: Contact | None
    may_see: bool
    may_set: bool
    may_erase: bool
    kept_as: UUID


@router.get("/facilities/{facility}")
def facility_record(request: Request, db: ReadDb, facility: str) -> Response:
    """A facility's record."""
    return record_page(request, db, record_id(facility))


def record_page(
    request: Request,
    db: ReadSession,
    facility: UUID,
    *,
    whole: Contact | None = None,
    filled: Filled = EMPTY,
    kept_as: UUID | None = None,
) -> Response:
    """A facility's record; with a contact that is shown `whole`, and the form about one as it was refused."""
    visitor = visitor_of(request)
    actor = visitor.actor
    row = service.get_facility(db, facility)
    revisions = service.revisions_for(actor, db, row.id, Page(limit=REVISIONS))
    contacts = _contacts(db, row, actor, whole, kept_as)
    cookie, token = form_for(request, visitor) if contacts is not None else ("", "")
    locale = preferences_of(request).locale
    kind = FacilityKind.of(row.kind)
    around = BBox(row.lon, row.lat, row.lon, row.lat).widened(AROUND_DEG)
    response = page(
        request,
        "facility.html",
        status=filled.status,
        facility=row,
        kind=KINDS_ON_MAPS[row.kind],
        capacity=_capacity(row, kind, locale),
        details=list(_details(row, kind, locale)),
        stands=FacilityStatus.of(row.status).label(locale),
        tone=STATUS_TONES[row.status],
        quality=PositionQuality.of(row.position_quality).label(locale),
        is_synthetic=row.position_quality == PositionQuality.SYNTHETIC.value,
        path=divisions.path_to(db, row.division_code, row.division_name),
        source=source_of(db, row.id),
        revisions=[_written(each, kind, locale) for each in revisions.rows],
        older=revisions.next_after is not None,
        chart=chart(db, settings_of(request), around=around),
        address=f"{base_url(request)}/facilities/{row.id}",
        data=f"/api/v1/facilities/{row.id}",
        today=clock.today(settings_of(request).zone),
        contacts=contacts,
        filled=filled,
        token=token,
    )
    if cookie:
        keep_form_cookie(request, response, cookie)
    if contacts is not None:
        response.headers["Cache-Control"] = "no-store"
    return response


def _contacts(
    db: ReadSession, row: FacilityRow, actor: Actor, whole: Contact | None, kept_as: UUID | None
) -> ContactsShown | None:
    """Whom to call there, for who may see that there is anybody."""
    listed = service.contacts_for(actor, db, row.id)
    if listed is None:
        return None

    def may(verb: Verb) -> bool:
        return policy.refusal(actor, verb, division=row.division_code, kind=FacilityKind.of(row.kind)) is None

    return ContactsShown(
        listed=listed,
        whole=whole,
        may_see=may(Verb.SEE_CONTACT),
        may_set=may(Verb.SET_CONTACT),
        may_erase=may(Verb.ERASE_CONTACT),
        kept_as=kept_as or (whole.id if whole is not None else uuid4()),
    )


def record_id(text: str) -> UUID:
    """The id of a facility in the address of its page.

    Raises
    ------
    FacilityIdInvalid
        It is none.
    """
    return as_id(text, FacilityIdInvalid(text=text))


def _capacity(row: FacilityRow, kind: FacilityKind, locale: str) -> str:
    """The capacity in the kind's unit; empty where it isn't known, or stands among the details already."""
    own = KINDS[kind]
    if row.capacity is None or row.detail.get(own.capacity_field or "") == row.capacity:
        return ""
    return f"{row.capacity:,} {own.capacity_zh if locale == ZH else own.capacity_en}"


def _details(row: FacilityRow, kind: FacilityKind, locale: str) -> Iterator[Fact]:
    """What only this kind has, in the order of the kind's form."""
    for field in KINDS[kind].fields:
        value = row.detail.get(field.key)
        if value is not None and value not in ("", [], {}):
            yield Fact(label=_label(field, locale), value=_said(field, value, locale))


def _label(field: DetailField, locale: str) -> str:
    return field.zh if locale == ZH else field.en[:1].upper() + field.en[1:]


def _said(field: DetailField, value: object, locale: str) -> str:
    """A value as people read it, with its unit."""
    is_zh = locale == ZH
    unit = field.unit_zh if is_zh else field.unit_en
    match field.holds, value:
        case (FieldType.FLAG, bool()):
            return {True: ("是", "yes"), False: ("否", "no")}[value][0 if is_zh else 1]
        case (FieldType.COUNT | FieldType.QUANTITY, int() | float()):
            return f"{value:,} {unit}".strip()
        case (FieldType.LIST, list()):
            return ("、" if is_zh else ", ").join(map(str, value))
        case (FieldType.COUNTS, dict()):
            return ("；" if is_zh else "; ").join(f"{name} {count:,} {unit}".strip() for name, count in value.items())
        case (FieldType.CHOICE, str()) if field.words is not None:
            return field.words.of(value).label(locale)
        case _:
            return str(value)


def _written(revision: Revision, kind: FacilityKind, locale: str) -> Written:
    return Written(
        number=revision.number,
        since=revision.since,
        by=revision.by,
        why=revision.why,
        differences=[
            Difference(
                label=_field(change.field, kind, locale),
                before=_value(change.field, change.before, kind, locale),
                after=_value(change.field, change.after, kind, locale),
            )
            for change in revision.changes
        ],
    )


def _field(name: str, kind: FacilityKind, locale: str) -> str:
    """What a field is called."""
    own = KINDS[kind].field(name.removeprefix(DETAIL))
    if name.startswith(DETAIL):
        return _label(own, locale) if own is not None else name.removeprefix(DETAIL)
    _ = catalogue(locale).gettext
    words = {
        "kind": _("设施类别"),
        "name": _("名称"),
        "division_code": _("所属区划"),
        "address": _("地址"),
        "status": _("运营状态"),
        "opened_on": _("开业日期"),
        "closed_on": _("关闭日期"),
        "capacity": _("容量"),
        "position": _("位置"),
        "position_quality": _("位置精度"),
        "confirmed_on": _("最近核实"),
    }
    return words[name]


def _value(name: str, value: object, kind: FacilityKind, locale: str) -> str:
    """What a field held, as people read it."""
    own = KINDS[kind].field(name.removeprefix(DETAIL)) if name.startswith(DETAIL) else None
    match name, value:
        case _, None | "":
            return ""
        case (("kind" | "status" | "position_quality"), str()):
            return WORDS[name].of(value).label(locale)
        case (("opened_on" | "closed_on" | "confirmed_on"), str()):
            return day(date.fromisoformat(value), locale=locale)
        case "position", [float(lon), float(lat)]:
            return f"{lon:.6f}°, {lat:.6f}°"
        case _, int() if own is None:
            return f"{value:,}"
        case _:
            return _said(own, value, locale) if own is not None else str(value)
