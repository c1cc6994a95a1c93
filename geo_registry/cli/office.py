"""What the commands of the registrar's office share: which case is meant, a step that is taken, how a case is shown."""

import json
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geo_registry.cli import console
from geo_registry.vocabulary import CaseStep

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from geo_registry.accounts.policy import Verb
    from geo_registry.cases.checking import LineFinding
    from geo_registry.cases.queries import CaseQuery, CaseRow, LineRow
    from geo_registry.cases.service import CaseTold
    from geo_registry.db.session import WriteSession
    from geo_registry.exchange.case_names import NamesRead

Number = Annotated[str, typer.Argument(metavar="NUMBER", help="The case's number, as `cases list` prints it.")]
On = Annotated[str | None, typer.Option("--on", help="The date of the document (2026-11-20); left out, today.")]
DocumentNumber = Annotated[str, typer.Option("--number", help="The document's number.")]
Note = Annotated[str, typer.Option("--note", help="What is to be said; for steps back, the reason.")]
Division = Annotated[str | None, typer.Option(help="Of this division (code, or its first digits) or below.")]

JSON = ".json"
MOST = 10_000
SHOWN = 50
"""Rows that are told of in a terminal; --json prints them all."""


def inbox(query: "CaseQuery") -> "list[CaseRow]":
    """Cases by what is due first, as the operator sees them."""
    from geo_registry.accounts.actors import local_operator
    from geo_registry.cases import service

    with console.registry() as database, database.read() as session:
        rows, _ = service.inbox(session, query, actor=local_operator(), limit=MOST)
    return list(rows)


@contextmanager
def writing(verb: "Verb") -> "Iterator[WriteSession]":
    """A unit of work of the operator."""
    from geo_registry.accounts.actors import local_operator

    with console.registry() as database, database.write(actor=local_operator(), verb=verb.value) as session:
        yield session


def take(
    verb: "Verb",
    do: "Callable[..., CaseTold]",
    number: str,
    step: CaseStep,
    told: "Mapping[str, object]",
    *,
    as_json: bool,
    codes: "Mapping[str, str] | None" = None,
) -> None:
    """Take a step, and show where the case stands then; `codes` that came back with a receipt by the names of the case."""
    from geo_registry.accounts.actors import local_operator
    from geo_registry.cases import service
    from geo_registry.cases.inputs import taking_of
    from geo_registry.db.revisions import WHICHEVER
    from geo_registry.errors import CaseMalformed
    from geo_registry.validation import typed

    actor = local_operator()
    given = {name: value for name, value in told.items() if value is not None}
    with writing(verb) as session:
        case = service.find_case(session, number, actor=actor).id
        if codes:
            all_told = service.tell_case(session, case, actor=actor)
            given["codes"] = {line_named(all_told, name).id: code for name, code in codes.items()}
        taking = typed(taking_of(step), CaseMalformed, **given)
        done = do(session, case, step, taking, seen=WHICHEVER, actor=actor)
    show_told(done, as_json=as_json)


def refuse_other(step: CaseStep, allowed: tuple[CaseStep, ...]) -> None:
    """Refuse a step that isn't one of a command."""
    if step not in allowed:
        words = ", ".join(each.value for each in allowed)
        raise typer.BadParameter(words, param_hint="--step")


def show_read(read: "NamesRead", *, as_json: bool) -> None:
    """What is wrong with rows of a file."""
    if as_json:
        console.print_json(read.as_json())
        return
    locale = console.locale()
    for each in read.problems[:SHOWN]:
        where = console.word(f"第 {each.row} 行", f"row {each.row}")
        console.say(
            f"{where} {each.column or ''} {each.message('zh')}", f"{where} {each.column or ''} {each.message(locale)}"
        )


def line_of(row: "CaseRow", now: date) -> str:
    """A case in a line: what it is, where it stands, how long there is."""
    locale = console.locale()
    words = [row.title, row.state.label(locale), console.word(f"{row.names} 个名称", f"{row.names} names")]
    if row.due_on is not None:
        left = (row.due_on - now).days
        words.append(
            console.word(f"逾期 {-left} 天", f"{-left} days late")
            if left < 0
            else console.word(f"还有 {left} 天", f"{left} days left")
        )
    return " · ".join(words)


