from pathlib import Path

import numpy as np
import pyogrio.raw
import pytest
import shapely

from geo_registry.db.session import Database
from geo_registry.errors import CrsMisfit, FileUnsupported, LinesMissing, MappingIncomplete
from geo_registry.exchange.inputs import ImportReport
from geo_registry.vocabulary import DatasetKind
from tests.integration.imports import ask, codes, counts, run_import, write_csv, write_mapping
from tests.unit.test_exchange_osm import write_osm

ROWS = "SELECT source_id, name, highway, oneway, foot, motor, maxspeed_kmh FROM road_segment ORDER BY source_id"


def imported(database: Database, path: Path, **options: object) -> ImportReport:
    return run_import(database, DatasetKind.ROADS, path, **options)


def write_lines(
    folder: Path, shapes: list[shapely.Geometry], crs: str | None = "EPSG:4490", **columns: list[object]
) -> Path:
    path = folder / "roads.gpkg"
    pyogrio.raw.write(
        path,
        shapely.to_wkb(np.array(shapes, dtype=object)),
        [np.array(values, dtype=object) for values in columns.values()],
        list(columns),
        crs=crs,
        geometry_type="Unknown",
    )
    return path


LINE = shapely.LineString([(119.6, 29.1), (119.7, 29.2)])


def test_openstreetmap_comes_with_its_barriers_and_twice_changes_nothing(database: Database, tmp_path: Path) -> None:
    path = write_osm(
        tmp_path / "a.osm.pbf",
        {10: ([1, 2, 3], {"highway": "residential", "name": "人民路"}), 11: ([3, 4], {"highway": "footway"})},
        node_tags={2: {"barrier": "bollard"}},
    )
    report = imported(database, path)
    assert counts(report) == (2, 2, 0, 0, 0)
    assert report.as_json()["barriers"] == 1
    assert [tuple(row) for row in ask(database, ROWS)] == [
        ("way/10", "人民路", "residential", 0, True, True, None),
        ("way/11", "", "footway", 0, True, False, None),
    ]
    assert ask(database, "SELECT source_id, barrier, foot_blocked, motor_blocked FROM road_barrier") == [
        ("node/2", "bollard", False, True)
    ]
    assert counts(imported(database, path)) == (2, 0, 0, 2, 0)


def test_way_at_the_edge_of_an_extract_is_told(database: Database, tmp_path: Path) -> None:
    path = write_osm(tmp_path / "a.osm.pbf", {10: ([1, 2, 3, 4], {"highway": "residential"})}, without={3})
    report = imported(database, path)
    assert codes(report) == [(1, "geometry-incomplete")]
    assert report.created == 1


def test_openstreetmap_is_credited_by_itself_and_others_as_they_are_named(database: Database, tmp_path: Path) -> None:
    imported(database, write_osm(tmp_path / "a.osm.pbf", {10: ([1, 2], {"highway": "residential"})}))
    imported(database, write_lines(tmp_path, [LINE], highway=["primary"]), licence="测绘院, CC BY 4.0")
    assert ask(database, "SELECT key, licence FROM dataset ORDER BY key") == [
        ("a", "© OpenStreetMap contributors, ODbL 1.0"),
        ("roads", "测绘院, CC BY 4.0"),
    ]


def test_condition_chooses_among_ways(database: Database, tmp_path: Path) -> None:
    path = write_osm(
        tmp_path / "a.osm.pbf",
        {10: ([1, 2], {"highway": "residential"}), 11: ([3, 4], {"highway": "footway"})},
    )
    report = imported(database, path, mapping=write_mapping(tmp_path, "where = 'motor'"))
    assert (report.created, report.skipped) == (1, 1)


def test_layer_of_lines_is_read_with_chinese_classes(database: Database, tmp_path: Path) -> None:
    path = write_lines(
        tmp_path,
        [LINE, LINE.parallel_offset(0.001), LINE.parallel_offset(0.002), LINE.parallel_offset(0.003)],
        编号=["1", "2", "3", "4"],
        道路名称=["人民路", None, "x", "y"],
        道路等级=["主干道", "人行道", "residential", "国道"],
        单向=["是", None, "T", "B"],
        限速=["60", "0", None, "80km/h"],
    )
    mapping = write_mapping(tmp_path, '[columns]\nhighway = "道路等级"')
    report = imported(database, path, mapping=mapping)
    assert counts(report) == (4, 4, 0, 0, 0)
    assert [tuple(row) for row in ask(database, ROWS)] == [
        ("1", "人民路", "primary", 1, True, True, 60),
        ("2", "", "footway", 0, True, False, None),
        ("3", "x", "residential", -1, True, True, None),
        ("4", "y", "trunk", 0, True, True, 80),
    ]


