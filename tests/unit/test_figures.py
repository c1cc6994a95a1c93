"""Figures for people: the table that the browser's twin is held to as well."""

import json
from pathlib import Path

import numpy as np
import pytest

from geo_registry import figures

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "figures.json").read_text(encoding="utf-8"))
BROWSER_ALONE = {"signed"}
"""Changes follow a pointer: no page that the server writes, no report and no command shows one."""

CASES = [
    (name, case["input"], case[language], language)
    for name, cases in GOLDEN["cases"].items()
    if name not in BROWSER_ALONE
    for case in cases
    for language in ("zh", "en")
]


def _written(name: str, value: float | None, locale: str) -> str:
    if name == "percent":
        return figures.percent(value, locale)
    return {
        "whole": figures.whole,
        "minutes": figures.minutes,
        "metres": figures.metres,
        "given": figures.given,
    }[name](value)


@pytest.mark.parametrize(("name", "value", "expected", "language"), CASES)
def test_a_figure_is_written_as_the_golden_table_says(
    name: str, value: float | None, expected: str, language: str
) -> None:
    assert _written(name, value, {"zh": "zh-CN", "en": "en"}[language]) == expected


def test_numpys_floats_are_written_as_pythons() -> None:
    assert figures.whole(np.float64(300.5)) == "301"  # type: ignore[arg-type, unused-ignore]
