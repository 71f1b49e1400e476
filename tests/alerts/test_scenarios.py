"""Seven scenarios from the first failure to the last letter: exactly the expected letters, to whom they concern."""

from __future__ import annotations

import contextlib
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
import yaml
from ai_provider_exporter import simulator

from tests.alerts.stack import HASTE, Notified, Stack, stack
from tests.tools.monitoring import until

pytestmark = pytest.mark.e2e

WARM_UP_SECONDS = 20.0  # minutes of the rules
TROUBLE_SECONDS = 17.0
END_SECONDS = 150.0

FIVE: dict[str, list[str]] = {  # provider -> the locations of its probes
    "down": ["", ""],
    "paged": [""],
    "silent": [""] * 7,
    "refused": [""],
    "placed": ["fra1", "zrh1", "us-east"],
}


FREE = {"input_per_mtok": 0, "output_per_mtok": 0}  # a known price: that it is unknown would be an alert of its own


def _probes(places: dict[str, list[str]]) -> list[dict[str, object]]:
    return [
        {
            "name": f"{provider}-{number}",
            "provider": provider,
            "kind": "chat",
            "dialect": "openai_chat",
            "model": "small",
            "base_url": f"{{simulator}}/{provider}{'@' if place else ''}{place}/v1",
            "api_key": {"env": "KEY"},
            "location": place,
            "price": FREE,
        }
        for provider, where in places.items()
        for number, place in enumerate(where)
    ]


def _config(places: dict[str, list[str]], pages: Iterable[str]) -> dict[str, object]:
    return {
        "defaults": {"interval": "1s", "confirm_interval": "1s", "timeout": "900ms"},
        "egress": {"hosts": ["{host}", "localhost:{port}"], "interval": "1s", "timeout": "900ms"},
        "probes": _probes(places),
        "status_pages": [
            {"provider": name, "url": f"{{simulator}}/{name}/status", "format": "incidentio", "interval": "1s"}
            for name in pages
        ],
    }


INCIDENT = {
    "id": "inc-1",
    "name": "Elevated errors",
    "status": "investigating",
    "impact": "major",
    "components": {"Chat Completions": "partial_outage"},
    "text": "We are looking into it.",
}
RESOLVED = INCIDENT | {"status": "resolved", "components": {"Chat Completions": "operational"}}
ALL_FAIL = {"fail": [{"how": "server_error", "share": 1.0}]}


