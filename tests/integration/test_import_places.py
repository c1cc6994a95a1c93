"""Place names taken over from files: what is kept of a row, what is refused, and what the rules of names say of it."""

import csv
import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from uuid import UUID

import numpy as np
import pyogrio.raw
import pytest
import shapely
from geoalchemy2.shape import from_shape
from shapely import MultiPolygon, box
from sqlalchemy import select

from geo_registry.accounts import audit
from geo_registry.accounts.actors import Grant
from geo_registry.accounts.audit import EntryQuery
from geo_registry.db.paging import Page
from geo_registry.db.revisions import WHICHEVER, Seen
from geo_registry.db.session import Database
from geo_registry.errors import CrsMisfit, FileEmpty, Forbidden, MappingField, MappingIncomplete, PositionsUnmapped
from geo_registry.exchange.inputs import ImportCommand, ImportReport
from geo_registry.exchange.problems import ProblemCode
from geo_registry.exchange.service import import_file
from geo_registry.model import BuiltUpArea, Place, PlaceName
from geo_registry.model.geometry import STORAGE_SRID
from geo_registry.places import service
from geo_registry.places.clearing import NewClearance
from geo_registry.places.inputs import NameCorrection, NewExtent, NewName
from geo_registry.search import keeping
from geo_registry.settings import CHECKOUT
from geo_registry.vocabulary import DatasetKind, FindingCode, Role
from tests.factories import NEXT_TOWN, TOWN, WEST, make_actor, make_two_towns, operator
from tests.integration.imports import ask, codes, counts, run_import, write_csv, write_mapping

CARD = "编号,标准名称,罗马字母拼写,地名类别,曾用名,别名,简称,地名含义,地名来历,资料来源,使用时间,经度,纬度"


@pytest.fixture
def registry(database: Database) -> Database:
    """A county with two towns."""
    keeping.install()
    with database.write(actor="test") as session:
        make_two_towns(session)
    return database


def imported(database: Database, path: Path, **options: object) -> ImportReport:
    return run_import(database, DatasetKind.PLACES, path, **options)


def names(database: Database) -> Sequence[tuple[object, ...]]:
    rows = ask(
        database,
        """SELECT place.standard_name, own.name, own.kind, own.status, own.naming, own.romanized, own.romanized_by,
                  own.valid_from, own.from_precision, own.valid_to
           FROM place JOIN place_name AS own ON own.place_id = place.id ORDER BY place.fid, own.fid""",
    )
    return [tuple(row) for row in rows]


def other_than_rules(report: ImportReport) -> list[tuple[int, str]]:
    return [(each.row, each.code.value) for each in report.problems if each.code is not ProblemCode.NAME_RULE]


def place_id(database: Database, source_id: str) -> UUID:
    with database.read() as session:
        return session.execute(select(Place.id).where(Place.source_id == source_id)).scalar_one()


def test_card_of_the_survey_is_read_without_a_mapping(registry: Database, tmp_path: Path) -> None:
    path = write_csv(
        tmp_path,
        CARD,
        "D1,中山路,Zhōngshān Lù,道路,红旗路（1966—1981）;马路,大街,,纪念孙中山,1946年命名,金华市地名志,1946年,119.62,29.08",
        "D2,下王村,,自然村,,,,,,,明代,119.63,29.07",
        encoding="gb18030",
    )
    report = imported(registry, path)
    assert counts(report) == (2, 2, 0, 0, 0)
    assert report.encoding == "gb18030"
    assert names(registry) == [
        (
            "中山路",
            "中山路",
            "standard",
            "recorded",
            "taken-over",
            "Zhōngshān Lù",
            "source",
            date(1946, 1, 1),
            "year",
            None,
        ),
        (
            "中山路",
            "红旗路",
            "former",
            "historical",
            "taken-over",
            "Hóngqí Lù",
            "rules",
            date(1966, 1, 1),
            "year",
            date(1981, 1, 1),
        ),
        ("中山路", "马路", "former", "historical", "taken-over", "Mǎ Lù", "rules", None, "day", None),
        ("中山路", "大街", "alias", "recorded", "taken-over", "Dà Jiē", "rules", None, "day", None),
        (
            "下王村",
            "下王村",
            "standard",
            "recorded",
            "taken-over",
            "Xiàwángcūn",
            "rules",
            date(1368, 1, 1),
            "era",
            None,
        ),
    ]
    meaning = ask(registry, "SELECT meaning, origin, source FROM place_name WHERE name = '中山路'")
    assert [tuple(row) for row in meaning] == [("纪念孙中山", "1946年命名", "金华市地名志")]
    places = ask(
        registry,
        """SELECT place.class, place.state, division.code, ST_AsText(place.geom), place_extent.geom IS NOT NULL, place.dataset_id IS NOT NULL
           FROM place JOIN division ON division.id = place.division_id JOIN place_extent ON place_extent.place_id = place.id
           ORDER BY place.fid""",
    )
    assert [tuple(row) for row in places] == [
        ("street", "in-use", TOWN, "POINT(119.62 29.08)", True, True),
        ("village", "in-use", TOWN, "POINT(119.63 29.07)", True, True),
    ]


def test_the_cards_own_columns_say_where_it_is(registry: Database, tmp_path: Path) -> None:
    path = write_csv(
        tmp_path,
        "标准名称,地名类别,所在政区,东经,北纬,备考",
        "中山路,道路,白龙桥镇,119°37′12″,29°04′48″,旧卡",
    )
    report = imported(registry, path)
    assert (counts(report), report.ignored) == ((1, 1, 0, 0, 0), ("备考",))
    rows = ask(
        registry,
        """SELECT division.code, ST_AsText(place.geom, 2) FROM place JOIN division ON division.id = place.division_id""",
    )
    assert [tuple(row) for row in rows] == [(NEXT_TOWN, "POINT(119.62 29.08)")]


