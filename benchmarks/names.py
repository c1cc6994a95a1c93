"""Names checked: one against a million, and all of them as a work list.

A million places in ninety counties of two built-up areas each, called as unevenly as real ones are: a few names (人民路, 中山路)
have thousands of places. Ours is the check of a name as the service has it; the peer asks the places themselves, by an
index on their names, and PostGIS whether they lie in the same built-up area: it finds the same spelling alone, no
sound. All names are reviewed as `names review` does; the peer groups the same names by built-up area in pandas, and finds
the duplicates alone. Promised: 95 of 100 checks within 10 ms, the review within two minutes.
"""

import argparse
import json
import random
import sys
from collections.abc import Iterator, Sequence
from time import perf_counter
from uuid import UUID

import pandas as pd
from sqlalchemy import text

from benchmarks import tiles
from benchmarks.nearest import insist
from benchmarks.report import Report, Row, publish
from benchmarks.timing import Series, limited, ratio
from geo_registry.accounts.actors import local_operator
from geo_registry.db.copying import insert_rows
from geo_registry.db.engine import make_engine
from geo_registry.db.paging import Page
from geo_registry.db.session import LOCAL_OPERATOR, Database
from geo_registry.db.startup import database_urls
from geo_registry.places import clearing, service
from geo_registry.places.checking import NameQuestion
from geo_registry.places.clearing import FindingQuery
from geo_registry.places.rules.collisions import MOST
from geo_registry.places.rules.findings import Finding
from geo_registry.search import keeping
from geo_registry.vocabulary import FindingCode, PlaceClass

NAMES = 1_000_000
ROUNDS = 5
ASKED = 200
"""Names that are checked a round."""
REVIEWS = 1

CHECK_S = 0.010
REVIEW_S = 120.0

COUNTIES, TOWNSHIPS = 90, 15
FIRST = 101
"""The number of the first county, in the digits behind the province's."""
STEP_DEG = 0.5
"""A county's width and height; its built-up areas are two squares in it, its townships strips."""
AREA_DEG = 0.2
CORNERS = (0.0, 0.25)
"""How far east and north of a county's corner its built-up areas begin, in degrees."""

COMMON = "人民 中山 解放 建设 和平 光明 新华 文化 胜利 东风 青年 迎宾 府前 站前 滨江 环城 学府 工业 幸福 团结 振兴 长江 湖滨 西湖 北京 上海"
CHARACTERS = "安宝北昌长城春大德东丰福富高光广桂国海河和恒红湖华怀环惠吉佳嘉建江金锦景九康兰乐丽临灵龙罗梅民明南宁平浦青清庆泉荣瑞三山上胜石寿双水松太泰天通桐万文武西溪霞祥新兴星秀旭阳宜永玉元云泽振正忠竹紫"
SHARES: Sequence[tuple[PlaceClass, Sequence[str], float]] = (
    (PlaceClass.STREET, ("路", "街", "巷", "大道", "弄"), 0.40),
    (PlaceClass.RESIDENTIAL_AREA, ("小区", "花园", "苑", "家园", "新村"), 0.25),
    (PlaceClass.BUILDING, ("大厦", "广场", "中心"), 0.08),
    (PlaceClass.VILLAGE, ("村", "庄", "宅", "塘", "头"), 0.20),
    (PlaceClass.BRIDGE, ("桥", "大桥"), 0.04),
    (PlaceClass.MOUNTAIN, ("山", "岭", "尖"), 0.03),
)
COMMON_SHARE = 0.12
"""Of all names: those whose specific part is among the common ones, the first ones most."""

Made = tuple[str, str, str, float, float, str]
"""Class, name, division's code, longitude, latitude, geometry (EWKT)."""

DIVISIONS = text("""
    INSERT INTO division (code, name, level, vintage, geom)
    SELECT code, name, level, 2023, ST_Multi(ST_MakeEnvelope(west, south, east, north, 4490)) FROM
        json_to_recordset(CAST(:rows AS json))
        AS given (code text, name text, level text, west float, south float, east float, north float)
""")
AREAS = text("""
    INSERT INTO built_up_area (key, name, geom)
    SELECT key, key, ST_Multi(ST_MakeEnvelope(west, south, west + :size, south + :size, 4490)) FROM
        json_to_recordset(CAST(:rows AS json)) AS given (key text, west float, south float)
""")
PEER = text("""
    SELECT place.id FROM place JOIN built_up_area AS area ON ST_Intersects(area.geom, place.geom)
    WHERE lower(place.standard_name) = lower(:name) AND place.class = ANY(:classes)
        AND ST_Intersects(area.geom, ST_SetSRID(ST_MakePoint(:lon, :lat), 4490))
""")
PEER_INDEX = "CREATE INDEX ix_peer ON place (lower(standard_name))"
ALL = text("""
    SELECT CAST(place.id AS text) AS id, standard_name AS name, CAST(area.id AS text) AS area,
        CASE class WHEN 'street' THEN 'street' ELSE 'estate' END AS pool
    FROM place JOIN built_up_area AS area ON place.geom && area.geom AND ST_Intersects(area.geom, place.geom)
    WHERE class IN ('street', 'residential-area', 'building')
""")
POOLS = {
    PlaceClass.STREET: ["street"],
    PlaceClass.RESIDENTIAL_AREA: ["residential-area", "building"],
    PlaceClass.BUILDING: ["residential-area", "building"],
}


