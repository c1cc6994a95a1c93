"""A style for MapLibre (style specification 8) over our own layers: quiet, so that what is asked about stands out.

It needs no server for glyphs or images. `glyphs` is left out, so MapLibre draws every letter from the fonts of the
reader's machine (the page may choose them by `localIdeographFontFamily`), and `text-font` with it: there are no font
stacks to choose from. Facilities are circles with a letter in them instead of images of a sprite.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from geo_registry.vocabulary import DivisionLevel, FacilityKind, PositionQuality
from tiles.layers import LEVEL_FROM_ZOOM

Json = dict[str, Any]

BASE = "divisions,division-labels,roads"
"""What lies under everything; one tile holds all three."""


class Theme(StrEnum):
    """What surrounds the map."""

    LIGHT = "light"
    DARK = "dark"


class Family(StrEnum):
    """Kinds of facility that share a colour."""

    CARE = "care"
    BURIAL = "burial"
    MARRIAGE = "marriage"
    CHILDREN = "children"
    RELIEF = "relief"
    COMMUNITY = "community"


@dataclass(frozen=True, slots=True)
class Mark:
    """How one kind of facility is marked: its family's colour, and a letter, so that colour alone says nothing."""

    family: Family
    zh: str
    en: str


MARKS: Mapping[FacilityKind, Mark] = {
    FacilityKind.CARE_INSTITUTION: Mark(Family.CARE, "养", "C"),
    FacilityKind.HOME_CARE_CENTRE: Mark(Family.CARE, "居", "H"),
    FacilityKind.MEAL_POINT: Mark(Family.CARE, "餐", "M"),
    FacilityKind.CEMETERY: Mark(Family.BURIAL, "墓", "G"),
    FacilityKind.COLUMBARIUM: Mark(Family.BURIAL, "骨", "U"),
    FacilityKind.FUNERAL_HOME: Mark(Family.BURIAL, "殡", "F"),
    FacilityKind.MARRIAGE_HALL: Mark(Family.MARRIAGE, "婚", "W"),
    FacilityKind.CHILD_WELFARE_HOME: Mark(Family.CHILDREN, "儿", "O"),
    FacilityKind.CHILD_PROTECTION_CENTRE: Mark(Family.CHILDREN, "护", "P"),
    FacilityKind.CHILD_PROTECTION_STATION: Mark(Family.CHILDREN, "未", "p"),
    FacilityKind.RESCUE_STATION: Mark(Family.RELIEF, "救", "R"),
    FacilityKind.ASSISTANCE_STATION: Mark(Family.RELIEF, "助", "A"),
    FacilityKind.REHABILITATION_POINT: Mark(Family.RELIEF, "康", "T"),
    FacilityKind.CHARITY_SHOP: Mark(Family.COMMUNITY, "慈", "S"),
    FacilityKind.INCUBATOR: Mark(Family.COMMUNITY, "孵", "I"),
    FacilityKind.SOCIAL_WORK_STATION: Mark(Family.COMMUNITY, "社", "L"),
}


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of one theme, by what they mean. Letters on families and text on land have a contrast of 4.5 or more."""

    land: str
    line: str
    """Boundaries."""
    text: str
    muted: str
    halo: str
    road: str
    main_road: str
    road_text: str
    cluster: str
    on_mark: str
    """What is written on a mark or a cluster."""
    families: Mapping[Family, str]


PALETTES: Mapping[Theme, Palette] = {
    Theme.LIGHT: Palette(
        land="#f6f5f1",
        line="#8d8a82",
        text="#33322e",
        muted="#6b6962",
        halo="#ffffff",
        road="#e1dfd8",
        main_road="#c9c6bc",
        road_text="#6b6962",
        cluster="#4a5560",
        on_mark="#ffffff",
        families={
            Family.CARE: "#1f6f5c",
            Family.BURIAL: "#5b5b6b",
            Family.MARRIAGE: "#b0303f",
            Family.CHILDREN: "#8a5a00",
            Family.RELIEF: "#2a5da8",
            Family.COMMUNITY: "#7a3f96",
        },
    ),
    Theme.DARK: Palette(
        land="#1c1e21",
        line="#6d727a",
        text="#e4e4e0",
        muted="#a3a6ab",
        halo="#121315",
        road="#2d3035",
        main_road="#43474e",
        road_text="#a3a6ab",
        cluster="#c3cad2",
        on_mark="#121315",
        families={
            Family.CARE: "#5fc3a8",
            Family.BURIAL: "#b4b4c6",
            Family.MARRIAGE: "#f08a94",
            Family.CHILDREN: "#e0ae52",
            Family.RELIEF: "#8ab4f0",
            Family.COMMUNITY: "#cf9fe4",
        },
    ),
}

LINE_WIDTH_PX: Mapping[DivisionLevel, float] = {
    DivisionLevel.PROVINCE: 1.6,
    DivisionLevel.CITY: 1.2,
    DivisionLevel.COUNTY: 0.8,
    DivisionLevel.TOWNSHIP: 0.5,
    DivisionLevel.VILLAGE: 0.4,
}

TEXT_SIZE_PX: Mapping[DivisionLevel, int] = {
    DivisionLevel.PROVINCE: 18,
    DivisionLevel.CITY: 16,
    DivisionLevel.COUNTY: 14,
    DivisionLevel.TOWNSHIP: 13,
    DivisionLevel.VILLAGE: 12,
}


@dataclass(frozen=True, slots=True)
class RoadClass:
    """Roads that are drawn alike: OSM's class words, and how wide a line is in zoom 10 and in zoom 18."""

    key: str
    words: Sequence[str]
    width_px: tuple[float, float]
    main: bool = False


