"""How tiles are described: TileJSON 3.0.0."""

from typing import Annotated

from pydantic import BaseModel, Field

from tiles.layers import Layer
from tiles.tilejson import Description


class VectorLayerOut(BaseModel):
    """One layer of the tiles."""

    id: str
    description: str
    minzoom: int
    maxzoom: int
    geometry: Annotated[str, Field(description="Beside TileJSON: `point`, `line` or `polygon or point`")]
    fields: Annotated[dict[str, str], Field(description="What each field holds, by its key")]

    @classmethod
    def of(cls, layer: Layer, *, maxzoom: int, locale: str) -> "VectorLayerOut":
        """`layer`, in the language of `locale`."""
        en = locale.startswith("en")
        return cls(
            id=layer.key,
            description=layer.title(locale),
            minzoom=layer.minzoom,
            maxzoom=maxzoom,
            geometry=layer.geometry.value,
            fields={field.key: f"{field.kind.value}: {field.en if en else field.zh}" for field in layer.fields},
        )


class TileJsonOut(BaseModel):
    """What a client must know before it asks for tiles."""

    tilejson: str = "3.0.0"
    name: str
    attribution: Annotated[str, Field(description="Whom the data is credited to, as HTML")]
    scheme: str = "xyz"
    tiles: Annotated[list[str], Field(description="The address of a tile, with {z}, {x} and {y} to be filled in")]
    minzoom: int
    maxzoom: Annotated[int, Field(description="Enlarge the tiles of this zoom beyond it")]
    bounds: Annotated[list[float], Field(description="West, south, east, north in degrees (CRS84)")]
    vector_layers: list[VectorLayerOut]

    @classmethod
    def of(cls, description: Description, *, address: str, locale: str) -> "TileJsonOut":
        """`description` of the tiles at `address`."""
        box = description.bounds
        return cls(
            name=description.name,
            attribution=description.attribution,
            tiles=[address],
            minzoom=description.minzoom,
            maxzoom=description.maxzoom,
            bounds=[box.west, box.south, box.east, box.north],
            vector_layers=[
                VectorLayerOut.of(layer, maxzoom=description.maxzoom, locale=locale) for layer in description.layers
            ],
        )
