"""Every dialect and kind against the simulator, which shares no parsing code with them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ai_provider_exporter.model.observation import ProbeObservation
from ai_provider_exporter.probes import KINDS
from ai_provider_exporter.probes.context import ProbeContext
from ai_provider_exporter.runtime import runner
from ai_provider_exporter.runtime.host_health import HostHealth
from ai_provider_exporter.schema.types import Secret
from ai_provider_exporter.simulator import Simulator
from ai_provider_exporter.simulator.loading import parse
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.exporter import idle_time
from tests.exporter.wire.loopback import leaving_nothing

PACE = {"headers": "0ms", "first_token": "0ms", "gap": "0ms", "queued": "20ms"}
BASES = {
    "openai_chat": "/v1",
    "openai_responses": "/v1",
    "anthropic": "/v1",
    "gemini": "/v1beta",
    "bedrock": "",
    "cohere": "/v2",
    "ollama": "",
}
KEYS = {"KEY": "sim-key", "SECRET": "sim-secret"}


def read(secret: Secret) -> str:
    return KEYS[secret.env or ""]


def provider(api: str, **more: Any) -> dict[str, Any]:
    keys = [{"key": KEYS["KEY"], "secret": KEYS["SECRET"]}]
    return {"apis": [api], "keys": keys, "models": [{"id": "m-1", "retires": "2027-01-14"}], "pace": PACE, **more}


def against(
    api: str,
    kind: str,
    *steps: dict[str, Any],
    simulated: dict[str, Any] | None = None,
    under: str | None = None,
    **options: Any,
) -> ProbeObservation:
    """Run one probe against one simulated provider, after `steps` have come true."""

    async def run() -> ProbeObservation:
        scenario = parse(_yaml(provider(api, **(simulated or {}))), "test.yaml")
        async with Simulator(scenario) as simulator, ProbeContext.opened(read) as context:
            for step in steps:
                simulator.apply({"provider": "p", **step})
            base = f"{simulator.url}/p{under or BASES.get(options.get('dialect', ''), '/v1')}"
            raw = {"name": "p", "provider": "p", "kind": kind, "timeout": 1.0, "api_key": {"env": "KEY"}}
            raw |= {"url": base} if kind == "http" else {"base_url": base}
            settings = KINDS[kind].OPTIONS.model_validate(raw | options)
            return await runner.probe(settings, context, HostHealth())

    observation: ProbeObservation = idle_time.run(leaving_nothing(run()))
    return observation


def _yaml(simulated: dict[str, Any]) -> str:
    return json.dumps({"name": "test", "description": "one provider", "providers": {"p": simulated}})


def chat(dialect: str, *steps: dict[str, Any], **options: Any) -> ProbeObservation:
    return against(dialect, "chat", *steps, dialect=dialect, model="m-1", **options)


@pytest.mark.parametrize("dialect", BASES)
def test_a_canary_sings(dialect: str) -> None:
    run = chat(dialect, simulated={"answer": {"cached": 0}})

    assert run.success, run.detail
    assert run.answer_correct is True
    assert run.tokens["input"] > 0
    assert run.tokens["output"] > 0
    assert run.time_to_first_token_seconds is not None


@pytest.mark.parametrize("chunking", [1, "whole"])
@pytest.mark.parametrize("dialect", BASES)
def test_a_canary_sings_however_its_song_is_cut(dialect: str, chunking: Any) -> None:
    run = chat(dialect, simulated={"chunking": chunking, "framing": "close"})

    assert run.success, run.detail
    assert run.answer_correct is True


REFUSED = [
    "key_rejected", "forbidden", "quota_exhausted", "rate_limited", "throttled", "model_not_found",
    "bad_request", "overloaded", "server_error",
]  # fmt: skip
BROKEN = {
    "challenge": "challenged",
    "edge_error": "edge_error",
    "redirect": "redirected",
    "html": "unexpected_content_type",
    "malformed": "malformed_response",
    "disconnect": "server_disconnected",
    "truncate": "stream_truncated",
    "cut": "stream_truncated",
    "reset": "stream_reset",
    "stream_error": "stream_error",
    "stream_overloaded": "overloaded",
    "empty_answer": "empty_answer",
    "content_filtered": "content_filtered",
    "answer_budget_too_small": "answer_budget_too_small",
    "hang": "headers_timeout",
    "silent": "first_token_timeout",
    "stall": "stream_stalled",
}


# What an API cannot say, or says more plainly than the simulator means it.
PLAINER = {
    ("bedrock", "throttled"): "rate_limited",
    ("gemini", "throttled"): "overloaded",  # its words are those of a shared capacity that is used up
    ("ollama", "rate_limited"): "throttled",
    ("cohere", "content_filtered"): "empty_answer",
    ("ollama", "content_filtered"): "empty_answer",
}


@pytest.mark.parametrize("how", [*REFUSED, *BROKEN])
@pytest.mark.parametrize("dialect", BASES)
def test_what_goes_wrong_has_its_reason(dialect: str, how: str) -> None:
    limits = {"first_token": 0.2, "stall": 0.2} if how in {"hang", "silent", "stall"} else {}
    step = {"fail": [{"how": how}], "pace": {"gap": "5ms"}}
    run = chat(dialect, step, timeouts=limits, timeout=2.0)

    assert run.reason == PLAINER.get((dialect, how), BROKEN.get(how, how)), run.detail


@pytest.mark.parametrize("dialect", ["openai_chat", "bedrock"])
def test_tokens_without_end_are_cut_off_at_the_deadline(dialect: str) -> None:
    run = chat(dialect, {"fail": [{"how": "endless"}], "pace": {"gap": "5ms"}}, timeout=0.1)

    assert run.reason == "total_timeout", run.detail


@pytest.mark.parametrize("dialect", BASES)
def test_a_wrong_answer_is_no_unavailability(dialect: str) -> None:
    run = chat(dialect, {"fail": [{"how": "wrong_answer"}]})

    assert run.success, run.detail
    assert run.answer_correct is False


@pytest.mark.parametrize("dialect", ["openai_chat", "openai_responses", "anthropic", "gemini"])
def test_hidden_reasoning_is_counted_as_output(dialect: str) -> None:
    run = chat(dialect, simulated={"answer": {"reasoning": 5}}, max_output_tokens=64)

    assert run.success, run.detail
    assert run.tokens["reasoning"] == 5
    assert run.tokens["output"] > 5


@pytest.mark.parametrize(
    ("api", "kind", "options"),
    [
        ("openai_embeddings", "embeddings", {"model": "m-1", "dimensions": 8}),
        ("openai_models", "models", {"expect": {"models": ["m-1"]}}),
        ("anthropic", "models", {"dialect": "anthropic"}),
        ("gemini", "models", {"dialect": "gemini"}),
        ("ollama", "models", {"dialect": "ollama"}),
        ("openai_media", "moderation", {"model": "m-1"}),
        ("openai_media", "speech", {"model": "m-1"}),
        ("openai_media", "transcription", {"model": "m-1"}),
        ("openai_media", "image", {"model": "m-1", "interval": 3600.0}),
        ("openai_realtime", "realtime", {"model": "m-1"}),
        ("openai_responses", "responses_background", {"model": "m-1", "poll_interval": 0.02}),
    ],
)
def test_every_other_kind_has_its_answer(api: str, kind: str, options: dict[str, Any]) -> None:
    run = against(api, kind, **options)

    assert run.success, run.detail
    assert run.answer_correct is not False


def test_a_list_of_models_says_when_they_go() -> None:
    run = against("openai_models", "models")

    assert run.models is not None
    assert run.models[0].retires_at == 1799884800.0


def test_bedrock_takes_a_signed_request() -> None:
    aws = {"region": "us-east-1", "access_key_id": {"env": "KEY"}, "secret_access_key": {"env": "SECRET"}}
    run = chat("bedrock", api_key=None, aws=aws)

    assert run.success, run.detail


def test_azure_takes_a_deployment_and_a_version() -> None:
    quirks = {"path": "/deployments/{model}/chat/completions"}
    run = against(
        "azure", "chat", model="m-1", auth="api-key", api_version="2024-10-21", quirks=quirks, under="/openai"
    )

    assert run.success, run.detail


def test_a_background_job_of_an_own_prompt_expects_nothing() -> None:
    run = against("openai_responses", "responses_background", model="m-1", prompt="Say hello", poll_interval=0.02)

    assert run.success, run.detail
    assert run.answer_correct is None


def test_vertex_ai_takes_a_token_for_a_service_account() -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    account = json.dumps({"client_email": "probe@p.example", "private_key": pem})
    keys = [{"key": "probe@p.example", "modulus": f"{key.public_key().public_numbers().n:x}"}]

    async def run() -> ProbeObservation:
        providers = {name: provider(name, keys=keys) for name in ("vertex", "oauth")}
        scenario = parse(json.dumps({"name": "t", "description": "t", "providers": providers}), "test.yaml")
        async with Simulator(scenario) as simulator, ProbeContext.opened(lambda _: account) as context:
            base = f"{simulator.url}/vertex/v1/projects/p-1/locations/europe-west1/publishers/google"
            google = {"service_account": {"env": "ACCOUNT"}, "token_url": f"{simulator.url}/oauth/token"}
            raw = {"name": "p", "provider": "p", "kind": "chat", "dialect": "gemini", "model": "m-1", "base_url": base}
            settings = KINDS["chat"].OPTIONS.model_validate(raw | {"google": google})
            return await runner.probe(settings, context, HostHealth())

    observation = idle_time.run(leaving_nothing(run()))

    assert observation.success, observation.detail
