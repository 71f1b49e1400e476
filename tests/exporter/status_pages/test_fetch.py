from __future__ import annotations

import asyncio
import gzip
import socket
import ssl
from typing import Any

import httpx2
import pytest
import trustme
from ai_provider_exporter.status_pages.errors import PageFailure
from ai_provider_exporter.status_pages.fetch import (
    MAX_BYTES,
    Document,
    fetch,
    is_private,
    redirect_problem,
    request_once,
)
from ai_provider_exporter.status_pages.translation import BEFORE_THE_ANSWER, translated

from tests.exporter.status_pages.served import Answer, Asked, Bytes, PageServer, html, page_server, said, sent_to

pytestmark = pytest.mark.anyio

HOUR_AGO = "Tue, 03 Feb 2026 17:00:00 GMT"
NO_GZIP = Answer(body=b"plain", headers={"Content-Encoding": "gzip"})
FORBIDDEN_HTML = html("<title>Just a moment...</title>", status=403)


async def get(client: httpx2.AsyncClient, url: str, **more: Any) -> Document:
    return await fetch(client, url, **{"timeout": 5.0, **more})


async def refused(client: httpx2.AsyncClient, url: str, **more: Any) -> PageFailure:
    with pytest.raises(PageFailure) as failure:
        await get(client, url, **more)
    return failure.value


async def test_a_document_comes_with_what_it_takes_to_parse_it(client: httpx2.AsyncClient, server: PageServer) -> None:
    server.anything = said({"page": 1})

    found = await get(client, f"{server.url}/x.json")

    assert found.payload.object() == {"page": 1}
    assert (found.url, found.payload.content_type) == (f"{server.url}/x.json", "application/json")
    assert (found.bytes_received, found.not_modified) == (len(b'{"page": 1}'), False)


async def test_we_say_who_we_are(client: httpx2.AsyncClient, server: PageServer) -> None:
    server.anything = said({})

    await get(client, server.url)

    assert server.asked[0].headers["user-agent"].startswith("ai-provider-exporter/")


async def test_no_cookie_is_ever_sent_back(client: httpx2.AsyncClient, server: PageServer) -> None:
    server.anything = said({}, **{"Set-Cookie": "visitor=1; Path=/"})

    await get(client, server.url)
    await get(client, server.url)

    assert "cookie" not in server.asked[1].headers


@pytest.mark.parametrize(
    ("given", "sent_back"),
    [
        pytest.param({"ETag": 'W/"one"'}, {"if-none-match": 'W/"one"'}, id="etag"),
        pytest.param({"Last-Modified": HOUR_AGO}, {"if-modified-since": HOUR_AGO}, id="last-modified"),
    ],
)
async def test_an_unchanged_document_is_not_sent_again(
    client: httpx2.AsyncClient, server: PageServer, given: dict[str, str], sent_back: dict[str, str]
) -> None:
    def answer(asked: Asked) -> Answer:
        is_conditional = sent_back.items() <= asked.headers.items()
        return Answer(status=304) if is_conditional else said({"page": 1}, **given)

    server.anything = answer
    first = await get(client, server.url)

    second = await get(client, server.url, before=first)

    assert (second.not_modified, second.bytes_received) == (True, 0)
    assert second.payload == first.payload


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        pytest.param(Answer(status=401), "page_inactive", id="401"),
        pytest.param(Answer(status=403), "forbidden", id="403"),
        pytest.param(Answer(status=404), "endpoint_not_found", id="404"),
        pytest.param(Answer(status=410), "endpoint_not_found", id="410"),
        pytest.param(Answer(status=429), "rate_limited", id="429"),
        pytest.param(Answer(status=418), "bad_request", id="418"),
        pytest.param(Answer(status=500), "server_error", id="500"),
        pytest.param(Answer(status=503), "server_error", id="503"),
        pytest.param(Answer(status=522), "edge_error", id="522"),
        pytest.param(Answer(status=304), "redirected", id="304 that was not asked for"),
        pytest.param(FORBIDDEN_HTML, "challenged", id="403 with HTML"),
        pytest.param(html("<title>Checking</title>", status=503), "challenged", id="503 with HTML"),
        pytest.param(Answer(status=429, headers={"cf-mitigated": "challenge"}), "challenged", id="cf-mitigated"),
        pytest.param(Bytes(raw=b""), "server_disconnected", id="closed at once"),
        pytest.param(Bytes(raw=b"", then="reset"), "server_disconnected", id="reset at once"),
        pytest.param(Bytes(raw=b"SSH-2.0-OpenSSH\r\n\r\n"), "malformed_response", id="not http"),
        pytest.param(Answer(body=b'{"page"', length=100), "stream_truncated", id="cut"),
        pytest.param(
            Answer(body=b"not gzip", headers={"Content-Encoding": "gzip"}), "malformed_response", id="no gzip"
        ),
        pytest.param(Answer(body=b"x", length=MAX_BYTES + 1), "too_large", id="said to be too large"),
        pytest.param(sent_to("http://a:b:c/"), "redirected", id="sent nowhere"),
        pytest.param(sent_to("ftp://127.0.0.1/x"), "redirected", id="sent to ftp"),
        pytest.param(sent_to("/page-deleted"), "page_inactive", id="sent to a notice of deletion"),
    ],
)
async def test_what_is_no_document_has_a_reason(
    client: httpx2.AsyncClient, server: PageServer, answer: Answer, reason: str
) -> None:
    server.anything = answer

    failure = await refused(client, server.url)

    assert failure.reason == reason
    assert failure.detail.startswith(server.url)


