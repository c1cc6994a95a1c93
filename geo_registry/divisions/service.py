"""What can be asked of the divisions, and what can be recorded of how they followed each other."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from geo_registry.accounts import policy
from geo_registry.accounts.actors import Actor
from geo_registry.accounts.policy import Verb
from geo_registry.db.paging import Listing, Page, listing
from geo_registry.db.revisions import Revision, Seen, require_seen, without_author
from geo_registry.db.session import ReadSession, WriteSession, say_why
from geo_registry.divisions import matching, queries, succession_queries, successions
from geo_registry.divisions.inputs import NewSuccession
from geo_registry.divisions.lineage import Member, Present
from geo_registry.divisions.matching import Listed, Proposal
from geo_registry.divisions.queries import DivisionName, DivisionQuery, DivisionRow, names_of
from geo_registry.divisions.rules import codes_above, normalised, prefix_of
from geo_registry.divisions.succession_queries import Recorded
from geo_registry.divisions.successions import Lineage, Outcome
from geo_registry.errors import (
    DivisionAmbiguous,
    DivisionCodeInvalid,
    DivisionUnknown,
    Forbidden,
    NotRecordedThen,
    SuccessionWithdrawn,
    Unauthenticated,
    VintageUnknown,
)
from geo_registry.geo.bbox import BBox
from geo_registry.model import DivisionSuccession


def list_divisions(session: ReadSession, query: DivisionQuery, page: Page) -> Listing[DivisionRow]:
    """One page of the divisions that are asked for, in the order that they were registered.

    Raises
    ------
    DivisionCodeInvalid
        `within` or `parent` isn't a code.
    """
    rows = queries.rows_matching(session, query, after=page.after, limit=page.limit + 1)
    return listing(rows, page, lambda row: row.fid)


def bounds_of(session: ReadSession, code: str) -> BBox | None:
    """A box around the area of a division, in degrees; None where none is drawn.

    Raises
    ------
    DivisionCodeInvalid, DivisionUnknown
        As `get_division`.
    """
    return queries.bounds_of(session, get_division(session, code).id)


def get_division(
    session: ReadSession, code: str, *, vintage: int | None = None, at: datetime | None = None
) -> DivisionRow:
    """The division of a code (twelve digits or its first), of `vintage` or its newest; now, or as held at a moment.

    Raises
    ------
    DivisionCodeInvalid
        It isn't a code.
    DivisionUnknown
        None is registered.
    NotRecordedThen
        The registry didn't hold it at that moment.
    """
    whole = normalised(code)
    found = queries.rows_with_code(session, whole, vintage=vintage, at=at)
    if not found and at is not None and queries.was_ever(session, whole, vintage=vintage):
        raise NotRecordedThen(moment=at.isoformat())
    if not found:
        raise DivisionUnknown(text=code if vintage is None else f"{code} ({vintage})")
    return found[0]


def list_revisions(session: ReadSession, code: str, page: Page, *, vintage: int | None = None) -> Listing[Revision]:
    """A division's revisions, the newest first, without their authors and reasons; `page.after` counts downwards.

    Raises
    ------
    DivisionCodeInvalid, DivisionUnknown
        As `get_division`.
    """
    row = get_division(session, code, vintage=vintage)
    found = queries.revisions_of(session, row.id, after=page.after, limit=page.limit + 1)
    return listing([without_author(each) for each in found], page, lambda each: each.number)


def list_revisions_with_authors(
    session: ReadSession, code: str, page: Page, *, actor: Actor, vintage: int | None = None
) -> Listing[Revision]:
    """As `list_revisions`, with who made them and why.

    Raises
    ------
    DivisionCodeInvalid, DivisionUnknown
        As `get_division`.
    Forbidden, Unauthenticated
        The actor isn't told, in that division.
    """
    row = get_division(session, code, vintage=vintage)
    policy.require(actor, Verb.SEE_DIVISION_AUTHORS, division=row.code)
    found = queries.revisions_of(session, row.id, after=page.after, limit=page.limit + 1)
    return listing(found, page, lambda each: each.number)


def revisions_for(
    asker: Actor, session: ReadSession, code: str, page: Page, *, vintage: int | None = None
) -> Listing[Revision]:
    """A division's revisions as whoever asks may see them: with their authors and reasons, or without.

    Raises
    ------
    DivisionCodeInvalid, DivisionUnknown
        As `get_division`.
    """
    try:
        return list_revisions_with_authors(session, code, page, actor=asker, vintage=vintage)
    except (Forbidden, Unauthenticated):
        return list_revisions(session, code, page, vintage=vintage)


def restore_division(
    session: WriteSession,
    code: str,
    number: int,
    *,
    seen: Seen | None,
    why: str,
    actor: Actor,
    vintage: int | None = None,
) -> DivisionRow:
    """Make what an older revision says of a division its newest one: its name, its area, how well that is known.

    Parameters
    ----------
    seen
        The versions that it is based on.

    Raises
    ------
    DivisionCodeInvalid, DivisionUnknown
        As `get_division`.
    Forbidden
        The actor may not, in that division.
    VersionNeeded, RecordChanged
        Nothing says which version was seen, or it is another by now.
    RevisionUnknown
        It has no such revision.
    """
    row = get_division(session, code, vintage=vintage)
    policy.require(actor, Verb.RESTORE_DIVISION, division=row.code)
    present = queries.division_to_change(session, row.id)
    if present is None:
        raise DivisionUnknown(text=code)
    require_seen(seen, present.row.version)
    past = queries.past_of(session, row.id, number)
    say_why(session, why)
    for name, value in past.items():
        setattr(present.record, name, value)
    session.flush()
    return queries.row_with_id(session, row.id)


def resolve(session: ReadSession, text: str, *, vintage: int | None = None) -> DivisionRow:
    """The division that a person means by a code or by its exact name.

    Raises
    ------
    DivisionUnknown
        None has that code or name.
    DivisionAmbiguous
        Several have that name; the error lists their codes.
    """
    try:
        code = normalised(text)
    except DivisionCodeInvalid:
        found = queries.rows_called(session, text.strip(), vintage=vintage)
    else:
        found = queries.rows_with_code(session, code, vintage=vintage)[:1]
    if not found:
        raise DivisionUnknown(text=text)
    if len({row.code for row in found}) > 1:
        raise DivisionAmbiguous(
            text=text, candidates=", ".join(f"{row.code} {row.parent_name or ''}{row.name}" for row in found)
        )
    return found[0]


def called(session: ReadSession, name: str) -> Sequence[DivisionRow]:
    """The divisions of exactly that name, by code, each once: what `resolve` can't choose among."""
    found = {row.code: row for row in queries.rows_called(session, name.strip())}
    return list(found.values())


