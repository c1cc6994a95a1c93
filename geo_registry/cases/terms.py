"""By when filing and announcement are due: rows by jurisdiction, reckoned from the dates of documents. Values in, values out."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from geo_registry.cases.calendars import counted, is_working_day
from geo_registry.cases.lifecycle import Case
from geo_registry.places.rules.findings import Basis
from geo_registry.places.rules.scopes import basis_of
from geo_registry.vocabulary import Approver, ConsultationKind, DayCount, Duty, DutyState, NameAction, TermStart

TABLE = Path(__file__).with_name("terms.toml")


@dataclass(frozen=True, slots=True)
class Term:
    """A row: within how many days a duty has to be done, and from which document on."""

    key: str
    jurisdiction: str
    duty: Duty
    actions: frozenset[NameAction]
    approvers: frozenset[Approver]
    starts: TermStart
    days: int
    counts: DayCount
    basis: Basis
    source: str

    def holds(self, duty: Duty, case: Case, division: str) -> bool:
        """Whether the row is about that duty of such a case, there."""
        return (
            self.duty is duty
            and not case.actions.isdisjoint(self.actions)
            and case.approver in self.approvers
            and division.startswith(self.jurisdiction)
        )


@dataclass(frozen=True, slots=True)
class Due:
    """A duty of an approved case, and its term.

    Attributes
    ----------
    term
        None where no term is known: then nothing is late.
    last_day
        None also where the term hasn't begun: an announcement that waits for the filing.
    certain
        Whether the term was read where it is set, and the days that it counts are known.
    done_on
        When it was done, by its document: of a filing when it was sent, as long as it wasn't returned.
    day_off
        Whether offices don't work on the last day, as far as the table of holidays knows.
    next_working
        Then the next day on which they do: whether the term reaches so far is told as not verified (`last_day_off`).
    """

    duty: Duty
    state: DutyState
    term: Term | None
    began_on: date | None
    last_day: date | None
    certain: bool
    done_on: date | None
    day_off: bool = False
    next_working: date | None = None

    def late_by(self, today: date) -> int:
        """Days past the last one, of what was done late as of what is still to be done; 0 where it is in time."""
        if self.last_day is None:
            return 0
        return max(0, ((self.done_on or today) - self.last_day).days)


def dues(case: Case, division: str) -> Sequence[Due]:
    """What has to be done after the approval, with its terms; nothing before it.

    Parameters
    ----------
    division
        The code of the division whose rules hold.
    """
    return [_due(case, duty, division) for duty in Duty if case.duty(duty) is not None]


def term_of(duty: Duty, case: Case, division: str) -> Term | None:
    """The row that holds, that of the narrowest jurisdiction; None where there is none."""
    rows = [term for term in terms() if term.holds(duty, case, division)]
    return max(rows, key=lambda term: len(term.jurisdiction), default=None)


def _due(case: Case, duty: Duty, division: str) -> Due:
    running = case.duty(duty)
    assert running is not None, "only what is approved has duties"
    term = term_of(duty, case, division)
    done = running.sent_on if duty is Duty.FILING else running.done_on
    began = _beginning(case, term) if term is not None else None
    if term is None or began is None:
        return Due(duty, running.state, term, began, None, certain=True, done_on=done)
    last = counted(began, term.days, term.counts)
    return Due(
        duty,
        running.state,
        term,
        began,
        last.day,
        certain=last.certain and term.basis.verified,
        done_on=done,
        day_off=not is_working_day(last.day),
        next_working=None if is_working_day(last.day) else counted(last.day, 1, DayCount.WORKING).day,
    )


def _beginning(case: Case, term: Term) -> date | None:
    if term.starts is TermStart.APPROVAL:
        return case.approved_on
    return case.filing.sent_on if case.filing is not None else None


def shorter_than_usual(kind: ConsultationKind, opened_on: date, closes_on: date, division: str) -> "Usual | None":
    """The row by which a consultation is shorter than usual; None where it is long enough, or nothing says."""
    rows = [each for each in usual_consultations() if kind in each.kinds and division.startswith(each.jurisdiction)]
    row = max(rows, key=lambda each: len(each.jurisdiction), default=None)
    if row is None or counted(opened_on, row.days, row.counts).day <= closes_on:
        return None
    return row


@dataclass(frozen=True, slots=True)
class Usual:
    """A row: how many days the public is asked at least, by kind."""

    key: str
    jurisdiction: str
    kinds: frozenset[ConsultationKind]
    days: int
    counts: DayCount
    basis: Basis


@cache
def usual_consultations() -> Sequence[Usual]:
    """Every row of how long the public is asked."""
    return [
        Usual(
            key=row["key"],
            jurisdiction=row["jurisdiction"],
            kinds=frozenset(map(ConsultationKind.of, row["kinds"])),
            days=row["days"],
            counts=DayCount.of(row["counts"]),
            basis=basis_of(row),
        )
        for row in _table()["consultation"]
    ]


@dataclass(frozen=True, slots=True)
class Later:
    """A row: what a city's own rules ask for after the approval, beside the duties of a case."""

    key: str
    jurisdiction: str
    actions: frozenset[NameAction]
    zh: str
    en: str
    days: int
    counts: DayCount
    basis: Basis

    def last_day(self, approved_on: date) -> date:
        """Its last day, reckoned from the approval."""
        return counted(approved_on, self.days, self.counts).day


def later_of(actions: frozenset[NameAction], division: str) -> Sequence[Later]:
    """What rules there ask for later of a case that does this."""
    return [
        each for each in laters() if not actions.isdisjoint(each.actions) and division.startswith(each.jurisdiction)
    ]


@cache
def laters() -> Sequence[Later]:
    """Every row of what is asked for later."""
    return [
        Later(
            key=row["key"],
            jurisdiction=row["jurisdiction"],
            actions=frozenset(map(NameAction.of, row["actions"])),
            zh=row["zh"],
            en=row["en"],
            days=row["days"],
            counts=DayCount.of(row["counts"]),
            basis=basis_of(row),
        )
        for row in _table()["later"]
    ]


@cache
def last_day_off() -> Basis:
    """What is known of terms that end on a day off."""
    return basis_of(_table()["last-day-off"][0])


@cache
def terms() -> Sequence[Term]:
    """Every row, in the order of the table."""
    return [_term(row) for row in _table()["term"]]


@cache
def _table() -> Mapping[str, Sequence[Mapping[str, Any]]]:
    return tomllib.loads(TABLE.read_text(encoding="utf-8"))


def _term(row: Mapping[str, Any]) -> Term:
    return Term(
        key=row["key"],
        jurisdiction=row["jurisdiction"],
        duty=Duty.of(row["duty"]),
        actions=frozenset(map(NameAction.of, row["actions"])),
        approvers=frozenset(map(Approver.of, row["approvers"])),
        starts=TermStart.of(row["starts"]),
        days=row["days"],
        counts=DayCount.of(row["counts"]),
        basis=basis_of(row),
        source=row["source"],
    )
