"""Places through time: what they were called, how far they reached, what they are to one another."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from queue import Queue
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from sqlalchemy import insert, select, text
from sqlalchemy.exc import IntegrityError

from geo_registry import clock
from geo_registry.accounts.actors import Grant
from geo_registry.db.paging import Page
from geo_registry.db.revisions import WHICHEVER, Seen
from geo_registry.db.session import Database, ReadSession, WriteSession
from geo_registry.errors import (
    ByCaseAlone,
    DatabaseUnavailable,
    NameNotInForce,
    NotRecordedThen,
    NotYourDivision,
    PeriodsOverlap,
    PlaceNameUnknown,
    PlaceRelationUnknown,
    PlaceUnknown,
    PlaceUnsound,
    RecordChanged,
    VersionNeeded,
)
from geo_registry.jobs import daily
from geo_registry.model import NameKey, PlaceName
from geo_registry.places import service, turning
from geo_registry.places.inputs import (
    NameCorrection,
    NewExtent,
    NewName,
    NewPlace,
    NewRelation,
    PlaceCorrection,
)
from geo_registry.places.periods import Dated
from geo_registry.places.queries import PlaceQuery
from geo_registry.search import keeping
from geo_registry.vocabulary import NameKind, PlaceRelationKind, Role, SpellingStatus
from tests.conftest import RolledBackDatabase, TestUrls
from tests.factories import make_actor, make_division, operator

OPERATOR = operator()
LINE = {"type": "LineString", "coordinates": [[119.6, 29.1], [119.7, 29.1]]}
LONGER = {"type": "LineString", "coordinates": [[119.6, 29.1], [119.8, 29.1]]}


def street(session: WriteSession, name: str = "中山路", **over: object) -> UUID:
    values = {"class": "street", "name": name, "geometry": LINE} | over
    return service.register_place(session, NewPlace.model_validate(values), actor=OPERATOR).place.id


def called(session: ReadSession, place: UUID, day: date) -> str | None:
    found = service.tell_place(session, place).standard_name(day)
    return found.name if found else None


def test_a_place_is_told_with_its_names_extent_and_division(session: WriteSession) -> None:
    make_division(session, "330702000000", name="婺城区", box=(119, 29, 120, 30))
    told = service.register_place(
        session,
        NewPlace.model_validate(
            {
                "class": "street",
                "name": "中山路",
                "romanized": "Zhōngshān Lù",
                "named_on": "1946",
                "meaning": "纪念孙中山",
                "geometry": LINE,
                "detail": {"length_m": 1200, "surface": "沥青"},
                "names": [
                    {"name": "府前街", "kind": "former", "valid_from": "清", "valid_to": "1946"},
                    {"name": "Chung-shan Lu", "kind": "romanized", "language": "zh-Latn-wadegile"},
                ],
            }
        ),
        actor=OPERATOR,
    )
    assert (told.place.name, told.place.division_code) == ("中山路", "330702000000")
    assert (told.place.lon, told.place.lat) == pytest.approx((119.65, 29.1), abs=0.06)
    assert [(each.name, each.kind, each.romanized_by) for each in told.names] == [
        ("中山路", "standard", "source"),
        ("府前街", "former", "rules"),
        ("Chung-shan Lu", "romanized", None),
    ]
    former = told.names[1]
    assert (str(former.valid_from), str(former.valid_to)) == ("清", "1946")
    assert [each.geometry["type"] for each in told.extents] == ["LineString"]
    assert told.place.detail == {"length_m": 1200, "surface": "沥青"}


def test_a_name_that_takes_effect_ends_the_one_before_on_that_day(session: WriteSession) -> None:
    place = street(session, "解放路", named_on="1950")
    service.take_effect(session, place, "中山路", date(1984, 5, 1), actor=OPERATOR)
    assert called(session, place, date(1949, 12, 31)) is None
    assert called(session, place, date(1984, 4, 30)) == "解放路"
    assert called(session, place, date(1984, 5, 1)) == "中山路"
    assert service.get_place(session, place).name == "中山路"
    names = service.tell_place(session, place).names
    assert [(each.name, each.status, each.naming) for each in names] == [
        ("中山路", "approved", "decided"),
        ("解放路", "historical", "taken-over"),
    ]
    listed = service.list_places(session, PlaceQuery(on=date(1970, 1, 1)), Page()).rows
    assert [row.name for row in listed] == ["解放路"]


def test_names_in_chinese_that_nobody_spelt_are_spelt_by_the_rules(session: WriteSession) -> None:
    place = street(session, "人民东路", named_on="1950")
    service.take_effect(session, place, "中山路", date(1984, 5, 1), actor=OPERATOR)
    for kind in ("alias", "dialect"):
        service.add_name(session, place, NewName(name="府前街", kind=NameKind.of(kind)), actor=OPERATOR)
    assert [(each.name, each.romanized, each.romanized_by) for each in service.tell_place(session, place).names] == [
        ("中山路", "Zhōngshān Lù", "rules"),
        ("人民东路", "Rénmín Dōnglù", "rules"),
        ("府前街", "Fǔqián Jiē", "rules"),
        ("府前街", None, None),
    ]


@pytest.fixture
def day(monkeypatch: pytest.MonkeyPatch) -> Callable[[date], None]:
    """Has it be a day, at noon."""

    def be(day: date) -> None:
        monkeypatch.setattr(clock, "now", lambda: datetime.combine(day, time(4), tzinfo=UTC))

    return be


def test_a_name_that_begins_later_is_shown_from_its_day_on(database: Database, day: Callable[[date], None]) -> None:
    keeping.install()
    eve, on = date(2026, 12, 31), date(2027, 1, 1)
    day(date(2026, 11, 28))
    with database.write(actor="test") as session:
        place = street(session, "解放路", named_on="1950")
        service.take_effect(session, place, "中山路", on, actor=OPERATOR)
    assert shown(database, place) == ("解放路", "recorded", "in-use")
    assert keyed(database, place) == [("中山路", False, on), ("解放路", False, None)]
    with database.read() as session:
        told = service.tell_place(session, place)
        said = [told.shown_name(eve), told.shown_name(on), told.coming_name(eve), told.coming_name(on)]
        assert [each and each.name for each in said] == ["解放路", "中山路", "中山路", None]
    day(eve)
    assert turning.turn(database) == 0
    assert shown(database, place) == ("解放路", "recorded", "in-use")
    day(on)
    assert turning.turn(database) == 1
    assert shown(database, place) == ("中山路", "historical", "in-use")
    assert keyed(database, place) == [("中山路", False, None), ("解放路", True, None)]
    assert turning.turn(database) == 0
    with database.read() as session:
        (last, *_) = service.revisions_for(OPERATOR, session, place, Page()).rows
        assert (last.why, [each.field for each in last.changes]) == (turning.WHY, ["name"])


def test_a_place_that_ends_later_is_there_until_its_day(database: Database, day: Callable[[date], None]) -> None:
    keeping.install()
    day(date(2026, 11, 28))
    with database.write(actor="test") as session:
        place = street(session, "解放路", named_on="1950")
        service.abolish(session, place, date(2027, 1, 1), actor=OPERATOR)
        with pytest.raises(NameNotInForce, match="2027-01-01"):
            service.take_effect(session, place, "中山路", date(2028, 1, 1), actor=OPERATOR)
        with pytest.raises(NameNotInForce):
            service.abolish(session, place, date(2028, 1, 1), actor=OPERATOR)
    assert shown(database, place) == ("解放路", "recorded", "in-use")
    assert keyed(database, place) == [("解放路", False, None)]
    day(date(2027, 1, 1))
    turning.turn(database)
    assert shown(database, place) == ("解放路", "historical", "abolished")
    assert keyed(database, place) == [("解放路", True, None)]


def test_an_extent_that_begins_later_and_a_former_name_that_ends_later_are_turned_on_their_days(
    database: Database, day: Callable[[date], None]
) -> None:
    keeping.install()
    day(date(2026, 11, 28))
    with database.write(actor="test") as session:
        place = street(session, "解放路", named_on="1950")
        before = service.get_place(session, place).lon
        longer = NewExtent.model_validate({"geometry": LONGER, "valid_from": "2027-03-01"})
        service.set_extent(session, place, longer, actor=OPERATOR)
        alias = NewName.model_validate({"name": "新街", "kind": "alias", "valid_to": "2027-02-01"})
        service.add_name(session, place, alias, actor=OPERATOR)
        assert service.get_place(session, place).lon == before
        shown_now = service.tell_place(session, place).shown_extent(date(2026, 11, 28))
        assert shown_now is not None
        assert shown_now.geometry == LINE
    assert keyed(database, place) == [("新街", False, None), ("解放路", False, None)]
    day(date(2027, 2, 1))
    turning.turn(database)
    assert keyed(database, place) == [("新街", True, None), ("解放路", False, None)]
    day(date(2027, 3, 2))
    turning.turn(database)
    with database.read() as session:
        assert service.get_place(session, place).lon != before


def test_a_place_whose_first_name_is_to_come_is_shown_by_it(database: Database, day: Callable[[date], None]) -> None:
    day(date(2026, 11, 28))
    with database.write(actor="test") as session:
        place = street(session, "规划一路", named_on="2027-05-01")
        told = service.tell_place(session, place)
    assert told.place.name == "规划一路"
    assert told.shown_name(date(2026, 11, 28)) == told.coming_name(date(2026, 11, 28)) == told.names[0]


def test_the_name_in_force_is_not_withdrawn_because_its_end_is_known(
    session: WriteSession, day: Callable[[date], None]
) -> None:
    day(date(2026, 11, 28))
    place = street(session, "解放路", named_on="1950")
    service.take_effect(session, place, "中山路", date(2027, 1, 1), actor=OPERATOR)
    present = service.tell_place(session, place).shown_name(date(2026, 11, 28))
    assert present is not None
    taken_back = NameCorrection(withdrawn=True, why="误")
    with pytest.raises(PlaceUnsound):
        service.correct_name(session, place, present.id, taken_back, seen=WHICHEVER, actor=OPERATOR)
    past = {"name": "后街", "kind": "standard", "status": "historical", "valid_from": "2027-02-01", "valid_to": "2028"}
    with pytest.raises(PlaceUnsound):
        service.add_name(session, place, NewName.model_validate(past), actor=OPERATOR)


BEGINNINGS = some.lists(some.dates(date(2026, 6, 1), date(2027, 6, 1)), min_size=1, max_size=4, unique=True)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    begun=BEGINNINGS,
    looked=some.lists(some.dates(date(2026, 5, 1), date(2027, 7, 1)), min_size=1, max_size=4),
    around=some.integers(-1, 1),
)
def test_on_whatever_day_names_are_told_and_looked_at_the_one_in_force_is_shown(
    database: RolledBackDatabase,
    day: Callable[[date], None],
    begun: list[date],
    looked: list[date],
    around: int,
) -> None:
    """Whether the days come one by one or are slept through."""
    keeping.install()
    with database.connection.begin_nested() as tried:
        told_on, *_ = looked
        day(told_on)
        with database.write(actor="test") as session:
            place = street(session, "原名路")
            for number, since in enumerate(sorted(begun)):
                service.take_effect(session, place, f"名{number}路", since, actor=OPERATOR)
        expected = {since: f"名{number}路" for number, since in enumerate(sorted(begun))}
        for each in sorted({told_on, *looked, *(since + timedelta(days=around) for since in begun)}):
            if each < told_on:
                continue
            day(each)
            turning.turn(database)
            name = next((expected[since] for since in sorted(expected, reverse=True) if since <= each), "原名路")
            assert shown(database, place)[0] == name
            coming = {key: since for key, _, since in keyed(database, place) if since is not None}
            assert coming == {expected[since]: since for since in expected if since > each}
        tried.rollback()


def test_the_worker_turns_at_once_and_whenever_a_day_begins(
    database: Database, day: Callable[[date], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An outage is waited out: the day is turned to when the database is back."""
    turned: Queue[date] = Queue()
    outages = iter([True])

    def turn(of: Database) -> int:
        assert of is database
        if next(outages, False):
            raise DatabaseUnavailable(reason="away")
        turned.put(turning.today())
        return 0

    monkeypatch.setattr(turning, "turn", turn)
    monkeypatch.setattr(daily, "LOOK_EVERY_S", 0.01)
    day(date(2026, 12, 31))
    with turning.turning(database):
        assert turned.get(timeout=60) == date(2026, 12, 31)
        day(date(2027, 1, 1))
        assert turned.get(timeout=60) == date(2027, 1, 1)
    assert turned.empty()