def test_columns_of_a_layer_that_fill_nothing_are_told(registry: Database, tmp_path: Path) -> None:
    feature = {
        "type": "Feature",
        "properties": {"标准名称": "中山路", "地名类别": "道路", "政区": NEXT_TOWN, "备考": "旧卡", "密级": "公开"},
        "geometry": {"type": "Point", "coordinates": [119.62, 29.08]},
    }
    path = tmp_path / "places.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    mapping = write_mapping(tmp_path, "where = \"密级 = '公开'\"\n")
    report = imported(registry, path, mapping=mapping)
    assert (report.ignored, report.as_json()["ignored"]) == (("备考",), ["备考"])
    assert report.mapping["division"] == "政区"


def test_same_file_again_changes_nothing_and_writes_no_history(registry: Database, tmp_path: Path) -> None:
    path = write_csv(
        tmp_path,
        CARD + ",长度,起点,区划代码",
        "D1,中山路,Zhongshan Lu,道路,红旗路（1966—1981）;马路,大街,,含义,来历,来源,1946年,119.62,29.08,1200,人民路,330702",
        "D2,下王村,,自然村,王村;上王村;王村,,,,,,明代,119.63,29.07,,,330702001",
    )
    assert counts(imported(registry, path)) == (2, 2, 0, 0, 0)
    before = names(registry)
    assert counts(imported(registry, path)) == (2, 0, 0, 2, 0)
    assert names(registry) == before
    for table in ("place", "place_name", "place_extent"):
        assert ask(registry, f"SELECT count(*) FROM history.{table}") == [(0,)]


def test_newer_file_updates_what_differs_and_an_empty_cell_says_nothing(registry: Database, tmp_path: Path) -> None:
    imported(
        registry,
        write_csv(
            tmp_path,
            CARD,
            "D1,中山路,,道路,马路,,,旧含义,来历,,1946年,119.62,29.08",
            "D2,人民路,,道路,,,,,,,,119.63,29.08",
            "D3,建设路,,道路,,,,,,,,119.64,29.08",
        ),
    )
    newer = write_csv(
        tmp_path,
        CARD,
        "D1,中山路,,道路,马路（1930—1946）;土马路,,,新含义,,,1946年3月,119.62,29.08",
        "D2,人民大路,,道路,,,,,,,,119.635,29.08",
    )
    report = imported(registry, newer)
    assert counts(report) == (2, 0, 2, 0, 0)
    assert report.absent == 1
    rows = ask(
        registry,
        """SELECT place.source_id, own.name, own.kind, own.meaning, own.origin, own.valid_from, own.from_precision, own.valid_to,
                  ST_X(place.geom)
           FROM place JOIN place_name AS own ON own.place_id = place.id ORDER BY place.fid, own.fid""",
    )
    assert [tuple(row) for row in rows] == [
        ("D1", "中山路", "standard", "新含义", "来历", date(1946, 3, 1), "month", None, 119.62),
        ("D1", "马路", "former", "", "", date(1930, 1, 1), "year", date(1946, 1, 1), 119.62),
        ("D1", "土马路", "former", "", "", None, "day", None, 119.62),
        ("D2", "人民大路", "standard", "", "", None, "day", None, 119.635),
        ("D3", "建设路", "standard", "", "", None, "day", None, 119.64),
    ]
    assert ask(registry, "SELECT standard_name FROM place WHERE source_id = 'D2'") == [("人民大路",)]
    (change,) = ask(registry, "SELECT name, why, replaced_by FROM history.place_name WHERE name = '人民路'")
    assert tuple(change) == ("人民路", "import places: rows.csv", "test")


NAME_ROWS = "地名编号,名称,名称类型,地名类别,使用时间,停用时间,语言,罗马字母拼写,经度,纬度"


def test_a_row_may_tell_one_name_of_a_place_by_its_number(registry: Database, tmp_path: Path) -> None:
    path = write_csv(
        tmp_path,
        NAME_ROWS,
        "P1,红旗街,曾用名,,1966,1981,,,,",
        "P1,中山街,标准名称,道路,1981,,,,119.62,29.08",
        "P1,中山街,标准名称,,1946,1966,,,,",
        "P1,Chung-shan Street,威妥玛,,,,,Chung-shan,,",
        "P1,ཀྲུང་ཧྲན,少数民族语名称,,,,bo,,,",
        "P2,无主,别名,,,,,,,",
    )
    report = imported(registry, path)
    assert other_than_rules(report) == [(6, "place-missing")]
    assert counts(report) == (6, 5, 0, 0, 1)
    rows = ask(registry, "SELECT name, kind, status, language, romanized FROM place_name ORDER BY fid")
    assert [tuple(row) for row in rows] == [
        ("红旗街", "former", "historical", "zh-Hans", None),
        ("中山街", "standard", "recorded", "zh-Hans", "Zhōngshān Jiē"),
        ("中山街", "standard", "historical", "zh-Hans", None),
        ("Chung-shan Street", "romanized", "recorded", "zh-Latn", "Chung-shan"),
        ("ཀྲུང་ཧྲན", "minority", "recorded", "bo", None),
    ]
    assert counts(imported(registry, path)) == (6, 0, 0, 5, 1)
    more = write_csv(tmp_path, NAME_ROWS, "P1,老街,别名,,,,,,,", "P1,红旗街,曾用名,,1966,1982,,,,", name="rows.csv")
    assert counts(imported(registry, more)) == (2, 1, 1, 0, 0)


def test_two_standard_names_on_one_day_refuse_the_row_of_the_past_one(registry: Database, tmp_path: Path) -> None:
    path = write_csv(
        tmp_path,
        NAME_ROWS,
        "P1,中山街,标准名称,道路,1981,,,,119.62,29.08",
        "P1,红旗街,标准名称,,1966,1982,,,,",
        "P1,大街,标准名称,,1930,1950,,,,",
        "P1,马路,标准名称,,1940,1946,,,,",
    )
    report = imported(registry, path)
    assert other_than_rules(report) == [(2, "periods-overlap"), (4, "periods-overlap")]
    assert "中山街" in report.problems[0].message("zh")
    assert counts(report) == (4, 2, 0, 0, 2)


