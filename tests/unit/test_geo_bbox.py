import pytest

from geo_registry.errors import BBoxInvalid
from geo_registry.geo.bbox import BBox


def test_box_is_read_west_south_east_north() -> None:
    assert BBox.parse("119.2,28.5,120.8,29.7") == BBox(west=119.2, south=28.5, east=120.8, north=29.7)


def test_heights_of_a_box_are_dropped() -> None:
    assert BBox.parse("119,28,0,120,29,50") == BBox(119, 28, 120, 29)


@pytest.mark.parametrize(
    "text",
    ["", "1,2,3", "a,b,c,d", "1,2,3,nan", "1,2,inf,4", "1,2,181,4", "1,-91,2,3", "1,5,2,3", "1,2,3,4,5"],
)
def test_what_is_no_box_is_refused(text: str) -> None:
    with pytest.raises(BBoxInvalid):
        BBox.parse(text)


def test_box_across_the_antimeridian_has_two_parts() -> None:
    box = BBox.parse("170,-20,-170,20")
    assert box.parts() == (BBox(170, -20, 180, 20), BBox(-180, -20, -170, 20))
    assert box.contains(175, 0)
    assert box.contains(-175, 0)
    assert not box.contains(0, 0)
