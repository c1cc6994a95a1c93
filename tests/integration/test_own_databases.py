"""The tests' own databases: never stale, never another session's."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from geo_registry.db import migrate
from tests.conftest import MIGRATIONS, TestUrls, ensure_template, session_number, template_name


@pytest.fixture
def maintenance(cluster_urls: TestUrls) -> str:
    return make_url(cluster_urls.superuser).set(database="postgres").render_as_string(hide_password=False)


@pytest.fixture
def name(maintenance: str, own_number: int) -> Iterator[str]:
    """A template of this test's own; its name isn't that of the session's, which other processes clone."""
    own = f"own_template_{own_number}"
    yield own
    ask(maintenance, f"DROP DATABASE IF EXISTS {own}")


def ask(url: str, statement: str) -> list[object]:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        answer = connection.execute(text(statement))
        found = list(answer.scalars()) if answer.returns_rows else []
    engine.dispose()
    return found


def test_a_changed_added_or_removed_migration_asks_for_another_template(tmp_path: Path) -> None:
    migrations = shutil.copytree(MIGRATIONS, tmp_path / "migrations")
    assert template_name(migrations) == template_name()
    seen = {template_name()}
    newest = max((migrations / "versions").glob("*.py"))
    newest.write_text(newest.read_text() + "\n# changed\n")
    seen.add(template_name(migrations))
    (migrations / "versions" / "9999_added.py").write_text("")
    seen.add(template_name(migrations))
    newest.unlink()
    seen.add(template_name(migrations))
    assert len(seen) == 4


def test_a_template_that_is_gone_or_half_is_made_again(cluster_urls: TestUrls, maintenance: str, name: str) -> None:
    ask(maintenance, f"CREATE DATABASE {name}_half")
    ensure_template(cluster_urls, name)
    template = make_url(cluster_urls.superuser).set(database=name).render_as_string(hide_password=False)
    assert ask(template, "SELECT version_num FROM alembic_version") == [migrate.head()]
    assert ask(maintenance, f"SELECT datname FROM pg_database WHERE datname LIKE '{name}%'") == [name]


def test_no_two_processes_have_the_same_number(own_number: int) -> None:
    with session_number() as one, session_number() as other:
        assert len({own_number, one, other}) == 3
    with session_number() as again:
        assert again == one
