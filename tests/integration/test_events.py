"""What a lower room says is heard in the same transaction, in its order, or not at all."""

from collections.abc import Iterator
from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import select

from geo_registry.db.events import publish, published, subscribe, unsubscribe
from geo_registry.db.session import Database, WriteSession
from geo_registry.model import Dataset, Place
from geo_registry.places import service as places
from geo_registry.places.events import ExtentChanged, NameAbolished, NameTookEffect
from geo_registry.places.inputs import NewExtent, NewPlace
from geo_registry.places.periods import Dated
from tests.factories import make_dataset, operator

OPERATOR = operator()
ON = date(2026, 11, 20)
LINE = {"type": "LineString", "coordinates": [[119.6, 29.1], [119.7, 29.1]]}


@pytest.fixture
def heard() -> Iterator[list[object]]:
    """What is heard of names and extents, with a row for each that is written meanwhile."""
    told: list[object] = []

    def listen(session: WriteSession, said: object) -> None:
        told.append(said)
        make_dataset(session, key=f"heard-{len(told)}")

    kinds = (NameTookEffect, NameAbolished, ExtentChanged)
    for kind in kinds:
        subscribe(kind, listen)
        subscribe(kind, listen)
    yield told
    for kind in kinds:
        unsubscribe(kind, listen)


def street(session: WriteSession) -> UUID:
    new = NewPlace.model_validate({"class": "street", "name": "解放路", "named_on": "1950"})
    return places.register_place(session, new, actor=OPERATOR).place.id


def datasets(database: Database) -> int:
    with database.read() as session:
        return len(session.scalars(select(Dataset.id)).all())


def test_what_happens_to_names_and_extents_is_said_once_in_order(database: Database, heard: list[object]) -> None:
    with database.write(actor="test") as session:
        place = street(session)
        places.take_effect(session, place, "中山路", ON, actor=OPERATOR)
        extent = NewExtent(geometry=LINE, valid_from=Dated(ON))
        places.set_extent(session, place, extent, actor=OPERATOR)
        assert heard == [], "nothing is heard before the unit of work ends"
        assert len(published(session)) == 2
    assert heard == [NameTookEffect(place, "中山路", "解放路", ON), ExtentChanged(place, ON)]
    assert datasets(database) == 2, "what is heard is written in the same transaction"
    with database.write(actor="test") as session:
        places.abolish(session, place, date(2026, 11, 25), actor=OPERATOR)
    assert heard[2:] == [NameAbolished(place, "中山路", date(2026, 11, 25))]


def rename(database: Database, *, fails: bool = False) -> None:
    """A street that gets another name, in a unit of work that fails then or doesn't."""
    with database.write(actor="test") as session:
        place = street(session)
        places.take_effect(session, place, "中山路", ON, actor=OPERATOR)
        if fails:
            raise RuntimeError


def test_what_fails_was_never_said(database: Database, heard: list[object]) -> None:
    with pytest.raises(RuntimeError):
        rename(database, fails=True)
    assert heard == []


def test_whoever_hears_it_can_undo_all_of_it(database: Database) -> None:
    def refuse(session: WriteSession, said: NameTookEffect) -> None:
        del session, said
        raise RuntimeError

    subscribe(NameTookEffect, refuse)
    try:
        with pytest.raises(RuntimeError):
            rename(database)
    finally:
        unsubscribe(NameTookEffect, refuse)
    with database.read() as reading:
        assert reading.scalars(select(Place.id)).all() == []


def test_what_is_said_while_hearing_is_heard_too(database: Database, heard: list[object]) -> None:
    def and_then(session: WriteSession, said: NameAbolished) -> None:
        publish(session, ExtentChanged(said.place, said.on))

    subscribe(NameAbolished, and_then)
    try:
        with database.write(actor="test") as session:
            place = street(session)
            places.abolish(session, place, ON, actor=OPERATOR)
    finally:
        unsubscribe(NameAbolished, and_then)
    assert heard == [NameAbolished(place, "解放路", ON), ExtentChanged(place, ON)]
