"""`/api/v1/me`, `users`, `teams`, `tokens` as programs use them; what they refuse, and what nobody gets at by guessing."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from geo_registry.accounts import service
from geo_registry.accounts.actors import Grant
from geo_registry.accounts.passwords import passwords_for
from geo_registry.db.session import Database
from geo_registry.settings import Settings
from geo_registry.vocabulary import Role, TokenScope
from tests.factories import make_account, make_granted_divisions, operator
from tests.http.test_accounts import HIDDEN, PASSWORD, code, token

API = "/api/v1"
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}
WHICHEVER = {"If-Match": "*"}


@pytest.fixture
def people(database: Database, settings: Settings) -> Database:
    """An administrator of all, one of a county, a registrar in it, one in the next, a viewer."""
    passwords = passwords_for(settings)
    with database.write(actor="test") as session:
        make_granted_divisions(session)
        for login, *grants in (
            ("root", Grant(Role.ADMIN)),
            ("county", Grant(Role.ADMIN, "330702")),
            ("mine", Grant(Role.REGISTRAR, "330702")),
            ("next", Grant(Role.REGISTRAR, "330703")),
            ("viewer", Grant(Role.VIEWER)),
        ):
            make_account(session, login, *grants, password=PASSWORD, passwords=passwords)
    return database


def as_(client: httpx.Client, login: str) -> httpx.Client:
    """The client, signed in with a browser."""
    found = HIDDEN.search(client.get("/sign-in", headers={"Accept": "text/html"}).text)
    assert found is not None
    client.post("/sign-in", data={"login": login, "password": PASSWORD, "csrf": found[1]})
    client.headers.update(SAME_ORIGIN)
    return client


@pytest.fixture
def root(client: httpx.Client, people: Database) -> httpx.Client:
    return as_(client, "root")


@pytest.fixture
def county(client: httpx.Client, people: Database) -> httpx.Client:
    return as_(client, "county")


# Who asks.


def test_me_says_who_asks_and_what_they_may(client: httpx.Client, people: Database) -> None:
    nobody = client.get(f"{API}/me").json()
    assert (nobody["login"], nobody["known"], nobody["may"]) == (
        "anonymous",
        "not",
        ["cases.comment"],
    )
    me = as_(client, "county").get(f"{API}/me").json()
    assert (me["login"], me["known"], me["scopes"]) == ("county", "by-session", None)
    assert [(each["role"], each["division"]) for each in me["grants"]] == [("admin", "330702")]
    assert {"accounts.list_accounts", "accounts.issue_token", "coverage.order_run"} <= set(me["may"])
    client.cookies.clear()
    may = set(as_(client, "viewer").get(f"{API}/me").json()["may"])
    assert {"coverage.try_edits", "accounts.change_password", "accounts.issue_token"} <= may
    assert not {"accounts.list_accounts", "coverage.order_run", "jobs.list_jobs", "demo.load"} & may


def test_me_of_a_token_is_told_its_scopes(client: httpx.Client, people: Database) -> None:
    headers, _ = token(people, TokenScope.PLAN, login="root")
    me = client.get(f"{API}/me", headers=headers).json()
    assert (me["login"], me["known"], me["scopes"]) == ("root", "by-token", ["plan"])
    assert "coverage.order_run" in me["may"]
    assert "accounts.list_accounts" not in me["may"]


# Users.


def test_an_account_is_made_granted_disabled_and_enabled(root: httpx.Client) -> None:
    made = root.post(f"{API}/users", json={"login": "li.ming", "name": "李明"})
    assert (made.status_code, made.json()["login"]) == (201, "li.ming")
    assert len(made.json()["password"]) > 10
    assert made.headers["Cache-Control"] == "no-store"
    order = {
        "role": "registrar",
        "division": "330702000000",
        "kinds": ["meal-point"],
        "valid_until": "2100-01-01T00:00:00Z",
    }
    granted = root.post(f"{API}/users/li.ming/grants", json=order, headers=WHICHEVER).json()["grants"]
    assert [(each["role"], each["division"], each["kinds"]) for each in granted] == [
        ("registrar", "330702", ["meal-point"])
    ]
    shown = root.get(f"{API}/users/li.ming").json()
    assert (shown["state"], shown["must_change"], shown["demo"]) == ("active", True, False)
    assert not {"password", "hash"} & shown.keys()
    assert root.post(f"{API}/users/li.ming/disable", headers=WHICHEVER).json()["state"] == "disabled"
    assert root.post(f"{API}/users/li.ming/enable", headers=WHICHEVER).json()["state"] == "active"
    end = {"role": "registrar", "division": "330702"}
    ended = root.post(f"{API}/users/li.ming/grants/end", json=end, headers=WHICHEVER).json()
    assert ended["grants"][0]["valid_until"] < "2100"
    again = root.post(f"{API}/users/li.ming/grants/end", json=end, headers=WHICHEVER)
    assert (again.status_code, code(again)) == (404, "grant-unknown")


WHY = "调任婺城区民政局"
REASONED: dict[str, tuple[str, str, dict[str, object]]] = {
    "users": ("POST", "users", {"login": "li.ming", "name": "李明"}),
    "disable": ("POST", "users/mine/disable", {}),
    "enable": ("POST", "users/mine/enable", {}),
    "password": ("POST", "users/mine/password", {}),
    "grant": ("POST", "users/mine/grants", {"role": "viewer", "division": "330702"}),
    "end": ("POST", "users/mine/grants/end", {"role": "registrar", "division": "330702"}),
    "team": ("PUT", "teams/there", {"name": "办公室"}),
    "team's grant": ("POST", "teams/there/grants", {"role": "viewer"}),
    "team's end": ("POST", "teams/there/grants/end", {"role": "planner"}),
    "token": ("POST", "tokens", {"login": "mine", "name": "每晚", "scopes": ["read"]}),
    "revoke": ("POST", "tokens/{token}/revoke", {}),
}
"""Every order about accounts, teams, grants and tokens."""


@pytest.mark.parametrize("what", REASONED)
def test_the_reason_that_is_given_is_in_the_audit_and_with_the_revision(
    root: httpx.Client, people: Database, what: str
) -> None:
    root.put(f"{API}/teams/there", json={"name": "在册"})
    root.post(f"{API}/teams/there/grants", json={"role": "planner"}, headers=WHICHEVER)
    if what == "enable":
        root.post(f"{API}/users/mine/disable", headers=WHICHEVER)
    _, issued = token(people, login="mine")
    method, path, body = REASONED[what]
    path = path.format(token=issued.id)
    answer = root.request(method, f"{API}/{path}", json={**body, "why": f" {WHY} "}, headers=WHICHEVER)
    assert answer.status_code < 300, answer.text
    written = [each for each in root.get(f"{API}/audit?limit=9").json()["items"] if each["operation"] != "read"]
    assert written[0]["why"] == WHY
    record = path.split("/grants")[0].removesuffix("/disable").removesuffix("/enable").removesuffix("/revoke")
    if what not in {"users", "password", "token"}:
        assert root.get(f"{API}/{record}/revisions").json()["items"][0]["why"] == WHY


def test_a_reason_is_one_line_and_may_be_left_out(root: httpx.Client) -> None:
    for body in ({"why": "x" * 301}, {"why": "a\u0000b"}, {"because": "x"}):
        answer = root.post(f"{API}/users/mine/disable", json=body, headers=WHICHEVER)
        assert (answer.status_code, code(answer)) == (422, "body-malformed")
    assert root.post(f"{API}/users/mine/disable", json={}, headers=WHICHEVER).status_code == 200
    assert root.post(f"{API}/users/mine/enable", headers=WHICHEVER).status_code == 200


def test_users_are_listed_a_page_at_a_time(root: httpx.Client) -> None:
    found, address = [], f"{API}/users?limit=2"
    while address:
        page = root.get(address).json()
        assert len(page["items"]) <= 2
        found += [each["login"] for each in page["items"]]
        address = page["next"]
    assert found == ["root", "county", "mine", "next", "viewer"]


def test_another_password_is_made_and_sessions_end(root: httpx.Client, people: Database) -> None:
    with httpx.Client(base_url=root.base_url) as other:
        as_(other, "mine")
        made = root.post(f"{API}/users/mine/password", headers=WHICHEVER)
        assert made.headers["Cache-Control"] == "no-store"
        assert other.get("/me").status_code == 303
    # A token that could would outlive its own end.
    headers, _ = token(people, *TokenScope, login="root")
    with httpx.Client(base_url=root.base_url) as program:
        answer = program.post(f"{API}/users/mine/password", headers=headers)
        assert (answer.status_code, code(answer)) == (403, "scope-lacking")


@pytest.mark.parametrize(
    ("body", "refused"),
    [
        ({"login": "Li Ming", "name": "x"}, "login-invalid"),
        ({"login": "root", "name": "x"}, "login-taken"),
        ({"login": "li.ming", "name": " "}, "display-name-invalid"),
        ({"login": "li.ming", "name": "a\nb"}, "display-name-invalid"),
        ({"login": "li.ming"}, "body-malformed"),
    ],
)
def test_what_is_no_account_is_refused(root: httpx.Client, body: dict[str, str], refused: str) -> None:
    answer = root.post(f"{API}/users", json=body)
    assert answer.status_code in {409, 422}
    assert code(answer) == refused


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("users", {"login": "li.ming", "name": "x", "state": "active", "demo": True}),
        ("users", {"login": "li.ming", "name": "x", "must_change": False}),
        ("users", {"login": "li.ming", "name": "x", "password": "four words that nobody guesses"}),
        ("users/mine/grants", {"role": "viewer", "account_id": str(uuid4())}),
        ("users/mine/grants", {"role": "viewer", "by_group": "x"}),
        ("tokens", {"name": "x", "scopes": ["read"], "account_id": str(uuid4())}),
        ("tokens", {"name": "x", "scopes": ["read"], "expires_at": "2100-01-01T00:00:00Z"}),
    ],
)
def test_nobody_sets_what_isnt_asked_for(root: httpx.Client, path: str, body: dict[str, Any]) -> None:
    """Mass assignment."""
    answer = root.post(f"{API}/{path}", json=body)
    assert (answer.status_code, code(answer)) == (422, "body-malformed")


@pytest.mark.parametrize(
    ("body", "refused"),
    [
        ({"role": "public"}, "grant-invalid"),
        ({"role": "viewer", "valid_until": "2000-01-01T00:00:00Z"}, "grant-invalid"),
        ({"role": "viewer", "valid_until": "2100-01-01T00:00:00"}, "body-malformed"),
        ({"role": "viewer", "division": "33070"}, "division-code-invalid"),
        ({"role": "viewer", "division": "金华"}, "body-malformed"),
        ({"role": "viewer", "kinds": ["palace"]}, "body-malformed"),
        ({"role": "king"}, "body-malformed"),
        ({"role": "viewer", "kinds": []}, "body-malformed"),
    ],
)
def test_what_is_no_grant_is_refused(root: httpx.Client, body: dict[str, Any], refused: str) -> None:
    answer = root.post(f"{API}/users/mine/grants", json=body, headers=WHICHEVER)
    assert (answer.status_code, code(answer)) == (422, refused)


@pytest.mark.parametrize("division", ["99", "330799", "330702999", "330702001001", "330799000000"])
@pytest.mark.parametrize("holder", ["users/mine", "teams/office"])
def test_in_a_division_that_isnt_registered_nothing_is_granted(root: httpx.Client, holder: str, division: str) -> None:
    root.put(f"{API}/teams/office", json={"name": "办公室"})
    answer = root.post(f"{API}/{holder}/grants", json={"role": "viewer", "division": division}, headers=WHICHEVER)
    assert (answer.status_code, code(answer)) == (404, "division-unknown")
    said = answer.json()
    assert f"“{division.removesuffix('000000')}”" in said["messages"]["zh-CN"]
    assert "import divisions" in said["hints"]["en"]
    assert "import divisions" in said["hints"]["zh-CN"]
    assert not root.get(f"{API}/teams/office").json()["grants"]


def test_who_may_not_grant_there_isnt_told_whether_it_is_registered(county: httpx.Client) -> None:
    for division in ("330703", "330799"):
        answer = county.post(f"{API}/users/mine/grants", json={"role": "viewer", "division": division})
        assert (answer.status_code, code(answer)) == (403, "not-your-division")


def test_nobody_grants_or_takes_what_reaches_farther_than_their_own(county: httpx.Client) -> None:
    for role, division in (("registrar", None), ("registrar", "330703"), ("admin", "3307")):
        answer = county.post(f"{API}/users/mine/grants", json={"role": role, "division": division})
        assert (answer.status_code, code(answer)) == (403, "not-your-division")
    within = {"role": "steward", "division": "330702001"}
    assert county.post(f"{API}/users/mine/grants", json=within, headers=WHICHEVER).status_code == 200
    for login in ("next", "root", "viewer"):
        for verb in ("disable", "enable", "password"):
            answer = county.post(f"{API}/users/{login}/{verb}")
            assert (answer.status_code, code(answer)) == (403, "not-your-division")
    assert county.post(f"{API}/users/mine/disable", headers=WHICHEVER).status_code == 200


@pytest.mark.parametrize("login", ["viewer", "mine"])
def test_who_keeps_no_accounts_learns_nothing_of_them(client: httpx.Client, people: Database, login: str) -> None:
    as_(client, login)
    refused = {
        client.request(method, f"{API}/{path}", json=body).status_code
        for method, path, body in (
            ("GET", "users", None),
            ("GET", "users/root", None),
            ("GET", "users/not-there", None),
            ("POST", "users", {"login": "li.ming", "name": "x"}),
            ("POST", "users/root/disable", None),
            ("POST", f"users/{login}/grants", {"role": "admin"}),
            ("GET", "teams", None),
            ("PUT", "teams/mine", {"name": "x", "join": [login]}),
            ("GET", "tokens", None),
            ("GET", "tokens?login=root", None),
            ("GET", "tokens?login=not-there", None),
            ("POST", "tokens", {"login": "root", "name": "x", "scopes": ["admin"]}),
            ("GET", "jobs", None),
            ("POST", "jobs/1/cancel", None),
            ("POST", "jobs/1/retry", None),
        )
    }
    assert refused == {403}


def test_whoever_isnt_known_is_asked_to_sign_in(client: httpx.Client, people: Database) -> None:
    for method, path in (
        ("GET", "users"),
        ("GET", "teams"),
        ("GET", "tokens"),
        ("GET", "jobs"),
        ("POST", "users/x/disable"),
    ):
        answer = client.request(method, f"{API}/{path}")
        assert (answer.status_code, code(answer)) == (401, "sign-in-needed")


# Teams.


def test_a_team_is_made_joined_granted_and_left(root: httpx.Client) -> None:
    assert code(root.put(f"{API}/teams/wucheng", json={"join": ["mine"]})) == "team-unknown"
    made = root.put(f"{API}/teams/wucheng", json={"name": "婺城区民政局", "join": ["mine", "next"]}).json()
    assert (made["name"], made["members"]) == ("婺城区民政局", ["mine", "next"])
    planner = {"role": "planner", "division": "330702"}
    root.post(f"{API}/teams/wucheng/grants", json=planner, headers=WHICHEVER)
    given = root.get(f"{API}/users/next").json()
    assert given["teams"] == ["wucheng"]
    assert ("planner", "wucheng") in [(each["role"], each["team"]) for each in given["grants"]]
    left = root.put(f"{API}/teams/wucheng", json={"leave": ["next"]}, headers=WHICHEVER).json()
    assert left["members"] == ["mine"]
    ended = root.post(f"{API}/teams/wucheng/grants/end", json=planner, headers=WHICHEVER)
    assert ended.json()["grants"][0]["valid_until"] is not None
    assert [each["key"] for each in root.get(f"{API}/teams").json()["items"]] == ["wucheng"]
    unknown = root.put(f"{API}/teams/another", json={"name": "x", "join": ["not-there"]})
    assert (unknown.status_code, code(unknown)) == (404, "account-unknown")
    # All of it or nothing.
    assert root.get(f"{API}/teams/another").status_code == 404


# Tokens.


def test_a_token_is_shown_once_used_listed_and_revoked(client: httpx.Client, people: Database) -> None:
    as_(client, "mine")
    issued = client.post(f"{API}/tokens", json={"name": "每晚", "scopes": ["read", "plan"], "days": 30})
    assert (issued.status_code, issued.headers["Cache-Control"]) == (201, "no-store")
    secret = issued.json()["token"]
    with httpx.Client(base_url=client.base_url, headers={"Authorization": f"Bearer {secret}"}) as program:
        assert program.get(f"{API}/me").json()["login"] == "mine"
        # No token makes tokens.
        answer = program.post(f"{API}/tokens", json={"name": "x", "scopes": ["read"]})
        assert (answer.status_code, code(answer)) == (403, "scope-lacking")
        listed = client.get(f"{API}/tokens?login=mine")
        assert [(each["name"], each["scopes"]) for each in listed.json()["items"]] == [("每晚", ["plan", "read"])]
        assert secret not in listed.text
        assert client.post(f"{API}/tokens/{issued.json()['id']}/revoke", headers=WHICHEVER).status_code == 204
        # A token that was revoked is no more, however often it is sent.
        for _ in range(3):
            assert code(program.get(f"{API}/me")) == "token-refused"


def test_nobody_revokes_or_issues_for_another(client: httpx.Client, people: Database) -> None:
    """Ids that were guessed or seen (IDOR)."""
    _, issued = token(people, login="next")
    as_(client, "mine")
    for guessed in (issued.id, uuid4()):
        answer = client.post(f"{API}/tokens/{guessed}/revoke")
        assert (answer.status_code, code(answer)) == (403, "not-your-role")
    answer = client.post(f"{API}/tokens", json={"login": "next", "name": "x", "scopes": ["read"]})
    assert answer.status_code == 403
    with people.read() as session:
        (row,) = service.list_tokens(session, "next", actor=operator()).rows
        assert row.revoked_at is None


def test_tokens_are_listed_a_page_at_a_time_the_newest_first(root: httpx.Client, people: Database) -> None:
    ids = [str(token(people, login="mine")[1].id) for _ in range(3)]
    first = root.get(f"{API}/tokens?limit=2").json()
    second = root.get(first["next"]).json()
    assert [each["id"] for each in first["items"] + second["items"]] == ids[::-1]
    assert second["next"] is None


# At the machine, before there are accounts.


def test_at_the_machine_the_first_account_is_made_by_a_program(client: httpx.Client) -> None:
    assert client.post(f"{API}/users", json={"login": "li.ming", "name": "李明"}).status_code == 201
    answer = client.post(f"{API}/users", json={"login": "wang", "name": "王"})
    assert (answer.status_code, code(answer)) == (401, "sign-in-needed")


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
def test_a_page_elsewhere_does_nothing_at_the_machine(client: httpx.Client, headers: dict[str, str]) -> None:
    """No cookie is needed there, so none protects."""
    order = {"standard": "care-circle-15min", "zone": "330702"}
    run = client.post(f"{API}/coverage/runs", json=order).json()["id"]
    for path in (f"coverage/runs/{run}/cancel", "jobs/1/cancel", "users/x/disable"):
        answer = client.post(f"{API}/{path}", headers=headers)
        assert (answer.status_code, code(answer)) == (403, "form-outdated")
    own = {"Origin": str(client.base_url).rstrip("/"), "If-Match": "*", **SAME_ORIGIN}
    assert client.post(f"{API}/coverage/runs/{run}/cancel", headers=own).status_code == 200
