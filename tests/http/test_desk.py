"""The pages of the office: a case from its draft to its announcement by forms, and what is refused at each."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from html import unescape
from typing import Any
from uuid import UUID

import httpx
import pytest

from geo_registry.accounts.actors import Grant
from geo_registry.accounts.passwords import passwords_for
from geo_registry.cases import service, writing
from geo_registry.cases.inputs import NewCase
from geo_registry.db.session import Database
from geo_registry.search import keeping
from geo_registry.settings import Settings
from geo_registry.vocabulary import DivisionLevel, Role
from tests.factories import make_account, make_division, make_place, operator
from tests.http.test_accounts import PASSWORD, sign_in

TODAY = date(2026, 11, 25)
COUNTY = "330702000000"
AREA = (119.5, 29.0, 119.8, 29.2)
HIDDEN = re.compile(r'name="(csrf|seen)" value="([^"]*)"')


@pytest.fixture(autouse=True)
def _day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "today", lambda: TODAY)


class Person:
    """Somebody in a browser of their own, who sends forms as pages have them."""

    def __init__(self, url: httpx.URL, login: str) -> None:
        self.client = httpx.Client(
            base_url=url, headers={"Accept": "text/html", "Accept-Language": "zh-CN"}, timeout=30, follow_redirects=True
        )
        answer = sign_in(self.client, login)
        assert answer.status_code == 200, answer.text

    def get(self, path: str, status: int = 200) -> str:
        answer = self.client.get(path)
        assert answer.status_code == status, answer.text[:2000]
        return answer.text

    def send(self, page: str, path: str, status: int = 200, files: Any = None, **fields: Any) -> httpx.Response:
        """A form of a page, with its hidden fields."""
        hidden = dict(HIDDEN.findall(self.get(page)))
        answer = self.client.post(path, data={**hidden, **fields}, files=files)
        assert answer.status_code == status, re.sub(r"<[^>]+>|\s+", " ", answer.text)[:2000]
        return answer

    def step(self, case: str, verb: str, step: str, status: int = 200, **fields: Any) -> httpx.Response:
        return self.send(case, f"{case}/{verb}", status, step=step, **{"on": TODAY.isoformat(), **fields})


@pytest.fixture
def people(client: httpx.Client, database: Database, settings: Settings) -> Iterator[dict[str, Person]]:
    """A township, a registrar and a signer of one county, the registrar of the next, and somebody of no office."""
    keeping.install()
    passwords = passwords_for(settings)
    roles = {
        "town": Grant(Role.TOWNSHIP, "330702"),
        "keeps": Grant(Role.REGISTRAR, "330702"),
        "signs": Grant(Role.SIGNER, "330702"),
        "next": Grant(Role.REGISTRAR, "330703"),
        "looks": Grant(Role.VIEWER, "330702"),
    }
    with database.write(actor="test") as session:
        make_division(session, "330700000000", level=DivisionLevel.CITY, name="金华市", box=(119.2, 28.5, 120.8, 29.7))
        make_division(session, COUNTY, name="婺城区", box=AREA)
        make_division(session, "330703000000", name="金东区", box=(119.8, 29.0, 120.1, 29.2))
        for login, grant in roles.items():
            make_account(session, login, grant, password=PASSWORD, passwords=passwords)
    found = {login: Person(client.base_url, login) for login in roles}
    yield found
    for each in found.values():
        each.client.close()


def case_id_of(path: str) -> UUID:
    """The id in a case's address."""
    return UUID(path.rpartition("/")[2])


def opened(person: Person, **over: Any) -> str:
    """The address of a new case."""
    fields = {
        "kind": "naming",
        "title": "关于命名仙源湖路的申请",
        "division": "婺城区",
        "applicant": "某街道办事处",
        "plan": "拟命名仙源湖路",
        "reasons": "新建道路投入使用",
        "name": "仙源湖路",
        "place_class": "street",
    }
    answer = person.send("/desk/new", "/desk/new", **(fields | over))
    return answer.url.path


def line_of(person: Person, case: str, name: str = "仙源湖路") -> str:
    """The address of a name of a case."""
    found = re.search(rf'href="({case}/names/[0-9a-f-]{{36}})" data-line="[0-9a-f-]+">{name}<', person.get(case))
    assert found is not None
    return found[1]


