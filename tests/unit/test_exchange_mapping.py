from pathlib import Path

import pytest

from geo_registry.errors import FileUnreadable, MappingInvalid
from geo_registry.exchange.inputs import ImportCommand
from geo_registry.exchange.mapping import ColumnMapping, load
from geo_registry.settings import CHECKOUT
from geo_registry.vocabulary import DatasetKind


def written(folder: Path, text: str) -> Path:
    path = folder / "map.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_mapping_is_read_as_documented(tmp_path: Path) -> None:
    text = """
where = "healthcare > 0"
[columns]
name = "NAME"
population.all = "pop_total"
population."60+" = "老年人口"
[constants]
kind = "home-care-centre"
[geometry]
lon = "X"
lat = "Y"
"""
    assert load(written(tmp_path, text)) == ColumnMapping(
        where="healthcare > 0",
        columns={"name": "NAME", "population.all": "pop_total", "population.60+": "老年人口"},
        constants={"kind": "home-care-centre"},
        lon="X",
        lat="Y",
    )


def test_centroid_is_asked_for_by_its_word(tmp_path: Path) -> None:
    assert load(written(tmp_path, 'geometry = "centroid"')).centroid


@pytest.mark.parametrize(
    "text",
    [
        "wheer = 'a > 0'",
        "where = 3",
        "columns = 'x'",
        "[columns]\nname = 3",
        "[columns]\nname = ['a']",
        "[constants]\nkind = ['a']",
        "[geometry]\nlon = 'x'",
        "[geometry]\nlng = 'x'\nlat = 'y'",
        "geometry = 'middle'",
        "[columns",
    ],
)
def test_what_means_nothing_in_a_mapping_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(MappingInvalid):
        load(written(tmp_path, text))


def test_missing_mapping_is_said(tmp_path: Path) -> None:
    with pytest.raises(FileUnreadable):
        load(tmp_path / "none.toml")


@pytest.mark.parametrize("name", ["population.toml", "facilities.toml"])
def test_documented_example_is_a_mapping(name: str) -> None:
    assert load(CHECKOUT / "docs" / "examples" / "porto-alegre" / name).constants


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("cells.csv", "cells"),
        ("city.osm.pbf", "city"),
        ("city.shp.zip", "city"),
        ("v1.2-roads.gpkg", "v1.2-roads"),
        ("liechtenstein-2013-08-03.osm.pbf", "liechtenstein-2013-08-03"),
    ],
)
def test_dataset_is_called_like_its_file_unless_told(name: str, key: str) -> None:
    assert ImportCommand(kind=DatasetKind.ROADS, path=Path(name)).dataset_key == key
    assert ImportCommand(kind=DatasetKind.ROADS, path=Path(name), dataset="other").dataset_key == "other"
