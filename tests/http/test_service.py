"""Health, the headers of every answer, and who may ask."""

import os
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from api.main import create_app
from api.web import pages
from api.web.vendored import STATIC
from geo_registry.db import standing
from geo_registry.db.session import Database, WriteSession
from geo_registry.settings import Settings
from tests.conftest import TestUrls
from tests.factories import make_facility
from tests.http.conftest import Service, served


@pytest.fixture
def own(service: Service, committed: TestUrls) -> Iterator[Database]:
    """The server on a database of the test's own, to be broken."""
    database = Database.connect(committed.app)
    service.app.state.database = database
    yield database
    database.dispose()


@pytest.fixture
def asks(service: Service) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=service.url, headers={"Accept-Language": "en"}) as client:
        yield client


def _beat(database: Database, age_s: float) -> None:
    with database.write(actor="test") as session:
        session.execute(
            text("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - make_interval(secs => :age))"),
            {"age": age_s},
        )


def test_the_process_is_alive_whatever_the_database_does(client: httpx.Client) -> None:
    answer = client.get("/healthz")
    assert answer.json() == {"status": "alive", "product": "geo-registry", "version": answer.json()["version"]}


def test_all_is_ready_when_a_worker_was_heard_of(own: Database, asks: httpx.Client) -> None:
    _beat(own, 3)
    answer = asks.get("/readyz")
    assert answer.status_code == 200
    checks = answer.json()["checks"]
    assert all(check["ok"] for check in checks.values())
    assert checks["migrations"]["revision"] == checks["migrations"]["wanted"]
    assert checks["extensions"]["versions"]["postgis"].startswith("3.")


@pytest.mark.parametrize("ages_s", [(), (60.0,)])
def test_a_worker_that_is_silent_is_missing(own: Database, asks: httpx.Client, ages_s: tuple[float, ...]) -> None:
    for age_s in ages_s:
        _beat(own, age_s)
    answer = asks.get("/readyz")
    assert (answer.status_code, answer.json()["code"]) == (503, "not-ready")
    assert answer.json()["detail"] == "the service isn't ready: worker"
    assert answer.json()["checks"]["worker"]["ok"] is False


def test_a_schema_of_another_revision_is_not_ready(own: Database, committed: TestUrls, asks: httpx.Client) -> None:
    owner = Database.connect(committed.owner)
    with owner.write(actor="test") as session:
        session.execute(text("UPDATE alembic_version SET version_num = 'older'"))
    owner.dispose()
    checks = asks.get("/readyz").json()["checks"]
    assert checks["migrations"] == {"ok": False, "revision": "older", "wanted": checks["migrations"]["wanted"]}
    assert checks["worker"]["ok"] is False


def test_a_service_that_works_as_the_owner_is_not_ready(
    service: Service, committed: TestUrls, asks: httpx.Client
) -> None:
    service.app.state.database = owner = Database.connect(committed.owner)
    _beat(owner, 3)
    answer = asks.get("/readyz")
    assert answer.json()["detail"] == "the service isn't ready: walls"
    assert {"facility", "account", "role_grant"} <= set(answer.json()["checks"]["walls"]["open"])
    owner.dispose()


def test_a_database_that_is_away_is_not_ready(service: Service, asks: httpx.Client, tmp_path: object) -> None:
    service.app.state.database = away = Database.connect(f"postgresql://nobody@/nothing?host={tmp_path}")
    answer = asks.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["database"]["ok"] is False
    assert answer.json()["checks"]["migrations"] is None
    away.dispose()


@pytest.mark.parametrize(
    "address", ["/", "/docs", "/healthz", "/api/v1/facilities", "/nothing", "/static/css/tokens.css"]
)
def test_every_answer_carries_the_security_headers(client: httpx.Client, address: str) -> None:
    headers = client.get(address).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "[::2]:80"])
def test_a_request_for_another_host_is_refused(client: httpx.Client, host: str) -> None:
    answer = client.get("/healthz", headers={"Host": host})
    assert answer.status_code == 400
    if host:
        assert answer.json()["code"] == "host-unknown"


