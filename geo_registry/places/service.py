"""What can be asked of places, and what can be done with them: one function a verb."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID, uuid4

from geoalchemy2.shape import from_shape

from geo_registry.accounts import policy
from geo_registry.accounts.actors import Actor
from geo_registry.accounts.policy import Verb
from geo_registry.db.events import publish
from geo_registry.db.paging import Listing, Page, listing
from geo_registry.db.revisions import Revision, Seen, require_seen, without_author
from geo_registry.db.session import Database, ReadSession, WriteSession, say_why
from geo_registry.divisions import service as divisions
from geo_registry.divisions.queries import DivisionRow
from geo_registry.divisions.rules import codes_above, contains
from geo_registry.errors import (
    ByCaseAlone,
    Forbidden,
    NameNotInForce,
    NotRecordedThen,
    NotThereThen,
    PeriodsOverlap,
    PlaceExtentUnknown,
    PlaceRelationUnknown,
    PlaceUnknown,
    PlaceUnsound,
    Unauthenticated,
)
from geo_registry.jobs.progress import Progress, unheard
from geo_registry.jobs.queue import defer
from geo_registry.model import Place, PlaceExtent, PlaceName, PlaceRelation
from geo_registry.model.geometry import STORAGE_SRID
from geo_registry.places import checking, clearing, details, queries, reviewing
from geo_registry.places.checking import NameQuestion
from geo_registry.places.clearing import FindingQuery, FindingRow, NewClearance
from geo_registry.places.events import (
    DetailsChanged,
    ExtentChanged,
    NameAbolished,
    NameCorrected,
    NameTookEffect,
    PlaceRegistered,
)
from geo_registry.places.inputs import (
    NameCorrection,
    NewExtent,
    NewName,
    NewPlace,
    NewRelation,
    PlaceCorrection,
    shape_of,
)
from geo_registry.places.periods import Dated, columns_of, days_of, overlap
from geo_registry.places.queries import ExtentRow, Heir, NameRow, PlaceQuery, PlaceRow, RelationRow, Written
from geo_registry.places.romanisation.engine import romanise
from geo_registry.places.romanisation.overriding import in_letters, with_override
from geo_registry.places.romanisation.spelt import is_spelt
from geo_registry.places.rules.findings import Finding
from geo_registry.places.standing import standing_at
from geo_registry.places.turning import today
from geo_registry.vocabulary import (
    NameKind,
    NamingState,
    PlaceClass,
    PlaceRelationKind,
    PlaceState,
    PositionQuality,
    Precision,
    RomanizedBy,
    SpellingStatus,
)

REVIEW_TASK = "places.review"
"""The job that checks all names; `places/jobs.py` registers it."""

PAST_KINDS = frozenset({NameKind.FORMER, NameKind.HISTORICAL})
"""Kinds of names that nobody gives any more."""

Shown = TypeVar("Shown", NameRow, ExtentRow)

PERIOD = ("valid_from", "valid_to")
NOT_DECIDED = frozenset({SpellingStatus.PROPOSED.value, SpellingStatus.REJECTED.value})


@dataclass(frozen=True, slots=True)
class Provenance:
    """Which dataset a place comes from, what it is called there, and how well its positions are known."""

    dataset: UUID
    source_id: str
    quality: PositionQuality


@dataclass(frozen=True, slots=True)
class PlaceTold:
    """All that is told of one place."""

    place: PlaceRow
    names: Sequence[NameRow]
    extents: Sequence[ExtentRow]
    relations: Sequence[RelationRow]

    def standard_name(self, day: date) -> NameRow | None:
        """The name that was decided on and in force on a day; None where none was."""
        return next((name for name in self.names if name.is_standard and name.held_on(day)), None)

    def shown_name(self, today: date) -> NameRow | None:
        """The standard name that the place is shown by: the last that has begun, or the first that will."""
        return _shown([name for name in self.names if name.is_standard], today)

    def coming_name(self, today: date) -> NameRow | None:
        """The standard name that takes effect next, on a day to come; None where none is known."""
        standard = [name for name in self.names if name.is_standard and _is_coming(name, today)]
        return standard[-1] if standard else None

    def extent(self, day: date) -> ExtentRow | None:
        """How far it reached on a day; None where that isn't known."""
        return next((each for each in self.extents if each.held_on(day)), None)

    def shown_extent(self, today: date) -> ExtentRow | None:
        """How far it is shown to reach: as the name."""
        return _shown(self.extents, today)


def list_places(session: ReadSession, query: PlaceQuery, page: Page) -> Listing[PlaceRow]:
    """One page of the places that are asked for, in the order that they were registered.

    Raises
    ------
    DivisionCodeInvalid
        `division` isn't a code.
    """
    rows = queries.rows_matching(session, query, after=page.after, limit=page.limit + 1)
    return listing(rows, page, lambda row: row.fid)


def get_place(session: ReadSession, place: UUID, *, at: datetime | None = None, on: date | None = None) -> PlaceRow:
    """One place: now, as the registry held it at a moment, or as it was on a day, by what the registry knows now.

    Raises
    ------
    PlaceUnknown
        There is none of that id.
    NotRecordedThen
        The registry didn't hold it at that moment.
    NotThereThen
        It wasn't there yet on that day, or no more.
    """
    found = queries.row_with_id(session, place, at=at, on=on)
    if found is None and at is not None and queries.was_ever(session, place):
        raise NotRecordedThen(moment=at.isoformat())
    if found is None:
        raise PlaceUnknown(place=place)
    if on is not None and not queries.stood_on(found, on):
        raise NotThereThen(day=on.isoformat())
    return found


def get_places(session: ReadSession, places: Collection[UUID]) -> Mapping[UUID, PlaceRow]:
    """Several places, as they are now, by their ids.

    Raises
    ------
    PlaceUnknown
        There is none of one of the ids.
    """
    found = queries.rows_with_ids(session, places)
    for each in places:
        if each not in found:
            raise PlaceUnknown(place=each)
    return found


def names_of_places(session: ReadSession, places: Collection[UUID]) -> Mapping[UUID, Sequence[NameRow]]:
    """The names of several places as they are told now, by the ids of the places: standard ones first, the newest first."""
    return queries.names_of_each(session, places)


def tell_place(session: ReadSession, place: UUID, *, at: datetime | None = None, on: date | None = None) -> PlaceTold:
    """One place with its names, extents and relations, now or as the registry held them at a moment.

    With a day the place is told as it was on it; its names, extents and relations are all told, with their periods.

    Raises
    ------
    PlaceUnknown, NotRecordedThen, NotThereThen
        As `get_place`.
    """
    return PlaceTold(
        place=get_place(session, place, at=at, on=on),
        names=queries.names_of(session, place, at=at),
        extents=queries.extents_of(session, place, at=at),
        relations=queries.relations_of(session, place, at=at),
    )


