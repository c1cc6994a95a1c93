"""ROOM roads as a graph: access rules, compilation, snapping and shortest paths in integers.

From the bottom: `compiled` (how kernels are made), `geodesic` and `hilbert` (measures), `access` (what tags allow),
`grid` and `graph` (what is compiled once), `store` (kept on disk), `snap`, `kernels`, `points` and `paths` (what is
asked of it). None of these knows the database: arrays in, arrays out.
"""
