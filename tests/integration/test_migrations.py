"""Migrations go up, down and up again, and make the tables that the model declares."""

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text

from geo_registry.db import migrate
from geo_registry.errors import DatabaseNewer, DatabaseUnavailable
from tests.conftest import TestUrls

OURS = """
    SELECT count(*) FROM pg_class AS made JOIN pg_namespace AS place ON place.oid = made.relnamespace
    WHERE place.nspname IN ('public', 'history', 'jobs') AND made.relkind IN ('r', 'v', 'S', 'i')
    AND made.relname NOT LIKE 'alembic_version%'
    AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = made.oid AND deptype = 'e')
    AND NOT EXISTS (
        SELECT FROM pg_index JOIN pg_depend ON pg_depend.objid = pg_index.indrelid AND deptype = 'e'
        WHERE pg_index.indexrelid = made.oid)
"""


def count_of_ours(url: str) -> int:
    engine = create_engine(url)
    with engine.connect() as connection:
        found = connection.execute(text(OURS)).scalar_one()
    engine.dispose()
    return int(found)


def test_up_down_and_up_again(committed: TestUrls) -> None:
    before = count_of_ours(committed.superuser)
    assert before > 0
    migrate.downgrade(committed.owner, "base")
    assert count_of_ours(committed.superuser) == 0
    assert migrate.upgrade(committed.owner) is True
    assert count_of_ours(committed.superuser) == before
    assert migrate.upgrade(committed.owner) is False


def test_cancelled_runs_are_failed_ones_to_what_does_not_know_the_word(committed: TestUrls) -> None:
    engine = create_engine(committed.superuser)
    with engine.begin() as connection:
        connection.execute(
            text("INSERT INTO coverage_run (state, standard, question, actor) VALUES ('cancelled', '{}', '{}', 'test')")
        )
    migrate.downgrade(committed.owner, "0007")
    with engine.begin() as connection:
        state, code = connection.execute(text("SELECT state, error ->> 'code' FROM coverage_run")).one()
    engine.dispose()
    assert (state, code) == ("failed", "run-cancelled")
    assert migrate.upgrade(committed.owner) is True


def test_keys_of_names_are_made_anew_where_readings_changed(committed: TestUrls) -> None:
    migrate.downgrade(committed.owner, "0023")
    engine = create_engine(committed.superuser)
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM name_due"))
        connection.execute(
            text(
                "INSERT INTO name_key (type, record_id, name, folded, pinyin, initials, grams, homophone, rank, length, kind, quality)"
                " VALUES ('place', gen_random_uuid(), '会稽山', '会稽山', 'huijishan', 'hjs', '{}', 'hui ji san', 1, 3, 'mountain', 'surveyed')"
            )
        )
    assert migrate.upgrade(committed.owner) is True
    with engine.begin() as connection:
        due = connection.scalar(text("SELECT count(*) FROM name_due"))
        kept = connection.scalar(text("SELECT count(*) FROM name_key"))
        connection.execute(text("DELETE FROM name_due"))
    engine.dispose()
    assert (due, kept) == (1, 0)


def test_model_and_migrations_agree(committed: TestUrls) -> None:
    migrate.check(committed.owner)


def test_newer_database_is_left_alone(committed: TestUrls) -> None:
    engine = create_engine(committed.owner)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(DatabaseNewer, match="9999"):
        migrate.upgrade(committed.owner)


def test_server_that_is_not_there_is_said(committed: TestUrls) -> None:
    with pytest.raises(DatabaseUnavailable):
        migrate.upgrade(committed.owner.replace("own_", "gone_"))


def test_head_that_is_read_from_the_files_is_alembics() -> None:
    script = ScriptDirectory.from_config(migrate.alembic_config())
    assert script.get_heads() == [migrate.head()]
    assert {one.revision for one in script.walk_revisions()} == migrate.known_revisions()
