"""Signing in by a city's single sign-on, over HTTP both ways; and what comes of answers that were forged or used twice."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc.jwk import OctKey
from sqlalchemy import text

from api.main import create_app
from geo_registry.accounts import provider, queries, service
from geo_registry.accounts.actors import Grant
from geo_registry.accounts.passwords import passwords_for
from geo_registry.db.session import Database, read_as
from geo_registry.settings import Settings
from geo_registry.vocabulary import FacilityKind, Role
from tests.factories import make_account, make_actor, make_granted_divisions, operator
from tests.http.conftest import Service, served
from tests.http.test_accounts import HIDDEN, PASSWORD
from tests.issuer import CLIENT, SECRET, Issuer, new_key, running

GRANTS = {"planning": ["planner"], "wucheng": ["registrar@330702", "steward@330702/meal-point+cemetery"]}
MEALS_AND_GRAVES = frozenset({FacilityKind.MEAL_POINT, FacilityKind.CEMETERY})
BACK = "/sign-in/oidc/callback"


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    # An issuer of another test may have had the port.
    provider._provider.cache_clear()
    with running() as issuer:
        yield issuer


@pytest.fixture
def office(issuer: Issuer, database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A registry whose people come by the issuer."""
    settings = Settings(
        data_dir=tmp_path_factory.mktemp("data"),
        password_memory_mb=8,
        password_passes=1,
        oidc_issuer=issuer.url,
        oidc_client_id=CLIENT,
        oidc_client_secret=SECRET,
        oidc_name="金华统一认证",
        oidc_grants=json.dumps(GRANTS),
    )
    with served(create_app(settings, database)) as service:
        yield service


@pytest.fixture
def browser(office: Service) -> Iterator[httpx.Client]:
    headers = {"Accept": "text/html", "Accept-Language": "en"}
    with httpx.Client(base_url=office.url, headers=headers, timeout=30) as client:
        yield client


def way_back(browser: httpx.Client, *, following: str = "") -> str:
    """The address that the issuer sends a browser back to, which set out from here."""
    out = browser.get("/sign-in/oidc", params={"next": following})
    assert out.status_code == 303
    return str(httpx.get(out.headers["Location"]).headers["Location"])


def sign_in(browser: httpx.Client, *, following: str = "") -> httpx.Response:
    return browser.get(way_back(browser, following=following))


def grants(database: Database, login: str = "li.ming") -> set[Grant]:
    with database.read() as session:
        given = service.show_account(session, login, actor=operator()).given
        return {
            Grant(each.grant.role, each.grant.division, each.grant.kinds)
            for each in given
            if each.grant.valid_until is None
        }


def test_whoever_comes_for_the_first_time_gets_an_account_and_what_the_groups_give(
    browser: httpx.Client, issuer: Issuer, database: Database
) -> None:
    assert "金华统一认证" in browser.get("/sign-in").text
    answer = sign_in(browser, following="/plan?x=1")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/plan?x=1")
    assert "李明" in browser.get("/me").text
    assert grants(database) == {Grant(Role.PLANNER)}
    # There is no password to change.
    assert "/me/password" not in browser.get("/me").text
    asked = issuer.asked[0]
    assert asked["code_challenge_method"] == "S256"
    assert {asked["response_type"], asked["client_id"], asked["redirect_uri"]} == {
        "code",
        CLIENT,
        str(browser.base_url).rstrip("/") + BACK,
    }


def test_the_audit_says_who_signed_in_and_from_where(browser: httpx.Client, database: Database) -> None:
    for _ in range(2):
        sign_in(browser)
    with database.read() as session, read_as(session, operator()):
        rows = session.execute(
            text("SELECT actor, address FROM audit_entry WHERE table_name = 'account_session'")
        ).all()
    assert set(rows) == {("li.ming", "127.0.0.1")}


