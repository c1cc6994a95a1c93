"""Signing in by a browser and by a token; and what pages elsewhere, guessed ids and planted cookies come to."""

import re
from collections.abc import Iterator

import httpx
import pytest
from sqlalchemy import text

from api.main import create_app
from geo_registry.accounts import service
from geo_registry.accounts.actors import Grant
from geo_registry.accounts.passwords import passwords_for
from geo_registry.db.session import Database
from geo_registry.settings import Settings
from geo_registry.vocabulary import Role, TokenScope
from tests.factories import make_account, make_granted_divisions, operator
from tests.http.conftest import Service, served

PASSWORD = "four words that nobody guesses"
NEW = "four others that nobody guesses"
ORDER = {"standard": "care-circle-15min", "zone": "330702"}
RUNS = "/api/v1/coverage/runs"
HIDDEN = re.compile(r'name="csrf" value="([0-9a-f.]*)"')
EVIL = "https://evil.example"


@pytest.fixture
def people(database: Database, settings: Settings) -> Database:
    """A planner of one county, and somebody who is granted nothing."""
    passwords = passwords_for(settings)
    with database.write(actor="test") as session:
        make_granted_divisions(session)
        make_account(session, "planner", Grant(Role.PLANNER, "330702"), password=PASSWORD, passwords=passwords)
        make_account(session, "nobody", password=PASSWORD, passwords=passwords)
    return database


@pytest.fixture
def browser(client: httpx.Client) -> httpx.Client:
    client.headers["Accept"] = "text/html"
    return client


@pytest.fixture
def another(service: Service, client: httpx.Client) -> Iterator[httpx.Client]:
    """A second browser on the same database."""
    with httpx.Client(base_url=service.url, headers={"Accept": "text/html"}, timeout=30) as second:
        yield second


def form_token(browser: httpx.Client, path: str = "/sign-in") -> str:
    found = HIDDEN.search(browser.get(path).text)
    assert found is not None
    return found[1]


def sign_in(browser: httpx.Client, login: str = "planner", password: str = PASSWORD, **fields: str) -> httpx.Response:
    return browser.post("/sign-in", data={"login": login, "password": password, "csrf": form_token(browser), **fields})


def token(database: Database, *scopes: TokenScope, login: str = "planner") -> tuple[dict[str, str], service.Issued]:
    with database.write(actor="test") as session:
        issued = service.issue_token(
            session, login, name="x", scopes=scopes or (TokenScope.PLAN,), days=1, actor=operator()
        )
    return {"Authorization": f"Bearer {issued.secret}"}, issued


def code(answer: httpx.Response) -> str:
    return str(answer.json()["code"])


# Before and after there are accounts.


def test_without_accounts_whoever_is_at_the_machine_may_everything(client: httpx.Client) -> None:
    answer = client.post(RUNS, json=ORDER)
    assert (answer.status_code, answer.json()["actor"]) == (202, "local-operator")
    page = client.get("/", headers={"Accept": "text/html"}).text
    assert "/sign-in" not in page
    assert "geo-registry users add" in client.get("/sign-in").text


def test_with_accounts_nobody_in_particular_reads_and_changes_nothing(client: httpx.Client, people: Database) -> None:
    answer = client.post(RUNS, json=ORDER)
    assert (answer.status_code, code(answer)) == (401, "sign-in-needed")
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert "planner" in answer.json()["hints"]["en"]
    for path in ("/", "/plan", RUNS, "/api/v1/facilities"):
        assert client.get(path).status_code == 200
    assert 'href="/sign-in?next=%2F"' in client.get("/", headers={"Accept": "text/html"}).text


# By a browser.


def test_whoever_signs_in_is_named_on_every_page_and_acts_by_that_name(browser: httpx.Client, people: Database) -> None:
    answer = sign_in(browser, next="/plan")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/plan")
    assert '<a href="/me">' in browser.get("/").text
    assert "planner" in browser.get("/me").text
    ordered = browser.post(RUNS, json=ORDER, headers={"Sec-Fetch-Site": "same-origin"})
    assert (ordered.status_code, ordered.json()["actor"]) == (202, "planner")


def test_a_refusal_names_the_division_that_is_ones_own(browser: httpx.Client, people: Database) -> None:
    sign_in(browser)
    for order in ({**ORDER, "zone": "330703"}, {"standard": "care-circle-15min"}):
        answer = browser.post(RUNS, json=order, headers={"Sec-Fetch-Site": "same-origin"})
        assert (answer.status_code, code(answer)) == (403, "not-your-division")
        assert "330702" in answer.json()["messages"]["zh-CN"]


