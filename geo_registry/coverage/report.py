"""A run as the report that an office hands in: first the conclusion on one page, then the zones, then how it was found."""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from babel.dates import format_date

from geo_registry.coverage import document
from geo_registry.coverage.document import A4_MM, LOOKS, SHEET_MARGINS, TEXT_MARGINS, Column, Document, text_width_mm
from geo_registry.coverage.inputs import Question, Standard
from geo_registry.coverage.picture import CLASSES, POINTS_PER_MM, Paper, wrapped
from geo_registry.coverage.reach import share
from geo_registry.divisions.rules import prefix_of
from geo_registry.vocabulary import DivisionLevel, FacilityKind, PointState, PopulationBasis, PositionQuality, TravelMode

WORST_SHOWN = 10
"""Zones on page one; the whole list comes after it."""

NAMES_SHOWN = 10
"""Facilities that no road reaches, by name; the annex has all."""

PAGE_ONE_SLACK_PT = 16.0
"""Kept free at the foot of page one: a face a little wider than reckoned mustn't push the map off it."""

SMALL_MAP_MM = (50.0, 120.0)
"""The least height of page one's map at which it can be read, and the most that it needs."""


@dataclass(frozen=True, slots=True)
class Zone:
    """A zone's people."""

    code: str
    name: str
    level: DivisionLevel
    demand: float
    covered: float
    unreachable: float
    unsnapped: float

    @property
    def gap(self) -> float:
        """Who isn't within reach, for whatever reason."""
        return self.demand - self.covered

    @property
    def share(self) -> float | None:
        """Covered people out of all, 0 to 1; None where there is nobody."""
        return share(self.covered, self.demand)


@dataclass(frozen=True, slots=True)
class RunFacts:
    """Which run it was, by whom and when; moments in the registry's time zone."""

    id: str
    actor: str
    recorded_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class ReportInput:
    """What the report says.

    `totals` and `inputs` are those of the run; `class_people` is everybody by `picture.CLASSES`; `lost_facilities` are
    the names of those that no road reaches. `draw` makes the map on a paper, on A4 where it is None, and `sheet` is
    that A4. `annexes` are the files or addresses that come with the report.
    """

    locale: str
    run: RunFacts
    standard: Standard
    question: Question
    totals: Mapping[str, object]
    inputs: Mapping[str, object]
    zones: Sequence[Zone]
    class_people: Sequence[float]
    lost_facilities: Sequence[str]
    has_borders: bool
    credits: str
    approval: str
    annexes: Sequence[str]
    version: str
    sheet: Paper
    draw: Callable[[Paper | None], bytes]

    def say(self, zh: str, en: str) -> str:
        """The words in the report's language."""
        return en if self.locale.startswith("en") else zh

    def number(self, key: str) -> float:
        """A number of the totals."""
        value = self.totals[key]
        assert isinstance(value, int | float)
        return value

    def source(self, kind: str) -> Mapping[str, object]:
        """Which data of a kind answered."""
        found = self.inputs[kind]
        assert isinstance(found, Mapping)
        return found

    @property
    def synthetic(self) -> bool:
        """Whether any of the data is example data."""
        return bool(self.totals["synthetic"])


def people(count: float) -> str:
    """A number of people, whole."""
    return f"{count:,.0f}"


def percent(part: float | None) -> str:
    """A share with one decimal; what is nearly none or nearly all isn't rounded to it."""
    if part is None:
        return "–"
    if 0 < part < 0.001:
        return "＜0.1%"
    if 0.999 < part < 1:
        return "＞99.9%"
    return f"{part:.1%}"


def worst(zones: Sequence[Zone]) -> list[Zone]:
    """The zones with the largest gaps, of the townships, or of the level that there is; the largest first."""
    level = comparable_level(zones)
    gaps = [zone for zone in zones if zone.level is level and zone.gap > 0]
    return sorted(gaps, key=lambda zone: (-zone.gap, zone.code))[:WORST_SHOWN]


def comparable_level(zones: Sequence[Zone]) -> DivisionLevel | None:
    """The level whose zones are compared on page one: townships, else counties, else what there is; None without zones."""
    levels = {zone.level for zone in zones}
    order = (DivisionLevel.TOWNSHIP, DivisionLevel.COUNTY, DivisionLevel.VILLAGE, DivisionLevel.CITY, DivisionLevel.PROVINCE)
    return next((level for level in order if level in levels), None)


