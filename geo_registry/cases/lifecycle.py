"""How a case goes: which step may follow, and what comes of it. Values in, values out.

The decision is one line, from the draft to the approval or its refusal. With the approval the names take effect, on the
day of the document. Filing and announcement then begin; they run side by side, and neither undoes what was approved.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from geo_registry.errors import (
    CaseDatesOutOfOrder,
    CaseEffectFixed,
    CaseNothingToAmend,
    CaseSignedByItsAuthor,
    CaseStepNotOpen,
)
from geo_registry.vocabulary import Approver, CaseState, CaseStep, Duty, DutyState, NameAction

DECIDING: Mapping[CaseState, Mapping[CaseStep, CaseState]] = {
    CaseState.DRAFT: {CaseStep.SUBMIT: CaseState.SUBMITTED, CaseStep.WITHDRAW: CaseState.WITHDRAWN},
    CaseState.SUBMITTED: {
        CaseStep.CHECK: CaseState.CHECKED,
        CaseStep.RETURN: CaseState.RETURNED,
        CaseStep.WITHDRAW: CaseState.WITHDRAWN,
    },
    CaseState.RETURNED: {CaseStep.SUBMIT: CaseState.SUBMITTED, CaseStep.WITHDRAW: CaseState.WITHDRAWN},
    CaseState.CHECKED: {
        CaseStep.HANDLE: CaseState.HANDLED,
        CaseStep.CONSULT: CaseState.CONSULTING,
        CaseStep.RETURN: CaseState.RETURNED,
        CaseStep.WITHDRAW: CaseState.WITHDRAWN,
    },
    CaseState.CONSULTING: {
        CaseStep.CONCLUDE: CaseState.CHECKED,
        CaseStep.RETURN: CaseState.RETURNED,
        CaseStep.WITHDRAW: CaseState.WITHDRAWN,
    },
    CaseState.HANDLED: {CaseStep.REVIEW: CaseState.REVIEWED, CaseStep.SEND_BACK: CaseState.CHECKED},
    CaseState.REVIEWED: {CaseStep.SIGN: CaseState.SIGNED, CaseStep.SEND_BACK: CaseState.CHECKED},
    CaseState.SIGNED: {
        CaseStep.APPROVE: CaseState.APPROVED,
        CaseStep.REJECT: CaseState.REJECTED,
        # Whoever approves may ask for more.
        CaseStep.RETURN: CaseState.RETURNED,
    },
}
"""The steps of the decision, the one that leads on first; a state that isn't here is an end."""

INTERNAL = frozenset({CaseStep.CHECK, CaseStep.CONSULT, CaseStep.HANDLE, CaseStep.REVIEW, CaseStep.SIGN})
"""Steps within the office, each no older than the one before; an approval comes from outside, by a document of its own."""

FILING: Mapping[DutyState, Mapping[CaseStep, DutyState]] = {
    DutyState.DUE: {CaseStep.FILE: DutyState.SENT},
    DutyState.SENT: {CaseStep.FILED: DutyState.DONE, CaseStep.FILING_RETURNED: DutyState.RETURNED},
    DutyState.RETURNED: {CaseStep.FILE: DutyState.SENT},
}
ANNOUNCING: Mapping[DutyState, Mapping[CaseStep, DutyState]] = {
    DutyState.DUE: {CaseStep.ANNOUNCE: DutyState.DONE},
    DutyState.DONE: {CaseStep.CORRECT: DutyState.CORRECTED},
    DutyState.CORRECTED: {CaseStep.CORRECT: DutyState.CORRECTED},
}
AFTER_APPROVAL: Mapping[Duty, Mapping[DutyState, Mapping[CaseStep, DutyState]]] = {
    Duty.FILING: FILING,
    Duty.ANNOUNCEMENT: ANNOUNCING,
}


Apart = frozenset[tuple[CaseStep, CaseStep]]
HANDLER_APART_FROM_SIGNER: Apart = frozenset({(CaseStep.HANDLE, CaseStep.SIGN)})


@dataclass(frozen=True, slots=True)
class Event:
    """A step that was taken.

    Attributes
    ----------
    on
        The date of the document that it stands on, not of its entry.
    by
        Who took it, by the account's name.
    until
        Of a consultation: the last day on which opinions are taken.
    number
        Of an approval, a filing or an announcement: the document's number; empty where it has none or it isn't known.
    why
        The reason that was given.
    amends
        Of `CaseStep.AMEND`: the step whose date and number these are.
    """

    step: CaseStep
    on: date
    by: str
    until: date | None = None
    number: str = ""
    why: str = ""
    amends: CaseStep | None = None


