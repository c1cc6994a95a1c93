"""`geo-registry import …`: files into the registry, each whole or not at all."""

import sys
from datetime import datetime
from os import fstat
from os.path import samestat
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Column, Table

from geo_registry.cli import console
from geo_registry.cli.console import AsJson
from geo_registry.errors import ReportUnusable
from geo_registry.vocabulary import DatasetKind, PopulationBasis

if TYPE_CHECKING:
    from collections.abc import Callable

    from geo_registry.exchange.inputs import ImportCommand, ImportReport

app = typer.Typer(
    help="导入 · import files: CSV, GeoJSON, GPKG, shapefiles, OSM.", no_args_is_help=True, rich_markup_mode=None
)

PROBLEMS_SHOWN = 10
"""Problems that a terminal shows; --json holds a thousand, --report all."""
IMPORTS_SHOWN = 20

File = Annotated[Path, typer.Argument(metavar="FILE", help="What to import.")]
Map = Annotated[Path | None, typer.Option("--map", help="Mapping file (TOML): which column is which field.")]
Dataset = Annotated[str | None, typer.Option(help="Key of the dataset; else the file's name without its ending.")]
Crs = Annotated[str, typer.Option(help="auto | epsg:N | gcj02 | bd09: the coordinates' system.")]
Encoding = Annotated[str, typer.Option(help="auto | utf-8 | gb18030 | …: the texts' encoding.")]
Layer = Annotated[str | None, typer.Option(help="The layer, where the file has several.")]
Licence = Annotated[str | None, typer.Option(help="Whom to credit for the data, under which licence; shown with them.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Check everything, then undo all of it.")]
Report = Annotated[Path | None, typer.Option(help="Write every problem with its row to this CSV file.")]


@app.command()
def divisions(
    file: File,
    vintage: Annotated[int | None, typer.Option(help="The year that the list is of.")] = None,
    mapping: Map = None,
    dataset: Dataset = None,
    crs: Crs = "auto",
    encoding: Encoding = "auto",
    layer: Layer = None,
    licence: Licence = None,
    dry_run: DryRun = False,
    report: Report = None,
    as_json: AsJson = False,
) -> None:
    """Import administrative divisions: code and name, with or without boundaries.

    Example: geo-registry import divisions counties.geojson --vintage 2023
    """
    from geo_registry.exchange.inputs import ImportCommand
    from geo_registry.exchange.service import import_file

    command = ImportCommand(
        kind=DatasetKind.DIVISIONS,
        path=file,
        dataset=dataset,
        mapping=mapping,
        crs=crs,
        encoding=encoding,
        layer=layer,
        vintage=vintage,
        licence=licence,
        dry_run=dry_run,
        report=report,
    )
    _run(command, import_file, as_json=as_json)


@app.command()
def places(
    file: File,
    mapping: Map = None,
    dataset: Dataset = None,
    crs: Crs = "auto",
    encoding: Encoding = "auto",
    layer: Layer = None,
    licence: Licence = None,
    dry_run: DryRun = False,
    report: Report = None,
    as_json: AsJson = False,
) -> None:
    """Take over place names that exist: standard, former and other names, periods, meanings, sources, extents.

    Rules of names that a row breaks are warnings in the report; they refuse nothing.

    Example: geo-registry import places names.csv --map names.toml --dry-run --report problems.csv
    """
    from geo_registry.exchange.inputs import ImportCommand
    from geo_registry.exchange.service import import_file

    command = ImportCommand(
        kind=DatasetKind.PLACES,
        path=file,
        dataset=dataset,
        mapping=mapping,
        crs=crs,
        encoding=encoding,
        layer=layer,
        licence=licence,
        dry_run=dry_run,
        report=report,
    )
    _run(command, import_file, as_json=as_json)


