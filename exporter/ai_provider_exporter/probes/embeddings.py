"""A vector for a few words: the cheapest call that runs a model."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from ai_provider_exporter.model.measurement import Measurement
from ai_provider_exporter.model.reasons import Failure
from ai_provider_exporter.probes import api
from ai_provider_exporter.probes.context import ProbeContext
from ai_provider_exporter.probes.dialects.base import ResponseMetadata
from ai_provider_exporter.probes.json_fields import count, items, label, mapping
from ai_provider_exporter.probes.options import CallOptions
from ai_provider_exporter.schema.types import KeyedError


@dataclass(frozen=True, slots=True, kw_only=True)
class _Form:
    """How one family of APIs embeds: the request for a text, and where vector and token count stand in the answer."""

    path: str
    body: Callable[[EmbeddingsOptions, str], dict[str, Any]]
    vector: Callable[[dict[str, Any]], Any]
    tokens: Callable[[dict[str, Any]], Any]


def _first(value: Any) -> Any:
    return value[0] if isinstance(value, list) and value else None


def _openai_body(options: EmbeddingsOptions, text: str) -> dict[str, Any]:
    body: dict[str, Any] = {"model": options.model, "input": text, "encoding_format": "float"}
    return body | ({"dimensions": options.dimensions} if options.dimensions else {})


def _gemini_body(options: EmbeddingsOptions, text: str) -> dict[str, Any]:
    body: dict[str, Any] = {"content": {"parts": [{"text": text}]}}
    return body | ({"outputDimensionality": options.dimensions} if options.dimensions else {})


def _cohere_body(options: EmbeddingsOptions, text: str) -> dict[str, Any]:
    body: dict[str, Any] = {"model": options.model, "texts": [text], "input_type": "search_query"}
    body["embedding_types"] = ["float"]
    return body | ({"output_dimension": options.dimensions} if options.dimensions else {})


def _ollama_body(options: EmbeddingsOptions, text: str) -> dict[str, Any]:
    body: dict[str, Any] = {"model": options.model, "input": text}
    return body | ({"dimensions": options.dimensions} if options.dimensions else {})


_OPENAI = _Form(
    path="/embeddings",
    body=_openai_body,
    vector=lambda document: next(iter(items(document.get("data"))), {}).get("embedding"),
    tokens=lambda document: mapping(document.get("usage")).get("prompt_tokens"),
)
FORMS: dict[str, _Form] = {
    "openai_chat": _OPENAI,
    "openai_responses": _OPENAI,
    "gemini": _Form(
        path="/models/{model}:embedContent",
        body=_gemini_body,
        vector=lambda document: mapping(document.get("embedding")).get("values"),
        tokens=lambda document: mapping(document.get("usageMetadata")).get("promptTokenCount"),
    ),
    "cohere": _Form(
        path="/embed",
        body=_cohere_body,
        vector=lambda document: _first(mapping(document.get("embeddings")).get("float")),
        tokens=lambda document: mapping(mapping(document.get("meta")).get("billed_units")).get("input_tokens"),
    ),
    "ollama": _Form(
        path="/api/embed",
        body=_ollama_body,
        vector=lambda document: _first(document.get("embeddings")),
        tokens=lambda document: document.get("prompt_eval_count"),
    ),
}


class EmbeddingsOptions(CallOptions):
    """`dimensions` asks for a shorter vector; another length than that is a wrong answer."""

    kind: Literal["embeddings"] = "embeddings"
    input: Annotated[str, Field(min_length=1)] = Field(default="ok", description="text to embed")
    dimensions: Annotated[int, Field(ge=1)] | None = Field(
        default=None,
        description="length of the vector to request; another length is a wrong answer; null: as the model has it",
    )

    @model_validator(mode="after")
    def _dialect_embeds(self) -> Self:
        if self.dialect not in FORMS:
            raise KeyedError("dialect", f"{self.dialect} has no embeddings; write one of {', '.join(FORMS)}")
        return self


OPTIONS = EmbeddingsOptions


async def run(options: EmbeddingsOptions, context: ProbeContext, measurement: Measurement) -> None:
    form = FORMS[options.dialect]
    body = form.body(options, f"{options.input} {context.nonce()}")
    document = await api.document(options, api.post(options, form.path, body), context, measurement)
    metadata = ResponseMetadata(response_model=label(document.get("model")))
    metadata.count(input=count(form.tokens(document)), output=0)
    api.settle(options, context, metadata, measurement)
    length = vector_length(form.vector(document))
    if options.dimensions is not None:
        measurement.answer_correct = length == options.dimensions


def vector_length(vector: Any) -> int:
    """The number of finite numbers in a vector.

    Raises:
        Failure: malformed_response, no such thing; empty_answer, none in it.
    """
    numbers = vector if isinstance(vector, list) else [None]
    if not all(isinstance(number, int | float) and math.isfinite(number) for number in numbers):
        raise Failure("malformed_response", "a JSON object without a vector of numbers where an embedding was due")
    if not numbers:
        raise Failure("empty_answer", "the embedding has no dimension")
    return len(numbers)
