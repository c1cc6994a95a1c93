"""Fifteen hundred names out of one workbook as one case: checked, split by finding, approved, announced with an annex."""

import io
from datetime import date
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from geo_registry.cases import service, writing
from geo_registry.cases.announced import missing_of
from geo_registry.cases.inputs import Announcing, NewCase, Split, Taking
from geo_registry.cases.papers import annex_xlsx, announcement_docx
from geo_registry.cases.wording import lead
from geo_registry.db.revisions import WHICHEVER
from geo_registry.db.session import Database, WriteSession
from geo_registry.exchange.case_names import NamesCommand
from geo_registry.exchange.service import open_case_from_file
from geo_registry.places import service as places
from geo_registry.vocabulary import CaseState, CaseStep, DivisionLevel, FindingCode, LineState, Severity
from tests.factories import make_division
from tests.integration.test_cases import Office

TODAY, APPROVED = date(2026, 11, 25), date(2026, 11, 18)
COUNTY = "330702000000"
NAMES = 1_500
COLUMNS = ("名称", "类别", "起点", "止点", "长度（米）", "宽度（米）", "路面", "含义", "几何")
WORDS = "云桂兰梅竹松柏枫樟杏桃荷菊莲藤榆槐柳桐枣"
"""Each sounds unlike the others."""
TAKEN = "青枫路"
"""What a street of the registry is called, and one of the workbook."""


def workbook(path: Path) -> Path:
    """Streets of a county, no two of one name, and one as a street is called that is there already."""
    free = [f"{a}{b}{c}路" for a in WORDS[:10] for b in WORDS[:10] for c in WORDS[:15]]
    names = [*free[: NAMES - 1], TAKEN]
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("名单")
    sheet.write_row(0, 0, COLUMNS)
    for at, name in enumerate(names):
        lon, lat = 119.52 + at % 50 * 0.005, 29.02 + at // 50 * 0.005
        drawn = f"LINESTRING({lon:.5f} {lat:.5f},{lon + 0.003:.5f} {lat:.5f})"
        sheet.write_row(at + 1, 0, (name, "街", "村口", "村尾", 291, 12, "水泥", "示例", drawn))
    book.close()
    return path


def test_a_workbook_of_1500_names_is_one_case(
    database: Database, session: WriteSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "today", lambda: TODAY)
    make_division(session, "330700000000", name="金华市", level=DivisionLevel.CITY, box=(119.4, 28.9, 120.2, 29.4))
    make_division(session, COUNTY, name="婺城区", box=(119.5, 29.0, 119.8, 29.2))
    office = Office(session)
    there = office.street(TAKEN)
    new = NewCase.model_validate(
        {"kind": "naming", "title": "农村道路命名", "division": COUNTY, "plan": "名单见附表", "reasons": "乡村著名行动"}
    )
    path = workbook(tmp_path / "名单.xlsx")
    taken = open_case_from_file(database, NamesCommand(path=path), new, actor=office.registrar)
    assert taken.case is not None
    assert (len(taken.case.lines), taken.read.problems) == (NAMES, [])
    case = taken.case.case.id

    found = service.check_case(session, case, actor=office.registrar)
    doubtful = [line for line in taken.case.lines if any(each.counts for each in found[line.id])]
    duplicates = {
        (line.name, each.finding.collides_with.id)
        for line in doubtful
        for each in found[line.id]
        if each.finding.code is FindingCode.DUPLICATE and each.finding.collides_with is not None
    }
    assert duplicates == {(TAKEN, there)}
    split = Split(lines=tuple(line.id for line in doubtful), title="待核实的名称", why="有审查意见")
    waiting = service.split_case(office.by(office.registrar), case, split, seen=WHICHEVER, actor=office.registrar)
    assert {line.name for line in waiting.lines} == {line.name for line in doubtful}

    for step in (CaseStep.SUBMIT, CaseStep.CHECK, CaseStep.HANDLE, CaseStep.REVIEW, CaseStep.SIGN):
        office.step(case, step)
    told = office.step(case, CaseStep.APPROVE, Taking(on=APPROVED, number="婺政发〔2026〕9号"))
    rest = NAMES - len(doubtful)
    assert [line.state for line in told.lines] == [LineState.IN_FORCE] * rest
    assert waiting.case.state is CaseState.DRAFT
    place = told.lines[0].place
    assert place is not None
    assert service.decisions_of(session, place)[0].approval_number == "婺政发〔2026〕9号"
    assert [(each.name, str(each.valid_from)) for each in places.tell_place(session, place).names] == [
        (told.lines[0].name, str(APPROVED))
    ]

    told = office.step(case, CaseStep.ANNOUNCE, Announcing(on=TODAY, number="婺民告〔2026〕3号"))
    _, said = service.get_announcement(session, told.announcements[0].id)
    assert not [flaw for flaw in missing_of(said) if flaw.severity is Severity.ERROR]
    assert "名单见附件" in lead(said, "zh", annexed=True)
    annex = openpyxl.load_workbook(io.BytesIO(annex_xlsx(said))).worksheets[0]
    cells = {cell for row in annex.iter_rows(values_only=True) for cell in row}
    assert {name.name for name in said.names} <= cells
    assert announcement_docx(said).startswith(b"PK")
