"""The generated region: the same everywhere, nested, complete, connected, and to the person."""

from collections import Counter

import numpy as np
import pytest
import shapely

from geo_registry.demo import tables
from geo_registry.demo.boundaries import Shapes
from geo_registry.demo.edges import HIGHWAYS, MARK
from geo_registry.demo.people import GROUPS, MOUNTAIN_M
from geo_registry.demo.region import Region, make_region
from geo_registry.facilities.kinds import KINDS
from geo_registry.facilities.rules import breaches
from geo_registry.network.access import CLASS_ACCESS
from geo_registry.network.graph import RoadLines, compile_graph, no_barriers
from geo_registry.vocabulary import FacilityKind, TravelMode

DIGEST = "5370701881e72f48743f56168f1ffbc58bf4684dec5f768febce3b2249d141e9"
"""Of what is generated, on every machine. A change of the generator is meant to show here."""


@pytest.fixture(scope="module")
def region() -> Region:
    return make_region()


def counties_of(region: Region) -> np.ndarray:
    return np.array([code[: tables.COUNTY_DIGITS] for code, _ in region.layout.names.villages])


def test_it_is_the_same_on_every_machine(region: Region) -> None:
    assert region.digest() == DIGEST


def test_the_names_are_those_of_the_code_list() -> None:
    names = tables.names()
    assert names.city == ("330700000000", "金华市")
    assert [len(level) for level in (names.counties, names.townships, names.villages)] == [9, 146, 3_300]


def test_every_township_has_a_site_and_half_of_them_a_real_one() -> None:
    sites = tables.town_sites()
    townships = [code for code, _ in tables.names().townships]
    assert sites.keys() >= set(townships)
    assert sum(sites[code].real for code in townships) == 66


@pytest.mark.parametrize("level", ["city", "counties", "townships", "villages"])
def test_a_level_covers_the_city_without_gaps_or_overlaps(region: Region, level: str) -> None:
    areas: Shapes = getattr(region.boundaries, level)
    assert shapely.is_valid(areas).all()
    assert shapely.coverage_is_valid(areas)
    assert shapely.area(areas).sum() == pytest.approx(shapely.area(region.boundaries.city[0]), rel=1e-12)


def test_every_village_lies_in_its_township_and_every_township_in_its_county(region: Region) -> None:
    names, areas = region.layout.names, region.boundaries
    townships = dict(zip([code[: tables.TOWNSHIP_DIGITS] for code, _ in names.townships], areas.townships, strict=True))
    counties = dict(zip([code[: tables.COUNTY_DIGITS] for code, _ in names.counties], areas.counties, strict=True))
    for (code, _), area in zip(names.villages, areas.villages, strict=True):
        assert townships[code[: tables.TOWNSHIP_DIGITS]].covers(shapely.point_on_surface(area)), code
    for (code, _), area in zip(names.townships, areas.townships, strict=True):
        assert counties[code[: tables.COUNTY_DIGITS]].covers(shapely.point_on_surface(area)), code


def test_people_add_up_to_the_census_of_each_county(region: Region) -> None:
    county = counties_of(region)[region.people.village]
    for code, census in tables.census().items():
        own = county == code[: tables.COUNTY_DIGITS]
        ages = np.array(tables.AGES)
        assert region.people.group("all")[own].sum() == census.by_age.sum()
        assert region.people.group("80+")[own].sum() == census.by_age[ages >= 80].sum()
        assert region.people.group("female:60+")[own].sum() == census.by_age[ages >= 60, 1].sum()
    assert region.people.group("all").sum() == 7_050_683
    assert region.people.group("60+").sum() == 1_129_238


def test_groups_contain_each_other_at_every_point(region: Region) -> None:
    group = {name: region.people.group(name) for name in GROUPS}
    assert (group["all"] >= group["60+"]).all()
    assert (group["60+"] >= group["65+"]).all()
    assert (group["65+"] >= group["80+"]).all()
    assert (group["all"] == group["male"] + group["female"]).all()


