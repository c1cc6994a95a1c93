"""Execute the notebooks, and keep of their outputs what reads without running: pictures and tables.

    scripts/notebooks.py                    against a registry of their own with the demonstration, made for the moment
    scripts/notebooks.py --here             against the registry of GEO_DATA_DIR; it keeps the runs that they make
    scripts/notebooks.py --whole FOLDER     write them there as executed, with their maps in them, to be looked at
    scripts/notebooks.py --check            only tell whether their code was changed after it was executed
    scripts/notebooks.py --code             only print their code

What is written is the same wherever and whenever it was executed: no times, no paths, no counters, no maps of megabytes.
"""

import argparse
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import nbformat
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient

CHECKOUT = Path(__file__).resolve().parent.parent
NOTEBOOKS = CHECKOUT / "notebooks"

LONGEST_CELL_S = 300
FORMAT = 4
KEPT_KINDS = ("image/png", "text/plain", "text/html", "text/markdown")
FRAME = re.compile(r"\s*<iframe\b")
"""An interactive map: it is shown where the notebook was executed; the picture beside it is what is kept."""

Notebook = Any
"""nbformat's nodes have no types: mappings whose keys are attributes too."""


def paths() -> list[Path]:
    """The notebooks, in their order."""
    return sorted(NOTEBOOKS.glob("[0-9]*.ipynb"))


def read(path: Path) -> Notebook:
    """A notebook as it lies there; one that isn't valid raises."""
    found = nbformat.read(path, as_version=FORMAT)  # type: ignore[no-untyped-call]
    nbformat.validate(found)
    return found


def code(notebook: Notebook) -> str:
    """All the code of a notebook, cell by cell."""
    return "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")


def digest(notebook: Notebook) -> str:
    """What tells whether the code was changed."""
    return sha256(code(notebook).encode()).hexdigest()


def executed(notebook: Notebook, environment: Mapping[str, str]) -> Notebook:
    """The notebook with the outputs of now, as its reader would have them.

    Parameters
    ----------
    environment
        Variables that its process is to have beside this one's: which registry it works with.

    Raises
    ------
    CellExecutionError
        A cell failed; the error shows it.
    """
    run = nbformat.from_dict(notebook)  # type: ignore[no-untyped-call]
    client = NotebookClient(
        run,
        # The kernel talks over a local port, which other users of the machine could listen to.
        km=AsyncKernelManager(kernel_name="python3", transport_encryption="required"),
        timeout=LONGEST_CELL_S,
        resources={"metadata": {"path": str(NOTEBOOKS)}},
        record_timing=False,
    )
    # The checkout before whatever is installed, as for the tests.
    client.execute(cleanup_kc=True, env={**os.environ, "PYTHONPATH": str(CHECKOUT), **environment})
    return run


def kept(notebook: Notebook) -> Notebook:
    """An executed notebook without what must not be committed."""
    clean = nbformat.from_dict(notebook)  # type: ignore[no-untyped-call]
    clean.metadata = {
        "executed": digest(notebook),
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    for cell in clean.cells:
        cell.metadata = {}
        if cell.cell_type == "code":
            cell.execution_count = None
            cell.outputs = [shown for output in cell.outputs if (shown := _kept(output)) is not None]
    return clean


def _kept(output: Notebook) -> Notebook | None:
    if output.output_type not in {"display_data", "execute_result"}:
        # What a program says beside its result: progress, notices with paths.
        return None
    data = {kind: output.data[kind] for kind in KEPT_KINDS if kind in output.data}
    if FRAME.match(data.get("text/html", "")):
        del data["text/html"]
    if "image/png" in data:
        # Of a picture this is the name of its class and its address in memory.
        data.pop("text/plain", None)
    if not data:
        return None
    output.data, output.metadata = data, {}
    if output.output_type == "execute_result":
        output.execution_count = None
    return output


def text(notebook: Notebook) -> str:
    """A notebook as its file's text."""
    return str(nbformat.writes(notebook, version=FORMAT)) + "\n"  # type: ignore[no-untyped-call]


@contextmanager
def demonstration() -> Iterator[dict[str, str]]:
    """The variables that name a registry of its own with the demonstration, which is gone at the end."""
    with TemporaryDirectory(prefix="geo-registry-notebooks-") as folder:
        # The database's own user has to enter it.
        Path(folder).chmod(0o755)
        variables = {name: value for name, value in os.environ.items() if not name.startswith("GEO_")}
        variables |= {"GEO_DATA_DIR": folder, "PYTHONPATH": str(CHECKOUT)}
        program = str(Path(sys.executable).with_name("geo-registry"))
        try:
            subprocess.run([program, "demo", "load"], env=variables, check=True)
            yield {"GEO_DATA_DIR": folder}
        finally:
            subprocess.run([program, "db", "stop"], env=variables, check=False)


def stale(path: Path) -> bool:
    """Whether a notebook's code is another than the one that its outputs came from."""
    notebook = read(path)
    return bool(notebook.metadata.get("executed") != digest(notebook))


def check() -> int:
    """Name the notebooks that are to be executed again."""
    old = [path.name for path in paths() if stale(path)]
    for name in old:
        print(f"{name}: its code was changed since it was executed: python scripts/notebooks.py")
    return 1 if old else 0


def execute(environment: Mapping[str, str], whole: Path | None) -> None:
    """Execute every notebook and write it back, or as a whole into a folder."""
    for path in paths():
        print(path.name, flush=True)
        run = executed(read(path), environment)
        if whole is None:
            path.write_text(text(kept(run)), encoding="utf-8")
        else:
            whole.mkdir(parents=True, exist_ok=True)
            (whole / path.name).write_text(text(run), encoding="utf-8")


def main() -> int:
    """Do what the arguments say; 1 where the check finds something."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--here", action="store_true", help="against the registry of GEO_DATA_DIR")
    parser.add_argument("--whole", type=Path, metavar="FOLDER", help="write them there as executed")
    parser.add_argument("--check", action="store_true", help="only tell whether their code was changed since")
    parser.add_argument("--code", action="store_true", help="only print their code")
    asked = parser.parse_args()
    if asked.check:
        return check()
    if asked.code:
        print("\n\n".join(code(read(path)) for path in paths()))
    elif asked.here:
        execute({}, asked.whole)
    else:
        with demonstration() as environment:
            execute(environment, asked.whole)
    return 0


if __name__ == "__main__":
    sys.exit(main())
