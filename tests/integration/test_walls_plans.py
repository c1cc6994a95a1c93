"""With the wall up, the planner takes the indexes that lists are meant to be read by (tiles and names: their own plans)."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, event, make_url, text

from geo_registry.db.paging import Page
from geo_registry.db.session import Database, ReadSession
from geo_registry.db.standing import standing
from geo_registry.divisions import service as divisions
from geo_registry.divisions.queries import DivisionQuery
from geo_registry.facilities import service as facilities
from geo_registry.facilities.queries import FacilityQuery
from geo_registry.geo.bbox import BBox
from geo_registry.vocabulary import FacilityKind
from tests.conftest import TestUrls, fresh_database
from tiles import service as tiles
from tiles.grid import Tile

ROWS = 20_000
SOMEWHERE = "ST_SetSRID(ST_MakePoint(118 + random() * 3, 28 + random() * 3), 4490)"
FILL = f"""
INSERT INTO facility (kind, name, geom)
    SELECT CASE WHEN i % 50 = 0 THEN 'cemetery' ELSE 'meal-point' END, 'f' || i, {SOMEWHERE}
    FROM generate_series(1, {ROWS}) AS i;
INSERT INTO division (code, vintage, level, name, point)
    SELECT '33' || lpad(CAST(i AS text), 7, '0') || '001', 2023, 'village', 'v' || i, {SOMEWHERE}
    FROM generate_series(1, {ROWS}) AS i;
"""
BOX = BBox(119.5, 29.5, 119.52, 29.52)


@pytest.fixture(scope="module")
def filled(cluster_urls: TestUrls, own_number: int) -> Iterator[Database]:
    """A registry with rows enough for the planner to care, and statistics."""
    with fresh_database(cluster_urls, f"walls_{own_number}") as urls:
        database = Database.connect(urls.app)
        with database.write(actor="test") as session:
            session.execute(text(FILL))
        engine = create_engine(urls.superuser, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text("VACUUM ANALYZE facility, division"))
        engine.dispose()
        yield database
        database.dispose()


def _plans(database: Database, read: Callable[[ReadSession], object], *, walled: bool = True) -> list[object]:
    """How the server answers each question of `read`, of which the times and the costs are left out."""
    asked: list[tuple[str, Any]] = []

    def listen(_: Connection, __: object, statement: str, parameters: Any, *___: object) -> None:
        asked.append((statement, parameters))

    with database.read() as session:
        assert bool(standing(session).unwalled) is not walled
        event.listen(session.connection(), "before_cursor_execute", listen)
        read(session)
        event.remove(session.connection(), "before_cursor_execute", listen)
        return [
            session.connection()
            .exec_driver_sql(f"EXPLAIN (FORMAT JSON, COSTS OFF) {statement}", parameters)
            .scalar_one()
            for statement, parameters in asked
        ]


def _named(node: object, what: str) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get(what), str):
            yield node[what]
        for value in node.values():
            yield from _named(value, what)
    elif isinstance(node, list):
        for value in node:
            yield from _named(value, what)


@pytest.mark.parametrize(
    ("read", "index"),
    [
        (lambda db: facilities.list_facilities(db, FacilityQuery(bbox=BOX), Page()), "ix_facility_geom"),
        (lambda db: facilities.list_facilities(db, FacilityQuery(), Page(after=9_000)), "uq_facility_fid"),
        (
            lambda db: facilities.list_facilities(db, FacilityQuery(kinds=(FacilityKind.CEMETERY,)), Page(after=9_000)),
            "ix_facility_kind_fid",
        ),
        (lambda db: divisions.list_divisions(db, DivisionQuery(bbox=BOX), Page()), "ix_division_point"),
        (lambda db: divisions.list_divisions(db, DivisionQuery(within="330000123"), Page()), "ix_division_code_prefix"),
        (
            lambda db: divisions.list_divisions(db, DivisionQuery(every_vintage=True), Page(after=9_000)),
            "uq_division_fid",
        ),
    ],
    ids=[
        "items in a box",
        "the next page",
        "the next page of a kind",
        "divisions in a box",
        "below a code",
        "divisions",
    ],
)
def test_a_list_has_its_index(filled: Database, read: Callable[[ReadSession], object], index: str) -> None:
    plans = _plans(filled, read)
    assert index in set(_named(plans, "Index Name"))
    assert "facility" not in {table for plan in plans for table in _scanned(plan)}


def _scanned(node: object) -> Iterator[str]:
    """The tables that a plan reads from the beginning to the end."""
    if isinstance(node, dict):
        if node.get("Node Type") == "Seq Scan":
            yield str(node["Relation Name"])
        for value in node.values():
            yield from _scanned(value)
    elif isinstance(node, list):
        for value in node:
            yield from _scanned(value)


def _tile(session: ReadSession, z: int) -> object:
    asked = tiles.ask("facilities,divisions", {})
    return tiles.make(session, asked, Tile.around(119.5, 29.5, z))


@pytest.fixture
def without_the_wall(filled: Database, cluster_urls: TestUrls) -> Iterator[Callable[[], None]]:
    """Takes row security off both tables; it is there again at the end."""
    owner = create_engine(make_url(cluster_urls.owner).set(database=filled.engine.url.database))

    def switch(how: str) -> None:
        with owner.begin() as connection:
            for table in ("facility", "division"):
                connection.execute(text(f"ALTER TABLE {table} {how} ROW LEVEL SECURITY"))

    yield lambda: switch("DISABLE")
    switch("ENABLE")
    owner.dispose()


@pytest.mark.parametrize(
    "read",
    [
        lambda db: facilities.list_facilities(db, FacilityQuery(bbox=BOX), Page()),
        lambda db: facilities.list_facilities(db, FacilityQuery(), Page(after=9_000)),
        lambda db: facilities.list_facilities(db, FacilityQuery(division="330000123"), Page()),
        *(lambda db, z=z: _tile(db, z) for z in (8, 10, 12, 14)),
    ],
    ids=["items in a box", "the next page", "of a division", *(f"tiles at z{z}" for z in (8, 10, 12, 14))],
)
def test_the_wall_changes_nothing_of_how_it_is_read(
    filled: Database, without_the_wall: Callable[[], None], read: Callable[[ReadSession], object]
) -> None:
    with_it = _in_any_order(_plans(filled, read))
    without_the_wall()
    assert _in_any_order(_plans(filled, read, walled=False)) == with_it


def _in_any_order(plan: object) -> object:
    """A plan whose conditions may stand in any order: the wall has those first that can't give a row away."""
    if isinstance(plan, dict):
        return {name: _in_any_order(value) for name, value in plan.items()}
    if isinstance(plan, list):
        return [_in_any_order(value) for value in plan]
    return sorted(re.findall(r"\w+", plan)) if isinstance(plan, str) else plan
