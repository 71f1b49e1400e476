import asyncio
import errno
import socket
import ssl
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from time import perf_counter
from typing import Any

import pytest
import trustme
from ai_provider_exporter.model.measurement import Measurement
from ai_provider_exporter.wire import (
    Address,
    BadResponse,
    Disconnected,
    InvalidRequest,
    Request,
    Route,
    StreamReset,
    TooLarge,
    Truncated,
    exchange,
)

from tests.exporter.wire.loopback import (
    PLAIN,
    Handler,
    Run,
    answer,
    asked,
    chunked,
    fetch,
    get,
    reset,
    saying,
    server_context,
    serving,
    trusting,
    until,
    wait,
)

HEAD = b"HTTP/1.1 200 OK\r\n"


# --- answers ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "body"),
    [
        pytest.param(answer(b"hello"), b"hello", id="content-length"),
        pytest.param(chunked(b"he", b"llo"), b"hello", id="chunked"),
        pytest.param(HEAD + b"\r\nhello", b"hello", id="until the end of the connection"),
        pytest.param(answer(b""), b"", id="empty"),
        pytest.param(b"HTTP/1.1 204 No Content\r\n\r\n", b"", id="204"),
        pytest.param(b"HTTP/1.1 100 Continue\r\n\r\n" + answer(b"hello"), b"hello", id="after a 100"),
        pytest.param(b"HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n" * 3 + answer(b"hello"), b"hello", id="after 103s"),
        pytest.param(answer(b"hello") + answer(b"more"), b"hello", id="with an answer too many"),
    ],
)
def test_the_body_is_what_the_framing_says(run: Run, said: bytes, body: bytes) -> None:
    async def main() -> tuple[Any, bytes]:
        async with serving(saying(said)) as port:
            return await fetch(get(port))

    response, read = run(main())

    assert read == body
    assert response.status in {200, 204}
    assert "link" not in response.headers


def test_an_answer_in_single_bytes_is_the_same_answer(run: Run) -> None:
    said = chunked(b"data: 1\n\n", b"data: 2\n\n")

    async def main() -> tuple[Any, bytes]:
        async with serving(saying(*(said[i : i + 1] for i in range(len(said))))) as port:
            return await fetch(get(port))

    _, read = run(main())

    assert read == b"data: 1\n\ndata: 2\n\n"


def test_head_has_no_body(run: Run) -> None:
    async def main() -> tuple[Any, bytes]:
        async with serving(saying(HEAD + b"content-length: 1000\r\n\r\n", then=wait)) as port:
            return await fetch(replace(get(port), method="HEAD"))

    response, read = run(main())

    assert (response.headers["content-length"], read) == ("1000", b"")


def test_the_request_is_whole_and_asks_for_nothing_that_would_blur_the_measurement(run: Run) -> None:
    heard: list[bytes] = []

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await asked(reader))
        heard.append(await reader.readexactly(2))
        writer.write(answer(b""))
        await writer.drain()

    async def main() -> int:
        async with serving(handler) as port:
            url = f"http://provider.test:{port}/v1/chat?x=%20y"
            await fetch(Request(method="POST", url=url, headers={"X-Key": "k", "Accept": "text/plain"}, body=b"{}"))
            return port

    port = run(main())

    lines = heard[0].decode().split("\r\n")
    assert lines[0] == "POST /v1/chat?x=%20y HTTP/1.1"
    assert {
        f"host: provider.test:{port}",
        "accept-encoding: identity",
        "connection: close",
        "content-length: 2",
        "x-key: k",
        "accept: text/plain",
    } < set(lines)
    assert heard[1] == b"{}"


def test_a_body_that_the_kernel_cannot_take_at_once_arrives_whole(run: Run) -> None:
    body = bytes(range(256)) * (32 << 10)

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asked(reader)
        await asyncio.sleep(0.05)  # the client has to wait: this is what its phase `send` measures
        writer.write(answer(b"same" if await reader.readexactly(len(body)) == body else b"other"))
        await writer.drain()

    async def main() -> tuple[bytes, Measurement]:
        measurement = Measurement()
        async with serving(handler) as port:
            _, read = await fetch(replace(get(port), method="POST", body=body), PLAIN, measurement)
        return read, measurement

    read, measurement = run(main())

    assert read == b"same"
    assert measurement.phases["send"] > 0.02


