"""What fails at a provider, by fault and reason; panels of the Provider board."""

from __future__ import annotations

from dashboards.src import grafana as g
from dashboards.src import looks, shared
from dashboards.src.queries import provider as promql

PATH = "{{provider}} {{model}} {{location}} {{tier}}"


def faults() -> g.Json:
    return g.counts(
        21,
        "Failed probes by whose fault",
        "Each bar counts the runs that failed since the bar before, by who can mend it.",
        [g.query(promql.BY_FAULT, "{{fault}}")],
        none="no probe has run",
        overrides=shared.faults(),
    )


def reasons() -> g.Json:
    return g.counts(
        22,
        "Failed probes by reason",
        "Each bar counts the runs that failed since the bar before, by what went wrong; the exporter's "
        "reference lists the reasons.",
        [g.query(promql.BY_REASON, "{{reason}} ({{fault}})")],
        none="no failure is on record",
    )


def shares() -> g.Json:
    return g.rates(
        23,
        "Error rate, by model, location and tier",
        "Share of runs that the provider failed, of those that could tell, over 5 minutes or one step of the graph.",
        [g.query(promql.SHARE_BY_PATH, PATH)],
        none="no probe can tell",
        unit="percentunit",
        max=1,
    )


def last_failures() -> g.Json:
    named = {
        "probe": "Probe",
        "location": "Location",
        "tier": "Tier",
        "model": "Model",
        "reason": "Reason",
        "fault": "Fault",
        "http_status": "HTTP",
        "Value #B": "Last success",
    }
    return g.table(
        24,
        "Probes that fail now",
        "Probes whose last run failed, with the reason, who can mend it, and when the probe last succeeded.",
        [g.rows(promql.LAST_FAILURES), g.rows(promql.LAST_SUCCESS)],
        none="no probe has run",
        overrides=[
            g.column("Probe", 110),
            g.column("Location", 75),
            g.column("Model", 120),
            g.column("Tier", 55),
            g.column("Fault", 75),
            g.column("HTTP", 55),
            g.column("Last success", 105, unit="dateTimeFromNow"),
        ],
        transformations=g.columns(named, "-Fault", "Probe"),
    )


def answers() -> g.Json:
    return g.graph(
        25,
        "Answers that are right",
        "Share of probes whose last answer held what was expected, and the share of wrong ones in an open episode.",
        [g.query(promql.CORRECT, "right"), g.query(promql.WRONG, "wrong in the episode {{location}}")],
        none="no probe expects an answer",
        unit="percentunit",
        max=1,
        options=g.BELOW,
    )


def status_codes() -> g.Json:
    states = [
        {
            "type": "range",
            "options": {"from": low, "to": low + 99, "result": {"text": f"{low // 100}xx", "color": color}},
        }
        for low, color in (
            (100, looks.GREY),
            (200, looks.GREEN),
            (300, looks.SKY),
            (400, looks.ORANGE),
            (500, looks.RED),
        )
    ]
    return g.timeline(
        26,
        "HTTP status of the last run",
        "The status with which each probe was answered; nothing where it was not answered at all.",
        [g.query(promql.STATUS_CODES, "{{probe}} {{location}}")],
        none="no probe was answered",
        mappings=states,
    )


def attempts() -> g.Json:
    return g.counts(
        27,
        "Runs",
        "Each bar counts the runs since the bar before, and apart those that ended for a reason we do not know.",
        [g.query(promql.ATTEMPTS_BY_PATH, PATH), g.query(promql.UNKNOWN_ENDINGS, f"unknown ending {PATH}")],
        none="no probe has run",
        options=g.BELOW,
    )
