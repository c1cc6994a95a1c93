"""How built-up areas are written: their extents, drawn or made of divisions, and their periods; who may was asked before."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from geoalchemy2.elements import WKBElement
from geoalchemy2.shape import from_shape, to_shape

from geo_registry import clock
from geo_registry.built_up import queries
from geo_registry.built_up.inputs import AreaChange, NewArea, area_of
from geo_registry.built_up.queries import EXTENT_COLUMNS, Member
from geo_registry.db.session import ReadSession, WriteSession
from geo_registry.divisions import service as divisions
from geo_registry.divisions.queries import DivisionRow
from geo_registry.divisions.rules import CODE_DIGITS, DIGITS_OF_LEVEL, prefix_of
from geo_registry.errors import BuiltUpAreaUnsound
from geo_registry.model import BuiltUpArea, BuiltUpExtent
from geo_registry.model.geometry import STORAGE_SRID
from geo_registry.places.periods import Dated, columns_of, dated, overlap
from geo_registry.places.queries import division_at
from geo_registry.settings import get_settings
from geo_registry.vocabulary import DivisionLevel, PositionQuality

COUNTY = DIGITS_OF_LEVEL[DivisionLevel.COUNTY]


@dataclass(frozen=True, slots=True)
class Extent:
    """How far an area reaches, as it is kept: its shape, and the divisions that it was said by."""

    geom: WKBElement
    members: Sequence[Member] = ()

    @property
    def divisions(self) -> list[dict[str, Any]] | None:
        """The divisions as they are kept; None where it was drawn."""
        return [{"code": each.code, "vintage": each.vintage} for each in self.members] or None


def add(
    session: WriteSession,
    new: NewArea,
    extent: Extent,
    division: DivisionRow | None,
    *,
    quality: PositionQuality | None = None,
    dataset: UUID | None = None,
    source_id: str | None = None,
) -> BuiltUpArea:
    """Write a new area down; who may was asked before.

    Raises
    ------
    BuiltUpAreaUnsound
        It would begin in the future.
    """
    valid_from, precision = columns_of(new.valid_from)
    record = BuiltUpArea(
        key=new.key or key_for(division),
        name=new.name,
        division_id=division.id if division else None,
        geom=extent.geom,
        divisions=extent.divisions,
        source=new.source,
        position_quality=(quality or new.quality).value,
        valid_from=valid_from,
        from_precision=precision,
        dataset_id=dataset,
        source_id=source_id,
    )
    refuse_unsound(session, record)
    session.add(record)
    session.flush()
    return record


def rewrite(session: WriteSession, record: BuiltUpArea, change: AreaChange) -> None:
    """Write down what is to be different of an area, but for its division; who may was asked before.

    Raises
    ------
    BuiltUpAreaUnsound
        Its periods would lie across one another, begin in the future, or it grows though it has ended.
    """
    given = change.model_fields_set
    since = change.since
    begun = change.valid_from if "valid_from" in given else dated(record.valid_from, record.from_precision)
    extent = None
    if change.says_extent:
        extent = extent_of(session, change, since or begun)
    elif "valid_from" in given and record.divisions:
        # It is made of the divisions of another list, perhaps.
        extent = of_divisions(session, [each["code"] for each in record.divisions], begun)
    if since is not None:
        refuse_ended(record)
        _keep_before(session, record, since)
    elif "valid_from" in given:
        record.valid_from, record.from_precision = columns_of(begun)
    if extent is not None:
        record.geom, record.divisions = extent.geom, extent.divisions
    if change.name is not None:
        record.name = change.name
    if "source" in given:
        record.source = change.source or ""
    if change.quality is not None:
        record.position_quality = change.quality.value
    refuse_unsound(session, record)
    session.flush()


def _keep_before(session: WriteSession, record: BuiltUpArea, since: Dated) -> None:
    """Keep how far an area reached up to a day, and have it begin anew there."""
    if record.valid_from is not None and since.day <= record.valid_from:
        begun = dated(record.valid_from, record.from_precision)
        raise BuiltUpAreaUnsound(
            problems_zh=f"since: 应晚于现有范围的起期 {begun}",
            problems_en=f"since: not after the present extent's beginning, {begun}",
        )
    until, precision = columns_of(since)
    kept = {name: getattr(record, name) for name in EXTENT_COLUMNS}
    session.add(BuiltUpExtent(**{**kept, "area_id": record.id, "valid_to": until, "to_precision": precision}))
    record.valid_from, record.from_precision = until, precision


def refuse_ended(record: BuiltUpArea) -> None:
    """Raise where an area has ended."""
    if record.valid_to is not None:
        raise BuiltUpAreaUnsound(
            problems_zh=f"该建成区已于 {record.valid_to} 撤销，可恢复旧版本",
            problems_en=f"it ended on {record.valid_to}: restore an older revision to have it again",
        )


def refuse_unsound(session: ReadSession, record: BuiltUpArea) -> None:
    """Raise where an area's periods can't be: in the future, backwards, or across one another."""
    today = clock.today(get_settings().zone)
    for field, day in (("valid_from", record.valid_from), ("on", record.valid_to)):
        if day is not None and day > today:
            raise BuiltUpAreaUnsound(
                problems_zh=f"{field}: {day} 晚于今天，请在生效之日登记",
                problems_en=f"{field}: {day} is after today; enter it on the day that it takes effect",
            )
    if record.valid_from is not None and record.valid_to is not None and record.valid_to <= record.valid_from:
        raise BuiltUpAreaUnsound(problems_zh="止期应晚于起期", problems_en="it would end before it begins")
    if record not in session:
        return
    with session.no_autoflush:
        for extent in queries.extents_of(session, record.id):
            if not extent.withdrawn and overlap(
                (extent.valid_from, extent.valid_to), (record.valid_from, record.valid_to)
            ):
                raise BuiltUpAreaUnsound(
                    problems_zh=f"valid_from: 与至 {extent.valid_to} 的旧范围同期",
                    problems_en=f"valid_from: an earlier extent holds until {extent.valid_to}",
                )


def extent_of(session: ReadSession, said: NewArea | AreaChange, begun: Dated | None) -> Extent:
    """The extent that is said of an area whose period begins then.

    Raises
    ------
    BuiltUpAreaUnsound, DivisionCodeInvalid
        As `of_divisions`.
    """
    if said.divisions is not None:
        return of_divisions(session, said.divisions, begun)
    assert said.geometry is not None
    return Extent(from_shape(area_of(said.geometry), srid=STORAGE_SRID))


def of_divisions(session: ReadSession, codes: Iterable[str], begun: Dated | None) -> Extent:
    """How far some divisions reach together, by the list that was in force when a period begins; today's without one.

    Where that list came without a division's boundary, the nearest one with it stands in; which it was is kept.

    Raises
    ------
    BuiltUpAreaUnsound
        One of them isn't registered, or has no boundary in any list.
    DivisionCodeInvalid
        A code is none.
    """
    whole = sorted({prefix_of(code).ljust(CODE_DIGITS, "0") for code in codes})
    year = (begun.day if begun is not None else clock.today(get_settings().zone)).year
    found = queries.boundaries_of(session, whole, year)
    lost = [each.code for each in found if each.vintage is None and each.name is None]
    undrawn = [each.code for each in found if each.vintage is None and each.name is not None]
    if lost or undrawn:
        said = (("未登记", "not registered", lost), ("没有边界", "without a boundary", undrawn))
        raise BuiltUpAreaUnsound(
            problems_zh="divisions: " + "；".join(f"{'、'.join(each)} {zh}" for zh, _, each in said if each),
            problems_en="divisions: " + "; ".join(f"{', '.join(each)} {en}" for _, en, each in said if each),
        )
    members = [Member(each.code, each.vintage) for each in found if each.vintage is not None]
    geom = WKBElement(bytes.fromhex(queries.union_of(session, members)), srid=STORAGE_SRID, extended=True)
    return Extent(geom, members)


def division_of_new(session: ReadSession, new: NewArea) -> DivisionRow | None:
    """The division that a new area belongs to: as it is said, else the one from the county up that it lies in.

    Raises
    ------
    DivisionUnknown, DivisionCodeInvalid
        It isn't registered, or a code is none.
    """
    if new.division is not None:
        return divisions.get_division(session, new.division)
    if new.divisions is not None:
        return division_around(session, [prefix_of(code).ljust(CODE_DIGITS, "0") for code in new.divisions], None)
    assert new.geometry is not None
    return division_around(session, (), from_shape(area_of(new.geometry), srid=STORAGE_SRID, extended=True))


def division_around(session: ReadSession, codes: Sequence[str], geom: WKBElement | None) -> DivisionRow | None:
    """The division from the county up that holds some divisions, or that a point inside an area lies in."""
    common = _common(codes) if codes else None
    if common is None and geom is not None:
        lies_in = division_at(session, to_shape(geom).wkt)
        common = lies_in[:COUNTY].ljust(CODE_DIGITS, "0") if lies_in is not None else None
    return divisions.get_division(session, common) if common is not None else None


def _common(codes: Sequence[str]) -> str | None:
    """The most detailed division from the county up that holds all of some; None where they have none in common."""
    for digits in (COUNTY, DIGITS_OF_LEVEL[DivisionLevel.CITY], DIGITS_OF_LEVEL[DivisionLevel.PROVINCE]):
        beginnings = {code[:digits] for code in codes}
        if len(beginnings) == 1:
            code = beginnings.pop()
            if not code.endswith("00"):
                return code.ljust(CODE_DIGITS, "0")
    return None


def key_for(division: DivisionRow | None) -> str:
    """A key for an area of a division that nobody gave one."""
    return f"{prefix_of(division.code) if division else 'area'}-{uuid4().hex[:8]}"