def test_an_answer_before_the_request_was_sent_to_its_end_counts(run: Run) -> None:
    async def main() -> int:
        async with serving(saying(answer(b"too large", status=b"413 Content Too Large"), then=wait)) as port:
            response, _ = await fetch(replace(get(port), method="POST", body=bytes(64 << 20)))
            return response.status

    assert run(main()) == 413


def test_a_server_that_speaks_first_is_heard(run: Run) -> None:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer(b"busy", status=b"503 Busy"))
        await writer.drain()
        await reader.read()

    async def main() -> tuple[int, bytes]:
        async with serving(handler) as port:
            response, read = await fetch(get(port))
            return response.status, read

    assert run(main()) == (503, b"busy")


# --- phases -----------------------------------------------------------------------------------------------


def test_every_step_of_an_https_exchange_is_a_phase(
    run: Run, authority: trustme.CA, certificate: trustme.LeafCert
) -> None:
    async def main() -> tuple[Measurement, float]:
        measurement = Measurement()
        async with (
            serving(saying(answer(b"hello")), server_context(certificate)) as port,
            exchange(get(port, "https"), trusting(authority), measurement) as response,
        ):
            assert measurement.phase is None
            measurement.enter("stream", response.headers_at)
            await response.read(100)
        return measurement, response.headers_at

    measurement, headers_at = run(main())

    assert list(measurement.phases) == ["dns", "connect", "tls", "send", "headers", "stream"]
    assert all(seconds >= 0 for seconds in measurement.phases.values())
    assert sum(measurement.phases.values()) <= (measurement.ended or 0) - measurement.started
    assert measurement.started < headers_at <= (measurement.ended or 0)
    assert measurement.http_status == 200


def test_what_does_not_take_place_is_no_phase(run: Run) -> None:
    async def main() -> Measurement:
        measurement = Measurement()
        async with serving(saying(answer(b""))) as port:
            request = Request(method="GET", url=f"http://127.0.0.1:{port}/", headers={})
            await fetch(request, Route(), measurement)
        return measurement

    assert list(run(main()).phases) == ["connect", "send", "headers", "stream"]


def test_the_certificate_says_when_it_expires(run: Run, authority: trustme.CA) -> None:
    expiry = datetime(2031, 5, 1, 12, tzinfo=UTC)
    certificate = authority.issue_cert("provider.test", not_after=expiry)

    async def main() -> float | None:
        measurement = Measurement()
        async with serving(saying(answer(b"")), server_context(certificate)) as port:
            await fetch(get(port, "https"), trusting(authority), measurement)
        return measurement.certificate_expires_at

    assert run(main()) == expiry.timestamp()


def test_another_server_name_is_asked_for_and_checked(run: Run, authority: trustme.CA) -> None:
    certificate = authority.issue_cert("inner.test")

    async def main() -> bytes:
        async with serving(saying(answer(b"hello")), server_context(certificate)) as port:
            return (await fetch(get(port, "https"), trusting(authority, server_name="inner.test")))[1]

    assert run(main()) == b"hello"


# --- stamps -----------------------------------------------------------------------------------------------


def test_a_chunk_is_stamped_when_it_arrives_and_not_when_it_is_read(run: Run) -> None:
    written: list[float] = []
    go_on = asyncio.Event()

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asked(reader)
        writer.write(HEAD + b"\r\n")
        for piece in (b"first", b"second"):
            written.append(perf_counter())
            writer.write(piece)
            await go_on.wait()
            go_on.clear()

    async def main() -> list[tuple[float, bytes]]:
        async with serving(handler) as port, exchange(get(port), PLAIN, Measurement()) as response:
            await until(lambda: response._reader.unread_bytes == len(b"first"))
            go_on.set()
            await until(lambda: response._reader.unread_bytes == len(b"firstsecond"))
            go_on.set()
            return [(chunk.at, chunk.data) async for chunk in response.chunks()]

    (first_at, first), (second_at, second) = run(main())

    assert (first, second) == (b"first", b"second")
    assert written[0] <= first_at <= written[1] <= second_at


