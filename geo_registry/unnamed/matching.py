"""Lanes that are found again: which of those that are kept each of them is. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from geo_registry.unnamed.covering import COVERED_SHARE, alongside
from geo_registry.unnamed.plane import Lines


@dataclass(frozen=True, slots=True)
class Matched:
    """What was found, against what is kept.

    Attributes
    ----------
    known
        The kept lane that each found one is, by its position; -1 for one that is new.
    same
        Of the kept lanes, the found one that is the whole of it; those that are now in parts, or part of one, aren't here.
    """

    known: np.ndarray
    same: Mapping[int, int]


def match(found: Lines, kept: Lines) -> Matched:
    """Match lanes by how much of them lies alongside; of several kept ones, that which most of the found one follows."""
    known = np.full(found.size, -1, np.int64)
    there = alongside(found, kept)
    enough = there.share >= COVERED_SHARE
    for at in np.lexsort((-there.extent, there.share)):
        if enough[at]:
            known[there.road[at]] = there.extent[at]
    back = alongside(kept, found)
    whole = {
        (int(a), int(b))
        for a, b, share in zip(back.road, back.extent, back.share, strict=True)
        if share >= COVERED_SHARE
    }
    same = {int(of): new for new, of in enumerate(known) if of >= 0 and (int(of), new) in whole}
    return Matched(known, same)
