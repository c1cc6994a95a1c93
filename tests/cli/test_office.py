"""`geo-registry cases …`, `consultations …`, `announcements …`: what a case says, its papers, and what the public is asked."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import docx
import pytest

from tests.cli.conftest import Registry

LISTS = "code,name\n330702000000,婺城区\n"
NUMBERS = iter("甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳")
TODAY = date.today()  # noqa: DTZ011 - any day will do
LONG_AGO = (TODAY - timedelta(days=40)).isoformat()


@pytest.fixture(scope="module")
def office(registry: Registry, tmp_path_factory: pytest.TempPathFactory) -> Registry:
    path = Path(tmp_path_factory.mktemp("lists")) / "2023.csv"
    path.write_text(LISTS, encoding="utf-8")
    assert registry("import", "divisions", path, "--vintage", "2023").code == 0
    return registry


@pytest.fixture
def name() -> str:
    """No two cases name the same."""
    return f"仙源{next(NUMBERS)}路"


@pytest.fixture
def case(office: Registry, name: str, tmp_path: Path) -> str:
    path = tmp_path / "names.json"
    line = {
        "name": name,
        "class": "street",
        "detail": {"begins_at": "李渔路", "ends_at": "双龙南街", "length_m": 1520},
        "meaning": "路近仙源湖",
    }
    path.write_text(json.dumps([line]), encoding="utf-8")
    said = ("--kind", "naming", "--division", "330702", "--plan", "x", "--reasons", "x", "--names", path)
    return str(take(office, "cases", "new", f"关于命名{name}的申请", *said)["number"])


def take(office: Registry, *command: str | Path) -> Any:
    """What a command answers in an office of one."""
    done = office(*command, "--json", GEO_CASE_APART="")
    assert done.code == 0, done.stdout + done.stderr
    return done.json


def refused(office: Registry, *command: str | Path) -> str:
    done = office(*command, "--json", GEO_CASE_APART="")
    assert done.code in {1, 2}, done.stdout
    return str(done.json["error"]["code"])


def approved(office: Registry, case: str) -> None:
    take(office, "cases", "submit", case, "--on", LONG_AGO)
    for step in ("check", "handle"):
        take(office, "cases", "handle", case, "--step", step, "--on", LONG_AGO)
    for step in ("review", "sign"):
        take(office, "cases", "sign", case, "--step", step, "--on", LONG_AGO)
    take(
        office,
        "cases",
        "approve",
        case,
        "--on",
        LONG_AGO,
        "--number",
        "金政地名〔2026〕12号",
        "--body",
        "金华市人民政府",
    )


def test_what_a_case_says_is_changed(office: Registry, case: str) -> None:
    changes = ("--title", "关于命名一条道路的申请", "--body", "金华市人民政府", "--approver", "government")
    assert take(office, "cases", "change", case, *changes, "--why", "更正")["title"] == "关于命名一条道路的申请"
    assert refused(office, "cases", "change", case, "--title", "x" * 200, "--why", "更正") == "case-malformed"
    assert office("cases", "change", case, "--title", "x").code == 2, "nobody says why"


def test_names_are_added_from_a_list_and_from_a_table(office: Registry, case: str, name: str, tmp_path: Path) -> None:
    table, named = tmp_path / "names.csv", tmp_path / "more.json"
    table.write_text(f"名称,类别\n{name[:-1]}街,街路巷\n{name[:-1]}巷,?\n", encoding="utf-8")
    told = office("cases", "add-names", case, table, "--json")
    assert (told.code, told.json["refused"], told.json["problems"][0]["row"]) == (1, 1, 2)
    assert "第 2 行" in office("cases", "add-names", case, table).stderr
    assert [line["name"] for line in take(office, "cases", "show", case)["lines"]] == [name]
    added = take(office, "cases", "add-names", case, table, "--skip", "--why", "补充")
    assert [line["name"] for line in added["lines"]] == [name, f"{name[:-1]}街"]
    named.write_text(json.dumps([{"name": f"{name[:-1]}弄", "class": "street"}]), encoding="utf-8")
    assert len(take(office, "cases", "add-names", case, named)["lines"]) == 3
    assert refused(office, "cases", "add-names", case, tmp_path / "none.xlsx") == "file-unreadable"


def test_a_name_is_changed_struck_out_and_restored(office: Registry, case: str, name: str, tmp_path: Path) -> None:
    extent = tmp_path / "road.geojson"
    line = {"type": "LineString", "coordinates": [[119.6, 29.1], [119.62, 29.1]]}
    extent.write_text(json.dumps({"type": "Feature", "properties": {}, "geometry": line}), encoding="utf-8")
    changed = take(
        office, "cases", "change-name", case, name, "--to", f"{name[:-1]}街", "--geometry", extent,
        "--detail", "length_m=1600", "--detail", "ends_at=环城路", "--why", "核实",
    )  # fmt: skip
    assert changed["lines"][0]["name"] == f"{name[:-1]}街"
    assert refused(office, "cases", "change-name", case, name, "--meaning", "x", "--why", "x") == "case-line-unknown"
    assert office("cases", "change-name", case, f"{name[:-1]}街", "--detail", "length_m", "--why", "x").code == 2
    assert take(office, "cases", "strike", case, f"{name[:-1]}街", "--why", "待核实")["lines"][0]["state"] == "struck"
    assert take(office, "cases", "restore", case, f"{name[:-1]}街", "--why", "已核实")["lines"][0]["state"] == "open"
    paper = tmp_path / "announcement.docx"
    take(office, "cases", "paper", case, "announcement", "-o", paper)
    assert "环城路" in "\n".join(each.text for each in docx.Document(str(paper)).paragraphs)


def test_papers_are_made_kept_read_and_taken_out(office: Registry, case: str, tmp_path: Path) -> None:
    paper, kept = tmp_path / "application.docx", tmp_path / "论证.pdf"
    assert take(office, "cases", "paper", case, "application", "--format", "docx", "-o", paper)["bytes"] > 1000
    assert "路" in "\n".join(each.text for each in docx.Document(str(paper)).paragraphs)
    early = refused(office, "cases", "paper", case, "filing-form", "--format", "xlsx", "-o", tmp_path / "x.xlsx")
    assert early == "paper-not-made-so"
    nowhere = tmp_path / "none" / "a.docx"
    assert refused(office, "cases", "paper", case, "application", "-o", nowhere) == "paper-not-written"
    kept.write_bytes(b"%PDF-1.7 x")
    sent = take(office, "cases", "attach", case, kept, "--kind", "experts")
    assert [each["id"] for each in take(office, "cases", "documents", case)] == [sent["id"]]
    assert "论证.pdf" in office("cases", "documents", case).stdout
    take(office, "cases", "document", case, sent["id"], "-o", tmp_path / "read.pdf")
    assert (tmp_path / "read.pdf").read_bytes() == b"%PDF-1.7 x"
    take(office, "cases", "withdraw-document", case, sent["id"], "--why", "重复")
    assert take(office, "cases", "documents", case) == []


def test_the_public_is_asked(office: Registry, case: str, name: str) -> None:
    take(office, "cases", "submit", case)
    take(office, "cases", "handle", case, "--step", "check")
    until = (TODAY + timedelta(days=7)).isoformat()
    asked = ("--kind", "call", "--title", f"征集{name}的名称", "--body", "意见可向民政局提出")
    take(office, "cases", "handle", case, "--step", "consult", "--until", until, *asked)
    listed = [each for each in take(office, "consultations", "list", "--open") if name in each["title"]]
    assert [each["kind"] for each in listed] == ["call"]
    found = listed[0]["id"]
    told = take(office, "consultations", "show", found)
    assert (told["body"], [each["name"] for each in told["names"]]) == ("意见可向民政局提出", [name])
    assert name in office("consultations", "show", found).stdout
    assert take(office, "consultations", "comments", found) == []
    answer = ("--outcome", "adopted", "--answer", "已采纳")
    assert refused(office, "consultations", "answer", found, found, *answer) == "comment-unknown"
    assert refused(office, "consultations", "show", "0f8fad5b-d9cb-469f-a165-70867728950e") == "consultation-unknown"


def test_what_is_to_be_announced_is_listed_and_the_receipt_brings_codes(
    office: Registry, case: str, name: str, tmp_path: Path
) -> None:
    approved(office, case)
    late = office("announcements", "due", "--json")
    assert (late.code, case in [each["number"] for each in late.json]) == (1, True)
    assert f"{case}: " in office("announcements", "due").stdout
    body = "自发布之日起使用。"
    take(office, "cases", "announce", case, "--number", f"{case}号", "--office", "金华市民政局", "--body", body)
    listed = take(office, "announcements", "list", "--text", name)
    told = take(office, "announcements", "show", listed[0]["id"])
    assert (told["office"], told["number"]) == ("金华市民政局", f"{case}号")
    shown = office("announcements", "show", listed[0]["id"]).stdout
    assert body in shown
    assert name in shown
    receipt, wrong = tmp_path / "receipt.csv", tmp_path / "wrong.csv"
    receipt.write_text(f"名称,代码\n{name},33070200122100000001\n", encoding="gb18030")
    wrong.write_text(f"{name},3307\n", encoding="utf-8")
    take(office, "filings", "enter", case, "--step", "file", "--note", "材料补齐较晚")
    filed = ("filings", "enter", case, "--step", "filed", "--number", "浙地名备3号", "--codes")
    assert refused(office, *filed, wrong) == "case-malformed"
    take(office, *filed, receipt)
    place = take(office, "cases", "show", case)["lines"][0]["place"]
    assert place
    assert case not in [each["number"] for each in take(office, "announcements", "due")]
