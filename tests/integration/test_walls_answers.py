"""What functions with their owner's rights answer: to nobody nothing, to others what their scope allows (ADR 0053).

They see behind the wall, so each says itself whom it answers. All of it is asked by plain SQL as the application's role.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Any
from uuid import UUID

import psycopg2
import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from geo_registry import clock
from geo_registry.accounts.actors import Grant
from geo_registry.db.session import TO_SIGN, WriteSession
from geo_registry.jobs import queue
from geo_registry.model import (
    ApiToken,
    CaseName,
    Consultation,
    ConsultationComment,
    FacilityContact,
    KeptAnswer,
    NameDue,
    NamingCase,
    RoleGrant,
    SignInFailure,
    Team,
    TeamMember,
    UnnamedLane,
)
from geo_registry.vocabulary import DatasetKind, Role
from tests.architecture.test_catalogue import PRIVATE
from tests.conftest import RolledBackDatabase
from tests.factories import make_account, make_dataset, make_division, make_facility, make_place

OURS, THEIRS = "330702", "330703"
REFUSED = "refused"
"""In the place of an answer: the statement fails."""


@dataclass(frozen=True, slots=True)
class Answers:
    """A function's row: how it is asked, what it answers to nobody, and what to whom.

    Attributes
    ----------
    call
        A statement that gives one value; of the rows that are there by name (`ids`).
    left
        A question about what the call came to, asked by whoever may see it; None where the answer is all.
    scope, actor
        Who is answered: as a unit of work of theirs is signed.
    others
        A scope in which it isn't, though it is one.
    """

    call: str
    nobody: object
    them: object
    scope: str = ""
    actor: str = "li.ming"
    others: str | None = None
    left: str | None = None


EVERYBODY_IS_ANSWERED = {
    "accounts_exist()",
    "comment_with_number(text)",
    "division_of_case(uuid)",
    "lane_stands(uuid)",
    "lanes_called(uuid[])",
    "lanes_of_places(uuid[])",
    "case_of_dataset(uuid)",
}
"""Whether one has to sign in: it is asked before anybody is known, and `/sign-in` shows it to everybody. To answer "no" to
nobody would open the registry to whoever sits at the machine. Whoever said something where the public is asked learns by its
number what became of it. Whose a case is: so that who reaches for it is told who may."""

ANSWERS: Mapping[str, Answers] = MappingProxyType(
    {
        # Who one is, and of which teams: to oneself.
        "acting_account()": Answers("SELECT acting_account() = :account", None, them=True),
        "acting_teams()": Answers("SELECT :team = ANY (acting_teams())", None, them=True),
        # Whether an account, a team, a token's account lies in the scope: to whoever has one.
        "scope_holds_account(uuid)": Answers(
            "SELECT scope_holds_account(:account)", nobody=False, them=True, scope=OURS, others=THEIRS
        ),
        "scope_sees(uuid,uuid)": Answers(
            "SELECT scope_sees(:account, NULL)", nobody=False, them=True, scope=OURS, others=THEIRS
        ),
        "scope_holds_team(uuid)": Answers(
            "SELECT scope_holds_team(:team)", nobody=False, them=True, scope=OURS, others=THEIRS
        ),
        "account_of_token(uuid)": Answers(
            "SELECT account_of_token(:token) = :account", None, them=True, scope=OURS, others=THEIRS
        ),
        "accounts_exist()": Answers("SELECT accounts_exist()", nobody=True, them=True, scope=OURS),
        # Names are good once in the whole registry: to whoever may make an account.
        "login_is_taken(text)": Answers(
            "SELECT login_is_taken('li.ming')", nobody=False, them=True, scope=THEIRS, others="sign-in"
        ),
        # The office sees that there is somebody to call, wherever it is.
        "masked_contacts(uuid)": Answers(
            "SELECT person FROM masked_contacts(:facility)", None, them="王**", scope=THEIRS, others="sign-in"
        ),
        "erase_contact(uuid)": Answers(
            "SELECT erase_contact(:contact)",
            nobody=1,
            them=0,
            scope=OURS,
            others=THEIRS,
            left="SELECT count(*) FROM facility_contact WHERE id = :contact",
        ),
        # What goes because it is old, for whom it is in the way.
        "forget_sign_ins()": Answers(
            "SELECT forget_sign_ins()",
            nobody=1,
            them=0,
            scope="sign-in",
            others=OURS,
            left="SELECT count(*) FROM sign_in_failure WHERE key = 'old'",
        ),
        "forget_answers()": Answers(
            "SELECT forget_answers()", nobody=1, them=0, left="SELECT count(*) FROM kept_answer WHERE key = 'old'"
        ),
        # The product's own work, done everywhere.
        "take_names(integer)": Answers(
            "SELECT count(*) > 0 FROM take_names(10)", nobody=False, them=True, scope="*", others=OURS
        ),
        "turn_places()": Answers("SELECT turn_places()", nobody=0, them=1, scope="*", others=OURS),
        "forget_name_findings()": Answers(
            "SELECT count(*) FROM (SELECT forget_name_findings()) AS done", REFUSED, them=1, scope="*", others=OURS
        ),
        "seal_audit(integer)": Answers("SELECT seal_audit(1)", nobody=0, them=1, scope="*", others=OURS),
        # What the public says, and what comes of it.
        "say_in_consultation(uuid,uuid,text,text,text,text,text,date)": Answers(
            "SELECT count(*) FROM (SELECT say_in_consultation(gen_random_uuid(), :consultation, '2', 'x', '', '', '', current_date)) AS said",
            REFUSED,
            them=1,
        ),
        "comment_with_number(text)": Answers(
            "SELECT outcome FROM comment_with_number('1')", "received", them="received"
        ),
        # Cases: whose one is, to everybody; that a place waits for one, and the next number, to whoever works somewhere.
        "division_of_case(uuid)": Answers("SELECT division_of_case(:case)", f"{OURS}000000", them=f"{OURS}000000"),
        "case_pending_of(uuid[],uuid)": Answers(
            "SELECT count(*) > 0 FROM case_pending_of(ARRAY[CAST(:place AS uuid)], NULL)",
            nobody=False,
            them=True,
            scope=THEIRS,
            others="sign-in",
        ),
        "open_case_names(text,uuid)": Answers(
            "SELECT count(*) > 0 FROM open_case_names('33', gen_random_uuid())",
            nobody=False,
            them=True,
            scope=THEIRS,
            others="sign-in",
        ),
        # How a lane stands, what it is called and which is whose are everybody's, as the lanes are; of the case nothing else.
        "lane_stands(uuid)": Answers("SELECT lane_stands(:line)", "filed", them="filed"),
        "lanes_called(uuid[])": Answers("SELECT name FROM lanes_called(ARRAY[CAST(:line AS uuid)])", "x", them="x"),
        "lanes_of_places(uuid[])": Answers(
            "SELECT count(*) FROM lanes_of_places(ARRAY[CAST(:place AS uuid)])", 1, them=1
        ),
        "case_of_dataset(uuid)": Answers("SELECT count(case_of_dataset(:dataset))", 1, them=1),
        "next_case_number(text)": Answers(
            "SELECT next_case_number('x-')", None, them="x-0001", scope=OURS, others="sign-in"
        ),
        # The audit takes no entry of nobody's, and refusals of those alone who find out who asks.
        "note_read(text,uuid[],bigint)": Answers(
            "SELECT note_read('account', NULL, 7)",
            REFUSED,
            them=1,
            left="SELECT count(*) FROM audit_entry WHERE operation = 'read' AND rows = 7",
        ),
        "note_refusal(uuid)": Answers(
            "SELECT note_refusal(:account)",
            REFUSED,
            them=1,
            scope="sign-in",
            others="*",
            left="SELECT count(*) FROM audit_entry WHERE operation = 'refuse' AND records = ARRAY[:account]",
        ),
        # Whoever keeps the queue keeps all of it.
        "note_job(bigint)": Answers(
            "SELECT note_job(:job)",
            REFUSED,
            them=1,
            scope="*",
            others=OURS,
            left="SELECT count(*) FROM audit_entry WHERE table_name = 'procrastinate_jobs'",
        ),
        # That somebody ordered one is said of one that waits, and of nobody else's divisions.
        "note_order(bigint)": Answers(
            "SELECT note_order(:job)",
            REFUSED,
            them=1,
            scope="*",
            others=OURS,
            left="SELECT count(*) FROM audit_entry WHERE table_name = 'procrastinate_jobs' AND operation = 'insert'",
        ),
    }
)


OF_POSTGIS = {
    "st_estimatedextent(text,text)",
    "st_estimatedextent(text,text,text)",
    "st_estimatedextent(text,text,text,boolean)",
}
"""From the planner's figures, about where the geometries of a table lie that the asker may read: what has any is public."""


