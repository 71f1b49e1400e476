from __future__ import annotations

from pathlib import Path

import pytest
from ai_provider_exporter import catalog
from ai_provider_exporter.config.load import load_settings
from ai_provider_exporter.config.settings import Settings
from ai_provider_exporter.probes.options import ApiOptions
from ai_provider_exporter.probes.prices import Price
from ai_provider_exporter.runtime.cost import plan

CATALOG = catalog.load()
CHAT = "name: a, provider: openai, kind: chat, base_url: 'http://127.0.0.1:1/v1'"


def _load(tmp_path: Path, text: str) -> Settings:
    path = tmp_path / "config.yaml"
    path.write_text(text)
    return load_settings(path, {}, CATALOG)


def _dollar_a_token(options: ApiOptions) -> Price | None:
    return Price(input_per_mtok=1e6, output_per_mtok=1e6)


def test_a_run_costs_at_most_its_prompt_and_its_output_limit(tmp_path: Path) -> None:
    (probe,) = _load(tmp_path, f"probes: [{{{CHAT}, prompt: 'abc', max_output_tokens: 10}}]").probes

    assert plan.max_cost(probe, _dollar_a_token) == 3 + 64 + 10


@pytest.mark.parametrize(
    ("probe", "expected"),
    [
        pytest.param("name: a, provider: openai, kind: models", 0.0, id="a list of models is free"),
        pytest.param("name: a, provider: openai, kind: http, url: 'http://127.0.0.1:1/'", 0.0, id="so is a web page"),
        pytest.param("name: a, provider: openai, kind: image, model: m, interval: 1d", None, id="a picture, unpriced"),
        pytest.param(
            "name: a, provider: openai, kind: image, model: m, interval: 1d, price: {per_request: 0.04}",
            0.04,
            id="a picture that costs four cents",
        ),
    ],
)
def test_what_is_not_billed_by_the_token_costs_what_it_says(tmp_path: Path, probe: str, expected: float | None) -> None:
    (options,) = _load(tmp_path, f"probes: [{{{probe}}}]").probes

    assert plan.max_cost(options, _dollar_a_token) == expected


def test_a_plan_is_projected_over_a_day_and_the_longest_month(tmp_path: Path) -> None:
    settings = _load(tmp_path, f"probes: [{{{CHAT}, interval: 1h, prompt: 'abc', max_output_tokens: 10}}]")

    assert plan.projected(settings, _dollar_a_token) == {"day": 24 * 77, "month": 31 * 24 * 77}


def test_a_plan_over_budget_names_the_key_the_limit_and_the_plan(tmp_path: Path) -> None:
    settings = _load(tmp_path, f"budget: {{daily_usd: 5, monthly_usd: 100000}}\nprobes: [{{{CHAT}, interval: 1h}}]")

    assert plan.over_budget(settings, _dollar_a_token) == {
        "daily_usd": "$5.00 is less than the $2448.00 a day that the probes may cost at most; "
        "raise it, or probe less often"
    }


def test_a_price_that_nobody_knows_is_said(tmp_path: Path) -> None:
    text = plan.as_text(_load(tmp_path, f"probes: [{{{CHAT}, api_key: {{env: K}}}}]"), lambda _: None)

    assert "a  every 1m  openai chat gpt-6-luna  price unknown" in text
    assert "no price is known for a: 1440 runs a day, of which budget.unpriced_runs_per_day lets 200 take place" in text


def test_who_sends_no_credential_is_sent_no_bill(tmp_path: Path) -> None:
    text = plan.as_text(_load(tmp_path, f"probes: [{{{CHAT}}}]"), lambda _: None)

    assert "no price is known" not in text


def test_sources_of_reports_are_told_where_there_are_any(tmp_path: Path) -> None:
    source = "reports: [{provider: openai, source: hackernews, interval: 10m}]"

    told, untold = (plan.as_text(_load(tmp_path, text), lambda _: None) for text in (source, "probes: []"))

    assert "1 source of reports\n  openai  every 10m  hackernews  https://hn.algolia.com/api/v1" in told
    assert "reports" not in untold
