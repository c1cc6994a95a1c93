"""`/announcements` and `/consultations`: what was announced, its feed, and what anybody says and is answered."""

import re
from datetime import timedelta
from uuid import UUID
from xml.etree import ElementTree as ET

import httpx
import pytest

from api.web.announcements import feed_of
from geo_registry.cases import writing
from geo_registry.cases.queries import AnnouncementRow
from geo_registry.clock import now
from tests.http.test_desk import TODAY, Person, opened, people, settled, told

__all__ = ["people"]
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture(autouse=True)
def _day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "today", lambda: TODAY)


def announced(people: dict[str, Person]) -> str:
    """The address of a case that is announced."""
    keeps, signs = people["keeps"], people["signs"]
    case = opened(keeps)
    told(keeps, case)
    keeps.step(case, "submit", "submit")
    keeps.step(case, "handle", "check")
    settled(keeps, case)
    keeps.step(case, "handle", "handle")
    signs.step(case, "sign", "review")
    signs.step(case, "sign", "sign")
    signs.step(case, "decide", "approve", number="金政地名〔2026〕12号")
    keeps.step(case, "follow-up", "announce", number="2026年第12号", channels="金华市人民政府网站")
    return case


def test_an_announcement_reads_like_the_offices_paper(people: dict[str, Person], client: httpx.Client) -> None:
    case = announced(people)
    client.headers["Accept"] = "text/html"
    client.headers["Accept-Language"] = "zh-CN"
    listed = client.get("/announcements").text
    address = re.search(r'href="(/announcements/[0-9a-f-]{36})"', listed)
    assert address is not None
    page = client.get(address[1])
    text = re.sub(r"<[^>]+>", "", page.text)
    for said in (
        "金华市民政局关于仙源湖路命名的公告",
        "2026年第12号",
        "《地名管理条例》",
        "金政地名〔2026〕12号",
        "Xiānyuánhú Lù",
        "西起李渔路，东至双龙南街，长1520米，宽24米",
        "发布渠道：金华市人民政府网站。",
        "特此公告。",
        "2026年11月25日",
    ):
        assert said in text, said
    # Everybody reads it, without an account; the case is nobody's but the office's.
    assert case not in page.text
    assert "仙源湖路" in client.get("/announcements?words=仙源").text
    assert "没有符合条件的公告" in client.get("/announcements?words=没有").text
    assert "没有符合条件的公告" in client.get("/announcements?division=330703").text
    wrong = client.get("/announcements?division=没有这个区")
    assert wrong.status_code >= 400
    assert "没有这个区" in wrong.text
    assert client.get("/announcements/x").status_code == 404
    # The home page has the latest, a place's page its own.
    assert "金华市民政局关于仙源湖路命名的公告" in client.get("/").text
    place = re.search(r'href="(/places/[0-9a-f-]+)"', page.text)
    assert place is not None
    there = client.get(place[1]).text
    assert "金政地名〔2026〕12号" in there
    assert "/desk/cases/" not in there
    assert f'href="{case}"' in people["keeps"].get(place[1])
    assert "/desk/new?place=" in people["keeps"].get(place[1])
    # Whoever begins a case there finds the place in it.
    about = re.search(r"/desk/new\?place=[0-9a-f-]+&amp;kind=renaming", people["keeps"].get(place[1]))
    assert about is not None
    assert "仙源湖路" in people["keeps"].get(about[0].replace("&amp;", "&"))


def test_the_feed_is_one_that_readers_take(people: dict[str, Person], client: httpx.Client) -> None:
    announced(people)
    answer = client.get("/announcements.atom")
    assert answer.headers["Content-Type"].startswith("application/atom+xml")
    feed = ET.fromstring(answer.content)  # noqa: S314 - our own
    assert feed.tag == f"{ATOM}feed"
    for name in ("title", "id", "updated"):
        assert feed.findtext(f"{ATOM}{name}"), name
    [entry] = feed.findall(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}id", "").startswith("urn:uuid:")
    assert "仙源湖路" in entry.findtext(f"{ATOM}summary", "")
    assert entry.find(f"{ATOM}author/{ATOM}name") is not None
    links = [each.attrib["href"] for each in feed.iter(f"{ATOM}link")]
    assert all(each.startswith("http://") for each in links)
    assert re.match(r"\d{4}-\d\d-\d\dT.*[+Z]", entry.findtext(f"{ATOM}updated", ""))


