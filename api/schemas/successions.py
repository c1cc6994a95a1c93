"""What became of divisions, over the wire."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, Field

from geo_registry.divisions.lineage import Lead, Member, Step
from geo_registry.divisions.succession_queries import Recorded
from geo_registry.divisions.successions import Lineage
from geo_registry.vocabulary import Certainty, DivisionChange, DivisionLevel, Fate


class MemberOut(BaseModel):
    """A division of one vintage."""

    code: Annotated[str, Field(examples=["330782104279"])]
    name: Annotated[str, Field(examples=["潜溪村村民委员会"])]
    level: DivisionLevel
    vintage: Annotated[int, Field(description="The year of the code list", examples=[2021])]

    @classmethod
    def of(cls, division: Member) -> Self:
        """A division as it is sent."""
        return cls(code=division.code, name=division.name, level=division.level, vintage=division.vintage)


class StepOut(BaseModel):
    """A division became, or became part of, one of a later vintage."""

    id: UUID
    before: MemberOut
    after: MemberOut
    change: DivisionChange
    happened_on: date | None
    evidence: Annotated[str, Field(description="How it is known")]
    certainty: Certainty

    @classmethod
    def of(cls, step: Step) -> Self:
        """A succession as it is sent."""
        return cls(
            id=step.id,
            before=MemberOut.of(step.before),
            after=MemberOut.of(step.after),
            change=step.change,
            happened_on=step.happened_on,
            evidence=step.evidence,
            certainty=step.certainty,
        )


class SuccessionOut(StepOut):
    """One succession by itself, also one that was withdrawn."""

    withdrawn: Annotated[bool, Field(description="Whether it was taken back: neither end tells of it then")]

    @classmethod
    def of_recorded(cls, recorded: Recorded) -> Self:
        """A succession as it is sent."""
        return cls(**StepOut.of(recorded.step).model_dump(), withdrawn=recorded.withdrawn)


class LeadOut(MemberOut):
    """Where a division leads to."""

    is_present: Annotated[
        bool, Field(description="Whether it is of the newest vintage; else what became of it isn't recorded")
    ]
    change: Annotated[DivisionChange, Field(description="The most telling change on the way")]
    certainty: Annotated[Certainty, Field(description="That of the way's weakest step")]
    chain: Annotated[list[UUID], Field(description="The ids of its steps, the earliest first")]

    @classmethod
    def of(cls, lead: Lead) -> Self:  # type: ignore[override]
        """A lead as it is sent."""
        return cls(
            **MemberOut.of(lead.division).model_dump(),
            is_present=lead.is_present,
            change=lead.change,
            certainty=lead.certainty,
            chain=[step.id for step in lead.chain],
        )


class LineageOut(BaseModel):
    """What a division came from, what it became, and where that leads to."""

    division: MemberOut
    fate: Fate
    present: Annotated[list[LeadOut], Field(description="Empty for a present division, which is its own")]
    came_from: list[StepOut]
    became: list[StepOut]

    @classmethod
    def of(cls, lineage: Lineage) -> Self:
        """A lineage as it is sent."""
        return cls(
            division=MemberOut.of(lineage.division),
            fate=lineage.present.fate,
            present=[LeadOut.of(lead) for lead in lineage.present.leads],
            came_from=_steps(lineage.came_from),
            became=_steps(lineage.became),
        )


def _steps(steps: Sequence[Step]) -> list[StepOut]:
    return [StepOut.of(step) for step in steps]
