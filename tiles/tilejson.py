"""What a client must know before it asks for tiles: TileJSON 3.0.0."""

import html
from collections.abc import Sequence
from dataclasses import dataclass

from geo_registry.db.session import ReadSession
from geo_registry.geo.bbox import BBox
from tiles.grid import MAX_LAT
from tiles.layers import DETAIL_ZOOM, Layer
from tiles.service import Ready

WORLD = BBox(-180.0, -MAX_LAT, 180.0, MAX_LAT)


@dataclass(frozen=True, slots=True)
class Description:
    """Layers that come in one tile, as TileJSON describes them."""

    name: str
    layers: Sequence[Layer]
    bounds: BBox
    """As `extent` gives it."""
    minzoom: int
    maxzoom: int
    """Beyond it clients enlarge the tiles of this zoom."""
    attribution: str
    """HTML, as TileJSON has it; the datasets' own words are escaped."""


def describe(session: ReadSession, ready: Ready, *, locale: str) -> Description:
    """Describe what was asked for, in the language of `locale`."""
    layers = ready.asked.layers
    credits_said = [line for layer, found in ready.pairs for line in layer.source.credits(session, found)]
    return Description(
        name=("、" if locale.startswith("zh") else ", ").join(layer.title(locale) for layer in layers),
        layers=layers,
        bounds=extent(session, ready),
        minzoom=min(layer.minzoom for layer in layers),
        maxzoom=DETAIL_ZOOM,
        attribution=html.escape("; ".join(dict.fromkeys(credits_said))),
    )


def extent(session: ReadSession, ready: Ready) -> BBox:
    """A box around all that the tiles of `ready` show, in degrees; the whole world where nothing is there yet."""
    boxes = [box for layer, found in ready.pairs if (box := layer.source.extent(session, found)) is not None]
    if not boxes:
        return WORLD
    return BBox(
        west=min(box.west for box in boxes),
        south=max(min(box.south for box in boxes), -MAX_LAT),
        east=max(box.east for box in boxes),
        north=min(max(box.north for box in boxes), MAX_LAT),
    )
