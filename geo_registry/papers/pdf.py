"""A paper as PDF: A4, real text in embedded faces, tables that go on over pages under their header, an outline, page numbers."""

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from reportlab.pdfgen.canvas import Canvas
from reportlab.pdfgen.textobject import PDFTextObject

from geo_registry.papers.blocks import (
    Addressee,
    Block,
    Body,
    Heading,
    Notice,
    Paper,
    Signature,
    Subtitle,
    Table,
    Title,
    Turn,
)
from geo_registry.papers.document import (
    A4_MM,
    ADDRESSEE,
    ANNEX_MARGINS,
    BODY,
    CELL_MARGIN_PT,
    NOTICE,
    OFFICIAL_LOOKS,
    OFFICIAL_MARGINS,
    SIGNATURE,
    TABLE_TEXT,
    Align,
    Look,
    Margins,
    printable,
)
from geo_registry.papers.typefaces import Typefaces, typefaces

OPENING = "（《〈「『【〔“‘([<"
"""Ends no line."""
CLOSING = "，。、；：？！）》〉」』】〕”’…—·％℃,.;:?!)]>%"
"""Begins no line."""
_WIDE = "\u2e80-\u9fff\uf900-\ufaff\uff00-\uff60\uffe0-\uffe6\U00020000-\U0003ffff"
_ATOM = re.compile(
    f"[ \t]+|[{re.escape(OPENING)}]*(?:[^\\s{_WIDE}{re.escape(OPENING + CLOSING)}][^ \t{_WIDE}{re.escape(OPENING + CLOSING)}]*|[^ \t])"
    f"[{re.escape(CLOSING)}]*"
)
"""What a line isn't broken in: a character or a word, with the signs that go with it. A no-break space joins."""

