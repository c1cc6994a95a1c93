"""Roads without a name over the wire."""

from collections.abc import Sequence
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from shapely import get_coordinates

from api.schemas.names import FindingOut
from api.schemas.shared import LineOut, PointOut
from geo_registry.places.inputs import Frozen
from geo_registry.unnamed.ends import End
from geo_registry.unnamed.geojson import signs_collection
from geo_registry.unnamed.inputs import LaneDecision
from geo_registry.unnamed.offering import Offer
from geo_registry.unnamed.queries import LaneRow, Progressed, WishRow
from geo_registry.unnamed.service import LaneTold, Refusal
from geo_registry.unnamed.signing import PlannedSign
from geo_registry.vocabulary import (
    Compass,
    CourseShape,
    DivisionLevel,
    LaneEnd,
    LaneOrigin,
    LaneStatus,
    NamedAfter,
    PlateAxis,
    PositionQuality,
    SignAt,
)

DIGITS_DEG = 7
MOST_DECISIONS = 5_000


class CourseOut(BaseModel):
    """How a lane runs, from its western or southern end."""

    shape: CourseShape
    headings: Annotated[list[Compass], Field(description="The ways that it heads, one after another; none of a loop")]
    text: Annotated[str, Field(examples=["由西向东再往北呈弧形"])]


class EndOut(BaseModel):
    """What a lane begins or ends at."""

    at: LaneEnd
    name: str
    text: Annotated[str, Field(examples=["胡公庙附近"])]

    @classmethod
    def of(cls, end: End, *, locale: str) -> Self:
        """An end as it is sent."""
        return cls(at=end.at, name=end.name, text=end.says(locale))


class LaneOut(BaseModel):
    """A road that no name covers, and what was decided of it so far."""

    id: UUID
    fid: Annotated[int, Field(description="Counts up as records are registered")]
    origin: LaneOrigin
    status: LaneStatus
    division_code: str | None
    division_name: str | None
    geometry: Annotated[LineOut, Field(description="Degrees (CRS84), from its western or southern end")]
    length_m: Annotated[float, Field(description="Geodesic, in metres")]
    highway: Annotated[str, Field(description="OSM's class word")]
    course: CourseOut
    begins: EndOut
    ends: EndOut
    proposed_name: Annotated[str | None, Field(description="Lanes of one name in one township are one road")]
    other_names: list[str]
    meaning: str
    named_after: NamedAfter | None
    width_m: float | None
    surface: str
    reason: Annotated[str, Field(description="Why it needs no name")]
    position_quality: PositionQuality
    version: Annotated[str, Field(description="For a decision, alone or among many: what was seen of it")]

    @classmethod
    def row(cls, row: LaneRow, *, locale: str) -> Self:
        """A row as it is sent."""
        course = row.course
        points = [(x, y) for x, y in get_coordinates(row.line).round(DIGITS_DEG).tolist()]
        return cls(
            id=row.id,
            fid=row.fid,
            origin=LaneOrigin.of(row.origin),
            status=row.status,
            division_code=row.division_code,
            division_name=row.division_name,
            geometry=LineOut(coordinates=points),
            length_m=row.length_m,
            highway=row.highway,
            course=CourseOut(shape=course.shape, headings=list(course.headings), text=course.says(locale)),
            begins=EndOut.of(row.begins, locale=locale),
            ends=EndOut.of(row.ends, locale=locale),
            proposed_name=row.proposed_name,
            other_names=list(row.other_names),
            meaning=row.meaning,
            named_after=row.named_after,
            width_m=row.width_m,
            surface=row.surface,
            reason=row.reason,
            position_quality=PositionQuality.of(row.position_quality),
            version=row.version,
        )


class OfferOut(BaseModel):
    """A name that could be given, why, and what the rules of names say of it."""

    name: Annotated[str, Field(examples=["胡公庙前巷"])]
    after: NamedAfter
    reason: str
    forbidden: Annotated[bool, Field(description="A rule says no")]
    findings: list[FindingOut]

    @classmethod
    def of(cls, offer: Offer, *, locale: str) -> Self:
        """An offer as it is sent."""
        return cls(
            name=offer.proposal.name,
            after=offer.proposal.after,
            reason=offer.proposal.reason(locale),
            forbidden=offer.forbidden,
            findings=[FindingOut.of(each, locale=locale) for each in offer.findings],
        )


