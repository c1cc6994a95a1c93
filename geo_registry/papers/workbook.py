"""A workbook (XLSX) of plain cells: what is text stays text, whatever it begins with."""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import xlsxwriter

from geo_registry.papers.document import printable

Cell = str | int | float | None

MOST_IN_CELL = 32_767
"""Characters that a cell holds."""
MOST_IN_HEADER = 120
"""Characters of a page's header; Excel takes 255, and each may have to be doubled."""
MOST_IN_PROPERTY = 255
MORE = "…"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A worksheet.

    Attributes
    ----------
    notes
        Lines above the header.
    columns
        What stands above each column, and how many characters wide it is.
    header
        What stands on top of every printed page; empty for nothing.
    """

    name: str
    columns: Sequence[tuple[str, float]]
    rows: Iterable[Sequence[Cell]]
    notes: Sequence[str] = ()
    header: str = ""


def xlsx_of(sheets: Sequence[Sheet], *, title: str, author: str) -> bytes:
    """The sheets as XLSX; its header rows stay in sight and are repeated on every printed page."""
    written = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "nan_inf_to_errors": True,
    }
    with xlsxwriter.Workbook(written, options) as book:
        book.set_properties({"title": _held(title)[:MOST_IN_PROPERTY], "author": _held(author)[:MOST_IN_PROPERTY]})
        wrapped = book.add_format({"text_wrap": True, "valign": "top", "border": 1})
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "vcenter", "border": 1})
        note = book.add_format({"bold": True})
        for sheet in sheets:
            _fill(book.add_worksheet(sheet.name), sheet, wrapped, bold, note)
    return written.getvalue()


def _fill(page: "xlsxwriter.worksheet.Worksheet", sheet: Sheet, wrapped: object, bold: object, note: object) -> None:
    above = len(sheet.notes)
    page.set_landscape()
    page.set_paper(9)  # A4
    page.fit_to_pages(1, 0)
    page.repeat_rows(above)
    page.freeze_panes(above + 1, 0)
    if header := _held(sheet.header)[:MOST_IN_HEADER]:
        # "&" begins a code in headers and footers; doubled it is itself.
        page.set_header(f"&C{header.replace('&', '&&')}")
    page.set_footer("&C&P / &N")
    for at, text in enumerate(sheet.notes):
        page.write_string(at, 0, _held(text), note)
    for column, (text, wide) in enumerate(sheet.columns):
        page.set_column(column, column, wide)
        page.write_string(above, column, _held(text), bold)
    for at, row in enumerate(sheet.rows, start=above + 1):
        for column, cell in enumerate(row):
            if isinstance(cell, str):
                page.write_string(at, column, _held(cell), wrapped)
            elif cell is None:
                page.write_blank(at, column, None, wrapped)
            else:
                page.write_number(at, column, cell, wrapped)


def _held(text: str) -> str:
    """`text` as a cell holds it."""
    text = printable(text).replace("\r\n", "\n").replace("\r", "\n")
    return text if len(text) <= MOST_IN_CELL else text[: MOST_IN_CELL - 1] + MORE
