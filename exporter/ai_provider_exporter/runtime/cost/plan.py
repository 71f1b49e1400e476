"""What a configuration would do and what that may cost at most, for `check-config`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from ai_provider_exporter.config.settings import Settings
from ai_provider_exporter.probes import prices
from ai_provider_exporter.probes.module import Module
from ai_provider_exporter.probes.options import ApiOptions, ProbeOptions
from ai_provider_exporter.probes.prices import Price
from ai_provider_exporter.reports.options import ReportsOptions
from ai_provider_exporter.runtime.cost.budget import Period
from ai_provider_exporter.schema.types import count, format_duration, format_usd
from ai_provider_exporter.status_pages.options import PageOptions

Quote = Callable[[ApiOptions], Price | None]


def max_cost(options: ProbeOptions, quote: Quote) -> float | None:
    """US dollars that one run may cost at most; None if nobody knows. Who sends no credential is sent no bill."""
    if not isinstance(options, ApiOptions):
        return 0.0
    unknown = None if options.has_credential else 0.0
    if options.max_tokens is None:
        return options.price.per_request if options.price and options.price.per_request else unknown
    price = quote(options)
    return unknown if price is None else prices.max_cost(*options.max_tokens, price)


def projected(settings: Settings, quote: Quote) -> dict[Period, float]:
    """US dollars a day and a month at most, of the probes whose price is known."""
    priced = [(probe.interval, max_cost(probe, quote) or 0.0) for probe in settings.probes]
    return {
        "day": sum(prices.projected_day(interval, usd) for interval, usd in priced),
        "month": sum(prices.projected_month(interval, usd) for interval, usd in priced),
    }


def over_budget(settings: Settings, quote: Quote) -> dict[str, str]:
    """Key of the budget -> what is wrong with it; empty if the plan fits."""
    plan, budget = projected(settings, quote), settings.budget
    limits: dict[str, tuple[Period, float | None]] = {
        "daily_usd": ("day", budget.daily_usd),
        "monthly_usd": ("month", budget.monthly_usd),
    }
    return {
        key: f"{format_usd(limit)} is less than the {format_usd(plan[period])} a {period} "
        "that the probes may cost at most; raise it, or probe less often"
        for key, (period, limit) in limits.items()
        if limit is not None and plan[period] > limit
    }


def as_text(settings: Settings, quote: Quote) -> str:
    return "\n".join(
        [
            f"{count(len(settings.probes), 'probe')}{_cost(settings, quote)}",
            *_table(_probe_row(probe, quote) for probe in settings.probes),
            count(len(settings.pages), "status page"),
            *_table(_page_row(page) for page in settings.pages),
            *(_reports(settings.reports) if settings.reports else []),
            *(_modules(settings, quote) if settings.modules else []),
            *_notes(settings, quote),
        ]
    )


def _cost(settings: Settings, quote: Quote) -> str:
    """What all probes may cost; of those without a price nothing is known, which is not nothing."""
    unknown = sum(max_cost(probe, quote) is None for probe in settings.probes)
    usd = projected(settings, quote)
    parts = [f"at most {format_usd(usd['day'])} a day and {format_usd(usd['month'])} a month"]
    if unknown:
        parts = parts if unknown < len(settings.probes) else []
        parts.append(f"cost unknown for {unknown} of {count(len(settings.probes), 'probe')}")
    return "".join(f", {part}" for part in parts) if settings.probes else ""


def _reports(reports: Sequence[ReportsOptions]) -> list[str]:
    rows = ((r.provider, f"every {format_duration(r.interval)}", r.source, r.base_url) for r in reports)
    return [count(len(reports), "source") + " of reports", *_table(rows)]


def _modules(settings: Settings, quote: Quote) -> list[str]:
    """How many targets there will be is not known here: what they may cost is for the budget to hold."""
    modules = settings.modules.values()
    return [f"{count(len(modules), 'module')}, run on request", *_table(_module_row(m, quote) for m in modules)]


def _notes(settings: Settings, quote: Quote) -> list[str]:
    paid = [*settings.probes, *(module.options for module in settings.modules.values())]
    unknown = [probe.name for probe in paid if max_cost(probe, quote) is None]
    return [text for text in (_unpriced(settings, quote, unknown), settings.budget.notice) if text]


def _unpriced(settings: Settings, quote: Quote, unknown: Sequence[str]) -> str:
    """What holds the runs whose price nobody knows; empty if there are none."""
    if not unknown:
        return ""
    runs = sum(prices.runs_per_day(probe.interval) for probe in settings.probes if max_cost(probe, quote) is None)
    limit = settings.budget.unpriced_runs_per_day
    return (
        f"no price is known for {', '.join(unknown)}: {runs:.0f} runs a day, of which budget.unpriced_runs_per_day "
        f"lets {limit} take place; write price: for them"
    )


def _probe_row(probe: ProbeOptions, quote: Quote) -> tuple[str, ...]:
    usd = max_cost(probe, quote)
    cost = "price unknown" if usd is None else f"{format_usd(prices.projected_month(probe.interval, usd))}/month"
    what = " ".join(part for part in (probe.provider, probe.kind, probe.id.model) if part)
    return (probe.name, f"every {format_duration(probe.interval)}", what, cost)


def _module_row(module: Module, quote: Quote) -> tuple[str, ...]:
    usd = max_cost(module.options, quote)
    cost = "price unknown" if usd is None else f"at most {format_usd(usd)} a run"
    pace = f"every {format_duration(module.min_interval)} at most"
    return (module.name, pace, f"{module.options.provider} {module.options.kind}", cost, ", ".join(module.hosts))


def _page_row(page: PageOptions) -> tuple[str, ...]:
    return (page.provider, f"every {format_duration(page.interval)}", page.places[0].url)


def _table(rows: Iterable[tuple[str, ...]]) -> list[str]:
    cells = list(rows)
    widths = [max(len(row[column]) for row in cells) for column in range(len(cells[0]))] if cells else []
    return ["  " + "  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in cells]
