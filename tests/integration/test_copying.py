"""COPY in: what goes wrong in its middle is raised as what it is."""

from collections.abc import Iterator

import pytest
from sqlalchemy import create_engine, text

from geo_registry.db.copying import WENT_AWAY, copy_rows
from geo_registry.db.session import Database
from geo_registry.errors import DatabaseUnavailable
from geo_registry.jobs.ledger import Stopped
from tests.conftest import TestUrls

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
