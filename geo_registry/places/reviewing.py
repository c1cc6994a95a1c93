"""All names checked, as a work list (地名优化): read once in the order of what they sound like, then compared within each sound.

What geometry decides is asked of PostGIS for many at once; the rules are those of one name (`checking.py`).
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import groupby
from time import monotonic
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text

from geo_registry.db.copying import Value, insert_rows
from geo_registry.db.session import Database, WriteSession
from geo_registry.divisions.queries import newest_vintages
from geo_registry.divisions.rules import codes_above
from geo_registry.jobs.progress import Progress, unheard
from geo_registry.model import NameFinding, NameReview
from geo_registry.places.checking import (
    DEGREE_M,
    ENDINGS,
    MARGIN_DEG,
    MOST,
    NO_DETAIL,
    PLACES_NAMES,
    features_beyond,
    subject_of,
)
from geo_registry.places.rules.collisions import all_collisions
from geo_registry.places.rules.findings import Finding, Subject
from geo_registry.places.rules.generics import by_level, parts_of, split
from geo_registry.places.rules.names import findings_by_itself
from geo_registry.places.rules.scopes import elsewhere, local, scopes, stand_in
from geo_registry.places.rules.surroundings import (
    BEARERS,
    FACILITIES,
    NEAR_M,
    OVER_M,
    STREET_IN_NAME,
    agrees,
    date_findings,
    day_of,
    elsewhere_findings,
    end_findings,
    ends_of,
    feature_findings,
    outside_findings,
    overlap_findings,
    place_findings,
    serial_of,
    series_findings,
)
from geo_registry.places.rules.words import is_renowned
from geo_registry.text.folding import folded
from geo_registry.text.homophones import canonical
from geo_registry.text.keys import keys_of
from geo_registry.vocabulary import DivisionLevel, NameScope, PlaceClass

AT_ONCE = 20_000
"""Names that are read, and findings written, at a time."""
NOWHERE: frozenset[UUID] = frozenset()
ASKED_AT_ONCE = 5_000
"""Names that one question of geometry is about."""

# By `ix_name_key_homophone`, or sorted: names that sound nearly alike stand together.
COUNT = text("SELECT count(*) FROM name_key WHERE type IN ('place', 'division') AND NOT former")
NAMES = text("""
    SELECT key.record_id, key.name, key.kind, key.type, key.code, key.lon, key.lat, key.homophone,
        nullif(place.detail, '{}') AS detail, CAST(NULL AS uuid[]) AS areas
    FROM name_key AS key LEFT JOIN place ON place.id = key.record_id
    WHERE key.type IN ('place', 'division') AND NOT key.former AND (key.name_kind IS NULL OR key.name_kind = 'standard')
        AND (key.vintage IS NULL OR (key.kind, key.vintage) IN (SELECT * FROM unnest(CAST(:levels AS text[]), CAST(:vintages AS int[]))))
    ORDER BY key.homophone
""")
AREAS = text("""
    SELECT place.id, array_agg(area.id) AS areas FROM built_up_area AS area
    JOIN place ON place.geom && area.geom AND ST_Intersects(area.geom, place.geom)
    WHERE place.class = ANY(:classes) GROUP BY place.id
""")
DIVISIONS = text("""
    SELECT code, name, level FROM division
    WHERE (level, vintage) IN (SELECT * FROM unnest(CAST(:levels AS text[]), CAST(:vintages AS int[])))
""")
FEATURES = text("SELECT DISTINCT folded FROM name_key WHERE type = 'place' AND NOT former AND kind = ANY(:kinds)")

STREETS_NEAR = text("""
    SELECT asked.id, min(ST_Distance(CAST(street.geom AS geography), CAST(place.geom AS geography))) AS near, count(*) AS streets
    FROM unnest(CAST(:ids AS uuid[]), CAST(:streets AS text[]), CAST(:homophones AS text[])) AS asked (id, street, homophone)
    JOIN name_key AS own ON own.record_id = asked.id AND own.name_kind = 'standard'
    JOIN place ON place.id = asked.id
    JOIN name_key AS key ON key.homophone = asked.homophone AND key.kind = 'street' AND key.type = 'place' AND NOT key.former
        AND key.lon BETWEEN own.lon - :margin AND own.lon + :margin AND key.lat BETWEEN own.lat - :margin AND own.lat + :margin
        AND key.folded = asked.street
    JOIN place AS street ON street.id = key.record_id
    GROUP BY asked.id
