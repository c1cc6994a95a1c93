"""Cases from the application to the announcement: who does what, what takes effect, and what is refused."""

import io
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import docx
import openpyxl
import pytest
from sqlalchemy import text

from geo_registry.accounts.actors import Actor, Grant
from geo_registry.cases import announcing, service, writing
from geo_registry.cases.inputs import (
    Amending,
    Announcing,
    Approving,
    CaseChange,
    CommentAnswer,
    Consulting,
    Correcting,
    EnteredCodes,
    Filed,
    LineChange,
    LineClearing,
    NewCase,
    NewComment,
    Sending,
    Split,
    Taking,
)
from geo_registry.cases.papers_kept import NewDocument
from geo_registry.cases.queries import CaseQuery
from geo_registry.cases.service import CaseTold
from geo_registry.cases.wording import sentence
from geo_registry.db.paging import Page
from geo_registry.db.revisions import WHICHEVER, Seen
from geo_registry.db.session import ReadSession, WriteSession, sign
from geo_registry.errors import (
    CaseApproverNeeded,
    CaseDateAhead,
    CaseDatesOutOfOrder,
    CaseEffectFixed,
    CaseElsewhere,
    CaseFindingsOpen,
    CaseIncomplete,
    CaseNothingToAmend,
    CaseNotOpen,
    CasePlaceAbolished,
    CasePlacePending,
    CaseSignedByItsAuthor,
    CaseStepNotOpen,
    CaseUnknown,
    ConsultationOver,
    DocumentRefused,
    HeritageUnprotected,
    NotYourDivision,
    NotYourRole,
    RecordChanged,
)
from geo_registry.heritage import service as heritage
from geo_registry.heritage.inputs import NewEvidence, NewHeritage, NewMeasure
from geo_registry.places import service as places
from geo_registry.places.inputs import NameCorrection, NewExtent, NewPlace, PlaceCorrection
from geo_registry.search import keeping
from geo_registry.vocabulary import (
    CasePaper,
    CaseState,
    CaseStep,
    ConsultationKind,
    DivisionLevel,
    DocumentKind,
    DutyState,
    FindingCode,
    FlawCode,
    HeritageKind,
    HeritageLevel,
    LineState,
    MeasurePurpose,
    PaperFormat,
    PlaceRelationKind,
    PlaceState,
    Role,
)
from tests.factories import make_actor, make_division, operator

TODAY = date(2026, 11, 25)
CITY, COUNTY, NEIGHBOUR = "330700000000", "330702000000", "330703000000"
ROAD = {"type": "LineString", "coordinates": [[119.60, 29.10], [119.62, 29.10]]}
AREA = (119.5, 29.0, 119.8, 29.2)


@pytest.fixture(autouse=True)
def _day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "today", lambda: TODAY)


@pytest.fixture
def office(session: WriteSession) -> "Office":
    make_division(session, CITY, name="金华市", level=DivisionLevel.CITY, box=(119.2, 28.5, 120.8, 29.7))
    make_division(session, COUNTY, name="婺城区", box=AREA)
    make_division(session, NEIGHBOUR, name="金东区", box=(119.8, 29.0, 120.1, 29.2))
    return Office(session)


class Office:
    """A county's registrar and signer, who do what is said, one after the other."""

    def __init__(self, session: WriteSession) -> None:
        self.session = session
        self.day = date(2026, 9, 1)
        self.township = make_actor(Grant(Role.TOWNSHIP, "330702"))
        self.registrar = make_actor(Grant(Role.REGISTRAR, "330702"))
        self.signer = make_actor(Grant(Role.SIGNER, "330702"))

    def by(self, actor: Actor) -> WriteSession:
        sign(self.session, actor=actor)
        return self.session

    def open(self, *names: dict[str, Any], actor: Actor | None = None, **over: Any) -> CaseTold:
        values = {
            "kind": "naming",
            "title": "关于命名仙源湖路的申请",
            "division": COUNTY,
            "applicant": "某街道办事处",
            "plan": "拟命名仙源湖路",
            "reasons": "新建道路投入使用",
            "names": names or (road("仙源湖路"),),
        }
        actor = actor or self.township
        return service.open_case(self.by(actor), NewCase.model_validate(values | over), actor=actor)

    def step(self, case: UUID, step: CaseStep, taking: Taking | None = None) -> CaseTold:
        verb, actor = self._verb(step)
        told: CaseTold = verb(self.by(actor), case, step, taking or Taking(on=self.day), seen=WHICHEVER, actor=actor)
        return told

    def _verb(self, step: CaseStep) -> Any:
        for verb, actor, steps in (
            (service.submit, self.township, {CaseStep.SUBMIT, CaseStep.WITHDRAW}),
            (service.sign, self.signer, {CaseStep.REVIEW, CaseStep.SIGN, CaseStep.SEND_BACK}),
            (service.decide, self.signer, {CaseStep.APPROVE, CaseStep.REJECT}),
            (
                service.follow_up,
                self.registrar,
                {CaseStep.FILE, CaseStep.FILED, CaseStep.FILING_RETURNED, CaseStep.ANNOUNCE, CaseStep.CORRECT},
            ),
        ):
            if step in steps:
                return verb, actor
        return service.handle, self.registrar

    def settle(self, case: UUID) -> None:
        """Let every name stand, with a reason."""
        for line, findings in service.check_case(self.session, case, actor=self.registrar).items():
            for code, other in dict.fromkeys((each.finding.code, each.other) for each in findings if each.counts):
                settling = LineClearing(code=code, collides_name=other, reason="核实无误")
                service.clear_finding(self.by(self.registrar), case, line, settling, actor=self.registrar)

    def signed(self, case: UUID) -> CaseTold:
        self.step(case, CaseStep.SUBMIT)
        self.step(case, CaseStep.CHECK)
        self.settle(case)
        self.step(case, CaseStep.HANDLE)
        self.step(case, CaseStep.REVIEW)
        return self.step(case, CaseStep.SIGN)

    def approved(self, case: UUID, on: date = TODAY, number: str = "金政地名〔2026〕12号") -> CaseTold:
        self.signed(case)
        return self.step(case, CaseStep.APPROVE, Taking(on=on, number=number))

    def paper(self, case: UUID, paper: CasePaper) -> str:
        """What a paper of a case says, a paragraph a line."""
        made = service.draft_paper(self.session, case, paper, PaperFormat.DOCX, actor=self.registrar)
        return "\n".join(each.text for each in docx.Document(io.BytesIO(made.content)).paragraphs)

    def street(self, name: str, **over: Any) -> UUID:
        values = {"class": "street", "name": name, "geometry": ROAD, "division": COUNTY} | over
        new = NewPlace.model_validate(values)
        place = places.register_place(self.by(operator()), new, actor=operator()).place.id
        # As it is when a unit of work is committed.
        keeping.make_now(self.session)
        return place


