"""Fields that aren't of their type or range: the validator's findings, in both languages."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from api.languages import EN, ZH

FINDINGS_ZH: Mapping[str, str] = {
    "bool_parsing": "应为 true 或 false",
    "bool_type": "应为 true 或 false",
    "control_character": "不能含控制字符",
    "date_from_datetime_parsing": "应为日期，如 2020-11-01",
    "date_parsing": "应为日期，如 2020-11-01",
    "dict_type": "应为对象",
    "enum": "应为以下之一：{expected}",
    "extra_forbidden": "没有这个字段",
    "finite_number": "应为有限的数",
    "float_parsing": "应为数",
    "float_type": "应为数",
    "greater_than": "应大于 {gt}",
    "greater_than_equal": "不应小于 {ge}",
    "int_from_float": "应为整数",
    "int_parsing": "应为整数",
    "int_type": "应为整数",
    "json_invalid": "不是有效的 JSON",
    "less_than": "应小于 {lt}",
    "less_than_equal": "不应大于 {le}",
    "list_type": "应为列表",
    "literal_error": "应为以下之一：{expected}",
    "missing": "缺少这一项",
    "model_attributes_type": "应为对象",
    "model_type": "应为对象",
    "string_pattern_mismatch": "格式不符（{pattern}）",
    "string_too_long": "最多 {max_length} 个字符",
    "string_too_short": "至少 {min_length} 个字符",
    "string_type": "应为文字",
    "too_short": "至少 {min_length} 项",
    "tuple_type": "应为列表",
    "uuid_parsing": "应为 UUID",
    "uuid_type": "应为 UUID",
    "value_error": "{error}",
}
"""By pydantic's type of error; one that isn't here is told in pydantic's own words."""


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One field that is wrong: where it stands, and what is wrong with it by language."""

    place: str
    field: str
    code: str
    messages: Mapping[str, str]


def field_problem(finding: Mapping[str, Any]) -> FieldProblem:
    """A finding of the request's validation (one of ``RequestValidationError.errors()``)."""
    place, *path = finding["loc"]
    if finding["type"] == "json_invalid":
        # The path is the position in the text.
        path = []
    template = FINDINGS_ZH.get(finding["type"])
    zh = template.format(**finding.get("ctx", {})) if template else finding["msg"]
    return FieldProblem(
        place=str(place),
        field=".".join(str(part) for part in path) or str(place),
        code=finding["type"],
        messages={ZH: zh, EN: finding["msg"]},
    )
