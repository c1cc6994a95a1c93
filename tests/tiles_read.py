"""Tiles as tests read them: by a decoder that isn't ours."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import mapbox_vector_tile


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature; its coordinates are in units of the tile, y downwards."""

    id: int
    geometry: str
    coordinates: Any
    properties: Mapping[str, Any]


def features(tile: bytes) -> dict[str, Sequence[Feature]]:
    """The features of a tile, by layer."""
    decoded = mapbox_vector_tile.decode(tile, default_options={"y_coord_down": True}) if tile else {}
    assert all(layer["extent"] == 4096 and layer["version"] == 2 for layer in decoded.values())
    return {
        key: [
            Feature(each["id"], each["geometry"]["type"], each["geometry"]["coordinates"], each["properties"])
            for each in layer["features"]
        ]
        for key, layer in decoded.items()
    }
