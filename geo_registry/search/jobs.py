"""The room's jobs; importing this module declares them to the worker."""

from geo_registry.db.session import Database
from geo_registry.jobs.progress import Progress
from geo_registry.jobs.registry import task
from geo_registry.search.keeping import TASK, make_all


@task(TASK)
def keep(database: Database, progress: Progress) -> None:
    """Make the keys of names that are due; done again, it finds nothing to do."""
    make_all(database, progress)
