"""`/api/v1/openapi.json`: the API described for machines, from the very models that answer."""

from __future__ import annotations

from typing import Any

from pydantic.json_schema import models_json_schema

from ai_provider_exporter import __version__
from ai_provider_exporter.web.api import schemas as answers

_ANSWERS: dict[str, tuple[str, type[answers.Answer]]] = {
    "/api/v1/providers": ("How each provider stands: what we see, what they say, since when.", answers.Providers),
    "/api/v1/probes": ("Each probe and its last run.", answers.Probes),
    "/api/v1/incidents": ("The open incidents of all status pages.", answers.Incidents),
}
_TARGETS = "/api/v1/sd"


def document() -> dict[str, Any]:
    """An OpenAPI 3.1 document; `servers` is relative, so that it holds behind any proxy and under any prefix."""
    models = [model for _, model in _ANSWERS.values()] + [answers.TargetGroup, answers.Mistake]
    _, schemas = models_json_schema(
        [(model, "serialization") for model in models], ref_template="#/components/schemas/{model}"
    )
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "ai-provider-exporter",
            "version": __version__,
            "description": "What the status board shows, for machines. Read only; every answer is of this moment.",
        },
        "servers": [{"url": "../.."}],
        "paths": {
            **{path: {"get": _get(path, said, _ref(model), tagged=True)} for path, (said, model) in _ANSWERS.items()},
            _TARGETS: {
                "get": _get(
                    _TARGETS,
                    "The configured probes as targets for Prometheus' HTTP service discovery.",
                    {"type": "array", "items": _ref(answers.TargetGroup)},
                )
            },
        },
        "components": {"schemas": schemas["$defs"]},
    }


def _get(path: str, said: str, schema: dict[str, Any], *, tagged: bool = False) -> dict[str, Any]:
    mistake = {"description": "A sentence.", "content": _json(_ref(answers.Mistake))}
    responses = {"200": {"description": said, "content": _json(schema)}, "405": mistake}
    operation: dict[str, Any] = {"operationId": path.rpartition("/")[2], "summary": said, "responses": responses}
    if tagged:
        responses["304"] = {"description": "Nothing has changed since the answer with this ETag."}
        tag = {"name": "If-None-Match", "in": "header", "required": False, "schema": {"type": "string"}}
        operation["parameters"] = [tag]
    return operation


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _ref(model: type[answers.Answer]) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{model.__name__}"}
