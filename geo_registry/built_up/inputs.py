"""What can be told of a built-up area, validated: values in, values out."""

import re
from typing import Annotated, Any, Literal, Self

import shapely
from pydantic import AfterValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from geo_registry.places.inputs import Frozen, Line, NameText, When, Why, shape_of
from geo_registry.validation import given
from geo_registry.vocabulary import PositionQuality

MOST_DIVISIONS = 500

Code = Annotated[str, Field(pattern=r"^[0-9]{2,12}$", examples=["330702001"])]
Geometry = Annotated[dict[str, Any], Field(description="A GeoJSON Polygon or MultiPolygon, in degrees")]
Divisions = Annotated[
    tuple[Code, ...],
    Field(
        min_length=1,
        max_length=MOST_DIVISIONS,
        description="Codes of the divisions that it is made of, instead of a polygon: their boundaries are taken, of the "
        "list that was in force when the period begins",
    ),
]
Quality = Annotated[
    Literal[PositionQuality.SURVEYED, PositionQuality.SOURCE, PositionQuality.APPROXIMATE],
    Field(description="How well its extent is known"),
]


def area_of(geometry: dict[str, Any]) -> shapely.MultiPolygon:
    """A GeoJSON polygon as the area that it draws.

    Raises
    ------
    ValueError
        It is none, isn't sound, or lies outside the globe.
    """
    shape = shape_of(geometry)
    if isinstance(shape, shapely.Polygon):
        return shapely.MultiPolygon([shape])
    if isinstance(shape, shapely.MultiPolygon):
        return shape
    raise PydanticCustomError("geometry_type", "must be one of {types}", {"types": "Polygon, MultiPolygon"})


class _Extent(Frozen):
    """How far it reaches: a polygon, or divisions."""

    geometry: Geometry | None = None
    divisions: Divisions | None = None

    @model_validator(mode="after")
    def _is_said_once(self) -> Self:
        if self.geometry is not None and self.divisions is not None:
            raise PydanticCustomError("extent_twice", "give either geometry or divisions")
        if self.geometry is not None:
            area_of(self.geometry)
        return self

    @property
    def says_extent(self) -> bool:
        """Whether it says how far the area reaches."""
        return self.geometry is not None or self.divisions is not None


class NewArea(_Extent):
    """A built-up area that is to be registered."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "name": "金华市城区",
                    "geometry": {
                        "type": "Polygon",
                        "coordinates": [[[119.6, 29.05], [119.7, 29.05], [119.7, 29.13], [119.6, 29.05]]],
                    },
                    "valid_from": "2015",
                    "source": "城市总体规划（2015）",
                }
            ]
        },
    )

    name: NameText
    key: Annotated[str | None, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$", description="Else one is made")] = None
    division: Annotated[Code | None, Field(description="The division that it belongs to; else the one it lies in")] = (
        None
    )
    source: Annotated[Line, Field(description="By what evidence it is drawn so")] = ""
    quality: Quality = PositionQuality.SOURCE
    valid_from: When | None = None
    why: Why = ""

    @model_validator(mode="after")
    def _reaches_somewhere(self) -> Self:
        if not self.says_extent:
            raise PydanticCustomError("extent_missing", "give geometry or divisions")
        return self


class AreaChange(_Extent):
    """What is to be different of a built-up area; members that aren't there stay.

    With `since` it reaches so far from that day on, and what it was before is kept with its period; without, what is told
    of its present extent is corrected.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={
            "examples": [{"since": "2020-06", "divisions": ["330702001", "330702002"], "why": "总规修编"}]
        },
    )

    name: NameText | None = None
    division: Code | None = None
    source: Line | None = None
    quality: Quality | None = None
    valid_from: Annotated[When | None, Field(description="Corrects since when it has reached so far")] = None
    since: Annotated[When | None, Field(description="From when on it reaches as far as is said here")] = None
    why: Annotated[Why, AfterValidator(given)]

    @model_validator(mode="after")
    def _grows_somewhere(self) -> Self:
        if self.since is not None and not self.says_extent:
            raise PydanticCustomError("extent_missing", "since: give geometry or divisions too")
        if self.since is not None and self.valid_from is not None:
            raise PydanticCustomError("since_twice", "give either since or valid_from")
        return self


class AreaEnd(Frozen):
    """From when on there is no such built-up area any more, and why."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", json_schema_extra={"examples": [{"on": "2020", "why": "并入主城区"}]}
    )

    on: When
    why: Annotated[Why, AfterValidator(given)]


def codes_in(text: str) -> list[str]:
    """The codes that somebody listed, in lines or with any of the usual marks between them."""
    return [each for each in BETWEEN_CODES.split(text) if each]


BETWEEN_CODES = re.compile(r"[\s、,，;；|]+")
