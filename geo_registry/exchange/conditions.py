"""The mapping's condition over a file's own columns, once their types are known."""

from collections.abc import Mapping, Sequence
from itertools import product

from geo_registry.errors import FilterColumnMixed, FilterMistyped
from geo_registry.exchange.source import Chunk, Scan
from geo_registry.filters.expression import Filter, Syntax, ValueType, bind
from geo_registry.filters.rows import row_test

GUESSED_COLUMNS = 3
"""Columns without any value may have any type; for more of them than this only texts are tried."""


class RowCondition:
    """Which rows of a file are imported."""

    def __init__(self, syntax: Syntax, scan: Scan) -> None:
        self.text = syntax.text
        self.columns = syntax.properties
        self._test = row_test(_bound(syntax, scan))

    def keep(self, chunk: Chunk) -> Sequence[bool]:
        """Whether each row of the chunk fulfils the condition."""
        columns = [chunk.typed(name) for name in self.columns]
        if not columns:
            return [self._test({})] * len(chunk.numbers)
        return [self._test(dict(zip(self.columns, row, strict=True))) for row in zip(*columns, strict=True)]


def _bound(syntax: Syntax, scan: Scan) -> Filter:
    types: Mapping[str, ValueType] = {name: kind for name, kind in scan.types.items() if kind is not None}
    empty = [name for name, kind in scan.types.items() if kind is None]
    guesses = (
        product(ValueType, repeat=len(empty)) if len(empty) <= GUESSED_COLUMNS else [[ValueType.TEXT] * len(empty)]
    )
    refusal: FilterMistyped | None = None
    for guess in guesses:
        try:
            return bind(syntax, {**types, **dict(zip(empty, guess, strict=True))})
        except FilterMistyped as error:
            refusal = refusal or error
    for name, (row, value) in scan.mixed.items():
        raise FilterColumnMixed(column=name, row=row, value=value) from refusal
    raise refusal if refusal is not None else AssertionError(syntax.text)
