import numpy as np
import pytest

from geo_registry.errors import CrsUnknown
from geo_registry.geo import crs

WUYI_SQUARE = (np.array([119.6470]), np.array([29.0790]))


@pytest.mark.parametrize("text", ["epsg:4326", "EPSG:4490", " epsg:4326 "])
def test_wgs84_and_cgcs2000_are_stored_as_they_are(text: str) -> None:
    found = crs.parse(text)
    assert found is not None
    lon, lat = found.to_storage(*WUYI_SQUARE)
    assert lon is WUYI_SQUARE[0]
    assert lat is WUYI_SQUARE[1]


def test_auto_leaves_it_to_the_file() -> None:
    assert crs.parse("auto") is None


@pytest.mark.parametrize("text", ["", "4326", "epsg:", "epsg:0", "epsg:999999", "wgs84", "epsg:5703"])
def test_unknown_system_is_refused(text: str) -> None:
    with pytest.raises(CrsUnknown):
        crs.parse(text)


def test_gauss_kruger_metres_become_degrees() -> None:
    # CGCS2000 / 3-degree Gauss-Kruger CM 120E: easting 500 km is the central meridian.
    system = crs.epsg(4549)
    lon, lat = system.to_storage(np.array([500_000.0]), np.array([3_217_200.0]))
    assert lon[0] == pytest.approx(120, abs=1e-9)
    assert lat[0] == pytest.approx(29.07, abs=0.01)
    assert not system.in_degrees


def test_degrees_taken_for_metres_miss_the_area_of_the_system() -> None:
    system = crs.epsg(4549)
    lon, lat = system.to_storage(*WUYI_SQUARE)
    assert system.misses_its_area(lon, lat)
    assert not crs.epsg(4490).misses_its_area(*WUYI_SQUARE)


def test_file_definition_with_a_number_gets_its_name() -> None:
    assert crs.from_file("urn:ogc:def:crs:OGC:1.3:CRS84").name == "EPSG:4326"
    assert crs.from_file("EPSG:4490").name == "EPSG:4490"


def test_file_definition_without_a_number_still_transforms() -> None:
    albers = crs.from_file("+proj=aea +lat_1=25 +lat_2=47 +lon_0=105 +ellps=GRS80 +units=m")
    assert not albers.in_degrees
    lon, _ = albers.to_storage(np.array([0.0]), np.array([3_000_000.0]))
    assert lon[0] == pytest.approx(105)


@pytest.mark.parametrize(
    ("lon", "lat", "bad"),
    [(119, 29, False), (181, 0, True), (0, 86, True), (np.nan, 1, True), (1, np.inf, True), (-180, -85.06, False)],
)
def test_positions_that_cannot_be_are_found(lon: float, lat: float, *, bad: bool) -> None:
    assert bool(crs.implausible(np.array([lon]), np.array([lat]))[0]) is bad
