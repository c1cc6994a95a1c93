"""Cases over HTTP: by three people from the application to the announcement; papers; what the public is told and says."""

import io
from typing import Any

import docx
import httpx
import openpyxl
import pypdf
import pytest
from sqlalchemy import select

from api.main import MAX_DOCUMENT_BYTES
from geo_registry.accounts.actors import Grant
from geo_registry.accounts.passwords import passwords_for
from geo_registry.db.session import Database
from geo_registry.model import Division
from geo_registry.places import service as places
from geo_registry.search import keeping
from geo_registry.settings import Settings
from geo_registry.vocabulary import Role, TokenScope
from tests.factories import make_account, make_place, make_two_towns, operator

CASES = "/api/v1/cases"
NAME: dict[str, Any] = {
    "name": "仙源湖路",
    "class": "street",
    "geometry": {"type": "LineString", "coordinates": [[119.61, 29.07], [119.63, 29.07]]},
    "detail": {"begins_at": "甲路", "ends_at": "乙路", "length_m": 1520, "width_m": 24, "surface": "沥青"},
    "meaning": "近仙源湖 <&=1+1>",
}
NEW: dict[str, Any] = {
    "kind": "naming",
    "title": "关于命名仙源湖路的申请",
    "division": "330702",
    "applicant": "某街道办事处",
    "plan": "拟命名仙源湖路",
    "reasons": "新建道路投入使用",
    "names": [NAME],
}
PEOPLE = {
    "applies": Grant(Role.TOWNSHIP, "330702"),
    "handles": Grant(Role.REGISTRAR, "330702"),
    "signs": Grant(Role.SIGNER, "330702"),
    "next": Grant(Role.REGISTRAR, "330703"),
    "looks": Grant(Role.VIEWER, "330702"),
}


@pytest.fixture
def tokens(database: Database, settings: Settings) -> dict[str, str]:
    """People with tokens for reading and editing."""
    keeping.install()
    passwords = passwords_for(settings)
    from geo_registry.accounts.service import issue_token  # noqa: PLC0415

    with database.write(actor="test") as session:
        make_two_towns(session)
        found = {}
        for login, grant in PEOPLE.items():
            make_account(session, login, grant, password="x" * 30, passwords=passwords)
            scopes = [TokenScope.READ, TokenScope.EDIT]
            found[login] = issue_token(session, login, name="x", scopes=scopes, days=1, actor=operator()).secret
    return found


class Office:
    """Who asks by tokens; each says with `*` that whatever version it is will do."""

    def __init__(self, client: httpx.Client, tokens: dict[str, str]) -> None:
        self.client, self.tokens = client, tokens

    def ask(self, who: str, method: str, path: str, **more: Any) -> httpx.Response:
        headers = {"If-Match": "*"} | more.pop("headers", {})
        if who:
            headers["Authorization"] = f"Bearer {self.tokens[who]}"
        return self.client.request(method, path, headers=headers, **more)

    def take(self, who: str, case: str, step: str, **body: Any) -> dict[str, Any]:
        answer = self.ask(who, "POST", f"{CASES}/{case}/{step}", json=body)
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told


@pytest.fixture
def office(client: httpx.Client, tokens: dict[str, str]) -> Office:
    return Office(client, tokens)


@pytest.fixture
def case(office: Office) -> str:
    made = office.ask("applies", "POST", CASES, json=NEW)
    assert made.status_code == 201, made.text
    assert made.headers["Location"].endswith(made.json()["id"])
    return str(made.json()["id"])


def approved(office: Office, case: str) -> dict[str, Any]:
    office.take("applies", case, "submit")
    office.take("handles", case, "check")
    for each in office.ask("handles", "GET", f"{CASES}/{case}/findings").json()["items"]:
        if each["finding"]["severity"] != "note":
            other = (each["finding"]["collides_with"] or {}).get("name", "")
            body = {"code": each["finding"]["code"], "collides_name": other, "reason": "核实"}
            office.ask("handles", "POST", f"{CASES}/{case}/names/{each['line']}/clearances", json=body)
    office.take("handles", case, "handle")
    office.take("signs", case, "review")
    office.take("signs", case, "sign")
    return office.take("signs", case, "approve", number="金政地名〔2026〕12号", approving_body="金华市人民政府")


