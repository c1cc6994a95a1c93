"""How lanes are kept: what was found again stays what people decided it to be; who may was asked before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import monotonic
from uuid import UUID

import numpy as np
from geoalchemy2.shape import from_shape

from geo_registry.db.session import WriteSession
from geo_registry.jobs.progress import Progress
from geo_registry.model import Dataset, UnnamedLane, UnnamedSearch
from geo_registry.model.geometry import STORAGE_SRID
from geo_registry.unnamed.looking import FoundLane, Looked
from geo_registry.unnamed.matching import match
from geo_registry.unnamed.queries import LaneQuery, LaneRow, as_kept, rows_matching
from geo_registry.vocabulary import LaneOrigin, LaneStatus, PositionQuality

UNDECIDED = frozenset({LaneStatus.FOUND, LaneStatus.GONE})
"""What the network alone says of a lane, nobody else: the network may say otherwise."""
NAMEABLE = frozenset({LaneStatus.FOUND, LaneStatus.PROPOSED, LaneStatus.FILED, LaneStatus.GONE})
LINE_DIGITS_DEG = 1e-7


@dataclass(frozen=True, slots=True)
class Kept:
    """What came of a search."""

    run: UUID
    found: int
    new: int
    named: int
    gone: int
    seconds: float


def keep(
    session: WriteSession,
    looked: Looked,
    roads: Dataset,
    *,
    division: UUID | None,
    within: str,
    synthetic: bool,
    began: float,
    progress: Progress,
) -> Kept:
    """Keep what was found in a division: new lanes are added, those of before stay what was decided of them.

    A lane that a name covers by now is `named`; one that the network doesn't have any more is `gone`, unless somebody
    has decided on it.
    """
    before = rows_matching(session, LaneQuery(division=within or None), after=0, limit=None)
    if within:
        before = [row for row in before if row.division_code is not None]
    counts = {"lanes_found": len(looked.lanes), "lanes_new": 0, "lanes_named": 0, "lanes_gone": 0}
    run = UnnamedSearch(division_id=division, roads_id=roads.id, seconds=0.0, **counts)
    session.add(run)
    session.flush()
    found_lines = np.array([each.line for each in looked.lanes], dtype=object)
    kept_lines = np.array([row.line for row in before], dtype=object)
    matched = match(found_lines, kept_lines)
    quality = PositionQuality.SYNTHETIC if synthetic else PositionQuality.SOURCE
    for at, lane in enumerate(looked.lanes):
        progress("write", at, len(looked.lanes))
        if matched.known[at] < 0:
            session.add(_record(lane, run.id, quality))
            run.lanes_new += 1
    progress("write", len(looked.lanes), len(looked.lanes))
    again = frozenset(each for each in matched.known.tolist() if each >= 0)
    _renew(session, before, looked.lanes, matched.same, again)
    # Of what nobody decided on, a longer lane that is new takes the place.
    still = {
        at for at, row in enumerate(before) if at in again or (at in matched.there and row.status not in UNDECIDED)
    }
    lost = [row for at, row in enumerate(before) if at not in still and row.status in NAMEABLE]
    run.lanes_named, run.lanes_gone = _lose(session, looked, lost)
    run.seconds = round(monotonic() - began, 3)
    session.flush()
    return Kept(run.id, run.lanes_found, run.lanes_new, run.lanes_named, run.lanes_gone, run.seconds)


def _record(lane: FoundLane, run: UUID | None, quality: PositionQuality) -> UnnamedLane:
    return UnnamedLane(
        search_id=run,
        origin=LaneOrigin.NETWORK.value,
        division_id=lane.zone.id if lane.zone is not None else None,
        geom=from_shape(lane.line, srid=STORAGE_SRID),
        length_m=round(lane.length_m, 1),
        highway=lane.highway,
        begins=as_kept(lane.begins),
        ends=as_kept(lane.ends),
        position_quality=quality.value,
    )


def _renew(
    session: WriteSession,
    before: Sequence[LaneRow],
    lanes: Sequence[FoundLane],
    same: Mapping[int, int],
    again: frozenset[int],
) -> None:
    """What was found again: an undecided lane lies as the network has it now; one that had gone, or whose name had, is back."""
    for at in sorted(again):
        row = before[at]
        lane = lanes[same[at]] if at in same else None
        back = row.status in {LaneStatus.GONE, LaneStatus.NAMED}
        moved = (
            lane is not None
            and row.status in UNDECIDED
            and row.origin == LaneOrigin.NETWORK.value
            and (
                not lane.line.equals_exact(row.line, LINE_DIGITS_DEG)
                or (lane.begins, lane.ends) != (row.begins, row.ends)
            )
        )
        if not back and not moved:
            continue
        record = session.get_one(UnnamedLane, row.id)
        # What a case has named is named, wherever its street was drawn.
        if back and record.status != LaneStatus.FILED.value:
            record.status = (LaneStatus.PROPOSED if row.proposed_name else LaneStatus.FOUND).value
        if moved and lane is not None:
            record.geom = from_shape(lane.line, srid=STORAGE_SRID)
            record.length_m = round(lane.length_m, 1)
            record.begins, record.ends = as_kept(lane.begins), as_kept(lane.ends)
            record.division_id = lane.zone.id if lane.zone is not None else None


def _lose(session: WriteSession, looked: Looked, lost: Sequence[LaneRow]) -> tuple[int, int]:
    """What wasn't found again: how many have a name by now, and how many went."""
    if not lost:
        return 0, 0
    has_name = looked.named(np.array([row.line for row in lost], dtype=object))
    named, gone = 0, 0
    for row, covered in zip(lost, has_name, strict=True):
        if covered:
            session.get_one(UnnamedLane, row.id).status = LaneStatus.NAMED.value
            named += 1
        elif row.status is LaneStatus.FOUND and row.origin == LaneOrigin.NETWORK.value:
            session.get_one(UnnamedLane, row.id).status = LaneStatus.GONE.value
            gone += 1
    return named, gone
