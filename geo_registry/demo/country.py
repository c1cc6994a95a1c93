"""Ways over the country: between county seats, towns, villages and hamlets, each level along those above where it can."""

from dataclasses import dataclass

import numpy as np

from geo_registry.demo import plane, tables, ways
from geo_registry.demo.edges import CLASS, Names
from geo_registry.demo.layout import Layout, grid_of
from geo_registry.demo.plane import Bools, Floats, Longs
from geo_registry.demo.terrain import Terrain

JITTER_M = 60.0
"""How far a way's node may lie from its cell's middle."""
SMOOTHINGS = 7
PLAIN_SMOOTHNESS, MOUNTAIN_SMOOTHNESS = 0.62, 0.2
"""How far a node moves towards the middle of its neighbours each time: roads run straight in the plain and wind
round the hills."""
STEEP_PERCENT = 12
PLAIN_BEND_M, MOUNTAIN_BEND_M = 5.0, 52.0


@dataclass(frozen=True, slots=True, eq=False)
class Country:
    """Steps between cells that became roads; int64, shape (n,); `highway` and `name` as in `Edges`."""

    low: Longs
    high: Longs
    highway: Longs
    name: Longs

    def cells(self) -> Longs:
        """The cells that any road touches, each once."""
        return np.unique(np.concatenate([self.low, self.high]))


def make_country(layout: Layout, names: Names) -> Country:
    """The roads outside of towns, as steps between cells; where levels share a step, the higher level has it."""
    terrain = layout.terrain
    outside = layout.village_of_cell == ways.NOBODY
    cheap = np.zeros(outside.size, dtype=bool)
    levels: list[tuple[ways.Steps, Longs, Longs]] = []
    seats = seat_cells(layout)
    for seeds, detour, level in (
        (seats, 1.2, 0),
        (layout.town_cell, 1.2, 1),
        (layout.village_cell, 1.05, 2),
        (layout.hamlet_cell, 0.85, 3),
    ):
        if level < 2:
            # What holds the whole together first: the other ways then run along it, not beside it.
            steps, _ = _ways(terrain, outside, cheap, seeds, 0.0)
            cheap = cheap.copy()
            cheap[steps.cells()] = True
        steps, known = _ways(terrain, outside, cheap, seeds, detour)
        levels.append((steps, *_classes(layout, names, level, steps, known)))
        cheap[steps.cells()] = True
    low = np.concatenate([steps.low for steps, _, _ in levels])
    high = np.concatenate([steps.high for steps, _, _ in levels])
    highway = np.concatenate([each for _, each, _ in levels])
    name = np.concatenate([each for _, _, each in levels])
    order = np.lexsort((np.arange(low.size), high, low))
    first = np.ones(low.size, dtype=bool)
    first[1:] = (low[order][1:] != low[order][:-1]) | (high[order][1:] != high[order][:-1])
    kept = order[first]
    return Country(low[kept], high[kept], highway[kept], name[kept])


def _ways(
    terrain: Terrain, outside: Bools, cheap: Bools, seeds: Longs, detour: float
) -> tuple[ways.Steps, ways.Passes]:
    """The ways between neighbouring seeds that are worth building."""
    grid = grid_of(terrain, closed=outside, cheap=cheap)
    found = ways.territories(grid, seeds)
    known = ways.passes(grid, found)
    built = ways.worth_building(known, seeds.size, detour=detour)
    return ways.steps_of_ways(found, known, built), known


def seat_cells(layout: Layout) -> Longs:
    """A cell for each county's seat: that of its town with the most townspeople."""
    people = np.bincount(
        layout.village_town, weights=layout.village_weight * layout.village_urban, minlength=layout.town_cell.size
    )
    counties = np.array([code[: tables.COUNTY_DIGITS] for code, _ in layout.names.townships])
    best = [
        max(np.flatnonzero(counties == code[: tables.COUNTY_DIGITS]).tolist(), key=lambda town: (people[town], -town))
        for code, _ in layout.names.counties
    ]
    return layout.town_cell[best]


def _classes(layout: Layout, names: Names, level: int, steps: ways.Steps, known: ways.Passes) -> tuple[Longs, Longs]:
    """The class and the name of each step of a level."""
    plain = np.zeros(steps.low.size, dtype=np.int64)
    if level == 0:
        order = np.unique(steps.way)
        trunk = np.isin(steps.way, order[::2])
        named = {way: names.number(f"示{'国' if at % 2 == 0 else '省'}道{901 + at}线") for at, way in enumerate(order)}
        return np.where(trunk, CLASS["trunk"], CLASS["primary"]), np.array([named[way] for way in steps.way])
    if level == 1:
        towns = [name.removesuffix("街道").removesuffix("镇").removesuffix("乡") for _, name in layout.names.townships]
        named = {
            way: names.number(f"{towns[known.low[way]]}{towns[known.high[way]]}公路") for way in np.unique(steps.way)
        }
        return plain + CLASS["secondary"], np.array([named[way] for way in steps.way])
    steep = np.maximum(layout.terrain.slope[steps.low], layout.terrain.slope[steps.high]) > 2 * STEEP_PERCENT
    if level == 2:
        shared = steps.way % 3 == 0
        return np.where(shared & ~steep, CLASS["tertiary"], CLASS["unclassified"]), plain
    drawn = plane.random(11).integers(0, 10, size=known.cost.size)[steps.way]
    lane = np.where(drawn < 6, CLASS["residential"], np.where(drawn < 8, CLASS["service"], CLASS["unclassified"]))
    return np.where(steep, np.where(drawn < 7, CLASS["track"], CLASS["path"]), lane), plain


def drawn(terrain: Terrain, country: Country) -> tuple[Floats, Floats]:
    """Where the nodes of `country.cells()` lie: near their cells' middles, on lines that bend as the land does."""
    cells = country.cells()
    start, end = np.searchsorted(cells, country.low), np.searchsorted(cells, country.high)
    rng = plane.random(12)
    points = np.stack([terrain.x[cells], terrain.y[cells]], axis=1)
    points += (rng.random(points.shape) * 2 - 1) * JITTER_M
    degree = np.bincount(start, minlength=cells.size) + np.bincount(end, minlength=cells.size)
    flat = 1.0 / (1.0 + (terrain.slope[cells] / 6.0) ** 2)
    smoothness = MOUNTAIN_SMOOTHNESS + (PLAIN_SMOOTHNESS - MOUNTAIN_SMOOTHNESS) * flat
    smoothness = np.where(degree == 2, smoothness, np.where(degree > 2, smoothness * 0.45, 0.0))[:, None]
    for _ in range(SMOOTHINGS):
        total = np.zeros_like(points)
        np.add.at(total, start, points[end])
        np.add.at(total, end, points[start])
        points = points * (1 - smoothness) + smoothness * total / degree[:, None]
    return points[:, 0], points[:, 1]


def bends_m(terrain: Terrain, low: Longs, high: Longs) -> Floats:
    """How far the road of each step swings from its straight line, in metres."""
    steep = np.minimum(np.maximum(terrain.slope[low], terrain.slope[high]) / 25.0, 1.0)
    return PLAIN_BEND_M + (MOUNTAIN_BEND_M - PLAIN_BEND_M) * steep


def outside_of_town(layout: Layout, country: Country) -> tuple[Bools, Bools]:
    """Which steps lie outside of town, and which lead into it; what runs in town is the streets' business."""
    low, high = layout.urban[country.low], layout.urban[country.high]
    return ~low & ~high, low != high