def test_who_is_granted_nothing_may_nothing(browser: httpx.Client, people: Database) -> None:
    sign_in(browser, "nobody")
    answer = browser.post(RUNS, json=ORDER, headers={"Sec-Fetch-Site": "same-origin"})
    assert (answer.status_code, code(answer)) == (403, "not-your-role")


def test_the_cookie_is_for_this_service_and_no_script(browser: httpx.Client, people: Database) -> None:
    session, devices = sign_in(browser).headers.get_list("Set-Cookie")
    own = {"httponly", "samesite=lax", "path=/"}
    assert session.startswith("geo-session=")
    assert {part.strip().lower() for part in session.split(";")[1:]} == own
    assert devices.startswith("geo-devices=")
    assert {part.strip().lower() for part in devices.split(";")[1:] if "expires" not in part} == own | {
        f"max-age={180 * 24 * 3600}"
    }


def test_who_guesses_at_a_name_keeps_nobody_out_of_the_browser_that_they_signed_in_from(
    browser: httpx.Client, another: httpx.Client, people: Database
) -> None:
    sign_in(browser)
    known = browser.cookies["geo-devices"]
    for _ in range(5):
        assert sign_in(another, "planner", "wrong").status_code == 401
    assert sign_in(another, "planner", PASSWORD).status_code == 429
    out = browser.post("/sign-out", data={"csrf": form_token(browser, "/me")})
    assert out.status_code == 303
    assert sign_in(browser).status_code == 303
    assert browser.cookies["geo-devices"] == known
    # It is the cookie alone that lets try, and nobody in.
    another.cookies.set("geo-devices", known, domain="127.0.0.1", path="/")
    assert sign_in(another, "planner", "wrong").status_code == 401
    assert another.get("/me").headers["Location"] == "/sign-in?next=/me"
    # At /me it is counted the same way.
    assert "present password is another" in say_password(browser, "wrong").text


@pytest.mark.parametrize("login", ["planner", "nobody-at-all"])
def test_a_wrong_password_and_an_unknown_name_are_told_alike(
    browser: httpx.Client, people: Database, login: str
) -> None:
    answer = sign_in(browser, login, "wrong")
    assert answer.status_code == 401
    assert "the login name or the password is wrong" in answer.text
    assert f'value="{login}"' in answer.text
    assert "wrong&#" not in answer.text
    assert "geo-session" not in browser.cookies
    browser.headers["Accept-Language"] = "zh-CN"
    without_name = sign_in(browser, login, "wrong").text.replace(login, "")
    assert "登录名或密码不对" in without_name


def test_too_many_failures_say_how_long_to_wait(browser: httpx.Client, people: Database) -> None:
    answers = [sign_in(browser, "planner", "wrong") for _ in range(6)]
    assert [each.status_code for each in answers] == [401] * 5 + [429]
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 15
    assert sign_in(browser).status_code == 429


def test_what_was_typed_is_shown_as_text(browser: httpx.Client, people: Database) -> None:
    answer = sign_in(browser, '"><script>alert(1)</script>', "x", next="/plan")
    assert "<script>alert" not in answer.text


def test_signing_out_ends_the_session_itself(browser: httpx.Client, people: Database) -> None:
    sign_in(browser)
    stolen = browser.cookies["geo-session"]
    answer = browser.post("/sign-out", data={"csrf": form_token(browser, "/me")})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert "geo-session" not in browser.cookies
    browser.cookies["geo-session"] = stolen
    assert browser.get("/me").headers["Location"] == "/sign-in?next=/me"


def test_a_password_of_somebody_elses_making_is_changed_first(
    browser: httpx.Client, another: httpx.Client, people: Database, settings: Settings
) -> None:
    with people.write(actor="test") as session:
        service.set_password(session, "planner", passwords=passwords_for(settings), password=PASSWORD, actor=operator())
    assert sign_in(browser, next="/plan").headers["Location"] == "/me"
    sign_in(another)
    ordered = browser.post(RUNS, json=ORDER, headers={"Sec-Fetch-Site": "same-origin"})
    assert (ordered.status_code, code(ordered)) == (403, "password-must-change")
    fields = {"present": PASSWORD, "new": NEW, "again": NEW, "csrf": form_token(browser, "/me")}
    for wrong, said in (
        ({"again": "x"}, "differ"),
        ({"present": "x"}, "the present password is another"),
        ({"new": "x", "again": "x"}, "too weak"),
    ):
        answer = browser.post("/me/password", data=fields | wrong)
        assert answer.status_code == 422
        assert said in answer.text
    assert browser.post("/me/password", data=fields).headers["Location"] == "/me"
    assert "The password was changed" in browser.get("/me").text
    assert browser.post(RUNS, json=ORDER, headers={"Sec-Fetch-Site": "same-origin"}).status_code == 202
    assert another.get("/me").headers["Location"] == "/sign-in?next=/me"


