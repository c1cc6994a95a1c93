"""What became of divisions, in the database: recorded, told from either side, withdrawn, and found by their former names."""

from collections.abc import Sequence
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select

from geo_registry.accounts.actors import Actor, Grant
from geo_registry.db.history import twin_of
from geo_registry.db.revisions import WHICHEVER, Seen
from geo_registry.db.session import Database, WriteSession
from geo_registry.divisions import service
from geo_registry.divisions.inputs import NewSuccession, OneOf
from geo_registry.divisions.succession_queries import Recorded
from geo_registry.errors import (
    DivisionUnknown,
    NotYourDivision,
    NotYourRole,
    RecordChanged,
    SuccessionRecorded,
    SuccessionUnknown,
    SuccessionUnsound,
    SuccessionWithdrawn,
    VersionNeeded,
    VintageUnknown,
)
from geo_registry.model import Division, DivisionSuccession, NameDue
from geo_registry.search import keeping
from geo_registry.search import service as searching
from geo_registry.search.inputs import Question
from geo_registry.search.service import Hit
from geo_registry.vocabulary import Certainty, DivisionChange, DivisionLevel, Fate, Role
from tests.conftest import TestUrls
from tests.factories import make_actor, make_division, operator

TOWN = "330782104000"
FOUR = {
    "330782104259": "前山村委会",
    "330782104260": "西坞村委会",
    "330782104261": "沿华村委会",
    "330782104275": "古塘下村委会",
}
QIANXI = "330782104279"


@pytest.fixture(autouse=True)
def _kept_up() -> None:
    keeping.install()


def village(session: WriteSession, code: str, name: str, vintage: int) -> Division:
    return make_division(session, code, level=DivisionLevel.VILLAGE, name=name, vintage=vintage)


@pytest.fixture
def villages(session: WriteSession) -> WriteSession:
    """上溪镇 in three years' lists: four villages that went, one that came, one that goes on."""
    for vintage in (2018, 2021, 2023):
        make_division(session, TOWN, level=DivisionLevel.TOWNSHIP, name="上溪镇", vintage=vintage)
        village(session, "330782104200", "岩口村委会", vintage)
        if vintage > 2018:
            village(session, QIANXI, "潜溪村村民委员会", vintage)
    for code, name in FOUR.items():
        village(session, code, name, 2018)
    session.commit()
    return session


def new(before: str, after: str, *, since: int = 2018, until: int = 2021, **over: object) -> NewSuccession:
    values: dict[str, object] = {
        "before": OneOf(code=before, vintage=since),
        "after": OneOf(code=after, vintage=until),
        "change": DivisionChange.MERGED,
        "evidence": "统计用区划代码 2018/2021",
        "certainty": Certainty.CERTAIN,
    }
    return NewSuccession.model_validate(values | over)


def record(session: WriteSession, *successions: NewSuccession) -> Sequence[Recorded]:
    made = [service.record_succession(session, each, actor=operator()) for each in successions]
    session.commit()
    return made


def goes_on(code: str) -> NewSuccession:
    return new(code, code, since=2021, until=2023, change=DivisionChange.SAME)


def test_a_merger_is_told_from_either_side(villages: WriteSession) -> None:
    record(villages, *(new(code, QIANXI) for code in FOUR), goes_on(QIANXI))
    for code, name in FOUR.items():
        found = service.lineage_of(villages, code, vintage=2018)
        assert [(step.before.name, step.after.name) for step in found.became] == [
            (name, "潜溪村村民委员会"),
            ("潜溪村村民委员会", "潜溪村村民委员会"),
        ]
        assert found.came_from == []
        (lead,) = found.present.leads
        assert (found.present.fate, lead.division.code, lead.division.vintage) == (Fate.KNOWN, QIANXI, 2023)
        assert lead.change is DivisionChange.MERGED
        assert [step.before.vintage for step in lead.chain] == [2018, 2021]
    today = service.lineage_of(villages, QIANXI)
    assert {step.before.code for step in today.came_from} == {*FOUR, QIANXI}
    assert today.present.fate is Fate.PRESENT
    assert today.became == []


