"""The demonstration's places as they are met: searched, looked at, extracted, checked; and said to be examples wherever they show."""

from collections.abc import Iterator, Mapping
from uuid import UUID

import httpx
import pytest
from sqlalchemy import func, select

from geo_registry.db.paging import Page
from geo_registry.db.session import Database
from geo_registry.demo.datasets import KEY
from geo_registry.demo.named import BY_EXAMPLE
from geo_registry.heritage.guard import guard_of
from geo_registry.model import (
    BuiltUpArea,
    FindingClearance,
    NameFinding,
    Place,
    PlaceExtent,
    PlaceName,
    PlaceRelation,
)
from geo_registry.places import service as places
from geo_registry.places.checking import NameQuestion
from geo_registry.places.queries import PlaceQuery
from geo_registry.places.turning import today
from geo_registry.search import keeping
from geo_registry.vocabulary import FindingCode, NameKind, PlaceClass
from tests.conftest import DemoTemplate, TestUrls, fresh_database
from tests.factories import operator
from tests.http.conftest import Service

EXPECTED: Mapping[str, set[str]] = {
    "dates-order": {"环球国际中心"},
    "duplicate": {"桂花苑", "石榴苑"},
    "series-gap": {"上街二弄"},
    "brand-name": {"海尔大厦"},
    "character-uncommon": {"垚鑫苑", "黄湓村"},
    "extent-gap": {"金荷街", "丹霞路", "柴箍巷"},
    "facility-disagrees": {"九峰水库", "杨溪水库", "白沙堰"},
    "foreign-name": {"威尼斯花园", "柏林公园"},
    "generic-size": {"酒坊前街"},
    "grandiose": {"环球国际中心"},
    "homophone": {"金秀花园", "锦绣花园"},
    "meaning": {"太平天国侍王府", "御景公寓"},
    "name-elsewhere": {"白云家园"},
    "personal-name": {"高元张村"},
}
"""What the rules find of the demonstration's places, and nothing else."""
RENAMED, WAS = "明府路", "东方红路"


@pytest.fixture(scope="module")
def registry(cluster_urls: TestUrls, demo_template: DemoTemplate, own_number: int) -> Iterator[Database]:
    with fresh_database(cluster_urls, f"demo_places_{own_number}", template=demo_template.name) as urls:
        database = Database.connect(urls.app)
        yield database
        database.dispose()


@pytest.fixture
def visitor(service: Service, registry: Database) -> Iterator[httpx.Client]:
    service.app.state.database = registry
    with httpx.Client(base_url=service.url, headers={"Accept-Language": "zh-CN"}, timeout=30) as client:
        yield client
    service.app.state.database = None


def called(visitor: httpx.Client, name: str) -> dict[str, object]:
    (found,) = visitor.get("/api/v1/places", params={"name": name}).json()["items"]
    assert isinstance(found, dict)
    return found


def test_all_are_registered_marked_and_of_the_demonstrations_dataset(
    registry: Database, demo_template: DemoTemplate
) -> None:
    with registry.read() as session:
        assert session.scalar(select(func.count()).select_from(Place)) == demo_template.rows["places"] + 4 == 435 + 4
        assert set(session.scalars(select(Place.place_class))) == {each.value for each in PlaceClass}
        for rows in (Place, PlaceExtent):
            assert session.scalars(select(rows.position_quality).distinct()).all() == ["synthetic"]
        for text in (PlaceName.source, PlaceExtent.source, PlaceRelation.evidence, BuiltUpArea.source):
            assert [each for each in session.scalars(select(text)) if "示例" not in each] == []
        # What can't be spelt is of the kinds that aren't.
        unspelt = select(PlaceName.kind).where(PlaceName.romanized.is_(None)).distinct()
        assert set(session.scalars(unspelt)) == {"dialect", "romanized"}
        by = select(PlaceName.name).where(PlaceName.romanized_by == "source")
        assert session.scalars(by).all() == ["婺州路"]


