"""A condition as a test of one row, with SQL's three-valued logic."""

import math
import re
from collections.abc import Callable, Mapping
from typing import TypeAlias

from geo_registry.filters.expression import (
    COMPARISONS,
    Arithmetic,
    Calculation,
    Comparison,
    Condition,
    Contents,
    Emptiness,
    Every,
    Filter,
    Likeness,
    Literal,
    Membership,
    Negation,
    Operand,
    Property,
    Some,
    Truth,
    Value,
    ValueType,
)

Row: TypeAlias = Mapping[str, Value]
RowTest: TypeAlias = Callable[[Row], bool]
_Truth: TypeAlias = Callable[[Row], bool | None]
_Value: TypeAlias = Callable[[Row], Value]


def row_test(checked: Filter) -> RowTest:
    """The condition as a function of a row.

    The row holds, under every field that the condition names, a value of the field's type or None.
    A condition that is unknown for the row (it compares with something empty) does not match.
    """
    truth = _truth(checked.condition)
    return lambda row: truth(row) is True


def _truth(condition: Condition) -> _Truth:  # noqa: PLR0911 - one a kind of condition
    match condition:
        case Every(conditions):
            return _every(tuple(map(_truth, conditions)))
        case Some(conditions):
            return _some(tuple(map(_truth, conditions)))
        case Negation(inner):
            return _negated(_truth(inner))
        case Comparison():
            return _comparison(condition)
        case Membership(operand, options):
            return _membership(_value(operand), tuple(map(_value, options)))
        case Contents(operand, texts, every):
            return _contents(_value(operand), frozenset(texts), every=every)
        case Emptiness(operand):
            value = _value(operand)
            return lambda row: value(row) is None
        case Likeness(operand, pattern):
            return _likeness(_value(operand), as_regular_expression(pattern))
        case Truth(operand):
            value = _value(operand)
            return lambda row: None if (held := value(row)) is None else bool(held)


def _every(parts: tuple[_Truth, ...]) -> _Truth:
    def test(row: Row) -> bool | None:
        known = True
        for part in parts:
            held = part(row)
            if held is False:
                return False
            known = known and held is not None
        return True if known else None

    return test


def _some(parts: tuple[_Truth, ...]) -> _Truth:
    def test(row: Row) -> bool | None:
        known = True
        for part in parts:
            held = part(row)
            if held is True:
                return True
            known = known and held is not None
        return False if known else None

    return test


def _negated(part: _Truth) -> _Truth:
    def test(row: Row) -> bool | None:
        held = part(row)
        return None if held is None else not held

    return test


def _comparison(comparison: Comparison) -> _Truth:
    left, right, compare = _value(comparison.left), _value(comparison.right), COMPARISONS[comparison.operation]

    def test(row: Row) -> bool | None:
        one, other = left(row), right(row)
        return None if one is None or other is None else bool(compare(one, other))

    return test


def _membership(operand: _Value, options: tuple[_Value, ...]) -> _Truth:
    def test(row: Row) -> bool | None:
        held = operand(row)
        if held is None:
            return None
        others = [option(row) for option in options]
        if held in [other for other in others if other is not None]:
            return True
        return None if None in others else False

    return test


def _contents(operand: _Value, texts: frozenset[str], *, every: bool) -> _Truth:
    def test(row: Row) -> bool | None:
        held = operand(row)
        if not isinstance(held, tuple):
            return None
        return texts.issubset(held) if every else not texts.isdisjoint(held)

    return test


def as_regular_expression(pattern: str) -> re.Pattern[str]:
    r"""A LIKE pattern (``%``, ``_``, escape ``\``) as a regular expression over the whole text."""
    parts: list[str] = []
    characters = iter(pattern)
    for character in characters:
        if character == "\\":
            parts.append(re.escape(next(characters)))
        else:
            parts.append({"%": ".*", "_": "."}.get(character, re.escape(character)))
    return re.compile("".join(parts), re.DOTALL)


def _likeness(operand: _Value, pattern: re.Pattern[str]) -> _Truth:
    def test(row: Row) -> bool | None:
        held = operand(row)
        return None if held is None else pattern.fullmatch(str(held)) is not None

    return test


def _value(operand: Operand) -> _Value:
    match operand:
        case Literal(value, _):
            return lambda _row: value
        case Property(name, kind):
            if kind is ValueType.NUMBER:
                return lambda row: None if (held := row[name]) is None else float(held)  # type: ignore[arg-type]
            return lambda row: row[name]
        case Calculation(operation, left, right):
            return _calculation(operation, _value(left), _value(right))


def _calculation(operation: Arithmetic, left: _Value, right: _Value) -> _Value:
    calculate = CALCULATIONS[operation]

    def calculated(row: Row) -> Value:
        one, other = left(row), right(row)
        if not isinstance(one, float) or not isinstance(other, float):
            return None
        return calculate(one, other)

    return calculated


def _over(one: float, other: float) -> float | None:
    return one / other if other else None


def _whole(one: float, other: float) -> float | None:
    quotient = _over(one, other)
    return quotient if quotient is None or not math.isfinite(quotient) else float(math.trunc(quotient))


def _remainder(one: float, other: float) -> float | None:
    # Exactly what SQL is given to compute: double precision has no remainder of its own there.
    whole = _whole(one, other)
    return None if whole is None else one - other * whole


CALCULATIONS: Mapping[Arithmetic, Callable[[float, float], float | None]] = {
    Arithmetic.PLUS: lambda one, other: one + other,
    Arithmetic.MINUS: lambda one, other: one - other,
    Arithmetic.TIMES: lambda one, other: one * other,
    Arithmetic.OVER: _over,
    Arithmetic.REMAINDER: _remainder,
    Arithmetic.WHOLE: _whole,
}
