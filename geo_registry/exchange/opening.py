"""Which reader a file gets."""

from collections.abc import Sequence

from geo_registry.errors import FileIsFolder, FileUnsupported, OptionUnfit
from geo_registry.exchange import encodings
from geo_registry.exchange.csv_files import CsvSource
from geo_registry.exchange.inputs import ImportCommand
from geo_registry.exchange.layers import LayerSource
from geo_registry.exchange.osm import OsmSource
from geo_registry.exchange.source import Source, see_that_it_is_there
from geo_registry.geo import crs
from geo_registry.vocabulary import DatasetKind

CSV_SUFFIXES = (".csv", ".tsv", ".txt")
OSM_SUFFIXES = (".pbf", ".osm", ".osm.gz", ".osm.bz2", ".o5m")
FOLDER_SUFFIX = ".gdb"
"""Of a file geodatabase, the one format that is a folder."""
WORKBOOK = ".xlsx"
WORKBOOK_SUFFIXES = (WORKBOOK, ".xls", ".ods", ".et")
FIRST_ROW_NAMES = {"HEADERS": "FORCE"}
"""What GDAL is told of a workbook: its columns are called as its first row says, even if all else is text too."""


def open_source(command: ImportCommand, fitting: Sequence[str], *, workbooks: bool = False) -> Source:
    """The reader for a command's file, by the file's name.

    Parameters
    ----------
    command, fitting
        The file, and words that the geometry types of layers contain that fit.
    workbooks
        Whether a sheet of a workbook (XLSX) will do.

    Raises
    ------
    FileUnreadable, FileIsFolder, FileUnsupported, FileEmpty, FileBroken
        It isn't there, or is nothing that this import reads.
    OptionUnfit
        An option says of it what its format has settled.
    """
    path = command.path
    name = path.name.lower()
    see_that_it_is_there(path)
    if path.is_dir() and path.suffix.lower() != FOLDER_SUFFIX:
        raise FileIsFolder(path=path)
    if name.endswith(OSM_SUFFIXES):
        if command.kind is not DatasetKind.ROADS:
            raise FileUnsupported(path=path, found="OpenStreetMap")
        return _osm(command)
    is_workbook = workbooks and name.endswith(WORKBOOK)
    if name.endswith(WORKBOOK_SUFFIXES) and not is_workbook:
        raise FileUnsupported(path=path, found=path.suffix)
    if name.endswith(CSV_SUFFIXES):
        if command.layer is not None:
            raise OptionUnfit(option="--layer", path=path, reason_zh="CSV 没有图层", reason_en="a CSV has no layers")
        return CsvSource(path, encoding=command.encoding)
    return LayerSource(
        path,
        layer=command.layer,
        fitting=fitting,
        encoding=command.encoding,
        override_crs=command.crs.strip().lower() != "auto",
        options=FIRST_ROW_NAMES if is_workbook else {},
    )


def _osm(command: ImportCommand) -> OsmSource:
    """The reader of an OpenStreetMap file, whose format leaves nothing open that an option could say."""
    source = OsmSource(command.path)
    other_crs = crs.parse(command.crs) not in {None, source.crs}
    other_encoding = command.encoding != "auto" and encodings.known(command.encoding) != source.encoding
    for option, is_unfit, zh, en in (
        ("--crs", other_crs, "坐标总是 WGS 84（EPSG:4326）", "positions are always in WGS 84 (EPSG:4326)"),
        ("--encoding", other_encoding, "文字总是 UTF-8", "texts are always in UTF-8"),
        ("--layer", command.layer is not None, "文件没有图层", "files have no layers"),
    ):
        if is_unfit:
            raise OptionUnfit(
                option=option,
                path=command.path,
                reason_zh=f"OpenStreetMap 的{zh}",
                reason_en=f"OpenStreetMap's {en}",
            )
    return source
