"""A document in Word's format (DOCX) that an office goes on writing: real styles, tables and fields, nothing drawn."""

import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Literal

import docx
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.opc.part import Part
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.table import Table
from docx.text.paragraph import Paragraph

A4_MM = (210.0, 297.0)


@dataclass(frozen=True, slots=True)
class Margins:
    """Of a page, in mm."""

    top: float
    bottom: float
    left: float
    right: float


TEXT_MARGINS = Margins(top=30, bottom=27, left=28, right=26)
"""The sides of GB/T 9704-2012 (28 and 26 mm); above and below less than its 37 and 35, so that a conclusion and its
map share a page."""

OFFICIAL_MARGINS = Margins(top=37, bottom=35, left=28, right=26)
"""Of GB/T 9704-2012, 5.2.1: an area of 156 × 225 mm for the text."""

ANNEX_MARGINS = Margins(top=22, bottom=20, left=20, right=20)
"""Around a long table on pages that lie across: half as many of them."""

SHEET_MARGINS = Margins(top=14, bottom=14, left=10, right=10)
"""Around a map that takes a page of its own."""

SONG, HEI, KAI, FANG_SONG = "宋体", "黑体", "楷体", "仿宋"
OTHER_NAMES = {SONG: "SimSun", HEI: "SimHei", KAI: "KaiTi", FANG_SONG: "FangSong"}
"""Faces that Windows and WPS have, with the name by which another system may know them.

The face for titles of official documents (方正小标宋) has to be bought: whoever has it sets it in the style 标题.
"""
LATIN = "Times New Roman"


@dataclass(frozen=True, slots=True)
class Look:
    """How a style looks: its Chinese face, size and line in points, space around it in points."""

    face: str
    size: float
    line: float = 0.0
    before: float = 0.0
    after: float = 0.0
    bold: bool = False
    centred: bool = False
    colour: str = "000000"
    indent: int = 0
    """Of the first line, in characters."""
    right: int | None = None
    """Set to the right, so many characters from the edge; None where it isn't."""


BODY, TABLE_TEXT, FIGURE, FIGURE_LABEL, PICTURE, NOTICE, SIGNATURE, ADDRESSEE = (
    "Body Text",
    "Table Text",
    "Key Figure",
    "Key Figure Label",
    "Picture",
    "Notice",
    "Signed",
    "Addressee",
)
LOOKS = {
    "Normal": Look(FANG_SONG, 12),
    "Title": Look(SONG, 22, line=29, after=3, bold=True, centred=True),
    "Subtitle": Look(KAI, 12, line=17, after=6, centred=True),
    "Heading 1": Look(HEI, 16, line=26, before=12, after=4),
    "Heading 2": Look(KAI, 14, line=23, before=8, after=3),
    BODY: Look(FANG_SONG, 14, line=22, after=4, indent=2),
    "List Bullet": Look(FANG_SONG, 12, line=20, after=2),
    "Caption": Look(HEI, 10, line=15, before=3, after=3, centred=True),
    TABLE_TEXT: Look(FANG_SONG, 10, line=14),
    FIGURE: Look(HEI, 22, line=29, centred=True),
    FIGURE_LABEL: Look(FANG_SONG, 10, line=13, centred=True),
    PICTURE: Look(FANG_SONG, 10, centred=True),
    NOTICE: Look(HEI, 10.5, line=16, after=3, centred=True, colour="A4241B"),
    "Header": Look(FANG_SONG, 9, centred=True),
    "Footer": Look(FANG_SONG, 9, centred=True),
}
"""Every style that is used; those of one's own have the product's names, the others Word's."""

