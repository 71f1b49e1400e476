"""The first line of the Overview: counts that answer in three seconds."""

from __future__ import annotations

from dashboards.src import grafana as g
from dashboards.src import looks, shared
from dashboards.src.queries import overview as promql


def _count(number: int, title: str, description: str, expression: str, steps: g.Json, none: str) -> g.Json:
    return g.stat(number, title, description, [g.instant(expression)], none=none, thresholds=steps)


def troubled() -> g.Json:
    return _count(
        1,
        "In trouble for us",
        "Providers of which our probes find at least some failing, slow or dead by the provider's own fault.",
        promql.TROUBLED,
        looks.NONE_IS_WELL,
        "unknown: no probe can tell",
    )


def failing() -> g.Json:
    return g.stat(
        2,
        "Probes failing now: whose fault",
        "How many probes failed in their last run, by who can mend it: this tells them from us.",
        [g.instant(promql.FAILING_NOW, "{{fault}}")],
        none="unknown: no probe has run lately",
        overrides=shared.faults("nobody"),
        options={"textMode": "value_and_name"},
    )


def red_pages() -> g.Json:
    return _count(
        3,
        "Pages red",
        "Status pages that say degraded, partial or major outage, by indicator, component or open incident.",
        promql.RED_PAGES,
        looks.NONE_IS_USUAL,
        "unknown: no page was read",
    )


def silent() -> g.Json:
    return _count(
        4,
        "Not admitted",
        "Providers in trouble for us while their status page says operational.",
        promql.SILENT_PAGES,
        looks.NONE_IS_WELL,
        "unknown: no probe can tell",
    )


def lonely() -> g.Json:
    return _count(
        5,
        "Red, fine for us",
        "Providers whose page admits trouble while our probes find none.",
        promql.LONELY_PAGES,
        looks.NONE_IS_USUAL,
        "unknown: no page was read",
    )


def blind() -> g.Json:
    return _count(
        6,
        "Unknown",
        "Providers of which the probes cannot tell or the page could not be read: neither up nor down.",
        promql.BLIND,
        looks.NONE_IS_USUAL,
        "no data: no exporter reports",
    )


def egress() -> g.Json:
    states = looks.mapping({0: ("down", looks.RED), 1: ("up", looks.GREEN)})
    return g.stat(
        7,
        "Egress",
        "Whether our own connection to the Internet is open, by the worst location; while it is down nothing is known.",
        [g.instant(promql.EGRESS)],
        none="unknown",
        mappings=states,
    )


def budget() -> g.Json:
    return g.stat(
        10,
        "Budget",
        "Whether some exporter skips paid probes because its budget is spent: its providers are watched less closely.",
        [g.instant(promql.BUDGET)],
        none="not set",
        mappings=looks.mapping({0: ("holds", looks.GREEN), 1: ("spent", looks.RED)}),
    )
