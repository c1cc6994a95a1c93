"""Built-up areas over the wire."""

from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, Field

from api.schemas.places import DatedOut
from geo_registry.built_up.queries import AreaRow, Concern, Reach
from geo_registry.built_up.service import AreaTold
from geo_registry.vocabulary import AreaConcern, PositionQuality


class AreaMemberOut(BaseModel):
    """A division that an area is made of, in the list whose boundary was taken."""

    code: Annotated[str, Field(examples=["330702001000"])]
    vintage: int


class ReachOut(BaseModel):
    """How far an area reached from `valid_from` up to, not including, `valid_to`."""

    geometry: Annotated[dict[str, Any], Field(description="GeoJSON, longitude and latitude in degrees (CRS84)")]
    divisions: Annotated[list[AreaMemberOut], Field(description="What it was made of; empty where it was drawn")]
    area_km2: float
    source: Annotated[str, Field(description="By what evidence it is drawn so")]
    position_quality: PositionQuality
    valid_from: DatedOut | None
    valid_to: DatedOut | None

    @classmethod
    def of(cls, reach: Reach) -> Self:
        """An extent as it is sent."""
        return cls(
            geometry=dict(reach.geometry),
            divisions=[AreaMemberOut(code=each.code, vintage=each.vintage) for each in reach.divisions],
            area_km2=reach.area_km2,
            source=reach.source,
            position_quality=PositionQuality.of(reach.position_quality),
            valid_from=DatedOut.of(reach.valid_from),
            valid_to=DatedOut.of(reach.valid_to),
        )


class ConcernOut(BaseModel):
    """What a person looks at of an area: how much of it lies over another one, or beyond its division."""

    kind: AreaConcern
    other: Annotated[UUID, Field(description="The other area, or the division")]
    other_name: str
    area_km2: float

    @classmethod
    def of(cls, concern: Concern) -> Self:
        """As it is sent."""
        return cls(kind=concern.kind, other=concern.other, other_name=concern.other_name, area_km2=concern.area_km2)


class AreaOut(ReachOut):
    """A built-up area, now or as far as it reached on the day that is asked for."""

    id: UUID
    fid: Annotated[int, Field(description="Counts up as records are registered")]
    key: str
    name: Annotated[str, Field(examples=["金华市城区"])]
    division_code: str | None
    division_name: str | None
    in_force: Annotated[bool, Field(description="Whether the rules of names read it")]
    dataset: Annotated[str | None, Field(description="The key of the dataset that it came with")]

    @classmethod
    def row(cls, row: AreaRow) -> Self:
        """A row as it is sent."""
        return cls(
            **ReachOut.of(row.reach).model_dump(),
            id=row.id,
            fid=row.fid,
            key=row.key,
            name=row.name,
            division_code=row.division_code,
            division_name=row.division_name,
            in_force=row.in_force,
            dataset=row.dataset,
        )


class AreaToldOut(AreaOut):
    """A built-up area with its earlier extents, and what a person looks at of it."""

    earlier: Annotated[list[ReachOut], Field(description="How far it reached before, the newest period first")]
    concerns: list[ConcernOut]

    @classmethod
    def told(cls, told: AreaTold) -> Self:
        """All of it as it is sent."""
        return cls(
            **AreaOut.row(told.area).model_dump(),
            earlier=[ReachOut.of(each) for each in told.earlier],
            concerns=[ConcernOut.of(each) for each in told.concerns],
        )
