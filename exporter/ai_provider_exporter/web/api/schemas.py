"""The responses of the JSON API, as strict models: they write both the JSON and its schema.

A field is never renamed or taken away; what is unknown or does not apply is null. Times are RFC 3339 in UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import GenericAlias
from typing import Any, Literal, get_args, get_origin, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, create_model

from ai_provider_exporter.model.agreement import Disagreement
from ai_provider_exporter.model.cause import Reason
from ai_provider_exporter.model.measurement import Measured
from ai_provider_exporter.model.reasons import Fault
from ai_provider_exporter.model.verdict import Verdict

StatusWord = Literal[
    "unknown", "operational", "under_maintenance", "degraded_performance", "partial_outage", "major_outage"
]


class Schema(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


def _json_type(annotation: Any) -> Any:
    """A mapping has every key in JSON, null where nothing was measured."""
    if get_origin(annotation) is not Mapping:
        return annotation
    key, value = get_args(annotation)
    return GenericAlias(dict, (key, value | None))


_FIELDS: dict[str, Any] = {name: (_json_type(type_), ...) for name, type_ in get_type_hints(Measured).items()}
_MeasuredFields = create_model("_MeasuredFields", __base__=Schema, **_FIELDS)


class Run(_MeasuredFields):
    """One run of a probe. `reason` is `ok`, with fault null, or a word of the closed list of reasons."""

    started_at: datetime
    success: bool
    reason: str
    fault: Fault | None
    detail: str | None = Field(description="One sentence for a human.")


class Probe(Schema):
    """One probe and its last run. Two may share a name: the second, of kind `models`, stands in without budget."""

    probe: str
    provider: str
    kind: str
    model: str | None
    location: str | None
    tier: str | None
    stands_in: bool = Field(description="It asks for free in the place of the paid probe of that name.")
    labels: dict[str, str] = Field(description="How the probe is set up, with the user's labels.")
    verdict: Verdict
    stale: bool = Field(description="It has not run for three intervals: its last run says nothing about now.")
    backs_off: bool = Field(description="Refused by a fault of ours, it asks ever more rarely.")
    interval_seconds: float
    next_run_at: datetime | None = Field(description="When the schedule has it run; whether it may is decided then.")
    failing_since: datetime | None
    last_success_at: datetime | None
    attempts: int
    failures: dict[Fault, int]
    skipped: dict[str, int] = Field(description="Runs that did not take place, by cause.")
    cost_usd: float | None
    last_run: Run | None


class Probes(Schema):
    probes: list[Probe]


class Component(Schema):
    id: str
    name: str
    group: str | None
    region: str | None
    status: StatusWord


class Incident(Schema):
    """An open incident, as the status page tells it."""

    provider: str
    id: str
    name: str
    status: str
    impact: str
    started_at: datetime | None
    updated_at: datetime | None
    url: str | None
    components: list[str]
    regions: list[str]
    updates: int
    page_read_at: datetime | None = Field(description="When the page last said so.")
    stale: bool = Field(description="The page could not be read lately; the incident may be over.")


class Incidents(Schema):
    incidents: list[Incident]


class Maintenance(Schema):
    id: str
    name: str
    status: str
    starts_at: datetime | None
    ends_at: datetime | None
    url: str | None
    components: list[str]


class Page(Schema):
    """What a status page says, as far as it can be believed now: once stale, every status is unknown."""

    url: str | None
    format: str | None
    up: bool | None = Field(description="Whether the last read was whole; null before the first.")
    reason: str | None
    status: StatusWord = Field(description="Worst of indicator, open incidents and components.")
    indicator: StatusWord | None = Field(description="What the page says of itself, where it does.")
    stale: bool
    read_at: datetime | None = Field(description="When it was last read whole.")
    changed_at: datetime | None
    interval_seconds: float
    components: list[Component]
    maintenances: list[Maintenance]


class Place(Schema):
    """What is seen from one location, and how that compares with the page."""

    location: str | None
    verdict: Verdict
    verdict_reason: Reason
    observed: StatusWord
    failing_since: datetime | None
    admitted_since: datetime | None
    acknowledgement_lag_seconds: float | None
    disagreement: Disagreement | None = Field(description="What they disagree about at present.")
    disagreement_seconds: dict[Disagreement, float]


class Reports(Schema):
    """What one source says of a provider's users; all is null once it has not answered for three intervals."""

    source: str
    count: float | None = Field(description="Complaints in 15 minutes.")
    baseline: float | None = Field(description="The same as usual.")
    status: StatusWord | None
    uptimes: dict[str, float] = Field(description="Share of requests that succeeded of late, by model.")
    stale: bool
    heard_at: datetime | None
    reason: str | None = Field(description="`ok`, or why the last question was not answered; null before the first.")


class Provider(Schema):
    provider: str
    title: str
    verdict: Verdict
    since: datetime | None = Field(description="Since when the verdict holds, as far as is known.")
    reason: str | None = Field(description="What most of the failing probes fail for.")
    verdict_reason: Reason = Field(description="The evidence that the verdict rests on, in a word.")
    parts: list[str] = Field(description="What is down where others of it work: regions, models, tiers or kinds.")
    explanation: list[str] = Field(description="Why, in sentences for a human.")
    observed: StatusWord
    official: StatusWord
    locations: list[Place]
    probes: list[str]
    page: Page | None
    incidents: list[str] = Field(description="Ids of its open incidents.")
    reports: list[Reports]


class Providers(Schema):
    providers: list[Provider]


class TargetGroup(Schema):
    """One probe, for Prometheus' HTTP service discovery."""

    targets: list[str]
    labels: dict[str, str]


class ErrorMessage(Schema):
    error: str = Field(description="One sentence: what is wrong, and what to ask for instead.")
