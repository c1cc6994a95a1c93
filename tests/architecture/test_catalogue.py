"""What the database itself must hold, which alembic doesn't compare: history, triggers, and who may do what."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, create_engine, text

from geo_registry.accounts.audit import _twins
from geo_registry.model import Division
from tests.conftest import TestUrls

RECORDS = {
    "import_run",
    "coverage_zone",
    "coverage_point",
    "coverage_facility",
    "job_progress",
    "table_version",
    "name_key",
    "name_due",
    "name_finding",
    "name_review",
    "document_content",
}
"""What happened, as it happened, or what is derived from records: nobody changes it, so it needs no history."""
SECRETS = {"account_password", "account_session", "api_token_secret", "kept_answer", "oidc_attempt", "sign_in_failure"}
"""What somebody is known by, guessed at, or was answered: what was replaced is to be gone, so it has no history (ADR 0036)."""
CHANGED_BY_COLUMN = {
    "account": {"display_name", "state", "must_change"},
    "account_identity": set(),
    "account_password": {"hash", "set_at"},
    "account_session": {"seen_at", "ended_at"},
    "api_token": {"revoked_at"},
    "api_token_secret": {"used_at"},
    "kept_answer": {"digest", "status", "headers", "body", "kept_at"},
    "oidc_attempt": {"used_at"},
    "role_grant": {"valid_until", "withheld_at"},
    "facility_contact": {"person", "post", "phone"},
    "sign_in_failure": {"failures", "last_at", "blocked_until"},
    "team": {"name"},
    "team_member": {"left_at"},
    "announcement": set(),
    "document_content": set(),
    "case_clearance": {"withdrawn"},
    "case_document": {"withdrawn"},
    "case_step": set(),
    "consultation": {"closed_on"},
    "consultation_comment": {"outcome", "answer"},
    "name_decision": {"approval_number", "filed_on", "filing_number", "announcement_id"},
}
"""Tables of which the application may change these columns only: whose session it is, say, is written once."""
WHO_REGISTERED_IT = {"recorded_by", "recorded_why"}
"""Columns that the database fills in by who acts: nobody says that it was somebody else."""
WRITTEN_ONCE = WHO_REGISTERED_IT | {"id", "fid", "recorded_at"}
"""What of a record that says who registered it is never changed."""
TABLES = sorted(set(Division.metadata.tables))
ATTRIBUTED = {
    name for name, table in Division.metadata.tables.items() if set(table.columns.keys()) >= WHO_REGISTERED_IT
}
PRIVATE = {
    "account",
    "account_identity",
    "account_password",
    "account_session",
    "api_token",
    "api_token_secret",
    "audit_entry",
    "audit_seal",
    "case_clearance",
    "case_document",
    "case_name",
    "case_step",
    "consultation_comment",
    "document_content",
    "facility_contact",
    "kept_answer",
    "naming_case",
    "oidc_attempt",
    "role_grant",
    "sign_in_failure",
    "team",
    "team_member",
}
"""Tables whose rows not everybody reads (ADR 0017)."""
PUBLIC = set(TABLES) - PRIVATE
AUDIT = {"audit_entry", "audit_seal"}
"""Added to by functions alone; the application reads it."""
BUSINESS = [table for table in TABLES if table not in RECORDS | SECRETS | AUDIT]
UNAUDITED = (RECORDS - {"import_run"}) | {"kept_answer", "oidc_attempt", "sign_in_failure"} | AUDIT
"""A run's answers, how far a job is, what is derived from records, answers that are kept, how often a name was guessed at."""
OWN_COLUMNS = {"history_id", "replaced_at", "replaced_by", "why", "operation"}


@pytest.fixture(scope="module")
def catalogue(worker_urls: TestUrls) -> Iterator[Connection]:
    engine = create_engine(worker_urls.superuser)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def _columns(catalogue: Connection, table: str) -> dict[str, str]:
    rows = catalogue.execute(
        text(
            "SELECT attname, format_type(atttypid, atttypmod) AS type FROM pg_attribute "
            "WHERE attrelid = CAST(:table AS regclass) AND attnum > 0 AND NOT attisdropped AND attgenerated = ''"
        ),
        {"table": table},
    )
    return {row.attname: row.type for row in rows}


@pytest.mark.parametrize("table", BUSINESS)
def test_a_business_table_has_a_history_twin_with_its_columns(catalogue: Connection, table: str) -> None:
    twin = _columns(catalogue, f"history.{table}")
    assert {name: kind for name, kind in twin.items() if name not in OWN_COLUMNS} == _columns(catalogue, table)
    assert twin.keys() >= OWN_COLUMNS


