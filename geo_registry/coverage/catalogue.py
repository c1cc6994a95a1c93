"""The service standards that ship with the product, and which of them this registry uses."""

import tomllib
from functools import lru_cache
from pathlib import Path

from geo_registry.coverage.inputs import Standard, standard_from
from geo_registry.errors import StandardsOnUnknown, StandardUnknown
from geo_registry.settings import get_settings

CATALOGUE = Path(__file__).with_name("catalogue.toml")


@lru_cache(maxsize=1)
def shipped() -> tuple[Standard, ...]:
    """Every standard of the catalogue as it ships, in its order; only those whose figure was verified are enabled."""
    rows = tomllib.loads(CATALOGUE.read_text(encoding="utf-8"))["standard"]
    return tuple(standard_from(row, origin=CATALOGUE.name) for row in rows)


def standards() -> tuple[Standard, ...]:
    """Every standard of the catalogue, the enabled ones first; each says its source and whether that was verified.

    ``GEO_STANDARDS_ON`` enables what ships switched off; whether its figure was verified doesn't change by that.

    Raises
    ------
    StandardsOnUnknown
        The setting names a standard that isn't there.
    """
    wanted = get_settings().standards_enabled
    unknown = wanted.difference(one.key for one in shipped())
    if unknown:
        raise StandardsOnUnknown(unknown=", ".join(sorted(unknown)), known=_keys(shipped()))
    here = [one.model_copy(update={"enabled": True}) if one.key in wanted else one for one in shipped()]
    return tuple(sorted(here, key=lambda one: not one.enabled))


def standard(key: str) -> Standard:
    """The standard called `key`, enabled or not.

    Raises
    ------
    StandardUnknown
        The catalogue has none of that key; the error lists those that it has.
    StandardsOnUnknown
        ``GEO_STANDARDS_ON`` names a standard that isn't there.
    """
    for candidate in standards():
        if candidate.key == key:
            return candidate
    raise StandardUnknown(key=key, known=_keys(standards()))


def _keys(of: tuple[Standard, ...]) -> str:
    return ", ".join(one.key for one in of)
