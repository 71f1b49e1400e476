"""What probing costs, and how near to the provider's limits it comes."""

from __future__ import annotations

from dashboards.src import grafana as g
from dashboards.src import looks
from dashboards.src.frame import board
from dashboards.src.queries import cost as promql

NO_BUDGET = "no budget is set"
UNPRICED = "no price is known"
LEFT_STEPS = looks.thresholds((None, looks.RED), (0.1, looks.ORANGE), (0.3, looks.GREEN))


def dashboard() -> g.Json:
    return board(
        "cost",
        "Cost and limits",
        "What probing costs, whether the budget holds, and how near to the providers' rate limits it comes.",
        g.grid(
            (4, [(6, spent()), (5, used()), (4, exhausted()), (5, a_month()), (4, unpriced())]),
            (9, [(12, by_provider()), (12, by_probe())]),
            (8, [(12, tokens()), (12, skipped())]),
            g.row(10, "Limits of the providers"),
            (10, [(12, limits()), (12, headroom())]),
            (8, [(12, limited()), (12, waits())]),
        ),
    )


def spent() -> g.Json:
    return g.stat(
        1,
        "Spent, and the limit",
        "What probing has cost or reserved in the present day and month, beside what it may cost, over the "
        "chosen exporters.",
        [g.instant(promql.SPENT, "spent, {{period}}"), g.instant(promql.LIMIT, "limit, {{period}}")],
        none=NO_BUDGET,
        unit="currencyUSD",
        decimals=2,
        thresholds=looks.PLAIN,
        options={"textMode": "value_and_name", "colorMode": "none"},
    )


def used() -> g.Json:
    steps = looks.thresholds((None, looks.GREEN), (0.8, looks.ORANGE), (1, looks.RED))
    return g.bars(
        2,
        "Used of the budget",
        "Share of the budget of each period that is spent or reserved, by exporter.",
        [g.instant(promql.USED, "{{instance}} {{period}}")],
        none=NO_BUDGET,
        unit="percentunit",
        decimals=0,
        max=1,
        thresholds=steps,
    )


def exhausted() -> g.Json:
    return g.stat(
        3,
        "Exporters out of budget",
        "Exporters that skip paid probes because their budget is spent: their providers are watched less closely.",
        [g.instant(promql.EXHAUSTED)],
        none=NO_BUDGET,
        thresholds=looks.NONE_IS_WELL,
    )


def a_month() -> g.Json:
    return g.stat(
        4,
        "A month at this rate",
        "Thirty times what the chosen probes cost in the last 24 hours, where the price is known.",
        [g.instant(promql.A_MONTH)],
        none=UNPRICED,
        unit="currencyUSD",
        decimals=2,
        thresholds=looks.PLAIN,
        options={"colorMode": "none"},
    )


def unpriced() -> g.Json:
    return g.stat(
        5,
        "Price unknown",
        "Probes of paid kinds for which no cost is on record: their price is unknown and not in the sums.",
        [g.instant(promql.UNPRICED)],
        none="no probe has run",
        thresholds=looks.NONE_IS_USUAL,
    )


def by_provider() -> g.Json:
    return g.counts(
        6,
        "Cost by provider",
        "Each bar is what probing cost since the bar before, in US dollars, where the price is known.",
        [g.query(promql.BY_PROVIDER, "{{provider}}")],
        none=UNPRICED,
        unit="currencyUSD",
    )


def by_probe() -> g.Json:
    return g.bars(
        7,
        "Cost of the last 24 hours, dearest fifteen probes",
        "What each probe cost in the last 24 hours over all its locations, whatever the time range.",
        [g.instant(f"sort_desc({promql.BY_PROBE})", "{{probe}} {{model}}")],
        none=UNPRICED,
        unit="currencyUSD",
        thresholds=looks.thresholds((None, looks.SKY)),
    )


def tokens() -> g.Json:
    return g.counts(
        8,
        "Tokens",
        "Each bar counts the tokens since the bar before, by type, as the provider counts them.",
        [g.query(promql.TOKENS, "{{type}}")],
        none="no provider has counted tokens",
    )


def skipped() -> g.Json:
    return g.counts(
        9,
        "Runs that did not take place",
        "Each bar counts the skipped runs since the bar before, by cause: budget, backoff, pause or shutdown.",
        [g.query(promql.SKIPPED, "{{cause}}")],
        none="no skipped run is on record",
    )


def limits() -> g.Json:
    named = {
        "provider": "Provider",
        "probe": "Probe",
        "tier": "Tier",
        "limit": "Limit of",
        "Value #A": "Limit",
        "Value #B": "Left",
        "Value #C": "Whole again",
    }
    return g.table(
        11,
        "Rate limits as the providers state them",
        "The limit, what is left of it, and when it is whole again, from the headers of the last answers.",
        [g.rows(expression) for expression in (promql.STATED, promql.REMAINING, promql.RESET)],
        none="no provider states limits",
        overrides=[
            g.column("Provider", 110, links=g.provider_link(g.OF_CELL)),
            g.column("Tier", 70),
            g.column("Limit of", 90),
            g.column("Limit", 90, unit="short"),
            g.column("Left", 90, unit="short"),
            g.column("Whole again", 120, unit="dateTimeFromNow", noValue="not said"),
        ],
        transformations=g.columns(named, "Left"),
    )


def headroom() -> g.Json:
    return g.bars(
        12,
        "Left of the limits, least first",
        "Share of each rate limit that is left, as the provider states it: the twenty nearest to their end.",
        [g.instant(f"sort({promql.HEADROOM})", "{{probe}}: {{limit}}")],
        none="no provider states limits",
        unit="percentunit",
        decimals=0,
        max=1,
        thresholds=LEFT_STEPS,
    )


def limited() -> g.Json:
    return g.counts(
        13,
        "Runs refused for a limit",
        "Each bar counts the runs since the bar before that a rate limit, a throttle or a spent quota refused.",
        [g.query(promql.LIMITED, "{{provider}}: {{reason}}")],
        none="no refusal for a limit is on record",
    )


def waits() -> g.Json:
    return g.graph(
        14,
        "Wait that the last answer asked for",
        "Seconds for which the provider asked us to wait in its last answer.",
        [g.query(promql.WAITS, "{{probe}}")],
        none="no answer asked us to wait",
        unit="s",
    )
