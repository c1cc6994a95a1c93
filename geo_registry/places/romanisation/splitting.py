"""Where a name is written apart: its class first, then its parts.

A name is taken apart from its end: the generic, the modifiers that belong to it, numerals; what is left is the specific
part, in which a generic may have been absorbed. Every way answers the pieces that are likely, and the others that could
be meant with the reason why.
"""

import re

from geo_registry.places.romanisation import rules
from geo_registry.places.romanisation.classes import (
    NATURE,
    SETTLEMENTS,
    WAYS,
    WORKS,
    ending,
    of_classes,
    suggested,
)
from geo_registry.places.romanisation.divisions import (
    COMMITTEES,
    DIVISIONS,
    committee,
    division,
    inner_division,
    leading_divisions,
    one_division,
)
from geo_registry.places.romanisation.doubts import (
    BY_CHINESE_READING,
    DIVISION_BY_CLASS,
    FEATURE_BY_CLASS,
    JOINED_BY_CLASS,
    NO_GENERIC,
    OTHER_CLASS,
)
from geo_registry.places.romanisation.estates import estate
from geo_registry.places.romanisation.features import feature
from geo_registry.places.romanisation.pieces import (
    Pieces,
    Setting,
    Split,
    generic_alone,
    generic_pieces,
    specific,
    transcribed_name,
)
from geo_registry.places.romanisation.tables import known_places, wholes
from geo_registry.places.romanisation.ways import way
from geo_registry.places.romanisation.words import wording
from geo_registry.places.romanisation.works import work
from geo_registry.vocabulary import PlaceClass

IN_A_DIVISION = re.compile("(.{2,4})(省|市|县|区)")


def split(text: str, place_class: PlaceClass, setting: Setting, *, given: bool) -> Split:
    """How Chinese characters of a class are written apart; `given`: somebody said the class."""
    if place_class in SETTLEMENTS:
        return _settlement(text, given=given, place_class=place_class)
    if text in wholes():
        return Split((specific(text, rules.WHOLE),))
    whole = transcribed_name(text, place_class)
    if whole:
        return Split(whole, (((specific(text, rules.WHOLE),), BY_CHINESE_READING),))
    if place_class is PlaceClass.DIVISION:
        return _division(text, given=given)
    before, rest = leading_divisions(text, bold=place_class in WORKS)
    stem, rest = inner_division(rest) if place_class is PlaceClass.INSTITUTION else ("", rest)
    named, doubts = wording(stem, place_class, setting)
    within, rest = leading_divisions(rest, bold=False) if stem else ((), rest)
    before = (*before, *named, *within)
    alone = before and generic_alone(rest, begins=True)
    found = (Split(alone) if alone else _by_class(rest, place_class, setting)).after(before)
    found = Split(found.pieces, found.others, (*doubts, *found.doubts)) if doubts else found
    if not given and place_class in NATURE and not before:
        joined = (specific(text, rules.SETTLEMENT),)
        return Split(found.pieces, (*found.others, (joined, JOINED_BY_CLASS)), (*found.doubts, JOINED_BY_CLASS))
    return found


def _division(text: str, *, given: bool) -> Split:
    """A division; the short name of one may be a feature's where nobody said the class (上海, 江山)."""
    found = division(text)
    as_feature = feature(text, PlaceClass.DIVISION) if not given and text in known_places() else None
    if as_feature is None:
        told = ending(text, DIVISIONS, alone=len(text) > 2) or text in known_places() or found.others
        return found if told else Split(found.pieces, doubts=(NO_GENERIC,))
    return Split(found.pieces, (*found.others, (as_feature.pieces, FEATURE_BY_CLASS)), (FEATURE_BY_CLASS,))


def _by_class(text: str, place_class: PlaceClass, setting: Setting) -> Split:
    """As names of a class are written; by another class's way where the generic is of that one."""
    found = _of_family(text, place_class, setting)
    if found is not None:
        return found
    kind = suggested(text)
    if kind is PlaceClass.OTHER or kind in SETTLEMENTS:
        return Split((specific(text, rules.WHOLE),), doubts=(NO_GENERIC,))
    if kind is PlaceClass.DIVISION:
        return Split(one_division(text), doubts=(OTHER_CLASS,))
    other = _of_family(text, kind, setting) or Split((specific(text, rules.WHOLE),))
    return Split(other.pieces, other.others, (*other.doubts, OTHER_CLASS))


def _of_family(text: str, place_class: PlaceClass, setting: Setting) -> Split | None:
    if place_class in WAYS:
        return way(text, setting)
    if place_class in NATURE:
        return feature(text, place_class)
    parts = estate(text, setting) if place_class is PlaceClass.RESIDENTIAL_AREA else None
    return parts or work(text, place_class, setting)


def _settlement(text: str, *, given: bool, place_class: PlaceClass) -> Split:
    """A natural village in one word; where it may be a division too, that is a doubt."""
    if text.endswith(tuple(COMMITTEES)) and len(text) > max(map(len, COMMITTEES)):
        return Split(committee(text))
    if text.endswith(("社区", *COMMITTEES)) and len(text) > 2:
        return division(text)
    before: Pieces = ()
    known = IN_A_DIVISION.match(text)
    if known and known[1] in known_places() and len(text) > len(known[0]) + 1:
        before, text = leading_divisions(text, bold=True)
    joined = (*before, specific(text, rules.SETTLEMENT))
    apart = of_classes(frozenset({PlaceClass.DIVISION})).get(text[-1:])
    if apart is None or len(text) < 2 or (given and len(text) < 3) or text.endswith("家村"):
        return Split(joined)
    other = ((*before, specific(text[:-1]), *generic_pieces(apart)), DIVISION_BY_CLASS)
    doubted = not given or place_class is PlaceClass.COMMITTEE_SEAT
    return Split(joined, (other,), (DIVISION_BY_CLASS,) if doubted else ())