def test_a_way_is_as_sure_as_its_weakest_step_and_says_so(villages: WriteSession) -> None:
    record(villages, new("330782104261", QIANXI, certainty=Certainty.PROBABLE), goes_on(QIANXI))
    found = service.present_of(villages, "330782104261", vintage=2018)
    assert (found.fate, found.leads[0].certainty) == (Fate.SUPPOSED, Certainty.PROBABLE)


def test_of_several_none_is_chosen(villages: WriteSession) -> None:
    other = "330782104200"
    split = DivisionChange.SPLIT
    record(
        villages,
        new("330782104261", QIANXI, change=split),
        new("330782104261", other, change=split),
        goes_on(QIANXI),
        goes_on(other),
    )
    found = service.present_of(villages, "330782104261", vintage=2018)
    assert found.fate is Fate.SEVERAL
    assert [lead.division.code for lead in found.leads] == [other, QIANXI]


def test_what_isnt_recorded_is_unknown_and_so_is_what_ends_before_today(villages: WriteSession) -> None:
    assert service.present_of(villages, "330782104261", vintage=2018).fate is Fate.UNKNOWN
    record(villages, new("330782104261", QIANXI))
    found = service.present_of(villages, "330782104261", vintage=2018)
    assert (found.fate, found.leads[0].division.vintage, found.leads[0].is_present) == (Fate.UNKNOWN, 2021, False)


def test_a_withdrawal_takes_it_out_of_both_ends_and_is_kept(villages: WriteSession) -> None:
    (made, *_) = record(villages, new("330782104261", QIANXI))
    seen = Seen(frozenset({made.version}))
    taken = service.withdraw_succession(villages, made.step.id, seen=seen, why="批文未涉及该村", actor=operator())
    villages.commit()
    assert taken.withdrawn
    assert service.lineage_of(villages, "330782104261", vintage=2018).became == []
    assert service.lineage_of(villages, QIANXI, vintage=2021).came_from == []
    twin = twin_of(DivisionSuccession)
    assert villages.scalars(select(twin.c.why).where(twin.c.id == made.step.id)).all() == ["批文未涉及该村"]
    with pytest.raises(SuccessionWithdrawn):
        service.withdraw_succession(villages, made.step.id, seen=WHICHEVER, why="再次", actor=operator())


def test_what_was_withdrawn_can_be_recorded_anew_by_itself_and_not_by_a_file(villages: WriteSession) -> None:
    (made, *_) = record(villages, new("330782104261", QIANXI))
    service.withdraw_succession(villages, made.step.id, seen=WHICHEVER, why="误登", actor=operator())
    outcome = service.record_successions(villages, [new("330782104261", QIANXI)], actor=operator())
    assert [type(each.error) for each in outcome.refused] == [SuccessionWithdrawn]
    (again, *_) = record(villages, new("330782104261", QIANXI, evidence="义政发〔2019〕1 号"))
    assert (again.step.id, again.withdrawn, again.step.evidence) == (made.step.id, False, "义政发〔2019〕1 号")


def test_it_is_withdrawn_on_the_version_that_was_seen(villages: WriteSession) -> None:
    (made, *_) = record(villages, new("330782104261", QIANXI))
    with pytest.raises(VersionNeeded):
        service.withdraw_succession(villages, made.step.id, seen=None, why="误登", actor=operator())
    with pytest.raises(RecordChanged):
        service.withdraw_succession(villages, made.step.id, seen=Seen(frozenset({"x"})), why="误登", actor=operator())
    with pytest.raises(SuccessionUnknown):
        service.withdraw_succession(villages, made.step.before.id, seen=WHICHEVER, why="误登", actor=operator())


@pytest.mark.parametrize(
    "unsound",
    [
        new(QIANXI, "330782104261", since=2021, until=2018),
        new(QIANXI, QIANXI, since=2021, until=2021),
        new("330782104261", QIANXI, change=DivisionChange.SAME),
        new("330782104200", "330782104200", change=DivisionChange.RECODED),
        new("330782104200", "330782104200", change=DivisionChange.RENAMED),
        new("330782104261", QIANXI, happened_on=date(2022, 1, 1)),
        new("330782104261", QIANXI, happened_on=date(2017, 12, 31)),
    ],
)
def test_what_cant_be_is_refused(villages: WriteSession, unsound: NewSuccession) -> None:
    with pytest.raises(SuccessionUnsound):
        service.record_succession(villages, unsound, actor=operator())
    assert [type(each.error) for each in service.record_successions(villages, [unsound], actor=operator()).refused] == [
        SuccessionUnsound
    ]


