"""A name against what lies around it: divisions and streets it names, its place, its ends, its neighbours, its dates."""

import math
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import permutations

from geo_registry.divisions.rules import DIGITS_OF_LEVEL, contains
from geo_registry.places.rules.findings import Collision, Finding, Subject, found
from geo_registry.places.rules.generics import parts_of
from geo_registry.places.rules.scopes import dialects, elsewhere, local
from geo_registry.places.rules.words import famous_called
from geo_registry.text.homophones import canonical
from geo_registry.vocabulary import DivisionLevel, FindingCode, PlaceClass

ALONG_M = 500
"""What bears a street's name lies along it where it is no farther away."""
NEAR_M = 2_000
"""Names of places so near are names of a facility's place."""
SHARED_M = 100
"""Two streets that cross share less; so much of one lies over the other only where they are one."""
OVER_M = 10
"""A line lies over another where it is no farther away: half a street's width."""
APART_M = 100
"""A street ends at another where its end is no farther away: a crossing's width and what survey leaves open."""
BEGUN, BUILT, NAMED = ("始建日期", "building began"), ("建成日期", "built"), ("命名日期", "named")
MOST_IN_SERIES = 60
"""Numbers above aren't those of a series of streets."""

FACILITIES = frozenset(
    {
        PlaceClass.BRIDGE,
        PlaceClass.TUNNEL,
        PlaceClass.STATION,
        PlaceClass.PORT,
        PlaceClass.AIRPORT,
        PlaceClass.RESERVOIR,
        PlaceClass.DYKE,
        PlaceClass.POWER,
        PlaceClass.TELECOM,
        PlaceClass.WEATHER,
    }
)
"""Facilities of transport, water, power, telecommunications and weather (art. 9, item 10) that stand at one place; a road or
a canal passes many."""

BEARERS = FACILITIES | {PlaceClass.RESIDENTIAL_AREA, PlaceClass.BUILDING, PlaceClass.PARK}
"""What is called after a division or a street that it lies in or along."""

STREET_ENDS = ("大道", "大街", "路", "街", "巷", "弄")
"""What a street's name ends with where it stands in another name: 人民路 in 人民路小区."""
COUNTY_DIGITS = DIGITS_OF_LEVEL[DivisionLevel.COUNTY]
MOST_HELD = 10
"""Characters of a name that stands in another one."""
LEAST_INSIDE = 3
"""Characters of a name that is taken for one where it doesn't begin the other: two that follow one another by chance, as
江南 in 滨江南苑, are none."""
ENDINGS = ("区", "县", "市", "镇", "乡", "街道", "省")
"""What a division's name is called without, in other names."""

_ENDS = ("begins_at", "ends_at")
_WRAPPING = re.compile(
    "^(?:[东南西北]{0,2}(?:起自|止于|起|至|止|接|临|连)|自|从|由|到)?(.+?)(?:起|止|口|交叉口|交叉处)?$"
)
_NUMERAL = "〇一二三四五六七八九十百"
_SERIAL = re.compile(f"^(.*?)(第?)([{_NUMERAL}]+)(路|街|巷|弄|支路|条|里|村|区)$")
NUMERALS = _NUMERAL + "零○0123456789０１２３４５６７８９廿卅佰"
"""What a number in a name is written with."""
_COUNTING = frozenset(NUMERALS)
_ONES = {character: value for value, character in enumerate("〇一二三四五六七八九")}


def elsewhere_findings(
    subject: Subject, divisions: Mapping[str, Sequence[str]], streets: Mapping[str, int | None]
) -> Iterator[Finding]:
    """Whether a name that holds a division's or a street's name lies in or along it.

    Parameters
    ----------
    divisions
        Codes by the names of divisions that the name holds, or their specific parts (`divisions_held`).
    streets
        How far the nearest street is whose name the name holds, in metres (`streets_held`); None where one of that name is
        nowhere near.
    """
    rule = local(elsewhere(), subject)
    if rule is None or subject.place_class not in BEARERS:
        return
    for name, codes in divisions.items():
        if subject.division and not any(contains(code, subject.division) for code in codes):
            yield found(FindingCode.ELSEWHERE, basis=rule.basis, found=name)
            return
    for name, distance in streets.items():
        if distance is None or distance > ALONG_M:
            other = Collision(None, name, PlaceClass.STREET, None, distance)
            yield found(FindingCode.ELSEWHERE, basis=rule.basis, collides_with=other, found=name)
            return