@app.command("built-up-areas")
def built_up_areas(
    file: File,
    mapping: Map = None,
    dataset: Dataset = None,
    crs: Crs = "auto",
    encoding: Encoding = "auto",
    layer: Layer = None,
    licence: Licence = None,
    dry_run: DryRun = False,
    report: Report = None,
    as_json: AsJson = False,
) -> None:
    """Import built-up areas: polygons, or lists of the divisions that each is made of, by period.

    Example: geo-registry import built-up-areas areas.geojson --dry-run --report problems.csv
    """
    from geo_registry.exchange.inputs import ImportCommand
    from geo_registry.exchange.service import import_file

    command = ImportCommand(
        kind=DatasetKind.BUILT_UP_AREAS,
        path=file,
        dataset=dataset,
        mapping=mapping,
        crs=crs,
        encoding=encoding,
        layer=layer,
        licence=licence,
        dry_run=dry_run,
        report=report,
    )
    _run(command, import_file, as_json=as_json)


@app.command()
def facilities(
    file: File,
    mapping: Map = None,
    dataset: Dataset = None,
    crs: Crs = "auto",
    encoding: Encoding = "auto",
    layer: Layer = None,
    licence: Licence = None,
    dry_run: DryRun = False,
    report: Report = None,
    as_json: AsJson = False,
) -> None:
    """Import facilities of any kind: a name, a kind and a position, and what their kind has besides.

    Example: geo-registry import facilities homes.csv --map homes.toml --dry-run
    """
    from geo_registry.exchange.inputs import ImportCommand
    from geo_registry.exchange.service import import_file

    command = ImportCommand(
        kind=DatasetKind.FACILITIES,
        path=file,
        dataset=dataset,
        mapping=mapping,
        crs=crs,
        encoding=encoding,
        layer=layer,
        licence=licence,
        dry_run=dry_run,
        report=report,
    )
    _run(command, import_file, as_json=as_json)


@app.command()
def population(
    file: File,
    date: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The date that the counts are of.")
    ] = None,
    basis: Annotated[PopulationBasis | None, typer.Option(help="Whom they count.")] = None,
    mapping: Map = None,
    dataset: Dataset = None,
    crs: Crs = "auto",
    encoding: Encoding = "auto",
    layer: Layer = None,
    licence: Licence = None,
    dry_run: DryRun = False,
    report: Report = None,
    as_json: AsJson = False,
) -> None:
    """Import population at points or cells, by group (all, 60+, 80+, …).

    Example: geo-registry import population cells.csv --date 2020-11-01 --basis resident
    """
    from geo_registry.exchange.inputs import ImportCommand
    from geo_registry.exchange.service import import_planning_data

    command = ImportCommand(
        kind=DatasetKind.POPULATION,
        path=file,
        dataset=dataset,
        mapping=mapping,
        crs=crs,
        encoding=encoding,
        layer=layer,
        basis=basis,
        as_of=date.date() if date else None,
        licence=licence,
        dry_run=dry_run,
        report=report,
    )
    _run(command, import_planning_data, as_json=as_json)


@app.command()
def roads(
    file: File,
    mapping: Map = None,
    dataset: Dataset = None,
    crs: Crs = "auto",
    encoding: Encoding = "auto",
    layer: Layer = None,
    licence: Licence = None,
    dry_run: DryRun = False,
    report: Report = None,
    as_json: AsJson = False,
) -> None:
    """Import roads from an OpenStreetMap file or any layer of lines.

    Example: geo-registry import roads zhejiang.osm.pbf --dataset osm-2026
    """
    from geo_registry.exchange.inputs import ImportCommand
    from geo_registry.exchange.service import import_planning_data

    command = ImportCommand(
        kind=DatasetKind.ROADS,
        path=file,
        dataset=dataset,
        mapping=mapping,
        crs=crs,
        encoding=encoding,
        layer=layer,
        licence=licence,
        dry_run=dry_run,
        report=report,
    )
    _run(command, import_planning_data, as_json=as_json)


