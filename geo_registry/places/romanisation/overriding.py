"""A registrar's spelling, which wins over what the engine proposes."""

import re
import unicodedata
from dataclasses import replace

from geo_registry.errors import SpellingInvalid
from geo_registry.places.romanisation import rules
from geo_registry.places.romanisation.proposal import Alternative, Doubt, Part, Proposal, Spelling
from geo_registry.places.romanisation.readings import ever_read
from geo_registry.places.romanisation.syllables import bare, divided, has_tone
from geo_registry.vocabulary import NamePart, ReadingSource

FIGURES = re.compile("(?:Dì-)?[0-9]+|[0-9A-Z]+")
"""A word of figures, or a code that the name itself has."""

TRANSCRIBED = re.compile("[A-ZÊÜ][a-zêü]*(?:'[a-zêü]+)*")
"""A word of a name that is transcribed: the 26 letters, ê and ü, and the apostrophe, without tones."""

AS_PROPOSED = Doubt("proposed", "按规则和表提出的拼写", "what rules and tables propose")


BETWEEN_LETTERS = frozenset(" '’‘ʻʼ-–.,()/")
"""What may stand between the letters of a spelling that is told as it was found."""


def in_letters(name: str, spelling: str) -> str:
    """A spelling of any kind, as a source or a registrar has it (Kinhwa, Chin¹-hua²): Latin letters, whatever their marks.

    Raises
    ------
    SpellingInvalid
        It has something else, or no letter.
    """
    text = " ".join(spelling.split())
    wrong = next((word for word in text.split(" ") if not all(map(_is_spelling, word))), None)
    if wrong is not None or not any(map(str.isalpha, text)):
        raise SpellingInvalid(name=name, word=wrong or text)
    return text


def _is_spelling(character: str) -> bool:
    is_letter = unicodedata.name(character, "").startswith("LATIN ") or unicodedata.category(character) == "Mn"
    return is_letter or character.isdigit() or character in BETWEEN_LETTERS


def with_override(proposal: Proposal, spelling: str, *, by: str, transcribed: bool = False) -> Proposal:
    """The proposal with the spelling that somebody decided on; what the engine proposed stays as an alternative.

    `by` says who, as the caller knows people. The spelling must be Hanyu Pinyin with tones, each word with a capital, one
    syllable for a character (儿 may be an r), figures and codes as they are; or, with `transcribed`, letters without tones
    as the rules of 1976 have them. Raises SpellingInvalid.
    """
    text = " ".join(spelling.replace("’", "'").split())
    if not text:
        raise SpellingInvalid(name=proposal.name, word=spelling)
    words = text.split(" ")
    syllables = 0
    for word in words:
        found = _syllables(word, proposal.name, transcribed=transcribed)
        if found is None:
            raise SpellingInvalid(name=proposal.name, word=word)
        syllables += found
    if not transcribed and not _fits(proposal.name, syllables, words):
        raise SpellingInvalid(name=proposal.name, word=text)
    if not transcribed and (unread := _unread(proposal, words)):
        raise SpellingInvalid(name=proposal.name, word=unread)
    part = Part(proposal.name, tuple(words), NamePart.SPECIFIC, rules.OVERRIDE, ReadingSource.OVERRIDE, begins=True)
    decided = Spelling((part,))
    others = proposal.alternatives
    if proposal.given_by is None and proposal.spelling.parts:
        others = (Alternative(proposal.spelling, AS_PROPOSED), *others)
    return replace(
        proposal,
        spelling=decided,
        alternatives=tuple(other for other in others if other.spelling.romanized != decided.romanized),
        doubts=(),
        refused=None,
        given_by=by,
    )


def _syllables(word: str, name: str, *, transcribed: bool) -> int | None:
    """How many syllables a word spells; 0 for what isn't spelt; None where it can't stand."""
    if FIGURES.fullmatch(word):
        return 0 if word.startswith("Dì-") or word in name or word.isdecimal() else None
    if transcribed and TRANSCRIBED.fullmatch(word):
        return 0
    if not word[:1].isupper() or word[1:] != word[1:].lower():
        return None
    parts = divided(word.lower())
    return len(parts) if parts is not None and has_tone(word) else None


def _unread(proposal: Proposal, words: list[str]) -> str:
    """The first syllable that its character is never read as, neither by a dictionary nor by what was proposed; empty where all are.

    Nothing is said where figures, or an r for 儿, leave open which syllable is whose.
    """
    characters = [each for each in proposal.name if not each.isascii() and each.isalpha()]
    given = [syllable for word in words for syllable in divided(word.lower()) or ()]
    if len(given) != len(characters) or any(each.isascii() and each.isalnum() for each in proposal.name):
        return ""
    spellings = [proposal.spelling, *(other.spelling for other in proposal.alternatives)]
    proposed = [[syllable for part in each.parts for syllable in part.syllables] for each in spellings]
    for at, (character, syllable) in enumerate(zip(characters, given, strict=True)):
        known = ever_read(character) | {bare(each[at]) for each in proposed if len(each) == len(characters)}
        if known and bare(syllable) not in known:
            return syllable
    return ""


def _fits(name: str, syllables: int, words: list[str]) -> bool:
    """Whether there is a syllable for each character: fewer only for 儿 and for numerals in figures."""
    characters = sum(not each.isascii() and each.isalpha() for each in name)
    spare = name.count("儿") + sum(each in "第一二三四五六七八九十百两〇" for each in name) * any(
        FIGURES.fullmatch(word) is not None for word in words
    )
    return characters - spare <= syllables <= characters
