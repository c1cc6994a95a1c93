import pytest

from geo_registry.divisions import rules
from geo_registry.errors import DivisionCodeInvalid
from geo_registry.vocabulary import DivisionLevel


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("330783201000", "330783201000"),
        (330783201000, "330783201000"),
        (330783201000.0, "330783201000"),
        ("330783201000.0", "330783201000"),
        (" 330783 ", "330783000000"),
        ("33", "330000000000"),
        ("3307", "330700000000"),
        ("330783201", "330783201000"),
        (330783, "330783000000"),
    ],
)
def test_code_is_read_however_files_write_it(written: str | float, code: str) -> None:
    assert rules.normalised(written) == code


@pytest.mark.parametrize(
    "written", ["", "3", "330", "33078", "abc", "3.30783E+11", "-330783", "330783201000.5", "000000", "1234567890123"]
)
def test_what_is_no_code_is_refused(written: str) -> None:
    with pytest.raises(DivisionCodeInvalid):
        rules.normalised(written)


@pytest.mark.parametrize(
    ("code", "level", "parent", "prefix"),
    [
        ("330000000000", DivisionLevel.PROVINCE, None, "33"),
        ("330700000000", DivisionLevel.CITY, "330000000000", "3307"),
        ("330783000000", DivisionLevel.COUNTY, "330700000000", "330783"),
        ("330783201000", DivisionLevel.TOWNSHIP, "330783000000", "330783201"),
        ("330783201201", DivisionLevel.VILLAGE, "330783201000", "330783201201"),
        ("441900003000", DivisionLevel.TOWNSHIP, "441900000000", "441900003"),
    ],
)
def test_code_tells_level_parent_and_what_it_contains(
    code: str, level: DivisionLevel, parent: str | None, prefix: str
) -> None:
    assert rules.level_of(code) is level
    assert rules.parent_code_of(code) == parent
    assert rules.prefix_of(code) == prefix
    assert rules.contains(code, code)
    assert parent is None or rules.contains(parent, code)


def test_neighbouring_division_is_not_contained() -> None:
    assert not rules.contains("330783000000", "330784001000")
