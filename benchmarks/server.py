"""One process of the service on a registry, for benchmarks that ask it over HTTP."""

import http.client
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

from benchmarks.nearest import insist

START_WITHIN_S = 60.0


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """One server process on the registry in `folder`; its address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {**os.environ, "GEO_DATA_DIR": str(folder), "GEO_PORT": str(port)}
    command = [sys.executable, "-m", "geo_registry.cli", "serve", "--workers", "1"]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _until(lambda: _answers(port))
        yield f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/healthz")
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
