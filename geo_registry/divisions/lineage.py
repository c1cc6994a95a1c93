"""What became of divisions from vintage to vintage, as a graph that is walked: values in, values out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from geo_registry.vocabulary import Certainty, DivisionChange, DivisionLevel, Fate

MOST_SURE_FIRST = (Certainty.CERTAIN, Certainty.PROBABLE, Certainty.POSSIBLE)

MOST_TELLING_FIRST = (
    DivisionChange.MERGED,
    DivisionChange.SPLIT,
    DivisionChange.RENAMED,
    DivisionChange.RECODED,
    DivisionChange.SAME,
)
"""Of several changes on a way: the one that people would tell it by."""


@dataclass(frozen=True, slots=True)
class Member:
    """A division of one vintage, as lineages name it."""

    id: UUID
    code: str
    name: str
    level: DivisionLevel
    vintage: int


@dataclass(frozen=True, slots=True)
class Step:
    """One succession: a division became, or became part of, one of a later vintage."""

    id: UUID
    before: Member
    after: Member
    change: DivisionChange
    happened_on: date | None
    evidence: str
    certainty: Certainty


@dataclass(frozen=True, slots=True)
class Lead:
    """Where a division leads to, and the steps that say so, the earliest first."""

    division: Member
    chain: Sequence[Step]
    is_present: bool
    """Whether that is of the newest vintage of its level; else nothing is recorded of what became of it."""

    @property
    def certainty(self) -> Certainty:
        """That of the chain's weakest step."""
        return least_sure(step.certainty for step in self.chain)

    @property
    def change(self) -> DivisionChange:
        """The most telling of the chain's changes."""
        return min((step.change for step in self.chain), key=MOST_TELLING_FIRST.index)


@dataclass(frozen=True, slots=True)
class Present:
    """The present division, or divisions, of one that may be former; `fate` says how sure that is."""

    division: Member
    fate: Fate
    leads: Sequence[Lead]


def least_sure(certainties: Iterable[Certainty]) -> Certainty:
    """The weakest of them; certain where there are none."""
    return max(certainties, key=MOST_SURE_FIRST.index, default=Certainty.CERTAIN)


def present_of(division: Member, steps: Sequence[Step], newest: Mapping[DivisionLevel, int]) -> Present:
    """Where a division leads to by `steps`.

    Of several ways to the same division a surest one is told. A division of the newest vintage is its own present one.
    Where the ends are several, or only supposed, or not of the newest vintage, the fate says so; none is chosen.

    Parameters
    ----------
    division
        Where it begins.
    steps
        In any order; each leads from an earlier vintage to a later one. Those that aren't reached don't matter.
    newest
        The newest vintage of each level.
    """
    if division.vintage == newest.get(division.level):
        return Present(division, Fate.PRESENT, ())
    ways = _surest_ways(division, steps)
    passed = {step.before.id for step in steps}
    ends = [
        Lead(chain[-1].after, chain, is_present=chain[-1].after.vintage == newest.get(chain[-1].after.level))
        for reached, chain in ways.items()
        if chain and reached not in passed
    ]
    return Present(division, _fate(ends), sorted(ends, key=lambda lead: (lead.division.code, lead.division.vintage)))


def onward(division: UUID, steps: Sequence[Step]) -> Sequence[Step]:
    """The steps that lead on from a division, directly or over others, by vintage and code."""
    return _reached(division, steps, forward=True)


def backward(division: UUID, steps: Sequence[Step]) -> Sequence[Step]:
    """The steps that lead to a division, directly or over others, by vintage and code."""
    return _reached(division, steps, forward=False)


def _surest_ways(division: Member, steps: Sequence[Step]) -> Mapping[UUID, Sequence[Step]]:
    """The surest way to everything that a division leads to, itself by none."""
    ways: dict[UUID, tuple[Step, ...]] = {division.id: ()}
    # Steps go up the vintages only, so in their order every way to a step's beginning is known before the step is taken.
    for step in sorted(steps, key=lambda each: (each.before.vintage, each.after.vintage, each.after.code)):
        so_far = ways.get(step.before.id)
        if so_far is None:
            continue
        found = (*so_far, step)
        known = ways.get(step.after.id)
        if known is None or _doubt(found) < _doubt(known):
            ways[step.after.id] = found
    return ways


def _doubt(chain: Sequence[Step]) -> tuple[int, int]:
    return MOST_SURE_FIRST.index(least_sure(step.certainty for step in chain)), len(chain)


def _fate(ends: Sequence[Lead]) -> Fate:
    if len(ends) > 1:
        return Fate.SEVERAL
    if not ends or not ends[0].is_present:
        return Fate.UNKNOWN
    return Fate.KNOWN if ends[0].certainty is Certainty.CERTAIN else Fate.SUPPOSED


def _reached(division: UUID, steps: Sequence[Step], *, forward: bool) -> Sequence[Step]:
    reached, found = {division}, []
    order = sorted(steps, key=lambda step: (step.before.vintage, step.after.vintage), reverse=not forward)
    for step in order:
        near, far = (step.before.id, step.after.id) if forward else (step.after.id, step.before.id)
        if near in reached:
            reached.add(far)
            found.append(step)
    return sorted(found, key=lambda step: (step.before.vintage, step.after.vintage, step.before.code, step.after.code))
