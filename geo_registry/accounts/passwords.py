"""Passwords: what they must be, and how they are kept (argon2id)."""

import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property, lru_cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

from geo_registry.accounts.keys import new_secret
from geo_registry.errors import PasswordTooWeak
from geo_registry.settings import Settings

LEAST_CHARACTERS = 10
MOST_CHARACTERS = 200
LEAST_DIFFERENT = 5
"""Different characters in a password: fewer are a key held down."""

MOST_AT_ONCE = 4
"""Hashes that a process computes at once; each takes `GEO_PASSWORD_MEMORY_MB`."""

LANES = 1
"""argon2's parallelism: requests are what runs side by side."""

MB = 1024
"""In argon2's unit, KiB."""


class Passwords:
    """Makes and checks hashes at a cost, a few at a time."""

    def __init__(self, *, memory_mb: int, passes: int) -> None:
        self._argon2 = PasswordHasher(time_cost=passes, memory_cost=memory_mb * MB, parallelism=LANES)
        self._turns = BoundedSemaphore(MOST_AT_ONCE)

    def hashed(self, password: str) -> str:
        """The hash to keep, with its cost and salt in it."""
        with self._turn():
            return self._argon2.hash(_prepared(password))

    def fits(self, password: str, kept: str | None) -> bool:
        """Whether `password` is the one that `kept` was made of.

        Without a hash (there is no such account, or it has no password) the same work is done on another, so that
        the time tells nobody which login names exist.
        """
        with self._turn():
            try:
                self._argon2.verify(kept or self._nobodys, _prepared(password))
            except (VerifyMismatchError, VerificationError, InvalidHashError):
                return False
        return kept is not None

    def is_outdated(self, kept: str) -> bool:
        """Whether a hash was made at another cost than is asked for now."""
        return self._argon2.check_needs_rehash(kept)

    @cached_property
    def _nobodys(self) -> str:
        """A hash of what nobody knows."""
        return self._argon2.hash(new_secret())

    @contextmanager
    def _turn(self) -> Iterator[None]:
        with self._turns:
            yield


@lru_cache(maxsize=4)
def _passwords(memory_mb: int, passes: int) -> Passwords:
    made = Passwords(memory_mb=memory_mb, passes=passes)
    # Made beforehand: the first unknown name would take twice as long as a known one.
    made.fits("", None)
    return made


def passwords_for(settings: Settings) -> Passwords:
    """Passwords at the cost of the settings; one for the process."""
    return _passwords(settings.password_memory_mb, settings.password_passes)


def check_strength(password: str, *, login: str) -> None:
    """Refuse what is guessed at once; no rules about kinds of characters, which make passwords predictable.

    Raises
    ------
    PasswordTooWeak
        It is too short or too long, holds the login name, or is nearly one character.
    """
    text = _prepared(password)
    if len(text) < LEAST_CHARACTERS:
        raise PasswordTooWeak(reason_zh="太短", reason_en="it is too short", least=LEAST_CHARACTERS)
    if len(text) > MOST_CHARACTERS:
        raise PasswordTooWeak(
            reason_zh=f"超过 {MOST_CHARACTERS} 个字符",
            reason_en=f"it has more than {MOST_CHARACTERS} characters",
            least=LEAST_CHARACTERS,
        )
    if login.lower() in text.lower():
        raise PasswordTooWeak(reason_zh="含有登录名", reason_en="it holds the login name", least=LEAST_CHARACTERS)
    if len(set(text)) < LEAST_DIFFERENT:
        raise PasswordTooWeak(
            reason_zh="不同的字符太少", reason_en="it has too few different characters", least=LEAST_CHARACTERS
        )


def _prepared(password: str) -> str:
    """The same characters however a keyboard composes them (RFC 8265), and never more than is allowed."""
    return unicodedata.normalize("NFC", password.encode("utf-8", "replace").decode())[: MOST_CHARACTERS + 1]