@pytest.mark.parametrize("host", ["localhost", "LocalHost:8000", "127.0.0.1:1", "[::1]:8000"])
def test_this_machine_has_several_names(client: httpx.Client, host: str) -> None:
    assert client.get("/healthz", headers={"Host": host}).status_code == 200


def test_behind_a_proxy_the_public_name_is_known_and_links_are_made_from_it(
    database: Database, session: WriteSession, settings: Settings
) -> None:
    for _ in range(2):
        make_facility(session)
    session.commit()
    public = settings.model_copy(update={"public_url": "https://registry.example/"})
    with served(create_app(public, database)) as service:
        answer = httpx.get(f"{service.url}/api/v1/facilities?limit=1", headers={"Host": "registry.example"})
    assert answer.json()["next"].startswith("https://registry.example/api/v1/facilities?limit=1&after=")


def test_large_json_is_compressed(client: httpx.Client, session: WriteSession) -> None:
    for _ in range(20):
        make_facility(session)
    session.commit()
    large = client.get("/api/v1/facilities", headers={"Accept-Encoding": "gzip"})
    assert large.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in client.get("/healthz", headers={"Accept-Encoding": "gzip"}).headers


def test_no_other_site_may_read_the_answers(client: httpx.Client) -> None:
    answer = client.get("/api/v1/facilities", headers={"Origin": "https://evil.example"})
    assert not [name for name in answer.headers if name.startswith("access-control")]


def test_vendored_files_are_kept_for_good_and_ours_are_not(client: httpx.Client) -> None:
    assert client.get("/static/css/tokens.css").headers["Cache-Control"] == "no-cache"
    assert client.get("/static/../main.py").status_code == 404
    assert client.get("/static/%2e%2e/%2e%2e/main.py").status_code == 404


@pytest.mark.parametrize("path", ["css/tokens.css", "js/plan/run.js", "icon.svg"])
def test_a_static_text_is_the_same_compressed_or_not_in_part_and_again(client: httpx.Client, path: str) -> None:
    lies_there = (STATIC / path).read_bytes()
    plain = client.get(f"/static/{path}", headers={"Accept-Encoding": "identity"})
    packed = client.get(f"/static/{path}", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.headers["Vary"] == "Accept-Encoding"
    assert plain.headers["Content-Type"] == packed.headers["Content-Type"]
    assert plain.content == packed.content == lies_there
    assert int(packed.headers["Content-Length"]) < len(lies_there)
    part = client.get(f"/static/{path}", headers={"Accept-Encoding": "gzip", "Range": "bytes=3-9"})
    assert (part.status_code, part.content) == (206, lies_there[3:10])
    for answer in (plain, packed):
        again = client.get(f"/static/{path}", headers={"If-None-Match": answer.headers["ETag"]})
        assert (again.status_code, again.content) == (304, b"")


def test_a_static_text_that_was_written_anew_is_not_answered_from_memory(tmp_path: Path) -> None:
    script = tmp_path / "one.js"
    site = FastAPI()
    site.mount("/", pages.CachedStaticFiles(directory=tmp_path))
    with served(site) as service:
        script.write_text("let a = 1;" * 100)
        assert httpx.get(f"{service.url}/one.js").text == "let a = 1;" * 100
        script.write_text("let b = 2;" * 100)
        os.utime(script, ns=(1, 1))
        assert httpx.get(f"{service.url}/one.js").text == "let b = 2;" * 100


def test_the_page_does_not_call_exact_what_it_did_not_count(
    client: httpx.Client, session: WriteSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standing, "EXACT_UP_TO", 1)
    for _ in range(3):
        make_facility(session)
    session.commit()
    assert '<span class="figures">over 1</span>' in client.get("/?lang=en").text
    assert '<span class="figures">1 以上</span>' in client.get("/?lang=zh").text


def test_head_is_answered_like_get_without_the_body(client: httpx.Client) -> None:
    got, head = client.get("/api/v1/standards"), client.head("/api/v1/standards")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["Content-Type"] == got.headers["Content-Type"]
    assert client.head("/api/v1/facilities/no-such").status_code == client.get("/api/v1/facilities/no-such").status_code
