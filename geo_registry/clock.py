"""The only clock: everything that needs the time asks here, so that a test can hold it still."""

import re
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from geo_registry.errors import MomentInvalid

DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
INSTANT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?)([Zz]|[-+ ][0-9]{2}:[0-9]{2})"
)
"""RFC 3339, 5.6; a space before the zone is the plus that an address didn't escape."""


def now() -> datetime:
    """The present moment, timezone-aware, in UTC."""
    return datetime.now(UTC)


def today(zone: ZoneInfo) -> date:
    """The date that it is in `zone`."""
    return now().astimezone(zone).date()


def end_of(day: date, zone: ZoneInfo) -> datetime:
    """The last moment of a day in `zone`, timezone-aware."""
    return datetime.combine(day, time.max, tzinfo=zone)


def moment(text: str, zone: ZoneInfo) -> datetime:
    """The moment that is written: of a date, the last one of the day in `zone`; else one by RFC 3339, timezone-aware.

    Raises
    ------
    MomentInvalid
        It is neither.
    """
    written = text.strip()
    found = INSTANT.fullmatch(written)
    try:
        if DAY.fullmatch(written):
            return end_of(date.fromisoformat(written), zone)
        if found is not None:
            offset = found[3].upper().replace(" ", "+")
            return datetime.fromisoformat(f"{found[1]}T{found[2]}{offset}").astimezone(UTC)
    except (ValueError, OverflowError):
        raise MomentInvalid(text=text) from None
    raise MomentInvalid(text=text)


def day_of(text: str) -> date | None:
    """The date that is written; None where it is a moment, or nothing of the kind."""
    written = text.strip()
    try:
        return date.fromisoformat(written) if DAY.fullmatch(written) else None
    except ValueError:
        return None
