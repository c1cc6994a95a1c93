"""The SELECTs of the room: names on protection lists now, on a day, or as held at a moment; what is told of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Select, and_, case, func, or_, select
from sqlalchemy.orm import aliased

from geo_registry.db.history import as_of
from geo_registry.db.revisions import (
    Revision,
    revision_number,
    revisions_of_record,
    version_of,
    versions_of,
)
from geo_registry.db.session import ReadSession, WriteSession
from geo_registry.divisions.queries import in_box, within
from geo_registry.errors import HeritagePartUnknown, HeritageUnknown, PlaceUnknown
from geo_registry.geo.bbox import BBox
from geo_registry.model import (
    CaseName,
    Division,
    Heritage,
    HeritageEvidence,
    HeritageMeasure,
    HeritagePicture,
    HeritageStory,
    NamingCase,
    Place,
    PlaceName,
)
from geo_registry.vocabulary import (
    CaseState,
    HeritageKind,
    HeritageLevel,
    HeritagePart,
    HeritageStatus,
    LineState,
    MeasurePurpose,
    NameAction,
    PlaceState,
    PositionQuality,
)

Part = HeritageEvidence | HeritageStory | HeritagePicture | HeritageMeasure

PARTS: Mapping[HeritagePart, type[Part]] = {
    HeritagePart.EVIDENCE: HeritageEvidence,
    HeritagePart.STORIES: HeritageStory,
    HeritagePart.PICTURES: HeritagePicture,
    HeritagePart.MEASURES: HeritageMeasure,
}
TOLD = (
    "romanized",
    "kind",
    "level",
    "list_name",
    "status",
    "listed_on",
    "document_number",
    "body",
    "delisted_on",
    "delisted_document",
    "delisted_why",
    "founded",
    "named",
    "disused",
    "restored",
    "claims",
)
"""What is told of a name, but for what it is a name of."""

PUBLIC = (HeritageStatus.LISTED,)
"""What everybody is shown of the lists, if they don't ask for more."""


@dataclass(frozen=True, slots=True)
class HeritageQuery:
    """Which names are asked for; what is empty doesn't matter."""

    levels: tuple[HeritageLevel, ...] = ()
    kinds: tuple[HeritageKind, ...] = ()
    statuses: tuple[HeritageStatus, ...] = PUBLIC
    division: str | None = None
    """A code, or its first digits: names of that division and all below it."""
    bbox: BBox | None = None
    place: UUID | None = None
    on: date | None = None
    """Those that were listed on this day, as far as the registry knows now; `statuses` doesn't matter then."""
    at: datetime | None = None
    """As the registry held them at this moment."""


@dataclass(frozen=True, slots=True)
class HeritageRow:
    """A name as it is listed, with the place that bears or bore it; degrees (EPSG:4490)."""

    fid: int
    id: UUID
    name: str
    romanized: str
    place: UUID | None
    place_name: str | None
    """What the place is called now."""
    place_state: str | None
    division_code: str | None
    division_name: str | None
    kind: str
    level: str
    list_name: str
    status: str
    listed_on: date | None
    document_number: str
    body: str
    delisted_on: date | None
    delisted_document: str
    delisted_why: str
    founded: str
    named: str
    disused: str
    restored: str
    claims: Mapping[str, object]
    lon: float | None
    lat: float | None
    synthetic: bool
    revision: int | None = None
    """The number of the revision that it is; None in lists, which don't look for it."""

    @property
    def is_present_name(self) -> bool:
        """Whether a place that is there is called so now."""
        return self.place_name == self.name and self.place_state != PlaceState.ABOLISHED.value

    @property
    def version(self) -> str:
        """A word that is another one whenever something that is shown of the record itself differs."""
        return version_of(self.id, self.revision, self.division_code, self.division_name, self.place_name)


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """A piece of evidence; `supports` are the criteria that it bears out."""

    id: UUID
    what: str
    says: str
    dated: str
    source: str
    supports: Sequence[str]


@dataclass(frozen=True, slots=True)
class StoryRow:
    """A story."""

    id: UUID
    title: str
    story: str
    source: str


@dataclass(frozen=True, slots=True)
class PictureRow:
    """A picture without its file."""

    id: UUID
    caption: str
    author: str
    licence: str
    taken: str
    media_type: str
    width_px: int
    height_px: int
    checksum: bytes


@dataclass(frozen=True, slots=True)
class MeasureRow:
    """A protective measure."""

    id: UUID
    purpose: str
    measure: str
    decided_on: date
    document_number: str
    body: str


@dataclass(frozen=True, slots=True)
class PictureFile:
    """A picture's file, and its media type."""

    media_type: str
    checksum: bytes
    content: bytes


