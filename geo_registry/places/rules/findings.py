"""What a check found: how much it weighs, what it stands on, how it is said, and what it collides with."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Self
from uuid import UUID

from geo_registry.vocabulary import DivisionLevel, FindingCode, PlaceClass, Severity

LAW = "地名管理条例"
"""State Council Order 753, in force since 2022-05-01."""

DIGITS = "零一二三四五六七八九"
_TENTHS = 10

CATALOGUE = Path(__file__).with_name("rules.toml")
SEVERITIES = tuple(Severity)


@dataclass(frozen=True, slots=True)
class Basis:
    """What a rule stands on: a law, its article and item, and whether the rule itself was read there.

    `phrase` stands in the article word for word. `note` says what wasn't; `note_en` in English.
    """

    law: str
    article: int | None = None
    item: int | None = None
    phrase: str = ""
    verified: bool = True
    note: str = ""
    note_en: str = ""

    def noted(self, locale: str) -> str:
        """What wasn't read, in the language of `locale`; reviews of old have it in Chinese alone."""
        return (self.note_en or self.note) if locale.startswith("en") else self.note

    @property
    def cited(self) -> str:
        """As it is cited: ``《地名管理条例》第九条第（八）项``."""
        words = f"《{self.law}》" if "规定（" not in self.law else self.law
        if self.article is not None:
            words += f"第{in_words(self.article)}条"
        if self.item is not None:
            words += f"第（{in_words(self.item)}）项"
        return words


@dataclass(frozen=True, slots=True)
class Rule:
    """A row of the table of rules: a finding's severity, basis and words."""

    code: FindingCode
    severity: Severity
    basis: Basis
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Subject:
    """A name, and what it is given to, as far as that is known.

    `division` is the twelve-digit code of where it lies, or of itself; `lon` and `lat` are degrees (EPSG:4490);
    `areas` are the ids of the built-up areas that it reaches; `detail` is the place's (`places/details.py`).
    `anywhere`: where in its division it lies isn't said, and `areas` are all that the division has.
    """

    name: str
    place_class: PlaceClass
    id: UUID | None = None
    level: DivisionLevel | None = None
    """Of a division; None for what is none."""
    division: str | None = None
    lon: float | None = None
    lat: float | None = None
    areas: frozenset[UUID] = frozenset()
    anywhere: bool = False
    detail: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Collision:
    """What a name collides with; None where it isn't a record but a fact of a list."""

    id: UUID | None
    name: str
    place_class: PlaceClass | None = None
    division: str | None = None
    distance_m: int | None = None
    """How far away, between the points where the names are written."""

    @classmethod
    def of(cls, subject: Subject, distance_m: int | None = None) -> Self:
        """A registered name as somebody else's collision."""
        return cls(subject.id, subject.name, subject.place_class, subject.division, distance_m)


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding about one name."""

    code: FindingCode
    severity: Severity
    basis: Basis
    details: Mapping[str, str] = field(default_factory=dict)
    """What its words are filled with; those that end in ``_en`` for English, where it differs."""
    collides_with: Collision | None = None

    def message(self, locale: str) -> str:
        """What is found, in the language of `locale` (``en…``, anything else is zh)."""
        english = locale.startswith("en")
        said = rules()[self.code]
        words = {name: value for name, value in self.details.items() if not name.endswith("_en")}
        if english:
            words |= {name.removesuffix("_en"): value for name, value in self.details.items() if name.endswith("_en")}
        return (said.en if english else said.zh).format(**words)

    def order(self) -> tuple[int, int, str]:
        """What puts findings in order: the weightiest first, then as the codes stand in the vocabulary."""
        other = self.collides_with.name if self.collides_with is not None else ""
        return SEVERITIES.index(self.severity), list(FindingCode).index(self.code), other


def found(
    code: FindingCode,
    *,
    basis: Basis | None = None,
    collides_with: Collision | None = None,
    **details: str,
) -> Finding:
    """A finding of `code` as the table has it; `basis` where another article says so."""
    rule = rules()[code]
    return Finding(code, rule.severity, basis or rule.basis, details, collides_with)


def in_order(findings: Sequence[Finding]) -> Sequence[Finding]:
    """The findings, the weightiest first."""
    return sorted(findings, key=Finding.order)


def in_words(number: int) -> str:
    """A number from 1 to 999 as laws write it: 九, 十三, 二十五, 二百零三."""
    hundreds, rest = divmod(number, _TENTHS * _TENTHS)
    tens, ones = divmod(rest, _TENTHS)
    if hundreds:
        middle = f"{DIGITS[tens]}十" if tens else "零" if ones else ""
        return f"{DIGITS[hundreds]}百{middle}" + (DIGITS[ones] if ones else "")
    return ("" if tens < 2 else DIGITS[tens]) + ("十" if tens else "") + (DIGITS[ones] if ones else "")


@cache
def rules() -> Mapping[FindingCode, Rule]:
    """The table of rules, by code."""
    rows: Mapping[str, Mapping[str, Any]] = tomllib.loads(CATALOGUE.read_text(encoding="utf-8"))
    return {FindingCode.of(key): _rule(FindingCode.of(key), row) for key, row in rows.items()}


def _rule(code: FindingCode, row: Mapping[str, Any]) -> Rule:
    basis = Basis(
        law=row.get("law", LAW),
        article=row.get("article"),
        item=row.get("item"),
        phrase=row.get("phrase", ""),
        verified=row.get("verified", True),
        note=row.get("note", ""),
        note_en=row.get("note_en", ""),
    )
    return Rule(code, Severity.of(row["severity"]), basis, row["zh"], row["en"])
