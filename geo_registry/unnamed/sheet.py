"""The table that a field team carries: a workbook with a page for each village, and what it says when it comes back.

What is to be filled in is marked, and a decision is one of a list. Each row carries its lane's id and version: what was
decided otherwise meanwhile isn't written over.
"""

import io
import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from types import MappingProxyType
from typing import Any
from uuid import UUID

import pyogrio
import pyogrio.errors
import xlsxwriter
from pydantic import ValidationError

from geo_registry.errors import LaneUnsound
from geo_registry.unnamed.inputs import Decision, LaneDecision
from geo_registry.unnamed.offering import Offer
from geo_registry.unnamed.queries import LaneRow
from geo_registry.unnamed.signing import PlannedSign
from geo_registry.validation import finding
from geo_registry.vocabulary import LaneStatus, NamedAfter, PositionQuality

PROPOSE, DROP, LATER = "拟名 propose", "不命名 drop", "待定 later"
DECISIONS = (PROPOSE, DROP, LATER)
LANE, VERSION = "编号 id", "版本 version"
DECISION, NAME, MEANING = "决定 decision", "采用名称 name", "含义 meaning"
OTHERS, WIDTH, SURFACE, REASON = "又名 other names", "实测宽度（米） width m", "路面 surface", "不命名理由 reason"
OFFERED = 3
"""Names that a row offers."""

COLUMNS: Sequence[tuple[str, float]] = (
    ("序号 no.", 8),
    ("村（社区） village", 16),
    ("长度（米） length m", 12),
    ("走向 course", 26),
    ("起点 begins at", 16),
    ("止点 ends at", 16),
    ("状态 status", 10),
    *((f"建议名称{number} proposal {number}", 16) for number in range(1, OFFERED + 1)),
    ("建议理由 reason of proposal", 34),
    (DECISION, 14),
    (NAME, 16),
    (MEANING, 28),
    (OTHERS, 16),
    (WIDTH, 14),
    (SURFACE, 12),
    (REASON, 20),
    (LANE, 14),
    (VERSION, 10),
)
SIGNS = "标志 signs"
SIGN_COLUMNS: Sequence[tuple[str, float]] = (
    ("序号 no.", 8),
    ("村（社区） village", 16),
    ("名称 name", 18),
    ("罗马字母 romanised", 26),
    ("位置 at", 10),
    ("版面 plate", 18),
    ("道路方位角 bearing, °", 12),
    ("经度 lon (EPSG:4490)", 16),
    ("纬度 lat (EPSG:4490)", 16),
    ("状态 status", 10),
)
SIGN_DIGITS_DEG = 6
FILLED = frozenset({DECISION, NAME, MEANING, OTHERS, WIDTH, SURFACE, REASON})
HIDDEN = frozenset({LANE, VERSION})
SURFACES = ("沥青", "水泥", "石板", "砂石", "土路")
NOT_IN_TITLES = re.compile(r"[\[\]:*?/\\']")
BETWEEN_NAMES = re.compile(r"[、,，;；]")
MOST_TITLE = 31
MADE_UP = "示例数据 synthetic data"
INTRODUCTION = (
    "每村一页。带底色的栏请在实地填写：“决定”从下拉列表选择；选“拟名”须填“采用名称”，选“不命名”须填理由。其余各栏和隐藏的两栏请勿改动。",
    "One page a village. Fill in the shaded columns: with propose give the name, with drop the reason. Leave the others.",
)


@dataclass(frozen=True, slots=True)
class Problem:
    """A row that says nothing that can be written down, and why."""

    sheet: str
    row: int
    zh: str
    en: str


