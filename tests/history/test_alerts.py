"""The same stories, judged by the shipped rules in the real promtool: who is told what, and how soon."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.history.player import Played, Player
from tests.history.story import Alert, stories

pytestmark = pytest.mark.e2e

ROOT = Path(__file__).parents[2]
PROMTOOL = ROOT / ".tools" / "bin" / "promtool"
RULES = ROOT / "alerts" / "rules" / "ai-provider.yaml"
NAMES = [name for name, story in stories().items() if story.alerts or story.no_alerts]
STALE_AFTER = 1  # scrapes

Firing = list[tuple[int, dict[str, str]]]
"""Minute and labels of each alert that fires then."""


@cache
def firing(name: str) -> Firing:
    played = asyncio.run(Player(stories()[name], with_series=True).play())
    with TemporaryDirectory() as directory:
        path = Path(directory) / "story.yaml"
        path.write_text(json.dumps(_unit_test(played)))
        done = subprocess.run([PROMTOOL, "test", "rules", path], capture_output=True, text=True, check=False)
    return _read(done.stdout + done.stderr)


def _unit_test(played: Played) -> dict[str, object]:
    """Asks for no alert at each minute: what promtool says of it is what fires."""
    asks = [
        {"expr": 'ALERTS{alertstate="firing"}', "eval_time": f"{minute}m", "exp_samples": []}
        for minute in range(1, played.scrapes)
    ]
    series = [
        {"series": _series(key), "values": _values(samples, played.scrapes)} for key, samples in played.series.items()
    ]
    up = {"series": 'up{job="ai-provider-exporter",instance="x"}', "values": f"1x{played.scrapes}"}
    test = {"interval": "1m", "input_series": [*series, up], "promql_expr_test": asks}
    return {"rule_files": [str(RULES)], "evaluation_interval": "1m", "tests": [test]}


def _series(key: str) -> str:
    name, _, labels = key.partition("{")
    more = labels.removesuffix("}")
    return f'{name}{{job="ai-provider-exporter",instance="x"{"," if more else ""}{more}}}'


def _values(samples: dict[int, str], scrapes: int) -> str:
    """Each scrape's value; once `stale` where a series is gone."""
    written = [samples.get(at) or ("stale" if at - 1 in samples else "_") for at in range(scrapes)]
    return " ".join(written)


def _read(output: str) -> Firing:
    found: Firing = []
    for block in re.finditer(r"time: ([0-9hms]+),\s*exp:.*?got:(.*?)(?=\n\s*expr:|\Z)", output, re.DOTALL):
        minute = sum(int(n) * {"h": 60, "m": 1, "s": 0}[unit] for n, unit in re.findall(r"(\d+)([hms])", block[1]))
        for labels in re.findall(r"\{([^}]*alertname=[^}]*)\}", block[2]):
            found.append((minute, dict(re.findall(r'(\w+)=\\?"((?:[^"\\]|\\.)*?)\\?"', labels))))
    return found


def _minutes(name: str, alert: Alert) -> list[int]:
    wanted = {"alertname": alert.alert, **alert.labels}.items()
    return sorted({minute for minute, labels in firing(name) if wanted <= labels.items()})


@pytest.mark.parametrize("name", NAMES)
def test_alerts_fire_in_time_and_as_long_as_the_trouble(name: str) -> None:
    assert PROMTOOL.exists(), "promtool is missing; make tools"
    for alert in stories()[name].alerts:
        minutes = [minute for minute in _minutes(name, alert) if minute >= alert.since]

        assert minutes, f"{alert.alert} never fires"
        assert minutes[0] <= alert.since + alert.within, f"{alert.alert} fires only at minute {minutes[0]}"
        if alert.until is not None:
            gaps = set(range(minutes[0], int(alert.until))) - set(minutes)
            assert not gaps, f"{alert.alert} does not fire at the minutes {sorted(gaps)}"


@pytest.mark.parametrize("name", NAMES)
def test_nobody_is_told_what_is_not_so(name: str) -> None:
    told = {labels["alertname"] for _, labels in firing(name)}

    assert not told & set(stories()[name].no_alerts)


# Burn rates look back over hours and may page for what the verdict calls operational by then; they are not in here.
OF_THE_MOMENT = {"AIProviderDown", "AIProviderUnreachable", "AIProviderModelDown", "AIProviderRegionDown"}


@pytest.mark.parametrize("name", NAMES)
def test_nobody_is_paged_for_a_provider_while_its_verdict_is_operational(name: str) -> None:
    """At the minute at which an alert begins to fire; it goes on for as long as `keep_firing_for` says."""
    played = asyncio.run(Player(stories()[name]).play())
    verdicts = {
        (int(frame.minute), provider): verdict for frame in played.frames for provider, verdict in frame.board.items()
    }
    minutes = {
        (labels["alertname"], labels.get("provider", ""), minute)
        for minute, labels in firing(name)
        if labels["alertname"] in OF_THE_MOMENT
    }
    began = [(alert, who, minute) for alert, who, minute in minutes if (alert, who, minute - 1) not in minutes]

    assert [page for page in began if verdicts.get((page[2], page[1])) == "operational"] == []
