"""Errors that come with a 200: in which fields vendors put them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# What an answer holds, in any dialect or kind; `type`, `object`, `id` and `model` stand in errors as well.
_CONTENT = (
    "choices", "candidates", "output", "content", "delta", "response", "data", "results", "models", "embedding",
    "embeddings", "text", "done", "usage", "usageMetadata", "promptFeedback", "session", "content_block",
)  # fmt: skip
_SENTENCES = ("message", "Message", "msg", "detail", "error_msg", "error_message", "errorMessage", "fault")


def error_in(document: Mapping[str, Any]) -> Any:
    """The error that a 200 document holds, as `in_stream` reads it; None if it holds none.

    OpenAI and most others: `error`. Mistral, vLLM, Anthropic: `object` or `type` is `error`. MiniMax: `base_resp`.
    Cloudflare: `success` is false, with `errors`. FastAPI, Baidu, DashScope and gateways: a sentence, and no content.
    """
    if document.get("error") or "error" in (document.get("object"), document.get("type")):
        return document
    base_resp = document.get("base_resp")
    if isinstance(base_resp, dict) and base_resp.get("status_code") not in (0, None):
        return {"base_resp": base_resp}
    if document.get("success") is False or (document.get("errors") and isinstance(document["errors"], list)):
        return document
    if document.get("choices") or any(document.get(key) for key in _CONTENT):
        return None
    has_sentence = any(isinstance(document.get(key), str) and document[key] for key in _SENTENCES)
    return document if has_sentence or isinstance(document.get("fault"), dict) else None
