"""Places, their names, extents and relations over the wire."""

from datetime import date
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.shared import PointOut
from geo_registry.places.periods import Dated
from geo_registry.places.queries import ExtentRow, NameRow, PlaceRow, RelationRow
from geo_registry.places.service import PlaceTold
from geo_registry.vocabulary import (
    Certainty,
    NameKind,
    NamingState,
    PlaceClass,
    PlaceRelationKind,
    PlaceState,
    PositionQuality,
    Precision,
    RomanizedBy,
    SpellingStatus,
)


class DatedOut(BaseModel):
    """A date and how exactly it is known: of a year the day is its first."""

    day: date
    precision: Precision
    text: Annotated[str, Field(description="As it is written: 1958-03, 1950s, 明", examples=["1958"])]

    @classmethod
    def of(cls, dated: Dated | None) -> Self | None:
        """A date as it is sent; None stays null."""
        return cls(day=dated.day, precision=dated.precision, text=str(dated)) if dated is not None else None


UnknownThen = Literal["name", "position"]


class PlaceOut(BaseModel):
    """A place as it is listed: under the name that is asked for, at a point of its extent."""

    model_config = ConfigDict(populate_by_name=True, serialize_by_alias=True)

    id: UUID
    fid: Annotated[int, Field(description="Counts up as records are registered; map features carry it too")]
    place_class: Annotated[PlaceClass, Field(alias="class")]
    name: Annotated[
        str, Field(description="Its standard name, now or on the day that is asked for", examples=["中山路"])
    ]
    state: PlaceState
    national_code: str | None
    division_code: str | None
    division_name: str | None
    begun_on: Annotated[DatedOut | None, Field(description="Since when it is there")]
    ended_on: Annotated[DatedOut | None, Field(description="The first day on which it was no more")]
    detail: Annotated[dict[str, object], Field(description="The fields that only its class has")]
    position_quality: PositionQuality
    dataset: Annotated[str | None, Field(description="The key of the dataset that it came with")]
    geometry: Annotated[
        PointOut | None, Field(description="A point of its extent, now or on the day that is asked for")
    ]
    unknown_then: Annotated[
        list[UnknownThen],
        Field(
            description="What isn't known of the day that is asked for: a name is then the one that it bears now, "
            "a position null"
        ),
    ] = []

    @classmethod
    def of(cls, row: PlaceRow) -> Self:
        """A row as it is sent."""
        unknown: list[UnknownThen] = [] if row.name_known else ["name"]
        return cls(
            id=row.id,
            fid=row.fid,
            place_class=PlaceClass.of(row.place_class),
            name=row.name,
            state=PlaceState.of(row.state),
            national_code=row.national_code,
            division_code=row.division_code,
            division_name=row.division_name,
            begun_on=DatedOut.of(row.begun_on),
            ended_on=DatedOut.of(row.ended_on),
            detail=row.detail,
            position_quality=PositionQuality.of(row.position_quality),
            dataset=row.dataset,
            geometry=PointOut(coordinates=(row.lon, row.lat)) if row.lon is not None and row.lat is not None else None,
            unknown_then=unknown if row.position_known else [*unknown, "position"],
        )


class PlaceNameOut(BaseModel):
    """One name of a place, for the period from `valid_from` up to, not including, `valid_to`."""

    id: UUID
    name: str
    kind: NameKind
    status: Annotated[SpellingStatus, Field(description="What the spelling is worth")]
    naming: Annotated[NamingState, Field(description="Where the decision on it stands")]
    language: Annotated[str, Field(description="BCP 47", examples=["zh-Hans"])]
    romanized: Annotated[str | None, Field(description="With tones", examples=["Zhōngshān Lù"])]
    romanized_by: RomanizedBy | None
    meaning: str
    origin: str
    source: str
    valid_from: DatedOut | None
    valid_to: DatedOut | None
    withdrawn: Annotated[bool, Field(description="It was taken back: the place is told without it")]

    @classmethod
    def of(cls, row: NameRow) -> Self:
        """A row as it is sent."""
        return cls(
            id=row.id,
            name=row.name,
            kind=NameKind.of(row.kind),
            status=SpellingStatus.of(row.status),
            naming=NamingState.of(row.naming),
            language=row.language,
            romanized=row.romanized,
            romanized_by=RomanizedBy.of(row.romanized_by) if row.romanized_by else None,
            meaning=row.meaning,
            origin=row.origin,
            source=row.source,
            valid_from=DatedOut.of(row.valid_from),
            valid_to=DatedOut.of(row.valid_to),
            withdrawn=row.withdrawn,
        )


class ExtentOut(BaseModel):
    """How far a place reached in a period."""

    id: UUID
    geometry: Annotated[dict[str, Any], Field(description="GeoJSON, longitude and latitude in degrees (CRS84)")]
    source: str
    position_quality: PositionQuality
    valid_from: DatedOut | None
    valid_to: DatedOut | None

    @classmethod
    def of(cls, row: ExtentRow) -> Self:
        """A row as it is sent."""
        return cls(
            id=row.id,
            geometry=dict(row.geometry),
            source=row.source,
            position_quality=PositionQuality.of(row.position_quality),
            valid_from=DatedOut.of(row.valid_from),
            valid_to=DatedOut.of(row.valid_to),
        )


class RelationOut(BaseModel):
    """What a place is to another; where `inverse`, what the other is to it."""

    id: UUID
    kind: PlaceRelationKind
    inverse: bool
    other: UUID
    other_name: str
    other_class: PlaceClass
    other_state: PlaceState
    since: DatedOut | None
    evidence: str
    certainty: Certainty

    @classmethod
    def of(cls, row: RelationRow) -> Self:
        """A row as it is sent."""
        return cls(
            id=row.id,
            kind=PlaceRelationKind.of(row.kind),
            inverse=row.inverse,
            other=row.other,
            other_name=row.other_name,
            other_class=PlaceClass.of(row.other_class),
            other_state=PlaceState.of(row.other_state),
            since=DatedOut.of(row.since),
            evidence=row.evidence,
            certainty=Certainty.of(row.certainty),
        )


class PlaceToldOut(PlaceOut):
    """A place with all that is told of it."""

    names: Annotated[list[PlaceNameOut], Field(description="Standard ones first, the newest period first")]
    extents: Annotated[list[ExtentOut], Field(description="The newest period first")]
    relations: list[RelationOut]

    @classmethod
    def told(cls, told: PlaceTold) -> Self:
        """All of it as it is sent."""
        return cls(
            **PlaceOut.of(told.place).model_dump(by_alias=True),
            names=[PlaceNameOut.of(each) for each in told.names],
            extents=[ExtentOut.of(each) for each in told.extents],
            relations=[RelationOut.of(each) for each in told.relations],
        )
