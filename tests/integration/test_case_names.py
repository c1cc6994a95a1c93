"""The names of a case out of a table: what each row becomes, and what is told of a row that can't be a name of the case."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import xlsxwriter

from geo_registry.accounts.actors import Grant
from geo_registry.cases import service, writing
from geo_registry.cases.announced import ACTION_OF
from geo_registry.cases.inputs import MOST_LINES, NewCase, NewLine
from geo_registry.db.revisions import WHICHEVER
from geo_registry.db.session import Database, WriteSession
from geo_registry.divisions import service as divisions
from geo_registry.errors import (
    CaseTableEmpty,
    DivisionUnknown,
    FileBroken,
    MappingIncomplete,
    NotYourDivision,
    SentFileUnsupported,
)
from geo_registry.exchange import case_names
from geo_registry.exchange.case_names import NamesCommand, NamesRead, NamesTaken, read_names
from geo_registry.exchange.service import add_names_from_file, open_case_from_file
from geo_registry.model import Place
from geo_registry.places import service as places
from geo_registry.places.inputs import NewPlace
from geo_registry.vocabulary import CaseKind, DivisionLevel, NameAction, PlaceClass, Role
from tests.factories import make_actor, make_division, operator

TODAY = date(2026, 11, 25)
COUNTY, TOWN, NEIGHBOUR = "330702000000", "330702001000", "330703000000"
ROAD = {"type": "LineString", "coordinates": [[119.60, 29.10], [119.62, 29.10]]}


@pytest.fixture(autouse=True)
def _day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "today", lambda: TODAY)


@pytest.fixture(autouse=True)
def _divisions(session: WriteSession) -> None:
    make_division(session, COUNTY, name="婺城区", box=(119.5, 29.0, 119.8, 29.2))
    make_division(session, TOWN, name="江南街道", level=DivisionLevel.TOWNSHIP, box=(119.55, 29.05, 119.7, 29.15))
    make_division(session, NEIGHBOUR, name="金东区", box=(119.8, 29.0, 120.1, 29.2))


def sheet(path: Path, rows: Sequence[Sequence[object]]) -> Path:
    """A workbook of one sheet, the first row of which names the columns."""
    workbook = xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd"})
    table = workbook.add_worksheet("地名")
    for at, row in enumerate(rows):
        table.write_row(at, 0, row)
    workbook.close()
    return path


def read(session: WriteSession, path: Path, action: NameAction = NameAction.NAME, **over: Any) -> NamesRead:
    command = NamesCommand(path=path, **over)
    return read_names(session, command, divisions.get_division(session, COUNTY), action)


def street(session: WriteSession, name: str, **over: Any) -> UUID:
    values = {"class": "street", "name": name, "geometry": ROAD, "division": COUNTY} | over
    return places.register_place(session, NewPlace.model_validate(values), actor=operator()).place.id


def told(found: NamesRead) -> list[tuple[int, str, str]]:
    return [(each.row, each.column, each.name) for each in found.problems]


def lines_of(session: WriteSession, path: Path, *header_and_rows: Sequence[object], **over: Any) -> Sequence[NewLine]:
    found = read(session, sheet(path, header_and_rows), **over)
    assert told(found) == []
    return found.lines


HEADER = (
    "拟命名名称",
    "地名类别",
    "办理方式",
    "现名",
    "并入",
    "析自",
    "起点",
    "止点",
    "长度（米）",
    "建成时间",
    "含义",
    "所在区划",
)


def test_a_row_becomes_a_line(session: WriteSession, tmp_path: Path) -> None:
    old, part, small = street(session, "老街"), street(session, "长路"), street(session, "小弄")
    lines = lines_of(
        session,
        tmp_path / "names.xlsx",
        HEADER,
        (
            "仙源湖路",
            "主干路",
            "命名",
            "",
            "小弄",
            "长路",
            "李渔路",
            "双龙南街",
            1520,
            "2026年3月",
            "路近仙源湖",
            "江南街道",
        ),
        ("新华街", "", "更名", "老街", "", "", "", "", "", "", "", ""),
    )
    assert lines[0] == NewLine.model_validate(
        {
            "action": "name",
            "name": "仙源湖路",
            "class": "street",
            "absorbs": [small],
            "splits": [part],
            "detail": {"begins_at": "李渔路", "ends_at": "双龙南街", "length_m": 1520.0, "built_to": "2026-03"},
            "meaning": "路近仙源湖",
            "division": TOWN,
        }
    )
    assert (lines[1].action, lines[1].place, lines[1].name) == (NameAction.RENAME, old, "新华街")


def test_what_is_there_already_is_meant_by_id_by_code_or_by_its_name(session: WriteSession, tmp_path: Path) -> None:
    by_id, by_code, by_name = (street(session, name) for name in ("甲街", "乙街", "丙街"))
    session.get_one(Place, by_code).national_code = "33070200122100000001"
    session.flush()
    lines = lines_of(
        session,
        tmp_path / "names.xlsx",
        ("名称", "现名", "办理方式"),
        ("新甲街", str(by_id), "更名"),
        ("新乙街", "33070200122100000001", "更名"),
        ("丙街", "", "销名"),
    )
    assert [(line.action, line.place) for line in lines] == [
        (NameAction.RENAME, by_id),
        (NameAction.RENAME, by_code),
        (NameAction.ABOLISH, by_name),
    ]


def test_what_a_row_does_not_say_is_what_the_case_does(session: WriteSession, tmp_path: Path) -> None:
    place = street(session, "长街")
    path = sheet(tmp_path / "names.xlsx", [("名称", "长度"), ("长街", 900)])
    line = read(session, path, NameAction.ADJUST).lines[0]
    assert (line.action, line.place, line.name, line.detail) == (NameAction.ADJUST, place, None, {"length_m": 900.0})
    path = sheet(tmp_path / "renamed.xlsx", [("原名", "新名称"), ("长街", "长安街")])
    line = read(session, path).lines[0]
    assert (line.action, line.place, line.name) == (NameAction.RENAME, place, "长安街")


def test_problems_are_told_row_by_row(session: WriteSession, tmp_path: Path) -> None:
    first, _ = street(session, "双溪路"), street(session, "双溪路")
    gone = street(session, "旧街")
    places.abolish(session, gone, TODAY, actor=operator())
    theirs = street(session, "东路", division=NEIGHBOUR, geometry=None)
    rows = [
        HEADER,
        ("甲路", "", "命名", "", "", "", "", "", "", "", "", ""),
        ("乙路", "街道门", "命名", "", "", "", "", "", "", "", "", ""),
        ("丙路", "街", "更名", "双溪路", "", "", "", "", "", "", "", ""),
        ("丁路", "街", "更名", "没有的路", "", "", "", "", "", "", "", ""),
        ("戊路", "街", "命名", "", str(gone), "", "", "", "", "", "", ""),
        ("己路", "街", "更名", str(theirs), "", "", "", "", "", "", "", ""),
        ("庚路", "街", "命名", "", "", "", "", "", "很长", "", "", ""),
        ("辛路", "街", "命名", "", "", "", "", "", "", "", "", "没有的镇"),
        ("壬路", "街", "命名", "", "", "", "", "", "", "", "", "330703"),
        ("癸路", "街", "更名", "", "", "", "", "", "", "", "", ""),
        ("子路", "街", "更名", str(first), "", "", "", "", "", "", "", ""),
        ("丑路", "街", "销名", str(first), "", "", "", "", "", "", "", ""),
        ("", "街", "命名", "", "", "", "李渔路", "", 100, "", "", ""),
    ]
    found = read(session, sheet(tmp_path / "names.xlsx", rows))
    assert told(found) == [
        (1, "地名类别", "required"),
        (2, "地名类别", "unknown-word"),
        (3, "现名", "place-ambiguous"),
        (4, "现名", "place-unknown"),
        (5, "并入", "rule-broken"),
        (6, "现名", "rule-broken"),
        (7, "长度（米）", "not-a-number"),
        (8, "所在区划", "division-unknown"),
        (9, "所在区划", "rule-broken"),
        (10, "现名", "required"),
        (12, "现名", "place-twice"),
        (12, "拟命名名称", "rule-broken"),
        (13, "拟命名名称", "required"),
    ]
    assert [line.name for line in found.lines] == ["子路"]
    ambiguous = found.problems[2]
    assert str(first) in ambiguous.message("zh")
    assert "street" in ambiguous.message("en")
    assert (found.refused, found.taken) == (12, False)


def test_of_several_places_of_a_name_the_one_of_the_class_is_meant(session: WriteSession, tmp_path: Path) -> None:
    road = street(session, "双溪")
    street(session, "双溪", **{"class": "village", "geometry": {"type": "Point", "coordinates": [119.6, 29.1]}})
    lines = lines_of(session, tmp_path / "n.xlsx", ("现名", "新名称", "类别"), ("双溪", "双溪路", "街"))
    assert lines[0].place == road


def test_layers_and_coordinates_are_read_as_imports_read_them(session: WriteSession, tmp_path: Path) -> None:
    path = tmp_path / "names.geojson"
    feature = {"type": "Feature", "properties": {"名称": "仙源湖路", "类别": "街"}, "geometry": ROAD}
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    assert read(session, path).lines[0].geometry == ROAD
    path = tmp_path / "names.csv"
    path.write_bytes("名称,类别,经度,纬度,备注\n江村,自然村,119.6,29.1,x\n".encode("gb18030"))
    found = read(session, path, crs="gcj02")
    geometry = found.lines[0].geometry
    assert geometry is not None
    assert geometry["coordinates"] != [119.6, 29.1]
    assert (found.encoding, found.crs, found.ignored) == ("gb18030", "gcj02", ("备注",))


def test_a_mapping_says_what_columns_are(session: WriteSession, tmp_path: Path) -> None:
    path = sheet(tmp_path / "n.xlsx", [("A", "B"), ("江南路", "x"), ("江北路", "")])
    rules = tmp_path / "map.toml"
    rules.write_text('where = "B = \'x\'"\n[columns]\nname = "A"\n[constants]\nclass = "street"\n', encoding="utf-8")
    found = read(session, path, mapping=rules)
    assert [(line.name, line.place_class) for line in found.lines] == [("江南路", PlaceClass.STREET)]
    with pytest.raises(MappingIncomplete):
        read(session, path)


def test_what_is_classified_is_not_quoted(session: WriteSession, tmp_path: Path) -> None:
    path = sheet(tmp_path / "n.xlsx", [("名称", "类别", "密级"), ("某某路", "不明", "秘密")])
    found = read(session, path)
    assert [(each.name, each.value) for each in found.problems] == [("not-public", "")]


def test_a_place_that_waits_for_a_case_is_told(session: WriteSession, tmp_path: Path) -> None:
    old = street(session, "旧路")
    new = NewCase.model_validate(
        {"kind": "abolition", "title": "x", "division": COUNTY, "approver": "government",
         "names": [{"action": "abolish", "place": str(old)}]}
    )  # fmt: skip
    case = service.open_case(session, new, actor=operator()).case
    found = read(session, sheet(tmp_path / "n.xlsx", [("现名", "新名称"), ("旧路", "新路")]))
    assert case.number in found.problems[0].message("zh")


def new_case(**over: Any) -> NewCase:
    return NewCase.model_validate({"kind": "naming", "title": "命名一批道路", "division": COUNTY} | over)


def test_a_case_is_opened_with_all_names_or_none(database: Database, session: WriteSession, tmp_path: Path) -> None:
    registrar = make_actor(Grant(Role.REGISTRAR, "330702"))
    path = sheet(tmp_path / "n.xlsx", [("名称", "类别"), ("江南路", "街"), ("江北路", "不明")])
    taken = open_case_from_file(database, NamesCommand(path=path), new_case(approver="government"), actor=registrar)
    assert (taken.case, told(taken.read)) == (None, [(2, "类别", "unknown-word")])
    assert taken.read.as_json("en")["names"] == 0
    command = NamesCommand(path=path, skip=True)
    taken = open_case_from_file(database, command, new_case(), actor=registrar)
    assert taken.case is not None
    assert [line.name for line in taken.case.lines] == ["江南路"]
    with pytest.raises(NotYourDivision):
        open_case_from_file(database, command, new_case(division=NEIGHBOUR), actor=registrar)
    with pytest.raises(DivisionUnknown):
        open_case_from_file(database, command, new_case(division="330799"), actor=operator())


def test_more_names_than_one_request_brings_are_one_case(
    database: Database, session: WriteSession, tmp_path: Path
) -> None:
    names = MOST_LINES + 5
    path = sheet(tmp_path / "n.xlsx", [("名称", "类别"), *((f"示例{at}路", "街") for at in range(names))])
    heard: dict[str, int] = {}
    taken = open_case_from_file(
        database,
        NamesCommand(path=path),
        new_case(),
        actor=operator(),
        progress=lambda step, done, _=None: heard.update({step: done}),
    )
    assert taken.case is not None
    assert [line.position for line in taken.case.lines] == [*range(1, names + 1)]
    assert (heard["check"], heard["write"]) == (names, names)


def test_a_file_that_is_sent_in_adds_to_a_case(session: WriteSession, tmp_path: Path) -> None:
    registrar = make_actor(Grant(Role.REGISTRAR, "330702"))
    case = service.open_case(session, new_case(approver="government"), actor=registrar).case.id

    def send(content: bytes, name: str, **over: Any) -> Mapping[str, Any] | list[str]:
        taken = add_names_from_file(session, case, content, name, seen=WHICHEVER, actor=registrar, **over)
        return taken.read.as_json() if taken.case is None else [line.name for line in taken.case.lines]

    content = sheet(tmp_path / "n.xlsx", [("名称", "类别"), ("江南路", "街")]).read_bytes()
    assert send(content, "C:\\表\\道路.XLSX") == ["江南路"]
    assert send("名称,类别\n江北路,街\n".encode(), "n.csv") == ["江南路", "江北路"]
    refused = send("名称,类别\n江东路,?\n江西路,街\n".encode(), "n.csv")
    assert isinstance(refused, dict)
    assert [each["code"] for each in refused["problems"]] == ["unknown-word"]
    for name in ("n.xlsx", "n.vrt", "n", "n.gpkg"):
        with pytest.raises(SentFileUnsupported):
            send(b"<OGRVRTDataSource/>", name)
    with pytest.raises(SentFileUnsupported):
        send(b"<OGRVRTDataSource/>", "n.geojson")
    with pytest.raises(FileBroken):
        send(b"PK\x03\x04rest", "n.xlsx")
    stranger = make_actor(Grant(Role.REGISTRAR, "330703"))
    with pytest.raises(NotYourDivision):
        add_names_from_file(session, case, content, "n.xlsx", seen=WHICHEVER, actor=stranger)


def test_a_workbook_that_unpacks_to_too_much_is_refused(
    session: WriteSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(case_names, "MOST_UNPACKED", 100)
    case = service.open_case(session, new_case(approver="government"), actor=operator()).case.id
    content = sheet(tmp_path / "n.xlsx", [("名称", "类别"), ("江南路", "街")]).read_bytes()
    with pytest.raises(FileBroken):
        add_names_from_file(session, case, content, "n.xlsx", seen=WHICHEVER, actor=operator())


def test_a_table_without_a_name_makes_no_case() -> None:
    nothing = NamesRead([], [], [], read=0, crs="", encoding="", mapping={}, proposed=[], ignored=[])
    with pytest.raises(CaseTableEmpty):
        NamesTaken(None, nothing).required()


def test_every_kind_of_case_has_an_action() -> None:
    assert set(ACTION_OF) == set(CaseKind)
