"""What is made is made once, however often it is asked for with the same key, and whatever is lost on the way."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Barrier

import httpx
import pytest
from sqlalchemy import create_engine, func, select, text

from api.main import create_app
from geo_registry.accounts import service as accounts
from geo_registry.accounts.actors import Grant
from geo_registry.db.session import LOCAL_OPERATOR, Database, WriteSession
from geo_registry.model import CoverageRun, Facility, KeptAnswer
from geo_registry.settings import CHECKOUT, Settings
from geo_registry.vocabulary import Role, TokenScope
from tests.conftest import TestUrls
from tests.factories import make_account, operator
from tests.http.conftest import served

RUNS = "/api/v1/coverage/runs"
ORDER = {"standard": "care-circle-15min"}
FACILITIES = "/api/v1/facilities"
NEW = {"kind": "meal-point", "name": "江南助餐点", "geometry": {"type": "Point", "coordinates": [119.65, 29.08]}}
KEY = {"Idempotency-Key": "8e03978e-40d5-43e8-bc93-6894a57f9324"}
CREATES = [(RUNS, ORDER, CoverageRun), (FACILITIES, NEW, Facility)]


def count(session: WriteSession, model: type[CoverageRun | Facility | KeptAnswer]) -> int:
    return session.scalar(select(func.count()).select_from(model)) or 0


def as_asker(session: WriteSession) -> None:
    """What somebody was answered, they alone see and change."""
    session.execute(text("SELECT set_config('geo.actor', :actor, true)"), {"actor": LOCAL_OPERATOR})


def code(answer: httpx.Response) -> str:
    return str(answer.json()["code"])


@pytest.mark.parametrize(("address", "body", "model"), CREATES)
def test_what_is_sent_twice_is_made_once(
    client: httpx.Client, session: WriteSession, address: str, body: object, model: type[CoverageRun]
) -> None:
    first = client.post(address, json=body, headers=KEY)
    again = client.post(address, json=body, headers=KEY)
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert (again.status_code, again.content) == (first.status_code, first.content)
    for name in ("Location", "ETag", "Content-Type"):
        assert again.headers[name] == first.headers[name]
    assert count(session, model) == 1


def test_the_answer_is_the_one_that_was_given_whatever_became_of_the_record(client: httpx.Client) -> None:
    first = client.post(FACILITIES, json=NEW, headers=KEY)
    client.patch(first.headers["Location"], json={"name": "别的"}, headers={"If-Match": first.headers["ETag"]})
    assert client.post(FACILITIES, json=NEW, headers=KEY).json()["name"] == NEW["name"]


def test_without_a_key_each_time_is_another(client: httpx.Client, session: WriteSession) -> None:
    for _ in range(2):
        assert client.post(RUNS, json=ORDER).status_code == 202
    assert (count(session, CoverageRun), count(session, KeptAnswer)) == (2, 0)


def test_a_key_is_for_one_request(client: httpx.Client, session: WriteSession) -> None:
    client.post(FACILITIES, json=NEW, headers=KEY)
    for address, body in ((FACILITIES, NEW | {"name": "别的"}), (RUNS, NEW), (RUNS, ORDER)):
        answer = client.post(address, json=body, headers=KEY)
        assert answer.status_code == 422
    assert code(client.post(RUNS, json=ORDER, headers=KEY)) == "idempotency-key-reused"
    assert code(client.post(FACILITIES, json=NEW | {"name": "别的"}, headers=KEY)) == "idempotency-key-reused"
    assert (count(session, Facility), count(session, CoverageRun)) == (1, 0)


def test_a_quoted_key_is_the_same_key(client: httpx.Client, session: WriteSession) -> None:
    client.post(RUNS, json=ORDER, headers=KEY)
    quoted = {"Idempotency-Key": f'"{KEY["Idempotency-Key"]}"'}
    assert client.post(RUNS, json=ORDER, headers=quoted).headers["Idempotent-Replayed"] == "true"
    assert count(session, CoverageRun) == 1


@pytest.mark.parametrize("key", ["", "a b", "x" * 201, '"', "名".encode()])
def test_what_is_no_key_is_refused(client: httpx.Client, session: WriteSession, key: str | bytes) -> None:
    answer = client.post(
        RUNS, json=ORDER, headers=[(b"Idempotency-Key", key if isinstance(key, bytes) else key.encode())]
    )
    assert (answer.status_code, code(answer)) == (400, "idempotency-key-invalid")
    assert count(session, CoverageRun) == 0


def test_what_was_refused_may_be_tried_again(client: httpx.Client, session: WriteSession) -> None:
    unknown = ORDER | {"standard": "no-such-standard"}
    for _ in range(2):
        assert client.post(RUNS, json=unknown, headers=KEY).status_code == 404
    assert client.post(RUNS, json=ORDER, headers=KEY).status_code == 202
    as_asker(session)
    assert count(session, KeptAnswer) == 1


def test_somebody_elses_key_is_another_key(client: httpx.Client, database: Database, session: WriteSession) -> None:
    with database.write(actor="test") as other:
        people = []
        for login in ("li", "wang"):
            make_account(other, login, Grant(Role.PLANNER))
            issued = accounts.issue_token(other, login, name="x", scopes=[TokenScope.PLAN], days=1, actor=operator())
            people.append({"Authorization": f"Bearer {issued.secret}"})
    answers = [client.post(RUNS, json=ORDER, headers=KEY | who) for who in people]
    assert [each.status_code for each in answers] == [202, 202]
    assert {each.json()["actor"] for each in answers} == {"li", "wang"}
    assert client.post(RUNS, json=ORDER, headers=KEY).status_code == 401
    assert count(session, CoverageRun) == 2


def test_after_a_day_a_key_is_forgotten(client: httpx.Client, session: WriteSession) -> None:
    other = {"Idempotency-Key": "another"}
    for key in (KEY, other):
        client.post(RUNS, json=ORDER, headers=key)
    as_asker(session)
    session.execute(text("UPDATE kept_answer SET kept_at = kept_at - interval '1 day'"))
    session.commit()
    answer = client.post(RUNS, json=ORDER, headers=KEY)
    assert "Idempotent-Replayed" not in answer.headers
    as_asker(session)
    assert session.scalars(select(KeptAnswer.key)).all() == [KEY["Idempotency-Key"]]
    assert client.post(RUNS, json=ORDER, headers=KEY).content == answer.content


def test_up_to_a_day_it_is_remembered(client: httpx.Client, session: WriteSession) -> None:
    client.post(RUNS, json=ORDER, headers=KEY)
    as_asker(session)
    session.execute(text("UPDATE kept_answer SET kept_at = kept_at - interval '23 hours 59 minutes'"))
    session.commit()
    assert client.post(RUNS, json=ORDER, headers=KEY).headers["Idempotent-Replayed"] == "true"


# What really commits.


@pytest.fixture
def own(committed: TestUrls) -> Iterator[Database]:
    database = Database.connect(committed.app)
    yield database
    database.dispose()


def test_of_many_at_once_one_makes_it_and_the_others_wait(own: Database, settings: Settings) -> None:
    together = Barrier(4)
    with served(create_app(settings, own)) as service, httpx.Client(base_url=service.url, timeout=30) as client:

        def send(_: int) -> httpx.Response:
            together.wait()
            return client.post(RUNS, json=ORDER, headers=KEY)

        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(send, range(4)))
        last = client.post(RUNS, json=ORDER, headers=KEY)
    assert {each.status_code for each in answers} <= {202, 409}
    assert {each.content for each in answers if each.status_code == 202} == {last.content}
    assert {code(each) for each in answers if each.status_code == 409} <= {"idempotency-key-in-use"}
    with own.write(actor="test") as session:
        assert count(session, CoverageRun) == 1


def test_while_it_is_being_answered_nobody_waits(own: Database, committed: TestUrls, settings: Settings) -> None:
    engine = create_engine(committed.superuser)
    with (
        engine.connect() as holder,
        served(create_app(settings, own)) as service,
        httpx.Client(base_url=service.url, timeout=30) as client,
        ThreadPoolExecutor(1) as pool,
    ):
        # The first one can't write its run down yet.
        holder.execute(text("LOCK TABLE coverage_run"))
        first = pool.submit(client.post, RUNS, json=ORDER, headers=KEY)
        waiting = text("SELECT count(*) FROM pg_locks WHERE relation = 'coverage_run'::regclass AND NOT granted")
        while not holder.scalar(waiting):
            assert not first.done()
        second = client.post(RUNS, json=ORDER, headers=KEY)
        assert (second.status_code, code(second)) == (409, "idempotency-key-in-use")
        assert int(second.headers["Retry-After"]) >= 1
        holder.rollback()
        assert client.post(RUNS, json=ORDER, headers=KEY | {"Idempotency-Key": "another"}).status_code == 202
        made = first.result()
        assert client.post(RUNS, json=ORDER, headers=KEY).content == made.content
    engine.dispose()


@contextmanager
def process(committed: TestUrls, folder: Path) -> Iterator[tuple[httpx.Client, subprocess.Popen[str]]]:
    command = [sys.executable, "-m", "tests.http.dying_server", committed.app, str(folder)]
    with subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        port = int(server.stdout.readline())
        transport = httpx.HTTPTransport(retries=20)
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30, transport=transport) as client:
                yield client, server
        finally:
            server.kill()


def test_a_server_that_is_killed_before_it_answers_has_made_it_once(
    own: Database, committed: TestUrls, tmp_path: Path
) -> None:
    with process(committed, tmp_path) as (client, server):
        with pytest.raises(httpx.TransportError):
            client.post(FACILITIES, json=NEW, headers=KEY | {"X-Die": "now"})
        assert server.wait(timeout=30) == -9
    with own.write(actor="test") as session:
        made = session.scalars(select(Facility.id)).one()
    with process(committed, tmp_path) as (client, _):
        answer = client.post(FACILITIES, json=NEW, headers=KEY)
    assert (answer.status_code, answer.json()["id"]) == (201, str(made))
    assert answer.headers["Idempotent-Replayed"] == "true"
    assert answer.headers["Location"].endswith(f"/api/v1/facilities/{made}")
    assert answer.headers["ETag"]
    with own.write(actor="test") as session:
        assert count(session, Facility) == 1
