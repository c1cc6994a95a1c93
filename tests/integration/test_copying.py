"""COPY in: what goes wrong in its middle is raised as what it is; and what COPY may not do."""

from collections.abc import Iterator

import pytest
from psycopg2.errors import FeatureNotSupported, InsufficientPrivilege
from sqlalchemy import create_engine, text

from geo_registry.accounts.actors import Grant
from geo_registry.db.copying import FEW, WENT_AWAY, copy_rows, insert_rows
from geo_registry.db.session import Database
from geo_registry.errors import DatabaseUnavailable
from geo_registry.jobs.ledger import Stopped
from geo_registry.vocabulary import Role
from tests.conftest import TestUrls
from tests.factories import make_actor

ROWS = 100_000
"""More than one buffer: some of them are on their way when the last is made."""


@pytest.fixture
def own(committed: TestUrls) -> Iterator[Database]:
    database = Database.connect(committed.app)
    yield database
    database.dispose()


def end(urls: TestUrls, pid: int) -> None:
    engine = create_engine(urls.superuser)
    with engine.connect() as superuser:
        superuser.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
    engine.dispose()


@pytest.mark.parametrize("at", [0, ROWS // 2, ROWS - 1])
def test_server_that_goes_away_in_the_middle_is_said_once_and_as_that(
    own: Database, committed: TestUrls, capfd: pytest.CaptureFixture[str], at: int
) -> None:
    with pytest.raises(DatabaseUnavailable, match=WENT_AWAY), own.write(actor="test") as session:  # noqa: PT012
        session.execute(text("CREATE TEMPORARY TABLE waiting (number int, name text)"))
        pid = session.execute(text("SELECT pg_backend_pid()")).scalar_one()

        def rows() -> Iterator[tuple[int, str]]:
            for number in range(ROWS):
                if number == at:
                    end(committed, pid)
                yield number, "x" * 50

        copy_rows(session, "waiting", ["number", "name"], rows())
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("raised", [Stopped, KeyboardInterrupt, ZeroDivisionError])
def test_what_the_rows_raise_is_raised(own: Database, raised: type[BaseException]) -> None:
    def rows() -> Iterator[tuple[int]]:
        yield (1,)
        raise raised

    with pytest.raises(raised), own.write(actor="test") as session:  # noqa: PT012
        session.execute(text("CREATE TEMPORARY TABLE waiting (number int)"))
        copy_rows(session, "waiting", ["number"], rows())


KEY = ("job_id", "step", "done", "total")


def jobs(first: int, count: int) -> Iterator[tuple[int, str, int, int | None]]:
    for number in range(first, first + count):
        yield number, f"o'\t{number}\\", 1, None if number % 2 else 2


@pytest.mark.parametrize("count", [0, 1, FEW - 1, FEW, FEW + 1, 3 * FEW])
def test_rows_go_into_a_table_with_row_security_as_they_are(database: Database, count: int) -> None:
    with database.write(actor="test") as session:
        # Twice in one transaction: what the first one made for itself isn't in the way.
        insert_rows(session, "job_progress", KEY, jobs(0, count))
        insert_rows(session, "job_progress", KEY, jobs(count, count))
        kept = session.execute(text("SELECT job_id, step, done, total FROM job_progress ORDER BY job_id")).all()
    assert [tuple(row) for row in kept] == list(jobs(0, 2 * count))


@pytest.mark.parametrize("count", [1, FEW])
def test_rows_outside_the_scope_stay_outside(database: Database, count: int) -> None:
    county = make_actor(Grant(Role.REGISTRAR, "330702"))
    with pytest.raises(InsufficientPrivilege, match="row-level security"), database.write(actor=county) as session:
        insert_rows(session, "job_progress", KEY, jobs(0, count))


def test_copy_itself_is_refused_there(database: Database) -> None:
    """What `insert_rows` is for; where this test fails, it isn't needed any more."""
    with pytest.raises(FeatureNotSupported), database.write(actor="test") as session:
        copy_rows(session, "job_progress", KEY, jobs(0, 1))
