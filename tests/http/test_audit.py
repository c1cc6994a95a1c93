"""The audit by the API and on its page: who may read it, what it finds, how a change is shown."""

import re
from urllib.parse import quote

import httpx
import pytest

from geo_registry.accounts import queries, service
from geo_registry.accounts.actors import Grant
from geo_registry.accounts.passwords import passwords_for
from geo_registry.db.session import Database
from geo_registry.model import Facility
from geo_registry.settings import Settings
from geo_registry.vocabulary import Role, TokenScope
from tests.factories import make_account, make_facility, operator
from tests.http.test_accounts import PASSWORD, sign_in

AUDIT = "/api/v1/audit"
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
def bearer(database: Database) -> dict[str, str]:
    """An administrator's token."""
    return token(database, "chief", Role.ADMIN, TokenScope.ADMIN)


def token(database: Database, login: str, role: Role, scope: TokenScope) -> dict[str, str]:
    with database.write(actor="test") as session:
        make_account(session, login, Grant(role))
        issued = service.issue_token(session, login, name="x", scopes=[scope], days=1, actor=operator())
    return {"Authorization": f"Bearer {issued.secret}"}


@pytest.fixture
def renamed(database: Database) -> Facility:
    """A facility that li.ming gave another name."""
    with database.write(actor="test") as session:
        made = make_facility(session, name="旧名")
    with database.write(actor="li.ming", why=SCRIPT) as session:
        session.add(made)
        made.name = SCRIPT
    return made


def test_what_was_done_is_listed_by_the_api_with_its_filters(
    client: httpx.Client, bearer: dict[str, str], renamed: Facility
) -> None:
    (entry,) = client.get(AUDIT, params={"who": "li.ming"}, headers=bearer).json()["items"]
    assert (entry["table"], entry["operation"], entry["records"]) == ("facility", "update", [str(renamed.id)])
    asked: dict[str, str | int] = {"record": str(renamed.id), "table": "facility", "operation": "update", "limit": 1}
    assert [each["id"] for each in client.get(AUDIT, params=asked, headers=bearer).json()["items"]] == [entry["id"]]
    assert client.get(AUDIT, params={"until": entry["at"], "who": "li.ming"}, headers=bearer).json()["items"] == []
    told = client.get(f"{AUDIT}/{entry['id']}", headers=bearer).json()
    assert told["changes"] == [
        {
            "record": str(renamed.id),
            "fields": [{"column": "name", "before": "旧名", "after": SCRIPT, "hidden": False}],
        }
    ]
    assert told["proven"] is True


def test_pages_of_the_list_follow_each_other(client: httpx.Client, bearer: dict[str, str], renamed: Facility) -> None:
    seen, address = [], f"{AUDIT}?table=facility&limit=1"
    while address:
        answer = client.get(address, headers=bearer).json()
        seen += [each["operation"] for each in answer["items"]]
        address = answer["next"]
    assert seen == ["update", "insert"]


@pytest.mark.parametrize(("role", "scope"), [(Role.REGISTRAR, TokenScope.ADMIN), (Role.ADMIN, TokenScope.EDIT)])
def test_nobody_but_an_administrator_reads_it(
    client: httpx.Client, database: Database, renamed: Facility, role: Role, scope: TokenScope
) -> None:
    headers = token(database, "somebody", role, scope)
    for path in (AUDIT, f"{AUDIT}/1", "/admin/audit", "/admin/audit/1"):
        assert client.get(path, headers=headers).status_code == 403, path
    for path in (AUDIT, f"{AUDIT}/1"):
        assert client.get(path).status_code == 401, path
    for path in ("/admin/audit", "/admin/audit/1"):
        assert client.get(path).headers["location"] == f"/sign-in?next={quote(path, safe='')}"


def test_who_read_it_and_who_read_the_accounts_is_in_it(client: httpx.Client, bearer: dict[str, str]) -> None:
    client.get(AUDIT, headers=bearer)
    reads = client.get(AUDIT, params={"operation": "read"}, headers=bearer).json()["items"]
    assert [(each["actor"], each["table"], each["way"], each["verb"]) for each in reads] == [
        ("chief", "audit_entry", "api", "accounts.read_audit")
    ]