def test_three_people_take_a_case_to_its_announcement(office: Office, case: str) -> None:
    told = approved(office, case)
    assert told["lines"][0]["state"] == "in-force"
    assert told["open_steps"] == ["file", "announce"]
    assert [(each["duty"], each["certain"], each["basis"]) for each in told["dues"]] == [
        ("filing", True, "《地名管理条例》第十三条"),
        ("announcement", True, "《地名管理条例》第十四条"),
    ]
    announced = office.take("handles", case, "announce", number="第12号", office="金华市民政局", channels="市政府网站")
    address = f"/api/v1/announcements/{announced['announcements'][0]}"
    said = office.ask("", "GET", address, headers={"Accept-Language": "zh-CN"}).json()
    assert said["names"][0]["sentence"].startswith("仙源湖路（Xiānyuánhú Lù）")
    assert (said["paragraphs"], said["channels"]) == ([], "市政府网站")
    assert [each["number"] for each in office.ask("", "GET", "/api/v1/announcements?text=仙源").json()["items"]] == [
        "第12号"
    ]
    place = told["lines"][0]["place"]
    decision = office.ask("", "GET", f"/api/v1/places/{place}/decisions").json()["items"][0]
    assert (decision["approval_number"], decision["announced_on"]) == ("金政地名〔2026〕12号", said["published_on"])
    due = office.ask("looks", "GET", "/api/v1/filings?state=due").json()["items"]
    assert [(each["case"], each["days_late"]) for each in due] == [(case, 0)]


def test_a_case_is_its_divisions(office: Office, case: str) -> None:
    assert office.ask("looks", "GET", f"{CASES}/{case}").status_code == 200
    assert office.ask("next", "GET", f"{CASES}/{case}").json()["code"] == "case-unknown"
    assert office.ask("next", "GET", CASES).json()["items"] == []
    assert office.ask("", "GET", f"{CASES}/{case}").json()["code"] == "sign-in-needed"
    refused = office.ask("next", "POST", f"{CASES}/{case}/check", json={})
    assert (refused.status_code, refused.json()["code"]) == (403, "not-your-division")
    refused = office.ask("applies", "POST", f"{CASES}/{case}/check", json={})
    assert (refused.status_code, refused.json()["code"]) == (403, "not-your-role")


def test_who_has_not_seen_the_case_does_not_write_over_it(office: Office, case: str) -> None:
    seen = office.ask("applies", "GET", f"{CASES}/{case}").headers["ETag"]
    assert office.ask("applies", "GET", f"{CASES}/{case}", headers={"If-None-Match": seen}).status_code == 304
    change = {"title": "另一个标题", "why": "x"}
    first = office.ask("handles", "PATCH", f"{CASES}/{case}", json=change, headers={"If-Match": seen})
    assert first.status_code == 200
    second = office.ask("applies", "POST", f"{CASES}/{case}/submit", json={}, headers={"If-Match": seen})
    assert (second.status_code, second.json()["code"]) == (412, "record-changed")


def test_what_cannot_be_says_what_to_do(office: Office, case: str) -> None:
    step = office.ask("handles", "POST", f"{CASES}/{case}/handle", json={})
    assert (step.status_code, step.json()["code"]) == (409, "case-step-not-open")
    assert "submit" in step.json()["hint"]
    for body, code in (
        ({**NEW, "division": "999999"}, "division-unknown"),
        ({**NEW, "names": [{"name": "x"}]}, "body-malformed"),
        ({**NEW, "names": [{**NAME, "detail": {"elevation_m": 1}}]}, "place-unsound"),
        ({**NEW, "names": [{**NAME, "romanized": "Rénmín Lù"}]}, "spelling-invalid"),
        ({**NEW, "names": [{**NAME, "class": "village"}]}, "case-approver-needed"),
    ):
        refused = office.ask("applies", "POST", CASES, json=body)
        assert refused.json()["code"] == code, refused.text
        assert set(refused.json()["messages"]) == {"zh-CN", "en"}


def test_a_case_sent_twice_with_its_key_is_one(office: Office) -> None:
    first, second = (office.ask("applies", "POST", CASES, json=NEW, headers={"Idempotency-Key": "k"}) for _ in range(2))
    assert first.json()["id"] == second.json()["id"]
    assert second.headers["Idempotent-Replayed"] == "true"


