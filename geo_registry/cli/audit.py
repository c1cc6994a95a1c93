"""`geo-registry audit …`: who did what, and whether that is as it was written."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer
from rich.table import Column, Table

from geo_registry.cli import console
from geo_registry.cli.console import AsJson
from geo_registry.errors import AuditBroken, HeadInvalid
from geo_registry.settings import get_settings
from geo_registry.vocabulary import Operation, Way

if TYPE_CHECKING:
    from geo_registry.accounts.audit import EntryRow
    from geo_registry.accounts.sealing import Head
    from geo_registry.accounts.verifying import Found, Verified

app = typer.Typer(help="审计 · the audit: who did what.", no_args_is_help=True, rich_markup_mode=None)


@app.command()
def verify(
    head: Annotated[
        list[str] | None,
        typer.Option(metavar="POSITION:DIGEST", help="A head that an earlier run printed; repeatable."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Compare every entry of the audit with its seal; exit code 1 and a list of what isn't as it was written.

    Heads that the worker noted in the data directory are compared too. Keep the head that this prints somewhere else.

    Example: geo-registry audit verify --json
    """
    from geo_registry.accounts import verifying
    from geo_registry.accounts.sealing import Heads

    given = {each.position: each.digest for each in map(_head, head or ())}
    heads = {**Heads.of(get_settings().data_path).noted(), **given}
    with console.registry() as database, console.progress_bar() as listen:
        found = verifying.verify(database, heads=heads, listen=listen)
    if as_json:
        console.print_json(_as_json(found))
    else:
        _show(found)
    if not found.whole:
        if as_json:
            raise typer.Exit(1)
        raise AuditBroken(count=f"{len(found.findings)}{'+' if found.more else ''}")


@app.command(name="list")
def list_entries(
    actor: Annotated[str, typer.Option(help="Who: a login name.")] = "",
    verb: Annotated[str, typer.Option(help="What: a verb of docs/access.md, as accounts.grant_role.")] = "",
    table: Annotated[str, typer.Option(help="Only entries about this table.")] = "",
    record: Annotated[UUID | None, typer.Option(help="Only entries about this record.")] = None,
    operation: Annotated[Operation | None, typer.Option(help="Only these.")] = None,
    way: Annotated[Way | None, typer.Option(help="Only by this way.")] = None,
    since: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="From this day on.")] = None,
    until: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Up to the end of this day.")] = None,
    after: Annotated[int, typer.Option(min=0, help="Only entries before the one with this number.")] = 0,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List entries of the audit, the newest first.

    Example: geo-registry audit list --actor li.ming --since 2026-11-01
    """
    from geo_registry import clock
    from geo_registry.accounts import service
    from geo_registry.accounts.actors import local_operator
    from geo_registry.accounts.audit import EntryQuery
    from geo_registry.db.paging import Page

    zone = get_settings().zone
    query = EntryQuery(
        actor=actor,
        verb=verb,
        table=table,
        record=record,
        operation=operation,
        way=way,
        since=since.replace(tzinfo=zone) if since else None,
        until=clock.end_of(until.date(), zone) if until else None,
    )
    with console.registry() as database, database.read() as session:
        found = service.read_audit(session, query, Page(after=after, limit=limit), actor=local_operator())
    if as_json:
        console.print_json({"entries": [_entry(row) for row in found.rows], "next": found.next_after})
        return
    shown = Table(
        Column("编号\nentry", no_wrap=True),
        Column("时间\nat", overflow="fold"),
        Column("何人\nwho", overflow="fold"),
        Column("途径\nfrom", overflow="fold"),
        Column("操作\nwhat", overflow="fold"),
        Column("缘由\nwhy", overflow="fold"),
    )
    for row in found.rows:
        shown.add_row(
            str(row.id),
            row.at.astimezone(zone).isoformat(" ", "seconds"),
            row.actor,
            " ".join(filter(None, (row.way, row.address))) or "–",
            _what(row),
            _why(row),
        )
    console.output.print(shown)


def _what(row: "EntryRow") -> str:
    from geo_registry.accounts.recorded import table_called

    locale = console.locale()
    return f"{Operation.of(row.operation).label(locale)} {table_called(row.table_name, locale)} ×{row.rows:,}"


def _why(row: "EntryRow") -> str:
    """The verb, as readers call it, and the reason, as far as there are such."""
    from geo_registry.accounts.policy import Verb
    from geo_registry.accounts.recorded import reason_beside

    locale = console.locale()
    verb = next((each.label(locale) for each in Verb if each.value == row.verb), row.verb)
    return " · ".join(filter(None, (verb, reason_beside(row.why, row.verb, locale)))) or "–"


def _entry(row: "EntryRow") -> dict[str, object]:
    return {
        "id": row.id,
        "at": row.at,
        "actor": row.actor,
        "address": row.address,
        "way": row.way,
        "why": row.why,
        "verb": row.verb,
        "operation": row.operation,
        "table": row.table_name,
        "rows": row.rows,
        "records": None if row.records is None else [str(each) for each in row.records],
        "sealed": row.sealed,
    }


def _head(text: str) -> "Head":
    from geo_registry.accounts.sealing import Head

    try:
        return Head.parse(text)
    except ValueError:
        raise HeadInvalid(text=text) from None


def _as_json(found: "Verified") -> dict[str, object]:
    return {
        "whole": found.whole,
        "entries": found.entries,
        "sealed": found.sealed,
        "head": None if found.head is None else str(found.head),
        "heads_noted": found.heads_noted,
        "findings": [
            {
                "what": each.what.value,
                "position": each.position,
                "entry": each.entry,
                "message": each.what.label(console.locale()),
            }
            for each in found.findings
        ],
        "more": found.more,
    }


def _show(found: "Verified") -> None:
    console.show(
        [
            (console.word("审计记录", "entries"), found.entries),
            (console.word("已封印", "sealed"), found.sealed),
            (console.word("链头", "head"), found.head),
            (console.word("已核对的库外链头", "heads noted outside"), found.heads_noted),
            *((_where(each), each.what.label(console.locale())) for each in found.findings),
        ]
    )


def _where(found: "Found") -> str:
    return " ".join(
        [
            *([console.word(f"记录 {found.entry}", f"entry {found.entry}")] if found.entry is not None else []),
            *([console.word(f"链中第 {found.position} 位", f"place {found.position}")] if found.position else []),
        ]
    )
