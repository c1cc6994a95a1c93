"""Run every benchmark, or those named: ``python -m benchmarks [NAME …] [--sizes 100k 1m] [--no-pandana] [--rounds 3]``.

Ends with 1 when a promised ratio was not reached; a promise that was left out is said to be not measured. Results are also kept under ``benchmarks/results/``.
"""

import argparse
import subprocess
import sys
from collections.abc import Sequence

from benchmarks.graphs import MEASURED_SIZES, SIZES

NAMES = (
    "nearest",
    "catchments",
    "build",
    "city",
    "live",
    "registry",
    "tiles",
    "plan",
    "walls",
    "writers",
    "names",
    "papers",
    "unnamed",
    "cases",
)

COUNTING_ROUNDS = ("tiles", "plan", "walls", "writers", "names", "papers", "cases")
"""Those that can be told how many rounds to do."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmarks in turn, each in a process that holds nothing of another's; the worst of their results."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(NAMES)}; all without one")
    parser.add_argument("--sizes", nargs="+", choices=SIZES, default=list(MEASURED_SIZES))
    parser.add_argument("--no-pandana", action="store_true", help="leave out the peer that takes an environment")
    parser.add_argument("--rounds", type=int, help=f"fewer or more rounds, in {' and '.join(COUNTING_ROUNDS)}")
    options = parser.parse_args(arguments)
    unknown = sorted(set(options.names) - set(NAMES))
    if unknown:
        parser.error(f"there is no benchmark called {unknown[0]}: they are {', '.join(NAMES)}")
    passed_on = ["--sizes", *options.sizes, *(["--no-pandana"] if options.no_pandana else [])]
    rounds = [] if options.rounds is None else ["--rounds", str(options.rounds)]
    return max(_run(name, passed_on + (rounds if name in COUNTING_ROUNDS else [])) for name in options.names or NAMES)


def _run(name: str, arguments: Sequence[str]) -> int:
    return subprocess.run([sys.executable, "-m", f"benchmarks.{name}", *arguments], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
