"""Which reader a file gets."""

from collections.abc import Sequence

from geo_registry.errors import FileUnreadable, FileUnsupported
from geo_registry.exchange.csv_files import CsvSource
from geo_registry.exchange.inputs import ImportCommand
from geo_registry.exchange.layers import LayerSource
from geo_registry.exchange.osm import OsmSource
from geo_registry.exchange.source import Source
from geo_registry.vocabulary import DatasetKind

CSV_SUFFIXES = (".csv", ".tsv", ".txt")
OSM_SUFFIXES = (".pbf", ".osm", ".osm.gz", ".osm.bz2", ".o5m")
WORKBOOK_SUFFIXES = (".xlsx", ".xls", ".ods", ".et")


def open_source(command: ImportCommand, fitting: Sequence[str]) -> Source:
    """The reader for a command's file, by the file's name.

    Raises
    ------
    FileUnreadable, FileUnsupported, FileEmpty, FileBroken
        It isn't there, or is nothing that this import reads.
    """
    path = command.path
    name = path.name.lower()
    if not path.exists():
        raise FileUnreadable(path=path, reason="no such file")
    if name.endswith(OSM_SUFFIXES):
        if command.kind is not DatasetKind.ROADS:
            raise FileUnsupported(path=path, found="OpenStreetMap")
        return OsmSource(path)
    if name.endswith(WORKBOOK_SUFFIXES):
        raise FileUnsupported(path=path, found=path.suffix)
    if name.endswith(CSV_SUFFIXES):
        return CsvSource(path, encoding=command.encoding)
    return LayerSource(
        path,
        layer=command.layer,
        fitting=fitting,
        encoding=command.encoding,
        override_crs=command.crs.strip().lower() != "auto",
    )
