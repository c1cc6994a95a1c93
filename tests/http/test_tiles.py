"""What stands in the tiles: every one is decoded."""

from collections.abc import Callable, Sequence
from datetime import date

import httpx
import pyogrio
import pytest
from geoalchemy2.shape import from_shape
from shapely import Point

from geo_registry.db.session import WriteSession
from geo_registry.facilities.queries import counts_by_kind
from geo_registry.model import CoveragePoint, CoverageRun
from geo_registry.model.geometry import STORAGE_SRID
from geo_registry.vocabulary import (
    DatasetKind,
    DivisionLevel,
    FacilityKind,
    FacilityStatus,
    PointState,
    PositionQuality,
    RunState,
)
from tests.factories import make_dataset, make_demand_point, make_division, make_facility, make_road
from tests.http.conftest import Service
from tests.tiles_read import Feature, features
from tiles.grid import Tile
from tiles.layers import DETAIL_ZOOM, LAYERS

LON, LAT = 119.65, 29.08

Ask = Callable[..., Sequence[Feature]]


@pytest.fixture
def ask(client: httpx.Client) -> Ask:
    """The features of one layer's tile around the tests' position, or at an address."""

    def asked(layer: str, tile: Tile | int, **parameters: object) -> Sequence[Feature]:
        at = Tile.around(LON, LAT, tile) if isinstance(tile, int) else tile
        answer = client.get(f"/tiles/{layer}/{at.z}/{at.x}/{at.y}.mvt", params=parameters)  # type: ignore[arg-type]
        assert answer.status_code in {200, 204}, answer.text
        return features(answer.content).get(layer, ())

    return asked


def _run(session: WriteSession, **over: object) -> CoverageRun:
    values = {"state": RunState.DONE.value, "standard": {}, "question": {}, "totals": {}, "actor": "test"}
    run = CoverageRun(**(values | over))
    session.add(run)
    session.flush()
    return run


def _answer(session: WriteSession, run: CoverageRun, fid: int, state: PointState, minutes: float | None) -> None:
    session.add(
        CoveragePoint(
            run_id=run.id,
            point_fid=fid,
            source_id=f"p{fid}",
            lon=LON + fid * 1e-6,
            lat=LAT,
            demand=fid,
            state=state.value,
            cost=round(minutes * 100) if minutes is not None else None,
            minutes=minutes,
        )
    )
    session.flush()


def test_a_facility_has_its_record_and_an_integer_id(ask: Ask, session: WriteSession) -> None:
    made = make_facility(session, name='阿<&=>"村', capacity=30, lon=LON, lat=LAT)
    session.commit()
    (found,) = ask("facilities", DETAIL_ZOOM)
    assert found.id == made.fid
    assert found.geometry == "Point"
    assert found.properties == {
        "count": 1,
        "open": 1,
        "kind": "home-care-centre",
        "status": "open",
        "id": str(made.id),
        "name": '阿<&=>"村',
        "capacity": 30,
        "quality": "source",
    }


def test_a_closed_facility_is_on_no_map_that_does_not_ask_for_it(ask: Ask, session: WriteSession) -> None:
    make_facility(session, status=FacilityStatus.CLOSED.value, closed_on=date(2020, 1, 1), lon=LON, lat=LAT)
    for status in (FacilityStatus.OPEN, FacilityStatus.PLANNED):
        make_facility(session, status=status.value, lon=LON, lat=LAT)
    session.commit()
    (cluster,) = ask("facilities", 6)
    # As many as the first page counts.
    counted = sum(each.facilities for each in counts_by_kind(session).values())
    assert (cluster.properties["count"], cluster.properties["open"]) == (counted, 1) == (2, 1)
    (every,) = ask("facilities", 6, status=[each.value for each in FacilityStatus])
    assert every.properties["count"] == 3


def test_a_closed_facility_that_is_asked_for_says_so(ask: Ask, session: WriteSession) -> None:
    make_facility(session, status=FacilityStatus.CLOSED.value, closed_on=date(2020, 1, 1), lon=LON, lat=LAT)
    session.commit()
    (found,) = ask("facilities", DETAIL_ZOOM, status="closed")
    assert (found.properties["status"], found.properties["open"]) == ("closed", 0)
    assert ask("facilities", DETAIL_ZOOM, status="open") == ()


