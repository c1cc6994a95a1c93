"""Seals: in one order, once, whoever is killed in between; and whatever is tampered with, the check says where."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, create_engine, select, text

from geo_registry.accounts import sealing, verifying
from geo_registry.accounts.sealing import Head, Heads, seal
from geo_registry.accounts.verifying import Finding, Found, verify
from geo_registry.db.session import Database
from geo_registry.model import AuditSeal
from tests.conftest import RolledBackDatabase, TestUrls, fresh_database
from tests.factories import make_facility, make_place

ENTRIES = 24


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verifying, "LOOK_AGAIN_S", 0.0)


@pytest.fixture
def own(committed: TestUrls) -> Iterator[Database]:
    database = Database.connect(committed.app)
    yield database
    database.dispose()


def write(database: Database, times: int = 1) -> None:
    for _ in range(times):
        with database.write(actor="li.ming", why="一") as session:
            make_facility(session)


def places(database: Database) -> list[tuple[int, int]]:
    with database.write(actor="test") as session:
        return [
            (row.position, row.entry_id)
            for row in session.execute(select(AuditSeal.position, AuditSeal.entry_id).order_by(AuditSeal.position))
        ]


def test_what_is_committed_is_sealed_once_and_in_order(own: Database) -> None:
    write(own, 3)
    assert (seal(own), seal(own)) == (3, 0)
    write(own, 2)
    assert seal(own) == 2
    found = places(own)
    assert [position for position, _ in found] == [1, 2, 3, 4, 5]
    assert [entry for _, entry in found] == sorted(entry for _, entry in found)
    assert verify(own).whole


def test_one_that_is_still_writing_holds_nobody_up_and_is_sealed_when_it_commits(own: Database) -> None:
    with own.write(actor="slow") as slow:
        make_place(slow)
        write(own, 2)
        assert seal(own) == 2
        write(own)
        assert seal(own) == 1
    assert seal(own) == 1
    assert verify(own).whole
    assert len(places(own)) == 4


def test_what_was_rolled_back_leaves_nothing(own: Database) -> None:
    def fail() -> None:
        with own.write(actor="x") as session:
            make_facility(session)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert seal(own) == 0


def test_many_sealers_at_once_make_one_chain(own: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "AT_ONCE", 3)
    write(own, 30)
    threads = [threading.Thread(target=lambda: [seal(own) for _ in range(10)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seal(own)
    assert [position for position, _ in places(own)] == list(range(1, 31))
    assert verify(own).whole


def test_a_registry_that_moved_to_another_cluster_goes_on_with_its_chain(own: Database, committed: TestUrls) -> None:
    """There transactions are numbered anew, lower than what was sealed, and what wasn't sealed yet is numbered higher."""
    write(own, 2)
    seal(own)
    write(own)
    engine = create_engine(committed.superuser)
    with engine.begin() as owner:
        # As they would stand in a backup of a cluster that had seen many more transactions.
        owner.execute(text("UPDATE audit_seal SET horizon = horizon + 1000000000"))
        owner.execute(
            text(
                "UPDATE audit_entry SET transaction = transaction + 1000000000 WHERE id NOT IN (SELECT entry_id FROM audit_seal)"
            )
        )
    engine.dispose()
    write(own, 2)
    assert seal(own) == 3
    write(own)
    assert seal(own) == 1
    assert seal(own) == 0
    assert verify(own).whole


def test_the_loop_seals_and_notes_the_head_outside(own: Database, tmp_path: Path) -> None:
    heads = Heads.of(tmp_path)
    with sealing.sealing(own, heads):
        write(own, 4)
    assert len(places(own)) == 4
    with own.write(actor="test") as session:
        head = sealing.head_of(session)
    assert head is not None
    assert heads.noted()[4] == head.digest
    heads.path.write_text(heads.path.read_text() + "5:12", encoding="ascii")
    assert max(heads.noted()) == 4
    assert verify(own, heads=heads.noted()).whole
    heads.set_aside()
    assert heads.noted() == {}


def test_an_entry_that_nobody_seals_is_found_after_a_minute(own: Database, committed: TestUrls) -> None:
    write(own)
    assert verify(own).whole
    engine = create_engine(committed.superuser)
    with engine.begin() as owner:
        owner.execute(text("UPDATE audit_entry SET at = at - interval '61 seconds'"))
        (entry,) = owner.execute(text("SELECT id FROM audit_entry")).scalars()
    engine.dispose()
    assert verify(own).findings == [Found(Finding.UNSEALED, entry=entry)]


# Tampering, by who may everything in the database.


@dataclass(frozen=True)
class Chained:
    """A database whose audit is sealed, and its owner's way in."""

    engine: Engine
    entries: list[int]
    head: Head


