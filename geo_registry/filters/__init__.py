"""Filters: CQL2 text parsed once, then a test of a row or a clause of SQL; values, no database.

Imports, exports, the API, tiles and service standards share it: ``bind(parse(text), types)`` checks a condition
against the fields that there are, ``row_test`` and ``sql_clause`` run it, and both decide alike.
"""
