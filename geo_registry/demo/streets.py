"""Streets in towns: a lattice for each county's towns, turned and gently warped, kept where a town is built."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from geo_registry.demo import plane, tables
from geo_registry.demo.edges import CLASS, Edges, Names, Nodes, edges, together
from geo_registry.demo.layout import Layout
from geo_registry.demo.plane import Bools, Floats, Longs

STREET_M = 138.0
"""Between neighbouring streets."""
WARP_M = 260.0
STEEP_M = 16
"""A street between corners that differ by more than this in height has steps."""
MISSING_SHARE = 0.3
"""Of the lesser streets those that weren't built: blocks differ in size."""

TURNS: Mapping[str, tuple[int, tuple[float, float]]] = {
    "330702": (0, (40 / 41, 9 / 41)),
    "330703": (0, (40 / 41, 9 / 41)),
    "330723": (1, (12 / 13, 5 / 13)),
    "330726": (2, (24 / 25, -7 / 25)),
    "330727": (3, (15 / 17, 8 / 17)),
    "330781": (4, (4 / 5, 3 / 5)),
    "330782": (5, (12 / 13, -5 / 13)),
    "330783": (6, (35 / 37, 12 / 37)),
    "330784": (7, (63 / 65, -16 / 65)),
}
"""Each county's lattice and how it is turned, as cosine and sine; counties whose towns grew together share one."""

BRIDGE_EVERY = 6
"""Every sixth street crosses a river that runs through a town."""
BIG_TOWN_CELLS = 60
"""Towns of more built-up cells have avenues."""
FIRST = "文景永安德泰清和新兴华盛金东江龙凤梅兰玉明光仁义礼信长春丰乐富康宁"
SECOND = "昌宁兴泰平和源华山湖桥溪苑塘园府城阳林泉荷竹松樟田坊"


@dataclass(frozen=True, slots=True, eq=False)
class Streets:
    """The streets, and their corners: nodes, metres of the plane, and the cells that they lie in; shape (s,)."""

    edges: Edges
    node: Longs
    x: Floats
    y: Floats
    cell: Longs


def make_streets(layout: Layout, names: Names, nodes: Nodes) -> Streets:
    """The streets of all towns."""
    county = np.array([code[: tables.COUNTY_DIGITS] for code, _ in layout.names.villages])
    lattice_of = {code: number for code, (number, _) in TURNS.items()}
    turn_of = dict(TURNS.values())
    lattice_of_village = np.array([lattice_of[code] for code in county])
    lattice_of_cell = np.where(layout.urban, lattice_of_village[layout.village_of_cell], -1)
    parts = [
        _lattice(layout, lattice_of_cell == number, number, names=names, nodes=nodes, turn=turn)
        for number, turn in turn_of.items()
    ]
    return Streets(
        edges=together([part.edges for part in parts]),
        node=np.concatenate([part.node for part in parts]),
        x=np.concatenate([part.x for part in parts]),
        y=np.concatenate([part.y for part in parts]),
        cell=np.concatenate([part.cell for part in parts]),
    )


