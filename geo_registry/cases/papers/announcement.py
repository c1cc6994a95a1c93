"""An announcement as a paper (DOCX, PDF), as data (JSON), and its names as a workbook."""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from geo_registry.cases.announced import Announced, AnnouncedName
from geo_registry.cases.papers.marks import day_or_blank, header_of, marked, numeral
from geo_registry.cases.wording import (
    channels_in_words,
    class_of,
    closing,
    counted_by_action,
    extent_in_words,
    lead,
    origin_in_words,
    quantity,
    sentence,
)
from geo_registry.papers.blocks import Block, Body, Heading, Paper, Signature, Subtitle, Table, Title, Turn
from geo_registry.papers.document import Column
from geo_registry.papers.pdf import pdf_of
from geo_registry.papers.word import docx_of
from geo_registry.papers.workbook import Cell, Sheet, xlsx_of
from geo_registry.places.details import BY_KEY, FIELDS

MOST_TOLD = 30
"""So many names are told of in the text, a sentence each; more are an annex, and the text says how many of which kind."""
LEAST_IN_TABLE = 2
MOST_COUNTED = 40
"""Divisions that the summary counts; the annex has all."""


def announcement_docx(announced: Announced, locale: str = "zh") -> bytes:
    """The announcement as DOCX, for the office to finish and to stamp."""
    return docx_of(paper_of(announced, locale))


def announcement_pdf(announced: Announced, locale: str = "zh") -> bytes:
    """The announcement as PDF, to be read and printed.

    Raises
    ------
    PaperFontMissing
        This machine has no Chinese face that a PDF can carry.
    """
    return pdf_of(paper_of(announced, locale))


def announcement_json(announced: Announced) -> Mapping[str, object]:
    """The announcement as data for everyone; keys stay, more may follow.

    Coordinates are degrees (EPSG:4490) as they were given; whoever may not tell them leaves them out of the values.
    """
    return {
        "number": announced.number,
        "title": announced.title,
        "office": announced.office,
        "announced_on": announced.announced_on.isoformat() if announced.announced_on else None,
        "approving_body": announced.approving_body,
        "approved_on": announced.approved_on.isoformat() if announced.approved_on else None,
        "approval_number": announced.approval_number,
        "basis": [
            {
                "law": basis.law,
                "article": basis.article,
                "item": basis.item,
                "cited": basis.cited,
                "verified": basis.verified,
                "note": {"zh": basis.noted("zh"), "en": basis.noted("en")},
            }
            for basis in announced.basis
        ],
        "corrects": announced.corrects,
        "reason": announced.reason,
        "synthetic": announced.synthetic,
        "lead": {locale: lead(announced, locale, annexed=annexed(announced)) for locale in ("zh", "en")},
        "paragraphs": list(announced.paragraphs),
        "channels": announced.channels,
        "names": [_name_json(name) for name in announced.names],
    }


def annex_xlsx(announced: Announced, locale: str = "zh") -> bytes:
    """The names as a workbook, a row each, with every detail that one of them has."""
    english = locale.startswith("en")
    keys = [field for field in FIELDS if any(field.key in name.detail for name in announced.names)]
    columns = [
        *(
            ("No.", "Standard name", "Romanised", "Class", "Decision", "Former names")
            if english
            else ("序号", "标准名称", "罗马字母拼写", "类别", "决定", "原名及去向")
        ),
        *(("Division", "Division's code", "Position") if english else ("所在行政区划", "区划代码", "位置")),
        *((field.en if english else field.zh) for field in keys),
        *(("Meaning", "Reason", "Longitude", "Latitude") if english else ("含义", "理由", "经度", "纬度")),
        *(
            ("Approved by", "Approved on", "Approval number", "National code")
            if english
            else ("批准机关", "批准日期", "批准文号", "国家地名代码")
        ),
    ]
    widths = {0: 6.0, 1: 18.0, 2: 26.0}
    rows: Iterator[Sequence[Cell]] = (
        [
            at,
            name.name,
            name.romanized,
            name.place_class.label(locale),
            name.action.label(locale),
            _former(name, locale),
            name.division,
            name.division_code,
            name.position,
            *(_cell(name.detail.get(field.key)) for field in keys),
            name.meaning,
            name.reason,
            _cell(name.lon),
            _cell(name.lat),
            announced.approving_body,
            announced.approved_on.isoformat() if announced.approved_on else "",
            announced.approval_number,
            name.code,
        ]
        for at, name in enumerate(announced.names, start=1)
    )
    sheet = Sheet(
        "names" if english else "地名",
        [(text, widths.get(at, 16.0)) for at, text in enumerate(columns)],
        rows,
        notes=[part for part in (header_of(announced, locale), announced.title, announced.number) if part],
        header=" ".join(part for part in (header_of(announced, locale), announced.title) if part),
    )
    return xlsx_of([sheet], title=announced.title, author=announced.office)


def annexed(announced: Announced) -> bool:
    """Whether the names are an annex: there are more than a text can tell of."""
    return len(announced.names) > MOST_TOLD


def paper_of(announced: Announced, locale: str) -> Paper:
    """The announcement as blocks, in the language of `locale` (``en…``, anything else is zh)."""
    return Paper(
        title=announced.title,
        author=announced.office,
        locale=locale,
        blocks=list(_blocks(announced, locale)),
        made=announced.announced_on or announced.approved_on,
        header=header_of(announced, locale),
    )


