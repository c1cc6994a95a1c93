"""A run as the report that an office hands in: first the conclusion on one page, then the zones, then how it was found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from geo_registry.coverage.conclusion import Conclusion
from geo_registry.coverage.picture import CLASSES, Paper
from geo_registry.coverage.reach import share
from geo_registry.coverage.said import ReportInput
from geo_registry.coverage.wording import (
    Zone,
    county_code,
    day_words,
    group_words,
    kinds_words,
    title_of,
)
from geo_registry.divisions.rules import prefix_of
from geo_registry.figures import given, percent, whole
from geo_registry.papers.document import A4_MM, SHEET_MARGINS, Column, Document
from geo_registry.vocabulary import (
    DivisionLevel,
    PointState,
    PopulationBasis,
    PositionQuality,
    TravelMode,
)

NAMES_SHOWN = 10
"""Facilities that no road reaches, by name; the annex has all."""


def write_report(said: ReportInput, path: Path) -> None:
    """Write the report to `path`."""
    _Report(said).write(path)


class _Report:
    """One report while it is written."""

    def __init__(self, said: ReportInput) -> None:
        self.said, self.say = said, said.say
        self.title = title_of(said.standard, said.locale)
        self.made = said.made
        self.paper = Document(
            title=self.title, author=f"geo-registry {said.version}", locale=said.locale, made=said.made
        )
        self.chapter = 0

    def write(self, path: Path) -> None:
        mark = self.say("　示例数据", "  synthetic example data") if self.said.synthetic else ""
        footer = ("page ", " of ", "") if self.said.locale.startswith("en") else ("第 ", " 页　共 ", " 页")
        self.paper.header_and_footer(f"{self.title}{mark}", footer)
        Conclusion(self.said, self.paper).write()
        self._map()
        self._zones()
        self._minutes()
        self._method()
        self._data()
        self._doubts()
        self._examples()
        self._annexes()
        self.paper.save(path)

    # The map

    def _map(self) -> None:
        said = self.said
        landscape = said.sheet.width_mm > said.sheet.height_mm
        self.paper.turn(margins=SHEET_MARGINS, landscape=landscape)
        wide_mm = (A4_MM[1] if landscape else A4_MM[0]) - SHEET_MARGINS.left - SHEET_MARGINS.right
        high_mm = (A4_MM[0] if landscape else A4_MM[1]) - SHEET_MARGINS.top - SHEET_MARGINS.bottom - CAPTION_MM
        sheet = Paper(wide_mm, high_mm, margin_mm=SHEET_EDGE_MM, dpi=said.sheet.dpi)
        name = self.say(said.standard.name.zh, said.standard.name.en)
        caption = self.say(f"{name}：到最近设施的时间与缺口", f"{name}: minutes to the nearest facility, and the gap")
        self.paper.picture(said.draw(sheet), width_mm=wide_mm, caption=caption, description=self.said.map_in_words)
        self.paper.turn()

    # What follows

    def _heading(self, zh: str, en: str) -> None:
        self.chapter += 1
        self.paper.heading(self.say(f"{CHINESE_NUMBERS[self.chapter - 1]}、{zh}", f"{self.chapter}. {en}"))

    def _zones(self) -> None:
        self._heading("分区结果", "Zones")
        zones = self.said.zones
        if not zones:
            self.paper.body(
                self.say("未登记行政区划，只有合计。", "No divisions are registered; there are totals only.")
            )
            return
        words = self.say(
            "下列数字为人数。缺口 = 人数 − 覆盖，含不可达与未入网。村级数字见附表。",
            "Figures are people. Gap = people − covered; it includes those with no way and those with no road. Villages are in the annex.",
        )
        self.paper.body(words)
        if self.said.question.zone:
            words = self.say(
                "上级区划的数字只含所问范围内的人口。",
                "Divisions above the area asked about have the people of that area only.",
            )
            self.paper.body(words)
        upper = [zone for zone in zones if zone.level not in {DivisionLevel.TOWNSHIP, DivisionLevel.VILLAGE}]
        if upper:
            self._zone_table(upper, self.say("县级及以上区划", "counties and above"))
        townships = [zone for zone in zones if zone.level is DivisionLevel.TOWNSHIP]
        if townships:
            self._zone_table(townships, self.say("各乡级区划", "townships"), with_county=True)

    def _zone_table(self, zones: Sequence[Zone], caption: str, *, with_county: bool = False) -> None:
        names = (
            (Column(self.say("县级", "county"), 22), Column(self.say("乡级", "township"), 29))
            if with_county
            else (Column(self.say("区划", "division"), 33), Column(self.say("级别", "level"), 18))
        )
        columns = (
            *names,
            Column(self.say("人数", "people"), 22, "right"),
            Column(self.say("覆盖", "covered"), 22, "right"),
            Column(self.say("覆盖率", "share"), 17, "right"),
            Column(self.say("缺口", "gap"), 18, "right"),
            Column(self.say("不可达", "no way"), 13, "right"),
            Column(self.say("未入网", "no road"), 13, "right"),
        )
        counties = {zone.code: zone.name for zone in self.said.zones if zone.level is DivisionLevel.COUNTY}
        rows = [
            (
                *(
                    (counties.get(county_code(zone.code), "–"), zone.name)
                    if with_county
                    else (zone.name, zone.level.label(self.said.locale))
                ),
                whole(zone.demand),
                whole(zone.covered),
                percent(zone.share, self.said.locale),
                whole(zone.gap),
                whole(zone.unreachable),
                whole(zone.unsnapped),
            )
            for zone in zones
        ]
        self.paper.table(columns, rows, caption=caption)

    def _minutes(self) -> None:
        said = self.said
        self._heading("到最近设施的时间", "Minutes to the nearest facility")
        everyone = sum(said.class_people)
        rows = [
            (said.say(each.zh, each.en), whole(count), percent(share(count, everyone), said.locale))
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
            f"{given(standard.walking_speed_kmh)} km/h"
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
                say(
                    f"{given(standard.minutes)} 分钟（恰好等于阈值算作覆盖）",
                    f"{given(standard.minutes)} minutes (exactly this much still counts)",
                ),
            ),
            (
                say("入网限距", "snapping limit"),
                say(
                    f"{given(standard.snap_limit_m)} m：离最近道路超过此距离的点计为未入网",
                    f"{given(standard.snap_limit_m)} m: a point farther than this from any road counts as having no road",
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
            say(f"{day_words(as_of, locale)}当日存续的设施", f"those that stood on {day_words(as_of, locale)}")
            if as_of
            else say(
                f"运行当日（{day_words(self.made, locale)}）运营的设施",
                f"those open on the day of the run ({day_words(self.made, locale)})",
            )
        )
        self._facts(
            say("数据来源", "sources"),
            [
                (say("人口数据集", "population"), str(population["dataset"])),
                (say("人口口径", "its basis"), basis),
                (say("人口数据日期", "its date"), _day(population["as_of"], locale)),
                (say("人口点数", "demand points"), whole(_whole(population["points"]))),
                (say("人口数据许可", "its licence"), str(population["licence"]) or "–"),
                (say("人口数据版本", "its version"), str(population["content_version"])),
                (say("道路数据集", "roads"), str(roads["dataset"])),
                (say("道路数据许可", "their licence"), str(roads["licence"]) or "–"),
                (say("道路数据版本", "their version"), str(roads["content_version"])),
                (
                    say("设施", "facilities"),
                    f"{whole(_whole(facilities['count']))}；{stood}"
                    if not locale.startswith("en")
                    else f"{whole(_whole(facilities['count']))}; {stood}",
                ),
                (
                    say("一年内未核实的设施占比", "facilities not confirmed for a year"),
                    percent(_part(said.totals["facilities_unconfirmed_share"]), locale),
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
                f"未入网：{whole(number('unsnapped'))} 人（{whole(unsnapped)} 个人口点）附近没有可通行的道路，计入缺口；多为道路数据不全，应先核对。",
                f"No road: {whole(number('unsnapped'))} people ({whole(unsnapped)} points) have none within the snapping limit; they are in the gap. Check the road data first.",
            ),
            _Doubt(
                unreachable,
                ("没有不可达的人口点", "a way leads from every point to a facility"),
                f"不可达：{whole(number('unreachable'))} 人（{whole(unreachable)} 个人口点）在路网上，但没有通往任何设施的路，计入缺口；多为路网断开，应先核对。",
                f"No way: {whole(number('unreachable'))} people ({whole(unreachable)} points) are on roads that lead to no facility; they are in the gap. Check whether the network is broken there.",
            ),
            _Doubt(
                silent,
                ("每个人口点都说明了该人群", "every point says how many of the group it has"),
                f"未说明人群：人口数据集中有 {whole(silent)} 个点没有该人群的数字，不当作零，未计入。",
                f"Silent about the group: {whole(silent)} points of the population dataset say nothing about it; they are left out, not counted as zero.",
            ),
            _Doubt(
                number("outside_divisions"),
                ("没有区划之外的人口", "nobody lives outside the divisions"),
                f"区划之外：{whole(number('outside_divisions'))} 人不在任何已登记的区划内，计入合计，不计入分区。",
                f"Outside divisions: {whole(number('outside_divisions'))} people are in the totals and in no zone.",
            ),
            _Doubt(
                lost,
                ("没有未入网的设施", "every facility has a road"),
                f"设施未入网：{whole(lost)} 处设施附近没有道路，无人能到达：{names}{more}。",
                f"Facilities without a road: {whole(lost)}; nobody can reach them: {names}{more}.",
            ),
        ]
        doubts = [say(one.zh, one.en) for one in findings if one.count]
        fine = [say(*one.fine) for one in findings if not one.count]
        if fine:
            listed = say("、", ", ").join(fine)
            doubts.append(say(f"已检查，未见问题：{listed}。", f"Checked and fine: {listed}."))
        doubts += [
            self._positions("population", "人口点", "demand points"),
            self._positions("facilities", "设施", "facilities"),
        ]
        if not said.standard.verified:
            doubts.append(
                say(
                    "指标未核实：所引条文或数值尚未对照原文。",
                    "The standard is unverified: its figure has not been read in the text that sets it.",
                )
            )
        if said.zones and not said.has_borders:
            doubts.append(
                say("未登记区划边界，地图上没有边界线。", "No borders of divisions are registered; the map has none.")
            )
        self.paper.bullets(doubts)

    def _positions(self, kind: str, zh: str, en: str) -> str:
        """How well these are placed, as far as the run wrote it down."""
        recorded = self.said.totals.get("positions")
        if not isinstance(recorded, Mapping):
            return self.say(
                f"{zh}的位置精度：本次运行没有记录。", f"Positions of {en}: the run did not record how good they are."
            )
        counts = {PositionQuality.of(str(quality)): _whole(count) for quality, count in recorded[kind].items()}
        listed = self.say("，", ", ").join(
            f"{quality.label(self.said.locale)} {whole(count)}" for quality, count in counts.items()
        )
        return self.say(f"{zh}的位置精度：{listed or '无'}。", f"Positions of {en}: {listed or 'none'}.")

    def _examples(self) -> None:
        self._heading("示例数据", "Example data")
        if not self.said.synthetic:
            self.paper.body(self.say("输入数据中没有标为示例的数据。", "None of the inputs is marked as example data."))
            return
        self.paper.body(self.said.synthetic_notice)
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
            for kind, zh, en in (
                ("population", "人口", "population"),
                ("roads", "路网", "the network"),
                ("facilities", "设施", "facilities"),
            )
            if kind in inputs
        ]
        self._facts(
            say("生成信息", "how this was made"),
            [
                (say("运行编号", "run"), run.id),
                *([(say("提交人", "ordered by"), run.author)] if run.author is not None else []),
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


@dataclass(frozen=True, slots=True)
class _Doubt:
    """Something that may be wrong with the answer: how much of it there is, and, where there is none, what is fine."""

    count: float
    fine: tuple[str, str]
    zh: str
    en: str


def _whole(value: object) -> int:
    assert isinstance(value, int)
    return value


def _day(value: object, locale: str) -> str:
    """A date that a run wrote down, as people write it; one that it didn't know, or wrote otherwise, as it stands."""
    try:
        return day_words(date.fromisoformat(str(value)), locale)
    except ValueError:
        return str(value)


def _part(value: object) -> float | None:
    assert value is None or isinstance(value, int | float)
    return value