def test_whose_account_and_which_team_somebody_looked_at_is_in_it(
    client: httpx.Client, database: Database, bearer: dict[str, str]
) -> None:
    with database.write(actor="test") as session:
        ids = {login: make_account(session, login, Grant(Role.VIEWER)).id for login in ("wang", "li")}
        service.keep_team(session, "office", name="办公室", join=["wang"], actor=operator())
        ids["office"] = queries.team_of(session, "office").id
        ids["chief"] = queries.account_of(session, "chief").id
    for path, table, shown in (
        ("users/wang", "account", ["wang"]),
        ("users/wang?datetime=2100-01-01", "account", ["wang"]),
        ("users/wang/revisions", "account", ["wang"]),
        ("users", "account", ["chief", "wang", "li"]),
        ("teams/office", "team", ["office"]),
        ("teams/office/revisions", "team", ["office"]),
        ("teams", "team", ["office"]),
    ):
        assert client.get(f"/api/v1/{path}", headers=bearer).status_code == 200, path
        asked: dict[str, str | int] = {"operation": "read", "table": table, "limit": 1}
        (entry,) = client.get(AUDIT, params=asked, headers=bearer).json()["items"]
        assert (entry["rows"], entry["records"]) == (len(shown), [str(ids[name]) for name in shown]), path
        of_one = asked | {"record": str(ids[shown[0]])}
        assert client.get(AUDIT, params=of_one, headers=bearer).json()["items"] == [entry], path


def test_a_sign_in_that_was_refused_is_found_and_shown(
    client: httpx.Client, database: Database, bearer: dict[str, str]
) -> None:
    with database.write(actor="test") as session:
        account = make_account(session, "wang").id
    for login in ("wang", "what-i-meant-to-type-below"):
        assert sign_in(client, login).status_code == 401
    found = client.get(AUDIT, params={"operation": "refuse"}, headers=bearer)
    assert "what-i-meant" not in found.text
    assert [(each["actor"], each["way"], each["table"], each["records"]) for each in found.json()["items"]] == [
        ("anonymous", "page", "account", None),
        ("anonymous", "page", "account", [str(account)]),
    ]
    page = client.get("/admin/audit", params={"operation": "refuse"}, headers=bearer | {"Accept-Language": "en"})
    assert page.text.count("refused") > 1
    entry = found.json()["items"][1]["id"]
    assert client.get(f"/admin/audit/{entry}", headers=bearer).status_code == 200


def test_an_entry_that_is_not_there_is_unknown(client: httpx.Client, bearer: dict[str, str]) -> None:
    answer = client.get(f"{AUDIT}/999999999", headers=bearer)
    assert (answer.status_code, answer.json()["code"]) == (404, "audit-entry-unknown")


def test_the_page_shows_before_and_after_and_no_script(
    client: httpx.Client, database: Database, settings: Settings, renamed: Facility
) -> None:
    client.headers["Accept"] = "text/html"
    with database.write(actor="test") as session:
        values = {"password": PASSWORD, "passwords": passwords_for(settings)}
        make_account(session, "chief", Grant(Role.ADMIN), **values)  # type: ignore[arg-type]
    sign_in(client, "chief")
    listed = client.get("/admin/audit", params={"who": "li.ming", "since": "2020-01-01", "verb": "", "record": ""})
    assert listed.status_code == 200
    assert SCRIPT not in listed.text
    assert "&lt;script&gt;" in listed.text
    number = listed.text.split('href="/admin/audit/')[1].split('"')[0]
    shown = client.get(f"/admin/audit/{number}").text
    assert SCRIPT not in shown
    assert "<del>旧名</del>" in shown
    assert "<ins>&lt;script&gt;alert(1)&lt;/script&gt;</ins>" in shown
    assert "the same as the digests of the time" in shown
    # Tables and fields are told in words.
    for text in (listed.text, shown):
        assert "changed facilities" in text
        assert "<code>facility</code>" not in text
    assert re.search(r'<th scope="row" title="name">name</th>', shown)
    client.headers["Accept-Language"] = "zh-CN"
    assert re.search(r'<th scope="row" title="name">名称</th>', client.get(f"/admin/audit/{number}").text)
    chosen = client.get("/admin/audit", params={"table": "facility"}).text
    assert '<option value="facility" selected>设施</option>' in chosen
    assert (
        '<option value="of_another" selected>of_another</option>'
        in client.get("/admin/audit", params={"table": "of_another"}).text
    )
    assert "no-store" in client.get("/admin/audit").headers["Cache-Control"]


def test_a_filter_that_finds_nothing_says_how_to_go_on(client: httpx.Client) -> None:
    answer = client.get("/admin/audit", params={"who": "nobody-at-all"}, headers={"Accept": "text/html"})
    assert (answer.status_code, 'href="/admin/audit"' in answer.text) == (200, True)
