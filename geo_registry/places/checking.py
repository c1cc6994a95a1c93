"""One name, checked: the registry's names that it has to differ from and what lies around it, looked up for the rules."""

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from geo_registry.db.session import ReadSession
from geo_registry.divisions.rules import CODE_DIGITS, DIGITS_OF_LEVEL, codes_above, level_of, prefix_of
from geo_registry.divisions.service import resolve
from geo_registry.errors import DivisionUnknown, NameQuestionEmpty, NearInvalid
from geo_registry.geo.bbox import MAX_LAT, MAX_LON
from geo_registry.places.inputs import MOST_NAME_CHARACTERS
from geo_registry.places.queries import division_at
from geo_registry.places.rules.collisions import collisions, distance_m, forms_of, readings
from geo_registry.places.rules.findings import Collision, Finding, Subject, found, in_order
from geo_registry.places.rules.generics import by_level, parts_of, split
from geo_registry.places.rules.names import findings_by_itself
from geo_registry.places.rules.scopes import DIGITS, Scope, scopes_of, stand_in
from geo_registry.places.rules.surroundings import (
    BEARERS,
    ENDINGS,
    FACILITIES,
    MOST_HELD,
    NEAR_M,
    date_findings,
    dialect_findings,
    divisions_held,
    elsewhere_findings,
    feature_findings,
    outside_findings,
    place_findings,
    serial_of,
    series_findings,
    streets_held,
    streets_within,
)
from geo_registry.places.rules.words import FEATURE_ENDINGS, FEATURES
from geo_registry.text.folding import folded
from geo_registry.text.keys import keys_of
from geo_registry.vocabulary import DivisionLevel, FindingCode, NameScope, PlaceClass

MOST = 500
"""Candidates that are looked at of one scope: the nearest of them are told."""

MOST_AT_ONCE = 20_000
"""Candidates of many names that are held at once."""

MARGIN_DEG = 0.2
"""A street's name is written on its middle, which lies outside a built-up area that it only comes into: no street that is
longer than twice this (some 40 km) is one."""

LEVELS = (
    DivisionLevel.TOWNSHIP,
    DivisionLevel.VILLAGE,
    DivisionLevel.COUNTY,
    DivisionLevel.CITY,
    DivisionLevel.PROVINCE,
)
"""In the order in which a division's level is told from its name: 乌市镇 is a town before it is a city."""

DEGREE_M = 111_000
"""A degree of latitude, in metres."""

PLACES_NAMES = (
    "village",
    "committee-seat",
    "street",
    "mountain",
    "river",
    "lake",
    "island",
    "scenic-area",
    "park",
    "bridge",
)
"""Classes whose names are those of the place that a facility stands at."""
FEATURES_AND_MONUMENTS = tuple(sorted(each.value for each in FEATURES | {PlaceClass.MONUMENT, PlaceClass.TEMPLE}))
"""Classes of what a division isn't called after where it reaches beyond it."""

# By `ix_name_key_homophone`: names that sound nearly so, within first digits of codes.
IN_CODE = text("""
    SELECT id, homophone, record_id, name, kind, type, code, lon, lat, CAST(NULL AS uuid[]) AS areas FROM name_key
    WHERE homophone = ANY(:homophones) AND code LIKE :within AND kind = ANY(:kinds) AND NOT former
        AND (lon IS NULL OR NOT :placeless) AND (name_kind IS NULL OR name_kind = 'standard') AND type IN ('place', 'division')
        AND (vintage IS NULL OR kind || ' ' || vintage = ANY(:vintages))
    ORDER BY abs(lon - :lon) + abs(lat - :lat), id LIMIT :most
""")

# By `ix_name_key_built_up`: those around built-up areas; then by their extents those in them. A street may be in two.
IN_AREAS = text("""
    SELECT key.id, key.homophone, key.record_id, key.name, key.kind, key.type, key.code, key.lon, key.lat, array_agg(area.id) AS areas
    FROM built_up_area AS area
    JOIN name_key AS key ON key.lon BETWEEN ST_XMin(area.geom) - :margin AND ST_XMax(area.geom) + :margin
    JOIN place ON place.id = key.record_id AND ST_Intersects(area.geom, place.geom)
    WHERE area.id = ANY(:areas) AND key.homophone = ANY(:homophones) AND key.kind = ANY(:kinds) AND key.name_kind = 'standard'
        AND key.type = 'place' AND key.kind IN ('street', 'residential-area', 'building') AND NOT key.former
        AND key.lat BETWEEN ST_YMin(area.geom) - :margin AND ST_YMax(area.geom) + :margin
    GROUP BY key.id ORDER BY abs(key.lon - :lon) + abs(key.lat - :lat), key.id LIMIT :most
""")

