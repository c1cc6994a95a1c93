import json
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import text

from geo_registry.db.paging import Page
from geo_registry.db.session import Database
from geo_registry.errors import MappingIncomplete, PositionsUnmapped
from geo_registry.exchange.inputs import ImportReport
from geo_registry.exchange.service import list_imports
from geo_registry.settings import CHECKOUT
from geo_registry.vocabulary import DatasetKind, DivisionLevel
from tests.factories import make_division
from tests.integration.imports import ask, codes, counts, run_import, write_csv, write_mapping

HEADER = "编号,机构名称,机构类型,详细地址,运营状态,成立日期,床位数,护理型床位,经度,纬度"
EXAMPLES = CHECKOUT / "docs" / "examples" / "porto-alegre"


def imported(database: Database, path: Path, **options: object) -> ImportReport:
    return run_import(database, DatasetKind.FACILITIES, path, **options)


def test_facilities_are_read_from_a_chinese_list_without_a_mapping(database: Database, tmp_path: Path) -> None:
    path = write_csv(
        tmp_path,
        HEADER,
        "A1,社会福利院,养老机构,人民路1号,运营,2015年1月1日,120,60,119.6,29.1",
        "A2,敬老院,敬老院,,停业,2015年,30,,119.7,29.2",
        encoding="gb18030",
    )
    report = imported(database, path)
    assert counts(report) == (2, 2, 0, 0, 0)
    assert report.encoding == "gb18030"
    assert codes(report) == [(2, "partial-date")]
    rows = ask(
        database,
        "SELECT source_id, kind, name, address, status, opened_on, capacity, detail, ST_AsText(geom) FROM facility ORDER BY 1",
    )
    assert [tuple(row) for row in rows] == [
        (
            "A1",
            "care-institution",
            "社会福利院",
            "人民路1号",
            "open",
            date(2015, 1, 1),
            120,
            {"beds": 120, "nursing_beds": 60},
            "POINT(119.6 29.1)",
        ),
        ("A2", "care-institution", "敬老院", "", "suspended", date(2015, 1, 1), 30, {"beds": 30}, "POINT(119.7 29.2)"),
    ]
    assert counts(imported(database, path)) == (2, 0, 0, 2, 0)


def test_bad_rows_are_refused_with_their_column_and_reason(database: Database, tmp_path: Path) -> None:
    path = write_csv(
        tmp_path,
        HEADER + ",closed_on",
        "1,甲,养老机构,,运营,2015-01-01,120,121,119.6,29.1,",
        "2,乙,酒店,,运营,2015-01-01,120,1,119.6,29.1,",
        "3,,养老机构,,运营,2015-01-01,120,1,119.6,29.1,",
        "4,丁,养老机构,,运营,昨天,120,1,119.6,29.1,",
        "5,戊,公墓,,运营,2015-01-01,120,,119.6,29.1,",
        "6,己,养老机构,,关门大吉,2015-01-01,120,1,119.6,29.1,",
        "7,庚,养老机构,,关闭,2015-01-01,12,1,119.6,29.1,2014-01-01",
        "8,辛,养老机构,,运营,2015-01-01,-1,1,119.6,29.1,",
        "9,壬,养老机构,,运营,2015-01-01,120,1,119.6,29.1,",
    )
    columns = "\n".join(
        f'{field} = "{column}"'
        for field, column in {
            "kind": "机构类型",
            "status": "运营状态",
            "opened_on": "成立日期",
            "beds": "床位数",
        }.items()
    )
    report = imported(database, path, mapping=write_mapping(tmp_path, f"[columns]\n{columns}"))
    assert counts(report) == (9, 1, 0, 0, 8)
    assert codes(report) == [
        (1, "rule-broken"),
        (2, "unknown-word"),
        (3, "required"),
        (4, "not-a-date"),
        (5, "rule-broken"),
        (6, "unknown-word"),
        (7, "rule-broken"),
        (8, "negative"),
    ]
    first = report.problems[0]
    assert (first.column, first.code.value) == ("护理型床位", "rule-broken")
    assert "121" in first.message("zh")
    assert "exceeds" in first.message("en")
    assert report.problems[1].value == "酒店"


