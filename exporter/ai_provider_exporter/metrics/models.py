"""What probes have shown of models: which there are, which retire, and which snapshot answers."""

from __future__ import annotations

from collections.abc import Iterator

from ai_provider_exporter.metrics.exposition import Sample
from ai_provider_exporter.metrics.row import Row, View


def _models(view: View) -> dict[tuple[str, str], float | None]:
    """(provider, model) -> retirement time, from the newest list of each provider."""
    retirements: dict[tuple[str, str], float | None] = {}
    for probe in view.state.probes.values():
        for run in probe.history:
            if run.models is not None:
                retirements |= {(probe.id.provider, model.id): model.retires_at for model in run.models}
                break
    return retirements


def _model_available(view: View) -> Iterator[Sample]:
    listed = _models(view)
    providers = {provider for provider, _ in listed}
    probed = {(p.id.provider, p.id.model) for p in view.state.probes.values() if p.id.provider in providers}
    for provider, model in sorted(probed | set(listed)):
        if model:
            available = (provider, model) in listed
            yield Sample((("provider", provider), ("model", model)), available)


def _model_retirement(view: View) -> Iterator[Sample]:
    for (provider, model), retires_at in sorted(_models(view).items()):
        if retires_at is not None:
            yield Sample((("provider", provider), ("model", model)), retires_at)


def _model_response(view: View) -> Iterator[Sample]:
    responses = {
        (probe.id.provider, probe.id.model, probe.last.response_model, probe.last.fingerprint)
        for probe in view.state.probes.values()
        if probe.last is not None and probe.last.response_model
    }
    labels = ("provider", "model", "response_model", "fingerprint")
    for values in sorted(responses):
        yield Sample(tuple(zip(labels, values, strict=True)), 1)


MODEL_ROWS: tuple[Row, ...] = (
    Row(
        "ai_model_available",
        "gauge",
        "1 if the provider's model list has it, 0 if a probe asks for it and the list has not.",
        ("provider", "model"),
        _model_available,
    ),
    Row(
        "ai_model_retirement_timestamp_seconds",
        "gauge",
        "When the provider says the model retires, Unix time.",
        ("provider", "model"),
        _model_retirement,
    ),
    Row(
        "ai_model_response_info",
        "gauge",
        "1; which snapshot really answered.",
        ("provider", "model", "response_model", "fingerprint"),
        _model_response,
    ),
)
