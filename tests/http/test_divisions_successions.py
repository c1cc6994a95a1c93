"""What became of divisions, over HTTP: both directions, recorded once, withdrawn on the version that was seen; and the page."""

import re
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from geo_registry.db.session import WriteSession
from geo_registry.model import Division
from geo_registry.search import keeping
from geo_registry.vocabulary import DivisionLevel
from tests.factories import make_division

SUCCESSIONS = "/api/v1/successions"
QIANXI, YANHUA, YANKOU = "330782104279", "330782104261", "330782104200"
NEW = {
    "before": {"code": YANHUA, "vintage": 2018},
    "after": {"code": QIANXI, "vintage": 2021},
    "change": "merged",
    "happened_on": "2019-05-01",
    "evidence": "义政发〔2019〕1 号",
    "certainty": "probable",
}


@pytest.fixture(autouse=True)
def _town(session: WriteSession) -> None:
    keeping.install()
    for vintage in (2018, 2021):
        town = make_division(
            session,
            "330782104000",
            level=DivisionLevel.TOWNSHIP,
            name="上溪镇",
            vintage=vintage,
            box=(119.8, 29.2, 119.9, 29.3),
        )
        make_division(session, YANKOU, level=DivisionLevel.VILLAGE, name="岩口村委会", vintage=vintage, parent=town)
    make_division(session, YANHUA, level=DivisionLevel.VILLAGE, name="沿华村委会", vintage=2018)
    make_division(
        session,
        QIANXI,
        level=DivisionLevel.VILLAGE,
        name="潜溪村村民委员会",
        vintage=2021,
        box=(119.8, 29.2, 119.85, 29.25),
    )
    session.commit()


def record(client: httpx.Client, **over: object) -> httpx.Response:
    return client.post(SUCCESSIONS, json=NEW | over)


def lineage(client: httpx.Client, code: str, vintage: int) -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"/api/v1/divisions/{code}/successions", params={"vintage": vintage}).json()
    return found


def test_it_is_told_from_either_side(client: httpx.Client) -> None:
    made = record(client)
    assert made.status_code == 201
    assert made.json() == client.get(made.headers["Location"]).json()
    told = lineage(client, YANHUA, 2018)
    step = {name: value for name, value in made.json().items() if name != "withdrawn"}
    assert (told["fate"], told["became"], told["came_from"]) == ("supposed", [step], [])
    assert told["present"] == [
        {
            "code": QIANXI,
            "name": "潜溪村村民委员会",
            "level": "village",
            "vintage": 2021,
            "is_present": True,
            "change": "merged",
            "certainty": "probable",
            "chain": [step["id"]],
        }
    ]
    other = lineage(client, QIANXI, 2021)
    assert (other["fate"], other["became"], other["came_from"], other["present"]) == ("present", [], [step], [])


def test_it_is_recorded_once_however_often_it_is_sent(client: httpx.Client) -> None:
    sent = [client.post(SUCCESSIONS, json=NEW, headers={"Idempotency-Key": "one"}) for _ in range(2)]
    assert [each.status_code for each in sent] == [201, 201]
    assert sent[0].json() == sent[1].json()
    assert record(client).json()["code"] == "succession-recorded"


@pytest.mark.parametrize(
    ("over", "status", "code"),
    [
        ({"evidence": " "}, 422, "body-malformed"),
        ({"certainty": "sure"}, 422, "body-malformed"),
        ({"guess": 1}, 422, "body-malformed"),
        ({"change": "same"}, 422, "succession-unsound"),
        ({"after": {"code": QIANXI, "vintage": 2020}}, 404, "division-unknown"),
    ],
)
def test_what_cant_be_is_refused(client: httpx.Client, over: dict[str, object], status: int, code: str) -> None:
    answer = record(client, **over)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_it_is_withdrawn_with_a_reason_on_the_version_that_was_seen(client: httpx.Client) -> None:
    made = record(client)
    address = f"{made.headers['Location']}/withdraw"
    assert client.post(address, json={"why": "误登"}).json()["code"] == "version-needed"
    seen = {"If-Match": made.headers["ETag"]}
    assert client.post(address, json={"why": ""}, headers=seen).json()["code"] == "body-malformed"
    taken = client.post(address, json={"why": "误登"}, headers=seen)
    assert (taken.status_code, taken.json()["withdrawn"]) == (200, True)
    assert client.post(address, json={"why": "误登"}, headers=seen).json()["code"] == "record-changed"
    assert (lineage(client, YANHUA, 2018)["became"], lineage(client, QIANXI, 2021)["came_from"]) == ([], [])


