"""Whether the audit is as it was written: every entry in its place, with the seal that it got."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from time import sleep
from types import MappingProxyType

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, text

from geo_registry import clock
from geo_registry.accounts.sealing import BEGINNING, SEAL_EVERY_S, Head, digest_of, head_of
from geo_registry.db.session import Database, ReadSession, everywhere
from geo_registry.model import AuditEntry, AuditSeal
from geo_registry.vocabulary import Word

UNSEALED_AFTER = timedelta(minutes=1)
"""A committed entry without a seal is one that nobody sealed in time, or that was slipped in."""

LOOK_AGAIN_S = 3 * SEAL_EVERY_S
"""An entry bears the moment when its transaction began: one that took minutes is unsealed, and old, just after its commit."""

MOST_FINDINGS = 1_000
"""Told one by one; of more, how many."""

AT_ONCE = 5_000

OLDEST_RUNNING = text("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")

NO_HEADS: Mapping[int, bytes] = MappingProxyType({})

Listener = Callable[[str, int, int | None], None]
"""Told of the step ``seals``, how many were looked at, of how many."""


class Finding(Word):
    """What isn't as it was written."""

    ALTERED = "altered", "内容被改，或不在原位", "it was changed, or isn't where it was"
    ENTRY_MISSING = "entry-missing", "记录缺失", "the entry is missing"
    SEAL_MISSING = "seal-missing", "封印缺失", "the seal is missing"
    INSERTED = "inserted", "后来插入", "it was slipped in"
    UNSEALED = "unsealed", "超过一分钟未封印，或后来插入", "no seal after a minute, or slipped in"
    HEAD_DIFFERS = "head-differs", "与库外记下的链头不符", "it isn't the head that was noted outside"
    CUT_OFF = "cut-off", "链尾被截断", "the chain was cut off before it"


@dataclass(frozen=True, slots=True)
class Found:
    """One finding: the place in the chain, the entry's id, as far as there are such."""

    what: Finding
    position: int | None = None
    entry: int | None = None


@dataclass(frozen=True, slots=True)
class Verified:
    """What a look at the whole audit found; `findings` are at most `MOST_FINDINGS`."""

    entries: int
    sealed: int
    head: Head | None
    heads_noted: int
    findings: Sequence[Found]
    more: bool

    @property
    def whole(self) -> bool:
        """Whether nothing was found."""
        return not self.findings


def unheard(step: str, done: int, total: int | None) -> None:
    """The listener of who doesn't watch."""
    del step, done, total


def verify(database: Database, *, heads: Mapping[int, bytes] = NO_HEADS, listen: Listener = unheard) -> Verified:
    """Compare every entry with its seal, and the chain with the heads that were noted outside (`sealing.Heads`).

    Parameters
    ----------
    heads
        Digests by position, as they once were.
    """
    with database.read() as session, everywhere(session):
        found = islice(_findings(session, heads, listen), MOST_FINDINGS + 1)
        findings = list(found)
        entries = session.scalar(select(func.count()).select_from(AuditEntry)) or 0
        sealed = session.scalar(select(func.count()).select_from(AuditSeal)) or 0
        head = head_of(session)
    findings += _unsealed(database)
    return Verified(
        entries=entries,
        sealed=sealed,
        head=head,
        heads_noted=len(heads),
        findings=findings[:MOST_FINDINGS],
        more=len(findings) > MOST_FINDINGS,
    )


def _findings(session: ReadSession, heads: Mapping[int, bytes], listen: Listener) -> Iterator[Found]:
    """Along the chain. Behind a seal that is gone, one entry can't be told to fit."""
    total = session.scalar(select(func.count()).select_from(AuditSeal))
    entry = AuditEntry.__table__
    chain = (
        select(AuditSeal.position, AuditSeal.entry_id, AuditSeal.digest, *entry.columns)
        .outerjoin(entry, entry.c.id == AuditSeal.entry_id)
        .order_by(AuditSeal.position, AuditSeal.entry_id)
        .execution_options(yield_per=AT_ONCE)
    )
    before: bytes | None = BEGINNING
    expected = 1
    for number, row in enumerate(session.execute(chain), start=1):
        if number % AT_ONCE == 0:
            listen("seals", number, total)
        if row.position < expected:
            yield Found(Finding.INSERTED, position=row.position, entry=row.entry_id)
            continue
        for position in range(expected, min(row.position, expected + MOST_FINDINGS)):
            yield Found(Finding.SEAL_MISSING, position=position)
            before = None
        if row.id is None:
            yield Found(Finding.ENTRY_MISSING, position=row.position, entry=row.entry_id)
        elif before is not None and digest_of(before, row) != row.digest:
            yield Found(Finding.ALTERED, position=row.position, entry=row.entry_id)
        if heads.get(row.position, row.digest) != row.digest:
            yield Found(Finding.HEAD_DIFFERS, position=row.position, entry=row.entry_id)
        before, expected = row.digest, row.position + 1
    for position in sorted(each for each in heads if each >= expected):
        yield Found(Finding.CUT_OFF, position=position)


def _unsealed(database: Database) -> Sequence[Found]:
    """Entries that should have a seal and don't get one."""
    with database.read() as session, everywhere(session):
        late = session.scalars(_without_seal(session)).all()
    if not late:
        return []
    sleep(LOOK_AGAIN_S)
    with database.read() as session, everywhere(session):
        still = session.scalars(_without_seal(session).where(AuditEntry.id.in_(late))).all()
    return [Found(Finding.UNSEALED, entry=entry) for entry in still]


def _without_seal(session: ReadSession) -> Select[int]:
    """Ids of entries without a seal that are old, or that no sealer looks for any more (`AuditSeal.horizon`)."""
    last = session.scalars(select(AuditSeal.horizon).order_by(AuditSeal.position.desc()).limit(1)).one_or_none()
    oldest = session.execute(OLDEST_RUNNING).scalar_one()
    passed: ColumnElement[bool] = AuditEntry.transaction < (last if last is not None and last <= oldest else 0)
    sealed = exists().where(AuditSeal.entry_id == AuditEntry.id)
    old = AuditEntry.at < clock.now() - UNSEALED_AFTER
    return select(AuditEntry.id).where(and_(~sealed, or_(old, passed))).order_by(AuditEntry.id).limit(MOST_FINDINGS)
