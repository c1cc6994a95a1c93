"""Bring ``api/web/translations/*.po`` up to date with the texts of the pages; what is translated stays, what is gone goes.

``python scripts/translations.py`` writes, and names what still lacks a translation; ``--check`` only compares.
"""

import io
import sys
from collections.abc import Iterable
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

CHECKOUT = Path(__file__).resolve().parent.parent
PAGES = CHECKOUT / "api" / "web"
TRANSLATIONS = PAGES / "translations"

METHODS = (("**.html", "jinja2"), ("**.py", "python"))
OPTIONS = {"**.html": {"trimmed": "true", "newstyle_gettext": "true", "silent": "false"}}


def texts() -> set[str]:
    """Every text of the pages, in the language it is written in."""
    found = extract_from_dir(PAGES, list(METHODS), OPTIONS, strip_comment_tags=True)
    return {message if isinstance(message, str) else message[0] for _, _, message, _, _ in found}


def updated(catalogue: Catalog, wanted: Iterable[str]) -> Catalog:
    """The catalogue with exactly the wanted texts, in a stable order, what is translated kept."""
    fresh = Catalog(locale=catalogue.locale, header_comment=catalogue.header_comment, fuzzy=False)
    for text in sorted(wanted):
        known = catalogue.get(text)
        fresh.add(text, known.string if known is not None else "")
    return fresh


def missing(catalogue: Catalog, wanted: Iterable[str]) -> list[str]:
    """The wanted texts that have no translation."""
    return sorted(text for text in wanted if (known := catalogue.get(text)) is None or not known.string)


def read(path: Path) -> Catalog:
    """The catalogue in a file."""
    with path.open("rb") as file:
        return read_po(file, locale=path.stem, abort_invalid=True)


def written(catalogue: Catalog) -> bytes:
    """The catalogue as its file's bytes, without dates, which would change every time."""
    buffer = io.BytesIO()
    write_po(buffer, catalogue, width=100, omit_header=True)
    return buffer.getvalue()


def main() -> int:
    """Update or check every language; 1 when something is missing or stands no longer."""
    wanted = texts()
    bad = False
    for path in sorted(TRANSLATIONS.glob("*.po")):
        catalogue = updated(read(path), wanted)
        if "--check" in sys.argv:
            bad |= written(catalogue) != path.read_bytes()
        else:
            path.write_bytes(written(catalogue))
        for text in missing(catalogue, wanted):
            bad = True
            print(f"{path.name}: {text!r} lacks a translation", file=sys.stderr)
    return int(bad)


if __name__ == "__main__":
    sys.exit(main())
