"""Every route, by everybody, in every division: open to whom its row says, and refused to the rest as the table says."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from fastapi.routing import APIRoute
from sqlalchemy import Engine, text

from api.deps import asker, current_actor
from api.main import create_app
from api.routes.cases import STEPS
from api.visitors import FORM, SESSION, form_token
from geo_registry import clock
from geo_registry.accounts import keys
from geo_registry.accounts.policy import TABLE, Verb
from geo_registry.db.revisions import version_of
from geo_registry.db.session import Database
from geo_registry.model import AccountSession
from geo_registry.settings import Settings
from geo_registry.vocabulary import Operation, Role
from tests.architecture.test_routes import _calls
from tests.http.conftest import Service, served
from tests.rights.asked import asking, verbs_of
from tests.rights.routes import ROUTES, Allowed, AllowedPage, Everybody, Request, WhoeverIsSignedIn
from tests.rights.world import DEAD, NOBODY, OF_EVERYTHING, Where, World

BROWSER = "of whoever isn't signed in yet"
HTTP_REFUSALS = {401, 403}
REFUSED_FORM = re.compile(r'data-refused="([a-z-]+)"')
"""A form that is shown again, and why."""


@pytest.fixture(scope="module")
def service(
    world: World, worker_engine: Engine, worker_hot_engine: Engine, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    """The application on the world's database."""
    settings = Settings(data_dir=Path(tmp_path_factory.mktemp("data")), password_memory_mb=8, password_passes=1)
    app = create_app(settings, Database(engine=worker_engine, read_engine=worker_engine, hot_engine=worker_hot_engine))
    with served(app) as service:
        service.app.state.database = world.database
        yield service


@pytest.fixture(scope="module")
def secrets(world: World) -> Mapping[str, str]:
    """Everybody signed in: the secrets of their cookies."""
    now = clock.now()
    people = {**world.actors, **world.of_some_kinds}
    found = {login: keys.new_secret() for login in people if login != NOBODY}
    with world.database.write(actor="test") as session:
        for login, secret in found.items():
            session.add(
                AccountSession(
                    account_id=people[login].account, digest=keys.digest_of(secret), created_at=now, seen_at=now,
                    expires_at=now.replace(year=now.year + 1), address="", agent="",
                )
            )  # fmt: skip
    return found


@pytest.fixture(scope="module")
def client(service: Service) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=service.url, timeout=30) as client:
        yield client


def asked(world: World, client: httpx.Client, request: Request, secret: str) -> httpx.Response:
    """The answer to whoever has the secret; nothing of it stays."""
    with world.undone():
        return _asked(client, request, secret)


def asked_by_token(world: World, client: httpx.Client, request: Request, token: str) -> httpx.Response:
    """The answer to the program that sends the token; nothing of it stays."""
    with world.undone():
        sent = {"Authorization": f"Bearer {token}", "If-Match": "*", "Cookie": f"{FORM}={BROWSER}"}
        form = request.form
        if form is not None and request.path == "/sign-in":
            form = {**form, "csrf": form_token(BROWSER)}
        return client.request(
            request.method, request.path, json=request.json, data=form, files=request.files, headers=sent
        )


def _asked(client: httpx.Client, request: Request, secret: str) -> httpx.Response:
    cookies = {FORM: BROWSER} | ({SESSION: secret} if secret else {})
    sent = {
        "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
        "Sec-Fetch-Site": "same-origin",
        "If-Match": "*",
    }
    form = request.form
    if form is not None:
        form = {**form, "csrf": form_token(BROWSER if request.path == "/sign-in" else secret)}
    return client.request(request.method, request.path, json=request.json, data=form, files=request.files, headers=sent)


def refusal_of(answer: httpx.Response) -> str | None:
    """The code of a refusal for who asks; None where it was answered, be it that something else is wrong."""
    assert answer.status_code < 500 or answer.json().get("code") == "not-ready", answer.text
    if answer.status_code not in HTTP_REFUSALS:
        return None
    shown_again = REFUSED_FORM.search(answer.text)
    return shown_again[1] if shown_again is not None else str(answer.json()["code"])


