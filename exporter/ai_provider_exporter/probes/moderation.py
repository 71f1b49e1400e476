"""A verdict on a harmless word: an inference path that most providers let pass for free."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ai_provider_exporter.model.measurement import Measurement
from ai_provider_exporter.model.reasons import Failure
from ai_provider_exporter.probes import api
from ai_provider_exporter.probes.context import ProbeContext
from ai_provider_exporter.probes.dialects.base import ResponseMetadata
from ai_provider_exporter.probes.json_fields import items, label
from ai_provider_exporter.probes.options import CallOptions


class ModerationOptions(CallOptions):
    """`flagged` is the verdict that is due."""

    kind: Literal["moderation"] = "moderation"
    input: Annotated[str, Field(min_length=1)] = Field(default="ok", description="text to judge")
    flagged: bool = Field(default=False, description="right verdict")


OPTIONS = ModerationOptions


async def run(options: ModerationOptions, context: ProbeContext, measurement: Measurement) -> None:
    body = {"model": options.model, "input": f"{options.input} {context.nonce()}"}
    document = await api.document(options, api.post(options, "/moderations", body), context, measurement)
    api.settle(options, context, ResponseMetadata(response_model=label(document.get("model"))), measurement)
    verdict = next(iter(items(document.get("results"))), None)
    if verdict is None:
        raise Failure("malformed_response", "a JSON object without results where a verdict was due")
    measurement.answer_correct = _is_flagged(verdict) == options.flagged


def _is_flagged(verdict: dict[str, object]) -> bool:
    """OpenAI sums up in `flagged`; Mistral leaves that to the reader of its categories."""
    categories = verdict.get("categories")
    if isinstance(verdict.get("flagged"), bool):
        return verdict["flagged"] is True
    return isinstance(categories, dict) and any(value is True for value in categories.values())
