"""The roads of the demonstration by their names, as the lines that streets and highways of those names lie on."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import shapely
from shapely.geometry import LineString
from shapely.geometry.base import BaseGeometry

from geo_registry.demo import plane
from geo_registry.demo.edges import MARK
from geo_registry.demo.plane import Floats, Longs
from geo_registry.demo.roads import Roads


def of_road(roads: Roads, beginning: str, *, ending: str) -> tuple[str, BaseGeometry]:
    """The longest road whose name begins and ends so: its name, without the mark of an example, and its line."""
    found: dict[str, list[int]] = {}
    for at, name in enumerate(roads.name):
        plain = name.removesuffix(MARK)
        if plain.startswith(beginning) and plain.endswith(ending):
            found.setdefault(plain, []).append(at)
    lines = {name: joined([segment(roads, at) for at in own]) for name, own in found.items()}
    name = max(lines, key=lambda each: (length_m(lines[each]), each))
    return name, lines[name]


def segment(roads: Roads, at: int) -> LineString:
    """One road's line, degrees."""
    part = slice(int(roads.vertex_ptr[at]), int(roads.vertex_ptr[at + 1]))
    return LineString(np.stack([roads.lon[part], roads.lat[part]], axis=1))


def joined(parts: Sequence[LineString]) -> LineString:
    """The longest line that parts make where they go on into each other."""
    merged = shapely.get_parts(shapely.line_merge(shapely.multilinestrings(list(parts))))
    return max(merged, key=length_m)


def length_m(shape: BaseGeometry) -> float:
    """The length of a line of degrees, in metres of the plane."""
    return float(shapely.length(in_metres(shape)))


def in_metres(shape: BaseGeometry) -> BaseGeometry:
    """A shape of degrees in metres of the plane."""
    return shapely.transform(shape, plane.to_plane, interleaved=False)


def middles(roads: Roads) -> tuple[Floats, Floats]:
    """A vertex in the middle of each road, metres of the plane; shape (r,)."""
    middle = (roads.vertex_ptr[:-1] + roads.vertex_ptr[1:]) // 2
    return plane.to_plane(roads.lon[middle], roads.lat[middle])


def by_name(roads: Roads, of: Longs) -> Mapping[str, Sequence[int]]:
    """Of some roads those of each name, without the mark, in the order of the roads."""
    found: dict[str, list[int]] = {}
    for at in of.tolist():
        if roads.name[at]:
            found.setdefault(roads.name[at].removesuffix(MARK), []).append(at)
    return found


def halves(whole: LineString) -> Iterator[LineString]:
    """A line cut at the vertex in its middle."""
    points = shapely.get_coordinates(whole)
    cut = len(points) // 2
    yield LineString(points[: cut + 1])
    yield LineString(points[cut:])
