"""Within what names are told apart: rows by jurisdiction, and whether two names meet in one of them."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from geo_registry.divisions.rules import CODE_DIGITS, DIGITS_OF_LEVEL, prefix_of
from geo_registry.places.rules.findings import Basis, Subject
from geo_registry.vocabulary import DivisionLevel, NamePool, NameScope, PlaceClass

TABLE = Path(__file__).with_name("scopes.toml")

DIGITS: Mapping[NameScope, int] = {
    NameScope.NATION: 0,
    NameScope.PROVINCE: DIGITS_OF_LEVEL[DivisionLevel.PROVINCE],
    NameScope.COUNTY: DIGITS_OF_LEVEL[DivisionLevel.COUNTY],
    NameScope.TOWNSHIP: DIGITS_OF_LEVEL[DivisionLevel.TOWNSHIP],
}
"""How many first digits of their codes two names share that are in one scope."""


@dataclass(frozen=True, slots=True)
class Scope:
    """A row: in which jurisdiction names of which pool are told apart within what.

    Of divisions only those of `levels` count, and where there are `endings` only names that end so.
    """

    key: str
    jurisdiction: str
    pool: NamePool
    within: NameScope
    classes: frozenset[PlaceClass]
    levels: frozenset[DivisionLevel]
    endings: tuple[str, ...]
    basis: Basis
    source: str

    def holds(self, subject: Subject) -> bool:
        """Whether the row is about such a name, there."""
        if subject.place_class not in self.classes or not (subject.division or "").startswith(self.jurisdiction):
            return False
        if subject.place_class is PlaceClass.DIVISION and subject.level not in self.levels:
            return False
        return not self.endings or subject.name.endswith(self.endings)

    def meets(self, one: Subject, other: Subject) -> bool:
        """Whether two names that the row holds are in one scope; the same whichever comes first.

        Where no built-up area is drawn for either, the township stands in for it, or the county of which no more is known.
        So it does where one lies in an area and nobody knows where the other lies (`guesses`).
        """
        if is_in_it(one, other) or is_in_it(other, one):
            return False
        if self.within is NameScope.NATION:
            return True
        if self.within is NameScope.BUILT_UP_AREA:
            if one.areas and other.areas:
                return bool(one.areas & other.areas)
            if (one.areas or other.areas) and not self.guesses(one, other):
                return False
            return _stand_in_one_another(stand_in(one), stand_in(other))
        digits = DIGITS[self.within]
        here, there = _known(one)[:digits], _known(other)[:digits]
        return len(here) == digits and here == there

    def guesses(self, one: Subject, other: Subject) -> bool:
        """Whether one name lies in a built-up area, or may, and of the other nobody knows where it lies, or it lies in none."""
        if self.within is not NameScope.BUILT_UP_AREA or bool(one.areas) is bool(other.areas):
            return False
        within, without = (one, other) if one.areas else (other, one)
        return within.anywhere or is_placeless(without)


@dataclass(frozen=True, slots=True)
class Local:
    """A local rule of another sort: where it holds, and what it stands on."""

    jurisdiction: str
    basis: Basis


def is_in_it(division: Subject, seat: Subject) -> bool:
    """Whether one is a division and the other what is in it, a committee's seat: they are called alike, and may be.

    Of a seat nobody may know more than the township.
    """
    if division.place_class is not PlaceClass.DIVISION or seat.place_class is PlaceClass.DIVISION:
        return False
    where = _known(seat)
    return len(where) >= DIGITS[NameScope.TOWNSHIP] and (division.division or "").startswith(where)


def is_placeless(subject: Subject) -> bool:
    """Whether nobody knows where it lies: that is another thing than outside all built-up areas."""
    return subject.lon is None and not subject.areas


def stand_in(subject: Subject) -> str:
    """First digits of the division that stands in for a built-up area which nobody drew; empty where none is known."""
    return _known(subject)[: DIGITS_OF_LEVEL[DivisionLevel.TOWNSHIP]]


def scopes_of(subject: Subject) -> Sequence[Scope]:
    """The rows that are about such a name, there."""
    return [scope for scope in scopes() if scope.holds(subject)]


@cache
def scopes() -> Sequence[Scope]:
    """Every row, in the order of the table."""
    return [_scope(row) for row in _table()["scope"]]


@cache
def dialects() -> Sequence[Local]:
    """Where what sounds alike in the dialect counts too."""
    return [_local(row) for row in _table()["dialect"]]


@cache
def elsewhere() -> Sequence[Local]:
    """Where a name that holds a division's or a street's name has to lie in or along it."""
    return [_local(row) for row in _table()["elsewhere"]]


def local(rows: Sequence[Local], subject: Subject) -> Local | None:
    """The first of the rows that holds where the name is given; None where none does."""
    return next((row for row in rows if (subject.division or "").startswith(row.jurisdiction)), None)


def _stand_in_one_another(here: str, there: str) -> bool:
    return bool(here and there) and (here.startswith(there) or there.startswith(here))


def _known(subject: Subject) -> str:
    """The first digits of a code that say something; empty where there is none."""
    return prefix_of(subject.division) if subject.division and len(subject.division) == CODE_DIGITS else ""


@cache
def _table() -> Mapping[str, Sequence[Mapping[str, Any]]]:
    return tomllib.loads(TABLE.read_text(encoding="utf-8"))


def _scope(row: Mapping[str, Any]) -> Scope:
    return Scope(
        key=row["key"],
        jurisdiction=row["jurisdiction"],
        pool=NamePool.of(row["pool"]),
        within=NameScope.of(row["within"]),
        classes=frozenset(map(PlaceClass.of, row["classes"])),
        levels=frozenset(map(DivisionLevel.of, row.get("levels", ()))),
        endings=tuple(row.get("endings", ())),
        basis=basis_of(row),
        source=row["source"],
    )


def _local(row: Mapping[str, Any]) -> Local:
    return Local(row["jurisdiction"], basis_of(row))


def basis_of(row: Mapping[str, Any]) -> Basis:
    """What a row stands on; one that wasn't read says by what source it is known."""
    return Basis(
        law=row["law"],
        article=row.get("article"),
        item=row.get("item"),
        phrase=row.get("phrase", ""),
        verified=row["verified"],
        note="" if row["verified"] else row["source"],
        note_en="" if row["verified"] else row["source_en"],
    )
