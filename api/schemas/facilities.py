"""Facilities over the wire."""

from datetime import date
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, Field

from api.schemas.shared import PointOut
from geo_registry.facilities.queries import FacilityRow
from geo_registry.vocabulary import FacilityKind, FacilityStatus, PositionQuality


class FacilityOut(BaseModel):
    """A facility at a point."""

    id: UUID
    fid: Annotated[int, Field(description="Counts up as records are registered; map features carry it too")]
    kind: FacilityKind
    name: Annotated[str, Field(examples=["江南居家养老服务中心"])]
    division_code: str | None
    division_name: str | None
    address: str
    status: FacilityStatus
    opened_on: date | None
    closed_on: date | None
    capacity: Annotated[int | None, Field(description="In the kind's own unit: beds, places, graves, …")]
    detail: Annotated[dict[str, object], Field(description="The fields that only this kind has")]
    position_quality: PositionQuality
    confirmed_on: Annotated[date | None, Field(description="When somebody last confirmed the record")]
    dataset: Annotated[str | None, Field(description="The key of the dataset that it came with")]
    geometry: PointOut

    @classmethod
    def of(cls, row: FacilityRow) -> Self:
        """A row as it is sent."""
        return cls(
            id=row.id,
            fid=row.fid,
            kind=FacilityKind.of(row.kind),
            name=row.name,
            division_code=row.division_code,
            division_name=row.division_name,
            address=row.address,
            status=FacilityStatus.of(row.status),
            opened_on=row.opened_on,
            closed_on=row.closed_on,
            capacity=row.capacity,
            detail=row.detail,
            position_quality=PositionQuality.of(row.position_quality),
            confirmed_on=row.confirmed_on,
            dataset=row.dataset,
            geometry=PointOut(coordinates=(row.lon, row.lat)),
        )


class FacilityFeatureOut(BaseModel):
    """A facility as a GeoJSON feature (RFC 7946); what `FacilityOut` says stands in its properties."""

    type: Literal["Feature"] = "Feature"
    id: UUID
    geometry: PointOut
    properties: Annotated[dict[str, object], Field(description="As of a facility, without `id` and `geometry`")]

    @classmethod
    def of(cls, row: FacilityRow) -> Self:
        """A row as it is sent."""
        whole = FacilityOut.of(row)
        properties = whole.model_dump(mode="json", exclude={"id", "geometry"})
        return cls(id=whole.id, geometry=whole.geometry, properties=properties)
