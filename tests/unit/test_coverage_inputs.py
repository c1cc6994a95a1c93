"""Service standards as they are written, and their thresholds in integers."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from geo_registry.coverage.catalogue import shipped, standard, standards
from geo_registry.coverage.inputs import Standard, question_from, read_standard, standard_from
from geo_registry.demo.facilities import MEAL_MODES
from geo_registry.errors import (
    QuestionInvalid,
    StandardInvalid,
    StandardNotToml,
    StandardsOnUnknown,
    StandardUnknown,
    StandardUnreadable,
)
from geo_registry.facilities.filtering import condition
from geo_registry.settings import get_settings

FIELDS: dict[str, object] = {
    "key": "poa-15min",
    "name": {"zh": "十五分钟步行", "en": "15 minutes on foot"},
    "family": "reach",
    "demand": "all",
    "basis": "resident",
    "kinds": ["home-care-centre"],
    "mode": "walk",
    "speed_kmh": 3.6,
    "minutes": 15,
    "source": "the test",
}


@pytest.fixture(autouse=True)
def _settings_read_anew() -> Iterator[None]:
    get_settings.cache_clear()
    yield
    get_settings.cache_clear()


def switch_on(monkeypatch: pytest.MonkeyPatch, keys: str) -> None:
    monkeypatch.setenv("GEO_STANDARDS_ON", keys)
    get_settings.cache_clear()


def made(**over: object) -> Standard:
    return standard_from({**FIELDS, **over}, origin="test")


def test_threshold_is_speed_times_time_in_decimetres() -> None:
    assert made().limit_cost == 9_000


def test_threshold_takes_the_written_decimal_not_its_nearest_float() -> None:
    # 1.1 km/h × 6 min is 110 m exactly; in floats it is 109.99999999999999 m.
    assert made(speed_kmh=1.1, minutes=6).limit_cost == 1_100


def test_threshold_is_cut_to_the_whole_decimetres_within_it() -> None:
    assert made(speed_kmh=4, minutes=10).limit_cost == 6_666


def test_threshold_by_car_is_time_in_hundredths_of_a_second() -> None:
    assert made(mode="drive", speed_kmh=None, minutes=30).limit_cost == 180_000


def test_walking_speed_left_out_is_that_of_the_published_circle() -> None:
    assert made(speed_kmh=None).limit_cost == 10_000


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("minutes", 0),
        ("speed_kmh", -1),
        ("kinds", []),
        ("kinds", ["casino"]),
        ("basis", "guessed"),
        ("family", "supply"),
        ("snap_limit_m", 0),
        ("colour", "red"),
    ],
)
def test_wrong_field_is_refused_by_its_name(field: str, value: object) -> None:
    with pytest.raises(StandardInvalid) as refused:
        made(**{field: value})
    assert field in str(refused.value)


def test_speed_of_a_car_is_refused() -> None:
    with pytest.raises(StandardInvalid):
        made(mode="drive")


def test_every_shipped_standard_says_its_source_and_whether_it_was_verified() -> None:
    assert len(standards()) >= 3
    assert all(one.source and one.scope and one.force for one in standards())
    assert [one.key for one in standards() if one.verified] == ["care-circle-15min"]


def test_only_what_was_verified_ships_switched_on() -> None:
    assert [one.key for one in standards() if one.enabled] == ["care-circle-15min"]
    assert "enabled" not in FIELDS
    assert made().enabled


def test_a_registry_switches_on_what_it_wants_to_use(monkeypatch: pytest.MonkeyPatch) -> None:
    switch_on(monkeypatch, "circle-5min, meal-point-10min")
    listed = standards()
    # Enabled first, each part in the catalogue's order.
    assert [one.key for one in listed if one.enabled] == ["care-circle-15min", "circle-5min", "meal-point-10min"]
    assert [one.enabled for one in listed] == sorted((one.enabled for one in listed), reverse=True)
    assert standard("circle-5min").enabled
    assert not standard("circle-5min").verified
    assert not standard("circle-10min").enabled


def test_switching_on_what_isnt_there_is_refused_with_what_is(monkeypatch: pytest.MonkeyPatch) -> None:
    switch_on(monkeypatch, "circle-5min,circle-7min")
    with pytest.raises(StandardsOnUnknown) as refused:
        standards()
    assert refused.value.message("zh-CN").endswith("：circle-7min")
    assert "circle-5min" in refused.value.hint("en")


@pytest.mark.parametrize("key", [one.key for one in shipped() if one.where])
def test_the_condition_of_a_shipped_standard_can_be_asked(key: str) -> None:
    where = standard(key).where
    assert where is not None
    assert condition(where) is not None


def test_every_shipped_meal_mode_is_one_of_the_demonstration() -> None:
    asked = {mode for one in shipped() for mode in re.findall("'(.+?)'", one.where or "")}
    assert asked < set(MEAL_MODES)


@pytest.mark.parametrize(
    ("key", "metres"),
    [
        ("care-circle-15min", 1_000),
        ("care-circle-15min-800m", 800),
        ("care-circle-15min-slow", 855),
        ("care-circle-15min-80plus", 850),
        ("care-circle-15min-80plus-slow", 600),
        ("circle-10min", 500),
        ("circle-5min", 300),
    ],
)
def test_a_circle_is_as_wide_as_its_source_says(key: str, metres: int) -> None:
    assert standard(key).limit_cost == metres * 10


def test_unknown_standard_names_those_that_there_are() -> None:
    with pytest.raises(StandardUnknown, match="care-circle-15min"):
        standard("no-such")


@pytest.mark.parametrize(
    ("content", "line", "column", "text"),
    [
        ('key = "a"\nminutes = abc\n', 2, 11, "minutes = abc"),
        ('key = "a"\nkinds = ["meal-point",\n', 2, 23, 'kinds = ["meal-point",'),
        ('key = "a"\nkey = "b"\n', 2, 10, 'key = "b"'),
        ("key =", 1, 6, "key ="),
    ],
)
def test_a_file_that_is_not_toml_says_where(tmp_path: Path, content: str, line: int, column: int, text: str) -> None:
    file = tmp_path / "standard.toml"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(StandardNotToml) as refused:
        read_standard(file)
    assert refused.value.details == {"path": file, "line": line, "column": column, "text": text}


def test_a_file_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "standard.toml"
    file.write_bytes(b"\xff\xfe key = ")
    with pytest.raises(StandardUnreadable, match="UTF-8"):
        read_standard(file)


@pytest.mark.parametrize(
    ("name", "reason_zh", "reason_en"),
    [
        ("none.toml", "没有这个文件或目录", "there is no such file or folder"),
        ("", "这是一个目录", "it is a folder"),
        ("a\0b.toml", "路径无效", "the path is not valid"),
        (f"{'n' * 300}.toml", "名称太长", "its name is too long"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path, name: str, reason_zh: str, reason_en: str) -> None:
    with pytest.raises(StandardUnreadable) as refused:
        read_standard(tmp_path / name)
    assert reason_zh in refused.value.message("zh-CN")
    assert reason_en in refused.value.message("en")


def test_what_is_wrong_is_said_in_both_languages() -> None:
    with pytest.raises(StandardInvalid) as refused:
        made(minutes=-1, family="supply")
    assert refused.value.details["problems_zh"] == "family: 应为以下之一：reach; minutes: 应大于 0"
    with pytest.raises(StandardInvalid) as refused:
        made(mode="drive")
    assert "驾车" in refused.value.message("zh-CN")
    assert "Value error" not in refused.value.message("en")


def test_question_with_a_bad_zone_is_refused() -> None:
    with pytest.raises(QuestionInvalid, match="zone"):
        question_from({"zone": "金华"})
