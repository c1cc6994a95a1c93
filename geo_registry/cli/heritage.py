"""`geo-registry heritage …`: names on protection lists (地名保护名录), and the guard of their renaming."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from geo_registry.cli import console
from geo_registry.cli.console import AsJson
from geo_registry.vocabulary import HeritageKind, HeritageLevel, HeritageStatus, MeasurePurpose

if TYPE_CHECKING:
    from geo_registry.heritage.guard import Guard
    from geo_registry.heritage.queries import HeritageRow
    from geo_registry.heritage.service import HeritageTold

app = typer.Typer(help="地名文化遗产 · names on protection lists.", no_args_is_help=True, rich_markup_mode=None)

MOST = 10_000

Id = Annotated[UUID, typer.Argument(metavar="ID", help="As `heritage list --json` prints it.")]
Day = Annotated[datetime, typer.Option("--on", formats=["%Y-%m-%d"], help="The date of the document.")]
Number = Annotated[str, typer.Option("--number", help="The document's number.")]
Body = Annotated[str, typer.Option("--body", help="Whose document it is.")]


@app.command("list")
def list_names(
    level: Annotated[HeritageLevel | None, typer.Option(help="On lists of this level.")] = None,
    kind: Annotated[HeritageKind | None, typer.Option(help="Of this kind.")] = None,
    status: Annotated[HeritageStatus, typer.Option(help="How they stand.")] = HeritageStatus.LISTED,
    division: Annotated[str | None, typer.Option(metavar="CODE", help="Of this division or below.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the names on protection lists, in the order that they were registered.

    Example: geo-registry heritage list --level city --division 330702
    """
    from geo_registry.accounts.actors import local_operator
    from geo_registry.db.paging import Page
    from geo_registry.heritage.queries import HeritageQuery
    from geo_registry.heritage.service import list_heritage

    query = HeritageQuery(
        levels=(level,) if level else (), kinds=(kind,) if kind else (), statuses=(status,), division=division
    )
    with console.registry() as database, database.read() as session:
        rows = list_heritage(local_operator(), session, query, Page(limit=MOST)).rows
    if as_json:
        console.print_json([_as_json(row) for row in rows])
        return
    locale = console.locale()
    console.show((row.name, " · ".join(_line(row, locale))) for row in rows)


@app.command()
def show(heritage: Id, as_json: AsJson = False) -> None:
    """Show one name: how it stands, which criteria it meets, its evidence, stories, pictures and measures.

    Example: geo-registry heritage show 5b0c2f0e-8f43-4d3a-9d8e-0d6f6a3f1c11
    """
    from geo_registry.accounts.actors import local_operator
    from geo_registry.heritage.service import tell_heritage

    with console.registry() as database, database.read() as session:
        told = tell_heritage(local_operator(), session, heritage)
    _print(told, as_json=as_json)


@app.command()
def propose(
    name: Annotated[str, typer.Argument(metavar="NAME", help="One of the place's names, or that of what is gone.")],
    kind: Annotated[HeritageKind, typer.Option(help="What sort of heritage it is.")],
    level: Annotated[HeritageLevel, typer.Option(help="For a list of which level.")],
    place: Annotated[UUID | None, typer.Option(help="The place whose name it is, or was.")] = None,
    division: Annotated[
        str | None, typer.Option(metavar="CODE", help="Of a name that is no place's: where it belongs.")
    ] = None,
    list_name: Annotated[str, typer.Option("--list", help="Which list of that level.")] = "",
    founded: Annotated[str, typer.Option(help="Since when what is named has been there: 前222年, 唐, 754.")] = "",
    named: Annotated[str, typer.Option(help="Since when it has been called so.")] = "",
    evidence: Annotated[list[str] | None, typer.Option(help="What tells of it; once for each.")] = None,
    as_json: AsJson = False,
) -> None:
    """Propose a name for a protection list; `heritage enlist` puts it there.

    Example: geo-registry heritage propose 酒坊巷 --kind old-street --level city --division 330702001 --named 明 --evidence 《光绪金华县志》卷二
    """
    from geo_registry.accounts.actors import local_operator
    from geo_registry.accounts.policy import Verb
    from geo_registry.errors import HeritageUnsound
    from geo_registry.heritage.inputs import NewHeritage
    from geo_registry.heritage.service import propose_heritage
    from geo_registry.validation import typed

    given = {"place": place, "division": division, "list_name": list_name, "founded": founded, "named": named}
    new = typed(
        NewHeritage,
        HeritageUnsound,
        name=name,
        kind=kind,
        level=level,
        evidence=[{"what": each} for each in evidence or ()],
        **{key: value for key, value in given.items() if value},
    )
    actor = local_operator()
    with console.registry() as database, database.write(actor=actor, verb=Verb.PROPOSE_HERITAGE.value) as session:
        told = propose_heritage(session, new, actor=actor)
    _print(told, as_json=as_json)


