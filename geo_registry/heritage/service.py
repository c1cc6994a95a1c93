"""What can be asked of protection lists, and what can be done with them: one function a verb."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from geoalchemy2.shape import from_shape
from shapely import Point

from geo_registry import clock
from geo_registry.accounts import policy
from geo_registry.accounts.actors import Actor
from geo_registry.accounts.policy import Verb
from geo_registry.db.paging import Listing, Page, listing
from geo_registry.db.revisions import Revision, Seen, require_seen, without_author
from geo_registry.db.session import ReadSession, WriteSession, say_why
from geo_registry.divisions import service as divisions
from geo_registry.errors import (
    Forbidden,
    HeritageStands,
    HeritageUnknown,
    HeritageUnsound,
    NotRecordedThen,
    NotThereThen,
    Unauthenticated,
)
from geo_registry.heritage import queries
from geo_registry.heritage.criteria import Outcome, Said, outcomes, unmet
from geo_registry.heritage.inputs import (
    Delisting,
    Enlistment,
    HeritageChange,
    NewEvidence,
    NewHeritage,
    NewMeasure,
    NewPicture,
    NewStory,
)
from geo_registry.heritage.pictures import read_picture
from geo_registry.heritage.queries import HeritageQuery, HeritageRow, Parts, PictureFile
from geo_registry.model import Heritage, HeritageEvidence, HeritageMeasure, HeritagePicture, HeritageStory
from geo_registry.model.geometry import STORAGE_SRID
from geo_registry.places import service as places
from geo_registry.places.queries import division_at
from geo_registry.places.romanisation.engine import romanise
from geo_registry.settings import get_settings
from geo_registry.vocabulary import HeritageKind, HeritagePart, HeritageStatus, PlaceClass


@dataclass(frozen=True, slots=True)
class HeritageTold:
    """All that is told of a name, and the criteria of its kind."""

    heritage: HeritageRow
    parts: Parts
    criteria: Sequence[Outcome]


def list_heritage(asker: Actor, session: ReadSession, query: HeritageQuery, page: Page) -> Listing[HeritageRow]:
    """One page of the names that are asked for, in the order that they were registered.

    Everybody sees what is, or was, listed; what is proposed only who is shown it (`list_proposed`).

    Raises
    ------
    DivisionCodeInvalid
        `division` isn't a code.
    Forbidden, Unauthenticated
        What is only proposed is asked for, and the actor isn't shown it.
    """
    if query.on is None and HeritageStatus.PROPOSED in query.statuses:
        return list_proposed(session, query, page, actor=asker)
    rows = queries.rows_matching(session, query, after=page.after, limit=page.limit + 1)
    return listing(rows, page, lambda row: row.fid)


def list_proposed(session: ReadSession, query: HeritageQuery, page: Page, *, actor: Actor) -> Listing[HeritageRow]:
    """As `list_heritage`, with what is only proposed.

    Raises
    ------
    DivisionCodeInvalid
        `division` isn't a code.
    Forbidden, Unauthenticated
        The actor isn't shown it.
    """
    policy.require(actor, Verb.LIST_PROPOSED)
    rows = queries.rows_matching(session, query, after=page.after, limit=page.limit + 1)
    return listing(rows, page, lambda row: row.fid)


def get_heritage(
    asker: Actor, session: ReadSession, heritage: UUID, *, at: datetime | None = None, on: date | None = None
) -> HeritageRow:
    """One name: now, or as the registry held it at a moment; with a day, if it was listed then.

    Raises
    ------
    HeritageUnknown
        There is none of that id, or it is only proposed and whoever asks isn't shown that.
    NotRecordedThen
        The registry didn't hold it at that moment.
    NotThereThen
        It wasn't listed on that day.
    """
    found = queries.row_with_id(session, heritage, at=at)
    if found is None and at is not None and queries.was_ever(session, heritage):
        raise NotRecordedThen(moment=at.isoformat())
    if found is None or _is_hidden(found, asker):
        raise HeritageUnknown(heritage=heritage)
    if on is not None and not queries.stood_on(found, on):
        raise NotThereThen(day=on.isoformat())
    return found


def tell_heritage(
    asker: Actor, session: ReadSession, heritage: UUID, *, at: datetime | None = None, on: date | None = None
) -> HeritageTold:
    """One name with its evidence, stories, pictures and measures, and which criteria of its kind it meets today.

    Raises
    ------
    HeritageUnknown, NotRecordedThen, NotThereThen
        As `get_heritage`.
    """
    row = get_heritage(asker, session, heritage, at=at, on=on)
    return _told(session, row, at=at)


def picture_of(asker: Actor, session: ReadSession, heritage: UUID, picture: UUID) -> PictureFile:
    """A picture's file.

    Raises
    ------
    HeritageUnknown, HeritagePartUnknown
        As `get_heritage`, or it has no such picture.
    """
    get_heritage(asker, session, heritage)
    return queries.picture_file(session, heritage, picture)


def listings_of(session: ReadSession, place: UUID) -> Sequence[HeritageRow]:
    """The lists that a place's names, present or former, stand on."""
    return queries.rows_matching(session, HeritageQuery(place=place), after=0, limit=MOST_OF_A_PLACE)


