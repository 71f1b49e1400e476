"""The settings in force as YAML: no secret, and no password or query of a URL."""

from __future__ import annotations

import re
from typing import Any

import yaml

from ai_provider_exporter.config.settings import Settings
from ai_provider_exporter.probes.module import NOT_ITS_OWN, Module


def as_yaml(settings: Settings) -> str:
    """For `/config`."""
    document = {
        "defaults": settings.defaults.model_dump(mode="json"),
        "budget": settings.budget.model_dump(mode="json", exclude_none=True),
        "egress": settings.egress.model_dump(mode="json"),
        "probes": [probe.model_dump(mode="json", exclude_defaults=True) for probe in settings.probes],
        "status_pages": [page.model_dump(mode="json", exclude_defaults=True) for page in settings.pages],
        "reports": [source.model_dump(mode="json", exclude_defaults=True) for source in settings.reports],
        "otel": settings.otel.model_dump(mode="json", exclude_none=True),
        "modules": {name: _module(module) for name, module in settings.modules.items()},
        "pauses": [pause.model_dump(mode="json", exclude_defaults=True) for pause in settings.pauses],
    }
    text: str = yaml.safe_dump(_redacted(document), sort_keys=False, allow_unicode=True)
    return text


def _module(module: Module) -> dict[str, Any]:
    options = module.options.model_dump(mode="json", exclude_defaults=True, exclude=set(NOT_ITS_OWN))
    limits = {"budget_share": module.budget_share, "max_runs_per_minute": module.max_runs_per_minute}
    paths = {} if module.paths is None else {"paths": list(module.paths)}
    return {"hosts": list(module.hosts), **paths, "min_interval": module.min_interval, **limits, **options}


_PRIVATE_KEY = re.compile(r"authorization|cookie|api[-_]?key|token|secret|password|credential", re.IGNORECASE)
_USERINFO = re.compile(r"(?<=://)[^/@\s]+@")
_QUERY = re.compile(r"(?<=\?).+", re.DOTALL)


def _redacted(value: Any, key: str = "") -> Any:
    if isinstance(value, dict):
        return {name: _redacted(inner, name) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_redacted(inner, key) for inner in value]
    if isinstance(value, str):
        return "<secret>" if _PRIVATE_KEY.search(key) else _without_secrets(value)
    return value


def _without_secrets(text: str) -> str:
    """Of a URL neither user and password nor the query, which may be a token."""
    return _QUERY.sub("<hidden>", _USERINFO.sub("<secret>@", text)) if "://" in text else text
