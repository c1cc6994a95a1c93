"""Coverage runs over the wire: the order, how it stands, and its answer by zone and by point."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from itertools import groupby
from math import isnan
from typing import Annotated, Protocol, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

from api.schemas.shared import LineOut, PointOut
from geo_registry.coverage.inputs import Edit, Question, Standard
from geo_registry.coverage.live import Outlook
from geo_registry.coverage.queries import OPEN_STATES, PastRun
from geo_registry.coverage.queries import PointColumns as Answers
from geo_registry.coverage.reach import STATES, share
from geo_registry.jobs.queue import JobView
from geo_registry.network.paths import Way
from geo_registry.vocabulary import DivisionLevel, FacilityKind, PointState, RunState

MINUTE_DECIMALS = 6
"""Enough to tell what takes a decimetre more than a class of minutes from what doesn't; what comes after them isn't true."""


class ResultFormat(StrEnum):
    """What a result can be written as."""

    GEOJSON = "geojson"
    CSV = "csv"
    XLSX = "xlsx"
    HTML = "html"
    DOCX = "docx"
    PNG = "png"


class RunRow(Protocol):
    """A run as its room gives it."""

    id: UUID
    state: str
    standard: dict[str, object]
    question: dict[str, object]
    inputs: dict[str, object] | None
    totals: dict[str, object] | None
    error: dict[str, object] | None
    job_id: int | None
    recorded_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class ZoneRow(Protocol):
    """A zone's share of a run as its room gives it."""

    code: str
    name: str
    level: str
    demand: float
    covered: float
    unreachable: float
    unsnapped: float


class PointRow(Protocol):
    """A demand point's answer as its room gives it."""

    point_fid: int
    source_id: str
    lon: float
    lat: float
    division_code: str | None
    demand: float
    state: str
    cost: int | None
    minutes: float | None
    facility_fid: int | None


class FacilityAnswerRow(Protocol):
    """A facility's part in a run as its room gives it."""

    facility_fid: int
    facility_id: UUID
    name: str
    kind: str
    lon: float
    lat: float
    snapped: bool
    nearest_for: float
    within_reach: float


def _key_or_fields(value: object) -> str:
    return "key" if isinstance(value, str) else "fields"


class RunOrder(Question):
    """What to evaluate: a standard of the catalogue by its key, or a whole one; where, and with which data."""

    standard: Annotated[
        Annotated[str, Tag("key")] | Annotated[Standard, Tag("fields")],
        Discriminator(_key_or_fields),
        Field(description="A key of the catalogue (`GET /api/v1/standards`), or every field of a standard"),
    ]

    def question(self) -> Question:
        """The order without its standard."""
        return Question.model_validate(self.model_dump(exclude={"standard"}))


class ProgressOut(BaseModel):
    """How far the run's job has come; `total` is null where it isn't known."""

    step: str
    done: int
    total: int | None

    @classmethod
    def of(cls, job: JobView) -> Self | None:
        """What the job said last; None before it said anything."""
        if job.step is None or job.done is None:
            return None
        return cls(step=job.step, done=job.done, total=job.total)


class RunLinks(BaseModel):
    """Where the rest of a run is."""

    self: str
    zones: str
    points: str
    results: Annotated[dict[ResultFormat, str], Field(description="The whole result as a file, by format")]
    cancel: Annotated[str | None, Field(description="POST here takes it back; null when it has come to its end")]


class RunOut(BaseModel):
    """A coverage run: what was asked, how it stands, and its answer for the whole."""

    id: UUID
    state: RunState
    standard: Annotated[dict[str, object], Field(description="The whole standard, as it was when the run was ordered")]
    question: Annotated[dict[str, object], Field(description="Zone, datasets and date that were asked for")]
    progress: Annotated[ProgressOut | None, Field(description="While it is queued or running")]
    totals: Annotated[
        dict[str, object] | None,
        Field(
            description="People: demand, covered, share, gap (it includes unreachable and unsnapped); counts of points",
            examples=[{"demand": 1200.0, "covered": 930.0, "share": 0.775, "gap": 270.0}],
        ),
    ]
    inputs: Annotated[dict[str, object] | None, Field(description="The datasets that answered, with their versions")]
    error: Annotated[dict[str, object] | None, Field(description="Why it failed: code, messages and hints by language")]
    actor: Annotated[str | None, Field(description="Who ordered it; null for who isn't told")]
    recorded_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    links: RunLinks

    @classmethod
    def of(cls, run: RunRow | PastRun, *, base_url: str, author: str | None = None, job: JobView | None = None) -> Self:
        """A row as it is sent; `author` for who may know it, `job` is the one that performs it, while it does."""
        here = f"{base_url}/api/v1/coverage/runs/{run.id}"
        return cls(
            id=run.id,
            state=RunState.of(run.state),
            standard=run.standard,
            question=run.question,
            progress=ProgressOut.of(job) if job is not None else None,
            totals=run.totals,
            inputs=run.inputs,
            error=run.error,
            actor=author,
            recorded_at=run.recorded_at,
            started_at=run.started_at,
            finished_at=run.finished_at,
            links=RunLinks(
                self=here,
                zones=f"{here}/zones",
                points=f"{here}/points",
                results={each: f"{here}/result.{each.value}" for each in ResultFormat},
                cancel=f"{here}/cancel" if run.state in OPEN_STATES else None,
            ),
        )


