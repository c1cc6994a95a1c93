"""Edits of facilities over HTTP: what they come to is what a new run would say."""

from pathlib import Path
from uuid import UUID

import httpx
import pytest

from geo_registry.coverage.service import perform_run
from geo_registry.db.session import Database, WriteSession
from geo_registry.model import Facility
from geo_registry.vocabulary import DatasetKind, DivisionLevel
from tests.factories import make_dataset, make_demand_point, make_division, make_facility, make_road
from tests.http.test_coverage import DEG_100M, RUNS, STANDARD

LIVE = "/api/v1/coverage/live"


@pytest.fixture
def facility(session: WriteSession) -> Facility:
    """The only one, at the west end of a street of 1 km: 10 people live 200 m from it, 30 at 400 m, 5 at 900 m."""
    make_road(session, make_dataset(session, DatasetKind.ROADS), [(0, 0), (10 * DEG_100M, 0)])
    county = make_division(session, "330702000000", level=DivisionLevel.COUNTY)
    west = make_division(session, "330702001000", level=DivisionLevel.TOWNSHIP, parent=county)
    east = make_division(session, "330702002000", level=DivisionLevel.TOWNSHIP, parent=county)
    people = make_dataset(session, DatasetKind.POPULATION)
    for hundreds, count, division in ((2, 10, west), (4, 30, east), (9, 5, east)):
        make_demand_point(session, people, lon=hundreds * DEG_100M, lat=0, counts={"all": count}, division=division)
    made = make_facility(session, lon=0, lat=0)
    session.commit()
    return made


@pytest.fixture
def run(client: httpx.Client, database: Database, settings: object, tmp_path: Path, facility: Facility) -> str:
    answer = client.post(RUNS, json={"standard": STANDARD})
    perform_run(database, UUID(answer.json()["id"]), data_path=tmp_path)
    return str(answer.json()["id"])


def asked(client: httpx.Client, run: str, *edits: dict[str, object]) -> dict[str, object]:
    answer = client.post(LIVE, json={"run": run, "edits": edits})
    assert answer.status_code == 200, answer.text
    body: dict[str, object] = answer.json()
    return body


def test_nothing_changes_without_an_edit(client: httpx.Client, run: str) -> None:
    found = asked(client, run)
    assert (found["demand"], found["covered"], found["gained"], found["lost"]) == (45, 10, 0, 0)
    assert (found["zones"], found["placed"]) == ([], [])
    assert found["points"] == {"fid": [], "state": [], "minutes": [], "facility": []}


def test_an_added_facility_covers_who_is_near(client: httpx.Client, run: str) -> None:
    found = asked(client, run, {"do": "add", "lon": 6 * DEG_100M, "lat": 0})
    assert (found["covered"], found["gained"], found["lost"], found["gap"]) == (45, 35, 0, 0)
    assert found["placed"] == [{"edit": 0, "snapped": True}]
    assert [(zone["code"], zone["covered"], zone["change"]) for zone in found["zones"]] == [  # type: ignore[attr-defined]
        ("330702000000", 45, 35),
        ("330702002000", 35, 35),
    ]
    points = found["points"]
    assert points["state"] == ["covered", "covered"]  # type: ignore[index]
    assert points["minutes"] == [pytest.approx(200 / 60, abs=0.02), pytest.approx(5, abs=0.02)]  # type: ignore[index]
    assert points["facility"] == [-1, -1]  # type: ignore[index]


def test_a_moved_facility_gains_some_and_loses_others(client: httpx.Client, run: str, facility: Facility) -> None:
    found = asked(client, run, {"do": "move", "facility": facility.fid, "lon": 7 * DEG_100M, "lat": 0})
    assert (found["gained"], found["lost"], found["covered"], found["share"]) == (35, 10, 35, pytest.approx(35 / 45))


def test_who_has_no_facility_left_is_unreachable(client: httpx.Client, run: str, facility: Facility) -> None:
    found = asked(client, run, {"do": "close", "facility": facility.fid})
    assert (found["covered"], found["lost"]) == (0, 10)
    points = found["points"]
    assert points["state"] == ["unreachable"] * 3  # type: ignore[index]
    assert points["minutes"] == points["facility"] == [None] * 3  # type: ignore[index]


