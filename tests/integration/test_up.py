"""`geo-registry up` as its user has it: started, killed in every part, refused a second time, stopped."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from geo_registry.db import cluster

PROGRAM = Path(sys.executable).with_name("geo-registry")
PATIENCE_S = 120.0


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def _environment(data_dir: Path, **more: str) -> dict[str, str]:
    variables = {name: value for name, value in os.environ.items() if not name.startswith("GEO_")}
    return {**variables, "GEO_DATA_DIR": str(data_dir), "GEO_LOCALE": "en", "COLUMNS": "300", **more}


def _until(happened: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not happened():
        assert time.monotonic() < deadline, f"waited {PATIENCE_S} s for {what}"
        time.sleep(0.1)


@dataclass(frozen=True)
class Up:
    """An `up` that says it is ready."""

    process: subprocess.Popen[bytes]
    data_dir: Path
    port: int
    log: Path

    def get(self, path: str) -> httpx.Response | None:
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}{path}", timeout=20)
        except httpx.HTTPError:
            return None

    def ready(self) -> bool:
        answer = self.get("/readyz")
        return answer is not None and answer.status_code == 200

    def children(self) -> dict[str, int]:
        """The pids of its parts, by name."""
        found = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and _parent(int(entry.name)) == self.process.pid:
                words = (entry / "cmdline").read_bytes().split(b"\0")
                if b"geo_registry.cli" in words:
                    found[words[words.index(b"geo_registry.cli") + 1].decode()] = int(entry.name)
        return found

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8")


def _status_of(pid: int) -> dict[str, str]:
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return {}
    return dict(line.split(":\t", 1) for line in lines if ":\t" in line)


def _parent(pid: int) -> int | None:
    parent = _status_of(pid).get("PPid")
    return int(parent) if parent else None


def _runs(pid: int) -> bool:
    state = _status_of(pid).get("State", "Z")
    return not state.startswith("Z")


@pytest.fixture(scope="module")
def data_dir() -> Iterator[Path]:
    """One registry for the module; each test leaves it stopped."""
    folder = Path(tempfile.mkdtemp(prefix="geo-registry-up-"))
    folder.chmod(0o755)
    yield folder
    cluster.remove(folder)
    shutil.rmtree(folder)


@pytest.fixture
def up(data_dir: Path, tmp_path: Path) -> Iterator[Up]:
    log, port = tmp_path / "up.log", _free_port()
    with log.open("wb") as output:
        process = subprocess.Popen(
            [PROGRAM, "up", "--port", str(port), "--json"],
            env=_environment(data_dir),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    started = Up(process, data_dir, port, log)
    _until(lambda: process.poll() is not None or '"address"' in started.said(), "it to be ready")
    assert process.poll() is None, started.said()
    yield started
    process.terminate()
    process.wait(PATIENCE_S)
    cluster.stop(data_dir)


def _run(data_dir: Path, *arguments: str, **environment: str) -> tuple[int, str]:
    done = subprocess.run(
        [PROGRAM, *arguments],
        env=_environment(data_dir, **environment),
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_starts_everything_and_one_signal_stops_everything(up: Up, stop: signal.Signals) -> None:
    assert up.ready()
    said = json.loads(next(line for line in up.said().splitlines() if line.startswith("{")))
    assert said["address"] == f"http://127.0.0.1:{up.port}"
    parts = up.children()
    assert set(parts) == {"serve", "worker"}
    assert cluster.status(up.data_dir).running
    up.process.send_signal(stop)
    assert up.process.wait(PATIENCE_S) == 0, up.said()
    assert not any(_runs(pid) for pid in parts.values())
    assert not cluster.status(up.data_dir).running
    assert up.get("/healthz") is None


def test_a_database_that_ran_before_goes_on_afterwards(data_dir: Path, request: pytest.FixtureRequest) -> None:
    cluster.ensure_running(data_dir)
    up: Up = request.getfixturevalue("up")
    up.process.terminate()
    assert up.process.wait(PATIENCE_S) == 0
    assert cluster.status(data_dir).running


def test_what_is_killed_comes_back_and_a_killed_up_leaves_nobody_behind(up: Up) -> None:
    before = up.children()
    for pid in before.values():
        os.kill(pid, signal.SIGKILL)
    _until(
        lambda: up.children().keys() == before.keys() and not set(up.children().values()) & set(before.values()),
        "parts",
    )
    _until(up.ready, "it to be ready again")

    database = cluster.status(up.data_dir).pid
    assert database is not None
    os.kill(database, signal.SIGKILL)
    _until(lambda: cluster.status(up.data_dir).pid not in {None, database}, "the database to come back")
    _until(up.ready, "it to be ready with the new database")

    parts = up.children()
    up.process.kill()
    up.process.wait()
    _until(lambda: not any(_runs(pid) for pid in parts.values()), "the parts to end")


def test_a_second_up_is_told_where_the_first_is(up: Up) -> None:
    code, said = _run(up.data_dir, "up", "--port", str(_free_port()), "--json")
    error = json.loads(next(line for line in said.splitlines() if line.startswith("{")))["error"]
    assert (code, error["code"]) == (1, "already-up")
    assert f"http://127.0.0.1:{up.port}" in error["message"]
    assert str(up.process.pid) in error["message"]
    assert up.ready()


def test_a_port_that_another_registry_has_is_said_so(up: Up, tmp_path: Path) -> None:
    code, said = _run(tmp_path, "up", "--port", str(up.port))
    assert code == 1
    assert "port-taken" in said
    assert "geo-registry" in said
    assert not (tmp_path / "postgres").exists()


def test_a_port_that_somebody_has_is_said_so(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        other.listen()
        code, said = _run(tmp_path, "serve", "--port", str(other.getsockname()[1]))
    assert code == 1
    assert "port-taken" in said


@pytest.mark.parametrize("host", ["0.0.0.0", "203.0.113.5", "::", "registry.example"])  # noqa: S104 - refused
def test_only_this_machine_may_ask(tmp_path: Path, host: str) -> None:
    for command in ("up", "serve"):
        code, said = _run(tmp_path, command, "--host", host)
        assert code == 2
        assert "host-not-local" in said


def test_servers_of_several_processes_end_with_the_one_that_made_them(data_dir: Path) -> None:
    port = _free_port()
    command = [str(PROGRAM), "serve", "--port", str(port), "--workers", "2"]
    server = subprocess.Popen(command, env=_environment(data_dir))
    try:
        _until(lambda: _answers(port), "the servers to answer")
        children = [
            int(entry.name)
            for entry in Path("/proc").iterdir()
            if entry.name.isdigit() and _parent(int(entry.name)) == server.pid
        ]
        assert len(children) >= 2
    finally:
        server.kill()
        server.wait()
    _until(lambda: not any(_runs(pid) for pid in children), "the children to end")
    cluster.stop(data_dir)


def _answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=5).status_code == 200
    except httpx.HTTPError:
        return False
