"""What people read in a terminal, and what is left when a result can't be written."""

import json
import re
from pathlib import Path

import docx
import pytest

from geo_registry.figures import whole
from tests.cli.conftest import Registry
from tests.cli.test_commands import FACILITIES, FACILITY_MAPPING, MAPPING, ROADS, STANDARD

CODE = "330702001001"


@pytest.fixture(scope="module")
def standard(registry: Registry, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A standard's file, and in the registry what it asks about: people in a village, half of them within reach."""
    folder = tmp_path_factory.mktemp("files")
    people = "".join(f"{number},{lon},29.08,1234566.5,{CODE}\n" for number, lon in ((1, 119.641), (2, 119.659)))
    for name, content in (
        ("villages.csv", f"code,name\n{CODE},人民东路社区居民委员会\n"),
        ("roads.geojson", json.dumps(ROADS, ensure_ascii=False)),
        ("people.csv", f"编号,经度,纬度,总人口,区划\n{people}"),
        ("people.toml", MAPPING.replace("[constants]", 'division = "区划"\n[constants]')),
        ("facilities.csv", FACILITIES),
        ("facilities.toml", FACILITY_MAPPING),
        ("standard.toml", STANDARD),
    ):
        (folder / name).write_text(content, encoding="utf-8")
    for kind, name, *options in (
        ("divisions", "villages.csv", "--vintage", "2023"),
        ("roads", "roads.geojson"),
        ("facilities", "facilities.csv", "--map", folder / "facilities.toml"),
        ("population", "people.csv", "--map", folder / "people.toml"),
    ):
        assert registry("import", str(kind), folder / name, *options).code == 0
    return folder / "standard.toml"


@pytest.mark.parametrize("columns", ["60", "80"])
@pytest.mark.parametrize(("locale", "level"), [("zh-CN", "村级"), ("en", "village")])
def test_a_narrow_terminal_shows_codes_and_numbers_whole(
    registry: Registry, standard: Path, columns: str, locale: str, level: str
) -> None:
    said = registry("coverage", "run", standard, COLUMNS=columns, GEO_LOCALE=locale)
    assert said.code == 0
    (row,) = [line for line in said.stdout.splitlines() if line.startswith(CODE)]
    covered = ["1,234,567"] if columns == "80" else []
    assert row.split()[-3 - len(covered) :] == ["2,469,133", *covered, "50.0%", "1,234,567"]
    # Half a person is rounded up, there and here.
    assert {"人数 demand: 2,469,133", "覆盖 covered: 1,234,567", "覆盖率 share: 50.0%"} <= set(said.stdout.splitlines())
    assert level in row
    assert "…" not in said.stdout


@pytest.mark.usefixtures("standard")
def test_facts_are_written_as_people_write_them(registry: Registry) -> None:
    shown = [
        registry(*command, GEO_LOCALE=locale).stdout
        for locale in ("zh-CN", "en")
        for command in (("status",), ("db", "status"), ("network", "info"))
    ]
    assert "结构为最新: 是" in shown[0]
    assert re.search(r"^启动时间: \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\+08:00$", shown[1], re.MULTILINE)
    assert "出行: 步行" in shown[2]
    assert "schema up to date: yes" in shown[3]
    assert "running: yes" in shown[4]
    assert "share of the largest component: 1\n" in shown[5]
    for leak in ("None", "True", "False", "{", "Path(", "_"):
        assert all(leak not in one for one in (*shown[:1], *shown[2:4], *shown[5:]))


@pytest.mark.parametrize("name", ["result.csv", "result.xlsx"])
def test_an_output_that_fails_after_the_run_is_one_document_that_says_where_the_result_is(
    registry: Registry, standard: Path, name: str
) -> None:
    command = ("coverage", "run", standard, "--json")
    # Roads are compiled by this one: the next writes nothing but its result.
    assert registry(*command).code == 0
    said = registry(*command, "-o", standard.with_name(name), largest_file_bytes=100)
    assert said.code == 1
    error = said.json["error"]
    assert error["code"] == "output-failed"
    run = re.search(r"[0-9a-f-]{36}", error["messages"]["zh-CN"])
    assert run
    assert f"/api/v1/coverage/runs/{run[0]}/result{Path(name).suffix}" in error["hint"]
    assert not list(standard.parent.glob("*result*"))


def test_a_report_comes_with_its_annexes(registry: Registry, standard: Path, tmp_path: Path) -> None:
    report, annex, chart = (tmp_path / name for name in ("report.docx", "report-annex.xlsx", "report-map.png"))
    said = registry("coverage", "run", standard, "-o", report, "-o", annex, GEO_MAP_APPROVAL_NUMBER="浙S(2026)1号")
    assert said.code == 0
    assert [said.stderr.count(f"已写入 {path}") for path in (report, annex, chart)] == [1, 1, 1]
    written = docx.Document(str(report))
    annexes = [one.text for one in written.paragraphs if one.style and one.style.name == "List Bullet"]
    assert {annex.name, chart.name} <= set(annexes)
    assert chart.read_bytes().startswith(b"\x89PNG")
    cells = [cell.text for table in written.tables for row in table.rows for cell in row.cells]
    assert "浙S(2026)1号" in cells
    assert "50.0%" in cells


def test_a_report_is_in_the_language_of_the_settings(registry: Registry, standard: Path, tmp_path: Path) -> None:
    said = registry("coverage", "run", standard, "-o", tmp_path / "report.docx", "--json", GEO_LOCALE="en")
    assert said.code == 0
    titles = [one.text for one in docx.Document(str(tmp_path / "report.docx")).paragraphs]
    assert "trial: coverage report" in titles
    totals = said.json
    assert whole(totals["gap"]) in docx.Document(str(tmp_path / "report.docx")).tables[0].rows[0].cells[1].text


def test_a_report_whose_annex_cannot_be_written_is_refused_before_the_run(
    registry: Registry, standard: Path, tmp_path: Path
) -> None:
    (tmp_path / "report-map.png").mkdir()
    said = registry("coverage", "run", standard, "-o", tmp_path / "report.docx", "--json")
    assert (said.code, said.json["error"]["code"]) == (2, "output-unusable")
    assert not (tmp_path / "report.docx").exists()


QUEUED = (
    "INSERT INTO coverage_run (state, standard, question, actor) VALUES ('queued', '{}', '{}', 'test') RETURNING id"
)


def test_a_run_is_cancelled_by_its_id_and_again(registry: Registry) -> None:
    ordered = registry("db", "psql", "--", "-qAt", "-c", "SET geo.scope = '*'", "-c", QUEUED)
    run = ordered.stdout.splitlines()[0]
    said = registry("coverage", "cancel", run)
    assert (said.code, said.stderr) == (0, f"已取消 {run}\n")
    again = registry("coverage", "cancel", run, "--json")
    assert (again.code, again.json) == (0, {"run": run, "state": "cancelled"})


@pytest.mark.parametrize(("which", "code"), [("done", "run-finished"), ("none", "run-unknown")])
def test_what_cannot_be_cancelled_is_refused(registry: Registry, standard: Path, which: str, code: str) -> None:
    run = registry("coverage", "run", standard, "--json").json["run"] if which == "done" else "none"
    refused = registry("coverage", "cancel", run, "--json")
    assert (refused.code, refused.json["error"]["code"]) == (1, code)
