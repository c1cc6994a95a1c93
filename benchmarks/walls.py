"""The second wall: what row security costs those who read.

500,000 facilities in four by three degrees. Ours is the service as it is, by the role that row security binds; the peer
is the same service on the same pages of the same database, its tables' row security switched off by their owner for the
moment. Asked over HTTP on a kept connection: facilities in boxes, a page of the list, and tiles; and the statement of a
box alone, without the service around it. Promised: at most 1.10 times what it takes without the wall.
"""

import argparse
import http.client
import random
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from sqlalchemy import Engine, text

from benchmarks import tiles
from benchmarks.nearest import insist
from benchmarks.report import Report, Row, publish
from benchmarks.server import served
from benchmarks.timing import Measured, Series, interleaved, ratio, timed
from geo_registry.db.engine import make_engine
from geo_registry.db.paging import Page
from geo_registry.db.session import LOCAL_OPERATOR, Database
from geo_registry.db.standing import standing
from geo_registry.db.startup import database_urls
from geo_registry.facilities import service
from geo_registry.facilities.queries import FacilityQuery
from geo_registry.geo.bbox import BBox
from tiles.grid import Tile

FACILITIES = 500_000
ROUNDS = 45
ASKED = 40
"""Questions a round and case, at random places."""

EXTENT = tiles.EXTENT
BOX_DEG = 0.02
"""A few hundred metres to two kilometres: what a map shows of a town. Some 17 facilities of the half million."""

PAGE = 100
ZOOMS = (10, 12, 14)
ALLOWED = 1.10

FILL = text(
    """
    INSERT INTO facility (kind, name, geom)
    SELECT
        (ARRAY['cemetery', 'care-institution', 'meal-point', 'home-care-centre'])[1 + i % 4],
        '示例设施 ' || i,
        ST_SetSRID(ST_MakePoint(:west + random() * (:east - :west), :south + random() * (:north - :south)), 4490)
    FROM generate_series(1, :facilities) AS i
    """
)
WALLED = text(
    """
    SELECT CAST(CAST(oid AS regclass) AS text) FROM pg_class
    WHERE relnamespace IN (CAST('public' AS regnamespace), CAST('history' AS regnamespace)) AND relrowsecurity
    """
)


def fill(database: Database) -> None:
    """Facilities at random places, the same ones every time."""
    with database.write(actor=LOCAL_OPERATOR) as session:
        session.execute(text("SELECT setseed(0.5)"))
        box = {"west": EXTENT.west, "south": EXTENT.south, "east": EXTENT.east, "north": EXTENT.north}
        session.execute(FILL, {**box, "facilities": FACILITIES})


@dataclass(frozen=True, slots=True)
class Wall:
    """Row security of all tables, which their owner switches."""

    owner: Engine
    tables: Sequence[str]

    @classmethod
    @contextmanager
    def of(cls, owner_url: str) -> Iterator["Wall"]:
        """The wall of a database; it stands again at the end."""
        owner = make_engine(owner_url, pool_size=1)
        with owner.connect() as connection:
            wall = cls(owner, connection.execute(WALLED).scalars().all())
        try:
            yield wall
        finally:
            wall.switch(up=True)
            owner.dispose()

    def switch(self, *, up: bool) -> None:
        """Set it up, or take it down."""
        with self.owner.begin() as connection:
            for table in self.tables:
                connection.execute(text(f"ALTER TABLE {table} {'ENABLE' if up else 'DISABLE'} ROW LEVEL SECURITY"))


@dataclass(frozen=True, slots=True)
class Case:
    """Something that is asked `ASKED` times a round, by what it is and where."""

    name: str
    size: str
    ask: Callable[[], object]


def measure(database: Database, owner_url: str, url: str, *, rounds: int = ROUNDS) -> tuple[list[Row], list[str]]:
    """The rows, and what was found to agree."""
    rows: list[Row] = []
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
    with Wall.of(owner_url) as wall:
        for case in _cases(database, connection):
            rows += _with_and_without(database, wall, connection, case, rounds)
    connection.close()
    return rows, [f"answers are the same with the wall and without it; {FACILITIES:,} facilities"]


