"""Compiled kernels are kept where they belong, and are done without where they can't be."""

import logging
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import geo_registry.network
from geo_registry.network import compiled, warm
from geo_registry.settings import CHECKOUT, Settings

SOURCES = Path(geo_registry.network.__file__).parent

ONE_KERNEL = """
from geo_registry.network.compiled import kernel

@kernel("int64(int64)")
def doubled(number):
    return 2 * number

print(doubled(21))
"""


def compile_doubled() -> Callable[[int], int]:
    @compiled.kernel("int64(int64)")
    def doubled(number: int) -> int:
        return 2 * number

    return doubled


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of this test's own for compiled kernels."""
    monkeypatch.setattr(compiled, "kernel_cache", lambda: tmp_path)
    return tmp_path


def test_every_module_with_a_kernel_counts_in_the_version() -> None:
    with_kernels = {path.stem for path in SOURCES.glob("*.py") if "@kernel(" in path.read_text()}
    assert with_kernels | {"compiled"} == set(compiled.KERNEL_SOURCES)


def test_kernels_are_kept_under_the_data_directory_by_version() -> None:
    import geo_registry.network.kernels  # noqa: F401, PLC0415

    folder = compiled.kernel_cache()
    assert folder is not None
    assert folder.name == compiled.kernel_version()
    assert folder.parent.name == "numba"
    assert list(folder.rglob("kernels._nearest-*.nbc"))


def test_a_kernel_is_loaded_from_where_it_was_kept(cache: Path) -> None:
    assert compile_doubled()(21) == 42
    kept = {path: path.stat().st_mtime_ns for path in cache.rglob("*.nb?")}
    assert {path.suffix for path in kept} == {".nbi", ".nbc"}
    assert compile_doubled()(21) == 42
    assert {path: path.stat().st_mtime_ns for path in cache.rglob("*.nb?")} == kept


@pytest.mark.parametrize("content", [b"", b"not a pickle"])
@pytest.mark.parametrize("suffix", [".nbi", ".nbc"])
def test_a_damaged_cache_is_written_anew(
    cache: Path, suffix: str, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    compile_doubled()
    (damaged,) = cache.rglob(f"*{suffix}")
    damaged.write_bytes(content)
    assert compile_doubled()(21) == 42
    assert damaged.stat().st_size > len(content)
    assert "unusable" in caplog.text
    caplog.clear()
    assert compile_doubled()(21) == 42
    assert caplog.text == ""


def test_a_cache_that_is_taken_away_meanwhile_is_done_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("no folder can be made here")
    monkeypatch.setattr(compiled, "kernel_cache", lambda: tmp_path / "file")
    assert compile_doubled()(21) == 42
    assert "unusable" in caplog.text


def test_without_a_writable_folder_each_process_compiles_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "numba").write_text("a file where a folder should be")
    monkeypatch.setattr(compiled, "get_settings", lambda: Settings(data_dir=tmp_path))
    with caplog.at_level(logging.WARNING):
        assert compiled.kernel_cache.__wrapped__() is None
    assert "compiles its own" in caplog.text


def test_two_processes_may_compile_at_once(tmp_path: Path) -> None:
    script = tmp_path / "one_kernel.py"
    script.write_text(ONE_KERNEL)
    environment = os.environ | {"GEO_DATA_DIR": str(tmp_path), "PYTHONPATH": str(CHECKOUT)}
    both = [
        subprocess.Popen([sys.executable, script], env=environment, stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    assert [process.communicate(timeout=120)[0].strip() for process in both] == ["42", "42"]
    assert [process.returncode for process in both] == [0, 0]


def test_a_call_with_other_types_is_refused_instead_of_compiled(cache: Path) -> None:
    with pytest.raises(TypeError, match="No matching definition"):
        compile_doubled()("21")  # type: ignore[arg-type]
    assert len(list(cache.rglob("*.nbc"))) == 1


def test_what_is_kept_is_told_without_compiling_it(cache: Path) -> None:
    assert not warm.is_kept(None)
    assert not warm.is_kept(cache)
    compile_doubled()
    assert warm.is_kept(cache)
    asking = "import sys; from geo_registry.network.warm import main; main(['--kept']); print(*sys.modules)"
    asked = subprocess.run([sys.executable, "-c", asking], capture_output=True, text=True, check=True)
    assert "geo_registry.network.compiled" in asked.stdout.split()
    assert "geo_registry.network.graph" not in asked.stdout.split()
