"""What a configuration would do and what that may cost at most, for `check-config`."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ai_provider_exporter import prices
from ai_provider_exporter.config import Settings
from ai_provider_exporter.options import format_duration
from ai_provider_exporter.pages.options import PageOptions
from ai_provider_exporter.prices import Price
from ai_provider_exporter.probes.options import ApiOptions, ProbeOptions

Quote = Callable[[ApiOptions], Price | None]


def worst_case(options: ProbeOptions, quote: Quote) -> float | None:
    """US dollars that one run may cost at most; None if nobody knows the price."""
    if not isinstance(options, ApiOptions):
        return 0.0
    price = quote(options)
    return None if price is None else prices.worst_case(*options.most_tokens, price)


def projected_month(settings: Settings, quote: Quote) -> float:
    """US dollars a month at most, of the probes whose price is known."""
    worst = ((probe, worst_case(probe, quote)) for probe in settings.probes)
    return sum(prices.projected_month(probe.interval, usd) for probe, usd in worst if usd)


def as_text(settings: Settings, quote: Quote) -> str:
    month = projected_month(settings, quote)
    return "\n".join(
        [
            f"{len(settings.probes)} probes, at most ${month:.2f} a month",
            *_table(_probe_row(probe, quote) for probe in settings.probes),
            f"{len(settings.pages)} status pages",
            *_table(_page_row(page) for page in settings.pages),
        ]
    )


def _probe_row(probe: ProbeOptions, quote: Quote) -> tuple[str, ...]:
    usd = worst_case(probe, quote)
    cost = "price unknown" if usd is None else f"${prices.projected_month(probe.interval, usd):.2f}/month"
    what = " ".join(part for part in (probe.provider, probe.kind, probe.id.model) if part)
    return (probe.name, f"every {format_duration(probe.interval)}", what, cost)


def _page_row(page: PageOptions) -> tuple[str, ...]:
    return (page.provider, f"every {format_duration(page.interval)}", page.places[0].url)


def _table(rows: Iterable[tuple[str, ...]]) -> list[str]:
    cells = list(rows)
    widths = [max(len(row[column]) for row in cells) for column in range(len(cells[0]))] if cells else []
    return ["  " + "  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in cells]
