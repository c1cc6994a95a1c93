"""`/plan`: where services fall short. The page asks the API as anybody may; here it learns what can be chosen."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Protocol

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse

from api.deps import ReadDb, base_url, settings_of
from api.languages import EN
from api.schemas.coverage import RunOut
from api.visitors import Visitor, visitor_of
from api.web.maps import chart
from api.web.preferences import preferences_of
from api.web.rendering import page
from api.web.translation import catalogue, day
from api.web.vendored import STATIC, library
from api.web.words import KINDS_ON_MAPS, RUN_TONES
from geo_registry.accounts import policy
from geo_registry.accounts.policy import Verb
from geo_registry.coverage import catalogue as standards
from geo_registry.coverage import queries
from geo_registry.coverage.inputs import Standard
from geo_registry.db.paging import Page
from geo_registry.db.session import Database, ReadSession
from geo_registry.divisions.queries import DivisionQuery, DivisionRow, rows_matching
from geo_registry.divisions.rules import prefix_of
from geo_registry.figures import given
from geo_registry.settings import Settings
from geo_registry.vocabulary import DivisionLevel, FacilityKind, PointState, PopulationBasis, RunState, TravelMode
from tiles.style import MARKS, PALETTES, Theme

MOST_CHOICES = 5_000
"""Divisions of a level that the page offers to choose from."""

LATEST_RUNS = 10

CHART_FILES = ("uPlot.esm.js", "uPlot.min.css")

MODULES = (
    "map",
    "atlas",
    "classes",
    "figures",
    *(f"plan/{path.stem}" for path in sorted((STATIC / "js/plan").glob("*.js"))),
)
"""The page's scripts, which the browser is told of before one asks for the next."""

router = APIRouter(include_in_schema=False)


class PopulationDataset(Protocol):
    """A population as its room gives it."""

    key: str
    title: str
    basis: str | None
    as_of: date | None


@router.get("/plan")
def plan(request: Request, db: ReadDb) -> HTMLResponse:
    """The question, the map, the answer by division; scenarios are tried by dragging."""
    locale = preferences_of(request).locale
    return page(
        request,
        "plan.html",
        modules=MODULES,
        kinds=list(KINDS_ON_MAPS.values()),
        tones=RUN_TONES,
        levels=[(level.value, level.label(locale)) for level in DivisionLevel],
        words=words(locale),
        tries=_tries(visitor_of(request)),
        **_offered(db, settings_of(request), locale=locale, base=base_url(request)),
    )


def warm(database: Database, settings: Settings) -> None:
    """Ask the database once what the page asks it."""
    with database.read() as session:
        _offered(session, settings, locale=settings.locale, base=settings.public_url)


def _offered(db: ReadSession, settings: Settings, *, locale: str, base: str) -> Mapping[str, Any]:
    """What the registry has to be asked about, and what was asked of late."""
    offered = standards.standards()
    zones = zone_choices(db)
    uplot = library("uplot", *CHART_FILES)
    runs = queries.list_runs(db, Page(limit=LATEST_RUNS), to_come_back_to=True).rows
    return {
        "chart": chart(db, settings) if uplot else None,
        "uplot": uplot.address if uplot else "",
        "standards": offered,
        "about": {one.key: about(one, locale) for one in offered},
        "runs": [RunOut.of(run, base_url=base) for run in runs],
        "populations": [(one.key, _told(one, locale)) for one in queries.populations(db)],
        "zones": zones,
        "zone_names": {code: name for _, inside in zones for code, name in inside},
    }


def _tries(visitor: Visitor) -> str:
    """Whether whoever looks may try scenarios and ask for ways: `yes`, after signing in, or `no`."""
    if policy.refusal(visitor.actor, Verb.TRY_EDITS) is None:
        return "yes"
    return "no" if visitor.signed_in else "sign-in"


def about(standard: Standard, locale: str) -> str:
    """What a standard asks, and who says so."""
    _ = catalogue(locale).gettext
    kinds = _("、").join(kind.label(locale) for kind in standard.kinds)
    how = standard.mode.label(locale)
    if standard.mode is TravelMode.WALK:
        how = f"{how} {given(standard.walking_speed_kmh)} km/h"
    asks = _("%(minutes)s 分钟") % {"minutes": given(standard.minutes)}
    # The catalogue tells sources in both languages; a standard of one's own is told as it was written.
    zh, _slash, en = standard.source.partition(" / ")
    source = (en if locale == EN else zh) or standard.source
    verified = _("已核实") if standard.verified else _("未核实")
    group = _("全部人口") if standard.demand == "all" else standard.demand
    return f"{group} · {kinds} · {how} · {asks} · {source} · {verified}"


def zone_choices(db: ReadSession) -> Sequence[tuple[str, Sequence[tuple[str, str]]]]:
    """Counties with their townships, each as the first digits of its code and its name, the county itself first.

    Where there are too many townships to choose from, counties alone.
    """
    counties, townships = (_of_level(db, level) for level in (DivisionLevel.COUNTY, DivisionLevel.TOWNSHIP))
    below: dict[str, list[tuple[str, str]]] = {prefix_of(one.code): [] for one in counties}
    if len(townships) <= MOST_CHOICES:
        for one in townships:
            # A registry may hold townships without their counties.
            below.setdefault(one.code[:6], []).append((prefix_of(one.code), one.name))
    names = {prefix_of(one.code): one.name for one in counties}
    return [(names.get(code, code), [(code, names.get(code, code)), *inside]) for code, inside in sorted(below.items())]


