"""A visitor with a real browser, who writes down whatever the browser complains about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any, Protocol

from playwright.sync_api import ConsoleMessage, Page

Look = Callable[..., "Visitor"]
GRAVE = {"serious", "critical"}


class Server(Protocol):
    """Whatever serves a board."""

    @property
    def url(self) -> str: ...


@dataclass
class Visitor:
    page: Page
    server: Server
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _note(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)

    def open(self, path: str = "/") -> Visitor:
        self.page.goto(self.server.url + path)
        return self

    @property
    def text(self) -> str:
        """What can be seen of the page."""
        return " ".join(self.page.inner_text("body").split())

    @property
    def overhang(self) -> int:
        """Pixels by which the page is wider than the window."""
        width: int = self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        return width

    def grave_issues(self) -> list[str]:
        """What axe-core holds against the page, as `rule: where`. It runs outside the page's own policy."""
        script = files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
        self.page.evaluate(script)
        found: dict[str, Any] = self.page.evaluate("axe.run()")
        return [
            f"{issue['id']}: {node['target']} {node['failureSummary']}"
            for issue in found["violations"]
            if issue["impact"] in GRAVE
            for node in issue["nodes"]
        ]

    def refresh(self) -> None:
        """Have the page look for news now, as it does when its tab comes to the front."""
        with self.page.expect_response(lambda _: True):
            self.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
