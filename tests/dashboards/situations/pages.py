"""What status pages say through a situation, and all metrics that the exporter would make of it."""

from __future__ import annotations

from itertools import accumulate
from typing import Final

from tests.dashboards.situations.recording import Recording, Value, latest
from tests.dashboards.situations.story import MINUTES, STATUS, Entry, Situation

STALE_AFTER: Final = 10
"""Minutes after which what an unread page said is no longer believed."""
IMPACTS: Final = ("none", "minor", "major", "critical")
COMPONENTS: Final = ("Chat completions", "Embeddings", "Console")


def unread(situation: Situation, provider: str, minute: int) -> bool:
    before_end = MINUTES - 1 - minute
    refused = provider in situation.unreadable and situation.unreadable_since > before_end
    return situation.new or refused or situation.egress_down_since > before_end


def open_(situation: Situation, provider: str, minute: int) -> list[Entry]:
    before_end = MINUTES - 1 - minute
    return [
        entry
        for entry in situation.entries
        if entry.provider == provider and entry.begin >= before_end > entry.end - (entry.end == 0)
    ]


def status(situation: Situation, provider: str) -> list[int]:
    """The page's status at every minute."""
    claimed = [
        max((STATUS.get(entry.impact, 0) for entry in open_(situation, provider, minute)), default=0)
        for minute in range(MINUTES)
    ]
    missed = [unread(situation, provider, minute) for minute in range(MINUTES)]
    stale = [situation.new or all(missed[max(0, minute - STALE_AFTER) : minute + 1]) for minute in range(MINUTES)]
    return [-1 if old else value for old, value in zip(stale, claimed, strict=True)]


def record(recording: Recording, situation: Situation, provider: str) -> None:
    labels = {"provider": provider}
    statuses = status(situation, provider)
    missed = [unread(situation, provider, minute) for minute in range(MINUTES)]
    recording.put("ai_status_page_status", labels, [float(value) for value in statuses])
    recording.put("ai_status_page_indicator", labels, [float(value) for value in statuses])
    recording.put("ai_status_page_bytes_total", labels, [9000.0 * minute for minute in range(MINUTES)])
    if situation.new:
        return
    recording.put("ai_status_page_up", labels | {"format": "statuspage"}, [float(not miss) for miss in missed])
    recording.put("ai_status_page_fetch_seconds", labels, 0.21)
    recording.put(
        "ai_status_page_failures_total", labels | {"reason": "headers_timeout"}, list(accumulate(map(float, missed)))
    )
    _times(recording, labels, statuses, missed)
    _components(recording, situation, provider, statuses)
    _incidents(recording, situation, provider)
    _maintenances(recording, situation, provider)
    recording.put("ai_status_page_missing_component", labels | {"component": "Fine-tuning"}, 1)
    for what, count in (("components", 0), ("incidents", 0)):
        recording.put("ai_status_page_left_out", labels | {"what": what}, count)


def _times(recording: Recording, labels: dict[str, str], statuses: list[int], missed: list[bool]) -> None:
    read: list[Value] = [
        None if miss else float(moment) for miss, moment in zip(missed, recording.moments, strict=True)
    ]
    recording.put("ai_status_page_last_success_timestamp_seconds", labels, latest(read))
    changed = recording.moments[0] - 7200.0
    changes = []
    for minute, moment in enumerate(recording.moments):
        changed = float(moment) if minute and statuses[minute] != statuses[minute - 1] else changed
        changes.append(changed)
    recording.put("ai_status_page_last_change_timestamp_seconds", labels, changes)


def _components(recording: Recording, situation: Situation, provider: str, statuses: list[int]) -> None:
    recording.put("ai_status_page_components", {"provider": provider}, len(COMPONENTS))
    touched = {entry.component for entry in situation.entries if entry.provider == provider}
    for component in COMPONENTS:
        labels = {"provider": provider, "component_id": component[:4], "component": component, "group": "API"}
        values = [float(value if component in touched or value == -1 else 0) for value in statuses]
        recording.put("ai_component_status", labels, values)
        recording.put("ai_component_uptime_ratio", labels | {"window": "90d"}, 0.9985)


def _incidents(recording: Recording, situation: Situation, provider: str) -> None:
    entries = [entry for entry in situation.entries if entry.provider == provider and entry.impact in IMPACTS]
    opened = [open_(situation, provider, minute) for minute in range(MINUTES)]
    for impact in IMPACTS:
        labels = {"provider": provider, "impact": impact}
        active = [sum(entry.impact == impact for entry in now) for now in opened]
        rises = [max(0, now - before) for before, now in zip([0, *active], active, strict=False)]
        falls = [max(0, before - now) for before, now in zip([0, *active], active, strict=False)]
        recording.put("ai_incidents_active", labels, [float(count) for count in active])
        recording.put("ai_incidents_opened_total", labels, list(accumulate(map(float, rises))))
        recording.put("ai_incidents_resolved_total", labels, list(accumulate(map(float, falls))))
    for entry in entries:
        _incident(recording, entry, [1.0 if entry in now else None for now in opened])


def _incident(recording: Recording, entry: Entry, present: list[Value]) -> None:
    labels = {"provider": entry.provider, "incident_id": entry.identity}
    began = recording.moments[-1] - 60.0 * entry.begin
    info = {"name": entry.name, "impact": entry.impact, "status": "identified", "url": entry.url}
    recording.put("ai_incident_info", labels | info, present)
    recording.put("ai_incident_component", labels | {"component": entry.component}, present)
    recording.put("ai_incident_started_timestamp_seconds", labels, [one and began for one in present])
    recording.put("ai_incident_updated_timestamp_seconds", labels, [one and began + 600 for one in present])
    recording.put("ai_incident_updates", labels, [one and 2.0 for one in present])


def _maintenances(recording: Recording, situation: Situation, provider: str) -> None:
    labels = {"provider": provider}
    under_way = [
        float(any(entry.impact == "maintenance" for entry in open_(situation, provider, minute)))
        for minute in range(MINUTES)
    ]
    recording.put("ai_maintenances_active", labels, under_way)
    recording.put("ai_maintenances_scheduled", labels, float(provider == "mistral_ai"))
    if provider == "mistral_ai":
        more = {"maintenance_id": "m1", "name": "Database upgrade"}
        recording.put("ai_maintenance_start_timestamp_seconds", labels | more, recording.moments[-1] + 86400.0)
        recording.put("ai_maintenance_end_timestamp_seconds", labels | more, recording.moments[-1] + 90000.0)
