"""`/plan` as a planner uses it: ask, read, click, drag, undo; every number is the API's."""

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from time import monotonic, sleep
from typing import Any
from uuid import UUID

import httpx
import pytest
from docx import Document
from PIL import Image
from playwright.sync_api import Browser, Page, Route, expect
from sqlalchemy import text

from api.main import create_app
from api.routes import coverage
from geo_registry.accounts.actors import Grant
from geo_registry.accounts.passwords import Passwords
from geo_registry.coverage.service import fail_run, perform_run
from geo_registry.db.session import Database
from geo_registry.errors import TaskCrashed
from geo_registry.settings import Settings
from geo_registry.vocabulary import DatasetKind, DivisionLevel, PositionQuality, Role
from tests.browser.axe import violations
from tests.browser.conftest import Watched
from tests.conftest import TestUrls
from tests.factories import (
    make_account,
    make_dataset,
    make_demand_point,
    make_division,
    make_facility,
    make_road,
)
from tests.http.conftest import Service, served

RUNS = "/api/v1/coverage/runs"
PASSWORD = "four words that nobody guesses"

WEST, SOUTH = 119.6, 29.1
STEP = 0.002
"""Some 195 m from west to east."""

HERE = f"{SOUTH}/{WEST + 5 * STEP}"


@pytest.fixture
def registry(committed: TestUrls) -> Iterator[Database]:
    """A street of some 2 km: a facility at its west end, 100 people at every second step, two townships, nobody far away."""
    database = Database.connect(committed.app)
    with database.write(actor="test", why="a test") as session:
        roads = make_dataset(session, DatasetKind.ROADS, licence="道路 © 测试 <i>")
        make_road(session, roads, [(WEST, SOUTH), (WEST + 5 * STEP, SOUTH)], name="人民路")
        make_road(session, roads, [(WEST + 5 * STEP, SOUTH), (WEST + 10 * STEP, SOUTH)], name="八一街")
        county = make_division(
            session, "330702000000", name="婺城区", box=(WEST - STEP, SOUTH - 0.02, WEST + 11 * STEP, SOUTH + 0.02)
        )
        halves = {
            code: make_division(
                session,
                code,
                level=DivisionLevel.TOWNSHIP,
                name=name,
                parent=county,
                box=(west, SOUTH - 0.02, west + 6 * STEP, SOUTH + 0.02),
            )
            for code, name, west in (
                ("330702001000", "<b>城西</b>&街道", WEST - STEP),
                ("330702002000", "城东街道", WEST + 5 * STEP),
            )
        }
        people = make_dataset(session, DatasetKind.POPULATION, key="census", title="普查")
        for step in (1, 3, 5, 7, 9):
            make_demand_point(
                session,
                people,
                lon=WEST + step * STEP,
                lat=SOUTH,
                counts={"all": 400, "60+": 100 + step, "80+": 10},
                division=halves["330702001000" if step < 5 else "330702002000"],
                position_quality=PositionQuality.SYNTHETIC.value,
            )
        make_facility(session, lon=WEST, lat=SOUTH, name="<b>江南</b>&照料中心（一）")
    yield database
    database.dispose()


@pytest.fixture
def site(registry: Database, tmp_path: Path) -> Iterator[Service]:
    with served(create_app(Settings(data_dir=tmp_path), registry)) as service:
        yield service


@pytest.fixture
def worker(registry: Database, site: Service, tmp_path: Path) -> Callable[..., Thread]:
    """Performs the next run that is ordered, as a worker would."""

    def perform(*, crash: bool = False) -> Thread:
        def wait() -> None:
            deadline = monotonic() + 20
            while monotonic() < deadline:
                queued = [run for run in httpx.get(site.url + RUNS).json()["items"] if run["state"] == "queued"]
                for run in queued:
                    if crash:
                        fail_run(registry, UUID(run["id"]), TaskCrashed(task="coverage.run", reference="4f2a"))
                    else:
                        perform_run(registry, UUID(run["id"]), data_path=tmp_path)
                    return
                sleep(0.05)

        thread = Thread(target=wait)
        thread.start()
        return thread

    return perform


@pytest.fixture
def done(registry: Database, site: Service, tmp_path: Path) -> str:
    """A run that is done: the id."""
    order = {"standard": "care-circle-15min", "population": "census"}
    run = httpx.post(site.url + RUNS, json=order).raise_for_status().json()["id"]
    perform_run(registry, UUID(run), data_path=tmp_path)
    return str(run)


def opened(page: Page, site: Service, run: str, rest: str = "", query: str = "") -> None:
    """The page with a run, its map around the middle of the street."""
    page.goto(f"{site.url}/plan{query}#run={run}&at=15/{HERE}{rest}")
    page.wait_for_selector(f'.plan[data-run="{run}"]')
    drawn(page)


def drawn(page: Page) -> None:
    page.wait_for_selector('#map[data-drawn="true"]')


def at_step(page: Page, step: float) -> tuple[float, float]:
    """Where on the page a place of the street is, the map being as `opened` leaves it."""
    box = page.locator("#map").bounding_box()
    assert box is not None
    px_per_degree = 512 * 2**15 / 360
    return box["x"] + box["width"] / 2 + (step - 5) * STEP * px_per_degree, box["y"] + box["height"] / 2


def settled(page: Page) -> None:
    """All edits are answered, and the address has them."""
    page.wait_for_function(
        """() => {
            const { shown, wanted } = document.querySelector(".plan").dataset;
            return shown === wanted && location.hash.endsWith(`edits=${shown}`);
        }"""
    )


def figures(page: Page) -> dict[str, str]:
    names, values = page.locator("#figures dt").all_inner_texts(), page.locator("#figures dd").all_inner_texts()
    return dict(zip(names, values, strict=True))


def zone_rows(page: Page) -> dict[str, list[str]]:
    rows = page.locator("#zones tbody tr")
    return {
        row.get_attribute("data-code") or "": [cell.strip() for cell in row.locator("td").all_inner_texts()]
        for row in rows.all()
    }


