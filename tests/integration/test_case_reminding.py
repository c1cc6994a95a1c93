"""What is late, and what is due soon: said once a day by a job, a line each."""

import logging
from datetime import date, timedelta
from queue import Queue

import pytest

from geo_registry.cases import reminding, service, writing
from geo_registry.cases.inputs import NewCase, Taking
from geo_registry.db.revisions import WHICHEVER
from geo_registry.db.session import Database, sign
from geo_registry.errors import DatabaseUnavailable
from geo_registry.jobs import daily
from geo_registry.jobs.queue import get_job
from geo_registry.vocabulary import CaseStep, DivisionLevel
from tests.factories import make_division, operator

APPROVED = date(2026, 11, 2)


@pytest.fixture
def number(database: Database, monkeypatch: pytest.MonkeyPatch) -> str:
    """The number of an approved case."""
    monkeypatch.setattr(writing, "today", lambda: APPROVED)
    detail = {"begins_at": "李渔路", "ends_at": "双龙南街", "length_m": 900}
    name = {"name": "仙源湖路", "class": "street", "detail": detail, "meaning": "近湖"}
    actor, other = operator(), operator("signer")
    with database.write(actor=actor) as session:
        make_division(session, "330700000000", level=DivisionLevel.CITY, name="金华市")
        make_division(session, "330702000000", name="婺城区", box=(119.5, 29.0, 119.8, 29.2))
        new = {"kind": "naming", "title": "x", "division": "330702", "plan": "x", "reasons": "x", "names": [name]}
        told = service.open_case(session, NewCase.model_validate(new), actor=actor)
        for do, step, who in (
            (service.submit, CaseStep.SUBMIT, actor),
            (service.handle, CaseStep.CHECK, actor),
            (service.handle, CaseStep.HANDLE, actor),
            (service.sign, CaseStep.REVIEW, other),
            (service.sign, CaseStep.SIGN, other),
            (service.decide, CaseStep.APPROVE, other),
        ):
            sign(session, actor=who)
            told = do(session, told.case.id, step, Taking(), seen=WHICHEVER, actor=who)
    return told.case.number


def test_a_late_case_is_a_warning_and_one_due_soon_a_line(
    database: Database, number: str, caplog: pytest.LogCaptureFixture
) -> None:
    with database.read() as session:
        row = service.find_case(session, number, actor=operator())
    assert row.due_on is not None
    first = row.due_on
    with caplog.at_level(logging.INFO, logger=reminding.__name__):
        assert reminding.remind(database, first - timedelta(days=4)) == []
        soon = reminding.remind(database, first - timedelta(days=3))
        late = reminding.remind(database, first + timedelta(days=2))
    assert {each.case.number for each in [*soon, *late]} == {number}
    lines = [(record.levelno, record.getMessage()) for record in caplog.records if record.name == reminding.__name__]
    assert any(
        level == logging.INFO and line.startswith(f"case-due-soon number={number} duty=") for level, line in lines
    )
    warned = [line for level, line in lines if level == logging.WARNING]
    assert any(f"due_on={first} days=2 division=330702" in line for line in warned)


def test_a_day_has_one_job_however_many_workers_there_are(database: Database, number: str) -> None:
    day = date(2026, 12, 1)
    job = reminding.order(database, day)
    assert job is not None
    assert reminding.order(database, day) is None
    assert reminding.order(database, day + timedelta(days=1)) is not None
    with database.read() as session:
        assert get_job(session, job).task == "cases.remind"


def test_it_is_ordered_when_a_day_begins_and_an_outage_is_waited_out(monkeypatch: pytest.MonkeyPatch) -> None:
    ordered: Queue[date] = Queue()
    outages = iter([True])
    days = [date(2026, 12, 31)]

    def do(day: date) -> None:
        if next(outages, False):
            raise DatabaseUnavailable(reason="away")
        ordered.put(day)

    monkeypatch.setattr(daily, "LOOK_EVERY_S", 0.01)
    with daily.each_day("x", do, lambda: days[-1]):
        assert ordered.get(timeout=60) == date(2026, 12, 31)
        days.append(date(2027, 1, 1))
        assert ordered.get(timeout=60) == date(2027, 1, 1)
    assert ordered.empty()