def divisions_held(plain: str, called: Mapping[str, Sequence[str]]) -> Mapping[str, Sequence[str]]:
    """The divisions whose names a folded name holds, the longest first at each place, with their codes.

    Parameters
    ----------
    called
        Codes by divisions' folded names, and by these without what they are (婺城 of 婺城区).

    A name begins with one, whole or without what it is; further in it holds one whole (江南街道), or so much of one that
    it isn't there by chance: three characters, or two of a county or what is above one (义乌).
    """
    held: dict[str, Sequence[str]] = {}
    at = 0
    while at < len(plain) - 1:
        for end in range(min(len(plain), at + MOST_HELD), at + 1, -1):
            part = plain[at:end]
            codes = called.get(part, ()) if part != plain else ()
            if at and len(part) < LEAST_INSIDE:
                # 城区 and 郊区 are what every town has.
                codes = [code for code in codes if not (part.endswith(ENDINGS) or code[COUNTY_DIGITS:].strip("0"))]
            if codes:
                held[part] = codes
                at = end
                break
        else:
            at += 1
    return held


def streets_within(plain: str) -> Sequence[str]:
    """What may be a street's name in a folded name that isn't one itself: each part of it that ends as streets do."""
    found = []
    for at in range(len(plain)):
        for end in range(at + 2, min(len(plain), at + MOST_HELD) + 1):
            part = plain[at:end]
            # 江南街道 is a division, not 江南街.
            of_a_division = part.endswith("街") and plain[end : end + 1] == "道"
            if part != plain and part.endswith(STREET_ENDS) and part not in STREET_ENDS and not of_a_division:
                found.append(part)
    return found


def streets_held(plain: str, known: Collection[str]) -> Sequence[str]:
    """The streets whose names a folded name holds, of those that are known; the longest at each place."""
    held: list[str] = []
    at = 0
    candidates = set(streets_within(plain)) & set(known)
    while at < len(plain) - 1:
        ends = range(min(len(plain), at + MOST_HELD), at + (1 if at == 0 else LEAST_INSIDE - 1), -1)
        end = next((end for end in ends if plain[at:end] in candidates), None)
        if end is not None:
            held.append(plain[at:end])
        at = end or at + 1
    return held


def feature_findings(subject: Subject, beyond: Iterable[Subject]) -> Iterator[Finding]:
    """Whether a division is called after a famous natural feature, a heritage site, or what reaches beyond it (item 9).

    `beyond` are the registry's features and monuments whose name, or its specific part, is the division's specific part
    and that don't lie wholly in it.
    """
    if subject.place_class is not PlaceClass.DIVISION:
        return
    famous = famous_called(parts_of(subject).specific)
    if famous is not None:
        yield found(FindingCode.FROM_FEATURE, collides_with=Collision(None, famous), other=famous)
        return
    for other in beyond:
        yield found(FindingCode.FROM_FEATURE, collides_with=Collision.of(other), other=other.name)
        return


def place_findings(subject: Subject, known: Sequence[str]) -> Iterator[Finding]:
    """Whether a facility's name agrees with its place's (item 10); `known` are the names of its divisions and of places near."""
    if subject.place_class not in FACILITIES or not known:
        return
    name = canonical(subject.name)
    if not any(agrees(name, canonical(each)) for each in known):
        shown = known[:5]
        yield found(FindingCode.DISAGREES, known="、".join(shown), known_en=", ".join(shown))


def agrees(name: str, place: str) -> bool:
    """Whether a name begins with a place's name, or with all of it but what says that it is a place."""
    stem = place[:-1] if len(place) > 2 else place
    return name.startswith((stem, place))


def overlap_findings(shared: Iterable[tuple[Subject, float]]) -> Iterator[Finding]:
    """Streets of other names that lie over this one for so many metres; two of one name are one street's parts."""
    for other, metres in shared:
        if metres >= SHARED_M:
            yield found(
                FindingCode.OVERLAP, collides_with=Collision.of(other, 0), other=other.name, shared=f"{metres:.0f}"
            )


def end_findings(apart: Mapping[str, tuple[str, float]]) -> Iterator[Finding]:
    """Whether a street reaches what it is said to begin and end at.

    Parameters
    ----------
    apart
        By ``begins_at`` and ``ends_at``: the name of what is there, and how far the nearest of its ends is from it, in metres.
    """
    for field, zh, en in (("begins_at", "起于", "begin at"), ("ends_at", "止于", "end at")):
        if field in apart and apart[field][1] > APART_M:
            name, metres = apart[field]
            yield found(FindingCode.GAP, end=zh, end_en=en, other=name, apart=f"{metres:.0f}")


def bound(measured: Mapping[str, tuple[str, Mapping[int, float]]]) -> Mapping[str, tuple[str, float]]:
    """Which end of a street is which, so that all in all they are nearest: an end that it begins at isn't that it ends at.

    Parameters
    ----------
    measured
        By ``begins_at`` and ``ends_at``: the name of what is there, and how far it is from each of the street's ends, by the
        number of the end, in metres. What is no line has one end.

    Returns
    -------
    For each what is there, and how far the end that is bound to it is away, as `end_findings` takes it.
    """
    if not measured:
        return {}
    fields = list(measured)
    ends = sorted({end for _, by_end in measured.values() for end in by_end})
    ways = permutations(ends, len(fields)) if len(ends) >= len(fields) else [tuple(ends) * len(fields)]
    metres = [[measured[field][1].get(end, math.inf) for field, end in zip(fields, way, strict=False)] for way in ways]
    nearest = min(metres, key=sum)
    return {field: (measured[field][0], apart) for field, apart in zip(fields, nearest, strict=True)}


