"""All names checked, as a work list (地名优化): read once in the order of what they sound like, then compared within each sound.

What geometry decides is asked of PostGIS for many at once; the rules are those of one name (`checking.py`). So are some
names checked that come together, as by an import: against all others, and against one another.
"""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import groupby
from time import monotonic
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Select, insert

from geo_registry.db.copying import Value, insert_rows
from geo_registry.db.session import Database, WriteSession
from geo_registry.divisions.queries import newest_vintages
from geo_registry.divisions.rules import CODE_DIGITS, DIGITS_OF_LEVEL, codes_above
from geo_registry.jobs.progress import Progress, unheard
from geo_registry.model import NameFinding, NameReview
from geo_registry.places.checking import (
    DEGREE_M,
    FEATURES_AND_MONUMENTS,
    MARGIN_DEG,
    MOST,
    NO_DETAIL,
    PLACES_NAMES,
    STREETS_KNOWN,
    against,
    against_division,
    features_beyond,
    subject_of,
)
from geo_registry.places.clearing import weight_of
from geo_registry.places.review_questions import (
    APART,
    DIVISIONS,
    DIVISIONS_WRITTEN,
    FEATURES,
    FORGET,
    KEYS_OF,
    MEASURED,
    NAMES_NEAR,
    OF_ALL,
    OF_REVIEWED,
    REVIEWED,
    REVIEWED_PLACE,
    SEATS_TWICE,
    SERIES_MEMBERS,
    SOUNDS,
    STREETS_CALLED,
    STREETS_NEAR,
    Questions,
)
from geo_registry.places.rules.collisions import all_collisions, collisions, distance_m
from geo_registry.places.rules.findings import Finding, Subject
from geo_registry.places.rules.generics import by_level, parts_of, split
from geo_registry.places.rules.names import findings_by_itself
from geo_registry.places.rules.scopes import elsewhere, local, scopes, stand_in
from geo_registry.places.rules.surroundings import (
    BEARERS,
    ENDINGS,
    FACILITIES,
    NEAR_M,
    NUMERALS,
    OVER_M,
    SHARED_M,
    Serial,
    agrees,
    bound,
    date_findings,
    day_of,
    divisions_held,
    elsewhere_findings,
    end_findings,
    ends_of,
    feature_findings,
    outside_findings,
    overlap_findings,
    place_findings,
    serial_of,
    series_findings,
    streets_held,
    streets_within,
)
from geo_registry.places.rules.words import FEATURE_ENDINGS, famous_called
from geo_registry.places.rules.words import FEATURES as NATURAL_FEATURES
from geo_registry.text.folding import folded
from geo_registry.text.homophones import canonical
from geo_registry.text.keys import keys_of
from geo_registry.vocabulary import DivisionLevel, NameScope, PlaceClass

AT_ONCE = 20_000
"""Names that are read, and findings written, at a time."""
NOWHERE: frozenset[UUID] = frozenset()
ASKED_AT_ONCE = 5_000
"""Names that one question of geometry is about."""
COUNTY = DIGITS_OF_LEVEL[DivisionLevel.COUNTY]

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
    "weight",
    "basis",
    "details",
    "collides_with",
    "collides_name",
    "collides_kind",
    "collides_division",
    "distance_m",
)

Found = tuple[Subject, Finding]
"""A finding, and whose it is."""


@dataclass
class _Around:
    """What is looked up of names for later, while all are read."""

    divisions: Mapping[str, Sequence[str]]
    bearers: Mapping[str, Sequence[Subject]]
    """The divisions above villages by their codes, each of them once a name."""
    by_code: Mapping[str, str]
    areas: Mapping[UUID, frozenset[UUID]]
    features: frozenset[str]
    questions: Questions
    newest: Mapping[DivisionLevel, int]
    """The vintages whose divisions are compared."""
    twice: frozenset[UUID]
    """Villages whose committee's seat is a place too: that is compared, they aren't."""
    streets: dict[UUID, tuple[Subject, Sequence[str]]] = field(default_factory=dict)
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
        for batch, names in _findings(session, OF_ALL, progress):
            insert_rows(session, NameFinding.__tablename__, _COLUMNS, [_row(record.id, *each) for each in batch])
            record.findings += len(batch)
            record.names = names
        record.seconds = round(monotonic() - began, 3)
        return record.id


