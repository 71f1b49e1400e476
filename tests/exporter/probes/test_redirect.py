"""Redirects: where to, with what."""

from __future__ import annotations

from typing import Any

import pytest
from ai_provider_exporter.probes.redirect import Cookies, location
from ai_provider_exporter.wire import Headers, Origin

from tests.exporter.probes.played import head, observe_all


@pytest.mark.parametrize(
    ("place", "url"),
    [
        ("/b", "http://a.test/b"),
        ("stra\xc3\x9fe 1", "http://a.test/x/stra%C3%9Fe%201"),
        ("//b.test/%20c?d=e f", "http://b.test/%20c?d=e%20f"),
        ("http://a.test/#part", "http://a.test/"),
        ("?q=1", "http://a.test/x/y?q=1"),
    ],
)
def test_a_location_is_followed_as_every_client_does(place: str, url: str) -> None:
    assert location("http://a.test/x/y", place) == url


@pytest.mark.parametrize(
    ("place", "sent"),
    [("/next", True), ("http://LOCALHOST:{port}/next", True), ("http://127.0.0.1:{port}/next", False)],
    ids=["relative", "another case", "another host"],
)
def test_headers_and_cookies_stay_with_their_origin(place: str, *, sent: bool) -> None:
    asked: list[bytes] = []

    async def site(reader: Any, writer: Any) -> None:
        request = await reader.readuntil(b"\r\n\r\n")
        asked.append(request)
        port = writer.get_extra_info("sockname")[1]
        there = head(302, location=place.replace("{port}", str(port)), set_cookie="sid=7; Path=/")
        writer.write(head(200) if b" /next " in request else there)
        await writer.drain()

    async def resolve(_host: str, port: int, _family: int = 0) -> Any:
        return [("127.0.0.1", port)]

    run = observe_all(
        "http", site, host="localhost", follow_redirects=True, headers={"X-Key": "k"}, context={"resolve": resolve}
    )

    assert run.success, run.detail
    assert (b"x-key: k" in asked[1], b"cookie: sid=7" in asked[1]) == (sent, sent)


def test_a_cookie_of_a_domain_goes_to_its_hosts_and_to_no_other() -> None:
    cookies = Cookies()
    pairs = [("set-cookie", "a=1; Domain=.site.test"), ("set-cookie", "b=2; Domain=other.test"), ("set-cookie", "c=3")]
    cookies.take(Origin("http", "www.site.test", 80), Headers(pairs))

    assert cookies.header(Origin("http", "api.site.test", 80)) == {"cookie": "a=1"}
    assert cookies.header(Origin("http", "www.site.test", 80)) == {"cookie": "a=1; c=3"}
    assert cookies.header(Origin("http", "other.test", 80)) == {}
