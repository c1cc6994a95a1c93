"""The keys of names follow their records, whoever writes them, and before anybody else sees the change."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from geoalchemy2.shape import from_shape
from shapely import Point
from sqlalchemy import create_engine, func, select, text

from geo_registry.db import migrate
from geo_registry.db.session import Database
from geo_registry.demo import queries as demo
from geo_registry.jobs.registry import tasks
from geo_registry.model import Facility, NameDue, NameKey
from geo_registry.model.geometry import STORAGE_SRID
from geo_registry.search import jobs, keeping
from geo_registry.vocabulary import DatasetKind, DivisionLevel, FacilityStatus, PositionQuality
from tests.conftest import TestUrls
from tests.factories import make_dataset, make_division, make_facility
from tests.integration.imports import run_import, write_csv

MANY = keeping.IN_ONE_GO + 1
FILL = text(
    "INSERT INTO facility (kind, name, geom) SELECT 'cemetery', '公墓' || i, ST_SetSRID(ST_MakePoint(119, 29), 4490) "
    "FROM generate_series(1, :many) AS i"
)


@pytest.fixture(autouse=True)
def _kept_up() -> None:
    keeping.install()


def keys(database: Database) -> list[tuple[str, str, int]]:
    with database.read() as session:
        rows = session.execute(select(NameKey.name, NameKey.pinyin, NameKey.rank).order_by(NameKey.name))
        return [(row.name, row.pinyin, row.rank) for row in rows]


def due(database: Database) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(NameDue)) or 0


def test_a_new_record_has_its_keys_when_it_is_committed(database: Database) -> None:
    with database.write(actor="test") as session:
        make_facility(session, name="白沙公墓")
        make_division(session, name="婺城区")
    assert keys(database) == [("婺城区", "wuchengqu", 3), ("白沙公墓", "baishagongmu", 8)]
    assert due(database) == 0


def test_a_record_that_is_renamed_is_found_by_its_new_name_alone(database: Database) -> None:
    with database.write(actor="test") as session:
        facility = make_facility(session, name="白沙公墓")
    with database.write(actor="test") as session:
        session.query(Facility).filter(Facility.fid == facility.fid).update({"name": "黑石公墓"})
    assert keys(database) == [("黑石公墓", "heishigongmu", 8)]


def test_what_a_hit_shows_follows_too(database: Database) -> None:
    with database.write(actor="test") as session:
        facility = make_facility(session, name="白沙公墓")
        division = make_division(session)
    with database.write(actor="test") as session:
        changed: dict[Any, object] = {
            "status": FacilityStatus.CLOSED.value,
            "division_id": division.id,
            "geom": from_shape(Point(120, 30), srid=STORAGE_SRID),
        }
        session.query(Facility).filter(Facility.fid == facility.fid).update(changed)
    with database.read() as session:
        key = session.scalars(select(NameKey).where(NameKey.record_id == facility.id)).one()
        assert (key.status, key.rank, key.code, key.lon, key.lat) == ("closed", 9, division.code, 120, 30)


def test_what_no_hit_shows_leaves_the_keys_alone(database: Database) -> None:
    def key_ids() -> list[int]:
        with database.read() as session:
            return list(session.scalars(select(NameKey.id)))

    with database.write(actor="test") as session:
        facility = make_facility(session)
    before = key_ids()
    with database.write(actor="test") as session:
        session.query(Facility).filter(Facility.fid == facility.fid).update({"address": "中山路1号", "capacity": 3})
    assert key_ids() == before


def test_what_is_rolled_back_has_no_keys(database: Database) -> None:
    def fail() -> None:
        with database.write(actor="test") as session:
            make_facility(session)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert keys(database) == []


def test_an_import_can_be_searched_when_it_is_done(database: Database, tmp_path: Path) -> None:
    rows = write_csv(
        tmp_path, "id,name,kind,lon,lat", "1,白沙公墓,cemetery,119.6,29.1", "2,黑石公墓,cemetery,119.6,29.1"
    )
    run_import(database, DatasetKind.FACILITIES, rows)
    assert [name for name, _, _ in keys(database)] == ["白沙公墓", "黑石公墓"]
    again = write_csv(
        tmp_path, "id,name,kind,lon,lat", "1,白沙公墓,cemetery,119.6,29.1", "2,青石公墓,cemetery,119.6,29.1"
    )
    run_import(database, DatasetKind.FACILITIES, again)
    assert [name for name, _, _ in keys(database)] == ["白沙公墓", "青石公墓"]


def test_what_an_owner_takes_out_is_not_found_any_more(committed: TestUrls) -> None:
    owner = Database.connect(committed.owner)
    with owner.write(actor="test") as session:
        own = make_dataset(session, DatasetKind.FACILITIES)
        make_facility(session, dataset_id=own.id, source_id="1")
        make_division(session, dataset_id=own.id, position_quality=PositionQuality.SYNTHETIC.value)
        make_facility(session, name="留下的公墓")
    assert len(keys(owner)) == 3
    with owner.write(actor="test") as session:
        demo.take_out(session, [own.id])
    assert [name for name, _, _ in keys(owner)] == ["留下的公墓"]
    owner.dispose()


def test_a_name_of_any_length_can_be_registered(database: Database) -> None:
    with database.write(actor="test") as session:
        make_facility(session, name="长" * 5_000)
        make_facility(session, name="<&>")
    assert {len(name) for name, _, _ in keys(database)} == {5_000, 3}


def test_of_very_many_a_job_makes_the_keys(committed: TestUrls) -> None:
    database = Database.connect(committed.app)
    with database.write(actor="test") as session:
        session.execute(FILL, {"many": MANY})
    assert (len(keys(database)), due(database)) == (0, MANY)
    with database.read() as session:
        ordered = session.execute(text("SELECT task_name FROM procrastinate_jobs")).scalars().all()
    assert ordered == [keeping.TASK]
    heard: list[tuple[object, ...]] = []
    tasks()[keeping.TASK].perform(database, lambda *said: heard.append(said))
    assert (len(keys(database)), due(database)) == (MANY, 0)
    assert heard == [("names", MANY)]
    jobs.keep(database, lambda *_: None)
    assert len(keys(database)) == MANY
    database.dispose()


def test_what_is_there_when_the_schema_comes_is_found_once_the_service_starts(committed: TestUrls) -> None:
    migrate.downgrade(committed.owner, "0005")
    engine = create_engine(committed.owner)
    with engine.begin() as connection:
        connection.execute(FILL, {"many": 3})
    engine.dispose()
    migrate.upgrade(committed.owner)
    database = Database.connect(committed.app)
    assert (len(keys(database)), due(database)) == (0, 3)
    keeping.catch_up(database)
    assert (len(keys(database)), due(database)) == (3, 0)
    keeping.catch_up(database)
    assert len(keys(database)) == 3
    database.dispose()


def test_whoever_writes_past_the_product_is_caught_up_with(committed: TestUrls) -> None:
    engine = create_engine(committed.owner)
    with engine.begin() as connection:
        connection.execute(FILL, {"many": 2})
    engine.dispose()
    database = Database.connect(committed.app)
    with database.write(actor="test") as session:
        make_division(session, level=DivisionLevel.COUNTY)
    assert (len(keys(database)), due(database)) == (3, 0)
    database.dispose()


def test_two_that_make_keys_at_once_share_the_work(committed: TestUrls) -> None:
    database = Database.connect(committed.app)
    with database.write(actor="test") as session:
        session.execute(FILL, {"many": MANY})
    with database.write(actor="one") as one, database.write(actor="other") as other:
        assert keeping._make_some(one, 10) == 10
        assert keeping._make_some(other, MANY) == MANY - 10
    assert (len(keys(database)), due(database)) == (MANY, 0)
    database.dispose()


def test_a_record_that_changes_while_its_keys_are_made_has_the_new_ones(committed: TestUrls) -> None:
    database = Database.connect(committed.app)
    with database.write(actor="test") as session:
        facility = make_facility(session, name="白沙公墓")
    engine = create_engine(committed.superuser)
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO name_due VALUES ('facility', :id)"), {"id": facility.id})
    engine.dispose()

    def rename() -> None:
        with database.write(actor="test") as session:
            session.query(Facility).filter(Facility.fid == facility.fid).update({"name": "黑石公墓"})

    with ThreadPoolExecutor(1) as pool:
        with database.write(actor="maker") as maker:
            assert keeping._make_some(maker, 10) == 1
            renaming = pool.submit(rename)
            with pytest.raises(TimeoutError):
                renaming.result(timeout=0.5)
        renaming.result(timeout=10)
    # The first keys were made past the product, and the name was changed after: one key is left, of the new name.
    assert [name for name, _, _ in keys(database)] == ["黑石公墓"]
    database.dispose()
