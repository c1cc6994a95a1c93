"""What a lower room says is heard in the same transaction, in its order, or not at all."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select

from geo_registry.cases import service as cases
from geo_registry.cases import writing
from geo_registry.cases.inputs import Taking
from geo_registry.db.events import publish, published, subscribe, unsubscribe
from geo_registry.db.revisions import WHICHEVER
from geo_registry.db.session import Database, WriteSession
from geo_registry.model import Dataset, Place
from geo_registry.places import service as places
from geo_registry.places.events import (
    DetailsChanged,
    ExtentChanged,
    NameAbolished,
    NameCorrected,
    NameTookEffect,
    PlaceRegistered,
    PlacesImported,
)
from geo_registry.places.inputs import NameCorrection, NewExtent, NewName, NewPlace, PlaceCorrection
from geo_registry.places.periods import Dated
from geo_registry.vocabulary import CaseStep, DatasetKind, DivisionLevel
from tests.factories import make_dataset, make_division, make_two_towns, operator
from tests.integration.imports import run_import, write_csv
from tests.integration.test_cases import AREA, COUNTY, TODAY, Office, road

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
        assert published(session) == (
            PlaceRegistered(place, "解放路"),
            NameTookEffect(place, "中山路", "解放路", ON),
            ExtentChanged(place, ON),
        )
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


@pytest.fixture
def all_said() -> Iterator[list[object]]:
    """What is heard of places, of every sort."""
    told: list[object] = []

    def listen(session: WriteSession, said: object) -> None:
        del session
        told.append(said)

    kinds = (
        NameTookEffect,
        NameCorrected,
        NameAbolished,
        ExtentChanged,
        DetailsChanged,
        PlaceRegistered,
        PlacesImported,
    )
    for kind in kinds:
        subscribe(kind, listen)
    yield told
    for kind in kinds:
        unsubscribe(kind, listen)


def test_an_approval_says_all_that_its_names_come_to(
    database: Database, all_said: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "today", lambda: TODAY)
    reach = {"type": "LineString", "coordinates": [[119.60, 29.10], [119.66, 29.10]]}
    with database.write(actor="test") as session:
        make_division(session, "330700000000", level=DivisionLevel.CITY, name="金华市")
        make_division(session, COUNTY, name="婺城区", box=AREA)
        office = Office(session)
        old, longer, measured = office.street("小弄"), office.street("长街"), office.street("直街")
        told = office.open(
            road("东街", absorbs=[str(old)]),
            {"action": "adjust", "place": str(longer), "geometry": reach, "detail": {"length_m": 6000}},
            {"action": "adjust", "place": str(measured), "detail": {"width_m": 12}},
        )
        office.signed(told.case.id)
    all_said.clear()
    with database.write(actor=office.signer) as session:
        approval = Taking(on=ON, number="金政地名〔2026〕12号")
        told = cases.decide(session, told.case.id, CaseStep.APPROVE, approval, seen=WHICHEVER, actor=office.signer)
        assert all_said == [], "nothing is heard before the unit of work ends"
    new = told.lines[0].place
    assert new is not None
    assert all_said == [
        NameTookEffect(new, "东街", None, ON),
        ExtentChanged(new, ON),
        ExtentChanged(longer, ON),
        DetailsChanged(longer, ("length_m",), ON),
        DetailsChanged(measured, ("width_m",), ON),
        NameAbolished(old, "小弄", ON),
    ]


def test_what_is_taken_over_or_corrected_is_said(database: Database, all_said: list[object]) -> None:
    new = NewPlace.model_validate({"class": "street", "name": "解放路", "geometry": LINE, "begun_on": "1950"})
    with database.write(actor="test") as session:
        place = places.register_place(session, new, actor=OPERATOR).place.id
    assert all_said == [PlaceRegistered(place, "解放路"), ExtentChanged(place, date(1950, 1, 1))]
    for width in (12, 12):
        change = PlaceCorrection(detail={"width_m": width}, why="实测")
        with database.write(actor="test") as session:
            places.correct_place(session, place, change, seen=WHICHEVER, actor=OPERATOR)
    assert all_said[2:] == [DetailsChanged(place, ("width_m",), None)], "said once: the second changes nothing"
    all_said.clear()
    for _ in range(2):
        with database.write(actor="test") as session:
            name = places.names_of_places(session, [place])[place][0].id
            spelt = NameCorrection(romanized="Xièfàng Lù", meaning="纪念解放", why="核对")
            places.correct_name(session, place, name, spelt, seen=WHICHEVER, actor=OPERATOR)
    fields = ("meaning", "romanized", "romanized_by", "romanized_why")
    assert all_said == [NameCorrected(place, "解放路", fields)]
    all_said.clear()
    with database.write(actor="test") as session:
        alias = places.add_name(session, place, NewName(name="老街"), actor=OPERATOR).id
    with database.write(actor="test") as session:
        taken_back = NameCorrection(meaning="误传", withdrawn=True, why="误录")
        places.correct_name(session, place, alias, taken_back, seen=WHICHEVER, actor=OPERATOR)
    assert all_said == [NameCorrected(place, "老街", ("meaning", "withdrawn"))]


def test_an_import_says_one_thing_of_all_its_places(database: Database, all_said: list[object], tmp_path: Path) -> None:
    with database.write(actor="test") as session:
        make_two_towns(session)
    path = write_csv(
        tmp_path,
        "编号,标准名称,类别,经度,纬度",
        *(f"D{at},第{at}大道,道路,{119.62 + at / 1_000},29.08" for at in range(5)),
    )
    for _ in range(2):
        run_import(database, DatasetKind.PLACES, path)
    with database.read() as session:
        (dataset,) = session.scalars(select(Dataset.id).where(Dataset.kind == DatasetKind.PLACES.value))
    assert all_said == [PlacesImported(dataset, 5, 0)], "the same file again changes nothing, and says nothing"
