"""A question whose asker goes away is broken off; one whose asker stays is not."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import httpx
import pytest
from sqlalchemy import text

from api.deps import ReadDb
from api.main import create_app
from geo_registry.db.session import Database
from geo_registry.settings import Settings
from tests.conftest import TestUrls
from tests.http.conftest import Service, served

RUNNING = text(
    "SELECT count(*) FROM pg_stat_activity "
    "WHERE datname = current_database() AND state = 'active' AND query LIKE '%pg_sleep%' AND pid <> pg_backend_pid()"
)


@pytest.fixture
def database_of_its_own(committed: TestUrls) -> Iterator[Database]:
    database = Database.connect(committed.app)
    yield database
    database.dispose()


@pytest.fixture
def sleeper(settings: Settings, database_of_its_own: Database) -> Iterator[Service]:
    """A service with an endpoint that takes as long in the database as it is told."""
    app = create_app(settings, database_of_its_own)

    @app.api_route("/test/sleep", methods=["GET", "POST"])
    def sleep(db: ReadDb, seconds: float) -> int:
        db.execute(text("SELECT pg_sleep(:seconds)"), {"seconds": seconds})
        return int(db.execute(text("SELECT 42")).scalar_one())

    with served(app) as service:
        yield service


def _running(database: Database) -> int:
    with database.read() as session:
        return int(session.execute(RUNNING).scalar_one())


def _until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not happened():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.02)


def _ask_and_keep_the_socket(service: Service, request: str) -> socket.socket:
    asked = urlsplit(service.url)
    assert asked.hostname is not None
    connection = socket.create_connection((asked.hostname, asked.port or 80))
    connection.sendall(request.encode())
    return connection


@pytest.mark.parametrize(
    "request_text",
    [
        "GET /test/sleep?seconds=60 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "POST /test/sleep?seconds=60 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabc",
    ],
)
def test_the_statement_is_cancelled_when_the_client_leaves(
    sleeper: Service, database_of_its_own: Database, request_text: str
) -> None:
    connection = _ask_and_keep_the_socket(sleeper, request_text)
    _until(lambda: _running(database_of_its_own) == 1)
    connection.close()
    _until(lambda: _running(database_of_its_own) == 0)
    assert httpx.get(f"{sleeper.url}/test/sleep?seconds=0").json() == 42


def test_a_client_that_stays_gets_its_answer(sleeper: Service) -> None:
    with httpx.Client(base_url=sleeper.url) as client:
        for _ in range(3):
            assert client.get("/test/sleep?seconds=0.1").json() == 42


def test_one_client_leaving_does_not_disturb_another(sleeper: Service, database_of_its_own: Database) -> None:
    with ThreadPoolExecutor() as pool:
        stays = pool.submit(httpx.get, f"{sleeper.url}/test/sleep?seconds=1.5")
        _until(lambda: _running(database_of_its_own) == 1)
        leaves = _ask_and_keep_the_socket(sleeper, "GET /test/sleep?seconds=60 HTTP/1.1\r\nHost: localhost\r\n\r\n")
        _until(lambda: _running(database_of_its_own) == 2)
        leaves.close()
        _until(lambda: _running(database_of_its_own) == 1)
        assert stays.result().json() == 42


def test_more_clients_than_connections_wait_their_turn(sleeper: Service) -> None:
    """Without a limit they take every thread while they wait, and those who have a connection can't go on."""
    started = time.monotonic()
    with ThreadPoolExecutor(80) as pool:
        answers = list(pool.map(lambda _: httpx.get(f"{sleeper.url}/test/sleep?seconds=0.1", timeout=30), range(80)))
    assert {answer.status_code for answer in answers} == {200}
    assert time.monotonic() - started < 20
    assert threading.active_count() < 200
