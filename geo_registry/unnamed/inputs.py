"""What can be told of lanes without a name, validated: values in, values out."""

from typing import Annotated, Any, Literal, Self
from uuid import UUID

import numpy as np
import shapely
from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from geo_registry.errors import LaneUnsound
from geo_registry.network.geodesic import exact_along_m
from geo_registry.places.inputs import Frozen, Line, NameText, Text, Why, shape_of
from geo_registry.validation import typed
from geo_registry.vocabulary import LaneOrigin, NamedAfter

MOST_LANES = 10_000
MOST_NAMES = 20

Code = Annotated[str, Field(pattern=r"^[0-9]{2,12}$", examples=["330702001001"])]

LANES_EXAMPLE: dict[str, Any] = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "geometry": {"type": "LineString", "coordinates": [[119.641, 29.08], [119.644, 29.081]]},
            "properties": {"highway": "residential"},
        }
    ],
}


def line_of(geometry: dict[str, Any]) -> shapely.LineString:
    """A GeoJSON line as the lane that it draws.

    Raises
    ------
    ValueError
        It is none, or has no length.
    """
    shape = shape_of(geometry)
    if isinstance(shape, shapely.MultiLineString):
        merged = shapely.line_merge(shape)
        shape = merged if isinstance(merged, shapely.LineString) else shape
    if not isinstance(shape, shapely.LineString):
        raise PydanticCustomError("geometry_type", "must be one of {types}", {"types": "LineString"})
    if not length_m(shape):
        raise PydanticCustomError("geometry_invalid", "isn't sound: {why}", {"why": "length 0"})
    return shapely.force_2d(shape)


def length_m(line: shapely.LineString) -> float:
    """The geodesic length of a line in degrees of EPSG:4490, in metres."""
    points = shapely.get_coordinates(line)
    return float(exact_along_m(np.ascontiguousarray(points[:, 0]), np.ascontiguousarray(points[:, 1]))[-1])


class LaneProperties(Frozen):
    """What may be told of a lane that somebody drew; other members of a file are left alone."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    highway: Annotated[str, Field(max_length=40, description="OSM's class word")] = ""
    name: Annotated[NameText | None, Field(description="A name to propose for it")] = None
    meaning: Text = ""


class LaneFeature(Frozen):
    """One lane as GeoJSON."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    type: Literal["Feature"] = "Feature"
    geometry: Annotated[dict[str, Any], Field(description="A GeoJSON LineString, in degrees")]
    properties: LaneProperties | None = None

    @model_validator(mode="after")
    def _is_a_line(self) -> Self:
        line_of(self.geometry)
        return self


class NewLanes(Frozen):
    """Lanes that somebody drew, or has in a file: a GeoJSON FeatureCollection of lines."""

    model_config = ConfigDict(frozen=True, extra="ignore", json_schema_extra={"examples": [LANES_EXAMPLE]})

    type: Literal["FeatureCollection"] = "FeatureCollection"
    features: Annotated[tuple[LaneFeature, ...], Field(min_length=1, max_length=MOST_LANES)]
    origin: Annotated[
        Literal[LaneOrigin.DRAWN, LaneOrigin.IMPORTED], Field(description="Drawn on a map, or out of a file")
    ] = LaneOrigin.IMPORTED
    division: Annotated[Code | None, Field(description="Where all of them lie; else each where its middle does")] = None


class Decision(Frozen):
    """What is decided of a lane: a name is proposed, it is dropped for a reason, or looked at anew."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={"examples": [{"decision": "propose", "name": "樟树巷", "meaning": "巷口有古樟"}]},
    )

    decision: Literal["propose", "drop", "reopen"]
    name: Annotated[NameText | None, Field(description="To propose: the name; several lanes may have one")] = None
    other_names: Annotated[
        tuple[NameText, ...], Field(max_length=MOST_NAMES, description="By which it goes as well")
    ] = ()
    meaning: Annotated[Text, Field(description="What the name means, and why it was chosen")] = ""
    named_after: NamedAfter = NamedAfter.PERSON
    width_m: Annotated[
        float | None, Field(gt=0, le=500, allow_inf_nan=False, description="As a surveyor measured it")
    ] = None
    surface: Annotated[Line, Field(max_length=100, description="As a surveyor saw it")] = ""
    reason: Annotated[Why, Field(description="To drop: why it needs no name")] = ""

    @model_validator(mode="after")
    def _says_what_it_needs(self) -> Self:
        if self.decision == "propose" and self.name is None:
            raise PydanticCustomError("lane_name_missing", "name: give the name that is proposed")
        if self.decision == "drop" and not self.reason:
            raise PydanticCustomError("lane_reason_missing", "reason: say why it needs no name")
        return self


class LaneDecision(Frozen):
    """A decision on one of many lanes, and which version of it was seen."""

    lane: UUID
    seen: Annotated[str, Field(max_length=80)]
    decision: Decision


class NewWish(Frozen):
    """A name that people wish for."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={"examples": [{"division": "330702001001", "name": "古樟巷", "by_whom": "村民代表会议"}]},
    )

    division: Annotated[Code, Field(description="The village, or the township, that it is for")]
    lane: Annotated[UUID | None, Field(description="The lane that it is for; else for any of the village's")] = None
    name: NameText
    meaning: Text = ""
    by_whom: Annotated[Line, Field(max_length=200, description="In general terms; no person's name or number")] = ""
    synthetic: Annotated[bool, Field(description="Whether it is made up, for a demonstration")] = False


class Batch(Frozen):
    """Names of lanes that are to be decided on together, in one case."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "division": "330702001",
                    "title": "关于命名城东街道无名道路的申请",
                    "plan": "拟命名清单附后",
                    "reasons": "乡村著名行动",
                }
            ]
        },
    )

    division: Annotated[Code, Field(description="Whose case it is; lanes in it whose name is proposed")]
    lanes: Annotated[
        tuple[UUID, ...] | None, Field(max_length=MOST_LANES, description="Some of them; left out, all")
    ] = None
    title: NameText
    applicant: Line = ""
    plan: Text = ""
    reasons: Text = ""


class NewSearch(Frozen):
    """Where lanes without a name are to be looked for, and in which roads."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra={"examples": [{"division": "330702001"}]})

    division: Annotated[Code | None, Field(description="In this division; left out, everywhere")] = None
    roads: Annotated[str | None, Field(max_length=100, description="The key of a road dataset; else the newest")] = None


def search_of(*, division: str | None, roads: str | None) -> NewSearch:
    """A search, from what somebody typed.

    Raises
    ------
    LaneUnsound
        It can't be one.
    """
    return typed(NewSearch, LaneUnsound, division=division or None, roads=roads or None)
