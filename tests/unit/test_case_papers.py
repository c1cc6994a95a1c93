"""The papers of a case, read back: a notice of the size and trouble of real ones, filing, opinions, application."""

import io
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

import docx
import openpyxl
import pypdf
import pytest
from docx.document import Document

from geo_registry.cases.announced import Announced, AnnouncedName, FormerName, missing_of
from geo_registry.cases.papers import (
    ApplicationDraft,
    Card,
    FilingDraft,
    Opinion,
    OpinionsDraft,
    annex_xlsx,
    announcement_docx,
    announcement_json,
    announcement_pdf,
    application_docx,
    filing_form_docx,
    filing_form_xlsx,
    filing_report_docx,
    opinions_report_docx,
)
from geo_registry.cases.papers.filing import FIELDS, ORDER_UNVERIFIED, PAPERS
from geo_registry.cases.wording import sentence, title_of
from geo_registry.places.rules.findings import LAW, Basis
from geo_registry.vocabulary import FlawCode, NameAction, PartFate, PlaceClass

DETAIL = {
    "grade": "主干路",
    "begins_at": "东起双溪西路",
    "ends_at": "西至双龙南街",
    "length_m": 1520,
    "width_m": 24,
    "surface": "沥青",
    "built_from": "2019",
    "built_to": "2021",
}


def street(name: str, romanized: str, action: NameAction = NameAction.NAME, **over: object) -> AnnouncedName:
    made = AnnouncedName(
        name, PlaceClass.STREET, action, romanized, division="婺城区", detail=DETAIL, meaning="以地理位置得名"
    )
    return replace(made, **over)  # type: ignore[arg-type]


STREETS = (
    street("李渔路", "Lǐyú Lù", lon=119.65, lat=29.08, division_code="330702000000"),
    street("双溪东路", "Shuāngxī Dōnglù", former=(FormerName("老街", PartFate.SPLIT, "东段"),)),
    street("双溪中路", "Shuāngxī Zhōnglù", former=(FormerName("老街", PartFate.SPLIT, "西段"),)),
    street(
        "婺江路",
        "Wùjiāng Lù",
        NameAction.RENAME,
        former=(FormerName("江滨路"), FormerName("北一弄", PartFate.ABSORBED)),
    ),
    street("宾虹路", "Bīnhóng Lù", NameAction.ADJUST),
    *(street(f"丹溪{number}弄", f"Dānxī {at} Lòng") for at, number in ((1, "一"), (2, "二"), (4, "四"))),
    street("后建路", "Hòujiàn Lù", detail={**DETAIL, "built_to": "2027-06"}),
    *(
        street(f"环城{side}路", f"Huánchéng {sound}lù")
        for side, sound in zip("东西南北", ("Dōng", "Xī", "Nán", "Běi"), strict=True)
    ),
    street("绿荫路", "Lǜyīn Lù"),
    street("西安街", "Xī'ān Jiē"),
)
"""Fifteen roads: one old name over two new ones, one absorbed, one longer, a series with a gap, one built after the notice."""

NOTICE = Announced(
    title_of("金华市民政局", STREETS, "zh"),
    "金华市民政局",
    STREETS,
    number="金民告〔2026〕1号",
    announced_on=date(2026, 2, 20),
    approving_body="金华市人民政府",
    approved_on=date(2026, 2, 10),
    approval_number="金政地〔2026〕3号",
    basis=(Basis(LAW, 12, 5), Basis("浙江省地名管理办法", verified=False, note="正文未见", note_en="not read")),
    paragraphs=("上述地名自公布之日起启用。",),
)
MANY = replace(
    NOTICE, names=tuple(street(f"乡村{at}路", f"Xiāngcūn {at} Lù", division=f"{at % 3}镇") for at in range(100))
)
EXAMPLE = replace(NOTICE, synthetic=True)
FILING = FilingDraft(NOTICE, "金华市人民政府", "浙江省人民政府", number="金政〔2026〕9号", sent_on=date(2026, 2, 24))
OPINIONS = OpinionsDraft(
    "金华市民政局",
    STREETS[:2],
    date(2026, 1, 12),
    date(2026, 1, 18),
    (
        Opinion("赞成。", outcome="采纳"),
        Opinion("“双溪”与原名不符", about="双溪东路", by="专家", outcome="未采纳", answer="古称双溪"),
        Opinion("建议用老街", by="公众"),
    ),
    scope="婺城区全体居民和沿线单位",
)
APPLICATION = ApplicationDraft("金华市住房和城乡建设局", "金华市人民政府", STREETS, reports=("综合评估报告",))


