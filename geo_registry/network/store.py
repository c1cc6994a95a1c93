"""Compiled graphs on disk: one folder each, written whole or not at all, mapped into memory when read.

A folder holds one ``.npy`` file an array and ``manifest.json``, which names the format, the graph's plain values, and
of every array its type, shape and sha256. It is written beside its place and renamed, so that a reader sees all of it
or none of it, whatever is killed when. A folder that isn't whole is never used: `load` says None, and the roads are
compiled anew.
"""

import logging
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, fields
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO
from uuid import uuid4

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict

from geo_registry.errors import NetworkNotKept
from geo_registry.network.graph import Arcs, Graph
from geo_registry.network.grid import Grid
from geo_registry.vocabulary import TravelMode

log = logging.getLogger(__name__)

FOLDER = "network"
"""The folder of all graphs under the data directory."""

FORMAT = 1
"""Raised when what the files mean changes: a graph of another format is compiled anew."""

MANIFEST = "manifest.json"

ABANDONED_AFTER_S = 3600
"""A folder that was being written this long ago was left by a process that died: writing takes seconds."""

_WRITING = ".writing-"

AnyArray = npt.NDArray[Any]


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """A graph on disk; `digest` is a sha256 over its arrays and plain values, the same wherever it is compiled."""

    graph: Graph
    digest: str


class _Values(BaseModel):
    """What a graph holds besides arrays; the last six are its grid's."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    mode: TravelMode
    west_deg: float
    south_deg: float
    row_deg: float
    columns: int
    rows: int
    circle_columns: int


class _ArrayFile(BaseModel):
    """What an array's file must be; the hash is over its elements."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    dtype: str
    shape: tuple[int, ...]
    sha256: str


class _Manifest(BaseModel):
    """What a folder must hold; `nodes` and `edges` are for people who look."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: int
    nodes: int
    edges: int
    values: _Values
    arrays: dict[str, _ArrayFile]
    digest: str


class _Untrusted(ValueError):
    """A file that isn't what the manifest says."""


