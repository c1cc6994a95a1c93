"""What can be told of a case, its names, steps, papers and consultations, validated: values in, values out."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AfterValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from geo_registry.places.inputs import Frozen, Line, NameText, Text, Why, shape_of
from geo_registry.validation import given
from geo_registry.vocabulary import (
    Approver,
    CaseKind,
    CaseStep,
    CommentOutcome,
    ConsultationKind,
    DivisionLevel,
    FindingCode,
    LineState,
    NameAction,
    PlaceClass,
    Severity,
)

MOST_LINES = 2_000
"""Names that one request brings into a case; a case holds `MOST_NAMES`."""
MOST_NAMES = 10_000
MOST_PARTS = 50
MOST_COMMENT = 2_000
MOST_PERSON = 60

Code = Annotated[str, Field(pattern=r"^[0-9]{2,12}$", examples=["330702001"])]
Parts = Annotated[tuple[UUID, ...], Field(max_length=MOST_PARTS)]
Number = Annotated[Line, Field(max_length=100, examples=["金政地名〔2026〕12号"])]
Day = Annotated[date, Field(description="The date of the document, not that of its entry", examples=["2026-11-20"])]


class NewLine(Frozen):
    """A name that a case is to decide on, and what bears it."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "action": "name",
                    "name": "仙源湖路",
                    "class": "street",
                    "geometry": {"type": "LineString", "coordinates": [[119.65, 29.08], [119.66, 29.08]]},
                    "detail": {"begins_at": "李渔路", "ends_at": "双龙南街", "length_m": 1520, "width_m": 24},
                    "meaning": "路近仙源湖",
                }
            ]
        },
    )

    action: NameAction = NameAction.NAME
    place: Annotated[
        UUID | None, Field(description="The place that bears it; none where the name is for a new one")
    ] = None
    name: Annotated[NameText | None, Field(description="The name; left out, the place's own")] = None
    place_class: Annotated[PlaceClass | None, Field(alias="class", description="Of a new place")] = None
    romanized: Annotated[Line | None, Field(description="Hanyu Pinyin with tones; else as the rules spell it")] = None
    meaning: Text = ""
    origin: Text = ""
    division: Annotated[Code | None, Field(description="The code of its division; else the one it lies in")] = None
    geometry: Annotated[dict[str, Any] | None, Field(description="GeoJSON, longitude and latitude in degrees")] = None
    detail: Annotated[dict[str, str | float | int], Field(default_factory=dict)]
    absorbs: Annotated[Parts, Field(description="Places that end, and whose extent goes to this one")] = ()
    splits: Annotated[Parts, Field(description="Places that end, and whose extent goes to this one in part")] = ()

    @model_validator(mode="after")
    def _is_sound(self) -> Self:
        if self.geometry is not None:
            shape_of(self.geometry)
        if self.action is NameAction.NAME:
            if self.place is not None:
                raise PydanticCustomError("place_of_new", "a place that is to be named has no id yet: leave place out")
            if self.name is None or self.place_class is None:
                raise PydanticCustomError("name_and_class", "a new place needs name and class")
        else:
            if self.place is None:
                raise PydanticCustomError("place_missing", "say which place, by its id")
            if self.action in {NameAction.RENAME, NameAction.STANDARDISE} and self.name is None:
                raise PydanticCustomError("name_missing", "say the name")
        if {*self.absorbs} & {*self.splits} or self.place in {*self.absorbs, *self.splits}:
            raise PydanticCustomError("part_twice", "a place is taken in whole, in part, or is the one itself")
        return self


class NewLines(Frozen):
    """Names that are to be decided on in one case."""

    names: Annotated[tuple[NewLine, ...], Field(min_length=1, max_length=MOST_LINES)]


