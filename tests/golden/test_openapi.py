"""The API's description changes only on purpose."""

from difflib import unified_diff

import pytest

from tests.golden.rewrite import COMMAND, OPENAPI, described


def test_the_description_is_the_golden_one() -> None:
    golden, now = OPENAPI.read_text(encoding="utf-8"), described()
    if golden != now:
        difference = "\n".join(
            unified_diff(golden.splitlines(), now.splitlines(), "tests/golden/openapi.json", "the code", lineterm="")
        )
        pytest.fail(f"the API's description changed; if that is meant: {COMMAND}\n{difference}", pytrace=False)
