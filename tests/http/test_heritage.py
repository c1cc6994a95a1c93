"""Heritage names over HTTP: written once and by whoever has seen them, pictures served as what they are; and their pages."""

import base64
import csv
import io
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select

from geo_registry.accounts.actors import Grant
from geo_registry.accounts.passwords import passwords_for
from geo_registry.db.session import Database
from geo_registry.model import Division
from geo_registry.settings import Settings
from geo_registry.vocabulary import Role
from tests.factories import TOWN, make_account, make_place, make_two_towns
from tests.http.test_accounts import PASSWORD, form_token, sign_in
from tests.unit.test_heritage import chunk, png

HERITAGE = "/api/v1/heritage"
NEW: dict[str, Any] = {
    "name": "旧市巷",
    "lon": 119.61,
    "lat": 29.06,
    "kind": "old-street",
    "level": "city",
    "list_name": "第一批",
    "named": "明",
    "claims": {"value": True},
    "evidence": [{"what": "旧城图", "dated": "民国", "supports": ["value"]}],
}
DOCUMENT = {
    "listed_on": "2022-11-18",
    "document_number": "金民〔2022〕20号",
    "body": "金华市民政局",
    "taken_over": True,
}
PICTURE = {"caption": "巷口", "author": "王某", "licence": "CC BY 4.0"}
ANY = {"If-Match": "*"}


@pytest.fixture
def towns(database: Database) -> Database:
    """Two towns, and nobody who has an account: whoever asks is at the machine."""
    with database.write(actor="test") as session:
        make_two_towns(session)
    return database


@pytest.fixture
def place(towns: Database) -> UUID:
    with towns.write(actor="test") as session:
        town = session.scalars(select(Division).where(Division.code == TOWN)).one()
        return make_place(session, place_class="street", standard_name="酒坊巷", division_id=town.id).id


@pytest.fixture
def registry(towns: Database, settings: Settings) -> Database:
    """The same, with people."""
    passwords = passwords_for(settings)
    with towns.write(actor="test") as session:
        for login, grant in (
            ("mine", Grant(Role.REGISTRAR, "330702")),
            ("signs", Grant(Role.SIGNER, "330702")),
            ("looks", Grant(Role.VIEWER, "330702")),
        ):
            make_account(session, login, grant, password=PASSWORD, passwords=passwords)
    return towns


def made(client: httpx.Client, **over: Any) -> httpx.Response:
    answer = client.post(HERITAGE, json=NEW | over)
    assert answer.status_code == 201, answer.text
    return answer


def listed(client: httpx.Client, **over: Any) -> str:
    address = str(made(client, **over).headers["Location"])
    client.post(f"{address}/list", json=DOCUMENT, headers=ANY).raise_for_status()
    return address


def test_a_name_is_proposed_once_listed_and_taken_off(client: httpx.Client, towns: Database) -> None:
    first, again = (client.post(HERITAGE, json=NEW, headers={"Idempotency-Key": "once"}) for _ in range(2))
    assert (first.status_code, again.headers["Idempotent-Replayed"]) == (201, "true")
    assert first.json() == again.json()
    address = first.headers["Location"]
    assert client.get(HERITAGE).json()["items"] == []
    assert [each["name"] for each in client.get(HERITAGE, params={"status": "proposed"}).json()["items"]] == ["旧市巷"]
    assert client.post(f"{address}/list", json=DOCUMENT).status_code == 428
    done = client.post(f"{address}/list", json=DOCUMENT, headers={"If-Match": first.headers["ETag"]})
    assert (done.status_code, done.json()["status"], done.json()["romanized"]) == (200, "listed", "Jiùshì Xiàng")
    assert (
        client.patch(address, json={"named": "宋", "why": "x"}, headers={"If-Match": first.headers["ETag"]}).status_code
        == 412
    )
    assert client.get(address).headers["ETag"] == done.headers["ETag"]
    off = {"delisted_on": "2024-01-01", "document_number": "1", "why": "重复"}
    gone = client.post(f"{address}/delist", json=off, headers=ANY).json()
    assert (gone["status"], gone["delisted_why"]) == ("delisted", "重复")
    assert [each["name"] for each in client.get(HERITAGE, params={"datetime": "2023-01-01"}).json()["items"]] == [
        "旧市巷"
    ]
    assert client.get(HERITAGE, params={"datetime": "2021-01-01"}).json()["items"] == []
    assert client.get(address, params={"datetime": "2021-01-01"}).status_code == 404
    assert [each["number"] for each in client.get(f"{address}/revisions").json()["items"]] == [3, 2, 1]


