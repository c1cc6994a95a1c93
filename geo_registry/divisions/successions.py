"""What became of the divisions of one vintage in later ones: how it is told, proposed from their lists, and written."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from geo_registry.db.copying import Value, insert_rows
from geo_registry.db.session import ReadSession, WriteSession
from geo_registry.divisions import lineage
from geo_registry.divisions import succession_queries as queries
from geo_registry.divisions.inputs import NewSuccession, OneOf, breach
from geo_registry.divisions.lineage import Member, Present, Step
from geo_registry.divisions.queries import newest_vintages
from geo_registry.divisions.rules import normalised
from geo_registry.errors import (
    DivisionUnknown,
    DomainError,
    SuccessionRecorded,
    SuccessionUnsound,
    SuccessionWithdrawn,
)
from geo_registry.model import DivisionSuccession

COLUMNS = ("before_id", "after_id", "change", "happened_on", "evidence", "certainty")


@dataclass(frozen=True, slots=True)
class Lineage:
    """A division of one vintage: what it came from, what it became, and its present ones."""

    division: Member
    came_from: Sequence[Step]
    """Every succession that leads to it, directly or over others, the earliest first."""
    became: Sequence[Step]
    """Every succession that leads on from it."""
    present: Present


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why one of many successions wasn't recorded; `number` counts them from 0."""

    number: int
    error: DomainError


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of many successions that were to be recorded."""

    created: int
    unchanged: int
    refused: Sequence[Refusal]


def lineage_of(session: ReadSession, division: Member) -> Lineage:
    """What a division came from and became, over all vintages."""
    steps = queries.steps_about(session, [division.id])
    onward = lineage.onward(division.id, steps)
    return Lineage(
        division=division,
        came_from=lineage.backward(division.id, steps),
        became=onward,
        present=lineage.present_of(division, onward, newest_vintages(session)),
    )


def presents_of(session: ReadSession, divisions: Collection[Member]) -> Mapping[UUID, Present]:
    """Where several divisions lead to among the present ones, by their ids; see `lineage.present_of`."""
    if not divisions:
        return {}
    steps = queries.steps_onward(session, [each.id for each in divisions])
    newest = newest_vintages(session)
    return {each.id: lineage.present_of(each, lineage.onward(each.id, steps), newest) for each in divisions}


def write_many(session: WriteSession, many: Sequence[NewSuccession]) -> Outcome:
    """Record successions; one that can't be is refused by itself, one that is there just so stays as it is.

    What somebody withdrew isn't recorded anew by this, nor what is recorded otherwise: whoever knows better does that
    one by one.
    """
    known = queries.members(session, keys_of(many))
    there = queries.among(session, [each.id for each in known.values()])
    coming: dict[tuple[UUID, UUID], Step] = {}
    refused: list[Refusal] = []
    unchanged = 0
    for number, new in enumerate(many):
        try:
            step = _step(new, known)
            pair = (step.before.id, step.after.id)
            is_there = _is_there(step, *there.get(pair, (coming.get(pair), False)))
        except (DivisionUnknown, SuccessionUnsound, SuccessionRecorded, SuccessionWithdrawn) as error:
            refused.append(Refusal(number, error))
            continue
        if is_there:
            unchanged += 1
        else:
            coming[pair] = step
    insert_rows(session, DivisionSuccession.__tablename__, COLUMNS, map(_row, coming.values()))
    return Outcome(created=len(coming), unchanged=unchanged, refused=refused)


def keys_of(many: Iterable[NewSuccession]) -> Collection[queries.Key]:
    """The codes and vintages at the ends of successions, of those ends that are codes."""
    return {key for new in many for key in map(_key, (new.before, new.after)) if key is not None}


def refuse_unsound(before: Member, after: Member, new: NewSuccession) -> None:
    """Raise where a succession can't be.

    Raises
    ------
    SuccessionUnsound
        It can't be so; see `inputs.breach`.
    """
    found = breach(before, after, new.change, new.happened_on)
    if found is not None:
        raise SuccessionUnsound(reason_zh=found[0], reason_en=found[1])


def ends_said(step: Step) -> Mapping[str, object]:
    """Both ends of a succession, as the details of an error."""
    return {
        "before": step.before.code,
        "before_vintage": step.before.vintage,
        "after": step.after.code,
        "after_vintage": step.after.vintage,
    }


def recorded_already(step: Step) -> SuccessionRecorded:
    """That something is recorded of two divisions, and what."""
    return SuccessionRecorded(
        **ends_said(step), recorded=f"{step.change.value}, {step.certainty.value}, {step.evidence}"
    )


def _key(end: OneOf) -> queries.Key | None:
    try:
        return normalised(end.code), end.vintage
    except DomainError:
        return None


def _step(new: NewSuccession, known: Mapping[queries.Key, Member]) -> Step:
    before, after = _end(new.before, known), _end(new.after, known)
    refuse_unsound(before, after, new)
    return Step(
        id=before.id,
        before=before,
        after=after,
        change=new.change,
        happened_on=new.happened_on,
        evidence=new.evidence,
        certainty=new.certainty,
    )


def _end(end: OneOf, known: Mapping[queries.Key, Member]) -> Member:
    key = _key(end)
    if key is None or key not in known:
        raise DivisionUnknown(text=f"{end.code} ({end.vintage})")
    return known[key]


def _is_there(step: Step, recorded: Step | None, withdrawn: bool) -> bool:  # noqa: FBT001 - one of three facts
    """Whether a succession is recorded just so.

    Raises
    ------
    SuccessionRecorded, SuccessionWithdrawn
        It is recorded otherwise, or was withdrawn.
    """
    if withdrawn:
        raise SuccessionWithdrawn(**ends_said(step))
    if recorded is not None and _told(recorded) != _told(step):
        raise recorded_already(recorded)
    return recorded is not None


def _row(step: Step) -> Sequence[Value]:
    return (
        str(step.before.id),
        str(step.after.id),
        step.change.value,
        step.happened_on.isoformat() if step.happened_on else None,
        step.evidence,
        step.certainty.value,
    )


def _told(step: Step) -> tuple[object, ...]:
    return step.change, step.happened_on, step.evidence, step.certainty
