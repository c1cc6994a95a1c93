"""What is found by a name, its reading or a part of it, and what comes first."""

from collections.abc import Sequence

import pytest

from geo_registry.db.session import Database, WriteSession
from geo_registry.search import keeping, service
from geo_registry.search.inputs import Near, Question
from geo_registry.search.service import Hit
from geo_registry.text.keys import keys_of
from geo_registry.vocabulary import DivisionLevel, FacilityKind, FacilityStatus, Match, Named, PositionQuality
from tests.factories import make_division, make_facility


@pytest.fixture(autouse=True)
def _kept_up() -> None:
    keeping.install()


def find(database: Database, text: str, *, limit: int = 20, near: Near | None = None, home: str = "") -> Sequence[Hit]:
    with database.read() as session:
        return service.search(session, Question.parse(text, limit=limit, near=near), home=home)


def names(hits: Sequence[Hit]) -> list[str]:
    return [hit.name for hit in hits]


def test_the_ways_to_fit_come_in_their_order(database: Database, session: WriteSession) -> None:
    for name in ("新白沙村", "白沙", "白沙驿村", "柏沙村", "BS服务点"):
        make_facility(session, name=name)
    session.commit()
    assert [(hit.name, hit.match) for hit in find(database, "白沙")] == [
        ("白沙", Match.EXACT),
        ("白沙驿村", Match.PREFIX),
        ("新白沙村", Match.CONTAINED),
    ]
    assert [(hit.name, hit.match) for hit in find(database, "bs")] == [
        ("BS服务点", Match.PREFIX),
        ("白沙", Match.INITIALS),
        ("柏沙村", Match.INITIALS),
        ("白沙驿村", Match.INITIALS),
    ]
    assert [(hit.name, hit.match) for hit in find(database, "baisha")] == [
        ("白沙", Match.PINYIN),
        ("柏沙村", Match.PINYIN),
        ("白沙驿村", Match.PINYIN),
    ]


@pytest.mark.parametrize("name", ["金华市江南街道", "乐清路 3号楼（东）", "<b>江南</b>&=居家", "C区·绿园"])
def test_every_prefix_and_every_reading_of_a_name_finds_it(
    database: Database, session: WriteSession, name: str
) -> None:
    make_facility(session, name=name)
    session.commit()
    keys = keys_of(name)
    for end in range(1, len(keys.folded) + 1):
        assert names(find(database, keys.folded[:end])) == [name]
        assert names(find(database, keys.initials[:end])) == [name]
    for end in range(1, len(keys.pinyin) + 1):
        assert names(find(database, keys.pinyin[:end])) == [name]
    for begin in range(len(keys.folded) - 1):
        assert names(find(database, keys.folded[begin : begin + 2])) == [name]


def test_a_middle_is_found_only_where_it_stands_together(database: Database, session: WriteSession) -> None:
    make_facility(session, name="大地原点碑")
    make_facility(session, name="大地镇地原乡原点村")
    session.commit()
    assert names(find(database, "地原点")) == ["大地原点碑"]


@pytest.mark.parametrize("text", ["白%", "白_村", "白\\", "白'村"])
def test_wildcards_mean_nothing(database: Database, session: WriteSession, text: str) -> None:
    make_facility(session, name="白沙村")
    make_facility(session, name="白村")
    session.commit()
    assert set(names(find(database, text))) == ({"白沙村", "白村"} if text in {"白%", "白\\"} else {"白村"})


def test_divisions_come_from_the_top_and_before_facilities(database: Database, session: WriteSession) -> None:
    make_facility(session, FacilityKind.CEMETERY, name="江南")
    make_facility(session, FacilityKind.MARRIAGE_HALL, name="江南")
    make_facility(session, FacilityKind.MARRIAGE_HALL, name="江南", status=FacilityStatus.CLOSED.value)
    make_division(session, "330702005001", level=DivisionLevel.VILLAGE, name="江南")
    make_division(session, "330702005000", level=DivisionLevel.TOWNSHIP, name="江南")
    session.commit()
    assert [(hit.kind, hit.status) for hit in find(database, "江南")] == [
        ("township", None),
        ("village", None),
        ("marriage-hall", "open"),
        ("cemetery", "open"),
        ("marriage-hall", "closed"),
    ]