@app.command(name="list")
def list_runs(as_json: AsJson = False) -> None:
    """List what was imported, the newest first.

    Example: geo-registry import list
    """
    from geo_registry.db.paging import Page
    from geo_registry.exchange import service

    with console.registry() as database, database.read() as session:
        runs = service.list_imports(session, Page(limit=IMPORTS_SHOWN)).rows
    if as_json:
        console.print_json(
            [
                {
                    "run": run.id,
                    "kind": run.kind,
                    "dataset": run.dataset,
                    "file": run.file_name,
                    "state": run.state,
                    "started_at": run.started_at,
                    "finished_at": run.finished_at,
                    "actor": run.actor,
                    **{key: run.report.get(key) for key in ("read", "created", "updated", "unchanged", "refused")},
                }
                for run in runs
            ]
        )
        return
    # Run and file are left to --json: eighty columns hold the rest, a long key in several lines.
    table = Table(
        Column("时间\nat", no_wrap=True),
        Column("类别\nkind", no_wrap=True),
        Column("数据集\ndataset", overflow="fold"),
        *[
            Column(title, justify="right", no_wrap=True)
            for title in ("新增\ncreated", "更新\nupdated", "未导入\nrefused")
        ],
    )
    for run in runs:
        counts = [f"{run.report.get(key, 0):,}" for key in ("created", "updated", "refused")]
        at = run.started_at.astimezone().strftime("%Y-%m-%d %H:%M")
        table.add_row(at, run.kind, run.dataset or run.file_name, *counts)
    console.output.print(table)


def _run(command: "ImportCommand", importing: "Callable[..., ImportReport]", *, as_json: bool) -> None:
    from geo_registry.accounts.actors import local_operator

    if as_json and command.report is not None and _is_stdout(command.report):
        raise ReportUnusable(path=command.report, reason_zh="--json 写在那里", reason_en="--json is written there")
    with console.registry() as database, console.progress_bar() as progress:
        report = importing(database, command, actor=local_operator(), progress=progress)
    if as_json:
        console.print_json(report.as_json())
    else:
        _show(report)
    _say_what_was_refused(report, command.report)
    if not report.taken:
        raise typer.Exit(1)


def _is_stdout(path: Path) -> bool:
    try:
        return samestat(path.stat(), fstat(sys.stdout.fileno()))
    except OSError:
        return False


def _show(report: "ImportReport") -> None:
    facts = Table(Column(no_wrap=True), Column(overflow="fold"), show_header=False)
    facts.add_row("数据集 dataset", report.dataset)
    for label, count in (
        ("读取 read", report.read),
        ("新增 created", report.created),
        ("更新 updated", report.updated),
        ("未变 unchanged", report.unchanged),
        ("未导入 refused", report.refused),
        ("跳过 skipped", report.skipped),
        ("文件中没有 absent", report.absent),
        *report.extra.items(),
    ):
        if count or label.endswith(("read", "created", "refused")):
            facts.add_row(label, f"{count:,}")
    facts.add_row("坐标系 CRS", report.crs)
    facts.add_row("编码 encoding", report.encoding)
    mapped = [
        f"{field} = {column}{' *' if field in report.proposed else ''}" for field, column in report.mapping.items()
    ]
    facts.add_row("字段 columns" + (" (* 自动 proposed)" if report.proposed else ""), "\n".join(mapped))
    if report.ignored:
        facts.add_row("未用的列 left aside", ", ".join(report.ignored))
    facts.add_row("秒 seconds", f"{report.seconds:.1f}")
    if report.dry_run:
        facts.add_row("试运行 dry run", "未写入 nothing was written")
    console.output.print(facts)


def _say_what_was_refused(report: "ImportReport", file: Path | None) -> None:
    for problem in report.problems[:PROBLEMS_SHOWN]:
        where = f"[{problem.column}] " if problem.column else ""
        console.say(
            f"第 {problem.row} 行 {where}{problem.code.severity.zh}：{problem.message('zh')}",
            f"row {problem.row} {where}{problem.code.severity.en}: {problem.message('en')}",
        )
    total = sum(report.problem_counts.values())
    if total > PROBLEMS_SHOWN:
        console.say(
            f"……共 {total} 个问题；用 --report 问题.csv 得到全部。",
            f"… {total} problems in all; --report problems.csv writes every one.",
        )
    if report.refused:
        console.say(
            f"{report.refused} 行未导入，其余 {report.created + report.updated + report.unchanged} 行已处理。",
            f"{report.refused} rows were refused, {report.created + report.updated + report.unchanged} were taken.",
        )
    if file is not None:
        console.say(f"已写入 {file}", f"wrote {file}")