# All that every check has to know, asked at once, of many names too: each question costs more than its answer.
AROUND = text("""
    WITH newest AS MATERIALIZED (
        SELECT word.level, (SELECT max(vintage) FROM division WHERE division.level = word.level) AS vintage
        FROM unnest(CAST(:levels AS text[])) AS word (level)
    ), asked AS MATERIALIZED (
        SELECT number, ST_SetSRID(ST_MakePoint(lon, lat), 4490) AS point, division,
            CAST(string_to_array(codes, ' ') AS bpchar[]) AS codes
        FROM unnest(
            CAST(:lons AS float8[]), CAST(:lats AS float8[]), CAST(:divisions AS bpchar[]), CAST(:codes AS text[])
        ) WITH ORDINALITY AS given (lon, lat, division, codes, number)
    )
    SELECT
        ARRAY(SELECT level || ' ' || vintage FROM newest WHERE vintage IS NOT NULL) AS vintages,
        ARRAY(SELECT id FROM built_up_area WHERE valid_to IS NULL AND ST_Intersects(geom, asked.point)) AS areas,
        EXISTS (SELECT FROM division WHERE code = asked.division) AS registered,
        home.name, home.inside
    FROM asked LEFT JOIN LATERAL (
        SELECT name, ST_Intersects(geom, asked.point) AS inside FROM division
        WHERE code = ANY(asked.codes) AND geom IS NOT NULL AND (level, vintage) IN (SELECT level, vintage FROM newest)
        ORDER BY code DESC LIMIT 1
    ) AS home ON true
    ORDER BY asked.number
""")
AREAS_OF_DIVISION = text("""
    SELECT area.id FROM division JOIN built_up_area AS area ON area.valid_to IS NULL AND ST_Intersects(area.geom, division.geom)
    WHERE division.code = :code AND division.level || ' ' || division.vintage = ANY(:vintages) AND division.geom IS NOT NULL
""")
DIVISIONS_CALLED = text("""
    SELECT folded, code FROM name_key
    WHERE folded = ANY(:names) AND type = 'division' AND kind || ' ' || vintage = ANY(:vintages)
        AND kind IN ('province', 'city', 'county', 'township')
""")

# By `ix_name_key_homophone`: of the streets of a name the nearest, measured where any is written near; else as they are written.
STREET_CALLED = text("""
    WITH called AS MATERIALIZED (
        SELECT record_id, name, kind, type, code, lon, lat, CAST(NULL AS uuid[]) AS areas, coalesce(
                lon BETWEEN :lon - :margin AND :lon + :margin AND lat BETWEEN :lat - :margin AND :lat + :margin, false
            ) AS near, abs(lon - :lon) + abs(lat - :lat) AS beside
        FROM name_key
        WHERE homophone = :homophone AND kind = 'street' AND folded = :folded AND type = 'place' AND NOT former
    )
    SELECT called.*,
        ST_Distance(CAST(place.geom AS geography), CAST(ST_SetSRID(ST_MakePoint(:lon, :lat), 4490) AS geography)) AS away
    FROM called JOIN place ON place.id = called.record_id
    WHERE near OR record_id = (SELECT record_id FROM called ORDER BY beside, record_id LIMIT 1)
    ORDER BY near DESC, away, record_id LIMIT 1
""")
DIVISIONS_HELD = text("""
    SELECT record_id, name, kind, type, code, lon, lat, CAST(NULL AS uuid[]) AS areas FROM name_key
    WHERE folded = ANY(:names) AND code = ANY(:codes) AND type = 'division' AND kind || ' ' || vintage = ANY(:vintages)
        AND kind IN ('province', 'city', 'county', 'township')
""")
STREETS_KNOWN = text("""
    SELECT DISTINCT folded FROM name_key
    WHERE folded = ANY(:streets) AND kind = 'street' AND type = 'place' AND NOT former
""")