@dataclass(frozen=True, slots=True)
class Parts:
    """What is told of a name, each in the order that it was told."""

    evidence: Sequence[EvidenceRow] = field(default_factory=list)
    stories: Sequence[StoryRow] = field(default_factory=list)
    pictures: Sequence[PictureRow] = field(default_factory=list)
    measures: Sequence[MeasureRow] = field(default_factory=list)


def rows_matching(session: ReadSession, query: HeritageQuery, *, after: int, limit: int) -> Sequence[HeritageRow]:
    """At most `limit` names with a `fid` greater than `after`, by `fid`."""
    of = as_of(Heritage, query.at) if query.at is not None else Heritage
    question, place, above = _rows(of, query.at)
    question = question.where(of.fid > after).order_by(of.fid).limit(limit)
    if query.on is not None:
        question = question.where(_stood_on(of, query.on))
    elif query.statuses:
        question = question.where(of.status.in_([each.value for each in query.statuses]))
    if query.levels:
        question = question.where(of.level.in_([each.value for each in query.levels]))
    if query.kinds:
        question = question.where(of.kind.in_([each.value for each in query.kinds]))
    if query.division is not None:
        question = question.where(within(above.code, query.division))
    if query.bbox is not None:
        question = question.where(in_box(func.coalesce(of.geom, place.geom), query.bbox))
    if query.place is not None:
        question = question.where(of.place_id == query.place)
    return [_row(found) for found in session.execute(question)]


def row_with_id(session: ReadSession, heritage: UUID, *, at: datetime | None = None) -> HeritageRow | None:
    """The name of that id, now or as held at a moment; None where there is, or was, none."""
    if at is None:
        question, _, _ = _rows(Heritage, None)
        question = question.add_columns(revision_number(Heritage).label("revision")).where(Heritage.id == heritage)
        found = session.execute(question).one_or_none()
        return _row(found) if found else None
    versions = versions_of(Heritage, heritage)
    question, _, _ = _rows(versions.rows, None)
    question = question.add_columns(versions.number.label("revision"))
    found = session.execute(question.where(versions.at(at)).order_by(versions.number).limit(1)).one_or_none()
    return _row(found) if found else None


def was_decided_on(session: ReadSession, record: Heritage, number: str) -> bool:
    """Whether the approved case of that number has a name listed, of its place or, where it is of none, by what it is called."""
    same = CaseName.place_id == record.place_id if record.place_id is not None else CaseName.name == record.name
    question = (
        select(CaseName.id)
        .join(NamingCase, NamingCase.id == CaseName.case_id)
        .where(
            NamingCase.number == number,
            NamingCase.state == CaseState.APPROVED.value,
            CaseName.action == NameAction.LIST.value,
            CaseName.state != LineState.STRUCK.value,
            same,
        )
    )
    return session.execute(question.limit(1)).first() is not None


def was_ever(session: ReadSession, heritage: UUID) -> bool:
    """Whether the registry holds a name of that id, or ever held one."""
    versions = versions_of(Heritage, heritage)
    return session.execute(select(versions.number).limit(1)).first() is not None


def stood_on(row: HeritageRow, day: date) -> bool:
    """Whether a name was on its list on a day."""
    return row.listed_on is not None and row.listed_on <= day and (row.delisted_on is None or day < row.delisted_on)


def parts_of(session: ReadSession, heritage: UUID, *, at: datetime | None = None) -> Parts:
    """What is told of a name and wasn't withdrawn, now or as held at a moment."""

    def told(model: type[Part], *columns: str) -> Sequence[Any]:
        of: Any = as_of(model, at) if at is not None else model
        question = select(of.id, *[getattr(of, each) for each in columns])
        return session.execute(
            question.where(of.heritage_id == heritage, of.withdrawn.is_(False)).order_by(of.fid)
        ).all()

    return Parts(
        [EvidenceRow(*row) for row in told(HeritageEvidence, "what", "says", "dated", "source", "supports")],
        [StoryRow(*row) for row in told(HeritageStory, "title", "story", "source")],
        [
            PictureRow(*row)
            for row in told(
                HeritagePicture,
                "caption",
                "author",
                "licence",
                "taken",
                "media_type",
                "width_px",
                "height_px",
                "checksum",
            )
        ],
        [
            MeasureRow(*row)
            for row in told(HeritageMeasure, "purpose", "measure", "decided_on", "document_number", "body")
        ],
    )


def picture_file(session: ReadSession, heritage: UUID, picture: UUID) -> PictureFile:
    """A picture's file.

    Raises
    ------
    HeritagePartUnknown
        The name has no such picture, or it was withdrawn.
    """
    found = session.execute(
        select(HeritagePicture.media_type, HeritagePicture.checksum, HeritagePicture.content).where(
            HeritagePicture.id == picture,
            HeritagePicture.heritage_id == heritage,
            HeritagePicture.withdrawn.is_(False),
        )
    ).one_or_none()
    if found is None:
        raise HeritagePartUnknown(part=picture)
    return PictureFile(*found)