def shown(database: Database, place: UUID) -> tuple[str, str, str]:
    """What the place is called, the status of its oldest name, and whether it is there."""
    with database.read() as session:
        told = service.tell_place(session, place)
        return told.place.name, told.names[-1].status, told.place.state


def keyed(database: Database, place: UUID) -> list[tuple[str, bool, date | None]]:
    with database.read() as session:
        keys = select(NameKey.name, NameKey.former, NameKey.begins_on).where(NameKey.record_id == place)
        return [(row.name, row.former, row.begins_on) for row in session.execute(keys.order_by(NameKey.name))]


def test_a_name_cannot_take_effect_before_the_one_in_force_did(session: WriteSession) -> None:
    place = street(session, named_on="1984-05-01")
    with pytest.raises(NameNotInForce) as refused:
        service.take_effect(session, place, "人民路", date(1984, 5, 1), actor=OPERATOR)
    assert "中山路" in refused.value.message("zh")
    assert service.get_place(session, place).name == "中山路"


def test_an_abolished_place_keeps_what_it_was_called(session: WriteSession) -> None:
    place = street(session, named_on="1946")
    service.abolish(session, place, date(2010, 1, 1), actor=OPERATOR)
    assert service.get_place(session, place).state == "abolished"
    assert called(session, place, date(2009, 12, 31)) == "中山路"
    assert called(session, place, date(2010, 1, 1)) is None
    assert service.list_places(session, PlaceQuery(on=date(2011, 1, 1)), Page()).rows == []
    with pytest.raises(NameNotInForce):
        service.take_effect(session, place, "人民路", date(2020, 1, 1), actor=OPERATOR)


