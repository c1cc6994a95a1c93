"""What a report and its map say of a run in words: whom it counted, where, how many; and which zones are the worst."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from babel.dates import format_date

from geo_registry.coverage.inputs import Standard
from geo_registry.coverage.reach import share
from geo_registry.vocabulary import DivisionLevel, FacilityKind

WORST_SHOWN = 10
"""Zones on page one; the whole list comes after it."""


@dataclass(frozen=True, slots=True)
class Zone:
    """A zone's people."""

    code: str
    name: str
    level: DivisionLevel
    demand: float
    covered: float
    unreachable: float
    unsnapped: float

    @property
    def gap(self) -> float:
        """Who isn't within reach, for whatever reason."""
        return self.demand - self.covered

    @property
    def share(self) -> float | None:
        """Covered people out of all, 0 to 1; None where there is nobody."""
        return share(self.covered, self.demand)


def worst(zones: Sequence[Zone]) -> list[Zone]:
    """The zones with the largest gaps, of the townships, or of the level that there is; the largest first."""
    level = comparable_level(zones)
    gaps = [zone for zone in zones if zone.level is level and zone.gap > 0]
    return sorted(gaps, key=lambda zone: (-zone.gap, zone.code))[:WORST_SHOWN]


def comparable_level(zones: Sequence[Zone]) -> DivisionLevel | None:
    """The level whose zones are compared on page one: townships, else counties, else what there is; None without zones."""
    levels = {zone.level for zone in zones}
    order = (
        DivisionLevel.TOWNSHIP,
        DivisionLevel.COUNTY,
        DivisionLevel.VILLAGE,
        DivisionLevel.CITY,
        DivisionLevel.PROVINCE,
    )
    return next((level for level in order if level in levels), None)


def county_code(code: str) -> str:
    """The code of the county that a division lies in."""
    return f"{code[:6]}000000"


def area_name(zones: Sequence[Zone], demand: float) -> str:
    """The smallest division that everybody asked about lives in; empty where there is none."""
    order = list(DivisionLevel)
    whole = [zone for zone in zones if zone.demand == demand]
    return max(whole, key=lambda zone: order.index(zone.level)).name if whole else ""


def title_of(standard: Standard, locale: str) -> str:
    """What the report is called."""
    return f"{standard.name.en}: coverage report" if locale.startswith("en") else f"{standard.name.zh}覆盖情况报告"


def group_words(group: str, locale: str) -> str:
    """A demand group as people say it."""
    english = locale.startswith("en")
    if group == "all":
        return "people" if english else "全体人口"
    if over := re.fullmatch(r"(\d+)\+", group):
        return f"people aged {over[1]} and over" if english else f"{over[1]}岁及以上人口"
    if between := re.fullmatch(r"(\d+)-(\d+)", group):
        return f"people aged {between[1]} to {between[2]}" if english else f"{between[1]}至{between[2]}岁人口"
    return f"people of the group “{group}”" if english else f"“{group}”人群"


def kinds_words(standard: Standard, locale: str) -> str:
    """The kinds of facility as people list them."""
    kinds = [FacilityKind.of(kind).label(locale) for kind in standard.kinds]
    return " / ".join(kinds) if locale.startswith("en") else "、".join(kinds)


def day_words(moment: date, locale: str) -> str:
    """A date as people write it: 2020年11月1日, 1 Nov 2020."""
    if locale.startswith("en"):
        return format_date(moment, "d MMM y", locale="en")
    return f"{moment.year}年{moment.month}月{moment.day}日"
