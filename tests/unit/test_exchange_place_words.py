"""What offices write about place names: several names in a cell, dates of any precision, words for classes, datums."""

from datetime import UTC, date, datetime
from enum import Enum

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as some

from geo_registry.exchange.converters import coordinate, word_of
from geo_registry.exchange.place_synonyms import PLACE_SYNONYMS
from geo_registry.exchange.place_words import (
    NOTHING,
    NamedFor,
    TimeSaid,
    contradicts,
    dated,
    language,
    names_in,
    national_code,
    prose,
    time_said,
)
from geo_registry.exchange.positions import extent_of, shape_of_text
from geo_registry.exchange.problems import ProblemCode, Refused
from geo_registry.exchange.subjects.place_names import spelling_of, spelt
from geo_registry.geo import crs
from geo_registry.places.periods import Dated
from geo_registry.settings import CHECKOUT
from geo_registry.vocabulary import NameKind, PlaceClass, PlaceState, Precision, RomanizedBy, SpellingStatus, Word

YEAR = Precision.YEAR
NAMES = some.text(some.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=1, max_size=8)


def year(number: int) -> Dated:
    return Dated(date(number, 1, 1), YEAR)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("", ()),
        ("无", ()),
        (None, ()),
        ("甲村", (NamedFor("甲村"),)),
        ("甲村;乙村；丙村、丁村，戊村", tuple(map(NamedFor, ("甲村", "乙村", "丙村", "丁村", "戊村")))),
        ("甲村;甲村", (NamedFor("甲村"),)),
        ("红旗路（1966—1981）", (NamedFor("红旗路", year(1966), year(1981)),)),
        ("红旗路（1966-1981", (NamedFor("红旗路", year(1966), year(1981)),)),
        ("上村（居", (NamedFor("上村（居"),)),
        ("红旗路(1966-1981)", (NamedFor("红旗路", year(1966), year(1981)),)),
        ("红旗路（1966年至1981年）", (NamedFor("红旗路", year(1966), year(1981)),)),
        ("红旗路（1966至今）", (NamedFor("红旗路", year(1966)),)),
        ("红旗路（1966-05）", (NamedFor("红旗路", Dated(date(1966, 5, 1), Precision.MONTH)),)),
        ("红旗路（1966）", (NamedFor("红旗路", year(1966)),)),
        (
            "红旗路（1966-05-01—1981）",
            (NamedFor("红旗路", Dated(date(1966, 5, 1)), year(1981)),),
        ),
        ("县前街（民国-1949）", (NamedFor("县前街", Dated(date(1912, 1, 1), Precision.ERA), year(1949)),)),
        # What is no period is a part of the name.
        ("新村（居）", (NamedFor("新村（居）"),)),
    ],
)
def test_cell_holds_several_names_with_their_periods(cell: str | None, expected: tuple[NamedFor, ...]) -> None:
    assert names_in(cell) == expected


@given(some.lists(NAMES, max_size=6), some.sampled_from(["、", ";", "；", "\n", "|", "，"]))
def test_names_that_are_joined_are_told_apart_again(names: list[str], between: str) -> None:
    told = [each.name for each in names_in(between.join(names))]
    assert told == [name for name in dict.fromkeys(names) if name not in NOTHING]


@pytest.mark.parametrize(
    "cell", ["甲" * 101, "甲\x07村", "红旗路（1981—1966）", "红旗路（1966—1966）", "红旗路（1958年3月—1958年）"]
)
def test_what_is_no_name_refuses_the_cell(cell: str) -> None:
    with pytest.raises(Refused):
        names_in(f"乙村;{cell}")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("19580312", Dated(date(1958, 3, 12))),
        ("1958/3/12", Dated(date(1958, 3, 12))),
        ("1958 年 3 月", Dated(date(1958, 3, 1), Precision.MONTH)),
        ("1958.0", year(1958)),
        (1958, year(1958)),
        ("１９５８年", year(1958)),
        ("1958-03-12 00:00:00", Dated(date(1958, 3, 12))),
        (datetime(1958, 3, 12, 8, tzinfo=UTC), Dated(date(1958, 3, 12))),
        (date(1958, 3, 12), Dated(date(1958, 3, 12))),
        ("明代", Dated(date(1368, 1, 1), Precision.ERA)),
        ("至今", None),
        ("不详", None),
        ("-", None),
        ("", None),
        (None, None),
    ],
)
def test_dates_are_taken_as_exactly_as_they_are_written(written: object, expected: Dated | None) -> None:
    assert dated(written) == expected