def test_what_is_registered_as_abolished_reached_as_far_as_it_did_up_to_its_end(session: WriteSession) -> None:
    place = street(session, named_on="1946", begun_on="1946", ended_on="2010-01-01", state="abolished")
    told = service.tell_place(session, place)
    assert (told.extent(date(2009, 12, 31)) is None, told.extent(date(2010, 1, 1)) is None) == (False, True)
    assert [name.status for name in told.names] == ["historical"]
    assert (str(told.place.begun_on), str(told.place.ended_on)) == ("1946", "2010-01-01")


def test_what_ends_by_a_decision_ends_on_a_day(session: WriteSession) -> None:
    place = street(session, named_on="1946", begun_on="1940s")
    ended = service.abolish(session, place, date(2020, 1, 1), actor=OPERATOR)
    assert (str(ended.begun_on), str(ended.ended_on)) == ("1940s", "2020-01-01")


def test_registering_a_place_is_one_revision(session: WriteSession) -> None:
    place = street(session, geometry=LINE)
    assert len(service.list_revisions(session, place, Page()).rows) == 1
    assert service.get_place(session, place).lon is not None


def test_two_standard_names_at_once_are_refused_by_the_schema_too(session: WriteSession) -> None:
    place = street(session, named_on="1946")
    past = {"name": "府前街", "kind": "standard", "status": "historical", "valid_from": "1930", "valid_to": "1950"}
    with pytest.raises(PeriodsOverlap) as refused:
        service.add_name(session, place, NewName.model_validate(past), actor=OPERATOR)
    assert "中山路" in refused.value.message("zh")
    row = {
        "place_id": place,
        "name": "府前街",
        "kind": "standard",
        "valid_from": date(1930, 1, 1),
        "valid_to": date(1950, 1, 1),
    }
    with pytest.raises(IntegrityError, match="ex_place_name_one_standard_name"), session.begin_nested():
        session.execute(insert(PlaceName).values(**row))
    service.add_name(session, place, NewName.model_validate(past | {"valid_to": "1946"}), actor=OPERATOR)
    assert called(session, place, date(1940, 1, 1)) == "府前街"


