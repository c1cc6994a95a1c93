"""The day comes on which a name takes effect, or ends: what lists, maps and searches show of places is turned to it (ADR 0075).

A name or an extent that begins later is kept with its day, and shown as what is to come. What a place is called, how far
it reaches and whether it is there are those of today; the first unit of work of a new day makes them so, whoever wrote
them and however long ago.
"""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from sqlalchemy import text

from geo_registry import clock
from geo_registry.db.session import LOCAL_OPERATOR, Database
from geo_registry.errors import DomainError
from geo_registry.settings import get_settings

logger = logging.getLogger(__name__)

LOOK_EVERY_S = 30.0
"""How soon after midnight the new day is seen."""

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
    stop = threading.Event()
    thread = threading.Thread(target=_each_day, args=(database, stop), name="places turn", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _each_day(database: Database, stop: threading.Event) -> None:
    """An outage of the database is said once and waited out."""
    turned: date | None = None
    failing = False
    while True:
        day = today()
        if day != turned:
            try:
                turn(database)
                turned, failing = day, False
            except DomainError as error:
                if not failing:
                    logger.warning("places can't be turned to %s now: %s", day, error)
                failing = True
        if stop.wait(LOOK_EVERY_S):
            return
