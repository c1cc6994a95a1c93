"""`geo-registry import …` as people and scripts call it: what is printed where, and the exit codes."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from itertools import zip_longest
from pathlib import Path

import pytest
from rich.cells import cell_len

from tests.cli import forked
from tests.conftest import TestUrls
from tests.integration.imports import write_csv, write_mapping

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def geo_registry(committed: TestUrls) -> Run:
    environment = os.environ | {
        "GEO_DATABASE_URL": committed.app,
        "GEO_OWNER_DATABASE_URL": committed.owner,
        "GEO_LOCALE": "en",
    }

    def run(*arguments: object, stdout: int | None = None, **settings: str) -> "subprocess.CompletedProcess[str]":
        command = list(map(str, arguments))
        if stdout is None:
            return subprocess.CompletedProcess(command, *forked.run(command, environment | settings))
        return subprocess.run(
            [sys.executable, "-c", "from geo_registry.cli.main import run; run()", *command],
            env=environment | settings,
            stdout=stdout,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            timeout=forked.TIMEOUT_S,
        )

    return run


GOOD = ("id,lon,lat,population", "a,119.6,29.1,10", "b,119.7,29.2,20")
CENSUS = ("--date", "2020-11-01", "--basis", "resident")


def test_report_is_json_on_stdout_with_the_documented_members(geo_registry: Run, tmp_path: Path) -> None:
    path = write_csv(tmp_path, *GOOD, "c,119.8,29.3,-1")
    mapping = write_mapping(tmp_path, '[columns]\npopulation.all = "population"')
    done = geo_registry("import", "population", path, *CENSUS, "--map", mapping, "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert {"run", "kind", "read", "created", "updated", "unchanged", "refused", "crs", "encoding", "problems"} <= set(
        report
    )
    assert (report["read"], report["created"], report["refused"], report["crs"]) == (3, 2, 1, "EPSG:4326")
    (problem,) = report["problems"]
    assert {"row", "column", "value", "code", "message"} <= set(problem)
    assert (problem["row"], problem["column"], problem["value"], problem["code"]) == (3, "population", "-1", "negative")
    assert "1 rows were refused" in done.stderr

    listed = geo_registry("import", "list", "--json")
    assert [run["run"] for run in json.loads(listed.stdout)] == [report["run"]]


def test_place_names_are_taken_over_with_the_rules_that_they_break(geo_registry: Run, tmp_path: Path) -> None:
    path = write_csv(
        tmp_path,
        "编号,标准名称,地名类别,曾用名,经度,纬度,使用时间",
        "1,建设路,道路,红旗路;马路,119.61,29.07,1958",
        "2,建设路,道路,,119.611,29.07,",
        "3,坏路,道路,,119.61,29.07,1958年13月",
        encoding="gb18030",
    )
    told = tmp_path / "problems.csv"
    done = geo_registry("import", "places", path, "--report", told, "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert (report["kind"], report["encoding"]) == ("places", "gb18030")
    assert (report["read"], report["created"], report["refused"]) == (3, 2, 1)
    by_code = {problem["code"]: problem for problem in report["problems"]}
    assert by_code["date-unclear"]["row"] == 3
    assert "duplicate" not in by_code, "nothing says in which division they are"
    assert "date-unclear" in told.read_text(encoding="utf-8-sig")
    again = geo_registry("import", "places", path)
    assert again.returncode == 0, again.stderr
    assert "names.former = 曾用名" in again.stdout
    assert "not a date" in again.stderr


def test_names_that_look_like_markup_are_printed_as_they_are(geo_registry: Run, tmp_path: Path) -> None:
    path = write_csv(tmp_path, "id,lon,lat,[/m2]", "a,119.6,29.1,10", "b :bee:,119.7,29.2,[b]")
    mapping = write_mapping(tmp_path, '[columns]\npopulation.all = "[/m2]"')
    done = geo_registry("import", "population", path, *CENSUS, "--map", mapping)
    assert done.returncode == 0, done.stderr
    assert "population.all = [/m2]" in done.stdout
    assert "[b]" in done.stderr


def test_dry_run_writes_nothing(geo_registry: Run, tmp_path: Path) -> None:
    done = geo_registry("import", "population", write_csv(tmp_path, *GOOD), *CENSUS, "--dry-run")
    assert done.returncode == 0, done.stderr
    assert "nothing was written" in done.stdout
    assert json.loads(geo_registry("import", "list", "--json").stdout) == []


def test_exit_code_tells_refused_files_from_wrong_use(geo_registry: Run, tmp_path: Path) -> None:
    all_bad = write_csv(tmp_path, "id,lon,lat,population", "a,119.6,29.1,-1")
    assert geo_registry("import", "population", all_bad, *CENSUS).returncode == 1
    missing = geo_registry("import", "population", tmp_path / "none.csv", *CENSUS, "--json")
    assert missing.returncode == 1
    assert json.loads(missing.stdout)["error"]["code"] == "file-unreadable"
    wrong_crs = geo_registry("import", "population", all_bad, *CENSUS, "--crs", "wgs84", "--json")
    assert wrong_crs.returncode == 2
    assert json.loads(wrong_crs.stdout)["error"]["code"] == "crs-unknown"
    assert geo_registry("import", "population", all_bad, "--basis", "everyone").returncode == 2


@pytest.mark.parametrize("key", ["", " ", "x" * 256, "a\nb", "a\udcff"])
def test_dataset_that_can_not_be_called_so_is_refused(geo_registry: Run, tmp_path: Path, key: str) -> None:
    done = geo_registry("import", "population", write_csv(tmp_path, *GOOD), *CENSUS, "--dataset", key, "--json")
    assert (done.returncode, json.loads(done.stdout)["error"]["code"]) == (2, "dataset-key-invalid")
    assert json.loads(geo_registry("import", "list", "--json").stdout) == []


def test_file_whose_name_is_no_text_is_imported_under_a_key(geo_registry: Run, tmp_path: Path) -> None:
    path = write_csv(tmp_path, *GOOD, name="a\udcff.csv")
    assert json.loads(geo_registry("import", "population", path, *CENSUS, "--json").stdout)["error"]
    done = geo_registry("import", "population", path, *CENSUS, "--dataset", "cells", "--json")
    assert (done.returncode, json.loads(done.stdout)["created"]) == (0, 2)
    assert [run["file"] for run in json.loads(geo_registry("import", "list", "--json").stdout)] == ["a?.csv"]


LONG_KEY = "人口-of-the-whole-prefecture-by-cells-of-a-hundred-metres-2020-11-01"


def test_tables_fit_eighty_columns_and_cut_nothing(geo_registry: Run, tmp_path: Path) -> None:
    count = "people-of-all-ages-as-counted-by-the-census-of-the-year-2020"
    path = write_csv(tmp_path, f"id,lon,lat,{count}", "a,119.6,29.1,10")
    mapping = write_mapping(tmp_path, f'[columns]\npopulation.all = "{count}"')
    options = (*CENSUS, "--map", mapping, "--dataset", LONG_KEY)
    tables = (
        geo_registry("import", "population", path, *options, COLUMNS="80").stdout,
        geo_registry("import", "list", COLUMNS="80").stdout,
    )
    for table in tables:
        assert max(map(cell_len, table.splitlines())) <= 80
        assert "…" not in table
        assert LONG_KEY in pieced(table)
    assert count in pieced(tables[0])
    assert "population" in tables[1]
    assert re.search(r"\d{4}-\d\d-\d\d \d\d:\d\d", tables[1])


def pieced(table: str) -> str:
    """What a table's cells say, those of a column in one."""
    rows = [re.split("[│┃]", line) for line in table.splitlines()]
    columns = zip_longest(*rows, fillvalue="")
    return " ".join("".join(cell.strip() for cell in column) for column in columns)