def test_what_stewards_added_survives_the_next_file(database: Database, tmp_path: Path) -> None:
    path = write_csv(tmp_path, "id,name,kind,lon,lat,beds", "1,a,care-institution,119.6,29.1,20")
    imported(database, path)
    with database.write(actor="steward") as session:
        session.execute(
            text(
                "UPDATE facility SET status = 'suspended', address = '人民路', detail = detail || '{\"grade\": \"五级\"}'"
            )
        )
    assert counts(imported(database, path)) == (1, 0, 0, 1, 0)
    more = write_csv(tmp_path, "id,name,kind,lon,lat,beds", "1,a,care-institution,119.6,29.1,25")
    assert counts(imported(database, more)) == (1, 0, 1, 0, 0)
    (row,) = ask(database, "SELECT status, address, detail, capacity FROM facility")
    assert tuple(row) == ("suspended", "人民路", {"grade": "五级", "beds": 25}, 25)


def test_division_is_taken_by_code_by_name_or_from_the_position(database: Database, tmp_path: Path) -> None:
    with database.write(actor="test") as session:
        county = make_division(session, "330702000000", name="婺城区", box=(119, 29, 120, 30))
        make_division(session, "330702001000", name="新城街道", level=DivisionLevel.TOWNSHIP, parent=county)
        make_division(session, "330703001000", name="新城街道", level=DivisionLevel.TOWNSHIP)
        make_division(session, "330703002000", name="东孝街道", level=DivisionLevel.TOWNSHIP)
    path = write_csv(
        tmp_path,
        "id,name,kind,lon,lat,所在",
        "1,a,公墓,119.6,29.1,330702001",
        "2,b,公墓,119.6,29.1,东孝街道",
        "3,c,公墓,119.6,29.1,",
        "4,d,公墓,125,29.1,",
        "5,e,公墓,119.6,29.1,新城街道",
        "6,f,公墓,119.6,29.1,无名街道",
    )
    report = imported(database, path, mapping=write_mapping(tmp_path, '[columns]\ndivision = "所在"'))
    assert counts(report) == (6, 4, 0, 0, 2)
    assert codes(report) == [(5, "division-ambiguous"), (6, "division-unknown")]
    assert "330702001000, 330703001000" in report.problems[0].message("zh")
    rows = ask(
        database, "SELECT f.name, d.code FROM facility f LEFT JOIN division d ON d.id = f.division_id ORDER BY 1"
    )
    assert [tuple(row) for row in rows] == [
        ("a", "330702001000"),
        ("b", "330703002000"),
        ("c", "330702000000"),
        ("d", None),
    ]


def test_proposed_division_that_is_not_registered_is_only_a_warning(database: Database, tmp_path: Path) -> None:
    path = write_csv(tmp_path, "id,name,kind,lon,lat,区划代码", "1,a,公墓,119.6,29.1,330702")
    report = imported(database, path)
    assert counts(report) == (1, 1, 0, 0, 0)
    assert codes(report) == [(1, "division-unknown-derived")]


def test_kind_may_be_a_constant_and_details_are_typed(database: Database, tmp_path: Path) -> None:
    path = write_csv(tmp_path, "name,lon,lat,性质,生态,total,tree", "南山公墓,119.6,29.1,公益性,是,1000,120")
    mapping = write_mapping(
        tmp_path,
        '[columns]\nownership = "性质"\necological = "生态"\ngraves = "total"\nburial_places."树葬" = "tree"\n'
        '[constants]\nkind = "公墓"\n',
    )
    imported(database, path, mapping=mapping)
    (row,) = ask(database, "SELECT kind, capacity, detail FROM facility")
    assert tuple(row) == (
        "cemetery",
        1000,
        {"ownership": "public-benefit", "ecological": True, "graves": 1000, "burial_places": {"树葬": 120}},
    )


