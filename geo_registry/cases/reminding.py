"""What is late, and what is due soon: said in the log once a day by a job, for whoever keeps the service (ADR 0078).

Nothing is kept of it: what is late follows from the cases and the day, and `/desk`, `filings due` and `announcements due`
say it whenever they are asked. The job's lines are for what reads logs and mails them.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import text

from geo_registry.accounts.actors import local_operator
from geo_registry.cases import service, writing
from geo_registry.cases.queries import SOON_DAYS, CaseQuery, CaseRow
from geo_registry.db.session import LOCAL_OPERATOR, Database
from geo_registry.jobs.daily import each_day
from geo_registry.jobs.progress import Progress, unheard
from geo_registry.jobs.queue import defer
from geo_registry.vocabulary import CaseState, DutyState

logger = logging.getLogger(__name__)

TASK = "cases.remind"
MOST = 10_000

# One worker at a time looks, so that a day has one job however many workers there are.
ALONE = text("SELECT pg_advisory_xact_lock(hashtext(:task))")
ORDERED = text("SELECT id FROM procrastinate_jobs WHERE task_name = :task AND args ->> 'day' = :day LIMIT 1")


@dataclass(frozen=True, slots=True)
class Reminder:
    """Something of a case that is late, or due soon."""

    case: CaseRow
    duty: str
    """`filing`, `announcement`, or where the case stands: what waits is its next step."""
    due_on: date

    def late_by(self, today: date) -> int:
        """Days since its last one; 0 or less where it isn't late."""
        return (today - self.due_on).days


def reminders_of(row: CaseRow, today: date) -> Iterator[Reminder]:
    """What of a case is late on a day, or due within `SOON_DAYS`."""
    duties = [
        ("filing", row.filing_due_on, row.filing in {DutyState.DUE, DutyState.RETURNED}),
        ("announcement", row.announcement_due_on, row.announcing is DutyState.DUE),
    ]
    if row.state is not CaseState.APPROVED:
        duties = [(row.state.value, row.due_on, True)]
    for duty, due_on, waits in duties:
        if waits and due_on is not None and due_on <= today + timedelta(days=SOON_DAYS):
            yield Reminder(row, duty, due_on)


def order(database: Database, day: date) -> int | None:
    """Have a day's reminders said by a job; its id, None where the day has one already."""
    with database.write(actor=LOCAL_OPERATOR, why="cases.remind") as session:
        session.execute(ALONE, {"task": TASK})
        if session.scalar(ORDERED, {"task": TASK, "day": day.isoformat()}) is not None:
            return None
        return defer(session, TASK, day=day.isoformat())


def remind(database: Database, today: date, progress: Progress = unheard) -> list[Reminder]:
    """Say in the log what is late, a warning for each, and what is due soon; done again, it says the same."""
    query = CaseQuery(open=True, due_by=today + timedelta(days=SOON_DAYS))
    with database.read() as session:
        rows, _ = service.inbox(session, query, actor=local_operator(), limit=MOST)
    found = [each for row in rows for each in reminders_of(row, today)]
    for at, each in enumerate(found, 1):
        late = each.late_by(today)
        logger.log(
            logging.WARNING if late > 0 else logging.INFO,
            "case-%s number=%s duty=%s due_on=%s days=%d division=%s",
            "late" if late > 0 else "due-soon",
            each.case.number,
            each.duty,
            each.due_on,
            abs(late),
            each.case.division_code,
        )
        progress("remind", at, len(found))
    return found


@contextmanager
def reminding(database: Database) -> Iterator[None]:
    """Order each day's reminders when the day begins, as long as the block lasts; the first time at once."""
    with each_day(TASK, lambda day: order(database, day), writing.today):
        yield
