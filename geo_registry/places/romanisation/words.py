"""The words that stand before the generic of a work, as the tables of words know them."""

from geo_registry.places.romanisation import rules
from geo_registry.places.romanisation.doubts import WORDS_GUESSED
from geo_registry.places.romanisation.numerals import COUNTED, DATES, Ordinal, number
from geo_registry.places.romanisation.pieces import Piece, Pieces, Setting, figures, specific, transcribed_name
from geo_registry.places.romanisation.proposal import Doubt
from geo_registry.places.romanisation.tables import features, known_places, people, words
from geo_registry.vocabulary import NamePart, PlaceClass

LONGEST_WORD = 6
LONGEST_GUESS = 4
"""What no table knows is one word; where it is longer, a person should look."""
CONJUNCTIONS = frozenset("和与暨")
"""Words of one character that stand by themselves between others."""
NUMERALS_SPELT = frozenset(
    {PlaceClass.BRIDGE, PlaceClass.TUNNEL, PlaceClass.MONUMENT, PlaceClass.TEMPLE, PlaceClass.PARK, PlaceClass.RESERVE}
    | {PlaceClass.SCENIC_AREA}
)
"""Neither streets (article 7) nor institutions (article 16): their ordinals are spelt as numerals are (article 6)."""
NAMES = frozenset(
    [
        "人民",
        "世纪",
        "时代",
        "幸福",
        "光荣",
        "英雄",
        "红色",
        "滨江",
        "东方",
        "西方",
        "南方",
        "北方",
        "中华",
        "中国",
        "华东",
        "华中",
        "华南",
        "华北",
        "西南",
        "西北",
        "东北",
        "革命",
        "共和国",
        "解放军",
        "志愿军",
        "未来",
        "抗战",
        "起义",
        "国际",
    ]
)
"""Words that a work is called by, rather than what it is of: 人民/桥, but 民政局."""


def describes(word: str) -> bool:
    """Whether a word says of what kind a work is, so that it joins a generic of one syllable (article 14)."""
    return word in words() and word not in NAMES and word not in people() and word not in known_places()


def is_known(text: str) -> bool:
    """Whether a table has it as one word."""
    return text in known_places() or text in words() or text in people() or text in features()


def wording(text: str, place_class: PlaceClass, setting: Setting) -> tuple[Pieces, tuple[Doubt, ...]]:
    """The words of what stands before a generic, and the doubt where that is a guess; what is no word stays together."""
    pieces = _wording(text, place_class, setting)
    guessed = any(
        not piece.letters and len(piece.text) > LONGEST_GUESS and not is_known(piece.text) for piece in pieces
    )
    return pieces, (WORDS_GUESSED,) if guessed else ()


def _wording(text: str, place_class: PlaceClass, setting: Setting) -> Pieces:
    if not text:
        return ()
    whole = transcribed_name(text, place_class)
    if whole:
        return whole
    counted = COUNTED.search(text)
    value = number(counted[0].removeprefix("第")) if counted else None
    if counted is not None and value and len(counted[0]) < len(text):
        ordinal_found = Ordinal("", counted[0], value, certain=True)
        if place_class in NUMERALS_SPELT:
            numeral = Piece(counted[0], NamePart.NUMERAL, rules.NUMERAL)
        elif setting.figures:
            numeral = figures(ordinal_found, rules.WORKS_FIGURE)
        else:
            numeral = Piece(counted[0], NamePart.NUMERAL, rules.ORDINAL_SPELT)
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
    """The longest word that begins there: a place or a feature only at the beginning or after another word.

    In names of residential areas a place is one only before all else, and a feature none: 南湖/花园 is called 南湖.
    """
    areas = place_class is PlaceClass.RESIDENTIAL_AREA
    for length in range(min(LONGEST_WORD, len(text) - at), 1, -1):
        word = text[at : at + length]
        if word in words() or word in people():
            return word
        if not led:
            continue
        alone = not at and len(text) - length < 2
        if (word in known_places() or (not at and word in DATES)) and not (areas and (at or alone)):
            return word
        if word in features() and not areas:
            return word
    return ""


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
