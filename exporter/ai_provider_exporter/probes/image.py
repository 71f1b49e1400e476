"""A picture. It costs cents, so it is made only where it is configured, and rarely."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from ai_provider_exporter.model.measurement import Measurement
from ai_provider_exporter.model.reasons import Failure
from ai_provider_exporter.probes import api
from ai_provider_exporter.probes.context import ProbeContext
from ai_provider_exporter.probes.dialects.base import ResponseMetadata
from ai_provider_exporter.probes.json_fields import count, items, mapping, text
from ai_provider_exporter.probes.options import CallOptions
from ai_provider_exporter.schema.types import KeyedError

_MAX_BYTES = 32 << 20
_SHORTEST_INTERVAL = 3600.0


class ImageOptions(CallOptions):
    """`size` and `quality` are sent as they are; what is left out is left to the provider."""

    kind: Literal["image"] = "image"
    prompt: Annotated[str, Field(min_length=1)] = Field(default="A plain grey square", description="text to send")
    size: str = Field(default="", description="size to request; empty: left to the provider")
    quality: str = Field(default="", description="quality to request; empty: left to the provider")

    @model_validator(mode="after")
    def _is_rare(self) -> Self:
        if self.interval < _SHORTEST_INTERVAL:
            raise KeyedError("interval", "is too short: a picture costs cents; write 1h at least, such as 24h")
        return self

    @property
    def max_tokens(self) -> None:
        """Not billed by text tokens alone: only `price.per_request` gives the cost."""
        return


OPTIONS = ImageOptions


async def run(options: ImageOptions, context: ProbeContext, measurement: Measurement) -> None:
    wanted = {"model": options.model, "prompt": options.prompt, "size": options.size, "quality": options.quality}
    body = {key: value for key, value in wanted.items() if value} | {"n": 1}
    call = api.post(options, "/images/generations", body)
    document = await api.document(options, call, context, measurement, max_bytes=_MAX_BYTES)
    usage = mapping(document.get("usage"))
    metadata = ResponseMetadata()
    metadata.count(input=count(usage.get("input_tokens")), output=count(usage.get("output_tokens")))
    api.settle(options, context, metadata, measurement)
    picture = next(iter(items(document.get("data"))), None)
    if picture is None:
        raise Failure("malformed_response", "a JSON object without data where a picture was due")
    if not text(picture.get("b64_json")) and not text(picture.get("url")):
        raise Failure("empty_answer", "the answer holds no picture")
