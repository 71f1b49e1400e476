"""One provider in depth: how slow, what fails, what the page says, and our own traffic."""

from __future__ import annotations

from dashboards.src import grafana as g
from dashboards.src import looks
from dashboards.src.boards import provider_failures, provider_speed
from dashboards.src.boards.overview import incidents
from dashboards.src.frame import board
from dashboards.src.queries import provider as promql

NO_REPORTS = "no source of reports"


def dashboard() -> g.Json:
    return board(
        "provider",
        "Provider",
        "One provider in depth: how slow, what fails and by whose fault, what its page says, and our own traffic.",
        g.grid(
            (4, [(6, observed()), (6, page()), (8, verdict()), (4, since())]),
            (5, [(4, runs()), (6, reports()), (4, second_opinion()), (10, episodes())]),
            g.row(10, "How slow"),
            (8, [(12, provider_speed.first_token_heatmap()), (12, provider_speed.duration_heatmap())]),
            (9, [(12, provider_speed.first_token()), (12, provider_speed.durations())]),
            (8, [(8, provider_speed.phases()), (8, provider_speed.slow()), (8, provider_speed.stalls())]),
            (8, [(12, provider_speed.first_answer()), (12, provider_speed.server_reported())]),
            g.row(20, "What fails"),
            (8, [(12, provider_failures.faults()), (12, provider_failures.reasons())]),
            (8, [(12, provider_failures.shares()), (12, provider_failures.last_failures())]),
            (
                7,
                [
                    (8, provider_failures.answers()),
                    (8, provider_failures.status_codes()),
                    (8, provider_failures.attempts()),
                ],
            ),
            g.row(30, "What the page says, our limits and our own traffic"),
            (9, [(12, incidents()), (12, components())]),
            (8, [(8, headroom()), (8, traffic()), (8, errors())]),
        ),
    )


def observed() -> g.Json:
    return g.stat(
        1,
        "For us, by location",
        "What our probes find from each location: unknown is neither up nor down.",
        [g.instant(promql.OBSERVED_BY_LOCATION, "{{location}}")],
        none="not probed",
        mappings=looks.STATUS_MAPPING,
        options={"textMode": "value_and_name"},
    )


def page() -> g.Json:
    return g.stat(
        2,
        "Their page",
        "The worst of what the status page says: indicator, components, open incidents; beside it the indicator alone.",
        [g.instant(promql.PAGE_NOW, "all of it"), g.instant(promql.INDICATOR, "indicator")],
        none="no page is read",
        mappings=looks.STATUS_MAPPING,
        options={"textMode": "value_and_name"},
    )


def verdict() -> g.Json:
    return g.stat(
        3,
        "What all evidence together says",
        "The exporter's verdict with its reason, from probes of every fault, the page, other providers and "
        "our own egress.",
        [g.instant(promql.VERDICT, "{{verdict}}: {{reason}}")],
        none="no verdict is given",
        thresholds=looks.PLAIN,
        options={"textMode": "name", "colorMode": "none"},
    )


def episodes() -> g.Json:
    named = {
        "location": "Location",
        "kind": "Kind",
        "model": "Model",
        "region": "Region",
        "tier": "Tier",
        "endpoint_host": "Endpoint",
        "Value": "Since",
    }
    return g.table(
        8,
        "Parts in an open episode",
        "What of the provider fails, whoever's fault it is, and since when; a part that is not named fails everywhere.",
        [g.rows(promql.EPISODES)],
        none="no probe has run",
        overrides=[
            g.column("Location", 85),
            g.column("Kind", 90),
            g.column("Region", 75),
            g.column("Tier", 60),
            g.column("Since", 110, unit="dateTimeFromNow", mappings=looks.mapping({0: ("-", "transparent")})),
        ],
        transformations=g.columns(named, "Since"),
    )


def since() -> g.Json:
    return g.stat(
        4,
        "In trouble since",
        "When the present trouble began, by location; one success in between does not end it.",
        [g.instant(promql.SINCE, "{{location}}")],
        none="no trouble is on record",
        unit="dateTimeFromNow",
        thresholds=looks.PLAIN,
        options={"colorMode": "none"},
    )


def runs() -> g.Json:
    steps = looks.thresholds((None, looks.RED), (0.5, looks.ORANGE), (1, looks.GREEN))
    return g.stat(
        5,
        "Runs that succeed",
        "Share of the probes whose last run succeeded, whoever's fault the others are.",
        [g.instant(promql.RUNS)],
        none="no probe has run",
        unit="percentunit",
        decimals=0,
        thresholds=steps,
    )


def reports() -> g.Json:
    return g.stat(
        6,
        "User reports in 15 minutes",
        "Complaints of users as each source counts them, and what is usual at this time.",
        [g.instant(promql.REPORTS, "{{source}}"), g.instant(promql.REPORTS_USUAL, "{{source}} usual")],
        none=NO_REPORTS,
        thresholds=looks.PLAIN,
        options={"textMode": "value_and_name", "colorMode": "none"},
    )


def second_opinion() -> g.Json:
    return g.stat(
        7,
        "Second opinion",
        "How others who watch this provider find it.",
        [g.instant(promql.SECOND_OPINION, "{{source}}")],
        none=NO_REPORTS,
        mappings=looks.STATUS_MAPPING,
        options={"textMode": "value_and_name"},
    )


def components() -> g.Json:
    return g.timeline(
        31,
        "Components of the page",
        "What the status page says of each of its components.",
        [g.query(promql.COMPONENTS, "{{group}} {{component}} {{region}}")],
        none="no component is listed",
        mappings=looks.STATUS_MAPPING,
    )


def headroom() -> g.Json:
    steps = looks.thresholds((None, looks.RED), (0.1, looks.ORANGE), (0.3, looks.GREEN))
    return g.bars(
        32,
        "Rate limit left",
        "What is left of each rate limit as the provider states it, and the wait that its last answer asked for.",
        [g.instant(promql.HEADROOM, "{{probe}}: {{limit}}"), g.instant(promql.RETRY_AFTER, "{{probe}}: wait")],
        none="no limit is stated",
        unit="percentunit",
        max=1,
        thresholds=steps,
        overrides=[g.like("wait$", unit="s", thresholds=looks.PLAIN, max=120)],
    )


def traffic() -> g.Json:
    return g.graph(
        33,
        "Our own requests",
        "Requests per second that our applications send, from the recording rules for gateways.",
        [g.query(promql.TRAFFIC, "{{provider}}")],
        none="install alerts/rules/traffic for your gateway to see your own requests",
        unit="reqps",
        options=g.BELOW,
    )


def errors() -> g.Json:
    return g.rates(
        34,
        "Error rate: our own requests beside our probes",
        "Share of our applications' requests that fail, beside the share of probes that the provider fails.",
        [
            g.query(promql.TRAFFIC_SHARE, "requests to {{provider}}"),
            g.query(promql.PROBE_SHARE, "probes of {{provider}}"),
        ],
        none="neither requests nor probes can tell",
        unit="percentunit",
        max=1,
        options=g.BELOW,
    )
