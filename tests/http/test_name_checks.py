"""Checks of names over HTTP, and their pages: what is found, of which article, and what is cleared of it."""

import csv
import io
import re
from html import unescape
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select

from geo_registry.accounts.actors import Grant
from geo_registry.accounts.passwords import passwords_for
from geo_registry.db.session import Database
from geo_registry.model import Division, FindingClearance
from geo_registry.places import service
from geo_registry.search import keeping
from geo_registry.settings import Settings
from geo_registry.vocabulary import DivisionLevel, PlaceClass, Role, TokenScope
from tests.factories import make_account, make_division, make_place, operator
from tests.http.test_accounts import PASSWORD, form_token, sign_in, token

CHECK = {"name": "曼哈顿路", "class": "street", "division": "330702001000", "at": "119.65,29.08"}


@pytest.fixture
def place(database: Database, settings: Settings) -> UUID:
    """A street whose name is to be looked at, in a town; all names reviewed; a registrar of its county and of the next."""
    keeping.install()
    passwords = passwords_for(settings)
    with database.write(actor="test") as session:
        county = make_division(session, "330702000000", name="婺城区")
        make_division(session, "330702001000", name="江南街道", level=DivisionLevel.TOWNSHIP, parent=county)
        town = session.scalars(select(Division.id).where(Division.code == "330702001000")).one()
        kept = make_place(
            session, place_class=PlaceClass.STREET.value, standard_name="曼哈顿路", division_id=town, lon=119.66
        ).id
        for login, grant in (
            ("mine", Grant(Role.REGISTRAR, "330702")),
            ("next", Grant(Role.REGISTRAR, "330703")),
            ("outside", Grant(Role.FIELD, "330702")),
        ):
            make_account(session, login, grant, password=PASSWORD, passwords=passwords)
    service.review_now(database, actor=operator())
    return kept


@pytest.fixture
def browser(client: httpx.Client, place: UUID) -> httpx.Client:
    client.headers.update({"Accept": "text/html", "Accept-Language": "zh-CN"})
    sign_in(client, "mine")
    return client


@pytest.mark.parametrize(("language", "said"), [("zh-CN", "与“曼哈顿路”重名"), ("en", "the same name as 曼哈顿路")])
def test_a_check_says_what_it_stands_on_and_collides_with(
    client: httpx.Client, database: Database, language: str, said: str
) -> None:
    keeping.install()
    with database.write(actor="test") as session:
        town = make_division(session, "330702001000", name="江南街道", level=DivisionLevel.TOWNSHIP)
        make_place(session, place_class="street", standard_name="曼哈顿路", division_id=town.id, lon=119.66)
    answer = client.get("/api/v1/names/check", params=CHECK, headers={"Accept-Language": language}).raise_for_status()
    assert answer.headers["content-language"] == language
    first, second, *_ = answer.json()["findings"]
    assert (first["code"], first["severity"], first["distance_m"]) == ("duplicate", "error", 972)
    assert first["message"].startswith(said)
    assert first["collides_with"]["class"] == "street"
    assert "同一个建成区内的街路巷名称" in first["basis"]["text"]
    assert first["basis"]["verified"] is True
    assert (second["code"], second["basis"]["verified"]) == ("foreign-name", False)
    assert second["basis"]["text"] == "不以外国人名、地名作地名；"


