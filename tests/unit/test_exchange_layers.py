import struct
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyogrio.raw
import pytest
import shapely

from geo_registry.errors import (
    CrsContradicted,
    EncodingMismatch,
    FileBroken,
    FileEmpty,
    FileUnreadable,
    LayerChoice,
    LayerUnknown,
    OptionUnfit,
)
from geo_registry.exchange.layers import UNREADABLE, LayerSource
from geo_registry.exchange.positions import area_of
from geo_registry.exchange.problems import Refused
from geo_registry.filters.expression import ValueType

ALBERS = "+proj=aea +lat_1=25 +lat_2=47 +lat_0=0 +lon_0=105 +x_0=0 +y_0=0 +ellps=krass +units=m +no_defs"


def write_layer(
    path: Path,
    shapes: Sequence[shapely.Geometry],
    *,
    names: Sequence[object] | None = None,
    crs: str | None = "EPSG:4490",
    layer: str | None = None,
    append: bool = False,
    **options: object,
) -> Path:
    fields = [np.array(names if names is not None else [f"n{at}" for at, _ in enumerate(shapes)], dtype=object)]
    kind = shapes[0].geom_type + (" Z" if shapes[0].has_z else "") if shapes else "Point"
    pyogrio.raw.write(
        path,
        shapely.to_wkb(np.array(shapes, dtype=object)),
        fields,
        ["名称"],
        crs=crs,
        geometry_type=kind,
        layer=layer,
        append=append,
        **options,
    )
    return path


POINTS = [shapely.Point(119.6, 29.1), shapely.Point(119.7, 29.2)]
LINES = [shapely.LineString([(119.6, 29.1), (119.7, 29.2)])]


@pytest.mark.parametrize("suffix", [".gpkg", ".geojson", ".fgb", ".shp"])
def test_layer_is_read_whatever_its_format(tmp_path: Path, suffix: str) -> None:
    source = LayerSource(write_layer(tmp_path / f"a{suffix}", POINTS, names=["婺城区", "金东区"]))
    (chunk,) = source.chunks()
    assert list(chunk.numbers) == [1, 2]
    assert set(chunk.column("名称")) == {"婺城区", "金东区"}
    shapes = chunk.shapes()
    assert shapes is not None
    assert {(shape.x, shape.y) for shape in shapes} == {(119.6, 29.1), (119.7, 29.2)}
    assert source.crs is not None
    assert source.crs.is_storage
    assert source.scan(["名称"]).types == {"名称": ValueType.TEXT}


def test_heights_are_dropped(tmp_path: Path) -> None:
    source = LayerSource(write_layer(tmp_path / "a.gpkg", [shapely.Point(119.6, 29.1, 50)]))
    (chunk,) = source.chunks()
    shapes = chunk.shapes()
    assert shapes is not None
    assert not shapes[0].has_z


def test_curve_that_can_not_be_drawn_is_no_missing_geometry(tmp_path: Path) -> None:
    curve = struct.pack("<BII6d", 1, 8, 3, 119, 29, 119.1, 29.1, 119.2, 29)
    shapes = [curve, shapely.to_wkb(POINTS[0]), None]
    path = tmp_path / "a.gpkg"
    pyogrio.raw.write(
        path,
        np.array(shapes, dtype=object),
        [np.array(["a", "b", "c"], dtype=object)],
        ["name"],
        crs="EPSG:4490",
        geometry_type="Unknown",
    )
    (chunk,) = LayerSource(path).chunks()
    found = chunk.shapes()
    assert found is not None
    assert found.tolist() == [UNREADABLE, POINTS[0], None]
    with pytest.raises(Refused):
        area_of(found[0])


@pytest.mark.parametrize("claimed", ["UTF-8", "GB18030", None])
@pytest.mark.parametrize("real", ["UTF-8", "GB18030"])
def test_texts_of_a_shapefile_are_read_whatever_its_cpg_says(tmp_path: Path, claimed: str | None, real: str) -> None:
    path = write_layer(tmp_path / "a.shp", POINTS, names=["金华市婺城区", "前田村委会"], encoding=real)
    if claimed is None:
        path.with_suffix(".cpg").unlink()
    else:
        path.with_suffix(".cpg").write_text(claimed)
    source = LayerSource(path)
    assert source.columns == ("名称",)
    assert source.encoding == real.lower()
    assert list(source.sample()["名称"]) == ["金华市婺城区", "前田村委会"]