@pytest.mark.parametrize("name", ROUTES)
def test_a_route_is_open_to_whom_its_row_says(
    world: World, client: httpx.Client, secrets: Mapping[str, str], name: str
) -> None:
    row = ROUTES[name]
    tried = list(row.tried(world))
    expected = {(actor.name, where.name): row.expected(world, actor, where) for actor, where in tried}
    found = {
        (actor.name, where.name): asked(world, client, row.request(world, where), secrets.get(actor.name, ""))
        for actor, where in tried
    }
    assert {who: refusal_of(answer) for who, answer in found.items()} == expected
    if isinstance(row, WhoeverIsSignedIn):
        to_sign_in = {
            who for (who, _), answer in found.items() if answer.headers.get("Location", "").startswith("/sign-in")
        }
        assert to_sign_in == {NOBODY}


@pytest.mark.parametrize("name", ROUTES)
def test_a_route_is_open_to_a_token_as_far_as_it_is_for_it(world: World, client: httpx.Client, name: str) -> None:
    """Each purpose alone, and all: in one's own county, and in the next one.

    Where what it shows then is for another purpose, it may be refused for that.
    """
    row = ROUTES[name]
    wheres = {where for _, where in row.tried(world)} & {Where.OWN, Where.OTHER}
    tried = [(bearer, who, where) for who, bearer in world.bearers.items() for where in sorted(wheres)]
    also = row.also if isinstance(row, Allowed) else ()
    for bearer, who, where in tried:
        expected = {row.expected(world, bearer.actor, where)}
        if any(TABLE[verb].scope not in (bearer.actor.scopes or ()) for verb in also) and None in expected:
            expected.add("scope-lacking")
        found = refusal_of(asked_by_token(world, client, row.request(world, where), bearer.secret))
        assert found in expected, (who, where.name)


@pytest.mark.parametrize("name", ROUTES)
def test_a_token_that_is_no_good_is_refused_wherever_anybody_looks(
    world: World, client: httpx.Client, name: str
) -> None:
    row = ROUTES[name]
    found = {
        why: refusal_of(asked_by_token(world, client, row.request(world, Where.OWN), secret))
        for why, secret in world.dead_tokens.items()
    }
    looks = not isinstance(row, Everybody) or row.looks
    assert found == dict.fromkeys(DEAD, "token-refused" if looks else None)


NO_RECORDS = {Verb.CANCEL_JOB, Verb.RETRY_JOB}
"""Verbs that change something that is no record."""

BY_A_TABLE = {"take_back_form", "add_lanes_form"}
"""Routes that write what a file of lanes says, by the verbs that `decide_lanes` and `add_lanes` are tried with."""
WRITING = {
    name: row
    for name, row in ROUTES.items()
    if isinstance(row, Allowed)
    and name not in BY_A_TABLE
    and not isinstance(row, AllowedPage)
    and (TABLE[row.verb].changes or row.verb in NO_RECORDS)
}
LEFT = text("SELECT operation, verb FROM audit_entry WHERE actor = :actor AND id > :since ORDER BY id")
SINCE = text("SELECT coalesce(max(id), 0) FROM audit_entry")


@pytest.mark.parametrize("name", WRITING)
def test_what_a_route_writes_is_in_the_audit_by_the_verb_of_its_row(
    world: World, client: httpx.Client, secrets: Mapping[str, str], name: str
) -> None:
    row = WRITING[name]
    role = Role.ADMIN if Role.ADMIN in TABLE[row.verb].roles else next(iter(TABLE[row.verb].roles))
    who = f"{role.value}{OF_EVERYTHING}"
    request = row.request(world, Where.OWN)
    if request.form is not None:
        request = replace(request, form={**request.form, "seen": version_seen(client, request, secrets[who])})
    if name == "decide_lanes":
        request = replace(request, json=decided_as_seen(client, request, secrets[who]))
    with world.undone():
        with world.database.write(actor="test") as session:
            since = session.scalar(SINCE)
        answer = _asked(client, request, secrets[who])
        assert answer.status_code < 400, answer.text
        with world.database.write(actor="test") as session:
            left = session.execute(LEFT, {"actor": who, "since": since}).all()
    written = {entry.verb for entry in left if entry.operation != Operation.READ.value}
    shown = {entry.verb for entry in left if entry.operation == Operation.READ.value}
    assert written == {row.verb.value}
    # What it shows then was shown by another verb.
    assert shown <= {verb.value for verb in row.also}


