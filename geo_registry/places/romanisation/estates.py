"""Names of residential areas that have parts: 翠苑/一区, 三江/新村/东区, 滨江/花园/二期.

A part that is counted off is written in figures, as lanes are (article 7): both are what an address counts by. One that a
direction tells from others has the direction joined to its generic (article 2).
"""

import re

from geo_registry.places.romanisation import rules
from geo_registry.places.romanisation.classes import DIRECTIONS, SETTLEMENTS, WAYS, ending, stands_together
from geo_registry.places.romanisation.doubts import MODIFIER_OR_NAME, WORDS_GUESSED
from geo_registry.places.romanisation.numerals import ordinal
from geo_registry.places.romanisation.pieces import (
    Pieces,
    Setting,
    Split,
    generic_pieces,
    modifier,
    specific,
    with_ordinal,
)
from geo_registry.places.romanisation.proposal import Doubt
from geo_registry.places.romanisation.tables import Generic, generics, known_places
from geo_registry.places.romanisation.words import wording
from geo_registry.vocabulary import PlaceClass

AREAS = frozenset({PlaceClass.RESIDENTIAL_AREA})
PEOPLED = AREAS | SETTLEMENTS | WAYS
"""What a part may be of without a doubt: 三里屯, 三江新村."""
PARTS = ("小区", "组团", "区", "期", "村")
"""What an area is divided into; no generics of names of their own."""
UNNAMED = {
    "期": Generic("期", (("qī",),), (PlaceClass.RESIDENTIAL_AREA,)),
    "组团": Generic("组团", (("zǔ", "tuán"),), (PlaceClass.RESIDENTIAL_AREA,)),
}
OF_PARTS = DIRECTIONS | {"中", "前", "后"}
AT_A_PLACE = re.compile("(.{1,2}[庄屯营店堡寨桥])(.{2}[园苑里])")
"""方庄/芳古园: an area called after the place that it lies at and by a name of its own."""


def estate(text: str, setting: Setting) -> Split | None:
    """A residential area's part; None for a whole area, whose name is written as those of works are."""
    part = next((each for each in PARTS if text.endswith(each)), None)
    if part is None:
        return _side(text, setting)
    generic = UNNAMED.get(part) or generics()[part]
    rest = text[: -len(part)]
    counted = ordinal(rest)
    if counted is not None:
        tail = with_ordinal(counted, generic_pieces(generic), rules.FIGURE, setting)
        if not counted.head:
            return Split(tail)
        apart = _told_apart(counted.head)
        stem = counted.head[:-1] if apart else counted.head
        pieces, doubts = stem_of(stem, setting)
        side = (modifier(counted.head[-1]),) if apart else ()
        return Split((*pieces, *side, *tail), doubts=doubts)
    if part in {"期", "村", "组团"} or not _told_apart(rest):
        return None
    stem = rest[:-1]
    pieces, doubts = stem_of(stem, setting)
    main = (*pieces, modifier(rest[-1]), *generic_pieces(generic, begins=False))
    if ending(stem, PEOPLED) is not None:
        return Split(main, doubts=doubts)
    other = (specific(rest), *generic_pieces(generic))
    return Split(main, ((other, MODIFIER_OR_NAME),), (*doubts, MODIFIER_OR_NAME))


def _side(text: str, setting: Setting) -> Split | None:
    """丽都/花园/东苑: a side of an area that has a generic already; None for any other."""
    generic = ending(text, AREAS)
    rest = text[: -len(generic.text)] if generic is not None and len(generic.text) == 1 else ""
    inner = ending(rest[:-1], AREAS) if _told_apart(rest) else None
    if inner is None or len(inner.text) == 1:
        return None
    pieces, doubts = stem_of(text, setting)
    return Split(pieces, doubts=doubts)


def _told_apart(text: str) -> bool:
    """Whether the last character says which part it is: 天通苑/北, 三江新村/东."""
    return len(text) > 2 and text[-1] in OF_PARTS and not stands_together(text) and text not in known_places()


def stem_of(text: str, setting: Setting) -> tuple[Pieces, tuple[Doubt, ...]]:
    """What the parts are of: an area with a generic of its own, which joins it where it has one syllable (article 4)."""
    inner = ending(text, AREAS)
    if inner is not None:
        rest = text[: -len(inner.text)]
        if len(inner.text) > 1:
            pieces, doubts = stem_of(rest, setting)
            return (*pieces, *generic_pieces(inner)), doubts
        if _told_apart(rest):
            pieces, doubts = stem_of(rest[:-1], setting)
            return (*pieces, modifier(rest[-1]), *generic_pieces(inner, begins=False)), doubts
    place = AT_A_PLACE.fullmatch(text)
    if place:
        return (specific(place[1]), specific(place[2])), (WORDS_GUESSED,)
    return wording(text, PlaceClass.RESIDENTIAL_AREA, setting)
