from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from ai_provider_exporter.metrics import View
from ai_provider_exporter.model.observation import Status
from ai_provider_exporter.model.probe_state import RECENT_FAILURES
from ai_provider_exporter.model.reasons import OK
from ai_provider_exporter.model.verdict import Verdict
from ai_provider_exporter.web.board.verdict import ProviderVerdict, probe_verdict, provider_verdict, provider_verdicts

from tests.exporter import worlds
from tests.exporter.worlds import INTERVAL, NOW, World

RED = (1500.0, worlds.says(Status.PARTIAL_OUTAGE))
GREEN = (1500.0, worlds.says())


def _openai(world: World) -> ProviderVerdict:
    window = world.window()
    found = provider_verdict("openai", window.view(), window)
    assert found is not None
    return found


def _with(*runs: str, page: tuple[float, object] | None = GREEN) -> World:
    """A world of one provider, with a probe for each of `runs`: what its runs ended for, empty if none ran."""
    world = World()
    for at, reason in enumerate(runs):
        world.probe(f"probe-{at}", "openai", [reason] * 3 if reason else [], model=f"model-{at}")
    if page is not None:
        world.page("openai", page)  # type: ignore[arg-type]
    return world


@pytest.mark.parametrize(
    ("runs", "page", "expected"),
    [
        pytest.param([OK], GREEN, Verdict.OPERATIONAL, id="all is well"),
        pytest.param([OK], None, Verdict.OPERATIONAL, id="a probe that succeeds needs no page"),
        pytest.param([OK], (1500.0, None), Verdict.OPERATIONAL, id="nor one that can be read"),
        pytest.param([], GREEN, Verdict.OPERATIONAL, id="a green page where nothing is probed"),
        pytest.param([], (1500.0, None), Verdict.UNKNOWN, id="a page that cannot be read"),
        pytest.param([""], GREEN, Verdict.UNKNOWN, id="a green page is no answer to a probe that has not run"),
        pytest.param(["throttled"], GREEN, Verdict.UNKNOWN, id="a failure that nobody can place"),
        pytest.param(["overloaded"], GREEN, Verdict.DOWN, id="all fail"),
        pytest.param(["overloaded", "key_rejected"], GREEN, Verdict.DOWN, id="our key says nothing about them"),
        pytest.param(["overloaded", OK], GREEN, Verdict.PARTLY_DOWN, id="some fail"),
        pytest.param(["key_rejected", OK], GREEN, Verdict.REFUSED, id="our key"),
        pytest.param(["connect_timeout", "key_rejected"], GREEN, Verdict.UNREACHABLE, id="the way there"),
        pytest.param(["egress_down"], GREEN, Verdict.UNKNOWN, id="our own egress"),
        pytest.param([OK], RED, Verdict.REPORTED, id="a red page, and probes that are fine"),
        pytest.param(["key_rejected"], RED, Verdict.DOWN, id="a key refused while their page admits trouble"),
        pytest.param([], RED, Verdict.REPORTED, id="a red page alone"),
        pytest.param([OK], (1500.0, worlds.says(Status.UNDER_MAINTENANCE)), Verdict.MAINTENANCE, id="they are at work"),
    ],
)
def test_the_verdict_weighs_probes_before_the_page(
    runs: list[str], page: tuple[float, object] | None, expected: Verdict
) -> None:
    assert _openai(_with(*runs, page=page)).verdict is expected


@pytest.mark.parametrize(
    ("reason", "seconds", "expected"),
    [
        pytest.param(OK, 30, Verdict.OPERATIONAL, id="it has just run"),
        pytest.param(OK, 90, Verdict.UNKNOWN, id="three intervals ago"),
        pytest.param("overloaded", 90, Verdict.UNKNOWN, id="a failure goes stale as well"),
        pytest.param("bad_request", 90, Verdict.UNKNOWN, id="a fault of ours too"),
        pytest.param("key_rejected", 200, Verdict.REFUSED, id="unless it backs off for it"),
        pytest.param("key_rejected", 4000, Verdict.UNKNOWN, id="yet not for ever"),
    ],
)
def test_a_probe_that_has_not_run_for_three_intervals_is_unknown(
    reason: str, seconds: float, expected: Verdict
) -> None:
    window = _with(reason).window()
    view = window.view()

    found = probe_verdict("probe-0", View(state=view.state, now=view.now + seconds), window)

    assert found is not None
    assert found.verdict is expected


