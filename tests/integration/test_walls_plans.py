"""With the wall up, the planner takes the indexes that lists are meant to be read by (tiles and names: their own plans)."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Connection, create_engine, event, make_url, text

from geo_registry.accounts import audit, queries
from geo_registry.accounts.identity import BLOCKED_UNTIL, KNOWN_DEVICE, Doorkeeper
from geo_registry.accounts.keys import digest_of
from geo_registry.db.paging import Page
from geo_registry.db.session import Database, ReadSession, everywhere, read_as
from geo_registry.db.standing import standing
from geo_registry.divisions import service as divisions
from geo_registry.divisions.queries import DivisionQuery
from geo_registry.facilities import service as facilities
from geo_registry.facilities.queries import FacilityQuery, contacts_of
from geo_registry.geo.bbox import BBox
from geo_registry.vocabulary import FacilityKind, Operation, Way
from tests.conftest import TestUrls, fresh_database
from tiles import service as tiles
from tiles.grid import Tile

ROWS = 20_000
SOMEWHERE = "ST_SetSRID(ST_MakePoint(118 + random() * 3, 28 + random() * 3), 4490)"
FILL = f"""
INSERT INTO facility (kind, name, geom)
    SELECT CASE WHEN i % 50 = 0 THEN 'cemetery' ELSE 'meal-point' END, 'f' || i, {SOMEWHERE}
    FROM generate_series(1, {ROWS}) AS i;
INSERT INTO division (code, vintage, level, name, point)
    SELECT '33' || lpad(CAST(i AS text), 7, '0') || '001', 2023, 'village', 'v' || i, {SOMEWHERE}
    FROM generate_series(1, {ROWS}) AS i;
"""
PEOPLE, SESSIONS_EACH, ENTRIES = 2_000, 10, 60_000
# As somebody who owns the tables, past triggers: how the rows came there is no matter here.
FILL_OFFICE = f"""
SET session_replication_role = replica;
INSERT INTO account (login, display_name) SELECT 'p' || i, 'x' FROM generate_series(1, {PEOPLE}) AS i;
INSERT INTO account_password (account_id, hash) SELECT id, '$argon2id$' || login FROM account;
INSERT INTO account_session (account_id, digest, created_at, seen_at, expires_at, address, agent)
    SELECT id, sha256(CAST(login || '-' || i AS bytea)), now(), now(), now() + interval '1 day', '', ''
    FROM account, generate_series(1, {SESSIONS_EACH}) AS i;
INSERT INTO api_token (account_id, name, scopes, expires_at)
    SELECT id, 'x', '{{read}}', now() + interval '1 day' FROM account, generate_series(1, 5);
INSERT INTO api_token_secret (token_id, digest) SELECT id, sha256(CAST(CAST(id AS text) AS bytea)) FROM api_token;
INSERT INTO role_grant (account_id, role, division) SELECT id, 'viewer', '330702' FROM account, generate_series(1, 3);
INSERT INTO team (key, name) SELECT 't' || i, 'x' FROM generate_series(1, 200) AS i;
INSERT INTO team_member (team_id, account_id)
    SELECT team.id, account.id FROM account JOIN team ON team.key = 't' || (account.fid % 200 + 1);
INSERT INTO role_grant (team_id, role, division) SELECT id, 'viewer', '330702' FROM team;
INSERT INTO sign_in_failure (by, key, failures, last_at)
    SELECT by, 'k' || i, 1, now() FROM generate_series(1, {PEOPLE}) AS i, unnest('{{login,address,device}}'::text[]) AS by;
INSERT INTO facility_contact (facility_id, person, phone) SELECT id, 'x', '110' FROM facility;
INSERT INTO kept_answer (actor, key, digest, status, headers, body)
    SELECT 'p' || i % 100, 'k' || i, sha256('x'), 201, '{{}}', '' FROM generate_series(1, {ROWS}) AS i;
INSERT INTO audit_entry (at, transaction, actor, address, way, verb, operation, table_name, rows, records)
    SELECT now() - ({ENTRIES} - i) * interval '1 minute', i, 'p' || i % 500, '10.0.0.1', 'api',
           CASE WHEN i % 5 = 0 THEN 'facilities.register_facility' ELSE 'facilities.change_facility' END,
           CASE WHEN i % 5 = 0 THEN 'insert' ELSE 'update' END, 'facility', 1, ARRAY[gen_random_uuid()]
    FROM generate_series(1, {ENTRIES}) AS i;