def present_heirs_of(session: ReadSession, place: UUID) -> Sequence[Heir]:
    """What a place that is gone is today: what replaced it, took it in or came of it, and of what is gone too, its own."""
    found: dict[UUID, Heir] = {}
    followed, following = {place}, {place}
    while following:
        heirs = [each for those in queries.heirs_of(session, following).values() for each in those]
        found.update((each.id, each) for each in heirs if not each.is_gone)
        following = {each.id for each in heirs if each.is_gone} - followed
        followed |= following
    return list(found.values())


def get_name(session: ReadSession, place: UUID, name: UUID, *, at: datetime | None = None) -> NameRow:
    """One name of a place, now or as the registry held it at a moment.

    Raises
    ------
    PlaceUnknown, PlaceNameUnknown
        There is no such place, or it has no such name.
    NotRecordedThen
        The registry didn't hold it at that moment.
    """
    get_place(session, place)
    now = queries.name_with_id(session, place, name)
    if at is None:
        return now
    then = [*queries.names_of(session, place, at=at), *queries.names_of(session, place, at=at, withdrawn=True)]
    found = next((each for each in then if each.id == name), None)
    if found is None:
        raise NotRecordedThen(moment=at.isoformat())
    return found


def name_revisions_for(asker: Actor, session: ReadSession, place: UUID, name: UUID, page: Page) -> Listing[Revision]:
    """The revisions of a name of a place, the newest first, as whoever asks may see them; `page.after` counts downwards.

    Raises
    ------
    PlaceUnknown, PlaceNameUnknown
        There is no such place, or it has no such name.
    """
    row = get_place(session, place)
    queries.name_with_id(session, place, name)
    found = queries.revisions_of_name(session, name, after=page.after, limit=page.limit + 1)
    hidden = policy.refusal(asker, Verb.SEE_PLACE_AUTHORS, division=row.division_code) is not None
    return listing([without_author(each) if hidden else each for each in found], page, lambda each: each.number)


def list_revisions(session: ReadSession, place: UUID, page: Page) -> Listing[Revision]:
    """A place's revisions, the newest first, without their authors and reasons; `page.after` counts downwards.

    Raises
    ------
    PlaceUnknown
        There is none of that id.
    """
    get_place(session, place)
    found = queries.revisions_of(session, place, after=page.after, limit=page.limit + 1)
    return listing([without_author(each) for each in found], page, lambda each: each.number)


def list_revisions_with_authors(session: ReadSession, place: UUID, page: Page, *, actor: Actor) -> Listing[Revision]:
    """As `list_revisions`, with who made them and why.

    Raises
    ------
    PlaceUnknown
        There is none of that id.
    Forbidden, Unauthenticated
        The actor isn't told, in that division.
    """
    policy.require(actor, Verb.SEE_PLACE_AUTHORS, division=get_place(session, place).division_code)
    found = queries.revisions_of(session, place, after=page.after, limit=page.limit + 1)
    return listing(found, page, lambda each: each.number)


def revisions_for(asker: Actor, session: ReadSession, place: UUID, page: Page) -> Listing[Revision]:
    """A place's revisions as whoever asks may see them.

    Raises
    ------
    PlaceUnknown
        There is none of that id.
    """
    try:
        return list_revisions_with_authors(session, place, page, actor=asker)
    except (Forbidden, Unauthenticated):
        return list_revisions(session, place, page)


def history_for(asker: Actor, session: ReadSession, place: UUID, *, limit: int) -> Sequence[Sequence[Written]]:
    """At most `limit` times that something of a place was written, the newest first, as whoever asks may see them.

    What was written at once, of the place, of its names and of its extents, stands together.

    Raises
    ------
    PlaceUnknown
        There is none of that id.
    """
    own = revisions_for(asker, session, place, Page(limit=limit)).rows
    parts = [*queries.names_written(session, place), *queries.extents_written(session, place)]
    row = get_place(session, place)
    if policy.refusal(asker, Verb.SEE_PLACE_AUTHORS, division=row.division_code) is not None:
        parts = [replace(each, revision=without_author(each.revision)) for each in parts]
    together: dict[tuple[datetime, str | None, str | None], list[Written]] = {}
    for each in (*(Written(revision, "place") for revision in own), *parts):
        told = each.revision
        together.setdefault((told.since, told.by, told.why), []).append(each)
    newest_first = sorted(together, key=lambda moment: moment[0], reverse=True)
    return [together[moment] for moment in newest_first[:limit]]


def register_place(session: WriteSession, new: NewPlace, *, actor: Actor) -> PlaceTold:
    """Take a place that exists over into the registry, with its names; no decision is made by that.

    Names that nobody spelt are spelt by the rules. What is abolished reached as far as it did up to its end.

    Raises
    ------
    Forbidden
        The actor may not, in that division.
    DivisionUnknown, DivisionCodeInvalid
        The division that is given isn't registered.
    PlaceUnsound
        Its details are of another class, or it lies outside the division that it is said to be in.
    SpellingInvalid
        A romanisation isn't in letters.
    """
    division = _division_of(session, new)
    policy.require(actor, Verb.REGISTER_PLACE, division=division.code if division else None)
    if division is not None and new.geometry is not None:
        _refuse_elsewhere(session, division.id, division.code, new.geometry)
    return tell_place(session, _take_over(session, new, division, None))


def register_from_dataset(session: WriteSession, new: NewPlace, *, provenance: Provenance, actor: Actor) -> UUID:
    """As `register_place`, of a dataset's place, whose positions are as good as it says; the place's id.

    Raises
    ------
    Forbidden, DivisionUnknown, DivisionCodeInvalid, PlaceUnsound
        As `register_place`.
    """
    division = _division_of(session, new)
    policy.require(actor, Verb.REGISTER_PLACE, division=division.code if division else None)
    return _take_over(session, new, division, provenance)


def require_registering(session: ReadSession, new: NewPlace, *, actor: Actor) -> None:
    """Raise as `register_place` does of who may not, or may not any more."""
    division = _division_of(session, new)
    policy.require(actor, Verb.REGISTER_PLACE, division=division.code if division else None)


def require_adding(session: ReadSession, place: UUID, *, actor: Actor) -> None:
    """Raise as `add_name` does of who may not, or may not any more."""
    policy.require(actor, Verb.ADD_PLACE_NAME, division=get_place(session, place).division_code)


