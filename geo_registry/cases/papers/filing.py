"""The papers of a filing (地名管理条例 art. 13): the form with a card for each name, and the report that it is sent with.

Filing itself happens in the national database; these are what is entered there and sent along.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from geo_registry.cases.announced import Announced, AnnouncedName, dated_of
from geo_registry.cases.papers.announcement import MOST_TOLD
from geo_registry.cases.papers.marks import TO_CHECK, day_or_blank, header_of, marked, numeral
from geo_registry.cases.wording import (
    approval_in_words,
    counted_in_words,
    day_in_words,
    described,
    ends_in_words,
    former_in_words,
    quantity,
    sentence,
)
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
from geo_registry.papers.document import Column
from geo_registry.papers.word import docx_of
from geo_registry.papers.workbook import Cell, Sheet, xlsx_of
from geo_registry.places.rules.findings import LAW, Basis
from geo_registry.vocabulary import DocumentKind, NameAction

FILING = Basis(LAW, 13)

ORDER_UNVERIFIED = "字段顺序未核实：国家地名备案表的正文未见，各项按第二次全国地名普查地名登记表的项目排列"
"""The national form wasn't at hand; whatever is laid out by it says so."""

PAPERS = (
    DocumentKind.FILING_FORM,
    DocumentKind.APPROVAL,
    DocumentKind.APPLICATION,
    DocumentKind.ASSESSMENT,
    DocumentKind.EXPERTS,
    DocumentKind.OPINIONS,
)
"""What a filing report is sent with."""
PAPERS_UNVERIFIED = "材料清单据2023年《备案公告管理办法（试行）》的新闻报道，正文未核实"

DATUM = "2000国家大地坐标系（EPSG:4490）"
PUBLIC = "公开"
DIGITS = 6
"""Decimals of a degree: a tenth of a metre."""

Point = tuple[float, float]
"""Longitude and latitude in degrees (EPSG:4490)."""


@dataclass(frozen=True, slots=True)
class Card:
    """What the card of a name asks for beside what its announcement says; what isn't known stays empty.

    Attributes
    ----------
    aliases, short, on_maps
        Its other names, its short one, and how maps call it.
    used_since
        Since when the name is in use, in words; of a name that stays, since before the decision.
    established, abolished
        The years of what bears the name, in words.
    begins, ends
        Where what bears the name begins and ends; None for a point.
    history
        What it was called before, with the periods, in words.
    registrar
        Who entered it.
    method
        How the position was found: 实测, 图上量取.
    """

    aliases: Sequence[str] = ()
    short: str = ""
    on_maps: str = ""
    used_since: str = ""
    secrecy: str = PUBLIC
    established: str = ""
    abolished: str = ""
    begins: Point | None = None
    ends: Point | None = None
    datum: str = DATUM
    method: str = ""
    history: str = ""
    source: str = ""
    registrar: str = ""


@dataclass(frozen=True, slots=True)
class FilingDraft:
    """A filing while it is prepared.

    Attributes
    ----------
    announced
        The names and their approval; the announcement itself needn't have been published.
    sender, receiver
        Who files, and with whom (art. 13): ``金华市人民政府``, ``浙江省人民政府``.
    number
        Of the report; empty where it has none yet.
    sent_on
        Its date; None for a draft.
    cards
        One for each name, in their order; or none.
    papers
        What is sent along: each paper that is there, by its kind and title.
    late_because
        Why it is sent after its term; empty where it isn't.
    returned_because
        Why it was returned before; empty where it wasn't.
    contact
        Whom to ask, and how.
    """

    announced: Announced
    sender: str
    receiver: str
    number: str = ""
    sent_on: date | None = None
    cards: Sequence[Card] = ()
    papers: Sequence[tuple[DocumentKind, str]] = ()
    late_because: str = ""
    returned_because: str = ""
    contact: str = ""

    def each(self) -> Iterator[tuple[AnnouncedName, Card]]:
        """The names with their cards.

        Raises
        ------
        ValueError
            There are cards, and not as many as names.
        """
        yield from zip(self.announced.names, self.cards or [Card()] * len(self.announced.names), strict=True)

    @property
    def wanting(self) -> Sequence[DocumentKind]:
        """What is asked for (`PAPERS`) and isn't there."""
        there = {kind for kind, _ in self.papers}
        return [kind for kind in PAPERS if kind not in there]


