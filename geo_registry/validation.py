"""What validation finds wrong with the fields of a body, a query or a file, in both languages."""

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticCustomError

from geo_registry.errors import DomainError

WORDS: Mapping[str, tuple[str, str | None]] = {
    "base64_invalid": ("应为 base64", None),
    "approver_of_body": ("请选择批准机关属于哪一类（approver）", None),
    "before_approval": ("备案、公告不早于批准", None),
    "bool_parsing": ("应为 true 或 false", "Input should be true or false"),
    "bool_type": ("应为 true 或 false", "Input should be true or false"),
    "control_character": ("不能含控制字符", None),
    "criterion_unknown": ("没有这些认定条件：{unknown}；有 {known}", None),
    "date_from_datetime_parsing": ("应为日期，如 2020-11-01", None),
    "date_parsing": ("应为日期，如 2020-11-01", None),
    "date_type": ("应为日期，如 2020-11-01", None),
    "date_unclear": ("{said_zh}", None),
    "decided_twice": ("一个决定对一个地名同样的办理只写一次", None),
    "dict_type": ("应为对象", "Input should be an object"),
    "ends_before": ("止期应晚于起期", None),
    "enum": ("应为以下之一：{choices_zh}", "Input should be one of: {choices_en}"),
    "extent_missing": ("请给出位置和范围，或组成它的区划", None),
    "extent_twice": ("位置和范围与组成区划只能给一个", None),
    "extra_forbidden": ("没有这个字段", "there is no such field"),
    "finite_number": ("应为有限的数", None),
    "float_parsing": ("应为数", None),
    "float_type": ("应为数", None),
    "geometry_invalid": ("图形不成立：{why}", None),
    "geometry_malformed": ("不是 GeoJSON 图形：{why}", None),
    "geometry_outside": ("应为以度计的经度和纬度", None),
    "geometry_type": ("应为以下之一：{types}", None),
    "greater_than": ("应大于 {gt}", None),
    "greater_than_equal": ("不应小于 {ge}", None),
    "heritage_nowhere": ("请给出地名、所在区划，或经度和纬度", None),
    "int_from_float": ("应为整数", None),
    "int_parsing": ("应为整数", None),
    "int_type": ("应为整数", None),
    "json_invalid": ("不是有效的 JSON", None),
    "kind_of_existing": ("审查的是既有地名：种类应为更名、地名要素调整、标准化或销名", None),
    "lane_name_missing": ("请给出拟用的名称", None),
    "lane_reason_missing": ("请写明不命名的理由", None),
    "less_than": ("应小于 {lt}", None),
    "less_than_equal": ("不应大于 {le}", None),
    "lines_or_findings": ("请写明要分出的名称，或它们的审查意见，二者择一", None),
    "list_type": ("应为列表", "Input should be a list"),
    "literal_error": ("应为以下之一：{choices_zh}", "Input should be one of: {choices_en}"),
    "missing": ("缺少这一项", None),
    "model_attributes_type": ("应为对象", "Input should be an object"),
    "model_type": ("应为对象", "Input should be an object"),
    "name_and_class": ("新地名须给出名称和地名类别", None),
    "name_missing": ("请给出名称", None),
    "never_empty": ("名称、地址、状态不能为空", None),
    "nothing_amended": ("请填写更正后的日期或文号", None),
    "part_twice": ("同一地名不能既并入又析出，也不能是本地名自身", None),
    "per_county_or_township": ("每项包括一个县（county）或一个乡镇（township）的地名", None),
    "place_missing": ("请写明是哪个地名", None),
    "place_of_new": ("命名新地名时不选既有地名", None),
    "place_has_division": ("地名的位置以该地名为准：不填所在区划、经度、纬度", None),
    "places_or_query": ("请选择地名，或写明要哪些审查意见，二者择一", None),
    "position_half": ("经度与纬度须同时给出", None),
    "since_twice": ("since 与 valid_from 只能给一个", None),
    "speed_on_foot": ("speed_kmh 只用于步行：驾车的速度由道路等级或限速决定", None),
    "state_by_approval": ("名称经批准才生效，不能直接改为已生效", None),
    "step_amendable": ("只能更正批准、报送备案、备案回执和公告的登记", None),
    "string_pattern_mismatch": ("{pattern_zh}", "{pattern_en}"),
    "string_too_long": ("最多 {max_length} 个字符", None),
    "string_too_short": ("至少 {min_length} 个字符", None),
    "string_type": ("应为文字", "Input should be text"),
    "too_short": ("至少 {min_length} 项", "Input should have at least {min_length} item(s)"),
    "tuple_type": ("应为列表", "Input should be a list"),
    "uuid_parsing": ("应为 UUID", None),
    "uuid_type": ("应为 UUID", None),
}
"""By pydantic's type of error, in zh and en; where en is None, and for a type that isn't here, in pydantic's own words."""

