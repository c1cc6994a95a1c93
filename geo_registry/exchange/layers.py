"""Layers that GDAL reads (GeoPackage, GeoJSON, shapefile, FlatGeobuf, …), streamed as Arrow batches."""

import struct
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pyarrow as pa
import pyogrio
import pyogrio.raw
import shapely
from numpy.typing import NDArray
from pyogrio.errors import DataLayerError, DataSourceError

from geo_registry.errors import (
    CrsContradicted,
    CrsUnknown,
    EncodingMismatch,
    FileBroken,
    FileEmpty,
    FileUnreadable,
    LayerChoice,
    LayerUnknown,
    OptionUnfit,
    reasons,
)
from geo_registry.exchange import encodings
from geo_registry.exchange.converters import RawValue
from geo_registry.exchange.source import CHUNK_ROWS, Ragged, Scan, Shapes, as_value, see_that_it_is_there
from geo_registry.filters.expression import Value, ValueType
from geo_registry.geo import crs as systems
from geo_registry.geo.crs import Crs
from geo_registry.jobs.progress import Progress, unheard

SAMPLE_ROWS = 200
DBF_FIELD_BYTES = 32
"""Length of a field's description in the header of a DBF file."""

SHAPEFILE = "ESRI Shapefile"
"""GDAL's name for the format."""

_FAILURES = (DataSourceError, DataLayerError, RuntimeError, OSError, pa.ArrowException)


@dataclass(frozen=True, slots=True)
class LayerChunk:
    """Some features of a layer."""

    numbers: Sequence[int]
    batch: Any
    """A `pyarrow.RecordBatch`."""
    geometry: str | None
    ragged: Sequence[Ragged] = ()

    def column(self, name: str) -> Sequence[RawValue]:
        """A column's values; lists and the like as their JSON text."""
        return [_raw(value) for value in self.batch.column(name).to_pylist()]

    def typed(self, name: str) -> Sequence[Value]:
        """A column's values; None where they are empty."""
        return [as_value(value) for value in self.column(name)]

    def shapes(self) -> Shapes | None:
        """The features' geometries, without heights."""
        if self.geometry is None:
            return None
        return _shapes(np.array(self.batch.column(self.geometry).to_pylist(), dtype=object))


UNREADABLE = shapely.GeometryCollection()
"""Stands for a geometry that can't be read: it isn't nothing, and is refused where no geometry at all would pass."""


def _shapes(wkb: NDArray[np.object_]) -> Shapes:
    try:
        shapes: Shapes = shapely.from_wkb(wkb)
    except (shapely.GEOSException, NotImplementedError):
        # One of them is broken, or a curve, which GEOS doesn't draw.
        shapes = np.array([_shape(one) for one in wkb], dtype=object)
    flat: Shapes = shapely.force_2d(shapes)
    return flat


def _shape(wkb: object) -> shapely.Geometry | None:
    try:
        return shapely.from_wkb(wkb)
    except (shapely.GEOSException, NotImplementedError):
        return UNREADABLE


