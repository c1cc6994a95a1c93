"""The API over a real socket: what a client sees is what the tests see."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from sqlalchemy import Engine

from api.main import create_app
from geo_registry.db.session import Database
from geo_registry.settings import Settings

START_TIMEOUT_S = 20.0
GRACE_S = 20
"""How long requests under way may take when a server ends: a browser's page may still be asking for tiles."""


@dataclass(frozen=True, slots=True)
class Service:
    """An application that is being served, and where."""

    app: FastAPI
    url: str


@contextmanager
def served(app: FastAPI) -> Iterator[Service]:
    """`app` behind uvicorn on a free port of this machine."""
    # As the product opens its own (`cli/serving.py`): as a socket of TCP.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    server = uvicorn.Server(
        uvicorn.Config(app, log_config=None, proxy_headers=False, timeout_graceful_shutdown=GRACE_S)
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    deadline = time.monotonic() + START_TIMEOUT_S
    while not server.started:
        assert thread.is_alive(), "the server didn't start"
        assert time.monotonic() < deadline, "the server didn't start in time"
        time.sleep(0.01)
    try:
        yield Service(app=app, url=f"http://127.0.0.1:{listener.getsockname()[1]}")
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings whose files lie in a folder of the tests, and whose passwords cost as little as may be."""
    folder = Path(tmp_path_factory.mktemp("data"))
    return Settings(data_dir=folder, locale="zh-CN", password_memory_mb=8, password_passes=1)


@pytest.fixture(scope="session")
def service(settings: Settings, worker_engine: Engine, worker_hot_engine: Engine) -> Iterator[Service]:
    """One server a test process; `client` points it at the test's own database."""
    app = create_app(settings, Database(engine=worker_engine, read_engine=worker_engine, hot_engine=worker_hot_engine))
    with served(app) as service:
        yield service


@pytest.fixture
def client(service: Service, database: Database) -> Iterator[httpx.Client]:
    """A client of the API on the test's database, whose changes are rolled back at the end."""
    service.app.state.database = database
    with httpx.Client(base_url=service.url, headers={"Accept-Language": "en"}, timeout=30) as client:
        yield client
    service.app.state.database = None
