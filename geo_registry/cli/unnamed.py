"""`geo-registry names unnamed`: roads that have no name (乡村著名行动)."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geo_registry.cli import console
from geo_registry.cli.console import AsJson
from geo_registry.vocabulary import LaneStatus

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geo_registry.db.session import Database
    from geo_registry.unnamed.keeping import Kept
    from geo_registry.unnamed.queries import LaneQuery, LaneRow, Progressed

SHOWN = 20
"""Lanes that a terminal shows; --json prints them all."""
FORMATS = (".xlsx", ".pdf", ".geojson")


def unnamed(
    division: Annotated[
        str | None, typer.Option(metavar="CODE", help="Only in that division and all below it; else everywhere.")
    ] = None,
    roads: Annotated[str | None, typer.Option(help="Key of the road dataset; else the newest.")] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE.xlsx|pdf|geojson", help="Write the lanes to a file.")
    ] = None,
    take_back: Annotated[
        Path | None,
        typer.Option("--take-back", metavar="FILE.xlsx", help="Take a filled-in table back; finds nothing."),
    ] = None,
    signs: Annotated[
        Path | None,
        typer.Option("--signs", metavar="FILE.geojson", help="Write the signs that are planned; finds nothing."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Find the roads that no name covers (乡村著名行动), as whole lanes by village, and keep them as a work list.

    Example: geo-registry names unnamed --division 330702001 -o lanes.xlsx
    """
    from geo_registry.accounts.actors import local_operator
    from geo_registry.settings import get_settings
    from geo_registry.unnamed import service
    from geo_registry.unnamed.inputs import search_of
    from geo_registry.unnamed.queries import LaneQuery

    if output is not None and output.suffix.lower() not in FORMATS:
        raise typer.BadParameter(
            console.word("扩展名应为 .xlsx、.pdf 或 .geojson", "the file must end in .xlsx, .pdf or .geojson")
        )
    if take_back is not None:
        _take_back(take_back, as_json=as_json)
        return
    if signs is not None:
        _write_signs(signs, division)
        return
    search = search_of(division=division, roads=roads)
    with console.registry() as database:
        with console.progress_bar() as progress:
            kept = service.find_now(
                database, search, data_path=get_settings().data_path, actor=local_operator(), progress=progress
            )
        query = LaneQuery(division=search.division)
        with database.read() as session:
            rows = service.all_lanes(session, query, actor=local_operator())
            counts = service.progress_by_division(session, search.division, actor=local_operator())
        if output is not None:
            _write(database, output, query)
    if as_json:
        console.print_json(_as_json(kept, rows, counts))
        return
    _say(kept, rows)
    if output is not None:
        console.say(f"已写入 {output}", f"written to {output}")


def _write(database: "Database", output: Path, query: "LaneQuery") -> None:
    """Write the lanes that aren't settled to a file of the kind that its name says.

    Raises
    ------
    LanesNotWritten
        There is no such folder, or no right to write there.
    """
    from geo_registry.accounts.actors import local_operator
    from geo_registry.errors import LanesNotWritten, reasons
    from geo_registry.exchange.lane_files import FieldFormat, content_of
    from geo_registry.search import keeping
    from geo_registry.settings import get_settings
    from geo_registry.unnamed import service

    approval = get_settings().map_approval_number
    with console.progress_bar() as progress:
        keeping.make_all(database, progress)
        with database.read() as session:
            carried = service.carry(
                session, query, actor=local_operator(), approval=approval, most_offered=None, progress=progress
            )
    content = content_of(carried, FieldFormat(output.suffix.lower().removeprefix(".")), console.locale())
    try:
        output.write_bytes(content)
    except OSError as error:
        raise LanesNotWritten(path=output, **reasons(error)) from error


