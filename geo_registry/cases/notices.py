"""What is told of a case beside what has to be done: warnings that refuse nothing, and what acts without being verified."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from geo_registry.cases import offices, terms
from geo_registry.cases.queries import CaseRow, ConsultationRow, LineRow
from geo_registry.cases.terms import Due
from geo_registry.places.rules.findings import Basis
from geo_registry.vocabulary import CaseState, LineState, NoticeCode, Severity

ENDED = frozenset({CaseState.APPROVED, CaseState.REJECTED, CaseState.WITHDRAWN})


@dataclass(frozen=True, slots=True)
class CaseNotice:
    """Something that whoever handles a case should know.

    Attributes
    ----------
    zh, en
        What it is about, with its days.
    """

    code: NoticeCode
    severity: Severity
    zh: str
    en: str
    basis: Basis

    def message(self, locale: str) -> str:
        """What is to be known, with what it stands on and what of that wasn't verified."""
        words = self.en if locale.startswith("en") else self.zh
        unsure = (", not verified" if locale.startswith("en") else "，未核实") if not self.basis.verified else ""
        noted = self.basis.noted(locale)
        colon = ": " if locale.startswith("en") else "："
        cited = f"{self.basis.cited}{unsure}" + (f"{colon}{noted}" if noted else "")
        return f"{words} [{cited}]" if locale.startswith("en") else f"{words}〔{cited}〕"


def notices_of(
    case: CaseRow, lines: Sequence[LineRow], consultations: Sequence[ConsultationRow], dues: Sequence[Due]
) -> Sequence[CaseNotice]:
    """Everything that is told of a case, the weightiest first."""
    told = [line for line in lines if line.state is not LineState.STRUCK]
    return [
        *_short(case, consultations),
        *(_who_approves(case, told) if case.state not in ENDED else ()),
        *_days_off(dues),
        *_later(case, told),
    ]


def _short(case: CaseRow, consultations: Sequence[ConsultationRow]) -> Iterator[CaseNotice]:
    for each in consultations:
        usual = terms.shorter_than_usual(each.kind, each.opened_on, each.closes_on, case.division_code)
        if usual is not None:
            days = (each.closes_on - each.opened_on).days
            yield CaseNotice(
                NoticeCode.CONSULTATION_SHORT,
                Severity.WARNING,
                f"{each.opened_on}的{each.kind.zh}只有 {days} 天，通常不少于 {usual.days} 天",
                f"the {each.kind.en} of {each.opened_on} takes opinions for {days} days; {usual.days} are usual",
                usual.basis,
            )


def _who_approves(case: CaseRow, lines: Sequence[LineRow]) -> Iterator[CaseNotice]:
    for each in dict.fromkeys(line.place_class for line in lines):
        office = offices.approval_of(each, case.division_code)
        if office is not None and not office.basis.verified:
            yield CaseNotice(
                NoticeCode.APPROVER_UNVERIFIED,
                Severity.NOTE,
                f"“{each.zh}”由谁批准：{office.zh}",
                f"who approves names of a {each.en}: {office.en}",
                office.basis,
            )


def _days_off(dues: Sequence[Due]) -> Iterator[CaseNotice]:
    for due in dues:
        if due.day_off and due.done_on is None:
            yield CaseNotice(
                NoticeCode.LAST_DAY_OFF,
                Severity.NOTE,
                f"{due.duty.zh}期限的末日 {due.last_day} 为节假日或周末，其后首个工作日是 {due.next_working}",
                f"the last day for {due.duty.en}, {due.last_day}, is a day off; offices work again on {due.next_working}",
                terms.last_day_off(),
            )


def _later(case: CaseRow, lines: Sequence[LineRow]) -> Iterator[CaseNotice]:
    if case.state is not CaseState.APPROVED or case.approved_on is None:
        return
    for each in terms.later_of(frozenset(line.action for line in lines), case.division_code):
        by: date = each.last_day(case.approved_on)
        yield CaseNotice(
            NoticeCode.ASKED_LATER,
            Severity.NOTE,
            f"{each.zh}：不晚于 {by}（自批准之日起 {each.days} 个{each.counts.zh}）",
            f"{each.en}: by {by} ({each.days} {each.counts.en} from the approval)",
            each.basis,
        )
