"""An approval by property: whatever mixture of actions a case has, each place comes out of it in one sound state."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import count, pairwise
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo_registry.cases import enacting, queries, service
from geo_registry.cases.inputs import NewCase
from geo_registry.db.events import published
from geo_registry.db.session import Database, WriteSession
from geo_registry.divisions.queries import rows_with_code
from geo_registry.places import service as places
from geo_registry.places.events import NameAbolished
from geo_registry.places.inputs import NewPlace
from geo_registry.vocabulary import NameAction, NameKind, PlaceRelationKind, PlaceState
from tests.factories import make_division, operator

ON = date(2026, 11, 18)
COUNTY = "330702000000"
_number = count(1)

MOST_OLD, MOST_NEW = 4, 3
KEPT = (NameAction.RENAME, NameAction.ADJUST, NameAction.STANDARDISE)


@dataclass(frozen=True, slots=True)
class Mixture:
    """What a case does: to each old place an action of its own or none, and which new ones take it, whole or in part."""

    actions: Sequence[NameAction | None]
    takers: Sequence[Mapping[int, str]]
    new: int

    def ends(self, old: int) -> bool:
        """Whether an old place ends: it is abolished, or it is taken and nothing says how it goes on."""
        action = self.actions[old]
        return action is NameAction.ABOLISH or (bool(self.takers[old]) and action not in KEPT)


@st.composite
def mixtures(draw: st.DrawFn) -> Mixture:
    new, old = draw(st.integers(0, MOST_NEW)), draw(st.integers(1, MOST_OLD))
    action = st.sampled_from([None, *KEPT, NameAction.ABOLISH])
    taken = st.dictionaries(st.integers(0, new - 1), st.sampled_from(["absorbs", "splits"])) if new else st.just({})
    actions, takers = [draw(action) for _ in range(old)], [draw(taken) for _ in range(old)]
    # What goes over whole goes to one, and nothing else is decided on it.
    whole = [act is None and len(those) == 1 for act, those in zip(actions, takers, strict=True)]
    parts = [those if one else dict.fromkeys(those, "splits") for one, those in zip(whole, takers, strict=True)]
    return Mixture(actions, parts, new)


def drawn(at: int) -> dict[str, Any]:
    lat = 29.05 + at / 1_000
    return {"type": "LineString", "coordinates": [[119.60, lat], [119.62, lat]]}


def lines_of(mixture: Mixture, old: Sequence[UUID]) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = []
    for at in range(mixture.new):
        parts = {
            kind: [str(old[each]) for each, takers in enumerate(mixture.takers) if takers.get(at) == kind]
            for kind in ("absorbs", "splits")
        }
        lines.append({"name": f"新{next(_number)}路", "class": "street", "geometry": drawn(at), **parts})
    for at, action in enumerate(mixture.actions):
        if action is not None:
            line: dict[str, Any] = {"action": action.value, "place": str(old[at])}
            if action in {NameAction.RENAME, NameAction.STANDARDISE}:
                line["name"] = f"更{next(_number)}路"
            if action is NameAction.ADJUST:
                line["detail"] = {"length_m": 900}
            lines.append(line)
    return lines


def enacted(session: WriteSession, mixture: Mixture) -> tuple[Sequence[UUID], Sequence[UUID]]:
    """The old places, and those that the lines of the case are about, once it is approved."""
    old = [
        places.register_place(
            session,
            NewPlace.model_validate(
                {"class": "street", "name": f"旧{next(_number)}路", "geometry": drawn(at), "division": COUNTY}
            ),
            actor=operator(),
        ).place.id
        for at in range(len(mixture.actions))
    ]
    new = NewCase.model_validate(
        {"kind": "naming", "title": "x", "division": COUNTY, "approver": "government", "names": lines_of(mixture, old)}
    )
    case = service.open_case(session, new, actor=operator()).case.id
    row = queries.case_with_id(session, case)
    return old, enacting.enact(session, row, ON, "某市人民政府", actor=operator())


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(mixture=mixtures())
def test_every_place_comes_out_sound(database: Database, mixture: Mixture) -> None:
    with database.write(actor="test", why="a test") as session:
        # Examples share a database.
        if not rows_with_code(session, COUNTY):
            make_division(session, COUNTY, name="婺城区", box=(119.5, 29.0, 119.8, 29.2))
        before = len(published(session))
        old, touched = enacted(session, mixture)
        ended = Counter(each.place for each in published(session)[before:] if isinstance(each, NameAbolished))
        expected = {old[at] for at in range(len(old)) if mixture.ends(at)}
        assert ended == Counter(dict.fromkeys(expected, 1))
        for place in {*old, *touched}:
            _is_sound(session, place, gone=place in expected)
        _relations_read_from_both_sides(session, mixture, old, touched)


def _is_sound(session: WriteSession, place: UUID, *, gone: bool) -> None:
    told = places.tell_place(session, place)
    standard = sorted(
        (each for each in told.names if each.kind == NameKind.STANDARD.value),
        key=lambda each: each.valid_from.day if each.valid_from else date.min,
    )
    for one, later in pairwise(standard):
        assert one.valid_to is not None
        assert later.valid_from is not None
        assert one.valid_to.day <= later.valid_from.day
    in_force = [each for each in standard if each.valid_to is None or each.valid_to.day > ON]
    assert len(in_force) == (0 if gone else 1)
    assert (told.place.state == PlaceState.ABOLISHED.value) is gone
    if gone:
        assert told.place.ended_on is not None
        assert told.place.ended_on.day == ON
    else:
        assert told.place.name == in_force[0].name


def _relations_read_from_both_sides(
    session: WriteSession, mixture: Mixture, old: Sequence[UUID], touched: Sequence[UUID]
) -> None:
    kinds = {"absorbs": PlaceRelationKind.MERGED_FROM.value, "splits": PlaceRelationKind.SPLIT_FROM.value}
    said = {
        (touched[to], old[at], kinds[how]) for at, takers in enumerate(mixture.takers) for to, how in takers.items()
    }
    heirs, parts = set(), set()
    for place in {*old, *touched}:
        for each in places.tell_place(session, place).relations:
            if each.inverse:
                parts.add((each.other, place, each.kind))
            else:
                heirs.add((place, each.other, each.kind))
    assert heirs == parts == said
