"""What validation finds is said in both languages, without Python's names and regular expressions."""

import ast
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

import pytest
from pydantic import BaseModel, Field, ValidationError

import geo_registry
from api.main import create_app
from geo_registry.places.inputs import NewPlace
from geo_registry.settings import Settings
from geo_registry.validation import PATTERNS, WORDS, finding, told
from geo_registry.vocabulary import StandardFamily, TravelMode

HAN = re.compile(r"[\u4e00-\u9fff]")
LEAKS = re.compile(r"[<>^\\]|Enum|Family\.|dictionary|tuple|instance|Value error")


class Words(BaseModel):
    zh: str


class Asked(BaseModel, extra="forbid"):
    """A field of every sort that bodies, queries and files have."""

    truth: bool = True
    day: date = date(2020, 11, 1)
    words: Words = Words(zh="名")
    mode: TravelMode = TravelMode.WALK
    family: Literal[StandardFamily.REACH] = StandardFamily.REACH
    force: Literal["target", ""] = ""
    share: float = Field(default=0.5, gt=0, lt=1, allow_inf_nan=False)
    count: int = Field(default=1, ge=1, le=9)
    code: str = Field(default="33", pattern=r"^[0-9]{2,12}$")
    name: str = Field(default="名", min_length=1, max_length=3)
    kinds: tuple[TravelMode, ...] = Field(default=(TravelMode.WALK,), min_length=1)
    numbers: list[int] = []
    counts: dict[str, float] = {}
    id: UUID = UUID(int=0)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("truth", "maybe"),
        ("truth", []),
        ("day", "soon"),
        ("day", "2020-11-31"),
        ("day", []),
        ("words", "名"),
        ("words", {}),
        ("mode", "swim"),
        ("family", "supply"),
        ("force", "x"),
        ("share", "x"),
        ("share", []),
        ("share", 0),
        ("share", 1),
        ("share", float("nan")),
        ("count", 0),
        ("count", 10),
        ("count", 1.5),
        ("count", "x"),
        ("count", []),
        ("code", "金华"),
        ("name", ""),
        ("name", "名名名名"),
        ("name", 5),
        ("kinds", []),
        ("kinds", "walk"),
        ("numbers", "x"),
        ("counts", "x"),
        ("id", "x"),
        ("id", 5),
        ("nothing", 1),
    ],
)
def test_a_field_is_named_and_said_in_both_languages(field: str, value: object) -> None:
    with pytest.raises(ValidationError) as refused:
        Asked.model_validate({field: value})
    (found,) = (finding(each) for each in refused.value.errors())
    assert found.field.split(".")[0] == field
    assert HAN.search(found.zh)
    assert not HAN.search(found.en)
    assert not LEAKS.search(found.zh + found.en)


def test_choices_and_limits_are_written_as_people_write_them() -> None:
    with pytest.raises(ValidationError) as refused:
        Asked.model_validate({"mode": "swim", "family": "supply", "share": 0})
    said = told(finding(each) for each in refused.value.errors())
    assert said == {
        "problems_zh": "mode: 应为以下之一：walk、drive; family: 应为以下之一：reach; share: 应大于 0",
        "problems_en": "mode: Input should be one of: walk, drive; family: Input should be one of: reach; "
        "share: Input should be greater than 0",
    }


def _patterns(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        if isinstance(schema.get("pattern"), str):
            yield schema["pattern"]
        for each in schema.values():
            yield from _patterns(each)
    elif isinstance(schema, list):
        for each in schema:
            yield from _patterns(each)


def test_every_pattern_is_said_in_words() -> None:
    patterns = set(_patterns(create_app(Settings()).openapi()))
    assert patterns
    assert patterns <= PATTERNS.keys()


def test_every_fault_of_our_own_is_said_in_chinese() -> None:
    modules = (ast.parse(path.read_text("utf-8")) for path in Path(geo_registry.__path__[0]).rglob("*.py"))
    calls = [node for module in modules for node in ast.walk(module) if isinstance(node, ast.Call)]
    codes = {
        call.args[0].value
        for call in calls
        if isinstance(call.func, ast.Name)
        and call.func.id == "PydanticCustomError"
        and isinstance(call.args[0], ast.Constant)
    }
    assert "ends_before" in codes
    assert codes <= WORDS.keys()
    assert all(HAN.search(WORDS[str(code)][0].replace("{said_zh}", "时")) for code in codes)


def test_a_date_that_is_none_is_said_in_both_languages() -> None:
    with pytest.raises(ValidationError) as refused:
        NewPlace.model_validate({"class": "street", "name": "中山路", "named_on": "soon"})
    (found,) = (finding(each) for each in refused.value.errors())
    assert HAN.search(found.zh)
    assert not HAN.search(found.en)
