"""`geo-registry coverage …`: the service standards, and who is within reach of what."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table

from geo_registry.cli import console
from geo_registry.cli.console import AsJson
from geo_registry.figures import given, percent, whole
from geo_registry.vocabulary import DivisionLevel, TravelMode

if TYPE_CHECKING:
    from uuid import UUID

    from geo_registry.coverage.exports import Result
    from geo_registry.coverage.inputs import Standard
    from geo_registry.db.session import ReadSession

app = typer.Typer(
    help="服务缺口 · service gaps: standards, coverage runs.", no_args_is_help=True, rich_markup_mode=None
)

ZONES_SHOWN = 20
"""Zones that a terminal shows, the largest gaps first; outputs and --json hold them all."""


NAMES_SHOWN = 5

NUMBERS = (("人数", "demand"), ("覆盖", "covered"), ("覆盖率", "share"), ("缺口", "gap"))
"""What a terminal shows of a zone; the English word is its key."""
LEFT_OUT = (("覆盖", "covered"),)
WIDE = 80
"""Terminals with fewer columns leave out what the others tell as well: people less the gap."""
CODE_DIGITS = 12


@app.command()
def standards(as_json: AsJson = False) -> None:
    """List the service standards that ship with the product.

    Example: geo-registry coverage standards
    """
    from geo_registry.coverage.catalogue import standards as catalogue

    rows = catalogue()
    if as_json:
        console.print_json([row.model_dump(mode="json") for row in rows])
        return
    for row in rows:
        _show_standard(row)
    console.say(
        "未启用的指标点名即可运行；GEO_STANDARDS_ON=代号,代号 启用它们（docs/planner.md）。",
        "What is switched off runs when it is named; GEO_STANDARDS_ON=key,key switches it on (docs/planner.md).",
    )


def _show_standard(standard: "Standard") -> None:
    speed = "" if standard.mode is TravelMode.DRIVE else f", {given(standard.walking_speed_kmh)} km/h"
    marks = [
        "启用 on" if standard.enabled else "未启用 switched off",
        "已核实 verified" if standard.verified else "未核实 unverified",
    ]
    console.output.print(f"{standard.key}", style="bold" if standard.enabled else "dim", markup=False)
    for line in (
        f"{standard.name.zh} {standard.name.en}",
        f"{standard.demand}, {standard.mode.zh} {standard.mode.en}, {given(standard.minutes)} min{speed}, {', '.join(marks)}",
        standard.source,
    ):
        console.output.print(f"  {line}", markup=False)


@app.command()
def run(
    standard: Annotated[str, typer.Argument(help="A key of the catalogue, or a TOML file.")],
    zone: Annotated[str | None, typer.Option(help="Only people of this division (code).")] = None,
    population: Annotated[str | None, typer.Option(help="Key of the population dataset; else the newest.")] = None,
    roads: Annotated[str | None, typer.Option(help="Key of the road dataset; else the newest.")] = None,
    as_of: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Facilities as they stood on this date.")
    ] = None,
    output: Annotated[
        list[Path] | None,
        typer.Option(
            "-o",
            "--output",
            help="Write the result (.docx the report with its annexes, .png its map, .html .xlsx .csv .geojson); repeatable.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Evaluate a service standard: who is within reach, who isn't, by zone and by point.

    Example: geo-registry coverage run care-circle-15min --zone 330702 -o report.docx -o map.html
    """
    from geo_registry.accounts.actors import local_operator
    from geo_registry.coverage import exports, inputs, reporting, service
    from geo_registry.coverage.catalogue import standard as from_catalogue
    from geo_registry.settings import get_settings

    # A report's annexes may be named too: each file is written once.
    outputs = list(dict.fromkeys(each for path in output or [] for each in (path, *reporting.annexes_of(path))))
    for path in outputs:
        reporting.check_output(path)
    named = inputs.read_standard(Path(standard)) if standard.endswith(".toml") else from_catalogue(standard)
    question = inputs.question_from(
        {"zone": zone, "population": population, "roads": roads, "as_of": as_of.date() if as_of else None}
    )
    if not named.enabled:
        console.say(
            f"提示：指标 {named.key} 未启用{'' if named.verified else '，其数值未核实'}；结果仅供参考。",
            f"Note: the standard {named.key} is switched off{'' if named.verified else ', its figure unverified'}; take the result as an indication.",
        )
    with console.registry() as database:
        with console.progress_bar() as progress:
            run_id = service.run_now(
                database,
                standard=named,
                question=question,
                actor=local_operator(),
                data_path=get_settings().data_path,
                progress=progress,
            )
        with database.read() as session:
            result = exports.result_of(session, run_id)
            if not as_json:
                _show(result)
            for path in outputs:
                _write(session, run_id, path)
            if as_json:
                # Last: what can't be written is the one document then.
                console.print_json(exports.as_json(result))


