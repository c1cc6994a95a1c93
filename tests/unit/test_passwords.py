"""Passwords: kept as argon2id at the cost that is asked for; what is guessed at once is refused."""

import unicodedata

import argon2
import pytest

from geo_registry.accounts import keys
from geo_registry.accounts.passwords import LEAST_CHARACTERS, MOST_CHARACTERS, Passwords, check_strength
from geo_registry.errors import PasswordTooWeak

CHEAP = Passwords(memory_mb=8, passes=1)
GOOD = "四个不相干的词 correct horse"


def test_a_hash_is_argon2id_at_the_cost_that_is_asked_for() -> None:
    found = argon2.extract_parameters(Passwords(memory_mb=9, passes=2).hashed(GOOD))
    assert (found.type, found.memory_cost, found.time_cost) == (argon2.Type.ID, 9 * 1024, 2)


def test_the_same_password_is_never_hashed_the_same() -> None:
    assert CHEAP.hashed(GOOD) != CHEAP.hashed(GOOD)


def test_a_password_fits_its_hash_and_no_other() -> None:
    kept = CHEAP.hashed(GOOD)
    assert CHEAP.fits(GOOD, kept)
    assert not CHEAP.fits(GOOD + " ", kept)
    assert not CHEAP.fits("", kept)


def test_nothing_fits_where_no_password_is_kept() -> None:
    assert not CHEAP.fits(GOOD, None)
    assert not CHEAP.fits("", None)


def test_what_is_kept_and_is_no_hash_fits_nothing() -> None:
    assert not CHEAP.fits(GOOD, "$argon2id$broken")


def test_a_keyboard_that_composes_letters_another_way_types_the_same_password() -> None:
    kept = CHEAP.hashed(unicodedata.normalize("NFC", "Jīnhuá Shì – Wùchéng"))
    assert CHEAP.fits(unicodedata.normalize("NFD", "Jīnhuá Shì – Wùchéng"), kept)


def test_a_password_longer_than_any_that_is_kept_fits_none() -> None:
    longest = ("长一点 " * MOST_CHARACTERS)[:MOST_CHARACTERS]
    kept = CHEAP.hashed(longest)
    assert CHEAP.fits(longest, kept)
    assert not CHEAP.fits(longest + "x", kept)


def test_a_hash_of_another_cost_is_outdated() -> None:
    kept = CHEAP.hashed(GOOD)
    assert not CHEAP.is_outdated(kept)
    assert Passwords(memory_mb=9, passes=1).is_outdated(kept)


@pytest.mark.parametrize(
    "weak",
    [
        "",
        "short",
        "x" * LEAST_CHARACTERS,
        "1212121212121212",
        "my-Li.Ming-2026",
        "long " * MOST_CHARACTERS,
    ],
)
def test_what_is_guessed_at_once_is_refused(weak: str) -> None:
    with pytest.raises(PasswordTooWeak):
        check_strength(weak, login="li.ming")


def test_words_that_have_nothing_to_do_with_each_other_will_do() -> None:
    check_strength(GOOD, login="li.ming")


def test_what_is_made_for_somebody_is_strong_and_never_the_same() -> None:
    made = {keys.new_password() for _ in range(100)}
    assert len(made) == 100
    for each in made:
        check_strength(each, login="li.ming")


def test_a_tokens_secret_can_be_told_from_others_and_its_digest_says_nothing_of_it() -> None:
    secret = keys.new_token()
    assert secret.startswith(keys.TOKEN_MARK)
    assert keys.digest_of(secret) == keys.digest_of(secret)
    assert secret.encode() not in keys.digest_of(secret)
