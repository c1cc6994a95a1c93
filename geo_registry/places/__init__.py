"""ROOM place names: places with their names, extents and relations, each with its period."""
