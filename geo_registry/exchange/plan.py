"""The plan of an import: which column fills which field, once the file's columns are known."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Literal, TypeAlias, TypeVar

from geo_registry.errors import MappingColumn, MappingConstant, MappingField
from geo_registry.exchange import aliases, place_aliases
from geo_registry.exchange.aliases import folded
from geo_registry.exchange.area_words import division_codes
from geo_registry.exchange.converters import (
    Converter,
    RawValue,
    coordinate,
    count,
    day,
    division_code,
    flag,
    number,
    quantity,
    text,
    texts,
    word_of,
    year,
)
from geo_registry.exchange.mapping import ColumnMapping, Positions
from geo_registry.exchange.place_words import date_said, dated, language, names_in, national_code, prose, time_said
from geo_registry.exchange.positions import shape_of_text
from geo_registry.exchange.problems import Refused
from geo_registry.exchange.road_words import road_class
from geo_registry.exchange.source import Source
from geo_registry.facilities.kinds import DETAIL_FIELDS, KINDS, DetailField, FieldType
from geo_registry.places.details import BY_KEY as PLACE_FIELDS
from geo_registry.places.details import DetailType, PlaceField
from geo_registry.vocabulary import (
    DatasetKind,
    DivisionLevel,
    FacilityKind,
    FacilityStatus,
    NameAction,
    NameKind,
    PlaceClass,
    PlaceState,
    PopulationBasis,
    PositionQuality,
    SpellingStatus,
)

Output = TypeVar("Output")
Sample = Mapping[str, Sequence[RawValue]]

CASE_NAMES: Literal["case-names"] = "case-names"
"""The names of a case (`case_names.py`), which come from files as the registry's places do and are no dataset."""
Planned: TypeAlias = DatasetKind | Literal["case-names"]

POPULATION = "population"
BURIAL_PLACES = "burial_places"

OTHER_NAMES: Mapping[str, NameKind] = {
    f"names.{kind.value}": kind for kind in NameKind if kind is not NameKind.STANDARD
}
"""Fields of a place's other names, any number in a cell, by their kind."""

FIELDS: Mapping[Planned, tuple[str, ...]] = {
    DatasetKind.DIVISIONS: ("code", "name", "level", "parent_code", "vintage", "position_quality", "secrecy"),
    DatasetKind.FACILITIES: (
        "source_id",
        "kind",
        "name",
        "division",
        "address",
        "status",
        "opened_on",
        "closed_on",
        "capacity",
        "confirmed_on",
        "position_quality",
        "secrecy",
        *DETAIL_FIELDS,
    ),
    DatasetKind.POPULATION: ("source_id", "division", "date", "basis", "position_quality", "secrecy"),
    DatasetKind.ROADS: (
        "source_id",
        "name",
        "highway",
        "oneway",
        "maxspeed_kmh",
        "foot",
        "motor",
        "position_quality",
        "secrecy",
    ),
    DatasetKind.BUILT_UP_AREAS: (
        "source_id",
        "name",
        "division",
        "divisions",
        "geometry",
        "valid_from",
        "valid_to",
        "source",
        "position_quality",
        "secrecy",
    ),
    DatasetKind.PLACES: (
        "source_id",
        "name",
        "class",
        "division",
        "romanized",
        "meaning",
        "origin",
        "history",
        "source",
        "named_on",
        "name_to",
        "name_kind",
        "name_status",
        "language",
        *OTHER_NAMES,
        "state",
        "begun_on",
        "ended_on",
        "national_code",
        *PLACE_FIELDS,
        "geometry",
        "from_lon",
        "from_lat",
        "to_lon",
        "to_lat",
        "datum",
        "position_quality",
        "secrecy",
    ),
    CASE_NAMES: (
        "name",
        "action",
        "place",
        "absorbs",
        "splits",
        "class",
        "division",
        "romanized",
        "meaning",
        "origin",
        *PLACE_FIELDS,
        "geometry",
        "from_lon",
        "from_lat",
        "to_lon",
        "to_lat",
        "datum",
        "secrecy",
    ),
}
"""What a mapping may fill, by what is imported."""

FAMILIES: Mapping[Planned, str] = {DatasetKind.POPULATION: POPULATION, DatasetKind.FACILITIES: BURIAL_PLACES}
"""Fields with a part of the file's own choosing: ``population.60+``, ``burial_places.树葬``."""