def test_there_are_as_many_points_as_settlements(region: Region) -> None:
    assert 15_000 <= region.people.village.size <= 25_000
    assert np.unique(region.people.village).size == len(region.layout.names.villages)


def test_mountain_villages_are_older(region: Region) -> None:
    high = region.layout.terrain.height_m[region.layout.village_cell][region.people.village] >= MOUNTAIN_M
    everyone, elders = region.people.group("all"), region.people.group("60+")
    assert elders[high].sum() / everyone[high].sum() > 1.4 * elders[~high].sum() / everyone[~high].sum()


def test_the_roads_hang_together(region: Region) -> None:
    roads = region.roads
    assert roads.highway.size >= 60_000
    words = np.array(HIGHWAYS)[roads.highway]
    access = np.array([CLASS_ACCESS[word] for word in HIGHWAYS])[roads.highway]
    lines = RoadLines(
        road_fid=np.arange(words.size),
        highway=words,
        oneway=np.zeros(words.size, dtype=np.int8),
        maxspeed_kmh=np.zeros(words.size, dtype=np.int16),
        foot=np.ascontiguousarray(access[:, 0]),
        motor=np.ascontiguousarray(access[:, 1]),
        vertex_ptr=roads.vertex_ptr,
        lon=roads.lon,
        lat=roads.lat,
    )
    assert compile_graph(lines, no_barriers(), TravelMode.WALK).largest_component_share >= 0.97
    assert compile_graph(lines, no_barriers(), TravelMode.DRIVE).largest_component_share >= 0.9


def test_every_class_of_road_is_there(region: Region) -> None:
    assert set(region.roads.highway.tolist()) == set(range(len(HIGHWAYS)))


def test_facilities_are_of_every_kind_and_keep_the_rules_of_their_kind(region: Region) -> None:
    found = Counter(one.kind for one in region.facilities)
    assert found.keys() == set(FacilityKind)
    assert sum(found.values()) >= 1_500
    for one in region.facilities:
        broken = breaches(
            kind=one.kind,
            status=one.status,
            opened_on=one.opened_on,
            closed_on=one.closed_on,
            capacity=one.capacity,
            detail=one.detail,
        )
        assert list(broken) == []
        assert one.detail.keys() <= {field.key for field in KINDS[one.kind].fields}


def test_whatever_is_made_up_says_so(region: Region) -> None:
    assert all(one.name.endswith(MARK) and one.address.endswith(MARK) for one in region.facilities)
    assert all(name.endswith(MARK) for name in set(region.roads.name) - {""})


def test_mountain_townships_are_short_of_care(region: Region) -> None:
    layout = region.layout
    height = layout.terrain.height_m[layout.village_cell]
    high = np.array([height[layout.village_town == town].mean() >= MOUNTAIN_M for town in range(146)])
    served = np.zeros(146, dtype=bool)
    for one in region.facilities:
        if one.kind is FacilityKind.HOME_CARE_CENTRE and one.detail["tier"] == "township":
            served[layout.village_town[one.village]] = True
    assert high.sum() >= 20
    assert served[~high].mean() > 0.85
    assert served[high].mean() < 0.65


def test_some_cemetery_is_almost_full_and_a_marriage_hall_stands_in_every_county(region: Region) -> None:
    county = counties_of(region)
    halls = [county[one.village] for one in region.facilities if one.kind is FacilityKind.MARRIAGE_HALL]
    assert sorted(halls) == sorted({code[: tables.COUNTY_DIGITS] for code, _ in region.layout.names.counties})
    graves = [one.detail for one in region.facilities if one.kind is FacilityKind.CEMETERY]
    large = [detail for detail in graves if detail["ownership"] == "commercial"]
    assert len(large) == 9
    assert any(int(str(detail["used"])) > 0.96 * int(str(detail["graves"])) for detail in large)
