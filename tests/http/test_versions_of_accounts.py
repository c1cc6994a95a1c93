"""Accounts, teams and tokens are changed on the version that was seen, made once for a key, and read as they were."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from threading import Barrier
from typing import Any

import httpx
import pytest
from sqlalchemy import create_engine, func, select, text

from api.main import create_app
from geo_registry import clock
from geo_registry.accounts import service
from geo_registry.accounts.actors import Grant
from geo_registry.accounts.passwords import passwords_for
from geo_registry.accounts.service import Holder
from geo_registry.db.revisions import WHICHEVER, Seen
from geo_registry.db.session import Database, WriteSession
from geo_registry.errors import RecordChanged, VersionNeeded
from geo_registry.model import Account, ApiToken
from geo_registry.settings import Settings
from geo_registry.vocabulary import Role, TokenScope
from tests.conftest import TestUrls
from tests.factories import GRANTED, make_account, make_actor, make_granted_divisions, operator
from tests.http.conftest import served
from tests.http.test_accounts import PASSWORD, code, sign_in, token
from tests.http.test_accounts_api import API, as_

KEY = {"Idempotency-Key": "8e03978e-40d5-43e8-bc93-6894a57f9324"}
PLANNER = {"role": "planner", "division": "330702"}
REGISTRAR = {"role": "registrar", "division": "330702"}
TOKEN = {"name": "每晚", "scopes": ["read"]}


def _people(database: Database, settings: Settings) -> None:
    passwords = passwords_for(settings)
    with database.write(actor="test", why="set up") as session:
        make_granted_divisions(session)
        for login, *grants in (
            ("root", Grant(Role.ADMIN)),
            ("county", Grant(Role.ADMIN, "330702")),
            ("mine", Grant(Role.REGISTRAR, "330702")),
            ("next", Grant(Role.REGISTRAR, "330703")),
            ("viewer", Grant(Role.VIEWER)),
        ):
            make_account(session, login, *grants, password=PASSWORD, passwords=passwords)
        service.keep_team(session, "office", name="办公室", join=["mine"], actor=operator())
        service.grant_role(session, Holder(team="office"), Grant(Role.VIEWER, "330702"), actor=operator())


@pytest.fixture
def people(database: Database, settings: Settings) -> Database:
    _people(database, settings)
    return database


@pytest.fixture
def root(client: httpx.Client, people: Database) -> httpx.Client:
    return as_(client, "root")


def tag(client: httpx.Client, path: str) -> str:
    return str(client.get(f"{API}/{path}").headers["ETag"])


# Changing.


@dataclass(frozen=True)
class Change:
    """A change of a record, and the record."""

    record: str
    path: str
    json: dict[str, Any] | None = None
    method: str = "POST"

    def send(self, client: httpx.Client, **headers: str) -> httpx.Response:
        return client.request(self.method, f"{API}/{self.path}", json=self.json, headers=headers)


CHANGES = [
    Change("users/mine", "users/mine/disable"),
    Change("users/mine", "users/mine/password"),
    Change("users/mine", "users/mine/grants", PLANNER),
    Change("users/mine", "users/mine/grants/end", REGISTRAR),
    Change("teams/office", "teams/office", {"name": "另一个名字"}, "PUT"),
    Change("teams/office", "teams/office", {"join": ["next"]}, "PUT"),
    Change("teams/office", "teams/office", {"leave": ["mine"]}, "PUT"),
    Change("teams/office", "teams/office/grants", PLANNER),
    Change("teams/office", "teams/office/grants/end", {"role": "viewer", "division": "330702"}),
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda each: f"{each.path} {each.json}")
def test_a_change_is_made_on_the_version_that_was_seen(root: httpx.Client, change: Change) -> None:
    seen = tag(root, change.record)
    before = root.get(f"{API}/{change.record}").json()
    blind = change.send(root)
    assert (blind.status_code, code(blind)) == (428, "version-needed")
    for stale in ('"another"', f"W/{seen}"):
        refused = change.send(root, **{"If-Match": stale})
        assert (refused.status_code, code(refused), refused.headers["ETag"]) == (412, "record-changed", seen)
    assert root.get(f"{API}/{change.record}").json() == before
    changed = change.send(root, **{"If-Match": seen})
    assert changed.status_code == 200
    assert changed.headers["ETag"] == tag(root, change.record) != seen
    again = change.send(root, **{"If-Match": seen})
    assert (again.status_code, code(again)) == (412, "record-changed")


@pytest.mark.parametrize("change", CHANGES, ids=lambda each: f"{each.path} {each.json}")
def test_a_star_is_whatever_version_it_is(root: httpx.Client, change: Change) -> None:
    assert change.send(root, **{"If-Match": "*"}).status_code == 200


@pytest.mark.parametrize("change", CHANGES, ids=lambda each: f"{each.path} {each.json}")
def test_who_may_not_isnt_asked_for_a_version(client: httpx.Client, people: Database, change: Change) -> None:
    answer = change.send(as_(client, "viewer"))
    assert (answer.status_code, code(answer)) == (403, "not-your-role")


def test_an_account_that_is_enabled_again_is_of_another_version(root: httpx.Client) -> None:
    """Though it says what it said before."""
    first = tag(root, "users/mine")
    disabled = root.post(f"{API}/users/mine/disable", headers={"If-Match": first})
    enabled = root.post(f"{API}/users/mine/enable", headers={"If-Match": disabled.headers["ETag"]})
    assert enabled.json()["state"] == "active"
    assert len({first, disabled.headers["ETag"], enabled.headers["ETag"]}) == 3
    assert code(root.post(f"{API}/users/mine/enable")) == "version-needed"
    same = root.post(f"{API}/users/mine/enable", headers={"If-Match": enabled.headers["ETag"]})
    assert same.headers["ETag"] == enabled.headers["ETag"]


def test_a_password_that_somebody_just_set_isnt_set_over(root: httpx.Client) -> None:
    """Neither where nothing else of the account changes by it."""
    first = root.post(f"{API}/users/mine/password", headers={"If-Match": "*"}).headers["ETag"]
    second = root.post(f"{API}/users/mine/password", headers={"If-Match": first})
    assert (second.status_code, second.headers["ETag"] != first) == (200, True)
    assert root.post(f"{API}/users/mine/password", headers={"If-Match": first}).status_code == 412


def test_ones_own_new_password_isnt_set_over_unseen(root: httpx.Client, people: Database, settings: Settings) -> None:
    seen = tag(root, "users/mine")
    with people.write(actor="mine") as session:
        service.change_password(
            session,
            present=PASSWORD,
            new=f"{PASSWORD} either",
            passwords=passwords_for(settings),
            actor=make_actor(name="mine"),
        )
    refused = root.post(f"{API}/users/mine/password", headers={"If-Match": seen})
    assert (refused.status_code, code(refused)) == (412, "record-changed")


def test_what_its_team_is_granted_makes_another_version_of_an_account(root: httpx.Client) -> None:
    seen, others = tag(root, "users/mine"), tag(root, "users/next")
    assert root.post(f"{API}/teams/office/grants", json=PLANNER, headers={"If-Match": "*"}).status_code == 200
    assert root.post(f"{API}/users/mine/disable", headers={"If-Match": seen}).status_code == 412
    assert tag(root, "users/next") == others


def test_that_somebody_is_there_makes_no_version_and_is_told(root: httpx.Client) -> None:
    seen, last = tag(root, "users/mine"), root.get(f"{API}/users/mine").json()["seen_at"]
    with httpx.Client(base_url=root.base_url) as other:
        sign_in(other, "mine")
    assert last is None
    known = root.get(f"{API}/users/mine", headers={"If-None-Match": seen})
    assert (known.status_code, known.json()["seen_at"] is not None) == (200, True)
    assert root.post(f"{API}/users/mine/disable", headers={"If-Match": seen}).status_code == 200


def test_a_county_changes_what_it_sees(client: httpx.Client, people: Database) -> None:
    county = as_(client, "county")
    seen = tag(county, "users/mine")
    for change in (CHANGES[2], CHANGES[0]):
        answer = change.send(county, **{"If-Match": seen})
        assert answer.status_code == 200
        seen = answer.headers["ETag"]
    newcomer = county.post(f"{API}/users", json={"login": "li.ming", "name": "李明"}).headers["ETag"]
    granted = county.post(f"{API}/users/li.ming/grants", json=PLANNER, headers={"If-Match": newcomer})
    assert (granted.status_code, granted.headers["ETag"]) == (200, tag(county, "users/li.ming"))


def test_a_team_is_made_without_a_version_and_said_again(root: httpx.Client) -> None:
    order = {"name": "婺城区", "join": ["mine"]}
    missing = root.put(f"{API}/teams/wucheng", json=order, headers={"If-Match": "*"})
    assert (missing.status_code, code(missing)) == (404, "team-unknown")
    made = root.put(f"{API}/teams/wucheng", json=order)
    again = root.put(f"{API}/teams/wucheng", json=order)
    assert (made.status_code, again.status_code) == (200, 200)
    assert made.headers["ETag"] == again.headers["ETag"] == tag(root, "teams/wucheng")
    assert code(root.put(f"{API}/teams/wucheng", json=order, headers={"If-Match": '"x"'})) == "record-changed"
    both = root.put(
        f"{API}/teams/wucheng", json={"join": ["next"], "leave": ["next"]}, headers={"If-Match": made.headers["ETag"]}
    )
    assert (both.json()["members"], both.headers["ETag"] != made.headers["ETag"]) == (["mine"], True)


def test_a_token_is_revoked_as_it_was_seen(root: httpx.Client, people: Database) -> None:
    _, issued = token(people, login="mine")
    path = f"tokens/{issued.id}"
    seen = tag(root, path)
    assert root.get(f"{API}/{path}").json()["id"] == str(issued.id)
    assert issued.secret not in root.get(f"{API}/{path}").text
    assert code(root.post(f"{API}/{path}/revoke")) == "version-needed"
    assert root.post(f"{API}/{path}/revoke", headers={"If-Match": '"another"'}).headers["ETag"] == seen
    assert root.post(f"{API}/{path}/revoke", headers={"If-Match": seen}).status_code == 204
    assert root.get(f"{API}/{path}").json()["revoked_at"] is not None
    assert root.post(f"{API}/{path}/revoke", headers={"If-Match": seen}).status_code == 412
    assert root.post(f"{API}/{path}/revoke", headers={"If-Match": tag(root, path)}).status_code == 204


def test_one_sees_ones_own_tokens_and_no_others(client: httpx.Client, people: Database) -> None:
    _, own = token(people, login="mine")
    _, others = token(people, login="next")
    mine = as_(client, "mine")
    assert mine.get(f"{API}/tokens/{own.id}").json()["login"] == "mine"
    for path in (f"tokens/{others.id}", f"tokens/{others.id}/revisions"):
        assert code(mine.get(f"{API}/{path}")) == "not-your-role"


# Making once.


def test_an_account_is_made_once_and_its_password_said_once(root: httpx.Client, people: Database) -> None:
    order = {"login": "li.ming", "name": "李明"}
    first = root.post(f"{API}/users", json=order, headers=KEY)
    again = root.post(f"{API}/users", json=order, headers=KEY)
    assert (first.status_code, first.headers["ETag"]) == (201, tag(root, "users/li.ming"))
    assert first.json()["password"]
    assert (again.status_code, again.json()) == (201, {"login": "li.ming", "password": None})
    assert again.headers["Idempotent-Replayed"] == "true"
    for name in ("Location", "ETag", "Cache-Control"):
        assert again.headers[name] == first.headers[name]
    assert root.get(first.headers["Location"]).json()["login"] == "li.ming"
    assert "Idempotent-Replayed" not in first.headers
    other = root.post(f"{API}/users", json=order | {"name": "别人"}, headers=KEY)
    assert (other.status_code, code(other)) == (422, "idempotency-key-reused")
    assert code(root.post(f"{API}/users", json=order)) == "login-taken"


def test_a_token_is_made_once_and_said_once(root: httpx.Client, people: Database) -> None:
    first = root.post(f"{API}/tokens", json=TOKEN, headers=KEY)
    again = root.post(f"{API}/tokens", json=TOKEN, headers=KEY)
    assert again.json() == first.json() | {"token": None}
    assert again.headers["Idempotent-Replayed"] == "true"
    assert (first.headers["Cache-Control"], again.headers["Cache-Control"]) == ("no-store", "no-store")
    assert len(root.get(f"{API}/tokens?login=root").json()["items"]) == 1
    assert root.get(first.headers["Location"]).headers["ETag"] == first.headers["ETag"]


def test_no_secret_is_kept_with_an_answer(root: httpx.Client, session: WriteSession) -> None:
    secrets = [
        root.post(f"{API}/users", json={"login": "li.ming", "name": "李明"}, headers=KEY).json()["password"],
        root.post(f"{API}/tokens", json=TOKEN, headers={"Idempotency-Key": "another"}).json()["token"],
    ]
    session.execute(text("SELECT set_config('geo.actor', 'root', true)"))
    kept = session.execute(text("SELECT body, headers::text FROM kept_answer")).all()
    assert len(kept) == 2
    assert not [secret for secret in secrets for row in kept if secret in row.body or secret in row.headers]


def test_what_isnt_good_makes_nothing_and_is_not_kept(root: httpx.Client, session: WriteSession) -> None:
    taken = {"login": "mine", "name": "x"}
    for _ in range(2):
        answer = root.post(f"{API}/users", json=taken, headers=KEY)
        assert (answer.status_code, code(answer)) == (409, "login-taken")
    assert session.scalar(select(func.count()).select_from(Account)) == 5
    assert session.scalar(select(func.count()).select_from(ApiToken)) == 0


CREATES = [
    ("users", {"login": "li.ming", "name": "李明"}, Role.ADMIN),
    ("tokens", TOKEN | {"login": "mine"}, Role.ADMIN),
    ("coverage/runs", {"standard": "care-circle-15min", "zone": "330702"}, Role.PLANNER),
    (
        "facilities",
        {"kind": "meal-point", "name": "江南", "geometry": {"type": "Point", "coordinates": [119.65, 29.08]}},
        Role.STEWARD,
    ),
]


@pytest.mark.parametrize("create", CREATES, ids=lambda each: each[0])
def test_whoever_may_no_longer_make_it_isnt_told_again(
    client: httpx.Client, people: Database, settings: Settings, create: tuple[str, dict[str, Any], Role]
) -> None:
    path, body, role = create
    with people.write(actor="test") as session:
        make_account(session, "zhang", Grant(role), password=PASSWORD, passwords=passwords_for(settings))
    zhang = as_(client, "zhang")
    first = zhang.post(f"{API}/{path}", json=body, headers=KEY)
    assert first.is_success
    assert zhang.post(f"{API}/{path}", json=body, headers=KEY).headers["Idempotent-Replayed"] == "true"
    with people.write(actor="test") as session:
        service.end_grant(session, Holder(account="zhang"), role, "", actor=operator())
    refused = zhang.post(f"{API}/{path}", json=body, headers=KEY)
    assert (refused.status_code, code(refused)) == (403, "grant-not-in-force")
    assert "Idempotent-Replayed" not in refused.headers


# As it was: every write a transaction of its own.


@pytest.fixture
def own(committed: TestUrls, settings: Settings) -> Iterator[Database]:
    database = Database.connect(committed.app)
    _people(database, settings)
    yield database
    database.dispose()


@pytest.fixture
def really(own: Database, settings: Settings) -> Iterator[httpx.Client]:
    """Root, signed in at a service where what is committed is committed."""
    with (
        served(create_app(settings, own)) as service_of_own,
        httpx.Client(base_url=service_of_own.url, headers={"Accept-Language": "en"}, timeout=30) as client,
    ):
        yield as_(client, "root")


def now(client: httpx.Client, own: Database) -> str:
    """A moment after all that was written until then."""
    with own.write(actor="test") as session:
        moment: datetime = session.execute(select(func.transaction_timestamp())).scalar_one()
    return moment.isoformat()


def at(client: httpx.Client, path: str, moment: str) -> httpx.Response:
    return client.get(f"{API}/{path}", params={"datetime": moment})


def test_an_account_is_read_as_it_was(really: httpx.Client, own: Database) -> None:
    before = clock.now().replace(year=2020).isoformat()
    first, as_first = now(really, own), really.get(f"{API}/users/mine")
    for path, body in (("grants", PLANNER), ("grants/end", REGISTRAR), ("disable", None)):
        assert really.post(f"{API}/users/mine/{path}", json=body, headers={"If-Match": "*"}).status_code == 200
    then = at(really, "users/mine", first)
    assert then.json() == as_first.json()
    assert then.headers["ETag"] == as_first.headers["ETag"] != tag(really, "users/mine")
    assert at(really, "users/mine", now(really, own)).headers["ETag"] == tag(really, "users/mine")
    (listed,) = [each for each in at(really, "users", first).json()["items"] if each["login"] == "mine"]
    assert listed == then.json()
    known = {"If-None-Match": then.headers["ETag"]}
    assert really.get(f"{API}/users/mine", params={"datetime": first}, headers=known).status_code == 304
    assert code(at(really, "users/mine", before)) == "not-recorded-then"
    assert code(at(really, "users/nobody", first)) == "account-unknown"
    assert at(really, "users", before).json()["items"] == []


def test_a_list_of_a_moment_comes_in_pages(really: httpx.Client, own: Database) -> None:
    moment = now(really, own)
    found, address = [], f"{API}/users?limit=2&datetime={moment.replace('+', '%2B')}"
    while address:
        page = really.get(address).json()
        assert len(page["items"]) <= 2
        found += [each["login"] for each in page["items"]]
        address = page["next"]
    assert found == ["root", "county", "mine", "next", "viewer"]


def test_a_team_is_read_as_it_was(really: httpx.Client, own: Database) -> None:
    first, as_first = now(really, own), really.get(f"{API}/teams/office")
    seen = as_first.headers["ETag"]
    for body in ({"name": "新名"}, {"join": ["next"], "leave": ["mine"]}):
        answer = really.put(f"{API}/teams/office", json=body, headers={"If-Match": seen})
        seen = answer.headers["ETag"]
    really.post(f"{API}/teams/office/grants", json=PLANNER, headers={"If-Match": seen})
    then = at(really, "teams/office", first)
    assert (then.json(), then.headers["ETag"]) == (as_first.json(), as_first.headers["ETag"])
    assert at(really, "teams", first).json()["items"] == [as_first.json()]
    assert at(really, "teams/office", now(really, own)).json() == really.get(f"{API}/teams/office").json()
    assert at(really, "users/mine", first).json()["teams"] == ["office"]
    assert code(at(really, "teams/office", "2020-01-01")) == "not-recorded-then"
    assert at(really, "teams", "2020-01-01").json()["items"] == []


def test_a_token_is_read_as_it_was(really: httpx.Client, own: Database) -> None:
    path = really.post(f"{API}/tokens", json=TOKEN).headers["Location"].partition(f"{API}/")[2]
    first, as_first = now(really, own), really.get(f"{API}/{path}")
    assert really.post(f"{API}/{path}/revoke", headers={"If-Match": as_first.headers["ETag"]}).status_code == 204
    then = at(really, path, first)
    assert (then.json(), then.headers["ETag"]) == (as_first.json(), as_first.headers["ETag"])
    assert really.get(f"{API}/{path}").json()["revoked_at"] is not None
    assert [each["revoked_at"] for each in at(really, "tokens", first).json()["items"]] == [None]
    assert code(at(really, path, "2020-01-01")) == "not-recorded-then"
    assert at(really, "tokens", "2020-01-01").json()["items"] == []
    newest, oldest = really.get(f"{API}/{path}/revisions").json()["items"]
    assert (newest["number"], newest["by"], [each["field"] for each in newest["changes"]]) == (
        2,
        "root",
        ["revoked_at"],
    )
    assert (oldest["number"], oldest["by"], oldest["changes"]) == (1, "root", [])


def test_an_accounts_revisions_say_who_when_why_and_what(really: httpx.Client, own: Database) -> None:
    for path, body in (("grants", PLANNER), ("grants/end", REGISTRAR), ("disable", None)):
        really.post(f"{API}/users/mine/{path}", json=body, headers={"If-Match": "*"})
    with own.write(actor="test", why="users team") as session:
        service.keep_team(session, "office", leave=["mine"], actor=operator(), seen=WHICHEVER)
    left, disabled, ended, granted, first = really.get(f"{API}/users/mine/revisions").json()["items"]
    assert [each["number"] for each in (left, disabled, ended, granted, first)] == [5, 4, 3, 2, 1]
    assert (first["by"], first["why"], first["changes"]) == ("test", "set up", [])
    assert granted["by"] == "root"
    (change,) = granted["changes"]
    assert (change["field"], change["before"]) == ("grants", [])
    assert [(each["role"], each["division"], each["valid_until"]) for each in change["after"]] == [
        ("planner", "330702", None)
    ]
    (change,) = ended["changes"]
    assert [each["valid_until"] for each in change["before"]] == [None]
    assert [(each["role"], each["valid_until"] is None) for each in change["after"]] == [("registrar", False)]
    assert disabled["changes"] == [{"field": "state", "before": "active", "after": "disabled"}]
    assert (left["by"], left["why"]) == ("test", "users team")
    assert left["changes"] == [{"field": "teams", "before": ["office"], "after": []}]


def test_a_teams_revisions_say_who_was_of_it(really: httpx.Client, own: Database) -> None:
    for body in ({"name": "新名", "join": ["next"]}, {"leave": ["mine"]}):
        really.put(f"{API}/teams/office", json=body, headers={"If-Match": "*"})
    really.post(f"{API}/teams/office/grants", json=PLANNER, headers={"If-Match": "*"})
    found, address = [], f"{API}/teams/office/revisions?limit=1"
    while address:
        page = really.get(address).json()
        found += page["items"]
        address = page["next"]
    granted, left, changed, first = found
    assert [each["field"] for each in granted["changes"]] == ["grants"]
    assert left["changes"] == [{"field": "members", "before": ["mine", "next"], "after": ["next"]}]
    assert changed["changes"] == [
        {"field": "name", "before": "办公室", "after": "新名"},
        {"field": "members", "before": ["mine"], "after": ["mine", "next"]},
    ]
    assert (first["number"], first["changes"]) == (1, [])
    assert code(really.get(f"{API}/teams/none/revisions")) == "team-unknown"
    assert code(really.get(f"{API}/users/none/revisions")) == "account-unknown"


def test_of_many_who_saw_the_same_version_one_grants(really: httpx.Client) -> None:
    writers = 4
    seen = tag(really, "users/mine")
    together = Barrier(writers)

    def grant(number: int) -> httpx.Response:
        together.wait()
        order = {"role": "viewer", "division": GRANTED[number]}
        return really.post(f"{API}/users/mine/grants", json=order, headers={"If-Match": seen})

    with ThreadPoolExecutor(writers) as pool:
        answers = list(pool.map(grant, range(writers)))
    (won,) = [each for each in answers if each.status_code == 200]
    assert sorted(each.status_code for each in answers) == [200, 412, 412, 412]
    assert {each.headers["ETag"] for each in answers} == {won.headers["ETag"]}
    # Of its own: the one that it had, and the one that won.
    assert len([each for each in won.json()["grants"] if each["team"] is None]) == 2


def test_the_history_of_a_holder_is_found_by_an_index(committed: TestUrls) -> None:
    engine = create_engine(committed.superuser)
    with engine.connect() as connection:
        defined = connection.scalars(text("SELECT indexdef FROM pg_indexes WHERE schemaname = 'history'")).all()
    engine.dispose()
    for table in ("role_grant", "team_member"):
        for column in ("account_id", "team_id"):
            assert any(f"ON history.{table} USING btree ({column})" in each for each in defined)


def test_a_service_refuses_whoever_doesnt_say_what_was_seen(people: Database) -> None:
    """The rule is the room's: no route can forget it."""
    with people.write(actor="test") as session:
        issued = service.issue_token(session, "mine", name="x", scopes=[TokenScope.READ], days=1, actor=operator())
        with pytest.raises(VersionNeeded):
            service.disable_account(session, "mine", actor=operator(), seen=None)
        with pytest.raises(RecordChanged):
            service.revoke_token(session, issued.id, actor=operator(), seen=Seen(frozenset({"x"})))
