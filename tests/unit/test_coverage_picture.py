"""A run's map as a picture: whole sheets, true to scale, in the colours of every other map."""

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from geo_registry.coverage import faces
from geo_registry.coverage.mapfile import MINUTE_COLOURS, UNCOVERED_COLOUR
from geo_registry.coverage.picture import (
    A4_LANDSCAPE,
    A4_PORTRAIT,
    CLASSES,
    Outline,
    Paper,
    PictureInput,
    Points,
    Road,
    area_of,
    class_of,
    cut,
    extent_of,
    paper_for,
    scale_for,
    width_em,
    wrapped,
)
from geo_registry.coverage.sheet import draw
from geo_registry.errors import FontMissing
from geo_registry.network.geodesic import exact_m
from geo_registry.settings import CHECKOUT
from geo_registry.vocabulary import DivisionLevel, PointState

SMALL = Paper(156, 45, detail=0.55, titled=False, dpi=150)


def square(west: float, south: float, side: float) -> Any:
    east, north = west + side, south + side
    return np.array([(west, south), (east, south), (east, north), (west, north), (west, south)])


def shown(*, wide: float = 0.3, high: float = 0.2, **over: Any) -> PictureInput:
    """A point of every class in a row, between two corners, in a county with a township."""
    count = len(CLASSES)
    lon, lat = np.linspace(119.5, 119.5 + wide, count), np.linspace(29.0, 29.0 + high, count)
    values: dict[str, Any] = {
        "locale": "zh-CN",
        "title": "一刻钟养老服务圈",
        "subtitle": "金华市",
        "legend_title": "到最近设施的时间（步行）",
        "points": Points(lon=lon, lat=lat, people=np.full(count, 2_000.0), class_at=np.arange(count)),
        "class_people": [2_000.0] * count,
        "facilities_label": "居家养老服务中心（1 处）",
        "facilities": np.array([(119.6, 29.1)]),
        "outlines": [
            Outline(DivisionLevel.COUNTY, "婺城区", [square(119.4, 28.9, 0.5)], (119.6, 29.1)),
            Outline(DivisionLevel.TOWNSHIP, "城东街道", [square(119.5, 29.0, 0.1)], (119.55, 29.05), rank=1),
        ],
        "roads": [Road("primary", np.array([(119.4, 29.0), (119.9, 29.2)]))],
        "credits": "OpenStreetMap (ODbL)",
        "approval": "",
        "synthetic": False,
        "drawn_together": False,
    }
    return PictureInput(**(values | over))


def image(png: bytes) -> Image.Image:
    return Image.open(BytesIO(png)).convert("RGB")


def has(picture: Image.Image, colour: str) -> bool:
    wanted = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)])
    return bool((np.abs(np.asarray(picture).astype(int) - wanted).max(axis=2) <= 2).any())


def test_it_is_a_sheet_of_a4_in_the_colours_of_the_product() -> None:
    png = draw(shown())
    picture = image(png)
    assert picture.size == (2338, 1653)
    assert len(png) < 2_000_000
    for colour in (*MINUTE_COLOURS, UNCOVERED_COLOUR):
        assert has(picture, colour)


def test_its_colours_are_those_of_the_pages() -> None:
    tokens = (CHECKOUT / "api/web/static/css/tokens.css").read_text(encoding="utf-8")
    assert tuple(re.findall(r"--minutes-\w+: (#\w+)", tokens)) == tuple(each.fill for each in CLASSES[:6])
    assert re.findall(r"--uncovered: (#\w+)", tokens) == [UNCOVERED_COLOUR]


def test_a_tall_area_stands_upright() -> None:
    assert paper_for(extent_of(shown(outlines=[], wide=0.4, high=0.1))) == A4_LANDSCAPE
    assert paper_for(extent_of(shown(outlines=[], wide=0.05, high=0.4))) == A4_PORTRAIT
    assert image(draw(shown(outlines=[], wide=0.05, high=0.4))).size == (1653, 2338)


@pytest.mark.parametrize("lat", [0.0, 29.0, 60.0])
def test_the_scale_is_true(lat: float) -> None:
    what = shown(outlines=[])
    what = replace(what, points=replace(what.points, lat=what.points.lat - 29.1 + lat))
    extent = extent_of(what)
    area, (_, _, wide_mm, high_mm) = area_of(extent, A4_LANDSCAPE), A4_LANDSCAPE.chart_mm
    scale = scale_for(extent, A4_LANDSCAPE)
    ends = np.array([(area.west, lat, area.east, lat), (extent.plane.lon, area.south, extent.plane.lon, area.north)])
    across_m, up_m = exact_m(*ends.T)
    assert across_m == pytest.approx(wide_mm * scale / 1000, rel=1e-4)
    assert up_m == pytest.approx(high_mm * scale / 1000, rel=1e-4)