def test_stamps_follow_the_instants_at_which_the_server_wrote(run: Run) -> None:
    written: list[float] = []
    read = asyncio.Event()

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asked(reader)
        writer.write(HEAD + b"transfer-encoding: chunked\r\n\r\n")
        for _ in range(20):
            written.append(perf_counter())
            writer.write(b"9\r\ndata: 1\n\n\r\n")
            await read.wait()
            read.clear()
        writer.write(b"0\r\n\r\n")
        await reader.read()

    async def main() -> list[float]:
        stamps = []
        async with serving(handler) as port, exchange(get(port), PLAIN, Measurement()) as response:
            async for chunk in response.chunks():
                stamps.append(chunk.at)
                read.set()
        return stamps

    stamps = run(main())

    both = [instant for pair in zip(written, stamps, strict=True) for instant in pair]
    assert both == sorted(both)


def test_the_measurement_ends_with_the_last_byte_that_was_asked_for(run: Run) -> None:
    async def main() -> tuple[bytes, Measurement, float]:
        measurement = Measurement()
        async with (
            serving(saying(answer(b"hello"), then=wait)) as port,
            exchange(get(port), PLAIN, measurement) as response,
        ):
            read = await response.read(2)
            return read, measurement, response.headers_at

    read, measurement, headers_at = run(main())

    assert read == b"he"
    assert measurement.ended == headers_at


@pytest.mark.parametrize(
    ("limit", "max_bytes", "read"), [(3, 1 << 20, b"hel"), (5, 5, b"hello"), (5, 4, TooLarge), (9, 20, b"hello wor")]
)
def test_reading_stops_at_its_own_limit_before_that_of_the_exchange(
    run: Run, limit: int, max_bytes: int, read: bytes | type[Exception]
) -> None:
    async def main() -> bytes:
        async with (
            serving(saying(answer(b"hello world"), then=wait)) as port,
            exchange(get(port), PLAIN, Measurement(), max_bytes=max_bytes) as response,
        ):
            return await response.read(limit)

    if isinstance(read, bytes):
        assert run(main()) == read
    else:
        with pytest.raises(read):
            run(main())


# --- failures ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("handler", "failure", "phase"),
    [
        pytest.param(saying(), Disconnected, "headers", id="closed without a byte"),
        pytest.param(saying(then=reset), ConnectionResetError, "headers", id="reset without a byte"),
        pytest.param(saying(b"HTTP/1.1 200"), Truncated, "headers", id="closed within the head"),
        pytest.param(saying(HEAD, then=reset), ConnectionResetError, "headers", id="reset within the head"),
        pytest.param(saying(b"SSH-2.0-OpenSSH\r\n", then=wait), BadResponse, "headers", id="not HTTP"),
        pytest.param(saying(b"\x15\x03\x01\x00\x02\x02\x0a", then=wait), BadResponse, "headers", id="a TLS alert"),
        pytest.param(saying(HEAD + b"x: y\r\n" * 20_000, then=wait), TooLarge, "headers", id="huge head"),
        pytest.param(
            saying(HEAD + b"x: " + b"y" * 70_000 + b"\r\n\r\n", then=wait), TooLarge, "headers", id="huge header"
        ),
        pytest.param(
            saying(b"HTTP/1.1 103 Early Hints\r\n\r\n" * 5000, then=wait), TooLarge, "headers", id="endless 103s"
        ),
        pytest.param(
            saying(HEAD + b"content-length: 9\r\n\r\nhello"), Truncated, "stream", id="content-length cut by FIN"
        ),
        pytest.param(saying(chunked(b"hello")[:-5]), Truncated, "stream", id="chunked cut by FIN"),
        pytest.param(saying(chunked(b"hello")[:-8]), Truncated, "stream", id="chunk cut by FIN"),
        pytest.param(saying(HEAD + b"\r\nhello", then=reset), StreamReset, "stream", id="reset in an endless body"),
        pytest.param(saying(chunked(b"hello")[:-5], then=reset), StreamReset, "stream", id="reset in a body"),
        pytest.param(
            saying(chunked(b"hello")[:-5] + b"what?\r\n", then=wait), StreamReset, "stream", id="broken chunking"
        ),
        pytest.param(saying(answer(bytes(2 << 20)), then=wait), TooLarge, "stream", id="body too large"),
        pytest.param(
            saying(HEAD + b"transfer-encoding: chunked\r\n\r\n1;" + b"x" * (16 << 20), then=wait),
            TooLarge,
            "stream",
            id="endless framing",
        ),
    ],
)
def test_a_failure_is_known_by_its_type_and_the_phase_it_happened_in(
    run: Run, handler: Handler, failure: type[Exception], phase: str
) -> None:
    measurement = Measurement()

    async def main() -> None:
        async with serving(handler) as port:
            request = get(port)
            async with exchange(request, PLAIN, measurement) as response:
                measurement.enter("stream", response.headers_at)
                async for _ in response.chunks():
                    pass

    with pytest.raises(failure):
        run(main())

    assert measurement.phase == phase