def require_correcting(session: ReadSession, place: UUID, *, actor: Actor) -> None:
    """Raise as `set_extent` does of who may not, or may not any more."""
    policy.require(actor, Verb.CORRECT_PLACE, division=get_place(session, place).division_code)


def require_relating(session: ReadSession, place: UUID, *, actor: Actor) -> None:
    """Raise as `relate_places` does of who may not, or may not any more."""
    policy.require(actor, Verb.RELATE_PLACES, division=get_place(session, place).division_code)


def may_be_withdrawn(name: NameRow, names: Sequence[NameRow], today: date) -> bool:
    """Whether one of the names of a place can be taken back: it wasn't decided on, nor is it the one in force, or the only one."""
    if name.naming == NamingState.DECIDED.value:
        return False
    others = [each for each in names if each.is_standard and each.id != name.id]
    has_ended = name.valid_to is not None and name.valid_to.day <= today
    return not name.is_standard or ((has_ended or _is_coming(name, today)) and bool(others))


def withdrawn_of(session: ReadSession, place: UUID) -> tuple[Sequence[NameRow], Sequence[ExtentRow]]:
    """The names and the extents of a place that were taken back, and can be had again."""
    return queries.names_of(session, place, withdrawn=True), queries.extents_of(session, place, withdrawn=True)


def add_name(session: WriteSession, place: UUID, new: NewName, *, actor: Actor, why: str = "") -> NameRow:
    """Add a name that a place has, or had, beside its standard one; standard names are decided on (`take_effect`).

    Raises
    ------
    Forbidden
        The actor may not, in its division.
    PlaceUnknown
        There is no such place.
    PlaceUnsound
        It would be a standard name of the present.
    SpellingInvalid
        Its romanisation isn't in letters.
    PeriodsOverlap
        It would be a second standard name on some day.
    """
    policy.require(actor, Verb.ADD_PLACE_NAME, division=get_place(session, place).division_code)
    record = queries.place_to_change(session, place)
    is_past = new.valid_to is not None and new.valid_to.day <= today() and new.status is SpellingStatus.HISTORICAL
    if new.kind is NameKind.STANDARD and not is_past:
        raise PlaceUnsound(
            problems_zh="kind: 标准名称须经审批产生；过去的标准名称请注明止期并标为“历史”",
            problems_en="kind: a standard name is decided on; one of the past has an end and the status historical",
        )
    if new.kind in PAST_KINDS and new.valid_from is not None and new.valid_from.day > today():
        raise PlaceUnsound(
            problems_zh=f"valid_from: {new.kind.zh}不能始于将来",
            problems_en="valid_from: a name of the past begins in the past",
        )
    _refuse_told_twice(session, place, new)
    if why:
        say_why(session, why)
    name = _name_of(place, PlaceClass.of(record.place_class), new)
    _refuse_overlap(session, name)
    session.add(name)
    session.flush()
    return queries.name_with_id(session, place, name.id)


def correct_name(
    session: WriteSession, place: UUID, name: UUID, change: NameCorrection, *, seen: Seen | None, actor: Actor
) -> NameRow:
    """Correct what is told of a name, never its characters (更正): a romanisation that a registrar gives wins over the rules.

    Since when, and until when, a standard name holds is decided on, where its naming was; and the one in force ends by a case.

    What was told by mistake is withdrawn, and can be had again; a decision isn't taken back so, nor the name that is in force.

    Raises
    ------
    Forbidden
        The actor may not, in its division.
    PlaceUnknown, PlaceNameUnknown
        There is no such place, or it has no such name.
    SpellingInvalid
        What is to be its romanisation can't be one of the name.
    ByCaseAlone
        Its period was decided on, or it is the name in force, and would end.
    PlaceUnsound, PeriodsOverlap
        It would end before it begins, or be a second standard name on some day; or it can't be withdrawn.
    VersionNeeded, RecordChanged
        Nothing says which version was seen, or it is another by now.
    """
    policy.require(actor, Verb.CORRECT_PLACE, division=get_place(session, place).division_code)
    place_record = queries.place_to_change(session, place)
    require_seen(seen, queries.name_with_id(session, place, name).version)
    say_why(session, change.why)
    record = session.get_one(PlaceName, name)
    _refuse_deciding(place_record, record, change)
    before = _told(record)
    given = change.model_fields_set
    for field in ("meaning", "origin", "source"):
        if field in given:
            setattr(record, field, getattr(change, field) or "")
    if "romanized" in given:
        record.romanized = _decided_spelling(place_record, record, change) if change.romanized else None
        record.romanized_by = RomanizedBy.REGISTRAR.value if change.romanized else None
        record.romanized_why = change.why if change.romanized else ""
    if "valid_from" in given:
        record.valid_from, record.from_precision = columns_of(change.valid_from)
    if "valid_to" in given:
        record.valid_to, record.to_precision = columns_of(change.valid_to)
    if change.withdrawn is not None:
        if change.withdrawn and not record.withdrawn:
            _refuse_withdrawing(session, record)
        record.withdrawn = change.withdrawn
    _refuse_overlap(session, record)
    now = _told(record)
    if mended := tuple(each for each in MENDABLE if before[each] != now[each]):
        publish(session, NameCorrected(place, record.name, mended))
    session.flush()
    return queries.name_with_id(session, place, name)


MENDABLE = (
    "from_precision",
    "meaning",
    "origin",
    "romanized",
    "romanized_by",
    "romanized_why",
    "source",
    "to_precision",
    "valid_from",
    "valid_to",
    "withdrawn",
)
"""What a correction may make another of a name."""


def _told(name: PlaceName) -> Mapping[str, object]:
    """What is told of a name now, whether or not it is written yet."""
    return {field: getattr(name, field) for field in MENDABLE}


def correct_place(
    session: WriteSession, place: UUID, change: PlaceCorrection, *, seen: Seen | None, actor: Actor
) -> PlaceRow:
    """Correct the division, the national code or the details of a place; a detail that is null is taken out.

    Raises
    ------
    Forbidden
        The actor may not, in its division or in the one that it is to be in.
    PlaceUnknown, DivisionUnknown, DivisionCodeInvalid
        There is no such place, or no such division.
    PlaceUnsound
        A detail isn't one of its class.
    VersionNeeded, RecordChanged
        As `correct_name`.
    """
    policy.require(actor, Verb.CORRECT_PLACE, division=get_place(session, place).division_code)
    record = queries.place_to_change(session, place)
    present = get_place(session, place)
    policy.require(actor, Verb.CORRECT_PLACE, division=present.division_code)
    require_seen(seen, present.version)
    say_why(session, change.why)
    if "division" in change.model_fields_set:
        division = divisions.get_division(session, change.division) if change.division else None
        policy.require(actor, Verb.CORRECT_PLACE, division=division.code if division else None)
        record.division_id = division.id if division else None
    if "national_code" in change.model_fields_set:
        record.national_code = change.national_code
    if change.detail is not None:
        detail = {**record.detail, **change.detail}
        before = record.detail
        record.detail = {key: value for key, value in detail.items() if value is not None}
        _refuse_unsound(PlaceClass.of(record.place_class), record.detail)
        _say_details(session, place, before, record.detail, None)
    session.flush()
    return get_place(session, place)


