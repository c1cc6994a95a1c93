"""Where people live: the census of each county, split to the person over hamlets and blocks of streets."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from geo_registry.demo import plane, tables
from geo_registry.demo.layout import Layout
from geo_registry.demo.plane import Floats, Longs
from geo_registry.demo.roads import Roads

BANDS = ((0, 15), (15, 60), (60, 65), (65, 80), (80, 200))
"""Ages that the groups are made of: from, and below."""

GROUPS: Mapping[str, tuple[tuple[int, ...], tuple[int, ...]]] = MappingProxyType(
    {
        "all": ((0, 1, 2, 3, 4), (0, 1)),
        "0-14": ((0,), (0, 1)),
        "60+": ((2, 3, 4), (0, 1)),
        "65+": ((3, 4), (0, 1)),
        "80+": ((4,), (0, 1)),
        "female": ((0, 1, 2, 3, 4), (1,)),
        "female:60+": ((2, 3, 4), (1,)),
        "female:80+": ((4,), (1,)),
        "male": ((0, 1, 2, 3, 4), (0,)),
        "male:60+": ((2, 3, 4), (0,)),
        "male:80+": ((4,), (0,)),
    }
)
"""Demand groups: the bands, and the sexes (0 men, 1 women), that each counts."""

BLOCK_PEOPLE = 620
"""A point in town stands for about so many."""
POINTS_IN_TOWN = (3, 16)
"""Least and most points of a part of town."""

# By band: how many of an age live in the country and in the mountains beside a hundred in town (the young have left).
COUNTRY_SHARE = (84, 92, 128, 150, 168)
MOUNTAIN_SHARE = (58, 74, 150, 198, 236)
MOUNTAIN_M = 280
"""Villages from this height up count as in the mountains."""


@dataclass(frozen=True, slots=True, eq=False)
class People:
    """Demand points, by village; `village` is a place in the layout. Positions are metres of the plane; shape (p,).

    `counts` is int64, shape (p, bands, 2): people by band and sex.
    """

    village: Longs
    x: Floats
    y: Floats
    counts: Longs

    def group(self, name: str) -> Longs:
        """The people of a group at each point."""
        bands, sexes = GROUPS[name]
        people: Longs = self.counts[:, bands][:, :, sexes].sum(axis=(1, 2))
        return people


def make_people(layout: Layout, roads: Roads) -> People:
    """The demand points; the counts of a county add up to its census, by sex and band."""
    village, x, y, share = _points(layout, roads)
    county = np.array([code[: tables.COUNTY_DIGITS] for code, _ in layout.names.villages])
    urban = layout.village_urban[village]
    high = layout.terrain.height_m[layout.village_cell[village]] >= MOUNTAIN_M
    counts = np.zeros((village.size, len(BANDS), 2), dtype=np.int64)
    for code, census in tables.census().items():
        own = np.flatnonzero(county[village] == code[: tables.COUNTY_DIGITS])
        in_town = urban[own]
        weight = share[own]
        # About as many townspeople as the census says, to one part in a hundred thousand of the weights.
        town_weight, country_weight = int(weight[in_town].sum()), int(weight[~in_town].sum())
        scale = np.where(
            in_town,
            census.urban * 10**7 // max(town_weight, 1),
            census.rural * 10**7 // max(country_weight, 1),
        )
        weight = np.maximum(weight * scale // 10**4, 1)
        for band, (first, beyond) in enumerate(BANDS):
            of_band = [at for at, age in enumerate(tables.AGES) if first <= age < beyond]
            factor = np.where(in_town, 100, np.where(high[own], MOUNTAIN_SHARE[band], COUNTRY_SHARE[band]))
            for sex in (0, 1):
                people = int(census.by_age[of_band, sex].sum())
                counts[own, band, sex] = apportioned(people, weight * factor)
    return People(village=village, x=x, y=y, counts=counts)


def apportioned(people: int, weight: Longs) -> Longs:
    """People split by weights, to the person (largest remainders, Hamilton's method; of equal ones the first).

    All in integers: `people` times the largest weight must stay below 2^63.
    """
    total = int(weight.sum())
    quotient, remainder = np.divmod(people * weight, total)
    left = people - int(quotient.sum())
    quotient[np.argsort(-remainder, kind="stable")[:left]] += 1
    return quotient


def _points(layout: Layout, roads: Roads) -> tuple[Longs, Floats, Floats, Longs]:
    """The points by village, and the share of each in its village's weight."""
    rng = plane.random(41)
    corner_village = layout.village_of_cell[roads.street_cell]
    in_country = ~layout.village_urban[layout.hamlet_village]
    village, x, y = [layout.hamlet_village[in_country]], [roads.hamlet_x[in_country]], [roads.hamlet_y[in_country]]
    part = [_first_of_each(layout.hamlet_village[in_country], rng)]
    for at in np.flatnonzero(layout.village_urban).tolist():
        corners = np.flatnonzero(corner_village == at)
        wanted = int(np.clip(int(layout.village_weight[at]) * 2 // BLOCK_PEOPLE, *POINTS_IN_TOWN))
        if corners.size < wanted:
            # A part of town whose own land is small or has no streets: its people live about the streets next to it.
            here = layout.village_cell[at]
            away = (roads.street_x - layout.terrain.x[here]) ** 2 + (roads.street_y - layout.terrain.y[here]) ** 2
            corners = np.argsort(away, kind="stable")[:wanted]
        chosen = corners[np.sort(rng.permutation(corners.size)[:wanted])]
        village.append(np.full(chosen.size, at))
        # Within a block, not on its corner.
        x.append(roads.street_x[chosen] + 14 + 32 * rng.random(chosen.size))
        y.append(roads.street_y[chosen] + 14 + 32 * rng.random(chosen.size))
        part.append(rng.integers(60, 160, size=chosen.size))
    of, parts = np.concatenate(village), np.concatenate(part)
    order = np.argsort(of, kind="stable")
    of, parts = of[order], parts[order]
    whole = np.bincount(of, weights=parts, minlength=layout.village_cell.size).astype(np.int64)
    share = np.maximum(layout.village_weight[of] * parts * 10 // whole[of], 1)
    return of, np.concatenate(x)[order], np.concatenate(y)[order], share


def _first_of_each(village: Longs, rng: np.random.Generator) -> Longs:
    """Parts of hamlets in their village: the first, the village itself, is the largest."""
    parts = rng.integers(40, 130, size=village.size)
    first = np.ones(village.size, dtype=bool)
    first[1:] = village[1:] != village[:-1]
    parts[first] = rng.integers(260, 420, size=int(first.sum()))
    return parts
