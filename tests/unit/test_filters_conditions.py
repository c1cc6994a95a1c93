from datetime import UTC, date, datetime

import pytest

from geo_registry.errors import BadQuery, FilterMistyped, FilterProperty, FilterSyntax, FilterUnsupported
from geo_registry.filters.expression import Value, ValueType, bind, parse
from geo_registry.filters.rows import row_test

TYPES = {
    "beds": ValueType.NUMBER,
    "used": ValueType.NUMBER,
    "name": ValueType.TEXT,
    "open": ValueType.BOOLEAN,
    "since": ValueType.DATE,
    "at": ValueType.TIMESTAMP,
    "modes": ValueType.TEXTS,
    "村名 全称": ValueType.TEXT,
}
EMPTY: dict[str, Value] = dict.fromkeys(TYPES)


def matches(text: str, **row: Value) -> bool:
    return row_test(bind(parse(text), TYPES))(EMPTY | row)


@pytest.mark.parametrize(
    ("text", "row", "expected"),
    [
        ("beds > 0", {"beds": 1}, True),
        ("beds > 0", {"beds": 0}, False),
        ("beds = 1.5", {"beds": 1.5}, True),
        ("beds BETWEEN 1 AND 3", {"beds": 3}, True),
        ("beds NOT BETWEEN 1 AND 3", {"beds": 4}, True),
        ("beds IN (1, 2)", {"beds": 2}, True),
        ("beds NOT IN (1, 2)", {"beds": 2}, False),
        ("name LIKE '%村'", {"name": "前田村"}, True),
        ("name LIKE '_田村'", {"name": "前田村"}, True),
        ("name LIKE '前田'", {"name": "前田村"}, False),
        (r"name LIKE '100\%'", {"name": "100%"}, True),
        (r"name LIKE '100\%'", {"name": "1000"}, False),
        ("name LIKE '%a.c%'", {"name": "xabcx"}, False),
        ("name LIKE '%b'", {"name": "a\nb"}, True),
        ("open", {"open": True}, True),
        ("NOT open", {"open": False}, True),
        ("open = false", {"open": False}, True),
        ("since >= DATE('2020-01-01')", {"since": date(2020, 1, 1)}, True),
        ("since < '2020-01-01'", {"since": date(2019, 12, 31)}, True),
        ("at > TIMESTAMP('2020-01-01T00:00:00Z')", {"at": datetime(2020, 1, 2, tzinfo=UTC)}, True),
        ("at > DATE('2020-01-01')", {"at": datetime(2020, 1, 1, 1, tzinfo=UTC)}, True),
        ("beds - used >= 10", {"beds": 30, "used": 20}, True),
        ("beds / used > 1.4", {"beds": 30, "used": 20}, True),
        ("beds % 7 = 2", {"beds": 30}, True),
        ("-beds % 7 = -2", {"beds": 30}, True),
        ("beds div 7 = 4", {"beds": 30}, True),
        ("A_CONTAINS(modes, ('a', 'b'))", {"modes": ("b", "c", "a")}, True),
        ("A_CONTAINS(modes, ('a', 'b'))", {"modes": ("b", "c")}, False),
        ("A_OVERLAPS(modes, ('a', 'b'))", {"modes": ("b", "c")}, True),
        ("NOT A_OVERLAPS(modes, ('a', 'b'))", {"modes": ()}, True),
        ("(beds = 1 OR name = 'x') AND open", {"beds": 2, "name": "x", "open": True}, True),
        ("beds = '30'", {"beds": 30}, True),
        ("\"村名 全称\" = '前田'", {"村名 全称": "前田"}, True),
    ],
)
def test_condition_decides_a_row(text: str, row: dict[str, Value], *, expected: bool) -> None:
    assert matches(text, **row) is expected


@pytest.mark.parametrize(
    "text",
    [
        "beds > 0",
        "beds <> 5",
        "NOT beds > 0",
        "NOT (beds > 0)",
        "beds IN (1, 2)",
        "beds NOT IN (1, 2)",
        "name LIKE '%'",
        "NOT name LIKE '%'",
        "beds BETWEEN 0 AND 9",
        "beds + 1 > 0",
        "1 / beds > 0",
        "open",
        "NOT open",
        "A_CONTAINS(modes, ('a'))",
        "NOT A_OVERLAPS(modes, ('a'))",
        "beds > 0 AND open",
    ],
)
def test_empty_value_never_matches(text: str) -> None:
    assert matches(text) is False


def test_dividing_by_zero_is_empty() -> None:
    assert matches("1 / beds > 0", beds=0) is False
    assert matches("beds % used IS NULL", beds=3, used=0) is True


def test_emptiness_is_what_is_null_asks() -> None:
    assert matches("beds IS NULL") is True
    assert matches("beds IS NOT NULL", beds=0) is True


def test_unknown_decides_nothing_where_the_other_side_does() -> None:
    assert matches("beds > 0 OR name = 'x'", name="x") is True
    assert matches("NOT (beds > 0 AND name = 'y')", name="x") is True


def test_unknown_field_is_refused_with_those_that_are_there() -> None:
    with pytest.raises(FilterProperty) as refused:
        bind(parse("bets > 0"), TYPES)
    assert "bets" in refused.value.message("zh")
    assert "beds" in refused.value.hint("en")


@pytest.mark.parametrize("text", ["beds >", "", "beds = 1 2", "beds == 1", "name LIKE 'a\\'", "since > DATE('20')"])
def test_what_is_not_cql2_is_refused(text: str) -> None:
    with pytest.raises(FilterSyntax):
        bind(parse(text), TYPES)


@pytest.mark.parametrize(
    "text",
    [
        "beds > 'many'",
        "name > 3",
        "beds LIKE '3%'",
        "beds",
        "open = 1",
        "name + 1 = 2",
        "since > 3",
        "A_CONTAINS(name, ('a'))",
    ],
)
def test_things_of_two_types_are_not_compared(text: str) -> None:
    with pytest.raises(FilterMistyped):
        bind(parse(text), TYPES)


@pytest.mark.parametrize(
    "text",
    [
        "beds ^ 2 = 4",
        "casei(name) = 'x'",
        "beds = NULL",
        "s_intersects(name, POINT(1 2))",
        "name LIKE name",
        "open > true",
        "modes = modes",
        "modes IN ('a', 'b')",
        "A_OVERLAPS(modes, (1, 2))",
        "A_CONTAINS(modes, (name))",
        "A_EQUALS(modes, ('a'))",
    ],
)
def test_what_is_not_evaluated_is_refused(text: str) -> None:
    with pytest.raises(FilterUnsupported):
        bind(parse(text), TYPES)


@pytest.mark.parametrize(
    "text",
    ["(" * 1500 + "beds = 1" + ")" * 1500, "NOT " * 900 + "open", "beds" + " + 1" * 900 + " = 1", "beds = 1 OR " * 900],
)
def test_text_made_to_exhaust_the_parser_is_refused(text: str) -> None:
    with pytest.raises(BadQuery):
        bind(parse(text), TYPES)


def test_condition_tells_which_fields_it_asks_for() -> None:
    assert parse("beds > 0 AND (name LIKE 'x%' OR NOT beds = used)").properties == ("beds", "name", "used")
