"""A job: asked for, queued, worked on, done. It is what has taken the place of OpenAI's Assistants.

https://platform.openai.com/docs/guides/background (2026-08-21). Phase `first_token` is the time in the queue and
`stream` the time at work, as seen by asking every `poll_interval`.
"""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, ClassVar, Literal
from urllib.parse import quote

from pydantic import Field

from ai_provider_exporter.dialects import base, openai_responses
from ai_provider_exporter.dialects.base import Ask, Call, text
from ai_provider_exporter.faults import Failure
from ai_provider_exporter.measurement import Measurement
from ai_provider_exporter.options import PositiveDuration
from ai_provider_exporter.probes import api
from ai_provider_exporter.probes.chat import DEFAULT_PROMPT
from ai_provider_exporter.probes.options import ENVELOPE_TOKENS, ApiOptions, Expect
from ai_provider_exporter.probes.side import apart
from ai_provider_exporter.probes.tools import Tools


class ResponsesBackgroundOptions(ApiOptions):
    """Speaks the Responses dialect, whatever else the provider speaks."""

    CHATS: ClassVar[bool] = True

    kind: Literal["responses_background"] = "responses_background"
    prompt: Annotated[str, Field(min_length=1)] = DEFAULT_PROMPT
    max_output_tokens: Annotated[int, Field(ge=1)] = 16
    reasoning: str = ""
    expect: Expect = Expect(contains="OK")
    poll_interval: PositiveDuration = 1.0

    @property
    def most_tokens(self) -> tuple[int, int]:
        """A byte of the prompt is a token at worst."""
        return len(self.prompt.encode()) + ENVELOPE_TOKENS, self.max_output_tokens


OPTIONS = ResponsesBackgroundOptions


async def run(options: ResponsesBackgroundOptions, tools: Tools, measurement: Measurement) -> None:
    job = await api.document(options, _create(options, tools.nonce()), tools, measurement)
    measurement.enter("first_token", measurement.ended)
    measurement.ended = None
    while text(job.get("status")) not in openai_responses.TERMINAL:
        if job.get("status") == "in_progress" and measurement.phase == "first_token":
            measurement.enter("stream")
        await asyncio.sleep(options.poll_interval)
        job = await _look(options, _job_path(job), tools, measurement)
    measurement.end()
    _judge(options, job, tools, measurement)


def _create(options: ResponsesBackgroundOptions, nonce: str) -> Call:
    ask = Ask(
        model=options.model,
        prompt=f"{options.prompt} (probe {nonce})",
        max_output_tokens=options.max_output_tokens,
        reasoning=options.reasoning or options.quirks.reasoning,
        quirks=options.quirks,
    )
    body = openai_responses.request(ask) | {"background": True, "store": True}  # there is nothing to poll otherwise
    return base.azure_versioned(base.call(ask, "/responses", body), options.api_version)


def _job_path(job: dict[str, Any]) -> str:
    name = text(job.get("id"))
    if not name:
        raise Failure("malformed_response", "a JSON object without an id where a job was due")
    return f"/responses/{quote(name, safe='')}"


async def _look(
    options: ResponsesBackgroundOptions, path: str, tools: Tools, measurement: Measurement
) -> dict[str, Any]:
    """Ask how far the job is."""
    call = Call(method="GET", path=path, headers={"accept": "application/json", **options.quirks.headers})
    with apart(measurement) as look:
        job = await api.document(options, base.azure_versioned(call, options.api_version), tools, look)
    measurement.http_status = look.http_status
    return job


def _judge(options: ResponsesBackgroundOptions, job: dict[str, Any], tools: Tools, measurement: Measurement) -> None:
    stream = openai_responses.Stream(options.quirks)
    try:
        events = stream.document(job)
        stream.close()
    finally:
        api.settle(options, tools, stream.heard, measurement)
    said = "".join(event.text for event in events if event.channel == "answer")
    if options.expect.contains is not None:
        measurement.answer_correct = options.expect.contains in said