ROAD_CLASSES = (
    RoadClass("paths", ("footway", "path", "steps", "track", "bridleway", "cycleway", "pedestrian"), (0.3, 3)),
    RoadClass("streets", ("service", "living_street", "residential", "unclassified", "road"), (0.4, 10)),
    RoadClass("tertiary", ("tertiary", "tertiary_link"), (0.8, 14)),
    RoadClass("secondary", ("secondary", "secondary_link"), (1.2, 18), main=True),
    RoadClass("primary", ("primary", "primary_link"), (1.6, 20), main=True),
    RoadClass("motorways", ("motorway", "motorway_link", "trunk", "trunk_link"), (2.2, 24), main=True),
)
"""From the least to the most important, which is drawn last."""

CIRCLE_PX = 10
"""Half the width of a facility's mark; a cluster's grows with its count."""

COUNT_PADDING_PX = 10
LETTER_PADDING_PX = 5
"""What a number or a letter keeps free around it: the circle that it stands in, so that no name is cut by one."""

STEPS_EM: Mapping[DivisionLevel, Sequence[float]] = {
    DivisionLevel.PROVINCE: (1.3, 2.1, 2.8),
    DivisionLevel.CITY: (1.3, 2.1, 2.8),
    DivisionLevel.COUNTY: (1.3, 2.1, 2.8),
    DivisionLevel.TOWNSHIP: (1.3, 2.1),
    DivisionLevel.VILLAGE: (1.3,),
}
"""How far from its point a division's name may stand where something lies on it: large ones reach further."""

SYNTHETIC = {"zh": "示例数据", "en": "example data"}


def style(base_url: str, *, theme: Theme, locale: str) -> Json:
    """The style, its tiles below `base_url`, its words in the language of `locale`; names are as they are registered."""
    palette = PALETTES[theme]
    language = "en" if locale.startswith("en") else "zh"
    lang = f"?lang={locale}"
    return {
        "version": 8,
        "name": {"zh": "登记系统底图", "en": "The registry's map"}[language],
        "metadata": {"theme": theme.value, "locale": locale},
        "sources": {
            "base": {"type": "vector", "url": f"{base_url}/tiles/{BASE}.json{lang}"},
            "facilities": {"type": "vector", "url": f"{base_url}/tiles/facilities.json{lang}"},
        },
        "layers": [
            {"id": "land", "type": "background", "paint": {"background-color": palette.land}},
            *_roads(palette),
            *_boundaries(palette),
            _division_points(palette),
            _road_names(palette),
            *_names(palette),
            _facility_names(palette, language),
            *_clusters(palette),
            *_facilities(palette, language),
        ],
    }


def _layer(key: str, kind: str, source_layer: str, **rest: Any) -> Json:
    source = "facilities" if source_layer == "facilities" else "base"
    return {"id": key, "type": kind, "source": source, "source-layer": source_layer, **rest}


def _roads(palette: Palette) -> list[Json]:
    return [
        _layer(
            f"roads-{each.key}",
            "line",
            "roads",
            filter=["in", ["get", "highway"], ["literal", list(each.words)]],
            layout={"line-cap": "round", "line-join": "round"},
            paint={
                "line-color": palette.main_road if each.main else palette.road,
                "line-width": [
                    "interpolate",
                    ["exponential", 1.5],
                    ["zoom"],
                    5,
                    0.4,
                    10,
                    each.width_px[0],
                    18,
                    each.width_px[1],
                ],
                **({"line-dasharray": [2, 1.5]} if each.key == "paths" else {}),
            },
        )
        for each in ROAD_CLASSES
    ]


def _boundaries(palette: Palette) -> list[Json]:
    """Hairlines; the higher level lies over the lower one that it coincides with."""
    return [
        _layer(
            f"divisions-{level.value}",
            "line",
            "divisions",
            minzoom=LEVEL_FROM_ZOOM[level],
            filter=["all", ["==", ["geometry-type"], "Polygon"], ["==", ["get", "level"], level.value]],
            paint={
                "line-color": palette.line,
                "line-width": LINE_WIDTH_PX[level],
                **({"line-dasharray": [3, 2]} if level is DivisionLevel.VILLAGE else {}),
            },
        )
        for level in reversed(DivisionLevel)
    ]


def _division_points(palette: Palette) -> Json:
    return _layer(
        "divisions-points",
        "circle",
        "divisions",
        filter=["==", ["geometry-type"], "Point"],
        paint={"circle-radius": 2, "circle-color": palette.muted},
    )


