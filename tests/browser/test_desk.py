"""The registrar's office in a browser: a whole case from its draft to its announcement, by mouse and by keyboard alone; a place drawn."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Page, expect

from api.main import create_app
from geo_registry.accounts.actors import Grant
from geo_registry.accounts.passwords import passwords_for
from geo_registry.cases import service
from geo_registry.cases import writing as office
from geo_registry.cases.inputs import Announcing, Consulting, LineClearing, NewCase, Taking
from geo_registry.db.revisions import WHICHEVER
from geo_registry.db.session import Database, WriteSession, sign
from geo_registry.search import keeping
from geo_registry.settings import Settings
from geo_registry.vocabulary import CaseStep, DivisionLevel, Role
from tests.browser.axe import violations
from tests.browser.conftest import Watched
from tests.conftest import TestUrls
from tests.factories import make_account, make_division, make_two_towns, operator
from tests.http.conftest import served

PASSWORD = "four words that nobody guesses"
OPERATOR = operator()
AT = 29.07
TITLE = "关于命名仙源湖路的申请"
PATIENCE_MS = 180_000
"""What a step may take on a machine that others use too: nothing here is a test of time."""


def road(name: str, at: float, **over: object) -> dict[str, object]:
    return {
        "name": name,
        "class": "street",
        "geometry": {"type": "LineString", "coordinates": [[119.61, at], [119.63, at]]},
        "detail": {"begins_at": "李渔路", "ends_at": "双龙南街", "length_m": 1520, "width_m": 24},
        "meaning": "路近仙源湖",
        **over,
    }


@pytest.fixture
def desk(committed: TestUrls, tmp_path: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """Where a registry is served with a case in consultation, one announced and late in its filing; the addresses of them."""
    keeping.install()
    settings = Settings(data_dir=tmp_path, password_memory_mb=8, password_passes=1)
    database = Database.connect(committed.app)
    with database.write(actor=OPERATOR) as session:
        passwords = passwords_for(settings)
        for login, role in (("keeps", Role.REGISTRAR), ("signs", Role.SIGNER)):
            make_account(session, login, Grant(role, "330702"), password=PASSWORD, passwords=passwords)
        make_division(session, "330700000000", level=DivisionLevel.CITY, name="金华市", box=(119.2, 28.5, 120.8, 29.7))
        make_two_towns(session)
        today = office.today()
        before = today - timedelta(days=20)

        def opened(title: str, *names: dict[str, object], synthetic: bool = False) -> UUID:
            new = {
                "kind": "naming",
                "title": title,
                "division": "330702",
                "plan": "拟命名",
                "reasons": "新建道路",
                "names": names,
            }
            return service.open_case(session, NewCase.model_validate(new), actor=OPERATOR, synthetic=synthetic).case.id

        late = opened("关于命名江滨东路等道路的申请", road("江滨东路", AT), road("江滨西路", AT + 0.01), synthetic=True)
        on = Taking(on=before)
        for verb, step in (
            (service.submit, CaseStep.SUBMIT),
            (service.handle, CaseStep.CHECK),
        ):
            verb(session, late, step, on, seen=WHICHEVER, actor=OPERATOR)
        settle(session, late)
        other = operator("signer")
        for verb, step, actor in (
            (service.handle, CaseStep.HANDLE, OPERATOR),
            (service.sign, CaseStep.REVIEW, other),
            (service.sign, CaseStep.SIGN, other),
        ):
            sign(session, actor=actor)
            verb(session, late, step, on, seen=WHICHEVER, actor=actor)
        service.decide(
            session,
            late,
            CaseStep.APPROVE,
            Taking(on=before, number="金政地名〔2026〕12号"),
            seen=WHICHEVER,
            actor=other,
        )
        sign(session, actor=OPERATOR)
        told = service.follow_up(
            session,
            late,
            CaseStep.ANNOUNCE,
            Announcing(on=today, number="2026年第12号", body="特此公告。"),
            seen=WHICHEVER,
            actor=OPERATOR,
        )
        asked = opened("关于命名湖畔路的申请", road("湖畔路", AT + 0.02))
        for verb, step, taking in (
            (service.submit, CaseStep.SUBMIT, Taking()),
            (service.handle, CaseStep.CHECK, Taking()),
            (service.handle, CaseStep.CONSULT, Consulting(until=today + timedelta(days=7), body="欢迎提意见。")),
        ):
            consulted = verb(session, asked, step, taking, seen=WHICHEVER, actor=OPERATOR)
        place = told.lines[0].place
    with served(create_app(settings, database)) as running:
        yield (
            running.url,
            {
                "late": f"/desk/cases/{late}",
                "asked": f"/desk/cases/{asked}",
                "announcement": f"/announcements/{told.announcements[0].id}",
                "consultation": f"/consultations/{consulted.consultations[0].id}",
                "place": f"/places/{place}",
            },
        )
    database.dispose()


def settle(session: WriteSession, case: UUID) -> None:
    """Let every name of a case stand."""
    for line, findings in service.check_case(session, case, actor=OPERATOR).items():
        for each in findings:
            if each.counts:
                settling = LineClearing(code=each.finding.code, collides_name=each.other, reason="核实无误")
                service.clear_finding(session, case, line, settling, actor=OPERATOR)


def sign_in(page: Page, url: str, login: str, following: str = "/desk") -> None:
    page.set_default_timeout(PATIENCE_MS)
    page.goto(f"{url}/sign-in?next={following}")
    page.get_by_label("登录名").fill(login)
    page.get_by_label("密码").fill(PASSWORD)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def take(page: Page, step: str, **fields: str) -> None:
    """The step that leads on, by the strong button."""
    for label, text in fields.items():
        page.locator(".next form.entry").first.get_by_label(label).fill(text)
    with page.expect_navigation():
        page.locator(".next .button.strong", has_text=step).click()


def draw(page: Page) -> None:
    """The place of the case's first name, as two points on the map, one of which is moved."""
    page.locator("a[data-line]").click()
    page.wait_for_selector(".tools:not([hidden])", timeout=PATIENCE_MS)
    page.get_by_role("button", name="在图上画").click()
    frame = page.locator("#map canvas").bounding_box()
    assert frame is not None
    x, y = frame["x"] + frame["width"] / 2, frame["y"] + frame["height"] / 2
    page.mouse.click(x - 60, y)
    page.mouse.click(x + 60, y)
    field = page.locator("textarea[name=geometry]")
    expect(page.locator("#draw-said")).to_contain_text("2 点")
    before = field.input_value()
    page.wait_for_selector('#map[data-drawn="true"]')
    page.mouse.move(x + 60, y)
    page.mouse.down()
    page.mouse.move(x + 90, y + 20, steps=4)
    page.mouse.up()
    assert field.input_value().splitlines()[0] == before.splitlines()[0]
    assert field.input_value() != before
    assert len(field.input_value().splitlines()) == 2


