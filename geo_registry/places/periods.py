"""Dates as the past knows them: to the day, or only to the year, the decade, the dynasty. Values in, values out."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Self

from geo_registry.errors import DateUnclear
from geo_registry.vocabulary import Precision

ERAS: Mapping[str, int] = {
    "东汉": 25,
    "三国": 220,
    "西晋": 265,
    "东晋": 317,
    "南北朝": 420,
    "隋": 581,
    "唐": 618,
    "五代": 907,
    "北宋": 960,
    "宋": 960,
    "南宋": 1127,
    "元": 1271,
    "明": 1368,
    "永乐": 1403,
    "宣德": 1426,
    "正统": 1436,
    "成化": 1465,
    "弘治": 1488,
    "正德": 1506,
    "嘉靖": 1522,
    "隆庆": 1567,
    "明末": 1572,
    "万历": 1573,
    "天启": 1621,
    "崇祯": 1628,
    "清": 1644,
    "康熙": 1662,
    "雍正": 1723,
    "乾隆": 1736,
    "嘉庆": 1796,
    "道光": 1821,
    "清末": 1840,
    "咸丰": 1851,
    "同治": 1862,
    "光绪": 1875,
    "宣统": 1909,
    "民国": 1912,
    "解放初": 1949,
}
"""The year in which a dynasty or a reign of Ming and Qing began (中国历史纪年表); older ones lie before what a date here holds.