@pytest.mark.parametrize("table", BUSINESS)
def test_its_history_is_written_once_a_statement(catalogue: Connection, table: str) -> None:
    rows = catalogue.execute(
        text(
            "SELECT tgname, tgtype & 1 AS by_row, tgoldtable, tgenabled FROM pg_trigger "
            "WHERE tgrelid = CAST(:table AS regclass) AND tgname LIKE 'history_on_%' ORDER BY tgname"
        ),
        {"table": table},
    ).all()
    assert [tuple(row) for row in rows] == [
        ("history_on_delete", 0, "old_rows", "O"),
        ("history_on_update", 0, "old_rows", "O"),
    ]


@pytest.mark.parametrize("table", [*TABLES, *(f"history.{table}" for table in BUSINESS)])
def test_every_table_is_behind_the_wall(catalogue: Connection, table: str) -> None:
    """A new one says in its migration who reads and writes it: `SELECT wall_in('table', reads, inserts, updates)`."""
    commands = catalogue.execute(
        text(
            "SELECT polcmd FROM pg_policy JOIN pg_class ON pg_class.oid = polrelid "
            "WHERE polrelid = CAST(:table AS regclass) AND relrowsecurity AND polpermissive "
            "AND polroles = ARRAY['geo_app'::regrole::oid] ORDER BY polcmd"
        ),
        {"table": table},
    ).scalars()
    assert "".join(commands) == ("r" if table.startswith("history.") else "arw")


def test_no_table_is_left_out(catalogue: Connection) -> None:
    left_out = catalogue.execute(
        text(
            "SELECT oid::regclass::text FROM pg_class WHERE relnamespace IN ('public'::regnamespace, 'history'::regnamespace) "
            "AND relkind IN ('r', 'p', 'm', 'v', 'f') AND NOT relrowsecurity "
            "AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_class.oid AND deptype = 'e')"
        )
    ).scalars()
    assert list(left_out) == ["alembic_version"]


@pytest.mark.parametrize("table", sorted(PUBLIC))
def test_reading_what_everybody_may_read_costs_nothing(catalogue: Connection, table: str) -> None:
    """A policy that reads the row keeps spatial indexes from being used (ADR 0041)."""
    condition = catalogue.execute(
        text(
            "SELECT pg_get_expr(polqual, polrelid) FROM pg_policy "
            "WHERE polrelid = CAST(:table AS regclass) AND polcmd = 'r'"
        ),
        {"table": table},
    ).scalar_one()
    assert condition == "true"


def _may(catalogue: Connection, table: str, privilege: str) -> bool:
    return bool(
        catalogue.execute(
            text("SELECT has_table_privilege('geo_app', CAST(:table AS regclass), :privilege)"),
            {"table": table, "privilege": privilege},
        ).scalar_one()
    )


def _columns_that_may(catalogue: Connection, table: str, privilege: str) -> set[str]:
    question = text(
        "SELECT attname FROM pg_attribute WHERE attrelid = CAST(:table AS regclass) AND attnum > 0 "
        "AND NOT attisdropped AND has_column_privilege('geo_app', attrelid, attnum, :privilege)"
    )
    return set(catalogue.execute(question, {"table": table, "privilege": privilege}).scalars())


@pytest.mark.parametrize("table", sorted(set(TABLES) - UNAUDITED))
def test_what_is_written_to_it_is_audited_once_a_statement(catalogue: Connection, table: str) -> None:
    rows = catalogue.execute(
        text(
            "SELECT tgname, tgtype & 1 AS by_row, tgenabled FROM pg_trigger "
            "WHERE tgrelid = CAST(:table AS regclass) AND tgname LIKE 'audit_on_%' ORDER BY tgname"
        ),
        {"table": table},
    ).all()
    assert [tuple(row) for row in rows] == [(f"audit_on_{event}", 0, "O") for event in ("delete", "insert", "update")]


def test_the_audit_finds_the_history_of_every_business_table() -> None:
    """But of runs: those that were performed before they had a history would look as if somebody had falsified them."""
    assert sorted([*_twins(), "coverage_run"]) == BUSINESS


@pytest.mark.parametrize("table", sorted(AUDIT))
def test_the_application_reads_the_audit_and_no_more(catalogue: Connection, table: str) -> None:
    assert _may(catalogue, table, "SELECT")
    kinds = ("INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")
    assert not any(_may(catalogue, table, privilege) for privilege in kinds)


@pytest.mark.parametrize("table", sorted(set(TABLES) - AUDIT))
def test_the_application_reads_and_writes_and_never_deletes(catalogue: Connection, table: str) -> None:
    assert _may(catalogue, table, "SELECT")
    assert _may(catalogue, table, "INSERT") is (table not in ATTRIBUTED)
    assert _may(catalogue, table, "UPDATE") is (table not in ATTRIBUTED | set(CHANGED_BY_COLUMN))
    assert not any(_may(catalogue, table, privilege) for privilege in ("DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"))


@pytest.mark.parametrize(("table", "columns"), CHANGED_BY_COLUMN.items())
def test_of_an_account_the_application_changes_what_can_change(
    catalogue: Connection, table: str, columns: set[str]
) -> None:
    assert _columns_that_may(catalogue, table, "UPDATE") == columns


