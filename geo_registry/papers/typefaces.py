"""Which letters a PDF is set in: a Chinese face with TrueType outlines, and one for Latin letters, tones and signs.

A PDF carries the outlines that it uses. The writer takes TrueType outlines alone: Noto CJK's are of the other sort (CFF).
"""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont

from geo_registry.errors import PaperFontMissing

CHINESE = (
    "simfang.ttf",
    "FangSong.ttf",
    "NotoSansSC-Regular.ttf",
    "wqy-microhei.ttc",
    "msyh.ttc",
    "simsun.ttc",
    "simhei.ttf",
    "DroidSansFallbackFull.ttf",
    "DroidSansFallback.ttf",
)
"""Files of faces that draw characters as the mainland writes them, the best first; the last but one is what the set-up installs."""

PACKAGE = "fonts-droid-fallback"

FOLDERS = (
    Path("/usr/share/fonts"),
    Path("/usr/local/share/fonts"),
    Path("~/.local/share/fonts"),
    Path("~/.fonts"),
    Path("/Library/Fonts"),
    Path("/System/Library/Fonts"),
    Path("C:/Windows/Fonts"),
)

LATIN = "DejaVuSans.ttf"
"""Comes with matplotlib; has every toned vowel of pinyin, which the Chinese face may lack."""
LATIN_SIZE = 0.92
"""Of the size of the Chinese face: its letters are large for theirs."""

MISSING = "〓"
"""Set for a character that no face has, as printers do."""

_registering = threading.Lock()


@dataclass(frozen=True, slots=True)
class Run:
    """Some characters of one face: its name, and its size as a share of the text's."""

    text: str
    face: str
    scale: float


@dataclass(frozen=True)
class Typefaces:
    """The faces in the order in which each character is looked for, with their scales."""

    faces: Sequence[tuple[str, float]]

    @cached_property
    def _known(self) -> dict[str, tuple[int, float]]:
        """Of characters that were met: which face has it, and its width at size 1."""
        return {}

    def width(self, text: str, size: float) -> float:
        """How wide a text is, in points."""
        return size * sum(self._of(character)[1] for character in text)

    def runs(self, text: str) -> Iterator[Run]:
        """The text in parts of one face; what no face has as `MISSING`."""
        start, current = 0, -1
        shown = "".join(character if self._of(character)[0] >= 0 else MISSING for character in text)
        for at, character in enumerate(shown):
            face = self._of(character)[0]
            if face != current and at > start:
                yield Run(shown[start:at], *self.faces[current])
                start = at
            current = face
        if shown:
            yield Run(shown[start:], *self.faces[current])

    def lacks(self, text: str) -> Sequence[str]:
        """The characters that no face has, each once, as they come."""
        return list(dict.fromkeys(character for character in text if self._of(character)[0] < 0))

    def _of(self, character: str) -> tuple[int, float]:
        known = self._known.get(character)
        if known is None:
            known = self._known[character] = self._look(character)
        return known

    def _look(self, character: str) -> tuple[int, float]:
        for at, (name, scale) in enumerate(self.faces):
            face = pdfmetrics.getFont(name).face
            if ord(character) in face.charToGlyph:
                return at, scale * face.charWidths.get(ord(character), face.defaultWidth) / 1000
        return -1, self._look(MISSING)[1] if character != MISSING else 1.0


def typefaces() -> Typefaces:
    """The faces that PDFs are set in, made known to the writer.

    Raises
    ------
    PaperFontMissing
        This machine has no Chinese face with TrueType outlines.
    """
    with _registering:
        registered = pdfmetrics.getRegisteredFontNames()
        chinese = next((name for name in map(_name, CHINESE) if name in registered), None) or _register_chinese()
        if chinese is None:
            raise PaperFontMissing(package=PACKAGE)
        if _name(LATIN) not in registered:
            pdfmetrics.registerFont(TTFont(_name(LATIN), str(_latin())))
    return Typefaces(((chinese, 1.0), (_name(LATIN), LATIN_SIZE)))


def _register_chinese() -> str | None:
    there = {path.name: path for folder in FOLDERS for path in folder.expanduser().rglob("*.tt[cf]")}
    for name in CHINESE:
        if name in there:
            try:
                pdfmetrics.registerFont(TTFont(_name(name), str(there[name])))
            except (TTFError, OSError):
                # Somebody else's file, damaged or of another sort; the next one may do.
                continue
            return _name(name)
    return None


def _name(file: str) -> str:
    return Path(file).stem


def _latin() -> Path:
    # Without importing matplotlib, which takes a second.
    spec = find_spec("matplotlib")
    assert spec is not None, "matplotlib is declared"
    assert spec.origin is not None, "it is a package of files"
    return Path(spec.origin).parent / "mpl-data" / "fonts" / "ttf" / LATIN
