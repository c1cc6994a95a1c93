"""A table's version changes with every write that commits, and no writer waits for another to have it changed."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, Engine, create_engine, text

from geo_registry.db.session import Database
from geo_registry.model import Facility
from tests.conftest import TestUrls
from tests.factories import make_division, make_facility

VERSION = text("SELECT string_agg(CAST(version AS text), ' ' ORDER BY id) FROM table_version WHERE table_name = :name")
INSERT = text(
    "INSERT INTO facility (kind, name, geom) VALUES ('cemetery', '公墓', ST_SetSRID(ST_MakePoint(119, 29), 4490))"
)


@pytest.fixture
def engine(committed: TestUrls) -> Iterator[Engine]:
    engine = create_engine(committed.app, connect_args={"options": "-c lock_timeout=200ms -c geo.scope=*"})
    yield engine
    engine.dispose()


def version_of(connection: Connection, table: str = "facility") -> str | None:
    found: str | None = connection.execute(VERSION, {"name": table}).scalar_one()
    return found


def test_every_write_changes_it(database: Database) -> None:
    def version() -> str | None:
        with database.read() as session:
            return version_of(session.connection())

    seen = [version()]
    with database.write(actor="test") as session:
        facility = make_facility(session)
    seen.append(version())
    with database.write(actor="test") as session:
        session.query(Facility).filter(Facility.fid == facility.fid).update({"name": "新"})
    seen.append(version())
    with database.write(actor="test") as session:
        make_division(session)
    assert version() == seen[-1]
    assert len(set(seen)) == 3


def test_writers_at_the_same_time_do_not_wait_for_each_other(engine: Engine) -> None:
    with engine.connect() as one, engine.connect() as other, engine.connect() as reader:
        reader.execution_options(isolation_level="AUTOCOMMIT")
        seen = [version_of(reader)]
        one.execute(INSERT)
        other.execute(INSERT)
        assert version_of(reader) == seen[0]
        for writer in (other, one):
            writer.commit()
            seen.append(version_of(reader))
        assert len(set(seen)) == 3


def test_there_are_no_more_slots_than_there_were_writers_at_once(engine: Engine) -> None:
    with engine.connect() as one, engine.connect() as other:
        for _ in range(5):
            one.execute(INSERT)
            other.execute(INSERT)
            one.commit()
            other.commit()
        slots = one.execute(text("SELECT count(*) FROM table_version WHERE table_name = 'facility'")).scalar_one()
    assert slots == 2


def test_what_is_rolled_back_changes_nothing(engine: Engine) -> None:
    with engine.connect() as writer, engine.connect() as reader:
        reader.execution_options(isolation_level="AUTOCOMMIT")
        writer.execute(INSERT)
        writer.commit()
        before = version_of(reader)
        writer.execute(INSERT)
        writer.rollback()
        assert version_of(reader) == before
