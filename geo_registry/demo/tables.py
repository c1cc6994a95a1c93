"""The committed tables of facts: what of the demonstration is real (`tables/SOURCES.md`)."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

FOLDER = Path(__file__).parent / "tables"

COUNTY_DIGITS, TOWNSHIP_DIGITS, CODE_DIGITS = 6, 9, 12

AGES = (0, 1, *range(5, 90, 5))
"""The first year of each age group of the census: 0, 1–4, 5–9, …, 85 and older."""


@dataclass(frozen=True, slots=True)
class Names:
    """The divisions, each level in the order of its codes; villages are what the code list has below townships."""

    city: tuple[str, str]
    counties: tuple[tuple[str, str], ...]
    townships: tuple[tuple[str, str], ...]
    villages: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class TownSite:
    """Where a county's seat or a township's centre lies, degrees (WGS 84); `real` where GeoNames says so."""

    code: str
    lon: float
    lat: float
    real: bool


@dataclass(frozen=True, slots=True)
class Census:
    """One county's people on 1 November 2020.

    `by_age` is int64, shape (ages, 2): a row for each of `AGES`, men and women.
    """

    urban: int
    rural: int
    by_age: npt.NDArray[np.int64]


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def names() -> Names:
    """Codes and names of the city, its counties, townships and villages."""
    found = [(row["code"], row["name"]) for row in _rows("divisions.csv")]
    return Names(
        city=found[0],
        counties=tuple(one for one in found[1:] if one[0].endswith("000000")),
        townships=tuple(one for one in found if one[0].endswith("000") and not one[0].endswith("000000")),
        villages=tuple(one for one in found if not one[0].endswith("000")),
    )


LATEST = 2023
"""The year of the list that `names` is of; as of 30 June."""
EARLIER = (2021, 2018)
"""The earlier lists, the newest first; both as of 31 October."""


def lists() -> Mapping[int, Mapping[str, str]]:
    """Names by code of each year's list, the newest first; each earlier one is kept by what it has otherwise."""
    found = {LATEST: {row["code"]: row["name"] for row in _rows("divisions.csv")}}
    differences = list(_rows("divisions_earlier.csv"))
    later = LATEST
    for year in EARLIER:
        changed = {row["code"]: row["name"] for row in differences if int(row["vintage"]) == year}
        merged = found[later] | changed
        found[year] = {code: merged[code] for code in sorted(merged) if merged[code]}
        later = year
    return found


@dataclass(frozen=True, slots=True)
class Merger:
    """What became of a division of one list in a later one, where the lists alone don't tell it."""

    before: tuple[str, int]
    after: tuple[str, int]
    change: str
    certainty: str
    evidence: str


def mergers() -> Sequence[Merger]:
    """What is known of mergers, each with how it is known."""
    return [
        Merger(
            before=(row["before_code"], int(row["before_vintage"])),
            after=(row["after_code"], int(row["after_vintage"])),
            change=row["change"],
            certainty=row["certainty"],
            evidence=row["evidence"],
        )
        for row in _rows("mergers.csv")
    ]


def town_sites() -> Mapping[str, TownSite]:
    """A site of every township and of some counties' seats, by code: GeoNames' where it has one, else made up."""
    made_up = (TownSite(row["code"], float(row["lon"]), float(row["lat"]), real=False) for row in _rows("layout.csv"))
    real = (TownSite(row["code"], float(row["lon"]), float(row["lat"]), real=True) for row in _rows("towns.csv"))
    return {site.code: site for site in (*made_up, *real)}


def census() -> Mapping[str, Census]:
    """The seventh census, by the code of the county."""
    return {
        row["code"]: Census(
            urban=int(row["urban"]),
            rural=int(row["rural"]),
            by_age=np.array([int(value) for value in list(row.values())[4:]], dtype=np.int64).reshape(len(AGES), 2),
        )
        for row in _rows("census_2020.csv")
    }


def gazetteer() -> Sequence[Mapping[str, str]]:
    """The places that are told of by hand, one a row: `key`, `class`, `name`, where and how it lies, dates, details."""
    return list(_rows("places.csv"))


def other_names() -> Mapping[str, Sequence[Mapping[str, str]]]:
    """Their other names, by the place's key."""
    return _by_key("place_names.csv")


def relations() -> Mapping[str, Sequence[Mapping[str, str]]]:
    """What they are to each other, by the key of the later or the part."""
    return _by_key("place_relations.csv")


def _by_key(table: str) -> Mapping[str, Sequence[Mapping[str, str]]]:
    found: dict[str, list[Mapping[str, str]]] = {}
    for row in _rows(table):
        found.setdefault(row["key"], []).append(row)
    return found
