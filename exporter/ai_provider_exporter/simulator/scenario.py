"""What is played: a scenario is data, a frozen tree of these models."""

from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from ai_provider_exporter.schema.types import Duration, Many, Options, suggestion

Seconds = Annotated[Duration, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=0)]

Operation = Literal[
    "chat", "embeddings", "models", "responses_background", "speech", "transcription", "image", "moderation",
    "realtime", "site", "token",
]  # fmt: skip

ApiName = Literal[
    "openai_chat", "openai_responses", "openai_embeddings", "openai_models", "openai_media", "openai_realtime",
    "anthropic", "gemini", "vertex", "bedrock", "cohere", "ollama", "azure", "oauth", "site",
]  # fmt: skip

# A refusal that every API words in its own way: status, headers and body are the API's.
Refused = Literal[
    "key_rejected", "forbidden", "quota_exhausted", "rate_limited", "throttled", "model_not_found",
    "bad_request", "overloaded", "server_error",
]  # fmt: skip

# The same whatever the API is: an answer that no API gave, or no answer.
Foreign = Literal["http", "html", "challenge", "edge_error", "redirect", "malformed", "disconnect", "hang"]

# A 200 that goes wrong.
Broken = Literal[
    "silent",  # headers and keep-alives, never a token
    "stall",  # `after` tokens, then nothing, the connection stays open
    "truncate",  # ends well-formed as HTTP, without the end marker of the API
    "cut",  # FIN in the middle of the body
    "reset",  # RST in the middle of the body
    "endless",  # tokens without end
    "stream_error",
    "stream_overloaded",
    "empty_answer",
    "content_filtered",
    "answer_budget_too_small",  # only hidden reasoning fits
    "wrong_answer",
]

ComponentStatus = Literal["operational", "under_maintenance", "degraded_performance", "partial_outage", "major_outage"]
Indicator = Literal["none", "minor", "major", "critical", "maintenance"]
Impact = Literal["none", "minor", "major", "critical"]
IncidentStatus = Literal["investigating", "identified", "monitoring", "resolved", "postmortem"]
MaintenanceStatus = Literal["scheduled", "in_progress", "verifying", "completed"]
PageMode = Literal["ok", "html", "unauthorized", "server_error", "empty", "other_identity", "close", "stale"]


class Pace(Options):
    """How fast an answer comes; a step gives only what it changes."""

    headers: Seconds | None = None  # request received → status line
    first_token: Seconds | None = None  # request received → first token; never before the headers
    gap: Seconds | None = None  # between tokens
    queued: Seconds | None = None  # of a background job, until it is begun


class ModelAnswer(Options):
    """What an answer consists of. The text obeys `Reply with exactly: X`, whatever else is set."""

    text: str = "This is a simulated answer."  # when the prompt gives no such instruction
    tokens: Annotated[int, Field(ge=1)] | None = None  # lengthened with filler to so many tokens
    per_chunk: Annotated[int, Field(ge=1)] = 1  # tokens
    reasoning: Count = 0  # hidden tokens before the first visible one, unless the request turns them off
    cached: Count = 0  # input tokens that are said to come from a cache


class Key(Options):
    key: str
    tier: str = ""
    secret: str = ""  # where requests are signed or tokens asked for; `key` is then the public part
    modulus: str = ""  # of the RSA key that signs JWTs, in hex; left out: their signature is not checked


class ModelCard(Options):
    id: str
    retires: Annotated[date | None, Field(strict=False)] = None
    lifecycle: Literal["active", "deprecated", "retired"] = "active"


class RateLimit(Options):
    """Per key and minute; a request above it is refused."""

    requests: Annotated[int, Field(ge=1)]
    tokens: Annotated[int, Field(ge=1)] = 1_000_000


class Component(Options):
    name: str
    id: str = ""  # left out: made from group and name, in the form of the page's format
    group: str = ""
    status: ComponentStatus = "operational"


class Incident(Options):
    """One update of an incident: the first with an id opens it, later ones move it on."""

    id: str
    status: IncidentStatus
    name: str = ""  # left out: as before
    impact: Impact | None = None
    components: dict[str, ComponentStatus] | None = None  # set on the page too
    text: str = ""


class Maintenance(Options):
    """One update of a maintenance; once in progress, its components are under maintenance."""

    id: str
    status: MaintenanceStatus
    name: str = ""
    starts_in: Seconds = 0.0  # from this step on
    lasts: Seconds = 3600.0
    components: Many[str] = ()
    text: str = ""