@dataclass(frozen=True, slots=True)
class Running:
    """A duty after the approval: where it stands, and the dates of its documents."""

    state: DutyState = DutyState.DUE
    sent_on: date | None = None
    """When it was sent last: what was returned was never filed."""
    sent_number: str = ""
    """Under which of the office's own numbers it was sent last."""
    done_on: date | None = None
    number: str = ""
    """Of a filing the receipt's, of an announcement its own."""
    returns: int = 0


@dataclass(frozen=True, slots=True)
class Case:
    """What the events of a case come to.

    Attributes
    ----------
    actions
        What is done to the names of it that aren't struck out: terms hang on that, not on what the case is called.
    apart
        Which steps aren't one person's: whoever took the first doesn't take the second.
    asks_dates
        Whether a document may not be older than what it follows. What was entered once is read as it stands.
    concluded_on
        When the last consultation was, since the case was submitted last.
    """

    actions: frozenset[NameAction]
    approver: Approver
    apart: Apart = HANDLER_APART_FROM_SIGNER
    asks_dates: bool = True
    state: CaseState = CaseState.DRAFT
    submitted_on: date | None = None
    stepped_on: date | None = None
    """The day of the last step of the decision."""
    consulted_until: date | None = None
    concluded_on: date | None = None
    handled_by: str = ""
    reviewed_by: str = ""
    approved_on: date | None = None
    approval_number: str = ""
    filing: Running | None = None
    announcement: Running | None = None

    @property
    def effective_on(self) -> date | None:
        """The day from which its names are in force; None as long as they aren't."""
        return self.approved_on if self.state is CaseState.APPROVED else None

    def duty(self, duty: Duty) -> Running | None:
        """A duty of it; None before the approval."""
        return self.filing if duty is Duty.FILING else self.announcement


def decided_before(
    actions: frozenset[NameAction], approver: Approver, approved_on: date | None, approval_number: str
) -> Case:
    """A case that was decided on before it came here, on a day that may not be known: it is approved, and asks for nothing."""
    return Case(
        actions=actions,
        approver=approver,
        state=CaseState.APPROVED,
        approved_on=approved_on,
        approval_number=approval_number,
    )


def open_steps(case: Case) -> Sequence[CaseStep]:
    """The steps that may be taken now, the one that leads on first."""
    steps = [*DECIDING.get(case.state, {})]
    for duty, table in AFTER_APPROVAL.items():
        running = case.duty(duty)
        steps += table.get(running.state, {}) if running else ()
    return steps


def advance(case: Case, event: Event) -> Case:
    """The case after one more step.

    Raises
    ------
    CaseStepNotOpen
        It can't be taken now; the error tells which can.
    CaseDatesOutOfOrder
        Its document is older than the one that it follows.
    CaseSignedByItsAuthor
        Whoever handled the case would sign it.
    CaseNothingToAmend, CaseEffectFixed
        It amends a step that wasn't taken; or the day of the approval, from which the names hold.
    """
    if event.step is CaseStep.AMEND:
        return _amended(case, event)
    if event.step not in open_steps(case):
        open_now = open_steps(case)
        raise CaseStepNotOpen(
            step_zh=event.step.zh,
            step_en=event.step.en,
            state_zh=case.state.zh,
            state_en=case.state.en,
            open_zh="、".join(each.zh for each in open_now) or "无",
            open_en=", ".join(each.en for each in open_now) or "none",
        )
    if event.step in DECIDING.get(case.state, {}):
        return _decided(case, event)
    for duty, table in AFTER_APPROVAL.items():
        running = case.duty(duty)
        if running is not None and event.step in table.get(running.state, {}):
            moved = _moved(running, event, table[running.state][event.step], case)
            return replace(case, filing=moved) if duty is Duty.FILING else replace(case, announcement=moved)
    raise AssertionError(event.step)


def replay(case: Case, events: Sequence[Event]) -> Case:
    """The case after all of its events."""
    for event in events:
        case = advance(case, event)
    return case


def _decided(case: Case, event: Event) -> Case:
    if event.step in INTERNAL:
        _in_order(case, case.stepped_on, event.on, event)
    moved = replace(case, state=DECIDING[case.state][event.step], stepped_on=event.on)
    match event.step:
        case CaseStep.SUBMIT:
            return replace(moved, submitted_on=event.on, concluded_on=None)
        case CaseStep.CONSULT:
            _ends_after_it_begins(case, event)
            return replace(moved, consulted_until=event.until or event.on)
        case CaseStep.CONCLUDE:
            _in_order(case, case.consulted_until, event.on, event)
            return replace(moved, concluded_on=event.on)
        case CaseStep.HANDLE | CaseStep.REVIEW | CaseStep.SIGN:
            return _in_the_office(case, moved, event)
        case CaseStep.APPROVE:
            _in_order(case, case.submitted_on, event.on, event)
            _in_order(case, case.concluded_on, event.on, event)
            return replace(
                moved,
                approved_on=event.on,
                approval_number=event.number,
                filing=Running(),
                announcement=Running(),
            )
    return moved


