"""The JavaScript libraries that the set-up copied for the pages, with the folder of each and its files' hashes."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

STATIC = Path(__file__).parent / "static"
MANIFEST = STATIC / "vendor" / "vendor.json"


@dataclass(frozen=True, slots=True)
class Library:
    """A vendored library: the folder below `/static/vendor` that it is served from, and its files' hashes."""

    folder: str
    files: Mapping[str, str]

    @property
    def address(self) -> str:
        """Where its files are served."""
        return f"/static/vendor/{self.folder}"


def library(package: str, *needed: str) -> Library | None:
    """The library of an npm package; None where the set-up hasn't copied it with all the files `needed`."""
    if not MANIFEST.exists():
        return None
    entry = json.loads(MANIFEST.read_text(encoding="utf-8")).get(package)
    if entry is None or not set(needed) <= entry["files"].keys():
        return None
    return Library(folder=entry["folder"], files=entry["files"])
