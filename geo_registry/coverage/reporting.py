"""A run's result as an office hands it in: the report (DOCX), and its map as a picture (PNG)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from importlib.metadata import version
from pathlib import Path
from uuid import UUID

import numpy as np

from geo_registry.coverage import drawn, exports, wording
from geo_registry.coverage.exports import Result, Writer, credits_of
from geo_registry.coverage.inputs import Question
from geo_registry.coverage.picture import Outline, PictureInput, area_of, extent_of, paper_for
from geo_registry.coverage.reach import share
from geo_registry.coverage.said import ReportInput, RunFacts
from geo_registry.coverage.wording import Zone
from geo_registry.db.session import ReadSession
from geo_registry.figures import given, percent, whole
from geo_registry.settings import get_settings
from geo_registry.vocabulary import DivisionLevel

REPORT, PICTURE = ".docx", ".png"


@dataclass(frozen=True, slots=True)
class Reader:
    """Whom a report is for: the language, and where its annexes are, as files beside it or as addresses.

    `author` is who ordered the run, None where whom it is for isn't told.
    """

    locale: str
    annexes: Sequence[str] = ()
    author: str | None = None


def formats() -> Sequence[str]:
    """The extensions of everything that a result can be written as."""
    return (*exports.WRITERS, REPORT, PICTURE)


def write(session: ReadSession, run_id: UUID, path: Path, reader: Reader) -> None:
    """Write a run's result to `path` as `exports.write` does, or as a report (``.docx``) or its map (``.png``).

    Raises
    ------
    OutputUnknown
        The extension is none of `formats`.
    RunUnknown, RunNotDone
        There is no such run, or it has no result.
    FontMissing
        A map is to be drawn, and this machine has no face with Chinese characters.
    OSError
        The system refused.
    """
    exports.write(session, run_id, path, writers=_writers(reader))


def check_output(path: Path) -> None:
    """Refuse a path that no result could be written to, before anything is computed.

    Raises
    ------
    OutputUnknown, OutputUnusable
        As `exports.check_output` says.
    FontMissing
        A map is to be drawn, and this machine has no face with Chinese characters.
    """
    exports.check_output(path, known=formats())
    if path.suffix.lower() in {REPORT, PICTURE}:
        from geo_registry.coverage.faces import faces  # noqa: PLC0415 - a second that other formats needn't spend

        faces()


def annexes_of(path: Path) -> Sequence[Path]:
    """The files that a report written to `path` comes with: the workbook, and the map; none for other formats."""
    if path.suffix.lower() != REPORT:
        return ()
    return (path.with_name(f"{path.stem}-annex.xlsx"), path.with_name(f"{path.stem}-map.png"))


def _writers(reader: Reader) -> Mapping[str, Writer]:
    return {
        **exports.WRITERS,
        REPORT: partial(_write_report, reader=reader),
        PICTURE: partial(_write_picture, reader=reader),
    }


def _write_picture(result: Result, path: Path, *, reader: Reader) -> None:
    from geo_registry.coverage.sheet import draw  # noqa: PLC0415 - matplotlib takes a second to import

    path.write_bytes(draw(_picture(result, reader.locale)))


def _write_report(result: Result, path: Path, *, reader: Reader) -> None:
    from geo_registry.coverage.report import write_report  # noqa: PLC0415 - so does python-docx
    from geo_registry.coverage.sheet import draw  # noqa: PLC0415 - as above

    picture = _picture(result, reader.locale)
    settings = get_settings()
    run = result.run
    said = ReportInput(
        locale=reader.locale,
        run=RunFacts(
            id=str(run.id),
            author=reader.author,
            recorded_at=run.recorded_at.astimezone(settings.zone),
            started_at=run.started_at.astimezone(settings.zone) if run.started_at else None,
            finished_at=run.finished_at.astimezone(settings.zone) if run.finished_at else None,
        ),
        standard=result.standard,
        question=Question.model_validate(run.question),
        totals=result.totals,
        inputs=result.inputs,
        zones=_zones(result),
        class_people=picture.class_people,
        lost_facilities=[one.name for one in result.facilities if not one.snapped],
        has_borders=any(outline.rings for outline in picture.outlines),
        approval=settings.map_approval_number,
        annexes=reader.annexes,
        version=version("geo-registry"),
        sheet=paper_for(extent_of(picture)),
        draw=partial(draw, picture),
    )
    write_report(said, path)


def _zones(result: Result) -> list[Zone]:
    return [
        Zone(
            code=zone.code,
            name=zone.name,
            level=DivisionLevel.of(zone.level),
            demand=zone.demand,
            covered=zone.covered,
            unreachable=zone.unreachable,
            unsnapped=zone.unsnapped,
        )
        for zone in result.zones
    ]


def _picture(result: Result, locale: str) -> PictureInput:
    """What the run's map shows; its roads are those of the area that A4 has room for."""
    settings, standard, run = get_settings(), result.standard, result.run
    zones, count, demand = _zones(result), int(_number(result, "points")), _number(result, "demand")
    made = (run.finished_at or run.recorded_at).astimezone(settings.zone)
    english = locale.startswith("en")
    area, day = wording.area_name(zones, demand), wording.day_words(made, locale)
    group, basis = wording.group_words(standard.demand, locale), standard.basis.label(locale)
    mode, kinds = standard.mode.label(locale), wording.kinds_words(standard, locale)
    number = len(result.facilities)
    part, gap = percent(share(_number(result, "covered"), demand), locale), whole(_number(result, "gap"))
    minutes = given(standard.minutes)
    answer = (
        f"covered within {minutes} min: {part}, gap: {gap} people"
        if english
        else f"{minutes} 分钟覆盖率 {part}，缺口 {gap} 人"
    )
    without_roads = PictureInput(
        locale=locale,
        title=standard.name.en if english else standard.name.zh,
        subtitle=(", " if english else "　").join(
            filter(None, [area, f"{group} ({basis})" if english else f"{group}（{basis}）", answer, day])
        ),
        legend_title=f"minutes {mode} to the nearest facility" if english else f"到最近设施的时间（{mode}）",
        points=drawn.points(result.session, run.id, count),
        class_people=drawn.people_by_class(result.session, run.id),
        facilities_label=f"{kinds} ({whole(number)})" if english else f"{kinds}（{whole(number)} 处）",
        facilities=np.array([(one.lon, one.lat) for one in result.facilities]).reshape(-1, 2),
        outlines=_outlines(result, zones),
        roads=(),
        credits=credits_of(result),
        approval=settings.map_approval_number,
        synthetic=bool(result.totals["synthetic"]),
        drawn_together=count > drawn.POINTS_DRAWN,
    )
    extent = extent_of(without_roads)
    roads = result.inputs["roads"]
    assert isinstance(roads, dict)
    box = area_of(extent, paper_for(extent))
    return replace(without_roads, roads=drawn.main_roads(result.session, str(roads["dataset"]), standard.mode, box))


def _outlines(result: Result, zones: Sequence[Zone]) -> Sequence[Outline]:
    borders = drawn.borders(result.session, result.zones)
    ranks = {zone.code: rank for rank, zone in enumerate(wording.worst(zones), start=1)}
    return [
        Outline(
            level=zone.level,
            name=zone.name,
            rings=borders[zone.code].rings,
            at=borders[zone.code].at,
            rank=ranks.get(zone.code),
        )
        for zone in zones
        if zone.code in borders
    ]


def _number(result: Result, key: str) -> float:
    value = result.totals[key]
    assert isinstance(value, int | float)
    return value
