import asyncio
import socket
from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace

import pytest
import trustme
from ai_provider_exporter.model.measurement import Measurement
from ai_provider_exporter.wire import Address, BadResponse, InvalidRequest, Origin, ProxyFailed, Route, dial
from ai_provider_exporter.wire.proxy import parse_proxy
from ai_provider_exporter.wire.response_reader import ResponseReader

from tests.exporter.wire.loopback import (
    PLAIN,
    Handler,
    Run,
    answer,
    asked,
    fetch,
    get,
    reset,
    saying,
    server_context,
    serving,
    trusting,
)
from tests.exporter.wire.proxies import HttpProxy, SocksProxy

# --- ways through -----------------------------------------------------------------------------------------


def test_http_is_forwarded_with_its_whole_url(run: Run) -> None:
    proxy = HttpProxy()
    measurement = Measurement()

    async def main() -> tuple[int, bytes]:
        async with serving(proxy) as port:
            request = get(4711, path="/x?y")
            way = replace(PLAIN, proxy=f"http://user:p%40ss@proxy.test:{port}")
            return port, (await fetch(request, way, measurement))[1]

    _, body = run(main())

    assert body == b"forwarded http://provider.test:4711/x?y"
    assert f"proxy-authorization: Basic {b64encode(b'user:p@ss').decode()}" in proxy.heads[0]
    assert list(measurement.phases) == ["connect", "send", "headers", "stream"]


def test_https_goes_through_a_tunnel_that_the_proxy_cannot_look_into(
    run: Run, authority: trustme.CA, certificate: trustme.LeafCert
) -> None:
    proxy = HttpProxy()
    measurement = Measurement()
    way = trusting(authority)

    async def main() -> tuple[int, bytes]:
        async with serving(saying(answer(b"hello")), server_context(certificate)) as port, serving(proxy) as entry:
            tunnel = replace(way, proxy=f"http://proxy.test:{entry}")
            return port, (await fetch(get(port, "https"), tunnel, measurement))[1]

    port, body = run(main())

    assert body == b"hello"
    assert [head.split("\r\n")[0] for head in proxy.heads] == [f"CONNECT provider.test:{port} HTTP/1.1"]
    assert list(measurement.phases) == ["connect", "tls", "send", "headers", "stream"]


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_may_be_spoken_to_over_tls(
    run: Run, authority: trustme.CA, certificate: trustme.LeafCert, scheme: str
) -> None:
    way = trusting(authority)
    entrance = server_context(authority.issue_cert("proxy.test"))
    inside = server_context(certificate) if scheme == "https" else None

    async def main() -> bytes:
        async with serving(saying(answer(b"hello")), inside) as port, serving(HttpProxy(), entrance) as entry:
            tunnel = replace(way, proxy=f"https://proxy.test:{entry}", proxy_tls=way.tls)
            return (await fetch(get(port, scheme), tunnel))[1]

    assert run(main()).startswith({"https": b"hello", "http": b"forwarded"}[scheme])


@pytest.mark.parametrize(
    ("scheme", "asked_for", "phases"),
    [
        ("socks5h", "provider.test", ["connect", "tls", "send", "headers", "stream"]),
        ("socks5", "127.0.0.1", ["dns", "connect", "tls", "send", "headers", "stream"]),
    ],
)
def test_socks_resolves_where_its_scheme_says(
    run: Run,
    authority: trustme.CA,
    certificate: trustme.LeafCert,
    scheme: str,
    asked_for: str,
    phases: list[str],
) -> None:
    proxy = SocksProxy()
    measurement = Measurement()
    way = trusting(authority)

    async def main() -> bytes:
        async with serving(saying(answer(b"hello")), server_context(certificate)) as port, serving(proxy) as entry:
            tunnel = replace(way, proxy=f"{scheme}://proxy.test:{entry}")
            return (await fetch(get(port, "https"), tunnel, measurement))[1]

    assert run(main()) == b"hello"
    assert proxy.asked_for == [asked_for]
    assert list(measurement.phases) == phases


def test_socks_logs_in_with_the_credentials_of_the_url(run: Run) -> None:
    proxy = SocksProxy(method=2)

    async def main() -> bytes:
        async with serving(saying(answer(b"hello"))) as port, serving(proxy) as entry:
            tunnel = replace(PLAIN, proxy=f"socks5h://user:p%3Ass@proxy.test:{entry}")
            return (await fetch(get(port), tunnel))[1]

    assert run(main()) == b"hello"
    assert proxy.credentials == [b"user", b"p:ss"]