NEAR = text("""
    SELECT DISTINCT standard_name FROM (
        SELECT standard_name FROM place
        WHERE geom && ST_Expand(ST_SetSRID(ST_MakePoint(:lon, :lat), 4490), :within) AND class = ANY(:classes)
            AND state <> 'abolished'
        LIMIT :most
    ) AS near
""")

FEATURES_BEYOND = text("""
    SELECT key.record_id, key.name, key.kind, key.type, key.code, key.lon, key.lat, CAST(NULL AS uuid[]) AS areas
    FROM name_key AS key JOIN place ON place.id = key.record_id
    LEFT JOIN division ON division.code = :code AND division.level || ' ' || division.vintage = ANY(:vintages)
    WHERE key.folded = ANY(:names) AND key.type = 'place' AND key.kind = ANY(:kinds) AND NOT key.former
        AND (division.geom IS NULL OR NOT ST_Covers(division.geom, place.geom))
        AND (division.geom IS NOT NULL OR key.code IS NULL OR key.code NOT LIKE :within)
    ORDER BY key.id LIMIT 1
""")

SERIES = text("""
    SELECT name FROM name_key
    WHERE folded LIKE :beginning AND type = 'place' AND kind = :kind AND code LIKE :within AND NOT former LIMIT :most
""")

NAMED = text("SELECT name FROM division WHERE code = :code ORDER BY vintage DESC LIMIT 1")

NO_DETAIL: Mapping[str, object] = MappingProxyType({})
_CLASSES: Mapping[str, PlaceClass] = {each.value: each for each in PlaceClass}

_AS_PATTERN = str.maketrans({"\\": "\\\\", "%": "\\%", "_": "\\_"})


@dataclass(frozen=True, slots=True)
class NameQuestion:
    """A name that somebody wants to give, and to what.

    `division` is where it lies: a code, twelve digits or the first of them, or a name that one division bears; `lon` and `lat` are degrees (EPSG:4490);
    `detail` what is known of its size and dates (`places/details.py`).
    """

    name: str
    place_class: PlaceClass
    division: str | None = None
    lon: float | None = None
    lat: float | None = None
    detail: Mapping[str, object] | None = None


def asked(
    name: str,
    place_class: PlaceClass,
    *,
    division: str | None = None,
    at: str | None = None,
    size: Mapping[str, float | None] | None = None,
) -> NameQuestion:
    """A question that can be answered, from what somebody typed.

    Parameters
    ----------
    division
        A code, its first digits, or a name.
    at
        ``lon,lat`` in degrees.
    size
        ``width_m``, ``length_m``, ``area_m2``, as far as they are known.

    Raises
    ------
    NameQuestionEmpty
        There is no name, or one that is longer than any.
    DivisionCodeInvalid
        `division` is a number and no code.
    NearInvalid
        `at` isn't a position.
    """
    given = " ".join(name.split())
    if not folded(given) or len(given) > MOST_NAME_CHARACTERS:
        raise NameQuestionEmpty(limit=MOST_NAME_CHARACTERS)
    position = position_of(at) if at else None
    known = {field: value for field, value in (size or {}).items() if value is not None}
    return NameQuestion(
        name=given,
        place_class=place_class,
        division=_division_said(division),
        lon=position[0] if position else None,
        lat=position[1] if position else None,
        detail=known,
    )


def _division_said(written: str | None) -> str | None:
    said = (written or "").strip()
    if not said:
        return None
    return said if any(each.isalpha() for each in said) else prefix_of(said)


def position_of(written: str) -> tuple[float, float]:
    """``lon,lat`` in degrees.

    Raises
    ------
    NearInvalid
        It isn't two finite numbers within ±180 and ±90 degrees.
    """
    try:
        lon, lat = map(float, written.split(","))
    except ValueError:
        raise NearInvalid(text=written) from None
    if not (math.isfinite(lon) and math.isfinite(lat) and abs(lon) <= MAX_LON and abs(lat) <= MAX_LAT):
        raise NearInvalid(text=written)
    return lon, lat


