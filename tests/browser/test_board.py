from __future__ import annotations

import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from ai_provider_exporter.metrics import View
from ai_provider_exporter.web.board.pages import Board
from ai_provider_exporter.web.context import WebContext
from ai_provider_exporter.web.server import WebServer
from playwright.sync_api import expect

from tests.browser.looking import Look
from tests.exporter import worlds
from tests.exporter.worlds import WORLDS
from tests.tools.monitoring import until

WORDS = {
    "unadmitted": ["OpenAI is down for us.", "Unacknowledged for 19 min", "Their fault: overloaded", "Refuses us"],
    "admitted": ["OpenAI is down for us.", "Admitted 15 min after our first failed probe", "Elevated error rates"],
    "partly": ["OpenAI is partly failing for us.", "fra1: operational", "us-east: major outage"],
    "ours": ["OpenAI refuses us.", "Our key, or their authentication: key rejected"],
    "cut_off": ["It is us: egress from fra1 is down.", "The providers' state is unknown"],
    "inside": ["Our vLLM is down for us.", "egress from fra1 down"],
    "unreachable": ["OpenAI cannot be reached.", "The network between: connect timeout"],
    "reported": ["OpenAI reports trouble; no probe of ours fails.", "Login fails"],
    "unknown": ["Nothing has been measured yet.", "Their page cannot be read", "No probe has run yet."],
    "maintenance": ["All is well.", "under maintenance"],
    "unfunded": ["All is well.", "budget spent: free fallback probes run instead"],
    "hostile": ["<script>alert(1)</script>", "is down for us."],
    "catalog": ["6 pages report trouble; nobody is probed.", "Provider 29"],
    "crowd": ["Provider 0, Provider 1 and 2 more are down for us."],
    "empty": ["Nothing is monitored."],
}


def test_every_story_has_words_that_must_be_seen() -> None:
    assert set(WORDS) == set(WORLDS)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("story", WORDS)
def test_each_story_is_told_to_everybody(story: str, scheme: str, look: Look, tmp_path: Path) -> None:
    visitor = look(WORLDS[story]().window(), scheme=scheme).open()

    visitor.page.screenshot(path=tmp_path / f"{story}-{scheme}.png", full_page=True)
    assert [said for said in WORDS[story] if said not in visitor.text] == []
    assert visitor.grave_issues() == []
    assert visitor.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    ("story", "path"),
    [
        ("admitted", "/providers/openai"),
        ("unadmitted", "/probes/openai-chat"),
        ("unfunded", "/providers/openai"),
        ("maintenance", "/providers/openai"),
        ("hostile", "/providers/openai"),
        ("empty", "/providers/nobody"),
    ],
)
def test_the_pages_behind_the_board_are_for_everybody_too(story: str, path: str, scheme: str, look: Look) -> None:
    visitor = look(WORLDS[story]().window(), scheme=scheme).open(path)

    assert visitor.grave_issues() == []
    assert [said for said in visitor.complaints if "404" not in said] == []


@pytest.mark.parametrize("path", ["/", "/providers/openai", "/probes/openai-chat"])
@pytest.mark.parametrize("story", ["admitted", "hostile"])
def test_a_page_is_never_wider_than_its_window(story: str, path: str, look: Look) -> None:
    visitor = look(WORLDS[story]().window()).open(path)

    for width in (320, 390, 768, 1280, 3840):
        visitor.page.set_viewport_size({"width": width, "height": 900})
        assert visitor.overhang <= 0


@pytest.mark.parametrize("story", ["unadmitted", "cut_off", "unknown"])
def test_without_a_script_the_same_is_told(story: str, look: Look) -> None:
    visitor = look(WORLDS[story]().window(), script=False).open()

    assert [said for said in WORDS[story] if said not in visitor.text] == []


def test_the_page_keeps_itself_fresh_and_leaves_the_reader_where_he_is(look: Look) -> None:
    shown = [worlds.catalog().window().view()]
    window = replace(worlds.admitted().window(), view=lambda: shown[-1])
    visitor = look(window).open()
    page = visitor.page
    link = page.get_by_role("link", name="provider_100")
    link.focus()
    page.evaluate("window.scrollTo(0, 300)")
    shown.append(_later(shown[0], 30.0, worlds.admitted().window()))

    visitor.refresh()

    expect(page.locator("h1")).to_have_text("OpenAI is down for us.")
    expect(page).to_have_title("OpenAI is down for us. · AI providers")
    expect(page.get_by_role("status")).to_have_text("OpenAI is down for us.")
    expect(link).to_be_focused()
    assert page.evaluate("window.scrollY") == 300
    assert visitor.complaints == []


def _later(view: View, seconds: float, other: WebContext) -> View:
    """The same a while later, with what another window shows besides."""
    seen = other.view().state
    state = replace(view.state, agreements=seen.agreements, tracks=seen.tracks)
    for probe in seen.probes.values():
        state = state.with_probe(probe)
    for page in seen.pages.values():
        state = state.with_page(page)
    return View(state=state, now=view.now + seconds, facts=view.facts)


def test_a_page_that_gets_no_news_says_so_and_stops_saying_so(look: Look) -> None:
    is_broken = [False]
    window = worlds.admitted().window()
    fine = window.view

    def view() -> View:
        if is_broken[-1]:
            raise RuntimeError
        return fine()

    visitor = look(replace(window, view=view)).open()
    alert = visitor.page.get_by_role("alert")
    is_broken.append(True)

    visitor.refresh()

    expect(alert).to_contain_text("The exporter answers with 500. What stands here is")
    expect(visitor.page.locator("html")).to_have_class("lost")
    is_broken.append(False)
    visitor.refresh()
    expect(alert).to_be_hidden()


def test_a_page_whose_exporter_is_gone_says_so(look: Look) -> None:
    visitor = look(worlds.admitted().window()).open()
    assert isinstance(visitor.server, WebServer)
    visitor.server.stop()

    visitor.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")

    expect(visitor.page.get_by_role("alert")).to_contain_text("The exporter does not answer.")


def test_text_that_is_being_selected_is_not_swapped_away(look: Look) -> None:
    visitor = look(worlds.admitted().window()).open()
    visitor.page.evaluate("document.getSelection().selectAllChildren(document.querySelector('h1'))")

    visitor.refresh()

    assert visitor.page.evaluate("document.getSelection().toString()") == "OpenAI is down for us."


def test_the_keyboard_reaches_the_content_in_two_strokes(look: Look) -> None:
    page = look(worlds.admitted().window()).open().page

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.locator("main")).to_be_focused()


def test_two_hundred_probes_are_drawn_at_once(look: Look, capsys: pytest.CaptureFixture[str]) -> None:
    window = worlds.crowd(200, 40).window()
    board, view = Board(window), window.view()
    board.board(view)
    began = time.perf_counter()
    size = len(board.board(view).encode())
    rendered = 1000 * (time.perf_counter() - began)

    page = look(window).open().page
    page.reload()  # the first time a browser opens anything it has more to do than to draw
    # Asked from outside: the page's own policy lets nobody wait inside it.
    until(lambda: page.evaluate("performance.getEntriesByName('first-contentful-paint').length"))
    drawn = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    ready = page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd")

    with capsys.disabled():
        sys.stdout.write(
            f"\n200 probes: {size / 1000:.0f} kB written in {rendered:.0f} ms; "
            f"in the browser first paint after {drawn:.0f} ms, all there after {ready:.0f} ms\n"
        )
    assert size < 100_000
    assert rendered < 300
