"""`/api/v1/places`: places through time, over the wire."""

import re
from datetime import date
from html import unescape
from typing import Any
from uuid import UUID

import httpx
import pytest
import segno
from sqlalchemy import update

from geo_registry.accounts.actors import Grant
from geo_registry.accounts.passwords import passwords_for
from geo_registry.db.session import Database, WriteSession
from geo_registry.model import PlaceName
from geo_registry.places import service
from geo_registry.settings import Settings
from geo_registry.vocabulary import DivisionLevel, Role
from tests.factories import make_account, make_division, make_place, operator
from tests.http.test_accounts import PASSWORD, form_token, sign_in

PLACES = "/api/v1/places"
LINE = {"type": "LineString", "coordinates": [[119.6, 29.1], [119.7, 29.1]]}
STREET = {
    "class": "street",
    "name": "中山路",
    "romanized": "Zhōngshān Lù",
    "named_on": "1946",
    "geometry": LINE,
    "detail": {"surface": "沥青"},
    "names": [{"name": "府前街", "kind": "former", "valid_from": "清", "valid_to": "1946"}],
    "why": "存量",
}


def made(client: httpx.Client, **over: object) -> dict[str, Any]:
    answer = client.post(PLACES, json=STREET | over)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    assert answer.headers["Location"].endswith(f"{PLACES}/{found['id']}")
    return found


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_a_place_is_registered_once_and_told_whole(client: httpx.Client, session: WriteSession) -> None:
    make_division(session, "330702000000", name="婺城区", box=(119, 29, 120, 30))
    session.commit()
    first, again = (client.post(PLACES, json=STREET, headers={"Idempotency-Key": "x"}) for _ in range(2))
    assert first.json() == again.json()
    assert again.headers["Idempotent-Replayed"] == "true"
    place = client.get(f"{PLACES}/{first.json()['id']}")
    told = place.json()
    assert (told["name"], told["class"], told["division_name"]) == ("中山路", "street", "婺城区")
    assert [(each["name"], each["kind"]) for each in told["names"]] == [("中山路", "standard"), ("府前街", "former")]
    assert told["names"][1]["valid_from"] == {"day": "1644-01-01", "precision": "era", "text": "清"}
    assert told["extents"][0]["geometry"] == LINE
    assert place.headers["ETag"] == first.headers["ETag"]


def test_the_list_is_by_what_is_asked_and_by_the_name_of_a_day(client: httpx.Client) -> None:
    place = made(client, name="解放路", names=[])
    made(client, **{"class": "bridge", "name": "通济桥", "detail": {}, "names": []})
    past = {
        "name": "后街",
        "kind": "standard",
        "status": "historical",
        "valid_from": "1900",
        "valid_to": "1946",
        "why": "志书",
    }
    assert client.post(f"{PLACES}/{place['id']}/names", json=past).status_code == 201

    def names(**asked: str) -> list[str]:
        return [each["name"] for each in client.get(PLACES, params=asked).json()["items"]]

    assert names() == ["解放路", "通济桥"]
    assert names(**{"class": "bridge"}) == ["通济桥"]
    assert names(name="后街") == ["解放路"]
    assert names(datetime="1920-01-01") == ["后街", "通济桥"]
    assert names(bbox="10,10,11,11") == []
    assert code(client.get(PLACES, params={"kind": "x"})) == (400, "parameter-unknown")


def test_a_date_reads_one_place_as_it_reads_the_list(client: httpx.Client) -> None:
    place = made(client, name="解放路", begun_on="1930", names=[])
    address = f"{PLACES}/{place['id']}"
    moved = {"type": "LineString", "coordinates": [[119.8, 29.1], [119.9, 29.1]]}
    extent = {"geometry": moved, "valid_from": "2016-01-01", "why": "延长"}
    assert client.post(f"{address}/extents", json=extent).status_code == 201

    def told(on: str) -> dict[str, Any]:
        one = client.get(address, params={"datetime": on}).json()
        (listed,) = client.get(PLACES, params={"datetime": on}).json()["items"]
        assert {field: one[field] for field in listed} == listed
        found: dict[str, Any] = one
        return found

    def boxes(box: str, on: str) -> int:
        return len(client.get(PLACES, params={"bbox": box, "datetime": on}).json()["items"])

    assert told("2016-06-01")["begun_on"] == {"day": "1930-01-01", "precision": "year", "text": "1930"}
    assert client.get(address, params={"datetime": "1929-12-31"}).status_code == 404
    assert "1930年 至 今" in client.get(f"/places/{place['id']}", headers={"Accept-Language": "zh-CN"}).text
    then, now = told("2015-06-01"), told("2016-06-01")
    assert then["geometry"]["coordinates"][0] < 119.75 < now["geometry"]["coordinates"][0]
    assert (then["name"], then["unknown_then"], len(then["extents"])) == ("解放路", [], 2)
    assert (boxes("119.55,29,119.75,29.2", "2015-06-01"), boxes("119.55,29,119.75,29.2", "2016-06-01")) == (1, 0)
    nameless = told("1940-01-01")
    assert (nameless["name"], nameless["unknown_then"]) == ("解放路", ["name"]), "the present name, and said so"
    assert code(client.get(address, params={"datetime": "1920-01-01"})) == (404, "not-there-then")
    assert client.get(PLACES, params={"datetime": "1920-01-01"}).json()["items"] == []
    assert code(client.get(address, params={"datetime": "2015-06-01T00:00:00Z"})) == (404, "not-recorded-then")