def filing_form_xlsx(draft: FilingDraft) -> bytes:
    """The form as a workbook, a row for each name."""
    announced = draft.announced
    rows: list[Sequence[Cell]] = [
        [at, *_fields(name, card, announced).values()] for at, (name, card) in enumerate(draft.each(), start=1)
    ]
    columns = [("序号", 6.0), *((field, _wide(field)) for field in FIELDS)]
    mark = header_of(announced, "zh")
    notes = [mark] if mark else []
    notes += ["地名备案表", ORDER_UNVERIFIED, f"报送机关：{draft.sender}　备案机关：{draft.receiver}"]
    header = " ".join(part for part in (mark, "地名备案表") if part)
    return xlsx_of(
        [Sheet("地名备案表", columns, rows, notes=notes, header=header)], title="地名备案表", author=draft.sender
    )


def filing_form_docx(draft: FilingDraft) -> bytes:
    """The form as DOCX: a card for each name; of many names one table with what is asked first, the workbook has all."""
    blocks: list[Block] = [*marked(draft.announced, "zh"), Notice(f"{TO_CHECK}{ORDER_UNVERIFIED}"), Title("地名备案表")]
    blocks += _many(draft) if len(draft.announced.names) > MOST_TOLD else _cards(draft)
    return docx_of(_paper(draft, "地名备案表", blocks))


def filing_report_docx(draft: FilingDraft) -> bytes:
    """The report that a filing is sent with: what was approved by which document, and what is sent along."""
    return docx_of(_paper(draft, _report_title(draft), list(_report(draft))))


def _paper(draft: FilingDraft, title: str, blocks: Sequence[Block]) -> Paper:
    return Paper(
        title=title,
        author=draft.sender,
        locale="zh",
        blocks=blocks,
        made=draft.sent_on or draft.announced.approved_on,
        header=header_of(draft.announced, "zh"),
    )


# The form

FIELDS = (
    "标准名称",
    "罗马字母拼写",
    "别名",
    "简称",
    "图名",
    "原名及去向",
    "使用时间",
    "命名（批准）时间",
    "密级",
    "设立年份",
    "废止年份",
    "东经（起）",
    "北纬（起）",
    "东经（止）",
    "北纬（止）",
    "坐标系",
    "测量方法",
    "地名类别",
    "决定类型",
    "地名含义",
    "地名来历（理由）",
    "历史沿革",
    "地理实体概况",
    "位置",
    "所在（跨）行政区划",
    "区划代码",
    "批准机关",
    "批准文号",
    "资料来源及出处",
    "登记人",
    "国家地名代码",
)
"""In the order of the second national survey's card, with what an approval adds; see `ORDER_UNVERIFIED`."""

_BROAD = frozenset({"地名含义", "地名来历（理由）", "历史沿革", "地理实体概况", "位置", "原名及去向"})


def _wide(field: str) -> float:
    return 32.0 if field in _BROAD else 16.0


def _fields(name: AnnouncedName, card: Card, announced: Announced) -> Mapping[str, Cell]:
    """The card of a name, by `FIELDS`."""
    begins = card.begins or ((name.lon, name.lat) if name.lon is not None and name.lat is not None else None)
    approved = day_in_words(announced.approved_on, "zh") if announced.approved_on else ""
    said: dict[str, Cell] = {
        "标准名称": name.name,
        "罗马字母拼写": name.romanized,
        "别名": "、".join(card.aliases),
        "简称": card.short,
        "图名": card.on_maps,
        "原名及去向": "；".join(former_in_words(former, "zh") for former in name.former),
        "使用时间": card.used_since,
        "命名（批准）时间": approved,
        "密级": card.secrecy,
        "设立年份": card.established or _built(name),
        "废止年份": card.abolished or (approved if name.action is NameAction.ABOLISH else ""),
        **_ends("起", begins),
        **_ends("止", card.ends),
        "坐标系": card.datum if begins is not None else "",
        "测量方法": card.method,
        "地名类别": name.place_class.zh,
        "决定类型": name.action.zh,
        "地名含义": name.meaning,
        "地名来历（理由）": name.reason,
        "历史沿革": card.history,
        "地理实体概况": described(AnnouncedName(name.name, name.place_class, division="", detail=name.detail), "zh"),
        "位置": name.position or "，".join(ends_in_words(name, "zh")),
        "所在（跨）行政区划": name.division,
        "区划代码": name.division_code,
        "批准机关": announced.approving_body,
        "批准文号": announced.approval_number,
        "资料来源及出处": card.source,
        "登记人": card.registrar,
        "国家地名代码": name.code,
    }
    return {field: said[field] for field in FIELDS}