@pytest.fixture(scope="module")
def chained(cluster_urls: TestUrls, own_number: int) -> Iterator[Chained]:
    with fresh_database(cluster_urls, f"chain_{own_number}") as urls:
        database = Database.connect(urls.app)
        write(database, ENTRIES)
        until_no_older_transaction_runs(urls)
        seal(database)
        with database.write(actor="test") as session:
            head = sealing.head_of(session)
        assert head is not None
        entries = [entry for _, entry in places(database)]
        database.dispose()
        engine = create_engine(urls.superuser)
        yield Chained(engine, entries, head)
        engine.dispose()


def until_no_older_transaction_runs(urls: TestUrls) -> None:
    """Transactions are numbered for the whole cluster: one of another test, begun earlier, would keep the seals' horizon low."""
    engine = create_engine(urls.superuser)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        last = connection.scalar(text("SELECT max(transaction) FROM audit_entry"))
        give_up = monotonic() + 120
        while connection.scalar(verifying.OLDEST_RUNNING) <= last:
            assert monotonic() < give_up, "a transaction that began before the entries hasn't ended"
            sleep(0.05)
    engine.dispose()


def found_after(chained: Chained, tamper: list[str], *, head: bool = False) -> list[Found]:
    """What the check finds when the statements were done; nothing of it stays."""
    with chained.engine.connect() as connection:
        transaction = connection.begin()
        for statement in tamper:
            connection.execute(text(statement))
        database = _as_owner(connection, chained.engine)
        noted = {chained.head.position: chained.head.digest} if head else {}
        found = verify(database, heads=noted)
        transaction.rollback()
    return list(found.findings)


def _as_owner(connection: Connection, engine: Engine) -> Database:
    return RolledBackDatabase(engine=engine, read_engine=engine, hot_engine=engine, connection=connection)


CHANGES = (
    "at = at + interval '1 microsecond'",
    "transaction = transaction + 1",
    "actor = 'wang'",
    "address = '10.0.0.1'",
    "way = NULL",
    "why = NULL",
    "why = why || ' '",
    "verb = 'x'",
    "operation = 'update'",
    "table_name = 'place'",
    "rows = rows + 1",
    "records = NULL",
    "records = ARRAY[gen_random_uuid()]",
    "before = after",
    "after = sha256('')",
    "after = NULL",
)
NUMBERS = st.integers(0, ENTRIES - 1)
MANY = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@MANY
@given(number=NUMBERS, change=st.sampled_from(CHANGES))
def test_a_changed_entry_is_named(chained: Chained, number: int, change: str) -> None:
    entry = chained.entries[number]
    found = found_after(chained, [f"UPDATE audit_entry SET {change} WHERE id = {entry}"])
    assert found == [Found(Finding.ALTERED, position=number + 1, entry=entry)]


@MANY
@given(numbers=st.sets(NUMBERS, min_size=1))
def test_missing_entries_are_named(chained: Chained, numbers: set[int]) -> None:
    gone = sorted(chained.entries[number] for number in numbers)
    found = found_after(chained, [f"DELETE FROM audit_entry WHERE id IN ({', '.join(map(str, gone))})"])
    assert [(each.what, each.entry) for each in found] == [(Finding.ENTRY_MISSING, entry) for entry in gone]


@MANY
@given(first=NUMBERS, many=st.integers(1, ENTRIES))
def test_entries_taken_out_with_their_seals_are_missed_in_their_place(chained: Chained, first: int, many: int) -> None:
    gone = chained.entries[first : first + many]
    listed = ", ".join(map(str, gone))
    tamper = [f"DELETE FROM audit_{table} IN ({listed})" for table in ("seal WHERE entry_id", "entry WHERE id")]
    found = found_after(chained, tamper, head=True)
    if first + many >= ENTRIES:
        # Only the head that was noted outside tells.
        assert found == [Found(Finding.CUT_OFF, position=ENTRIES)]
        assert found_after(chained, tamper) == []
    else:
        places = range(first + 1, first + len(gone) + 1)
        assert found == [Found(Finding.SEAL_MISSING, position=place) for place in places]


@MANY
@given(number=NUMBERS)
def test_a_seal_that_is_gone_or_changed_is_named(chained: Chained, number: int) -> None:
    entry = chained.entries[number]
    gone = found_after(chained, [f"DELETE FROM audit_seal WHERE entry_id = {entry}"], head=True)
    # Its entry is old, or older than what sealers look for.
    assert Found(Finding.SEAL_MISSING if number < ENTRIES - 1 else Finding.CUT_OFF, position=number + 1) in gone
    changed = found_after(chained, [f"UPDATE audit_seal SET digest = sha256('x') WHERE entry_id = {entry}"])
    assert Found(Finding.ALTERED, position=number + 1, entry=entry) in changed


