"""Least-cost ways over a grid: who is nearest, the cheapest passes between neighbours, and the ways through them.

Towns, villages and hamlets are joined in the same manner. The cells that are nearest to each are its territory;
where two territories meet, the cheapest crossing carries the way from one to the other. Ways that start in one
territory share their last cells, so that roads come together before they arrive, as roads do.
"""

from dataclasses import dataclass

import numpy as np

from geo_registry.demo.plane import Bools, Longs

_CELL_BITS = 20
_CELL_MASK = (1 << _CELL_BITS) - 1
_NEVER = np.int64(2**62)
NOBODY = -1

STRAIGHT, DIAGONAL = 10, 14
CLIMB_COST = 9
"""What a metre of climb or descent costs; a side of an ordinary cell costs 30, so at 20 % the way costs thirteen times."""


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """A grid that ways are sought on: cells in rows, what a cell costs (1 and up), heights, and cells not entered."""

    rows: int
    columns: int
    cost: Longs
    height_m: Longs
    closed: Bools


@dataclass(frozen=True, slots=True, eq=False)
class Territories:
    """Each cell's nearest seed, what the way there costs, and the cell that it goes on to; flat arrays.

    `seed` is `NOBODY` and `cost` means nothing where no way leads; `onward` of a seed's cell is the cell itself.
    """

    seed: Longs
    cost: Longs
    onward: Longs


@dataclass(frozen=True, slots=True, eq=False)
class Passes:
    """The cheapest crossing of every two neighbours: `low` < `high` are seeds, `low_cell` and `high_cell` the step."""

    low: Longs
    high: Longs
    cost: Longs
    low_cell: Longs
    high_cell: Longs