def test_a_feed_holds_whatever_a_title_holds() -> None:
    row = AnnouncementRow(
        fid=1,
        id=UUID(int=1),
        case=UUID(int=2),
        number="",
        title="<a> & \x0b]]>",
        office="",
        published_on=TODAY,
        division_code="330702000000",
        division_name="婺城区",
        corrects=None,
        corrected_by=None,
        correction="",
        content={"title": "x", "office": "", "names": []},
        synthetic=True,
        recorded_at=now(),
    )
    entry = ET.fromstring(feed_of([row], "https://example.org")).find(f"{ATOM}entry")  # noqa: S314 - our own
    assert entry is not None
    assert entry.findtext(f"{ATOM}title") == "（示例）<a> & ]]>"
    assert feed_of([], "https://example.org")


def consulted(people: dict[str, Person], client: httpx.Client) -> str:
    """The address of a consultation that is open."""
    keeps = people["keeps"]
    case = opened(keeps)
    told(keeps, case)
    keeps.step(case, "submit", "submit")
    keeps.step(case, "handle", "check")
    until = (TODAY + timedelta(days=7)).isoformat()
    keeps.step(case, "handle", "consult", kind="notice", until=until, title="", body="欢迎提意见。")
    found = re.search(r'href="(/consultations/[0-9a-f-]{36})"', client.get("/consultations").text)
    assert found is not None
    return found[1]


def test_anybody_says_something_and_asks_for_the_answer(
    people: dict[str, Person], client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.headers.update({"Accept": "text/html", "Accept-Language": "zh-CN"})
    address = consulted(people, client)
    page = client.get(address).text
    assert "欢迎提意见。" in page
    assert "还有 7 天" in page
    said = {"said": "建议保留老地名。", "proposed_name": "酒坊巷", "person": "张三", "reach": "110"}
    sent = client.post(f"{address}/comments", data=said, follow_redirects=True)
    number = re.search(r"<code[^>]*>(\d{10})</code>", sent.text)
    assert number is not None
    # Once, and in no address.
    assert number[1] not in client.get(address).text
    assert number[1] not in str(sent.url)
    assert "建议保留老地名" not in client.get(address).text
    # A browser that keeps nothing is told all the same.
    with httpx.Client(base_url=client.base_url, headers={"Accept": "text/html"}) as other:
        assert re.search(r"<code[^>]*>\d{10}</code>", other.post(f"{address}/comments", data={"said": "好。"}).text)
    assert "尚未答复" in client.post(f"{address}/answer", data={"number": number[1]}).text
    heard = address.replace("/consultations", "/desk/consultations")
    comments = people["keeps"].get(heard)
    assert "张三" in comments
    assert "建议名称：酒坊巷" in comments
    assert "1 次" in comments
    form = re.search(
        rf'action="({heard}/comments/[0-9a-f-]+/answer)".*?name="seen" value="([^"]*)"', comments, re.DOTALL
    )
    assert form is not None
    people["keeps"].send(heard, form[1], seen=form[2], outcome="adopted", answer="已采纳。")
    assert "已采纳。" in client.post(f"{address}/answer", data={"number": number[1]}).text
    stale = people["keeps"].send(heard, form[1], 412, outcome="partly", answer="另一答复", seen=form[2])
    assert "另一答复" in stale.text
    # What can't be: nothing said, too much, a number that is none or isn't known, after the last day.
    empty = client.post(f"{address}/comments", data={"said": " ", "person": "李四"})
    assert empty.status_code == 422
    assert "李四" in empty.text
    assert 'href="#comment-said"' in empty.text
    assert client.post(f"{address}/comments", data={"said": "长" * 2001}).status_code == 422
    assert client.post(f"{address}/answer", data={"number": "12"}).status_code == 422
    assert client.post(f"{address}/answer", data={"number": "0" * 10}).status_code == 404
    people["looks"].get(heard, 403)
    monkeypatch.setattr(writing, "today", lambda: TODAY + timedelta(days=8))
    assert client.post(f"{address}/comments", data={"said": "晚了"}).status_code == 409
    assert "/comments" not in client.get(address).text
