"""Names of buildings, sights, facilities and institutions (articles 14 to 17)."""

from geo_registry.places.romanisation import rules
from geo_registry.places.romanisation.classes import TOGETHER, WORKS, ending
from geo_registry.places.romanisation.divisions import COMMITTEES, division
from geo_registry.places.romanisation.numerals import COUNTED, Ordinal, number, ordinal
from geo_registry.places.romanisation.pieces import (
    Piece,
    Pieces,
    Setting,
    Split,
    figures,
    generic_pieces,
    modifier,
    numbered,
    specific,
    transcribed_name,
    with_ordinal,
)
from geo_registry.places.romanisation.tables import Generic, known_places, people, words
from geo_registry.vocabulary import NamePart, PlaceClass

BUT_INSTITUTIONS = WORKS - {PlaceClass.INSTITUTION}
OF_WORKS = frozenset("东西南北新老大小")
COUNTED_WORKS = frozenset(
    ["厂", "分厂", "中", "小", "矿", "队", "场", "院", "库", "处", "所", "营", "连", "站", "厅", "桥", "中学", "医院"]
)
"""The same of institutions (article 16)."""
LONGEST_WORD = 6
CONJUNCTIONS = frozenset("和与暨")
"""Words of one character that stand by themselves between others."""


def work(text: str, place_class: PlaceClass, setting: Setting) -> Split | None:
    """A work's name: the words before its generic, ordinals, modifiers; None where it has no generic of one."""
    generic = _ending(text, place_class)
    if generic is None:
        return None
    rest = text[: -len(generic.text)]
    if generic.text in COMMITTEES and rest[-1:] in {"村", "区"}:
        return Split((*division(rest).pieces, *generic_pieces(generic, rules.WORKS)))
    known_by = numbered(rest, generic, rules.WORKS_FIGURE, setting)
    if known_by is not None:
        return Split((*_wording(known_by[0], place_class, setting), *known_by[1]))
    counted = ordinal(rest) if generic.text in COUNTED_WORKS or rest.startswith("第") else None
    if counted is not None:
        tail = with_ordinal(counted, generic_pieces(generic, rules.WORKS), rules.WORKS_FIGURE, setting)
        return Split((*_wording(counted.head, place_class, setting), *tail))
    base, modifiers = rest, ""
    modified = len(rest) > 2 and rest[-1] in OF_WORKS and rest[-2:] not in TOGETHER
    if modified and len(generic.text) == 1 and not _known(rest):
        base, modifiers = rest[:-1], rest[-1]
    tail = (
        *((modifier(modifiers, rules.WORKS),) if modifiers else ()),
        *generic_pieces(generic, rules.WORKS, begins=not modifiers),
    )
    return Split((*_wording(base, place_class, setting), *tail))


def _ending(text: str, place_class: PlaceClass) -> Generic | None:
    """The longest generic of a work; of one character only where works of this class, or sights, end so."""
    alone = len(text) > 2
    own = ending(text, frozenset({place_class}), alone=alone)
    other = ending(text, WORKS, alone=alone)
    if other is not None and len(other.text) == 1:
        other = ending(text, BUT_INSTITUTIONS, alone=alone)
    return own if other is None or (own is not None and len(own.text) >= len(other.text)) else other


def _wording(text: str, place_class: PlaceClass, setting: Setting) -> Pieces:
    """The words of what stands before an institution's generic; what is no word stays together."""
    if not text:
        return ()
    whole = transcribed_name(text, place_class)
    if whole:
        return whole
    counted = COUNTED.search(text)
    value = number(counted[0].removeprefix("第")) if counted else None
    if counted is not None and value and len(counted[0]) < len(text):
        ordinal_found = Ordinal("", counted[0], value, certain=True)
        numeral = (
            figures(ordinal_found, rules.WORKS_FIGURE)
            if setting.figures
            else Piece(counted[0], NamePart.NUMERAL, rules.ORDINAL_SPELT)
        )
        before, after = text[: counted.start()], text[counted.end() :]
        return (*_wording(before, place_class, setting), numeral, *_wording(after, place_class, setting))
    found = _words_of(text, place_class)
    return tuple(specific(word, rules.WORKS if len(found) > 1 else rules.APART) for word in found)


def _words_of(text: str, place_class: PlaceClass) -> list[str]:
    found: list[str] = []
    unknown = ""
    at = 0
    while at < len(text):
        word = _word_at(text, at, led=not unknown, place_class=place_class)
        if not word:
            unknown += text[at]
            at += 1
            continue
        if unknown:
            found.append(unknown)
            unknown = ""
        found.append(word)
        at += len(word)
    if unknown:
        found.append(unknown)
    return _without_crumbs(found)


def _word_at(text: str, at: int, *, led: bool, place_class: PlaceClass) -> str:
    """The longest word that begins there; places only after another word, and not in names of residential areas."""
    for length in range(min(LONGEST_WORD, len(text) - at), 1, -1):
        word = text[at : at + length]
        if word in words() or word in people():
            return word
        if word in known_places() and led and place_class is not PlaceClass.RESIDENTIAL_AREA:
            return word
    return ""


def _known(text: str) -> bool:
    return text in known_places() or text in words() or text in people()


def _without_crumbs(found: list[str]) -> list[str]:
    """No word of one character: it belongs to the one before it, or it begins the next."""
    if len(found) < 2:
        return found
    whole: list[str] = []
    for word in found:
        if whole and word not in CONJUNCTIONS and whole[-1] not in CONJUNCTIONS and 1 in {len(word), len(whole[-1])}:
            whole[-1] += word
        else:
            whole.append(word)
    return whole