def told(person: Person, case: str, **over: Any) -> None:
    """What is told of its name: enough for an announcement."""
    line = line_of(person, case)
    fields = {
        "name": "仙源湖路",
        "begins_at": "李渔路",
        "ends_at": "双龙南街",
        "length_m": "1,520",
        "width_m": "24",
        "geometry": "119.60,29.10\n119.62,29.10",
        "shape": "LineString",
        "meaning": "路近仙源湖",
        "why": "补充",
    }
    person.send(line, f"{line}/change", **(fields | over))


def settled(person: Person, case: str) -> None:
    """Let its names stand, with a reason, until nothing is left to settle."""
    form = re.compile(
        r'action="([^"]+/clear)">.*?name="code" value="([^"]*)".*?name="collides_name" value="([^"]*)"', re.DOTALL
    )
    while (met := form.search(person.get(case))) is not None:
        person.send(case, met[1], code=met[2], collides_name=met[3], reason="核实无误", back=case)


def test_a_case_goes_from_its_draft_to_the_announcement(people: dict[str, Person]) -> None:
    town, keeps, signs = people["town"], people["keeps"], people["signs"]
    case = opened(town)
    told(town, case)
    assert "330702-2026-0001" in town.get(case)
    assert "1520 × 24 米" in town.get(case)
    town.step(case, "submit", "submit")
    # What the office has, whoever applied changes no more.
    assert "添加名称" not in town.get(case)
    keeps.step(case, "handle", "check")
    settled(keeps, case)
    keeps.step(case, "handle", "handle")
    assert "授权的人员" in keeps.get(case)
    signs.step(case, "sign", "review")
    signs.step(case, "sign", "sign")
    approved = signs.step(case, "decide", "approve", number="金政地名〔2026〕12号").text
    assert "名称生效" in approved
    page = keeps.get(case)
    assert "《地名管理条例》第十三条" in page
    assert "还有 15 天" in page
    assert "公告草稿" in page
    announced = keeps.step(case, "follow-up", "announce", number="2026年第12号").text
    assert "公告已发布" in announced
    keeps.step(case, "follow-up", "file", number="金民〔2026〕3号")
    keeps.step(case, "follow-up", "filed", number="浙地名备〔2026〕3号", codes="仙源湖路 33070200122100000001")
    done = keeps.get(case)
    assert "没有已知" not in done
    place = re.search(r'href="(/places/[0-9a-f-]+)"', done)
    assert place is not None
    assert "33070200122100000001" in keeps.get(place[1])
    # A code that came back wrong, and what was mistyped.
    assert "没有名称" in keeps.send(case, f"{case}/codes", 422, codes="别的路 33070200122100000002").text
    keeps.send(case, f"{case}/codes", codes="仙源湖路 33070200122100000002")
    assert "33070200122100000002" in keeps.get(place[1])
    assert "更正“登记批准文件”的登记" not in keeps.get(case)
    refused = keeps.client.post(f"{case}/amend", data={**dict(HIDDEN.findall(keeps.get(case))), "step": "approve"})
    assert refused.status_code == 403
    assert "理由" in signs.send(case, f"{case}/amend", 422, step="approve", number="金政地名〔2026〕21号", note="").text
    amended = signs.send(case, f"{case}/amend", step="approve", number="金政地名〔2026〕21号", note="文号录错").text
    assert "原记录留存" in amended
    assert "金政地名〔2026〕12号" in amended
    assert "金政地名〔2026〕21号" in keeps.get(place[1])


def test_the_inbox_tells_what_is_late_first(people: dict[str, Person], monkeypatch: pytest.MonkeyPatch) -> None:
    keeps, signs = people["keeps"], people["signs"]
    late, draft = opened(keeps), opened(keeps, title="关于命名另一条路的申请", name="另一条路")
    told(keeps, late)
    keeps.step(late, "submit", "submit")
    keeps.step(late, "handle", "check")
    settled(keeps, late)
    keeps.step(late, "handle", "handle")
    signs.step(late, "sign", "review")
    signs.step(late, "sign", "sign")
    signs.step(late, "decide", "approve", number="1号")
    monkeypatch.setattr(writing, "today", lambda: TODAY + timedelta(days=20))
    page = keeps.get("/desk")
    rows = [page.index(f'href="{each}"') for each in (late, draft)]
    assert rows == sorted(rows)
    assert "逾期 5 天" in page
    assert draft not in keeps.get("/desk?show=late")
    assert late in keeps.get("/desk?show=late")
    assert keeps.get("/desk?text=另一条").count("/desk/cases/") == 1
    assert "没有符合条件的事项" in keeps.get("/desk?kind=abolition")
    file = keeps.get("/desk.csv")
    assert [line.split(",")[0] for line in file.splitlines()[1:]] == ["330702-2026-0001", "330702-2026-0002"]
    assert ",-5," in file
    # Those of the next county don't see them.
    assert "/desk/cases/" not in people["next"].get("/desk")
    people["next"].get(late, 404)