def set_extent(
    session: WriteSession,
    place: UUID,
    new: NewExtent,
    *,
    actor: Actor,
    quality: PositionQuality = PositionQuality.SOURCE,
) -> ExtentRow:
    """Say how far a place reached in a period; the extent that was in force before ends when this one begins.

    What is told of a place that is made up is made up too, whatever `quality` says: the record stays marked as an example.

    Said with the present one's beginning, it corrects that one, which is withdrawn. Of a place whose name was decided on
    another extent, from another day on, is an adjustment, which a case decides on.

    Raises
    ------
    Forbidden
        The actor may not, in its division.
    PlaceUnknown
        There is no such place.
    ByCaseAlone
        It would adjust a place whose name was decided on.
    PlaceUnsound, PeriodsOverlap
        It would begin before the present one did, lie across one that is known already, or lie outside the place's division.
    """
    policy.require(actor, Verb.CORRECT_PLACE, division=get_place(session, place).division_code)
    record = queries.place_to_change(session, place)
    division_code = get_place(session, place).division_code
    if record.division_id is not None and division_code is not None:
        _refuse_elsewhere(session, record.division_id, division_code, new.geometry)
    if new.why:
        say_why(session, new.why)
    if record.position_quality == PositionQuality.SYNTHETIC.value:
        quality = PositionQuality.SYNTHETIC
    extent = _extent_of(new, quality)
    extent.place_id = place
    if not _correct_present(session, extent):
        _refuse_adjusting(session, record, extent)
        _make_room(session, extent)
    session.add(extent)
    session.flush()
    publish(session, ExtentChanged(place, extent.valid_from))
    return next(each for each in queries.extents_of(session, place) if each.id == extent.id)


def withdraw_extent(session: WriteSession, place: UUID, extent: UUID, why: str, *, actor: Actor) -> None:
    """Take back how far a place was said to reach; the extent that it ended holds on. That it was said stays in the history.

    Raises
    ------
    Forbidden
        The actor may not, in its division.
    PlaceUnknown, PlaceExtentUnknown
        There is no such place, or it has no such extent, or it is withdrawn already.
    """
    policy.require(actor, Verb.CORRECT_PLACE, division=get_place(session, place).division_code)
    record = _extent_to_change(session, place, extent, withdrawn=False)
    say_why(session, why)
    record.withdrawn = True
    session.flush()
    before = queries.reopened_without(session, record) if record.valid_to is None else None
    if before is not None:
        before.valid_to, before.to_precision = columns_of(None)
        session.flush()
    publish(session, ExtentChanged(place, record.valid_from))


def restore_extent(session: WriteSession, place: UUID, extent: UUID, why: str, *, actor: Actor) -> ExtentRow:
    """Have an extent again that was taken back, as if it were told now.

    Raises
    ------
    Forbidden, PlaceUnknown, PlaceExtentUnknown
        As `withdraw_extent`; it isn't withdrawn.
    PlaceUnsound, PeriodsOverlap
        Another is told of that time by now.
    """
    policy.require(actor, Verb.CORRECT_PLACE, division=get_place(session, place).division_code)
    record = _extent_to_change(session, place, extent, withdrawn=True)
    say_why(session, why)
    _make_room(session, record)
    record.withdrawn = False
    session.flush()
    publish(session, ExtentChanged(place, record.valid_from))
    return next(each for each in queries.extents_of(session, place) if each.id == extent)


@dataclass(frozen=True, slots=True)
class Decided:
    """What a decision says of a name beside its characters."""

    romanized: str | None = None
    """As it was decided on; None for what the rules spell."""
    meaning: str = ""
    origin: str = ""
    source: str = ""
    """The document that it stands on."""
    aliases: Sequence[str] = ()
    """Other names that the place goes by: they are kept beside it, and nothing is decided on them."""


UNSAID = Decided()


def name_places(
    session: WriteSession,
    given: Sequence[tuple[NewPlace, Decided]],
    on: date,
    *,
    actor: Actor,
    synthetic: bool = False,
) -> Sequence[UUID]:
    """Register places that get their first standard names by a decision, from that day on; they reach so far since then.

    The ids of the places, in the order of `given`: many are written at once.

    Raises
    ------
    Forbidden
        The actor may not, in the division of one.
    DivisionUnknown, DivisionCodeInvalid, PlaceUnsound, SpellingInvalid
        As `register_place`.
    """
    homes = _homes_of(session, [new for new, _ in given])
    for code in dict.fromkeys(home.code if home is not None else None for home in homes):
        policy.require(actor, Verb.ENACT_NAME, division=code)
    quality = PositionQuality.SYNTHETIC if synthetic else PositionQuality.SOURCE
    named = [_named(new, said, home, on, quality) for (new, said), home in zip(given, homes, strict=True)]
    session.add_all(place for place, _ in named)
    session.flush()
    for (place, extent), (new, said) in zip(named, given, strict=True):
        session.add(_decided_name(place, new.name, on, said))
        session.add_all(_aliases(place, said))
        if extent is not None:
            extent.place_id = place.id
            session.add(extent)
    session.flush()
    for place, extent in named:
        publish(session, NameTookEffect(place.id, place.standard_name, None, on))
        if extent is not None:
            publish(session, ExtentChanged(place.id, on))
    return [place.id for place, _ in named]


def take_effect(
    session: WriteSession, place: UUID, name: str, on: date, *, actor: Actor, said: Decided = UNSAID
) -> NameRow:
    """Make a name the standard one of a place from a day on, as an approval has it; the one before ends on that day.

    Until then the place is shown by the one before, and the name as what is to come (`turning.py`).

    Raises
    ------
    Forbidden
        The actor may not, in its division.
    PlaceUnknown
        There is no such place.
    NameNotInForce
        A later standard name is known already, or the place is abolished.
    SpellingInvalid
        The romanisation that was decided on can't be one of the name.
    """
    policy.require(actor, Verb.ENACT_NAME, division=get_place(session, place).division_code)
    record = queries.place_to_change(session, place)
    before = record.standard_name
    _end_standard_name(session, record, on)
    new = _decided_name(record, name, on, said)
    session.add(new)
    known = {each.name for each in queries.names_of(session, place)} if said.aliases else set()
    session.add_all(each for each in _aliases(record, said) if each.name not in known)
    session.flush()
    publish(session, NameTookEffect(place, name, before, on))
    return queries.name_with_id(session, place, new.id)


