"""`geo-registry names unnamed`: found, written to files, taken back."""

import json
from collections.abc import Mapping
from pathlib import Path

import openpyxl
import pytest

from geo_registry.unnamed import sheet
from tests.cli.conftest import Registry

SQUARE = [[[119.64, 29.07], [119.66, 29.07], [119.66, 29.09], [119.64, 29.09], [119.64, 29.07]]]


def feature(geometry: Mapping[str, object], **properties: object) -> dict[str, object]:
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def collection(path: Path, *features: dict[str, object]) -> Path:
    path.write_text(json.dumps({"type": "FeatureCollection", "features": list(features)}), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def filled(registry: Registry, tmp_path_factory: pytest.TempPathFactory) -> Registry:
    """A town with its boundary, a named road and one without a name from it."""
    folder = Path(tmp_path_factory.mktemp("rows"))
    town = feature({"type": "Polygon", "coordinates": SQUARE}, code="330702001000", name="白塘镇")
    divisions = collection(folder / "divisions.geojson", town)
    assert registry("import", "divisions", divisions, "--vintage", "2023").code == 0
    line = {"type": "LineString", "coordinates": [[119.645, 29.08], [119.65, 29.08]]}
    across = {"type": "LineString", "coordinates": [[119.65, 29.08], [119.65, 29.083]]}
    roads = collection(
        folder / "roads.geojson",
        feature(line, source_id="1", name="人民路", highway="tertiary"),
        feature(across, source_id="2", name="", highway="residential"),
    )
    assert registry("import", "roads", roads).code == 0
    return registry


def test_json_has_the_lanes_and_how_far_divisions_are(filled: Registry) -> None:
    done = filled("names", "unnamed", "--division", "330702001", "--json", GEO_LOCALE="zh-CN")
    assert done.code == 0, done.stderr
    told = done.json
    assert told.keys() >= {"run", "found", "new", "named", "gone", "seconds", "divisions", "lanes"}
    (lane,) = told["lanes"]
    assert (lane["course"], lane["begins"], lane["ends"]) == ("南北走向", "人民路", "尽头")
    assert told["divisions"][0]["lanes"] == {"found": 1}


def test_a_person_reads_each_lane_in_a_line(filled: Registry) -> None:
    done = filled("names", "unnamed", "--division", "330702001", GEO_LOCALE="zh-CN")
    assert "白塘镇 · （无名） · 332 m · 南北走向 · 起于人民路，止于尽头" in done.stdout


def test_the_table_is_written_and_taken_back(filled: Registry, tmp_path: Path) -> None:
    table = tmp_path / "lanes.xlsx"
    assert filled("names", "unnamed", "--division", "330702001", "-o", table).code == 0
    book = openpyxl.load_workbook(table)
    page = book["白塘镇"]
    column = {cell.value: cell.column for cell in page[1]}
    page.cell(2, column[sheet.DECISION], sheet.PROPOSE)
    page.cell(2, column[sheet.NAME], "樟树巷")
    book.save(table)
    done = filled("names", "unnamed", "--take-back", table, "--json")
    assert (done.code, done.json) == (0, {"decided": 1, "refused": []})
    # It says what it saw, and that is another version by now.
    again = filled("names", "unnamed", "--take-back", table, "--json")
    assert (again.code, again.json["refused"][0]["code"]) == (1, "record-changed")
    for kind, beginning in (("pdf", b"%PDF"), ("geojson", b'{"type"')):
        file = tmp_path / f"lanes.{kind}"
        assert filled("names", "unnamed", "-o", file).code == 0
        assert file.read_bytes().startswith(beginning)


def test_what_cannot_be_asked_is_refused(filled: Registry, tmp_path: Path) -> None:
    assert filled("names", "unnamed", "-o", tmp_path / "lanes.docx").code == 2
    unknown = filled("names", "unnamed", "--division", "339900", "--json")
    assert (unknown.code, unknown.json["error"]["code"]) == (1, "division-unknown")
    missing = filled("names", "unnamed", "--take-back", tmp_path / "none.xlsx", "--json")
    assert missing.json["error"]["code"] == "file-unreadable"


def test_planned_signs_are_written_as_geojson(filled: Registry, tmp_path: Path) -> None:
    path = tmp_path / "signs.geojson"
    done = filled("names", "unnamed", "--division", "330702001", "--signs", path, GEO_LOCALE="zh-CN")
    assert done.code == 0, done.stderr
    # None of its lanes is filed.
    assert json.loads(path.read_text(encoding="utf-8")) == {"type": "FeatureCollection", "features": []}
    assert "拟设标志 0 处" in done.stderr
    assert filled("names", "unnamed", "--signs", tmp_path / "nowhere" / "signs.geojson").code != 0
