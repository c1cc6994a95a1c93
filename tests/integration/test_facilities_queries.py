from datetime import date
from uuid import uuid4

import pytest

from geo_registry.db.paging import Page
from geo_registry.db.session import WriteSession
from geo_registry.errors import FacilityUnknown, FilterFailed, FilterProperty
from geo_registry.facilities import service
from geo_registry.facilities.queries import FacilityQuery
from geo_registry.geo.bbox import BBox
from geo_registry.vocabulary import DatasetKind, DivisionLevel, FacilityKind, FacilityStatus
from tests.factories import make_dataset, make_division, make_facility


def names(session: WriteSession, **over: object) -> list[str]:
    return [row.name for row in service.list_facilities(session, FacilityQuery(**over), Page()).rows]  # type: ignore[arg-type]


def test_facility_is_listed_with_all_that_is_known(session: WriteSession) -> None:
    dataset = make_dataset(session, DatasetKind.FACILITIES, key="homes")
    township = make_division(session, "330702001000", level=DivisionLevel.TOWNSHIP, name="城东街道")
    made = make_facility(
        session,
        FacilityKind.CARE_INSTITUTION,
        name="福利院",
        capacity=120,
        detail={"beds": 120},
        division_id=township.id,
        dataset_id=dataset.id,
        source_id="1",
        lon=119.6,
        lat=29.1,
    )
    row = service.get_facility(session, made.id)
    assert (row.kind, row.name, row.capacity, row.detail) == ("care-institution", "福利院", 120, {"beds": 120})
    assert (row.division_code, row.division_name, row.dataset) == ("330702001000", "城东街道", "homes")
    assert (row.lon, row.lat) == pytest.approx((119.6, 29.1))


def test_unknown_facility_is_said(session: WriteSession) -> None:
    with pytest.raises(FacilityUnknown):
        service.get_facility(session, uuid4())


def test_facilities_are_listed_by_what_is_asked(session: WriteSession) -> None:
    county = make_division(session, "330702000000")
    make_facility(session, FacilityKind.CEMETERY, name="a", division_id=county.id, lon=119.1)
    make_facility(session, FacilityKind.COLUMBARIUM, name="b", status=FacilityStatus.CLOSED.value, lon=119.2)
    make_facility(session, FacilityKind.MEAL_POINT, name="c", lon=179.9)
    assert names(session, kinds=(FacilityKind.CEMETERY, FacilityKind.COLUMBARIUM)) == ["a", "b"]
    assert names(session, statuses=(FacilityStatus.CLOSED,)) == ["b"]
    assert names(session, division="3307") == ["a"]
    assert names(session, bbox=BBox(119.15, 29, 119.3, 30)) == ["b"]
    assert names(session, bbox=BBox(179, 29, -179, 30)) == ["c"]


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("nursing_beds > 0", ["a"]),
        ("beds / 2 >= nursing_beds", ["a", "b"]),
        ("NOT nursing_beds > 0", ["b"]),
        ("nursing_beds IS NULL", ["c", "d", "e", "f"]),
        ("capacity BETWEEN 100 AND 200 AND kind = 'care-institution'", ["a"]),
        ("ecological", ["c"]),
        ("ecological = false", ["d"]),
        ("name LIKE '_' AND division = '330702000000'", ["b"]),
        ("opened_on < DATE('2020-01-01')", ["a"]),
        ("dataset = 'graves'", ["d"]),
        ("A_OVERLAPS(services, ('助餐', '理发'))", ["e", "f"]),
        ("A_CONTAINS(services, ('助餐', '助浴'))", ["e"]),
        ("NOT A_OVERLAPS(services, ('助浴')) AND services IS NOT NULL", ["f"]),
    ],
)
def test_condition_selects_facilities(session: WriteSession, where: str, expected: list[str]) -> None:
    county = make_division(session, "330702000000")
    graves = make_dataset(session, DatasetKind.FACILITIES, key="graves")
    care = FacilityKind.CARE_INSTITUTION
    make_facility(
        session, care, name="a", capacity=120, detail={"beds": 120, "nursing_beds": 60}, opened_on=date(2015, 5, 1)
    )
    make_facility(session, care, name="b", detail={"beds": 20, "nursing_beds": 0}, division_id=county.id)
    make_facility(session, FacilityKind.CEMETERY, name="c", detail={"ecological": True})
    make_facility(
        session, FacilityKind.CEMETERY, name="d", detail={"ecological": False}, dataset_id=graves.id, source_id="1"
    )
    home_care = FacilityKind.HOME_CARE_CENTRE
    make_facility(session, home_care, name="e", detail={"services": ["助浴", "助餐"]})
    make_facility(session, home_care, name="f", detail={"services": ["助餐"]})
    assert names(session, where=where) == expected


def test_unknown_field_of_a_condition_is_refused(session: WriteSession) -> None:
    with pytest.raises(FilterProperty):
        names(session, where="bets > 0")


def test_condition_that_overflows_is_refused(session: WriteSession) -> None:
    make_facility(session, capacity=10)
    with pytest.raises(FilterFailed), session.begin_nested():
        names(session, where="capacity * 1e308 > 0")


def test_facilities_of_a_past_date_are_those_that_stood(session: WriteSession) -> None:
    make_facility(session, name="always")
    make_facility(session, name="new", opened_on=date(2022, 1, 1))
    make_facility(
        session, name="gone", opened_on=date(2010, 1, 1), closed_on=date(2021, 1, 1), status=FacilityStatus.CLOSED.value
    )
    make_facility(session, name="planned", status=FacilityStatus.PLANNED.value)
    assert names(session, on=date(2020, 6, 1)) == ["always", "gone"]
    assert names(session, on=date(2023, 6, 1)) == ["always", "new"]
