"""A background job: created, queued, in progress, done. It replaced OpenAI's Assistants.

https://platform.openai.com/docs/guides/background (2026-08-21). Phase `first_token` is the time in the queue and
`stream` the time in progress, to the precision of `poll_interval`.
"""

from __future__ import annotations

import asyncio
from typing import Any, Literal
from urllib.parse import quote

from pydantic import Field

from ai_provider_exporter.model.measurement import Measurement
from ai_provider_exporter.model.reasons import Failure
from ai_provider_exporter.probes import api
from ai_provider_exporter.probes.context import ProbeContext
from ai_provider_exporter.probes.dialects import base, openai_responses
from ai_provider_exporter.probes.dialects.base import Call
from ai_provider_exporter.probes.json_fields import text
from ai_provider_exporter.probes.prompt import PromptOptions
from ai_provider_exporter.probes.side_exchange import side_exchange
from ai_provider_exporter.schema.types import PositiveDuration


class ResponsesBackgroundOptions(PromptOptions):
    """Speaks the Responses dialect, whatever else the provider speaks."""

    kind: Literal["responses_background"] = "responses_background"
    poll_interval: PositiveDuration = Field(default=1.0, description="time between two polls of the job")


OPTIONS = ResponsesBackgroundOptions


async def run(options: ResponsesBackgroundOptions, context: ProbeContext, measurement: Measurement) -> None:
    job = await api.document(options, _create(options, context.nonce()), context, measurement)
    measurement.enter("first_token", measurement.ended)
    measurement.ended = None
    while text(job.get("status")) not in openai_responses.TERMINAL:
        if job.get("status") == "in_progress" and measurement.phase == "first_token":
            measurement.enter("stream")
        await asyncio.sleep(options.poll_interval)
        job = await _poll(options, _job_path(job), context, measurement)
    measurement.end()
    _judge(options, job, context, measurement)


def _create(options: ResponsesBackgroundOptions, nonce: str) -> Call:
    request = options.model_request(nonce)
    body = openai_responses.request_body(request) | {
        "background": True,
        "store": True,
    }  # there is nothing to poll otherwise
    return base.azure_versioned(base.call(request, "/responses", body), options.api_version)


def _job_path(job: dict[str, Any]) -> str:
    name = text(job.get("id"))
    if not name:
        raise Failure("malformed_response", "a JSON object without an id where a job was due")
    return f"/responses/{quote(name, safe='')}"


async def _poll(
    options: ResponsesBackgroundOptions, path: str, context: ProbeContext, measurement: Measurement
) -> dict[str, Any]:
    """Read the state of the job."""
    call = Call(method="GET", path=path, headers={"accept": "application/json", **options.quirks.headers})
    with side_exchange(measurement) as side:
        job = await api.document(options, base.azure_versioned(call, options.api_version), context, side)
    measurement.http_status = side.http_status
    return job


def _judge(
    options: ResponsesBackgroundOptions, job: dict[str, Any], context: ProbeContext, measurement: Measurement
) -> None:
    stream = openai_responses.Stream(options.quirks)
    try:
        events = stream.document(job)
        stream.close()
    finally:
        api.settle(options, context, stream.metadata, measurement)
    answer = "".join(event.text for event in events if event.channel == "answer")
    if options.expected is not None:
        measurement.answer_correct = options.expected in answer
