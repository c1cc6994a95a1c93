"""The second wall, asked by plain SQL under the application's role: no line of the product's own code is in between.

A scope is set by hand, as a unit of work sets it; everything is in one county, in another, or in none.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import psycopg2
import pytest
from geoalchemy2.shape import from_shape
from shapely import MultiPolygon, box
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from geo_registry import clock
from geo_registry.accounts.actors import Actor, Grant, Known
from geo_registry.accounts.keys import digest_of
from geo_registry.db.session import TO_SIGN, Database, WriteSession
from geo_registry.model import (
    Account,
    AccountIdentity,
    AccountPassword,
    AccountSession,
    Announcement,
    ApiToken,
    ApiTokenSecret,
    BuiltUpArea,
    BuiltUpExtent,
    CaseClearance,
    CaseDocument,
    CaseName,
    CaseStepTaken,
    Consultation,
    ConsultationComment,
    CoverageFacility,
    CoveragePoint,
    CoverageRun,
    CoverageZone,
    Division,
    DivisionSuccession,
    DocumentContent,
    Facility,
    FacilityContact,
    FindingClearance,
    Heritage,
    HeritageEvidence,
    HeritageMeasure,
    HeritagePicture,
    HeritageStory,
    ImportRun,
    JobProgress,
    NameDecision,
    NameFinding,
    NameReview,
    NameWish,
    NamingCase,
    OidcAttempt,
    Place,
    PlaceExtent,
    PlaceName,
    PlaceRelation,
    RoadBarrier,
    RoleGrant,
    SignInFailure,
    Team,
    TeamMember,
    UnnamedLane,
    UnnamedSearch,
)
from geo_registry.model.geometry import STORAGE_SRID
from geo_registry.vocabulary import DatasetKind, DivisionLevel, Role, TokenScope
from tests.architecture.test_catalogue import AUDIT, SECRETS
from tests.architecture.test_catalogue import PRIVATE as PRIVATE_TABLES
from tests.architecture.test_catalogue import TABLES as ALL_TABLES
from tests.conftest import RolledBackDatabase
from tests.factories import (
    make_account,
    make_dataset,
    make_demand_point,
    make_division,
    make_facility,
    make_place,
    make_road,
)

OURS, THEIRS, CITY = "330702", "330703", "3307"
HASH = "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$aGFzaA"
OF_WHO_ASKED = {"kept_answer"}
"""Tables whose rows are those of who wrote them, wherever that may be: no scope opens them, `*` neither."""
TABLES = sorted(set(ALL_TABLES) - OF_WHO_ASKED - AUDIT)
PRIVATE = PRIVATE_TABLES - OF_WHO_ASKED - AUDIT
"""The audit is written by functions alone: what is read of it is asked below, of answers too."""
OF_THE_WHOLE = {
    "dataset",
    "import_run",
    "job_progress",
    "name_due",
    "name_finding",
    "name_key",
    "name_review",
    "oidc_attempt",
    "road_barrier",
    "road_segment",
    "sign_in_failure",
    "table_version",
}
"""Tables whose rows are in no division: they are written everywhere, or not at all."""
INSERTED_EVERYWHERE_ONLY = OF_THE_WHOLE | {"account_identity", "account_session", "team", "team_member"}
NEVER_UPDATED = {"account_identity", "announcement", "case_step", "document_content"}
UPDATED_EVERYWHERE_ONLY = OF_THE_WHOLE | {"api_token_secret", "team", "team_member"} | NEVER_UPDATED
"""What a scope of divisions doesn't write, even of its own."""
INSERTED_BY_ANY = {"account"}
"""An account is nobody's before it is granted something, so whoever has a scope makes one."""


Key = Mapping[str, Any]
"""The columns that a row is known by, with what it has in them."""

NOTHING: Mapping[str, object] = {}


@dataclass
class Rows:
    """Rows by table: a row's key, where it lies."""

    ours: dict[str, Key] = field(default_factory=dict)
    theirs: dict[str, Key] = field(default_factory=dict)
    nowhere: dict[str, Key] = field(default_factory=dict)


def _keys(session: WriteSession, *rows: Any) -> Iterator[tuple[str, Key]]:
    for row in rows:
        session.add(row)
        session.flush()
        yield row.__tablename__, {column.name: getattr(row, column.key) for column in row.__table__.primary_key}


