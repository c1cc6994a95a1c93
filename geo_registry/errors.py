"""Every domain error: a stable code, a message and what to do about it, in zh and en; no HTTP.

A concrete error is a class with templates; its keyword arguments fill them and stay readable as ``details``.
"""

from typing import ClassVar


class DomainError(Exception):
    """What the product refuses or can't do, said so that a person can act on it."""

    code: ClassVar[str] = "error"
    zh: ClassVar[str] = ""
    en: ClassVar[str] = ""
    hint_zh: ClassVar[str] = ""
    hint_en: ClassVar[str] = ""

    def __init__(self, **details: object) -> None:
        self.details = details
        super().__init__(self.message("en"))

    def message(self, locale: str) -> str:
        """What is wrong, in the language of `locale` (``en…``, anything else is zh)."""
        return (self.en if locale.startswith("en") else self.zh).format(**self.details)

    def hint(self, locale: str) -> str:
        """What to do about it, in the language of `locale`."""
        return (self.hint_en if locale.startswith("en") else self.hint_zh).format(**self.details)


class BadQuery(DomainError):
    """A question that can't be asked so."""


class BadInput(DomainError):
    """Something that was handed in (a body, a row, a file) is wrong."""


class NotFound(DomainError):
    """There is no such thing."""


class Conflict(DomainError):
    """It doesn't go with what is already there."""


class Unavailable(DomainError):
    """The product can't do it now: something that it stands on is missing or down."""
