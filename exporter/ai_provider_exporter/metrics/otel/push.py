"""Pushes what probes measure: the metrics of a GenAI client, from the client that only exists to measure.

https://github.com/open-telemetry/semantic-conventions-genai/blob/main/docs/gen-ai/gen-ai-metrics.md, 2026-11. Names,
units and buckets are its; `probe`, `location` and `tier` are added, and mean what they mean everywhere here.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from urllib.parse import urlsplit

from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from requests import PreparedRequest, Session
from requests.auth import AuthBase

from ai_provider_exporter import __version__
from ai_provider_exporter.metrics.otel.options import OtelOptions
from ai_provider_exporter.model.measurement import TokenType
from ai_provider_exporter.model.observation import ProbeObservation
from ai_provider_exporter.model.reasons import Failure
from ai_provider_exporter.probes.options import ApiOptions, ProbeOptions
from ai_provider_exporter.schema.types import Secret

SECONDS = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92)
TOKENS = tuple(float(4**power) for power in range(14))
LAST_WORDS_SECONDS = 1.0
OPERATIONS = {"responses_background": "chat"}  # other kinds have the name of their operation, or no better one
TOKEN_TYPES: tuple[TokenType, ...] = ("input", "output")  # the only ones that the conventions know; both as billed

log = logging.getLogger(__name__)

Attributes = dict[str, str | int]


class Push:
    """Gathers in memory and sends from a thread of its own; `record` costs the loop that probes no I/O."""

    def __init__(self, options: OtelOptions, secret: Callable[[Secret], str], proxy_for: Callable[[str], str]) -> None:
        session = Session()
        session.trust_env = False  # what the environment says of proxies is for the block `egress` to take
        proxy = proxy_for(urlsplit(options.url).hostname or "")
        session.proxies = {"http": proxy, "https": proxy} if proxy else {}
        session.auth = _Headers(options, secret)
        exporter = OTLPMetricExporter(endpoint=options.url, timeout=options.timeout, session=session)
        reader = PeriodicExportingMetricReader(exporter, options.interval * 1000, options.timeout * 1000)
        who = Resource.create({"service.name": "ai-provider-exporter", "service.version": __version__})
        self._provider = MeterProvider([reader], who, shutdown_on_exit=False)
        meter = self._provider.get_meter("ai_provider_exporter", __version__)
        self._duration = meter.create_histogram(
            "gen_ai.client.operation.duration",
            "s",
            "Duration of the run.",
            explicit_bucket_boundaries_advisory=SECONDS,
        )
        self._first_chunk = meter.create_histogram(
            "gen_ai.client.operation.time_to_first_chunk",
            "s",
            "Start of the run to the first token.",
            explicit_bucket_boundaries_advisory=SECONDS,
        )
        self._tokens = meter.create_histogram(
            "gen_ai.client.token.usage", "{token}", "Tokens of the run.", explicit_bucket_boundaries_advisory=TOKENS
        )

    def record(self, options: ProbeOptions, run: ProbeObservation) -> None:
        """What is no operation of a model, such as a look at a website, is not told: the conventions have no word."""
        if not isinstance(options, ApiOptions):
            return
        about = attributes(options, run)
        self._duration.record(run.duration_seconds, about)
        if run.time_to_first_token_seconds is not None:
            self._first_chunk.record(run.time_to_first_token_seconds, about)
        for kind in TOKEN_TYPES:
            if kind in run.tokens:
                self._tokens.record(run.tokens[kind], {**about, "gen_ai.token.type": kind})

    def close(self) -> None:
        """Send what is left, within a second. Blocks."""
        self._provider.shutdown(LAST_WORDS_SECONDS * 1000)


class _Headers(AuthBase):
    """Puts the configured headers on each request; a secret is read anew each time, so that a rotated one is used."""

    def __init__(self, options: OtelOptions, secret: Callable[[Secret], str]) -> None:
        self._headers = options.headers
        self._secret = secret

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        for name, value in self._headers.items():
            try:
                request.headers[name] = self._secret(value) if isinstance(value, Secret) else value
            except Failure as error:
                log.error("otel.headers.%s is not sent: %s", name, error.detail)  # noqa: TRY400  # a sentence
        return request


def attributes(options: ApiOptions, run: ProbeObservation) -> Attributes:
    url = urlsplit(options.base_url)
    attributes: Attributes = {
        "gen_ai.operation.name": OPERATIONS.get(options.kind, options.kind),
        "gen_ai.provider.name": options.provider,
        "gen_ai.request.model": options.model,
        "gen_ai.response.model": run.response_model,
        "server.address": options.endpoint_host,
        "server.port": url.port or {"http": 80}.get(url.scheme, 443),
        "error.type": "" if run.success else run.reason,
        "probe": options.name,
        "location": options.location,
        "tier": options.tier,
    }
    return {name: value for name, value in attributes.items() if value != ""}
