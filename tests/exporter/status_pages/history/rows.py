"""Histories as the pages of two formats write them, made of what a test says."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from ai_provider_exporter.status_pages.payload import Payload

T = 1_790_000_000.0
HOUR = 3600.0


def at(hours: float, start: float = T) -> str:
    return datetime.fromtimestamp(start + hours * HOUR, UTC).isoformat()


def payload(document: Any) -> Payload:
    return Payload(body=json.dumps(document).encode())


def update(hours: float, status: str, start: float = T, **components: str) -> dict[str, Any]:
    """An update of Statuspage; `components` is what it sets of each, by code."""
    touched = [{"code": code, "name": f"{code} by name", "new_status": word} for code, word in components.items()]
    return {"status": status, "display_at": at(hours, start), "affected_components": touched or None}


def incident(name: str, *updates: dict[str, Any], **more: Any) -> dict[str, Any]:
    """An incident of Statuspage with its updates, oldest first here and newest first there."""
    over = updates[-1]["status"] == "resolved"
    return {
        "id": name,
        "name": name.title(),
        "status": updates[-1]["status"],
        "impact": "major",
        "started_at": updates[0]["display_at"],
        "resolved_at": updates[-1]["display_at"] if over else None,
        "incident_updates": list(reversed(updates)),
        **more,
    }


def statuspage(*incidents: dict[str, Any]) -> tuple[Payload, Payload, Payload]:
    page = {"id": "acme00000000", "name": "Acme", "url": "https://status.acme.example"}
    components = [
        {"id": "g", "name": "API", "status": "operational", "group": True},
        {"id": "chat", "name": "Chat", "status": "operational", "group_id": "g"},
        {"id": "files", "name": "Files", "status": "operational", "group_id": "g"},
    ]
    work = {
        "id": "m1",
        "name": "Upgrade",
        "status": "completed",
        "scheduled_for": at(20),
        "scheduled_until": at(21),
        "incident_updates": [],
    }
    return (
        payload({"page": page, "incidents": list(incidents)}),
        payload({"page": page, "components": components, "status": {"indicator": "none"}}),
        payload({"page": page, "scheduled_maintenances": [work]}),
    )
