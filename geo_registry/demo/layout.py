"""Where the city's towns, villages and hamlets lie: in valleys and plains, dense about towns, sparse in the mountains."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from geo_registry.demo import plane, tables, ways
from geo_registry.demo.plane import Bools, Floats, Longs
from geo_registry.demo.tables import Names, TownSite
from geo_registry.demo.terrain import CELL_M, Terrain, make_terrain

OUTLINE_REACH_M = 8_200.0
"""How far the city's land reaches beyond its towns, before the outline is smoothed."""
OUTLINE_CLOSE_M, OUTLINE_OPEN_M = 9_000.0, 5_500.0

RESIDENTS_KM2 = 11_000
"""Townspeople on a square kilometre of built land; with it footprints have the size of such towns."""
COMMUNITY_SERIAL_BELOW = 200
"""The last three digits of a code: below are residents' committees, from here on villagers' (NBS, 2009)."""

VILLAGE_SPACING = 0.8
"""Of the spacing that would fill a township's good land evenly; lowered where it doesn't fit."""
HAMLETS = (3, 7)
"""How many hamlets (自然村) a village has, least and most."""

RIVER_COST = 6
"""A cell of river costs this many times a dry one: ways cross where it pays, as at a bridge."""


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """Everything that has a place, on the terrain's cells.

    Towns are in the order of `names.townships`, villages of `names.villages`; hamlets lie together by village.

    Attributes
    ----------
    town_x, town_y, town_real
        The towns' centres, metres of the plane, and whether GeoNames says so; shape (t,).
    village_town, village_cell, village_urban, village_weight
        A village's town, its cell, whether it is a part of town, and how many people it has beside others, int64; (v,).
    village_of_cell
        Whose land a cell is, `ways.NOBODY` outside the city; (cells,).
    urban
        Built-up cells; (cells,).
    hamlet_village, hamlet_cell
        (h,); a village's first hamlet is the village itself. Parts of town have that one alone.
    """

    names: Names
    terrain: Terrain
    town_x: Floats
    town_y: Floats
    town_real: Bools
    town_cell: Longs
    village_town: Longs
    village_cell: Longs
    village_urban: Bools
    village_weight: Longs
    village_of_cell: Longs
    urban: Bools
    hamlet_village: Longs
    hamlet_cell: Longs


def is_community(code: str) -> bool:
    """Whether a code of the lowest level is a residents' committee's (居委会), not villagers' (村委会)."""
    return int(code[tables.TOWNSHIP_DIGITS :]) < COMMUNITY_SERIAL_BELOW


def grid_of(terrain: Terrain, *, closed: Bools | None = None, cheap: Bools | None = None) -> ways.Grid:
    """The terrain as ways see it; cells that are `cheap` (roads lie there) cost a third."""
    cost = np.full(terrain.x.shape, 3, dtype=np.int64)
    if cheap is not None:
        cost[cheap] = 1
    cost[terrain.river] *= RIVER_COST
    nowhere = np.zeros(terrain.x.shape, dtype=bool)
    return ways.Grid(terrain.rows, terrain.columns, cost, terrain.height_m, nowhere if closed is None else closed)


def make_layout() -> Layout:
    """The layout; the same each time."""
    names, sites = tables.names(), tables.town_sites()
    towns = [sites[code] for code, _ in names.townships]
    seats = _seat_of_each(names, sites)
    town_x, town_y = plane.to_plane([site.lon for site in towns], [site.lat for site in towns])
    terrain = make_terrain(town_x, town_y)
    town_cell = terrain.cell_of(town_x, town_y)
    inside = _inside(terrain, town_x, town_y)
    land = ways.territories(grid_of(terrain, closed=~inside), town_cell)
    village_town, urban_village, weight = _villages(names)
    village_cell = _village_cells(terrain, land, town_cell, village_town, urban_village)
    of_cell = ways.territories(grid_of(terrain, closed=~inside), village_cell).seed
    urban = _footprints(
        terrain, land, of_cell, village_town, _residents(names, village_town, urban_village, weight, seats)
    )
    urban_village |= urban[village_cell] & (np.bincount(of_cell[urban], minlength=village_cell.size) > 8)
    hamlet_village, hamlet_cell = _hamlets(terrain, of_cell, urban, village_cell, urban_village)
    return Layout(
        names=names,
        terrain=terrain,
        town_x=town_x,
        town_y=town_y,
        town_real=np.array([site.real for site in towns]),
        town_cell=town_cell,
        village_town=village_town,
        village_cell=village_cell,
        village_urban=urban_village,
        village_weight=weight,
        village_of_cell=of_cell,
        urban=urban,
        hamlet_village=hamlet_village,
        hamlet_cell=hamlet_cell,
    )


