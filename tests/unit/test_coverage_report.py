"""The report as an office gets it: what stands where, in real styles, whatever the run was like."""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import docx
import pytest
from docx.document import Document
from docx.enum.section import WD_ORIENT
from docx.oxml.ns import qn
from docx.shared import Mm
from PIL import Image

from geo_registry.coverage.inputs import Question, standard_from
from geo_registry.coverage.picture import A4_LANDSCAPE, MM_PER_INCH, POINTS_PER_MM, Paper
from geo_registry.coverage.report import write_report
from geo_registry.coverage.said import ReportInput, RunFacts
from geo_registry.coverage.wording import Zone, area_name, group_words, worst
from geo_registry.papers.document import LOOKS, TEXT_MARGINS
from geo_registry.vocabulary import DivisionLevel

WHEN = datetime(2026, 11, 24, 3, 4, 5, tzinfo=UTC)
NAME = '<b>&amp;"=1+1'


def zone(code: str, name: str, level: DivisionLevel, demand: float, covered: float) -> Zone:
    return Zone(code, name, level, demand=demand, covered=covered, unreachable=0, unsnapped=0)


def city(townships: int) -> list[Zone]:
    """A city of one county with townships of 100 people, of whom one more isn't covered in each."""
    lower = [
        zone(f"330702{number:03}000", f"第{number}镇", DivisionLevel.TOWNSHIP, 100, 100 - number)
        for number in range(1, townships + 1)
    ]
    people, covered = sum(one.demand for one in lower), sum(one.covered for one in lower)
    return [
        zone("330700000000", "金华市", DivisionLevel.CITY, people, covered),
        zone("330702000000", "婺城区", DivisionLevel.COUNTY, people, covered),
        *lower,
    ]


def blank(paper: Paper | None) -> bytes:
    """A white sheet: what a map shows is another test's matter."""
    paper = paper or A4_LANDSCAPE
    size = (round(paper.width_mm / MM_PER_INCH * 20), round(paper.height_mm / MM_PER_INCH * 20))
    file = BytesIO()
    Image.new("RGB", size, "white").save(file, "PNG")
    return file.getvalue()


def said(zones: Sequence[Zone], *, demand: float, covered: float, **over: Any) -> ReportInput:
    standard = over.pop("standard", {})
    totals = {
        "demand": demand,
        "covered": covered,
        "share": covered / demand if demand else None,
        "gap": demand - covered,
        "unreachable": 0.0,
        "unsnapped": 0.0,
        "outside_divisions": 0.0,
        "points": 4,
        "points_by_state": {"covered": 2, "beyond": 2, "unreachable": 0, "unsnapped": 0},
        "facilities": 3,
        "facilities_unsnapped": 0,
        "facilities_unconfirmed_share": None,
        "synthetic": False,
        "positions": {"population": {"source": 4}, "facilities": {"approximate": 2, "surveyed": 1}},
    } | over.pop("totals", {})
    source = {"dataset": "census", "licence": "CC0", "content_version": "v", "digest": "d"}
    values: dict[str, Any] = {
        "locale": "zh-CN",
        "run": RunFacts("run-1", "planner", recorded_at=WHEN, started_at=WHEN, finished_at=WHEN),
        "standard": standard_from(
            {
                "key": "town",
                "name": {"zh": "小镇", "en": "town"},
                "family": "reach",
                "demand": "60+",
                "basis": "resident",
                "kinds": ["home-care-centre"],
                "minutes": 15,
                "source": "the test",
            }
            | standard,
            origin="test",
        ),
        "question": Question(),
        "totals": totals,
        "inputs": {
            "population": {
                **source,
                "basis": "resident",
                "as_of": "2020-11-01",
                "points": 4,
                "points_without_group": 0,
            },
            "roads": {**source, "mode": "walk"},
            "facilities": {"count": 3, "digest": "d"},
        },
        "zones": zones,
        "class_people": [covered, *[0.0] * 5, demand - covered, 0.0, 0.0],
        "lost_facilities": [],
        "has_borders": True,
        "approval": "",
        "annexes": ["report-annex.xlsx", "report-map.png"],
        "version": "9.9",
        "sheet": A4_LANDSCAPE,
        "draw": blank,
    }
    return ReportInput(**(values | over))


@pytest.fixture
def written(tmp_path: Path) -> Any:
    def write(what: ReportInput) -> Document:
        write_report(what, tmp_path / "report.docx")
        return docx.Document(str(tmp_path / "report.docx"))

    return write


def paragraphs(report: Document, style: str) -> list[str]:
    return [one.text for one in report.paragraphs if one.style and one.style.name == style]


