"""`/admin` and the navigation: who is shown what, what its forms do, and what they keep when they are refused."""

import re
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from api.main import create_app
from geo_registry.accounts import service
from geo_registry.accounts.actors import Grant
from geo_registry.accounts.passwords import passwords_for
from geo_registry.coverage.service import fail_run
from geo_registry.db.session import Database, everywhere
from geo_registry.errors import TaskCrashed
from geo_registry.jobs import queue
from geo_registry.jobs.ledger import note_error
from geo_registry.settings import Settings
from geo_registry.vocabulary import JobState, Role, TokenScope
from tests.architecture.test_routes import _routes
from tests.factories import make_account, make_granted_divisions, operator
from tests.http.test_accounts import EVIL, HIDDEN, PASSWORD, form_token, sign_in, token

SECTIONS = ("users", "teams", "tokens", "jobs")


@pytest.fixture
def people(database: Database, settings: Settings) -> Database:
    passwords = passwords_for(settings)
    with database.write(actor="test") as session:
        make_granted_divisions(session)
        for login, grant in (
            ("root", Grant(Role.ADMIN)),
            ("county", Grant(Role.ADMIN, "330702")),
            ("mine", Grant(Role.REGISTRAR, "330702")),
            ("next", Grant(Role.REGISTRAR, "330703")),
        ):
            make_account(session, login, grant, password=PASSWORD, passwords=passwords)
    return database


@pytest.fixture
def browser(client: httpx.Client) -> httpx.Client:
    client.headers["Accept"] = "text/html"
    return client


@pytest.fixture
def root(browser: httpx.Client, people: Database) -> httpx.Client:
    sign_in(browser, "root")
    return browser


SEEN = re.compile(r'name="seen" value="([0-9a-f]{32})"')


def send(browser: httpx.Client, path: str, *, of: str = "", **fields: object) -> httpx.Response:
    """A form of the page `of`, sent to `path`; with the version that the page shows, unless another is given."""
    shown = SEEN.search(browser.get(of or path).text)
    seen = {"seen": shown[1]} if shown else {}
    return browser.post(path, data={"csrf": form_token(browser, of or path), **seen, **fields})


def shown(page: httpx.Response) -> list[str]:
    """Where the navigation leads."""
    nav = page.text.partition("<nav")[2].partition("</nav>")[0]
    return re.findall(r'href="([^"]*)"', nav)


# The navigation.

CITIZENS = ["/", "/announcements", "/consultations", "/facilities", "/heritage", "/plan"]
EVERYONE = [*CITIZENS, "/docs"]


@pytest.mark.parametrize("path", ["/", "/facilities", "/plan", "/docs", "/nothing-here", "/facilities/no-id"])
def test_the_navigation_shows_what_one_may_and_nothing_else(browser: httpx.Client, people: Database, path: str) -> None:
    assert shown(browser.get(path)) == EVERYONE
    sign_in(browser, "mine")
    assert shown(browser.get(path)) == [*EVERYONE, "/desk", "/names"]
    browser.cookies.clear()
    sign_in(browser, "root")
    assert shown(browser.get(path)) == [*EVERYONE, "/desk", "/names", "/admin"]


def test_whoever_sits_at_the_machine_is_shown_all(browser: httpx.Client) -> None:
    assert shown(browser.get("/")) == [*EVERYONE, "/desk", "/names", "/admin"]


def test_large_type_shows_what_citizens_come_for(browser: httpx.Client) -> None:
    assert shown(browser.get("/?view=elder")) == CITIZENS


def test_of_admin_each_is_shown_the_pages_that_they_may_see(browser: httpx.Client, people: Database) -> None:
    def sections() -> set[str]:
        return set(re.findall(r'href="/admin/(\w+)"', browser.get("/admin/users").text)) & set(SECTIONS)

    sign_in(browser, "root")
    assert sections() == set(SECTIONS)
    browser.cookies.clear()
    sign_in(browser, "county")
    assert {"users", "teams", "tokens"} <= sections()
    assert "audit" not in re.findall(r'href="/admin/(\w+)"', browser.get("/admin/users").text)