@dataclass(frozen=True, slots=True)
class Placed:
    """A name that is to be checked, with what was looked up of where it lies."""

    subject: Subject
    vintages: Sequence[str]
    """The newest lists of divisions, as ``level year``."""
    home: str | None
    """The division whose boundary is known, and that it is said to lie in."""
    inside: bool | None


def check(session: ReadSession, question: NameQuestion) -> Sequence[Finding]:
    """Every finding about a name that isn't registered yet, the weightiest first.

    Raises
    ------
    DivisionUnknown
        The division that it is to lie in isn't registered: nothing could be said of it.
    DivisionAmbiguous
        Several bear that name; the error lists their codes.
    """
    return check_placed(session, placed(session, question))


def placed(session: ReadSession, question: NameQuestion) -> Placed:
    """A question, with where the name lies.

    Raises
    ------
    DivisionUnknown, DivisionAmbiguous
        As `check`.
    """
    return placed_all(session, [(question, None)])[0]


def placed_all(session: ReadSession, questions: Sequence[tuple[NameQuestion, UUID | None]]) -> Sequence[Placed]:
    """Questions, with where their names lie, looked up at once; beside each the id of what is to bear the name.

    Raises
    ------
    DivisionUnknown, DivisionAmbiguous
        As `check`.
    """
    if not questions:
        return []
    subjects = [_subject(session, question, own) for question, own in questions]
    around = session.execute(
        AROUND,
        {
            "levels": [level.value for level in DivisionLevel],
            "lons": [subject.lon for subject in subjects],
            "lats": [subject.lat for subject in subjects],
            "divisions": [subject.division for subject in subjects],
            "codes": [" ".join((code, *codes_above(code))) if (code := each.division) else "" for each in subjects],
        },
    )
    drawn: dict[str | None, Sequence[UUID]] = {}
    found: list[Placed] = []
    for (question, _), subject, row in zip(questions, subjects, around, strict=True):
        if subject.division is not None and not row.registered:
            raise DivisionUnknown(text=question.division)
        located = subject
        if any(scope.within is NameScope.BUILT_UP_AREA for scope in scopes_of(subject)):
            areas = row.areas
            if subject.lon is None:
                if subject.division not in drawn:
                    asked = {"code": subject.division, "vintages": row.vintages}
                    drawn[subject.division] = session.scalars(AREAS_OF_DIVISION, asked).all()
                areas = drawn[subject.division]
            located = replace(subject, areas=frozenset(areas), anywhere=subject.lon is None and bool(areas))
        found.append(Placed(located, row.vintages, row.name, row.inside))
    return found


def _subject(session: ReadSession, question: NameQuestion, own: UUID | None) -> Subject:
    division = _code_of(session, question.division)
    if division is None and question.lon is not None:
        division = division_at(session, f"POINT({question.lon} {question.lat})")
    return Subject(
        name=question.name,
        place_class=question.place_class,
        id=own,
        level=level_told(question.name) if question.place_class is PlaceClass.DIVISION else None,
        division=division,
        lon=question.lon,
        lat=question.lat,
        detail=question.detail or {},
    )


@dataclass(frozen=True, slots=True)
class Among:
    """Which of the registry's names one is compared with: those in built-up areas, or those within first digits of codes."""

    kinds: frozenset[str]
    areas: frozenset[UUID] = frozenset()
    within: str = ""
    placeless: bool = False
    """Whether only those count of which nobody knows where they lie."""
    vintages: tuple[str, ...] = ()

    def asked(
        self, session: ReadSession, homophones: Collection[str], lon: float, lat: float, most: int
    ) -> Sequence[Row[tuple[Any, ...]]]:
        """At most so many that sound nearly like one of `homophones`, the nearest first."""
        given = {"homophones": list(homophones), "kinds": list(self.kinds), "lon": lon, "lat": lat, "most": most}
        if self.areas:
            return session.execute(IN_AREAS, {**given, "areas": list(self.areas), "margin": MARGIN_DEG}).all()
        by_code = {"within": f"{self.within}%", "vintages": list(self.vintages), "placeless": self.placeless}
        return session.execute(IN_CODE, {**given, **by_code}).all()


