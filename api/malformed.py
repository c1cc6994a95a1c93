"""Fields that aren't of their type or range: the validator's findings, in both languages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from api.languages import EN, ZH
from geo_registry.errors import CaseRowsRefused
from geo_registry.exchange.problems import Problem
from geo_registry.validation import finding


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One field that is wrong: where it stands, and what is wrong with it by language."""

    place: str
    field: str
    code: str
    messages: Mapping[str, str]


def field_problem(error: Mapping[str, Any]) -> FieldProblem:
    """A finding of the request's validation (one of ``RequestValidationError.errors()``)."""
    place, *path = error["loc"]
    # Of JSON that can't be parsed the path is the position in the text.
    found = finding(error, path=[] if error["type"] == "json_invalid" else path)
    return FieldProblem(
        place=str(place),
        field=found.field or str(place),
        code=found.code,
        messages={ZH: found.zh, EN: found.en},
    )


def rows_of(error: CaseRowsRefused) -> Sequence[FieldProblem]:
    """What is wrong with the rows of a table: of each its number and the column."""
    return [
        FieldProblem(
            place="body",
            field=".".join(filter(None, (str(each.row), each.column))),
            code=each.name,
            messages={ZH: each.message("zh"), EN: each.message("en")},
        )
        for each in cast("Sequence[Problem]", error.details["rows"])
    ]