async def test_a_document_is_too_large_by_what_is_received(client: httpx2.AsyncClient, server: PageServer) -> None:
    endless = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + b" " * (MAX_BYTES + 1)
    server.anything = Bytes(raw=endless)

    assert (await refused(client, server.url)).reason == "too_large"


async def test_a_document_is_too_large_by_what_it_grows_to(client: httpx2.AsyncClient, server: PageServer) -> None:
    bomb = gzip.compress(b" " * (MAX_BYTES + 1))
    server.anything = Answer(body=bomb, headers={"Content-Encoding": "gzip"})

    assert len(bomb) < MAX_BYTES / 100
    assert (await refused(client, server.url)).reason == "too_large"


async def test_a_compressed_document_counts_as_the_bytes_on_the_wire(
    client: httpx2.AsyncClient, server: PageServer
) -> None:
    body = gzip.compress(b'{"page": "' + b"x" * 1000 + b'"}')
    server.anything = Answer(body=body, headers={"Content-Encoding": "gzip"})

    found = await get(client, server.url)

    assert found.bytes_received == len(body)
    assert found.payload.object() == {"page": "x" * 1000}


@pytest.mark.parametrize("answer", [Bytes(raw=b"", then="silence"), Answer(body=b"{", length=9, then="silence")])
async def test_silence_ends_at_the_timeout(client: httpx2.AsyncClient, server: PageServer, answer: Answer) -> None:
    server.anything = answer

    failure = await refused(client, server.url, timeout=0.1)

    assert failure.reason == "total_timeout"
    assert failure.detail.endswith("was not read whole after 100ms")


async def test_a_silent_handshake_is_given_up_before_the_whole_read(client: httpx2.AsyncClient) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        failure = await refused(client, f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}", timeout=0.3)

    assert failure.reason == "connect_timeout"


async def test_a_closed_port_refuses(client: httpx2.AsyncClient) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"

    assert (await refused(client, url)).reason == "connect_refused"


@pytest.mark.parametrize(
    ("name", "reason"),
    [("localhost", "tls_untrusted"), ("status.other.example", "tls_certificate")],
    ids=["unknown issuer", "for another host"],
)
async def test_certificates_are_checked(name: str, reason: str) -> None:
    authority, server_side = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(server_side)
    trust = ssl.create_default_context()
    if reason == "tls_certificate":
        authority.configure_trust(trust)
    async with page_server(tls=server_side) as server, httpx2.AsyncClient(verify=trust) as client:
        failure = await refused(client, server.url.replace("127.0.0.1", "localhost"))

    assert failure.reason == reason