@pytest.fixture(name="five", scope="module")
def _five(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Five of the scenarios side by side: each concerns a provider of its own, and letters are grouped by provider."""
    scenario = Path(__file__).parent / "scenarios" / "five-at-once.yaml"
    with stack(tmp_path_factory.mktemp("five"), scenario, _config(FIVE, ("down", "paged", "silent"))) as running:
        until(lambda: running.server.value("min(ai_probe_success)") == 1, seconds=60)
        time.sleep(WARM_UP_SECONDS)  # the scenario's own time, not a wait for luck
        running.forget()
        running.apply(provider="down", **ALL_FAIL)
        running.apply(provider="paged", page={"incidents": [INCIDENT]})
        running.apply(provider="silent", fail=[{"how": "server_error", "share": 0.25}])
        running.apply(provider="refused", fail=[{"how": "key_rejected", "share": 1.0}])
        running.apply(provider="placed", location="us-east", **ALL_FAIL)
        time.sleep(TROUBLE_SECONDS)
        for provider in ("down", "silent", "refused"):
            running.apply(provider=provider, fail=[])
        running.apply(provider="placed", location="us-east", fail=[])
        running.apply(provider="paged", page={"incidents": [RESOLVED]})
        _until_over(running, EXPECTED)
        yield running


def _until_over(running: Stack, expected: dict[Notified, int]) -> None:
    """Until everything that is expected has been notified and has ended.

    What is missing then is for the tests to say.
    """
    with contextlib.suppress(TimeoutError):
        until(lambda: set(running.notified("resolved")) >= set(expected), seconds=END_SECONDS)


EXPECTED = {
    ("on-call", "down", "AIProviderDown"): 1,
    ("channel", "paged", "AIProviderOfficialIncident"): 1,
    ("on-call-chat", "silent", "AIProviderUnacknowledged"): 1,
    ("owners", "refused", "AIProviderKeyRejected"): 1,
    ("on-call", "placed", "AIProviderLocationDown"): 1,
}


def test_every_scenario_notifies_exactly_whom_it_concerns_and_once(five: Stack) -> None:
    assert five.notified("firing") == EXPECTED


def test_every_notification_is_followed_by_its_end(five: Stack) -> None:
    assert five.notified("resolved") == EXPECTED


@pytest.mark.parametrize(("receiver", "provider"), [(receiver, provider) for receiver, provider, _ in EXPECTED])
def test_a_scenario_is_two_letters(five: Stack, receiver: str, provider: str) -> None:
    assert five.letters(receiver, provider) == ["firing", "resolved"]


def test_the_time_to_the_first_letter_is_said(five: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        sys.stdout.write(f"\nminutes from the first failure to the notification: {five.minutes_to_notification()}\n")

    assert five.minutes_to_notification().keys() == {provider for _, provider, _ in EXPECTED}
    assert five.minutes_to_notification()["down"] < 10


def test_a_letter_names_what_fails_and_why(five: Stack) -> None:
    (letter,) = [
        one
        for where, one in five.inbox.letters
        if where == "/on-call" and one["status"] == "firing" and one["groupLabels"]["provider"] == "down"
    ]
    text = letter["alerts"][0]["annotations"]

    assert "server_error" in text["description"]
    assert text["page"].startswith("Says that all is well.")
    assert "Since 20" in text["description"]


def test_nothing_fires_for_the_providers_that_are_well(five: Stack) -> None:
    alerts = Counter(letter["groupLabels"].get("provider", "") for _, letter in five.inbox.letters)

    assert set(alerts) == {provider for _, provider, _ in EXPECTED}


@pytest.fixture(name="cut_off", scope="module")
def _cut_off(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Our own egress is down: the simulator, which is all the world there is, goes away and comes back."""
    scenario = Path(__file__).parent / "scenarios" / "five-at-once.yaml"
    with stack(tmp_path_factory.mktemp("cut"), scenario, _config({"down": [""], "paged": [""]}, ("down",))) as running:
        until(lambda: running.server.value("min(ai_probe_success)") == 1, seconds=60)
        time.sleep(WARM_UP_SECONDS)
        running.forget()
        running.cut_off()
        time.sleep(TROUBLE_SECONDS)
        running.restore()
        _until_over(running, EGRESS)
        yield running


EGRESS = {("owners", "", "AIProviderEgressDown"): 1}


def test_an_egress_that_is_down_is_one_alert_and_blames_no_provider(cut_off: Stack) -> None:
    assert cut_off.notified("firing") == EGRESS
    assert cut_off.notified("resolved") == EGRESS


# --- 3 February 2026 ---------------------------------------------------------------------------------------------

SHIPPED = Path(simulator.__file__).parent / "scenarios" / "2026-02-03.yaml"
QUIET_MINUTES = 40  # before the story, so that the burn rates know a whole hour
LAST_MINUTE = 160  # of 3 February; 4 February is the same once more
FIRST_FAILURE_MINUTE = 20

FEBRUARY = {
    # Users report before the page speaks; the page speaks half an hour late. Both are news for the channel.
    ("channel", "openai", "AIProviderOfficialIncident"): 1,
    # From minute 20 errors in the United States that the page does not admit, from minute 40 some downtime there.
    ("on-call-chat", "openai", "AIProviderUnacknowledged"): 1,
    ("on-call", "openai", "AIProviderLocationDown"): 1,
}


def _hurried_story(directory: Path) -> Path:
    """The shipped scenario with answers as much faster as the rules are: a wait of five seconds is 83 ms."""
    story = yaml.safe_load(SHIPPED.read_text())
    steps = [(int(step["at"].removesuffix("m")), step) for step in story["timeline"]]
    story["timeline"] = [step | {"at": f"{at + QUIET_MINUTES}m"} for at, step in steps if at <= LAST_MINUTE]
    for paced in [*story["providers"].values(), *story["timeline"]]:
        if "pace" in paced:
            paced["pace"] = {phase: f"{_milliseconds(text) / HASTE}ms" for phase, text in paced["pace"].items()}
    path = directory / "scenario.yaml"
    path.write_text(yaml.safe_dump(story))
    return path


def _milliseconds(text: str) -> int:
    return int(text.removesuffix("ms")) if text.endswith("ms") else 1000 * int(text.removesuffix("s"))


def _february_config() -> dict[str, object]:
    places = [("us-east", "paid"), ("us-east", "free"), ("fra1", "paid"), ("fra1", "free"), ("zrh1", "paid")]
    probes = [
        {
            "name": f"{place}-{tier}",
            "provider": "openai",
            "kind": "chat",
            "model": "gpt-6-luna",
            "base_url": f"{{simulator}}/openai@{place}/v1",
            "api_key": {"env": tier.upper()},
            "location": place,
            "tier": tier,
            "price": FREE,
        }
        for place, tier in places
    ]
    return _config({}, ["openai"]) | {"probes": probes}


@pytest.fixture(name="february", scope="module")
def _february(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    directory = tmp_path_factory.mktemp("february")
    with stack(directory, _hurried_story(directory), _february_config(), speed=str(HASTE)) as running:
        played = running.minutes_played() - QUIET_MINUTES
        running.began["openai"] = time.monotonic() + FIRST_FAILURE_MINUTE - played
        time.sleep(LAST_MINUTE - played)
        _until_over(running, FEBRUARY)
        yield running


def test_the_third_of_february_is_three_alerts_each_once(february: Stack) -> None:
    assert february.about("openai", "firing") == FEBRUARY
    assert february.about("openai", "resolved") == FEBRUARY


def test_of_the_third_of_february_the_time_to_the_first_letter_is_said(
    february: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    minutes = february.minutes_to_notification()["openai"]
    with capsys.disabled():
        sys.stdout.write(f"\n3 February 2026: {minutes} minutes from the first failure to the first letter\n")

    assert 0 < minutes < LAST_MINUTE