FITTING_SHARE = 0.5
"""A column is proposed for a field when this share of its first values can be one. It decides what the column is, not
whether each row is right: mistakes are told row by row."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Where each field comes from."""

    columns: Mapping[str, str]
    """Field → column."""
    constants: Mapping[str, RawValue]
    proposed: frozenset[str] = field(default_factory=frozenset)
    """Fields whose column was proposed, not named."""
    positions: Positions = Positions.NONE
    lon: str = ""
    lat: str = ""

    def group(self, family: str) -> tuple[str, ...]:
        """The fields of a family that are filled, in the file's order (``population.all``, …)."""
        return tuple(name for name in (*self.columns, *self.constants) if name.startswith(f"{family}."))

    def ignored(self, columns: Iterable[str], asked: Iterable[str] = ()) -> tuple[str, ...]:
        """Those of a file's columns that fill nothing; `asked` are those that a condition is about."""
        used = {*self.columns.values(), *asked, self.lon, self.lat}
        return tuple(column for column in columns if column not in used)


def known_fields(kind: Planned) -> tuple[str, ...]:
    """The fields of a kind as an error lists them."""
    family = FAMILIES.get(kind)
    return (*FIELDS[kind], f"{family}.…") if family else FIELDS[kind]


def make_plan(kind: Planned, mapping: ColumnMapping, source: Source, options: Mapping[str, RawValue]) -> Plan:
    """Settle which column fills which field: as the mapping says, else as the columns' names and values suggest.

    Parameters
    ----------
    options
        Constants from outside the mapping (`--vintage`); the mapping's own come before them.

    Raises
    ------
    MappingField
        The mapping fills something that isn't a field of `kind`.
    MappingColumn
        The mapping names a column that the file doesn't have.
    """
    _fields_are_known(kind, (*mapping.columns, *mapping.constants))
    columns = dict(mapping.columns)
    for name, column in [*columns.items(), ("lon", mapping.lon), ("lat", mapping.lat)]:
        if column is not None and column not in source.columns:
            raise MappingColumn(column=column, field=name, known=", ".join(source.columns))
    constants = {**options, **mapping.constants}
    _constants_are_sound(kind, constants)
    if source.columns_are_fields:
        own = {name: name for name in source.columns if name not in constants}
        return Plan(columns={**own, **columns}, constants=constants, positions=Positions.SHAPE)
    finder = _Finder(source.columns, source.sample(), taken=columns.values())
    positions, lon, lat = _positions(mapping, source, finder)
    proposals = {
        name: column
        for name, column in _proposals(kind, finder, filled={*columns, *constants}).items()
        if column not in {lon, lat}
    }
    return Plan(
        columns={**columns, **proposals},
        constants={name: value for name, value in constants.items() if name not in mapping.columns},
        proposed=frozenset(proposals),
        positions=positions,
        lon=lon,
        lat=lat,
    )


def _fields_are_known(kind: Planned, names: Iterable[str]) -> None:
    family = FAMILIES.get(kind)
    for name in names:
        head, dot, rest = name.partition(".")
        if (name in FIELDS[kind] and name != BURIAL_PLACES) or (head == family and dot and rest):
            continue
        raise MappingField(field=name, known=", ".join(known_fields(kind)))


def _constants_are_sound(kind: Planned, constants: Mapping[str, RawValue]) -> None:
    for name, value in constants.items():
        try:
            _check_of(kind, name)(value)
        except Refused as refusal:
            details = {"value": str(value), "column": name, **refusal.details}
            raise MappingConstant(
                field=name, reason_zh=refusal.code.said("zh", details), reason_en=refusal.code.said("en", details)
            ) from None


def _check_of(kind: Planned, name: str) -> Converter[object]:
    if kind in {DatasetKind.PLACES, CASE_NAMES}:
        return place_check(name)
    if kind is DatasetKind.BUILT_UP_AREAS:
        return _OF_AREAS.get(name, text)
    if name.partition(".")[0] in FAMILIES.values():
        return number
    return detail_check(name) if name in DETAIL_FIELDS else _CHECKS.get(name, text)


def place_check(name: str) -> Converter[object]:
    """The converter to what a field of places holds."""
    if name in PLACE_FIELDS:
        return place_detail(PLACE_FIELDS[name])
    return names_in if name in OTHER_NAMES else _OF_PLACES.get(name, text)


def place_detail(field: PlaceField) -> Converter[object]:
    """The converter to what a field of `place.detail` holds."""
    return _OF_PLACE_DETAIL[field.type]


def detail_converter(field: DetailField) -> Converter[object]:
    """The converter to what a kind's own field holds."""
    return word_of(field.words) if field.words is not None else _OF_DETAIL[field.holds]


