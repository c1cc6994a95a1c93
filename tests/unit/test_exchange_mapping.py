from pathlib import Path

import pytest

from geo_registry.errors import FileUnreadable, MappingInvalid, MappingNotToml
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
        '[columns]\n"population.a\\u0000" = "b"',
    ],
)
def test_what_means_nothing_in_a_mapping_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(MappingInvalid):
        load(written(tmp_path, text))


@pytest.mark.parametrize(
    ("text", "line", "quoted"),
    [
        ("[columns", 1, "[columns"),
        ('where = "a > 0"\n[columns]\nname = 姓名\n', 3, "name = 姓名"),
        ("[columns]\nname = [\n", 2, "name = ["),
        ("[columns]\n\n[columns]\n", 3, "[columns]"),
    ],
)
def test_line_that_is_not_toml_is_said(tmp_path: Path, text: str, line: int, quoted: str) -> None:
    with pytest.raises(MappingNotToml) as refused:
        load(written(tmp_path, text))
    assert (refused.value.details["line"], refused.value.details["text"]) == (line, quoted)
    assert f"第 {line} 行" in refused.value.message("zh")


def test_missing_mapping_is_said(tmp_path: Path) -> None:
    with pytest.raises(FileUnreadable) as refused:
        load(tmp_path / "none.toml")
    assert "没有这个文件" in refused.value.message("zh")
    with pytest.raises(FileUnreadable, match="folder"):
        load(tmp_path)
    (tmp_path / "map.toml").write_bytes("名称".encode("gb18030"))
    with pytest.raises(FileUnreadable, match="UTF-8"):
        load(tmp_path / "map.toml")


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
