"""Fields that aren't of their type or range: the validator's findings, in both languages."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from api.languages import EN, ZH
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