def test_at_each_sign_in_the_name_and_the_grants_are_those_of_the_provider(
    browser: httpx.Client, issuer: Issuer, database: Database
) -> None:
    sign_in(browser)
    with database.write(actor="test") as session:
        make_granted_divisions(session)
        service.grant_role(session, service.Holder(account="li.ming"), Grant(Role.VIEWER, "3307"), actor=operator())
    issuer.person |= {"name": "李明远", "groups": ["wucheng", "of no concern"]}
    sign_in(browser)
    assert grants(database) == {
        Grant(Role.REGISTRAR, "330702"),
        Grant(Role.STEWARD, "330702", MEALS_AND_GRAVES),
        # What somebody granted by hand stays.
        Grant(Role.VIEWER, "3307"),
    }
    assert "李明远" in browser.get("/me").text
    sign_in(browser)
    with database.write(actor="test") as session:
        assert len(queries.account_row(session, "li.ming").given) == 4


def test_what_was_taken_back_by_hand_stays_so_until_the_group_is_left_and_joined_anew(
    browser: httpx.Client, issuer: Issuer, database: Database
) -> None:
    issuer.person |= {"groups": ["planning", "wucheng"]}
    sign_in(browser)
    registrar = Grant(Role.REGISTRAR, "330702")
    every = {Grant(Role.PLANNER), registrar, Grant(Role.STEWARD, "330702", MEALS_AND_GRAVES)}
    assert grants(database) == every
    with database.write(actor="test") as session:
        holder = service.Holder(account="li.ming")
        assert service.end_grant(session, holder, Role.REGISTRAR, "330702", actor=operator()) == 1
    for _ in range(2):
        sign_in(browser)
        assert grants(database) == every - {registrar}
    issuer.person |= {"groups": ["planning"]}
    sign_in(browser)
    assert grants(database) == {Grant(Role.PLANNER)}
    issuer.person |= {"groups": ["planning", "wucheng"]}
    for _ in range(2):
        sign_in(browser)
        assert grants(database) == every
    with database.write(actor="test") as session:
        # Two that are over, and those of now; none twice.
        assert len(queries.account_row(session, "li.ming").given) == 2 + len(every)


def test_what_was_taken_back_can_be_granted_by_hand(browser: httpx.Client, issuer: Issuer, database: Database) -> None:
    """A grant of its own: what the group would give stays withheld, however long the other lasts."""
    sign_in(browser)
    holder = service.Holder(account="li.ming")
    with database.write(actor="test") as session:
        service.end_grant(session, holder, Role.PLANNER, "", actor=operator())
        service.grant_role(session, holder, Grant(Role.PLANNER), actor=operator())
    sign_in(browser)
    with database.write(actor="test") as session:
        given = queries.account_row(session, "li.ming").given
        assert [(each.group, each.grant.valid_until is None) for each in given] == [("planning", False), (None, True)]
        service.end_grant(session, holder, Role.PLANNER, "", actor=operator())
    sign_in(browser)
    assert grants(database) == set()


def test_a_county_takes_back_what_a_group_gives_in_it(
    browser: httpx.Client, issuer: Issuer, database: Database
) -> None:
    """Under row security: the wall lets it end the grant, and note that it did."""
    issuer.person |= {"groups": ["wucheng"]}
    sign_in(browser)
    county = make_actor(Grant(Role.ADMIN, "330702"))
    with database.write(actor=county) as session:
        service.end_grant(session, service.Holder(account="li.ming"), Role.REGISTRAR, "330702", actor=county)
    sign_in(browser)
    assert grants(database) == {Grant(Role.STEWARD, "330702", MEALS_AND_GRAVES)}


def test_an_account_of_the_same_name_is_never_taken_over(
    browser: httpx.Client, issuer: Issuer, database: Database
) -> None:
    with database.write(actor="test") as session:
        make_account(session, "li.ming", Grant(Role.ADMIN), display_name="另一个李明")
    answer = sign_in(browser)
    assert answer.status_code == 409
    assert "li.ming" in answer.text
    assert "geo-session" not in browser.cookies
    # Nor by another person whom the provider calls the same.
    issuer.person |= {"preferred_username": "wang"}
    assert sign_in(browser).status_code == 303
    issuer.person |= {"sub": "1002"}
    assert sign_in(browser).status_code == 409


