"""Cases by property: whatever is tried, in whatever order, no name takes effect without approval and nothing undoes it."""

from collections.abc import Sequence
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from geo_registry.cases.lifecycle import AFTER_APPROVAL, DECIDING, Case, Event, advance, entered, open_steps, replay
from geo_registry.cases.terms import dues
from geo_registry.errors import (
    CaseDatesOutOfOrder,
    CaseEffectFixed,
    CaseNothingToAmend,
    CaseSignedByItsAuthor,
    CaseStepNotOpen,
)
from geo_registry.vocabulary import AMENDABLE, Approver, CaseState, CaseStep, Duty, DutyState, NameAction

FIRST = date(2026, 1, 5)
JINHUA = "330702000000"
PEOPLE = ("承办人", "审核人", "签发人")

actions = st.frozensets(st.sampled_from(list(NameAction)))
cases = st.builds(Case, actions=actions, approver=st.sampled_from(list(Approver)))
days = st.integers(0, 400).map(lambda past: FIRST + timedelta(days=past))
tries = st.lists(
    st.builds(Event, step=st.sampled_from(list(CaseStep)), on=days, by=st.sampled_from(PEOPLE), number=st.text(max_size=3)),
    max_size=60,
)  # fmt: skip


def tried(case: Case, events: Sequence[Event]) -> tuple[Case, list[Event]]:
    """The case after those of the events that were taken, and these."""
    taken = []
    for event in events:
        try:
            case = advance(case, event)
        except (CaseStepNotOpen, CaseDatesOutOfOrder, CaseSignedByItsAuthor, CaseNothingToAmend):
            continue
        taken.append(event)
    return case, taken


@st.composite
def walks(draw: st.DrawFn) -> tuple[Case, list[Event]]:
    """A case as an office would have it: steps that are open, days that go on."""
    start = case = draw(cases)
    events: list[Event] = []
    day = FIRST
    for _ in range(draw(st.integers(0, 40))):
        steps = open_steps(case)
        if not steps:
            break
        # The step that leads on more often than not: else few cases are ever approved.
        step = draw(st.sampled_from([*steps, *[steps[0]] * 3]))
        day += timedelta(days=draw(st.integers(0, 20)))
        by = PEOPLE[2] if step is CaseStep.SIGN else PEOPLE[0]
        event = Event(step, day, by, until=day if step is CaseStep.CONSULT else None)
        events.append(event)
        case = advance(case, event)
    return start, events


@given(cases, tries)
def test_no_name_takes_effect_without_approval(case: Case, events: Sequence[Event]) -> None:
    after, taken = tried(case, events)
    approvals = [event for event in taken if event.step is CaseStep.APPROVE]
    assert (after.effective_on is not None) == bool(approvals)
    if approvals:
        (approval,) = approvals
        assert after.effective_on == approval.on
        before = [event.step for event in taken[: taken.index(approval)]]
        assert {CaseStep.SUBMIT, CaseStep.CHECK, CaseStep.HANDLE, CaseStep.REVIEW, CaseStep.SIGN} <= set(before)


@given(cases, tries)
def test_nothing_that_comes_after_undoes_an_approval(start: Case, events: Sequence[Event]) -> None:
    case = replay(start, to_the_approval())
    after, _ = tried(case, events)
    assert (after.state, after.effective_on, after.approval_number) == (
        case.state,
        case.effective_on,
        case.approval_number,
    )


@given(walks())
def test_what_is_open_can_be_taken_and_nothing_else(walk: tuple[Case, list[Event]]) -> None:
    case = replay(*walk)
    late = FIRST + timedelta(days=10_000)
    for step in set(CaseStep) - {CaseStep.AMEND}:
        try:
            advance(case, Event(step, late, "somebody else"))
        except CaseStepNotOpen:
            assert step not in open_steps(case)
        else:
            assert step in open_steps(case)


steps_of_filing = st.lists(st.sampled_from([CaseStep.FILED, CaseStep.FILING_RETURNED]), max_size=6)


