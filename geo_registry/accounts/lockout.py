"""How long the next attempt to sign in has to wait: values in, values out."""

from datetime import timedelta

FREE_BY_LOGIN = 4
"""Attempts on a login name that may fail before the next one waits: people mistype.

Counted of each browser that the account was signed in from by itself, and of all else together.
"""
FREE_BY_ADDRESS = 30
"""From an address: an office goes out by one, and guesses spread over many names come from one."""

FIRST_WAIT_S = 15
LONGEST_WAIT_S = 900
"""Long enough to make guessing hopeless: some hundred a day. Short enough that nobody is shut out for good by guesses of
others, where they sign in from a browser for the first time."""

FORGOTTEN_AFTER = timedelta(days=1)
"""Since the last attempt: then counting begins anew."""


def wait_s(failures: int, free: int) -> int:
    """Seconds until the next attempt after so many that failed, of which `free` cost nothing: doubled each time."""
    beyond = failures - free
    if beyond <= 0:
        return 0
    return LONGEST_WAIT_S if beyond > LONGEST_WAIT_S.bit_length() else min(FIRST_WAIT_S << (beyond - 1), LONGEST_WAIT_S)
