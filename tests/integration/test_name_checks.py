"""Names checked against the registry: one that is to be given, and all that are there; what is cleared, and why."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from geoalchemy2.shape import from_shape
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from shapely import LineString, MultiPolygon, box
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from geo_registry.accounts.actors import Grant
from geo_registry.db.paging import Page
from geo_registry.db.session import Database, WriteSession
from geo_registry.divisions.rules import level_of
from geo_registry.errors import (
    AlreadyExists,
    ClearanceUnknown,
    DivisionAmbiguous,
    DivisionUnknown,
    FindingUnknown,
    NotYourDivision,
    NotYourRole,
)
from geo_registry.model import BuiltUpArea, Division, FindingClearance, Place, PlaceName
from geo_registry.model.geometry import STORAGE_SRID
from geo_registry.places import checking, clearing, service
from geo_registry.places.checking import NameQuestion
from geo_registry.places.clearing import FindingQuery, FindingRow, NewClearance
from geo_registry.places.reviewing import findings_among
from geo_registry.search import keeping
from geo_registry.vocabulary import DivisionLevel, FindingCode, Named, PlaceClass, Role, Severity
from tests.factories import EAST, NEXT_TOWN, TOWN, WEST, make_actor, make_division, make_place, make_two_towns, operator

OPERATOR = operator()


@pytest.fixture
def registry(database: Database) -> Database:
    """A county with two towns, each with its built-up area."""
    keeping.install()
    with database.write(actor="test") as session:
        make_two_towns(session)
        make_division(session, "330703000000", name="金东区")
    return database


def draw_areas(database: Database) -> None:
    with database.write(actor="test") as session:
        for key, area in (("west", WEST), ("east", EAST)):
            shape = from_shape(MultiPolygon([box(*area)]), srid=STORAGE_SRID)
            session.add(BuiltUpArea(key=key, name=key, geom=shape))


def place(
    database: Database,
    name: str,
    place_class: PlaceClass = PlaceClass.STREET,
    *,
    town: str = TOWN,
    line: Sequence[tuple[float, float]] = (),
    **over: object,
) -> UUID:
    with database.write(actor="test") as session:
        division = session.scalars(select(Division.id).where(Division.code == town)).one()
        values: dict[str, Any] = {"standard_name": name, "place_class": place_class.value, "division_id": division}
        if line:
            values["geom"] = from_shape(LineString(line), srid=STORAGE_SRID)
        elif town == NEXT_TOWN:
            over = {"lon": 119.68} | over
        else:
            over = {"lon": 119.62} | over
        return make_place(session, **(values | over)).id


def checked(
    database: Database,
    name: str,
    place_class: PlaceClass = PlaceClass.STREET,
    *,
    division: str | None = TOWN,
    at: tuple[float, float] | None = (119.62, 29.08),
    **detail: object,
) -> dict[str, Any]:
    lon, lat = at if at is not None else (None, None)
    with database.read() as session:
        question = NameQuestion(name, place_class, division, lon, lat, detail)
        return {each.code.value: each for each in service.check_name(session, question, actor=OPERATOR)}


def elsewhere(database: Database, *codes: str) -> None:
    """Divisions beside the two towns, without areas."""
    with database.write(actor="test") as session:
        for code in codes:
            whole = code.ljust(12, "0")
            make_division(session, whole, level=level_of(whole))


EVERY = FindingQuery(cleared=None)


def reviewed(database: Database, query: FindingQuery = EVERY) -> list[FindingRow]:
    service.review_now(database, actor=OPERATOR)
    return listed(database, query)


def listed(database: Database, query: FindingQuery = EVERY) -> list[FindingRow]:
    with database.read() as session:
        return list(service.list_findings(session, query, Page(limit=1000), actor=OPERATOR).rows)


def pairs(rows: Sequence[FindingRow]) -> set[tuple[str, str]]:
    return {(row.name, row.finding.code.value) for row in rows}


# One name.


def test_a_street_of_the_same_built_up_area_is_a_duplicate_and_across_its_border_none(registry: Database) -> None:
    draw_areas(registry)
    there = place(registry, "人民路", lon=119.63)
    found = checked(registry, "人民路")
    assert found["duplicate"].collides_with.id == there
    assert found["duplicate"].collides_with.distance_m == pytest.approx(972, abs=5)
    assert checked(registry, "人民路", division=NEXT_TOWN, at=(119.68, 29.08)) == {}
    assert "homophone" not in checked(registry, "人民路")


def test_a_street_that_crosses_two_built_up_areas_counts_in_both(registry: Database) -> None:
    draw_areas(registry)
    place(registry, "八一街", line=[(119.61, 29.08), (119.655, 29.08)])
    for at in ((119.62, 29.06), (119.69, 29.06)):
        assert "duplicate" in checked(registry, "八一街", division="330702", at=at)


def test_a_street_without_a_position_is_compared_within_its_town_and_that_is_said(registry: Database) -> None:
    draw_areas(registry)
    there = place(registry, "人民路", geom=None)
    finding = checked(registry, "人民路")["duplicate"]
    assert finding.collides_with.id == there
    assert "没有位置" in finding.basis.note
    assert "duplicate" not in checked(registry, "人民路", division=NEXT_TOWN, at=(119.68, 29.08))
    here = place(registry, "人民路")
    told = {row.record: row.finding for row in reviewed(registry) if row.finding.code is FindingCode.DUPLICATE}
    assert set(told) == {there, here}
    assert all("no position" in each.basis.noted("en") for each in told.values()), "as the review kept it"


def test_a_division_without_its_generic_part_is_compared_with_every_level(registry: Database) -> None:
    elsewhere(registry, "500100")
    found = checked(registry, "金东", PlaceClass.DIVISION, division="500100", at=None)["duplicate"]
    assert found.collides_with.name == "金东区"
    assert "层级不明" in found.basis.note


def test_of_a_division_the_newest_of_its_level_alone_is_told(registry: Database) -> None:
    """Levels have vintages of their own: what is the newest of villages is an old one of counties."""
    with registry.write(actor="test") as session:
        for vintage in (2010, 2018):
            make_division(session, "330703000000", name="金东区", vintage=vintage)
        make_division(session, "330703001201", name="前田村", level=DivisionLevel.VILLAGE, vintage=2018)
    with registry.read() as session:
        question = NameQuestion("金东", PlaceClass.DIVISION, "330702")
        found = service.check_name(session, question, actor=OPERATOR)
    assert [each.code.value for each in found].count("duplicate") == 1


def test_a_committees_seat_is_one_name_in_all_its_forms(registry: Database) -> None:
    seat = PlaceClass.COMMITTEE_SEAT
    there = place(registry, "潜溪村委会", seat)
    for form in ("潜溪村", "潜溪村民委员会"):
        found = checked(registry, form, seat, division=NEXT_TOWN, at=None)
        assert found["duplicate-folded"].collides_with.id == there
    assert "duplicate-folded" not in checked(registry, "潜溪居委会", seat, division=NEXT_TOWN, at=None)
    other = place(registry, "潜溪村", seat, town=NEXT_TOWN)
    third = place(registry, "潜溪村村民委员会", seat, town=NEXT_TOWN)
    place(registry, "潜溪居委会", seat)
    told = [
        (row.record, row.finding.collides_with.id)
        for row in reviewed(registry)
        if row.finding.code is FindingCode.DUPLICATE_FOLDED and row.finding.collides_with
    ]
    three = (there, other, third)
    assert sorted(told) == sorted((one, against) for one in three for against in three if one != against)
    with registry.write(actor="test") as session:
        new = list(findings_among(session, select(Place.id).where(Place.id == third)))
    assert {
        (subject.id, finding.collides_with.id) for batch in new for subject, finding in batch if finding.collides_with
    } == {(third, there), (third, other)}


def test_a_committee_that_is_a_place_and_a_division_is_told_once(registry: Database) -> None:
    """As the place; of the two committees of one name, each recorded twice, the review has one pair."""
    seat = PlaceClass.COMMITTEE_SEAT
    with registry.write(actor="test") as session:
        for code in (f"{TOWN[:9]}201", f"{NEXT_TOWN[:9]}201"):
            make_division(session, code, name="潜溪村", level=DivisionLevel.VILLAGE)
    here = place(registry, "潜溪村委会", seat)
    with registry.read() as session:
        question = NameQuestion("潜溪村", seat, "330702", None, None, {})
        found = service.check_name(session, question, actor=OPERATOR)
    same = [each.collides_with for each in found if each.code.value.startswith("duplicate")]
    # Of the next town's only the division is recorded.
    told = [(each.id == here, each.division) for each in same if each]
    assert sorted(told) == [(False, f"{NEXT_TOWN[:9]}201"), (True, TOWN)]
    there = place(registry, "潜溪村", seat, town=NEXT_TOWN)
    pairs = [
        (row.record, row.finding.collides_with.id)
        for row in reviewed(registry)
        if row.finding.code.value.startswith("duplicate") and row.finding.collides_with
    ]
    assert sorted(pairs) == sorted([(here, there), (there, here)])


def test_an_estate_is_in_another_pool_than_a_street(registry: Database) -> None:
    draw_areas(registry)
    place(registry, "江南里")
    assert "duplicate" in checked(registry, "江南里")
    assert checked(registry, "江南里", PlaceClass.RESIDENTIAL_AREA) == {}


def test_without_a_position_the_divisions_built_up_areas_count(registry: Database) -> None:
    draw_areas(registry)
    place(registry, "人民路", town=NEXT_TOWN)
    assert set(checked(registry, "人民路", division="330702", at=None)) == {"duplicate"}
    assert "duplicate" not in checked(registry, "人民路", division="330703", at=None)


def test_without_a_position_what_lies_outside_the_built_up_areas_counts_too(registry: Database) -> None:
    draw_areas(registry)
    lane = place(registry, "明府路", lon=119.9, lat=29.9)
    found = checked(registry, "明府路", division="330702", at=None)
    assert found["duplicate"].collides_with.id == lane
    assert not found["duplicate"].basis.verified
    assert "没有位置" in found["duplicate"].basis.noted("zh")
    assert "duplicate" in checked(registry, "明府路", division=TOWN, at=None)
    assert "duplicate" not in checked(registry, "明府路", division=NEXT_TOWN, at=None)
    assert "duplicate" not in checked(registry, "明府路"), "at a position in an area, the area decides"


def test_a_name_of_which_nobody_says_where_is_not_compared_and_that_is_said(registry: Database) -> None:
    there = place(registry, "人民路")
    for place_class in (PlaceClass.STREET, PlaceClass.COMMITTEE_SEAT):
        found = checked(registry, "人民路", place_class, division=None, at=None)
        assert (found["not-compared"].severity, "built-up-area-unknown" in found) == (Severity.ERROR, False)
    assert "not-compared" not in checked(registry, "人民山", PlaceClass.MOUNTAIN, division=None, at=None)
    # A position says which division it is.
    found = checked(registry, "人民路", division=None)
    assert (found["duplicate"].collides_with.id, "not-compared" in found) == (there, False)


def test_without_a_built_up_area_the_township_stands_in_and_that_is_said(registry: Database) -> None:
    place(registry, "人民路")
    found = checked(registry, "人民路")
    assert set(found) == {"duplicate", "built-up-area-unknown"}
    assert found["built-up-area-unknown"].message("zh-CN") == "这里没有划定建成区，按江南街道比对"
    assert set(checked(registry, "人民路", division=NEXT_TOWN, at=(119.68, 29.08))) == {"built-up-area-unknown"}
    assert "duplicate" in checked(registry, "人民路", division="330702", at=None)


def test_what_sounds_alike_is_found_by_its_sound(registry: Database) -> None:
    draw_areas(registry)
    place(registry, "钟山路")
    place(registry, "宗三路")
    found = checked(registry, "中山路")
    assert {code: each.collides_with.name for code, each in found.items()} == {
        "homophone": "钟山路",
        "near-homophone": "宗三路",
    }


def test_former_names_and_abolished_places_take_no_name(registry: Database) -> None:
    draw_areas(registry)
    place(registry, "人民路", state="abolished")
    with registry.write(actor="test") as session:
        kept = make_place(session, standard_name="中山路", place_class="street", lon=119.62)
        session.add(PlaceName(place_id=kept.id, name="解放路", kind="former"))
    assert checked(registry, "人民路") == {}
    assert checked(registry, "解放路") == {}


def test_a_town_is_told_apart_in_its_province_and_a_county_in_the_nation(registry: Database) -> None:
    elsewhere(registry, "320100", "500100")
    found = checked(registry, "白龙桥镇", PlaceClass.DIVISION, division="330703", at=None)
    assert found["duplicate"].collides_with.division == NEXT_TOWN
    assert "duplicate" not in checked(registry, "白龙桥镇", PlaceClass.DIVISION, division="320100", at=None)
    assert "duplicate" in checked(registry, "金东区", PlaceClass.DIVISION, division="500100", at=None)
    assert "duplicate" in checked(registry, "江南街道", PlaceClass.DIVISION, division="330703", at=None)


def test_an_estate_called_after_a_division_or_a_street_lies_in_or_along_it(registry: Database) -> None:
    draw_areas(registry)
    place(registry, "人民路", line=[(119.61, 29.08), (119.63, 29.08)])
    estate = PlaceClass.RESIDENTIAL_AREA
    assert checked(registry, "金东花园", estate)["name-elsewhere"].details["found"] == "金东"
    assert "name-elsewhere" not in checked(registry, "婺城花园", estate)
    assert checked(registry, "人民路小区", estate, at=(119.62, 29.081)) == {}
    found = checked(registry, "人民路小区", estate, at=(119.62, 29.099))
    assert found["name-elsewhere"].collides_with.distance_m == pytest.approx(2106, abs=10)
    assert "name-elsewhere" in checked(registry, "人民路小区", estate, division="330703", at=(121.0, 30.0))
    assert checked(registry, "解放路小区", estate) == {}, "there is no such street"
    found = checked(registry, "万科人民路小区", estate, at=(119.62, 29.099))
    assert found["name-elsewhere"].collides_with.name == "人民路"
    assert "name-elsewhere" not in checked(registry, "万科人民路小区", estate, at=(119.62, 29.081))
    assert checked(registry, "新金东花园", estate)["name-elsewhere"].details["found"] == "金东"
    assert "name-elsewhere" not in checked(registry, "新白龙桥花园", estate, division=NEXT_TOWN, at=(119.68, 29.06))
    assert checked(registry, "新白龙桥花园", estate)["name-elsewhere"].details["found"] == "白龙桥"


def test_what_a_name_used_elsewhere_is_of_is_told_with_where_and_how_far(registry: Database) -> None:
    """For one name and in the list of all, from the nearest that bears it."""
    draw_areas(registry)
    street = place(registry, "人民路", line=[(119.61, 29.08), (119.63, 29.08)])
    place(registry, "人民路", town=NEXT_TOWN, lon=119.80, lat=29.5)
    far = place(registry, "解放路", town=NEXT_TOWN, lon=121.0, lat=30.0)
    estate = PlaceClass.RESIDENTIAL_AREA
    given = {"人民路小区": (119.62, 29.099), "解放路小区": (119.62, 29.08), "白龙桥花园": (119.62, 29.08)}
    with registry.read() as session:
        division = session.scalars(select(Division.id).where(Division.code == NEXT_TOWN)).one()
    whom = {
        "人民路小区": (street, "人民路", TOWN),
        "解放路小区": (far, "解放路", NEXT_TOWN),
        "白龙桥花园": (division, "白龙桥镇", NEXT_TOWN),
    }
    found = {name: checked(registry, name, estate, at=at)["name-elsewhere"].collides_with for name, at in given.items()}
    assert {name: (each.id, each.name, each.division) for name, each in found.items()} == whom
    assert found["人民路小区"].distance_m == pytest.approx(2106, abs=10)
    assert found["解放路小区"].distance_m == pytest.approx(168_000, rel=0.02)
    assert found["白龙桥花园"].distance_m is not None
    for name, (lon, lat) in given.items():
        place(registry, name, estate, lon=lon, lat=lat)
    rows = reviewed(registry, FindingQuery(code=FindingCode.ELSEWHERE, cleared=None))
    assert {row.name: row.finding.collides_with for row in rows} == found


def test_a_division_is_said_by_code_or_name_and_one_that_is_not_there_is_refused(registry: Database) -> None:
    draw_areas(registry)
    place(registry, "人民路")
    for said in ("330702001", TOWN, "江南街道"):
        assert "duplicate" in checked(registry, "人民路", division=said, at=None), said
    for said in ("999999", "330799", "无此镇"):
        with pytest.raises(DivisionUnknown):
            checked(registry, "人民路", division=said)
    with registry.write(actor="test") as session:
        make_division(session, "330703001000", name="江南街道", level=DivisionLevel.TOWNSHIP)
    with pytest.raises(DivisionAmbiguous) as refused:
        checked(registry, "人民路", division="江南街道")
    assert TOWN in refused.value.message("zh")


def test_a_division_is_not_called_after_what_lies_beyond_it(registry: Database) -> None:
    place(registry, "双龙山", PlaceClass.MOUNTAIN, town=NEXT_TOWN)
    found = checked(registry, "双龙镇", PlaceClass.DIVISION, division="330703", at=None)
    assert found["division-from-feature"].collides_with.name == "双龙山"
    assert "division-from-feature" not in checked(registry, "双溪镇", PlaceClass.DIVISION, division="330703", at=None)


def test_a_facility_agrees_with_the_names_around_it(registry: Database) -> None:
    place(registry, "乾西", PlaceClass.VILLAGE)
    assert "facility-disagrees" not in checked(registry, "乾西站", PlaceClass.STATION)
    assert "facility-disagrees" not in checked(registry, "江南变电站", PlaceClass.POWER)
    assert "facility-disagrees" in checked(registry, "蒋堂站", PlaceClass.STATION)


def test_a_position_outside_the_division_is_found(registry: Database) -> None:
    draw_areas(registry)
    found = checked(registry, "人民路", at=(119.68, 29.08))
    assert found["outside-division"].details["division"] == "江南街道"
    elsewhere(registry, "330702001201")
    assert "outside-division" in checked(registry, "人民路", division="330702001201", at=(119.68, 29.08))


def test_a_number_is_missed(registry: Database) -> None:
    draw_areas(registry)
    for name in ("江南一街", "江南四街"):
        place(registry, name)
    assert checked(registry, "江南二街")["series-gap"].details["missing"] == "江南三街"
    assert checked(registry, "江南三街")["series-gap"].details["missing"] == "江南二街"
    assert checked(registry, "江南五街") == {}, "its neighbour is there"
    assert checked(registry, "城北二路")["series-gap"].details["missing"] == "城北一路"


def test_the_review_tells_each_gap_of_a_series_once(registry: Database) -> None:
    draw_areas(registry)
    for name in ("江南二街", "江南四街"):
        place(registry, name)
    gaps = [(row.name, row.finding.details["missing"]) for row in reviewed(registry)]
    assert gaps == [("江南二街", "江南一街"), ("江南二街", "江南三街")]


def test_a_size_is_held_against_the_generic_part(registry: Database) -> None:
    draw_areas(registry)
    assert set(checked(registry, "人民大道", width_m=12)) == {"generic-size"}


def test_whoever_has_no_office_may_not_check(registry: Database) -> None:
    question = NameQuestion("人民路", PlaceClass.STREET)
    with registry.read() as session, pytest.raises(NotYourRole):
        service.check_name(session, question, actor=make_actor(Grant(Role.FIELD)))


# All names.


def test_the_review_finds_both_sides_of_what_collides(registry: Database) -> None:
    draw_areas(registry)
    one, other = place(registry, "人民路", lon=119.61), place(registry, "人民路", lon=119.63)
    place(registry, "人民路", town=NEXT_TOWN)
    found = {
        (row.record, row.finding.collides_with.id)
        for row in reviewed(registry)
        if row.finding.code is FindingCode.DUPLICATE and row.finding.collides_with
    }
    assert found == {(one, other), (other, one)}


def test_the_review_looks_at_every_rule(registry: Database) -> None:
    draw_areas(registry)
    place(registry, "曼哈顿广场", PlaceClass.BUILDING)
    place(registry, "金东花园", PlaceClass.RESIDENTIAL_AREA)
    place(registry, "解放路小区", PlaceClass.RESIDENTIAL_AREA, lat=29.099)
    place(
        registry,
        "解放路",
        line=[(119.61, 29.07), (119.64, 29.07)],
        detail={"begins_at": "西起通济街", "ends_at": "通园路"},
    )
    place(registry, "通园路", line=[(119.64, 29.06), (119.64, 29.08)])
    place(registry, "通济街", line=[(119.602, 29.06), (119.602, 29.09)])
    place(registry, "光明路", line=[(119.612, 29.07), (119.638, 29.07)])
    place(registry, "蒋堂站", PlaceClass.STATION)
    place(registry, "江南一街")
    place(registry, "江南三街")
    place(registry, "双龙巷", detail={"width_m": 60, "built_from": "2016", "built_to": "2015-01-01"})
    place(registry, "通远路", lon=119.68)
    place(registry, "人民路", lon=119.61)
    place(registry, "人民街", lon=119.61)
    place(registry, "白龙桥山", PlaceClass.MOUNTAIN)
    found = pairs(reviewed(registry))
    assert found == {
        ("曼哈顿广场", "foreign-name"),
        ("金东花园", "name-elsewhere"),
        ("解放路小区", "name-elsewhere"),
        ("解放路", "extent-gap"),
        ("解放路", "extent-overlap"),
        ("光明路", "extent-overlap"),
        ("蒋堂站", "facility-disagrees"),
        ("江南一街", "series-gap"),
        ("双龙巷", "generic-size"),
        ("双龙巷", "dates-order"),
        ("通远路", "outside-division"),
        ("白龙桥镇", "division-from-feature"),
    }


def test_streets_lie_over_one_another_wherever_they_do(registry: Database) -> None:
    draw_areas(registry)
    place(registry, "解放路", line=[(119.600, 29.07), (119.620, 29.07)])
    place(registry, "光明路", line=[(119.618, 29.07), (119.640, 29.07)])
    place(registry, "通园路", line=[(119.639, 29.07), (119.648, 29.07)])
    place(registry, "横店路", line=[(119.61, 29.06), (119.61, 29.08)])
    found = {
        (row.name, row.finding.details["other"]): int(row.finding.details["shared"])
        for row in reviewed(registry)
        if row.finding.code is FindingCode.OVERLAP
    }
    assert found.keys() == {("解放路", "光明路"), ("光明路", "解放路")}, "the middle of neither; 97 m are no overlap"
    assert found["解放路", "光明路"] == pytest.approx(195, abs=5)


def test_the_two_ends_that_are_said_of_a_street_are_two(registry: Database) -> None:
    draw_areas(registry)
    said = {"begins_at": "通济街", "ends_at": "通园路"}
    place(registry, "解放路", line=[(119.61, 29.07), (119.64, 29.07)], detail=said)
    place(registry, "通济街", line=[(119.61, 29.06), (119.61, 29.08)])
    place(registry, "通园路", line=[(119.6105, 29.06), (119.6105, 29.08)])
    (gap,) = [row.finding for row in reviewed(registry) if row.finding.code is FindingCode.GAP]
    assert gap.details["other"] == "通园路"
    assert int(gap.details["apart"]) == pytest.approx(2872, abs=10)


def test_a_name_decided_on_before_it_was_built_is_found(registry: Database) -> None:
    late = place(registry, "人民路", detail={"built_to": "2016-05"})
    with registry.write(actor="test") as session:
        name = {"name": "人民路", "kind": "standard", "status": "approved", "valid_from": "2015-01-01"}
        session.add(PlaceName(place_id=late, **name))
    assert ("人民路", "dates-order") in pairs(reviewed(registry))


def test_a_review_takes_the_place_of_the_one_before(registry: Database) -> None:
    kept = place(registry, "曼哈顿路")
    assert len(reviewed(registry)) == 1
    with registry.write(actor="test") as session:
        session.get_one(Place, kept).standard_name = "东山路"
    assert reviewed(registry) == []
    with registry.read() as session:
        found = clearing.last_review(session)
    assert found is not None
    assert (found.names, found.findings, found.ordered_by) == (5, 0, OPERATOR.name)


def test_findings_are_narrowed_by_division_weight_code_and_record(registry: Database) -> None:
    one = place(registry, "曼哈顿路")
    place(registry, "毛泽东路", town=NEXT_TOWN)
    reviewed(registry)

    def names(**asked: Any) -> set[str]:
        return {row.name for row in listed(registry, FindingQuery(**asked))}

    assert names(divisions=(TOWN,)) == {"曼哈顿路"}
    assert names(divisions=("330702",)) == {"曼哈顿路", "毛泽东路"}
    assert names(divisions=(NEXT_TOWN, TOWN)) == {"曼哈顿路", "毛泽东路"}
    assert names(divisions=(NEXT_TOWN, "330703")) == {"毛泽东路"}
    assert names(divisions=("330703",)) == set()
    assert names(severity=Severity.ERROR) == {"毛泽东路"}
    assert names(code=FindingCode.FOREIGN) == {"曼哈顿路"}
    assert names(record=one) == {"曼哈顿路"}
    with registry.read() as session:
        counted = clearing.count_matching(session, FindingQuery())
    assert counted == {Severity.ERROR: 1, Severity.WARNING: 1, Severity.NOTE: 0}


def test_old_vintages_are_not_reviewed(registry: Database) -> None:
    with registry.write(actor="test") as session:
        make_division(session, "330781000000", name="金东区", vintage=2010)
    assert "duplicate" not in {row.finding.code.value for row in reviewed(registry)}


NAMES = ["人民路", "仁民路", "人民街", "解放路", "江南1街", "江南一街", "中山路", "钟山路", "宗三路"]


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    some.lists(
        some.tuples(some.sampled_from(NAMES), some.sampled_from([TOWN, NEXT_TOWN]), some.booleans()),
        min_size=2,
        max_size=8,
    )
)
def test_the_review_and_the_check_of_each_name_find_the_same(
    registry: Database, given_names: list[tuple[str, str, bool]]
) -> None:
    """By property: whoever asks one name at a time is told what the list of all says; what collides does so both ways."""
    with registry.write(actor="test") as session:
        session.execute(text("UPDATE place SET state = 'abolished'"))
    for name, town, estate in given_names:
        place(registry, name, PlaceClass.RESIDENTIAL_AREA if estate else PlaceClass.STREET, town=town)
    kinds = {"duplicate", "duplicate-folded", "homophone", "near-homophone"}
    rows = [row for row in reviewed(registry) if row.finding.code.value in kinds]
    told = {(row.record, row.finding.code, row.finding.collides_with.id) for row in rows if row.finding.collides_with}
    assert told == {(other, code, one) for one, code, other in told}
    by_record = {row.record: row for row in rows}
    for row in by_record.values():
        found = checked(registry, row.name, PlaceClass.of(row.kind), division=row.division_code, at=None)
        assert {code.value for one, code, _ in told if one == row.record} <= set(found)


@pytest.mark.parametrize("areas", [True, False])
def test_many_names_looked_up_at_once_find_what_each_finds_alone(
    registry: Database, monkeypatch: pytest.MonkeyPatch, *, areas: bool
) -> None:
    if areas:
        draw_areas(registry)
    for lon, name in enumerate([*NAMES, *NAMES[:3]]):
        place(registry, name, lon=119.61 + lon / 200)
        place(registry, name, PlaceClass.RESIDENTIAL_AREA, lon=119.61 + lon / 200)
    kinds = (PlaceClass.STREET, PlaceClass.BUILDING, PlaceClass.VILLAGE, PlaceClass.MOUNTAIN, PlaceClass.DIVISION)
    questions = [
        NameQuestion(name, kind, division, lon, 29.07 if lon else None)
        for name in [*NAMES, "江南街道", "泰山"]
        for kind in kinds
        for division, lon in ((TOWN, 119.62), (NEXT_TOWN, None), (None, 119.66))
    ]
    with registry.read() as session:
        alone = [checking.check(session, question) for question in questions]
        for most in (checking.MOST_AT_ONCE, 3):
            # Of what is too much to be held each asks alone.
            monkeypatch.setattr(checking, "MOST_AT_ONCE", most)
            located = checking.placed_all(session, [(question, None) for question in questions])
            known = checking.Candidates(session, located)
            assert [checking.check_placed(session, one, known=known) for one in located] == alone
    assert any(each.code is FindingCode.HOMOPHONE for those in alone for each in those)


# Clearing.


def of(row: FindingRow, reason: str = "与外国地名无关") -> NewClearance:
    other = row.finding.collides_with
    return NewClearance(
        type=row.type,
        record=row.record,
        code=row.finding.code,
        collides_with=other.id if other else None,
        reason=reason,
    )


def clear(database: Database, row: FindingRow, actor: Any = OPERATOR) -> FindingRow:
    with database.write(actor=actor) as session:
        return service.clear_finding(session, of(row), actor=actor)


def test_a_finding_is_cleared_with_a_reason_that_is_kept(registry: Database) -> None:
    place(registry, "曼哈顿路")
    (row,) = reviewed(registry)
    assert row.cleared is None
    cleared = clear(registry, row).cleared
    assert cleared is not None
    assert (cleared.reason, cleared.by) == ("与外国地名无关", OPERATOR.name)
    assert listed(registry, FindingQuery()) == []
    (again,) = reviewed(registry)
    assert again.cleared is not None, "it stays cleared when all is checked anew"
    assert [each.name for each in listed(registry, FindingQuery(cleared=True))] == ["曼哈顿路"]


def test_another_name_of_the_place_is_looked_at_anew(registry: Database) -> None:
    kept = place(registry, "曼哈顿路")
    clear(registry, reviewed(registry)[0])
    with registry.write(actor="test") as session:
        session.get_one(Place, kept).standard_name = "巴黎路"
    (row,) = reviewed(registry)
    assert row.cleared is None


def test_a_duplicate_that_is_meant_is_cleared_against_that_one_alone(registry: Database) -> None:
    draw_areas(registry)
    for lon in (119.61, 119.62, 119.63):
        place(registry, "人民路", lon=lon)
    rows = reviewed(registry)
    assert len(rows) == 6
    clear(registry, rows[0])
    # Of either of the two names it is settled, and of the third nothing.
    assert len(listed(registry, FindingQuery())) == 4


def pair_of(registry: Database) -> tuple[UUID, UUID]:
    """Two streets of one area that are called alike, with a finding each; the ids of both."""
    draw_areas(registry)
    found = place(registry, "人民路", lon=119.61), place(registry, "人民路", lon=119.62)
    assert len(reviewed(registry)) == 2
    return found


def rename(database: Database, street: UUID, name: str) -> None:
    with database.write(actor=OPERATOR) as session:
        service.take_effect(session, street, name, date(2020, 1, 1), actor=OPERATOR)


def test_a_pair_that_is_cleared_is_settled_on_both_sides(registry: Database) -> None:
    one, other = pair_of(registry)
    clear(registry, listed(registry, FindingQuery(record=one))[0])
    assert listed(registry, FindingQuery()) == []
    for side in (one, other):
        [row] = listed(registry, FindingQuery(record=side, cleared=None))
        assert row.cleared is not None
        assert (row.cleared.reason, row.cleared.by) == ("与外国地名无关", OPERATOR.name)
    assert all(row.cleared for row in reviewed(registry)), "it stays so when all is checked anew"
    [there] = listed(registry, FindingQuery(record=other, cleared=True))
    with pytest.raises(AlreadyExists):
        clear(registry, there)


@pytest.mark.parametrize("asked", [0, 1])
def test_a_pair_counts_again_on_both_sides(registry: Database, asked: int) -> None:
    sides = pair_of(registry)
    cleared = clear(registry, listed(registry, FindingQuery(record=sides[asked]))[0]).cleared
    assert cleared is not None
    [seen_from] = listed(registry, FindingQuery(record=sides[1 - asked], cleared=True))
    assert seen_from.cleared is not None
    with registry.write(actor=OPERATOR) as session:
        service.withdraw_clearance(session, seen_from.cleared.id, "查错了", actor=OPERATOR)
    assert [row.cleared for row in listed(registry)] == [None, None]


@pytest.mark.parametrize("asked", [0, 1])
@pytest.mark.parametrize("renamed", [0, 1])
def test_a_pair_is_looked_at_anew_when_either_name_changes(registry: Database, asked: int, renamed: int) -> None:
    sides = pair_of(registry)
    clear(registry, listed(registry, FindingQuery(record=sides[asked]))[0])
    rename(registry, sides[renamed], "仁民路")
    rows = [row for row in reviewed(registry) if row.finding.code is FindingCode.HOMOPHONE]
    assert {row.record for row in rows} == set(sides)
    assert [row.cleared for row in rows] == [None, None]
    # And a homophone that is cleared isn't, once the two are the same.
    clear(registry, rows[0])
    assert all(row.cleared for row in listed(registry) if row.finding.code is FindingCode.HOMOPHONE)
    with registry.write(actor=OPERATOR) as session:
        service.take_effect(session, sides[renamed], "人民路", date(2021, 1, 1), actor=OPERATOR)
    again = [row for row in reviewed(registry) if row.finding.code is FindingCode.DUPLICATE]
    assert [row.cleared for row in again] == [None, None], "called so again by another decision"


def test_whoever_decides_on_either_name_has_both_count_again(registry: Database) -> None:
    draw_areas(registry)
    with registry.write(actor="test") as session:
        next_county = session.scalars(select(Division.id).where(Division.code == "330703000000")).one()
    one = place(registry, "人民路", lon=119.61)
    place(registry, "人民路", lon=119.62, division_id=next_county)
    reviewed(registry)
    own, there, nowhere = (make_actor(Grant(Role.REGISTRAR, code)) for code in ("330702", "330703", "330704"))
    cleared = clear(registry, listed(registry, FindingQuery(record=one))[0], own).cleared
    assert cleared is not None
    with registry.write(actor=nowhere) as session, pytest.raises(NotYourDivision):
        service.withdraw_clearance(session, cleared.id, "x", actor=nowhere)
    with registry.write(actor=there) as session:
        service.withdraw_clearance(session, cleared.id, "不应相同", actor=there)
    assert [row.cleared for row in listed(registry)] == [None, None]


def test_the_list_is_by_severity_then_by_check_and_pages_are_exact(registry: Database) -> None:
    draw_areas(registry)
    for at, name in enumerate(("曼哈顿路", "人民路", "人民路", "仁民路", "苹果路", "八一街", "2号路")):
        place(registry, name, lon=119.605 + at / 200)
    rows = reviewed(registry)
    order = [(list(Severity).index(row.finding.severity), list(FindingCode).index(row.finding.code)) for row in rows]
    assert order == sorted(order)
    assert len(set(order)) > 3
    paged: list[FindingRow] = []
    after: int | None = 0
    while after is not None:
        with registry.read() as session:
            found = service.list_findings(session, EVERY, Page(after=after, limit=2), actor=OPERATOR)
        paged += found.rows
        after = found.next_after
    assert [row.fid for row in paged] == [row.fid for row in rows]


def test_it_is_cleared_once_and_counts_again_when_that_is_withdrawn(registry: Database) -> None:
    place(registry, "曼哈顿路")
    (row,) = reviewed(registry)
    cleared = clear(registry, row).cleared
    assert cleared is not None
    with pytest.raises(AlreadyExists):
        clear(registry, row)
    with registry.write(actor=OPERATOR) as session:
        service.withdraw_clearance(session, cleared.id, "查错了", actor=OPERATOR)
    assert [each.cleared for each in listed(registry)] == [None]
    clear(registry, row)
    with registry.read() as session:
        kept = session.execute(text("SELECT reason, why FROM history.finding_clearance")).all()
    assert [tuple(each) for each in kept] == [("与外国地名无关", "查错了")]


def test_what_was_not_found_is_not_cleared(registry: Database) -> None:
    place(registry, "曼哈顿路")
    (row,) = reviewed(registry)
    with registry.write(actor=OPERATOR) as session:
        for wrong in (
            of(row).model_copy(update={"code": FindingCode.BRAND}),
            of(row).model_copy(update={"collides_with": uuid4()}),
            of(row).model_copy(update={"type": Named.DIVISION}),
        ):
            with pytest.raises(FindingUnknown):
                service.clear_finding(session, wrong, actor=OPERATOR)
        with pytest.raises(ClearanceUnknown):
            service.withdraw_clearance(session, uuid4(), "x", actor=OPERATOR)


@pytest.mark.parametrize(
    ("grant", "error"),
    [
        (Grant(Role.REGISTRAR, "330703"), NotYourDivision),
        (Grant(Role.TOWNSHIP, "330702"), NotYourRole),
        (Grant(Role.PLANNER, "330702"), NotYourRole),
    ],
)
def test_it_is_cleared_by_the_registrar_of_its_division(
    registry: Database, grant: Grant, error: type[Exception]
) -> None:
    place(registry, "曼哈顿路")
    (row,) = reviewed(registry)
    with pytest.raises(error):
        clear(registry, row, make_actor(grant))
    assert clear(registry, row, make_actor(Grant(Role.REGISTRAR, "330702"))).cleared


def test_a_divisions_finding_is_cleared_too(registry: Database) -> None:
    place(registry, "白龙桥山", PlaceClass.MOUNTAIN)
    (row,) = reviewed(registry)
    assert (row.type, row.kind_label) == (Named.DIVISION, DivisionLevel.TOWNSHIP)
    assert clear(registry, row, make_actor(Grant(Role.SIGNER, "330702"))).cleared


def test_a_clearance_without_a_reason_or_a_record_is_refused(session: WriteSession) -> None:
    with pytest.raises(ValueError, match="reason"):
        NewClearance(record=uuid4(), code=FindingCode.BRAND, reason=" ")
    with pytest.raises(IntegrityError, match="of_one_record"), session.begin_nested():
        session.add(FindingClearance(name="x", code="brand-name", reason="x"))
