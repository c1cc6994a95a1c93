"""The planner takes the indexes that names are meant to be found by, at a hundred thousand of them."""

from collections.abc import Iterator

import pytest
from sqlalchemy import create_engine, text

from geo_registry.db.session import Database
from geo_registry.search import keeping, queries
from geo_registry.search.inputs import Question
from geo_registry.vocabulary import DivisionLevel, Match
from tests.conftest import TestUrls, fresh_database

ROWS = 100_000
CHARACTERS = "江河山水东西南北中大小上下前后新老古金银石木林竹杨柳王李张陈朱徐"
FILL = f"""
INSERT INTO facility (kind, name, geom)
    SELECT 'cemetery', drawn.name || '公墓', ST_SetSRID(ST_MakePoint(119, 29), 4490)
    FROM (
        SELECT (
            SELECT string_agg(substr('{CHARACTERS}', 1 + get_byte(decode(md5(CAST(i AS text)), 'hex'), k) % 32, 1), '' ORDER BY k)
            FROM generate_series(1, 2 + i % 3) AS k
        ) AS name
        FROM generate_series(1, {ROWS}) AS i
    ) AS drawn
    UNION ALL SELECT 'cemetery', name, ST_SetSRID(ST_MakePoint(119, 29), 4490)
    FROM unnest(ARRAY['江河', '江河山公墓']) AS name
"""


@pytest.fixture(scope="module")
def filled(cluster_urls: TestUrls, own_number: int) -> Iterator[Database]:
    """A registry of many names, with statistics."""
    with fresh_database(cluster_urls, f"plans_{own_number}") as urls:
        keeping.install()
        database = Database.connect(urls.app)
        with database.write(actor="test") as session:
            session.execute(text(FILL))
        keeping.make_all(database)
        engine = create_engine(urls.superuser, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text("VACUUM ANALYZE name_key"))
        engine.dispose()
        yield database
        database.dispose()


@pytest.mark.parametrize(
    ("asked", "match", "index"),
    [
        ("江河", Match.EXACT, "ix_name_key_folded"),
        ("江", Match.PREFIX, "ix_name_key_folded"),
        ("江河", Match.PREFIX, "ix_name_key_folded"),
        ("江河山公墓", Match.PREFIX, "ix_name_key_folded"),
        ("j", Match.PINYIN, "ix_name_key_pinyin"),
        ("jiang", Match.PINYIN, "ix_name_key_pinyin"),
        ("jianghesh", Match.PINYIN, "ix_name_key_pinyin"),
        ("jhs", Match.INITIALS, "ix_name_key_initials"),
        ("河山", Match.CONTAINED, "ix_name_key_grams"),
        ("河山公墓", Match.CONTAINED, "ix_name_key_grams"),
        ("330702", Match.CODE, "ix_name_key_record_id"),
    ],
)
def test_each_way_to_fit_has_its_index(filled: Database, asked: str, match: Match, index: str) -> None:
    statement = queries.statement(Question.parse(asked, limit=8), match, {DivisionLevel.COUNTY: 2023}, most=8)
    assert statement is not None
    compiled = statement.compile(dialect=filled.read_engine.dialect, compile_kwargs={"render_postcompile": True})
    with filled.read_engine.connect() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {compiled}", compiled.params).scalar_one()
        rows = connection.execute(statement).all()
    assert rows or match is Match.CODE
    assert index in set(_values(plan, "Index Name"))
    assert "Seq Scan" not in set(_values(plan, "Node Type"))


def test_of_a_letter_that_many_names_begin_with_few_rows_are_fetched(filled: Database) -> None:
    statement = queries.statement(Question.parse("j", limit=8), Match.PINYIN, {DivisionLevel.COUNTY: 2023}, most=8)
    assert statement is not None
    compiled = statement.compile(dialect=filled.read_engine.dialect, compile_kwargs={"render_postcompile": True})
    with filled.read_engine.connect() as connection:
        # Whether a bitmap is cheaper hangs on the machine's settings; that the index alone answers doesn't.
        connection.execute(text("SET LOCAL enable_bitmapscan = off"))
        plan = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {compiled}", compiled.params).scalar_one()
    assert "Index Only Scan" in set(_values(plan, "Node Type"))


def _values(node: object, name: str) -> Iterator[str]:
    """What stands under `name` anywhere in a plan."""
    if isinstance(node, dict):
        if isinstance(node.get(name), str):
            yield node[name]
        for value in node.values():
            yield from _values(value, name)
    elif isinstance(node, list):
        for value in node:
            yield from _values(value, name)
