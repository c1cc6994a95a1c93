"""What can be asked of the tiles: which version they are of, and the bytes of one."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from geo_registry.db.session import ReadSession
from geo_registry.errors import TileParameterMisplaced
from tiles.grid import EXTENT, Tile
from tiles.layers import LAYERS, Layer, layers_called
from tiles.sources import ALL, Found, Values

DEFAULTS: Values = {
    "vintage": None,
    "kind": None,
    "status": None,
    "roads": None,
    "population": None,
    "group": ALL,
    "run": None,
}
"""Every parameter that a layer takes, with what it is where it isn't given."""

DIGEST_CHARS = 20

MAX_AGE_S = ((8, 60), (12, 10))
"""Below each zoom, how many seconds a tile may be kept unasked: a country or a city at a glance, and then its towns."""

LASTING_S = 86_400


@dataclass(frozen=True, slots=True)
class Asked:
    """What tiles are asked for: layers, and the parameters that were given."""

    layers: tuple[Layer, ...]
    given: Values

    @property
    def values(self) -> Values:
        """Every parameter: as given, or as it is where it isn't."""
        return {**DEFAULTS, **self.given}


@dataclass(frozen=True, slots=True)
class Ready:
    """What was asked for, found: tiles can be made of it.

    `version` names all that their bytes depend on beside their address: the data, the parameters, and our SQL.
    """

    asked: Asked
    found: Sequence[Found]
    version: str

    @property
    def pairs(self) -> Sequence[tuple[Layer, Found]]:
        """Each layer with what was found of it."""
        return list(zip(self.asked.layers, self.found, strict=True))


def ask(keys: str, given: Mapping[str, object]) -> Asked:
    """The layers whose keys `keys` joins with commas, with those parameters that aren't None.

    Raises
    ------
    TileLayerUnknown
        A layer isn't there.
    TileParameterMisplaced
        A parameter says nothing to any of them.
    """
    layers = layers_called(keys)
    said = {name: value for name, value in given.items() if value is not None}
    for name in said:
        if not any(name in layer.parameters for layer in layers):
            takers = ", ".join(layer.key for layer in LAYERS.values() if name in layer.parameters)
            raise TileParameterMisplaced(layers=keys, name=name, takers=takers)
    return Asked(layers=layers, given=said)


def find(session: ReadSession, asked: Asked) -> Ready:
    """Find what is asked for, in its version of now.

    Tiles that are made afterwards are of this version or, where a write commits meanwhile, of a newer one: an old tile
    never goes by a new version.

    Raises
    ------
    TileParameterMissing, DatasetUnknown, GroupUnknown, RunUnknown, RunNotDone
        A layer's parameter is missing, or names what isn't there or has no result.
    """
    found = [layer.source.find(session, asked.values) for layer in asked.layers]
    digest = hashlib.sha256(repr(sorted(asked.given.items())).encode())
    for layer, each in zip(asked.layers, found, strict=True):
        digest.update(f"\n{layer.key} {each.version}\n{layer.sql}".encode())
    return Ready(asked=asked, found=found, version=digest.hexdigest()[:DIGEST_CHARS])


def make(session: ReadSession, ready: Ready, tile: Tile) -> bytes:
    """The tile's bytes (Mapbox Vector Tile 2.1), a layer after the other; none where nothing is shown.

    Raises
    ------
    StatementTooSlow
        It would take longer than `db.hot.STATEMENT_TIMEOUT_S` for a layer.
    """
    return b"".join(
        _of_layer(session, layer, found, ready.asked.values, tile)
        for layer, found in ready.pairs
        if tile.z >= layer.minzoom
    )


def _of_layer(session: ReadSession, layer: Layer, found: Found, values: Values, tile: Tile) -> bytes:
    return bytes(session.execute(layer.statement, bound_of(layer, found, values, tile)).scalar_one())


def bound_of(layer: Layer, found: Found, values: Values, tile: Tile) -> dict[str, object]:
    """What is bound in the layer's statement to make `tile`: its address and box, the parameters, and what was found."""
    box = tile.bounds(buffer=layer.buffer)
    at = {"z": tile.z, "x": tile.x, "y": tile.y, "extent": EXTENT, "buffer": layer.buffer}
    around = {
        "margin": layer.buffer / EXTENT,
        "west": box.west,
        "south": box.south,
        "east": box.east,
        "north": box.north,
    }
    every = {**at, **around, "subject": found.subject, **layer.of_zoom(tile), **values}
    return {name: every[name] for name in layer.bound}


def max_age_s(ready: Ready, tile: Tile) -> int:
    """How long a client may keep a tile without asking whether it changed, in seconds.

    Closer than `MAX_AGE_S` says, not at all: who edits looks there, and sees the edit at once. An overview may be a little
    late. What never changes may be kept for a day.
    """
    if all(layer.source.lasting for layer in ready.asked.layers):
        return LASTING_S
    return next((seconds for zoom, seconds in MAX_AGE_S if tile.z < zoom), 0)