@pytest.mark.parametrize("written", ["解放后", "1958-13-01", "9999-12-31", "58", "20580", "昨天"])
def test_what_is_no_date_is_refused(written: str) -> None:
    with pytest.raises(Refused) as refused:
        dated(written)
    assert refused.value.code is ProblemCode.DATE_UNCLEAR


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("1958年", TimeSaid(year(1958))),
        ("清末", TimeSaid(Dated(date(1840, 1, 1), Precision.ERA))),
        ("七十年代末", TimeSaid(Dated(date(1970, 1, 1), Precision.DECADE), "七十年代末")),
        ("明末清初", TimeSaid(None, "明末清初")),
        ("至今", None),
        ("", None),
    ],
)
def test_times_are_dates_or_words_that_come_down_to_one(written: str, expected: TimeSaid | None) -> None:
    assert time_said(written) == expected


@pytest.mark.parametrize("written", ["1958-13-01", "1958年13月", "9999-12-31", "20580", "明末" * 60])
def test_what_is_a_wrong_date_is_no_time_in_words(written: str) -> None:
    with pytest.raises(Refused):
        time_said(written)


@given(some.dates(min_value=date(1000, 1, 1), max_value=date(2200, 12, 31)))
def test_a_day_is_read_as_every_office_writes_it(day: date) -> None:
    for form in ("%Y-%m-%d", "%Y%m%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日"):
        assert dated(day.strftime(form)) == Dated(day)


@pytest.mark.parametrize("words", list(PLACE_SYNONYMS), ids=lambda words: words.__name__)
def test_every_synonym_is_a_word_and_means_one_thing(words: type[Word]) -> None:
    assert issubclass(words, Enum)
    for said, key in PLACE_SYNONYMS[words].items():
        assert word_of(words)(said) is words.of(key)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("街路巷", PlaceClass.STREET),
        ("street", PlaceClass.STREET),
        ("natural village", PlaceClass.VILLAGE),
        ("Natural Village", PlaceClass.VILLAGE),
        ("村委会", PlaceClass.COMMITTEE_SEAT),
        ("水库", PlaceClass.RESERVOIR),
    ],
)
def test_classes_are_taken_in_both_languages_and_in_offices_words(said: str, meant: PlaceClass) -> None:
    assert word_of(PlaceClass)(said) is meant
    assert word_of(NameKind)("曾用") is NameKind.FORMER
    assert word_of(PlaceState)("已消失") is PlaceState.ABOLISHED


@pytest.mark.parametrize("said", ["3307020012210000001", "330702001221000000011", "3.3070200122e19"])
def test_a_code_of_a_place_has_twenty_digits(said: str) -> None:
    assert national_code(" 330702 001 22100 000001 ") == "33070200122100000001"
    with pytest.raises(Refused):
        national_code(said)


def test_languages_are_tags() -> None:
    assert (language("bo"), language("ug-Arab"), language("")) == ("bo", "ug-Arab", None)
    with pytest.raises(Refused):
        language("藏语")


def test_prose_keeps_its_lines_and_no_more_than_fits() -> None:
    assert prose(" 第一行 \r\n第二行\t完 ") == "第一行\n第二行 完"
    assert prose("无") is None
    with pytest.raises(Refused):
        prose("长" * 4_001)
    with pytest.raises(Refused):
        prose("a\x07")


@pytest.mark.parametrize(
    ("said", "used", "differs"),
    [
        ("2000国家大地坐标系", "epsg:4490", False),
        ("CGCS2000", "epsg:4326", False),
        ("WGS-84", "epsg:4490", False),
        ("CGCS2000", "epsg:4549", False),
        ("西安80", "epsg:4490", True),
        ("1980西安坐标系", "epsg:4610", False),
        ("北京54", "epsg:4490", True),
        ("火星坐标", "epsg:4490", True),
        ("GCJ-02", "gcj02", False),
        ("WGS84", "gcj02", True),
        ("百度", "bd09", False),
        ("独立坐标系", "epsg:4490", False),
    ],
)
def test_a_row_of_another_datum_contradicts_what_it_is_read_in(said: str, used: str, *, differs: bool) -> None:
    system = crs.parse(used)
    assert system is not None
    assert contradicts(said, system.datum) is differs


@pytest.mark.parametrize(
    ("written", "degrees"),
    [
        ("119.5", 119.5),
        ("119°30′", 119.5),
        ("119°30′00″", 119.5),
        ("E119°30'0\"", 119.5),
        ("119度30分0秒", 119.5),
        ("东经119°30′", 119.5),
        ("119º30'00''", 119.5),
        ("29°30′N", 29.5),
        ("西经3°30′", -3.5),
        ("3°30′S", -3.5),
        ("", None),
    ],
)
def test_degrees_minutes_and_seconds_are_coordinates(written: str, degrees: float | None) -> None:
    assert coordinate(written) == (None if degrees is None else pytest.approx(degrees))