def let_stand(page: Page) -> None:
    """Every finding that counts, with a reason."""
    while page.locator("summary", has_text="写明理由后排除").count():
        page.locator("summary", has_text="写明理由后排除").first.click()
        page.get_by_label("名称可以使用的理由").first.fill("核实无误")
        with page.expect_navigation():
            page.get_by_role("button", name="排除这条意见").first.click()


def test_a_case_goes_from_its_draft_to_the_announcement_by_mouse(
    watched: Watched, browser: Browser, desk: tuple[str, dict[str, str]]
) -> None:
    url, _ = desk
    page = watched.page
    sign_in(page, url, "keeps")
    expect(page.locator("tbody tr").first).to_contain_text("逾期")
    page.get_by_role("link", name="新建事项").click()
    page.get_by_label("标题").fill("关于命名仙源湖路的申请")
    page.get_by_label("所在区划").fill("婺城区")
    page.get_by_label("命名、更名方案").fill("拟命名仙源湖路")
    page.get_by_label("理由和依据").fill("新建道路投入使用")
    page.get_by_label("拟用名称").fill("仙源湖路")
    with page.expect_navigation():
        page.get_by_role("button", name="新建").click()
    case = page.url
    draw(page)
    page.get_by_label("起点").fill("李渔路")
    page.get_by_label("止点").fill("双龙南街")
    page.get_by_label("含义").fill("路近仙源湖")
    page.locator("#line-why").fill("补充")
    with page.expect_navigation():
        page.get_by_role("button", name="保存").click()
    page.goto(case)
    take(page, "提交申请")
    take(page, "受理")
    let_stand(page)
    take(page, "承办")
    expect(page.locator(".next")).to_contain_text("审核签发")
    context = browser.new_context(locale="zh-CN")
    second = context.new_page()
    sign_in(second, url, "signs", case.removeprefix(url))
    take(second, "审核")
    take(second, "签发")
    take(second, "登记批准文件", 文号="金政地名〔2026〕13号")
    expect(second.get_by_text("批准已登记，名称生效。")).to_be_visible()
    context.close()
    page.goto(case)
    expect(page.locator(".stages .both")).to_contain_text("《地名管理条例》第十三条")
    page.locator("summary", has_text="发布公告").click()
    form = page.locator("details", has=page.locator("summary", has_text="发布公告"))
    form.get_by_label("公告编号").fill("2026年第13号")
    with page.expect_navigation():
        form.get_by_role("button", name="发布公告").click()
    take(page, "报送备案")
    page.get_by_role("link", name="关于仙源湖路命名的公告").click()
    expect(page.locator(".paper")).to_contain_text("2026年第13号")
    expect(page.locator(".paper")).to_contain_text("Xiānyuánhú Lù")
    assert watched.complaints == []


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def reach(page: Page, text: str, most: int = 200) -> None:
    """By the tab key alone to the control that says this."""
    # What only holds controls, as a table that scrolls, and the page itself say all that is in them.
    said = """(each => each.matches("a, button, input, select, textarea, summary")
        ? each.labels?.[0]?.textContent ?? each.textContent : "")(document.activeElement)"""
    for _ in range(most):
        page.keyboard.press("Tab")
        if text in (page.evaluate(said) or ""):
            return
    pytest.fail(f"no way to {text} by keyboard")


