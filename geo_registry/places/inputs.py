"""What can be told of a place, validated: values in, values out."""

import json
from collections.abc import Mapping
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError
from shapely import from_geojson, is_valid_reason
from shapely.geometry.base import BaseGeometry

from geo_registry.errors import DateUnclear
from geo_registry.geo.bbox import MAX_LAT, MAX_LON
from geo_registry.places.periods import Dated
from geo_registry.validation import given, one_line
from geo_registry.vocabulary import (
    Certainty,
    NameKind,
    PlaceClass,
    PlaceRelationKind,
    PlaceState,
    SpellingStatus,
)

MOST_NAME_CHARACTERS = 100
MOST_TEXT_CHARACTERS = 4_000
GEOMETRIES = ("Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon")


def _lines(text: str) -> str:
    """As `one_line`, with line breaks."""
    return "\n".join(map(one_line, text.replace("\r\n", "\n").split("\n"))).strip()


def _dated(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return Dated.parse(value)
    except DateUnclear as error:
        raise PydanticCustomError(
            "date_unclear", "{said}", {"said": error.message("en"), "said_zh": error.message("zh")}
        ) from None


Line = Annotated[str, Field(max_length=MOST_TEXT_CHARACTERS), AfterValidator(one_line)]
Text = Annotated[str, Field(max_length=MOST_TEXT_CHARACTERS), AfterValidator(_lines)]
NameText = Annotated[str, Field(max_length=MOST_NAME_CHARACTERS), AfterValidator(one_line), AfterValidator(given)]
Why = Annotated[str, Field(max_length=500, description="The reason, kept with the revision"), AfterValidator(one_line)]
When = Annotated[
    Dated,
    BeforeValidator(_dated, json_schema_input_type=str),
    Field(
        description="2015-06-01, 2015-06, 2015, 1950s, 19th century, a dynasty or a reign (明, 康熙)", examples=["1958"]
    ),
]
Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", max_length=40, description="BCP 47")]


def shape_of(geometry: Mapping[str, Any]) -> BaseGeometry:
    """A GeoJSON geometry (RFC 7946, degrees) as an extent: a point, a line, an area, or several of one sort.

    Raises
    ------
    ValueError
        It is none, it is empty or crosses itself, or it lies outside the globe.
    """
    if geometry.get("type") not in GEOMETRIES:
        raise PydanticCustomError("geometry_type", "must be one of {types}", {"types": ", ".join(GEOMETRIES)})
    try:
        shape = from_geojson(json.dumps(geometry))
    except (ValueError, TypeError) as error:
        raise PydanticCustomError("geometry_malformed", "is no GeoJSON geometry: {why}", {"why": str(error)}) from None
    if shape.is_empty or not shape.is_valid:
        raise PydanticCustomError("geometry_invalid", "isn't sound: {why}", {"why": is_valid_reason(shape)})
    west, south, east, north = shape.bounds
    if west < -MAX_LON or east > MAX_LON or south < -MAX_LAT or north > MAX_LAT:
        raise PydanticCustomError("geometry_outside", "must be longitude and latitude in degrees")
    return shape


class Frozen(BaseModel):
    """Members that nobody declared are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class NewName(Frozen):
    """A name that is to be added to a place; the period is [`valid_from`, `valid_to`), an open end is left out."""

    name: NameText
    kind: NameKind = NameKind.ALIAS
    status: SpellingStatus = SpellingStatus.RECORDED
    language: Language = "zh-Hans"
    romanized: Line | None = None
    meaning: Text = ""
    origin: Text = ""
    source: Line = ""
    valid_from: When | None = None
    valid_to: When | None = None

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.valid_from and self.valid_to and self.valid_to.day <= self.valid_from.day:
            raise PydanticCustomError("ends_before", "valid_to must be after valid_from")
        return self


class NameTold(NewName):
    """As `NewName`, by a person, who says why."""

    why: Annotated[Why, AfterValidator(given)]


class NewExtent(Frozen):
    """How far a place reached in a period."""

    geometry: Annotated[dict[str, Any], Field(description="GeoJSON, longitude and latitude in degrees")]
    source: Line = ""
    valid_from: When | None = None
    valid_to: When | None = None
    why: Why = ""

    @model_validator(mode="after")
    def _is_sound(self) -> Self:
        shape_of(self.geometry)
        if self.valid_from and self.valid_to and self.valid_to.day <= self.valid_from.day:
            raise PydanticCustomError("ends_before", "valid_to must be after valid_from")
        return self


class ExtentTold(NewExtent):
    """As `NewExtent`, by a person, who says why."""

    why: Annotated[Why, AfterValidator(given)]


class NewPlace(Frozen):
    """A place that is taken over into the registry, with its standard name, as it exists already."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "class": "street",
                    "name": "中山路",
                    "named_on": "1946",
                    "geometry": {"type": "LineString", "coordinates": [[119.65, 29.08], [119.66, 29.08]]},
                    "why": "存量",
                }
            ]
        },
    )

    place_class: Annotated[PlaceClass, Field(alias="class")]
    name: NameText
    romanized: Line | None = None
    meaning: Text = ""
    origin: Text = ""
    source: Line = ""
    named_on: When | None = None
    state: PlaceState = PlaceState.IN_USE
    division: Annotated[
        str | None, Field(pattern=r"^[0-9]{2,12}$", description="The code of its division; else the one it lies in")
    ] = None
    national_code: Annotated[str | None, Field(pattern=r"^[0-9]{20}$")] = None
    begun_on: When | None = None
    ended_on: When | None = None
    geometry: Annotated[dict[str, Any] | None, Field(description="GeoJSON, longitude and latitude in degrees")] = None
    detail: dict[str, str | float | int] = {}
    names: Annotated[tuple[NewName, ...], Field(max_length=50, description="Its other names")] = ()
    why: Why = ""

    @model_validator(mode="after")
    def _is_sound(self) -> Self:
        if self.geometry is not None:
            shape_of(self.geometry)
        if self.begun_on and self.ended_on and self.ended_on.day <= self.begun_on.day:
            raise PydanticCustomError("ends_before", "ended_on must be after begun_on")
        return self


