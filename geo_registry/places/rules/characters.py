"""The Table of General Standard Chinese Characters (通用规范汉字表, State Council 2013): 8,105 characters in three levels.

Levels 1 and 2 are those of common use; level 3 holds those of names of persons, places, science and schoolbooks.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

TABLE = Path(__file__).with_name("characters.txt")
"""A line a level, in the table's own order; from the property kTGH of Unicode's Unihan database 14.0.0."""

COMMON = 2
"""The last level of common use."""


def level_of(character: str) -> int | None:
    """The level of a character, 1 to 3; None for one that isn't in the table."""
    return _levels().get(character)


def is_common(text: str) -> bool:
    """Whether all of a text's characters are of common use."""
    return _common().issuperset(text)


def is_han(character: str) -> bool:
    """Whether it is a Chinese character at all, of whatever form; 〇 is one."""
    code = ord(character)
    return (
        character == "〇"
        or 0x3400 <= code <= 0x9FFF
        or 0xF900 <= code <= 0xFAFF
        or 0x20000 <= code <= 0x3FFFF
        or 0xE000 <= code <= 0xF8FF
    )


@cache
def _levels() -> Mapping[str, int]:
    lines = TABLE.read_text(encoding="utf-8").splitlines()
    levels = {character: level for level, line in enumerate(lines, 1) for character in line}
    levels["〇"] = 1  # a numeral that the table, which counts no signs, leaves out
    return levels


@cache
def _common() -> frozenset[str]:
    return frozenset(character for character, level in _levels().items() if level <= COMMON)
