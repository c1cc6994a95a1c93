"""When two names are the same to the eye or to the ear: characters that are written for one another, syllables that sound alike.

`canonical` takes what is written differently and meant alike to one form; `syllables` are what is heard; `homophone_key` is
the same for all names that sound alike or might be taken for one another, and for a few others: who finds names by it
compares them.
"""

import re
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING

from geo_registry.text.folding import folded
from geo_registry.text.readings import readings

if TYPE_CHECKING:
    from opencc import OpenCC

DIGITS = "〇一二三四五六七八九"
_AS_DIGITS = str.maketrans("零○０１２３４５６７８９0123456789", "〇〇" + DIGITS * 2)
_FIGURES = re.compile("[0-9]+")
_COUNTED = 2
"""Figures up to so many are said as a number (``12`` is 十二), longer ones one by one (``104`` is 一〇四)."""

_VARIANTS = str.maketrans(
    {
        "峯": "峰",
        "邨": "村",
        "坵": "丘",
        "衖": "弄",
        "衕": "同",
        "衚": "胡",
        "埧": "坝",
        "堦": "阶",
        "隄": "堤",
        "澝": "宁",
        "甯": "宁",
        "谿": "溪",
        "嶴": "岙",
        "墺": "岙",
        "窰": "窑",
        "窯": "窑",
        "菴": "庵",
        "礮": "炮",
        "廿": "二十",
        "卅": "三十",
        "佰": "百",
    }
)
"""Characters of names that are written for one another, beside what is traditional; of 廿 and 卅 what they mean."""

INITIALS = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"))
FINALS = (("ang", "an"), ("eng", "en"), ("ing", "in"), ("ong", "on"))
"""What many in the south don't tell apart: retroflex and dental, n and l, front and back nasals."""


def simplified(text: str) -> str:
    """The text in simplified characters; what isn't traditional stays as it is."""
    return str(_simplifier().convert(text))


def canonical(name: str) -> str:
    """The name as it is compared by the eye: folded, simplified, in the usual characters, its figures in words.

    ``１街`` and ``一街`` are one, ``東陽`` and ``东阳``, ``谿口`` and ``溪口``. What is canonical stays as it is.
    """
    text = simplified(folded(name)).translate(_VARIANTS)
    return _FIGURES.sub(lambda found: _said(found[0]), text)


def syllables(name: str) -> tuple[str, ...]:
    """What is heard of a name, without tones, a syllable a character; of what has no reading, the character."""
    return readings(canonical(name))


def homophone_key(heard: Iterable[str]) -> str:
    """The same text for the syllables of all names that sound alike, or nearly: 中山路, 钟山路 and 宗三路 are ``zon san lu``."""
    return " ".join(map(_blurred, heard))


@cache
def _blurred(syllable: str) -> str:
    for initial, as_heard in INITIALS:
        if syllable.startswith(initial):
            syllable = as_heard + syllable.removeprefix(initial)
            break
    for final, as_heard in FINALS:
        if syllable.endswith(final):
            return syllable.removesuffix(final) + as_heard
    return syllable


def _said(figures: str) -> str:
    digits = figures.translate(_AS_DIGITS)
    if len(figures) != _COUNTED or figures.startswith("0"):
        return digits
    tens, ones = digits[0], digits[1]
    return ("" if tens == "一" else tens) + "十" + ("" if ones == "〇" else ones)


@cache
def _simplifier() -> "OpenCC":
    from opencc import OpenCC  # noqa: PLC0415 - its dictionaries are read when the first name is

    return OpenCC("t2s")
