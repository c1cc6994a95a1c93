"""No tile is older than what was committed, none is made that the client has, and none outlives its asker."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import httpx
import pytest
from sqlalchemy import create_engine, event, text

from api.main import create_app
from geo_registry.db.session import Database
from geo_registry.model import CoverageRun, Facility
from geo_registry.settings import Settings
from geo_registry.vocabulary import DatasetKind, RunState
from tests.conftest import TestUrls
from tests.factories import make_dataset, make_demand_point, make_division, make_facility, make_road
from tests.http.conftest import Service, served
from tests.tiles_read import features
from tiles.grid import Tile
from tiles.layers import LAYERS

LON, LAT = 119.65, 29.08
CLOSE = Tile.around(LON, LAT, 14)
ADDRESS = f"/{CLOSE.z}/{CLOSE.x}/{CLOSE.y}.mvt"
MAKING = text(
    "SELECT count(*) FROM pg_stat_activity "
    "WHERE datname = current_database() AND state = 'active' AND query LIKE '%ST_AsMVT(%' AND pid <> pg_backend_pid()"
)


@pytest.fixture
def own_database(committed: TestUrls) -> Iterator[Database]:
    database = Database.connect(committed.app, statement_timeout_s=1)
    yield database
    database.dispose()


@pytest.fixture
def own_service(settings: Settings, own_database: Database) -> Iterator[Service]:
    """A service on a database in which writes really commit."""
    with served(create_app(settings, own_database)) as service:
        yield service


@contextmanager
def locked(urls: TestUrls, table: str) -> Iterator[None]:
    """Nobody reads `table` inside the block."""
    engine = create_engine(urls.owner)
    with engine.begin() as connection:
        connection.execute(text(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE"))
        yield
    engine.dispose()


def test_who_has_the_tile_is_told_so(client: httpx.Client, database: Database) -> None:
    with database.write(actor="test") as session:
        make_facility(session, lon=LON, lat=LAT)
    first = client.get(f"/tiles/facilities{ADDRESS}")
    for said in (
        first.headers["etag"],
        f'"other", {first.headers["etag"]}',
        first.headers["etag"].removeprefix("W/"),
        "*",
    ):
        again = client.get(f"/tiles/facilities{ADDRESS}", headers={"If-None-Match": said})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
        assert again.headers["cache-control"] == first.headers["cache-control"]
    other = client.get(f"/tiles/facilities{ADDRESS}", headers={"If-None-Match": '"other"'})
    assert other.status_code == 200


@pytest.mark.parametrize("layers", [*LAYERS, ",".join(LAYERS)])
def test_a_version_is_the_same_with_a_tile_and_without(client: httpx.Client, database: Database, layers: str) -> None:
    """What says that the client has it makes nothing; it must give what the tile was made of the same name."""
    with database.write(actor="test") as session:
        make_division(session)
        make_facility(session)
        make_road(session, make_dataset(session), [(LON, LAT), (LON + 1e-3, LAT)])
        make_demand_point(session, make_dataset(session, DatasetKind.POPULATION))
        run = CoverageRun(state=RunState.DONE.value, standard={}, question={}, totals={}, actor="test")
        session.add(run)
        session.flush()
        asked = {"run": str(run.id)} if "coverage" in layers else {}
    made = client.get(f"/tiles/{layers}{ADDRESS}", params=asked)
    assert made.status_code in {200, 204}
    headers = {"If-None-Match": made.headers["etag"]}
    assert client.get(f"/tiles/{layers}{ADDRESS}", params=asked, headers=headers).status_code == 304


@pytest.mark.parametrize("layers", ["facilities", "roads", "divisions,division-labels,roads,population"])
def test_a_tile_and_its_version_are_of_one_snapshot(own_service: Service, own_database: Database, layers: str) -> None:
    """One statement makes both: what commits between two could leave a tile with a version that isn't its own."""
    asked: list[str] = []

    @event.listens_for(own_database.hot_engine, "before_cursor_execute")
    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    assert httpx.get(f"{own_service.url}/tiles/{layers}{ADDRESS}").status_code == 204
    assert len(asked) == 1
    assert asked[0].count("ST_AsMVT(") == len(layers.split(","))


def test_the_tile_that_the_client_has_is_not_made(committed: TestUrls, own_service: Service) -> None:
    """While nobody can read the table, its version can still be told."""
    address = f"{own_service.url}/tiles/facilities{ADDRESS}"
    etag = httpx.get(address).headers["etag"]
    with locked(committed, "facility"):
        assert httpx.get(address, headers={"If-None-Match": etag}).status_code == 304