def abolish(session: WriteSession, place: UUID, on: date, *, actor: Actor) -> PlaceRow:
    """End a place and its standard name on a day, as a decision has it; what it was called stays. Until then it is there.

    Raises
    ------
    Forbidden, PlaceUnknown, NameNotInForce
        As `take_effect`.
    """
    policy.require(actor, Verb.ENACT_NAME, division=get_place(session, place).division_code)
    record = queries.place_to_change(session, place)
    stood = tuple(standing_at(session, {place}))
    _end_standard_name(session, record, on)
    record.ended_on, record.ended_precision = on, Precision.DAY.value
    if on <= today():
        record.state = PlaceState.ABOLISHED.value
    session.flush()
    publish(session, NameAbolished(place, record.standard_name, on, stood))
    return get_place(session, place)


def adjust(
    session: WriteSession,
    place: UUID,
    on: date,
    *,
    actor: Actor,
    geometry: Mapping[str, Any] | None = None,
    detail: Mapping[str, object] | None = None,
    source: str = "",
) -> PlaceRow:
    """Have a place reach otherwise from a day on, and be of other size, as a decision has it; its name stays.

    Raises
    ------
    Forbidden, PlaceUnknown
        As `take_effect`.
    PlaceUnsound, PeriodsOverlap
        As `set_extent` and `correct_place`.
    """
    policy.require(actor, Verb.ENACT_NAME, division=get_place(session, place).division_code)
    record = queries.place_to_change(session, place)
    if geometry is not None:
        quality = PositionQuality.of(record.position_quality)
        new = NewExtent(geometry=dict(geometry), source=source, valid_from=Dated(on))
        extent = _extent_of(new, quality if quality is PositionQuality.SYNTHETIC else PositionQuality.SOURCE)
        extent.place_id = place
        _make_room(session, extent)
        session.add(extent)
    before = record.detail
    if detail:
        record.detail = {**record.detail, **detail}
        _refuse_unsound(PlaceClass.of(record.place_class), record.detail)
    session.flush()
    if geometry is not None:
        publish(session, ExtentChanged(place, on))
    _say_details(session, place, before, record.detail, on)
    return get_place(session, place)


def _say_details(
    session: WriteSession, place: UUID, before: Mapping[str, object], now: Mapping[str, object], since: date | None
) -> None:
    """Say which details are others, where some are."""
    fields = tuple(sorted(each for each in before.keys() | now.keys() if before.get(each) != now.get(each)))
    if fields:
        publish(session, DetailsChanged(place, fields, since))


def succeed(
    session: WriteSession, place: UUID, earlier: UUID, kind: PlaceRelationKind, on: date, *, evidence: str, actor: Actor
) -> None:
    """Say that a place came of an earlier one by a decision; said already, it stays as it was said.

    Raises
    ------
    Forbidden, PlaceUnknown
        As `take_effect`.
    """
    policy.require(actor, Verb.ENACT_NAME, division=get_place(session, place).division_code)
    known = queries.relations_of(session, place)
    if any(each.other == earlier and each.kind == kind.value and not each.inverse for each in known):
        return
    session.add(
        PlaceRelation(place_id=place, other_id=earlier, kind=kind.value, since=on, evidence=evidence or str(on))
    )
    session.flush()


def relate_places(session: WriteSession, place: UUID, new: NewRelation, *, actor: Actor) -> RelationRow:
    """Say what a place is to another, with the evidence; it is read from both sides.

    Raises
    ------
    Forbidden
        The actor may not, in the division of the place.
    PlaceUnknown
        One of the two isn't there.
    PlaceUnsound
        They are one and the same.
    AlreadyExists
        It is said already.
    """
    policy.require(actor, Verb.RELATE_PLACES, division=get_place(session, place).division_code)
    other = get_place(session, new.other).id
    if other == place:
        raise PlaceUnsound(problems_zh="other: 与本地名相同", problems_en="other: it is the place itself")
    since, precision = columns_of(new.since)
    relation = PlaceRelation(
        place_id=place,
        other_id=other,
        kind=new.kind.value,
        since=since,
        since_precision=precision,
        evidence=new.evidence,
        certainty=new.certainty.value,
    )
    session.add(relation)
    session.flush()
    return next(each for each in queries.relations_of(session, place) if each.id == relation.id)


def withdraw_relation(session: WriteSession, place: UUID, relation: UUID, why: str, *, actor: Actor) -> None:
    """Take back what was said of two places; that it was said stays in the history.

    Raises
    ------
    Forbidden
        The actor may not, in the division of the place that it was said of.
    PlaceUnknown, PlaceRelationUnknown
        There is no such place, or nothing of the kind is said of it.
    """
    policy.require(actor, Verb.RELATE_PLACES, division=get_place(session, place).division_code)
    record = session.get(PlaceRelation, relation, with_for_update=True)
    if record is None or record.place_id != place or record.withdrawn:
        raise PlaceRelationUnknown(relation=relation)
    say_why(session, why)
    record.withdrawn = True
    session.flush()


def check_name(session: ReadSession, question: NameQuestion, *, actor: Actor) -> Sequence[Finding]:
    """What the rules say of a name that somebody wants to give, the weightiest first (地名管理条例 art. 9).

    Raises
    ------
    Forbidden
        The actor may not.
    DivisionCodeInvalid
        The division that is given isn't a code.
    """
    policy.require(actor, Verb.CHECK_NAME)
    return checking.check(session, question)


def order_review(session: WriteSession, *, actor: Actor) -> int:
    """Have all names checked by a job; the job's id.

    Raises
    ------
    Forbidden
        The actor may not.
    """
    policy.require(actor, Verb.REVIEW_NAMES)
    return review_anew(session, ordered_by=actor.name)


def review_anew(session: WriteSession, *, ordered_by: str) -> int:
    """Have all names checked by a job once this is committed, as where built-up areas are others; who may was asked before."""
    return defer(session, REVIEW_TASK, ordered_by=ordered_by)


def review_now(database: Database, *, actor: Actor, progress: Progress = unheard) -> UUID:
    """Check all names in this process; the review's id.

    Raises
    ------
    Forbidden
        The actor may not.
    """
    policy.require(actor, Verb.REVIEW_NAMES)
    return reviewing.review(database, ordered_by=actor.name, progress=progress)