def colours(page: Page, path: Path) -> set[tuple[int, int, int]]:
    page.locator("#map").screenshot(path=path)
    with Image.open(path) as image:
        found = image.convert("RGB").getcolors(maxcolors=1 << 24) or []
    return {colour for _, colour in found}  # type: ignore[misc]


def colour_at(page: Page, path: Path, step: float) -> tuple[int, int, int]:
    """The colour of the map at a place of the street."""
    x, y = at_step(page, step)
    page.screenshot(path=path, clip={"x": x, "y": y, "width": 1, "height": 1})
    with Image.open(path) as image:
        found: tuple[int, int, int] = image.convert("RGB").getpixel((0, 0))  # type: ignore[assignment]
    return found


def becomes(page: Page, path: Path, step: float, colour: tuple[int, int, int]) -> bool:
    """Whether a place of the street comes to have a colour: a map draws when it has time."""
    deadline = monotonic() + 15
    while colour_at(page, path, step) != colour:
        if monotonic() > deadline:
            return False
        page.wait_for_timeout(100)
    return True


def token(page: Page, name: str) -> tuple[int, int, int]:
    text = page.evaluate(f"getComputedStyle(document.documentElement).getPropertyValue('--{name}').trim()")
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def test_a_question_is_asked_and_its_answer_is_the_api_s(
    watched: Watched, site: Service, worker: Callable[..., Thread], tmp_path: Path
) -> None:
    page = watched.page
    page.goto(f"{site.url}/plan")
    drawn(page)
    assert "60 岁" not in page.inner_text("#standard-about")
    assert "15 分钟" in page.inner_text("#standard-about")
    thread = worker()
    page.select_option("#zone", "330702")
    page.get_by_role("button", name="运行分析").click()
    page.wait_for_selector(".plan[data-run]")
    thread.join()
    run = httpx.get(f"{site.url}{RUNS}/{page.get_attribute('.plan', 'data-run')}").json()
    totals = run["totals"]
    assert run["question"]["zone"] == "330702"
    assert page.inner_text("#share") == f"{totals['share']:.1%}"
    assert figures(page) == {
        "人数": "525",
        "覆盖": f"{totals['covered']:,.0f}",
        "缺口": f"{totals['gap']:,.0f}",
        "其中不可达": "0",
        "其中未入网": "0",
        "设施数": "1",
    }
    zones = httpx.get(f"{site.url}{RUNS}/{run['id']}/zones").json()["items"]
    townships = {zone["code"]: zone for zone in zones if zone["level"] == "township"}
    assert set(zone_rows(page)) == set(townships)
    for code, cells in zone_rows(page).items():
        zone = townships[code]
        assert cells == [
            f"{zone['demand']:.0f}",
            f"{zone['covered']:.0f}",
            f"{zone['share']:.1%}",
            f"{zone['gap']:.0f}",
            "",
        ]
    # The largest gap first, and names as text.
    assert page.locator("#zones tbody th").all_inner_texts() == ["城东街道", "<b>城西</b>&街道"]
    assert sum(int(text) for text in page.locator("#scale b").all_inner_texts()) == 525
    assert page.locator("#synthetic").is_visible()
    assert "census" in page.inner_text("#basis")
    assert "道路 © 测试 <i>" in page.inner_text("#basis")
    with page.expect_download() as download:
        page.click("#export")
    rows = list(csv.reader(io.StringIO(Path(download.value.path()).read_text(encoding="utf-8-sig"))))
    assert rows[0][:5] == ["代码", "区划", "人数", "覆盖", "覆盖率"]
    assert rows[1][0] == "330702002000"
    assert float(rows[1][2]) == townships["330702002000"]["demand"]
    assert rows[-1] == ["示例数据"]
    for link in page.locator("#downloads a").all():
        assert httpx.get(site.url + str(link.get_attribute("href")), timeout=60).status_code == 200
    drawn(page)
    shown = colours(page, tmp_path / "map.png")
    assert token(page, "uncovered") in shown
    assert token(page, "minutes-5") in shown
    assert (watched.elsewhere, watched.complaints) == ([], [])


def test_the_address_brings_everything_back(watched: Watched, site: Service, done: str) -> None:
    page = watched.page
    opened(page, site, done)
    page.select_option("#level", "county")
    page.click("#zones tbody button")
    page.wait_for_function("() => location.hash.includes('division=330702000000')")
    drawn(page)
    page.get_by_role("tab", name="设施").click()
    page.click("#places tbody button")
    page.get_by_role("button", name="试关闭").click()
    page.wait_for_selector('.plan[data-shown^="x"]')
    drawn(page)
    before = (page.inner_text("#balance"), figures(page), zone_rows(page), page.evaluate("location.hash"))
    assert "−309" in before[0]
    again = page.context.new_page()
    again.goto(page.url)
    again.wait_for_selector('.plan[data-shown^="x"]')
    assert again.input_value("#level") == "county"
    assert again.locator('#zones tr[aria-selected="true"]').get_attribute("data-code") == "330702000000"
    assert (again.inner_text("#balance"), figures(again), zone_rows(again), again.evaluate("location.hash")) == before


