"""The report and its map over HTTP: the run's own numbers, in the reader's language."""

import re
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path
from uuid import UUID

import docx
import httpx
import pytest
from docx.document import Document
from PIL import Image

from geo_registry.coverage import drawn, faces
from geo_registry.coverage.picture import CLASSES
from geo_registry.coverage.service import perform_run
from geo_registry.db.session import Database, WriteSession
from geo_registry.figures import percent, whole
from geo_registry.geo.bbox import BBox
from geo_registry.vocabulary import DatasetKind, DivisionLevel, PositionQuality, TravelMode
from tests.factories import make_dataset, make_demand_point, make_division, make_facility, make_road
from tests.http.test_coverage import DEG_100M, RUNS, STANDARD

NAME = "<b>&=1+1镇"
ZH = "zh-CN"


@pytest.fixture
def done(client: httpx.Client, database: Database, session: WriteSession, tmp_path: Path) -> str:
    """The address of a finished run over people in all four states, in a county of two townships with borders."""
    roads = make_dataset(session, DatasetKind.ROADS, licence="ODbL")
    make_road(session, roads, [(0, 0), (5 * DEG_100M, 0)], highway="primary")
    make_road(session, roads, [(0, 20 * DEG_100M), (DEG_100M, 20 * DEG_100M)])
    county = make_division(session, name="婺城区", box=(-0.01, -0.02, 0.01, 0.02))
    level, square = DivisionLevel.TOWNSHIP, (-0.01, -0.01, 0.01, 0.01)
    near = make_division(session, "330702001000", level=level, parent=county, name="近镇", box=square)
    far = make_division(session, "330702002000", level=level, parent=county, name=NAME)
    people = make_dataset(session, DatasetKind.POPULATION, licence="CC0")
    for lon, lat, count, where in (
        (2 * DEG_100M, 0, 1_000, near),
        (4 * DEG_100M, 0, 300.5, near),
        (0, 20 * DEG_100M, 40, far),
        (0, -20 * DEG_100M, 8, far),
    ):
        make_demand_point(session, people, lon=lon, lat=lat, counts={"all": count}, division=where)
    make_demand_point(session, people, lon=0, lat=0, counts={"60+": 5}, division=near)
    make_facility(session, lon=0, lat=0, position_quality=PositionQuality.APPROXIMATE.value)
    session.commit()
    answer = client.post(RUNS, json={"standard": STANDARD, "population": people.key})
    perform_run(database, UUID(answer.json()["id"]), data_path=tmp_path)
    return str(answer.headers["Location"])


def report_of(answer: httpx.Response) -> Document:
    assert answer.status_code == 200, answer.text
    return docx.Document(BytesIO(answer.content))


def rows(report: Document, table: int) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in report.tables[table].rows]


def text(report: Document) -> str:
    return "\n".join(one.text for one in report.paragraphs)


def facts(report: Document) -> Mapping[str, str]:
    return {row[0]: row[1] for table in range(len(report.tables)) for row in rows(report, table) if len(row) == 2}


def zone_rows(report: Document) -> Iterator[list[str]]:
    for table in range(len(report.tables)):
        found = rows(report, table)
        if len(found[0]) == 8:
            yield from found[1:]


def test_every_number_is_the_runs(client: httpx.Client, done: str) -> None:
    run = client.get(done).json()
    totals, inputs = run["totals"], run["inputs"]
    zones = client.get(f"{done}/zones").json()["items"]
    report = report_of(client.get(f"{done}/result.docx?lang=zh-CN"))
    assert rows(report, 0)[0] == [percent(totals["share"], ZH), whole(totals["gap"]), "1"]
    shown = {row[1] if row[1] in {"近镇", NAME} else row[0]: row[2:] for row in zone_rows(report)}
    assert shown == {
        zone["name"]: [
            whole(zone["demand"]),
            whole(zone["covered"]),
            percent(zone["share"], ZH),
            whole(zone["gap"]),
            whole(zone["unreachable"]),
            whole(zone["unsnapped"]),
        ]
        for zone in zones
    }
    worst = sorted((zone for zone in zones if zone["level"] == "township"), key=lambda zone: -zone["gap"])
    assert [row[1] for row in rows(report, 1)[1:]] == [f"婺城区{zone['name']}" for zone in worst]
    assert [row[5] for row in rows(report, 1)[1:]] == [whole(zone["gap"]) for zone in worst]
    found = facts(report)
    assert found["人口点数"] == f"{inputs['population']['points']:,}"
    assert found["人口数据版本"] == inputs["population"]["content_version"]
    assert found["道路数据版本"] == inputs["roads"]["content_version"]
    assert found["人口数据摘要"] == inputs["population"]["digest"]
    assert found["路网数据摘要"] == inputs["roads"]["digest"]
    assert found["设施数据摘要"] == inputs["facilities"]["digest"]
    assert found["运行编号"] == run["id"]
    assert found["提交人"] == run["actor"]
    told = text(report)
    assert f"未入网：{whole(totals['unsnapped'])} 人（{totals['points_by_state']['unsnapped']} 个人口点）" in told
    assert f"不可达：{whole(totals['unreachable'])} 人（{totals['points_by_state']['unreachable']} 个人口点）" in told
    assert "有 1 个点没有该人群的数字" in told
    assert "设施的位置精度：近似 1。" in told
    assert "人口点的位置精度：来源数据 4。" in told


