"""Roads without a name over HTTP: listed, decided on with what was seen, carried and taken back; and their page."""

import io
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import openpyxl
import pytest

from geo_registry.accounts.actors import Grant
from geo_registry.accounts.passwords import passwords_for
from geo_registry.db.revisions import WHICHEVER
from geo_registry.db.session import Database
from geo_registry.jobs import queue
from geo_registry.settings import Settings
from geo_registry.unnamed import service, sheet
from geo_registry.unnamed.inputs import Batch, Decision
from geo_registry.unnamed.service import FIND_TASK
from geo_registry.vocabulary import JobState, Role
from tests.factories import make_account
from tests.http.test_accounts import PASSWORD, form_token, sign_in
from tests.integration.test_unnamed import NEXT_VILLAGE, OPERATOR, TOWN, VILLAGE, find, registry

API = "/api/v1/unnamed"

__all__ = ["registry"]


@pytest.fixture
def found(registry: Database, tmp_path: Path) -> Database:
    """A town whose lanes were looked for; whoever asks is at the machine."""
    find(registry, tmp_path)
    return registry


@pytest.fixture
def office(client: httpx.Client, found: Database, settings: Settings) -> httpx.Client:
    """The same, for a registrar of the county in a browser."""
    with found.write(actor="test") as session:
        grant = Grant(Role.REGISTRAR, "330702")
        make_account(session, "mine", grant, password=PASSWORD, passwords=passwords_for(settings))
    client.headers.update({"Accept": "text/html", "Accept-Language": "zh-CN"})
    sign_in(client, "mine")
    return client


def lanes(client: httpx.Client, **asked: Any) -> list[dict[str, Any]]:
    answer = client.get(f"{API}/lanes", params=asked).raise_for_status()
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def test_lanes_are_listed_with_words(client: httpx.Client, found: Database) -> None:
    there = lanes(client, division=VILLAGE)
    assert len(there) == 2
    (lane,) = [each for each in there if each["ends"]["at"] == "feature"]
    assert (lane["begins"]["text"], lane["ends"]["text"]) == ("人民路", "near 胡公庙")
    assert lane["course"] == {"shape": "straight", "headings": ["n"], "text": "north–south"}
    assert lane["geometry"]["type"] == "LineString"
    in_chinese = client.get(f"{API}/lanes/{lane['id']}", headers={"Accept-Language": "zh-CN"}).json()
    assert in_chinese["course"]["text"] == "南北走向"
    assert in_chinese["offers"][0]["name"].startswith("胡公庙")
    assert in_chinese["offers"][0]["forbidden"] is False


def test_a_decision_says_which_version_was_seen(client: httpx.Client, found: Database) -> None:
    lane = lanes(client, division=NEXT_VILLAGE)[0]
    address = f"{API}/lanes/{lane['id']}"
    told = {"decision": "propose", "name": "塘南路", "meaning": "在塘之南"}
    assert client.patch(address, json=told).status_code == 428
    tag = client.get(address).headers["ETag"]
    answer = client.patch(address, json=told, headers={"If-Match": tag})
    assert (answer.status_code, answer.json()["proposed_name"]) == (200, "塘南路")
    assert client.patch(address, json=told, headers={"If-Match": tag}).status_code == 412
    without = client.patch(address, json={"decision": "drop"}, headers={"If-Match": "*"})
    assert (without.status_code, without.json()["code"]) == (422, "body-malformed")
    assert lanes(client, status="proposed")[0]["id"] == lane["id"]
    assert client.get(f"{API}/lanes/0b6f1a62-6f0e-4c58-8a5c-0f1c5a3c8f11").json()["code"] == "lane-not-found"


def test_many_are_decided_on_and_what_cannot_be_is_told(client: httpx.Client, found: Database) -> None:
    first, second, third = lanes(client)
    drop = {"decision": "drop", "reason": "机耕路"}
    decisions = [
        {"lane": first["id"], "seen": first["version"], "decision": drop},
        {"lane": second["id"], "seen": "another", "decision": drop},
        {"lane": third["id"], "seen": third["version"], "decision": {"decision": "propose", "name": "塘南路"}},
    ]
    answer = client.post(f"{API}/decisions", json={"decisions": decisions}).raise_for_status().json()
    assert [each["status"] for each in answer["decided"]] == ["dropped", "proposed"]
    assert [(each["lane"], each["code"]) for each in answer["refused"]] == [(second["id"], "record-changed")]


def test_lanes_are_added_once_for_their_key(client: httpx.Client, found: Database) -> None:
    line = {"type": "LineString", "coordinates": [[119.645, 29.081], [119.647, 29.081]]}
    body = {"type": "FeatureCollection", "features": [{"type": "Feature", "geometry": line, "properties": None}]}
    first, again = (client.post(f"{API}/lanes", json=body, headers={"Idempotency-Key": "once"}) for _ in range(2))
    assert (first.status_code, again.headers["Idempotent-Replayed"]) == (201, "true")
    assert first.json()["items"][0]["division_code"] == VILLAGE
    point = {"type": "Point", "coordinates": [1, 2]}
    refused = client.post(f"{API}/lanes", json={"features": [{"geometry": point}]})
    assert (refused.status_code, refused.json()["code"]) == (422, "body-malformed")