def test_a_village_says_who_lives_there_and_how_they_go(
    watched: Watched, site: Service, done: str, tmp_path: Path
) -> None:
    page = watched.page
    opened(page, site, done)
    accent = token(page, "accent")
    # Of the street between two points, where nothing but the way is drawn.
    assert colour_at(page, tmp_path / "before.png", 4) != accent
    page.mouse.click(*at_step(page, 7))
    expect(page.locator("#inspector .roads li")).to_have_count(2)
    text = page.inner_text("#inspector")
    points = httpx.get(f"{site.url}{RUNS}/{done}/points").json()["items"]
    minutes = points[3]["minutes"]
    assert f"{minutes:.1f}" in text
    assert "婺城区 城东街道" in text
    assert page.locator("#inspector .groups li").all_inner_texts() == ["全部 400", "60 岁及以上 107", "80 岁及以上 10"]
    assert "<b>江南</b>&照料中心（一）" in text
    assert page.locator("#inspector .roads li").all_inner_texts()[0].startswith("八一街 389 m")
    assert becomes(page, tmp_path / "way.png", 4, accent)
    assert violations(page) == []
    # Whoever is sent the address sees it too, even where the service answers before there is a map to draw on.
    again = page.context.new_page()
    again.set_viewport_size(page.viewport_size or {"width": 1280, "height": 800})

    def late(route: Route) -> None:
        sleep(1.5)
        route.continue_()

    again.route("**/tiles/style.json*", late)
    again.goto(page.url)
    expect(again.locator("#inspector .roads li")).to_have_count(2)
    again.wait_for_selector('#map[data-drawn="true"]')
    assert becomes(again, tmp_path / "again.png", 4, accent)
    again.close()
    # The table follows the map.
    assert page.locator('#zones tr[aria-selected="true"]').get_attribute("data-code") == "330702002000"
    page.keyboard.press("Escape")
    assert page.locator("#inspector").is_hidden()
    x, y = at_step(page, 2)
    page.mouse.click(x, y - 60)
    page.wait_for_function("() => location.hash.includes('division=330702001000')")


@pytest.mark.parametrize(("login", "says"), [("", "登录后可以"), ("outdoors", "没有试算的权限")])
def test_who_may_not_try_is_told_so_and_nothing_is_asked_that_would_be_refused(
    *, watched: Watched, site: Service, registry: Database, done: str, login: str, says: str
) -> None:
    page = watched.page
    (facility,) = httpx.get(f"{site.url}{RUNS}/{done}/columns").json()["facilities"]["fid"]
    with registry.write(actor="test") as session:
        cheap = Passwords(memory_mb=8, passes=1)
        make_account(session, "outdoors", Grant(Role.FIELD), password=PASSWORD, passwords=cheap)
    if login:
        page.goto(f"{site.url}/sign-in")
        page.get_by_label("登录名").fill(login)
        page.get_by_label("密码").fill(PASSWORD)
        with page.expect_navigation():
            page.keyboard.press("Enter")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/coverage/live" in request.url else None)
    opened(page, site, done, rest=f"&edits=x{facility}")
    expect(page.locator("#note")).to_contain_text("1 处修改")
    expect(page.locator("#balance")).to_contain_text(says)
    assert page.locator("#add").is_hidden()
    page.mouse.click(*at_step(page, 7))
    expect(page.locator("#inspector .groups li")).to_have_count(3)
    expect(page.locator("#inspector")).to_contain_text(says)
    expect(page.locator("#failed")).to_be_hidden()
    assert violations(page) == []
    # A facility says what it is; it isn't moved.
    page.mouse.move(*at_step(page, 0))
    page.mouse.down()
    page.mouse.move(*at_step(page, 3), steps=5)
    page.mouse.up()
    expect(page.locator("#inspector h2")).to_contain_text("江南")
    assert page.locator("#inspector button").count() == 1
    assert page.get_attribute(".plan", "data-edits") == "0"
    assert asked == []
    assert watched.complaints == []
    if not login:
        # The address follows what is shown.
        page.wait_for_function("() => location.hash.includes('facility=')")
        there = page.url
        assert f"edits=x{facility}" in there
        page.locator("#balance a").click()
        expect(page.get_by_label("密码")).to_be_visible()
        assert page.locator('input[name="next"]').get_attribute("value") == there.removeprefix(site.url)


def test_a_map_is_drawn_when_what_came_last_is(watched: Watched, site: Service, done: str) -> None:
    """What drags waits for that: a facility that isn't drawn yet isn't taken hold of."""
    page = watched.page
    page.goto(f"{site.url}/plan#at=15/{HERE}")
    drawn(page)
    page.evaluate(
        """() => {
            const root = document.querySelector(".plan");
            const seen = () => (root.dataset.drawnThen = document.getElementById("map").dataset.drawn);
            new MutationObserver(seen).observe(root, { attributeFilter: ["data-run"] });
        }"""
    )
    page.evaluate(f"() => {{ location.hash = 'run={done}&at=15/{HERE}' }}")
    page.wait_for_selector(f'.plan[data-run="{done}"][data-drawn-then="false"]')
    drawn(page)


def test_coverage_follows_a_facility_that_is_dragged(watched: Watched, site: Service, done: str) -> None:
    page = watched.page
    opened(page, site, done)
    page.mouse.move(*at_step(page, 0))
    page.mouse.down()
    for step in range(9):
        page.mouse.move(*at_step(page, step))
    assert page.locator("#follow").is_visible()
    page.wait_for_function("() => document.querySelector('.plan').dataset.shown?.startsWith('m')")
    page.mouse.up()
    assert page.locator("#follow").is_hidden()
    settled(page)
    _, lon, lat = page.evaluate("document.querySelector('.plan').dataset.shown").split("_")
    assert float(lon) == pytest.approx(WEST + 8 * STEP, abs=1e-4)
    fid = httpx.get(f"{site.url}{RUNS}/{done}/columns").json()["facilities"]["fid"][0]
    edit = {"do": "move", "facility": fid, "lon": float(lon), "lat": float(lat)}
    outlook = live(site, done, edit)
    assert outlook["gained"] > 0
    assert outlook["lost"] > 0
    assert page.inner_text("#balance") == f"▲ +{outlook['gained']:.0f} / ▼ −{outlook['lost']:.0f} 人".replace(
        "▲ ", ""
    ).replace("▼ ", "")
    assert page.inner_text("#share") == f"{outlook['share']:.1%}"
    assert figures(page)["缺口"] == f"{outlook['gap']:.0f}"
    changes = {zone["code"]: zone["change"] for zone in outlook["zones"]}
    for code, cells in zone_rows(page).items():
        assert cells[-1].replace("−", "-").replace("+", "") == (f"{changes[code]:.0f}" if code in changes else "")
    assert "移动 <b>江南</b>" in page.inner_text("#edits")
    page.click("#undo")
    page.wait_for_selector('.plan[data-edits="0"]')
    assert figures(page)["覆盖"] == "309"
    assert (watched.elsewhere, watched.complaints) == ([], [])


