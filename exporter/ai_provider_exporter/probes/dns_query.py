"""One question to one resolver: over UDP, TCP, TLS (RFC 7858) or HTTPS (RFC 8484)."""

from __future__ import annotations

import asyncio

import dns.exception
import dns.flags
import dns.message

from ai_provider_exporter import wire
from ai_provider_exporter.model.measurement import Measurement
from ai_provider_exporter.model.reasons import Failure
from ai_provider_exporter.probes import api, blame
from ai_provider_exporter.probes.raw_stream import RawStream, open_raw_stream

_RETRANSMIT = 2.0  # seconds; UDP loses packets, and a lost one is no outage
_LENGTH = 2  # bytes before each message on TCP
_HEADER = 12  # bytes of a message
_MAX_BYTES = 64 * 1024
_MEDIA_TYPE = "application/dns-message"


class _Replies(asyncio.DatagramProtocol):
    """What comes back on one socket; the first failure ends it."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue[bytes | OSError] = asyncio.Queue(maxsize=64)

    def datagram_received(self, data: bytes, addr: object) -> None:  # noqa: ARG002  # the socket is connected
        if not self.queue.full():
            self.queue.put_nowait(data)

    def error_received(self, exc: Exception) -> None:
        if isinstance(exc, OSError) and not self.queue.full():
            self.queue.put_nowait(exc)


async def over_udp(query: dns.message.Message, host: str, port: int) -> dns.message.Message | None:
    """Repeat the query until a reply comes, and the runner's deadline ends it; None: the reply was truncated."""
    loop = asyncio.get_running_loop()
    transport, replies = await loop.create_datagram_endpoint(_Replies, remote_addr=(host, port))
    try:
        while True:
            transport.sendto(query.to_wire())
            try:
                async with asyncio.timeout(_RETRANSMIT):
                    return await _reply_to(query, replies)
            except TimeoutError:
                continue
    finally:
        transport.abort()


async def _reply_to(query: dns.message.Message, replies: _Replies) -> dns.message.Message | None:
    """The first datagram that answers this query; others may be anybody's."""
    while True:
        got = await replies.queue.get()
        if isinstance(got, OSError):
            raise got
        if _is_truncated(query, got):
            return None
        try:
            reply = dns.message.from_wire(got, ignore_trailing=True)
        except (dns.exception.DNSException, ValueError):
            continue
        if query.is_response(reply):
            return reply


def _is_truncated(query: dns.message.Message, data: bytes) -> bool:
    """TC in the header of our reply is enough, wherever the datagram ends: RFC 2181, section 9."""
    flags = int.from_bytes(data[2:4])
    is_ours = len(data) >= _HEADER and int.from_bytes(data[:2]) == query.id and bool(flags & dns.flags.QR)
    return is_ours and bool(flags & dns.flags.TC)


async def over_stream(
    query: dns.message.Message, origin: wire.Origin, route: wire.Route, measurement: Measurement
) -> dns.message.Message:
    """Over TCP, or TLS where `origin` says so."""
    async with open_raw_stream(origin, route, measurement) as stream:
        measurement.enter("dns")
        await stream.send(query.to_wire(prepend_length=True))
        return _parsed(query, await _message(stream))


async def over_https(
    query: dns.message.Message, url: str, route: wire.Route, measurement: Measurement
) -> dns.message.Message:
    headers = {"content-type": _MEDIA_TYPE, "accept": _MEDIA_TYPE}
    request = wire.Request(method="POST", url=url, headers=headers, body=query.to_wire())
    async with wire.exchange(request, route, measurement, max_bytes=_MAX_BYTES) as response:
        body = await api.read(response, measurement, _MAX_BYTES)
        if not api.is_success(response.status):
            raise blame.refusal(response.status, response.headers, body)
        if api.content_type(response) != _MEDIA_TYPE:
            raise api.wrong_type(response, _MEDIA_TYPE)
    return _parsed(query, body)


async def _message(stream: RawStream) -> bytes:
    """One message behind its length of two bytes."""
    got = b""
    while len(got) < _LENGTH or len(got) < _LENGTH + int.from_bytes(got[:_LENGTH]):
        chunk = await stream.receive()
        if chunk is None:
            raise Failure("dns_error", "the resolver closed the connection in mid-answer")
        got += chunk.data
    return got[_LENGTH : _LENGTH + int.from_bytes(got[:_LENGTH])]


def _parsed(query: dns.message.Message, data: bytes) -> dns.message.Message:
    try:
        reply = dns.message.from_wire(data)
    except (dns.exception.DNSException, ValueError) as error:
        raise Failure("dns_error", f"the resolver's answer is no DNS: {error}") from None
    if not query.is_response(reply):
        raise Failure("dns_error", "the resolver answered another query")
    return reply
