"""`/api/v1/openapi.json`: the API described for machines, from the very models of the responses."""

from __future__ import annotations

from typing import Any

from pydantic.json_schema import models_json_schema

from ai_provider_exporter import __version__
from ai_provider_exporter.web.api import schemas

_RESPONSES: dict[str, tuple[str, type[schemas.Schema]]] = {
    "/api/v1/providers": ("How each provider stands: what we see, what they say, since when.", schemas.Providers),
    "/api/v1/probes": ("Each probe and its last run.", schemas.Probes),
    "/api/v1/incidents": ("The open incidents of all status pages.", schemas.Incidents),
}
_TARGETS = "/api/v1/sd"


def document() -> dict[str, Any]:
    """An OpenAPI 3.1 document; `servers` is relative, so that it holds behind any proxy and under any prefix."""
    models = [model for _, model in _RESPONSES.values()] + [schemas.TargetGroup, schemas.ErrorMessage]
    _, definitions = models_json_schema(
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
            **{
                path: {"get": _get(path, summary, _ref(model), tagged=True)}
                for path, (summary, model) in _RESPONSES.items()
            },
            _TARGETS: {
                "get": _get(
                    _TARGETS,
                    "The configured probes as targets for Prometheus' HTTP service discovery.",
                    {"type": "array", "items": _ref(schemas.TargetGroup)},
                )
            },
        },
        "components": {"schemas": definitions["$defs"]},
    }


def _tagged(path: str, summary: str, model: type[schemas.Schema]) -> dict[str, Any]:
    return {"get": _get(path, summary, _ref(model), tagged=True)}


def _get(path: str, summary: str, schema: dict[str, Any], *, tagged: bool = False) -> dict[str, Any]:
    error = {"description": "A sentence.", "content": _json(_ref(schemas.ErrorMessage))}
    responses = {"200": {"description": summary, "content": _json(schema)}, "405": error}
    operation: dict[str, Any] = {"operationId": path.rpartition("/")[2], "summary": summary, "responses": responses}
    if tagged:
        responses["304"] = {"description": "Nothing has changed since the answer with this ETag."}
        tag = {"name": "If-None-Match", "in": "header", "required": False, "schema": {"type": "string"}}
        operation["parameters"] = [tag]
    return operation


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _ref(model: type[schemas.Schema]) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{model.__name__}"}
