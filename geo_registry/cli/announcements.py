"""`geo-registry announcements …`: what was announced, and what is to be (地名管理条例 art. 14)."""

from datetime import date
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from geo_registry.cli import console, office
from geo_registry.cli.console import AsJson
from geo_registry.cli.office import Division
from geo_registry.vocabulary import CaseState, DutyState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geo_registry.cases.queries import AnnouncementRow, CaseRow

app = typer.Typer(help="公告 · announcements", no_args_is_help=True)


@app.callback()
def of_announcements() -> None:
    """What was announced (art. 14)."""


@app.command("list")
def list_announcements(
    division: Division = None,
    text: Annotated[str | None, typer.Option(help="Part of the title, the number or a name.")] = None,
    as_json: AsJson = False,
) -> None:
    """List announcements, the newest first.

    Example: geo-registry announcements list --division 330702
    """
    from geo_registry.cases import service
    from geo_registry.db.paging import Page

    with console.registry() as database, database.read() as session:
        rows = service.list_announcements(session, Page(limit=office.MOST), division=division, words=text).rows
    if as_json:
        console.print_json([_announcement(row) for row in rows])
        return
    console.show((row.published_on.isoformat(), f"{row.number} {row.title} · {row.office} · {row.id}") for row in rows)


@app.command("show")
def show_announcement(
    announcement: Annotated[
        UUID, typer.Argument(metavar="ANNOUNCEMENT", help="Its id, as `announcements list` prints it.")
    ],
    as_json: AsJson = False,
) -> None:
    """Show an announcement as it was published.

    Example: geo-registry announcements show 0f8fad5b-d9cb-469f-a165-70867728950e
    """
    from geo_registry.cases import service
    from geo_registry.cases.wording import described, lead

    with console.registry() as database, database.read() as session:
        row, said = service.get_announcement(session, announcement)
    if as_json:
        console.print_json({**_announcement(row), "case": row.case, "content": dict(row.content)})
        return
    locale = console.locale()
    console.show(
        [
            (row.number or "–", row.title),
            (console.word("发布", "published"), f"{row.published_on} {row.office}"),
            (console.word("内容", "text"), lead(said, locale)),
            *((f"{at}. {each.name}", described(each, locale)) for at, each in enumerate(said.names, 1)),
            *((console.word("附", "besides"), each) for each in said.paragraphs),
        ]
    )


@app.command("due")
def due_announcements(division: Division = None, as_json: AsJson = False) -> None:
    """List what is to be announced yet, what is late first; exit 1 where something is late.

    Example: geo-registry announcements due
    """
    from geo_registry.cases.queries import CaseQuery
    from geo_registry.cases.writing import today

    now = today()
    query = CaseQuery(division=division, states=(CaseState.APPROVED,))
    rows = sorted(
        (row for row in office.inbox(query) if row.announcing is DutyState.DUE),
        key=lambda row: row.announcement_due_on or date.max,
    )
    if as_json:
        console.print_json([office.case_as_json(row) for row in rows])
    else:
        console.show((row.number, f"{row.title} · {_term(row, now)}") for row in rows)
    if any(row.announcement_due_on is not None and row.announcement_due_on < now for row in rows):
        raise typer.Exit(1)


def _term(row: "CaseRow", now: date) -> str:
    if row.announcement_due_on is None:
        return console.word("无期限", "no term")
    late = (now - row.announcement_due_on).days
    if late > 0:
        return console.word(f"逾期 {late} 天", f"{late} days late")
    return console.word(f"不晚于 {row.announcement_due_on}", f"by {row.announcement_due_on}")


def _announcement(row: "AnnouncementRow") -> "Mapping[str, object]":
    return {
        "id": row.id,
        "number": row.number,
        "title": row.title,
        "office": row.office,
        "published_on": row.published_on,
        "division_code": row.division_code,
        "corrects": row.corrects,
    }