def _in_the_office(case: Case, moved: Case, event: Event) -> Case:
    """The internal steps (承办, 审核, 签发): by whom each was taken, and whether they might."""
    if event.step is CaseStep.HANDLE:
        return replace(moved, handled_by=event.by, reviewed_by="")
    _refuse_own(case, event.step, event.by)
    return replace(moved, reviewed_by=event.by) if event.step is CaseStep.REVIEW else moved


def _moved(running: Running, event: Event, state: DutyState, case: Case) -> Running:
    moved = replace(running, state=state)
    match event.step:
        case CaseStep.FILE:
            _in_order(case, case.approved_on, event.on, event)
            return replace(moved, sent_on=event.on, sent_number=event.number)
        case CaseStep.FILED:
            _in_order(case, running.sent_on, event.on, event)
            return replace(moved, done_on=event.on, number=event.number)
        case CaseStep.FILING_RETURNED:
            _in_order(case, running.sent_on, event.on, event)
            return replace(moved, sent_on=None, sent_number="", returns=running.returns + 1)
        case CaseStep.ANNOUNCE:
            _in_order(case, case.approved_on, event.on, event)
            return replace(moved, done_on=event.on, number=event.number)
        case CaseStep.CORRECT:
            _in_order(case, running.done_on, event.on, event)
            return replace(moved, number=event.number or running.number)
    return moved


def _refuse_own(case: Case, step: CaseStep, by: str) -> None:
    """Raise where somebody would review or sign what they may not, having taken the step before.

    Raises
    ------
    CaseSignedByItsAuthor
        They took a step of the case that isn't to be the same person's.
    """
    for before, who in ((CaseStep.HANDLE, case.handled_by), (CaseStep.REVIEW, case.reviewed_by)):
        if (before, step) in case.apart and who == by:
            raise CaseSignedByItsAuthor(
                name=by, before_zh=before.zh, before_en=before.en, step_zh=step.zh, step_en=step.en
            )


def entered(case: Case, step: CaseStep) -> tuple[date, str] | None:
    """The date and the number of a document that terms run from, as they are known now; None where there is none yet."""
    filing, announcement = case.filing or Running(), case.announcement or Running()
    on, number = {
        CaseStep.APPROVE: (case.effective_on, case.approval_number),
        CaseStep.FILE: (filing.sent_on, filing.sent_number),
        CaseStep.FILED: (filing.done_on, filing.number),
        CaseStep.ANNOUNCE: (announcement.done_on, announcement.number),
    }.get(step, (None, ""))
    return (on, number) if on is not None else None


def _amended(case: Case, event: Event) -> Case:
    """The case with another date or number of a step that was mistyped; where it stands stays."""
    step, filing, announcement = event.amends or CaseStep.AMEND, case.filing, case.announcement
    present = entered(case, step)
    if present is None:
        raise CaseNothingToAmend(step_zh=step.zh, step_en=step.en)
    match step:
        case CaseStep.APPROVE:
            if event.on != present[0]:
                raise CaseEffectFixed(day=present[0])
            return replace(case, approval_number=event.number)
        case CaseStep.ANNOUNCE:
            assert announcement is not None, "it was announced"
            _in_order(case, case.approved_on, event.on, event)
            return replace(case, announcement=replace(announcement, done_on=event.on, number=event.number))
    assert filing is not None, "it was filed"
    if step is CaseStep.FILE:
        _in_order(case, case.approved_on, event.on, event)
        _in_order(case, event.on, filing.done_on or event.on, event)
        return replace(case, filing=replace(filing, sent_on=event.on, sent_number=event.number))
    _in_order(case, filing.sent_on, event.on, event)
    return replace(case, filing=replace(filing, done_on=event.on, number=event.number))


def _ends_after_it_begins(case: Case, event: Event) -> None:
    if case.asks_dates and event.until is not None and event.until < event.on:
        raise CaseDatesOutOfOrder(
            step_zh="公示截止", step_en="end of the consultation", day=event.until, earlier=event.on
        )


def _in_order(case: Case, earlier: date | None, later: date, event: Event) -> None:
    if case.asks_dates and earlier is not None and later < earlier:
        raise CaseDatesOutOfOrder(step_zh=event.step.zh, step_en=event.step.en, day=later, earlier=earlier)
