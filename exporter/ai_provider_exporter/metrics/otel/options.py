"""The block `otel`; apart from `push`, which loads OpenTelemetry's SDK and is only imported where this says so."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from typing import Self

from pydantic import Field, model_validator

from ai_provider_exporter.schema.types import (
    HeaderName,
    HeaderValue,
    HttpUrl,
    KeyedError,
    Options,
    PositiveDuration,
    Secret,
)

PATH = "/v1/metrics"  # https://opentelemetry.io/docs/specs/otlp/#otlphttp-request, 2026-11


class OtelOptions(Options):
    """Where to push to, as the `otlphttp` exporter of a Collector takes it; left out: nowhere."""

    endpoint: HttpUrl | None = Field(
        default=None, description="OTLP/HTTP endpoint, such as `http://collector:4318`; null: nothing is pushed"
    )
    interval: PositiveDuration = Field(default=60.0, description="time between two pushes")
    timeout: PositiveDuration = Field(default=10.0, description="longest duration of one push")
    headers: Mapping[HeaderName, HeaderValue | Secret] = Field(
        default={}, description="headers to send; a value may be `{env: NAME}` or `{file: PATH}`"
    )

    @model_validator(mode="after")
    def _can_be_pushed(self) -> Self:
        if self.endpoint is not None and not _is_installed():
            raise KeyedError("endpoint", "needs the extra otel: pip install 'ai-provider-exporter[otel]'")
        return self

    @property
    def url(self) -> str:
        """Of the metrics; empty if nothing is pushed."""
        endpoint = self.endpoint or ""
        return endpoint if not endpoint or endpoint.endswith(PATH) else endpoint + PATH


def _is_installed() -> bool:
    try:
        return find_spec("opentelemetry.exporter.otlp.proto.http") is not None
    except ModuleNotFoundError:  # of what it is in
        return False
