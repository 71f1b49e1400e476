"""One request over HTTP/2, for those who ask for it. It measures less finely than `wire`.

The name is resolved within phase `connect`, and stamps are taken when this program comes to read, not on arrival.
"""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from time import perf_counter
from typing import Any

import httpx2

from ai_provider_exporter import wire
from ai_provider_exporter.model.measurement import Measurement, PhaseName
from ai_provider_exporter.model.reasons import Failure

# What httpx2 tells about its steps: https://www.encode.io/httpcore/extensions/#trace (httpcore2 2.16).
_STEPS: dict[str, PhaseName] = {
    "connection.connect_tcp.started": "connect",
    "connection.start_tls.started": "tls",
    "proxy.start_tls.started": "tls",
    "http2.send_request_headers.started": "send",
    "http2.receive_response_headers.started": "headers",
}
_ANY_ADDRESS = {0: None, 4: "0.0.0.0", 6: "::"}  # noqa: S104  # to go out by, not to listen on


class Http2Answer:
    """Looks like `wire.Response`."""

    def __init__(self, response: httpx2.Response, measurement: Measurement, max_bytes: int) -> None:
        self.status = response.status_code
        self.headers = wire.Headers(response.headers.multi_items())
        self.headers_at = perf_counter()
        self._response = response
        self._measurement = measurement
        self._max_bytes = max_bytes

    async def chunks(self) -> AsyncIterator[wire.Chunk]:
        received = 0
        async for data in self._response.aiter_raw():
            received += len(data)
            if received > self._max_bytes:
                raise wire.TooLarge(f"the body is longer than {self._max_bytes} bytes")
            yield wire.Chunk(perf_counter(), data)

    async def read(self, limit: int) -> bytes:
        body = b"".join([chunk.data async for chunk in self.chunks()])[:limit]
        self._measurement.end()
        return body


@asynccontextmanager
async def exchange(
    request: wire.Request, route: wire.Route, measurement: Measurement, *, max_bytes: int
) -> AsyncIterator[Http2Answer]:
    """As `wire.exchange`, and raises what that raises; `route.tls` has to offer h2.

    Raises:
        Failure: assertion_failed; the server speaks no HTTP/2.
    """

    async def trace(step: str, _: Any) -> None:
        if step in _STEPS:
            measurement.enter(_STEPS[step])

    transport = httpx2.AsyncHTTPTransport(
        verify=route.tls or True,
        trust_env=False,
        http1=route.tls is not None,  # over TLS the server may still choose; in plain text it has to be told
        http2=True,
        proxy=route.proxy or None,
        local_address=_ANY_ADDRESS[route.family],
    )
    sent: dict[str, Any] = {"headers": {"accept-encoding": "identity", **request.headers}, "content": request.body}
    extensions = {"trace": trace} | ({"sni_hostname": route.server_name} if route.server_name else {})
    with _natural(measurement):
        async with (
            httpx2.AsyncClient(transport=transport, timeout=None) as client,  # the runner has the deadline
            client.stream(request.method, request.url, extensions=extensions, **sent) as response,
        ):
            measurement.leave()
            measurement.http_status = response.status_code
            measurement.headers = dict(response.headers)
            measurement.certificate_expires_at = _expiry(response)
            if response.http_version != "HTTP/2":
                raise Failure("assertion_failed", f"the server answers in {response.http_version}, not in HTTP/2")
            yield Http2Answer(response, measurement, max_bytes)


def _expiry(response: httpx2.Response) -> float | None:
    stream = response.extensions.get("network_stream")
    tls = stream.get_extra_info("ssl_object") if stream is not None else None
    not_after = (tls.getpeercert() or {}).get("notAfter") if tls is not None else None
    return None if not_after is None else float(ssl.cert_time_to_seconds(not_after))


@contextmanager
def _natural(measurement: Measurement) -> Iterator[None]:
    """Raise what the socket raised, which is what the runner knows."""
    try:
        yield
    except httpx2.ProxyError as error:
        raise wire.ProxyFailed(str(error)) from error
    except httpx2.TransportError as error:
        raise _cause(error, begun=measurement.http_status is not None) from error


def _cause(error: BaseException, *, begun: bool) -> Exception:
    cause: BaseException | None = error
    deepest: OSError | None = None
    while cause is not None:
        deepest = cause if isinstance(cause, OSError) else deepest
        cause = cause.__cause__ or cause.__context__
    if deepest is not None:
        return deepest
    if begun:
        return wire.StreamReset(str(error) or "the stream broke off")
    return wire.Disconnected(str(error) or "the server closed the connection without a byte of answer")