def test_a_facility_far_from_every_road_is_said_to_be(client: httpx.Client, run: str) -> None:
    found = asked(client, run, {"do": "add", "lon": 0, "lat": 1})
    assert (found["gained"], found["placed"]) == (0, [{"edit": 0, "snapped": False}])


@pytest.mark.parametrize(
    ("edit", "status", "code"),
    [
        ({"do": "close", "facility": 999_999_999}, 422, "facility-not-in-run"),
        ({"do": "build", "lon": 0, "lat": 0}, 422, "body-malformed"),
        ({"do": "add", "lon": 200, "lat": 0}, 422, "body-malformed"),
        ({"do": "add", "lon": 0}, 422, "body-malformed"),
    ],
)
def test_an_edit_that_makes_no_sense_is_refused(
    client: httpx.Client, run: str, edit: dict[str, object], status: int, code: str
) -> None:
    answer = client.post(LIVE, json={"run": run, "edits": [edit]})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert set(answer.json()["messages"]) == {"zh-CN", "en"}


def test_a_facility_is_edited_once(client: httpx.Client, run: str, facility: Facility) -> None:
    edits = [{"do": "close", "facility": facility.fid}, {"do": "move", "facility": facility.fid, "lon": 0, "lat": 0}]
    answer = client.post(LIVE, json={"run": run, "edits": edits})
    assert (answer.status_code, answer.json()["code"]) == (422, "edited-twice")


@pytest.mark.usefixtures("facility")
def test_a_run_without_a_result_has_no_scenarios(client: httpx.Client) -> None:
    queued = client.post(RUNS, json={"standard": STANDARD}).json()["id"]
    answer = client.post(LIVE, json={"run": queued, "edits": []})
    assert (answer.status_code, answer.json()["code"]) == (409, "run-not-done")
    unknown = client.post(LIVE, json={"run": "0b6f1a62-6f0e-4c58-8a5c-0f1c5a3c8f11", "edits": []})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "run-unknown")


def test_a_run_whose_data_have_changed_is_said_to_be_outdated(
    client: httpx.Client, run: str, session: WriteSession
) -> None:
    make_facility(session, lon=5 * DEG_100M, lat=0)
    session.commit()
    answer = client.post(LIVE, json={"run": run, "edits": []})
    assert (answer.status_code, answer.json()["code"]) == (409, "run-outdated")


def way_of(client: httpx.Client, run: str, point: int, *edits: dict[str, object]) -> httpx.Response:
    return client.post(f"{LIVE}/way", json={"run": run, "edits": edits, "point": point})


def points_of(client: httpx.Client, run: str) -> list[int]:
    """The demand points, from the west."""
    points = client.get(f"{RUNS}/{run}/columns").json()["points"]
    return [fid for _, fid in sorted(zip(points["lon"], points["fid"], strict=True))]


def test_the_way_is_as_long_as_the_run_says(client: httpx.Client, run: str, facility: Facility) -> None:
    nearest, _, farthest = points_of(client, run)
    found = way_of(client, run, nearest).json()
    assert found["metres"] == pytest.approx(200, abs=0.1)
    assert found["minutes"] == client.get(f"{RUNS}/{run}/points").json()["items"][0]["minutes"]
    assert [road["highway"] for road in found["roads"]] == [None, "residential", None]
    assert sum(road["metres"] for road in found["roads"]) == pytest.approx(found["metres"])
    assert found["geometry"]["coordinates"] == [[pytest.approx(2 * DEG_100M, abs=1e-7), 0], [0, 0]]
    moved = way_of(
        client, run, farthest, {"do": "move", "facility": facility.fid, "lon": 10 * DEG_100M, "lat": 0}
    ).json()
    assert moved["metres"] == pytest.approx(100, abs=0.1)


def test_there_may_be_no_way(client: httpx.Client, run: str, facility: Facility) -> None:
    point = points_of(client, run)[0]
    found = way_of(client, run, point, {"do": "close", "facility": facility.fid}).json()
    assert found == {"minutes": None, "metres": None, "geometry": None, "roads": []}
    unknown = way_of(client, run, 999_999_999)
    assert (unknown.status_code, unknown.json()["code"]) == (422, "point-not-in-run")
