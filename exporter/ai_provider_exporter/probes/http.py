"""A plain request, for what is no API: web sites, health endpoints, gateways."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from importlib.util import find_spec
from time import perf_counter
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from ai_provider_exporter import wire
from ai_provider_exporter.model.measurement import Measurement
from ai_provider_exporter.model.reasons import Failure
from ai_provider_exporter.probes import api, blame, http2, http_body, redirect, web_auth
from ai_provider_exporter.probes.context import ProbeContext
from ai_provider_exporter.probes.http_expect import HttpExpect
from ai_provider_exporter.probes.options import ProbeOptions, Tls
from ai_provider_exporter.probes.route import HTTP1, route_to
from ai_provider_exporter.schema.types import HeaderName, HeaderValue, KeyedError, Secret, WebUrl
from ai_provider_exporter.wire.message import split_url
from ai_provider_exporter.wire.retry_after import retry_after

_MAX_HOPS = 10
_HTTP2 = ("h2", "http/1.1")
_DEFAULT_MAX_BODY = 1 << 20
_LARGEST_MAX_BODY = 16 << 20

# A refusal that is about the request as such is what `expect` is there to judge.
_FOR_EXPECT_TO_JUDGE = {
    "bad_request",
    "endpoint_not_found",
    "model_not_found",
    "content_filtered",
    "answer_budget_too_small",
}


class HttpOptions(ProbeOptions):
    BACKS_OFF = False

    kind: Literal["http"] = "http"
    url: WebUrl = Field(description="URL to request, as it is written")
    method: Literal["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"] = Field(
        default="GET", description="HTTP method"
    )
    headers: Mapping[HeaderName, HeaderValue | Secret] = Field(
        default={}, description="headers to send; a value may be `{env: NAME}` or `{file: PATH}`"
    )
    basic_auth: web_auth.BasicAuth | None = Field(default=None, description="user and password to send")
    bearer_token: Secret | None = Field(default=None, description="token to send as `Authorization: Bearer`")
    oauth2: web_auth.OAuth2 | None = Field(default=None, description="client credentials, traded for a bearer token")
    body: str = Field(default="", description="body to send")
    expect: HttpExpect = Field(
        default=HttpExpect(), description="what the response must be; anything else is `assertion_failed`"
    )
    max_body: Annotated[int, Field(ge=1, le=_LARGEST_MAX_BODY)] = Field(
        default=_DEFAULT_MAX_BODY,
        description="bytes of a body that `expect` looks at; a longer one fails as `bad_request`, never cut in silence",
    )
    follow_redirects: bool = Field(default=False, description="true: follow redirects")
    http_version: Literal["1.1", "2"] = Field(default="1.1", description='HTTP version; `"2"` needs the extra `http2`')
    tls: Tls = Field(default=Tls(), description="TLS of the connection")

    @model_validator(mode="after")
    def _can_speak_http_2(self) -> Self:
        if self.http_version == "2" and find_spec("h2") is None:
            raise KeyedError("http_version", "needs the extra http2: pip install 'ai-provider-exporter[http2]'")
        if self.http_version == "2":
            import_module("h2.connection")  # takes a while, which must not count as the server's
        return self

    @model_validator(mode="after")
    def _has_a_body_to_judge(self) -> Self:
        if self.method == "HEAD" and self.expect.needs_body:
            raise KeyedError("expect", "looks at the body, and the response to HEAD has none; write method: GET")
        return self

    @model_validator(mode="after")
    def _says_once_who_asks(self) -> Self:
        given = [key for key in ("basic_auth", "bearer_token", "oauth2") if getattr(self, key) is not None]
        given += [key for key in ("headers",) if any(name.lower() == "authorization" for name in self.headers)]
        if len(given) > 1:
            raise KeyedError(given[0], f"and {given[1]} both say who asks; keep one of them")
        return self

    @property
    def endpoint_host(self) -> str:
        return urlsplit(self.url).hostname or ""

    @property
    def tls_options(self) -> Tls | None:
        return self.tls if self.url.startswith("https:") else None

    def named(self, hostname: str) -> Self:
        headers = {name: value for name, value in self.headers.items() if name.lower() != "host"}
        tls = self.tls.model_copy(update={"server_name": self.tls.server_name or hostname})
        return self.model_copy(update={"headers": {**headers, "Host": hostname}, "tls": tls})

    def module_conflicts(self) -> Iterator[tuple[str, str]]:
        if self.follow_redirects:
            yield "follow_redirects", "a redirect may lead out of hosts; write false"


OPTIONS = HttpOptions


async def run(options: HttpOptions, context: ProbeContext, measurement: Measurement) -> None:
    request = await _request(options, context, measurement)
    first, own, cookies = split_url(request.url)[0], request.headers, redirect.Cookies()
    measurement.started = perf_counter()
    for _ in range(_MAX_HOPS):
        origin = split_url(request.url)[0]
        tls = options.tls if origin == first else _elsewhere(options.tls)
        request = wire.Request(
            method=request.method,
            url=request.url,
            headers={**cookies.header(origin), **request.headers},
            body=request.body,
        )
        async with _exchange(options, request, tls, context, measurement) as response:
            cookies.take(origin, response.headers)
            place = response.headers.get("location")
            if not options.follow_redirects or response.status not in redirect.STATUSES or place is None:
                await _judge(options, origin, response, context, measurement)
                return
            request = redirect.following(request, response.status, place, own, first)
    raise Failure("redirected", f"more than {_MAX_HOPS} redirects, the last one to {redirect.shown(request.url)}")


def _elsewhere(tls: Tls) -> Tls:
    """For another origin: neither our name for it nor our certificate; whom we trust is added to the system's."""
    return Tls(ca_file=tls.ca_file, trusts_system=True)


