"""The room's jobs; importing this module declares them to the worker."""

from datetime import date

from geo_registry.cases import reminding
from geo_registry.db.session import Database
from geo_registry.jobs.progress import Progress
from geo_registry.jobs.registry import task


@task(reminding.TASK)
def remind(database: Database, progress: Progress, *, day: str) -> None:
    """Say what is late on a day; done again, it says the same."""
    reminding.remind(database, date.fromisoformat(day), progress)
