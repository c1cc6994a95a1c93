"""What the cluster tells the person who waits for it; where it is shown is the caller's choice."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

_LOG = logging.getLogger("geo_registry.db.cluster")


@dataclass(frozen=True)
class Notice:
    """One thing worth knowing while the database is made, started or found, in both languages."""

    zh: str
    en: str

    def message(self, locale: str) -> str:
        """The notice in the language of `locale` (``en…``, anything else is zh)."""
        return self.en if locale.startswith("en") else self.zh


Tell = Callable[[Notice], None]
"""Takes a notice to whoever asked."""


def log_notice(notice: Notice) -> None:
    """Write a notice to the log; with no logging set up, Python puts warnings on stderr."""
    _LOG.warning(notice.en)