def go(page: Page, step: str) -> None:
    """To a button, and press it."""
    reach(page, step)
    with page.expect_navigation():
        press(page, "Enter")


def let_stand_by_keyboard(page: Page) -> None:
    """As `let_stand`."""
    while page.locator("summary", has_text="写明理由后排除").count():
        reach(page, "写明理由后排除")
        press(page, "Enter")
        reach(page, "名称可以使用的理由")
        page.keyboard.type("核实无误")
        with page.expect_navigation():
            press(page, "Enter")


def signed_by_keyboard(browser: Browser, url: str) -> None:
    """Somebody else reviews and signs the case, and enters its approval."""
    context = browser.new_context(locale="zh-CN")
    page = context.new_page()
    sign_in(page, url, "signs")
    go(page, TITLE)
    go(page, "审核")
    go(page, "签发")
    reach(page, "文号")
    page.keyboard.type("金政地名〔2026〕13号")
    go(page, "登记批准文件")
    expect(page.get_by_text("批准已登记，名称生效。")).to_be_visible()
    context.close()


def test_a_case_goes_from_its_draft_to_the_receipt_of_its_filing_by_keyboard(
    watched: Watched, browser: Browser, desk: tuple[str, dict[str, str]]
) -> None:
    url, _ = desk
    page = watched.page
    sign_in(page, url, "keeps")
    press(page, "j")
    assert page.evaluate("document.activeElement.textContent") == "关于命名江滨东路等道路的申请"
    go(page, "新建事项")
    for label, text in (
        ("标题", TITLE),
        ("所在区划", "330702"),
        ("命名、更名方案", "拟命名"),
        ("理由和依据", "新建道路"),
        ("拟用名称", "仙源湖路"),
    ):
        reach(page, label)
        press(page, "Control+A")
        page.keyboard.type(text)
    go(page, "新建")
    press(page, "j")
    with page.expect_navigation():
        press(page, "Enter")
    reach(page, "起点")
    page.keyboard.type("李渔路")
    reach(page, "止点")
    page.keyboard.type("双龙南街")
    reach(page, "理由")
    page.keyboard.type("补充")
    reach(page, "位置和范围")
    page.keyboard.type("119.61,29.06\n119.63,29.06")
    go(page, "保存")
    go(page, "回到事项")

    go(page, "提交申请")
    go(page, "受理")
    let_stand_by_keyboard(page)
    go(page, "承办")
    signed_by_keyboard(browser, url)
    # The list beside a case leads to it as it is by now.
    go(page, TITLE)
    reach(page, "发布公告")
    press(page, "Enter")
    reach(page, "公告编号")
    page.keyboard.type("2026年第13号")
    with page.expect_navigation():
        press(page, "Enter")
    expect(page.get_by_text("公告已发布。")).to_be_visible()
    go(page, "报送备案")
    expect(page.get_by_text("已报送备案。")).to_be_visible()
    reach(page, "备案回执号")
    page.keyboard.type("浙地名备〔2026〕3号")
    reach(page, "地名代码")
    page.keyboard.type("仙源湖路 33070200122100000001")
    go(page, "登记备案回执")
    expect(page.get_by_text("备案回执已登记。")).to_be_visible()
    expect(page.locator(".stages .both")).not_to_contain_text("待办")
    assert watched.complaints == []


