"""How often one may ask, how much one may send, and what every answer carries."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import httpx
import pytest

from api.asgi import SECURITY_HEADERS
from api.limits import address_of
from api.main import MAX_BODY_BYTES, MAX_FORM_BYTES, create_app
from geo_registry.db.session import Database
from geo_registry.settings import Settings
from tests.http.conftest import served

Serve = Callable[..., httpx.Client]
PUBLIC = "https://names.example"


@pytest.fixture
def serve(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serve]:
    """The product with other settings, asked under its public name."""
    with ExitStack() as opened:

        def with_settings(**over: object) -> httpx.Client:
            values: dict[str, object] = {"password_memory_mb": 8, "password_passes": 1, "public_url": PUBLIC, **over}
            settings = Settings(data_dir=tmp_path_factory.mktemp("data"), **values)  # type: ignore[arg-type]
            service = opened.enter_context(served(create_app(settings, database)))
            headers = {"Host": "names.example"} if values["public_url"] else {}
            return opened.enter_context(httpx.Client(base_url=service.url, headers=headers, timeout=30))

        yield with_settings


def test_an_address_that_asks_too_often_waits(serve: Serve) -> None:
    client = serve(requests_per_minute=5)
    answers = [client.get("/healthz") for _ in range(7)]
    assert [each.status_code for each in answers] == [200] * 5 + [429] * 2
    refused = answers[-1]
    assert refused.json()["code"] == "asked-too-often"
    assert 1 <= int(refused.headers["Retry-After"]) <= 12
    assert refused.headers["Content-Type"] == "application/problem+json"
    page = client.get("/", headers={"Accept": "text/html", "Accept-Language": "zh-CN"})
    assert page.status_code == 429
    assert "请求过于频繁" in page.text


def test_signing_in_is_limited_more_strictly(serve: Serve) -> None:
    client = serve(sign_ins_per_minute=3)
    assert [client.post("/sign-in", data={}).status_code for _ in range(5)] == [403] * 3 + [429] * 2
    assert client.get("/sign-in").status_code == 200


def test_what_takes_the_machines_time_is_limited_more_strictly(serve: Serve) -> None:
    client = serve(heavy_per_minute=3)
    assert [client.post("/api/v1/coverage/runs", json={}).status_code for _ in range(4)][-1] == 429
    assert client.get("/api/v1/coverage/runs/x/result.docx").status_code == 429
    assert client.head("/api/v1/coverage/runs/x/columns").status_code == 429
    assert client.get("/api/v1/coverage/runs").status_code == 200


def test_what_anybody_may_say_is_limited_more_strictly(serve: Serve) -> None:
    client = serve(comments_per_minute=3)
    said = [client.post(f"/consultations/x/{path}", data={}).status_code for path in ("comments", "answer") * 2]
    assert said == [404] * 3 + [429]
    assert client.get("/api/v1/consultations/comments/0000000000").status_code == 429
    assert client.get("/consultations").status_code == 200


def test_a_token_is_counted_wherever_it_comes_from(serve: Serve) -> None:
    client = serve(requests_per_minute=5, behind_proxy=True)

    def ask(address: str, token: str) -> int:
        return client.get(
            "/healthz", headers={"X-Forwarded-For": address, "Authorization": f"Bearer {token}"}
        ).status_code

    assert [ask(f"203.0.113.{at}", "geo_one") for at in range(6)] == [200] * 5 + [429]
    assert ask("203.0.113.1", "geo_two") == 200
    # Tokens that are made up don't go free.
    assert [ask("203.0.113.99", f"geo_{at}") for at in range(6)] == [200] * 5 + [429]


def test_at_the_machine_nobody_is_limited(serve: Serve) -> None:
    client = serve(public_url="", requests_per_minute=1, sign_ins_per_minute=1)
    assert [client.get("/healthz").status_code for _ in range(5)] == [200] * 5


def test_no_limit_is_set_by_zero(serve: Serve) -> None:
    client = serve(requests_per_minute=0, sign_ins_per_minute=0)
    assert [client.post("/sign-in", data={}).status_code for _ in range(30)] == [403] * 30


def _address(settings: Settings, peer: str, *forwarded: str) -> str:
    headers = [(b"x-forwarded-for", each.encode("latin-1")) for each in forwarded]
    return address_of({"type": "http", "client": (peer, 1), "headers": headers}, settings)


def test_of_what_is_forwarded_the_proxys_own_word_alone_counts() -> None:
    alone, proxied = Settings(), Settings(behind_proxy=True, public_url=PUBLIC)
    assert _address(alone, "127.0.0.1", "203.0.113.7") == "127.0.0.1"
    assert _address(proxied, "127.0.0.1", "203.0.113.7") == "203.0.113.7"
    assert _address(proxied, "127.0.0.1", "10.0.0.1, 127.0.0.1", "evil, 203.0.113.7") == "203.0.113.7"
    assert _address(proxied, "127.0.0.1", "203.0.113.7, <script>") == "127.0.0.1"
    assert _address(proxied, "127.0.0.1") == "127.0.0.1"
    # Who isn't our proxy can't say anything.
    assert _address(proxied, "198.51.100.1", "203.0.113.7") == "198.51.100.1"


def test_whoever_says_that_they_are_this_machine_isnt(serve: Serve) -> None:
    client = serve()
    for headers in (
        {"X-Forwarded-For": "127.0.0.1"},
        {"X-Forwarded-Host": "localhost"},
        {"X-Real-IP": "127.0.0.1"},
        {"Forwarded": "for=127.0.0.1;host=localhost"},
    ):
        answer = client.get("/api/v1/me", headers=headers)
        assert answer.json()["known"] == "not"


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-Host": "evil.example"},
        {"X-Forwarded-Proto": "gopher"},
        {"X-Forwarded-Prefix": "/evil"},
        {"Forwarded": "host=evil.example;proto=gopher"},
        {"X-Original-URL": "/admin"},
        {"X-HTTP-Method-Override": "DELETE"},
    ],
)
def test_what_is_forwarded_gets_into_no_link(client: httpx.Client, headers: dict[str, str]) -> None:
    plain, said = (client.get("/tiles/divisions.json", headers=each) for each in ({}, headers))
    assert said.json() == plain.json()
    assert "evil" not in said.text
    assert "evil" not in str(said.headers)


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost@evil.example", "", "evil.example:80"]
)
def test_a_foreign_host_is_refused(client: httpx.Client, host: str) -> None:
    answer = client.get("/api/v1/coverage/runs", headers={"Host": host})
    assert (answer.status_code, answer.json()["code"]) == (400, "host-unknown")


def test_links_are_those_of_the_public_address_whatever_is_asked(serve: Serve) -> None:
    client = serve()
    for host in ("names.example", "localhost:1234", "names.example:99"):
        assert client.get("/tiles/divisions.json", headers={"Host": host}).json()["tiles"][0].startswith(f"{PUBLIC}/")


@pytest.mark.parametrize(
    ("path", "most"),
    [("/api/v1/coverage/runs", MAX_BODY_BYTES), ("/sign-in", MAX_FORM_BYTES), ("/nothing", MAX_FORM_BYTES)],
)
@pytest.mark.parametrize("length", ["told", "untold"])
def test_no_route_reads_more_than_its_limit(client: httpx.Client, path: str, most: int, length: str) -> None:
    body = b"x" * (most + 1)
    headers = {"Content-Type": "application/x-www-form-urlencoded" if path == "/sign-in" else "application/json"}
    answer = client.post(path, content=body if length == "told" else iter([body]), headers=headers)
    if path == "/nothing" and length == "untold":
        # Nobody reads the body of what isn't there.
        assert answer.status_code == 404
        return
    assert (answer.status_code, answer.json()["code"]) == (413, "body-too-large")


@pytest.mark.parametrize(
    "path", ["/", "/sign-in", "/api/v1/facilities", "/static/css/tokens.css", "/nothing", "/healthz"]
)
def test_every_answer_carries_the_headers(client: httpx.Client, path: str) -> None:
    headers = client.get(path, headers={"Accept": "text/html"}).headers
    assert {name: headers[name] for name in SECURITY_HEADERS} == dict(SECURITY_HEADERS)
    assert "Strict-Transport-Security" not in headers


def test_where_it_is_encrypted_browsers_ask_in_no_other_way(serve: Serve) -> None:
    assert serve().get("/healthz").headers["Strict-Transport-Security"].startswith("max-age=")


def test_a_name_with_a_line_break_gets_into_no_header(client: httpx.Client) -> None:
    """CR LF in what a header is made of: a file's name, a redirect, a language."""
    for path in (
        "/api/v1/facilities/%0d%0aSet-Cookie:%20geo-session=planted.geojson",
        "/?lang=en%0d%0aSet-Cookie:%20geo-session=planted",
        "/sign-in?next=/%0d%0aSet-Cookie:%20geo-session=planted",
        "/admin/users/%0d%0aSet-Cookie:%20geo-session=planted",
        "/api/v1/coverage/runs?after=%0d%0aSet-Cookie:%20geo-session=planted",
    ):
        answer = client.get(path, headers={"Accept": "text/html"})
        assert answer.status_code < 500
        assert "geo-session" not in answer.headers.get("Set-Cookie", "")
        assert not any("\r" in value or "\n" in value for value in answer.headers.values())
