"""The layers: what each shows, in which zooms, with which fields and parameters. Their SQL lies in `sql/`, a file each."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import Path

from geo_registry.errors import TileLayerUnknown
from geo_registry.vocabulary import DatasetKind, DivisionLevel
from tiles.grid import EXTENT, Tile
from tiles.sources import OneDataset, OnePopulation, OneRun, OwnTable, Source

SQL = Path(__file__).parent / "sql"

DETAIL_ZOOM = 14
"""From here on everything is drawn as itself: clients enlarge these tiles, whose units are 0.6 m at the equator."""

BUFFER = 64
"""Units around a tile in which lines, areas and names are kept: 8 pixels, more than the widest line's half."""

CLUSTER_CELLS = 8
"""Cells along a tile's side in which facilities are drawn together: 64 pixels, room for a circle with a number."""

DOT_CELLS = 64
"""Cells along a tile's side in which demand points are drawn together: 8 pixels, the size of a dot."""

SIMPLIFIED_TO_PX = 0.5
"""How far a generalised line may lie from the true one when it is drawn at its own zoom."""

LEVEL_FROM_ZOOM: Mapping[DivisionLevel, int] = {
    DivisionLevel.PROVINCE: 0,
    DivisionLevel.CITY: 4,
    DivisionLevel.COUNTY: 6,
    DivisionLevel.TOWNSHIP: 9,
    DivisionLevel.VILLAGE: 12,
}
"""The zoom in which a level's divisions become wide enough for a name (a village of 2 km: 50 pixels in zoom 12)."""

ROAD_FROM_ZOOM: Mapping[str, int] = {
    "motorway": 5,
    "trunk": 6,
    "primary": 7,
    "secondary": 9,
    "motorway_link": 10,
    "trunk_link": 10,
    "primary_link": 10,
    "secondary_link": 10,
    "tertiary": 11,
    "tertiary_link": 12,
    "unclassified": 12,
    "residential": 12,
}
"""OSM's class words by the zoom that they are drawn from; all others from `EVERY_ROAD_ZOOM`."""

EVERY_ROAD_ZOOM = 13


BOUND = re.compile(r"(?<![:\w]):(\w+)")
"""A name that is bound in SQL; a cast (`::text`) is none."""

SUBJECT = "subject"


class FieldKind(StrEnum):
    """What a field of a feature holds, as JSON Schema calls it."""

    STRING = "string"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a layer's features; a feature without it says nothing about it."""

    key: str
    kind: FieldKind
    zh: str
    en: str


class GeometryKind(StrEnum):
    """What a layer's features are."""

    POINT = "point"
    LINE = "line"
    POLYGON_OR_POINT = "polygon or point"


@dataclass(frozen=True, eq=False)
class Layer:
    """One layer of vector tiles.

    `buffer` is in units of the tile; rows are found and geometries are cut with the same one, or names and points would
    vanish at the edges of tiles. `of_zoom` makes the values of the SQL that depend on the tile alone.
    """

    key: str
    zh: str
    en: str
    geometry: GeometryKind
    minzoom: int
    fields: Sequence[Field]
    source: Source
    of_zoom: Callable[[Tile], Mapping[str, object]]
    parameters: frozenset[str] = frozenset()
    buffer: int = BUFFER

    def title(self, locale: str) -> str:
        """Its name for people, in the language of `locale`."""
        return self.en if locale.startswith("en") else self.zh

    @cached_property
    def sql(self) -> str:
        """Its named SQL: one row a feature, `geom` in units of the tile, `fid` the feature's id."""
        return (SQL / f"{self.key}.sql").read_text(encoding="utf-8")

    @cached_property
    def query(self) -> str:
        """The one query that makes any tile of the layer; all that differs between tiles is bound, `subject` among it."""
        said = "\n".join(line for line in self.sql.splitlines() if not line.startswith("--"))
        return f"SELECT ST_AsMVT(feature, '{self.key}', {EXTENT}, 'geom', 'fid') FROM (\n{said}\n) AS feature"

    @cached_property
    def bound(self) -> frozenset[str]:
        """The names of what is bound in `query`, but for the subject: the id of the dataset or run that is shown."""
        return frozenset(BOUND.findall(self.query)) - {SUBJECT}

    def query_with(self, suffix: str, *, subject: str) -> str:
        """`query` beside others in one statement: `suffix` after each bound name, the SQL `subject` for the subject."""
        return BOUND.sub(lambda name: subject if name[1] == SUBJECT else f":{name[1]}{suffix}", self.query)


def _levels(tile: Tile) -> Mapping[str, object]:
    shown = [level.value for level, zoom in LEVEL_FROM_ZOOM.items() if tile.z >= zoom]
    return {"levels": shown, "tolerance_m": SIMPLIFIED_TO_PX * tile.pixel_m}


def _levels_alone(tile: Tile) -> Mapping[str, object]:
    return {"levels": _levels(tile)["levels"]}


def _roads(tile: Tile) -> Mapping[str, object]:
    return {
        "highways": [word for word, zoom in ROAD_FROM_ZOOM.items() if tile.z >= zoom],
        "every_road": tile.z >= EVERY_ROAD_ZOOM,
        "tolerance_m": SIMPLIFIED_TO_PX * tile.pixel_m,
    }


def _cells(along_a_side: int) -> Callable[[Tile], Mapping[str, object]]:
    # Zoom by zoom the cells divide the tiles, so that no cell lies in two of them.
    return lambda tile: {"cell_m": tile.side_m / along_a_side, "apart": tile.z >= DETAIL_ZOOM}