def live(site: Service, run: str, *edits: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = (
        httpx.post(f"{site.url}/api/v1/coverage/live", json={"run": run, "edits": edits}).raise_for_status().json()
    )
    return found


def test_a_scenario_is_made_without_a_mouse(watched: Watched, site: Service, done: str) -> None:
    page = watched.page
    opened(page, site, done)
    page.focus("#add")
    page.keyboard.press("Enter")
    page.wait_for_selector('.plan[data-shown^="a"]')
    outlook = live(site, done, {"do": "add", "lon": WEST + 5 * STEP, "lat": SOUTH})
    assert figures(page)["覆盖"] == f"{outlook['covered']:.0f}"
    assert figures(page)["设施数"] == "2"
    assert violations(page) == []
    page.focus("#facilities-tab")
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#zones-panel")).to_be_visible()
    page.keyboard.press("ArrowRight")
    page.focus("#places tbody button")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="试关闭").press("Enter")
    page.wait_for_selector('.plan[data-edits="2"][data-shown*="x"]')
    page.locator("#edits .plain").nth(1).click()
    page.get_by_role("button", name="恢复原状").last.press("Enter")
    page.wait_for_selector('.plan[data-edits="1"]')
    page.click("#reset")
    page.wait_for_selector('.plan[data-edits="0"]')
    page.click("#undo")
    page.wait_for_selector('.plan[data-edits="1"]')
    page.click("#edits .remove")
    page.wait_for_selector('.plan[data-edits="0"]')
    page.click("#undo")
    page.wait_for_selector('.plan[data-edits="1"]')
    page.wait_for_function("() => location.hash.includes('edits=')")
    page.reload()
    page.wait_for_selector('.plan[data-edits="1"]')
    page.click("#undo")
    page.wait_for_selector('.plan[data-edits="0"]')


def test_every_number_is_the_scenario_s(watched: Watched, site: Service, done: str) -> None:
    page = watched.page
    opened(page, site, done)
    page.mouse.click(*at_step(page, 3))
    expect(page.locator("#inspector")).to_contain_text("覆盖")
    page.wait_for_function("() => location.hash.includes('point=')")
    fid = httpx.get(f"{site.url}{RUNS}/{done}/columns").json()["facilities"]["fid"][0]
    # A scenario that comes by the address of the same page, as does one that is taken away again.
    at = f"run={done}&at=15/{HERE}"
    page.evaluate(f"() => {{ location.hash = '{at}&point={points_of(site, done)[1]}&edits=x{fid}' }}")
    page.wait_for_selector('.plan[data-shown^="x"]')
    outlook = live(site, done, {"do": "close", "facility": fid})
    assert figures(page)["其中不可达"] == f"{outlook['unreachable']:.0f}" == "525"
    page.get_by_role("tab", name="设施").click()
    assert page.locator("#places-note").is_visible()
    # Who lives there is asked again: nobody reaches anything now.
    expect(page.locator("#inspector")).to_contain_text("不可达")
    expect(page.locator("#inspector .roads")).to_have_count(0)
    page.evaluate(f"() => {{ location.hash = '{at}' }}")
    page.wait_for_selector('.plan[data-edits="0"]')
    assert figures(page)["其中不可达"] == "0"
    assert (watched.elsewhere, watched.complaints) == ([], [])


def test_an_address_that_comes_while_another_is_to_be_written_is_the_one_that_holds(
    watched: Watched, site: Service, done: str
) -> None:
    page = watched.page
    # What is to be remembered is held back, to be due at the very moment that the test says.
    page.add_init_script(
        "const later = setTimeout; window.due = [];"
        "window.setTimeout = (f, ms, ...more) => (ms === 200 ? window.due.push(f) : later(f, ms, ...more));"
    )
    opened(page, site, done)
    fid = httpx.get(f"{site.url}{RUNS}/{done}/columns").json()["facilities"]["fid"][0]
    at = f"run={done}&at=15/{HERE}"
    page.evaluate(
        f"""() => {{
            document.querySelector('#facilities-tab').click();
            location.hash = '{at}&edits=x{fid}';
            for (const each of window.due) each();
        }}"""
    )
    page.wait_for_selector('.plan[data-edits="1"]')


def test_an_address_that_comes_while_the_page_writes_its_own_is_followed(
    watched: Watched, site: Service, done: str
) -> None:
    page = watched.page
    fid = httpx.get(f"{site.url}{RUNS}/{done}/columns").json()["facilities"]["fid"][0]
    opened(page, site, done, rest=f"&edits=x{fid}")
    page.wait_for_selector('.plan[data-shown^="x"]')
    page.evaluate(
        f"""() => {{
            const own = location.href;
            location.hash = 'run={done}&at=15/{HERE}';
            history.replaceState(null, "", own);
        }}"""
    )
    page.wait_for_selector('.plan[data-edits="0"]')
    assert watched.complaints == []


def points_of(site: Service, run: str) -> list[int]:
    points: list[int] = httpx.get(f"{site.url}{RUNS}/{run}/columns").json()["points"]["fid"]
    return points


def test_a_drag_ends_wherever_the_button_is_let_go(watched: Watched, site: Service, done: str) -> None:
    page = watched.page
    opened(page, site, done)
    page.mouse.move(*at_step(page, 0))
    page.mouse.down()
    page.mouse.move(*at_step(page, 2), steps=4)
    page.wait_for_selector('.plan[data-shown^="m"]')
    page.mouse.move(300, 20, steps=3)
    page.mouse.up()
    assert page.locator("#follow").is_hidden()
    settled(page)
    before = page.get_attribute(".plan", "data-shown")
    page.mouse.move(*at_step(page, 8), steps=4)
    page.wait_for_timeout(400)
    assert page.get_attribute(".plan", "data-shown") == before
    # Nor does the other button take hold of anything.
    lon = float(str(before).split("_")[1])
    page.mouse.move(*at_step(page, (lon - WEST) / STEP))
    page.mouse.down(button="right")
    page.mouse.move(*at_step(page, 9), steps=4)
    page.mouse.up(button="right")
    page.wait_for_timeout(400)
    assert page.get_attribute(".plan", "data-shown") == before