def test_the_report_counts_the_names_that_were_proposed() -> None:
    said = ("湖滨路", "仙源湖路", "湖滨路", "")
    draft = replace(OPINIONS, opinions=[Opinion("建议", proposed=name) for name in said])
    (table,) = [each for each in opened(opinions_report_docx(draft)).tables if each.rows[0].cells[1].text == "建议名称"]
    assert [[cell.text for cell in row.cells] for row in table.rows[1:]] == [
        ["1", "湖滨路", "2"],
        ["2", "仙源湖路", "1"],
    ]
    assert "建议名称" not in said_in(opinions_report_docx(OPINIONS))


def opened(made: bytes) -> Document:
    return docx.Document(io.BytesIO(made))


def said_in(made: bytes) -> str:
    """Every paragraph and cell of a DOCX."""
    document = opened(made)
    cells = (cell.text for table in document.tables for row in table.rows for cell in row.cells)
    return "\n".join([*(each.text for each in document.paragraphs), *cells])


def printed(made: bytes) -> str:
    """Every word of a PDF, one line; without the numbers of its pages, which stand between what goes on."""
    pages = (page.extract_text() for page in pypdf.PdfReader(io.BytesIO(made)).pages)
    return "".join(re.sub("第 [0-9]+ 页　共 [0-9]+ 页", "", page) for page in pages).replace("\n", "")


def rows_of(made: bytes) -> list[list[object]]:
    page = openpyxl.load_workbook(io.BytesIO(made)).active
    assert page is not None
    return [[cell.value for cell in row] for row in page.iter_rows()]


# The announcement


def test_a_notice_reads_like_the_office_s_paper() -> None:
    texts = [each.text for each in opened(announcement_docx(NOTICE)).paragraphs if each.text]
    assert texts[:3] == [
        "金华市民政局关于李渔路等15条道路命名、更名、范围调整的公告",
        "金民告〔2026〕1号",
        (
            "根据《地名管理条例》《浙江省地名管理办法》有关规定，经金华市人民政府于2026年2月10日批准（金政地〔2026〕3号），"
            "决定对下列13条道路予以命名、1条道路予以更名、1条道路调整范围，现予公告："
        ),
    ]
    assert [text for text in texts if text[1:2] == "、"] == ["一、命名", "二、更名", "三、范围调整"]
    assert f"1. {sentence(STREETS[0], 'zh')}" in texts
    assert any(
        text.startswith("14. 婺江路（Wùjiāng Lù）：主干路，位于婺城区，由“江滨路”更名，原“北一弄”并入，")
        for text in texts
    )
    assert texts[-4:] == ["上述地名自公布之日起启用。", "特此公告。", "金华市民政局", "2026年2月20日"]


def test_an_announcement_ends_once_and_says_where_it_is_published() -> None:
    published = replace(NOTICE, channels="金华市人民政府网站、《金华日报》。")
    texts = [each.text for each in opened(announcement_docx(published)).paragraphs if each.text]
    assert texts[-4:-2] == ["发布渠道：金华市人民政府网站、《金华日报》。", "特此公告。"]
    typed = replace(NOTICE, paragraphs=("上述地名自公布之日起启用，特此公告。",))
    assert said_in(announcement_docx(typed)).count("特此公告") == 1
    assert "Published through: the city's site." in said_in(
        announcement_docx(replace(NOTICE, channels="the city's site"), "en")
    )


def test_the_table_numbers_names_as_the_sentences_do() -> None:
    (table,) = opened(announcement_docx(NOTICE)).tables
    rows = [[cell.text for cell in row.cells] for row in table.rows]
    assert rows[0] == ["序号", "标准名称", "罗马字母拼写", "类别", "所在行政区划", "决定"]
    assert rows[1] == ["1", "李渔路", "Lǐyú Lù", "主干路", "婺城区", "命名"]
    assert rows[14] == ["14", "婺江路", "Wùjiāng Lù", "主干路", "婺城区", "更名"]