def _of_a_division(session: WriteSession, code: str, login: str) -> dict[str, Key]:
    """A row of everything that can lie in a division."""
    division = make_division(session, f"{code}000000")
    people = make_dataset(session, DatasetKind.POPULATION)
    facility = make_facility(session, division_id=division.id)
    point = make_demand_point(session, people, division=division)
    run = CoverageRun(state="queued", standard={}, question={"zone": code}, actor="test")
    contact = FacilityContact(facility_id=facility.id, person="x", phone="110")
    place = make_place(session, division_id=division.id)
    found = dict(_keys(session, division, facility, point, place, run, contact))
    found |= _of_a_place(session, place, _town(session, f"{code}001000"), division)
    found |= _areas(session, f"area-{code}", division)
    found |= _of_a_case(session, division, place) | _of_lanes(session, division)
    found |= _listed(session, division)
    found |= _results(session, run, division, facility)
    account = make_account(session, login, Grant(Role.STEWARD, code))
    return found | _of_an_account(session, account) | _of_a_team(session, account, code)


def _town(session: WriteSession, code: str) -> Division:
    return make_division(session, code, level=DivisionLevel.TOWNSHIP, vintage=2010)


def _of_a_place(session: WriteSession, place: Place, before: Division, after: Division) -> dict[str, Key]:
    return dict(
        _keys(
            session,
            PlaceName(place_id=place.id, name="x", kind="alias"),
            PlaceExtent(place_id=place.id, geom=place.geom),
            PlaceRelation(place_id=place.id, other_id=make_place(session).id, kind="part-of", evidence="x"),
            FindingClearance(place_id=place.id, name="x", code="brand-name", reason="x"),
            DivisionSuccession(
                before_id=before.id, after_id=after.id, change="same", evidence="x", certainty="certain"
            ),
        )
    )  # fmt: skip


def _results(session: WriteSession, run: CoverageRun, division: Division, facility: Facility) -> dict[str, Key]:
    counted = {"demand": 1, "covered": 1, "unreachable": 0, "unsnapped": 0}
    at = {"lon": 119, "lat": 29}
    return dict(
        _keys(
            session,
            CoverageZone(
                run_id=run.id, code=division.code, division_id=division.id, name="x", level=division.level, **counted
            ),
            CoveragePoint(run_id=run.id, point_fid=1, source_id="1", demand=1, state="unsnapped", **at),
            CoverageFacility(
                run_id=run.id, facility_fid=1, facility_id=facility.id, name="x", kind=facility.kind,
                snapped=True, nearest_for=1, within_reach=1, **at,
            ),
        )
    )  # fmt: skip


def _of_an_account(session: WriteSession, account: Account) -> dict[str, Key]:
    now = clock.now()
    token = ApiToken(account_id=account.id, name="x", scopes=["read"], expires_at=now)
    found = dict(
        _keys(
            session,
            account,
            AccountPassword(account_id=account.id, hash=HASH),
            AccountIdentity(account_id=account.id, issuer="https://city.example", subject=account.login),
            AccountSession(
                account_id=account.id, digest=digest_of(str(uuid4())), created_at=now, seen_at=now, expires_at=now,
                address="", agent="",
            ),
            token,
        )
    )  # fmt: skip
    return found | dict(_keys(session, ApiTokenSecret(token_id=token.id, digest=digest_of(str(uuid4())))))


def _of_a_team(session: WriteSession, account: Account, code: str) -> dict[str, Key]:
    team = Team(key=f"team-{account.login}", name="x")
    found = dict(_keys(session, team))
    return found | dict(
        _keys(
            session,
            TeamMember(team_id=team.id, account_id=account.id),
            RoleGrant(team_id=team.id, role=Role.STEWARD.value, division=code),
        )
    )


def _of_the_whole(session: WriteSession) -> dict[str, Key]:
    """A row of everything that is in no division."""
    roads = make_dataset(session)
    division, place = make_division(session, "330000000000", level=DivisionLevel.PROVINCE), make_place(session)
    facility = make_facility(session)
    run = CoverageRun(state="queued", standard={}, question={}, actor="test")
    found = dict(
        _keys(
            session,
            roads,
            division,
            place,
            run,
            facility,
            FacilityContact(facility_id=facility.id, person="x", phone="110"),
            make_demand_point(session, make_dataset(session, DatasetKind.POPULATION)),
            make_road(session, roads, [(119, 29), (119.1, 29)]),
            RoadBarrier(
                dataset_id=roads.id, source_id="1", barrier="gate", foot_blocked=True, motor_blocked=True, geom=place.geom
            ),
            ImportRun(kind="roads", file_name="x", state="done", report={}, started_at=clock.now(), actor="test"),
            JobProgress(job_id=1, step="x", done=0),
            SignInFailure(by="login", key="x", failures=1, last_at=clock.now()),
            OidcAttempt(digest=digest_of("x"), following="/", created_at=clock.now()),
        )
    )  # fmt: skip
    found |= _results(session, run, division, facility)
    found |= _of_a_place(session, place, _town(session, "330101001000"), division)
    found |= _found(session, place) | _of_a_case(session, division, place) | _of_lanes(session, division)
    account = make_account(session, "of-the-city", Grant(Role.ADMIN))
    found |= _of_an_account(session, account) | _of_a_team(session, account, "")
    found["table_version"] = {"id": session.scalar(text("SELECT id FROM table_version LIMIT 1"))}
    found["name_key"] = {"id": session.execute(text(NAME_KEY)).scalar_one()}
    return found


