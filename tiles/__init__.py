"""Vector tiles: layers as named SQL, their versions, TileJSON and a style for MapLibre."""