OUTCOMES = [
    ((), 0),
    (("--dry-run",), 0),
    (("--dataset", ""), 2),
    (("--crs", "epsg:3857"), 1),
    (("--layer", "a"), 2),
    (("--map", "none.toml"), 1),
    (("--report", "/none/problems.csv"), 2),
    (("--report", "/dev/stdout"), 2),
    (("--nothing",), 2),
]


@pytest.mark.parametrize(("options", "status"), OUTCOMES)
def test_stdout_is_one_json_document_whatever_comes_of_it(
    geo_registry: Run, tmp_path: Path, options: tuple[str, ...], status: int
) -> None:
    path = write_csv(tmp_path, *GOOD, "c,119.8,29.3,-1")
    report = () if "--report" in options else ("--report", tmp_path / "problems.csv")
    done = geo_registry("import", "population", path, *CENSUS, *report, *options, "--json")
    assert done.returncode == status, done.stderr
    assert ("error" in json.loads(done.stdout)) == (status > 0)


def test_report_is_not_written_over_the_json_that_a_shell_sends_to_the_same_file(
    geo_registry: Run, tmp_path: Path
) -> None:
    report = tmp_path / "out"
    with report.open("w") as file:
        options = (*CENSUS, "--report", report, "--json")
        done = geo_registry("import", "population", write_csv(tmp_path, *GOOD), *options, stdout=file.fileno())
    assert (done.returncode, json.loads(report.read_text())["error"]["code"]) == (2, "report-unusable")


def test_rows_that_are_all_refused_are_one_json_document(geo_registry: Run, tmp_path: Path) -> None:
    path = write_csv(tmp_path, "id,lon,lat,population", "a,119.6,29.1,-1")
    report = tmp_path / "problems.csv"
    done = geo_registry("import", "population", path, *CENSUS, "--report", report, "--json")
    assert (done.returncode, json.loads(done.stdout)["refused"]) == (1, 1)
    assert "negative" in report.read_text(encoding="utf-8-sig")


@pytest.mark.parametrize("command", ["places", "divisions", "facilities", "population", "roads", "list"])
def test_help_has_an_example(geo_registry: Run, command: str) -> None:
    done = geo_registry("import", command, "--help")
    assert done.returncode == 0
    assert "Example: geo-registry import" in done.stdout
