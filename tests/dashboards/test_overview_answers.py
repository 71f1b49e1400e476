"""Every query of the dashboard, asked of a real Prometheus that scrapes a bad night and an exporter just started."""

from __future__ import annotations

import math
import re
import time
from typing import TYPE_CHECKING, Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from dashboards.src.overview import dashboard
from tests import contract
from tests.dashboards.conftest import TROUBLE, asked
from tests.tools.monitoring import run

if TYPE_CHECKING:
    from tests.tools.monitoring import Prometheus, Sample

pytestmark = pytest.mark.e2e

BOARD = dashboard()
TARGETS = [
    pytest.param(panel, target, id=f"{panel['title']} {target['refId']}")
    for panel in BOARD["panels"]
    for target in panel["targets"]
]
each_target = pytest.mark.parametrize(("panel", "target"), TARGETS)


def answer(server: Prometheus, title: str, target: int = 0) -> dict[tuple[str, ...], float]:
    """Values of a panel during the trouble, by the labels of their series in the labels' order."""
    (panel,) = (panel for panel in BOARD["panels"] if panel["title"] == title)
    samples = server.instant(asked(panel["targets"][target]["expr"], "trouble"))
    return {tuple(value for _, value in sorted(sample.labels.items())): sample.last for sample in samples}


def test_the_trouble_is_told_in_the_words_of_the_contract() -> None:
    page = TROUBLE.substitute(n=7, now=1770000000)
    samples = [sample for family in text_string_to_metric_families(page) for sample in family.samples]

    assert [sample for sample in samples if not sample.labels.keys() <= contract.labels(sample.name)] == []
    assert run("promtool", "check", "metrics", text=page).returncode == 0


def history(server: Prometheus, query: str) -> list[Sample]:
    now = time.time()
    return server.range(query, now - 10, now, 1)


@each_target
def test_a_panel_has_an_answer_to_trouble(server: Prometheus, panel: dict[str, Any], target: dict[str, Any]) -> None:
    samples = history(server, asked(target["expr"], "trouble"))

    assert samples
    assert all(any(math.isfinite(value) for _, value in sample.values) for sample in finite(panel, samples))


def finite(panel: dict[str, Any], samples: list[Sample]) -> list[Sample]:
    """The series that must have values: one of no attempts that could tell has a share of nothing, drawn as a gap."""
    ungradable = {"anthropic", "mistral_ai"} if panel["title"] == "Time to first token" else {"mistral_ai"}
    rates = panel["type"] == "timeseries"
    return [sample for sample in samples if not (rates and sample.labels.get("provider") in ungradable)]


@each_target
def test_a_panel_is_calm_when_there_is_nothing_yet(
    server: Prometheus, panel: dict[str, Any], target: dict[str, Any]
) -> None:
    assert history(server, asked(target["expr"], "empty")) == []


@each_target
def test_a_legend_names_labels_that_the_answer_has(
    server: Prometheus, panel: dict[str, Any], target: dict[str, Any]
) -> None:
    named = set(re.findall(r"{{(\w+)}}", target["legendFormat"]))
    given = {label for sample in history(server, asked(target["expr"], "trouble")) for label in sample.labels}

    assert named <= given


def test_what_we_see_stands_beside_what_they_admit(server: Prometheus) -> None:
    assert answer(server, "Who is down for me, and what they admit") == {
        ("anthropic", "our probes fra1"): 0,
        ("anthropic", "their page"): 3,
        ("cohere", "their page"): -1,
        ("mistral_ai", "our probes fra1"): -1,
        ("openai", "our probes us-east"): 2,
        ("openai", "their page"): 0,
    }


def test_rows_of_one_provider_stand_together(server: Prometheus) -> None:
    (query,) = (target["expr"] for target in BOARD["panels"][0]["targets"])
    providers = [sample.labels["provider"] for sample in history(server, asked(query, "trouble"))]

    assert providers == sorted(providers)


def test_each_fault_is_counted_apart(server: Prometheus) -> None:
    faults = answer(server, "Whose fault")

    assert faults[("provider",)] > 0
    assert faults[("ours",)] > 0
    assert faults[("network",)] == faults[("prober",)] == faults[("unknown",)] == 0


def test_a_refused_key_is_no_error_of_the_provider(server: Prometheus) -> None:
    shares = answer(server, "Error rate")

    assert shares[("us-east", "openai", "free")] == pytest.approx(1)
    assert shares[("us-east", "openai", "paid")] == 0
    assert shares[("fra1", "anthropic")] == 0
    assert math.isnan(shares[("fra1", "mistral_ai")])


def test_every_open_incident_is_listed_even_without_its_beginning(server: Prometheus) -> None:
    rows = answer(server, "Open incidents")
    began = {labels[2]: value for labels, value in rows.items()}

    assert began == {"Elevated errors": 1770000000000, "Console is slow": 0}


def test_the_time_to_the_first_token_is_of_those_who_answer(server: Prometheus) -> None:
    half, most = answer(server, "Time to first token"), answer(server, "Time to first token", 1)

    assert half == {("openai",): pytest.approx(0.75)}
    assert most == {("openai",): pytest.approx(0.975)}


def test_silence_of_a_page_shows_as_a_share_of_time(server: Prometheus) -> None:
    ((place, share),) = answer(server, "Unacknowledged").items()

    assert place == ("us-east", "openai")
    assert 0 < share < 1.1


@pytest.mark.parametrize("variable", [row for row in BOARD["templating"]["list"] if row["type"] == "query"])
def test_a_variable_has_values_to_choose(server: Prometheus, variable: dict[str, Any]) -> None:
    selector, label = re.fullmatch(r"label_values\((.+), (\w+)\)", variable["definition"]).groups()  # type: ignore[union-attr]
    chosen = server.instant(f"group by ({label}) ({asked(selector, 'trouble|empty')})")

    assert label == variable["name"]
    assert any(sample.labels.get(label) for sample in chosen)


def test_a_provider_can_be_chosen_by_its_page_alone(server: Prometheus) -> None:
    (definition,) = (row["definition"] for row in BOARD["templating"]["list"] if row["name"] == "provider")
    selector = definition.removeprefix("label_values(").removesuffix(", provider)")
    chosen = server.instant(f"group by (provider) ({asked(selector, 'trouble')})")

    assert sorted(sample.labels["provider"] for sample in chosen) == ["anthropic", "cohere", "mistral_ai", "openai"]


def test_open_incidents_shade_the_graphs(server: Prometheus) -> None:
    (band,) = BOARD["annotations"]["list"]
    samples = history(server, asked(band["expr"], "trouble"))

    assert {sample.labels["name"] for sample in samples} == {"Elevated errors", "Console is slow"}
    assert set(re.findall(r"{{(\w+)}}", band["titleFormat"] + band["textFormat"])) <= set(samples[0].labels)
    assert history(server, asked(band["expr"], "empty")) == []
