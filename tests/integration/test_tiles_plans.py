"""The planner takes the indexes that tiles are meant to be made by, under the application's role."""

import json
from collections.abc import Iterator
from uuid import UUID

import pytest
from sqlalchemy import Connection, create_engine, text

from geo_registry.db.session import Database
from geo_registry.vocabulary import DatasetKind, RunState
from tests.conftest import TestUrls
from tests.factories import make_dataset
from tiles.grid import Tile
from tiles.layers import LAYERS
from tiles.service import DEFAULTS, bound_of, statement

ROWS = 20_000
SOMEWHERE = "ST_SetSRID(ST_MakePoint(118 + random() * 3, 28 + random() * 3), 4490)"
FILL = f"""
INSERT INTO facility (kind, name, geom) SELECT 'cemetery', 'f' || i, {SOMEWHERE} FROM generate_series(1, {ROWS}) AS i;
INSERT INTO division (code, vintage, level, name, point)
    SELECT '33' || lpad(CAST(i AS text), 7, '0') || '001', 2023, 'village', 'v' || i, {SOMEWHERE}
    FROM generate_series(1, {ROWS}) AS i;
INSERT INTO road_segment (dataset_id, source_id, highway, foot, motor, geom)
    SELECT :roads, CAST(i AS text), CASE WHEN i % 50 = 0 THEN 'primary' ELSE 'residential' END, true, true,
        ST_MakeLine(a, ST_Translate(a, 0.001, 0.001))
    FROM (SELECT i, {SOMEWHERE} AS a FROM generate_series(1, {ROWS}) AS i) AS drawn;
INSERT INTO demand_point (dataset_id, source_id, geom, counts)
    SELECT :people, CAST(i AS text), {SOMEWHERE}, '{{"all": 1}}' FROM generate_series(1, {ROWS}) AS i;
INSERT INTO coverage_point (run_id, point_fid, source_id, lon, lat, demand, state)
    SELECT run.id, i, CAST(i AS text), 118 + random() * 3, 28 + random() * 3, 1, 'unsnapped'
    FROM coverage_run AS run, generate_series(1, {ROWS}) AS i;
"""


@pytest.fixture
def filled(committed: TestUrls) -> Iterator[tuple[Connection, UUID]]:
    """A registry with rows enough for the planner to care, and its run."""
    database = Database.connect(committed.app)
    with database.write(actor="test") as session:
        roads, people = make_dataset(session), make_dataset(session, DatasetKind.POPULATION)
        run: UUID = session.execute(
            text(
                "INSERT INTO coverage_run (state, standard, question, totals, actor) "
                f"VALUES ('{RunState.DONE.value}', '{{}}', '{{}}', '{{}}', 'test') RETURNING id"
            )
        ).scalar_one()
        session.execute(text(FILL), {"roads": roads.id, "people": people.id})
    engine = create_engine(committed.superuser, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("VACUUM ANALYZE"))
    engine.dispose()
    with database.engine.connect() as connection:
        yield connection, run
    database.dispose()


def _indexes(connection: Connection, key: str, run: UUID, tile: Tile) -> set[str]:
    layer = LAYERS[key]
    values = {**DEFAULTS, "run": run}
    bound = {f"{name}_0": value for name, value in bound_of(layer, values, tile).items()}
    asked = text(f"EXPLAIN (FORMAT JSON) {statement((layer,), (layer,)).text}")
    plan = connection.execute(asked, values | bound).scalar_one()
    return set(_named(plan if isinstance(plan, list) else json.loads(plan)))


def _named(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("Index Name"), str):
            yield node["Index Name"]
        for value in node.values():
            yield from _named(value)
    elif isinstance(node, list):
        for value in node:
            yield from _named(value)


def test_each_layer_has_its_index(filled: tuple[Connection, UUID]) -> None:
    connection, run = filled
    expected = {
        ("facilities", 14): {"ix_facility_geom_3857"},
        ("divisions", 14): {"ix_division_geom_3857", "ix_division_label_3857"},
        ("division-labels", 14): {"ix_division_label_3857"},
        ("roads", 14): {"ix_road_segment_geom_3857"},
        ("roads", 10): {"ix_road_segment_main_3857"},
        ("population", 14): {"ix_demand_point_geom_3857"},
        ("coverage", 14): {"ix_coverage_point_run_id_lon_lat"},
    }
    found = {
        (key, z): indexes & _indexes(connection, key, run, Tile.around(119.5, 29.5, z))
        for (key, z), indexes in expected.items()
    }
    assert found == expected