@pytest.mark.parametrize(
    ("over", "code"),
    [
        ({"name": "。"}, "name-question-empty"),
        ({"at": "x"}, "near-invalid"),
        ({"division": "1"}, "division-code-invalid"),
    ],
)
def test_what_cannot_be_checked_is_refused(client: httpx.Client, over: dict[str, str], code: str) -> None:
    answer = client.get("/api/v1/names/check", params=CHECK | over)
    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_a_finding_is_listed_cleared_once_and_counts_again(
    client: httpx.Client, database: Database, place: UUID
) -> None:
    said, _ = token(database, TokenScope.READ, TokenScope.EDIT, login="mine")
    client.headers.update(said)
    listed = client.get("/api/v1/names/review", params={"code": "foreign-name"}).raise_for_status().json()
    (row,) = listed["items"]
    assert (row["record"], row["name"], row["class"], row["cleared"]) == (str(place), "曼哈顿路", "street", None)
    assert listed["review"]["names"] == 3
    body = {"record": str(place), "code": "foreign-name", "reason": "与外国地名无关"}
    key = {"Idempotency-Key": "one"}
    made = client.post("/api/v1/names/clearances", json=body, headers=key)
    assert made.status_code == 201
    assert made.json()["cleared"]["reason"] == "与外国地名无关"
    assert client.post("/api/v1/names/clearances", json=body, headers=key).headers["Idempotent-Replayed"] == "true"
    assert client.post("/api/v1/names/clearances", json=body).status_code == 409
    assert len(client.get(made.headers["Location"]).json()["items"]) == 1
    assert client.get("/api/v1/names/review", params={"cleared": False}).json()["items"] == []
    clearance = made.json()["cleared"]["id"]
    assert client.post(f"/api/v1/names/clearances/{clearance}/withdraw", json={"why": "查错了"}).status_code == 204
    assert len(client.get("/api/v1/names/review", params={"cleared": False}).json()["items"]) == 1


def test_the_page_shows_findings_with_their_article(browser: httpx.Client) -> None:
    page = browser.get("/names", params=CHECK).raise_for_status().text
    assert "与“曼哈顿路”重名" in page
    assert "《地名管理条例》第九条第（五）项" in page
    assert "不以外国人名、地名作地名；" in page
    assert "相距 972 米" in page
    passed = {"name": "石榴桥", "class": "bridge"}
    assert "没有审查意见" in browser.get("/names", params=passed).text


def test_a_form_that_cannot_be_answered_says_why(browser: httpx.Client) -> None:
    page = browser.get("/names", params=CHECK | {"at": "119"})
    assert page.status_code == 400
    assert 'data-refused="near-invalid"' in page.text
    assert 'value="119"' in page.text


def test_a_finding_is_cleared_on_the_page_and_counts_again(browser: httpx.Client, database: Database) -> None:
    page = browser.get("/names/review").raise_for_status().text
    assert page.count('<li class="finding') == 1
    record = page.partition('name="record" value="')[2].partition('"')[0]
    form = {"csrf": form_token(browser, "/names/review"), "record": record, "code": "foreign-name"}
    assert browser.post("/names/clear", data=form | {"reason": " "}).status_code == 303
    done = browser.post("/names/clear", data=form | {"reason": "与外国地名无关"}, follow_redirects=True)
    assert "已排除，理由留存。" in done.text
    assert '<li class="finding' not in done.text
    shown = browser.get("/names/review", params={"cleared": True}).text
    assert "与外国地名无关" in shown
    with database.read() as session:
        (clearance,) = session.scalars(select(FindingClearance.id))
    back = {"csrf": form["csrf"], "clearance": str(clearance), "why": "查错了"}
    assert "已恢复。" in browser.post("/names/withdraw", data=back, follow_redirects=True).text


LISTED = "division=330702&severity=warning&code=foreign-name&cleared=false&after="


