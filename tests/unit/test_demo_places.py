"""The places of the demonstration as values: of every class, dated in order, on roads of their names, and said to be examples."""

from collections import Counter

import pytest
import shapely

from geo_registry.demo import built_up, lines, tables
from geo_registry.demo.edges import MARK
from geo_registry.demo.layout import Layout, make_layout
from geo_registry.demo.named import BY_EXAMPLE, KNOWN, MADE_UP, NamedPlace
from geo_registry.demo.places import Places, make_places
from geo_registry.demo.roads import Roads, make_roads
from geo_registry.places.details import breaches
from geo_registry.places.periods import Dated, days_of, overlap
from geo_registry.vocabulary import Certainty, NameKind, PlaceClass, PlaceRelationKind, PlaceState


@pytest.fixture(scope="module")
def layout() -> Layout:
    return make_layout()


@pytest.fixture(scope="module")
def roads(layout: Layout) -> Roads:
    return make_roads(layout)


@pytest.fixture(scope="module")
def places(layout: Layout, roads: Roads) -> Places:
    return make_places(layout, roads)


def dated(text: str | None) -> Dated | None:
    return Dated.parse(text) if text else None


def called(places: Places, name: str) -> NamedPlace:
    (found,) = [each for each in places.named if each.name == name]
    return found


def test_they_are_the_same_each_time(layout: Layout, roads: Roads, places: Places) -> None:
    assert make_places(layout, roads) == places


def test_every_class_is_there_and_streets_most_often(places: Places) -> None:
    found = Counter(each.place_class for each in places.named)
    assert found.keys() == set(PlaceClass)
    assert found.most_common(1)[0] == (PlaceClass.STREET, 122)
    assert sum(found.values()) == 435


def test_each_has_a_key_of_its_own_and_others_are_told_of_by_it(places: Places) -> None:
    keys = [each.key for each in places.named]
    assert len(set(keys)) == len(keys)
    assert {tie.other for each in places.named for tie in each.ties} <= set(keys)
    rows = [row["key"] for row in tables.gazetteer()]
    assert {*tables.other_names(), *tables.relations()} <= set(rows)


def test_all_that_is_told_says_that_it_is_an_example(places: Places) -> None:
    assert {each.source for each in places.named} == {KNOWN, MADE_UP}
    said = [name.source for each in places.named for name in each.names]
    said += [tie.evidence for each in places.named for tie in each.ties]
    said += [area.source for area in places.areas]
    assert all(each.startswith(BY_EXAMPLE) for each in said)


def test_periods_are_in_order_and_no_day_has_two_standard_names(places: Places) -> None:
    for each in places.named:
        begun, ended, named = dated(each.begun), dated(each.ended), dated(each.named)
        assert begun is None or ended is None or begun.day < ended.day, each.name
        standard = [days_of(named, ended)]
        for name in each.names:
            since, until = dated(name.since), dated(name.until)
            assert since is None or until is None or since.day < until.day, name.name
            if name.kind is NameKind.STANDARD:
                standard.append(days_of(since, until))
        assert not any(overlap(one, other) for at, one in enumerate(standard) for other in standard[:at]), each.name
        assert (each.state is PlaceState.ABOLISHED) == (each.ended is not None), each.name


def test_extents_are_sound_and_details_are_of_their_class(places: Places) -> None:
    for each in places.named:
        assert each.shape.is_valid, each.name
        assert not each.shape.is_empty, each.name
        assert list(breaches(each.place_class, each.detail)) == [], each.name


def test_streets_lie_on_the_roads_of_their_name(places: Places, roads: Roads) -> None:
    of_name: dict[str, list[int]] = {}
    for at, name in enumerate(roads.name):
        of_name.setdefault(name, []).append(at)
    named = [each for each in places.named if each.key.startswith("street-")]
    assert len(named) > 80
    for each in named:
        road = shapely.union_all([lines.segment(roads, at) for at in of_name[f"{each.name}{MARK}"]])
        assert shapely.length(shapely.difference(each.shape, road)) == 0, each.name


def test_streets_and_estates_lie_in_the_built_up_area_of_their_seat(places: Places, layout: Layout) -> None:
    area = {each.key: each.shape for each in places.areas}
    assert len(area) == 8
    assert {each.name for each in places.areas} >= {"金华市城区", "义乌市城区"}
    for each in places.named:
        if each.key.startswith(("street-", "estate-", "building-", "lane-")):
            assert area[f"demo-{each.key.split('-')[1]}"].intersects(each.shape), each.name
    seats = built_up.seats(layout)
    assert built_up.shared_with(seats[1], seats) is seats[0]


def test_the_histories_worth_looking_at_are_there(places: Places) -> None:
    ring = called(places, "环城路")
    heirs = [each for each in places.named if any(tie.other == ring.key for tie in each.ties)]
    assert [tie.kind for each in heirs for tie in each.ties] == [PlaceRelationKind.SPLIT_FROM] * 2
    assert ring.shape.equals(shapely.union_all([each.shape for each in heirs]))
    merged = [each for each in places.named if [t.kind.value for t in each.ties] == ["merged-from"] * 2]
    gates = [called(places, "西门路"), called(places, "东门路")]
    assert len(merged) == 1
    assert merged[0].shape.equals(shapely.union_all([each.shape for each in gates]))
    grown = [each for each in places.named if each.before]
    assert len(grown) == 8
    assert all(
        each.shape.covers(shape) and each.shape.length > shape.length for each in grown for shape, _ in each.before
    )
    renamed = [each for each in places.named if any(name.kind is NameKind.STANDARD for name in each.names)]
    assert {"金华府", "义乌县", "沪昆铁路"} < {each.name for each in renamed}
    assert len([each for each in renamed if each.place_class is PlaceClass.STREET]) == 8
    kinds = {name.kind for each in places.named for name in each.names}
    assert kinds == set(NameKind) - {NameKind.MINORITY}
    assert {tie.certainty for each in places.named for tie in each.ties} == set(Certainty)


def test_four_villages_went_into_one_as_the_table_of_mergers_has_it(places: Places) -> None:
    one = called(places, "潜溪村")
    by_key = {each.key: each for each in places.named}
    merged = [by_key[tie.other] for tie in one.ties if tie.kind is PlaceRelationKind.MERGED_FROM]
    assert {each.name for each in merged} == {"沿华村", "古塘下村", "西坞村", "前山村"}
    assert {each.state for each in merged} == {PlaceState.ABOLISHED}
    assert {tie.certainty for tie in one.ties if tie.other in {each.key for each in merged}} == {Certainty.PROBABLE}
