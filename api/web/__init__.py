"""ROOM pages: what a person opens in a browser."""