NAME_KEY = (
    "INSERT INTO name_key (type, record_id, name, folded, pinyin, initials, grams, homophone, rank, length, kind, quality",
    "VALUES ('place', gen_random_uuid(), 'x', 'x', 'x', 'x', '{x}', 'x', 1, 1, 'village', 'source'",
)
"""A key whose day has come, but for that."""


def _case(session: WriteSession, division: UUID) -> tuple[UUID, UUID, UUID, UUID]:
    """A case that a place waits for by a line, with a consultation in which somebody said something; by their ids."""
    place, today = make_place(session), clock.now().date()
    case = NamingCase(
        number="1", kind="naming", title="x", division_id=division, approver="government", state="submitted"
    )
    session.add(case)
    session.flush()
    consultation = Consultation(
        case_id=case.id,
        kind="notice",
        title="x",
        names=[],
        division_id=division,
        opened_on=today - timedelta(days=2),
        closes_on=today + timedelta(days=2),
    )
    line = CaseName(case_id=case.id, position=1, action="rename", place_id=place.id, name="x", place_class="street")
    session.add_all((consultation, line))
    session.flush()
    session.add(ConsultationComment(consultation_id=consultation.id, number="1", said="x"))
    # A lane that has its name.
    named = CaseName(
        case_id=case.id, position=2, action="name", place_id=place.id, name="y", place_class="street", state="in-force"
    )
    session.add(named)
    session.flush()
    end = {"at": [119.65, 29.08]}
    lane = {"origin": "drawn", "geom": "SRID=4490;LINESTRING(119.65 29.08, 119.66 29.08)", "length_m": 970.0}
    session.add(UnnamedLane(**lane, begins=end, ends=end, proposed_name="y", case_name_id=named.id))
    session.flush()
    return case.id, line.id, place.id, consultation.id