@MANY
@given(pair=st.sets(NUMBERS, min_size=2, max_size=2), what=st.sampled_from(["entries", "seals"]))
def test_entries_that_changed_places_are_named(chained: Chained, pair: set[int], what: str) -> None:
    """Their entries alone, or the seals with them."""
    one, other = (chained.entries[number] for number in sorted(pair))
    swapped = f"CASE entry_id WHEN {one} THEN {other} WHEN {other} THEN {one} ELSE entry_id END"
    digest = (
        f"CASE entry_id WHEN {one} THEN (SELECT digest FROM was WHERE entry_id = {other}) "
        f"WHEN {other} THEN (SELECT digest FROM was WHERE entry_id = {one}) ELSE digest END"
        if what == "seals"
        else "digest"
    )
    tamper = [
        "CREATE TEMPORARY TABLE was ON COMMIT DROP AS SELECT * FROM audit_seal",
        "DELETE FROM audit_seal",
        f"INSERT INTO audit_seal SELECT position, {swapped}, {digest}, horizon FROM was",
    ]
    found = found_after(chained, tamper)
    assert {each.what for each in found} == {Finding.ALTERED}
    assert {one, other} <= {each.entry for each in found}


SLIPPED_IN = """
    INSERT INTO audit_entry OVERRIDING SYSTEM VALUE
    SELECT 1000000, at, transaction, 'wang', address, way, why, verb, operation, table_name, rows, records, before, after
    FROM audit_entry WHERE id = {like}
"""
MADE_ROOM = [
    "CREATE TEMPORARY TABLE was ON COMMIT DROP AS SELECT * FROM audit_seal",
    "DELETE FROM audit_seal",
]


@MANY
@given(number=st.integers(0, ENTRIES - 2), at=st.sampled_from(["at", "now() + interval '1 day'"]))
def test_an_entry_that_was_slipped_in_is_named(chained: Chained, number: int, at: str) -> None:
    """Without a seal: dated as it likes, no sealer takes it any more, for its transaction is long past."""
    tamper = [SLIPPED_IN.format(like=chained.entries[number]), f"UPDATE audit_entry SET at = {at} WHERE id = 1000000"]
    assert found_after(chained, tamper) == [Found(Finding.UNSEALED, entry=1000000)]


@MANY
@given(number=NUMBERS)
def test_an_entry_that_was_slipped_in_with_a_seal_is_found_where_it_is(chained: Chained, number: int) -> None:
    """Even if its own digest is right, the next one's isn't."""
    tamper = [
        SLIPPED_IN.format(like=chained.entries[number]),
        *MADE_ROOM,
        f"INSERT INTO audit_seal SELECT position + (position > {number})::int, entry_id, digest, horizon FROM was",
        f"INSERT INTO audit_seal VALUES ({number + 1}, 1000000, sha256('forged'), 0)",
    ]
    found = found_after(chained, tamper, head=True)
    assert Found(Finding.ALTERED, position=number + 1, entry=1000000) in found


@MANY
@given(number=NUMBERS)
def test_an_entry_that_was_taken_out_and_the_gap_closed_is_found_where_it_was(chained: Chained, number: int) -> None:
    entry = chained.entries[number]
    tamper = [
        *MADE_ROOM,
        f"INSERT INTO audit_seal SELECT position - (position > {number + 1})::int, entry_id, digest, horizon FROM was WHERE entry_id <> {entry}",
        f"DELETE FROM audit_entry WHERE id = {entry}",
    ]
    found = found_after(chained, tamper, head=True)
    if number == ENTRIES - 1:
        assert found == [Found(Finding.CUT_OFF, position=ENTRIES)]
    else:
        assert found[0] == Found(Finding.ALTERED, position=number + 1, entry=chained.entries[number + 1])


def test_two_in_one_place_are_found(chained: Chained) -> None:
    tamper = [
        SLIPPED_IN.format(like=chained.entries[3]),
        "ALTER TABLE audit_seal DROP CONSTRAINT pk_audit_seal",
        "INSERT INTO audit_seal SELECT position, 1000000, digest, horizon FROM audit_seal WHERE position = 4",
    ]
    assert found_after(chained, tamper) == [Found(Finding.INSERTED, position=4, entry=1000000)]


def test_a_chain_that_was_made_anew_is_told_by_a_head_alone(chained: Chained) -> None:
    """What no check inside the database can find, and why the head is kept outside."""
    anew = [
        f"UPDATE audit_entry SET actor = 'wang' WHERE id = {chained.entries[3]}",
        "DELETE FROM audit_seal",
        "SELECT seal_audit(1000) FROM set_config('geo.scope', '*', true)",
    ]
    assert found_after(chained, anew) == []
    assert [each.what for each in found_after(chained, anew, head=True)] == [Finding.HEAD_DIFFERS]


def test_nothing_is_found_where_nothing_was_done(chained: Chained) -> None:
    assert found_after(chained, [], head=True) == []
