"""What a page needs to know to show a map."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from api.languages import ZH
from api.web.vendored import library
from geo_registry.db.hot import MAX_AT_ONCE
from geo_registry.db.session import Database, ReadSession
from geo_registry.db.standing import shows_synthetic_data
from geo_registry.geo.bbox import BBox
from geo_registry.settings import Settings
from tiles import service, tilejson
from tiles.grid import Tile
from tiles.layers import DETAIL_ZOOM
from tiles.style import BASE

MAPLIBRE = "maplibre-gl"
FILES = ("maplibre-gl-csp.js", "maplibre-gl-csp-worker.js", "maplibre-gl.css")

SHOWN = "divisions,facilities"
"""A registry's map begins with a box around all of these."""


PADDING_PX = 16
"""What a map keeps free around the box that it opens on (`static/js/map.js`)."""

OPENED_PX = ((1008, 608), (360, 400))
"""How large maps are that open on all that the registry holds: width and height, at a desk and on a phone."""


@dataclass(frozen=True, slots=True)
class Chart:
    """A map's library, where it begins (west, south, east, north in degrees), and whether it shows made-up data."""

    library: str
    bounds: tuple[float, float, float, float]
    synthetic: bool
    approval: str
    """审图号, where the registry has one: it stands on every map that the public sees."""


def chart(session: ReadSession, settings: Settings, around: BBox | None = None) -> Chart | None:
    """A map around a box, or around all that the registry holds; None where the set-up hasn't copied the library."""
    maplibre = library(MAPLIBRE, *FILES)
    if maplibre is None:
        return None
    box = around or tilejson.extent(session, service.find(session, service.ask(SHOWN, {})))
    return Chart(
        library=maplibre.address,
        bounds=(box.west, box.south, box.east, box.north),
        synthetic=shows_synthetic_data(session),
        approval=settings.map_approval_number,
    )


def opening_tiles(box: BBox) -> Sequence[Tile]:
    """The tiles that maps ask for when they open on a box in degrees."""
    shown = (
        Tile.shown_around(box, width_px=width - 2 * PADDING_PX, height_px=height - 2 * PADDING_PX, most=DETAIL_ZOOM)
        for width, height in OPENED_PX
    )
    return list(dict.fromkeys(tile for tiles in shown for tile in tiles))


def warm(database: Database) -> None:
    """Make once what a map of the registry asks for when it opens, so that nobody waits until the database has read it.

    Every connection of the short way makes a tile of each kind, far away from all that there is: what a connection has
    to learn of tables it learns once. One alone makes those that are shown, so that whoever asks meanwhile has the others.
    """
    sources = [service.ask(layers, {}) for layers in (BASE, "facilities")]
    with database.hot() as session:
        tiles = opening_tiles(tilejson.extent(session, service.find(session, service.ask(SHOWN, {}))))
    corner = Tile.at(tiles[0].z, 0, 0)
    with ExitStack() as opened:
        for session in [opened.enter_context(database.hot()) for _ in range(MAX_AT_ONCE)]:
            for asked in sources:
                service.make(session, asked, corner)
    with database.hot() as session:
        for asked in sources:
            tilejson.describe(session, service.find(session, asked), locale=ZH)
            for tile in tiles:
                service.make(session, asked, tile)
