"""Days that count: plain ones, and working days by the holidays that the State Council's office announces for each year.

The table is data (`holidays.toml`): a year that isn't in it is counted by weekends alone, and says so.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from geo_registry.vocabulary import DayCount

TABLE = Path(__file__).with_name("holidays.toml")
SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Year:
    """The days off and the weekend days that are worked of one year, and where that was announced."""

    off: frozenset[date]
    worked: frozenset[date]
    source: str
    verified: bool


@dataclass(frozen=True, slots=True)
class Counted:
    """A day that was counted to, and whether every day on the way was known to be one of work or not."""

    day: date
    certain: bool


def is_working_day(day: date) -> bool:
    """Whether offices work on that day, as far as the table knows."""
    year = years().get(day.year)
    if year is not None and (day in year.off or day in year.worked):
        return day in year.worked
    return day.weekday() < SATURDAY


def counted(start: date, days: int, count: DayCount) -> Counted:
    """The last day of a term of so many days; the day on which it begins isn't counted.

    Raises
    ------
    ValueError
        `days` is less than one.
    """
    if days < 1:
        msg = f"a term has days, not {days}"
        raise ValueError(msg)
    if count is DayCount.PLAIN:
        return Counted(start + timedelta(days=days), certain=True)
    day, certain = start, True
    while days:
        day += timedelta(days=1)
        year = years().get(day.year)
        certain = certain and year is not None and year.verified
        days -= is_working_day(day)
    return Counted(day, certain)


@cache
def years() -> Mapping[int, Year]:
    """The table, by year."""
    rows = tomllib.loads(TABLE.read_text(encoding="utf-8"))["year"]
    return {
        row["year"]: Year(frozenset(row["off"]), frozenset(row["worked"]), row["source"], row["verified"])
        for row in rows
    }
