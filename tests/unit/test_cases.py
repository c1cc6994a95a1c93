"""Cases: what a real office does, by when things are due, who approves, where filings go."""

from collections.abc import Sequence
from datetime import date

import pytest

from geo_registry.cases.calendars import Counted, counted, is_working_day, years
from geo_registry.cases.lifecycle import Case, Event, advance, replay
from geo_registry.cases.offices import approval_of, bases_of, filing_to, offices
from geo_registry.cases.terms import Due, dues, last_day_off, later_of, shorter_than_usual, terms
from geo_registry.cases.writing import kept_apart
from geo_registry.errors import (
    CaseDatesOutOfOrder,
    CaseEffectFixed,
    CaseNothingToAmend,
    CaseSignedByItsAuthor,
    CaseStepNotOpen,
)
from geo_registry.places.rules import law
from geo_registry.places.rules.findings import LAW, Basis, in_words
from geo_registry.vocabulary import (
    Approver,
    CaseState,
    CaseStep,
    ConsultationKind,
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


NAMED = frozenset({NameAction.NAME})


def approved(approver: Approver = Approver.GOVERNMENT, actions: frozenset[NameAction] = NAMED) -> Case:
    return replay(Case(actions, approver), A_REAL_ONE)


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
        replay(Case(NAMED, Approver.GOVERNMENT), steps)
    assert said in refused.value.hint("zh")


def test_whoever_handled_a_case_does_not_sign_it() -> None:
    reviewed = replay(Case(NAMED, Approver.GOVERNMENT), A_REAL_ONE[:10])
    with pytest.raises(CaseSignedByItsAuthor):
        advance(reviewed, event(CaseStep.SIGN, "2026-01-26", "li"))
    alone = replay(Case(NAMED, Approver.GOVERNMENT, apart=frozenset()), A_REAL_ONE[:10])
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
        replay(Case(NAMED, Approver.GOVERNMENT), [*before, wrong])


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


@pytest.mark.parametrize("action", sorted(set(NameAction) - {NameAction.NAME, NameAction.RENAME}))
def test_what_the_law_sets_no_term_for_is_never_late(action: NameAction) -> None:
    for each in dues(approved(actions=frozenset({action})), YIWU):
        assert (each.term, each.last_day, each.late_by(date(2040, 1, 1))) == (None, None, 0)


@pytest.mark.parametrize("action", [NameAction.NAME, NameAction.RENAME])
def test_one_name_that_is_named_or_renamed_gives_its_case_terms_whatever_else_it_does(action: NameAction) -> None:
    mixed = approved(actions=frozenset({NameAction.ADJUST, NameAction.ABOLISH, action}))
    assert [each.last_day for each in dues(mixed, YIWU)] == [date(2026, 2, 25)] * 2


def test_an_approval_is_not_older_than_the_end_of_the_consultation() -> None:
    concluded = replay(Case(NAMED, Approver.GOVERNMENT), A_REAL_ONE[:11])
    assert concluded.concluded_on == date(2026, 1, 20)
    with pytest.raises(CaseDatesOutOfOrder):
        advance(concluded, event(CaseStep.APPROVE, "2026-01-19"))
    assert advance(concluded, event(CaseStep.APPROVE, "2026-01-20")).state is CaseState.APPROVED


def test_what_was_entered_once_is_read_as_it_stands() -> None:
    early = [*A_REAL_ONE[:11], event(CaseStep.APPROVE, "2026-01-19")]
    assert replay(Case(NAMED, Approver.GOVERNMENT, asks_dates=False), early).approved_on == date(2026, 1, 19)


def test_the_receipts_number_is_none_of_the_offices_own() -> None:
    sent = advance(approved(), event(CaseStep.FILE, "2026-02-12", number="义民〔2026〕9号"))
    filed = advance(sent, event(CaseStep.FILED, "2026-02-13"))
    assert filed.filing is not None
    assert (filed.filing.sent_number, filed.filing.number) == ("义民〔2026〕9号", "")


def amend(step: CaseStep, on: str, number: str = "") -> Event:
    return event(CaseStep.AMEND, on, amends=step, number=number, why="录错")


def test_a_mistyped_filing_is_put_right_and_its_terms_run_anew() -> None:
    sent = advance(approved(Approver.DEPARTMENT), event(CaseStep.FILE, "2026-03-12"))
    assert due(sent, Duty.FILING).late_by(date(2026, 3, 20)) == 15
    right = advance(sent, amend(CaseStep.FILE, "2026-02-12", "9号"))
    assert due(right, Duty.FILING).late_by(date(2026, 3, 20)) == 0
    assert due(right, Duty.ANNOUNCEMENT).last_day == date(2026, 2, 27)
    filed = advance(right, event(CaseStep.FILED, "2026-02-14"))
    with pytest.raises(CaseDatesOutOfOrder):
        advance(filed, amend(CaseStep.FILE, "2026-02-15"))
    with pytest.raises(CaseDatesOutOfOrder):
        advance(filed, amend(CaseStep.FILED, "2026-02-11"))


def test_an_approvals_number_is_amended_and_its_day_is_not() -> None:
    assert advance(approved(), amend(CaseStep.APPROVE, "2026-02-10", "4号")).approval_number == "4号"
    with pytest.raises(CaseEffectFixed):
        advance(approved(), amend(CaseStep.APPROVE, "2026-02-09", "4号"))


@pytest.mark.parametrize("step", [CaseStep.FILE, CaseStep.FILED, CaseStep.ANNOUNCE, CaseStep.SUBMIT])
def test_what_was_not_entered_is_not_amended(step: CaseStep) -> None:
    with pytest.raises(CaseNothingToAmend):
        advance(approved(), amend(step, "2026-02-12"))


@pytest.mark.parametrize(
    ("before", "step", "reviewer"),
    [(CaseStep.HANDLE, CaseStep.REVIEW, "li"), (CaseStep.HANDLE, CaseStep.SIGN, "wang"), (CaseStep.REVIEW, CaseStep.SIGN, "zhao")],
)  # fmt: skip
def test_each_two_of_handling_reviewing_and_signing_can_be_kept_apart(
    before: CaseStep, step: CaseStep, reviewer: str
) -> None:
    signer = "zhao" if before is CaseStep.REVIEW else "li"
    line = [*A_REAL_ONE[:9], event(CaseStep.REVIEW, "2026-01-23", reviewer), event(CaseStep.SIGN, "2026-01-26", signer)]
    assert replay(Case(NAMED, Approver.GOVERNMENT, apart=frozenset()), line).state is CaseState.SIGNED
    with pytest.raises(CaseSignedByItsAuthor) as refused:
        replay(Case(NAMED, Approver.GOVERNMENT, apart=frozenset({(before, step)})), line)
    assert step.zh in refused.value.message("zh")


def test_the_setting_says_which_steps_are_kept_apart() -> None:
    assert kept_apart("handle-sign, review-sign") == {
        (CaseStep.HANDLE, CaseStep.SIGN),
        (CaseStep.REVIEW, CaseStep.SIGN),
    }
    assert kept_apart("") == frozenset()


def test_a_term_that_ends_on_a_day_off_says_when_offices_work_again() -> None:
    # Fifteen days from 10 February end on Wednesday the 25th; from the 6th on Saturday the 21st, in the holidays.
    assert [each.day_off for each in dues(approved(), YIWU)] == [False, False]
    early = replay(Case(NAMED, Approver.GOVERNMENT), [*A_REAL_ONE[:11], event(CaseStep.APPROVE, "2026-02-06")])
    assert [(each.last_day, each.day_off, each.next_working) for each in dues(early, YIWU)] == [
        (date(2026, 2, 21), True, date(2026, 2, 24))
    ] * 2


def test_a_notice_of_less_than_seven_days_is_shorter_than_usual_and_a_call_is_not() -> None:
    opened = date(2026, 11, 20)
    short = shorter_than_usual(ConsultationKind.NOTICE, opened, date(2026, 11, 21), YIWU)
    assert short is not None
    assert not short.basis.verified
    assert shorter_than_usual(ConsultationKind.NOTICE, opened, date(2026, 11, 27), YIWU) is None
    assert shorter_than_usual(ConsultationKind.CALL, opened, date(2026, 11, 21), YIWU) is None


def test_a_citys_own_rules_hold_there_alone_and_say_that_they_were_not_read() -> None:
    (signs,) = later_of(NAMED, "330205000000")
    assert (signs.last_day(date(2026, 11, 20)), signs.basis.verified) == (date(2027, 1, 19), False)
    assert not later_of(NAMED, YIWU)
    assert not later_of(frozenset({NameAction.ABOLISH}), "330205000000")


def test_who_approves_a_natural_village_is_the_provinces_to_say() -> None:
    here, elsewhere = approval_of(PlaceClass.VILLAGE, YIWU), approval_of(PlaceClass.VILLAGE, "440100000000")
    assert here is not None
    assert elsewhere is not None
    assert (here.jurisdiction, here.approver, here.basis.verified) == ("33", None, False)
    assert elsewhere.jurisdiction == ""


def test_what_a_department_of_the_state_council_approved_is_announced_by_a_term_that_says_it_is_not_verified() -> None:
    sent = advance(approved(Approver.STATE_DEPARTMENT), event(CaseStep.FILE, "2026-03-02"))
    announcement = due(sent, Duty.ANNOUNCEMENT)
    assert (announcement.last_day, announcement.certain) == (date(2026, 3, 17), False)


def test_what_is_known_of_terms_that_end_on_a_day_off_is_cited_and_said_to_be_not_verified() -> None:
    assert (last_day_off().cited, last_day_off().verified) == ("《民法典》第二百零三条", False)
    assert [in_words(each) for each in (100, 110, 115, 201)] == ["一百", "一百一十", "一百一十五", "二百零一"]


def test_a_case_that_is_before_the_public_can_be_returned() -> None:
    returned = replay(Case(NAMED, Approver.GOVERNMENT), [*A_REAL_ONE[:5], event(CaseStep.RETURN, "2026-01-15")])
    assert returned.state is CaseState.RETURNED


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
    if not basis.verified:
        assert basis.note
        assert basis.note_en
        return
    assert basis.law == LAW
    assert basis.phrase in law.cited_text(basis)
