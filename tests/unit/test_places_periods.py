"""Dates of the past: told as exactly as they are known, and read back as they were told."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as some

from geo_registry.errors import DateUnclear
from geo_registry.places.periods import ERAS, Dated, holds, overlap
from geo_registry.vocabulary import Precision

DAYS = some.dates(min_value=date(1000, 1, 1), max_value=date(2200, 1, 1))


@pytest.mark.parametrize(
    ("written", "day", "precision", "zh"),
    [
        ("1958-03-12", date(1958, 3, 12), Precision.DAY, "1958年3月12日"),
        ("1958年3月12日", date(1958, 3, 12), Precision.DAY, "1958年3月12日"),
        ("1958.3.12", date(1958, 3, 12), Precision.DAY, "1958年3月12日"),
        ("1958年3月", date(1958, 3, 1), Precision.MONTH, "1958年3月"),
        ("1958-03", date(1958, 3, 1), Precision.MONTH, "1958年3月"),
        (" 1958 ", date(1958, 1, 1), Precision.YEAR, "1958年"),
        ("1958年", date(1958, 1, 1), Precision.YEAR, "1958年"),
        ("1950年代", date(1950, 1, 1), Precision.DECADE, "1950年代"),
        ("1950s", date(1950, 1, 1), Precision.DECADE, "1950年代"),
        ("19世纪", date(1800, 1, 1), Precision.CENTURY, "19世纪"),
        ("明", date(1368, 1, 1), Precision.ERA, "明代"),
        ("明代", date(1368, 1, 1), Precision.ERA, "明代"),
        ("清朝", date(1644, 1, 1), Precision.ERA, "清代"),
        ("民国", date(1912, 1, 1), Precision.ERA, "民国"),
        ("康熙年间", date(1662, 1, 1), Precision.ERA, "康熙"),
        ("万历", date(1573, 1, 1), Precision.ERA, "万历"),
        ("乾隆年间", date(1736, 1, 1), Precision.ERA, "乾隆"),
        ("清乾隆年间", date(1736, 1, 1), Precision.ERA, "乾隆"),
        ("明万历", date(1573, 1, 1), Precision.ERA, "万历"),
        ("明末", date(1572, 1, 1), Precision.ERA, "明末"),
        ("清末", date(1840, 1, 1), Precision.ERA, "清末"),
        ("晚清", date(1840, 1, 1), Precision.ERA, "清末"),
        ("解放初", date(1949, 1, 1), Precision.ERA, "解放初"),
        ("建国初期", date(1949, 1, 1), Precision.ERA, "解放初"),
        ("东汉", date(25, 1, 1), Precision.ERA, "东汉"),
    ],
)
def test_what_people_write_is_understood(written: str, day: date, precision: Precision, zh: str) -> None:
    dated = Dated.parse(written)
    assert dated == Dated(day, precision)
    assert dated.label("zh-CN") == zh
    assert Dated.parse(str(dated)) == dated
    assert str(day.year) in dated.label("en") or precision is Precision.CENTURY


@pytest.mark.parametrize("written", ["", "不详", "1958-13", "1958-02-30", "58", "1958-3-12x", "商", "<1958>"])
def test_what_nobody_can_tell_is_refused_in_both_languages(written: str) -> None:
    with pytest.raises(DateUnclear) as refused:
        Dated.parse(written)
    assert "1950年代" in refused.value.hint("zh")
    assert "1950s" in refused.value.hint("en")


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("七十年代末", "1970s"),
        ("七十年代", "1970s"),
        ("上世纪70年代初", "1970s"),
        ("20世纪五十年代中期", "1950s"),
        ("1970年代末", "1970s"),
        ("19世纪末", "19th century"),
        ("清初", "清"),
        ("清代中期", "清"),
        ("乾隆末年", "乾隆"),
        ("民国初年", "民国"),
        ("明末清初", None),
        ("解放后", None),
        ("文革时期", None),
        ("1958年初", None),
        ("宋元之际", None),
        ("", None),
    ],
)
def test_words_that_say_less_than_a_date_come_down_to_what_they_are_a_part_of(written: str, told: str | None) -> None:
    found = Dated.around(written)
    assert (None if found is None else str(found)) == told


@given(day=DAYS, precision=some.sampled_from(Precision))
def test_what_is_told_is_read_back(day: date, precision: Precision) -> None:
    if precision is Precision.ERA:
        day = date(max((year for year in ERAS.values() if year <= day.year), default=1368), 1, 1)
    dated = Dated.parse(str(Dated(day, precision)))
    assert dated.precision is precision
    assert dated.day <= day
    assert Dated.parse(str(dated)) == dated


ENDS = some.one_of(some.none(), DAYS)


@given(begun=ENDS, ended=ENDS, other_begun=ENDS, other_ended=ENDS, day=DAYS)
def test_periods_overlap_where_they_share_a_day(
    begun: date | None, ended: date | None, other_begun: date | None, other_ended: date | None, day: date
) -> None:
    one, other = (begun, ended), (other_begun, other_ended)
    assert overlap(one, other) is overlap(other, one)
    if holds(*one, day) and holds(*other, day):
        assert overlap(one, other)
