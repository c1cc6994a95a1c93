"""The places around a name of a case: which, how far, in what direction; by the index; within one's own cases."""

import math
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from geoalchemy2.shape import from_shape
from shapely.geometry import LineString

from geo_registry.accounts.actors import Grant
from geo_registry.cases import neighbours, service, writing
from geo_registry.cases.inputs import NewCase
from geo_registry.db.session import WriteSession
from geo_registry.errors import CaseLineUnknown, CaseUnknown
from geo_registry.vocabulary import Compass, PlaceState, Role
from tests.factories import make_actor, make_division, make_place, operator

COUNTY, NEIGHBOUR = "330702000000", "330703000000"
ROAD = {"type": "LineString", "coordinates": [[119.60, 29.10], [119.62, 29.10]]}
REGISTRAR = make_actor(Grant(Role.REGISTRAR, "330702"))


@pytest.fixture(autouse=True)
def _day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "today", lambda: date(2026, 11, 25))


@pytest.fixture
def line(session: WriteSession) -> tuple[UUID, UUID]:
    make_division(session, COUNTY, name="婺城区", box=(119.5, 29.0, 119.8, 29.2))
    make_division(session, NEIGHBOUR, name="金东区", box=(119.8, 29.0, 120.1, 29.2))
    return opened(session, ROAD)


def opened(session: WriteSession, geometry: dict[str, Any] | None) -> tuple[UUID, UUID]:
    name = {"name": "仙源湖路", "class": "street", "geometry": geometry}
    new = {"kind": "naming", "title": "x", "division": COUNTY, "approver": "government", "names": [name]}
    told = service.open_case(session, NewCase.model_validate(new), actor=REGISTRAR)
    return told.case.id, told.lines[0].id


def test_the_nearest_come_first_with_their_distance_and_direction(
    session: WriteSession, line: tuple[UUID, UUID]
) -> None:
    make_place(session, lon=119.61, lat=29.104, standard_name="北村")
    make_place(session, lon=119.61, lat=29.098, standard_name="南村")
    make_place(session, lon=119.622, lat=29.1018, standard_name="东北村")
    make_place(session, lon=119.61, lat=29.106, standard_name="远村")
    make_place(session, lon=119.61, lat=29.101, standard_name="旧村", state=PlaceState.ABOLISHED.value)
    crossing = from_shape(LineString([(119.605, 29.099), (119.605, 29.101)]), srid=4490)
    make_place(session, standard_name="横路", place_class="street", geom=crossing)
    found = service.neighbours_of(session, *line, actor=REGISTRAR)
    told = [(each.name, round(each.distance_m, -1), each.direction) for each in found]
    assert told == [
        ("横路", 0, None),
        ("南村", 220, Compass.SOUTH),
        ("东北村", 280, Compass.NORTH_EAST),
        ("北村", 440, Compass.NORTH),
    ]
    assert found[1].geometry is not None


def test_there_are_at_most_twenty_and_none_without_a_position(session: WriteSession, line: tuple[UUID, UUID]) -> None:
    for number in range(neighbours.MOST + 5):
        make_place(session, lon=119.61, lat=29.1001 + number * 0.0001)
    assert len(service.neighbours_of(session, *line, actor=REGISTRAR)) == neighbours.MOST
    assert service.neighbours_of(session, *opened(session, None), actor=REGISTRAR) == []


def test_it_is_asked_within_ones_own_cases(session: WriteSession, line: tuple[UUID, UUID]) -> None:
    case, _ = line
    with pytest.raises(CaseLineUnknown):
        service.neighbours_of(session, case, case, actor=operator())
    with pytest.raises(CaseUnknown):
        service.neighbours_of(session, case.__class__(int=1), case, actor=operator())


@pytest.mark.parametrize(
    ("degrees", "direction"),
    [(0, Compass.NORTH), (45, Compass.NORTH_EAST), (90, Compass.EAST), (180, Compass.SOUTH), (359, Compass.NORTH)],
)
def test_a_bearing_is_said_in_words(degrees: int, direction: Compass) -> None:
    assert neighbours.direction_of(math.radians(degrees)) is direction