def ends_of(subject: Subject) -> Mapping[str, str]:
    """The names of what a street is said to begin and end at: ``南起人民路`` is 人民路."""
    texts = {field: subject.detail.get(field) for field in _ENDS}
    return {
        field: met[1]
        for field, said in texts.items()
        if isinstance(said, str) and (met := _WRAPPING.match(said.strip())) is not None and len(met[1]) > 1
    }


def date_findings(subject: Subject, named_on: date | None) -> Iterator[Finding]:
    """Whether what was built was begun before, and built before its name's notice."""
    begun, built = day_of(subject.detail.get("built_from")), day_of(subject.detail.get("built_to"))
    if begun and built and built < begun:
        yield _dates((BUILT, built), (BEGUN, begun))
    if named_on and built and named_on < built:
        yield _dates((NAMED, named_on), (BUILT, built))


def day_of(said: object) -> date | None:
    """The first day that a date can mean, written ``2015-06-01``, ``2015-06`` or ``2015``; None for anything else."""
    if not isinstance(said, str):
        return None
    met = re.fullmatch("([0-9]{4})(?:-([0-9]{2}))?(?:-([0-9]{2}))?", said)
    if met is None:
        return None
    try:
        return date(int(met[1]), int(met[2] or 1), int(met[3] or 1))
    except ValueError:
        return None


def outside_findings(division: str | None, *, inside: bool | None) -> Iterator[Finding]:
    """Whether a place lies in its division; `inside` is None where either has no geometry."""
    if division is not None and inside is False:
        yield found(FindingCode.OUTSIDE, division=division)


def dialect_findings(subject: Subject) -> Iterator[Finding]:
    """That what sounds alike in the dialect counts here, and wasn't looked at."""
    rule = local(dialects(), subject)
    if rule is not None:
        yield found(FindingCode.DIALECT, basis=rule.basis)


@dataclass(frozen=True, slots=True)
class Serial:
    """A name with a number in it: what is before and behind the number, and the number."""

    before: str
    generic: str
    number: int


def serial_of(name: str) -> Serial | None:
    """``江南三街`` is the third of 江南…街; None for what has no number, or one that isn't counted with (五一路)."""
    met = _SERIAL.match(canonical(name)) if not _COUNTING.isdisjoint(name) else None
    if met is None:
        return None
    number = number_of(met[3])
    return Serial(met[1] + met[2], met[4], number) if number is not None and number <= MOST_IN_SERIES else None


def number_of(text: str) -> int | None:
    """A number up to 99 in characters; None for figures that are said one by one (五一, 一二九) and for nothing at all."""
    if len(text) == 1:
        return _ONES.get(text) or (10 if text == "十" else None)
    tens, ten, ones = text.partition("十")
    if not ten or len(tens) > 1 or len(ones) > 1 or (tens and tens not in _ONES) or (ones and ones not in _ONES):
        return None
    return _ONES.get(tens, 1) * 10 + _ONES.get(ones, 0)


def series_findings(subject: Subject, others: Iterable[str]) -> Iterator[Finding]:
    """The numbers that are missing right before a name's, and right after it where a later one is there.

    `others` are names of the same scope. A series begins with one: what is there without it is missing that.
    """
    own = serial_of(subject.name)
    if own is None:
        return
    numbers = {
        each.number
        for each in map(serial_of, others)
        if each and (each.before, each.generic) == (own.before, own.generic)
    }
    before = max((number for number in numbers if number < own.number), default=0)
    after = min((number for number in numbers if number > own.number), default=own.number + 1)
    for first, last in ((before + 1, own.number - 1), (own.number + 1, after - 1)):
        if first <= last:
            ends = [own.before + spelt(number) + own.generic for number in dict.fromkeys((first, last))]
            yield found(FindingCode.SERIES, other=subject.name, missing="至".join(ends), missing_en=" to ".join(ends))


def spelt(number: int) -> str:
    """A number up to 99 in characters."""
    tens, ones = divmod(number, 10)
    digits = "〇一二三四五六七八九"
    return ("" if tens < 2 else digits[tens]) + ("十" if tens else "") + (digits[ones] if ones else "")


def _dates(later: tuple[tuple[str, str], date], earlier: tuple[tuple[str, str], date]) -> Finding:
    return found(
        FindingCode.DATES,
        later=later[0][0],
        later_en=later[0][1],
        later_day=later[1].isoformat(),
        earlier=earlier[0][0],
        earlier_en=earlier[0][1],
        earlier_day=earlier[1].isoformat(),
    )