def test_its_revisions_and_its_past_are_kept(client: httpx.Client) -> None:
    made = record(client)
    address = made.headers["Location"]
    assert client.get(address, params={"datetime": "2020-01-01T00:00:00Z"}).json()["code"] == "not-recorded-then"
    client.post(f"{address}/withdraw", json={"why": "误登"}, headers={"If-Match": made.headers["ETag"]})
    newest, first = client.get(f"{address}/revisions").json()["items"]
    assert (first["number"], newest["number"], newest["why"]) == (1, 2, "误登")
    assert newest["changes"] == [{"field": "withdrawn", "before": False, "after": True}]
    then = client.get(address, params={"datetime": "2100-01-01T00:00:00Z"})
    assert then.json()["withdrawn"] is True


def test_the_audit_says_by_which_verb(client: httpx.Client) -> None:
    record(client)
    found = client.get("/api/v1/audit", params={"table": "division_succession"}).json()["items"]
    assert [each["verb"] for each in found] == ["divisions.record_succession"]


def test_search_says_what_a_former_village_became(client: httpx.Client) -> None:
    record(client)
    (hit,) = client.get("/api/v1/search", params={"q": "沿华"}).json()["hits"]
    assert (hit["former"], hit["vintage"], hit["code"]) == (True, 2018, YANHUA)
    assert [(each["name"], each["change"]) for each in hit["became"]] == [("潜溪村村民委员会", "merged")]
    page = client.get("/", params={"q": "沿华"}, headers={"Accept-Language": "zh"}).text
    assert f'href="/divisions/{YANHUA}?vintage=2018"' in page
    assert "<strong>曾用名</strong>" in page
    assert " · 并入 潜溪村村民委员会 · 很可能" in page


def test_the_facts_of_a_former_division_say_what_it_became(client: httpx.Client) -> None:
    record(client)
    chinese = {"Accept-Language": "zh"}
    page = client.get("/", params={"division": YANHUA}, headers=chinese).text
    assert "曾用 · 去向为推定 · 并入" in page
    assert f'<a href="/?division={QIANXI}"' in page
    assert "曾用" not in client.get("/", params={"division": QIANXI}, headers=chinese).text.partition("<aside")[2]


# The page.


def page_of(client: httpx.Client, code: str, vintage: int, locale: str = "zh-CN") -> str:
    answer = client.get(f"/divisions/{code}", params={"vintage": vintage}, headers={"Accept-Language": locale})
    assert answer.status_code == 200
    return answer.text


def send(client: httpx.Client, address: str, shown: str, **fields: str) -> httpx.Response:
    token = re.search(r'name="csrf" value="([^"]+)"', shown)
    assert token is not None
    return client.post(address, data={"csrf": token[1], **fields})


FORM = {
    "direction": "became",
    "other_code": QIANXI,
    "other_vintage": "2021",
    "change": "merged",
    "certainty": "probable",
    "happened_on": "",
    "evidence": "据村民口述",
}


def test_a_page_tells_both_directions_with_evidence_and_certainty(client: httpx.Client) -> None:
    record(client)
    before, after = page_of(client, YANHUA, 2018), page_of(client, QIANXI, 2021)
    for said in ("去向为推定", "并入", "很可能", "义政发〔2019〕1 号", f"/divisions/{QIANXI}?vintage=2021"):
        assert said in before
    assert f'<p><a href="/divisions/{YANHUA}?vintage=2018">沿华村委会</a>' in after
    for said in ("现行区划", "并入", "义政发〔2019〕1 号", f"/divisions/{YANHUA}?vintage=2018"):
        assert said in after
    assert "was merged into" in page_of(client, YANHUA, 2018, "en")