def corner(county: int) -> tuple[float, float]:
    """The south-western corner of a county, in degrees."""
    return 116.0 + county % 10 * STEP_DEG, 26.0 + county // 10 * STEP_DEG


def made(chance: random.Random) -> Made:
    """A place at random."""
    place_class, generics, _ = chance.choices(SHARES, [share for *_, share in SHARES])[0]
    common = COMMON.split()
    if chance.random() < COMMON_SHARE:
        specific = chance.choices(common, [1 / rank for rank in range(1, len(common) + 1)])[0]
    else:
        specific = "".join(chance.choices(CHARACTERS, k=chance.choice((2, 2, 3))))
    county = chance.randrange(COUNTIES)
    west, south = corner(county)
    lon, lat = west + chance.random() * (STEP_DEG - 0.01), south + chance.random() * STEP_DEG
    township = int((lon - west) / STEP_DEG * TOWNSHIPS) + 1
    geometry = f"SRID=4490;POINT({lon:.6f} {lat:.6f})"
    if place_class is PlaceClass.STREET:
        geometry = f"SRID=4490;LINESTRING({lon:.6f} {lat:.6f},{lon + 0.004:.6f} {lat:.6f})"
    return (
        place_class.value,
        specific + chance.choice(generics),
        f"33{FIRST + county:04d}{township:03d}000",
        lon,
        lat,
        geometry,
    )


def fill(database: Database, many: int | None = None) -> None:
    """Divisions, built-up areas and places, the same ones every time, with the keys of their names."""
    chance = random.Random(7)  # noqa: S311 - the same names in every run, not a secret
    divisions, areas = [], []
    for county in range(COUNTIES):
        west, south = corner(county)
        box = {"west": west, "south": south, "east": west + STEP_DEG, "north": south + STEP_DEG}
        divisions.append(
            {"code": f"33{FIRST + county:04d}000000", "name": f"{CHARACTERS[county]}州县", "level": "county", **box}
        )
        for township in range(TOWNSHIPS):
            width = STEP_DEG / TOWNSHIPS
            strip = {**box, "west": west + township * width, "east": west + (township + 1) * width}
            name = CHARACTERS[county] + CHARACTERS[township] + "镇"
            code = f"33{FIRST + county:04d}{township + 1:03d}000"
            divisions.append({"code": code, "name": name, "level": "township", **strip})
        areas += [
            {"key": f"{county}-{each}", "west": west + corner_deg, "south": south + corner_deg}
            for each, corner_deg in enumerate(CORNERS)
        ]
    with database.write(actor=LOCAL_OPERATOR) as session:
        session.execute(DIVISIONS, {"rows": json.dumps(divisions)})
        session.execute(AREAS, {"rows": json.dumps(areas), "size": AREA_DEG})
        ids = {row.code: str(row.id) for row in session.execute(text("SELECT code, id FROM division"))}
        insert_rows(
            session,
            "place",
            ("class", "standard_name", "division_id", "geom"),
            _rows(chance, ids, NAMES if many is None else many),
        )
    keeping.make_all(database)


def _rows(chance: random.Random, ids: dict[str, str], many: int) -> Iterator[tuple[str, str, str, str]]:
    for _ in range(many):
        place_class, name, code, _, _, geometry = made(chance)
        yield place_class, name, ids[code], geometry


def measure(database: Database, owner_url: str, *, rounds: int = ROUNDS) -> tuple[list[Row], list[str]]:
    """The rows, and what was found to agree."""
    owner = make_engine(owner_url, pool_size=1)
    with owner.begin() as connection:
        connection.execute(text(PEER_INDEX))
        connection.execute(text("ANALYZE"))
    owner.dispose()
    checks, rows = _checked(database, rounds)
    reviewed, found = _reviewed(database)
    return [*rows, *reviewed], [*checks, *found]


