"""Make the pictures of the documentation from the real product: `make docs`, or ``make docs ARGS='--only plan'``.

``ARGS='--all FOLDER'`` makes every page wide and on a phone, light and dark, in Chinese and English, into a folder: to be
looked at, not to be committed.

Pages are photographed in a registry of their own with the demonstration in it, the map file of the README's worked
example with its trial data (README: where its authors publish it), which is looked for beside the checkout or in the
folder that is given; where there is none, that one picture stays as it is. Pages go into 256 colours, which they hardly
exceed.
"""

import argparse
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

import httpx
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from geo_registry.demo.sign_ins import PASSWORD

CHECKOUT = Path(__file__).resolve().parent.parent
DEFAULT_DATA = CHECKOUT.parent / "shared" / "data"
EXAMPLE = CHECKOUT / "docs" / "examples" / "porto-alegre"
IMAGES = CHECKOUT / "docs" / "images"
FLAGS = ("--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist")
WIDE, PHONE = (1440, 900), (360, 740)
STANDARD = "care-circle-15min"
WORKED = "porto-alegre"
PLANNER, ADMIN, REGISTRAR = "demo-planner", "demo-admin", "demo-registrar"
RENAMED, WAS, GROWN, AREA, MOUNTAIN, GONE = "明府路", "东方红路", "江竹大道", "锦绣花园", "金华山", "环城路"
"""Places of the demonstration: a street, what it was called, one that grew, an estate, a mountain, a street that is gone."""
LANES_OF = "330702001"
"""Where roads without a name are looked for."""
MERGED = "/divisions/330782104261?vintage=2018"
"""A village that went into another."""


@dataclass(frozen=True)
class Shot:
    """One picture: the page's address, its size and preferences, and what is done before it is taken."""

    name: str
    address: str
    size: tuple[int, int] = WIDE
    theme: str = "light"
    lang: str = "zh-CN"
    view: str = "standard"
    do: Callable[[Page], None] | None = None
    whole: bool = False
    """All of the page, not only what is in sight at first."""
    login: str = ""
    """Which of the demonstration's accounts is signed in; nobody where it is empty."""


def drawn(page: Page) -> None:
    """Wait for the map, if there is one, and for what follows an edit."""
    if page.locator("#map, .map").count():
        page.wait_for_selector('.map[data-drawn="true"]')
    page.wait_for_timeout(500)


def drag(page: Page) -> None:
    """Take hold of the facility in the middle of the map and draw it aside; it stays in the hand."""
    box = page.locator("#map").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - min(190, box["width"] / 4), y + min(60, box["height"] / 5), steps=15)
    page.wait_for_selector(".plan[data-shown]")


def ask_a_village(page: Page) -> None:
    """Click a demand point: somebody who has it far."""
    page.get_by_role("tab").nth(0).click()
    box = page.locator("#map").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_selector("#inspector .roads")


def to_the_map(page: Page) -> None:
    """Down to the map and what stands below it."""
    page.locator("#map").evaluate("each => window.scrollTo(0, each.getBoundingClientRect().top + scrollY - 90)")


@dataclass(frozen=True)
class Scenes:
    """Where the pictures are taken: addresses of pages that show something worth looking at."""

    plan: str
    """The newest run that is done."""
    held: str
    """The same, the facility that most people have as their nearest in the middle."""
    village: str
    """The same, in the middle where many people have it far."""
    facility: str
    places: Mapping[str, str]
    """Pages of places, by their names."""
    office: Mapping[str, str]
    """Pages of the office: `late`, a case whose filing is late; `name`, a name of one in handling; `announced`, `asked`, `listed`."""


