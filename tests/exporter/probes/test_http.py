from __future__ import annotations

import gzip
from typing import Any

import pytest
from ai_provider_exporter.model.observation import ProbeObservation
from ai_provider_exporter.probes.http import HttpOptions
from pydantic import ValidationError

from tests.exporter.probes.played import KEY, Played, Step, head, observe, observe_all

PAGE = "text/html"
JSON = "application/json"
GZIP = head(200, PAGE, content_encoding="gzip")
BOMB = gzip.compress(b"x" * (3 << 20))


def http(*steps: Step, **options: Any) -> ProbeObservation:
    return observe("http", *steps, under="/health?q=1", **options)


def test_any_2xx_is_a_success_unless_told_otherwise() -> None:
    run = http(head(204, PAGE))

    assert run.success
    assert run.http_status == 204
    assert run.id.model == ""


@pytest.mark.parametrize(
    ("steps", "expect", "reason"),
    [
        pytest.param([head(404, PAGE)], {"status": [404]}, "ok", id="a status that is expected"),
        pytest.param([head(200, PAGE)], {"status": [204]}, "assertion_failed", id="another status"),
        pytest.param([head(404, PAGE)], {}, "assertion_failed", id="not found"),
        pytest.param([head(500, PAGE)], {}, "server_error", id="500"),
        pytest.param([head(503, PAGE)], {}, "overloaded", id="503"),
        pytest.param([head(522, PAGE)], {}, "edge_error", id="edge"),
        pytest.param([head(403, PAGE, cf_mitigated="challenge")], {}, "challenged", id="challenge"),
        pytest.param([head(301, PAGE, location="/x")], {}, "redirected", id="redirect"),
        pytest.param([head(200, PAGE), b"all well"], {"contains": "well"}, "ok", id="contains"),
        pytest.param([head(200, PAGE), b"all bad"], {"contains": "well"}, "assertion_failed", id="contains not"),
        pytest.param([head(200, PAGE), b"v1.2.3"], {"regex": r"v\d"}, "ok", id="regex"),
        pytest.param([head(200, PAGE), b"none"], {"regex": r"v\d"}, "assertion_failed", id="no match"),
        pytest.param([head(200, PAGE), b"panic"], {"not_regex": "panic"}, "assertion_failed", id="forbidden match"),
        pytest.param([head(200, PAGE, x_role="db")], {"headers": {"X-Role": "^db$"}}, "ok", id="header"),
        pytest.param([head(200, PAGE)], {"headers": {"X-Role": "db"}}, "assertion_failed", id="no header"),
        pytest.param([head(200, JSON), b'{"a":[{"s":"up"}]}'], {"json_path": {"a[0].s": "up"}}, "ok", id="json"),
        pytest.param([head(200, JSON), b'{"n":3}'], {"json_path": {"n": "3"}}, "ok", id="json number"),
        pytest.param([head(200, JSON), b'{"a":1}'], {"json_path": {"b": "1"}}, "assertion_failed", id="json misses"),
        pytest.param(
            [head(200, JSON), b'{"a":1}'], {"json_path": {"length(a)": "1"}}, "assertion_failed", id="json type"
        ),
        pytest.param([head(200, JSON), b"<p>"], {"json_path": {"b": "1"}}, "assertion_failed", id="no json"),
        pytest.param([GZIP, gzip.compress(b"well")], {"contains": "well"}, "ok", id="gzip"),
        pytest.param([GZIP, b"well"], {"contains": "well"}, "malformed_response", id="no gzip"),
        pytest.param([GZIP, BOMB], {"contains": "w"}, "malformed_response", id="gzip bomb"),
        pytest.param([head(200, PAGE, content_length="9"), b"half"], {}, "stream_truncated", id="half a body"),
    ],
)  # fmt: skip
def test_the_answer_is_judged_by_what_was_expected(steps: list[Step], expect: dict[str, Any], reason: str) -> None:
    run = http(*steps, expect=expect)

    assert run.reason == reason, run.detail


def test_the_request_is_sent_as_configured() -> None:
    server = Played([head(200, PAGE)])
    headers = {"X-Token": {"env": "KEY"}, "Accept": "text/plain"}
    observe_all("http", server, under="/health?q=1", method="PUT", headers=headers, body="hello")
    request = server.asked[0]

    assert request.startswith(b"PUT /health?q=1 HTTP/1.1\r\n")
    assert f"x-token: {KEY}".encode() in request
    assert b"accept: text/plain" in request
    assert request.endswith(b"hello")


class Redirecting:
    """Sends every request on to `place`, where `{port}` is its own; `/end` is the end."""

    def __init__(self, place: str, status: int = 302) -> None:
        self.place, self.status = place, status
        self.asked: list[bytes] = []

    async def __call__(self, reader: Any, writer: Any) -> None:
        request = await reader.readuntil(b"\r\n\r\n")
        self.asked.append(request)
        place = self.place.replace("{port}", str(writer.get_extra_info("sockname")[1]))
        is_end = b" /end" in request
        writer.write(head(200, PAGE) + b"end" if is_end else head(self.status, PAGE, location=place))
        await writer.drain()


def test_redirects_are_followed_when_asked_to() -> None:
    run = observe_all("http", Redirecting("/end"), follow_redirects=True, expect={"contains": "end"})

    assert run.success, run.detail


@pytest.mark.parametrize(
    ("place", "follows"),
    [("http://127.0.0.1:{port}/end", True), ("http://localhost:{port}/end", False)],
    ids=["same origin", "another origin"],
)
def test_headers_follow_within_their_origin_only(place: str, follows: bool) -> None:  # noqa: FBT001  # a column
    server = Redirecting(place)
    run = observe_all("http", server, follow_redirects=True, headers={"authorization": {"env": "KEY"}})

    assert run.success, run.detail
    assert (KEY.encode() in server.asked[-1]) is follows


def test_a_post_becomes_a_get_after_302_but_not_after_307() -> None:
    found, temporary = Redirecting("/end", 302), Redirecting("/end", 307)
    observe_all("http", found, method="POST", follow_redirects=True)
    observe_all("http", temporary, method="POST", follow_redirects=True)

    assert found.asked[-1].startswith(b"GET /end")
    assert temporary.asked[-1].startswith(b"POST /end")


@pytest.mark.parametrize("place", ["ftp://x/", "http://[", "http://u:p@x/", "http:///x"])
def test_a_redirect_to_nowhere_is_a_redirect(place: str) -> None:
    run = observe_all("http", Redirecting(place), follow_redirects=True)

    assert run.reason == "redirected"


def test_redirects_without_end_are_given_up() -> None:
    run = observe_all("http", Redirecting("/again"), follow_redirects=True)

    assert run.reason == "redirected"
    assert "more than 10" in run.detail


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        ({"expect": {"regex": "("}}, "is not RE2 syntax"),
        ({"expect": {"json_path": {"a[": "1"}}}, "is not a JMESPath"),
        ({"url": "ftp://x"}, "is not an http or https URL"),
        ({"headers": {"x": "a\r\nb: c"}}, "pattern"),
        ({"model": "gpt"}, "Extra inputs"),
    ],
)
def test_a_mistake_in_the_options_says_what_to_write(raw: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        HttpOptions.model_validate({"name": "p", "provider": "x", "kind": "http", "url": "http://x", **raw})