@pytest.fixture
def ids(database: RolledBackDatabase) -> Mapping[str, Any]:
    """Something of everything in one county, and what is old enough to go."""
    long_ago = clock.now() - timedelta(days=2)
    with database.write(actor="test") as session:
        account = make_account(session, "li.ming", Grant(Role.STEWARD, OURS))
        team = Team(key="office", name="民政局")
        session.add(team)
        session.flush()
        session.add(TeamMember(team_id=team.id, account_id=account.id))
        division = make_division(session, f"{OURS}000000")
        facility = make_facility(session, division_id=division.id)
        case, line, place, consultation = _case(session, division.id)
        contact = FacilityContact(facility_id=facility.id, person="王小明", phone="110")
        token = ApiToken(account_id=account.id, name="x", scopes=["read"], expires_at=clock.now())
        dataset = make_dataset(session, DatasetKind.PLACES)
        session.get_one(NamingCase, case).dataset_id = dataset.id
        session.add_all([contact, token, SignInFailure(by="login", key="old", failures=1, last_at=long_ago)])
        session.flush()
        found = {
            "account": account.id,
            "team": team.id,
            "facility": facility.id,
            "contact": contact.id,
            "token": token.id,
            "job": queue.defer(session, "of.another"),
            "case": case,
            "line": line,
            "place": place,
            "consultation": consultation,
            "dataset": dataset.id,
        }
    answer = {"digest": b"x" * 32, "status": 201, "headers": {}, "body": "", "kept_at": long_ago}
    with database.write(actor="li.ming") as session:
        session.add(KeptAnswer(actor="li.ming", key="old", **answer))
    # Past the commit that would see to it.
    _sign(database.connection, "*", "test")
    database.connection.execute(text(f"INSERT INTO {NameDue.__tablename__} VALUES ('place', gen_random_uuid())"))
    database.connection.execute(text(f"{NAME_KEY[0]}, turns_on) {NAME_KEY[1]}, current_date)"))
    return found


@pytest.fixture
def connection(database: RolledBackDatabase, ids: Mapping[str, Any]) -> Connection:
    """The application's own connection, where nothing is set."""
    assert ids
    _sign(database.connection, "", "")
    assert database.connection.execute(text("SELECT current_user")).scalar_one() == "geo_app"
    return database.connection


def _sign(connection: Connection, scope: str, actor: str) -> None:
    connection.execute(TO_SIGN, {"actor": actor, "scope": scope})


def _answer(connection: Connection, row: Answers, ids: Mapping[str, Any], scope: str, actor: str) -> object:
    """What a row's function answers to whoever is signed so, or what its call came to."""

    def asked(statement: str) -> object:
        bound = {name: value for name, value in ids.items() if f":{name}" in statement}
        return connection.execute(text(statement), bound).scalars().first()

    _sign(connection, scope, actor)
    try:
        with connection.begin_nested():
            answered = asked(row.call)
    except DBAPIError as error:
        if not isinstance(error.orig, psycopg2.errors.InsufficientPrivilege):
            raise
        return REFUSED
    if row.left is None:
        return answered
    _sign(connection, "*", "li.ming")
    return asked(row.left)


