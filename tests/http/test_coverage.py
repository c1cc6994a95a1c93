"""Coverage runs over HTTP: ordered, followed, answered."""

import csv
import io
import json
from pathlib import Path
from uuid import UUID, uuid4
from zipfile import ZipFile

import httpx
import openpyxl
import pytest
from sqlalchemy import text

from api.routes import coverage
from api.schemas.coverage import ResultFormat
from geo_registry.accounts import service as accounts
from geo_registry.accounts.actors import Grant
from geo_registry.coverage import queries
from geo_registry.coverage.service import RUN_TASK, fail_run, perform_run
from geo_registry.db.session import Database, WriteSession
from geo_registry.errors import TaskCrashed
from geo_registry.jobs.ledger import JobProgressListener
from geo_registry.jobs.queue import get_job
from geo_registry.settings import Settings
from geo_registry.vocabulary import DatasetKind, DivisionLevel, JobState, Role, TokenScope
from tests.factories import (
    make_account,
    make_dataset,
    make_demand_point,
    make_division,
    make_facility,
    make_road,
    operator,
)

RUNS = "/api/v1/coverage/runs"
ANY = {"If-Match": "*"}
DEG_100M = 0.000_898_315
"""A hundred metres along the equator, in degrees."""

STANDARD = {
    "key": "town",
    "name": {"zh": "小镇", "en": "town"},
    "family": "reach",
    "demand": "all",
    "basis": "resident",
    "kinds": ["home-care-centre"],
    "speed_kmh": 3.6,
    "minutes": 5,
    "source": "the test",
}


@pytest.fixture
def people(session: WriteSession) -> str:
    """The key of a population along a street: 10 people 200 m and 30 people 400 m from a home-care centre."""
    make_road(session, make_dataset(session, DatasetKind.ROADS), [(0, 0), (5 * DEG_100M, 0)])
    county = make_division(session, "330702000000", level=DivisionLevel.COUNTY)
    near = make_division(session, "330702001000", level=DivisionLevel.TOWNSHIP, parent=county)
    far = make_division(session, "330702002000", level=DivisionLevel.TOWNSHIP, parent=county)
    people = make_dataset(session, DatasetKind.POPULATION)
    make_demand_point(session, people, lon=2 * DEG_100M, lat=0, counts={"all": 10}, division=near)
    make_demand_point(session, people, lon=4 * DEG_100M, lat=0, counts={"all": 30}, division=far)
    make_facility(session, lon=0, lat=0)
    session.commit()
    return people.key


@pytest.fixture
def done(client: httpx.Client, database: Database, tmp_path: Path, people: str) -> str:
    """The address of a run that was ordered and performed."""
    answer = client.post(RUNS, json={"standard": STANDARD, "population": people})
    perform_run(database, UUID(answer.json()["id"]), data_path=tmp_path)
    return answer.headers["Location"]


def test_an_order_is_written_down_and_queued(client: httpx.Client, session: WriteSession) -> None:
    answer = client.post(RUNS, json={"standard": STANDARD, "zone": "3307", "as_of": "2020-01-01"})
    run = answer.json()
    assert (answer.status_code, run["state"], run["actor"]) == (202, "queued", "local-operator")
    assert answer.headers["Location"] == run["links"]["self"]
    assert run["question"] == {"zone": "3307", "population": None, "roads": None, "as_of": "2020-01-01"}
    assert run["standard"]["key"] == "town"
    followed = client.get(answer.headers["Location"]).json()
    assert (followed["state"], followed["progress"], followed["totals"]) == ("queued", None, None)
    row = queries.get_run(session, UUID(run["id"]))
    assert row.job_id is not None
    assert get_job(session, row.job_id).task == RUN_TASK


