"""`geo-registry heritage …`: a name proposed, listed, shown and taken off; the guard of its renaming by exit code."""

import json
from pathlib import Path

from tests.cli.conftest import Registry


def test_a_name_goes_on_its_list_and_off(registry: Registry) -> None:
    proposed = registry(
        "heritage", "propose", "旧市巷", "--kind", "old-street", "--level", "city", "--division", "330782", "--named", "明",
        "--evidence", "旧城图", "--json",
    )  # fmt: skip
    # Nothing is registered of that division yet.
    assert (proposed.code, proposed.json["error"]["code"]) == (1, "division-unknown")


def test_it_is_listed_shown_guarded_and_taken_off(registry: Registry, tmp_path: Path) -> None:
    lists = tmp_path / "2023.csv"
    lists.write_text("code,name\n330702000000,婺城区\n", encoding="utf-8")
    assert registry("import", "divisions", lists, "--vintage", "2023").code == 0
    places = tmp_path / "places.geojson"
    properties = {"source_id": "1", "name": "酒坊巷", "class": "street", "division": "330702000000"}
    feature = {"type": "Feature", "properties": properties, "geometry": {"type": "Point", "coordinates": [119.6, 29.1]}}
    places.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    assert registry("import", "places", places).code == 0
    place = registry("search", "酒坊巷", "--json").json["hits"][0]["id"]
    proposed = registry(
        "heritage", "propose", "酒坊巷", "--kind", "old-street", "--level", "city", "--place", place, "--evidence", "《县志》",
        "--json",
    )  # fmt: skip
    assert (proposed.code, proposed.json["status"]) == (0, "proposed"), proposed.stdout
    identity = proposed.json["id"]
    by = ("--on", "2022-11-18", "--number", "金民〔2022〕20号", "--body", "金华市民政局")
    listed = registry("heritage", "enlist", identity, *by, "--taken-over", "--json")
    assert (listed.code, listed.json["status"]) == (0, "listed")
    assert [each["name"] for each in registry("heritage", "list", "--level", "city", "--json").json] == ["酒坊巷"]
    assert registry("heritage", "list", "--kind", "feature", "--json").json == []
    shown = registry("heritage", "show", identity, GEO_LOCALE="zh-CN").stdout
    assert "老街巷 · 市级 · 已列入" in shown
    assert "依据: 《县志》" in shown
    unprotected = registry("heritage", "guard", place, "--json")
    assert (unprotected.code, unprotected.json["error"]["code"]) == (1, "heritage-unprotected")
    assert registry("heritage", "measure", identity, "原名刻碑", "--on", "2023-03-01", "--json").code == 0
    assert registry("heritage", "guard", place, "--json").json["lists"][0]["measures"] == 1
    assert registry("heritage", "guard", place, "--on", "2023-02-28", "--json").code == 1
    off = registry(
        "heritage", "delist", identity, "--on", "2024-01-01", "--number", "金民〔2024〕1号", "--why", "重复", "--json"
    )
    assert (off.code, off.json["status"]) == (0, "delisted")
    assert registry("heritage", "guard", place, "--json").json["listed"] is False
    again = registry(
        "heritage", "delist", identity, "--on", "2024-01-01", "--number", "金民〔2024〕1号", "--why", "重复", "--json"
    )
    assert (again.code, again.json["error"]["code"]) == (1, "heritage-stands")
