"""What is done once a day, at its beginning: in a thread of its own, as long as a service runs."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date

from geo_registry.errors import DomainError

logger = logging.getLogger(__name__)

LOOK_EVERY_S = 30.0
"""How soon after midnight the new day is seen."""


@contextmanager
def each_day(name: str, do: Callable[[date], object], today: Callable[[], date]) -> Iterator[None]:
    """Do something whenever a day begins, as long as the block lasts; the first time at once.

    An outage of the database is said once and waited out.
    """
    stop = threading.Event()
    thread = threading.Thread(target=_go_on, args=(name, do, today, stop), name=name, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _go_on(name: str, do: Callable[[date], object], today: Callable[[], date], stop: threading.Event) -> None:
    done: date | None = None
    failing = False
    while True:
        day = today()
        if day != done:
            try:
                do(day)
                done, failing = day, False
            except DomainError as error:
                if not failing:
                    logger.warning("%s can't be done for %s now: %s", name, day, error)
                failing = True
        if stop.wait(LOOK_EVERY_S):
            return
