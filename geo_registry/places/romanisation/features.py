"""Names of natural features, waters and what is built into them."""

import re

from geo_registry.places.romanisation import rules
from geo_registry.places.romanisation.classes import NATURE, ending, stands_together
from geo_registry.places.romanisation.doubts import MODIFIER_OR_NAME
from geo_registry.places.romanisation.numerals import COUNTED, DATES, DIGITS
from geo_registry.places.romanisation.pieces import (
    Piece,
    Pieces,
    Split,
    generic_pieces,
    modifier,
    specific,
    transcribed_name,
)
from geo_registry.places.romanisation.tables import known_places
from geo_registry.vocabulary import NamePart, PlaceClass

CODED = re.compile("[一二三四五六七八九〇零]{3,}")
"""Digits in a row, a code (article 7): 一二〇三/高地."""
OF_NATURE = frozenset("东西南北新老大小")


def feature(text: str, place_class: PlaceClass) -> Split | None:
    """A natural feature's name: what stands before its generic, and what modifies that; None where it has none."""
    generic = ending(text, NATURE)
    if generic is None:
        return None
    rest = text[: -len(generic.text)]
    base, modifiers = rest, ""
    if len(rest) > 2 and rest[-1] in OF_NATURE and not stands_together(rest) and rest not in known_places():
        single = len(generic.text) == 1 or (generic.text == "运河" and rest[-1] == "大")
        if single:
            base, modifiers = rest[:-1], rest[-1]
    tail = (*((modifier(modifiers),) if modifiers else ()), *generic_pieces(generic, begins=not modifiers))
    main = (*_named(base, place_class), *tail)
    if not modifiers:
        return Split(main)
    other = (specific(rest), *generic_pieces(generic))
    return Split(main, ((other, MODIFIER_OR_NAME),), (MODIFIER_OR_NAME,) if modifiers not in "新大" else ())


def _named(text: str, place_class: PlaceClass) -> Pieces:
    """The specific part of a natural feature: an ordinal before it stands apart."""
    if not text:
        return ()
    whole = transcribed_name(text, place_class)
    if whole:
        return whole
    if CODED.fullmatch(text) and text not in DATES:
        digits = "".join(str(DIGITS.get(each, 0)) for each in text)
        return (Piece(text, NamePart.CODE, rules.FIGURE, letters=digits),)
    first = COUNTED.match(text)
    if first and len(text) > len(first[0]) + 1:
        return (Piece(first[0], NamePart.NUMERAL, rules.NUMERAL), specific(text[len(first[0]) :]))
    return (specific(text),)
