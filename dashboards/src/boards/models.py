"""Models beside each other: the same question to many models and by many ways."""

from __future__ import annotations

from dashboards.src import grafana as g
from dashboards.src import looks
from dashboards.src.frame import board
from dashboards.src.queries import models as promql

PATH = "{{provider}} {{model}} {{location}} {{tier}}"
NOT_TIMED = "no answer was timed"


def dashboard() -> g.Json:
    return board(
        "models",
        "Models",
        "The same question to many models and by many ways: which is up, fast, right and cheap, and which retires.",
        g.grid(
            (11, [(24, comparison())]),
            (9, [(12, first_token()), (12, speed())]),
            (9, [(12, token_time()), (12, shares())]),
            g.row(10, "What providers say of their models"),
            (9, [(7, retiring()), (5, missing()), (12, snapshots())]),
            (8, [(12, repointed()), (12, others())]),
        ),
    )


def comparison() -> g.Json:
    named = {
        "provider": "Provider",
        "model": "Model",
        "location": "Location",
        "tier": "Tier",
        "Value #A": "Availability 24 h",
        "Value #B": "p95 first token 24 h",
        "Value #C": "Tokens per second",
        "Value #D": "p95 per token 24 h",
        "Value #E": "Cost of 1000 runs",
        "Value #F": "Answers right",
    }
    shares = looks.thresholds((None, looks.RED), (0.95, looks.ORANGE), (0.99, looks.GREEN))
    shown = {"type": "color-text"}
    return g.table(
        1,
        "Models side by side, least available first",
        "Availability and p95 are of the last 24 hours whatever the time range; tokens per second are of the last run.",
        [
            g.rows(expression)
            for expression in (
                promql.AVAILABILITY_DAY,
                promql.FIRST_TOKEN_DAY,
                promql.SPEED_NOW,
                promql.TOKEN_TIME_DAY,
                promql.COST_A_RUN,
                promql.CORRECT_NOW,
            )
        ],
        none="no probe has run",
        overrides=[
            g.column("Provider", 160, links=g.provider_link(g.OF_CELL)),
            g.column("Location", 100),
            g.column("Tier", 90),
            g.column(
                "Availability 24 h",
                140,
                unit="percentunit",
                decimals=2,
                thresholds=shares,
                custom__cellOptions=shown,
                noValue="cannot be told",
            ),
            g.column("p95 first token 24 h", 160, unit="s", noValue="not timed"),
            g.column("Tokens per second", 150, decimals=1, noValue="not measured"),
            g.column("p95 per token 24 h", 150, unit="s", noValue="not measured"),
            g.column("Cost of 1000 runs", 140, unit="currencyUSD", decimals=2, noValue="price unknown"),
            g.column("Answers right", 120, unit="percentunit", decimals=0, noValue="not checked"),
        ],
        transformations=g.columns(named, "Availability 24 h", "-p95 first token 24 h"),
    )


def first_token() -> g.Json:
    return g.rates(
        2,
        "Time to first token p95, slowest twelve",
        "Nineteen of twenty successful runs waited no longer for the first token, over 5 minutes or one step "
        "of the graph.",
        [g.query(promql.FIRST_TOKEN, PATH)],
        none=NOT_TIMED,
        unit="s",
    )


def speed() -> g.Json:
    return g.rates(
        3,
        "Output tokens per second of the last run, slowest twelve",
        "How fast tokens came after the first, by the provider's own count; only answers long enough to tell.",
        [g.query(promql.SPEED, PATH)],
        none="no answer was long enough to measure",
        unit="none",
        decimals=1,
    )


def token_time() -> g.Json:
    return g.rates(
        4,
        "Time per output token p95, slowest twelve",
        "Nineteen of twenty answers took no longer for each token after the first, over 5 minutes or one step.",
        [g.query(promql.TOKEN_TIME, PATH)],
        none="no answer was long enough to measure",
        unit="s",
    )


def shares() -> g.Json:
    return g.rates(
        5,
        "Error rate, worst twelve",
        "Share of runs that the provider failed, of those that could tell, over 5 minutes or one step of the graph.",
        [g.query(promql.SHARES, PATH)],
        none="no probe can tell",
        unit="percentunit",
        max=1,
    )


def retiring() -> g.Json:
    return g.table(
        11,
        "Retirement dates, nearest first",
        "When providers say that they switch models off.",
        [g.rows(promql.RETIRING)],
        none="no provider states a date",
        overrides=[g.column("Provider", 110), g.column("Retires", 110, unit="dateTimeFromNow")],
        transformations=g.columns({"provider": "Provider", "model": "Model", "Value": "Retires"}, "Retires"),
    )


def missing() -> g.Json:
    return g.table(
        12,
        "Asked for, but not on the list",
        "Models that a probe asks for and that the provider's own list does not have.",
        [g.rows(promql.MISSING)],
        none="no list of models is read",
        overrides=[g.column("Provider", 110)],
        transformations=g.columns({"provider": "Provider", "model": "Model"}),
    )


def snapshots() -> g.Json:
    named = {
        "provider": "Provider",
        "model": "Asked for",
        "response_model": "Answered by",
        "fingerprint": "Fingerprint",
    }
    return g.table(
        13,
        "Which snapshot answers",
        "The model that was asked for and the one that the answer names.",
        [g.rows(promql.SNAPSHOTS)],
        none="no answer names its model",
        overrides=[g.column("Provider", 110), g.column("Fingerprint", 140)],
        transformations=g.columns(named),
    )


def repointed() -> g.Json:
    steps = looks.thresholds((None, looks.GREEN), (2, looks.ORANGE))
    return g.bars(
        14,
        "Names that were re-pointed in this time range",
        "How many snapshots answered to each name in this time range; more than one means that the name was "
        "re-pointed.",
        [g.instant(promql.REPOINTED, "{{provider}} {{model}}")],
        none="no answer names its model",
        unit="short",
        thresholds=steps,
    )


def others() -> g.Json:
    return g.graph(
        15,
        "Success of other people's requests",
        "Share of other people's requests to the model that succeeded in 30 minutes, as a source of second "
        "opinions counts them.",
        [g.query(promql.UPTIME_OF_OTHERS, "{{provider}} {{model}} ({{source}})")],
        none="no source of second opinions",
        unit="percentunit",
        max=1,
    )
