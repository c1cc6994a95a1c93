from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import update

from geo_registry.db.session import Database
from geo_registry.errors import (
    CrsMisfit,
    DatasetContradicted,
    FilterColumnMixed,
    FilterProperty,
    MappingIncomplete,
    NothingMatched,
    PopulationUndated,
    PositionsUnmapped,
)
from geo_registry.exchange.inputs import ImportReport
from geo_registry.model import DemandPoint
from geo_registry.vocabulary import DatasetKind, DivisionLevel, PopulationBasis
from tests.factories import make_division
from tests.integration.imports import ask, codes, counts, run_import, write_csv, write_mapping

CENSUS: dict[str, object] = {"as_of": date(2020, 11, 1), "basis": PopulationBasis.RESIDENT}


def imported(database: Database, path: Path, **options: object) -> ImportReport:
    return run_import(database, DatasetKind.POPULATION, path, **(CENSUS | options))


def test_people_are_kept_by_group_at_their_point(database: Database, tmp_path: Path) -> None:
    path = write_csv(tmp_path, "id,lon,lat,population,60plus", 'a,119.6,29.1,"1,234",56.5', "b,119.7,29.2,,7")
    report = imported(database, path)
    assert counts(report) == (2, 2, 0, 0, 0)
    rows = ask(
        database, "SELECT source_id, counts, ST_AsText(geom), ST_SRID(geom) FROM demand_point ORDER BY source_id"
    )
    assert [tuple(row) for row in rows] == [
        ("a", {"all": 1234, "60+": 56.5}, "POINT(119.6 29.1)", 4490),
        ("b", {"60+": 7}, "POINT(119.7 29.2)", 4490),
    ]
    (dataset,) = ask(database, "SELECT kind, key, basis, as_of FROM dataset")
    assert tuple(dataset) == ("population", "rows", "resident", date(2020, 11, 1))


def test_importing_the_same_file_again_changes_nothing(database: Database, tmp_path: Path) -> None:
    path = write_csv(tmp_path, "lon,lat,population", "119.6,29.1,10", "119.7,29.2,20")
    imported(database, path)
    before = ask(database, "SELECT * FROM demand_point ORDER BY fid")
    version = ask(database, "SELECT content_version FROM dataset")
    again = imported(database, path)
    assert counts(again) == (2, 0, 0, 2, 0)
    assert ask(database, "SELECT * FROM demand_point ORDER BY fid") == before
    assert ask(database, "SELECT count(*) FROM history.demand_point")[0][0] == 0
    assert version


def test_only_rows_that_changed_are_written_and_leave_a_history(database: Database, tmp_path: Path) -> None:
    imported(database, write_csv(tmp_path, "lon,lat,population", "119.6,29.1,10", "119.7,29.2,20"))
    report = imported(database, write_csv(tmp_path, "lon,lat,population", "119.6,29.1,10", "119.7,29.2,25"))
    assert counts(report) == (2, 0, 1, 1, 0)
    history = ask(database, "SELECT counts, replaced_by, why FROM history.demand_point")
    assert [tuple(row) for row in history] == [({"all": 20}, "test", "import population: rows.csv")]


def test_rows_that_a_later_file_lacks_stay_and_are_counted(database: Database, tmp_path: Path) -> None:
    imported(database, write_csv(tmp_path, "id,lon,lat,population", "a,119.6,29.1,10", "b,119.7,29.2,20"))
    report = imported(database, write_csv(tmp_path, "id,lon,lat,population", "a,119.6,29.1,10"))
    assert report.absent == 1
    assert ask(database, "SELECT count(*) FROM demand_point")[0][0] == 2


def test_bad_rows_are_refused_and_do_not_touch_the_others(database: Database, tmp_path: Path) -> None:
    path = write_csv(
        tmp_path,
        "id,lon,lat,population",
        "a,119.6,29.1,10",
        "b,119.6,29.1,-99999",
        "c,119.6,29.1,NaN",
        "d,119.6,29.1,many",
        "e,119.6,29.1,",
        "f,,,10",
        "g,0,0,10",
        "h,200,29.1,10",
        "i,119.6,29.1,10,more",
        "j,east,29.1,10",
        "k,119.6,29.1,3",
    )
    mapping = write_mapping(tmp_path, '[columns]\npopulation.all = "population"\n[geometry]\nlon = "lon"\nlat = "lat"')
    report = imported(database, path, mapping=mapping)
    assert counts(report) == (11, 2, 0, 0, 9)
    assert codes(report) == [
        (2, "negative"),
        (3, "not-a-number"),
        (4, "not-a-number"),
        (5, "required"),
        (6, "position-missing"),
        (7, "position-missing"),
        (8, "position-implausible"),
        (9, "ragged-row"),
        (10, "not-a-number"),
    ]
    assert ask(database, "SELECT source_id FROM demand_point ORDER BY 1") == [("a",), ("k",)]


