"""Records as the registry held them: by a moment with its zone, or by a date."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import select, update

from geo_registry.accounts import service
from geo_registry.accounts.actors import Grant
from geo_registry.coverage import catalogue
from geo_registry.coverage.inputs import Question
from geo_registry.db.session import WriteSession
from geo_registry.model import Account, CoverageRun, DemandPoint, Division, Facility
from geo_registry.vocabulary import DatasetKind, Role, TokenScope
from tests.factories import make_account, make_dataset, make_demand_point, make_division, make_facility, operator

LONG_AGO = datetime(2015, 6, 1, 4, tzinfo=UTC)
"""Noon in Jinhua."""


@pytest.fixture
def address(session: WriteSession) -> str:
    """Of a facility that was registered on 1 June 2015 and is called otherwise now."""
    division = make_division(session, "330702000000", name="旧区名", recorded_at=LONG_AGO)
    facility = make_facility(session, name="旧名", recorded_at=LONG_AGO, division_id=division.id)
    session.execute(update(Facility).values(name="新名"))
    session.execute(update(Division).values(name="新区名"))
    session.commit()
    return f"/api/v1/facilities/{facility.id}"


def asked(client: httpx.Client, address: str, moment: str) -> httpx.Response:
    return client.get(address, params={"datetime": moment})


@pytest.mark.parametrize(
    "moment",
    [
        "2015-06-01T12:00:00+08:00",
        "2015-06-01T04:00:00Z",
        "2015-06-01t04:00:00.000z",
        "2015-06-01 12:00:00 08:00",
        "2015-05-31T23:59:59.5-23:00",
        "2015-06-01",
        "2020-01-01",
    ],
)
def test_a_record_is_read_as_of_a_moment(client: httpx.Client, address: str, moment: str) -> None:
    record = asked(client, address, moment).json()
    assert (record["name"], record["division_name"]) == ("旧名", "旧区名")
    (listed,) = asked(client, "/api/v1/facilities", moment).json()["items"]
    assert listed["name"] == "旧名"
    assert asked(client, "/api/v1/divisions/330702", moment).json()["name"] == "旧区名"
    (division,) = asked(client, "/api/v1/divisions", moment).json()["items"]
    assert division["name"] == "旧区名"


def test_later_it_is_what_it_is_now(client: httpx.Client, address: str) -> None:
    later = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    for each in (address, "/api/v1/divisions/330702", "/api/v1/facilities", "/api/v1/divisions"):
        answer = asked(client, each, later)
        assert answer.json() == client.get(each).json()
    assert asked(client, address, later).headers["ETag"] == client.get(address).headers["ETag"]
    assert asked(client, address, "2015-06-01").headers["ETag"] != client.get(address).headers["ETag"]


@pytest.mark.parametrize("moment", ["2015-06-01T11:59:59.999999+08:00", "2015-05-31", "0001-01-01T00:00:00+14:00"])
def test_before_it_was_registered_it_isnt_there(client: httpx.Client, address: str, moment: str) -> None:
    for each in (address, "/api/v1/divisions/330702"):
        answer = asked(client, each, moment)
        if moment.startswith("0001"):
            assert (answer.status_code, answer.json()["code"]) == (400, "moment-invalid")
        else:
            assert (answer.status_code, answer.json()["code"]) == (404, "not-recorded-then")


def test_a_list_of_a_moment_holds_what_was_registered_by_then(client: httpx.Client, address: str) -> None:
    before = "2015-06-01T11:59:59+08:00"
    assert asked(client, "/api/v1/facilities", before).json()["items"] == []
    assert asked(client, "/api/v1/divisions", before).json()["items"] == []


def test_a_list_of_a_moment_holds_what_wasnt_open_too(client: httpx.Client, session: WriteSession) -> None:
    make_facility(session, name="规划", status="planned", recorded_at=LONG_AGO)
    session.commit()
    assert asked(client, "/api/v1/facilities", "2016-01-01T00:00:00Z").json()["items"][0]["name"] == "规划"
    assert asked(client, "/api/v1/facilities", "2016-01-01").json()["items"] == []


def test_a_list_of_a_moment_is_narrowed_by_what_was_then(client: httpx.Client, address: str) -> None:
    params = {
        "datetime": "2016-01-01T00:00:00Z",
        "division": "330702",
        "filter": "name = '旧名'",
        "bbox": "119,29,120,30",
    }
    assert len(client.get("/api/v1/facilities", params=params).json()["items"]) == 1
    assert client.get("/api/v1/facilities", params=params | {"filter": "name = '新名'"}).json()["items"] == []
    params = {"datetime": "2016-01-01T00:00:00Z", "name": "旧区"}
    assert len(client.get("/api/v1/divisions", params=params).json()["items"]) == 1


def test_accounts_are_listed_as_of_a_moment(client: httpx.Client, session: WriteSession) -> None:
    make_account(session, "li", display_name="旧名", recorded_at=LONG_AGO)
    session.execute(update(Account).values(display_name="新名"))
    make_account(session, "admin", Grant(Role.ADMIN))
    issued = service.issue_token(session, "admin", name="x", scopes=[TokenScope.ADMIN], days=1, actor=operator())
    session.commit()
    client.headers["Authorization"] = f"Bearer {issued.secret}"
    (then,) = asked(client, "/api/v1/users", "2016-01-01").json()["items"]
    assert (then["login"], then["name"]) == ("li", "旧名")
    assert {each["name"] for each in client.get("/api/v1/users").json()["items"]} >= {"新名"}
    assert asked(client, "/api/v1/users", "soon").json()["code"] == "moment-invalid"


def test_a_facility_is_taken_along_as_it_was(client: httpx.Client, address: str) -> None:
    feature = asked(client, f"{address}.geojson", "2016-01-01")
    assert (feature.json()["properties"]["name"], feature.headers["Content-Type"]) == ("旧名", "application/geo+json")
    assert feature.headers["ETag"] == asked(client, address, "2016-01-01").headers["ETag"]
    now = client.get(f"{address}.geojson")
    assert now.json()["properties"]["name"] == "新名"
    assert client.get(f"{address}.geojson", headers={"If-None-Match": now.headers["ETag"]}).status_code == 304


def test_population_is_listed_as_of_a_moment(client: httpx.Client, session: WriteSession) -> None:
    town = make_division(session, "330702000000", recorded_at=LONG_AGO)
    people = make_dataset(session, DatasetKind.POPULATION, key="census", recorded_at=LONG_AGO)
    make_demand_point(session, people, counts={"all": 10}, division=town, recorded_at=LONG_AGO)
    session.execute(update(DemandPoint).values(counts={"all": 12}))
    make_demand_point(session, people, counts={"all": 30})
    session.commit()
    for narrowed in ({}, {"dataset": "census", "division": "330702", "bbox": "119,29,120,30"}):
        (then,) = client.get("/api/v1/population", params={"datetime": "2016-01-01", **narrowed}).json()["items"]
        assert then["counts"] == {"all": 10}
    assert [each["counts"] for each in client.get("/api/v1/population").json()["items"]] == [{"all": 12}, {"all": 30}]
    assert asked(client, "/api/v1/population", "2015-05-31").json()["items"] == []


@pytest.fixture
def run(session: WriteSession) -> str:
    """The address of a run that was ordered on 1 June 2015 and cancelled since."""
    standard = catalogue.standards()[0].model_dump(mode="json")
    question = Question(zone="330702").model_dump(mode="json")
    ordered = CoverageRun(state="queued", standard=standard, question=question, actor="li", recorded_at=LONG_AGO)
    session.add(ordered)
    session.flush()
    ordered.state, ordered.finished_at = "cancelled", datetime(2026, 1, 1, tzinfo=UTC)
    session.commit()
    return f"/api/v1/coverage/runs/{ordered.id}"


def test_a_run_is_read_as_of_a_moment(client: httpx.Client, session: WriteSession, run: str) -> None:
    then, now = asked(client, run, "2016-01-01"), client.get(run)
    assert (then.json()["state"], then.json()["finished_at"], then.json()["actor"]) == ("queued", None, "li")
    assert now.json()["state"] == "cancelled"
    assert then.headers["ETag"] != now.headers["ETag"]
    (listed,) = asked(client, "/api/v1/coverage/runs", "2016-01-01").json()["items"]
    assert listed == then.json()
    later = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    assert asked(client, run, later).headers["ETag"] == now.headers["ETag"]
    assert (asked(client, run, "2015-05-31").json()["code"]) == "not-recorded-then"
    assert asked(client, "/api/v1/coverage/runs", "2015-05-31").json()["items"] == []
    assert asked(client, f"/api/v1/coverage/runs/{uuid4()}", "2016-01-01").json()["code"] == "run-unknown"


def test_runs_of_a_moment_come_in_pages_the_newest_first(client: httpx.Client, session: WriteSession, run: str) -> None:
    record = session.scalars(select(CoverageRun)).one()
    for _ in range(2):
        session.add(
            CoverageRun(
                state="queued", standard=record.standard, question=record.question, actor="li", recorded_at=LONG_AGO
            )
        )
        session.flush()
    session.commit()
    first = client.get("/api/v1/coverage/runs?limit=2&datetime=2016-01-01").json()
    second = client.get(first["next"]).json()
    found = [each["links"]["self"].partition("/api/")[2] for each in first["items"] + second["items"]]
    assert len(found) == 3
    assert found[-1] == run.removeprefix("/api/")
    assert second["next"] is None


def test_a_runs_revisions_say_what_became_of_it(client: httpx.Client, run: str) -> None:
    newest, first = client.get(f"{run}/revisions").json()["items"]
    assert [(each["field"], each["after"]) for each in newest["changes"]] == [
        ("state", "cancelled"),
        ("finished_at", "2026-01-01T00:00:00+00:00"),
    ]
    assert (newest["number"], first["number"], first["changes"]) == (2, 1, [])
    # Whoever is at the machine is told by whom.
    assert newest["by"] is not None
    page = client.get(f"{run}/revisions?limit=1").json()
    assert [each["number"] for each in client.get(page["next"]).json()["items"]] == [1]
    assert client.get(f"/api/v1/coverage/runs/{uuid4()}/revisions").json()["code"] == "run-unknown"


def test_who_dealt_with_a_run_is_told_to_whom_may_know(client: httpx.Client, session: WriteSession, run: str) -> None:
    headers: dict[str, dict[str, str]] = {"nobody": {}}
    for login, division in (("there", "330702"), ("elsewhere", "330703")):
        make_account(session, login, Grant(Role.VIEWER, division))
        issued = service.issue_token(session, login, name="x", scopes=[TokenScope.READ], days=1, actor=operator())
        headers[login] = {"Authorization": f"Bearer {issued.secret}"}
    session.commit()
    told = {
        who: [each["by"] is not None for each in client.get(f"{run}/revisions", headers=sent).json()["items"]]
        for who, sent in headers.items()
    }
    assert told == {"nobody": [False, False], "there": [True, True], "elsewhere": [False, False]}


@pytest.mark.parametrize(
    "moment",
    ["2015", "soon", "2015-13-01", "2015-06-01T12:00:00", "2015-06-01T25:00:00Z", "2015-06-01T12:00Z", "", "2015-6-1"],
)
@pytest.mark.parametrize("path", ["/api/v1/facilities", "/api/v1/divisions", "/api/v1/divisions/330702"])
def test_what_is_no_moment_is_refused(client: httpx.Client, path: str, moment: str) -> None:
    answer = asked(client, path, moment)
    assert (answer.status_code, answer.json()["code"]) == (400, "moment-invalid")
