"""What the registry held at a moment: the table and its history twin together, at every edge; and by an index."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, event, func, select, text, update

from geo_registry.accounts import service as accounts
from geo_registry.accounts.actors import Grant
from geo_registry.db.paging import Page
from geo_registry.db.revisions import WHICHEVER
from geo_registry.db.session import Database, ReadSession, WriteSession
from geo_registry.divisions import service as divisions
from geo_registry.divisions.queries import DivisionQuery
from geo_registry.divisions.rules import level_of
from geo_registry.errors import DivisionUnknown, FacilityUnknown, NotRecordedThen
from geo_registry.facilities import service
from geo_registry.facilities.queries import FacilityQuery
from geo_registry.model import Division, Facility
from geo_registry.vocabulary import AccountState, Role
from tests.conftest import TestUrls, fresh_database
from tests.factories import make_account, make_division, make_facility, operator

INSTANT = timedelta(microseconds=1)


@pytest.fixture(scope="module")
def own(cluster_urls: TestUrls, own_number: int) -> Iterator[TestUrls]:
    """A database in which every write is a transaction of its own, with a moment of its own."""
    with fresh_database(cluster_urls, f"as_of_{own_number}") as urls:
        yield urls


@pytest.fixture(scope="module")
def really(own: TestUrls) -> Iterator[Database]:
    database = Database.connect(own.app)
    yield database
    database.dispose()


@dataclass
class Model:
    """What the registry holds, as plain values: by record, since when it says what."""

    facilities: list[tuple[UUID, list[tuple[datetime, dict[str, object]]]]] = field(default_factory=list)
    division: list[tuple[datetime, str]] = field(default_factory=list)

    def moments(self) -> Sequence[datetime]:
        edges = {at for _, said in self.facilities for at, _ in said} | {at for at, _ in self.division}
        return sorted({at + near for at in edges for near in (-INSTANT, timedelta(), INSTANT)})

    def facility(self, number: int, at: datetime) -> dict[str, object] | None:
        """What the last write up to a moment said, the moment included; where it lies is called as it was then."""
        said = [values for since, values in self.facilities[number][1] if since <= at]
        return said[-1] | {"division_name": self.called(at)} if said else None

    def called(self, at: datetime) -> str | None:
        names = [name for since, name in self.division if since <= at]
        return names[-1] if names else None


def now(session: WriteSession) -> datetime:
    moment: datetime = session.execute(select(func.transaction_timestamp())).scalar_one()
    return moment


WRITES = st.lists(
    st.one_of(
        st.tuples(st.just("register"), st.just(0), st.text("甲乙丙", min_size=1, max_size=2)),
        st.tuples(st.just("name"), st.integers(0, 5), st.text("甲乙丙", min_size=1, max_size=2)),
        st.tuples(st.just("capacity"), st.integers(0, 5), st.one_of(st.none(), st.integers(0, 3))),
        st.tuples(st.just("division"), st.just(0), st.text("甲乙丙", min_size=1, max_size=2)),
    ),
    min_size=1,
    max_size=12,
)


def write(database: Database, model: Model, division: UUID, *, what: str, which: int, value: Any) -> None:
    """One write, in the registry and in the model."""
    with database.write(actor="test") as session:
        at = now(session)
        if what == "division":
            session.execute(update(Division).where(Division.id == division).values(name=value))
            model.division.append((at, value))
        elif what == "register" or not model.facilities:
            made = make_facility(session, name=str(value), division_id=division)
            model.facilities.append((made.id, [(at, {"name": str(value), "capacity": None})]))
        else:
            record, said = model.facilities[which % len(model.facilities)]
            session.execute(update(Facility).where(Facility.id == record).values({what: value}))
            said.append((at, said[-1][1] | {what: value}))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(WRITES)
def test_at_every_moment_the_registry_held_what_was_written_until_then(
    really: Database, writes: list[tuple[str, int, Any]]
) -> None:
    model = Model()
    code = f"33{uuid4().int % 10**10:010d}"
    with really.write(actor="test") as session:
        last = session.scalar(select(func.max(Facility.fid))) or 0
        level = level_of(code)
        division = make_division(session, code, level=level, name="初名").id
        model.division.append((now(session), "初名"))
    for what, which, value in writes:
        write(really, model, division, what=what, which=which, value=value)
    with really.read() as session:
        for at in model.moments():
            expected = [model.facility(number, at) for number in range(len(model.facilities))]
            assert [_facility(session, record, at) for record, _ in model.facilities] == expected
            assert _listed(session, at, last) == [each for each in expected if each is not None]
            assert _division(session, code, at) == model.called(at)
            assert _divisions(session, code, at) == ([model.called(at)] if model.called(at) else [])
        for record, said in model.facilities:
            assert service.get_facility(session, record).revision == len(said)
            for place, (at, _) in enumerate(said, start=1):
                assert service.get_facility(session, record, at=at).revision == place


def _shown(row: Any) -> dict[str, object]:
    return {"name": row.name, "capacity": row.capacity, "division_name": row.division_name}


def _facility(session: ReadSession, record: UUID, at: datetime) -> dict[str, object] | None:
    try:
        return _shown(service.get_facility(session, record, at=at))
    except NotRecordedThen:
        return None


def _listed(session: ReadSession, at: datetime, after: int) -> list[dict[str, object]]:
    return [_shown(row) for row in service.list_facilities(session, FacilityQuery(at=at), Page(after=after)).rows]


def _division(session: ReadSession, code: str, at: datetime) -> str | None:
    try:
        return divisions.get_division(session, code, at=at).name
    except NotRecordedThen:
        return None


def _divisions(session: ReadSession, code: str, at: datetime) -> list[str]:
    query = DivisionQuery(within=code, every_vintage=True, at=at)
    return [row.name for row in divisions.list_divisions(session, query, Page()).rows]


def test_what_was_never_there_is_unknown_at_any_moment(really: Database) -> None:
    with really.read() as session:
        with pytest.raises(FacilityUnknown):
            service.get_facility(session, uuid4(), at=datetime.now(UTC))
        with pytest.raises(DivisionUnknown):
            divisions.get_division(session, "990000", at=datetime.now(UTC))


def test_what_is_gone_was_there(really: Database, own: TestUrls) -> None:
    """The application deletes nothing; the demonstration is cleared by the owner."""
    with really.write(actor="test") as session:
        at = now(session)
        facility, division = make_facility(session).id, make_division(session, "350102000000").id
    owner = create_engine(own.owner)
    with owner.begin() as connection:
        gone = connection.execute(select(func.transaction_timestamp())).scalar_one()
        connection.execute(text("DELETE FROM facility WHERE id = :id"), {"id": facility})
        connection.execute(text("DELETE FROM division WHERE id = :id"), {"id": division})
    owner.dispose()
    with really.read() as session:
        for moment in (at, gone - INSTANT):
            assert service.get_facility(session, facility, at=moment).id == facility
            assert divisions.get_division(session, "350102", at=moment).id == division
        for moment in (at - INSTANT, gone):
            with pytest.raises(NotRecordedThen):
                service.get_facility(session, facility, at=moment)
            with pytest.raises(NotRecordedThen):
                divisions.get_division(session, "350102", at=moment)
        with pytest.raises(FacilityUnknown):
            service.get_facility(session, facility)


def test_the_newest_vintage_is_the_one_of_the_moment(really: Database) -> None:
    moments = []
    for vintage in (2020, 2023):
        with really.write(actor="test") as session:
            moments.append(now(session))
            make_division(session, "360102000000", vintage=vintage, name=str(vintage))
    with really.read() as session:
        for at, expected in zip(moments, ("2020", "2023"), strict=True):
            assert divisions.get_division(session, "360102", at=at).name == expected
        assert divisions.get_division(session, "360102", vintage=2020, at=moments[1]).name == "2020"
        with pytest.raises(NotRecordedThen):
            divisions.get_division(session, "360102", vintage=2023, at=moments[0])


def test_accounts_are_read_as_they_were(really: Database) -> None:
    """Who might do what on a past day."""
    moments = []

    def step(session: WriteSession) -> None:
        moments.append(now(session))

    with really.write(actor="test") as session:
        step(session)
        make_account(session, "zhang", Grant(Role.REGISTRAR, "330702"), display_name="旧名")
        accounts.keep_team(session, "office", name="办公室", join=["zhang"], actor=operator())
        accounts.grant_role(session, accounts.Holder(team="office"), Grant(Role.VIEWER), actor=operator())
    with really.write(actor="test") as session:
        step(session)
        accounts.end_grant(session, accounts.Holder(account="zhang"), Role.REGISTRAR, "330702", actor=operator())
        accounts.disable_account(session, "zhang", actor=operator())
    with really.write(actor="test") as session:
        step(session)
        accounts.keep_team(session, "office", leave=["zhang"], actor=operator(), seen=WHICHEVER)
    with really.read() as reading:
        before, first, second, third = (
            accounts.list_accounts(reading, actor=operator(), at=at).rows for at in (moments[0] - INSTANT, *moments)
        )
    assert before == []
    assert [(row.login, row.display_name, row.state, row.teams) for row in first] == [
        ("zhang", "旧名", AccountState.ACTIVE.value, ["office"])
    ]
    assert [(grant.role, grant.division, grant.valid_until) for grant in first[0].grants] == [
        (Role.REGISTRAR, "330702", None),
        (Role.VIEWER, "", None),
    ]
    assert (second[0].state, second[0].teams, len(second[0].grants)) == (AccountState.DISABLED.value, ["office"], 2)
    assert second[0].grants[0].valid_until is not None
    assert (third[0].teams, [grant.role for grant in third[0].grants]) == ([], [Role.REGISTRAR])


# By an index.

MANY = """
INSERT INTO facility (kind, name, geom)
    SELECT 'meal-point', '设施' || i, ST_SetSRID(ST_MakePoint(119, 29), 4490) FROM generate_series(1, 20000) AS i
