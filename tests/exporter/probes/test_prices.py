from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from ai_provider_exporter.model.measurement import TokenType
from ai_provider_exporter.probes.prices import (
    Price,
    Quote,
    cost,
    max_cost,
    projected_day,
    projected_month,
    quote,
)
from pydantic import ValidationError

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC).timestamp()
LUNA = Price(input_per_mtok=0.10, output_per_mtok=0.50)
CACHING = Price(input_per_mtok=1.0, cached_input_per_mtok=0.1, output_per_mtok=5.0)
SEARCH = Price(input_per_mtok=1.0, output_per_mtok=1.0, per_request=0.012)
EMBEDDING = Price(input_per_mtok=0.02)
FREE = Price(per_request=0.0)


@pytest.mark.parametrize(
    ("tokens", "price", "usd"),
    [
        pytest.param({"input": 20, "output": 16}, LUNA, 0.00001, id="input and output"),
        pytest.param({"input": 20, "output": 16, "reasoning": 12}, LUNA, 0.00001, id="reasoning is output"),
        pytest.param({"input": 20, "cached": 10, "output": 0}, CACHING, 0.000011, id="cached is input, cheaper"),
        pytest.param({"input": 20, "cached": 10, "output": 16}, LUNA, 0.00001, id="cached without its own price"),
        pytest.param({"input": 5, "cached": 10, "output": 0}, CACHING, 0.0000005, id="more cached than input"),
        pytest.param({"input": 20, "output": 16}, SEARCH, 0.012036, id="a fee for the request"),
        pytest.param({"input": 20}, EMBEDDING, 0.0000004, id="no output to pay for"),
        pytest.param({}, FREE, 0.0, id="free of charge"),
        pytest.param({"input": 20}, LUNA, None, id="output was not measured"),
        pytest.param({"output": 16}, LUNA, None, id="input was not measured"),
        pytest.param({"input": 20, "output": 16}, None, None, id="no price"),
    ],
)
def test_a_run_costs_what_its_tokens_cost(tokens: dict[TokenType, int], price: Price | None, usd: float | None) -> None:
    assert cost(tokens, price) == (usd if usd is None else pytest.approx(usd, rel=1e-9))


@pytest.mark.parametrize("price", [LUNA, None], ids=["configured", "unknown"])
def test_what_the_provider_says_it_charged_wins(price: Price | None) -> None:
    assert cost({"input": 20, "output": 16}, price, reported_usd=0.007) == 0.007


@pytest.mark.parametrize("told", [-1.0, float("nan"), float("inf")])
def test_a_told_charge_that_is_no_amount_of_money_is_passed_over(told: float) -> None:
    assert cost({"input": 20, "output": 16}, LUNA, reported_usd=told) == pytest.approx(0.00001)


@pytest.mark.parametrize(
    ("price", "usd"),
    [
        pytest.param(LUNA, 0.00001, id="input and output"),
        pytest.param(CACHING, 0.0001, id="nothing is cached"),
        pytest.param(Price(input_per_mtok=1.0, cached_input_per_mtok=2.0), 0.00004, id="all is, and dearer"),
        pytest.param(SEARCH, 0.012036, id="a fee for the request"),
        pytest.param(FREE, 0.0, id="free of charge"),
    ],
)
def test_the_worst_case_is_the_dearest_reading_of_the_price(price: Price, usd: float) -> None:
    assert max_cost(20, 16, price) == pytest.approx(usd, rel=1e-9)


