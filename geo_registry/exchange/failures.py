"""What can go wrong below an import, as domain errors: a full disk, a server that goes away."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2
import psycopg2.errors
from sqlalchemy.exc import DBAPIError

from geo_registry.errors import DatabaseUnavailable, StorageFull

GONE = ("08", "57P")
"""Beginnings of the codes that a server sends when it goes away, or that a connection's end is known by."""
NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT})


@contextmanager
def failures_said() -> Iterator[None]:
    """Raise the domain error for what disks and servers do; COPY goes round SQLAlchemy, so the driver's errors too.

    Raises
    ------
    StorageFull
        The disk of the database, or of temporary files, is full.
    DatabaseUnavailable
        The server went away.
    """
    try:
        yield
    except DBAPIError as error:
        _say(error.orig, error)
        raise
    except (psycopg2.OperationalError, psycopg2.InterfaceError) as error:
        _say(error, error)
        raise
    except OSError as error:
        if error.errno in NO_SPACE:
            raise StorageFull(reason=error.strerror or str(error)) from error
        raise


def _say(said: BaseException | None, error: Exception) -> None:
    code = getattr(said, "pgcode", None)
    if isinstance(said, psycopg2.errors.DiskFull):
        raise StorageFull(reason=str(said).strip()) from error
    if isinstance(said, psycopg2.OperationalError | psycopg2.InterfaceError) and (
        code is None or code.startswith(GONE)
    ):
        raise DatabaseUnavailable(reason=str(said).strip() or "the connection was closed") from error