def list_findings(session: ReadSession, query: FindingQuery, page: Page, *, actor: Actor) -> Listing[FindingRow]:
    """One page of what the last review found.

    Raises
    ------
    Forbidden
        The actor may not.
    DivisionCodeInvalid
        One of the divisions isn't a code.
    """
    policy.require(actor, Verb.LIST_FINDINGS)
    rows = clearing.rows_matching(session, query, after=page.after, limit=page.limit + 1)
    return listing(rows, page, lambda row: row.position)


def clear_finding(session: WriteSession, new: NewClearance, *, actor: Actor) -> FindingRow:
    """Let a name stand in spite of a finding, for a reason that is kept; a duplicate that is meant likewise.

    Where it collides with another name of the registry, that is settled with it, until one of the two gets another name.

    Raises
    ------
    Forbidden
        The actor may not, in the division of the name.
    FindingUnknown
        The last review found no such thing.
    AlreadyExists
        It is cleared already.
    """
    policy.require(actor, Verb.CLEAR_FINDING, division=clearing.division_of(session, new.type, new.record))
    say_why(session, new.reason)
    return clearing.clear(session, new)


def require_clearing(session: ReadSession, new: NewClearance, *, actor: Actor) -> None:
    """Raise unless the actor may clear that finding.

    Raises
    ------
    Forbidden
        The actor may not, in the division of the name.
    """
    policy.require(actor, Verb.CLEAR_FINDING, division=clearing.division_of(session, new.type, new.record))


def withdraw_clearance(session: WriteSession, clearance: UUID, why: str, *, actor: Actor) -> None:
    """Have a finding count again that was cleared, of both names; its history keeps both reasons.

    Raises
    ------
    ClearanceUnknown
        There is none of that id.
    Forbidden
        The actor may not, in the division of either name.
    """
    found = clearing.clearance_with_id(session, clearance)
    sides = clearing.sides_of(session, found)
    may = (each for each in sides if policy.refusal(actor, Verb.CLEAR_FINDING, division=each) is None)
    policy.require(actor, Verb.CLEAR_FINDING, division=next(may, sides[0]))
    say_why(session, why)
    clearing.withdraw(session, found)


def _take_over(
    session: WriteSession, new: NewPlace, division: DivisionRow | None, provenance: Provenance | None
) -> UUID:
    say_why(session, new.why)
    _refuse_unsound(new.place_class, new.detail)
    begun_on, begun_precision = columns_of(new.begun_on)
    ended_on, ended_precision = columns_of(new.ended_on)
    place = Place(
        place_class=new.place_class.value,
        standard_name=new.name,
        state=new.state.value,
        national_code=new.national_code,
        division_id=division.id if division else None,
        begun_on=begun_on,
        begun_precision=begun_precision,
        ended_on=ended_on,
        ended_precision=ended_precision,
        detail=dict(new.detail),
    )
    if provenance is not None:
        place.dataset_id, place.source_id = provenance.dataset, provenance.source_id
        place.position_quality = provenance.quality.value
    extent = None
    if new.geometry is not None:
        told = NewExtent(geometry=new.geometry, source=new.source, valid_from=new.begun_on, valid_to=new.ended_on)
        extent = _extent_of(told, provenance.quality if provenance else PositionQuality.SOURCE)
        # As the trigger would write it: what is registered at once is one revision.
        place.geom = extent.geom
    session.add(place)
    session.flush()
    standard = NewName(
        name=new.name,
        kind=NameKind.STANDARD,
        status=SpellingStatus.HISTORICAL if new.state is PlaceState.ABOLISHED else SpellingStatus.RECORDED,
        romanized=new.romanized,
        meaning=new.meaning,
        origin=new.origin,
        source=new.source,
        valid_from=new.named_on,
        valid_to=new.ended_on,
    )
    for name in (standard, *new.names):
        session.add(_name_of(place.id, new.place_class, name))
    if extent is not None:
        extent.place_id = place.id
        session.add(extent)
    session.flush()
    publish(session, PlaceRegistered(place.id, place.standard_name))
    if extent is not None:
        publish(session, ExtentChanged(place.id, extent.valid_from))
    return place.id


def _end_standard_name(session: WriteSession, place: Place, on: date) -> None:
    if place.state == PlaceState.ABOLISHED.value:
        raise NameNotInForce(day=on, reason_zh="该地名已销名", reason_en="the place is abolished")
    if place.ended_on is not None and place.ended_on <= on:
        raise NameNotInForce(
            day=on, reason_zh=f"该地名自 {place.ended_on} 起销名", reason_en=f"the place ends on {place.ended_on}"
        )
    standard = queries.standard_names_of(session, place.id)
    last = standard[-1] if standard else None
    if last is None:
        return
    if last.valid_to is not None and last.valid_to > on:
        raise NameNotInForce(
            day=on, reason_zh=f"“{last.name}”用至 {last.valid_to}", reason_en=f"{last.name} lasted to {last.valid_to}"
        )
    if last.valid_from is not None and last.valid_from >= on:
        raise NameNotInForce(
            day=on,
            reason_zh=f"“{last.name}”自 {last.valid_from} 起使用",
            reason_en=f"{last.name} is in force since {last.valid_from}",
        )
    if last.valid_to is None:
        last.valid_to, last.to_precision = on, Precision.DAY.value
        if on <= today():
            last.status = SpellingStatus.HISTORICAL.value
        session.flush()


def _refuse_told_twice(session: ReadSession, place: UUID, new: NewName) -> None:
    """Raise where it is told already for some of its time: as what it is to be, or as a former name of what is called so then."""
    period = days_of(new.valid_from, new.valid_to)
    for each in queries.names_of(session, place):
        kinds = {each.kind, new.kind.value}
        alike = len(kinds) == 1 or kinds == {NameKind.STANDARD.value, NameKind.FORMER.value}
        same = (each.name, each.language) == (new.name, new.language)
        if same and alike and overlap(period, days_of(each.valid_from, each.valid_to)):
            raise PlaceUnsound(
                problems_zh=f"name: 该地名在此期间已登记“{each.name}”（{NameKind.of(each.kind).zh}）",
                problems_en=f"name: {each.name!r} ({NameKind.of(each.kind).en}) is told of that time already",
            )


def _is_coming(row: NameRow | ExtentRow, today: date) -> bool:
    return row.valid_from is not None and row.valid_from.day > today


def _shown(newest_first: Sequence[Shown], today: date) -> Shown | None:
    """What is in force, or was last; where nothing has begun yet, the first that will."""
    begun = [each for each in newest_first if not _is_coming(each, today)]
    return next(iter(begun), newest_first[-1] if newest_first else None)


