"""How names are read: Hanyu Pinyin without tones, one syllable a character, for search.

Words and place names are read as a whole (``重庆`` is chong qing, ``乐清`` yue qing), by the table of place readings, by which
they are spelt too, and by the dictionaries of pypinyin. Its own
converter takes a tenth of a millisecond for a name, which an import of a million names would have to pay: here its
dictionaries are read once, and a name takes some microseconds.

This finds names; it doesn't spell them: what is put on a sign is decided elsewhere, and by people.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from pypinyin.constants import PHRASES_DICT, PINYIN_DICT

from geo_registry.text.place_readings import place_readings

IN_NAMES: Mapping[str, str] = {
    "长": "chang",  # 长山, 长塘; zhang in 镇长 and the like, which no place is called
    "弄": "long",  # a lane, all over Zhejiang
    "都": "du",  # 二都, 都心: the old subdivision of a county
    "单": "shan",  # as 解, 仇 and 查 a family name before 家, 村, 宅
    "解": "xie",
    "仇": "qiu",
    "查": "zha",
    "盖": "gai",
    "盛": "sheng",
    "朝": "chao",
    "朝阳": "chao yang",
    "大厦": "da sha",
}
"""What places are mostly called, where a dictionary of the whole language begins with another reading."""


OF_CLANS = frozenset("家村庄屯宅营寨湾集店楼坞岗")
"""What clans' names stand before: 区家 is ou jia where a name begins so, but 新区家园 isn't."""


@dataclass(frozen=True, slots=True)
class _Dictionary:
    characters: Mapping[str, str]
    phrases: Mapping[str, tuple[str, ...]]
    clans: Mapping[str, tuple[str, ...]]
    """By two characters, where a name begins with them."""
    longest: Mapping[str, int]
    """By the first two characters: how long the longest phrase is that begins so."""


def readings(text: str) -> tuple[str, ...]:
    """What each character of a folded text is read as; what is no Chinese character stays itself.

    ``金华3号`` is ``("jin", "hua", "3", "hao")``. ü is written u: who types lü, lv or lu means one thing.
    """
    dictionary = _dictionary()
    alone = dictionary.characters
    syllables = [alone.get(character, character) for character in text]
    longest = dictionary.longest
    at = 0
    clan = dictionary.clans.get(text[:2])
    if clan is not None:
        syllables[:2] = clan
        at = 2
    while at < len(text) - 1:
        length = longest.get(text[at : at + 2], 0)
        while length > 1:
            phrase = dictionary.phrases.get(text[at : at + length])
            if phrase is not None:
                syllables[at : at + length] = phrase
                break
            length -= 1
        at += max(length, 1)
    return tuple(syllables)


def typed(text: str) -> str:
    """A folded question as it is compared with readings: ``金hua`` and ``jinhua`` are one."""
    return "".join(readings(text)).replace("v", "u")


@cache
def _dictionary() -> _Dictionary:
    """Read once, in about a third of a second; a process that reads no name doesn't pay for it."""
    characters = {chr(code): _plain(said.partition(",")[0]) for code, said in PINYIN_DICT.items()}
    phrases = {
        phrase: tuple(_plain(each[0]) for each in said) for phrase, said in PHRASES_DICT.items() if len(phrase) > 1
    }
    # A phrase with a comma in it is none of a name, and its readings don't stand one a character.
    phrases = {phrase: said for phrase, said in phrases.items() if len(said) == len(phrase) and all(said)}
    places = {text: tuple(map(_plain, entry.syllables)) for text, entry in place_readings().items() if len(text) > 1}
    clans = {text: said for text, said in places.items() if len(text) == 2 and text[1] in OF_CLANS}
    phrases |= {text: said for text, said in places.items() if text not in clans}
    for text, said in IN_NAMES.items():
        if len(text) == 1:
            characters[text] = said
        else:
            phrases[text] = tuple(said.split())
    longest: dict[str, int] = {}
    for phrase in phrases:
        longest[phrase[:2]] = max(longest.get(phrase[:2], 0), len(phrase))
    return _Dictionary({one: said for one, said in characters.items() if said}, phrases, clans, longest)


@cache
def _plain(syllable: str) -> str:
    """A syllable without its tone; ü, which many type as v, as u."""
    apart = unicodedata.normalize("NFD", syllable)
    return "".join(letter for letter in apart if letter.isascii() and letter.isalpha()).replace("v", "u")
