"""A run as one HTML file: a folium map with its libraries inlined, so that it opens with no internet."""

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import folium
from branca.element import Element, Figure

from geo_registry.errors import PageLibrariesMissing
from geo_registry.figures import given, minutes, percent, whole
from geo_registry.settings import CHECKOUT
from geo_registry.vocabulary import FacilityKind, PointState

VENDOR = CHECKOUT / "api" / "web" / "static" / "vendor"
"""Where the set-up copies the pages' libraries to; `vendor.json` lists them with their hashes."""

Feature = Mapping[str, object]

TRUE_DECIMALS = 6
"""Of minutes, which are a whole cost by a speed: what comes after them is the arithmetic's, not the way's."""

MINUTE_CLASSES = (5.0, 10.0, 15.0, 20.0, 30.0)
"""Upper ends of the classes, in minutes, inclusive; one more holds what takes longer."""

MINUTE_BANDS = (
    f"≤ {MINUTE_CLASSES[0]:g}",
    *(f"{low:g}–{high:g}" for low, high in pairwise(MINUTE_CLASSES)),
    f"> {MINUTE_CLASSES[-1]:g}",
)
"""The classes as legends name them: each says whom it holds, and not who else has it nearer."""

MINUTE_COLOURS = ("#fde725", "#7ad151", "#22a884", "#2a788e", "#414487", "#440154")
"""Viridis, from near to far: safe for colour-blind eyes, and its order survives in grey."""

NEAR_OUTLINE = "#5f5f5f"
"""Around the covered, so that the lightest colour stands out from a light ground."""

UNCOVERED_COLOUR = "#d7301f"
UNCOVERED_FILLS = {
    PointState.BEYOND: UNCOVERED_COLOUR,
    PointState.UNREACHABLE: "#ffffff",
    PointState.UNSNAPPED: "#f4b9b1",
}
"""One strong colour for all who aren't covered; how it is filled tells why, so that it isn't colour alone."""
FACILITY_COLOUR = "#111111"
ROAD_COLOUR = "#c9c9c9"
ZONE_COLOUR = "#7a7a7a"

RADII = ((50, 3), (200, 4), (500, 5), (1_000, 6))
"""People up to which a point gets a radius, in pixels; more get `LARGEST_RADIUS`."""
LARGEST_RADIUS = 7

LOCALE = "zh-CN"
"""The map is in both languages; where signs differ, they are these."""

PEOPLE_TOLD = ("demand", "covered", "nearest_for", "within_reach")
"""What a tooltip tells of people."""

STATE_WORDS = {state.value: f"{state.zh} {state.en}" for state in PointState}


@dataclass(frozen=True, slots=True)
class MapInput:
    """What the map shows. Features are GeoJSON, in longitude and latitude; `summary` is lines of (item, value)."""

    title_zh: str
    title_en: str
    minutes: float
    share: float | None
    summary: Sequence[tuple[str, str]]
    roads: Sequence[Feature]
    zones: Sequence[Feature]
    facilities: Sequence[Feature]
    points: Sequence[Feature]
    synthetic: bool
    credits: str = ""
    drawn_together: bool = False


def write_map(shown: MapInput, path: Path) -> None:
    """Write the map to `path`.

    Raises
    ------
    PageLibrariesMissing
        The set-up hasn't copied Leaflet.
    """
    page = ground()
    _add_layers(page, shown)
    title = f"{shown.title_zh} {shown.title_en}"
    path.write_text(self_contained(page, title=title, body=_legend(shown)), encoding="utf-8")


def ground() -> folium.Map:
    """An empty map, without a basemap from elsewhere."""
    return folium.Map(tiles=None, prefer_canvas=True, control_scale=True, attributionControl=False, zoomSnap=0.25)


def self_contained(page: folium.Map, *, title: str, body: str = "") -> str:
    """A folium map as one HTML document that opens with no internet: Leaflet is in it.

    Only what Leaflet itself draws works: lines, areas, circle markers, tooltips, popups, the control of layers.

    Parameters
    ----------
    page
        The map, as `ground` makes it; it can be made into a document once.
    title
        The document's title, as text.
    body
        What stands beside the map, as HTML.

    Raises
    ------
    PageLibrariesMissing
        The set-up hasn't copied Leaflet.
    """
    leaflet_js, leaflet_css = _leaflet()
    # folium would load these from other hosts; what maps use of them is inlined.
    page.default_js, page.default_css = [], []
    figure = Figure(title=html.escape(title))
    figure.add_child(page)
    figure.header.add_child(Element(f"<style>{leaflet_css}</style>"), name="leaflet_css")
    figure.header.add_child(Element(f"<script>{leaflet_js}</script>"), name="leaflet_js")
    figure.header.add_child(Element(f"<style>{STYLE}</style>"), name="style")
    figure.html.add_child(Element(body), name="body")
    return str(figure.render()).replace("<html>", '<html lang="zh-CN">', 1)