@pytest.mark.parametrize(
    ("grant", "told"),
    [
        (None, False),
        (Grant(Role.VIEWER, "3307"), True),
        (Grant(Role.PLANNER, "330702"), True),
        (Grant(Role.PLANNER, "330703"), False),
        (Grant(Role.FIELD), False),
    ],
)
def test_who_ordered_a_run_is_told_to_the_office_of_its_division(
    *, client: httpx.Client, database: Database, tmp_path: Path, people: str, grant: Grant | None, told: bool
) -> None:
    with database.write(actor="test") as session:
        author = bearer(session, "the-author", Grant(Role.PLANNER, "330702"))
        asker = bearer(session, "asker", grant) if grant is not None else {}
    answer = client.post(RUNS, json={"standard": STANDARD, "population": people, "zone": "330702"}, headers=author)
    address = answer.headers["Location"]
    assert (answer.status_code, answer.json()["actor"]) == (202, "the-author")
    perform_run(database, UUID(answer.json()["id"]), data_path=tmp_path)
    expected = "the-author" if told else None
    one = client.get(address, headers=asker)
    assert one.json()["actor"] == expected
    assert client.get(RUNS, headers=asker).json()["items"][0]["actor"] == expected
    report = client.get(f"{address}/result.docx", headers=asker)
    assert ("the-author" in _text_of(report.content)) is told
    # Nobody on the way keeps for others what one was shown.
    for answer in (one, report):
        assert answer.headers["Cache-Control"] == "private, no-cache"
        assert {"Authorization", "Cookie"} <= set(answer.headers["Vary"].split(", "))
    for path in ("/plan", f"{address}/zones", f"{address}/result.csv", f"{address}/result.geojson"):
        assert "the-author" not in client.get(path, headers=asker).text
    assert "the-author" not in _text_of(client.get(f"{address}/result.xlsx", headers=asker).content)


def bearer(session: WriteSession, login: str, *grants: Grant) -> dict[str, str]:
    """What a program says that acts as a new account."""
    make_account(session, login, *grants)
    scopes = [TokenScope.READ, TokenScope.PLAN]
    issued = accounts.issue_token(session, login, name="x", scopes=scopes, days=1, actor=operator())
    return {"Authorization": f"Bearer {issued.secret}"}


def _text_of(office_file: bytes) -> str:
    """Every text of a document or a workbook, as XML."""
    with ZipFile(io.BytesIO(office_file)) as file:
        return " ".join(file.read(name).decode() for name in file.namelist() if name.endswith(".xml"))


def test_a_run_whose_job_is_gone_says_how_it_stands_itself(client: httpx.Client, session: WriteSession) -> None:
    ordered = client.post(RUNS, json={"standard": STANDARD}).json()
    session.execute(text("UPDATE coverage_run SET job_id = 1000000000"))
    session.commit()
    found = client.get(ordered["links"]["self"])
    assert (found.status_code, found.json()["state"], found.json()["progress"]) == (200, "queued", None)
    cancelled = client.post(ordered["links"]["cancel"], headers=ANY)
    assert (cancelled.status_code, cancelled.json()["state"]) == (200, "cancelled")
    assert client.get(ordered["links"]["self"]).json()["state"] == "cancelled"


def test_a_standard_of_the_catalogue_by_its_key(client: httpx.Client) -> None:
    catalogue = client.get("/api/v1/standards").json()["items"]
    key = catalogue[0]["key"]
    assert client.post(RUNS, json={"standard": key}).json()["standard"]["key"] == key
    assert catalogue[0]["enabled"] is True
    unknown = client.post(RUNS, json={"standard": "no-such-standard"})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "standard-unknown")


def test_a_run_of_a_standard_that_is_switched_off_says_so(client: httpx.Client) -> None:
    last = client.get("/api/v1/standards").json()["items"][-1]
    run = client.post(RUNS, json={"standard": last["key"]}).json()
    assert (run["standard"]["enabled"], run["standard"]["verified"]) == (False, False)


@pytest.mark.parametrize(
    ("where", "code"),
    [("nonsense(", "filter-syntax"), ("colour = 'red'", "filter-property"), ("capacity = 'many'", "filter-mistyped")],
)
def test_a_condition_that_cannot_be_asked_is_refused_with_the_order(
    client: httpx.Client, where: str, code: str
) -> None:
    answer = client.post(RUNS, json={"standard": STANDARD | {"where": where}})
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert client.get(RUNS).json()["items"] == []


@pytest.mark.parametrize(
    "order",
    [
        {"standard": STANDARD | {"source": "a\0b"}},
        {"standard": STANDARD | {"where": "name = 'a\0b'"}},
        {"standard": STANDARD, "population": "a\0b"},
        {"standard": STANDARD, "roads": "a\x1bb"},
    ],
)
def test_text_that_cannot_be_stored_or_seen_is_refused(client: httpx.Client, order: dict[str, object]) -> None:
    answer = client.post(RUNS, json=order)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "control_character")


