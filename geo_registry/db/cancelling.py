"""Break off a question whose asker has gone, from another thread than the one that waits for its answer."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg2
from psycopg2.extensions import connection as Connection  # noqa: N812 - it is a class
from sqlalchemy.exc import OperationalError

from geo_registry.db.failures import QUERY_CANCELED
from geo_registry.db.session import ReadSession
from geo_registry.errors import AskerLeft


class Questions:
    """The sessions that one asker's questions run in."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._connections: list[Connection] = []
        self._left = False

    @contextmanager
    def watch(self, session: ReadSession) -> Iterator[None]:
        """Let `leave` break off what `session` runs inside the block.

        Raises
        ------
        AskerLeft
            The asker went away.
        """
        connection = session.connection().connection.dbapi_connection
        assert isinstance(connection, Connection), "the product speaks psycopg2"
        with self._lock:
            self._connections.append(connection)
        try:
            if self._left:
                raise AskerLeft
            yield
        except OperationalError as error:
            if self._left and getattr(error.orig, "pgcode", None) == QUERY_CANCELED:
                raise AskerLeft from error
            raise
        finally:
            with self._lock:
                self._connections.remove(connection)
            if self._left:
                # The request to cancel may arrive late: it must not hit the next one who borrows the connection.
                session.invalidate()

    def leave(self) -> None:
        """Break off whatever runs, and refuse what would begin; returns when the server has been told."""
        with self._lock:
            self._left = True
            for connection in self._connections:
                # One that can't be told any more has nothing left to break off.
                with suppress(psycopg2.Error):
                    connection.cancel()