def test_bad_rows_are_refused_one_by_one_with_their_column(registry: Database, tmp_path: Path) -> None:
    path = write_csv(
        tmp_path,
        CARD + ",止年,地名代码,状态,坐标基准,长度",
        "1,,,道路,,,,,,,,119.62,29.08,,,,,",
        "2,甲路,,什么,,,,,,,,119.62,29.08,,,,,",
        "3,乙路,,,,,,,,,,119.62,29.08,,,,,",
        "4,丙路,,道路,,,,,,,1958年13月,119.62,29.08,,,,,",
        "5,丁路,,道路,,,,,,,1980,119.62,29.08,1970,,,,",
        "6,戊路,,道路,,,,,,,,119.62,29.08,,33070200122100000001,,,",
        "7,己路,,道路,,,,,,,,119.62,29.08,,33070200122100000001,,,",
        "8,庚路,,道路,,,,,,,,119.62,29.08,,330702,,,",
        "9,辛路,,道路,,,,,,,,199.62,29.08,,,,,",
        "10,壬路,,道路,,,,,,,,119.62,29.08,,,,西安80,",
        "11,癸路,,道路,,,,,,,,东经,29.08,,,,,",
        f"12,{'长' * 101}路,,道路,,,,,,,,119.62,29.08,,,,,",
        f"13,子路,,道路,短名;{'长' * 101},,,,,,,119.62,29.08,,,,,",
        "14,丑路,,道路,,,,,,,,119.62,29.08,,,坏了,,",
        "15,寅路,,道路,,,,,,,,119.62,29.08,,,,,很长",
        "15,卯路,,道路,,,,,,,,119.62,29.08,,,,,",
        "16,辰路,,道路,,,,,,,,119.62,29.08",
        "17,巳路,,道路,,,,,,,,119.62,29.08,,,,CGCS2000,800",
        "17,午路,,道路,,,,,,,,119.62,29.08,,,,CGCS2000,800",
    )
    columns = {
        "source_id": "编号",
        "names.former": "曾用名",
        "name_to": "止年",
        "national_code": "地名代码",
        "state": "状态",
        "length_m": "长度",
    }
    mapping = write_mapping(tmp_path, "[columns]\n" + "\n".join(f'{ours} = "{own}"' for ours, own in columns.items()))
    report = imported(registry, path, mapping=mapping)
    assert [(row, code) for row, code in other_than_rules(report) if code != "spelling-doubtful"] == [
        (1, "required"),
        (2, "unknown-word"),
        (3, "required"),
        (4, "date-unclear"),
        (5, "ends-before-it-begins"),
        (7, "national-code-taken"),
        (8, "not-a-national-code"),
        (9, "position-implausible"),
        (10, "datum-contradicts"),
        (11, "not-a-number"),
        (12, "too-long"),
        (13, "too-long"),
        (14, "unknown-word"),
        (15, "not-a-number"),
        (17, "ragged-row"),
        (19, "conflicting-duplicate"),
    ]
    assert [tuple(row) for row in ask(registry, "SELECT standard_name FROM place ORDER BY fid")] == [
        ("戊路",),
        ("卯路",),
        ("巳路",),
    ]
    assert counts(report) == (19, 3, 0, 0, 16)


def test_broken_rules_are_told_with_what_they_collide_with_and_refuse_nothing(
    registry: Database, tmp_path: Path
) -> None:
    first = write_csv(
        tmp_path, CARD, "D1,中山路,,道路,,,,,,,,119.62,29.08", "D2,人民路,,道路,,,,,,,,119.63,29.08", name="first.csv"
    )
    imported(registry, first)
    path = write_csv(
        tmp_path,
        CARD,
        "A1,中山路,,道路,,,,,,,,119.61,29.08",
        "A2,建设路,,道路,,,,,,,,119.61,29.07",
        "A3,建设路,,道路,,,,,,,,119.64,29.07",
        "A4,建设路,,道路,,,,,,,,119.68,29.07",
        "A5,很特别路,,道路,,,,,,,,119.68,29.09",
        name="second.csv",
    )
    target = tmp_path / "problems.csv"
    report = imported(registry, path, report=target)
    assert counts(report) == (5, 5, 0, 0, 0)
    found = [each for each in report.problems if each.name == "duplicate"]
    assert [each.row for each in found] == [1, 2, 3]
    assert all(each.code.severity.value == "warning" and each.column == "标准名称" for each in found)
    old, same_file, back = (each.collides_with or {} for each in found)
    assert (old["name"], old["id"], "row" in old) == ("中山路", str(place_id(registry, "D1")), False)
    assert (same_file["name"], same_file["row"]) == ("建设路", "3")
    assert back["row"] == "2"
    assert int(same_file["distance_m"]) == pytest.approx(2_920, abs=30)
    assert "第九条第（八）项" in found[1].message("zh")
    assert "第 3 行" in found[1].message("zh")
    assert "row 3 of this file" in found[1].message("en")
    assert report.problem_counts["duplicate"] == 3
    told = report.as_json("en")["problems"]
    assert isinstance(told, list)
    entry = next(each for each in told if each["code"] == "duplicate")
    assert (entry["rule_severity"], entry["severity"]) == ("error", "warning")
    assert entry["article"].endswith("第九条第（八）项")
    assert (entry["collides_with"]["name"], entry["collides_with"]["division"]) == ("中山路", TOWN)
    assert entry["collides_with"]["distance_m"] == pytest.approx(972, abs=20)
    with target.open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["report_code"] == "duplicate"]
    assert [(row["report_row"], row["编号"], row["report_severity"]) for row in rows] == [
        ("1", "A1", "warning"),
        ("2", "A2", "warning"),
        ("3", "A3", "warning"),
    ]
    # Told again whenever the file is: what stands there is as it was.
    again = imported(registry, path)
    assert counts(again) == (5, 0, 0, 5, 0)
    assert again.problem_counts["duplicate"] == 3


def test_finding_that_a_person_cleared_is_not_told_again(registry: Database, tmp_path: Path) -> None:
    path = write_csv(
        tmp_path,
        CARD,
        "A1,建设路,,道路,,,,,,,,119.61,29.07",
        "A2,建设路,,道路,,,,,,,,119.64,29.07",
    )
    assert imported(registry, path).problem_counts["duplicate"] == 2
    service.review_now(registry, actor=operator())
    with registry.write(actor="test") as session:
        service.clear_finding(
            session,
            NewClearance(
                record=place_id(registry, "A1"),
                code=FindingCode.DUPLICATE,
                collides_with=place_id(registry, "A2"),
                reason="沿用已久",
            ),
            actor=operator(),
        )
    found = [each.row for each in imported(registry, path).problems if each.name == "duplicate"]
    assert found == [], "a pair is cleared once, and settled from both sides"


