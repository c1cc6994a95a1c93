"""The room's jobs; importing this module declares them to the worker."""

from geo_registry.db.session import Database
from geo_registry.jobs.progress import Progress
from geo_registry.jobs.registry import task
from geo_registry.places import reviewing
from geo_registry.places.service import REVIEW_TASK


@task(REVIEW_TASK)
def review(database: Database, progress: Progress, *, ordered_by: str) -> None:
    """Check all names; done again, it finds the same."""
    reviewing.review(database, ordered_by=ordered_by, progress=progress)
