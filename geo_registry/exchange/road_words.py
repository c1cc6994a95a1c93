"""What layers of roads write, as OpenStreetMap's words: the class, the direction of travel, the highest speed."""

import re
from collections.abc import Mapping

from geo_registry.exchange.converters import RawValue, text
from geo_registry.exchange.problems import ProblemCode, Refused
from geo_registry.network.access import CLASS_ACCESS

CHINESE_CLASSES: Mapping[str, str] = {
    "高速公路": "motorway",
    "高速": "motorway",
    "快速路": "trunk",
    "城市快速路": "trunk",
    "国道": "trunk",
    "省道": "primary",
    "主干道": "primary",
    "主干路": "primary",
    "城市主干道": "primary",
    "县道": "secondary",
    "次干道": "secondary",
    "次干路": "secondary",
    "城市次干道": "secondary",
    "乡道": "tertiary",
    "支路": "tertiary",
    "城市支路": "tertiary",
    "村道": "unclassified",
    "街巷": "residential",
    "小区道路": "residential",
    "内部道路": "service",
    "机耕路": "track",
    "步行街": "pedestrian",
    "人行道": "footway",
    "人行道路": "footway",
    "步行道": "footway",
    "步道": "footway",
    "台阶": "steps",
    "小路": "path",
}
"""Classes of Chinese road layers (GB/T 51328, JTG B01) as OpenStreetMap's; a highway of the class, not its number."""

ONEWAY_WORDS: Mapping[str, str] = {
    **dict.fromkeys(("f", "ft", "from-to", "单向", "正向"), "yes"),
    **dict.fromkeys(("t", "tf", "to-from", "逆向", "反向"), "-1"),
    **dict.fromkeys(("b", "双向", "both"), "no"),
    **dict.fromkeys(("是", "y", "1.0"), "yes"),
    **dict.fromkeys(("否", "n", "0.0"), "no"),
}
"""What layers write for the direction of travel (Geofabrik's shapefiles: F, T, B); OpenStreetMap's words pass."""

_SPEED = re.compile(r"(\d{1,3})(?:\.0+)?\s*(km/h|kmh|公里/小时|公里|)")


def road_class(value: RawValue) -> str | None:
    """OpenStreetMap's word for a class of road, from itself or from its Chinese name."""
    said = text(value)
    if said is None:
        return None
    found = said if said in CLASS_ACCESS else CHINESE_CLASSES.get(said, said.lower())
    if found not in CLASS_ACCESS:
        raise Refused(ProblemCode.UNKNOWN_WORD, known=", ".join([*CLASS_ACCESS, *CHINESE_CLASSES]))
    return found


def oneway_word(value: RawValue) -> str | None:
    """OpenStreetMap's value of `oneway`, from itself or from what layers write."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    said = text(value)
    return None if said is None else ONEWAY_WORDS.get(said.lower(), said.lower())


def speed_word(value: RawValue) -> str | None:
    """OpenStreetMap's value of `maxspeed`: a number is in km/h; layers write 0 for none."""
    said = text(value)
    found = None if said is None else _SPEED.fullmatch(said)
    if found is None:
        return said
    return found.group(1) if int(found.group(1)) > 0 else None
