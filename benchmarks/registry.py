"""The registry whole, its database included: files imported, a network built, a coverage run performed and stored.

A city as in `benchmarks.city`, but from files: roads as a GeoPackage, divisions, facilities and population as CSV. The
peer of an import is the floor under it: PostgreSQL's COPY of the same file into a table with no index, constraint,
history or check. A run is the whole of `coverage run`: read from the database, evaluate, write every point's answer.
Then facilities of that run are moved, over HTTP, as a page does while one is dragged.
"""

import argparse
import csv
import http.client
import json
import random
import sys
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import numpy as np
import pyogrio
import shapely
from psycopg2.extensions import connection as DriverConnection  # noqa: N812 - it is a class

from benchmarks.city import COUNTIES, SNAP_LIMIT_M, TOWNSHIPS, VILLAGES, City, city_on
from benchmarks.graphs import MEASURED_SIZES, SIZES, street_roads
from benchmarks.nearest import insist
from benchmarks.report import Report, Row, publish
from benchmarks.server import served
from benchmarks.timing import Measured, Series, interleaved, limited, ratio, timed
from geo_registry.accounts.actors import local_operator
from geo_registry.coverage import exports, queries, service
from geo_registry.coverage.inputs import Question, Standard, Words
from geo_registry.db.cluster import stop
from geo_registry.db.paging import Page
from geo_registry.db.session import Database
from geo_registry.db.startup import open_database
from geo_registry.exchange.inputs import ImportCommand
from geo_registry.exchange.service import import_file
from geo_registry.network.graph import RoadLines, compile_graph, no_barriers
from geo_registry.network.queries import roads as road_dataset
from geo_registry.network.service import load_network
from geo_registry.settings import Settings
from geo_registry.vocabulary import (
    DatasetKind,
    DivisionLevel,
    FacilityKind,
    PopulationBasis,
    StandardFamily,
    TravelMode,
)

IMPORT_ROUNDS = {"1k": 1, "100k": 3, "1m": 1}
RUN_ROUNDS = 5
EDITS = 200
LIVE_P95_S = 0.060
AS_OF = date(2020, 11, 1)

STANDARD = Standard(
    key="benchmark",
    name=Words(zh="基准测试", en="benchmark"),
    family=StandardFamily.REACH,
    demand="all",
    basis=PopulationBasis.RESIDENT,
    kinds=(FacilityKind.HOME_CARE_CENTRE,),
    mode=TravelMode.WALK,
    speed_kmh=4.0,
    minutes=10,
    snap_limit_m=SNAP_LIMIT_M,
    source="the benchmark",
)


def write_files(folder: Path, lines: RoadLines, city: City) -> None:
    """The city's four files."""
    codes = _codes()
    _table(
        folder / "divisions.csv",
        ("code", "name", "parent", "vintage"),
        [(code, f"示例 {code}", parent, 2025) for code, parent in codes],
    )
    _table(
        folder / "population.csv",
        ("id", "lon", "lat", "division", "total_population"),
        [
            (f"p{at}", lon, lat, codes[zone][0], int(people))
            for at, (lon, lat, zone, people) in enumerate(zip(city.lon, city.lat, city.zone, city.people, strict=True))
        ],
    )
    _table(
        folder / "facilities.csv",
        ("id", "name", "kind", "lon", "lat"),
        [
            (f"f{at}", f"示例中心 {at}", FacilityKind.HOME_CARE_CENTRE.value, lon, lat)
            for at, (lon, lat) in enumerate(zip(city.facility_lon, city.facility_lat, strict=True))
        ],
    )
    of_line = np.repeat(np.arange(len(lines.road_fid)), np.diff(lines.vertex_ptr))
    drawn = shapely.linestrings(np.column_stack((lines.lon, lines.lat)), indices=of_line)
    pyogrio.raw.write(
        folder / "roads.gpkg",
        shapely.to_wkb(drawn),
        [lines.road_fid, lines.highway.astype(object)],
        ["source_id", "highway"],
        geometry_type="LineString",
        crs="EPSG:4490",
    )
    _table(
        folder / "roads.csv",
        ("source_id", "highway", "geom"),
        list(zip(lines.road_fid, lines.highway, shapely.to_wkb(drawn, hex=True), strict=True)),
    )