def road(name: str, **over: Any) -> dict[str, Any]:
    at = 29.05 + (sum(map(ord, name)) % 100) / 1000
    values = {
        "name": name,
        "class": "street",
        "geometry": {"type": "LineString", "coordinates": [[119.60, at], [119.62, at]]},
        "detail": {"begins_at": "甲点", "ends_at": "乙点", "length_m": 1520, "width_m": 24, "surface": "沥青"},
        "meaning": "路近仙源湖",
    }
    return {key: value for key, value in (values | over).items() if value is not None}


def test_a_case_goes_from_the_application_to_the_announcement(office: Office) -> None:
    told = office.open()
    case = told.case.id
    assert (told.case.number, told.case.state) == ("330702-2026-0001", CaseState.DRAFT)
    assert told.case.approver.value == "government"
    assert told.open_steps[0] is CaseStep.SUBMIT
    signed = office.signed(case)
    assert signed.lines[0].place is None
    approved = office.step(case, CaseStep.APPROVE, Taking(on=date(2026, 11, 20), number="金政地名〔2026〕12号"))
    line = approved.lines[0]
    assert line.state is LineState.IN_FORCE
    assert line.place is not None
    place = places.tell_place(office.session, line.place)
    name = place.standard_name(date(2026, 11, 20))
    assert name is not None
    assert (name.name, name.naming, name.status) == ("仙源湖路", "decided", "approved")
    assert place.standard_name(date(2026, 11, 19)) is None
    assert place.place.division_code == COUNTY
    # Fifteen plain days from the approval, whichever day it was entered.
    assert approved.case.filing_due_on == approved.case.announcement_due_on == date(2026, 12, 5)
    assert approved.case.due_on == date(2026, 12, 5)

    announced = office.step(case, CaseStep.ANNOUNCE, Announcing(on=TODAY, number="2026年第12号"))
    assert (announced.case.announcing, announced.case.filing) == (DutyState.DONE, DutyState.DUE)
    row, said = service.get_announcement(office.session, announced.announcements[0].id)
    assert (row.number, said.office, said.approving_body) == ("2026年第12号", "金华市民政局", "金华市人民政府")
    assert [(each.name, each.romanized, each.division) for each in said.names] == [
        ("仙源湖路", "Xiānyuánhú Lù", "婺城区")
    ]
    office.step(case, CaseStep.FILE, Taking(on=TODAY, number="婺民〔2026〕9号"))
    done = office.step(
        case, CaseStep.FILED, Filed(on=TODAY, number="浙备〔2026〕3号", codes={line.id: "33070200122100000001"})
    )
    assert not done.case.is_open
    assert done.case.due_on is None
    assert places.get_place(office.session, line.place).national_code == "33070200122100000001"
    decision = service.decisions_of(office.session, line.place)[0]
    assert (decision.approval_number, decision.filing_number, decision.announced_on) == (
        "金政地名〔2026〕12号",
        "浙备〔2026〕3号",
        TODAY,
    )
    assert [step.step for step in done.steps][:3] == [CaseStep.SUBMIT, CaseStep.CHECK, CaseStep.HANDLE]


def test_the_public_is_told_the_receipts_number_alone(office: Office) -> None:
    case = office.open().case.id
    office.approved(case)
    office.step(case, CaseStep.FILE, Taking(on=TODAY, number="婺民〔2026〕9号"))
    told = office.step(case, CaseStep.FILED, Filed(on=TODAY, codes={}))
    assert told.lines[0].place is not None
    decision = service.decisions_of(office.session, told.lines[0].place)[0]
    assert (told.case.filing_number, decision.filing_number, decision.filed_on) == ("", "", TODAY)


def test_codes_are_entered_whenever_they_come_back(office: Office) -> None:
    case = office.open(road("仙源湖路"), road("北山路")).case.id
    approved = office.approved(case)
    line = approved.lines[1]
    given = EnteredCodes(codes={line.id: "33070200122100000001"})

    def enter(actor: Actor, seen: Seen = WHICHEVER) -> CaseTold:
        return service.enter_codes(office.by(actor), case, given, seen=seen, actor=actor)

    with pytest.raises(NotYourRole):
        enter(office.township)
    told = enter(office.registrar)
    assert line.place is not None
    assert places.get_place(office.session, line.place).national_code == "33070200122100000001"
    assert told.case.version != approved.case.version
    with pytest.raises(RecordChanged):
        enter(office.registrar, Seen(frozenset({approved.case.version})))
    open_one = office.open(road("南山路"))
    with pytest.raises(CaseNotOpen):
        service.enter_codes(
            office.by(office.registrar), open_one.case.id, given, seen=WHICHEVER, actor=office.registrar
        )


