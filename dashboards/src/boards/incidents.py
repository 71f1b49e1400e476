"""Incidents: what status pages say of every component, and which pages tell the truth."""

from __future__ import annotations

from dashboards.src import grafana as g
from dashboards.src import looks, shared
from dashboards.src.frame import board
from dashboards.src.queries import incidents as promql

UNREAD = "unknown: no page was read"
IMPACT_COLORS = [g.like(f"{name}$", color=g.fixed(color)) for name, color in looks.IMPACTS.values()]


def dashboard() -> g.Json:
    return board(
        "incidents",
        "Incidents",
        "What status pages say of every component, which incidents and maintenances are open, and which "
        "pages tell the truth.",
        g.grid(
            (4, [(12, by_impact()), (6, under_way()), (6, announced())]),
            (9, [(16, open_incidents()), (8, maintenances())]),
            (12, [(24, components())]),
            g.row(10, "Which pages tell the truth"),
            (10, [(12, pages()), (12, lag())]),
            (9, [(8, disagreement()), (8, opened()), (8, uptimes())]),
        ),
        unused=("model", "tier", "probe"),
    )


def by_impact() -> g.Json:
    return g.stat(
        1,
        "Open incidents by impact",
        "How many incidents the pages that could be read hold open now.",
        [g.instant(promql.BY_IMPACT, "{{impact}}")],
        none=UNREAD,
        overrides=[
            g.override(name, thresholds=looks.thresholds((None, looks.GREEN), (1, color)))
            for name, color in looks.IMPACTS.values()
        ],
        options={"textMode": "value_and_name"},
    )


def under_way() -> g.Json:
    steps = looks.thresholds((None, looks.GREEN), (1, looks.BLUE))
    return g.stat(
        2,
        "Maintenances under way",
        "Maintenances that pages say have begun and not ended.",
        [g.instant(promql.UNDER_WAY)],
        none=UNREAD,
        thresholds=steps,
    )


def announced() -> g.Json:
    return g.stat(
        3,
        "Maintenances announced",
        "Maintenances that pages announce and that have not begun.",
        [g.instant(promql.ANNOUNCED)],
        none=UNREAD,
        thresholds=looks.PLAIN,
        options={"colorMode": "none"},
    )


def open_incidents() -> g.Json:
    named = {
        "url": "Link",
        "provider": "Provider",
        "name": "Incident",
        "Value #A": "Impact",
        "status": "Status",
        "Value #B": "Began",
        "Value #C": "Last update",
        "Value #D": "Updates",
        "component": "Touches",
        "Value #F": "Components",
    }
    return g.table(
        4,
        "Open incidents",
        "Incidents that status pages hold open now, worst first, with one of the components that each touches.",
        [
            g.rows(expression)
            for expression in (
                promql.OPEN_INCIDENTS,
                promql.BEGAN,
                promql.UPDATED,
                promql.UPDATES,
                promql.TOUCHED,
                promql.TOUCHED_COUNT,
            )
        ],
        none=UNREAD,
        overrides=[
            *shared.incident_columns(),
            g.column("Last update", 100, unit="dateTimeFromNow"),
            g.column("Updates", 70),
            g.column("Touches", 140),
            g.column("Components", 105),
        ],
        transformations=g.columns(named, "-Impact", "Began"),
    )


def maintenances() -> g.Json:
    named = {"provider": "Provider", "name": "Maintenance", "Value #A": "Begins", "Value #B": "Ends"}
    none = looks.mapping({0: ("-", "transparent")})
    return g.table(
        5,
        "Maintenances",
        "Maintenances that pages announce or hold open, the nearest first.",
        [g.rows(promql.MAINTENANCE_BEGINS), g.rows(promql.MAINTENANCE_ENDS)],
        none=UNREAD,
        overrides=[
            g.column("Provider", 100, links=g.provider_link(g.OF_CELL)),
            g.column("Begins", 110, unit="dateTimeFromNow", mappings=none),
            g.column("Ends", 110, unit="dateTimeFromNow"),
        ],
        transformations=g.columns(named, "Begins"),
    )


def components() -> g.Json:
    legend = "{{provider}}: {{group}} {{component}} {{region}}"
    return g.timeline(
        6,
        "Every component over time, those with trouble first",
        "What pages say of each component; the first rows were in trouble or maintenance in this time range.",
        [g.query(promql.COMPONENTS_TROUBLED, legend), g.query(promql.COMPONENTS_OTHERS, legend)],
        none="no page lists components",
        mappings=looks.STATUS_MAPPING,
    )


def pages() -> g.Json:
    named = {
        "provider": "Provider",
        "Value #A": "All of it",
        "Value #B": "Indicator",
        "Value #C": "For us",
        "Value #D": "Last change",
    }
    return g.table(
        11,
        "Pages beside our probes",
        "What each page says with all its components and incidents, by its indicator alone, what our probes "
        "find, and its last change.",
        [g.rows(expression) for expression in (promql.STATUS, promql.INDICATOR, promql.OBSERVED, promql.CHANGED)],
        none=UNREAD,
        overrides=[
            g.override("Provider", links=g.provider_link(g.OF_CELL)),
            g.status_column("All of it", 165, looks.STATUS_MAPPING),
            g.status_column("Indicator", 165, looks.STATUS_MAPPING, noValue="none"),
            g.status_column("For us", 165, looks.STATUS_MAPPING, noValue="not probed"),
            g.column("Last change", 120, unit="dateTimeFromNow", noValue="none yet"),
        ],
        transformations=g.columns(named, "-All of it", "-For us"),
    )


def lag() -> g.Json:
    steps = looks.thresholds((None, looks.GREEN), (300, looks.YELLOW), (900, looks.ORANGE), (3600, looks.RED))
    return g.bars(
        12,
        "Acknowledgement lag",
        "From the first failed run of the present or last trouble to the page's first word of it; negative "
        "if the page was first.",
        [g.instant(promql.LAG, "{{provider}} {{location}}")],
        none="no trouble with a word of the page is on record",
        unit="s",
        thresholds=steps,
    )


def disagreement() -> g.Json:
    return g.bars(
        13,
        "Time of disagreement in this time range",
        "Seconds in which probes failed and the page was green (unacknowledged), or the page was red and "
        "probes fine (unobserved).",
        [g.instant(promql.DISAGREEMENT, "{{provider}}: {{kind}}")],
        none="no disagreement is on record",
        unit="s",
        thresholds=looks.thresholds((None, looks.SKY)),
        overrides=[g.like("unacknowledged$", thresholds=looks.thresholds((None, looks.RED)))],
    )


def opened() -> g.Json:
    return g.counts(
        14,
        "Incidents opened and resolved",
        "Each bar counts incidents since the bar before; those resolved hang below the line.",
        [g.query(promql.OPENED, "opened {{impact}}"), g.query(f"-({promql.RESOLVED})", "resolved {{impact}}")],
        none=UNREAD,
        overrides=IMPACT_COLORS,
        options=g.BELOW,
        min=None,
    )


def uptimes() -> g.Json:
    steps = looks.thresholds((None, looks.RED), (0.99, looks.ORANGE), (0.999, looks.GREEN))
    return g.bars(
        15,
        "Uptime that pages publish, lowest twenty",
        "What providers say of themselves, by component and the window that they count over.",
        [g.instant(promql.UPTIMES, "{{provider}} {{component}} ({{window}})")],
        none="no page publishes uptime",
        unit="percentunit",
        decimals=2,
        min=0.95,
        max=1,
        thresholds=steps,
    )