def test_import_finds_what_the_review_of_all_names_finds(registry: Database, tmp_path: Path) -> None:
    west = from_shape(MultiPolygon([box(*WEST)]), srid=STORAGE_SRID)
    with registry.write(actor="test") as session:
        session.add(BuiltUpArea(key="west", name="西区", geom=west))
    line = '"LINESTRING(119.61 29.06, 119.62 29.06)"'
    path = write_csv(
        tmp_path,
        "id,name,class,wkt,division,宽度,起点,建成时间,始建",
        f"1,江南一街,道路,{line},330702001,,,,",
        "2,江南三街,道路,POINT(119.61 29.07),330702001,,,,",
        "3,江南3街,道路,POINT(119.62 29.075),330702001,,,,",
        "4,建设路,道路,POINT(119.68 29.07),330702001,,,,",
        "5,建社路,道路,POINT(119.61 29.09),330702001,,,,",
        "6,江南一街小区,住宅区,POINT(119.64 29.09),330702001,,,,",
        "7,白龙桥大桥,桥梁,POINT(119.61 29.06),330702001,,,,",
        f"8,平行路,道路,{line},330702001,50,江南三街,1999,2001",
        "9,大街,道路,POINT(119.61 29.06),330702001,,,,",
        "10,曼哈顿花园,住宅区,POINT(119.61 29.06),330702001,,,,",
    )
    report = imported(registry, path)
    assert report.refused == 0
    service.review_now(registry, actor=operator())
    reviewed = ask(
        registry,
        "SELECT place.source_id, name_finding.code FROM name_finding JOIN place ON place.id = name_finding.record_id",
    )
    told = sorted((str(each.row), each.name) for each in report.problems if each.code is ProblemCode.NAME_RULE)
    assert told == sorted((str(row[0]), str(row[1])) for row in reviewed)
    found = {code for _, code in told}
    assert found >= {
        "duplicate-folded",
        "series-gap",
        "extent-overlap",
        "dates-order",
        "outside-division",
        "foreign-name",
    }


def test_series_and_overlaps_are_told_against_what_is_registered(registry: Database, tmp_path: Path) -> None:
    head = "id,name,class,wkt,division"
    line = '"LINESTRING(119.61 29.06, 119.62 29.06)"'
    imported(
        registry,
        write_csv(tmp_path, head, "1,江南四街,道路,POINT(119.61 29.07),330702001", f"2,旧路,道路,{line},330702001"),
    )
    path = write_csv(
        tmp_path,
        head,
        "3,江南二街,道路,POINT(119.61 29.07),330702001",
        f"4,新路,道路,{line},330702001",
        name="more.csv",
    )
    report = imported(registry, path)
    told = {(each.row, each.name) for each in report.problems}
    assert {(1, "series-gap"), (2, "extent-overlap")} <= told


def test_spelling_of_the_source_is_kept_and_a_difference_told(registry: Database, tmp_path: Path) -> None:
    path = write_csv(
        tmp_path,
        CARD,
        "1,人民路,Renmin Rd,道路,,,,,,,,119.61,29.07",
        "2,解放路,JIEFANG LU,道路,,,,,,,,119.62,29.07",
        "3,胜利路,Shènglì Lù,道路,,,,,,,,119.63,29.07",
        "4,新华路,,道路,,,,,,,,119.64,29.07",
    )
    report = imported(registry, path)
    rows = ask(registry, "SELECT name, romanized, romanized_by FROM place_name ORDER BY fid")
    assert [tuple(row) for row in rows] == [
        ("人民路", "Renmin Rd", "source"),
        ("解放路", "Jiěfàng Lù", "rules"),
        ("胜利路", "Shènglì Lù", "source"),
        ("新华路", "Xīnhuá Lù", "rules"),
    ]
    (told,) = [each for each in report.problems if each.name == "spelt-otherwise"]
    assert (told.row, told.value, told.details["proposed"]) == (1, "Renmin Rd", "Rénmín Lù")


def test_what_a_person_corrected_since_stays_and_is_told(registry: Database, tmp_path: Path) -> None:
    path = write_csv(
        tmp_path,
        CARD,
        "D1,中山路,,道路,马路,,,含义,,,1946年,119.62,29.08",
        "D2,人民路,,道路,,,,含义,,,1950年,119.63,29.08",
        "D3,建设路,,道路,,,,,,,1950年,119.64,29.08",
    )
    imported(registry, path)
    first, second, third = (place_id(registry, each) for each in ("D1", "D2", "D3"))
    with registry.write(actor="test") as session:
        own = session.execute(select(PlaceName).where(PlaceName.name == "中山路")).scalar_one()
        seen = Seen(frozenset({service.get_name(session, first, own.id).version}))
        change = NameCorrection(meaning="经核实的含义", romanized="Zhōngshān Lù", why="查志书")
        service.correct_name(session, first, own.id, change, seen=seen, actor=operator())
        service.take_effect(session, second, "人民大道", date(2024, 5, 1), actor=operator())
        line = {"type": "LineString", "coordinates": [[119.64, 29.08], [119.65, 29.08]]}
        service.set_extent(session, third, NewExtent(geometry=line, valid_from="2020"), actor=operator())
    again = imported(registry, path)
    assert other_than_rules(again) == [(1, "kept-as-changed"), (2, "kept-as-changed"), (3, "kept-as-changed")]
    assert counts(again) == (3, 0, 0, 3, 0)
    rows = ask(registry, "SELECT standard_name, ST_GeometryType(geom) FROM place ORDER BY fid")
    assert [tuple(row) for row in rows] == [
        ("中山路", "ST_Point"),
        ("人民大道", "ST_Point"),
        ("建设路", "ST_LineString"),
    ]
    assert ask(registry, "SELECT meaning FROM place_name WHERE name = '中山路'") == [("经核实的含义",)]
    # What they left alone is the source's still.
    newer = write_csv(tmp_path, CARD, "D1,中山路,,道路,马路（1930—1946）,,,含义,,,1946年,119.625,29.08")
    assert counts(imported(registry, newer)) == (1, 0, 1, 0, 0)
    assert ask(registry, "SELECT ST_X(geom) FROM place WHERE source_id = 'D1'") == [(119.625,)]