class Candidates:
    """The registry's names that many are compared with, looked up at once: what each finds is what it would find alone."""

    def __init__(self, session: ReadSession, questions: Iterable[Placed]) -> None:
        self._found: dict[Among, dict[str, list[Row[tuple[Any, ...]]]]] = {}
        self._called: dict[str, str] = {}
        wanted: dict[Among, set[str]] = {}
        for each in questions:
            for scope, variants in _scoped(each.subject).values():
                for among in _among(each.subject, scope, each.vintages):
                    wanted.setdefault(among, set()).update(_homophones(variants))
        for among, homophones in wanted.items():
            rows = among.asked(session, homophones, 0.0, 0.0, MOST_AT_ONCE + 1)
            if len(rows) > MOST_AT_ONCE:
                # Names that half the country has: each is asked for alone.
                continue
            by_sound = self._found.setdefault(among, {})
            for row in rows:
                by_sound.setdefault(row.homophone, []).append(row)

    def near(
        self, among: Among, homophones: Collection[str], lon: float, lat: float
    ) -> Sequence[Row[tuple[Any, ...]]] | None:
        """As `Among.asked`; None where that wasn't looked up."""
        by_sound = self._found.get(among)
        if by_sound is None:
            return None
        rows = [row for sound in homophones for row in by_sound.get(sound, ())]
        rows.sort(key=lambda row: (row.lon is None, abs((row.lon or 0) - lon) + abs((row.lat or 0) - lat), row.id))
        return rows[:MOST]

    def called(self, session: ReadSession, within: str) -> str:
        """What a division is called, by the first digits of its code; asked for once."""
        if within not in self._called:
            self._called[within] = _called(session, within)
        return self._called[within]


def check_placed(
    session: ReadSession,
    asked: Placed,
    *,
    besides: Sequence[Subject] = (),
    serials: Sequence[str] = (),
    leave_out: frozenset[UUID] = frozenset(),
    noticed_on: date | None = None,
    known: Candidates | None = None,
) -> Sequence[Finding]:
    """Every finding about a name, the weightiest first.

    Parameters
    ----------
    besides
        Names that are to be given with it: it has to differ from them too.
    serials
        Names that are to be given with it and are numbered as it is: what is missing between them is told.
    leave_out
        Ids of places that bear another name, or none, once this one is given.
    noticed_on
        The day of the notice, where there is one: nothing was built after it.
    known
        What was looked up for it, and for others, at once.
    """
    subject = asked.subject
    findings = [*findings_by_itself(subject), *dialect_findings(subject), *date_findings(subject, noticed_on)]
    findings += outside_findings(asked.home, inside=asked.inside)
    findings += _collisions(session, asked, besides, leave_out, known)
    findings += _surroundings(session, subject, asked.vintages, serials)
    return in_order(findings)


def _code_of(session: ReadSession, said: str | None) -> str | None:
    """The twelve-digit code of the division that a question says by code or name."""
    if said is None:
        return None
    if any(each.isalpha() for each in said):
        return resolve(session, said).code
    return prefix_of(said).ljust(CODE_DIGITS, "0")


def level_told(name: str) -> DivisionLevel | None:
    """The level of a division that isn't registered yet, as far as the name's end tells; None where it doesn't."""
    return next((level for level in LEVELS if split(name, by_level()[level].words).generic), None)


def _collisions(
    session: ReadSession,
    asked: Placed,
    besides: Sequence[Subject],
    leave_out: frozenset[UUID],
    known: Candidates | None,
) -> Iterator[Finding]:
    subject = asked.subject
    others: dict[UUID, Subject] = {each.id: each for each in besides if each.id is not None}
    by_scope = _scoped(subject)
    is_local = by_scope and all(scope.within is not NameScope.NATION for scope, _ in by_scope.values())
    if is_local and subject.division is None and not subject.areas:
        yield found(FindingCode.NOT_COMPARED)
    for scope, variants in by_scope.values():
        homophones, lon, lat = _homophones(variants), subject.lon or 0.0, subject.lat or 0.0
        for among in _among(subject, scope, asked.vintages):
            rows = known.near(among, homophones, lon, lat) if known is not None else None
            if rows is None:
                rows = among.asked(session, homophones, lon, lat, MOST)
            for row in rows:
                others.setdefault(row.record_id, subject_of(row))
        if scope.within is NameScope.BUILT_UP_AREA and not subject.areas and subject.division is not None:
            within = stand_in(subject)
            named = known.called(session, within) if known is not None else _called(session, within)
            yield found(FindingCode.AREA_UNKNOWN, division=named)
    yield from collisions(subject, [each for key, each in others.items() if key not in leave_out])


