"""Search and suggestions over HTTP, a facility as GeoJSON, and the pages that people read them on."""

import re

import httpx
import pytest

from geo_registry.db.session import WriteSession
from geo_registry.model import Facility
from geo_registry.vocabulary import DatasetKind, DivisionLevel, FacilityKind, FacilityStatus, PositionQuality
from tests.factories import make_dataset, make_division, make_facility

HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8", "Accept-Language": "zh-CN"}
NOWHERE = "00000000-0000-0000-0000-000000000000"


@pytest.fixture
def facility(session: WriteSession) -> Facility:
    city = make_division(
        session, "330700000000", level=DivisionLevel.CITY, name="金华市", box=(119.2, 28.5, 120.8, 29.7)
    )
    county = make_division(session, "330702000000", name="婺城区", parent=city, box=(119.5, 29.0, 119.7, 29.2))
    source = make_dataset(session, DatasetKind.FACILITIES, title="民政台账", licence="CC BY 4.0")
    made = make_facility(
        session,
        FacilityKind.CARE_INSTITUTION,
        name='<b>白沙</b>&"敬老院"=1',
        division_id=county.id,
        address="<i>中山路</i>1号",
        dataset_id=source.id,
        source_id="A&1",
        capacity=1_234,
        detail={"beds": 1_234, "ownership": "public", "grade": "<u>三级</u>", "tier": "county"},
        position_quality=PositionQuality.SYNTHETIC.value,
    )
    session.commit()
    return made


def test_a_hit_has_what_was_agreed(client: httpx.Client, facility: Facility) -> None:
    answer = client.get("/api/v1/search", params={"q": " baisha "}).raise_for_status()
    assert answer.json()["query"] == "baisha"
    # The tags in the name are letters too, so the reading begins with another.
    assert answer.json()["hits"] == []
    (hit,) = client.get("/api/v1/search", params={"q": "白沙"}).json()["hits"]
    assert hit == {
        "id": str(facility.id),
        "type": "facility",
        "kind": "care-institution",
        "name": facility.name,
        "label": "婺城区",
        "matched": facility.name,
        "marked": [3, 5],
        "former": False,
        "name_kind": None,
        "begins_on": None,
        "match": "contained",
        "score": 0.13,
        "lon": 119.65,
        "lat": 29.08,
        "code": "330702000000",
        "status": "open",
        "position_quality": "synthetic",
        "vintage": None,
        "became": [],
        "heirs": [],
    }


def test_what_is_suggested_is_what_would_be_found(client: httpx.Client, session: WriteSession) -> None:
    for number in range(30):
        make_facility(session, name=f"白沙{number}号")
    session.commit()
    found = client.get("/api/v1/search", params={"q": "bs"}).json()["hits"]
    suggested = client.get("/api/v1/suggest", params={"q": "bs"}).json()["hits"]
    assert (len(found), len(suggested)) == (20, 8)
    assert suggested == found[:8]
    assert client.get("/api/v1/suggest", params={"q": "bs", "limit": 2}).json()["hits"] == found[:2]


@pytest.mark.parametrize("path", ["/api/v1/search", "/api/v1/suggest"])
@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"q": ""}, "search-empty"),
        ({"q": "，。"}, "search-empty"),
        ({"q": "村" * 101}, "search-too-long"),
        ({"q": "村", "near": "here"}, "near-invalid"),
        ({"q": "村", "limit": "0"}, "query-malformed"),
        ({}, "query-malformed"),
        ({"q": "村", "kind": "cemetery"}, "parameter-unknown"),
    ],
)
def test_what_cannot_be_asked_is_refused(client: httpx.Client, path: str, asked: dict[str, str], code: str) -> None:
    answer = client.get(path, params=asked)
    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_the_nearer_come_first(client: httpx.Client, session: WriteSession) -> None:
    make_facility(session, name="白沙公墓", lon=119.0)
    make_facility(session, name="白沙公墓乙", lon=120.0)
    session.commit()
    hits = client.get("/api/v1/suggest", params={"q": "白沙", "near": "120.1,29.08"}).json()["hits"]
    assert [hit["name"] for hit in hits] == ["白沙公墓乙", "白沙公墓"]


def test_a_facility_is_a_geojson_feature(client: httpx.Client, facility: Facility) -> None:
    answer = client.get(f"/api/v1/facilities/{facility.id}.geojson").raise_for_status()
    plain = client.get(f"/api/v1/facilities/{facility.id}").json()
    assert answer.headers["Content-Type"] == "application/geo+json"
    feature = answer.json()
    assert feature["type"] == "Feature"
    assert feature["id"] == plain.pop("id")
    assert feature["geometry"] == plain.pop("geometry") == {"type": "Point", "coordinates": [119.65, 29.08]}
    assert feature["properties"] == plain
    assert client.get(f"/api/v1/facilities/{NOWHERE}.geojson").status_code == 404


def test_hits_are_on_the_page_without_a_script(client: httpx.Client, facility: Facility) -> None:
    page = client.get("/", params={"q": "白沙"}, headers=HTML).raise_for_status().text
    assert (
        f'<a href="/facilities/{facility.id}">&lt;b&gt;<mark>白沙</mark>&lt;/b&gt;&amp;&#34;敬老院&#34;=1</a>' in page
    )
    assert "养老机构 · 婺城区" in page
    assert "示例数据" in page
    division = client.get("/", params={"q": "婺"}, headers=HTML).text
    assert 'href="/?q=%E5%A9%BA&amp;division=330702000000#facts"' in division