@pytest.mark.parametrize("table", sorted(ATTRIBUTED))
def test_who_registered_a_record_is_written_by_the_database_alone(catalogue: Connection, table: str) -> None:
    """Every other column is the application's: one that a migration adds needs `SELECT let_write('table', true)`."""
    columns = set(_columns(catalogue, table))
    assert _columns_that_may(catalogue, table, "INSERT") == columns - WHO_REGISTERED_IT
    if table not in CHANGED_BY_COLUMN:
        assert _columns_that_may(catalogue, table, "UPDATE") == columns - WRITTEN_ONCE


OF_THE_QUEUE = {
    "procrastinate_jobs": (
        {"queue_name", "task_name", "priority", "lock", "queueing_lock", "args", "scheduled_at"},
        {"queue_name", "priority", "lock", "scheduled_at", "status", "attempts", "abort_requested", "worker_id"},
        False,
    ),
    "procrastinate_events": ({"job_id", "type", "at"}, set(), False),
    "procrastinate_periodic_defers": (set(), set(), False),
    "procrastinate_workers": ({"id", "last_heartbeat"}, {"last_heartbeat"}, True),
}
"""Of the queue's tables: the columns that the application inserts and updates, and whether it deletes. Its functions act
with the application's rights: what they don't need, nobody has. Workers are struck off when they leave or fall silent."""


@pytest.mark.parametrize(("table", "rights"), OF_THE_QUEUE.items())
def test_of_the_queue_the_application_changes_what_the_queue_changes(
    catalogue: Connection, table: str, rights: tuple[set[str], set[str], bool]
) -> None:
    inserted, updated = (_columns_that_may(catalogue, f"jobs.{table}", each) for each in ("INSERT", "UPDATE"))
    assert (inserted, updated, _may(catalogue, f"jobs.{table}", "DELETE")) == rights
    assert not any(_may(catalogue, f"jobs.{table}", privilege) for privilege in ("TRUNCATE", "REFERENCES", "TRIGGER"))


def test_the_queue_has_no_other_tables(catalogue: Connection) -> None:
    tables = catalogue.execute(
        text(
            "SELECT relname FROM pg_class WHERE relnamespace = 'jobs'::regnamespace AND relkind IN ('r', 'p', 'v', 'm')"
        )
    ).scalars()
    assert set(tables) == set(OF_THE_QUEUE)


@pytest.mark.parametrize("table", sorted(SECRETS))
def test_what_is_secret_leaves_no_history(catalogue: Connection, table: str) -> None:
    assert catalogue.execute(text("SELECT to_regclass(:twin)"), {"twin": f"history.{table}"}).scalar_one() is None


def test_no_twin_holds_a_hash(catalogue: Connection) -> None:
    held = catalogue.execute(
        text(
            "SELECT table_name FROM information_schema.columns "
            "WHERE table_schema = 'history' AND column_name IN ('hash', 'digest')"
        )
    ).scalars()
    assert list(held) == []


@pytest.mark.parametrize("table", BUSINESS)
def test_the_application_can_read_history_and_not_write_it(catalogue: Connection, table: str) -> None:
    assert _may(catalogue, f"history.{table}", "SELECT")
    assert not any(_may(catalogue, f"history.{table}", privilege) for privilege in ("INSERT", "UPDATE", "DELETE"))


def test_the_application_owns_nothing_and_makes_nothing(catalogue: Connection) -> None:
    owned = catalogue.execute(
        text(
            "SELECT relname FROM pg_class WHERE relowner = 'geo_app'::regrole "
            "UNION ALL SELECT proname FROM pg_proc WHERE proowner = 'geo_app'::regrole "
            "UNION ALL SELECT nspname FROM pg_namespace WHERE nspowner = 'geo_app'::regrole"
        )
    ).scalars()
    assert list(owned) == []
    schemas = catalogue.execute(
        text(
            "SELECT nspname FROM pg_namespace WHERE has_schema_privilege('geo_app', oid, 'CREATE') AND nspname !~ '^pg_'"
        )
    ).scalars()
    assert list(schemas) == []


def test_the_application_is_nobody_special(catalogue: Connection) -> None:
    role = catalogue.execute(
        text(
            "SELECT rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls FROM pg_roles WHERE rolname = 'geo_app'"
        )
    ).one()
    assert not any(role)


def test_functions_with_their_owners_rights_hold_on_to_their_search_path(catalogue: Connection) -> None:
    loose = catalogue.execute(
        text(
            "SELECT proname FROM pg_proc WHERE prosecdef AND proowner = 'geo_owner'::regrole "
            "AND NOT coalesce(array_to_string(proconfig, ',') LIKE '%search_path=%pg_temp', false)"
        )
    ).scalars()
    assert list(loose) == []
