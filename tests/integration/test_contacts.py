"""What a mask lets through, whatever the name and the number."""

import re

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from geo_registry.db.session import WriteSession
from geo_registry.facilities.contacts import PHONE

PHONES = st.from_regex(PHONE, fullmatch=True)
NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=60)
MASK = text("SELECT masked_person(:person), masked_phone(:phone)")
EVERY = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def masked(session: WriteSession, person: str = "王", phone: str = "110") -> tuple[str, str]:
    found = session.execute(MASK, {"person": person, "phone": phone}).one()
    return found[0], found[1]


@EVERY
@given(phone=PHONES)
def test_a_masked_number_has_its_digits_and_hides_enough_of_them(session: WriteSession, phone: str) -> None:
    shown, whole = masked(session, phone=phone)[1], re.sub(r"[^0-9]", "", phone)
    assert re.fullmatch(r"[0-9]{0,3}\*+[0-9]{0,4}|", shown)
    assert len(shown) == len(whole)
    assert shown.count("*") >= min(4, (len(whole) + 1) // 2)
    assert all(each in {"*", digit} for each, digit in zip(shown, whole, strict=True))


@EVERY
@given(person=NAMES)
def test_a_masked_name_shows_its_first_character_alone(session: WriteSession, person: str) -> None:
    shown = masked(session, person=person)[0]
    assert shown[0] == person[0]
    assert set(shown[1:]) == {"*"}


def test_names_and_numbers_are_masked_as_people_write_them(session: WriteSession) -> None:
    assert masked(session, "王小明", "138 0000 1234") == ("王**", "138****1234")
    assert masked(session, "王", "110") == ("王*", "**0")