def test_another_language_shows_the_same(watched: Watched, site: Service, done: str) -> None:
    page = watched.page
    opened(page, site, done)
    page.focus("#add")
    page.keyboard.press("Enter")
    page.wait_for_function("() => location.hash.includes('edits=a_')")
    page.click("#language")
    page.wait_for_selector(f'.plan[data-run="{done}"][data-shown^="a"]')
    assert page.locator("html").get_attribute("lang") == "en"
    assert figures(page)["Facilities"] == "2"


def test_every_level_follows_the_map(watched: Watched, site: Service, registry: Database, tmp_path: Path) -> None:
    with registry.write(actor="test", why="a test") as session:
        make_division(session, "330700000000", level=DivisionLevel.CITY, name="金华市")
        session.execute(
            text(
                "UPDATE division SET parent_id = (SELECT id FROM division WHERE level = 'city') WHERE level = 'county'"
            )
        )
    run = httpx.post(site.url + RUNS, json={"standard": "care-circle-15min"}).json()["id"]
    perform_run(registry, UUID(run), data_path=tmp_path)
    page = watched.page
    opened(page, site, run)
    for level, code in (("city", "330700000000"), ("county", "330702000000"), ("township", "330702002000")):
        page.select_option("#level", level)
        page.mouse.click(*at_step(page, 7))
        chosen = page.locator('#zones tr[aria-selected="true"]')
        expect(chosen).to_have_attribute("data-code", code)
        page.keyboard.press("Escape")


def test_a_browser_that_draws_no_maps_answers_all_the_same(watched: Watched, site: Service, done: str) -> None:
    page = watched.page
    page.add_init_script("HTMLCanvasElement.prototype.getContext = () => null")
    page.goto(f"{site.url}/plan#run={done}&at=nonsense")
    page.wait_for_selector(f'.plan[data-run="{done}"]')
    assert "WebGL" in page.inner_text(".map-failed")
    assert figures(page)["人数"] == "525"
    page.get_by_role("tab", name="设施").click()
    page.click("#places tbody button")
    page.get_by_role("button", name="试关闭").click()
    page.wait_for_selector('.plan[data-shown^="x"]')
    assert figures(page)["其中不可达"] == "525"


def test_a_map_without_its_style_says_so(watched: Watched, site: Service, done: str) -> None:
    page = watched.page
    page.route("**/tiles/style.json*", lambda route: route.fulfill(status=503, body="no"))
    page.goto(f"{site.url}/plan#run={done}")
    page.wait_for_selector(f'.plan[data-run="{done}"]')
    assert "没有读到" in page.inner_text(".map-failed")
    assert len(zone_rows(page)) == 2


def test_a_scenario_goes_on_with_the_next_run(
    watched: Watched, site: Service, done: str, worker: Callable[..., Thread]
) -> None:
    page = watched.page
    opened(page, site, done)
    page.focus("#add")
    page.keyboard.press("Enter")
    page.wait_for_selector('.plan[data-shown^="a"]')
    page.wait_for_function("() => location.hash.includes('edits=')")
    before = page.evaluate("location.hash.split('edits=')[1]")
    thread = worker()
    page.get_by_role("button", name="运行分析").click()
    page.wait_for_selector(f'.plan[data-run]:not([data-run="{done}"])')
    thread.join()
    page.wait_for_function("() => location.hash.includes('edits=')")
    assert page.evaluate("location.hash.split('edits=')[1]") == before
    page.wait_for_function("() => document.querySelector('#figures').innerText.includes('2')")
    page.go_back()
    page.wait_for_selector(f'.plan[data-run="{done}"]')


def test_what_went_wrong_is_said_and_nothing_is_lost(
    watched: Watched, site: Service, done: str, worker: Callable[..., Thread]
) -> None:
    page = watched.page
    page.goto(f"{site.url}/plan#run=00000000-0000-4000-8000-000000000000")
    expect(page.locator("#failed")).to_contain_text("没有这次分析")
    page.goto(f"{site.url}/plan#run=nonsense")
    expect(page.locator("#failed")).to_contain_text("没有这次分析")
    thread = worker(crash=True)
    page.get_by_role("button", name="运行分析").click()
    expect(page.locator("#failed")).to_contain_text("4f2a", timeout=10_000)
    assert violations(page) == []
    thread.join()
    opened(page, site, done)
    page.context.set_offline(True)
    page.focus("#add")
    page.keyboard.press("Enter")
    expect(page.locator("#failed")).to_contain_text("连不上服务")
    # What is shown is of before, and says so; it is asked again by itself, and then it is what was typed.
    assert page.get_attribute(".plan", "data-stale") == "true"
    page.context.set_offline(False)
    page.wait_for_selector('.plan[data-edits="1"][data-shown^="a"]', timeout=20_000)
    assert page.get_attribute(".plan", "data-stale") is None
    expect(page.locator("#failed")).to_be_hidden()


