"""`geo-registry consultations …`: what the public was asked, what they said, and what became of it."""

from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from geo_registry.cli import console, office
from geo_registry.cli.console import AsJson
from geo_registry.cli.office import Division
from geo_registry.vocabulary import CommentOutcome

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geo_registry.cases.queries import CommentRow, ConsultationRow

app = typer.Typer(help="公示和征集 · what the public is asked", no_args_is_help=True)

Consultation = Annotated[
    UUID, typer.Argument(metavar="CONSULTATION", help="Its id, as `consultations list` prints it.")
]


@app.callback()
def consultations() -> None:
    """What the public is asked, and says; one is opened by `cases handle --step consult`."""


@app.command("list")
def list_consultations(
    division: Division = None,
    open_now: Annotated[bool, typer.Option("--open", help="Only those that take opinions today.")] = False,
    as_json: AsJson = False,
) -> None:
    """List consultations, the newest first.

    Example: geo-registry consultations list --open
    """
    from geo_registry.cases import service
    from geo_registry.db.paging import Page

    with console.registry() as database, database.read() as session:
        page = Page(limit=office.MOST)
        rows = service.list_consultations(session, page, open_now=open_now or None, division=division).rows
    if as_json:
        console.print_json([_as_json(row) for row in rows])
        return
    console.show((str(row.id), _line_of(row)) for row in rows)


@app.command("show")
def show_consultation(consultation: Consultation, as_json: AsJson = False) -> None:
    """Show what the public is asked, with the names.

    Example: geo-registry consultations show 0f8fad5b-d9cb-469f-a165-70867728950e
    """
    from geo_registry.cases import service

    with console.registry() as database, database.read() as session:
        row = service.get_consultation(session, consultation)
    if as_json:
        console.print_json(_as_json(row) | {"body": row.body, "names": list(row.names)})
        return
    console.show(
        [
            (row.kind.label(console.locale()), row.title),
            (console.word("区划", "division"), row.division_name),
            (console.word("受理意见", "opinions"), f"{row.opened_on} – {row.closed_on or row.closes_on}"),
            (console.word("正文", "text"), row.body),
            *((f"{at}.", str(each.get("name", ""))) for at, each in enumerate(row.names, 1)),
        ]
    )


@app.command("comments")
def list_comments(consultation: Consultation, as_json: AsJson = False) -> None:
    """List what was said, with who said it; the audit notes that it was read.

    Example: geo-registry consultations comments 0f8fad5b-d9cb-469f-a165-70867728950e
    """
    from geo_registry.accounts.actors import local_operator
    from geo_registry.cases import service

    with console.registry() as database, database.read() as session:
        rows = service.list_comments(session, consultation, service.EVERY_COMMENT, actor=local_operator()).rows
    if as_json:
        console.print_json([_comment(row) for row in rows])
        return
    locale = console.locale()
    console.show(
        (
            str(row.id),
            " · ".join(filter(None, (row.outcome.label(locale), row.person, row.reach, row.said, row.answer))),
        )
        for row in rows
    )


@app.command("answer")
def answer_comment(
    consultation: Consultation,
    comment: Annotated[UUID, typer.Argument(metavar="COMMENT", help="Its id, as `consultations comments` prints it.")],
    outcome: Annotated[CommentOutcome, typer.Option(help="What became of it.")],
    answer: Annotated[str, typer.Option(help="The answer.")],
    as_json: AsJson = False,
) -> None:
    """Say what became of what somebody said, and answer it.

    Example: geo-registry consultations answer 0f8fad5b-d9cb-469f-a165-70867728950e 7c9e6679-7425-40de-944b-e07fc1f90ae7 --outcome adopted --answer 已采纳
    """
    from geo_registry.accounts.actors import local_operator
    from geo_registry.accounts.policy import Verb
    from geo_registry.cases import service
    from geo_registry.cases.inputs import CommentAnswer
    from geo_registry.db.revisions import WHICHEVER
    from geo_registry.errors import CaseMalformed
    from geo_registry.validation import typed

    said = typed(CommentAnswer, CaseMalformed, outcome=outcome, answer=answer)
    with office.writing(Verb.ANSWER_COMMENT) as session:
        row = service.answer_comment(session, consultation, comment, said, seen=WHICHEVER, actor=local_operator())
    if as_json:
        console.print_json(_comment(row))
    else:
        console.say(f"已答复：{row.outcome.zh}", f"answered: {row.outcome.en}")


def _line_of(row: "ConsultationRow") -> str:
    ends = console.word(f"受理意见至 {row.closed_on or row.closes_on}", f"until {row.closed_on or row.closes_on}")
    return " · ".join((row.kind.label(console.locale()), row.title, row.division_name, ends))


def _as_json(row: "ConsultationRow") -> "dict[str, object]":
    return {
        "id": row.id,
        "kind": row.kind.value,
        "title": row.title,
        "division_code": row.division_code,
        "opened_on": row.opened_on,
        "closes_on": row.closes_on,
        "closed_on": row.closed_on,
        "synthetic": row.synthetic,
    }


def _comment(row: "CommentRow") -> "Mapping[str, object]":
    return {
        "id": row.id,
        "number": row.number,
        "said": row.said,
        "person": row.person,
        "reach": row.reach,
        "outcome": row.outcome.value,
        "answer": row.answer,
        "at": row.at,
    }
