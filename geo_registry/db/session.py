"""Read and write sessions, two types, and the unit of work: the only place that commits (ADR 0003, 0004)."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol, Self
from uuid import UUID

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from geo_registry import clock
from geo_registry.db.engine import make_engine
from geo_registry.db.failures import failures_said
from geo_registry.db.hot import make_hot_engine
from geo_registry.errors import ReasonReserved
from geo_registry.settings import get_settings
from geo_registry.vocabulary import DatasetKind, Nameless, Way

LOCAL_OPERATOR = Nameless.LOCAL_OPERATOR.value
"""Who the product's own work is done as: what nobody in particular asked for."""

EVERYWHERE = "*"
"""The scope of whoever may change records of every division."""

SIGNING_IN = "sign-in"
"""The scope of finding out who asks: in no division; it reads accounts, and writes sessions and counters alone."""


class Signatory(Protocol):
    """Who acts in a unit of work: what history calls them, and the divisions whose records they may change.

    `scope` holds first digits of codes, the empty ones for every division; whoever may change nothing has none.
    """

    @property
    def name(self) -> str:
        """What history calls them."""

    @property
    def scope(self) -> Sequence[str]:
        """The divisions, by first digits."""

    @property
    def scopes(self) -> Collection[str] | None:
        """What the token is for that they act by; None where they act without one."""

    @property
    def address(self) -> str:
        """The address that they act from; empty at the machine itself."""

    @property
    def way(self) -> Way | None:
        """The way that they act by; None for the process's own."""


@dataclass(frozen=True, slots=True)
class PrivateRead:
    """That somebody was shown private rows of a table; `records` are their ids, where it is some few."""

    actor: Signatory
    table: str
    rows: int
    records: Sequence[UUID] = ()
    verb: str = ""


class ReadSession(Session):
    """A session for questions; a verb's signature asks for `WriteSession`, so the checker refuses this one there."""

    @property
    def private_reads(self) -> list[PrivateRead]:
        """What audit is to know of when the session ends: before anybody gets to see what was read."""
        noted: list[PrivateRead] = self.info.setdefault("private_reads", [])
        return noted

    def note(self, read: PrivateRead) -> None:
        """Have audit know of a read of what is private."""
        self.private_reads.append(read)


class WriteSession(ReadSession):
    """A session inside a unit of work; it can also ask."""

    def note(self, read: PrivateRead) -> None:
        """Have audit know of a read, signed as the session is, but for the verb that it was shown by."""
        records = [str(each) for each in read.records]
        before = self.execute(VERB).scalar_one()
        self.execute(SAY_VERB, {"verb": read.verb or before})
        self.execute(NOTE_READ, {"table": read.table, "records": records or None, "rows": read.rows})
        self.execute(SAY_VERB, {"verb": before})


