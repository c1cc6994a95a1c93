"""Exit codes, JSON, refusals in both languages; and one whole trip from files to a result."""

import json
import os
import pty
import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import PROGRAM, Registry
from tests.conftest import TestUrls

ROADS = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "properties": {"id": "main", "highway": "residential", "name": "中山路"},
            "geometry": {"type": "LineString", "coordinates": [[119.640, 29.08], [119.660, 29.08]]},
        }
    ],
}
PEOPLE = "编号,经度,纬度,总人口\n1,119.641,29.08,100\n2,119.659,29.08,300\n"
FACILITIES = "编号,名称,类别,经度,纬度\nA,东市街居家养老服务中心,居家养老服务中心,119.640,29.08\n"
STANDARD = """
key = "trial"
name = { zh = "试算", en = "trial" }
family = "reach"
demand = "all"
basis = "resident"
kinds = ["home-care-centre"]
speed_kmh = 4.0
minutes = 15
source = "a test"
"""
MAPPING = """
[columns]
source_id = "编号"
population.all = "总人口"
[constants]
date = "2020-11-01"
basis = "resident"
[geometry]
lon = "经度"
lat = "纬度"
"""
FACILITY_MAPPING = """
[columns]
source_id = "编号"
name = "名称"
kind = "类别"
[geometry]
lon = "经度"
lat = "纬度"
"""


@pytest.fixture
def files(tmp_path: Path) -> Path:
    for name, content in (
        ("roads.geojson", json.dumps(ROADS, ensure_ascii=False)),
        ("people.csv", PEOPLE),
        ("facilities.csv", FACILITIES),
        ("standard.toml", STANDARD),
        ("people.toml", MAPPING),
        ("facilities.toml", FACILITY_MAPPING),
    ):
        (tmp_path / name).write_text(content, encoding="utf-8")
    return tmp_path


def test_help_lists_every_command(registry: Registry) -> None:
    said = registry("--help")
    assert said.code == 0
    for command in ("up", "serve", "worker", "migrate", "status", "db", "demo", "import", "network", "coverage"):
        assert f"  {command} " in said.stdout


def test_clearing_a_registry_without_the_demonstration_does_nothing(registry: Registry) -> None:
    said = registry("demo", "clear", "--yes", "--json")
    assert (said.code, said.json) == (0, {"rows": {}})


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_clearing_does_not_ask_a_script(registry: Registry, options: tuple[str, ...]) -> None:
    said = registry("demo", "clear", *options)
    assert said.code == 2
    assert "clear-unconfirmed" in said.stdout + said.stderr
    assert "--yes" in said.stdout + said.stderr


