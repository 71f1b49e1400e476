"""OpenRouter, which sends requests of many to many providers and says how many of them succeeded.

https://openrouter.ai/docs/api (2026-11-22): `GET /models/AUTHOR/SLUG/endpoints`, public, with a row for each provider
that serves the model. `uptime_last_30m` is the percentage of requests that succeeded, rate-limited ones left out. It
is a share and no count, so that it is no report of users.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Annotated, Any, Literal

from pydantic import Field

from ai_provider_exporter.model.observation import Reports
from ai_provider_exporter.reports.client import ReportsClient
from ai_provider_exporter.reports.options import BaseUrl, ReportsOptions, Text
from ai_provider_exporter.schema.types import Many
from ai_provider_exporter.status_pages.errors import PageFailure
from ai_provider_exporter.status_pages.json_fields import object_in, section_in, text_in
from ai_provider_exporter.status_pages.payload import Payload
from ai_provider_exporter.status_pages.vocabulary import UnknownValues

_Model = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]+/[A-Za-z0-9._:-]+$")]


class OpenRouterOptions(ReportsOptions):
    """`models` are `author/slug`; `endpoint` is what OpenRouter calls the provider, by its name or its tag."""

    source: Literal["openrouter"]
    base_url: BaseUrl = "https://openrouter.ai/api/v1"
    models: Annotated[Many[_Model], Field(min_length=1, max_length=20)] = Field(
        description="models, `AUTHOR/SLUG` each"
    )
    endpoint: Text = Field(description="what OpenRouter calls the provider, by its name or its tag")


OPTIONS = OpenRouterOptions


async def read(options: OpenRouterOptions, client: ReportsClient) -> Reports:
    uptimes: dict[str, float] = {}
    for model in options.models:
        uptime = await client.run(
            parse, await client.get(f"{options.base_url}/models/{model}/endpoints"), options.endpoint
        )
        uptimes |= {} if uptime is None else {model: uptime}
    return Reports(uptimes=MappingProxyType(uptimes))


def parse(payload: Payload, endpoint: str) -> float | None:
    """The share of requests, 0 to 1, that succeeded at one provider of a model: the worst of its endpoints.

    None if nobody asked it of late.

    Raises:
        PageFailure: malformed_response, or components_vanished if the provider does not serve the model.
    """
    rows = section_in(object_in(payload.object(), "data"), "endpoints", UnknownValues())
    ours = [row for row in rows if endpoint.lower() in {text_in(row, key).lower() for key in ("provider_name", "tag")}]
    if not ours:
        names = ", ".join(dict.fromkeys(text_in(row, "provider_name") for row in rows)) or "none"
        raise PageFailure("components_vanished", f"no endpoint is called {endpoint!r}; there are: {names}")
    return min((share for row in ours if (share := _share(row.get("uptime_last_30m"))) is not None), default=None)


def _share(percentage: Any) -> float | None:
    is_number = isinstance(percentage, int | float) and not isinstance(percentage, bool)
    return percentage / 100 if is_number and 0 <= percentage <= 100 else None  # noqa: PLR2004  # per cent