def test_criteria_say_what_is_met_and_by_what_evidence_the_rest_could_be(client: httpx.Client, towns: Database) -> None:
    address = made(client, kind="ancient-village", founded="唐").headers["Location"]
    criteria = {each["key"]: each for each in client.get(address).json()["criteria"]}
    assert {key: each["state"] for key, each in criteria.items()} == {
        "founded": "untold",
        "named": "not-met",
        "form": "untold",
        "value": "met",
    }
    assert criteria["founded"]["needs_en"].startswith("a genealogy")
    assert (criteria["founded"]["verified"], criteria["value"]["verified"]) == (False, True)
    body = {"what": "宗谱", "supports": ["founded"]}
    again = client.post(f"{address}/evidence", json=body).raise_for_status().json()
    assert next(each["state"] for each in again["criteria"] if each["key"] == "founded") == "met"


def test_what_cannot_be_is_refused_with_what_to_do(client: httpx.Client, towns: Database) -> None:
    address = made(client).headers["Location"]
    for path, body, code in (
        (HERITAGE, {"name": "旧市巷"}, "body-malformed"),
        (HERITAGE, NEW | {"named": "很久以前"}, "body-malformed"),
        (HERITAGE, NEW | {"place": str(UUID(int=1))}, "body-malformed"),
        (f"{address}/pictures", PICTURE | {"content": "§"}, "body-malformed"),
        (f"{address}/pictures", PICTURE | {"content": base64.b64encode(b"<svg/>").decode()}, "picture-refused"),
        (
            f"{address}/measures",
            {"purpose": "renaming", "measure": "x", "decided_on": "2999-01-01"},
            "heritage-unsound",
        ),
        (f"{HERITAGE}/{UUID(int=1)}/stories", {"story": "x"}, "heritage-not-found"),
        (f"{address}/stories/{UUID(int=1)}/withdraw", {"why": "x"}, "heritage-part-not-found"),
        (f"{address}/delist", {"delisted_on": "2024-01-01", "document_number": "1", "why": "x"}, "heritage-stands"),
    ):
        refused = client.post(path, json=body, headers=ANY)
        assert (refused.status_code < 500, refused.json()["code"]) == (True, code), refused.text
        assert refused.json()["hint"]


def test_a_picture_is_served_as_what_it_is_and_nothing_else(client: httpx.Client, towns: Database) -> None:
    address = listed(client)
    content = base64.b64encode(png(chunk(b"tEXt", b"GPS<script>")) + b"<script>").decode()
    told = client.post(f"{address}/pictures", json=PICTURE | {"content": content}).raise_for_status().json()
    (picture,) = told["pictures"]
    assert (picture["media_type"], picture["width_px"], picture["height_px"]) == ("image/png", 3, 2)
    file = client.get(picture["address"])
    assert file.content == png()
    assert file.headers["Content-Type"] == "image/png"
    assert file.headers["X-Content-Type-Options"] == "nosniff"
    assert file.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert file.headers["Cache-Control"].startswith("public")
    assert file.headers["Content-Disposition"].endswith('.png"')
    withdrawn = client.post(f"{address}/pictures/{picture['id']}/withdraw", json={"why": "无授权"})
    assert withdrawn.raise_for_status().json()["pictures"] == []
    assert client.get(picture["address"]).status_code == 404


def test_a_picture_of_what_is_proposed_is_the_offices(client: httpx.Client, registry: Database) -> None:
    client.headers.update({"Accept": "text/html", "Accept-Language": "zh-CN"})
    sign_in(client, "mine")
    token = form_token(client, "/heritage")
    page = client.post("/heritage", data={"csrf": token, **{k: str(NEW[k]) for k in ("name", "kind", "level", "lon", "lat")}}, follow_redirects=True)  # fmt: skip
    sent = client.post(
        f"{page.url.path}/pictures",
        data={"csrf": token, **PICTURE},
        files={"file": ("a.png", png())},
        follow_redirects=True,
    )
    assert "已登记。" in sent.text
    address = sent.text.partition('<img src="')[2].partition('"')[0]
    assert client.get(address).headers["Cache-Control"] == "no-store"
    client.cookies.clear()
    assert client.get(address).status_code == 404
    assert client.get(page.url.path).status_code == 404
    assert "旧市巷" not in client.get("/heritage").text
    assert "旧市巷" not in client.get("/heritage?status=proposed").text


