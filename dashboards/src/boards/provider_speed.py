"""How slow a provider is, against its objective and its own last week; panels of the Provider board."""

from __future__ import annotations

from dashboards.src import grafana as g
from dashboards.src import looks
from dashboards.src.queries import provider as promql

PATH = "{{provider}} {{model}} {{location}} {{tier}}"
NOT_TIMED = "no answer was timed"


def first_token_heatmap() -> g.Json:
    return g.heatmap(
        11,
        "Time to first token",
        "Successful runs by how long they waited for the first token.",
        [g.buckets(promql.FIRST_TOKEN_BUCKETS)],
        none=NOT_TIMED,
    )


def duration_heatmap() -> g.Json:
    return g.heatmap(
        12,
        "Duration",
        "Successful runs by how long they took from the start to the end of the answer.",
        [g.buckets(promql.DURATION_BUCKETS)],
        none=NOT_TIMED,
    )


def _compared(week: str, objective: str) -> list[g.Json]:
    """Lines to compare with stand apart by their dashes."""
    return [
        g.override(week, color=g.fixed(looks.GREY), custom__lineStyle={"fill": "dash", "dash": [4, 6]}),
        g.override(objective, color=g.fixed(looks.RED), custom__lineStyle={"fill": "dash", "dash": [12, 6]}),
    ]


def first_token() -> g.Json:
    return g.rates(
        13,
        "Time to first token, by model, location and tier",
        "Half of the successful runs waited no longer than p50, nineteen of twenty no longer than p95, over "
        "5 minutes or one step.",
        [
            g.query(promql.FIRST_TOKEN_P50, f"p50 {PATH}"),
            g.query(promql.FIRST_TOKEN_P95, f"p95 {PATH}"),
            g.query(promql.FIRST_TOKEN_A_WEEK_EARLIER, "p95 a week earlier"),
            g.query(promql.FIRST_TOKEN_OBJECTIVE, "objective"),
        ],
        none=NOT_TIMED,
        unit="s",
        overrides=_compared("p95 a week earlier", "objective"),
    )


def durations() -> g.Json:
    return g.rates(
        14,
        "Duration p95, by model, location and tier",
        "Nineteen of twenty successful runs took no longer than this, over 5 minutes or one step.",
        [
            g.query(promql.DURATION_P95, PATH),
            g.query(promql.DURATION_A_WEEK_EARLIER, "a week earlier"),
            g.query(promql.DURATION_OBJECTIVE, "objective"),
        ],
        none=NOT_TIMED,
        unit="s",
        overrides=_compared("a week earlier", "objective"),
    )


def phases() -> g.Json:
    stacked = g.LINE | {"fillOpacity": 60, "lineWidth": 0, "stacking": {"mode": "normal", "group": "A"}}
    return g.graph(
        15,
        "Phases of the last run",
        "Where the time of a run goes, as the mean of the chosen probes: name, connection, handshake, answer.",
        [g.query(promql.PHASES, "{{phase}}")],
        none="no run got that far",
        unit="s",
        custom=stacked,
        options=g.BELOW,
    )


def slow() -> g.Json:
    return g.counts(
        16,
        "Successes slower than their objective",
        "Each bar counts the successful runs since the bar before that were slower than the configuration "
        "calls fast enough.",
        [g.query(promql.SLOW, "{{objective}}")],
        none="no objective is set",
        options=g.BELOW,
    )


def stalls() -> g.Json:
    return g.graph(
        17,
        "Longest stall of an answer",
        "The longest gap between two pieces of the last answer.",
        [g.query(promql.STALLS, PATH)],
        none="no answer was streamed",
        unit="s",
        options=g.BELOW,
    )


def first_answer() -> g.Json:
    return g.rates(
        18,
        "Time to first visible answer p95, where reasoning is on",
        "Nineteen of twenty successful runs of models that think first waited no longer for the first visible token.",
        [g.query(promql.FIRST_ANSWER_P95, PATH)],
        none="no probe has reasoning on",
        unit="s",
    )


def server_reported() -> g.Json:
    return g.graph(
        19,
        "What the provider says it took",
        "Seconds that the provider states in its answers, by the header they stand in; the rest of a run is the way.",
        [g.query(promql.SERVER_REPORTED, "{{source}}")],
        none="no time is stated",
        unit="s",
    )
