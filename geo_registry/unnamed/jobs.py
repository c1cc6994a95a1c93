"""The room's jobs; importing this module declares them to the worker."""

from geo_registry.db.session import Database
from geo_registry.jobs.progress import Progress
from geo_registry.jobs.registry import task
from geo_registry.settings import get_settings
from geo_registry.unnamed.inputs import NewSearch
from geo_registry.unnamed.service import FIND_TASK, perform


@task(FIND_TASK)
def find(database: Database, progress: Progress, *, division: str | None, roads: str | None, ordered_by: str) -> None:
    """Look for lanes without a name; done again, it finds the same."""
    search = NewSearch(division=division, roads=roads)
    perform(database, search, data_path=get_settings().data_path, ordered_by=ordered_by, progress=progress)
