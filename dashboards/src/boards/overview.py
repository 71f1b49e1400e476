"""The Overview: is it them or us, for three providers or for 150, to be answered in three seconds.

From the top: counts, worst providers, a map of all, what happened when, how much failed by whose fault.
"""

from __future__ import annotations

from dashboards.src import grafana as g
from dashboards.src import looks, shared
from dashboards.src.boards import headline
from dashboards.src.frame import board, choice
from dashboards.src.queries import overview as promql
from dashboards.src.queries.common import NO_INCIDENT, began


def dashboard() -> g.Json:
    return board(
        "overview",
        "Overview",
        "Is it them or us: what probes find at AI providers, beside what their status pages admit.",
        g.grid(
            (
                4,
                [
                    (3, headline.troubled()),
                    (5, headline.failing()),
                    (3, headline.red_pages()),
                    (3, headline.silent()),
                    (3, headline.lonely()),
                    (3, headline.blind()),
                    (2, headline.egress()),
                    (2, headline.budget()),
                ],
            ),
            (7, [(24, worst())]),
            (8, [(24, provider_map())]),
            (11, [(14, history()), (10, incidents())]),
            g.row(17, "How much, and how slow"),
            (9, [(12, faults()), (12, shares())]),
            (9, [(12, first_token()), (12, disagreement())]),
        ),
        choices=(choice("others", "Timeline", {"in trouble": "^$", "all providers": ".+"}),),
    )


def worst() -> g.Json:
    named = {
        "provider": "Provider",
        "Value #A": "For us",
        "Value #B": "Their page",
        "Value #C": "Failing 15 min",
        "Value #D": "p95 first token 15 min",
        "Value #E": "Since",
        "failure": "Last failure",
        "fault": "Fault",
        "verdict": "Verdict",
        "reason": "Why",
    }
    return g.table(
        8,
        "Wants a look, worst first",
        "Providers in trouble for us or by their own page, or of which something cannot be told; the name leads on.",
        [
            g.rows(expression)
            for expression in (
                promql.WORST,
                promql.WORST_PAGES,
                promql.WORST_SHARES,
                promql.WORST_FIRST_TOKEN,
                promql.WORST_SINCE,
                promql.WORST_VERDICTS_OF_THESE,
                promql.WORST_FAILURES,
            )
        ],
        none="no data: no exporter reports on these providers",
        overrides=[
            g.column("Provider", 150, links=g.provider_link(g.OF_CELL)),
            g.status_column("For us", 170, looks.STATUS_MAPPING, noValue="not probed"),
            g.status_column("Their page", 170, looks.STATUS_MAPPING, noValue="not read"),
            g.column("Failing 15 min", 120, unit="percentunit", decimals=0),
            g.column("p95 first token 15 min", 180, unit="s"),
            g.column("Since", 130, unit="dateTimeFromNow"),
            g.column("Last failure", 150),
            g.column("Fault", 90),
            g.column("Verdict", 100),
            g.override("Why"),
        ],
        transformations=g.columns(named, "-For us", "-Their page"),
    )


def incidents() -> g.Json:
    named = {
        "url": "Link",
        "provider": "Provider",
        "name": "Incident",
        "Value #A": "Impact",
        "Value #B": "Began",
        "status": "Status",
    }
    return g.table(
        9,
        "Open incidents",
        "Incidents that status pages hold open now, worst first, with links to what the providers say.",
        [g.rows(NO_INCIDENT), g.rows(began())],
        none="unknown: no page was read",
        overrides=[
            *shared.incident_columns(),
        ],
        transformations=g.columns(named, "-Impact", "Began"),
    )


def provider_map() -> g.Json:
    return g.stat(
        11,
        "All providers, worst first",
        "The worse of what our probes find and what the page says, by the first ten letters of the name: "
        "grey is unknown, a click opens the provider.",
        [g.instant(promql.MAP, "{{short}}")],
        none="no data: no exporter reports on these providers",
        mappings=looks.STATUS_MAPPING,
        links=g.provider_link(g.OF_LABEL),
        options={"textMode": "name"},
    )


def history() -> g.Json:
    return g.timeline(
        12,
        "Who was down for us, and what they admitted",
        "What our probes find from each location and below it what the page says, first for those in trouble now, "
        "then for those in trouble earlier in this time range.",
        [
            g.query(promql.TIMELINE_NOW, "{{provider}}: {{side}}"),
            g.query(promql.TIMELINE_EARLIER, "{{provider}}: {{side}}"),
            g.query(promql.TIMELINE_OTHERS, "{{provider}}: {{side}}"),
            g.query(promql.TIMELINE_CALM, "{{provider}}"),
        ],
        none="no data: no exporter reports on these providers",
        mappings=looks.STATUS_MAPPING,
    )


def faults() -> g.Json:
    return g.counts(
        13,
        "Failed probes by whose fault",
        "Each bar counts the runs that failed since the bar before, by who can mend it; only the provider's "
        "count against it.",
        [g.query(promql.FAULTS, "{{fault}}")],
        none="unknown: no probe has run",
        overrides=shared.faults(),
    )


def shares() -> g.Json:
    return g.rates(
        14,
        "Error rate, worst eight providers",
        "Share of runs that the provider failed, of those that could tell, over 5 minutes or one step of the graph.",
        [g.query(promql.SHARES, "{{provider}} {{location}} {{tier}}"), g.query(promql.SHARES_CALM, "{{provider}}")],
        none="unknown: no probe can tell",
        unit="percentunit",
        max=1,
        overrides=[g.override("all providers", color=g.fixed(looks.GREY))],
    )


def first_token() -> g.Json:
    return g.rates(
        15,
        "Mean time to first token, slowest eight providers",
        "How long successful runs waited for the first token, over 5 minutes or one step; quantiles stand on "
        "the Provider board.",
        [g.query(promql.FIRST_TOKEN, "{{provider}}")],
        none="no answer was timed",
        unit="s",
    )


def disagreement() -> g.Json:
    kinds = [
        g.like("unacknowledged$", color=g.fixed(looks.RED)),
        g.like("unobserved$", color=g.fixed(looks.SKY)),
    ]
    return g.counts(
        16,
        "Time in which probes and page disagreed",
        "Seconds since the bar before in which probes failed and the page was green, or the page was red and "
        "probes were fine.",
        [g.query(promql.DISAGREEMENT, "{{provider}}: {{kind}}")],
        none="no disagreement is on record",
        unit="s",
        overrides=kinds,
    )
