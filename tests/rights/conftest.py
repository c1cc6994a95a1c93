"""One world a module, in a transaction that is taken back; and a server on it."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from geo_registry.search import keeping
from tests.conftest import RolledBackDatabase
from tests.rights.world import World, make_world


@pytest.fixture(scope="module")
def world(
    worker_engine: Engine, worker_hot_engine: Engine, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """The world, on the application's own role, with all that a process is wired with."""
    keeping.install()
    with worker_engine.connect() as connection:
        transaction = connection.begin()
        database = RolledBackDatabase(
            engine=worker_engine, read_engine=worker_engine, hot_engine=worker_hot_engine, connection=connection
        )
        yield make_world(database, tmp_path_factory.mktemp("world"))
        transaction.rollback()