ID = Field("id", FieldKind.STRING, "登记编号", "the record's id")
CODE = Field("code", FieldKind.STRING, "十二位区划代码", "the division's code of twelve digits")
NAME = Field("name", FieldKind.STRING, "名称", "name")
LEVEL = Field("level", FieldKind.STRING, "级别", "province, city, county, township or village")
QUALITY = Field(
    "quality",
    FieldKind.STRING,
    "位置质量",
    "how far the position can be trusted: surveyed, source, approximate or synthetic",
)
PEOPLE = Field("people", FieldKind.NUMBER, "人数", "people of the group")
POINTS = Field("points", FieldKind.INTEGER, "人口点数", "demand points drawn together")
SOURCE_ID = Field(
    "source_id", FieldKind.STRING, "来源编号，仅单个点有", "the point's id in its source; of one point alone"
)

LAYERS: Mapping[str, Layer] = {
    layer.key: layer
    for layer in (
        Layer(
            key="divisions",
            zh="行政区划",
            en="Divisions",
            geometry=GeometryKind.POLYGON_OR_POINT,
            minzoom=0,
            source=OwnTable("division", ("geom_3857", "label_3857"), kind=DatasetKind.DIVISIONS),
            of_zoom=_levels,
            parameters=frozenset({"vintage"}),
            fields=(
                ID,
                CODE,
                NAME,
                LEVEL,
                Field("vintage", FieldKind.INTEGER, "版本年份", "the year of the code list"),
                QUALITY,
            ),
        ),
        Layer(
            key="division-labels",
            zh="区划名称",
            en="Names of divisions",
            geometry=GeometryKind.POINT,
            minzoom=0,
            source=OwnTable("division", ("geom_3857", "label_3857"), kind=DatasetKind.DIVISIONS),
            of_zoom=_levels_alone,
            parameters=frozenset({"vintage"}),
            fields=(
                ID,
                CODE,
                NAME,
                LEVEL,
                Field("rank", FieldKind.INTEGER, "级别次序，1 为省级", "the level as a number, 1 for a province"),
            ),
        ),
        Layer(
            key="facilities",
            zh="设施",
            en="Facilities",
            geometry=GeometryKind.POINT,
            minzoom=0,
            source=OwnTable("facility", ("geom_3857",), kind=DatasetKind.FACILITIES),
            of_zoom=_cells(CLUSTER_CELLS),
            parameters=frozenset({"kind", "status"}),
            buffer=EXTENT // CLUSTER_CELLS,
            fields=(
                Field("count", FieldKind.INTEGER, "设施数，1 为单个设施", "facilities drawn together; 1 for one alone"),
                Field("open", FieldKind.INTEGER, "其中运营的", "how many of them are open"),
                Field("kind", FieldKind.STRING, "类型，相同时有", "their kind, if it is one"),
                Field("status", FieldKind.STRING, "状态，相同时有", "their status, if it is one"),
                Field("id", FieldKind.STRING, "登记编号，仅单个设施有", "the record's id; of one facility alone"),
                Field("name", FieldKind.STRING, "名称，仅单个设施有", "name; of one facility alone"),
                Field("capacity", FieldKind.INTEGER, "容量，仅单个设施有", "in its kind's unit; of one facility alone"),
                QUALITY,
            ),
        ),
        Layer(
            key="roads",
            zh="道路",
            en="Roads",
            geometry=GeometryKind.LINE,
            minzoom=min(ROAD_FROM_ZOOM.values()),
            source=OneDataset("road_segment", kind=DatasetKind.ROADS, parameter="roads"),
            of_zoom=_roads,
            parameters=frozenset({"roads"}),
            fields=(
                ID,
                Field("highway", FieldKind.STRING, "道路等级（OSM）", "OSM's class word"),
                NAME,
                Field(
                    "oneway",
                    FieldKind.INTEGER,
                    "单行：1 顺向，-1 逆向，0 双向",
                    "1 along the line, -1 against it, 0 both ways",
                ),
                Field("foot", FieldKind.BOOLEAN, "可步行", "open to people on foot"),
                Field("motor", FieldKind.BOOLEAN, "可驾车", "open to cars"),
            ),
        ),
        Layer(
            key="population",
            zh="人口",
            en="Population",
            geometry=GeometryKind.POINT,
            minzoom=0,
            source=OnePopulation("demand_point", kind=DatasetKind.POPULATION, parameter="population"),
            of_zoom=_cells(DOT_CELLS),
            parameters=frozenset({"population", "group"}),
            buffer=EXTENT // DOT_CELLS,
            fields=(PEOPLE, POINTS, SOURCE_ID),
        ),
        Layer(
            key="coverage",
            zh="覆盖分析结果",
            en="Answers of a coverage run",
            geometry=GeometryKind.POINT,
            minzoom=0,
            source=OneRun(),
            of_zoom=_cells(DOT_CELLS),
            parameters=frozenset({"run"}),
            buffer=EXTENT // DOT_CELLS,
            fields=(
                Field("state", FieldKind.STRING, "状态", "covered, beyond, unreachable or unsnapped"),
                PEOPLE,
                POINTS,
                Field(
                    "minutes",
                    FieldKind.NUMBER,
                    "到最近设施的分钟数（按人数平均，向上取到 0.1）",
                    "minutes to the nearest facility, the mean over the people, rounded up to a tenth",
                ),
                SOURCE_ID,
            ),
        ),
    )
}
"""By key, in the order that a map draws them, from below."""


def layers_called(keys: str) -> tuple[Layer, ...]:
    """The layers whose keys `keys` joins with commas, in that order.

    Raises
    ------
    TileLayerUnknown
        One isn't there, or is there twice.
    """
    asked = keys.split(",")
    for at, key in enumerate(asked):
        if key not in LAYERS or key in asked[:at]:
            raise TileLayerUnknown(layer=key, known=", ".join(LAYERS))
    return tuple(LAYERS[key] for key in asked)
