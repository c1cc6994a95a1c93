"""`geo-registry filings …`: what was approved, with the body above (地名管理条例 art. 13)."""

import csv
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geo_registry.cli import console, office
from geo_registry.cli.console import AsJson
from geo_registry.cli.office import Division, DocumentNumber, Note, Number, On
from geo_registry.vocabulary import CaseState, CaseStep, DutyState

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geo_registry.cases.queries import CaseRow

app = typer.Typer(help="备案 · filings of approved names", no_args_is_help=True)


@app.callback()
def of_filings() -> None:
    """Filings of approved names with the body above (art. 13)."""


@app.command("list")
def list_filings(
    division: Division = None,
    state: Annotated[DutyState | None, typer.Option(help="Where it stands.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the filings of approved cases.

    Example: geo-registry filings list --state due
    """
    from geo_registry.cases.queries import CaseQuery

    query = CaseQuery(division=division, states=(CaseState.APPROVED,), filing=state, has_filing=True)
    _show_filings(office.inbox(query), as_json=as_json)


@app.command("due")
def due_filings(division: Division = None, as_json: AsJson = False) -> None:
    """List what is to be filed yet, what is late first; exit 1 where something is late.

    Example: geo-registry filings due
    """
    from geo_registry.cases.queries import CaseQuery
    from geo_registry.cases.writing import today

    rows = [
        row
        for row in office.inbox(CaseQuery(division=division, states=(CaseState.APPROVED,)))
        if row.filing in {DutyState.DUE, DutyState.RETURNED}
    ]
    _show_filings(rows, as_json=as_json)
    if any(row.filing_due_on is not None and row.filing_due_on < today() for row in rows):
        raise typer.Exit(1)


@app.command("incoming")
def incoming_filings(as_json: AsJson = False) -> None:
    """List what other offices sent for filing, and what waits for a receipt, or to be returned.

    Example: geo-registry filings incoming
    """
    from geo_registry.accounts.actors import local_operator
    from geo_registry.cases import service

    with console.registry() as database, database.read() as session:
        rows = service.every_incoming(session, actor=local_operator())
    _show_filings(rows, as_json=as_json)


@app.command("show")
def show_filing(number: Number, as_json: AsJson = False) -> None:
    """Show where the filing of a case stands.

    Example: geo-registry filings show 330702-2026-0001
    """
    from geo_registry.accounts.actors import local_operator
    from geo_registry.cases import service

    with console.registry() as database, database.read() as session:
        row = service.find_case(session, number, actor=local_operator())
    _show_filings([row], as_json=as_json)


@app.command("enter")
def enter_filing(
    number: Number,
    step: Annotated[CaseStep, typer.Option(help="file | filed | filing-returned.")],
    on: On = None,
    document: DocumentNumber = "",
    codes: Annotated[
        Path | None,
        typer.Option(help="The national codes that came back: a CSV of name,code, with or without a header."),
    ] = None,
    note: Note = "",
    as_json: AsJson = False,
) -> None:
    """Enter that a case was sent for filing, that it is filed, or that it came back, with the reason.

    Example: geo-registry filings enter 330702-2026-0001 --step filed --number 浙地名备〔2026〕3号 --codes 回执.csv
    """
    from geo_registry.accounts.policy import Verb
    from geo_registry.cases.service import follow_up

    office.refuse_other(step, (CaseStep.FILE, CaseStep.FILED, CaseStep.FILING_RETURNED))
    told = {"on": on, "number": document, "note": note}
    by_name = _codes(codes) if codes is not None else None
    office.take(Verb.FOLLOW_UP_CASE, follow_up, number, step, told, as_json=as_json, codes=by_name)


@app.command("codes")
def enter_codes(
    number: Number,
    code: Annotated[
        list[str] | None,
        typer.Option(help="NAME=CODE: a name of the case and its 20 digits; may be given several times."),
    ] = None,
    codes: Annotated[Path | None, typer.Option(help="A CSV of name,code, with or without a header.")] = None,
    as_json: AsJson = False,
) -> None:
    """Enter national codes that came back for names of an approved case, whenever they did.

    Example: geo-registry filings codes 330702-2026-0001 --code 仙源湖路=33070200122100000001
    """
    from geo_registry.accounts.actors import local_operator
    from geo_registry.accounts.policy import Verb
    from geo_registry.cases import service
    from geo_registry.cases.inputs import EnteredCodes
    from geo_registry.db.revisions import WHICHEVER
    from geo_registry.errors import CaseMalformed
    from geo_registry.validation import typed

    actor = local_operator()
    by_name = {name: digits for name, _, digits in (each.partition("=") for each in code or ())}
    by_name |= _codes(codes) if codes is not None else {}
    with office.writing(Verb.FOLLOW_UP_CASE) as session:
        case = service.find_case(session, number, actor=actor).id
        told = service.tell_case(session, case, actor=actor)
        given = {office.line_named(told, name).id: digits for name, digits in by_name.items()}
        entered = typed(EnteredCodes, CaseMalformed, codes=given)
        done = service.enter_codes(session, case, entered, seen=WHICHEVER, actor=actor)
    office.show_told(done, as_json=as_json)


def _show_filings(rows: "Sequence[CaseRow]", *, as_json: bool) -> None:
    if as_json:
        console.print_json([office.case_as_json(row) for row in rows])
        return
    locale = console.locale()
    console.show(
        (
            row.number,
            " · ".join(
                filter(
                    None,
                    (
                        row.title,
                        row.filing.label(locale) if row.filing else None,
                        row.filing_due_on.isoformat() if row.filing_due_on else None,
                        row.filing_number,
                    ),
                )
            ),
        )
        for row in rows
    )


CODE = re.compile(r"[0-9]{20}")


def _codes(path: Path) -> "Mapping[str, str]":
    """National codes by name, as a receipt's table has them.

    Raises
    ------
    FileUnreadable, CaseMalformed
        It can't be read, or a row isn't a name and a code of 20 digits.
    """
    from geo_registry.errors import CaseMalformed

    text = _text(office.content_of(path))
    rows = [[cell.strip() for cell in row] for row in csv.reader(text.splitlines()) if any(map(str.strip, row))]
    if rows and len(rows[0]) > 1 and not any(each.isdigit() for each in rows[0][1]):
        rows = rows[1:]
    for at, row in enumerate(rows, 1):
        if len(row) < 2 or not CODE.fullmatch(row[1]):
            raise CaseMalformed(
                problems_zh=f"{path.name} 第 {at} 行：应为名称和20位代码",
                problems_en=f"{path.name} row {at}: it has to be a name and a code of 20 digits",
            )
    return {row[0]: row[1] for row in rows}


def _text(content: bytes) -> str:
    """A table's text: UTF-8, or as offices' spreadsheets still save it."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("gb18030", errors="replace")
