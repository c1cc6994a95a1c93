"""What the pages say, in both languages; the same thing has the same word on page, command line, API and docs."""

from collections.abc import Mapping
from types import MappingProxyType

from api.languages import EN, ZH

Words = Mapping[str, str]

_BOTH: Mapping[str, tuple[str, str]] = {
    "title": ("地名与民政设施登记系统", "Place names and civil-affairs facilities"),
    "about": (
        "登记地名、公墓、养老服务设施和婚姻登记机关，提供 GIS 接口，分析服务缺口。目前仅供本机使用；地图与登录尚未提供。",
        "A registry of place names, cemeteries, care facilities and marriage halls, with a GIS API and the analysis of service gaps. For now it serves this machine only; the map and sign-in are still to come.",
    ),
    "skip": ("跳到正文", "Skip to the content"),
    "holds": ("登记数据", "What it holds"),
    "division": ("行政区划", "divisions"),
    "place": ("地名", "places"),
    "facility": ("设施", "facilities"),
    "demand_point": ("人口点", "demand points"),
    "road_segment": ("路段", "road segments"),
    "dataset": ("数据集", "datasets"),
    "coverage_run": ("覆盖分析", "coverage runs"),
    "about_so_many": ("约 {rows:,}", "about {rows:,}"),
    "over_so_many": ("{rows:,} 以上", "over {rows:,}"),
    "empty": ("还没有数据。从导入开始：", "There is nothing yet. Begin with an import:"),
    "runs": ("最近的覆盖分析", "Latest coverage runs"),
    "no_runs": (
        "还没有覆盖分析。导入道路、人口和设施之后运行：",
        "None yet. Once roads, population and facilities are imported:",
    ),
    "everywhere": ("全部范围", "everywhere"),
    "zone": ("区划 {zone}", "division {zone}"),
    "share": ("覆盖率 {share:.1%}", "{share:.1%} covered"),
    "gap": ("缺口 {gap:,.0f} 人，共 {demand:,.0f} 人", "{gap:,.0f} people not covered, of {demand:,.0f}"),
    "nobody": ("没有人口", "nobody lives there"),
    "map": ("地图", "map"),
    "workbook": ("表格 XLSX", "workbook XLSX"),
    "record": ("记录 JSON", "record JSON"),
    "interfaces": ("接口", "Interfaces"),
    "docs": ("接口说明（可在页面上试用）", "The API's documentation, to try on the page"),
    "openapi": ("OpenAPI 描述文件", "Its description in OpenAPI"),
    "readyz": ("服务状态", "How the service stands"),
    "command_line": ("命令行", "Command line"),
    "other_language": ("English", "中文"),
    "docs_title": ("接口说明", "API documentation"),
    "docs_missing": (
        "没有找到 swagger-ui。运行 `make up` 或 `scripts/setup` 会把它复制到本机；描述文件在下面的地址。",
        "swagger-ui isn't there. `make up` or `scripts/setup` copies it to this machine; the description is at the address below.",
    ),
    "docs_script": ("这个页面需要脚本。描述文件：", "The page needs its script. The description:"),
}

WORDS: Mapping[str, Words] = {
    locale: MappingProxyType({key: both[at] for key, both in _BOTH.items()}) for at, locale in enumerate((ZH, EN))
}
"""By language, then by key; texts with braces are filled by the template."""