def test_a_standard_name_of_the_present_is_not_just_added(session: WriteSession) -> None:
    place = street(session)
    with pytest.raises(PlaceUnsound, match="decided on"):
        service.add_name(session, place, NewName(name="人民路", kind=NameKind.STANDARD), actor=OPERATOR)


def test_a_longer_extent_ends_the_one_before(session: WriteSession) -> None:
    place = street(session, begun_on="1946")
    service.set_extent(
        session, place, NewExtent.model_validate({"geometry": LONGER, "valid_from": "2015-06-01"}), actor=OPERATOR
    )
    told = service.tell_place(session, place)
    then, now = told.extent(date(2015, 5, 31)), told.extent(date(2015, 6, 1))
    assert then is not None
    assert now is not None
    assert (then.geometry["coordinates"], now.geometry["coordinates"]) == (LINE["coordinates"], LONGER["coordinates"])
    assert session.scalar(text("SELECT ST_XMax(geom) FROM place WHERE id = :id"), {"id": place}) == 119.8
    with pytest.raises(PlaceUnsound):
        service.set_extent(
            session, place, NewExtent.model_validate({"geometry": LINE, "valid_from": "2015"}), actor=OPERATOR
        )


def test_a_correction_needs_the_version_that_was_seen_and_keeps_who_romanised(session: WriteSession) -> None:
    place = street(session, romanized="Zhōngshān Lù")
    (name,) = service.tell_place(session, place).names
    change = NameCorrection(romanized="Zhòngshān Lù", why="测试")
    with pytest.raises(VersionNeeded):
        service.correct_name(session, place, name.id, change, seen=None, actor=OPERATOR)
    found = service.correct_name(session, place, name.id, change, seen=Seen(frozenset({name.version})), actor=OPERATOR)
    assert (found.romanized, found.romanized_by, found.romanized_why) == ("Zhòngshān Lù", "registrar", "测试")
    with pytest.raises(RecordChanged):
        service.correct_name(session, place, name.id, change, seen=Seen(frozenset({name.version})), actor=OPERATOR)
    back = service.correct_name(
        session, place, name.id, NameCorrection(romanized="", why="撤回"), seen=WHICHEVER, actor=OPERATOR
    )
    assert (back.romanized, back.romanized_by) == (None, None)