@pytest.mark.parametrize("path", ["/admin", *(f"/admin/{section}" for section in SECTIONS), "/admin/users/root"])
def test_who_may_not_is_sent_to_sign_in_or_refused(browser: httpx.Client, people: Database, path: str) -> None:
    answer = browser.get(path)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/sign-in?next={path.replace('/', '%2F')}")
    sign_in(browser, "mine")
    answer = browser.get("/admin/users" if path == "/admin" else path)
    assert answer.status_code == 403
    assert "administrator" in answer.text


@pytest.mark.parametrize("path", ["/admin/users", "/admin/teams", "/admin/tokens", "/admin/jobs", "/me"])
def test_nobody_on_the_way_keeps_them(root: httpx.Client, path: str) -> None:
    assert root.get(path).headers["Cache-Control"] == "no-store"


# Accounts.


def test_an_account_is_added_granted_and_disabled_by_forms(root: httpx.Client, people: Database) -> None:
    added = send(root, "/admin/users", login="li.ming", name="<i>李明</i>")
    assert added.status_code == 201
    assert re.search(r"<code>\w{4}-\w{4}-\w{4}-\w{4}</code>", added.text)
    assert "&lt;i&gt;李明" in added.text
    page = "/admin/users/li.ming"
    granted = send(
        root,
        f"{page}/grants",
        of=page,
        role="steward",
        division="330702",
        kinds=["meal-point", "cemetery"],
        until="2100-12-31",
    )
    assert (granted.status_code, granted.headers["Location"]) == (303, page)
    text = root.get(granted.headers["Location"]).text
    assert "Granted." in text
    assert '<span class="moment">2100-12-31</span>' in text
    assert re.search(r"<td[^>]*>\s*steward 330702\s*</td>", root.get("/admin/users").text)
    assert send(root, f"{page}/grants/end", of=page, role="steward", division="330702").status_code == 303
    assert send(root, f"{page}/disable", of=page).status_code == 303
    assert "disabled" in root.get(page).text
    assert send(root, f"{page}/enable", of=page).status_code == 303
    again = send(root, f"{page}/password", of=page)
    assert re.search(r"<code>\w{4}-\w{4}-\w{4}-\w{4}</code>", again.text)


@pytest.mark.parametrize(
    ("path", "of", "fields", "said"),
    [
        ("/admin/users", "", {"login": "root", "name": "我写的名字"}, "is taken"),
        ("/admin/users", "", {"login": "Not One", "name": "我写的名字"}, "login name"),
        ("/admin/teams", "", {"login": "x", "name": "我写的名字"}, "login name"),
        (
            "/admin/users/mine/grants",
            "/admin/users/mine",
            {"role": "steward", "division": "99", "until": "2000-01-01", "kinds": ["cemetery"]},
            "no division &#39;99&#39; is registered",
        ),
        ("/admin/users/mine/grants", "/admin/users/mine", {"role": "steward", "until": "我写的日期"}, "2026-12-31"),
        ("/admin/tokens", "", {"login": "我写的登录名", "name": "x", "scopes": ["read"], "days": "30"}, "我写的登录名"),
        (
            "/admin/tokens",
            "",
            {"login": "mine", "name": "我写的用途", "scopes": ["read"], "days": "x"},
            "number of days",
        ),
        ("/admin/tokens", "", {"login": "mine", "name": "我写的用途", "days": "30"}, "no scopes"),
    ],
)
def test_a_form_that_is_refused_keeps_what_was_typed(
    root: httpx.Client, path: str, of: str, fields: dict[str, str | list[str]], said: str
) -> None:
    answer = send(root, path, of=of, **fields)
    assert answer.status_code in {404, 409, 422}
    assert 'role="alert"' in answer.text
    assert said in answer.text
    for name, value in fields.items():
        if isinstance(value, list):
            assert all(re.search(rf'name="{name}" value="{each}" checked', answer.text) for each in value)
        elif name == "role":
            assert f'<option value="{value}" selected>' in answer.text
        else:
            assert f'value="{value}"' in answer.text


