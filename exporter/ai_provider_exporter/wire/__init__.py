"""The measuring client: HTTP/1.1 in separate steps, each a phase, every chunk stamped on arrival.

`exchange` is the way in; `dial` gives a bare connection to those who only ask whether it comes about.
"""

from ai_provider_exporter.wire.connection_cache import ConnectionCache
from ai_provider_exporter.wire.dial import dial
from ai_provider_exporter.wire.errors import (
    BadFrame,
    BadResponse,
    Disconnected,
    FrameTooLarge,
    IncompleteChain,
    InvalidRequest,
    ProxyFailed,
    StreamReset,
    TlsUnusable,
    TooLarge,
    Truncated,
    WireError,
)
from ai_provider_exporter.wire.eventstream import EventStreamMessage, EventStreamReader
from ai_provider_exporter.wire.exchange import Response, exchange
from ai_provider_exporter.wire.lenient_reader import LenientReader
from ai_provider_exporter.wire.message import Chunk, Headers, Origin, Request
from ai_provider_exporter.wire.ndjson import NdjsonReader
from ai_provider_exporter.wire.resolve import Address, Family, Resolver, system_resolver
from ai_provider_exporter.wire.route import Route
from ai_provider_exporter.wire.sse import SseEvent, SseReader
from ai_provider_exporter.wire.tls import TlsContexts

__all__ = [
    "Address",
    "BadFrame",
    "BadResponse",
    "Chunk",
    "ConnectionCache",
    "Disconnected",
    "EventStreamMessage",
    "EventStreamReader",
    "Family",
    "FrameTooLarge",
    "Headers",
    "IncompleteChain",
    "InvalidRequest",
    "LenientReader",
    "NdjsonReader",
    "Origin",
    "ProxyFailed",
    "Request",
    "Resolver",
    "Response",
    "Route",
    "SseEvent",
    "SseReader",
    "StreamReset",
    "TlsContexts",
    "TlsUnusable",
    "TooLarge",
    "Truncated",
    "WireError",
    "dial",
    "exchange",
    "system_resolver",
]
