"""ROOM administrative divisions: by code, by name, by vintage, and which of them a point lies in."""
