"""What a record said before it changed is kept, and can be asked for."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import DBAPIError

from geo_registry.accounts.actors import Grant, anonymous
from geo_registry.db.history import as_of, twin_of
from geo_registry.db.session import Database, WriteSession, sign
from geo_registry.model import Facility, Place
from geo_registry.vocabulary import DatasetKind, Role
from tests.factories import (
    make_actor,
    make_dataset,
    make_demand_point,
    make_division,
    make_facility,
    make_place,
    make_road,
    operator,
)

LONG_AGO = datetime(2015, 6, 1, tzinfo=UTC)


def test_change_keeps_the_old_row_with_who_and_why(session: WriteSession) -> None:
    place = make_place(session, standard_name="沿华村")
    sign(session, actor="registrar-li", why="四村合并")
    session.execute(update(Place).where(Place.id == place.id).values(standard_name="潜溪村"))
    twin = twin_of(Place)
    kept = session.execute(select(twin).where(twin.c.id == place.id)).mappings().one()
    assert kept["standard_name"] == "沿华村"
    assert (kept["replaced_by"], kept["why"], kept["operation"]) == ("registrar-li", "四村合并", "UPDATE")


def _scope(session: WriteSession) -> str:
    return str(session.execute(text("SELECT current_setting('geo.scope')")).scalar_one())


def test_a_unit_of_work_knows_whose_records_it_may_change(database: Database) -> None:
    county = make_actor(Grant(Role.REGISTRAR, "330703"), Grant(Role.REGISTRAR, "330702"))
    for actor, scope in ((county, "330702,330703"), (operator(), "*"), (anonymous(), ""), ("job:3", "*")):
        with database.write(actor=actor) as session:
            assert _scope(session) == scope
    with database.write(actor=county) as session:
        place = make_place(session, division_id=make_division(session, "330702000000").id)
        session.execute(update(Place).where(Place.id == place.id).values(standard_name="新名"))
        assert session.scalar(select(twin_of(Place).c.replaced_by)) == county.name


def test_insert_writes_no_history(session: WriteSession) -> None:
    make_place(session)
    assert session.scalar(select(func.count()).select_from(twin_of(Place))) == 0


def test_one_statement_of_many_rows_keeps_every_row(session: WriteSession) -> None:
    for _ in range(50):
        make_place(session)
    session.execute(update(Place).values(standard_name="新名"))
    assert session.scalar(select(func.count()).select_from(twin_of(Place))) == 50


def test_as_of_reads_the_row_that_was_there(session: WriteSession) -> None:
    place = make_place(session, standard_name="旧名", recorded_at=LONG_AGO)
    session.execute(update(Place).where(Place.id == place.id).values(standard_name="新名"))
    then, today = as_of(Place, LONG_AGO + timedelta(days=1)), as_of(Place, datetime.now(UTC) + timedelta(days=1))
    assert session.scalars(select(then.standard_name)).all() == ["旧名"]
    assert session.scalars(select(today.standard_name)).all() == ["新名"]


def test_as_of_knows_nothing_of_later_records(session: WriteSession) -> None:
    make_place(session)
    then = as_of(Place, LONG_AGO)
    assert session.scalars(select(then.id)).all() == []


def test_as_of_or_first_known_keeps_what_was_learnt_later(session: WriteSession) -> None:
    make_facility(session, name="新址")
    session.execute(update(Facility).values(name="后来的名"))
    then = as_of(Facility, LONG_AGO, or_first_known=True)
    assert session.scalars(select(then.name)).all() == ["新址"]


def test_two_changes_in_one_transaction_answer_with_the_first(session: WriteSession) -> None:
    place = make_place(session, standard_name="一", recorded_at=LONG_AGO)
    for name in ("二", "三"):
        session.execute(update(Place).where(Place.id == place.id).values(standard_name=name))
    then = as_of(Place, LONG_AGO + timedelta(days=1))
    assert session.scalars(select(then.standard_name)).all() == ["一"]


def test_application_cannot_rewrite_history(session: WriteSession) -> None:
    place = make_place(session)
    session.execute(update(Place).where(Place.id == place.id).values(standard_name="新名"))
    with pytest.raises(DBAPIError, match="permission denied"), session.begin_nested():
        session.execute(text("UPDATE history.place SET standard_name = 'x'"))


def test_application_cannot_delete_a_record(session: WriteSession) -> None:
    make_place(session)
    with pytest.raises(DBAPIError, match="permission denied"), session.begin_nested():
        session.execute(text("DELETE FROM place"))


def test_every_write_of_roads_changes_the_datasets_version(database: Database) -> None:
    with database.write(actor="test") as session:
        roads = make_dataset(session)
        session.refresh(roads)
        before = roads.content_version
        make_road(session, roads, [(119.6, 29.0), (119.7, 29.1)])
        session.refresh(roads)
        assert roads.content_version != before


def test_writing_one_dataset_leaves_the_others_version(session: WriteSession) -> None:
    mine, other = (make_dataset(session, DatasetKind.POPULATION) for _ in range(2))
    session.refresh(other)
    before = other.content_version
    make_demand_point(session, mine)
    session.refresh(other)
    assert other.content_version == before


@pytest.mark.parametrize("counts", [{"all": -1}, {"all": "many"}, {"all": None}, [1, 2]])
def test_counts_that_are_no_people_are_refused(session: WriteSession, counts: object) -> None:
    population = make_dataset(session, DatasetKind.POPULATION)
    with pytest.raises(DBAPIError, match="counts_are_numbers"), session.begin_nested():
        make_demand_point(session, population, counts=counts)  # type: ignore[arg-type]


def test_population_must_say_its_basis_and_date(session: WriteSession) -> None:
    with pytest.raises(DBAPIError, match="population_says_basis_and_date"), session.begin_nested():
        make_dataset(session, DatasetKind.POPULATION, basis=None)


def test_tile_column_follows_the_stored_geometry(session: WriteSession) -> None:
    place = make_place(session, lon=119.65, lat=29.08)
    x, y = session.execute(
        select(func.ST_X(Place.geom_3857), func.ST_Y(Place.geom_3857)).where(Place.id == place.id)
    ).one()
    assert x == pytest.approx(13_319_377, abs=2)
    assert y == pytest.approx(3_385_780, rel=0.01)