def test_what_was_mistyped_is_amended_by_a_step_of_its_own(office: Office) -> None:
    case = office.open().case.id
    office.approved(case, on=date(2026, 11, 1), number="12号")
    office.step(case, CaseStep.FILE, Taking(on=date(2026, 11, 20), number="9号", note="材料补齐较晚"))
    office.step(case, CaseStep.FILED, Filed(on=TODAY, number="3号", codes={}))

    def amend(actor: Actor, **values: Any) -> CaseTold:
        amending = Amending.model_validate(values | {"why": "录错"})
        return service.amend(office.by(actor), case, amending, seen=WHICHEVER, actor=actor)

    with pytest.raises(NotYourRole):
        amend(office.registrar, step="approve", number="21号")
    amend(office.signer, step="approve", number="21号")
    amend(office.signer, step="file", on=date(2026, 11, 10))
    told = amend(office.signer, step="filed", number="33号", on=date(2026, 11, 12))
    assert (told.case.approval_number, told.case.filed_on, told.case.filing_number) == (
        "21号",
        date(2026, 11, 12),
        "33号",
    )
    filing = next(each for each in told.dues if each.duty.value == "filing")
    assert (filing.done_on, filing.late_by(TODAY)) == (date(2026, 11, 10), 0)
    assert told.lines[0].place is not None
    decision = service.decisions_of(office.session, told.lines[0].place)[0]
    assert (decision.approval_number, decision.filed_on, decision.filing_number) == (
        "21号",
        date(2026, 11, 12),
        "33号",
    )
    # What was entered first stays written.
    assert [(each.step.value, each.amends and each.amends.value, each.number) for each in told.steps[-6:]] == [
        ("approve", None, "12号"),
        ("file", None, "9号"),
        ("filed", None, "3号"),
        ("amend", "approve", "21号"),
        ("amend", "file", "9号"),
        ("amend", "filed", "33号"),
    ]
    with pytest.raises(CaseEffectFixed):
        amend(office.signer, step="approve", on=date(2026, 11, 2))
    with pytest.raises(CaseNothingToAmend):
        amend(office.signer, step="announce", number="1号")
    with pytest.raises(CaseNothingToAmend):
        amend(office.signer, step="filed", number="33号")
    with pytest.raises(CaseDateAhead):
        amend(office.signer, step="filed", on=TODAY + timedelta(days=1))


def test_a_notice_of_one_day_is_taken_and_told_of(office: Office) -> None:
    case = office.open().case.id
    office.step(case, CaseStep.SUBMIT)
    office.step(case, CaseStep.CHECK)
    told = office.step(case, CaseStep.CONSULT, Consulting(on=TODAY, until=TODAY + timedelta(days=1)))
    assert [(each.code.value, each.severity.value) for each in told.notices] == [("consultation-short", "warning")]
    assert "未核实" in told.notices[0].message("zh")
    assert "not verified" in told.notices[0].message("en")


def test_a_term_that_ends_on_a_day_off_is_told_of(office: Office) -> None:
    case = office.open().case.id
    # Fifteen days from Friday 20 November 2026 end on a Saturday.
    told = office.approved(case, on=date(2026, 11, 20))
    assert [each.code.value for each in told.notices] == ["last-day-off"] * 2
    assert "2026-12-07" in told.notices[0].message("zh")
    assert "《民法典》第二百零三条，未核实" in told.notices[0].message("zh")


def test_who_approves_a_natural_village_is_asked_for_and_said_to_be_not_verified(office: Office) -> None:
    village = road("上村", **{"class": "village"}, detail={}, geometry={"type": "Point", "coordinates": [119.6, 29.1]})
    with pytest.raises(CaseApproverNeeded) as refused:
        office.open(village)
    assert "未核实" in refused.value.message("zh")
    told = office.open(village, approver="government")
    assert [each.code.value for each in told.notices] == ["approver-unverified"]


def test_what_is_announced_is_corrected_by_another_announcement(office: Office) -> None:
    case = office.open().case.id
    office.approved(case)
    office.step(case, CaseStep.ANNOUNCE, Announcing(on=TODAY, number="12号"))
    told = office.step(case, CaseStep.CORRECT, Correcting(on=TODAY, number="13号", note="长度有误"))
    first, second = told.announcements
    assert (first.corrected_by, second.corrects) == (second.id, first.id)
    assert service.get_announcement(office.session, second.id)[1].corrects == "12号"


def test_a_correction_says_what_was_corrected_and_not_what_the_case_said(office: Office) -> None:
    case = office.open().case.id
    place = office.approved(case).lines[0].place
    assert place is not None
    first = office.step(case, CaseStep.ANNOUNCE, Announcing(on=TODAY, number="12号")).announcements[-1]
    by = office.registrar
    corrected = PlaceCorrection.model_validate(
        {"detail": {"begins_at": "丙点", "width_m": 30, "surface": None}, "why": "起点笔误"}
    )
    places.correct_place(office.by(by), place, corrected, seen=WHICHEVER, actor=by)
    (name,) = places.tell_place(office.session, place).names
    spelt = NameCorrection(romanized="Xiānyuán Húlù", meaning="路近仙源湖公园", why="含义有误")
    places.correct_name(office.by(by), place, name.id, spelt, seen=WHICHEVER, actor=by)
    moved = {"type": "LineString", "coordinates": [[119.70, 29.15], [119.72, 29.15]]}
    (extent,) = places.tell_place(office.session, place).extents
    places.withdraw_extent(office.by(by), place, extent.id, "位置有误", actor=by)
    places.set_extent(
        office.by(by), place, NewExtent.model_validate({"geometry": moved, "valid_from": {"day": TODAY}}), actor=by
    )

    drafted, _ = service.draft_announcement(office.session, case, actor=by)
    told = office.step(case, CaseStep.CORRECT, Correcting(on=TODAY, number="13号", note="起点、含义和位置有误"))
    before, after = (
        service.get_announcement(office.session, each)[1].names[0] for each in (first.id, told.announcements[-1].id)
    )
    assert (before.detail["begins_at"], after.detail["begins_at"]) == ("甲点", "丙点")
    assert (after.detail["width_m"], "surface" in after.detail) == (30, False)
    assert (before.romanized, after.romanized) == ("Xiānyuánhú Lù", "Xiānyuán Húlù")
    assert (before.meaning, after.meaning) == ("路近仙源湖", "路近仙源湖公园")
    assert after.lon is not None
    assert abs(after.lon - 119.71) < 0.011
    assert drafted.names[0] == after