class Page(Options):
    format: Literal["statuspage", "incidentio"]
    name: str
    components: Annotated[Many[Component], Field(min_length=1)]

    @model_validator(mode="after")
    def _steps_can_name_each_component(self) -> Self:
        names = [component.name for component in self.components]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"two components have the name {twice[0]!r}; give each its own")
        return self


class Fail(Options):
    """A share of the requests ends so."""

    how: Refused | Foreign | Broken
    share: Share = 1.0
    after: Count = 1  # tokens that still come, where the answer breaks in the middle
    status: Annotated[int, Field(ge=300, le=599)] | None = None  # in place of the API's own status
    headers: dict[str, str] = Field(default={})
    body: str | None = None  # in place of the API's own body

    @model_validator(mode="after")
    def _http_needs_a_status(self) -> Self:
        if self.how == "http" and self.status is None:
            raise ValueError("how: http needs a status; write such as status: 429")
        return self


class PageStep(Options):
    mode: PageMode | None = None
    indicator: Indicator | None = None  # what the page says of itself, be it true or not
    components: dict[str, ComponentStatus] = Field(default={})
    incidents: Many[Incident] = ()
    maintenances: Many[Maintenance] = ()


class Step(Options):
    """A change. What it does not name stays as it is; tier, location and operation narrow whom it hits."""

    at: Seconds = 0.0
    provider: str
    tier: str | None = None
    location: str | None = None
    operation: Operation | None = None
    recover: bool = False  # forgets earlier failures and paces for whom this step hits
    fail: Many[Fail] | None = None
    pace: Pace | None = None
    page: PageStep | None = None
    reports: Count | None = None  # user reports in 15 minutes
    basis: Literal["fact", "assumed"] = "assumed"
    note: str = ""

    @model_validator(mode="after")
    def _shares_fit_into_one(self) -> Self:
        if sum(fail.share for fail in self.fail or ()) > 1 + 1e-9:
            raise ValueError("the shares under `fail` add up to more than 1; lower them")
        return self


def _text_of_a_date(value: Any) -> Any:
    """YAML reads 2026-02-03 as a date; as a name it is text."""
    return value.isoformat() if isinstance(value, date) else value


class Reports(Options):
    company_id: int
    baseline: Count
    token: str = ""  # left out: anybody may read


class Provider(Options):
    apis: Annotated[Many[ApiName], Field(min_length=1)]
    base: str | None = None  # path of the API under `/<provider>`; left out: as the API has it
    keys: Many[Key] = ()  # none: every key is good, also no key
    models: Many[ModelCard] = ()
    headers: dict[str, str] = Field(default={})  # added to every answer
    pace: Pace = Pace(headers=0.02, first_token=0.05, gap=0.005, queued=0.1)
    answer: ModelAnswer = ModelAnswer()
    keepalive: Seconds | None = None  # comments or pings while the first token is awaited
    chunking: Literal["frame", "whole"] | Annotated[int, Field(ge=1)] = "frame"  # a number: bytes
    framing: Literal["chunked", "close"] = "chunked"  # close: the body ends with the connection
    rate_limit: RateLimit | None = None
    page: Page | None = None
    reports: Reports | None = None


class Scenario(Options):
    name: Annotated[str, BeforeValidator(_text_of_a_date)]
    description: str
    facts: Many[str] = ()
    assumptions: Many[str] = ()
    providers: dict[str, Provider]
    timeline: Many[Step] = ()


class StepError(ValueError):
    """A step speaks of what the scenario does not have; `loc` is where in the step."""

    def __init__(self, loc: str, message: str) -> None:
        super().__init__(message)
        self.loc = loc


def check_step(scenario: Scenario, step: Step) -> None:
    """Raise StepError if `step` names a provider, page, count or component that `scenario` does not have."""
    provider = scenario.providers.get(step.provider)
    if provider is None:
        instead = suggestion(step.provider, scenario.providers)
        raise StepError("provider", f"is not a provider of this scenario; {instead}")
    if step.reports is not None and provider.reports is None:
        raise StepError("reports", f"has no source; write providers.{step.provider}.reports")
    if step.page is None:
        return
    if provider.page is None:
        raise StepError("page", f"is not a page of this provider; write providers.{step.provider}.page")
    names = {component.name for component in provider.page.components}
    for name in sorted(components_of(step.page) - names):
        raise StepError("page", f"{name!r} is not a component of the page; {suggestion(name, names)}")


def components_of(step: PageStep) -> set[str]:
    """Return every component name that `step` mentions."""
    named = set(step.components)
    for incident in step.incidents:
        named.update(incident.components or ())
    for maintenance in step.maintenances:
        named.update(maintenance.components)
    return named
