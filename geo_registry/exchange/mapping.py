"""The mapping file: which of their columns fills which of our fields, what is constant, where positions come from."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import TypeAlias

from geo_registry.errors import FileUnreadable, MappingInvalid, MappingNotToml, reasons
from geo_registry.exchange.converters import RawValue
from geo_registry.validation import toml_place

Fields: TypeAlias = Mapping[str, str]

SECTIONS = ("where", "columns", "constants", "geometry")
GEOMETRY_KEYS = ("lon", "lat")
CENTROID = "centroid"


class Positions(StrEnum):
    """Where a row's geometry comes from."""

    SHAPE = "shape"
    """What the layer holds."""
    CENTROID = "centroid"
    """The centroid of what the layer holds."""
    COLUMNS = "columns"
    """Two columns of numbers."""
    NONE = "none"
    """Nowhere: the rows have no geometry."""


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """A mapping file as it is written; what it leaves out is proposed from the names of the columns."""

    where: str | None = None
    """CQL2 text over their columns: only rows that fulfil it are imported."""
    columns: Fields = field(default_factory=dict)
    """Field of ours → column of theirs; ``population.all`` and its like are fields."""
    constants: Mapping[str, RawValue] = field(default_factory=dict)
    lon: str | None = None
    """Their column with the longitude (or the easting)."""
    lat: str | None = None
    centroid: bool = False


def load(path: Path) -> ColumnMapping:
    """Read a mapping file (TOML).

    Raises
    ------
    FileUnreadable
        It isn't there, or isn't UTF-8.
    MappingNotToml
        It isn't TOML; the error says in which line.
    MappingInvalid
        It has keys or values that mean nothing; the error lists those that do.
    """
    try:
        content = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise FileUnreadable(path=path, **reasons(error)) from error
    except UnicodeDecodeError as error:
        raise FileUnreadable(path=path, reason_zh="不是 UTF-8 编码", reason_en="it is not UTF-8") from error
    try:
        document = tomllib.loads(content)
    except tomllib.TOMLDecodeError as error:
        raise MappingNotToml(path=path, **toml_place(error, content)) from error
    return _mapping(path, document)


def _mapping(path: Path, document: Mapping[str, object]) -> ColumnMapping:
    for key in document:
        if key not in SECTIONS:
            raise MappingInvalid(path=path, problem=f"{key}: ? ({', '.join(SECTIONS)})")
    where = document.get("where")
    if where is not None and not isinstance(where, str):
        raise MappingInvalid(path=path, problem='where = "CQL2"')
    columns = {key: value for key, value in _flat(path, "columns", document) if isinstance(value, str)}
    for key, value in _flat(path, "columns", document):
        if key not in columns:
            raise MappingInvalid(path=path, problem=f"columns.{key} = {value!r}")
    lon, lat, centroid = _geometry(path, document.get("geometry"))
    return ColumnMapping(
        where=where,
        columns=columns,
        constants=dict(_flat(path, "constants", document)),
        lon=lon,
        lat=lat,
        centroid=centroid,
    )


def _flat(path: Path, section: str, document: Mapping[str, object]) -> Iterator[tuple[str, RawValue]]:
    """The entries of a section; a table within it (``population.all``) has its keys joined by dots."""
    entries = document.get(section, {})
    if not isinstance(entries, dict):
        raise MappingInvalid(path=path, problem=f"[{section}]")
    for key, value in entries.items():
        if "\x00" in key:
            # No text of the database can hold it.
            raise MappingInvalid(path=path, problem=f"{section}.{key!r}")
        if isinstance(value, dict):
            for inner, innermost in value.items():
                yield f"{key}.{inner}", _scalar(path, f"{section}.{key}.{inner}", innermost)
        else:
            yield key, _scalar(path, f"{section}.{key}", value)


def _scalar(path: Path, key: str, value: object) -> RawValue:
    if isinstance(value, str | int | float | bool | date | datetime):
        return value
    raise MappingInvalid(path=path, problem=f"{key} = {value!r}")


def _geometry(path: Path, entry: object) -> tuple[str | None, str | None, bool]:
    if entry is None:
        return None, None, False
    if entry == CENTROID:
        return None, None, True
    if isinstance(entry, dict):
        for key in entry:
            if key not in GEOMETRY_KEYS:
                raise MappingInvalid(path=path, problem=f"geometry.{key}: ? ({', '.join(GEOMETRY_KEYS)})")
        lon, lat = entry.get("lon"), entry.get("lat")
        if isinstance(lon, str) and isinstance(lat, str):
            return lon, lat, False
    raise MappingInvalid(path=path, problem='[geometry] lon = "X", lat = "Y" | geometry = "centroid"')