def _checked(database: Database, rounds: int) -> tuple[list[str], list[Row]]:
    chance = random.Random(11)  # noqa: S311
    questions: list[NameQuestion] = []
    while len(questions) < ASKED:
        place_class, name, code, lon, lat, _ = made(chance)
        if PlaceClass.of(place_class) in POOLS and _built_up(lon, lat):
            questions.append(NameQuestion(name, PlaceClass.of(place_class), code, lon, lat))
    ours: dict[float, list[float]] = {0.5: [], 0.95: []}
    peers: list[float] = []
    duplicates = 0
    with database.read() as session:
        for number in range(-1, rounds):
            taken, taken_by_peer = [], []
            for question in questions:
                began = perf_counter()
                findings = service.check_name(session, question, actor=local_operator())
                taken.append(perf_counter() - began)
                asked = {"name": question.name, "classes": POOLS[question.place_class]}
                began = perf_counter()
                peer = set(session.scalars(PEER, {**asked, "lon": question.lon, "lat": question.lat}))
                taken_by_peer.append(perf_counter() - began)
                if number < 0:
                    duplicates += len(peer)
                    _agree(question, findings, peer)
            if number >= 0:
                for share, series in ours.items():
                    series.append(sorted(taken)[int(len(taken) * share)])
                peers.append(sorted(taken_by_peer)[len(taken_by_peer) * 95 // 100])
    series_95 = Series(tuple(ours[0.95]))
    size = f"{NAMES:,} names"
    rows = [
        Row("a name checked, of 100 the middle one", size, Series(tuple(ours[0.5]))),
        Row(
            "a name checked, of 100 the 95th", size, series_95, limited(CHECK_S, series_95), promised=1,
            note=f"allowed: {CHECK_S * 1000:g} ms",
        ),
        Row("by an index on names, of 100 the 95th", size, Series(tuple(peers)), ratio(Series(tuple(peers)), series_95)),
    ]  # fmt: skip
    return [f"{ASKED} names have the duplicates that the peer finds ({duplicates} of them)"], rows


def _built_up(lon: float, lat: float) -> bool:
    """Whether a position lies in a built-up area: elsewhere the township stands in, of which the peer knows nothing."""
    east, north = (lon - 116.0) % STEP_DEG, (lat - 26.0) % STEP_DEG
    return any(west < east < west + AREA_DEG and west < north < west + AREA_DEG for west in CORNERS)


def _agree(question: NameQuestion, findings: Sequence[Finding], peer: set[UUID]) -> None:
    others = [each.collides_with for each in findings if each.code is FindingCode.DUPLICATE]
    found = {other.id for other in others if other is not None}
    enough = found == peer if len(peer) <= MOST else found <= peer and len(found) == MOST
    insist(enough, f"{question}: {len(found)} duplicates, the peer has {len(peer)}")


def _reviewed(database: Database) -> tuple[list[Row], list[str]]:
    seconds, by_peer = [], []
    for _ in range(REVIEWS):
        began = perf_counter()
        service.review_now(database, actor=local_operator())
        seconds.append(perf_counter() - began)
        began = perf_counter()
        duplicated = _duplicated(database)
        by_peer.append(perf_counter() - began)
    with database.read() as session:
        last = clearing.last_review(session)
        query = FindingQuery(code=FindingCode.DUPLICATE)
        found, after = set(), 0
        while True:
            page = service.list_findings(session, query, Page(after=after, limit=10_000), actor=local_operator())
            found |= {
                str(row.record) for row in page.rows if row.kind in {each for of in POOLS.values() for each in of}
            }
            if page.next_after is None:
                break
            after = page.next_after
    insist(last is not None and last.names >= NAMES, "not all names were reviewed")
    insist(duplicated <= found, f"{len(duplicated - found)} duplicates that pandas finds aren't in the review")
    series, peer = Series(tuple(seconds)), Series(tuple(by_peer))
    size = f"{NAMES:,} names"
    rows = [
        Row("all names reviewed", size, series, limited(REVIEW_S, series), promised=1, note=f"allowed: {REVIEW_S:g} s"),
        Row("their duplicates in pandas", size, peer, ratio(peer, series)),
    ]
    assert last is not None
    return rows, [
        f"the review has every duplicate that pandas finds ({len(duplicated):,} names) among {last.findings:,} findings"
    ]


def _duplicated(database: Database) -> set[str]:
    with database.read() as session:
        frame = pd.DataFrame(session.execute(ALL).mappings().all(), columns=["id", "name", "area", "pool"])
    return set(frame.loc[frame.duplicated(["name", "area", "pool"], keep=False), "id"])


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
        rows, checks = measure(database, database_urls(settings).owner_url, rounds=rounds)
    return 0 if publish(Report("names", "Names checked", rows, checks)) else 1


if __name__ == "__main__":
    sys.exit(main())
