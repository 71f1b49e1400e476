"""One module a kind of probe. Each fills a measurement or raises; none knows metrics, state or schedule."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from ai_provider_exporter.model.measurement import Measurement
from ai_provider_exporter.probes.context import ProbeContext
from ai_provider_exporter.probes.options import ProbeOptions
from ai_provider_exporter.schema.lazy import Lazily


class Kind(Protocol):
    """What a module of this package offers; `run` gets an instance of its own `OPTIONS`."""

    @property
    def OPTIONS(self) -> type[ProbeOptions]: ...  # noqa: N802  # a constant of the module

    async def run(self, options: Any, context: ProbeContext, measurement: Measurement) -> None: ...


KINDS: Mapping[str, Kind] = Lazily(
    {
        "chat": "ai_provider_exporter.probes.chat",
        "embeddings": "ai_provider_exporter.probes.embeddings",
        "models": "ai_provider_exporter.probes.models",
        "responses_background": "ai_provider_exporter.probes.responses_background",
        "speech": "ai_provider_exporter.probes.speech",
        "transcription": "ai_provider_exporter.probes.transcription",
        "image": "ai_provider_exporter.probes.image",
        "moderation": "ai_provider_exporter.probes.moderation",
        "realtime": "ai_provider_exporter.probes.realtime",
        "http": "ai_provider_exporter.probes.http",
        "tcp": "ai_provider_exporter.probes.tcp",
        "dns": "ai_provider_exporter.probes.dns",
    }
)