def _called(session: ReadSession, within: str) -> str:
    """What a division is called, by the first digits of its code."""
    return session.scalar(NAMED, {"code": within.ljust(12, "0")}) or within


def _scoped(subject: Subject) -> Mapping[str, tuple[Scope, Sequence[Subject]]]:
    """The scopes that a name is in, however it is read, with the readings that are."""
    by_scope: dict[str, tuple[Scope, list[Subject]]] = {}
    for read in readings(subject):
        for scope in scopes_of(read):
            by_scope.setdefault(scope.key, (scope, []))[1].append(read)
    return by_scope


def _homophones(variants: Iterable[Subject]) -> frozenset[str]:
    """What names are found by that sound nearly like one."""
    return frozenset(keys_of(form).homophone for each in variants for form in forms_of(each))


def _among(subject: Subject, scope: Scope, vintages: Sequence[str]) -> Iterator[Among]:
    """Names of the scope, and perhaps of a little around it."""
    kinds = frozenset(each.value for each in scope.classes - {PlaceClass.DIVISION}) | {
        each.value for each in scope.levels
    }
    in_areas = scope.within is NameScope.BUILT_UP_AREA and bool(subject.areas)
    if in_areas:
        yield Among(kinds, areas=subject.areas)
    if subject.division is None and scope.within is not NameScope.NATION:
        return
    # Without a built-up area, and for what has no position, the county holds whatever the stand-in may be compared with.
    digits = DIGITS.get(scope.within, DIGITS_OF_LEVEL[DivisionLevel.COUNTY])
    within = (prefix_of(subject.division) if subject.division else "")[:digits]
    yield Among(kinds, within=within, placeless=in_areas and not subject.anywhere, vintages=tuple(vintages))


def _surroundings(
    session: ReadSession, subject: Subject, vintages: Sequence[str], serials: Sequence[str]
) -> Iterator[Finding]:
    divisions = _divisions_called(session, subject, vintages)
    streets = _streets_called(session, subject)
    for finding in elsewhere_findings(subject, divisions, {name: away for name, (_, away) in streets.items()}):
        name = finding.details["found"]
        if name in divisions:
            yield against_division(subject, finding, _divisions_held(session, name, divisions[name], vintages))
        else:
            yield against(finding, *streets[name])
    if subject.place_class is PlaceClass.DIVISION:
        yield from feature_findings(subject, features_beyond(session, subject, vintages))
    if subject.place_class in FACILITIES:
        yield from place_findings(subject, _names_of_place(session, subject))
    yield from series_findings(subject, [*_series(session, subject), *serials])


def _divisions_called(session: ReadSession, subject: Subject, vintages: Sequence[str]) -> Mapping[str, Sequence[str]]:
    """The names of divisions that a name holds, or their specific parts, with the divisions' codes."""
    if subject.place_class not in BEARERS:
        return {}
    plain = folded(subject.name)
    parts = {
        plain[at:end] for at in range(len(plain)) for end in range(at + 2, min(len(plain), at + MOST_HELD) + 1)
    } - {plain}
    asked = {part + ending: part for ending in ENDINGS for part in parts} | {part: part for part in parts}
    rows = session.execute(DIVISIONS_CALLED, {"names": list(asked), "vintages": list(vintages)}).all()
    called: dict[str, list[str]] = {}
    for row in rows:
        called.setdefault(asked[row.folded], []).append(row.code)
    return divisions_held(plain, called)


def _divisions_held(
    session: ReadSession, name: str, codes: Sequence[str], vintages: Sequence[str]
) -> Sequence[Subject]:
    asked = {"names": [name, *(name + ending for ending in ENDINGS)], "codes": list(codes), "vintages": list(vintages)}
    return [subject_of(row) for row in session.execute(DIVISIONS_HELD, asked)]


