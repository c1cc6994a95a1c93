"""A registry of place names and civil-affairs facilities on PostGIS, with a GIS API."""
