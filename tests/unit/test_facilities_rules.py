from datetime import date

import pytest

from geo_registry.facilities.kinds import DETAIL_FIELDS, KINDS, FieldType
from geo_registry.facilities.rules import breaches, capacity_of
from geo_registry.vocabulary import FacilityKind, FacilityStatus


def fields_broken(kind: FacilityKind = FacilityKind.CARE_INSTITUTION, **over: object) -> list[str]:
    values: dict[str, object] = {
        "status": FacilityStatus.OPEN,
        "opened_on": None,
        "closed_on": None,
        "capacity": None,
        "detail": {},
    }
    return [breach.field for breach in breaches(kind=kind, **(values | over))]  # type: ignore[arg-type]


def test_every_kind_has_its_table() -> None:
    assert set(KINDS) == set(FacilityKind)


def test_a_field_means_the_same_in_every_kind_that_has_it() -> None:
    for kind in KINDS.values():
        for field in kind.fields:
            assert field.holds is DETAIL_FIELDS[field.key].holds


@pytest.mark.parametrize("kind", list(KINDS.values()), ids=str)
def test_kind_refers_only_to_its_own_counts(kind: object) -> None:
    rules = next(one for one in KINDS.values() if one is kind)
    for key in [rules.capacity_field, *[field.at_most for field in rules.fields]]:
        if key is not None:
            field = rules.field(key)
            assert field is not None
            assert field.holds is FieldType.COUNT


def test_sound_facility_breaks_nothing() -> None:
    assert fields_broken(capacity=120, detail={"beds": 120, "nursing_beds": 80}, opened_on=date(2015, 1, 1)) == []


def test_parts_do_not_exceed_their_whole() -> None:
    assert fields_broken(detail={"beds": 10, "nursing_beds": 11}) == ["nursing_beds"]
    assert fields_broken(FacilityKind.CEMETERY, detail={"graves": 10, "used": 11}) == ["used"]


def test_kind_has_only_its_own_fields() -> None:
    assert fields_broken(FacilityKind.MEAL_POINT, detail={"beds": 10}) == ["beds"]


def test_facility_does_not_close_before_it_opens() -> None:
    assert fields_broken(opened_on=date(2020, 1, 2), closed_on=date(2020, 1, 1)) == ["closed_on"]


def test_implausible_capacity_is_found() -> None:
    assert fields_broken(capacity=13_800_000_000) == ["capacity"]


def test_capacity_follows_from_the_field_of_the_kind() -> None:
    assert capacity_of(FacilityKind.CARE_INSTITUTION, {"beds": 30}) == 30
    assert capacity_of(FacilityKind.CHARITY_SHOP, {"area_m2": 30.0}) is None
