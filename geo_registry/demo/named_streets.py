"""Streets and lanes of the seats, each on the demonstration's road of that name, and what made-up history gave them.

In Jinhua one street was lengthened, one renamed twice, two came of one that was split, and two were made one; elsewhere
a few were renamed or lengthened.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
import shapely
from shapely.geometry import LineString

from geo_registry.demo import lines, plane
from geo_registry.demo.built_up import JINHUA, Seat
from geo_registry.demo.edges import CLASS
from geo_registry.demo.layout import Layout
from geo_registry.demo.named import BY_EXAMPLE, MADE_UP, NamedPlace, OtherName, Tie
from geo_registry.demo.plane import Floats
from geo_registry.demo.roads import Roads
from geo_registry.text.homophones import homophone_key, syllables
from geo_registry.vocabulary import NameKind, PlaceClass, PlaceRelationKind, PlaceState

STREETS: Mapping[str, int] = {JINHUA: 26, "330782": 16}
STREETS_ELSEWHERE = 9
"""How many streets a seat shows."""
SHORTEST_M, AVENUE_M = 500.0, 2_000.0
"""A street is no shorter; nor is one that calls itself an avenue (大道)."""
CENTRAL_M = 2_600.0
"""Of the streets what lies so near to the seat."""
MEETS_M = 45.0
"""A street begins or ends at another whose line comes so near to its end."""
APART_M = 320.0
"""Lanes that are shown lie so far apart."""
GRADES: Mapping[int, tuple[str, int]] = {
    CLASS["primary"]: ("主干路", 45),
    CLASS["secondary"]: ("次干路", 32),
    CLASS["tertiary"]: ("支路", 20),
}
LANE_NAMES = (
    ("酒坊巷", "石榴巷", "水门巷", "塔下巷", "柴行弄", "箍桶巷"),
    ("槐树巷", "石板弄"),
    ("染坊弄", "书院弄"),
    ("打铁巷", "花厅弄"),
    ("灯芯弄", "鱼市巷"),
    ("银匠弄", "糖坊弄", "更楼巷", "井头弄"),
    ("竹行弄", "麦磨巷"),
    ("桥埠弄", "香樟巷"),
)
"""By the seats' built-up areas, in their order."""
SERIES = ("上街一弄", "上街二弄", "上街四弄")
"""A series that lacks its third."""
SLOGANS = ("跃进路", "红旗路", "工农路", "胜利路", "建设路", "东风路", "前进路")
"""What streets were called in the sixties and seventies, all over the country."""
NAMED_IN = ("1981-11-20", "1986", "1993-05", "1998", "2003-09-01", "2009", "2014-03-12")
RING, EAST_GATE, WEST_GATE = "huancheng-lu", "dongmen-lu", "ximen-lu"
"""The streets that are gone: one split, two made one."""


@dataclass(frozen=True, slots=True)
class Line:
    """A road of the demonstration in a seat: its name, its line from west to east or from south to north, its class."""

    name: str
    shape: LineString
    highway: int

    @property
    def length_m(self) -> float:
        """Metres of the plane."""
        return lines.length_m(self.shape)


def make_streets(layout: Layout, roads: Roads, seats: Sequence[Seat]) -> tuple[NamedPlace, ...]:
    """The streets and lanes of all seats that have a built-up area of their own; the same each time."""
    made: list[NamedPlace] = []
    x, y = lines.middles(roads)
    cell = layout.terrain.cell_of(x, y)
    for number, seat in enumerate(seats):
        inside = seat.built[cell]
        near = inside & (np.hypot(x - layout.terrain.x[seat.cell], y - layout.terrain.y[seat.cell]) < CENTRAL_M)
        streets = _with_ends(_chosen(roads, near, STREETS.get(seat.code, STREETS_ELSEWHERE)))
        plain = [_street(seat, at, line, ends) for at, (line, ends) in enumerate(streets)]
        found = [line for line, _ in streets]
        made += _told(plain, found) if seat.code == JINHUA else _told_elsewhere(plain, found, number)
        made += _lanes(layout, roads, seat, inside, number)
    return tuple(made)


