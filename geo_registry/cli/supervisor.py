"""Keeps the parts of a running registry alive: starts them, restarts what dies, and stops them all."""

import logging
import os
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from geo_registry.cli.lifeline import environment_for_children
from geo_registry.errors import NotUpInTime, PartKeepsFailing

logger = logging.getLogger(__name__)

POLL_S = 0.1
LOOK_EVERY_S = 0.3
STOP_PATIENCE_S = 15.0
"""How long a part may take to stop; the worker's grace for its jobs lies well within."""
MAX_FAILURES = 5
FAILURES_WITHIN_S = 60.0
"""A part that ends more often than that isn't unlucky: it is broken, and starting it again only hides why."""
FIRST_PAUSE_S = 0.5

MOVING_SHARE = 0.01
"""A part that takes this much of a processor is at work, however slow the machine; what only waits takes less than half of it."""
MOST_TIMES = 10
"""Whatever moves, more than so many times its time nothing gets to be ready."""
TELL_EVERY_S = 10.0

Look = Callable[[], str]
"""What is still missing, in words; empty when all is there."""


class Part:
    """One child process, started again when it ends by itself."""

    def __init__(self, name: str, command: Sequence[str], *, keep_fds: Sequence[int] = ()) -> None:
        self.name = name
        self._command = command
        self._keep_fds = keep_fds
        self._process: subprocess.Popen[bytes] | None = None
        self._failures: deque[float] = deque(maxlen=MAX_FAILURES)
        self._start_again_at = 0.0

    @property
    def pid(self) -> int | None:
        """The process that performs it now."""
        return self._process.pid if self._process else None

    @property
    def processor_s(self) -> float:
        """The processor's time that its process and what that waited for have taken, in seconds; 0 where it can't be told."""
        try:
            with Path(f"/proc/{self.pid}/stat").open(encoding="ascii", errors="replace") as file:
                # Behind the name, which may hold anything, in brackets.
                fields = file.read().rpartition(")")[2].split()
        except OSError:
            return 0.0
        return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")

    def start(self) -> None:
        """Start the process, in a session of its own: a Ctrl-C in the terminal is the supervisor's to pass on."""
        self._process = subprocess.Popen(  # noqa: S603 - our own program
            self._command,
            env=environment_for_children(),
            pass_fds=self._keep_fds,
            start_new_session=True,
            stdin=subprocess.DEVNULL,
        )

    def look_after(self) -> None:
        """Start it again if it ended, after a pause that doubles from failure to failure.

        Raises
        ------
        PartKeepsFailing
            It ended `MAX_FAILURES` times within `FAILURES_WITHIN_S`.
        """
        now = time.monotonic()
        if self._process is None:
            if now >= self._start_again_at:
                self.start()
            return
        status = self._process.poll()
        if status is None:
            return
        self._process = None
        self._failures.append(now)
        recent = [at for at in self._failures if now - at < FAILURES_WITHIN_S]
        if len(recent) >= MAX_FAILURES:
            raise PartKeepsFailing(part=self.name, status=status)
        pause_s = FIRST_PAUSE_S * 2 ** (len(recent) - 1)
        self._start_again_at = now + pause_s
        logger.warning("the %s ended with status %d: starting it again in %.1f s", self.name, status, pause_s)

    def tell_to_stop(self) -> None:
        """Ask the process to end in good order."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()

    def has_ended(self) -> bool:
        """Whether nothing runs."""
        return self._process is None or self._process.poll() is not None

    def kill(self) -> None:
        """End the process at once, and whatever of its session is left."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()


class Supervisor:
    """Runs parts until told to stop by SIGINT, SIGTERM or SIGHUP; a second signal doesn't wait any more."""

    def __init__(self, parts: Sequence[Part], *, also: Callable[[], None] = lambda: None) -> None:
        """`also` is called about every two seconds while all run: for what is looked after besides the parts."""
        self._parts = parts
        self._also = also
        self._signals = 0
        self._woken = threading.Event()

    def run(
        self,
        *,
        missing: Look,
        on_ready: Callable[[], None],
        ready_within_s: float,
        waiting: Callable[[str, float], None] = lambda _, __: None,
    ) -> None:
        """Start everything, say so when nothing is missing any more, and keep it alive until told to stop.

        Parameters
        ----------
        ready_within_s
            How long nothing may move, neither the parts nor what is missing, before it is given up.
        waiting
            Called now and then with what is still missing, and for how long, in seconds.

        Raises
        ------
        NotUpInTime
            Something was still missing, and nothing moved for `ready_within_s` seconds; everything was stopped.
        PartKeepsFailing
            A part ended again and again; everything was stopped.
        """
        with self._heeding_signals():
            try:
                for part in self._parts:
                    part.start()
                if self._wait_until_ready(missing, ready_within_s, waiting):
                    on_ready()
                    self._keep_alive()
            finally:
                self._stop()

    def _wait_until_ready(self, missing: Look, ready_within_s: float, waiting: Callable[[str, float], None]) -> bool:
        began = moved = told = time.monotonic()
        taken, before = 0.0, ""
        while not self._signals:
            self._look_after_parts()
            lacking = missing()
            if not lacking:
                return True
            now, taken_now = time.monotonic(), sum(part.processor_s for part in self._parts)
            if lacking != before or abs(taken_now - taken) > MOVING_SHARE * max(now - moved, 1.0):
                moved, taken, before = now, taken_now, lacking
            if now - moved > ready_within_s or now - began > MOST_TIMES * ready_within_s:
                raise NotUpInTime(waited_s=round(now - began), still_s=round(now - moved), missing=lacking)
            if now - told > TELL_EVERY_S:
                waiting(lacking, now - began)
                told = now
            self._woken.wait(LOOK_EVERY_S)
        return False

    def _keep_alive(self) -> None:
        also_at = time.monotonic()
        while not self._signals:
            self._look_after_parts()
            if time.monotonic() >= also_at:
                self._also()
                also_at = time.monotonic() + 2.0
            self._woken.wait(POLL_S)

    def _look_after_parts(self) -> None:
        for part in self._parts:
            part.look_after()

    def _stop(self) -> None:
        signals_before = self._signals
        for part in self._parts:
            part.tell_to_stop()
        deadline = time.monotonic() + STOP_PATIENCE_S
        while not all(part.has_ended() for part in self._parts):
            if time.monotonic() > deadline or self._signals > max(signals_before, 1):
                break
            time.sleep(POLL_S)
        for part in self._parts:
            part.kill()

    @contextmanager
    def _heeding_signals(self) -> Iterator[None]:
        def heed(number: int, frame: FrameType | None) -> None:
            del number, frame
            self._signals += 1
            self._woken.set()

        heeded = [signal.SIGINT, signal.SIGTERM]
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            # Under nohup the terminal may go.
            heeded.append(signal.SIGHUP)
        before = {number: signal.signal(number, heed) for number in heeded}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