def test_both_ends_must_be_registered_in_their_years(villages: WriteSession) -> None:
    with pytest.raises(DivisionUnknown):
        service.record_succession(villages, new("330782104261", QIANXI, since=2019), actor=operator())
    refused = service.record_successions(villages, [new("330782104261", "330782104999")], actor=operator()).refused
    assert [type(each.error) for each in refused] == [DivisionUnknown]


def test_what_is_recorded_isnt_written_over(villages: WriteSession) -> None:
    record(villages, new("330782104261", QIANXI))
    other = new("330782104261", QIANXI, certainty=Certainty.POSSIBLE)
    with pytest.raises(SuccessionRecorded):
        service.record_succession(villages, other, actor=operator())
    outcome = service.record_successions(
        villages,
        [new("330782104261", QIANXI), other, new("330782104260", QIANXI), new("330782104260", QIANXI)],
        actor=operator(),
    )
    assert (outcome.created, outcome.unchanged) == (1, 2)
    assert [(each.number, type(each.error)) for each in outcome.refused] == [(1, SuccessionRecorded)]


@pytest.mark.parametrize(
    ("actor", "refusal"),
    [
        (make_actor(Grant(Role.REGISTRAR, "330782")), None),
        (make_actor(Grant(Role.REGISTRAR, "330783")), NotYourDivision),
        (make_actor(Grant(Role.TOWNSHIP, "330782")), NotYourRole),
    ],
)
def test_a_registrar_records_of_their_own_divisions(
    villages: WriteSession, actor: Actor, refusal: type[Exception] | None
) -> None:
    given_ = new("330782104261", QIANXI)
    if refusal is None:
        assert service.record_succession(villages, given_, actor=actor).step.after.code == QIANXI
        return
    with pytest.raises(refusal):
        service.record_succession(villages, given_, actor=actor)
    with pytest.raises(refusal):
        service.record_successions(villages, [given_], actor=actor)


def test_what_crosses_a_border_is_for_who_is_granted_both_sides(villages: WriteSession) -> None:
    village(villages, "330783101201", "潜溪村村民委员会", 2021)
    crossing = new("330782104261", "330783101201")
    for county in ("330782", "330783"):
        with pytest.raises(NotYourDivision):
            service.record_succession(villages, crossing, actor=make_actor(Grant(Role.REGISTRAR, county)))
    assert service.record_succession(villages, crossing, actor=make_actor(Grant(Role.REGISTRAR, "3307")))


def test_proposals_are_of_the_vintages_that_are_registered(villages: WriteSession) -> None:
    found = service.propose_successions(villages, earlier=2018, later=2021, within="330782")
    assert {each.before.code: each.change for each in found} == {
        TOWN: DivisionChange.SAME,
        "330782104200": DivisionChange.SAME,
        **dict.fromkeys(FOUR),
    }
    with pytest.raises(VintageUnknown):
        service.propose_successions(villages, earlier=2010, later=2021)
    with pytest.raises(VintageUnknown):
        service.propose_successions(villages, earlier=2018, later=2021, within="330783")


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(0, 1), st.booleans()),
        max_size=8,
        unique_by=lambda each: each[:3],
    )
)
def test_any_mergers_read_the_same_from_both_sides_of_the_database(
    database: Database, drawn: Sequence[tuple[int, int, int, bool]]
) -> None:
    tried = database.connection.begin_nested()  # type: ignore[attr-defined]
    with database.write(actor="test") as session:
        _both_sides_agree(session, drawn)
    tried.rollback()


def _both_sides_agree(session: WriteSession, drawn: Sequence[tuple[int, int, int, bool]]) -> None:
    years, codes = (2018, 2021, 2023), [f"33078210420{number}" for number in range(3)]
    for year in years:
        for code in codes:
            village(session, code, f"村{code[-1]}", year)
    session.flush()
    for before, after, at, holds in drawn:
        succession = new(codes[before], codes[after], since=years[at], until=years[at + 1])
        made = service.record_succession(session, succession, actor=operator())
        if not holds:
            service.withdraw_succession(session, made.step.id, seen=WHICHEVER, why="误登", actor=operator())
    told = {(code, year): service.lineage_of(session, code, vintage=year) for year in years for code in codes}
    forward = {(step.id, start) for start, each in told.items() for step in each.became}
    for end, each in told.items():
        for step in each.came_from:
            start = (step.before.code, step.before.vintage)
            assert (step.id, start) in forward
            assert end in {(last.after.code, last.after.vintage) for last in told[start].became}
    assert len({step for step, _ in forward}) == sum(holds for *_, holds in drawn)


