"""The grid of tiles: addresses and boxes belong together, whatever they are."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as some

from geo_registry.errors import TileOutOfRange
from geo_registry.geo.bbox import BBox
from tiles.grid import EXTENT, MAX_LAT, MAX_ZOOM, TILE_PX, Tile

ZOOMS = some.integers(0, MAX_ZOOM)


@some.composite
def tiles(draw: some.DrawFn) -> Tile:
    z = draw(ZOOMS)
    return Tile.at(z, draw(some.integers(0, 2**z - 1)), draw(some.integers(0, 2**z - 1)))


@given(tile=tiles())
def test_the_middle_of_a_tiles_box_lies_in_the_tile(tile: Tile) -> None:
    box = tile.bounds()
    assert box.west < box.east
    assert box.south < box.north
    lon = (box.west + box.east) / 2
    assert Tile.around(lon, (box.south + box.north) / 2, tile.z) == tile


@given(lon=some.floats(-180, 180, exclude_max=True), lat=some.floats(-85.05, 85.05), z=ZOOMS)
def test_a_position_lies_in_the_box_of_its_tile(lon: float, lat: float, z: int) -> None:
    box = Tile.around(lon, lat, z).bounds()
    rounding = 1e-9
    assert box.west - rounding <= lon <= box.east + rounding
    assert box.south - rounding <= lat <= box.north + rounding


@given(tile=tiles())
def test_neighbours_share_an_edge(tile: Tile) -> None:
    if tile.x + 1 < 2**tile.z:
        assert math.isclose(tile.bounds().east, Tile.at(tile.z, tile.x + 1, tile.y).bounds().west, abs_tol=1e-9)
    if tile.y + 1 < 2**tile.z:
        assert math.isclose(tile.bounds().south, Tile.at(tile.z, tile.x, tile.y + 1).bounds().north, abs_tol=1e-9)


@given(tile=tiles(), buffer=some.integers(0, EXTENT))
def test_a_buffer_grows_the_box_and_stays_in_the_world(tile: Tile, buffer: int) -> None:
    inner, outer = tile.bounds(), tile.bounds(buffer=buffer)
    assert outer.west <= inner.west
    assert outer.south <= inner.south
    assert inner.east <= outer.east
    assert inner.north <= outer.north
    assert max(abs(outer.west), abs(outer.east)) <= 180
    assert max(abs(outer.south), abs(outer.north)) <= MAX_LAT + 1e-9


@given(tile=tiles())
def test_a_tiles_side_is_that_of_its_zoom(tile: Tile) -> None:
    assert math.isclose(tile.side_m * 2**tile.z, 40_075_016.685578488)


@pytest.mark.parametrize(
    ("z", "x", "y"), [(-1, 0, 0), (0, 1, 0), (0, 0, 1), (3, 8, 0), (3, 0, -1), (MAX_ZOOM + 1, 0, 0)]
)
def test_what_the_grid_does_not_have_is_refused(z: int, x: int, y: int) -> None:
    with pytest.raises(TileOutOfRange):
        Tile.at(z, x, y)


@given(
    west=some.floats(-170, 160), south=some.floats(-80, 70), wide=some.floats(0, 10), high=some.floats(0, 10),
    width_px=some.integers(200, 3_000), height_px=some.integers(200, 3_000), most=some.integers(0, 14),
)  # fmt: skip
def test_a_map_that_opens_on_a_box_shows_all_of_it_and_few_tiles(
    *, west: float, south: float, wide: float, high: float, width_px: int, height_px: int, most: int
) -> None:
    box = BBox(west, south, west + wide, south + high)
    tiles = Tile.shown_around(box, width_px=width_px, height_px=height_px, most=most)
    (z,) = {tile.z for tile in tiles}
    assert z <= most
    for lon, lat in ((box.west, box.north), (box.east, box.south)):
        around = Tile.around(lon, lat, z)
        # An edge may fall between two tiles by the last bit.
        assert any(abs(tile.x - around.x) <= 1 and abs(tile.y - around.y) <= 1 for tile in tiles)
    assert len(set(tiles)) == len(tiles)
    if z < most:
        # Each is drawn at its own size or up to twice as large.
        assert len(tiles) <= (width_px // TILE_PX + 2) * (height_px // TILE_PX + 2)