def scenes(url: str) -> Scenes:
    """The addresses in this registry."""
    run = the_run(url)
    columns = httpx.get(f"{url}/api/v1/coverage/runs/{run}/columns", timeout=60).json()
    facilities, points = columns["facilities"], columns["points"]
    busiest = max(range(len(facilities["fid"])), key=lambda at: facilities["nearest_for"][at])
    held = f"13.6/{facilities['lat'][busiest]:.5f}/{facilities['lon'][busiest]:.5f}"
    far = max(
        (at for at, minutes in enumerate(points["minutes"]) if minutes and 30 < minutes < 45),
        key=lambda at: points["demand"][at],
    )
    village = f"12.6/{points['lat'][far]:.5f}/{points['lon'][far]:.5f}"
    plan = f"/plan#run={run}"
    return Scenes(
        plan=plan,
        held=f"{plan}&at={held}",
        village=f"{plan}&at={village}",
        facility=f"/facilities/{facilities['id'][busiest]}",
        places={name: the_place(url, name) for name in (RENAMED, GROWN, AREA, MOUNTAIN, GONE)},
        office=the_office(url),
    )


def the_office(url: str) -> dict[str, str]:
    """Pages of the office that show something: a case that is late, a name that lies somewhere, what was published."""
    with signed_in(url, REGISTRAR) as registrar:

        def first(path: str, **asked: bool) -> dict[str, Any]:
            found = registrar.get(f"/api/v1/{path}", params=asked).raise_for_status().json()["items"]
            return dict(found[0])

        late = first("cases", late=True)
        cases = registrar.get("/api/v1/cases", params={"open": True, "limit": 200}).raise_for_status().json()["items"]
        told = (registrar.get(f"/api/v1/cases/{each['id']}").raise_for_status().json() for each in cases)
        case, line = next(
            (each["id"], line["id"])
            for each in told
            for line in each["lines"]
            if line["geometry"] is not None and line["state"] == "open"
        )
        return {
            "late": f"/desk/cases/{late['id']}",
            "case": f"/desk/cases/{case}",
            "name": f"/desk/cases/{case}/names/{line}",
            "announced": f"/announcements/{first('announcements')['id']}",
            "asked": f"/consultations/{first('consultations')['id']}",
            "listed": f"/heritage/{first('heritage')['id']}",
        }


def the_place(url: str, name: str) -> str:
    """The address of a place's page."""
    (place,) = httpx.get(f"{url}/api/v1/places", params={"name": name}, timeout=60).json()["items"]
    return f"/places/{place['id']}"


def shots(at: Scenes) -> list[Shot]:
    """The pictures of the documentation."""
    return [
        Shot("home", "/"),
        Shot("home-dark-en", "/", theme="dark", lang="en"),
        Shot("home-phone", "/", size=PHONE),
        Shot("home-elder-phone", "/", size=PHONE, view="elder"),
        Shot("plan-idle", "/plan"),
        Shot("plan", at.plan),
        Shot("plan-dark-en", at.plan, theme="dark", lang="en"),
        Shot("plan-phone", at.plan, size=PHONE),
        Shot("plan-phone-dark-en", at.plan, size=PHONE, theme="dark", lang="en"),
        Shot("plan-dragging", at.held, do=drag, login=PLANNER),
        Shot("plan-village", at.village, do=ask_a_village, login=PLANNER),
        Shot("facilities", "/facilities"),
        Shot("facilities-phone", "/facilities", size=PHONE),
        Shot("facility", at.facility),
        Shot("facility-dark-en", at.facility, theme="dark", lang="en"),
        Shot("facility-phone", at.facility, size=PHONE),
        Shot("place", at.places[RENAMED]),
        Shot("place-phone", at.places[RENAMED], size=PHONE),
        Shot("names-review", "/names/review?severity=error", login=REGISTRAR),
        Shot("names-review-phone", "/names/review?severity=error", size=PHONE, login=REGISTRAR),
        *of_the_office(at),
        Shot("sign-in", "/sign-in"),
        Shot("admin-users", "/admin/users", login=ADMIN),
        Shot(
            "admin-user-phone-dark-en", "/admin/users/demo-registrar", size=PHONE, theme="dark", lang="en", login=ADMIN
        ),
        Shot("admin-jobs", "/admin/jobs", login=ADMIN),
        Shot("design", "/design"),
        Shot("design-dark-en", "/design", theme="dark", lang="en"),
        Shot("design-phone", "/design", size=PHONE),
    ]


