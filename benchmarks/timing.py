"""Times that can be compared on a machine that others use too: taken in turn, told with their spread."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median
from time import perf_counter

Measured = Callable[[], float]
"""Does its work once and says how many seconds it took."""


@dataclass(frozen=True, slots=True)
class Series:
    """The seconds that one thing took, round by round."""

    seconds: tuple[float, ...]

    @property
    def fastest(self) -> float:
        """The round that the machine disturbed least."""
        return min(self.seconds)

    @property
    def middle(self) -> float:
        """The median."""
        return median(self.seconds)

    @property
    def p95(self) -> float:
        """95 of 100 rounds took no longer."""
        return sorted(self.seconds)[len(self.seconds) * 95 // 100]

    @property
    def slowest(self) -> float:
        """The round that it disturbed most."""
        return max(self.seconds)


@dataclass(frozen=True, slots=True)
class Ratio:
    """How many times as long a peer takes: each of its rounds over ours of the same moment."""

    middle: float
    lowest: float
    highest: float


def timed(work: Callable[[], object]) -> Measured:
    """Measure `work` from outside."""

    def measured() -> float:
        began = perf_counter()
        work()
        return perf_counter() - began

    return measured


def interleaved(cases: Mapping[str, Measured], rounds: int, *, warm_up: int = 1) -> dict[str, Series]:
    """Measure all cases in each round, every other round backwards, after `warm_up` rounds that don't count.

    What disturbs the machine for a while then disturbs all cases alike, and no case always runs after the same one.
    """
    taken: dict[str, list[float]] = {name: [] for name in cases}
    for number in range(-warm_up, rounds):
        order = list(cases) if number % 2 == 0 else list(cases)[::-1]
        for name in order:
            seconds = cases[name]()
            if number >= 0:
                taken[name].append(seconds)
    return {name: Series(tuple(seconds)) for name, seconds in taken.items()}


def ratio(peer: Series, ours: Series) -> Ratio:
    """The peer's time over ours, round by round."""
    pairs = [theirs / mine for theirs, mine in zip(peer.seconds, ours.seconds, strict=True)]
    return Ratio(middle=median(pairs), lowest=min(pairs), highest=max(pairs))


def limited(limit_s: float, ours: Series) -> Ratio:
    """What is allowed over our time: a promise to stay within it is one of a ratio of 1."""
    return ratio(Series((limit_s,) * len(ours.seconds)), ours)
