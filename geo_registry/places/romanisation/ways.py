"""Names of streets, roads and railways."""

import re

from geo_registry.places.romanisation import rules
from geo_registry.places.romanisation.classes import (
    BETWEEN_POINTS,
    DIRECTIONS,
    OF_LANES,
    WAYS,
    ending,
    stands_together,
)
from geo_registry.places.romanisation.doubts import MODIFIER_OR_NAME, ORDINAL_OR_NAME
from geo_registry.places.romanisation.numerals import BEFORE_ORDINALS, Ordinal, number, ordinal
from geo_registry.places.romanisation.pieces import (
    Pieces,
    Setting,
    Split,
    figures,
    generic_pieces,
    modifier,
    numbered,
    specific,
    transcribed_name,
    with_ordinal,
)
from geo_registry.places.romanisation.tables import generics, known_places, people
from geo_registry.vocabulary import PlaceClass

STREETS = frozenset({PlaceClass.STREET})
OF_ROADS = frozenset("东西南北中前后左右横纵支新老")
BRANCHING = frozenset("横纵支")
"""What is counted off by a numeral before it: 一/横路."""
FACED = frozenset("站府校院厂寺庙殿宫学馆楼门山屋城店局场")
"""What a road lies before or behind: 火车站前/路."""
STACKED = frozenset("东西南北前后上下大小")
"""Modifiers that stand before another: 南后街, 西小巷."""
WITHOUT_MODIFIERS = frozenset(
    [
        "胡同",
        "公路",
        "铁路",
        "国道",
        "省道",
        "县道",
        "乡道",
        "村道",
        "高速公路",
        "高速铁路",
        "高铁",
        "高速",
        "轻轨",
        "号线",
        "线",
        "复线",
        "联络线",
        "广场",
    ]
)
ROADLIKE = frozenset(["路", "道", "大道", "大路", "马路", "环路"])
COUNTED_WAYS = frozenset(
    [
        "路",
        "街",
        "巷",
        "弄",
        "条",
        "道",
        "里",
        "马路",
        "大街",
        "大道",
        "环路",
        "环",
        "道街",
        "支路",
        "支弄",
        "支巷",
        "胡同",
        "号线",
        "段",
    ]
)
"""What is counted off: an ordinal before one is written in figures (article 7)."""
BESIDE = frozenset("城溪桥塘站府岭关浦云淮华闽粤鲁豫")
"""After these a direction is often a part of the name: 城东, 站西."""
ENDING_IN_MODIFIERS = frozenset(["创新", "革新", "更新", "维新", "日新", "立新", "鼎新"])
"""Words whose last character modifies nothing after it."""
PARTS_OF_WAYS = frozenset("东西南北中")
LONG_WAYS = frozenset(["大道", "道", "路", "大街"])
"""Whose parts may be told after them."""
RING = re.compile("([东西南北]?)([一二三四五六七八九])(环路?)")
GRID = re.compile("([经纬])([一二三四五六七八九十]+)([经纬])")
"""经七/纬: the one of two counted roads that stands before the other's number."""
AFTER_A_GATE = re.compile("(.{2,3}门[内外]?)([东西南北前后].{2,})")
"""广安门/北滨河: what lies beside a gate has a name of its own."""


def way(text: str, setting: Setting) -> Split | None:
    """A street's name: its specific part, modifiers of the generic, ordinals; None where it has no generic of one."""
    generic = ending(text, WAYS, alone=len(text) > 2)
    if generic is None:
        return _part_of_a_way(text, setting)
    rest = text[: -len(generic.text)]
    known_by = numbered(rest, generic, rules.FIGURE, setting)
    if known_by is not None:
        return Split((*head(known_by[0], setting), *known_by[1]))
    if generic.text in WITHOUT_MODIFIERS:
        base, modifiers, doubt = rest, "", False
    else:
        base, modifiers, doubt = _modifiers(rest, OF_ROADS if generic.text in ROADLIKE else OF_LANES)
    tail = (*((modifier(modifiers),) if modifiers else ()), *generic_pieces(generic, begins=not modifiers))
    counted = ordinal(base) if modifiers or generic.text in COUNTED_WAYS else None
    if counted is None:
        main = (*head(base, setting), *tail)
        if not doubt:
            return Split(main)
        other = (specific(rest), *generic_pieces(generic))
        if not modifiers:
            other = (specific(rest[:-1]), modifier(rest[-1]), *generic_pieces(generic, begins=False))
        return Split(main, ((other, MODIFIER_OR_NAME),), (MODIFIER_OR_NAME,))
    return _counted(counted, base, tail, setting)


def _part_of_a_way(text: str, setting: Setting) -> Split | None:
    """广州大道/中: the part of a street that is told after its generic stands apart."""
    inner = ending(text[:-1], STREETS) if text[-1] in PARTS_OF_WAYS else None
    if inner is None or inner.text not in LONG_WAYS:
        return None
    found = way(text[:-1], setting)
    return found and Split((*found.pieces, modifier(text[-1])), doubts=found.doubts)


