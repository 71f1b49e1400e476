"""The list of models: costs nothing, proves key and network, and says which models go when."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from ai_provider_exporter.model.measurement import Measurement, Model
from ai_provider_exporter.model.reasons import Failure
from ai_provider_exporter.probes import api, blame
from ai_provider_exporter.probes.context import ProbeContext
from ai_provider_exporter.probes.dialects.base import Call
from ai_provider_exporter.probes.json_fields import amount, items, label, parse, text
from ai_provider_exporter.probes.options import Endpoint
from ai_provider_exporter.schema.types import KeyedError, Many, Options
from ai_provider_exporter.wire.retry_after import moment

_MAX_BYTES = 8 << 20  # OpenRouter's list is near a megabyte
_MAX_MODELS = 2000

# Where the list is, behind the base URL, unless the catalog or the user names another place.
PATHS: dict[str, str] = {
    "openai_chat": "/models",
    "openai_responses": "/models",
    "anthropic": "/models?limit=1000",
    "gemini": "/models?pageSize=1000",
    "ollama": "/api/tags",
}
# What a provider calls the end of a model: OpenAI, Anthropic, Mistral, LiteLLM. A date alone is its midnight, UTC.
_RETIREMENTS = ("shutdown_date", "retires_at", "deprecation", "deprecation_date")


class ModelsExpect(Options):
    """Models that must be on the list."""

    models: Many[Annotated[str, Field(min_length=1)]] = Field(default=(), description="models that must be on the list")


class ModelsOptions(Endpoint):
    BACKS_OFF = False

    kind: Literal["models"] = "models"
    models_path: Annotated[str, Field(pattern=r"^/\S+$")] | None = Field(
        default=None, description="path of the model list; null: as the catalog or the dialect has it"
    )
    expect: ModelsExpect = Field(default=ModelsExpect(), description="what the list must hold")

    @model_validator(mode="after")
    def _place_is_known(self) -> Self:
        if self.models_path is None and self.dialect not in PATHS:
            problem = f"is missing: {self.dialect} has no list of models at a fixed path; write it, such as /models"
            raise KeyedError("models_path", problem)
        return self

    @property
    def where(self) -> str:
        return self.models_path or PATHS[self.dialect]


OPTIONS = ModelsOptions


async def run(options: ModelsOptions, context: ProbeContext, measurement: Measurement) -> None:
    call = Call(method="GET", path=options.where, headers={"accept": "application/json", **options.quirks.headers})
    request = await api.signed_request(options, api.versioned(options, call), context, measurement)
    async with api.exchange(options, request, context, measurement, max_bytes=_MAX_BYTES) as response:
        if "html" in api.content_type(response):
            raise api.wrong_type(response, "JSON")
        body = await api.read(response, measurement, _MAX_BYTES)
    # A megabyte of JSON would hold up every other probe's clock.
    measurement.models = await asyncio.to_thread(parse_models, body)
    missing = sorted(set(options.expect.models) - {model.id for model in measurement.models})
    if missing:
        raise Failure("model_not_found", f"not on the list of models: {', '.join(missing)}")


def parse_models(body: bytes) -> tuple[Model, ...]:
    """The models of a list in any known shape, the first 2000.

    Raises:
        Failure: malformed_response, or an error object in a 200.
    """
    document = parse(body if not body.lstrip().startswith(b"[") else b'{"data":' + body + b"}")
    error = blame.error_in(document)
    if error is not None:
        raise blame.in_stream(error)
    key = next((key for key in ("data", "models") if key in document), "")
    entries = [] if key and document[key] is None else document.get(key)  # Go writes an empty list as null
    if not isinstance(entries, list):
        raise Failure("malformed_response", "a JSON object without a list of models where one was due")
    models = [Model(id=_name(entry), retires_at=_retirement(entry)) for entry in items(entries[:_MAX_MODELS])]
    return tuple(model for model in models if model.id)


def _name(entry: dict[str, Any]) -> str:
    name = label(entry.get("id")) or label(entry.get("name")) or label(entry.get("model"))
    return name.removeprefix("models/")  # Gemini's names are paths


def _retirement(entry: dict[str, Any]) -> float | None:
    dates = (entry.get(key) for key in _RETIREMENTS)
    times = (amount(date) if amount(date) is not None else moment(text(date)) for date in dates)
    return next((time for time in times if time is not None), None)