def test_what_cannot_be_is_said_at_its_form_and_what_was_typed_stays(people: dict[str, Person]) -> None:
    keeps, signs = people["keeps"], people["signs"]
    answer = keeps.send("/desk/new", "/desk/new", 422, kind="naming", title="", division="", plan="拟命名")
    assert "拟命名" in answer.text
    assert 'href="#open-division"' in answer.text
    answer = keeps.send("/desk/new", "/desk/new", 422, kind="naming", title="", division="330702")
    assert 'href="#open-title"' in answer.text
    case = opened(keeps, plan="", reasons="")
    answer = keeps.step(case, "submit", "submit", 409)
    assert "条例第十一条" in answer.text
    answer = keeps.step(case, "submit", "withdraw", 422)
    assert 'href="#step-withdraw-note"' in answer.text
    line = line_of(keeps, case)
    answer = keeps.send(
        line, f"{line}/change", 422, name="仙源湖路", length_m="很长", geometry="119.6", why="补充", meaning="近湖"
    )
    assert "应为不小于 0 的数" in answer.text
    assert "近湖" in answer.text
    keeps.send(line, f"{line}/change", 422, name="仙源湖路", geometry="东边", why="补充")
    keeps.send(line, f"{line}/change", 422, name="仙源湖路", absorbs="没有这条路", why="补充")
    answer = keeps.send(case, f"{case}/split", 422, why="x")
    assert 'href="#split-lines"' in answer.text
    # Who only looks, and who keeps the next county's names.
    assert "新建事项" not in people["looks"].get("/desk")
    people["looks"].step(case, "submit", "submit", 403)
    # A page of yesterday.
    keeps.send(case, f"{case}/change", title="改过的标题", approver="government", why="更正")
    answer = keeps.client.post(
        f"{case}/change", data={**dict(HIDDEN.findall(keeps.get(case))), "seen": "x", "title": "又改", "why": "更正"}
    )
    assert answer.status_code in {409, 412}
    assert "又改" in answer.text
    del signs


def test_whoever_handled_a_case_is_told_that_somebody_else_signs(people: dict[str, Person], database: Database) -> None:
    keeps = people["keeps"]
    case = opened(keeps)
    told(keeps, case)
    keeps.step(case, "submit", "submit")
    keeps.step(case, "handle", "check")
    keeps.step(
        case, "handle", "consult", kind="notice", until=(TODAY + timedelta(days=7)).isoformat(), title="", body=""
    )
    page = keeps.get(case)
    assert "公示已发布" in page or "公示征求意见" in page
    assert "还有 7 天" in page
    returned = keeps.step(case, "handle", "conclude", 409).text
    assert "早于" in returned


def test_papers_are_kept_as_files_and_taken_out_with_a_reason(people: dict[str, Person]) -> None:
    keeps = people["keeps"]
    case = opened(keeps)
    file = {"file": ("申请书.pdf", b"%PDF-1.4 x", "application/pdf")}
    page = keeps.send(case, f"{case}/documents", files=file, kind="application").text
    met = re.search(rf'href="({case}/documents/[0-9a-f-]+)"', page)
    assert met is not None
    answer = keeps.client.get(met[1])
    assert (answer.content, answer.headers["X-Content-Type-Options"]) == (b"%PDF-1.4 x", "nosniff")
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    script = {"file": ("x.html", b"<script>", "text/html")}
    assert "DOCX" in keeps.send(case, f"{case}/documents", 422, files=script, kind="other").text
    large = {"file": ("x.pdf", b"%PDF-" + b"x" * 5_000_000, "application/pdf")}
    keeps.send(case, f"{case}/documents", files=large, kind="other")
    assert people["next"].client.get(met[1]).status_code == 404
    keeps.send(case, f"{met[1]}/withdraw", 422, why="")
    keeps.send(case, f"{met[1]}/withdraw", why="重复")
    assert keeps.client.get(met[1]).status_code == 404


