"""A condition decides alike whether it runs over a row or in the database."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Boolean, Connection, Date, Double, Engine, Text, bindparam, cast, func, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeEngine

from geo_registry.filters.expression import Value, ValueType, bind, parse
from geo_registry.filters.rows import row_test
from geo_registry.filters.sql import sql_clause

TYPES = {
    "a": ValueType.NUMBER,
    "b": ValueType.NUMBER,
    "t": ValueType.TEXT,
    "u": ValueType.TEXT,
    "f": ValueType.BOOLEAN,
    "d": ValueType.DATE,
    "l": ValueType.TEXTS,
}

numbers = st.one_of(
    st.integers(-5, 5), st.floats(-1e6, 1e6, allow_nan=False, allow_subnormal=False), st.sampled_from([0.1, 0.2, 0.3])
)
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=6) | st.sampled_from(
    ["", "a", "A", "ab", "村", "前田村", "%", "_", "\\", "a%"]
)
dates = st.dates(date(1990, 1, 1), date(2030, 1, 1))

rows = st.fixed_dictionaries(
    {
        "a": st.none() | numbers,
        "b": st.none() | numbers,
        "t": st.none() | texts,
        "u": st.none() | texts,
        "f": st.none() | st.booleans(),
        "d": st.none() | dates,
        "l": st.none() | st.lists(texts, max_size=3).map(tuple),
    }
)


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


number_literals = numbers.map(lambda number: f"{float(number):.6f}")
text_literals = st.sampled_from(["", "a", "A", "ab", "村", "前田村", "it's", "%"]).map(quoted)
patterns = st.sampled_from(["%", "_", "a%", "%村", r"\%", "_a_", "%%", "前_村", ""]).map(quoted)
comparisons = st.sampled_from(["=", "<>", "<", "<=", ">", ">="])

number_operands = st.recursive(
    st.sampled_from(["a", "b"]) | number_literals,
    lambda inner: st.builds("({} {} {})".format, inner, st.sampled_from(["+", "-", "*", "/", "%", "div"]), inner),
    max_leaves=3,
)
text_operands = st.sampled_from(["t", "u"]) | text_literals

predicates = st.one_of(
    st.builds("{} {} {}".format, number_operands, comparisons, number_operands),
    st.builds("{} {} {}".format, text_operands, comparisons, text_operands),
    st.builds("d {} DATE('{}')".format, comparisons, dates),
    st.builds("a BETWEEN {} AND {}".format, number_literals, number_operands),
    st.builds("a IN ({}, {})".format, number_literals, number_operands),
    st.builds("t NOT IN ({}, {})".format, text_operands, text_literals),
    st.builds("{} LIKE {}".format, st.sampled_from(["t", "u"]), patterns),
    st.builds("{} NOT LIKE {}".format, st.sampled_from(["t", "u"]), patterns),
    st.builds("{} IS NULL".format, st.sampled_from(list(TYPES))),
    st.builds("{} IS NOT NULL".format, number_operands.filter(lambda operand: operand.startswith("("))),
    st.builds("{}(l, ({}, {}))".format, st.sampled_from(["A_CONTAINS", "A_OVERLAPS"]), text_literals, text_literals),
    st.sampled_from(["f", "NOT f", "f = true", "f <> true", "true", "false"]),
)
conditions = st.recursive(
    predicates,
    lambda inner: st.one_of(
        st.builds("({} AND {})".format, inner, inner),
        st.builds("({} OR {})".format, inner, inner),
        st.builds("NOT ({})".format, inner),
    ),
    max_leaves=5,
)

SQL_TYPES: Mapping[str, TypeEngine[Any]] = {
    "a": Double(),
    "b": Double(),
    "t": Text(),
    "u": Text(),
    "f": Boolean(),
    "d": Date(),
    "l": JSONB(none_as_null=True),
}


@pytest.fixture(scope="module")
def connection(worker_engine: Engine) -> Iterator[Connection]:
    with worker_engine.connect() as opened:
        yield opened


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(text=conditions, row=rows)
def test_row_test_and_sql_decide_alike(connection: Connection, text: str, row: dict[str, Value]) -> None:
    checked = bind(parse(text), TYPES)
    one = select(
        *[cast(bindparam(name, row[name], SQL_TYPES[name]), SQL_TYPES[name]).label(name) for name in TYPES]
    ).subquery()
    clause = sql_clause(checked, {name: one.c[name] for name in TYPES})
    found = connection.scalar(select(func.count()).select_from(one).where(clause))
    assert (found == 1) is row_test(checked)(row)