class LayerSource:
    """One layer of a file that GDAL reads.

    Parameters
    ----------
    path
        The file, a folder of a file geodatabase, or a zip of a shapefile.
    layer
        The layer's name; without it, the only one whose geometries fit.
    fitting
        Words that the geometry types of fitting layers contain (``LineString``, …).
    encoding
        Of a shapefile's texts; ``auto`` tries UTF-8 and GB18030 on the values themselves: `.cpg` files lie.
    override_crs
        Whether the CRS is given from outside, so that what the file says of it doesn't count.
    options
        What the format's driver is told.

    Raises
    ------
    FileUnreadable, FileEmpty, LayerChoice, LayerUnknown
        It can't be read, has no features, or several layers, none of which is named.
    EncodingMismatch
        The texts are in no known encoding.
    OptionUnfit
        An encoding is named for a format that has its own.
    CrsContradicted
        It claims a CRS in metres and holds degrees.
    """

    columns_are_fields = False
    licence = ""

    def __init__(
        self,
        path: Path,
        *,
        layer: str | None = None,
        fitting: Sequence[str] = (),
        encoding: str = "auto",
        override_crs: bool = False,
        options: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self._path = path
        self._options = options
        see_that_it_is_there(path)
        self.encoding = self._found_encoding(encoding)
        # What GDAL is told; where it is told nothing, the format's own rule holds.
        self._shape_encoding = self.encoding if encoding != "auto" or path.suffix.lower() == ".shp" else None
        with self._failures_said():
            self._layer = self._chosen(layer, fitting)
            info = pyogrio.read_info(
                path,
                layer=self._layer,
                encoding=self._shape_encoding,
                force_feature_count=True,
                force_total_bounds=True,
                **self._options,
            )
        if self._shape_encoding not in {None, "utf-8"} and info["driver"] != SHAPEFILE:
            # Only shapefiles leave the encoding open: GeoJSON, GeoPackage and the like are UTF-8 by their standards.
            raise OptionUnfit(
                option=f"--encoding {encoding}",
                path=path,
                reason_zh=f"{info['driver']} 的文字编码由格式规定",
                reason_en=f"the format ({info['driver']}) settles how texts are encoded",
            )
        self._features = int(info["features"])
        self._bounds: tuple[float, float, float, float] | None = info["total_bounds"]
        self.columns = tuple(str(name) for name in info["fields"])
        self.has_shapes = info["geometry_type"] is not None
        if self._features == 0:
            raise FileEmpty(path=f"{path} ({self._layer})")
        self.crs = None if override_crs else self._declared(info["crs"])

    def _found_encoding(self, wanted: str) -> str:
        if wanted != "auto":
            return encodings.known(wanted)
        if self._path.suffix.lower() != ".shp":
            return "utf-8"
        table = self._path.with_suffix(".dbf")
        if not table.exists():
            table = self._path.with_suffix(".DBF")
        return _dbf_encoding(table) if table.exists() else "utf-8"

    def _chosen(self, wanted: str | None, fitting: Sequence[str]) -> str:
        layers = [(str(name), str(kind)) for name, kind in pyogrio.list_layers(self._path)]
        names = [name for name, _ in layers]
        if not layers:
            raise FileEmpty(path=self._path)
        if wanted is not None:
            if wanted not in names:
                raise LayerUnknown(path=self._path, layer=wanted, known=", ".join(names))
            return wanted
        if len(names) == 1:
            return names[0]
        fits = [name for name, kind in layers if any(word in kind for word in fitting)]
        if len(fits) != 1:
            raise LayerChoice(path=self._path, known=", ".join(f"{name} ({kind})" for name, kind in layers))
        return fits[0]

    def _declared(self, definition: str | None) -> Crs | None:
        if definition is None:
            return None
        try:
            declared = systems.from_file(definition)
        except CrsUnknown as error:
            raise CrsContradicted(path=self._path, declared=definition[:120], found="?") from error
        if self._bounds is not None and not declared.in_degrees:
            largest = max(map(abs, self._bounds))
            if largest <= systems.LARGEST_DEGREES:
                west, south, east, north = self._bounds
                found = f"{west:.4f},{south:.4f} … {east:.4f},{north:.4f}"
                raise CrsContradicted(path=self._path, declared=declared.name, found=found)
        return declared

    @contextmanager
    def _failures_said(self) -> Iterator[None]:
        """What GDAL and Arrow raise, as domain errors; what they only warn about is no error."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                yield
        except UnicodeDecodeError as error:
            raise EncodingMismatch(path=self._path, tried=f"{self.encoding} (…)") from error
        except UnicodeEncodeError as error:
            raise FileUnreadable(
                path=self._path, reason_zh="文件名不是 UTF-8 编码", reason_en="its name is not UTF-8"
            ) from error
        except _FAILURES as error:
            if isinstance(error, OSError) and error.strerror:
                raise FileUnreadable(path=self._path, **reasons(error)) from error
            raise FileBroken(path=self._path, reason=str(error)[:500]) from error

    @contextmanager
    def _reader(self, **options: object) -> Iterator[tuple[str | None, Any]]:
        with (
            self._failures_said(),
            pyogrio.raw.open_arrow(
                self._path,
                layer=self._layer,
                encoding=self._shape_encoding,
                use_pyarrow=True,
                **self._options,
                **options,
            ) as (meta, reader),
        ):
            name = meta["geometry_name"] or "wkb_geometry"
            yield (name if self.has_shapes and name in reader.schema.names else None), reader

    def sample(self) -> Mapping[str, Sequence[RawValue]]:
        """The first values of every column."""
        with self._reader(batch_size=SAMPLE_ROWS, read_geometry=False) as (_, reader):
            batch = next(iter(reader), None)
            if batch is None:
                return {name: [] for name in self.columns}
            return {name: [_raw(value) for value in batch.column(name).to_pylist()] for name in self.columns}

    def scan(self, typed: Sequence[str], progress: Progress = unheard) -> Scan:
        """The types of columns, as the layer declares them."""
        progress("read", self._features, self._features)
        with self._reader(batch_size=1, read_geometry=False) as (_, reader):
            types = {name: _value_type(reader.schema.field(name).type) for name in typed}
        return Scan(rows=self._features, types=types)

    def chunks(self) -> Iterator[LayerChunk]:
        """All features in chunks."""
        number = 1
        with self._reader(batch_size=CHUNK_ROWS) as (geometry, reader):
            for batch in reader:
                numbers = range(number, number + batch.num_rows)
                yield LayerChunk(numbers=numbers, batch=batch, geometry=geometry)
                number += batch.num_rows


def _raw(value: object) -> RawValue:
    if value is None or isinstance(value, str | int | float | bool | date | datetime):
        return value
    return str(value)


def _value_type(arrow_type: Any) -> ValueType:
    if pa.types.is_boolean(arrow_type):
        return ValueType.BOOLEAN
    if pa.types.is_integer(arrow_type) or pa.types.is_floating(arrow_type) or pa.types.is_decimal(arrow_type):
        return ValueType.NUMBER
    if pa.types.is_date(arrow_type):
        return ValueType.DATE
    if pa.types.is_timestamp(arrow_type):
        return ValueType.TIMESTAMP
    return ValueType.TEXT


def _dbf_encoding(path: Path) -> str:
    """The encoding of a DBF file's texts, by trying UTF-8, then GB18030, on every value.

    What the file or its `.cpg` says doesn't count. A value that fills its field may end in half a character: DBF cuts
    by bytes.

    Raises
    ------
    EncodingMismatch, FileBroken
        Neither fits, or the header isn't that of a DBF file.
    """
    with path.open("rb") as file:
        header = file.read(DBF_FIELD_BYTES)
        if len(header) < DBF_FIELD_BYTES:
            raise FileBroken(path=path, reason="dbf header")
        header_bytes, record_bytes = struct.unpack("<HH", header[8:12])
        descriptions = file.read(header_bytes - DBF_FIELD_BYTES)
        fields = _dbf_text_fields(descriptions)
        candidates = list(encodings.CANDIDATES)
        for name in _dbf_names(descriptions):
            candidates = [one for one in candidates if _decodes(name, one)]
        file.seek(header_bytes)
        while candidates and (record := file.read(record_bytes)):
            for start, length in fields:
                value = record[start : start + length]
                if not value.isascii():
                    candidates = [one for one in candidates if _decodes(value.rstrip(b" \x00"), one)]
    if not candidates:
        raise EncodingMismatch(path=path, tried=", ".join(encodings.CANDIDATES))
    return candidates[0]


def _dbf_descriptions(descriptions: bytes) -> Iterator[bytes]:
    for start in range(0, len(descriptions) - DBF_FIELD_BYTES + 1, DBF_FIELD_BYTES):
        if descriptions[start : start + 1] == b"\r":
            return
        yield descriptions[start : start + DBF_FIELD_BYTES]


def _dbf_names(descriptions: bytes) -> list[bytes]:
    return [one[:11].split(b"\x00")[0] for one in _dbf_descriptions(descriptions)]


def _dbf_text_fields(descriptions: bytes) -> list[tuple[int, int]]:
    """Where the text fields lie within a record, whose first byte is the mark of deletion."""
    found: list[tuple[int, int]] = []
    start = 1
    for one in _dbf_descriptions(descriptions):
        length = one[16]
        if one[11:12] == b"C":
            found.append((start, length))
        start += length
    return found


def _decodes(value: bytes, encoding: str) -> bool:
    trial = encodings.Trial([encoding])
    trial.feed(value)
    return not trial.failed
