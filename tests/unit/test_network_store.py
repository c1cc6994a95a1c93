"""Graphs on disk are whole or not used."""

import os
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from geo_registry.errors import NetworkNotKept
from geo_registry.network import store
from geo_registry.network.graph import Graph, compile_graph, no_barriers
from geo_registry.network.kernels import nearest_points
from geo_registry.network.snap import snap
from geo_registry.vocabulary import TravelMode
from tests.network_roads import Road, road_lines

A, B, C = (119.640, 29.080), (119.641, 29.080), (119.642, 29.081)


def small_graph(mode: TravelMode = TravelMode.WALK) -> Graph:
    return compile_graph(road_lines(Road([A, B, C]), Road([B, (119.641, 29.09)], oneway=1)), no_barriers(), mode)


def arrays_of(value: object) -> dict[str, np.ndarray]:
    """Every array under a dataclass by its path."""
    found: dict[str, np.ndarray] = {}
    for part in fields(value):  # type: ignore[arg-type]
        inner = getattr(value, part.name)
        if isinstance(inner, np.ndarray):
            found[part.name] = inner
        elif hasattr(inner, "__dataclass_fields__"):
            found |= {f"{part.name}.{name}": array for name, array in arrays_of(inner).items()}
    return found


@contextmanager
def files_no_larger_than(size: int) -> Iterator[None]:
    """Make the kernel refuse to write more, as it does on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("mode", list(TravelMode))
def test_a_graph_comes_back_as_it_was(tmp_path: Path, mode: TravelMode) -> None:
    graph = small_graph(mode)
    kept = store.save(graph, tmp_path / "network" / "key")
    loaded = store.load(tmp_path / "network" / "key", thorough=True)
    assert loaded is not None
    assert loaded.digest == kept.digest
    before, after = arrays_of(graph), arrays_of(loaded.graph)
    assert before.keys() == after.keys()
    for name, array in before.items():
        assert array.dtype == after[name].dtype, name
        assert np.array_equal(array, after[name]), name
    assert loaded.graph.mode is mode
    assert (loaded.graph.grid.row_deg, loaded.graph.grid.columns) == (graph.grid.row_deg, graph.grid.columns)
    assert (loaded.graph.inward is loaded.graph.outward) == (mode is TravelMode.WALK)


def test_a_loaded_graph_answers_questions(tmp_path: Path) -> None:
    graph = store.save(small_graph(), tmp_path / "key").graph
    demand = snap(graph, np.array([119.6405]), np.array([29.0801]), 100)
    facility = snap(graph, np.array([119.6411]), np.array([29.085]), 100)
    cost, nearest = nearest_points(graph, demand, facility)
    assert nearest.tolist() == [0]
    assert cost[0] > 0


def test_an_empty_graph_can_be_kept(tmp_path: Path) -> None:
    nothing = compile_graph(road_lines(Road([A, B], foot=False)), no_barriers(), TravelMode.WALK)
    assert store.save(nothing, tmp_path / "key").graph.edges == 0


def test_the_same_graph_has_the_same_digest_and_another_has_another(tmp_path: Path) -> None:
    one = store.save(small_graph(), tmp_path / "one").digest
    assert store.save(small_graph(), tmp_path / "two").digest == one
    assert store.save(small_graph(TravelMode.DRIVE), tmp_path / "three").digest != one


def test_what_is_not_there_is_not_loaded(tmp_path: Path) -> None:
    assert store.load(tmp_path / "key") is None


@pytest.mark.parametrize("harm", ["cut", "grow", "remove", "empty", "swap", "manifest", "manifest-cut"])
def test_a_damaged_graph_is_not_used(tmp_path: Path, harm: str) -> None:
    folder = tmp_path / "key"
    store.save(small_graph(), folder)
    array, manifest = folder / "edge_cost.npy", folder / store.MANIFEST
    if harm == "cut":
        os.truncate(array, array.stat().st_size - 1)
    elif harm == "grow":
        with array.open("ab") as file:
            file.write(b"\0")
    elif harm == "remove":
        array.unlink()
    elif harm == "empty":
        os.truncate(array, 0)
    elif harm == "swap":
        (folder / "node_lon.npy").rename(array)
    elif harm == "manifest":
        manifest.write_text(manifest.read_text().replace('"columns": ', '"columns": 1'))
    else:
        os.truncate(manifest, 40)
    assert store.load(folder) is None


def test_a_changed_byte_is_found_by_a_thorough_look(tmp_path: Path) -> None:
    folder = tmp_path / "key"
    store.save(small_graph(), folder)
    array = folder / "edge_cost.npy"
    content = bytearray(array.read_bytes())
    content[-1] ^= 1
    array.write_bytes(content)
    assert store.load(folder, thorough=True) is None


def test_a_graph_of_another_format_is_compiled_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store.save(small_graph(), tmp_path / "key")
    monkeypatch.setattr(store, "FORMAT", store.FORMAT + 1)
    assert store.load(tmp_path / "key") is None


def test_saving_replaces_what_was_damaged(tmp_path: Path) -> None:
    folder = tmp_path / "key"
    store.save(small_graph(), folder)
    (folder / "edge_cost.npy").unlink()
    store.save(small_graph(), folder)
    assert store.load(folder, thorough=True) is not None
    assert [found.name for found in tmp_path.iterdir()] == ["key"]


def test_a_full_disk_leaves_nothing_half_and_what_was_there(tmp_path: Path) -> None:
    folder = tmp_path / "key"
    before = store.save(small_graph(), folder).digest
    with files_no_larger_than(150), pytest.raises(NetworkNotKept) as raised:
        store.save(small_graph(TravelMode.DRIVE), folder)
    assert "large" in raised.value.message("en")
    assert [found.name for found in tmp_path.iterdir()] == ["key"]
    kept = store.load(folder, thorough=True)
    assert kept is not None
    assert kept.digest == before


def test_a_place_that_is_a_file_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "network").write_text("")
    with pytest.raises(NetworkNotKept):
        store.save(small_graph(), tmp_path / "network" / "key")


def test_what_a_dead_process_left_is_swept_and_what_is_being_written_is_not(tmp_path: Path) -> None:
    dead, alive = tmp_path / ".writing-dead", tmp_path / ".writing-alive"
    dead.mkdir()
    alive.mkdir()
    long_ago = time.time() - 2 * store.ABANDONED_AFTER_S
    os.utime(dead, (long_ago, long_ago))
    store.save(small_graph(), tmp_path / "key")
    assert not dead.exists()
    assert alive.exists()


def test_the_others_of_a_family_are_dropped_and_a_reader_keeps_what_it_has(tmp_path: Path) -> None:
    for name in ("walk-town-old", "walk-town-new", "walk-village-old", "drive-town-old"):
        store.save(small_graph(), tmp_path / name)
    held = store.load(tmp_path / "walk-town-old")
    assert held is not None
    store.drop_others(tmp_path / "walk-town-new", "walk-town-")
    assert sorted(left.name for left in tmp_path.iterdir()) == ["drive-town-old", "walk-town-new", "walk-village-old"]
    assert np.array_equal(held.graph.edge_cost, small_graph().edge_cost)