def test_what_a_person_took_back_stays_so_and_is_told(registry: Database, tmp_path: Path) -> None:
    path = write_csv(
        tmp_path,
        NAME_ROWS,
        "D1,中山路,标准名称,道路,1981,,,,119.62,29.08",
        "D1,红旗路,标准名称,,1966,1981,,,,",
        "D1,马路,曾用名,,,,,,,",
        "D2,人民路,标准名称,道路,1950,,,,119.63,29.08",
    )
    assert other_than_rules(imported(registry, path)) == []
    first, second = (place_id(registry, each) for each in ("D1", "D2"))
    with registry.write(actor="test") as session:
        for name in ("红旗路", "马路"):
            own = session.execute(select(PlaceName).where(PlaceName.name == name)).scalar_one()
            taken_back = NameCorrection(withdrawn=True, why="登记错了街")
            service.correct_name(session, first, own.id, taken_back, seen=WHICHEVER, actor=operator())
        told = {
            "name": "东方红路",
            "kind": "standard",
            "status": "historical",
            "valid_from": "1967",
            "valid_to": "1979",
        }
        service.add_name(session, first, NewName.model_validate(told), actor=operator())
        (extent,) = service.tell_place(session, second).extents
        service.withdraw_extent(session, second, extent.id, "画错了", actor=operator())
    again = imported(registry, path)
    # Its period is free: what was told instead of it clashes with nothing.
    assert other_than_rules(again) == [(2, "kept-as-changed"), (3, "kept-as-changed"), (4, "kept-as-changed")]
    assert counts(again) == (4, 0, 0, 4, 0)
    held = ask(registry, "SELECT name FROM place_name WHERE NOT withdrawn ORDER BY fid")
    assert [name for (name,) in held] == ["中山路", "人民路", "东方红路"]
    assert ask(registry, "SELECT count(*) FROM place_name") == [(5,)]
    assert ask(registry, "SELECT geom IS NULL FROM place WHERE source_id = 'D2'") == [(True,)]
    assert ask(registry, "SELECT count(*) FROM place_extent WHERE withdrawn") == [(1,)]


def test_a_newer_file_does_not_bring_back_what_was_taken_back(registry: Database, tmp_path: Path) -> None:
    """Told anew and better by a person, a name and an extent are those that the next file is compared with."""
    card = "编号,标准名称,地名类别,曾用名,经度,纬度"
    imported(registry, write_csv(tmp_path, card, "D1,中山路,道路,红旗路（1966—1981）,119.62,29.08"))
    place = place_id(registry, "D1")
    line = {"type": "LineString", "coordinates": [[119.62, 29.08], [119.65, 29.08]]}
    with registry.write(actor="test") as session:
        own = session.execute(select(PlaceName).where(PlaceName.name == "红旗路")).scalar_one()
        taken_back = NameCorrection(withdrawn=True, why="年份错了")
        service.correct_name(session, place, own.id, taken_back, seen=WHICHEVER, actor=operator())
        told = {"name": "红旗路", "kind": "former", "valid_from": "1967", "valid_to": "1980", "status": "historical"}
        service.add_name(session, place, NewName.model_validate(told), actor=operator())
        (extent,) = service.tell_place(session, place).extents
        service.withdraw_extent(session, place, extent.id, "应为线", actor=operator())
        service.set_extent(session, place, NewExtent(geometry=line), actor=operator())
    newer = imported(registry, write_csv(tmp_path, card, "D1,中山路,道路,红旗路（1967—1980）,119.63,29.08"))
    # The name is as the file has it by now; the extent isn't, and stays.
    assert other_than_rules(newer) == [(1, "kept-as-changed")]
    assert [each.value for each in newer.problems if each.code is ProblemCode.KEPT] == ["中山路"]
    assert ask(registry, "SELECT count(*), count(*) FILTER (WHERE withdrawn) FROM place_name") == [(3, 1)]
    assert ask(registry, "SELECT ST_GeometryType(geom) FROM place") == [("ST_LineString",)]


def test_layers_bring_points_lines_and_areas(registry: Database, tmp_path: Path) -> None:
    path = tmp_path / "places.gpkg"
    shapes = [
        shapely.Point(119.61, 29.06),
        shapely.LineString([(119.61, 29.06), (119.62, 29.07)]),
        shapely.box(119.63, 29.06, 119.64, 29.07),
        # A bow tie.
        shapely.Polygon([(119.61, 29.06), (119.62, 29.07), (119.62, 29.06), (119.61, 29.07)]),
        None,
    ]
    fields = {
        "编号": ["a", "b", "c", "d", "e"],
        "地名": ["甲桥", "乙路", "丙湖", "丁园", "戊山"],
        "类别": ["桥梁", "道路", "湖泊", "公园", "山"],
    }
    pyogrio.raw.write(
        path,
        shapely.to_wkb(np.array(shapes, dtype=object)),
        [np.array(values, dtype=object) for values in fields.values()],
        list(fields),
        layer="places",
        driver="GPKG",
        geometry_type="Unknown",
        crs="EPSG:4490",
    )
    report = imported(registry, path)
    assert counts(report) == (5, 5, 0, 0, 0)
    assert other_than_rules(report) == [(4, "geometry-repaired"), (5, "place-nowhere")]
    types = ask(registry, "SELECT ST_GeometryType(geom), ST_SRID(geom) FROM place ORDER BY fid")
    assert [tuple(row) for row in types] == [
        ("ST_Point", 4490),
        ("ST_LineString", 4490),
        ("ST_Polygon", 4490),
        ("ST_MultiPolygon", 4490),
        (None, None),
    ]
    assert ask(registry, "SELECT count(*) FROM place_extent") == [(4,)]
    assert counts(imported(registry, path)) == (5, 0, 0, 5, 0)


