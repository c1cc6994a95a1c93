"""From settings to a migrated database: what every command and the service begin with."""

from geo_registry.db import migrate
from geo_registry.db.cluster import DatabaseUrls, Tell, ensure_running
from geo_registry.db.cluster.notices import log_notice
from geo_registry.db.session import Database
from geo_registry.settings import Settings
from geo_registry.vocabulary import Way


def database_urls(settings: Settings, *, tell: Tell = log_notice) -> DatabaseUrls:
    """The registry's database under its roles; the embedded cluster is made and started on need.

    Raises
    ------
    DomainError
        The embedded cluster can't be had; the error says what to do (`db/cluster`).
    """
    if settings.database_url is None:
        return ensure_running(settings.data_path, tell=tell)
    app_url = settings.database_url.get_secret_value()
    owner = settings.owner_database_url
    return DatabaseUrls(owner_url=owner.get_secret_value() if owner else app_url, app_url=app_url, superuser_url=None)


def open_database(
    settings: Settings,
    *,
    statement_timeout_s: float | None = None,
    tell: Tell = log_notice,
    way: Way = Way.NOTEBOOK,
) -> Database:
    """The registry's database, running and migrated; `way` is what uses it, for audit.

    Raises
    ------
    DatabaseUnavailable, DatabaseNewer
        It can't be reached, or is newer than this program.
    """
    urls = database_urls(settings, tell=tell)
    migrate.upgrade(urls.owner_url)
    read_url = settings.read_database_url.get_secret_value() if settings.read_database_url else None
    return Database.connect(urls.app_url, read_url=read_url, statement_timeout_s=statement_timeout_s, way=way)