def workbook(
    rows: Sequence[LaneRow], offers: Mapping[UUID, Sequence[Offer]], signs: Sequence[PlannedSign] = ()
) -> bytes:
    """The lanes as a workbook (XLSX), in the order that they are given, a page for each division; the signs on a page more."""
    content = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(content, options) as book:
        formats = {
            "head": book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1}),
            "plain": book.add_format({"text_wrap": True, "valign": "top"}),
            "fill": book.add_format({"text_wrap": True, "valign": "top", "bg_color": "#fff6d9", "border": 1}),
        }
        _introduce(book, rows, signs)
        titles: set[str] = {"说明", SIGNS}
        number = 0
        for (code, name), together in groupby(rows, key=lambda row: (row.division_code, row.division_name)):
            page = book.add_worksheet(_title(name or code or "区划不详", titles))
            _head(page, formats)
            for at, row in enumerate(together, start=1):
                number += 1
                _write_row(page, formats, at, _cells(number, row, offers.get(row.id, ())))
            _validate(page, at)
        if signs:
            _signs(book.add_worksheet(SIGNS), formats, signs)
    return content.getvalue()


def _signs(page: Any, formats: Mapping[str, Any], signs: Sequence[PlannedSign]) -> None:
    """The signs that are planned: where each stands, and what it shows."""
    for column, (word, width) in enumerate(SIGN_COLUMNS):
        page.set_column(column, column, width)
        page.write_string(0, column, word, formats["head"])
    page.freeze_panes(1, 2)
    for at, sign in enumerate(signs, start=1):
        values = (
            at,
            sign.lane.division_name or "",
            sign.name,
            sign.romanized,
            sign.spot.at.zh,
            sign.spot.axis.zh,
            round(sign.spot.bearing_deg),
            round(sign.spot.lon, SIGN_DIGITS_DEG),
            round(sign.spot.lat, SIGN_DIGITS_DEG),
            sign.lane.status.zh,
        )
        for column, value in enumerate(values):
            write = page.write_string if isinstance(value, str) else page.write_number
            write(at, column, value, formats["plain"])


def _introduce(book: Any, rows: Sequence[LaneRow], signs: Sequence[PlannedSign]) -> None:
    page = book.add_worksheet("说明")
    page.set_column(0, 0, 110, book.add_format({"text_wrap": True, "valign": "top"}))
    for at, line in enumerate(INTRODUCTION):
        page.write_string(at, 0, line)
    if any(row.position_quality == PositionQuality.SYNTHETIC.value for row in (*rows, *(each.lane for each in signs))):
        page.write_string(len(INTRODUCTION), 0, f"{MADE_UP}：道路是虚构的，勿作实地调查 the roads are made up")


def _title(name: str, taken: set[str]) -> str:
    """A page's title that no other page has: programs allow 31 characters, and not all of them."""
    plain = NOT_IN_TITLES.sub(" ", name)[: MOST_TITLE - 5].strip() or "–"
    title, number = plain, 1
    while title in taken:
        number += 1
        title = f"{plain} {number}"
    taken.add(title)
    return title


def _head(page: Any, formats: Mapping[str, Any]) -> None:
    for column, (word, width) in enumerate(COLUMNS):
        page.set_column(column, column, width, None, {"hidden": True} if word in HIDDEN else {})
        page.write_string(0, column, word, formats["head"])
    page.freeze_panes(1, 2)
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)


def _cells(number: int, row: LaneRow, offers: Sequence[Offer]) -> Mapping[str, str | float | None]:
    good = [each for each in offers if not each.forbidden][:OFFERED]
    names: list[str | None] = [each.proposal.name for each in good]
    first = good[0].proposal.reason("zh-CN") if good else None
    decided = {LaneStatus.PROPOSED: PROPOSE, LaneStatus.DROPPED: DROP}.get(row.status)
    values: Sequence[str | float | None] = (
        number,
        row.division_name,
        row.length_m,
        row.course.says("zh-CN"),
        row.begins.says("zh-CN"),
        row.ends.says("zh-CN"),
        row.status.zh,
        *(names + [None] * OFFERED)[:OFFERED],
        first,
        decided,
        row.proposed_name,
        row.meaning,
        "、".join(row.other_names),
        row.width_m,
        row.surface,
        row.reason,
        str(row.id),
        row.version,
    )
    return dict(zip((word for word, _ in COLUMNS), values, strict=True))


