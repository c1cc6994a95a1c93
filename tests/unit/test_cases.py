"""Cases: what a real office does, by when things are due, who approves, where filings go."""

from collections.abc import Sequence
from datetime import date

import pytest

from geo_registry.cases.calendars import Counted, counted, is_working_day, years
from geo_registry.cases.lifecycle import Case, Event, advance, replay
from geo_registry.cases.offices import approval_of, bases_of, filing_to, offices
from geo_registry.cases.terms import Due, dues, terms
from geo_registry.errors import CaseDatesOutOfOrder, CaseSignedByItsAuthor, CaseStepNotOpen
from geo_registry.places.rules import law
from geo_registry.places.rules.findings import LAW, Basis
from geo_registry.vocabulary import (
    Approver,
    CaseKind,
    CaseState,
    CaseStep,
    DayCount,
    Duty,
    DutyState,
    NameAction,
    PlaceClass,
)

YIWU = "330782000000"


def event(step: CaseStep, on: str, by: str = "li", **over: object) -> Event:
    until = over.pop("until", None)
    return Event(step, date.fromisoformat(on), by, until=date.fromisoformat(str(until)) if until else None, **over)  # type: ignore[arg-type]


A_REAL_ONE: Sequence[Event] = (
    event(CaseStep.SUBMIT, "2026-01-05"),
    event(CaseStep.RETURN, "2026-01-06", why="缺平面图"),
    event(CaseStep.SUBMIT, "2026-01-09"),
    event(CaseStep.CHECK, "2026-01-09"),
    event(CaseStep.CONSULT, "2026-01-12", until="2026-01-19"),
    event(CaseStep.CONCLUDE, "2026-01-20"),
    event(CaseStep.HANDLE, "2026-01-21"),
    event(CaseStep.SEND_BACK, "2026-01-22", "wang", why="专家意见未附"),
    event(CaseStep.HANDLE, "2026-01-23"),
    event(CaseStep.REVIEW, "2026-01-23", "wang"),
    event(CaseStep.SIGN, "2026-01-26", "zhao"),
    event(CaseStep.APPROVE, "2026-02-10", number="义政地〔2026〕3号"),
)


def approved(approver: Approver = Approver.GOVERNMENT, kind: CaseKind = CaseKind.NAMING) -> Case:
    return replay(Case(kind, approver), A_REAL_ONE)


def due(case: Case, duty: Duty) -> Due:
    return next(each for each in dues(case, YIWU) if each.duty is duty)


def test_a_case_that_was_returned_and_sent_back_is_approved_all_the_same() -> None:
    case = approved()
    assert case.state is CaseState.APPROVED
    assert case.effective_on == date(2026, 2, 10)
    assert case.approval_number == "义政地〔2026〕3号"


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ((event(CaseStep.APPROVE, "2026-01-05"),), "提交申请、撤回"),
        ((*A_REAL_ONE[:1], event(CaseStep.SIGN, "2026-01-06", "zhao")), "受理、退回补正、撤回"),
        ((*A_REAL_ONE, event(CaseStep.WITHDRAW, "2026-02-11")), "报送备案、发布公告"),
        ((*A_REAL_ONE[:-1], event(CaseStep.REJECT, "2026-02-10", why="重名"), A_REAL_ONE[-1]), "无"),
    ],
    ids=["approved at once", "signed before it was handled", "withdrawn when approved", "approved when refused"],
)
def test_what_an_office_can_not_do_is_refused_with_what_it_can(steps: Sequence[Event], said: str) -> None:
    with pytest.raises(CaseStepNotOpen) as refused:
        replay(Case(CaseKind.NAMING, Approver.GOVERNMENT), steps)
    assert said in refused.value.hint("zh")


def test_whoever_handled_a_case_does_not_sign_it() -> None:
    reviewed = replay(Case(CaseKind.NAMING, Approver.GOVERNMENT), A_REAL_ONE[:10])
    with pytest.raises(CaseSignedByItsAuthor):
        advance(reviewed, event(CaseStep.SIGN, "2026-01-26", "li"))
    alone = replay(Case(CaseKind.NAMING, Approver.GOVERNMENT, two_persons=False), A_REAL_ONE[:10])
    assert advance(alone, event(CaseStep.SIGN, "2026-01-26", "li")).state is CaseState.SIGNED


@pytest.mark.parametrize(
    ("before", "wrong"),
    [
        (A_REAL_ONE[:5], event(CaseStep.CONCLUDE, "2026-01-18")),
        (A_REAL_ONE[:4], event(CaseStep.CONSULT, "2026-01-12", until="2026-01-11")),
        (A_REAL_ONE[:11], event(CaseStep.APPROVE, "2026-01-08")),
        (A_REAL_ONE, event(CaseStep.FILE, "2026-02-09")),
        (A_REAL_ONE, event(CaseStep.ANNOUNCE, "2026-02-09")),
        ((*A_REAL_ONE, event(CaseStep.FILE, "2026-02-12")), event(CaseStep.FILED, "2026-02-11")),
    ],
    ids=[
        "concluded early",
        "ends before it begins",
        "approved before it was asked for",
        "filed",
        "announced",
        "answered",
    ],
)
def test_documents_are_not_older_than_what_they_follow(before: Sequence[Event], wrong: Event) -> None:
    with pytest.raises(CaseDatesOutOfOrder):
        replay(Case(CaseKind.NAMING, Approver.GOVERNMENT), [*before, wrong])


