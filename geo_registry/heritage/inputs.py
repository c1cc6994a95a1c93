"""What can be told of a name on a protection list, validated: values in, values out."""

import base64
import binascii
from datetime import date
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from geo_registry.geo.bbox import MAX_LAT, MAX_LON
from geo_registry.heritage.criteria import claimable, keys
from geo_registry.heritage.years import years_of
from geo_registry.places.inputs import Frozen, Line, NameText, Text, Why
from geo_registry.validation import given, one_line
from geo_registry.vocabulary import HeritageKind, HeritageLevel, MeasurePurpose

MOST_EVIDENCE = 50

Code = Annotated[str, Field(pattern=r"^[0-9]{2,12}$", examples=["330702001"])]


def _years(said: str) -> str:
    if said and years_of(said) is None:
        said_zh = f"“{said}”不是年代：如 前222年、唐、宋、754、10世纪、1958"
        raise PydanticCustomError(
            "date_unclear",
            "{said}",
            {"said": f"{said!r} isn't a year: 前222年, 唐, 754, 10世纪, 1958", "said_zh": said_zh},
        )
    return said


def _known(names: frozenset[str], told: dict[str, bool | None] | tuple[str, ...]) -> None:
    unknown = sorted(set(told) - names)
    if unknown:
        raise PydanticCustomError(
            "criterion_unknown",
            "no such criterion: {unknown}; there are {known}",
            {"unknown": ", ".join(unknown), "known": ", ".join(sorted(names))},
        )


def _claims(told: dict[str, bool | None]) -> dict[str, bool | None]:
    _known(claimable(), told)
    return told


def _supported(told: tuple[str, ...]) -> tuple[str, ...]:
    _known(keys(), told)
    return tuple(dict.fromkeys(told))


def _bytes(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return base64.b64decode("".join(value.split()), validate=True)
    except binascii.Error:
        raise PydanticCustomError("base64_invalid", "must be base64") from None


Word = Annotated[str, Field(max_length=200), AfterValidator(one_line)]
Given = Annotated[Word, AfterValidator(given)]
Years = Annotated[
    str,
    Field(
        max_length=60,
        description="前222年, 唐天宝十三载（754）, a dynasty or a reign (北宋, 康熙), 10世纪, 1958; empty where it isn't known",
        examples=["前222年"],
    ),
    AfterValidator(one_line),
    AfterValidator(_years),
]
Claims = Annotated[
    dict[str, bool | None],
    AfterValidator(_claims),
    Field(description="Of criteria that aren't a matter of years: true, false, or null to take back what was said"),
]
Supports = Annotated[
    tuple[str, ...], Field(max_length=20, description="The criteria that it bears out"), AfterValidator(_supported)
]


class NewEvidence(Frozen):
    """What tells of a name: a book, an inscription, a file, a find."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "what": "《光绪金华县志》卷二",
                    "says": "县治东三里有街曰酒坊",
                    "dated": "光绪",
                    "source": "金华市图书馆藏",
                    "supports": ["value"],
                }
            ]
        },
    )

    what: Annotated[Given, Field(description="What it is")]
    says: Annotated[Text, Field(description="What stands in it")] = ""
    dated: Annotated[Word, Field(description="When it is from, as it is said")] = ""
    source: Annotated[Line, Field(description="Where it is kept, or published")] = ""
    supports: Supports = ()
    why: Why = ""


class NewStory(Frozen):
    """A story that is told of a name."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={"examples": [{"title": "酒坊巷", "story": "巷内旧时酒坊相连，故名。", "source": "口述"}]},
    )

    title: Word = ""
    story: Annotated[Text, AfterValidator(given)]
    source: Line = ""
    why: Why = ""


class NewPicture(Frozen):
    """A picture of a name; `content` is the file, in base64."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "caption": "酒坊巷巷口",
                    "author": "王某",
                    "licence": "CC BY 4.0",
                    "taken": "2024",
                    "content": "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==",
                }
            ]
        },
    )

    caption: Given
    author: Annotated[Given, Field(description="Whose it is")]
    licence: Annotated[Given, Field(description="By what right it is shown")]
    taken: Annotated[Word, Field(description="When it was made, as it is said")] = ""
    content: Annotated[
        bytes,
        BeforeValidator(_bytes, json_schema_input_type=str),
        Field(description="A JPEG, PNG or WebP file of at most 2 MB, in base64"),
    ]
    why: Why = ""


class NewMeasure(Frozen):
    """A protective measure that was decided on."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "purpose": "renaming",
                    "measure": "原名刻碑立于巷口，编入地名录",
                    "decided_on": "2026-03-01",
                    "document_number": "金政办〔2026〕5号",
                    "body": "金华市人民政府",
                }
            ]
        },
    )

    purpose: MeasurePurpose
    measure: Annotated[Text, AfterValidator(given)]
    decided_on: Annotated[date, Field(description="The date of the document")]
    document_number: Word = ""
    body: Word = ""
    why: Why = ""