class LineChange(Frozen):
    """What is to be different of a line; members that aren't there stay."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", json_schema_extra={"examples": [{"name": "仙湖路", "why": "避免重名"}]}
    )

    name: NameText | None = None
    romanized: Line | None = None
    meaning: Text | None = None
    origin: Text | None = None
    division: Code | None = None
    geometry: dict[str, Any] | None = None
    detail: dict[str, str | float | int | None] | None = None
    absorbs: Parts | None = None
    splits: Parts | None = None
    state: Annotated[
        LineState | None, Field(description="`struck` takes it out of the case, with the reason; `open` has it again")
    ] = None
    why: Annotated[Why, AfterValidator(given)]

    @model_validator(mode="after")
    def _is_sound(self) -> Self:
        if self.geometry is not None:
            shape_of(self.geometry)
        if self.state is LineState.IN_FORCE:
            raise PydanticCustomError("state_by_approval", "a name takes effect by the approval alone")
        return self


class NewCase(Frozen):
    """A case that is to be opened, with its first names."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "kind": "naming",
                    "title": "关于命名仙源湖路的申请",
                    "division": "330702",
                    "applicant": "某街道办事处",
                    "plan": "拟命名仙源湖路",
                    "reasons": "新建道路投入使用",
                    "approver": "government",
                    "approving_body": "金华市人民政府",
                }
            ]
        },
    )

    kind: CaseKind
    title: Annotated[NameText, Field(examples=["关于命名仙源湖路的申请"])]
    division: Annotated[Code, Field(description="The division whose case it is")]
    applicant: Line = ""
    plan: Annotated[Text, Field(description="The plan (命名、更名方案), art. 11")] = ""
    reasons: Annotated[Text, Field(description="The reasons (理由), art. 11")] = ""
    approver: Annotated[
        Approver | None, Field(description="Who approves; left out, as the class of its first name demands (art. 12)")
    ] = None
    approving_body: Annotated[Line, Field(description="The body that approves, by its name")] = ""
    names: Annotated[tuple[NewLine, ...], Field(max_length=MOST_LINES)] = ()
    why: Why = ""


class CaseChange(Frozen):
    """What is to be different of a case that isn't decided on; members that aren't there stay."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", json_schema_extra={"examples": [{"title": "关于命名仙湖路的申请", "why": "更正"}]}
    )

    title: NameText | None = None
    applicant: Line | None = None
    plan: Text | None = None
    reasons: Text | None = None
    approver: Approver | None = None
    approving_body: Line | None = None
    why: Annotated[Why, AfterValidator(given)]


class Split(Frozen):
    """Which lines of a case go on in a case of their own."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={"examples": [{"lines": ["0f8fad5b-d9cb-469f-a165-70867728950e"], "why": "待核实"}]},
    )

    lines: Annotated[tuple[UUID, ...], Field(max_length=MOST_NAMES)] = ()
    findings: Annotated[
        tuple[FindingCode, ...],
        Field(description="In the place of lines: those that one of these findings is about, settled by nobody"),
    ] = ()
    title: NameText | None = None
    why: Annotated[Why, AfterValidator(given)]

    @model_validator(mode="after")
    def _says_which(self) -> Self:
        if bool(self.lines) == bool(self.findings):
            raise PydanticCustomError("lines_or_findings", "say the lines that go, or the findings that they have")
        return self


class Taking(Frozen):
    """A step that is taken: by the date of its document, with its number and what is to be said."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra={"examples": [{"on": "2026-11-20"}]})

    on: Annotated[Day | None, Field(description="The date of its document; left out, today")] = None
    number: Annotated[Number, Field(description="The document's number; an unknown one stays empty")] = ""
    note: Text = ""


class Sending(Taking):
    """A step back, or an end: with the reason."""

    note: Annotated[Text, AfterValidator(given)]


class Consulting(Taking):
    """A consultation that is to be opened: with its last day."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", json_schema_extra={"examples": [{"on": "2026-11-20", "until": "2026-11-27"}]}
    )

    kind: ConsultationKind = ConsultationKind.NOTICE
    until: Annotated[date, Field(description="The last day on which it takes opinions", examples=["2026-11-27"])]
    title: NameText | None = None
    body: Text = ""


class Announcing(Taking):
    """An announcement that is to be published, made from the case."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={
            "examples": [{"on": "2026-11-20", "number": "2026年第12号", "office": "金华市民政局"}],
        },
    )

    title: NameText | None = None
    office: Annotated[Line, Field(description="Who announces", examples=["金华市民政局"])] = ""
    body: Annotated[Text, Field(description="What it says beside the names, a paragraph a line")] = ""


class Correcting(Announcing):
    """An announcement that corrects the one before: with what was wrong."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", json_schema_extra={"examples": [{"on": "2026-11-22", "note": "长度有误"}]}
    )

    note: Annotated[Text, AfterValidator(given)]