def test_csv_may_write_geometry_or_the_ends_of_a_line_or_degrees_and_minutes(
    registry: Database, tmp_path: Path
) -> None:
    path = write_csv(
        tmp_path,
        "id,name,class,wkt,起点经度,起点纬度,止点经度,止点纬度",
        '1,甲路,道路,"LINESTRING(119.61 29.06, 119.62 29.06)",,,,',
        '2,乙桥,桥梁,"{""type"": ""Point"", ""coordinates"": [119.61, 29.06]}",,,,',
        "3,丙路,道路,,119°36′36″,29°03′36″,119°37′12″,29°03′36″",
        "4,丁桥,桥梁,,东经119度36分36秒,北纬29度03分36秒,,",
        "5,戊路,道路,LINESTRING(119.61 29.06,,,,",
        "6,己园,公园,POLYGON EMPTY,,,,",
    )
    report = imported(registry, path)
    assert [each for each in other_than_rules(report) if each[1] != "spelling-doubtful"] == [
        (5, "geometry-unreadable"),
        (6, "place-nowhere"),
    ]
    rows = ask(registry, "SELECT ST_AsText(geom, 3), position_quality FROM place ORDER BY fid")
    assert [tuple(row) for row in rows] == [
        ("LINESTRING(119.61 29.06,119.62 29.06)", "source"),
        ("POINT(119.61 29.06)", "source"),
        ("LINESTRING(119.61 29.06,119.62 29.06)", "approximate"),
        ("POINT(119.61 29.06)", "source"),
        (None, "source"),
    ]


def test_shifted_coordinates_are_moved_back_and_other_systems_refused_whole(registry: Database, tmp_path: Path) -> None:
    path = write_csv(tmp_path, "id,name,class,lon,lat", "1,甲路,道路,119.62,29.08")
    imported(registry, path, crs="gcj02")
    ((lon, lat),) = (tuple(row) for row in ask(registry, "SELECT ST_X(geom), ST_Y(geom) FROM place"))
    assert (lon, lat) == (pytest.approx(119.6154, abs=5e-4), pytest.approx(29.0826, abs=5e-4))
    metres = write_csv(tmp_path, "id,name,class,x,y", "1,甲路,道路,40560000,3218000", name="metres.csv")
    with pytest.raises(CrsMisfit):
        imported(registry, metres)


def test_division_is_taken_as_the_source_says_and_a_position_outside_is_a_warning(
    registry: Database, tmp_path: Path
) -> None:
    path = write_csv(
        tmp_path,
        "id,name,class,lon,lat,所属区划",
        "1,甲路,道路,119.62,29.08,330702002",
        "2,乙路,道路,119.62,29.08,白龙桥镇",
        "3,丙路,道路,119.62,29.08,",
        "4,丁路,道路,,,330702001",
        "5,戊路,道路,119.62,29.08,无此镇",
    )
    report = imported(registry, path)
    assert [(row, code) for row, code in codes(report) if code in {"outside-division", "division-unknown-derived"}] == [
        (1, "outside-division"),
        (2, "outside-division"),
        (5, "division-unknown-derived"),
    ]
    rows = ask(
        registry,
        """SELECT division.code, place.geom IS NULL FROM place JOIN division ON division.id = place.division_id
           ORDER BY place.fid""",
    )
    assert [tuple(row) for row in rows] == [
        (NEXT_TOWN, False),
        (NEXT_TOWN, False),
        (TOWN, False),
        (TOWN, True),
        (TOWN, False),
    ]


def test_position_in_no_division_at_all_is_a_warning(registry: Database, tmp_path: Path) -> None:
    path = write_csv(
        tmp_path,
        "id,name,class,lon,lat,政区",
        "1,甲路,道路,116.4,39.9,",
        "2,乙路,道路,116.4,39.9,330702002",
        "3,丙路,道路,119.62,29.08,",
    )
    report = imported(registry, path)
    told = [each for each in report.problems if each.code is ProblemCode.BEYOND_ALL]
    assert [(each.row, each.value) for each in told] == [(1, "116.40000,39.90000")]
    assert (2, "outside-division") in codes(report)
    assert "39.90000" in told[0].message("zh")
    assert report.created == 3


def test_times_in_words_take_the_place_and_are_kept_in_its_origin(registry: Database, tmp_path: Path) -> None:
    header = "id,name,class,曾用名,来历,使用时间,停用时间,设立年份,建成时间,lon,lat"
    path = write_csv(
        tmp_path,
        header,
        "1,甲村,自然村,,因姓得名,明末清初,,,,119.62,29.08",
        "2,乙路,道路,红旗路（七十年代末—1981）,,清末,,清代中期,七十年代,119.62,29.08",
        "3,丙村,自然村,,,乾隆年间,,,,119.62,29.08",
        "4,丁路,道路,,,解放初,,,解放后,119.62,29.08",
        "5,戊路,道路,,,1958-13-01,,,,119.62,29.08",
    )
    report = imported(registry, path)
    assert (report.created, report.refused) == (4, 1)
    told = [(each.row, each.column, each.code.value) for each in report.problems if each.code.value.startswith("date-")]
    assert sorted(told) == [
        (1, "使用时间", "date-in-words"),
        (2, "建成时间", "date-rounded"),
        (2, "曾用名", "date-rounded"),
        (2, "设立年份", "date-rounded"),
        (4, "建成时间", "date-in-words"),
        (5, "使用时间", "date-unclear"),
    ]
    rows = ask(
        registry,
        """SELECT own.name, own.valid_from, own.from_precision, own.origin FROM place JOIN place_name AS own ON own.place_id = place.id
           ORDER BY place.fid, own.fid""",
    )
    assert [tuple(row) for row in rows] == [
        ("甲村", None, "day", "因姓得名\n使用时间：明末清初"),
        ("乙路", date(1840, 1, 1), "era", "设立年份：清代中期\n建成时间：七十年代"),
        ("红旗路", date(1970, 1, 1), "decade", "七十年代末—1981"),
        ("丙村", date(1736, 1, 1), "era", ""),
        ("丁路", date(1949, 1, 1), "era", "建成时间：解放后"),
    ]
    assert [tuple(row) for row in ask(registry, "SELECT begun_on, detail ->> 'built_to' FROM place ORDER BY fid")] == [
        (None, None),
        (date(1644, 1, 1), "1970s"),
        (None, None),
        (None, None),
    ]
    (first,) = [each for each in report.problems if each.row == 1 and each.code is ProblemCode.DATE_IN_WORDS]
    assert "明末清初" in first.message("zh")
    assert "明末清初" in first.message("en")
    assert counts(imported(registry, path))[3] == 4