def test_a_plan_is_projected_on_the_longest_month() -> None:
    assert projected_day(60, 0.0001) == pytest.approx(0.144)
    assert projected_month(60, 0.0001) == pytest.approx(4.464)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        pytest.param({}, "says no price; write input_per_mtok and output_per_mtok, 0 if it is free", id="empty"),
        pytest.param({"input_per_mtok": -1}, "greater than or equal to 0", id="negative"),
        pytest.param({"per_request": float("nan")}, "finite number", id="not a number"),
        pytest.param({"input": 1}, "Extra inputs are not permitted", id="unknown key"),
    ],
)
def test_what_is_no_price_is_refused(options: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        Price.model_validate(options)


# --- whose word counts ------------------------------------------------------------------------------------


@dataclass
class Rates:
    input_mtok: Any = None
    output_mtok: Any = None
    requests_kcount: Any = None


@dataclass
class Tiers:
    base: Decimal


class PriceList:
    """Has the shape of genai-prices: dearer from 01:00 to 04:00, and it knows one host and few models."""

    Usage = object

    def __init__(self, **models: Rates) -> None:
        self.models = models

    def calc_price(
        self, _usage: object, model: str, *, provider_api_url: str, genai_request_timestamp: datetime
    ) -> Any:
        if provider_api_url != "https://api.example":
            raise LookupError(provider_api_url)
        rates = self.models[model]
        night = 1 <= genai_request_timestamp.hour < 4
        self.model_price = Rates(rates.input_mtok, rates.output_mtok * 2, None) if night else rates
        return self


LISTED = PriceList(
    plain=Rates(Decimal("0.15"), Decimal("0.6")),
    tiers=Rates(Tiers(Decimal("0.1")), Decimal("0.5")),
    search=Rates(Decimal(1), Decimal(1), Decimal(12)),
    embedding=Rates(Decimal("0.02"), Decimal(0)),
    speech=Rates(None, Decimal(0)),
)


def listed(model: str, base_url: str = "https://api.example", configured: Price | None = None) -> Quote:
    return quote(
        configured, provider="acme", base_url=base_url, model=model, now=NOON, load={"genai_prices": LISTED}.__getitem__
    )


def test_a_configured_price_is_taken_before_the_list_is_even_loaded() -> None:
    def load(name: str) -> Any:
        raise AssertionError(name)

    assert quote(LUNA, provider="acme", base_url="", model="", now=NOON, load=load) == Quote(LUNA, "configuration")


@pytest.mark.parametrize(
    ("model", "price"),
    [
        pytest.param("plain", Price(input_per_mtok=0.15, output_per_mtok=1.2), id="the dearest hour of the day"),
        pytest.param("tiers", Price(input_per_mtok=0.1, output_per_mtok=1.0), id="the first tier"),
        pytest.param("search", Price(input_per_mtok=1, output_per_mtok=2, per_request=0.012), id="a fee"),
        pytest.param("embedding", Price(input_per_mtok=0.02, output_per_mtok=0), id="no output"),
    ],
)
def test_a_listed_price_is_taken_at_its_dearest(model: str, price: Price) -> None:
    found = listed(model)

    assert found.source == "genai-prices"
    assert max_cost(10**6, 10**6, found.price or FREE) == pytest.approx(max_cost(10**6, 10**6, price))


@pytest.mark.parametrize(
    ("model", "base_url"),
    [
        pytest.param("nobody-knows-it", "https://api.example", id="model"),
        pytest.param("plain", "http://vllm.internal:8000/v1", id="host"),
        pytest.param("speech", "https://api.example", id="not priced by text"),
    ],
)
def test_what_the_list_does_not_price_is_unknown(model: str, base_url: str) -> None:
    assert listed(model, base_url) == Quote(None, "unknown")


def not_installed(name: str) -> Any:
    raise ModuleNotFoundError(name)


def test_without_any_list_a_price_is_unknown() -> None:
    found = quote(None, provider="acme", base_url="", model="", now=NOON, load=not_installed)

    assert found == Quote(None, "unknown")


def test_the_catalog_has_the_last_word() -> None:
    def catalog(provider: str, model: str) -> Price | None:
        return LUNA if (provider, model) == ("acme", "luna") else None

    asked = partial(quote, None, base_url="https://api.example", now=NOON, catalog=catalog, load=not_installed)

    assert asked(provider="acme", model="luna") == Quote(LUNA, "catalog")
    assert asked(provider="acme", model="sol") == Quote(None, "unknown")


def test_the_real_list_prices_the_models_of_the_catalog() -> None:
    found = quote(None, provider="openai", base_url="https://api.openai.com/v1", model="gpt-6-luna", now=NOON)

    assert found.source == "genai-prices"
    assert found.price is not None
    assert 0 < found.price.input_per_mtok < found.price.output_per_mtok


@pytest.mark.parametrize(
    ("base_url", "model"),
    [
        pytest.param("https://api.openai.com/v1", "no-such-model", id="model"),
        pytest.param("http://vllm.internal:8000/v1", "gpt-6-luna", id="host"),
        pytest.param("https://api.groq.com/openai/v1", "whisper-large-v3", id="priced by the hour"),
    ],
)
def test_the_real_list_leaves_the_unknown_unknown(base_url: str, model: str) -> None:
    assert quote(None, provider="acme", base_url=base_url, model=model, now=NOON) == Quote(None, "unknown")


def test_the_list_is_not_loaded_by_importing_this_module() -> None:
    program = "import sys, ai_provider_exporter.probes.prices; sys.exit('genai_prices' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