def test_pdf_and_docx_say_the_same() -> None:
    in_pdf = printed(announcement_pdf(NOTICE))
    for name in STREETS:
        # A line's end in a PDF takes a space with it.
        said = sentence(name, "zh").replace(" ", "")
        assert said in in_pdf.replace(" ", "")


def test_what_was_built_after_the_notice_is_caught() -> None:
    assert [(flaw.code, flaw.name) for flaw in missing_of(NOTICE)] == [
        (FlawCode.BUILT_LATER, "后建路"),
        (FlawCode.BASIS_UNVERIFIED, ""),
    ]


def test_one_name_needs_no_table_and_no_number() -> None:
    document = opened(announcement_docx(replace(NOTICE, names=STREETS[:1])))
    assert not document.tables
    assert any(each.text == sentence(STREETS[0], "zh") for each in document.paragraphs)


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_many_names_are_an_annex_that_the_text_sums_up(locale: str) -> None:
    document = opened(announcement_docx(MANY, locale))
    decisions, divisions, annex = document.tables
    assert [cell.text for cell in decisions.rows[1].cells][-1] == "100"
    assert [[cell.text for cell in row.cells] for row in divisions.rows[1:]] == [
        ["0镇", "34"],
        ["1镇", "33"],
        ["2镇", "33"],
    ]
    assert len(annex.rows) == 101
    assert not any(sentence(MANY.names[0], locale) in each.text for each in document.paragraphs)
    pages = pypdf.PdfReader(io.BytesIO(announcement_pdf(MANY, locale))).pages
    said = "".join(page.extract_text() for page in pages[1:])
    assert all(f"乡村{at}路" in said for at in range(100))
    first = pages[0].extract_text()
    assert ("附件：标准地名表（100个）" if locale == "zh" else "Annex: the standard names (100)") in first


def test_an_annex_as_a_workbook_has_every_detail_and_the_approval() -> None:
    rows = rows_of(annex_xlsx(NOTICE))
    header = rows[2]
    first = dict(zip(header, rows[3], strict=True))
    assert first["标准名称"] == "李渔路"
    assert (first["长度（米）"], first["经度"], first["建成"]) == (1520, 119.65, "2021")
    assert (first["批准机关"], first["批准日期"], first["批准文号"]) == (
        "金华市人民政府",
        "2026-02-10",
        "金政地〔2026〕3号",
    )
    assert dict(zip(header, rows[6], strict=True))["原名及去向"] == "江滨路：更名；北一弄：并入"
    assert len(rows) == 3 + 15
    assert "Standard name" in rows_of(annex_xlsx(NOTICE, "en"))[2]


def test_an_announcement_as_data_keeps_its_keys() -> None:
    told = json.loads(json.dumps(announcement_json(NOTICE)))
    assert sorted(told) == [
        "announced_on",
        "approval_number",
        "approved_on",
        "approving_body",
        "basis",
        "channels",
        "corrects",
        "lead",
        "names",
        "number",
        "office",
        "paragraphs",
        "reason",
        "synthetic",
        "title",
    ]
    assert told["announced_on"] == "2026-02-20"
    assert told["basis"][0]["cited"] == "《地名管理条例》第十二条第（五）项"
    assert told["basis"][1]["verified"] is False
    name = told["names"][3]
    assert (name["name"], name["class"], name["action"]) == ("婺江路", "street", "rename")
    assert name["former"] == [
        {"name": "江滨路", "fate": "replaced", "part": None},
        {"name": "北一弄", "fate": "absorbed", "part": None},
    ]
    assert name["detail"]["length_m"] == 1520
    assert name["sentence"]["zh"] == sentence(STREETS[3], "zh")


def test_a_figure_that_is_none_is_null_and_an_unknown_field_is_not_told() -> None:
    odd = street("甲路", "Jiǎ Lù", detail={"length_m": float("nan"), "inner": "secret"})
    told = json.loads(json.dumps(announcement_json(replace(NOTICE, names=(odd,)))))
    assert told["names"][0]["detail"] == {"length_m": None}


def test_a_correction_says_what_it_corrects() -> None:
    corrected = replace(NOTICE, names=STREETS[:1], corrects="金民告〔2026〕1号", reason="长度有误")
    said = said_in(announcement_docx(corrected))
    assert "我单位公告（金民告〔2026〕1号）公布的下列1条道路，有关内容需要更正（长度有误），现予更正：" in said