def test_where_a_place_reached_on_a_day_is_null_and_said_where_nobody_knows(client: httpx.Client) -> None:
    place = made(client, names=[], geometry=None)
    address = f"{PLACES}/{place['id']}"
    extent = {"geometry": LINE, "valid_from": "2016-01-01", "why": "延长"}
    assert client.post(f"{address}/extents", json=extent).status_code == 201
    then = client.get(address, params={"datetime": "2015-06-01"}).json()
    assert (then["geometry"], then["unknown_then"]) == (None, ["position"])
    (listed,) = client.get(PLACES, params={"datetime": "2015-06-01"}).json()["items"]
    assert (listed["geometry"], listed["unknown_then"]) == (None, ["position"])
    assert client.get(address).json()["unknown_then"] == []


def test_a_correction_says_which_version_was_seen(client: httpx.Client) -> None:
    place = made(client)
    address = f"{PLACES}/{place['id']}"
    change = {"detail": {"width_m": 24}, "why": "测量"}
    assert code(client.patch(address, json=change)) == (428, "version-needed")
    seen = {"If-Match": client.get(address).headers["ETag"]}
    answer = client.patch(address, json=change, headers=seen)
    assert answer.json()["detail"] == {"surface": "沥青", "width_m": 24}
    assert code(client.patch(address, json=change, headers=seen)) == (412, "record-changed")
    unsound = client.patch(address, json={"detail": {"elevation_m": 1}, "why": "x"}, headers={"If-Match": "*"})
    assert code(unsound) == (422, "place-unsound")


def test_a_name_is_corrected_and_not_renamed(client: httpx.Client) -> None:
    place = made(client)
    address = f"{PLACES}/{place['id']}/names/{place['names'][0]['id']}"
    seen = {"If-Match": client.get(address).headers["ETag"]}
    answer = client.patch(address, json={"romanized": "Zhòngshān Lù", "why": "核定"}, headers=seen)
    assert (answer.json()["romanized"], answer.json()["romanized_by"]) == ("Zhòngshān Lù", "registrar")
    newest, first = client.get(f"{address}/revisions").json()["items"]
    assert [each["field"] for each in newest["changes"]] == ["romanized", "romanized_by"]
    assert (first["number"], first["changes"]) == (1, [])
    assert code(client.patch(address, json={"name": "人民路", "why": "x"}, headers=seen)) == (422, "body-malformed")
    late = {"valid_to": "2001", "why": "x"}
    assert code(client.patch(address, json=late, headers={"If-Match": "*"})) == (409, "by-case-alone")


@pytest.mark.parametrize(
    "spelling",
    ["Zhongshan road", "中山路", "\N{PARTY POPPER}", "Zhōngshān", "Zhōngshān Dà Lù", "zhōngshān lù", "Zhongshan Lu"],
)
def test_a_spelling_that_cannot_stand_is_refused_where_it_would_be_kept(client: httpx.Client, spelling: str) -> None:
    place = made(client)
    address = f"{PLACES}/{place['id']}/names/{place['names'][0]['id']}"
    answer = client.patch(address, json={"romanized": spelling, "why": "核定"}, headers={"If-Match": "*"})
    assert code(answer) == (422, "spelling-invalid")
    assert "tone" in answer.json()["hint"]
    assert client.get(address).json()["romanized"] == "Zhōngshān Lù"


def test_a_spelling_is_transcribed_or_as_it_was_found_where_it_is_said_to_be(client: httpx.Client) -> None:
    place = made(client)
    names = f"{PLACES}/{place['id']}/names"
    told = {"romanized": "Zhongxan Lu", "transcribed": True, "why": "转写"}
    answer = client.patch(f"{names}/{place['names'][0]['id']}", json=told, headers={"If-Match": "*"})
    assert answer.json()["romanized"] == "Zhongxan Lu"
    postal = {"name": "Chungshan Road", "kind": "romanized", "romanized": "Chung¹-shan¹ Road", "why": "海图"}
    assert client.post(names, json=postal).json()["romanized"] == "Chung¹-shan¹ Road"
    refused = client.post(names, json={"name": "老街", "romanized": "\N{PARTY POPPER}", "why": "x"})
    assert code(refused) == (422, "spelling-invalid")