def _road_names(palette: Palette) -> Json:
    return _layer(
        "roads-names",
        "symbol",
        "roads",
        minzoom=13,
        filter=["has", "name"],
        layout={"symbol-placement": "line", "text-field": ["get", "name"], "text-size": 11, "text-padding": 20},
        paint={"text-color": palette.road_text, "text-halo-color": palette.halo, "text-halo-width": 1.2},
    )


def _names(palette: Palette) -> list[Json]:
    """One layer a level, the lowest first: what is drawn last takes its place first."""
    return [
        _layer(
            f"names-{level.value}",
            "symbol",
            "division-labels",
            minzoom=LEVEL_FROM_ZOOM[level],
            filter=["==", ["get", "level"], level.value],
            layout={
                "text-field": ["get", "name"],
                "text-size": TEXT_SIZE_PX[level],
                "text-letter-spacing": 0.05,
                "text-padding": 4,
                "text-max-width": 8,
                "text-variable-anchor-offset": _aside(STEPS_EM[level]),
            },
            paint={
                "text-color": palette.muted if level is DivisionLevel.VILLAGE else palette.text,
                "text-halo-color": palette.halo,
                "text-halo-width": 1.6,
            },
        )
        for level in reversed(DivisionLevel)
    ]


def _aside(steps_em: Sequence[float]) -> list[Any]:
    """On the point, else above, below, across, beside it, ever further out: where a name may stand."""
    sides = (
        *(("bottom", 0, -1), ("top", 0, 1)),
        *(("bottom-left", 0.7, -0.7), ("bottom-right", -0.7, -0.7), ("top-left", 0.7, 0.7), ("top-right", -0.7, 0.7)),
        *(("left", 1, 0), ("right", -1, 0)),
    )
    places = [(anchor, [round(east * em, 2), round(south * em, 2)]) for em in steps_em for anchor, east, south in sides]
    return ["center", [0, 0], *(part for place in places for part in place)]


_ALONE = ["==", ["get", "count"], 1]


def _facility_names(palette: Palette, language: str) -> Json:
    """From close by, under the mark; the marks come first, so that no name lies on another's."""
    synthetic = ["==", ["get", "quality"], PositionQuality.SYNTHETIC.value]
    return _layer(
        "facilities-names",
        "symbol",
        "facilities",
        minzoom=13,
        filter=_ALONE,
        layout={
            "text-field": ["case", synthetic, ["concat", ["get", "name"], "\n", SYNTHETIC[language]], ["get", "name"]],
            "text-size": 12,
            "text-variable-anchor-offset": ["top", [0, 1.3], "bottom", [0, -1.3], "left", [1.3, 0], "right", [-1.3, 0]],
            "text-justify": "auto",
            "text-max-width": 9,
        },
        paint={"text-color": palette.text, "text-halo-color": palette.halo, "text-halo-width": 1.6},
    )


def _clusters(palette: Palette) -> list[Json]:
    several = [">", ["get", "count"], 1]
    return [
        _layer(
            "facilities-clusters",
            "circle",
            "facilities",
            filter=several,
            paint={
                "circle-color": palette.cluster,
                "circle-opacity": 0.85,
                "circle-radius": ["interpolate", ["linear"], ["log10", ["get", "count"]], 0, CIRCLE_PX, 4, 26],
            },
        ),
        _layer(
            "facilities-counts",
            "symbol",
            "facilities",
            filter=several,
            layout={
                "text-field": ["to-string", ["get", "count"]],
                "text-size": 12,
                "text-allow-overlap": True,
                "text-padding": COUNT_PADDING_PX,
            },
            paint={"text-color": palette.on_mark},
        ),
    ]


def _facilities(palette: Palette, language: str) -> list[Json]:
    """A full circle where it is open, an empty one where not; a letter for the kind."""
    is_open = ["==", ["get", "status"], "open"]
    colour = _by_kind({kind: palette.families[mark.family] for kind, mark in MARKS.items()}, palette.muted)
    letter = _by_kind({kind: mark.zh if language == "zh" else mark.en for kind, mark in MARKS.items()}, "·")
    return [
        _layer(
            "facilities-marks",
            "circle",
            "facilities",
            filter=_ALONE,
            paint={
                "circle-radius": CIRCLE_PX,
                "circle-color": ["case", is_open, colour, palette.halo],
                "circle-stroke-color": ["case", is_open, palette.halo, colour],
                "circle-stroke-width": 1.5,
            },
        ),
        _layer(
            "facilities-letters",
            "symbol",
            "facilities",
            filter=_ALONE,
            layout={
                "text-field": letter,
                "text-size": 12,
                "text-allow-overlap": True,
                "text-padding": LETTER_PADDING_PX,
            },
            paint={"text-color": ["case", is_open, palette.on_mark, colour]},
        ),
    ]


def _by_kind(values: Mapping[FacilityKind, str], otherwise: str) -> list[Any]:
    pairs = [part for kind, value in values.items() for part in (kind.value, value)]
    return ["match", ["get", "kind"], *pairs, otherwise]
