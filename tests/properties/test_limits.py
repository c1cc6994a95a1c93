"""A bucket lets through what its rate allows, whenever it is asked, and everyone on their own."""

from hypothesis import given
from hypothesis import strategies as st

from api.limits import PER_S, Bucket

RATES = st.integers(1, 1000)
PAUSES = st.lists(st.floats(0, 90, allow_nan=False), min_size=1, max_size=200)


@given(RATES, PAUSES)
def test_never_more_than_twice_the_rate_within_a_minute(rate: int, pauses: list[float]) -> None:
    """As many at once as a minute allows, and what the minute makes good meanwhile."""
    bucket, now, let = Bucket(rate), 0.0, []
    for pause in pauses:
        now += pause
        if not bucket.take("somebody", now):
            let.append(now)
    for at in let:
        assert sum(at - PER_S < each <= at for each in let) <= 2 * rate


@given(RATES, PAUSES)
def test_whoever_waits_as_long_as_they_are_told_is_let_through(rate: int, pauses: list[float]) -> None:
    bucket, now = Bucket(rate), 0.0
    for pause in pauses:
        now += pause
        wait_s = bucket.take("somebody", now)
        if wait_s:
            now += wait_s + 1e-6
            assert bucket.take("somebody", now) == 0


@given(RATES)
def test_all_of_a_minutes_share_at_once_and_no_more(rate: int) -> None:
    bucket = Bucket(rate)
    assert [bucket.take("somebody", 0.0) > 0 for _ in range(rate + 1)] == [False] * rate + [True]
    assert bucket.take("another", 0.0) == 0
