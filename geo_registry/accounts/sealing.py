"""The chain of the audit: what was written gets its seal soon after, in one order, so that writers never wait for it.

A loop in the worker has the database seal whatever is committed (`seal_audit`, migration 0013), each entry with the digest
of the one before. One sealer works at a time; one that is killed leaves nothing half done. From time to time the head
of the chain is noted in a file outside the database: what is cut off at the end, no chain tells by itself.
"""

import json
import logging
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC
from hashlib import sha256
from pathlib import Path
from time import monotonic
from typing import Any, Self

from sqlalchemy import Row, select, text

from geo_registry import clock
from geo_registry.db.session import LOCAL_OPERATOR, Database, ReadSession, everywhere
from geo_registry.errors import DomainError
from geo_registry.model import AuditSeal

logger = logging.getLogger(__name__)

SEAL_EVERY_S = 1.0
"""How long an entry usually goes without a seal."""

AT_ONCE = 5_000
"""Entries that one transaction seals: a fifth of a second."""

NOTE_HEAD_EVERY_S = 600.0
"""How often the head is noted outside: a cut is found that took more than this."""

BEGINNING = sha256(b"").digest()
"""What stands before the first entry."""

SEAL = text("SELECT seal_audit(:most)")


@dataclass(frozen=True, slots=True)
class Head:
    """The last seal of the chain at some moment."""

    position: int
    digest: bytes

    def __str__(self) -> str:
        """As commands print and take it."""
        return f"{self.position}:{self.digest.hex()}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """What `str` made; ValueError where it made no such thing."""
        position, _, digest = text.strip().partition(":")
        found = cls(position=int(position), digest=bytes.fromhex(digest))
        if found.position < 1 or len(found.digest) != len(BEGINNING):
            msg = f"{text!r} is no head of the chain"
            raise ValueError(msg)
        return found


@dataclass(frozen=True, slots=True)
class Heads:
    """A file outside the database with the heads that the chain once had, a line each: ``position:digest moment``."""

    path: Path

    @classmethod
    def of(cls, data_path: Path) -> Self:
        """The one of a registry."""
        return cls(path=data_path / "audit" / "heads")

    def note(self, head: Head) -> None:
        """Add a head; it is on the disk when this returns, if the disk takes it."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="ascii") as file:
            file.write(f"{head} {clock.now().isoformat(timespec='seconds')}\n")

    def noted(self) -> Mapping[int, bytes]:
        """The digests that were noted, by position; a line that a kill broke off is passed over."""
        if not self.path.exists():
            return {}
        found: dict[int, bytes] = {}
        for line in self.path.read_text(encoding="ascii", errors="replace").splitlines():
            try:
                head = Head.parse(line.partition(" ")[0])
            except ValueError:
                continue
            found[head.position] = head.digest
        return found

    def set_aside(self) -> None:
        """Begin anew, and keep what was noted beside it: a backup has taken the registry's place."""
        if self.path.exists():
            self.path.rename(self.path.with_name(f"heads-until-{clock.now():%Y%m%dT%H%M%S}"))


def text_of(entry: Row[*tuple[Any, ...]]) -> str:
    """All that an entry says, as its digest takes it; the database makes the same in `seal_audit`."""
    return json.dumps(
        [
            entry.id,
            f"{entry.at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}",
            entry.transaction,
            entry.actor,
            entry.address,
            entry.way,
            entry.why,
            entry.verb,
            entry.operation,
            entry.table_name,
            entry.rows,
            None if entry.records is None else ",".join(map(str, entry.records)),
            None if entry.before is None else entry.before.hex(),
            None if entry.after is None else entry.after.hex(),
        ],
        ensure_ascii=False,
    )


def digest_of(before: bytes, entry: Row[*tuple[Any, ...]]) -> bytes:
    """The seal of an entry behind the one whose digest is `before`."""
    return sha256(before + text_of(entry).encode()).digest()


def seal(database: Database) -> int:
    """Seal what is committed and has no seal, `AT_ONCE` a transaction; how many entries that were.

    Where somebody else is at it, nothing is left to do.
    """
    done = 0
    while True:
        with database.write(actor=LOCAL_OPERATOR, why="audit seal") as session:
            some = session.scalar(SEAL, {"most": AT_ONCE}) or 0
        done += some
        if some < AT_ONCE:
            return done


def head_of(session: ReadSession) -> Head | None:
    """The last seal; None where nothing was sealed yet."""
    last = session.scalars(select(AuditSeal).order_by(AuditSeal.position.desc()).limit(1)).one_or_none()
    return None if last is None else Head(position=last.position, digest=last.digest)


@contextmanager
def sealing(database: Database, heads: Heads) -> Iterator[None]:
    """Seal in a thread of its own as long as the block lasts, and once more at its end."""
    stop = threading.Event()
    loop = _Loop(database, heads)
    thread = threading.Thread(target=loop.run, args=(stop,), name="audit seal", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


class _Loop:
    """What the thread does; an outage of the database is said once and waited out."""

    def __init__(self, database: Database, heads: Heads) -> None:
        self._database = database
        self._heads = heads
        self._noted: Head | None = None
        self._noted_at = monotonic()
        self._failing = False

    def run(self, stop: threading.Event) -> None:
        """Go on until told to stop."""
        while not stop.wait(SEAL_EVERY_S):
            self._once(at_the_end=False)
        self._once(at_the_end=True)

    def _once(self, *, at_the_end: bool) -> None:
        try:
            seal(self._database)
            if at_the_end or self._noted is None or monotonic() - self._noted_at >= NOTE_HEAD_EVERY_S:
                self._note()
            self._failing = False
        except (DomainError, OSError) as error:
            if not self._failing:
                logger.warning("audit entries can't be sealed now: %s", error)
            self._failing = True

    def _note(self) -> None:
        with self._database.read() as session, everywhere(session):
            head = head_of(session)
        if head is not None and head != self._noted:
            self._heads.note(head)
        self._noted, self._noted_at = head, monotonic()
