"""Which names are offered for lanes: proposals checked by the rules of names, against the registry and one another."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np
import shapely

from geo_registry.db.session import ReadSession
from geo_registry.divisions.queries import DivisionName, names_of
from geo_registry.jobs.progress import Progress, unheard
from geo_registry.places.checking import NameQuestion, check
from geo_registry.places.rules.collisions import collisions
from geo_registry.places.rules.findings import Finding, Subject
from geo_registry.places.rules.generics import by_level, split
from geo_registry.unnamed import queries
from geo_registry.unnamed.course import COMPASS
from geo_registry.unnamed.plane import latitudes, metre_at, on_plane
from geo_registry.unnamed.proposing import NEAR_M, Feature, Proposal, Surroundings, proposals
from geo_registry.unnamed.queries import Features, LaneQuery, LaneRow
from geo_registry.vocabulary import DivisionLevel, LaneStatus, PlaceClass, Severity

SHORTEST_SPECIFIC = 2
"""Characters that a village's name keeps at least."""
MOST_FEATURE_CHARACTERS = 6
"""A longer name makes no lane's."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A proposal for a lane, and what the rules of names say of it."""

    proposal: Proposal
    findings: Sequence[Finding]

    @property
    def forbidden(self) -> bool:
        """Whether a rule says no."""
        return any(each.severity is Severity.ERROR for each in self.findings)

    @property
    def warned(self) -> int:
        """How many findings a person would have to decide on."""
        return sum(each.severity is Severity.WARNING for each in self.findings)


def offers(
    session: ReadSession, lanes: Sequence[LaneRow], *, taken: Sequence[Subject] = (), progress: Progress = unheard
) -> Mapping[UUID, Sequence[Offer]]:
    """Names for each lane, those that no rule forbids first; of several lanes no two are offered the same one first.

    Parameters
    ----------
    taken
        Names that are proposed already, of other lanes: what collides with them is no better than with the registry's.
    """
    chosen = list(taken)
    offered: dict[UUID, Sequence[Offer]] = {}
    around = _surroundings(session, lanes)
    for done, lane in enumerate(lanes, start=1):
        progress("check names", done, len(lanes))
        ranked = ranked_offers(session, lane, proposals(around[lane.id]), chosen)
        offered[lane.id] = ranked
        if ranked and not ranked[0].forbidden:
            chosen.append(subject_of(lane, ranked[0].proposal.name))
    return offered


def ranked_offers(
    session: ReadSession, lane: LaneRow, candidates: Sequence[Proposal], others: Sequence[Subject]
) -> Sequence[Offer]:
    """Proposals for one lane in the order that they are offered: allowed ones first, then by what a person has to decide."""
    made = [Offer(each, findings_of(session, lane, each.name, others)) for each in candidates]
    return sorted(made, key=lambda offer: (offer.forbidden, offer.warned))


def findings_of(session: ReadSession, lane: LaneRow, name: str, others: Sequence[Subject]) -> Sequence[Finding]:
    """What the rules of names say of a name for a lane: by itself, against the registry, against other lanes' names.

    Another lane that is to have the very same name isn't told of where both are one road (`taken_beside`).
    """
    subject = subject_of(lane, name)
    question = NameQuestion(
        name,
        PlaceClass.STREET,
        division=lane.division_code,
        lon=subject.lon,
        lat=subject.lat,
        detail={"length_m": lane.length_m} | ({"width_m": lane.width_m} if lane.width_m else {}),
    )
    return [*check(session, question), *collisions(subject, others)]


def subject_of(lane: LaneRow, name: str) -> Subject:
    """A name of a lane as the rules take it."""
    middle = shapely.line_interpolate_point(lane.line, 0.5, normalized=True)
    return Subject(
        name=name, place_class=PlaceClass.STREET, id=lane.id, division=lane.division_code, lon=middle.x, lat=middle.y
    )


def taken_beside(session: ReadSession, lanes: Sequence[LaneRow]) -> Sequence[Subject]:
    """The names that are proposed for other lanes of the same townships."""
    own = {lane.id for lane in lanes}
    townships = {lane.division_code[:9] for lane in lanes if lane.division_code}
    beside = [
        row
        for township in sorted(townships)
        for status in (LaneStatus.PROPOSED, LaneStatus.FILED)
        for row in queries.rows_matching(session, LaneQuery(division=township, status=status), after=0, limit=None)
        if row.id not in own
    ]
    return [subject_of(row, row.proposed_name) for row in beside if row.proposed_name]


def _surroundings(session: ReadSession, lanes: Sequence[LaneRow]) -> Mapping[UUID, Surroundings]:
    if not lanes:
        return {}
    names = names_of(session, [lane.division_code for lane in lanes if lane.division_code])
    ordinals = _ordinals(session, lanes)
    lines = np.array([lane.line for lane in lanes], dtype=object)
    features = queries.features_near(session, queries.box_around(lines))
    near = _near(lines, features)
    return {
        lane.id: Surroundings(
            length_m=lane.length_m,
            highway=lane.highway,
            shape=lane.course.shape,
            village=_specific(names.get(lane.division_code or "")),
            features=near[at],
            wishes=queries.wishes_for(session, lane),
            ordinal=ordinals[lane.id],
        )
        for at, lane in enumerate(lanes)
    }


def _ordinals(session: ReadSession, lanes: Sequence[LaneRow]) -> Mapping[UUID, int]:
    """Which of its division's lanes each is, counted from the west."""
    there = {row.id: row for row in lanes}
    for code in sorted({lane.division_code for lane in lanes if lane.division_code}):
        there |= {row.id: row for row in queries.rows_matching(session, LaneQuery(division=code), after=0, limit=None)}
    counted: Counter[str | None] = Counter()
    ordinals: dict[UUID, int] = {}
    for row in sorted(there.values(), key=lambda row: (*row.line.bounds[:2], row.fid)):
        if row.status is not LaneStatus.GONE:
            counted[row.division_code] += 1
        ordinals[row.id] = max(counted[row.division_code], 1)
    return ordinals


def _specific(division: DivisionName | None) -> str:
    """A village's name without what it is; a township's gives its lanes no name."""
    if division is None or not division.code[9:].strip("0"):
        return ""
    words, name = by_level()[DivisionLevel.VILLAGE].words, division.name
    # 桃园社区居委会 is 桃园; 王村村 is 王村, for 王 alone is a surname.
    while len(shorter := split(name, words).specific) >= SHORTEST_SPECIFIC and shorter != name:
        name = shorter
    return name


def _near(lines: np.ndarray, features: Features) -> Sequence[Sequence[Feature]]:
    """The features near each line, with how far away they are, and on which side of each the line lies."""
    found: list[list[Feature]] = [[] for _ in range(lines.size)]
    if not features.geometries.size:
        return found
    scale = metre_at(latitudes(lines))
    plane, shapes = on_plane(lines), on_plane(features.geometries)
    line, feature = shapely.STRtree(shapes).query(plane, predicate="dwithin", distance=NEAR_M * scale)
    for at, of in zip(line, feature, strict=True):
        name = features.names[of]
        if len(name) > MOST_FEATURE_CHARACTERS:
            continue
        away = shapely.distance(plane[at], shapes[of]) / scale[at]
        here = shapely.centroid(shapes[of])
        there = shapely.line_interpolate_point(plane[at], 0.5, normalized=True)
        turn = round(np.arctan2(there.y - here.y, there.x - here.x) / (np.pi / 4)) % 8
        found[at].append(Feature(name, features.classes[of], float(away), COMPASS[turn]))
    return found