def say_password(browser: httpx.Client, present: str, new: str = NEW) -> httpx.Response:
    fields = {"present": present, "new": new, "again": new, "csrf": form_token(browser, "/me")}
    return browser.post("/me/password", data=fields)


def test_whoever_finds_a_browser_signed_in_guesses_no_faster_than_at_the_door(
    browser: httpx.Client, another: httpx.Client, people: Database
) -> None:
    sign_in(browser)
    answers = [say_password(browser, "wrong") for _ in range(6)]
    assert [each.status_code for each in answers] == [422] * 5 + [429]
    assert "try again in" in answers[-1].text
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 15
    # The right one has to wait as well in that browser, here and at the door; in others it hasn't.
    assert say_password(browser, PASSWORD).status_code == 429
    another.cookies.set("geo-devices", browser.cookies["geo-devices"], domain="127.0.0.1", path="/")
    assert sign_in(another).status_code == 429
    another.cookies.delete("geo-devices", domain="127.0.0.1", path="/")
    assert sign_in(another).status_code == 303
    with people.write(actor="test") as session:
        told = session.execute(text("SELECT actor, way, verb, rows FROM audit_entry WHERE operation = 'refuse'")).all()
    assert told == [("planner", "page", "accounts.change_password", 1)] * 5


def test_a_password_that_was_right_takes_the_failures_before_it_back(browser: httpx.Client, people: Database) -> None:
    sign_in(browser)
    for right, new, status in ((PASSWORD, "x", 422), (PASSWORD, NEW, 303), (NEW, PASSWORD, 303)):
        assert [say_password(browser, "wrong").status_code for _ in range(4)] == [422] * 4
        assert say_password(browser, right, new).status_code == status


def test_me_isnt_kept_by_anybody_on_the_way(browser: httpx.Client, people: Database) -> None:
    sign_in(browser)
    assert browser.get("/me").headers["Cache-Control"] == "no-store"


# What others try.


def test_a_cookie_that_was_planted_signs_nobody_in(browser: httpx.Client, people: Database) -> None:
    """Session fixation."""
    browser.cookies.set("geo-session", "planted", domain="127.0.0.1", path="/")
    sign_in(browser)
    assert browser.cookies["geo-session"] != "planted"
    with httpx.Client(base_url=browser.base_url, cookies={"geo-session": "planted"}) as attacker:
        assert attacker.get("/me").headers["Location"] == "/sign-in?next=/me"


def test_signing_in_again_ends_the_session_before(browser: httpx.Client, people: Database) -> None:
    sign_in(browser)
    before = browser.cookies["geo-session"]
    answer = browser.post("/sign-in", data={"login": "nobody", "password": PASSWORD, "csrf": _of_nobody(browser)})
    assert answer.status_code == 303
    with httpx.Client(base_url=browser.base_url, cookies={"geo-session": before}) as attacker:
        assert attacker.get("/me").status_code == 303


def _of_nobody(browser: httpx.Client) -> str:
    """The token of the form of signing in, which is the browser's, not the session's."""
    with httpx.Client(base_url=browser.base_url, cookies={"geo-form": browser.cookies["geo-form"]}) as unsigned:
        return form_token(unsigned)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": EVIL},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"X-CSRF-Token": ""},
        {"X-CSRF-Token": "0" * 64},
        {"X-CSRF-Token": "0" * 32 + "." + "0" * 64},
    ],
)
def test_a_page_elsewhere_orders_nothing_with_somebodys_cookie(
    browser: httpx.Client, people: Database, headers: dict[str, str]
) -> None:
    sign_in(browser)
    answer = browser.post(RUNS, json=ORDER, headers=headers)
    assert (answer.status_code, code(answer)) == (403, "form-outdated")


def test_a_forms_token_is_another_each_time(browser: httpx.Client, people: Database) -> None:
    """Of what a compressed page holds twice, a listener learns by its length (BREACH)."""
    assert form_token(browser) != form_token(browser)
    sign_in(browser)
    assert form_token(browser, "/me") != form_token(browser, "/me")


