"""From what a file holds to the registry's types: one value in, one value out, or `Refused`.

Files hold texts (CSV, DBF) or typed values (GPKG, GeoJSON); every converter takes both. None is an empty value.
"""

import json
import math
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import TypeAlias, TypeVar

from geo_registry.divisions.rules import MAX_VINTAGE, MIN_VINTAGE, normalised
from geo_registry.errors import DivisionCodeInvalid
from geo_registry.exchange.place_synonyms import PLACE_SYNONYMS
from geo_registry.exchange.problems import ProblemCode, Refused
from geo_registry.vocabulary import DivisionLevel, FacilityKind, FacilityStatus, PopulationBasis, Word

RawValue: TypeAlias = str | int | float | bool | date | datetime | None
"""What a source hands over."""
Output = TypeVar("Output")
Converter: TypeAlias = Callable[[RawValue], Output]
Words = TypeVar("Words", bound=Word)

MAX_TEXT = 2_000
"""Characters; longer values are a paragraph in the wrong column."""
MAX_COUNT = 1_000_000_000
"""More people, beds or graves than there are anywhere: a code or a telephone number in the wrong column."""

EMPTY_WORDS = frozenset({"", "na", "n/a", "#n/a", "null", "nan", "none", "-", "--", "—", "/", "\\n"})
"""What files write for nothing, in lower case."""

FLAGS: Mapping[str, bool] = {
    **dict.fromkeys(("1", "y", "yes", "t", "true", "on", "是", "有", "对", "√", "✓", "已"), True),
    **dict.fromkeys(("0", "n", "no", "f", "false", "off", "否", "无", "没有", "×", "✗", "未"), False),
}

SYNONYMS: Mapping[type[Word], Mapping[str, str]] = {
    FacilityStatus: {
        **dict.fromkeys(
            ("运营中", "在营", "营业", "营业中", "正常", "正常运营", "开放", "启用", "在用", "operational", "active"),
            "open",
        ),
        **dict.fromkeys(("停业", "暂停营业", "暂停运营", "停用", "歇业", "temporarily closed"), "suspended"),
        **dict.fromkeys(("关停", "已关闭", "注销", "撤销", "废止", "关门", "permanently closed"), "closed"),
        **dict.fromkeys(("拟建", "筹建", "规划中", "待建", "proposed"), "planned"),
        **dict.fromkeys(("建设中", "施工中", "under construction", "construction"), "building"),
    },
    FacilityKind: {
        **dict.fromkeys(
            ("养老院", "敬老院", "护理院", "养老服务机构", "care home", "nursing home"), "care-institution"
        ),
        **dict.fromkeys(("居家养老服务照料中心", "居家养老中心", "照料中心", "居家养老服务站"), "home-care-centre"),
        **dict.fromkeys(("老年食堂", "助餐服务点", "送餐点"), "meal-point"),
        **dict.fromkeys(("公益性公墓", "经营性公墓", "墓地", "陵园"), "cemetery"),
        **dict.fromkeys(("骨灰楼", "骨灰寄存处", "骨灰存放处"), "columbarium"),
        **dict.fromkeys(("婚姻登记处", "婚姻登记中心"), "marriage-hall"),
        **dict.fromkeys(("未保中心", "未成年人保护中心"), "child-protection-centre"),
        **dict.fromkeys(("未保站",), "child-protection-station"),
        **dict.fromkeys(("救助站",), "rescue-station"),
    },
    DivisionLevel: {
        **dict.fromkeys(("省", "自治区", "直辖市", "1"), "province"),
        **dict.fromkeys(("市", "地级市", "地市", "州", "2"), "city"),
        **dict.fromkeys(("县", "区", "区县", "县区", "县级市", "3"), "county"),
        **dict.fromkeys(("乡", "镇", "乡镇", "街道", "镇街", "乡镇街道", "4"), "township"),
        **dict.fromkeys(("村", "行政村", "社区", "村居", "村社区", "居委会", "村委会", "5"), "village"),
    },
    PopulationBasis: {
        **dict.fromkeys(("户籍人口", "registered population", "hukou"), "registered"),
        **dict.fromkeys(("常住人口", "resident population"), "resident"),
        **dict.fromkeys(("名册", "服务名册"), "service-list"),
    },
    **PLACE_SYNONYMS,
}
"""Words of the trade beside the vocabulary's own; what is in neither is refused, never guessed."""