def test_what_came_before_a_reset_is_not_lost_to_it(run: Run) -> None:
    async def main() -> bytes:
        async with (
            serving(saying(chunked(b"hello")[:-5], then=reset)) as port,
            exchange(get(port), PLAIN, Measurement()) as response,
        ):
            await until(lambda: response._reader.over)
            chunks = response.chunks()
            heard = await anext(chunks)
            with pytest.raises(StreamReset, match="after 5 bytes"):
                await anext(chunks)
        return heard.data

    assert run(main()) == b"hello"


async def give_up_in(phase: str, request: Request, route: Route = PLAIN) -> None:
    """Let the exchange hang in `phase` and run into a deadline there."""
    measurement = Measurement()
    task = asyncio.create_task(fetch(request, route, measurement))
    await until(lambda: measurement.phase == phase)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(task, 0.02)

    assert measurement.phase == phase


@pytest.mark.parametrize(
    ("handler", "phase"),
    [
        pytest.param(saying(then=wait), "headers", id="no head"),
        pytest.param(saying(b"HTTP/1.1 200 OK\r\nx:", then=wait), "headers", id="half a head"),
        pytest.param(saying(HEAD + b"\r\nhello", then=wait), "stream", id="a body without an end"),
    ],
)
def test_silence_ends_with_the_deadline_of_the_caller(run: Run, handler: Handler, phase: str) -> None:
    async def main() -> None:
        async with serving(handler) as port:
            await give_up_in(phase, get(port))

    run(main())


def test_a_name_that_does_not_resolve_fails_in_phase_dns(run: Run) -> None:
    measurement = Measurement()

    async def resolve(*_: object) -> list[Address]:
        raise socket.gaierror(socket.EAI_NONAME, "no such name")

    with pytest.raises(socket.gaierror):
        run(fetch(get(1), Route(resolve=resolve), measurement))

    assert measurement.phase == "dns"


def test_a_resolver_that_hangs_is_left_at_the_deadline(run: Run) -> None:
    async def resolve(*_: object) -> list[Address]:
        await asyncio.Event().wait()
        return []

    run(give_up_in("dns", get(1), Route(resolve=resolve)))


def test_a_refused_connection_fails_in_phase_connect(run: Run) -> None:
    measurement = Measurement()
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))  # held, but nobody listens

        with pytest.raises(ConnectionRefusedError):
            run(fetch(get(bound.getsockname()[1]), PLAIN, measurement))

    assert measurement.phase == "connect"


def test_a_connection_that_nobody_answers_is_left_at_the_deadline(run: Run) -> None:
    with socket.socket() as full, socket.socket() as first, socket.socket() as second:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for client in (first, second):  # the backlog takes one more than it says; further SYNs are dropped
            client.settimeout(0)
            client.connect_ex(full.getsockname())
        run(give_up_in("connect", get(full.getsockname()[1])))


NO_ROUTE = "255.255.255.255"  # TCP has none to a broadcast address, on any host


