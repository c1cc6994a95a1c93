"""Divisions, facilities and population as lists."""

from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import pytest

from api.deps import decode_cursor, encode_cursor
from geo_registry.db.session import WriteSession
from geo_registry.errors import CursorInvalid
from geo_registry.vocabulary import DatasetKind, FacilityKind
from tests.factories import make_dataset, make_demand_point, make_division, make_facility

LISTS = ("/api/v1/divisions", "/api/v1/facilities", "/api/v1/population", "/api/v1/coverage/runs")


def _walk(client: httpx.Client, address: str | None) -> list[list[str]]:
    pages = []
    while address is not None:
        body = client.get(address).raise_for_status().json()
        pages.append([item["name"] for item in body["items"]])
        address = body["next"]
    return pages


@pytest.mark.parametrize("address", LISTS)
def test_an_empty_list_is_a_page_without_items(client: httpx.Client, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer.json() == {"items": [], "next": None}
    assert "Link" not in answer.headers


def test_following_next_visits_every_row_once(client: httpx.Client, session: WriteSession) -> None:
    names = [make_facility(session).name for _ in range(5)]
    session.commit()
    assert _walk(client, "/api/v1/facilities?limit=2") == [names[:2], names[2:4], names[4:]]


def test_a_full_last_page_has_no_next(client: httpx.Client, session: WriteSession) -> None:
    names = [make_facility(session).name for _ in range(4)]
    session.commit()
    assert _walk(client, "/api/v1/facilities?limit=2") == [names[:2], names[2:]]


def test_rows_that_come_meanwhile_do_not_shift_the_next_page(client: httpx.Client, session: WriteSession) -> None:
    names = [make_facility(session).name for _ in range(3)]
    session.commit()
    first = client.get("/api/v1/facilities?limit=2").json()
    names.append(make_facility(session).name)
    session.commit()
    assert [*(item["name"] for item in first["items"]), *_walk(client, first["next"])[0]] == names


def test_next_keeps_the_question_and_is_also_a_link(client: httpx.Client, session: WriteSession) -> None:
    for _ in range(3):
        make_facility(session, FacilityKind.CEMETERY)
    make_facility(session, FacilityKind.MEAL_POINT)
    session.commit()
    question = {"kind": ["cemetery", "columbarium"], "limit": "2", "filter": "name LIKE '设施%'"}
    answer = client.get("/api/v1/facilities", params=question)
    following = answer.json()["next"]
    assert answer.headers["Link"] == f'<{following}>; rel="next"'
    asked = httpx.QueryParams(urlsplit(following).query)
    assert asked.get_list("kind") == ["cemetery", "columbarium"]
    assert (asked["limit"], asked["filter"]) == ("2", "name LIKE '设施%'")
    assert len(client.get(following).json()["items"]) == 1


def test_a_limit_above_the_maximum_is_taken_as_the_maximum(client: httpx.Client, session: WriteSession) -> None:
    make_facility(session)
    session.commit()
    assert client.get("/api/v1/facilities?limit=99999999").status_code == 200


@pytest.mark.parametrize("limit", ["0", "-1", "many", "1.5", ""])
def test_a_bad_limit_is_a_bad_query(client: httpx.Client, limit: str) -> None:
    answer = client.get(f"/api/v1/facilities?limit={limit}")
    assert answer.status_code == 400
    assert answer.json()["code"] == "query-malformed"
    assert [(each["in"], each["field"]) for each in answer.json()["errors"]] == [("query", "limit")]


@pytest.mark.parametrize("after", ["x", "1", "", "%00", "MQ==", "LTE", encode_cursor(1) + "A", encode_cursor(10**30)])
@pytest.mark.parametrize("address", LISTS)
def test_a_bad_cursor_is_a_bad_query(client: httpx.Client, address: str, after: str) -> None:
    answer = client.get(f"{address}?after={after}")
    assert (answer.status_code, answer.json()["code"]) == (400, "cursor-invalid")


@pytest.mark.parametrize("after", [1, 7, 255, 10**12, 2**63 - 1])
def test_cursors_come_back_as_they_went(after: int) -> None:
    assert decode_cursor(encode_cursor(after)) == after


def test_a_cursor_before_the_first_row_is_none() -> None:
    with pytest.raises(CursorInvalid):
        decode_cursor(encode_cursor(0))


@pytest.mark.parametrize("address", LISTS)
def test_an_undeclared_parameter_is_refused(client: httpx.Client, address: str) -> None:
    answer = client.get(f"{address}?limits=5")
    assert (answer.status_code, answer.json()["code"]) == (400, "parameter-unknown")
    assert "limits" in answer.json()["detail"]


@pytest.mark.parametrize("bbox", ["1,2,3", "a,b,c,d", "0,10,5,-10", "0,0,181,1", "nan,0,1,1", "1e999,0,1,1"])
@pytest.mark.parametrize("address", LISTS[:3])
def test_a_bad_box_is_a_bad_query(client: httpx.Client, address: str, bbox: str) -> None:
    answer = client.get(address, params={"bbox": bbox})
    assert (answer.status_code, answer.json()["code"]) == (400, "bbox-invalid")


def test_facilities_by_kind_status_division_and_box(client: httpx.Client, session: WriteSession) -> None:
    county = make_division(session, "330702000000")
    here = make_facility(session, FacilityKind.CEMETERY, lon=119.6, lat=29.1, division_id=county.id).name
    make_facility(session, FacilityKind.MEAL_POINT, lon=119.6, lat=29.1)
    make_facility(session, FacilityKind.CEMETERY, lon=120.6, lat=29.1, status="closed")
    session.commit()

    def asked(**params: str) -> list[str]:
        return [item["name"] for item in client.get("/api/v1/facilities", params=params).json()["items"]]

    assert asked(kind="cemetery", status="open") == [here]
    assert asked(kind="cemetery", bbox="119,29,120,30") == [here]
    assert asked(division="3307") == [here]
    assert len(asked()) == 3


def test_a_facility_is_sent_whole(client: httpx.Client, session: WriteSession) -> None:
    county = make_division(session, "330702000000", name="婺城区")
    facility = make_facility(
        session, FacilityKind.CARE_INSTITUTION, division_id=county.id, capacity=80, detail={"nursing_beds": 50}
    )
    session.commit()
    answer = client.get(f"/api/v1/facilities/{facility.id}").json()
    assert answer == {
        "id": str(facility.id),
        "fid": facility.fid,
        "kind": "care-institution",
        "name": facility.name,
        "division_code": "330702000000",
        "division_name": "婺城区",
        "address": "",
        "status": "open",
        "opened_on": None,
        "closed_on": None,
        "capacity": 80,
        "detail": {"nursing_beds": 50},
        "position_quality": "source",
        "confirmed_on": None,
        "dataset": None,
        "geometry": {"type": "Point", "coordinates": [119.65, 29.08]},
    }


def test_an_unknown_facility_is_not_found(client: httpx.Client) -> None:
    answer = client.get(f"/api/v1/facilities/{uuid4()}")
    assert (answer.status_code, answer.json()["code"]) == (404, "facility-unknown")


def test_an_id_that_is_none_is_a_bad_query(client: httpx.Client) -> None:
    answer = client.get("/api/v1/facilities/17")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["in"] == "path"


def test_a_division_by_its_code_or_first_digits(client: httpx.Client, session: WriteSession) -> None:
    make_division(session, "330702000000", name="婺城区", box=(119.5, 28.9, 119.8, 29.2))
    session.commit()
    for code in ("330702000000", "330702"):
        answer = client.get(f"/api/v1/divisions/{code}").json()
        assert (answer["name"], answer["level"], answer["geometry"]["type"]) == ("婺城区", "county", "MultiPolygon")
    assert client.get("/api/v1/divisions/330703").status_code == 404
    assert client.get("/api/v1/divisions/north").status_code == 400


def test_divisions_without_their_areas(client: httpx.Client, session: WriteSession) -> None:
    make_division(session, box=(119.5, 28.9, 119.8, 29.2))
    session.commit()
    (item,) = client.get("/api/v1/divisions?geometry=false&level=county").json()["items"]
    assert item["geometry"] is None


def test_demand_points_say_whom_they_count(client: httpx.Client, session: WriteSession) -> None:
    county = make_division(session)
    dataset = make_dataset(session, DatasetKind.POPULATION, key="census")
    make_demand_point(session, dataset, counts={"all": 12.5, "60+": 3}, division=county)
    make_demand_point(session, make_dataset(session, DatasetKind.POPULATION, key="other"))
    session.commit()
    (item,) = client.get("/api/v1/population?dataset=census&division=330702").json()["items"]
    assert item["counts"] == {"all": 12.5, "60+": 3}
    assert (item["basis"], item["as_of"], item["division_code"]) == ("resident", "2020-11-01", "330702000000")
