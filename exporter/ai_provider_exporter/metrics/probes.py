"""What probes have shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ai_provider_exporter.metrics.exposition import Sample
from ai_provider_exporter.metrics.row import (
    Row,
    per_probe,
    per_probe_and,
    per_probe_histogram,
)
from ai_provider_exporter.model.histogram import Histogram
from ai_provider_exporter.model.labels import INFO_LABELS, PROBE_LABELS, pairs_of
from ai_provider_exporter.model.measurement import PHASES, RateLimit
from ai_provider_exporter.model.observation import ProbeObservation
from ai_provider_exporter.model.probe_state import ProbeState
from ai_provider_exporter.model.reasons import Fault


def _last(
    value: Callable[[ProbeObservation], float | int | None],
) -> Callable[[ProbeState], float | int | None]:
    return lambda probe: None if probe.last is None else value(probe.last)


def _where_any(histogram: Histogram) -> Histogram | None:
    return histogram if histogram.count else None


def _failures(probe: ProbeState) -> Iterator[tuple[tuple[str, ...], int]]:
    for fault, count in probe.failures.items():
        yield (fault,), count


def _reasons(probe: ProbeState) -> Iterator[tuple[tuple[str, ...], int]]:
    yield from probe.reasons.items()


def _skipped(probe: ProbeState) -> Iterator[tuple[tuple[str, ...], int]]:
    for cause, count in probe.skipped.items():
        yield (cause,), count


def _phases(probe: ProbeState) -> Iterator[tuple[tuple[str, ...], float]]:
    for phase, seconds in (probe.last.phases if probe.last else {}).items():
        yield (phase,), seconds


def _server_reported(probe: ProbeState) -> Iterator[tuple[tuple[str, ...], float]]:
    for source, seconds in (probe.last.server_reported_seconds if probe.last else {}).items():
        yield (source,), seconds


def _tokens(probe: ProbeState) -> Iterator[tuple[tuple[str, ...], int]]:
    for token_type, count in probe.tokens.items():
        yield (token_type,), count


def _limits(
    value: Callable[[RateLimit], float | None],
) -> Callable[[ProbeState], Iterator[tuple[tuple[str, ...], float | None]]]:
    def values(probe: ProbeState) -> Iterator[tuple[tuple[str, ...], float | None]]:
        for name, limit in (probe.last.rate_limits if probe.last else {}).items():
            yield (name,), value(limit)

    return values


def _last_failure(probe: ProbeState) -> Iterator[tuple[tuple[str, ...], int]]:
    last = probe.last
    if last is not None and not last.success:
        status = "" if last.http_status is None else str(last.http_status)
        yield (last.reason, last.fault or "", status), 1


def _info(probe: ProbeState) -> Iterator[Sample]:
    """User labels come last, so that none can stand in for a label of ours."""
    yield Sample((*pairs_of(probe.id), *probe.info.items()), 1)


PROBE_ROWS: tuple[Row, ...] = (
    per_probe("ai_probe_success", "gauge", "1 if the last run succeeded.", _last(lambda run: run.success)),
    per_probe("ai_probe_attempts_total", "counter", "Runs.", lambda probe: probe.attempts),
    per_probe_and(
        "ai_probe_failures_total",
        "counter",
        f"Failed runs by whose fault it is: {', '.join(Fault)}.",
        ("fault",),
        _failures,
    ),
    per_probe_and(
        "ai_probe_failure_reasons_total",
        "counter",
        "Failed runs by reason.",
        ("reason", "fault"),
        _reasons,
    ),
    per_probe(
        "ai_probe_unknown_finish_reasons_total",
        "counter",
        "Successes whose answer ended with a finish reason that is not on the list; the log has the word.",
        lambda probe: probe.unknown_finishes,
    ),
    per_probe_and(
        "ai_probe_skipped_total",
        "counter",
        "Runs that did not take place: budget, backoff, paused, shutdown.",
        ("cause",),
        _skipped,
    ),
    per_probe_histogram(
        "ai_probe_duration_seconds",
        "Start of the run to the end marker of the answer, successes only.",
        lambda probe: probe.duration,
    ),
    per_probe_histogram(
        "ai_probe_time_to_first_token_seconds",
        "Start of the run to the first token of any channel, successes only.",
        lambda probe: _where_any(probe.time_to_first_token),
    ),
    per_probe_histogram(
        "ai_probe_time_to_first_answer_seconds",
        "Start of the run to the first visible token, where reasoning is on.",
        lambda probe: _where_any(probe.time_to_first_answer),
    ),
    per_probe_histogram(
        "ai_probe_time_per_output_token_seconds",
        "Mean time per output token after the first, from 32 tokens and 4 chunks up.",
        lambda probe: _where_any(probe.time_per_output_token),
    ),
    per_probe_and(
        "ai_probe_objective_seconds",
        "gauge",
        "What the configuration calls fast enough.",
        ("objective",),
        lambda probe: [((name,), seconds) for name, seconds in probe.objectives.items()],
    ),
    per_probe_and(
        "ai_probe_slow_total",
        "counter",
        "Successes that took longer than their objective.",
        ("objective",),
        lambda probe: [((name,), probe.slow.get(name, 0)) for name in probe.objectives],
    ),
    per_probe(
        "ai_probe_output_tokens_per_second",
        "gauge",
        "Output tokens per second after the first, last run, by the provider's count.",
        _last(lambda run: run.output_tokens_per_second),
    ),
    per_probe_and(
        "ai_probe_phase_seconds",
        "gauge",
        f"Phases of the last run: {', '.join(PHASES)}.",
        ("phase",),
        _phases,
    ),
    per_probe(
        "ai_probe_longest_stall_seconds",
        "gauge",
        "Longest gap between chunks of the answer, last run.",
        _last(lambda run: run.longest_stall_seconds),
    ),
    per_probe_and(
        "ai_probe_server_reported_seconds",
        "gauge",
        "What the provider says the last run took, by source.",
        ("source",),
        _server_reported,
    ),
    per_probe_and("ai_probe_tokens_total", "counter", "Tokens by type.", ("type",), _tokens),
    per_probe(
        "ai_probe_cost_usd_total",
        "counter",
        "What the runs cost in US dollars, where the price is known.",
        lambda probe: probe.cost_usd,
    ),
    per_probe(
        "ai_probe_answer_correct",
        "gauge",
        "1 if the last answer held what was expected of it.",
        _last(lambda run: run.answer_correct),
    ),
    per_probe(
        "ai_probe_http_status_code",
        "gauge",
        "HTTP status of the last run.",
        _last(lambda run: run.http_status),
    ),
    per_probe_and(
        "ai_probe_rate_limit",
        "gauge",
        "Rate limit as the provider states it.",
        ("limit",),
        _limits(lambda limit: limit.limit),
    ),
    per_probe_and(
        "ai_probe_rate_limit_remaining",
        "gauge",
        "What is left of the rate limit, as the provider states it.",
        ("limit",),
        _limits(lambda limit: limit.remaining),
    ),
    per_probe_and(
        "ai_probe_rate_limit_reset_timestamp_seconds",
        "gauge",
        "When the rate limit is whole again, Unix time.",
        ("limit",),
        _limits(lambda limit: limit.reset_at),
    ),
    per_probe(
        "ai_probe_retry_after_seconds",
        "gauge",
        "How long the last answer asked to wait.",
        _last(lambda run: run.retry_after_seconds),
    ),
    per_probe(
        "ai_probe_tls_certificate_expiry_timestamp_seconds",
        "gauge",
        "When the first certificate of the chains that servers sent expires, redirects included, Unix time.",
        _last(lambda run: run.certificate_expires_at),
    ),
    per_probe(
        "ai_probe_tls_leaf_certificate_expiry_timestamp_seconds",
        "gauge",
        "When the server's own certificate expires, Unix time.",
        _last(lambda run: run.leaf_certificate_expires_at),
    ),
    per_probe(
        "ai_probe_last_run_timestamp_seconds",
        "gauge",
        "When the last run ended, Unix time.",
        _last(lambda run: run.ended_at),
    ),
    per_probe(
        "ai_probe_last_success_timestamp_seconds",
        "gauge",
        "When the last run that succeeded ended, Unix time.",
        lambda probe: probe.last_success_at,
    ),
    per_probe(
        "ai_probe_interval_seconds",
        "gauge",
        "Time from run to run as it is now: to back off lengthens it.",
        lambda probe: probe.pace,
    ),
    Row(
        "ai_probe_info",
        "gauge",
        "1; how the probe is set up, with the user's labels.",
        (*PROBE_LABELS, *INFO_LABELS),
        of_probe=_info,
    ),
    per_probe_and(
        "ai_probe_last_failure_info",
        "gauge",
        "1 while the last run failed.",
        ("reason", "fault", "http_status"),
        _last_failure,
    ),
)