class NewHeritage(Frozen):
    """A name that is proposed for a protection list: one of a place's names, or of what is gone and is no place here."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "name": "酒坊巷",
                    "division": "330702001",
                    "lon": 119.652,
                    "lat": 29.106,
                    "kind": "old-street",
                    "level": "city",
                    "list_name": "第一批地名文化遗产保护名录",
                    "named": "明",
                    "claims": {"value": True},
                    "evidence": [{"what": "《光绪金华县志》卷二", "supports": ["value"]}],
                }
            ]
        },
    )

    name: NameText
    romanized: Annotated[Word, Field(description="Left out, the place's, or as the rules spell it")] = ""
    place: Annotated[UUID | None, Field(description="The place whose name it is, or was")] = None
    division: Annotated[Code | None, Field(description="Of a name that is no place's: where it belongs")] = None
    lon: Annotated[float | None, Field(ge=-MAX_LON, le=MAX_LON, description="Likewise: where it was, degrees")] = None
    lat: Annotated[float | None, Field(ge=-MAX_LAT, le=MAX_LAT)] = None
    kind: HeritageKind
    level: HeritageLevel
    list_name: Annotated[Word, Field(description="Which list of that level")] = ""
    founded: Annotated[Years, Field(description="Since when what is named has been there")] = ""
    named: Annotated[Years, Field(description="Since when it has been called so")] = ""
    disused: Annotated[Years, Field(description="Since when it wasn't called so any more")] = ""
    restored: Annotated[Years, Field(description="Since when it has been called so again")] = ""
    claims: Claims = Field(default_factory=dict)
    evidence: Annotated[tuple[NewEvidence, ...], Field(max_length=MOST_EVIDENCE)] = ()
    why: Why = ""

    @model_validator(mode="after")
    def _belongs_somewhere(self) -> Self:
        if (self.lon is None) != (self.lat is None):
            raise PydanticCustomError("position_half", "give lon and lat, or neither")
        if self.place is not None and (self.division is not None or self.lon is not None):
            raise PydanticCustomError(
                "place_has_division", "a place's name is where the place is: leave division, lon and lat out"
            )
        if self.place is None and self.division is None and self.lon is None:
            raise PydanticCustomError("heritage_nowhere", "give place, division, or lon and lat")
        return self


class HeritageChange(Frozen):
    """What is to be different of what is told of a listed or proposed name; members that aren't there stay."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={"examples": [{"named": "唐", "claims": {"fabric": True}, "why": "据新发现的碑刻"}]},
    )

    romanized: Word | None = None
    kind: HeritageKind | None = None
    level: HeritageLevel | None = None
    list_name: Word | None = None
    founded: Years | None = None
    named: Years | None = None
    disused: Years | None = None
    restored: Years | None = None
    claims: Claims | None = None
    why: Annotated[Why, AfterValidator(given)]


class Enlistment(Frozen):
    """The document by which a name was put on its list."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "listed_on": "2025-06-01",
                    "document_number": "金民〔2025〕20号",
                    "body": "金华市民政局",
                    "taken_over": True,
                }
            ]
        },
    )

    listed_on: Annotated[date, Field(description="The date of the document")]
    document_number: Given
    body: Annotated[Given, Field(description="Whose list it is")]
    case: Annotated[Word, Field(description="The number of the approved case that decided on it")] = ""
    taken_over: Annotated[bool, Field(description="It was on the list before it came here: there is no case of it")] = (
        False
    )
    why: Annotated[Why, Field(description="Needed where a criterion isn't met")] = ""


class Delisting(Frozen):
    """The document by which a name was taken off its list, and why."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={
            "examples": [{"delisted_on": "2026-01-10", "document_number": "金民〔2026〕1号", "why": "重复列入"}]
        },
    )

    delisted_on: Annotated[date, Field(description="The date of the document")]
    document_number: Given
    why: Annotated[Why, AfterValidator(given)]
