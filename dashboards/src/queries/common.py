"""What the queries of several boards share: what the variables choose, and the state of a provider in a few words."""

from __future__ import annotations

from typing import Final

from dashboards.src.names import CLUSTER_LABEL

EXPORTER: Final = f'{CLUSTER_LABEL}=~"$cluster", job=~"$job", instance=~"$instance"'
PROVIDER: Final = f'{EXPORTER}, provider=~"$provider"'
PLACE: Final = f'{PROVIDER}, location=~"$location"'
MODEL: Final = f'{PROVIDER}, model=~"$model"'
PROBE: Final = f'{PLACE}, model=~"$model", tier=~"$tier", probe=~"$probe"'
"""Matchers: each begins with the linter's two and ends with what else the metric carries."""

PATH: Final = "provider, model, location, tier"
"""The labels that tell one way to a model from another."""

OBSERVED: Final = f"max by (provider) (ai_provider_observed_status{{{PLACE}}})"
PAGE: Final = f"max by (provider) (ai_status_page_status{{{PROVIDER}}})"
"""Several exporters may look at one provider: the worst that any of them can tell. Unknown (-1) yields to knowledge."""

EVIDENCE: Final = f"count({OBSERVED} >= 0 or {PAGE} >= 0)"
"""How many providers anything at all is known of; no answer where nothing is."""

ATTEMPTS: Final = f"ai_probe_attempts_total{{{PROBE}}}"
FAILURES: Final = f"ai_probe_failures_total{{{PROBE}}}"
THEIR_FAILURES: Final = f'ai_probe_failures_total{{{PROBE}, fault="provider"}}'
OTHER_FAILURES: Final = f'ai_probe_failures_total{{{PROBE}, fault!="provider"}}'


def calm(troubles: str, label: str, text: str, evidence: str = EVIDENCE) -> str:
    """One series of value 0 that says there are no troubles, and nothing where there are some or nothing is known."""
    return f'label_replace({evidence} * 0 unless on () ({troubles}), "{label}", "{text}", "", "")'


def or_calm(troubles: str, label: str, text: str, evidence: str = EVIDENCE) -> str:
    """The troubles, or the word that there are none: an empty panel looks the same when nobody looked."""
    return f"({troubles}) or {calm(troubles, label, text, evidence)}"


def counted(bad: str, any_: str) -> str:
    """How many series are bad; 0 where some could be judged and none is bad; nothing where none could be judged."""
    return f"count({bad}) or count({any_}) * 0"


def judged(function: str, window: str, by: str) -> str:
    """Attempts that can tell something about the provider: those that failed by another's fault do not count."""
    return f"""
    (
      sum by ({by}) ({function}({ATTEMPTS}[{window}])) - sum by ({by}) ({function}({OTHER_FAILURES}[{window}])) > 0
    )
    """


def failure_share(function: str, window: str, by: str) -> str:
    """Share of the judged attempts that the provider failed; nothing where none could be judged, never 0 / 0."""
    return f"sum by ({by}) ({function}({THEIR_FAILURES}[{window}])) / {judged(function, window, by)}"


def quantile(share: str, metric: str, by: str, function: str = "rate", window: str = "$__rate_interval") -> str:
    """A quantile of a probe's histogram in seconds, and nothing where no run succeeded."""
    buckets = f"sum by ({by}, le) ({function}({metric}_bucket{{{PROBE}}}[{window}]))"
    return f"histogram_quantile({share}, {buckets}) >= 0"


RATE: Final = "$__rate_interval"
STEP: Final = "$__interval"
"""Rates look back by Grafana's rate interval; counts by exactly one step, so that bars add up to what happened."""

FRESH_PROBES: Final = f"""
count(time() - ai_probe_last_run_timestamp_seconds{{{PROBE}}} < 3 * ai_probe_interval_seconds{{{PROBE}}})
"""
"""How many probes have run within three of their intervals: what older ones found is no evidence of now."""

INCIDENT: Final = "provider, incident_id, name, status, url"


def incidents(by: str = INCIDENT) -> str:
    """Open incidents with their impact as a rank: 4 critical, 3 major, 2 minor, 1 none."""
    ranks = {"critical": 4, "major": 3, "minor": 2, "none": 1}
    ranked = [f'ai_incident_info{{{PROVIDER}, impact="{impact}"}} * {rank}' for impact, rank in ranks.items()]
    return f"max by ({by}) ({' or '.join(ranked)})"


def began(metric: str = "ai_incident_started_timestamp_seconds") -> str:
    """A moment of an incident in milliseconds, as Grafana wants dates."""
    return f"max by (provider, incident_id) ({metric}{{{PROVIDER}}}) * 1000"


def strongest(by: str, labels: str, metric: str) -> str:
    """For each of `by` the combination of `labels` that most series carry: one row, so that tables can be joined."""
    return f"topk by ({by}) (1, count by ({by}, {labels}) ({metric}))"


NO_INCIDENT: Final = or_calm(incidents(), "name", "none open", f"count(ai_status_page_up{{{PROVIDER}}} == 1)")
"""Open incidents, or the word that the pages that were read hold none."""
