"""What a name is held against before it is listed, by its kind: which criteria it meets, which not, and what can't be told."""

import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from geo_registry.heritage.years import the_year, years_of
from geo_registry.vocabulary import CriterionState, HeritageKind

TABLE = Path(__file__).with_name("criteria.toml")
FOUNDED, NAMED = "founded", "named"


@dataclass(frozen=True, slots=True)
class Criterion:
    """A row of the table.

    Attributes
    ----------
    since
        What its years are counted from, `FOUNDED` or `NAMED`; empty where somebody says whether it is met.
    needs_zh, needs_en
        The evidence that would bear it out.
    verified
        Whether the text of its source was read.
    """

    key: str
    kinds: frozenset[HeritageKind]
    since: str
    least_years: int
    zh: str
    en: str
    needs_zh: str
    needs_en: str
    source: str
    verified: bool

    def label(self, locale: str) -> str:
        """What it asks, in the language of `locale` (``en…``, anything else is zh)."""
        return self.en if locale.startswith("en") else self.zh

    def needs(self, locale: str) -> str:
        """The evidence that would bear it out, likewise."""
        return self.needs_en if locale.startswith("en") else self.needs_zh


@dataclass(frozen=True, slots=True)
class Said:
    """What is told of a name: years in words, what is claimed of criteria, and the criteria that evidence bears out."""

    founded: str = ""
    named: str = ""
    disused: str = ""
    restored: str = ""
    claims: Mapping[str, object] = field(default_factory=dict)
    supported: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """Whether a criterion is met, and by what that is known or why it isn't."""

    criterion: Criterion
    state: CriterionState
    zh: str
    en: str

    def label(self, locale: str) -> str:
        """Why, in the language of `locale`."""
        return self.en if locale.startswith("en") else self.zh


def criteria_of(kind: HeritageKind) -> Sequence[Criterion]:
    """The criteria of a kind, in the order of the table."""
    return [each for each in _criteria() if kind in each.kinds]


def claimed(kind: HeritageKind) -> Sequence[Criterion]:
    """Those of which somebody says whether they are met."""
    return [each for each in criteria_of(kind) if not each.since]


def keys() -> frozenset[str]:
    """How criteria are called, of all kinds."""
    return frozenset(each.key for each in _criteria())


def claimable() -> frozenset[str]:
    """How those are called of which somebody says whether they are met."""
    return frozenset(each.key for each in _criteria() if not each.since)


def outcomes(kind: HeritageKind, said: Said, *, year: int) -> Sequence[Outcome]:
    """Each criterion of a kind, as far as it can be told in a year.

    One is met where it is so and a piece of evidence bears it out. Of years that aren't known exactly those count that speak
    against it most: only when even they are enough it is met, and only when no year that is meant is enough it isn't.
    """
    return [_by_years(each, said, year) if each.since else _by_claim(each, said) for each in criteria_of(kind)]


def unmet(found: Sequence[Outcome]) -> Sequence[Outcome]:
    """The criteria that aren't met, without those that can't be told."""
    return [each for each in found if each.state is CriterionState.NOT_MET]


def _by_years(criterion: Criterion, said: Said, year: int) -> Outcome:
    words = said.founded if criterion.since == FOUNDED else said.named
    begun, end = years_of(words), the_year(year)
    if criterion.since == NAMED and said.disused and not said.restored:
        known = years_of(said.disused)
        if known is None:
            return _untold(
                criterion, f"停用年代“{said.disused}”读不出年份", f"{said.disused!r} isn't a year that can be read"
            )
        end = known
    if not words:
        return _untold(criterion, "没有填写年代", "no year is given")
    if begun is None:
        return _untold(criterion, f"“{words}”读不出年份", f"{words!r} isn't a year that can be read")
    least, most = begun.until(end)
    wanted = criterion.least_years
    if most < wanted:
        return Outcome(
            criterion,
            CriterionState.NOT_MET,
            f"自{words}至多 {most} 年，不足 {wanted} 年",
            f"from {words} on at most {most} years, not {wanted}",
        )
    if least < wanted:
        return _untold(
            criterion,
            f"自{words}为 {least} 至 {most} 年，年代不够确切",
            f"from {words} on {least} to {most} years: the date isn't exact enough",
        )
    return _borne_out(criterion, said, f"自{words}至少 {least} 年", f"from {words} on at least {least} years")


def _by_claim(criterion: Criterion, said: Said) -> Outcome:
    claim = said.claims.get(criterion.key)
    if claim is True:
        return _borne_out(criterion, said, "已确认", "confirmed")
    if claim is False:
        return Outcome(criterion, CriterionState.NOT_MET, "已确认不符合", "confirmed not to be so")
    return _untold(criterion, "尚未确认", "nobody confirmed it")


def _borne_out(criterion: Criterion, said: Said, zh: str, en: str) -> Outcome:
    if criterion.key in said.supported:
        return Outcome(criterion, CriterionState.MET, f"{zh}，有依据", f"{en}, by evidence")
    return _untold(criterion, f"{zh}，但没有依据", f"{en}, but without evidence")


def _untold(criterion: Criterion, zh: str, en: str) -> Outcome:
    return Outcome(criterion, CriterionState.UNTOLD, zh, en)


@cache
def _criteria() -> Sequence[Criterion]:
    return [_criterion(row) for row in tomllib.loads(TABLE.read_text(encoding="utf-8"))["criterion"]]


def _criterion(row: Mapping[str, Any]) -> Criterion:
    return Criterion(
        key=row["key"],
        kinds=frozenset(map(HeritageKind.of, row["kinds"])),
        since=row.get("since", ""),
        least_years=row.get("least_years", 0),
        zh=row["zh"],
        en=row["en"],
        needs_zh=row["needs_zh"],
        needs_en=row["needs_en"],
        source=row["source"],
        verified=row["verified"],
    )