def test_documents_are_sent_as_they_are_and_only_saved(office: Office, case: str) -> None:
    path = f"{CASES}/{case}/documents"
    query = {"kind": "experts", "file_name": "论证<b>.pdf"}
    octets = {"Content-Type": "application/octet-stream"}
    sent = office.ask("applies", "POST", path, params=query, content=b"%PDF-1.7 x", headers=octets)
    assert sent.status_code == 201, sent.text
    read = office.ask("looks", "GET", f"{path}/{sent.json()['id']}")
    assert read.content == b"%PDF-1.7 x"
    assert read.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''%E8%AE%BA")
    assert (read.headers["X-Content-Type-Options"], read.headers["Cache-Control"]) == ("nosniff", "no-store")
    refused = office.ask("applies", "POST", path, params=query, content=b"<script>", headers=octets)
    assert (refused.status_code, refused.json()["code"]) == (422, "document-refused")
    large = office.ask(
        "applies", "POST", path, params=query, content=b"%PDF-" + b"x" * MAX_DOCUMENT_BYTES, headers=octets
    )
    assert (large.status_code, large.json()["code"]) == (413, "body-too-large")
    assert office.ask("applies", "POST", f"{path}/{sent.json()['id']}/withdraw", json={"why": "错"}).status_code == 204
    assert office.ask("looks", "GET", f"{path}/{sent.json()['id']}").status_code == 404


def test_names_are_sent_as_a_table(office: Office, case: str) -> None:
    octets = {"Content-Type": "application/octet-stream"}
    path = f"{CASES}/{case}/names/table"

    def send(content: str, who: str = "applies", **query: object) -> httpx.Response:
        tag = office.ask("looks", "GET", f"{CASES}/{case}").headers["ETag"]
        params = {"file_name": "道路.csv", **query}
        return office.ask(
            who, "POST", path, params=params, content=content.encode(), headers={**octets, "If-Match": tag}
        )

    refused = send("名称,类别\n江南路,?\n江北路,街\n")
    assert (refused.status_code, refused.json()["code"]) == (422, "case-rows-refused")
    assert [(each["field"], each["code"]) for each in refused.json()["errors"]] == [("1.类别", "unknown-word")]
    before = len(office.ask("looks", "GET", f"{CASES}/{case}").json()["lines"])
    added = send("名称,类别\n江南路,?\n江北路,街\n", skip="true")
    assert added.status_code == 200, added.text
    assert (added.json()["read"], added.json()["added"], added.json()["refused"]) == (2, 1, 1)
    assert len(added.json()["case"]["lines"]) == before + 1
    assert added.headers["ETag"]
    assert send("名称,类别\n江西路,街\n", crs="epsg").json()["code"] == "crs-unknown"
    assert send("x", file_name="a.pdf").json()["code"] == "sent-file-unsupported"


def test_papers_are_made_from_the_case(office: Office, case: str) -> None:
    def paper(name: str, wanted: str) -> bytes:
        answer = office.ask("looks", "GET", f"{CASES}/{case}/papers/{name}?format={wanted}")
        assert answer.status_code == 200, answer.text
        assert answer.headers["Content-Disposition"].startswith("attachment")
        return answer.content

    applied = "\n".join(each.text for each in docx.Document(io.BytesIO(paper("application", "docx"))).paragraphs)
    assert "拟命名仙源湖路" in applied
    early = office.ask("looks", "GET", f"{CASES}/{case}/papers/filing-form?format=xlsx")
    assert (early.status_code, early.json()["code"]) == (400, "paper-not-made-so")
    approved(office, case)
    form = openpyxl.load_workbook(io.BytesIO(paper("filing-form", "xlsx")))
    cells = [cell for row in form.worksheets[0].iter_rows(values_only=True) for cell in row]
    assert "仙源湖路" in cells
    assert any("未核实" in str(cell) for cell in cells), "the national form wasn't at hand"
    announced = office.take("handles", case, "announce", number="第12号", office="金华市民政局")["announcements"][0]
    read = pypdf.PdfReader(
        io.BytesIO(office.ask("", "GET", f"/api/v1/announcements/{announced}/paper?format=pdf").content)
    )
    text = "".join(page.extract_text() for page in read.pages)
    assert "仙源湖路" in text
    assert "Xiānyuánhú" in text
    # What the public said is read by who may.
    refused = office.ask("looks", "GET", f"{CASES}/{case}/papers/opinions")
    assert refused.json()["code"] == "paper-not-made-so"


