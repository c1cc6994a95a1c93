"""A run's result as a file: GeoJSON, CSV, a workbook, or a map that opens with no internet."""

import csv
import errno
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, islice
from pathlib import Path
from types import MappingProxyType
from uuid import UUID

import xlsxwriter
from geoalchemy2.shape import to_shape
from shapely.geometry import mapping
from xlsxwriter.exceptions import FileCreateError

from geo_registry.coverage import queries
from geo_registry.coverage.inputs import Standard
from geo_registry.coverage.mapfile import LOCALE, MapInput, write_map
from geo_registry.coverage.reach import share
from geo_registry.db.paging import MAX_LIMIT, Page
from geo_registry.db.session import ReadSession
from geo_registry.errors import OutputUnknown, OutputUnusable, RunNotDone, reasons
from geo_registry.figures import NOTHING, given, percent, whole
from geo_registry.model import CoverageFacility, CoveragePoint, CoverageRun, CoverageZone
from geo_registry.settings import get_settings
from geo_registry.vocabulary import DivisionLevel, FacilityKind, PointState, RunState

Cell = str | int | float | bool | None

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""Text that begins so is run as a formula by spreadsheets; an apostrophe before it keeps it text."""

POINTS_DRAWN = 20_000
"""Demand points that a file's map draws one by one; more are drawn together, and the map says so."""

MOST_LISTED = 1_000
"""Points that one answer names; a file holds them all."""

SHEET_ROWS = 1_048_576
"""What a worksheet holds, its header included; more rows go on in a further sheet."""

NOT_REACHED = (PointState.UNREACHABLE.value, PointState.UNSNAPPED.value)


@dataclass(frozen=True, slots=True)
class Result:
    """A finished run with its rows; points are pulled page by page."""

    run: CoverageRun
    standard: Standard
    totals: dict[str, object]
    inputs: dict[str, object]
    zones: Sequence[CoverageZone]
    facilities: Sequence[CoverageFacility]
    session: ReadSession

    def points(self) -> Iterator[CoveragePoint]:
        """Every demand point, in the order of its `fid`."""
        page = Page(limit=MAX_LIMIT)
        while True:
            found = queries.list_points(self.session, self.run.id, page)
            yield from found.rows
            self.session.expunge_all()
            if found.next_after is None:
                return
            page = Page(after=found.next_after, limit=MAX_LIMIT)


Writer = Callable[[Result, Path], None]
"""Writes a result to a file."""


def result_of(session: ReadSession, run_id: UUID) -> Result:
    """The result of a finished run.

    Raises
    ------
    RunUnknown, RunNotDone
        There is no such run, or it has no result.
    """
    run = queries.get_run(session, run_id)
    if run.state != RunState.DONE.value or run.totals is None or run.inputs is None:
        raise RunNotDone(run=run_id, state=run.state)
    return Result(
        run=run,
        standard=Standard.model_validate(run.standard),
        totals=run.totals,
        inputs=run.inputs,
        zones=queries.list_zones(session, run_id),
        facilities=queries.list_facilities(session, run_id),
        session=session,
    )


def write(session: ReadSession, run_id: UUID, path: Path, *, writers: Mapping[str, Writer] | None = None) -> None:
    """Write a run's result to `path`, in the format of its extension; nothing half-written stays behind.

    ``.geojson``: demand points, and zones with their areas where known. ``.csv``: one row a demand point.
    ``.xlsx``: summary, zones, points, facilities and who wasn't reached; what a sheet can't hold goes on in a further
    one. ``.html``: a self-contained map. `writers` are those and others (`reporting.py`).

    Raises
    ------
    OutputUnknown
        The extension is none of these.
    RunUnknown, RunNotDone
        There is no such run, or it has no result.
    OSError
        The system refused.
    """
    writer = (writers or WRITERS).get(path.suffix.lower())
    if writer is None:
        raise OutputUnknown(name=path.name)
    partial = _partial(path)
    try:
        writer(result_of(session, run_id), partial)
        partial.replace(path)
    except FileCreateError as error:
        # It only wraps what the system said.
        raise error.args[0] from error
    finally:
        partial.unlink(missing_ok=True)


def check_output(path: Path, *, known: Collection[str] | None = None) -> None:
    """Refuse a path that no result could be written to, before anything is computed.

    Raises
    ------
    OutputUnknown
        The extension is none of `known`: those of `WRITERS`, unless told.
    OutputUnusable
        It is a folder, or nothing can be written beside it.
    """
    if path.suffix.lower() not in (known or WRITERS):
        raise OutputUnknown(name=path.name)
    partial = _partial(path)
    try:
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, "")
        partial.touch()
        partial.unlink()
    except OSError as error:
        raise OutputUnusable(path=path, **reasons(error)) from error


