"""What every connection of the product is like."""

import signal
import subprocess
import sys
import time

import pytest
from sqlalchemy import create_engine, text

from geo_registry.db.engine import CLIENT_CHECK_INTERVAL_S, make_engine
from geo_registry.db.session import Database
from geo_registry.errors import RecordBusy, StatementTooSlow
from geo_registry.settings import with_sync_driver
from tests.conftest import TestUrls

HOLD = "SELECT pg_advisory_xact_lock(20261127)"
SLEEPER = """
import sys
from sqlalchemy import text
from geo_registry.db.engine import make_engine
with make_engine(sys.argv[1]).connect() as connection:
    connection.execute(text("SELECT pg_sleep(600) /* forsaken */"))
"""


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("postgresql://a@h/d", "postgresql+psycopg2://a@h/d"),
        ("postgres://a@h/d", "postgresql+psycopg2://a@h/d"),
        ("postgresql+psycopg://a@h/d", "postgresql+psycopg2://a@h/d"),
        ("postgresql+psycopg2://a@h/d", "postgresql+psycopg2://a@h/d"),
        ("sqlite://", "sqlite://"),
    ],
)
def test_urls_name_the_synchronous_driver(given: str, used: str) -> None:
    assert with_sync_driver(given) == used


def test_statement_that_takes_too_long_is_broken_off(committed: TestUrls) -> None:
    engine = make_engine(committed.app, statement_timeout_s=0.2, pool_size=1)
    with engine.connect() as connection, pytest.raises(Exception, match="statement timeout"):
        connection.execute(text("SELECT pg_sleep(5)"))
    engine.dispose()


def test_statement_that_takes_too_long_is_said_as_what_it_is(committed: TestUrls) -> None:
    database = Database.connect(committed.app, statement_timeout_s=0.2)
    with pytest.raises(StatementTooSlow), database.read() as session:
        session.execute(text("SELECT pg_sleep(5)"))
    database.dispose()


def test_wait_for_anothers_lock_is_said_as_what_it_is(committed: TestUrls) -> None:
    database = Database.connect(committed.app)
    with database.write(actor="one") as holder:
        holder.execute(text(HOLD))
        with pytest.raises(RecordBusy), database.write(actor="other") as waiter:
            waiter.execute(text(f"SET LOCAL lock_timeout = '100ms'; {HOLD}"))
    database.dispose()


def test_connection_speaks_utc_and_owns_nothing(committed: TestUrls) -> None:
    engine = make_engine(committed.app, pool_size=1)
    with engine.connect() as connection:
        assert connection.execute(text("SHOW timezone")).scalar() == "UTC"
        assert connection.execute(text("SELECT current_user")).scalar() == "geo_app"
        owned = "SELECT count(*) FROM pg_class WHERE relowner = 'geo_app'::regrole"
        assert connection.execute(text(owned)).scalar() == 0
    engine.dispose()


def test_statement_of_a_killed_process_ends(committed: TestUrls) -> None:
    process = subprocess.Popen([sys.executable, "-c", SLEEPER, committed.app])
    watcher = create_engine(committed.superuser, isolation_level="AUTOCOMMIT")
    count = text("SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%forsaken%' AND pid <> pg_backend_pid()")

    def running() -> bool:
        with watcher.connect() as connection:
            return bool(connection.execute(count).scalar())

    def within(seconds: float, wanted: bool) -> bool:  # noqa: FBT001
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if running() is wanted:
                return True
            time.sleep(0.1)
        return False

    try:
        assert within(30, wanted=True)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert within(CLIENT_CHECK_INTERVAL_S * 4, wanted=False)
    finally:
        process.kill()
        watcher.dispose()
