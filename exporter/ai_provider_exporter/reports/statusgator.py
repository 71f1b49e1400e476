"""StatusGator, which watches status pages and what people report, and says how a service is. It gives no counts.

https://statusgator.com/api/v3/docs and public clients of it (2026-11-22): `GET /boards/ID/monitors`. A monitor's
`early_warning_signal` says that people report what the service's own page does not admit yet.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field

from ai_provider_exporter.model.observation import Reports, Status
from ai_provider_exporter.reports.client import ReportsClient
from ai_provider_exporter.reports.options import BaseUrl, Id, KeyedOptions, Text
from ai_provider_exporter.status_pages.errors import PageFailure
from ai_provider_exporter.status_pages.json_fields import object_in, section_in, text_in
from ai_provider_exporter.status_pages.payload import Payload
from ai_provider_exporter.status_pages.vocabulary import UnknownValues

_STATUS: dict[str, Status] = {
    "up": Status.OPERATIONAL,
    "warn": Status.DEGRADED_PERFORMANCE,
    "down": Status.MAJOR_OUTAGE,
    "maintenance": Status.UNDER_MAINTENANCE,
}


class StatusGatorOptions(KeyedOptions):
    """`monitor` is an id, a display name, or the name or slug of the service that is watched."""

    source: Literal["statusgator"]
    base_url: BaseUrl = "https://statusgator.com/api/v3"
    board_id: Id = Field(description="id of the board")
    monitor: Text = Field(description="id or display name of the monitor, or name or slug of its service")


OPTIONS = StatusGatorOptions


async def read(options: StatusGatorOptions, client: ReportsClient) -> Reports:
    url = f"{options.base_url}/boards/{options.board_id}/monitors"
    return await client.run(
        parse, await client.get(url, {"per_page": "100"}, bearer=client.key(options.api_key)), options.monitor
    )


def parse(payload: Payload, monitor: str) -> Reports:
    """What the document of a board says of one monitor.

    Raises:
        PageFailure: malformed_response, or components_vanished if the board has no such monitor.
    """
    rows = section_in(payload.object(), "data", UnknownValues())
    row = next((row for row in rows if monitor.lower() in _callings(row)), None)
    if row is None:
        names = ", ".join(filter(None, (text_in(row, "display_name") for row in rows[:20]))) or "none"
        raise PageFailure("components_vanished", f"the board has no monitor {monitor!r}; it has: {names}")
    status = UnknownValues().status(row.get("filtered_status"), _STATUS)
    is_early = row.get("early_warning_signal") is True and status is Status.OPERATIONAL
    return Reports(status=Status.DEGRADED_PERFORMANCE if is_early else status)


def _callings(row: Mapping[str, Any]) -> set[str]:
    service = object_in(row, "service")
    named = [text_in(row, "id"), text_in(row, "display_name"), text_in(service, "name"), text_in(service, "slug")]
    return {name.lower() for name in named if name}