def version_seen(client: httpx.Client, request: Request, secret: str) -> str:
    """The version of the record that a form changes, as the API tells it; empty where it makes one."""
    assert request.form is not None
    record = RECORD.match(request.path)
    if request.path.startswith("/desk/consultations/"):
        # Which the list of what was said tells alone.
        listed = client.get(
            f"/api/v1{request.path.removeprefix('/desk').partition('/comments')[0]}/comments",
            headers={"Cookie": f"{SESSION}={secret}"},
        )
        said = listed.json()["items"][0]
        return version_of(UUID(said["id"]), said["outcome"], said["answer"])
    path = f"tokens/{request.form['token']}" if "token" in request.form else record and record[1]
    if "lane" in request.form:
        path = f"unnamed/lanes/{request.form['lane']}"
    if not path:
        return ""
    answer = client.get(f"/api/v1/{path}", headers={"Cookie": f"{SESSION}={secret}"})
    return str(answer.headers.get("ETag", "")).strip('"')


def decided_as_seen(client: httpx.Client, request: Request, secret: str) -> object:
    """What is asked of lanes, each with the version that the API tells."""
    assert isinstance(request.json, dict)
    return {
        "decisions": [
            each
            | {
                "seen": str(
                    client.get(
                        f"/api/v1/unnamed/lanes/{each['lane']}", headers={"Cookie": f"{SESSION}={secret}"}
                    ).headers["ETag"]
                ).strip('"')
            }
            for each in request.json["decisions"]
        ]
    }


RECORD = re.compile(
    r"(?:/admin|/desk|/divisions/[0-9]+)?/((?:users|teams|successions|built-up-areas|cases|heritage)/[^/]+|places/[^/]+/names/[^/]+|facilities/[^/]+/contacts/[^/]+)"
)


def _routes(routes: Iterable[object]) -> Iterator[tuple[str, APIRoute | None]]:
    for route in routes:
        if hasattr(route, "original_router"):  # FastAPI's for a router that was included
            yield from _routes(route.original_router.routes)
        else:
            yield route.name, route if isinstance(route, APIRoute) else None  # type: ignore[attr-defined]


PRIVATE = [
    name
    for name, route in _routes(create_app(Settings()).routes)
    if route is not None and route.include_in_schema and {current_actor, asker} & set(_calls(route.dependant))
]
"""Routes of the API whose answers depend on who asks: read from the code, not from the rows."""


def test_what_an_account_is_needed_for_is_private() -> None:
    api = {name for name, route in _routes(create_app(Settings()).routes) if route and route.include_in_schema}
    assert {name for name, row in ROUTES.items() if isinstance(row, Allowed)} & api <= set(PRIVATE)
    assert {"get_me", "list_users", "list_tokens", "read_audit", "see_contact", "list_facility_revisions"} <= set(
        PRIVATE
    )


@pytest.mark.parametrize("name", PRIVATE)
def test_nobody_keeps_what_somebody_in_particular_is_answered(
    world: World, client: httpx.Client, secrets: Mapping[str, str], name: str
) -> None:
    """Whether it is shown or refused."""
    for who in (f"admin{OF_EVERYTHING}", "viewer-of-the-county", NOBODY):
        answer = asked(world, client, ROUTES[name].request(world, Where.OWN), secrets.get(who, ""))
        # A run is everybody's to read, but for who ordered it.
        expected = "private, no-cache" if name == "get_run" else "no-store"
        assert answer.headers["Cache-Control"] == expected, (name, who, answer.status_code)


@pytest.mark.parametrize("name", ["get_facility", "get_division"])
def test_what_everybody_is_answered_may_be_kept(world: World, client: httpx.Client, name: str) -> None:
    """Else the rule above would be no rule."""
    answer = asked(world, client, ROUTES[name].request(world, Where.OWN), "")
    assert answer.headers["Cache-Control"] == "no-cache"


def test_every_route_has_its_row() -> None:
    names = [name for name, _ in _routes(create_app(Settings()).routes)]
    assert sorted(names) == sorted(ROUTES)


def test_a_route_asks_for_the_verb_of_its_row() -> None:
    asks = {name: verbs_of(route.endpoint) for name, route in _routes(create_app(Settings()).routes) if route}
    # The routes of steps are made of a table, which says what each does.
    asks |= {
        f"{step.path.replace('-', '_')}_case": set(asking()[f"{step.do.__module__}.{step.do.__name__}"])
        for step in STEPS
    }
    of_rows = {name: {row.verb, *row.also} if isinstance(row, Allowed) else set() for name, row in ROUTES.items()}
    assert {name: verbs for name, verbs in asks.items() if verbs} == {
        name: verbs for name, verbs in of_rows.items() if verbs
    } | {name: asks[name] for name, row in ROUTES.items() if isinstance(row, WhoeverIsSignedIn) and asks[name]}