TAKEN_OVER = "接收既有名录"
"""Why a name is listed that stood on its list before it came here."""
MOST_OF_A_PLACE = 20
"""A name stands on one list of a level, now and then on two."""


def list_revisions(asker: Actor, session: ReadSession, heritage: UUID, page: Page) -> Listing[Revision]:
    """The revisions of a name's record, the newest first, without their authors and reasons.

    Raises
    ------
    HeritageUnknown
        As `get_heritage`.
    """
    get_heritage(asker, session, heritage)
    found = queries.revisions_of(session, heritage, after=page.after, limit=page.limit + 1)
    return listing([without_author(each) for each in found], page, lambda each: each.number)


def list_revisions_with_authors(session: ReadSession, heritage: UUID, page: Page, *, actor: Actor) -> Listing[Revision]:
    """As `list_revisions`, with who made them and why.

    Raises
    ------
    HeritageUnknown
        As `get_heritage`.
    Forbidden, Unauthenticated
        The actor isn't told, in that division.
    """
    policy.require(actor, Verb.SEE_HERITAGE_AUTHORS, division=_code_now(session, heritage))
    found = queries.revisions_of(session, heritage, after=page.after, limit=page.limit + 1)
    return listing(found, page, lambda each: each.number)


def revisions_for(asker: Actor, session: ReadSession, heritage: UUID, page: Page) -> Listing[Revision]:
    """The revisions of a name's record as whoever asks may see them.

    Raises
    ------
    HeritageUnknown
        As `get_heritage`.
    """
    try:
        return list_revisions_with_authors(session, heritage, page, actor=asker)
    except (Forbidden, Unauthenticated):
        return list_revisions(asker, session, heritage, page)


def require_proposing(session: ReadSession, new: NewHeritage, *, actor: Actor) -> None:
    """Raise as `propose_heritage` does of who may not, or may not any more."""
    policy.require(actor, Verb.PROPOSE_HERITAGE, division=_code_of(session, new))


def propose_heritage(session: WriteSession, new: NewHeritage, *, actor: Actor, synthetic: bool = False) -> HeritageTold:
    """Propose a name for a protection list; a signer puts it there (`enlist_heritage`).

    Raises
    ------
    Forbidden
        The actor may not, in that division.
    PlaceUnknown, DivisionUnknown, DivisionCodeInvalid
        There is no such place, or no such division.
    HeritageUnsound
        The place never was called so.
    AlreadyExists
        It is proposed for that list, or on it, already.
    """
    code = _code_of(session, new)
    policy.require(actor, Verb.PROPOSE_HERITAGE, division=code)
    say_why(session, new.why)
    division = divisions.get_division(session, code) if code is not None else None
    record = Heritage(
        name=new.name,
        romanized=new.romanized or _spelt(session, new),
        place_id=new.place,
        division_id=division.id if division is not None else None,
        geom=_position(new),
        kind=new.kind.value,
        level=new.level.value,
        list_name=new.list_name,
        founded=new.founded,
        named=new.named,
        disused=new.disused,
        restored=new.restored,
        claims={key: claim for key, claim in new.claims.items() if claim is not None},
        synthetic=synthetic,
    )
    session.add(record)
    session.flush()
    session.add_all(_evidence(record.id, each) for each in new.evidence)
    session.flush()
    return _told_now(session, record.id)


def change_heritage(
    session: WriteSession, heritage: UUID, change: HeritageChange, *, seen: Seen | None, actor: Actor
) -> HeritageTold:
    """Correct what is told of a name on a list, or proposed for one; never the name itself, nor its listing.

    Raises
    ------
    HeritageUnknown
        There is none of that id.
    Forbidden
        The actor may not, in its division.
    VersionNeeded, RecordChanged
        Nothing says which version was seen, or it is another by now.
    AlreadyExists
        Another record has it on that list.
    """
    policy.require(actor, Verb.CHANGE_HERITAGE, division=_code_now(session, heritage))
    record, present = _to_change(session, heritage)
    # It may have come to another division while its lock was waited for.
    policy.require(actor, Verb.CHANGE_HERITAGE, division=present.division_code)
    require_seen(seen, present.version)
    say_why(session, change.why)
    told = change.model_dump(mode="json", exclude={"why", "claims"}, exclude_none=True)
    for name, value in told.items():
        setattr(record, name, value)
    if change.claims is not None:
        claims = {**record.claims, **change.claims}
        record.claims = {key: claim for key, claim in claims.items() if claim is not None}
    session.flush()
    return _told_now(session, heritage)


