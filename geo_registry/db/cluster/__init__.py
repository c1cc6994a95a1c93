"""The embedded database: a private PostgreSQL cluster that the product makes, starts, finds, saves and stops (ADR 0009).

`ensure_running` is all that most callers need. The rest of the package, from the bottom: `os_user` and `installations`
(who runs which server), `postmaster`, `sockets`, `tuning` and `files` (what lies in the data directory), `provision`
(what lies in the database), `lifecycle`, `archive` (backup and restore, for a server elsewhere too).
"""

from geo_registry.db.cluster.archive import Progress, backup, psql, restore
from geo_registry.db.cluster.lifecycle import (
    ClusterStatus,
    ClusterUrls,
    DatabaseUrls,
    cluster_directory,
    ensure_running,
    remove,
    status,
    stop,
)
from geo_registry.db.cluster.notices import Notice, Tell
from geo_registry.db.cluster.provision import check_database, create_database

__all__ = [
    "ClusterStatus",
    "ClusterUrls",
    "DatabaseUrls",
    "Notice",
    "Progress",
    "Tell",
    "backup",
    "check_database",
    "cluster_directory",
    "create_database",
    "ensure_running",
    "psql",
    "remove",
    "restore",
    "status",
    "stop",
]
