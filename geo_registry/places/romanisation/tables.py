"""The committed tables of facts: generics, transcribed names, words (`tables/SOURCES.md`); readings are `text/place_readings`'."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from geo_registry.places.romanisation.syllables import divided
from geo_registry.vocabulary import PlaceClass

FOLDER = Path(__file__).parent / "tables"


@dataclass(frozen=True, slots=True)
class Generic:
    """A generic part: what it is called, how it is read, of which classes it is."""

    text: str
    words: tuple[tuple[str, ...], ...]
    """The syllables of each word that it is written as; several words where longer modifiers belong to it."""
    classes: tuple[PlaceClass, ...]
    """The one that it suggests where nobody says the class comes first."""


@dataclass(frozen=True, slots=True)
class Transcribed:
    """A name that is spelt by its own language."""

    spelling: str
    everywhere: bool
    """Whether it is so in names of every class, not of divisions alone."""


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _lines(name: str) -> frozenset[str]:
    return frozenset((FOLDER / name).read_text(encoding="utf-8").split())


@cache
def generics() -> Mapping[str, Generic]:
    """Every generic by its characters; one that stands in several rows has the classes of all."""
    found: dict[str, Generic] = {}
    for row in _rows("generics.csv"):
        before = found[row["generic"]].classes if row["generic"] in found else ()
        classes = (*before, *(PlaceClass.of(key) for key in row["classes"].split()))
        words = tuple(divided(word) or () for word in row["pinyin"].split())
        found[row["generic"]] = Generic(row["generic"], words, classes)
    return found


@cache
def transcribed() -> Mapping[str, Transcribed]:
    """Names of minority languages, by their characters."""
    return {row["name"]: Transcribed(row["spelling"], row["scope"] == "any") for row in _rows("transcribed.csv")}


@cache
def peoples() -> Mapping[str, str]:
    """How the names of peoples are spelt in names of divisions, by their characters without 族."""
    return {row["name"]: row["spelling"] for row in _rows("peoples.csv")}


@cache
def known_places() -> frozenset[str]:
    """Short names of divisions: all provinces and prefectures, the counties of Zhejiang."""
    return _lines("known_places.txt")


@cache
def words() -> frozenset[str]:
    """Words that names of institutions are made of."""
    return _lines("words.txt")


@cache
def features() -> frozenset[str]:
    """Natural features that works are called after, as one word."""
    return _lines("features.txt")


@cache
def people() -> frozenset[str]:
    """Persons whom places are called after."""
    return _lines("people.txt")


@cache
def wholes() -> frozenset[str]:
    """Names whose parts can't be told apart, though they end like a generic."""
    return _lines("wholes.txt")