def test_only_the_kinds_that_are_asked_for(ask: Ask, session: WriteSession) -> None:
    for kind in (FacilityKind.CEMETERY, FacilityKind.MARRIAGE_HALL, FacilityKind.MEAL_POINT):
        make_facility(session, kind, lon=LON, lat=LAT)
    session.commit()
    found = ask("facilities", DETAIL_ZOOM, kind=["cemetery", "meal-point"])
    assert sorted(each.properties["kind"] for each in found) == ["cemetery", "meal-point"]


@pytest.mark.parametrize("z", [0, 5, 9, 13])
def test_clusters_count_everyone_once(ask: Ask, session: WriteSession, z: int) -> None:
    """Over all tiles: a cluster that lies in several is the same one."""
    positions = [(LON + east * 0.37, LAT + north * 0.29) for east in range(-3, 4) for north in range(-3, 4)]
    for lon, lat in positions:
        make_facility(session, lon=lon, lat=lat)
        make_facility(session, lon=lon + 1e-5, lat=lat)
    session.commit()
    tiles = {Tile.around(lon, lat, z) for lon, lat in positions}
    clusters = {each.id: each.properties["count"] for tile in tiles for each in ask("facilities", tile)}
    assert sum(clusters.values()) == 2 * len(positions)


def test_a_cluster_says_what_its_facilities_have_in_common(ask: Ask, session: WriteSession) -> None:
    make_facility(session, FacilityKind.CEMETERY, lon=LON, lat=LAT, position_quality=PositionQuality.SYNTHETIC.value)
    make_facility(
        session,
        FacilityKind.CEMETERY,
        status=FacilityStatus.PLANNED.value,
        lon=LON,
        lat=LAT,
        position_quality=PositionQuality.SYNTHETIC.value,
    )
    session.commit()
    (found,) = ask("facilities", 8)
    assert found.properties == {"count": 2, "open": 1, "kind": "cemetery", "quality": "synthetic"}


def test_from_the_detail_zoom_even_neighbours_stand_apart(ask: Ask, session: WriteSession) -> None:
    for _ in range(3):
        make_facility(session, lon=LON, lat=LAT)
    session.commit()
    assert [each.properties["count"] for each in ask("facilities", DETAIL_ZOOM)] == [1, 1, 1]


@pytest.mark.parametrize("layer", ["facilities", "population", "division-labels", "divisions", "coverage"])
def test_a_point_at_an_edge_is_in_both_tiles(ask: Ask, session: WriteSession, layer: str) -> None:
    west = Tile.around(LON, LAT, DETAIL_ZOOM)
    east = Tile.at(west.z, west.x + 1, west.y)
    box = east.bounds()
    middle = (box.south + box.north) / 2
    point = from_shape(Point(box.west, middle), srid=STORAGE_SRID)
    make_facility(session, lon=box.west, lat=middle)
    make_demand_point(session, make_dataset(session, DatasetKind.POPULATION), lon=box.west, lat=middle)
    make_division(session, "330702001001", level=DivisionLevel.VILLAGE, point=point)
    run = _run(session)
    session.add(
        CoveragePoint(
            run_id=run.id,
            point_fid=1,
            source_id="1",
            lon=box.west,
            lat=middle,
            demand=1,
            state=PointState.UNSNAPPED.value,
        )
    )
    session.commit()
    parameters = {"run": str(run.id)} if layer == "coverage" else {}
    (left,), (right,) = ask(layer, west, **parameters), ask(layer, east, **parameters)
    assert left.id == right.id
    assert (left.coordinates[0], right.coordinates[0]) == (4096, 0)


def test_a_line_goes_on_beyond_the_edge(ask: Ask, session: WriteSession) -> None:
    tile = Tile.around(LON, LAT, DETAIL_ZOOM)
    box = tile.bounds()
    middle = (box.south + box.north) / 2
    wide = box.east - box.west
    make_road(session, make_dataset(session), [(box.west - wide, middle), (box.east + wide, middle)])
    session.commit()
    (found,) = ask("roads", tile)
    across = [x for x, _ in found.coordinates]
    assert (min(across), max(across)) == (-64, 4096 + 64)


def test_divisions_are_areas_or_where_none_is_known_points(ask: Ask, session: WriteSession) -> None:
    area = make_division(session, "330702000000", box=(119.6, 29.0, 119.7, 29.1), name="婺城区")
    point = make_division(
        session, "330703000000", point=from_shape(Point(119.66, 29.05), srid=STORAGE_SRID), name="金东区"
    )
    nowhere = make_division(session, "330781000000", name="兰溪市")
    session.commit()
    shapes = {each.id: each.geometry for each in ask("divisions", 9)}
    assert shapes == {area.fid: "Polygon", point.fid: "Point"}
    labels = {each.id: each for each in ask("division-labels", 9)}
    assert nowhere.fid not in labels
    assert {each.properties["name"] for each in labels.values()} == {"婺城区", "金东区"}
    assert {each.geometry for each in labels.values()} == {"Point"}


