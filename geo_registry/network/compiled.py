"""How kernels are compiled: numba, once a machine and version of their source, kept under the data directory.

Numba recompiles a cached function when its own file changes, but not when a function that it calls changes in another
file. The folder's name is therefore a hash over every kernel source and everything else that the code depends on:
``<data>/numba/<hash>``.
"""

import logging
import pickle
import platform
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar, cast

import llvmlite
import llvmlite.binding
import numba
import numpy as np

from geo_registry.settings import CHECKOUT, get_settings

log = logging.getLogger(__name__)

KERNEL_SOURCES = ("chains", "compiled", "edits", "geodesic", "graph", "grid", "hilbert", "kernels", "snap")
"""The modules of this package that hold kernels; a test finds one that is missing here."""

KEPT_IN = "numba"
"""The folder of compiled kernels under a data directory."""

SET_UP_DATA = CHECKOUT / ".data"
"""The data directory that the set-up warms; another one takes its kernels over."""

_BROKEN_CACHE = (
    OSError,
    EOFError,
    pickle.UnpicklingError,
    AttributeError,
    ImportError,
    IndexError,
    ValueError,
    RuntimeError,
)
"""What a cache can raise: no room, no folder, cut short by a power failure, not a pickle at all.

None of these is an error of the compiler, which the second attempt, without a cache, would show again anyway.
"""

_Kernel = TypeVar("_Kernel", bound=Callable[..., object])


def kernel_version() -> str:
    """A hash of the kernels' sources, of the compiler's versions and of the processor that code is made for."""
    digest = sha256()
    folder = Path(__file__).parent
    for name in KERNEL_SOURCES:
        digest.update((folder / f"{name}.py").read_bytes())
    for fact in (
        platform.python_version(),
        numba.__version__,
        np.__version__,
        llvmlite.__version__,
        llvmlite.binding.get_host_cpu_name(),
    ):
        digest.update(f"\n{fact}".encode())
    return digest.hexdigest()[:16]


@cache
def kernel_cache() -> Path | None:
    """The folder that compiled kernels are kept in; None, and a line in the log, where none can be written.

    Without it everything works: each process then compiles for itself, some ten seconds at its first kernel.
    """
    folder = get_settings().data_path / KEPT_IN / kernel_version()
    try:
        _take_over(SET_UP_DATA / KEPT_IN / folder.name, folder)
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(b"\0")
    except OSError as error:
        log.warning("compiled kernels can't be kept in %s (%s): this process compiles its own", folder, error)
        return None
    return folder


def _take_over(ready: Path, folder: Path) -> None:
    """Begin a new registry's folder with what the set-up compiled for the default one: the code is the same."""
    if folder.exists() or not ready.is_dir():
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".taking-over-") as beside:
        copy = Path(beside) / folder.name
        shutil.copytree(ready, copy)
        # Another process may have been faster; its folder serves as well.
        with suppress(OSError):
            copy.rename(folder)


@contextmanager
def _numba_caches_in(folder: Path) -> Iterator[None]:
    """Point numba at `folder` while a function is decorated, which is when numba reads the setting.

    Another user of numba in this process keeps its own place.
    """
    config: Any = numba.config  # its settings come from the environment when it loads: the checker sees none
    before = config.CACHE_DIR, config.CACHE_LOCATOR_CLASSES
    # Only there: numba's next choice would be __pycache__, where a changed callee goes unseen.
    config.CACHE_DIR, config.CACHE_LOCATOR_CLASSES = str(folder), "UserProvidedCacheLocator"
    try:
        yield
    finally:
        config.CACHE_DIR, config.CACHE_LOCATOR_CLASSES = before


def kernel(signature: str) -> Callable[[_Kernel], _Kernel]:
    """Compile a function for `signature`, or load it: it runs without the interpreter's lock, on one thread.

    One signature a kernel, given here: processes that warm one cache at the same time then write the same bytes under
    the same names, and a call with other types is refused instead of compiled in the middle of a request. Never
    ``parallel``: numba's own thread pool fails under concurrent callers.

    Parameters
    ----------
    signature
        In numba's words, such as ``"int32[::1](int32[::1], int64)"``.
    """

    def compile_kernel(function: _Kernel) -> _Kernel:
        folder = kernel_cache()
        if folder is not None:
            for _ in range(2):
                try:
                    with _numba_caches_in(folder):
                        return cast("_Kernel", numba.njit(signature, nogil=True, cache=True)(function))
                except _BROKEN_CACHE as error:
                    log.warning("the kept kernel %s is unusable (%s)", function.__qualname__, error)
                    _forget(folder, function.__qualname__)
        return cast("_Kernel", numba.njit(signature, nogil=True)(function))

    return compile_kernel


def _forget(folder: Path, name: str) -> None:
    """Remove what numba kept of one function, so that it is written anew."""
    for kept in folder.rglob(f"*.{name.replace('<', '').replace('>', '')}-*.nb?"):
        kept.unlink(missing_ok=True)