def test_an_end_before_the_beginning_is_told_of_the_column_that_has_it(registry: Database, tmp_path: Path) -> None:
    header = "标准名称,地名类别,使用时间,废止年份,经度,纬度"
    report = imported(registry, write_csv(tmp_path, header, "中山路,道路,1990,1980,119.62,29.08"))
    (problem,) = report.problems
    assert (problem.code, problem.column, problem.value) == (ProblemCode.ENDS_BEFORE, "废止年份", "1980")


def test_end_in_words_that_would_come_before_the_beginning_is_left_open(registry: Database, tmp_path: Path) -> None:
    path = write_csv(tmp_path, "id,name,class,曾用名,lon,lat", "1,甲路,道路,红旗路（清初—清中期）,119.62,29.08")
    assert imported(registry, path).refused == 0
    rows = ask(registry, "SELECT valid_from, valid_to, origin FROM place_name WHERE name = '红旗路'")
    assert [tuple(row) for row in rows] == [(date(1644, 1, 1), None, "清初—清中期")]


def test_details_count_for_the_classes_that_have_them(registry: Database, tmp_path: Path) -> None:
    path = write_csv(
        tmp_path,
        "id,name,class,lon,lat,长度,走向,建成时间,海拔,地理实体概况",
        "1,甲路,道路,119.62,29.08,1200,东西走向,1998年5月,12,概况",
        "2,乙山,山,119.62,29.08,0,,,320.5,",
    )
    imported(registry, path)
    rows = ask(registry, "SELECT detail FROM place ORDER BY fid")
    assert [row[0] for row in rows] == [
        {"length_m": 1200.0, "direction": "东西走向", "built_to": "1998-05", "description": "概况"},
        {"elevation_m": 320.5},
    ]
    mapping = write_mapping(tmp_path, '[columns]\nlength_m = "长度"')
    assert other_than_rules(imported(registry, path, mapping=mapping, dry_run=True)) == [(2, "rule-broken")]


def test_what_has_ended_is_abolished_and_its_name_ends_with_it(registry: Database, tmp_path: Path) -> None:
    path = write_csv(
        tmp_path,
        "id,name,class,division,设立年份,废止年份,使用状态",
        "1,甲村,自然村,330702001,明,1998,",
        "2,乙村,自然村,330702001,,,已消失",
        "3,丙村,自然村,330702001,1950,,",
    )
    imported(registry, path)
    rows = ask(
        registry,
        """SELECT state, begun_on, begun_precision, ended_on, ended_precision, own.valid_to, own.to_precision FROM place
           JOIN place_name AS own ON own.place_id = place.id ORDER BY place.fid""",
    )
    assert [tuple(row) for row in rows] == [
        ("abolished", date(1368, 1, 1), "era", date(1998, 1, 1), "year", date(1998, 1, 1), "year"),
        ("abolished", None, "day", None, "day", None, "day"),
        ("in-use", date(1950, 1, 1), "year", None, "day", None, "day"),
    ]
    # The same again, to the month: only how exactly it is known is another thing.
    path = write_csv(tmp_path, "id,name,class,division,设立年份,废止年份,使用状态", "3,丙村,自然村,330702001,1950-01,,")
    assert imported(registry, path).updated == 1
    [known] = ask(registry, "SELECT begun_on, begun_precision FROM place WHERE standard_name = '丙村'")
    assert tuple(known) == (date(1950, 1, 1), "month")


def test_codes_of_other_places_refuse_the_row(registry: Database, tmp_path: Path) -> None:
    head = "id,name,class,division,地名代码"
    imported(registry, write_csv(tmp_path, head, "1,甲村,自然村,330702001,33070200122100000001"))
    report = imported(registry, write_csv(tmp_path, head, "1,乙村,自然村,330702001,33070200122100000001", name="b.csv"))
    assert other_than_rules(report) == [(1, "national-code-taken")]
    assert "甲村" in report.problems[0].message("zh")
    assert report.run is None


def test_places_without_a_number_are_known_by_their_code_or_by_what_they_are(
    registry: Database, tmp_path: Path
) -> None:
    path = write_csv(
        tmp_path,
        "name,class,division,地名代码",
        "甲村,自然村,330702001,33070200122100000001",
        "乙村,自然村,330702001,",
    )
    mapping = write_mapping(tmp_path, '[columns]\nnational_code = "地名代码"')
    assert counts(imported(registry, path, mapping=mapping)) == (2, 2, 0, 0, 0)
    assert counts(imported(registry, path, mapping=mapping)) == (2, 0, 0, 2, 0)
    renamed = write_csv(tmp_path, "name,class,division,地名代码", "甲新村,自然村,330702001,33070200122100000001")
    assert counts(imported(registry, renamed, mapping=mapping)) == (1, 0, 1, 0, 0)


def test_classified_rows_are_kept_nowhere(registry: Database, tmp_path: Path) -> None:
    path = write_csv(
        tmp_path,
        CARD + ",密级",
        "1,秘密洞,,隧道,旧秘密,,,,,,,119.62,29.08,秘密",
        "2,公开路,,道路,,,,,,,,119.62,29.08,公开",
    )
    target = tmp_path / "problems.csv"
    report = imported(registry, path, report=target)
    assert (1, "not-public") in codes(report)
    assert "秘密洞" not in target.read_text(encoding="utf-8-sig")
    assert ask(registry, "SELECT count(*) FROM place_name WHERE name LIKE '%秘密%'") == [(0,)]