def detail_check(key: str) -> Converter[object]:
    """A converter to what a field holds for any of the kinds that have it: words may differ by kind (`ownership`)."""
    fields = {field.words: field for kind in KINDS.values() if (field := kind.field(key)) is not None}
    converters = [detail_converter(field) for field in fields.values()]

    def convert(value: RawValue) -> object:
        for converter in converters[:-1]:
            with suppress(Refused):
                return converter(value)
        return converters[-1](value)

    return convert


def _positions(mapping: ColumnMapping, source: Source, finder: "_Finder") -> tuple[Positions, str, str]:
    if mapping.lon is not None and mapping.lat is not None:
        return Positions.COLUMNS, mapping.lon, mapping.lat
    if mapping.centroid and source.has_shapes:
        return Positions.CENTROID, "", ""
    if source.has_shapes:
        return Positions.SHAPE, "", ""
    lon = finder.find(aliases.LONGITUDES, coordinate)
    lat = finder.find(aliases.LATITUDES, coordinate)
    if lon is None or lat is None:
        return Positions.NONE, "", ""
    return Positions.COLUMNS, lon, lat


class _Finder:
    """Finds columns by their names, and sees by their first values whether they can be what the name says."""

    def __init__(self, columns: Sequence[str], sample: Sample, taken: Iterable[str]) -> None:
        self._exact = set(columns) - set(taken)
        self._folded = {folded(name): name for name in reversed(columns) if name in self._exact}
        self._sample = sample
        self._is_empty = not any(sample.values())
        self.columns = columns

    def find(self, names: Iterable[str], convert: Converter[Output] | None = None) -> str | None:
        """The first of `names` that is a column; a name as it is written comes before one that differs in case."""
        for name in names:
            found = name if name in self._exact else self._folded.get(folded(name))
            if found is not None and (convert is None or self.fits(found, convert)):
                return found
        return None

    def fits(self, column: str, convert: Converter[Output]) -> bool:
        """Whether enough of the column's first values convert, and at least one does; of a file without rows the name decides."""
        values = [value for value in self._sample.get(column, []) if value not in {None, ""}]
        if self._is_empty:
            return True
        return bool(values) and sum(_converts(convert, value) for value in values) >= FITTING_SHARE * len(values)

    def identifies(self, column: str) -> bool:
        """Whether the column's first values are all there and all different."""
        values = self._sample.get(column, [])
        return bool(values) and all(value not in {None, ""} for value in values) and len(set(values)) == len(values)


def _converts(convert: Converter[Output], value: RawValue) -> bool:
    try:
        return convert(value) is not None
    except Refused:
        return False


def _no_code(value: RawValue) -> str | None:
    """A converter of names: what is all digits is a code."""
    found = text(value)
    return None if found is None or found.replace(".", "").isdecimal() else found


_OF_DETAIL: Mapping[FieldType, Converter[object]] = {
    FieldType.COUNT: count,
    FieldType.QUANTITY: quantity,
    FieldType.TEXT: text,
    FieldType.FLAG: flag,
    FieldType.LIST: texts,
}

_CHECKS: Mapping[str, Converter[object]] = {
    "level": word_of(DivisionLevel),
    "parent_code": division_code,
    "vintage": year,
    "kind": word_of(FacilityKind),
    "division": division_code,
    "status": word_of(FacilityStatus),
    "opened_on": day,
    "closed_on": day,
    "confirmed_on": day,
    "capacity": number,
    "date": day,
    "basis": word_of(PopulationBasis),
    "highway": road_class,
    "foot": flag,
    "motor": flag,
    "position_quality": word_of(PositionQuality),
}
"""What a column's first values must be to be proposed for the field; others go by the name alone."""


_OF_PLACE_DETAIL: Mapping[DetailType, Converter[object]] = {
    DetailType.TEXT: prose,
    DetailType.METRES: quantity,
    DetailType.SQUARE_METRES: quantity,
    DetailType.DATE: date_said,
}

_OF_PLACES: Mapping[str, Converter[object]] = {
    "class": word_of(PlaceClass),
    "action": word_of(NameAction),
    "name_kind": word_of(NameKind),
    "name_status": word_of(SpellingStatus),
    "state": word_of(PlaceState),
    "position_quality": word_of(PositionQuality),
    "meaning": prose,
    "origin": prose,
    "history": prose,
    **dict.fromkeys(("named_on", "name_to", "begun_on", "ended_on"), time_said),
    "national_code": national_code,
    "language": language,
    "geometry": shape_of_text,
    **dict.fromkeys(("from_lon", "from_lat", "to_lon", "to_lat"), coordinate),
}


_OF_AREAS: Mapping[str, Converter[object]] = {
    "divisions": division_codes,
    "geometry": shape_of_text,
    "valid_from": dated,
    "valid_to": dated,
    "position_quality": word_of(PositionQuality),
}


