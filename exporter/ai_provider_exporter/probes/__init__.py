"""One module a kind of probe. Each fills a measurement or raises; none knows metrics, state or schedule."""

from __future__ import annotations

from typing import Any, Protocol

from ai_provider_exporter.measurement import Measurement
from ai_provider_exporter.probes import (
    chat,
    dns,
    embeddings,
    http,
    image,
    models,
    moderation,
    realtime,
    responses_background,
    speech,
    tcp,
    transcription,
)
from ai_provider_exporter.probes.options import ProbeOptions
from ai_provider_exporter.probes.tools import Tools


class Kind(Protocol):
    """What a module of this package offers; `run` gets an instance of its own `OPTIONS`."""

    @property
    def OPTIONS(self) -> type[ProbeOptions]: ...  # noqa: N802  # a constant of the module

    async def run(self, options: Any, tools: Tools, measurement: Measurement) -> None: ...


KINDS: dict[str, Kind] = {
    "chat": chat,
    "embeddings": embeddings,
    "models": models,
    "responses_background": responses_background,
    "speech": speech,
    "transcription": transcription,
    "image": image,
    "moderation": moderation,
    "realtime": realtime,
    "http": http,
    "tcp": tcp,
    "dns": dns,
}
