"""Attempts that fail make the next one wait, longer each time, and never for good."""

from geo_registry.accounts.lockout import FIRST_WAIT_S, FREE_BY_LOGIN, LONGEST_WAIT_S, wait_s


def test_a_few_mistakes_cost_nothing() -> None:
    assert [wait_s(failures, FREE_BY_LOGIN) for failures in range(FREE_BY_LOGIN + 1)] == [0] * (FREE_BY_LOGIN + 1)


def test_the_wait_doubles_up_to_the_longest() -> None:
    waits = [wait_s(FREE_BY_LOGIN + beyond, FREE_BY_LOGIN) for beyond in range(1, 200)]
    assert waits[:4] == [FIRST_WAIT_S, 2 * FIRST_WAIT_S, 4 * FIRST_WAIT_S, 8 * FIRST_WAIT_S]
    assert waits == sorted(waits)
    assert waits[-1] == LONGEST_WAIT_S


def test_a_day_of_guessing_one_name_is_a_hundred_guesses() -> None:
    spent_s, guesses = 0, 0
    while spent_s < 24 * 3600:
        guesses += 1
        spent_s += wait_s(guesses, FREE_BY_LOGIN)
    assert guesses < 110