def test_a_disabled_account_stays_out(browser: httpx.Client, database: Database) -> None:
    sign_in(browser)
    with database.write(actor="test") as session:
        service.disable_account(session, "li.ming", actor=operator())
    assert browser.get("/me").status_code == 303
    assert sign_in(browser).status_code == 401
    with database.write(actor="test") as session:
        account = queries.account_of(session, "li.ming").id
        noted = session.execute(
            text("SELECT actor, address, records FROM audit_entry WHERE operation = 'refuse'")
        ).all()
    assert [tuple(each) for each in noted] == [("anonymous", "127.0.0.1", [account])]


@pytest.mark.parametrize("claimed", [None, "", "local-operator", "李明", "a", "x" * 41, "li ming", "-x", 7])
def test_what_is_no_login_name_makes_no_account(browser: httpx.Client, issuer: Issuer, claimed: object) -> None:
    issuer.person |= {"preferred_username": claimed}
    answer = sign_in(browser)
    assert answer.status_code == 403
    assert "GEO_OIDC_LOGIN_CLAIM" in answer.text


def lie(**claims: object) -> Callable[[Issuer], None]:
    return lambda issuer: issuer.claims.update(claims)


def forge(issuer: Issuer) -> None:
    """Another key of the same name."""
    issuer.shown, issuer.signed_with = [issuer.key], new_key("one")


def by_our_secret(issuer: Issuer) -> None:
    """HMAC with what the client knows as well, or with the public key, which everyone knows."""
    issuer.shown = [issuer.key]
    issuer.signed_with, issuer.algorithm = OctKey.import_key(SECRET * 2), "HS256"


@pytest.mark.parametrize(
    "lies",
    [
        pytest.param(forge, id="a signature of another key"),
        pytest.param(by_our_secret, id="a signature of no key pair"),
        pytest.param(lie(nonce="of another attempt"), id="another nonce"),
        pytest.param(lie(nonce=None), id="no nonce"),
        pytest.param(lie(aud="another client"), id="for another client"),
        pytest.param(lie(aud=[CLIENT, "another client"]), id="for several"),
        pytest.param(lie(aud=None), id="for nobody"),
        pytest.param(lie(azp="another client"), id="through another client"),
        pytest.param(lie(iss="https://evil.example"), id="of another issuer"),
        pytest.param(lie(exp=1_000_000_000), id="over"),
        pytest.param(lie(exp=None), id="for good"),
        pytest.param(lie(sub=None), id="of nobody"),
    ],
)
def test_a_token_that_isnt_good_signs_nobody_in(
    browser: httpx.Client, issuer: Issuer, lies: Callable[[Issuer], None]
) -> None:
    lies(issuer)
    answer = sign_in(browser)
    assert answer.status_code == 401
    assert "doesn&#39;t pass its checks" in answer.text
    assert "geo-session" not in browser.cookies