def _found(session: WriteSession, place: Place) -> dict[str, Key]:
    review = NameReview(names=1, findings=1, seconds=0, ordered_by="test")
    found = dict(_keys(session, review))
    finding = NameFinding(
        review_id=review.id, type="place", record_id=place.id, name="x", kind="village", code="brand-name",
        severity="warning", basis={}, details={},
    )  # fmt: skip
    return found | dict(_keys(session, finding)) | _areas(session, "x", None) | _listed(session, None)


def _areas(session: WriteSession, key: str, division: Division | None) -> dict[str, Key]:
    """A built-up area of a division, or of none, with an earlier extent."""
    shape = from_shape(MultiPolygon([box(119, 29, 120, 30)]), srid=STORAGE_SRID)
    area = BuiltUpArea(key=key, name="x", geom=shape, division_id=division.id if division else None)
    found = dict(_keys(session, area))
    return found | dict(_keys(session, BuiltUpExtent(area_id=area.id, geom=shape, valid_to=date(2015, 1, 1))))


CASES = {
    "case_clearance",
    "case_document",
    "case_name",
    "case_step",
    "consultation_comment",
    "document_content",
    "naming_case",
}
"""Private as their divisions' records are, and no account's own."""


def _of_a_case(session: WriteSession, division: Division, place: Place) -> dict[str, Key]:
    """A case of a division, all that hangs on it, and what everybody is told of it."""
    case = NamingCase(number=division.code, kind="naming", title="x", division_id=division.id, approver="government")
    found = dict(_keys(session, case))
    line = CaseName(case_id=case.id, position=1, action="abolish", name="x", place_class="street", place_id=place.id)
    document = CaseDocument(
        case_id=case.id,
        kind="other",
        title="x",
        file_name="x.pdf",
        media_type="application/pdf",
        bytes=1,
        sha256="0" * 64,
    )
    consultation = Consultation(
        case_id=case.id, kind="notice", title="x", names=[], division_id=division.id, opened_on=A_DAY, closes_on=A_DAY
    )
    found |= dict(_keys(session, line, document, consultation))
    return found | dict(
        _keys(
            session,
            CaseStepTaken(case_id=case.id, step="submit", happened_on=A_DAY),
            DocumentContent(id=document.id, content=b"x"),
            CaseClearance(line_id=line.id, name="x", code="duplicate", reason="x"),
            ConsultationComment(consultation_id=consultation.id, number=division.code, said="x"),
            Announcement(
                case_id=case.id, title="x", office="x", published_on=A_DAY, division_id=division.id, content={}
            ),
            NameDecision(
                case_id=case.id, place_id=place.id, name="x", action="abolish", body="x", approved_on=A_DAY
            ),
        )
    )  # fmt: skip


def _of_lanes(session: WriteSession, division: Division) -> dict[str, Key]:
    """Lanes without a name of a division: looked for, found, wished a name for."""
    search = UnnamedSearch(
        division_id=division.id,
        roads_id=make_dataset(session).id,
        lanes_found=1,
        lanes_new=1,
        lanes_named=0,
        lanes_gone=0,
        seconds=0,
    )
    lane = UnnamedLane(
        origin="drawn",
        division_id=division.id,
        geom="SRID=4490;LINESTRING(119.6 29, 119.7 29)",
        length_m=100.0,
        begins={"at": "nowhere"},
        ends={"at": "nowhere"},
    )
    found = dict(_keys(session, search, lane))
    return found | dict(_keys(session, NameWish(division_id=division.id, name="x")))


def _listed(session: WriteSession, division: Division | None) -> dict[str, Key]:
    """A name that is proposed for a protection list in a division, or in none, and what is told of it."""
    name = Heritage(name="x", kind="other", level="city", division_id=division.id if division else None)
    found = dict(_keys(session, name))
    return found | dict(
        _keys(
            session,
            HeritageEvidence(heritage_id=name.id, what="x"),
            HeritageStory(heritage_id=name.id, story="x"),
            HeritagePicture(
                heritage_id=name.id, caption="x", author="x", licence="x", media_type="image/png", width_px=1, height_px=1,
                checksum=digest_of("x"), content=b"x",
            ),
            HeritageMeasure(heritage_id=name.id, purpose="keeping", measure="x", decided_on=date(2020, 1, 1)),
        )
    )  # fmt: skip