def test_a_decision_leads_back_to_the_list_as_it_was(browser: httpx.Client, database: Database) -> None:
    page = browser.get(f"/names/review?{LISTED}").raise_for_status().text
    assert f'value="{LISTED.replace("&", "&amp;")}"' in page
    record = page.partition('name="record" value="')[2].partition('"')[0]
    key = page.partition('name="key" value="')[2].partition('"')[0]
    form = {"csrf": form_token(browser, "/names/review"), "record": record, "code": "foreign-name", "key": key}
    wrong = browser.post("/names/clear", data=form | {"reason": " ", "listed": LISTED}, follow_redirects=True)
    assert (wrong.url.path, wrong.url.fragment) == ("/names/review", key)
    assert str(wrong.url.params) == LISTED, "nothing of the refusal is in the address"
    assert 'data-refused="clearance-reason-invalid"' in wrong.text
    assert f'id="{key}"' in wrong.text
    done = browser.post("/names/clear", data=form | {"reason": "无关", "listed": LISTED}, follow_redirects=True)
    assert (done.url.params["code"], "已排除，理由留存。" in done.text) == ("foreign-name", True)
    elsewhere = browser.post("/names/clear", data=form | {"reason": " ", "listed": "next=//evil&severity=note"})
    assert elsewhere.headers["location"] == f"/names/review?severity=note#{key}"
    with database.read() as session:
        (clearance,) = session.scalars(select(FindingClearance.id))
    cleared = LISTED.replace("cleared=false", "cleared=true")
    back = {"csrf": form["csrf"], "clearance": str(clearance), "key": key, "listed": cleared}
    reasonless = browser.post("/names/withdraw", data=back | {"why": " "}, follow_redirects=True)
    assert (str(reasonless.url.params), reasonless.url.fragment) == (cleared, key)
    assert 'data-refused="clearance-reason-invalid"' in reasonless.text
    with database.read() as session:
        assert session.scalars(select(FindingClearance.withdrawn)).all() == [False]


def test_a_refusal_is_said_once_with_what_was_typed_and_by_no_address(browser: httpx.Client) -> None:
    page = browser.get("/names/review").text
    record = page.partition('name="record" value="')[2].partition('"')[0]
    key = page.partition('name="key" value="')[2].partition('"')[0]
    form = {"csrf": form_token(browser, "/names/review"), "record": record, "code": "foreign-name", "key": key}
    long = "与外国地名无关；" * 70
    refused = browser.post("/names/clear", data=form | {"reason": long})
    assert refused.status_code == 303
    shown = browser.get("/names/review")
    assert 'data-refused="clearance-reason-invalid"' in shown.text
    assert f'value="{long}"' in shown.text
    assert "data-refused" not in browser.get("/names/review").text, "once"
    planted = {"refused": "clearance-reason-invalid", "of": key, "reason": "x"}
    assert "data-refused" not in browser.get("/names/review", params=planted).text
    browser.post("/names/clear", data=form | {"reason": long})
    kept = browser.cookies["geo-refused"]
    forged = kept.replace(kept[:4], "AAAA", 1)
    browser.cookies.set("geo-refused", forged, domain="127.0.0.1", path="/")
    assert "data-refused" not in browser.get("/names/review").text


def test_whoever_decides_in_several_divisions_begins_with_all_of_them(
    client: httpx.Client, place: UUID, database: Database, settings: Settings
) -> None:
    with database.write(actor="test") as session:
        for code, name in (("330703000000", "金东区"), ("330781000000", "兰溪市")):
            county = make_division(session, code, name=name)
            make_place(
                session, place_class="street", standard_name=f"曼哈顿{name[0]}路", division_id=county.id, lon=119.9
            )
        grants = (Grant(Role.REGISTRAR, "330702"), Grant(Role.REGISTRAR, "330703"))
        make_account(session, "both", *grants, password=PASSWORD, passwords=passwords_for(settings))
    service.review_now(database, actor=operator())
    client.headers.update({"Accept": "text/html", "Accept-Language": "zh-CN"})
    sign_in(client, "both")
    own = client.get("/names/review", params={"code": "foreign-name"}).text
    assert 'value="330702,330703"' in own
    assert "先列本人所辖的婺城区、金东区。" in own
    assert [name in own for name in ("曼哈顿路", "曼哈顿金路", "曼哈顿兰路")] == [True, True, False]
    named = client.get("/names/review", params={"division": "金东区、兰溪市", "code": "foreign-name"}).text
    assert [name in named for name in ("曼哈顿路", "曼哈顿金路", "曼哈顿兰路")] == [False, True, True]


