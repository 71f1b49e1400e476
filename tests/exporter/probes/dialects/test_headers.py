from __future__ import annotations

import pytest
from ai_provider_exporter.model.measurement import RateLimit
from ai_provider_exporter.probes.dialects.headers import cost_usd, rate_limits, server_reported
from hypothesis import given
from hypothesis import strategies as st

NOW = 1_790_000_000.0


@pytest.mark.parametrize(
    ("headers", "limits"),
    [
        pytest.param(
            {
                "x-ratelimit-limit-requests": "5000",
                "x-ratelimit-remaining-requests": "4999",
                "x-ratelimit-reset-requests": "12ms",
                "x-ratelimit-limit-tokens": "2000000",
                "x-ratelimit-reset-tokens": "6m0s",
            },
            {
                "requests": RateLimit(limit=5000, remaining=4999, reset_at=NOW + 0.012),
                "tokens": RateLimit(limit=2000000, reset_at=NOW + 360),
            },
            id="openai: Go durations",
        ),
        pytest.param(
            {"x-ratelimit-remaining-tokens": "90", "x-ratelimit-reset-tokens": "17"},
            {"tokens": RateLimit(remaining=90, reset_at=NOW + 17)},
            id="azure: whole seconds",
        ),
        pytest.param(
            {
                "anthropic-ratelimit-input-tokens-limit": "50000",
                "anthropic-ratelimit-input-tokens-reset": "2026-09-21T14:14:20Z",
            },
            {"input_tokens": RateLimit(limit=50000, reset_at=NOW + 60)},
            id="anthropic: RFC 3339",
        ),
        pytest.param(
            {"x-ratelimit-limit": "20", "x-ratelimit-reset": "1790000030000", "x-tokenlimit-remaining": "7"},
            {"requests": RateLimit(limit=20, reset_at=NOW + 30), "tokens": RateLimit(remaining=7)},
            id="openrouter and together: no name, Unix milliseconds",
        ),
        pytest.param(
            {"x-ratelimit-limit-req-minute": "60"}, {"req_minute": RateLimit(limit=60)}, id="mistral: own names"
        ),
        pytest.param({"x-ratelimit-remaining-tokens": "-1"}, {}, id="azure: not known"),
        pytest.param({"x-ratelimit-limit-requests": "many", "x-other": "1"}, {}, id="no number"),
    ],
)
def test_limits_are_read_by_form(headers: dict[str, str], limits: dict[str, RateLimit]) -> None:
    assert rate_limits(headers, NOW) == limits


def test_a_server_cannot_invent_limits_without_end() -> None:
    headers = {f"x-ratelimit-limit-n{number}": "1" for number in range(500)}

    assert len(rate_limits(headers, NOW)) == 12


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        ({"openai-processing-ms": "250"}, {"openai-processing": 0.25}),
        ({"x-envoy-upstream-service-time": "31"}, {"envoy": 0.031}),
        ({"server-timing": "gfet4t7; dur=431"}, {"server-timing": 0.431}),
        ({"server-timing": "cache;desc=hit"}, {}),
        ({"fireworks-server-time-to-first-token": "0.3"}, {"first_token": 0.3}),
        ({"openai-processing-ms": "soon"}, {}),
    ],
)
def test_what_the_server_says_it_took_is_seconds_by_source(headers: dict[str, str], said: dict[str, float]) -> None:
    assert server_reported(headers) == pytest.approx(said)


def test_a_proxy_says_what_the_answer_cost() -> None:
    assert cost_usd({"x-litellm-response-cost": "1.25e-05"}) == pytest.approx(0.0000125)
    assert cost_usd({}) is None
    assert cost_usd({"x-litellm-response-cost": "None"}) is None


@given(
    st.dictionaries(
        st.sampled_from(["x-ratelimit-limit", "server-timing", "x-ratelimit-reset", "openai-processing-ms"]), st.text()
    )
)
def test_no_header_breaks_the_reading(headers: dict[str, str]) -> None:
    rate_limits(headers, NOW)
    server_reported(headers)