def test_names_are_added_struck_out_and_split_off(people: dict[str, Person]) -> None:
    keeps = people["keeps"]
    case = opened(keeps)
    new = f"{case}/names/new"
    assert "street" in keeps.get(new)
    fields: dict[str, Any] = {
        "action": "name",
        "place_class": "street",
        "name": "另一条路",
        "geometry": "119.60,29.12;119.62,29.12",
    }
    keeps.send(f"{new}?class=street", f"{case}/names", **fields)
    other = line_of(keeps, case, "另一条路")
    assert "119.600000,29.120000" in keeps.get(other)
    keeps.send(other, f"{other}/strike", why="待核实")
    assert "不予采用" in keeps.get(other)
    keeps.send(other, f"{other}/strike", why="已核实")
    answer = keeps.send(case, f"{case}/split", lines=[other.rpartition("/")[2]], title="另案", why="待核实")
    assert answer.url.path != case
    assert "另一条路" in answer.text
    assert "另一条路" not in keeps.get(case).partition("<h1>")[2].partition("办理记录")[0]
    found = keeps.get(f"{case}/map.json")
    assert '"features":[]' in found


def test_a_case_of_many_names_is_checked_behind_its_page(people: dict[str, Person], database: Database) -> None:
    keeps = people["keeps"]
    numerals = "一二三四五六七八九"
    names = [{"name": f"湖畔{one}{other}", "class": "street"} for one in numerals for other in numerals[:7]]
    new = {
        "kind": "naming",
        "title": "关于命名六十三条路的申请",
        "division": COUNTY,
        "approver": "government",
        "names": names,
    }
    with database.write(actor=operator()) as session:
        case = f"/desk/cases/{service.open_case(session, NewCase.model_validate(new), actor=operator()).case.id}"
    page = keeps.get(case)
    assert page.count("data-line=") == 50
    assert "共 2 页，63 个名称" in page
    assert keeps.get(f"{case}?page=2").count("data-line=") == 13
    assert keeps.get(f"{case}?find=湖畔九").count("data-line=") == 7
    part = re.search(r'data-part="([^"]*)"', page)
    assert part is not None
    found = keeps.get(part[1])
    assert "<html" not in found
    assert "63 条意见须处理" in found
    # The page of findings comes before what is found, too.
    first = keeps.get(f"{case}/findings?code=generic-missing")
    assert "63 条意见须处理" not in first
    behind = re.search(r'data-part="([^"]*)"', first)
    assert behind is not None
    assert "写明理由，一并排除 63 条“缺通名”" in keeps.get(unescape(behind[1]))
    assert "63 条意见须处理" in keeps.get(f"{case}/findings?whole=true")
    assert found.count("generic-missing") > 60
    line = line_of(keeps, case, "湖畔一一")
    assert keeps.get(f"{case}/findings?line={line.rpartition('/')[2]}").count('class="about-name"') == 1


def test_names_are_split_off_and_settled_by_what_was_found(people: dict[str, Person], database: Database) -> None:
    keeps = people["keeps"]
    names = [{"name": name, "class": "street"} for name in ("湖畔一", "湖畔二", "北山路")]
    new = {"kind": "naming", "title": "三条路", "division": COUNTY, "approver": "government", "names": names}
    with database.write(actor=operator()) as session:
        case = f"/desk/cases/{service.open_case(session, NewCase.model_validate(new), actor=operator()).case.id}"
    # What a sort is done with stands where that sort is looked at by itself.
    assert "一并排除" not in keeps.get(f"{case}/findings")
    of_sort = f"{case}/findings?code=generic-missing"
    assert "把有“缺通名”的 2 个名称分到新的事项" in keeps.get(of_sort)
    keeps.send(of_sort, f"{case}/findings/clear", 422, code="generic-missing", reason=" ")
    answer = keeps.send(of_sort, f"{case}/split", 422, findings="generic-missing", title="另案", why=" ")
    assert 'value="另案"' in answer.text
    answer = keeps.send(of_sort, f"{case}/split", findings="generic-missing", title="另案", why="待核实")
    assert answer.url.path != case
    split = answer.url.path
    of_sort = f"{split}/findings?code=generic-missing"
    answer = keeps.send(of_sort, f"{split}/findings/clear", code="generic-missing", reason="老地名，沿用")
    assert "已一并排除" in answer.text
    assert keeps.get(f"{split}/findings?settled=true").count("老地名，沿用") == 2
    assert "还没有的报告：综合评估报告、专家论证报告、征求意见报告" in keeps.get(case)


