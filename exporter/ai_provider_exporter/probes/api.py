"""What all API probes share: sign and send a request, read the headers, refuse what is not a 2xx."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from time import perf_counter
from typing import Any, Protocol

from ai_provider_exporter import wire
from ai_provider_exporter.model.measurement import Measurement
from ai_provider_exporter.model.reasons import Failure
from ai_provider_exporter.probes import blame, credentials
from ai_provider_exporter.probes.content_encoding import decode
from ai_provider_exporter.probes.context import ProbeContext
from ai_provider_exporter.probes.dialects import anthropic, base, headers
from ai_provider_exporter.probes.dialects.base import Call
from ai_provider_exporter.probes.json_fields import encode, parse
from ai_provider_exporter.probes.options import ApiOptions, CallOptions, Endpoint
from ai_provider_exporter.probes.route import route_to
from ai_provider_exporter.wire.retry_after import retry_after

MAX_STREAM_BYTES = 1 << 20
MAX_BODY_BYTES = 1 << 18  # of a document, which is held whole
MAX_REFUSAL_BYTES = 64 * 1024
_REFUSAL_SECONDS = 5.0  # for an error body: the status alone names a reason


async def signed_request(
    options: Endpoint, call: Call, context: ProbeContext, measurement: Measurement
) -> wire.Request:
    """The request for `call` at `base_url`, with the credentials in its headers.

    Raises:
        Failure: token_refused, or where fetching a token broke down; key_rejected for a missing key.
    """
    measurement.cost_usd = 0.0  # what is not sent costs nothing
    url = options.base_url + call.path
    signed = await credentials.headers(options, call, url, context, measurement)
    return wire.Request(method=call.method, url=url, headers={**call.headers, **signed}, body=call.body)


@asynccontextmanager
async def exchange(
    options: Endpoint,
    request: wire.Request,
    context: ProbeContext,
    measurement: Measurement,
    *,
    max_bytes: int = MAX_STREAM_BYTES,
) -> AsyncIterator[wire.Response]:
    """A 2xx response; rate limits, server times and cost in its headers go to the measurement.

    The clock starts here: fetching a token is not the provider's latency.

    Raises:
        Failure: another status, with the reason that it and its body give.
    """
    route = route_to(options.egress, options.tls, request.url, context)
    measurement.started = perf_counter()
    cache = context.connection_cache(options.name) if options.connection == "warm" else None
    try:
        async with wire.exchange(request, route, measurement, max_bytes=max_bytes, cache=cache) as response:
            measurement.rate_limits = headers.rate_limits(response.headers, context.now())
            measurement.server_reported_seconds = headers.server_reported(response.headers)
            if not is_success(response.status):
                raise await _refusal(options, response, context, measurement)
            measurement.cost_usd = headers.cost_usd(response.headers)
            yield response
    finally:
        if measurement.phase in {"send", "headers"}:
            measurement.cost_usd = None  # it may have been worked on, and be billed


async def _refusal(
    options: Endpoint, response: wire.Response, context: ProbeContext, measurement: Measurement
) -> Failure:
    remaining = measurement.started + options.timeout - perf_counter()
    body = await refusal_body(response, remaining)
    measurement.retry_after_seconds = retry_after(response.headers, body, context.now())
    refusal = blame.refusal(response.status, response.headers, body, options.dialect)
    if refusal.reason == "key_rejected":
        credentials.forget(options, context)
    return refusal


def is_success(status: int) -> bool:
    return 200 <= status < 300  # noqa: PLR2004  # HTTP's own classes


class Response(Protocol):
    """What `wire` and HTTP/2 responses have in common."""

    status: int
    headers: wire.Headers
    headers_at: float

    @property
    def remarks(self) -> Sequence[str]: ...

    def chunks(self) -> AsyncIterator[wire.Chunk]: ...

    async def read(self, limit: int) -> bytes: ...


async def refusal_body(response: Response, remaining: float) -> bytes:
    """As much of an error body as arrives in time; no failure here hides the status."""
    body = bytearray()
    with suppress(TimeoutError, OSError, wire.WireError):
        async with asyncio.timeout(max(0.0, min(_REFUSAL_SECONDS, remaining / 2))):
            async for chunk in response.chunks():
                body += chunk.data
                if len(body) >= MAX_REFUSAL_BYTES:
                    break
    with suppress(Failure):
        return decode(bytes(body[:MAX_REFUSAL_BYTES]), response.headers, MAX_REFUSAL_BYTES)
    return b""


def content_type(response: Response) -> str:
    """The media type without parameters, in lower case; empty if the header is missing."""
    return response.headers.get("content-type", "").partition(";")[0].strip().lower()


def wrong_type(response: Response, expected: str) -> Failure:
    return Failure("unexpected_content_type", f"content type is {content_type(response)}, expected {expected}")


async def error_in_text(response: Response, measurement: Measurement, expected: str) -> Failure:
    """Why text came where `expected` was due: the error that it holds, else that it is text."""
    with suppress(Failure):
        error = blame.error_in(parse(await read(response, measurement)))
        if error is not None:
            return blame.in_stream(error)
    return wrong_type(response, expected)


async def read(response: Response, measurement: Measurement, limit: int = MAX_BODY_BYTES) -> bytes:
    """The whole body of a response that is not streamed, measured as the phase `stream`."""
    measurement.enter("stream", response.headers_at)
    return decode(await response.read(limit), response.headers, limit)


async def document(
    options: Endpoint, call: Call, context: ProbeContext, measurement: Measurement, *, max_bytes: int = MAX_BODY_BYTES
) -> dict[str, Any]:
    """Send `call` and read one JSON object.

    Raises:
        Failure: a refusal, unexpected_content_type, malformed_response, or an error object in a 200.
    """
    request = await signed_request(options, call, context, measurement)
    async with exchange(options, request, context, measurement, max_bytes=max_bytes) as response:
        if "html" in content_type(response):
            raise wrong_type(response, "JSON")
        answer = parse(await read(response, measurement, max_bytes))
    error = blame.error_in(answer)
    if error is not None:
        raise blame.in_stream(error)
    return answer


def post(options: CallOptions, path: str, body: Mapping[str, Any]) -> Call:
    """A POST with a JSON body; `path` and `body` of the options override what the kind sends."""
    return versioned(
        options,
        Call(
            path=base.fill(options.path or path, options.model),
            headers={"content-type": "application/json", "accept": "*/*", **options.quirks.headers},
            body=encode(base.merge_patch(body, options.body)),
        ),
    )


def versioned(options: Endpoint, call: Call) -> Call:
    """Azure takes the API version in the query, Anthropic in a header; others have none."""
    if options.dialect == "anthropic":
        return replace(call, headers={**call.headers, **anthropic.version(options.api_version)})
    return base.azure_versioned(call, options.api_version)


def settle(
    options: ApiOptions, context: ProbeContext, metadata: base.ResponseMetadata, measurement: Measurement
) -> None:
    """Copy tokens, model and server times of a response to the measurement, and compute the cost."""
    reported_usd = measurement.cost_usd if metadata.cost_usd is None else metadata.cost_usd
    measurement.tokens = metadata.tokens
    measurement.response_model = metadata.response_model
    measurement.fingerprint = metadata.fingerprint
    measurement.unknown_finish = metadata.unknown_finish
    measurement.server_reported_seconds |= metadata.server_reported
    measurement.cost_usd = context.cost(options, metadata.tokens, reported_usd)
