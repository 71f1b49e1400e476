"""Azure OpenAI: OpenAI's bodies under deployments and `/openai/v1`, with filters and headers of its own.

Source: Azure OpenAI REST reference, https://learn.microsoft.com/azure/ai-services/openai/reference,
read 2026-11.
"""

from dataclasses import replace
from typing import Any

from ai_provider_exporter.simulator.apis import openai, openai_chat, openai_embeddings, openai_responses
from ai_provider_exporter.simulator.apis.api import Api, ApiRequest, Frame, Reply, Route, event, has_model, json_reply
from ai_provider_exporter.simulator.apis.oauth import by_token
from ai_provider_exporter.simulator.scenario import ModelCard, Refused

FILTERED = {"hate": {"filtered": False, "severity": "safe"}}
PROMPT_FILTER = [{"prompt_index": 0, "content_filter_results": FILTERED}]

# status, code, message; what is not here is worded as by OpenAI
ERRORS: dict[Refused, tuple[int, str, str]] = {
    "key_rejected": (401, "401", "Access denied due to invalid subscription key or wrong API endpoint."),
    "forbidden": (403, "403", "Access denied due to Virtual Network/Firewall rules."),
    "rate_limited": (429, "429", "Requests have exceeded the call rate limit of your current pricing tier."),
    "throttled": (429, "429", "The system is currently experiencing high demand and cannot process it."),
    "model_not_found": (404, "DeploymentNotFound", "The API deployment for this resource does not exist."),
}


def chat(request: ApiRequest) -> Reply:
    body = request.json
    body |= {"model": request.captured.get("deployment", body.get("model"))}
    if not has_model(request, body["model"]):
        return refuse(request, "model_not_found", "")
    limit = body.get("max_completion_tokens", body.get("max_tokens"))
    thinks = body.get("reasoning_effort") != "none"
    spoken = request.compose(openai_chat.prompt_of(body), limit=limit, thinks=thinks)
    if not body.get("stream"):
        document = openai_chat.completion(request, body, spoken) | {"prompt_filter_results": PROMPT_FILTER}
        return _with_headers(request, json_reply(document, tokens=spoken.tokens))
    frames = (_filter_chunk(body), *openai_chat.frames(request, body, spoken))
    return _with_headers(request, openai_chat.stream(frames, spoken))


def responses(request: ApiRequest) -> Reply:
    return _with_headers(request, openai_responses.create(request))


def embeddings(request: ApiRequest) -> Reply:
    return _with_headers(request, openai_embeddings.embeddings(request))


def models(request: ApiRequest) -> Reply:
    data = [_entry(card) for card in request.provider.models if card.lifecycle != "retired"]
    return _with_headers(request, json_reply({"object": "list", "data": data}))


def refuse(request: ApiRequest, how: Refused, message: str) -> Reply:
    if how not in ERRORS:
        return _with_headers(request, openai.refuse(request, how, message))
    status, code, default = ERRORS[how]
    headers = {"retry-after": "20"} if how == "rate_limited" else {}
    error = {"code": code, "message": message or default}
    return _with_headers(request, json_reply({"error": error}, status=status, headers=headers))


def _filter_chunk(body: dict[str, Any]) -> Frame:
    """Return the chunk before the first: it has no choices, and is no token."""
    chunk = {"id": "", "object": "", "created": 0, "model": "", "choices": []}
    return Frame(event(chunk | {"model": body["model"], "prompt_filter_results": PROMPT_FILTER}))


def _entry(card: ModelCard) -> dict[str, Any]:
    return {
        "id": card.id, "object": "model", "created_at": 0, "status": "succeeded", "lifecycle_status": card.lifecycle,
    }  # fmt: skip


def _with_headers(request: ApiRequest, reply: Reply) -> Reply:
    """Replace OpenAI's headers by Azure's: resets in whole seconds, ids of the gateway."""
    headers = {"apim-request-id": request.id("", 32), "x-ms-region": "Simulated", **reply.headers}
    headers["x-request-id"] = request.id("", 32)
    left = request.allowance
    for name in ("requests", "tokens") if left else ():
        headers[f"x-ratelimit-reset-{name}"] = str(round(left.reset_seconds)) if left else ""
    return replace(reply, headers=headers, timing=("", ""))


API = Api(
    base="/openai",
    routes=(
        Route("POST", "/v1/chat/completions", "chat", chat),
        Route("POST", "/deployments/{deployment}/chat/completions", "chat", chat),
        Route("POST", "/v1/responses", openai_responses.operation_of, responses),
        Route("GET", "/v1/responses/{id}", "responses_background", openai_responses.retrieve),
        Route("POST", "/v1/responses/{id}/cancel", "responses_background", openai_responses.cancel),
        Route("POST", "/v1/embeddings", "embeddings", embeddings),
        Route("GET", "/v1/models", "models", models),
    ),
    identify=by_token("api-key"),
    refuse=refuse,
)
