"""The same canary through every dialect, measured against what the simulator, another process, wrote down."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import quantiles
from typing import Any

import httpx2
import pytest
import uvloop
from ai_provider_exporter.model.measurement import PhaseName
from ai_provider_exporter.model.observation import ProbeObservation
from ai_provider_exporter.probes.chat import ChatOptions
from ai_provider_exporter.probes.context import ProbeContext
from ai_provider_exporter.probes.dialects import DIALECTS
from ai_provider_exporter.runtime import runner
from ai_provider_exporter.runtime.host_health import HostHealth

from tests.e2e.programs import Running, running

pytestmark = pytest.mark.e2e

RUNS = 25  # a quarter of so many is undisturbed on a machine that does other things too
TOLERANCE = 0.005  # seconds
SINCE_THE_REQUEST: tuple[PhaseName, ...] = ("send", "headers", "first_token")
ANSWER = "The quick brown fox jumps over the lazy dog, and 犬 sleeps on"
BASES = {"gemini": "/v1beta", "bedrock": "", "cohere": "/v2", "ollama": ""}
# What each API says beside input and output tokens.
TELLS = {
    "openai_chat": {"reasoning", "cached"},
    "openai_responses": {"reasoning", "cached"},
    "anthropic": {"reasoning", "cached"},
    "gemini": {"reasoning", "cached"},
    "bedrock": {"cached"},
    "cohere": set(),
    "ollama": set(),
}
CHUNKINGS = (1, 7, "whole")


@dataclass(frozen=True)
class Sung:
    """One run, and what the simulator knows of it."""

    run: ProbeObservation
    truth: dict[str, Any]

    @property
    def error(self) -> float:
        """Seconds from the request to the first token: as we see it, less what it was.

        Ours begins when we begin to send, the simulator's when it has the whole request: it cannot be negative.
        """
        seen = sum(self.run.phases[phase] for phase in SINCE_THE_REQUEST)
        return float(seen - (self.truth["first_token"] - self.truth["received"]))


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    directory = tmp_path_factory.mktemp("dialects")
    scenario = directory / "scenario.yaml"
    scenario.write_text(json.dumps({"name": "canary", "description": "all is well", "providers": _providers()}))
    with running(directory, "simulate", scenario) as simulator:
        yield simulator


def _providers() -> dict[str, Any]:
    common = {
        "pace": {"headers": "10ms", "first_token": "30ms", "gap": "1ms"},
        "answer": {"reasoning": 3, "cached": 4},
    }
    whole = {dialect: {"apis": [dialect], **common} for dialect in DIALECTS}
    cut = {
        f"{dialect}-{size}": {"apis": [dialect], "chunking": size, **common}
        for dialect in DIALECTS
        for size in CHUNKINGS
    }
    return whole | cut


def _sing(simulator: Running, dialect: str, provider: str, times: int = 1) -> list[Sung]:
    raw = {
        "name": "canary",
        "provider": provider,
        "kind": "chat",
        "model": "m-1",
        "dialect": dialect,
        "base_url": f"{simulator.url}/{provider}{BASES.get(dialect, '/v1')}",
        "prompt": f"Reply with exactly: {ANSWER}",
        "max_output_tokens": 64,
        "expect": {"contains": ANSWER},
    }
    options = ChatOptions.model_validate(raw)

    async def runs() -> list[ProbeObservation]:
        async with ProbeContext.opened(lambda _: "") as context:
            return [await runner.probe(options, context, HostHealth()) for _ in range(times)]

    observed = uvloop.run(runs())
    lines = httpx2.get(f"{simulator.url}/-/truth", trust_env=False).text.splitlines()
    known = [exchange for exchange in map(json.loads, lines) if exchange["provider"] == provider]
    return [Sung(run, truth) for run, truth in zip(observed, known[-times:], strict=True)]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_answer_and_its_tokens_are_those_that_were_given(simulator: Running, dialect: str) -> None:
    (sung,) = _sing(simulator, dialect, dialect)
    given = sung.truth["tokens"]

    assert sung.run.success, sung.run.detail
    assert sung.run.answer_correct is True
    assert sung.run.tokens == {
        "input": given["input"],
        "output": given["output"] + given["reasoning"],  # both are billed as output, whatever an API calls them
        **{kind: given[kind] for kind in TELLS[dialect]},
    }


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_first_token_is_seen_within_5_ms_of_when_it_was_written(simulator: Running, dialect: str) -> None:
    errors = [sung.error for sung in _sing(simulator, dialect, dialect, times=RUNS)]
    undisturbed = quantiles(errors)[0]

    assert 0 < min(errors) <= undisturbed < TOLERANCE


@pytest.mark.parametrize("dialect", DIALECTS)
def test_however_the_answer_is_cut_it_says_the_same(simulator: Running, dialect: str) -> None:
    said = [_what_it_says(_sing(simulator, dialect, f"{dialect}-{size}")[0].run) for size in CHUNKINGS]

    assert said == [said[0]] * len(CHUNKINGS)
    assert said[0]["reason"] == "ok"
    assert said[0]["answer_correct"] is True


def _what_it_says(run: ProbeObservation) -> dict[str, Any]:
    fields = ("reason", "detail", "http_status", "tokens", "answer_correct", "response_model", "fingerprint")
    return {field: getattr(run, field) for field in fields}