def test_a_division_has_its_facts_on_the_page(client: httpx.Client, facility: Facility) -> None:
    page = client.get("/", params={"division": "330702"}, headers=HTML).raise_for_status().text
    facts = page[page.index("<aside") : page.index("</aside>")]
    assert 'data-code="330702000000"' in facts
    assert 'data-bounds="[119.5, 29.0, 119.7, 29.2]"' in facts
    text = re.sub(r"<[^>]*>|\s+", " ", facts)
    assert re.search(r"金华市 +› +婺城区 +县级 · +330702000000 · 2023 年版", re.sub(r" +", " ", text))
    assert re.search(r"民政设施 1 处 +示例数据 +养 +养老机构 +1", re.sub(r" +", " ", text))


def test_the_registrys_own_division_is_shown_first(client: httpx.Client, facility: Facility) -> None:
    page = client.get("/", headers=HTML).text
    assert 'data-code="330700000000"' in page
    assert 'href="/?division=330702000000"' in page


def test_without_its_own_division_all_is_shown(client: httpx.Client, session: WriteSession) -> None:
    make_facility(session)
    session.commit()
    page = client.get("/", headers=HTML).text
    assert "全部登记" in page
    assert "data-code" not in page[page.index("<aside") :]


@pytest.mark.parametrize("text", ["，。", "村" * 101])
def test_a_question_that_cannot_be_asked_stays_in_the_box(client: httpx.Client, text: str) -> None:
    answer = client.get("/", params={"q": text}, headers=HTML)
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    assert f'value="{text}"' in answer.text


def test_nothing_found_says_so(client: httpx.Client) -> None:
    page = client.get("/", params={"q": "<b>"}, headers=HTML).text
    assert "没有找到“&lt;b&gt;”" in page


def test_large_type_has_no_map(client: httpx.Client, facility: Facility) -> None:
    page = client.get("/?view=elder", headers=HTML).text
    assert 'id="map"' not in page
    assert "maplibre" not in page
    assert 'id="facts"' in page


def test_a_record_says_all_that_is_known(client: httpx.Client, facility: Facility) -> None:
    page = client.get(f"/facilities/{facility.id}", headers=HTML).raise_for_status().text
    for said in (
        "&lt;b&gt;白沙&lt;/b&gt;&amp;&#34;敬老院&#34;=1",
        "&lt;i&gt;中山路&lt;/i&gt;1号",
        "1,234 张",
        "公办",
        "县级",
        "&lt;u&gt;三级&lt;/u&gt;",
        "民政台账",
        "CC BY 4.0",
        "A&amp;1",
        "119.650000°, 29.080000°",
        "尚未核实",
        "这是示例数据",
        f"/api/v1/facilities/{facility.id}.geojson",
        f"http://127.0.0.1:{client.base_url.port}/facilities/{facility.id}",
        'href="/?division=330702000000">婺城区</a>',
    ):
        assert said in page
    # The capacity is the beds, which stand among the details.
    assert "容量" not in page
    english = client.get(f"/facilities/{facility.id}?lang=en", headers=HTML).text
    for said in ("1,234 beds", "public", "Licence", "not confirmed yet", "care institution"):
        assert said in english


def test_what_is_not_made_up_does_not_say_so(client: httpx.Client, session: WriteSession) -> None:
    made = make_facility(session, FacilityKind.CEMETERY, status=FacilityStatus.CLOSED.value, capacity=7)
    session.commit()
    page = client.get(f"/facilities/{made.id}", headers=HTML).text
    assert "示例" not in page
    assert "在本系统登记" in page
    assert "7 穴" in page
    assert re.search(r'class="badge bad">关闭<', page)


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/nothing", 404, "route-unknown"),
        (f"/facilities/{NOWHERE}", 404, "facility-unknown"),
        ("/facilities/<b>", 400, "facility-id-invalid"),
        ("/?division=330799", 404, "division-unknown"),
        ("/?division=x", 400, "division-code-invalid"),
    ],
)
def test_people_are_refused_on_a_page_and_programs_in_json(
    client: httpx.Client, path: str, status: int, code: str
) -> None:
    page = client.get(path, headers=HTML)
    assert (page.status_code, page.headers["Content-Type"]) == (status, "text/html; charset=utf-8")
    assert code in page.text
    assert '<html lang="zh-CN"' in page.text
    assert 'action="/"' in page.text
    assert "<b>" not in page.text[page.text.index("<main") :]
    assert "Accept" in page.headers["Vary"]
    for accepted in ("*/*", "application/json"):
        answer = client.get(path, headers={"Accept": accepted})
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert answer.headers["Content-Type"] == "application/problem+json"


def test_where_programs_live_a_browser_is_answered_in_json(client: httpx.Client) -> None:
    for path in (f"/api/v1/facilities/{NOWHERE}", "/api/v1/nothing", "/tiles/nothing.json", "/static/nothing.js"):
        assert client.get(path, headers=HTML).headers["Content-Type"] == "application/problem+json"
    # A form that a browser sends to a page is answered on one.
    assert client.post("/", headers=HTML).headers["Content-Type"].startswith("text/html")
    assert client.post("/api/v1/nothing", headers=HTML).headers["Content-Type"] == "application/problem+json"