def test_a_search_is_a_job(client: httpx.Client, found: Database) -> None:
    answer = client.post(f"{API}/searches", json={"division": TOWN})
    assert answer.status_code == 202
    with found.read() as session:
        job = queue.get_job(session, answer.json()["job"])
    assert (job.task, job.state) == (FIND_TASK, JobState.QUEUED)
    assert client.post(f"{API}/searches", json={"division": "339900"}).json()["code"] == "division-unknown"


def test_wishes_and_progress(client: httpx.Client, found: Database) -> None:
    made = client.post(f"{API}/wishes", json={"division": VILLAGE, "name": "古樟巷", "by_whom": "村民代表会议"})
    assert made.status_code == 201
    assert [each["name"] for each in client.get(f"{API}/wishes").json()["items"]] == ["古樟巷"]
    told = {each["code"]: each["lanes"] for each in client.get(f"{API}/progress").json()["items"]}
    assert told[TOWN] == {"found": 3}


@pytest.mark.parametrize(("kind", "beginning"), [("xlsx", b"PK"), ("pdf", b"%PDF"), ("geojson", b'{"type"')])
def test_the_field_has_its_files(client: httpx.Client, found: Database, kind: str, beginning: bytes) -> None:
    answer = client.get(f"{API}/table", params={"division": TOWN, "format": kind}).raise_for_status()
    assert answer.content.startswith(beginning)
    assert answer.headers["Content-Disposition"].endswith(f'.{kind}"')


def test_the_page_lists_opens_and_decides(office: httpx.Client) -> None:
    page = office.get("/names/unnamed").raise_for_status().text
    assert page.count('class="finding ') == 3
    assert "南北走向" in page
    lane = office.get(f"{API}/lanes", params={"division": NEXT_VILLAGE}).json()["items"][0]
    opened = office.get("/names/unnamed", params={"lane": lane["id"]}).text
    assert "建议名称" in opened or "附近没有可以取名的地物" in opened
    told = {
        "csrf": form_token(office, "/names/unnamed"),
        "lane": lane["id"],
        "seen": lane["version"],
        "decision": "propose",
        "name": "塘南路",
        "listed": "",
    }
    done = office.post("/names/unnamed/decide", data=told, follow_redirects=True)
    assert done.status_code == 200
    assert "塘南路" in done.text
    again = office.post("/names/unnamed/decide", data=told)
    assert 'data-refused="record-changed"' in again.text


def test_the_page_takes_a_table_back(office: httpx.Client) -> None:
    content = office.get("/names/unnamed/table", params={"division": TOWN}).raise_for_status().content
    book = openpyxl.load_workbook(io.BytesIO(content))
    page = book["王村村"]
    column = {cell.value: cell.column for cell in page[1]}
    page.cell(2, column[sheet.DECISION], sheet.PROPOSE)
    page.cell(2, column[sheet.NAME], "古樟巷")
    filled = io.BytesIO()
    book.save(filled)
    token = form_token(office, "/names/unnamed")
    answer = office.post(
        "/names/unnamed/table", data={"csrf": token, "division": ""}, files={"file": ("lanes.xlsx", filled.getvalue())}
    )
    assert "表中 1 条决定已采纳" in answer.text
    assert "古樟巷" in answer.text
    refused = office.post("/names/unnamed/table", data={"csrf": token}, files={"file": ("x.xlsx", b"no")})
    assert 'data-refused="lane-unsound"' in refused.text


def test_the_page_orders_a_search_and_shows_that_it_waits(office: httpx.Client) -> None:
    token = form_token(office, "/names/unnamed")
    answer = office.post("/names/unnamed", data={"csrf": token, "division": TOWN}, follow_redirects=True)
    assert "正在查找无名道路" in answer.text
    assert "data-waiting" in answer.text


def test_signs_of_what_is_filed_are_planned_and_shown(office: httpx.Client, found: Database) -> None:
    for lane in lanes(office, division=NEXT_VILLAGE):
        told = {"decision": "propose", "name": "塘南路", "other_names": ["机耕路"]}
        with found.write(actor=OPERATOR) as session:
            service.decide_lane(
                session, UUID(lane["id"]), Decision.model_validate(told), seen=WHICHEVER, actor=OPERATOR
            )
    assert office.get(f"{API}/signs").json() == {"type": "FeatureCollection", "features": []}
    with found.write(actor=OPERATOR) as session:
        batch = Batch(division=TOWN, title="关于命名塘南路的申请", plan="附后", reasons="乡村著名行动")
        case = service.file_lanes(session, batch, actor=OPERATOR)
    answer = office.get(f"{API}/signs", params={"division": NEXT_VILLAGE}, headers={"Accept": "application/json"})
    features = answer.json()["features"]
    assert [each["properties"]["at"] for each in features] == ["end", "end"]
    shown = features[0]["properties"]
    assert (shown["name"], shown["romanized"], shown["axis"]) == ("塘南路", "TANGNAN LU", "east-west")
    assert (shown["axis_text"], shown["bearing_deg"]) == ("东西向（蓝）", 90.0)
    assert features[0]["geometry"]["type"] == "Point"
    items = office.get(f"{API}/progress", headers={"Accept": "application/json"}).json()["items"]
    assert {each["code"]: each["signs"] for each in items} == {TOWN: 2, NEXT_VILLAGE: 2, VILLAGE: 0}
    page = office.get("/names/unnamed").text
    assert "列出的道路拟设标志 2 处" in page
    assert "TANGNAN LU" in page
    assert "机耕路" in office.get(f"/desk/cases/{case.case.id}/names/{case.lines[0].id}").text