def _ends(which: str, point: Point | None) -> Mapping[str, Cell]:
    lon, lat = (round(point[0], DIGITS), round(point[1], DIGITS)) if point is not None else (None, None)
    return {f"东经（{which}）": lon, f"北纬（{which}）": lat}


def _built(name: AnnouncedName) -> str:
    said = name.detail.get("built_to") or name.detail.get("built_from")
    dated = dated_of(said) if isinstance(said, str) else None
    return dated.label("zh") if dated is not None else ""


def _cards(draft: FilingDraft) -> Iterator[Block]:
    columns = (Column("项目", 44), Column("内容", 112))
    for at, (name, card) in enumerate(draft.each(), start=1):
        yield Heading(f"{at}. {name.name}", 2)
        yield Table(columns, [(field, _text(value)) for field, value in _fields(name, card, draft.announced).items()])


IN_SHORT = (
    "标准名称",
    "罗马字母拼写",
    "地名类别",
    "决定类型",
    "原名及去向",
    "所在（跨）行政区划",
    "位置",
    "东经（起）",
    "北纬（起）",
    "地名含义",
)


def _many(draft: FilingDraft) -> Iterator[Block]:
    yield Body(f"共{quantity(len(draft.announced.names), 'zh')}个地名，本表列出主要项目，全部项目见同名电子表格。")
    yield Turn(landscape=True)
    widths = (28, 38, 22, 18, 34, 28, 34, 22, 20, 34)
    columns = (Column("序号", 12, "centre"), *(Column(*each) for each in zip(IN_SHORT, widths, strict=True)))
    rows: list[tuple[str, ...]] = []
    for at, (name, card) in enumerate(draft.each(), start=1):
        fields = _fields(name, card, draft.announced)
        rows.append((str(at), *(_text(fields[field]) for field in IN_SHORT)))
    yield Table(columns, rows)


def _text(value: Cell) -> str:
    return value if isinstance(value, str) else "" if value is None else f"{value}"


# The report


def _report_title(draft: FilingDraft) -> str:
    return f"{draft.sender}关于报送{counted_in_words(draft.announced.names, 'zh')}备案的报告"


def _report(draft: FilingDraft) -> Iterator[Block]:
    announced = draft.announced
    yield from marked(announced, "zh")
    yield Notice(f"{TO_CHECK}{PAPERS_UNVERIFIED}")
    if draft.wanting:
        yield Notice(f"{TO_CHECK}应随附而事项中没有的材料：{'、'.join(kind.zh for kind in draft.wanting)}")
    yield Title(_report_title(draft))
    if draft.number:
        yield Subtitle(draft.number)
    yield Addressee(f"{draft.receiver}：")
    approved = approval_in_words(announced, "zh")
    what = counted_in_words(announced.names, "zh")
    of_it = f"{approved}的" if approved else ""
    yield Body(f"根据{FILING.cited}规定，现将{of_it}{what}报送备案，有关情况报告如下：")
    yield Heading(numeral(0, "批准情况"))
    yield Body(f"批准机关：{announced.approving_body or '（不详）'}")
    yield Body(f"批准日期：{day_or_blank(announced.approved_on)}")
    yield Body(f"批准文号：{announced.approval_number or '（不详）'}")
    yield Heading(numeral(1, "地名情况"))
    if len(announced.names) > MOST_TOLD:
        yield Body(f"{what}，详见地名备案表。")
    else:
        for at, name in enumerate(announced.names, start=1):
            yield Body(f"{at}. {sentence(name, 'zh')}")
    chapter = 2
    for heading, text in (("退回补正情况", draft.returned_because), ("逾期报送的原因", draft.late_because)):
        if text:
            yield Heading(numeral(chapter, heading))
            yield Body(text)
            chapter += 1
    yield Heading(numeral(chapter, "报送材料"))
    for at, (kind, title) in enumerate(draft.papers, start=1):
        yield Body(f"{at}. {kind.zh}" if title in {"", kind.zh} else f"{at}. {kind.zh}：{title}")
    if not draft.papers:
        yield Body("（待补充）")
    yield Body("请予备案。")
    if draft.contact:
        yield Body(f"（联系人：{draft.contact}）")
    yield Signature((draft.sender, day_or_blank(draft.sent_on)))