DEFINERS = """
SELECT oid::regprocedure::text FROM pg_proc
WHERE prosecdef AND (prorettype = 'trigger'::regtype) = :triggers AND has_function_privilege('geo_app', oid, 'EXECUTE')
"""


def _definers(connection: Connection, *, triggers: bool) -> set[str]:
    return set(connection.execute(text(DEFINERS), {"triggers": triggers}).scalars())


def test_every_function_with_its_owners_rights_has_its_row(connection: Connection) -> None:
    """A new one says here whom it answers what."""
    assert _definers(connection, triggers=False) == set(ANSWERS) | OF_POSTGIS


COULD_TELL = text("""
    SELECT columns.f_table_name FROM geometry_columns AS columns
    JOIN pg_attribute ON attrelid = CAST(columns.f_table_name AS regclass) AND attname = columns.f_geometry_column
    WHERE attstattarget IS DISTINCT FROM 0
        OR EXISTS (SELECT FROM pg_index WHERE indrelid = attrelid AND attnum = ANY (indkey::int2[]))
""")
"""Tables of whose geometries the planner keeps figures, or an index has the extent."""


def test_nothing_private_has_a_place_that_postgis_could_tell(connection: Connection) -> None:
    placed = set(connection.execute(text("SELECT f_table_name FROM geometry_columns")).scalars())
    assert set(connection.execute(COULD_TELL).scalars()) & PRIVATE == set()
    assert "place" in set(connection.execute(COULD_TELL).scalars())
    assert placed & PRIVATE == {"case_name"}


@pytest.mark.parametrize("function", ANSWERS)
def test_to_nobody_it_answers_nothing(connection: Connection, ids: Mapping[str, Any], function: str) -> None:
    row = ANSWERS[function]
    for scope in ("", ",", ",,"):
        assert _answer(connection, row, ids, scope, "") == row.nobody
    nothing = row.nobody in {None, False, REFUSED} or row.nobody == (0 if row.left is None else 1)
    assert nothing is (function not in EVERYBODY_IS_ANSWERED)


@pytest.mark.parametrize("function", ANSWERS)
def test_to_them_it_answers(connection: Connection, ids: Mapping[str, Any], function: str) -> None:
    row = ANSWERS[function]
    assert _answer(connection, row, ids, row.scope, row.actor) == row.them
    assert (row.them != row.nobody) is (function not in EVERYBODY_IS_ANSWERED)


@pytest.mark.parametrize("function", [function for function, row in ANSWERS.items() if row.others is not None])
def test_to_others_it_answers_as_little_as_to_nobody(
    connection: Connection, ids: Mapping[str, Any], function: str
) -> None:
    row = ANSWERS[function]
    assert _answer(connection, row, ids, row.others or "", "wang") == row.nobody


@pytest.mark.parametrize(
    "call",
    [
        "SELECT granted(:account, NULL)",
        "SELECT seal_entries(1)",
        "SELECT wall_in('facility', 'true', 'true', 'true')",
        "SELECT install_history('facility')",
        "SELECT install_history_open('facility')",
        "SELECT install_audit_open('facility', 'id', true, '{}')",
    ],
)
def test_what_others_are_made_of_answers_nobody(connection: Connection, ids: Mapping[str, Any], call: str) -> None:
    assert _answer(connection, Answers(call, None, None), ids, "*", "li.ming") == REFUSED


def test_of_what_isnt_there_nobody_sees_anything(connection: Connection) -> None:
    """An account that can't be found isn't one that was never granted anything."""
    for scope in (OURS, "*"):
        _sign(connection, scope, "wang")
        assert connection.execute(text("SELECT scope_sees(NULL, NULL)")).scalar_one() is False


def test_the_history_of_a_contact_that_is_gone_is_erased_within_the_scope_alone(
    connection: Connection, ids: Mapping[str, Any]
) -> None:
    """Also where the row itself went another way: its history is no less personal."""
    _sign(connection, "*", "li.ming")
    connection.execute(
        text("UPDATE facility_contact SET phone = '120' WHERE id = :contact"), {"contact": ids["contact"]}
    )
    elsewhere = {"contact": ids["contact"]}
    left = text("SELECT count(*) FROM history.facility_contact WHERE id = :contact")
    for scope, kept in ((THEIRS, 1), ("", 1), (OURS, 0)):
        _sign(connection, scope, "li.ming")
        connection.execute(text("SELECT erase_contact(:contact)"), elsewhere)
        _sign(connection, "*", "li.ming")
        assert connection.execute(left, elsewhere).scalar_one() == kept


