"""Downdetector's Enterprise API, which its subscribers have keys to. The public site is never read: it forbids that.

https://downdetectorapi.com/v2/docs/ and public clients of it (2026-11-22). `stats_24` has the reports of a day in
buckets of 15 minutes, the newest last; `baseline_current` is what is usual at this time.
"""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import Field, model_validator

from ai_provider_exporter.model.observation import Reports
from ai_provider_exporter.reports.client import ReportsClient
from ai_provider_exporter.reports.options import BaseUrl, ReportsOptions
from ai_provider_exporter.schema.types import Secret
from ai_provider_exporter.status_pages.errors import PageFailure
from ai_provider_exporter.status_pages.payload import Payload

FIELDS = "id,name,stats_24,baseline_current"


class DowndetectorOptions(ReportsOptions):
    """Known by `api_key`, an access token, or by the credentials of a client, for which a token is fetched."""

    source: Literal["downdetector"]
    base_url: BaseUrl = "https://downdetectorapi.com/v2"
    company_id: int = Field(description="id of the company at Downdetector")
    api_key: Secret | None = Field(default=None, description="access token; or `client_id` and `client_secret`")
    client_id: Secret | None = Field(default=None, description="client credentials instead of `api_key`")
    client_secret: Secret | None = Field(default=None, description="client credentials instead of `api_key`")

    @model_validator(mode="after")
    def _has_one_credential(self) -> Self:
        has_both = self.client_id is not None and self.client_secret is not None
        has_one = self.client_id is not None or self.client_secret is not None
        if (self.api_key is None) != has_both or (self.api_key is not None and has_one):
            raise ValueError("needs api_key, or client_id and client_secret; write one or the other")
        return self


OPTIONS = DowndetectorOptions


async def read(options: DowndetectorOptions, client: ReportsClient) -> Reports:
    url = f"{options.base_url}/companies/{options.company_id}"
    return await client.run(parse, await client.get(url, {"fields": FIELDS}, bearer=await _bearer(options, client)))


async def _bearer(options: DowndetectorOptions, client: ReportsClient) -> str:
    if options.client_id and options.client_secret:
        return await client.token(f"{options.base_url}/tokens", options.client_id, options.client_secret)
    return client.key(options.api_key) if options.api_key else ""


def parse(payload: Payload) -> Reports:
    """What a company's document says.

    Raises:
        PageFailure: malformed_response; it holds no count.
    """
    company = payload.object()
    stats = company.get("stats_24")
    count = _amount(stats[-1]) if isinstance(stats, list) and stats else None
    if count is None:
        raise PageFailure("malformed_response", "the company has no stats_24; does the subscription cover it?")
    return Reports(count=count, baseline=_amount(company.get("baseline_current")))


def _amount(value: Any) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and value >= 0 else None