def test_extents_and_relations_are_added_and_read_from_both_sides(client: httpx.Client) -> None:
    place, river = made(client), made(client, **{"class": "river", "name": "婺江", "detail": {}, "names": []})
    reach = {"type": "LineString", "coordinates": [[119.6, 29.1], [119.8, 29.1]]}
    longer = {"geometry": reach, "valid_from": "2015", "why": "延长"}
    assert client.post(f"{PLACES}/{place['id']}/extents", json=longer).status_code == 201
    given = {"kind": "named-after", "other": river["id"], "evidence": "《金华县志》"}
    relation = client.post(f"{PLACES}/{place['id']}/relations", json=given).json()
    mine, theirs = (client.get(f"{PLACES}/{each['id']}").json() for each in (place, river))
    assert [each["valid_to"] for each in mine["extents"]] == [
        None,
        {"day": "2015-01-01", "precision": "year", "text": "2015"},
    ]
    assert (mine["relations"][0]["inverse"], theirs["relations"][0]["inverse"]) == (False, True)
    assert theirs["relations"][0]["other_name"] == "中山路"
    withdraw = f"{PLACES}/{place['id']}/relations/{relation['id']}/withdraw"
    assert client.post(withdraw, json={"why": "误"}).status_code == 204
    assert client.get(f"{PLACES}/{river['id']}").json()["relations"] == []
    assert code(client.post(withdraw, json={"why": "误"})) == (404, "place-relation-unknown")


def test_an_extent_says_why_and_lies_where_the_place_does(client: httpx.Client, session: WriteSession) -> None:
    make_division(session, "330702000000", name="婺城区", box=(119, 29, 120, 30))
    make_division(session, "330702001000", level=DivisionLevel.TOWNSHIP, name="城东街道")
    session.commit()
    address = f"{PLACES}/{made(client, division='330702001')['id']}"
    near, beijing = ({"type": "Point", "coordinates": at} for at in ([119.5, 29.5], [116.4, 39.9]))
    extent = {"geometry": near, "valid_from": "2016", "why": "测绘"}
    assert code(client.post(f"{address}/extents", json=extent | {"why": " "})) == (422, "body-malformed")
    refused = client.post(f"{address}/extents", json=extent | {"geometry": beijing})
    assert code(refused) == (422, "place-unsound")
    assert "330702001000" in refused.json()["detail"]
    assert len(client.get(address).json()["extents"]) == 1
    assert client.post(f"{address}/extents", json=extent).status_code == 201
    (newest, *_) = client.get(f"{address}/revisions").json()["items"]
    assert (newest["why"], [each["field"] for each in newest["changes"]]) == ("测绘", ["geometry"])
    elsewhere = client.post(PLACES, json=STREET | {"division": "330702001", "geometry": beijing})
    assert code(elsewhere) == (422, "place-unsound"), "as where it is registered"


def test_a_place_of_the_demonstration_stays_marked_wherever_it_is_said_to_reach(
    client: httpx.Client, session: WriteSession
) -> None:
    place = make_place(session, lon=119.65, lat=29.08, position_quality="synthetic", place_class="street")
    session.commit()
    address = f"{PLACES}/{place.id}"
    extent = client.post(f"{address}/extents", json={"geometry": LINE, "valid_from": "2016", "why": "测绘"})
    assert (extent.status_code, extent.json()["position_quality"]) == (201, "synthetic")
    assert client.get(address).json()["position_quality"] == "synthetic"
    client.headers["Accept-Language"] = "zh-CN"
    assert "这是示例数据" in client.get(f"/places/{place.id}").text


def test_a_name_told_by_mistake_is_taken_back_with_a_reason_and_had_again(client: httpx.Client) -> None:
    place = made(client)
    address = f"{PLACES}/{place['id']}"
    assert code(client.post(f"{address}/names", json={"name": "错街"})) == (422, "body-malformed"), "it says why"
    wrong = client.post(f"{address}/names", json={"name": "错街", "kind": "alias", "why": "走访"})
    name = wrong.headers["Location"].removeprefix(str(client.base_url))

    def told() -> tuple[list[str], int, int]:
        names = [each["name"] for each in client.get(address).json()["names"]]
        hits = len(client.get("/api/v1/search", params={"q": "错街"}).json()["hits"])
        return names, hits, len(client.get(PLACES, params={"name": "错街"}).json()["items"])

    assert told() == (["中山路", "府前街", "错街"], 1, 1)
    assert code(client.patch(name, json={"withdrawn": True, "why": "误"})) == (428, "version-needed")
    seen = {"If-Match": wrong.headers["ETag"]}
    assert client.patch(name, json={"withdrawn": True, "why": "录入有误"}, headers=seen).json()["withdrawn"] is True
    assert told() == (["中山路", "府前街"], 0, 0)
    (newest, first) = client.get(f"{name}/revisions").json()["items"]
    assert [(each["why"], [one["field"] for one in each["changes"]]) for each in (newest, first)] == [
        ("录入有误", ["withdrawn"]),
        ("走访", []),
    ]
    seen = {"If-Match": client.get(name).headers["ETag"]}
    assert client.patch(name, json={"withdrawn": False, "why": "无误"}, headers=seen).status_code == 200
    assert told() == (["中山路", "府前街", "错街"], 1, 1)


