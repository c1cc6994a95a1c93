import pytest
from geoalchemy2.shape import from_shape
from shapely import Point
from sqlalchemy import func, select

from geo_registry.db.paging import Page
from geo_registry.db.session import WriteSession
from geo_registry.divisions import queries, service
from geo_registry.divisions.queries import DivisionQuery
from geo_registry.errors import DivisionAmbiguous, DivisionCodeInvalid, DivisionUnknown
from geo_registry.geo.bbox import BBox
from geo_registry.vocabulary import DivisionLevel
from tests.factories import make_division

COUNTY, TOWNSHIP = DivisionLevel.COUNTY, DivisionLevel.TOWNSHIP


def codes(session: WriteSession, **over: object) -> list[str]:
    return [row.code for row in service.list_divisions(session, DivisionQuery(**over), Page()).rows]  # type: ignore[arg-type]


def test_divisions_are_listed_by_what_is_asked(session: WriteSession) -> None:
    county = make_division(session, "330702000000", name="婺城区", box=(119, 28, 120, 29))
    make_division(session, "330702001000", level=TOWNSHIP, name="城东街道", parent=county)
    make_division(session, "330703000000", name="金东区", box=(120, 28, 121, 29))
    assert codes(session, level=TOWNSHIP) == ["330702001000"]
    assert codes(session, within="330702") == ["330702000000", "330702001000"]
    assert codes(session, parent="330702") == ["330702001000"]
    assert codes(session, name="城") == ["330702000000", "330702001000"]
    assert codes(session, bbox=BBox(120.5, 28.5, 120.6, 28.6)) == ["330703000000"]


def test_newest_vintage_of_each_level_is_listed_unless_told(session: WriteSession) -> None:
    make_division(session, "330702000000", vintage=2018)
    make_division(session, "330702000000", vintage=2023)
    make_division(session, "330702001000", vintage=2021, level=TOWNSHIP)
    rows = service.list_divisions(session, DivisionQuery(), Page()).rows
    assert [(row.code, row.vintage) for row in rows] == [("330702000000", 2023), ("330702001000", 2021)]
    assert len(codes(session, every_vintage=True)) == 3
    assert codes(session, vintage=2018) == ["330702000000"]


def test_pages_follow_each_other_without_gap_or_overlap(session: WriteSession) -> None:
    wanted = [f"33070{number}000000" for number in range(1, 6)]
    for code in wanted:
        make_division(session, code)
    seen: list[str] = []
    page: Page | None = Page(limit=2)
    while page is not None:
        listed = service.list_divisions(session, DivisionQuery(), page)
        seen += [row.code for row in listed.rows]
        page = Page(after=listed.next_after, limit=2) if listed.next_after is not None else None
    assert seen == wanted


def test_geometry_is_geojson_in_degrees(session: WriteSession) -> None:
    make_division(session, box=(119, 28, 120, 29))
    (row,) = service.list_divisions(session, DivisionQuery(), Page()).rows
    assert row.geometry is not None
    assert row.geometry["type"] == "MultiPolygon"
    (bare,) = service.list_divisions(session, DivisionQuery(with_geometry=False), Page()).rows
    assert bare.geometry is None


def test_division_is_found_by_code_or_name(session: WriteSession) -> None:
    make_division(session, "330702000000", name="婺城区")
    assert service.resolve(session, "330702").name == "婺城区"
    assert service.resolve(session, " 婺城区 ").code == "330702000000"
    assert service.get_division(session, "330702000000").level == "county"


def test_name_of_several_divisions_is_ambiguous(session: WriteSession) -> None:
    make_division(session, "330702001000", level=TOWNSHIP, name="新城街道")
    make_division(session, "330703001000", level=TOWNSHIP, name="新城街道")
    with pytest.raises(DivisionAmbiguous) as refused:
        service.resolve(session, "新城街道")
    assert "330703001000" in refused.value.message("zh")


def test_unknown_division_is_said(session: WriteSession) -> None:
    with pytest.raises(DivisionUnknown):
        service.get_division(session, "330702")
    with pytest.raises(DivisionUnknown):
        service.resolve(session, "无名村")
    with pytest.raises(DivisionCodeInvalid):
        codes(session, within="99999")


@pytest.mark.parametrize(
    ("lon", "lat", "expected"),
    [
        (119.25, 28.25, ("330702001000", 2023)),  # in the township's area
        (119.75, 28.75, ("330702000000", 2023)),  # only in the county's
        (121.5, 28.5, ("330799000000", 2018)),  # only in an older vintage
        (125.0, 28.5, None),
        (120.0, 28.75, ("330702000000", 2023)),  # on the border of two: the lower code
    ],
)
def test_point_lies_in_the_most_detailed_area_of_the_newest_vintage(
    session: WriteSession, lon: float, lat: float, expected: tuple[str, int] | None
) -> None:
    county = make_division(session, "330702000000", box=(119, 28, 120, 29))
    make_division(session, "330702001000", level=TOWNSHIP, box=(119, 28, 119.5, 28.5), parent=county)
    make_division(session, "330703000000", box=(120, 28, 121, 29))
    make_division(session, "330702999000", level=TOWNSHIP, vintage=2018, box=(119, 28, 120, 29))
    make_division(session, "330799000000", vintage=2018, box=(121, 28, 122, 29))
    point = from_shape(Point(lon, lat), srid=4490)
    here = select(func.ST_SetSRID(point, 4490).label("geom")).subquery()
    found = session.scalar(select(queries.containing(here.c.geom)).select_from(here))
    rows = service.list_divisions(session, DivisionQuery(every_vintage=True), Page()).rows
    by_id = {row.id: (row.code, row.vintage) for row in rows}
    assert (by_id[found] if found else None) == expected
