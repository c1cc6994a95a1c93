"""Shapes that several rooms use."""

from typing import Annotated, Generic, Literal, TypeVar

from pydantic import BaseModel, Field

Item = TypeVar("Item")


class Items(BaseModel, Generic[Item]):
    """One page of a list."""

    items: list[Item]
    next: Annotated[str | None, Field(description="The address of the next page; null on the last one")]


class PointOut(BaseModel):
    """A GeoJSON point (RFC 7946): longitude and latitude in degrees."""

    type: Literal["Point"] = "Point"
    coordinates: Annotated[tuple[float, float], Field(examples=[(119.65, 29.08)])]


class LineOut(BaseModel):
    """A GeoJSON line (RFC 7946): longitudes and latitudes in degrees."""

    type: Literal["LineString"] = "LineString"
    coordinates: list[tuple[float, float]]


class GeometryOut(BaseModel):
    """A GeoJSON geometry (RFC 7946), in degrees."""

    type: str
    coordinates: list[object]
