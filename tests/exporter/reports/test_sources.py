"""Each source against a server that answers as it does."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, get_args
from urllib.parse import parse_qs, urlsplit

import pytest
from ai_provider_exporter.model.observation import Reports, Status
from ai_provider_exporter.reports import SOURCES, downdetector, hackernews, isdown, openrouter, reddit, statusgator
from ai_provider_exporter.reports.hackernews import HackerNewsOptions
from ai_provider_exporter.reports.reader import ReportsReader
from ai_provider_exporter.reports.reddit import RedditOptions
from ai_provider_exporter.status_pages.errors import PageFailure
from ai_provider_exporter.status_pages.payload import Payload
from pydantic import ValidationError

from tests.exporter.status_pages.served import Answer, PageServer, said

Reading = Callable[..., ReportsReader]
KEY = {"env": "KEY"}
NOW = 1_790_000_000.0
pytestmark = pytest.mark.anyio


def document(found: Any) -> Payload:
    return Payload(body=json.dumps(found).encode())


# --- downdetector ------------------------------------------------------------------------------------------

COMPANY = {"id": 7, "name": "Acme", "stats_24": [3, 4, 13050], "baseline_current": 12}


async def test_downdetector_is_asked_with_the_token_for_one_company(server: PageServer, reading: Reading) -> None:
    server.answers["/api/companies/7?fields=id%2Cname%2Cstats_24%2Cbaseline_current"] = said(COMPANY)

    reports = await reading("downdetector", company_id=7, api_key=KEY).read()

    assert reports == Reports(count=13050.0, baseline=12.0)
    assert server.asked[0].headers["authorization"] == "Bearer the KEY"


async def test_downdetector_grants_a_token_to_a_client_which_is_used_until_it_ends(
    server: PageServer, reading: Reading
) -> None:
    server.answers["/api/tokens?grant_type=client_credentials"] = said({"access_token": "granted", "expires_in": 100})
    server.anything = said(COMPANY)
    now = [NOW]
    reader = reading(
        "downdetector", now=lambda: now[0], company_id=7, client_id={"env": "ID"}, client_secret={"env": "SECRET"}
    )

    await reader.read()
    await reader.read()
    now[0] += 91
    await reader.read()

    tokens = [asked for asked in server.asked if "/tokens" in asked.path]
    assert [asked.method for asked in tokens] == ["POST", "POST"]
    assert tokens[0].headers["authorization"] == "Basic dGhlIElEOnRoZSBTRUNSRVQ="  # `the ID:the SECRET`
    assert {asked.headers["authorization"] for asked in server.asked if asked not in tokens} == {"Bearer granted"}


@pytest.mark.parametrize(
    ("company", "reports"),
    [
        pytest.param(COMPANY | {"baseline_current": None}, Reports(count=13050.0), id="no baseline"),
        pytest.param(COMPANY | {"stats_24": [0]}, Reports(count=0.0, baseline=12.0), id="no reports at all"),
    ],
)
def test_a_company_says_how_many_report_and_how_many_usually_do(company: dict[str, Any], reports: Reports) -> None:
    assert downdetector.parse(document(company)) == reports


@pytest.mark.parametrize("stats", [None, [], [-1], ["many"], [True], {}])
def test_a_company_without_a_count_is_refused(stats: object) -> None:
    with pytest.raises(PageFailure, match="has no stats_24"):
        downdetector.parse(document(COMPANY | {"stats_24": stats}))


@pytest.mark.parametrize(
    "credentials",
    [
        {},
        {"client_id": KEY},
        {"client_secret": KEY},
        {"api_key": KEY, "client_id": KEY},
        {"api_key": KEY, "client_id": KEY, "client_secret": KEY},
    ],
    ids=["none", "half", "the other half", "one and a half", "both"],
)
def test_downdetector_is_known_by_a_key_or_by_a_client(credentials: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match="needs api_key, or client_id and client_secret"):
        downdetector.OPTIONS.model_validate(
            {"provider": "acme", "source": "downdetector", "company_id": 7, **credentials}
        )


# --- statusgator and isdown ---------------------------------------------------------------------------------


def board(**monitor: Any) -> Payload:
    service = {"id": "s1", "name": "Acme Inc", "slug": "acme-inc"}
    row = {"id": "m1", "display_name": "Acme API", "service": service, "filtered_status": "up", **monitor}
    return document({"success": True, "data": [{"id": "m0", "display_name": "Other", "filtered_status": "down"}, row]})


@pytest.mark.parametrize("name", ["m1", "acme api", "Acme Inc", "acme-inc"])
def test_a_monitor_is_found_by_any_of_its_names(name: str) -> None:
    assert statusgator.parse(board(), name).status is Status.OPERATIONAL


@pytest.mark.parametrize(
    ("monitor", "status"),
    [
        ({"filtered_status": "warn"}, Status.DEGRADED_PERFORMANCE),
        ({"filtered_status": "down"}, Status.MAJOR_OUTAGE),
        ({"filtered_status": "maintenance"}, Status.UNDER_MAINTENANCE),
        ({"filtered_status": "pondering"}, Status.UNKNOWN),
        ({"early_warning_signal": True}, Status.DEGRADED_PERFORMANCE),
        ({"early_warning_signal": True, "filtered_status": "down"}, Status.MAJOR_OUTAGE),
    ],
)
def test_a_monitor_has_a_word_for_how_it_is_and_may_warn_early(monitor: dict[str, Any], status: Status) -> None:
    assert statusgator.parse(board(**monitor), "m1") == Reports(status=status)


def test_a_monitor_that_the_board_does_not_have_is_told_with_those_that_it_has() -> None:
    with pytest.raises(PageFailure, match="the board has no monitor 'Acmee'; it has: Other, Acme API"):
        statusgator.parse(board(), "Acmee")


async def test_statusgator_is_asked_for_the_monitors_of_a_board(server: PageServer, reading: Reading) -> None:
    server.answers["/api/boards/b1/monitors?per_page=100"] = Answer(body=board().body)

    reports = await reading("statusgator", board_id="b1", monitor="m1", api_key=KEY).read()

    assert reports.status is Status.OPERATIONAL
    assert server.asked[0].headers["authorization"] == "Bearer the KEY"


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("ok", Status.OPERATIONAL),
        ("minor", Status.DEGRADED_PERFORMANCE),
        ("major", Status.PARTIAL_OUTAGE),
        ("maintenance", Status.UNDER_MAINTENANCE),
        ("sideways", Status.UNKNOWN),
    ],
)
async def test_isdown_has_a_word_for_a_service(server: PageServer, reading: Reading, word: str, status: Status) -> None:
    server.answers["/api/services/acme"] = said({"data": {"attributes": {"name": "Acme", "status": word}}})

    assert await reading("isdown", service="acme", api_key=KEY).read() == Reports(status=status)


def test_a_document_of_isdown_without_a_status_is_refused() -> None:
    with pytest.raises(PageFailure, match=r"has no data\.attributes\.status"):
        isdown.parse(document({"data": {}}))


# --- openrouter ---------------------------------------------------------------------------------------------


def endpoints(*rows: tuple[str, Any]) -> Payload:
    return document({"data": {"endpoints": [{"provider_name": name, "uptime_last_30m": up} for name, up in rows]}})


@pytest.mark.parametrize(
    ("rows", "uptime"),
    [
        pytest.param([("Acme", 99.5), ("Other", 12.0)], 0.995, id="its own"),
        pytest.param([("Acme", 99.5), ("ACME", 97.0)], 0.97, id="the worst of several"),
        pytest.param([("Acme", None), ("Acme", 100)], 1.0, id="one that nobody asked"),
        pytest.param([("Acme", None)], None, id="nobody asked at all"),
        pytest.param([("Acme", 130), ("Acme", True), ("Acme", "99")], None, id="no percentage"),
    ],
)
def test_an_uptime_is_that_of_the_providers_worst_endpoint(rows: list[tuple[str, Any]], uptime: float | None) -> None:
    assert openrouter.parse(endpoints(*rows), "Acme") == uptime


def test_an_endpoint_that_is_not_there_is_told_with_those_that_are() -> None:
    with pytest.raises(PageFailure, match="no endpoint is called 'Acmee'; there are: Acme, Other"):
        openrouter.parse(endpoints(("Acme", 1), ("Other", 1), ("Acme", 1)), "Acmee")


async def test_openrouter_gives_no_count_but_an_uptime_for_each_model(server: PageServer, reading: Reading) -> None:
    server.answers["/api/models/acme/small/endpoints"] = Answer(body=endpoints(("Acme", 99.0)).body)
    server.answers["/api/models/acme/large:free/endpoints"] = Answer(body=endpoints(("Acme", None)).body)

    reports = await reading("openrouter", models=["acme/small", "acme/large:free"], endpoint="Acme").read()

    assert reports == Reports(uptimes={"acme/small": 0.99})
    assert "authorization" not in server.asked[0].headers


# --- posts -------------------------------------------------------------------------------------------------

WORDS = {"provider": "acme", "words": ["acme", "acme api"]}
ON_REDDIT, ON_HACKER_NEWS = {**WORDS, "source": "reddit"}, {**WORDS, "source": "hackernews"}


def atom(*posts: tuple[float, str]) -> bytes:
    def entry(at: float, text: str) -> str:
        moment = datetime.fromtimestamp(NOW + at, UTC).isoformat()
        return f"<entry><id>{at}</id><title>{text}</title><published>{moment}</published></entry>"

    entries = "".join(entry(*post) for post in posts)
    return f"<feed xmlns='http://www.w3.org/2005/Atom'><title>search</title>{entries}</feed>".encode()


def count_on_reddit(*posts: tuple[float, str]) -> float | None:
    options = RedditOptions.model_validate(ON_REDDIT, strict=False)
    return reddit.parse(Payload(body=atom(*posts)), options, NOW).count


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Is ACME down?", 1),
        ("acme: not working for me", 1),
        ("Acme is great", 0),
        ("My dog is down", 0),
        ("Pacmed is down", 0),
        ("acme shutdown of a factory", 0),
    ],
)
def test_a_post_counts_that_names_the_provider_and_trouble_in_whole_words(text: str, count: int) -> None:
    assert count_on_reddit((-60, text)) == count


@pytest.mark.parametrize(("at", "count"), [(0, 1), (-899, 1), (-900, 0), (60, 0)])
def test_a_post_counts_for_15_minutes(at: float, count: int) -> None:
    assert count_on_reddit((at, "acme down")) == count


def test_a_feed_without_posts_is_a_count_of_none() -> None:
    assert count_on_reddit() == 0


async def test_reddit_is_searched_for_both_kinds_of_words(server: PageServer, reading: Reading) -> None:
    server.anything = Answer(body=atom((-10, "acme outage")))
    options = {"words": ["acme", "acme api"], "trouble": ["down", "outage"], "subreddits": ["Acme", "AcmeFans"]}

    reports = await reading("reddit", now=lambda: NOW, **options).read()

    asked = urlsplit(server.paths[0])
    query = {key: value[0] for key, value in parse_qs(asked.query).items()}
    assert reports == Reports(count=1)
    assert asked.path == "/api/r/Acme+AcmeFans/search.rss"
    assert query == {
        "q": '("acme" OR "acme api") AND ("down" OR "outage")',
        "sort": "new",
        "t": "hour",
        "limit": "100",
        "restrict_sr": "on",
    }


async def test_hacker_news_is_asked_for_all_of_15_minutes_and_looked_through_here(
    server: PageServer, reading: Reading
) -> None:
    hits = [
        {"created_at_i": NOW - 10, "title": "Acme is down"},
        {"created_at_i": NOW - 20, "comment_text": "&lt;p&gt;acme &lt;i&gt;errors&lt;/i&gt; again"},
        {"created_at_i": NOW - 30, "comment_text": "Acme has nice docs"},
        {"created_at_i": NOW - 1000, "title": "Acme was down"},
        {"title": "Acme down, at no time"},
    ]
    server.anything = said({"hits": hits, "nbHits": 5})

    reports = await reading("hackernews", now=lambda: NOW, words=["acme"]).read()

    asked = parse_qs(urlsplit(server.paths[0]).query)
    assert reports == Reports(count=2)
    assert asked["numericFilters"] == ["created_at_i>1789999100"]


def test_an_answer_of_hacker_news_without_hits_is_refused() -> None:
    options = HackerNewsOptions.model_validate(ON_HACKER_NEWS, strict=False)

    with pytest.raises(PageFailure, match="has no hits"):
        hackernews.parse(document({}), options, NOW)


# --- all ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SOURCES)
def test_a_source_is_called_as_its_module_and_has_a_public_address(name: str) -> None:
    fields = SOURCES[name].OPTIONS.model_fields

    assert get_args(fields["source"].annotation) == (name,)
    assert str(fields["base_url"].default).startswith("https://")


@pytest.mark.parametrize("name", SOURCES)
def test_no_source_is_asked_more_often_than_it_bears(name: str) -> None:
    options = SOURCES[name].OPTIONS

    with pytest.raises(ValidationError, match="is shorter than this source bears; write"):
        options.model_validate({"provider": "acme", "interval": "59s"}, strict=False)
    assert options.model_fields["interval"].default >= options.LEAST_INTERVAL >= 60


@pytest.mark.parametrize(
    "url", ["ftp://a.example", "a.example/api", "https://", "https://a.example/?key=1", "http://[x"]
)
def test_a_base_url_is_the_address_of_an_api(url: str) -> None:
    with pytest.raises(ValidationError, match=r"is not an http or https URL|has a query"):
        isdown.OPTIONS.model_validate({"provider": "acme", "service": "acme", "api_key": KEY, "base_url": url})