def test_a_write_shows_at_once(own_service: Service, own_database: Database) -> None:
    def see(etag: str = "") -> tuple[str, list[str]]:
        answer = httpx.get(f"{own_service.url}/tiles/facilities{ADDRESS}", headers={"If-None-Match": etag})
        assert answer.status_code in {200, 204}
        return answer.headers["etag"], [
            each.properties["name"] for each in features(answer.content).get("facilities", ())
        ]

    empty, names = see()
    assert names == []
    with own_database.write(actor="test") as session:
        fid = make_facility(session, name="旧", lon=LON, lat=LAT).fid
    old, names = see(empty)
    assert names == ["旧"]
    with own_database.write(actor="test") as session:
        session.query(Facility).filter(Facility.fid == fid).update({"name": "新"})
        assert (
            httpx.get(f"{own_service.url}/tiles/facilities{ADDRESS}", headers={"If-None-Match": old}).status_code == 304
        )
    new, names = see(old)
    assert names == ["新"]
    assert len({empty, old, new}) == 3


@pytest.mark.parametrize("layer", ["divisions", "division-labels", "facilities", "roads", "population"])
def test_a_write_to_a_layers_rows_makes_another_version(client: httpx.Client, database: Database, layer: str) -> None:
    with database.write(actor="test") as session:
        roads, people = make_dataset(session), make_dataset(session, DatasetKind.POPULATION)

    def version() -> str:
        return client.get(f"/tiles/{layer}/14/0/0.mvt").headers["etag"]

    before = version()
    assert version() == before
    with database.write(actor="test") as session:
        match layer:
            case "facilities":
                make_facility(session)
            case "roads":
                make_road(session, roads, [(LON, LAT), (LON + 1e-3, LAT)])
            case "population":
                make_demand_point(session, people)
            case _:
                make_division(session)
    assert version() != before


def test_parameters_and_languages_have_versions_of_their_own(client: httpx.Client) -> None:
    versions = [client.get(f"/tiles/facilities/14/0/0.mvt{each}").headers["etag"] for each in ("", "?kind=cemetery")]
    assert len(set(versions)) == 2


def test_an_overview_may_be_kept_for_a_while_and_a_close_tile_may_not(client: httpx.Client) -> None:
    kept = [client.get(f"/tiles/facilities/{z}/0/0.mvt").headers["cache-control"] for z in (0, 8, 12, 14)]
    assert kept == ["max-age=60", "max-age=10", "no-cache", "no-cache"]


def test_a_large_tile_is_compressed_for_who_takes_it(client: httpx.Client, database: Database) -> None:
    with database.write(actor="test") as session:
        for _ in range(50):
            make_facility(session, lon=LON, lat=LAT)
    packed = client.get(f"/tiles/facilities{ADDRESS}", headers={"Accept-Encoding": "gzip"})
    plain = client.get(f"/tiles/facilities{ADDRESS}", headers={"Accept-Encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert int(packed.headers["content-length"]) < int(plain.headers["content-length"]) / 2
    assert len(features(packed.content)["facilities"]) == len(features(plain.content)["facilities"]) == 50
    assert packed.headers["vary"] == plain.headers["vary"] == "Accept-Encoding"


def test_a_tile_that_takes_too_long_is_broken_off(committed: TestUrls, own_service: Service) -> None:
    with locked(committed, "facility"):
        answer = httpx.get(f"{own_service.url}/tiles/facilities{ADDRESS}")
    assert (answer.status_code, answer.json()["code"]) == (504, "statement-too-slow")
    assert httpx.get(f"{own_service.url}/tiles/facilities{ADDRESS}").status_code == 204


def test_a_tile_is_broken_off_when_its_client_leaves(committed: TestUrls, settings: Settings) -> None:
    patient = Database.connect(committed.app)
    with served(create_app(settings, patient)) as service, locked(committed, "facility"):
        asked = urlsplit(service.url)
        connection = socket.create_connection((asked.hostname or "", asked.port or 80))
        connection.sendall(f"GET /tiles/facilities{ADDRESS} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        _until(lambda: _making(patient) == 1)
        connection.close()
        _until(lambda: _making(patient) == 0)
    patient.dispose()


def test_more_askers_than_connections_wait_their_turn(own_service: Service) -> None:
    answers: list[int] = []

    def ask() -> None:
        answers.append(httpx.get(f"{own_service.url}/tiles/divisions,facilities{ADDRESS}", timeout=30).status_code)

    threads = [threading.Thread(target=ask) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [204] * 40


def test_a_kept_connection_is_answered_without_delay(own_service: Service) -> None:
    """Where the head and the body of an answer are two packets, the second must not wait for the first's receipt."""
    with httpx.Client(base_url=own_service.url) as client:
        client.get("/healthz")
        taken = []
        for _ in range(10):
            began = time.perf_counter()
            client.get("/healthz")
            taken.append(time.perf_counter() - began)
    assert min(taken) < 0.03


def _making(database: Database) -> int:
    with database.read() as session:
        return int(session.execute(MAKING).scalar_one())


def _until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 4
    while not happened():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.02)