OFFICIAL_LOOKS: Mapping[str, Look] = {
    **LOOKS,
    "Title": replace(LOOKS["Title"], line=36, after=6),
    "Subtitle": Look(FANG_SONG, 16, line=29, after=10, centred=True),
    "Heading 1": Look(HEI, 16, line=29, indent=2),
    "Heading 2": Look(KAI, 16, line=29, indent=2),
    BODY: Look(FANG_SONG, 16, line=29, indent=2),
    TABLE_TEXT: Look(FANG_SONG, 10.5, line=15),
    SIGNATURE: Look(FANG_SONG, 16, line=29, right=4),
    ADDRESSEE: Look(FANG_SONG, 16, line=29),
}
"""The styles of an official document (GB/T 9704-2012, 5.2.2 and 7.3): a title of size 二, a text of size 三 in 仿宋 with 22
lines a page, headings of the first level in 黑体 and of the second in 楷体."""

CELL_MARGIN_PT = 1.2
"""Above and below the text of a cell."""

Align = Literal["left", "right", "centre"]
ALIGNMENTS = {"left": "left", "right": "right", "centre": "center"}

UNPRINTABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML can't hold (XML 1.0, 2.2 Char)."""


def printable(text: str) -> str:
    """`text` without the characters that a document can't hold."""
    return UNPRINTABLE.sub("", text)


@dataclass(frozen=True, slots=True)
class Column:
    """A table's column: what stands above it, its width in mm, and how its cells are aligned."""

    header: str
    width_mm: float
    align: Align = "left"