class PointColumns(BaseModel):
    """A run's demand points, column by column, by their `fid`; degrees, people."""

    fid: list[int]
    lon: list[float]
    lat: list[float]
    source_id: list[str]
    division: list[str | None]
    demand: list[float]
    state: list[PointState]
    minutes: list[float | None]
    facility: Annotated[list[int | None], Field(description="`fid` of the nearest facility")]


class FacilityColumns(BaseModel):
    """A run's facilities, column by column; people."""

    fid: list[int]
    id: list[UUID]
    name: list[str]
    kind: list[FacilityKind]
    lon: list[float]
    lat: list[float]
    snapped: list[bool]
    nearest_for: list[float]
    within_reach: list[float]


class ColumnsOut(BaseModel):
    """All that a map of a run draws, in one answer."""

    points: Annotated[PointColumns | None, Field(description="Null where there are over 100,000: see `/points`")]
    facilities: FacilityColumns

    @classmethod
    def of(cls, points: Answers | None, facilities: Sequence[FacilityAnswerRow]) -> Self:
        """What the room gives, as it is sent."""
        return cls(
            points=None
            if points is None
            else PointColumns.model_validate(
                {
                    "fid": points.point_fid,
                    "lon": points.lon,
                    "lat": points.lat,
                    "source_id": points.source_id,
                    "division": points.division_code,
                    "demand": points.demand,
                    "state": points.state,
                    "minutes": [None if one is None else round(one, MINUTE_DECIMALS) for one in points.minutes],
                    "facility": points.facility_fid,
                }
            ),
            facilities=FacilityColumns(
                fid=[one.facility_fid for one in facilities],
                id=[one.facility_id for one in facilities],
                name=[one.name for one in facilities],
                kind=[FacilityKind.of(one.kind) for one in facilities],
                lon=[one.lon for one in facilities],
                lat=[one.lat for one in facilities],
                snapped=[one.snapped for one in facilities],
                nearest_for=[one.nearest_for for one in facilities],
                within_reach=[one.within_reach for one in facilities],
            ),
        )


class ZoneOut(BaseModel):
    """One division's share of a run's answer, in people."""

    code: str
    name: str
    level: DivisionLevel
    demand: float
    covered: float
    share: Annotated[float | None, Field(description="Covered of demand, 0 to 1; null where nobody lives")]
    gap: Annotated[float, Field(description="Who isn't covered, for whatever reason")]
    unreachable: Annotated[float, Field(description="Part of the gap: no way leads to any facility")]
    unsnapped: Annotated[float, Field(description="Part of the gap: no road within the snapping limit")]

    @classmethod
    def of(cls, zone: ZoneRow) -> Self:
        """A row as it is sent."""
        return cls(
            code=zone.code,
            name=zone.name,
            level=DivisionLevel.of(zone.level),
            demand=zone.demand,
            covered=zone.covered,
            share=share(zone.covered, zone.demand),
            gap=zone.demand - zone.covered,
            unreachable=zone.unreachable,
            unsnapped=zone.unsnapped,
        )


class PointAnswerOut(BaseModel):
    """One demand point's answer; what the point was at the time of the run is kept with it."""

    fid: int
    source_id: str
    division_code: str | None
    demand: Annotated[float, Field(description="People of the standard's group")]
    state: PointState
    cost: Annotated[
        int | None, Field(description="Decimetres on foot, hundredths of a second by car; null: no way there")
    ]
    minutes: Annotated[float | None, Field(description="To the nearest facility, both access legs included")]
    facility_fid: Annotated[int | None, Field(description="The nearest facility")]
    geometry: PointOut

    @classmethod
    def of(cls, point: PointRow) -> Self:
        """A row as it is sent."""
        return cls(
            fid=point.point_fid,
            source_id=point.source_id,
            division_code=point.division_code,
            demand=point.demand,
            state=PointState.of(point.state),
            cost=point.cost,
            minutes=None if point.minutes is None else round(point.minutes, MINUTE_DECIMALS),
            facility_fid=point.facility_fid,
            geometry=PointOut(coordinates=(point.lon, point.lat)),
        )


