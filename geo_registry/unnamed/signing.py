"""The signs that are planned for lanes which are filed or named: a view of the lanes and the network, kept nowhere.

As long as no sign stands, what is planned follows from both: nothing of it can get out of step with a name.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import numpy as np
import shapely
from sqlalchemy import text

from geo_registry.db.session import ReadSession
from geo_registry.errors import DatasetUnknown
from geo_registry.network.queries import roads as road_dataset
from geo_registry.places.romanisation.engine import romanise
from geo_registry.places.romanisation.syllables import bare
from geo_registry.unnamed import queries
from geo_registry.unnamed.plane import Lines, latitudes, metre_at, on_plane
from geo_registry.unnamed.queries import LaneQuery, LaneRow
from geo_registry.unnamed.signs import Spot, planned
from geo_registry.vocabulary import LaneStatus, PlaceClass, PositionQuality

SIGNED = (LaneStatus.FILED, LaneStatus.NAMED)
MOST_COUNTED = 3_000
"""Lanes whose signs are counted while somebody waits, as many as a county has in its first years: a second's work."""
AROUND_DEG = 0.0001
ALONG_M = 25.0
"""How near the street lies whose name a lane has that no case of ours named."""

ROADS_AROUND = text("""
    SELECT ST_AsBinary(geom) FROM road_segment WHERE dataset_id = :dataset AND EXISTS (
        SELECT FROM unnamed_lane WHERE id = ANY (CAST(:lanes AS uuid[])) AND unnamed_lane.geom && ST_Expand(road_segment.geom, :around)
    ) AND geom && ST_MakeEnvelope(:west, :south, :east, :north, 4490) ORDER BY fid
""")
CALLED = text("SELECT line, name, romanized FROM lanes_called(CAST(:lines AS uuid[]))")
OF_PLACES = text("SELECT lane, place_id FROM lanes_of_places(CAST(:places AS uuid[]))")


@dataclass(frozen=True, slots=True)
class PlannedSign:
    """A sign that is to be set up: where, which way its plate is, and what it shows."""

    lane: LaneRow
    spot: Spot
    name: str
    romanized: str
    """In capitals, without tones, as signs show it."""

    @property
    def synthetic(self) -> bool:
        """Whether its road is made up."""
        return self.lane.position_quality == PositionQuality.SYNTHETIC.value


def signs_in(session: ReadSession, query: LaneQuery) -> Sequence[PlannedSign]:
    """The signs of the lanes that are asked for, as far as they are filed or named, by division, then from the west."""
    rows = [row for status in SIGNED for row in _rows(session, query, status, None)]
    return signs_of(session, sorted(rows, key=lambda row: (row.division_code or "~", *row.line.bounds[:2], row.fid)))


def signs_counted(session: ReadSession, query: LaneQuery) -> Counter[str] | None:
    """How many signs are planned, by the divisions of their lanes; None of more lanes than a page waits for."""
    rows = [row for status in SIGNED for row in _rows(session, query, status, MOST_COUNTED + 1)]
    if len(rows) > MOST_COUNTED:
        return None
    return Counter(sign.lane.division_code or "" for sign in signs_of(session, rows))


def _rows(session: ReadSession, query: LaneQuery, status: LaneStatus, limit: int | None) -> Sequence[LaneRow]:
    return queries.rows_matching(session, replace(query, status=status), after=0, limit=limit)


def signs_of(session: ReadSession, lanes: Sequence[LaneRow]) -> Sequence[PlannedSign]:
    """The signs of some lanes, as far as these are filed or named."""
    rows = [row for row in lanes if row.status in SIGNED]
    if not rows:
        return []
    called = _called(session, rows)
    known: dict[tuple[str, str], int] = {}
    rows = [row for row in rows if row.id in called]
    roads = [known.setdefault((called[row.id][0], (row.division_code or "")[:9]), len(known)) for row in rows]
    lines = np.array([row.line for row in rows], dtype=object)
    spots = planned(lines, np.array(roads, np.int64), _roads_around(session, rows, lines))
    return [PlannedSign(rows[spot.lane], spot, *called[rows[spot.lane].id]) for spot in spots]


def signs_at(session: ReadSession, places: Collection[UUID]) -> Mapping[UUID, Sequence[PlannedSign]]:
    """The signs that are planned for places which lanes became, by the places."""
    found = session.execute(OF_PLACES, {"places": list(places)}).all()
    of = {row.lane: row.place_id for row in found}
    at: dict[UUID, list[PlannedSign]] = {}
    for sign in signs_of(session, queries.rows_called(session, of)):
        at.setdefault(of[sign.lane.id], []).append(sign)
    return at


def _called(session: ReadSession, rows: Sequence[LaneRow]) -> Mapping[UUID, tuple[str, str]]:
    """What stands on the signs of each lane: as its case has it, as the street along it is called, or as was proposed."""
    lines = [row.case_name_id for row in rows if row.case_name_id is not None]
    of_cases = {found.line: found for found in session.execute(CALLED, {"lines": lines})}
    besides = [row for row in rows if row.case_name_id not in of_cases]
    along = _streets_along(session, besides)
    called: dict[UUID, tuple[str, str]] = {}
    for row in rows:
        found = of_cases.get(row.case_name_id) if row.case_name_id is not None else None
        name = found.name if found is not None else along.get(row.id) or row.proposed_name
        if name:
            decided = found.romanized if found is not None else None
            spelling = romanise(name, PlaceClass.STREET).spelling
            called[row.id] = name, bare(decided).upper() if decided else spelling.sign
    return called


def _streets_along(session: ReadSession, rows: Sequence[LaneRow]) -> Mapping[UUID, str]:
    """The street that each lane lies along, by its name, where one is near its middle."""
    if not rows:
        return {}
    lines = np.array([row.line for row in rows], dtype=object)
    streets = queries.streets_near(session, queries.box_around(lines))
    if not streets.geometries.size:
        return {}
    middles = on_plane(shapely.line_interpolate_point(lines, 0.5, normalized=True))
    near = shapely.STRtree(on_plane(streets.geometries)).query_nearest(
        middles, max_distance=ALONG_M * float(metre_at(latitudes(lines).mean())), all_matches=False
    )
    return {rows[lane].id: streets.names[street] for lane, street in near.T.tolist()}


def _roads_around(session: ReadSession, rows: Sequence[LaneRow], lines: Lines) -> Lines:
    try:
        dataset = road_dataset(session, None)
    except DatasetUnknown:
        return np.empty(0, object)
    box = queries.box_around(lines).widened(AROUND_DEG)
    asked = {"dataset": dataset.id, "lanes": [row.id for row in rows], "around": AROUND_DEG}
    sides = {"west": box.west, "south": box.south, "east": box.east, "north": box.north}
    found = session.scalars(ROADS_AROUND, asked | sides)
    shapes: Lines = shapely.from_wkb(np.array([bytes(each) for each in found], dtype=object))
    return shapes
