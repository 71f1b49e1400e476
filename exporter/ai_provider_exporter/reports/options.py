"""What every source of reports is configured with."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field, field_validator

from ai_provider_exporter.schema.types import (
    Many,
    Name,
    Options,
    PositiveDuration,
    Secret,
    format_duration,
    split_http_url,
)


def _base_url(value: str) -> str:
    if split_http_url(value, example="https://api.example.com/v1").query:
        raise ValueError("has a query; write the URL of the API without it")
    return value.rstrip("/")


BaseUrl = Annotated[str, AfterValidator(_base_url)]
Text = Annotated[str, Field(min_length=1)]
Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9._~-]+$")]
"""A part of an address."""


class ReportsOptions(Options):
    """One source of reports about one provider; `LEAST_INTERVAL` is how often it may be asked, in seconds."""

    LEAST_INTERVAL: ClassVar[float] = 60.0

    provider: Name = Field(description="name of the provider; the `provider` label")
    source: str = Field(description="who reports; the `source` label")
    base_url: BaseUrl = Field(description="URL of the source's API")
    interval: PositiveDuration = Field(default=300.0, description="time between two reads")
    timeout: PositiveDuration = Field(default=15.0, description="longest duration of one read")

    @field_validator("interval")
    @classmethod
    def _is_polite(cls, value: float) -> float:
        if value < cls.LEAST_INTERVAL:
            least = format_duration(cls.LEAST_INTERVAL)
            raise ValueError(f"is shorter than this source bears; write {least} or more")
        return value

    @property
    def name(self) -> str:
        return f"{self.provider}/{self.source}"


class KeyedOptions(ReportsOptions):
    """A source that wants to know who asks."""

    api_key: Secret = Field(description="API key of the source")


class PostOptions(ReportsOptions):
    """A place where people write. A post counts that has one of `words`, and one of those for `trouble`.

    `words` left out are those of the catalog.
    """

    words: Annotated[Many[Text], Field(min_length=1)] = Field(
        description="words that name the provider; left out: those of the catalog"
    )
    trouble: Annotated[Many[Text], Field(min_length=1)] = Field(
        default=(
            "down",
            "outage",
            "not working",
            "not responding",
            "broken",
            "failing",
            "error",
            "errors",
        ),
        description="words that name trouble; a post counts that has one of both",
    )