# Functions of triggers.


def test_no_triggers_function_is_for_the_application_to_use(connection: Connection) -> None:
    assert _definers(connection, triggers=True) == set()


@pytest.mark.parametrize("function", ["history.write_facility", "history.audit_facility"])
def test_nobody_writes_history_from_a_table_of_their_own(connection: Connection, function: str) -> None:
    """The function writes what the table says that it is hung on."""
    connection.execute(text("CREATE TEMP TABLE forged (LIKE facility)"))
    hung = (
        "CREATE TRIGGER forge AFTER DELETE ON forged REFERENCING OLD TABLE AS old_rows "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {function}()"
    )
    with pytest.raises(DBAPIError, match="permission denied for function"), connection.begin_nested():
        connection.execute(text(hung))


# Who grants a team.


def _grants(connection: Connection, team: Any, scope: str) -> bool:
    """Whether the wall lets a scope grant a team a role in a township of ours."""
    _sign(connection, scope, "wang")
    given = f"INSERT INTO {RoleGrant.__tablename__} (team_id, role, division) VALUES (:team, 'steward', '{OURS}001')"
    tried = connection.begin_nested()
    try:
        connection.execute(text(given), {"team": team})
    except DBAPIError as error:
        if "row-level security" not in str(error.orig):
            raise
        return False
    finally:
        tried.rollback()
    return True


def test_a_team_is_granted_something_by_whose_scope_holds_everybody_in_it(
    connection: Connection, database: RolledBackDatabase
) -> None:
    """What a team is granted, all who are of it may: whoever isn't in reach would be given power, or power over."""
    over = {"valid_from": clock.now() - timedelta(days=2), "valid_until": clock.now() - timedelta(days=1)}
    with database.write(actor="test") as session:
        people = {
            "ours": make_account(session, "ours", Grant(Role.STEWARD, OURS)),
            "theirs": make_account(session, "theirs", Grant(Role.STEWARD, THEIRS)),
            "new": make_account(session, "new"),
            "other": make_account(session, "other"),
            "moved": make_account(session, "moved"),
        }
        session.add(RoleGrant(account_id=people["moved"].id, role="steward", division=THEIRS, **over))
        teams = {
            key: _team(session, f"team-{number}", [people[each] for each in members], *grants, left=left, over=over)
            for number, (key, members, left, grants) in enumerate(
                [
                    ("empty", [], (), ()),
                    ("of ours", ["ours"], (), ()),
                    ("of theirs", ["theirs"], (), ()),
                    ("of both", ["ours", "theirs"], (), ()),
                    ("of newcomers", ["new"], (), ()),
                    ("of one who moved away", ["moved"], (), ()),
                    ("that they left", ["ours", "theirs"], ("theirs",), ()),
                    ("that everybody left", ["ours"], ("ours",), ()),
                    ("granted ours", [], (), (OURS,)),
                    ("granted theirs", ["other"], (), (THEIRS,)),
                    ("no longer granted theirs", ["ours"], (), (f"over {THEIRS}",)),
                ]
            )
        }
    granted = {key for key, team in teams.items() if _grants(connection, team, OURS)}
    assert granted == {"of ours", "of newcomers", "that they left", "granted ours", "no longer granted theirs"}
    assert {key for key, team in teams.items() if _grants(connection, team, f"{OURS},{THEIRS}")} == set(teams) - {
        "empty",
        "that everybody left",
    }
    assert {key for key, team in teams.items() if _grants(connection, team, "*")} == set(teams)
    assert {key for key, team in teams.items() if _grants(connection, team, "sign-in")} == set()


def _team(
    session: Any, key: str, members: list[Any], *grants: str, left: tuple[str, ...], over: Mapping[str, Any]
) -> Any:
    team = Team(key=key, name="x")
    session.add(team)
    session.flush()
    for each in members:
        gone = clock.now() if each.login in left else None
        session.add(TeamMember(team_id=team.id, account_id=each.id, left_at=gone))
    for division in grants:
        when = over if division.startswith("over ") else {}
        session.add(RoleGrant(team_id=team.id, role="viewer", division=division.removeprefix("over "), **when))
    session.flush()
    return team.id
