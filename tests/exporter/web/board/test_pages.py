from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import httpx2
import pytest
from ai_provider_exporter.model.reasons import OK
from ai_provider_exporter.web.board import charts

from tests.exporter import worlds
from tests.exporter.serving import Visit
from tests.exporter.worlds import WORLDS, World

BROWSER = {"accept": "text/html,*/*;q=0.8"}


class Reader(HTMLParser):
    """What a page says, and where it leads."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.classes: list[str] = []
        self._words: list[str] = []
        self.feed(page)

    def handle_starttag(self, _: str, attributes: list[tuple[str, str | None]]) -> None:
        found = dict(attributes)
        self.links += [value for name in ("href", "src") if (value := found.get(name))]
        self.classes += (found.get("class") or "").split()

    def handle_data(self, data: str) -> None:
        self._words.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", "".join(self._words))


def _main(page: str) -> str:
    return page[page.index("<main") : page.index("</main>")]


def _paths(client: httpx2.Client) -> Iterator[str]:
    """Every page that there is of a world."""
    yield "/"
    for provider in client.get("/api/v1/providers").json()["providers"]:
        yield f"/providers/{provider['provider']}"
        yield from (f"/probes/{probe}" for probe in provider["probes"])


@pytest.mark.parametrize(
    ("world", "said"),
    [
        pytest.param(
            worlds.unadmitted,
            [
                "OpenAI is down for us.",
                "For 19 min. Their fault: overloaded. They say: operational, and admit nothing.",
                "They admit nothing. Unacknowledged for 19 min.",
                "All 4 probes fail.",
                "They admit nothing.",
                "us-east: major outage",
                "downdetector: 13,042 complaints in 15 min, 121 as usual, 2 min ago",
                "Refuses us",
                "key_rejected, ours",
            ],
            id="down, and their page is green",
        ),
        pytest.param(
            worlds.admitted,
            [
                "They say: major outage. Admitted 15 min after our first failed probe.",
                "Elevated error rates on ChatGPT and the API",
                "investigating, impact critical, began 6 min ago",
            ],
            id="down, and they have said so",
        ),
        pytest.param(
            worlds.partly,
            [
                "OpenAI is partly failing for us.",
                "1 of 2 probes succeed.",
                "fra1: operational",
                "us-east: major outage",
            ],
            id="down from elsewhere",
        ),
        pytest.param(
            worlds.ours,
            ["OpenAI refuses us.", "Our key, or their authentication: key rejected.", "tried less often"],
            id="our key",
        ),
        pytest.param(
            worlds.cut_off,
            ["It is us: egress from fra1 is down.", "The providers' state is unknown."],
            id="our egress",
        ),
        pytest.param(
            worlds.inside, ["Our vLLM is down for us.", "egress from fra1 down"], id="our egress is not the story"
        ),
        pytest.param(
            worlds.unreachable,
            ["OpenAI cannot be reached.", "The network between: connect timeout."],
            id="the way there",
        ),
        pytest.param(
            worlds.reported,
            [
                "OpenAI reports trouble; no probe of ours fails.",
                "Login fails",
                "Nothing fails for us.",
                "unknown, server error",
            ],
            id="red page",
        ),
        pytest.param(
            worlds.unknown,
            [
                "Nothing has been measured yet.",
                "No probe has run yet.",
                "Their page cannot be read: the read did not end in time.",
                "page last read 17 min ago",
            ],
            id="nothing is known",
        ),
        pytest.param(worlds.maintenance, ["All is well.", "under maintenance"], id="they are at work"),
        pytest.param(
            worlds.unfunded, ["$1.00 of $1.00 today", "budget spent: free fallback probes run instead"], id="no money"
        ),
        pytest.param(
            worlds.catalog, ["Provider 29", "degraded performance, by their page", "Operational 140"], id="catalog"
        ),
        pytest.param(worlds.empty, ["Nothing is monitored.", "No probe and no status page is configured."], id="empty"),
    ],
)
def test_the_board_says_who_is_down_since_when_whose_fault_it_is_and_what_they_admit(
    world: Callable[[], World], said: list[str], visit: Visit
) -> None:
    text = Reader(visit(world).get("/").text).text

    assert [sentence for sentence in said if sentence not in text] == []


def test_nothing_unknown_looks_well_or_down(visit: Visit) -> None:
    looks = Reader(_main(visit(worlds.unknown).get("/").text)).classes

    assert "unknown" in looks
    assert {"operational", "down", "degraded", "network"}.isdisjoint(looks)


def test_what_is_stale_is_seen_to_be_stale(visit: Visit) -> None:
    page = visit(worlds.unfunded).get("/providers/openai").text

    (line,) = re.findall(r'<li class="probe stale">.*?</li>', page, re.DOTALL)
    assert "stale, 50 min ago" in Reader(line).text


def test_a_free_probe_is_shown_under_the_paid_one_that_it_stands_in_for(visit: Visit) -> None:
    client = visit(worlds.unfunded)

    assert "fallback: models" in Reader(client.get("/providers/openai").text).text
    assert "While there is no budget: models" in Reader(client.get("/probes/openai-chat").text).text


@pytest.mark.parametrize("story", WORLDS)
def test_every_page_is_whole_and_small_and_every_link_of_ours_leads_somewhere(story: str, visit: Visit) -> None:
    client = visit(WORLDS[story])
    led_to = set()

    for path in list(_paths(client))[:20]:
        answer = client.get(path)
        assert answer.status_code == 200
        assert answer.text.endswith("</html>")
        assert len(answer.content) < 100_000
        led_to |= {urlsplit(urljoin(path, link)).path for link in Reader(answer.text).links if "://" not in link}

    assert {path: client.head(path).status_code for path in led_to if client.head(path).status_code != 200} == {}


@pytest.mark.parametrize("path", ["/", "/providers/openai", "/probes/openai-chat"])
def test_what_a_status_page_calls_itself_is_text_and_never_markup(path: str, visit: Visit) -> None:
    page = visit(worlds.hostile).get(path).text

    read = Reader(page)
    assert "<img" not in page
    assert page.count("<script") == 1
    assert "{{ 7*7 }}" in read.text
    assert [link for link in read.links if link.startswith(("javascript:", "data:"))] == []
    assert not re.search(r"<[^>]* (style|on[a-z]+)=", page)


def test_every_time_is_readable_to_machines(visit: Visit) -> None:
    page = visit(worlds.admitted).get("/providers/openai").text

    stamps = re.findall(r'<time datetime="([^"]+)" title="[^"]+ UTC">', page)
    assert len(stamps) == page.count("<time")
    assert {datetime.fromisoformat(stamp).utcoffset() for stamp in stamps} == {timedelta(0)}


def test_the_history_of_a_probe_keeps_failures_longest(visit: Visit) -> None:
    world = World()
    world.probe("openai-chat", "openai", [*["overloaded"] * 5, *[OK] * 60])

    text = Reader(visit(lambda: world).get("/probes/openai-chat").text).text

    assert text.count("ok HTTP 200") == 30
    assert text.count("overloaded, theirs HTTP 503") == 5
    assert "the engine is currently overloaded" in text
    assert "the last 30 successes and the last 70 failures are kept" in text


def test_each_run_shows_where_its_time_went(visit: Visit) -> None:
    page = visit(worlds.unadmitted).get("/probes/openai-chat").text

    assert 'aria-label="dns 4.0 ms, connect 18.0 ms, tls 31.0 ms, send 0.2 ms, headers 190 ms"' in page
    assert page.count('<rect class="headers"') == 51  # fifty runs, and the legend


def test_a_chart_of_runs_tells_in_words_what_it_draws() -> None:
    probe = worlds.World().probe("a", "openai", [])
    runs = [worlds.run(probe, at, reason) for at, reason in enumerate([OK, OK, "overloaded"])]

    svg = str(charts.runs(runs))

    assert 'aria-label="last 3 runs: 2 ok, 1 failed, waits 543 ms to 543 ms"' in svg
    assert '<path class="ok" d="M137 17v-17M142 17v-17"/>' in svg
    assert '<path class="bad provider" d="M147 17v7"/>' in svg


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        pytest.param("/providers/nobody", "There is no provider called 'nobody' here; the board shows", id="provider"),
        pytest.param("/probes/%3Cb%3E", "There is no probe called '<b>' here; the board shows", id="probe"),
        pytest.param("/a/b/c", "There is nothing at /a/b/c; the board is at /", id="path"),
        pytest.param("/static/../board.py", "There is nothing at", id="a file that is not served"),
    ],
)
def test_what_is_not_there_is_said_in_a_sentence(path: str, sentence: str, visit: Visit) -> None:
    client = visit(worlds.unadmitted)

    plain, page = client.get(path), client.get(path, headers=BROWSER)

    assert (plain.status_code, page.status_code) == (404, 404)
    assert plain.text.startswith(sentence)
    assert plain.headers["content-type"] == "text/plain; charset=utf-8"
    assert sentence in Reader(page.text).text
    assert "<b>" not in page.text.replace("<b>'", "")


@pytest.mark.parametrize("path", ["/", "/providers/openai", "/metrics", "/api/v1/providers", "/static/board.css"])
def test_only_reading_is_possible(path: str, visit: Visit) -> None:
    client = visit(worlds.unadmitted)

    refused, head = client.post(path), client.head(path)

    assert refused.status_code == 405
    assert refused.headers["allow"] in {"GET, HEAD", "HEAD, GET"}
    assert "POST is not allowed at" in refused.text
    assert (head.status_code, head.content) == (200, b"")
    assert int(head.headers["content-length"]) > 0


def test_a_page_is_sent_again_only_when_it_has_changed(visit: Visit) -> None:
    client = visit(worlds.unadmitted)
    tag = client.get("/").headers["etag"]

    known = client.get("/", headers={"if-none-match": f'"other", {tag}'})
    other = client.get("/", headers={"if-none-match": '"other"'})

    assert (known.status_code, known.content, known.headers["etag"]) == (304, b"", tag)
    assert other.status_code == 200
    assert known.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("path", ["/", "/nothing", "/metrics", "/api/v1/probes", "/static/board.js", "/-/healthy"])
def test_a_browser_is_told_to_run_and_load_nothing_but_ours(path: str, visit: Visit) -> None:
    headers = visit(worlds.unadmitted).get(path).headers

    assert headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize(
    "path",
    [
        "/?" + "a=" * 2000,
        "/?%00=%ff",
        "/providers/%F0%28%8C%BC",
        "/probes/%00",
        "/providers/" + "x" * 5000,
        "/probes/..%2f..%2fetc%2fpasswd",
        "//evil.example/",
        "/api/v1/sd?refresh=1",
    ],
)
def test_no_question_is_too_strange_to_be_answered(path: str, visit: Visit) -> None:
    client = visit(worlds.unadmitted)

    for host in ("localhost", "[", "a b", "evil.example/..", ""):
        assert client.get(path, headers={"host": host, **BROWSER}).status_code in {200, 404}


def test_under_a_prefix_every_path_and_link_moves_along(visit: Visit) -> None:
    client = visit(worlds.unadmitted, "/ops/ai")

    assert client.get("/").headers["location"] == "ops/ai/"
    assert client.get("/ops/ai").headers["location"] == "ai/"
    assert client.get("/metrics").status_code == 404
    for path in ("/ops/ai/", "/ops/ai/providers/openai", "/ops/ai/probes/openai-chat"):
        ours = [link for link in Reader(client.get(path).text).links if "://" not in link and link != "#main"]
        led_to = {urljoin(path, link) for link in ours if not link.startswith("#")}
        assert {path: client.get(path).status_code for path in led_to} == dict.fromkeys(led_to, 200)


def test_a_page_is_compressed_for_who_likes_it_so(visit: Visit) -> None:
    client = visit(worlds.unadmitted)

    def encoding(accepted: str) -> str | None:
        answer: httpx2.Response = client.get("/", headers={"accept-encoding": accepted})
        assert answer.headers["vary"] == "Accept-Encoding"
        assert answer.text.startswith("<!doctype html>")
        return answer.headers.get("content-encoding")

    assert encoding("br, gzip;q=0.5") == "gzip"
    assert encoding("gzip;q=0, br") is None
    assert encoding("identity") is None
