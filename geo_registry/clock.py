"""The only clock: everything that needs the time asks here, so that a test can hold it still."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo


def now() -> datetime:
    """The present moment, timezone-aware, in UTC."""
    return datetime.now(UTC)


def today(zone: ZoneInfo) -> date:
    """The date that it is in `zone`."""
    return now().astimezone(zone).date()


def end_of(day: date, zone: ZoneInfo) -> datetime:
    """The last moment of a day in `zone`, timezone-aware."""
    return datetime.combine(day, time.max, tzinfo=zone)
