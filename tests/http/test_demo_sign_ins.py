"""The demonstration's accounts: one a role, a click each, at the machine itself and nowhere else."""

import re

import httpx
import pytest

from api.main import create_app
from geo_registry.accounts import queries, service
from geo_registry.accounts.passwords import passwords_for
from geo_registry.db.session import Database
from geo_registry.demo import sign_ins
from geo_registry.demo.datasets import KEY, LICENCES
from geo_registry.demo.sign_ins import PASSWORD, SIGN_INS
from geo_registry.errors import Forbidden
from geo_registry.settings import Settings
from geo_registry.vocabulary import Role, TokenScope
from tests.factories import make_account, make_actor, make_dataset, make_granted_divisions, operator
from tests.http.conftest import served
from tests.http.test_accounts import HIDDEN, ORDER, RUNS, form_token, sign_in

LOGINS = [each.login for each in SIGN_INS]


def load(database: Database) -> None:
    """What the registry is known by to hold the demonstration."""
    with database.write(actor="test") as session:
        for kind in LICENCES:
            make_dataset(session, kind, key=KEY)
        make_granted_divisions(session)


def opened(database: Database, settings: Settings) -> list[str]:
    found = sign_ins.open_all(database, passwords=passwords_for(settings), actor=operator())
    return [each.login for each in found]


@pytest.fixture
def demo(database: Database, settings: Settings) -> Database:
    load(database)
    assert opened(database, settings) == LOGINS
    return database


@pytest.fixture
def browser(client: httpx.Client) -> httpx.Client:
    client.headers["Accept"] = "text/html"
    return client


def test_there_is_one_a_role() -> None:
    assert sorted(each.role for each in SIGN_INS) == sorted(set(Role) - {Role.PUBLIC})
    assert len(set(LOGINS)) == len(SIGN_INS)
    # It would be refused otherwise.
    assert not [login for login in LOGINS if login in PASSWORD]


@pytest.mark.parametrize("login", LOGINS)
def test_the_page_of_signing_in_has_a_button_for_each(browser: httpx.Client, demo: Database, login: str) -> None:
    page = browser.get("/sign-in?next=/plan").text
    form = next(each for each in page.split("<form")[1:] if f'name="login" value="{login}"' in each)
    sent = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
    answer = browser.post("/sign-in", data=sent)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/plan")
    me = browser.get("/api/v1/me").json()
    assert (me["login"], me["must_change"]) == (login, False)
    assert [each["role"] for each in me["grants"]] == [login.removeprefix("demo-")]


def test_visitors_read_and_the_planner_orders(browser: httpx.Client, demo: Database) -> None:
    for path in ("/", "/plan", "/facilities", RUNS):
        assert browser.get(path).status_code == 200
    assert "data-back" in browser.get("/plan").text
    assert browser.post(RUNS, json=ORDER).status_code == 401
    sign_in(browser, "demo-planner", PASSWORD)
    assert browser.post(RUNS, json=ORDER, headers={"Sec-Fetch-Site": "same-origin"}).status_code == 202
    whole = {"standard": ORDER["standard"]}
    assert browser.post(RUNS, json=whole, headers={"Sec-Fetch-Site": "same-origin"}).status_code == 202


def test_where_others_can_reach_it_they_are_refused(
    demo: Database, settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with demo.write(actor="test") as session:
        issued = service.issue_token(session, "demo-admin", name="x", scopes=list(TokenScope), days=1, actor=operator())
    local = Settings(data_dir=tmp_path_factory.mktemp("data"), password_memory_mb=8, password_passes=1)
    public = local.model_copy(update={"public_url": "http://names.example"})
    with served(create_app(local, demo)) as here, httpx.Client(base_url=here.url) as browser:
        assert sign_in(browser, "demo-admin", PASSWORD).status_code == 303
        session_cookie = browser.cookies["geo-session"]
    headers = {"Host": "names.example", "Accept": "text/html"}
    with served(create_app(public, demo)) as there, httpx.Client(base_url=there.url, headers=headers) as browser:
        shown = browser.get("/sign-in")
        assert PASSWORD not in shown.text
        assert "demo-admin" not in shown.text
        found = HIDDEN.search(shown.text)
        assert found is not None
        form = {"Cookie": shown.headers["Set-Cookie"].partition(";")[0]}
        fields = {"login": "demo-admin", "password": PASSWORD, "csrf": found[1]}
        refused = browser.post("/sign-in", data=fields, headers=form)
        assert refused.status_code == 401
        # In the same words as everybody.
        fields["password"] = "wrong"
        assert browser.post("/sign-in", data=fields, headers=form).status_code == 401
        # Nor is what was begun at the machine carried over.
        cookie = {"Cookie": f"__Host-geo-session={session_cookie}"}
        assert browser.get("/me", headers=cookie).status_code == 303
        bearer = {"Authorization": f"Bearer {issued.secret}"}
        assert browser.get("/api/v1/me", headers=bearer).status_code == 401


def test_what_a_visitor_changed_is_as_it_was_at_the_next_start(
    browser: httpx.Client, demo: Database, settings: Settings
) -> None:
    sign_in(browser, "demo-planner", PASSWORD)
    new = "four others that nobody guesses"
    fields = {"present": PASSWORD, "new": new, "again": new, "csrf": form_token(browser, "/me")}
    assert browser.post("/me/password", data=fields).status_code == 303
    with demo.write(actor="test") as session:
        service.disable_account(session, "demo-admin", actor=operator())
    # What the operator closed stays closed.
    assert opened(demo, settings) == [each for each in LOGINS if each != "demo-admin"]
    browser.cookies.clear()
    assert sign_in(browser, "demo-planner", PASSWORD).status_code == 303
    with demo.write(actor="test") as session:
        assert len(queries.demo_accounts(session)) == len(SIGN_INS)


def test_when_the_demonstration_goes_so_do_they(client: httpx.Client, demo: Database, settings: Settings) -> None:
    assert client.get("/api/v1/me").json()["known"] == "not"
    with demo.write(actor="test") as session:
        sign_ins.close_all(session)
    # The registry is as it was: whoever sits at the machine may everything.
    assert client.get("/api/v1/me").json()["known"] == "at-the-machine"
    assert "demo-" not in client.get("/sign-in").text
    assert opened(demo, settings) == []
    with demo.write(actor="test") as session:
        sign_ins.open_again(session)
    assert opened(demo, settings) == LOGINS


def test_loaded_anew_among_people_they_stay_closed(demo: Database, settings: Settings) -> None:
    with demo.write(actor="test") as session:
        sign_ins.close_all(session)
        make_account(session, "li.ming")
    with demo.write(actor="test") as session:
        sign_ins.open_again(session)
    assert opened(demo, settings) == []


def test_behind_a_proxy_they_are_refused_whatever_address_was_given_out() -> None:
    assert Settings().is_local
    assert not Settings(behind_proxy=True, public_url="http://127.0.0.1:8000").is_local


def test_there_are_none_without_the_demonstration_nor_among_people(database: Database, settings: Settings) -> None:
    assert opened(database, settings) == []
    with database.write(actor="test") as session:
        make_account(session, "li.ming")
    load(database)
    assert opened(database, settings) == []


def test_nobody_opens_them_who_may_not_load_it(demo: Database, settings: Settings) -> None:
    with pytest.raises(Forbidden):
        sign_ins.open_all(demo, passwords=passwords_for(settings), actor=make_actor())