def area_name(zones: Sequence[Zone], demand: float) -> str:
    """The smallest division that everybody asked about lives in; empty where there is none."""
    order = list(DivisionLevel)
    whole = [zone for zone in zones if zone.demand == demand]
    return max(whole, key=lambda zone: order.index(zone.level)).name if whole else ""


def title_of(standard: Standard, locale: str) -> str:
    """What the report is called."""
    return f"{standard.name.en}: coverage report" if locale.startswith("en") else f"{standard.name.zh}覆盖情况报告"


def group_words(group: str, locale: str) -> str:
    """A demand group as people say it."""
    english = locale.startswith("en")
    if group == "all":
        return "everyone" if english else "全体人口"
    if over := re.fullmatch(r"(\d+)\+", group):
        return f"people aged {over[1]} and over" if english else f"{over[1]}岁及以上人口"
    if between := re.fullmatch(r"(\d+)-(\d+)", group):
        return f"people aged {between[1]} to {between[2]}" if english else f"{between[1]}至{between[2]}岁人口"
    return f"group “{group}”" if english else f"“{group}”人群"


def kinds_words(standard: Standard, locale: str) -> str:
    """The kinds of facility as people list them."""
    kinds = [FacilityKind.of(kind).label(locale) for kind in standard.kinds]
    return " / ".join(kinds) if locale.startswith("en") else "、".join(kinds)


def day_words(moment: datetime, locale: str) -> str:
    """A date as people write it."""
    if locale.startswith("en"):
        return format_date(moment, "d MMMM y", locale="en")
    return f"{moment.year}年{moment.month}月{moment.day}日"




def write_report(said: ReportInput, path: Path) -> None:
    """Write the report to `path`."""
    _Report(said).write(path)