def test_a_draft_has_room_for_its_day() -> None:
    draft = replace(NOTICE, announced_on=None, number="")
    assert "　　　　年　　月　　日" in said_in(announcement_docx(draft))


# The filing


def test_the_filing_form_has_the_card_s_fields_in_order_and_says_that_the_order_is_not_verified() -> None:
    cards = (Card(aliases=("戏路", "渔路"), used_since="2019年", method="实测", ends=(119.6, 29.1)), *[Card()] * 14)
    rows = rows_of(filing_form_xlsx(replace(FILING, cards=cards)))
    assert any(ORDER_UNVERIFIED in str(cell) for row in rows[:3] for cell in row)
    header = rows[3]
    assert header == ["序号", *FIELDS]
    first = dict(zip(header, rows[4], strict=True))
    assert (first["标准名称"], first["罗马字母拼写"], first["别名"]) == ("李渔路", "Lǐyú Lù", "戏路、渔路")
    assert (first["东经（起）"], first["北纬（起）"], first["东经（止）"]) == (119.65, 29.08, 119.6)
    assert (first["批准机关"], first["批准文号"]) == ("金华市人民政府", "金政地〔2026〕3号")
    assert (first["密级"], first["设立年份"], first["测量方法"]) == ("公开", "2021年", "实测")
    assert "长1520米" in str(first["地理实体概况"])
    assert dict(zip(header, rows[5], strict=True))["坐标系"] == ""


def test_cards_that_are_not_as_many_as_names_are_refused() -> None:
    with pytest.raises(ValueError, match="zip"):
        filing_form_xlsx(replace(FILING, cards=(Card(),)))


def test_the_form_as_docx_has_a_card_a_name_or_one_table_of_many() -> None:
    made = filing_form_docx(FILING)
    document = opened(made)
    assert len(document.tables) == 15
    assert [row.cells[0].text for row in document.tables[0].rows] == ["项目", *FIELDS]
    assert ORDER_UNVERIFIED in said_in(made)
    many = opened(filing_form_docx(replace(FILING, announced=MANY)))
    assert len(many.tables) == 1
    assert len(many.tables[0].rows) == 101


def test_the_filing_report_says_to_whom_what_by_which_document_and_with_which_papers() -> None:
    said = said_in(filing_report_docx(FILING))
    assert "金华市人民政府关于报送李渔路等15条道路命名、更名、范围调整备案的报告" in said
    assert "浙江省人民政府：" in said
    assert (
        "根据《地名管理条例》第十三条规定，现将金华市人民政府于2026年2月10日批准（金政地〔2026〕3号）的"
        "李渔路等15条道路命名、更名、范围调整报送备案" in said
    )
    assert all(kind.zh in said for kind in PAPERS)
    assert "正文未核实" in said
    sent = replace(FILING, papers=[(kind, kind.zh) for kind in PAPERS])
    assert "应随附而事项中没有的材料" not in said_in(filing_report_docx(sent))
    assert "2026年2月24日" in said
    assert "逾期" not in said


def test_a_late_or_returned_filing_says_why() -> None:
    said = said_in(filing_report_docx(replace(FILING, late_because="材料不齐。", returned_because="缺专家论证报告。")))
    assert said.index("三、退回补正情况") < said.index("缺专家论证报告。") < said.index("四、逾期报送的原因")
    assert "五、报送材料" in said


def test_a_number_that_is_not_known_stays_unknown() -> None:
    unknown = replace(NOTICE, approval_number="", approving_body="", approved_on=None)
    said = said_in(filing_report_docx(replace(FILING, announced=unknown)))
    assert "批准文号：（不详）" in said
    assert "现将李渔路等15条道路命名" in said


# Opinions and application


def test_the_report_on_opinions_tells_process_scope_views_and_what_was_done() -> None:
    said = said_in(opinions_report_docx(OPINIONS))
    assert "2026年1月12日至2026年1月18日（7天），金华市民政局通过公示就李渔路等2条道路命名征求意见。" in said
    assert "婺城区全体居民和沿线单位" in said
    assert "共收到意见3条，其中公众2条、专家1条。" in said
    assert "“双溪”与原名不符" in said
    assert "采纳1条；未采纳1条；待处理1条。" in said
    assert "古称双溪" in said
    assert "还有1条意见未处理" in said


