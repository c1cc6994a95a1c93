"""Conditions on facilities: CQL2 text over what all have and over every kind's own fields."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Text, cast, select
from sqlalchemy.orm import aliased

from geo_registry.facilities.kinds import DETAIL_FIELDS, FieldType
from geo_registry.filters.expression import ValueType, bind, parse
from geo_registry.filters.sql import sql_clause
from geo_registry.model import Dataset, Division, Facility

_COMMON: Mapping[str, ValueType] = {
    "kind": ValueType.TEXT,
    "name": ValueType.TEXT,
    "address": ValueType.TEXT,
    "status": ValueType.TEXT,
    "opened_on": ValueType.DATE,
    "closed_on": ValueType.DATE,
    "confirmed_on": ValueType.DATE,
    "capacity": ValueType.NUMBER,
    "position_quality": ValueType.TEXT,
    "division": ValueType.TEXT,
    "dataset": ValueType.TEXT,
}

_OF_DETAIL: Mapping[FieldType, ValueType] = {
    FieldType.COUNT: ValueType.NUMBER,
    FieldType.QUANTITY: ValueType.NUMBER,
    FieldType.TEXT: ValueType.TEXT,
    FieldType.CHOICE: ValueType.TEXT,
    FieldType.FLAG: ValueType.BOOLEAN,
    FieldType.LIST: ValueType.TEXTS,
}

FILTERABLE: Mapping[str, ValueType] = {
    **_COMMON,
    **{key: _OF_DETAIL[field.holds] for key, field in DETAIL_FIELDS.items() if field.holds in _OF_DETAIL},
}
"""The fields that a condition may name: `division` is the twelve-digit code; of a list it asks what is in it."""


def condition(text: str, of: type[Facility] = Facility) -> ColumnElement[bool]:
    """The condition `text` (CQL2) as a clause over `of`, the facilities or an alias of them.

    A kind that lacks a field leaves it empty, so a comparison with it doesn't match.

    Raises
    ------
    BadQuery
        It can't be parsed, or names a field that facilities don't have.
    """
    checked = bind(parse(text), FILTERABLE)
    return sql_clause(checked, _columns(of))


def _columns(of: type[Facility]) -> Mapping[str, ColumnElement[Any]]:
    columns: dict[str, ColumnElement[Any]] = {
        key: getattr(of, key) for key in _COMMON if key not in {"division", "dataset"}
    }
    # Aliases: the question that the clause goes into may join the same tables.
    division, dataset = aliased(Division), aliased(Dataset)
    columns["division"] = cast(select(division.code).where(division.id == of.division_id).scalar_subquery(), Text)
    columns["dataset"] = select(dataset.key).where(dataset.id == of.dataset_id).scalar_subquery()
    for key in FILTERABLE:
        if key not in columns:
            inside = of.detail[key]
            columns[key] = inside if FILTERABLE[key] is ValueType.TEXTS else inside.astext
    return columns