Three of the words are periods without a day on which they began: the first year that each can mean is taken, that in which
the Wanli emperor came to the throne (明末), of the Opium War (清末), and of the People's Republic (解放初).
"""

_SAME_ERA: Mapping[str, str] = {
    **dict.fromkeys(("晚明", "明朝末年", "明代末年", "明末年", "明代晚期", "明末期"), "明末"),
    **dict.fromkeys(("晚清", "清朝末年", "清代末年", "清末年", "清代晚期", "清末期"), "清末"),
    **dict.fromkeys(("解放初期", "建国初", "建国初期", "新中国成立初", "新中国成立初期", "解放之初"), "解放初"),
    **dict.fromkeys(("中华民国", "民国时期"), "民国"),
}
_REIGN_OF = re.compile("(?:明|清)[朝代]?(?P<reign>..)(?:年间|朝|时期)?")
_PART = re.compile("(?P<whole>.+?)(?:之)?(?:初叶|初期|初年|初|早期|前期|中叶|中期|中|后期|晚期|末叶|末期|末年|末)")
_WRITTEN_DECADE = re.compile("(?P<century>(?:上|20|二十)世纪)?(?P<decade>[一二三四五六七八九]十|[1-9]0)年代")
_TENS = "零一二三四五六七八九"
_TWENTIETH = 1900

_ERA_OF: Mapping[int, str] = {year: name for name, year in reversed(list(ERAS.items()))}
_YEAR = r"(?P<year>[0-9]{3,4})"
_FORMS = (
    (Precision.DAY, re.compile(rf"{_YEAR}[-年/.](?P<month>[0-9]{{1,2}})[-月/.](?P<day>[0-9]{{1,2}})日?")),
    (Precision.MONTH, re.compile(rf"{_YEAR}[-年/.](?P<month>[0-9]{{1,2}})月?")),
    (Precision.DECADE, re.compile(r"(?P<year>[0-9]{2,3}0)(?:s|年代)")),
    (Precision.CENTURY, re.compile(r"(?P<century>[0-9]{1,2})(?:世纪|th century)")),
    (Precision.YEAR, re.compile(rf"{_YEAR}年?")),
)


@dataclass(frozen=True, slots=True)
class Dated:
    """A date and how exactly it is known: `day` is the first day that it can mean."""

    day: date
    precision: Precision = Precision.DAY

    @classmethod
    def parse(cls, text: str) -> Self:
        """What a person, a table or a gazetteer writes: ``1958-03-12``, ``1958年3月``, ``1958``, ``1950年代``, ``19世纪``, ``明代``, ``清末``.

        Raises
        ------
        DateUnclear
            It is none of these.
        """
        written = text.strip()
        era = ERAS.get(_era_called(written))
        if era is not None:
            return cls(date(era, 1, 1), Precision.ERA)
        for precision, form in _FORMS:
            found = form.fullmatch(written)
            if found is not None:
                return cls(_first_day(found, text), precision)
        raise DateUnclear(text=text)

    @classmethod
    def around(cls, text: str) -> Self | None:
        """What words that say less than a date come down to: the whole that they are a part of, as exactly as that is known.

        清初 is 清, 乾隆末年 is 乾隆, 七十年代末 is 1970年代 (a decade without a century is the twentieth's), 19世纪末 is 19世纪.
        None where the words say nothing of the kind, or span two such wholes (明末清初).
        """
        written = text.strip()
        part = _PART.fullmatch(written)
        for whole in (written, part["whole"] if part is not None else ""):
            decade = _WRITTEN_DECADE.fullmatch(whole)
            if decade is not None:
                first = decade["decade"][0]
                tens = _TENS.index(first) if first in _TENS else int(first)
                return cls(date(_TWENTIETH + tens * 10, 1, 1), Precision.DECADE)
            try:
                found = cls.parse(whole)
            except DateUnclear:
                continue
            if found.precision in {Precision.DECADE, Precision.CENTURY, Precision.ERA}:
                return found
        return None

    def __str__(self) -> str:
        """As `parse` takes it, and data are exchanged: ``1958-03``, ``1950s``, ``19th century``, ``明``."""
        year = f"{self.day.year:04d}"
        match self.precision:
            case Precision.DAY:
                return self.day.isoformat()
            case Precision.MONTH:
                return f"{year}-{self.day.month:02d}"
            case Precision.YEAR:
                return year
            case Precision.DECADE:
                return f"{self.day.year // 10 * 10}s"
            case Precision.CENTURY:
                return f"{self.day.year // 100 + 1}th century"
            case _:
                return _ERA_OF.get(self.day.year, year)

    def label(self, locale: str) -> str:
        """As a person reads it, in the language of `locale` (``en…``, anything else is zh)."""
        if locale.startswith("en"):
            return str(self).lstrip("0") if self.precision is not Precision.ERA else f"{self} ({self.day.year})"
        if self.precision is Precision.ERA:
            return f"{self}代" if len(str(self)) == 1 else str(self)
        day = self.day
        return {
            Precision.DAY: f"{day.year}年{day.month}月{day.day}日",
            Precision.MONTH: f"{day.year}年{day.month}月",
            Precision.YEAR: f"{day.year}年",
            Precision.DECADE: f"{day.year // 10 * 10}年代",
            Precision.CENTURY: f"{day.year // 100 + 1}世纪",
        }[self.precision]


def _era_called(written: str) -> str:
    """What `ERAS` calls an era: 清乾隆年间 and 乾隆朝 are 乾隆, 晚清 is 清末."""
    reign = _REIGN_OF.fullmatch(written)
    if reign is not None and reign["reign"] in ERAS:
        return reign["reign"]
    return _SAME_ERA.get(written, written.removesuffix("年间").removesuffix("代").removesuffix("朝"))


def dated(day: date | None, precision: str) -> Dated | None:
    """A day and its precision, as tables keep them; None where there is no day."""
    return Dated(day, Precision.of(precision)) if day is not None else None


def columns_of(when: Dated | None) -> tuple[date | None, str]:
    """A date as tables keep it: the day, and how exactly it is known."""
    return (when.day, when.precision.value) if when is not None else (None, Precision.DAY.value)


def days_of(begun: Dated | None, ended: Dated | None) -> tuple[date | None, date | None]:
    """The days of a period's ends; an end that is None is open."""
    return begun.day if begun is not None else None, ended.day if ended is not None else None


def holds(begun: date | None, ended: date | None, day: date) -> bool:
    """Whether a day lies in [`begun`, `ended`); an end that is None is open."""
    return (begun is None or begun <= day) and (ended is None or day < ended)


def overlap(one: tuple[date | None, date | None], other: tuple[date | None, date | None]) -> bool:
    """Whether two periods share a day."""
    (begun, ended), (begun_other, ended_other) = one, other
    return (ended is None or begun_other is None or begun_other < ended) and (
        ended_other is None or begun is None or begun < ended_other
    )


def _first_day(found: re.Match[str], text: str) -> date:
    parts = found.groupdict()
    year = (int(parts["century"]) - 1) * 100 if "century" in parts else int(parts["year"])
    try:
        return date(year or 1, int(parts.get("month") or 1), int(parts.get("day") or 1))
    except ValueError:
        raise DateUnclear(text=text) from None
