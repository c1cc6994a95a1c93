"""The service on a registry, for benchmarks that ask it over HTTP: one process of it, or all that `up` starts."""

import http.client
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

from benchmarks.nearest import insist

START_WITHIN_S = 120.0


STOP_WITHIN_S = 120.0


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """One server process on the registry in `folder`; its address."""
    with _started({"GEO_DATA_DIR": str(folder)}, "serve", "--workers", "1", ready="/healthz") as url:
        yield url


@contextmanager
def up(registry: Mapping[str, str]) -> Iterator[str]:
    """All that `make up` starts on the registry that the settings in `registry` name; its address, once that is told.

    What it started is stopped at the end, the database too if it was.
    """
    with _started(registry, "up", "--demo", ready="/readyz") as url:
        yield url


@contextmanager
def _started(registry: Mapping[str, str], *command: str, ready: str) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "geo_registry.cli", *command],
        env={**os.environ, **registry, "GEO_PORT": str(port)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _until(lambda: _answers(process, port, ready))
        yield f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=STOP_WITHIN_S)


def _answers(process: subprocess.Popen[bytes], port: int, address: str) -> bool:
    insist(process.poll() is None, "the service ended before it answered")
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", address)
        return connection.getresponse().status == http.client.OK
    except OSError:
        return False
    finally:
        connection.close()


def _until(happened: Callable[[], bool]) -> None:
    deadline = monotonic() + START_WITHIN_S
    while not happened():
        insist(monotonic() < deadline, "the service didn't start")
        sleep(0.1)
