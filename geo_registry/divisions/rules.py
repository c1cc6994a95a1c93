"""The rules of division codes: values in, values out.

A code has twelve digits: province 2, city 2, county 2, township 3, village 3, filled up with zeros
(GB/T 2260 for the first six, GB/T 10114 for the next three, the statistical bureau's list for the last).
"""

import re
from collections.abc import Mapping

from geo_registry.errors import DivisionCodeInvalid
from geo_registry.vocabulary import DivisionLevel

CODE_DIGITS = 12

DIGITS_OF_LEVEL: Mapping[DivisionLevel, int] = {
    DivisionLevel.PROVINCE: 2,
    DivisionLevel.CITY: 4,
    DivisionLevel.COUNTY: 6,
    DivisionLevel.TOWNSHIP: 9,
    DivisionLevel.VILLAGE: 12,
}
"""How many leading digits name a division of the level; the rest are zeros."""

MIN_VINTAGE, MAX_VINTAGE = 1949, 2200
"""The years that a vintage may be (a constraint of the table)."""

CHINA_ISO = "156"

_WRITTEN = re.compile(r"([0-9]{2,12})(?:\.0*)?")
_MEANT_LENGTHS = frozenset(DIGITS_OF_LEVEL.values())


def normalised(written: str | float) -> str:
    """A code as it is written in files (a number, a float's text, the first digits) as twelve digits.

    ``330783201000``, ``"330783201000.0"``, ``3307`` and ``" 330783 "`` are all understood, and so is the national map's
    ``156330783``: 156 is China's number in ISO 3166, and no division's code begins so.

    Raises
    ------
    DivisionCodeInvalid
        It has other characters, isn't 2, 4, 6, 9 or 12 digits long, or begins with ``00``.
    """
    text = repr(written) if isinstance(written, float) else str(written).strip()
    found = _WRITTEN.fullmatch(text)
    if found is None or len(found.group(1)) not in _MEANT_LENGTHS:
        raise DivisionCodeInvalid(text=text)
    digits = found.group(1)
    if len(digits) == len(CHINA_ISO) + DIGITS_OF_LEVEL[DivisionLevel.COUNTY] and digits.startswith(CHINA_ISO):
        digits = digits.removeprefix(CHINA_ISO)
    code = digits.ljust(CODE_DIGITS, "0")
    if code.startswith("00"):
        raise DivisionCodeInvalid(text=text)
    return code


def level_of(code: str) -> DivisionLevel:
    """The level that a twelve-digit code's zeros tell; ``441900003000`` is a township of a city without counties."""
    for level, digits in DIGITS_OF_LEVEL.items():
        if not code[digits:].strip("0"):
            return level
    return DivisionLevel.VILLAGE


def prefix_of(code: str) -> str:
    """The digits that every code within the division begins with; `code` may be whole or its first digits.

    Raises
    ------
    DivisionCodeInvalid
        It isn't a code.
    """
    whole = normalised(code)
    return whole[: DIGITS_OF_LEVEL[level_of(whole)]]


def parent_code_of(code: str) -> str | None:
    """The twelve-digit code of the division above; None for a province."""
    levels = list(DIGITS_OF_LEVEL)
    above = levels.index(level_of(code)) - 1
    if above < 0:
        return None
    return code[: DIGITS_OF_LEVEL[levels[above]]].ljust(CODE_DIGITS, "0")


def codes_above(code: str) -> tuple[str, ...]:
    """The twelve-digit codes of the divisions above, from the province down."""
    above: list[str] = []
    parent = parent_code_of(code)
    while parent is not None:
        above.append(parent)
        parent = parent_code_of(parent)
    return tuple(reversed(above))


def contains(code: str, other: str) -> bool:
    """Whether the division of `other` is that of `code` or lies within it, by their twelve-digit codes."""
    return other.startswith(code[: DIGITS_OF_LEVEL[level_of(code)]])


def home_code(written: str) -> str:
    """The twelve-digit code of `GEO_HOME_DIVISION`; empty where it is none, which only makes labels longer."""
    try:
        return normalised(written)
    except DivisionCodeInvalid:
        return ""