def test_a_department_approves_by_its_name_and_no_case_is_stuck_without_it(office: Office) -> None:
    case = office.open(road("仙源湖小区", **{"class": "residential-area"}, detail={})).case.id
    signed = office.signed(case)
    assert (signed.case.approver.value, announcing.body_of(office.session, signed.case)) == ("department", "")
    with pytest.raises(CaseIncomplete, match="approving_body") as refused, office.session.begin_nested():
        office.step(case, CaseStep.APPROVE, Taking(on=TODAY))
    assert "缺批准机关" in refused.value.message("zh")
    body = "金华市住房和城乡建设局"
    told = office.step(case, CaseStep.APPROVE, Approving(on=TODAY, approving_body=body))
    assert told.lines[0].place is not None
    assert service.decisions_of(office.session, told.lines[0].place)[0].body == body
    office.step(case, CaseStep.FILE, Taking(on=TODAY))
    told = office.step(case, CaseStep.ANNOUNCE, Announcing(on=TODAY))
    said = service.get_announcement(office.session, told.announcements[0].id)[1]
    assert (said.approving_body, said.office) == (body, "金华市民政局")


def test_a_district_never_approves_for_its_city(office: Office) -> None:
    """Art. 12 (5): a county and a county-level city approve for themselves, a district does not."""
    for code, name, body, receiver in (
        ("330781000000", "兰溪市", "兰溪市人民政府", "金华市人民政府"),
        ("330723000000", "武义县", "武义县人民政府", "金华市人民政府"),
        ("330110000000", "余杭区", "", "上一级人民政府（材料径送其地名行政主管部门）"),
    ):
        make_division(office.session, code, name=name, box=(120.2, 28.6, 120.6, 28.9))
        row = office.open(road("甲路", geometry=None), division=code, actor=operator()).case
        told = [of(office.session, row) for of in (announcing.body_of, announcing.receiver_of)]
        assert told == [body, receiver]


def test_a_filing_after_its_last_day_says_why(office: Office) -> None:
    case = office.open().case.id
    office.approved(case, on=date(2026, 11, 1))
    with pytest.raises(CaseIncomplete) as refused, office.session.begin_nested():
        office.step(case, CaseStep.FILE, Taking(on=TODAY))
    assert "已逾期 9 天" in refused.value.message("zh")
    office.step(case, CaseStep.FILE, Taking(on=TODAY, note="等待专家论证报告"))
    said = office.paper(case, CasePaper.FILING_REPORT)
    assert "逾期报送的原因" in said
    assert "等待专家论证报告" in said


def test_an_announcement_tells_its_sides_its_channels_and_that_it_ends(office: Office) -> None:
    case = office.open().case.id
    office.approved(case)
    channels = "金华市人民政府网站、《金华日报》"
    told = office.step(case, CaseStep.ANNOUNCE, Announcing(on=TODAY, channels=channels))
    said = service.get_announcement(office.session, told.announcements[0].id)[1]
    assert (said.channels, said.names[0].sides) == (channels, ("西", "东"))
    assert "西起甲点，东至乙点" in sentence(said.names[0], "zh")


def test_each_decision_stands_on_its_own_article(office: Office) -> None:
    old, listed = office.street("旧路"), office.street("酒坊巷")
    case = office.open(
        road("仙源湖路"),
        {"action": "abolish", "place": str(old)},
        {"action": "list", "place": str(listed)},
        road("仙源大桥", **{"class": "bridge", "detail": {}}),
    ).case.id
    drafted, flaws = service.draft_announcement(office.session, case, actor=office.registrar)
    assert [(each.article, each.item) for each in drafted.basis] == [(12, 5), (10, None), (25, None), (12, 7)]
    # The regulations say nothing of abolishing.
    assert [each.code for each in flaws if each.code is FlawCode.BASIS_UNVERIFIED] == [FlawCode.BASIS_UNVERIFIED]


def test_the_filing_papers_tell_what_the_registry_knows_and_what_is_there(office: Office) -> None:
    old = office.street(
        "旧路",
        names=[
            {"name": "前进路", "kind": "former", "valid_from": {"day": "1958-01-01", "precision": "year"}},
            {"name": "老街", "kind": "alias"},
        ],
    )
    change = {"action": "adjust", "place": str(old), "detail": {"begins_at": "甲点", "ends_at": "乙点"}}
    case = office.open(change, kind="adjustment").case.id
    for kind in (DocumentKind.EXPERTS, DocumentKind.APPLICATION):
        paper = NewDocument(kind, f"{kind.value}.pdf", PDF + kind.value.encode())
        service.attach(office.by(office.registrar), case, paper, actor=office.registrar)
    office.approved(case)
    approval = NewDocument(DocumentKind.APPROVAL, "批复.pdf", PDF + b"3", title="金政地名〔2026〕12号批复")
    service.attach(office.by(office.registrar), case, approval, actor=office.registrar)
    line = office.step(case, CaseStep.FILE, Taking(on=TODAY)).lines[0]
    codes = {line.id: "33070200122100000001"}
    office.step(case, CaseStep.FILED, Filed(on=TODAY, number="浙备3号", codes=codes))

    made = service.draft_paper(
        office.session, case, CasePaper.FILING_FORM, PaperFormat.XLSX, actor=office.registrar
    ).content
    rows = [list(each) for each in openpyxl.load_workbook(io.BytesIO(made)).worksheets[0].iter_rows(values_only=True)]
    heads = next(at for at, row in enumerate(rows) if "标准名称" in row)
    card = dict(zip(rows[heads], rows[heads + 1], strict=True))
    assert (card["国家地名代码"], card["别名"], card["登记人"]) == (
        "33070200122100000001",
        "老街",
        office.registrar.name,
    )
    assert card["历史沿革"] == "1958年起称“前进路”"
    # The name stays: it isn't in use since the adjustment.
    assert not card["使用时间"]
    assert card["位置"] == "西起甲点，东至乙点"
    assert (card["东经（起）"], card["东经（止）"]) == (119.6, 119.62)

    report = office.paper(case, CasePaper.FILING_REPORT)
    sent = report[report.index("报送材料") :]
    assert "1. 批准文件：金政地名〔2026〕12号批复" in sent
    assert "3. 专家论证报告" in sent
    assert "综合评估报告" not in sent
    assert "应随附而事项中没有的材料：地名备案表、综合评估报告、征求意见报告" in report
    applied = office.paper(case, CasePaper.APPLICATION)
    enclosed = applied[applied.index("随附材料") :]
    assert "专家论证报告" in enclosed
    assert "批复" not in enclosed