class Document:
    """A document while it is written, from the top down."""

    def __init__(
        self,
        *,
        title: str,
        author: str,
        locale: str,
        made: datetime | None,
        margins: Margins = TEXT_MARGINS,
        looks: Mapping[str, Look] = LOOKS,
    ) -> None:
        self._docx = docx.Document()
        self._locale, self._margins = locale, margins
        self._counts = {"table": 0, "figure": 0}
        self._set_properties(title, author, made)
        self._set_styles(looks)
        self._set_page(margins, landscape=False)

    def title(self, text: str) -> None:
        """The document's title."""
        self._paragraph(text, "Title")

    def subtitle(self, text: str) -> None:
        """The line under the title."""
        self._paragraph(text, "Subtitle")

    def notice(self, text: str) -> None:
        """A line that nobody should miss."""
        self._paragraph(text, NOTICE)

    def heading(self, text: str, level: int = 1) -> None:
        """A heading of `level` 1 or 2."""
        self._paragraph(text, f"Heading {level}")

    def body(self, text: str) -> None:
        """A paragraph of running text."""
        self._paragraph(text, BODY)

    def signature(self, texts: Sequence[str]) -> None:
        """Who issues it, and the day, on the right under the text; not torn from one another."""
        for text in texts:
            paragraph = self._paragraph(text, SIGNATURE)
            paragraph.paragraph_format.keep_with_next = text != texts[-1]

    def addressee(self, text: str) -> None:
        """To whom it is sent, flush left."""
        self._paragraph(text, ADDRESSEE)

    def bullets(self, texts: Sequence[str]) -> None:
        """A list, a line each."""
        for text in texts:
            self._paragraph(text, "List Bullet")

    def figures(self, figures: Sequence[tuple[str, str]]) -> None:
        """Figures side by side, each large above what it means."""
        wide_mm = text_width_mm(self._margins) / len(figures)
        table = self._table([wide_mm] * len(figures))
        for style, at in ((FIGURE, 0), (FIGURE_LABEL, 1)):
            table.append(_row([_cell(one[at], self._style_id(style), wide_mm) for one in figures]))
        self._gap()

    def table(self, columns: Sequence[Column], rows: Iterable[Sequence[str]], *, caption: str | None) -> None:
        """A table, numbered unless `caption` is None; its header is repeated on every page that it goes on to, and no row is torn."""
        if caption is not None:
            self._caption("table", caption, keep_with_next=True)
        table = self._table([column.width_mm for column in columns])
        style = self._style_id(TABLE_TEXT)
        table.append(
            _row([_cell(one.header, style, one.width_mm, "centre", bold=True) for one in columns], header=True)
        )
        for row in rows:
            cells = zip(row, columns, strict=True)
            table.append(_row([_cell(text, style, one.width_mm, one.align) for text, one in cells]))
        self._gap()

    def facts(self, rows: Sequence[tuple[str, str]], *, caption: str, header: tuple[str, str]) -> None:
        """A numbered table of items and what they are."""
        wide_mm = text_width_mm(self._margins)
        columns = (Column(header[0], wide_mm * 0.28), Column(header[1], wide_mm * 0.72))
        self.table(columns, rows, caption=caption)

    def picture(self, png: bytes, *, width_mm: float, caption: str, description: str) -> None:
        """A numbered picture with what it shows, in words too for who can't see it."""
        paragraph = self._paragraph("", PICTURE)
        shape = paragraph.add_run().add_picture(io.BytesIO(png), width=Mm(width_mm))
        properties = shape._inline.docPr  # noqa: SLF001 - python-docx has no other way to a picture's description
        properties.set("descr", printable(description))
        self._caption("figure", caption)

    def turn(self, *, margins: Margins | None = None, landscape: bool = False) -> None:
        """Go on on a new page, with these margins (its own unless told), this way round."""
        self._docx.add_section(WD_SECTION.NEW_PAGE)
        # python-docx ends a section with an empty paragraph, which could be one too many for a full page.
        elements: tuple[Any, Any] = tuple(one._p for one in self._docx.paragraphs[-2:])  # type: ignore[assignment]  # noqa: SLF001
        last, empty = elements
        last.get_or_add_pPr().append(empty.pPr.sectPr)
        empty.getparent().remove(empty)
        self._set_page(margins or self._margins, landscape=landscape)

    def header_and_footer(self, header: str, footer: tuple[str, str, str]) -> None:
        """On every page: `header`, and a footer in three parts, with the page's number and how many there are between."""
        section = self._docx.sections[0]
        section.header.paragraphs[0].add_run(printable(header))
        line = section.footer.paragraphs[0]
        before, between, after = footer
        line.add_run(before)
        _add_field(line, "PAGE", "1")
        line.add_run(between)
        _add_field(line, "NUMPAGES", "1")
        line.add_run(after)

    def save(self, to: Path | IO[bytes]) -> None:
        """Write it to a path, or to something that takes bytes."""
        self._docx.save(str(to) if isinstance(to, Path) else to)

    def _paragraph(self, text: str, style: str) -> Paragraph:
        return self._docx.add_paragraph(printable(text), style=style)

    def _gap(self) -> None:
        """Word wants a paragraph after a table; this one is hardly seen."""
        gap = self._docx.add_paragraph(style=TABLE_TEXT)
        gap.paragraph_format.line_spacing = Pt(GAP_PT)

    def _caption(self, kind: Literal["table", "figure"], text: str, *, keep_with_next: bool = False) -> None:
        """With a field for its number: it counts on when an office adds or takes away one."""
        self._counts[kind] += 1
        english = self._locale.startswith("en")
        word = {"table": "Table" if english else "表", "figure": "Figure" if english else "图"}[kind]
        paragraph = self._paragraph(f"{word} ", "Caption")
        _add_field(paragraph, f"SEQ {word} \\* ARABIC", str(self._counts[kind]))
        paragraph.add_run(f"  {printable(text)}")
        paragraph.paragraph_format.keep_with_next = keep_with_next

    def _table(self, widths_mm: Sequence[float]) -> Any:
        """A table without rows; its element, since thousands of rows through python-docx's cells take minutes."""
        table: Table = self._docx.add_table(rows=0, cols=len(widths_mm), style="Table Grid")
        table.alignment = WD_TABLE_ALIGNMENT.CENTER
        table.autofit = False
        element: Any = table._tbl  # noqa: SLF001 - see above
        for column, width_mm in zip(element.tblGrid.gridCol_lst, widths_mm, strict=True):
            column.w = Mm(width_mm)
        margin = round(CELL_MARGIN_PT * TWIPS_PER_PT)
        # Where the schema wants it: Word may take the file for damaged otherwise.
        element.tblPr.find(qn("w:tblLook")).addprevious(
            parse_xml(
                f'<w:tblCellMar {nsdecls("w")}><w:top w:w="{margin}" w:type="dxa"/><w:left w:w="70" w:type="dxa"/>'
                f'<w:bottom w:w="{margin}" w:type="dxa"/><w:right w:w="70" w:type="dxa"/></w:tblCellMar>'
            )
        )
        return element

    def _style_id(self, name: str) -> str:
        return str(self._docx.styles[name].style_id)

    def _set_properties(self, title: str, author: str, made: datetime | None) -> None:
        properties = self._docx.core_properties
        # Word takes no more of each.
        named, by = printable(title)[:MOST_PROPERTY], printable(author)[:MOST_PROPERTY]
        properties.title, properties.author, properties.last_modified_by = named, by, by
        properties.comments, properties.language = "", self._locale
        properties.revision = 1
        if made is not None:
            properties.created = properties.modified = made
            return
        element: Any = properties._element  # noqa: SLF001 - python-docx can't unset the template's dates
        for dated in element.xpath("dcterms:created|dcterms:modified"):
            element.remove(dated)

    def _set_page(self, margins: Margins, *, landscape: bool) -> None:
        section = self._docx.sections[-1]
        short, long = A4_MM
        wide, high = (long, short) if landscape else (short, long)
        section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
        section.page_width, section.page_height = Mm(wide), Mm(high)
        section.top_margin, section.bottom_margin = Mm(margins.top), Mm(margins.bottom)
        section.left_margin, section.right_margin = Mm(margins.left), Mm(margins.right)
        section.header_distance, section.footer_distance = Mm(margins.top / 2), Mm(margins.bottom / 2)

    def _set_styles(self, looks: Mapping[str, Look]) -> None:
        styles = self._docx.styles
        for name, look in looks.items():
            if name not in styles:
                made = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
                made.base_style = styles["Normal"]
            style = styles[name]
            assert isinstance(style, ParagraphStyle)
            _dress(style, look)
        language = OxmlElement("w:lang")
        language.set(qn("w:val"), "en-US")
        language.set(qn("w:eastAsia"), "zh-CN")
        defaults: Any = styles.element.find(qn("w:docDefaults")).find(qn("w:rPrDefault")).find(qn("w:rPr"))
        for old in defaults.findall(qn("w:lang")):
            defaults.remove(old)
        defaults.append(language)
        _set_faces(defaults, FANG_SONG)
        for part in self._docx.part.package.iter_parts():
            if part.partname == "/word/fontTable.xml":
                _name_faces(part)


