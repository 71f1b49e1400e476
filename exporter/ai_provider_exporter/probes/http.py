"""A plain request, for what is no API: web sites, health endpoints, gateways."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from time import perf_counter
from typing import Annotated, Literal, Self
from urllib.parse import urljoin, urlsplit

import jmespath
from jmespath.exceptions import JMESPathError
from pydantic import AfterValidator, Field, model_validator

from ai_provider_exporter import wire
from ai_provider_exporter.model.measurement import Measurement
from ai_provider_exporter.model.reasons import Failure
from ai_provider_exporter.probes import api, blame, http2
from ai_provider_exporter.probes.context import ProbeContext
from ai_provider_exporter.probes.options import Pattern, ProbeOptions, Tls
from ai_provider_exporter.probes.redaction import redacted_line, snippet
from ai_provider_exporter.probes.route import route_to
from ai_provider_exporter.schema.types import HeaderName, HeaderValue, HttpUrl, KeyedError, Many, Options, Secret
from ai_provider_exporter.wire.retry_after import retry_after

_REDIRECTS = {301, 302, 303, 307, 308}
_MAX_HOPS = 10
_MAX_BODY_BYTES = 1 << 20

# A refusal that is about the request as such is what `expect` is there to judge.
_FOR_EXPECT_TO_JUDGE = {
    "bad_request",
    "endpoint_not_found",
    "model_not_found",
    "content_filtered",
    "answer_budget_too_small",
}


def _path(value: str) -> str:
    try:
        jmespath.compile(value)
    except JMESPathError as error:
        raise ValueError(f"is not a JMESPath: {str(error).splitlines()[0]}; correct it") from None
    return value


JsonPath = Annotated[str, AfterValidator(_path)]
"""A JMESPath such as `components[0].status`: https://jmespath.org/specification.html."""


class HttpExpect(Options):
    """What the answer must be: left out, any 2xx. `json_path` maps a place in the document to its value as text."""

    status: Many[Annotated[int, Field(ge=100, le=599)]] = Field(
        default=(), description="status codes that are right; empty: any 2xx"
    )
    contains: str | None = Field(default=None, description="text that the body contains")
    regex: Pattern | None = Field(default=None, description="regular expression that matches in the body")
    not_regex: Pattern | None = Field(default=None, description="regular expression that matches nowhere in the body")
    headers: Mapping[str, Pattern] = Field(
        default={}, description="header name to a regular expression that matches in its value"
    )
    json_path: Mapping[JsonPath, str] = Field(default={}, description="JMESPath expression to its value as text")


class HttpOptions(ProbeOptions):
    kind: Literal["http"] = "http"
    url: HttpUrl = Field(description="URL to request")
    method: Literal["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"] = Field(
        default="GET", description="HTTP method"
    )
    headers: Mapping[HeaderName, HeaderValue | Secret] = Field(
        default={}, description="headers to send; a value may be `{env: NAME}` or `{file: PATH}`"
    )
    body: str = Field(default="", description="body to send")
    expect: HttpExpect = Field(
        default=HttpExpect(), description="what the response must be; anything else is `assertion_failed`"
    )
    follow_redirects: bool = Field(default=False, description="true: follow redirects")
    http_version: Literal["1.1", "2"] = Field(default="1.1", description='HTTP version; `"2"` needs the extra `http2`')
    tls: Tls = Field(default=Tls(), description="TLS of the connection")

    @model_validator(mode="after")
    def _can_speak_http_2(self) -> Self:
        if self.http_version == "2" and find_spec("h2") is None:
            raise KeyedError("http_version", "needs the extra http2: pip install 'ai-provider-exporter[http2]'")
        return self

    @property
    def endpoint_host(self) -> str:
        return urlsplit(self.url).hostname or ""

    @property
    def tls_options(self) -> Tls | None:
        return self.tls if self.url.startswith("https:") else None

    def module_conflicts(self) -> Iterator[tuple[str, str]]:
        if self.follow_redirects:
            yield "follow_redirects", "a redirect may lead out of hosts; write false"
        if self.http_version == "2":
            yield "http_version", 'what HTTP/2 connects to is not checked against hosts; write "1.1"'


OPTIONS = HttpOptions


async def run(options: HttpOptions, context: ProbeContext, measurement: Measurement) -> None:
    request = _request(options, context)
    send, alpn = (http2.exchange, ("h2", "http/1.1")) if options.http_version == "2" else (wire.exchange, ("http/1.1",))
    measurement.started = perf_counter()
    for _ in range(_MAX_HOPS):
        route = route_to(options.egress, options.tls, request.url, context, alpn=alpn)
        async with send(request, route, measurement, max_bytes=_MAX_BODY_BYTES) as response:
            following = _following(options, request, response)
            if following is None:
                await _judge(options, response, context, measurement)
                return
        request = following
    raise Failure("redirected", f"more than {_MAX_HOPS} redirects, the last one to {_shown(request.url)}")