def test_names_on_protection_lists_are_told_and_marked(visitor: httpx.Client, registry: Database) -> None:
    rows = visitor.get("/api/v1/heritage").json()["items"]
    assert len(rows) == 12
    assert all(row["synthetic"] and row["romanized"] and row["lon"] is not None for row in rows)
    page = visitor.get("/heritage").text
    assert page.count("示例数据") >= len(rows)
    assert "湖海塘" not in page
    told = [visitor.get(f"/api/v1/heritage/{row['id']}").json() for row in rows]
    assert all(each["stories"] and each["evidence"] for each in told)
    assert all(one["source"].startswith(BY_EXAMPLE) for each in told for one in each["evidence"])
    states = {criterion["state"] for each in told for criterion in each["criteria"]}
    assert states == {"met", "not-met", "untold"}
    (picture, *_) = [one for each in told for one in each["pictures"]]
    assert visitor.get(picture["address"]).headers["Content-Type"] == "image/png"
    for row in (row for row in rows if row["is_present_name"]):
        assert "已列入地名保护名录" in visitor.get(f"/places/{row['place']}").text
    with registry.read() as session:
        guards = {row["name"]: guard_of(session, UUID(row["place"])) for row in rows if row["is_present_name"]}
    assert [name for name, guard in guards.items() if not guard.unprotected] == ["燕尾洲"]
    assert len(guards) == 7


def test_each_came_in_one_revision_but_those_that_grew(registry: Database) -> None:
    with registry.read() as session:
        (grown,) = places.list_places(session, PlaceQuery(name="江竹大道"), _page()).rows
        (still,) = places.list_places(session, PlaceQuery(name=RENAMED), _page()).rows
        assert len(places.list_revisions(session, still.id, _page()).rows) == 1
        assert len(places.list_revisions(session, grown.id, _page()).rows) == 2
        first, second = reversed(places.tell_place(session, grown.id).extents)
        assert (str(first.valid_to), str(second.valid_from)) == ("2010-06-01", "2010-06-01")


def test_a_renamed_street_is_told_as_of_a_day(visitor: httpx.Client) -> None:
    street = called(visitor, RENAMED)
    at = f"/places/{street['id']}"
    assert f"1975年5月1日：{WAS}" in visitor.get(at, params={"on": "1975-05-01"}).text
    assert "1960年5月1日：解放路" in visitor.get(at, params={"on": "1960-05-01"}).text
    listed = visitor.get("/api/v1/places", params={"name": WAS, "datetime": "1975-05-01"}).json()["items"]
    assert [each["name"] for each in listed] == [WAS]


def test_a_former_name_finds_the_present_street(visitor: httpx.Client, registry: Database) -> None:
    keeping.make_all(registry)
    page = visitor.get("/", params={"q": WAS}).text
    assert f"曾用名</strong> → {RENAMED}" in " ".join(page.split())
    (hit,) = visitor.get("/api/v1/search", params={"q": WAS}).json()["hits"]
    assert (hit["name"], hit["matched"], hit["former"], hit["heirs"]) == (RENAMED, WAS, True, [])
    assert hit["position_quality"] == "synthetic"


def test_a_street_that_is_gone_leads_to_those_that_came_of_it(visitor: httpx.Client, registry: Database) -> None:
    keeping.make_all(registry)
    (hit,) = visitor.get("/api/v1/search", params={"q": "环城路"}).json()["hits"]
    heirs = [each["name"] for each in hit["heirs"]]
    assert (hit["status"], len(heirs)) == ("abolished", 2)
    page = visitor.get("/", params={"q": "环城路"}).text
    assert all(f'href="/places/{each["id"]}"' in page for each in hit["heirs"])
    record = visitor.get(f"/places/{hit['id']}").text
    assert all(name in record for name in heirs)
    assert "1985年 至 2006年7月1日" in record