def of_the_office(at: Scenes) -> Iterator[Shot]:
    """Its pages, wide and on a phone."""
    for name, address, login in (
        ("desk", "/desk", REGISTRAR),
        ("desk-case", at.office["late"], REGISTRAR),
        ("desk-name", at.office["name"], REGISTRAR),
        ("announcements", "/announcements", ""),
        ("announcement", at.office["announced"], ""),
        ("consultations", "/consultations", ""),
        ("consultation", at.office["asked"], ""),
        ("heritage", "/heritage", ""),
        ("heritage-name", at.office["listed"], ""),
        ("names-unnamed", "/names/unnamed", REGISTRAR),
    ):
        do = to_the_map if name == "desk-name" else None
        yield Shot(name, address, login=login, do=do)
        yield Shot(f"{name}-phone", address, size=PHONE, login=login, do=do)


def every_shot(at: Scenes) -> Iterator[Shot]:
    """Every page in every size, colour and language."""
    pages = (
        Shot("home", "/", whole=True),
        Shot("home-elder", "/", view="elder", whole=True),
        Shot("facilities", "/facilities?kind=cemetery"),
        Shot("facility", at.facility, whole=True),
        Shot("search-former", f"/?q={WAS}"),
        Shot("search-gone", f"/?q={GONE}"),
        *(Shot(f"place-{number}", address, whole=True) for number, address in enumerate(at.places.values(), 1)),
        Shot("place-then", f"{at.places[GROWN]}?on=2000-01-01"),
        Shot("extract", f"{at.places[RENAMED]}/extract", whole=True),
        Shot("division", MERGED, whole=True),
        Shot("names", "/names", login=REGISTRAR),
        Shot("names-review", "/names/review", login=REGISTRAR),
        *(each for each in of_the_office(at) if each.size == WIDE),
        Shot("design", "/design", whole=True),
        Shot("docs", "/docs"),
        Shot("plan-idle", "/plan"),
        Shot("plan", at.plan),
        Shot("plan-dragging", at.held, do=drag, login=PLANNER),
        Shot("plan-village", at.village, do=ask_a_village, login=PLANNER),
    )
    for page, size, theme, lang in product(pages, (WIDE, PHONE), ("light", "dark"), ("zh-CN", "en")):
        # On a phone what is in sight: in a longer picture the bar at its foot would lie in the middle.
        whole = page.whole and size == WIDE
        yield replace(
            page, name=f"{page.name}-{size[0]}-{theme}-{lang[:2]}", size=size, theme=theme, lang=lang, whole=whole
        )


def the_run(url: str) -> str:
    """The newest run of the standard, ordered and awaited where there is none."""
    runs = httpx.get(f"{url}/api/v1/coverage/runs").json()["items"]
    done = [run["id"] for run in runs if run["state"] == "done" and run["standard"]["key"] == STANDARD]
    if done:
        return str(done[0])
    with signed_in(url, PLANNER) as planner:
        run = planner.post("/api/v1/coverage/runs", json={"standard": STANDARD}).raise_for_status().json()
    while run["state"] in {"queued", "running"}:
        run = httpx.get(run["links"]["self"]).json()
    return str(run["id"])


@contextmanager
def signed_in(url: str, login: str) -> Iterator[httpx.Client]:
    """A client that is signed in with one of the demonstration's accounts."""
    with httpx.Client(base_url=url, headers={"Sec-Fetch-Site": "same-origin"}, timeout=60) as client:
        token = re.search(r'name="csrf" value="([^"]*)"', client.get("/sign-in").text)
        assert token is not None
        client.post("/sign-in", data={"login": login, "password": PASSWORD, "csrf": token[1]})
        yield client


def take(browser: Browser, url: str, shot: Shot, folder: Path) -> Path:
    """Take one picture."""
    width, height = shot.size
    context = browser.new_context(viewport={"width": width, "height": height}, locale=shot.lang)
    if shot.login:
        with signed_in(url, shot.login) as client:
            context.add_cookies([{"name": name, "value": value, "url": url} for name, value in client.cookies.items()])
    page = context.new_page()
    path, _, rest = shot.address.partition("#")
    page.goto(
        f"{url}{path}{'&' if '?' in path else '?'}theme={shot.theme}&lang={shot.lang}&view={shot.view}{'#' + rest if rest else ''}"
    )
    if "run=" in rest:
        page.wait_for_selector(".plan[data-run]")
    drawn(page)
    if shot.do is not None:
        shot.do(page)
        drawn(page)
    target = folder / f"{shot.name}.png"
    page.screenshot(path=target, full_page=shot.whole)
    context.close()
    # A median cut alone mixes the rare colours of small marks with their neighbours.
    with Image.open(target) as image:
        image.convert("RGB").quantize(256, Image.Quantize.MAXCOVERAGE, kmeans=3).save(target, optimize=True)
    return target