def test_a_script_of_our_pages_says_so_by_a_header(browser: httpx.Client, people: Database) -> None:
    sign_in(browser)
    found = re.search(r'<meta name="csrf-token" content="([0-9a-f.]{97})">', browser.get("/plan").text)
    assert found is not None
    assert browser.post(RUNS, json=ORDER, headers={"X-CSRF-Token": found[1]}).status_code == 202


@pytest.mark.parametrize("path", ["/sign-out", "/me/password"])
def test_a_form_of_elsewhere_changes_nothing(
    browser: httpx.Client, another: httpx.Client, people: Database, path: str
) -> None:
    sign_in(browser)
    sign_in(another, "nobody")
    of_another = form_token(another, "/me")
    fields = {"present": PASSWORD, "new": NEW, "again": NEW}
    for sent in ("", ".", "0" * 64, of_another):
        answer = browser.post(path, data={**fields, "csrf": sent}, headers={"Sec-Fetch-Site": "same-origin"})
        assert answer.status_code == 403
        assert "reload" in answer.text.lower()
    assert browser.get("/me").status_code == 200
    browser.post("/sign-out", data={"csrf": form_token(browser, "/me")})
    assert sign_in(browser).status_code == 303


def test_a_page_elsewhere_signs_nobody_in_as_another(
    browser: httpx.Client, another: httpx.Client, people: Database
) -> None:
    """CSRF of signing in: whoever is signed in as the attacker types things into the attacker's account."""
    fields = {"login": "nobody", "password": PASSWORD}
    for sent in ("", form_token(another)):
        answer = browser.post("/sign-in", data={**fields, "csrf": sent})
        assert answer.status_code == 403
        assert "geo-session" not in browser.cookies


@pytest.mark.parametrize(
    "following",
    [
        EVIL,
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/%0a/\n//evil.example",
        "javascript:alert(1)",
        "evil.example",
        " //evil.example",
        "/\r\nSet-Cookie: geo-session=planted",
        "/\u2028/evil.example",
    ],
)
def test_signing_in_leads_nowhere_else(browser: httpx.Client, people: Database, following: str) -> None:
    """Open redirect, and headers of somebody else's making."""
    answer = sign_in(browser, next=following)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert "planted" not in str(answer.headers)
    answer = browser.get("/sign-in", params={"next": following})
    assert answer.headers["Location"] == "/me"


@pytest.mark.parametrize("following", ["/plan", "/?q=江南&division=330702#facts", "/facilities/x?lang=en"])
def test_signing_in_leads_where_one_was_going(browser: httpx.Client, people: Database, following: str) -> None:
    answer = sign_in(browser, next=following)
    assert httpx.URL(answer.headers["Location"]) == httpx.URL(following)


def test_the_form_keeps_where_one_was_going_and_only_here(browser: httpx.Client, people: Database) -> None:
    assert 'name="next" value="/plan"' in browser.get("/sign-in?next=/plan").text
    assert 'name="next" value=""' in browser.get("/sign-in", params={"next": EVIL}).text


# By a token.


def test_a_token_acts_as_its_account_without_any_cookie(client: httpx.Client, people: Database) -> None:
    headers, _ = token(people)
    answer = client.post(RUNS, json=ORDER, headers=headers)
    assert (answer.status_code, answer.json()["actor"]) == (202, "planner")
    assert "Set-Cookie" not in answer.headers


def test_a_token_that_isnt_for_it_is_refused(client: httpx.Client, people: Database) -> None:
    headers, _ = token(people, TokenScope.READ)
    answer = client.post(RUNS, json=ORDER, headers=headers)
    assert (answer.status_code, code(answer)) == (403, "scope-lacking")


def test_a_token_is_no_more_after_it_was_revoked(client: httpx.Client, people: Database) -> None:
    headers, issued = token(people)
    assert client.post(RUNS, json=ORDER, headers=headers).status_code == 202
    with people.write(actor="test") as session:
        service.revoke_token(session, issued.id, actor=operator())
    answer = client.post(RUNS, json=ORDER, headers=headers)
    assert (answer.status_code, code(answer)) == (401, "token-refused")


