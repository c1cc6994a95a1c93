"""What a mask lets through, whatever the name and the number."""

import re

from hypothesis import given
from hypothesis import strategies as st

from geo_registry.facilities.contacts import PHONE, masked_person, masked_phone

PHONES = st.from_regex(PHONE, fullmatch=True)


def digits(text: str) -> str:
    return re.sub(r"[^0-9]", "", text)


@given(PHONES)
def test_a_masked_number_has_its_digits_and_hides_enough_of_them(phone: str) -> None:
    masked, whole = masked_phone(phone), digits(phone)
    assert re.fullmatch(r"[0-9]{0,3}\*+[0-9]{0,4}|", masked)
    assert len(masked) == len(whole)
    assert masked.count("*") >= min(4, (len(whole) + 1) // 2)
    assert all(shown in {"*", digit} for shown, digit in zip(masked, whole, strict=True))


@given(st.text(min_size=1, max_size=60))
def test_a_masked_name_shows_its_first_character_alone(person: str) -> None:
    masked = masked_person(person)
    assert masked[0] == person[0]
    assert set(masked[1:]) == {"*"}


def test_a_mobile_number_is_masked_as_people_write_it() -> None:
    assert masked_phone("138 0000 1234") == "138****1234"
    assert masked_phone("110") == "**0"
    assert masked_person("王小明") == "王**"
    assert masked_person("王") == "王*"
