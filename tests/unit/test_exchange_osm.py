from pathlib import Path

import osmium
import pytest
import shapely

from geo_registry.errors import FileBroken, FileEmpty, FileUnreadable
from geo_registry.exchange import osm
from geo_registry.exchange.osm import OsmSource
from geo_registry.network.access import CLASSES_BY_OTHER_TAGS, READ_KEYS, barrier_from_tags, road_from_tags

NODES = {1: (119.60, 29.10), 2: (119.61, 29.10), 3: (119.62, 29.10), 4: (119.63, 29.10), 5: (119.64, 29.10)}


def write_osm(
    path: Path,
    ways: dict[int, tuple[list[int], dict[str, str]]],
    *,
    node_tags: dict[int, dict[str, str]] | None = None,
    without: set[int] | None = None,
) -> Path:
    tags = node_tags or {}
    with osmium.SimpleWriter(str(path)) as writer:
        for number, (lon, lat) in NODES.items():
            if number not in (without or set()):
                writer.add_node(osmium.osm.mutable.Node(id=number, location=(lon, lat), tags=tags.get(number, {})))
        for number, (references, way_tags) in ways.items():
            writer.add_way(osmium.osm.mutable.Way(id=number, nodes=references, tags=way_tags))
    return path


def test_ways_that_are_roads_become_rows(tmp_path: Path) -> None:
    path = write_osm(
        tmp_path / "a.osm.pbf",
        {
            10: ([1, 2, 3], {"highway": "residential", "name": "人民路", "oneway": "yes", "maxspeed": "30"}),
            11: ([3, 4], {"highway": "footway"}),
            12: ([4, 5], {"building": "yes"}),
            13: ([1, 2, 3, 1], {"highway": "pedestrian", "area": "yes"}),
        },
    )
    (chunk,) = OsmSource(path).chunks()
    assert chunk.column("source_id") == ["way/10", "way/11"]
    assert chunk.column("name") == ["人民路", None]
    assert chunk.column("oneway") == [1, 0]
    assert chunk.column("maxspeed_kmh") == [30, None]
    assert chunk.column("motor") == [True, False]
    shapes = chunk.shapes()
    assert shapes is not None
    assert shapes[0].equals_exact(shapely.LineString([NODES[1], NODES[2], NODES[3]]), tolerance=1e-7)


@pytest.mark.parametrize("ending", ["osm.pbf", "osm"])
def test_every_way_that_the_network_knows_without_a_highway_key_is_read(tmp_path: Path, ending: str) -> None:
    tagged = enumerate(CLASSES_BY_OTHER_TAGS, start=10)
    path = write_osm(tmp_path / f"a.{ending}", {number: ([1, 2], {key: value}) for number, (key, value) in tagged})
    (chunk,) = OsmSource(path).chunks()
    assert chunk.column("highway") == ["ferry", "pier", "platform", "platform"]


def test_every_key_of_a_road_or_barrier_is_one_that_files_are_read_for() -> None:
    asked: set[str] = set()

    class Asked(dict[str, str]):
        def get(self, key: str, default: object = None) -> None:  # type: ignore[override]
            del default
            asked.add(key)

    assert road_from_tags(Asked()) is None
    assert barrier_from_tags(Asked()) is None
    assert asked == set(READ_KEYS)


def test_barriers_count_only_where_they_lie_on_roads(tmp_path: Path) -> None:
    path = write_osm(
        tmp_path / "a.osm.pbf",
        {
            10: ([1, 2], {"highway": "residential"}),
            11: ([2, 3], {"highway": "service"}),
            12: ([4, 5], {"barrier": "wall"}),
        },
        node_tags={2: {"barrier": "bollard"}, 5: {"barrier": "bollard"}},
    )
    chunks = list(OsmSource(path).chunks())
    assert [barrier.source_id for chunk in chunks for barrier in chunk.barriers] == ["node/2"]


def test_way_at_the_edge_of_an_extract_keeps_what_is_there(tmp_path: Path) -> None:
    path = write_osm(tmp_path / "a.osm.pbf", {10: ([1, 2, 3, 4, 5], {"highway": "residential"})}, without={3})
    (chunk,) = OsmSource(path).chunks()
    assert chunk.column("source_id") == ["way/10#1", "way/10#2"]
    assert set(chunk.incomplete.values()) == {1}


def test_way_of_one_place_is_no_line(tmp_path: Path) -> None:
    path = write_osm(
        tmp_path / "a.osm.pbf",
        {10: ([1, 1], {"highway": "residential"}), 11: ([1, 2], {"highway": "residential"})},
    )
    (chunk,) = OsmSource(path).chunks()
    assert chunk.column("source_id") == ["way/11"]


def test_file_without_roads_is_refused(tmp_path: Path) -> None:
    path = write_osm(tmp_path / "a.osm.pbf", {12: ([4, 5], {"building": "yes"})})
    with pytest.raises(FileEmpty):
        list(OsmSource(path).chunks())


@pytest.mark.parametrize("kept", [60, 0.5, 0.9])
def test_truncated_file_is_broken(shared_data: Path, tmp_path: Path, kept: float) -> None:
    content = (shared_data / "osm" / "liechtenstein-2013-08-03.osm.pbf").read_bytes()
    path = tmp_path / "cut.osm.pbf"
    path.write_bytes(content[: int(kept if kept > 1 else kept * len(content))])
    with pytest.raises(FileBroken):
        list(OsmSource(path).chunks())


def test_file_of_another_kind_is_broken(tmp_path: Path) -> None:
    path = tmp_path / "a.osm.pbf"
    path.write_text("this is not OpenStreetMap's")
    with pytest.raises(FileBroken):
        list(OsmSource(path).chunks())


def test_missing_and_empty_files_are_said(tmp_path: Path) -> None:
    with pytest.raises(FileUnreadable):
        OsmSource(tmp_path / "none.osm.pbf")
    (tmp_path / "zero.osm.pbf").touch()
    with pytest.raises(FileEmpty):
        OsmSource(tmp_path / "zero.osm.pbf")


def test_places_of_the_nodes_of_a_big_file_are_kept_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(osm, "BIG_FILE_BYTES", 1)
    path = write_osm(tmp_path / "a.osm.pbf", {10: ([1, 2, 3], {"highway": "residential"})})
    (chunk,) = OsmSource(path).chunks()
    assert chunk.column("source_id") == ["way/10"]
