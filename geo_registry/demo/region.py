"""The demonstration as one value: everything that is generated, and a digest of it."""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

import numpy as np

from geo_registry.demo import plane
from geo_registry.demo.boundaries import Boundaries, make_boundaries
from geo_registry.demo.facilities import MadeUp, make_facilities
from geo_registry.demo.layout import Layout, make_layout
from geo_registry.demo.people import People, make_people
from geo_registry.demo.places import Places, make_places
from geo_registry.demo.roads import Roads, make_roads

STEPS = 6


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """The whole region."""

    layout: Layout
    roads: Roads
    people: People
    facilities: tuple[MadeUp, ...]
    boundaries: Boundaries
    places: Places

    def digest(self) -> str:
        """What is the same on every machine, hashed: all but boundaries and extents, whose vertices GEOS computes."""
        hashed = sha256()
        for degrees in (self.roads.lon, self.roads.lat, *plane.to_degrees(self.people.x, self.people.y)):
            hashed.update(np.round(degrees * 10**plane.DECIMALS).astype("<i8").tobytes())
        for whole in (self.roads.vertex_ptr, self.roads.highway, self.people.counts, self.layout.village_of_cell):
            hashed.update(whole.astype("<i8").tobytes())
        for one in self.facilities:
            lon, lat = plane.to_degrees(one.x, one.y)
            said = (
                one.source_id,
                one.kind.value,
                one.name,
                one.opened_on,
                one.status.value,
                dict(one.detail),
                lon,
                lat,
            )
            hashed.update(repr(said).encode())
        hashed.update("\n".join(self.roads.name).encode())
        for place in self.places.named:
            told = (place.key, place.place_class.value, place.name, place.begun, place.named, place.ended)
            hashed.update(repr((*told, place.names, place.ties)).encode())
        return hashed.hexdigest()


def make_region(heard: Callable[[int], None] = lambda _: None) -> Region:
    """Generate it: a few seconds, some hundred megabytes; `heard` is told how many of `STEPS` are done."""
    layout = make_layout()
    heard(1)
    roads = make_roads(layout)
    heard(2)
    people = make_people(layout, roads)
    heard(3)
    facilities = make_facilities(layout, people)
    heard(4)
    boundaries = make_boundaries(layout)
    heard(5)
    places = make_places(layout, roads)
    heard(STEPS)
    return Region(
        layout=layout, roads=roads, people=people, facilities=facilities, boundaries=boundaries, places=places
    )