def test_a_run_keeps_the_speed_it_was_evaluated_at(client: httpx.Client) -> None:
    without = {key: value for key, value in STANDARD.items() if key != "speed_kmh"}
    assert client.post(RUNS, json={"standard": without}).json()["standard"]["speed_kmh"] == 4.0
    by_car = client.post(RUNS, json={"standard": without | {"mode": "drive"}}).json()
    assert by_car["standard"]["speed_kmh"] is None


def test_a_run_is_followed_while_it_works(client: httpx.Client, database: Database, session: WriteSession) -> None:
    run = client.post(RUNS, json={"standard": STANDARD}).json()
    job = queries.get_run(session, UUID(run["id"])).job_id
    assert job is not None
    JobProgressListener(database, job, must_stop=lambda: False)("snap", 40, 100)
    assert client.get(run["links"]["self"]).json()["progress"] == {"step": "snap", "done": 40, "total": 100}


def test_a_finished_run_has_its_totals_and_inputs(client: httpx.Client, done: str) -> None:
    run = client.get(done).json()
    assert (run["state"], run["progress"], run["error"]) == ("done", None, None)
    assert {key: run["totals"][key] for key in ("demand", "covered", "share", "gap")} == {
        "demand": 40,
        "covered": 10,
        "share": 0.25,
        "gap": 30,
    }
    assert run["inputs"]["population"]["points"] == 2
    assert run["finished_at"] >= run["started_at"] >= run["recorded_at"]


def test_a_failed_run_says_why_in_both_languages(client: httpx.Client, database: Database) -> None:
    run = client.post(RUNS, json={"standard": STANDARD}).json()
    fail_run(database, UUID(run["id"]), TaskCrashed(task="coverage.run", reference="abc"))
    failed = client.get(run["links"]["self"]).json()
    assert (failed["state"], failed["error"]["code"]) == ("failed", "task-crashed")
    assert set(failed["error"]["messages"]) == {"zh-CN", "en"}


def test_runs_are_listed_the_newest_first(client: httpx.Client) -> None:
    ids = [client.post(RUNS, json={"standard": STANDARD}).json()["id"] for _ in range(3)]
    first = client.get(RUNS, params={"limit": 2}).json()
    second = client.get(first["next"]).json()
    assert [item["id"] for item in first["items"] + second["items"]] == ids[::-1]
    assert second["next"] is None


def test_zones_from_the_top_and_by_level(client: httpx.Client, done: str) -> None:
    zones = client.get(f"{done}/zones").json()["items"]
    assert [(zone["level"], zone["code"], zone["covered"], zone["gap"]) for zone in zones] == [
        ("county", "330702000000", 10, 30),
        ("township", "330702001000", 10, 0),
        ("township", "330702002000", 0, 30),
    ]
    county = client.get(f"{done}/zones?level=county").json()["items"]
    assert [(zone["share"], zone["demand"]) for zone in county] == [(0.25, 40)]


@pytest.mark.parametrize("rest", ["zones", "points"])
def test_zones_and_points_are_paged(client: httpx.Client, done: str, rest: str) -> None:
    whole = client.get(f"{done}/{rest}").json()["items"]
    paged, address = [], f"{done}/{rest}?limit=1"
    while address:
        page = client.get(address).json()
        assert len(page["items"]) == 1
        paged += page["items"]
        address = page["next"]
    assert paged == whole


def test_points_are_in_one_state_each(client: httpx.Client, done: str) -> None:
    points = client.get(f"{done}/points").json()["items"]
    assert [(point["demand"], point["state"]) for point in points] == [(10, "covered"), (30, "beyond")]
    assert points[0]["minutes"] == pytest.approx(200 / 60, abs=0.01)
    assert points[0]["geometry"]["coordinates"] == [pytest.approx(2 * DEG_100M), 0]


@pytest.mark.parametrize(
    "rest",
    ["zones", "points", "columns", *(f"result.{each.value}" for each in ResultFormat)],
)
def test_a_run_without_a_result_is_a_conflict(client: httpx.Client, rest: str) -> None:
    run = client.post(RUNS, json={"standard": STANDARD}).json()
    answer = client.get(f"{run['links']['self']}/{rest}")
    assert (answer.status_code, answer.json()["code"]) == (409, "run-not-done")
    unknown = client.get(f"{RUNS}/{uuid4()}/{rest}")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "run-unknown")


