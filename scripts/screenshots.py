"""Make the pictures of the documentation from the real product: `make docs`, or ``make docs ARGS='--only plan'``.

Pages are photographed in a registry of their own with the demonstration in it, the map file of the README's worked
example with its trial data (README: where its authors publish it), which is looked for beside the checkout or in the
folder that is given; where there is none, that one picture stays as it is. Pages go into 256 colours, which they hardly
exceed.
"""

import argparse
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

CHECKOUT = Path(__file__).resolve().parent.parent
DEFAULT_DATA = CHECKOUT.parent / "shared" / "data"
EXAMPLE = CHECKOUT / "docs" / "examples" / "porto-alegre"
IMAGES = CHECKOUT / "docs" / "images"
FLAGS = ("--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist")
WIDE, PHONE = (1440, 900), (360, 740)
STANDARD = "care-circle-15min"
WORKED = "porto-alegre"


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
    page.mouse.move(x - 190, y + 60, steps=15)
    page.wait_for_selector(".plan[data-shown]")


def ask_a_village(page: Page) -> None:
    """Click a demand point: somebody who has it far."""
    page.get_by_role("tab").nth(0).click()
    box = page.locator("#map").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_selector("#inspector .roads")


def shots(url: str) -> list[Shot]:
    """All pictures; those of a run are of the newest that is done."""
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
    facility = f"/facilities/{facilities['id'][busiest]}"
    return [
        Shot("home", "/"),
        Shot("home-dark-en", "/", theme="dark", lang="en"),
        Shot("home-phone", "/", size=PHONE),
        Shot("home-elder-phone", "/", size=PHONE, view="elder"),
        Shot("plan-idle", "/plan"),
        Shot("plan", plan),
        Shot("plan-dark-en", plan, theme="dark", lang="en"),
        Shot("plan-phone", plan, size=PHONE),
        Shot("plan-phone-dark-en", plan, size=PHONE, theme="dark", lang="en"),
        Shot("plan-dragging", f"{plan}&at={held}", do=drag),
        Shot("plan-village", f"{plan}&at={village}", do=ask_a_village),
        Shot("facility", facility),
        Shot("facility-dark-en", facility, theme="dark", lang="en"),
        Shot("facility-phone", facility, size=PHONE),
        Shot("design", "/design"),
        Shot("design-dark-en", "/design", theme="dark", lang="en"),
        Shot("design-phone", "/design", size=PHONE),
    ]


def the_run(url: str) -> str:
    """The newest run of the standard, ordered and awaited where there is none."""
    runs = httpx.get(f"{url}/api/v1/coverage/runs").json()["items"]
    done = [run["id"] for run in runs if run["state"] == "done" and run["standard"]["key"] == STANDARD]
    if done:
        return str(done[0])
    run = httpx.post(f"{url}/api/v1/coverage/runs", json={"standard": STANDARD}).raise_for_status().json()
    while run["state"] in {"queued", "running"}:
        run = httpx.get(run["links"]["self"]).json()
    return str(run["id"])


def take(browser: Browser, url: str, shot: Shot) -> Path:
    """Take one picture."""
    width, height = shot.size
    context = browser.new_context(viewport={"width": width, "height": height}, locale=shot.lang)
    page = context.new_page()
    path, _, rest = shot.address.partition("#")
    page.goto(f"{url}{path}?theme={shot.theme}&lang={shot.lang}&view={shot.view}{'#' + rest if rest else ''}")
    if "run=" in rest:
        page.wait_for_selector(".plan[data-run]")
    drawn(page)
    if shot.do is not None:
        shot.do(page)
        drawn(page)
    target = IMAGES / f"{shot.name}.png"
    page.screenshot(path=target)
    context.close()
    with Image.open(target) as image:
        image.convert("RGB").quantize(256).save(target, optimize=True)
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


def photograph_pages(browser: Browser, only: str) -> None:
    """The pages, of the demonstration."""
    with registry() as data_dir, up(data_dir) as url:
        for shot in shots(url):
            if shot.name.startswith(only):
                path = take(browser, url, shot)
                print(f"{path.relative_to(CHECKOUT)}  {path.stat().st_size // 1000} kB")


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
    options = parser.parse_args()
    IMAGES.mkdir(exist_ok=True)
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        if not WORKED.startswith(options.only):
            pass
        elif options.data.is_dir():
            photograph_example(browser, options.data)
        else:
            print(f"there is no trial data in {options.data}: {WORKED}.png stays as it is", file=sys.stderr)
        photograph_pages(browser, options.only)
        browser.close()


if __name__ == "__main__":
    main()