@pytest.mark.parametrize(("theme", "width"), [("light", 1440), ("dark", 360)])
def test_nobody_is_shut_out(watched: Watched, site: Service, done: str, theme: str, width: int) -> None:
    page = watched.page
    page.set_viewport_size({"width": width, "height": 800})
    language = "en" if theme == "dark" else "zh-CN"
    opened(page, site, done, query=f"?theme={theme}&lang={language}")
    page.get_by_role("tab").nth(1).click()
    page.locator("#places tbody button").first.click()
    assert not violations(page), violations(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert (watched.elsewhere, watched.complaints) == ([], [])


def test_on_a_phone_the_panels_are_a_sheet_of_three_heights(watched: Watched, site: Service, done: str) -> None:
    page = watched.page
    page.set_viewport_size({"width": 360, "height": 740})
    opened(page, site, done)
    tops = []
    for _ in range(3):
        box = page.locator("#handle").bounding_box()
        assert box is not None
        tops.append(box["y"])
        page.click("#handle")
    half, full, low = tops
    assert full < half < low < 740
    box = page.locator("nav").bounding_box()
    assert box is not None
    assert box["y"] + box["height"] == 740


def test_the_chart_counts_whom_it_says(watched: Watched, site: Service, done: str, tmp_path: Path) -> None:
    page = watched.page
    opened(page, site, done)
    counted = page.evaluate(
        """async () => {
            const { curveOf, histogram } = await import("/static/js/plan/chart.js");
            const bars = histogram([0.2, 1, 1.01, 15, 15.5, 60, 60.01, null], [1, 2, 4, 8, 16, 4, 32, 64], 60);
            return { bars, curve: curveOf(bars, 131) };
        }"""
    )
    bars, curve = counted["bars"], counted["curve"]
    assert {minute: people for minute, people in enumerate(bars) if people} == {
        1: 3,
        2: 4,
        15: 8,
        16: 16,
        60: 4,
        61: 32,
    }
    assert curve[15] == 15 / 131
    # The curve ends with the axis: whoever has it farther isn't within its last minute.
    assert curve[60] == 35 / 131
    assert curve[61] is None
    assert page.evaluate("async () => (await import('/static/js/plan/chart.js')).mostShown(90)") == 180
    page.locator("#chart").screenshot(path=tmp_path / "chart.png")
    with Image.open(tmp_path / "chart.png") as image:
        drawn_in = {colour for _, colour in image.convert("RGB").getcolors(1 << 24) or []}
    assert {token(page, "accent"), token(page, "edge"), token(page, "bad")} <= drawn_in
    assert f"15 分钟内 {page.inner_text('#share')}" in page.inner_text("#chart-about")


def test_too_many_points_to_draw_one_by_one_are_shown_by_tiles(
    watched: Watched, site: Service, done: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(coverage, "MOST_DRAWN", 1)
    page = watched.page
    opened(page, site, done)
    shown = colours(page, tmp_path / "map.png")
    assert token(page, "uncovered") in shown
    assert token(page, "minutes-5") in shown
    assert page.locator("#charts").is_hidden()
    assert "10–15" in page.inner_text("#scale")
    page.focus("#add")
    page.keyboard.press("Enter")
    page.wait_for_selector('.plan[data-shown^="a"]')
    outlook = live(site, done, {"do": "add", "lon": WEST + 5 * STEP, "lat": SOUTH})
    assert figures(page)["覆盖"] == f"{outlook['covered']:.0f}"
    assert (watched.elsewhere, watched.complaints) == ([], [])


def test_marks_that_begin_far_to_the_right_are_drawn(
    watched: Watched, site: Service, registry: Database, tmp_path: Path
) -> None:
    with registry.write(actor="test", why="a test") as session:
        make_facility(session, lon=WEST + 5 * STEP, lat=SOUTH, name="（（（（")
    run = httpx.post(site.url + RUNS, json={"standard": "care-circle-15min"}).json()["id"]
    perform_run(registry, UUID(run), data_path=tmp_path)
    opened(watched.page, site, run)
    x, y = at_step(watched.page, 5)
    watched.page.screenshot(path=tmp_path / "label.png", clip={"x": x - 40, "y": y + 13, "width": 80, "height": 16})
    with Image.open(tmp_path / "label.png") as image:
        darkest = sorted(image.convert("L").tobytes())[10]
    assert darkest < 120


def test_a_map_bears_its_approval_number(watched: Watched, registry: Database, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, map_approval_number="浙S(2026)<b>1</b>号")
    with served(create_app(settings, registry)) as site:
        watched.page.goto(f"{site.url}/plan")
        drawn(watched.page)
        assert "审图号：浙S(2026)<b>1</b>号" in watched.page.inner_text(".maplibregl-ctrl-attrib")


def test_an_empty_registry_says_how_to_begin(watched: Watched, committed: TestUrls, tmp_path: Path) -> None:
    database = Database.connect(committed.app)
    with served(create_app(Settings(data_dir=tmp_path), database)) as empty:
        watched.page.goto(f"{empty.url}/plan")
        assert "geo-registry import population" in watched.page.inner_text("main")
        assert violations(watched.page) == []
    database.dispose()
    assert (watched.elsewhere, watched.complaints) == ([], [])


def test_the_newest_edit_is_never_lost(watched: Watched, site: Service, done: str) -> None:
    page = watched.page
    opened(page, site, done)
    refused = iter((503, 503))

    def fails_twice(route: Route) -> None:
        status = next(refused, None) if "edits" in (route.request.post_data or "") else None
        if status is None:
            route.continue_()
        else:
            route.fulfill(status=status, body="{}", content_type="application/json")

    page.route("**/api/v1/coverage/live", fails_twice)
    page.focus("#add")
    page.keyboard.press("Enter")
    expect(page.locator("#failed")).to_contain_text("连不上服务")
    page.wait_for_selector('.plan[data-edits="1"][data-shown^="a"]', timeout=15_000)
    outlook = live(site, done, {"do": "add", "lon": WEST + 5 * STEP, "lat": SOUTH})
    assert figures(page)["覆盖"] == f"{outlook['covered']:.0f}"


def test_points_are_coloured_as_the_edits_leave_them(
    watched: Watched, site: Service, done: str, tmp_path: Path
) -> None:
    page = watched.page
    opened(page, site, done)
    gained, lost = token(page, "gained"), token(page, "lost")
    assert not {gained, lost} & colours(page, tmp_path / "before.png")
    fid = httpx.get(f"{site.url}{RUNS}/{done}/columns").json()["facilities"]["fid"][0]
    lon = WEST + 10 * STEP
    page.evaluate(f"() => {{ location.hash = 'run={done}&at=15/{HERE}&edits=m{fid}_{lon}_{SOUTH}' }}")
    page.wait_for_selector('.plan[data-shown^="m"]')
    page.wait_for_timeout(300)
    drawn(page)
    assert {gained, lost} <= colours(page, tmp_path / "after.png")
    assert page.locator("#scale .ring").all_inner_texts() == ["新增覆盖\n216", "失去覆盖\n204"]
    page.click("#undo")
    page.wait_for_selector('.plan[data-edits="0"]')
    page.wait_for_timeout(300)
    drawn(page)
    assert not {gained, lost} & colours(page, tmp_path / "undone.png")


def test_a_run_says_how_far_it_is_and_can_be_cancelled(watched: Watched, site: Service, registry: Database) -> None:
    page = watched.page
    page.goto(f"{site.url}/plan")
    page.get_by_role("button", name="运行分析").click()
    # Nobody performs it: it stays queued until it is cancelled.
    expect(page.locator("#progress")).to_contain_text("排队")
    expect(page.locator("#progress .figures")).to_contain_text("1 秒")
    assert not violations(page)
    page.click("#cancel")
    expect(page.locator("#note")).to_have_text("已取消")
    assert page.locator("#failed").is_hidden()
    assert page.locator("#progress").is_hidden()
    assert httpx.get(site.url + RUNS).json()["items"][0]["state"] == "cancelled"


def test_a_run_that_comes_late_doesn_t_take_the_page(
    watched: Watched, site: Service, done: str, worker: Callable[..., Thread]
) -> None:
    page = watched.page
    opened(page, site, done, rest="&edits=a_119.61_29.1")
    page.wait_for_selector('.plan[data-shown^="a"]')
    page.get_by_role("button", name="运行分析").click()
    expect(page.locator("#progress")).to_be_visible()
    # Back to the run before, while the new one is still queued.
    page.go_back()
    expect(page.locator("#progress")).to_be_hidden()
    worker().join()
    page.wait_for_timeout(1_000)
    assert page.get_attribute(".plan", "data-run") == done
    assert page.get_attribute(".plan", "data-edits") == "1"


def test_tables_are_sorted_filtered_and_kept_in_the_address(watched: Watched, site: Service, done: str) -> None:
    page = watched.page
    opened(page, site, done)
    assert page.locator("#zones tbody th").all_inner_texts() == ["城东街道", "<b>城西</b>&街道"]
    page.click('#zones th[data-key="gap"] button')
    assert page.locator("#zones tbody th").all_inner_texts() == ["<b>城西</b>&街道", "城东街道"]
    page.fill("#filter", "城西")
    assert page.locator("#zones tbody tr:visible th").all_inner_texts() == ["<b>城西</b>&街道"]
    expect(page.locator("#zones-note")).to_have_text("显示 2 个中的 1 个")
    page.wait_for_function("() => location.hash.includes('filter=')")
    page.reload()
    page.wait_for_selector(f'.plan[data-run="{done}"]')
    expect(page.locator("#zones-note")).to_have_text("显示 2 个中的 1 个")
    assert page.locator('#zones th[data-key="gap"]').get_attribute("aria-sort") == "ascending"
    page.fill("#filter", "没有")
    expect(page.locator("#zones-note")).to_contain_text("没有名称或代码相符的区划")
    page.fill("#filter", "")
    # After an edit the rows stand as the heading says, once it rests.
    page.evaluate(
        f"() => {{ location.hash = 'run={done}&at=15/{HERE}&zones=-covered&edits=a_{WEST + 9 * STEP}_{SOUTH}' }}"
    )
    page.wait_for_selector('.plan[data-shown^="a"]')
    page.wait_for_timeout(1_000)
    covered = [int(cells[1]) for cells in zone_rows(page).values()]
    assert covered == sorted(covered, reverse=True) != [204, 105]
    # Only levels that the run has are offered.
    assert page.locator("#level option").evaluate_all("options => options.map((each) => each.value)") == [
        "county",
        "township",
    ]


def test_other_minutes_and_another_speed_can_be_asked(
    watched: Watched, site: Service, worker: Callable[..., Thread]
) -> None:
    page = watched.page
    page.goto(f"{site.url}/plan")
    page.click("#adjust summary")
    page.fill("#minutes", "10")
    page.fill("#speed", "3")
    thread = worker()
    page.get_by_role("button", name="运行分析").click()
    page.wait_for_selector(".plan[data-run]")
    thread.join()
    run = httpx.get(f"{site.url}{RUNS}/{page.get_attribute('.plan', 'data-run')}").json()
    assert (run["standard"]["minutes"], run["standard"]["speed_kmh"]) == (10, 3)
    assert run["standard"]["verified"] is False
    assert "10 分钟 3 km/h" in page.inner_text("#standard-name")
    assert page.input_value("#minutes") == "10"
    assert page.input_value("#standard") == "care-circle-15min"


def test_a_finger_drags_a_facility_and_the_sheet(browser: Browser, site: Service, done: str) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 740}, locale="zh-CN", has_touch=True)
    page = context.new_page()
    opened(page, site, done)
    touch = context.new_cdp_session(page)

    def finger(kind: str, *at: tuple[float, float]) -> None:
        points = [{"x": x, "y": y} for x, y in at]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    box = page.locator("#map").bounding_box()
    assert box is not None
    page.evaluate(f"() => {{ location.hash = 'run={done}&at=15/{SOUTH}/{WEST}' }}")
    page.wait_for_timeout(500)
    drawn(page)
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    finger("touchStart", (x, y))
    for step in range(1, 6):
        finger("touchMove", (x + 12 * step, y))
    finger("touchEnd")
    page.wait_for_selector('.plan[data-edits="1"][data-shown^="m"]')
    assert page.get_attribute(".plan", "data-height") == "half"
    handle = page.locator("#handle").bounding_box()
    assert handle is not None
    x, y = handle["x"] + 100, handle["y"] + 10
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y - 100, steps=4)
    page.mouse.up()
    assert page.get_attribute(".plan", "data-height") == "full"
    # What is tapped in the table is to be seen on the map.
    page.locator("#zones tbody button").first.click()
    assert page.get_attribute(".plan", "data-height") == "half"
    handle = page.locator("#handle").bounding_box()
    assert handle is not None
    x, y = handle["x"] + 100, handle["y"] + 10
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y + 100, steps=4)
    page.mouse.up()
    assert page.get_attribute(".plan", "data-height") == "low"
    context.close()


