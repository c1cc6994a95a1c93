"""What can be asked of the tiles: which version they are of, and the bytes of one."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Row, TextClause, text

from geo_registry.db.session import ReadSession
from geo_registry.errors import TileParameterMisplaced
from tiles.grid import EXTENT, Tile
from tiles.layers import LAYERS, Layer, layers_called
from tiles.sources import ALL, NOTHING, Found, Values

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

KEPT_STATEMENTS = 64
"""Combinations of layers whose statement is kept; pages ask for a handful."""

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
    """Find what is asked for, in its version of now, and make nothing of it.

    Raises
    ------
    TileParameterMissing, DatasetUnknown, GroupUnknown, RunUnknown, RunNotDone
        A layer's parameter is missing, or names what isn't there or has no result.
    """
    return _ready(session, asked, session.execute(statement(asked.layers, ()), asked.values).one())


def make(session: ReadSession, asked: Asked, tile: Tile) -> tuple[Ready, bytes]:
    """Find what is asked for, and make the tile's bytes (Mapbox Vector Tile 2.1), a layer after the other.

    It is one statement, which sees one state of the registry: the bytes are of the version that they bear. None are
    there where nothing is shown.

    Raises
    ------
    TileParameterMissing, DatasetUnknown, GroupUnknown, RunUnknown, RunNotDone
        As `find` does.
    StatementTooSlow
        It would take longer than `db.hot.STATEMENT_TIMEOUT_S`.
    """
    drawn = tuple(layer for layer in asked.layers if tile.z >= layer.minzoom)
    values = asked.values
    bound = dict(values)
    for number, layer in enumerate(drawn):
        bound |= {f"{name}_{number}": value for name, value in bound_of(layer, values, tile).items()}
    row = session.execute(statement(asked.layers, drawn), bound).one()
    return _ready(session, asked, row), bytes(row.tile)


@lru_cache(maxsize=KEPT_STATEMENTS)
def statement(layers: tuple[Layer, ...], drawn: tuple[Layer, ...]) -> TextClause:
    """The statement that finds what `layers` show, the ids and versions of each, and makes a tile of those in `drawn`.

    Bound are the parameters, and what `bound_of` says of each layer drawn, the layer's number after its name.
    """
    sources = list(dict.fromkeys(layer.source for layer in layers))
    found = [f"found_{number} AS MATERIALIZED (\n{source.query}\n)" for number, source in enumerate(sources)]
    at = {layer: sources.index(layer.source) for layer in layers}
    tiles = [
        f"(\n{layer.query_with(f'_{number}', subject=f'(SELECT id FROM found_{at[layer]})')}\n)"
        for number, layer in enumerate(drawn)
    ]
    ids = ", ".join(f"(SELECT id FROM found_{at[layer]})" for layer in layers)
    versions = ", ".join(f"(SELECT coalesce(version, '{NOTHING}') FROM found_{at[layer]})" for layer in layers)
    made = " || ".join(tiles) or "CAST('' AS bytea)"
    return text(f"WITH {', '.join(found)}\nSELECT ARRAY[{ids}] AS ids, ARRAY[{versions}] AS versions, {made} AS tile")


def _ready(session: ReadSession, asked: Asked, row: Row[Any]) -> Ready:
    found = []
    for layer, subject, version in zip(asked.layers, row.ids, row.versions, strict=True):
        if version is None:
            layer.source.explain(session, asked.values)
        found.append(Found(version=version or NOTHING, subject=subject))
    digest = hashlib.sha256(repr(sorted(asked.given.items())).encode())
    for layer, each in zip(asked.layers, found, strict=True):
        digest.update(f"\n{layer.key} {each.version}\n{layer.sql}".encode())
    return Ready(asked=asked, found=found, version=digest.hexdigest()[:DIGEST_CHARS])


def bound_of(layer: Layer, values: Values, tile: Tile) -> dict[str, object]:
    """What is bound in the layer's query to make `tile`, but for its subject: the address and box, the parameters."""
    box = tile.bounds(buffer=layer.buffer)
    at = {"z": tile.z, "x": tile.x, "y": tile.y, "extent": EXTENT, "buffer": layer.buffer}
    around = {
        "margin": layer.buffer / EXTENT,
        "west": box.west,
        "south": box.south,
        "east": box.east,
        "north": box.north,
    }
    every = {**at, **around, **layer.of_zoom(tile), **values}
    return {name: every[name] for name in layer.bound}


def max_age_s(ready: Ready, tile: Tile) -> int:
    """How long a client may keep a tile without asking whether it changed, in seconds.

    Closer than `MAX_AGE_S` says, not at all: who edits looks there, and sees the edit at once. An overview may be a little
    late. What never changes may be kept for a day.
    """
    if all(layer.source.lasting for layer in ready.asked.layers):
        return LASTING_S
    return next((seconds for zoom, seconds in MAX_AGE_S if tile.z < zoom), 0)