def findings_among(
    session: WriteSession, places: Select[UUID], progress: Progress = unheard
) -> Iterator[Sequence[Found]]:
    """Every finding about some places' names, against all names and against one another; nothing is kept.

    Parameters
    ----------
    session
        A unit of work in which the keys of these places' names are made.
    places
        The ids of the places.
    progress
        Called with the steps ``names`` (those that sound like them too) and ``surroundings``.
    """
    for statement in REVIEWED:
        session.execute(statement)
    session.execute(insert(REVIEWED_PLACE).from_select(["id"], places))
    session.execute(SOUNDS)
    for statement in MEASURED:
        session.execute(statement)
    for batch, _ in _findings(session, OF_REVIEWED, progress):
        yield batch


def _findings(session: WriteSession, questions: Questions, progress: Progress) -> Iterator[tuple[Sequence[Found], int]]:
    """The findings in batches, each with how many names were read so far."""
    around = _looked_up(session, questions)
    total = session.scalar(questions.count)
    waiting: list[Found] = []
    names = 0
    for group, reviewed in _groups(session, around):
        names += len(group)
        for subject in reviewed:
            waiting += [(subject, finding) for finding in _by_itself(subject)]
            waiting += [(subject, finding) for finding in _of_divisions(subject, around)]
            _remember(subject, around)
        compared = [each for each in group if each.id not in around.twice]
        if len(compared) > 1:
            whose = set(map(id, reviewed))
            waiting += [(subject, finding) for subject, finding in all_collisions(compared) if id(subject) in whose]
        if len(waiting) >= AT_ONCE:
            yield waiting, names
            waiting = []
        progress("names", names, total)
    yield waiting, names
    steps = (_seats, _streets, _places, _features, _series, _overlaps, _ends, _dates, _outside)
    for number, step in enumerate(steps, 1):
        yield list(step(session, around)), names
        progress("surroundings", number, len(steps))


def _levels(newest: Mapping[DivisionLevel, int]) -> Mapping[str, Any]:
    """The levels and their vintages, as the questions take them."""
    return {"levels": [level.value for level in newest], "vintages": list(newest.values())}


def _looked_up(session: WriteSession, questions: Questions) -> _Around:
    newest = newest_vintages(session)
    classes = [each.value for scope in scopes() if scope.within is NameScope.BUILT_UP_AREA for each in scope.classes]
    areas = {row.id: frozenset(row.areas) for row in session.execute(questions.areas, {"classes": classes})}
    called: dict[str, list[str]] = {}
    by_code: dict[str, str] = {}
    for row in session.execute(DIVISIONS, _levels(newest)):
        level = DivisionLevel.of(row.level)
        by_code[row.code] = split(row.name, by_level()[level].words).specific or row.name
        if level is not DivisionLevel.VILLAGE:
            plain = folded(row.name)
            called.setdefault(plain, []).append(row.code)
            ending = next((each for each in ENDINGS if plain.endswith(each) and len(plain) > len(each) + 1), None)
            if ending is not None:
                called.setdefault(plain.removesuffix(ending), []).append(row.code)
    bearers: dict[str, list[Subject]] = {}
    for row in session.execute(DIVISIONS_WRITTEN, _levels(newest)):
        bearers.setdefault(row.code, []).append(subject_of(row))
    features = frozenset(session.scalars(FEATURES, {"kinds": list(FEATURES_AND_MONUMENTS)}))
    return _Around(
        divisions=called,
        bearers=bearers,
        by_code=by_code,
        areas=areas,
        features=features,
        questions=questions,
        newest=newest,
        twice=frozenset(session.scalars(SEATS_TWICE, _levels(newest))),
    )


def _groups(session: WriteSession, around: _Around) -> Iterator[tuple[Sequence[Subject], Sequence[Subject]]]:
    """The names that sound nearly alike together, and those of them that are reviewed."""
    areas = around.areas
    rows = session.execute(around.questions.names, _levels(around.newest), execution_options={"yield_per": AT_ONCE})
    for _, group in groupby(rows, key=lambda row: row.homophone):
        told = [
            (subject_of(row, areas.get(row.record_id, NOWHERE), row.detail or NO_DETAIL), row.asked) for row in group
        ]
        yield [subject for subject, _ in told], [subject for subject, asked in told if asked]


def _by_itself(subject: Subject) -> Sequence[Finding]:
    if subject.detail:
        return list(findings_by_itself(subject))
    where = (subject.division or "")[:COUNTY] if subject.place_class in NATURAL_FEATURES else ""
    return _of_the_name(subject.name, subject.place_class, subject.level, where)


@lru_cache(maxsize=1_000)
def _of_the_name(name: str, place_class: PlaceClass, level: DivisionLevel | None, where: str) -> Sequence[Finding]:
    division = where.ljust(CODE_DIGITS, "0") if where else None
    return list(findings_by_itself(Subject(name=name, place_class=place_class, level=level, division=division)))


