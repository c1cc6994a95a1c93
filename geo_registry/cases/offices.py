"""Who approves a name by its class, and where its filing goes (地名管理条例 arts. 12 and 13). Values in, values out."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from geo_registry.places.rules.findings import LAW, Basis
from geo_registry.places.rules.scopes import basis_of
from geo_registry.vocabulary import Approver, NameAction, PlaceClass

TABLE = Path(__file__).with_name("offices.toml")
APPROVAL_ARTICLE = 12
FILING_ARTICLE = 13
NAMED = frozenset({NameAction.NAME, NameAction.RENAME})
"""What article 12 is about."""


@dataclass(frozen=True, slots=True)
class Office:
    """A body, as the article tells it.

    Attributes
    ----------
    approver
        Of what sort it is; None where the article leaves that to other rules.
    jurisdiction
        The first digits of the codes where that holds; empty for the whole country.
    """

    approver: Approver | None
    zh: str
    en: str
    basis: Basis
    jurisdiction: str = ""

    def label(self, locale: str) -> str:
        """The body in the language of `locale`."""
        return self.en if locale.startswith("en") else self.zh


def approval_of(place_class: PlaceClass, division: str = "") -> Office | None:
    """Who approves names of a class in a division, by the row of the narrowest jurisdiction; None where none tells."""
    rows = [each for each in _approvals().get(place_class, ()) if division.startswith(each.jurisdiction)]
    return max(rows, key=lambda each: len(each.jurisdiction), default=None)


def bases_of(action: NameAction, place_class: PlaceClass, division: str = "") -> Sequence[Basis]:
    """What a decision on a name of a class stands on: namings and renamings on who approves them, others on their own article."""
    if action in NAMED:
        office = approval_of(place_class, division)
        return [office.basis] if office is not None else []
    return [_decisions()[action]]


def filing_to(approver: Approver) -> Office:
    """Where the filing of what such a body approved goes."""
    return _filings()[approver]


def offices() -> Sequence[Office]:
    """Every row of the table."""
    return [*dict.fromkeys(each for rows in _approvals().values() for each in rows), *_filings().values()]


@cache
def _approvals() -> Mapping[PlaceClass, Sequence[Office]]:
    found: dict[PlaceClass, list[Office]] = {}
    for row in _table()["approval"]:
        office = _office(row, APPROVAL_ARTICLE)
        for each in row["classes"]:
            found.setdefault(PlaceClass.of(each), []).append(office)
    return found


@cache
def _decisions() -> Mapping[NameAction, Basis]:
    return {NameAction.of(each): _basis(row) for row in _table()["decision"] for each in row["actions"]}


def _basis(row: Mapping[str, Any]) -> Basis:
    told = {key: row[key] for key in ("verified", "note", "note_en") if key in row}
    return Basis(LAW, row["article"], phrase=row["phrase"], **told)


@cache
def _filings() -> Mapping[Approver, Office]:
    return {Approver.of(row["approver"]): _office(row, FILING_ARTICLE) for row in _table()["filing"]}


def _office(row: Mapping[str, Any], article: int) -> Office:
    approver = Approver.of(row["approver"]) if row["approver"] else None
    basis = Basis(LAW, article, row["item"], row["phrase"]) if row["verified"] else basis_of(row)
    return Office(approver, row["zh"], row["en"], basis, row["jurisdiction"])


@cache
def _table() -> Mapping[str, Sequence[Mapping[str, Any]]]:
    return tomllib.loads(TABLE.read_text(encoding="utf-8"))
