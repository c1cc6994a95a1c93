"""Every benchmark runs, and its peers agree with ours, on networks and rounds small enough for a test; no time is judged."""

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from api.main import create_app
from benchmarks import (
    __main__,
    build,
    cases,
    catchments,
    city,
    live,
    names,
    nearest,
    plan,
    registry,
    report,
    tiles,
    unnamed,
    walls,
    writers,
)
from benchmarks.report import Row
from benchmarks.timing import Series
from geo_registry.db.cluster import DatabaseUrls
from geo_registry.db.session import Database
from geo_registry.db.standing import standing
from geo_registry.network.kernels import PointCatchments, catchment_points
from geo_registry.settings import CHECKOUT, Settings
from tests.conftest import DemoTemplate, TestUrls, fresh_database
from tests.http.conftest import served

SIZE = "1k"


@pytest.fixture(autouse=True)
def brief(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """One round of each thing, and results where nobody looks for a measurement."""
    for module in (nearest, catchments, city, live):
        monkeypatch.setattr(module, "ROUNDS", 1)
    monkeypatch.setattr(city, "COLD_ROUNDS", 1)
    monkeypatch.setattr(tiles, "POINTS", 2_000)
    monkeypatch.setattr(tiles, "TILES", 2)
    monkeypatch.setattr(walls, "FACILITIES", 2_000)
    monkeypatch.setattr(walls, "ASKED", 3)
    monkeypatch.setattr(names, "NAMES", 3_000)
    monkeypatch.setattr(names, "ASKED", 20)
    monkeypatch.setattr(cases, "NAMES", 40)
    monkeypatch.setattr(live, "WHOLE_ROUNDS", 1)
    monkeypatch.setattr(city, "POINTS", 2_000)
    monkeypatch.setattr(city, "FACILITIES", 5)
    monkeypatch.setattr(registry, "RUN_ROUNDS", 1)
    monkeypatch.setattr(report, "RESULTS", tmp_path)


def cases_of(rows: list[Row]) -> set[str]:
    return {row.case for row in rows}


def test_nearest_agrees_with_scipy() -> None:
    rows, checks = nearest.measure(SIZE, with_pandana=False)
    assert len(rows) == 3
    assert any("equal scipy's" in check for check in checks)


def test_catchments_agree_with_scipy_and_points_with_nodes() -> None:
    rows, checks = catchments.measure(SIZE, with_pandana=False)
    assert cases_of(rows) >= {catchments.OURS, catchments.OURS_POINTS}
    assert any("equal scipy's" in check for check in checks)
    assert any("points at nodes equal those of the nodes" in check for check in checks)


def test_a_wrong_answer_ends_a_benchmark(monkeypatch: pytest.MonkeyPatch) -> None:
    def nearer(asked: catchments.Asked) -> PointCatchments:
        return catchment_points(asked.graph, asked.points, asked.facility_points, catchments.LIMIT_DM - 100)

    monkeypatch.setattr(catchments.Asked, "points_within", nearer)
    with pytest.raises(SystemExit, match="points at nodes differ"):
        catchments.measure(SIZE, with_pandana=False)


def test_a_network_is_built_in_processes_of_their_own() -> None:
    assert cases_of(build.measure(SIZE, with_pandana=False)) == {build.NAMES[case] for case in build.CASES}


def test_a_city_run_agrees_with_its_peer() -> None:
    rows, (check,) = city.measure(SIZE)
    assert len(rows) == 4
    assert "people covered" in check


def test_edits_agree_with_the_whole_search() -> None:
    rows, (check,) = live.measure(SIZE)
    assert len(rows) == 9
    assert "3 edits" in check


def test_a_whole_registry_stores_every_person(database: Database, tmp_path: Path) -> None:
    rows, (check,) = registry.measure(SIZE, database, tmp_path)
    assert len(rows) == 6
    assert "by point and by village" in check


def test_tiles_of_the_service_are_those_of_the_statement(committed: TestUrls) -> None:
    database = Database.connect(committed.app)
    tiles.fill(database)
    with served(create_app(Settings(), database)) as service:
        rows, (check,) = tiles.measure(database, service.url, rounds=1)
    database.dispose()
    assert len(rows) == 2 * (3 * len(tiles.ZOOMS) + 1)
    assert "has the features" in check


def test_every_transaction_of_writers_leaves_an_entry(committed: TestUrls, tmp_path: Path) -> None:
    database = Database.connect(committed.app)
    urls = DatabaseUrls(owner_url=committed.owner, app_url=committed.app, superuser_url=None)
    rows, (check,) = writers.measure(database, urls, tmp_path, rounds=1, seconds=1)
    database.dispose()
    assert len(rows) == 2
    assert "the chain verifies" in check


def test_what_is_written_with_audit_is_sealed_on_its_own_time(
    committed: TestUrls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the rounds without it would be slowed by the sealer's work for those with it."""
    database = Database.connect(committed.app)
    urls = DatabaseUrls(owner_url=committed.owner, app_url=committed.app, superuser_url=None)
    left, unaudited = [], writers.Writers.unaudited

    def looked_at(self: writers.Writers) -> float:
        left.append(writers.unsealed(database))
        return unaudited(self)

    monkeypatch.setattr(writers.Writers, "unaudited", looked_at)
    writers.measure(database, urls, tmp_path, rounds=2, seconds=1)
    left.append(writers.unsealed(database))
    database.dispose()
    assert len(left) > 2
    assert set(left) == {0}


def test_what_is_read_is_the_same_with_the_wall_and_without_it(committed: TestUrls) -> None:
    database = Database.connect(committed.app)
    walls.fill(database)
    with served(create_app(Settings(), database)) as service:
        rows, (check,) = walls.measure(database, committed.owner, service.url, rounds=1)
    with database.read() as session:
        assert standing(session).unwalled == []
    database.dispose()
    assert len(rows) == 3 * (3 + len(walls.ZOOMS))
    assert "the same" in check


def test_lanes_are_as_long_as_the_peer_s() -> None:
    assert cases_of(unnamed.measure(SIZE)) == {
        "ours: lanes by village",
        "ours: the same, told in words",
        "shapely line_merge, then villages",
    }


def test_names_that_are_checked_have_the_duplicates_of_their_peers(committed: TestUrls) -> None:
    database = Database.connect(committed.app)
    names.fill(database)
    rows, checks = names.measure(database, committed.owner, rounds=1)
    database.dispose()
    assert len(rows) == 5
    assert "have the duplicates" in checks[0]
    assert "every duplicate that pandas finds" in checks[1]


def test_a_case_of_many_names_finds_what_its_names_find_one_by_one(committed: TestUrls) -> None:
    database = Database.connect(committed.app)
    names.fill(database)
    rows, checks = cases.measure(database, rounds=1)
    database.dispose()
    assert {row.case for row in rows} >= {cases.PARTS["checked"], cases.PARTS["one by one"], cases.PARTS["approved"]}
    assert "one by one find" in checks[0]


def test_the_guide_names_every_benchmark() -> None:
    guide = (CHECKOUT / "docs" / "development.md").read_text(encoding="utf-8")
    assert [name for name in __main__.NAMES if f"`{name}`" not in guide.partition("## Benchmarks")[2]] == []


@pytest.fixture
def demo(cluster_urls: TestUrls, demo_template: DemoTemplate, own_number: int) -> Iterator[TestUrls]:
    """The demonstration, in a database of the test's own."""
    with fresh_database(cluster_urls, f"demo_{own_number}", template=demo_template.name) as urls:
        yield urls


def test_tiles_of_several_layers_and_of_a_run_are_those_of_the_statements(demo: TestUrls, tmp_path: Path) -> None:
    database = Database.connect(demo.app)
    run = tiles.run_of(database, tmp_path)
    with served(create_app(Settings(), database)) as service:
        rows, (check,) = tiles.measure_demo(database, service.url, run, rounds=1)
    database.dispose()
    assert len(rows) == 2 * 3 * len(tiles.DEMO_ZOOMS)
    assert "has the features" in check


def test_a_tile_of_other_features_ends_a_benchmark(committed: TestUrls, monkeypatch: pytest.MonkeyPatch) -> None:
    def without_the_last(asking: tiles.Asking) -> list[bytes]:
        return [*honest(asking)[:-1], b""]

    honest = tiles.Asking.of_the_database
    monkeypatch.setattr(tiles.Asking, "of_the_database", without_the_last)
    database = Database.connect(committed.app)
    tiles.fill(database)
    with served(create_app(Settings(), database)) as service, pytest.raises(SystemExit, match="population at z8"):
        tiles.measure(database, service.url, rounds=1)
    database.dispose()


def test_a_drag_that_is_slow_once_in_ten_breaks_the_promise() -> None:
    """The median alone would keep it."""
    median, slowest = plan.rows_of_drags("", Series((0.1,) * 9 + (0.2,)))
    assert median.kept
    assert not slowest.kept


@pytest.mark.parametrize("benchmark", [nearest, catchments])
def test_a_promise_that_is_left_out_is_said_to_be_not_measured(
    capsys: pytest.CaptureFixture[str], benchmark: ModuleType
) -> None:
    assert benchmark.main(["--sizes", SIZE, "--no-pandana"]) == 0
    assert "NOT MEASURED in this run: pandana" in capsys.readouterr().out