def test_a_step_that_somebody_else_took_meanwhile_is_told(people: dict[str, Person]) -> None:
    keeps = people["keeps"]
    case = opened(keeps)
    told(keeps, case)
    keeps.step(case, "submit", "submit")
    older = dict(HIDDEN.findall(keeps.get(case)))
    keeps.step(case, "handle", "check")
    answer = keeps.client.post(f"{case}/handle", data={**older, "step": "check", "on": TODAY.isoformat()})
    assert answer.status_code == 412
    assert 'data-refused="record-changed"' in answer.text
    assert "待我办理" in keeps.get("/desk")
    assert case in keeps.get("/desk?show=own")
    assert case not in people["signs"].get("/desk?show=own")


def table(*rows: str) -> dict[str, tuple[str, bytes, str]]:
    """A table that is sent in, as CSV."""
    return {"file": ("道路名称.csv", "\n".join(("名称,类别,长度（米）", *rows, "")).encode(), "text/csv")}


def names_in(person: Person, case: str) -> int:
    """How many names a case has."""
    met = re.search(r"· (\d[\d,]*) 个名称", person.get(case))
    assert met is not None
    return int(met[1].replace(",", ""))


def test_names_come_from_a_table(people: dict[str, Person]) -> None:
    keeps = people["keeps"]
    case = opened(keeps)
    path = f"{case}/names/table"
    many = [
        f"{''.join('甲乙丙丁戊己庚辛壬癸'[int(digit)] for digit in f'{number:04}')}路,街," for number in range(1_500)
    ]
    page = keeps.send(case, path, files=table(*many)).text
    assert "表格中的名称已加入" in page
    assert names_in(keeps, case) == 1_501
    assert "请选择文件" in keeps.send(case, path, 422).text


def test_rows_that_cannot_be_taken_are_told_and_nothing_is_written(people: dict[str, Person]) -> None:
    keeps = people["keeps"]
    case = opened(keeps)
    path = f"{case}/names/table"
    page = keeps.send(case, path, 422, files=table("江南路,街,", "江北路,<b>,", "江东路,,900")).text
    assert "表格共 3 行，2 行不能采用" in page
    for said in ("第 2 行", "第 3 行", "类别", "“&lt;b&gt;”不在词表中", "必填项为空"):
        assert said in page
    assert "<b>" not in page.partition("表格中有问题的行")[2].partition("</table>")[0]
    assert names_in(keeps, case) == 1
    wrong = keeps.send(case, path, 422, files=table(*[f"路{number},?," for number in range(300)])).text
    assert wrong.count('<th scope="row">第 ') == 200
    assert "另有 100 条未列出" in wrong
    page = keeps.send(case, path, files=table("江南路,街,", "江北路,?,"), skip="yes").text
    assert "加入 1 个名称，略去 1 行" in page
    assert names_in(keeps, case) == 2
    assert "不是可以上传的表格" in keeps.send(case, path, 422, files={"file": ("x.pdf", b"%PDF", "a/b")}).text


def test_a_table_of_another_county_is_refused(people: dict[str, Person]) -> None:
    keeps, other = people["keeps"], people["next"]
    case = opened(keeps)
    other.send("/desk/new", f"{case}/names/table", 403, files=table("江南路,街,"))
    assert names_in(keeps, case) == 1


