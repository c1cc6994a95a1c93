"""The SELECTs of the room: built-up areas now, on a day, or as held at a moment; what a person looks at of them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, func, or_, select, text
from sqlalchemy.orm import aliased

from geo_registry.db.history import as_of
from geo_registry.db.revisions import Revision, as_revisions, revision_number, version_of, versions_of
from geo_registry.db.session import ReadSession, WriteSession
from geo_registry.divisions.queries import in_box, within
from geo_registry.errors import BuiltUpAreaUnknown, RevisionUnknown
from geo_registry.geo import geojson
from geo_registry.geo.bbox import BBox
from geo_registry.geo.geojson import GeometryJson
from geo_registry.model import BuiltUpArea, BuiltUpExtent, Dataset, Division
from geo_registry.places.periods import Dated, dated
from geo_registry.vocabulary import AreaConcern

GEOJSON_DIGITS = 6
"""Decimals of a degree: a decimetre."""
SLIVER_M2 = 10_000.0
"""Less than a hectare isn't told: two lines that are meant to be one are never drawn quite alike."""
SQUARE_KM = 1_000_000.0

EXTENT_COLUMNS = (
    "geom",
    "divisions",
    "source",
    "position_quality",
    "valid_from",
    "from_precision",
    "valid_to",
    "to_precision",
)
RESTORED = ("name", "division_id", *EXTENT_COLUMNS)
"""What a revision says of an area: not by what it is known, nor whence it came."""

# Of each code the boundary of the list that was in force then: the last one before, else the first one after.
BOUNDARIES = text("""
    SELECT asked.code, found.name, found.vintage, found.geom IS NOT NULL AS drawn
    FROM unnest(CAST(:codes AS text[])) AS asked (code)
    LEFT JOIN LATERAL (
        SELECT name, vintage, geom FROM division WHERE division.code = asked.code
        ORDER BY geom IS NULL, vintage > :year, abs(vintage - :year) LIMIT 1
    ) AS found ON true
    ORDER BY asked.code
""")
UNION = text("""
    SELECT encode(ST_AsEWKB(ST_Multi(ST_CollectionExtract(ST_MakeValid(ST_Union(geom)), 3))), 'hex') FROM division
    WHERE (code, vintage) IN (SELECT * FROM unnest(CAST(:codes AS text[]), CAST(:vintages AS int[])))
""")
OVERLAPS = text("""
    SELECT one.id, other.id AS other_id, other.name AS other_name, lies.area_m2
    FROM built_up_area AS one
    JOIN built_up_area AS other ON other.id <> one.id AND other.valid_to IS NULL AND ST_Intersects(one.geom, other.geom)
    CROSS JOIN LATERAL (
        SELECT ST_Area(CAST(ST_CollectionExtract(ST_Intersection(one.geom, other.geom), 3) AS geography)) AS area_m2
    ) AS lies
    WHERE one.id = ANY(:ids) AND one.valid_to IS NULL AND lies.area_m2 > :sliver
    ORDER BY one.id, lies.area_m2 DESC
""")
OUTSIDE = text("""
    SELECT one.id, around.id AS other_id, around.name AS other_name, lies.area_m2
    FROM built_up_area AS one JOIN division AS own ON own.id = one.division_id
    CROSS JOIN LATERAL (
        SELECT id, name, geom FROM division WHERE code = own.code AND geom IS NOT NULL ORDER BY vintage DESC LIMIT 1
    ) AS around
    CROSS JOIN LATERAL (
        SELECT ST_Area(CAST(ST_CollectionExtract(ST_Difference(one.geom, around.geom), 3) AS geography)) AS area_m2
    ) AS lies
    WHERE one.id = ANY(:ids) AND one.valid_to IS NULL AND lies.area_m2 > :sliver
    ORDER BY one.id
""")


