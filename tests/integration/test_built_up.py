"""Built-up areas: drawn or made of divisions, through time, and the rules of names that read them."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from geoalchemy2.shape import from_shape
from shapely import MultiPolygon
from shapely.geometry import box, mapping, shape
from sqlalchemy import select

from geo_registry import clock
from geo_registry.accounts.actors import Actor, Grant, local_operator
from geo_registry.built_up import service
from geo_registry.built_up.inputs import AreaChange, AreaEnd, NewArea
from geo_registry.built_up.queries import AreaQuery
from geo_registry.db.paging import Page
from geo_registry.db.revisions import WHICHEVER, Seen
from geo_registry.db.session import Database
from geo_registry.errors import (
    BuiltUpAreaUnknown,
    BuiltUpAreaUnsound,
    NotThereThen,
    NotYourDivision,
    RecordChanged,
    VersionNeeded,
)
from geo_registry.jobs import queue
from geo_registry.model import Division
from geo_registry.places.service import REVIEW_TASK
from geo_registry.search import keeping
from geo_registry.vocabulary import AreaConcern, DivisionLevel, Role
from tests.factories import TOWN, WEST, make_actor, make_division, make_two_towns
from tests.integration.test_name_checks import checked, place, reviewed

HALF = (WEST[0], WEST[1], (WEST[0] + WEST[2]) / 2, WEST[3])
OPERATOR = local_operator()


@pytest.fixture
def registry(database: Database) -> Database:
    keeping.install()
    with database.write(actor="test") as session:
        make_two_towns(session)
    return database


def drawn(*bounds: float, **over: Any) -> NewArea:
    return NewArea.model_validate({"name": "西区", "geometry": mapping(box(*bounds)), "division": "330702", **over})


def register(database: Database, new: NewArea, actor: Actor = OPERATOR) -> service.AreaTold:
    with database.write(actor=actor) as session:
        return service.register_area(session, new, actor=actor)


def change(database: Database, told: service.AreaTold, **over: Any) -> service.AreaTold:
    with database.write(actor=OPERATOR) as session:
        said = AreaChange.model_validate({"why": "规划", **over})
        return service.change_area(session, told.area.id, said, seen=WHICHEVER, actor=OPERATOR)


def told_on(database: Database, told: service.AreaTold, day: date) -> service.AreaTold:
    with database.read() as session:
        return service.tell_area(session, told.area.id, on=day)


def east_of(told: service.AreaTold) -> float:
    return float(shape(told.area.reach.geometry).bounds[2])


def test_an_area_is_made_of_divisions_by_the_list_of_its_time(database: Database) -> None:
    with database.write(actor="test") as session:
        make_division(session, "330702000000", name="婺城区")
        for vintage, east in ((2015, 119.62), (2023, 119.64)):
            make_division(
                session,
                TOWN,
                level=DivisionLevel.TOWNSHIP,
                vintage=vintage,
                geom=_multi(119.6, 29.05, east, 29.1),
            )
    new = NewArea.model_validate({"name": "城区", "divisions": [TOWN[:9]], "valid_from": "2016"})
    then = register(database, new)
    assert [(each.code, each.vintage) for each in then.area.reach.divisions] == [(TOWN, 2015)]
    assert east_of(then) == pytest.approx(119.62)
    assert then.area.division_code == "330702000000"
    now = register(database, new.model_copy(update={"valid_from": None}))
    assert [each.vintage for each in now.area.reach.divisions] == [2023]
    # Whoever corrects since when it holds has it made of the list of then.
    assert [each.vintage for each in change(database, now, valid_from="2017").area.reach.divisions] == [2015]


def test_a_division_without_a_boundary_is_told(registry: Database) -> None:
    with registry.write(actor="test") as session:
        make_division(session, "330702555000", level=DivisionLevel.TOWNSHIP, name="无界乡")
    new = NewArea.model_validate({"name": "城区", "divisions": ["330702555", "330702556"]})
    with pytest.raises(BuiltUpAreaUnsound) as refused:
        register(registry, new)
    assert "330702556000 未登记" in refused.value.message("zh")
    assert "330702555000 without a boundary" in refused.value.message("en")


def test_an_area_that_grows_keeps_what_it_was(registry: Database) -> None:
    told = register(registry, drawn(*HALF, valid_from="2005", source="总体规划（2005）"))
    grown = change(registry, told, since="2015-06", geometry=mapping(box(*WEST)), source="总体规划（2015）")
    assert (str(grown.area.reach.valid_from), grown.area.reach.source) == ("2015-06", "总体规划（2015）")
    assert [(str(each.valid_from), str(each.valid_to)) for each in grown.earlier] == [("2005", "2015-06")]
    assert east_of(told_on(registry, told, date(2010, 1, 1))) == pytest.approx(HALF[2])
    assert east_of(told_on(registry, told, date(2015, 6, 1))) == pytest.approx(WEST[2])
    with pytest.raises(NotThereThen):
        told_on(registry, told, date(2004, 12, 31))
    with registry.read() as session:
        listed = service.list_areas(session, AreaQuery(on=date(2010, 1, 1)), Page()).rows
        assert [str(row.reach.valid_to) for row in listed] == ["2015-06"]
        assert service.list_areas(session, AreaQuery(on=date(2004, 1, 1)), Page()).rows == []
    with pytest.raises(BuiltUpAreaUnsound):
        change(registry, told, since="2010", geometry=mapping(box(*WEST)))
    with pytest.raises(BuiltUpAreaUnsound):
        change(registry, told, valid_from="2012")


def test_nothing_begins_or_ends_in_the_future(registry: Database) -> None:
    tomorrow = (clock.now().date() + timedelta(days=2)).isoformat()
    with pytest.raises(BuiltUpAreaUnsound):
        register(registry, drawn(*WEST, valid_from=tomorrow))
    told = register(registry, drawn(*WEST))
    end = AreaEnd.model_validate({"on": tomorrow, "why": "并入"})
    with registry.write(actor=OPERATOR) as session, pytest.raises(BuiltUpAreaUnsound):
        service.end_area(session, told.area.id, end, seen=WHICHEVER, actor=OPERATOR)


def test_restoring_undoes_growing_and_ending(registry: Database) -> None:
    told = register(registry, drawn(*HALF, valid_from="2005"))
    change(registry, told, since="2015", geometry=mapping(box(*WEST)))
    with registry.write(actor=OPERATOR) as session:
        end = AreaEnd.model_validate({"on": "2020", "why": "并入东区"})
        ended = service.end_area(session, told.area.id, end, seen=WHICHEVER, actor=OPERATOR)
        assert not ended.area.in_force
    with pytest.raises(BuiltUpAreaUnsound):
        change(registry, told, since="2021", geometry=mapping(box(*WEST)))

    def restore(number: int) -> service.AreaTold:
        with registry.write(actor=OPERATOR) as session:
            return service.restore_area(session, told.area.id, number, seen=WHICHEVER, why="误", actor=OPERATOR)

    small = restore(1)
    assert east_of(small) == pytest.approx(HALF[2])
    assert (len(small.earlier), small.area.in_force) == (0, True)
    assert east_of(told_on(registry, told, date(2018, 1, 1))) == pytest.approx(HALF[2])
    large = restore(2)
    assert east_of(large) == pytest.approx(WEST[2])
    assert len(large.earlier) == 1
    with registry.read() as reading:
        revisions = service.list_revisions_with_authors(reading, told.area.id, Page(), actor=OPERATOR).rows
    assert [each.number for each in revisions] == [5, 4, 3, 2, 1]
    assert [each.field for each in revisions[2].changes] == ["valid_to"]


def test_which_version_was_seen_is_asked(registry: Database) -> None:
    told = register(registry, drawn(*WEST))
    said = AreaChange(name="东区", why="更正")
    with registry.write(actor=OPERATOR) as session, pytest.raises(VersionNeeded):
        service.change_area(session, told.area.id, said, seen=None, actor=OPERATOR)
    with registry.write(actor=OPERATOR) as session, pytest.raises(RecordChanged):
        service.change_area(session, told.area.id, said, seen=Seen(frozenset({"x"})), actor=OPERATOR)
    with registry.write(actor=OPERATOR) as session:
        seen = Seen(frozenset({told.area.version}))
        assert service.change_area(session, told.area.id, said, seen=seen, actor=OPERATOR).area.name == "东区"


def test_a_registrar_keeps_the_areas_of_the_own_county(registry: Database) -> None:
    with registry.write(actor="test") as session:
        make_division(session, "330703000000", name="金东区")
    own = make_actor(Grant(Role.REGISTRAR, "330703"))
    with pytest.raises(NotYourDivision):
        register(registry, drawn(*WEST), own)
    told = register(registry, drawn(*WEST, division="330703"), own)
    said = AreaChange(division="330702", why="x")
    with registry.write(actor=own) as session, pytest.raises(NotYourDivision):
        service.change_area(session, told.area.id, said, seen=WHICHEVER, actor=own)


def test_overlaps_and_what_lies_outside_the_division_are_told(registry: Database) -> None:
    with registry.write(actor="test") as session:
        county = session.scalars(select(Division).where(Division.code == "330702000000")).one()
        county.geom = _multi(*HALF)
    west = register(registry, drawn(*WEST))
    assert [each.kind for each in west.concerns] == [AreaConcern.OUTSIDE_DIVISION]
    other = register(registry, drawn(*HALF, name="老城"))
    assert [(each.kind, each.other_name) for each in other.concerns] == [(AreaConcern.OVERLAP, "西区")]
    assert other.concerns[0].area_km2 == pytest.approx(other.area.reach.area_km2, rel=0.01)
    # What only touches doesn't lie over it.
    beside = (HALF[2], HALF[1], HALF[2] + 0.01, HALF[3])
    assert AreaConcern.OVERLAP not in {
        each.kind for each in register(registry, drawn(*beside, name="旁")).concerns if each.other_name == "老城"
    }


def test_names_are_checked_against_the_area_as_it_is(registry: Database) -> None:
    """One name and all names: before it grew, after it did, and after it ended."""
    middle = (WEST[0] + WEST[2]) / 2
    place(registry, "人民路", lon=WEST[0] + 0.005)
    place(registry, "人民路", lon=WEST[2] - 0.005)
    told = register(registry, drawn(*HALF, valid_from="2005"))
    beside = register(registry, drawn(middle, *WEST[1:], name="新区", valid_from="2005"))
    at = (WEST[0] + 0.006, 29.08)

    def near() -> int:
        return sum(row.finding.code.value == "duplicate" for row in reviewed(registry))

    assert checked(registry, "人民路", at=at)["duplicate"].collides_with.distance_m < 500
    assert near() == 0
    with registry.write(actor=OPERATOR) as session:
        end = AreaEnd.model_validate({"on": "2015", "why": "并入西区"})
        service.end_area(session, beside.area.id, end, seen=WHICHEVER, actor=OPERATOR)
    change(registry, told, since="2015", geometry=mapping(box(*WEST)))
    assert near() == 2
    with registry.write(actor=OPERATOR) as session:
        end = AreaEnd.model_validate({"on": "2020", "why": "撤销"})
        service.end_area(session, told.area.id, end, seen=WHICHEVER, actor=OPERATOR)
    assert "built-up-area-unknown" in checked(registry, "人民路", at=at)


def test_a_change_has_all_names_checked_anew(registry: Database) -> None:
    told = register(registry, drawn(*WEST))
    change(registry, told, name="东区")
    with registry.read() as session:
        assert [job.task for job in queue.list_jobs(session, Page()).rows] == [REVIEW_TASK] * 2


def test_what_is_unknown_is_said(registry: Database) -> None:
    with registry.read() as session, pytest.raises(BuiltUpAreaUnknown):
        service.get_area(session, UUID(int=0))


def _multi(*bounds: float) -> Any:
    return from_shape(MultiPolygon([box(*bounds)]), srid=4490)