TWIPS_PER_PT = 20
MOST_PROPERTY = 255
GAP_PT = 6.0


def text_width_mm(margins: Margins) -> float:
    """Between the margins of an upright page."""
    return A4_MM[0] - margins.left - margins.right


def _dress(style: ParagraphStyle, look: Look) -> None:
    font, spacing = style.font, style.paragraph_format
    font.name, font.size, font.bold, font.italic = LATIN, Pt(look.size), look.bold, False
    font.color.rgb = RGBColor.from_string(look.colour)
    properties: Any = style.element.get_or_add_rPr()
    _set_faces(properties, look.face)
    for spread in properties.findall(qn("w:spacing")) + properties.findall(qn("w:kern")):
        properties.remove(spread)
    shape: Any = style.element.get_or_add_pPr()
    for border in shape.findall(qn("w:pBdr")) + shape.findall(qn("w:contextualSpacing")):
        shape.remove(border)
    spacing.space_before, spacing.space_after = Pt(look.before), Pt(look.after)
    if look.line:
        # Exactly, whatever face a system takes: what was reckoned to fit a page does.
        spacing.line_spacing_rule, spacing.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(look.line)
    else:
        spacing.line_spacing_rule = WD_LINE_SPACING.SINGLE
    # Else Word puts the lines of Chinese text on a grid of its own.
    _add_off(shape, "w:snapToGrid")
    if look.centred:
        spacing.alignment = WD_ALIGN_PARAGRAPH.CENTER
    if look.right is not None:
        spacing.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        edge = shape.get_or_add_ind()
        edge.set(qn("w:rightChars"), str(look.right * 100))
        edge.set(qn("w:right"), str(round(look.right * look.size * TWIPS_PER_PT)))
    if look.indent:
        indent = shape.get_or_add_ind()
        indent.set(qn("w:firstLineChars"), str(look.indent * 100))
        indent.set(qn("w:firstLine"), str(round(look.indent * look.size * TWIPS_PER_PT)))