def test_of_equals_the_nearer_come_first_and_the_shorter_else(database: Database, session: WriteSession) -> None:
    make_facility(session, name="东山公墓甲", lon=119.9, lat=29.0)
    make_facility(session, name="东山公墓", lon=119.1, lat=29.0)
    make_facility(session, name="东山", lon=118.0, lat=28.0)
    session.commit()
    assert names(find(database, "东山")) == ["东山", "东山公墓", "东山公墓甲"]
    assert names(find(database, "东山", near=Near(120.0, 29.0))) == ["东山", "东山公墓甲", "东山公墓"]


def test_a_division_is_found_in_its_newest_vintage_and_a_former_one_behind(
    database: Database, session: WriteSession
) -> None:
    for vintage, name in ((2018, "老江村"), (2018, "江北村"), (2023, "江北村")):
        code = "330702005001" if name == "老江村" else "330702005002"
        make_division(session, code, level=DivisionLevel.VILLAGE, vintage=vintage, name=name)
    make_division(session, "330702000000", level=DivisionLevel.COUNTY, vintage=2018, name="江北区")
    session.commit()
    assert [(hit.name, hit.vintage, hit.former) for hit in find(database, "江")] == [
        ("江北区", 2018, False),
        ("江北村", 2023, False),
        ("老江村", 2018, True),
    ]


@pytest.mark.parametrize("text", ["330702", "330702000000", " 330702 "])
def test_a_code_finds_its_division(database: Database, session: WriteSession, text: str) -> None:
    division = make_division(session, "330702000000", name="婺城区")
    make_facility(session, name="330702号", division_id=division.id)
    session.commit()
    (hit,) = find(database, text)
    assert (hit.name, hit.match, hit.code, hit.score) == ("婺城区", Match.CODE, "330702000000", 1.0)


def test_a_number_that_is_no_code_is_a_part_of_names(database: Database, session: WriteSession) -> None:
    make_facility(session, name="33号院")
    session.commit()
    assert names(find(database, "33")) == ["33号院"]


def test_a_hit_says_where_it_lies(database: Database, session: WriteSession) -> None:
    city = make_division(session, "330700000000", level=DivisionLevel.CITY, name="金华市")
    county = make_division(session, "330702000000", name="婺城区", parent=city, box=(119.5, 29.0, 119.7, 29.2))
    make_facility(
        session,
        name="白沙公墓",
        lon=119.6,
        lat=29.1,
        division_id=county.id,
        position_quality=PositionQuality.SYNTHETIC.value,
    )
    session.commit()
    (hit,) = find(database, "白沙")
    assert (hit.type, hit.label, hit.code, hit.quality) == (Named.FACILITY, "金华市婺城区", "330702000000", "synthetic")
    assert [each.name for each in hit.path] == ["金华市", "婺城区"]
    assert (hit.lon, hit.lat) == (119.6, 29.1)
    (near_home,) = find(database, "白沙", home="330700000000")
    assert near_home.label == "婺城区"
    (itself,) = find(database, "婺城")
    assert itself.label == "金华市"
    assert itself.lon == pytest.approx(119.6, abs=1e-6)


def test_no_more_are_found_than_asked_for(database: Database, session: WriteSession) -> None:
    for number in range(12):
        make_facility(session, name=f"白沙{number}号")
    session.commit()
    assert len(find(database, "白沙", limit=5)) == 5
    assert len({hit.id for hit in find(database, "白沙", limit=20)}) == 12


def test_scores_do_not_rise(database: Database, session: WriteSession) -> None:
    for name in ("白沙", "白沙村", "新白沙", "白沙公墓"):
        make_facility(session, name=name)
        make_facility(session, FacilityKind.CEMETERY, name=name)
    session.commit()
    scores = [hit.score for hit in find(database, "白沙")]
    assert scores == sorted(scores, reverse=True)


def test_nothing_is_found_where_nothing_is_called_so(database: Database) -> None:
    assert find(database, "白沙") == []
