from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from ai_provider_exporter.web.context import WebContext
from ai_provider_exporter.web.routes import application
from ai_provider_exporter.web.server import WebServer
from playwright.sync_api import Browser, sync_playwright

from tests.browser.looking import Look, Visitor


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(__file__.removesuffix("conftest.py")):
            item.add_marker(pytest.mark.e2e)


@pytest.fixture(name="browser", scope="session")
def _browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium")
    assert chromium, "chromium is missing: run tests/tools/install-browser"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium)
        yield browser
        browser.close()


@pytest.fixture(name="look")
def _look(browser: Browser) -> Iterator[Look]:
    """Serves what a window shows and opens a browser on it; at the end nothing may have been complained about."""
    with ExitStack() as stack:

        def look(window: WebContext, *, scheme: str = "light", width: int = 1280, script: bool = True) -> Visitor:
            server = WebServer(application(window), "127.0.0.1:0", None)
            server.start()
            stack.callback(server.stop)
            context = browser.new_context(
                color_scheme=scheme,  # type: ignore[arg-type]  # light or dark
                viewport={"width": width, "height": 900},
                java_script_enabled=script,
            )
            stack.callback(context.close)
            return Visitor(context.new_page(), server)

        yield look
