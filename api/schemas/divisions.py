"""Divisions over the wire."""

from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, Field

from api.schemas.shared import GeometryOut
from geo_registry.divisions.queries import DivisionRow
from geo_registry.vocabulary import DivisionLevel, PositionQuality


class DivisionOut(BaseModel):
    """A division as it stood in one vintage."""

    id: UUID
    fid: Annotated[int, Field(description="Counts up as records are registered; map features carry it too")]
    code: Annotated[str, Field(examples=["330702000000"])]
    name: Annotated[str, Field(examples=["婺城区"])]
    level: DivisionLevel
    vintage: Annotated[int, Field(description="The year of the code list", examples=[2023])]
    parent_code: str | None
    parent_name: str | None
    dataset: Annotated[str | None, Field(description="The key of the dataset that it came with")]
    position_quality: PositionQuality
    geometry: Annotated[
        GeometryOut | None, Field(description="Its area, or an approximate point where no boundary is known")
    ]

    @classmethod
    def of(cls, row: DivisionRow) -> Self:
        """A row as it is sent."""
        return cls(
            id=row.id,
            fid=row.fid,
            code=row.code,
            name=row.name,
            level=DivisionLevel.of(row.level),
            vintage=row.vintage,
            parent_code=row.parent_code,
            parent_name=row.parent_name,
            dataset=row.dataset,
            position_quality=PositionQuality.of(row.position_quality),
            geometry=None if row.geometry is None else GeometryOut(**row.geometry),
        )