def _leaflet() -> tuple[str, str]:
    """Leaflet's script and style sheet; the sheet's pictures are dropped, since nothing here shows one."""
    folders = sorted(VENDOR.glob("leaflet-*"))
    if not folders:
        raise PageLibrariesMissing(path=VENDOR)
    script = (folders[-1] / "leaflet.js").read_text(encoding="utf-8")
    sheet = (folders[-1] / "leaflet.css").read_text(encoding="utf-8")
    script = re.sub(r"//# sourceMappingURL=\S*", "", script).replace("</script", "<\\/script")
    return script, re.sub(r"url\([^)]*\)", "none", sheet)


def _add_layers(page: folium.Map, shown: MapInput) -> None:
    if shown.roads:
        _lines(shown.roads, "道路 roads", ROAD_COLOUR, 1).add_to(page)
    if shown.zones:
        zones = folium.GeoJson(
            _collection([_told(zone) for zone in shown.zones]),
            name="区划 divisions",
            style_function=lambda _: {"color": ZONE_COLOUR, "weight": 1, "fillOpacity": 0},
            tooltip=_tooltip(
                ("name", "demand", "covered", "share"), ("区划 division", "人数 people", "覆盖 covered", "覆盖率 share")
            ),
        )
        zones.add_to(page)
    for each in point_classes(shown.points):
        _points(each).add_to(page)
    if shown.facilities:
        _facilities(shown.facilities).add_to(page)
    folium.LayerControl(collapsed=False).add_to(page)
    # Facilities everywhere serve the people of one county: those that are nobody's nearest don't draw the map out.
    near = [one for one in shown.facilities if float(_properties(one)["nearest_for"]) > 0]
    bounds = _bounds([*shown.points, *near] or shown.facilities)
    if bounds:
        page.fit_bounds(bounds, padding=(20, 20))


@dataclass(frozen=True, slots=True)
class PointClass:
    """Points that the map draws alike, and how: outline and fill, CSS colours."""

    label: str
    outline: str
    fill: str
    features: list[Feature]

    @property
    def people(self) -> float:
        """Everybody at these points."""
        return sum(float(_properties(feature)["demand"]) for feature in self.features)


def _properties(feature: Feature) -> Mapping[str, Any]:
    properties = feature["properties"]
    assert isinstance(properties, Mapping)
    return properties


def point_classes(points: Sequence[Feature]) -> list[PointClass]:
    """Points by what the map shows of them: minutes where covered, the reason where not.

    Returns
    -------
    list of PointClass
        In the legend's order, without empty classes.
    """
    ends = (*MINUTE_CLASSES, float("inf"))
    near = [
        PointClass(f"{band} min", NEAR_OUTLINE, colour, [])
        for band, colour in zip(MINUTE_BANDS, MINUTE_COLOURS, strict=True)
    ]
    far = {
        state.value: PointClass(f"{state.zh} {state.en}", UNCOVERED_COLOUR, fill, [])
        for state, fill in UNCOVERED_FILLS.items()
    }
    for point in points:
        properties = _properties(point)
        taken = properties["minutes"]
        if properties["state"] == PointState.COVERED.value and isinstance(taken, float):
            near[next(at for at, end in enumerate(ends) if round(taken, TRUE_DECIMALS) <= end)].features.append(point)
        else:
            far[str(properties["state"])].features.append(point)
    return [each for each in (*near, *far.values()) if each.features]


def _radius(people: float) -> int:
    return next((radius for upto, radius in RADII if people <= upto), LARGEST_RADIUS)


def _points(shown: PointClass) -> folium.GeoJson:
    def style(feature: Feature) -> dict[str, object]:
        properties = _properties(feature)
        return {"radius": properties["radius"], "color": shown.outline, "fillColor": shown.fill}

    words = [
        {"type": "Feature", "geometry": feature["geometry"], "properties": _worded(feature)}
        for feature in shown.features
    ]
    return folium.GeoJson(
        _collection(words),
        name=html.escape(shown.label),
        marker=folium.CircleMarker(radius=3, weight=1, fill=True, fill_opacity=0.85),
        style_function=style,
        tooltip=_tooltip(
            ("source_id", "demand", "state", "minutes"), ("人口点 point", "人数 people", "状态 state", "分钟 minutes")
        ),
    )


def _worded(feature: Feature) -> dict[str, object]:
    properties = _properties(feature)
    return {
        "source_id": html.escape(str(properties["source_id"])),
        "radius": _radius(float(properties["demand"])),
        "demand": whole(properties["demand"]),
        "state": STATE_WORDS[str(properties["state"])],
        "minutes": minutes(properties["minutes"]),
    }