def _request(options: HttpOptions, context: ProbeContext) -> wire.Request:
    headers = {
        name.lower(): context.secret(value) if isinstance(value, Secret) else value
        for name, value in options.headers.items()
    }
    return wire.Request(method=options.method, url=options.url, headers=headers, body=options.body.encode())


def _following(options: HttpOptions, request: wire.Request, response: api.Response) -> wire.Request | None:
    """The request that a redirect asks for, None where this is the answer.

    Another origin gets none of our headers: they may hold what only the first one may know.
    """
    place = response.headers.get("location")
    if not options.follow_redirects or response.status not in _REDIRECTS or place is None:
        return None
    url = _absolute(request.url, place)
    keeps_method = response.status in {307, 308} or request.method in {"GET", "HEAD"}
    return wire.Request(
        method=request.method if keeps_method else "GET",
        url=url,
        headers=request.headers if urlsplit(url)[:2] == urlsplit(request.url)[:2] else {},
        body=request.body if keeps_method else b"",
    )


def _absolute(base: str, place: str) -> str:
    """What a Location header means.

    Raises:
        Failure: redirected; nothing that HTTP can go to.
    """
    try:
        url = urljoin(base, place).partition("#")[0]
        is_http = urlsplit(url).scheme in {"http", "https"} and urlsplit(url).hostname
    except ValueError:
        is_http = None
    if not is_http or not re.fullmatch(r"[!-~]+", url) or "@" in urlsplit(url).netloc:
        raise Failure("redirected", f"to {_shown(place)}, where no HTTP request can go")
    return url


async def _judge(options: HttpOptions, response: api.Response, context: ProbeContext, measurement: Measurement) -> None:
    expect = options.expect
    if not _is_due(response.status, expect):
        remaining = measurement.started + options.timeout - perf_counter()
        body = await api.refusal_body(response, remaining)
        measurement.retry_after_seconds = retry_after(response.headers, body, context.now())
        raise _refusal(response, body)
    body = await api.read(response, measurement, _MAX_BODY_BYTES)
    for problem in problems(expect, response.headers, body):
        raise Failure("assertion_failed", problem)


def _is_due(status: int, expect: HttpExpect) -> bool:
    return status in expect.status if expect.status else api.is_success(status)


def _refusal(response: api.Response, body: bytes) -> Failure:
    place = response.headers.get("location")
    if response.status in _REDIRECTS and place is not None:
        sentence = f"HTTP {response.status} to {_shown(place)}; write that as url, or follow_redirects: true"
        return Failure("redirected", sentence)
    blamed = blame.refusal(response.status, response.headers, body)
    if response.status < 400 or blamed.reason in _FOR_EXPECT_TO_JUDGE:  # noqa: PLR2004  # HTTP's own classes
        return Failure("assertion_failed", f"HTTP {response.status} is not a status that expect.status names")
    return blamed


def _shown(url: str) -> str:
    """Without the query, where secrets travel."""
    return redacted_line(url.partition("?")[0])


def problems(expect: HttpExpect, headers: Mapping[str, str], body: bytes) -> Iterator[str]:
    """What is not as expected, one sentence each."""
    text = body.decode("utf-8", "replace")
    if expect.contains is not None and expect.contains not in text:
        yield f"the body does not contain {expect.contains!r}"
    if expect.regex is not None and not re.search(expect.regex, text):
        yield f"the body does not match {expect.regex!r}"
    if expect.not_regex is not None and re.search(expect.not_regex, text):
        yield f"the body matches {expect.not_regex!r}"
    for name, pattern in expect.headers.items():
        if not re.search(pattern, headers.get(name, "")):
            yield f"the header {name} does not match {pattern!r}"
    if expect.json_path:
        yield from _json_problems(expect.json_path, body)


def _json_problems(paths: Mapping[str, str], body: bytes) -> Iterator[str]:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        yield f"the body is not JSON: {snippet(body)}"
        return
    for path, due in paths.items():
        try:
            value = jmespath.search(path, document)
        except JMESPathError as error:  # a function met a type that it does not take
            yield f"{path} finds nothing: {redacted_line(str(error))}"
            continue
        actual = value if isinstance(value, str) else json.dumps(value)
        if actual != due:
            yield f"{path} is {redacted_line(actual)!r}, not {due!r}"