PATTERNS: Mapping[str, tuple[str, str]] = {
    r"^[0-9]{2,12}$": ("应为 2 到 12 位数字", "Input should be 2 to 12 digits"),
    r"^[0-9]{10}$": ("应为 10 位数字", "Input should be 10 digits"),
    r"^[0-9]{20}$": ("应为 20 位数字", "Input should be 20 digits"),
    r"^[^\x00-\x1f\x7f]*$": ("不能含控制字符", "must not hold control characters"),
    r"^[a-z0-9][a-z0-9-]{0,39}$": (
        "应为小写字母、数字和连字符，最多 40 个，不以连字符开头",
        "Input should be small letters, digits and hyphens, at most 40, not a hyphen first",
    ),
    r"^[a-z0-9][a-z0-9-]{0,63}$": (
        "应为小写字母、数字和连字符，最多 64 个，不以连字符开头",
        "Input should be small letters, digits and hyphens, at most 64, not a hyphen first",
    ),
    r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$": (
        "应为语言标签（BCP 47），如 zh、zh-Latn",
        "Input should be a language tag (BCP 47), such as zh or zh-Latn",
    ),
}
"""What a text must look like, by the regular expression that says so."""

CALLED: Mapping[str, str] = {
    "address": "地址",
    "applicant": "申请单位",
    "approver": "由谁批准",
    "approving_body": "批准机关",
    "basis": "依据",
    "class": "地名类别",
    "division": "所在区划",
    "divisions": "组成区划",
    "geometry": "位置和范围",
    "lat": "纬度",
    "lon": "经度",
    "meaning": "含义",
    "name": "名称",
    "origin": "来历",
    "place": "地名",
    "reason": "理由",
    "reasons": "理由和依据",
    "title": "标题",
    "why": "理由",
}
"""How people call the fields that pages have, in zh; what isn't here is told by its name in the program."""

CHOICE = re.compile(r"'([^']*)'")
"""One of the values that pydantic lists: ``'walk' or 'drive'``, ``<StandardFamily.REACH: 'reach'>``."""


TOML_POSITION = re.compile(r"at line (\d+), column (\d+)")
"""How Python's parser says where it gave up; at the end of the document it says just that."""

MOST_SHOWN = 100
"""Characters of a line that a refusal quotes."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One field that isn't as it should be: its path by dots (empty for the whole), pydantic's code, what is wrong."""

    field: str
    code: str
    zh: str
    en: str


EMPTY: tuple[str, str | None] = ("请填写", None)
"""Of a text that isn't to be empty."""


def finding(error: Mapping[str, Any], path: Iterable[str | int] | None = None) -> Finding:
    """One of pydantic's ``ValidationError.errors()`` in words; `path` where it isn't the error's own."""
    known = {name: _plain(value) for name, value in error.get("ctx", {}).items()}
    choices = [choice or '""' for choice in CHOICE.findall(str(known.get("expected")))]
    known["choices_zh"], known["choices_en"] = "、".join(choices), ", ".join(choices)
    pattern = str(known.get("pattern"))
    known["pattern_zh"], known["pattern_en"] = PATTERNS.get(pattern, (f"格式不符（{pattern}）", error["msg"]))
    zh, en = (
        EMPTY
        if error["type"] == "string_too_short" and known.get("min_length") == 1
        else WORDS.get(error["type"], (None, None))
    )
    return Finding(
        field=".".join(str(part) for part in (error["loc"] if path is None else path)),
        code=error["type"],
        zh=zh.format(**known) if zh else error["msg"],
        en=en.format(**known) if en else error["msg"],
    )


def _plain(value: object) -> object:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def told(findings: Iterable[Finding]) -> dict[str, str]:
    """What is wrong, field by field, as the details `problems_zh` and `problems_en` of an error; in zh as people call fields."""
    each = list(findings)
    return {
        "problems_zh": "; ".join(
            f"{CALLED.get(one.field, one.field)}: {one.zh}" if one.field else one.zh for one in each
        ),
        "problems_en": "; ".join(f"{one.field}: {one.en}" if one.field else one.en for one in each),
    }


Model = TypeVar("Model", bound=BaseModel)


def typed(model: type[Model], refusing: type[DomainError], **values: object) -> Model:
    """What somebody typed into a form, or a file holds, as `model` has it.

    Raises
    ------
    DomainError
        `refusing`, which says its problems in both languages: it isn't what the model's fields hold.
    """
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise refusing(**told(map(finding, error.errors()))) from None


UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode's categories of what has no shape of its own."""


def one_line(text: str) -> str:
    """Text as a line that can be shown, for a pydantic validator: blanks at its ends are left away.

    Raises
    ------
    PydanticCustomError
        Something in it has no shape of its own.
    """
    if any(unicodedata.category(character) in UNSEEN for character in text):
        raise PydanticCustomError("control_character", "must not hold control characters")
    return text.strip()


def given(text: str) -> str:
    """Text that isn't empty, for a pydantic validator behind `one_line`.

    Raises
    ------
    PydanticCustomError
        It is.
    """
    if not text:
        raise PydanticCustomError("string_too_short", "Input should have at least 1 character", {"min_length": 1})
    return text


def toml_place(error: tomllib.TOMLDecodeError, text: str) -> dict[str, object]:
    """The line and the column, from 1, at which the parser gave up, and what stands in that line: an error's details."""
    lines = text.splitlines() or [""]
    said = TOML_POSITION.search(str(error))
    line, column = (min(int(said[1]), len(lines)), int(said[2])) if said else (len(lines), len(lines[-1]) + 1)
    return {"line": line, "column": column, "text": lines[line - 1].strip()[:MOST_SHOWN]}