""")
STREETS_KNOWN = text("""
    SELECT DISTINCT folded FROM name_key
    WHERE folded = ANY(:streets) AND kind = 'street' AND type = 'place' AND NOT former
""")
NAMES_NEAR = text("""
    SELECT asked.id, near.names
    FROM unnest(CAST(:ids AS uuid[]), CAST(:lons AS float8[]), CAST(:lats AS float8[])) AS asked (id, lon, lat)
    CROSS JOIN LATERAL (
        SELECT array_agg(DISTINCT standard_name) AS names FROM (
            SELECT standard_name FROM place
            WHERE geom && ST_Expand(ST_SetSRID(ST_MakePoint(asked.lon, asked.lat), 4490), :within)
                AND class = ANY(:classes) AND state <> 'abolished'
            LIMIT :most
        ) AS around
    ) AS near
""")
# The middle of one of them lies on the other: which, both are told.
OVERLAPS = text("""
    SELECT one.id AS one_id, one.standard_name AS one_name, other.id AS other_id, other.standard_name AS other_name,
        ST_Length(CAST(ST_Intersection(one.geom, ST_Buffer(other.geom, :over)) AS geography)) AS shared
    FROM place AS one
    CROSS JOIN LATERAL ST_PointOnSurface(one.geom) AS middle
    JOIN place AS other ON other.geom && ST_Expand(middle, :over) AND ST_DWithin(other.geom, middle, :over)
    WHERE one.class = 'street' AND other.class = 'street' AND other.id <> one.id
        AND ST_Dimension(one.geom) = 1 AND ST_Dimension(other.geom) = 1
        AND one.standard_name <> other.standard_name AND one.state <> 'abolished' AND other.state <> 'abolished'
""")
WITH_ENDS = text("""
    SELECT id, standard_name, detail FROM place
    WHERE class = 'street' AND state <> 'abolished' AND geom IS NOT NULL AND detail ?| ARRAY['begins_at', 'ends_at']
""")
APART = text("""
    SELECT asked.id, asked.field, asked.street,
        min(ST_Distance(CAST(street.geom AS geography),
            CAST(CASE ST_Dimension(place.geom) WHEN 1 THEN ST_Boundary(place.geom) ELSE place.geom END AS geography))) AS apart
    FROM unnest(CAST(:ids AS uuid[]), CAST(:fields AS text[]), CAST(:streets AS text[])) AS asked (id, field, street)
    JOIN place ON place.id = asked.id
    JOIN place AS street ON street.geom && ST_Expand(place.geom, :margin) AND street.standard_name = asked.street
        AND street.id <> place.id
    GROUP BY asked.id, asked.field, asked.street
""")
WITH_DATES = text("""
    SELECT id, standard_name, detail, (
        SELECT max(valid_from) FROM place_name
        WHERE place_id = place.id AND place_name.name = place.standard_name AND kind = 'standard' AND status = 'approved'
            AND from_precision = 'day'
    ) AS named_on
    FROM place WHERE state <> 'abolished' AND detail ?| ARRAY['built_from', 'built_to']
""")
OUTSIDE = text("""
    WITH home AS MATERIALIZED (
        SELECT own.id, around.name, around.geom FROM division AS own CROSS JOIN LATERAL (
            SELECT name, geom FROM division
            WHERE geom IS NOT NULL AND code IN (
                own.code, left(own.code, 9) || '000', left(own.code, 6) || '000000', left(own.code, 4) || '00000000',
                left(own.code, 2) || '0000000000'
            )
            ORDER BY code DESC, vintage DESC LIMIT 1
        ) AS around
    )
    SELECT place.id, home.name FROM place JOIN home ON home.id = place.division_id
    WHERE place.state <> 'abolished' AND NOT ST_Intersects(home.geom, place.geom)
""")
FORGET = text("SELECT forget_name_findings()")
KEYS_OF = text("""
    SELECT record_id, name, kind, type, code, lon, lat, CAST(NULL AS uuid[]) AS areas FROM name_key
    WHERE record_id = ANY(:ids) AND type = 'place' AND name_kind = 'standard' AND NOT former
