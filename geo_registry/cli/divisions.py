"""`geo-registry divisions …`: what became of divisions from vintage to vintage."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from geo_registry.cli import console
from geo_registry.cli.console import AsJson

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geo_registry.divisions.lineage import Lead, Member, Step
    from geo_registry.divisions.matching import Proposal
    from geo_registry.exchange.successions import SuccessionsReport

app = typer.Typer(help="区划沿革 · divisions through their vintages.", no_args_is_help=True, rich_markup_mode=None)
successions = typer.Typer(
    help="沿革登记 · what became of divisions: propose, import, withdraw.", no_args_is_help=True, rich_markup_mode=None
)
app.add_typer(successions, name="successions")

PROBLEMS_SHOWN = 10
"""Problems that a terminal shows; --json holds a thousand, --report all."""

Code = Annotated[str, typer.Argument(metavar="CODE", help="Twelve digits, or the first 2, 4, 6 or 9.")]
Vintage = Annotated[int | None, typer.Option(help="The year of the code list; else the newest that has the code.")]


@app.command()
def show(code: Code, vintage: Vintage = None, as_json: AsJson = False) -> None:
    """Say what a division came from, what it became, and where that leads to today, each with its evidence.

    Example: geo-registry divisions show 330782104261 --vintage 2018
    """
    from geo_registry.divisions.service import lineage_of

    with console.registry() as database, database.read() as session:
        found = lineage_of(session, code, vintage=vintage)
    if as_json:
        console.print_json(
            {
                "division": _member(found.division),
                "fate": found.present.fate.value,
                "present": [_lead(each) for each in found.present.leads],
                "came_from": [_step(each) for each in found.came_from],
                "became": [_step(each) for each in found.became],
            }
        )
        return
    console.show(
        [
            (console.word("区划", "division"), _named(found.division)),
            (console.word("现状", "today"), found.present.fate.label(console.locale())),
            *(
                (
                    console.word("通向", "leads to"),
                    f"{_named(each.division)} · {each.certainty.label(console.locale())}",
                )
                for each in found.present.leads
            ),
            *((console.word("来自", "came from"), _told(each)) for each in found.came_from),
            *((console.word("变为", "became"), _told(each)) for each in found.became),
        ]
    )


@successions.command()
def propose(
    earlier: Annotated[int, typer.Option("--from", help="The earlier vintage.")],
    later: Annotated[int, typer.Option("--to", help="The later vintage.")],
    county: Annotated[
        str, typer.Option(metavar="CODE", help="Only within this division (code, or its first digits).")
    ] = "",
    lists: Annotated[
        str | None, typer.Option(help="What is said of the two lists in the evidence; else 区划代码表 and their years.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write them as CSV, to be confirmed and imported.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Hold two vintages against each other: what goes on, was renamed, has another code; the rest is unknown.

    Nothing is recorded. That a village was merged into another is in no list: write it into the file where you know it.

    Example: geo-registry divisions successions propose --from 2018 --to 2021 --county 330727 -o panan.csv
    """
    from collections import Counter

    from geo_registry.divisions.service import propose_successions
    from geo_registry.exchange.successions import write_proposals

    said = lists or f"区划代码表 {earlier}/{later}"
    with console.registry() as database, database.read() as session:
        proposals = propose_successions(session, earlier=earlier, later=later, within=county)
    if output is not None:
        write_proposals(output, proposals, earlier=earlier, later=later, lists=said)
    if as_json:
        console.print_json([_proposal(each, earlier, later, said) for each in proposals])
        return
    counted = Counter(each.ground for each in proposals)
    console.show((ground.label(console.locale()), count) for ground, count in counted.most_common())
    if output is not None:
        console.say(f"已写入 {output}", f"wrote {output}")


@successions.command(name="import")
def import_file(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV, as `propose -o` writes it.")],
    encoding: Annotated[str, typer.Option(help="auto | utf-8 | gb18030 | …: the texts' encoding.")] = "auto",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check everything, then undo all of it.")] = False,
    report: Annotated[Path | None, typer.Option(help="Write every problem with its row to this CSV file.")] = None,
    as_json: AsJson = False,
) -> None:
    """Record what became of divisions: before_code, before_vintage, after_code, after_vintage, change, happened_on, evidence, certainty.

    Rows without a later division are skipped. What is recorded otherwise, or was withdrawn, is refused row by row.

    Example: geo-registry divisions successions import panan.csv --dry-run
    """
    from geo_registry.accounts.actors import local_operator
    from geo_registry.exchange.inputs import ImportCommand
    from geo_registry.exchange.service import import_successions
    from geo_registry.vocabulary import DatasetKind

    command = ImportCommand(kind=DatasetKind.DIVISIONS, path=file, encoding=encoding, dry_run=dry_run, report=report)
    with console.registry() as database, console.progress_bar() as progress:
        found = import_successions(database, command, actor=local_operator(), progress=progress)
    if as_json:
        console.print_json(found.as_json())
    else:
        _show(found, report)
    if not found.taken:
        raise typer.Exit(1)