@pytest.mark.parametrize(("answer", "code"), [("n\n", 130), ("\n", 130), ("y\n", 0)])
def test_clearing_asks_who_sits_there(registry: Registry, answer: str, code: int) -> None:
    ours, theirs = pty.openpty()
    variables = {name: value for name, value in os.environ.items() if not name.startswith("GEO_")}
    os.write(ours, answer.encode())
    done = subprocess.run(
        [PROGRAM, "demo", "clear"],
        env={**variables, "GEO_DATA_DIR": str(registry.data_dir)},
        stdin=theirs,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    os.close(ours)
    os.close(theirs)
    assert done.returncode == code
    assert "示例账号将停用" in done.stderr
    assert ("没有示例数据" in done.stderr) is (code == 0)


def test_status_of_a_fresh_registry(registry: Registry) -> None:
    said = registry("status", "--json")
    assert said.code == 0
    assert said.json["migrated"] is True
    assert said.json["worker"] is False
    assert said.json["rows"]["facility"] == {"count": 0, "exact": True, "more": False}
    (warning,) = said.json["warnings"]
    assert "geo-registry worker" in warning


def test_status_of_whoever_row_security_doesnt_bind(registry: Registry, committed: TestUrls) -> None:
    said = registry("status", "--json", GEO_DATABASE_URL=committed.owner)
    assert any("geo_app" in warning and "role_grant" in warning for warning in said.json["warnings"])


def test_wrong_use_is_exit_code_2_and_json(registry: Registry) -> None:
    said = registry("coverage", "run", "--no-such-option", "--json")
    assert said.code == 2
    assert said.json["error"]["code"] == "command-misused"


def test_refusal_is_exit_code_1_in_both_languages(registry: Registry) -> None:
    said = registry("coverage", "run", "no-such-standard", "--json")
    assert said.code == 1
    error = said.json["error"]
    assert error["code"] == "standard-unknown"
    assert error["message"] == error["messages"]["zh-CN"] != error["messages"]["en"]
    assert "care-circle-15min" in error["messages"]["en"]


def test_language_is_a_setting(registry: Registry) -> None:
    error = registry("coverage", "run", "no-such-standard", "--json", GEO_LOCALE="en").json["error"]
    assert error["message"] == error["messages"]["en"]


def test_refusal_without_json_says_what_to_do_on_stderr(registry: Registry) -> None:
    said = registry("coverage", "run", "no-such-standard")
    assert (said.code, said.stdout) == (1, "")
    assert "standard-unknown" in said.stderr
    assert "→" in said.stderr


def test_format_that_cannot_be_written_is_refused_before_the_run(registry: Registry) -> None:
    said = registry("coverage", "run", "care-circle-15min", "-o", "result.pdf", "--json")
    assert said.code == 2
    assert said.json["error"]["code"] == "output-unknown"


def test_an_output_that_cannot_be_written_is_refused_before_the_run(registry: Registry, tmp_path: Path) -> None:
    (tmp_path / "folder.csv").mkdir()
    for path, reason in (
        (tmp_path / "missing" / "result.csv", "there is no such file or folder"),
        (tmp_path / "folder.csv", "it is a folder"),
        (tmp_path / f"{'n' * 250}.csv", "its name is too long"),
    ):
        said = registry("coverage", "run", "care-circle-15min", "-o", path, "--json")
        assert (said.code, said.json["error"]["code"]) == (2, "output-unusable")
        assert reason in said.json["error"]["messages"]["en"]


def test_standards_say_whether_they_are_verified(registry: Registry) -> None:
    listed = registry("coverage", "standards", "--json").json
    assert {row["key"]: row["verified"] for row in listed}["care-circle-15min"] is True


def test_standards_that_are_switched_off_are_listed_last_and_labelled(registry: Registry) -> None:
    listed = registry("coverage", "standards", "--json").json
    assert [row["enabled"] for row in listed] == [True] + [False] * (len(listed) - 1)
    shown = registry("coverage", "standards", GEO_STANDARDS_ON="circle-5min").stdout
    on, off = shown.index("circle-5min\n"), shown.index("circle-10min\n")
    assert on < off
    assert "启用 on, 未核实 unverified" in shown[on:off]
    assert "未启用 switched off, 未核实 unverified" in shown[off:]


def test_a_wrong_list_of_standards_is_refused_before_anything_starts(registry: Registry) -> None:
    for command in (("up",), ("serve",), ("coverage", "standards")):
        said = registry(*command, "--json", GEO_STANDARDS_ON="circle-7min")
        assert (said.code, said.json["error"]["code"]) == (2, "standards-on-unknown")


def test_run_without_data_says_what_to_import(registry: Registry) -> None:
    said = registry("coverage", "run", "care-circle-15min", "--json")
    assert said.code == 1
    assert "import population" in said.json["error"]["hint"]


def test_from_files_to_a_result(registry: Registry, files: Path) -> None:
    assert registry("import", "roads", files / "roads.geojson", "--json").json["created"] == 1
    people = registry("import", "population", files / "people.csv", "--map", files / "people.toml", "--json")
    assert (people.code, people.json["created"]) == (0, 2)
    assert (
        registry("import", "facilities", files / "facilities.csv", "--map", files / "facilities.toml", "--json").json[
            "created"
        ]
        == 1
    )

    built = registry("network", "build", "--json").json
    assert (built["nodes"], built["edges"], built["components"], built["largest_component_share"]) == (2, 1, 1, 1.0)

    outputs = [files / f"result.{ending}" for ending in ("geojson", "csv", "xlsx", "html")]
    wanted = [part for path in outputs for part in ("-o", path)]
    said = registry("coverage", "run", files / "standard.toml", *wanted, "--json")
    assert said.code == 0
    result = said.json
    assert {
        "run",
        "standard",
        "demand",
        "covered",
        "share",
        "gap",
        "unreachable",
        "unsnapped",
        "facilities",
        "seconds",
        "zones",
    } <= set(result)
    # The first lives 97 m away, the second 1,849 m; a quarter of an hour at 4 km/h is 1,000 m.
    assert (result["demand"], result["covered"], result["share"], result["gap"]) == (400, 100, 0.25, 300)
    assert all(path.stat().st_size > 0 for path in outputs)

    # Nobody is covered where nothing fits, and that is said beside the figures.
    other = files / "other.toml"
    other.write_text(STANDARD.replace("home-care-centre", "funeral-home"), encoding="utf-8")
    said = registry("coverage", "run", other)
    assert said.code == 0
    assert "没有符合条件的设施" in said.stderr
    assert "未启用" not in said.stderr

    other.write_text(f"{STANDARD}\nenabled = false\n", encoding="utf-8")
    said = registry("coverage", "run", other)
    assert said.code == 0
    assert "未启用，其数值未核实" in said.stderr
    assert "启用 enabled: 未启用 switched off" in said.stdout


def test_importing_the_same_file_again_changes_nothing(registry: Registry, files: Path) -> None:
    registry("import", "roads", files / "roads.geojson", "--json")
    again = registry("import", "roads", files / "roads.geojson", "--json").json
    assert (again["created"], again["updated"], again["unchanged"]) == (0, 0, 1)


def test_stopped_database_starts_again_by_itself(registry: Registry) -> None:
    before = registry("status", "--json").json["rows"]
    assert registry("db", "stop", "--json").json == {"stopped": True}
    assert registry("db", "status", "--json").json["running"] is False
    assert registry("status", "--json").json["rows"] == before


def test_backup_can_be_restored(registry: Registry, tmp_path: Path) -> None:
    before = registry("status", "--json").json["rows"]
    saved = registry("db", "backup", tmp_path / "registry.dump", "--json")
    assert saved.code == 0
    assert saved.json["bytes"] > 0
    assert registry("db", "restore", tmp_path / "registry.dump", "--yes", "--json").json["restored"] is True
    assert registry("status", "--json").json["rows"] == before


def test_a_restored_registry_has_no_workers(registry: Registry, tmp_path: Path) -> None:
    registry("db", "psql", "--", "-c", "INSERT INTO jobs.procrastinate_workers DEFAULT VALUES")
    assert registry("status", "--json").json["worker"] is True
    registry("db", "backup", tmp_path / "registry.dump")
    registry("db", "restore", tmp_path / "registry.dump", "--yes")
    assert registry("status", "--json").json["worker"] is False


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_restore_does_not_ask_a_script(registry: Registry, tmp_path: Path, options: tuple[str, ...]) -> None:
    said = registry("db", "restore", tmp_path / "registry.dump", *options)
    assert said.code == 2
    assert "restore-unconfirmed" in said.stdout + said.stderr
    assert "--yes" in said.stdout + said.stderr


def test_restore_of_something_else_is_refused(registry: Registry, tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("not a backup", encoding="utf-8")
    said = registry("db", "restore", tmp_path / "note.txt", "--yes", "--json")
    assert said.code == 1
    assert said.json["error"]["hint"]
