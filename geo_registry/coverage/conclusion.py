"""Page one of a report: the answer in a sentence, three figures, the largest gaps, and where they are; on one page."""

import math
from collections.abc import Mapping, Sequence

from geo_registry.coverage.picture import POINTS_PER_MM, Paper, wrapped
from geo_registry.coverage.reach import share
from geo_registry.coverage.said import ReportInput
from geo_registry.coverage.wording import (
    area_name,
    comparable_level,
    day_words,
    group_words,
    kinds_words,
    title_of,
    worst,
)
from geo_registry.figures import given, percent, whole
from geo_registry.papers import document
from geo_registry.papers.document import A4_MM, LOOKS, TEXT_MARGINS, Column, Document, text_width_mm
from geo_registry.vocabulary import DivisionLevel

PAGE_ONE_SLACK_PT = 16.0
"""Kept free at the foot of page one: a face a little wider than reckoned mustn't push the map off it."""

SMALL_MAP_MM = (45.0, 120.0)
"""The least height of page one's map at which it can be read, and the most that it needs."""

LEVEL_COUNTS: Mapping[DivisionLevel, tuple[str, str]] = {
    DivisionLevel.VILLAGE: ("村（社区）", "villages"),
    DivisionLevel.TOWNSHIP: ("乡级区划", "townships"),
    DivisionLevel.COUNTY: ("县级区划", "counties"),
    DivisionLevel.CITY: ("地级区划", "cities"),
    DivisionLevel.PROVINCE: ("省级区划", "provinces"),
}


class Conclusion:
    """Page one while it is written."""

    def __init__(self, said: ReportInput, paper: Document) -> None:
        self.said, self.say, self.paper = said, said.say, paper
        self.area = area_name(said.zones, said.number("demand"))
        self.worst, self.level = worst(said.zones), comparable_level(said.zones)

    def write(self) -> None:
        """Write it down; the map gets what is left of the page."""
        said, paper = self.said, self.paper
        room = _Room()
        if said.synthetic:
            paper.notice(room.takes(document.NOTICE, said.synthetic_notice))
        paper.title(room.takes("Title", title_of(said.standard, said.locale)))
        made = day_words(said.made, said.locale)
        where = self.area or self.say("全部人口点", "all demand points")
        paper.subtitle(room.takes("Subtitle", self.say(f"{where}　{made}", f"{where}, {made}")))
        paper.body(room.takes(document.BODY, self._sentence()))
        figures = self._figures()
        room.takes_figures(figures)
        paper.figures(figures)
        self._worst_table(room)
        high_mm = min(room.left_mm(), SMALL_MAP_MM[1])
        if high_mm >= SMALL_MAP_MM[0]:
            wide_mm = text_width_mm(TEXT_MARGINS)
            small = Paper(wide_mm, high_mm, detail=0.55, titled=False, dpi=300)
            caption = self.say("缺口分布（全图见下页）", "where the gap is (the whole map is on the next page)")
            paper.picture(said.draw(small), width_mm=wide_mm, caption=caption, description=said.map_in_words)

    def _sentence(self) -> str:
        """The answer in plain words: how many, how many not, and where."""
        said, standard = self.said, self.said.standard
        demand, covered, gap = (said.number(key) for key in ("demand", "covered", "gap"))
        part = percent(share(covered, demand), said.locale)
        group, kinds = group_words(standard.demand, said.locale), kinds_words(standard, said.locale)
        basis, mode = standard.basis.label(said.locale), standard.mode.label(said.locale)
        minutes = given(standard.minutes)
        if not demand:
            return self.say(
                f"{self.area}没有{group}，因此没有覆盖率。",
                f"There is nobody to count ({group}), so there is no covered share.",
            )
        if not said.number("facilities"):
            return self.say(
                f"{self.area}{group}（{basis}）共 {whole(demand)} 人。没有符合条件的{kinds}，因此无人在可达范围内。",
                f"No {kinds} fits the standard, so none of {whole(demand)} {group} ({basis}) is within reach.",
            )
        lost = said.number("unreachable") + said.number("unsnapped")
        zh = (
            f"{self.area}{group}（{basis}）共 {whole(demand)} 人，其中 {whole(covered)} 人（{part}）{mode} {minutes} 分钟内"
            f"能到达最近的{kinds}，{whole(gap)} 人不能"
        ) + (f"（{whole(lost)} 人无路可达，须先核对道路数据）。" if lost else "。")
        place = f" in {self.area}" if self.area else ""
        en = (
            f"Of {whole(demand)} {group}{place} ({basis}), {whole(covered)} ({part}) are within {minutes} minutes {mode} of a "
            f"{kinds}, and {whole(gap)} are not"
        ) + (f" ({whole(lost)} have no way at all: check the road data first). " if lost else ". ")
        return self.say(zh, en) + self._where_sentence(gap)

    def _where_sentence(self, gap: float) -> str:
        if not self.worst or self.level is None:
            return ""
        first, together = self.worst[0], sum(zone.gap for zone in self.worst)
        name = self.said.full_name(first)
        level = self.level.label(self.said.locale)
        zh = f"缺口最大的{level}区划是{name}（{whole(first.gap)} 人）"
        en = f"The largest gap of a {level} is in {name} ({whole(first.gap)})"
        if len(self.worst) > 1:
            count, part = len(self.worst), percent(together / gap, self.said.locale)
            zh += f"；缺口最大的 {count} 个合计 {whole(together)} 人，占全部缺口的 {part}"
            en += f"; the {count} largest together make {part} of it all ({whole(together)})"
        return self.say(f"{zh}。", f"{en}.")

    def _figures(self) -> list[tuple[str, str]]:
        said = self.said
        demand, covered, gap = (said.number(key) for key in ("demand", "covered", "gap"))
        minutes = given(said.standard.minutes)
        return [
            (
                percent(share(covered, demand), said.locale),
                self.say(f"覆盖率：{minutes} 分钟内能到达的人数占比", f"covered: the share within {minutes} minutes"),
            ),
            (
                whole(gap),
                self.say(
                    f"缺口：不能按时到达的人数（共 {whole(demand)} 人）",
                    f"gap: people not within reach (of {whole(demand)})",
                ),
            ),
            self._nobody_reached(),
        ]

    def _nobody_reached(self) -> tuple[str, str]:
        """Places without a single person within reach; without divisions, people whom no way leads anywhere."""
        order = list(DivisionLevel)
        lived_in = [zone for zone in self.said.zones if zone.demand > 0]
        if not lived_in:
            lost = self.said.number("unreachable") + self.said.number("unsnapped")
            return whole(lost), self.say("无路可达的人数（不可达与未入网）", "people with no way to any facility")
        lowest = max((zone.level for zone in lived_in), key=order.index)
        there = [zone for zone in lived_in if zone.level is lowest]
        without = sum(1 for zone in there if zone.covered == 0)
        zh, en = LEVEL_COUNTS[lowest]
        return (
            whole(without),
            self.say(
                f"无一人能按时到达的{zh}数（共 {whole(len(there))} 个）",
                f"{en} with nobody within reach (of {whole(len(there))})",
            ),
        )

    def _worst_table(self, room: "_Room") -> None:
        if self.level is None:
            words = self.say(
                "未登记行政区划，因此没有分区数字。", "No divisions are registered, so there are no figures by zone."
            )
            self.paper.body(room.takes(document.BODY, words))
            return
        level = self.level.label(self.said.locale)
        if not self.worst:
            self.paper.body(room.takes(document.BODY, self.say(f"各{level}区划均无缺口。", f"No {level} has a gap.")))
            return
        columns = (
            Column(self.say("序号", "no."), 12, "centre"),
            Column(self.say("区划", "division"), 60),
            Column(self.say("人数", "people"), 22, "right"),
            Column(self.say("覆盖", "covered"), 22, "right"),
            Column(self.say("覆盖率", "share"), 18, "right"),
            Column(self.say("缺口", "gap"), 22, "right"),
        )
        rows = [
            (
                str(rank),
                self.said.full_name(zone),
                whole(zone.demand),
                whole(zone.covered),
                percent(zone.share, self.said.locale),
                whole(zone.gap),
            )
            for rank, zone in enumerate(self.worst, start=1)
        ]
        count = len(rows)
        caption = self.say(f"缺口最大的 {count} 个{level}区划（人）", f"the {count} largest gaps by {level} (people)")
        room.takes_table(columns, rows)
        self.paper.table(columns, rows, caption=caption)