def path_of(session: ReadSession, code: str) -> Sequence[DivisionName]:
    """The divisions that a division lies in, from the province down; those that aren't registered are left out."""
    above = codes_above(code)
    found = names_of(session, above)
    return [found[each] for each in above if each in found]


def path_to(session: ReadSession, code: str | None, name: str | None) -> Sequence[DivisionName]:
    """The divisions that a record of a division lies in, that one the last; none where it is in no division."""
    return [*path_of(session, code), DivisionName(code=code, name=name or code)] if code is not None else []


def lineage_of(session: ReadSession, code: str, *, vintage: int | None = None) -> Lineage:
    """What a division came from and became, over all vintages; of `vintage`, or the newest that has the code.

    Raises
    ------
    DivisionCodeInvalid, DivisionUnknown
        It isn't a code, or none is registered.
    """
    return successions.lineage_of(session, succession_queries.member(get_division(session, code, vintage=vintage)))


def present_of(session: ReadSession, code: str, *, vintage: int | None = None) -> Present:
    """Where a division leads to among the present ones, by which steps, and how sure that is.

    Where that isn't certain, the answer says so: it is only supposed, leads to several, or isn't recorded. A division
    of the newest vintage is its own present one.

    Raises
    ------
    DivisionCodeInvalid, DivisionUnknown
        It isn't a code, or none is registered.
    """
    return lineage_of(session, code, vintage=vintage).present


def vintages_of(session: ReadSession, code: str) -> Sequence[Member]:
    """The divisions that had a code, the newest vintage first.

    Raises
    ------
    DivisionCodeInvalid
        It isn't a code.
    """
    return succession_queries.vintages_of(session, normalised(code))


def get_succession(session: ReadSession, succession: UUID, *, at: datetime | None = None) -> Recorded:
    """One succession, also one that was withdrawn; now, or as it was recorded at a moment.

    Raises
    ------
    SuccessionUnknown
        There is none of that id.
    NotRecordedThen
        It wasn't recorded at that moment.
    """
    return succession_queries.recorded(session, succession, at=at)


def succession_revisions_for(asker: Actor, session: ReadSession, succession: UUID, page: Page) -> Listing[Revision]:
    """A succession's revisions, the newest first: with their authors and reasons for who may see those of both ends.

    Raises
    ------
    SuccessionUnknown
        There is none of that id.
    """
    step = get_succession(session, succession).step
    found = succession_queries.revisions_of(session, succession, after=page.after, limit=page.limit + 1)
    ends = (step.before.code, step.after.code)
    told = all(policy.refusal(asker, Verb.SEE_DIVISION_AUTHORS, division=code) is None for code in ends)
    return listing([each if told else without_author(each) for each in found], page, lambda each: each.number)


