"""Observations to build tests from: one healthy run, one whole page; `replace` makes the rest."""

from __future__ import annotations

from types import MappingProxyType

from ai_provider_exporter.model.observation import (
    Component,
    Impact,
    Incident,
    IncidentStatus,
    PageObservation,
    PageStatus,
    ProbeId,
    ProbeObservation,
    Status,
)

NOW = 1_790_000_000.0

PROBE = ProbeId(probe="acme-chat", provider="acme", kind="chat", model="small", location="fra1", tier="paid")

RUN = ProbeObservation(
    id=PROBE,
    started_at=NOW,
    duration_seconds=0.3,
    http_status=200,
    phases=MappingProxyType({"dns": 0.01, "connect": 0.02, "headers": 0.1, "first_token": 0.1, "stream": 0.07}),
    time_to_first_token_seconds=0.23,
    longest_stall_seconds=0.02,
    tokens=MappingProxyType({"input": 12, "output": 3}),
    answer_correct=True,
    response_model="small-2026-10",
)

INCIDENT = Incident(
    id="inc-1",
    name="Elevated errors",
    status=IncidentStatus.INVESTIGATING,
    impact=Impact.MAJOR,
    started_at=NOW - 600,
    updated_at=NOW - 60,
    url="https://status.acme.example/incidents/inc-1",
    components=("Chat",),
    updates=2,
)

PAGE = PageStatus(
    page_name="Acme",
    page_url="https://status.acme.example",
    indicator=Status.OPERATIONAL,
    components=(
        Component(id="c-1", name="Chat", status=Status.OPERATIONAL, group="API"),
        Component(id="c-2", name="Console", status=Status.OPERATIONAL),
    ),
)

READ = PageObservation(provider="acme", format="statuspage", at=NOW, fetch_seconds=0.05, page=PAGE, bytes_received=2048)
