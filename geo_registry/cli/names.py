"""`geo-registry names …`: how place names are spelt, and whether they may be given."""

from typing import TYPE_CHECKING, Annotated

import typer

from geo_registry.cli import console, unnamed
from geo_registry.cli.console import AsJson
from geo_registry.vocabulary import FindingCode, Named, PlaceClass, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geo_registry.db.session import Database
    from geo_registry.places.clearing import FindingQuery, FindingRow
    from geo_registry.places.romanisation.proposal import Proposal
    from geo_registry.places.rules.findings import Finding

app = typer.Typer(
    help="地名：拼写、检查 · place names: how they are spelt, and whether they may be given", no_args_is_help=True
)


app.command("unnamed")(unnamed.unnamed)


@app.callback()
def names() -> None:
    """Place names: how they are spelt, and whether they may be given."""


@app.command("romanize")
def romanize(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The name alone, in Chinese characters.")],
    place_class: Annotated[
        PlaceClass | None,
        typer.Option("--class", help="What it names (docs/romanisation.md); else its generic part suggests it."),
    ] = None,
    spelt: Annotated[
        bool, typer.Option("--spelt-ordinals", help="Ordinals in letters (GB/T 16159), not in figures (1984).")
    ] = False,
    spelling: Annotated[
        str | None, typer.Option(help="A spelling that was decided on: it wins, where it can be one.")
    ] = None,
    transcribed: Annotated[
        bool, typer.Option("--transcribed", help="That spelling is a minority language's, without tones.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Propose how a name is spelt in Hanyu Pinyin, and by which rules.

    Example: geo-registry names romanize 双溪西路 --class street
    """
    from geo_registry.errors import NameNotRomanised
    from geo_registry.places.romanisation.engine import romanise
    from geo_registry.places.romanisation.overriding import with_override
    from geo_registry.places.romanisation.pieces import Setting
    from geo_registry.vocabulary import Nameless

    proposal = romanise(name, place_class, setting=Setting(figures=not spelt))
    if spelling is not None:
        proposal = with_override(proposal, spelling, by=Nameless.LOCAL_OPERATOR.value, transcribed=transcribed)
    if proposal.refused is not None:
        raise NameNotRomanised(name=name, reason_zh=proposal.refused.zh, reason_en=proposal.refused.en)
    if as_json:
        console.print_json(_as_json(proposal))
    else:
        console.show(_said(proposal))


def _as_json(proposal: "Proposal") -> dict[str, object]:
    locale = console.locale()
    return {
        "name": proposal.name,
        "class": proposal.place_class.value,
        "romanized": proposal.romanized,
        "plain": proposal.plain,
        "sign": proposal.sign,
        "parts": [
            {
                "text": part.text,
                "pinyin": part.letters,
                "role": part.role.value,
                "rule": part.rule.code,
                "source": part.source.value,
                "begins": part.begins,
            }
            for part in proposal.spelling.parts
        ],
        "rules": [
            {"code": rule.code, "source": rule.source, "article": rule.article, "message": rule.says(locale)}
            for rule in proposal.spelling.rules
        ],
        "doubtful": proposal.doubtful,
        "doubts": [{"code": doubt.code, "message": doubt.says(locale)} for doubt in proposal.doubts],
        "alternatives": [
            {
                "romanized": other.spelling.romanized,
                "sign": other.spelling.sign,
                "code": other.why.code,
                "message": other.why.says(locale),
            }
            for other in proposal.alternatives
        ],
        "given_by": proposal.given_by,
    }


def _said(proposal: "Proposal") -> list[tuple[str, object]]:
    """The spelling, where each part comes from, and what a person should look at."""
    locale = console.locale()
    lines: list[tuple[str, object]] = [
        (proposal.name, proposal.romanized),
        (console.word("标志", "on signs"), proposal.sign),
        (console.word("类别", "class"), proposal.place_class.label(locale)),
    ]
    lines += [
        (
            f"{part.text} {part.letters}",
            f"{part.role.label(locale)} · {part.source.label(locale)} · {part.rule.code} {part.rule.says(locale)}",
        )
        for part in proposal.spelling.parts
    ]
    lines += [(console.word("存疑", "doubtful"), doubt.says(locale)) for doubt in proposal.doubts]
    lines += [
        (console.word("或作", "or"), f"{other.spelling.romanized} · {other.why.says(locale)}")
        for other in proposal.alternatives
    ]
    return lines


SHOWN = 20
"""Findings of a severity that a terminal shows; --json prints them all."""
MOST_AT_ONCE = 10_000


@app.command("check")
def check(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The name that is to be given.")],
    place_class: Annotated[PlaceClass, typer.Option("--class", help="What it is to name.")],
    division: Annotated[
        str | None,
        typer.Option(
            metavar="CODE|NAME", help="The division that it lies in: its code, the first digits, or its name."
        ),
    ] = None,
    at: Annotated[str | None, typer.Option(metavar="LON,LAT", help="Where it is, in degrees (CRS84).")] = None,
    width_m: Annotated[float | None, typer.Option("--width", min=0, help="How wide it is, in metres.")] = None,
    length_m: Annotated[float | None, typer.Option("--length", min=0, help="How long it is, in metres.")] = None,
    area_m2: Annotated[float | None, typer.Option("--area", min=0, help="How large it is, in m².")] = None,
    as_json: AsJson = False,
) -> None:
    """Check a name by the rules of 地名管理条例 against all that are registered; exit code 1 where one says no.

    Example: geo-registry names check 人民路 --class street --division 330702 --at 119.65,29.08
    """
    from geo_registry.accounts.actors import local_operator
    from geo_registry.places import service
    from geo_registry.places.checking import asked
    from geo_registry.search import keeping

    size = {"width_m": width_m, "length_m": length_m, "area_m2": area_m2}
    question = asked(name, place_class, division=division, at=at, size=size)
    with console.registry() as database:
        with console.progress_bar() as progress:
            keeping.make_all(database, progress)
        with database.read() as session:
            findings = service.check_name(session, question, actor=local_operator())
    if as_json:
        console.print_json({"name": question.name, "findings": [_finding_as_json(each) for each in findings]})
    elif findings:
        for finding in findings:
            _show_finding(finding)
    else:
        console.say(f"“{question.name}”没有审查意见", f"nothing was found about {question.name}")
    if any(each.severity is Severity.ERROR for each in findings):
        raise typer.Exit(1)


@app.command("review")
def review(
    division: Annotated[
        str | None, typer.Option(metavar="CODE", help="Only names in that division and all below it.")
    ] = None,
    severity: Annotated[Severity | None, typer.Option(help="Only findings that weigh so much.")] = None,
    code: Annotated[FindingCode | None, typer.Option(help="Only findings of this code.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Those that a person cleared too, with the reason.")] = False,
    as_json: AsJson = False,
) -> None:
    """Check all names that are registered (地名优化): what is found, by how much it weighs.

    Example: geo-registry names review --division 330702 --severity error
    """
    from geo_registry.accounts.actors import local_operator
    from geo_registry.divisions.rules import prefix_of
    from geo_registry.divisions.service import get_division
    from geo_registry.places import clearing, service
    from geo_registry.places.clearing import FindingQuery
    from geo_registry.search import keeping

    query = FindingQuery(
        divisions=(prefix_of(division),) if division else (),
        severity=severity,
        code=code,
        cleared=None if every else False,
        # A person is told of a pair once; a program of both names.
        once=not as_json,
    )
    with console.registry() as database:
        if division:
            with database.read() as session:
                get_division(session, division)
        with console.progress_bar() as progress:
            keeping.make_all(database, progress)
            service.review_now(database, actor=local_operator(), progress=progress)
        with database.read() as session:
            done = clearing.last_review(session)
            counted = clearing.count_matching(session, query)
        assert done is not None
        if as_json:
            rows = list(_all_rows(database, query))
            counts = {each.value: count for each, count in counted.items()}
            facts = {"review": done.id, "names": done.names, "seconds": done.seconds, "counts": counts}
            console.print_json({**facts, "findings": [_row_as_json(row) for row in rows]})
            return
        console.say(
            f"检查了 {done.names:,} 个名称，用时 {done.seconds:.1f} 秒",
            f"{done.names:,} names were checked in {done.seconds:.1f} s",
        )
        for each, count in counted.items():
            if count:
                _show_some(database, query, each, count)


@app.command("clear")
def clear(
    record: Annotated[str, typer.Argument(metavar="ID", help="The id of the place, or of the division.")],
    code: Annotated[FindingCode, typer.Argument(help="The finding's code.")],
    reason: Annotated[str, typer.Option(help="Why the name may stand; it is kept.")],
    collides_with: Annotated[
        str | None, typer.Option("--against", metavar="ID", help="What it collides with, as the finding has it.")
    ] = None,
    of_division: Annotated[bool, typer.Option("--of-division", help="It is a division's name.")] = False,
    as_json: AsJson = False,
) -> None:
    """Clear a finding of the last review with a reason that is kept; a duplicate that is meant likewise.

    Example: geo-registry names clear 0b6f1a62-6f0e-4c58-8a5c-0f1c5a3c8f11 personal-name --reason 与具体的人无关
    """
    from geo_registry.accounts.actors import local_operator
    from geo_registry.places import service
    from geo_registry.places.clearing import asked_clearance

    new = asked_clearance(
        Named.DIVISION if of_division else Named.PLACE, record, code, collides_with=collides_with, reason=reason
    )
    with console.registry() as database, database.write(actor=local_operator()) as session:
        row = service.clear_finding(session, new, actor=local_operator())
    if as_json:
        console.print_json(_row_as_json(row))
    else:
        console.show([(row.name, f"{row.finding.code.label(console.locale())} · {reason}")])


def _show_some(database: "Database", query: "FindingQuery", severity: Severity, count: int) -> None:
    from dataclasses import replace

    from geo_registry.accounts.actors import local_operator
    from geo_registry.db.paging import Page
    from geo_registry.places import service

    with database.read() as session:
        found = service.list_findings(
            session, replace(query, severity=severity), Page(limit=SHOWN), actor=local_operator()
        )
    console.output.print(f"{severity.label(console.locale())} {count:,}", style="bold", markup=False)
    for row in found.rows:
        _show_finding(row.finding, row)
    if count > len(found.rows):
        console.say(
            f"  另有 {count - len(found.rows):,} 条（--json 列出全部）", f"  {count - len(found.rows):,} more (--json)"
        )


def _all_rows(database: "Database", query: "FindingQuery") -> "Iterator[FindingRow]":
    from geo_registry.accounts.actors import local_operator
    from geo_registry.db.paging import Page
    from geo_registry.places import service

    after: int | None = 0
    with database.read() as session:
        while after is not None:
            page = Page(after=after, limit=MOST_AT_ONCE)
            found = service.list_findings(session, query, page, actor=local_operator())
            yield from found.rows
            after = found.next_after


def _show_finding(finding: "Finding", row: "FindingRow | None" = None) -> None:
    locale = console.locale()
    marks = [finding.severity.label(locale), finding.code.value, finding.basis.cited]
    if not finding.basis.verified:
        marks.append(console.word("未核实", "unverified"))
    if row is not None and row.cleared is not None:
        marks.append(console.word(f"已排除：{row.cleared.reason}", f"cleared: {row.cleared.reason}"))
    name = f"{row.name} · " if row is not None else ""
    other = finding.collides_with
    console.output.print(f"{name}{finding.message(locale)}", markup=False)
    console.output.print(f"  {' · '.join(marks)}", markup=False)
    if other is not None:
        told = (
            other.name,
            other.place_class.label(locale) if other.place_class is not None else "",
            other.division or "",
            f"{other.distance_m:,} m" if other.distance_m is not None else "",
        )
        console.output.print(f"  ↔ {' · '.join(filter(None, told))}", markup=False)
    if row is not None and row.cleared is None:
        console.output.print(f"  {_how_cleared(row)}", markup=False, soft_wrap=True)


def _how_cleared(row: "FindingRow") -> str:
    """The command that clears a finding, but for the reason."""
    other = row.finding.collides_with
    parts = ["geo-registry names clear", str(row.record), row.finding.code.value]
    if other is not None and other.id is not None:
        parts += ["--against", str(other.id)]
    if row.type is Named.DIVISION:
        parts.append("--of-division")
    return " ".join([*parts, "--reason …"])


def _row_as_json(row: "FindingRow") -> dict[str, object]:
    cleared = row.cleared
    return {
        "record": row.record,
        "type": row.type.value,
        "name": row.name,
        "class": row.kind,
        "division": row.division_code,
        **_finding_as_json(row.finding),
        "cleared": {"reason": cleared.reason, "by": cleared.by, "at": cleared.at} if cleared is not None else None,
    }


def _finding_as_json(finding: "Finding") -> dict[str, object]:
    other = finding.collides_with
    return {
        "code": finding.code.value,
        "severity": finding.severity.value,
        "article": finding.basis.cited,
        "verified": finding.basis.verified,
        "message": finding.message(console.locale()),
        "messages": {each: finding.message(each) for each in ("zh-CN", "en")},
        "collides_with": {
            "id": other.id,
            "name": other.name,
            "class": other.place_class.value if other.place_class is not None else None,
            "division": other.division,
        }
        if other is not None
        else None,
        "distance_m": other.distance_m if other is not None else None,
    }