def heritage_to_change(session: WriteSession, heritage: UUID) -> Heritage:
    """A name's record, kept from everybody else who would change it until the unit of work ends.

    Raises
    ------
    HeritageUnknown
        There is none of that id.
    """
    found = session.get(Heritage, heritage, populate_existing=True, with_for_update={"key_share": True})
    if found is None:
        raise HeritageUnknown(heritage=heritage)
    return found


def part_to_withdraw(session: WriteSession, heritage: UUID, part: HeritagePart, item: UUID) -> Part:
    """Something that is told of a name, to be withdrawn.

    Raises
    ------
    HeritagePartUnknown
        The name has none of that id, or it was withdrawn before.
    """
    found = cast("Part | None", session.get(PARTS[part], item, populate_existing=True, with_for_update=True))
    if found is None or found.heritage_id != heritage or found.withdrawn:
        raise HeritagePartUnknown(part=item)
    return found


def names_borne(session: ReadSession, place: UUID) -> Mapping[str, str | None]:
    """Every name that a place has or had, with its romanisation; the standard ones' last, so that they count."""
    question = select(PlaceName.name, PlaceName.romanized).where(
        PlaceName.place_id == place, PlaceName.withdrawn.is_(False)
    )
    return {row.name: row.romanized for row in session.execute(question.order_by(PlaceName.kind == "standard"))}


def lists_of_present_name(session: ReadSession, place: UUID, *, on: date | None) -> tuple[str, Sequence[Any]]:
    """A place's present name, and the lists in force that it stands on, each with how many measures before a renaming.

    Raises
    ------
    PlaceUnknown
        There is no such place.
    """
    name = session.scalar(select(Place.standard_name).where(Place.id == place))
    if name is None:
        raise PlaceUnknown(place=place)
    counted = [
        HeritageMeasure.heritage_id == Heritage.id,
        HeritageMeasure.withdrawn.is_(False),
        HeritageMeasure.purpose == MeasurePurpose.RENAMING.value,
    ]
    if on is not None:
        counted.append(HeritageMeasure.decided_on <= on)
    question = (
        select(
            Heritage.id,
            Heritage.level,
            Heritage.list_name,
            Heritage.listed_on,
            func.count(HeritageMeasure.id).label("measures"),
        )
        .outerjoin(HeritageMeasure, and_(*counted))
        .where(Heritage.place_id == place, Heritage.name == name, Heritage.status == HeritageStatus.LISTED.value)
        .group_by(Heritage.id)
        .order_by(Heritage.fid)
    )
    return name, session.execute(question).all()


def revisions_of(session: ReadSession, heritage: UUID, *, after: int, limit: int) -> Sequence[Revision]:
    """At most `limit` revisions of a name's record, the newest first; `after` counts downwards, 0 begins."""
    return revisions_of_record(session, Heritage, heritage, TOLD, _compared, after=after, limit=limit)


def _stood_on(of: type[Heritage], day: date) -> Any:
    return and_(of.listed_on <= day, or_(of.delisted_on.is_(None), of.delisted_on > day))


def _rows(of: type[Heritage], at: datetime | None) -> tuple[Select[*tuple[Any, ...]], type[Place], type[Division]]:
    place = as_of(Place, at) if at is not None else aliased(Place)
    above = as_of(Division, at) if at is not None else aliased(Division)
    inside = func.ST_PointOnSurface(func.coalesce(of.geom, place.geom))
    synthetic = case((of.synthetic, True), else_=place.position_quality == PositionQuality.SYNTHETIC.value)
    question = (
        select(
            of.fid,
            of.id,
            of.name,
            of.place_id.label("place"),
            place.standard_name.label("place_name"),
            place.state.label("place_state"),
            above.code.label("division_code"),
            above.name.label("division_name"),
            *[getattr(of, name) for name in TOLD],
            func.ST_X(inside).label("lon"),
            func.ST_Y(inside).label("lat"),
            func.coalesce(synthetic, False).label("synthetic"),
        )
        .select_from(of)
        .outerjoin(place, place.id == of.place_id)
        .outerjoin(above, above.id == of.division_id)
    )
    return question, place, above


def _row(found: Any) -> HeritageRow:
    return HeritageRow(**found._mapping)  # noqa: SLF001 - SQLAlchemy's public name for it


def _compared(row: Mapping[str, Any]) -> Mapping[str, object]:
    """What is compared of a version, as JSON has it."""
    plain = {name: row[name] for name in TOLD}
    for day in ("listed_on", "delisted_on"):
        plain[day] = plain[day].isoformat() if plain[day] is not None else None
    return plain