A_DAY = date(2026, 11, 20)

NAME_KEY = """
INSERT INTO name_key (type, record_id, name, folded, pinyin, initials, grams, homophone, rank, length, kind, quality)
VALUES ('place', gen_random_uuid(), 'x', 'x', 'x', 'x', '{x}', 'x', 1, 1, 'village', 'source') RETURNING id
"""
NAME_DUE = "INSERT INTO name_due (type, record_id) VALUES ('place', gen_random_uuid()) RETURNING type, record_id"


@pytest.fixture(scope="module")
def kept(worker_engine: Engine, worker_hot_engine: Engine) -> Iterator[RolledBackDatabase]:
    """A transaction of the module's own, as the application's role."""
    with worker_engine.connect() as connection:
        transaction = connection.begin()
        yield RolledBackDatabase(
            engine=worker_engine, read_engine=worker_engine, hot_engine=worker_hot_engine, connection=connection
        )
        transaction.rollback()


@pytest.fixture(scope="module")
def rows(kept: RolledBackDatabase) -> Rows:
    """Two counties with a row of everything, and what is in none."""
    with kept.write(actor="test") as session:
        rows = Rows(ours=_of_a_division(session, OURS, "ours"), theirs=_of_a_division(session, THEIRS, "theirs"))
        rows.nowhere = _of_the_whole(session)
    # After the commit, which would see to it.
    _set(kept.connection, "*")
    rows.nowhere["name_due"] = kept.connection.execute(text(NAME_DUE)).one()._asdict()
    _set(kept.connection, "")
    return rows


@pytest.fixture
def database(kept: RolledBackDatabase, rows: Rows) -> Iterator[RolledBackDatabase]:
    """The registry with these rows in it; what a test does to it is taken back."""
    assert rows.ours
    with kept.connection.begin_nested() as tried:
        yield kept
        tried.rollback()


@pytest.fixture
def connection(database: RolledBackDatabase) -> Connection:
    """The application's own connection, where nothing is set."""
    assert database.connection.execute(text("SELECT current_user")).scalar_one() == "geo_app"
    return database.connection


def _set(connection: Connection, scope: str, actor: str = "") -> None:
    connection.execute(TO_SIGN, {"actor": actor, "scope": scope})


@contextmanager
def scoped(connection: Connection, scope: str, actor: str = "") -> Iterator[None]:
    """What is tried under a scope, and rolled back."""
    with connection.begin_nested() as tried:
        _set(connection, scope, actor)
        yield
        tried.rollback()


def _where(key: Key) -> str:
    return " AND ".join(f"{column} = :key_{column}" for column in key)


def _bound(key: Key) -> dict[str, object]:
    return {f"key_{column}": value for column, value in key.items()}


def _changed_column(connection: Connection, table: str) -> str | None:
    """A column of a table that the application may change; None where it may change nothing."""
    question = text(
        "SELECT attname FROM pg_attribute WHERE attrelid = CAST(:table AS regclass) AND attnum > 0 AND attgenerated = '' "
        "AND attidentity = '' AND NOT attisdropped AND has_column_privilege(attrelid, attnum, 'UPDATE') ORDER BY attnum"
    )
    return connection.execute(question, {"table": table}).scalars().first()


def _update(connection: Connection, table: str, key: Key) -> int:
    """How many rows a statement changes that sets a column to what it is."""
    column = _changed_column(connection, table)
    if column is None:
        return 0
    return connection.execute(text(f"UPDATE {table} SET {column} = {column} WHERE {_where(key)}"), _bound(key)).rowcount


def _copied(connection: Connection, table: str, key: Key) -> str:
    """The statement that puts a row in again, whose values wait in a table without a wall."""
    connection.execute(text(f"DROP TABLE IF EXISTS pg_temp.kept_{table}"))
    connection.execute(
        text(f"CREATE TEMP TABLE kept_{table} AS SELECT * FROM {table} WHERE {_where(key)}"), _bound(key)
    )
    listed = text(
        "SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute WHERE attrelid = CAST(:table AS regclass) "
        "AND attnum > 0 AND NOT attisdropped AND attgenerated = '' AND has_column_privilege(attrelid, attnum, 'INSERT')"
    )
    columns = connection.execute(listed, {"table": table}).scalar_one()
    return f"INSERT INTO {table} ({columns}) OVERRIDING SYSTEM VALUE SELECT {columns} FROM kept_{table}"