# --- failures ---------------------------------------------------------------------------------------------


async def silent_end(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    await reader.read(1)


async def rude_end(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(1)
    reset(writer)


async def complain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(1)
    writer.write(answer(b"", status=b"400 What?"))
    await reader.read()


@pytest.mark.parametrize(
    ("scheme", "handler", "message"),
    [
        pytest.param("http", saying(answer(b"", status=b"407 Who?")), "answered 407; check its user", id="407"),
        pytest.param("http", saying(answer(b"", status=b"403 No")), "answered 403 when asked", id="CONNECT 403"),
        pytest.param("http", saying(b"SSH-2.0\r\n"), "not HTTP", id="no HTTP proxy"),
        pytest.param("http", silent_end, "without a byte", id="CONNECT closed"),
        pytest.param("http", rude_end, "failed", id="CONNECT reset"),
        pytest.param("https", complain, "failed", id="a proxy that speaks no TLS"),
        pytest.param("socks5h", SocksProxy(reply=2), "not allowed", id="SOCKS ruleset"),
        pytest.param("socks5h", SocksProxy(method=0xFF), "No acceptable auth", id="SOCKS wants a login"),
        pytest.param("socks5h", silent_end, "closed", id="SOCKS closed"),
        pytest.param("socks5h", rude_end, "failed", id="SOCKS reset"),
        pytest.param("socks5h", complain, "failed", id="no SOCKS proxy"),
    ],
)
def test_whatever_the_proxy_does_wrong_is_the_proxys(
    run: Run, authority: trustme.CA, scheme: str, handler: Handler, message: str
) -> None:
    measurement = Measurement()
    way = trusting(authority)

    async def main() -> None:
        async with serving(handler) as entry:
            proxy = f"{scheme}://user:hunter2@proxy.test:{entry}"
            await fetch(get(443, "https"), replace(way, proxy=proxy, proxy_tls=way.tls), measurement)

    with pytest.raises(ProxyFailed, match=message) as caught:
        run(main())

    assert measurement.phase == "connect"
    assert "hunter2" not in str(caught.value)
    assert f"{scheme}://proxy.test:" in str(caught.value)


def test_a_forwarding_proxy_that_wants_other_credentials_has_failed(run: Run) -> None:
    async def main() -> None:
        async with serving(saying(answer(b"", status=b"407 Who?"))) as entry:
            await fetch(get(80), replace(PLAIN, proxy=f"http://proxy.test:{entry}"))

    with pytest.raises(ProxyFailed, match="407"):
        run(main())


@pytest.mark.parametrize("scheme", ["http", "socks5h"])
def test_a_proxy_that_cannot_be_reached_has_failed(run: Run, scheme: str) -> None:
    async def main(port: int) -> None:
        await fetch(get(80), replace(PLAIN, proxy=f"{scheme}://proxy.test:{port}"))

    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        with pytest.raises(ProxyFailed, match=r"failed: .*[Cc]onnect"):
            run(main(bound.getsockname()[1]))


def test_a_proxy_whose_name_does_not_exist_has_failed(run: Run) -> None:
    async def resolve(*_: object) -> list[Address]:
        raise socket.gaierror(socket.EAI_NONAME, "no such name")

    measurement = Measurement()
    with pytest.raises(ProxyFailed, match="no such name"):
        run(fetch(get(80), Route(resolve=resolve, proxy="http://proxy.test"), measurement))

    assert measurement.phase == "connect"


@pytest.mark.parametrize("scheme", ["http", "https", "socks5h"])
def test_cancelled_at_any_moment_a_way_through_a_proxy_leaves_nothing_behind(
    run: Run, authority: trustme.CA, certificate: trustme.LeafCert, scheme: str
) -> None:
    way = trusting(authority)
    entrance = server_context(authority.issue_cert("proxy.test")) if scheme == "https" else None
    proxies: dict[str, Callable[[], Handler]] = {"http": HttpProxy, "https": HttpProxy, "socks5h": SocksProxy}

    async def cancelled_after(steps: int, port: int, route: Route) -> bool:
        task = asyncio.create_task(fetch(get(port, "https"), route))
        for _ in range(steps):
            await asyncio.sleep(0)
        if task.done():
            await task
            return False
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return True

    async def main() -> None:
        async with (
            serving(saying(answer(b"hello")), server_context(certificate)) as port,
            serving(proxies[scheme](), entrance) as entry,
        ):
            route = replace(way, proxy=f"{scheme}://proxy.test:{entry}", proxy_tls=way.tls)
            steps = 0
            while await cancelled_after(steps, port, route):
                steps += 1

    run(main())


# --- URLs -------------------------------------------------------------------------------------------------


def test_a_proxy_never_shows_its_password() -> None:
    url = "socks5h://user:hunter2@proxy.test"

    assert "hunter2" not in repr(parse_proxy(url)) + str(parse_proxy(url)) + repr(Route(proxy=url))
    assert str(parse_proxy(url)) == "socks5h://proxy.test:1080"


@pytest.mark.parametrize(
    "url", ["proxy.test:3128", "ftp://hunter2@x", "http://", "http://hunter2:x@[::1", "http://x:y"]
)
def test_what_is_no_proxy_url_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(InvalidRequest, match="write such as socks5h://") as caught:
        parse_proxy(url)

    assert "hunter2" not in str(caught.value)


def test_a_proxy_over_tls_needs_a_context(run: Run) -> None:
    with pytest.raises(InvalidRequest, match="needs a TLS context"):
        run(fetch(get(80), replace(PLAIN, proxy="https://proxy.test")))


# --- what lies beyond the proxy ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scheme", "handler", "failure"),
    [
        pytest.param("http", saying(answer(b"", status=b"502 Bad")), OSError, id="CONNECT 502"),
        pytest.param("http", saying(answer(b"", status=b"503 Bad")), OSError, id="CONNECT 503"),
        pytest.param("http", saying(answer(b"", status=b"504 Late")), TimeoutError, id="CONNECT 504"),
        pytest.param("socks5h", SocksProxy(reply=3), OSError, id="SOCKS network unreachable"),
        pytest.param("socks5h", SocksProxy(reply=4), OSError, id="SOCKS host unreachable"),
        pytest.param("socks5h", SocksProxy(reply=5), ConnectionRefusedError, id="SOCKS refused"),
        pytest.param("socks5h", SocksProxy(reply=6), TimeoutError, id="SOCKS TTL expired"),
    ],
)
def test_what_the_proxy_says_of_the_target_is_no_fault_of_the_proxy(
    run: Run, authority: trustme.CA, scheme: str, handler: Handler, failure: type[Exception]
) -> None:
    async def main() -> None:
        async with serving(handler) as entry:
            await fetch(get(443, "https"), replace(trusting(authority), proxy=f"{scheme}://proxy.test:{entry}"))

    with pytest.raises(failure) as caught:
        run(main())

    assert not isinstance(caught.value, ProxyFailed)


async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A proxy whose answer and the target's greeting come in one segment."""
    await asked(reader)
    writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n" + b"220 mail.test ESMTP\r\n")
    await reader.read()


def test_bytes_that_come_with_the_answer_of_the_proxy_are_the_targets(run: Run) -> None:
    async def main() -> bytes:
        async with serving(greet) as entry:
            route = replace(PLAIN, proxy=f"http://proxy.test:{entry}")
            connection = await dial(Origin("tcp", "mail.test", 25), route, Measurement())
            reader = ResponseReader(max_bytes=100)
            with pytest.raises(BadResponse) as caught:
                await connection.send(b"", reader)
            connection.abort()
            return str(caught.value).encode()

    assert b"not HTTP" in run(main()), "it has read the greeting"


@pytest.mark.parametrize("scheme", ["http", "socks5h", "socks5"])
def test_an_address_of_the_proxy_without_a_route_is_passed_over(run: Run, scheme: str) -> None:
    async def resolve(_host: str, port: int, _family: int = 0) -> list[Address]:
        return [("255.255.255.255", port), ("127.0.0.1", port)]

    proxy = SocksProxy() if scheme.startswith("socks") else greet

    async def main() -> None:
        async with serving(proxy) as entry:
            route = Route(resolve=resolve, proxy=f"{scheme}://proxy.test:{entry}")
            (await dial(Origin("tcp", "127.0.0.1", entry), route, Measurement())).abort()

    run(main())