def test_what_a_government_approved_is_filed_and_announced_within_fifteen_plain_days_of_the_approval() -> None:
    filing, announcement = dues(approved(), YIWU)
    # 25 February 2026 is a working day, the 15th to the 23rd are holidays: plain days count them.
    assert (filing.last_day, announcement.last_day) == (date(2026, 2, 25), date(2026, 2, 25))
    assert filing.certain
    assert (filing.late_by(date(2026, 2, 25)), filing.late_by(date(2026, 2, 28))) == (0, 3)


def test_what_a_department_approved_is_announced_within_fifteen_days_of_its_filing() -> None:
    case = approved(Approver.DEPARTMENT)
    waiting = due(case, Duty.ANNOUNCEMENT)
    assert (waiting.last_day, waiting.late_by(date(2030, 1, 1))) == (None, 0)
    sent = advance(case, event(CaseStep.FILE, "2026-03-02"))
    assert due(sent, Duty.ANNOUNCEMENT).last_day == date(2026, 3, 17)
    assert due(sent, Duty.FILING).late_by(date(2026, 3, 20)) == 5
    returned = advance(sent, event(CaseStep.FILING_RETURNED, "2026-03-04", why="材料不齐"))
    assert due(returned, Duty.ANNOUNCEMENT).last_day is None, "what was returned was never filed"
    again = advance(returned, event(CaseStep.FILE, "2026-03-06"))
    assert due(again, Duty.ANNOUNCEMENT).last_day == date(2026, 3, 21)
    assert again.filing is not None
    assert (again.filing.returns, again.filing.state) == (1, DutyState.SENT)


def test_what_the_law_sets_no_term_for_is_never_late() -> None:
    for each in dues(approved(kind=CaseKind.ABOLITION), YIWU):
        assert (each.term, each.last_day, each.late_by(date(2040, 1, 1))) == (None, None, 0)


def test_an_announcement_can_be_corrected_and_keeps_the_day_of_its_first_issue() -> None:
    announced = advance(approved(), event(CaseStep.ANNOUNCE, "2026-02-20", number="2026年第2号"))
    corrected = advance(announced, event(CaseStep.CORRECT, "2026-03-20", why="拼写有误"))
    assert corrected.announcement is not None
    assert (corrected.announcement.state, corrected.announcement.number) == (DutyState.CORRECTED, "2026年第2号")
    assert due(corrected, Duty.ANNOUNCEMENT).late_by(date(2026, 12, 1)) == 0


def test_working_days_leave_out_holidays_and_count_weekends_that_are_worked() -> None:
    # From Friday 18 September 2026: Sunday the 20th is worked, the 25th to 27th and 1 to 7 October are off.
    assert counted(date(2026, 9, 18), 10, DayCount.WORKING).day == date(2026, 10, 9)
    assert counted(date(2026, 9, 18), 10, DayCount.PLAIN) == Counted(date(2026, 9, 28), certain=True)
    assert is_working_day(date(2026, 9, 20))
    assert not is_working_day(date(2026, 9, 25))


def test_years_that_nobody_compared_with_their_notice_say_so() -> None:
    assert not any(year.verified for year in years().values())
    assert not counted(date(2026, 9, 18), 1, DayCount.WORKING).certain
    assert counted(date(2031, 1, 3), 1, DayCount.WORKING) == Counted(date(2031, 1, 6), certain=False)


def test_holidays_fall_into_their_year_and_only_weekends_are_worked_for_them() -> None:
    for number, year in years().items():
        assert {day.year for day in year.off | year.worked} == {number}
        assert not year.off & year.worked
        assert all(day.weekday() >= 5 for day in year.worked)


def test_terms_have_days() -> None:
    with pytest.raises(ValueError, match="has days"):
        counted(date(2026, 1, 1), 0, DayCount.PLAIN)


def test_who_approves_a_street_and_an_estate_and_who_has_to_be_asked() -> None:
    street, estate, seat = map(approval_of, (PlaceClass.STREET, PlaceClass.RESIDENTIAL_AREA, PlaceClass.COMMITTEE_SEAT))
    assert street is not None
    assert estate is not None
    assert seat is not None
    assert (street.approver, estate.approver, seat.approver) == (Approver.GOVERNMENT, Approver.DEPARTMENT, None)
    assert approval_of(PlaceClass.TEMPLE) is None


@pytest.mark.parametrize("approver", list(Approver))
def test_every_filing_goes_somewhere(approver: Approver) -> None:
    office = filing_to(approver)
    assert office.approver is approver
    assert office.label("zh") != office.label("en")


DECIDED_BY = dict.fromkeys(basis for action in NameAction for basis in bases_of(action, PlaceClass.STREET))


@pytest.mark.parametrize(
    "basis",
    [*(term.basis for term in terms()), *(office.basis for office in offices()), *DECIDED_BY],
    ids=lambda basis: f"{basis.cited} {basis.phrase[:12]}",
)
def test_every_article_says_what_it_is_cited_for(basis: Basis) -> None:
    assert basis.law == LAW
    assert basis.phrase in law.cited_text(basis)