@given(some.integers(0, 179), some.integers(0, 59), some.integers(0, 5_999))
def test_what_is_written_in_minutes_is_read_back(degrees: int, minutes: int, hundredths: int) -> None:
    read = coordinate(f"{degrees}°{minutes:02d}′{hundredths / 100:05.2f}″")
    assert read == pytest.approx(degrees + minutes / 60 + hundredths / 360_000, abs=1e-9)


@pytest.mark.parametrize("written", ["119°61′", "119°30′60″", "119°30x", "东经"])
def test_what_only_looks_like_degrees_is_refused(written: str) -> None:
    with pytest.raises(Refused):
        coordinate(written)


def test_texts_of_geometry_are_wkt_or_geojson() -> None:
    assert shape_of_text("POINT(1 2)") == shapely.Point(1, 2)
    assert shape_of_text("SRID=4490;POINT Z (1 2 3)") == shapely.Point(1, 2)
    assert shape_of_text('{"type": "LineString", "coordinates": [[1, 2], [3, 4]]}') == shapely.LineString(
        [(1, 2), (3, 4)]
    )
    assert shape_of_text(" ") is None
    with pytest.raises(Refused):
        shape_of_text("POINT(1")


def test_extents_are_points_lines_or_areas_and_valid() -> None:
    bow_tie = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    repaired, reason = extent_of(bow_tie)
    assert repaired is not None
    assert (repaired.is_valid, repaired.geom_type, "Self-intersection" in reason) == (True, "MultiPolygon", True)
    assert extent_of(shapely.Polygon()) == (None, "")
    for wrong, code in (
        (shapely.GeometryCollection([shapely.Point(1, 2)]), ProblemCode.GEOMETRY_UNFIT),
        (shapely.LineString([(1, 2), (1, 2)]), ProblemCode.GEOMETRY_EMPTY),
    ):
        with pytest.raises(Refused) as refused:
            extent_of(wrong)
        assert refused.value.code is code


@pytest.mark.parametrize(
    ("given", "romanized", "by", "code"),
    [
        (None, "Rénmín Lù", RomanizedBy.RULES, None),
        ("Rénmín Lù", "Rénmín Lù", RomanizedBy.SOURCE, None),
        ("RENMIN LU", "Rénmín Lù", RomanizedBy.RULES, None),
        ("Renmin Lu", "Rénmín Lù", RomanizedBy.RULES, None),
        ("Renminlu", "Renminlu", RomanizedBy.SOURCE, ProblemCode.SPELT_OTHERWISE),
        ("Rènmín Lù", "Rènmín Lù", RomanizedBy.SOURCE, ProblemCode.SPELT_OTHERWISE),
    ],
)
def test_spelling_of_the_source_wins_where_it_says_something_else(
    given: str | None, romanized: str, by: RomanizedBy, code: ProblemCode | None
) -> None:
    found = spelt("人民路", PlaceClass.STREET, given)
    assert (found.romanized, found.by, found.code) == (romanized, by, code)


def test_name_that_cannot_be_spelt_keeps_what_the_source_says() -> None:
    assert spelt("ཀྲུང", PlaceClass.VILLAGE, None).romanized is None
    assert spelt("ཀྲུང", PlaceClass.VILLAGE, "Krung").romanized == "Krung"


@pytest.mark.parametrize(
    ("kind", "language", "romanized"),
    [
        (NameKind.ALIAS, "zh-Hans", "Lǎojiē"),
        (NameKind.ALIAS, "nan-Hant", None),
        (NameKind.DIALECT, "zh-Hans", None),
        (NameKind.ROMANIZED, "zh-Latn", None),
    ],
)
def test_only_names_in_the_standard_language_are_spelt_by_the_rules(
    kind: NameKind, language: str, romanized: str | None
) -> None:
    assert spelling_of("老街", kind, language, PlaceClass.VILLAGE, None).romanized == romanized
    assert spelling_of("老街", kind, language, PlaceClass.VILLAGE, "Lao Kai").romanized == "Lao Kai"


@pytest.mark.parametrize("words", [NameKind, SpellingStatus, PlaceState])
def test_the_guide_has_every_word_that_a_column_takes(words: type[Word]) -> None:
    guide = (CHECKOUT / "docs" / "data.md").read_text(encoding="utf-8")
    assert [each.value for each in words if f"`{each.value}` {each.zh}" not in guide] == []