def _lattice(
    layout: Layout, built: Bools, number: int, *, turn: tuple[float, float], names: Names, nodes: Nodes
) -> Streets:
    """The streets of one lattice, where its towns are built."""
    terrain = layout.terrain
    cosine, sine = turn
    x, y = terrain.x[built], terrain.y[built]
    u, v = (cosine * x + sine * y) / STREET_M, (cosine * y - sine * x) / STREET_M
    first_i, first_j = int(u.min()) - 3, int(v.min()) - 3
    columns, rows = int(u.max()) + 4 - first_i, int(v.max()) + 4 - first_j
    i, j = (each.ravel() for each in np.meshgrid(first_i + np.arange(columns), first_j + np.arange(rows)))
    x, y = (cosine * i - sine * j) * STREET_M, (sine * i + cosine * j) * STREET_M
    x, y = (
        x + WARP_M * plane.noise(x, y, wave_m=2_600, salt=71) + 28 * plane.noise(x, y, wave_m=330, salt=73),
        y + WARP_M * plane.noise(x, y, wave_m=2_600, salt=72) + 28 * plane.noise(x, y, wave_m=330, salt=74),
    )
    cell = terrain.cell_of(x, y)
    water = _beside(built.reshape(terrain.rows, terrain.columns)).ravel() & terrain.river
    kept = built[cell] | water[cell]
    at = np.full(kept.size, -1, dtype=np.int64)
    at[kept] = np.arange(int(kept.sum()))
    i, j, x, y, cell = i[kept], j[kept], x[kept], y[kept], cell[kept]
    node = nodes.add(x, y)
    town_cells = np.bincount(layout.village_town[layout.village_of_cell[layout.urban]], minlength=layout.town_cell.size)
    town = layout.village_town[layout.village_of_cell[cell]]
    big = town_cells[town] > BIG_TOWN_CELLS
    wet = water[cell]
    grid = at.reshape(rows, columns)
    found = []
    for along, (low, high) in enumerate(((grid[:, :-1], grid[:, 1:]), (grid[:-1], grid[1:]))):
        both = (low >= 0) & (high >= 0)
        a, b = low[both], high[both]
        line = j[a] if along == 0 else i[a]
        climb = np.abs(terrain.height_m[cell[a]] - terrain.height_m[cell[b]])
        highway = _classes(line, big[a], climb, plane.random(100 + 2 * number + along))
        label = _labels(names, highway, line, town[a], along)
        bridges = (wet[a] | wet[b]) & (line % BRIDGE_EVERY == 0)
        built_streets = (highway >= 0) & (bridges | ~(wet[a] | wet[b]))
        swing = 7 * plane.noise(x[a] + 500.0 * along, y[a], wave_m=400, salt=75)
        made = edges(node[a], node[b], highway, name=label, bend_m=np.abs(swing) + 1.0)
        found.append(made.where(built_streets))
    streets = _without_stumps(together(found), node[wet])
    return Streets(streets, node[~wet], x[~wet], y[~wet], cell[~wet])


def _beside(built: Bools) -> Bools:
    """The cells within two of a built one, row by column."""
    near = built.copy()
    for axis in (0, 1):
        near = (
            near | np.roll(near, 1, axis) | np.roll(near, -1, axis) | np.roll(near, 2, axis) | np.roll(near, -2, axis)
        )
    return near


def _without_stumps(streets: Edges, over_water: Longs) -> Edges:
    """The streets without bridges that don't reach the other bank."""
    while True:
        ends = np.concatenate([streets.start, streets.end])
        times = np.bincount(ends)
        stumps = over_water[times[np.minimum(over_water, times.size - 1)] == 1]
        stump = np.isin(streets.start, stumps) | np.isin(streets.end, stumps)
        if not stump.any():
            return streets
        streets = streets.where(~stump)


def _classes(line: Longs, big: Bools, climb_m: Longs, rng: np.random.Generator) -> Longs:
    """The class of each street by the line of the lattice that it lies on; -1 where none was built."""
    drawn = rng.random(line.size)
    lesser = np.select(
        [
            drawn < MISSING_SHARE,
            drawn < MISSING_SHARE + 0.07,
            drawn < MISSING_SHARE + 0.12,
            drawn < MISSING_SHARE + 0.16,
            drawn < MISSING_SHARE + 0.26,
        ],
        [-1, CLASS["footway"], CLASS["living_street"], CLASS["pedestrian"], CLASS["service"]],
        CLASS["residential"],
    )
    lesser = np.where((lesser >= 0) & (climb_m > STEEP_M), CLASS["steps"], lesser)
    classes: Longs = np.select(
        [big & (line % 12 == 0), big & (line % 6 == 0), line % 3 == 0],
        [CLASS["primary"], CLASS["secondary"], CLASS["tertiary"]],
        lesser,
    )
    return classes


def _labels(names: Names, highway: Longs, line: Longs, town: Longs, along: int) -> Longs:
    """A name for every greater street, the same along a line of a town."""
    labels = np.zeros(line.size, dtype=np.int64)
    named = np.flatnonzero((highway >= CLASS["trunk"]) & (highway <= CLASS["tertiary"]))
    generic = "路街"[along]
    for at in named.tolist():
        number = int(line[at]) * 31 + int(town[at]) * 17 + 7 * along
        word = FIRST[number % len(FIRST)] + SECOND[(number // len(FIRST) + int(line[at])) % len(SECOND)]
        suffix = "大道" if highway[at] == CLASS["primary"] else generic
        labels[at] = names.number(word + suffix)
    return labels
