"""Whatever is written leaves an entry that says who, when, from where and why; nobody's application takes it back."""

from collections.abc import Sequence
from uuid import UUID

import pytest
from sqlalchemy import create_engine, func, select, text, update
from sqlalchemy.exc import DBAPIError

from geo_registry.accounts import audit, identity, service
from geo_registry.accounts.actors import Actor, Grant, Known
from geo_registry.accounts.audit import EntryQuery
from geo_registry.accounts.identity import Limits, Origin
from geo_registry.accounts.passwords import Passwords
from geo_registry.db.paging import Page
from geo_registry.db.session import Database, WriteSession, sign
from geo_registry.errors import AuditEntryUnknown
from geo_registry.model import DemandPoint, Facility
from geo_registry.settings import Settings
from geo_registry.vocabulary import DatasetKind, FacilityKind, Operation, Role, Way
from tests.conftest import TestUrls
from tests.factories import make_account, make_actor, make_dataset, make_demand_point, make_facility, operator

PASSWORD = "four words that nobody guesses"


def entries(session: WriteSession, **asked: object) -> Sequence[audit.EntryRow]:
    return audit.entries(session, EntryQuery(**asked), Page(limit=1000)).rows  # type: ignore[arg-type]


def test_an_entry_says_who_when_from_where_and_why(database: Database) -> None:
    li = Actor(name="li.ming", known=Known.BY_SESSION, address="10.0.0.7", way=Way.PAGE, grants=(Grant(Role.ADMIN),))
    with database.write(actor=li, why="合并两村", verb="facilities.set_contact") as session:
        made = make_facility(session)
        (entry,) = entries(session, table="facility")
        now = session.execute(select(func.transaction_timestamp())).scalar_one()
    assert (entry.actor, entry.address, entry.way) == ("li.ming", "10.0.0.7", "page")
    assert (entry.why, entry.verb, entry.operation) == ("合并两村", "facilities.set_contact", "insert")
    assert (entry.rows, entry.records, entry.at) == (1, [made.id], now)
    assert (entry.before, len(entry.after or b"")) == (None, 32)


def test_who_does_not_say_how_acts_by_the_process_s_own_way(database: Database) -> None:
    with database.write(actor="job:3") as session:
        make_facility(session)
        (entry,) = entries(session, table="facility")
    assert (entry.actor, entry.way, entry.address) == ("job:3", "notebook", "")


def test_a_statement_that_changes_nothing_leaves_no_entry(session: WriteSession) -> None:
    session.execute(update(Facility).where(Facility.name == "nowhere").values(name="x"))
    assert entries(session) == []


COPY = """
    INSERT INTO demand_point (dataset_id, source_id, geom, counts)
    SELECT dataset_id, 'copy ' || :many || ' ' || number, geom, counts
    FROM (SELECT * FROM demand_point ORDER BY fid LIMIT 1) AS first, generate_series(1, :many) AS number
"""


@pytest.mark.parametrize(("many", "named"), [(100, 100), (101, None), (5_000, None)])
def test_one_statement_of_many_rows_is_one_entry_that_counts_them(
    session: WriteSession, many: int, named: int | None
) -> None:
    make_demand_point(session, make_dataset(session, DatasetKind.POPULATION))
    session.execute(text(COPY), {"many": many})
    entry = entries(session, table="demand_point")[0]
    assert (entry.rows, entry.operation) == (many, "insert")
    assert (None if entry.records is None else len(entry.records)) == named
    assert (entry.after is None) is (named is None)


def test_what_changes_nothing_that_is_told_of_a_session_is_not_told(database: Database) -> None:
    passwords, limits = Passwords(memory_mb=8, passes=1), Limits.of(Settings())
    with database.write(actor="test") as session:
        make_account(session, "li.ming", password=PASSWORD, passwords=passwords)
    origin = Origin(address="10.0.0.7", way=Way.PAGE)
    signed_in = identity.sign_in(
        database, login="li.ming", password=PASSWORD, origin=origin, passwords=passwords, limits=limits
    )
    with database.write(actor="test") as session:
        session.execute(text("UPDATE account_session SET seen_at = seen_at + interval '1 hour'"))
        (began,) = entries(session, table="account_session")
        assert (began.actor, began.address, began.way, began.operation) == ("li.ming", "10.0.0.7", "page", "insert")
        assert (began.before, began.after) == (None, None)
    identity.sign_out(database, signed_in.secret, actor="li.ming", origin=origin)
    with database.write(actor="test") as session:
        ended = entries(session, table="account_session")[0]
        assert (ended.actor, ended.operation, ended.records) == ("li.ming", "update", began.records)


