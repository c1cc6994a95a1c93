"""CQL2 text as a checked expression: what was written, with the type of every part known.

Supported is Basic CQL2 (OGC 21-065r2, clause 6) with its advanced comparisons and arithmetic: ``= <> < <= > >=``,
``AND OR NOT``, ``IN``, ``BETWEEN``, ``IS NULL``, ``LIKE``, ``+ - * / % div``, ``DATE('…')`` and ``TIMESTAMP('…')``;
of the array functions ``A_CONTAINS`` and ``A_OVERLAPS`` over a field that holds several texts.
"""

import math
import operator
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, TypeAlias

import cql2

from geo_registry.errors import FilterMistyped, FilterProperty, FilterSyntax, FilterUnsupported

MAX_CHARS = 4_000
"""Longer conditions are refused: nobody writes them by hand."""
MAX_PARENTHESES = 64
"""The parser recurses without a limit of its own: two thousand open parentheses end the process."""
MAX_DEPTH = 100
"""How deep operators may nest; the compilers recurse over them."""

Scalar: TypeAlias = str | float | bool | date | datetime
Value: TypeAlias = Scalar | int | tuple[str, ...] | None
"""What a field of a row may hold; None (empty) never fulfils a comparison."""


class ValueType(StrEnum):
    """The type of a field or of a part of a condition."""

    NUMBER = "number"
    """Compared as double-precision numbers."""
    TEXT = "text"
    """Compared by code points, case-sensitive."""
    BOOLEAN = "boolean"
    DATE = "date"
    TIMESTAMP = "timestamp"
    """A moment with its time zone."""
    TEXTS = "list"
    """Several texts; a condition asks what is among them."""


class Compare(StrEnum):
    """Comparison operators."""

    EQUAL = "="
    UNEQUAL = "<>"
    LESS = "<"
    LESS_OR_EQUAL = "<="
    GREATER = ">"
    GREATER_OR_EQUAL = ">="


class Arithmetic(StrEnum):
    """Arithmetic operators; all work on double-precision numbers, and dividing by zero is empty."""

    PLUS = "+"
    MINUS = "-"
    TIMES = "*"
    OVER = "/"
    REMAINDER = "%"
    """What is left of the division rounded towards zero."""
    WHOLE = "div"
    """The quotient, rounded towards zero."""


COMPARISONS: Mapping[Compare, Callable[[Any, Any], Any]] = {
    Compare.EQUAL: operator.eq,
    Compare.UNEQUAL: operator.ne,
    Compare.LESS: operator.lt,
    Compare.LESS_OR_EQUAL: operator.le,
    Compare.GREATER: operator.gt,
    Compare.GREATER_OR_EQUAL: operator.ge,
}
"""What each comparison does to two values, or to two columns."""


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant."""

    value: Scalar
    type: ValueType


@dataclass(frozen=True, slots=True)
class Property:
    """A field of the row."""

    name: str
    type: ValueType


@dataclass(frozen=True, slots=True)
class Calculation:
    """An arithmetic operation on two numbers."""

    operation: Arithmetic
    left: "Operand"
    right: "Operand"
    type: ValueType = ValueType.NUMBER


Operand: TypeAlias = Literal | Property | Calculation


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two operands of one type, compared."""

    operation: Compare
    left: Operand
    right: Operand


@dataclass(frozen=True, slots=True)
class Membership:
    """Whether an operand equals one of several."""

    operand: Operand
    options: tuple[Operand, ...]


@dataclass(frozen=True, slots=True)
class Contents:
    """Whether a field's texts hold all of the `texts`, or, without `every`, any of them."""

    operand: Property
    texts: tuple[str, ...]
    every: bool


@dataclass(frozen=True, slots=True)
class Emptiness:
    """Whether an operand is empty; the one question that an empty value answers with yes."""

    operand: Operand


@dataclass(frozen=True, slots=True)
class Likeness:
    r"""Whether a text matches a pattern: ``%`` any characters, ``_`` one, ``\`` takes the next one as it is."""

    operand: Operand
    pattern: str


@dataclass(frozen=True, slots=True)
class Truth:
    """A boolean field or constant that stands for itself."""

    operand: Operand


@dataclass(frozen=True, slots=True)
class Every:
    """All conditions hold."""

    conditions: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Some:
    """At least one condition holds."""

    conditions: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Negation:
    """The condition does not hold; unknown stays unknown."""

    condition: "Condition"


Condition: TypeAlias = Comparison | Membership | Contents | Emptiness | Likeness | Truth | Every | Some | Negation


@dataclass(frozen=True, slots=True)
class Syntax:
    """A condition that parses; its fields and types are not checked yet."""

    text: str
    tree: object
    """CQL2 JSON."""

    @property
    def properties(self) -> tuple[str, ...]:
        """The names of the fields that the condition asks for, sorted."""
        return tuple(sorted(set(_property_names(self.tree))))


@dataclass(frozen=True, slots=True)
class Filter:
    """A condition checked against the fields that there are."""

    text: str
    condition: Condition