def test_file_in_which_every_row_is_refused_leaves_nothing(database: Database, tmp_path: Path) -> None:
    report = imported(
        database, write_csv(tmp_path, "id,lon,lat,population", "a,119.6,29.1,-1", "b,119.6,29.1,-2"), mapping=None
    )
    assert counts(report) == (2, 0, 0, 0, 2)
    assert not report.taken
    assert report.run is None
    assert ask(database, "SELECT count(*) FROM dataset")[0][0] == 0


def test_condition_chooses_rows_and_an_empty_value_never_matches(database: Database, tmp_path: Path) -> None:
    path = write_csv(
        tmp_path,
        "id,lon,lat,population,kind",
        "a,119.6,29.1,10,1",
        "b,119.6,29.2,10,",
        "c,119.6,29.3,10,0",
        "d,119.6,29.4,1,2",
    )
    report = imported(database, path, mapping=write_mapping(tmp_path, "where = 'kind >= 1 AND population > 5'"))
    assert (report.read, report.created, report.skipped) == (4, 1, 3)


def test_condition_that_no_row_fulfils_is_refused(database: Database, tmp_path: Path) -> None:
    path = write_csv(tmp_path, "id,lon,lat,population,kind", "a,119.6,29.1,10,")
    with pytest.raises(NothingMatched):
        imported(database, path, mapping=write_mapping(tmp_path, "where = 'kind >= 1'"))
    with pytest.raises(FilterProperty) as refused:
        imported(database, path, mapping=write_mapping(tmp_path, "where = 'kinds >= 1'"))
    assert "kind" in refused.value.hint("en")


def test_condition_over_a_column_of_numbers_with_a_text_in_it_says_where(database: Database, tmp_path: Path) -> None:
    path = write_csv(tmp_path, "id,lon,lat,population,beds", "a,119.6,29.1,10,5", "b,119.6,29.2,10,some")
    with pytest.raises(FilterColumnMixed) as refused:
        imported(database, path, mapping=write_mapping(tmp_path, "where = 'beds > 1'"))
    assert refused.value.details == {"column": "beds", "row": 2, "value": "some"}


def test_population_must_say_its_date_and_basis(database: Database, tmp_path: Path) -> None:
    path = write_csv(tmp_path, "lon,lat,population", "119.6,29.1,10")
    with pytest.raises(PopulationUndated) as refused:
        imported(database, path, as_of=None, basis=None)
    assert "口径" in refused.value.message("zh")
    mapping = write_mapping(tmp_path, '[constants]\ndate = "2020-11-01"\nbasis = "常住"')
    assert imported(database, path, as_of=None, basis=None, mapping=mapping).created == 1


def test_two_dates_do_not_meet_in_one_dataset(database: Database, tmp_path: Path) -> None:
    two = write_csv(tmp_path, "date,lon,lat,population", "2020-11-01,119.6,29.1,10", "2021-11-01,119.7,29.1,10")
    with pytest.raises(PopulationUndated):
        imported(database, two, as_of=None)
    one = write_csv(tmp_path, "lon,lat,population", "119.6,29.1,10")
    imported(database, one)
    with pytest.raises(DatasetContradicted):
        imported(database, one, basis=PopulationBasis.REGISTERED)
    assert imported(database, one, basis=PopulationBasis.REGISTERED, dataset="registered").created == 1


def test_file_without_a_count_or_a_position_says_what_is_missing(database: Database, tmp_path: Path) -> None:
    with pytest.raises(MappingIncomplete) as refused:
        imported(database, write_csv(tmp_path, "lon,lat,beds", "119.6,29.1,10"))
    assert refused.value.details["field"] == "population.all"


def test_file_without_a_position_takes_what_the_hint_says(database: Database, tmp_path: Path) -> None:
    with database.write(actor="test") as session:
        make_division(session, name="婺城区", box=(119, 29, 120, 30))
    path = write_csv(tmp_path, "a,b,c,population", "119.6,29.1,婺城区,10")
    with pytest.raises(PositionsUnmapped) as refused:
        imported(database, path)
    for locale in ("zh", "en"):
        hint = refused.value.hint(locale)
        assert "[geometry] lon = " in hint
        assert "[columns] division = " in hint
        assert "a, b, c, population" in hint
    mapped = write_mapping(tmp_path, '[geometry]\nlon = "a"\nlat = "b"')
    assert imported(database, path, mapping=mapped).created == 1
    mapped = write_mapping(tmp_path, '[columns]\ndivision = "c"')
    assert imported(database, path, mapping=mapped, dataset="other").created == 1


