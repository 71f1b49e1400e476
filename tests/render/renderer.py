"""Draws boards with Grafana's own front end in a real browser, and reads what can be read in them.

The libraries (@grafana/ui, data and scenes, Apache-2.0) stand in package.json; `make pictures` fetches them.
"""

from __future__ import annotations

import http.server
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from playwright.sync_api import ConsoleMessage, Page, Response, sync_playwright

from tests.dashboards.boards import BOARDS
from tests.dashboards.situations.server import SIX_HOURS, SIZES
from tests.dashboards.situations.story import Situation
from tests.dashboards.situations.world import END

HERE: Final = Path(__file__).parent
MODULES: Final = HERE / "node_modules"
# What the page asks for: a prefix of the path, and the directory that answers it.
PLACES: Final = {
    "/font/": MODULES / "@fontsource" / "inter" / "files",
    "/public/fonts/inter/": MODULES / "@fontsource" / "inter" / "files",
    "/public/build/img/": MODULES / "@grafana" / "ui" / "dist" / "public" / "img",
}
# The application's own names of fonts that its style sheet asks for.
FONT_FILES: Final = {
    "/public/fonts/inter/Inter-Regular.woff2": "inter-latin-400-normal.woff2",
    "/public/fonts/inter/Inter-Medium.woff2": "inter-latin-500-normal.woff2",
}
WEIGHTS: Final = (400, 500, 600)
PAGE: Final = """<!doctype html><meta charset=utf-8><title>board</title><link rel=stylesheet href=/bundle/board.css>
<style>{fonts} body{{margin:0}}</style><script>window.__grafana_public_path__='/public/'</script>
<div id=root></div><script src=/bundle/board.js></script>"""
FONT: Final = "@font-face{{font-family:Inter;font-weight:{0};src:url(/font/inter-latin-{0}-normal.woff2)}}"
SCRAPE_SECONDS: Final = 15
"""The scrape interval that a data source of Grafana has unless somebody sets it."""
WIDTH, GRID_ROW, HEADER = 1600, 38, 200  # pixels
# What Grafana's libraries complain of by themselves, whatever they draw.
USUAL: Final = ("Failed to load resource", "findDOMNode", "defaultProps", "Not implemented", "React Router Future Flag")
READ: Final = """() => Object.fromEntries([...document.querySelectorAll('[data-viz-panel-key]')].map((panel) => [
  panel.dataset.vizPanelKey.replace('panel-', ''),
  [panel.innerText, ...[...panel.querySelectorAll('[data-rows]')].map((rows) => rows.dataset.rows)].join('\\n'),
]))"""


@dataclass(frozen=True)
class Picture:
    """A drawn board: its image, the texts of its panels by id, and all that went wrong."""

    png: bytes
    panels: dict[int, str]
    errors: list[str]
    blank: list[str]
    complaints: list[str]


class _Files(http.server.SimpleHTTPRequestHandler):
    def __init__(self, *arguments: Any, bundle: Path, **more: Any) -> None:
        self._places = PLACES | {"/bundle/": bundle}
        super().__init__(*arguments, **more)

    def do_GET(self) -> None:
        if self.path != "/":
            # A page that is closed while it loads hangs up.
            with suppress(BrokenPipeError, ConnectionResetError):
                super().do_GET()
            return
        body = PAGE.format(fonts="".join(map(FONT.format, WEIGHTS))).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def translate_path(self, path: str) -> str:
        wanted = unquote(urlsplit(path).path)
        for prefix, directory in self._places.items():
            if wanted.startswith(prefix):
                return str(directory / FONT_FILES.get(wanted, wanted.removeprefix(prefix)))
        return str(HERE / "nothing")

    def log_message(self, *_: object) -> None:
        """Says nothing: whoever reads the output looks for what failed."""


def bundle(directory: Path) -> None:
    """Bundles what the browser runs.

    Raises:
        FileNotFoundError: node or the libraries are not there; the message says what to run.
        subprocess.CalledProcessError: they could not be bundled.
    """
    node = shutil.which("node")
    if node is None or not MODULES.exists():
        raise FileNotFoundError("the boards cannot be drawn without node and its libraries: run make pictures")
    subprocess.run([node, "build.mjs", directory / "board.js"], cwd=HERE, check=True)


@contextmanager
def _served(directory: Path) -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(_Files, bundle=directory)) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


class Renderer:
    """A browser page with Grafana's front end in it, which draws one board after the other."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._complaints: list[str] = []
        page.on("console", self._note)
        page.on("response", self._refused)
        page.on("pageerror", lambda error: self._complaints.append(str(error)))

    def _refused(self, response: Response) -> None:
        # One icon of the time picker is in the application only.
        if response.status >= HTTPStatus.BAD_REQUEST and not response.url.endswith(".svg"):
            self._complaints.append(f"{response.status} {response.url}")

    def _note(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not any(usual in message.text for usual in USUAL):
            self._complaints.append(message.text)

    def draw(
        self,
        board: dict[str, Any],
        chosen: dict[str, list[str]],
        start: float,
        end: float,
        *,
        mode: str = "dark",
        height: int = 0,
    ) -> Picture:
        """Draws a board over a time range in Unix seconds; the clock of the browser stands at its end.

        Args:
            board: classic JSON.
            chosen: values of variables, where they are not to be as the board has them at first.
            start: of the time range.
            end: of the time range.
            mode: `dark` or `light`.
            height: how much of the board the image shows, in pixels from its top; 0 is all of it.
        """
        self._complaints.clear()
        # What is out of sight is not drawn: the window is as tall as the board.
        bottom = max(panel["gridPos"]["y"] + panel["gridPos"]["h"] for panel in board["panels"])
        self._page.set_viewport_size({"width": WIDTH, "height": GRID_ROW * bottom + HEADER})
        self._page.clock.set_fixed_time(end)
        order = {
            "board": board,
            "chosen": chosen,
            "from": start * 1000,
            "to": end * 1000,
            "mode": mode,
            "width": WIDTH,
        }
        done = self._page.evaluate("order => window.draw(order)", order)
        whole = {"x": 0, "y": 0, "width": WIDTH, "height": height} if height else None
        png = self._page.screenshot(full_page=True, clip=whole)  # type: ignore[arg-type]  # a rectangle or nothing
        panels = {int(key): text for key, text in self._page.evaluate(READ).items()}
        return Picture(png, panels, done["errors"], done["blank"], list(self._complaints))


@contextmanager
def renderer(directory: Path, prometheus: str) -> Iterator[Renderer]:
    """A renderer whose bundle is made below `directory`, for the Prometheus at that address."""
    bundle(directory)
    with (
        _served(directory) as url,
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=shutil.which("chromium")) as browser,
    ):
        page = browser.new_page(timezone_id="UTC", locale="en-GB")
        page.goto(url)
        page.evaluate("([url, scrape]) => window.start(url, scrape)", [prometheus, SCRAPE_SECONDS])
        yield Renderer(page)


def take(drawing: Renderer, board: str, situation: Situation, size: int, mode: str, *, height: int = 0) -> Picture:
    """A picture of a board in a situation, or of its top; on the Provider board one provider is chosen."""
    jobs = [situation.name] if size == SIZES[0] else [situation.name, situation.crowd]
    chosen = {"job": jobs} | ({"provider": [situation.focus]} if board == "provider" else {})
    return drawing.draw(BOARDS[board], chosen, END - SIX_HOURS, END, mode=mode, height=height)