def test_the_pages_propose_list_and_take_off(client: httpx.Client, registry: Database, place: UUID) -> None:
    client.headers.update({"Accept": "text/html", "Accept-Language": "zh-CN"})
    assert "没有地名文化遗产" in client.get("/heritage").raise_for_status().text
    sign_in(client, "mine")
    form = {"csrf": form_token(client, "/heritage"), "name": "酒坊巷", "kind": "ancient-village", "level": "county"}
    refused = client.post("/heritage", data=form | {"named": "很久以前", "place": str(place)})
    assert 'data-refused="heritage-unsound"' in refused.text
    assert 'value="很久以前"' in refused.text
    page = client.post(
        "/heritage", data=form | {"place": f"http://x/places/{place}", "named": "1950"}, follow_redirects=True
    )
    assert "已申报。" in page.text, page.text
    path = page.url.path

    def send(verb: str, **fields: Any) -> str:
        now = client.get(path).text
        seen = now.partition('name="seen" value="')[2].partition('"')[0]
        return client.post(f"{path}/{verb}", data={**form, "seen": seen, **fields}, follow_redirects=True).text

    assert "条件未核实" in page.text
    assert "已登记。" in send("evidence", what="《县志》", supports=["value"])
    assert "已登记。" in send("stories", story="巷内有酒坊。<b>", title="酒")
    assert "&lt;b&gt;" in client.get(path).text
    changed = send("change", list_name="第一批", claims=["value:yes", "form:no"], why="核实")
    assert "已更正。" in changed
    assert "已确认不符合" in changed
    assert 'action="' + path + '/list"' not in changed
    client.cookies.clear()
    sign_in(client, "signs")
    form["csrf"] = form_token(client, "/heritage")
    assert "不符合以下条件" in send("list", **DOCUMENT)
    assert "已列入名录。" in send("list", **DOCUMENT, why="专家意见")
    assert "酒坊巷" in client.get("/heritage?level=county&kind=ancient-village&division=330702").text
    assert "没有符合条件的名称" in client.get("/heritage?level=nation").text
    assert f'href="{path}"' in client.get(f"/places/{place}").text
    assert "已列入地名保护名录（县级）" in client.get(f"/places/{place}").text
    assert "已移出名录。" in send("delist", delisted_on="2024-01-01", document_number="金民〔2024〕1号", why="重复")
    assert "已列入地名保护名录" not in client.get(f"/places/{place}").text


def test_who_only_looks_is_shown_no_form(client: httpx.Client, registry: Database) -> None:
    client.headers["Accept"] = "text/html"
    sign_in(client, "mine")
    form = {
        "csrf": form_token(client, "/heritage"),
        "name": "旧市巷",
        "division": TOWN,
        "kind": "other",
        "level": "city",
    }
    path = client.post("/heritage", data=form, follow_redirects=True).url.path
    client.cookies.clear()
    sign_in(client, "looks")
    for page in ("/heritage", path):
        text = client.get(page).raise_for_status().text
        assert 'method="post" action="/heritage' not in text


def test_the_list_is_a_table_and_points_too(client: httpx.Client, towns: Database) -> None:
    listed(client)
    listed(client, name="=1+1", lon=None, lat=None, division="330702", level="county")
    text = client.get("/heritage.csv?lang=zh-CN").raise_for_status().content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert [row[0] for row in rows] == ["名称", "旧市巷", "'=1+1"]
    assert [row[0] for row in csv.reader(io.StringIO(client.get("/heritage.csv?level=county&lang=en").text))][1:] == [
        "'=1+1"
    ]
    points = client.get("/heritage.geojson")
    assert points.headers["Content-Type"] == "application/geo+json"
    features = points.json()["features"]
    assert [each["geometry"] and each["geometry"]["coordinates"] for each in features] == [[119.61, 29.06], None]
    assert features[0]["properties"]["document_number"] == DOCUMENT["document_number"]