def _seat_of_each(names: Names, sites: Mapping[str, TownSite]) -> Mapping[str, tuple[float, float]]:
    """Each county's seat in degrees, by code: as GeoNames has it, else the middle of its first sub-district."""
    seats = {}
    for code, _ in names.counties:
        first = next(each for each, _ in names.townships if each.startswith(code[: tables.COUNTY_DIGITS]))
        site = sites.get(code, sites[first])
        seats[code] = (site.lon, site.lat)
    return seats


def _inside(terrain: Terrain, town_x: Floats, town_y: Floats) -> Bools:
    """The cells of the city: what lies about its towns, smoothed."""
    discs = shapely.union_all(shapely.buffer(shapely.points(town_x, town_y), OUTLINE_REACH_M, quad_segs=8))
    closed = discs.buffer(OUTLINE_CLOSE_M).buffer(-OUTLINE_CLOSE_M - OUTLINE_OPEN_M).buffer(OUTLINE_OPEN_M)
    wobble = 1_500 * plane.noise(terrain.x, terrain.y, wave_m=6_000, salt=51)
    shapely.prepare(closed)
    moved_x, moved_y = terrain.x + wobble, terrain.y + wobble[::-1]
    inside: Bools = shapely.contains_xy(closed, moved_x, moved_y)
    return inside


def _villages(names: Names) -> tuple[Longs, Bools, Longs]:
    """Of each village its town, whether it is a part of town, and its weight beside others."""
    town_of = {code[: tables.TOWNSHIP_DIGITS]: at for at, (code, _) in enumerate(names.townships)}
    codes = [code for code, _ in names.villages]
    town = np.array([town_of[code[: tables.TOWNSHIP_DIGITS]] for code in codes], dtype=np.int64)
    community = np.array([is_community(code) for code in codes])
    sub_district = np.array([name.endswith("街道") for _, name in names.townships])[town]
    base = np.where(community, np.where(sub_district, 90, 55), np.where(sub_district, 24, 10))
    spread = plane.random(1).integers(55, 190, size=len(codes))
    return town, community, base * spread


def _village_cells(terrain: Terrain, land: ways.Territories, town_cell: Longs, town: Longs, urban: Bools) -> Longs:
    """A cell for each village in its town's territory: parts of town near the centre, the others spread over it."""
    cells = np.zeros(town.size, dtype=np.int64)
    habitable = _habitability(terrain)
    rng = plane.random(2)
    of_town = _grouped(land.seed, town_cell.size)
    for at, centre in enumerate(town_cell.tolist()):
        inside = of_town[at]
        inside = inside[~terrain.river[inside]]
        away = np.sqrt((terrain.x[inside] - terrain.x[centre]) ** 2 + (terrain.y[inside] - terrain.y[centre]) ** 2)
        own = np.flatnonzero(town == at)
        own = np.concatenate([own[urban[own]], own[~urban[own]]])
        parts = int(urban[own].sum())
        near = 1.0 / (1.0 + (away / (350.0 * (1 + parts) ** 0.5 + 250)) ** 4)
        taken = np.zeros(0, dtype=np.int64)
        if parts:
            taken = _spread(terrain, inside, near + 1e-6, parts, taken=taken, rng=rng)
        good = habitable[inside] / (1.0 + away / 9_000.0)
        cells[own] = _spread(terrain, inside, good, own.size - parts, taken=taken, rng=rng)
    return cells


def _habitability(terrain: Terrain) -> Floats:
    """How well people settle on a cell: flat and low is best, by one to some hundreds."""
    flat = 1.0 / (1.0 + (terrain.slope / 7.0) ** 2)
    low = 1.0 / (1.0 + (np.maximum(terrain.height_m - 90, 0) / 380.0) ** 2)
    return flat * low + 0.002


def _grouped(seed: Longs, groups: int) -> Sequence[Longs]:
    """The cells of each seed."""
    order = np.argsort(seed, kind="stable")
    return np.split(order, np.searchsorted(seed[order], np.arange(groups + 1)))[1:-1]