def test_a_name_that_several_divisions_bear_is_chosen_from(browser: httpx.Client, database: Database) -> None:
    with database.write(actor="test") as session:
        for county, name in (("330703", "金东区"), ("330781", "兰溪市")):
            above = make_division(session, f"{county}000000", name=name)
            make_division(session, f"{county}009000", name="白沙镇", level=DivisionLevel.TOWNSHIP, parent=above)
    for path, asked in (
        ("/names", CHECK | {"division": "白沙镇"}),
        ("/names/review", {"division": "婺城区,白沙镇", "severity": "warning"}),
    ):
        answer = browser.get(path, params=asked)
        assert (answer.status_code, 'data-refused="division-ambiguous"' in answer.text) == (409, True)
        choices = answer.text[answer.text.index('<nav class="choices"') :]
        assert [where in choices for where in ("金东区白沙镇", "兰溪市白沙镇")] == [True, True]
        links = [unescape(each) for each in re.findall(rf'href="({path}\?[^"]+)"', choices[: choices.index("</nav>")])]
        assert len(links) == 2
        chosen = browser.get(links[0])
        assert (chosen.status_code, "data-refused" in chosen.text) == (200, False)
        kept = dict(chosen.url.params)
        assert kept["division"] == asked["division"].replace("白沙镇", "330703009000")
        assert asked.items() - {("division", asked["division"])} <= kept.items()


def test_the_list_begins_with_ones_own_division_and_can_be_widened(client: httpx.Client, place: UUID) -> None:
    client.headers.update({"Accept": "text/html", "Accept-Language": "zh-CN"})
    sign_in(client, "mine")
    own = client.get("/names/review").text
    assert 'value="330702"' in own
    assert "先列本人所辖的婺城区。" in own
    assert '<li class="finding' in own
    client.cookies.clear()
    sign_in(client, "next")
    assert '<li class="finding' not in client.get("/names/review").text
    widened = client.get("/names/review", params={"division": ""}).text
    assert widened.count('<li class="finding') == 1
    assert "不能在此排除：" in widened
    assert client.get("/names/review", params={"division": "婺城区"}).text.count('<li class="finding') == 1
    for said in ("无此区", "999999", "婺城区,330799"):
        unknown = client.get("/names/review", params={"division": said})
        assert (unknown.status_code, 'data-refused="division-unknown"' in unknown.text) == (404, True)


@pytest.fixture
def pair(database: Database, place: UUID) -> None:
    with database.write(actor="test") as session:
        town = session.scalars(select(Division.id).where(Division.code == "330702001000")).one()
        for lon in (119.67, 119.68):
            make_place(session, place_class="street", standard_name="=1+1路", division_id=town, lon=lon)
    service.review_now(database, actor=operator())


def test_two_names_that_collide_are_one_entry_and_counted_once(browser: httpx.Client, pair: None) -> None:
    params = {"code": "duplicate"}
    page = browser.get("/names/review", params=params).text
    assert page.count('<li class="finding') == 1
    assert "符合条件的 1 条：" in page
    assert "一对" in page
    assert len(browser.get("/api/v1/names/review", params=params).json()["items"]) == 2


def test_the_list_is_exported_as_it_is_narrowed_and_runs_no_formula(browser: httpx.Client, pair: None) -> None:
    answer = browser.get("/names/review.csv", params={"code": "duplicate", "division": "330702"}).raise_for_status()
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    header, row = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    found = dict(zip(header, row, strict=True))
    assert (found["程度"], found["名称"], found["冲突名称"]) == ("错误", "'=1+1路", "'=1+1路")
    assert (found["所在区划"], found["相距米"]) == ("婺城区江南街道", "972")
    every = browser.get("/names/review.csv", headers={"Accept-Language": "en"}).content.decode("utf-8-sig")
    assert "foreign-name" in every