def _of_divisions(subject: Subject, around: _Around) -> Iterator[Finding]:
    if subject.place_class not in BEARERS or local(elsewhere(), subject) is None:
        return
    held = divisions_held(folded(subject.name), around.divisions)
    for finding in elsewhere_findings(subject, held, {}):
        codes = held[finding.details["found"]]
        yield against_division(subject, finding, [each for code in codes for each in around.bearers.get(code, ())])


def _remember(subject: Subject, around: _Around) -> None:
    """Note what has to be asked of geometry, or of all names, once they are all read."""
    if subject.id is None:
        return
    if subject.place_class is PlaceClass.DIVISION:
        specific = folded(parts_of(subject).specific)
        if len(specific) > 1 and (famous_called(specific) or _is_a_features(specific, around)):
            around.called_after[subject.id] = subject
        return
    if subject.place_class in BEARERS and subject.lon is not None:
        within = streets_within(folded(subject.name))
        if within and local(elsewhere(), subject) is not None:
            around.streets[subject.id] = (subject, within)
    if subject.place_class in FACILITIES and subject.lon is not None:
        own = [around.by_code[code] for code in _path(subject.division) if code in around.by_code]
        if not any(agrees(canonical(subject.name), canonical(each)) for each in own):
            around.facilities[subject.id] = subject
    serial = serial_of(subject.name) if subject.place_class is PlaceClass.STREET else None
    if serial is not None and serial.before:
        for key in _series_of(subject, serial):
            around.series.setdefault(key, {})[serial.number] = subject


def _series_of(subject: Subject, serial: Serial) -> Iterator[tuple[object, str, str]]:
    return ((each, serial.before, serial.generic) for each in subject.areas or {stand_in(subject)})


def _is_a_features(specific: str, around: _Around) -> bool:
    return any(specific + ending in around.features for ending in ("", *FEATURE_ENDINGS))


def _path(code: str | None) -> Sequence[str]:
    return (*codes_above(code), code) if code is not None else ()


def _seats(session: WriteSession, around: _Around) -> Iterator[Found]:
    """Committees' seats that are one name, written otherwise: they don't sound alike, so they weren't compared."""
    pairs: dict[tuple[UUID, UUID], tuple[Subject, Subject]] = {}
    asked = session.execute(around.questions.seats, _levels(around.newest))
    for _, rows in groupby(asked, key=lambda row: row.number):
        one, other = map(subject_of, rows)
        if one.id in around.twice or other.id in around.twice:
            continue
        pairs[_id(one), _id(other)] = one, other
        if around.questions.both_ways:
            pairs[_id(other), _id(one)] = other, one
    for subject, other in pairs.values():
        yield from ((subject, finding) for finding in collisions(subject, [other]))


def _streets(session: WriteSession, around: _Around) -> Iterator[Found]:
    for batch in _batches(list(around.streets)):
        subjects = [around.streets[each] for each in batch]
        within = sorted({part for _, parts in subjects for part in parts})
        known = set(session.scalars(STREETS_KNOWN, {"streets": within}))
        held = [(subject, street) for subject, _ in subjects for street in streets_held(folded(subject.name), known)]
        asked = {
            "ids": [_id(subject) for subject, _ in held],
            "streets": [street for _, street in held],
            "homophones": [keys_of(street).homophone for _, street in held],
            "margin": MARGIN_DEG,
        }
        near = {
            (row.id, row.street): (subject_of(row), round(row.near)) for row in session.execute(STREETS_NEAR, asked)
        }
        far = _streets_far(session, {street for subject, street in held if (_id(subject), street) not in near})
        for subject, streets in groupby(held, key=lambda each: each[0]):
            met = {street: near.get((_id(subject), street)) or _nearest(subject, far[street]) for _, street in streets}
            told = {street: away for street, (_, away) in met.items()}
            for finding in elsewhere_findings(subject, {}, told):
                yield subject, against(finding, *met[finding.details["found"]])


def _streets_far(session: WriteSession, names: set[str]) -> Mapping[str, Sequence[Subject]]:
    """The streets of names of which none is written near those that hold them."""
    found: dict[str, list[Subject]] = {name: [] for name in names}
    asked = {"streets": sorted(names), "homophones": sorted({keys_of(name).homophone for name in names})}
    for row in session.execute(STREETS_CALLED, asked):
        found[row.folded].append(subject_of(row))
    return found