async def _request(options: HttpOptions, context: ProbeContext, measurement: Measurement) -> wire.Request:
    headers = {
        name.lower(): context.secret(value) if isinstance(value, Secret) else value
        for name, value in options.headers.items()
    }
    headers |= await web_auth.authorization(options, context, measurement)
    return wire.Request(method=options.method, url=options.url, headers=headers, body=options.body.encode())


def _exchange(
    options: HttpOptions, request: wire.Request, tls: Tls, context: ProbeContext, measurement: Measurement
) -> http2.Exchange:
    alpn = _HTTP2 if options.http_version == "2" else HTTP1
    route = route_to(options.egress, tls, request.url, context, alpn=alpn)
    max_bytes = options.max_body + 1  # one more shows that it is too long
    if options.http_version == "2":
        return http2.exchange(request, route, measurement, max_bytes=max_bytes)
    return wire.exchange(request, route, measurement, max_bytes=max_bytes, reader=wire.LenientReader)


async def _judge(
    options: HttpOptions, origin: wire.Origin, response: api.Response, context: ProbeContext, measurement: Measurement
) -> None:
    expect, deadline = options.expect, measurement.started + options.timeout
    if not _is_expected(response.status, expect):
        body = await api.refusal_body(response, deadline - perf_counter())
        measurement.retry_after_seconds = retry_after(response.headers, body, context.now())
        raise _refusal(response, body)
    if expect.tls is not None and expect.tls != origin.is_secure:
        raise Failure("assertion_failed", f"the response came {'over' if origin.is_secure else 'without'} TLS")
    text = await http_body.read(response, expect, options.max_body, measurement)
    measurement.remarks += response.remarks
    await http_body.judge(expect, response, text, deadline)


def _is_expected(status: int, expect: HttpExpect) -> bool:
    return status in expect.status if expect.status else api.is_success(status)


def _refusal(response: api.Response, body: bytes) -> Failure:
    place = response.headers.get("location")
    if response.status in redirect.STATUSES and place is not None:
        sentence = f"HTTP {response.status} to {redirect.shown(place)}; write that as url, or follow_redirects: true"
        return Failure("redirected", sentence)
    blamed = blame.refusal(response.status, response.headers, body)
    if response.status < 400 or blamed.reason in _FOR_EXPECT_TO_JUDGE:  # noqa: PLR2004  # HTTP's own classes
        return Failure("assertion_failed", f"HTTP {response.status} is not a status that expect.status names")
    return blamed
