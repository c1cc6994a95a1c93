"""What servers, disks and constraints do to a transaction, as domain errors."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2
import psycopg2.errors
from sqlalchemy.exc import DBAPIError

from geo_registry.db.conflicts import as_domain_error
from geo_registry.errors import DatabaseUnavailable, RecordBusy, StatementTooSlow, StorageFull

GONE = ("08", "57P")
"""Beginnings of the codes that a server sends when it goes away, or that a connection's end is known by."""
QUERY_CANCELED = "57014"
LOCK_NOT_AVAILABLE = "55P03"
NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT})


@contextmanager
def failures_said() -> Iterator[None]:
    """Raise the domain error for what went wrong below; COPY goes round SQLAlchemy, so for the driver's errors too.

    Raises
    ------
    Conflict
        A constraint of the schema refused a row; the error names the rule.
    DatabaseUnavailable
        The server can't be reached, or went away.
    StatementTooSlow, RecordBusy
        A statement ran into its timeout, or waited too long for another's lock.
    StorageFull
        The disk of the database, or of temporary files, is full.
    """
    try:
        yield
    except DBAPIError as error:
        _say(error.orig, error, lost=error.connection_invalidated)
        raise
    except psycopg2.Error as error:
        _say(error, error, lost=False)
        raise
    except OSError as error:
        if error.errno in NO_SPACE:
            raise StorageFull(reason=error.strerror or str(error)) from error
        raise


def _say(said: BaseException | None, error: Exception, *, lost: bool) -> None:
    code = getattr(said, "pgcode", None)
    if isinstance(said, psycopg2.errors.DiskFull):
        raise StorageFull(reason=str(said).strip()) from error
    if code == QUERY_CANCELED:
        raise StatementTooSlow from error
    if code == LOCK_NOT_AVAILABLE:
        raise RecordBusy from error
    if isinstance(said, psycopg2.IntegrityError):
        raise as_domain_error(said) from error
    if lost or (
        # Without a code of the server's it is the connection that failed, not the statement.
        isinstance(said, psycopg2.OperationalError | psycopg2.InterfaceError)
        and (code is None or code.startswith(GONE))
    ):
        raise DatabaseUnavailable(reason=str(said).strip() or "the connection was closed") from error