def test_a_standard_name_of_the_past_leaves_room_when_it_is_taken_back_and_the_present_one_is_not(
    client: httpx.Client,
) -> None:
    place = made(client, names=[])
    address = f"{PLACES}/{place['id']}"
    whichever = {"If-Match": "*"}
    past = {"kind": "standard", "status": "historical", "valid_from": "1900", "valid_to": "1946", "why": "志书"}
    wrong = client.post(f"{address}/names", json=past | {"name": "后街"}).json()["id"]
    taken_back = client.patch(f"{address}/names/{wrong}", json={"withdrawn": True, "why": "误"}, headers=whichever)
    assert taken_back.status_code == 200
    assert client.get(address).json()["name"] == "中山路"
    assert client.get(address, params={"datetime": "1920-01-01"}).json()["unknown_then"] == ["name"]
    assert client.post(f"{address}/names", json=past | {"name": "前街"}).status_code == 201
    again = client.patch(f"{address}/names/{wrong}", json={"withdrawn": False, "why": "x"}, headers=whichever)
    assert code(again) == (409, "periods-overlap")
    present = f"{address}/names/{place['names'][0]['id']}"
    refused = client.patch(present, json={"withdrawn": True, "why": "x"}, headers=whichever)
    assert code(refused) == (422, "place-unsound")
    assert client.get(address).json()["names"][0]["name"] == "中山路"


def test_an_extent_is_taken_back_and_what_it_ended_holds_on(client: httpx.Client) -> None:
    place = made(client)
    address = f"{PLACES}/{place['id']}"
    (first,) = place["extents"]
    reach = {"type": "LineString", "coordinates": [[119.6, 29.1], [119.8, 29.1]]}
    extent = client.post(f"{address}/extents", json={"geometry": reach, "valid_from": "2015", "why": "延长"}).json()[
        "id"
    ]
    longer = client.get(address).json()
    assert code(client.post(f"{address}/extents/{extent}/withdraw", json={})) == (422, "body-malformed")
    assert client.post(f"{address}/extents/{extent}/withdraw", json={"why": "误"}).status_code == 204
    assert client.get(address).json()["extents"] == [first]
    assert client.get(address).json()["geometry"] == place["geometry"]
    assert code(client.post(f"{address}/extents/{extent}/withdraw", json={"why": "误"})) == (
        404,
        "place-extent-unknown",
    )
    assert client.post(f"{address}/extents/{extent}/restore", json={"why": "无误"}).json()["id"] == extent
    assert client.get(address).json()["extents"] == longer["extents"]
    assert client.post(f"{address}/extents/{extent}/withdraw", json={"why": "误"}).status_code == 204
    assert client.post(f"{address}/extents/{first['id']}/withdraw", json={"why": "位置有误"}).status_code == 204
    bare = client.get(address).json()
    assert (bare["extents"], bare["geometry"]) == ([], None)
    why = [each["why"] for each in client.get(f"{address}/revisions").json()["items"]]
    assert why[0] == "位置有误"