@dataclass(frozen=True, slots=True)
class AreaQuery:
    """Which built-up areas are asked for; what is None doesn't matter."""

    division: str | None = None
    """A code, or its first digits: areas of that division and all below it."""
    bbox: BBox | None = None
    in_force: bool | None = None
    on: date | None = None
    """Those that there were on this day, as far as they reached then; as the registry knows it now."""
    at: datetime | None = None
    """As the registry held them at this moment; `on` doesn't go with it."""


@dataclass(frozen=True, slots=True)
class Member:
    """A division that an area is made of, in the list whose boundary was taken."""

    code: str
    vintage: int


@dataclass(frozen=True, slots=True)
class Reach:
    """How far an area reached in [`valid_from`, `valid_to`); degrees (EPSG:4490)."""

    geometry: GeometryJson
    divisions: Sequence[Member]
    """What it was made of; empty where it was drawn."""
    area_km2: float
    source: str
    position_quality: str
    valid_from: Dated | None
    valid_to: Dated | None


@dataclass(frozen=True, slots=True)
class AreaRow:
    """One built-up area as it is listed; of a day, as far as it reached then."""

    fid: int
    id: UUID
    key: str
    name: str
    division_code: str | None
    division_name: str | None
    reach: Reach
    dataset: str | None
    revision: int | None = None
    """The number of the revision that it is; None in lists, which don't look for it."""

    @property
    def in_force(self) -> bool:
        """Whether the rules of names read it."""
        return self.reach.valid_to is None

    @property
    def version(self) -> str:
        """A word that is another one whenever something that is shown of the area itself differs."""
        return version_of(self.id, self.revision, self.division_code, self.division_name, self.dataset)


@dataclass(frozen=True, slots=True)
class Concern:
    """What a person looks at: which, with what other area or beyond what division, and how much."""

    kind: AreaConcern
    other: UUID
    other_name: str
    area_km2: float


@dataclass(frozen=True, slots=True)
class Boundary:
    """A division that an area is to be made of; `vintage` is that of the boundary, None where there is none."""

    code: str
    name: str | None
    vintage: int | None


def rows_matching(session: ReadSession, query: AreaQuery, *, after: int, limit: int) -> Sequence[AreaRow]:
    """At most `limit` areas with a `fid` greater than `after`, by `fid`."""
    of = as_of(BuiltUpArea, query.at) if query.at is not None else BuiltUpArea
    above = as_of(Division, query.at) if query.at is not None else Division
    earlier = aliased(BuiltUpExtent) if query.on is not None else None
    question = _rows(of, above, earlier, query.on).where(of.fid > after).order_by(of.fid).limit(limit)
    if query.division is not None:
        question = question.where(within(above.code, query.division))
    if query.bbox is not None:
        question = question.where(
            in_box(of.geom if earlier is None else func.coalesce(earlier.geom, of.geom), query.bbox)
        )
    if query.in_force is not None:
        question = question.where(of.valid_to.is_(None) if query.in_force else of.valid_to.is_not(None))
    return [_row(found) for found in session.execute(question)]


def row_with_id(
    session: ReadSession, area: UUID, *, at: datetime | None = None, on: date | None = None
) -> AreaRow | None:
    """The area of that id, now, as it was on a day, or as held at a moment; None where there is, or was, none."""
    if at is None:
        earlier = aliased(BuiltUpExtent) if on is not None else None
        question = _rows(BuiltUpArea, Division, earlier, on)
        question = question.add_columns(revision_number(BuiltUpArea).label("revision"))
        found = session.execute(question.where(BuiltUpArea.id == area)).one_or_none()
        return _row(found) if found else None
    versions = versions_of(BuiltUpArea, area)
    question = _rows(versions.rows, Division, None, None).add_columns(versions.number.label("revision"))
    found = session.execute(question.where(versions.at(at)).order_by(versions.number).limit(1)).one_or_none()
    return _row(found) if found else None


def was_ever(session: ReadSession, area: UUID) -> bool:
    """Whether the registry holds an area of that id, or ever held one."""
    versions = versions_of(BuiltUpArea, area)
    return session.execute(select(versions.number).limit(1)).first() is not None


