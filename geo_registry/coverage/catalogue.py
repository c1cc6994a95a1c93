"""The service standards that ship with the product."""

import tomllib
from functools import lru_cache
from pathlib import Path

from geo_registry.coverage.inputs import Standard, standard_from
from geo_registry.errors import StandardUnknown

CATALOGUE = Path(__file__).with_name("catalogue.toml")


@lru_cache(maxsize=1)
def standards() -> tuple[Standard, ...]:
    """Every standard of the catalogue, in its order; each says its source and whether that was verified."""
    rows = tomllib.loads(CATALOGUE.read_text(encoding="utf-8"))["standard"]
    return tuple(standard_from(row, origin=CATALOGUE.name) for row in rows)


def standard(key: str) -> Standard:
    """The standard called `key`.

    Raises
    ------
    StandardUnknown
        The catalogue has none of that key; the error lists those that it has.
    """
    for candidate in standards():
        if candidate.key == key:
            return candidate
    raise StandardUnknown(key=key, known=", ".join(one.key for one in standards()))
