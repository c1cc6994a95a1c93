"""Make the pictures of the documentation from the real product: `make docs`.

The trial data (README: where its authors publish it) is looked for beside the checkout, or in the folder that is given.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import ViewportSize, sync_playwright

CHECKOUT = Path(__file__).resolve().parent.parent
DEFAULT_DATA = CHECKOUT.parent / "shared" / "data"
EXAMPLE = CHECKOUT / "docs" / "examples" / "porto-alegre"
IMAGES = CHECKOUT / "docs" / "images"
VIEWPORT: ViewportSize = {"width": 1200, "height": 760}


def registry(data_dir: Path, *arguments: str | Path) -> None:
    """Run one command of the product on a registry of its own."""
    environment = {**os.environ, "GEO_DATA_DIR": str(data_dir)}
    subprocess.run([CHECKOUT / ".venv/bin/geo-registry", *arguments], env=environment, check=True)


def porto_alegre(data: Path, data_dir: Path) -> Path:
    """The README's worked example, command by command; gives its map."""
    city = data / "porto_alegre"
    registry(data_dir, "import", "roads", city / "poa_osm.pbf")
    registry(data_dir, "import", "population", city / "poa_hexgrid.csv", "--map", EXAMPLE / "population.toml")
    registry(data_dir, "import", "facilities", city / "poa_hexgrid.csv", "--map", EXAMPLE / "facilities.toml")
    result = data_dir / "map.html"
    registry(data_dir, "coverage", "run", EXAMPLE / "poa-15min.toml", "-o", result)
    return result


def photograph(page: Path, picture: Path) -> None:
    """A picture of an HTML file in headless Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        tab = browser.new_page(viewport=VIEWPORT, locale="zh-CN")
        tab.goto(page.as_uri())
        tab.wait_for_selector(".leaflet-control-scale")
        tab.wait_for_timeout(500)
        tab.screenshot(path=picture)
        browser.close()


def main() -> None:
    """All pictures."""
    data = Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_DATA
    if not data.is_dir():
        sys.exit(f"there is no trial data in {data}: see the README for where its authors publish it")
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        data_dir = Path(folder)
        data_dir.chmod(0o755)
        try:
            photograph(porto_alegre(data, data_dir), IMAGES / "porto-alegre.png")
        finally:
            registry(data_dir, "db", "stop")


if __name__ == "__main__":
    main()
