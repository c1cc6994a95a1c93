"""The pieces that a name is taken apart into, before they are read."""

import re
from dataclasses import dataclass

from geo_registry.places.romanisation import rules
from geo_registry.places.romanisation.classes import EVERY, ending
from geo_registry.places.romanisation.numerals import Ordinal, number
from geo_registry.places.romanisation.proposal import Doubt
from geo_registry.places.romanisation.rules import Rule
from geo_registry.places.romanisation.tables import Generic, generics, people, transcribed
from geo_registry.vocabulary import NamePart, PlaceClass

ABSORBABLE = EVERY - {PlaceClass.INSTITUTION}
"""Whose generics a specific part may have absorbed; those of institutions are ordinary characters too often."""

NUMBERED = re.compile("(.*?)([一二三四五六七八九十百]+)号")
"""What is known by a number: 一号."""

BEFORE_TRANSCRIBED = frozenset("东西南北前后新旧大小中上下")
"""Chinese modifiers that stand before a transcribed name: 东/乌珠穆沁."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Some characters of a name and what they are in it."""

    text: str
    role: NamePart
    rule: Rule
    begins: bool = True
    syllables: tuple[str, ...] = ()
    """Where they are settled: of generics and of peoples."""
    letters: str = ""
    """Where they are written as they are: figures, codes, transcribed names."""


Pieces = tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Split:
    """How a name may be written apart."""

    pieces: Pieces
    others: tuple[tuple[Pieces, Doubt], ...] = ()
    doubts: tuple[Doubt, ...] = ()

    def after(self, before: Pieces) -> "Split":
        """The same with something before it."""
        return Split(
            (*before, *self.pieces), tuple(((*before, *other), why) for other, why in self.others), self.doubts
        )


@dataclass(frozen=True, slots=True)
class Setting:
    """What can be set."""

    figures: bool = True
    """Ordinals in figures (the rules of 1984); else spelt (GB/T 16159)."""


def specific(text: str, rule: Rule = rules.APART, *, begins: bool = True) -> Piece:
    """The specific part in one word, with the rule that shaped it."""
    if rule is rules.APART:
        if text in people():
            rule = rules.PERSON
        elif len(text) > 1 and ending(text, ABSORBABLE) is not None:
            rule = rules.ABSORBED
        elif number(text[:1]) or text in {"五一", "五四"}:
            rule = rules.NUMERAL
    return Piece(text, NamePart.SPECIFIC, rule, begins)


def generic_pieces(generic: Generic, rule: Rule = rules.APART, *, begins: bool = True) -> Pieces:
    """A generic, a piece for each word that it is written as; `begins`: nothing before it joins it."""
    pieces = []
    at = 0
    for word in generic.words:
        text = generic.text[at : at + len(word)]
        pieces.append(
            Piece(
                text,
                NamePart.GENERIC,
                rule if not at else rules.MODIFIER,
                begins or at > 0,
                word,
            )
        )
        at += len(word)
    return tuple(pieces)


def generic_alone(text: str, *, begins: bool) -> Pieces:
    """The pieces of a text that is a generic as a whole; nothing where it is none."""
    generic = generics().get(text)
    return generic_pieces(generic, begins=begins) if generic is not None else ()


def modifier(text: str, rule: Rule = rules.MODIFIER) -> Piece:
    """What modifies the part after it."""
    return Piece(text, NamePart.MODIFIER, rule)


def figures(counted: Ordinal, rule: Rule) -> Piece:
    """An ordinal in figures."""
    return Piece(counted.text, NamePart.NUMERAL, rule, letters=counted.figure)


def with_ordinal(counted: Ordinal, generic: Pieces, rule: Rule, setting: Setting) -> Pieces:
    """An ordinal before its generic: in figures, or spelt and joined to a generic of one syllable."""
    if setting.figures:
        return (figures(counted, rule), *generic)
    spelt = Piece(counted.text, NamePart.NUMERAL, rules.ORDINAL_SPELT)
    first, *others = generic
    joins = len(first.text) == 1 and not counted.text.startswith("第")
    return (spelt, Piece(first.text, first.role, first.rule, not joins, first.syllables), *others)


def numbered(text: str, generic: Generic, rule: Rule, setting: Setting) -> tuple[str, Pieces] | None:
    """一号/桥: the number in figures, 号 with a generic of one syllable; what stands before, and these."""
    match = NUMBERED.fullmatch(text)
    value = number(match[2]) if match else None
    if match is None or not value:
        return None
    counted = Ordinal(match[1], match[2], value, certain=True)
    named = generic_pieces(generic, begins=len(generic.text) > 1)
    return match[1], with_ordinal(counted, (modifier("号"), *named), rule, setting)


def transcribed_name(text: str, place_class: PlaceClass) -> Pieces:
    """A name of a minority language, a Chinese modifier before it apart; nothing where the table has none."""
    for start in (0, 1):
        found = transcribed().get(text[start:])
        if found is None or not (found.everywhere or place_class is PlaceClass.DIVISION):
            continue
        if start and text[0] not in BEFORE_TRANSCRIBED:
            continue
        before = (modifier(text[0]),) if start else ()
        return (*before, Piece(text[start:], NamePart.SPECIFIC, rules.TRANSCRIBED, letters=found.spelling))
    return ()