def _told(feature: Feature) -> Feature:
    """A zone or a facility as a tooltip tells of it: its name as text, not as markup; words and figures for readers."""
    told = {**_properties(feature)}
    told |= {key: whole(told[key]) for key in PEOPLE_TOLD if key in told}
    told["name"] = html.escape(str(told["name"]))
    if "kind" in told:
        kind = FacilityKind.of(str(told["kind"]))
        told["kind"] = f"{kind.zh} {kind.en}"
    if "share" in told:
        told["share"] = percent(told["share"], LOCALE)
    return {**feature, "properties": told}


def _facilities(features: Sequence[Feature]) -> folium.GeoJson:
    return folium.GeoJson(
        _collection([_told(feature) for feature in features]),
        name="设施 facilities",
        marker=folium.CircleMarker(radius=7, weight=2.5, color=FACILITY_COLOUR, fill=True, fill_opacity=0),
        tooltip=_tooltip(
            ("name", "kind", "nearest_for", "within_reach"),
            ("设施 facility", "类别 kind", "就近人数 nearest for", "可达人数 within reach"),
        ),
    )


def _lines(features: Sequence[Feature], name: str, colour: str, weight: float) -> folium.GeoJson:
    return folium.GeoJson(
        _collection(features), name=name, style_function=lambda _: {"color": colour, "weight": weight}
    )


def _tooltip(fields: Sequence[str], aliases: Sequence[str]) -> folium.GeoJsonTooltip:
    return folium.GeoJsonTooltip(fields=list(fields), aliases=list(aliases))


def _collection(features: Sequence[Feature]) -> dict[str, object]:
    return {"type": "FeatureCollection", "features": list(features)}


def _bounds(points: Sequence[Feature]) -> list[list[float]] | None:
    positions = []
    for point in points:
        geometry = point["geometry"]
        assert isinstance(geometry, Mapping)
        positions.append(geometry["coordinates"])
    if not positions:
        return None
    lon, lat = [position[0] for position in positions], [position[1] for position in positions]
    return [[min(lat), min(lon)], [max(lat), max(lon)]]


def _legend(shown: MapInput) -> str:
    rows = "".join(
        f"<tr><th>{html.escape(item)}</th><td>{html.escape(value)}</td></tr>" for item, value in shown.summary
    )
    swatches = "".join(
        f'<li><i style="background:{each.fill};border-color:{each.outline}"></i>'
        f"{html.escape(each.label)} · {whole(each.people)} 人 people</li>"
        for each in point_classes(shown.points)
    )
    together = (
        "<p><small>相邻的点合并显示 points that lie together are drawn as one</small></p>"
        if shown.drawn_together
        else ""
    )
    synthetic = '<p class="synthetic">示例数据 synthetic example data</p>' if shown.synthetic else ""
    return (
        f'<section id="legend"><h1>{html.escape(shown.title_zh)}</h1><p>{html.escape(shown.title_en)}</p>{synthetic}'
        f'<p class="share">{percent(shown.share, LOCALE)} <small>≤ {given(shown.minutes)} min</small></p>'
        f'<ul>{swatches}<li><i class="facility"></i>设施 facilities · {whole(len(shown.facilities))}</li></ul>'
        f"{together}<p><small>{html.escape(shown.credits)}</small></p>"
        f"<details><summary>口径与来源 basis and sources</summary><table>{rows}</table></details></section>"
    )


STYLE = """
body { font: 14px/1.6 "PingFang SC", "Noto Sans CJK SC", "Microsoft YaHei", system-ui, sans-serif; }
.leaflet-container { background: #fafafa; font: inherit; }
#legend { position: absolute; z-index: 1000; left: 56px; top: 10px; max-width: min(340px, calc(100vw - 76px));
  max-height: calc(100vh - 60px); overflow: auto; background: #fffffff2; border: 1px solid #bbb; padding: 8px 12px; }
#legend h1 { font-size: 16px; margin: 0; } #legend p { margin: 0; } #legend ul { list-style: none; margin: 4px 0; padding: 0; }
#legend i { display: inline-block; box-sizing: border-box; width: 12px; height: 12px; border-radius: 6px;
  border: 1.5px solid; margin-right: 8px; vertical-align: -1px; }
#legend i.facility { border: 2.5px solid #111; }
.leaflet-control-layers { font-size: 13px; line-height: 1.5; }
#legend .share { font-size: 22px; font-variant-numeric: tabular-nums; } #legend small { font-size: 14px; color: #555; }
#legend .synthetic { color: #a00; font-weight: bold; }
#legend th { text-align: left; font-weight: normal; color: #555; padding-right: 8px; vertical-align: top; }
#legend td { font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
@media (max-width: 640px) {
  .folium-map { height: 62vh !important; }
  #legend { top: 62vh; bottom: 0; left: 0; right: 0; max-width: none; max-height: none; border-width: 1px 0 0; font-size: 13px; }
  .leaflet-control-layers, .leaflet-control-scale { display: none; }
}
"""
