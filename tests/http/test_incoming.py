"""What other offices sent for filing, over HTTP: the list of the API and the inbox of the office that takes it in."""

import httpx
import pytest

from geo_registry.accounts.actors import Grant
from geo_registry.accounts.passwords import passwords_for
from geo_registry.accounts.service import issue_token
from geo_registry.db.session import Database
from geo_registry.settings import Settings
from geo_registry.vocabulary import DivisionLevel, Role, TokenScope
from tests.factories import make_account, make_division, operator
from tests.http.test_accounts import PASSWORD
from tests.http.test_desk import Person
from tests.integration.test_incoming import filing

WHO = {
    "city": Grant(Role.REGISTRAR, "3307"),
    "county": Grant(Role.REGISTRAR, "330781"),
    "looks": Grant(Role.VIEWER, "3307"),
}


@pytest.fixture
def tokens(database: Database, settings: Settings) -> dict[str, str]:
    """A city's registrar, a county's, and somebody who only looks, each with a token for reading."""
    with database.write(actor="test") as session:
        make_division(session, "330700000000", name="金华市", level=DivisionLevel.CITY)
        for login, grant in WHO.items():
            make_account(session, login, grant, password=PASSWORD, passwords=passwords_for(settings))
        return {
            login: issue_token(session, login, name="x", scopes=[TokenScope.READ], days=1, actor=operator()).secret
            for login in WHO
        }


@pytest.fixture
def sent(database: Database, tokens: dict[str, str]) -> str:
    """The number of a case that a county sent to its city."""
    with database.write(actor="test") as session:
        lanxi = make_division(session, "330781000000", name="兰溪市")
        filing(session, lanxi, state="due")
        return filing(session, lanxi)


@pytest.mark.parametrize(("who", "sees"), [("city", [True]), ("county", []), ("looks", [])])
def test_the_api_lists_what_came_in_to_whoever_takes_it_in(
    client: httpx.Client, tokens: dict[str, str], sent: str, who: str, sees: list[bool]
) -> None:
    answer = client.get("/api/v1/filings?incoming=true", headers={"Authorization": f"Bearer {tokens[who]}"})
    assert [each["case_number"] == sent for each in answer.json()["items"]] == sees


def test_the_inbox_shows_what_came_in_and_how_much(
    client: httpx.Client, sent: str, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.write(actor="test") as session:
        filing(session, make_division(session, "330782000000", name="义乌市"))
    monkeypatch.setattr("api.web.desk.inbox.AT_ONCE", 1)
    page, elsewhere = (shown(client, who) for who in ("city", "county"))
    assert f'<span class="figures">{sent}</span>' in page
    assert "共 2 件，列出先到期的 1 件" in page
    assert "没有事项" in elsewhere


def shown(client: httpx.Client, login: str) -> str:
    person = Person(client.base_url, login)
    try:
        return person.get("/desk?show=incoming")
    finally:
        person.client.close()
