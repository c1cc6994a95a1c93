"""Papers of blocks: what is written as DOCX, PDF and XLSX is read back as it was given."""

import io
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pypdf
import pytest
from docx.oxml.ns import qn
from reportlab.pdfbase import pdfmetrics

from geo_registry.errors import PaperFontMissing
from geo_registry.papers import typefaces
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
from geo_registry.papers.document import ANNEX_MARGINS, OFFICIAL_LOOKS, OFFICIAL_MARGINS, Column
from geo_registry.papers.pdf import pdf_of
from geo_registry.papers.word import docx_of
from geo_registry.papers.workbook import MOST_IN_CELL, Sheet, xlsx_of

MADE = date(2026, 2, 20)
TONES = "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ"
COLUMNS = (Column("序号", 12, "centre"), Column("标准名称", 40), Column("拼写", 60), Column("长度", 30, "right"))
ROWS = [(str(at), f"李渔{at}路", "Lǐyú Lù", "1\N{NO-BREAK SPACE}520") for at in range(1, 121)]


def paper(*blocks: Block, header: str = "", locale: str = "zh", made: date | None = MADE) -> Paper:
    return Paper("公告 <&>", "金华市民政局", locale, blocks, made, header)


def read(made: Paper) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(pdf_of(made)))


def text_of(made: Paper) -> str:
    return "\n".join(page.extract_text() for page in read(made).pages)


WHOLE = paper(
    Notice("示例数据"),
    Title("关于李渔路命名的公告"),
    Subtitle("金民告〔2026〕1号"),
    Addressee("各单位："),
    Heading("一、命名"),
    Heading("（一）道路", 2),
    Body(f"李渔路（Lǐyú Lù）：“江滨路”—{TONES}。"),
    Table(COLUMNS, ROWS),
    Signature(("金华市民政局", "2026年2月20日")),
    Turn(landscape=True),
    Heading("附件"),
    Table(COLUMNS, ROWS[:2]),
    header="示例数据",
)


# PDF


def test_every_word_of_a_pdf_can_be_taken_out_again() -> None:
    said = text_of(WHOLE)
    for words in (
        "关于李渔路命名的公告",
        "金民告〔2026〕1号",
        "各单位：",
        f"（Lǐyú Lù）：“江滨路”—{TONES}",
        "2026年2月20日",
    ):
        assert words in said.replace("\n", "")


def test_a_pdf_carries_the_letters_that_it_shows() -> None:
    for page in read(WHOLE).pages:
        resources: Any = page["/Resources"]
        for font in resources["/Font"].values():
            described = font.get_object()
            if described["/Subtype"] == "/TrueType":
                assert "/FontFile2" in described["/FontDescriptor"]
                # Six letters and a plus: a part of the face, not all of it.
                assert described["/BaseFont"][7] == "+"
                assert "/ToUnicode" in described


def test_a_table_goes_on_under_its_header_with_each_row_once() -> None:
    pages = [page.extract_text() for page in read(WHOLE).pages]
    assert len(pages) > 3
    assert all("标准名称" in page for page in pages if "李渔50路" in page or "李渔100路" in page)
    said = "\n".join(pages[:-1])
    assert all(said.count(f"李渔{at}路") == 1 for at in range(1, 121))


def test_pages_are_numbered_and_bear_the_header() -> None:
    pages = read(WHOLE).pages
    for number, page in enumerate(pages, start=1):
        said = page.extract_text()
        assert f"第 {number} 页　共 {len(pages)} 页" in said
        assert "示例数据" in said
    assert "Page 1 of 1" in text_of(paper(Body("a"), locale="en"))


def test_a_pdf_tells_what_it_is_and_in_which_language() -> None:
    reader = read(WHOLE)
    assert reader.metadata is not None
    assert (reader.metadata.title, reader.metadata.author) == ("公告 <&>", "金华市民政局")
    assert reader.metadata.creation_date is not None
    assert reader.metadata.creation_date.date() == MADE
    root: Any = reader.trailer["/Root"]
    assert root["/Lang"] == "zh-CN"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]


def test_headings_are_an_outline() -> None:
    def titles(entries: Sequence[Any]) -> list[object]:
        return [titles(each) if isinstance(each, list) else each["/Title"] for each in entries]

    assert titles(read(WHOLE).outline) == ["关于李渔路命名的公告", ["一、命名", ["（一）道路"], "附件"]]