def test_the_report_on_opinions_is_about_the_names_that_were_put_to_the_public(office: Office) -> None:
    told = office.open(road("仙源湖路"), road("仙源山路"))
    case = told.case.id
    office.step(case, CaseStep.SUBMIT)
    office.step(case, CaseStep.CHECK)
    office.step(case, CaseStep.CONSULT, Consulting(on=office.day, until=office.day + timedelta(days=7)))
    office.step(case, CaseStep.CONCLUDE, Taking(on=office.day + timedelta(days=8)))
    first, second = (line.id for line in told.lines)
    for line, change in ((first, {"meaning": "旧有仙源湖"}), (second, {"name": "仙源岭路"})):
        other = LineChange.model_validate(change | {"why": "采纳意见"})
        service.change_name(office.by(office.registrar), case, line, other, seen=WHICHEVER, actor=office.registrar)
    said = office.paper(case, CasePaper.OPINIONS)
    assert "关于仙源湖路等2条道路命名征求意见情况的报告" in said
    asked, changed = said.split("公示后变更")
    assert "仙源山路（" in asked
    assert "仙源岭路" not in asked
    assert "含义：路近仙源湖" in asked
    assert "含义：旧有仙源湖" in changed
    assert "仙源山路：公示后不再列入" in changed
    assert "仙源岭路：公示后增加，未经公示" in changed
    # Whom it was put to, the registry doesn't know.
    assert "婺城区公众" not in said


def test_who_signs_is_another_than_who_handled_it(office: Office) -> None:
    both = make_actor(Grant(Role.REGISTRAR, "330702"), Grant(Role.SIGNER, "330702"))
    case = office.open().case.id
    office.registrar = office.signer = both
    office.step(case, CaseStep.SUBMIT)
    office.step(case, CaseStep.CHECK)
    office.settle(case)
    office.step(case, CaseStep.HANDLE)
    office.step(case, CaseStep.REVIEW)
    with pytest.raises(CaseSignedByItsAuthor):
        office.step(case, CaseStep.SIGN)


def test_no_name_takes_effect_before_its_approval(office: Office) -> None:
    old = office.street("旧路")
    case = office.open({"action": "rename", "place": str(old), "name": "新华路"}).case.id
    office.signed(case)
    assert places.get_place(office.session, old).name == "旧路"
    office.step(case, CaseStep.APPROVE, Taking(on=TODAY))
    assert places.get_place(office.session, old).name == "新华路"
    # What it was called is told of it afterwards too.
    drafted, _ = service.draft_announcement(office.session, case, actor=office.registrar)
    assert [(each.name, each.fate.value) for each in drafted.names[0].former] == [("旧路", "replaced")]


def test_a_refusal_changes_nothing(office: Office) -> None:
    old = office.street("旧路")
    case = office.open({"action": "rename", "place": str(old), "name": "新华路"}).case.id
    office.signed(case)
    told = office.step(case, CaseStep.REJECT, Sending(on=TODAY, note="理由不足"))
    assert (told.case.state, told.open_steps, told.case.filing) == (CaseState.REJECTED, [], None)
    assert places.get_place(office.session, old).name == "旧路"


def test_a_case_returned_twice_goes_on(office: Office) -> None:
    case = office.open().case.id
    for _ in range(2):
        office.step(case, CaseStep.SUBMIT)
        told = office.step(case, CaseStep.RETURN, Sending(on=TODAY, note="请补充资料"))
        assert told.case.state is CaseState.RETURNED
        change = CaseChange(plan="补充后的方案", why="补正")
        service.change_case(office.by(office.township), case, change, seen=WHICHEVER, actor=office.township)
    assert office.approved(case).case.state is CaseState.APPROVED


def test_what_is_submitted_only_the_office_changes(office: Office) -> None:
    case = office.open().case.id
    office.step(case, CaseStep.SUBMIT)
    change = CaseChange(title="别的标题", why="x")
    with pytest.raises(NotYourRole):
        service.change_case(office.by(office.township), case, change, seen=WHICHEVER, actor=office.township)
    told = service.change_case(office.by(office.registrar), case, change, seen=WHICHEVER, actor=office.registrar)
    assert told.case.title == "别的标题"
    office.step(case, CaseStep.CHECK)
    office.settle(case)
    office.step(case, CaseStep.HANDLE)
    with pytest.raises(CaseNotOpen):
        service.change_case(office.by(office.registrar), case, change, seen=WHICHEVER, actor=office.registrar)


def test_two_registrars_on_one_case_do_not_overwrite_each_other(office: Office) -> None:
    told = office.open()
    seen = Seen(frozenset({told.case.version}))
    first = CaseChange(title="甲的标题", why="x")
    service.change_case(office.by(office.registrar), told.case.id, first, seen=seen, actor=office.registrar)
    with pytest.raises(RecordChanged):
        service.submit(
            office.by(office.registrar),
            told.case.id,
            CaseStep.SUBMIT,
            Taking(on=TODAY),
            seen=seen,
            actor=office.registrar,
        )


def test_an_application_has_names_a_plan_and_reasons(office: Office) -> None:
    case = office.open(plan="", reasons="").case.id
    with pytest.raises(CaseIncomplete) as refused:
        office.step(case, CaseStep.SUBMIT)
    assert "第十一条" in refused.value.message("zh")


def test_a_renaming_needs_a_plan_and_has_terms_whatever_its_case_is_called(office: Office) -> None:
    old = office.street("旧路")
    case = office.open(
        {"action": "rename", "place": str(old), "name": "新华路"}, kind="adjustment", plan="", reasons=""
    ).case.id
    with pytest.raises(CaseIncomplete) as refused:
        office.step(case, CaseStep.SUBMIT)
    assert "第十一条" in refused.value.message("zh")
    change = CaseChange(plan="改名", reasons="避免重名", why="补正")
    service.change_case(office.by(office.township), case, change, seen=WHICHEVER, actor=office.township)
    approved = office.approved(case)
    assert approved.case.filing_due_on == approved.case.announcement_due_on == TODAY + timedelta(days=15)


