"""Refusals as RFC 9457 problems, and failures that say nothing about the program's insides."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from api.deps import ReadDb, WriteDb, does
from api.main import MAX_BODY_BYTES, create_app
from geo_registry.accounts.policy import Verb
from geo_registry.db.session import Database
from geo_registry.model import Dataset
from geo_registry.settings import Settings
from tests.conftest import TestUrls
from tests.http.conftest import Service, served

PROBLEM = "application/problem+json"


def test_a_problem_has_every_member_in_both_languages(client: httpx.Client) -> None:
    answer = client.get("/api/v1/coverage/runs/00000000-0000-0000-0000-000000000000")
    body = answer.json()
    assert answer.headers["Content-Type"] == PROBLEM
    assert (answer.status_code, body["status"], body["code"]) == (404, 404, "run-unknown")
    assert body["type"] == "urn:geo-registry:problem:run-unknown"
    assert body["instance"] == "/api/v1/coverage/runs/00000000-0000-0000-0000-000000000000"
    assert body["title"]
    assert body["detail"] == body["messages"]["en"]
    assert body["hint"] == body["hints"]["en"]
    assert set(body["messages"]) == set(body["hints"]) == {"zh-CN", "en"}


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-CN"),
        ("en-GB,en;q=0.9,zh;q=0.1", "en"),
        ("zh-TW;q=0.2, en;q=0.3", "en"),
        ("fr", "zh-CN"),
        ("en;q=nonsense", "zh-CN"),
        ("en;q=0", "zh-CN"),
        ("", "zh-CN"),
    ],
)
def test_the_detail_is_in_the_language_that_is_asked_for(client: httpx.Client, accepted: str, language: str) -> None:
    answer = client.get("/api/v1/nothing", headers={"Accept-Language": accepted})
    assert answer.headers["Content-Language"] == language
    assert answer.json()["detail"] == answer.json()["messages"][language]


def test_an_unknown_address_and_a_wrong_method(client: httpx.Client) -> None:
    unknown = client.get("/api/v1/nothing")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "route-unknown")
    wrong = client.put("/api/v1/coverage/runs", json={})
    assert (wrong.status_code, wrong.json()["code"]) == (405, "method-refused")
    assert wrong.headers["Allow"]


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        (b"{", "body", "json_invalid"),
        (b"{}", "standard", "missing"),
        (b'{"standard": "x", "zones": 1}', "zones", "extra_forbidden"),
        (b'{"standard": "x", "zone": "A"}', "zone", "string_pattern_mismatch"),
        (b'{"standard": "x", "as_of": "soon"}', "as_of", "date_from_datetime_parsing"),
        (b'{"standard": {"key": "x", "minutes": -1}}', "standard.fields.minutes", "greater_than"),
        (b'{"standard": 7}', "standard.fields", "model_attributes_type"),
        (b"[]", "body", "model_attributes_type"),
        (b"\xff\xfe", "body", None),
    ],
)
def test_a_malformed_body_names_its_fields(client: httpx.Client, body: bytes, field: str, code: str | None) -> None:
    answer = client.post("/api/v1/coverage/runs", content=body, headers={"Content-Type": "application/json"})
    assert answer.headers["Content-Type"] == PROBLEM
    if code is None:
        assert answer.status_code in {400, 422}
        return
    assert (answer.status_code, answer.json()["code"]) == (422, "body-malformed")
    problems = {each["field"]: each for each in answer.json()["errors"]}
    assert problems[field]["code"] == code
    assert problems[field]["in"] == "body"
    assert set(problems[field]["messages"]) == {"zh-CN", "en"}


@pytest.mark.parametrize("headers", [{"Content-Type": "text/plain"}, {}])
def test_a_body_that_does_not_say_it_is_json_is_refused(client: httpx.Client, headers: dict[str, str]) -> None:
    answer = client.post("/api/v1/coverage/runs", content=b'{"standard": "x"}', headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (415, "media-type-refused")
    assert "application/json" in answer.json()["hint"]


def test_a_kind_of_json_is_json(client: httpx.Client) -> None:
    headers = {"Content-Type": "application/merge-patch+json; charset=utf-8"}
    answer = client.post("/api/v1/coverage/runs", content=b'{"standard": "x"}', headers=headers)
    assert answer.json()["code"] == "standard-unknown"


def test_a_body_that_is_too_large_is_refused(client: httpx.Client) -> None:
    answer = client.post("/api/v1/coverage/runs", content=b"x" * (MAX_BODY_BYTES + 1))
    assert (answer.status_code, answer.json()["code"]) == (413, "body-too-large")


def test_a_streamed_body_that_is_too_large_is_refused(client: httpx.Client) -> None:
    def pieces() -> Iterator[bytes]:
        for _ in range(MAX_BODY_BYTES // 100_000 + 1):
            yield b" " * 100_000

    headers = {"Content-Type": "application/json"}
    answer = client.post("/api/v1/coverage/runs", content=pieces(), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (413, "body-too-large")


def test_a_commit_that_fails_is_answered_as_what_it_is(settings: Settings, database: Database) -> None:
    """With the plain `Depends` of a generator the answer, 201, is out before the commit (ADR 0003)."""
    app = create_app(settings, database)

    @app.post("/test/twice", status_code=201)
    @does(Verb.IMPORT_FILE)
    def twice(db: WriteDb) -> str:
        for _ in range(2):
            db.add(Dataset(kind="roads", key="same"))
        return "made"

    with served(app) as service:
        answer = httpx.post(f"{service.url}/test/twice", headers={"Accept-Language": "en"})
    assert (answer.status_code, answer.json()["code"]) == (409, "already-exists")


def test_a_failure_of_the_program_says_nothing_but_a_reference(
    settings: Settings, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    app = create_app(settings, database)

    @app.get("/test/crash")
    def crash() -> str:
        msg = "the secret"
        raise RuntimeError(msg)

    with served(app) as service:
        answer = httpx.get(f"{service.url}/test/crash")
    assert (answer.status_code, answer.json()["code"]) == (500, "unexpected")
    assert "secret" not in answer.text
    assert "RuntimeError" not in answer.text
    reference = answer.json()["reference"]
    (record,) = [each for each in caplog.records if reference in each.getMessage()]
    assert "the secret" in str(record.exc_info)
    assert answer.headers["Content-Security-Policy"]


def test_a_statement_that_takes_too_long_is_broken_off(settings: Settings, worker_urls: TestUrls) -> None:
    database = Database.connect(worker_urls.app, statement_timeout_s=1.0)
    app = create_app(settings, database)

    @app.get("/test/slow")
    def slow(db: ReadDb) -> str:
        db.execute(text("SELECT pg_sleep(30)"))
        return "done"

    with served(app) as service:
        answer = httpx.get(f"{service.url}/test/slow")
    database.dispose()
    assert (answer.status_code, answer.json()["code"]) == (504, "statement-too-slow")


def test_a_database_that_is_away_is_said_so(service: Service, client: httpx.Client, tmp_path: Path) -> None:
    service.app.state.database = away = Database.connect(f"postgresql://nobody@/nothing?host={tmp_path}")
    answer = client.get("/api/v1/facilities")
    assert (answer.status_code, answer.json()["code"]) == (503, "database-unavailable")
    assert int(answer.headers["Retry-After"]) > 0
    assert client.get("/healthz").status_code == 200
    away.dispose()