def test_details_are_those_of_the_class(session: WriteSession) -> None:
    place = street(session)
    version = WHICHEVER
    change = PlaceCorrection(detail={"width_m": 24, "surface": "沥青"}, why="测量")
    assert service.correct_place(session, place, change, seen=version, actor=OPERATOR).detail == {
        "width_m": 24,
        "surface": "沥青",
    }
    gone = service.correct_place(
        session, place, PlaceCorrection(detail={"surface": None}, why="误"), seen=version, actor=OPERATOR
    )
    assert gone.detail == {"width_m": 24}
    with pytest.raises(PlaceUnsound, match="elevation_m"):
        service.correct_place(
            session, place, PlaceCorrection(detail={"elevation_m": 5}, why="误"), seen=version, actor=OPERATOR
        )


def test_a_relation_is_read_from_both_sides_until_it_is_withdrawn(session: WriteSession) -> None:
    old, new = street(session, "后街"), street(session, "中山路")
    given = NewRelation(
        kind=PlaceRelationKind.REPLACES, other=old, since=Dated.parse("1984"), evidence="金政地〔1984〕1号"
    )
    made = service.relate_places(session, new, given, actor=OPERATOR)
    (mine,) = service.tell_place(session, new).relations
    (theirs,) = service.tell_place(session, old).relations
    assert (mine.other, mine.inverse, theirs.other, theirs.inverse) == (old, False, new, True)
    assert (mine.id, mine.evidence, mine.since) == (theirs.id, theirs.evidence, theirs.since)
    with pytest.raises(IntegrityError, match="uq_place_relation"), session.begin_nested():
        service.relate_places(session, new, given, actor=OPERATOR)
    with pytest.raises(PlaceRelationUnknown):
        service.withdraw_relation(session, old, made.id, "误", actor=OPERATOR)
    service.withdraw_relation(session, new, made.id, "误", actor=OPERATOR)
    assert service.tell_place(session, new).relations == service.tell_place(session, old).relations == []
    with pytest.raises(PlaceUnsound):
        service.relate_places(session, new, given.model_copy(update={"other": new}), actor=OPERATOR)
    with pytest.raises(PlaceUnknown):
        service.relate_places(session, new, given.model_copy(update={"other": uuid4()}), actor=OPERATOR)


def test_a_county_s_registrar_keeps_that_county_alone(session: WriteSession) -> None:
    make_division(session, "330702000000", name="婺城区", box=(119, 29, 120, 30))
    make_division(session, "330782000000", name="义乌市", box=(120, 29, 121, 30))
    place = street(session)
    own = make_actor(Grant(Role.REGISTRAR, "330702"))
    other = make_actor(Grant(Role.REGISTRAR, "330782"))
    name = NewName(name="府前街", kind=NameKind.FORMER)
    with pytest.raises(NotYourDivision):
        service.add_name(session, place, name, actor=other)
    assert service.add_name(session, place, name, actor=own).name == "府前街"
    with pytest.raises(NotYourDivision):
        service.correct_place(session, place, PlaceCorrection(division="330782", why="x"), seen=WHICHEVER, actor=own)