def enlist_heritage(
    session: WriteSession, heritage: UUID, enlistment: Enlistment, *, seen: Seen | None, actor: Actor
) -> HeritageTold:
    """Put a name on its list, by a document: from its date on it is protected. One that was taken off can be put there again.

    It is put there by an approved case, or stood there before it came here; nothing takes effect otherwise.

    Raises
    ------
    HeritageUnknown
        There is none of that id.
    Forbidden
        The actor may not, in its division.
    VersionNeeded, RecordChanged
        As `change_heritage`.
    HeritageStands
        It is listed already.
    HeritageUnsound
        No approved case decided on it, and it wasn't taken over; nothing is told as evidence, the document is of a day to
        come, or a criterion isn't met and no reason is given.
    """
    policy.require(actor, Verb.ENLIST_HERITAGE, division=_code_now(session, heritage))
    record, present = _to_change(session, heritage)
    # It may have come to another division while its lock was waited for.
    policy.require(actor, Verb.ENLIST_HERITAGE, division=present.division_code)
    require_seen(seen, present.version)
    if record.status == HeritageStatus.LISTED.value:
        raise _stands(record, "列入", "listed")
    _refuse_to_come("listed_on", enlistment.listed_on)
    _refuse_undecided(session, record, enlistment)
    told = _told_now(session, heritage)
    if not told.parts.evidence:
        raise HeritageUnsound(
            problems_zh="还没有登记依据，不能列入（《地名管理条例》第二十五条：收集、记录）",
            problems_en="no evidence is recorded, which has to come first (地名管理条例, art. 25)",
        )
    failing = unmet(told.criteria)
    if failing and not enlistment.why:
        raise HeritageUnsound(
            problems_zh="why: 不符合以下条件，列入须写明理由："
            + "；".join(f"{each.criterion.zh}（{each.zh}）" for each in failing),
            problems_en="why: give the reason, since these aren't met: "
            + "; ".join(f"{each.criterion.en} ({each.en})" for each in failing),
        )
    say_why(session, enlistment.why or (TAKEN_OVER if enlistment.taken_over else enlistment.case))
    record.status = HeritageStatus.LISTED.value
    record.listed_on = enlistment.listed_on
    record.document_number, record.body = enlistment.document_number, enlistment.body
    record.delisted_on, record.delisted_document, record.delisted_why = None, "", ""
    session.flush()
    return _told_now(session, heritage)


def delist_heritage(
    session: WriteSession, heritage: UUID, delisting: Delisting, *, seen: Seen | None, actor: Actor
) -> HeritageTold:
    """Take a name off its list, by a document and for a reason; what is told of it stays.

    Raises
    ------
    HeritageUnknown
        There is none of that id.
    Forbidden
        The actor may not, in its division.
    VersionNeeded, RecordChanged
        As `change_heritage`.
    HeritageStands
        It isn't listed.
    HeritageUnsound
        The document is of a day to come, or older than that of its listing.
    """
    policy.require(actor, Verb.DELIST_HERITAGE, division=_code_now(session, heritage))
    record, present = _to_change(session, heritage)
    # It may have come to another division while its lock was waited for.
    policy.require(actor, Verb.DELIST_HERITAGE, division=present.division_code)
    require_seen(seen, present.version)
    if record.status != HeritageStatus.LISTED.value or record.listed_on is None:
        raise _stands(record, "移出", "taken off")
    _refuse_to_come("delisted_on", delisting.delisted_on)
    if delisting.delisted_on < record.listed_on:
        raise HeritageUnsound(
            problems_zh=f"delisted_on: 早于列入之日 {record.listed_on}",
            problems_en=f"delisted_on: before it was listed, on {record.listed_on}",
        )
    say_why(session, delisting.why)
    record.status = HeritageStatus.DELISTED.value
    record.delisted_on = delisting.delisted_on
    record.delisted_document, record.delisted_why = delisting.document_number, delisting.why
    session.flush()
    return _told_now(session, heritage)


