"""When two names are the same, or sound so: in pairs, and of many that sound nearly alike at once."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Self

from geo_registry.divisions.rules import DIGITS_OF_LEVEL
from geo_registry.places.rules.findings import Basis, Collision, Finding, Subject, found
from geo_registry.places.rules.generics import by_level
from geo_registry.places.rules.scopes import DIGITS, Scope, is_in_it, is_placeless, scopes, scopes_of, stand_in
from geo_registry.text.homophones import canonical, homophone_key, syllables
from geo_registry.vocabulary import DivisionLevel, FindingCode, NameScope, PlaceClass

EARTH_RADIUS_M = 6_371_008.8
"""The mean radius of the Earth: distances are told to some metres in a kilometre."""

WIDER = tuple(DIGITS_OF_LEVEL[level] for level in (DivisionLevel.PROVINCE, DivisionLevel.CITY, DivisionLevel.COUNTY))
"""First digits of codes of what is wider than a township."""

Note = tuple[str, str]
"""A remark in Chinese and in English."""
PLACELESS: Note = (
    "其中一个名称没有位置，不知是否在同一建成区，按同一乡镇（街道）或县（市、区）比对",
    "one of the two has no position, so nobody knows whether both are in one built-up area: compared within their township or county",
)
LEVELLESS: Note = (
    "名称没有区划通名，层级不明，按各级通名逐一比对",
    "the name doesn't say a division's level: compared with every level's generic parts",
)

MOST = 20
"""Of so many collisions of one name and kind the nearest are told."""


COMMITTEES = (
    ("村村民委员会", "村"),
    ("村村委会", "村"),
    ("村民委员会", "村"),
    ("村委会", "村"),
    ("社区居民委员会", "社区"),
    ("社区居委会", "社区"),
    ("居民委员会", "居"),
    ("居委会", "居"),
)
"""How a committee's seat is written too, the longest first, and what its name ends with: 潜溪村民委员会 and 潜溪村委会 are 潜溪村."""


def is_seat(subject: Subject) -> bool:
    """Whether it is a committee's seat, or the village or neighbourhood of one."""
    return subject.place_class is PlaceClass.COMMITTEE_SEAT or subject.level is DivisionLevel.VILLAGE


def seat_called(subject: Subject) -> str:
    """The name; of a committee's seat without the committee."""
    if not is_seat(subject):
        return subject.name
    met = next(((long, short) for long, short in COMMITTEES if subject.name.endswith(long)), ("", ""))
    return subject.name.removesuffix(met[0]) + met[1]


def is_its_seat(division: Subject, seat: Subject) -> bool:
    """Whether a village, as a division, and a committee's seat, as a place, are one committee: it is compared once, as the place."""
    return (
        division.level is DivisionLevel.VILLAGE
        and seat.place_class is PlaceClass.COMMITTEE_SEAT
        and is_in_it(division, seat)
        and canonical(seat_called(division)) == canonical(seat_called(seat))
    )


def forms_of(subject: Subject) -> Sequence[str]:
    """All the ways in which the name may be written; of what is no committee's seat one."""
    if not is_seat(subject):
        return [subject.name]
    name = seat_called(subject)
    short = next((short for _, short in COMMITTEES if name.endswith(short)), None)
    longer = [name.removesuffix(short) + long for long, of in COMMITTEES if of == short] if short is not None else []
    return list(dict.fromkeys([subject.name, name, *longer]))


@dataclass(frozen=True, slots=True)
class Heard:
    """A subject with what its name is compared by."""

    subject: Subject
    meant: str
    syllables: tuple[str, ...]
    levelless: bool = False
    """Whether it is a division's name without what says its level, read with what would say it."""

    @classmethod
    def of(cls, subject: Subject, *, levelless: bool = False) -> Self:
        """Read a name."""
        meant, heard = _read(seat_called(subject))
        return cls(subject, meant, heard, levelless)


@lru_cache(maxsize=4_096)
def _read(name: str) -> tuple[str, tuple[str, ...]]:
    return canonical(name), syllables(name)


def likeness(one: Heard, other: Heard) -> FindingCode | None:
    """How alike two names are, the same whichever comes first; None where nobody takes them for one another."""
    if one.meant == other.meant:
        same = one.subject.name == other.subject.name
        return FindingCode.DUPLICATE if same else FindingCode.DUPLICATE_FOLDED
    if one.syllables == other.syllables:
        return FindingCode.HOMOPHONE
    if homophone_key(one.syllables) == homophone_key(other.syllables):
        return FindingCode.NEAR_HOMOPHONE
    return None


def readings(subject: Subject) -> Sequence[Subject]:
    """The name as it is compared: itself; of a division's whose level isn't told, with each generic part of each level."""
    if subject.place_class is not PlaceClass.DIVISION or subject.level is not None:
        return [subject]
    every = [
        replace(subject, name=subject.name + word, level=level)
        for level, generics in by_level().items()
        for word in generics.words
    ]
    return [each for each in every if seat_called(each) == each.name]


def collisions(subject: Subject, others: Sequence[Subject]) -> Sequence[Finding]:
    """The findings of one name against others (art. 9, items 7 and 8): of each kind the nearest `MOST`."""
    read = readings(subject)
    return [finding for each in read for finding in _collisions(each, others, levelless=each is not subject)]