def _refuse_overlap(session: ReadSession, name: PlaceName) -> None:
    """Raise where a standard name would share a day with another one, or end before it begins."""
    if name.valid_from is not None and name.valid_to is not None and name.valid_to <= name.valid_from:
        raise PlaceUnsound(problems_zh="valid_to: 应晚于起期", problems_en="valid_to: not after valid_from")
    if name.kind != NameKind.STANDARD.value or name.status in NOT_DECIDED or name.withdrawn:
        return
    with session.no_autoflush:
        others = queries.standard_names_of(session, name.place_id)
    for other in others:
        if other is not name and overlap((name.valid_from, name.valid_to), (other.valid_from, other.valid_to)):
            raise PeriodsOverlap(other=other.name, since=other.valid_from or "…", until=other.valid_to or "…")


def _name_of(place: UUID, place_class: PlaceClass, new: NewName) -> PlaceName:
    romanized, romanized_by = None, None
    if new.romanized:
        romanized, romanized_by = in_letters(new.name, new.romanized), RomanizedBy.SOURCE.value
    if romanized is None and is_spelt(new.kind, new.language):
        romanized, romanized_by = _spelling(new.name, place_class)
    valid_from, from_precision = columns_of(new.valid_from)
    valid_to, to_precision = columns_of(new.valid_to)
    return PlaceName(
        place_id=place,
        name=new.name,
        kind=new.kind.value,
        status=new.status.value,
        naming=NamingState.TAKEN_OVER.value,
        language=new.language,
        romanized=romanized,
        romanized_by=romanized_by,
        meaning=new.meaning,
        origin=new.origin,
        source=new.source,
        valid_from=valid_from,
        from_precision=from_precision,
        valid_to=valid_to,
        to_precision=to_precision,
    )


def _decided_spelling(place: Place, name: PlaceName, change: NameCorrection) -> str:
    """The spelling that a registrar decided on: what the rules spell has to be Hanyu Pinyin, or said to be transcribed."""
    given = change.romanized or ""
    if not is_spelt(NameKind.of(name.kind), name.language):
        return in_letters(name.name, given)
    proposal = romanise(name.name, PlaceClass.of(place.place_class))
    decided = with_override(proposal, given, by=RomanizedBy.REGISTRAR.value, transcribed=change.transcribed)
    return decided.spelling.romanized


def _decided_name(place: Place, name: str, on: date, said: Decided) -> PlaceName:
    """A standard name as a decision gave it."""
    romanized: str | None
    romanized_by: str | None
    if said.romanized:
        proposal = romanise(name, PlaceClass.of(place.place_class))
        decided = with_override(proposal, said.romanized, by=RomanizedBy.REGISTRAR.value)
        romanized, romanized_by = decided.spelling.romanized, RomanizedBy.REGISTRAR.value
        # What the rules spell too was nobody's choice.
        if romanized == proposal.romanized:
            romanized_by = RomanizedBy.RULES.value
    else:
        romanized, romanized_by = _spelling(name, PlaceClass.of(place.place_class))
    return PlaceName(
        place_id=place.id,
        name=name,
        kind=NameKind.STANDARD.value,
        status=SpellingStatus.APPROVED.value,
        romanized=romanized,
        romanized_by=romanized_by,
        naming=NamingState.DECIDED.value,
        meaning=said.meaning,
        origin=said.origin,
        source=said.source,
        valid_from=on,
    )


def _aliases(place: Place, said: Decided) -> Sequence[PlaceName]:
    """The names that a place goes by as well, as a decision's papers tell of them."""
    told = (NewName(name=name, kind=NameKind.ALIAS, source=said.source) for name in said.aliases)
    return [_name_of(place.id, PlaceClass.of(place.place_class), each) for each in told]


def _spelling(name: str, place_class: PlaceClass) -> tuple[str | None, str | None]:
    """How the rules spell a name, and that they do; nothing of both where they don't."""
    romanized = romanise(name, place_class).romanized
    return (romanized, RomanizedBy.RULES.value) if romanized else (None, None)


def _extent_of(new: NewExtent, quality: PositionQuality) -> PlaceExtent:
    valid_from, from_precision = columns_of(new.valid_from)
    valid_to, to_precision = columns_of(new.valid_to)
    return PlaceExtent(
        geom=from_shape(shape_of(new.geometry), srid=STORAGE_SRID),
        source=new.source,
        position_quality=quality.value,
        valid_from=valid_from,
        from_precision=from_precision,
        valid_to=valid_to,
        to_precision=to_precision,
    )


def _named(
    new: NewPlace, said: Decided, home: DivisionRow | None, on: date, quality: PositionQuality
) -> tuple[Place, PlaceExtent | None]:
    """A place that is named by a decision, and how far it reaches."""
    _refuse_unsound(new.place_class, new.detail)
    place = Place(
        id=uuid4(),
        place_class=new.place_class.value,
        standard_name=new.name,
        state=new.state.value,
        division_id=home.id if home else None,
        detail=dict(new.detail),
        position_quality=quality.value,
    )
    if new.geometry is None:
        return place, None
    extent = _extent_of(NewExtent(geometry=new.geometry, source=said.source, valid_from=Dated(on)), quality)
    place.geom = extent.geom
    return place, extent


def _homes_of(session: ReadSession, new: Sequence[NewPlace]) -> Sequence[DivisionRow | None]:
    """The divisions that new places belong to, as `_division_of` has each; where they lie is looked up at once.

    Raises
    ------
    DivisionUnknown, DivisionCodeInvalid, PlaceUnsound
        One isn't registered, or a place lies outside it.
    """
    wkts = [shape_of(each.geometry).wkt if each.geometry is not None else None for each in new]
    lying = iter(queries.divisions_at(session, [wkt for wkt in wkts if wkt is not None]))
    known: dict[str, DivisionRow] = {}

    def registered(code: str) -> DivisionRow:
        if code not in known:
            known[code] = divisions.get_division(session, code)
        return known[code]

    homes: list[DivisionRow | None] = []
    for each, wkt in zip(new, wkts, strict=True):
        lies_in = next(lying) if wkt is not None else None
        home = _home(each.division, lies_in, registered)
        if home is not None and wkt is not None:
            require_within(session, home.id, home.code, wkt, lies_in)
        homes.append(home)
    return homes


def _division_of(session: ReadSession, new: NewPlace) -> DivisionRow | None:
    """The division that a new place belongs to: the more detailed one of what is said and where it lies."""
    lies_in = queries.division_at(session, shape_of(new.geometry).wkt) if new.geometry is not None else None
    return _home(new.division, lies_in, lambda code: divisions.get_division(session, code))