def test_without_a_route_the_network_is_unreachable(run: Run) -> None:
    measurement = Measurement()

    async def resolve(_host: str, port: int, _family: int) -> list[Address]:
        return [(NO_ROUTE, port)]

    with pytest.raises(OSError, match="unreachable") as caught:
        run(fetch(get(1), Route(resolve=resolve), measurement))

    assert caught.value.errno == errno.ENETUNREACH
    assert measurement.phase == "connect"


def test_an_address_without_a_route_is_passed_over(run: Run) -> None:
    async def resolve(_host: str, port: int, _family: int) -> list[Address]:
        return [(NO_ROUTE, port), ("127.0.0.1", port)]

    async def main() -> bytes:
        async with serving(saying(answer(b"hello"))) as port:
            return (await fetch(get(port), Route(resolve=resolve)))[1]

    assert run(main()) == b"hello"


def test_an_address_that_refuses_is_the_verdict_even_if_another_would_answer(run: Run) -> None:
    async def resolve(_host: str, port: int, _family: int) -> list[Address]:
        return [("127.0.0.2", port), ("127.0.0.1", port)]

    async def main() -> None:
        async with serving(saying(answer(b"hello"))) as port:
            await fetch(get(port), Route(resolve=resolve))

    with pytest.raises(ConnectionRefusedError):
        run(main())


# --- TLS --------------------------------------------------------------------------------------------------


def certificates(authority: trustme.CA) -> dict[str, trustme.LeafCert]:
    past = datetime.now(UTC) - timedelta(days=1)
    return {
        "expired": authority.issue_cert("provider.test", not_before=past - timedelta(days=9), not_after=past),
        "for another host": authority.issue_cert("other.test"),
        "of an unknown issuer": trustme.CA().issue_cert("provider.test"),
    }


@pytest.mark.parametrize(
    ("flaw", "codes"),
    [("expired", {10}), ("for another host", {62}), ("of an unknown issuer", {19, 20})],
)
def test_a_bad_certificate_is_told_by_its_verify_code(
    run: Run, authority: trustme.CA, flaw: str, codes: set[int]
) -> None:
    measurement = Measurement()
    bad = server_context(certificates(authority)[flaw])

    async def main() -> None:
        async with serving(saying(answer(b"")), bad) as port:
            await fetch(get(port, "https"), trusting(authority), measurement)

    with pytest.raises(ssl.SSLCertVerificationError) as caught:
        run(main())

    assert caught.value.verify_code in codes
    assert "tls" in measurement.phases


def test_a_server_that_misses_our_certificate_says_so_after_the_handshake(
    run: Run, authority: trustme.CA, certificate: trustme.LeafCert
) -> None:
    """TLS 1.3: the client is done with the handshake when the server finds that it does not know it."""
    strict = server_context(certificate)
    strict.verify_mode = ssl.CERT_REQUIRED
    authority.configure_trust(strict)
    measurement = Measurement()
    route = trusting(authority)

    def shake(listener: socket.socket) -> None:  # asyncio's own server closes without the alert
        plain, _ = listener.accept()
        with strict.wrap_socket(plain, server_side=True, do_handshake_on_connect=False) as peer:
            with pytest.raises(ssl.SSLError):
                peer.do_handshake()
            while socket.socket.recv(peer, 1 << 16):  # to close on unread bytes would reset, and outrun the alert
                pass

    async def main() -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            serving = asyncio.create_task(asyncio.to_thread(shake, listener))
            try:
                await fetch(get(listener.getsockname()[1], "https"), route, measurement)
            finally:
                await serving

    with pytest.raises(ssl.SSLError, match=r"(?i)certificate.required"):
        run(main())

    assert measurement.phase == "headers"


