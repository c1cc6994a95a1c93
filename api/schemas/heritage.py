"""Names on protection lists over the wire."""

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, Field

from geo_registry.heritage.criteria import Outcome
from geo_registry.heritage.queries import EvidenceRow, HeritageRow, MeasureRow, PictureRow, StoryRow
from geo_registry.heritage.service import HeritageTold
from geo_registry.vocabulary import CriterionState, HeritageKind, HeritageLevel, HeritageStatus, MeasurePurpose


class HeritageOut(BaseModel):
    """A name on a protection list, or proposed for one."""

    id: UUID
    fid: Annotated[int, Field(description="Counts up as records are registered")]
    name: Annotated[str, Field(examples=["酒坊巷"])]
    romanized: str
    place: Annotated[UUID | None, Field(description="The place whose name it is, or was")]
    place_name: Annotated[str | None, Field(description="What that place is called now")]
    is_present_name: Annotated[bool, Field(description="Whether a place that is there is called so now")]
    division_code: str | None
    division_name: str | None
    kind: HeritageKind
    level: HeritageLevel
    list_name: str
    status: HeritageStatus
    listed_on: date | None
    document_number: str
    body: str
    delisted_on: date | None
    delisted_document: str
    delisted_why: str
    founded: Annotated[str, Field(description="Since when what is named has been there")]
    named: Annotated[str, Field(description="Since when it has been called so")]
    disused: Annotated[str, Field(description="Since when it wasn't called so any more")]
    restored: Annotated[str, Field(description="Since when it has been called so again")]
    claims: Annotated[dict[str, bool], Field(description="What is said of criteria that aren't a matter of years")]
    lon: Annotated[float | None, Field(description="Degrees (CRS84)")]
    lat: float | None
    synthetic: Annotated[bool, Field(description="Whether it is an example")]

    @classmethod
    def of(cls, row: HeritageRow) -> Self:
        """A row as it is sent."""
        return cls(
            id=row.id,
            fid=row.fid,
            name=row.name,
            romanized=row.romanized,
            place=row.place,
            place_name=row.place_name,
            is_present_name=row.is_present_name,
            division_code=row.division_code,
            division_name=row.division_name,
            kind=HeritageKind.of(row.kind),
            level=HeritageLevel.of(row.level),
            list_name=row.list_name,
            status=HeritageStatus.of(row.status),
            listed_on=row.listed_on,
            document_number=row.document_number,
            body=row.body,
            delisted_on=row.delisted_on,
            delisted_document=row.delisted_document,
            delisted_why=row.delisted_why,
            founded=row.founded,
            named=row.named,
            disused=row.disused,
            restored=row.restored,
            claims={key: bool(claim) for key, claim in row.claims.items()},
            lon=row.lon,
            lat=row.lat,
            synthetic=row.synthetic,
        )


class HeritageEvidenceOut(BaseModel):
    """A piece of evidence."""

    id: UUID
    what: str
    says: str
    dated: str
    source: str
    supports: Annotated[list[str], Field(description="The criteria that it bears out")]

    @classmethod
    def of(cls, row: EvidenceRow) -> Self:
        """As it is sent."""
        return cls(
            id=row.id, what=row.what, says=row.says, dated=row.dated, source=row.source, supports=list(row.supports)
        )


class HeritageStoryOut(BaseModel):
    """A story."""

    id: UUID
    title: str
    story: str
    source: str

    @classmethod
    def of(cls, row: StoryRow) -> Self:
        """As it is sent."""
        return cls(id=row.id, title=row.title, story=row.story, source=row.source)


class HeritagePictureOut(BaseModel):
    """A picture; its file is at `address`."""

    id: UUID
    caption: str
    author: str
    licence: str
    taken: str
    media_type: str
    width_px: int
    height_px: int
    address: Annotated[str, Field(description="Where its file is, on this server")]

    @classmethod
    def of(cls, heritage: UUID, row: PictureRow) -> Self:
        """As it is sent."""
        return cls(
            id=row.id,
            caption=row.caption,
            author=row.author,
            licence=row.licence,
            taken=row.taken,
            media_type=row.media_type,
            width_px=row.width_px,
            height_px=row.height_px,
            address=f"/heritage/{heritage}/pictures/{row.id}",
        )


class HeritageMeasureOut(BaseModel):
    """A protective measure."""

    id: UUID
    purpose: MeasurePurpose
    measure: str
    decided_on: date
    document_number: str
    body: str

    @classmethod
    def of(cls, row: MeasureRow) -> Self:
        """As it is sent."""
        return cls(
            id=row.id,
            purpose=MeasurePurpose.of(row.purpose),
            measure=row.measure,
            decided_on=row.decided_on,
            document_number=row.document_number,
            body=row.body,
        )


class CriterionOut(BaseModel):
    """A criterion of its kind, and whether it meets it today."""

    key: Annotated[str, Field(examples=["named"])]
    zh: str
    en: str
    state: CriterionState
    why_zh: Annotated[str, Field(description="By what that is known, or why it isn't")]
    why_en: str
    needs_zh: Annotated[str, Field(description="The evidence that would bear it out")]
    needs_en: str
    source: str
    verified: Annotated[bool, Field(description="Whether the text of its source was read")]

    @classmethod
    def of(cls, outcome: Outcome) -> Self:
        """As it is sent."""
        criterion = outcome.criterion
        return cls(
            key=criterion.key,
            zh=criterion.zh,
            en=criterion.en,
            state=outcome.state,
            why_zh=outcome.zh,
            why_en=outcome.en,
            needs_zh=criterion.needs_zh,
            needs_en=criterion.needs_en,
            source=criterion.source,
            verified=criterion.verified,
        )


class HeritageToldOut(HeritageOut):
    """A name with its evidence, stories, pictures and measures, and the criteria of its kind."""

    criteria: list[CriterionOut]
    evidence: list[HeritageEvidenceOut]
    stories: list[HeritageStoryOut]
    pictures: list[HeritagePictureOut]
    measures: list[HeritageMeasureOut]

    @classmethod
    def told(cls, told: HeritageTold) -> Self:
        """All of it as it is sent."""
        row, parts = told.heritage, told.parts
        return cls(
            **HeritageOut.of(row).model_dump(),
            criteria=[CriterionOut.of(each) for each in told.criteria],
            evidence=[HeritageEvidenceOut.of(each) for each in parts.evidence],
            stories=[HeritageStoryOut.of(each) for each in parts.stories],
            pictures=[HeritagePictureOut.of(row.id, each) for each in parts.pictures],
            measures=[HeritageMeasureOut.of(each) for each in parts.measures],
        )
