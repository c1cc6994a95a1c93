import re
import string

import pytest

from geo_registry.exchange.problems import Problem, ProblemCode
from geo_registry.settings import CHECKOUT
from geo_registry.vocabulary import FindingCode

GUIDE = CHECKOUT / "docs" / "data.md"


@pytest.mark.parametrize("code", list(ProblemCode), ids=str)
def test_both_languages_say_the_same_details(code: ProblemCode) -> None:
    def names(template: str) -> set[str]:
        # Some details are said in the language themselves: `why_zh`, `why_en`.
        parsed = [name for _, name, _, _ in string.Formatter().parse(template) if name]
        return {re.sub("(^|_)(zh|en)$", r"\1…", name) for name in parsed}

    assert names(code.zh) == names(code.en)


def test_message_is_in_the_language_that_is_asked_for() -> None:
    problem = Problem(3, "床位", "many", ProblemCode.NOT_A_NUMBER)
    assert problem.message("zh-CN") == "“many”不是数字"
    assert problem.message("en") == "'many' is not a number"


def test_value_with_braces_is_quoted_as_it_is() -> None:
    assert "{x}" in Problem(1, "a", "{x}", ProblemCode.NOT_A_DATE).message("en")


def test_guide_lists_every_problem_with_what_becomes_of_its_row() -> None:
    rows = re.findall(
        r"^\| `([a-z-]+)` \| (refused|taken, warning) \|", GUIDE.read_text(encoding="utf-8"), re.MULTILINE
    )
    documented = {code: said for code, said in rows if code in set(ProblemCode)}
    assert documented == {
        code.value: "refused" if code.severity.value == "refused" else "taken, warning" for code in ProblemCode
    }


def test_broken_rule_of_names_is_told_by_its_own_code_and_what_it_collides_with() -> None:
    details = {
        "rule": "duplicate",
        "zh": "重名",
        "en": "the same name",
        "row_zh": "",
        "row_en": "",
        "other_name": "甲路",
    }
    problem = Problem(3, "名称", "甲路", ProblemCode.NAME_RULE, details)
    assert (problem.name, problem.collides_with, problem.message("zh")) == ("duplicate", {"name": "甲路"}, "重名")
    assert Problem(3, "", "", ProblemCode.REQUIRED, {"other_name": "x"}).collides_with is None


def test_rules_of_names_and_problems_of_rows_have_different_codes() -> None:
    assert not {code.value for code in FindingCode} & {code.value for code in ProblemCode}