async def hang_up(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    await reader.read(1)


async def hang_up_rudely(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(1)
    reset(writer)


async def answer_in_plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(1)
    writer.write(answer(b"You are speaking TLS to a plain port", status=b"400 Bad Request"))
    await reader.read()


@pytest.mark.parametrize(
    ("handler", "failure"),
    [
        pytest.param(hang_up, ConnectionResetError, id="closed"),
        pytest.param(hang_up_rudely, ConnectionResetError, id="reset"),
        pytest.param(answer_in_plain, ssl.SSLError, id="a plain port"),
    ],
)
def test_a_handshake_that_breaks_fails_in_phase_tls(
    run: Run, authority: trustme.CA, handler: Handler, failure: type[Exception]
) -> None:
    measurement = Measurement()

    async def main() -> None:
        async with serving(handler) as port:
            await fetch(get(port, "https"), trusting(authority), measurement)

    with pytest.raises(failure):
        run(main())

    assert measurement.phase == "tls"


def test_a_handshake_that_hangs_is_left_at_the_deadline(run: Run, authority: trustme.CA) -> None:
    async def silent(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        while await reader.read(100):
            pass

    async def main() -> None:
        async with serving(silent) as port:
            await give_up_in("tls", get(port, "https"), trusting(authority))

    run(main())


def test_https_without_a_context_is_refused_before_anything_is_sent(run: Run) -> None:
    with pytest.raises(InvalidRequest, match="needs a TLS context"):
        run(fetch(get(1, "https")))


def test_a_large_answer_over_tls_is_whole_although_the_server_does_not_say_goodbye(
    run: Run, authority: trustme.CA, certificate: trustme.LeafCert
) -> None:
    """The end of the connection must not overtake what was sent before it while reading is paused."""
    body = bytes(700_000)

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asked(reader)
        writer.write(answer(body))
        await writer.drain()
        await until(lambda: not writer.transport.get_write_buffer_size())

    async def main() -> bytes:
        async with (
            serving(handler, server_context(certificate)) as port,
            exchange(get(port, "https"), trusting(authority), Measurement()) as response,
        ):
            await asyncio.sleep(0.05)  # meanwhile the server has sent all that fits, and is gone if all did
            return await response.read(1 << 20)

    assert run(main()) == body


# --- nothing is left --------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_cancelled_at_any_moment_it_leaves_nothing_behind(
    run: Run, authority: trustme.CA, certificate: trustme.LeafCert, scheme: str
) -> None:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await saying(chunked(b"a", b"b"))(reader, writer)

    route = trusting(authority)
    reached: set[str | None] = set()

    async def cancelled_after(steps: int, port: int) -> bool:
        measurement = Measurement()
        task = asyncio.create_task(fetch(get(port, scheme), route, measurement))
        for _ in range(steps):
            await asyncio.sleep(0)
        reached.add(measurement.phase)
        if task.done():
            await task
            return False
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return True

    async def main() -> None:
        async with serving(handler, server_context(certificate) if scheme == "https" else None) as port:
            steps = 0
            while await cancelled_after(steps, port):
                steps += 1

    run(main())

    assert {"connect", "headers"} <= reached
    assert scheme == "http" or "tls" in reached


def test_leaving_early_leaves_nothing_behind(run: Run) -> None:
    async def main() -> None:
        async with (
            serving(saying(chunked(b"a", b"b"), then=wait)) as port,
            exchange(get(port), PLAIN, Measurement()) as response,
        ):
            async for _ in response.chunks():
                break

    run(main())


def test_an_endless_body_that_nobody_reads_stays_small(run: Run) -> None:
    sent = 0

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        await asked(reader)
        writer.write(HEAD + b"\r\n")
        while True:
            writer.write(bytes(64 << 10))
            await writer.drain()
            sent += 64 << 10

    async def main() -> int:
        async with (
            serving(handler) as port,
            exchange(get(port), PLAIN, Measurement(), max_bytes=1 << 40) as response,
        ):
            before = -1
            while sent != before:  # until the server can send no more
                before = sent
                await asyncio.sleep(0.05)
            return response._reader.unread_bytes

    assert 64 << 10 < run(main()) <= 320 << 10


def test_reading_goes_on_where_it_paused(run: Run) -> None:
    body = bytes(range(256)) * 4096

    async def main() -> bytes:
        async with (
            serving(saying(answer(body))) as port,
            exchange(get(port), PLAIN, Measurement()) as response,
        ):
            await asyncio.sleep(0.05)
            return b"".join([chunk.data async for chunk in response.chunks()])

    assert run(main()) == body