@pytest.mark.parametrize("greeting", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n"], ids=["hangs up", "speaks plain http"])
async def test_a_server_that_shakes_no_hands_is_a_failed_handshake(client: httpx2.AsyncClient, greeting: bytes) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(greeting)
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        failure = await refused(client, f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}")

    assert failure.reason == "tls_handshake"


@pytest.mark.parametrize(
    ("number", "reason"),
    [(socket.EAI_NONAME, "dns_not_found"), (socket.EAI_AGAIN, "dns_error")],
    ids=["no name", "again"],
)
async def test_a_name_that_does_not_exist_is_told_from_a_resolver_that_fails(number: int, reason: str) -> None:
    error = httpx2.ConnectError("All connection attempts failed")
    error.__cause__ = OSError("all failed")
    error.__cause__.__cause__ = ExceptionGroup("attempts", [OSError("no route"), socket.gaierror(number, "no name")])

    failure = translated(error, BEFORE_THE_ANSWER, httpx2.URL("https://status.acme.example/?key=1"))

    assert failure.reason == reason
    assert failure.detail == f"https://status.acme.example/: [Errno {number}] no name"


@pytest.mark.parametrize(
    ("waiting", "seconds"),
    [
        pytest.param({}, None, id="not said"),
        pytest.param({"Retry-After": "120"}, 120.0, id="seconds"),
        pytest.param(
            {"Retry-After": "Tue, 03 Feb 2026 18:00:30 GMT", "Date": "Tue, 03 Feb 2026 18:00:00 GMT"}, 30.0, id="a date"
        ),
        pytest.param({"Retry-After": "Tue, 03 Feb 2026 18:00:30 GMT"}, None, id="a date by an unknown clock"),
    ],
)
async def test_how_long_to_stay_away_is_passed_on(
    client: httpx2.AsyncClient, server: PageServer, waiting: dict[str, str], seconds: float | None
) -> None:
    server.anything = Answer(status=429, headers=waiting)

    assert (await refused(client, server.url)).retry_after_seconds == seconds


# --- redirects -------------------------------------------------------------------------------------------


async def test_three_redirects_are_followed(client: httpx2.AsyncClient, server: PageServer) -> None:
    server.answers = {
        "/1": sent_to("/2"),
        "/2": sent_to("3", 301),
        "/3": sent_to(f"{server.url}/4", 308),
        "/4": said({}),
    }

    assert (await get(client, f"{server.url}/1")).url == f"{server.url}/4"


async def test_a_redirect_loop_ends_after_three(client: httpx2.AsyncClient, server: PageServer) -> None:
    server.anything = sent_to("/again")

    failure = await refused(client, server.url)

    assert failure.reason == "redirected"
    assert len(server.asked) == 4


@pytest.mark.parametrize(
    ("start", "target", "circumstances", "reason"),
    [
        pytest.param("https://a.example", "https://b.example/x", set(), None, id="another host"),
        pytest.param("https://a.example", "http://a.example", set(), "redirected", id="down to http"),
        pytest.param("https://a.example", "http://a.example", {"allow_http"}, None, id="down to http, allowed"),
        pytest.param("http://a.example", "http://b.example", set(), None, id="http was asked for"),
        pytest.param("https://a.example", "https://10.0.0.1", {"leads_inside"}, "redirected", id="into our network"),
        pytest.param("https://a.example", "file:///etc/passwd", {"allow_http"}, "redirected", id="a file"),
        pytest.param("https://a.example", "https://b.example/page-deleted", set(), "page_inactive", id="deleted"),
    ],
)
def test_a_redirect_is_followed_only_where_it_may_lead(
    start: str, target: str, circumstances: set[str], reason: str | None
) -> None:
    allow_http, leads_inside = "allow_http" in circumstances, "leads_inside" in circumstances
    problem = redirect_problem(httpx2.URL(start), httpx2.URL(target), allow_http=allow_http, leads_inside=leads_inside)

    assert (problem and problem[0]) == reason


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "10.1.2.3",
        "169.254.169.254",
        "100.64.0.1",
        "[::1]",
        "[fd00::1]",
        "[::ffff:10.0.0.1]",
        "localhost",
    ],
)
async def test_an_address_of_our_own_is_private(host: str) -> None:
    assert await is_private(httpx2.URL(f"https://{host}/"))


@pytest.mark.parametrize("host", ["1.1.1.1", "[2606:4700:4700::1111]", "no-such-name.invalid"])
async def test_any_other_address_is_not(host: str) -> None:
    assert not await is_private(httpx2.URL(f"https://{host}/"))


async def test_a_request_with_a_secret_follows_no_redirect(client: httpx2.AsyncClient, server: PageServer) -> None:
    server.answers["/start"] = sent_to(f"{server.url}/elsewhere")

    with pytest.raises(PageFailure, match=r"redirects to .*/elsewhere; write that") as failure:
        await request_once(client, f"{server.url}/start", timeout=5.0, headers={"authorization": "Bearer key"})

    assert failure.value.reason == "redirected"
    assert server.paths == ["/start"]


async def test_an_api_is_asked_with_our_method_and_headers(client: httpx2.AsyncClient, server: PageServer) -> None:
    server.answers["/token?kind=x"] = said({"ok": True})

    url = f"{server.url}/token?kind=x"
    payload = await request_once(client, url, timeout=5.0, method="POST", headers={"authorization": "Bearer key"})

    assert payload.object() == {"ok": True}
    assert (server.asked[0].method, server.asked[0].headers["authorization"]) == ("POST", "Bearer key")


async def test_an_api_that_does_not_answer_is_waited_for_no_longer_than_said(
    client: httpx2.AsyncClient, server: PageServer
) -> None:
    server.anything = Bytes(then="silence")

    with pytest.raises(PageFailure, match="was not read whole after 50ms") as failure:
        await request_once(client, server.url, timeout=0.05)

    assert failure.value.reason == "total_timeout"