def _held_back(connection: Connection, statement: str, values: Mapping[str, object] = NOTHING) -> bool:
    """Whether the wall refuses a statement; one that passes it may run into a key that is there already."""
    try:
        with connection.begin_nested():
            connection.execute(text(statement), values)
    except DBAPIError as error:
        if isinstance(error.orig, psycopg2.errors.UniqueViolation):
            return False
        if "row-level security" in str(error.orig):
            return True
        raise
    return False


def _inserts(connection: Connection, table: str, key: Key, scope: str, actor: str = "") -> bool:
    """Whether a row passes the wall under a scope."""
    with scoped(connection, "*"):
        statement = _copied(connection, table, key)
        _set(connection, scope, actor)
        return not _held_back(connection, statement)


def _sees(connection: Connection, table: str, key: Key, scope: str, actor: str = "") -> bool:
    with scoped(connection, scope, actor):
        return connection.execute(text(f"SELECT FROM {table} WHERE {_where(key)}"), _bound(key)).first() is not None


def _updates(connection: Connection, table: str, key: Key, scope: str, actor: str = "") -> bool:
    with scoped(connection, scope, actor):
        return _update(connection, table, key) == 1


def test_every_table_is_tried(rows: Rows) -> None:
    assert sorted(rows.nowhere) == TABLES
    assert sorted(rows.ours) == sorted(rows.theirs) == sorted(set(TABLES) - OF_THE_WHOLE)


@pytest.mark.parametrize("table", TABLES)
def test_nothing_outside_the_scope_is_inserted(connection: Connection, rows: Rows, table: str) -> None:
    assert _inserts(connection, table, rows.nowhere[table], OURS) is (table in INSERTED_BY_ANY)
    assert _inserts(connection, table, rows.nowhere[table], "*")
    if table not in OF_THE_WHOLE:
        within = table not in INSERTED_EVERYWHERE_ONLY
        assert _inserts(connection, table, rows.ours[table], OURS) is within
        assert _inserts(connection, table, rows.theirs[table], OURS) is (table in INSERTED_BY_ANY)
        assert _inserts(connection, table, rows.theirs[table], f"{OURS},{THEIRS}") is within
        assert _inserts(connection, table, rows.theirs[table], CITY) is within


@pytest.mark.parametrize("table", TABLES)
def test_nothing_outside_the_scope_is_changed(connection: Connection, rows: Rows, table: str) -> None:
    assert not _updates(connection, table, rows.nowhere[table], OURS)
    assert _updates(connection, table, rows.nowhere[table], "*") is (table not in NEVER_UPDATED)
    if table not in OF_THE_WHOLE:
        within = table not in UPDATED_EVERYWHERE_ONLY
        assert _updates(connection, table, rows.ours[table], OURS) is within
        assert not _updates(connection, table, rows.theirs[table], OURS)
        assert _updates(connection, table, rows.theirs[table], CITY) is within


@pytest.mark.parametrize("table", TABLES)
def test_what_is_private_is_read_within_the_scope_alone(connection: Connection, rows: Rows, table: str) -> None:
    public = table not in PRIVATE
    assert _sees(connection, table, rows.nowhere[table], OURS) is public
    assert _sees(connection, table, rows.nowhere[table], "*")
    if table not in OF_THE_WHOLE:
        assert _sees(connection, table, rows.ours[table], OURS)
        assert _sees(connection, table, rows.theirs[table], OURS) is public
        assert _sees(connection, table, rows.theirs[table], CITY)


@pytest.mark.parametrize("scope", ["", ",", ",,"])
@pytest.mark.parametrize("table", TABLES)
def test_with_nothing_set_nothing_is_written_and_nothing_private_is_read(
    connection: Connection, rows: Rows, table: str, scope: str
) -> None:
    for key in (rows.ours.get(table), rows.theirs.get(table), rows.nowhere[table]):
        if key is not None:
            assert not _inserts(connection, table, key, scope)
            assert not _updates(connection, table, key, scope)
            assert _sees(connection, table, key, scope) is (table not in PRIVATE)


MOVES = {
    "division": "code = '{code}999000', level = 'township'",
    "facility": "division_id = (SELECT id FROM division WHERE code = '{code}000000')",
    "place": "division_id = (SELECT id FROM division WHERE code = '{code}000000')",
    "demand_point": "division_id = (SELECT id FROM division WHERE code = '{code}000000')",
    "coverage_run": "question = jsonb_build_object('zone', '{code}')",
    "coverage_zone": "run_id = (SELECT id FROM coverage_run WHERE question ->> 'zone' = '{code}')",
    "coverage_point": "run_id = (SELECT id FROM coverage_run WHERE question ->> 'zone' = '{code}')",
    "coverage_facility": "run_id = (SELECT id FROM coverage_run WHERE question ->> 'zone' = '{code}')",
}
"""How a row comes to lie elsewhere; what is about accounts stays with its account, for good (the catalogue's test)."""