def _steps(grid: Grid, cells: Longs) -> list[tuple[Longs, Longs, Longs]]:
    """For each of eight directions: which of `cells` can step, where to, and at what cost."""
    row, column = cells // grid.columns, cells % grid.columns
    found = []
    for down, right in ((0, 1), (1, 0), (1, 1), (1, -1), (0, -1), (-1, 0), (-1, -1), (-1, 1)):
        there_row, there_column = row + down, column + right
        inside = (there_row >= 0) & (there_row < grid.rows) & (there_column >= 0) & (there_column < grid.columns)
        here = cells[inside]
        there = there_row[inside] * grid.columns + there_column[inside]
        is_open = ~grid.closed[there]
        here, there = here[is_open], there[is_open]
        side = DIAGONAL if down and right else STRAIGHT
        climb = np.abs(grid.height_m[here] - grid.height_m[there])
        found.append((here, there, side * (grid.cost[here] + grid.cost[there]) // 2 + CLIMB_COST * climb))
    return found


def territories(grid: Grid, seed_cells: Longs) -> Territories:
    """The territory of every seed; of equally near seeds' ways the one through the lower cell wins."""
    cells = grid.rows * grid.columns
    if cells > _CELL_MASK:
        raise ValueError("the grid has more cells than fit beside a cost")
    label = np.full(cells, _NEVER)
    label[seed_cells] = seed_cells
    active = np.unique(seed_cells)
    while active.size:
        before = label.copy()
        for here, there, step in _steps(grid, active):
            np.minimum.at(label, there, (((label[here] >> _CELL_BITS) + step) << _CELL_BITS) | here)
        active = np.flatnonzero(label >> _CELL_BITS != before >> _CELL_BITS)
    reached = label < _NEVER
    onward = np.where(reached, label & _CELL_MASK, np.arange(cells))
    onward[seed_cells] = seed_cells
    seed = np.full(cells, NOBODY)
    seed[seed_cells] = np.arange(seed_cells.size)
    last = onward
    while (further := last[last] != last).any():
        last = np.where(further, last[last], last)
    return Territories(seed=np.where(reached, seed[last], NOBODY), cost=label >> _CELL_BITS, onward=onward)


def passes(grid: Grid, found: Territories) -> Passes:
    """The cheapest crossing between every two territories that touch."""
    inside = np.flatnonzero((found.seed != NOBODY) & ~grid.closed)
    columns: list[Longs] = []
    for all_here, all_there, step in _steps(grid, inside)[:4]:
        ours, theirs = found.seed[all_here], found.seed[all_there]
        between = (ours != theirs) & (theirs != NOBODY)
        a, b, here, there = ours[between], theirs[between], all_here[between], all_there[between]
        cost = found.cost[here] + found.cost[there] + step[between]
        turned = a > b
        columns.append(
            np.stack(
                [
                    np.where(turned, b, a),
                    np.where(turned, a, b),
                    cost,
                    np.where(turned, there, here),
                    np.where(turned, here, there),
                ]
            )
        )
    low, high, cost, low_cell, high_cell = np.concatenate(columns, axis=1)
    order = np.lexsort((low_cell, cost, high, low))
    low, high = low[order], high[order]
    first = np.ones(order.size, dtype=bool)
    first[1:] = (low[1:] != low[:-1]) | (high[1:] != high[:-1])
    best = order[first]
    return Passes(low[first], high[first], cost[best], low_cell[best], high_cell[best])


def worth_building(known: Passes, seeds: int, *, detour: float) -> Bools:
    """Which passes get a way: all that hold the whole together, and the others where going round costs much more.

    Cheapest first, a pass is built where its ends aren't joined yet (Kruskal's tree), or where the ways that are built
    already lead round by one neighbour of both at no less than `detour` times its cost.
    """
    parent = list(range(seeds))

    def root(one: int) -> int:
        while parent[one] != one:
            parent[one] = parent[parent[one]]
            one = parent[one]
        return one

    joined: list[dict[int, int]] = [{} for _ in range(seeds)]
    built = np.zeros(known.cost.size, dtype=bool)
    for at in np.lexsort((known.high, known.low, known.cost)).tolist():
        a, b, cost = int(known.low[at]), int(known.high[at]), int(known.cost[at])
        first, second = root(a), root(b)
        if first != second:
            parent[first] = second
        elif any(joined[a][each] + joined[b][each] < detour * cost for each in joined[a].keys() & joined[b].keys()):
            continue
        built[at] = True
        joined[a][b] = joined[b][a] = cost
    return built


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """Steps between neighbouring cells, each once; shape (n,). `low` < `high` are cells, `way` the pass that it is for.

    Several ways share a step; it is the lowest one's.
    """

    low: Longs
    high: Longs
    way: Longs

    def cells(self) -> Longs:
        """The cells that any step touches, each once."""
        return np.unique(np.concatenate([self.low, self.high]))


def steps_of_ways(found: Territories, known: Passes, built: Bools) -> Steps:
    """The steps of all ways through the passes that are built."""
    way = np.flatnonzero(built)
    here = np.concatenate([known.low_cell[way], known.high_cell[way]])
    walks = np.concatenate([way, way])
    steps = [(known.low_cell[way], known.high_cell[way], way)]
    while here.size:
        onward = found.onward[here]
        moving = onward != here
        here, onward, walks = here[moving], onward[moving], walks[moving]
        steps.append((here, onward, walks))
        # Of walks that meet the lowest goes on: from here they are one.
        order = np.lexsort((walks, onward))
        here, walks = onward[order], walks[order]
        first = np.ones(here.size, dtype=bool)
        first[1:] = here[1:] != here[:-1]
        here, walks = here[first], walks[first]
    a, b, ways = (np.concatenate(column) for column in zip(*steps, strict=True))
    low, high = np.minimum(a, b), np.maximum(a, b)
    order = np.lexsort((ways, high, low))
    low, high, ways = low[order], high[order], ways[order]
    first = np.ones(low.size, dtype=bool)
    first[1:] = (low[1:] != low[:-1]) | (high[1:] != high[:-1])
    return Steps(low[first], high[first], ways[first])