def parse(text: str) -> Syntax:
    """Parse CQL2 text.

    Raises
    ------
    FilterSyntax
        It isn't CQL2; the error says where it stops to be.
    FilterUnsupported
        It is longer, or nests deeper, than is accepted.
    """
    if len(text) > MAX_CHARS:
        raise FilterUnsupported(what=f"> {MAX_CHARS} characters")
    if "\x00" in text:
        raise FilterSyntax(text=text.replace("\x00", "␀"), reason="NUL")
    if _deepest_parenthesis(text) > MAX_PARENTHESES:
        raise FilterUnsupported(what=f"> {MAX_PARENTHESES} × (")
    try:
        tree: object = cql2.parse_text(text).to_json()
    except cql2.ParseError as error:
        raise FilterSyntax(text=text, reason=_where_it_stops(str(error))) from error
    return Syntax(text=text, tree=tree)


def bind(syntax: Syntax, types: Mapping[str, ValueType]) -> Filter:
    """Check a parsed condition against the fields of the rows and their types.

    A text constant beside a number or a date is read as one, so that ``code = '330702'`` works on a column of numbers.

    Raises
    ------
    FilterProperty
        A field isn't there; the error names those that are.
    FilterMistyped
        Things of two types are compared, or a constant can't be read as what it is compared with.
    FilterUnsupported
        An operator or function that the registry doesn't evaluate.
    """
    return Filter(text=syntax.text, condition=_Binder(syntax.text, types).condition(syntax.tree, 0))


def _deepest_parenthesis(text: str) -> int:
    depth = deepest = 0
    quote = ""
    for character in text:
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character in "([":
            depth += 1
            deepest = max(deepest, depth)
        elif character in ")]":
            depth -= 1
    return deepest


def _where_it_stops(message: str) -> str:
    place = re.search(r"--> \d+:(\d+)", message)
    expected = re.search(r"= (expected .*)", message)
    parts = [f"character {place.group(1)}" if place else "", expected.group(1) if expected else ""]
    return ": ".join(part for part in parts if part) or message


def _property_names(tree: object) -> Iterator[str]:
    waiting: list[object] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, list):
            waiting.extend(node)
        elif isinstance(node, dict):
            if isinstance(node.get("property"), str):
                yield node["property"]
            waiting.extend(node.get("args") or [])