def _write_row(page: Any, formats: Mapping[str, Any], at: int, cells: Mapping[str, str | float | None]) -> None:
    for column, (word, value) in enumerate(cells.items()):
        style = formats["fill" if word in FILLED else "plain"]
        if isinstance(value, str) and value:
            page.write_string(at, column, value, style)
        elif value is None or value == "":
            page.write_blank(at, column, None, style)
        else:
            page.write_number(at, column, value, style)


def _validate(page: Any, rows: int) -> None:
    """What may be chosen, and what must be a number: the program refuses the rest as it is typed."""
    at = {word: column for column, (word, _) in enumerate(COLUMNS)}
    said = {"error_title": "决定", "error_message": "请从列表中选择 choose from the list"}
    page.data_validation(1, at[DECISION], rows, at[DECISION], {"validate": "list", "source": list(DECISIONS), **said})
    page.data_validation(
        1, at[SURFACE], rows, at[SURFACE], {"validate": "list", "source": list(SURFACES), "error_type": "warning"}
    )
    page.data_validation(
        1, at[WIDTH], rows, at[WIDTH], {"validate": "decimal", "criteria": "between", "minimum": 0.5, "maximum": 100}
    )


def read(content: bytes) -> tuple[Sequence[LaneDecision], Sequence[Problem]]:
    """What a filled-in workbook decides, and the rows that can't be taken: those without a decision say nothing.

    Raises
    ------
    LaneUnsound
        It is no workbook, or none of ours: no page has the columns.
    """
    decisions: list[LaneDecision] = []
    problems: list[Problem] = []
    for sheet, row, cells in _rows(content):
        chosen = cells.get(DECISION, "")
        if not chosen or chosen == LATER:
            continue
        try:
            decisions.append(_decision(cells, chosen))
        except ValidationError as error:
            found = [finding(each) for each in error.errors()]
            problems.append(
                Problem(sheet, row, "；".join(each.zh for each in found), "; ".join(each.en for each in found))
            )
    return decisions, problems


def _decision(cells: Mapping[str, str], chosen: str) -> LaneDecision:
    kinds = {PROPOSE: "propose", DROP: "drop"}
    width = cells.get(WIDTH, "")
    told = {
        "decision": kinds.get(chosen, chosen),
        "name": cells.get(NAME) or None,
        "meaning": cells.get(MEANING, ""),
        "other_names": names_in(cells.get(OTHERS, "")),
        "width_m": width or None,
        "surface": cells.get(SURFACE, ""),
        "reason": cells.get(REASON, "") if chosen == DROP else "",
        "named_after": NamedAfter.PERSON,
    }
    return LaneDecision(
        lane=cells.get(LANE, ""),
        seen=cells.get(VERSION, ""),
        decision=Decision.model_validate(told),
    )


def names_in(text: str) -> Sequence[str]:
    """Names that somebody wrote one after another."""
    return [each.strip() for each in BETWEEN_NAMES.split(text) if each.strip()]


def _rows(content: bytes) -> Sequence[tuple[str, int, Mapping[str, str]]]:
    """The rows of all pages that have our columns: the page, the row's number as a program counts it, its cells."""
    found: list[tuple[str, int, Mapping[str, str]]] = []
    with tempfile.TemporaryDirectory(prefix="lanes-") as folder:
        path = Path(folder) / "lanes.xlsx"
        path.write_bytes(content)
        try:
            for sheet, _ in pyogrio.list_layers(path):
                meta, _, _, columns = pyogrio.raw.read(path, layer=sheet, HEADERS="FORCE", FIELD_TYPES="STRING")
                if not {LANE, VERSION, DECISION} <= set(meta["fields"]):
                    continue
                for at, values in enumerate(zip(*columns, strict=True), start=2):
                    cells = {
                        word: str(value).strip()
                        for word, value in zip(meta["fields"], values, strict=True)
                        if value is not None and str(value).strip()
                    }
                    found.append((str(sheet), at, MappingProxyType(cells)))
        except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, ValueError):
            found = []
    if not found:
        raise LaneUnsound(
            problems_zh="文件不是本系统导出的工作簿（.xlsx），或其中没有“编号、版本、决定”各栏",
            problems_en="the file is no workbook (.xlsx) that was exported here: no page has the columns id, version, decision",
        )
    return found
