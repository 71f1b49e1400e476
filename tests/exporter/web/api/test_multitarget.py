from __future__ import annotations

from dataclasses import replace

import httpx2
import pytest
from ai_provider_exporter.model.state import State
from ai_provider_exporter.runtime.targets import (
    ForbiddenTargetError,
    InvalidTargetError,
    ProbeRequest,
    TargetError,
    TargetNotReadyError,
)
from ai_provider_exporter.web.api.multitarget import timeout
from ai_provider_exporter.web.routes import application
from starlette.exceptions import HTTPException

from tests.exporter.serving import Serve
from tests.exporter.worlds import World


class Answers:
    """Stands in for the loop that probes: one answer to every request."""

    def __init__(self, answer: State | TargetError) -> None:
        self.answer = answer
        self.requests: list[ProbeRequest] = []

    async def ask(self, request: ProbeRequest) -> State:
        self.requests.append(request)
        if isinstance(self.answer, TargetError):
            raise self.answer
        return self.answer


def _get(serve: Serve, answers: Answers | None, path: str, **headers: str) -> httpx2.Response:
    window = replace(World().window(), probe_target=answers.ask if answers else None)
    server = serve(app=application(window))
    return httpx2.get(f"{server.url}{path}", headers=headers, trust_env=False)


def _seen() -> State:
    world = World()
    world.probe("vllm", "mine", ["ok", "overloaded"])
    return world.window().view().state


def test_a_probe_on_request_is_answered_with_the_metrics_of_that_probe_and_no_others(serve: Serve) -> None:
    answers = Answers(_seen())

    answer = _get(serve, answers, "/probe?module=vllm&target=http://gpu:8000/v1")
    names = {line.partition("{")[0] for line in answer.text.splitlines() if not line.startswith("#")}

    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert {"ai_probe_success", "ai_probe_last_run_timestamp_seconds", "ai_probe_info"} <= names
    assert all(name.startswith(("ai_probe_", "ai_model_")) for name in names)
    assert answers.requests == [ProbeRequest(module="vllm", target="http://gpu:8000/v1", patience=None)]


def test_the_time_that_prometheus_leaves_is_the_patience_less_half_a_second(serve: Serve) -> None:
    answers = Answers(_seen())

    _get(serve, answers, "/probe?module=a&target=b", **{"X-Prometheus-Scrape-Timeout-Seconds": "10.000000"})

    assert answers.requests[0].patience == 9.5


@pytest.mark.parametrize(("header", "patience"), [("0.5", 0.25), ("0.8", 0.4), ("1", 0.5), ("3", 2.5)])
def test_of_a_short_scrape_timeout_half_is_left(header: str, patience: float) -> None:
    assert timeout(header) == patience


@pytest.mark.parametrize("header", ["0", "-3", "nan", "inf", "ten", "", "1e999"])
def test_a_scrape_timeout_that_leaves_no_time_is_refused(header: str) -> None:
    with pytest.raises(HTTPException) as refused:
        timeout(header)

    assert refused.value.status_code == 400


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (InvalidTargetError("Name both."), 400),
        (ForbiddenTargetError("Not there."), 403),
        (TargetNotReadyError("Not yet."), 503),
    ],
)
def test_what_was_not_probed_is_refused_with_its_sentence(serve: Serve, answer: TargetError, status: int) -> None:
    refusal = _get(serve, Answers(answer), "/probe?module=a&target=b")

    assert (refusal.status_code, refusal.text) == (status, f"{answer}\n")


def test_where_nobody_probes_on_request_there_is_no_such_path(serve: Serve) -> None:
    assert _get(serve, None, "/probe?module=a&target=b").status_code == 404


def test_the_names_and_labels_are_those_of_the_metrics_page(serve: Serve) -> None:
    answer = _get(serve, Answers(_seen()), "/probe?module=vllm&target=x").text

    assert (
        'ai_probe_success{probe="vllm",provider="mine",kind="chat",model="small-1",location="fra1",tier="paid"'
        in answer
    )
