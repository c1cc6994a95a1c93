"""Eight writers at once, audit on and off: what it costs to know who did what.

PostgreSQL's own pgbench changes one facility a transaction over eight connections, on a cluster that flushes every
commit as the product's does. Off, the triggers of the audit on that table are disabled; history and all else stay. On,
the sealer works beside it, and the round isn't over before it has sealed what the round wrote: that is what audit costs,
and the next round, without it, begins with nothing left to do.
"""

import argparse
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from sqlalchemy import exists, func, make_url, select, text

from benchmarks.nearest import insist
from benchmarks.report import Report, Row, publish
from benchmarks.timing import interleaved, ratio
from geo_registry.accounts.sealing import Heads, seal, sealing
from geo_registry.accounts.verifying import verify
from geo_registry.db.cluster import DatabaseUrls, stop
from geo_registry.db.cluster.installations import find
from geo_registry.db.engine import make_engine
from geo_registry.db.session import Database, everywhere
from geo_registry.db.startup import database_urls, open_database
from geo_registry.model import AuditEntry, AuditSeal
from geo_registry.settings import Settings

WRITERS = 8
ROUNDS = 7
SECONDS = 8
PROMISED = 0.7
FACILITIES = 8_000

FILL = text("""
    INSERT INTO facility (kind, name, geom)
    SELECT 'meal-point', '示例 ' || number, ST_SetSRID(ST_MakePoint(119 + number * 0.0001, 29), 4490)
    FROM generate_series(1, :many) AS number
""")

# Each writer has facilities of its own, so that they wait for the database and not for each other.
SCRIPT = f"""
\\set number random(0, {FACILITIES // WRITERS - 1})
\\set fid :number * {WRITERS} + :client_id + 1
BEGIN;
SELECT set_config('geo.actor', 'writer', true), set_config('geo.why', 'benchmark', true), set_config('geo.scope', '*', true),
    set_config('geo.verb', '', true), set_config('geo.address', '10.0.0.1', true), set_config('geo.way', 'api', true);
UPDATE facility SET capacity = coalesce(capacity, 0) + 1 WHERE fid = :fid;
COMMIT;
"""

SPEED = re.compile(r"^tps = ([0-9.]+)", re.MULTILINE)
DONE = re.compile(r"^number of transactions actually processed: ([0-9]+)", re.MULTILINE)


class Writers:
    """Writers on one registry; `transactions` is how many were done with audit on."""

    def __init__(self, database: Database, urls: DatabaseUrls, folder: Path, seconds: int) -> None:
        self._database = database
        self._heads = Heads.of(folder)
        self._urls = urls
        self._seconds = seconds
        self._script = folder / "write.sql"
        self._script.write_text(SCRIPT, encoding="utf-8")
        self.transactions = 0

    def audited(self) -> float:
        """Seconds a transaction, with audit: to write it, and its share of what was left to be sealed then."""
        self._switch("ENABLE")
        with sealing(self._database, self._heads):
            speed, done = self._write()
            written_at = perf_counter()
        left_s = perf_counter() - written_at
        while unsealed(self._database):  # where something else ran meanwhile that they might have waited for
            seal(self._database)
        self.transactions += done
        return 1 / speed + left_s / done

    def unaudited(self) -> float:
        """And without."""
        self._switch("DISABLE")
        return 1 / self._write()[0]

    def _switch(self, how: str) -> None:
        engine = make_engine(self._urls.owner_url, pool_size=1)
        with engine.begin() as owner:
            for event in ("insert", "update", "delete"):
                owner.execute(text(f"ALTER TABLE facility {how} TRIGGER audit_on_{event}"))
        engine.dispose()

    def _write(self) -> tuple[float, int]:
        address = make_url(self._urls.app_url).set(drivername="postgresql").render_as_string(hide_password=False)
        program = find()[0].program("pgbench")
        told = ("--client", WRITERS, "--jobs", 2, "--time", self._seconds, "--file", self._script, address)
        done = subprocess.run([program, "--no-vacuum", *map(str, told)], capture_output=True, text=True, check=False)
        speed, transactions = SPEED.search(done.stdout), DONE.search(done.stdout)
        insist(done.returncode == 0 and speed is not None, f"pgbench failed: {done.stderr}")
        assert speed is not None
        assert transactions is not None
        return float(speed[1]), int(transactions[1])


def measure(
    database: Database, urls: DatabaseUrls, folder: Path, *, rounds: int = ROUNDS, seconds: int = SECONDS
) -> tuple[list[Row], list[str]]:
    """The rows, and what was found true of the entries that were written."""
    with database.write(actor="benchmark") as session:
        session.execute(FILL, {"many": FACILITIES})
    seal(database)
    writers = Writers(database, urls, folder, seconds)
    cases: dict[str, Callable[[], float]] = {"ours": writers.audited, "peer": writers.unaudited}
    found = interleaved(cases, rounds)
    ours, peer = found["ours"], found["peer"]
    rows = [
        Row(f"{WRITERS} writers, history alone", "", peer, note=f"{1 / peer.middle:,.0f} a second"),
        Row(
            f"{WRITERS} writers, history and audit",
            "",
            ours,
            ratio(peer, ours),
            promised=PROMISED,
            note=f"{1 / ours.middle:,.0f} a second",
        ),
    ]
    return rows, [_checked(database, writers.transactions)]


def unsealed(database: Database) -> int:
    """How many entries have no seal yet."""
    sealed = exists().where(AuditSeal.entry_id == AuditEntry.id)
    with database.read() as session, everywhere(session):
        return session.scalar(select(func.count()).select_from(AuditEntry).where(~sealed)) or 0


def _checked(database: Database, transactions: int) -> str:
    with database.read() as session, everywhere(session):
        written = session.scalar(
            select(func.count()).select_from(AuditEntry).where(AuditEntry.actor == "writer", AuditEntry.rows == 1)
        )
    insist(written == transactions, f"{transactions} transactions left {written} entries")
    insist(verify(database).whole, "the chain doesn't verify")
    return f"{transactions:,} transactions left as many entries, and the chain verifies"


@contextmanager
def _registry() -> Iterator[tuple[Database, DatabaseUrls, Path]]:
    """A registry of its own that is removed afterwards."""
    with TemporaryDirectory(prefix="geo-") as temporary:
        folder = Path(temporary)
        # The cluster is another user's where root measures.
        folder.chmod(0o755)
        settings = Settings(data_dir=folder / "data")
        database = open_database(settings)
        try:
            yield database, database_urls(settings), folder
        finally:
            database.dispose()
            stop(settings.data_path)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and publish; 1 when a promise was broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", nargs="+", help="there is one size in this one")
    parser.add_argument("--no-pandana", action="store_true", help="there is none in this one")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    rounds = parser.parse_args(arguments).rounds
    with _registry() as (database, urls, folder):
        rows, checks = measure(database, urls, folder, rounds=rounds)
    return 0 if publish(Report("writers", "Writers, with and without audit", rows, checks)) else 1


if __name__ == "__main__":
    sys.exit(main())