def save(graph: Graph, folder: Path) -> Kept:
    """Write the graph to `folder`, in place of what is there, and give it back as it is on disk.

    Raises
    ------
    NetworkNotKept
        There is no room, or no right to write. Nothing half is left, and what was there before still is.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        _sweep(folder.parent)
        digest = _write(graph, folder)
    except OSError as error:
        raise NetworkNotKept(folder=folder, reason=error.strerror or error) from error
    kept = load(folder)
    # Another process may have put its own there since, or taken ours away; then the one in memory serves.
    return kept if kept is not None and kept.digest == digest else Kept(graph=graph, digest=digest)


def load(folder: Path, *, thorough: bool = False) -> Kept | None:
    """The graph in `folder`, its arrays mapped from the files; None if there is none, or none that can be trusted.

    Every file must have the size, type and shape that the manifest names. With `thorough` the elements are checked
    against their hashes too, which reads all of them.
    """
    if not (folder / MANIFEST).exists():
        return None
    try:
        manifest = _Manifest.model_validate_json((folder / MANIFEST).read_bytes())
        if manifest.format != FORMAT:
            return None
        if manifest.digest != _digest(manifest.values, manifest.arrays):
            raise _Untrusted(MANIFEST)
        arrays = {
            name: _mapped(folder / f"{name}.npy", wanted, thorough=thorough) for name, wanted in manifest.arrays.items()
        }
        return Kept(graph=_assembled(manifest.values, arrays), digest=manifest.digest)
    except (OSError, ValueError, KeyError, EOFError) as error:
        log.warning("the network in %s can't be used, it will be compiled anew: %s", folder, error)
        return None


def drop_others(folder: Path, family: str) -> None:
    """Remove the graphs beside `folder` whose names begin with `family`: nothing asks for them again.

    A process that has one mapped keeps it until it lets go. What can't be removed now is tried again the next time.
    """
    for other in folder.parent.glob(f"{family}*"):
        if other != folder:
            # Moved aside first, so that a reader sees all of it or none; what a kill leaves there is swept.
            aside = folder.parent / f"{_WRITING}{uuid4().hex}"
            with suppress(OSError):
                other.rename(aside)
            shutil.rmtree(aside, ignore_errors=True)


def _named_arrays(graph: Graph) -> Iterator[tuple[str, AnyArray]]:
    """Every array of the graph with the name of its file; on foot the inward arcs are the outward ones."""
    for part in fields(Graph):
        value = getattr(graph, part.name)
        if isinstance(value, np.ndarray):
            yield part.name, value
    for part in fields(Arcs):
        yield f"outward-{part.name}", getattr(graph.outward, part.name)
        if graph.inward is not graph.outward:
            yield f"inward-{part.name}", getattr(graph.inward, part.name)
    yield "grid-cell_ptr", graph.grid.cell_ptr
    yield "grid-cell_piece", graph.grid.cell_piece


def _assembled(values: _Values, arrays: dict[str, AnyArray]) -> Graph:
    """The graph of its plain values and arrays: `_named_arrays` read backwards."""
    own = {part.name: arrays[part.name] for part in fields(Graph) if part.name in arrays}
    outward = Arcs(**{part.name: arrays[f"outward-{part.name}"] for part in fields(Arcs)})
    walks = values.mode is TravelMode.WALK
    inward = outward if walks else Arcs(**{part.name: arrays[f"inward-{part.name}"] for part in fields(Arcs)})
    grid = Grid(
        **values.model_dump(exclude={"mode"}), cell_ptr=arrays["grid-cell_ptr"], cell_piece=arrays["grid-cell_piece"]
    )
    try:
        return Graph(mode=values.mode, outward=outward, inward=inward, grid=grid, **own)
    except TypeError as error:
        raise _Untrusted(str(error)) from error


def _digest(values: _Values, arrays: dict[str, _ArrayFile]) -> str:
    digest = sha256(f"{FORMAT}\n{values.model_dump_json()}\n".encode())
    for name in sorted(arrays):
        digest.update(f"{name} {arrays[name].model_dump_json()}\n".encode())
    return digest.hexdigest()


def _write(graph: Graph, folder: Path) -> str:
    """Write beside `folder`, see to it that all is on the disk, and put it in place; the digest."""
    writing = folder.parent / f"{_WRITING}{uuid4().hex}"
    writing.mkdir()
    try:
        arrays = {name: _write_array(writing / f"{name}.npy", array) for name, array in _named_arrays(graph)}
        grid = graph.grid
        values = _Values(
            mode=graph.mode,
            west_deg=grid.west_deg,
            south_deg=grid.south_deg,
            row_deg=grid.row_deg,
            columns=grid.columns,
            rows=grid.rows,
            circle_columns=grid.circle_columns,
        )
        manifest = _Manifest(
            format=FORMAT,
            nodes=graph.nodes,
            edges=graph.edges,
            values=values,
            arrays=arrays,
            digest=_digest(values, arrays),
        )
        with (writing / MANIFEST).open("wb") as file:
            file.write(manifest.model_dump_json(indent=1).encode())
            _to_disk(file)
        _folder_to_disk(writing)
        _put_in_place(writing, folder)
    finally:
        shutil.rmtree(writing, ignore_errors=True)
    return manifest.digest


def _write_array(path: Path, array: AnyArray) -> _ArrayFile:
    content = array.reshape(-1).view(np.uint8).data if array.size else b""
    with path.open("wb") as file:
        # Not np.save: on a full disk its error doesn't say so.
        np.lib.format.write_array_header_1_0(file, np.lib.format.header_data_from_array_1_0(array))
        file.write(content)
        _to_disk(file)
    return _ArrayFile(dtype=array.dtype.str, shape=array.shape, sha256=sha256(content).hexdigest())


def _mapped(path: Path, wanted: _ArrayFile, *, thorough: bool) -> AnyArray:
    """The array in a file, mapped copy-on-write and as a plain array, which kernels take for an ordinary one."""
    mapped = np.load(path, mmap_mode="c", allow_pickle=False)
    array: AnyArray = np.asarray(mapped)
    size = mapped.offset + array.nbytes
    if array.dtype.str != wanted.dtype or array.shape != wanted.shape or path.stat().st_size != size:
        raise _Untrusted(path.name)
    if thorough and sha256(array.tobytes()).hexdigest() != wanted.sha256:
        raise _Untrusted(path.name)
    return array


def _put_in_place(writing: Path, folder: Path) -> None:
    """Rename `writing` to `folder`; what is there is moved aside first, since a folder can't be renamed over one."""
    aside = folder.parent / f"{_WRITING}{uuid4().hex}"
    try:
        if folder.exists():
            folder.rename(aside)
        writing.rename(folder)
    except OSError:
        # Another process was quicker with the same roads: its folder is as good, and whole.
        if not (folder / MANIFEST).exists():
            raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    _folder_to_disk(folder.parent)


def _to_disk(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _folder_to_disk(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sweep(parent: Path) -> None:
    """Remove what processes that died while writing have left."""
    for left in parent.glob(f"{_WRITING}*"):
        try:
            abandoned = time.time() - left.stat().st_mtime > ABANDONED_AFTER_S
        except FileNotFoundError:
            continue
        if abandoned:
            shutil.rmtree(left, ignore_errors=True)