def test_the_public_says_something_and_asks_for_the_answer(watched: Watched, desk: tuple[str, dict[str, str]]) -> None:
    page, (url, there) = watched.page, desk
    page.set_viewport_size({"width": 360, "height": 740})
    page.set_default_timeout(PATIENCE_MS)
    page.goto(f"{url}/")
    expect(page.locator("section[aria-labelledby=announced]")).to_contain_text("江滨东路")
    page.goto(f"{url}/consultations")
    page.get_by_role("link", name="关于命名湖畔路的申请").click()
    page.locator("#comment-said").fill("建议保留老地名。")
    with page.expect_navigation():
        page.get_by_role("button", name="提交意见").click()
    number = page.locator(".once code").inner_text()
    assert number.isdecimal()
    page.reload()
    assert page.locator(".once").count() == 0
    page.locator("#answer-number").fill(number)
    with page.expect_navigation():
        page.get_by_role("button", name="查询").click()
    expect(page.get_by_text("尚未答复。")).to_be_visible()
    page.locator("#answer-number").fill("1")
    with page.expect_navigation():
        page.get_by_role("button", name="查询").click()
    expect(page.locator(".errors")).to_contain_text("10 位数字")
    del there
    # What is refused is told by its status as well.
    assert [each for each in watched.complaints if "422" not in each] == []


@pytest.mark.parametrize("query", ["lang=zh-CN&theme=light", "lang=en&theme=dark"])
@pytest.mark.parametrize("width", [1600, 360])
def test_its_pages_can_be_read_by_everyone(
    watched: Watched, desk: tuple[str, dict[str, str]], query: str, width: int
) -> None:
    page, (url, there) = watched.page, desk
    page.set_viewport_size({"width": width, "height": 900})
    sign_in(page, url, "keeps")
    asked = there["asked"]
    page.goto(f"{url}{asked}")
    name = page.locator("a[data-line]").first.get_attribute("href")
    for path in (
        "/desk",
        "/desk/new",
        there["late"],
        asked,
        f"{asked}/findings",
        f"{asked}/names/new",
        f"{asked}/names/new?class=street",
        str(name),
        there["consultation"].replace("/consultations", "/desk/consultations"),
        "/announcements",
        there["announcement"],
        "/consultations",
        there["consultation"],
        there["place"],
    ):
        page.goto(f"{url}{path}{'&' if '?' in path else '?'}{query}")
        page.evaluate("for (const each of document.querySelectorAll('main details')) each.open = true")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert violations(page) == [], path
    assert watched.complaints == []
    assert watched.elsewhere == []