def test_trouble_stands_first_then_what_is_unknown_then_what_is_well() -> None:
    window = worlds.unadmitted().window()

    found = [s.title for s in provider_verdicts(window.view(), window)]

    assert found == ["OpenAI", "Mistral AI", "Groq", "Perplexity", "Anthropic", "Google Gemini", "Cohere"]


@pytest.mark.parametrize(
    ("reasons", "expected"),
    [
        pytest.param([OK], None, id="it does not fail"),
        pytest.param([OK, "overloaded", OK, "overloaded", "overloaded"], 1, id="the first of the present row"),
        pytest.param(["overloaded"] * 3, 2, id="it never succeeded: the first that is known"),
        pytest.param([OK, *["overloaded"] * (RECENT_FAILURES + 9)], RECENT_FAILURES + 9, id="the last success"),
        pytest.param(["overloaded"] * (RECENT_FAILURES + 9), None, id="longer than anybody can remember"),
    ],
)
def test_a_probe_fails_since_the_first_of_its_present_row_of_failures(reasons: list[str], expected: int | None) -> None:
    window = World()
    name = window.probe("openai-chat", "openai", reasons)
    view = window.view()
    state = view.state.probes[name]

    found = probe_verdict("openai-chat", view, window.window())

    assert found is not None
    starts = sorted(run.started_at for run in state.history)
    wanted = None if expected is None else starts[-1] - INTERVAL * expected
    assert found.failing_since == pytest.approx(wanted, abs=1)


def test_an_outage_that_outlasts_what_is_kept_still_began_when_it_began() -> None:
    world = World()
    world.probe("openai-chat", "openai", [OK, *["overloaded"] * 300])
    world.page("openai", (12_000, worlds.says()))

    since = _openai(world).since

    assert since == pytest.approx(NOW - 300 * INTERVAL, abs=INTERVAL + 20)


def test_recent_runs_have_no_gap_where_one_kind_was_forgotten() -> None:
    world = World()
    world.probe("openai-chat", "openai", ["overloaded", *[OK] * 40])
    window = world.window()

    found = probe_verdict("openai-chat", window.view(), window)

    assert found is not None
    assert [run.reason for run in found.recent] == [OK] * 30
    assert len(found.state.history) == 31


def test_a_free_probe_stands_in_under_the_paid_one_of_its_name() -> None:
    found = _openai(worlds.unfunded())

    (probe,) = found.probes
    assert probe.verdict is Verdict.UNKNOWN
    assert probe.fallback is not None
    assert probe.fallback.state.id.kind == "models"
    assert found.verdict is Verdict.OPERATIONAL


@pytest.mark.parametrize(
    ("world", "lag"),
    [pytest.param(worlds.unadmitted, None, id="silent"), pytest.param(worlds.admitted, 945, id="late")],
)
def test_the_lag_of_an_admission_is_known_once_it_is_made(world: Callable[[], World], lag: float | None) -> None:
    assert _openai(world()).lag_seconds == pytest.approx(lag, abs=60)


def test_a_reported_trouble_began_when_its_oldest_incident_did() -> None:
    world = World()
    world.page("openai", (600.0, worlds.says(Status.PARTIAL_OUTAGE, worlds.incident(900, "Login fails"))))

    assert _openai(world).since == NOW - 900


def test_nothing_is_known_by_a_name_that_is_neither_probed_nor_read() -> None:
    window = replace(worlds.unadmitted().window(), titles={"nobody": "Nobody"})

    assert provider_verdict("nobody", window.view(), window) is None
    assert probe_verdict("nobody", window.view(), window) is None