def test_rows_without_ids_are_known_by_what_they_say(database: Database, tmp_path: Path) -> None:
    path = write_csv(tmp_path, "name,kind,lon,lat,beds", "a,养老机构,119.6,29.1,10", "a,养老机构,119.6,29.1,10")
    assert counts(imported(database, path)) == (2, 1, 0, 1, 0)
    grown = write_csv(tmp_path, "name,kind,lon,lat,beds", "a,养老机构,119.6,29.1,12")
    assert counts(imported(database, grown)) == (1, 0, 1, 0, 0)


def test_polygon_gives_its_centroid(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "a.geojson"
    square = {"type": "Polygon", "coordinates": [[[119, 29], [119.2, 29], [119.2, 29.2], [119, 29.2], [119, 29]]]}
    feature = {"type": "Feature", "properties": {"name": "a", "kind": "cemetery"}, "geometry": square}
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    imported(database, path)
    (row,) = ask(database, "SELECT ST_AsText(geom, 6), position_quality FROM facility")
    assert tuple(row) == ("POINT(119.1 29.1)", "approximate")


def test_facilities_need_a_kind_and_a_name_or_an_id(database: Database, tmp_path: Path) -> None:
    with pytest.raises(MappingIncomplete) as refused:
        imported(database, write_csv(tmp_path, "name,lon,lat", "a,119.6,29.1"))
    assert refused.value.details["field"] == "kind"
    mapping = write_mapping(tmp_path, '[constants]\nkind = "meal-point"')
    with pytest.raises(MappingIncomplete):
        imported(database, write_csv(tmp_path, "lon,lat", "119.6,29.1"), mapping=mapping)
    with pytest.raises(PositionsUnmapped):
        imported(database, write_csv(tmp_path, "id", "A7"), mapping=mapping)
    imported(database, write_csv(tmp_path, "id,lon,lat", "A7,119.6,29.1"), mapping=mapping)
    assert ask(database, "SELECT name FROM facility") == [("助餐点 A7",)]


def test_run_is_recorded_with_what_it_wrote(database: Database, tmp_path: Path) -> None:
    report = imported(database, write_csv(tmp_path, "id,name,kind,lon,lat", "1,a,公墓,119.6,29.1"), dataset="graves")
    with database.read() as session:
        (run,) = list_imports(session, Page()).rows
    assert (run.id, run.kind, run.dataset, run.actor, run.state) == (report.run, "facilities", "graves", "test", "done")
    assert run.report["created"] == 1
    assert run.finished_at is not None
    assert run.finished_at >= run.started_at


def test_report_file_keeps_the_rows_so_that_they_can_be_mended(database: Database, tmp_path: Path) -> None:
    lines = ["id,name,kind,lon,lat,note"]
    lines += [f'{at},n{at},{"公墓" if at % 3 else "酒店"},119.6,29.1,"备注, {at}"' for at in range(1, 10)]
    path = write_csv(tmp_path, *lines)
    mapping = write_mapping(tmp_path, '[columns]\nkind = "kind"')
    report_path = tmp_path / "problems.csv"
    imported(database, path, mapping=mapping, report=report_path)
    assert report_path.read_bytes().startswith(b"\xef\xbb\xbf")
    written = report_path.read_text(encoding="utf-8-sig").splitlines()
    assert len(written) == 4
    assert written[1].startswith("3,refused,kind,酒店,unknown-word,")
    assert written[1].endswith('3,n3,酒店,119.6,29.1,"备注, 3"')
    mended = tmp_path / "mended.csv"
    mended.write_text(report_path.read_text(encoding="utf-8-sig").replace("酒店,119.6", "公墓,119.6"), encoding="utf-8")
    again = imported(database, mended, mapping=mapping, dataset="rows")
    assert counts(again) == (3, 3, 0, 0, 0)


def test_documented_example_of_porto_alegre(database: Database, shared_data: Path) -> None:
    cells = shared_data / "porto_alegre" / "poa_hexgrid.csv"
    people = run_import(database, DatasetKind.POPULATION, cells, mapping=EXAMPLES / "population.toml")
    assert (people.read, people.created, people.refused) == (1_227, 1_227, 0)
    assert ask(database, "SELECT sum((counts->>'all')::float) FROM demand_point") == [(812_935.0,)]
    places = imported(database, cells, mapping=EXAMPLES / "facilities.toml")
    assert (places.created, places.skipped, places.refused) == (117, 1_110, 0)


def test_real_care_homes_and_cemeteries(database: Database, shared_data: Path, tmp_path: Path) -> None:
    homes = write_mapping(tmp_path, '[columns]\nsource_id = "cqc_id"\n[constants]\nkind = "care-institution"')
    assert imported(database, shared_data / "trafford" / "trafford_care_homes.csv", mapping=homes).created == 56
    green = 'where = "site_type = \'Cemetery\'"\n[columns]\nname = "site_name"\n[constants]\nkind = "cemetery"'
    layer = shared_data / "trafford" / "trafford_greenspace_sites.geojson"
    report = imported(database, layer, mapping=write_mapping(tmp_path, green))
    assert (report.created, report.refused, report.skipped) == (4, 5, 418)


def test_columns_of_other_kinds_in_a_mixed_list_count_for_those_kinds(database: Database, tmp_path: Path) -> None:
    path = write_csv(
        tmp_path,
        "id,name,kind,lon,lat,beds,graves",
        "1,a,养老机构,119.6,29.1,20,0",
        "2,b,公墓,119.7,29.1,0,500",
    )
    assert counts(imported(database, path)) == (2, 2, 0, 0, 0)
    assert ask(database, "SELECT detail FROM facility ORDER BY name") == [({"beds": 20},), ({"graves": 500},)]
    named = write_mapping(tmp_path, '[columns]\nbeds = "beds"')
    assert codes(imported(database, path, mapping=named, dataset="named")) == [(2, "rule-broken")]


def test_closing_before_the_opening_that_is_registered_refuses_its_row(database: Database, tmp_path: Path) -> None:
    imported(database, write_csv(tmp_path, "id,name,kind,lon,lat,opened_on", "1,a,公墓,119.6,29.1,2015-01-01"))
    path = write_csv(
        tmp_path, "id,name,kind,lon,lat,closed_on", "1,a,公墓,119.6,29.1,2014-01-01", "2,b,公墓,119.6,29.2,2014-01-01"
    )
    report = imported(database, path)
    assert counts(report) == (2, 1, 0, 0, 1)
    assert codes(report) == [(1, "rule-broken")]


def test_an_ownership_is_in_the_words_of_its_kind(database: Database, tmp_path: Path) -> None:
    path = write_csv(
        tmp_path,
        "编号,名称,类型,性质,经度,纬度",
        "A,社会福利院,养老机构,公办,119.6,29.1",
        "B,公墓,公墓,公益性,119.6,29.2",
        "C,敬老院,养老机构,经营性,119.6,29.3",
    )
    mapping = write_mapping(tmp_path, '[columns]\nownership = "性质"\n')
    report = imported(database, path, mapping=mapping)
    assert codes(report) == [(3, "unknown-word")]
    rows = ask(database, "SELECT source_id, detail FROM facility ORDER BY 1")
    assert [tuple(row) for row in rows] == [("A", {"ownership": "public"}), ("B", {"ownership": "public-benefit"})]


def test_a_file_says_how_far_its_positions_can_be_trusted(database: Database, tmp_path: Path) -> None:
    header = "编号,名称,类型,经度,纬度"
    path = write_csv(tmp_path, header, "A,社会福利院,养老机构,119.6,29.1")
    assert counts(imported(database, path))[1] == 1
    mapping = write_mapping(tmp_path, '[constants]\nposition_quality = "实测"\n')
    assert counts(imported(database, path, mapping=mapping)) == (1, 0, 1, 0, 0)
    assert [row.position_quality for row in ask(database, "SELECT position_quality FROM facility")] == ["surveyed"]