def test_an_end_of_a_name_has_no_term_and_needs_no_plan_whatever_its_case_is_called(office: Office) -> None:
    old = office.street("旧路")
    case = office.open({"action": "abolish", "place": str(old)}, kind="naming", plan="", reasons="").case.id
    approved = office.approved(case)
    assert (approved.case.filing_due_on, approved.case.due_on) == (None, None)


def test_names_that_were_struck_out_ask_for_nothing(office: Office) -> None:
    old = office.street("旧路")
    told = office.open(road("仙源湖路"), {"action": "abolish", "place": str(old)}, plan="", reasons="")
    struck = LineChange(state=LineState.STRUCK, why="不再命名")
    service.change_name(
        office.by(office.township), told.case.id, told.lines[0].id, struck, seen=WHICHEVER, actor=office.township
    )
    assert office.approved(told.case.id).case.filing_due_on is None


def test_no_document_is_of_a_day_that_has_not_come(office: Office) -> None:
    case = office.open().case.id
    with pytest.raises(CaseDateAhead):
        office.step(case, CaseStep.SUBMIT, Taking(on=TODAY + timedelta(days=1)))


def test_a_place_that_waits_for_a_case_is_in_no_other(office: Office) -> None:
    old = office.street("旧路")
    first = office.open({"action": "rename", "place": str(old), "name": "新华路"})
    with pytest.raises(CasePlacePending) as refused:
        office.open({"action": "abolish", "place": str(old)}, kind="abolition")
    assert first.case.number in refused.value.message("zh")
    office.step(first.case.id, CaseStep.WITHDRAW, Sending(on=TODAY, note="不再办理"))
    office.open({"action": "abolish", "place": str(old)}, kind="abolition")


def test_a_county_does_not_reach_for_another_countys_place(office: Office) -> None:
    theirs = office.street(
        "金东路", division=NEIGHBOUR, geometry={"type": "LineString", "coordinates": [[119.9, 29.1], [119.95, 29.1]]}
    )
    with pytest.raises(CaseElsewhere):
        office.open({"action": "rename", "place": str(theirs), "name": "新华路"})
    with pytest.raises(CaseElsewhere):
        office.open(road("东路", geometry={"type": "LineString", "coordinates": [[119.9, 29.1], [119.95, 29.1]]}))
    with pytest.raises(NotYourDivision):
        office.open(division=NEIGHBOUR)


def test_other_counties_do_not_see_a_case(office: Office) -> None:
    case = office.open().case.id
    neighbour = make_actor(Grant(Role.REGISTRAR, "330703"))
    change = CaseChange(title="x", why="x")
    with pytest.raises(NotYourDivision):
        service.change_case(office.by(neighbour), case, change, seen=WHICHEVER, actor=neighbour)
    with ReadSession(office.session.connection(), join_transaction_mode="rollback_only") as reading:
        for read in (service.tell_case, service.check_case):
            with pytest.raises(CaseUnknown):
                read(reading, case, actor=neighbour)
            read(reading, case, actor=office.registrar)
        assert service.list_cases(reading, CaseQuery(), Page(), actor=neighbour).rows == []


def test_what_is_abolished_is_in_no_case(office: Office) -> None:
    old = office.street("旧路")
    case = office.open({"action": "abolish", "place": str(old)}, kind="abolition").case.id
    office.approved(case)
    assert places.get_place(office.session, old).state == PlaceState.ABOLISHED.value
    with pytest.raises(CasePlaceAbolished):
        office.open({"action": "rename", "place": str(old), "name": "新华路"})


def test_findings_wait_for_somebody_who_settles_them(office: Office) -> None:
    office.street("仙源湖路")
    case = office.open().case.id
    office.step(case, CaseStep.SUBMIT)
    office.step(case, CaseStep.CHECK)
    findings = next(iter(service.check_case(office.session, case, actor=office.registrar).values()))
    assert FindingCode.DUPLICATE in {each.finding.code for each in findings}
    with pytest.raises(CaseFindingsOpen):
        office.step(case, CaseStep.HANDLE)
    office.settle(case)
    office.step(case, CaseStep.HANDLE)


def test_names_of_one_case_are_told_apart_too(office: Office) -> None:
    told = office.open(road("仙源湖路"), road("仙元湖路"), road("北山路"))
    found = service.check_case(office.session, told.case.id, actor=office.registrar)
    alike = {
        line.name: {each.other for each in found[line.id] if each.finding.code is FindingCode.HOMOPHONE}
        for line in told.lines
    }
    assert alike == {"仙源湖路": {"仙元湖路"}, "仙元湖路": {"仙源湖路"}, "北山路": set()}


def test_a_name_that_a_case_frees_may_be_given_in_it(office: Office) -> None:
    old = office.street("仙源湖路")
    told = office.open({"action": "rename", "place": str(old), "name": "北山路"}, road("仙源湖路"))
    found = service.check_case(office.session, told.case.id, actor=office.registrar)
    assert not [each for those in found.values() for each in those if each.finding.code is FindingCode.DUPLICATE]


def test_lines_are_changed_struck_out_and_had_again(office: Office) -> None:
    told = office.open(road("仙源湖路"), road("北山路"))
    case, line = told.case.id, told.lines[0].id

    def change(**values: Any) -> CaseTold:
        said = LineChange.model_validate(values | {"why": "核实"})
        return service.change_name(office.by(office.township), case, line, said, seen=WHICHEVER, actor=office.township)

    changed = change(name="仙湖路", detail={"width_m": None, "length_m": 900}).lines[0]
    assert (changed.name, changed.detail.get("width_m"), changed.detail["length_m"]) == ("仙湖路", None, 900)
    assert change(state="struck").lines[0].state is LineState.STRUCK
    assert change(state="open").lines[0].state is LineState.OPEN
    change(state="struck")
    approved = office.approved(case)
    assert [each.state for each in approved.lines] == [LineState.STRUCK, LineState.IN_FORCE]
    assert approved.lines[0].place is None