def rows(report: Document, table: int) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in report.tables[table].rows]


def facts(report: Document) -> Mapping[str, str]:
    return {row[0]: row[1] for table in range(len(report.tables)) for row in rows(report, table) if len(row) == 2}


def test_page_one_is_the_answer_three_figures_and_the_ten_largest_gaps(written: Any) -> None:
    report = written(said(city(12), demand=1200, covered=1122))
    assert paragraphs(report, "Title") == ["小镇覆盖情况报告"]
    assert paragraphs(report, "Subtitle") == ["婺城区　2026年11月24日"]
    sentence = paragraphs(report, "Body Text")[0]
    assert "60岁及以上人口（常住）共 1,200 人" in sentence
    assert "1,122 人（93.5%）步行 15 分钟内能到达最近的居家养老服务中心，78 人不能" in sentence
    assert "婺城区第12镇（12 人）" in sentence
    assert rows(report, 0)[0] == ["93.5%", "78", "0"]
    worst_ten = rows(report, 1)
    assert len(worst_ten) == 11
    assert worst_ten[1] == ["1", "婺城区第12镇", "100", "88", "88.0%", "12"]
    assert worst_ten[-1][1] == "婺城区第3镇"


def test_all_zones_but_villages_follow(written: Any) -> None:
    village = zone("330702001001", "东村", DivisionLevel.VILLAGE, 100, 0)
    report = written(said([*city(12), village], demand=1200, covered=1122))
    assert [row[0] for row in rows(report, 2)[1:]] == ["金华市", "婺城区"]
    assert [row[1] for row in rows(report, 3)[1:]] == [f"第{number}镇" for number in range(1, 13)]
    assert {row[0] for row in rows(report, 3)[1:]} == {"婺城区"}
    assert not any("东村" in cell for table in range(len(report.tables)) for row in rows(report, table) for cell in row)
    assert rows(report, 0)[0][2] == "1"  # the village that nobody of is within reach


def test_it_says_what_the_run_recorded(written: Any) -> None:
    report = written(
        said(
            city(2),
            demand=200,
            covered=197,
            approval="浙S(2026)1号",
            standard={"where": "beds > 0", "speed_kmh": 3.4, "note": "a note", "scope": "national", "force": "target"},
        )
    )
    found = facts(report)
    for item, value in {
        "来源": "the test",
        "是否核实": "未核实",
        "适用范围": "全国",
        "效力": "目标",
        "说明": "a note",
        "设施条件": "beds > 0",
        "速度": "3.4 km/h",
        "时间阈值": "15 分钟（恰好等于阈值算作覆盖）",
        "入网限距": "500 m",
        "人口口径": "常住",
        "人口数据日期": "2020年11月1日",
        "审图号": "浙S(2026)1号",
        "一年内未核实的设施占比": "–",
        "运行编号": "run-1",
        "提交人": "planner",
        "写出本报告的程序": "geo-registry 9.9",
    }.items():
        assert found[item].startswith(value)
    bullets = paragraphs(report, "List Bullet")
    assert "设施的位置精度：近似 2，实测 1。" in bullets
    assert "report-annex.xlsx" in bullets
    assert any("指标未核实" in one for one in bullets)


def test_dates_are_short_in_english(written: Any) -> None:
    report = written(said(city(2), demand=200, covered=197, locale="en", question=Question(as_of=date(2020, 11, 1))))
    assert facts(report)["its date"] == "1 Nov 2020"
    assert facts(report)["facilities"] == "3; those that stood on 1 Nov 2020"
    assert paragraphs(report, "Subtitle")[0].endswith("24 Nov 2026")


def test_doubts_are_counted_and_what_is_fine_is_said_to_be(written: Any) -> None:
    totals = {
        "unsnapped": 30.0,
        "unreachable": 7.0,
        "outside_divisions": 2.0,
        "points_by_state": {"covered": 1, "beyond": 1, "unreachable": 3, "unsnapped": 5},
        "facilities_unsnapped": 12,
    }
    lost = [f"养老{number}" for number in range(12)]
    report = written(said(city(1), demand=100, covered=50, totals=totals, lost_facilities=lost))
    assert "50 人不能（37 人无路可达，须先核对道路数据）" in paragraphs(report, "Body Text")[0]
    bullets = paragraphs(report, "List Bullet")
    assert any("未入网：30 人（5 个人口点）" in one for one in bullets)
    assert any("不可达：7 人（3 个人口点）" in one for one in bullets)
    assert any("区划之外：2 人" in one for one in bullets)
    assert any("12 处设施" in one and "养老9 等" in one and "养老10" not in one for one in bullets)
    assert "已检查，未见问题：每个人口点都说明了该人群。" in bullets