def test_all_that_a_map_draws_comes_in_columns(
    client: httpx.Client, done: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    columns = client.get(f"{done}/columns").json()
    points = client.get(f"{done}/points").json()["items"]
    for name in ("fid", "source_id", "demand", "state", "minutes"):
        assert columns["points"][name] == [point[name] for point in points]
    assert columns["points"]["lon"] == [point["geometry"]["coordinates"][0] for point in points]
    assert columns["facilities"]["kind"] == ["home-care-centre"]
    assert columns["facilities"]["within_reach"] == [10]
    monkeypatch.setattr(coverage, "MOST_DRAWN", 1)
    assert client.get(f"{done}/columns").json() == {"points": None, "facilities": columns["facilities"]}


def test_results_as_files(client: httpx.Client, done: str) -> None:
    results = client.get(done).json()["links"]["results"]
    features = json.loads(client.get(results["geojson"]).content)["features"]
    assert len(features) == 3 + 1 + 2
    answer = client.get(results["csv"])
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert len(list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))) == 2
    workbook = openpyxl.load_workbook(io.BytesIO(client.get(results["xlsx"]).content))
    assert len(workbook.sheetnames) > 3


def test_a_map_is_served_in_a_sandbox(client: httpx.Client, done: str) -> None:
    answer = client.get(f"{done}/result.html")
    policy = answer.headers["Content-Security-Policy"]
    assert answer.headers["Content-Type"].startswith("text/html")
    assert policy.startswith("sandbox allow-scripts;")
    assert "default-src 'none'" in policy
    assert "allow-same-origin" not in policy


def test_sent_results_leave_nothing_behind(client: httpx.Client, done: str, settings: Settings) -> None:
    client.get(f"{done}/result.csv")
    folder = settings.data_path / "results"
    assert list(folder.iterdir()) == []


def test_an_unknown_format_is_a_bad_query(client: httpx.Client, done: str) -> None:
    answer = client.get(f"{done}/result.pdf")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "extension")


def test_a_queued_run_is_cancelled_and_stays_so(client: httpx.Client, session: WriteSession, people: str) -> None:
    ordered = client.post(RUNS, json={"standard": STANDARD, "population": people}).json()
    assert ordered["links"]["cancel"] == f"{ordered['links']['self']}/cancel"
    cancelled = client.post(ordered["links"]["cancel"], headers=ANY)
    assert (cancelled.status_code, cancelled.json()["state"]) == (200, "cancelled")
    assert (cancelled.json()["links"]["cancel"], cancelled.json()["error"]) == (None, None)
    assert client.post(ordered["links"]["cancel"], headers=ANY).json() == cancelled.json()
    assert client.get(ordered["links"]["self"]).json() == cancelled.json()
    assert [run["state"] for run in client.get(RUNS).json()["items"]] == ["cancelled"]
    row = queries.get_run(session, UUID(ordered["id"]))
    assert row.job_id is not None
    assert get_job(session, row.job_id).state is JobState.CANCELLED


@pytest.mark.parametrize("below", ["zones", "points", "columns", *(f"result.{each.value}" for each in ResultFormat)])
def test_a_cancelled_run_has_no_result(client: httpx.Client, people: str, below: str) -> None:
    ordered = client.post(RUNS, json={"standard": STANDARD, "population": people}).json()
    client.post(ordered["links"]["cancel"], headers=ANY)
    answer = client.get(f"{ordered['links']['self']}/{below}")
    assert (answer.status_code, answer.json()["code"]) == (409, "run-not-done")
    assert "it is cancelled" in answer.json()["detail"]


def test_a_finished_run_cannot_be_cancelled(client: httpx.Client, done: str) -> None:
    assert client.get(done).json()["links"]["cancel"] is None
    refused = client.post(f"{done}/cancel", headers=ANY)
    assert (refused.status_code, refused.json()["code"]) == (409, "run-finished")
    assert client.get(done).json()["state"] == "done"
    nowhere = client.post(f"{RUNS}/{uuid4()}/cancel", headers=ANY)
    assert (nowhere.status_code, nowhere.json()["code"]) == (404, "run-unknown")