def test_pages_are_a4_and_an_annex_lies_across() -> None:
    pages = read(WHOLE).pages
    assert [round(float(side)) for side in pages[0].mediabox[2:]] == [595, 842]
    assert [round(float(side)) for side in pages[-1].mediabox[2:]] == [842, 595]


def test_the_same_paper_is_the_same_bytes() -> None:
    assert pdf_of(WHOLE) == pdf_of(WHOLE)


def test_a_character_that_no_face_has_is_told_with_its_code() -> None:
    said = text_of(paper(Body("名\U0010fffd号")))
    assert "名〓号" in said
    assert "U+10FFFD" in said
    assert "U+10FFFD" in text_of(paper(Body("\U0010fffd"), locale="en"))


def test_no_line_begins_or_ends_with_a_sign_that_may_not() -> None:
    said = text_of(paper(Body("命名，更名。（范围）“销名”、" * 60)))
    lines = [line for line in said.splitlines() if "命" in line or "名" in line]
    assert len(lines) > 20
    assert not any(line[0] in "，。）”、" for line in lines)
    assert not any(line[-1] in "（“" for line in lines)


def test_a_title_has_no_last_line_of_one_character() -> None:
    title = "关于李渔路等2条道路命名征求意见情况的报告"
    first, second = text_of(paper(Title(title))).splitlines()[:2]
    assert first + second == title
    assert abs(len(first) - len(second)) <= 3


def test_what_is_wider_than_a_line_is_broken_and_kept() -> None:
    word = "Llanfairpwllgwyngyll" * 10
    assert word in text_of(paper(Body(word))).replace("\n", "")


def test_a_row_higher_than_a_page_goes_on_on_the_next() -> None:
    made = paper(Table(COLUMNS, [("1", "长" * 4_000, "Cháng", "1")]))
    pages = [page.extract_text() for page in read(made).pages]
    assert len(pages) > 2
    assert sum(page.count("长") for page in pages) == 4_000 + len(pages)  # and once a page in 长度
    assert all("标准名称" in page for page in pages)


def test_without_a_face_a_pdf_is_refused_with_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(typefaces, "CHINESE", ("no-such-face.ttf",))
    with pytest.raises(PaperFontMissing) as refused:
        pdf_of(WHOLE)
    assert "apt-get install fonts-droid-fallback" in refused.value.hint("en")
    # A file that is called like a face and is none is passed over.
    (tmp_path / "no-such-face.ttf").write_bytes(b"no font")
    monkeypatch.setattr(typefaces, "FOLDERS", (tmp_path,))
    with pytest.raises(PaperFontMissing):
        pdf_of(WHOLE)


def test_the_set_up_installs_a_face_that_does() -> None:
    assert any(
        Path(name).stem in pdfmetrics.getRegisteredFontNames() for name in typefaces.CHINESE if typefaces.typefaces()
    )
    setup = (Path(__file__).parents[2] / "scripts" / "setup").read_text(encoding="utf-8")
    assert f"font_package={typefaces.PACKAGE}" in setup
    assert "NotoSansCJK-Regular" not in setup, "its outlines are no TrueType: it isn't enough"


# DOCX


def test_a_docx_has_the_styles_of_an_official_document() -> None:
    document = docx.Document(io.BytesIO(docx_of(WHOLE)))
    assert [(each.style.name, each.text) for each in document.paragraphs if each.text] == [  # type: ignore[union-attr]
        ("Notice", "示例数据"),
        ("Title", "关于李渔路命名的公告"),
        ("Subtitle", "金民告〔2026〕1号"),
        ("Addressee", "各单位："),
        ("Heading 1", "一、命名"),
        ("Heading 2", "（一）道路"),
        ("Body Text", f"李渔路（Lǐyú Lù）：“江滨路”—{TONES}。"),
        ("Signed", "金华市民政局"),
        ("Signed", "2026年2月20日"),
        ("Heading 1", "附件"),
    ]
    body = document.styles["Body Text"].element
    assert body.rPr.rFonts.get(qn("w:eastAsia")) == OFFICIAL_LOOKS["Body Text"].face == "仿宋"
    assert document.styles["Body Text"].font.size.pt == 16