def test_the_public_says_something_and_is_answered(office: Office, case: str) -> None:
    office.take("applies", case, "submit")
    office.take("handles", case, "check")
    asked = office.take("handles", case, "consult", until="2999-01-01", body="请提意见")["consultations"][0]
    path = f"/api/v1/consultations/{asked}"
    shown = office.ask("", "GET", path).json()
    assert (shown["open"], [each["name"] for each in shown["names"]]) == (True, ["仙源湖路"])
    said = office.ask("", "POST", f"{path}/comments", json={"said": "建议<b>保留</b>老地名", "person": "张三"})
    assert said.status_code == 201
    number = said.json()["number"]
    assert office.ask("", "GET", f"{path}/comments").status_code == 401
    assert office.ask("applies", "GET", f"{path}/comments").json()["code"] == "not-your-role"
    (comment,) = office.ask("handles", "GET", f"{path}/comments").json()["items"]
    assert (comment["said"], comment["person"]) == ("建议<b>保留</b>老地名", "张三")
    answer = {"outcome": "adopted", "answer": "已采纳"}
    office.ask("handles", "PATCH", f"{path}/comments/{comment['id']}", json=answer)
    told = office.ask("", "GET", f"/api/v1/consultations/comments/{number}").json()
    assert (told["outcome"], told["answer"], "said" in told) == ("adopted", "已采纳", False)
    report = office.ask("handles", "GET", f"{CASES}/{case}/papers/opinions")
    text = "\n".join(
        cell.text
        for table in docx.Document(io.BytesIO(report.content)).tables
        for row in table.rows
        for cell in row.cells
    ) + "\n".join(each.text for each in docx.Document(io.BytesIO(report.content)).paragraphs)
    assert "老地名" in text
    assert "张三" not in text
    assert office.ask("looks", "GET", f"{CASES}/{case}/papers/opinions").json()["code"] == "not-your-role"


def test_names_are_split_off_and_settled_by_what_was_found(office: Office, case: str) -> None:
    names = [{"name": name, "class": "street"} for name in ("湖畔一", "湖畔二", "北山路")]
    office.ask("applies", "POST", f"{CASES}/{case}/names", json={"names": names}).raise_for_status()
    found = office.ask("handles", "GET", f"{CASES}/{case}/findings").json()
    assert [each["name"] for each in found["items"] if each["finding"]["code"] == "generic-missing"] == [
        "湖畔一",
        "湖畔二",
    ]
    both = office.ask("handles", "POST", f"{CASES}/{case}/split", json={"why": "待核实"})
    assert (both.status_code, both.json()["code"]) == (422, "body-malformed")
    split = office.ask(
        "applies", "POST", f"{CASES}/{case}/split", json={"findings": ["generic-missing"], "why": "待核实"}
    )
    assert [each["name"] for each in split.json()["lines"]] == ["湖畔一", "湖畔二"]
    new = f"{CASES}/{split.json()['id']}"
    unseen = office.ask(
        "handles",
        "POST",
        f"{new}/clearances",
        json={"code": "generic-missing", "reason": "x"},
        headers={"If-Match": '"another"'},
    )
    assert unseen.status_code == 412
    cleared = office.ask("handles", "POST", f"{new}/clearances", json={"code": "generic-missing", "reason": "老地名"})
    assert cleared.status_code == 200
    assert cleared.headers["ETag"] == office.ask("handles", "GET", new).headers["ETag"]
    assert {
        each["cleared"]["reason"] for each in cleared.json()["items"] if each["finding"]["code"] == "generic-missing"
    } == {"老地名"}
    refused = office.ask("applies", "POST", f"{new}/clearances", json={"code": "generic-missing", "reason": "x"})
    assert refused.status_code == 403


def test_cases_are_opened_of_the_optimisation_list(office: Office, database: Database) -> None:
    with database.write(actor="test") as session:
        town = session.scalars(select(Division.id).where(Division.code == "330702000000")).one()
        for lon in (119.64, 119.66):
            make_place(session, place_class="street", standard_name="人民路", division_id=town, lon=lon)
    places.review_now(database, actor=operator())
    asked = {"division": "330702", "codes": ["duplicate"], "per": "county"}
    made = office.ask("handles", "POST", f"{CASES}/from-review", json=asked)
    assert made.status_code == 200, made.text
    assert [(each["kind"], each["state"], each["names"]) for each in made.json()["cases"]] == [("renaming", "draft", 1)]
    again = office.ask("handles", "POST", f"{CASES}/from-review", json=asked)
    assert (again.status_code, again.json()["code"]) == (409, "nothing-of-the-review")
    assert made.json()["cases"][0]["number"] in again.json()["detail"]
    for wrong in ({}, {"kind": "naming", "codes": ["duplicate"]}, {"codes": ["duplicate"], "per": "village"}):
        assert office.ask("handles", "POST", f"{CASES}/from-review", json=wrong).status_code == 422
    assert office.ask("next", "POST", f"{CASES}/from-review", json=asked).status_code == 403
    assert office.ask("looks", "POST", f"{CASES}/from-review", json=asked).status_code == 403
