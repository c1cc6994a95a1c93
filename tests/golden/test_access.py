"""docs/access.md says of roles and verbs what the code does."""

from difflib import unified_diff

import pytest

from tests.golden import access
from tests.golden.rewrite import COMMAND


def test_the_tables_of_the_page_are_the_codes() -> None:
    page = access.PAGE.read_text(encoding="utf-8")
    if page != access.written(page):
        lines = unified_diff(
            page.splitlines(), access.written(page).splitlines(), "docs/access.md", "the code", lineterm=""
        )
        pytest.fail("docs/access.md isn't what the code says; " + COMMAND + "\n" + "\n".join(lines), pytrace=False)