def test_a_docx_keeps_margins_header_and_properties() -> None:
    document = docx.Document(io.BytesIO(docx_of(WHOLE)))
    upright, across = document.sections
    assert round(upright.top_margin.mm) == OFFICIAL_MARGINS.top  # type: ignore[union-attr]
    assert round(upright.left_margin.mm) == OFFICIAL_MARGINS.left  # type: ignore[union-attr]
    assert across.page_width > across.page_height  # type: ignore[operator]
    assert round(across.left_margin.mm) == ANNEX_MARGINS.left  # type: ignore[union-attr]
    assert [section.header.paragraphs[0].text for section in document.sections] == ["示例数据", "示例数据"]
    assert document.core_properties.title == "公告 <&>"
    assert document.core_properties.created is not None
    assert document.core_properties.created.date() == MADE


def test_a_draft_without_a_day_has_none_in_its_properties() -> None:
    document = docx.Document(io.BytesIO(docx_of(paper(Body("文"), made=None))))
    assert document.core_properties.created is None


def test_a_title_too_long_for_a_property_is_whole_on_the_page() -> None:
    long = Paper("长" * 300, "局" * 300, "zh", (Title("长" * 300),))
    document = docx.Document(io.BytesIO(docx_of(long)))
    assert document.paragraphs[0].text == "长" * 300


def test_a_table_in_docx_repeats_its_header_and_holds_every_row() -> None:
    table = docx.Document(io.BytesIO(docx_of(WHOLE))).tables[0]
    assert table._tbl.tr_lst[0].trPr.find(qn("w:tblHeader")) is not None  # type: ignore[union-attr]
    texts = [[cell.text for cell in row.cells] for row in table.rows]
    assert texts == [[column.header for column in COLUMNS], *map(list, ROWS)]


def test_a_table_s_properties_stand_in_the_schema_s_order() -> None:
    table: Any = docx.Document(io.BytesIO(docx_of(WHOLE))).tables[0]._tbl
    order = [each.tag.rpartition("}")[2] for each in table.tblPr]
    assert order == ["tblStyle", "tblW", "jc", "tblLayout", "tblCellMar", "tblLook"]


def test_lines_in_a_cell_stay_lines() -> None:
    made = docx_of(paper(Table((Column("项", 60),), [("一\n二",)])))
    assert docx.Document(io.BytesIO(made)).tables[0].cell(1, 0).text == "一\n二"


# XLSX


def sheet(*cells: str | float | None, header: str = "", notes: Sequence[str] = ()) -> bytes:
    columns = [(f"列{at}", 12.0) for at in range(len(cells))]
    return xlsx_of([Sheet("地名", columns, [cells], notes, header)], title="表", author="局")


def test_no_text_becomes_a_formula_a_link_or_a_number() -> None:
    texts = ("=1+1", "+1", "-1", "@SUM(1)", "https://example.org", "0012", "<b>&amp;")
    page = openpyxl.load_workbook(io.BytesIO(sheet(*texts))).active
    assert page is not None
    assert tuple(cell.value for cell in page[2]) == texts
    assert {cell.data_type for cell in page[2]} == {"s"}
    assert not any(cell.hyperlink for cell in page[2])


def test_numbers_stay_numbers_and_nothing_stays_nothing() -> None:
    page = openpyxl.load_workbook(io.BytesIO(sheet(1520, 24.5, None))).active
    assert page is not None
    assert [cell.value for cell in page[2]] == [1520, 24.5, None]


def test_what_a_cell_can_not_hold_is_cut_and_shown_to_be() -> None:
    page = openpyxl.load_workbook(io.BytesIO(sheet("长" * 40_000))).active
    assert page is not None
    assert page["A2"].value == "长" * (MOST_IN_CELL - 1) + "…"


def test_a_sheet_s_header_is_on_every_printed_page() -> None:
    page = openpyxl.load_workbook(io.BytesIO(sheet("1", header="示例数据 A&B", notes=("注",)))).active
    assert page is not None
    assert page.oddHeader.center.text == "示例数据 A&&B"
    assert page.print_title_rows == "$2:$2"
    assert (page["A1"].value, page["A2"].value, page["A3"].value) == ("注", "列0", "1")