def test_columns_may_say_who_is_allowed(database: Database, tmp_path: Path) -> None:
    path = write_lines(tmp_path, [LINE], highway=["residential"], foot=["yes"], motor=["no"])
    imported(database, path)
    assert ask(database, "SELECT foot, motor FROM road_segment") == [(True, False)]


def test_line_of_several_parts_becomes_several_and_heights_are_dropped(database: Database, tmp_path: Path) -> None:
    several = shapely.MultiLineString([[(119.6, 29.1, 5), (119.7, 29.2, 6)], [(119.8, 29.1, 5), (119.9, 29.2, 6)]])
    path = write_lines(tmp_path, [several], osm_id=["7"], highway=["primary"])
    report = imported(database, path, mapping=write_mapping(tmp_path, '[columns]\nsource_id = "osm_id"'))
    assert counts(report) == (2, 2, 0, 0, 0)
    assert ask(database, "SELECT source_id, ST_NDims(geom) FROM road_segment ORDER BY 1") == [("7#1", 2), ("7#2", 2)]
    assert counts(imported(database, path, mapping=tmp_path / "map.toml")) == (2, 0, 0, 2, 0)


def test_bad_lines_are_refused_one_by_one(database: Database, tmp_path: Path) -> None:
    path = write_lines(
        tmp_path,
        [
            LINE,
            shapely.Point(119, 29),
            None,
            LINE,
            shapely.LineString([(119, 29), (119, 29)]),
            shapely.LineString([(500, 29), (119, 29)]),
        ],
        highway=["primary", "primary", "primary", "runway", "primary", "primary"],
    )
    report = imported(database, path, mapping=write_mapping(tmp_path, '[columns]\nhighway = "highway"'))
    assert counts(report) == (6, 1, 0, 0, 5)
    assert codes(report) == [
        (2, "geometry-unfit"),
        (3, "geometry-empty"),
        (4, "unknown-word"),
        (5, "geometry-empty"),
        (6, "position-implausible"),
    ]


def test_lines_in_metres_without_a_crs_are_refused_with_advice(database: Database, tmp_path: Path) -> None:
    metres = shapely.LineString([(40500000, 3220000), (40500100, 3220000)])
    with pytest.warns(UserWarning, match="crs"):
        path = write_lines(tmp_path, [metres], crs=None, highway=["primary"])
    with pytest.raises(CrsMisfit) as refused:
        imported(database, path)
    assert "epsg:4528" in refused.value.hint("en")
    assert imported(database, path, crs="epsg:4528").created == 1


def test_roads_need_a_class_and_a_shape(database: Database, tmp_path: Path) -> None:
    with pytest.raises(MappingIncomplete):
        imported(database, write_lines(tmp_path, [LINE], name=["a"]))
    mapping = write_mapping(tmp_path, '[constants]\nhighway = "residential"')
    with pytest.raises(LinesMissing):
        imported(database, write_csv(tmp_path, "id,lon,lat", "1,119,29"), mapping=mapping)
    assert imported(database, tmp_path / "roads.gpkg", mapping=mapping).created == 1


def test_workbook_and_openstreetmap_are_refused_where_they_do_not_belong(database: Database, tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(b"PK\x03\x04")
    with pytest.raises(FileUnsupported) as refused:
        imported(database, tmp_path / "a.xlsx")
    assert "CSV" in refused.value.hint("zh")
    path = write_osm(tmp_path / "a.osm.pbf", {10: ([1, 2], {"highway": "residential"})})
    with pytest.raises(FileUnsupported):
        run_import(database, DatasetKind.FACILITIES, path)


def test_real_country_and_city_import(database: Database, shared_data: Path) -> None:
    country = imported(database, shared_data / "osm" / "liechtenstein-2013-08-03.osm.pbf", dataset="li")
    assert (country.created, country.refused) == (2_752, 0)
    city = imported(database, shared_data / "porto_alegre" / "poa_osm.pbf")
    assert (city.created, city.refused) == (15_815, 0)
    assert counts(imported(database, shared_data / "porto_alegre" / "poa_osm.pbf"))[1:] == (0, 0, 15_815, 0)
