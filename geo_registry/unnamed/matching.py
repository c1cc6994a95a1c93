"""Lanes that are found again: which of those that are kept each of them is. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import shapely

from geo_registry.network.arrays import Int64
from geo_registry.unnamed.covering import COVERED_SHARE, alongside
from geo_registry.unnamed.plane import Lines, on_plane


@dataclass(frozen=True, slots=True)
class Matched:
    """What was found, against what is kept.

    Attributes
    ----------
    known
        The kept lane that each found one is, by its position; -1 for one that is new.
    same
        Of the kept lanes, the found one that is the whole of it; those that are now in parts, or part of one, aren't here.
    there
        The kept lanes along which something was found.
    """

    known: Int64
    same: Mapping[int, int]
    there: frozenset[int]


def match(found: Lines, kept: Lines) -> Matched:
    """Match lanes by how much of them lies alongside, each with the nearest that isn't another one's yet, then with any.

    Two lanes may run beside each other within the tolerance: each is the one that it lies on.
    """
    known = np.full(found.size, -1, np.int64)
    ahead, back = alongside(found, kept), alongside(kept, found)
    enough = ahead.share >= COVERED_SHARE
    new, of = ahead.road[enough], ahead.extent[enough]
    covers = back.share >= COVERED_SHARE
    whole = {(int(a), int(b)) for a, b in zip(back.road[covers], back.extent[covers], strict=True)}
    away = shapely.hausdorff_distance(on_plane(found[new]), on_plane(kept[of])) if new.size else np.empty(0)
    same: dict[int, int] = {}
    order = np.lexsort((of, new, np.round(away, 3)))
    for at in order:
        pair = int(of[at]), int(new[at])
        if known[pair[1]] < 0 and pair[0] not in same and pair in whole:
            known[pair[1]] = pair[0]
            same[pair[0]] = pair[1]
    for at in order:
        if known[new[at]] < 0:
            known[new[at]] = of[at]
    there = {each for each in known.tolist() if each >= 0} | {each for each, _ in whole}
    return Matched(known, same, frozenset(there))
