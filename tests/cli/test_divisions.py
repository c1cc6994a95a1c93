"""`geo-registry divisions …`: two lists held against each other, what is confirmed of them imported, told and withdrawn."""

import csv
from pathlib import Path

import pytest

from tests.cli.conftest import Registry

OF_2018 = """code,name
330782104000,上溪镇
330782104200,岩口村委会
330782104259,前山村委会
330782104261,沿华村委会
330782104290,琅沙村委会
"""
OF_2021 = """code,name
330782104000,上溪镇
330782104200,岩口村委会
330782104279,潜溪村村民委员会
330782104290,妙康里村村委会
"""
QIANXI = "330782104279"


@pytest.fixture(scope="module")
def filled(registry: Registry, tmp_path_factory: pytest.TempPathFactory) -> Registry:
    folder = Path(tmp_path_factory.mktemp("lists"))
    for year, rows in ((2018, OF_2018), (2021, OF_2021)):
        path = folder / f"{year}.csv"
        path.write_text(rows, encoding="utf-8")
        assert registry("import", "divisions", path, "--vintage", str(year)).code == 0
    return registry


@pytest.fixture
def proposals(filled: Registry, tmp_path: Path) -> Path:
    path = tmp_path / "proposals.csv"
    done = filled("divisions", "successions", "propose", "--from", "2018", "--to", "2021", "-o", path, "--json")
    assert done.code == 0, done.stderr
    assert {each["before_code"]: each["change"] for each in done.json} == {
        "330782104000": "same",
        "330782104200": "same",
        "330782104259": "unknown",
        "330782104261": "unknown",
        "330782104290": "renamed",
    }
    return path


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def write(path: Path, rows: list[dict[str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows(rows)
    return path


def test_proposals_are_confirmed_in_a_file_and_imported(filled: Registry, proposals: Path, tmp_path: Path) -> None:
    rows = rows_of(proposals)
    assert rows[0]["evidence"] == "代码与名称相同 (区划代码表 2018/2021)"
    tried = filled("divisions", "successions", "import", proposals, "--dry-run", "--json")
    assert (tried.json["read"], tried.json["created"], tried.json["skipped"], tried.json["dry_run"]) == (5, 3, 2, True)
    assert filled("divisions", "show", "330782104290", "--vintage", "2018", "--json").json["became"] == []
    for row in rows:
        if row["before_code"] == "330782104261":
            row |= {"after_code": QIANXI, "change": "并入", "certainty": "确定", "evidence": "义政发〔2019〕1 号"}
        if row["before_code"] == "330782104259":
            row |= {"after_code": "330782104999", "change": "merged", "certainty": "sure", "happened_on": "2019"}
    report = tmp_path / "report.csv"
    done = filled(
        "divisions", "successions", "import", write(tmp_path / "confirmed.csv", rows), "--report", report, "--json"
    )
    assert (done.code, done.json["created"], done.json["refused"], done.json["skipped"]) == (0, 4, 1, 0)
    assert {(each["row"], each["column"], each["code"]) for each in done.json["problems"]} == {
        (3, "certainty", "unknown-word")
    }
    (refused,) = rows_of(report)
    assert (refused["report_row"], refused["before_code"]) == ("3", "330782104259")
    again = filled("divisions", "successions", "import", proposals, "--json")
    assert (again.json["created"], again.json["unchanged"], again.json["skipped"]) == (0, 3, 2)
    told = filled("divisions", "show", "330782104261", "--vintage", "2018", "--json").json
    assert (told["fate"], told["present"][0]["division"]["code"]) == ("known", QIANXI)
    assert told["became"][0]["evidence"] == "义政发〔2019〕1 号"
    shown = filled("divisions", "show", QIANXI, GEO_LOCALE="zh-CN").stdout
    assert "来自: 沿华村委会 330782104261 (2018) → 潜溪村村民委员会 330782104279 (2021) · 并入 · 确定" in shown
    hits = filled("search", "沿华", GEO_LOCALE="zh-CN").stdout
    assert "曾用名 · 并入 潜溪村村民委员会" in hits
    succession = told["became"][0]["id"]
    assert filled("divisions", "successions", "withdraw", succession, "--why", "误登").code == 0
    assert filled("divisions", "show", QIANXI, "--json").json["came_from"] == []
    second = filled("divisions", "successions", "withdraw", succession, "--why", "误登", "--json")
    assert (second.code, second.json["error"]["code"]) == (1, "succession-withdrawn")


def test_rows_that_cant_be_are_refused_one_by_one(filled: Registry, proposals: Path, tmp_path: Path) -> None:
    row = rows_of(proposals)[1]
    wrong = [
        row | {"after_code": "330782104998"},
        row | {"after_vintage": "2018"},
        row | {"happened_on": "2019"},
        row | {"evidence": ""},
        row | {"before_code": "岩口"},
    ]
    done = filled("divisions", "successions", "import", write(tmp_path / "wrong.csv", wrong), "--json")
    assert (done.code, done.json["refused"], done.json["created"]) == (1, 5, 0)
    assert [(each["row"], each["code"]) for each in done.json["problems"]] == [
        (1, "division-unknown"),
        (2, "rule-broken"),
        (3, "not-a-date"),
        (4, "required"),
        (5, "not-a-division-code"),
    ]


def test_what_is_classified_is_kept_nowhere(filled: Registry, proposals: Path, tmp_path: Path) -> None:
    rows = [row | {"密级": "秘密"} for row in rows_of(proposals)[:1]]
    report = tmp_path / "report.csv"
    done = filled("divisions", "successions", "import", write(tmp_path / "x.csv", rows), "--report", report, "--json")
    assert [each["code"] for each in done.json["problems"]] == ["not-public"]
    assert "上溪镇" not in report.read_text(encoding="utf-8-sig")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("propose", "--from", "2010", "--to", "2021"), "vintage-unknown"),
        (("propose", "--from", "2018", "--to", "2021", "--county", "x"), "division-code-invalid"),
        (("import", "none.csv"), "file-unreadable"),
    ],
)
def test_what_cannot_be_done_is_refused(filled: Registry, arguments: tuple[str, ...], code: str) -> None:
    assert filled("divisions", "successions", *arguments, "--json").json["error"]["code"] == code


def test_a_file_without_its_columns_is_refused_whole(filled: Registry, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("before_code,after_code\n1,2\n", encoding="utf-8")
    done = filled("divisions", "successions", "import", path, "--json")
    assert (done.code, done.json["error"]["code"]) == (1, "columns-missing")
    assert "before_vintage" in done.json["error"]["message"]