class _Room:
    """How much of page one is taken: lines are exact, so what is reckoned here is what Word will need, or more."""

    def __init__(self) -> None:
        self.taken_pt = 0.0

    def takes(self, style: str, text: str) -> str:
        """Reckon a paragraph in; the text, as it is."""
        look = LOOKS[style]
        ems = text_width_mm(TEXT_MARGINS) * POINTS_PER_MM / look.size - look.indent
        self.taken_pt += look.before + look.after + look.line * max(1, len(wrapped(text, ems, latin_em=TIMES_EM)))
        return text

    def takes_figures(self, figures: Sequence[tuple[str, str]]) -> None:
        """Reckon the three figures in."""
        wide_mm = text_width_mm(TEXT_MARGINS) / len(figures)
        for style, at in ((document.FIGURE, 0), (document.FIGURE_LABEL, 1)):
            self._takes_row([one[at] for one in figures], [wide_mm] * len(figures), style)
        self.taken_pt += document.GAP_PT

    def takes_table(self, columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> None:
        """Reckon a table in, with its caption."""
        widths = [column.width_mm for column in columns]
        self._takes_caption()
        for row in ([column.header for column in columns], *rows):
            self._takes_row(row, widths, document.TABLE_TEXT)
        self.taken_pt += document.GAP_PT

    def _takes_caption(self) -> None:
        look = LOOKS["Caption"]
        self.taken_pt += look.before + look.after + look.line

    def _takes_row(self, cells: Sequence[str], widths_mm: Sequence[float], style: str) -> None:
        look = LOOKS[style]
        inside_mm = 2 * CELL_SIDE_MM
        lines = max(
            len(wrapped(text, (wide_mm - inside_mm) * POINTS_PER_MM / look.size, latin_em=TIMES_EM)) or 1
            for text, wide_mm in zip(cells, widths_mm, strict=True)
        )
        self.taken_pt += lines * look.line + 2 * document.CELL_MARGIN_PT + BORDER_PT

    def left_mm(self) -> float:
        """What a picture and its caption may take of the page, less the caption; in mm."""
        self._takes_caption()
        page_pt = (A4_MM[1] - TEXT_MARGINS.top - TEXT_MARGINS.bottom) * POINTS_PER_MM
        return math.floor((page_pt - self.taken_pt - PAGE_ONE_SLACK_PT) / POINTS_PER_MM)


CELL_SIDE_MM = 1.25
"""Left and right of a cell's text: 70 twips, as `document.py` sets it."""
BORDER_PT = 0.5
TIMES_EM = 0.52
"""Letters and digits of a text face, on the average of a line: digits are 0.5, small letters less."""
