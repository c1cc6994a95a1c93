"""Some rows on their way: their mapped values, and what was found wrong with them."""

from collections.abc import Mapping, Sequence
from itertools import compress
from typing import TypeVar

import numpy as np

from geo_registry.exchange.converters import Converter, Doubtful, RawValue, written
from geo_registry.exchange.plan import Plan
from geo_registry.exchange.problems import Problem, ProblemCode, Refused, Severity
from geo_registry.exchange.source import Chunk, Shapes

Output = TypeVar("Output")


class Batch:
    """The rows of a chunk that the condition kept.

    A value that can't be taken refuses its row only: it leaves None in its place and the row in `refused`.
    """

    def __init__(self, chunk: Chunk, plan: Plan, keep: Sequence[bool] | None) -> None:
        self.chunk = chunk
        self._plan = plan
        self._keep = keep if keep is not None and not all(keep) else None
        self.numbers: Sequence[int] = self.kept(chunk.numbers)
        self.problems: list[Problem] = []
        self.refused: set[int] = set()
        self.skipped: set[int] = set()
        """Rows that are nothing to import, and no mistake."""

    def __len__(self) -> int:
        return len(self.numbers)

    def kept(self, values: Sequence[Output]) -> Sequence[Output]:
        """Of one value a row of the chunk those of the batch's rows."""
        return values if self._keep is None else list(compress(values, self._keep))

    def has(self, field: str) -> bool:
        """Whether a column or a constant fills the field."""
        return field in self._plan.columns or field in self._plan.constants

    def raw(self, field: str) -> Sequence[RawValue]:
        """The field's values as the file has them; the constant where there is one."""
        column = self._plan.columns.get(field)
        if column is None:
            return [self._plan.constants.get(field)] * len(self)
        return self.kept(self.chunk.column(column))

    def column(self, name: str) -> Sequence[RawValue]:
        """One of the file's columns."""
        return self.kept(self.chunk.column(name))

    def called(self, field: str) -> str:
        """What the file calls a field: its column; a constant's own name."""
        return self._plan.columns.get(field, field)

    def shapes(self) -> Shapes | None:
        """The rows' geometries in the source's CRS."""
        shapes = self.chunk.shapes()
        if shapes is None or self._keep is None:
            return shapes
        kept: Shapes = shapes[np.array(self._keep, dtype=bool)]
        return kept

    def get(self, field: str, convert: Converter[Output]) -> Sequence[Output | None]:
        """The field's values, converted; None where it is empty, mapped by nothing, or refused."""
        if not self.has(field):
            return [None] * len(self)
        if field not in self._plan.columns:
            # That constants convert was seen before the first row.
            return [convert(self._plan.constants[field])] * len(self)
        values = self.raw(field)
        try:
            return [convert(value) for value in values]
        except Refused:
            return [self._tried(at, field, value, convert) for at, value in enumerate(values)]

    def required(self, field: str, convert: Converter[Output | None]) -> Sequence[Output | None]:
        """The field's values, converted; a row where it is empty is refused."""
        values = self.get(field, convert)
        for at, value in enumerate(values):
            if value is None and at not in self.refused:
                self.tell(at, field, None, ProblemCode.REQUIRED)
        return values

    def _tried(self, at: int, field: str, value: RawValue, convert: Converter[Output]) -> Output | None:
        try:
            return convert(value)
        except Refused as refusal:
            self.tell(at, field, value, refusal.code, refusal.details)
            return None

    def settled(self, field: str, values: Sequence[Output | Doubtful | None]) -> Sequence[Output | None]:
        """Values without the doubts, which become warnings."""
        settled: list[Output | None] = []
        for at, value in enumerate(values):
            if isinstance(value, Doubtful):
                self.tell(at, field, self.raw(field)[at], value.code, value.details)
                settled.append(value.value)  # type: ignore[arg-type]
            else:
                settled.append(value)
        return settled

    def tell(
        self, at: int, field: str, value: RawValue, code: ProblemCode, details: Mapping[str, str] | None = None
    ) -> None:
        """Note a problem of the row at `at`; one that refuses it takes it out."""
        self.problems.append(Problem(self.numbers[at], self.called(field), written(value), code, details or {}))
        if code.severity is Severity.REFUSED:
            self.refused.add(at)