@pytest.mark.parametrize(
    ("fields", "field", "said"),
    [
        ({"division": "330799"}, "division", "没有登记区划“330799”"),
        ({"division": "33070"}, "division", "不是区划代码"),
        ({"kinds": ["palace"]}, "kinds", "没有设施类别“palace”"),
    ],
)
@pytest.mark.parametrize("holder", ["users/mine", "teams/office"])
def test_a_grant_of_what_there_isnt_is_refused_at_its_field(
    *, root: httpx.Client, people: Database, holder: str, fields: dict[str, str | list[str]], field: str, said: str
) -> None:
    with people.write(actor="test") as session:
        service.keep_team(session, "office", name="办公室", actor=operator())
    root.headers["Accept-Language"] = "zh-CN"
    page = f"/admin/{holder}"
    answer = send(root, f"{page}/grants", of=page, role="viewer", **fields)
    assert answer.status_code in {404, 422}
    assert re.search(rf'id="{field}-error">[^<]*{said}', answer.text)


def test_an_administrator_of_a_county_is_offered_what_they_may(browser: httpx.Client, people: Database) -> None:
    sign_in(browser, "county")
    assert "/admin/users/mine/disable" in browser.get("/admin/users/mine").text
    others = browser.get("/admin/users/next").text
    assert "/admin/users/next/disable" not in others
    assert "/admin/users/next/password" not in others
    refused = send(browser, "/admin/users/next/disable", of="/admin/users/mine")
    assert refused.status_code == 403
    wider = send(browser, "/admin/users/mine/grants", of="/admin/users/mine", role="viewer", division="330703")
    assert wider.status_code == 403
    assert 'value="330703"' in wider.text


def test_an_administrator_of_a_county_is_shown_the_tokens_of_its_accounts(
    browser: httpx.Client, people: Database
) -> None:
    with people.write(actor="test") as session:
        for login in ("root", "county", "mine", "next"):
            service.issue_token(session, login, name=f"of {login}", scopes=[TokenScope.READ], days=1, actor=operator())
    sign_in(browser, "county")
    accounts = browser.get("/admin/users").text
    assert 'href="/admin/tokens"' in accounts
    assert {"county", "mine"} == set(re.findall(r'href="/admin/tokens\?login=(\w+)"', accounts))
    every = browser.get("/admin/tokens").text
    assert {"of county", "of mine"} == set(re.findall(r"of (?:root|county|mine|next)", every))
    assert 'href="/admin/tokens?login=mine"' in browser.get("/admin/users/mine").text
    assert "/admin/tokens?login=" not in browser.get("/admin/users/next").text
    assert browser.get("/admin/tokens?login=next").status_code == 403
    browser.cookies.clear()
    sign_in(browser, "root")
    assert {"root", "county", "mine", "next"} == set(
        re.findall(r'href="/admin/tokens\?login=(\w+)"', browser.get("/admin/users").text)
    )
    browser.cookies.clear()
    sign_in(browser, "mine")
    assert browser.get("/admin/tokens").status_code == 403


def test_an_administrator_of_a_county_issues_a_token_and_sees_it(browser: httpx.Client, people: Database) -> None:
    sign_in(browser, "county")
    page = "/admin/tokens?login=mine"
    fields = {"login": "mine", "of": "mine", "name": "每晚", "scopes": ["read"], "days": "3"}
    issued = browser.post("/admin/tokens", data={"csrf": form_token(browser, page), **fields})
    assert issued.status_code == 201
    assert re.search(r"geo_[\w-]{43}", issued.text)


def test_at_the_machine_the_first_account_is_an_administrators(browser: httpx.Client, database: Database) -> None:
    added = send(browser, "/admin/users", login="li.ming", name="李明")
    assert added.status_code == 201
    with database.read() as session:
        given = service.show_account(session, "li.ming", actor=operator()).grants
    assert [(each.role, each.division) for each in given] == [(Role.ADMIN, "")]
    assert browser.get("/admin/users").status_code == 303