# Search.


def find(database: Database, asked: str) -> Sequence[Hit]:
    with database.read() as session:
        return searching.search(session, Question.parse(asked, limit=20))


def shown(hits: Sequence[Hit]) -> list[tuple[str, int | None, bool, list[str]]]:
    return [(hit.name, hit.vintage, hit.former, [lead.division.name for lead in hit.became]) for hit in hits]


def test_a_village_that_was_merged_is_found_by_its_name_with_what_it_became(
    database: Database, villages: WriteSession
) -> None:
    record(villages, new("330782104261", QIANXI), goes_on(QIANXI))
    assert shown(find(database, "沿华")) == [("沿华村委会", 2018, True, ["潜溪村村民委员会"])]
    assert shown(find(database, "xiwu")) == [("西坞村委会", 2018, True, [])]


def test_what_goes_on_is_found_once_in_its_newest_vintage(database: Database, villages: WriteSession) -> None:
    assert shown(find(database, "岩口")) == [("岩口村委会", 2023, False, [])]
    assert shown(find(database, "潜溪")) == [("潜溪村村民委员会", 2023, False, [])]
    assert shown(find(database, QIANXI)) == [("潜溪村村民委员会", 2023, False, [])]


def test_a_name_that_was_given_up_is_found_as_former_and_the_new_one_first(
    database: Database, villages: WriteSession
) -> None:
    for vintage, name in ((2018, "琅沙村委会"), (2021, "琅沙村委会"), (2023, "琅沙新村村委会")):
        village(villages, "330782104290", name, vintage)
    villages.commit()
    assert shown(find(database, "琅沙")) == [
        ("琅沙新村村委会", 2023, False, []),
        ("琅沙村委会", 2021, True, []),
    ]


def test_a_village_that_moved_to_another_township_goes_on_once_that_is_recorded(
    database: Database, villages: WriteSession
) -> None:
    village(villages, "330782105201", "前山村委会", 2023)
    villages.commit()
    moved = new("330782104259", "330782105201", until=2023, change=DivisionChange.RECODED)
    assert [former for _, _, former, _ in shown(find(database, "前山"))] == [False, True]
    (made, *_) = record(villages, moved)
    assert shown(find(database, "前山")) == [("前山村委会", 2023, False, [])]
    service.withdraw_succession(villages, made.step.id, seen=WHICHEVER, why="误登", actor=operator())
    villages.commit()
    assert [former for _, _, former, _ in shown(find(database, "前山"))] == [False, True]


def test_names_follow_the_vintages_that_come_and_go(database: Database, session: WriteSession) -> None:
    for code, name in FOUR.items():
        village(session, code, name, 2018)
    session.commit()
    assert shown(find(database, "沿华")) == [("沿华村委会", 2018, False, [])]
    later = village(session, QIANXI, "潜溪村村民委员会", 2021)
    session.commit()
    assert shown(find(database, "沿华")) == [("沿华村委会", 2018, True, [])]
    later.name = "沿华村委会"
    session.commit()
    assert shown(find(database, "沿华")) == [("沿华村委会", 2021, False, [])]
    assert session.scalar(select(func.count()).select_from(NameDue)) == 0


def test_when_a_vintage_goes_the_one_before_it_is_the_newest_again(committed: TestUrls) -> None:
    app, owner = Database.connect(committed.app), Database.connect(committed.owner)
    with app.write(actor="test") as session:
        village(session, "330782104261", "沿华村委会", 2018)
        later = village(session, QIANXI, "潜溪村村民委员会", 2021)
        session.flush()
        number = later.id
    assert [former for _, _, former, _ in shown(find(app, "沿华"))] == [True]
    with owner.write(actor="test") as session:
        session.execute(delete(Division).where(Division.id == number))
    assert shown(find(app, "沿华")) == [("沿华村委会", 2018, False, [])]
    app.dispose()
    owner.dispose()
