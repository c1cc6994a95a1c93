"""A condition as a clause of SQL over the columns that it is given."""

from collections.abc import Mapping
from typing import Any, TypeAlias

from sqlalchemy import Boolean, ColumnElement, Date, Double, Text, and_, cast, func, literal, not_, or_
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP
from sqlalchemy.types import TypeEngine

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
    ValueType,
)

Column: TypeAlias = ColumnElement[Any]

SQL_TYPES: Mapping[ValueType, TypeEngine[Any]] = {
    ValueType.NUMBER: Double(),
    ValueType.TEXT: Text(),
    ValueType.BOOLEAN: Boolean(),
    ValueType.DATE: Date(),
    ValueType.TIMESTAMP: TIMESTAMP(timezone=True),
    ValueType.TEXTS: JSONB(),
}

BY_CODE_POINT = "C"
"""The collation of every comparison of texts: a database's own would order, and even equal, differently from a row's test."""


def sql_clause(checked: Filter, columns: Mapping[str, Column]) -> ColumnElement[bool]:
    """The condition as a clause for `WHERE`; values are bound, never written into the text.

    Parameters
    ----------
    checked
        The condition, bound to the same names.
    columns
        For every field that the condition names, its column or an expression that computes it.
    """
    return _Compiler(columns).condition(checked.condition)


class _Compiler:
    def __init__(self, columns: Mapping[str, Column]) -> None:
        self._columns = columns

    def condition(self, condition: Condition) -> ColumnElement[bool]:  # noqa: PLR0911 - one a kind of condition
        match condition:
            case Every(conditions):
                return and_(*[self.condition(one) for one in conditions])
            case Some(conditions):
                return or_(*[self.condition(one) for one in conditions])
            case Negation(inner):
                return not_(self.condition(inner).self_group())
            case Comparison(operation, left, right):
                return _clause(COMPARISONS[operation](self._comparable(left), self._value(right)))
            case Membership(operand, options):
                held = self._comparable(operand)
                return or_(*[held == self._value(option) for option in options])
            case Contents(operand, texts, every):
                held, asked = self._value(operand), cast(literal(texts, ARRAY(Text)), ARRAY(Text))
                return held.op("?&" if every else "?|", is_comparison=True)(asked)
            case Emptiness(operand):
                return self._value(operand).is_(None)
            case Likeness(operand, pattern):
                return self._comparable(operand).like(pattern, escape="\\")
            case Truth(operand):
                return self._value(operand).is_(True) if isinstance(operand, Literal) else _clause(self._value(operand))

    def _comparable(self, operand: Operand) -> Column:
        value = self._value(operand)
        return value.collate(BY_CODE_POINT) if operand.type is ValueType.TEXT else value

    def _value(self, operand: Operand) -> Column:
        match operand:
            case Literal(value, kind):
                return cast(literal(value, SQL_TYPES[kind]), SQL_TYPES[kind])
            case Property(name, kind):
                return cast(self._columns[name], SQL_TYPES[kind])
            case Calculation(operation, left, right):
                return _calculation(operation, self._value(left), self._value(right))


def _clause(column: object) -> ColumnElement[bool]:
    if not isinstance(column, ColumnElement):
        raise TypeError(column)
    return column


def _not_zero(divisor: Column) -> Column:
    return func.nullif(divisor, 0, type_=Double())


def _calculation(operation: Arithmetic, left: Column, right: Column) -> Column:
    match operation:
        case Arithmetic.PLUS:
            return left + right
        case Arithmetic.MINUS:
            return left - right
        case Arithmetic.TIMES:
            return left * right
        case Arithmetic.OVER:
            return left / _not_zero(right)
        case Arithmetic.WHOLE:
            return func.trunc(left / _not_zero(right), type_=Double())
        case Arithmetic.REMAINDER:
            return left - right * func.trunc(left / _not_zero(right), type_=Double())