_GROUPED = re.compile(r"[+-]?\d{1,3}(?:[, ]\d{3})+(?:\.\d+)?")
_DATE = re.compile(r"(\d{4})\s*(?:[-/.年]\s*(\d{1,2})\s*(?:[-/.月]\s*(\d{1,2})\s*日?|月)?|年)?")
_COMPACT_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})")
_TIME_OF_DAY = re.compile(r"[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?$")
SIXTY = 60
_SIDE = "[EWNSewns]|[东西南北](?:经|纬)?"
_SEXAGESIMAL = re.compile(
    rf"(?P<before>{_SIDE})?\s*(?P<degrees>[0-9]{{1,3}})\s*[°度]\s*(?:(?P<minutes>[0-9]{{1,2}}(?:\.[0-9]+)?)\s*['′’分]\s*"
    rf"(?:(?P<seconds>[0-9]{{1,2}}(?:\.[0-9]+)?)\s*(?:[\"″”秒]|''|′′)?\s*)?)?(?P<after>{_SIDE})?"
)
LIST_BREAK = re.compile(r"[、,，;；|\n]+")


@dataclass(frozen=True, slots=True)
class Doubtful:
    """A value that was taken, with a warning beside it."""

    value: date
    code: ProblemCode
    details: Mapping[str, str]


def written(value: RawValue) -> str:
    """A value as a report quotes it."""
    return "" if value is None else str(value)


def text(value: RawValue) -> str | None:
    """A text without surrounding white space; None where there is nothing.

    Raises
    ------
    Refused
        It is too long, or has characters that a database can't hold.
    """
    if value is None:
        return None
    stripped = _plain(value)
    if stripped.lower() in EMPTY_WORDS:
        return None
    if len(stripped) > MAX_TEXT:
        raise Refused(ProblemCode.TOO_LONG, limit=MAX_TEXT)
    if "\x00" in stripped or (not stripped.isascii() and _has_surrogates(stripped)):
        raise Refused(ProblemCode.NOT_TEXT)
    return stripped


def required_text(value: RawValue) -> str:
    """A text that must be there."""
    found = text(value)
    if found is None:
        raise Refused(ProblemCode.REQUIRED)
    return found


def number(value: RawValue) -> float | None:
    """A finite number; thousands separators (``1,234.5``, ``1 234``) and full-width digits are understood."""
    if value is None:
        return None
    if isinstance(value, float | int) and not isinstance(value, bool):
        if math.isnan(value):
            return None
        found = float(value)
    else:
        said = _plain(value)
        if said.lower() in EMPTY_WORDS:
            return None
        found = _number_of(said)
    if not math.isfinite(found):
        raise Refused(ProblemCode.NOT_A_NUMBER)
    return found


def coordinate(value: RawValue) -> float | None:
    """A coordinate: a number, or degrees, minutes and seconds (``119°38′52.3″``, ``E119°38'52"``, ``119度38分52秒``)."""
    met = _SEXAGESIMAL.fullmatch(_half_width(value.strip().replace("º", "°"))) if isinstance(value, str) else None
    if met is None:
        return number(value)
    minutes, seconds = float(met["minutes"] or 0), float(met["seconds"] or 0)
    if max(minutes, seconds) >= SIXTY:
        raise Refused(ProblemCode.NOT_A_NUMBER)
    turned = -1 if {met["before"], met["after"]} & {"W", "w", "S", "s", "西", "西经", "南", "南纬"} else 1
    return turned * (float(met["degrees"]) + minutes / SIXTY + seconds / SIXTY / SIXTY)


def quantity(value: RawValue) -> float | None:
    """A number that isn't negative."""
    found = number(value)
    if found is not None and found < 0:
        raise Refused(ProblemCode.NEGATIVE)
    return found


def count(value: RawValue) -> int | None:
    """A whole number that isn't negative."""
    found = quantity(value)
    if found is None:
        return None
    if found != int(found):
        raise Refused(ProblemCode.NOT_WHOLE)
    if found > MAX_COUNT:
        raise Refused(ProblemCode.IMPLAUSIBLE, limit=MAX_COUNT)
    return int(found)


def people(value: RawValue) -> float | None:
    """How many people: fractions are fine (gridded sources have them), marks for no data are not.

    An empty cell says nothing about the group; ``NaN``, ``NA`` and negative marks are refused: whether nobody lives
    there or nobody knows must be settled before it is counted.
    """
    if isinstance(value, str) and value.strip() == "":
        return None
    found = number(value)
    if value is not None and found is None:
        raise Refused(ProblemCode.NOT_A_NUMBER)
    if found is None:
        return None
    if found < 0:
        raise Refused(ProblemCode.NEGATIVE)
    if found > MAX_COUNT:
        raise Refused(ProblemCode.IMPLAUSIBLE, limit=MAX_COUNT)
    return found


