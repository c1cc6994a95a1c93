"""Chinese numerals in names: which are ordinals, and which are dates or words."""

import re
from dataclasses import dataclass

DIGITS = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}

TRAILING = re.compile("第?[一二三四五六七八九十百零〇]+$")
"""A run of numerals at the end of a text."""

COUNTED = re.compile("第[一二三四五六七八九十百]+")
"""An ordinal anywhere in a text."""

NUMBER = re.compile("(?:([一二三四五六七八九])百[零〇]?)?(?:([一二三四五六七八九])?(十))?([一二三四五六七八九])?")
"""A number below a thousand as it is counted."""

DATES = frozenset(
    [
        "一二八",
        "一二九",
        "二七",
        "三一八",
        "三八",
        "四一二",
        "四五",
        "四八",
        "五一",
        "五四",
        "五七",
        "五卅",
        "六一",
        "七一",
        "七七",
        "七九",
        "八一",
        "八一五",
        "九一八",
        "九三",
        "九九",
        "双十",
    ]
)
"""Days and years that places are called after: they are read digit by digit and spelt (article 6)."""

WORDS = frozenset(
    [
        "统一",
        "合一",
        "归一",
        "唯一",
        "同一",
        "天一",
        "太一",
        "抱一",
        "惟一",
        "如一",
        "守一",
        "始一",
        "万一",
        "重九",
        "双百",
        "老三",
        "周三",
        "甲一",
        "张三",
        "尊三",
        "达三",
        "怀三",
    ]
)
"""Words that end in a numeral without being an ordinal."""

BEFORE_ORDINALS = frozenset("经纬东西南北中上下前后新老左右内外横纵支")
"""What may stand alone before an ordinal in the name of a street: 经五路, 西二街."""

ENDING_IN_NUMERALS = ("东四", "西四")
"""Names whose last numeral is their own: 东四十二条 is the twelfth lane of 东四."""


@dataclass(frozen=True, slots=True)
class Ordinal:
    """A numeral that counts."""

    head: str
    """What stands before it."""
    text: str
    """Its characters, 第 with them."""
    value: int
    certain: bool

    @property
    def figure(self) -> str:
        """As article 7 writes it: ``12``, ``Dì-9``."""
        return f"Dì-{self.value}" if self.text.startswith("第") else str(self.value)


def number(text: str) -> int | None:
    """The number that counted numerals say, 1 to 999; None for digits in a row (三八) and anything else."""
    match = NUMBER.fullmatch(text)
    if not match or not text:
        return None
    hundreds, tens, ten, ones = match.groups()
    return (
        100 * DIGITS.get(hundreds or "", 0) + (10 * DIGITS.get(tens or "", 1) if ten else 0) + DIGITS.get(ones or "", 0)
    )


def ordinal(text: str) -> Ordinal | None:
    """The ordinal at the end of what stands before a generic; None where there is none."""
    match = TRAILING.search(text)
    if match is None:
        return None
    start = match.start()
    if text in ENDING_IN_NUMERALS:
        return None
    for own in ENDING_IN_NUMERALS:
        if text.startswith(own) and start == len(own) - 1 and len(text) > len(own):
            start = len(own)
    head, run = text[:start], text[start:]
    value = number(run.removeprefix("第"))
    if not value or run in DATES or head[-1:] + run in WORDS:
        return None
    alone = len(head) == 1 and head not in BEFORE_ORDINALS
    return None if alone and len(run) == 1 else Ordinal(head, run, value, certain=not alone and run != "十一")
