"""The families of classes whose names are written alike, and the generics that end them."""

import re
from collections.abc import Mapping
from functools import cache, lru_cache

from geo_registry.places.romanisation.numerals import ordinal
from geo_registry.places.romanisation.tables import Generic, generics, known_places
from geo_registry.vocabulary import PlaceClass

WAYS = frozenset({PlaceClass.STREET, PlaceClass.ROAD, PlaceClass.RAILWAY})
SETTLEMENTS = frozenset({PlaceClass.VILLAGE, PlaceClass.COMMITTEE_SEAT})
NATURE = frozenset(
    {
        PlaceClass.MOUNTAIN,
        PlaceClass.PLATEAU,
        PlaceClass.PLAIN,
        PlaceClass.VALLEY,
        PlaceClass.ISLAND,
        PlaceClass.ISLANDS,
        PlaceClass.PENINSULA,
        PlaceClass.BAY,
        PlaceClass.STRAIT,
        PlaceClass.SEA,
        PlaceClass.RIVER,
        PlaceClass.LAKE,
        PlaceClass.SPRING,
        PlaceClass.WATERFALL,
        PlaceClass.CANAL,
        PlaceClass.RESERVOIR,
        PlaceClass.DYKE,
    }
)
EVERY = frozenset(PlaceClass)
WORKS = EVERY - WAYS - SETTLEMENTS - NATURE - {PlaceClass.DIVISION, PlaceClass.OTHER}

DIRECTIONS = frozenset("东西南北")
OF_LANES = frozenset("东西南北中前后上下左右正直横纵斜新老小大")
TOGETHER = frozenset(
    [
        "东西",
        "南北",
        "东南",
        "东北",
        "西南",
        "西北",
        "上下",
        "前后",
        "内外",
        "大小",
        "左右",
        "新老",
        "县前",
        "县后",
        "府前",
        "府后",
        "衙前",
    ]
)
"""Two characters that are one word: 西南路 isn't the southern 西路, 老县前街 lies before the county's office."""
BETWEEN_POINTS = frozenset(["东南", "东北", "西南", "西北"])
"""Directions of two characters, which modify a generic together (大兴/西北路)."""
AFTER_NUMERALS = frozenset(["条", "道街", "环", "环路", "中", "小", "马路"])
"""Generics only after a numeral; 马路 also after one syllable that modifies it, 环路 after a longer name."""
AFTER_LONGER = frozenset(
    [
        "大路",
        "小路",
        "小街",
        "小巷",
        "支路",
        "支弄",
        "支巷",
        "支街",
        "林区",
        "矿区",
        "新区",
        "海湾",
        "海塘",
        "天池",
        "雪山",
        "火山",
        "山口",
        "大堤",
        "大坝",
        "温泉",
        "花园",
        "禅寺",
        "剧院",
        "新苑",
        "名苑",
        "景苑",
        "丽苑",
        "锦苑",
        "华苑",
        "豪苑",
        "名园",
        "嘉园",
        "佳园",
        "雅园",
    ]
)
"""Generics only after a direction or more than one syllable: 碑/林区 is 碑林/区, 渤/海湾 is 渤海/湾."""
LONGEST_GENERIC = 10


@cache
def of_classes(classes: frozenset[PlaceClass]) -> Mapping[str, Generic]:
    """The generics that names of some classes end with, by their characters."""
    return {text: generic for text, generic in generics().items() if not classes.isdisjoint(generic.classes)}


@lru_cache(maxsize=65_536)
def ending(text: str, classes: frozenset[PlaceClass], *, alone: bool = False) -> Generic | None:
    """The longest generic of some classes that a text ends with; `alone`: also one that is the whole text."""
    known = of_classes(classes)
    for start in range(max(0 if alone else 1, len(text) - LONGEST_GENERIC), len(text)):
        generic = known.get(text[start:])
        if generic is not None and _fits(text[:start], generic.text):
            return generic
    return None


def _fits(rest: str, generic: str) -> bool:
    """Whether such a generic can stand after that: some are one only after numerals or modifiers."""
    if generic in AFTER_NUMERALS:
        counted = ordinal(rest) is not None
        if generic == "马路":
            return counted or (len(rest) == 1 and rest in OF_LANES) or not rest
        return counted or (generic == "环路" and len(rest) > 1 and rest[-1] not in OF_LANES)
    return generic not in AFTER_LONGER or len(rest) != 1 or rest in DIRECTIONS


def stands_together(text: str) -> bool:
    """Whether the last two characters are one word; not where the first ends a known place (陕西/南)."""
    return text[-2:] in TOGETHER and text[:-1] not in known_places()


ESTATES_PART = re.compile(".+[苑园里村庄区寓][东西南北中]?[一二三四五六七八九十]+[区期]")
"""A residential area's part: 翠苑/一区, which is no division."""
ALONG = re.compile(".+大道[东西南北中]")
"""The part of an avenue that is told after its generic: 广州大道/中."""
FEATURES_FIRST = frozenset({"黄山", "西湖", "南湖"})
"""Short names of divisions that everybody takes for the feature."""


def suggested(text: str) -> PlaceClass:
    """The class that a name suggests: a known division, else what its generic is one of; OTHER where it has none."""
    if text in known_places() and text not in FEATURES_FIRST:
        return PlaceClass.DIVISION
    if ESTATES_PART.fullmatch(text):
        return PlaceClass.RESIDENTIAL_AREA
    if ALONG.fullmatch(text):
        return PlaceClass.STREET
    generic = ending(text, EVERY)
    if generic is None:
        return PlaceClass.OTHER
    if generic.classes[0] is PlaceClass.INSTITUTION and len(generic.text) == 1 and generic.text not in "局厂站":
        return PlaceClass.INSTITUTION if generic.text in AFTER_NUMERALS else PlaceClass.OTHER
    return generic.classes[0]
