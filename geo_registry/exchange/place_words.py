"""What files write about place names: words for classes, kinds and states, several names in a cell, dates of any precision."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from geo_registry.divisions.rules import MAX_VINTAGE
from geo_registry.errors import DateUnclear
from geo_registry.exchange.converters import EMPTY_WORDS, LIST_BREAK
from geo_registry.exchange.problems import ProblemCode, Refused
from geo_registry.places.inputs import MOST_NAME_CHARACTERS, MOST_TEXT_CHARACTERS
from geo_registry.places.periods import Dated
from geo_registry.vocabulary import NameKind

PAST_KINDS = frozenset({NameKind.FORMER, NameKind.HISTORICAL})
LANGUAGES: Mapping[NameKind, str] = {NameKind.MINORITY: "und", NameKind.ROMANIZED: "zh-Latn"}
"""What a name's language is taken for where nobody says it, by kind; that of all others is Chinese."""

NOTHING = EMPTY_WORDS | {"无", "未知"}
"""What offices write for nothing, in small letters."""
OPEN_ENDS = frozenset({"", "至今", "今", "现在", "迄今", "沿用至今", "now", "present", "today", "?", "？", "不详"})
"""What stands for an end that hasn't come or isn't known, in small letters."""

NATIONAL_CODE = re.compile("[0-9]{20}")
LANGUAGE = re.compile("(?=.{2,40}$)[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_WITH_PERIOD = re.compile(r"(?P<name>.+?)\s*[(（](?P<period>[^()（）]+)[)）]?")
_FROM_TO = re.compile(r"\s*(?:—+|–|－|~|～|至|到)\s*")
_MONTH = re.compile(r"\s*[0-9]{1,2}(?![0-9])")
_COMPACT = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_TIME_OF_DAY = re.compile(r"[T ]+[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?$")
_IN_WORDS = re.compile(r"(?![年月日号时分秒])[\u4e00-\u9fff]")
"""Words for a time, which a date written wrong (1958年13月) isn't."""
_SPACED_MARKS = re.compile(r"\s*([-/.年月日])\s*")


@dataclass(frozen=True, slots=True)
class NamedFor:
    """A name as a cell writes it, with the period behind it in brackets where there is one."""

    name: str
    valid_from: Dated | None = None
    valid_to: Dated | None = None
    words: str = ""
    """The period as it is written, where the dates say less."""


@dataclass(frozen=True, slots=True)
class TimeSaid:
    """When something was, as a cell says it."""

    dated: Dated | None
    """None where the words are no date at all."""
    words: str = ""
    """What is written, where the date says less than it; to be kept with the name."""


def time_said(value: object) -> TimeSaid | None:
    """A date (`dated`), or words for a time, with what they come down to; None where a cell says nothing.

    Raises
    ------
    Refused
        It is neither: a date that can't be, or a number.
    """
    try:
        found = dated(value)
    except Refused:
        words = name_text(unicodedata.normalize("NFKC", str(value)))
        if _IN_WORDS.search(words) is None:
            raise
        return TimeSaid(Dated.around(words), words)
    return None if found is None else TimeSaid(found)


def date_said(value: object) -> Dated | None:
    """The date alone of what a cell says; see `time_said`."""
    said = time_said(value)
    return None if said is None else said.dated


def period_said(begun: TimeSaid | None, ended: TimeSaid | None) -> tuple[Dated | None, Dated | None]:
    """The ends of a period; one that words only come near to is left open where it would lie before the beginning."""
    since, until = (said.dated if said is not None else None for said in (begun, ended))
    inexact = any(said is not None and said.words for said in (begun, ended))
    if inexact and since is not None and until is not None and until.day <= since.day:
        return since, None
    return since, until


def dated(value: object) -> Dated | None:
    """A date as exactly as it is written: ``1958-03-12``, ``19580312``, ``1958年3月``, ``1958``, ``1950年代``, ``19世纪``, ``明``.

    Nothing, and what stands for an end that hasn't come (至今), is None.

    Raises
    ------
    Refused
        It is none of these.
    """
    if value is None:
        return None
    if isinstance(value, datetime):
        return Dated(value.date())
    if isinstance(value, date):
        return Dated(value)
    said = unicodedata.normalize("NFKC", str(value)).strip()
    said = _SPACED_MARKS.sub(r"\1", _TIME_OF_DAY.sub("", said))
    if said.casefold() in OPEN_ENDS | NOTHING:
        return None
    # A year from a column of numbers.
    said = said.removesuffix(".0")
    compact = _COMPACT.fullmatch(said)
    try:
        found = Dated.parse("-".join(compact.groups()) if compact else said)
    except DateUnclear:
        raise Refused(ProblemCode.DATE_UNCLEAR) from None
    if found.day.year > MAX_VINTAGE:
        # 9999 and its like are marks.
        raise Refused(ProblemCode.DATE_UNCLEAR)
    return found


def names_in(value: object) -> tuple[NamedFor, ...]:
    """The names that a cell holds: ``甲村;乙村``, ``红旗路（1966—1981）、卫东路``; each once.

    Raises
    ------
    Refused
        One is no name: it is too long, or holds control characters; or its period doesn't end after it begins.
    """
    if value is None:
        return ()
    pieces = (piece.strip() for piece in LIST_BREAK.split(str(value)))
    found = [_named_for(piece) for piece in pieces if piece and piece.casefold() not in NOTHING]
    return tuple(dict.fromkeys(found))


def _named_for(piece: str) -> NamedFor:
    met = _WITH_PERIOD.fullmatch(piece)
    period = _period(met["period"]) if met is not None else None
    if met is None or period is None:
        return NamedFor(name_text(piece))
    return NamedFor(name_text(met["name"]), *period)


def _period(text: str) -> tuple[Dated | None, Dated | None, str] | None:
    """A period as it stands in brackets; None where that is something else, a part of the name (村（居）).

    Raises
    ------
    Refused
        It doesn't end after it begins.
    """
    begun, between, ended = _split(text)
    try:
        ends = time_said(begun), time_said(ended) if between else None
    except Refused:
        return None
    since, until = period_said(*ends)
    if (since is None and until is None) or any(end is not None and end.dated is None for end in ends):
        return None
    if since and until and until.day <= since.day:
        raise Refused(ProblemCode.ENDS_BEFORE, begun=str(since), ended=str(until))
    return since, until, text.strip() if any(end is not None and end.words for end in ends) else ""


def _split(text: str) -> tuple[str, bool, str]:
    """The two ends of a period; a hyphen stands between them only where it isn't one of a date's own."""
    met = _FROM_TO.search(text)
    if met is not None:
        return text[: met.start()], True, text[met.end() :]
    begun, hyphen, ended = text.partition("-")
    return (begun, True, ended) if hyphen and _MONTH.match(ended) is None else (text, False, "")


def name_text(value: str) -> str:
    """A name in one line, with single spaces.

    Raises
    ------
    Refused
        It is longer than any name, or holds control characters.
    """
    name = " ".join(value.split())
    if len(name) > MOST_NAME_CHARACTERS:
        raise Refused(ProblemCode.TOO_LONG, limit=MOST_NAME_CHARACTERS)
    if any(unicodedata.category(character) in {"Cc", "Cs"} for character in name):
        raise Refused(ProblemCode.NOT_TEXT)
    return name


def national_code(value: object) -> str | None:
    """A national code of a place: division 6, township 3, class 5, serial 6 digits.

    Raises
    ------
    Refused
        It isn't twenty digits: a column of numbers has lost the last ones.
    """
    said = "" if value is None else unicodedata.normalize("NFKC", str(value)).replace(" ", "").replace("-", "")
    if said.casefold() in NOTHING:
        return None
    if NATIONAL_CODE.fullmatch(said) is None:
        raise Refused(ProblemCode.NOT_A_NATIONAL_CODE)
    return said


def language(value: object) -> str | None:
    """A language tag (BCP 47).

    Raises
    ------
    Refused
        It is none.
    """
    said = "" if value is None else str(value).strip()
    if said.casefold() in NOTHING:
        return None
    if LANGUAGE.fullmatch(said) is None:
        raise Refused(ProblemCode.NOT_A_LANGUAGE)
    return said


def prose(value: object) -> str | None:
    """A text of several lines, as meanings and descriptions are; None where there is nothing.

    Raises
    ------
    Refused
        It is too long, or holds control characters.
    """
    if value is None:
        return None
    lines = [
        " ".join(line.split(" ")).strip() for line in str(value).replace("\r\n", "\n").replace("\t", " ").split("\n")
    ]
    said = "\n".join(lines).strip()
    if said.casefold() in NOTHING:
        return None
    if len(said) > MOST_TEXT_CHARACTERS:
        raise Refused(ProblemCode.TOO_LONG, limit=MOST_TEXT_CHARACTERS)
    if any(unicodedata.category(character) in {"Cc", "Cs"} for character in said.replace("\n", "")):
        raise Refused(ProblemCode.NOT_TEXT)
    return said


DATUMS: Mapping[str, str] = {
    "2000": "China 2000",
    "84": "World Geodetic System 1984",
    "80": "Xian 1980",
    "54": "Beijing 1954",
    "gcj": "gcj02",
    "火星": "gcj02",
    "高德": "gcj02",
    "bd": "bd09",
    "百度": "bd09",
}
"""What a row's datum is, by what its words hold, in this order."""
SAME_DATUM = frozenset({"China 2000", "World Geodetic System 1984"})
"""They differ by centimetres (ADR 0005)."""


def datum_of(said: str) -> str | None:
    """The datum that words mean (``2000国家大地坐标系``, ``西安80``), as `Crs.datum` has it; None where they mean none known."""
    plain = unicodedata.normalize("NFKC", said).casefold()
    return next((datum for word, datum in DATUMS.items() if word in plain), None)


def contradicts(said: str, used: str) -> bool:
    """Whether a row's datum is another than that which its coordinates are read in."""
    datum = datum_of(said)
    return datum is not None and datum != used and not {datum, used} <= SAME_DATUM