"""


@pytest.fixture(scope="module")
def many(own: TestUrls, really: Database) -> Database:
    """Tens of thousands of records, each with a history, and statistics of them."""
    with really.write(actor="test") as session:
        session.execute(text(MANY))
        for code in range(2000):
            make_division(session, f"3799{code:08d}", level=level_of(f"3799{code:08d}"))
    for turn in range(2):
        with really.write(actor="test") as session:
            session.execute(text("UPDATE facility SET address = :said"), {"said": str(turn)})
            session.execute(text("UPDATE division SET name = name || '新'"))
    engine = create_engine(own.superuser, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("VACUUM ANALYZE"))
    engine.dispose()
    return really


def _plans(session: ReadSession, asked: Any) -> list[set[tuple[str, str]]]:
    """The nodes of the plan of each statement that `asked` has the session execute: what they do, and to what."""
    said: list[tuple[str, Any]] = []

    def note(*executed: Any) -> None:
        said.append((executed[2], executed[3]))

    connection = session.connection()
    event.listen(connection, "before_cursor_execute", note)
    asked()
    event.remove(connection, "before_cursor_execute", note)
    explained = [connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {sql}", given).scalar_one() for sql, given in said]
    return [set(_nodes(plan)) for plan in explained]


def _nodes(node: object) -> Iterator[tuple[str, str]]:
    if isinstance(node, dict):
        if "Node Type" in node:
            yield node["Node Type"], node.get("Index Name") or node.get("Relation Name") or ""
        for value in node.values():
            yield from _nodes(value)
    elif isinstance(node, list):
        for value in node:
            yield from _nodes(value)


def _indexes(plan: set[tuple[str, str]]) -> set[str]:
    return {name for _, name in plan}


def test_one_record_of_a_moment_is_found_by_an_index_of_its_history(many: Database) -> None:
    with many.read() as session:
        record, code = session.scalars(select(Facility.id)).first(), "379900000100"
        at = datetime.now(UTC) - timedelta(seconds=1)
        assert record is not None
        facility = _plans(session, lambda: service.get_facility(session, record, at=at))
        division = _plans(session, lambda: divisions.get_division(session, code, at=at))
        listed = _plans(session, lambda: service.list_revisions(session, record, Page()))
    assert any("ix_facility_id_replaced_at" in _indexes(plan) for plan in facility)
    assert any("ix_facility_id_replaced_at" in _indexes(plan) for plan in listed)
    assert any("ix_division_id_replaced_at" in _indexes(plan) for plan in division)
    read = {node for plan in (*facility, *division, *listed) for node in plan}
    assert {("Seq Scan", "facility"), ("Seq Scan", "division")}.isdisjoint(read)


def test_the_present_record_counts_its_revisions_by_an_index(many: Database) -> None:
    with many.read() as session:
        record = session.scalars(select(Facility.id)).first()
        assert record is not None
        (plan,) = _plans(session, lambda: service.get_facility(session, record))
    assert ("Seq Scan", "facility") not in plan
    assert {"ix_facility_id_replaced_at", "pk_facility"} <= _indexes(plan)
