import math
from datetime import date, datetime

import pytest

from geo_registry.exchange import converters
from geo_registry.exchange.converters import Doubtful, RawValue
from geo_registry.exchange.problems import ProblemCode, Refused
from geo_registry.vocabulary import CemeteryOwnership, DivisionLevel, FacilityKind, FacilityStatus, PopulationBasis


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("12", 12),
        (" 12.5 ", 12.5),
        ("1,234,567.5", 1234567.5),
        ("12 345", 12345),
        ("１２３", 123),
        ("-3", -3),
        ("1e3", 1000),
        (7, 7),
        (7.5, 7.5),
        ("", None),
        ("NA", None),
        ("--", None),
        (None, None),
        (math.nan, None),
    ],
)
def test_number_is_read_as_files_write_it(value: RawValue, number: float | None) -> None:
    assert converters.number(value) == number


@pytest.mark.parametrize("value", ["12,5", "1.234,5", "1_000", "inf", "十二", "12人", "0x10", "1,23,456"])
def test_what_may_mean_two_numbers_is_refused(value: str) -> None:
    with pytest.raises(Refused) as refused:
        converters.number(value)
    assert refused.value.code is ProblemCode.NOT_A_NUMBER


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("-1", ProblemCode.NEGATIVE),
        ("-99999", ProblemCode.NEGATIVE),
        ("NaN", ProblemCode.NOT_A_NUMBER),
        ("NA", ProblemCode.NOT_A_NUMBER),
        (math.nan, ProblemCode.NOT_A_NUMBER),
        (math.inf, ProblemCode.NOT_A_NUMBER),
        ("3.4e38", ProblemCode.IMPLAUSIBLE),
        ("many", ProblemCode.NOT_A_NUMBER),
    ],
)
def test_marks_for_no_data_are_no_people(value: RawValue, code: ProblemCode) -> None:
    with pytest.raises(Refused) as refused:
        converters.people(value)
    assert refused.value.code is code


def test_people_may_be_fractions_and_an_empty_cell_says_nothing() -> None:
    assert converters.people("12.75") == 12.75
    assert converters.people(" ") is None
    assert converters.people(0) == 0


@pytest.mark.parametrize(("value", "code"), [("1.5", ProblemCode.NOT_WHOLE), ("-1", ProblemCode.NEGATIVE)])
def test_count_is_whole_and_not_negative(value: str, code: ProblemCode) -> None:
    with pytest.raises(Refused) as refused:
        converters.count(value)
    assert refused.value.code is code
    assert converters.count("12.0") == 12


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("2021-03-01", date(2021, 3, 1)),
        ("2021/3/1", date(2021, 3, 1)),
        ("2021.03.01", date(2021, 3, 1)),
        ("20210301", date(2021, 3, 1)),
        ("2021年3月1日", date(2021, 3, 1)),
        ("2021-03-01 08:30:00", date(2021, 3, 1)),
        ("2021-03-01T08:30:00Z", date(2021, 3, 1)),
        (date(2021, 3, 1), date(2021, 3, 1)),
        (datetime(2021, 3, 1, 8, 30), date(2021, 3, 1)),  # noqa: DTZ001 - layers hold naive moments
        ("", None),
    ],
)
def test_date_is_read_in_the_forms_in_use(value: RawValue, day: date | None) -> None:
    assert converters.day(value) == day


@pytest.mark.parametrize("value", ["44256", "2021-13-01", "2021-02-30", "1/3/2021", "21-3-1", "昨天", "0021-01-01"])
def test_what_is_no_date_is_refused_and_no_serial_is_guessed(value: str) -> None:
    with pytest.raises(Refused):
        converters.day(value)


@pytest.mark.parametrize(
    ("value", "taken"), [("2015", date(2015, 1, 1)), ("2015年6月", date(2015, 6, 1)), ("2015-06", date(2015, 6, 1))]
)
def test_date_without_a_day_is_taken_with_a_warning(value: str, taken: date) -> None:
    found = converters.day(value)
    assert isinstance(found, Doubtful)
    assert found.value == taken


@pytest.mark.parametrize(
    ("value", "flag"), [("是", True), ("无", False), ("Yes", True), (1, True), ("0.0", False), ("", None)]
)
def test_flag_is_yes_or_no(value: RawValue, *, flag: bool | None) -> None:
    assert converters.flag(value) is flag


def test_flag_is_never_guessed() -> None:
    with pytest.raises(Refused):
        converters.flag("maybe")


@pytest.mark.parametrize(
    ("value", "status"),
    [
        ("open", FacilityStatus.OPEN),
        ("运营", FacilityStatus.OPEN),
        ("正常", FacilityStatus.OPEN),
        ("已关闭", FacilityStatus.CLOSED),
        ("在建", FacilityStatus.BUILDING),
        ("拟建", FacilityStatus.PLANNED),
    ],
)
def test_word_is_known_by_key_label_or_synonym(value: str, status: FacilityStatus) -> None:
    assert converters.word_of(FacilityStatus)(value) is status


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("care-institution", FacilityKind.CARE_INSTITUTION),
        ("Care Institution", FacilityKind.CARE_INSTITUTION),
        ("养老机构", FacilityKind.CARE_INSTITUTION),
        ("残疾人之家", FacilityKind.REHABILITATION_POINT),
        ("敬老院", FacilityKind.CARE_INSTITUTION),
        ("home_care_centre", FacilityKind.HOME_CARE_CENTRE),
    ],
)
def test_kind_is_known_in_both_languages(value: str, kind: FacilityKind) -> None:
    assert converters.word_of(FacilityKind)(value) is kind


def test_unknown_word_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(Refused) as refused:
        converters.word_of(PopulationBasis)("流动")
    assert "resident" in refused.value.details["known"]


def test_levels_and_ownerships_are_words_too() -> None:
    assert converters.word_of(DivisionLevel)("街道") is DivisionLevel.TOWNSHIP
    assert converters.word_of(DivisionLevel)(3) is DivisionLevel.COUNTY
    assert converters.word_of(CemeteryOwnership)("公益性") is CemeteryOwnership.PUBLIC_BENEFIT


def test_list_in_a_cell_is_taken_apart() -> None:
    assert converters.texts("助餐、助浴；日托") == ["助餐", "助浴", "日托"]
    assert converters.texts('["a", "b"]') == ["a", "b"]
    assert converters.texts("") is None


@pytest.mark.parametrize("value", ["a\x00b", "\ud800", "x" * 2001])
def test_text_that_can_not_be_kept_is_refused(value: str) -> None:
    with pytest.raises(Refused):
        converters.text(value)


def test_year_is_a_vintage() -> None:
    assert converters.year("2023年") == 2023
    assert converters.year(2023) == 2023
    assert converters.year(2023.0) == 2023
    for wrong in ("1066", "23", "abcd"):
        with pytest.raises(Refused):
            converters.year(wrong)


def test_division_code_is_twelve_digits_from_any_column() -> None:
    assert converters.division_code(330702000000.0) == "330702000000"
    assert converters.division_code("３３０７０２") == "330702000000"
    with pytest.raises(Refused):
        converters.division_code("婺城区")