def test_levels_come_with_the_zoom(ask: Ask, session: WriteSession) -> None:
    for code, level in (
        ("330000000000", DivisionLevel.PROVINCE),
        ("330700000000", DivisionLevel.CITY),
        ("330702000000", DivisionLevel.COUNTY),
        ("330702001000", DivisionLevel.TOWNSHIP),
        ("330702001001", DivisionLevel.VILLAGE),
    ):
        make_division(session, code, level=level, box=(118, 27, 122, 31))
    session.commit()
    shown = {z: {each.properties["level"] for each in ask("divisions", z)} for z in (0, 4, 6, 9, 12)}
    assert shown == {
        0: {"province"},
        4: {"province", "city"},
        6: {"province", "city", "county"},
        9: {"province", "city", "county", "township"},
        12: {"province", "city", "county", "township", "village"},
    }
    tile = Tile.around(120, 29, 12)
    assert {each.properties["rank"] for each in ask("division-labels", tile)} == {1, 2, 3, 4, 5}


def test_the_newest_vintage_of_each_level_or_the_one_that_is_asked_for(ask: Ask, session: WriteSession) -> None:
    box = (119.6, 29.0, 119.7, 29.1)
    make_division(session, box=box, vintage=2018, name="旧")
    make_division(session, box=box, vintage=2023, name="新")
    make_division(session, "330000000000", level=DivisionLevel.PROVINCE, box=box, vintage=2018, name="省")
    session.commit()
    assert {each.properties["name"] for each in ask("divisions", 8)} == {"新", "省"}
    assert {each.properties["name"] for each in ask("divisions", 8, vintage=2018)} == {"旧", "省"}


def test_main_roads_come_first_and_paths_last(ask: Ask, session: WriteSession) -> None:
    roads = make_dataset(session)
    for highway in ("motorway", "primary", "tertiary", "residential", "footway", "somewhere"):
        make_road(session, roads, [(LON - 0.002, LAT), (LON + 0.002, LAT)], highway=highway, name="人民路")
    session.commit()
    shown = {z: {each.properties["highway"] for each in ask("roads", z)} for z in (8, 11, 12, 13)}
    assert shown == {
        8: {"motorway", "primary"},
        11: {"motorway", "primary", "tertiary"},
        12: {"motorway", "primary", "tertiary", "residential"},
        13: {"motorway", "primary", "tertiary", "residential", "footway", "somewhere"},
    }
    assert {each.properties["name"] for each in ask("roads", 13)} == {"人民路"}


def test_roads_are_of_one_dataset(ask: Ask, session: WriteSession) -> None:
    for year in (2019, 2021):
        roads = make_dataset(session, key=f"roads-{year}", as_of=date(year, 1, 1))
        make_road(session, roads, [(LON - 0.002, LAT), (LON + 0.002, LAT)], name=str(year))
    session.commit()
    assert [each.properties["name"] for each in ask("roads", 13)] == ["2021"]
    assert [each.properties["name"] for each in ask("roads", 13, roads="roads-2019")] == ["2019"]


@pytest.mark.parametrize("z", [3, 10, DETAIL_ZOOM])
def test_people_of_the_group_add_up(ask: Ask, session: WriteSession, z: int) -> None:
    people = make_dataset(session, DatasetKind.POPULATION)
    for number in range(1, 11):
        make_demand_point(
            session, people, lon=LON + number * 1e-4, lat=LAT, counts={"all": 10.25 * number, "60+": number}
        )
    make_demand_point(session, people, lon=LON, lat=LAT, counts={"all": 7})
    session.commit()
    everyone, old = ask("population", z), ask("population", z, group="60+")
    assert sum(each.properties["people"] for each in everyone) == 10.25 * 55 + 7
    assert sum(each.properties["points"] for each in everyone) == 11
    assert sum(each.properties["people"] for each in old) == 55
    assert sum(each.properties["points"] for each in old) == 10


@pytest.mark.parametrize(
    ("minutes", "drawn"), [(5.0, 5.0), (4.96, 5.0), (5.04, 5.1), (5.0004, 5.1), (15.000_000_000_000_002, 15.0)]
)
@pytest.mark.parametrize("z", [9, DETAIL_ZOOM])
def test_what_takes_longer_than_a_class_is_not_drawn_in_it(
    ask: Ask, session: WriteSession, z: int, minutes: float, drawn: float
) -> None:
    run = _run(session)
    _answer(session, run, 1, PointState.COVERED, minutes)
    session.commit()
    (found,) = ask("coverage", z, run=str(run.id))
    assert found.properties["minutes"] == drawn


