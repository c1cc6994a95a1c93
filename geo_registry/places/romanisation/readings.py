"""How the characters of a name are read, with tones: by the table of place readings, then by pypinyin's dictionaries.

The longest entry that begins at a character decides, the table's before a dictionary's of the same length.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from pypinyin.constants import PHRASES_DICT, PINYIN_DICT

from geo_registry.places.romanisation.syllables import bare, has_tone, is_legal
from geo_registry.text.place_readings import PlaceReading, place_readings
from geo_registry.vocabulary import ReadingSource

LONGEST_PHRASE = 5
"""Longer phrases of the dictionary are proverbs."""

MOST_OTHERS = 2
"""Of the other readings of a rare character, which the dictionary has in the order of their use."""

UNCHANGED = {"一": "yī", "不": "bù"}
"""The dictionary writes these as they sound before other tones; names keep their own tone."""

SUFFIXED = frozenset(
    "堡庄沟岗崴甸泡屯寨台梁坨坪湾岭洼营顶岔砬林房店窑圈桥坝塘嘴坑园口场院亭轿狮鸭竹柿李桃杏椅帽嫂娘燕猴兔豹麻棚坡坎包崖河"
    "洞坳冲垅岩墩坟碾柱梯箱锅盆罐"
)
"""After these 子 is a suffix without a tone, and so it is at the end of a name."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How a text is read."""

    syllables: tuple[str, ...]
    """One a character; 儿 that is only an r belongs to the one before it."""
    source: ReadingSource
    """The least certain of what decided."""
    others: tuple[tuple[str, ...], ...]
    """The same text with one doubtful reading exchanged for another."""


@dataclass(frozen=True, slots=True)
class _Dictionary:
    characters: Mapping[str, str]
    phrases: Mapping[str, tuple[str, ...]]
    longest: Mapping[str, int]
    """By the first character: how long the longest phrase or table entry is that begins so."""


@lru_cache(maxsize=65_536)
def read(text: str) -> Reading | None:
    """How Chinese characters are read; None where one of them is in no dictionary."""
    dictionary, table = _dictionary(), place_readings()
    syllables: list[str] = []
    others: list[tuple[int, int, tuple[str, ...]]] = []
    source = ReadingSource.TABLE
    at = 0
    while at < len(text):
        length, entry = _entry(text, at, dictionary)
        if entry is None:
            return None
        in_table = text[at : at + length] in table
        if length == 1:
            entry = _alone(text, at, entry)
        if not in_table:
            source = ReadingSource.CHARACTER if length == 1 else max(source, ReadingSource.DICTIONARY, key=_doubt)
        elif length == 1 and table[text[at]].others:
            source = ReadingSource.CHARACTER
        others += [(at, length, other) for other in entry.others]
        syllables += entry.syllables
        at += length
    return Reading(
        _coloured(text, syllables),
        source,
        tuple(_coloured(text, [*syllables[:at], *other, *syllables[at + length :]]) for at, length, other in others),
    )


def _doubt(source: ReadingSource) -> int:
    return list(ReadingSource).index(source)


def _entry(text: str, at: int, dictionary: _Dictionary) -> tuple[int, PlaceReading | None]:
    """The longest entry that begins at a character."""
    table = place_readings()
    for length in range(min(dictionary.longest.get(text[at], 1), len(text) - at), 1, -1):
        piece = text[at : at + length]
        if piece in table:
            return length, table[piece]
        if piece in dictionary.phrases:
            return length, PlaceReading(dictionary.phrases[piece], ())
    if text[at] in table:
        return 1, table[text[at]]
    alone = dictionary.characters.get(text[at])
    return 1, PlaceReading((alone,), _others(text[at], alone)) if alone else None


@lru_cache(maxsize=16_384)
def _others(character: str, said: str) -> tuple[tuple[str, ...], ...]:
    """How else a rare character may be read, of which the table says nothing; the usual ones are in the table where it matters."""
    if character in _usual():
        return ()
    others = PINYIN_DICT.get(ord(character), "").split(",")
    return tuple((other,) for other in others if is_legal(other) and bare(other) != bare(said))[:MOST_OTHERS]


@lru_cache(maxsize=16_384)
def ever_read(character: str) -> frozenset[str]:
    """Every way in which a dictionary or the table reads a character alone, without its tones."""
    said = PINYIN_DICT.get(ord(character), "").split(",")
    entry = place_readings().get(character)
    own = [entry.syllables, *entry.others] if entry is not None else []
    return frozenset(bare(each) for each in (*said, *(syllables[0] for syllables in own)) if each)


@cache
def _usual() -> frozenset[str]:
    """The 3,755 characters of the first level of GB 2312."""
    rows = (bytes((row, cell)) for row in range(0xB0, 0xD8) for cell in range(0xA1, 0xFF))
    return frozenset("".join(pair.decode("gb2312", "ignore") for pair in rows))


def _alone(text: str, at: int, entry: PlaceReading) -> PlaceReading:
    """What stands alone: 子 is a suffix at the end and after some characters, 儿 an r after any."""
    if at and text[at] == "子" and (at == len(text) - 1 or text[at - 1] in SUFFIXED):
        return PlaceReading(("zi",), ())
    if at and text[at] == "儿":
        return PlaceReading(("r",), (("ér",),))
    return entry


def _coloured(text: str, syllables: list[str]) -> tuple[str, ...]:
    """The syllables, each r of 儿化 with the one that it colours; what ends in r already can't be coloured."""
    if "儿" not in text:
        return tuple(syllables)
    found: list[str] = []
    for syllable in syllables:
        if syllable == "r" and found and not found[-1].endswith("r"):
            found[-1] += "r"
        else:
            found.append("ér" if syllable == "r" else syllable)
    return tuple(found)


@cache
def _dictionary() -> _Dictionary:
    """Read once, in about half a second."""
    characters = {chr(code): _first(said) for code, said in PINYIN_DICT.items()}
    characters = {one: said for one, said in characters.items() if is_legal(said)}
    characters |= {text: entry.syllables[0] for text, entry in place_readings().items() if len(text) == 1}
    phrases = {}
    for phrase, said in PHRASES_DICT.items():
        if 1 < len(phrase) <= LONGEST_PHRASE and len(said) == len(phrase) and "儿" not in phrase:
            syllables = _toned(phrase, [each[0] for each in said], characters)
            if all(map(is_legal, syllables)):
                phrases[phrase] = syllables
    longest: dict[str, int] = {}
    for text in (*phrases, *place_readings()):
        longest[text[0]] = max(longest.get(text[0], 1), len(text))
    return _Dictionary(characters, phrases, longest)


def _first(said: str) -> str:
    return said.partition(",")[0]


def _toned(phrase: str, said: list[str], characters: Mapping[str, str]) -> tuple[str, ...]:
    """A phrase's syllables as names have them: with their own tones, but for 子 at the end."""
    last = len(phrase) - 1
    syllables = []
    for at, (character, syllable) in enumerate(zip(phrase, said, strict=True)):
        if character in UNCHANGED:
            syllables.append(UNCHANGED[character])
        elif has_tone(syllable) or (character == "子" and at == last and at > 0):
            syllables.append(syllable)
        else:
            alone = characters.get(character, "")
            syllables.append(alone if bare(alone) == syllable else syllable)
    return tuple(syllables)