class _Binder:
    """Walks CQL2 JSON and gives every part its type."""

    def __init__(self, text: str, types: Mapping[str, ValueType]) -> None:
        self._text = text
        self._types = types

    def condition(self, node: object, depth: int) -> Condition:
        """A part of which only the truth counts."""
        self._not_too_deep(depth)
        if isinstance(node, dict) and "op" in node:
            operation, arguments = str(node["op"]).lower(), list(node.get("args") or [])
            if operation in {"and", "or"}:
                conditions = tuple(self.condition(argument, depth + 1) for argument in arguments)
                return Every(conditions) if operation == "and" else Some(conditions)
            if operation == "not":
                return Negation(self.condition(arguments[0], depth + 1))
            return self._predicate(operation, arguments, depth)
        operand = self.operand(node, depth)
        if operand.type is not ValueType.BOOLEAN:
            raise FilterMistyped(text=self._text, left=_said(operand), right=ValueType.BOOLEAN)
        return Truth(operand)

    def _predicate(self, operation: str, arguments: list[object], depth: int) -> Condition:
        if operation in set(Compare):
            left, right = self._alike([self.operand(argument, depth + 1) for argument in arguments])
            return self._comparison(Compare(operation), left, right)
        if operation == "between":
            operand, low, high = self._alike([self.operand(argument, depth + 1) for argument in arguments])
            return Every(
                (
                    self._comparison(Compare.GREATER_OR_EQUAL, operand, low),
                    self._comparison(Compare.LESS_OR_EQUAL, operand, high),
                )
            )
        if operation == "in" and isinstance(arguments[1], list):
            operand, *options = self._alike(
                [self.operand(argument, depth + 1) for argument in (arguments[0], *arguments[1])]
            )
            return Membership(operand, tuple(options))
        if operation in {"a_contains", "a_overlaps"}:
            return self._contents(operation, arguments, depth)
        if operation == "isnull":
            return Emptiness(self.operand(arguments[0], depth + 1))
        if operation == "like":
            return self._likeness(self.operand(arguments[0], depth + 1), arguments[1])
        raise FilterUnsupported(what=operation)

    def _comparison(self, operation: Compare, left: Operand, right: Operand) -> Comparison:
        if left.type is ValueType.BOOLEAN and operation not in {Compare.EQUAL, Compare.UNEQUAL}:
            raise FilterUnsupported(what=f"boolean {operation} boolean")
        return Comparison(operation, left, right)

    def _contents(self, operation: str, arguments: list[object], depth: int) -> Contents:
        operand, texts = self.operand(arguments[0], depth + 1), arguments[1]
        if not isinstance(operand, Property) or operand.type is not ValueType.TEXTS:
            raise FilterMistyped(text=self._text, left=_said(operand), right=ValueType.TEXTS)
        if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
            raise FilterUnsupported(what=f"{operation} (…, ('…', '…'))")
        return Contents(operand, tuple(texts), every=operation == "a_contains")

    def _likeness(self, operand: Operand, pattern: object) -> Likeness:
        if operand.type is not ValueType.TEXT:
            raise FilterMistyped(text=self._text, left=_said(operand), right=ValueType.TEXT)
        if not isinstance(pattern, str):
            raise FilterUnsupported(what="LIKE without a quoted pattern")
        if (len(pattern) - len(pattern.rstrip("\\"))) % 2:
            raise FilterSyntax(text=self._text, reason="LIKE '…\\'")
        return Likeness(operand, pattern)

    def operand(self, node: object, depth: int) -> Operand:
        """A part that has a value."""
        self._not_too_deep(depth)
        if isinstance(node, bool):
            return Literal(node, ValueType.BOOLEAN)
        if isinstance(node, int | float):
            if not math.isfinite(node):
                raise FilterSyntax(text=self._text, reason=f"{node}")
            return Literal(float(node), ValueType.NUMBER)
        if isinstance(node, str):
            return Literal(node, ValueType.TEXT)
        if node is None:
            raise FilterUnsupported(what="NULL (IS NULL …)")
        if isinstance(node, dict):
            return self._structured(node, depth)
        raise FilterUnsupported(what=str(node))

    def _structured(self, node: dict[str, object], depth: int) -> Operand:
        if isinstance(name := node.get("property"), str):
            if name not in self._types:
                raise FilterProperty(name=name, known=", ".join(self._types) or "–")
            return Property(name, self._types[name])
        if "date" in node:
            return Literal(self._date(str(node["date"])), ValueType.DATE)
        if "timestamp" in node:
            return Literal(self._moment(str(node["timestamp"])), ValueType.TIMESTAMP)
        operation = str(node.get("op", "")).lower()
        arguments = node.get("args")
        if operation in set(Arithmetic) and isinstance(arguments, list):
            return self._calculation(Arithmetic(operation), arguments, depth)
        raise FilterUnsupported(what=operation or ", ".join(node))

    def _calculation(self, operation: Arithmetic, arguments: list[object], depth: int) -> Operand:
        operands = [self.operand(argument, depth + 1) for argument in arguments]
        for operand in operands:
            if operand.type is not ValueType.NUMBER:
                raise FilterMistyped(text=self._text, left=_said(operand), right=ValueType.NUMBER)
        result, *others = operands
        for other in others:
            result = Calculation(operation, result, other)
        return result

    def _alike(self, operands: list[Operand]) -> list[Operand]:
        """The operands as one type, that of the fields among them; constants follow."""
        leading = next((operand for operand in operands if not isinstance(operand, Literal)), operands[0])
        if leading.type is ValueType.TEXTS:
            raise FilterUnsupported(what=f"{_said(leading)}: A_CONTAINS, A_OVERLAPS")
        return [self._as(operand, leading) for operand in operands]

    def _as(self, operand: Operand, leading: Operand) -> Operand:
        wanted = leading.type
        if operand.type is wanted:
            return operand
        if isinstance(operand, Literal):
            if operand.type is ValueType.TEXT and wanted in {ValueType.NUMBER, ValueType.DATE, ValueType.TIMESTAMP}:
                return self._read(str(operand.value), wanted, leading)
            if isinstance(operand.value, date) and wanted is ValueType.TIMESTAMP:
                return Literal(datetime(operand.value.year, operand.value.month, operand.value.day, tzinfo=UTC), wanted)
        raise FilterMistyped(text=self._text, left=_said(leading), right=_said(operand))

    def _read(self, written: str, wanted: ValueType, leading: Operand) -> Literal:
        try:
            if wanted is ValueType.NUMBER:
                value: Scalar = _finite(written)
            elif wanted is ValueType.DATE:
                value = date.fromisoformat(written)
            else:
                value = _aware(datetime.fromisoformat(written))
        except ValueError as error:
            raise FilterMistyped(text=self._text, left=_said(leading), right=f"'{written}'") from error
        return Literal(value, wanted)

    def _date(self, written: str) -> date:
        try:
            return date.fromisoformat(written)
        except ValueError as error:
            raise FilterSyntax(text=self._text, reason=f"DATE('{written}')") from error

    def _moment(self, written: str) -> datetime:
        try:
            return _aware(datetime.fromisoformat(written))
        except ValueError as error:
            raise FilterSyntax(text=self._text, reason=f"TIMESTAMP('{written}')") from error

    def _not_too_deep(self, depth: int) -> None:
        if depth > MAX_DEPTH:
            raise FilterUnsupported(what=f"> {MAX_DEPTH} levels")


def _finite(written: str) -> float:
    number = float(written)
    if not math.isfinite(number):
        raise ValueError(written)
    return number


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _said(operand: Operand) -> str:
    match operand:
        case Property(name, kind):
            return f"{name} ({kind})"
        case Literal(value, kind):
            return f"{value!s} ({kind})"
        case Calculation():
            return "calculation (number)"
