"""Bring the schema up to date, as the owner."""

from collections.abc import Iterator
from contextlib import contextmanager

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from geo_registry.db.engine import make_engine
from geo_registry.errors import DatabaseNewer, DatabaseUnavailable
from geo_registry.settings import CHECKOUT

MIGRATION_LOCK = 0x67656F  # "geo": any number will do, as long as it is the same for all
"""The advisory lock that keeps two processes from migrating at once."""


def alembic_config(connection: Connection | None = None) -> Config:
    """Alembic's settings, from pyproject.toml; `connection` is what `migrations/env.py` works on."""
    config = Config(toml_file=CHECKOUT / "pyproject.toml")
    if connection is not None:
        config.attributes["connection"] = connection
    return config


def head() -> str:
    """The newest revision that this checkout knows."""
    revision = ScriptDirectory.from_config(alembic_config()).get_current_head()
    if revision is None:
        msg = "no migrations found"
        raise LookupError(msg)
    return revision


def revision_of(connection: Connection) -> str | None:
    """The revision that the database is at; None for an empty one."""
    return MigrationContext.configure(connection).get_current_revision()


@contextmanager
def _owner(owner_url: str) -> Iterator[Connection]:
    engine = make_engine(owner_url, pool_size=1)
    try:
        with engine.connect() as connection:
            yield connection
    except OperationalError as error:
        raise DatabaseUnavailable(reason=str(error.orig).strip()) from error
    finally:
        engine.dispose()


def upgrade(owner_url: str) -> bool:
    """Migrate to this checkout's head; tells whether anything was to do.

    Safe when several processes call it at once: one migrates, the others wait and find it done.

    Raises
    ------
    DatabaseNewer
        The database was migrated by a newer version of the product.
    DatabaseUnavailable
        The server can't be reached.
    """
    target = head()
    with _owner(owner_url) as connection:
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": MIGRATION_LOCK})
        current = revision_of(connection)
        if current == target:
            return False
        known = {script.revision for script in ScriptDirectory.from_config(alembic_config()).walk_revisions()}
        if current is not None and current not in known:
            raise DatabaseNewer(found=current, known=target)
        command.upgrade(alembic_config(connection), "head")
        connection.commit()
        return True


def downgrade(owner_url: str, revision: str) -> None:
    """Migrate back to `revision` (`base` for an empty schema)."""
    with _owner(owner_url) as connection:
        command.downgrade(alembic_config(connection), revision)
        connection.commit()


def check(owner_url: str) -> None:
    """Fail when the tables that the model declares differ from those that the migrations make."""
    with _owner(owner_url) as connection:
        command.check(alembic_config(connection))
