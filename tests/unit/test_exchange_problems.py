import re
import string

import pytest

from geo_registry.exchange.problems import Problem, ProblemCode
from geo_registry.settings import CHECKOUT

GUIDE = CHECKOUT / "docs" / "data.md"


@pytest.mark.parametrize("code", list(ProblemCode), ids=str)
def test_both_languages_say_the_same_details(code: ProblemCode) -> None:
    def names(template: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(template) if name}

    if code is ProblemCode.RULE:
        assert (names(code.zh), names(code.en)) == ({"zh"}, {"en"})
    else:
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