def test_a_case_is_split(office: Office) -> None:
    told = office.open(road("仙源湖路"), road("北山路"), road("南山路"))
    split = Split(lines=(told.lines[1].id,), why="待核实")
    new = service.split_case(office.by(office.registrar), told.case.id, split, seen=WHICHEVER, actor=office.registrar)
    assert [line.name for line in new.lines] == ["北山路"]
    left = service.tell_case(office.session, told.case.id, actor=office.registrar)
    assert [line.name for line in left.lines] == ["仙源湖路", "南山路"]
    assert new.case.number != left.case.number


def test_old_roads_are_absorbed_split_and_kept(office: Office) -> None:
    absorbed, split, longer = office.street("小弄"), office.street("老街"), office.street("长街")
    new_reach = {"type": "LineString", "coordinates": [[119.60, 29.10], [119.66, 29.10]]}
    told = office.open(
        road("东街", splits=[str(split)]),
        road("西街", splits=[str(split)], absorbs=[str(absorbed)]),
        {"action": "adjust", "place": str(longer), "geometry": new_reach, "detail": {"length_m": 6000}},
    )
    approved = office.approved(told.case.id, on=date(2026, 11, 1))
    east, west, kept = (line.place for line in approved.lines)
    assert east is not None
    assert west is not None
    assert kept == longer
    for ended in (absorbed, split):
        assert places.get_place(office.session, ended).state == PlaceState.ABOLISHED.value
    relations = {
        (each.kind, each.other_name) for each in places.tell_place(office.session, west).relations if not each.inverse
    }
    assert relations == {
        (PlaceRelationKind.SPLIT_FROM.value, "老街"),
        (PlaceRelationKind.MERGED_FROM.value, "小弄"),
    }
    place = places.tell_place(office.session, longer)
    assert place.place.name == "长街"
    assert len(place.extents) == 2
    assert place.place.detail["length_m"] == 6000


def test_terms_run_from_the_filing_where_a_department_approved(office: Office) -> None:
    case = office.open(
        road("金色家园", **{"class": "residential-area"}, detail={}), approving_body="金华市住房和城乡建设局"
    ).case
    assert case.approver.value == "department"
    approved = office.approved(case.id, on=date(2026, 11, 10))
    assert (approved.case.filing_due_on, approved.case.announcement_due_on) == (date(2026, 11, 25), None)
    filed = office.step(case.id, CaseStep.FILE, Taking(on=date(2026, 11, 20)))
    assert filed.case.announcement_due_on == date(2026, 12, 5)


def test_the_inbox_has_what_is_late_first(office: Office) -> None:
    late, calm = office.open(road("仙源湖路")).case.id, office.open(road("北山路")).case.id
    office.approved(late, on=date(2026, 10, 1))
    rows, sums = service.inbox(office.by(office.registrar), CaseQuery(open=True), actor=office.registrar)
    assert [row.id for row in rows] == [late, calm]
    assert (sums.late, sums.by_state[CaseState.APPROVED]) == (1, 1)


def test_a_consultation_takes_what_people_say_and_answers_it(office: Office) -> None:
    case = office.open().case.id
    office.step(case, CaseStep.SUBMIT)
    office.step(case, CaseStep.CHECK)
    told = office.step(case, CaseStep.CONSULT, Consulting(on=TODAY, until=TODAY + timedelta(days=7)))
    consultation = told.consultations[0]
    assert told.case.due_on == TODAY + timedelta(days=7)
    assert [each["name"] for each in consultation.names] == ["仙源湖路"]
    anybody = make_actor()
    number = service.comment(
        office.by(anybody), consultation.id, NewComment(said="建议叫仙湖路", person="张三", reach="138"), actor=anybody
    )
    assert service.answered(office.session, number).outcome.value == "received"
    with pytest.raises(NotYourRole):
        service.list_comments(office.session, consultation.id, Page(), actor=office.township)
    office.by(office.registrar)
    comment = service.list_comments(office.session, consultation.id, Page(), actor=office.registrar).rows[0]
    assert (comment.said, comment.person) == ("建议叫仙湖路", "张三")
    answer = CommentAnswer.model_validate({"outcome": "not-adopted", "answer": "与他路重名"})
    service.answer_comment(
        office.by(office.registrar), consultation.id, comment.id, answer, seen=WHICHEVER, actor=office.registrar
    )
    assert service.answered(office.session, number).answer == "与他路重名"
    with pytest.raises(CaseStepNotOpen):
        office.step(case, CaseStep.HANDLE)


def test_names_are_called_for_while_the_case_has_working_ones(office: Office) -> None:
    told = office.open(road("规划一路", working=True))
    case, line = told.case.id, told.lines[0].id
    assert told.lines[0].working
    office.step(case, CaseStep.SUBMIT)
    office.step(case, CaseStep.CHECK)
    until = TODAY + timedelta(days=3)
    with pytest.raises(CaseIncomplete) as refused:
        office.step(case, CaseStep.CONSULT, Consulting(on=TODAY, until=until))
    assert "规划一路" in refused.value.message("zh")
    asked = office.step(case, CaseStep.CONSULT, Consulting(on=TODAY, until=until, kind=ConsultationKind.CALL))
    anybody = make_actor()
    for name in ("仙源湖路", "湖滨路", "仙源湖路", ""):
        service.comment(
            office.by(anybody),
            asked.consultations[0].id,
            NewComment(said="我的建议", proposed_name=name),
            actor=anybody,
        )
    office.by(office.registrar)
    said = service.list_comments(office.session, asked.consultations[0].id, Page(), actor=office.registrar).rows
    assert service.proposed_of(said) == [("仙源湖路", 2), ("湖滨路", 1)]
    office.step(case, CaseStep.RETURN, Sending(on=TODAY, note="按征集结果拟定名称"))
    office.step(case, CaseStep.SUBMIT)
    office.step(case, CaseStep.CHECK)
    office.settle(case)
    with pytest.raises(CaseIncomplete):
        office.step(case, CaseStep.HANDLE)
    change = LineChange(name="仙源湖路", why="征集所得")
    changed = service.change_name(
        office.by(office.registrar), case, line, change, seen=WHICHEVER, actor=office.registrar
    )
    assert not changed.lines[0].working
    office.settle(case)
    assert office.step(case, CaseStep.HANDLE).case.state is CaseState.HANDLED