# What is private and read.


def test_reading_the_accounts_is_noted_though_the_session_cannot_write(database: Database) -> None:
    admin = make_actor(Grant(Role.ADMIN), address="10.0.0.9", way=Way.API)
    with database.write(actor="test") as session:
        make_account(session, "li.ming")
    with database.read() as reading:
        service.list_accounts(reading, actor=admin)
    with database.write(actor="test") as session:
        (noted,) = entries(session, operation=Operation.READ)
    assert (noted.actor, noted.address, noted.way) == (admin.name, "10.0.0.9", "api")
    assert (noted.table_name, noted.rows, noted.verb) == ("account", 1, "accounts.list_accounts")


def test_reading_the_teams_is_noted_too(database: Database) -> None:
    admin = make_actor(Grant(Role.ADMIN))
    with database.write(actor="test") as session:
        service.keep_team(session, "office", name="民政局", actor=operator())
    with database.read() as reading:
        service.list_teams(reading, actor=admin)
    with database.read() as reading:
        service.show_team(reading, "office", actor=admin)
    with database.write(actor="test") as session:
        noted = entries(session, operation=Operation.READ)
    assert [(each.actor, each.table_name, each.rows, each.verb) for each in noted] == [
        (admin.name, "team", 1, "accounts.list_teams")
    ] * 2


def test_what_was_read_is_noted_before_the_block_is_left_and_not_where_it_failed(database: Database) -> None:
    admin = make_actor(Grant(Role.ADMIN))

    def fail() -> None:
        with database.read() as reading:
            service.list_accounts(reading, actor=admin)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with database.write(actor="test") as session:
        assert entries(session, operation=Operation.READ) == []


def test_whoever_reads_the_audit_is_in_it(database: Database) -> None:
    with database.read() as reading:
        service.read_audit(reading, EntryQuery(), Page(), actor=operator("li.ming"))
    with database.write(actor="test") as session:
        (noted,) = entries(session, operation=Operation.READ, actor="li.ming")
    assert noted.table_name == "audit_entry"


# Nobody's application takes it back.


@pytest.mark.parametrize("table", ["audit_entry", "audit_seal"])
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE {table} SET digest = digest",
        "DELETE FROM {table}",
        "TRUNCATE {table}",
        "INSERT INTO {table} DEFAULT VALUES",
        "ALTER TABLE {table} DISABLE TRIGGER ALL",
        "DROP TABLE {table}",
        "LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE",
    ],
)
def test_the_application_only_adds_to_the_audit(session: WriteSession, table: str, statement: str) -> None:
    asked = statement.format(table=table).replace("digest", "actor" if table == "audit_entry" else "digest")
    with pytest.raises(DBAPIError, match=r"permission denied|must be owner"), session.begin_nested():
        session.execute(text(asked))


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE facility DISABLE TRIGGER audit_on_update",
        "DROP TRIGGER audit_on_update ON facility",
        "SET session_replication_role = replica",
        "SELECT install_audit('facility')",
        "CREATE OR REPLACE FUNCTION history.audit_facility() RETURNS trigger LANGUAGE sql AS ''",
    ],
)
def test_the_application_cannot_keep_its_writes_out_of_the_audit(session: WriteSession, statement: str) -> None:
    with pytest.raises(DBAPIError, match=r"permission denied|must be owner"), session.begin_nested():
        session.execute(text(statement))


# Before and after.


def last(session: WriteSession, table: str = "facility") -> audit.Told:
    return audit.told(session, entries(session, table=table)[0].id)


def fields(told: audit.Told) -> dict[str, tuple[str | None, str | None]]:
    return {field.column: (field.before, field.after) for change in told.changes for field in change.fields}


def test_a_change_is_told_by_what_differs_and_proven_by_its_digests(session: WriteSession) -> None:
    made = make_facility(session, name="旧名", capacity=10)
    session.execute(update(Facility).where(Facility.id == made.id).values(name="新名", capacity=12))
    told = last(session)
    assert fields(told) == {"name": ("旧名", "新名"), "capacity": ("10", "12")}
    assert told.proven is True


def test_what_was_added_is_told_as_it_was_then_whatever_came_later(session: WriteSession) -> None:
    made = make_facility(session, name="旧名")
    session.execute(update(Facility).where(Facility.id == made.id).values(name="新名"))
    told = audit.told(session, entries(session, table="facility")[-1].id)
    assert (fields(told)["name"], told.proven) == ((None, "旧名"), True)
    assert fields(told)["geom"][1] == "POINT(119.65 29.08)"