def test_before_a_run_the_map_is_the_registry_s(watched: Watched, site: Service) -> None:
    page = watched.page
    page.goto(f"{site.url}/plan#at=15/{SOUTH}/{WEST}")
    drawn(page)
    box = page.locator("#map").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y, steps=3)
    expect(page.locator("#under-pointer")).to_have_text("<b>江南</b>&照料中心（一）")
    page.click("#legend summary")
    assert violations(page) == []
    assert "居家养老服务中心" in page.locator("#legend").evaluate("legend => legend.textContent")
    page.mouse.click(x, y)
    page.wait_for_url("**/facilities/*")


def test_points_and_facilities_say_what_they_are_under_the_pointer(watched: Watched, site: Service, done: str) -> None:
    page = watched.page
    opened(page, site, done)
    page.mouse.move(*at_step(page, 7), steps=3)
    minutes = httpx.get(f"{site.url}{RUNS}/{done}/points").json()["items"][3]["minutes"]
    expect(page.locator("#under-pointer")).to_have_text(f"107 人 · {minutes:.1f} 分钟")
    page.mouse.move(*at_step(page, 0), steps=3)
    expect(page.locator("#under-pointer")).to_have_text("<b>江南</b>&照料中心（一）")
    page.mouse.move(*at_step(page, 2), steps=3)
    expect(page.locator("#under-pointer")).to_be_hidden()