def _proposals(kind: Planned, finder: _Finder, filled: set[str]) -> dict[str, str]:
    if kind in _PROPOSED_BY_FIELD:
        return _PROPOSED_BY_FIELD[kind](finder, filled)
    if kind is DatasetKind.DIVISIONS:
        found = _division_columns(finder)
    else:
        found = {"name": finder.find(_names(kind), _no_code)} if "name" in FIELDS[kind] else {}
    for name in FIELDS[kind]:
        if name == "source_id":
            found[name] = next((one for one in _each(finder, aliases.SOURCE_IDS) if finder.identifies(one)), None)
        elif name in DETAIL_FIELDS and name != BURIAL_PLACES:
            found[name] = finder.find(aliases.detail_aliases(name), detail_check(name))
        elif name in aliases.ALIASES:
            found.setdefault(name, finder.find(aliases.ALIASES[name], _CHECKS.get(name)))
    if kind is DatasetKind.POPULATION and not any(name.startswith(f"{POPULATION}.") for name in filled):
        for column in finder.columns:
            group = aliases.population_group(column)
            if group is not None and finder.fits(column, number):
                found.setdefault(f"{POPULATION}.{group}", column)
    return {name: column for name, column in found.items() if column is not None and name not in filled}


def _place_columns(finder: _Finder, filled: set[str]) -> dict[str, str]:
    """The columns of a place's fields, none of them for two: 类型 is the class, or else that of the name."""
    fields = {"name": place_aliases.PLACE_NAMES, **place_aliases.PLACE_ALIASES}
    found = _columns_called(finder, filled, fields, place_check)
    if "source_id" not in filled:
        # One row a name: the place's number stands in several.
        own = finder.find(place_aliases.PLACE_IDS)
        proposed = own or next((one for one in _each(finder, aliases.SOURCE_IDS) if finder.identifies(one)), None)
        if proposed is not None:
            found["source_id"] = proposed
    return found


def _columns_called(
    finder: _Finder,
    filled: set[str],
    fields: Mapping[str, Sequence[str]],
    check_of: Callable[[str], Converter[object] | None],
) -> dict[str, str]:
    """The columns of fields by what files call these, in this order, none of them for two."""
    found: dict[str, str] = {}
    for name in (each for each in fields if each not in filled):
        check = _no_code if name == "name" else check_of(name)
        columns = (finder.find([called], check) for called in fields[name])
        column = next((one for one in columns if one is not None and one not in found.values()), None)
        if column is not None:
            found[name] = column
    return found


_PROPOSED_BY_FIELD: Mapping[Planned, Callable[[_Finder, set[str]], dict[str, str]]] = {
    DatasetKind.PLACES: _place_columns,
    DatasetKind.BUILT_UP_AREAS: partial(_columns_called, fields=aliases.AREA_ALIASES, check_of=_OF_AREAS.get),
    CASE_NAMES: partial(_columns_called, fields=place_aliases.CASE_ALIASES, check_of=place_check),
}
"""Of what has a list of names for every field."""


def _each(finder: _Finder, names: Iterable[str]) -> Iterable[str]:
    return (column for column in (finder.find([name]) for name in names) if column is not None)


def _names(kind: Planned) -> tuple[str, ...]:
    return aliases.ROAD_NAMES if kind is DatasetKind.ROADS else aliases.FACILITY_NAMES


def _division_columns(finder: _Finder) -> dict[str, str | None]:
    """The columns of code and name, of one level: that of the rows.

    A file of villages names their townships beside them, and a file of names without codes says the townships'
    codes only: taking the code of one level and the name of another would register neither.
    """
    generic_code = finder.find(aliases.GENERIC_CODES, division_code)
    generic_name = finder.find(aliases.GENERIC_NAMES, _no_code)
    level_name: str | None = None
    for columns in aliases.LEVEL_COLUMNS:
        level_name = finder.find(columns.names, _no_code)
        if level_name is not None:
            level_code = finder.find(columns.codes, division_code)
            if level_code is not None:
                return {"code": level_code, "name": level_name}
            break
    else:
        # A name that says no level beside codes that do: the most detailed code is the row's.
        generic_code = generic_code or _first(finder.find(one.codes, division_code) for one in aliases.LEVEL_COLUMNS)
    if generic_code is not None and generic_name is not None:
        return {"code": generic_code, "name": generic_name}
    return {"code": generic_code, "name": level_name or generic_name}


def _first(found: Iterable[str | None]) -> str | None:
    return next((one for one in found if one is not None), None)