@app.command()
def enlist(
    heritage: Id,
    on: Day,
    number: Number,
    body: Body,
    case: Annotated[str, typer.Option(help="The number of the approved case that decided on it.")] = "",
    taken_over: Annotated[
        bool, typer.Option("--taken-over", help="It was on the list before it came here: there is no case of it.")
    ] = False,
    why: Annotated[str, typer.Option(help="Needed where a criterion isn't met.")] = "",
    as_json: AsJson = False,
) -> None:
    """Put a name on its list, by a document: that of an approved case, or of a list that is taken over.

    Example: geo-registry heritage enlist 5b0c2f0e-8f43-4d3a-9d8e-0d6f6a3f1c11 --on 2025-06-01 --number 金民〔2025〕20号 --body 金华市民政局 --taken-over
    """
    from geo_registry.accounts.actors import local_operator
    from geo_registry.accounts.policy import Verb
    from geo_registry.db.revisions import WHICHEVER
    from geo_registry.errors import HeritageUnsound
    from geo_registry.heritage.inputs import Enlistment
    from geo_registry.heritage.service import enlist_heritage
    from geo_registry.validation import typed

    given = typed(
        Enlistment,
        HeritageUnsound,
        listed_on=on.date(),
        document_number=number,
        body=body,
        case=case,
        taken_over=taken_over,
        why=why,
    )
    actor = local_operator()
    with console.registry() as database, database.write(actor=actor, verb=Verb.ENLIST_HERITAGE.value) as session:
        told = enlist_heritage(session, heritage, given, seen=WHICHEVER, actor=actor)
    _print(told, as_json=as_json)


@app.command()
def delist(
    heritage: Id,
    on: Day,
    number: Number,
    why: Annotated[str, typer.Option(help="Why it is taken off.")],
    as_json: AsJson = False,
) -> None:
    """Take a name off its list, by a document and for a reason.

    Example: geo-registry heritage delist 5b0c2f0e-8f43-4d3a-9d8e-0d6f6a3f1c11 --on 2026-01-10 --number 金民〔2026〕1号 --why 重复列入
    """
    from geo_registry.accounts.actors import local_operator
    from geo_registry.accounts.policy import Verb
    from geo_registry.db.revisions import WHICHEVER
    from geo_registry.errors import HeritageUnsound
    from geo_registry.heritage.inputs import Delisting
    from geo_registry.heritage.service import delist_heritage
    from geo_registry.validation import typed

    given = typed(Delisting, HeritageUnsound, delisted_on=on.date(), document_number=number, why=why)
    actor = local_operator()
    with console.registry() as database, database.write(actor=actor, verb=Verb.DELIST_HERITAGE.value) as session:
        told = delist_heritage(session, heritage, given, seen=WHICHEVER, actor=actor)
    _print(told, as_json=as_json)


@app.command()
def measure(
    heritage: Id,
    text: Annotated[str, typer.Argument(metavar="MEASURE", help="What is done to protect it.")],
    on: Day,
    purpose: Annotated[MeasurePurpose, typer.Option(help="What it is for.")] = MeasurePurpose.RENAMING,
    number: Number = "",
    body: Body = "",
    as_json: AsJson = False,
) -> None:
    """Record a protective measure; without one before a renaming a listed name isn't changed (art. 25).

    Example: geo-registry heritage measure 5b0c2f0e-8f43-4d3a-9d8e-0d6f6a3f1c11 原名刻碑立于巷口 --on 2026-03-01 --number 金政办〔2026〕5号
    """
    from geo_registry.accounts.actors import local_operator
    from geo_registry.accounts.policy import Verb
    from geo_registry.errors import HeritageUnsound
    from geo_registry.heritage.inputs import NewMeasure
    from geo_registry.heritage.service import add_measure
    from geo_registry.validation import typed

    given = typed(
        NewMeasure,
        HeritageUnsound,
        purpose=purpose,
        measure=text,
        decided_on=on.date(),
        document_number=number,
        body=body,
    )
    actor = local_operator()
    with console.registry() as database, database.write(actor=actor, verb=Verb.ADD_HERITAGE_MEASURE.value) as session:
        told = add_measure(session, heritage, given, actor=actor)
    _print(told, as_json=as_json)


