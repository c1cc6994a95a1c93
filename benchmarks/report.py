"""Results as a table on the screen, and as JSON and Markdown under ``benchmarks/results/`` (not committed)."""

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numba
import numpy as np
import scipy

from benchmarks.timing import Ratio, Series
from geo_registry import clock

RESULTS = Path(__file__).resolve().parent / "results"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table: what was measured, and how it compares with ours.

    `promised` is the ratio that we hold ourselves to; the median has to reach it.
    """

    case: str
    size: str
    series: Series
    against: Ratio | None = None
    promised: float | None = None
    note: str = ""

    @property
    def kept(self) -> bool:
        """Whether the promise, if there is one, was kept."""
        return self.promised is None or (self.against is not None and self.against.middle >= self.promised)


@dataclass(frozen=True, slots=True)
class Report:
    """What one benchmark found.

    `checks` are statements about equal answers that were found true; `not_measured` are promises that this run says
    nothing about.
    """

    name: str
    title: str
    rows: Sequence[Row]
    checks: Sequence[str] = ()
    not_measured: Sequence[str] = ()

    @property
    def kept(self) -> bool:
        """Whether every promise that was measured was kept."""
        return all(row.kept for row in self.rows)


def publish(report: Report) -> bool:
    """Print the report, write it to `RESULTS`, and say whether every promise that was measured was kept."""
    text = as_markdown(report)
    print(text)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{report.name}.md").write_text(text)
    machine = asdict(_machine())
    (RESULTS / f"{report.name}.json").write_text(json.dumps({"machine": machine, **asdict(report)}, indent=1))
    return report.kept


@dataclass(frozen=True, slots=True)
class Machine:
    """What the times depend on."""

    processor: str
    cores: int
    load: float
    python: str
    numpy: str
    numba: str
    scipy: str
    measured_at: str


def _machine() -> Machine:
    return Machine(
        processor=_processor(),
        cores=len(os.sched_getaffinity(0)),
        load=os.getloadavg()[0],
        python=platform.python_version(),
        numpy=np.__version__,
        numba=numba.__version__,
        scipy=scipy.__version__,
        measured_at=clock.now().isoformat(timespec="seconds"),
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def as_markdown(report: Report) -> str:
    """The report as Markdown, its table aligned so that it reads on a screen too."""
    head = ("", "size", "median", "min - max", "times ours (min - max)", "promised", "")
    lines = [head, *(_cells(row) for row in report.rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    table = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in lines
    ]
    table.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    machine = _machine()
    where = (
        f"{machine.measured_at}, {machine.processor}, {machine.cores} cores, load {machine.load:.1f}; "
        f"Python {machine.python}, numpy {machine.numpy}, numba {machine.numba}, scipy {machine.scipy}"
    )
    found = [f"- {line}" for line in report.checks]
    found += [f"- promised and NOT MEASURED in this run: {promise}" for promise in report.not_measured]
    return "\n".join([f"## {report.title}", "", where, "", *table, "", *found, ""])


def _cells(row: Row) -> tuple[str, ...]:
    series, against = row.series, row.against
    promise = "" if row.promised is None else f">= {row.promised:g}: {'kept' if row.kept else 'BROKEN'}"
    return (
        row.case,
        row.size,
        _time(series.middle),
        f"{_time(series.fastest)} - {_time(series.slowest)}",
        "" if against is None else f"{_times(against.middle)} ({_times(against.lowest)} - {_times(against.highest)})",
        promise,
        row.note,
    )


def _time(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms" if seconds < 1 else f"{seconds:.2f} s"


def _times(ratio: float) -> str:
    return f"{ratio:.1f}" if ratio >= 1 else f"{ratio:.3f}"
