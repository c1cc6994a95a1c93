"""Proposals of spellings, and what checks find of names, over the wire."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.shared import Items
from geo_registry.places.clearing import FindingRow, ReviewRow
from geo_registry.places.inputs import Frozen, Why
from geo_registry.places.romanisation.proposal import Alternative, Doubt, Part, Proposal
from geo_registry.places.romanisation.rules import Rule
from geo_registry.places.rules.findings import Basis, Collision, Finding
from geo_registry.places.rules.law import cited_text
from geo_registry.vocabulary import FindingCode, Named, NamePart, PlaceClass, ReadingSource, Severity


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


class BasisOut(BaseModel):
    """What a finding stands on."""

    law: Annotated[str, Field(examples=["地名管理条例"])]
    article: int | None
    item: int | None
    text: Annotated[
        str, Field(description="The item, or what stands before the items, word for word; empty if not at hand")
    ]
    verified: Annotated[bool, Field(description="Whether the rule itself was read there")]
    note: Annotated[str, Field(description="What wasn't, in the language of the answer")]

    @classmethod
    def of(cls, basis: Basis, *, locale: str) -> Self:
        """A basis as it is sent."""
        return cls(
            law=basis.law,
            article=basis.article,
            item=basis.item,
            text=cited_text(basis),
            verified=basis.verified,
            note=basis.noted(locale),
        )


class CollisionOut(BaseModel):
    """What a name collides with."""

    model_config = ConfigDict(populate_by_name=True)

    id: Annotated[UUID | None, Field(description="Null where it is a fact of a list, and no record")]
    name: str
    place_class: Annotated[PlaceClass | None, Field(alias="class")]
    division: str | None

    @classmethod
    def of(cls, other: Collision) -> Self:
        """A collision as it is sent."""
        return cls(id=other.id, name=other.name, place_class=other.place_class, division=other.division)


class FindingOut(BaseModel):
    """One finding about a name."""

    code: FindingCode
    severity: Severity
    article: Annotated[str, Field(description="As it is cited", examples=["《地名管理条例》第九条第（八）项"])]
    basis: BasisOut
    message: Annotated[str, Field(description="In the language of Accept-Language")]
    messages: Annotated[dict[str, str], Field(description="In both")]
    collides_with: CollisionOut | None
    distance_m: Annotated[int | None, Field(description="Between the points where the two names are written")]

    @classmethod
    def of(cls, finding: Finding, *, locale: str) -> Self:
        """A finding as it is sent."""
        other = finding.collides_with
        return cls(
            code=finding.code,
            severity=finding.severity,
            article=finding.basis.cited,
            basis=BasisOut.of(finding.basis, locale=locale),
            message=finding.message(locale),
            messages={each: finding.message(each) for each in ("zh-CN", "en")},
            collides_with=CollisionOut.of(other) if other is not None else None,
            distance_m=other.distance_m if other is not None else None,
        )


class CheckedOut(BaseModel):
    """A name, and what was found about it, the weightiest first."""

    name: str
    findings: list[FindingOut]

    @classmethod
    def of(cls, name: str, findings: Sequence[Finding], *, locale: str) -> Self:
        """An answer as it is sent."""
        return cls(name=name, findings=[FindingOut.of(each, locale=locale) for each in findings])


class ClearedOut(BaseModel):
    """That a finding is cleared, and why."""

    id: UUID
    reason: str
    by: str | None
    at: datetime


class ReviewedOut(FindingOut):
    """A finding of the last review, about which name, and whether it is cleared."""

    model_config = ConfigDict(populate_by_name=True)

    fid: int
    type: Named
    record: UUID
    name: str
    place_class: Annotated[str, Field(alias="class", description="A place's class, or a division's level")]
    division: str | None
    lon: float | None
    lat: float | None
    cleared: ClearedOut | None

    @classmethod
    def of_row(cls, row: FindingRow, *, locale: str) -> Self:
        """A row as it is sent."""
        cleared = row.cleared
        return cls(
            **FindingOut.of(row.finding, locale=locale).model_dump(by_alias=True),
            fid=row.fid,
            type=row.type,
            record=row.record,
            name=row.name,
            place_class=row.kind,
            division=row.division_code,
            lon=row.lon,
            lat=row.lat,
            cleared=ClearedOut(id=cleared.id, reason=cleared.reason, by=cleared.by, at=cleared.at) if cleared else None,
        )


class ReviewOut(BaseModel):
    """The last time that all names were checked."""

    id: UUID
    names: int
    findings: int
    seconds: float
    at: datetime

    @classmethod
    def of(cls, row: ReviewRow) -> Self:
        """A review as it is sent."""
        return cls(id=row.id, names=row.names, findings=row.findings, seconds=row.seconds, at=row.at)


class FindingsOut(Items[ReviewedOut]):
    """A page of what the last review found."""

    review: Annotated[ReviewOut | None, Field(description="Null before all names were ever checked")]


class OrderedOut(BaseModel):
    """A job that will check all names."""

    job: int


class WithdrawalBody(Frozen):
    """Why a finding counts again."""

    why: Why
