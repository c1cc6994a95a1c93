"""The keys that a name is found by: its folded form, its reading, its initials, its grams, what sounds like it."""

from dataclasses import dataclass
from itertools import pairwise

from geo_registry.text.folding import folded
from geo_registry.text.homophones import canonical, homophone_key
from geo_registry.text.readings import readings

KEY_CHARS = 200
"""A name is found by so many of its characters: an index takes no longer ones, and nobody types them."""


@dataclass(frozen=True, slots=True)
class NameKeys:
    """What a name is found by."""

    folded: str
    """Letters and figures alone; empty for a name that has none, which can't be found by its name."""
    pinyin: str
    """The whole reading without tones and spaces: ``jinhuashi``."""
    initials: str
    """The first letter of each syllable: ``jhs``."""
    grams: frozenset[str]
    """Every character and every two neighbours of `folded`: what a text holds whose parts they are."""
    homophone: str
    """The syllables of all names that sound alike, or nearly (`text/homophones.py`); those of what is the same to the eye too."""


def keys_of(name: str) -> NameKeys:
    """The keys of a name; some microseconds."""
    plain = folded(name)[:KEY_CHARS]
    syllables = readings(plain)
    meant = canonical(plain)
    return NameKeys(
        folded=plain,
        pinyin="".join(syllables).replace("v", "u"),
        initials="".join([syllable[0] for syllable in syllables]).replace("v", "u"),
        grams=grams(plain),
        homophone=homophone_key(syllables if meant == plain else readings(meant))[:KEY_CHARS],
    )


def grams(plain: str) -> frozenset[str]:
    """Every character and every two neighbours of a folded text.

    Whatever holds the text holds them all; whatever holds them all nearly always holds the text, and is looked at.
    """
    return frozenset([*plain, *map("".join, pairwise(plain))])