class LaneToldOut(LaneOut):
    """A road without a name, and names for it: those that no rule forbids first."""

    offers: list[OfferOut]

    @classmethod
    def told(cls, told: LaneTold, *, locale: str) -> Self:
        """All of it as it is sent."""
        offers = [OfferOut.of(each, locale=locale) for each in told.offers]
        return cls(**LaneOut.row(told.lane, locale=locale).model_dump(), offers=offers)


class LanesOut(BaseModel):
    """Lanes that were added."""

    items: list[LaneOut]


class DecisionsBody(Frozen):
    """Decisions on many lanes at once."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "decisions": [
                        {
                            "lane": "0b6f1a62-6f0e-4c58-8a5c-0f1c5a3c8f11",
                            "seen": "1-9f2c",
                            "decision": {"decision": "drop", "reason": "机耕路，无人居住"},
                        }
                    ]
                }
            ]
        },
    )

    decisions: Annotated[tuple[LaneDecision, ...], Field(min_length=1, max_length=MOST_DECISIONS)]


class RefusalOut(BaseModel):
    """A decision that wasn't taken, and why."""

    lane: UUID
    code: str
    message: str
    hint: str

    @classmethod
    def of(cls, refusal: Refusal, *, locale: str) -> Self:
        """As it is sent."""
        error = refusal.error
        return cls(lane=refusal.lane, code=error.code, message=error.message(locale), hint=error.hint(locale))


class DecidedOut(BaseModel):
    """What came of decisions on many lanes."""

    decided: list[LaneOut]
    refused: list[RefusalOut]


class WishOut(BaseModel):
    """A name that people wish for."""

    id: UUID
    fid: Annotated[int, Field(description="Counts up as records are registered")]
    division_code: str
    division_name: str
    lane: UUID | None
    name: str
    meaning: str
    by_whom: str
    synthetic: Annotated[bool, Field(description="Made up, for a demonstration")]

    @classmethod
    def of(cls, row: WishRow) -> Self:
        """A wish as it is sent."""
        return cls(
            id=row.id,
            fid=row.fid,
            division_code=row.division_code,
            division_name=row.division_name,
            lane=row.lane_id,
            name=row.name,
            meaning=row.meaning,
            by_whom=row.by_whom,
            synthetic=row.synthetic,
        )


class DivisionProgressOut(BaseModel):
    """How far a village, or a town as the sum of its villages, has come."""

    code: str
    name: str
    level: DivisionLevel
    lanes: Annotated[dict[LaneStatus, int], Field(description="How many of each status")]
    km: Annotated[dict[LaneStatus, float], Field(description="Their length")]
    signs: Annotated[
        int | None,
        Field(
            description="Signs that are planned for what is filed or named; null where more than a county's are asked for"
        ),
    ]

    @classmethod
    def of(cls, row: Progressed) -> Self:
        """As it is sent."""
        return cls(
            code=row.code,
            name=row.name,
            level=row.level,
            lanes=dict(row.lanes),
            km={status: round(km, 3) for status, km in row.km.items()},
            signs=row.signs,
        )


class LaneProgressOut(BaseModel):
    """How far divisions have come."""

    items: list[DivisionProgressOut]


class SignPropertiesOut(BaseModel):
    """What a planned sign shows, and of which lane it is."""

    lane: UUID
    name: str
    romanized: Annotated[str, Field(description="In capitals, without tones", examples=["HUGONGMIAO LU"])]
    at: SignAt
    bearing_deg: Annotated[float, Field(description="Of the road there, clockwise from north, either way: 0 to 180")]
    axis: Annotated[PlateAxis, Field(description="East–west plates are blue, north–south ones green")]
    axis_text: str
    status: LaneStatus
    division: str | None
    division_name: str | None
    synthetic: Annotated[bool, Field(description="The road is made up, for a demonstration")]


class SignOut(BaseModel):
    """A planned sign as a GeoJSON feature, degrees (CRS84)."""

    type: Literal["Feature"] = "Feature"
    geometry: PointOut
    properties: SignPropertiesOut


class SignsOut(BaseModel):
    """The signs that are planned, as a GeoJSON FeatureCollection (RFC 7946)."""

    type: Literal["FeatureCollection"] = "FeatureCollection"
    features: list[SignOut]

    @classmethod
    def of(cls, signs: Sequence[PlannedSign], *, locale: str) -> Self:
        """As they are sent."""
        return cls.model_validate(signs_collection(signs, locale))
