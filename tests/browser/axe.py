"""What axe-core finds against the Web Content Accessibility Guidelines on a page."""

from pathlib import Path

from playwright.sync_api import Page

from geo_registry.settings import CHECKOUT

AXE = CHECKOUT / "node_modules" / "axe-core" / "axe.min.js"

RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")


def violations(page: Page, *, but: tuple[str, ...] = ()) -> list[str]:
    """Each violation with where it is; `but` are selectors of what isn't ours."""
    # As the debugger, not as a script of the page: the policy takes none from elsewhere.
    page.evaluate(Path(AXE).read_text(encoding="utf-8"))
    found = page.evaluate(
        """([rules, but]) => axe.run({exclude: but.map((each) => [each])}, {runOnly: rules})""",
        [list(RULES), list(but)],
    )
    return [
        f"{each['id']}: {each['help']}: {', '.join(' '.join(map(str, node['target'])) for node in each['nodes'])}"
        for each in found["violations"]
    ]