def test_a_case_is_opened_with_a_table_for_its_names(people: dict[str, Person]) -> None:
    keeps = people["keeps"]
    fields: dict[str, Any] = {
        "kind": "naming",
        "title": "关于命名一批道路的申请",
        "division": "婺城区",
        "approver": "government",
    }
    refused = keeps.send("/desk/new", "/desk/new", 422, files=table("江南路,?,"), **fields).text
    assert "第 1 行" in refused
    assert "关于命名一批道路的申请" not in keeps.get("/desk")
    answer = keeps.send("/desk/new", "/desk/new", files=table("江南路,街,", "江北路,街,"), **fields)
    assert names_in(keeps, answer.url.path) == 2
    part = keeps.send("/desk/new", "/desk/new", files=table("江西路,街,", "江东路,?,"), skip="yes", **fields).text
    assert "加入 1 个名称，略去 1 行" in part
    stranger = people["next"].send("/desk/new", "/desk/new", 403, files=table("江南路,街,"), **fields)
    assert "江南路" not in stranger.text


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_template_is_a_table_that_is_taken(people: dict[str, Person], lang: str) -> None:
    keeps = people["keeps"]
    case = opened(keeps)
    filled = keeps.client.get(f"/desk/names.csv?lang={lang}")
    assert filled.content.startswith(b"\xef\xbb\xbf")
    assert filled.headers["Content-Disposition"].startswith("attachment")
    keeps.send(case, f"{case}/names/table", files={"file": ("names.csv", filled.content, "text/csv")})
    assert "1520" in keeps.get(line_of(keeps, case, "示例路")).replace(",", "")


def test_what_is_missing_leads_to_where_it_is_filled_in(people: dict[str, Person]) -> None:
    keeps = people["keeps"]
    case = opened(keeps, plan="", reasons="")
    page = keeps.step(case, "submit", "submit", 409).text
    for target, said in (("change-plan", "缺命名、更名方案"), ("change-reasons", "缺理由")):
        assert re.search(f'<a href="#{target}">{said}', page)
        assert f'id="{target}"' in page
    assert re.search(r'<details class="quiet" open>\s*<summary>修改申请内容', page)
    assert "申请内容" in page
    refused = keeps.send(
        "/desk/new", "/desk/new", 422, kind="naming", title="x", division="婺城区", name="甲山公园", place_class="park"
    ).text
    assert '<a href="#open-approver">' in refused
    assert "由谁批准" in refused


def test_what_is_late_and_what_is_due_soon_is_counted_and_leads_there(
    people: dict[str, Person], database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeps = people["keeps"]
    case = opened(keeps)
    told(keeps, case)
    settled(keeps, case)
    keeps.step(case, "submit", "submit")
    keeps.step(case, "handle", "check")
    keeps.step(case, "handle", "handle")
    people["signs"].step(case, "sign", "review")
    people["signs"].step(case, "sign", "sign")
    people["signs"].step(case, "decide", "approve", number="1号")
    assert "3 天内到期" not in keeps.get("/")
    with database.read() as session:
        due = service.tell_case(session, case_id_of(case), actor=operator()).case.due_on
    assert due is not None
    monkeypatch.setattr(writing, "today", lambda: due - timedelta(days=2))
    home = keeps.get("/")
    assert '<a href="/desk?show=soon">1 件 3 天内到期</a>' in home
    assert case in keeps.get("/desk?show=soon").partition("<h1>")[2]
    assert '3 天内到期 <span class="figures">1</span>' in keeps.get("/desk")
    monkeypatch.setattr(writing, "today", lambda: due + timedelta(days=1))
    assert '<a class="late" href="/desk?show=late">1 件逾期</a>' in keeps.get("/")
    assert case not in keeps.get("/desk?show=soon").partition("<h1>")[2]
    assert "件逾期" not in people["next"].get("/"), "another county's"
    assert "件逾期" not in people["looks"].client.get("/announcements").text


def test_the_page_of_a_name_lists_what_lies_around(people: dict[str, Person], database: Database) -> None:
    keeps = people["keeps"]
    case = opened(keeps)
    line = line_of(keeps, case)
    assert "画出位置后" in keeps.get(line)
    with database.write(actor="test") as session:
        near = make_place(session, lon=119.61, lat=29.102, standard_name="溪口村").id
        make_place(session, lon=119.61, lat=29.12, standard_name="远处村")
    told(keeps, case)
    page = keeps.get(line).partition("周边地名")[2]
    assert re.search(rf'<a href="/places/{near}">溪口村</a> <span class="muted">自然村 · 北 22\d 米', page)
    assert "远处村" not in page
    assert "溪口村" in re.search(r'data-near="([^"]*)"', keeps.get(line))[1].encode().decode("unicode_escape")  # type: ignore[index]