def test_a_run_of_before_positions_were_recorded_says_so(written: Any) -> None:
    bullets = paragraphs(written(said(city(1), demand=100, covered=99, totals={"positions": None})), "List Bullet")
    assert "设施的位置精度：本次运行没有记录。" in bullets


@pytest.mark.parametrize(("locale", "mark"), [("zh-CN", "示例数据"), ("en", "Synthetic example data")])
def test_example_data_is_said_on_page_one_on_every_page_and_in_a_section(written: Any, locale: str, mark: str) -> None:
    report = written(said(city(2), demand=200, covered=197, locale=locale, totals={"synthetic": True}))
    (notice,) = paragraphs(report, "Notice")
    assert notice.startswith(mark)
    assert mark.lower() in report.sections[0].header.paragraphs[0].text.lower()
    assert notice in paragraphs(report, "Body Text")


def test_without_example_data_nothing_is_called_so(written: Any) -> None:
    report = written(said(city(2), demand=200, covered=197))
    assert paragraphs(report, "Notice") == []
    assert "输入数据中没有标为示例的数据。" in paragraphs(report, "Body Text")
    assert "示例" not in report.sections[0].header.paragraphs[0].text


def test_english_has_no_chinese_but_names(written: Any) -> None:
    report = written(said(city(12), demand=1200, covered=1122, locale="en"))
    whole = [one.text for one in report.paragraphs]
    whole += [cell for table in range(len(report.tables)) for row in rows(report, table) for cell in row]
    names = re.compile("金华市|婺城区|第[0-9]+镇|小镇|[（）]")
    assert [one for one in whole if re.search("[\u3000-\u9fff]", names.sub("", one))] == []
    assert paragraphs(report, "Title") == ["town: coverage report"]
    assert paragraphs(report, "Heading 1")[0] == "1. Zones"


def test_names_are_text_whatever_they_hold(written: Any) -> None:
    zones = [zone("330702000000", f"{NAME}\x0b\ud800", DivisionLevel.COUNTY, 100, 40)]
    report = written(said(zones, demand=100, covered=40, standard={"name": {"zh": NAME, "en": NAME}}))
    assert paragraphs(report, "Title") == [f"{NAME}覆盖情况报告"]
    assert rows(report, 1)[1][1] == NAME


def test_without_townships_counties_are_compared(written: Any) -> None:
    report = written(
        said([*city(0)[:1], zone("330702000000", "婺城区", DivisionLevel.COUNTY, 9, 4)], demand=9, covered=4)
    )
    assert [row[1] for row in rows(report, 1)[1:]] == ["婺城区"]
    assert "缺口最大的 1 个县级区划" in " ".join(paragraphs(report, "Caption"))


def test_without_divisions_there_are_totals_only(written: Any) -> None:
    report = written(said([], demand=9, covered=4, totals={"unreachable": 2.0, "unsnapped": 1.0}))
    assert "未登记行政区划，因此没有分区数字。" in paragraphs(report, "Body Text")
    assert rows(report, 0)[0] == ["44.4%", "5", "3"]


def test_nobody_has_no_share(written: Any) -> None:
    report = written(said([zone("330702000000", "婺城区", DivisionLevel.COUNTY, 0, 0)], demand=0, covered=0))
    assert rows(report, 0)[0] == ["–", "0", "0"]
    assert "没有60岁及以上人口，因此没有覆盖率" in paragraphs(report, "Body Text")[0]
    assert "各县级区划均无缺口。" in paragraphs(report, "Body Text")


def test_no_facility_is_said_in_the_first_sentence(written: Any) -> None:
    report = written(said(city(1), demand=100, covered=0, totals={"facilities": 0}))
    assert "没有符合条件的居家养老服务中心，因此无人在可达范围内" in paragraphs(report, "Body Text")[0]


def test_an_office_can_go_on_writing(written: Any, tmp_path: Path) -> None:
    report = written(said(city(12), demand=1200, covered=1122))
    xml = ZipFile(tmp_path / "report.docx").read("word/document.xml").decode()
    for drawn in ("txbxContent", "w:pict", "wps:wsp", "w:framePr"):
        assert drawn not in xml
    assert {table.style.name for table in report.tables} == {"Table Grid"}
    for table in report.tables[1:]:
        assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
    fields = re.findall('w:instr="([A-Z]+)', xml + report.sections[0].footer._element.xml)
    assert {"SEQ", "PAGE", "NUMPAGES"} == set(fields)
    for name, look in LOOKS.items():
        faces = report.styles[name].element.rPr.rFonts
        assert faces.get(qn("w:eastAsia")) == look.face
        assert faces.get(qn("w:eastAsiaTheme")) is None
    known = ZipFile(tmp_path / "report.docx").read("word/fontTable.xml").decode()
    assert 'w:name="仿宋"><w:altName w:val="FangSong"' in known


