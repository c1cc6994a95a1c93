"""What a page needs to know to show a map."""

from dataclasses import dataclass

from api.web.vendored import library
from geo_registry.db.session import ReadSession
from geo_registry.db.standing import shows_synthetic_data
from geo_registry.geo.bbox import BBox
from geo_registry.settings import Settings
from tiles import service, tilejson

MAPLIBRE = "maplibre-gl"
FILES = ("maplibre-gl-csp.js", "maplibre-gl-csp-worker.js", "maplibre-gl.css")

SHOWN = "divisions,facilities"
"""A registry's map begins with a box around all of these."""


@dataclass(frozen=True, slots=True)
class Chart:
    """A map's library, where it begins (west, south, east, north in degrees), and whether it shows made-up data."""

    library: str
    bounds: tuple[float, float, float, float]
    synthetic: bool
    approval: str
    """审图号, where the registry has one: it stands on every map that the public sees."""


def chart(session: ReadSession, settings: Settings, around: BBox | None = None) -> Chart | None:
    """A map around a box, or around all that the registry holds; None where the set-up hasn't copied the library."""
    maplibre = library(MAPLIBRE, *FILES)
    if maplibre is None:
        return None
    box = around or tilejson.extent(session, service.find(session, service.ask(SHOWN, {})))
    return Chart(
        library=maplibre.address,
        bounds=(box.west, box.south, box.east, box.north),
        synthetic=shows_synthetic_data(session),
        approval=settings.map_approval_number,
    )