def test_answers_of_a_run_by_state(ask: Ask, session: WriteSession) -> None:
    run, other = _run(session), _run(session)
    _answer(session, run, 1, PointState.COVERED, 4.0)
    _answer(session, run, 3, PointState.COVERED, 8.0)
    _answer(session, run, 2, PointState.UNREACHABLE, None)
    _answer(session, other, 9, PointState.COVERED, 1.0)
    session.commit()
    by_state = {each.properties["state"]: each.properties for each in ask("coverage", 9, run=str(run.id))}
    assert by_state == {
        "covered": {"state": "covered", "people": 4.0, "points": 2, "minutes": 7.0},
        "unreachable": {"state": "unreachable", "people": 2.0, "points": 1, "source_id": "p2"},
    }
    apart = ask("coverage", DETAIL_ZOOM, run=str(run.id))
    assert {each.id: each.properties.get("minutes") for each in apart} == {1: 4.0, 2: None, 3: 8.0}


def test_several_layers_come_in_one_tile(client: httpx.Client, session: WriteSession) -> None:
    make_division(session, box=(119.6, 29.0, 119.7, 29.1))
    make_facility(session, lon=LON, lat=LAT)
    session.commit()
    tile = Tile.around(LON, LAT, 10)
    answer = client.get(f"/tiles/facilities,divisions,roads/{tile.z}/{tile.x}/{tile.y}.mvt")
    assert answer.headers["content-type"] == "application/vnd.mapbox-vector-tile"
    assert list(features(answer.content)) == ["facilities", "divisions"]


def test_where_nothing_is_the_tile_is_empty(client: httpx.Client) -> None:
    answer = client.get(f"/tiles/{','.join(key for key in LAYERS if key != 'coverage')}/14/0/0.mvt")
    assert (answer.status_code, answer.content) == (204, b"")


@pytest.mark.parametrize(("z", "x", "y"), [(0, 0, 0), (1, 1, 0), (22, 2**22 - 1, 2**22 - 1)])
def test_every_tile_of_the_grid_can_be_asked_for(
    client: httpx.Client, session: WriteSession, z: int, x: int, y: int
) -> None:
    run = _run(session)
    session.commit()
    answer = client.get(f"/tiles/{','.join(LAYERS)}/{z}/{x}/{y}.mvt", params={"run": str(run.id)})
    assert answer.status_code == 204, answer.text


def test_fields_are_those_that_are_described(client: httpx.Client, ask: Ask, session: WriteSession) -> None:
    make_division(session, box=(119.6, 29.0, 119.7, 29.1))
    make_facility(session, lon=LON, lat=LAT, capacity=1)
    make_road(session, make_dataset(session), [(LON - 0.002, LAT), (LON + 0.002, LAT)], name="人民路")
    make_demand_point(session, make_dataset(session, DatasetKind.POPULATION), lon=LON, lat=LAT)
    run = _run(session)
    _answer(session, run, 1, PointState.COVERED, 4.0)
    session.commit()
    for key, layer in LAYERS.items():
        parameters = {"run": str(run.id)} if key == "coverage" else {}
        (found,) = ask(key, Tile.around(LON, 29.05 if key == "division-labels" else LAT, DETAIL_ZOOM - 1), **parameters)
        described = client.get(f"/tiles/{key}.json", params=parameters).json()["vector_layers"][0]["fields"]
        assert set(found.properties) == set(described) == {field.key for field in layer.fields}


def test_gdal_reads_a_tile_as_it_is_described(service: Service, client: httpx.Client, session: WriteSession) -> None:
    made = make_division(session, box=(119.6, 29.0, 119.7, 29.1), name="婺城<&=")
    session.commit()
    described = client.get("/tiles/divisions.json").json()
    tile = Tile.around(LON, LAT, 10)
    address = described["tiles"][0].format(z=tile.z, x=tile.x, y=tile.y)
    about, _, shapes, values = pyogrio.raw.read(f"MVT:{address}", layer="divisions")
    row = dict(zip(about["fields"], (column[0] for column in values), strict=True))
    assert len(shapes) == 1
    assert about["crs"] == "EPSG:3857"
    assert (row["mvt_id"], row["name"]) == (made.fid, "婺城<&=")
