"""A paper as DOCX: what an office goes on writing in Word or WPS, and stamps."""

import io
from datetime import UTC, datetime, time

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
from geo_registry.papers.document import ANNEX_MARGINS, OFFICIAL_LOOKS, OFFICIAL_MARGINS, Document


def docx_of(paper: Paper) -> bytes:
    """The paper as DOCX, in the styles of an official document (GB/T 9704-2012)."""
    document = Document(
        title=paper.title,
        author=paper.author,
        locale=paper.locale,
        made=datetime.combine(paper.made, time(), UTC) if paper.made is not None else None,
        margins=OFFICIAL_MARGINS,
        looks=OFFICIAL_LOOKS,
    )
    document.header_and_footer(paper.header, paper.footer)
    for block in paper.blocks:
        _write(document, block)
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


def _write(document: Document, block: Block) -> None:
    match block:
        case Title(text):
            document.title(text)
        case Subtitle(text):
            document.subtitle(text)
        case Notice(text):
            document.notice(text)
        case Heading(text, level):
            document.heading(text, level)
        case Addressee(text):
            document.addressee(text)
        case Body(text):
            document.body(text)
        case Table(columns, rows):
            document.table(columns, rows, caption=None)
        case Signature(lines):
            document.signature(lines)
        case Turn(landscape):
            document.turn(margins=ANNEX_MARGINS if landscape else OFFICIAL_MARGINS, landscape=landscape)