def record_succession(session: WriteSession, new: NewSuccession, *, actor: Actor) -> Recorded:
    """Record that one division became, or became part of, another. What was withdrawn may be recorded anew.

    Raises
    ------
    DivisionCodeInvalid, DivisionUnknown
        An end isn't registered in that vintage.
    Forbidden
        The actor may not, at either end.
    SuccessionUnsound
        It can't be so.
    SuccessionRecorded
        Something is recorded of the two already.
    """
    before, after = _ends_of(session, new)
    policy.require(actor, Verb.RECORD_SUCCESSION, division=before.code)
    policy.require(actor, Verb.RECORD_SUCCESSION, division=after.code)
    successions.refuse_unsound(before, after, new)
    say_why(session, new.why)
    record = succession_queries.between(session, before, after)
    if record is not None and not record.withdrawn:
        raise successions.recorded_already(get_succession(session, record.id).step)
    if record is None:
        record = DivisionSuccession(before_id=before.id, after_id=after.id)
        session.add(record)
    record.change, record.certainty = new.change.value, new.certainty.value
    record.happened_on, record.evidence, record.withdrawn = new.happened_on, new.evidence, False
    session.flush()
    return get_succession(session, record.id)


def require_recording(session: ReadSession, new: NewSuccession, *, actor: Actor) -> None:
    """Raise unless the actor may record a succession: asked again before an answer is given again.

    Raises
    ------
    DivisionCodeInvalid, DivisionUnknown
        An end isn't registered in that vintage.
    Forbidden
        The actor may not, at either end.
    """
    for end in _ends_of(session, new):
        policy.require(actor, Verb.RECORD_SUCCESSION, division=end.code)


def withdraw_succession(
    session: WriteSession, succession: UUID, *, seen: Seen | None, why: str, actor: Actor
) -> Recorded:
    """Take back what was recorded: neither end tells of it any more; that it was recorded, and why not, is kept.

    Raises
    ------
    SuccessionUnknown
        There is none of that id.
    Forbidden
        The actor may not, at either end.
    VersionNeeded, RecordChanged
        Nothing says which version was seen, or it is another by now.
    SuccessionWithdrawn
        It was withdrawn already.
    """
    step = get_succession(session, succession).step
    policy.require(actor, Verb.WITHDRAW_SUCCESSION, division=step.before.code)
    policy.require(actor, Verb.WITHDRAW_SUCCESSION, division=step.after.code)
    record = succession_queries.to_change(session, succession)
    require_seen(seen, get_succession(session, succession).version)
    if record.withdrawn:
        raise SuccessionWithdrawn(**successions.ends_said(step))
    say_why(session, why)
    record.withdrawn = True
    session.flush()
    return get_succession(session, succession)


def record_successions(session: WriteSession, many: Sequence[NewSuccession], *, actor: Actor) -> Outcome:
    """Record many successions; one that can't be is refused by itself, one that is there just so stays as it is.

    What somebody withdrew isn't recorded anew by this, nor what is recorded otherwise: whoever knows better does that
    one by one.

    Raises
    ------
    Forbidden
        The actor may not, at an end of any of them.
    """
    for code in sorted({code for code, _ in successions.keys_of(many)}):
        policy.require(actor, Verb.RECORD_SUCCESSION, division=code)
    return successions.write_many(session, many)


def propose_successions(session: ReadSession, *, earlier: int, later: int, within: str = "") -> Sequence[Proposal]:
    """What seems to have become of the divisions of one vintage in another, by their lists alone; nothing is recorded.

    Parameters
    ----------
    earlier, later
        The two vintages.
    within
        A code, or its first digits; empty for all.

    Raises
    ------
    DivisionCodeInvalid
        `within` isn't a code.
    VintageUnknown
        Nothing there is registered of a vintage.
    """
    prefix = prefix_of(within) if within else ""
    lists = []
    for vintage in (earlier, later):
        found = [Listed(code, name) for code, name in succession_queries.listed(session, vintage, prefix)]
        if not found:
            raise VintageUnknown(vintage=vintage, within=within or "–")
        lists.append(found)
    return matching.propose(*lists)


def _ends_of(session: ReadSession, new: NewSuccession) -> tuple[Member, Member]:
    before = get_division(session, new.before.code, vintage=new.before.vintage)
    after = get_division(session, new.after.code, vintage=new.after.vintage)
    return succession_queries.member(before), succession_queries.member(after)
