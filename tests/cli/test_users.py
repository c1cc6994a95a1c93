"""`users` and `tokens`: what is secret is shown once, what is refused says what to do."""

import os
import subprocess

import pytest

from tests.cli.conftest import PROGRAM, Registry


@pytest.fixture(scope="module")
def office(registry: Registry) -> Registry:
    """A registry with one account, and a county."""
    county = registry.data_dir / "county.csv"
    county.write_text("code,name,vintage\n330702000000,婺城区,2023\n", encoding="utf-8")
    imported = registry("import", "divisions", county)
    assert imported.code == 0, imported.stderr
    added = registry("users", "add", "li.ming", "--name", "李明", "--json")
    assert added.code == 0, added.stderr
    assert "第一个账号" in added.stderr
    assert len(added.json["password"]) == 19
    return registry


def test_an_account_is_listed_with_what_it_is_granted(office: Registry) -> None:
    granted = office("users", "grant", "li.ming", "registrar", "--division", "330702000000", "--json")
    assert (granted.code, granted.json["division"]) == (0, "330702")
    assert office("users", "team", "wucheng", "--name", "婺城区", "--add", "li.ming", "--json").json["members"] == [
        "li.ming"
    ]
    kinds = ("--kind", "meal-point", "--until", "2099-12-31")
    assert office("users", "grant", "team:wucheng", "steward", *kinds, "--json").code == 0
    (row,) = office("users", "list", "--json").json
    assert (row["login"], row["state"], row["teams"], row["must_change"]) == ("li.ming", "active", ["wucheng"], True)
    assert [(grant["role"], grant["division"], grant["kinds"]) for grant in row["grants"]] == [
        ("registrar", "330702", None),
        ("steward", None, ["meal-point"]),
    ]
    shown = office("users", "list").stdout
    assert "li.ming" in shown
    assert "地名登记 · 330702" in shown
    ended = office("users", "grant", "li.ming", "registrar", "--division", "330702", "--end", "--json")
    assert (ended.code, ended.json["ended"]) == (0, True)
    again = office("users", "grant", "li.ming", "registrar", "--division", "330702", "--end", "--json")
    assert (again.code, again.json["error"]["code"]) == (1, "grant-unknown")


@pytest.mark.parametrize("division", ["330799", "3307", "330702001"])
def test_in_a_division_that_isnt_registered_nothing_is_granted(office: Registry, division: str) -> None:
    refused = office("users", "grant", "li.ming", "viewer", "--division", division, "--json")
    assert (refused.code, refused.json["error"]["code"]) == (1, "division-unknown")
    assert "import divisions" in refused.json["error"]["hint"]
    wrong = office("users", "grant", "li.ming", "viewer", "--kind", "palace", "--json")
    assert wrong.code == 2


def test_accounts_are_listed_as_they_were(office: Registry) -> None:
    assert office("users", "list", "--as-of", "2001-01-31", "--json").json == []
    (row, *_) = office("users", "list", "--as-of", "2999-01-31T12:00:00+08:00", "--json").json
    assert row["login"] == "li.ming"
    refused = office("users", "list", "--as-of", "soon", "--json")
    assert (refused.code, refused.json["error"]["code"]) == (2, "moment-invalid")


def test_a_second_account_takes_its_password_from_stdin(office: Registry) -> None:
    variables = {name: value for name, value in os.environ.items() if not name.startswith("GEO_")}
    command = [str(PROGRAM), "users", "add", "wang", "--name", "王芳", "--password-stdin", "--json"]
    done = subprocess.run(
        command,
        input="four words that nobody guesses\n",
        env={**variables, "GEO_DATA_DIR": str(office.data_dir)},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert "guesses" not in done.stdout + done.stderr
    assert '"password": null' in done.stdout
    taken = office("users", "add", "wang", "--name", "x", "--json")
    assert (taken.code, taken.json["error"]["code"]) == (1, "login-taken")


def test_an_account_is_disabled_and_enabled(office: Registry) -> None:
    assert office("users", "disable", "li.ming", "--json").json == {"login": "li.ming", "state": "disabled"}
    assert office("users", "list", "--json").json[0]["state"] == "disabled"
    assert office("users", "enable", "li.ming").code == 0
    unknown = office("users", "disable", "nobody", "--json")
    assert (unknown.code, unknown.json["error"]["code"]) == (1, "account-unknown")


def test_a_password_that_was_lost_is_replaced(office: Registry) -> None:
    replaced = office("users", "password", "li.ming")
    assert replaced.code == 0
    assert "密码: " in replaced.stdout


def test_a_token_is_shown_once(office: Registry) -> None:
    issued = office("tokens", "issue", "li.ming", "--name", "每晚", "--scope", "read", "--scope", "plan", "--json")
    assert issued.json["token"].startswith("geo_")
    listed = office("tokens", "list", "li.ming", "--json")
    assert [(row["name"], row["scopes"], row["revoked_at"]) for row in listed.json] == [
        ("每晚", ["plan", "read"], None)
    ]
    assert issued.json["token"] not in listed.stdout + office("tokens", "list").stdout
    assert office("tokens", "revoke", issued.json["id"], "--json").json["revoked"]
    assert "已撤销" in office("tokens", "list").stdout
    unknown = office("tokens", "revoke", "0b6f1a62-6f0e-4c58-8a5c-0f1c5a3c8f11", "--json")
    assert (unknown.code, unknown.json["error"]["code"]) == (1, "token-unknown")


def test_commands_go_on_as_they_did(office: Registry) -> None:
    assert office("demo", "clear", "--yes", "--json").code == 0


def test_teams_are_listed_with_their_members(office: Registry) -> None:
    office("users", "team", "dongyang", "--name", "东阳市民政局", "--add", "li.ming")
    rows = {row["team"]: row for row in office("users", "teams", "--json").json}
    assert (rows["dongyang"]["name"], rows["dongyang"]["members"]) == ("东阳市民政局", ["li.ming"])
    assert "东阳市民政局" in office("users", "teams").stdout


def test_jobs_are_listed_and_taken_back(office: Registry) -> None:
    job = "ROW('attack', 'attack', 0, NULL, NULL, '{}', NULL)::jobs.procrastinate_job_to_defer_v1"
    queued = office(
        "db", "psql", "--", "-c", f"SET search_path = public, jobs; SELECT procrastinate_defer_jobs_v1(ARRAY[{job}])"
    )
    assert queued.code == 0, queued.stderr
    (row,) = office("jobs", "list", "--state", "queued", "--json").json
    assert (row["task"], row["state"], row["attempts"]) == ("attack", "queued", 0)
    assert "attack" in office("jobs", "list").stdout
    assert office("jobs", "cancel", str(row["id"]), "--json").json["state"] == "cancelled"
    again = office("jobs", "retry", str(row["id"]), "--json")
    assert (again.code, again.json["error"]["code"]) == (1, "job-not-failed")
    assert office("jobs", "list", "--state", "queued", "--json").json == []