def test_a_page_says_that_nothing_is_recorded_rather_than_guess(client: httpx.Client) -> None:
    assert "没有登记它后来的去向。系统不作猜测。" in page_of(client, YANHUA, 2018)


def test_a_registrar_records_and_withdraws_by_the_page(client: httpx.Client) -> None:
    address = f"/divisions/{YANHUA}/successions?vintage=2018"
    done = send(client, address, page_of(client, YANHUA, 2018), **FORM)
    assert (done.status_code, done.headers["Location"]) == (303, f"/divisions/{YANHUA}?vintage=2018")
    (step,) = lineage(client, YANHUA, 2018)["became"]
    assert step["evidence"] == "据村民口述"
    shown = page_of(client, QIANXI, 2021)
    withdraw = f"/divisions/{QIANXI}/successions/{step['id']}/withdraw?vintage=2021"
    assert withdraw in shown
    assert send(client, withdraw, shown, why="误登", seen="another").status_code == 412
    seen = re.search(r'name="seen" value="([^"]+)"', shown)
    assert seen is not None
    assert send(client, withdraw, shown, why="误登", seen=seen[1]).status_code == 303
    assert lineage(client, YANHUA, 2018)["became"] == []


def test_it_may_be_recorded_from_the_later_side_too(client: httpx.Client) -> None:
    address = f"/divisions/{QIANXI}/successions?vintage=2021"
    form = FORM | {"direction": "came-from", "other_code": YANHUA, "other_vintage": "2018"}
    assert send(client, address, page_of(client, QIANXI, 2021), **form).status_code == 303
    assert len(lineage(client, YANHUA, 2018)["became"]) == 1


@pytest.mark.parametrize(
    "wrong", [{"evidence": ""}, {"other_vintage": "x"}, {"happened_on": "昨天"}, {"change": "same"}]
)
def test_a_form_that_is_refused_keeps_what_was_typed(client: httpx.Client, wrong: dict[str, str]) -> None:
    address = f"/divisions/{YANHUA}/successions?vintage=2018"
    answer = send(client, address, page_of(client, YANHUA, 2018), **(FORM | wrong))
    assert answer.status_code == 422
    assert f'value="{QIANXI}"' in answer.text
    assert lineage(client, YANHUA, 2018)["became"] == []


def test_a_form_of_elsewhere_changes_nothing(client: httpx.Client, session: WriteSession) -> None:
    answer = client.post(f"/divisions/{YANHUA}/successions?vintage=2018", data=FORM)
    assert answer.status_code == 403
    assert lineage(client, YANHUA, 2018)["became"] == []
    assert session.scalar(select(Division.name).where(Division.code == YANHUA)) == "沿华村委会"


def test_a_division_that_isnt_registered_is_refused(client: httpx.Client) -> None:
    for address in (f"/divisions/{YANHUA}?vintage=2021", f"/api/v1/divisions/{YANHUA}/successions?vintage=2021"):
        assert client.get(address).status_code == 404
    assert client.get("/divisions/x").status_code == 400


def test_a_step_further_away_says_between_which_two_it_was(client: httpx.Client, session: WriteSession) -> None:
    make_division(session, QIANXI, level=DivisionLevel.VILLAGE, name="新潜溪村村民委员会", vintage=2023)
    session.commit()
    record(client)
    renamed = {"before": {"code": QIANXI, "vintage": 2021}, "after": {"code": QIANXI, "vintage": 2023}}
    assert record(client, **renamed, change="renamed", happened_on=None).status_code == 201
    shown = page_of(client, QIANXI, 2023)
    assert "沿华村委会</a>" in shown
    assert '<span class="muted">→ 潜溪村村民委员会</span>' in shown
    assert '<span class="muted">潜溪村村民委员会 →</span>' in page_of(client, YANHUA, 2018)
    # Only what is said of it is taken back on its page.
    assert shown.count("/withdraw?") == 1