class Filed(Taking):
    """The receipt of a filing, and the codes that came back."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={"examples": [{"on": "2026-11-24", "number": "浙地名备〔2026〕3号"}]},
    )

    codes: Annotated[
        dict[UUID, Annotated[str, Field(pattern=r"^[0-9]{20}$")]],
        Field(default_factory=dict, description="The national code of each place, by the id of its line"),
    ]


_TAKING: Mapping[CaseStep, type[Taking]] = {
    **dict.fromkeys(
        (CaseStep.WITHDRAW, CaseStep.RETURN, CaseStep.SEND_BACK, CaseStep.REJECT, CaseStep.FILING_RETURNED), Sending
    ),
    CaseStep.CONSULT: Consulting,
    CaseStep.ANNOUNCE: Announcing,
    CaseStep.CORRECT: Correcting,
    CaseStep.FILED: Filed,
}


def taking_of(step: CaseStep) -> type[Taking]:
    """What a step is taken with."""
    return _TAKING.get(step, Taking)


class LineClearing(Frozen):
    """That a finding about a line is looked at and the name stands, and why."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={"examples": [{"code": "homophone", "collides_name": "仙元湖路", "reason": "相距甚远"}]},
    )

    code: FindingCode
    collides_name: Annotated[Line, Field(description="What it collides with, as the finding has it")] = ""
    reason: Annotated[Line, Field(max_length=500), AfterValidator(given)]


class SortClearing(Frozen):
    """That all findings of a sort about a case's names are looked at and the names stand, and why."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={"examples": [{"code": "near-homophone", "reason": "口语可以分辨"}]},
    )

    code: FindingCode
    reason: Annotated[Line, Field(max_length=500), AfterValidator(given)]


PER = frozenset({DivisionLevel.COUNTY, DivisionLevel.TOWNSHIP})
FROM_REVIEW = frozenset({CaseKind.RENAMING, CaseKind.STANDARDISING, CaseKind.ADJUSTMENT, CaseKind.ABOLITION})


class FromReview(Frozen):
    """Which names of the last review are to be decided on, and in what cases."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={"examples": [{"kind": "renaming", "division": "330702", "codes": ["duplicate"]}]},
    )

    kind: Annotated[CaseKind, Field(description="Of names that exist: no naming, and no listing as heritage")] = (
        CaseKind.RENAMING
    )
    places: Annotated[
        tuple[UUID, ...], Field(max_length=MOST_LINES, description="These places; left out, all that are asked for")
    ] = ()
    division: Annotated[Code | None, Field(description="Places in this division")] = None
    codes: Annotated[tuple[FindingCode, ...], Field(description="With one of these findings")] = ()
    severity: Annotated[Severity | None, Field(description="With a finding that weighs so much")] = None
    per: Annotated[DivisionLevel, Field(description="One case for each `county`, or for each `township`")] = (
        DivisionLevel.COUNTY
    )
    approver: Annotated[
        Approver | None, Field(description="Who approves; left out, as each class demands (art. 12)")
    ] = None
    approving_body: Line = ""
    applicant: Line = ""
    why: Why = ""

    @model_validator(mode="after")
    def _is_sound(self) -> Self:
        if self.kind not in FROM_REVIEW:
            raise PydanticCustomError("kind_of_existing", "a review is of names that exist: another kind of case")
        if self.per not in PER:
            raise PydanticCustomError("per_county_or_township", "a case is a county's or a township's")
        if bool(self.places) == bool(self.codes or self.severity or self.division):
            raise PydanticCustomError("places_or_query", "say the places, or which findings are meant")
        return self


class NewComment(Frozen):
    """What somebody says in a consultation; who it is, and how to reach them, as far as they want to tell."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", json_schema_extra={"examples": [{"said": "建议保留老地名“酒坊巷”。"}]}
    )

    said: Annotated[Text, Field(max_length=MOST_COMMENT), AfterValidator(given)]
    person: Annotated[Line, Field(max_length=MOST_PERSON)] = ""
    reach: Annotated[Line, Field(max_length=100, description="A telephone number or an address")] = ""


class CommentAnswer(Frozen):
    """What became of what somebody said, and the answer."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", json_schema_extra={"examples": [{"outcome": "adopted", "answer": "已采纳。"}]}
    )

    outcome: CommentOutcome
    answer: Annotated[Text, Field(max_length=MOST_COMMENT), AfterValidator(given)]
