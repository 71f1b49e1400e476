"""What httpx2 raises, in the words of `pages.errors`."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator

import h11
import httpx2

from ai_provider_exporter.status_pages.errors import PageFailure
from ai_provider_exporter.status_pages.text import safe_url
from ai_provider_exporter.wire.certificates import FLAWS

_NO_SUCH_NAME = {socket.EAI_NONAME, socket.EAI_NODATA}

Rules = tuple[tuple[type[BaseException], str], ...]
"""From the most specific to the least, the last for all; an exception counts with all that it was raised from."""

BEFORE_THE_ANSWER: Rules = (
    (httpx2.ConnectTimeout, "connect_timeout"),
    (httpx2.ProxyError, "proxy_error"),
    (ssl.SSLError, "tls_handshake"),
    (httpx2.WriteError, "send_error"),
    (httpx2.ReadError, "server_disconnected"),
    (h11.RemoteProtocolError, "malformed_response"),
    (httpx2.RemoteProtocolError, "server_disconnected"),
    (socket.gaierror, "dns_error"),
    (ConnectionRefusedError, "connect_refused"),
    (ConnectionResetError, "tls_handshake"),  # TCP itself is refused or times out, but is not reset
    (OSError, "connect_unreachable"),
    (httpx2.ConnectError, "tls_handshake"),  # without an error of the socket: closed while shaking hands
    (httpx2.RequestError, "prober_error"),
)
IN_THE_BODY: Rules = (
    (httpx2.DecodingError, "malformed_response"),
    (httpx2.RemoteProtocolError, "stream_truncated"),
    (httpx2.NetworkError, "stream_reset"),
    (httpx2.RequestError, "prober_error"),
)


def translated(error: httpx2.RequestError, rules: Rules, url: httpx2.URL) -> PageFailure:
    """The failure that `error` is, of a request to `url`."""
    chain = list(_chain(error))
    by_kind = ((reason, cause) for kind, reason in rules for cause in chain if isinstance(cause, kind))
    reason, cause = _by_code(chain) or next(by_kind)
    return PageFailure(reason, f"{safe_url(str(url))}: {str(cause) or type(cause).__name__}")


def _by_code(chain: list[BaseException]) -> tuple[str, BaseException] | None:
    """What only a number in the exception tells."""
    for cause in chain:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return ("tls_certificate" if cause.verify_code in FLAWS else "tls_untrusted"), cause
        if isinstance(cause, socket.gaierror) and cause.errno in _NO_SUCH_NAME:
            return "dns_not_found", cause
    return None


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """The exception and all that it was raised from, in depth; several attempts to connect are a group."""
    while error is not None:
        yield error
        if isinstance(error, BaseExceptionGroup):
            for member in error.exceptions:
                yield from _chain(member)
        error = error.__cause__ or error.__context__
