"""What only some classes of places have: the fields of `place.detail`, and what they may hold. Values in, values out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from geo_registry.vocabulary import PlaceClass


class DetailType(StrEnum):
    """What a field holds."""

    TEXT = "text"
    METRES = "metres"
    SQUARE_METRES = "square-metres"
    DATE = "date"
    """As `periods.Dated` takes it."""


@dataclass(frozen=True, slots=True)
class PlaceField:
    """A field of `place.detail`: for which classes, and how it is called. Without classes it is for all."""

    key: str
    type: DetailType
    zh: str
    en: str
    classes: frozenset[PlaceClass] = frozenset()


_WAYS = frozenset({PlaceClass.STREET, PlaceClass.ROAD, PlaceClass.BRIDGE, PlaceClass.TUNNEL, PlaceClass.RAILWAY})
_COURSES = _WAYS | {PlaceClass.RIVER, PlaceClass.CANAL, PlaceClass.DYKE}
_BUILT = _COURSES | {
    PlaceClass.RESIDENTIAL_AREA,
    PlaceClass.BUILDING,
    PlaceClass.STATION,
    PlaceClass.PARK,
    PlaceClass.RESERVOIR,
}
_AREAS = frozenset(
    {
        PlaceClass.RESIDENTIAL_AREA,
        PlaceClass.BUILDING,
        PlaceClass.PARK,
        PlaceClass.RESERVE,
        PlaceClass.SCENIC_AREA,
        PlaceClass.LAKE,
        PlaceClass.RESERVOIR,
        PlaceClass.ISLAND,
    }
)

FIELDS = (
    PlaceField("grade", DetailType.TEXT, "等级", "grade", _WAYS),
    PlaceField("direction", DetailType.TEXT, "走向", "direction", _COURSES),
    PlaceField("begins_at", DetailType.TEXT, "起点", "begins at", _COURSES),
    PlaceField("ends_at", DetailType.TEXT, "止点", "ends at", _COURSES),
    PlaceField("length_m", DetailType.METRES, "长度（米）", "length, m", _COURSES),
    PlaceField("width_m", DetailType.METRES, "宽度（米）", "width, m", _COURSES),
    PlaceField("surface", DetailType.TEXT, "路面", "surface", _WAYS),
    PlaceField("built_from", DetailType.DATE, "始建", "building began", _BUILT),
    PlaceField("built_to", DetailType.DATE, "建成", "built", _BUILT),
    PlaceField("area_m2", DetailType.SQUARE_METRES, "面积（平方米）", "area, m²", _AREAS),
    PlaceField("elevation_m", DetailType.METRES, "海拔（米）", "elevation, m", frozenset({PlaceClass.MOUNTAIN})),
    PlaceField("description", DetailType.TEXT, "地理实体概况", "description"),
)
BY_KEY: Mapping[str, PlaceField] = {field.key: field for field in FIELDS}

VALUES_EN: Mapping[str, str] = {
    "快速路": "expressway",
    "主干路": "arterial road",
    "次干路": "secondary arterial road",
    "支路": "local street",
    "巷弄": "lane",
    "东西走向": "east–west",
    "南北走向": "north–south",
    "东西": "east–west",
    "南北": "north–south",
    "沥青": "asphalt",
    "水泥": "concrete",
    "混凝土": "concrete",
    "水泥混凝土": "concrete",
    "石板": "flagstones",
    "砂石": "gravel",
    "土路": "earth",
}
"""The usual words of notices and cards for grades (GB/T 51328's classes of urban roads), directions and surfaces, in English."""


def value_label(value: str, locale: str) -> str:
    """A value of a field of text, in the language of `locale` where it is one of the usual words, else as it was written."""
    return VALUES_EN.get(value, value) if locale.startswith("en") else value


MOST_TEXT = 4_000
MOST_NUMBER = 10_000_000_000


def fields_of(place_class: PlaceClass) -> tuple[PlaceField, ...]:
    """The fields that places of a class may have, in the order in which they are shown."""
    return tuple(field for field in FIELDS if not field.classes or place_class in field.classes)


@dataclass(frozen=True, slots=True)
class Breach:
    """What is wrong with a field, and why in both languages."""

    field: str
    zh: str
    en: str


def breaches(place_class: PlaceClass, detail: Mapping[str, object]) -> Iterator[Breach]:
    """What is wrong with the details of a place of that class; nothing where they are sound."""
    for key, value in detail.items():
        field = BY_KEY.get(key)
        if field is None or (field.classes and place_class not in field.classes):
            yield Breach(key, f"{place_class.zh}没有这一项", f"a {place_class.en} has no such field")
        elif field.type in {DetailType.METRES, DetailType.SQUARE_METRES}:
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MOST_NUMBER:
                yield Breach(key, "应为不小于 0 的数", "not a number from 0 up")
        elif not isinstance(value, str) or not 0 < len(value) <= MOST_TEXT:
            yield Breach(key, f"应为 1 至 {MOST_TEXT} 个字符的文字", f"not a text of 1 to {MOST_TEXT} characters")