def test_several_changes_in_one_transaction_are_told_apart(session: WriteSession) -> None:
    made = make_facility(session, name="一")
    for name in ("二", "三", "四"):
        session.execute(update(Facility).where(Facility.id == made.id).values(name=name))
    told = [audit.told(session, entry.id) for entry in reversed(entries(session, table="facility"))]
    assert [fields(each)["name"] for each in told] == [(None, "一"), ("一", "二"), ("二", "三"), ("三", "四")]
    assert [each.proven for each in told] == [True] * 4


def test_many_kinds_of_values_are_proven(session: WriteSession) -> None:
    """Dates, arrays, JSON, moments, quotes and control characters: the digest is the same however they are read back."""
    make_facility(
        session,
        FacilityKind.CEMETERY,
        name="a'b\\c\n\x1fd=e",
        detail={"used": 1.5, "nested": {"x": [None, True]}},
        opened_on=func.make_date(2020, 1, 2),
    )
    make_account(session, "li.ming", Grant(Role.REGISTRAR, "330702", kinds=frozenset({FacilityKind.CEMETERY})))
    for table in ("facility", "account", "role_grant"):
        assert last(session, table).proven is True


def test_rows_that_were_rewritten_behind_the_audit_are_not_proven(committed: TestUrls) -> None:
    database = Database.connect(committed.app)
    with database.write(actor="test") as session:
        made = make_facility(session, name="旧名")
        session.execute(update(Facility).where(Facility.id == made.id).values(name="新名"))
    engine = create_engine(committed.superuser)
    for target in ("history.facility", "facility"):
        with database.write(actor="test") as session:
            assert last(session).proven is True
        with engine.begin() as owner:
            owner.execute(text("SET session_replication_role = replica"))
            owner.execute(text(f"UPDATE {target} SET name = name || '!'"))
        with database.write(actor="test") as session:
            assert last(session).proven is False, target
        with engine.begin() as owner:
            owner.execute(text("SET session_replication_role = replica"))
            owner.execute(text(f"UPDATE {target} SET name = rtrim(name, '!')"))
    engine.dispose()
    database.dispose()


# Finding.


def test_the_newest_come_first_page_by_page(session: WriteSession) -> None:
    made = [make_facility(session) for _ in range(5)]
    seen: list[UUID] = []
    page = Page(limit=2)
    while True:
        found = audit.entries(session, EntryQuery(table="facility"), page)
        seen += [record for row in found.rows for record in row.records or ()]
        if found.next_after is None:
            break
        page = Page(after=found.next_after, limit=2)
    assert seen == [each.id for each in reversed(made)]


def test_entries_are_found_by_each_of_their_parts(session: WriteSession) -> None:
    sign(session, actor="wang", why="x", verb="exchange.import_file", way=Way.COMMAND)
    made = make_facility(session)
    sign(session, actor="li.ming", way=Way.WORKER)
    make_facility(session)
    now = session.execute(select(func.transaction_timestamp())).scalar_one()
    (wangs,) = entries(session, actor="wang")
    of_wang: list[dict[str, object]] = [{"verb": "exchange.import_file"}, {"way": Way.COMMAND}, {"record": made.id}]
    both: list[dict[str, object]] = [{"since": now}, {"operation": Operation.INSERT}, {"table": "facility"}]
    none: list[dict[str, object]] = [{"until": now}, {"operation": Operation.DELETE}, {"actor": "nobody"}]
    assert [[row.id for row in entries(session, **asked)] for asked in of_wang] == [[wangs.id]] * 3
    assert [len(entries(session, **asked)) for asked in both] == [2] * 3
    assert [len(entries(session, **asked)) for asked in none] == [0] * 3


def test_a_record_is_found_among_many_too(session: WriteSession) -> None:
    point = make_demand_point(session, make_dataset(session, DatasetKind.POPULATION))
    session.execute(text(COPY), {"many": 150})
    session.execute(update(DemandPoint).values(counts={"all": 3}))
    assert [row.operation for row in entries(session, record=point.id)] == ["insert"]
    found = entries(session, table="demand_point", record=point.id)
    assert ("update", 151) in [(row.operation, row.rows) for row in found]


def test_an_entry_that_is_not_there_is_said(session: WriteSession) -> None:
    with pytest.raises(AuditEntryUnknown, match="999"):
        audit.told(session, 999_999_999)