@given(actions, st.sampled_from(list(Approver)), steps_of_filing, st.integers(0, 3), st.data())
def test_filing_and_announcement_know_nothing_of_one_another(
    actions: frozenset[NameAction],
    approver: Approver,
    answers: Sequence[CaseStep],
    corrections: int,
    data: st.DataObject,
) -> None:
    approved = replay(Case(actions, approver), to_the_approval())
    filing = []
    for answer in answers:
        filing += [CaseStep.FILE, answer]
        if answer is CaseStep.FILED:
            break
    announcing = [CaseStep.ANNOUNCE, *[CaseStep.CORRECT] * corrections]
    lanes = [
        [Event(step, FIRST + timedelta(days=40 + at), PEOPLE[0]) for at, step in enumerate(steps)]
        for steps in (filing, announcing)
    ]
    one_after_another = replay(approved, [*lanes[0], *lanes[1]])
    order = data.draw(st.permutations([0] * len(lanes[0]) + [1] * len(lanes[1])))
    left = [iter(lane) for lane in lanes]
    mingled = replay(approved, [next(left[lane]) for lane in order])
    assert mingled == one_after_another
    assert dues(mingled, JINHUA) == dues(one_after_another, JINHUA)


@given(walks())
def test_terms_run_from_the_documents_that_the_law_names(walk: tuple[Case, list[Event]]) -> None:
    case = replay(*walk)
    found = {due.duty: due for due in dues(case, JINHUA)}
    assert bool(found) == (case.state is CaseState.APPROVED)
    if not found:
        return
    filing, announcement = found[Duty.FILING], found[Duty.ANNOUNCEMENT]
    if not case.actions & {NameAction.NAME, NameAction.RENAME}:
        assert filing.term is announcement.term is None
        assert filing.late_by(date.max) == announcement.late_by(date.max) == 0
        return
    assert case.approved_on is not None
    assert filing.last_day == case.approved_on + timedelta(days=15)
    assert case.filing is not None
    starts = {
        Approver.GOVERNMENT: case.approved_on,
        Approver.CIVIL_AFFAIRS: case.approved_on,
        Approver.DEPARTMENT: case.filing.sent_on,
        Approver.STATE_DEPARTMENT: case.filing.sent_on,
    }
    begins = starts[case.approver]
    assert announcement.last_day == (begins and begins + timedelta(days=15))


@given(walks(), st.sampled_from(AMENDABLE), days, st.text(max_size=3))
def test_what_is_amended_moves_nothing_but_its_date_and_number(
    walk: tuple[Case, list[Event]], step: CaseStep, on: date, number: str
) -> None:
    case = replay(*walk)
    try:
        amended = advance(case, Event(CaseStep.AMEND, on, "somebody", number=number, amends=step))
    except CaseNothingToAmend:
        assert entered(case, step) is None
        return
    except (CaseEffectFixed, CaseDatesOutOfOrder):
        return
    assert entered(amended, step) == (on, number)
    assert (amended.state, amended.effective_on, open_steps(amended)) == (
        case.state,
        case.effective_on,
        open_steps(case),
    )
    for other in set(AMENDABLE) - {step}:
        assert entered(amended, other) == entered(case, other)


def test_every_state_is_reached_and_every_step_leads_somewhere() -> None:
    reached = {CaseState.DRAFT} | {state for steps in DECIDING.values() for state in steps.values()}
    assert reached == set(CaseState)
    duties = {DutyState.DUE} | {state for table in AFTER_APPROVAL.values() for steps in table.values() for state in steps.values()}  # fmt: skip
    assert duties == set(DutyState)
    tables = [*DECIDING.values(), *(steps for table in AFTER_APPROVAL.values() for steps in table.values())]
    assert {step for steps in tables for step in steps} == set(CaseStep) - {CaseStep.AMEND}


def to_the_approval() -> Sequence[Event]:
    """The shortest way, the approval on the 30th day."""
    line = (CaseStep.SUBMIT, CaseStep.CHECK, CaseStep.HANDLE, CaseStep.REVIEW, CaseStep.SIGN, CaseStep.APPROVE)
    return [
        Event(step, FIRST + timedelta(days=6 * at), PEOPLE[2] if step is CaseStep.SIGN else PEOPLE[0])
        for at, step in enumerate(line)
    ]
