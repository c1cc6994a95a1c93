"""COPY in and out: the way a million rows get into a table."""

import io
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, islice
from types import TracebackType

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import connection as Connection  # noqa: N812 - it is a class
from psycopg2.extras import execute_values

from geo_registry.db.session import WriteSession

CHUNK_CHARS = 1 << 20
"""About how much text is handed to the driver at once."""

WENT_AWAY = "the server went away in the middle of COPY"
"""Said in place of the driver's words, which are about sockets."""

_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})

FEW = 1_000
"""So many rows go into a table by one statement; for more a temporary table is worth making."""

Value = str | int | float | bool | None
"""What a COPY field may be; geometries are hex EWKB, dates ISO text, JSON its text."""


def copy_rows(session: WriteSession, table: str, columns: Sequence[str], rows: Iterable[Sequence[Value]]) -> None:
    """Stream `rows` into `table` (unqualified or temporary) inside the session's transaction.

    The rows are pulled as the server takes them, so memory stays constant however many there are. What they raise is
    raised from here, though to the server, and to the driver, it is a statement that was cancelled.

    Raises
    ------
    psycopg2.Error
        The server refused a row, or went away.
    """
    command = sql.SQL("COPY {table} ({columns}) FROM STDIN").format(
        table=sql.Identifier(table), columns=sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    raw = _driver_of(session)
    file = _RowsAsFile(rows)
    try:
        with _driver_kept_quiet(), raw.cursor() as cursor:
            cursor.copy_expert(command, file)
    except (psycopg2.Error, SystemError) as error:
        if file.failure is not None:
            raise file.failure from None
        if raw.closed:
            # Else the session would fail once more, with less to say, when it rolls back.
            session.connection().invalidate(error)
            raise psycopg2.OperationalError(WENT_AWAY) from error
        raise


def insert_rows(session: WriteSession, table: str, columns: Sequence[str], rows: Iterable[Sequence[Value]]) -> None:
    """Put `rows` into a table that has row security, which COPY doesn't do (ADR 0041).

    Where they are many they are streamed into a temporary table first, so memory stays constant.

    Raises
    ------
    psycopg2.Error
        The server refused a row, or went away.
    """
    coming = iter(rows)
    first = list(islice(coming, FEW))
    target, listed = sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    raw = _driver_of(session)
    if len(first) < FEW:
        if first:
            with raw.cursor() as cursor:
                command = sql.SQL("INSERT INTO {} ({}) VALUES %s").format(target, listed)
                execute_values(cursor, command, first, page_size=FEW)
        return
    waiting = f"{table}_waiting"
    names = {"waiting": sql.Identifier("pg_temp", waiting), "table": target, "columns": listed}
    make = sql.SQL("CREATE TEMPORARY TABLE {waiting} ON COMMIT DROP AS SELECT {columns} FROM {table} WITH NO DATA")
    with raw.cursor() as cursor:
        cursor.execute(make.format(**names))
    copy_rows(session, waiting, columns, chain(first, coming))
    with raw.cursor() as cursor:
        cursor.execute(sql.SQL("INSERT INTO {table} ({columns}) SELECT {columns} FROM {waiting}").format(**names))
        cursor.execute(sql.SQL("DROP TABLE {waiting}").format(**names))


def _driver_of(session: WriteSession) -> Connection:
    raw = session.connection().connection.dbapi_connection
    if not isinstance(raw, Connection):
        msg = "COPY needs a psycopg2 connection"
        raise TypeError(msg)
    return raw


@contextmanager
def _driver_kept_quiet() -> Iterator[None]:
    """Have nothing printed that is raised anyway.

    When the server goes away psycopg2 is given two errors for one COPY, stumbles over its own first when it makes the
    second, and prints that stumble through this hook.
    """
    before = sys.excepthook

    def print_others(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if not isinstance(error.__cause__, psycopg2.Error):
            before(kind, error, trace)

    sys.excepthook = print_others
    try:
        yield
    finally:
        sys.excepthook = before


def _field(value: Value) -> str:
    if value is None:
        return "\\N"
    if value is True:
        return "t"
    if value is False:
        return "f"
    if isinstance(value, str):
        return value.translate(_ESCAPES)
    return repr(value)


def _chunks(rows: Iterable[Sequence[Value]]) -> Iterator[str]:
    buffer: list[str] = []
    size = 0
    for row in rows:
        line = "\t".join([_field(value) for value in row])
        buffer.append(line)
        size += len(line) + 1
        if size >= CHUNK_CHARS:
            yield "\n".join(buffer) + "\n"
            buffer.clear()
            size = 0
    if buffer:
        yield "\n".join(buffer) + "\n"


class _RowsAsFile(io.TextIOBase):
    """A file that the driver reads and that makes its text as it is read.

    The driver forgets what a file raises, so `failure` keeps it.
    """

    failure: BaseException | None = None

    def __init__(self, rows: Iterable[Sequence[Value]]) -> None:
        self._chunks = _chunks(rows)
        self._rest = ""

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1, /) -> str:
        wanted = CHUNK_CHARS if size is None or size < 0 else size
        if not self._rest:
            try:
                self._rest = next(self._chunks, "")
            except BaseException as error:
                self.failure = error
                raise
        piece, self._rest = self._rest[:wanted], self._rest[wanted:]
        return piece