def _blocks(announced: Announced, locale: str) -> Iterator[Block]:
    yield from marked(announced, locale)
    yield Title(announced.title)
    if announced.number:
        yield Subtitle(announced.number)
    yield Body(lead(announced, locale, annexed=annexed(announced)))
    yield from (_summary if annexed(announced) else _told)(announced, locale)
    for text in announced.paragraphs:
        yield Body(text)
    for text in (channels_in_words(announced, locale), closing(announced, locale)):
        if text:
            yield Body(text)
    if annexed(announced):
        yield Body(_annex_line(announced, locale))
    yield Signature((announced.office, day_or_blank(announced.announced_on, locale)))
    if annexed(announced):
        yield from _annex(announced, locale)


def _told(announced: Announced, locale: str) -> Iterator[Block]:
    """The names as a table, then a sentence each, by what is decided on them."""
    if len(announced.names) >= LEAST_IN_TABLE:
        yield _short_table(announced.names, locale)
    by_action = counted_by_action(announced.names)
    at = 0
    for number, (action, names) in enumerate(by_action.items()):
        if len(by_action) > 1:
            yield Heading(numeral(number, action.label(locale), locale))
        for name in names:
            at += 1
            yield Body(f"{at}. {sentence(name, locale)}" if len(announced.names) > 1 else sentence(name, locale))


def _short_table(names: Sequence[AnnouncedName], locale: str) -> Table:
    heads = (
        ("No.", "Standard name", "Romanised", "Class", "Division", "Decision")
        if locale.startswith("en")
        else ("序号", "标准名称", "罗马字母拼写", "类别", "所在行政区划", "决定")
    )
    widths = (11, 30, 40, 21, 34, 20)
    # As they are told of below, so that a number is the same name in both.
    ordered = [name for those in counted_by_action(names).values() for name in those]
    return Table(
        _columns(heads, widths),
        [
            (str(at), name.name, name.romanized, class_of(name, locale), name.division, name.action.label(locale))
            for at, name in enumerate(ordered, start=1)
        ],
    )


def _summary(announced: Announced, locale: str) -> Iterator[Block]:
    """How many names of which decision and class, and in which divisions."""
    english = locale.startswith("en")
    kinds = Counter((name.action, name.place_class) for name in announced.names)
    yield Table(
        _columns(("Decision", "Class", "Names") if english else ("决定", "类别", "数量"), (60, 60, 36), counted=True),
        [
            (action.label(locale), place_class.label(locale), quantity(count, locale))
            for (action, place_class), count in kinds.items()
        ],
    )
    divisions = Counter(name.division for name in announced.names if name.division)
    if len(divisions) > 1:
        shown = divisions.most_common(MOST_COUNTED)
        rows = [(division, quantity(count, locale)) for division, count in shown]
        if len(divisions) > len(shown):
            left = sum(divisions.values()) - sum(count for _, count in shown)
            rows.append(("others, see the annex" if english else "其他（见附件）", quantity(left, locale)))
        yield Table(
            _columns(("Division", "Names") if english else ("所在行政区划", "数量"), (120, 36), counted=True), rows
        )


def _annex_line(announced: Announced, locale: str) -> str:
    count = quantity(len(announced.names), locale)
    return f"Annex: the standard names ({count})" if locale.startswith("en") else f"附件：标准地名表（{count}个）"


def _annex(announced: Announced, locale: str) -> Iterator[Block]:
    english = locale.startswith("en")
    yield Turn(landscape=True)
    yield Heading("Annex: the standard names" if english else "附件　标准地名表")
    heads = (
        ("No.", "Standard name", "Romanised", "Class", "Division", "Decision", "Position, ends and size", "Origin")
        if english
        else (
            "序号",
            "标准名称",
            "罗马字母拼写",
            "类别",
            "所在行政区划",
            "决定",
            "位置、起止和规模",
            "沿革、含义和理由",
        )
    )
    widths = (12, 28, 38, 20, 28, 20, 60, 51)
    yield Table(
        _columns(heads, widths),
        [
            (
                str(at),
                name.name,
                name.romanized,
                class_of(name, locale),
                name.division,
                name.action.label(locale),
                extent_in_words(name, locale),
                origin_in_words(name, locale),
            )
            for at, name in enumerate(announced.names, start=1)
        ],
    )


def _columns(heads: Sequence[str], widths: Sequence[float], *, counted: bool = False) -> Sequence[Column]:
    last = len(heads) - 1
    return [
        Column(head, width, "right" if counted and at == last else "centre" if not counted and at == 0 else "left")
        for at, (head, width) in enumerate(zip(heads, widths, strict=True))
    ]


def _former(name: AnnouncedName, locale: str) -> str:
    colon, joined = (": ", "; ") if locale.startswith("en") else ("：", "；")
    return joined.join(f"{former.name}{former.part}{colon}{former.fate.label(locale)}" for former in name.former)


def _cell(value: object) -> Cell:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    return value if isinstance(value, str) or math.isfinite(value) else None


def _name_json(name: AnnouncedName) -> Mapping[str, object]:
    return {
        "name": name.name,
        "romanized": name.romanized,
        "class": name.place_class.value,
        "action": name.action.value,
        "former": [
            {"name": former.name, "fate": former.fate.value, "part": former.part or None} for former in name.former
        ],
        "division": name.division,
        "division_code": name.division_code or None,
        "position": name.position,
        "detail": {key: _cell(value) for key, value in name.detail.items() if key in BY_KEY},
        "meaning": name.meaning,
        "reason": name.reason,
        "lon": _cell(name.lon),
        "lat": _cell(name.lat),
        "place": str(name.place_id) if name.place_id else None,
        "code": name.code or None,
        "sentence": {locale: sentence(name, locale) for locale in ("zh", "en")},
    }