def earlier_of(session: ReadSession, area: UUID, *, at: datetime | None = None) -> Sequence[Reach]:
    """How far an area reached before, the newest period first; now, or as held at a moment."""
    of = as_of(BuiltUpExtent, at) if at is not None else BuiltUpExtent
    question = select(*_reach(of)).where(of.area_id == area, of.withdrawn.is_(False)).order_by(of.valid_to.desc())
    return [_reached(found) for found in session.execute(question)]


def extents_of(session: ReadSession, area: UUID) -> Sequence[BuiltUpExtent]:
    """The records of an area's earlier extents, withdrawn ones too, by their ends."""
    question = select(BuiltUpExtent).where(BuiltUpExtent.area_id == area).order_by(BuiltUpExtent.valid_to)
    return session.scalars(question).all()


def area_to_change(session: WriteSession, area: UUID) -> BuiltUpArea:
    """An area's record, kept from everybody else who would change it until the unit of work ends.

    Raises
    ------
    BuiltUpAreaUnknown
        There is none of that id.
    """
    found = session.get(BuiltUpArea, area, populate_existing=True, with_for_update={"key_share": True})
    if found is None:
        raise BuiltUpAreaUnknown(area=area)
    return found


@dataclass(frozen=True, slots=True)
class Past:
    """What a revision of an area says, and where it belonged."""

    values: Mapping[str, Any]
    division_code: str | None


def past_of(session: ReadSession, area: UUID, number: int) -> Past:
    """What an area's revision of that number says.

    Raises
    ------
    RevisionUnknown
        It has none of that number.
    """
    versions = versions_of(BuiltUpArea, area)
    question = (
        select(
            Division.code.label("division_code"),
            *[getattr(versions.rows, name) for name in RESTORED],
        )
        .select_from(versions.rows)
        .outerjoin(Division, Division.id == versions.rows.division_id)
        .where(versions.number == number)
    )
    found = session.execute(question).mappings().one_or_none()
    if found is None:
        raise RevisionUnknown(number=number)
    return Past({name: found[name] for name in RESTORED}, found["division_code"])


COMPARED = ("name", "division_code", "divisions", "source", "position_quality", "valid_from", "valid_to")


def revisions_of(session: ReadSession, area: UUID, *, after: int, limit: int) -> Sequence[Revision]:
    """At most `limit` revisions of an area, the newest first; `after` counts downwards, 0 begins."""
    versions = versions_of(BuiltUpArea, area)
    rows = versions.rows
    question = (
        select(
            rows.name,
            Division.code.label("division_code"),
            rows.divisions,
            rows.source,
            rows.position_quality,
            rows.valid_from,
            rows.from_precision,
            rows.valid_to,
            rows.to_precision,
            versions.number.label("number"),
            versions.since,
            versions.by,
            versions.why.label("why"),
            func.encode(func.sha256(func.ST_AsBinary(rows.geom)), "hex").label("shape"),
        )
        .select_from(rows)
        .outerjoin(Division, Division.id == rows.division_id)
        .order_by(versions.number.desc())
        .limit(limit + 1)
    )
    if after:
        question = question.where(versions.number < after)
    return as_revisions([dict(row) for row in session.execute(question).mappings()], _compared, limit)


def boundaries_of(session: ReadSession, codes: Sequence[str], year: int) -> Sequence[Boundary]:
    """Of each twelve-digit code the list of divisions whose boundary was in force in a year, by code."""
    rows = session.execute(BOUNDARIES, {"codes": list(codes), "year": year})
    return [Boundary(row.code, row.name, row.vintage if row.drawn else None) for row in rows]


def union_of(session: ReadSession, members: Sequence[Member]) -> str:
    """The area of some divisions together, hexadecimal EWKB."""
    asked = {"codes": [each.code for each in members], "vintages": [each.vintage for each in members]}
    return str(session.scalar(UNION, asked))