@app.command()
def cancel(
    run: Annotated[str, typer.Argument(metavar="RUN", help="The run's id.")],
    as_json: AsJson = False,
) -> None:
    """Take back a run that is queued or running; nothing of it is stored.

    Example: geo-registry coverage cancel 0b6f1a62-6f0e-4c58-8a5c-0f1c5a3c8f11
    """
    from geo_registry.accounts.actors import local_operator
    from geo_registry.coverage import service

    actor = local_operator()
    with (
        console.registry() as database,
        database.write(actor=actor, why="coverage run cancelled", verb="coverage.cancel_run") as session,
    ):
        cancelled = service.cancel_run(session, _run_id(run), actor=actor)
        told = {"run": str(cancelled.id), "state": cancelled.state}
    if as_json:
        console.print_json(told)
    else:
        console.say(f"已取消 {told['run']}", f"cancelled {told['run']}")


def _run_id(text: str) -> "UUID":
    from uuid import UUID

    from geo_registry.errors import RunUnknown

    try:
        return UUID(text)
    except ValueError:
        raise RunUnknown(run=text) from None


def _write(session: "ReadSession", run_id: "UUID", path: Path) -> None:
    from geo_registry.accounts.actors import local_operator
    from geo_registry.coverage import queries, reporting, service
    from geo_registry.errors import OutputFailed, reasons

    author = service.author_for(local_operator(), queries.get_run(session, run_id))
    reader = reporting.Reader(console.locale(), [annex.name for annex in reporting.annexes_of(path)], author)
    try:
        reporting.write(session, run_id, path, reader)
    except OSError as error:
        extension = path.suffix.lower().replace(".json", ".geojson")
        raise OutputFailed(path=path, run=run_id, extension=extension, **reasons(error)) from error
    console.say(f"已写入 {path}", f"wrote {path}")


def _show(result: "Result") -> None:
    from geo_registry.coverage.exports import summary_words, zone_summary

    console.show(summary_words(result, console.locale()))
    if not result.facilities:
        console.say(
            "没有符合条件的设施，因此无人在可达范围内：请核对设施是否已导入、类别和 where 条件是否正确。",
            "No facility fits the standard, so nobody is within reach: check that facilities are imported, and the standard's kinds and condition.",
        )
    lost = [one.name for one in result.facilities if not one.snapped]
    if lost:
        console.say(
            f"{len(lost)} 处设施附近没有道路，未计入：{'、'.join(lost[:NAMES_SHOWN])}",
            f"{len(lost)} facilities have no road within the snapping limit and reach nobody: {', '.join(lost[:NAMES_SHOWN])}",
        )
    if not result.zones:
        return
    rows = sorted((zone_summary(zone) for zone in result.zones), key=lambda row: -float(str(row["gap"])))
    _show_zones(rows[:ZONES_SHOWN])
    if len(rows) > ZONES_SHOWN:
        console.say(
            f"另有 {len(rows) - ZONES_SHOWN} 个区划，见 -o 输出",
            f"{len(rows) - ZONES_SHOWN} more zones: write them with -o",
        )


def _show_zones(zones: Sequence[Mapping[str, object]]) -> None:
    """Zones as a table; where it is narrow, names are broken into lines, codes and numbers never."""
    shown = NUMBERS if console.output.width >= WIDE else [one for one in NUMBERS if one not in LEFT_OUT]
    table = Table(box=SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0))
    table.add_column(console.word("代码", "code"), no_wrap=True, min_width=CODE_DIGITS)
    table.add_column(console.word("名称", "name"), overflow="fold")
    table.add_column(console.word("级别", "level"), no_wrap=True)
    for label in shown:
        table.add_column(console.word(*label), no_wrap=True, justify="right")
    for zone in zones:
        level = DivisionLevel.of(str(zone["level"])).label(console.locale())
        table.add_row(str(zone["code"]), str(zone["name"]), level, *(_number(zone, key) for _, key in shown))
    console.output.print(table, soft_wrap=False)


def _number(zone: Mapping[str, object], key: str) -> str:
    value = zone[key]
    assert value is None or isinstance(value, int | float)
    return percent(value, console.locale()) if key == "share" else whole(value)
