"""`audit`: who did what by commands; a check that says what isn't as it was written, by its exit code too."""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from geo_registry.accounts.policy import Verb
from geo_registry.accounts.sealing import seal
from geo_registry.db import cluster
from geo_registry.db.session import Database
from tests.cli.conftest import PROGRAM, Registry


@pytest.fixture(scope="module")
def office(registry: Registry) -> Registry:
    """A registry with one account."""
    assert registry("users", "add", "li.ming", "--name", "李明", "--json").code == 0
    return registry


@pytest.fixture(scope="module")
def urls(office: Registry) -> cluster.ClusterUrls:
    """Its database, whose audit is sealed."""
    found = cluster.ensure_running(office.data_dir)
    database = Database.connect(found.app_url)
    seal(database)
    database.dispose()
    return found


def test_what_a_command_did_is_listed_with_its_verb(office: Registry) -> None:
    listed = office("audit", "list", "--table", "account", "--json").json["entries"]
    (added,) = [each for each in listed if each["operation"] == "insert"]
    assert (added["actor"], added["way"], added["verb"]) == ("local-operator", "cli", "accounts.add_account")
    assert (added["why"], added["rows"], len(added["records"])) == ("users add", 1, 1)
    shown = office("audit", "list", "--operation", "insert").stdout
    assert Verb.ADD_ACCOUNT.zh in shown
    assert office("audit", "list", "--until", "2000-01-01", "--json").json == {"entries": [], "next": None}


def test_pages_of_the_list_follow_each_other(office: Registry) -> None:
    first = office("audit", "list", "--limit", "1", "--json").json
    second = office("audit", "list", "--limit", "1", "--after", str(first["next"]), "--json").json
    assert second["entries"][0]["id"] < first["entries"][0]["id"]


@contextmanager
def worker(office: Registry) -> Iterator[None]:
    variables = {name: value for name, value in os.environ.items() if not name.startswith("GEO_")}
    process = subprocess.Popen(
        [PROGRAM, "worker"], env={**variables, "GEO_DATA_DIR": str(office.data_dir)}, stderr=subprocess.DEVNULL
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait(timeout=60)


def added(office: Registry) -> Any:
    (entry,) = office("audit", "list", "--table", "account", "--operation", "insert", "--json").json["entries"]
    return entry


def test_the_worker_seals_what_commands_did_and_notes_the_head_outside(office: Registry) -> None:
    assert added(office)["sealed"] is None
    with worker(office):
        give_up = time.monotonic() + 60
        while added(office)["sealed"] is None:
            assert time.monotonic() < give_up, "nobody seals"
    found = office("audit", "verify", "--json").json
    assert (found["whole"], found["heads_noted"] > 0) == (True, True)


def test_a_backup_that_is_restored_goes_on_with_its_chain(office: Registry, tmp_path: Path) -> None:
    """Heads that were noted since the backup are of a chain that is no more."""
    office("db", "backup", tmp_path / "registry.dump")
    with worker(office):
        office("users", "add", "later", "--name", "晚来", "--json")
    noted = office("audit", "verify", "--json").json
    assert (noted["whole"], noted["heads_noted"] > 0) == (True, True)
    assert office("db", "restore", tmp_path / "registry.dump", "--yes").code == 0
    restored = office("audit", "verify", "--json").json
    assert (restored["whole"], restored["heads_noted"]) == (True, 0)
    assert list((office.data_dir / "audit").glob("heads-until-*"))


def test_an_audit_that_is_whole_is_said_to_be(office: Registry, urls: cluster.ClusterUrls) -> None:
    found = office("audit", "verify", "--json")
    assert (found.code, found.json["whole"], found.json["findings"]) == (0, True, [])
    assert found.json["sealed"] > 0
    again = office("audit", "verify", "--head", found.json["head"])
    assert again.code == 0, again.stderr
    assert found.json["head"] in again.stdout


def test_what_was_tampered_with_is_named(office: Registry, urls: cluster.ClusterUrls) -> None:
    head = office("audit", "verify", "--json").json["head"]
    engine = create_engine(urls.superuser_url)
    with engine.begin() as owner:
        entry = owner.execute(text("UPDATE audit_entry SET actor = 'wang' WHERE id = 1 RETURNING id")).scalar_one()
    found = office("audit", "verify", "--json")
    assert (found.code, found.json["whole"]) == (1, False)
    assert [(each["what"], each["entry"]) for each in found.json["findings"]] == [("altered", entry)]
    told = office("audit", "verify")
    assert told.code == 1
    assert "audit-broken" in told.stderr
    with engine.begin() as owner:
        owner.execute(text("UPDATE audit_entry SET actor = 'local-operator' WHERE id = 1"))
        owner.execute(text("DELETE FROM audit_seal"))
        owner.execute(text("TRUNCATE audit_entry"))
    engine.dispose()
    assert office("audit", "verify").code == 0
    cut = office("audit", "verify", "--head", head, "--json")
    assert (cut.code, [each["what"] for each in cut.json["findings"]]) == (1, ["cut-off"])


def test_what_is_no_head_is_a_wrong_use(office: Registry) -> None:
    wrong = office("audit", "verify", "--head", "12:xyz", "--json")
    assert (wrong.code, wrong.json["error"]["code"]) == (2, "head-invalid")
