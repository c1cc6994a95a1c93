"""Lines measured all at once are as shapely measures them one by one."""

import numpy as np
import shapely
import shapely.ops
from hypothesis import given
from hypothesis import strategies as st

from geo_registry.unnamed.measured import Measured

COORDINATE = st.integers(-1_000, 1_000).map(float)
LINE = st.lists(st.tuples(COORDINATE, COORDINATE), min_size=2, max_size=12, unique=True).map(shapely.LineString)
LINES = st.lists(LINE, min_size=1, max_size=6)
SHARE = st.floats(0, 1, allow_subnormal=False)


@given(LINES, st.lists(SHARE, min_size=1, max_size=5))
def test_places_lie_where_shapely_puts_them(lines: list[shapely.LineString], shares: list[float]) -> None:
    some = np.array(lines, dtype=object)
    line, share = np.arange(some.size).repeat(len(shares)), np.tile(shares, some.size)
    found = Measured.of(some).places(line, share)
    expected = shapely.get_coordinates(shapely.line_interpolate_point(some[line], share, normalized=True))
    np.testing.assert_allclose(found, expected, atol=1e-6)


@given(LINES, st.lists(SHARE, min_size=1, max_size=4))
def test_stretches_that_follow_one_another_are_the_whole_line(
    lines: list[shapely.LineString], shares: list[float]
) -> None:
    some = np.array(lines, dtype=object)
    bounds = np.unique(np.array([0.0, *np.round(shares, 6), 1.0]))
    starts, ends = bounds[:-1], bounds[1:]
    line = np.arange(some.size).repeat(starts.size)
    cut = Measured.of(some).stretches(line, np.tile(starts, some.size), np.tile(ends, some.size))
    for at, (of, part) in enumerate(zip(line, cut, strict=True)):
        start, end = starts[at % starts.size], ends[at % starts.size]
        expected = shapely.ops.substring(some[of], start, end, normalized=True)
        assert shapely.hausdorff_distance(part, expected) < 1e-5
    lengths = np.bincount(line, shapely.length(cut))
    np.testing.assert_allclose(lengths, shapely.length(some), rtol=1e-9)
