"""Graphs are found again for the same roads and rules only, and old ones don't pile up."""

import ast
import shutil
from pathlib import Path
from uuid import uuid4

import pytest

import geo_registry.network
from geo_registry.db.session import WriteSession
from geo_registry.model import Dataset
from geo_registry.network import service, store
from geo_registry.network.service import Network, load_network
from geo_registry.vocabulary import TravelMode
from tests.factories import make_dataset, make_road

SOURCES = Path(geo_registry.network.__file__).parent


@pytest.fixture
def roads(session: WriteSession) -> Dataset:
    dataset = make_dataset(session)
    make_road(session, dataset, [(119.640, 29.080), (119.641, 29.080)])
    return dataset


def load(session: WriteSession, tmp_path: Path, roads: Dataset, mode: TravelMode = TravelMode.WALK) -> Network:
    return load_network(session, tmp_path, roads, mode)


def kept(tmp_path: Path) -> set[str]:
    return {folder.name for folder in (tmp_path / store.FOLDER).iterdir()}


def imported_by(module: str) -> set[str]:
    """The modules of the network that a module stands on, itself included."""
    found, waiting = set[str](), {module}
    while waiting:
        name = waiting.pop()
        found.add(name)
        for node in ast.walk(ast.parse((SOURCES / f"{name}.py").read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("geo_registry.network."):
                waiting |= {str(node.module).rpartition(".")[2]} - found
    return found


def test_every_module_that_makes_a_graph_counts_in_the_version() -> None:
    assert imported_by("queries") == set(service.COMPILER_SOURCES)


@pytest.mark.parametrize("name", service.COMPILER_SOURCES)
def test_another_source_is_another_version(tmp_path: Path, name: str) -> None:
    for source in SOURCES.glob("*.py"):
        shutil.copy(source, tmp_path)
    assert service.compiler_version(tmp_path) == service.COMPILER
    with (tmp_path / f"{name}.py").open("a") as file:
        file.write("\nFASTER_KMH = 1\n")
    assert service.compiler_version(tmp_path) != service.COMPILER


def test_another_format_is_another_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "FORMAT", store.FORMAT + 1)
    assert service.compiler_version(SOURCES) != service.COMPILER


def test_a_graph_by_other_rules_is_compiled_anew(
    session: WriteSession, tmp_path: Path, roads: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not load(session, tmp_path, roads).cached
    assert load(session, tmp_path, roads).cached
    monkeypatch.setattr(service, "COMPILER", "of another version")
    assert not load(session, tmp_path, roads).cached


def test_one_graph_is_kept_for_each_dataset_and_mode(session: WriteSession, tmp_path: Path, roads: Dataset) -> None:
    other = make_dataset(session)
    make_road(session, other, [(119.640, 29.080), (119.641, 29.080)])
    load(session, tmp_path, other)
    load(session, tmp_path, roads, TravelMode.DRIVE)
    load(session, tmp_path, roads)
    before = kept(tmp_path)
    make_road(session, roads, [(119.641, 29.080), (119.642, 29.080)])
    roads.content_version = uuid4()
    session.flush()
    assert load(session, tmp_path, roads).graph.edges == 2
    after = kept(tmp_path)
    assert len(before) == len(after) == 3
    assert len(before & after) == 2
