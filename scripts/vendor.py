"""Copy what the pages serve of the JavaScript libraries from `node_modules` into the static folder.

Only the named files, with their licences, so that nothing else of a package is ever served. `vendor.json` lists them
with their hashes in the form that HTML's ``integrity`` takes. `npm ci` has checked each package against the lock.

``python scripts/vendor.py`` copies; ``--check`` only compares what is there with its manifest.
"""

import base64
import hashlib
import json
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

CHECKOUT = Path(__file__).resolve().parent.parent
MODULES = CHECKOUT / "node_modules"
VENDOR = CHECKOUT / "api" / "web" / "static" / "vendor"
MANIFEST = "vendor.json"


@dataclass(frozen=True)
class Library:
    """What is served of one package."""

    package: str
    patterns: tuple[str, ...]
    root: str = ""
    """The folder inside the package that becomes the served folder."""


LIBRARIES = (
    Library("leaflet", ("dist/leaflet.js", "dist/leaflet.css", "dist/images/*.png", "LICENSE"), root="dist"),
    Library(
        "maplibre-gl",
        ("dist/maplibre-gl-csp.js", "dist/maplibre-gl-csp-worker.js", "dist/maplibre-gl.css", "LICENSE.txt"),
        root="dist",
    ),
    Library("uplot", ("dist/uPlot.esm.js", "dist/uPlot.min.css", "LICENSE"), root="dist"),
)


class Entry(TypedDict):
    """A library in the manifest; `files` maps each name in `folder` to its hash."""

    version: str
    folder: str
    licence: str
    files: dict[str, str]


class MissingFileError(Exception):
    """A package lacks a file that the pages need, or a copy differs from its manifest."""


def integrity(file: Path) -> str:
    """The hash of a file as ``sha256-<base64>``."""
    return "sha256-" + base64.b64encode(hashlib.sha256(file.read_bytes()).digest()).decode()


def copy_library(library: Library, target: Path) -> Entry:
    """Copy one library into a folder below `target` and say what was copied.

    Raises
    ------
    MissingFileError
        A pattern matches nothing: the package changed its layout.
    """
    package = MODULES / library.package
    about = json.loads((package / "package.json").read_text(encoding="utf-8"))
    folder = f"{library.package}-{about['version']}"
    files: dict[str, str] = {}
    for pattern in library.patterns:
        sources = sorted(package.glob(pattern))
        if not sources:
            msg = f"{library.package} {about['version']} has no {pattern}"
            raise MissingFileError(msg)
        for source in sources:
            name = source.relative_to(package).as_posix().removeprefix(f"{library.root}/")
            copy = target / folder / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, copy)
            files[name] = integrity(copy)
    return Entry(version=about["version"], folder=folder, licence=about["license"], files=files)


def vendor() -> None:
    """Make the served folder anew; it takes the old one's place when it is whole."""
    VENDOR.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=VENDOR.parent, prefix=".vendor-") as temporary:
        new = Path(temporary) / "vendor"
        new.mkdir()
        manifest = {library.package: copy_library(library, new) for library in LIBRARIES}
        (new / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
        shutil.rmtree(VENDOR, ignore_errors=True)
        new.rename(VENDOR)


def check() -> None:
    """Compare every served file with the manifest.

    Raises
    ------
    MissingFileError
        One is missing or differs.
    """
    manifest: dict[str, Entry] = json.loads((VENDOR / MANIFEST).read_text(encoding="utf-8"))
    for entry in manifest.values():
        for name, expected in entry["files"].items():
            file = VENDOR / entry["folder"] / name
            if not file.is_file() or integrity(file) != expected:
                msg = f"{file} is not what was copied: run scripts/setup"
                raise MissingFileError(msg)


if __name__ == "__main__":
    try:
        if sys.argv[1:] == ["--check"]:
            check()
        else:
            vendor()
            check()
    except (MissingFileError, FileNotFoundError) as error:
        sys.exit(f"vendor: {error}")