def _collisions(subject: Subject, others: Sequence[Subject], *, levelless: bool) -> Sequence[Finding]:
    rows = scopes_of(subject)
    if not rows:
        return []
    met = (
        (scope, Heard.of(other))
        for other in others
        for scope in rows
        if scope.holds(other) and scope.meets(subject, other)
    )
    return _told(Heard.of(subject, levelless=levelless), met)


def all_collisions(group: Sequence[Subject]) -> Iterator[tuple[Subject, Finding]]:
    """The findings of every name of a group against every other one, each told from both sides.

    A group holds names that sound nearly alike. They are laid out by scope first: of a name that a thousand towns have, only
    those of one town are compared.
    """
    heard = [Heard.of(subject) for subject in group]
    met: dict[int, list[tuple[Scope, Heard]]] = {}
    for scope in scopes():
        held = [each for each in heard if scope.holds(each.subject)]
        if len(held) > 1:
            for bucket in buckets(scope, held):
                for one in bucket:
                    met.setdefault(id(one), []).extend(
                        (scope, other)
                        for other in bucket
                        if other is not one and scope.meets(one.subject, other.subject)
                    )
    for one in heard:
        if id(one) in met:
            yield from ((one.subject, finding) for finding in _told(one, met[id(one)]))


def buckets(scope: Scope, held: Sequence[Heard]) -> Iterable[Sequence[Heard]]:
    """The names that a row holds, laid out so that all who meet in it share a bucket; some may share several."""
    laid: dict[object, list[Heard]] = {}
    guessing = scope.within is NameScope.BUILT_UP_AREA and any(is_placeless(each.subject) for each in held)
    for each in held:
        for key in _keys(scope, each.subject):
            laid.setdefault(key, []).append(each)
        if guessing and each.subject.areas:
            laid.setdefault(stand_in(each.subject), []).append(each)
    if scope.within is NameScope.BUILT_UP_AREA:
        # Of what nobody knows the township of, the county stands in: it is compared with all of the county.
        for key, bucket in laid.items():
            if isinstance(key, str):
                bucket += [each for digits in WIDER if len(key) > digits for each in laid.get(key[:digits], ())]
    return laid.values()


def _keys(scope: Scope, subject: Subject) -> Sequence[object]:
    if scope.within is not NameScope.BUILT_UP_AREA:
        return [(subject.division or "")[: DIGITS[scope.within]]]
    return list(subject.areas) or [stand_in(subject)]


def _told(one: Heard, met: Iterable[tuple[Scope, Heard]]) -> Sequence[Finding]:
    pairs: dict[int, tuple[FindingCode, Scope, Subject, int | None]] = {}
    for scope, other in met:
        if other.subject.id is not None and other.subject.id == one.subject.id:
            continue
        code = likeness(one, other)
        if code is not None:
            pairs.setdefault(id(other.subject), (code, scope, other.subject, distance_m(one.subject, other.subject)))
    met_with = [pair[2] for pair in pairs.values()]
    once = [pair for pair in pairs.values() if not any(is_its_seat(pair[2], other_) for other_ in met_with)]
    nearest = sorted(once, key=lambda pair: (math.inf if pair[3] is None else pair[3], str(pair[2].id)))
    told: dict[FindingCode, int] = {}
    findings = []
    for code, scope, other_, distance in nearest:
        told[code] = told.get(code, 0) + 1
        if told[code] <= MOST:
            findings.append(collision(code, scope, one, other_, distance))
    return findings


def collision(code: FindingCode, scope: Scope, one: Heard, other: Subject, distance: int | None) -> Finding:
    """One finding of one name against another, by the row of scopes in which they meet."""
    details = {
        "other": other.name,
        "scope": scope.within.zh,
        "scope_en": scope.within.en,
        "pool": scope.pool.zh,
        "pool_en": scope.pool.en,
        "heard": " ".join(one.syllables),
    }
    notes = [*([PLACELESS] if scope.guesses(one.subject, other) else []), *([LEVELLESS] if one.levelless else [])]
    return found(code, basis=basis_of(code, scope, notes), collides_with=Collision.of(other, distance), **details)


def basis_of(code: FindingCode, scope: Scope, notes: Sequence[Note] = ()) -> Basis:
    """The scope's article; unverified where the kind of likeness is none of the law's, or with `notes` on how it was compared."""
    said = found(code).basis
    verified = scope.basis.verified and said.verified
    basis = scope.basis
    note = "；".join(each for each in (basis.note, said.note, *(zh for zh, _ in notes)) if each)
    note_en = "; ".join(each for each in (basis.note_en, said.note_en, *(en for _, en in notes)) if each)
    return replace(basis, verified=verified and not notes, note=note, note_en=note_en)


def distance_m(one: Subject, other: Subject) -> int | None:
    """How far apart two names are written, in metres (haversine); None where either has no position."""
    if one.lon is None or one.lat is None or other.lon is None or other.lat is None:
        return None
    return metres(one.lon, one.lat, other.lon, other.lat)


def metres(lon: float, lat: float, lon_other: float, lat_other: float) -> int:
    """The distance between two positions in degrees, in whole metres."""
    north, south = math.radians(lat), math.radians(lat_other)
    half_lat = math.sin((south - north) / 2) ** 2
    half_lon = math.sin(math.radians(lon_other - lon) / 2) ** 2
    chord = math.sqrt(half_lat + math.cos(north) * math.cos(south) * half_lon)
    return round(2 * EARTH_RADIUS_M * math.asin(min(chord, 1.0)))
