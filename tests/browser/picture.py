"""Takes the picture of the board for the README: an outage like that of 3 February 2026, with simulated data.

Run: .venv/bin/python -m tests.browser.picture [FILE]      FILE is docs/board.png unless given
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from ai_provider_exporter.web.routes import application
from ai_provider_exporter.web.server import WebServer
from playwright.sync_api import sync_playwright

from tests.exporter import worlds

FILE = Path(__file__).parents[2] / "docs" / "board.png"


def take(file: Path) -> None:
    server = WebServer(application(worlds.unadmitted().window()), "127.0.0.1:0", None)
    server.start()
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=shutil.which("chromium")) as browser,
    ):
        page = browser.new_page(viewport={"width": 1120, "height": 1100})
        page.goto(server.url)
        page.screenshot(path=file)
    server.stop()


if __name__ == "__main__":
    take(Path(sys.argv[1]) if len(sys.argv) > 1 else FILE)
