"""Estates, buildings and bridges of the seats. A few of their names break rules: the list of all names shows what it finds."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from shapely.geometry import Polygon

from geo_registry.demo import lines, plane, shapes
from geo_registry.demo.built_up import JINHUA, Seat
from geo_registry.demo.edges import CLASS, MARK
from geo_registry.demo.layout import Layout
from geo_registry.demo.named import BY_EXAMPLE, NamedPlace, Tie
from geo_registry.demo.roads import Roads
from geo_registry.demo.streets import STREET_M, TURNS
from geo_registry.vocabulary import Certainty, PlaceClass, PlaceRelationKind

ESTATES: Sequence[Sequence[str]] = (
    (
        "桂花苑",
        "锦绣花园",
        "金秀花园",
        "映月家园",
        "樟树新村",
        "望江花苑",
        "荷塘小区",
        "威尼斯花园",
        "垚鑫苑",
        "御景公寓",
        "柳湖家园",
        "学府小区",
        "石榴苑",
        "桂花苑",
        "石榴苑",
    ),
    ("水阁家园", "壶山小区", "清风苑", "温泉小区"),
    ("塔山小区", "浦阳花园", "书画新村", "月泉家园"),
    ("安文小区", "文溪家园", "药乡新村"),
    ("横山小区", "兰荫家园", "溪西新村", "中洲花园"),
    ("绣湖小区", "稠州花园", "宾王新村", "香樟家园", "江滨花苑", "鸡鸣山庄"),
    ("吴宁小区", "木雕新村", "白云家园", "画溪花园"),
    ("华溪小区", "五金新村", "丽州家园", "松石花园"),
)
"""By the seats' built-up areas, in their order. In Jinhua two pairs are called alike and one sounds alike, one name is a foreign
city's, one has a rare character, and one promises an emperor's view."""
BUILDINGS: Sequence[Sequence[str]] = (
    ("望江大厦", "婺剧中心", "海尔大厦", "环球国际中心", "八婺大楼", "尖峰大厦"),
    ("武阳大厦",),
    ("浦江大厦",),
    ("磐安大厦",),
    ("兰溪大厦", "兰江大楼"),
    ("稠州大厦", "义乌商城", "绣湖大厦"),
    ("东阳大厦", "木雕中心"),
    ("永康大厦", "五金中心"),
)
"""Two of Jinhua's say too much or name a company; one of them was built before it was begun."""
BRIDGES: Mapping[str, int] = {JINHUA: 5, "330782": 4}
BRIDGES_ELSEWHERE = 2
LARGE_M = 100
"""From this length on a bridge is a large one."""
BUILDING_M, ESTATE_M = (92.0, 46.0), (216.0, 104.0)
"""How wide and how deep they are."""
GAP_M = 420.0
BUILT_TOO_EARLY = "环球国际中心"


def make_quarters(
    layout: Layout, roads: Roads, seats: Sequence[Seat], streets: Sequence[NamedPlace]
) -> Iterator[NamedPlace]:
    """The estates, buildings and bridges of the seats that have a built-up area of their own."""
    rng = plane.random(62)
    for number, seat in enumerate(seats):
        corners = _corners(layout, roads, seat, rng)
        turn = TURNS[seat.code][1]
        for at, name in enumerate(ESTATES[number]):
            shape = shapes.rectangle(*next(corners), *ESTATE_M, turn)
            yield _estate(f"estate-{seat.code}-{at:02d}", name, shape, rng)
        for at, name in enumerate(BUILDINGS[number]):
            shape = shapes.rectangle(*next(corners), *BUILDING_M, turn)
            yield _building(f"building-{seat.code}-{at:02d}", name, shape, rng)
        yield from _bridges(layout, roads, seat, streets)


def _corners(layout: Layout, roads: Roads, seat: Seat, rng: np.random.Generator) -> Iterator[tuple[float, float]]:
    """Middles of blocks around the seat, apart from each other: metres of the plane."""
    terrain = layout.terrain
    own = np.flatnonzero(seat.built[roads.street_cell])
    x, y = roads.street_x[own], roads.street_y[own]
    away = np.hypot(x - terrain.x[seat.cell], y - terrain.y[seat.cell]) * (0.6 + 0.8 * rng.random(own.size))
    cosine, sine = TURNS[seat.code][1]
    half = STREET_M / 2
    taken: list[tuple[float, float]] = []
    gap_m = GAP_M
    while True:
        for at in np.argsort(away, kind="stable").tolist():
            middle = (float(x[at] + half * (cosine - sine)), float(y[at] + half * (sine + cosine)))
            if all((middle[0] - one[0]) ** 2 + (middle[1] - one[1]) ** 2 >= gap_m**2 for one in taken):
                taken.append(middle)
                yield middle
        gap_m /= 2


def _estate(key: str, name: str, shape: Polygon, rng: np.random.Generator) -> NamedPlace:
    year = 1988 + int(rng.integers(0, 32))
    return NamedPlace(
        key=key,
        place_class=PlaceClass.RESIDENTIAL_AREA,
        name=name,
        shape=shape,
        begun=str(year),
        named=str(year),
        detail={
            "built_from": str(year - 2),
            "built_to": str(year),
            "area_m2": round(ESTATE_M[0] * ESTATE_M[1]),
        },
    )


def _building(key: str, name: str, shape: Polygon, rng: np.random.Generator) -> NamedPlace:
    year = 1996 + int(rng.integers(0, 26))
    begun = year + 3 if name == BUILT_TOO_EARLY else year - 3
    return NamedPlace(
        key=key,
        place_class=PlaceClass.BUILDING,
        name=name,
        shape=shape,
        begun=str(year),
        named=str(year),
        detail={"built_from": str(begun), "built_to": str(year), "area_m2": 12_000 + 1_000 * int(rng.integers(0, 40))},
    )


def _bridges(layout: Layout, roads: Roads, seat: Seat, streets: Sequence[NamedPlace]) -> Iterator[NamedPlace]:
    """Bridges on the streets that cross a river near the seat, each called after its street."""
    terrain = layout.terrain
    x, y = lines.middles(roads)
    cell = terrain.cell_of(x, y)
    great = (roads.highway >= CLASS["primary"]) & (roads.highway <= CLASS["tertiary"])
    away = np.hypot(x - terrain.x[seat.cell], y - terrain.y[seat.cell])
    over = np.flatnonzero(great & terrain.river[cell] & (away < 6_000))
    named = {street.name: street.key for street in streets if street.key.startswith(f"street-{seat.code}")}
    wanted, told = BRIDGES.get(seat.code, BRIDGES_ELSEWHERE), set[str]()
    for road in over[np.argsort(away[over], kind="stable")].tolist():
        street = roads.name[road].removesuffix(MARK)
        if street not in named or street in told:
            continue
        told.add(street)
        shape = lines.segment(roads, road)
        length_m = round(lines.length_m(shape))
        stem = street.removesuffix("大道").removesuffix("路").removesuffix("街")
        evidence = f"{BY_EXAMPLE}桥与所在街路同名"
        yield NamedPlace(
            key=f"bridge-{seat.code}-{len(told):02d}",
            place_class=PlaceClass.BRIDGE,
            name=stem + ("大桥" if length_m >= LARGE_M else "桥"),
            shape=shape,
            detail={"length_m": length_m, "width_m": 28},
            ties=(Tie(PlaceRelationKind.NAMED_AFTER, named[street], evidence, Certainty.PROBABLE),),
        )
        if len(told) == wanted:
            return
