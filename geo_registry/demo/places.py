"""The place names of the demonstration, all of them, and the built-up areas that they are told apart within."""

from dataclasses import dataclass

from geo_registry.demo import built_up
from geo_registry.demo.gazetteer import make_gazetteer
from geo_registry.demo.layout import Layout
from geo_registry.demo.named import BuiltUp, NamedPlace
from geo_registry.demo.named_quarters import make_quarters
from geo_registry.demo.named_streets import make_streets
from geo_registry.demo.named_villages import make_villages
from geo_registry.demo.roads import Roads


@dataclass(frozen=True, slots=True)
class Places:
    """The places, in the order that they are registered, and the built-up areas."""

    named: tuple[NamedPlace, ...]
    areas: tuple[BuiltUp, ...]


def make_places(layout: Layout, roads: Roads) -> Places:
    """The places of a layout and its roads; the same each time, but for the areas' vertices, which GEOS computes."""
    seats = built_up.seats(layout)
    own = tuple(seat for seat in seats if built_up.shared_with(seat, seats) is seat)
    streets = make_streets(layout, roads, own)
    named = (
        *make_gazetteer(layout, roads, seats),
        *streets,
        *make_quarters(layout, roads, own, streets),
        *make_villages(layout),
    )
    return Places(named, built_up.areas(layout, seats))