def _cases(database: Database, connection: http.client.HTTPConnection) -> Iterator[Case]:
    chance = random.Random(5)  # noqa: S311 - the same places in every run, not a secret
    corners = [
        (chance.uniform(EXTENT.west, EXTENT.east - BOX_DEG), chance.uniform(EXTENT.south, EXTENT.north - BOX_DEG))
        for _ in range(ASKED)
    ]
    boxes = [BBox(west, south, west + BOX_DEG, south + BOX_DEG) for west, south in corners]
    afters = [chance.randrange(FACILITIES) for _ in range(ASKED)]
    items = [f"/api/v1/facilities?bbox={box.west},{box.south},{box.east},{box.north}" for box in boxes]
    yield Case("facilities in a box", "items", lambda: _answers(connection, items))
    yield Case("facilities in a box, asked in the process", "items", lambda: _listed(database, boxes))
    yield Case("a page of the list, wherever it begins", f"{PAGE} items", lambda: _pages(database, afters))
    for z in ZOOMS:
        around = [Tile.around(west, south, z) for west, south in corners]
        paths = [f"/tiles/facilities/{tile.z}/{tile.x}/{tile.y}.mvt" for tile in around]
        yield Case("a tile of facilities", f"z{z}", lambda paths=paths: _answers(connection, paths))  # type: ignore[misc]


def _answers(connection: http.client.HTTPConnection, paths: Sequence[str]) -> list[bytes]:
    """The bodies of the answers, on a kept connection."""
    found = []
    for path in paths:
        connection.request("GET", path)
        answer = connection.getresponse()
        found.append(answer.read())
        insist(answer.status in {200, 204}, f"{path}: {answer.status} {found[-1]!r}")
    return found


def _listed(database: Database, boxes: Sequence[BBox]) -> list[list[int]]:
    with database.read() as session:
        found = [service.list_facilities(session, FacilityQuery(bbox=box), Page(limit=PAGE)) for box in boxes]
        return [[row.fid for row in listing.rows] for listing in found]


def _pages(database: Database, afters: Sequence[int]) -> list[list[int]]:
    with database.read() as session:
        found = [service.list_facilities(session, FacilityQuery(), Page(after=at, limit=PAGE)) for at in afters]
        return [[row.fid for row in listing.rows] for listing in found]


def _with_and_without(
    database: Database, wall: Wall, connection: http.client.HTTPConnection, case: Case, rounds: int
) -> list[Row]:
    answers = []

    def under(*, up: bool) -> Measured:
        def measured() -> float:
            wall.switch(up=up)
            with database.read() as session:
                insist(bool(standing(session).unwalled) is not up, "the wall isn't as it should be")
            # Not counted: the first question after a change looks tables up again, and connects; servers keep a
            # connection for five seconds.
            connection.close()
            answers.append(case.ask())
            return timed(case.ask)()

        return measured

    found = interleaved({"ours": under(up=True), "peer": under(up=False)}, rounds)
    insist(all(answer == answers[0] for answer in answers), f"{case.name}: other answers without the wall")
    ours, without = (Series(tuple(each / ASKED for each in found[name].seconds)) for name in ("ours", "peer"))
    allowed = Series(tuple(each * ALLOWED for each in without.seconds))
    return [
        Row(case.name, case.size, ours),
        Row(f"{case.name}, without the wall", case.size, without, ratio(without, ours)),
        Row(
            f"{case.name}, what is allowed", case.size, allowed, ratio(allowed, ours), promised=1,
            note=f"allowed: {ALLOWED:g} x without the wall",
        ),
    ]  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and publish, in a registry of its own that is removed afterwards; 1 when a promise was broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", nargs="+", help="there is one size in this one")
    parser.add_argument("--no-pandana", action="store_true", help="there is none in this one")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    rounds = parser.parse_args(arguments).rounds
    with tiles.own_registry() as (database, settings):
        fill(database)
        tiles.vacuum(settings)
        with served(settings.data_path) as url:
            rows, checks = measure(database, database_urls(settings).owner_url, url, rounds=rounds)
    return 0 if publish(Report("walls", "The second wall", rows, checks)) else 1


if __name__ == "__main__":
    sys.exit(main())