def _write_signs(output: Path, division: str | None) -> None:
    """Write where signs are planned for what is filed or named, as GeoJSON.

    Raises
    ------
    LanesNotWritten
        There is no such folder, or no right to write there.
    """
    import json

    from geo_registry.accounts.actors import local_operator
    from geo_registry.errors import LanesNotWritten, reasons
    from geo_registry.unnamed import service
    from geo_registry.unnamed.geojson import signs_collection

    with console.registry() as database, database.read() as session:
        planned = service.list_signs(session, division, actor=local_operator())
    try:
        output.write_text(json.dumps(signs_collection(planned, console.locale()), ensure_ascii=False), encoding="utf-8")
    except OSError as error:
        raise LanesNotWritten(path=output, **reasons(error)) from error
    console.say(
        f"已写入 {output}：拟设标志 {len(planned):,} 处", f"written to {output}: {len(planned):,} signs planned"
    )


def _take_back(file: Path, *, as_json: bool) -> None:
    """Take over what a filled-in table decides, and say which rows weren't taken; exit code 1 where there are any."""
    from geo_registry.accounts.actors import local_operator
    from geo_registry.errors import FileUnreadable, reasons
    from geo_registry.unnamed import service, sheet

    try:
        content = file.read_bytes()
    except OSError as error:
        raise FileUnreadable(path=file, **reasons(error)) from error
    decisions, problems = sheet.read(content)
    with console.registry() as database, database.write(actor=local_operator()) as session:
        decided, refused = service.decide_lanes(session, decisions, actor=local_operator())
    locale = console.locale()
    lost = [
        *({"sheet": each.sheet, "row": each.row, "message": console.word(each.zh, each.en)} for each in problems),
        *({"lane": each.lane, "code": each.error.code, "message": each.error.message(locale)} for each in refused),
    ]
    if as_json:
        console.print_json({"decided": len(decided), "refused": lost})
    else:
        console.say(f"采纳了 {len(decided):,} 条决定", f"{len(decided):,} decisions were taken")
        for each in lost:
            console.output.print(" ".join(str(value) for value in each.values()), markup=False, soft_wrap=True)
    if lost:
        raise typer.Exit(1)


def _say(kept: "Kept", rows: "Sequence[LaneRow]") -> None:
    locale = console.locale()
    console.say(
        f"查得 {kept.found:,} 条无名道路（新增 {kept.new:,}，已命名 {kept.named:,}，路网中已无 {kept.gone:,}），用时 {kept.seconds:.1f} 秒",
        f"{kept.found:,} roads without a name ({kept.new:,} new, {kept.named:,} named by now, {kept.gone:,} gone) in {kept.seconds:.1f} s",
    )
    left = [row for row in rows if row.status in {LaneStatus.FOUND, LaneStatus.PROPOSED}]
    for row in sorted(left, key=lambda each: -each.length_m)[:SHOWN]:
        where = row.division_name or console.word("区划不详", "division not known")
        name = row.proposed_name or console.word("（无名）", "(no name)")
        said = f"{where} · {name} · {row.length_m:,.0f} m · {row.course.says(locale)} · {_between(row, locale)}"
        console.output.print(said, markup=False, soft_wrap=True)
    if len(left) > SHOWN:
        console.say(
            f"  另有 {len(left) - SHOWN:,} 条（--json 或 -o 列出全部）",
            f"  {len(left) - SHOWN:,} more (--json, or -o FILE)",
        )


def _between(row: "LaneRow", locale: str) -> str:
    from geo_registry.unnamed.ends import between

    return between(row.begins, row.ends, locale)


def _as_json(kept: "Kept", rows: "Sequence[LaneRow]", counts: "Sequence[Progressed]") -> dict[str, object]:
    from geo_registry.unnamed.geojson import properties

    return {
        "run": kept.run,
        "found": kept.found,
        "new": kept.new,
        "named": kept.named,
        "gone": kept.gone,
        "seconds": kept.seconds,
        "divisions": [
            {
                "code": each.code,
                "name": each.name,
                "level": each.level.value,
                "lanes": {status.value: count for status, count in each.lanes.items()},
                "km": {status.value: round(km, 3) for status, km in each.km.items()},
                "signs": each.signs,
            }
            for each in counts
        ],
        "lanes": [properties(row, console.locale()) for row in rows],
    }