def test_same_key_with_other_people_refuses_the_later_row(database: Database, tmp_path: Path) -> None:
    path = write_csv(
        tmp_path, "source_id,lon,lat,population", "a,119.6,29.1,10", "a,119.6,29.1,10", "a,119.6,29.1,11", "b,1,1,1"
    )
    mapping = write_mapping(tmp_path, '[columns]\nsource_id = "source_id"')
    report = imported(database, path, mapping=mapping)
    assert counts(report) == (4, 2, 0, 1, 1)
    assert codes(report) == [(3, "conflicting-duplicate")]
    assert "第 1 行" in report.problems[0].message("zh")


def test_identical_rows_without_ids_count_once_and_are_told(database: Database, tmp_path: Path) -> None:
    report = imported(database, write_csv(tmp_path, "lon,lat,population", "119.6,29.1,10", "119.6,29.1,10"))
    assert counts(report) == (2, 1, 0, 1, 0)
    assert codes(report) == [(2, "identical-row")]


def test_division_named_by_code_gives_an_approximate_position(database: Database, tmp_path: Path) -> None:
    with database.write(actor="test") as session:
        make_division(session, "330702000000", box=(119, 29, 120, 30))
        make_division(session, "330703000000")
    path = write_csv(tmp_path, "区划代码,总人口", "330702,100", "330703,200")
    mapping = write_mapping(tmp_path, '[columns]\ndivision = "区划代码"')
    report = imported(database, path, mapping=mapping)
    assert codes(report) == [(1, "position-approximate"), (2, "position-missing")]
    (row,) = ask(
        database,
        "SELECT d.code, p.position_quality, ST_Covers(d.geom, p.geom) FROM demand_point p JOIN division d ON d.id = p.division_id",
    )
    assert tuple(row) == ("330702000000", "approximate", True)


def test_division_is_derived_from_the_position_and_kept_where_set_by_hand(database: Database, tmp_path: Path) -> None:
    with database.write(actor="test") as session:
        county = make_division(session, "330702000000", box=(119, 29, 120, 30))
        make_division(session, "330702001000", level=DivisionLevel.TOWNSHIP, box=(119, 29, 119.5, 29.5), parent=county)
        other = make_division(session, "330799000000")
        other_id = other.id
    path = write_csv(tmp_path, "id,lon,lat,population", "a,119.2,29.2,1", "b,119.8,29.8,2", "c,125,29.8,3")
    imported(database, path)
    placed = "SELECT p.source_id, d.code FROM demand_point p LEFT JOIN division d ON d.id = p.division_id ORDER BY 1"
    assert ask(database, placed) == [("a", "330702001000"), ("b", "330702000000"), ("c", None)]
    with database.write(actor="test") as session:
        session.execute(update(DemandPoint).where(DemandPoint.source_id == "b").values(division_id=other_id))
    assert counts(imported(database, path)) == (3, 0, 0, 3, 0)
    assert ask(database, placed)[1] == ("b", "330799000000")
    moved = write_csv(tmp_path, "id,lon,lat,population", "a,119.2,29.2,1", "b,119.3,29.3,2", "c,125,29.8,3")
    assert counts(imported(database, moved)) == (3, 0, 1, 2, 0)
    assert ask(database, placed)[1] == ("b", "330702001000")


@pytest.mark.parametrize(
    ("lon", "lat", "advice"),
    [
        ("29.1", "119.6", "lat"),
        ("13313000", "3390000", "epsg:3857"),
        ("40500000", "3220000", "epsg:4528"),
        ("460000", "3220000", "epsg:4549"),
    ],
)
def test_coordinates_of_another_system_refuse_the_file_and_say_what_to_try(
    database: Database, tmp_path: Path, lon: str, lat: str, advice: str
) -> None:
    path = write_csv(tmp_path, "lon,lat,population", f"{lon},{lat},10")
    with pytest.raises(CrsMisfit) as refused:
        imported(database, path)
    assert advice in refused.value.hint("zh")
    assert ask(database, "SELECT count(*) FROM dataset")[0][0] == 0


