"""The notebooks run as they are committed, and what is committed of their outputs is what they say today."""

import html
import json
import re
from base64 import b64decode
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import matplotlib.image
import nbformat
import numpy as np
import pytest

from scripts import notebooks
from scripts.notebooks import Notebook
from tests.conftest import DemoTemplate, TestUrls, fresh_database

LARGEST_BYTES = 1_000_000
PATHS = notebooks.paths()
PICTURES = {"01_tour": 3, "02_service_gaps": 4}
"""What a reader who doesn't run them sees, at least."""

MACHINE = re.compile(r"/(home|root|tmp|work|Users|var|opt)/|[A-Z]:\\\\|0x[0-9a-f]{8}|https?://(?!www\.w3\.org)")

every_notebook = pytest.mark.parametrize("path", PATHS, ids=[path.stem for path in PATHS])


@pytest.fixture(scope="module")
def environment(
    cluster_urls: TestUrls, demo_template: DemoTemplate, own_number: int, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, str]]:
    """A registry of this module's own with the demonstration, as the variables that name it."""
    with fresh_database(cluster_urls, f"notebooks_{own_number}", template=demo_template.name) as urls:
        yield {
            "GEO_DATABASE_URL": urls.app,
            "GEO_OWNER_DATABASE_URL": urls.owner,
            "GEO_DATA_DIR": str(tmp_path_factory.mktemp("notebooks")),
            "GEO_STANDARDS_ON": "",
        }


def outputs(notebook: Notebook) -> list[list[dict[str, Any]]]:
    """What each cell shows, kind by kind."""
    return [
        [dict(output.data) for output in cell.outputs if "data" in output]
        for cell in notebook.cells
        if cell.cell_type == "code"
    ]


def pictures(notebook: Notebook) -> list[bytes]:
    return [b64decode(shown["image/png"]) for cell in outputs(notebook) for shown in cell if "image/png" in shown]


@every_notebook
def test_it_runs_and_shows_what_is_committed(path: Path, environment: dict[str, str]) -> None:
    committed = notebooks.read(path)
    run = notebooks.executed(committed, environment)
    # A map to move about in, without anything from elsewhere, and beside it the picture that is kept.
    maps = [shown for cell in outputs(run) for shown in cell if notebooks.FRAME.match(shown.get("text/html", ""))]
    assert len(maps) == 1
    assert "image/png" in maps[0]
    document = html.unescape(maps[0]["text/html"])
    assert not re.search(r"<(script|link|img)\b[^>]*\b(src|href)=", document)
    assert "示例数据" in document

    of_today = outputs(notebooks.kept(run))
    assert [[set(shown) for shown in cell] for cell in of_today] == [
        [set(shown) for shown in cell] for cell in outputs(committed)
    ]
    for cell, before in zip(of_today, outputs(committed), strict=True):
        for kind in ("text/plain", "text/html", "text/markdown"):
            assert [shown.get(kind) for shown in cell] == [shown.get(kind) for shown in before]


@every_notebook
def test_it_reads_without_running(path: Path) -> None:
    committed = notebooks.read(path)
    drawn = pictures(committed)
    assert len(drawn) >= PICTURES[path.stem]
    for picture in drawn:
        shown = matplotlib.image.imread(BytesIO(picture), format="png")
        assert min(shown.shape[:2]) > 300
        # Not an empty sheet.
        assert np.ptp(shown[..., :3]) > 0.9
    tables = [shown for cell in outputs(committed) for shown in cell if "text/plain" in shown]
    assert len(tables) >= 4


@every_notebook
def test_it_says_in_both_languages_that_its_data_is_made_up(path: Path) -> None:
    said = "".join(cell.source for cell in notebooks.read(path).cells if cell.cell_type == "markdown")
    assert "全部是示例数据" in said
    assert "All of it is example data" in said


@every_notebook
def test_what_is_committed_is_small_and_of_no_machine(path: Path) -> None:
    assert path.stat().st_size < LARGEST_BYTES
    committed = notebooks.read(path)
    text = json.dumps([[{**shown, "image/png": ""} for shown in cell] for cell in outputs(committed)])
    assert not MACHINE.search(text)
    assert not any(b"Software" in picture or b"matplotlib" in picture.lower() for picture in pictures(committed))
    assert all(not cell.metadata for cell in committed.cells)
    assert all(cell.execution_count is None for cell in committed.cells if cell.cell_type == "code")
    assert "iframe" not in path.read_text(encoding="utf-8")


@every_notebook
def test_what_is_committed_was_executed_as_it_stands(path: Path) -> None:
    assert not notebooks.stale(path)
    assert path.read_text(encoding="utf-8") == notebooks.text(notebooks.kept(notebooks.read(path)))


def test_a_changed_cell_is_found() -> None:
    committed = notebooks.read(PATHS[0])
    before = notebooks.digest(committed)
    next(cell for cell in committed.cells if cell.cell_type == "markdown").source += "更多的话 more words"
    assert notebooks.digest(committed) == before
    next(cell for cell in committed.cells if cell.cell_type == "code").source += "\n1 + 1"
    assert notebooks.digest(committed) != before


def test_what_a_machine_leaves_is_not_kept() -> None:
    notebook = notebooks.read(PATHS[0])
    cell = next(cell for cell in notebook.cells if cell.cell_type == "code")
    cell.execution_count, cell.metadata = 7, {"execution": {"iopub.status.busy": "2026-01-01"}}
    cell.outputs = [
        {"output_type": "stream", "name": "stderr", "text": "/home/somebody: started"},
        {
            "output_type": "display_data",
            "metadata": {},
            "data": {"text/html": '<iframe srcdoc="…">', "image/png": "iVB"},
        },
        {"output_type": "display_data", "metadata": {}, "data": {"image/png": "iVB", "text/plain": "<Figure at 0x7f>"}},
        {"output_type": "display_data", "metadata": {}, "data": {"application/javascript": "1"}},
    ]
    cell.outputs = [nbformat.from_dict(output) for output in cell.outputs]  # type: ignore[no-untyped-call]
    clean = next(each for each in notebooks.kept(notebook).cells if each.id == cell.id)
    assert [dict(output.data) for output in clean.outputs] == [{"image/png": "iVB"}, {"image/png": "iVB"}]
    assert (clean.execution_count, clean.metadata) == (None, {})