def test_pages_are_a4_and_the_map_has_its_own(written: Any) -> None:
    report = written(said(city(2), demand=200, covered=197))
    first, chart, rest = report.sections
    assert [round(side.mm) for side in (first.page_width, first.page_height)] == [210, 297]
    assert (chart.orientation, round(chart.page_width.mm)) == (WD_ORIENT.LANDSCAPE, 297)
    assert rest.orientation == WD_ORIENT.PORTRAIT
    whole = report.inline_shapes[-1]
    assert whole.width <= chart.page_width - chart.left_margin - chart.right_margin
    caption = Mm((LOOKS["Caption"].before + LOOKS["Caption"].after + LOOKS["Caption"].line) / POINTS_PER_MM)
    assert whole.height + caption < chart.page_height - chart.top_margin - chart.bottom_margin
    descriptions = [shape._inline.docPr.get("descr") for shape in report.inline_shapes]
    assert all("≤ 5 分钟 197" in one for one in descriptions)


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
@pytest.mark.parametrize("name", ["小镇", "很长的名称" * 8, "w" * 60])
@pytest.mark.parametrize("townships", [0, 3, 12])
def test_page_one_is_one_page(written: Any, locale: str, name: str, townships: int) -> None:
    names = {"name": {"zh": name, "en": name}}
    zones = city(townships) if townships else []
    report = written(said(zones, demand=1200, covered=1122, locale=locale, standard=names, totals={"synthetic": True}))
    taken_pt = sum(_height_pt(report, one) for one in _until_section_ends(report))
    assert taken_pt / POINTS_PER_MM <= 297 - TEXT_MARGINS.top - TEXT_MARGINS.bottom


def _until_section_ends(report: Document) -> Iterator[Any]:
    for one in report.element.body:
        yield one
        if one.tag == qn("w:p") and one.pPr.find(qn("w:sectPr")) is not None:
            return


def _height_pt(report: Document, one: Any) -> float:
    """How high a paragraph or a table stands, every letter taken as half its size wide, every line as exact as it is."""
    if one.tag == qn("w:tbl"):
        return sum(max(_height_pt(report, cell.p_lst[0]) for cell in row.tc_lst) + 2.9 for row in one.tr_lst)
    look = next(look for name, look in LOOKS.items() if report.styles[name].style_id == one.pPr.pStyle.val)
    pictures = sum(int(extent.get("cy")) / 12_700 for extent in one.iter(qn("wp:extent")))
    cell = one.getparent().find(qn("w:tcPr"))
    wide_pt = int(cell.find(qn("w:tcW")).get(qn("w:w"))) / 20 - 7 if cell is not None else 156 * POINTS_PER_MM
    text = "".join(word.text or "" for word in one.iter(qn("w:t")))
    ems = sum(1.0 if ord(letter) > 0x2E7F else 0.5 for letter in text) + look.indent
    lines = max(1, math.ceil(ems * look.size / wide_pt))
    own = one.pPr.find(qn("w:spacing"))
    line_pt = look.line if own is None else int(own.get(qn("w:line"))) / 20
    return pictures + lines * line_pt + (look.before + look.after if own is None else 0)


@pytest.mark.parametrize(
    ("group", "zh", "en"),
    [
        ("all", "全体人口", "people"),
        ("60+", "60岁及以上人口", "people aged 60 and over"),
        ("0-14", "0至14岁人口", "people aged 0 to 14"),
        ("disabled", "“disabled”人群", "people of the group “disabled”"),
    ],
)
def test_groups_are_said_as_people_say_them(group: str, zh: str, en: str) -> None:
    assert (group_words(group, "zh-CN"), group_words(group, "en")) == (zh, en)


def test_the_area_is_the_smallest_that_holds_everyone() -> None:
    zones = [*city(2), zone("330702001001", "村", DivisionLevel.VILLAGE, 100, 99)]
    assert area_name(zones, 200) == "婺城区"
    assert area_name(zones, 201) == ""


def test_equal_gaps_keep_their_order_by_code() -> None:
    zones = [zone(f"330702{number:03}000", "镇", DivisionLevel.TOWNSHIP, 10, 5) for number in (3, 1, 2)]
    assert [one.code[6:9] for one in worst(zones)] == ["001", "002", "003"]