def test_dry_run_tells_everything_and_leaves_nothing(registry: Database, tmp_path: Path) -> None:
    path = write_csv(
        tmp_path, CARD, "A1,建设路,,道路,,,,,,,,119.61,29.07", "A2,建设路,,道路,,,,,,,,119.64,29.07", "A3,,,,,,,,,,,,"
    )
    report = imported(registry, path, dry_run=True)
    assert (report.run, counts(report)) == (None, (3, 2, 0, 0, 1))
    assert report.problem_counts["duplicate"] == 2
    for table in ("place", "place_name", "place_extent", "import_run", "dataset", "name_due"):
        assert ask(registry, f"SELECT count(*) FROM {table}") == [(0,)], table
    assert ask(registry, "SELECT count(*) FROM name_key WHERE type = 'place'") == [(0,)]


def test_names_are_found_and_searched_as_soon_as_they_are_taken_over(registry: Database, tmp_path: Path) -> None:
    imported(registry, write_csv(tmp_path, CARD, "D1,中山路,,道路,红旗路,,,,,,,119.62,29.08"))
    rows = ask(registry, "SELECT name, former FROM name_key WHERE type = 'place' ORDER BY name")
    assert [tuple(row) for row in rows] == [("中山路", False), ("红旗路", True)]


def test_a_file_without_good_rows_is_known_by_its_columns_names(registry: Database, tmp_path: Path) -> None:
    header = "标准名称,地名类别,所在政区,东经,北纬"
    with pytest.raises(FileEmpty):
        imported(registry, write_csv(tmp_path, header))
    ragged = imported(
        registry, write_csv(tmp_path, header, "中山路,道路,330702,119.62", "人民路,道路,330702,119.6,29.1,x")
    )
    assert other_than_rules(ragged) == [(1, "ragged-row"), (2, "ragged-row")]


@pytest.mark.parametrize(
    ("header", "error"),
    [
        ("id,name,lon,lat", MappingIncomplete),
        ("id,class,lon,lat", MappingIncomplete),
        ("id,name,class", PositionsUnmapped),
        ("名称,名称类型,class,division", MappingIncomplete),
    ],
)
def test_file_without_what_every_row_needs_is_refused_whole(
    registry: Database, tmp_path: Path, header: str, error: type[Exception]
) -> None:
    values = {"id": "1", "name": "甲路", "名称": "甲路", "class": "道路", "lon": "119", "lat": "29", "名称类型": "别名"}
    row = ",".join(values.get(column, "330702001") for column in header.split(","))
    with pytest.raises(error):
        imported(registry, write_csv(tmp_path, header, row))


def test_mapping_of_what_is_no_field_of_places_is_refused(registry: Database, tmp_path: Path) -> None:
    path = write_csv(tmp_path, "id,name,class,lon,lat", "1,甲路,道路,119.62,29.08")
    with pytest.raises(MappingField) as refused:
        imported(registry, path, mapping=write_mapping(tmp_path, '[columns]\nbeds = "id"'))
    assert "names.former" in refused.value.hint("en")


def test_import_is_in_the_audit_and_runs_are_listed(registry: Database, tmp_path: Path) -> None:
    report = imported(registry, write_csv(tmp_path, CARD, "D1,中山路,,道路,,,,,,,,119.62,29.08"))
    (run,) = ask(registry, "SELECT id, kind, file_name, actor FROM import_run")
    assert tuple(run) == (report.run, "places", "rows.csv", "test")
    with registry.write(actor="test") as session:
        noted = audit.entries(session, EntryQuery(verb="exchange.import_file"), Page(limit=100)).rows
    assert {each.table_name for each in noted} >= {"place", "place_extent", "place_name"}
    assert {each.why for each in noted} == {"import places: rows.csv"}
    recorded = ask(registry, "SELECT recorded_by, recorded_why FROM place")
    assert [tuple(row) for row in recorded] == [("test", "import places: rows.csv")]


def test_only_who_is_granted_the_whole_registry_takes_names_over(registry: Database, tmp_path: Path) -> None:
    path = write_csv(tmp_path, CARD, "D1,中山路,,道路,,,,,,,,119.62,29.08")
    command = ImportCommand(kind=DatasetKind.PLACES, path=path)
    for grant in (Grant(Role.REGISTRAR, "330702"), Grant(Role.TOWNSHIP, ""), Grant(Role.SIGNER, "")):
        with pytest.raises(Forbidden):
            import_file(registry, command, actor=make_actor(grant))
    assert ask(registry, "SELECT count(*) FROM place") == [(0,)]
    assert counts(import_file(registry, command, actor=make_actor(Grant(Role.REGISTRAR, "")))) == (1, 1, 0, 0, 0)


def test_history_of_a_place_is_kept_with_its_origin(registry: Database, tmp_path: Path) -> None:
    path = write_csv(
        tmp_path, "id,name,class,division,地名来历,历史沿革", "1,甲村,自然村,330702001,甲氏迁入,1958年属甲大队"
    )
    imported(registry, path)
    assert ask(registry, "SELECT origin FROM place_name") == [("甲氏迁入\n1958年属甲大队",)]


def test_names_that_were_never_given_are_refused(registry: Database, tmp_path: Path) -> None:
    path = write_csv(
        tmp_path, "id,name,class,division,名称状态", "1,甲路,道路,330702001,已批准", "2,乙路,道路,330702001,拟用"
    )
    report = imported(registry, path)
    assert other_than_rules(report) == [(2, "name-undecided")]
    assert [tuple(row) for row in ask(registry, "SELECT status, naming FROM place_name")] == [
        ("approved", "taken-over")
    ]


def test_example_mapping_of_the_guide_takes_over_a_card(registry: Database, tmp_path: Path) -> None:
    path = CHECKOUT / "docs" / "examples" / "place-names"
    report = imported(registry, path / "names.csv", mapping=path / "names.toml")
    assert (report.refused, report.created) == (0, report.read)
    assert report.problem_counts["duplicate"] == 2
    assert report.mapping["names.former"] == "曾用名"
    kinds = {row[0] for row in ask(registry, "SELECT DISTINCT kind FROM place_name")}
    assert kinds >= {"standard", "former", "alias"}
    assert ask(registry, "SELECT count(*) FROM place WHERE position_quality <> 'synthetic' AND geom IS NOT NULL") == [
        (0,)
    ]
