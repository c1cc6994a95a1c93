"""What can be told of a facility, validated: values in, values out."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from geo_registry.facilities.rules import MAX_CAPACITY
from geo_registry.geo.bbox import MAX_LAT, MAX_LON
from geo_registry.validation import given, one_line
from geo_registry.vocabulary import FacilityKind, FacilityStatus

MOST_CHARACTERS = 200
"""Of a name or an address: the longest that are registered have some sixty."""
MOST_WHY_CHARACTERS = 500


Line = Annotated[str, Field(max_length=MOST_CHARACTERS), AfterValidator(one_line)]
Name = Annotated[Line, AfterValidator(given)]
Why = Annotated[
    str,
    Field(
        max_length=MOST_WHY_CHARACTERS,
        description="The reason, kept with the revision and shown to whoever may see its author",
    ),
    AfterValidator(one_line),
]
Capacity = Annotated[int, Field(ge=0, le=MAX_CAPACITY, description="In the kind's own unit: beds, places, graves, …")]


class Position(BaseModel):
    """Where a facility stands: a GeoJSON point (RFC 7946), longitude and latitude in degrees."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: Literal["Point"] = "Point"
    coordinates: Annotated[
        tuple[
            Annotated[float, Field(ge=-MAX_LON, le=MAX_LON, allow_inf_nan=False)],
            Annotated[float, Field(ge=-MAX_LAT, le=MAX_LAT, allow_inf_nan=False)],
        ],
        Field(examples=[(119.65, 29.08)]),
    ]


class NewFacility(BaseModel):
    """A facility that is to be registered; what its kind alone has is filled in later."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "kind": "meal-point",
                    "name": "江南助餐点",
                    "geometry": {"type": "Point", "coordinates": [119.65, 29.08]},
                    "why": "新建",
                }
            ]
        },
    )

    kind: FacilityKind
    name: Annotated[Name, Field(examples=["江南居家养老服务中心"])]
    geometry: Position
    division: Annotated[
        str | None,
        Field(
            pattern=r"^[0-9]{2,12}$",
            description="The code of its division; else the one whose area it stands in",
        ),
    ] = None
    address: Line = ""
    status: FacilityStatus = FacilityStatus.OPEN
    opened_on: date | None = None
    closed_on: date | None = None
    capacity: Capacity | None = None
    why: Why = ""


NEVER_EMPTY = frozenset({"name", "address", "status"})


class FacilityChange(BaseModel):
    """What is to be different of a facility: members that aren't there stay as they are, null empties (RFC 7396)."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={"examples": [{"status": "closed", "closed_on": "2026-11-30", "why": "合并"}]},
    )

    name: Name | None = None
    address: Line | None = None
    status: FacilityStatus | None = None
    opened_on: date | None = None
    closed_on: date | None = None
    capacity: Capacity | None = None
    confirmed_on: Annotated[date | None, Field(description="When the record was last held against what is there")] = (
        None
    )
    why: Why = ""

    @model_validator(mode="after")
    def _keeps_what_it_must_have(self) -> Self:
        if any(getattr(self, name) is None for name in NEVER_EMPTY & self.model_fields_set):
            raise PydanticCustomError("never_empty", "name, address and status can't be null")
        return self

    def values(self) -> Mapping[str, Any]:
        """The columns that it names, and what they are to hold."""
        told = {name: getattr(self, name) for name in type(self).model_fields if name in self.model_fields_set}
        told.pop("why", None)
        return {name: value.value if isinstance(value, FacilityStatus) else value for name, value in told.items()}


class Restoration(BaseModel):
    """Why an older revision is to be the newest one."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra={"examples": [{"why": "误改"}]})

    why: Annotated[Why, AfterValidator(given)]
