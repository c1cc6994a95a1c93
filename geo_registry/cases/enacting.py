"""An approval takes effect: its names on its day, what they take in, and what everybody may know of it (条例 art. 15)."""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from geoalchemy2.shape import to_shape
from shapely import to_geojson

from geo_registry.accounts.actors import Actor
from geo_registry.cases import guarding, queries
from geo_registry.cases.queries import CaseRow
from geo_registry.db.session import WriteSession
from geo_registry.geo import geojson
from geo_registry.model import CaseName, Division, FindingClearance, NameDecision
from geo_registry.places import service as places
from geo_registry.places.inputs import NewPlace
from geo_registry.places.service import Decided
from geo_registry.vocabulary import LineState, NameAction, PlaceClass, PlaceRelationKind, PlaceState

KEEPS_ITS_PLACE = frozenset({NameAction.RENAME, NameAction.ADJUST, NameAction.STANDARDISE})
"""What leaves a place there: one that is split stays, if another line says how."""


def enact(session: WriteSession, case: CaseRow, on: date, body: str, *, actor: Actor) -> Sequence[UUID]:
    """Have the open lines of a case take effect on the day of the approval; the ids of the places that they are about.

    Raises
    ------
    Forbidden
        The actor may not, in a place's division.
    NameNotInForce, PeriodsOverlap, PlaceUnsound
        Something of it can't be on that day: a later name or extent is known already.
    """
    lines = [line for line in queries.records_of_lines(session, case.id) if line.state == LineState.OPEN.value]
    source = f"{body}{case.approval_number}" if case.approval_number else f"{body} {on.isoformat()}"
    kept = {line.place_id for line in lines if NameAction.of(line.action) in KEEPS_ITS_PLACE}
    ended: set[UUID] = set()
    before = places.get_places(session, {line.place_id for line in lines if line.place_id is not None})
    _name_new(session, lines, on, source, synthetic=case.synthetic, actor=actor)
    for line in lines:
        assert line.place_id is not None, "only a new place had none (model.CaseName), and is named by now"
        if line.action == NameAction.LIST.value:
            guarding.enlist(session, case, line.place_id, on, body, actor=actor)
        if line.action != NameAction.NAME.value:
            line.former = before[line.place_id].name
            _enact_one(session, line, line.place_id, on, source, actor=actor)
        line.state = LineState.IN_FORCE.value
        if line.action == NameAction.ABOLISH.value:
            ended.add(line.place_id)
    session.flush()
    gone: set[UUID] = set()
    """Those that end because others take them in."""
    for line in lines:
        assert line.place_id is not None, "what is in force has a place"
        for parts, kind in (
            (line.absorbs, PlaceRelationKind.MERGED_FROM),
            (line.splits, PlaceRelationKind.SPLIT_FROM),
        ):
            for part in parts:
                places.succeed(session, line.place_id, part, kind, on, evidence=source, actor=actor)
                gone |= _ended(session, part, on, ended | gone | kept, actor)
    for line in lines:
        assert line.place_id is not None
        session.add(
            NameDecision(
                case_id=case.id,
                place_id=line.place_id,
                name=line.name,
                action=line.action,
                body=body,
                approved_on=on,
                approval_number=case.approval_number,
            )
        )
    for part, row in places.get_places(session, gone).items():
        session.add(
            NameDecision(
                case_id=case.id,
                place_id=part,
                name=row.name,
                action=NameAction.ABOLISH.value,
                body=body,
                approved_on=on,
                approval_number=case.approval_number,
            )
        )
    _carry_over(session, case.id, {line.id: line.place_id for line in lines if line.place_id is not None})
    session.flush()
    return [line.place_id for line in lines if line.place_id is not None]


def _name_new(
    session: WriteSession, lines: Sequence[CaseName], on: date, source: str, *, synthetic: bool, actor: Actor
) -> None:
    """Have the lines that name new places take effect, all at once."""
    new = [line for line in lines if line.action == NameAction.NAME.value]
    # Kept in hand: the session forgets what nobody holds.
    homes = {each: session.get_one(Division, each) for each in {line.division_id for line in new} - {None}}
    given = []
    for line in new:
        division = homes.get(line.division_id)
        shape = _shape(line)
        place = NewPlace.model_validate(
            {
                "class": PlaceClass.of(line.place_class),
                "name": line.name,
                "division": division.code if division is not None else None,
                "geometry": dict(shape) if shape is not None else None,
                "detail": line.detail,
            }
        )
        given.append((place, _said(line, source)))
    for line, place_id in zip(
        new, places.name_places(session, given, on, actor=actor, synthetic=synthetic), strict=True
    ):
        line.place_id = place_id


def _enact_one(session: WriteSession, line: CaseName, place: UUID, on: date, source: str, *, actor: Actor) -> None:
    """Have one line about a place that is there take effect."""
    action, shape = NameAction.of(line.action), _shape(line)
    if action in {NameAction.RENAME, NameAction.STANDARDISE}:
        places.take_effect(session, place, line.name, on, actor=actor, said=_said(line, source))
    if action is NameAction.ABOLISH:
        places.abolish(session, place, on, actor=actor)
    elif action is not NameAction.LIST and (shape is not None or line.detail):
        places.adjust(
            session,
            place,
            on,
            actor=actor,
            geometry=dict(shape) if shape else None,
            detail=line.detail,
            source=source,
        )


def _shape(line: CaseName) -> Mapping[str, object] | None:
    return geojson.loads(to_geojson(to_shape(line.geom))) if line.geom is not None else None


def _said(line: CaseName, source: str) -> Decided:
    return Decided(romanized=line.romanized, meaning=line.meaning, origin=line.origin, source=source)


def _ended(
    session: WriteSession, place: UUID, on: date, spared: set[UUID | None] | set[UUID], actor: Actor
) -> set[UUID]:
    """End a place whose extent went to others, once; not one that a line of its own keeps."""
    if place in spared or places.get_place(session, place).state == PlaceState.ABOLISHED.value:
        return set()
    places.abolish(session, place, on, actor=actor)
    return {place}


def _carry_over(session: WriteSession, case: UUID, place_of: Mapping[UUID, UUID]) -> None:
    """What was settled in the case is settled in the registry: the list of all findings doesn't ask again."""
    for each in queries.clearances_of(session, case):
        if each.line in place_of:
            other = each.collides_with
            session.add(
                FindingClearance(
                    place_id=place_of[each.line],
                    name=each.name,
                    code=each.code,
                    collides_with=place_of.get(other, other) if other is not None else None,
                    collides_name=each.collides_name or None,
                    reason=each.reason,
                )
            )
