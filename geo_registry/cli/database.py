"""`geo-registry db …`, `migrate` and `status`: the operator's commands on the database."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geo_registry.cli import console
from geo_registry.cli.console import AsJson
from geo_registry.settings import get_settings

if TYPE_CHECKING:
    from geo_registry.db.cluster import DatabaseUrls
    from geo_registry.db.standing import RowCount

NO_WORKER = (
    "没有后台进程在运行，排队的任务不会执行：geo-registry up 或 geo-registry worker · no worker: queued jobs wait"
)

NO_WALL = "数据库的行级权限没有约束本程序，请用 geo_app 角色连接：{tables} · row security doesn't bind this program: connect as geo_app"

CLUSTER_LABELS = {
    "directory": ("目录", "directory"),
    "major": ("PostgreSQL 版本", "PostgreSQL"),
    "running": ("正在运行", "running"),
    "pid": ("进程", "process"),
    "started_at": ("启动时间", "started"),
    "socket_folder": ("套接字目录", "socket's folder"),
    "log_folder": ("日志目录", "logs"),
}
"""What people read for the keys of `db status --json`."""

app = typer.Typer(help="数据库 · the database.", no_args_is_help=True, rich_markup_mode=None)


@app.command()
def start(as_json: AsJson = False) -> None:
    """Start the embedded database (made on first use) and bring its schema up to date.

    Example: geo-registry db start
    """
    from geo_registry.db import migrate
    from geo_registry.db.cluster import ClusterUrls
    from geo_registry.db.startup import database_urls

    urls = database_urls(get_settings(), tell=console.tell)
    migrated = migrate.upgrade(urls.owner_url)
    started = isinstance(urls, ClusterUrls) and urls.started
    if as_json:
        console.print_json({"started": started, "migrated": migrated})
    else:
        console.say(
            "数据库已启动" if started else "数据库已在运行",
            "the database was started" if started else "the database is running",
        )


@app.command()
def stop(as_json: AsJson = False) -> None:
    """Stop the embedded database; data stay where they are.

    Example: geo-registry db stop
    """
    from geo_registry.db import cluster
    from geo_registry.errors import ServerElsewhere

    settings = get_settings()
    if not settings.embedded:
        raise ServerElsewhere(verb="stop")
    stopped = cluster.stop(settings.data_path, tell=console.tell)
    if as_json:
        console.print_json({"stopped": stopped})
    else:
        console.say(
            "数据库已停止" if stopped else "数据库没有在运行",
            "the database was stopped" if stopped else "it was not running",
        )


@app.command()
def status(as_json: AsJson = False) -> None:
    """Say where the embedded database lies and whether it runs; starts nothing.

    Example: geo-registry db status --json
    """
    from dataclasses import asdict

    from geo_registry.db import cluster
    from geo_registry.errors import ServerElsewhere

    settings = get_settings()
    if not settings.embedded:
        raise ServerElsewhere(verb="status")
    found = asdict(cluster.status(settings.data_path))
    if as_json:
        console.print_json(found)
        return
    numbers = {"major": found["major"] and str(found["major"]), "pid": found["pid"] and str(found["pid"])}
    console.show((console.word(*CLUSTER_LABELS[item]), value) for item, value in (found | numbers).items())


@app.command()
def backup(file: Annotated[Path, typer.Argument(help="Where to write it.")], as_json: AsJson = False) -> None:
    """Write the whole registry to one file; readers and writers go on meanwhile.

    Example: geo-registry db backup registry.dump
    """
    from geo_registry.db import cluster
    from geo_registry.db.startup import database_urls

    urls = database_urls(get_settings(), tell=console.tell)
    with console.progress_bar() as listen:
        size = cluster.backup(urls, file, report=lambda heard: listen("backup", heard.done, heard.total))
    if as_json:
        console.print_json({"file": str(file), "bytes": size})
    else:
        console.say(f"已备份到 {file}（{size:,} 字节）", f"backed up to {file} ({size:,} bytes)")


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="What `db backup` wrote.")],
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask: what the registry holds now is replaced.")] = False,
    as_json: AsJson = False,
) -> None:
    """Replace the registry by a backup; if that fails, the present one stays as it is.

    Example: geo-registry db restore registry.dump --yes
    """
    from geo_registry.accounts.sealing import Heads
    from geo_registry.db import cluster
    from geo_registry.db.startup import database_urls
    from geo_registry.errors import RestoreUnconfirmed

    if not yes:
        console.confirm(
            "现有数据将被备份中的数据替换。继续？",
            "What the registry holds now is replaced by the backup. Go on?",
            unconfirmed=RestoreUnconfirmed(),
            as_json=as_json,
        )
    urls = database_urls(get_settings(), tell=console.tell)
    with console.progress_bar() as listen:
        cluster.restore(
            urls,
            file,
            report=lambda heard: listen("restore", heard.done, heard.total),
            prepare=_bring_up_to_date,
        )
    # The chain goes on from the backup's head: heads noted since would contradict it.
    Heads.of(get_settings().data_path).set_aside()
    if as_json:
        console.print_json({"file": str(file), "restored": True})
    else:
        console.say(f"已从 {file} 恢复", f"restored from {file}")


def _bring_up_to_date(urls: "DatabaseUrls") -> None:
    """Migrate a backup of an older version before it takes the registry's place; its workers aren't here."""
    from geo_registry.db import migrate
    from geo_registry.db.session import Database
    from geo_registry.jobs.rescue import forget_workers
    from geo_registry.vocabulary import Way

    migrate.upgrade(urls.owner_url)
    database = Database.connect(urls.app_url, way=Way.COMMAND)
    try:
        forget_workers(database)
    finally:
        database.dispose()


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def psql(context: typer.Context) -> None:
    """Open psql on the registry's database, as the application's role; arguments go to psql.

    Example: geo-registry db psql -- -c "SELECT count(*) FROM facility"
    """
    from geo_registry.db import cluster
    from geo_registry.db.startup import database_urls

    cluster.psql(database_urls(get_settings(), tell=console.tell).app_url, context.args)


def migrate_schema(as_json: AsJson = False) -> None:
    """Bring the database's schema up to date, as its owner; does nothing where it is.

    Example: geo-registry migrate
    """
    from geo_registry.db import migrate
    from geo_registry.db.startup import database_urls

    urls = database_urls(get_settings(), tell=console.tell)
    migrated = migrate.upgrade(urls.owner_url)
    if as_json:
        console.print_json({"migrated": migrated, "revision": migrate.head()})
    else:
        console.say(
            f"数据库结构已更新到 {migrate.head()}" if migrated else "数据库结构已是最新",
            f"migrated to {migrate.head()}" if migrated else "the schema is up to date",
        )


def registry_status(as_json: AsJson = False) -> None:
    """Say how the registry is: database, migrations, worker, how many rows, and what needs attention.

    Example: geo-registry status --json
    """
    from geo_registry.db.standing import row_counts, standing
    from geo_registry.jobs.queue import SILENT_AFTER_S, worker_silence_s

    with console.registry() as database, database.read() as session:
        found = standing(session)
        counts = row_counts(session)
        silence_s = worker_silence_s(session)
    works = silence_s is not None and silence_s < SILENT_AFTER_S
    embedded = get_settings().embedded
    warnings = [] if works else [NO_WORKER]
    if found.unwalled:
        warnings.append(NO_WALL.format(tables=", ".join(found.unwalled)))
    if as_json:
        console.print_json(
            {
                "database": "embedded" if embedded else "elsewhere",
                "migrated": found.migrated,
                "postgis": found.extensions.get("postgis"),
                "worker": works,
                "rows": {
                    holding.value: {"count": count.rows, "exact": count.exact, "more": count.more}
                    for holding, count in counts.items()
                },
                "warnings": warnings,
            }
        )
        return
    console.show(
        [
            (
                console.word("数据库", "database"),
                console.word("内置", "embedded")
                if embedded
                else console.word("在别处的服务器上", "on a server elsewhere"),
            ),
            (console.word("结构为最新", "schema up to date"), found.migrated),
            ("PostGIS", found.extensions.get("postgis")),
            (console.word("后台进程在运行", "worker running"), works),
            *((holding.label(console.locale()), _how_many(count)) for holding, count in counts.items()),
            *((console.word("注意", "warning"), warning) for warning in warnings),
        ]
    )


def _how_many(count: "RowCount") -> str | int:
    if count.exact:
        return count.rows
    if count.more:
        return console.word(f"{count.rows:,} 以上", f"over {count.rows:,}")
    return console.word(f"约 {count.rows:,}", f"about {count.rows:,}")