def test_a_consultation_that_is_over_takes_nothing(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    case = office.open().case.id
    office.step(case, CaseStep.SUBMIT)
    office.step(case, CaseStep.CHECK)
    told = office.step(case, CaseStep.CONSULT, Consulting(on=TODAY, until=TODAY + timedelta(days=7)))
    monkeypatch.setattr(writing, "today", lambda: TODAY + timedelta(days=8))
    anybody = make_actor()
    with pytest.raises(ConsultationOver):
        service.comment(office.by(anybody), told.consultations[0].id, NewComment(said="晚了"), actor=anybody)
    concluded = office.step(case, CaseStep.CONCLUDE, Taking(on=TODAY + timedelta(days=8)))
    assert concluded.consultations[0].closed_on == TODAY + timedelta(days=8)
    assert concluded.case.state is CaseState.CHECKED


@pytest.mark.parametrize("step", [CaseStep.WITHDRAW, CaseStep.RETURN])
def test_a_case_that_goes_no_farther_is_before_the_public_no_more(office: Office, step: CaseStep) -> None:
    case = office.open().case.id
    office.step(case, CaseStep.SUBMIT)
    office.step(case, CaseStep.CHECK)
    asked = office.step(case, CaseStep.CONSULT, Consulting(on=TODAY, until=TODAY + timedelta(days=7)))
    told = office.step(case, step, Sending(on=TODAY, note="不再办理"))
    assert [each.closed_on for each in told.consultations] == [TODAY]
    anybody = make_actor()
    with pytest.raises(ConsultationOver):
        service.comment(office.by(anybody), asked.consultations[0].id, NewComment(said="晚了"), actor=anybody)


PDF = b"%PDF-1.7\nx"


def test_papers_are_kept_once_and_given_back(office: Office) -> None:
    case = office.open().case.id
    new = NewDocument(DocumentKind.EXPERTS, "C:\\论证\\专家论证.pdf", PDF)
    first = service.attach(office.by(office.township), case, new, actor=office.township)
    assert (first.file_name, first.media_type, first.title) == ("专家论证.pdf", "application/pdf", "专家论证报告")
    assert service.attach(office.by(office.township), case, new, actor=office.township).id == first.id
    office.by(office.registrar)
    assert service.read_document(office.session, case, first.id, actor=office.registrar)[1] == PDF
    service.withdraw_document(office.by(office.township), case, first.id, "传错了", actor=office.township)
    assert service.tell_case(office.session, case, actor=office.registrar).documents == []


@pytest.mark.parametrize(
    ("name", "content"), [("a.pdf", b""), ("a.pdf", b"<html>"), ("a.html", PDF), ("a.docx", PDF), ("a", PDF)]
)
def test_other_files_are_refused(office: Office, name: str, content: bytes) -> None:
    case = office.open().case.id
    with pytest.raises(DocumentRefused):
        service.attach(
            office.by(office.township), case, NewDocument(DocumentKind.OTHER, name, content), actor=office.township
        )


def test_what_was_settled_in_the_case_is_settled_in_the_registry(office: Office) -> None:
    other = office.street("仙源湖路")
    case = office.open().case.id
    place = office.approved(case).lines[0].place
    assert place is not None
    settled = text(
        "SELECT code, collides_with, reason FROM finding_clearance WHERE place_id = :place AND code = 'duplicate'"
    )
    kept = office.session.execute(settled, {"place": place}).one()
    assert tuple(kept) == ("duplicate", other, "核实无误")


def test_an_unknown_case_is_told(office: Office) -> None:
    with pytest.raises(CaseUnknown):
        service.tell_case(office.session, uuid4(), actor=office.registrar)


def test_a_listed_name_is_not_given_up_before_its_measures(office: Office) -> None:
    old = office.street("酒坊巷")
    session = office.by(operator())
    new = NewHeritage(name="酒坊巷", kind=HeritageKind.OLD_STREET, level=HeritageLevel.COUNTY, place=old)
    proposed = heritage.propose_heritage(session, new, actor=operator()).heritage.id
    heritage.add_evidence(session, proposed, NewEvidence(what="县志"), actor=operator())
    listing = office.open({"action": "list", "place": str(old)}, kind="heritage").case.id
    assert "酒坊巷" in [line.name for line in office.approved(listing, on=date(2026, 10, 1)).lines]
    case = office.open({"action": "rename", "place": str(old), "name": "新华路"}, kind="renaming").case.id
    office.step(case, CaseStep.SUBMIT)
    office.step(case, CaseStep.CHECK)
    office.settle(case)
    with pytest.raises(HeritageUnprotected) as refused:
        office.step(case, CaseStep.HANDLE)
    assert "第二十五条" in refused.value.message("zh")
    measure = NewMeasure(purpose=MeasurePurpose.RENAMING, measure="立碑", decided_on=date(2026, 9, 1))
    heritage.add_measure(office.by(operator()), proposed, measure, actor=operator())
    office.step(case, CaseStep.HANDLE)


def test_a_name_that_nobody_proposed_is_not_listed(office: Office) -> None:
    old = office.street("酒坊巷")
    case = office.open({"action": "list", "place": str(old)}, kind="heritage").case.id
    with pytest.raises(CaseIncomplete):
        office.step(case, CaseStep.SUBMIT)


def test_steps_within_the_office_are_no_older_than_the_one_before(office: Office) -> None:
    case = office.open().case.id
    office.step(case, CaseStep.SUBMIT, Taking(on=date(2026, 11, 20)))
    with pytest.raises(CaseDatesOutOfOrder):
        office.step(case, CaseStep.CHECK, Taking(on=date(2026, 11, 1)))
    office.step(case, CaseStep.CHECK, Taking(on=date(2026, 11, 20)))
    with pytest.raises(CaseDatesOutOfOrder) as refused:
        office.step(case, CaseStep.CONSULT, Consulting(on=date(2026, 11, 22), until=date(2026, 11, 21)))
    assert "公示截止" in refused.value.message("zh")