def _chosen(roads: Roads, inside: plane.Bools, wanted: int) -> list[Line]:
    """The longest streets whose names don't sound alike."""
    great = (roads.highway >= CLASS["primary"]) & (roads.highway <= CLASS["tertiary"])
    of = lines.by_name(roads, np.flatnonzero(inside & great))
    known = [
        Line(name, _forward(lines.joined([lines.segment(roads, at) for at in own])), int(roads.highway[own[0]]))
        for name, own in of.items()
    ]
    chosen: list[Line] = []
    heard: set[str] = set()
    for each in sorted(known, key=lambda line: (-line.length_m, line.name)):
        key = homophone_key(syllables(each.name))
        shortest = AVENUE_M if each.name.endswith("大道") else SHORTEST_M
        if len(set(each.name)) < len(each.name) or each.length_m < shortest or key in heard or "公路" in each.name:
            continue
        heard.add(key)
        chosen.append(each)
        if len(chosen) == wanted:
            break
    return chosen


def _forward(shape: LineString) -> LineString:
    """A line as one tells of it: from west to east, or from south to north."""
    (x0, y0), (x1, y1) = shape.coords[0], shape.coords[-1]
    return shape if (x1 - x0 if abs(x1 - x0) >= abs(y1 - y0) else y1 - y0) >= 0 else shapely.reverse(shape)


def _with_ends(streets: Sequence[Line]) -> list[tuple[Line, Mapping[str, str]]]:
    """The streets, and which of the others each begins and ends at."""
    flat = [lines.in_metres(each.shape) for each in streets]
    found: list[tuple[Line, Mapping[str, str]]] = []
    for at, each in enumerate(streets):
        ends: dict[str, str] = {}
        for field, place in (("begins_at", 0), ("ends_at", -1)):
            end = shapely.get_point(flat[at], place)
            others = [other for other in range(len(streets)) if other != at]
            near = [other for other in others if shapely.distance(flat[other], end) <= MEETS_M]
            if near:
                ends[field] = streets[near[0]].name
        found.append((each, ends))
    return found


def _street(seat: Seat, at: int, line: Line, ends: Mapping[str, str]) -> NamedPlace:
    grade, width_m = GRADES[line.highway]
    (x0, y0), (x1, y1) = line.shape.coords[0], line.shape.coords[-1]
    along = "东西走向" if abs(x1 - x0) >= abs(y1 - y0) else "南北走向"
    named = NAMED_IN[(at * 3 + int(seat.code)) % len(NAMED_IN)]
    return NamedPlace(
        key=f"street-{seat.code}-{at:02d}",
        place_class=PlaceClass.STREET,
        name=line.name,
        shape=line.shape,
        begun=named[:4],
        named=named,
        meaning=f"“{line.name[:2]}”为吉语，无确指",
        detail={
            "grade": grade,
            "direction": along,
            **ends,
            "length_m": round(line.length_m),
            "width_m": width_m,
            "surface": "沥青",
        },
    )


def _told(streets: Sequence[NamedPlace], of: Sequence[Line]) -> Iterator[NamedPlace]:
    """Jinhua's streets with their histories, and the streets that they came of."""
    made = list(streets)
    made[0] = _lengthened(made[0], of[0], "2010-06-01")
    made[1] = replace(
        made[1],
        begun="1951",
        named="1981-11-20",
        origin="1981 年地名普查中更名",
        names=(_was("解放路", "1951", "1966-09"), _was("东方红路", "1966-09", "1981-11-20")),
    )
    one, other = next(
        pair for pair in combinations(range(5, len(of)), 2) if shapely.intersects(*(of[at].shape for at in pair))
    )
    split_on, merged_on = "2006-07-01", "2012-10-01"
    for at in (one, other):
        evidence = f"{BY_EXAMPLE}虚构的更名通告：环城路分为{made[one].name}、{made[other].name}"
        tie = Tie(PlaceRelationKind.SPLIT_FROM, RING, evidence, since=split_on)
        made[at] = replace(made[at], begun=split_on, named=split_on, ties=(tie,))
    both = shapely.multilinestrings([of[one].shape, of[other].shape])
    merged = f"{BY_EXAMPLE}虚构的更名通告：东门路、西门路并为{made[3].name}"
    ties = tuple(Tie(PlaceRelationKind.MERGED_FROM, old, merged, since=merged_on) for old in (WEST_GATE, EAST_GATE))
    made[3] = replace(made[3], begun=merged_on, named=merged_on, ties=ties)
    aliases = (OtherName("老车站路", NameKind.ALIAS), OtherName("车站老路", NameKind.DIALECT))
    made[4] = replace(made[4], names=aliases)
    claimed = next(at for at in range(5, len(of)) if at not in {one, other} and "begins_at" not in made[at].detail)
    far = max(
        (at for at in range(5, len(of)) if at != claimed),
        key=lambda at: (shapely.distance(of[at].shape, of[claimed].shape), -at),
    )
    # What a person got wrong: the street doesn't begin there.
    made[claimed] = replace(made[claimed], detail={**made[claimed].detail, "begins_at": made[far].name})
    yield from made
    west, east = lines.halves(of[3].shape)
    yield _gone(RING, "环城路", both, "1985", split_on)
    yield _gone(WEST_GATE, "西门路", west, "1979", merged_on)
    yield _gone(EAST_GATE, "东门路", east, "1979", merged_on)


