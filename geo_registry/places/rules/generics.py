"""A name's parts: what it has for itself (专名), and what says what it is (通名), by a table of generic parts."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from geo_registry.places.rules.findings import Finding, Subject, found
from geo_registry.vocabulary import DivisionLevel, FindingCode, PlaceClass

TABLE = Path(__file__).with_name("generics.toml")

SHOWN = 8
"""Generic parts that a finding names; the table has more."""

UNITS: Mapping[str, tuple[str, str, str]] = {
    "width_m": ("宽", "米", "m wide"),
    "length_m": ("长", "米", "m long"),
    "area_m2": ("面积", "平方米", "m²"),
}
"""What is measured, in which unit, and both in English."""


@dataclass(frozen=True, slots=True)
class Parts:
    """A name in its two parts; either may be empty."""

    specific: str
    generic: str


@dataclass(frozen=True, slots=True)
class Size:
    """How large what has a generic part usually is, at least or at most."""

    place_class: PlaceClass
    generic: str
    field: str
    least: float | None
    most: float | None


@dataclass(frozen=True, slots=True)
class Generics:
    """The generic parts of a class, the longest first; names of an `optional` class stand without one too."""

    words: tuple[str, ...]
    optional: bool = False


def parts_of(subject: Subject) -> Parts:
    """The parts of a name, the longest generic part of its class taken; without one all of it is specific."""
    return split(subject.name, generics_of(subject).words)


def split(name: str, words: tuple[str, ...]) -> Parts:
    """A name split before the first of the words that it ends in; words stand longest first."""
    if not name.endswith(words):
        return Parts(name, "")
    generic = next(word for word in words if name.endswith(word))
    return Parts(name.removesuffix(generic), generic)


def generics_of(subject: Subject) -> Generics:
    """The generic parts of what the name is given to."""
    if subject.place_class is PlaceClass.DIVISION:
        return by_level().get(subject.level, _of_any_level()) if subject.level else _of_any_level()
    return by_class()[subject.place_class]


def generic_findings(subject: Subject) -> Iterator[Finding]:
    """Whether a name has both parts, and the generic one goes with class and size (art. 9, items 1 and 2)."""
    generics = generics_of(subject)
    parts = split(subject.name, generics.words)
    if parts.generic and not parts.specific:
        if not generics.optional:
            yield found(FindingCode.SPECIFIC_MISSING, generic=parts.generic)
    elif parts.generic:
        yield from _size_findings(subject, parts.generic)
    elif not generics.optional:
        yield _without(subject, generics)


def _without(subject: Subject, generics: Generics) -> Finding:
    others = [(word, each) for word, each in all_generics() if subject.name.endswith(word) and subject.name != word]
    own = subject.place_class
    if others:
        word = others[0][0]
        classes = [each for ending, each in others if ending == word]
        return found(
            FindingCode.GENERIC_UNFIT,
            generic=word,
            others="、".join(each.zh for each in classes),
            others_en=" or ".join(each.en for each in classes),
            own=own.zh,
            own_en=own.en,
        )
    known = generics.words[:SHOWN]
    return found(
        FindingCode.GENERIC_MISSING,
        known="、".join(known),
        known_en=", ".join(known),
        own=own.zh,
        own_en=own.en,
    )


def _size_findings(subject: Subject, generic: str) -> Iterator[Finding]:
    for size in sizes().get((subject.place_class, generic), ()):
        measured = subject.detail.get(size.field)
        if isinstance(measured, bool) or not isinstance(measured, int | float):
            continue
        if (size.least is not None and measured < size.least) or (size.most is not None and measured > size.most):
            zh, unit, unit_en = UNITS[size.field]
            bound, at_zh, at_en = (
                (size.least, "不小于", "at least") if size.least is not None else (size.most, "不大于", "at most")
            )
            yield found(
                FindingCode.GENERIC_SIZE,
                generic=generic,
                wanted=f"{zh}{at_zh} {bound:g} {unit}",
                wanted_en=f"{at_en} {bound:g} {unit_en}",
                measured=f"{measured:g} {unit}",
                measured_en=f"{measured:g} {unit_en}",
            )


@cache
def by_class() -> Mapping[PlaceClass, Generics]:
    """The table by class; a class that isn't in it has none, and needs none."""
    rows = _table()["classes"]
    return {each: _generics(rows.get(each.value, {"generics": [], "optional": True})) for each in PlaceClass}


@cache
def by_level() -> Mapping[DivisionLevel, Generics]:
    """The table by level of divisions."""
    return {DivisionLevel.of(level): _generics(row) for level, row in _table()["levels"].items()}


@cache
def _of_any_level() -> Generics:
    words = {word for generics in by_level().values() for word in generics.words}
    return Generics(tuple(sorted(words, key=lambda word: (-len(word), word))))


@cache
def all_generics() -> Sequence[tuple[str, PlaceClass]]:
    """Every generic part with a class that has it, the longest first, as classes stand in the vocabulary."""
    pairs = [(word, each) for each, generics in by_class().items() if not generics.optional for word in generics.words]
    return sorted(pairs, key=lambda pair: -len(pair[0]))


@cache
def sizes() -> Mapping[tuple[PlaceClass, str], Sequence[Size]]:
    """What generic parts of a class say of the size."""
    found_: dict[tuple[PlaceClass, str], list[Size]] = {}
    for row in _table()["size"]:
        size = Size(PlaceClass.of(row["class"]), row["generic"], row["field"], row.get("least"), row.get("most"))
        found_.setdefault((size.place_class, size.generic), []).append(size)
    return found_


@cache
def _table() -> Mapping[str, Any]:
    return tomllib.loads(TABLE.read_text(encoding="utf-8"))


def _generics(row: Mapping[str, Any]) -> Generics:
    return Generics(tuple(sorted(row["generics"], key=len, reverse=True)), row.get("optional", False))