def test_page_command_api_and_report_say_the_same_numbers(
    watched: Watched, site: Service, registry: Database, committed: TestUrls, tmp_path: Path
) -> None:
    """Halves and sixteenths, which rules of rounding tell differently."""
    with registry.write(actor="test", why="a test") as session:
        people = make_dataset(session, DatasetKind.POPULATION, key="halves", title="半数")
        east = session.execute(text("SELECT id FROM division WHERE code = '330702002000'")).scalar_one()
        for step, count in ((1, 300.5), (9, 4507.5)):
            make_demand_point(
                session, people, lon=WEST + step * STEP, lat=SOUTH, counts={"60+": count}, division_id=east
            )
    command = [str(Path(sys.executable).with_name("geo-registry")), "coverage", "run", "care-circle-15min"]
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("GEO_")},
        "GEO_DATABASE_URL": committed.app,
        "GEO_OWNER_DATABASE_URL": committed.owner,
        "GEO_DATA_DIR": str(tmp_path),
        "COLUMNS": "160",
    }

    def said(*options: str) -> str:
        arguments = [*command, "--population", "halves", *options]
        done = subprocess.run(arguments, env=environment, stdout=subprocess.PIPE, encoding="utf-8", check=True)
        return done.stdout

    printed = said("-o", str(tmp_path / "report.docx"))
    run = json.loads(said("--json"))["run"]
    answer = httpx.get(f"{site.url}{RUNS}/{run}").json()["totals"]
    assert (answer["covered"], answer["gap"], answer["share"]) == (300.5, 4507.5, 0.0625)
    page = watched.page
    opened(page, site, run)
    shown = [page.inner_text("#share"), figures(page)["覆盖"], figures(page)["缺口"]]
    assert shown == ["6.3%", "301", "4,508"]
    row = ["城东街道", *(cell for cell in zone_rows(page)["330702002000"] if cell)]
    assert row == ["城东街道", "4,808", "301", "6.3%", "4,508"]
    table = next(line for line in printed.splitlines() if "330702002000" in line)
    document = Document(str(tmp_path / "report.docx"))
    cells = [[cell.text for cell in each.cells] for each_table in document.tables for each in each_table.rows]
    written = next(each for each in cells if "城东街道" in each)
    for figure in row:
        assert figure in table
        assert figure in written


def test_a_run_that_loses_its_service_is_followed_on(
    watched: Watched, site: Service, worker: Callable[..., Thread]
) -> None:
    page = watched.page
    page.goto(f"{site.url}/plan")
    page.get_by_role("button", name="运行分析").click()
    expect(page.locator("#progress")).to_contain_text("排队")
    page.context.set_offline(True)
    expect(page.locator("#progress")).to_contain_text("正在重试")
    assert page.locator("#failed").is_hidden()
    page.context.set_offline(False)
    thread = worker()
    page.wait_for_selector(".plan[data-run]")
    thread.join()


def test_an_address_that_was_cut_off_says_so(watched: Watched, site: Service, done: str) -> None:
    page = watched.page
    opened(page, site, done, rest="&division=abc&edits=a_119.61_29.1~m1_a_b~x99999999~zzz")
    page.wait_for_selector('.plan[data-edits="1"]')
    expect(page.locator("#note")).to_contain_text("3 处修改读不出来")
    assert page.locator("#failed").is_hidden()


def test_a_facility_that_is_looked_at_is_in_the_address(watched: Watched, site: Service, done: str) -> None:
    page = watched.page
    opened(page, site, done)
    page.get_by_role("tab", name="设施").click()
    page.click("#places tbody button")
    page.wait_for_function("() => location.hash.includes('facility=')")
    page.reload()
    page.wait_for_selector(f'.plan[data-run="{done}"]')
    expect(page.locator("#inspector")).to_contain_text("<b>江南</b>&照料中心（一）")
    with page.expect_navigation():
        page.locator("#inspector a").click()
    assert "/facilities/" in page.url


def test_a_scenario_is_taken_along_as_one(watched: Watched, site: Service, done: str) -> None:
    page = watched.page
    opened(page, site, done, rest="&edits=a_119.61_29.1")
    page.wait_for_selector('.plan[data-shown^="a"]')
    expect(page.locator("#of-run")).to_be_visible()
    with page.expect_download() as download:
        page.click("#export")
    assert "scenario" in download.value.suggested_filename
    rows = list(csv.reader(io.StringIO(Path(download.value.path()).read_text(encoding="utf-8-sig"))))
    assert rows[-3:] == [["方案"], ["新增", "新设施", "119.610000", "29.100000"], ["示例数据"]]
