"""Built-up areas over HTTP: read as of a day, written once and by whoever has seen them; and their pages."""

import json
from typing import Any

import httpx
import pytest
from shapely.geometry import box, mapping

from geo_registry.accounts.actors import Grant
from geo_registry.accounts.passwords import passwords_for
from geo_registry.built_up import service
from geo_registry.built_up.inputs import NewArea
from geo_registry.db.session import Database
from geo_registry.search import keeping
from geo_registry.settings import Settings
from geo_registry.vocabulary import Role
from tests.factories import NEXT_TOWN, TOWN, WEST, make_account, make_two_towns, operator
from tests.http.test_accounts import PASSWORD, form_token, sign_in

AREAS = "/api/v1/built-up-areas"
POLYGON = mapping(box(*WEST))
NEW: dict[str, Any] = {
    "name": "城区",
    "geometry": POLYGON,
    "division": "330702",
    "valid_from": "2005",
    "source": "总规",
}


@pytest.fixture
def towns(database: Database) -> Database:
    """Two towns, and nobody who has an account: whoever asks is at the machine."""
    keeping.install()
    with database.write(actor="test") as session:
        make_two_towns(session)
    return database


@pytest.fixture
def registry(towns: Database, settings: Settings) -> Database:
    """The same, with people."""
    passwords = passwords_for(settings)
    with towns.write(actor="test") as session:
        for login, grant in (
            ("mine", Grant(Role.REGISTRAR, "330702")),
            ("next", Grant(Role.REGISTRAR, "330703")),
            ("looks", Grant(Role.VIEWER, "330702")),
        ):
            make_account(session, login, grant, password=PASSWORD, passwords=passwords)
    return towns


@pytest.fixture
def browser(client: httpx.Client, registry: Database) -> httpx.Client:
    client.headers.update({"Accept": "text/html", "Accept-Language": "zh-CN"})
    sign_in(client, "mine")
    return client


def made(client: httpx.Client, **over: Any) -> httpx.Response:
    answer = client.post(AREAS, json=NEW | over)
    assert answer.status_code == 201, answer.text
    return answer


def test_an_area_is_registered_once_for_its_key(client: httpx.Client, towns: Database) -> None:
    first, again = (client.post(AREAS, json=NEW, headers={"Idempotency-Key": "once"}) for _ in range(2))
    assert (first.status_code, again.headers["Idempotent-Replayed"]) == (201, "true")
    assert first.json() == again.json()
    assert first.headers["Location"].endswith(first.json()["id"])
    assert len(client.get(AREAS).json()["items"]) == 1


def test_it_grows_and_is_read_as_of_a_day(client: httpx.Client, towns: Database) -> None:
    answer = made(client)
    address = answer.headers["Location"]
    change = {"since": "2015-06", "divisions": [TOWN, NEXT_TOWN], "why": "总规修编"}
    assert client.patch(address, json=change).status_code == 428
    grown = client.patch(address, json=change, headers={"If-Match": answer.headers["ETag"]})
    assert (grown.status_code, [each["code"] for each in grown.json()["divisions"]]) == (200, [TOWN, NEXT_TOWN])
    assert client.patch(address, json=change, headers={"If-Match": answer.headers["ETag"]}).status_code == 412
    then = client.get(address, params={"datetime": "2010-01-01"}).raise_for_status().json()
    assert (then["divisions"], then["valid_to"]["text"], then["in_force"]) == ([], "2015-06", False)
    assert client.get(address, params={"datetime": "2001-01-01"}).status_code == 404
    assert [each["source"] for each in client.get(AREAS, params={"datetime": "2010-01-01"}).json()["items"]] == ["总规"]
    assert client.get(AREAS, params={"datetime": "2001-01-01"}).json()["items"] == []
    ended = client.post(f"{address}/end", json={"on": "2020", "why": "并入"}, headers={"If-Match": "*"})
    assert ended.json()["in_force"] is False
    assert client.get(AREAS, params={"in_force": True}).json()["items"] == []
    restored = client.post(f"{address}/revisions/2/restore", json={"why": "误"}, headers={"If-Match": "*"})
    assert (restored.json()["in_force"], len(restored.json()["earlier"])) == (True, 1)
    revisions = client.get(f"{address}/revisions").json()["items"]
    assert [each["number"] for each in revisions] == [4, 3, 2, 1]


