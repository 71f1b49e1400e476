"""What an error says is understood wherever it stands: every reason, in every carrier, in every dialect's shape."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from ai_provider_exporter.model.reasons import OK, REASONS, Failure
from ai_provider_exporter.probes import blame
from ai_provider_exporter.probes.dialects import DIALECTS
from ai_provider_exporter.simulator.apis import bedrock

JSON = {"content-type": "application/json"}
HTML = {"content-type": "text/html"}

# reason -> the status and the sentence that an API would send.
SAID: dict[str, tuple[int, str]] = {
    "overloaded": (429, "The model luna-2 is at capacity, try again later"),
    "quota_exhausted": (429, "Your credit balance is too low"),
    "rate_limited": (429, "Limited to 20 requests per minute"),
    "throttled": (429, "Rate limit exceeded"),
    "key_rejected": (401, "Incorrect API key provided"),
    "forbidden": (403, "Your project does not have permission to do this"),
    "model_not_found": (404, "The model luna-2 does not exist"),
    "content_filtered": (400, "Your prompt was blocked by our content policy"),
    "answer_budget_too_small": (400, "Could not finish because max_tokens or model output limit was reached"),
    "bad_request": (400, "The prompt is too long for this model"),
    "endpoint_not_found": (404, "No such path"),
    "server_error": (500, "Something broke on our side"),
}

# What no sentence in a body brings about: the network, the clock, marks of the edge and the stream itself do.
NOT_SAID = {
    "dns_error", "dns_not_found", "connect_refused", "connect_timeout", "connect_unreachable", "tls_certificate",
    "tls_untrusted", "tls_handshake", "proxy_error", "send_error", "headers_timeout", "server_disconnected",
    "first_token_timeout", "stream_stalled", "total_timeout", "stream_truncated", "stream_reset", "stream_error",
    "edge_error", "malformed_response", "empty_answer", "token_refused", "redirected", "challenged",
    "unexpected_content_type", "assertion_failed", "egress_down", "prober_overloaded", "prober_error",
}  # fmt: skip

# An error inside a 200 that is no word about us is a stream that failed.
INSIDE = {"endpoint_not_found": "stream_error", "server_error": "stream_error"}
# In a gateway's 502 without a word that we know, the gateway's status counts.
NESTED = {"endpoint_not_found": "server_error"}


def _openai(status: int, sentence: str) -> dict[str, Any]:
    return {
        "error": {"message": sentence, "type": None, "param": None, "code": None if status < 500 else "server_error"}
    }


def _anthropic(status: int, sentence: str) -> dict[str, Any]:
    kind = {404: "not_found_error", 500: "api_error"}.get(status, "invalid_request_error")
    return {"type": "error", "error": {"type": kind, "message": sentence}, "request_id": "req_7"}


def _google(status: int, sentence: str) -> dict[str, Any]:
    return {"error": {"code": status, "message": sentence, "status": "UNKNOWN", "details": []}}


SHAPES: dict[str, Callable[[int, str], dict[str, Any]]] = {
    "openai_chat": _openai,
    "openai_responses": _openai,
    "anthropic": _anthropic,
    "gemini": _google,
    "bedrock": lambda _, sentence: {"message": sentence},
    "cohere": lambda _, sentence: {"id": "7", "message": sentence},
    "ollama": lambda _, sentence: {"error": sentence},
}


def _reason(run: Callable[[], Failure | None]) -> str:
    try:
        failure = run()
    except Failure as raised:
        failure = raised
    return OK if failure is None else failure.reason


def _read(dialect: str, data: bytes) -> None:
    stream = DIALECTS[dialect].Stream()
    stream.feed(data)
    stream.flush()
    stream.close()


def _framed(dialect: str, document: dict[str, Any]) -> bytes:
    if dialect == "bedrock":
        return bedrock.message("exception", "someException", document)
    text = json.dumps(document).encode()
    return text + b"\n" if dialect == "ollama" else b"data: " + text + b"\n\n"


def _plain(dialect: str, status: int, sentence: str) -> Failure:
    return blame.refusal(status, JSON, json.dumps(SHAPES[dialect](status, sentence)).encode(), dialect)


def _nested(dialect: str, status: int, sentence: str) -> Failure:
    raw = json.dumps(SHAPES[dialect](status, sentence))
    gateway = {"error": {"message": "Upstream failed", "code": 502, "metadata": {"raw": raw, "provider_name": "acme"}}}
    return blame.refusal(502, JSON, json.dumps(gateway).encode(), "openai_chat")


def _in_stream(dialect: str, status: int, sentence: str) -> None:
    _read(dialect, _framed(dialect, SHAPES[dialect](status, sentence)))


def _wrapped_in_200(dialect: str, status: int, sentence: str) -> None:
    _read(dialect, json.dumps(SHAPES[dialect](status, sentence)).encode())


def _behind_html(dialect: str, status: int, sentence: str) -> Failure:
    page = f"<html><head><title>{sentence}</title></head><body><hr><center>nginx</center></body></html>"
    return blame.refusal(status, HTML, page.encode(), dialect)


CARRIERS: dict[str, tuple[Callable[[str, int, str], Failure | None], dict[str, str]]] = {
    "plain body": (_plain, {}),
    "nested in a gateway's error": (_nested, NESTED),
    "in the stream": (_in_stream, INSIDE),
    "wrapped in 200": (_wrapped_in_200, INSIDE),
    "behind HTML": (_behind_html, {}),
}


def test_every_reason_has_a_sentence_or_is_none_of_a_body() -> None:
    assert SAID.keys() | NOT_SAID == REASONS.keys() - _only_pages()
    assert not SAID.keys() & NOT_SAID


def _only_pages() -> set[str]:
    return {name for name, reason in REASONS.items() if reason.fault is None}


@pytest.mark.parametrize("reason", SAID)
@pytest.mark.parametrize("carrier", CARRIERS)
@pytest.mark.parametrize("dialect", DIALECTS)
def test_an_error_has_its_reason_wherever_it_stands(dialect: str, carrier: str, reason: str) -> None:
    send, exceptions = CARRIERS[carrier]
    status, sentence = SAID[reason]

    assert _reason(lambda: send(dialect, status, sentence)) == exceptions.get(reason, reason)
