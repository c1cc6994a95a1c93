"""COPY in and out: the way a million rows get into a table."""

import io
from collections.abc import Iterable, Iterator, Sequence

from psycopg2 import sql
from psycopg2.extensions import connection as Connection  # noqa: N812 - it is a class

from geo_registry.db.session import WriteSession

CHUNK_CHARS = 1 << 20
"""About how much text is handed to the driver at once."""

_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})

Value = str | int | float | bool | None
"""What a COPY field may be; geometries are hex EWKB, dates ISO text, JSON its text."""


def copy_rows(session: WriteSession, table: str, columns: Sequence[str], rows: Iterable[Sequence[Value]]) -> None:
    """Stream `rows` into `table` (unqualified or temporary) inside the session's transaction.

    The rows are pulled as the server takes them, so memory stays constant however many there are.
    """
    command = sql.SQL("COPY {table} ({columns}) FROM STDIN").format(
        table=sql.Identifier(table), columns=sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    raw = session.connection().connection.dbapi_connection
    if not isinstance(raw, Connection):
        msg = "COPY needs a psycopg2 connection"
        raise TypeError(msg)
    with raw.cursor() as cursor:
        cursor.copy_expert(command, _RowsAsFile(rows))


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
    """A file that the driver reads and that makes its text as it is read."""

    def __init__(self, rows: Iterable[Sequence[Value]]) -> None:
        self._chunks = _chunks(rows)
        self._rest = ""

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1, /) -> str:
        wanted = CHUNK_CHARS if size is None or size < 0 else size
        if not self._rest:
            self._rest = next(self._chunks, "")
        piece, self._rest = self._rest[:wanted], self._rest[wanted:]
        return piece