def _told_elsewhere(streets: Sequence[NamedPlace], of: Sequence[Line], number: int) -> Iterator[NamedPlace]:
    """The streets of another seat: the first was renamed, the second lengthened, the third has a name from before."""
    made = list(streets)
    if not made:
        return
    made[0] = replace(
        made[0],
        begun="1958",
        named="1981-11-20",
        origin="1981 年地名普查中更名",
        names=(_was(SLOGANS[number % len(SLOGANS)], "1958", "1981-11-20"),),
    )
    made[1] = _lengthened(made[1], of[1], "2015-04-01")
    old = OtherName(SLOGANS[(number + 3) % len(SLOGANS)], NameKind.FORMER, since="1967", until="1980")
    made[2] = replace(made[2], names=(old,))
    yield from made


def _lengthened(street: NamedPlace, line: Line, on: str) -> NamedPlace:
    """A street whose second half was built later; it kept its name."""
    first, _ = lines.halves(line.shape)
    return replace(street, begun="1990", named="1990", before=((first, on),), origin=f"{on[:4]} 年延伸，沿用原名")


def _was(name: str, since: str, until: str) -> OtherName:
    return OtherName(name, NameKind.STANDARD, since=since, until=until)


def _gone(key: str, name: str, shape: shapely.Geometry, begun: str, ended: str) -> NamedPlace:
    return NamedPlace(
        key=key,
        place_class=PlaceClass.STREET,
        name=name,
        shape=shape,
        source=MADE_UP,
        state=PlaceState.ABOLISHED,
        begun=begun,
        named=begun,
        ended=ended,
        detail={"length_m": round(lines.length_m(shape))},
    )


def _lanes(layout: Layout, roads: Roads, seat: Seat, inside: plane.Bools, number: int) -> Iterator[NamedPlace]:
    """Lanes near the seat, on roads without a name; in Jinhua a series of them too."""
    small = np.isin(roads.highway, [CLASS["residential"], CLASS["living_street"], CLASS["pedestrian"]])
    nameless = np.array([not name for name in roads.name])
    own = np.flatnonzero(inside & small & nameless)
    x, y = (each[own] for each in lines.middles(roads))
    terrain = layout.terrain
    order = np.argsort((x - terrain.x[seat.cell]) ** 2 + (y - terrain.y[seat.cell]) ** 2, kind="stable")
    places = _apart(x[order], y[order])
    called = (*LANE_NAMES[number], *(SERIES if seat.code == JINHUA else ()))
    for at, name in zip(places, called, strict=False):
        shape = _forward(lines.segment(roads, int(own[order[at]])))
        yield NamedPlace(
            key=f"lane-{seat.code}-{at:04d}",
            place_class=PlaceClass.STREET,
            name=name,
            shape=shape,
            named="1982",
            detail={"grade": "巷弄", "length_m": round(lines.length_m(shape)), "width_m": 4, "surface": "石板"},
        )


def _apart(x: Floats, y: Floats) -> Iterator[int]:
    """Places of points, the first and then each that lies apart from those before."""
    taken: list[int] = []
    for at in range(x.size):
        if all((x[at] - x[one]) ** 2 + (y[at] - y[one]) ** 2 >= APART_M**2 for one in taken):
            taken.append(at)
            yield at