def concerns_of(session: ReadSession, areas: Collection[UUID]) -> Mapping[UUID, Sequence[Concern]]:
    """What a person looks at of areas that are in force, by area: overlaps, then what lies outside their divisions."""
    found: dict[UUID, list[Concern]] = {}
    for kind, question in ((AreaConcern.OVERLAP, OVERLAPS), (AreaConcern.OUTSIDE_DIVISION, OUTSIDE)):
        for row in session.execute(question, {"ids": list(areas), "sliver": SLIVER_M2}):
            told = Concern(kind, row.other_id, row.other_name, round(row.area_m2 / SQUARE_KM, 3))
            found.setdefault(row.id, []).append(told)
    return found


def _rows(
    of: type[BuiltUpArea], above: type[Division], earlier: type[BuiltUpExtent] | None, day: date | None
) -> Select[*tuple[Any, ...]]:
    whole = [of.fid, of.id, of.key, of.name, above.code.label("division_code"), above.name.label("division_name")]
    question = select(
        *whole, *(_reach(of) if earlier is None else _reach_on(of, earlier)), Dataset.key.label("dataset")
    )
    question = question.select_from(of).outerjoin(above, above.id == of.division_id)
    question = question.outerjoin(Dataset, Dataset.id == of.dataset_id)
    if earlier is None:
        return question
    then = (earlier.area_id == of.id) & earlier.withdrawn.is_(False) & earlier.period.contains(day)
    there = or_(of.period.contains(day), earlier.id.is_not(None))
    return question.outerjoin(earlier, then).where(there)


def _reach(of: type[BuiltUpArea] | type[BuiltUpExtent]) -> Sequence[ColumnElement[Any]]:
    return _shaped(of.geom, [getattr(of, name) for name in EXTENT_COLUMNS[1:]])


def _reach_on(of: type[BuiltUpArea], earlier: type[BuiltUpExtent]) -> Sequence[ColumnElement[Any]]:
    """The earlier extent's columns where one held on the day: at no time there are two."""

    def then(name: str) -> ColumnElement[Any]:
        return case((earlier.id.is_not(None), getattr(earlier, name)), else_=getattr(of, name)).label(name)

    return _shaped(func.coalesce(earlier.geom, of.geom), [then(name) for name in EXTENT_COLUMNS[1:]])


def _shaped(geom: Any, columns: Sequence[ColumnElement[Any]]) -> Sequence[ColumnElement[Any]]:
    measured = func.ST_Area(func.geography(geom)) / SQUARE_KM
    return [func.ST_AsGeoJSON(geom, GEOJSON_DIGITS).label("shape"), measured.label("area_km2"), *columns]


def _row(found: Any) -> AreaRow:
    return AreaRow(
        fid=found.fid,
        id=found.id,
        key=found.key,
        name=found.name,
        division_code=found.division_code,
        division_name=found.division_name,
        reach=_reached(found),
        dataset=found.dataset,
        revision=getattr(found, "revision", None),
    )


def _reached(found: Any) -> Reach:
    geometry = geojson.loads(found.shape)
    assert geometry is not None
    return Reach(
        geometry=geometry,
        divisions=[Member(each["code"], each["vintage"]) for each in found.divisions or ()],
        area_km2=round(found.area_km2, 3),
        source=found.source,
        position_quality=found.position_quality,
        valid_from=dated(found.valid_from, found.from_precision),
        valid_to=dated(found.valid_to, found.to_precision),
    )


def _compared(row: Mapping[str, Any]) -> Mapping[str, object]:
    """What is compared of a version, as JSON has it; an extent by its digest, in which it is told that it is another one."""
    since, until = dated(row["valid_from"], row["from_precision"]), dated(row["valid_to"], row["to_precision"])
    plain = {name: row[name] for name in COMPARED}
    return {
        **plain,
        "divisions": [f"{each['code']} ({each['vintage']})" for each in row["divisions"] or ()] or None,
        "valid_from": str(since) if since is not None else None,
        "valid_to": str(until) if until is not None else None,
        "geometry": row["shape"],
    }