def _codes() -> list[tuple[str, str]]:
    """Code and parent's code of every division, in the order of `City.zone`."""
    city = "330700000000"
    counties = [f"3307{at + 1:02d}000000" for at in range(COUNTIES)]
    townships = [f"{counties[at % COUNTIES][:6]}{at // COUNTIES + 1:03d}000" for at in range(TOWNSHIPS)]
    villages = [f"{townships[at % TOWNSHIPS][:9]}{at // TOWNSHIPS + 200:03d}" for at in range(VILLAGES)]
    return [
        (city, ""),
        *((code, city) for code in counties),
        *((code, counties[at % COUNTIES]) for at, code in enumerate(townships)),
        *((code, townships[at % TOWNSHIPS]) for at, code in enumerate(villages)),
    ]


def _table(path: Path, header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(header)
        table.writerows(rows)


class Importing:
    """Imports of one file, each time as a new dataset, and the floor under them."""

    def __init__(self, database: Database, kind: DatasetKind, path: Path, floor: Path, columns: str) -> None:
        self._database = database
        self._kind = kind
        self._path = path
        self._floor = floor
        self._columns = columns
        self._number = 0
        self.dataset = ""
        self.rows = 0

    def ours(self) -> None:
        """Import the file as a dataset that isn't there yet, every row of it."""
        self._number += 1
        self.dataset = f"{self._kind.value}-{self._number}"
        population = self._kind is DatasetKind.POPULATION
        command = ImportCommand(
            kind=self._kind,
            path=self._path,
            dataset=self.dataset,
            basis=PopulationBasis.RESIDENT if population else None,
            as_of=AS_OF if population else None,
        )
        report = import_file(self._database, command, actor=local_operator())
        insist(report.taken and not report.refused, f"{self._path.name}: {report.refused} rows were refused")
        self.rows = report.created

    def peer(self) -> None:
        """COPY the same rows into a table that nobody asks."""
        with self._database.engine.connect() as connection, self._floor.open(encoding="utf-8") as file:
            raw = connection.connection.dbapi_connection
            assert isinstance(raw, DriverConnection)
            with raw.cursor() as cursor:
                cursor.execute(f"CREATE TEMPORARY TABLE floor ({self._columns}) ON COMMIT DROP")
                cursor.copy_expert("COPY floor FROM STDIN (FORMAT csv, HEADER)", file)
            raw.rollback()


def measure(size: str, database: Database, folder: Path) -> tuple[list[Row], list[str]]:
    """The rows of one size, and what was found to agree."""
    lines = street_roads(SIZES[size])
    city = city_on(compile_graph(lines, no_barriers(), TravelMode.WALK))
    write_files(folder, lines, city)
    for kind in (DatasetKind.DIVISIONS, DatasetKind.FACILITIES):
        import_file(database, ImportCommand(kind=kind, path=folder / f"{kind.value}.csv"), actor=local_operator())
    roads = Importing(
        database,
        DatasetKind.ROADS,
        folder / "roads.gpkg",
        folder / "roads.csv",
        "source_id text, highway text, geom geometry(LineString, 4490)",
    )
    people = Importing(
        database,
        DatasetKind.POPULATION,
        folder / "population.csv",
        folder / "population.csv",
        "id text, lon float8, lat float8, division text, people int",
    )
    rows = [*_imports(size, "roads from a GeoPackage", roads), *_imports(size, "population from CSV", people)]
    question = Question(roads=roads.dataset, population=people.dataset)

    def build() -> None:
        with database.read() as session:
            load_network(session, folder / "data", road_dataset(session, roads.dataset), TravelMode.WALK)

    def run() -> None:
        service.run_now(
            database, standard=STANDARD, question=question, actor=local_operator(), data_path=folder / "data"
        )

    rows.append(Row("network build, from the database to the disk", size, Series((timed(build)(),))))
    rows.append(Row("coverage run, from order to stored answers", size, _alone(run), note=f"{len(city.lon):,} points"))
    return rows, [_agreement(database, size, city)]


def edits(database: Database, url: str, size: str) -> list[Row]:
    """Facilities of the last run moved, each question over HTTP on a kept connection."""
    with database.read() as session:
        run = queries.list_runs(session, Page(limit=1)).rows[0].id
        facilities = queries.list_facilities(session, run)
    fids, lons, lats = zip(*((one.facility_fid, one.lon, one.lat) for one in facilities), strict=True)
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=300)
    chance = random.Random(EDITS)  # noqa: S311 - the same edits in every run, not a secret

    def move() -> None:
        edit = {
            "do": "move",
            "facility": chance.choice(fids),
            "lon": chance.uniform(min(lons), max(lons)),
            "lat": chance.uniform(min(lats), max(lats)),
        }
        body = json.dumps({"run": str(run), "edits": [edit]})
        connection.request("POST", "/api/v1/coverage/live", body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        said = answer.read()
        insist(answer.status == http.client.OK, said.decode())

    first = Series((timed(move)(),))
    found = Series(tuple(timed(move)() for _ in range(EDITS)))
    connection.close()
    slow = Series((found.p95,))
    return [
        Row("first question about a run, its data read again", size, first),
        Row("a facility moved, over HTTP", size, found, note=f"{EDITS} edits"),
        Row("the same, 95 of 100 are faster", size, slow, limited(LIVE_P95_S, slow), promised=1, note="allowed: 60 ms"),
    ]


def _imports(size: str, case: str, importing: Importing) -> list[Row]:
    cases: dict[str, Measured] = {"ours": timed(importing.ours), "peer": timed(importing.peer)}
    found = interleaved(cases, IMPORT_ROUNDS[size], warm_up=0)
    rate = importing.rows / found["ours"].middle
    return [
        Row(f"import, {case}", size, found["ours"], note=f"{importing.rows:,} rows, {rate:,.0f} a second"),
        Row("COPY of the same rows alone", size, found["peer"], ratio(found["peer"], found["ours"]), note="the floor"),
    ]


def _alone(run: Callable[[], None]) -> Series:
    return interleaved({"ours": timed(run)}, RUN_ROUNDS)["ours"]


def _agreement(database: Database, size: str, city: City) -> str:
    """The last stored run adds up to the people who were handed in, over its points and over its zones alike."""
    with database.read() as session:
        result = exports.result_of(session, queries.list_runs(session, Page(limit=1)).rows[0].id)
        demand = float(city.people.sum())
        points = sum(point.demand for point in result.points())
        zones = sum(zone.demand for zone in result.zones if zone.level == DivisionLevel.VILLAGE.value)
    insist(points == zones == demand, f"people don't add up: {points}, {zones}, {demand}")
    return f"{size}: the stored answers hold all {demand:,.0f} people, by point and by village"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and publish, in a registry of its own that is removed afterwards."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", nargs="+", choices=SIZES, default=list(MEASURED_SIZES))
    parser.add_argument("--no-pandana", action="store_true", help="there is none in this one")
    options = parser.parse_args(arguments)
    rows: list[Row] = []
    checks: list[str] = []
    for size in options.sizes:
        with TemporaryDirectory(prefix="geo-") as temporary:
            folder = Path(temporary)
            # The cluster is another user's where root measures.
            folder.chmod(0o755)
            database = open_database(Settings(data_dir=folder / "data"))
            try:
                more, said = measure(size, database, folder)
                with served(folder / "data") as url:
                    more += edits(database, url, size)
            finally:
                database.dispose()
                stop(folder / "data")
        rows += more
        checks += said
    return 0 if publish(Report("registry", "The registry whole, its database included", rows, checks)) else 1


if __name__ == "__main__":
    sys.exit(main())
