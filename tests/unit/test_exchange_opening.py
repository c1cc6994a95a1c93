from pathlib import Path

import numpy as np
import pyogrio.raw
import pytest
import shapely

from geo_registry.errors import CrsUnknown, EncodingUnknown, FileIsFolder, FileUnreadable, OptionUnfit
from geo_registry.exchange.csv_files import CsvSource
from geo_registry.exchange.inputs import ImportCommand
from geo_registry.exchange.layers import LayerSource
from geo_registry.exchange.opening import open_source
from geo_registry.exchange.osm import OsmSource
from geo_registry.exchange.source import Source
from geo_registry.vocabulary import DatasetKind
from tests.unit.test_exchange_osm import write_osm


def opened(path: Path, **options: str) -> Source:
    return open_source(ImportCommand(kind=DatasetKind.ROADS, path=path, **options), ("LineString",))  # type: ignore[arg-type]


@pytest.fixture
def osm(tmp_path: Path) -> Path:
    return write_osm(tmp_path / "a.osm.pbf", {10: ([1, 2], {"highway": "residential"})})


@pytest.fixture
def csv(tmp_path: Path) -> Path:
    path = tmp_path / "a.csv"
    path.write_text("id\n1\n", encoding="utf-8")
    return path


@pytest.fixture
def package(tmp_path: Path) -> Path:
    path = tmp_path / "a.gpkg"
    lines = shapely.to_wkb(np.array([shapely.LineString([(119, 29), (120, 30)])], dtype=object))
    pyogrio.raw.write(path, lines, [np.array(["路"])], ["name"], crs="EPSG:4490", geometry_type="LineString")
    return path


@pytest.mark.parametrize("option", [{"crs": "epsg:3857"}, {"crs": "gcj02"}, {"encoding": "gbk"}, {"layer": "lines"}])
def test_openstreetmap_takes_no_option_that_contradicts_its_format(osm: Path, option: dict[str, str]) -> None:
    with pytest.raises(OptionUnfit) as refused:
        opened(osm, **option)
    assert refused.value.details["option"] == f"--{next(iter(option))}"


@pytest.mark.parametrize("option", [{}, {"crs": "EPSG:4326"}, {"encoding": "UTF8"}])
def test_openstreetmap_takes_an_option_that_says_what_it_is(osm: Path, option: dict[str, str]) -> None:
    assert isinstance(opened(osm, **option), OsmSource)


def test_option_that_means_nothing_is_said_before_whether_it_fits(osm: Path) -> None:
    with pytest.raises(CrsUnknown):
        opened(osm, crs="wgs84")
    with pytest.raises(EncodingUnknown):
        opened(osm, encoding="klingon")


def test_layer_of_a_csv_is_refused(csv: Path) -> None:
    with pytest.raises(OptionUnfit, match="--layer"):
        opened(csv, layer="a")
    assert isinstance(opened(csv, encoding="gbk"), CsvSource)


def test_encoding_of_a_format_that_has_its_own_is_refused(package: Path) -> None:
    with pytest.raises(OptionUnfit, match="GPKG"):
        opened(package, encoding="gbk")
    assert isinstance(opened(package, layer="a", encoding="utf-8"), LayerSource)


@pytest.mark.parametrize("name", ["none.csv", "none.gpkg", "none.xlsx", "none.osm.pbf", f"{'n' * 300}.csv"])
def test_file_that_is_not_there_is_said_in_both_languages(tmp_path: Path, name: str) -> None:
    with pytest.raises(FileUnreadable) as refused:
        opened(tmp_path / name)
    assert refused.value.message("zh").endswith(("没有这个文件或目录", "名称太长"))


@pytest.mark.parametrize("name", ["folder", "folder.csv", "folder.osm.pbf"])
def test_folder_is_refused_as_one(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    with pytest.raises(FileIsFolder) as refused:
        opened(tmp_path / name)
    assert ".gdb" in refused.value.hint("zh")


def test_file_geodatabase_is_a_folder(package: Path) -> None:
    path = package.with_suffix(".gdb")
    lines = shapely.to_wkb(np.array([shapely.LineString([(119, 29), (120, 30)])], dtype=object))
    pyogrio.raw.write(
        path, lines, [np.array(["路"])], ["name"], driver="OpenFileGDB", crs="EPSG:4490", geometry_type="LineString"
    )
    assert path.is_dir()
    assert opened(path).columns == ("name",)