def test_shapefile_with_a_value_cut_in_the_middle_of_a_character_is_read(tmp_path: Path) -> None:
    path = write_layer(tmp_path / "a.shp", POINTS, names=["x" * 20, "前田"], encoding="UTF-8")
    table = path.with_suffix(".dbf")
    # DBF cuts by bytes: the field's last two are the first two of the three of a character.
    table.write_bytes(table.read_bytes().replace(b"x" * 20, b"x" * 18 + "村".encode()[:2]))
    assert LayerSource(path).encoding == "utf-8"


def test_shapefile_in_no_known_encoding_is_refused(tmp_path: Path) -> None:
    path = write_layer(tmp_path / "a.shp", POINTS, names=["abcdef", "b"])
    table = path.with_suffix(".dbf")
    table.write_bytes(table.read_bytes().replace(b"abcdef", b"\xff\xff\xfe\xff\x80\xff"))
    with pytest.raises(EncodingMismatch):
        LayerSource(path)


def test_metres_that_are_degrees_are_refused_unless_the_crs_is_given(tmp_path: Path) -> None:
    path = write_layer(tmp_path / "a.shp", POINTS, crs=ALBERS)
    with pytest.raises(CrsContradicted) as refused:
        LayerSource(path)
    assert "--crs" in refused.value.hint("zh")
    assert LayerSource(path, override_crs=True).crs is None


def test_layer_without_a_crs_says_none(tmp_path: Path) -> None:
    path = write_layer(tmp_path / "a.shp", POINTS)
    path.with_suffix(".prj").unlink()
    assert LayerSource(path).crs is None


def test_one_of_several_layers_must_be_named_unless_one_fits(tmp_path: Path) -> None:
    path = write_layer(tmp_path / "a.gpkg", POINTS, layer="homes")
    write_layer(path, LINES, layer="roads", append=True)
    with pytest.raises(LayerChoice) as refused:
        LayerSource(path)
    assert "homes" in refused.value.message("en")
    assert LayerSource(path, fitting=["LineString"]).sample()["名称"] == ["n0"]
    assert len(LayerSource(path, layer="homes").sample()["名称"]) == 2
    with pytest.raises(LayerUnknown):
        LayerSource(path, layer="none")


def test_empty_layer_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileEmpty):
        LayerSource(write_layer(tmp_path / "a.gpkg", []))


def test_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(FileUnreadable):
        LayerSource(tmp_path / "none.gpkg")


@pytest.mark.parametrize("suffix", [".geojson", ".gpkg"])
def test_broken_file_is_said(tmp_path: Path, suffix: str) -> None:
    path = write_layer(tmp_path / f"a{suffix}", POINTS * 2000)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 3])
    with pytest.raises(FileBroken):
        list(LayerSource(path).chunks())


def test_file_of_another_kind_is_said(tmp_path: Path) -> None:
    path = tmp_path / "a.geojson"
    path.write_text("hello")
    with pytest.raises(FileBroken):
        LayerSource(path)


def test_zipped_shapefile_is_read_in_the_encoding_that_is_named(tmp_path: Path) -> None:
    path = write_layer(tmp_path / "a.shp", POINTS, names=["婺城区", "金东区"], encoding="GB18030")
    path.with_suffix(".cpg").unlink()
    packed = tmp_path / "a.shp.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for part in tmp_path.glob("a.*"):
            if part != packed:
                archive.write(part, part.name)
    assert list(LayerSource(packed, encoding="gb18030").sample()["名称"]) == ["婺城区", "金东区"]


def test_layer_whose_name_is_no_text_is_told_so(tmp_path: Path) -> None:
    path = write_layer(tmp_path / "a.geojson", POINTS, names=["婺城区", "金东区"])
    with pytest.raises(FileUnreadable, match="name"):
        LayerSource(path.rename(tmp_path / "a\udcff.geojson"))


def test_geojson_in_another_encoding_than_its_standard_says_is_refused(tmp_path: Path) -> None:
    path = write_layer(tmp_path / "a.geojson", POINTS, names=["婺城区", "金东区"])
    path.write_bytes(path.read_bytes().decode("utf-8").encode("gb18030"))
    with pytest.raises(EncodingMismatch):
        list(LayerSource(path).chunks())
    with pytest.raises(OptionUnfit, match="GeoJSON"):
        LayerSource(path, encoding="gb18030")