def test_what_is_not_there_is_said(session: WriteSession) -> None:
    place = street(session)
    with pytest.raises(PlaceUnknown):
        service.get_place(session, uuid4())
    with pytest.raises(PlaceNameUnknown):
        service.get_name(session, place, uuid4())


def test_a_place_outside_the_division_that_it_claims_is_refused(session: WriteSession) -> None:
    make_division(session, "330702000000", name="婺城区", box=(119, 29, 120, 30))
    make_division(session, "330782000000", name="义乌市", box=(120, 29, 121, 30))
    with pytest.raises(PlaceUnsound, match="330702"):
        street(session, division="330782")


def test_it_is_found_by_every_name_and_former_ones_are_known_as_such(database: Database) -> None:
    keeping.install()
    with database.write(actor="test") as session:
        place = street(session, "解放路", named_on="1950")
        service.add_name(session, place, NewName(name="府前街", kind=NameKind.FORMER), actor=OPERATOR)
    with database.write(actor="test") as session:
        service.take_effect(session, place, "中山路", date(1984, 5, 1), actor=OPERATOR)
    with database.read() as session:
        keys = session.execute(
            select(NameKey.name, NameKey.name_kind, NameKey.former, NameKey.homophone)
            .where(NameKey.record_id == place)
            .order_by(NameKey.name)
        ).all()
    assert [tuple(key) for key in keys] == [
        ("中山路", "standard", False, "zon san lu"),
        ("府前街", "former", True, "fu qian jie"),
        ("解放路", "standard", True, "jie fan lu"),
    ]


def test_what_the_registry_held_is_read_back(committed: TestUrls) -> None:
    database = Database.connect(committed.app)
    with database.write(actor="test") as session:
        place = street(session, "解放路", named_on="1950")
    with database.read() as session:
        before = session.scalar(text("SELECT clock_timestamp()"))
    with database.write(actor="test") as session:
        service.take_effect(session, place, "中山路", date(1984, 5, 1), actor=OPERATOR)
    with database.read() as session:
        then, now = service.tell_place(session, place, at=before), service.tell_place(session, place)
        assert [each.name for each in then.names] == ["解放路"]
        assert (then.place.name, now.place.name) == ("解放路", "中山路")
        assert len(now.names) == 2
        with pytest.raises(NotRecordedThen):
            service.tell_place(session, place, at=datetime(2000, 1, 1, tzinfo=UTC))
    database.dispose()