def _partial(path: Path) -> Path:
    """Where a file is written until it is whole."""
    return path.with_name(f".{path.name}.part")


def zone_summary(zone: CoverageZone) -> dict[str, object]:
    """A zone's row as every output gives it; people, and `share` from 0 to 1."""
    return {
        "code": zone.code,
        "name": zone.name,
        "level": zone.level,
        "demand": zone.demand,
        "covered": zone.covered,
        "share": share(zone.covered, zone.demand),
        "gap": zone.demand - zone.covered,
        "unreachable": zone.unreachable,
        "unsnapped": zone.unsnapped,
    }


def as_json(result: Result) -> dict[str, object]:
    """The result as `coverage run --json` prints it: totals on top, zones, and by name what the network doesn't reach.

    Of each state the `MOST_LISTED` points with the most people are named; the files of `-o` hold all points.
    """
    started, finished = result.run.started_at, result.run.finished_at
    return {
        "run": str(result.run.id),
        "standard": result.standard.key,
        "verified": result.standard.verified,
        "enabled": result.standard.enabled,
        **result.totals,
        "seconds": round((finished - started).total_seconds(), 3) if started and finished else None,
        "inputs": result.inputs,
        "zones": [zone_summary(zone) for zone in result.zones],
        "not_reached": {
            state.value: [_named(point) for point in _points_in(result, state)]
            for state in (PointState.UNREACHABLE, PointState.UNSNAPPED)
        },
        "facilities_not_on_the_network": [
            {"id": str(one.facility_id), "name": one.name} for one in result.facilities if not one.snapped
        ],
    }


def _points_in(result: Result, state: PointState) -> Sequence[CoveragePoint]:
    return queries.points_in_state(result.session, result.run.id, state, most=MOST_LISTED)


def _named(point: CoveragePoint) -> dict[str, object]:
    return {"source_id": point.source_id, "demand": point.demand, "lon": point.lon, "lat": point.lat}


def _point_properties(point: CoveragePoint) -> dict[str, Cell]:
    return {
        "fid": point.point_fid,
        "source_id": point.source_id,
        "division_code": point.division_code,
        "demand": point.demand,
        "state": point.state,
        "minutes": None if point.minutes is None else round(point.minutes, 2),
        "cost": point.cost,
        "facility_fid": point.facility_fid,
    }


# GeoJSON


def _write_geojson(result: Result, path: Path) -> None:
    about = {
        "run": str(result.run.id),
        "standard": result.run.standard,
        "question": result.run.question,
        "totals": result.totals,
        "inputs": result.inputs,
    }
    with path.open("w", encoding="utf-8") as file:
        file.write('{"type": "FeatureCollection", "coverage": ')
        json.dump(about, file, ensure_ascii=False)
        file.write(', "features": [')
        separator = "\n"
        for feature in _features(result):
            file.write(separator)
            json.dump(feature, file, ensure_ascii=False)
            separator = ",\n"
        file.write("\n]}\n")


def _features(result: Result) -> Iterator[dict[str, object]]:
    areas = queries.zone_areas(result.session, result.zones)
    for zone in result.zones:
        area = areas.get(zone.division_id)
        yield {
            "type": "Feature",
            "geometry": None if area is None else mapping(to_shape(area)),
            "properties": {"feature": "zone"} | zone_summary(zone),
        }
    for facility in result.facilities:
        yield _feature(facility.lon, facility.lat, {"feature": "facility", **_facility_properties(facility)})
    for point in result.points():
        yield _feature(point.lon, point.lat, {"feature": "demand-point", **_point_properties(point)})


def _facility_properties(facility: CoverageFacility) -> dict[str, object]:
    return {
        "fid": facility.facility_fid,
        "id": str(facility.facility_id),
        "name": facility.name,
        "kind": facility.kind,
        "snapped": facility.snapped,
        "nearest_for": facility.nearest_for,
        "within_reach": facility.within_reach,
    }


def _feature(lon: float, lat: float, properties: dict[str, object]) -> dict[str, object]:
    return {"type": "Feature", "geometry": {"type": "Point", "coordinates": [lon, lat]}, "properties": properties}


# CSV


def defused(cell: Cell) -> Cell:
    """A cell that no spreadsheet runs as a formula."""
    if isinstance(cell, str) and cell.startswith(FORMULA_STARTS):
        return f"'{cell}"
    return cell


POINT_HEADER = ("source_id", "lon", "lat", "division_code", "demand", "state", "minutes", "cost", "facility_fid")


POINT_WORDS = (
    "编号 source_id",
    "经度 lon",
    "纬度 lat",
    "区划 division_code",
    "人数 demand",
    "状态 state",
    "分钟 minutes",
    "代价 cost",
    "最近设施 facility_fid",
)
"""The same columns for who reads them in a workbook."""