def _nearest(subject: Subject, streets: Sequence[Subject]) -> tuple[Subject | None, int | None]:
    """The street that is written nearest, and how far away."""

    def beside(street: Subject) -> float:
        if subject.lon is None or subject.lat is None or street.lon is None or street.lat is None:
            return math.inf
        return abs(street.lon - subject.lon) + abs(street.lat - subject.lat)

    nearest = min(streets, key=beside, default=None)
    return nearest, distance_m(subject, nearest) if nearest is not None else None


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
    vintages = [f"{level.value} {vintage}" for level, vintage in around.newest.items()]
    for subject in around.called_after.values():
        beyond = features_beyond(session, subject, vintages)
        yield from ((subject, finding) for finding in feature_findings(subject, beyond))


def _series(session: WriteSession, around: _Around) -> Iterator[Found]:
    names = {key: [each.name for each in members.values()] for key, members in around.series.items()}
    if around.questions is not OF_ALL and names:
        _add_members(session, around, names)
    told: set[tuple[UUID, str]] = set()
    for key, members in around.series.items():
        # A gap has two sides, and is told once: of the number before it, or of the first where none is.
        gaps: set[str] = set()
        for number in sorted(members):
            subject = members[number]
            for finding in series_findings(subject, names[key]):
                missing = finding.details["missing"]
                if missing not in gaps and (_id(subject), missing) not in told:
                    yield subject, finding
                gaps.add(missing)
                told.add((_id(subject), missing))


def _add_members(session: WriteSession, around: _Around, names: Mapping[object, list[str]]) -> None:
    """The names of streets that aren't reviewed and are in a series with some that are."""
    counties = {
        subject.division[:COUNTY] for each in around.series.values() for subject in each.values() if subject.division
    }
    asked = {"counties": sorted(counties), "numerals": f"[{NUMERALS}]"}
    for subject in map(subject_of, session.execute(SERIES_MEMBERS, asked)):
        serial = serial_of(subject.name)
        for key in _series_of(subject, serial) if serial is not None else ():
            if key in names:
                names[key].append(subject.name)


def _overlaps(session: WriteSession, around: _Around) -> Iterator[Found]:
    pairs: dict[tuple[UUID, UUID], float] = {}
    questions = around.questions
    # Of a line so long the box is longer on one side than the side of a square with it for diagonal.
    asked = {"over": OVER_M / DEGREE_M, "shortest": SHARED_M / math.sqrt(2) / DEGREE_M}
    for row in session.execute(questions.overlaps, asked):
        for pair in ((row.one_id, row.other_id), (row.other_id, row.one_id))[: 2 if questions.both_ways else 1]:
            pairs[pair] = max(pairs.get(pair, 0.0), row.shared)
    subjects = _subjects(session, {each for pair in pairs for each in pair})
    for (one, other), shared in pairs.items():
        if one in subjects and other in subjects:
            yield from ((subjects[one], finding) for finding in overlap_findings([(subjects[other], shared)]))


def _ends(session: WriteSession, around: _Around) -> Iterator[Found]:
    asked = [
        [(row.id, end, street) for end, street in ends_of(said).items()]
        for row in session.execute(around.questions.with_ends)
        for said in [Subject(row.standard_name, PlaceClass.STREET, detail=row.detail)]
    ]
    for batch in _batches(asked):
        ids, fields, streets = ([end[column] for street in batch for end in street] for column in range(3))
        rows = session.execute(APART, {"ids": ids, "fields": fields, "streets": streets, "margin": MARGIN_DEG}).all()
        apart: dict[UUID, dict[str, tuple[str, dict[int, float]]]] = {}
        for row in rows:
            _, measured = apart.setdefault(row.id, {}).setdefault(row.field, (row.street, {}))
            measured[row.ending] = row.apart
        subjects = _subjects(session, set(apart))
        for street in apart.keys() & subjects.keys():
            yield from ((subjects[street], finding) for finding in end_findings(bound(apart[street])))


def _dates(session: WriteSession, around: _Around) -> Iterator[Found]:
    rows = [
        row for row in session.execute(around.questions.with_dates) if day_of(row.detail.get("built_to")) is not None
    ]
    subjects = _subjects(session, {row.id for row in rows})
    for row in rows:
        if row.id in subjects:
            subject = replace(subjects[row.id], detail=row.detail)
            yield from ((subject, finding) for finding in date_findings(subject, row.named_on))


def _outside(session: WriteSession, around: _Around) -> Iterator[Found]:
    rows = session.execute(around.questions.outside).all()
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
        weight_of(finding.severity, finding.code),
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
        "note_en": basis.note_en,
    }
    return json.dumps(kept, ensure_ascii=False)
