"""What the exporter knows of itself, and where its two kinds of evidence meet."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from dataclasses import fields

from ai_provider_exporter import __version__
from ai_provider_exporter.metrics.exposition import Sample
from ai_provider_exporter.metrics.row import Row, View, histogram_samples
from ai_provider_exporter.model.labels import Pairs
from ai_provider_exporter.model.observation import Place
from ai_provider_exporter.model.probe_state import Scope
from ai_provider_exporter.model.verdict import judge

SCOPE_LABELS = tuple(field.name for field in fields(Scope))


def _observed(view: View) -> Iterator[Sample]:
    for place in view.state.places:
        yield Sample(_place(place), view.state.observed(*place, view.now))


def _disagreement(view: View) -> Iterator[Sample]:
    for place, agreement in view.state.agreements.items():
        for kind, seconds in agreement.seconds.items():
            yield Sample((*_place(place), ("kind", kind)), seconds)


def _lag(view: View) -> Iterator[Sample]:
    for place, agreement in view.state.agreements.items():
        if agreement.lag_seconds is not None:
            yield Sample(_place(place), agreement.lag_seconds)


def _verdict(view: View) -> Iterator[Sample]:
    for place in view.state.places:
        judgement = judge(view.state, place, view.now)
        yield Sample((*_place(place), ("verdict", judgement.verdict), ("reason", judgement.reason)), 1)


def _trouble_started(view: View) -> Iterator[Sample]:
    for place, agreement in view.state.agreements.items():
        if agreement.failing_since is not None:
            yield Sample(_place(place), agreement.failing_since)


def _episodes(view: View) -> Iterator[Sample]:
    for scope, track in view.state.tracks.items():
        if track.episode is not None:
            pairs = tuple((name, getattr(scope, name)) for name in SCOPE_LABELS)
            yield Sample(pairs, track.episode.started_at)


def _wrong_answers(view: View) -> Iterator[Sample]:
    for place in view.state.places:
        ratio = view.state.wrong_answers(place)
        if ratio is not None:
            yield Sample(_place(place), ratio)


def _place(place: Place) -> Pairs:
    provider, location = place
    return (("provider", provider), ("location", location))


def _budget_limit(view: View) -> Iterator[Sample]:
    for period, usd in view.facts.budget_limits.items():
        yield Sample((("period", period),), usd)


def _budget_spent(view: View) -> Iterator[Sample]:
    for period, usd in view.facts.budget_spent.items():
        yield Sample((("period", period),), usd)


def _budget_exhausted(view: View) -> Iterator[Sample]:
    if view.facts.budget_exhausted is not None:
        yield Sample((), view.facts.budget_exhausted)


_BUILD: Pairs = (("version", __version__), ("pythonversion", platform.python_version()))


def _shard_info(view: View) -> Iterator[Sample]:
    shard = view.facts.shard
    yield Sample((("shard", str(shard.index)), ("shards", str(shard.count))), 1)


EXPORTER_ROWS: tuple[Row, ...] = (
    Row(
        "ai_provider_observed_status",
        "gauge",
        "What our probes see: -1 unknown, 0 operational, 2 some fail or are slow, 4 all fail, by no fault of ours.",
        ("provider", "location"),
        _observed,
    ),
    Row(
        "ai_provider_verdict_info",
        "gauge",
        "1; what all evidence together says of the provider, and the reason in a word.",
        ("provider", "location", "verdict", "reason"),
        _verdict,
    ),
    Row(
        "ai_provider_trouble_started_timestamp_seconds",
        "gauge",
        "When the first run of the present episode failed, Unix time; one success does not end an episode.",
        ("provider", "location"),
        _trouble_started,
    ),
    Row(
        "ai_provider_episode_started_timestamp_seconds",
        "gauge",
        "When the first run failed of each part that is in an open episode, whoever's fault, Unix time.",
        SCOPE_LABELS,
        _episodes,
    ),
    Row(
        "ai_provider_wrong_answers_ratio",
        "gauge",
        "Share of wrong answers among the last checked of the present episode of wrong answers.",
        ("provider", "location"),
        _wrong_answers,
    ),
    Row(
        "ai_provider_disagreement_seconds_total",
        "counter",
        "How long probes and page disagreed: unacknowledged (probes fail, page green), unobserved (the reverse).",
        ("provider", "location", "kind"),
        _disagreement,
    ),
    Row(
        "ai_provider_acknowledgement_lag_seconds",
        "gauge",
        "First failed run of the last episode to the page's first word that concerns it; negative: the page was first.",
        ("provider", "location"),
        _lag,
    ),
    Row("ai_budget_limit_usd", "gauge", "What probing may cost.", ("period",), _budget_limit),
    Row("ai_budget_spent_usd", "gauge", "What probing has cost or reserved.", ("period",), _budget_spent),
    Row(
        "ai_budget_exhausted",
        "gauge",
        "1 while paid probes are skipped for want of budget.",
        (),
        _budget_exhausted,
    ),
    Row(
        "ai_exporter_build_info",
        "gauge",
        "1; what runs.",
        ("version", "pythonversion"),
        lambda _: [Sample(_BUILD, 1)],
    ),
    Row(
        "ai_exporter_config_last_reload_successful",
        "gauge",
        "1 if the last reading of the configuration succeeded.",
        (),
        lambda view: [Sample((), view.facts.config_loaded)],
    ),
    Row(
        "ai_exporter_config_last_reload_success_timestamp_seconds",
        "gauge",
        "When the configuration in force was read, Unix time.",
        (),
        lambda view: [Sample((), view.facts.config_loaded_at)],
    ),
    Row(
        "ai_exporter_egress_up",
        "gauge",
        "1 if our own egress is up.",
        ("location",),
        lambda view: [Sample((("location", where),), up) for where, up in view.state.egress.items()],
    ),
    Row(
        "ai_exporter_event_loop_lag_seconds",
        "histogram",
        "How late the event loop was: the error that our own clock may carry.",
        (),
        lambda view: histogram_samples((), view.state.loop_lag),
    ),
    Row(
        "ai_exporter_schedule_delay_seconds",
        "histogram",
        "How late runs began.",
        (),
        lambda view: histogram_samples((), view.state.schedule_delay),
    ),
    Row(
        "ai_exporter_probes",
        "gauge",
        "Probes that this process runs.",
        (),
        lambda view: [Sample((), len(view.state.probes))],
    ),
    Row("ai_exporter_shard_info", "gauge", "1; which shard this process is.", ("shard", "shards"), _shard_info),
)
