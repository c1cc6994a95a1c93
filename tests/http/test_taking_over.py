"""Earlier approvals over HTTP: taken over by the API and by the form, told on pages, and what came with a dataset."""

import httpx
import pytest

from geo_registry.cases import taking_over
from geo_registry.db.session import WriteSession
from geo_registry.model import Dataset
from tests.factories import make_division, make_place
from tests.http.test_accounts import form_token
from tests.http.test_places import PLACES, code, made

CASES = "/api/v1/cases"
CHINESE = {"Accept-Language": "zh-CN"}


@pytest.fixture(autouse=True)
def _county(session: WriteSession) -> None:
    make_division(session, "330702000000", name="婺城区", box=(119, 29, 120, 30))
    session.commit()


def earlier(place: str, **over: object) -> dict[str, object]:
    return {
        "kind": "naming",
        "title": "关于命名中山路的批复",
        "division": "330702",
        "names": [{"place": place}],
        **over,
    }


def test_earlier_approval_is_taken_over_and_told(client: httpx.Client) -> None:
    place = made(client)["id"]
    known = {"approver": "government", "approving_body": "金华市人民政府", "approved_on": "1984-05-04"}

    answer = client.post(f"{CASES}/taken-over", json=earlier(place, **known, approval_number="金政〔1984〕31号"))

    told = answer.json()
    assert answer.status_code == 201
    assert answer.headers["Location"].endswith(told["id"])
    assert (told["origin"], told["state"], told["open"], told["open_steps"], told["dues"]) == (
        "taken-over",
        "approved",
        False,
        [],
        [],
    )
    newest = client.get(f"{PLACES}/{place}/decisions").json()["items"][0]
    assert (newest["approval_number"], newest["approved_on"], newest["taken_over"]) == (
        "金政〔1984〕31号",
        "1984-05-04",
        False,
    )
    page = client.get(f"/places/{place}", headers=CHINESE).text
    assert "金华市人民政府 1984年5月4日批准" in page


def test_what_is_not_known_is_told_as_unknown(client: httpx.Client) -> None:
    place = made(client)["id"]

    told = client.post(f"{CASES}/taken-over", json=earlier(place)).json()

    assert (told["approved_on"], told["approval_number"], told["approver"]) == (None, "", None)
    assert "批准日期不详" in client.get(f"/places/{place}", headers=CHINESE).text
    assert "批准文号不详" in client.get(f"/desk/cases/{told['id']}", headers=CHINESE).text


def test_place_registered_over_http_has_a_case(client: httpx.Client) -> None:
    place = made(client)["id"]
    (case,) = client.get(CASES, params={"place": place}).json()["items"]
    assert (case["origin"], case["approved_on"]) == ("taken-over", None)


@pytest.mark.parametrize(
    "over", [{"approved_on": "2999-01-01"}, {"approved_on": "1984-05-04", "filed_on": "1980-01-01"}]
)
def test_days_that_cannot_be_are_refused(client: httpx.Client, over: dict[str, object]) -> None:
    answer = client.post(f"{CASES}/taken-over", json=earlier(made(client)["id"], **over))
    assert code(answer)[1] in {"case-date-ahead", "body-malformed"}


def test_filings_do_not_list_what_was_never_known_to_be_filed(client: httpx.Client) -> None:
    client.post(f"{CASES}/taken-over", json=earlier(made(client)["id"]))
    assert client.get("/api/v1/filings").json()["items"] == []


def test_form_of_a_place_enters_an_earlier_approval_and_says_what_is_wrong(client: httpx.Client) -> None:
    place = made(client)["id"]
    path = f"/desk/taken-over?place={place}"
    assert f"/desk/taken-over?place={place}" in client.get(f"/places/{place}").text
    form = {"csrf": form_token(client, path), "place": place, "kind": "naming", "division": "330702", "action": "name"}

    wrong = client.post("/desk/taken-over", data=form | {"title": "批复", "approved_on": "昨天"}, headers=CHINESE)
    entered = client.post(
        "/desk/taken-over",
        data=form | {"title": "关于命名中山路的批复", "name": "中山大路", "approved_on": "1984-05-04"},
        headers=CHINESE,
        follow_redirects=True,
    )

    assert wrong.status_code == 422
    assert 'id="earlier-approved_on-error"' in wrong.text
    assert "关于命名中山路的批复" in entered.text
    assert "中山大路" in entered.text
    assert "下一步" not in entered.text


def test_case_of_a_dataset_tells_how_many_places_there_are_and_where(
    client: httpx.Client, session: WriteSession
) -> None:
    dataset = Dataset(kind="places", key="地名卡")
    session.add(dataset)
    session.flush()
    for number in range(3):
        make_place(session, standard_name=f"地{number}村", dataset_id=dataset.id, source_id=str(number))
    case = taking_over.record_dataset(session, dataset.id)
    session.commit()

    told = client.get(f"{CASES}/{case}").json()
    page = client.get(f"/desk/cases/{case}", headers=CHINESE).text

    assert (told["taken_over"], told["lines"], told["dataset"]) == (3, [], str(dataset.id))
    assert f'href="/api/v1/places?dataset={dataset.id}"' in page
    assert "共 3 个" in page
    listed = client.get(PLACES, params={"dataset": str(dataset.id)}).json()["items"]
    assert [each["name"] for each in listed] == ["地0村", "地1村", "地2村"]
