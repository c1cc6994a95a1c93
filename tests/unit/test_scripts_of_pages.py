"""What a page's own script weighs: pages are opened on phones, in the mountains."""

import gzip
import json
import re
from pathlib import Path

import pytest

from api.web.vendored import STATIC
from geo_registry.settings import CHECKOUT

MOST_BYTES = 60_000
SCRIPTS = STATIC / "js"
IMPORTED = re.compile(r'from "\./([\w-]+\.js)"')


def with_imports(name: str, seen: set[str] | None = None) -> set[str]:
    seen = set() if seen is None else seen
    if name not in seen:
        seen.add(name)
        for other in IMPORTED.findall((SCRIPTS / name).read_text(encoding="utf-8")):
            with_imports(other, seen)
    return seen


def entries() -> list[str]:
    """The scripts that templates name."""
    templates = STATIC.parent / "templates"
    named = {
        name for path in templates.glob("*.html") for name in re.findall(r"/static/js/([\w-]+\.js)", path.read_text())
    }
    return sorted(named)


@pytest.mark.parametrize("entry", entries())
def test_a_page_s_own_script_is_small(entry: str) -> None:
    loaded = with_imports(entry) | with_imports("page.js")
    assert sum(len(gzip.compress(Path(SCRIPTS / name).read_bytes())) for name in loaded) < MOST_BYTES


def test_every_library_that_is_served_is_in_the_notice() -> None:
    served = json.loads((CHECKOUT / "package.json").read_text(encoding="utf-8"))["dependencies"]
    notice = (CHECKOUT / "NOTICE").read_text(encoding="utf-8").lower()
    assert [name for name in served if name.removesuffix("-gl").removesuffix("-dist") not in notice] == []
