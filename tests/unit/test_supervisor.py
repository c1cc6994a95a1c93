"""The supervisor: how long it waits for parts to be ready, and what it says meanwhile."""

import io
import sys
import time

import pytest
from rich.console import Console

from geo_registry.cli import console, supervisor
from geo_registry.cli.supervisor import Part, Supervisor
from geo_registry.errors import NotUpInTime

IDLE = (sys.executable, "-S", "-c", "import time; time.sleep(60)")
BUSY = (sys.executable, "-S", "-c", "while True: pass")


def test_what_stands_still_is_given_up_with_what_is_missing() -> None:
    with pytest.raises(NotUpInTime) as refused:
        Supervisor([Part("server", IDLE)]).run(missing=lambda: "server", on_ready=lambda: None, ready_within_s=1.5)
    assert "server" in refused.value.message("zh")
    assert refused.value.details["still_s"] in {1, 2}


def test_what_works_is_waited_for_and_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow the machine: the time counts only while nothing moves."""
    monkeypatch.setattr(supervisor, "TELL_EVERY_S", 0.5)
    until = time.monotonic() + 4
    told: list[str] = []
    ready: list[bool] = []
    running = Supervisor([Part("server", BUSY)])

    def on_ready() -> None:
        ready.append(True)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        running.run(
            missing=lambda: "server" if time.monotonic() < until else "",
            on_ready=on_ready,
            ready_within_s=1.5,
            waiting=lambda lacking, _: told.append(lacking),
        )
    assert ready == [True]
    assert set(told) == {"server"}


def test_what_never_gets_ready_is_given_up_whatever_moves() -> None:
    with pytest.raises(NotUpInTime):
        Supervisor([Part("server", BUSY)]).run(missing=lambda: "server", on_ready=lambda: None, ready_within_s=0.2)


def test_progress_is_told_line_by_line_where_there_is_no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.StringIO()
    monkeypatch.setattr(console, "errors", Console(file=written))
    monkeypatch.setattr(console, "QUIET_S", 0.0)
    monkeypatch.setattr(console, "LINE_EVERY_S", -1.0)
    with console.progress_bar() as progress:
        progress("places", 3_000, 10_000)
        progress("names", 7)
    assert [line.partition(" (")[0] for line in written.getvalue().splitlines()] == ["places 3,000 / 10,000", "names 7"]