# Teams, tokens.


def test_a_team_is_kept_by_forms(root: httpx.Client) -> None:
    kept = send(root, "/admin/teams", login="wucheng", name="婺城区民政局")
    assert kept.headers["Location"] == "/admin/teams/wucheng"
    page = "/admin/teams/wucheng"
    assert send(root, f"{page}/members", of=page, join="mine").status_code == 303
    assert send(root, f"{page}/grants", of=page, role="planner", division="330702").status_code == 303
    assert "wucheng" in root.get("/admin/users/mine").text
    unknown = send(root, f"{page}/members", of=page, join="not-there")
    assert unknown.status_code == 404
    assert 'value="not-there"' in unknown.text
    assert send(root, f"{page}/members", of=page, leave="mine").status_code == 303
    assert "/admin/users/mine" not in root.get(page).text


def test_a_token_is_shown_once_and_revoked_by_forms(root: httpx.Client, people: Database) -> None:
    issued = send(root, "/admin/tokens", login="mine", name="每晚", scopes=["read"], days="30")
    assert issued.status_code == 201
    secret = re.findall(r"geo_[\w-]{43}", issued.text)
    assert len(secret) == 1
    assert secret[0] not in root.get("/admin/tokens").text
    with people.read() as session:
        (row,) = service.list_tokens(session, "mine", actor=operator()).rows
    assert send(root, "/admin/tokens/revoke", of="/admin/tokens", token=str(row.id)).status_code == 303
    assert send(root, "/admin/tokens/revoke", of="/admin/tokens", token="x").status_code == 404


ISSUING = [
    ("/admin/tokens", "/admin/tokens", {"login": "mine", "name": "每晚", "scopes": ["read"], "days": "30"}),
    ("/me/tokens", "/me", {"name": "每晚", "scopes": ["read"], "days": "30"}),
]
ONCE = re.compile(r'name="once" value="([\w-]{20,})"')
SECRET = re.compile(r"geo_[\w-]{43}")


@pytest.mark.parametrize(("path", "page", "fields"), ISSUING)
def test_a_form_that_is_sent_again_issues_no_second_token_and_shows_no_secret(
    root: httpx.Client, people: Database, path: str, page: str, fields: dict[str, str | list[str]]
) -> None:
    """As by reloading the page that shows the first."""

    def issued() -> int:
        with people.read() as session:
            return len(service.list_tokens(session, None, actor=operator()).rows)

    (once,) = ONCE.findall(root.get(page).text)
    sent = {"csrf": form_token(root, page), "once": once, **fields}
    first = root.post(path, data=sent)
    assert (first.status_code, len(SECRET.findall(first.text)), issued()) == (201, 1, 1)
    secret = SECRET.findall(first.text)[0]
    for _ in range(2):
        again = root.post(path, data=sent)
        assert (again.status_code, SECRET.findall(again.text), issued()) == (200, [], 1)
        assert "is issued already" in again.text
    # The form of the page that came back is good for another.
    (next_one,) = ONCE.findall(first.text)
    assert next_one != once
    assert SECRET.search(root.post(path, data=sent | {"once": next_one}).text)
    assert issued() == 2
    for address in (page, path if path == page else "/admin/tokens"):
        assert secret not in root.get(address).text
    with people.read() as session, everywhere(session):
        kept = session.execute(text("SELECT string_agg(CAST(kept AS text), ' ') FROM kept_answer AS kept")).scalar_one()
    assert secret not in str(kept)


def test_a_form_of_a_token_that_is_refused_may_be_sent_again(root: httpx.Client) -> None:
    (once,) = ONCE.findall(root.get("/admin/tokens").text)
    sent = {"csrf": form_token(root, "/admin/tokens"), "once": once, "login": "mine", "name": "x", "days": "30"}
    assert root.post("/admin/tokens", data=sent).status_code == 422
    assert root.post("/admin/tokens", data=sent | {"scopes": ["read"]}).status_code == 201
    # With another content the same word is another's.
    assert root.post("/admin/tokens", data=sent | {"scopes": ["edit"]}).status_code == 422