@app.command()
def guard(
    place: Annotated[UUID, typer.Argument(metavar="PLACE", help="The place's id.")],
    on: Annotated[
        datetime | None,
        typer.Option("--on", formats=["%Y-%m-%d"], help="The day of the renaming: measures decided on by then count."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Tell whether a place's name is listed, and whether measures before a renaming are recorded; exit code 1 where they lack.

    Example: geo-registry heritage guard 5b0c2f0e-8f43-4d3a-9d8e-0d6f6a3f1c11 --on 2026-05-01
    """
    from geo_registry.heritage.guard import guard_of

    with console.registry() as database, database.read() as session:
        found = guard_of(session, place, on=on.date() if on is not None else None)
    if not as_json:
        console.say(*_said(found))
    found.require_measures()
    if as_json:
        console.print_json(
            {
                "place": found.place,
                "name": found.name,
                "listed": found.is_listed,
                "lists": [
                    {
                        "heritage": each.heritage,
                        "level": each.level.value,
                        "list_name": each.list_name,
                        "listed_on": each.listed_on,
                        "measures": each.measures,
                    }
                    for each in found.lists
                ],
            }
        )


def _said(found: "Guard") -> tuple[str, str]:
    if not found.is_listed:
        return f"“{found.name}”没有列入地名保护名录", f"{found.name} is on no protection list"
    zh = "、".join(each.level.zh for each in found.lists)
    en = ", ".join(each.level.en for each in found.lists)
    return f"“{found.name}”已列入地名保护名录（{zh}）", f"{found.name} is on a protection list ({en})"


def _print(told: "HeritageTold", *, as_json: bool) -> None:
    row, locale = told.heritage, console.locale()
    if as_json:
        console.print_json(_told_as_json(told))
        return
    console.show(
        [
            (row.name, " · ".join(_line(row, locale))),
            *(
                (each.state.label(locale), f"{each.criterion.label(locale)} · {each.label(locale)}")
                for each in told.criteria
            ),
            *((console.word("依据", "evidence"), each.what) for each in told.parts.evidence),
            *((console.word("故事", "story"), each.title or each.story) for each in told.parts.stories),
            *((console.word("图片", "picture"), each.caption) for each in told.parts.pictures),
            *((console.word("措施", "measure"), f"{each.decided_on} · {each.measure}") for each in told.parts.measures),
            (console.word("编号", "id"), row.id),
        ]
    )


def _line(row: "HeritageRow", locale: str) -> list[str]:
    told = [
        HeritageKind.of(row.kind).label(locale),
        HeritageLevel.of(row.level).label(locale),
        HeritageStatus.of(row.status).label(locale),
        row.division_name or "",
        str(row.listed_on or ""),
        row.document_number,
        console.word("示例数据", "an example") if row.synthetic else "",
    ]
    return [each for each in told if each]


def _as_json(row: "HeritageRow") -> dict[str, object]:
    return {
        "id": row.id,
        "name": row.name,
        "romanized": row.romanized,
        "place": row.place,
        "place_name": row.place_name,
        "division": row.division_code,
        "kind": row.kind,
        "level": row.level,
        "list_name": row.list_name,
        "status": row.status,
        "listed_on": row.listed_on,
        "document_number": row.document_number,
        "body": row.body,
        "synthetic": row.synthetic,
    }


def _told_as_json(told: "HeritageTold") -> dict[str, object]:
    locale = console.locale()
    return {
        **_as_json(told.heritage),
        "criteria": [
            {
                "key": each.criterion.key,
                "state": each.state.value,
                "asks": each.criterion.label(locale),
                "why": each.label(locale),
                "verified": each.criterion.verified,
            }
            for each in told.criteria
        ],
        "evidence": [{"id": each.id, "what": each.what} for each in told.parts.evidence],
        "stories": [{"id": each.id, "title": each.title} for each in told.parts.stories],
        "pictures": [{"id": each.id, "caption": each.caption} for each in told.parts.pictures],
        "measures": [{"id": each.id, "purpose": each.purpose, "measure": each.measure} for each in told.parts.measures],
    }