@dataclass(frozen=True, slots=True)
class Database:
    """The registry's database as its application role: where sessions come from.

    `way` is by which way of the product it is used, for whoever acts and doesn't say.
    """

    engine: Engine
    read_engine: Engine
    hot_engine: Engine
    way: Way = field(default=Way.NOTEBOOK, kw_only=True)

    @classmethod
    def connect(
        cls,
        url: str,
        *,
        read_url: str | None = None,
        statement_timeout_s: float | None = None,
        way: Way = Way.NOTEBOOK,
    ) -> Self:
        """Engines for `url` and, where one is named, for the replica that answers reads; nothing is opened yet."""
        engine = make_engine(url, statement_timeout_s=statement_timeout_s)
        replica = make_engine(read_url, statement_timeout_s=statement_timeout_s) if read_url else engine
        hot = make_hot_engine(read_url or url, statement_timeout_s=statement_timeout_s)
        return cls(engine=engine, read_engine=replica, hot_engine=hot, way=way)

    @contextmanager
    def read(self) -> Iterator[ReadSession]:
        """A read-only transaction with one snapshot for all its questions."""
        with failures_said(), ReadSession(self.read_engine) as session:
            session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
            yield session
        # The connection is given back before another is asked for.
        self.note_reads(session)

    @contextmanager
    def hot(self) -> Iterator[ReadSession]:
        """A session for single short questions, each with a snapshot of its own (`db/hot.py`)."""
        with failures_said(), ReadSession(self.hot_engine) as session:
            yield session

    @contextmanager
    def write(self, *, actor: Signatory | str, why: str = "", verb: str = "") -> Iterator[WriteSession]:
        """One unit of work: commits when the block ends, rolls all of it back when it raises.

        `actor` and `why` go into the history of whatever the block changes, `verb` (as the policy calls it) into the
        audit beside them; a name alone is work of the product's own, which may be anywhere.

        Raises
        ------
        Conflict
            A constraint of the schema refused a row; the error names the rule (`db/conflicts.py`).
        DatabaseUnavailable
            The server can't be reached, or went away.
        StatementTooSlow, RecordBusy
            A statement ran into its timeout, or waited too long for another's lock.
        """
        with failures_said(), WriteSession(self.engine, expire_on_commit=False) as session:
            sign(session, actor=actor, why=why, verb=verb, way=self.way)
            yield session
            session.commit()

    def note_reads(self, session: ReadSession) -> None:
        """Have audit know of what was read in a session that can't write itself."""
        for each in session.private_reads:
            with self.write(actor=each.actor, verb=each.verb) as noting:
                noting.note(each)

    def dispose(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()
        self.read_engine.dispose()
        self.hot_engine.dispose()


SIGN = text("""
    SELECT set_config('geo.actor', :actor, true), set_config('geo.why', :why, true), set_config('geo.scope', :scope, true),
           set_config('geo.verb', :verb, true), set_config('geo.address', :address, true), set_config('geo.way', :way, true),
           set_config('geo.token', :token, true), set_config('geo.today', :today, true)
""")

VERB = text("SELECT coalesce(current_setting('geo.verb', true), '')")
SAY_VERB = text("SELECT set_config('geo.verb', :verb, true)")
NOTE_READ = text("SELECT note_read(:table, CAST(:records AS uuid[]), :rows)")


def sign(
    session: WriteSession,
    *,
    actor: Signatory | str,
    why: str = "",
    verb: str = "",
    way: Way | None = None,
) -> None:
    """Set who acts, why, in which divisions, from where, by which token and on what day, for the rest of the transaction.

    Triggers and policies read it. `way` is for who doesn't say any.
    """
    address, said, scopes = ("", None, None) if isinstance(actor, str) else (actor.address, actor.way, actor.scopes)
    from_where = {"address": address, "way": said or way or "", "token": ",".join(sorted(scopes or ()))}
    today = clock.today(get_settings().zone).isoformat()
    session.execute(SIGN, {**_signature(actor), **from_where, "why": why, "verb": verb, "today": today})


SIGNED = text(
    "SELECT coalesce(current_setting('geo.actor', true), '') AS actor, coalesce(current_setting('geo.scope', true), '') AS scope"
)
TO_SIGN = text("SELECT set_config('geo.actor', :actor, true), set_config('geo.scope', :scope, true)")


@contextmanager
def read_as(session: ReadSession, actor: Signatory) -> Iterator[None]:
    """Say for whom the block reads: of what isn't everyone's, policies show what is theirs."""
    with _signed(session, _signature(actor)):
        yield


@contextmanager
def everywhere(session: ReadSession) -> Iterator[None]:
    """Work of the product's own in the middle of somebody's unit of work, wherever the records are that it is about."""
    with _signed(session, {"scope": EVERYWHERE}):
        yield


@contextmanager
def _signed(session: ReadSession, signature: Mapping[str, str]) -> Iterator[None]:
    """What raises leaves it as it is: its transaction is rolled back. What waits is written before, as who wrote it."""
    session.flush()
    before = session.execute(SIGNED).one()._asdict()
    session.execute(TO_SIGN, {**before, **signature})
    yield
    session.execute(TO_SIGN, before)


def _signature(actor: Signatory | str) -> Mapping[str, str]:
    if isinstance(actor, str):
        return {"actor": actor, "scope": EVERYWHERE}
    return {"actor": actor.name, "scope": ",".join(prefix or EVERYWHERE for prefix in actor.scope)}


OF_IMPORTS = re.compile(r"import [a-z-]+: ")
"""How the reasons begin that imports leave in history: by them they know what nobody wrote since (ADR 0067)."""


def by_import(kind: DatasetKind, file_name: str) -> str:
    """The reason that an import of a file leaves."""
    return f"import {kind.value}: {file_name}"


def is_by_import(why: str | None, kind: DatasetKind) -> bool:
    """Whether a reason is one that an import of that kind left."""
    return why is not None and why.startswith(by_import(kind, ""))


def say_why(session: WriteSession, why: str) -> None:
    """Set why it is done, for the rest of the transaction: what whoever acts says only in what they ask for.

    Raises
    ------
    ReasonReserved
        It begins as those that imports leave.
    """
    if OF_IMPORTS.match(why):
        raise ReasonReserved(why=why)
    session.execute(text("SELECT set_config('geo.why', :why, true)"), {"why": why})