""")

_COLUMNS = (
    "review_id",
    "type",
    "record_id",
    "name",
    "kind",
    "division_code",
    "lon",
    "lat",
    "code",
    "severity",
    "basis",
    "details",
    "collides_with",
    "collides_name",
    "collides_kind",
    "collides_division",
    "distance_m",
)

Found = tuple[Subject, Finding]


@dataclass
class _Around:
    """What is looked up of names for later, while all are read."""

    divisions: Mapping[str, Sequence[str]]
    by_code: Mapping[str, str]
    areas: Mapping[UUID, frozenset[UUID]]
    features: frozenset[str]
    streets: dict[UUID, tuple[Subject, str]] = field(default_factory=dict)
    facilities: dict[UUID, Subject] = field(default_factory=dict)
    called_after: dict[UUID, Subject] = field(default_factory=dict)
    series: dict[object, dict[int, Subject]] = field(default_factory=dict)


def review(database: Database, *, ordered_by: str, progress: Progress = unheard) -> UUID:
    """Check all names and keep what is found in place of what was found before; the id of the review.

    Parameters
    ----------
    database
        The registry's; all is one unit of work, so whoever reads meanwhile sees the review before.
    ordered_by
        Who had it done.
    progress
        Called with the steps ``names`` and ``surroundings``.
    """
    began = monotonic()
    with database.write(actor="local-operator", why="places.review") as session:
        session.execute(FORGET)
        record = NameReview(id=uuid4(), names=0, findings=0, seconds=0.0, ordered_by=ordered_by)
        session.add(record)
        session.flush()
        for batch in _findings(session, record, progress):
            insert_rows(session, NameFinding.__tablename__, _COLUMNS, [_row(record.id, *each) for each in batch])
            record.findings += len(batch)
        record.seconds = round(monotonic() - began, 3)
        return record.id


def _findings(session: WriteSession, record: NameReview, progress: Progress) -> Iterator[Sequence[Found]]:
    newest = newest_vintages(session)
    levels = {"levels": [level.value for level in newest], "vintages": list(newest.values())}
    around = _looked_up(session, levels)
    total = session.scalar(COUNT)
    waiting: list[Found] = []
    for group in _groups(session, levels, around):
        record.names += len(group)
        for subject in group:
            waiting += [(subject, finding) for finding in _by_itself(subject)]
            waiting += [(subject, finding) for finding in _of_divisions(subject, around)]
            _remember(subject, around)
        if len(group) > 1:
            waiting += all_collisions(group)
        if len(waiting) >= AT_ONCE:
            yield waiting
            waiting = []
        progress("names", record.names, total)
    yield waiting
    steps = (_streets, _places, _features, _series, _overlaps, _ends, _dates, _outside)
    for number, step in enumerate(steps, 1):
        yield list(step(session, around))
        progress("surroundings", number, len(steps))


def _looked_up(session: WriteSession, levels: Mapping[str, Any]) -> _Around:
    classes = [each.value for scope in scopes() if scope.within is NameScope.BUILT_UP_AREA for each in scope.classes]
    areas = {row.id: frozenset(row.areas) for row in session.execute(AREAS, {"classes": classes})}
    called: dict[str, list[str]] = {}
    by_code: dict[str, str] = {}
    for row in session.execute(DIVISIONS, levels):
        level = DivisionLevel.of(row.level)
        by_code[row.code] = split(row.name, by_level()[level].words).specific or row.name
        if level is not DivisionLevel.VILLAGE:
            plain = folded(row.name)
            called.setdefault(plain, []).append(row.code)
            ending = next((each for each in ENDINGS if plain.endswith(each) and len(plain) > len(each) + 1), None)
            if ending is not None:
                called.setdefault(plain.removesuffix(ending), []).append(row.code)
    kinds = ["mountain", "river", "lake", "island", "spring", "waterfall", "valley", "monument", "temple"]
    features = frozenset(session.scalars(FEATURES, {"kinds": kinds}))
    return _Around(divisions=called, by_code=by_code, areas=areas, features=features)


def _groups(session: WriteSession, levels: Mapping[str, Any], around: _Around) -> Iterator[Sequence[Subject]]:
    """All names, those that sound nearly alike together."""
    areas = around.areas
    rows = session.execute(NAMES, levels, execution_options={"yield_per": AT_ONCE})
    for _, group in groupby(rows, key=lambda row: row.homophone):
        yield [subject_of(row, areas.get(row.record_id, NOWHERE), row.detail or NO_DETAIL) for row in group]


def _by_itself(subject: Subject) -> Sequence[Finding]:
    if subject.detail:
        return list(findings_by_itself(subject))
    return _of_the_name(subject.name, subject.place_class, subject.level, (subject.division or "")[:2])


@lru_cache(maxsize=1_000)
def _of_the_name(name: str, place_class: PlaceClass, level: DivisionLevel | None, province: str) -> Sequence[Finding]:
    return list(findings_by_itself(Subject(name=name, place_class=place_class, level=level, division=province)))


def _of_divisions(subject: Subject, around: _Around) -> Iterator[Finding]:
    if subject.place_class not in BEARERS or local(elsewhere(), subject) is None:
        return
    plain = folded(subject.name)
    for length in range(min(len(plain) - 1, 10), 1, -1):
        codes = around.divisions.get(plain[:length])
        if codes is not None:
            yield from elsewhere_findings(subject, {plain[:length]: codes}, {})
            return


def _remember(subject: Subject, around: _Around) -> None:
    """Note what has to be asked of geometry, or of all names, once they are all read."""
    if subject.id is None:
        return
    if subject.place_class is PlaceClass.DIVISION:
        specific = folded(parts_of(subject).specific)
        if len(specific) > 1 and (is_renowned(specific) or _is_a_features(specific, around)):
            around.called_after[subject.id] = subject
        return
    if subject.place_class in BEARERS and subject.lon is not None:
        met = STREET_IN_NAME.match(subject.name)
        if met is not None and local(elsewhere(), subject) is not None:
            around.streets[subject.id] = (subject, met[1])
    if subject.place_class in FACILITIES and subject.lon is not None:
        own = [around.by_code[code] for code in _path(subject.division) if code in around.by_code]
        if not any(agrees(canonical(subject.name), canonical(each)) for each in own):
            around.facilities[subject.id] = subject
    serial = serial_of(subject.name) if subject.place_class is PlaceClass.STREET else None
    if serial is not None and serial.before:
        for key in subject.areas or {stand_in(subject)}:
            around.series.setdefault((key, serial.before, serial.generic), {})[serial.number] = subject


def _is_a_features(specific: str, around: _Around) -> bool:
    return specific in around.features or any(
        specific + ending in around.features for ending in ("山", "江", "河", "湖", "溪", "岛")
    )


def _path(code: str | None) -> Sequence[str]:
    return (*codes_above(code), code) if code is not None else ()


def _streets(session: WriteSession, around: _Around) -> Iterator[Found]:
    for batch in _batches(list(around.streets)):
        asked = [around.streets[each] for each in batch]
        plain = [folded(street) for _, street in asked]
        near = {
            row.id: round(row.near)
            for row in session.execute(
                STREETS_NEAR,
                {
                    "ids": batch,
                    "streets": plain,
                    "homophones": [keys_of(each).homophone for each in plain],
                    "margin": MARGIN_DEG,
                },
            )
        }
        known = set(session.scalars(STREETS_KNOWN, {"streets": list(set(plain))}))
        for (subject, street), folded_ in zip(asked, plain, strict=True):
            if folded_ in known:
                found = elsewhere_findings(subject, {}, {street: near.get(_id(subject))})
                yield from ((subject, finding) for finding in found)


def _places(session: WriteSession, around: _Around) -> Iterator[Found]:
    for batch in _batches(list(around.facilities)):
        asked = [around.facilities[each] for each in batch]
        rows = session.execute(
            NAMES_NEAR,
            {
                "ids": batch,
                "lons": [each.lon for each in asked],
                "lats": [each.lat for each in asked],
                "within": NEAR_M / DEGREE_M,
                "classes": list(PLACES_NAMES),
                "most": MOST,
            },
        )
        for row in rows:
            subject = around.facilities[row.id]
            own = [around.by_code[code] for code in reversed(_path(subject.division)) if code in around.by_code]
            known = list(dict.fromkeys([*own, *(row.names or ())]))
            yield from ((subject, finding) for finding in place_findings(subject, known))


def _features(session: WriteSession, around: _Around) -> Iterator[Found]:
    vintages = sorted(set(newest_vintages(session).values()))
    for subject in around.called_after.values():
        beyond = features_beyond(session, subject, vintages)
        yield from ((subject, finding) for finding in feature_findings(subject, beyond))


def _series(session: WriteSession, around: _Around) -> Iterator[Found]:
    del session
    told: set[UUID] = set()
    for members in around.series.values():
        names = [subject.name for subject in members.values()]
        for number in sorted(members) if len(members) > 1 else ():
            subject = members[number]
            if _id(subject) not in told:
                found = list(series_findings(subject, names))
                told |= {_id(subject)} if found else set()
                yield from ((subject, finding) for finding in found)


def _overlaps(session: WriteSession, around: _Around) -> Iterator[Found]:
    del around
    pairs: dict[tuple[UUID, UUID], float] = {}
    for row in session.execute(OVERLAPS, {"over": OVER_M / DEGREE_M}):
        for pair in ((row.one_id, row.other_id), (row.other_id, row.one_id)):
            pairs[pair] = max(pairs.get(pair, 0.0), row.shared)
    subjects = _subjects(session, {each for pair in pairs for each in pair})
    for (one, other), shared in pairs.items():
        if one in subjects and other in subjects:
            yield from ((subjects[one], finding) for finding in overlap_findings([(subjects[other], shared)]))


def _ends(session: WriteSession, around: _Around) -> Iterator[Found]:
    del around
    asked = [
        (row.id, end, street)
        for row in session.execute(WITH_ENDS)
        for end, street in ends_of(Subject(row.standard_name, PlaceClass.STREET, detail=row.detail)).items()
    ]
    for batch in _batches(asked):
        ids, fields, streets = ([each[column] for each in batch] for column in range(3))
        rows = session.execute(APART, {"ids": ids, "fields": fields, "streets": streets, "margin": MARGIN_DEG}).all()
        subjects = _subjects(session, {row.id for row in rows})
        for row in rows:
            if row.id in subjects:
                found = end_findings({row.field: (row.street, row.apart)})
                yield from ((subjects[row.id], finding) for finding in found)


def _dates(session: WriteSession, around: _Around) -> Iterator[Found]:
    del around
    rows = [row for row in session.execute(WITH_DATES) if day_of(row.detail.get("built_to")) is not None]
    subjects = _subjects(session, {row.id for row in rows})
    for row in rows:
        if row.id in subjects:
            subject = replace(subjects[row.id], detail=row.detail)
            yield from ((subject, finding) for finding in date_findings(subject, row.named_on))


def _outside(session: WriteSession, around: _Around) -> Iterator[Found]:
    del around
    rows = session.execute(OUTSIDE).all()
    subjects = _subjects(session, {row.id for row in rows})
    for row in rows:
        if row.id in subjects:
            yield from ((subjects[row.id], finding) for finding in outside_findings(row.name, inside=False))


def _subjects(session: WriteSession, ids: set[UUID]) -> Mapping[UUID, Subject]:
    found: dict[UUID, Subject] = {}
    for batch in _batches(sorted(ids)):
        found |= {row.record_id: subject_of(row) for row in session.execute(KEYS_OF, {"ids": batch})}
    return found


def _batches(asked: list[Any]) -> Iterator[list[Any]]:
    return (asked[at : at + ASKED_AT_ONCE] for at in range(0, len(asked), ASKED_AT_ONCE))


def _id(subject: Subject) -> UUID:
    assert subject.id is not None
    return subject.id


def _row(review_id: UUID, subject: Subject, finding: Finding) -> Sequence[Value]:
    other = finding.collides_with
    basis = finding.basis
    division = subject.place_class is PlaceClass.DIVISION
    return (
        str(review_id),
        "division" if division else "place",
        str(subject.id),
        subject.name,
        subject.level.value if division and subject.level else subject.place_class.value,
        subject.division,
        subject.lon,
        subject.lat,
        finding.code.value,
        finding.severity.value,
        _basis(basis),
        json.dumps(dict(finding.details), ensure_ascii=False),
        str(other.id) if other is not None and other.id is not None else None,
        other.name if other is not None else None,
        other.place_class.value if other is not None and other.place_class is not None else None,
        other.division if other is not None else None,
        other.distance_m if other is not None else None,
    )


@lru_cache(maxsize=1_000)
def _basis(basis: Any) -> str:
    kept = {
        "law": basis.law,
        "article": basis.article,
        "item": basis.item,
        "phrase": basis.phrase,
        "verified": basis.verified,
        "note": basis.note,
    }
    return json.dumps(kept, ensure_ascii=False)
