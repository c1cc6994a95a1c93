"""Dates and moments as people and programs write them."""

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_registry import clock
from geo_registry.errors import MomentInvalid

JINHUA = ZoneInfo("Asia/Shanghai")

zones = st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(st.datetimes(datetime(2, 1, 1), datetime(9998, 12, 31), timezones=zones))  # noqa: DTZ001 - given with zones
def test_a_moment_is_read_as_it_is_written(written: datetime) -> None:
    assert clock.moment(written.isoformat(), JINHUA) == written
    assert clock.moment(written.isoformat().replace("+", " "), JINHUA) == written
    assert clock.day_of(written.isoformat()) is None


@given(st.dates(date(1, 1, 1), date(9999, 12, 30)))
def test_a_date_is_its_last_moment(day: date) -> None:
    last = clock.moment(day.isoformat(), JINHUA)
    assert (last.date(), (last + timedelta(microseconds=1)).date()) == (day, day + timedelta(days=1))
    assert clock.day_of(day.isoformat()) == day


def test_a_z_is_utc() -> None:
    assert clock.moment("2026-01-31T04:00:00z", JINHUA) == datetime(2026, 1, 31, 4, tzinfo=UTC)


@given(st.text().filter(lambda text: not any(letter.isdigit() for letter in text)))
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(MomentInvalid) as refused:
        clock.moment(text, JINHUA)
    assert refused.value.details == {"text": text}


@pytest.mark.parametrize(
    "text", ["2026-02-30", "2026-01-31T04:00:00", "2026-01-31T04:00:60Z", "０００１-01-01", "2026-W05-6"]
)
def test_what_only_looks_like_one_is_refused(text: str) -> None:
    with pytest.raises(MomentInvalid):
        clock.moment(text, JINHUA)
