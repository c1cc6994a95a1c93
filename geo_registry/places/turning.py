"""The day comes on which a name takes effect, or ends: what lists, maps and searches show of places is turned to it (ADR 0075).

A name or an extent that begins later is kept with its day, and shown as what is to come. What a place is called, how far
it reaches and whether it is there are those of today; the first unit of work of a new day makes them so, whoever wrote
them and however long ago.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from sqlalchemy import text

from geo_registry import clock
from geo_registry.db.session import LOCAL_OPERATOR, Database
from geo_registry.jobs.daily import each_day
from geo_registry.settings import get_settings

WHY = "places.turn"
"""The reason that it leaves in history: that a day came is nobody's change."""

TURN = text("SELECT turn_places()")


def today() -> date:
    """The date that it is in the registry's zone."""
    return clock.today(get_settings().zone)


def turn(database: Database) -> int:
    """Turn all places to today: names and extents that began, names and places that ended; of how many the keys were due.

    Done again, it finds nothing to do.
    """
    with database.write(actor=LOCAL_OPERATOR, why=WHY) as session:
        return session.scalar(TURN) or 0


@contextmanager
def turning(database: Database) -> Iterator[None]:
    """Turn places in a thread of its own whenever a day begins, as long as the block lasts; the first time at once."""
    with each_day(WHY, lambda _: turn(database), today):
        yield
