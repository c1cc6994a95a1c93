"""The syllables of Hanyu Pinyin: which there are, where the tone stands, how they are joined."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache

_FINALS = {
    "": "a o e ê ai ei ao ou an en ang eng er",
    "b": "a o ai ei ao an en ang eng i iao ie ian in ing u",
    "p": "a o ai ei ao ou an en ang eng i iao ie ian in ing u",
    "m": "a o e ai ei ao ou an en ang eng i iao ie iu ian in ing u",
    "f": "a o ei ou an en ang eng u",
    "d": "a e ai ei ao ou an en ang eng ong i ia iao ie iu ian ing u uo ui uan un",
    "t": "a e ai ei ao ou an ang eng ong i iao ie ian ing u uo ui uan un",
    "n": "a e ai ei ao ou an en ang eng ong i iao ie iu ian in iang ing u uo uan un ü üe",
    "l": "a o e ai ei ao ou an ang eng ong i ia iao ie iu ian in iang ing u uo uan un ü üe",
    "g": "a e ai ei ao ou an en ang eng ong u ua uo uai ui uan un uang",
    "k": "a e ai ei ao ou an en ang eng ong u ua uo uai ui uan un uang",
    "h": "a e ai ei ao ou an en ang eng ong u ua uo uai ui uan un uang",
    "j": "i ia iao ie iu ian in iang ing iong u ue uan un",
    "q": "i ia iao ie iu ian in iang ing iong u ue uan un",
    "x": "i ia iao ie iu ian in iang ing iong u ue uan un",
    "zh": "a e i ai ei ao ou an en ang eng ong u ua uo uai ui uan un uang",
    "ch": "a e i ai ao ou an en ang eng ong u ua uo uai ui uan un uang",
    "sh": "a e i ai ei ao ou an en ang eng u ua uo uai ui uan un uang",
    "r": "e i ao ou an en ang eng ong u ua uo ui uan un",
    "z": "a e i ai ei ao ou an en ang eng ong u uo ui uan un",
    "c": "a e i ai ao ou an en ang eng ong u uo ui uan un",
    "s": "a e i ai ao ou an en ang eng ong u uo ui uan un",
    "y": "a o e ai ao ou an ang i in ing ong u ue uan un",
    "w": "a o ai ei an en ang eng u",
}

SYLLABLES = frozenset(initial + final for initial, finals in _FINALS.items() for final in finals.split())
"""Every syllable of standard Mandarin, without its tone."""

TONES = "\u0304\u0301\u030c\u0300"
"""The marks of the four tones, combining: level, rising, falling-rising, falling."""

SEPARATED = ("a", "o", "e", "ê")
"""What the apostrophe stands before inside a word (article 11)."""

LONGEST = max(map(len, SYLLABLES))


@lru_cache(maxsize=65_536)
def bare(letters: str) -> str:
    """Letters without their tones; ü and ê, which aren't tones, stay."""
    apart = unicodedata.normalize("NFD", letters)
    return unicodedata.normalize("NFC", "".join(each for each in apart if each not in TONES))


@lru_cache(maxsize=4_096)
def is_legal(syllable: str) -> bool:
    """Whether it is one syllable of Hanyu Pinyin, in small letters, with one tone on the right vowel or with none."""
    plain = bare(syllable)
    return plain in SYLLABLES and syllable in _spellings(plain)


@cache
def _spellings(plain: str) -> frozenset[str]:
    """The syllable without a tone and with each of the four, the mark where 汉语拼音方案 puts it."""
    at = _bearer(plain)
    toned = (unicodedata.normalize("NFC", plain[: at + 1] + tone + plain[at + 1 :]) for tone in TONES)
    return frozenset([plain, *toned])


def _bearer(plain: str) -> int:
    """Which letter bears the tone: a, e or o before i and u; of iu and ui the last."""
    for vowel in "aeêo":
        if vowel in plain:
            return plain.index(vowel)
    return max(plain.rfind(vowel) for vowel in "iuü")


def joined(syllables: Sequence[str]) -> str:
    """Syllables as one word in small letters, with the apostrophe of article 11; ``r`` of 儿化 has none."""
    if len(syllables) == 1:
        return syllables[0]
    parts = [syllables[0]]
    for syllable in syllables[1:]:
        if bare(syllable[0]) in SEPARATED and parts[-1][-1:].isalpha():
            parts.append("'")
        parts.append(syllable)
    return "".join(parts)


def capitalised(word: str) -> str:
    """The word with a capital first letter (article 10)."""
    return word[:1].upper() + word[1:]


def divided(word: str) -> tuple[str, ...] | None:
    """The syllables that a word in small letters consists of, as its apostrophes and tones divide it; None if it doesn't.

    ``xī'ān`` is two, ``xiān`` one. An ``r`` after a syllable is 儿化 and stays with it. Of several ways the one with the
    fewest syllables in which no apostrophe is missing: what is written must be what `joined` writes.
    """
    ways = [way for way in _ways(word.replace("’", "'")) if joined(way) == word.replace("’", "'")]
    return min(ways, key=len) if ways else None


def _ways(word: str) -> Iterator[tuple[str, ...]]:
    if not word:
        yield ()
        return
    rest = word.removeprefix("'")
    for length in range(min(LONGEST + 1, len(rest)), 0, -1):
        head, tail = rest[:length], rest[length:]
        if is_legal(head) or (
            head.endswith("r") and len(head) > 1 and is_legal(head[:-1]) and not head.startswith("r")
        ):
            for others in _ways(tail):
                yield (head, *others)


_MARKED = re.compile(f"[{TONES}]")


def has_tone(word: str) -> bool:
    """Whether a tone is written anywhere in it."""
    return _MARKED.search(unicodedata.normalize("NFD", word)) is not None