INSERT INTO audit_seal (position, entry_id, digest, horizon) SELECT id, id, sha256('x'), id FROM audit_entry;
RESET session_replication_role;
"""
OFFICE = (
    "account, account_password, account_session, api_token, api_token_secret, role_grant, team, team_member, "
    "sign_in_failure, facility_contact, kept_answer, audit_entry, audit_seal"
)
BOX = BBox(119.5, 29.5, 119.52, 29.52)


@pytest.fixture(scope="module")
def filled(cluster_urls: TestUrls, own_number: int) -> Iterator[Database]:
    """A registry with rows enough for the planner to care, and statistics."""
    with fresh_database(cluster_urls, f"walls_{own_number}") as urls:
        database = Database.connect(urls.app)
        with database.write(actor="test") as session:
            session.execute(text(FILL))
        engine = create_engine(urls.superuser, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(FILL_OFFICE))
            connection.execute(text(f"VACUUM ANALYZE facility, division, {OFFICE}"))
        engine.dispose()
        yield database
        database.dispose()


def _plans(database: Database, read: Callable[[ReadSession], object], *, walled: bool = True) -> list[object]:
    """How the server answers each question of `read`, of which the times and the costs are left out."""
    asked: list[tuple[str, Any]] = []

    def listen(_: Connection, __: object, statement: str, parameters: Any, *___: object) -> None:
        asked.append((statement, parameters))

    with database.read() as session:
        assert bool(standing(session).unwalled) is not walled
        event.listen(session.connection(), "before_cursor_execute", listen)
        read(session)
        event.remove(session.connection(), "before_cursor_execute", listen)
        return [
            session.connection()
            .exec_driver_sql(f"EXPLAIN (FORMAT JSON, COSTS OFF) {statement}", parameters)
            .scalar_one()
            for statement, parameters in asked
        ]


def _named(node: object, what: str) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get(what), str):
            yield node[what]
        for value in node.values():
            yield from _named(value, what)
    elif isinstance(node, list):
        for value in node:
            yield from _named(value, what)


@pytest.mark.parametrize(
    ("read", "index"),
    [
        (lambda db: facilities.list_facilities(db, FacilityQuery(bbox=BOX), Page()), "ix_facility_geom"),
        (lambda db: facilities.list_facilities(db, FacilityQuery(), Page(after=9_000)), "uq_facility_fid"),
        (
            lambda db: facilities.list_facilities(db, FacilityQuery(kinds=(FacilityKind.CEMETERY,)), Page(after=9_000)),
            "ix_facility_kind_fid",
        ),
        (lambda db: divisions.list_divisions(db, DivisionQuery(bbox=BOX), Page()), "ix_division_point"),
        (lambda db: divisions.list_divisions(db, DivisionQuery(within="330000123"), Page()), "ix_division_code_prefix"),
        (
            lambda db: divisions.list_divisions(db, DivisionQuery(every_vintage=True), Page(after=9_000)),
            "uq_division_fid",
        ),
    ],
    ids=[
        "items in a box",
        "the next page",
        "the next page of a kind",
        "divisions in a box",
        "below a code",
        "divisions",
    ],
)
def test_a_list_has_its_index(filled: Database, read: Callable[[ReadSession], object], index: str) -> None:
    plans = _plans(filled, read)
    assert index in set(_named(plans, "Index Name"))
    assert "facility" not in {table for plan in plans for table in _scanned(plan)}


def _scanned(node: object) -> Iterator[str]:
    """The tables that a plan reads from the beginning to the end."""
    if isinstance(node, dict):
        if node.get("Node Type") == "Seq Scan":
            yield str(node["Relation Name"])
        for value in node.values():
            yield from _scanned(value)
    elif isinstance(node, list):
        for value in node:
            yield from _scanned(value)


NOW = datetime.now(UTC)
DIGEST = digest_of("of somebody")


def _at_the_door(read: Callable[[ReadSession], object]) -> Callable[[ReadSession], object]:
    """As it is asked by whoever finds out who asks."""

    def asked(session: ReadSession) -> object:
        with read_as(session, Doorkeeper()):
            return read(session)

    return asked


def _everywhere(read: Callable[[ReadSession], object]) -> Callable[[ReadSession], object]:
    """As it is asked by whoever is granted the whole registry."""

    def asked(session: ReadSession) -> object:
        with everywhere(session):
            return read(session)

    return asked


def _grants(session: ReadSession) -> object:
    with everywhere(session):
        account = queries.account_of(session, "p7").id
    return _at_the_door(lambda db: queries.grants_of(db, [account]))(session)


def _contacts(session: ReadSession) -> object:
    facility = session.execute(text("SELECT id FROM facility WHERE fid = 7")).scalar_one()
    return _everywhere(lambda db: contacts_of(db, facility))(session)


def _entries(after: int = 0, **asked: Any) -> Callable[[ReadSession], object]:
    return _everywhere(lambda db: audit.entries(db, audit.EntryQuery(**asked), Page(after=after)))


KEPT = """
    SELECT digest, status, headers, body FROM kept_answer
    WHERE actor = 'p7' AND key = 'k7' AND kept_at > transaction_timestamp() - interval '1 day'
