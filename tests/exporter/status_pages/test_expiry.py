from __future__ import annotations

from dataclasses import replace

import httpx2
import pytest
from ai_provider_exporter.model.observation import Component, Maintenance, MaintenanceStatus, Status
from ai_provider_exporter.status_pages.expiry import as_of
from ai_provider_exporter.status_pages.options import PageOptions
from ai_provider_exporter.status_pages.reader import PageReader

from tests.exporter.samples import INCIDENT, NOW, PAGE
from tests.exporter.status_pages.served import Answer, PageServer

DAY = 86400.0
TROUBLED = replace(PAGE, incidents=(INCIDENT,), forgets_after=DAY)  # its last news is a minute old
WORK = Maintenance(id="m", name="Upgrade", status=MaintenanceStatus.UNKNOWN, starts_at=NOW, ends_at=NOW + 60)
PLANNED = replace(WORK, status=MaintenanceStatus.SCHEDULED)
ENDLESS = replace(PLANNED, ends_at=None)


def test_an_incident_without_news_for_long_is_forgotten_with_its_components() -> None:
    other = replace(INCIDENT, id="inc-2", components=("Console",), updated_at=NOW)

    page = as_of(replace(TROUBLED, incidents=(INCIDENT, other)), NOW - 60 + DAY + 1)

    assert [incident.id for incident in page.incidents] == ["inc-2"]
    assert [component.name for component in page.components] == ["Console"]


def test_what_is_forgotten_takes_nothing_along_that_bears_its_id() -> None:
    new = replace(INCIDENT, name="Another outage", updated_at=NOW)

    page = as_of(replace(TROUBLED, incidents=(INCIDENT, new)), NOW - 60 + DAY + 1)

    assert page.open_incidents == (new,)


def test_a_component_stays_while_another_open_incident_names_it() -> None:
    other = replace(INCIDENT, id="inc-2", updated_at=NOW)

    page = as_of(replace(TROUBLED, incidents=(INCIDENT, other)), NOW - 60 + DAY + 1)

    assert Component(id="c-1", name="Chat", status=Status.OPERATIONAL, group="API") in page.components


def test_a_format_that_closes_what_it_opens_forgets_nothing() -> None:
    page = replace(TROUBLED, forgets_after=None)

    assert as_of(page, NOW + 1000 * DAY) == page


@pytest.mark.parametrize(
    ("work", "now", "standing"),
    [
        pytest.param(WORK, NOW - 1, MaintenanceStatus.SCHEDULED, id="before"),
        pytest.param(WORK, NOW, MaintenanceStatus.IN_PROGRESS, id="during"),
        pytest.param(WORK, NOW + 60, MaintenanceStatus.COMPLETED, id="after"),
        pytest.param(replace(WORK, ends_at=None), NOW + 60, MaintenanceStatus.IN_PROGRESS, id="without an end"),
        pytest.param(replace(WORK, starts_at=None), NOW, MaintenanceStatus.UNKNOWN, id="without times"),
        pytest.param(PLANNED, NOW - 1, MaintenanceStatus.SCHEDULED, id="scheduled, before"),
        pytest.param(PLANNED, NOW, MaintenanceStatus.IN_PROGRESS, id="scheduled, during"),
        pytest.param(PLANNED, NOW + 60, MaintenanceStatus.COMPLETED, id="scheduled, after"),
        pytest.param(ENDLESS, NOW + 60, MaintenanceStatus.IN_PROGRESS, id="scheduled without an end, begun"),
        pytest.param(ENDLESS, NOW + 2 * DAY, MaintenanceStatus.COMPLETED, id="scheduled without an end, days ago"),
        pytest.param(replace(PLANNED, starts_at=None), NOW, MaintenanceStatus.SCHEDULED, id="scheduled without times"),
        pytest.param(
            replace(WORK, status=MaintenanceStatus.IN_PROGRESS),
            NOW + 999,
            MaintenanceStatus.IN_PROGRESS,
            id="the page says that it is still on",
        ),
    ],
)
def test_a_maintenance_that_has_not_begun_by_the_pages_word_is_where_its_times_put_it(
    work: Maintenance, now: float, standing: MaintenanceStatus
) -> None:
    page = as_of(replace(PAGE, maintenances=(work,)), now)

    assert [work.status for work in page.maintenances] == [standing]


@pytest.mark.anyio
async def test_the_clock_goes_on_while_the_document_stays_the_same(
    client: httpx2.AsyncClient, server: PageServer
) -> None:
    date, mark = "<pubDate>Thu, 19 Nov 2026 08:00:00 GMT</pubDate>", "&lt;b&gt;Identified&lt;/b&gt;"
    item = f"<item><title>Slow</title>{date}<description>{mark}</description></item>"
    server.answers["/feed.rss"] = Answer(body=f"<rss><channel><title>T</title>{item}</channel></rss>".encode())
    now = [1795075200.0]
    options = PageOptions(provider="acme", url=f"{server.url}/feed.rss", format="rss")
    reader = PageReader(options, client, now=lambda: now[0])

    first = await reader.read()
    now[0] += 8 * DAY
    later = await reader.read()

    assert (first.page.status, later.page.status) == (Status.DEGRADED_PERFORMANCE, Status.OPERATIONAL)