def day(value: RawValue) -> date | Doubtful | None:
    """A date: ``2021-03-01``, ``2021/3/1``, ``20210301``, ``2021年3月1日``, with or without a time of day.

    A year, or a year and a month, is taken as its first day, with a warning. A bare number of days (a spreadsheet's
    serial) isn't guessed.
    """
    if value is None:
        return None
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    said = _plain(value)
    if said.lower() in EMPTY_WORDS:
        return None
    said = _TIME_OF_DAY.sub("", said)
    found = _COMPACT_DATE.fullmatch(said) or _DATE.fullmatch(said)
    if found is None:
        raise Refused(ProblemCode.NOT_A_DATE)
    year, month, day_of_month = found.groups()
    try:
        taken = date(int(year), int(month or 1), int(day_of_month or 1))
    except ValueError:
        raise Refused(ProblemCode.NOT_A_DATE) from None
    if not MIN_PLAUSIBLE_YEAR <= taken.year <= MAX_VINTAGE:
        raise Refused(ProblemCode.NOT_A_DATE)
    if day_of_month is None:
        return Doubtful(taken, ProblemCode.PARTIAL_DATE, {"taken": taken.isoformat()})
    return taken


MIN_PLAUSIBLE_YEAR = 1600
"""Dates before it are two-digit years or other mistakes; the oldest cemeteries kept on record are younger."""


def flag(value: RawValue) -> bool | None:
    """Yes or no, as words of either language, digits or ticks."""
    if value is None or isinstance(value, bool):
        return value
    said = _plain(value).lower()
    if said in FLAGS:
        return FLAGS[said]
    if said in EMPTY_WORDS:
        return None
    if said in {"1.0", "0.0"}:
        return said == "1.0"
    raise Refused(ProblemCode.NOT_A_FLAG)


def year(value: RawValue) -> int | None:
    """A year between 1949 and 2200."""
    if value is None:
        return None
    said = _plain(value).removesuffix("年").removesuffix(".0")
    if said.lower() in EMPTY_WORDS:
        return None
    if not said.isdecimal() or not MIN_VINTAGE <= int(said) <= MAX_VINTAGE:
        raise Refused(ProblemCode.NOT_A_YEAR)
    return int(said)


def division_code(value: RawValue) -> str:
    """A twelve-digit code from any of the ways that files write one."""
    said = text(value) if not isinstance(value, float) else repr(value)
    if said is None:
        raise Refused(ProblemCode.REQUIRED)
    try:
        return normalised(_half_width(said))
    except DivisionCodeInvalid:
        raise Refused(ProblemCode.NOT_A_CODE) from None


def texts(value: RawValue) -> list[str] | None:
    """A list written in one cell, or as JSON (as GeoJSON layers hold it)."""
    said = text(value)
    if said is None:
        return None
    if said.startswith("[") and said.endswith("]"):
        try:
            items = json.loads(said)
        except json.JSONDecodeError:
            raise Refused(ProblemCode.NOT_TEXT) from None
    else:
        items = LIST_BREAK.split(said)
    return [str(item).strip() for item in items if str(item).strip()]


def word_of(words: type[Words]) -> Converter[Words | None]:
    """A converter to a controlled word: by its key, its zh or en label, a part of a label (``A、B``), or a synonym."""
    known = _lookup(words)
    by_key = {word.value: word for word in words}

    def convert(value: RawValue) -> Words | None:
        said = text(value)
        if said is None:
            return None
        folded = _half_width(said).casefold()
        found = known.get(folded) or known.get(folded.removesuffix("级"))
        if found is None:
            raise Refused(ProblemCode.UNKNOWN_WORD, known=", ".join(f"{word.value} {word.zh}" for word in words))
        return by_key[found]

    return convert


@lru_cache(maxsize=32)
def _lookup(words: type[Word]) -> Mapping[str, str]:
    known: dict[str, str] = {}
    for word in words:
        labels = (word.value, word.zh, word.en, word.value.replace("-", " "), word.value.replace("-", "_"))
        for label in (*labels, *word.zh.split("、"), word.zh.removesuffix("级")):
            known.setdefault(label.casefold(), word.value)
    for said, key in SYNONYMS.get(words, {}).items():
        known.setdefault(said.casefold(), key)
    return known


def _plain(value: RawValue) -> str:
    return value.strip() if isinstance(value, str) else str(value)


def _half_width(said: str) -> str:
    return said if said.isascii() else unicodedata.normalize("NFKC", said)


def _has_surrogates(said: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in said)


def _number_of(said: str) -> float:
    plain = _half_width(said)
    if _GROUPED.fullmatch(plain):
        plain = re.sub(r"[, ]", "", plain)
    if "_" in plain:
        # Python would read 1_000.
        raise Refused(ProblemCode.NOT_A_NUMBER)
    try:
        return float(plain)
    except ValueError:
        raise Refused(ProblemCode.NOT_A_NUMBER) from None