# What was done just now.

SAID = '<p role="status">'


def test_what_was_done_is_said_once_and_to_whom_it_was_done_by(root: httpx.Client, people: Database) -> None:
    page = "/admin/users/mine"
    done = send(root, f"{page}/disable", of=page)
    assert (done.status_code, done.headers["Location"]) == (303, page)
    cookie = done.headers["Set-Cookie"]
    assert cookie.startswith("geo-done=")
    assert "httponly" in cookie.lower()
    planted = root.cookies["geo-done"]
    assert SAID not in root.get("/admin/users/next").text
    assert "The account is disabled" in root.get(page).text
    assert "geo-done" not in root.cookies
    assert SAID not in root.get(page).text
    root.cookies.clear()
    sign_in(root, "root")
    root.cookies.set("geo-done", planted, domain="127.0.0.1", path="/")
    assert SAID not in root.get(page).text


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ("/admin/users/mine", ("disabled", "enabled", "granted", "ended", "revoked")),
        ("/admin/tokens", ("revoked",)),
        ("/admin/jobs", ("cancelled", "again")),
        ("/me", ("revoked", "changed")),
        ("/names/review", ("ordered", "cleared", "withdrawn")),
    ],
)
def test_nothing_is_said_to_be_done_by_an_address_or_a_cookie_that_anybody_writes(
    root: httpx.Client, page: str, words: tuple[str, ...]
) -> None:
    for word in words:
        assert SAID not in root.get(f"{page}?done={word}&{word}=1").text
        for forged in (word, f"{word}.x.y", f"{word}..", f"{word}.{'0' * 32}.{'0' * 64}"):
            root.cookies.set("geo-done", forged, domain="127.0.0.1", path="/")
            assert SAID not in root.get(page).text
        root.cookies.delete("geo-done", domain="127.0.0.1", path="/")


def test_before_there_are_accounts_it_is_said_to_the_browser_that_did_it(browser: httpx.Client) -> None:
    assert send(browser, "/admin/teams", login="wucheng", name="婺城区").status_code == 303
    assert "Saved." in browser.get("/admin/teams/wucheng").text
    assert "Saved." not in browser.get("/admin/teams/wucheng").text


# What asks first.


def test_what_ends_something_asks_first_with_a_script_and_without_one(root: httpx.Client, people: Database) -> None:
    _, issued = token(people, login="mine")
    shown = root.get("/admin/users/mine").text
    asked = {"disable": "/admin/users/mine/disable", "end-1": "/admin/users/mine/grants/end"}
    for page, questions in (
        (shown, asked | {f"revoke-{issued.id}": "/admin/tokens/revoke"}),
        (root.get("/admin/tokens").text, {f"revoke-{issued.id}": "/admin/tokens/revoke"}),
    ):
        for number, action in questions.items():
            (form,) = re.findall(
                rf'<form method="post" action="{action}" data-asks="{number}">(.*?)</form>', page, re.DOTALL
            )
            assert re.search(r'<input type="checkbox" required>', form)
            (dialog,) = re.findall(rf'<dialog id="{number}".*?</dialog>', page, re.DOTALL)
            assert f'action="{action}"' in dialog
            hidden = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')
            assert dict(hidden.findall(dialog)).keys() == dict(hidden.findall(form)).keys()
            # The harmless answer comes first.
            assert dialog.index('value="cancel"') < dialog.index('value="confirm"')


def test_of_ones_own_tokens_one_keeps_oneself(browser: httpx.Client, people: Database) -> None:
    sign_in(browser, "mine")
    issued = send(browser, "/me/tokens", of="/me", name="每晚", scopes=["read"], days="30")
    assert issued.status_code == 201
    assert re.search(r"geo_[\w-]{43}", issued.text)
    refused = send(browser, "/me/tokens", of="/me", name="写好的", scopes=["read"], days="9999")
    assert refused.status_code == 422
    assert 'value="写好的"' in refused.text
    _, others = token(people, login="next")
    assert send(browser, "/me/tokens/revoke", of="/me", token=str(others.id)).status_code == 403
    with people.read() as session:
        (row,) = service.list_tokens(session, "mine", actor=operator()).rows
    assert send(browser, "/me/tokens/revoke", of="/me", token=str(row.id)).headers["Location"] == "/me"