def _add_off(shape: Any, name: str) -> None:
    """Switch a paragraph's property off, where the schema wants it: before its spacing."""
    switch = OxmlElement(name)
    switch.set(qn("w:val"), "0")
    spacing = shape.find(qn("w:spacing"))
    spacing.addprevious(switch)


def _set_faces(properties: Any, east_asian: str) -> None:
    """The faces by name: a theme's would win over them, and the template's theme has none for Chinese."""
    faces = properties.find(qn("w:rFonts"))
    if faces is None:
        faces = OxmlElement("w:rFonts")
        properties.insert(0, faces)
    for name in list(faces.attrib):
        del faces.attrib[name]
    for name in ("ascii", "hAnsi", "cs"):
        faces.set(qn(f"w:{name}"), LATIN)
    faces.set(qn("w:eastAsia"), east_asian)


def _name_faces(part: Part) -> None:
    """Tell by which other name a system may have each face."""
    fonts = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{other}"/><w:charset w:val="86"/><w:family w:val="auto"/></w:font>'
        for name, other in OTHER_NAMES.items()
    )
    latin = f'<w:font w:name="{LATIN}"><w:charset w:val="00"/><w:family w:val="roman"/></w:font>'
    part._blob = (  # noqa: SLF001 - python-docx keeps the template's table of faces as it is
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<w:fonts {nsdecls("w")}>{latin}{fonts}</w:fonts>'
    ).encode()


def _add_field(paragraph: Paragraph, instruction: str, shown: str) -> None:
    """A field that Word computes; `shown` stands there until it does."""
    field: Any = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), instruction)
    run: Any = OxmlElement("w:r")
    text: Any = OxmlElement("w:t")
    text.text = shown
    run.append(text)
    field.append(run)
    element: Any = paragraph._p  # noqa: SLF001 - python-docx has no fields
    element.append(field)


def _row(cells: Sequence[Any], *, header: bool = False) -> Any:
    row: Any = OxmlElement("w:tr")
    properties: Any = OxmlElement("w:trPr")
    properties.append(OxmlElement("w:cantSplit"))
    if header:
        properties.append(OxmlElement("w:tblHeader"))
    row.append(properties)
    for cell in cells:
        row.append(cell)
    return row


def _cell(text: str, style_id: str, width_mm: float, align: Align | None = None, *, bold: bool = False) -> Any:
    cell: Any = OxmlElement("w:tc")
    properties: Any = OxmlElement("w:tcPr")
    width: Any = OxmlElement("w:tcW")
    width.set(qn("w:w"), str(Mm(width_mm).twips))
    width.set(qn("w:type"), "dxa")
    properties.append(width)
    middle: Any = OxmlElement("w:vAlign")
    middle.set(qn("w:val"), "center")
    properties.append(middle)
    cell.append(properties)
    paragraph: Any = OxmlElement("w:p")
    shape: Any = OxmlElement("w:pPr")
    style: Any = OxmlElement("w:pStyle")
    style.set(qn("w:val"), style_id)
    shape.append(style)
    if align is not None:
        side: Any = OxmlElement("w:jc")
        side.set(qn("w:val"), ALIGNMENTS[align])
        shape.append(side)
    paragraph.append(shape)
    run: Any = OxmlElement("w:r")
    if bold:
        look: Any = OxmlElement("w:rPr")
        look.append(OxmlElement("w:b"))
        run.append(look)
    for at, words in enumerate(printable(text).replace("\r\n", "\n").replace("\r", "\n").split("\n")):
        if at:
            run.append(OxmlElement("w:br"))
        said: Any = OxmlElement("w:t")
        said.set(qn("xml:space"), "preserve")
        said.text = words
        run.append(said)
    paragraph.append(run)
    cell.append(paragraph)
    return cell