def test_the_scale_is_round_and_the_area_fits() -> None:
    extent = extent_of(shown())
    scale = scale_for(extent, A4_LANDSCAPE)
    _, _, wide_mm, high_mm = A4_LANDSCAPE.chart_mm
    assert extent.width_m <= wide_mm * scale / 1000
    assert extent.height_m <= high_mm * scale / 1000
    assert scale % 10_000 == 0


def test_the_extent_is_that_of_the_question_not_of_the_county_around_it() -> None:
    small = extent_of(shown())
    whole = extent_of(shown(outlines=shown().outlines[:1]))
    assert small.width_m < whole.width_m


def test_a_map_of_nobody_and_nothing_is_drawn() -> None:
    nothing = np.empty(0)
    empty = Points(lon=nothing, lat=nothing, people=nothing, class_at=nothing.astype(int))
    bare: dict[str, Any] = {
        "facilities": np.empty((0, 2)),
        "outlines": [],
        "roads": [],
        "class_people": [0.0] * len(CLASSES),
    }
    assert image(draw(shown(points=empty, **bare), SMALL)).size == (921, 265)


def test_names_are_drawn_as_they_are() -> None:
    """Dollar signs would begin a formula, which fails where they are odd or hold nonsense."""
    draw(shown(title=r"$\frac{", subtitle="<b>&$", credits="$" * 3, facilities_label="a$b$c"), SMALL)


@pytest.mark.parametrize(
    ("over", "colour"),
    [({"synthetic": True}, "#a4241b"), ({"approval": "浙S(2026)1号"}, None), ({"drawn_together": True}, None)],
)
@pytest.mark.parametrize("paper", [SMALL, Paper(297, 210, dpi=60)])
def test_what_a_map_must_say_is_on_it(over: dict[str, Any], colour: str | None, paper: Paper) -> None:
    plain, marked = draw(shown(), paper), draw(shown(**over), paper)
    assert plain != marked
    if colour:
        assert has(image(marked), colour)
        assert not has(image(plain), colour)


def test_it_is_the_same_however_many_draw_at_once() -> None:
    with ThreadPoolExecutor(4) as pool:
        pictures = set(pool.map(lambda _: draw(shown(), SMALL), range(8)))
    assert pictures == {draw(shown(), SMALL)}


def test_a_machine_without_chinese_letters_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faces, "CHINESE", ("No Such Face",))
    with pytest.raises(FontMissing) as refused:
        draw(shown(), SMALL)
    assert "apt-get install fonts-droid-fallback" in refused.value.hint("en")


def test_each_face_draws_simplified_chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    """The picture differs from one of empty boxes, with each of the faces that this machine has."""
    there = [family for family in faces.CHINESE if family in faces._known()]
    assert there
    pictures = []
    for family in there:
        monkeypatch.setattr(faces, "CHINESE", (family,))
        pictures.append(draw(shown(title="直骨角"), SMALL))
    monkeypatch.setattr(faces, "CHINESE", (faces.LATIN,))
    with pytest.warns(UserWarning, match="Glyph"):
        assert draw(shown(title="直骨角"), SMALL) not in pictures


@pytest.mark.parametrize(
    ("state", "minutes", "at"),
    [
        (PointState.COVERED, 0.0, 0),
        (PointState.COVERED, 5.0, 0),
        (PointState.COVERED, 5.004, 1),
        (PointState.COVERED, 15.000_000_002, 2),
        (PointState.COVERED, 31.0, 5),
        (PointState.BEYOND, 4.0, 6),
        (PointState.UNREACHABLE, None, 7),
        (PointState.UNSNAPPED, None, 8),
    ],
)
def test_classes_end_where_they_say(state: PointState, minutes: float | None, at: int) -> None:
    assert class_of(state.value, minutes) == at


@given(st.text(alphabet="ab ,中文。", max_size=60), st.floats(1, 30))
def test_lines_are_no_longer_than_asked_and_lose_nothing(text: str, ems: float) -> None:
    lines = wrapped(text, ems)
    assert all(width_em(line) <= ems + 1e-9 for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_what_is_cut_says_so() -> None:
    assert cut(["ab", "cd"], 2) == ["ab", "cd"]
    assert cut(["ab", "cd", "ef"], 2) == ["ab", "c…"]
