"""A headless Chromium for the tests of pages, cut off from every address but this machine's; what a page asks elsewhere is remembered."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, sync_playwright

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = (
    "--no-sandbox",
    # WebGL without a graphics card: maps are drawn by it.
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
    # No name is found and no other address reached: Chromium itself refuses, whoever asks, workers and preconnects too.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
HERE = ("127.0.0.1", "", None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium, started once a worker."""
    if CHROMIUM is None:
        pytest.fail("the tests need Chromium: run `scripts/setup --test`")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield opened
        opened.close()


@dataclass
class Watched:
    """A page, and what went wrong on it."""

    page: Page
    elsewhere: list[str] = field(default_factory=list)
    """Addresses on other hosts that it asked for."""
    complaints: list[str] = field(default_factory=list)
    """Errors of its console (violations of the content security policy among them) and of its scripts."""


@pytest.fixture
def watched(browser: Browser) -> Iterator[Watched]:
    """An empty page that is watched."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="zh-CN")
    page = context.new_page()
    watch = Watched(page)

    def remember_elsewhere(request: Request) -> None:
        if urlsplit(request.url).hostname not in HERE:
            watch.elsewhere.append(request.url)

    def hear(message: ConsoleMessage) -> None:
        if message.type == "error":
            watch.complaints.append(message.text)

    context.on("request", remember_elsewhere)
    page.on("console", hear)
    page.on("pageerror", lambda error: watch.complaints.append(str(error)))
    yield watch
    context.close()