class _Report:
    """One report while it is written."""

    def __init__(self, said: ReportInput) -> None:
        self.said, self.say = said, said.say
        self.title = title_of(said.standard, said.locale)
        self.area = area_name(said.zones, said.number("demand"))
        self.worst = worst(said.zones)
        self.level = comparable_level(said.zones)
        self.parents = {zone.code: zone.name for zone in said.zones}
        made = said.run.finished_at or said.run.recorded_at
        self.made = made
        self.paper = Document(title=self.title, author=f"geo-registry {said.version}", locale=said.locale, made=made)
        self.chapter = 0

    def write(self, path: Path) -> None:
        mark = self.say("　示例数据", "  synthetic example data") if self.said.synthetic else ""
        footer = ("page ", " of ", "") if self.said.locale.startswith("en") else ("第 ", " 页　共 ", " 页")
        self.paper.header_and_footer(f"{self.title}{mark}", footer)
        self._conclusion()
        self._map()
        self._zones()
        self._minutes()
        self._method()
        self._data()
        self._doubts()
        self._examples()
        self._annexes()
        self.paper.save(path)

    # Page one

    def _conclusion(self) -> None:
        said, paper = self.said, self.paper
        room = _Room()
        if said.synthetic:
            paper.notice(room.takes(document.NOTICE, self._synthetic_notice()))
        paper.title(room.takes("Title", self.title))
        made = day_words(self.made, said.locale)
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
            paper.picture(said.draw(small), width_mm=wide_mm, caption=caption, description=self._described())

    def _synthetic_notice(self) -> str:
        return self.say(
            "示例数据：输入中含有合成的示例数据，本报告的数字不反映真实情况，不能作为依据。",
            "Synthetic example data: made-up data is among the inputs; the figures of this report describe no real place.",
        )

    def _sentence(self) -> str:
        """The answer in plain words: how many, how many not, and where."""
        said, standard = self.said, self.said.standard
        demand, covered, gap = (said.number(key) for key in ("demand", "covered", "gap"))
        part = percent(share(covered, demand))
        group, kinds = group_words(standard.demand, said.locale), kinds_words(standard, said.locale)
        basis, mode = standard.basis.label(said.locale), standard.mode.label(said.locale)
        minutes = f"{standard.minutes:g}"
        if not demand:
            return self.say(
                f"{self.area}没有{group}，因此没有覆盖率。", f"There is nobody to count ({group}), so there is no covered share."
            )
        if not said.number("facilities"):
            return self.say(
                f"{self.area}{group}（{basis}）共 {people(demand)} 人。没有符合条件的{kinds}，因此无人在可达范围内。",
                f"{_capital(group)} ({basis}): {people(demand)}. No {kinds} fits the standard, so nobody is within reach.",
            )
        zh = (
            f"{self.area}{group}（{basis}）共 {people(demand)} 人，其中 {people(covered)} 人（{part}）{mode} {minutes} 分钟内"
            f"能到达最近的{kinds}，{people(gap)} 人不能。"
        )
        of = f" of {self.area}" if self.area else ""
        en = (
            f"{_capital(group)}{of} ({basis}): {people(demand)}. Within {minutes} minutes {mode} of the nearest {kinds} are "
            f"{people(covered)} ({part}); {people(gap)} are not. "
        )
        return self.say(zh, en) + self._where_sentence(gap)

    def _where_sentence(self, gap: float) -> str:
        if not self.worst or self.level is None:
            return ""
        first, together = self.worst[0], sum(zone.gap for zone in self.worst)
        name = self._full_name(first)
        level = self.level.label(self.said.locale)
        zh = f"缺口最大的{level}区划是{name}（{people(first.gap)} 人）"
        en = f"The largest gap of a {level} is that of {name} ({people(first.gap)} people)"
        if len(self.worst) > 1:
            count = len(self.worst)
            zh += f"；缺口最大的 {count} 个合计 {people(together)} 人，占全部缺口的 {percent(together / gap)}"
            en += f"; the {count} largest together are {people(together)}, {percent(together / gap)} of the whole gap"
        return self.say(f"{zh}。", f"{en}.")

    def _figures(self) -> list[tuple[str, str]]:
        said = self.said
        demand, covered, gap = (said.number(key) for key in ("demand", "covered", "gap"))
        minutes = f"{said.standard.minutes:g}"
        return [
            (
                percent(share(covered, demand)),
                self.say(f"覆盖率：{minutes} 分钟内能到达的人数占比", f"covered: the share within {minutes} minutes"),
            ),
            (
                people(gap),
                self.say(f"缺口：不能按时到达的人数（共 {people(demand)} 人）", f"gap: people not within reach (of {people(demand)})"),
            ),
            self._nobody_reached(),
        ]

    def _nobody_reached(self) -> tuple[str, str]:
        """Places without a single person within reach; without divisions, people whom no way leads anywhere."""
        order = list(DivisionLevel)
        lived_in = [zone for zone in self.said.zones if zone.demand > 0]
        if not lived_in:
            lost = self.said.number("unreachable") + self.said.number("unsnapped")
            return people(lost), self.say("无路可达的人数（不可达与未入网）", "people with no way to any facility")
        lowest = max((zone.level for zone in lived_in), key=order.index)
        there = [zone for zone in lived_in if zone.level is lowest]
        without = sum(1 for zone in there if zone.covered == 0)
        zh, en = LEVEL_COUNTS[lowest]
        return (
            f"{without:,}",
            self.say(
                f"无一人能按时到达的{zh}数（共 {len(there):,} 个）", f"{en} with nobody within reach (of {len(there):,})"
            ),
        )

    def _worst_table(self, room: "_Room") -> None:
        if self.level is None:
            words = self.say("未登记行政区划，因此没有分区数字。", "No divisions are registered, so there are no figures by zone.")
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
                self._full_name(zone),
                people(zone.demand),
                people(zone.covered),
                percent(zone.share),
                people(zone.gap),
            )
            for rank, zone in enumerate(self.worst, start=1)
        ]
        count = len(rows)
        caption = self.say(f"缺口最大的 {count} 个{level}区划（人）", f"the {count} largest gaps by {level} (people)")
        room.takes_table(columns, rows)
        self.paper.table(columns, rows, caption=caption)

    def _full_name(self, zone: Zone) -> str:
        """With the county's name before a township's, since townships share names."""
        if zone.level in {DivisionLevel.TOWNSHIP, DivisionLevel.VILLAGE}:
            county = self.parents.get(_county_code(zone.code), "")
            return self.say(f"{county}{zone.name}", f"{county} {zone.name}".strip())
        return zone.name

    # The map

    def _map(self) -> None:
        said = self.said
        landscape = said.sheet.width_mm > said.sheet.height_mm
        self.paper.turn(margins=SHEET_MARGINS, landscape=landscape)
        wide_mm = (A4_MM[1] if landscape else A4_MM[0]) - SHEET_MARGINS.left - SHEET_MARGINS.right
        high_mm = (A4_MM[0] if landscape else A4_MM[1]) - SHEET_MARGINS.top - SHEET_MARGINS.bottom - CAPTION_MM
        sheet = Paper(wide_mm, high_mm, margin_mm=SHEET_EDGE_MM, dpi=said.sheet.dpi)
        caption = self.say(f"{self.title}：到最近设施的时间与缺口", f"{self.title}: minutes to the nearest facility, and the gap")
        self.paper.picture(said.draw(sheet), width_mm=wide_mm, caption=caption, description=self._described())
        self.paper.turn()

    def _described(self) -> str:
        """The map in words, for who can't see it."""
        said = self.said
        parts = [
            f"{said.say(each.zh, each.en)} {people(count)}"
            for each, count in zip(CLASSES, said.class_people, strict=True)
            if count > 0
        ]
        whole = self.say("地图：人口点按到最近设施的时间着色。", "Map: demand points coloured by minutes to the nearest facility. ")
        return whole + self.say("；", "; ").join(parts)

    # What follows

    def _heading(self, zh: str, en: str) -> None:
        self.chapter += 1
        self.paper.heading(self.say(f"{CHINESE_NUMBERS[self.chapter - 1]}、{zh}", f"{self.chapter}. {en}"))

    def _zones(self) -> None:
        self._heading("分区结果", "Zones")
        zones = self.said.zones
        if not zones:
            self.paper.body(self.say("未登记行政区划，只有合计。", "No divisions are registered; there are totals only."))
            return
        words = self.say(
            "下列数字为人数。缺口 = 人数 − 覆盖，含不可达与未入网。村级数字见附表。",
            "Figures are people. Gap = people − covered; it includes those with no way and those with no road. Villages are in the annex.",
        )
        self.paper.body(words)
        if self.said.question.zone:
            words = self.say("上级区划的数字只含所问范围内的人口。", "Divisions above the area asked about have the people of that area only.")
            self.paper.body(words)
        upper = [zone for zone in zones if zone.level not in {DivisionLevel.TOWNSHIP, DivisionLevel.VILLAGE}]
        if upper:
            self._zone_table(upper, self.say("县级及以上区划", "counties and above"))
        townships = [zone for zone in zones if zone.level is DivisionLevel.TOWNSHIP]
        if townships:
            self._zone_table(townships, self.say("各乡级区划", "townships"), with_county=True)

    def _zone_table(self, zones: Sequence[Zone], caption: str, *, with_county: bool = False) -> None:
        names = (
            (Column(self.say("县级", "county"), 25), Column(self.say("乡级", "township"), 33))
            if with_county
            else (Column(self.say("区划", "division"), 38), Column(self.say("级别", "level"), 20))
        )
        columns = (
            *names,
            Column(self.say("人数", "people"), 19, "right"),
            Column(self.say("覆盖", "covered"), 19, "right"),
            Column(self.say("覆盖率", "share"), 15, "right"),
            Column(self.say("缺口", "gap"), 17, "right"),
            Column(self.say("不可达", "no way"), 14, "right"),
            Column(self.say("未入网", "no road"), 14, "right"),
        )
        rows = [
            (
                *(
                    (self.parents.get(_county_code(zone.code), "–"), zone.name)
                    if with_county
                    else (zone.name, zone.level.label(self.said.locale))
                ),
                people(zone.demand),
                people(zone.covered),
                percent(zone.share),
                people(zone.gap),
                people(zone.unreachable),
                people(zone.unsnapped),
            )
            for zone in zones
        ]
        self.paper.table(columns, rows, caption=caption)

    def _minutes(self) -> None:
        said = self.said
        self._heading("到最近设施的时间", "Minutes to the nearest facility")
        everyone = sum(said.class_people)
        rows = [
            (said.say(each.zh, each.en), people(count), percent(share(count, everyone)))
            for each, count in zip(CLASSES, said.class_people, strict=True)
            if count > 0
        ]
        columns = (
            Column(self.say("时间", "minutes"), 76),
            Column(self.say("人数", "people"), 40, "right"),
            Column(self.say("占比", "share"), 40, "right"),
        )
        self.paper.table(columns, rows, caption=self.say("按时间分的人数", "people by minutes"))

    def _facts(self, caption: str, rows: Sequence[tuple[str, str]]) -> None:
        self.paper.facts(rows, caption=caption, header=(self.say("项目", "item"), self.say("内容", "what it is")))

    def _method(self) -> None:
        self._heading("方法", "Method")
        standard, say, locale = self.said.standard, self.say, self.said.locale
        speed = (
            f"{standard.walking_speed_kmh:g} km/h"
            if standard.mode is TravelMode.WALK
            else say("按道路等级和限速", "by the roads' classes and limits")
        )
        rows = [
            (say("服务指标", "service standard"), f"{standard.name.zh} {standard.name.en}（{standard.key}）"),
            (say("来源", "source"), standard.source),
            (
                say("是否核实", "verified"),
                say("已对照原文核实", "read in the text that sets it")
                if standard.verified
                else say("未核实：引用前须对照原文", "unverified: check it against the text before citing it"),
            ),
            (say("适用范围", "scope"), say(*SCOPES.get(standard.scope, (standard.scope or "–",) * 2))),
            (say("效力", "force"), say(*FORCES[standard.force])),
            (say("说明", "note"), standard.note or "–"),
            (say("人群", "demand group"), f"{group_words(standard.demand, locale)}（{standard.demand}）"),
            (say("人口口径", "basis"), standard.basis.label(locale)),
            (say("设施类别", "facilities"), kinds_words(standard, locale)),
            (say("设施条件", "condition"), standard.where or say("无", "none")),
            (say("出行方式", "travel"), standard.mode.label(locale)),
            (say("速度", "speed"), speed),
            (
                say("时间阈值", "threshold"),
                say(f"{standard.minutes:g} 分钟（恰好等于阈值算作覆盖）", f"{standard.minutes:g} minutes (exactly this much still counts)"),
            ),
            (
                say("入网限距", "snapping limit"),
                say(
                    f"{standard.snap_limit_m:g} 米：离最近道路超过此距离的点计为未入网",
                    f"{standard.snap_limit_m:g} m: a point farther than this from any road counts as having no road",
                ),
            ),
            (say("分析范围", "area asked about"), self._asked_area()),
        ]
        self._facts(say("服务指标与参数", "the service standard and its parameters"), rows)
        self.paper.body(
            say(
                "时间按路网计算：人口点和设施各连到最近的可通行道路，两端接驳段计入；不计坡度、红绿灯和候车。"
                "每个人口点取最近的一处设施；设施的容量不在本指标之内。",
                "Minutes are along the road network: demand points and facilities are joined to the nearest road that may be used, and both "
                "access legs count; slopes, lights and waiting don't. Each demand point counts its nearest facility; capacity is no part of this standard.",
            )
        )

    def _asked_area(self) -> str:
        asked = self.said.question.zone
        if asked is None:
            return self.say("全部人口点", "all demand points")
        names = [zone.name for zone in self.said.zones if prefix_of(zone.code) == prefix_of(asked)]
        return f"{names[0]}（{asked}）" if names else asked

    def _data(self) -> None:
        self._heading("数据与口径", "Data and basis")
        said, say, locale = self.said, self.say, self.said.locale
        population, roads, facilities = (said.source(kind) for kind in ("population", "roads", "facilities"))
        basis = PopulationBasis.of(str(population["basis"])).label(locale)
        as_of = said.question.as_of
        stood = (
            say(f"{as_of} 当日存续的设施", f"those that stood on {as_of}")
            if as_of
            else say(f"运行当日（{day_words(self.made, locale)}）运营的设施", f"those open on the day of the run ({day_words(self.made, locale)})")
        )
        self._facts(
            say("数据来源", "sources"),
            [
                (say("人口数据集", "population"), str(population["dataset"])),
                (say("人口口径", "its basis"), basis),
                (say("人口数据日期", "its date"), str(population["as_of"])),
                (say("人口点数", "demand points"), f"{_whole(population['points']):,}"),
                (say("人口数据许可", "its licence"), str(population["licence"]) or "–"),
                (say("人口数据版本", "its version"), str(population["content_version"])),
                (say("道路数据集", "roads"), str(roads["dataset"])),
                (say("道路数据许可", "their licence"), str(roads["licence"]) or "–"),
                (say("道路数据版本", "their version"), str(roads["content_version"])),
                (say("设施", "facilities"), f"{_whole(facilities['count']):,}；{stood}" if not locale.startswith("en") else f"{_whole(facilities['count']):,}; {stood}"),
                (
                    say("一年内未核实的设施占比", "facilities not confirmed for a year"),
                    percent(_part(said.totals["facilities_unconfirmed_share"])),
                ),
                *([(say("审图号", "map approval number"), said.approval)] if said.approval else []),
            ],
        )

    def _doubts(self) -> None:
        self._heading("存疑之处", "Doubts")
        said, say, number = self.said, self.say, self.said.number
        states = said.totals["points_by_state"]
        assert isinstance(states, Mapping)
        silent = _whole(said.source("population")["points_without_group"])
        lost = _whole(said.totals["facilities_unsnapped"])
        names = self.say("、", ", ").join(said.lost_facilities[:NAMES_SHOWN])
        more = say(" 等", " and others") if lost > NAMES_SHOWN else ""
        unsnapped, unreachable = (_whole(states[each.value]) for each in (PointState.UNSNAPPED, PointState.UNREACHABLE))
        findings = [
            _Doubt(
                unsnapped,
                ("没有未入网的人口点", "every point has a road"),
                f"未入网：{people(number('unsnapped'))} 人（{unsnapped:,} 个人口点）附近没有可通行的道路，计入缺口；多为道路数据不全，应先核对。",
                f"No road: {people(number('unsnapped'))} people ({unsnapped:,} points) have none within the snapping limit; they are in the gap. Check the road data first.",
            ),
            _Doubt(
                unreachable,
                ("没有不可达的人口点", "a way leads from every point to a facility"),
                f"不可达：{people(number('unreachable'))} 人（{unreachable:,} 个人口点）在路网上，但没有通往任何设施的路，计入缺口；多为路网断开，应先核对。",
                f"No way: {people(number('unreachable'))} people ({unreachable:,} points) are on roads that lead to no facility; they are in the gap. Check whether the network is broken there.",
            ),
            _Doubt(
                silent,
                ("每个人口点都说明了该人群", "every point says how many of the group it has"),
                f"未说明人群：人口数据集中有 {silent:,} 个点没有该人群的数字，不当作零，未计入。",
                f"Silent about the group: {silent:,} points of the population dataset say nothing about it; they are left out, not counted as zero.",
            ),
            _Doubt(
                number("outside_divisions"),
                ("没有区划之外的人口", "nobody lives outside the divisions"),
                f"区划之外：{people(number('outside_divisions'))} 人不在任何已登记的区划内，计入合计，不计入分区。",
                f"Outside divisions: {people(number('outside_divisions'))} people are in the totals and in no zone.",
            ),
            _Doubt(
                lost,
                ("没有未入网的设施", "every facility has a road"),
                f"设施未入网：{lost:,} 处设施附近没有道路，无人能到达：{names}{more}。",
                f"Facilities without a road: {lost:,}; nobody can reach them: {names}{more}.",
            ),
        ]
        doubts = [say(one.zh, one.en) for one in findings if one.count]
        fine = [say(*one.fine) for one in findings if not one.count]
        if fine:
            listed = say("、", ", ").join(fine)
            doubts.append(say(f"已检查，未见问题：{listed}。", f"Checked and fine: {listed}."))
        doubts += [self._positions("population", "人口点", "demand points"), self._positions("facilities", "设施", "facilities")]
        if not said.standard.verified:
            doubts.append(
                say("指标未核实：所引条文或数值尚未对照原文。", "The standard is unverified: its figure has not been read in the text that sets it.")
            )
        if said.zones and not said.has_borders:
            doubts.append(say("未登记区划边界，地图上没有边界线。", "No borders of divisions are registered; the map has none."))
        self.paper.bullets(doubts)

    def _positions(self, kind: str, zh: str, en: str) -> str:
        """How well these are placed, as far as the run wrote it down."""
        recorded = self.said.totals.get("positions")
        if not isinstance(recorded, Mapping):
            return self.say(f"{zh}的位置精度：本次运行没有记录。", f"Positions of {en}: the run did not record how good they are.")
        counts = {PositionQuality.of(str(quality)): _whole(count) for quality, count in recorded[kind].items()}
        listed = self.say("，", ", ").join(f"{quality.label(self.said.locale)} {count:,}" for quality, count in counts.items())
        return self.say(f"{zh}的位置精度：{listed or '无'}。", f"Positions of {en}: {listed or 'none'}.")

    def _examples(self) -> None:
        self._heading("示例数据", "Example data")
        if not self.said.synthetic:
            self.paper.body(self.say("输入数据中没有标为示例的数据。", "None of the inputs is marked as example data."))
            return
        self.paper.body(self._synthetic_notice())
        words = self.say("标明的来源如下：", "The inputs say of themselves:")
        self.paper.body(words)
        self.paper.bullets([str(self.said.source(kind)["licence"]) or "–" for kind in ("population", "roads")])

    def _annexes(self) -> None:
        said, say = self.said, self.say
        self._heading("附件与生成信息", "Annexes, and how this was made")
        if said.annexes:
            self.paper.body(
                say(
                    "附表（XLSX）有全部区划直至村级、全部设施、未达人口点和全部人口点；地图另有图片（PNG）：",
                    "The annex (XLSX) has all zones down to villages, all facilities, the points that aren't reached, and all points; the map is a picture (PNG) too:",
                )
            )
            self.paper.bullets(list(said.annexes))
        run, inputs = said.run, said.inputs
        moments = [
            (say("提交时间", "ordered"), run.recorded_at),
            (say("开始时间", "begun"), run.started_at),
            (say("完成时间", "finished"), run.finished_at),
        ]
        digests = [
            (say(f"{zh}数据摘要", f"digest of {en}"), str(said.source(kind)["digest"]))
            for kind, zh, en in (("population", "人口", "population"), ("roads", "路网", "the network"), ("facilities", "设施", "facilities"))
            if kind in inputs
        ]
        self._facts(
            say("生成信息", "how this was made"),
            [
                (say("运行编号", "run"), run.id),
                (say("提交人", "ordered by"), run.actor),
                *((word, moment.isoformat(" ", "seconds") if moment else "–") for word, moment in moments),
                (say("写出本报告的程序", "program that wrote this report"), f"geo-registry {said.version}"),
                *digests,
            ],
        )