MM = 72 / 25.4
"""Points of a millimetre."""
BASELINE = 0.8
"""Where letters stand in their line, of its height."""
BOLD = 0.018
"""How thick the outline of bold letters is drawn, of their size: the Chinese faces have no bold ones."""
ABOVE_TABLE_PT = 5.0
CELL_SIDE_PT = 3.5
RULE_PT = 0.5
HEAD_PT = 9.0


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of text: where it begins, in points from the left and the top."""

    x: float
    y: float
    text: str
    size: float
    bold: bool = False
    colour: str = "000000"


@dataclass(slots=True)
class _Page:
    """A page while it is filled: lines of text, boxes of tables, entries of the outline."""

    landscape: bool
    lines: list[_Line] = field(default_factory=list)
    boxes: list[tuple[float, float, float, float]] = field(default_factory=list)
    outline: list[tuple[str, int, float]] = field(default_factory=list)

    @property
    def size(self) -> tuple[float, float]:
        """Its width and height in points."""
        short, long = (side * MM for side in A4_MM)
        return (long, short) if self.landscape else (short, long)

    @property
    def margins(self) -> Margins:
        """Around the text, in mm."""
        return ANNEX_MARGINS if self.landscape else OFFICIAL_MARGINS


def pdf_of(paper: Paper) -> bytes:
    """The paper as PDF, laid out as an official document is (GB/T 9704-2012).

    The same paper is the same bytes. A character that no face of this machine has is shown as 〓, and told at the end.

    Raises
    ------
    PaperFontMissing
        This machine has no Chinese face that a PDF can carry.
    """
    layout = _Layout(typefaces())
    for block in paper.blocks:
        layout.write(block)
    lacking = layout.lacking
    if lacking:
        layout.write(Notice(_lacking_in_words(lacking, paper.locale)))
    return _drawn(paper, layout.pages, layout.faces)


class _Layout:
    """Blocks set on pages, from the top down."""

    def __init__(self, faces: Typefaces) -> None:
        self.faces = faces
        self.pages: list[_Page] = [_Page(landscape=False)]
        self._lacking: dict[str, None] = {}
        self._y = self._top

    @property
    def lacking(self) -> Sequence[str]:
        """Characters that no face has."""
        return list(self._lacking)

    @property
    def _page(self) -> _Page:
        return self.pages[-1]

    @property
    def _top(self) -> float:
        return self._page.margins.top * MM

    @property
    def _bottom(self) -> float:
        return self._page.size[1] - self._page.margins.bottom * MM

    @property
    def _left(self) -> float:
        return self._page.margins.left * MM

    @property
    def _width(self) -> float:
        return self._page.size[0] - (self._page.margins.left + self._page.margins.right) * MM

    def write(self, block: Block) -> None:
        """Set one block."""
        match block:
            case Title(text):
                self._paragraph(text, OFFICIAL_LOOKS["Title"], outline=0)
            case Subtitle(text):
                self._paragraph(text, OFFICIAL_LOOKS["Subtitle"])
            case Notice(text):
                self._paragraph(text, OFFICIAL_LOOKS[NOTICE])
            case Heading(text, level):
                self._paragraph(text, OFFICIAL_LOOKS[f"Heading {level}"], outline=level)
            case Addressee(text):
                self._paragraph(text, OFFICIAL_LOOKS[ADDRESSEE])
            case Body(text):
                self._paragraph(text, OFFICIAL_LOOKS[BODY])
            case Signature(lines):
                self._signature(lines)
            case Table():
                self._table(block)
            case Turn(landscape):
                self._turn(landscape=landscape)

    def _turn(self, *, landscape: bool) -> None:
        self.pages.append(_Page(landscape))
        self._y = self._top

    def _room(self, high: float) -> None:
        """Go on on a new page where so much doesn't fit any more."""
        if self._y + high > self._bottom and self._y > self._top:
            self._turn(landscape=self._page.landscape)

    def _paragraph(self, text: str, look: Look, *, outline: int | None = None) -> None:
        text = self._clean(text)
        if self._y > self._top:
            self._y += look.before
        line = look.line or look.size * 1.4
        # A heading isn't left alone at the foot of a page.
        self._room(line * (2 if outline else 1))
        if outline is not None:
            self._page.outline.append((text or "–", outline, self._y))
        indent = look.indent * look.size
        edge = (look.right or 0) * look.size
        broken = _balanced if look.centred else _broken
        for at, words in enumerate(broken(text, look.size, self._width - edge, self.faces, first=indent)):
            self._room(line)
            wide = self.faces.width(words, look.size)
            x = self._left + (indent if at == 0 else 0)
            if look.centred:
                x = self._left + (self._width - wide) / 2
            elif look.right is not None:
                x = self._left + self._width - edge - wide
            self._page.lines.append(_Line(x, self._y + line * BASELINE, words, look.size, look.bold, look.colour))
            self._y += line
        self._y += look.after

    def _signature(self, lines: Sequence[str]) -> None:
        look = OFFICIAL_LOOKS[SIGNATURE]
        self._room(look.line * (len(lines) + 1))
        self._y += look.line
        for text in lines:
            self._paragraph(text, look)

    def _table(self, table: Table) -> None:
        look = OFFICIAL_LOOKS[TABLE_TEXT]
        asked = sum(column.width_mm for column in table.columns)
        widths = [self._width * column.width_mm / asked for column in table.columns]
        aligned: list[Align] = [column.align for column in table.columns]
        centred: list[Align] = ["centre"] * len(widths)
        header = self._cells([column.header for column in table.columns], widths, look)
        header_high = _height(header, look)
        if self._y > self._top:
            self._y += ABOVE_TABLE_PT
        self._room(header_high + look.line * 2)
        self._row(header, widths, centred, look, bold=True)
        for row in table.rows:
            cells = self._cells(row, widths, look)
            most = int((self._bottom - self._top - header_high - 2 * CELL_MARGIN_PT) // look.line)
            # No row is torn, but one that is higher than a page.
            for start in range(0, max(map(len, cells)), most):
                part = [cell[start : start + most] for cell in cells]
                if self._y + _height(part, look) > self._bottom:
                    self._turn(landscape=self._page.landscape)
                    self._row(header, widths, centred, look, bold=True)
                self._row(part, widths, aligned, look)
        self._y += look.line / 2

    def _cells(self, texts: Sequence[str], widths: Sequence[float], look: Look) -> list[list[str]]:
        return [
            list(_broken(self._clean(text), look.size, width - 2 * CELL_SIDE_PT, self.faces))
            for text, width in zip(texts, widths, strict=True)
        ]

    def _row(
        self,
        cells: Sequence[Sequence[str]],
        widths: Sequence[float],
        aligns: Sequence[Align],
        look: Look,
        *,
        bold: bool = False,
    ) -> None:
        high = _height(cells, look)
        x = self._left
        for lines, width, align in zip(cells, widths, aligns, strict=True):
            self._page.boxes.append((x, self._y, width, high))
            y = self._y + (high - look.line * len(lines)) / 2
            for words in lines:
                spare = width - 2 * CELL_SIDE_PT - self.faces.width(words, look.size)
                shift = {"left": 0.0, "centre": spare / 2, "right": spare}[align]
                self._page.lines.append(
                    _Line(x + CELL_SIDE_PT + shift, y + look.line * BASELINE, words, look.size, bold)
                )
                y += look.line
            x += width
        self._y += high

    def _clean(self, text: str) -> str:
        text = printable(text).replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
        for character in self.faces.lacks(text.replace("\n", "")):
            self._lacking.setdefault(character)
        return text


def _height(cells: Sequence[Sequence[str]], look: Look) -> float:
    return max(1, *map(len, cells)) * look.line + 2 * CELL_MARGIN_PT + 2


def _broken(text: str, size: float, width: float, faces: Typefaces, *, first: float = 0.0) -> Iterator[str]:
    """The lines of a text that is `width` points wide, the first one narrower by `first`; one empty line where there is none."""
    for paragraph in text.split("\n"):
        line, left = "", width - first
        for met in _ATOM.finditer(paragraph):
            for atom in _fitting(met[0], size, width, faces):
                wide = faces.width(atom, size)
                if line and wide > left:
                    yield line.rstrip(" ")
                    line, left, first = "", width, 0.0
                    if atom.isspace():
                        continue
                line += atom
                left -= wide
        yield line.rstrip(" ")
        first = 0.0


def _balanced(text: str, size: float, width: float, faces: Typefaces, *, first: float = 0.0) -> Iterator[str]:
    """The lines of a centred text, no more than it takes and about as long as one another: no last line of one character."""
    fewest = len(list(_broken(text, size, width, faces, first=first)))
    narrow = max(size, faces.width(text.replace("\n", ""), size) / fewest)
    while narrow < width and len(list(_broken(text, size, narrow, faces, first=first))) > fewest:
        narrow += size
    yield from _broken(text, size, min(narrow, width), faces, first=first)


def _fitting(atom: str, size: float, width: float, faces: Typefaces) -> Iterator[str]:
    """What isn't broken, in parts where it is wider than a whole line."""
    if faces.width(atom, size) <= width:
        yield atom
        return
    part = ""
    for character in atom:
        if part and faces.width(part + character, size) > width:
            yield part
            part = ""
        part += character
    yield part


def _lacking_in_words(characters: Sequence[str], locale: str) -> str:
    codes = "、".join(f"U+{ord(character):04X}" for character in characters)
    if locale.startswith("en"):
        return f"〓 stands for characters that this machine's fonts lack: {codes.replace('、', ', ')}"
    return f"〓 处为本机字体所缺的字：{codes}"


# Drawing


def _drawn(paper: Paper, pages: Sequence[_Page], faces: Typefaces) -> bytes:
    written = io.BytesIO()
    canvas = Canvas(written, invariant=1, pageCompression=1, lang="en" if paper.locale.startswith("en") else "zh-CN")
    canvas.setTitle(printable(paper.title))
    canvas.setAuthor(printable(paper.author))
    canvas.setSubject("")
    canvas.setCreator("geo-registry")
    canvas.setViewerPreference("DisplayDocTitle", "true")
    if paper.made is not None:
        # Else it would say that it was made in 2000, as what is to be the same every time does.
        canvas._doc._timeStamp.YMDhms = (paper.made.year, paper.made.month, paper.made.day, 0, 0, 0)  # noqa: SLF001
    level = -1
    for number, page in enumerate(pages, start=1):
        canvas.setPageSize(page.size)
        for at, (text, deep, y) in enumerate(page.outline):
            key = f"{number}.{at}"
            canvas.bookmarkHorizontal(key, 0, page.size[1] - y)
            # No entry may lie more than one deeper than the one before it.
            level = min(deep, level + 1)
            canvas.addOutlineEntry(text, key, level)
        _draw(canvas, page, faces)
        _draw_margins(canvas, page, paper, faces, (number, len(pages)))
        canvas.showPage()
    canvas.save()
    return written.getvalue()


def _draw(canvas: Canvas, page: _Page, faces: Typefaces) -> None:
    canvas.setLineWidth(RULE_PT)
    for x, y, width, high in page.boxes:
        canvas.rect(x, page.size[1] - y - high, width, high)
    for line in page.lines:
        _draw_line(canvas, page, line, faces)


def _draw_margins(canvas: Canvas, page: _Page, paper: Paper, faces: Typefaces, at: tuple[int, int]) -> None:
    before, between, after = paper.footer
    for text, y in (
        (printable(paper.header), page.margins.top * MM / 2),
        (f"{before}{at[0]}{between}{at[1]}{after}", page.size[1] - page.margins.bottom * MM / 2),
    ):
        # One line, as much of it as there is room for.
        shown = next(_broken(text, HEAD_PT, page.size[0] - 40 * MM, faces))
        x = (page.size[0] - faces.width(shown, HEAD_PT)) / 2
        _draw_line(canvas, page, _Line(x, y, shown, HEAD_PT), faces)


def _draw_line(canvas: Canvas, page: _Page, line: _Line, faces: Typefaces) -> None:
    if not line.text:
        return
    text: PDFTextObject = canvas.beginText(line.x, page.size[1] - line.y)
    colour = tuple(int(line.colour[at : at + 2], 16) / 255 for at in (0, 2, 4))
    text.setFillColorRGB(*colour)
    if line.bold:
        canvas.setLineWidth(BOLD * line.size)
        canvas.setStrokeColorRGB(*colour)
        text.setTextRenderMode(2)
    for run in faces.runs(line.text):
        text.setFont(run.face, line.size * run.scale)
        text.textOut(run.text)
    if line.bold:
        # It holds for the page, not for these letters.
        text.setTextRenderMode(0)
    canvas.drawText(text)