def _refuse_undecided(session: ReadSession, record: Heritage, enlistment: Enlistment) -> None:
    """Raise where neither an approved case decided on a name's listing nor it was listed before it came here."""
    if enlistment.taken_over or (enlistment.case and queries.was_decided_on(session, record, enlistment.case)):
        return
    if enlistment.case:
        raise HeritageUnsound(
            problems_zh=f"case: 没有已批准的事项 {enlistment.case} 列入“{record.name}”",
            problems_en=f"case: no approved case {enlistment.case} lists {record.name}",
        )
    raise HeritageUnsound(
        problems_zh="case: 列入须经事项批准：请填写已批准事项的编号；此前已在名录上的，注明是接收既有名录（taken_over）",
        problems_en="case: a case decides on a listing: give the number of the approved one, or say that the name was on the list "
        "before it came here (taken_over)",
    )


def require_adding_evidence(session: ReadSession, heritage: UUID, *, actor: Actor) -> None:
    """Raise as `add_evidence` does of who may not, or may not any more."""
    policy.require(actor, Verb.ADD_HERITAGE_EVIDENCE, division=_code_now(session, heritage))


def require_adding_story(session: ReadSession, heritage: UUID, *, actor: Actor) -> None:
    """Raise as `add_story` does of who may not, or may not any more."""
    policy.require(actor, Verb.ADD_HERITAGE_STORY, division=_code_now(session, heritage))


def require_adding_picture(session: ReadSession, heritage: UUID, *, actor: Actor) -> None:
    """Raise as `add_picture` does of who may not, or may not any more."""
    policy.require(actor, Verb.ADD_HERITAGE_PICTURE, division=_code_now(session, heritage))


def require_adding_measure(session: ReadSession, heritage: UUID, *, actor: Actor) -> None:
    """Raise as `add_measure` does of who may not, or may not any more."""
    policy.require(actor, Verb.ADD_HERITAGE_MEASURE, division=_code_now(session, heritage))


def add_evidence(session: WriteSession, heritage: UUID, new: NewEvidence, *, actor: Actor) -> HeritageTold:
    """Tell what bears out what is told of a name, and which criteria.

    Raises
    ------
    HeritageUnknown
        There is none of that id.
    Forbidden
        The actor may not, in its division.
    """
    policy.require(actor, Verb.ADD_HERITAGE_EVIDENCE, division=_code_now(session, heritage))
    return _with(session, _evidence(heritage, new), new.why)


def add_story(session: WriteSession, heritage: UUID, new: NewStory, *, actor: Actor) -> HeritageTold:
    """Tell a story of a name.

    Raises
    ------
    HeritageUnknown, Forbidden
        As `add_evidence`.
    """
    policy.require(actor, Verb.ADD_HERITAGE_STORY, division=_code_now(session, heritage))
    story = HeritageStory(heritage_id=heritage, title=new.title, story=new.story, source=new.source)
    return _with(session, story, new.why)


def add_picture(session: WriteSession, heritage: UUID, new: NewPicture, *, actor: Actor) -> HeritageTold:
    """Add a picture of a name; what its file tells beside the picture is left away.

    Raises
    ------
    HeritageUnknown, Forbidden
        As `add_evidence`.
    PictureRefused
        The file is no picture that is kept.
    """
    policy.require(actor, Verb.ADD_HERITAGE_PICTURE, division=_code_now(session, heritage))
    read = read_picture(new.content)
    picture = HeritagePicture(
        heritage_id=heritage,
        caption=new.caption,
        author=new.author,
        licence=new.licence,
        taken=new.taken,
        media_type=read.media_type,
        width_px=read.width_px,
        height_px=read.height_px,
        checksum=read.checksum,
        content=read.content,
    )
    return _with(session, picture, new.why)


def add_measure(session: WriteSession, heritage: UUID, new: NewMeasure, *, actor: Actor) -> HeritageTold:
    """Record a protective measure that was decided on; one before a renaming opens the guard (`guard.py`).

    Raises
    ------
    HeritageUnknown, Forbidden
        As `add_evidence`.
    HeritageUnsound
        It was decided on a day to come.
    """
    policy.require(actor, Verb.ADD_HERITAGE_MEASURE, division=_code_now(session, heritage))
    _refuse_to_come("decided_on", new.decided_on)
    measure = HeritageMeasure(
        heritage_id=heritage,
        purpose=new.purpose.value,
        measure=new.measure,
        decided_on=new.decided_on,
        document_number=new.document_number,
        body=new.body,
    )
    return _with(session, measure, new.why)


