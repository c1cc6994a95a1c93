"""The server's settings, from the machine that it runs on.

PostgreSQL's defaults are for a machine of 2005: 128 MB of cache, 4 MB for a sort. They are computed again at each start.
"""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

MB = 1024 * 1024
GB = 1024 * MB

CONNECTIONS = 100
"""A pool of 15 for each of a few serving processes and workers, and the tests' workers."""
MIN_DEV_SHM = 256 * MB
"""Parallel queries and hash joins take their shared memory from /dev/shm; containers get 64 MB there."""
SORTS_AT_ONCE = 400
"""`work_mem` may be taken several times by each connection: this many of them fit into memory."""
SLOW_STATEMENT_MS = 2000
"""Statements that take longer are worth a line in the log."""


@dataclass(frozen=True)
class Machine:
    """What the server may use, in bytes; `shm` is the size of /dev/shm, 0 when it can't be used."""

    memory: int
    disk: int
    shm: int


def this_machine(directory: Path) -> Machine:
    """What this machine, or the container that we are in, offers to a cluster in `directory`, which exists."""
    shm = Path("/dev/shm")  # noqa: S108  # asked for its size only
    return Machine(
        memory=memory_limit(),
        disk=shutil.disk_usage(directory).total,
        shm=shutil.disk_usage(shm).total if os.access(shm, os.W_OK) else 0,
    )


def memory_limit(root: Path = Path("/")) -> int:
    """Bytes of memory that this process may use: the machine's, or less where a control group says so.

    Parameters
    ----------
    root
        Where `proc` and `sys` are found.
    """
    limits = [_installed(root)]
    for group in _control_groups(root):
        try:
            text = group.read_text().strip()
        except OSError:
            continue
        if text.isdigit():  # else "max"
            limits.append(int(text))
    return min(limits)


def _installed(root: Path) -> int:
    for line in (root / "proc/meminfo").read_text().splitlines():
        name, _, rest = line.partition(":")
        if name == "MemTotal":
            return int(rest.split()[0]) * 1024
    return GB


def _control_groups(root: Path) -> list[Path]:
    """The files that may limit this process, its own group's and those of every group above it, v1 and v2."""
    files: list[Path] = []
    try:
        lines = (root / "proc/self/cgroup").read_text().splitlines()
    except OSError:
        return files
    for line in lines:
        _, controllers, group = line.split(":", 2)
        if controllers == "":
            folder, name = root / "sys/fs/cgroup", "memory.max"
        elif "memory" in controllers.split(","):
            folder, name = root / "sys/fs/cgroup/memory", "memory.limit_in_bytes"
        else:
            continue
        own = Path(group.lstrip("/"))
        files += [folder / part / name for part in (own, *own.parents)]
    return files


def settings(machine: Machine, *, durability: bool) -> Mapping[str, str]:
    """Every setting that differs from PostgreSQL's default.

    Parameters
    ----------
    machine
        What there is to share out; the product's own processes live on it too.
    durability
        False for data that is made again at will: a crash of the machine may lose all of it.
    """
    memory = machine.memory
    chosen = {
        "listen_addresses": "",
        "unix_socket_permissions": "0700",
        "max_connections": str(CONNECTIONS),
        # A unit of work that locks records one by one, as a long form or a test of every right, holds them all to its end.
        "max_locks_per_transaction": "512",
        "shared_buffers": _megabytes(_between(64 * MB, memory // 4, 8 * GB)),
        "effective_cache_size": _megabytes(max(128 * MB, memory // 2)),
        "work_mem": _megabytes(_between(4 * MB, memory // SORTS_AT_ONCE, 64 * MB)),
        "maintenance_work_mem": _megabytes(_between(64 * MB, memory // 16, GB)),
        "huge_pages": "try",
        "dynamic_shared_memory_type": "posix" if machine.shm >= MIN_DEV_SHM else "sysv",
        "max_wal_size": _megabytes(_between(256 * MB, machine.disk // 20, 4 * GB)),
        "wal_compression": "on",
        "random_page_cost": "1.1",
        "effective_io_concurrency": "200",
        # The queries are short; compiling one takes longer than running it.
        "jit": "off",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "datestyle": "ISO, YMD",
        "default_text_search_config": "pg_catalog.simple",
        "logging_collector": "on",
        "log_directory": "log",
        # One file a weekday, overwritten a week later.
        "log_filename": "postgresql-%a.log",
        "log_rotation_age": "1d",
        "log_rotation_size": "0",
        "log_truncate_on_rotation": "on",
        "log_line_prefix": "%m [%p] %q%u@%d %a ",
        "log_min_duration_statement": f"{SLOW_STATEMENT_MS}ms",
        "log_lock_waits": "on",
    }
    if not durability:
        chosen |= {
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
            # Without replicas in sight a bulk load into a new table writes no log at all.
            "wal_level": "minimal",
            "max_wal_senders": "0",
            "shared_buffers": _megabytes(_between(64 * MB, memory // 16, GB)),
        }
    return chosen


def _between(low: int, value: int, high: int) -> int:
    return max(low, min(value, high))


def _megabytes(size: int) -> str:
    return f"{size // MB}MB"