@successions.command()
def withdraw(
    succession: Annotated[UUID, typer.Argument(metavar="ID", help="As `divisions show --json` prints it.")],
    why: Annotated[str, typer.Option(help="Why it doesn't hold.")],
    as_json: AsJson = False,
) -> None:
    """Take back what was recorded; that it was, and why not, is kept.

    Example: geo-registry divisions successions withdraw 5b0c… --why 批文未涉及该村
    """
    from geo_registry.accounts.actors import local_operator
    from geo_registry.accounts.policy import Verb
    from geo_registry.db.revisions import WHICHEVER
    from geo_registry.divisions.inputs import SuccessionWithdrawal
    from geo_registry.divisions.service import withdraw_succession
    from geo_registry.errors import SuccessionMalformed
    from geo_registry.validation import typed

    given = typed(SuccessionWithdrawal, SuccessionMalformed, why=why)
    with (
        console.registry() as database,
        database.write(actor=local_operator(), verb=Verb.WITHDRAW_SUCCESSION.value) as session,
    ):
        found = withdraw_succession(session, succession, seen=WHICHEVER, why=given.why, actor=local_operator())
    if as_json:
        console.print_json({**_step(found.step), "withdrawn": found.withdrawn})
    else:
        console.say(f"已撤回：{_told(found.step)}", f"withdrawn: {_told(found.step)}")


def _member(division: "Member") -> "Mapping[str, object]":
    return {
        "code": division.code,
        "name": division.name,
        "level": division.level.value,
        "vintage": division.vintage,
    }


def _step(step: "Step") -> "Mapping[str, object]":
    return {
        "id": step.id,
        "before": _member(step.before),
        "after": _member(step.after),
        "change": step.change.value,
        "happened_on": step.happened_on,
        "evidence": step.evidence,
        "certainty": step.certainty.value,
    }


def _lead(lead: "Lead") -> "Mapping[str, object]":
    return {
        "division": _member(lead.division),
        "is_present": lead.is_present,
        "change": lead.change.value,
        "certainty": lead.certainty.value,
        "chain": [step.id for step in lead.chain],
    }


def _proposal(proposal: "Proposal", earlier: int, later: int, lists: str) -> "Mapping[str, object]":
    after = proposal.after
    return {
        "before_code": proposal.before.code,
        "before_name": proposal.before.name,
        "before_vintage": earlier,
        "after_code": after.code if after is not None else None,
        "after_name": after.name if after is not None else None,
        "after_vintage": later,
        "change": proposal.change.value if proposal.change is not None else "unknown",
        "certainty": proposal.certainty.value if proposal.certainty is not None else None,
        "ground": proposal.ground.value,
        "evidence": proposal.evidence(lists),
        "candidates": [each.code for each in proposal.candidates],
    }


def _named(division: "Member") -> str:
    return f"{division.name} {division.code} ({division.vintage})"


def _told(step: "Step") -> str:
    locale = console.locale()
    said: Sequence[str] = (
        f"{_named(step.before)} → {_named(step.after)}",
        step.change.label(locale),
        step.certainty.label(locale),
        *([step.happened_on.isoformat()] if step.happened_on is not None else []),
        step.evidence,
    )
    return " · ".join(said)


def _show(found: "SuccessionsReport", file: Path | None) -> None:
    console.show(
        [
            (console.word("读取", "read"), found.read),
            (console.word("新增", "created"), found.created),
            (console.word("未变", "unchanged"), found.unchanged),
            (console.word("未导入", "refused"), found.refused),
            (console.word("跳过（无去向）", "skipped, no later division"), found.skipped),
            *(
                [(console.word("试运行", "dry run"), console.word("未写入", "nothing was written"))]
                if found.dry_run
                else []
            ),
        ]
    )
    for problem in found.problems[:PROBLEMS_SHOWN]:
        console.say(
            f"第 {problem.row} 行 {problem.column} {problem.code.severity.zh}：{problem.message('zh')}",
            f"row {problem.row} {problem.column} {problem.code.severity.en}: {problem.message('en')}",
        )
    if file is not None:
        console.say(f"已写入 {file}", f"wrote {file}")
