"""kill -9 at random moments, under a load of writes: of the server, of who writes, of who seals.

After every round all that was acknowledged is there, nothing is there by half, and the chain of the audit verifies.
`make soak` does 200 rounds (ROUNDS=…), the tests some.
"""

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import text

from geo_registry.accounts.sealing import Heads, seal
from geo_registry.accounts.verifying import verify
from geo_registry.db import cluster, migrate
from geo_registry.db.cluster import postmaster
from geo_registry.db.session import Database
from geo_registry.settings import CHECKOUT

ROUNDS = int(os.environ.get("SOAK_ROUNDS", "3"))
PATIENCE_S = 60.0
LONGEST_S = 1.5
"""Under load, before somebody is killed."""

UNSEALED = text(
    "SELECT count(*) FROM audit_entry WHERE NOT EXISTS (SELECT FROM audit_seal WHERE entry_id = audit_entry.id)"
)

WHOM = ("server", "server", "writer", "sealer")


@pytest.fixture
def registry() -> Iterator[Path]:
    """A registry of the test's own, whose cluster flushes what it commits, as the product's does."""
    folder = Path(tempfile.mkdtemp(prefix="geo-"))
    folder.chmod(0o755)
    migrate.upgrade(cluster.ensure_running(folder).owner_url)
    yield folder
    cluster.remove(folder)
    shutil.rmtree(folder)


@dataclass
class Soak:
    """Rounds on one registry; what was acknowledged in all of them."""

    data_path: Path
    acknowledged: Path
    killed: dict[str, int] = field(default_factory=dict)

    def round(self, whom: str, after_s: float) -> None:
        """Write and seal for a while, kill somebody, look."""
        urls = cluster.ensure_running(self.data_path)
        before = self._written()
        with (
            running(urls.app_url, "write", self.acknowledged) as writer,
            running(urls.app_url, "seal", self.data_path) as sealer,
        ):
            give_up = time.monotonic() + PATIENCE_S
            while self._written() == before:
                assert time.monotonic() < give_up, "nobody writes"
                time.sleep(0.01)
            time.sleep(after_s)
            {"server": self._kill_server, "writer": writer.kill, "sealer": sealer.kill}[whom]()
            self.killed[whom] = self.killed.get(whom, 0) + 1
        self.look()

    def look(self) -> tuple[int, int]:
        """Check what there is; how many pairs and entries."""
        database = Database.connect(cluster.ensure_running(self.data_path).app_url)
        self._seal_all(database)
        acknowledged = self._names()
        with database.write(actor="test") as session:
            facilities = list(session.scalars(text("SELECT name FROM facility")))
            contacts = set(session.scalars(text("SELECT person FROM facility_contact")))
            entries = session.execute(
                text("SELECT why, array_agg(table_name ORDER BY table_name) AS tables FROM audit_entry GROUP BY why")
            ).all()
        assert acknowledged <= set(facilities)
        assert set(facilities) == contacts
        assert len(facilities) == len(contacts)
        told = {row.why: row.tables for row in entries}
        assert told == {name: ["facility", "facility_contact"] for name in facilities}
        verified = verify(database, heads=Heads.of(self.data_path).noted())
        assert verified.whole, verified.findings
        assert verified.sealed == verified.entries == 2 * len(facilities)
        database.dispose()
        return len(facilities), verified.entries

    def _seal_all(self, database: Database) -> None:
        """Seal what is there; whoever was killed may be at it still, until the server notices that its client is gone."""
        give_up = time.monotonic() + PATIENCE_S
        while True:
            seal(database)
            with database.write(actor="test") as session:
                if not session.scalar(UNSEALED):
                    return
            assert time.monotonic() < give_up, "entries are left without a seal"
            time.sleep(0.05)

    def _written(self) -> int:
        return self.acknowledged.stat().st_size if self.acknowledged.exists() else 0

    def _names(self) -> set[str]:
        return set(self.acknowledged.read_text(encoding="ascii").split()) if self.acknowledged.exists() else set()

    def _kill_server(self) -> None:
        directory = cluster.cluster_directory(self.data_path)
        found = postmaster.running(directory)
        assert found is not None
        for process in (found.pid, *postmaster.orphans(directory)):
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)


@contextmanager
def running(url: str, what: str, place: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "tests.integration.load_of_writes", url, what, str(place)]
    # An outage is what this is about: what it says of it isn't.
    process = subprocess.Popen(command, cwd=CHECKOUT, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_what_was_acknowledged_survives_every_kill(registry: Path, tmp_path: Path) -> None:
    chance = random.Random(os.environ.get("SOAK_SEED"))  # noqa: S311 - moments, not secrets
    soak = Soak(registry, tmp_path / "acknowledged")
    with ExitStack() as stack:
        stack.callback(lambda: print(f"\nrounds by who was killed: {soak.killed}"))  # noqa: T201 - for who soaks
        for number in range(ROUNDS):
            # Each is killed in the first rounds; then whoever chance picks.
            whom = ("server", "writer", "sealer")[number] if number < 3 else chance.choice(WHOM)
            soak.round(whom, chance.uniform(0.0, LONGEST_S))
            if (number + 1) % 10 == 0:
                pairs, entries = soak.look()
                print(f"round {number + 1} of {ROUNDS}: {pairs:,} pairs, {entries:,} entries")  # noqa: T201
    assert sum(soak.killed.values()) == ROUNDS
