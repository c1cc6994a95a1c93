"""How many rows there are: exactly, about, or more than so many, and never a number that only looks exact."""

from collections.abc import Iterator
from datetime import date

import pytest
from sqlalchemy import text

from geo_registry.db import standing
from geo_registry.db.session import Database, WriteSession
from geo_registry.db.standing import RowCount, row_counts, shows_synthetic_data
from geo_registry.vocabulary import DatasetKind, Holding, PositionQuality
from tests.conftest import TestUrls
from tests.factories import make_dataset, make_demand_point, make_road


@pytest.fixture
def points(committed: TestUrls, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """Six demand points, where five are as many as are counted; nothing measures the table unasked."""
    monkeypatch.setattr(standing, "EXACT_UP_TO", 5)
    owner = Database.connect(committed.owner)
    with owner.write(actor="test") as session:
        session.execute(text("ALTER TABLE demand_point SET (autovacuum_enabled = false)"))
    _add(owner, 6)
    yield owner
    owner.dispose()


def _add(database: Database, count: int) -> None:
    with database.write(actor="test") as session:
        people = make_dataset(session, DatasetKind.POPULATION)
        for _ in range(count):
            make_demand_point(session, people)


def _counted(database: Database, holding: Holding = Holding.DEMAND_POINT) -> RowCount:
    with database.read() as session:
        return row_counts(session)[holding]


def _measure(database: Database) -> None:
    with database.write(actor="test") as session:
        session.execute(text("ANALYZE demand_point"))


def test_a_small_table_is_counted(points: Database) -> None:
    assert _counted(points, Holding.DATASET) == RowCount(rows=1, exact=True)


def test_a_large_table_that_was_never_measured_has_more_rows_than_were_counted(points: Database) -> None:
    assert _counted(points) == RowCount(rows=5, exact=False, more=True)


def test_a_large_table_that_was_measured_is_estimated(points: Database) -> None:
    _measure(points)
    assert _counted(points) == RowCount(rows=6, exact=False)


def test_an_estimate_grows_with_the_table(points: Database) -> None:
    _measure(points)
    _add(points, 600)
    found = _counted(points)
    assert not found.exact
    assert found.rows > 6


def test_a_table_that_was_measured_when_it_was_small_has_more_rows_than_were_counted(
    points: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    _measure(points)
    _add(points, 2)
    monkeypatch.setattr(standing, "EXACT_UP_TO", 7)
    assert _counted(points) == RowCount(rows=7, exact=False, more=True)


def test_a_map_over_example_roads_says_so_as_long_as_they_are_those_that_it_shows(session: WriteSession) -> None:
    assert not shows_synthetic_data(session)
    made_up = make_dataset(session, DatasetKind.ROADS, as_of=date(2020, 1, 1))
    make_road(session, made_up, [(0, 0), (1, 0)], position_quality=PositionQuality.SYNTHETIC.value)
    assert shows_synthetic_data(session)
    surveyed = make_dataset(session, DatasetKind.ROADS, as_of=date(2021, 1, 1))
    make_road(session, surveyed, [(0, 0), (1, 0)])
    assert not shows_synthetic_data(session)