@pytest.mark.parametrize(
    ("over", "expected"),
    [
        ({"name": " "}, "body-malformed"),
        ({"name": "中\n山路"}, "body-malformed"),
        ({"class": "x"}, "body-malformed"),
        ({"named_on": "不详"}, "body-malformed"),
        ({"national_code": "12"}, "body-malformed"),
        ({"geometry": {"type": "Point", "coordinates": [200, 29]}}, "body-malformed"),
        (
            {"geometry": {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}},
            "body-malformed",
        ),
        ({"geometry": {"type": "Point", "coordinates": []}}, "body-malformed"),
        ({"detail": {"elevation_m": 3}}, "place-unsound"),
        ({"division": "330799"}, "division-unknown"),
        ({"x": 1}, "body-malformed"),
    ],
)
def test_what_is_wrong_is_refused_and_said(client: httpx.Client, over: dict[str, object], expected: str) -> None:
    answer = client.post(PLACES, json=STREET | over)
    assert (answer.status_code // 100, answer.json()["code"]) == (4, expected)
    assert answer.json()["hint"]
    assert client.get(PLACES).json()["items"] == []


def test_two_standard_names_at_once_are_refused(client: httpx.Client) -> None:
    place = made(client)
    past = {
        "name": "后街",
        "kind": "standard",
        "status": "historical",
        "valid_from": "1900",
        "valid_to": "1950",
        "why": "x",
    }
    answer = client.post(f"{PLACES}/{place['id']}/names", json=past)
    assert code(answer) == (409, "periods-overlap")
    assert "中山路" in answer.json()["detail"]


def test_the_page_tells_its_names_through_time_and_what_it_was_called_on_a_day(client: httpx.Client) -> None:
    place = made(client, name="解放路", meaning="<b>纪念</b>")
    past = {
        "name": "后街",
        "kind": "standard",
        "status": "historical",
        "valid_from": "1900",
        "valid_to": "1946",
        "why": "志书",
    }
    client.post(f"{PLACES}/{place['id']}/names", json=past)
    client.headers["Accept-Language"] = "zh-CN"
    text = client.get(f"/places/{place['id']}").text
    assert all(each in text for each in ("名称沿革", "解放路", "后街", "府前街", "清代 至 1946年", "1946年 至 今"))
    assert "&lt;b&gt;纪念&lt;/b&gt;" in text
    then = client.get(f"/places/{place['id']}", params={"on": "1920-05-01"}).text
    assert "1920年5月1日：后街" in then
    assert "没有登记当时的标准名称" in client.get(f"/places/{place['id']}", params={"on": "1800-01-01"}).text
    assert client.get(f"/places/{place['id']}", params={"on": "x"}).status_code == 400
    english = client.get(f"/places/{place['id']}", params={"lang": "en"}).text
    assert "Names through time" in english


def test_the_extract_says_the_former_names_the_basis_and_how_to_verify(client: httpx.Client) -> None:
    place = made(client, source="金政地〔1946〕1号")
    client.headers["Accept-Language"] = "zh-CN"
    text = client.get(f"/places/{place['id']}/extract").text
    assert all(each in text for each in ("地名查询结果", "中山路", "府前街", "金政地〔1946〕1号", "<svg", place["id"]))


def modules_of(sheet: str) -> set[tuple[int, int]]:
    """The dark squares of the code that a page draws, as (row, column) without its margin; the margin is measured."""
    drawing = re.search(r'<svg[^>]* viewBox="0 0 (\d+) (\d+)"[^>]*>\s*<path[^>]* d="([^"]+)"', sheet)
    assert drawing is not None, "whatever its size, all of it is drawn"
    dark, x, y = set(), 0.0, 0.0
    for way, first, second in re.findall(r"([Mmh])(-?[\d.]+)(?:[ ,]?(-?[\d.]+))?", drawing[3]):
        if way == "h":
            dark |= {(int(y), int(x) + each) for each in range(int(first))}
            x += int(first)
        else:
            x, y = (float(first), float(second)) if way == "M" else (x + float(first), y + float(second))
    margin = min(column for _, column in dark)
    assert margin == min(row for row, _ in dark) == int(drawing[1]) - 1 - max(column for _, column in dark) >= 4
    return {(row - margin, column - margin) for row, column in dark}


def test_the_code_of_an_extract_is_all_there_and_leads_back_to_what_it_says(client: httpx.Client) -> None:
    sheet = client.get(f"/places/{made(client)['id']}/extract").text
    printed = re.search(r"https?://\S+/extract\?issued=\S+?&amp;content=[0-9a-f]{12}", sheet)
    assert printed is not None
    matrix = segno.make(unescape(printed[0]), error="m", micro=False).matrix
    assert modules_of(sheet) == {
        (row, column) for row, line in enumerate(matrix) for column, on in enumerate(line) if on
    }


def test_a_place_that_is_gone_has_no_present_name_and_what_came_of_it_is_told(client: httpx.Client) -> None:
    gone = {"state": "abolished", "ended_on": "2005", "names": []}
    ring, river, quay = (
        made(client, name="环城路", **gone),
        made(client, name="江滨路", **gone),
        made(client, name="江岸路"),
    )
    client.headers["Accept-Language"] = "zh-CN"
    address = f"/places/{ring['id']}/extract"
    assert "未登记由何地名取代" in client.get(address).text
    for later, earlier in ((river, ring), (quay, river)):
        given = {"kind": "replaces", "other": earlier["id"], "evidence": "《金华市地名志》"}
        assert client.post(f"{PLACES}/{later['id']}/relations", json=given).status_code == 201
    text = re.sub(r"\s+", "", client.get(address).text)
    assert "无现标准名称：该地名已于2005年销名。" in text
    assert f'<dt>今为</dt><dd><ahref="/places/{quay["id"]}">江岸路</a></dd>' in text, "not what is gone by now too"
    assert "<dt>原标准名称</dt><dd><strong>环城路</strong>" in text
    assert "无现标准名称" not in client.get(f"/places/{quay['id']}/extract").text


def test_a_printed_extract_is_held_against_what_the_registry_says_now(client: httpx.Client) -> None:
    place = made(client)
    client.headers["Accept-Language"] = "zh-CN"
    sheet = client.get(f"/places/{place['id']}/extract").text
    printed = re.search(r"/places/\S+/extract\?issued=\S+?&amp;content=[0-9a-f]{12}", sheet)
    assert printed is not None
    code = unescape(printed[0])
    assert "的内容一致" in client.get(code).text
    assert "出具的内容被改动" in client.get(code[:-1] + ("0" if code[-1] != "0" else "1")).text
    client.post(f"{PLACES}/{place['id']}/names", json={"name": "老街", "kind": "alias", "why": "走访"})
    changed = client.get(code).text
    assert "出具的内容被改动" in changed
    assert "老街" in changed
    assert "出具的内容" not in client.get(f"/places/{place['id']}/extract").text
    assert client.get(f"/places/{place['id']}/extract", params={"issued": "soon"}).status_code == 400


@pytest.mark.parametrize("address", ["/places/x", "/places/0f8fad5b-d9cb-469f-a165-70867728950e", "/places/x/extract"])
def test_a_place_that_is_not_there_is_said_on_a_page(client: httpx.Client, address: str) -> None:
    client.headers["Accept-Language"] = "zh-CN"
    answer = client.get(address)
    assert answer.status_code in {400, 404}
    assert "首页" in answer.text


@pytest.fixture
def page(client: httpx.Client, database: Database, settings: Settings) -> str:
    """The page of a place in 330702, where one person keeps place names and another one looks."""
    passwords = passwords_for(settings)
    with database.write(actor="test") as session:
        make_division(session, "330702000000", name="婺城区", box=(119, 29, 120, 30))
    place = made(client)["id"]
    with database.write(actor="test") as session:
        for login, role in (("mine", Role.REGISTRAR), ("looks", Role.VIEWER)):
            make_account(session, login, Grant(role, "330702"), password=PASSWORD, passwords=passwords)
    client.headers.update({"Accept": "text/html", "Accept-Language": "zh-CN"})
    return f"/places/{place}"


def test_who_keeps_place_names_corrects_a_spelling_beside_what_the_rules_propose(
    client: httpx.Client, page: str
) -> None:
    sign_in(client, "mine")
    shown = client.get(page).text
    assert "规则提出：Zhōngshān Lù。" in shown
    name = re.search(r"/names/([0-9a-f-]{36})/correct", shown)
    assert name is not None
    seen = re.search(r'name="seen" value="([^"]+)"', shown[name.start() :])
    assert seen is not None
    form = {
        "csrf": form_token(client, page),
        "seen": seen[1],
        "romanized": "Zhongshan road",
        "valid_from": "1946",
        "meaning": "纪念孙中山",
        "why": "核定",
    }
    refused = client.post(f"{page}/names/{name[1]}/correct", data=form)
    assert (refused.status_code, 'data-refused="spelling-invalid"' in refused.text) == (422, True)
    assert all(each in refused.text for each in ("Zhongshan road", "纪念孙中山", 'value="核定"')), (
        "nothing typed is lost"
    )
    done = client.post(f"{page}/names/{name[1]}/correct", data=form | {"romanized": "Zhòngshān Lù"})
    assert (done.status_code, done.headers["Location"]) == (303, page)
    after = client.get(page).text
    assert all(each in after for each in ("Zhòngshān Lù", "纪念孙中山", "拼写：登记人员"))
    late = client.post(f"{page}/names/{name[1]}/correct", data=form | {"romanized": "Zhōngshān Lù"})
    assert (late.status_code, 'data-refused="record-changed"' in late.text) == (412, True)


def test_a_name_is_added_taken_back_and_had_again_on_the_page(client: httpx.Client, page: str) -> None:
    sign_in(client, "mine")
    csrf = form_token(client, page)
    form = {"csrf": csrf, "name": "老街", "kind": "former", "valid_to": "1946"}
    refused = client.post(f"{page}/names", data=form)
    assert (refused.status_code, "why" in refused.text, 'value="老街"' in refused.text) == (422, True, True)
    assert client.post(f"{page}/names", data=form | {"why": "志书"}).headers["Location"] == page
    for summary, names in (("撤回“老街”", 1), ("恢复“老街”", 0), ("撤回“老街”", 1)):
        shown = client.get(page).text
        assert shown.count('<span class="called">老街</span>') == names
        at = shown.index(summary)
        action = re.search(r'action="([^"]+)"', shown[at:])
        hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', shown[at : shown.index("</form>", at)]))
        assert action is not None
        assert client.post(action[1], data=hidden | {"why": "x"}).status_code == 303


def test_a_name_is_not_told_twice_of_one_time_nor_as_one_of_a_past_to_come(client: httpx.Client) -> None:
    names = f"{PLACES}/{made(client)['id']}/names"
    told = {"name": "老街", "kind": "former", "valid_from": "1966", "valid_to": "1981", "why": "志书"}
    assert client.post(names, json=told).status_code == 201
    for again in (told, told | {"valid_from": "1970"}, {"name": "中山路", "kind": "former", "why": "x"}):
        assert code(client.post(names, json=again)) == (422, "place-unsound")
    assert client.post(names, json=told | {"valid_from": "1990", "valid_to": "1995"}).status_code == 201
    assert client.post(names, json=told | {"kind": "alias"}).status_code == 201
    later = told | {"name": "前街", "valid_from": "2090", "valid_to": None}
    assert code(client.post(names, json=later)) == (422, "place-unsound")


def test_an_extent_is_taken_back_and_had_again_on_the_page(client: httpx.Client, page: str) -> None:
    sign_in(client, "mine")
    address = f"/api/v1{page}"
    (first,) = client.get(address).json()["extents"]
    for summary, said, held in (("撤回范围", "已撤回该范围", 0), ("恢复范围", "已恢复该范围", 1)):
        shown = client.get(page).text
        at = shown.index(f"{summary}（")
        action = re.search(r'action="([^"]+)"', shown[at:])
        assert action is not None
        assert first["id"] in action[1]
        hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', shown[at : shown.index("</form>", at)]))
        reasonless = client.post(action[1], data=hidden | {"why": " "})
        assert (reasonless.status_code, 'data-refused="place-unsound"' in reasonless.text) == (422, True)
        done = client.post(action[1], data=hidden | {"why": "画错了"}, follow_redirects=True)
        assert said in done.text
        assert len(client.get(address).json()["extents"]) == held
    again = f"{page}/extents/{first['id']}/withdraw"
    gone = client.post(again, data={"csrf": form_token(client, page), "again": "1", "why": "x"})
    assert gone.status_code == 404, "what isn't withdrawn isn't had again"


def test_a_name_to_come_is_announced_and_found_as_such(client: httpx.Client, database: Database) -> None:
    place = made(client, names=[])
    with database.write(actor="test") as session:
        service.take_effect(session, UUID(place["id"]), "共和路", date(2099, 5, 1), actor=operator())
        service.abolish(session, UUID(made(client, name="旧巷", names=[])["id"]), date(2099, 6, 1), actor=operator())
    client.headers.update({"Accept": "text/html", "Accept-Language": "zh-CN"})
    page = client.get(f"/places/{place['id']}").text
    assert '<h1 class="headword">中山路</h1>' in page
    assert "自2099年5月1日起更名为“共和路”。" in page
    row = page[page.index('<tr class="coming">') :]
    assert row.index("共和路") < row.index("尚未启用") < row.index("</tr>")
    assert "自2099年5月1日起更名为“共和路”。" in client.get(f"/places/{place['id']}/extract").text
    assert client.get(f"{PLACES}/{place['id']}").json()["name"] == "中山路"
    (hit,) = client.get("/api/v1/search", params={"q": "共和路"}).json()["hits"]
    assert (hit["name"], hit["matched"], hit["former"], hit["begins_on"]) == ("中山路", "共和路", False, "2099-05-01")
    found = re.sub(r"\s+", " ", client.get("/", params={"q": "共和路"}).text)
    assert "<strong>2099年5月1日起使用</strong> · 今为中山路" in found
    old = client.get("/", params={"q": "旧巷"}).text
    assert "自2099年6月1日起销名。" in client.get(re.findall(r"/places/[0-9a-f-]{36}", old)[0]).text


def test_a_former_division_is_told_as_one_of_the_past(client: httpx.Client, session: WriteSession) -> None:
    make_division(session, "330702000000", name="婺城区", box=(119, 29, 120, 30))
    session.commit()
    division = {"class": "division", "detail": {}, "names": [], "state": "abolished", "ended_on": "1983"}
    commune = made(client, name="上溪人民公社", **division)
    latin = {"name": "Chin-hua", "kind": "romanized", "language": "en", "valid_from": None}
    village = made(client, **division | {"class": "village", "name": "潜溪村", "state": "in-use", "ended_on": None})
    fu = made(client, name="金华府", **division | {"names": [latin]})
    given = {"kind": "part-of", "other": commune["id"], "since": "1958", "evidence": "县志"}
    assert client.post(f"{PLACES}/{village['id']}/relations", json=given).status_code == 201
    client.headers["Accept-Language"] = "zh-CN"
    text = re.sub(r"\s+", " ", client.get(f"/places/{fu['id']}").text)
    assert 'aria-label="其址今在"' in text
    assert "沿用（未审定）" not in text
    assert text.count('<tr class="former">') == 2, "its Latin name too"
    now = client.get(f"/places/{village['id']}").text
    assert ("曾属于" in now, 'aria-label="所在区划"' in now) == (True, True)
    assert "曾包含" in client.get(f"/places/{commune['id']}").text


def test_a_day_on_the_page_is_told_as_the_api_tells_it(client: httpx.Client) -> None:
    place = made(client, begun_on="1930", ended_on="2005", state="abolished", names=[])
    client.headers["Accept-Language"] = "zh-CN"

    def said(on: str) -> str:
        text = client.get(f"/places/{place['id']}", params={"on": on}).text
        found = re.search(r'class="notice" role="status">([^<]*)<', text)
        assert found is not None
        return found[1]

    assert said("1700-01-01") == "1700年1月1日：当时还没有该地名，它始于1930年。"
    assert said("1935-01-01") == "1935年1月1日：没有登记当时的标准名称。"
    assert said("1950-01-01") == "1950年1月1日：中山路"
    assert said("2010-01-01") == "2010年1月1日：该地名当时已不存在，它止于2005年。"
    assert said("2999-01-01") == "2999年1月1日尚未到来：登记内容只到今天。"


def test_usual_details_are_said_in_english_and_only_a_decision_has_its_mark(
    client: httpx.Client, session: WriteSession
) -> None:
    place = made(client, detail={"surface": "沥青", "direction": "东西走向", "grade": "支路", "begins_at": "老码头"})
    text = client.get(f"/places/{place['id']}").text
    assert all(f"<dd>{each}</dd>" in text for each in ("asphalt", "east–west", "local street", "老码头"))
    names = text[text.index('id="names"') : text.index('id="known"')]
    assert "badge good" not in names
    session.execute(update(PlaceName).values(status="approved"))
    names = client.get(f"/places/{place['id']}").text
    assert "badge good" in names[names.index('id="names"') : names.index('id="known"')]


def test_the_history_on_the_page_tells_of_names_and_extents_too(client: httpx.Client) -> None:
    place = made(client, names=[])
    address = f"{PLACES}/{place['id']}"
    added = client.post(f"{address}/names", json={"name": "错街", "kind": "alias", "why": "走访"}).json()["id"]
    names, seen = f"{address}/names", {"If-Match": "*"}
    client.patch(f"{names}/{added}", json={"withdrawn": True, "why": "录入有误"}, headers=seen)
    change = {"romanized": "Zhòngshān Lù", "valid_from": "1950", "why": "核定"}
    client.patch(f"{names}/{place['names'][0]['id']}", json=change, headers=seen)
    client.post(f"{address}/extents", json={"geometry": LINE, "valid_from": "2016", "why": "测绘"})
    client.headers["Accept-Language"] = "zh-CN"
    text = client.get(f"/places/{place['id']}").text
    history = re.sub(r"<[^>]+>|\s+", " ", text[text.index('class="revisions"') : text.index('id="cite"')])
    history = re.sub(r" +", " ", history)
    told = (
        "测绘",
        "登记范围（2016年 至 今）",
        "核定",
        "标准名称“中山路” 拼写： Zhōngshān Lù → Zhòngshān Lù",
        "1946 → 1950",
    )
    assert all(each in history for each in told), history
    assert all(
        each in history for each in ("录入有误", "撤回别名“错街”", "走访", "登记别名“错街”", "存量", "local-operator")
    )
    assert "版本" not in history, "a shape's digest says nothing where its period is told"


def test_who_does_not_keep_place_names_has_no_forms_and_is_refused(client: httpx.Client, page: str) -> None:
    assert '<form method="post" action="/places/' not in client.get(page).text
    sign_in(client, "looks")
    assert "更正和补充" not in client.get(page).text
    form = {"csrf": form_token(client, "/names"), "name": "老街", "why": "x"}
    assert client.post(f"{page}/names", data=form).status_code == 403


def test_it_is_found_by_a_former_name_which_is_shown_as_former(client: httpx.Client) -> None:
    place = made(client)
    hit = client.get("/api/v1/search", params={"q": "府前街"}).json()["hits"][0]
    assert (hit["id"], hit["type"], hit["name"], hit["matched"]) == (place["id"], "place", "中山路", "府前街")
    assert (hit["former"], hit["name_kind"]) == (True, "former")
    client.headers["Accept-Language"] = "zh-CN"
    text = client.get("/", params={"q": "府前街"}).text
    assert f"/places/{place['id']}" in text
    assert "曾用名" in text
    assert "→ 中山路" in text
