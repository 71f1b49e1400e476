"""Impact: how our own requests fare, beside what probes and pages say."""

from __future__ import annotations

from dashboards.src import grafana as g
from dashboards.src import looks
from dashboards.src.frame import board
from dashboards.src.queries import impact as promql

INSTALL = "no traffic is recorded: load alerts/rules/traffic for LiteLLM, OpenTelemetry or Envoy AI Gateway"
UNKNOWN = "unknown: no traffic is recorded"
SHARE_STEPS = looks.thresholds((None, looks.GREEN), (0.05, looks.ORANGE), (0.2, looks.RED))


def dashboard() -> g.Json:
    return board(
        "impact",
        "Impact",
        "How our own requests fare at each provider, beside what probes find and what pages say.",
        g.grid(
            (4, [(5, requests()), (5, lost()), (4, share()), (5, hit()), (5, unexplained())]),
            (10, [(24, comparison())]),
            (9, [(12, shares()), (12, lost_over_time())]),
            (8, [(24, requests_over_time())]),
        ),
    )


def requests() -> g.Json:
    return g.stat(
        1,
        "Our requests",
        "Requests per second of our applications to the chosen providers.",
        [g.instant(promql.ALL_REQUESTS)],
        none=INSTALL,
        unit="reqps",
        thresholds=looks.PLAIN,
        options={"colorMode": "none"},
    )


def lost() -> g.Json:
    return g.stat(
        2,
        "Requests that fail a minute",
        "Requests of our applications that fail each minute, whoever's fault it is.",
        [g.instant(promql.ALL_LOST)],
        none=UNKNOWN,
        unit="short",
        decimals=0,
        thresholds=looks.NONE_IS_USUAL,
    )


def share() -> g.Json:
    return g.stat(
        3,
        "Share that fails",
        "Share of all our requests that fail, weighted by how many go to each provider.",
        [g.instant(promql.ALL_SHARE)],
        none=UNKNOWN,
        unit="percentunit",
        decimals=1,
        thresholds=SHARE_STEPS,
    )


def hit() -> g.Json:
    return g.stat(
        4,
        "Providers that fail our requests",
        "Providers at which at least one in twenty of our requests fails.",
        [g.instant(promql.HIT)],
        none=UNKNOWN,
        thresholds=looks.NONE_IS_WELL,
    )


def unexplained() -> g.Json:
    return g.stat(
        5,
        "Failing, but probes are fine",
        "Providers at which our requests fail while probes find nothing: look at our own requests, models "
        "and limits first.",
        [g.instant(promql.UNEXPLAINED)],
        none=UNKNOWN,
        thresholds=looks.NONE_IS_USUAL,
    )


def comparison() -> g.Json:
    named = {
        "provider": "Provider",
        "Value #A": "Requests",
        "Value #B": "Fail",
        "Value #C": "Failing a minute",
        "Value #D": "Probes fail",
        "Value #E": "Probes find",
        "Value #F": "Their page",
    }
    shown = {"type": "color-background", "mode": "basic"}
    return g.table(
        6,
        "Our requests, our probes and their page, worst first",
        "What our own requests meet at each provider, what our probes meet in the last 15 minutes, and what "
        "the page says.",
        [
            g.rows(expression)
            for expression in (
                promql.REQUESTS,
                promql.SHARE,
                promql.LOST,
                promql.PROBES_NOW,
                promql.OBSERVED_HERE,
                promql.PAGE_HERE,
            )
        ],
        none=INSTALL,
        overrides=[
            g.override("Provider", links=g.provider_link(g.OF_CELL)),
            g.column("Requests", 130, unit="reqps"),
            g.column("Fail", 110, unit="percentunit", decimals=1, thresholds=SHARE_STEPS, custom__cellOptions=shown),
            g.column("Failing a minute", 140, unit="short", decimals=1),
            g.column("Probes fail", 130, unit="percentunit", decimals=1, noValue="cannot be told"),
            g.status_column("Probes find", 170, looks.STATUS_MAPPING, noValue="not probed"),
            g.status_column("Their page", 170, looks.STATUS_MAPPING, noValue="not read"),
        ],
        transformations=g.columns(named, "-Failing a minute", "-Fail"),
    )


def shares() -> g.Json:
    dashed = {"fill": "dash", "dash": [8, 6]}
    return g.rates(
        7,
        "Error rate of requests and of probes, worst eight providers",
        "Share of our requests that fail, and dashed the share of probes that the provider fails, over 5 "
        "minutes or one step.",
        [
            g.query(promql.SHARE_OVER_TIME, "requests to {{provider}}"),
            g.query(promql.PROBES_OVER_TIME, "probes of {{provider}}"),
        ],
        none=INSTALL,
        unit="percentunit",
        max=1,
        overrides=[g.like("^probes", custom__lineStyle=dashed)],
    )


def lost_over_time() -> g.Json:
    return g.graph(
        8,
        "Failing requests a minute, worst eight providers",
        "Requests of our applications that fail each minute: what an outage costs our users.",
        [g.query(promql.LOST_OVER_TIME, "{{provider}}")],
        none=INSTALL,
        unit="short",
    )


def requests_over_time() -> g.Json:
    return g.graph(
        9,
        "Our requests, busiest ten providers",
        "Requests per second of our applications: a fall may be users who gave up, or a gateway that routes round.",
        [g.query(promql.REQUESTS_OVER_TIME, "{{provider}}")],
        none=INSTALL,
        unit="reqps",
    )
