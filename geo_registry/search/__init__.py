"""ROOM search: the keys of names, kept up as records change, and what is found by them."""
