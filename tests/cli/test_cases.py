"""`geo-registry cases …`: a case from the file with its names to the announcement, by commands alone."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Finished, Registry

LISTS = "code,name\n330000000000,浙江省\n330700000000,金华市\n330702000000,婺城区\n"
NUMBERS = iter("湖山塘桥亭园溪田林泉")
"""No two cases name the same."""


def names() -> list[dict[str, object]]:
    return [
        {
            "name": f"仙源{next(NUMBERS)}路",
            "class": "street",
            "detail": {"begins_at": "李渔路", "ends_at": "双龙南街", "length_m": 1520},
            "meaning": "路近仙源湖",
        }
    ]


LONG_AGO = (date.today() - timedelta(days=40)).isoformat()  # noqa: DTZ011 - any day that is long ago


@pytest.fixture(scope="module")
def office(registry: Registry, tmp_path_factory: pytest.TempPathFactory) -> Registry:
    path = Path(tmp_path_factory.mktemp("lists")) / "2023.csv"
    path.write_text(LISTS, encoding="utf-8")
    assert registry("import", "divisions", path, "--vintage", "2023").code == 0
    return registry


@pytest.fixture
def case(office: Registry, tmp_path: Path) -> str:
    path = tmp_path / "names.json"
    path.write_text(json.dumps(names()), encoding="utf-8")
    done = opened(office, "--names", path)
    assert done.code == 0, done.stderr
    return str(done.json["number"])


def opened(office: Registry, *more: str | Path) -> Finished:
    said = ("--kind", "naming", "--division", "330702", "--plan", "x", "--reasons", "x")
    return office("cases", "new", "关于命名仙源湖路的申请", *said, *more, "--json")


def take(office: Registry, *command: str) -> Any:
    """What a command answers in an office of one."""
    done = office(*command, "--json", GEO_CASE_APART="")
    assert done.code == 0, done.stdout + done.stderr
    return done.json


def test_a_case_goes_from_the_file_to_the_announcement(office: Registry, case: str) -> None:
    assert office("cases", "check", case).code == 0
    take(office, "cases", "submit", case, "--on", LONG_AGO)
    for step in ("check", "handle"):
        take(office, "cases", "handle", case, "--step", step, "--on", LONG_AGO)
    for step in ("review", "sign"):
        take(office, "cases", "sign", case, "--step", step, "--on", LONG_AGO)
    told = take(office, "cases", "approve", case, "--on", LONG_AGO, "--number", "金政地名〔2026〕12号")
    assert (told["state"], told["lines"][0]["state"]) == ("approved", "in-force")
    # Both duties are late by now, whenever it was entered.
    late = office("filings", "due", "--json")
    assert (late.code, [each["number"] for each in late.json]) == (1, [case])
    assert [each["number"] for each in take(office, "cases", "list", "--late")] == [case]
    take(office, "cases", "announce", case, "--number", "2026年第12号")
    unexplained = office("filings", "enter", case, "--step", "file")
    assert (unexplained.code, "已逾期" in unexplained.stderr) == (1, True)
    take(office, "filings", "enter", case, "--step", "file", "--note", "等待专家论证报告")
    assert [each["number"] for each in take(office, "filings", "incoming")] == [case]
    filed = take(office, "filings", "enter", case, "--step", "filed", "--number", "浙地名备3号")
    assert take(office, "filings", "incoming") == []
    assert filed["filing"] == "done"
    assert office("filings", "due").code == 0
    assert [each["number"] for each in take(office, "announcements", "list", "--text", "仙源")] == ["2026年第12号"]
    take(office, "filings", "codes", case, "--code", "仙源湖路=33070200122100000001")
    unknown = office("filings", "codes", case, "--code", "别的路=33070200122100000001", "--json")
    assert unknown.json["error"]["code"] == "case-line-unknown"
    amended = take(office, "cases", "amend", case, "--step", "filed", "--number", "浙地名备4号", "--why", "录错")
    assert [each["number"] for each in amended["steps"][-2:]] == ["浙地名备3号", "浙地名备4号"]
    shown = office("cases", "show", case)
    assert "仙源湖路" in shown.stdout
    assert "金政地名〔2026〕12号" in shown.stdout


def test_whoever_handled_a_case_does_not_sign_it(office: Registry, case: str) -> None:
    take(office, "cases", "submit", case)
    for step in ("check", "handle"):
        take(office, "cases", "handle", case, "--step", step)
    take(office, "cases", "sign", case, "--step", "review")
    refused = office("cases", "sign", case, "--json")
    assert (refused.code, refused.json["error"]["code"]) == (1, "case-signed-by-its-author")
    take(office, "cases", "sign", case, "--step", "send-back", "--note", "请核对")
    take(office, "cases", "handle", case, "--step", "handle")


def test_a_finding_is_settled_by_a_reason(office: Registry, tmp_path: Path) -> None:
    path = tmp_path / "names.json"
    path.write_text(json.dumps([{**names()[0], "name": "可口可乐路"}]), encoding="utf-8")
    case = opened(office, "--names", path).json["number"]
    checked = office("cases", "check", case, "--json")
    assert (checked.code, [each["code"] for each in checked.json if each["severity"] == "warning"]) == (
        1,
        ["brand-name"],
    )
    settled = ("cases", "clear", case, "可口可乐路", "--code", "brand-name", "--reason", "历史地名")
    take(office, *settled)
    assert office("cases", "check", case).code == 0
    assert office(*settled, "--json").json["error"]["code"] == "already-exists"


def test_papers_are_kept(office: Registry, case: str, tmp_path: Path) -> None:
    paper, page = tmp_path / "论证.pdf", tmp_path / "page.html"
    paper.write_bytes(b"%PDF-1.7")
    page.write_text("<html>", encoding="utf-8")
    assert take(office, "cases", "attach", case, str(paper), "--kind", "experts")["title"] == "专家论证报告"
    refused = office("cases", "attach", case, page, "--json")
    assert (refused.code, refused.json["error"]["code"]) == (1, "document-refused")
    missing = office("cases", "attach", case, tmp_path / "none.pdf", "--json")
    assert missing.json["error"]["code"] == "file-unreadable"


@pytest.mark.parametrize(
    ("command", "code", "word"),
    [
        (("cases", "show", "000000-2026-0001"), 1, "case-unknown"),
        (("cases", "withdraw", "CASE", "--note", " "), 1, "case-malformed"),
        (("cases", "approve", "CASE"), 1, "case-step-not-open"),
        (("cases", "submit", "CASE", "--on", "gestern"), 1, "case-malformed"),
        (("cases", "submit", "CASE", "--on", "2999-01-01"), 1, "case-date-ahead"),
        (("cases", "handle", "CASE", "--step", "sign"), 2, "misuse"),
    ],
)
def test_what_cannot_be_is_refused(office: Registry, case: str, command: tuple[str, ...], code: int, word: str) -> None:
    refused = office(*(case if each == "CASE" else each for each in command), "--json")
    assert refused.code == code, refused.stdout + refused.stderr
    assert refused.json["error"]["code"] == word or word == "misuse"


def test_a_case_is_opened_with_the_names_of_a_table(office: Registry, tmp_path: Path) -> None:
    path = tmp_path / "names.csv"
    rows = ["标准名称,地名类别,起点,止点,长度", "云湖路,街路巷,甲路,乙路,900", "云山路,没有这一类,甲路,乙路,800"]
    path.write_text("\n".join(rows), encoding="utf-8")
    refused = opened(office, "--names", path)
    assert (refused.code, refused.json["refused"], refused.json["problems"][0]["row"]) == (1, 1, 2)
    taken = opened(office, "--names", path, "--skip")
    assert taken.code == 0, taken.stdout + taken.stderr
    assert [each["name"] for each in taken.json["lines"]] == ["云湖路"]


def test_names_that_are_none_are_refused(office: Registry, tmp_path: Path) -> None:
    path = tmp_path / "names.json"
    for text, said in (("{", "JSON"), ('[{"name": "x"}]', "class"), ('[{"name": "x", "class": "no"}]', "class")):
        path.write_text(text, encoding="utf-8")
        refused = opened(office, "--names", path)
        assert refused.code == 1
        assert refused.json["error"]["code"] == "case-malformed"
        assert said in refused.json["error"]["messages"]["en"]


def test_names_are_settled_and_split_off_by_what_was_found(office: Registry, tmp_path: Path) -> None:
    path = tmp_path / "names.json"
    path.write_text(json.dumps([{"name": name, "class": "street"} for name in ("湖畔一", "湖畔二", "东篱路")]), "utf-8")
    number = str(opened(office, "--names", path).json["number"])
    split = take(office, "cases", "split", number, "--finding", "generic-missing", "--why", "待核实")
    assert [line["name"] for line in split["lines"]] == ["湖畔一", "湖畔二"]
    done = office("cases", "clear-all", split["number"], "--code", "generic-missing", "--reason", "老地名")
    assert done.code == 0, done.stderr
    assert "2" in done.stderr
    assert office("cases", "clear-all", split["number"], "--code", "generic-missing", "--reason", "x").code != 0
    assert office("cases", "split", number, "--name", "没有这条路", "--why", "x").code != 0
    one = take(office, "cases", "split", split["number"], "--name", "湖畔一", "--why", "另办")
    assert [line["name"] for line in one["lines"]] == ["湖畔一"]


def test_cases_are_opened_of_the_review(office: Registry, tmp_path: Path) -> None:
    path = tmp_path / "places.csv"
    rows = "".join(f"{at},街,双溪路,330702000000,119.{60 + at},29.1\n" for at in (1, 2))
    path.write_text(f"编号,类别,名称,区划代码,经度,纬度\n{rows}", "utf-8")
    assert office("import", "places", path, "--dataset", "twice").code == 0
    assert office("names", "review").code == 0
    asked = ("cases", "from-review", "--kind", "renaming", "--division", "330702", "--code", "duplicate")
    opened_now = take(office, *asked)
    assert [each["names"] for each in opened_now["cases"]] == [1]
    again = office(*asked)
    assert again.code != 0
    assert opened_now["cases"][0]["number"] in again.stderr