# What was changed meanwhile.


OUTDATED: list[tuple[str, str, dict[str, str]]] = [
    ("/admin/users/mine/disable", "/admin/users/mine", {}),
    ("/admin/users/mine/enable", "/admin/users/mine", {}),
    ("/admin/users/mine/password", "/admin/users/mine", {}),
    (
        "/admin/users/mine/grants",
        "/admin/users/mine",
        {"role": "steward", "division": "330702", "until": "2100-12-31", "kinds": "cemetery"},
    ),
    ("/admin/users/mine/grants/end", "/admin/users/mine", {"role": "registrar", "division": "330702"}),
    ("/admin/teams/office/members", "/admin/teams/office", {"join": "next"}),
    ("/admin/teams/office/members", "/admin/teams/office", {"leave": "mine"}),
    ("/admin/teams/office/grants", "/admin/teams/office", {"role": "steward", "division": "330702"}),
    ("/admin/teams/office/grants/end", "/admin/teams/office", {"role": "viewer"}),
]


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
@pytest.mark.parametrize(("path", "page", "fields"), OUTDATED)
def test_what_was_changed_meanwhile_is_shown_and_nothing_typed_is_lost(
    *, root: httpx.Client, people: Database, path: str, page: str, fields: dict[str, str], locale: str
) -> None:
    with people.write(actor="test") as session:
        service.keep_team(session, "office", name="办公室", join=["mine"], actor=operator())
        service.grant_role(session, service.Holder(team="office"), Grant(Role.VIEWER), actor=operator())
    root.headers["Accept-Language"] = locale
    seen = SEEN.search(root.get(page).text)
    assert seen is not None
    holder = service.Holder(team="office") if "teams" in page else service.Holder(account="mine")
    with people.write(actor="test") as session:
        service.grant_role(session, holder, Grant(Role.SIGNER, "330703"), actor=operator())
    refused = send(root, path, of=page, seen=seen[1], **fields)
    assert refused.status_code == 412
    assert 'data-refused="record-changed"' in refused.text
    assert {"zh-CN": "记录在此期间已被改动", "en": "the record was changed meanwhile"}[locale] in refused.text
    assert refused.headers["Cache-Control"] == "no-store"
    for name, value in fields.items():
        if name in {"division", "until", "join"} and "end" not in path:
            assert f'value="{value}"' in refused.text
    present = SEEN.search(refused.text)
    assert present is not None
    assert present[1] != seen[1]
    assert send(root, path, of=page, seen="", **fields).status_code == 428
    # With what is shown now, it is done.
    assert send(root, path, of=page, seen=present[1], **fields).status_code in {200, 303}


def test_a_token_that_was_revoked_meanwhile_is_said_to_be(root: httpx.Client, people: Database) -> None:
    _, issued = token(people, login="root")
    for page, path in (("/admin/tokens", "/admin/tokens/revoke"), ("/me", "/me/tokens/revoke")):
        refused = send(root, path, of=page, token=str(issued.id), seen="another")
        assert refused.status_code == 412
        assert 'data-refused="record-changed"' in refused.text


def test_a_team_that_is_there_isnt_called_otherwise_by_making_it(root: httpx.Client) -> None:
    assert send(root, "/admin/teams", login="wucheng", name="婺城区民政局").status_code == 303
    assert send(root, "/admin/teams", login="wucheng", name="婺城区民政局").status_code == 303
    refused = send(root, "/admin/teams", login="wucheng", name="我写的名字")
    assert refused.status_code == 409
    assert 'data-refused="team-key-taken"' in refused.text
    assert 'value="我写的名字"' in refused.text
    assert "婺城区民政局" in root.get("/admin/teams/wucheng").text


