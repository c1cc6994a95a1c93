"""From settings to a migrated database: what every command and the service begin with."""

from geo_registry.db import migrate
from geo_registry.db.cluster import ensure_running
from geo_registry.db.session import Database
from geo_registry.settings import Settings


def owner_url(settings: Settings) -> str:
    """The URL that migrations run under; starts the embedded cluster on need."""
    if settings.database_url is None:
        return ensure_running(settings.data_path).owner_url
    return (settings.owner_database_url or settings.database_url).get_secret_value()


def app_url(settings: Settings) -> str:
    """The URL that everything else runs under; starts the embedded cluster on need."""
    if settings.database_url is None:
        return ensure_running(settings.data_path).app_url
    return settings.database_url.get_secret_value()


def open_database(settings: Settings, *, statement_timeout_s: float | None = None) -> Database:
    """The registry's database, running and migrated.

    Raises
    ------
    DatabaseUnavailable, DatabaseNewer
        It can't be reached, or is newer than this program.
    """
    migrate.upgrade(owner_url(settings))
    read_url = settings.read_database_url.get_secret_value() if settings.read_database_url else None
    return Database.connect(app_url(settings), read_url=read_url, statement_timeout_s=statement_timeout_s)