"""

HOT: dict[str, tuple[Callable[[ReadSession], object], tuple[str, ...]]] = {
    "a session by its cookie": (
        _at_the_door(lambda db: queries.live_session(db, DIGEST, at=NOW, seen_since=NOW, demo=False)),
        ("uq_account_session_digest",),
    ),
    "a token by its secret": (
        _at_the_door(lambda db: queries.live_token(db, DIGEST, at=NOW, demo=False)),
        ("uq_api_token_secret_digest",),
    ),
    "an account by its name, to sign in": (
        _at_the_door(lambda db: queries.credentials(db, "p7")),
        ("uq_account_login", "pk_account_password"),
    ),
    "what somebody is granted": (
        _grants,
        ("ix_role_grant_account_id", "ix_role_grant_team_id", "uq_team_member_present"),
    ),
    "a browser that is known": (
        _at_the_door(lambda db: db.execute(KNOWN_DEVICE, {"keys": ["k7", "k8"]})),
        ("pk_sign_in_failure",),
    ),
    "failures of a name": (
        _at_the_door(lambda db: db.execute(BLOCKED_UNTIL, {"by": "login", "key": "k7"})),
        ("pk_sign_in_failure",),
    ),
    "whom to call at a facility": (_contacts, ("ix_facility_contact_facility_id",)),
    "an answer by its key": (lambda db: db.execute(text(KEPT)), ("pk_kept_answer",)),
    "the audit's first page": (_entries(), ("pk_audit_entry", "uq_audit_seal_entry_id")),
    "its next page": (_entries(after=ENTRIES // 2), ("pk_audit_entry", "uq_audit_seal_entry_id")),
    "what somebody did": (_entries(actor="p7"), ("ix_audit_entry_actor_id",)),
    "what was done of a verb": (_entries(verb="facilities.register_facility"), ("pk_audit_entry",)),
    "what was done to a table": (_entries(table="facility"), ("pk_audit_entry",)),
    "what was done in a way": (_entries(way=Way.API, operation=Operation.INSERT), ("pk_audit_entry",)),
    "what was done lately": (_entries(since=NOW - timedelta(hours=3)), ()),
    "what was done to a record": (_entries(record=UUID(int=7), table="facility"), ()),
}
"""What is asked at every request, or on the pages of the audit: how, and the indexes that answer it."""


@pytest.mark.parametrize("what", HOT)
def test_what_the_office_asks_all_the_time_has_its_index(filled: Database, what: str) -> None:
    read, indexes = HOT[what]
    plans = _plans(filled, read)
    assert set(indexes) <= set(_named(plans, "Index Name"))
    assert {table for plan in plans for table in _scanned(plan)} & set(OFFICE.split(", ")) == set()


def _tile(session: ReadSession, z: int) -> object:
    asked = tiles.ask("facilities,divisions", {})
    return tiles.make(session, asked, Tile.around(119.5, 29.5, z))


@pytest.fixture
def without_the_wall(filled: Database, cluster_urls: TestUrls) -> Iterator[Callable[[], None]]:
    """Takes row security off both tables; it is there again at the end."""
    owner = create_engine(make_url(cluster_urls.owner).set(database=filled.engine.url.database))

    def switch(how: str) -> None:
        with owner.begin() as connection:
            for table in ("facility", "division"):
                connection.execute(text(f"ALTER TABLE {table} {how} ROW LEVEL SECURITY"))

    yield lambda: switch("DISABLE")
    switch("ENABLE")
    owner.dispose()


@pytest.mark.parametrize(
    "read",
    [
        lambda db: facilities.list_facilities(db, FacilityQuery(bbox=BOX), Page()),
        lambda db: facilities.list_facilities(db, FacilityQuery(), Page(after=9_000)),
        lambda db: facilities.list_facilities(db, FacilityQuery(division="330000123"), Page()),
        *(lambda db, z=z: _tile(db, z) for z in (8, 10, 12, 14)),
    ],
    ids=["items in a box", "the next page", "of a division", *(f"tiles at z{z}" for z in (8, 10, 12, 14))],
)
def test_the_wall_changes_nothing_of_how_it_is_read(
    filled: Database, without_the_wall: Callable[[], None], read: Callable[[ReadSession], object]
) -> None:
    with_it = _in_any_order(_plans(filled, read))
    without_the_wall()
    assert _in_any_order(_plans(filled, read, walled=False)) == with_it


def _in_any_order(plan: object) -> object:
    """A plan whose conditions may stand in any order: the wall has those first that can't give a row away."""
    if isinstance(plan, dict):
        return {name: _in_any_order(value) for name, value in plan.items()}
    if isinstance(plan, list):
        return [_in_any_order(value) for value in plan]
    return sorted(re.findall(r"\w+", plan)) if isinstance(plan, str) else plan
