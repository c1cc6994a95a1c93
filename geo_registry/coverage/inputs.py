"""What a coverage run is asked: a service standard, and where and with which data it is to be evaluated."""

import tomllib
import unicodedata
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from geo_registry.errors import QuestionInvalid, StandardInvalid, StandardNotToml, StandardUnreadable, reasons
from geo_registry.validation import finding, told, toml_place
from geo_registry.vocabulary import FacilityKind, PopulationBasis, StandardFamily, TravelMode

DM_PER_KM = 10_000
MINUTES_PER_HOUR = 60
CENTISECONDS_PER_MINUTE = 6_000

WALKING_SPEED_KMH = 4.0
"""The 15-minute circle as published is 15 min and 1 km (GB 50180-2018): 4.0 km/h."""


def _printable(text: str) -> str:
    """Lines, tabs and what can be seen; the database doesn't store NUL, and no reader sees the others."""
    if any(unicodedata.category(character) == "Cc" and character not in "\n\r\t" for character in text):
        raise PydanticCustomError("control_character", "must not hold control characters")
    return text


Printable = Annotated[str, AfterValidator(_printable)]
Text = Annotated[Printable, Field(min_length=1, max_length=500)]


class Words(BaseModel):
    """A name in both languages."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    zh: Text
    en: Text


class Standard(BaseModel):
    """A service standard of the family *reach*: the share of a group within some minutes of the nearest facility.

    The fields are those of a standard's TOML file and of a row of the catalogue.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
    name: Words
    family: Literal[StandardFamily.REACH]
    demand: Annotated[Printable, Field(min_length=1, max_length=64, description="Demand group: all, 60+, 80+, …")]
    basis: PopulationBasis
    kinds: Annotated[tuple[FacilityKind, ...], Field(min_length=1)]
    where: Annotated[Printable | None, Field(description="CQL2 text over the facilities' fields")] = None
    mode: TravelMode = TravelMode.WALK
    speed_kmh: Annotated[float | None, Field(gt=0, le=200, description="On foot; by car the roads' classes decide")] = (
        None
    )
    minutes: Annotated[float, Field(gt=0, le=600)]
    snap_limit_m: Annotated[float, Field(gt=0, le=10_000)] = 500
    source: Text
    scope: Annotated[Printable, Field(max_length=200)] = ""
    force: Literal["mandatory", "target", "example", ""] = ""
    verified: Annotated[bool, Field(description="Whether the figure was read in the text that sets it")] = False
    enabled: Annotated[
        bool, Field(description="False: kept for reference; listed last, and run only when asked for by its key")
    ] = True
    note: Annotated[Printable, Field(max_length=2000)] = ""

    @model_validator(mode="after")
    def _speed_belongs_to_walking(self) -> Self:
        if self.mode is TravelMode.DRIVE and self.speed_kmh is not None:
            raise PydanticCustomError(
                "speed_on_foot",
                "speed_kmh is for mode walk: by car the road's class or its signed limit gives the speed",
            )
        return self

    def spelt_out(self) -> Self:
        """The same standard with the speed that it is evaluated at, where it left that to the product."""
        if self.mode is TravelMode.DRIVE:
            return self
        return self.model_copy(update={"speed_kmh": self.walking_speed_kmh})

    @property
    def walking_speed_kmh(self) -> float:
        """The speed on foot, in km/h."""
        return self.speed_kmh if self.speed_kmh is not None else WALKING_SPEED_KMH

    @property
    def limit_cost(self) -> int:
        """The threshold in the network's integer cost: decimetres on foot, hundredths of a second by car.

        It is inclusive, so a fraction of a unit never matters: costs are whole. The speed counts as the decimal number
        that was written (3.6 is 18/5), not as its nearest float.
        """
        minutes = Fraction(str(self.minutes))
        if self.mode is TravelMode.DRIVE:
            return int(minutes * CENTISECONDS_PER_MINUTE)
        return int(Fraction(str(self.walking_speed_kmh)) * DM_PER_KM / MINUTES_PER_HOUR * minutes)

    @property
    def cost_per_minute(self) -> float:
        """Cost units that a minute of travel takes."""
        if self.mode is TravelMode.DRIVE:
            return CENTISECONDS_PER_MINUTE
        return self.walking_speed_kmh * DM_PER_KM / MINUTES_PER_HOUR


class Question(BaseModel):
    """Where, with which data and of which date a standard is evaluated; what is left out is the newest there is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    zone: Annotated[str | None, Field(pattern=r"^[0-9]{2,12}$", description="Only people of this division")] = None
    population: Annotated[Printable | None, Field(description="Key of a population dataset")] = None
    roads: Annotated[Printable | None, Field(description="Key of a road dataset")] = None
    as_of: Annotated[date | None, Field(description="Facilities as they stood on this date")] = None


Longitude = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
Latitude = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]


class Add(BaseModel):
    """A facility that isn't there yet."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    do: Literal["add"]
    lon: Longitude
    lat: Latitude


class Move(BaseModel):
    """A facility somewhere else."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    do: Literal["move"]
    facility: Annotated[int, Field(description="`fid` of a facility that the run counted")]
    lon: Longitude
    lat: Latitude


class Close(BaseModel):
    """A facility that is there no longer."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    do: Literal["close"]
    facility: Annotated[int, Field(description="`fid` of a facility that the run counted")]


Edit = Add | Move | Close


def standard_from(fields: dict[str, object], *, origin: str) -> Standard:
    """A standard from its fields, as a TOML file or a request's body holds them.

    Raises
    ------
    StandardInvalid
        A field is missing, unknown or out of its range; every such field is named.
    """
    try:
        return Standard.model_validate(fields)
    except ValidationError as error:
        raise StandardInvalid(origin=origin, **told(finding(each) for each in error.errors())) from error


def question_from(fields: dict[str, object]) -> Question:
    """A question from its fields; those that are None are left out.

    Raises
    ------
    QuestionInvalid
        A field doesn't look as it should; every such field is named.
    """
    try:
        return Question.model_validate(fields)
    except ValidationError as error:
        raise QuestionInvalid(**told(finding(each) for each in error.errors())) from error


def read_standard(path: Path) -> Standard:
    """The standard in a TOML file.

    Raises
    ------
    StandardUnreadable
        There is no such file, or it isn't text in UTF-8.
    StandardNotToml
        It isn't TOML; the error says where.
    StandardInvalid
        A field is missing, unknown or out of its range.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise StandardUnreadable(path=path, **reasons(error)) from error
    except UnicodeDecodeError as error:
        raise StandardUnreadable(path=path, reason_zh="不是 UTF-8 编码", reason_en="it is not UTF-8") from error
    except ValueError as error:  # NUL in the path
        raise StandardUnreadable(path=path, reason_zh="路径无效", reason_en="the path is not valid") from error
    try:
        fields = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise StandardNotToml(path=path, **toml_place(error, text)) from error
    return standard_from(fields, origin=str(path))
