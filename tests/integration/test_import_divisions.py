import json
from pathlib import Path

import pytest

from geo_registry.db.session import Database
from geo_registry.errors import MappingIncomplete, VintageMissing
from geo_registry.exchange.inputs import ImportReport
from geo_registry.vocabulary import DatasetKind
from tests.factories import make_division
from tests.integration.imports import ask, codes, counts, run_import, write_csv, write_mapping

TREE = "SELECT d.code, p.code FROM division d LEFT JOIN division p ON p.id = d.parent_id ORDER BY d.vintage, d.code"


def imported(database: Database, path: Path, **options: object) -> ImportReport:
    return run_import(database, DatasetKind.DIVISIONS, path, **({"vintage": 2023} | options))


def test_divisions_get_their_level_and_parent_whatever_the_order(database: Database, tmp_path: Path) -> None:
    path = write_csv(
        tmp_path,
        "code,name",
        "330702001201,前田村",
        "330702001000,城东街道",
        "330702000000.0,婺城区",
        "3307,金华市",
        "33,浙江省",
    )
    report = imported(database, path)
    assert counts(report) == (5, 5, 0, 0, 0)
    assert report.problems == ()
    assert ask(database, TREE) == [
        ("330000000000", None),
        ("330700000000", "330000000000"),
        ("330702000000", "330700000000"),
        ("330702001000", "330702000000"),
        ("330702001201", "330702001000"),
    ]
    levels = ask(database, "SELECT level FROM division ORDER BY code")
    assert [row[0] for row in levels] == ["province", "city", "county", "township", "village"]
    assert ask(database, "SELECT count(*) FROM history.division")[0][0] == 0


def test_missing_parent_is_a_warning_and_is_linked_when_it_comes(database: Database, tmp_path: Path) -> None:
    first = imported(database, write_csv(tmp_path, "code,name", "330702001000,城东街道", "330702002000,城西街道"))
    assert counts(first) == (2, 2, 0, 0, 0)
    assert codes(first) == [(1, "parent-missing"), (2, "parent-missing")]
    imported(database, write_csv(tmp_path, "code,name", "330702,婺城区", name="counties.csv"))
    assert ask(database, TREE)[1:] == [("330702001000", "330702000000"), ("330702002000", "330702000000")]


def test_every_division_without_its_parent_is_told_once(database: Database, tmp_path: Path) -> None:
    path = write_csv(
        tmp_path,
        "year,code,name",
        "2018,330702001,城东街道",
        "2023,330702001,城东街道",
        "2023,330702002,城西街道",
        "2023,330702002,城西街道",
        "2023,330702002001,前田村",
        "2018,330702,婺城区",
    )
    report = imported(database, path, vintage=None)
    assert codes(report) == [(2, "parent-missing"), (3, "parent-missing"), (6, "parent-missing")]
    assert report.problem_counts == {"parent-missing": 3}


def test_vintages_live_side_by_side(database: Database, tmp_path: Path) -> None:
    path = write_csv(tmp_path, "year,code,name", "2018,330702,婺城区", "2023,330702,婺城区", "2023,330702001,城东街道")
    report = imported(database, path, vintage=None)
    assert report.created == 3
    assert ask(database, TREE) == [
        ("330702000000", None),
        ("330702000000", None),
        ("330702001000", "330702000000"),
    ]
    assert counts(imported(database, path, vintage=None)) == (3, 0, 0, 3, 0)


def test_vintage_must_be_known(database: Database, tmp_path: Path) -> None:
    path = write_csv(tmp_path, "code,name", "330702,婺城区")
    with pytest.raises(VintageMissing):
        imported(database, path, vintage=None)
    mapping = write_mapping(tmp_path, "[constants]\nvintage = 2021")
    imported(database, path, vintage=None, mapping=mapping)
    assert ask(database, "SELECT vintage FROM division") == [(2021,)]


def test_bad_rows_are_refused(database: Database, tmp_path: Path) -> None:
    path = write_csv(
        tmp_path,
        "code,name,level,year",
        "330702,婺城区,县级,2023",
        "33070,短码,县级,2023",
        "330703,,县级,2023",
        "330704,金东,市级,2023",
        "330705,东阳,县级,23",
        ",无码,县级,2023",
        "330702,婺江区,县级,2023",
        "330702,婺城区,3,2023",
    )
    report = imported(
        database,
        path,
        vintage=None,
        mapping=write_mapping(tmp_path, '[columns]\nvintage = "year"\nlevel = "level"\ncode = "code"'),
    )
    assert counts(report) == (8, 1, 0, 1, 6)
    assert codes(report) == [
        (1, "parent-missing"),
        (2, "not-a-division-code"),
        (3, "required"),
        (4, "level-contradicts-code"),
        (5, "not-a-year"),
        (6, "required"),
        (7, "conflicting-duplicate"),
    ]