def test_half_a_person_is_rounded_up_as_on_the_map(client: httpx.Client, done: str) -> None:
    report = report_of(client.get(f"{done}/result.docx?lang=zh-CN"))
    assert client.get(done).json()["totals"]["demand"] == 1348.5
    assert "共 1,349 人" in text(report)
    assert next(row for row in zone_rows(report) if row[1] == "近镇")[2] == "1,301"


def test_people_by_minutes_add_up_to_everyone(client: httpx.Client, session: WriteSession, done: str) -> None:
    run = client.get(done).json()
    people = drawn.people_by_class(session, UUID(run["id"]))
    assert sum(people) == run["totals"]["demand"]
    assert sum(people[:6]) == run["totals"]["covered"]
    points = drawn.points(session, UUID(run["id"]), 4)
    assert [points.people[points.class_at == at].sum() for at in range(len(CLASSES))] == list(people)


def test_many_points_are_drawn_together(session: WriteSession, client: httpx.Client, done: str) -> None:
    run = UUID(client.get(done).json()["id"])
    together = drawn.points(session, run, drawn.POINTS_DRAWN + 1)
    assert together.people.sum() == client.get(done).json()["totals"]["demand"]


@pytest.mark.parametrize(
    ("query", "header", "language", "title"),
    [
        ("", "en", "en", "town: coverage report"),
        ("", "zh-TW,en;q=0.5", "zh-CN", "小镇覆盖情况报告"),
        ("?lang=zh-CN", "en", "zh-CN", "小镇覆盖情况报告"),
        ("?lang=en", "zh", "en", "town: coverage report"),
    ],
)
def test_it_is_in_the_readers_language(
    client: httpx.Client, done: str, *, query: str, header: str, language: str, title: str
) -> None:
    answer = client.get(f"{done}/result.docx{query}", headers={"Accept-Language": header})
    assert (answer.headers["Content-Language"], answer.headers["Vary"]) == (
        language,
        "Accept-Language, Authorization, Cookie",
    )
    assert answer.headers["Content-Type"].endswith("wordprocessingml.document")
    assert answer.headers["Content-Disposition"].endswith('.docx"')
    assert next(one.text for one in report_of(answer).paragraphs if one.style and one.style.name == "Title") == title


def test_an_unknown_language_is_a_bad_query(client: httpx.Client, done: str) -> None:
    answer = client.get(f"{done}/result.docx?lang=fr")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "lang")


def test_it_names_the_addresses_of_its_annexes(client: httpx.Client, done: str) -> None:
    report = report_of(client.get(f"{done}/result.docx?lang=en"))
    annexes = re.findall(r"^http\S+/result\.\S+$", text(report), flags=re.MULTILINE)
    assert [one.partition("/result.")[2] for one in annexes] == ["xlsx", "png?lang=en"]
    assert all(client.get(one).status_code == 200 for one in annexes)


def test_the_map_is_a_picture_of_a4(client: httpx.Client, done: str) -> None:
    answer = client.get(f"{done}/result.png")
    assert answer.headers["Content-Type"] == "image/png"
    assert Image.open(BytesIO(answer.content)).size in {(2338, 1653), (1653, 2338)}
    assert answer.content == client.get(f"{done}/result.png").content


def test_the_map_has_the_registrys_roads_and_borders(client: httpx.Client, session: WriteSession, done: str) -> None:
    run = client.get(done).json()
    area = BBox(-0.01, -0.03, 0.01, 0.03)
    key = run["inputs"]["roads"]["dataset"]
    roads = drawn.main_roads(session, key, TravelMode.WALK, area)
    assert [road.highway for road in roads] == ["primary"]
    away = BBox(-0.01, 0.015, 0.01, 0.03)
    assert [road.highway for road in drawn.main_roads(session, key, TravelMode.WALK, away)] == ["residential"]


def test_without_a_chinese_face_the_report_is_refused_and_the_workbook_is_not(
    client: httpx.Client, done: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(faces, "CHINESE", ("No Such Face",))
    answer = client.get(f"{done}/result.docx")
    assert (answer.status_code, answer.json()["code"]) == (503, "font-missing")
    assert client.get(f"{done}/result.xlsx").status_code == 200