def _spread(
    terrain: Terrain, cells: Longs, weight: Floats, wanted: int, *, taken: Longs, rng: np.random.Generator
) -> Longs:
    """`taken` and `wanted` more of `cells`, likelier where the weight is high, apart from each other as room allows.

    The room that a place takes grows as its weight falls: people who live off poor land live far apart.
    """
    chosen = taken.tolist()
    if wanted == 0:
        return taken
    room = np.sqrt(weight.sum() / (wanted * weight)) * CELL_M * VILLAGE_SPACING
    room = np.minimum(room, np.sqrt(cells.size / wanted) * CELL_M * 1.6)
    order = np.argsort(-(rng.random(cells.size) ** (weight.max() / np.maximum(weight, weight.max() * 0.01))))
    x, y = terrain.x[cells], terrain.y[cells]
    free = np.ones(cells.size, dtype=bool)
    free[np.isin(cells, taken)] = False
    full = len(chosen) + wanted
    spacing = 1.0
    while len(chosen) < full:
        apart = free.copy()
        for cell in chosen:
            apart &= (x - terrain.x[cell]) ** 2 + (y - terrain.y[cell]) ** 2 >= (room * spacing) ** 2
        for at in order.tolist():
            if apart[at]:
                chosen.append(int(cells[at]))
                free[at] = False
                apart &= (x - x[at]) ** 2 + (y - y[at]) ** 2 >= (np.minimum(room, room[at]) * spacing) ** 2
                if len(chosen) == full:
                    break
        spacing *= 0.75
    return np.array(chosen, dtype=np.int64)


def _residents(
    names: Names, town: Longs, urban: Bools, weight: Longs, seats: Mapping[str, tuple[float, float]]
) -> Longs:
    """About how many townspeople each town has: the county's, split by the weights of its parts of town."""
    census = tables.census()
    county_of = np.array([code[: tables.COUNTY_DIGITS] for code, _ in names.villages])
    residents = np.zeros(len(names.townships), dtype=np.int64)
    for code in seats:
        own = county_of == code[: tables.COUNTY_DIGITS]
        parts = np.where(urban, weight, weight // 3) * own
        by_town = np.bincount(town, weights=parts, minlength=residents.size).astype(np.int64)
        residents += census[code].urban * by_town // max(int(by_town.sum()), 1)
    return residents


def _footprints(
    terrain: Terrain, land: ways.Territories, of_cell: Longs, village_town: Longs, residents: Longs
) -> Bools:
    """The built-up cells: of each town's land those nearest to its centre, ragged at the edges."""
    urban = np.zeros(terrain.x.size, dtype=bool)
    town_of_cell = np.where(of_cell == ways.NOBODY, ways.NOBODY, village_town[of_cell])
    ragged = 1.0 + 0.55 * plane.fractal(terrain.x, terrain.y, wave_m=2_200, octaves=2, salt=61)
    cost = np.where((terrain.slope > 14) | terrain.river, np.inf, land.cost * ragged)
    for at, inside in enumerate(_grouped(town_of_cell, residents.size)):
        cells = int(residents[at] * (1_000 / CELL_M) ** 2 / RESIDENTS_KM2) + 6
        urban[inside[np.argsort(cost[inside], kind="stable")[:cells]]] = True
    return urban & np.isfinite(cost)


def _hamlets(
    terrain: Terrain, of_cell: Longs, urban: Bools, village_cell: Longs, urban_village: Bools
) -> tuple[Longs, Longs]:
    """The hamlets of every village on its own land, outside of town."""
    rng = plane.random(3)
    good = _habitability(terrain)
    villages: list[int] = []
    cells: list[int] = []
    for at, inside in enumerate(_grouped(of_cell, village_cell.size)):
        centre = int(village_cell[at])
        villages.append(at)
        cells.append(centre)
        if urban_village[at]:
            continue
        open_cells = inside[~urban[inside] & ~terrain.river[inside] & (inside != centre)]
        wanted = int(rng.integers(HAMLETS[0], HAMLETS[1] + 1)) - 1
        own = [divmod(centre, terrain.columns)]
        chance = rng.random(open_cells.size) ** (1.0 / np.maximum(good[open_cells], 0.01))
        for cell in open_cells[np.argsort(-chance, kind="stable")].tolist():
            if wanted == 0:
                break
            row, column = divmod(cell, terrain.columns)
            if all(max(abs(row - other[0]), abs(column - other[1])) >= 2 for other in own):
                villages.append(at)
                cells.append(cell)
                own.append((row, column))
                wanted -= 1
    return np.array(villages, dtype=np.int64), np.array(cells, dtype=np.int64)