# Jobs.

ORDER = {"standard": "care-circle-15min", "zone": "330702"}


@pytest.fixture
def run(root: httpx.Client) -> dict[str, str]:
    """A run that waits in the queue."""
    ordered = root.post("/api/v1/coverage/runs", json=ORDER, headers={"Sec-Fetch-Site": "same-origin"}).json()
    return dict(root.get(f"/api/v1/coverage/runs/{ordered['id']}").json())


def job_of(root: httpx.Client) -> int:
    return int(root.get("/api/v1/jobs").json()["items"][0]["id"])


OF_JOBS = {"table": "procrastinate_jobs"}


def noted(root: httpx.Client) -> list[tuple[str, ...]]:
    """What the audit says of jobs, the newest first."""
    entries = root.get("/api/v1/audit", params=OF_JOBS).json()["items"]
    return [tuple(each[word] for word in ("actor", "way", "verb", "operation", "why")) for each in entries]


def fail(database: Database, job: int, client: httpx.Client) -> None:
    """As the worker has a job fail: the room is told, the reason written down, the job ticked off."""
    run = client.get("/api/v1/coverage/runs").json()["items"][0]["id"]
    error = TaskCrashed(task="coverage.run", reference="abc123")
    fail_run(database, UUID(run), error)
    note_error(database, job, error)
    with database.write(actor="test") as session:
        session.execute(
            text("UPDATE procrastinate_jobs SET status = 'failed', attempts = 1 WHERE id = :job"), {"job": job}
        )


def test_a_job_that_is_taken_back_tells_its_room(root: httpx.Client, run: dict[str, str]) -> None:
    job = job_of(root)
    page = root.get("/admin/jobs").text
    assert f"/admin/jobs/{job}/cancel" in page
    assert noted(root) == []
    assert "geo-registry worker" in page
    cancelled = send(root, f"/admin/jobs/{job}/cancel", of="/admin/jobs")
    assert cancelled.headers["Location"] == "/admin/jobs"
    assert root.get(f"/api/v1/coverage/runs/{run['id']}").json()["state"] == "cancelled"
    assert root.get(f"/api/v1/jobs/{job}").json()["state"] == "cancelled"
    told = [("root", "page", "jobs.cancel_job", "update", f"jobs cancel: {job}")]
    assert noted(root) == told
    again = root.post(f"/api/v1/jobs/{job}/cancel", headers={"Sec-Fetch-Site": "same-origin"})
    assert again.json()["state"] == "cancelled"
    retried = root.post(f"/api/v1/jobs/{job}/retry", headers={"Sec-Fetch-Site": "same-origin"})
    assert (retried.status_code, retried.json()["code"]) == (409, "job-not-failed")
    # Neither changed anything.
    assert noted(root) == told
    (entry,) = root.get("/api/v1/audit", params=OF_JOBS).json()["items"]
    assert "keeps no history" in root.get(f"/admin/audit/{entry['id']}").text


def test_a_job_that_failed_says_why_and_is_tried_again(
    root: httpx.Client, run: dict[str, str], people: Database
) -> None:
    job = job_of(root)
    fail(people, job, root)
    page = root.get("/admin/jobs?state=failed").text
    assert "abc123" in page
    assert "task-crashed" in page
    ended = root.post(f"/api/v1/jobs/{job}/cancel", headers={"Sec-Fetch-Site": "same-origin"})
    assert (ended.status_code, ended.json()["code"]) == (409, "job-finished")
    assert send(root, f"/admin/jobs/{job}/retry", of="/admin/jobs").headers["Location"] == "/admin/jobs"
    assert noted(root) == [("root", "page", "jobs.retry_job", "update", f"jobs retry: {job}")]
    assert root.get(f"/api/v1/jobs/{job}").json()["state"] == "queued"
    shown = root.get(f"/api/v1/coverage/runs/{run['id']}").json()
    assert (shown["state"], shown["error"]) == ("queued", None)


