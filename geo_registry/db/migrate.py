"""Bring the schema up to date, as the owner.

Every command begins here, and finds nothing to do nearly always: alembic is loaded only where there is something.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING

from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from geo_registry.db.engine import make_engine
from geo_registry.errors import DatabaseNewer, DatabaseUnavailable
from geo_registry.settings import CHECKOUT

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATION_LOCK = 0x67656F  # "geo": any number will do, as long as it is the same for all
"""The advisory lock that keeps two processes from migrating at once."""

VERSIONS = CHECKOUT / "migrations" / "versions"

_REVISION = re.compile(r'^revision = "(\w+)"$', re.MULTILINE)
_DOWN_REVISION = re.compile(r'^down_revision = "(\w+)"$', re.MULTILINE)


def alembic_config(connection: Connection | None = None) -> "Config":
    """Alembic's settings, from pyproject.toml; `connection` is what `migrations/env.py` works on."""
    from alembic.config import Config  # noqa: PLC0415 - half a second that most commands needn't spend

    config = Config(toml_file=CHECKOUT / "pyproject.toml")
    if connection is not None:
        config.attributes["connection"] = connection
    return config


@lru_cache(maxsize=1)
def known_revisions() -> frozenset[str]:
    """Every revision that this checkout knows."""
    return frozenset(_REVISION.findall(_sources()))


@lru_cache(maxsize=1)
def head() -> str:
    """The newest revision that this checkout knows: the one that no other builds upon."""
    (newest,) = known_revisions() - set(_DOWN_REVISION.findall(_sources()))
    return newest


def _sources() -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(VERSIONS.glob("*.py")))


def revision_of(connection: Connection) -> str | None:
    """The revision that the database is at; None for an empty one."""
    if connection.execute(text("SELECT to_regclass('public.alembic_version')")).scalar() is None:
        return None
    return connection.execute(text("SELECT version_num FROM public.alembic_version")).scalar()


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
    with _owner(owner_url) as connection:
        if revision_of(connection) == head():
            return False
        # However long the other takes: only locks on tables are given up on (`migrations/env.py`).
        connection.execute(text("SET lock_timeout = 0"))
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": MIGRATION_LOCK})
        current = revision_of(connection)
        if current == head():
            return False
        if current is not None and current not in known_revisions():
            raise DatabaseNewer(found=current, known=head())
        from alembic import command  # noqa: PLC0415 - see above

        command.upgrade(alembic_config(connection), "head")
        connection.commit()
        return True


def downgrade(owner_url: str, revision: str) -> None:
    """Migrate back to `revision` (`base` for an empty schema)."""
    from alembic import command  # noqa: PLC0415 - see above

    with _owner(owner_url) as connection:
        command.downgrade(alembic_config(connection), revision)
        connection.commit()


def check(owner_url: str) -> None:
    """Fail when the tables that the model declares differ from those that the migrations make."""
    from alembic import command  # noqa: PLC0415 - see above

    with _owner(owner_url) as connection:
        command.check(alembic_config(connection))