def test_a_key_that_is_new_is_asked_for(browser: httpx.Client, issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("geo_registry.accounts.provider.KEYS_AGAIN_S", 0)
    sign_in(browser)
    issuer.key = new_key("two")
    issuer.shown = []
    assert sign_in(browser).status_code == 303


def test_one_attempt_is_good_once(browser: httpx.Client, issuer: Issuer) -> None:
    out = browser.get("/sign-in/oidc")
    away = browser.cookies["geo-away"]
    back = str(httpx.get(out.headers["Location"]).headers["Location"])
    assert browser.get(back).status_code == 303
    assert "geo-away" not in browser.cookies
    with httpx.Client(base_url=browser.base_url, headers=browser.headers, cookies={"geo-away": away}) as again:
        # The code would be good at the provider: it is the state that isn't.
        issuer.codes[parse_qs(urlsplit(back).query)["code"][0]] = issuer.asked[-1]
        answer = again.get(back)
        assert answer.status_code == 401
        assert "used already" in answer.text
        assert "geo-session" not in again.cookies


@pytest.mark.parametrize("cookie", [{}, {"geo-away": ""}, {"geo-away": "another browser's"}])
def test_what_another_browser_set_out_for_signs_nobody_in(browser: httpx.Client, cookie: dict[str, str]) -> None:
    """Login CSRF: whoever follows an attacker's way back would be signed in as the attacker."""
    back = way_back(browser)
    with httpx.Client(base_url=browser.base_url, headers=browser.headers, cookies=cookie) as victim:
        assert victim.get(back).status_code == 401
        assert "geo-session" not in victim.cookies


def test_an_attempt_that_took_too_long_is_over(
    browser: httpx.Client, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    back = way_back(browser)
    monkeypatch.setattr("geo_registry.accounts.single_sign_on.BACK_WITHIN", timedelta(0))
    assert browser.get(back).status_code == 401


def test_whoever_was_refused_there_is_told(browser: httpx.Client, issuer: Issuer) -> None:
    issuer.denies = True
    answer = sign_in(browser)
    assert answer.status_code == 401
    assert "sign in there" in answer.text
    browser.headers["Accept-Language"] = "zh-CN"
    assert "没有在那里登录" in sign_in(browser).text


def test_an_answer_of_another_issuer_is_refused(browser: httpx.Client) -> None:
    """Mix-up (RFC 9207)."""
    back = httpx.URL(way_back(browser)).copy_set_param("iss", "https://evil.example")
    assert browser.get(back).status_code == 401


@pytest.mark.parametrize("following", ["https://evil.example", "//evil.example", "/\\evil.example", "/\r\nX: y"])
def test_it_leads_nowhere_else(browser: httpx.Client, following: str) -> None:
    assert sign_in(browser, following=following).headers["Location"] == "/"


def test_the_session_before_ends_and_a_planted_one_is_never_taken_over(browser: httpx.Client) -> None:
    browser.cookies.set("geo-session", "planted", domain="127.0.0.1", path="/")
    sign_in(browser)
    before = browser.cookies["geo-session"]
    assert before != "planted"
    sign_in(browser)
    with httpx.Client(base_url=browser.base_url, cookies={"geo-session": before}) as attacker:
        assert attacker.get("/me").status_code == 303


def test_nobody_signs_in_by_a_password_to_an_account_without_one(browser: httpx.Client, office: Service) -> None:
    sign_in(browser)
    with httpx.Client(base_url=office.url) as other:
        found = HIDDEN.search(other.get("/sign-in").text)
        assert found is not None
        fields = {"login": "li.ming", "password": "", "csrf": found[1]}
        assert other.post("/sign-in", data=fields).status_code == 401


def test_out_of_the_registry_and_then_of_the_single_sign_on(browser: httpx.Client, issuer: Issuer) -> None:
    sign_in(browser)
    found = HIDDEN.search(browser.get("/me").text)
    assert found is not None
    answer = browser.post("/sign-out", data={"csrf": found[1]})
    assert answer.headers["Location"] == "/sign-in"
    assert "/sign-in/oidc/leave" in browser.get("/sign-in").text
    assert "/sign-in/oidc/leave" not in browser.get("/sign-in?left=1").text
    there = urlsplit(browser.get("/sign-in/oidc/leave").headers["Location"])
    assert f"{there.scheme}://{there.netloc}{there.path}" == f"{issuer.url}/leave"
    assert parse_qs(there.query) == {
        "client_id": [CLIENT],
        "post_logout_redirect_uri": [str(browser.base_url).rstrip("/") + "/"],
    }


@pytest.mark.parametrize(
    "said",
    [
        {"issuer": "https://evil.example"},
        {"authorization_endpoint": "http://evil.example/authorize"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": None},
    ],
)
def test_a_provider_that_isnt_set_up_for_this_is_said_to_be_away(
    browser: httpx.Client, issuer: Issuer, said: dict[str, str]
) -> None:
    issuer.said = said
    answer = browser.get("/sign-in/oidc")
    assert answer.status_code == 503
    assert "single-sign-on-away" in answer.text


def test_passwords_go_on_beside_it(browser: httpx.Client, database: Database, office: Service) -> None:
    with database.write(actor="test") as session:
        passwords = passwords_for(office.app.state.settings)
        make_account(session, "wang", password=PASSWORD, passwords=passwords)
    found = HIDDEN.search(browser.get("/sign-in").text)
    assert found is not None
    fields = {"login": "wang", "password": PASSWORD, "csrf": found[1]}
    assert browser.post("/sign-in", data=fields).status_code == 303


def test_without_one_there_is_nothing_there(client: httpx.Client) -> None:
    for path in ("/sign-in/oidc", BACK, "/sign-in/oidc/leave"):
        answer = client.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "single-sign-on-off")