class NameCorrection(Frozen):
    """What is to be different of a name: never its characters, which a decision gave. Members that aren't there stay."""

    romanized: Annotated[
        Line | None, Field(description="Hanyu Pinyin with tones: a capital a word, a syllable a character")
    ] = None
    transcribed: Annotated[
        bool,
        Field(description="`romanized` transcribes a name of a minority language: without tones, as the rules of 1976"),
    ] = False
    meaning: Text | None = None
    origin: Text | None = None
    source: Line | None = None
    valid_from: When | None = None
    valid_to: When | None = None
    withdrawn: Annotated[
        bool | None, Field(description="Whether it is taken back, as told by mistake; false has it again")
    ] = None
    why: Annotated[Why, AfterValidator(given)]


class PlaceCorrection(Frozen):
    """What is to be different of a place, with the reason; its standard name isn't corrected, it is decided on."""

    division: Annotated[str | None, Field(pattern=r"^[0-9]{2,12}$")] = None
    national_code: Annotated[str | None, Field(pattern=r"^[0-9]{20}$")] = None
    detail: dict[str, str | float | int | None] | None = None
    why: Annotated[Why, AfterValidator(given)]


class NewRelation(Frozen):
    """What a place is to another."""

    kind: PlaceRelationKind
    other: Annotated[UUID, Field(description="The id of the other place")]
    since: When | None = None
    evidence: Annotated[Text, AfterValidator(given)]
    certainty: Certainty = Certainty.CERTAIN


class PlaceWithdrawal(Frozen):
    """Why something that was said is taken back."""

    why: Annotated[Why, AfterValidator(given)]
