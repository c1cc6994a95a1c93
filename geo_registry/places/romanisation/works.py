"""Names of buildings, sights, facilities and institutions (articles 14 to 17)."""

from geo_registry.places.romanisation import rules
from geo_registry.places.romanisation.classes import WORKS, ending, stands_together
from geo_registry.places.romanisation.divisions import COMMITTEES, committee
from geo_registry.places.romanisation.doubts import ORDINAL_OR_NAME, WORDS_GUESSED
from geo_registry.places.romanisation.numerals import Ordinal, number, ordinal
from geo_registry.places.romanisation.pieces import (
    Piece,
    Setting,
    Split,
    figures,
    generic_pieces,
    modifier,
    numbered,
    specific,
    with_ordinal,
)
from geo_registry.places.romanisation.tables import Generic, generics, words
from geo_registry.places.romanisation.words import NUMERALS_SPELT, describes, is_known, wording
from geo_registry.vocabulary import NamePart, PlaceClass

BUT_INSTITUTIONS = WORKS - {PlaceClass.INSTITUTION}
OF_WORKS = frozenset("东西南北新老大小")
COUNTED_WORKS = frozenset(
    ["厂", "分厂", "中", "小", "矿", "队", "场", "院", "库", "处", "所", "营", "连", "站", "厅", "桥", "中学", "医院"]
)
"""The same of institutions (article 16)."""
JOINED_BY_MODIFIERS = frozenset("厂局所处队社馆场会部库矿店站厅城院行校堂")
"""Generics of one syllable that what describes them joins (article 14): 民政局, 拖拉机厂, 影视城."""
OF_INSTITUTIONS = frozenset("厂局所处队社场部矿店厅城")
"""Those that are an institution's, before which the table of words may not know what describes it."""
OFFICES = frozenset("局厅处部")
"""What is called after its business alone: also a word that no table has describes it."""
ARCHWAYS = frozenset(["牌楼", "牌坊"])
"""Before these a numeral counts arches: 四牌楼 is one word."""


def work(text: str, place_class: PlaceClass, setting: Setting) -> Split | None:
    """A work's name: the words before its generic, ordinals, modifiers; None where it has no generic of one."""
    generic = _ending(text, place_class)
    if generic is None:
        return None
    rest = text[: -len(generic.text)]
    if generic.text in COMMITTEES and rest[-1:] in {"村", "区"}:
        return Split(committee(text))
    if generic.text in ARCHWAYS and number(rest):
        return Split((specific(text, rules.NUMERAL),))
    return _counted(rest, generic, place_class, setting) or _worded(rest, generic, place_class, setting)


def _counted(rest: str, generic: Generic, place_class: PlaceClass, setting: Setting) -> Split | None:
    """A work that is numbered or counted off; None for one that isn't."""
    known_by = numbered(rest, generic, rules.WORKS_FIGURE, setting)
    if known_by is not None:
        pieces, doubts = wording(known_by[0], place_class, setting)
        return Split((*pieces, *known_by[1]), doubts=doubts)
    counted = ordinal(rest) if generic.text in COUNTED_WORKS or rest.startswith("第") else None
    if counted is None:
        return None
    if place_class in NUMERALS_SPELT:
        return _spelt(counted, generic, place_class, setting) if counted.head else None
    pieces, doubts = wording(counted.head, place_class, setting)
    return Split(
        (*pieces, *with_ordinal(counted, generic_pieces(generic, rules.WORKS), rules.WORKS_FIGURE, setting)),
        doubts=doubts,
    )


def _worded(rest: str, generic: Generic, place_class: PlaceClass, setting: Setting) -> Split:
    """The words before the generic, and what modifies or describes that."""
    base, modifiers = rest, ""
    modified = len(rest) > 2 and rest[-1] in OF_WORKS and not stands_together(rest)
    if modified and len(generic.text) == 1 and not is_known(rest):
        base, modifiers = rest[:-1], rest[-1]
    pieces, doubts = wording(base, place_class, setting)
    described = not modifiers and generic.text in JOINED_BY_MODIFIERS and bool(pieces)
    unknown = described and not pieces[-1].letters and not is_known(pieces[-1].text)
    joins = described and (describes(pieces[-1].text) or (unknown and generic.text in OFFICES))
    tail = (
        *((modifier(modifiers, rules.WORKS),) if modifiers else ()),
        *generic_pieces(generic, rules.WORKS, begins=not modifiers and not joins),
    )
    if not unknown or (generic.text not in OFFICES and (generic.text not in OF_INSTITUTIONS or len(pieces) < 2)):
        return Split((*pieces, *tail), doubts=doubts)
    other = (*pieces, *generic_pieces(generic, rules.WORKS, begins=joins))
    return Split((*pieces, *tail), ((other, WORDS_GUESSED),), (WORDS_GUESSED,))


def _spelt(counted: Ordinal, generic: Generic, place_class: PlaceClass, setting: Setting) -> Split:
    """钱江/四桥: a numeral that neither article 7 nor 16 puts in figures; it modifies a generic of one syllable."""
    pieces, doubts = wording(counted.head, place_class, setting)
    joins = len(generic.text) == 1
    numeral = Piece(counted.text, NamePart.NUMERAL, rules.NUMERAL)
    main = (*pieces, numeral, *generic_pieces(generic, rules.WORKS, begins=not joins))
    other = (*pieces, figures(counted, rules.WORKS_FIGURE), *generic_pieces(generic, rules.WORKS))
    return Split(main, ((other, ORDINAL_OR_NAME),), doubts)


def _in_a_word_before(text: str, generic: Generic) -> bool:
    """Whether a generic's first character ends the word before it (not 人民/政府), and its rest is one all the same."""
    start = len(text) - len(generic.text)
    shared = start > 0 and text[start - 1 : start + 1] in words() and text[:start][-2:] not in words()
    return shared and generic.text[1:] in generics()


def _ending(text: str, place_class: PlaceClass) -> Generic | None:
    """The longest generic of a work; of one character only where works of this class, or sights, end so."""
    alone = len(text) > 2
    own = ending(text, frozenset({place_class}), alone=alone)
    other = ending(text, WORKS, alone=alone)
    longest = max((own, other), key=lambda generic: len(generic.text) if generic else 0)
    if longest is not None and _in_a_word_before(text, longest):
        # 化工/厂 rather than 化/工厂, 工商/学院 rather than 工/商学院.
        other = own = generics()[longest.text[1:]]
    if other is not None and len(other.text) == 1 and other is not own:
        other = ending(text, BUT_INSTITUTIONS, alone=alone)
    return own if other is None or (own is not None and len(own.text) >= len(other.text)) else other
