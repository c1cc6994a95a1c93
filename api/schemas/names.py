"""Proposals of spellings over the wire."""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field

from geo_registry.places.romanisation.proposal import Alternative, Doubt, Part, Proposal
from geo_registry.places.romanisation.rules import Rule
from geo_registry.vocabulary import NamePart, PlaceClass, ReadingSource


class NamePartOut(BaseModel):
    """Some characters of a name and how they are spelt."""

    text: Annotated[str, Field(examples=["西"])]
    pinyin: Annotated[str, Field(examples=["Xī"])]
    role: NamePart
    rule: Annotated[str, Field(description="The code of the rule that shaped it", examples=["1984-02"])]
    source: Annotated[ReadingSource, Field(description="What decided how it is read")]
    begins: Annotated[
        bool, Field(description="Whether a written word begins here; else it is joined to the one before")
    ]

    @classmethod
    def of(cls, part: Part) -> Self:
        """A part as it is sent."""
        return cls(
            text=part.text,
            pinyin=part.letters,
            role=part.role,
            rule=part.rule.code,
            source=part.source,
            begins=part.begins,
        )


class RuleOut(BaseModel):
    """A rule that the spelling follows."""

    code: Annotated[str, Field(examples=["1984-02"])]
    source: str
    article: Annotated[str, Field(examples=["2"])]
    message: str

    @classmethod
    def of(cls, rule: Rule, *, locale: str) -> Self:
        """A rule as it is sent."""
        return cls(code=rule.code, source=rule.source, article=rule.article, message=rule.says(locale))


class DoubtOut(BaseModel):
    """Why a person should look."""

    code: Annotated[str, Field(examples=["reading"])]
    message: str

    @classmethod
    def of(cls, doubt: Doubt, *, locale: str) -> Self:
        """A doubt as it is sent."""
        return cls(code=doubt.code, message=doubt.says(locale))


class AlternativeOut(BaseModel):
    """What else it could be, and when."""

    romanized: str
    sign: str
    code: str
    message: str

    @classmethod
    def of(cls, other: Alternative, *, locale: str) -> Self:
        """An alternative as it is sent."""
        return cls(
            romanized=other.spelling.romanized,
            sign=other.spelling.sign,
            code=other.why.code,
            message=other.why.says(locale),
        )


class RomanizedOut(BaseModel):
    """How a name is spelt, as far as rules and tables say."""

    model_config = ConfigDict(serialize_by_alias=True, validate_by_name=True)

    name: Annotated[str, Field(examples=["双溪西路"])]
    place_class: Annotated[
        PlaceClass, Field(alias="class", description="As it was given, or as the generic part suggests")
    ]
    romanized: Annotated[str, Field(description="With tones and capitals", examples=["Shuāngxī Xīlù"])]
    plain: Annotated[str, Field(description="Without tones", examples=["Shuangxi Xilu"])]
    sign: Annotated[str, Field(description="As signs show it", examples=["SHUANGXI XILU"])]
    parts: list[NamePartOut]
    rules: list[RuleOut]
    doubtful: Annotated[bool, Field(description="Whether a person should look before it is used")]
    doubts: list[DoubtOut]
    alternatives: list[AlternativeOut]

    @classmethod
    def of(cls, proposal: Proposal, *, locale: str) -> Self:
        """A proposal as it is sent, in the language of `locale`."""
        return cls(
            name=proposal.name,
            place_class=proposal.place_class,
            romanized=proposal.romanized,
            plain=proposal.plain,
            sign=proposal.sign,
            parts=[NamePartOut.of(part) for part in proposal.spelling.parts],
            rules=[RuleOut.of(rule, locale=locale) for rule in proposal.spelling.rules],
            doubtful=proposal.doubtful,
            doubts=[DoubtOut.of(doubt, locale=locale) for doubt in proposal.doubts],
            alternatives=[AlternativeOut.of(other, locale=locale) for other in proposal.alternatives],
        )