STEPS = some.lists(
    some.tuples(
        some.sampled_from(["name", "extent", "past", "correct"]), some.dates(date(1900, 1, 1), date(2030, 1, 1))
    ),
    max_size=8,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_whatever_is_done_no_two_standard_names_or_extents_share_a_day(
    session: WriteSession, steps: list[tuple[str, date]]
) -> None:
    """And every state of the past can be read back: what was in force on the day of each step stays so, or the step was refused."""
    with session.begin_nested() as nested:
        place = street(session, "原名", named_on="1949-10-01", begun_on="1949-10-01")
        timeline: dict[date, str] = {}
        for number, (step, day) in enumerate(steps):
            try:
                with session.begin_nested():
                    _do(session, place, step, day, number)
            except (ByCaseAlone, NameNotInForce, PlaceUnsound, PeriodsOverlap):
                continue
            if step == "correct":
                # Since when the newest name holds is told anew.
                timeline = {since: name for since, name in timeline.items() if since != max(timeline)}
            if step == "name":
                timeline[day] = f"名{number}路"
        told = service.tell_place(session, place)
        standard = sorted(
            (each for each in told.names if each.is_standard),
            key=lambda each: each.valid_from.day if each.valid_from else date.min,
        )
        for one, other in pairwise(standard):
            assert one.valid_to is not None
            assert other.valid_from is not None
            assert one.valid_to.day <= other.valid_from.day
        for later, earlier in pairwise(told.extents):
            assert earlier.valid_to is not None
            assert later.valid_from is not None
            assert earlier.valid_to.day <= later.valid_from.day
        for day, name in timeline.items():
            assert called(session, place, day) == name
            assert called(session, place, day - timedelta(days=1)) != name
        nested.rollback()


def _do(session: WriteSession, place: UUID, step: str, day: date, number: int) -> None:
    match step:
        case "name":
            service.take_effect(session, place, f"名{number}路", day, actor=OPERATOR)
        case "extent":
            given = {"geometry": LONGER, "valid_from": day.isoformat()}
            service.set_extent(session, place, NewExtent.model_validate(given), actor=OPERATOR)
        case "past":
            past = NewName.model_validate(
                {
                    "name": f"旧{number}路",
                    "kind": "standard",
                    "status": SpellingStatus.HISTORICAL,
                    "valid_from": (day - timedelta(days=400)).isoformat(),
                    "valid_to": day.isoformat(),
                }
            )
            service.add_name(session, place, past, actor=OPERATOR)
        case _:
            (first, *_rest) = service.tell_place(session, place).names
            change = NameCorrection.model_validate({"valid_from": day.isoformat(), "why": "考证"})
            service.correct_name(session, place, first.id, change, seen=WHICHEVER, actor=OPERATOR)


def decided_street(session: WriteSession) -> UUID:
    """A street whose name was decided on in 2020, and that has reached so far since 1949."""
    place = street(session, "解放路", begun_on="1949")
    service.take_effect(session, place, "中山路", date(2020, 5, 1), actor=OPERATOR)
    return place


@pytest.mark.parametrize("change", [{"valid_from": "2021-01-01"}, {"valid_to": "2024-01-01"}, {"valid_from": None}])
def test_period_of_a_name_that_was_decided_on_is_not_corrected(
    session: WriteSession, change: dict[str, object]
) -> None:
    place = decided_street(session)
    name = next(each for each in service.tell_place(session, place).names if each.name == "中山路")
    given = NameCorrection.model_validate({**change, "why": "考证"})

    with pytest.raises(ByCaseAlone) as refused:
        service.correct_name(session, place, name.id, given, seen=WHICHEVER, actor=OPERATOR)

    assert "事项办理" in refused.value.message("zh")


def test_what_is_said_of_a_decided_name_as_it_is_corrects_the_rest(session: WriteSession) -> None:
    place = decided_street(session)
    name = next(each for each in service.tell_place(session, place).names if each.name == "中山路")
    given = NameCorrection.model_validate({"valid_from": "2020-05-01", "meaning": "纪念孙中山", "why": "补录"})

    assert service.correct_name(session, place, name.id, given, seen=WHICHEVER, actor=OPERATOR).meaning == "纪念孙中山"


def test_name_in_force_that_was_taken_over_is_not_ended_by_a_correction_but_its_beginning_is(
    session: WriteSession,
) -> None:
    place = street(session, "解放路", named_on="1949")
    (name,) = service.tell_place(session, place).names
    ended = NameCorrection.model_validate({"valid_to": "2020-01-01", "why": "x"})
    begun = NameCorrection.model_validate({"valid_from": "1950-05-01", "why": "考证"})

    with pytest.raises(ByCaseAlone):
        service.correct_name(session, place, name.id, ended, seen=WHICHEVER, actor=OPERATOR)

    corrected = service.correct_name(session, place, name.id, begun, seen=WHICHEVER, actor=OPERATOR)
    assert str(corrected.valid_from) == "1950-05-01"


def test_extent_of_a_place_whose_name_was_decided_on_is_adjusted_by_a_case_alone(session: WriteSession) -> None:
    place = decided_street(session)
    longer = NewExtent.model_validate({"geometry": LONGER, "valid_from": "2022-01-01"})

    with pytest.raises(ByCaseAlone) as refused:
        service.set_extent(session, place, longer, actor=OPERATOR)

    assert "地名要素调整事项" in refused.value.message("zh")
    assert len(service.tell_place(session, place).extents) == 1


def test_present_extent_is_corrected_in_its_place(session: WriteSession) -> None:
    place = decided_street(session)
    (before,) = service.tell_place(session, place).extents
    since = str(before.valid_from) if before.valid_from else None

    made = service.set_extent(
        session, place, NewExtent.model_validate({"geometry": LONGER, "valid_from": since}), actor=OPERATOR
    )

    told = service.tell_place(session, place)
    _, withdrawn = service.withdrawn_of(session, place)
    assert [each.id for each in told.extents] == [made.id]
    assert made.geometry["coordinates"] == LONGER["coordinates"]
    assert [each.id for each in withdrawn] == [before.id]


def test_earlier_reach_of_a_place_whose_name_was_decided_on_may_be_told(session: WriteSession) -> None:
    place = decided_street(session)
    past = {"geometry": LONGER, "valid_from": "1930", "valid_to": "1940"}

    service.set_extent(session, place, NewExtent.model_validate(past), actor=OPERATOR)

    assert len(service.tell_place(session, place).extents) == 2