@pytest.mark.parametrize(("table", "move"), MOVES.items())
def test_nothing_is_moved_out_of_the_scope_or_into_it(
    connection: Connection, rows: Rows, table: str, move: str
) -> None:
    mine, others = rows.ours[table], rows.theirs[table]
    out, in_ = (f"UPDATE {table} SET {move.format(code=code)} WHERE {{}}" for code in (THEIRS, OURS))
    with scoped(connection, OURS):
        assert _held_back(connection, out.format(_where(mine)), _bound(mine))
        assert connection.execute(text(in_.format(_where(others))), _bound(others)).rowcount == 0
    with scoped(connection, "*"):
        assert not _held_back(connection, out.format(_where(mine)), _bound(mine))


def test_a_record_isnt_taken_out_of_its_division_to_be_everybodys(connection: Connection, rows: Rows) -> None:
    for table in ("facility", "place", "demand_point"):
        with scoped(connection, OURS):
            key = rows.ours[table]
            assert _held_back(connection, f"UPDATE {table} SET division_id = NULL WHERE {_where(key)}", _bound(key))


# Everybody there is: the scope and the token that a unit of work sets for them.


WHO_ACTS = [
    (role, division, scopes)
    for role in Role
    if role is not Role.PUBLIC
    for division in (OURS, CITY, "")
    for scopes in (None, *(frozenset({scope}) for scope in TokenScope))
]
"""Every role, of a county, of the city and of everything; signed in, and by a token for each purpose."""


def _signed(role: Role, division: str, scopes: frozenset[TokenScope] | None) -> tuple[str, str]:
    """What is set for somebody: where they may write, and what their token is for."""
    grant = Grant(role, division)
    actor = Actor("li.ming", Known.BY_SESSION if scopes is None else Known.BY_TOKEN, grants=(grant,), scopes=scopes)
    return ",".join(prefix or "*" for prefix in actor.scope), ",".join(scopes or ())


@pytest.mark.parametrize("table", TABLES)
def test_whoever_acts_writes_what_lies_in_their_grant_alone(connection: Connection, rows: Rows, table: str) -> None:
    """Who may is told here by role, division and token, and never by the scope that comes of them."""
    lies = {"ours": OURS, "theirs": THEIRS, "nowhere": None}
    where = {whose: division for whose, division in lies.items() if table in getattr(rows, whose)}
    wrote: dict[tuple[str, str], set[str]] = {}
    for role, division, scopes in WHO_ACTS:
        signed = _signed(role, division, scopes)
        if scopes is not None and table in PRIVATE:
            continue
        if signed not in wrote:
            with by_token(connection, signed[1]):
                wrote[signed] = {
                    whose for whose in where if _updates(connection, table, getattr(rows, whose)[table], signed[0])
                }
        writes = role is not Role.VIEWER and scopes != frozenset({TokenScope.READ})
        everywhere_only = table in UPDATED_EVERYWHERE_ONLY
        expected = {
            whose
            for whose, lying in where.items()
            if writes and (not division or (lying is not None and lying.startswith(division) and not everywhere_only))
        }
        assert wrote[signed] == (set() if table in NEVER_UPDATED else expected), (role, division, scopes)


# History.


@pytest.mark.parametrize("table", sorted(PRIVATE - SECRETS - NEVER_UPDATED))
def test_history_of_what_is_private_is_as_private(connection: Connection, rows: Rows, table: str) -> None:
    with scoped(connection, "*"):
        kept = {whose: {"id": getattr(rows, whose)[table]["id"]} for whose in ("ours", "theirs", "nowhere")}
        for key in kept.values():
            assert _update(connection, table, key) == 1
        seen = {
            (scope, whose): _sees(connection, f"history.{table}", key, scope)
            for scope in ("*", OURS, "")
            for whose, key in kept.items()
        }
    assert {where for where, sees in seen.items() if sees} == {("*", whose) for whose in kept} | {(OURS, "ours")}


def test_history_is_written_wherever_who_acts_may_write(connection: Connection, rows: Rows) -> None:
    key = rows.ours["facility"]
    with scoped(connection, OURS, "li.ming"):
        assert _update(connection, "facility", key) == 1
        by = connection.execute(text("SELECT replaced_by FROM history.facility WHERE id = :id"), dict(key)).scalar_one()
    assert by == "li.ming"


