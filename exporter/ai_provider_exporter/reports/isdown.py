"""IsDown, which watches status pages and what people report, and says how a service is. It gives no counts.

https://dev.isdown.app (2026-11-22): `GET /services/NAME`, where NAME is that of https://isdown.app/status/NAME.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ai_provider_exporter.model.observation import Reports, Status
from ai_provider_exporter.reports.client import ReportsClient
from ai_provider_exporter.reports.options import BaseUrl, Id, KeyedOptions
from ai_provider_exporter.status_pages.errors import PageFailure
from ai_provider_exporter.status_pages.json_fields import object_in
from ai_provider_exporter.status_pages.payload import Payload
from ai_provider_exporter.status_pages.vocabulary import INDICATOR, UnknownValues

_STATUS: dict[str, Status] = {**INDICATOR, "ok": Status.OPERATIONAL}


class IsDownOptions(KeyedOptions):
    source: Literal["isdown"]
    base_url: BaseUrl = "https://isdown.app/api/v2"
    service: Id = Field(description="slug of the service, as in `isdown.app/status/openai`")


OPTIONS = IsDownOptions


async def read(options: IsDownOptions, client: ReportsClient) -> Reports:
    url = f"{options.base_url}/services/{options.service}"
    return await client.run(parse, await client.get(url, bearer=client.key(options.api_key)))


def parse(payload: Payload) -> Reports:
    """What the document of a service says; a word that is not known is UNKNOWN.

    Raises:
        PageFailure: malformed_response.
    """
    attributes = object_in(object_in(payload.object(), "data"), "attributes")
    if "status" not in attributes:
        raise PageFailure("malformed_response", "the document has no data.attributes.status")
    return Reports(status=UnknownValues().status(attributes["status"], _STATUS))