def _counted(counted: Ordinal, base: str, tail: Pieces, setting: Setting) -> Split:
    """A street that is counted off: 大川淀/一巷; a direction before the number stands apart (中山/东/一路)."""
    counting = with_ordinal(counted, tail, rules.FIGURE, setting)
    stem = counted.head
    main = (*head(stem, setting), *counting)
    if len(stem) > 2 and stem[-1] in DIRECTIONS and stem not in known_places():
        apart = (*head(stem[:-1], setting), modifier(stem[-1]), *counting)
        return Split(apart, ((main, MODIFIER_OR_NAME),), (MODIFIER_OR_NAME,))
    if counted.certain:
        return Split(main)
    return Split(main, (((specific(base), *tail), ORDINAL_OR_NAME),), (ORDINAL_OR_NAME,))


def _modifiers(rest: str, allowed: frozenset[str]) -> tuple[str, str, bool]:
    """What the generic's modifiers leave, the modifiers, and whether the last may belong to the name."""
    if rest[-2:] in BETWEEN_POINTS and len(rest) > 2 and stands_together(rest) and rest not in known_places():
        if len(rest) == 3:
            return rest, "", True
        return rest[:-2], rest[-2:], rest[:-2] not in known_places()
    if not _modifies(rest, allowed):
        return rest, "", allowed is OF_ROADS and len(rest) > 2 and _faces(rest)
    base, modifiers = rest[:-1], rest[-1]
    while len(base) > 2 and base[-1] in STACKED and _modifies(base, STACKED) and base not in known_places():
        base, modifiers = base[:-1], base[-1] + modifiers
    known = base in known_places() or base[-2:] in known_places()
    return base, modifiers, len(base) > 2 and base[-1] in BESIDE and modifiers[0] in DIRECTIONS and not known


def _modifies(rest: str, allowed: frozenset[str]) -> bool:
    """Whether the last character modifies the generic after it."""
    last, two = rest[-1:], rest[-2:]
    if len(rest) < 2 or last not in allowed or stands_together(rest) or two in ENDING_IN_MODIFIERS:
        return False
    if allowed is OF_ROADS and _faces(rest):
        return False
    if rest in known_places() or rest in people() or (last == "中" and number(two[0])):
        return False
    if len(rest) > 2:
        return True
    return (rest[0] in "大小" and last in DIRECTIONS) or (last in BRANCHING and number(rest[0]) is not None)


def _faces(rest: str) -> bool:
    """Whether it is what a road lies before or behind, rather than what a modified road is called: 车站前/路."""
    return len(rest) > 1 and rest[-1] in "前后" and rest[-2] in FACED


def head(text: str, setting: Setting) -> Pieces:
    """What stands before a street's generic or number: its specific part, or the street that it branches off."""
    if not text:
        return ()
    return (
        _another_way(text, setting)
        or _along(text, setting)
        or transcribed_name(text, PlaceClass.STREET)
        or ((modifier(text),) if text in BEFORE_ORDINALS else (specific(text),))
    )


def _another_way(text: str, setting: Setting) -> Pieces:
    """人民东路/三弄: a street whose generic stands apart; one of a single syllable was absorbed (新华街/一巷)."""
    inner = ending(text, STREETS)
    if inner is None or inner.text in {"坊", "道"} or (len(text) - len(inner.text) < 2 and inner.text != "马路"):
        return ()
    rest = text[: -len(inner.text)]
    counted = ordinal(rest) if inner.text in COUNTED_WAYS else None
    if counted is not None and counted.certain:
        return (*head(counted.head, setting), *with_ordinal(counted, generic_pieces(inner), rules.FIGURE, setting))
    base, modifiers, _ = _modifiers(rest, OF_ROADS if inner.text in ROADLIKE else OF_LANES)
    if modifiers:
        return (*head(base, setting), modifier(modifiers), *generic_pieces(inner, begins=False))
    return (*head(rest, setting), *generic_pieces(inner)) if len(inner.text) > 1 else ()


def _along(text: str, setting: Setting) -> Pieces:
    """What is named after a ring road or a gate that it lies along."""
    ring = RING.fullmatch(text)
    if ring:
        return (*((modifier(ring[1]),) if ring[1] else ()), *_ring(ring[2], ring[3], setting))
    grid = GRID.fullmatch(text)
    value = number(grid[2]) if grid else None
    if grid and value:
        first = Ordinal(grid[1], grid[2], value, certain=True)
        return (modifier(grid[1]), figures(first, rules.FIGURE), modifier(grid[3]))
    gate = AFTER_A_GATE.fullmatch(text)
    return (specific(gate[1]), specific(gate[2])) if gate else ()


def _ring(numeral: str, ring: str, setting: Setting) -> Pieces:
    """三环 or 三环路 in the name of what lies along it, or of a part of it."""
    counted = Ordinal("", numeral, number(numeral) or 0, certain=True)
    return with_ordinal(counted, generic_pieces(generics()[ring]), rules.FIGURE, setting)