@pytest.mark.parametrize(("scope", "rows_seen"), [("*", True), (OURS, False), ("", False), ("sign-in", False)])
def test_the_audit_is_read_with_the_whole_registry_in_reach(
    connection: Connection,
    rows: Rows,
    scope: str,
    rows_seen: bool,  # noqa: FBT001
) -> None:
    with scoped(connection, scope, "li.ming"):
        assert (connection.execute(text("SELECT count(*) FROM audit_entry")).scalar_one() > 0) is rows_seen


def test_an_answer_that_is_kept_is_its_askers_alone(connection: Connection) -> None:
    kept = (
        "INSERT INTO kept_answer (actor, key, digest, status, headers, body) "
        "VALUES ('{}', 'x', decode(repeat('00', 32), 'hex'), 201, '{{}}', '') ON CONFLICT DO NOTHING"
    )
    key = {"actor": "ours", "key": "x"}
    for scope in ("*", OURS, ""):
        with scoped(connection, scope, "ours"):
            assert _held_back(connection, kept.format("theirs"))
            assert not _held_back(connection, kept.format("ours"))
            assert _update(connection, "kept_answer", key) == 1
            for other in ("theirs", ""):
                _set(connection, scope, other)
                assert _update(connection, "kept_answer", key) == 0
                assert not _sees(connection, "kept_answer", key, "*", other)


# Accounts.


def test_whoever_has_an_account_reads_and_changes_what_is_their_own(connection: Connection, rows: Rows) -> None:
    own = {"account", "account_password", "account_session", "api_token"}
    read = own | {"account_identity", "api_token_secret", "role_grant", "team", "team_member"}
    ours = rows.nowhere | rows.ours
    assert {table for table in PRIVATE if _sees(connection, table, ours[table], "", "ours")} == read
    assert {table for table in PRIVATE if _updates(connection, table, ours[table], "", "ours")} == own
    for table in PRIVATE - OF_THE_WHOLE:
        assert not _sees(connection, table, rows.theirs[table], "", "ours")
        assert not _updates(connection, table, rows.theirs[table], "", "ours")


SET_TOKEN = text("SELECT set_config('geo.token', :token, true)")
TAKEN_BACK = {
    "account": "state = 'disabled'",
    "account_session": "ended_at = now()",
    "api_token": "revoked_at = now()",
    "role_grant": "valid_until = valid_from",
}
"""What somebody ends by a token for administering."""
GIVEN_BACK = {
    "account": "state = 'active'",
    "account_session": "ended_at = NULL",
    "api_token": "revoked_at = NULL",
    "role_grant": "valid_until = NULL",
}
"""What nobody does by any."""


@contextmanager
def by_token(connection: Connection, scopes: str) -> Iterator[None]:
    """What is tried as by a token."""
    connection.execute(SET_TOKEN, {"token": scopes})
    yield
    connection.execute(SET_TOKEN, {"token": ""})


@pytest.mark.parametrize("scope", ["*", OURS, ""])
@pytest.mark.parametrize("token", ["read", "plan", "edit", "edit,plan,read", "admin", "admin,edit,plan,read"])
@pytest.mark.parametrize("table", sorted(PRIVATE - {"facility_contact"} - CASES))
def test_no_token_gives_anybody_anything_its_own_account_neither(
    connection: Connection, rows: Rows, table: str, token: str, scope: str
) -> None:
    """A leaked one would make another that outlives it, or a password."""
    key = (rows.nowhere | rows.ours)[table]
    taken = TAKEN_BACK.get(table, "")
    with by_token(connection, token):
        assert not _inserts(connection, table, key, scope, "ours")
        assert not _sets(connection, table, key, scope, GIVEN_BACK.get(table, ""))
        takes_back = _sets(connection, table, key, scope, taken)
    may = _sets(connection, table, key, scope, taken)
    assert takes_back is (may and table in TAKEN_BACK and "admin" in token)


def _sets(connection: Connection, table: str, key: Key, scope: str, what: str) -> bool:
    """Whether a statement changes a row, of whom it may be one's own; without a word what, to what it is."""
    column = _changed_column(connection, table)
    if column is None:
        return False
    statement = f"UPDATE {table} SET {what or f'{column} = {column}'} WHERE {_where(key)}"
    with scoped(connection, scope, "ours"):
        try:
            with connection.begin_nested():
                return connection.execute(text(statement), _bound(key)).rowcount == 1
        except DBAPIError as refused:
            if "row-level security" not in str(refused.orig):
                raise
            return False


@pytest.mark.parametrize("table", ["account_password", "api_token", "api_token_secret"])
def test_signed_in_one_writes_of_ones_own_what_no_token_does(connection: Connection, rows: Rows, table: str) -> None:
    """Else the test above would prove nothing."""
    assert _inserts(connection, table, rows.ours[table], "", "ours")