def test_jobs_are_listed_by_state_a_page_at_a_time(root: httpx.Client, people: Database) -> None:
    with people.write(actor="test") as session:
        jobs = [queue.defer(session, "coverage.run", run_id="x") for _ in range(3)]
        queue.cancel(session, jobs[0])
    first = root.get("/api/v1/jobs?limit=2").json()
    rest = root.get(first["next"]).json()
    assert [each["id"] for each in first["items"] + rest["items"]] == jobs[::-1]
    cancelled = root.get(f"/api/v1/jobs?state={JobState.CANCELLED.value}").json()["items"]
    assert [each["id"] for each in cancelled] == jobs[:1]
    assert root.get("/api/v1/jobs/999999").json()["code"] == "job-unknown"


# What others try.

FORMS = [
    ("/admin/users", {"login": "evil", "name": "x"}),
    ("/admin/users/mine/disable", {}),
    ("/admin/users/mine/enable", {}),
    ("/admin/users/mine/password", {}),
    ("/admin/users/mine/grants", {"role": "admin"}),
    ("/admin/users/mine/grants/end", {"role": "registrar", "division": "330702"}),
    ("/admin/teams", {"login": "evil", "name": "x"}),
    ("/admin/teams/x/members", {"join": "mine"}),
    ("/admin/teams/x/grants", {"role": "admin"}),
    ("/admin/teams/x/grants/end", {"role": "admin"}),
    ("/admin/tokens", {"login": "root", "name": "x", "scopes": "admin", "days": "3"}),
    ("/admin/tokens/revoke", {"token": "x"}),
    ("/admin/jobs/1/cancel", {}),
    ("/admin/jobs/1/retry", {}),
    ("/me/tokens", {"name": "x", "scopes": "admin", "days": "3"}),
    ("/me/tokens/revoke", {"token": "x"}),
]


@pytest.mark.parametrize(("path", "fields"), FORMS)
def test_a_form_of_elsewhere_changes_nothing(root: httpx.Client, path: str, fields: dict[str, str]) -> None:
    for csrf in ("", ".", "0" * 64, "0" * 32 + "." + "0" * 64):
        answer = root.post(path, data={**fields, "csrf": csrf}, headers={"Origin": EVIL})
        assert answer.status_code == 403
        assert "reload" in answer.text.lower()
    assert "evil" not in root.get("/admin/users").text


@pytest.mark.parametrize(("path", "fields"), [form for form in FORMS if form[0].startswith("/admin")])
def test_at_the_machine_a_form_of_elsewhere_changes_nothing(
    browser: httpx.Client, path: str, fields: dict[str, str]
) -> None:
    """No cookie says who asks there: the form's own has to."""
    found = HIDDEN.search(browser.get("/admin/users").text)
    assert found is not None
    browser.cookies.clear()
    for csrf in ("", found[1]):
        assert browser.post(path, data={**fields, "csrf": csrf}).status_code == 403


def test_every_form_of_these_pages_is_tried_above() -> None:
    there = {
        route.path
        for route in _routes(create_app(Settings()).routes)
        if "POST" in (route.methods or ()) and route.path.startswith(("/admin", "/me/tokens"))
    }
    tried = {
        re.sub(r"/mine\b", "/{login}", path).replace("/x/", "/{key}/").replace("/jobs/1/", "/jobs/{job}/")
        for path, _ in FORMS
    }
    assert tried == there


MAKE = {"/admin/users", "/admin/teams", "/admin/tokens", "/me/tokens"}
"""Forms of what isn't there yet."""


def test_every_form_that_changes_a_record_is_tried_with_an_older_version() -> None:
    """But those of jobs, which go on by themselves (ADR 0054)."""
    tried = {path for path, _, _ in OUTDATED} | {"/admin/tokens/revoke", "/me/tokens/revoke"}
    changing = {path.replace("/teams/x/", "/teams/office/") for path, _ in FORMS if not path.startswith("/admin/jobs/")}
    assert tried == changing - MAKE