def write_areas(folder: Path, *features: tuple[str, str, object]) -> Path:
    path = folder / "areas.geojson"
    document = {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "properties": {"adcode": code, "name": name}, "geometry": geometry}
            for code, name, geometry in features
        ],
    }
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return path


SQUARE = {"type": "Polygon", "coordinates": [[[119, 29], [120, 29], [120, 30], [119, 30], [119, 29]]]}
BOW_TIE = {"type": "Polygon", "coordinates": [[[119, 29], [120, 30], [120, 29], [119, 30], [119, 29]]]}


def test_boundaries_are_added_to_a_list_and_neither_erases_the_other(database: Database, tmp_path: Path) -> None:
    listed = write_csv(tmp_path, "code,name", "330702,婺城区", "330703,金东区")
    areas = write_areas(tmp_path, ("330702", "婺城区", SQUARE))
    imported(database, listed)
    assert counts(imported(database, areas)) == (1, 0, 1, 0, 0)
    assert counts(imported(database, listed)) == (2, 0, 0, 2, 0)
    rows = ask(
        database, "SELECT code, GeometryType(geom), ST_SRID(geom), geom_3857 IS NOT NULL FROM division ORDER BY code"
    )
    assert [tuple(row) for row in rows] == [
        ("330702000000", "MULTIPOLYGON", 4490, True),
        ("330703000000", None, None, False),
    ]
    assert counts(imported(database, areas)) == (1, 0, 0, 1, 0)


def test_area_that_is_not_valid_is_repaired_and_told(database: Database, tmp_path: Path) -> None:
    report = imported(database, write_areas(tmp_path, ("330702", "婺城区", BOW_TIE)))
    assert (1, "geometry-repaired") in codes(report)
    assert ask(database, "SELECT ST_IsValid(geom) FROM division") == [(True,)]


def test_division_may_come_with_a_point_or_without_any_geometry(database: Database, tmp_path: Path) -> None:
    point = {"type": "Point", "coordinates": [119.6, 29.1]}
    report = imported(database, write_areas(tmp_path, ("330702", "a", point), ("330703", "b", None)))
    assert report.created == 2
    rows = ask(database, "SELECT ST_AsText(point), position_quality FROM division ORDER BY code")
    assert [tuple(row) for row in rows] == [("POINT(119.6 29.1)", "approximate"), (None, "source")]


def test_line_is_no_division(database: Database, tmp_path: Path) -> None:
    line = {"type": "LineString", "coordinates": [[119, 29], [120, 30]]}
    report = imported(database, write_areas(tmp_path, ("330702", "a", line), ("330703", "b", SQUARE)))
    assert counts(report) == (2, 1, 0, 0, 1)
    assert (1, "geometry-unfit") in codes(report)


def test_divisions_of_another_dataset_are_known_by_code_and_vintage(database: Database, tmp_path: Path) -> None:
    with database.write(actor="test") as session:
        make_division(session, "330702000000", name="旧名", vintage=2023)
    report = imported(database, write_csv(tmp_path, "code,name", "330702,婺城区"))
    assert counts(report) == (1, 0, 1, 0, 0)
    assert ask(database, "SELECT name FROM history.division") == [("旧名",)]


def test_real_villages_give_the_townships_of_five_vintages(
    database: Database, shared_data: Path, tmp_path: Path
) -> None:
    path = shared_data / "jinhua" / "jinhua_villages_2010_2017_2018_2021_2023.csv"
    with pytest.raises(MappingIncomplete):
        imported(database, path, vintage=None)
    mapping = write_mapping(tmp_path, '[columns]\ncode = "township_code"\nname = "township"\nvintage = "year"')
    report = imported(database, path, vintage=None, mapping=mapping)
    assert (report.read, report.created, report.unchanged, report.refused) == (21_433, 748, 20_685, 0)
    by_vintage = ask(database, "SELECT vintage, count(*) FROM division GROUP BY 1 ORDER BY 1")
    assert [row[0] for row in by_vintage] == [2010, 2017, 2018, 2021, 2023]
    assert by_vintage[-1][1] == 146
    counties = write_mapping(
        tmp_path, '[columns]\ncode = "county_code"\nname = "county"\nvintage = "year"', name="c.toml"
    )
    imported(database, path, vintage=None, mapping=counties)
    assert ask(database, "SELECT count(*) FROM division WHERE level = 'township' AND parent_id IS NULL") == [(0,)]


def test_real_boundaries_are_read_by_their_national_codes(database: Database, shared_data: Path) -> None:
    report = imported(database, shared_data / "boundaries" / "jinhua_counties_tianditu_epsg4490.geojson")
    assert (report.created, report.crs) == (9, "EPSG:4490")
    assert ask(database, "SELECT name FROM division WHERE code = '330702000000'") == [("婺城区",)]