@contextmanager
def registry() -> Iterator[Path]:
    """A data directory that is removed, its database stopped, at the end."""
    with tempfile.TemporaryDirectory(prefix="geo-") as folder:
        data_dir = Path(folder)
        # The cluster is another user's where root takes pictures.
        data_dir.chmod(0o755)
        try:
            yield data_dir
        finally:
            command(data_dir, "db", "stop")


def command(data_dir: Path, *arguments: str | Path) -> None:
    """One command of the product on the registry in `data_dir`."""
    subprocess.run(_as_typed(*arguments), env={**os.environ, "GEO_DATA_DIR": str(data_dir)}, check=True)


def _as_typed(*arguments: str | Path) -> list[str | Path]:
    return [sys.executable, "-m", "geo_registry.cli", *arguments]


@contextmanager
def up(data_dir: Path) -> Iterator[str]:
    """The product with the demonstration, as `make up` starts it; its address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {**os.environ, "GEO_DATA_DIR": str(data_dir)}
    process = subprocess.Popen(_as_typed("up", "--demo", "--port", str(port)), env=environment)
    try:
        while True:
            try:
                if httpx.get(f"http://127.0.0.1:{port}/readyz").is_success:
                    break
            except httpx.TransportError:
                if process.poll() is not None:
                    sys.exit("the product didn't start")
            time.sleep(0.5)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def photograph_pages(browser: Browser, only: str, everything: Path | None) -> None:
    """The pages, of the demonstration: those of the documentation, or everything into a folder."""
    with registry() as data_dir, up(data_dir) as url:
        command(data_dir, "names", "unnamed", "--division", LANES_OF)
        at = scenes(url)
        for shot in every_shot(at) if everything else shots(at):
            if shot.name.startswith(only):
                path = take(browser, url, shot, everything or IMAGES)
                print(f"{path.name}  {path.stat().st_size // 1000} kB")


def photograph_example(browser: Browser, data: Path) -> None:
    """The map file of the README's worked example, command by command."""
    city = data / "porto_alegre"
    with registry() as data_dir:
        command(data_dir, "import", "roads", city / "poa_osm.pbf")
        command(data_dir, "import", "population", city / "poa_hexgrid.csv", "--map", EXAMPLE / "population.toml")
        command(data_dir, "import", "facilities", city / "poa_hexgrid.csv", "--map", EXAMPLE / "facilities.toml")
        command(data_dir, "coverage", "run", EXAMPLE / "poa-15min.toml", "-o", data_dir / "map.html")
        page = browser.new_page(viewport={"width": 1200, "height": 760}, locale="zh-CN")
        page.goto((data_dir / "map.html").as_uri())
        page.wait_for_selector(".leaflet-control-scale")
        page.wait_for_timeout(500)
        page.screenshot(path=IMAGES / f"{WORKED}.png")


def main() -> None:
    """All pictures, or those whose names begin so."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", nargs="?", type=Path, default=DEFAULT_DATA, help="the folder of the trial data")
    parser.add_argument("--only", default="", metavar="NAME", help="pictures whose names begin so")
    parser.add_argument("--all", type=Path, metavar="FOLDER", help="every page in every way, into this folder")
    options = parser.parse_args()
    (options.all or IMAGES).mkdir(exist_ok=True, parents=True)
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        if options.all or not WORKED.startswith(options.only):
            pass
        elif options.data.is_dir():
            photograph_example(browser, options.data)
        else:
            print(f"there is no trial data in {options.data}: {WORKED}.png stays as it is", file=sys.stderr)
        photograph_pages(browser, options.only, options.all)
        browser.close()


if __name__ == "__main__":
    main()
