"""Which encoding texts are in: tried strictly, never guessed from frequencies."""

import codecs
from collections.abc import Iterable

from geo_registry.errors import EncodingMismatch, EncodingUnknown

BLOCK_BYTES = 1 << 20

BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
CANDIDATES = ("utf-8", "gb18030")
"""GB18030 takes nearly every pair of bytes, so UTF-8 is tried first: Chinese in GBK is never valid UTF-8."""


def by_mark(beginning: bytes) -> str | None:
    """The encoding that a byte order mark tells; None without one."""
    return next((name for mark, name in BYTE_ORDER_MARKS if beginning.startswith(mark)), None)


def known(name: str) -> str:
    """The name that Python gives an encoding.

    Raises
    ------
    EncodingUnknown
        There is no such encoding.
    """
    try:
        return codecs.lookup(name).name
    except LookupError:
        raise EncodingUnknown(name=name) from None


class Trial:
    """Tries encodings on bytes as they come; those that don't fit drop out."""

    def __init__(self, names: Iterable[str] = CANDIDATES) -> None:
        self._decoders = {name: codecs.getincrementaldecoder(name)("strict") for name in names}
        self._failed_at: dict[str, int] = {}
        self._seen = 0

    def feed(self, block: bytes) -> None:
        """Take the next bytes."""
        for name, decoder in list(self._decoders.items()):
            try:
                decoder.decode(block)
            except UnicodeDecodeError as error:
                self._failed_at[name] = self._seen + error.start
                del self._decoders[name]
        self._seen += len(block)

    @property
    def failed(self) -> bool:
        """Whether no encoding is left; one that only misses the rest of its last character is."""
        return not self._decoders

    def verdict(self, path: object) -> tuple[str, bool]:
        """The first encoding that fits all bytes, and whether its last character is whole.

        Raises
        ------
        EncodingMismatch
            None fits; the error says at which byte each failed.
        """
        for name, decoder in self._decoders.items():
            try:
                decoder.decode(b"", final=True)
            except UnicodeDecodeError:
                return name, False
            return name, True
        raise EncodingMismatch(
            path=path, tried=", ".join(f"{name} (byte {at})" for name, at in self._failed_at.items())
        )
