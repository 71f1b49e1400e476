"""How well status pages can be read; panels of the Exporter board."""

from __future__ import annotations

from dashboards.src import grafana as g
from dashboards.src import looks
from dashboards.src.queries import exporter as promql

NO_PAGE = "no page is set up"


def pages_down() -> g.Json:
    named = {"provider": "Provider", "format": "Format", "Value #B": "Last read whole"}
    return g.table(
        11,
        "Pages that cannot be read",
        "Status pages of which some exporter's last read was not whole, and when they were last read whole.",
        [g.rows(promql.PAGES_DOWN), g.rows(promql.PAGE_READ_AT)],
        none=NO_PAGE,
        overrides=[
            g.override("Provider", links=g.provider_link(g.OF_CELL)),
            g.column("Last read whole", 150, unit="dateTimeFromNow"),
        ],
        transformations=g.columns(named),
    )


def page_failures() -> g.Json:
    return g.counts(
        12,
        "Reads of pages that failed, by reason",
        "Each bar counts the reads since the bar before that were not whole.",
        [g.query(promql.PAGE_FAILURES, "{{reason}}")],
        none="no failed read is on record",
    )


def fetch() -> g.Json:
    return g.graph(
        13,
        "Time to read a page, slowest eight",
        "How long the last read of each status page took.",
        [g.query(promql.FETCH, "{{provider}}")],
        none=NO_PAGE,
        unit="s",
        options=g.BELOW,
    )


def page_bytes() -> g.Json:
    return g.rates(
        14,
        "Bytes read from pages, largest eight",
        "Bytes per second that come from each status page, over 5 minutes or one step of the graph.",
        [g.query(promql.BYTES, "{{provider}}")],
        none=NO_PAGE,
        unit="Bps",
        options=g.BELOW,
    )


def components() -> g.Json:
    return g.bars(
        15,
        "Components of pages, most first",
        "How many components each page listed when it was last read whole; a sudden fall may be a page that changed.",
        [g.instant(f"sort_desc({promql.COMPONENTS})", "{{provider}}")],
        none="no page was read",
        unit="short",
        thresholds=looks.thresholds((None, looks.SKY)),
    )


def left_out() -> g.Json:
    return g.table(
        16,
        "Left out of what pages say",
        "What a page lists beyond the exporter's caps: it is not on the other boards.",
        [g.rows(promql.LEFT_OUT)],
        none="no page was read",
        transformations=g.columns({"provider": "Provider", "what": "What", "Value": "How many"}),
    )


def missing() -> g.Json:
    return g.table(
        17,
        "Components that pages no longer have",
        "Components that the configuration names and the page does not list: mend the configuration.",
        [g.rows(promql.MISSING)],
        none=NO_PAGE,
        transformations=g.columns({"provider": "Provider", "component": "Component"}),
    )
