"""What can be told of the successions of divisions, validated: values in, values out."""

from datetime import date
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from geo_registry.divisions.lineage import Member
from geo_registry.divisions.rules import MAX_VINTAGE, MIN_VINTAGE
from geo_registry.validation import given, one_line
from geo_registry.vocabulary import Certainty, DivisionChange

MOST_CHARACTERS = 500
"""Of an evidence or a reason: the name of a document with its number and date has some sixty."""


Line = Annotated[str, Field(max_length=MOST_CHARACTERS), AfterValidator(one_line)]
Said = Annotated[Line, AfterValidator(given)]


class OneOf(BaseModel):
    """A division of one vintage, as it is named by who tells of it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: Annotated[str, Field(pattern=r"^[0-9]{2,12}$", examples=["330782104261"])]
    vintage: Annotated[int, Field(ge=MIN_VINTAGE, le=MAX_VINTAGE, examples=[2018])]


class NewSuccession(BaseModel):
    """A succession that is to be recorded."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "before": {"code": "330782104261", "vintage": 2018},
                    "after": {"code": "330782104279", "vintage": 2021},
                    "change": "merged",
                    "evidence": "关于上溪镇行政村规模调整的批复",
                    "certainty": "certain",
                }
            ]
        },
    )

    before: OneOf
    after: OneOf
    change: DivisionChange
    happened_on: date | None = None
    evidence: Annotated[Said, Field(description="How it is known: a document, its number and date; a comparison")]
    certainty: Certainty
    why: Annotated[Line, Field(description="The reason for recording it, kept with the revision")] = ""


class SuccessionWithdrawal(BaseModel):
    """Why what was recorded doesn't hold."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra={"examples": [{"why": "批文未涉及该村"}]})

    why: Said


def breach(before: Member, after: Member, change: DivisionChange, happened_on: date | None) -> tuple[str, str] | None:
    """Why a succession can't be, in zh and en; None where it can.

    It leads up the vintages. What goes on has the same code, what has another code or name has another. It came about
    after the earlier list's year had begun and before the later one's was over.
    """
    if after.vintage <= before.vintage:
        return "后者的年版应晚于前者", "the later division's vintage must be the later one"
    if change is DivisionChange.SAME and before.code != after.code:
        return "“延续”的两端代码应相同", "what goes on keeps its code"
    if change is DivisionChange.RENAMED and before.name == after.name:
        return "“更名”的两端名称应不同", "what was renamed has another name"
    if change is DivisionChange.RECODED and before.code == after.code:
        return "“代码变更”的两端代码应不同", "what was recoded has another code"
    if happened_on is not None and not before.vintage <= happened_on.year <= after.vintage:
        return (
            f"日期应在 {before.vintage} 年至 {after.vintage} 年之间",
            f"its date must lie within {before.vintage} and {after.vintage}",
        )
    return None