@pytest.mark.parametrize("secret", ["", "x", "geo_" + "A" * 43, "geo_'; --", "\u00e4"])
def test_whoever_sends_a_token_is_never_taken_for_somebody_else(
    client: httpx.Client, browser: httpx.Client, people: Database, secret: str
) -> None:
    sign_in(browser)
    headers = [(b"Authorization", f"Bearer {secret}".strip().encode("latin-1")), (b"Sec-Fetch-Site", b"same-origin")]
    answer = browser.post(RUNS, json=ORDER, headers=headers)
    assert (answer.status_code, code(answer)) == (401, "token-refused")


def test_a_token_that_isnt_good_is_refused_before_there_are_accounts_too(client: httpx.Client) -> None:
    answer = client.post(RUNS, json=ORDER, headers={"Authorization": "Bearer geo_x"})
    assert (answer.status_code, code(answer)) == (401, "token-refused")


def test_a_tokens_secret_in_a_cookie_is_nobody(client: httpx.Client, people: Database) -> None:
    _, issued = token(people)
    client.cookies["geo-session"] = issued.secret
    assert client.get("/me").headers["Location"] == "/sign-in?next=/me"


def test_where_it_is_public_the_cookie_is_for_encrypted_connections_alone(
    people: Database, tmp_path_factory: pytest.TempPathFactory
) -> None:
    settings = Settings(
        data_dir=tmp_path_factory.mktemp("data"),
        public_url="https://names.example",
        password_memory_mb=8,
        password_passes=1,
    )
    headers = {"Host": "names.example"}
    with served(create_app(settings, people)) as public, httpx.Client(base_url=public.url, headers=headers) as client:
        shown = client.get("/sign-in")
        given = shown.headers["Set-Cookie"]
        assert given.startswith("__Host-geo-form=")
        assert "secure" in given.lower()
        sent = HIDDEN.search(shown.text)
        assert sent is not None
        fields = {"login": "planner", "password": PASSWORD, "csrf": sent[1]}
        # The client doesn't send a secure cookie back over what isn't encrypted, as browsers don't.
        own = {"Cookie": given.partition(";")[0]}
        cookies = client.post("/sign-in", data=fields, headers=own).headers.get_list("Set-Cookie")
        assert [each.partition("=")[0] for each in cookies] == ["__Host-geo-session", "__Host-geo-devices"]
        for cookie in cookies:
            assert {"secure", "httponly", "samesite=lax"} <= {part.strip().lower() for part in cookie.split(";")}


def test_what_a_team_is_granted_its_members_have_by_cookie_and_by_token(
    browser: httpx.Client, people: Database
) -> None:
    with people.write(actor="test") as session:
        service.keep_team(session, "steel", name="三队", join=["nobody"], actor=operator())
        service.grant_role(session, service.Holder(team="steel"), Grant(Role.PLANNER, "330702"), actor=operator())
    sign_in(browser, "nobody")
    assert "330702" in browser.get("/me").text
    header, _ = token(people, TokenScope.PLAN, login="nobody")
    mine = httpx.get(f"{browser.base_url}/api/v1/me", headers=header).json()
    assert [(grant["role"], grant["division"]) for grant in mine["grants"]] == [("planner", "330702")]
    order = {"standard": "care-circle-15min", "zone": "330702"}
    assert httpx.post(f"{browser.base_url}/api/v1/coverage/runs", json=order, headers=header).status_code == 202


@pytest.mark.parametrize(
    "path", ["/api/v1/facilities", "/api/v1/divisions", "/api/v1/search?q=x", "/tiles/style.json", "/api/v1/me"]
)
def test_a_token_that_isnt_good_is_refused_where_everybody_may_ask_too(
    browser: httpx.Client, people: Database, path: str
) -> None:
    header, issued = token(people)
    assert browser.get(path, headers=header).status_code == 200
    with people.write(actor="test") as session:
        service.revoke_token(session, issued.id, actor=operator())
    for bad in (header, {"Authorization": "Bearer invented"}):
        answer = browser.get(path, headers=bad | {"Accept": "application/json"})
        assert (answer.status_code, code(answer)) == (401, "token-refused"), path


def test_nobody_disables_their_own_account(browser: httpx.Client, people: Database) -> None:
    with people.write(actor="test") as session:
        service.grant_role(session, service.Holder(account="planner"), Grant(Role.ADMIN), actor=operator())
    sign_in(browser)
    answer = browser.post(
        "/api/v1/users/planner/disable",
        headers={"If-Match": "*", "sec-fetch-site": "same-origin", "Accept": "application/json"},
    )
    assert (answer.status_code, code(answer)) == (409, "own-account")
    assert browser.get("/me").status_code == 200