def test_what_cannot_be_is_refused_with_what_to_do(client: httpx.Client, towns: Database) -> None:
    for body, code in (
        ({"name": "城区"}, "body-malformed"),
        (NEW | {"divisions": [TOWN]}, "body-malformed"),
        ({"name": "城区", "divisions": ["330702999"]}, "built-up-area-unsound"),
        (NEW | {"valid_from": "2999"}, "built-up-area-unsound"),
        (NEW | {"division": "339900"}, "division-unknown"),
    ):
        refused = client.post(AREAS, json=body)
        assert refused.status_code in {400, 404, 422}
        assert refused.json()["code"] == code, refused.text
    reserved = client.patch(
        made(client).headers["Location"],
        json={"name": "x", "why": "import built-up-areas: a.csv"},
        headers={"If-Match": "*"},
    )
    assert (reserved.status_code, reserved.json()["code"]) == (422, "reason-reserved")


def test_the_page_lists_shows_and_takes_a_polygon(browser: httpx.Client) -> None:
    empty = browser.get("/built-up-areas").raise_for_status().text
    assert "没有建成区" in empty
    form = {"csrf": form_token(browser, "/built-up-areas"), "name": "城区", "division": "330702", "quality": "source"}
    broken = browser.post("/built-up-areas", data=form, files={"geometry": ("a.geojson", b"{", "application/json")})
    assert 'data-refused="built-up-area-unsound"' in broken.text
    assert 'value="城区"' in broken.text
    file = json.dumps({"type": "FeatureCollection", "features": [{"type": "Feature", "geometry": POLYGON}]})
    done = browser.post(
        "/built-up-areas", data=form, files={"geometry": ("a.geojson", file, "application/json")}, follow_redirects=True
    )
    assert "已登记，正在重新检查全部地名。" in done.text
    assert "城区" in browser.get("/built-up-areas").text
    assert "城区" in browser.get("/built-up-areas", params={"on": "2010-01-01"}).text
    assert browser.get("/built-up-areas", params={"on": "x"}).status_code == 400


def test_the_page_of_one_changes_ends_and_restores_it(browser: httpx.Client) -> None:
    form = {
        "csrf": form_token(browser, "/built-up-areas"),
        "name": "城区",
        "divisions": TOWN,
        "division": "330702",
        "valid_from": "2005",
        "quality": "source",
    }
    page = browser.post("/built-up-areas", data=form, follow_redirects=True)
    assert page.status_code == 200
    path = page.url.path

    def send(verb: str, **fields: str) -> httpx.Response:
        now = browser.get(path).text
        seen = now.partition('name="seen" value="')[2].partition('"')[0]
        return browser.post(f"{path}/{verb}", data={**form, "seen": seen, **fields}, follow_redirects=True)

    assert 'data-refused="built-up-area-unsound"' in send("change", why="").text
    grown = send("change", since="2015", divisions=f"{TOWN}\n{NEXT_TOWN}", why="修编")
    assert "已修改，正在重新检查全部地名。" in grown.text
    assert NEXT_TOWN in grown.text
    assert grown.text.count("<dt>") >= 3
    assert "2005年 至 2015年" in browser.get(path, params={"on": "2010-01-01"}).text
    assert "已撤销，正在重新检查全部地名。" in send("end", on="2020", why="并入").text
    assert "已撤销的建成区" in browser.get("/built-up-areas").text
    # An area that has ended has no form to change it; restoring carries the version that was seen.
    assert "已恢复，正在重新检查全部地名。" in send("restore", number="2", why="误").text


def test_who_only_looks_is_shown_no_form(client: httpx.Client, registry: Database) -> None:
    with registry.write(actor=operator()) as session:
        area = service.register_area(session, NewArea.model_validate(NEW), actor=operator()).area.id
    client.headers["Accept"] = "text/html"
    sign_in(client, "looks")
    assert 'action="/built-up-areas"' in client.get("/built-up-areas").text
    for path in ("/built-up-areas", f"/built-up-areas/{area}"):
        assert 'method="post" action="/built-up-areas' not in client.get(path).text
    client.cookies.clear()
    everybody = client.get("/built-up-areas").raise_for_status().text
    assert "城区" in everybody
    assert 'href="/names/review"' not in everybody
    sign_in(client, "next")
    assert 'method="post" action="/built-up-areas/' not in client.get(f"/built-up-areas/{area}").text
