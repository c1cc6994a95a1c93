"""Papers of a case with 1,500 names: a notice of a whole county's rural roads, in every format.

Ours are the announcement (DOCX, PDF, JSON, its annex as XLSX) and the filing form (DOCX, XLSX). The peers are what the same
libraries offer by themselves for the annex's table: cell by cell through python-docx, and paragraphs in one face through
ReportLab's Platypus; with fewer names, since the first takes so long, and reckoned up. Promised: each format within five
seconds.
"""

import argparse
import io
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import date

import docx
import pypdf
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus import LongTable, Paragraph, SimpleDocTemplate

from benchmarks.nearest import insist
from benchmarks.report import Report, Row, publish
from benchmarks.timing import Series, interleaved, limited, ratio, timed
from geo_registry.cases.announced import Announced, AnnouncedName
from geo_registry.cases.papers import (
    FilingDraft,
    annex_xlsx,
    announcement_docx,
    announcement_json,
    announcement_pdf,
    filing_form_docx,
    filing_form_xlsx,
)
from geo_registry.cases.papers.announcement import paper_of
from geo_registry.cases.wording import title_of
from geo_registry.papers.blocks import Table
from geo_registry.papers.typefaces import typefaces
from geo_registry.places.rules.findings import LAW, Basis
from geo_registry.vocabulary import PlaceClass

NAMES = 1_500
PEERS_NAMES = 150
"""The peers' share of the names; their times are told for as many as ours, as if they only grew with them."""
ROUNDS = 5
PROMISED_S = 5.0


def notice(names: int) -> Announced:
    """An announcement of so many rural roads in thirty townships."""
    roads = [
        AnnouncedName(
            f"乡村{at}路",
            PlaceClass.STREET,
            romanized=f"Xiāngcūn {at} Lù",
            division=f"武义县第{at % 30}镇",
            position="村委会东侧",
            detail={
                "grade": "支路",
                "begins_at": "东起村口",
                "ends_at": "西至晒谷场",
                "length_m": 300 + at,
                "width_m": 4.5,
                "surface": "水泥",
                "built_from": "2019",
                "built_to": "2021",
            },
            meaning="以所在村的地理位置和历史上的一座古桥得名",
            lon=119.8,
            lat=28.9,
        )
        for at in range(names)
    ]
    return Announced(
        title_of("武义县民政局", roads, "zh"),
        "武义县民政局",
        roads,
        number="武民告〔2026〕1号",
        announced_on=date(2026, 2, 20),
        approving_body="武义县人民政府",
        approved_on=date(2026, 2, 10),
        approval_number="武政地〔2026〕3号",
        basis=(Basis(LAW, 12, 5),),
        synthetic=True,
    )


def annex_of(announced: Announced) -> Table:
    """The table of the annex: what the peers set too."""
    return [block for block in paper_of(announced, "zh").blocks if isinstance(block, Table)][-1]


def by_python_docx(table: Table) -> bytes:
    """The table as python-docx writes one by itself."""
    document = docx.Document()
    made = document.add_table(rows=0, cols=len(table.columns), style="Table Grid")
    for texts in table.rows:
        for cell, text in zip(made.add_row().cells, texts, strict=True):
            cell.text = text
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


def by_platypus(table: Table) -> bytes:
    """The table as ReportLab lays one out by itself."""
    style = ParagraphStyle("cell", fontName=typefaces().faces[0][0], fontSize=10, leading=15, wordWrap="CJK")
    rows = [[Paragraph(text, style) for text in texts] for texts in table.rows]
    written = io.BytesIO()
    SimpleDocTemplate(written, pagesize=A4).build([LongTable(rows)])
    return written.getvalue()


def measure(rounds: int) -> tuple[list[Row], list[str]]:
    """Every format in turn, and the peers."""
    announced = notice(NAMES)
    filing = FilingDraft(announced, "武义县人民政府", "金华市人民政府")
    part = annex_of(notice(PEERS_NAMES))
    ours: Mapping[str, Callable[[], object]] = {
        "announcement, DOCX": lambda: announcement_docx(announced),
        "announcement, PDF": lambda: announcement_pdf(announced),
        "announcement, JSON": lambda: json.dumps(announcement_json(announced)),
        "annex, XLSX": lambda: annex_xlsx(announced),
        "filing form, DOCX": lambda: filing_form_docx(filing),
        "filing form, XLSX": lambda: filing_form_xlsx(filing),
    }
    peers: Mapping[str, Callable[[], object]] = {
        "the annex through python-docx's cells": lambda: by_python_docx(part),
        "the annex through Platypus": lambda: by_platypus(part),
    }
    taken = interleaved({name: timed(work) for name, work in {**ours, **peers}.items()}, rounds)
    size = f"{NAMES:,} names"
    rows = [
        Row(name, size, taken[name], limited(PROMISED_S, taken[name]), promised=1, note=f"allowed: {PROMISED_S:g} s")
        for name in ours
    ]
    for name, mine in zip(peers, ("announcement, DOCX", "announcement, PDF"), strict=True):
        whole = Series(tuple(seconds * NAMES / PEERS_NAMES for seconds in taken[name].seconds))
        note = f"reckoned up from {PEERS_NAMES} names; against ours"
        rows.append(Row(name, size, whole, ratio(whole, taken[mine]), note=note))
    return rows, _checks(announced)


def _checks(announced: Announced) -> list[str]:
    tables = docx.Document(io.BytesIO(announcement_docx(announced))).tables
    in_docx = len(tables[-1].rows) - 1
    insist(in_docx == NAMES, f"the DOCX has {in_docx} names")
    pages = pypdf.PdfReader(io.BytesIO(announcement_pdf(announced))).pages
    said = "".join(page.extract_text() for page in pages)
    lacking = [name.name for name in announced.names if name.name not in said]
    insist(not lacking, f"{len(lacking)} names aren't in the PDF")
    return [f"every name is in the DOCX's annex and can be read out of the PDF ({len(pages)} pages)"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and publish; 1 when a promise was broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", nargs="+", help="there is one size in this one")
    parser.add_argument("--no-pandana", action="store_true", help="there is none in this one")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    rows, checks = measure(parser.parse_args(arguments).rounds)
    return 0 if publish(Report("papers", "Papers of a case", rows, checks)) else 1


if __name__ == "__main__":
    sys.exit(main())
