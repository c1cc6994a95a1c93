"""What a paper is made of, whatever it is written as: `word.py` and `pdf.py` write the same blocks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from geo_registry.papers.document import Column


@dataclass(frozen=True, slots=True)
class Title:
    """The paper's title."""

    text: str


@dataclass(frozen=True, slots=True)
class Subtitle:
    """The line under the title: a number, whom it is to."""

    text: str


@dataclass(frozen=True, slots=True)
class Notice:
    """A line that nobody should miss."""

    text: str


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; it is in the outline of a PDF."""

    text: str
    level: Literal[1, 2] = 1


@dataclass(frozen=True, slots=True)
class Addressee:
    """To whom it is sent, flush left above the text."""

    text: str


@dataclass(frozen=True, slots=True)
class Body:
    """A paragraph of running text."""

    text: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table; its header is repeated on every page that it goes on to."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Signature:
    """Who issues it, and the day: lines on the right."""

    lines: Sequence[str]


@dataclass(frozen=True, slots=True)
class Turn:
    """Go on on a new page, this way round."""

    landscape: bool = False


Block = Title | Subtitle | Notice | Heading | Addressee | Body | Table | Signature | Turn


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper, whole.

    Attributes
    ----------
    title, author
        As the file's properties have them.
    made
        The day that the file bears as its own; None for a draft without one.
    header
        What stands on top of every page; empty for nothing.
    """

    title: str
    author: str
    locale: str
    blocks: Sequence[Block]
    made: date | None = None
    header: str = ""

    @property
    def footer(self) -> tuple[str, str, str]:
        """What stands before the page's number, between it and how many there are, and after."""
        return ("Page ", " of ", "") if self.locale.startswith("en") else ("第 ", " 页　共 ", " 页")