def show_told(told: "CaseTold", *, as_json: bool) -> None:
    """A case with all that belongs to it."""
    if as_json:
        console.print_json(
            {
                **case_as_json(told.case),
                "lines": [line_as_json(line) for line in told.lines],
                "steps": [
                    {"step": each.step.value, "on": each.on, "by": each.by, "number": each.number, "note": each.note}
                    for each in told.steps
                ],
                "open_steps": [step.value for step in told.open_steps],
                "taken_over": told.taken_over,
            }
        )
        return
    locale = console.locale()
    console.show(
        [
            (told.case.number, told.case.title),
            (console.word("状态", "state"), told.case.state.label(locale)),
            (
                console.word("接收的地名", "places taken over"),
                str(told.taken_over) if told.taken_over is not None else None,
            ),
            *(
                (f"{line.position}. {line.name}", f"{line.action.label(locale)} · {line.state.label(locale)}")
                for line in told.lines
            ),
            *(
                (
                    each.step.label(locale),
                    " ".join(filter(None, (each.on.isoformat(), each.by, each.number, each.note))),
                )
                for each in told.steps
            ),
            *(
                (
                    due.duty.label(locale),
                    f"{due.state.label(locale)} · {due.last_day or '–'}"
                    + ("" if due.certain else console.word(" · 未核实", " · not verified")),
                )
                for due in told.dues
            ),
            *((each.severity.label(locale), each.message(locale)) for each in told.notices),
            (console.word("现在可以", "open now"), "、".join(step.value for step in told.open_steps) or None),
        ]
    )


def case_as_json(row: "CaseRow") -> "Mapping[str, object]":
    """A case as it is printed."""
    return {
        "id": row.id,
        "number": row.number,
        "kind": row.kind.value,
        "title": row.title,
        "division_code": row.division_code,
        "origin": row.origin.value,
        "dataset": row.dataset,
        "state": row.state.value,
        "approved_on": row.approved_on,
        "approval_number": row.approval_number,
        "filing": row.filing.value if row.filing else None,
        "filing_due_on": row.filing_due_on,
        "announcement": row.announcing.value if row.announcing else None,
        "announcement_due_on": row.announcement_due_on,
        "due_on": row.due_on,
        "names": row.names,
        "synthetic": row.synthetic,
    }


def line_as_json(line: "LineRow") -> "Mapping[str, object]":
    """A name of a case as it is printed."""
    return {
        "id": line.id,
        "position": line.position,
        "action": line.action.value,
        "name": line.name,
        "class": line.place_class.value,
        "place": line.place,
        "state": line.state.value,
    }


def finding_as_json(line: "LineRow", each: "LineFinding") -> "Mapping[str, object]":
    """A finding about a name as it is printed."""
    finding = each.finding
    return {
        "name": line.name,
        "code": finding.code.value,
        "severity": finding.severity.value,
        "article": finding.basis.cited,
        "message": finding.message(console.locale()),
        "collides_with": each.other or None,
        "cleared": each.cleared.reason if each.cleared is not None else None,
    }


def names_of(path: Path | None) -> object:
    """What a JSON file says of the names of a case; nothing where none is given.

    Raises
    ------
    FileUnreadable, CaseMalformed
        It can't be read, or isn't JSON.
    """
    from geo_registry.errors import CaseMalformed

    if path is None or path.suffix.lower() != JSON:
        return []
    try:
        return json.loads(content_of(path))
    except ValueError as error:
        raise CaseMalformed(
            problems_zh=f"{path.name}: 不是 JSON", problems_en=f"{path.name}: no JSON: {error}"
        ) from None


def content_of(path: Path) -> bytes:
    """What a file holds.

    Raises
    ------
    FileUnreadable
        It can't be read.
    """
    from geo_registry.errors import FileUnreadable, reasons

    try:
        return path.read_bytes()
    except OSError as error:
        raise FileUnreadable(path=path, **reasons(error)) from None


def write(path: Path, content: bytes, *, as_json: bool) -> None:
    """Write a paper to a file, and say so.

    Raises
    ------
    PaperNotWritten
        There is no such folder, or no right to write there.
    """
    from geo_registry.errors import PaperNotWritten, reasons

    try:
        path.write_bytes(content)
    except OSError as error:
        raise PaperNotWritten(path=path, **reasons(error)) from None
    if as_json:
        console.print_json({"path": str(path), "bytes": len(content)})
    else:
        console.say(f"已写入 {path}", f"written to {path}")


def line_named(told: "CaseTold", name: str) -> "LineRow":
    """The name of a case that is called so.

    Raises
    ------
    CaseLineUnknown
        It has none.
    """
    from geo_registry.errors import CaseLineUnknown

    found = next((each for each in told.lines if each.name == name), None)
    if found is None:
        raise CaseLineUnknown(line=name)
    return found