def withdraw_part(
    session: WriteSession, heritage: UUID, part: HeritagePart, item: UUID, why: str, *, actor: Actor
) -> HeritageTold:
    """Take back something that was told of a name by mistake; nothing reads it but its history.

    Raises
    ------
    HeritageUnknown, HeritagePartUnknown
        There is none of that id, or it has no such thing.
    Forbidden
        The actor may not, in its division.
    """
    policy.require(actor, Verb.WITHDRAW_HERITAGE_PART, division=_code_now(session, heritage))
    record = queries.part_to_withdraw(session, heritage, part, item)
    say_why(session, why)
    record.withdrawn = True
    session.flush()
    return _told_now(session, heritage)


def said_of(row: HeritageRow, parts: Parts) -> Said:
    """What is told of a name as its criteria read it."""
    return Said(
        founded=row.founded,
        named=row.named,
        disused=row.disused,
        restored=row.restored,
        claims=row.claims,
        supported={key for each in parts.evidence for key in each.supports},
    )


def _told_now(session: ReadSession, heritage: UUID) -> HeritageTold:
    """What is told of a name to who was asked already."""
    return _told(session, _row_now(session, heritage))


def _code_now(session: ReadSession, heritage: UUID) -> str | None:
    """The division that the policy is asked about, of what is proposed too: who may not is told so."""
    return _row_now(session, heritage).division_code


def _row_now(session: ReadSession, heritage: UUID) -> HeritageRow:
    row = queries.row_with_id(session, heritage)
    if row is None:
        raise HeritageUnknown(heritage=heritage)
    return row


def _told(session: ReadSession, row: HeritageRow, *, at: datetime | None = None) -> HeritageTold:
    parts = queries.parts_of(session, row.id, at=at)
    year = clock.today(get_settings().zone).year
    return HeritageTold(row, parts, outcomes(HeritageKind.of(row.kind), said_of(row, parts), year=year))


def _is_hidden(row: HeritageRow, actor: Actor) -> bool:
    return row.status == HeritageStatus.PROPOSED.value and policy.refusal(actor, Verb.LIST_PROPOSED) is not None


def _to_change(session: WriteSession, heritage: UUID) -> tuple[Heritage, HeritageRow]:
    """A name's record, locked, and how it is then."""
    record = queries.heritage_to_change(session, heritage)
    return record, _row_now(session, heritage)


def _with(
    session: WriteSession, part: HeritageEvidence | HeritageStory | HeritagePicture | HeritageMeasure, why: str
) -> HeritageTold:
    say_why(session, why)
    session.add(part)
    session.flush()
    return _told_now(session, part.heritage_id)


def _evidence(heritage: UUID, new: NewEvidence) -> HeritageEvidence:
    return HeritageEvidence(
        heritage_id=heritage,
        what=new.what,
        says=new.says,
        dated=new.dated,
        source=new.source,
        supports=list(new.supports),
    )


def _code_of(session: ReadSession, new: NewHeritage) -> str | None:
    """The division that a name belongs to: its place's, the one that is given, or the one that it lies in."""
    if new.place is not None:
        return places.get_place(session, new.place).division_code
    if new.division is not None:
        return divisions.get_division(session, new.division).code
    return division_at(session, Point(new.lon, new.lat).wkt)


def _spelt(session: ReadSession, new: NewHeritage) -> str:
    """How a name is spelt: as its place's is, else as the rules spell it; empty where they don't."""
    if new.place is None:
        return romanise(new.name, None).romanized or ""
    place, borne = places.get_place(session, new.place), queries.names_borne(session, new.place)
    if new.name not in {*borne, place.name}:
        raise HeritageUnsound(
            problems_zh=f"name: “{place.name}”没有名称“{new.name}”，请先在该地名登记此曾用名",
            problems_en=f"name: {place.name} has no name {new.name}: add the former name to the place first",
        )
    return borne.get(new.name) or romanise(new.name, PlaceClass.of(place.place_class)).romanized or ""


def _position(new: NewHeritage) -> object:
    return from_shape(Point(new.lon, new.lat), srid=STORAGE_SRID) if new.lon is not None else None


def _refuse_to_come(name: str, day: date) -> None:
    if day > clock.today(get_settings().zone):
        raise HeritageUnsound(
            problems_zh=f"{name}: {day} 晚于今天，请填写文件上的日期",
            problems_en=f"{name}: {day} is after today; give the date on the document",
        )


def _stands(record: Heritage, verb_zh: str, verb_en: str) -> HeritageStands:
    status = HeritageStatus.of(record.status)
    return HeritageStands(name=record.name, state_zh=status.zh, state_en=status.en, verb_zh=verb_zh, verb_en=verb_en)
