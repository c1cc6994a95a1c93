"""`/facilities`: everything on the map as a list, narrowed and put in order, page by page."""

import re
from html import unescape

import httpx
import pytest

from api.web import facilities as pages
from geo_registry.db.session import WriteSession
from geo_registry.vocabulary import DivisionLevel, FacilityKind, FacilityStatus, PositionQuality
from tests.factories import make_division, make_facility

HTML = {"Accept": "text/html", "Accept-Language": "zh-CN"}
NAMED = re.compile(r'<a href="/facilities/[0-9a-f-]{36}">(.*?)</a>')


@pytest.fixture
def registry(session: WriteSession) -> None:
    county = make_division(session, "330702000000", name="婺城区")
    town = make_division(session, "330702100000", level=DivisionLevel.TOWNSHIP, name="白沙镇", parent=county)
    make_facility(session, FacilityKind.CEMETERY, name="中山公墓", division_id=county.id)
    make_facility(session, FacilityKind.MEAL_POINT, name="安地助餐点", division_id=town.id)
    make_facility(
        session, FacilityKind.CARE_INSTITUTION, name="<b>敬老院</b>", position_quality=PositionQuality.SYNTHETIC.value
    )
    make_facility(session, FacilityKind.CEMETERY, name="东山公墓", status=FacilityStatus.CLOSED.value)
    make_facility(session, FacilityKind.CEMETERY, name="北山公墓", status=FacilityStatus.PLANNED.value)
    session.commit()


def listed(client: httpx.Client, **asked: str) -> list[str]:
    answer = client.get("/facilities", params=asked, headers=HTML).raise_for_status()
    return [unescape(name) for name in NAMED.findall(answer.text)]


@pytest.mark.usefixtures("registry")
def test_it_is_in_the_order_of_pinyin_and_leaves_out_what_is_closed(client: httpx.Client) -> None:
    assert listed(client) == ["<b>敬老院</b>", "安地助餐点", "北山公墓", "中山公墓"]


@pytest.mark.usefixtures("registry")
def test_kinds_are_in_the_order_of_the_vocabulary(client: httpx.Client) -> None:
    assert listed(client, sort="kind") == ["<b>敬老院</b>", "安地助餐点", "北山公墓", "中山公墓"]
    assert listed(client, sort="kind", status="every")[2:] == ["北山公墓", "东山公墓", "中山公墓"]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"kind": "cemetery"}, ["北山公墓", "中山公墓"]),
        ({"kind": "cemetery", "status": "closed"}, ["东山公墓"]),
        ({"division": "330702"}, ["安地助餐点", "中山公墓"]),
        ({"division": "330702100000"}, ["安地助餐点"]),
        ({"q": "公墓"}, ["北山公墓", "中山公墓"]),
        ({"q": "zhongs"}, ["中山公墓"]),
        ({"q": "bs"}, ["北山公墓"]),
        ({"q": "敬老", "kind": "cemetery"}, []),
        ({"q": "", "kind": "", "division": "", "status": "", "sort": "name"}, ["<b>敬老院</b>"]),
    ],
)
@pytest.mark.usefixtures("registry")
def test_it_is_narrowed(client: httpx.Client, asked: dict[str, str], expected: list[str]) -> None:
    assert listed(client, **asked)[: len(expected) or None] == expected


@pytest.mark.parametrize("sort", ["name", "kind"])
@pytest.mark.usefixtures("registry")
def test_pages_follow_each_other_without_a_gap(
    client: httpx.Client, sort: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = listed(client, sort=sort, status="every")
    monkeypatch.setattr(pages, "ROWS", 2)
    address, found = f"/facilities?sort={sort}&status=every", []
    while address:
        text = client.get(address, headers=HTML).raise_for_status().text
        found += [unescape(name) for name in NAMED.findall(text)]
        following = re.search(r'rel="next" href="(.*?)"', text)
        address = unescape(following[1]) if following else ""
    assert len(found) == 5
    assert found == whole


@pytest.mark.usefixtures("registry")
def test_a_count_is_made_when_it_is_asked_for(client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "共 4 处" in client.get("/facilities", headers=HTML).text
    monkeypatch.setattr(pages, "ROWS", 1)
    for asked, count in (("q=公墓", 2), ("division=330702", 2), ("", 4)):
        page = client.get(f"/facilities?{asked}", headers=HTML).text
        assert "本页 1 处" in page
        (address,) = re.findall(r'href="([^"]*count=1)"', page)
        assert f"共 {count} 处" in client.get(unescape(address), headers=HTML).text


@pytest.mark.usefixtures("registry")
def test_a_line_says_what_where_and_how_it_stands(client: httpx.Client) -> None:
    page = client.get("/facilities", headers=HTML).text
    line = next(each for each in page.split("<li>") if "安地助餐点" in each)
    assert "助餐点 · 婺城区 白沙镇" in line
    assert "示例数据" not in line
    assert "示例数据" in next(each for each in page.split("<li>") if "敬老院" in each)
    assert "规划" in next(each for each in page.split("<li>") if "北山" in each)
    assert "<b>" not in page


@pytest.mark.usefixtures("registry")
def test_the_api_lists_the_same(client: httpx.Client) -> None:
    asked = {"kind": "cemetery", "division": "330702"}
    (address,) = re.findall(r'href="(/api/v1/facilities\?[^"]*)"', client.get("/facilities", params=asked).text)
    items = client.get(unescape(address)).raise_for_status().json()["items"]
    assert [each["name"] for each in items] == listed(client, **asked)


@pytest.mark.usefixtures("registry")
def test_the_first_page_leads_to_each_kind(client: httpx.Client) -> None:
    page = client.get("/?division=330702", headers=HTML).text
    addresses = [unescape(each) for each in re.findall(r'href="(/facilities\?[^"]*)"', page)]
    assert [len(NAMED.findall(client.get(each).text)) for each in addresses] == [2, 1, 1]


def test_an_empty_list_says_how_to_begin(client: httpx.Client) -> None:
    page = client.get("/facilities", headers=HTML).text
    assert "geo-registry import facilities" in page
    assert "没有符合条件" in client.get("/facilities?kind=cemetery", headers=HTML).text


@pytest.mark.parametrize(
    ("asked", "status", "said"),
    [
        ("q=。。", 400, 'aria-invalid="true"'),
        ("kind=<b>", 400, "kind"),
        ("sort=fid", 400, "sort"),
        ("division=9999", 404, "没有登记区划"),
        ("after=x", 400, "翻页标记"),
    ],
)
def test_what_cannot_be_asked_is_said_in_the_pages_frame(
    client: httpx.Client, asked: str, status: int, said: str
) -> None:
    answer = client.get(f"/facilities?{asked}", headers=HTML)
    assert (answer.status_code, said in answer.text) == (status, True)
    assert "<b>" not in answer.text
    assert '<nav aria-label="主要页面">' in answer.text


@pytest.mark.usefixtures("registry")
def test_in_large_type_what_was_asked_is_kept(client: httpx.Client) -> None:
    page = client.get("/facilities?sort=kind&status=every&view=elder", headers=HTML).text
    assert '<select id="sort"' not in page
    assert '<input type="hidden" name="sort" value="kind">' in page
    assert '<input type="hidden" name="status" value="every">' in page
    assert "接口说明" not in page
