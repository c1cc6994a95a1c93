"""Pictures that the registry keeps: what a file is by its bytes, and without what cameras and phones write into it.

A photograph's file may tell where and by whom it was taken, to the metre: that is left away, but for the colour profile and
which side is up. Whatever follows a picture's end is left away too, so that a file is one picture and nothing else.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

from geo_registry.errors import PictureRefused

MOST_BYTES = 2_000_000
"""A photograph 2,400 pixels wide, as pages show it, has half of that."""
MOST_PIXELS = 40_000_000
"""More than cameras take; a file that claims more is meant to fill somebody's memory."""

JPEG, PNG, WEBP = "image/jpeg", "image/png", "image/webp"

_PNG_BEGINS = b"\x89PNG\r\n\x1a\n"
_PNG_KEPT = frozenset({b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT", b"bKGD", b"pHYs"})
_WEBP_KEPT = frozenset({b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ICCP"})
_WEBP_TELLS = 0x0C
"""The flags of a WebP file that says where and by whom it was taken: EXIF and XMP."""

_START_OF_IMAGE, _END_OF_IMAGE, _START_OF_SCAN = 0xD8, 0xD9, 0xDA
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_APP1, _APP2, _APP14, _LAST_APP, _COMMENT = 0xE1, 0xE2, 0xEE, 0xEF, 0xFE
_EXIF, _ICC = b"Exif\x00\x00", b"ICC_PROFILE\x00"
_ORIENTATION = 0x0112
_SHORT_COUNT = struct.pack(">HHI", _ORIENTATION, 3, 1)


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as it is kept: its media type and size by its bytes."""

    media_type: str
    width_px: int
    height_px: int
    content: bytes

    @property
    def checksum(self) -> bytes:
        """The SHA-256 of its bytes."""
        return sha256(self.content).digest()


def read_picture(content: bytes) -> Picture:
    """A file as the picture that it is.

    Raises
    ------
    PictureRefused
        It is empty, too large, no JPEG, PNG or WebP, animated, or broken off.
    """
    if not content:
        raise _refused("文件是空的", "the file is empty")
    if len(content) > MOST_BYTES:
        size = f"{len(content) / 1e6:.1f}"
        raise _refused(f"文件有 {size} MB", f"the file has {size} MB")
    try:
        found = _read(content)
    except (struct.error, IndexError):
        found = None
        raise _refused("文件不完整", "the file is broken off") from None
    if found is None:
        raise _refused("不是 JPEG、PNG 或 WebP 图片", "it is no JPEG, PNG or WebP picture")
    if not 0 < found.width_px * found.height_px <= MOST_PIXELS:
        raise _refused(
            f"尺寸 {found.width_px} × {found.height_px} 不能接受",
            f"its size of {found.width_px} × {found.height_px} won't do",
        )
    return found


def _read(content: bytes) -> Picture | None:
    if content.startswith(b"\xff\xd8\xff"):
        return _jpeg(content)
    if content.startswith(_PNG_BEGINS):
        return _png(content)
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return _webp(content)
    return None


def _jpeg(content: bytes) -> Picture:
    kept, size, upright = [], None, b""
    for marker, body, at in _segments(content):
        if marker == _START_OF_SCAN:
            end = content.rfind(bytes([0xFF, _END_OF_IMAGE]))
            if end < at or size is None:
                raise _refused("文件不完整", "the file is broken off")
            return Picture(JPEG, size[0], size[1], b"\xff\xd8" + upright + b"".join(kept) + content[at : end + 2])
        if marker in _FRAMES:
            height, width = struct.unpack(">HH", body[1:5])
            size = (width, height)
        if marker == _APP1 and body.startswith(_EXIF):
            upright = _turned(body[len(_EXIF) :])
        if not _tells(marker, body):
            kept.append(content[at : at + 4 + len(body)])
    raise _refused("文件不完整", "the file is broken off")


def _segments(content: bytes) -> Iterator[tuple[int, bytes, int]]:
    """The segments of a JPEG file before its scan, each with its marker, its body and where it begins."""
    at = 2
    while at < len(content):
        begin, marker = content[at], content[at + 1]
        if begin != 0xFF:
            raise _refused("文件不完整", "the file is broken off")
        if marker == 0xFF:
            at += 1
            continue
        (length,) = struct.unpack(">H", content[at + 2 : at + 4])
        yield marker, content[at + 4 : at + 2 + length], at
        at += 2 + length


def _tells(marker: int, body: bytes) -> bool:
    """Whether a segment tells what isn't needed to show the picture."""
    if marker == _COMMENT:
        return True
    if not _APP1 <= marker <= _LAST_APP:
        return False
    return not (marker == _APP14 or (marker == _APP2 and body.startswith(_ICC)))


def _turned(exif: bytes) -> bytes:
    """A segment that says which side of a photograph is up, and nothing else; empty where that is as it lies."""
    order = {b"II": "<", b"MM": ">"}.get(exif[:2])
    if order is None:
        return b""
    (first,) = struct.unpack(order + "I", exif[4:8])
    (count,) = struct.unpack(order + "H", exif[first : first + 2])
    for entry in range(count):
        at = first + 2 + 12 * entry
        tag, kind, many, value = struct.unpack(order + "HHIH", exif[at : at + 10])
        if (tag, kind, many) == (_ORIENTATION, 3, 1) and 1 < value <= 8:
            said = _EXIF + b"MM\x00\x2a\x00\x00\x00\x08\x00\x01" + _SHORT_COUNT + struct.pack(">HHI", value, 0, 0)
            return bytes([0xFF, _APP1]) + struct.pack(">H", len(said) + 2) + said
    return b""


def _png(content: bytes) -> Picture:
    kept, size, at = [_PNG_BEGINS], None, len(_PNG_BEGINS)
    while True:
        (length,) = struct.unpack(">I", content[at : at + 4])
        kind, end = content[at + 4 : at + 8], at + 12 + length
        (crc,) = struct.unpack(">I", content[end - 4 : end])
        if crc != zlib.crc32(content[at + 4 : end - 4]):
            raise _refused("文件已损坏", "the file is damaged")
        if kind == b"IHDR":
            size = struct.unpack(">II", content[at + 8 : at + 16])
        elif size is None:
            raise _refused("文件已损坏", "the file is damaged")
        # A chunk whose name begins with a capital is needed to show the picture.
        if kind[:1].isupper() or kind in _PNG_KEPT:
            kept.append(content[at:end])
        if kind == b"IEND" and size is not None:
            return Picture(PNG, size[0], size[1], b"".join(kept))
        at = end


def _webp(content: bytes) -> Picture:
    (whole,) = struct.unpack("<I", content[4:8])
    kept, size, at = [], None, 12
    if len(content) < whole + 8:
        raise _refused("文件不完整", "the file is broken off")
    while at < whole + 8:
        kind, (length,) = content[at : at + 4], struct.unpack("<I", content[at + 4 : at + 8])
        body, at = content[at + 8 : at + 8 + length], at + 8 + length + length % 2
        if kind in {b"ANIM", b"ANMF"}:
            raise _refused("动图不能登记", "it is animated")
        if kind not in _WEBP_KEPT:
            continue
        if kind == b"VP8X":
            body = bytes([body[0] & ~_WEBP_TELLS]) + body[1:]
        size = size or _webp_size(kind, body)
        kept.append(kind + struct.pack("<I", len(body)) + body + b"\x00" * (len(body) % 2))
    if size is None:
        raise _refused("文件不完整", "the file is broken off")
    chunks = b"WEBP" + b"".join(kept)
    return Picture(WEBP, size[0], size[1], b"RIFF" + struct.pack("<I", len(chunks)) + chunks)


def _webp_size(kind: bytes, body: bytes) -> tuple[int, int] | None:
    """The size of a picture by its first chunk (RFC 9649): 24 bits a side, 14 bits a side, or 14 bits behind a mark."""
    if kind == b"VP8X":
        return int.from_bytes(body[4:7], "little") + 1, int.from_bytes(body[7:10], "little") + 1
    if kind == b"VP8L" and body[:1] == b"\x2f":
        bits = int.from_bytes(body[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 " and body[3:6] == b"\x9d\x01\x2a":
        width, height = struct.unpack("<HH", body[6:10])
        return width & 0x3FFF, height & 0x3FFF
    return None


def _refused(zh: str, en: str) -> PictureRefused:
    return PictureRefused(reason_zh=zh, reason_en=en, most_mb=MOST_BYTES // 1_000_000)