def _of_level(db: ReadSession, level: DivisionLevel) -> Sequence[DivisionRow]:
    found = rows_matching(db, DivisionQuery(level=level, with_geometry=False), after=0, limit=MOST_CHOICES + 1)
    return sorted(found, key=lambda one: one.code)


def marks(locale: str) -> Mapping[str, object]:
    """How kinds of facility are marked: as on the tiles' map, a letter and a colour by theme, light first."""
    return {
        kind.value: {
            "letter": mark.en if locale == EN else mark.zh,
            "colour": [PALETTES[theme].families[mark.family] for theme in (Theme.LIGHT, Theme.DARK)],
        }
        for kind, mark in MARKS.items()
    }


def _told(dataset: PopulationDataset, locale: str) -> str:
    """What a population dataset is called, whom it counts, and of when."""
    basis = PopulationBasis.of(dataset.basis or "").label(locale)
    return " · ".join(
        filter(None, (dataset.title or dataset.key, basis, day(dataset.as_of, locale) if dataset.as_of else ""))
    )


def words(locale: str) -> Mapping[str, object]:
    """What the page's script says."""
    _ = catalogue(locale).gettext
    return {
        "marks": marks(locale),
        "uncovered": _("未覆盖"),
        "gained": _("新增覆盖"),
        "lost": _("失去覆盖"),
        "before_edits": _("设施的人数是方案之前的。"),
        "added": _("新设施"),
        "steps": {
            "read": _("读取数据"),
            "read roads": _("读取道路"),
            "compile": _("生成路网"),
            "snap": _("接入路网"),
            "nearest": _("寻找最近设施"),
            "catchments": _("计算服务范围"),
            "write": _("保存结果"),
        },
        "states": {state.value: state.label(locale) for state in RunState},
        "point_states": {state.value: state.label(locale) for state in PointState},
        "kinds": {kind.value: kind.label(locale) for kind in FacilityKind},
        "demand": _("人数"),
        "covered": _("覆盖"),
        "gap": _("缺口"),
        "unreachable": _("其中不可达"),
        "unsnapped": _("其中未入网"),
        "facilities": _("设施数"),
        "drag": _("拖动地图上的设施，或新增一处，看覆盖怎样变化。"),
        "people": _("人"),
        "off_road": _("附近没有道路，没有人能到"),
        "offline": _("连不上服务，页面会自己再试；方案仍保留在页面上，数字还是之前的。"),
        "close": _("关闭"),
        "point": _("人口点"),
        "state": _("状态"),
        "minutes": _("分钟数"),
        "nearest": _("最近设施"),
        "group": _("人数（{group}）"),
        "lives": _("住在这里"),
        "groups": {"all": _("全部"), "male": _("男"), "female": _("女")},
        "age_from": _("{from} 岁及以上"),
        "age_between": _("{from}–{to} 岁"),
        "way": _("路程"),
        "by_road": _("经过"),
        "unnamed_road": _("无名道路"),
        "remove": _("移除"),
        "kind": _("类型"),
        "nearest_for": _("以它为最近的人数"),
        "within_reach": _("时限内能到它的人数"),
        "close_facility": _("试关闭"),
        "put_back": _("恢复原状"),
        "move_here": _("移到地图中心"),
        "sign_in": _("登录"),
        "way_after": _("后可以看路程和经过的道路"),
        "try_after": _("后可以拖动设施、试算方案"),
        "no_way": _("没有试算的权限，不能算路程"),
        "no_try": _("没有试算的权限，不能试算方案"),
        "no_edits": _("地址里有 {count} 处修改，没有计入：试算方案须登录并有权限。"),
        "click_map": _("请在地图上点选位置"),
        "chart_about": _("柱：每一分钟的人数；线：累计占比。{minutes} 分钟内 {share}。"),
        "minutes_axis": _("到最近设施的分钟数"),
        "threshold": _("时限"),
        "edits": {"move": _("移动"), "close": _("关闭"), "add": _("新增")},
        "code": _("代码"),
        "formats": {"docx": _("报告 DOCX"), "png": _("地图 PNG")},
        "waiting": _("连不上服务，正在重试；分析在服务端继续"),
        "no_run": _("没有这次分析：地址可能不完整，或来自别的登记系统。"),
        "lost_edits": _("地址里有 {count} 处修改读不出来，没有计入：数字可能与发来的人看到的不同。"),
        "scenario": _("方案"),
        "comma": _("、"),
        "colon": _("："),
        "no_zones": _("结果里没有区划：登记系统还没有人口所在的区划，总数照常。"),
        "none_match": _("没有名称或代码相符的区划。"),
        "so_many": _("显示 {all} 个中的 {shown} 个"),
        "so_many_minutes": _("{minutes} 分钟"),
        "seconds": _("{seconds} 秒"),
        "legend": _("到最近设施的分钟数"),
        "record": _("登记内容"),
        "synthetic": _("示例数据"),
        "language": "en" if locale == EN else "zh",
    }
