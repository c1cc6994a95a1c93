"""`geo-registry jobs …`: the queue of long work."""

from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Column, Table

from geo_registry.cli import console
from geo_registry.cli.console import AsJson
from geo_registry.vocabulary import JobState

if TYPE_CHECKING:
    from geo_registry.jobs.queue import JobView

app = typer.Typer(help="任务 · the queue of long work.", no_args_is_help=True, rich_markup_mode=None)

MOST_LISTED = 100

Job = Annotated[int, typer.Argument(metavar="ID", min=1, max=2**63 - 1, help="The job's number (jobs list).")]


@app.command(name="list")
def list_jobs(
    state: Annotated[JobState | None, typer.Option(help="Only those that stand so.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the newest hundred jobs: how they stand, how often they were tried, why they failed.

    Example: geo-registry jobs list --state failed
    """
    from geo_registry.accounts.actors import local_operator
    from geo_registry.db.paging import Page
    from geo_registry.jobs import service

    with console.registry() as database, database.read() as session:
        page = Page(limit=MOST_LISTED)
        rows = service.list_jobs(session, page, actor=local_operator(), state=state).rows
    if as_json:
        console.print_json([_as_json(row) for row in rows])
        return
    table = Table(
        Column("编号\nid", no_wrap=True),
        Column("内容\ntask", no_wrap=True),
        Column("状态\nstate", no_wrap=True),
        Column("次数\nattempts", no_wrap=True),
        Column("原因\nreason", overflow="fold"),
    )
    for row in rows:
        table.add_row(str(row.id), row.task, row.state.value, str(row.attempts), _reason(row))
    console.output.print(table)


@app.command()
def cancel(job: Job, as_json: AsJson = False) -> None:
    """Take a job back: a queued one is never begun, a running one stops at its next word of progress.

    Example: geo-registry jobs cancel 17
    """
    from geo_registry.accounts.actors import local_operator
    from geo_registry.cli.serving import declare_tasks
    from geo_registry.jobs import service

    declare_tasks()
    with console.registry() as database:
        _tell(service.cancel_job(database, job, actor=local_operator()), as_json=as_json)


@app.command()
def retry(job: Job, as_json: AsJson = False) -> None:
    """Queue a job that failed once more, with what it was ordered with.

    Example: geo-registry jobs retry 17
    """
    from geo_registry.accounts.actors import local_operator
    from geo_registry.cli.serving import declare_tasks
    from geo_registry.jobs import service

    declare_tasks()
    with console.registry() as database:
        _tell(service.retry_job(database, job, actor=local_operator()), as_json=as_json)


def _tell(job: "JobView", *, as_json: bool) -> None:
    if as_json:
        console.print_json(_as_json(job))
    else:
        console.show([(str(job.id), job.state.label(console.locale()))])


def _as_json(job: "JobView") -> dict[str, object]:
    return {
        "id": job.id,
        "task": job.task,
        "state": job.state.value,
        "attempts": job.attempts,
        "step": job.step,
        "done": job.done,
        "total": job.total,
        "error": job.error,
        "ordered_at": job.ordered_at,
        "updated_at": job.updated_at,
    }


def _reason(job: "JobView") -> str:
    messages = job.error.get("messages") if job.error is not None else None
    return str(messages.get(console.locale(), "")) if isinstance(messages, dict) else ""
