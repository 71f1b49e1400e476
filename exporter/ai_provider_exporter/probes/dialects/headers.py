"""Rate limits, server-side times and cost in response headers, read by form whoever the provider is."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ai_provider_exporter.model.measurement import RateLimit
from ai_provider_exporter.wire.retry_after import seconds_until

# OpenAI, Azure, Groq, xAI and Mistral say x-ratelimit-limit-requests; Together, OpenRouter and the IETF's drafts
# leave the name of the limit out; Anthropic puts it first; Together has a header of its own for tokens.
_WORD_FIRST = re.compile(r"(?:x-)?ratelimit-(limit|remaining|reset)(?:-([a-z][a-z0-9_-]{0,39}))?")
_NAME_FIRST = re.compile(r"anthropic-ratelimit-([a-z][a-z-]{0,39})-(limit|remaining|reset)")
_TOKEN_LIMIT = re.compile(r"x-tokenlimit-(limit|remaining|reset)")
_MAX_LIMITS = 12

# header -> source, seconds per unit
_SERVER_TIMES: dict[str, tuple[str, float]] = {
    "openai-processing-ms": ("openai-processing", 0.001),
    "x-envoy-upstream-service-time": ("envoy", 0.001),
    "x-kong-upstream-latency": ("kong", 0.001),
    "x-metrics-ttft-ms": ("first_token", 0.001),
    "x-metrics-e2e-ms": ("total", 0.001),
    "x-litellm-response-duration-ms": ("litellm", 0.001),
    "x-litellm-overhead-duration-ms": ("litellm-overhead", 0.001),
    "x-amzn-bedrock-invocation-latency": ("bedrock", 0.001),
    "fireworks-server-time-to-first-token": ("first_token", 1.0),
    "fireworks-server-processing-time": ("total", 1.0),
}
_SERVER_TIMING = re.compile(
    r"\A([a-z][a-z0-9_-]{0,39}+)[^,]{0,200}?;\s{0,9}dur=([0-9]{1,15}(?:[.][0-9]{1,15})?)", re.IGNORECASE
)


def rate_limits(headers: Mapping[str, str], now: float) -> dict[str, RateLimit]:
    """Limits by name (`requests`, `tokens`, ...); resets count from `now`, Unix seconds."""
    limits: dict[str, dict[str, float]] = {}
    for header, value in headers.items():
        name, word = _limit(header)
        number = seconds_until(value, now) if word == "reset" else _number(value)
        if name and number is not None and (name in limits or len(limits) < _MAX_LIMITS):
            key = "reset_at" if word == "reset" else word
            limits.setdefault(name, {})[key] = number + now if word == "reset" else number
    return {name: RateLimit(**fields) for name, fields in limits.items()}


def _limit(header: str) -> tuple[str, str]:
    """The limit's name and which of its numbers this is; two empty strings for other headers."""
    if match := _WORD_FIRST.fullmatch(header):
        return (match[2] or "requests").replace("-", "_"), match[1]
    if match := _NAME_FIRST.fullmatch(header):
        return match[1].replace("-", "_"), match[2]
    if match := _TOKEN_LIMIT.fullmatch(header):
        return "tokens", match[1]
    return "", ""


def server_reported(headers: Mapping[str, str]) -> dict[str, float]:
    """Seconds that the server says it took, by source."""
    seconds = {}
    for header, (source, unit) in _SERVER_TIMES.items():
        number = _number(headers.get(header, ""))
        if number is not None:
            seconds[source] = number * unit
    if match := _SERVER_TIMING.match(headers.get("server-timing", "")):
        seconds["server-timing"] = (_number(match[2]) or 0.0) * 0.001
    return seconds


def cost_usd(headers: Mapping[str, str]) -> float | None:
    """What a LiteLLM proxy says the answer cost."""
    return _number(headers.get("x-litellm-response-cost", ""))


def _number(value: str) -> float | None:
    """A finite number; Azure reports -1 for what it does not know."""
    is_plain = re.fullmatch(r"\s*\d{1,15}(\.\d{1,15})?(e-?\d{1,2})?\s*", value, re.IGNORECASE | re.ASCII)
    return float(value) if is_plain else None