@pytest.mark.parametrize(("token", "keeps"), [("read", False), ("plan", True), ("edit", True), ("admin", True)])
def test_an_answer_is_kept_for_whom_a_token_lets_change_something(
    connection: Connection,
    token: str,
    keeps: bool,  # noqa: FBT001
) -> None:
    kept = (
        "INSERT INTO kept_answer (actor, key, digest, status, headers, body) "
        "VALUES ('ours', 'x', decode(repeat('00', 32), 'hex'), 201, '{}', '')"
    )
    with scoped(connection, "", "ours"), by_token(connection, token):
        assert _held_back(connection, kept) is not keeps


def test_finding_out_who_asks_reads_accounts_and_writes_sessions_and_counters_alone(
    connection: Connection, rows: Rows
) -> None:
    scope = "sign-in"
    every = {table: rows.theirs.get(table, rows.nowhere[table]) for table in TABLES}
    assert {table for table, key in every.items() if table in PRIVATE and _sees(connection, table, key, scope)} == {
        "account",
        "account_identity",
        "account_password",
        "account_session",
        "api_token",
        "api_token_secret",
        "role_grant",
        "sign_in_failure",
        "team",
        "team_member",
    }
    inserted = {table for table, key in every.items() if _inserts(connection, table, key, scope)}
    assert inserted == {"account_session", "sign_in_failure"}
    updated = {table for table, key in every.items() if _updates(connection, table, key, scope)}
    assert updated == {"account_password", "account_session", "api_token_secret", "sign_in_failure"}


def test_an_account_that_reaches_farther_is_out_of_reach(
    connection: Connection, rows: Rows, database: Database
) -> None:
    """It would be taken over by giving it a grant of one's own, and then a password."""
    with database.write(actor="test") as session:
        account = make_account(session, "wang", Grant(Role.VIEWER, OURS), Grant(Role.ADMIN, THEIRS))
        key = {"id": account.id}
    for scope in (OURS, THEIRS):
        assert not _sees(connection, "account", key, scope)
        assert not _updates(connection, "account", key, scope)
        with scoped(connection, scope):
            given = f"INSERT INTO role_grant (account_id, role, division) VALUES (:id, 'steward', '{scope}')"
            assert _held_back(connection, given, key)
    assert _updates(connection, "account", key, f"{OURS},{THEIRS}")


def test_a_grant_of_a_team_counts_and_one_that_is_over_doesnt(connection: Connection, database: Database) -> None:
    with database.write(actor="test") as session:
        of_team, moved = make_account(session, "of.team", Grant(Role.VIEWER, OURS)), make_account(session, "moved")
        team = Team(key="city", name="x")
        session.add(team)
        session.flush()
        begun = clock.now() - timedelta(days=2)
        session.add_all(
            [
                TeamMember(team_id=team.id, account_id=of_team.id),
                RoleGrant(team_id=team.id, role="admin", division=""),
                RoleGrant(
                    account_id=moved.id, role="admin", division=THEIRS, valid_from=begun,
                    valid_until=begun + timedelta(days=1),
                ),
            ]
        )  # fmt: skip
        session.flush()
        session.add(RoleGrant(account_id=moved.id, role="steward", division=OURS))
        session.flush()
        keys = {"of_team": {"id": of_team.id}, "moved": {"id": moved.id}}
    assert {name: _updates(connection, "account", key, OURS) for name, key in keys.items()} == {
        "of_team": False,
        "moved": True,
    }


def test_an_account_that_was_never_granted_anything_is_seen_and_changed_by_no_county(
    connection: Connection, database: Database
) -> None:
    with database.write(actor="test") as session:
        key = {"id": make_account(session, "new").id}
    assert _sees(connection, "account", key, OURS)
    assert not _updates(connection, "account", key, OURS)
    assert not _sees(connection, "account", key, "")


def test_whether_anybody_has_an_account_is_known_to_everybody(connection: Connection, rows: Rows) -> None:
    assert connection.execute(text("SELECT accounts_exist()")).scalar_one()
    assert connection.execute(text("SELECT count(*) FROM account")).scalar_one() == 0


def test_whether_a_name_is_taken_is_known_to_whoever_may_make_an_account(connection: Connection, rows: Rows) -> None:
    asked = text("SELECT login_is_taken('theirs'), login_is_taken('x')")
    for scope, known in ((OURS, True), ("*", True), ("", False), ("sign-in", False)):
        with scoped(connection, scope):
            assert connection.execute(asked).one() == (known, False)