def _home(said: str | None, lies_in: str | None, registered: Callable[[str], DivisionRow]) -> DivisionRow | None:
    if said is None:
        return registered(lies_in) if lies_in is not None else None
    home = registered(said)
    # What crosses several divisions is said to be in the one that holds them all.
    if lies_in is None or contains(lies_in, home.code) or contains(home.code, lies_in):
        return home
    raise PlaceUnsound(
        problems_zh=f"division: 位置在 {lies_in} 境内", problems_en=f"division: its position lies in {lies_in}"
    )


def _extent_to_change(session: WriteSession, place: UUID, extent: UUID, *, withdrawn: bool) -> PlaceExtent:
    queries.place_to_change(session, place)
    record = session.get(PlaceExtent, extent, populate_existing=True)
    if record is None or record.place_id != place or record.withdrawn is not withdrawn:
        raise PlaceExtentUnknown(extent=extent)
    return record


def _make_room(session: WriteSession, extent: PlaceExtent) -> None:
    """End the extent that is open where one that is open too begins; raise where it would lie across another one."""
    with session.no_autoflush:
        known = queries.extents_of(session, extent.place_id)
    since = extent.valid_from
    open_one = next((row for row in known if row.valid_to is None), None)
    if open_one is not None and extent.valid_to is None:
        begun = open_one.valid_from.day if open_one.valid_from else date.min
        if since is None or since <= begun:
            raise PlaceUnsound(
                problems_zh=f"valid_from: 应晚于现有范围的起期 {open_one.valid_from or '（不详）'}",
                problems_en=f"valid_from: not after the present extent's beginning, {open_one.valid_from or 'unknown'}",
            )
        before = session.get_one(PlaceExtent, open_one.id)
        before.valid_to, before.to_precision = since, extent.from_precision
        session.flush()
        known = [row for row in known if row is not open_one]
    for row in known:
        if overlap((since, extent.valid_to), row.period):
            raise PeriodsOverlap(other=row.source or "—", since=row.valid_from or "…", until=row.valid_to or "…")


def _present_extent(session: ReadSession, place: UUID) -> ExtentRow | None:
    """The extent that nothing ends yet, beside what the unit of work is about to write."""
    with session.no_autoflush:
        return next((row for row in queries.extents_of(session, place) if row.valid_to is None), None)


def _correct_present(session: WriteSession, extent: PlaceExtent) -> bool:
    """Have an extent stand in the place of the present one, whose beginning it has; whether it does."""
    present = _present_extent(session, extent.place_id)
    if present is None or extent.valid_to is not None:
        return False
    if extent.valid_from != (present.valid_from.day if present.valid_from else None):
        return False
    session.get_one(PlaceExtent, present.id).withdrawn = True
    session.flush()
    return True


def _refuse_adjusting(session: ReadSession, place: Place, extent: PlaceExtent) -> None:
    """Raise where a place whose name was decided on would reach otherwise; what it reached before may be told."""
    present = _present_extent(session, place.id)
    with session.no_autoflush:
        names = queries.standard_names_of(session, place.id)
    begun = present.valid_from.day if present is not None and present.valid_from else date.min
    earlier = extent.valid_to is not None and extent.valid_to <= begun
    decided = any(each.naming == NamingState.DECIDED.value and each.valid_to is None for each in names)
    if decided and present is not None and not earlier:
        raise ByCaseAlone(
            name=place.standard_name,
            what_zh="范围",
            what_en="extent",
            case_zh="地名要素调整事项",
            case_en="an adjustment of what is named",
        )


def _refuse_deciding(place: Place, name: PlaceName, change: NameCorrection) -> None:
    """Raise where the period of a standard name that was decided on would be another, or the one in force would end."""
    if name.kind != NameKind.STANDARD.value or name.status in NOT_DECIDED:
        return
    said = {field: columns_of(getattr(change, field)) for field in PERIOD if field in change.model_fields_set}
    present = {"valid_from": (name.valid_from, name.from_precision), "valid_to": (name.valid_to, name.to_precision)}
    different = {field for field, value in said.items() if value != present[field]}
    in_force = place.state != PlaceState.ABOLISHED.value and (name.valid_to is None or name.valid_to > today())
    if (name.naming == NamingState.DECIDED.value and different) or (in_force and "valid_to" in different):
        raise ByCaseAlone(
            name=name.name,
            what_zh="起止日期",
            what_en="period",
            case_zh="更名、标准化或销名事项",
            case_en="a renaming, standardising or abolition",
        )


def _refuse_withdrawing(session: ReadSession, name: PlaceName) -> None:
    """Raise where a name was decided on, or the place would be without a standard name."""
    names = queries.names_of(session, name.place_id)
    if not any(each.id == name.id and may_be_withdrawn(each, names, today()) for each in names):
        raise PlaceUnsound(
            problems_zh="withdrawn: 经审批的名称、现行或唯一的标准名称不能撤回，须另行审批",
            problems_en="withdrawn: a name that was decided on, in force, or the only standard one isn't taken back: "
            "another is decided on",
        )


def _refuse_elsewhere(session: ReadSession, division: UUID, code: str, geometry: Mapping[str, Any]) -> None:
    """Raise where an extent lies outside the division that its place is in, as far as boundaries are known."""
    wkt = shape_of(geometry).wkt
    require_within(session, division, code, wkt, queries.division_at(session, wkt))


def require_within(session: ReadSession, division: UUID, code: str, wkt: str, lies_in: str | None) -> None:
    """Raise where an extent lies outside the division that its place is to be in, as far as boundaries are known.

    Parameters
    ----------
    wkt
        The extent, longitude and latitude in degrees (EPSG:4490).
    lies_in
        The code of the division that it lies in; None where it lies in none that is drawn.

    Raises
    ------
    PlaceUnsound
        It lies outside.
    """
    if lies_in is not None and (contains(lies_in, code) or contains(code, lies_in)):
        return
    if queries.is_beyond(session, division, codes_above(code), wkt):
        where_zh = f"在 {lies_in} 境内" if lies_in else "不在任何已登记区划境内"
        where_en = f"lies in {lies_in}" if lies_in else "lies in no division that is registered"
        raise PlaceUnsound(
            problems_zh=f"geometry: 位置{where_zh}，该地名属 {code}",
            problems_en=f"geometry: it {where_en}, and the place belongs to {code}",
        )


def _refuse_unsound(place_class: PlaceClass, detail: dict[str, Any]) -> None:
    found = list(details.breaches(place_class, detail))
    if found:
        raise PlaceUnsound(
            problems_zh="; ".join(f"{each.field}: {each.zh}" for each in found),
            problems_en="; ".join(f"{each.field}: {each.en}" for each in found),
        )