def test_a_divisions_field_is_asked_by_name_and_sizes_are_held_against_the_name(browser: httpx.Client) -> None:
    page = browser.get("/names", params={"name": "人民大桥", "class": "bridge", "length_m": "30"}).text
    assert "通名与规模不符" in page
    unsaid = {
        "name": "石榴桥",
        "class": "bridge",
        "division": "",
        "at": "",
        "length_m": "",
        "width_m": "",
        "area_m2": "",
    }
    assert "没有审查意见" in browser.get("/names", params=unsaid).raise_for_status().text
    assert browser.get("/names", params=unsaid | {"length_m": "-1"}).status_code == 400
    assert '<option value="江南街道">江南街道 330702001000</option>' in page
    assert "与“曼哈顿路”重名" in browser.get("/names", params=CHECK | {"division": "江南街道"}).text
    unknown = browser.get("/names", params=CHECK | {"division": "999999"})
    assert (unknown.status_code, 'data-refused="division-unknown"' in unknown.text) == (404, True)
    near = browser.get("/names", params=CHECK | {"at": "119"}, headers={"Accept-Language": "en"}).text
    assert "is not valid. Write longitude" in near.replace("&#39;", "'")


def test_a_place_says_what_was_found_of_it_and_cleared_to_the_office_alone(browser: httpx.Client, place: UUID) -> None:
    assert 'id="findings"' in browser.get(f"/places/{place}").text
    form = {"csrf": form_token(browser, "/names/review"), "record": str(place), "code": "foreign-name"}
    browser.post("/names/clear", data=form | {"reason": "与外国地名无关"}, follow_redirects=True)
    page = browser.get(f"/places/{place}").text
    assert "与外国地名无关 · mine" in page
    browser.cookies.clear()
    assert 'id="findings"' not in browser.get(f"/places/{place}").text


def test_another_countys_registrar_is_shown_no_form(client: httpx.Client, place: UUID) -> None:
    client.headers["Accept"] = "text/html"
    sign_in(client, "next")
    page = client.get("/names/review", params={"division": ""}).text
    assert page.count('<li class="finding') == 1
    assert 'action="/names/clear"' not in page


def test_the_navigation_leads_there_whoever_may(client: httpx.Client, place: UUID) -> None:
    client.headers["Accept"] = "text/html"
    sign_in(client, "outside")
    assert 'href="/names"' not in client.get("/").text
    assert client.get("/names").status_code == 403
    client.cookies.clear()
    sign_in(client, "mine")
    assert 'href="/names"' in client.get("/").text


def test_a_review_is_ordered(browser: httpx.Client) -> None:
    done = browser.post("/names/review", data={"csrf": form_token(browser, "/names/review")}, follow_redirects=True)
    assert "检查已排队" in done.text


def test_names_of_the_list_are_ticked_and_become_a_case(browser: httpx.Client, pair: None) -> None:
    page = browser.get("/names/review").raise_for_status().text
    ticks = re.findall(r'name="places" value="([0-9a-f-]{36})" form="open-cases"', page)
    # A name with two findings can be ticked at either.
    assert (len({*ticks}), len(ticks) > len({*ticks})) == (3, True)
    sent = {
        "csrf": form_token(browser, "/names/review"),
        "kind": "renaming",
        "per": "county",
        "listed": "division=330702",
    }
    none = browser.post("/names/review/cases", data=sent)
    assert none.status_code == 422
    assert "没有开立事项" in none.text
    done = browser.post("/names/review/cases", data=sent | {"places": ticks})
    assert done.status_code == 200
    assert "已开立 1 个事项" in done.text
    assert "3 个名称" in done.text
    assert 'href="/names/review?division=330702"' in done.text
    case = re.search(r'href="(/desk/cases/[0-9a-f-]{36})"', done.text)
    assert case is not None
    assert "地名优化" in browser.get(case[1]).raise_for_status().text
    again = browser.post("/names/review/cases", data=sent | {"places": ticks})
    assert again.status_code == 409
    assert "另有未办结的事项" in again.text


def test_who_opens_no_cases_ticks_nothing(client: httpx.Client, place: UUID) -> None:
    client.headers.update({"Accept": "text/html", "Accept-Language": "zh-CN"})
    sign_in(client, "outside")
    assert 'name="places"' not in client.get("/names/review").text