CAPTION_MM = 12.0
"""What the caption under the A4 map takes, with a little room."""

SHEET_EDGE_MM = 0.5
"""The page has its own margins."""

CHINESE_NUMBERS = "一二三四五六七八九十"

FORCES: Mapping[str, tuple[str, str]] = {
    "mandatory": ("强制", "mandatory"),
    "target": ("目标", "target"),
    "example": ("示例", "example"),
    "": ("未注明", "not stated"),
}

SCOPES: Mapping[str, tuple[str, str]] = {"national": ("全国", "national"), "example": ("示例", "example")}
"""Scopes that the catalogue names by a word; others stand as they were written."""

LEVEL_COUNTS: Mapping[DivisionLevel, tuple[str, str]] = {
    DivisionLevel.VILLAGE: ("村（社区）", "villages and communities"),
    DivisionLevel.TOWNSHIP: ("乡级区划", "townships"),
    DivisionLevel.COUNTY: ("县级区划", "counties"),
    DivisionLevel.CITY: ("地级区划", "cities"),
    DivisionLevel.PROVINCE: ("省级区划", "provinces"),
}


@dataclass(frozen=True, slots=True)
class _Doubt:
    """Something that may be wrong with the answer: how much of it there is, and, where there is none, what is fine."""

    count: float
    fine: tuple[str, str]
    zh: str
    en: str


def _county_code(code: str) -> str:
    return f"{code[:6]}000000"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _whole(value: object) -> int:
    assert isinstance(value, int)
    return value


def _part(value: object) -> float | None:
    assert value is None or isinstance(value, int | float)
    return value


class _Room:
    """How much of page one is taken: lines are exact, so what is reckoned here is what Word will need, or more."""

    def __init__(self) -> None:
        self.taken_pt = 0.0

    def takes(self, style: str, text: str) -> str:
        """Reckon a paragraph in; the text, as it is."""
        look = LOOKS[style]
        ems = text_width_mm(TEXT_MARGINS) * POINTS_PER_MM / look.size - look.indent
        self.taken_pt += look.before + look.after + look.line * max(1, len(wrapped(text, ems)))
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
            len(wrapped(text, (wide_mm - inside_mm) * POINTS_PER_MM / look.size)) or 1
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
