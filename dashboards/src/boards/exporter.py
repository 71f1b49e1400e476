"""The exporter itself: is the evidence of all other boards any good."""

from __future__ import annotations

from dashboards.src import grafana as g
from dashboards.src import looks
from dashboards.src.boards import exporter_pages, exporter_setup
from dashboards.src.frame import board
from dashboards.src.queries import exporter as promql

ABSENT = "no data: no exporter reports"
NO_PAGE = "no page is set up"


def dashboard() -> g.Json:
    return board(
        "exporter",
        "Exporter",
        "Is our own evidence good: egress, clock, probes that run on time, pages that can be read, memory, "
        "series, reload.",
        g.grid(
            (
                4,
                [
                    (3, up()),
                    (3, reloaded()),
                    (6, egress()),
                    (3, probes()),
                    (3, stale()),
                    (3, unreadable()),
                    (3, budget()),
                ],
            ),
            (8, [(12, loop_lag()), (12, delay())]),
            (8, [(8, egress_history()), (8, our_failures()), (8, oldest_runs())]),
            g.row(10, "Status pages"),
            (8, [(12, exporter_pages.pages_down()), (12, exporter_pages.page_failures())]),
            (8, [(8, exporter_pages.fetch()), (8, exporter_pages.page_bytes()), (8, exporter_pages.components())]),
            (7, [(12, exporter_pages.left_out()), (12, exporter_pages.missing())]),
            g.row(20, "What is set up"),
            (8, [(15, exporter_setup.exporters()), (9, exporter_setup.certificates())]),
            (10, [(24, exporter_setup.setup())]),
            g.row(30, "What it uses"),
            (8, [(8, series()), (8, scrape()), (8, memory())]),
            (8, [(8, cpu()), (8, files()), (8, collections())]),
        ),
    )


def up() -> g.Json:
    return g.stat(
        1,
        "Exporters up",
        "Exporters that answered Prometheus in its last scrape.",
        [g.instant(promql.UP)],
        none=ABSENT,
        thresholds=looks.thresholds((None, looks.RED), (1, looks.GREEN)),
    )


def reloaded() -> g.Json:
    states = looks.mapping({0: ("refused", looks.RED), 1: ("in force", looks.GREEN)})
    return g.stat(
        2,
        "Configuration",
        "Whether every exporter could read its configuration when it last tried; else the one before stays in force.",
        [g.instant(promql.RELOADED)],
        none=ABSENT,
        mappings=states,
    )


def egress() -> g.Json:
    return g.stat(
        3,
        "Egress, by location",
        "Whether our own connection to the Internet is open; while it is down nothing is known of providers there.",
        [g.instant(promql.EGRESS, "{{location}}")],
        none="not watched",
        mappings=looks.mapping({0: ("down", looks.RED), 1: ("up", looks.GREEN)}),
        options={"textMode": "value_and_name"},
    )


def probes() -> g.Json:
    return g.stat(
        4,
        "Probes",
        "Probes that the chosen exporters run.",
        [g.instant(promql.PROBES)],
        none=ABSENT,
        thresholds=looks.PLAIN,
        options={"colorMode": "none"},
    )


def stale() -> g.Json:
    return g.stat(
        5,
        "Stale probes",
        "Probes whose last run is older than three of their intervals: what they last found is no longer evidence.",
        [g.instant(promql.STALE)],
        none="no probe has run",
        thresholds=looks.NONE_IS_WELL,
    )


def unreadable() -> g.Json:
    return g.stat(
        6,
        "Pages unreadable",
        "Status pages that no exporter could read whole in its last try: what they say is unknown.",
        [g.instant(promql.UNREADABLE)],
        none="no page was tried",
        thresholds=looks.NONE_IS_USUAL,
    )


def budget() -> g.Json:
    states = looks.mapping({0: ("holds", looks.GREEN), 1: ("spent", looks.RED)})
    return g.stat(
        7,
        "Budget",
        "Whether some exporter skips paid probes because its budget is spent.",
        [g.instant(promql.BUDGET)],
        none="no budget is set",
        mappings=states,
    )


def loop_lag() -> g.Json:
    return g.rates(
        8,
        "Lateness of the event loop, p99",
        "How late the process was at its own work: the error that its times may carry, over 5 minutes or one step.",
        [g.query(promql.LOOP_LAG, "{{instance}}")],
        none=ABSENT,
        unit="s",
    )


def delay() -> g.Json:
    return g.rates(
        9,
        "Lateness of runs, p99",
        "How late runs began after the moment that the schedule gave them, over 5 minutes or one step.",
        [g.query(promql.DELAY, "{{instance}}")],
        none=ABSENT,
        unit="s",
    )


def egress_history() -> g.Json:
    return g.timeline(
        31,
        "Egress over time",
        "When our own connection to the Internet was open, by location.",
        [g.query(promql.EGRESS_OVER_TIME, "{{location}}")],
        none="not watched",
        mappings=looks.mapping({0: ("down", looks.RED), 1: ("up", looks.GREEN)}),
    )


def our_failures() -> g.Json:
    return g.counts(
        32,
        "Runs that failed by our prober",
        "Each bar counts the runs since the bar before that say nothing of a provider, because our own "
        "process or host failed.",
        [g.query(promql.OUR_FAILURES, "{{reason}}")],
        none="no such failure is on record",
        options=g.BELOW,
    )


def oldest_runs() -> g.Json:
    steps = looks.thresholds((None, looks.GREEN), (2, looks.ORANGE), (3, looks.RED))
    return g.bars(
        33,
        "Age of the last run in intervals, oldest first",
        "From 3 on the exporter no longer believes what the run found.",
        [g.instant(f"sort_desc({promql.OLDEST_RUNS})", "{{probe}} {{location}}")],
        none="no probe has run",
        unit="none",
        decimals=1,
        thresholds=steps,
    )


def series() -> g.Json:
    return g.graph(
        34,
        "Series",
        "Samples that Prometheus takes from each exporter in a scrape.",
        [g.query(promql.SERIES, "{{instance}}")],
        none=ABSENT,
        unit="short",
        options=g.BELOW,
    )


def scrape() -> g.Json:
    return g.graph(
        35,
        "Time of a scrape",
        "How long Prometheus waits for each exporter's metrics.",
        [g.query(promql.SCRAPE, "{{instance}}")],
        none=ABSENT,
        unit="s",
        options=g.BELOW,
    )


def memory() -> g.Json:
    return g.graph(
        36,
        "Memory",
        "Resident memory of each exporter.",
        [g.query(promql.MEMORY, "{{instance}}")],
        none="not measured on this system",
        unit="bytes",
        options=g.BELOW,
    )


def cpu() -> g.Json:
    return g.rates(
        37,
        "CPU",
        "CPU seconds per second of each exporter, over 5 minutes or one step; near 1 its times cannot be trusted.",
        [g.query(promql.CPU, "{{instance}}")],
        none="not measured on this system",
        unit="none",
        options=g.BELOW,
    )


def files() -> g.Json:
    return g.graph(
        38,
        "Open files of those allowed",
        "Share of the file descriptors that the process may open and has open; at 1 it can open no connection.",
        [g.query(promql.FILES, "{{instance}}")],
        none="not measured on this system",
        unit="percentunit",
        max=1,
        options=g.BELOW,
    )


def collections() -> g.Json:
    return g.counts(
        39,
        "Garbage collections of Python",
        "Each bar counts the collections since the bar before, by generation.",
        [g.query(promql.COLLECTIONS, "generation {{generation}}")],
        none=ABSENT,
        options=g.BELOW,
    )
