"""Population over the wire."""

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, Field

from api.schemas.shared import PointOut
from geo_registry.coverage.queries import PopulationRow
from geo_registry.vocabulary import PopulationBasis, PositionQuality


class DemandPointOut(BaseModel):
    """The people of a cell or a village at one point."""

    id: UUID
    fid: Annotated[int, Field(description="Counts up as records are registered; map features carry it too")]
    dataset: Annotated[str, Field(description="The key of the dataset")]
    source_id: Annotated[str, Field(description="The point's id in its source")]
    basis: Annotated[PopulationBasis, Field(description="Whom the source counts; two bases never meet in one ratio")]
    as_of: Annotated[date, Field(description="The date that the counts are of")]
    division_code: str | None
    counts: Annotated[
        dict[str, float],
        Field(description="People by group; groups overlap and are never added up", examples=[{"all": 120, "60+": 31}]),
    ]
    position_quality: PositionQuality
    geometry: PointOut

    @classmethod
    def of(cls, row: PopulationRow) -> Self:
        """A row as it is sent."""
        return cls(
            id=row.id,
            fid=row.fid,
            dataset=row.dataset,
            source_id=row.source_id,
            basis=PopulationBasis.of(row.basis),
            as_of=row.as_of,
            division_code=row.division_code,
            counts=row.counts,
            position_quality=PositionQuality.of(row.position_quality),
            geometry=PointOut(coordinates=(row.lon, row.lat)),
        )