def test_a_merged_village_leads_to_the_one_it_went_into(visitor: httpx.Client, registry: Database) -> None:
    keeping.make_all(registry)
    hits = visitor.get("/api/v1/search", params={"q": "沿华村"}).json()["hits"]
    (seat,) = [each for each in hits if each["type"] == "place"]
    assert [each["name"] for each in seat["heirs"]] == ["潜溪村"]
    assert "潜溪村村民委员会" in visitor.get("/divisions/330782104261", params={"vintage": 2018}).text


@pytest.mark.parametrize("name", [RENAMED, "锦绣花园", "金华山", "金华江", "金华府"])
def test_an_example_says_so_on_page_extract_and_api(visitor: httpx.Client, name: str) -> None:
    place = called(visitor, name)
    assert (place["position_quality"], place["dataset"]) == ("synthetic", KEY)
    page = visitor.get(f"/places/{place['id']}").text
    extract = visitor.get(f"/places/{place['id']}/extract").text
    for shown in (page, extract):
        assert "这是示例数据：位置、数字和多数名称是虚构的，不能作为依据。" in shown
        assert BY_EXAMPLE in shown
    told = visitor.get(f"/api/v1/places/{place['id']}").json()
    assert told["position_quality"] == "synthetic"
    assert {each["position_quality"] for each in told["extents"]} == {"synthetic"}


def test_earlier_extents_are_drawn_and_said_to_be(visitor: httpx.Client) -> None:
    page = visitor.get(f"/places/{called(visitor, '江竹大道')['id']}").text
    assert ("图上实线" in page, "图上虚线" in page) == (True, True)
    then = visitor.get(f"/places/{called(visitor, '江竹大道')['id']}", params={"on": "2000-01-01"}).text
    assert then.index("图上虚线") < then.index("图上实线")
    assert "图上实线" not in visitor.get(f"/places/{called(visitor, RENAMED)['id']}").text


def test_names_without_any_date_have_no_drawing(visitor: httpx.Client) -> None:
    assert "<rect" not in visitor.get(f"/places/{called(visitor, '金华山')['id']}").text
    assert "<rect" in visitor.get(f"/places/{called(visitor, RENAMED)['id']}").text


def test_what_the_rules_find_of_them_is_known(registry: Database) -> None:
    with registry.read() as session:
        rows = session.execute(select(NameFinding.code, NameFinding.name).where(NameFinding.type == "place"))
        found: dict[str, set[str]] = {}
        for row in rows:
            found.setdefault(row.code, set()).add(row.name)
    assert found == EXPECTED


def test_a_pair_that_is_called_alike_is_cleared_and_another_is_left(registry: Database) -> None:
    with registry.read() as session:
        cleared = session.execute(select(FindingClearance.name, FindingClearance.code, FindingClearance.reason)).all()
        assert {(row.name, row.code) for row in cleared} == {
            ("桂花苑", "duplicate"),
            ("丹霞路", "extent-gap"),
            ("柴箍巷", "extent-gap"),
        }
        assert all("示例" in row.reason for row in cleared)


def test_the_built_up_areas_hold_names_apart(registry: Database) -> None:
    keeping.make_all(registry)
    with registry.read() as session:
        found = [
            {
                each.code
                for each in places.check_name(session, NameQuestion(RENAMED, PlaceClass.STREET, code), actor=operator())
            }
            for code in ("330702", "330703", "330782")
        ]
    # Two districts share Jinhua's; Yiwu has its own.
    assert [FindingCode.DUPLICATE in each for each in found] == [True, True, False]
    assert not any(FindingCode.AREA_UNKNOWN in each for each in found)


def test_no_day_has_two_standard_names_and_every_period_is_one(registry: Database) -> None:
    with registry.read() as session:
        names = session.scalars(select(PlaceName)).all()
        assert all(not row.valid_to or not row.valid_from or row.valid_from < row.valid_to for row in names)
        assert all(row.valid_to is None or row.valid_to <= today() for row in names)
        kinds = {NameKind.of(row.kind) for row in names}
        assert kinds == set(NameKind) - {NameKind.MINORITY}


def _page() -> Page:
    return Page(limit=50)
