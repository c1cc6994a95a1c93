"""Service standards as they are written, and their thresholds in integers."""

from pathlib import Path

import pytest

from geo_registry.coverage.catalogue import standard, standards
from geo_registry.coverage.inputs import Standard, question_from, read_standard, standard_from
from geo_registry.errors import FileUnreadable, QuestionInvalid, StandardInvalid, StandardUnknown

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


def test_published_care_circle_is_one_kilometre() -> None:
    assert standard("care-circle-15min").limit_cost == 10_000


def test_unknown_standard_names_those_that_there_are() -> None:
    with pytest.raises(StandardUnknown, match="care-circle-15min"):
        standard("no-such")


def test_file_that_is_not_toml_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "standard.toml"
    file.write_bytes(b"\xff\xfe key = ")
    with pytest.raises(FileUnreadable):
        read_standard(file)


def test_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileUnreadable):
        read_standard(tmp_path / "none.toml")


def test_question_with_a_bad_zone_is_refused() -> None:
    with pytest.raises(QuestionInvalid, match="zone"):
        question_from({"zone": "金华"})