MOST_EDITS = 200
"""Far more than a planner drags; what is built by the hundred is a dataset of its own."""


class LiveOrder(BaseModel):
    """A scenario: a finished run, and everything that is edited of it; nothing is remembered between two questions."""

    model_config = ConfigDict(extra="forbid")

    run: Annotated[UUID, Field(description="A run that is done")]
    edits: Annotated[
        list[Annotated[Edit, Field(discriminator="do")]],
        Field(max_length=MOST_EDITS, description="The whole list, each time"),
    ]


class ZoneChangeOut(BaseModel):
    """A division whose covered people change."""

    code: str
    demand: float
    covered: Annotated[float, Field(description="With the edits")]
    share: float | None
    change: Annotated[float, Field(description="People; negative where fewer are covered")]


class PlacedOut(BaseModel):
    """A facility that an edit adds or moves."""

    edit: Annotated[int, Field(description="Its place in the list of edits, from 0")]
    snapped: Annotated[bool, Field(description="False where no road lies within the snapping limit: nobody reaches it")]


class PointChangesOut(BaseModel):
    """The demand points for which anything changes, column by column."""

    fid: list[int]
    state: list[PointState]
    minutes: list[float | None]
    facility: Annotated[
        list[int | None],
        Field(description="`fid` of the nearest; -1 is the facility of the first edit, -2 of the second; null: none"),
    ]


class LiveOut(BaseModel):
    """What the edits come to, in people."""

    demand: float
    covered: float
    share: float | None
    gap: float
    unreachable: Annotated[float, Field(description="Part of the gap: no way leads to any facility")]
    unsnapped: Annotated[float, Field(description="Part of the gap: no road within the snapping limit")]
    gained: Annotated[float, Field(description="Covered now, not covered by the run")]
    lost: Annotated[float, Field(description="Covered by the run, not covered now")]
    zones: list[ZoneChangeOut]
    placed: list[PlacedOut]
    points: PointChangesOut

    @classmethod
    def of(cls, found: Outlook) -> Self:
        """An outlook as it is sent."""
        minutes = [None if isnan(each) else round(each, MINUTE_DECIMALS) for each in found.minutes.tolist()]
        return cls(
            demand=found.demand,
            covered=found.covered,
            share=share(found.covered, found.demand),
            gap=found.demand - found.covered,
            unreachable=found.unreachable,
            unsnapped=found.unsnapped,
            gained=found.gained,
            lost=found.lost,
            zones=[
                ZoneChangeOut(
                    code=zone.code,
                    demand=zone.demand,
                    covered=zone.covered,
                    share=share(zone.covered, zone.demand),
                    change=zone.change,
                )
                for zone in found.zones
            ],
            placed=[PlacedOut(edit=one.edit, snapped=one.snapped) for one in found.placed],
            points=PointChangesOut(
                fid=found.point.tolist(),
                state=[STATES[state] for state in found.state.tolist()],
                minutes=minutes,
                facility=[fid or None for fid in found.facility.tolist()],
            ),
        )


class WayOrder(LiveOrder):
    """Whose way is asked for: a demand point of a run, with everything that is edited of it."""

    point: Annotated[int, Field(description="`fid` of a demand point of the run")]


class RoadOut(BaseModel):
    """A part of a way that keeps to one road."""

    name: Annotated[str | None, Field(description="Null where the road has none")]
    highway: Annotated[str | None, Field(description="OSM's class word; null between a point and the nearest road")]
    metres: float


class WayOut(BaseModel):
    """The way from a demand point to its nearest facility."""

    minutes: Annotated[float | None, Field(description="Null where no way leads to any facility")]
    metres: float | None
    geometry: Annotated[LineOut | None, Field(description="From road to road, without the legs between")]
    roads: Annotated[list[RoadOut], Field(description="In the order of travel, the legs to and from roads included")]

    @classmethod
    def of(cls, way: Way | None, roads: Mapping[int, tuple[str | None, str]], *, cost_per_minute: float) -> Self:
        """A way as it is sent; `roads` are names and class words by `fid`."""
        if way is None:
            return cls(minutes=None, metres=None, geometry=None, roads=[])
        parts = [(roads.get(one.road_fid or 0, (None, None)), one.length_dm) for one in way.stretches]
        along = groupby(parts, key=lambda part: part[0])
        return cls(
            minutes=round(way.cost / cost_per_minute, MINUTE_DECIMALS),
            metres=way.length_dm / 10,
            geometry=LineOut(
                coordinates=[
                    (round(lon, 7), round(lat, 7)) for lon, lat in zip(way.lon.tolist(), way.lat.tolist(), strict=True)
                ]
            ),
            roads=[
                RoadOut(name=name, highway=highway, metres=sum(length for _, length in one) / 10)
                for (name, highway), one in along
            ],
        )