def test_no_opinions_are_told_as_none() -> None:
    said = said_in(opinions_report_docx(replace(OPINIONS, opinions=())))
    assert "期间未收到意见。" in said
    assert "没有需要处理的意见。" in said
    assert "起草提示" not in said


def test_an_application_holds_what_article_11_asks_for() -> None:
    document = opened(application_docx(APPLICATION))
    headings = [each.text for each in document.paragraphs if each.style.name == "Heading 1"]  # type: ignore[union-attr]
    assert headings == ["一、方案", "二、理由", "三、位置、规模、性质", "四、随附材料"]
    plan, basics = document.tables
    assert [cell.text for cell in plan.rows[4].cells] == [
        "4",
        "婺江路",
        "Wùjiāng Lù",
        "更名",
        "由“江滨路”更名；原“北一弄”并入",
    ]
    assert [cell.text for cell in basics.rows[1].cells][:4] == ["1", "李渔路", "主干路", "婺城区"]
    assert "李渔路：以地理位置得名" in said_in(application_docx(APPLICATION))


# Every paper


MAKERS: Sequence[tuple[str, Callable[[bool], bytes]]] = (
    ("announcement", lambda synthetic: announcement_docx(replace(NOTICE, synthetic=synthetic))),
    ("annexed", lambda synthetic: announcement_docx(replace(MANY, synthetic=synthetic))),
    ("form", lambda synthetic: filing_form_docx(replace(FILING, announced=replace(NOTICE, synthetic=synthetic)))),
    ("report", lambda synthetic: filing_report_docx(replace(FILING, announced=replace(NOTICE, synthetic=synthetic)))),
    ("opinions", lambda synthetic: opinions_report_docx(replace(OPINIONS, synthetic=synthetic))),
    ("application", lambda synthetic: application_docx(replace(APPLICATION, synthetic=synthetic))),
)


@pytest.mark.parametrize("make", [make for _, make in MAKERS], ids=[name for name, _ in MAKERS])
def test_an_example_says_so_on_every_page_and_what_is_none_does_not(make: Callable[[bool], bytes]) -> None:
    is_example = True
    example = opened(make(is_example))
    assert all("示例数据" in section.header.paragraphs[0].text for section in example.sections)
    assert "不具法律效力" in example.paragraphs[0].text
    real = make(not is_example)
    assert "示例数据" not in said_in(real)
    assert all(section.header.paragraphs[0].text == "" for section in opened(real).sections)


def test_an_example_says_so_on_every_page_of_a_pdf_and_of_workbooks() -> None:
    for page in pypdf.PdfReader(io.BytesIO(announcement_pdf(replace(MANY, synthetic=True)))).pages:
        assert "示例数据" in page.extract_text()
    for made in (annex_xlsx(EXAMPLE), filing_form_xlsx(replace(FILING, announced=EXAMPLE))):
        page = openpyxl.load_workbook(io.BytesIO(made)).active
        assert page is not None
        assert "示例数据" in page.oddHeader.center.text
        assert page["A1"].value == "示例数据"


HOSTILE = "=cmd|'/c calc'!A0<b>&amp;\x00\x0b]]>"
KEPT = "=cmd|'/c calc'!A0<b>&amp;]]>"


def test_names_of_any_characters_are_text_everywhere() -> None:
    hostile = replace(NOTICE, names=(street(HOSTILE, "+1", meaning="@SUM(A1)"),) * 2)
    assert KEPT in said_in(announcement_docx(hostile))
    assert KEPT in printed(announcement_pdf(hostile))
    for made in (annex_xlsx(hostile), filing_form_xlsx(replace(FILING, announced=hostile))):
        page = openpyxl.load_workbook(io.BytesIO(made)).active
        assert page is not None
        cells = [cell for row in page.iter_rows() for cell in row]
        assert not any(cell.data_type == "f" for cell in cells)
        assert {KEPT, "+1", "@SUM(A1)"} <= {cell.value for cell in cells}
    assert KEPT in said_in(filing_report_docx(replace(FILING, announced=hostile)))
    quoted = replace(OPINIONS, opinions=(Opinion(HOSTILE),))
    assert KEPT in said_in(opinions_report_docx(quoted))
    assert KEPT in said_in(application_docx(replace(APPLICATION, names=hostile.names)))
