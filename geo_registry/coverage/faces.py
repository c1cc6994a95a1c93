"""Which faces a picture's letters are drawn with: one that has Chinese in its simplified forms, then one for the rest."""

import threading
from collections.abc import Iterable
from pathlib import Path

from matplotlib import font_manager

from geo_registry.errors import FontMissing

CHINESE = (
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "Noto Sans SC",
    "WenQuanYi Micro Hei",
    "Microsoft YaHei",
    "SimHei",
    "PingFang SC",
    "Droid Sans Fallback",
)
"""Families that draw characters as the mainland writes them, the best first.

The last is what the set-up installs (2 MB); the others are taken where a system has them.
"""

LATIN = "DejaVu Sans"
"""Comes with matplotlib; draws the letters and signs that the Chinese face lacks."""

PACKAGE = "fonts-droid-fallback"

_looking = threading.Lock()


def faces() -> tuple[str, ...]:
    """The families to draw with, in the order in which each character is looked for.

    Raises
    ------
    FontMissing
        This machine has no face with Chinese characters: a map of empty boxes helps nobody.
    """
    with _looking:
        found = _best(_known())
        if found is None:
            # matplotlib remembers what it once found; a face that was installed since isn't among it.
            for path in sorted(set(font_manager.findSystemFonts()) - _paths()):
                _add(path)
            found = _best(_known())
    if found is None:
        raise FontMissing(package=PACKAGE)
    return (found, LATIN)


def _known() -> set[str]:
    """Families of which a file is still there."""
    return {entry.name for entry in font_manager.fontManager.ttflist if Path(str(entry.fname)).exists()}


def _paths() -> set[str]:
    return {str(entry.fname) for entry in font_manager.fontManager.ttflist}


def _best(known: Iterable[str]) -> str | None:
    there = set(known)
    return next((family for family in CHINESE if family in there), None)


def _add(path: str) -> None:
    try:
        font_manager.fontManager.addfont(path)
    except (OSError, RuntimeError):
        # A file that is no font, or is damaged, is somebody else's; the next one may do.
        return
