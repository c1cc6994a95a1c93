"""Connections to the registry's database, under the role that owns nothing."""

from sqlalchemy import Engine, create_engine

from geo_registry.settings import with_sync_driver

SEARCH_PATH = "public,jobs"
"""The job queue lies in a schema of its own, and a job is deferred on the unit of work's connection (ADR 0010)."""
LOCK_TIMEOUT_S = 10.0
"""How long a statement waits for another's lock before it says so."""

CONNECT_TIMEOUT_S = 10
"""How long a server that doesn't answer is waited for."""
CLIENT_CHECK_INTERVAL_S = 5.0
"""How often the server looks, in the middle of a statement, whether its client is still there."""


def make_engine(
    url: str, *, statement_timeout_s: float | None = None, pool_size: int = 10, hot: bool = False
) -> Engine:
    """An engine whose connections speak UTC and give up on statements that run too long.

    Parameters
    ----------
    url
        A database URL; the driver is psycopg2 whatever it says (ADR 0001).
    statement_timeout_s
        The longest that a statement may run, in seconds; None for work that takes as long as it takes.
    pool_size
        Connections kept open; half as many again may come on top.
    hot
        For single short questions (`db/hot.py`): each is a transaction of its own that can't write, and nothing is
        compiled for it, nor shared out: the planner takes a tile for a thousand times the work that it is.
    """
    options = {
        "search_path": SEARCH_PATH,
        "timezone": "UTC",
        "lock_timeout": f"{round(LOCK_TIMEOUT_S * 1000)}ms",
        "statement_timeout": f"{round((statement_timeout_s or 0) * 1000)}ms",
        # A process that was killed leaves its statement running until the server has something to send: ask sooner.
        "client_connection_check_interval": f"{round(CLIENT_CHECK_INTERVAL_S * 1000)}ms",
    }
    if hot:
        # Workers take longer to start than a tile takes to make, and other tiles are waiting for the same cores.
        options |= {"default_transaction_read_only": "on", "jit": "off", "max_parallel_workers_per_gather": "0"}
    return create_engine(
        with_sync_driver(url),
        # Set once a connection: set for each loan and taken back after it, it costs every question 0.1 ms.
        isolation_level="AUTOCOMMIT" if hot else None,
        pool_size=pool_size,
        max_overflow=pool_size // 2,
        pool_use_lifo=True,
        pool_pre_ping=True,
        connect_args={
            "application_name": "geo-registry",
            "connect_timeout": CONNECT_TIMEOUT_S,
            "options": " ".join(f"-c {name}={value}" for name, value in options.items()),
        },
    )
