"""Papers that come with a case: which formats are kept, told by what they hold and not by what they are called. Values."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import PurePosixPath, PureWindowsPath

from geo_registry.errors import DocumentRefused
from geo_registry.vocabulary import DocumentKind

MOST_MB = 20
MOST_BYTES = MOST_MB * 1024 * 1024
MOST_TITLE = 200
REPORTS = (DocumentKind.ASSESSMENT, DocumentKind.EXPERTS, DocumentKind.OPINIONS)
"""What is to be reported on before a name is given or changed (地名管理条例 art. 11), as far as it touches people's lives."""

_ZIP = b"PK\x03\x04"
FORMATS: Sequence[tuple[bytes, Sequence[tuple[str, str]]]] = (
    (b"%PDF-", ((".pdf", "application/pdf"),)),
    (b"\xff\xd8\xff", ((".jpg", "image/jpeg"), (".jpeg", "image/jpeg"))),
    (b"\x89PNG\r\n\x1a\n", ((".png", "image/png"),)),
    (
        _ZIP,
        (
            (".docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
            (".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
            (".ofd", "application/ofd"),
            (".zip", "application/zip"),
        ),
    ),
)
"""How a file begins, and what it may be then, by its ending; OFD is the office's own format (GB/T 33190), a ZIP like the others."""


@dataclass(frozen=True, slots=True)
class NewDocument:
    """A paper as it is handed in."""

    kind: DocumentKind
    file_name: str
    content: bytes
    title: str = ""


@dataclass(frozen=True, slots=True)
class Described:
    """A paper as it is kept."""

    title: str
    file_name: str
    media_type: str
    sha256: str


def described(new: NewDocument) -> Described:
    """What is kept of a paper beside what it holds.

    Raises
    ------
    DocumentRefused
        It is empty, too large, or none of the formats that are kept.
    """
    name = _plain(PurePosixPath(PureWindowsPath(new.file_name).name).name)[:MOST_TITLE]
    if not new.content:
        raise DocumentRefused(reason_zh="文件是空的", reason_en="it is empty", most_mb=MOST_MB)
    if len(new.content) > MOST_BYTES:
        raise DocumentRefused(reason_zh="文件过大", reason_en="it is too large", most_mb=MOST_MB)
    ending = PurePosixPath(name).suffix.lower()
    endings = next((dict(those) for begins, those in FORMATS if new.content.startswith(begins)), {})
    if ending not in endings:
        raise DocumentRefused(
            reason_zh=f"“{name}”的内容不是所列格式，或与扩展名不符",
            reason_en=f"{name} holds none of the formats, or another than its ending says",
            most_mb=MOST_MB,
        )
    title = _plain(new.title)[:MOST_TITLE] or new.kind.zh
    return Described(title, name, endings[ending], sha256(new.content).hexdigest())


def _plain(text: str) -> str:
    """One line without characters that steer."""
    kept = "".join(each for each in text if unicodedata.category(each) not in {"Cc", "Cf", "Cs", "Zl", "Zp"})
    return " ".join(kept.split())
