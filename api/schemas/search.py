"""Hits over the wire."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, Field

from api.schemas.successions import LeadOut
from geo_registry.search.inputs import Question
from geo_registry.search.service import Hit
from geo_registry.vocabulary import Match, Named, NameKind, PositionQuality


class HeirOut(BaseModel):
    """A place that took over from one that is gone."""

    id: UUID
    name: str


class HitOut(BaseModel):
    """A record whose name fits."""

    id: UUID
    type: Named
    kind: Annotated[
        str, Field(description="A division's level, a facility's kind, or a place's class", examples=["township"])
    ]
    name: Annotated[str, Field(description="Of a place its standard name", examples=["江南街道"])]
    label: Annotated[str, Field(description="The divisions that it lies in", examples=["婺城区"])]
    matched: Annotated[str, Field(description="The name that was found")]
    marked: Annotated[
        tuple[int, int] | None,
        Field(
            description="The part of `matched` that the question met: its first character, and the one after its last"
        ),
    ]
    former: Annotated[bool, Field(description="Whether `matched` is a name of the past")]
    begins_on: Annotated[
        date | None,
        Field(description="The day from which the place is called `matched`, where that is to come"),
    ]
    name_kind: Annotated[NameKind | None, Field(description="What `matched` is to its place")]
    match: Match
    score: Annotated[float, Field(description="From 1 down to 0; it doesn't rise from a hit to the next")]
    lon: Annotated[float | None, Field(description="Degrees (CRS84); of a division where its name is written")]
    lat: float | None
    code: Annotated[str | None, Field(description="A division's own, else of the division that it stands in")]
    status: Annotated[str | None, Field(description="Of a facility or a place")]
    position_quality: PositionQuality
    vintage: Annotated[int | None, Field(description="Of a division: the year of the code list", examples=[2023])]
    became: Annotated[
        list[LeadOut], Field(description="Of a former division: where it leads to, as far as is recorded")
    ]

    heirs: Annotated[
        list[HeirOut], Field(description="Of an abolished place: what replaced it, took it in, or came of it")
    ]

    @classmethod
    def of(cls, hit: Hit) -> Self:
        """A hit as it is sent."""
        return cls(
            id=hit.id,
            type=hit.type,
            kind=hit.kind,
            name=hit.name,
            label=hit.label,
            matched=hit.matched,
            marked=hit.marked,
            former=hit.former,
            begins_on=hit.begins_on,
            name_kind=NameKind.of(hit.name_kind) if hit.name_kind else None,
            match=hit.match,
            score=hit.score,
            lon=hit.lon,
            lat=hit.lat,
            code=hit.code,
            status=hit.status,
            position_quality=PositionQuality.of(hit.quality),
            vintage=hit.vintage,
            became=[LeadOut.of(lead) for lead in hit.became],
            heirs=[HeirOut(id=heir.id, name=heir.name) for heir in hit.heirs],
        )


class SearchOut(BaseModel):
    """What was searched for, and what was found."""

    query: str
    hits: list[HitOut]

    @classmethod
    def of(cls, question: Question, hits: Sequence[Hit]) -> Self:
        """An answer as it is sent."""
        return cls(query=question.text, hits=[HitOut.of(hit) for hit in hits])