def against_division(subject: Subject, finding: Finding, held: Iterable[Subject]) -> Finding:
    """The finding that a name holds a division's, with the nearest of those that bear it, as their names are written."""

    def order(division: Subject) -> tuple[bool, int, str]:
        away = distance_m(subject, division)
        return away is None, away or 0, division.division or ""

    nearest = min(held, key=order, default=None)
    return finding if nearest is None else against(finding, nearest, distance_m(subject, nearest))


def against(finding: Finding, other: Subject | None, away: int | None) -> Finding:
    """The finding with the record that it is about."""
    return finding if other is None else replace(finding, collides_with=Collision.of(other, away))


def _streets_called(session: ReadSession, subject: Subject) -> Mapping[str, tuple[Subject | None, int | None]]:
    """The nearest streets whose names this one holds, and how far away they are."""
    plain = folded(subject.name)
    candidates = streets_within(plain) if subject.place_class in BEARERS and subject.lon is not None else []
    if not candidates:
        return {}
    known = session.scalars(STREETS_KNOWN, {"streets": list(candidates)}).all()
    found: dict[str, tuple[Subject | None, int | None]] = {}
    for street in streets_held(plain, known):
        asked = {"homophone": keys_of(street).homophone, "folded": street}
        at = {"lon": subject.lon, "lat": subject.lat, "margin": MARGIN_DEG}
        row = session.execute(STREET_CALLED, {**asked, **at}).one_or_none()
        if row is not None:
            other = subject_of(row)
            found[street] = other, round(row.away) if row.near else distance_m(subject, other)
    return found


def features_beyond(session: ReadSession, subject: Subject, vintages: Sequence[str]) -> Sequence[Subject]:
    """Natural features and monuments that a division is called like, and that reach beyond it, or lie there."""
    specific = folded(parts_of(subject).specific)
    if len(specific) < 2:
        return []
    code = subject.division or ""
    asked = {
        "code": code if level_of(code or "0" * 12) is subject.level else None,
        "within": f"{prefix_of(code)}%" if code else "",
        "names": [specific, *(specific + ending for ending in FEATURE_ENDINGS)],
        "kinds": list(FEATURES_AND_MONUMENTS),
        "vintages": list(vintages),
    }
    return [subject_of(row) for row in session.execute(FEATURES_BEYOND, asked)]


def _names_of_place(session: ReadSession, subject: Subject) -> Sequence[str]:
    """The names of the divisions that a facility stands in, without what they are, and of places near it."""
    names: dict[str, None] = {}
    if subject.lon is not None:
        asked = {"lon": subject.lon, "lat": subject.lat, "within": NEAR_M / DEGREE_M, "classes": list(PLACES_NAMES)}
        names |= dict.fromkeys(session.scalars(NEAR, {**asked, "most": MOST}))
    if subject.division is not None:
        for code in (subject.division, *reversed(codes_above(subject.division))):
            name = session.scalar(NAMED, {"code": code})
            if name is not None:
                names[split(name, by_level()[level_of(code)].words).specific or name] = None
    return list(names)


def _series(session: ReadSession, subject: Subject) -> Sequence[str]:
    own = serial_of(subject.name)
    if own is None or not own.before or subject.division is None:
        return []
    asked = {
        "beginning": folded(own.before).translate(_AS_PATTERN) + "%",
        "kind": subject.place_class.value,
        "within": f"{prefix_of(subject.division)[: DIGITS[NameScope.COUNTY]]}%",
        "most": MOST,
    }
    return session.scalars(SERIES, asked).all()


def subject_of(row: Any, areas: frozenset[UUID] = frozenset(), detail: Mapping[str, object] = NO_DETAIL) -> Subject:
    """A name of the table of keys as the rules take it."""
    division = row.type == "division"
    return Subject(
        name=row.name,
        place_class=PlaceClass.DIVISION if division else _CLASSES[row.kind],
        id=row.record_id,
        level=DivisionLevel.of(row.kind) if division else None,
        division=row.code,
        lon=row.lon,
        lat=row.lat,
        areas=frozenset(row.areas) if row.areas else areas,
        detail=detail,
    )