def test_projected_columns_are_read_with_the_crs_named(database: Database, tmp_path: Path) -> None:
    path = write_csv(tmp_path, "X,Y,population", "500000,3217200,10")
    report = imported(database, path, crs="epsg:4549")
    assert report.crs == "EPSG:4549"
    assert ask(database, "SELECT ST_X(geom) FROM demand_point")[0][0] == pytest.approx(120)


POINT = (
    '{"type": "Feature", "properties": {"population": 3}, "geometry": {"type": "Point", "coordinates": [119.6, 29.1]}}'
)


@pytest.mark.parametrize("crs", ["epsg:4549", "epsg:3857"])
@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("a.csv", ("lon,lat,population", "119.6,29.1,10", "119.7,29.1,10", "-9999,-9999,10")),
        ("a.geojson", (f'{{"type": "FeatureCollection", "features": [{POINT}]}}',)),
    ],
)
def test_degrees_under_a_projected_crs_are_refused(
    database: Database, tmp_path: Path, *, name: str, lines: tuple[str, ...], crs: str
) -> None:
    with pytest.raises(CrsMisfit) as refused:
        imported(database, write_csv(tmp_path, *lines, name=name), crs=crs)
    assert "epsg:4326" in refused.value.hint("zh")
    assert "epsg:4326" in refused.value.hint("en")
    assert ask(database, "SELECT count(*) FROM dataset")[0][0] == 0


def test_a_place_near_the_origin_of_a_projected_crs_is_none_of_degrees(database: Database, tmp_path: Path) -> None:
    path = write_csv(tmp_path, "X,Y,population", "100,200,10", "13313811,3389432,10", "13313812,3389432,10")
    assert imported(database, path, crs="epsg:3857").created == 3


def test_shifted_coordinates_are_moved_back(database: Database, tmp_path: Path) -> None:
    path = write_csv(tmp_path, "lon,lat,population", "119.6470,29.0790,10")
    imported(database, path, crs="gcj02")
    (row,) = ask(database, "SELECT ST_X(geom), ST_Y(geom) FROM demand_point")
    assert row[0] == pytest.approx(119.6425, abs=0.001)
    assert row[0] != pytest.approx(119.6470, abs=0.003)
    assert counts(imported(database, path, crs="gcj02")) == (1, 0, 0, 1, 0)


def test_dry_run_tells_everything_and_leaves_nothing(database: Database, tmp_path: Path) -> None:
    path = write_csv(tmp_path, "id,lon,lat,population", "a,119.6,29.1,10", "b,119.6,29.1,-1")
    report = imported(database, path, mapping=None, dry_run=True)
    assert counts(report) == (2, 1, 0, 0, 1)
    assert report.run is None
    assert report.as_json()["run"] is None
    for table in ("demand_point", "dataset", "import_run"):
        assert ask(database, f"SELECT count(*) FROM {table}")[0][0] == 0


def test_classified_rows_are_refused_and_nothing_of_them_is_kept(database: Database, tmp_path: Path) -> None:
    path = write_csv(
        tmp_path, "id,lon,lat,population,密级", "a,119.6,29.1,10,公开", "b,119.6,29.1,-4711,秘密", "c,119.6,29.3,1,"
    )
    report_path = tmp_path / "report.csv"
    report = imported(database, path, report=report_path)
    assert counts(report) == (3, 2, 0, 0, 1)
    assert codes(report) == [(2, "not-public")]
    assert "4711" not in report_path.read_text(encoding="utf-8-sig")
    assert "4711" not in str(ask(database, "SELECT report FROM import_run"))


def test_people_of_a_division_and_of_its_parts_are_told_to_count_twice(database: Database, tmp_path: Path) -> None:
    with database.write(actor="test") as session:
        make_division(session, "330700000000", level=DivisionLevel.CITY, box=(119, 28, 121, 30))
        make_division(session, "330702000000", box=(119, 29, 120, 30))
    path = write_csv(tmp_path, "区划代码,总人口", "3307,300", "330702,100")
    report = imported(database, path, mapping=write_mapping(tmp_path, '[columns]\ndivision = "区划代码"'))
    assert report.created == 2
    assert (1, "contains-others") in codes(report)
    assert (2, "contains-others") not in codes(report)


def test_coordinates_of_a_file_without_a_crs_are_said_to_be_assumed(database: Database, tmp_path: Path) -> None:
    with pytest.raises(CrsMisfit) as refused:
        imported(database, write_csv(tmp_path, "lon,lat,population", "500000,3217200,10"))
    assert "declares none" in refused.value.message("en")
