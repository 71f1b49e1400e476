"""What a run costs, in US dollars.

Whose word counts: what the provider says it charged, else the price in the configuration, else the list of the
optional package `genai-prices` (https://github.com/pydantic/genai-prices), else the catalog's dated price of its
default model, else it is unknown: None, never 0.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from ai_provider_exporter.model.measurement import TokenType
from ai_provider_exporter.schema.types import Options

_DAY = 86400.0
_LONGEST_MONTH = 31
_MTOK = 1_000_000

Usd = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Price(Options):
    """US dollars; what is left out costs nothing, but at least one must be written: 0 says free of charge."""

    input_per_mtok: Usd = Field(default=0.0, description="US dollars per million input tokens")
    output_per_mtok: Usd = Field(default=0.0, description="US dollars per million output tokens")
    cached_input_per_mtok: Usd | None = Field(
        default=None, description="US dollars per million cached input tokens; null: as input"
    )
    per_request: Usd = Field(default=0.0, description="US dollars per request")

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("says no price; write input_per_mtok and output_per_mtok, 0 if it is free of charge")
        return self


@dataclass(frozen=True, slots=True)
class Quote:
    """A price and whose word it is; `price` is None exactly when the source is `unknown`."""

    price: Price | None
    source: Literal["configuration", "genai-prices", "catalog", "unknown"]


Catalog = Callable[[str, str], Price | None]
"""The price of a model by provider and model."""


def no_catalog(provider: str, model: str) -> None:
    """Knows no price."""


def quote(
    configured: Price | None,
    *,
    provider: str,
    base_url: str,
    model: str,
    now: float,
    catalog: Catalog = no_catalog,
    load: Callable[[str], Any] = import_module,
) -> Quote:
    """The price of a model that reads and writes text, called at `base_url`; the host says who sends the bill.

    The first call may import genai-prices (about a second, 100 MB): call it when the configuration is read.
    """
    if configured is not None:
        return Quote(configured, "configuration")
    try:
        listed = _listed(load("genai_prices"), base_url, model, now)
    except (ModuleNotFoundError, LookupError):  # not installed, or this host or model is not on its list
        listed = None
    if listed:
        return Quote(listed, "genai-prices")
    dated = catalog(provider, model)
    return Quote(dated, "catalog") if dated else Quote(None, "unknown")


def cost(tokens: Mapping[TokenType, int], price: Price | None, *, reported_usd: float | None = None) -> float | None:
    """What one run cost; None if unknown. `reported_usd`, the provider's own figure, comes first.

    `input` counts the cached tokens too, `output` the reasoning tokens.
    """
    if reported_usd is not None and 0 <= reported_usd < math.inf:
        return reported_usd
    if price is None or (price.input_per_mtok and "input" not in tokens):
        return None
    if price.output_per_mtok and "output" not in tokens:
        return None
    cached = min(tokens.get("cached", 0), tokens.get("input", 0))
    fresh = tokens.get("input", 0) - cached
    usd_per_mtok = (
        fresh * price.input_per_mtok + cached * _cached_rate(price) + tokens.get("output", 0) * price.output_per_mtok
    )
    return price.per_request + usd_per_mtok / _MTOK


def max_cost(input_tokens: int, max_output_tokens: int, price: Price) -> float:
    """What one run can cost at most, if there are no more input tokens and the output limit is kept."""
    dearest_input = max(price.input_per_mtok, _cached_rate(price))
    usd_per_mtok = input_tokens * dearest_input + max_output_tokens * price.output_per_mtok
    return price.per_request + usd_per_mtok / _MTOK


def runs_per_day(interval: float) -> float:
    """Of a probe that runs every `interval` seconds."""
    return _DAY / interval


def projected_day(interval: float, worst_usd: float) -> float:
    """US dollars a day of a probe that runs every `interval` seconds."""
    return runs_per_day(interval) * worst_usd


def projected_month(interval: float, worst_usd: float) -> float:
    """US dollars in the longest month, 31 days."""
    return _LONGEST_MONTH * projected_day(interval, worst_usd)


def _cached_rate(price: Price) -> float:
    return price.input_per_mtok if price.cached_input_per_mtok is None else price.cached_input_per_mtok


def _listed(genai_prices: Any, base_url: str, model: str, now: float) -> Price | None:
    """The dearest in the 24 hours from `now`, for some are cheaper by night; None without a price of text."""
    hours = [datetime.fromtimestamp(now, UTC) + timedelta(hours=hour) for hour in range(24)]
    prices = [
        genai_prices.calc_price(
            genai_prices.Usage(), model, provider_api_url=base_url, genai_request_timestamp=hour
        ).model_price
        for hour in hours
    ]
    if any(price.input_mtok is None for price in prices):
        return None
    return Price(
        input_per_mtok=max(_rate(price.input_mtok) for price in prices),
        output_per_mtok=max(_rate(price.output_mtok) for price in prices),
        per_request=max(_rate(price.requests_kcount) for price in prices) / 1000,
    )


def _rate(listed: Any) -> float:
    """Dollars of a listed rate; of tiers the base: the next begins at prompts far longer than a probe's."""
    return 0.0 if listed is None else float(getattr(listed, "base", listed))
