"""The only clock: everything that needs the time asks here, so that a test can hold it still."""

from datetime import UTC, datetime


def now() -> datetime:
    """The present moment, timezone-aware, in UTC."""
    return datetime.now(UTC)
