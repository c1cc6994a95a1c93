"""How places read characters and words: one table, by which names are spelt and by which they are heard.

`readings` (search, homophones) and `places/romanisation` (spelling) both stand on it, so that what is spelt is what is
found. Where its rows are from: `places/romanisation/tables/SOURCES.md`.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TABLE = Path(__file__).with_name("place_readings.csv")


@dataclass(frozen=True, slots=True)
class PlaceReading:
    """How a text is read in place names, with tones."""

    syllables: tuple[str, ...]
    others: tuple[tuple[str, ...], ...]
    """How it may be read elsewhere."""


@cache
def place_readings() -> Mapping[str, PlaceReading]:
    """The table by its texts."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return {
            row["text"]: PlaceReading(
                tuple(row["pinyin"].split()), tuple(tuple(other.split()) for other in row["others"].split("/") if other)
            )
            for row in csv.DictReader(file)
        }