def _point_cells(point: CoveragePoint) -> tuple[Cell, ...]:
    properties = _point_properties(point) | {"lon": point.lon, "lat": point.lat}
    return tuple(properties[column] for column in POINT_HEADER)


def _point_words(point: CoveragePoint) -> tuple[Cell, ...]:
    state = PointState.of(point.state)
    at = POINT_HEADER.index("state")
    cells = _point_cells(point)
    return (*cells[:at], f"{state.zh} {state.en}", *cells[at + 1 :])


def _write_csv(result: Result, path: Path) -> None:
    # The mark at the start makes spreadsheets read the file as UTF-8.
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        table = csv.writer(file)
        synthetic = bool(result.totals["synthetic"])
        table.writerow([*POINT_HEADER, "synthetic"])
        table.writerows(
            [*(defused(cell) for cell in _point_cells(point)), str(synthetic).lower()] for point in result.points()
        )


# Workbook


def _write_xlsx(result: Result, path: Path) -> None:
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "nan_inf_to_errors": True,
    }
    with xlsxwriter.Workbook(str(path), options) as book:
        bold = book.add_format({"bold": True})

        def fill(name: str, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
            page = book.add_worksheet(name)
            page.freeze_panes(1, 0)
            page.set_column(0, len(header) - 1, 16)
            page.write_row(0, 0, header, bold)
            for at, row in enumerate(rows, start=1):
                for column, cell in enumerate(row):
                    if isinstance(cell, str):
                        page.write_string(at, column, cell)
                    else:
                        page.write(at, column, cell)

        def sheet(name: str, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
            for number, part in enumerate(_by_sheet(rows), start=1):
                fill(name if number == 1 else f"{name} {number}", header, part)

        sheet("说明 summary", ("项目 item", "值 value"), summary_rows(result))
        sheet("区划 zones", ZONE_HEADER, (_zone_cells(zone) for zone in result.zones))
        sheet("设施 facilities", FACILITY_HEADER, (_facility_cells(one) for one in result.facilities))
        sheet(
            "未达 not reached",
            POINT_WORDS,
            (_point_words(point) for point in result.points() if point.state in NOT_REACHED),
        )
        sheet("人口点 points", POINT_WORDS, (_point_words(point) for point in result.points()))


def _by_sheet(rows: Iterable[Sequence[Cell]]) -> Iterator[Iterable[Sequence[Cell]]]:
    """The rows in parts that a worksheet holds, none of them kept; one empty part where there are no rows."""
    left = iter(rows)
    yield islice(left, SHEET_ROWS - 1)
    for first in left:
        yield chain([first], islice(left, SHEET_ROWS - 2))


ZONE_HEADER = (
    "代码 code",
    "名称 name",
    "级别 level",
    "人数 demand",
    "覆盖 covered",
    "覆盖率 share",
    "缺口 gap",
    "不可达 unreachable",
    "未入网 unsnapped",
)
FACILITY_HEADER = (
    "编号 fid",
    "名称 name",
    "类别 kind",
    "经度 lon",
    "纬度 lat",
    "已入网 snapped",
    "就近人数 nearest_for",
    "可达人数 within_reach",
)


def _zone_cells(zone: CoverageZone) -> tuple[Cell, ...]:
    return (
        zone.code,
        zone.name,
        DivisionLevel.of(zone.level).zh,
        zone.demand,
        zone.covered,
        share(zone.covered, zone.demand),
        zone.demand - zone.covered,
        zone.unreachable,
        zone.unsnapped,
    )


def _facility_cells(facility: CoverageFacility) -> tuple[Cell, ...]:
    return (
        facility.facility_fid,
        facility.name,
        FacilityKind.of(facility.kind).zh,
        facility.lon,
        facility.lat,
        facility.snapped,
        facility.nearest_for,
        facility.within_reach,
    )


def credits_of(result: Result) -> str:
    """Whom the data's licences ask to name."""
    named = []
    for kind in ("population", "roads"):
        source = result.inputs[kind]
        assert isinstance(source, dict)
        named.append(str(source["licence"]))
    return "; ".join(dict.fromkeys(filter(None, named)))


def summary_rows(result: Result) -> list[tuple[str, Cell]]:
    """What was asked, of which data, and the answer: a line each, in zh and en."""
    standard, totals = result.standard, result.totals
    population, roads = result.inputs["population"], result.inputs["roads"]
    assert isinstance(population, dict)
    assert isinstance(roads, dict)
    threshold = f"{given(standard.minutes)} min" + (
        f", {given(standard.walking_speed_kmh)} km/h" if standard.mode == "walk" else ""
    )
    cells: dict[str, object] = {
        "服务指标 standard": f"{standard.name.zh} {standard.name.en}",
        "来源 source": standard.source,
        "已核实 verified": "是 yes" if standard.verified else "未核实 unverified",
        "启用 enabled": "是 yes" if standard.enabled else "未启用 switched off",
        "人群 demand group": standard.demand,
        "口径 basis": f"{standard.basis.zh} {standard.basis.en}",
        "出行 travel": f"{standard.mode.zh} {standard.mode.en}, {threshold}",
        "入网限距 snapping limit, m": standard.snap_limit_m,
        "人口数据 population": f"{population['dataset']} ({population['as_of']})",
        "道路数据 roads": roads["dataset"],
        "数据版权 credits": credits_of(result),
        "设施数 facilities": totals["facilities"],
        "一年内未核实的设施占比 facilities not confirmed for a year": totals["facilities_unconfirmed_share"],
        "人数 demand": totals["demand"],
        "覆盖 covered": totals["covered"],
        "覆盖率 share": totals["share"],
        "缺口 gap": totals["gap"],
        "不可达 unreachable": totals["unreachable"],
        "未入网 unsnapped": totals["unsnapped"],
        "区划之外 outside divisions": totals["outside_divisions"],
        "示例数据 synthetic example data": "是 yes" if totals["synthetic"] else "否 no",
        "编号 run": str(result.run.id),
        "完成时间 finished": _moment(result.run.finished_at),
    }
    return [(item, value if isinstance(value, int | float | str) else "") for item, value in cells.items()]


SHARES = frozenset({"覆盖率 share", "一年内未核实的设施占比 facilities not confirmed for a year"})
LIMITS = frozenset({"入网限距 snapping limit, m"})
"""Lines of the summary that aren't counts."""


def summary_words(result: Result, locale: str) -> list[tuple[str, str]]:
    """The lines of `summary_rows` as people read them: figures by the rule of `figures.py`, a dash for what isn't known."""
    return [(item, _said(item, value, locale)) for item, value in summary_rows(result)]


def _said(item: str, value: Cell, locale: str) -> str:
    if isinstance(value, str) or value is None:
        return value or NOTHING
    if item in SHARES:
        return percent(value, locale)
    return given(value) if item in LIMITS else whole(value)


def _moment(moment: datetime | None) -> str:
    return "" if moment is None else moment.astimezone(get_settings().zone).isoformat(" ", "seconds")


# Map


def _write_html(result: Result, path: Path) -> None:
    write_map(
        MapInput(
            title_zh=result.standard.name.zh,
            title_en=result.standard.name.en,
            minutes=result.standard.minutes,
            share=share(_number(result.totals["covered"]), _number(result.totals["demand"])),
            summary=summary_words(result, LOCALE),
            roads=_roads(result),
            credits=credits_of(result),
            zones=[feature for feature in _features_of_zones(result) if feature["geometry"] is not None],
            facilities=[_feature(one.lon, one.lat, _facility_properties(one)) for one in result.facilities],
            points=_drawn_points(result),
            drawn_together=_too_many_to_draw(result),
            synthetic=bool(result.totals["synthetic"]),
        ),
        path,
    )


def _too_many_to_draw(result: Result) -> bool:
    return _number(result.totals["points"]) > POINTS_DRAWN


def _drawn_points(result: Result) -> list[dict[str, object]]:
    """Every demand point, or, where they are too many for a browser, those that lie together as one."""
    if not _too_many_to_draw(result):
        return [
            _feature(one.lon, one.lat, {**_point_properties(one), "minutes": one.minutes}) for one in result.points()
        ]
    return [
        _feature(
            cell.lon,
            cell.lat,
            {
                "source_id": f"{cell.points} 个点 points",
                "demand": cell.demand,
                "state": cell.state,
                "minutes": cell.minutes,
            },
        )
        for cell in queries.point_cells(result.session, result.run.id, POINTS_DRAWN)
    ]


def _roads(result: Result) -> list[dict[str, object]]:
    """The roads that the run's mode may use, drawn thin; the picture needs no more than a metre's precision."""
    roads = result.inputs["roads"]
    assert isinstance(roads, dict)
    lines = queries.road_lines_for_display(result.session, str(roads["dataset"]), result.standard.mode)
    return [{"type": "Feature", "geometry": json.loads(line), "properties": {}} for line in lines]


def _features_of_zones(result: Result) -> Iterator[dict[str, object]]:
    for feature in _features(result):
        properties = feature["properties"]
        assert isinstance(properties, dict)
        if properties["feature"] != "zone":
            return
        yield feature


def _number(value: object) -> float:
    assert isinstance(value, int | float)
    return value


WRITERS: MappingProxyType[str, Writer] = MappingProxyType(
    {
        ".geojson": _write_geojson,
        ".json": _write_geojson,
        ".csv": _write_csv,
        ".xlsx": _write_xlsx,
        ".html": _write_html,
    }
)
